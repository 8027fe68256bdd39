"""Print what the package chooses, orders and says, for the code path that the environment names.

Run by test_code_paths.py as a program of its own, because libraries read the environment once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import threadpoolctl

import colbert_explain as ce
from colbert_explain.views.charts.heatmap.figure import draw_heatmap
from colbert_explain.views.page_data.result import page_result
from colbert_explain.views.page_data.stepper import stepper_contents
from colbert_explain.views.page_data.strip import strip_contents

SENTENCES = "Elephants eat 150 kg of food per day. Cats sleep near warm stones. "
DOCUMENTS = [
    "The rain in Spain stays mainly in the plain.",
    "Cats need little food.",
    "An adult elephant consumes about 150 kg of grass, bark and fruit a day.",
    "Cats need little food.",
    "Elephants eat 150 kg of food per day.",
    "Cats need little food.",
]
QUERY = "Elephants eat 150 kg of food per day."


def same_vector_at_many_places() -> ce.Explanation:
    """Every second document token has one vector, up to the last bit that storage may change."""
    rng = np.random.default_rng(0)
    query, document = rng.normal(size=(12, 768)), rng.normal(size=(400, 768))
    document[1::2] = document[1]
    query[3] = document[1] + 0.3 * rng.normal(size=768)
    vectors = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (query, document)]
    document = vectors[1].astype(np.float32)
    document[209] = np.nextafter(document[209], np.sign(document[209]) * 2)
    words = [[f"{side}{i}" for i in range(n)] for side, n in (("q", 12), ("d", 400))]
    return ce.explain_embeddings(
        ce.TokenEmbeddings(ce.TokenSequence.from_strings(words[0]), vectors[0]),
        ce.TokenEmbeddings(ce.TokenSequence.from_strings(words[1]), document),
    )


def strings(value: Any) -> Iterator[str]:
    """Yield every text in nested containers, but no colours and no packed numbers."""
    if isinstance(value, str):
        if not value.startswith(("#", "rgb")):
            yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in ("template", "colour", "colours", "colorscale", "bdata"):
                yield from strings(part)
    elif isinstance(value, list | tuple | np.ndarray):
        for part in value:
            yield from strings(part)


def facts_of(x: ce.Explanation) -> dict[str, Any]:
    """Collect what there is to see of one explanation."""
    words = x.words()
    places = draw_heatmap(x, level="word").places
    gaps = (x.contributions[:, None] - x.similarity)[x.query.scored_mask]
    return {
        "choices": {
            "alignment": x.alignment.tolist(),
            "winners": [x.winners(i).tolist() for i in range(len(x.query))],
            "firmness": [None if m is None else m.firmness for m in x.token_matches],
            "runners_up": [None if m is None else m.runner_up_position for m in x.token_matches],
            "strongest_window": x.strongest_window(20),
            "words": words.alignment.tolist(),
            "passages": [(p.start, p.end, p.rank, p.alignment.tolist()) for p in x.passages(4)],
            "pairs": [
                places.pair(i, j)
                for i in range(len(words.query))
                for j in range(len(words.document))
            ],
        },
        "numbers": {
            "score": [x.score],
            "contributions": x.contributions.tolist(),
            "similarity": x.similarity.ravel().tolist(),
        },
        "texts": [
            ce.report(x),
            *strings(ce.heatmap(x, sort="contribution").to_plotly_json()),
            *strings(ce.heatmap(x, level="word", sort="contribution").to_plotly_json()),
            *strings(ce.contribution_chart(x, sort="contribution").to_plotly_json()),
            *strings(ce.contribution_chart(x, level="word").to_plotly_json()),
            *strings(ce.document_map(x).to_plotly_json()),
            *strings(page_result(x).data),
            *strings(page_result(x, level="token", order="contribution").data),
            *strings(strip_contents(x)),
            *strings(stepper_contents(x)),
            str(ce.highlight(x, direction="document_to_query")),
            str(x.to_frame()["match"].tolist()),
        ],
        "near_a_threshold": bool(
            ((np.abs(gaps - 1e-5) < 2e-6) | (np.abs(gaps - 0.02) < 2e-6)).any()
        ),
    }


def main() -> None:
    """Print all facts as JSON."""
    encoder = ce.load_encoder()
    ranking = ce.rank(QUERY, DOCUMENTS, encoder)
    paraphrase = ce.explain(QUERY, DOCUMENTS[2], encoder)
    contrasts = [ranking.contrast(a, b) for a, b in ((4, 2), (2, 0), (1, 3))]
    occlusion = ce.occlude(paraphrase, (3, 17), reencode=encoder)
    explanations = {
        "the same vector at 200 places": same_vector_at_many_places(),
        "a paraphrase": paraphrase,
        "a document repeated verbatim": ce.explain(QUERY, 3 * SENTENCES, encoder),
        "a long document repeated verbatim": ce.explain(
            "What do cats do?", 60 * SENTENCES, encoder
        ),
        "itself": ce.explain(QUERY, QUERY, encoder),
    }
    facts = {name: facts_of(x) for name, x in explanations.items()}
    facts["a ranking with equal documents"] = {
        "choices": {
            "order": ranking.order.tolist(),
            "ranks": ranking.ranks.tolist(),
            "largest": [contrast.largest_first().tolist() for contrast in contrasts],
            "reread": [
                passage.text
                for passage in ce.reencode_passages(
                    explanations["a document repeated verbatim"], encoder
                )
            ],
        },
        "numbers": {"scores": ranking.scores.tolist()},
        "texts": [
            *(contrast.sentence() for contrast in contrasts),
            *(
                text
                for contrast in contrasts
                for text in strings(ce.contrast_chart(contrast, sort="difference").to_plotly_json())
            ),
            occlusion.sentence(),
        ],
        "near_a_threshold": False,
    }
    blas = [
        pool["architecture"]
        for pool in threadpoolctl.threadpool_info()
        if pool["internal_api"] == "openblas"
    ]
    sys.stdout.write(json.dumps({"blas": blas, "facts": facts}))


if __name__ == "__main__":
    main()
