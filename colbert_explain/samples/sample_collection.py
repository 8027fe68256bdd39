"""The folder of a small collection with judged queries."""

from __future__ import annotations

from pathlib import Path


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
    return Path(__file__).parent / "collection"
