"""An argument of the wrong type gets one sentence from every public function."""

import inspect

import numpy as np
import pytest

import colbert_explain as ce
from colbert_explain.similarity import ordered
from tests.each_case import check_each

#: What is passed in the place of each kind of argument; a sentence must refuse all of it.
WRONG = {
    "object": (None, 5, 1.5, True, "cats", ["a"], {}, np.ones(3)),
    "optional object": (5, 1.5, True, "cats", ["a"], {}, np.ones(3)),
    "text": (None, 5, 1.5, True, ["a"], {}, b"cats"),
    "optional text": (5, 1.5, True, ["a"], b"cats"),
    "choice": (None, 5, 1.5, True, "zzz", ["a"], {}),
    "whole": (None, 1.5, True, "0", [1], {}, np.ones(1), float("nan")),
    "number": (None, "0", [1, 2], {}, np.ones(3)),
    "optional number": ("0", [1, 2], {}, np.ones(3)),
    "path": (None, 5, 1.5, ["a"], {}),
    "optional path": (5, 1.5, ["a"], {}),
    "function": (5, 1.5, "cats", ["a"], {}),
    "list": (None, 5, 1.5, [5], [None]),
    "optional list": (5, 1.5, [5], [None]),
    "masks": (5, 1.5, [5], ["a"], "cats", [None, None]),
    "layers": (5, 1.5, "cats", ["a"], [None], [1.5], [True]),
    "array": (None, "cats", ["a"], {}, object()),
    "numbers": ("cats", ["a", "b"], {}, [None], [[0.5]], [0.5], object()),
    "stretch": (None, 5, 1.5, True, "zzz", ["a", "b"], (1,), (1, 2, 3), (0.0, 1.0), {}),
    "pair": (5, 1.5, "cats", ["a", "b"], (1,), (1, 2, 3), (0.0, 1.0), {}),
}


@pytest.fixture
def doors(toy_encoder, tmp_path):
    """Return public functions with arguments that fit, and of what kind each is."""
    texts = "What do cats eat?", "Cats eat fish. Dogs bark."
    query, document = toy_encoder.embed_query(texts[0]), toy_encoder.embed_document(texts[1])
    x = ce.explain(*texts, toy_encoder)
    ranking = ce.rank(texts[0], [texts[1], "Cats sleep."], toy_encoder)
    y = ranking.explanations[1]
    x.save(tmp_path / "x.json")
    calibration = ce.Calibration(
        np.array([8.0, 16.0]), np.array([[0.0, 0.5], [0.1, 0.6]]), x.provenance
    )
    optional = {"encoder": (toy_encoder, "optional object")}
    x_ = {"explanation": (x, "object")}
    theme = {"theme": ("auto", "choice")}
    progress = {"progress": (None, "function")}
    percentiles = {"percentiles": (None, "numbers")}
    return {
        ce.maxsim: {
            "similarity": (x.similarity, "array"),
            "query_mask": (None, "numbers"),
            "document_mask": (None, "numbers"),
        },
        ce.maxsim_scores: {
            "query_vectors": (query, "array"),
            "documents": ([document], "list"),
            "query_mask": (None, "numbers"),
            "document_masks": (None, "masks"),
        },
        ce.similarity_matrix: {
            "query_vectors": (query, "array"),
            "document_vectors": (document, "array"),
        },
        ce.explain: {"query": (texts[0], "text"), "document": (texts[1], "text"), **optional},
        ce.explain_embeddings: {"query": (query, "object"), "document": (document, "object")},
        ce.pooled_cosine: {"query": (query, "object"), "document": (document, "object")},
        ce.load_explanation: {"path": (tmp_path / "x.json", "path")},
        x.save: {"path": (tmp_path / "y.json", "path")},
        x.passages: {"k": (2, "whole")},
        x.winners: {"row": (1, "whole")},
        x.strongest_window: {"width": (3, "whole")},
        x.query.context: {"index": (1, "whole"), "width": (8, "whole")},
        ce.Explanation: {
            "query": (x.query, "object"),
            "document": (x.document, "object"),
            "similarity": (x.similarity, "array"),
            "provenance": (x.provenance, "object"),
        },
        ce.TokenEmbeddings: {
            "tokens": (query.tokens, "object"),
            "vectors": (query.vectors, "array"),
            "provenance": (query.provenance, "object"),
        },
        ce.TokenSequence: {
            "text": (x.query.text, "text"),
            "tokens": (x.query.tokens, "list"),
            "n_unread": (0, "whole"),
        },
        ce.TokenSequence.from_strings: {"strings": (["cats"], "list")},
        ce.Token: {
            "id": (1, None),
            "piece": ("a", "text"),
            "text": ("a", "text"),
            "start": (0, "whole"),
            "end": (1, "whole"),
            "role": ("text", "choice"),
        },
        ce.occlude: {
            **x_,
            "what": ((0, 4), "stretch"),
            "reencode": (toy_encoder, "optional object"),
            "side": ("document", "choice"),
        },
        ce.reencode_passages: {
            **x_,
            "encoder": (toy_encoder, "object"),
            "k": (1, "whole"),
            "candidates": (2, "whole"),
            "neighbours": (0, "whole"),
            **progress,
        },
        ce.rank: {
            "query": (texts[0], "text"),
            "documents": ([texts[1]], "list"),
            **optional,
            "on_unreadable": ("skip", "choice"),
            **progress,
        },
        ce.Ranking: {
            "query_embeddings": (query, "object"),
            "document_embeddings": ((document,), "list"),
            "names": (("a",), "list"),
        },
        ranking.contrast: {"a": (0, "whole"), "b": (1, "whole")},
        ce.contrast: {
            "first": (x, "object"),
            "second": (y, "object"),
            "names": (("A", "B"), "list"),
        },
        ce.heatmap: {
            **x_,
            "pinned": (None, "pair"),
            **theme,
            "level": ("token", "choice"),
            "rows": ("all", "choice"),
            "sort": ("text", "choice"),
        },
        ce.contribution_chart: {
            **x_,
            **theme,
            "level": ("token", "choice"),
            "sort": ("text", "choice"),
            **percentiles,
        },
        ce.document_map: {**x_, **theme, "window": (None, "pair")},
        ce.highlight: {
            **x_,
            "direction": ("query_to_document", "choice"),
            "threshold": (None, "numbers"),
            "pinned": (None, "pair"),
            **theme,
        },
        ce.report: {**x_, **percentiles},
        ce.contrast_chart: {
            "contrast": (ce.contrast(x, y), "object"),
            **theme,
            "sort": ("text", "choice"),
        },
        ce.compare_heatmaps: {
            "explanations": ([x, y], "list"),
            "names": (["a", "b"], "optional list"),
            **theme,
        },
        ce.write_html: {**x_, "path": (tmp_path / "x.html", "path"), **theme, **percentiles},
        ce.write_image: {"figure": (x, "object"), "path": (tmp_path / "x.png", "path")},
        ce.load_samples: {"group": (None, "optional text")},
        ce.load_encoder: {
            "model": (None, "optional path"),
            "layers": (None, "layers"),
            "query_length": (16, "whole"),
            "document_length": (64, "whole"),
            "device": (None, "optional text"),
            "dtype": ("float32", "choice"),
            "settings": (None, "optional object"),
        },
        ce.cached_checkpoints: {
            "cache": (tmp_path, "optional path"),
            "allowed": (None, "optional list"),
        },
        ce.calibrate: {**optional, **progress, "settings": (None, "optional object")},
        ce.Calibration: {
            "lengths": (calibration.lengths, "array"),
            "quantiles": (calibration.quantiles, "array"),
            "provenance": (x.provenance, "object"),
        },
        calibration.of: {**x_},
        calibration.threshold: {"n_document": (8, "whole"), "percentile": (50, "number")},
        calibration.percentile: {"value": (0.5, "number"), "n_document": (8, "whole")},
        ce.MaxSimStepper: {**x_, "pooled_cosine": (None, "optional number")},
        ce.Exercise: {
            "question": ("Which?", "text"),
            "right": ("a", None),
            "options": ((), "list"),
            "tolerance": (0, "number"),
            "because": ("", "text"),
            "hint": ("", "text"),
        },
        ce.Workbench: {
            **optional,
            "query": ("", "optional text"),
            "documents": ("", "optional text"),
            "settings": (None, "optional object"),
        },
    }


#: None means "as it stands" where a length is left to the model.
MAY_BE_NONE = {("load_encoder", "query_length"), ("load_encoder", "document_length")}


def test_every_public_function_refuses_an_argument_of_the_wrong_type_in_one_sentence(
    doors, unchecked
):
    def refused(case):
        function, argument, value = case
        good = {name: given for name, (given, _) in doors[function].items()}
        try:
            found = function(**{**good, argument: value})
        except ValueError as error:
            sentence = str(error)
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error}") from error
        else:
            raise AssertionError(f"accepted: {found!r}"[:200])
        assert "\n" not in sentence, sentence
        assert argument in sentence or argument.split("_")[0] in sentence, sentence
        assert "object at 0x" not in sentence, sentence

    check_each(
        [
            (function, argument, value)
            for function, arguments in doors.items()
            for argument, (_, kind) in arguments.items()
            if kind is not None
            for value in WRONG[kind]
            if value is not None or (function.__name__, argument) not in MAY_BE_NONE
        ],
        refused,
        lambda case: f"{case[0].__qualname__}({case[1]}={case[2]!r})",
    )


def test_what_fits_is_taken(doors, unchecked):
    def taken(function):
        if function is ce.write_image:
            return
        function(**{name: given for name, (given, _) in doors[function].items()})

    check_each(doors, taken, lambda function: function.__qualname__)


def test_every_public_function_is_tried(doors):
    functions = {name for name in ce.__all__ if inspect.isfunction(getattr(ce, name))}
    assert functions == {function.__name__ for function in doors} & functions


def test_whole_numbers_may_be_numpys(toy_encoder, unchecked):
    x = ce.explain("What do cats eat?", "Cats eat fish. Dogs bark.", toy_encoder)
    one = np.int64(1)
    assert x.passages(one)[0].text == x.passages(1)[0].text
    assert ce.occlude(x, (np.int32(0), np.int32(4))).removed == "Cats"
    assert ce.heatmap(x, pinned=(one, one)) == ce.heatmap(x, pinned=(1, 1))
    assert ordered(np.array([1.0, 2.0]))[0] == 1


def test_numbers_per_token_come_as_other_tools_give_them(toy_encoder, tmp_path, unchecked):
    torch = pytest.importorskip("torch")
    x = ce.explain("cats eat", "Cats eat fish.", toy_encoder)
    percentiles = [float("nan"), 50.0, 97.1, float("nan")]
    thresholds = [value / 100 for value in percentiles]
    views = {
        "report": lambda given: str(ce.report(x, percentiles=given)),
        "chart": lambda given: ce.contribution_chart(x, percentiles=given).to_json(),
        "highlight": lambda given: ce.highlight(x, threshold=given)._repr_html_(),
        "page": lambda given: (
            ce.write_html(x, tmp_path / "x.html", percentiles=given)
            or (tmp_path / "x.html").read_text("utf-8")
        ),
    }
    kinds = {
        "list": list,
        "tuple": tuple,
        "float32": lambda values: np.array(values, dtype=np.float32),
        "tensor": lambda values: torch.tensor(values, dtype=torch.float64),
        "tensor with gradient": lambda values: torch.tensor(
            values, dtype=torch.float64, requires_grad=True
        ),
        "bfloat16 tensor": lambda values: torch.tensor(values).bfloat16(),
    }
    for view, show in views.items():
        values = thresholds if view == "highlight" else percentiles
        right = show(np.array(values))
        assert right != show(None), view
        for kind, make in kinds.items():
            found = show(make(values))
            # The last digits of .971 are another number in 16 and in 32 bits.
            assert (found == right) or ("float" in kind and found != show(None)), (view, kind)
    one = ce.highlight(x, threshold=0.9)._repr_html_()
    assert ce.highlight(x, threshold=torch.tensor(0.9, dtype=torch.float64))._repr_html_() == one
    assert ce.highlight(x, threshold=[0.9] * len(x.query))._repr_html_() == one


def test_an_explanation_holds_cosines_only(unchecked):
    tokens = ce.TokenSequence.from_strings(["cats"])
    for value in (5.0, -1.1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="similarity must be"):
            ce.Explanation(tokens, tokens, np.array([[value]]), ce.Provenance("mine"))
    two = ce.TokenSequence("cats", (tokens[0], ce.Token(1, "b", "", None, None, scored=False)))
    with pytest.raises(ValueError, match=r"within \[-1, 1\], got 5.0 for query token 1 and"):
        ce.Explanation(two, tokens, np.array([[0.5], [5.0]]), ce.Provenance("mine"))


def test_words_are_summed_up_once(toy_encoder):
    x = ce.explain("What do cats eat?", "Cats eat fish.", toy_encoder)
    assert x.words() is x.words()
