"""An encoder without a model, for everything above `encoders`: quick, exact, no download."""

from __future__ import annotations

import gc
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import jaxtyping
import numpy as np
import pytest
from filelock import FileLock

from colbert_explain.embeddings import Progress, Provenance, TokenEmbeddings
from colbert_explain.tokens import Token, TokenSequence
from tests import patience

# The same examples in every run: a change that breaks nothing must not fail by luck. To look for
# new ones: pytest --hypothesis-profile=default. Nor by a busy machine: no test is timed.
hypothesis.settings.register_profile(
    "fixed",
    derandomize=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("fixed")


#: Files that take longest. They begin first, so that no worker is left with one at the end.
SLOWEST_FILES = (
    "test_lessons_from_the_store.py",
    "test_checkpoint_parity.py",
    "test_notebooks.py",
    "test_checkpoint_refusals.py",
    "test_workbench_page.py",
    "test_lesson_pages.py",
    "test_notebook_pages.py",
    "test_workbench_inputs.py",
    "test_workbench_results.py",
    "test_index_page.py",
    "test_figures_page.py",
    "test_soak.py",
    "test_standalone_page.py",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are processors: half of its time a worker waits for a page."""
    return 1 + (os.cpu_count() or 1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(SLOWEST_FILES)}

    def turn(item: pytest.Item) -> tuple[bool, int]:
        # Playwright keeps an event loop running in its thread for the rest of a run: last.
        in_browser = item.get_closest_marker("browser") is not None
        return in_browser, ranks.get(item.path.name, len(ranks))

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    # Searching all that was imported for garbage, over and over, takes a tenth of the time.
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


class ToyEncoder:
    """One vector per word, the same wherever it stands; punctuation is not scored.

    A text is read in windows of ten words, so that progress and cancelling can be tested; words
    past ``document_length`` are not read; the word ``zzz`` is unknown.
    """

    name = "toy"
    dim = 32
    window = 10

    def __init__(self, document_length: int = 200) -> None:
        self.document_length = document_length

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        return self._embed("query", text, progress)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        return self._embed("document", text, progress)

    def _embed(self, side: str, text: str, progress: Progress | None) -> TokenEmbeddings:
        if not text.strip():
            raise ValueError(f"{side} must contain text, got nothing")
        found = list(re.finditer(r"\w+|[^\w\s]", text))
        read, unread = found[: self.document_length - 2], found[self.document_length - 2 :]
        total = -(-len(read) // self.window)
        for done in range(total):
            if progress is not None:
                progress(done, total)
        tokens = [Token(1, "[CLS]", "[CLS]", None, None, "special", scored=False)]
        for number, match in enumerate(read):
            word = match.group()
            unknown = word == "zzz"
            scored = word[0].isalnum() and not unknown
            tokens.append(
                Token(
                    *(2, word.lower(), word, match.start(), match.end(), "text"),
                    scored=scored,
                    unknown=unknown,
                    window=number // self.window,
                )
            )
        tokens.append(Token(3, "[SEP]", "[SEP]", None, None, "special", scored=False))
        sequence = TokenSequence(
            text, tuple(tokens), len(unread), unread[0].start() if unread else None
        )
        vectors = np.stack([self._vector(token.piece) for token in tokens])
        return TokenEmbeddings(
            sequence, vectors, Provenance("toy", kind="a vector per word", dim=self.dim)
        )

    def _vector(self, piece: str) -> np.ndarray:
        seed = int.from_bytes(hashlib.sha256(piece.encode()).digest()[:4], "little")
        vector = np.random.default_rng(seed).normal(size=self.dim).astype(np.float32)
        return vector / np.linalg.norm(vector)


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep whatever tests and the programs they start keep away from the user's own cache.

    One folder for all workers, and for both parts of ``make test``, which names it: the lessons
    are encoded once.
    """
    shared = run_folder(tmp_path_factory)
    folder = os.environ.get("TESTS_CACHE_FOLDER") or shared / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(folder))
        patch.setenv(patience.RUN_FOLDER, str(shared))
        yield


def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the temporary folder that all workers of a run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture
def toy_encoder() -> ToyEncoder:
    return ToyEncoder()


@pytest.fixture(scope="session")
def encoder():
    """The bundled encoder, loaded once for all tests."""
    from colbert_explain.encoders import load_encoder

    return load_encoder()


@pytest.fixture(scope="session")
def keeping_encoder():
    """The bundled encoder, for long texts that several tests read: one worker encodes them."""
    from colbert_explain.encoders import load_encoder

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "1")
        return load_encoder()


@pytest.fixture(scope="session")
def calibration(encoder, tmp_path_factory):
    """The bundled encoder's, measured once for all workers of a run."""
    from colbert_explain.analysis.calibration import calibrate

    with FileLock(run_folder(tmp_path_factory) / "calibration.lock"):
        return calibrate(encoder)


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command as a shell does; return exit status, output and error output."""

    def run_command(*arguments: object) -> tuple[int, str, str]:
        from colbert_explain.cli import main

        monkeypatch.setattr("sys.argv", ["colbert-explain", *map(str, arguments)])
        capsys.readouterr()  # what was printed before
        with pytest.raises(SystemExit) as stopped:
            main()
        shown = capsys.readouterr()
        return stopped.value.code or 0, shown.out, shown.err

    return run_command


@pytest.fixture
def unchecked():
    """Switch off the shape and type checks of test runs, to see what users see without them."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
