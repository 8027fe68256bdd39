"""Texts to start from: pairs of query and document, one long article, and a judged collection.

The reference pairs are those of Jina AI's demonstration of jina-colbert-v1-en; every other
text was written for this package.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from colbert_explain.display_hook import ShownTogether, ShowsItself
from colbert_explain.text.wording import shorten

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, repr=False)
class Sample(ShowsItself):
    """A query and a document.

    Attributes
    ----------
    group
        ``"Identical"``, ``"Paraphrased"``, ``"Unrelated"``, ``"Long document"`` or ``"Tricky"``.
    title
        A description in a few words.
    query, document
        The texts.
    note
        What this sample shows, in a sentence.
    planted
        For a long document, the sentence that answers the query; empty otherwise.
    """

    group: str
    title: str
    query: str
    document: str
    note: str
    planted: str = ""

    def __repr__(self) -> str:
        return f"Sample({self.group!r}, {self.title!r}, {shorten(self.query, 60)!r})"


class Samples(ShownTogether, list[Sample]):
    """Pairs in a list."""

    __slots__ = ()


def load_samples(group: str | None = None) -> list[Sample]:
    """Load the samples of the package, of one group or all.

    Raises
    ------
    ValueError
        If there is no such group.

    Examples
    --------
    >>> load_samples("Long document")[0].query
    'Elephants eat 150 kg of food per day.'
    """
    entries = json.loads((_FOLDER / "samples.json").read_text(encoding="utf-8"))
    samples = Samples(
        Sample(
            group=entry["group"],
            title=entry["title"],
            query=entry["query"],
            document=entry["document"] if "document" in entry else _read(entry["document_file"]),
            note=entry["note"],
            planted=entry.get("planted", ""),
        )
        for entry in entries
    )
    groups = list(dict.fromkeys(sample.group for sample in samples))
    if group is not None and group not in groups:
        raise ValueError(f"group must be one of {', '.join(groups)}, got {group!r}")
    return Samples(sample for sample in samples if group in (None, sample.group))


def sample_collection_folder() -> Path:
    """Return the folder of the sample collection, for anything that reads BEIR folders.

    It was written for this package: 157 short passages and 4 long texts (``corpus.jsonl``), 40
    queries (``queries.jsonl``) and 50 judgments (``qrels/test.tsv``). Each query has one planted
    difficulty, such as a negation, a number, or an answer far down a long text. The ``README.md``
    in the folder says more. It is too small and too uniform to compare models with.

    Returns
    -------
    pathlib.Path
        A folder of the installed package; do not write into it.

    Examples
    --------
    >>> folder = sample_collection_folder()
    >>> sorted(path.name for path in folder.iterdir())
    ['README.md', 'corpus.jsonl', 'qrels', 'queries.jsonl']
    """
    return _FOLDER / "collection"


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
