"""An argument of the wrong type gets one sentence from every public function."""

import inspect

import numpy as np
import pytest

import colbert_explain as ce
from colbert_explain.similarity import ordered
from tests.each_case import check_each

#: Annotations, and what is passed in the place of an argument of each: a sentence must refuse it.
ANYTHING = (5, 1.5, True, "cats", ["a"], {}, np.ones(3))
WRONG = {
    (
        *("Explanation", "Contrast", "Encoder", "Provenance", "TokenEmbeddings", "TokenSequence"),
        *(
            "Explanation | Ranking | Contrast | Evaluation | Comparison | Audit",
            "go.Figure | Explanation",
            "Audit",
        ),
    ): (None, *ANYTHING),
    ("Calibration | None", "Engine | None", "Provenance | None"): ANYTHING,
    (
        "Encoder | None",
        "Encoder | Reranker | None",
        "LibrarySettings | None",
        "OperatorSettings | None",
    ): ANYTHING,
    ("str",): (None, 5, 1.5, True, ["a"], {}, b"cats"),
    ("str | None",): (5, 1.5, True, ["a"], b"cats"),
    ("str | Iterable[str] | Mapping[Any, str] | None",): (5, 1.5, True, [5], [None], b"cats"),
    (
        *("Direction", "Level", "Order", "PageTheme", "Role", "Rows", "Side", "Sort"),
        "Literal['skip', 'raise']",
    ): (None, 5, 1.5, True, "zzz", ["a"], {}),
    ("int",): (None, 1.5, True, "0", [1], {}, np.ones(1), float("nan")),
    ("int | str",): (None, 1.5, True, "zzz", [1], {}, np.ones(1), float("nan")),
    ("int | None",): (1.5, True, "0", [1], {}, np.ones(1), float("nan")),
    ("float", "float | int"): (None, "0", [1, 2], {}, np.ones(3)),
    ("float | None",): ("0", [1, 2], {}, np.ones(3)),
    ("str | TokenEmbeddings", "Collection | Iterable[EncodedDocument]"): (
        None,
        5,
        1.5,
        True,
        {"a": 1},
    ),
    ("str | Path",): (None, 5, 1.5, ["a"], {}),
    ("str | Path | None", "Collection | str | Path | None"): (5, 1.5, ["a"], {}),
    ("Progress | None", "Callable[[BuildEstimate], object] | None"): (5, 1.5, "cats", ["a"], {}),
    (
        *("Iterable[TokenEmbeddings | ArrayLike]", "Iterable[object] | Mapping[Any, object]"),
        *("Iterable[str]", "Sequence[str]", "Sequence[Explanation]", "tuple[str, str]"),
        *("tuple[Token, ...]", "tuple[TokenEmbeddings, ...]", "tuple[str, ...]"),
        *("Iterable[Encoder]", "tuple[Explanation, ...]"),
    ): (None, 5, 1.5, [5], [None]),
    ("Collection[str] | None", "Sequence[str] | None"): (5, 1.5, [5], [None]),
    ("Iterable[ArrayLike | None] | None",): (5, 1.5, [5], ["a"], "cats", [None, None]),
    ("Sequence[int] | None",): (5, 1.5, "cats", ["a"], [None], [1.5], [True]),
    (
        *("ArrayLike", "TokenEmbeddings | ArrayLike", "Float[np.ndarray, 'query doc']"),
        *("Float[np.ndarray, ' lengths']", "Float[np.ndarray, 'lengths levels']"),
    ): (None, "cats", ["a"], {}, object()),
    ("ArrayLike | None", "float | ArrayLike | None"): (
        *("cats", ["a", "b"], {}, [None], [[0.5]], [0.5], object()),
    ),
    ("str | tuple[int, int] | Word | Passage",): (
        *(None, 5, 1.5, True, "zzz", ["a", "b"], (1,), (1, 2, 3), (0.0, 1.0), {}),
    ),
    ("tuple[int, int] | None",): (5, 1.5, "cats", ["a", "b"], (1,), (1, 2, 3), (0.0, 1.0), {}),
    (
        *("Collection", "Collection | Run", "Mapping[str, Mapping[str, float]]"),
        *("Mapping[str, str] | str | Path", "Mapping[str, Mapping[str, int]] | str | Path"),
    ): (None, 5, 1.5, True, ["a"], "no such file", np.ones(3)),
    (
        *("Mapping[str, str] | str | Path | None", "Run | str | Path | None"),
        "Mapping[str, Mapping[str, int]] | str | Path | None",
    ): (5, 1.5, True, ["a"], "no such file"),
    ("str | Iterable[str]",): (None, 5, 1.5, [5], [None], [], ""),
    ("FirstStage | None", "CompressionName | None"): (5, 1.5, True, "zzz", ["a"], {}),
    ("OnUnreadable",): (None, 5, 1.5, True, "zzz", ["a"], {}),
    ("Where | None",): (5, 1.5, True, "zzz", ["a"], {"year": None}, {"year": {"max": "a"}}),
    ("Callable[[str, Progress], object]",): (None, 5, "cats", ["a"], {}),
    ("Any",): (),  # of several uses: tests/evaluation/audit
    ("bool", "bool | None", "object"): (),  # anything is true or false
    ("Literal['cosine'] | None", "bool | Literal['fixed', 'min'] | None"): (),
    ("tuple[int, ...]", "tuple[UnreadableDocument, ...]"): (),  # what `rank` has left out
}


#: Whole numbers that encoders alone give, with every token that they read.
NOT_CHECKED = {(ce.Token, "id"), (ce.Token, "window")}


def wrong_values(function):
    """List the arguments of a function, each with every value that it must refuse."""
    for argument, parameter in inspect.signature(function).parameters.items():
        found = [v for kinds, v in WRONG.items() if str(parameter.annotation) in kinds]
        assert len(found) == 1, f"{function.__qualname__}({argument}: {parameter.annotation})"
        if (function, argument) not in NOT_CHECKED:
            yield from ((argument, value) for value in found[0])


@pytest.fixture
def doors(toy_encoder, tmp_path):
    """Return public functions with arguments that fit; the others have defaults."""
    texts = "What do cats eat?", "Cats eat fish. Dogs bark."
    query, document = toy_encoder.embed_query(texts[0]), toy_encoder.embed_document(texts[1])
    x = ce.explain(*texts, toy_encoder)
    ranking = ce.rank(texts[0], [texts[1], "Cats sleep."], toy_encoder)
    y = ranking.explanations[1]
    x.save(tmp_path / "x.json")
    calibration = ce.Calibration(
        np.array([8.0, 16.0]), np.array([[0.0, 0.5], [0.1, 0.6]]), x.provenance
    )
    encoder = {"encoder": toy_encoder}
    collection = ce.Collection.build({"a": texts[1]}, toy_encoder)
    queries, qrels = {"q": texts[0]}, {"q": {"a": 1}}
    ce.Collection.build({"a": texts[1]}, toy_encoder, tmp_path / "kept").close()
    ce.write_token_vectors(collection, tmp_path / "v.parquet")
    (tmp_path / "q.tsv").write_text("q\twhat\n")
    (tmp_path / "r.txt").write_text("q 0 a 1\n")
    audit = ce.audit({"q": {"a": 1.0}}, queries, {"q": {"b": 1}}, collection)
    sides = {"query": query, "document": document}
    x_ = {"explanation": x}
    ce.Collection.build(texts, toy_encoder, tmp_path / "collection")
    in_folder = {"path": tmp_path / "collection", **encoder}
    return {
        ce.maxsim: {"similarity": x.similarity},
        ce.maxsim_scores: {"query_vectors": query, "documents": [document]},
        ce.similarity_matrix: {"query_vectors": query, "document_vectors": document},
        ce.explain: {"query": texts[0], "document": texts[1], **encoder},
        ce.explain_embeddings: sides,
        ce.pooled_cosine: sides,
        ce.load_explanation: {"path": tmp_path / "x.json"},
        x.save: {"path": tmp_path / "y.json"},
        x.passages: {},
        x.winners: {"row": 1},
        x.strongest_window: {"width": 3},
        x.query.context: {"index": 1},
        ce.Explanation: {
            **{"query": x.query, "document": x.document},
            **{"similarity": x.similarity, "provenance": x.provenance},
        },
        ce.TokenEmbeddings: {"tokens": query.tokens, "vectors": query.vectors},
        ce.TokenSequence: {"text": x.query.text, "tokens": x.query.tokens},
        ce.TokenSequence.from_strings: {"strings": ["cats"]},
        ce.Token: {"id": 1, "piece": "a", "text": "a", "start": 0, "end": 1},
        ce.occlude: {**x_, "what": (0, 4), "reencode": toy_encoder},
        ce.reencode_passages: {**x_, **encoder},
        ce.rank: {"query": texts[0], "documents": [texts[1]], **encoder},
        ce.Ranking: {
            **{"query_embeddings": query, "document_embeddings": (document,), "names": ("a",)}
        },
        ranking.contrast: {"a": 0, "b": 1},
        ce.contrast: {"first": x, "second": y},
        ce.compare_models: {
            **{"query": texts[0], "document": texts[1]},
            "encoders": [toy_encoder, toy_encoder],
        },
        ce.ModelComparison: {"explanations": (x, x), "names": ("a", "b")},
        ce.heatmap: x_,
        ce.contribution_chart: x_,
        ce.document_map: x_,
        ce.highlight: x_,
        ce.report: x_,
        ce.audit: {"pairs": [texts], **encoder},
        ce.cause_chart: {"audit": audit},
        ce.contrast_chart: {"contrast": ce.contrast(x, y)},
        ce.compare_heatmaps: {"explanations": [x, y]},
        ce.write_html: {**x_, "path": tmp_path / "x.html"},
        ce.write_image: {"figure": x, "path": tmp_path / "x.png"},
        ce.load_samples: {},
        ce.sample_collection_folder: {},
        ce.load_encoder: {},
        ce.open_collection: in_folder,
        ce.rebuild_collection: in_folder,
        ce.cached_checkpoints: {"cache": tmp_path},
        ce.calibrate: encoder,
        ce.Calibration: {
            **{"lengths": calibration.lengths, "quantiles": calibration.quantiles},
            "provenance": x.provenance,
        },
        calibration.of: x_,
        calibration.threshold: {"n_document": 8, "percentile": 50},
        calibration.percentile: {"value": 0.5, "n_document": 8},
        ce.MaxSimStepper: x_,
        ce.Exercise: {"question": "Which?", "right": "a"},
        ce.YourTurn: {"query": "cats", "document": "cats eat", **encoder},
        ce.RunButton: {"label": "Run", "work": lambda chosen, progress: chosen},
        ce.Run: {"scores": {"q": {"a": 1.0}}},
        ce.open_collection: {"path": tmp_path / "kept", **encoder},
        ce.rebuild_collection: {"path": tmp_path / "kept", **encoder},
        ce.Collection.build: {"documents": ["cats"], **encoder},
        collection.search: {"query": "cats"},
        ce.write_token_vectors: {"documents": collection, "path": tmp_path / "v.parquet"},
        ce.collection_from_token_vectors: {"path": tmp_path / "v.parquet", **encoder},
        ce.read_token_vectors: {"path": tmp_path / "v.parquet"},
        ce.run_of: {"collection": collection, "queries": queries},
        ce.evaluate: {"searched": collection, "queries": queries, "qrels": qrels},
        ce.first_stage_recall: {"collection": collection, "queries": queries},
        ce.read_queries: {"path": tmp_path / "q.tsv"},
        ce.read_qrels: {"path": tmp_path / "r.txt"},
        ce.Workbench: {**encoder, "query": "", "documents": ""},
        ce.SearchPage: {"collection": collection, "query": ""},
        ce.AuditPage: {"collection": collection, "queries": queries, "qrels": qrels},
    }


def test_every_public_function_refuses_an_argument_of_the_wrong_type_in_one_sentence(
    doors, unchecked
):
    def refused(case):
        function, argument, value = case
        try:
            found = function(**{**doors[function], argument: value})
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
        [(function, *wrong) for function in doors for wrong in wrong_values(function)],
        refused,
        lambda case: f"{case[0].__qualname__}({case[1]}={case[2]!r})",
    )


def test_what_fits_is_taken(doors, unchecked):
    def taken(function):
        if function is not ce.write_image:  # it needs a browser
            function(**doors[function])

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


def test_an_explanation_holds_cosines_only():
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
