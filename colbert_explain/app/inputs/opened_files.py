"""Reads the files that a reader opens on the page: texts, tables, and saved explanations."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from colbert_explain.app.inputs.limits import largest_file
from colbert_explain.app.jobs.error_message import problem_sentence
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.explanation import explanation_in_bytes
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.text_files import (
    FileRefused,
    Table,
    choose_rows,
    decode,
    kind_of,
    read_table,
    short_file_name,
)


class OpenedFiles:
    """Answers the page for each file that it sends; a table waits for the choice of columns.

    Parameters
    ----------
    settings
        How much may be opened.

    Attributes
    ----------
    explanation
        The saved explanation that was opened last; None after any other file.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings
        self._table: Table | None = None
        self.explanation: Explanation | None = None

    def open(self, name: str, data: bytes) -> dict[str, Any]:
        """Return the answer for a file; its ``event`` says what the file is.

        Returns
        -------
        dict
            ``"text"`` with its text; ``"table"`` with its first rows and likely columns;
            ``"explanation"`` with query and document; or ``"refused"`` with a sentence.
        """
        self.explanation = None
        try:
            return self._open(name, data)
        except Exception as error:  # whatever is in a file, its page waits for an answer
            return _refused(error)

    def choose(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """Return the documents in the rows of the open table, or why there are none.

        Parameters
        ----------
        wishes
            ``mode`` (sent back), ``text_column``, ``name_column`` (None for none), ``has_header``,
            ``most_documents`` and ``most_characters``.
        """
        try:
            return self._choose(wishes)
        except Exception as error:
            return _refused(error)

    def close(self) -> None:
        """Forget the table."""
        self._table = None

    def _open(self, name: str, data: bytes) -> dict[str, Any]:
        largest, shown = largest_file(self._settings), short_file_name(name)
        if len(data) > largest:
            raise FileRefused(
                f"can't open {shown}: it has {len(data):,} bytes, more than {largest:,}"
            )
        if PurePath(name).suffix.lower() == ".json":
            return self._open_explanation(shown, data)
        kind = kind_of(name)
        text = decode(name, data)
        if kind == "text":
            return {"event": "text", "name": shown, "text": text}
        self._table = table = read_table(name, text)
        return {
            "event": "table",
            "name": table.name,
            "rows": len(table.rows),
            "preview": table.preview(),
            "has_header": table.has_header,
            "likely": table.text_column,
            "likely_name": table.name_column,
            "notes": list(table.notes),
        }

    def _open_explanation(self, shown: str, data: bytes) -> dict[str, Any]:
        self.explanation = opened = explanation_in_bytes(repr(shown), data)
        return {
            "event": "explanation",
            "name": shown,
            "query": opened.query.text,
            "document": opened.document.text,
        }

    def _choose(self, wishes: dict[str, Any]) -> dict[str, Any]:
        if self._table is None:
            raise FileRefused("the file is no longer in memory: open it again")
        if "text_column" not in wishes:
            raise FileRefused("the page did not say which columns to use: choose them again")
        chosen = choose_rows(
            self._table,
            wishes["text_column"],
            wishes["name_column"],
            has_header=wishes["has_header"],
            most_documents=min(wishes["most_documents"], self._settings.most_documents),
            most_characters=min(wishes["most_characters"], self._settings.largest_text),
        )
        return {
            "event": "documents",
            "mode": wishes["mode"],
            "documents": [list(pair) for pair in chosen.documents],
            "left_out": chosen.left_out,
        }


def _refused(error: Exception) -> dict[str, Any]:
    return {"event": "refused", "sentence": problem_sentence(error)}
