"""`QueryChanges`: what would change the order of two documents, re-encoded off the main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from colbert_explain.app.audit_page.auditing import is_found
from colbert_explain.app.jobs.job import Job, Watch
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.evaluation.audit.changes import Change, LostPair, changes_of, reworded


class QueryChanges:
    """Shows what would change the order of a winner and a right document.

    Parameters
    ----------
    main
        Runs callbacks on the main thread.
    show
        Called with what the page shows whenever it changes; ready for JSON: ``rows``, each with
        ``text``, ``sentence``, the right document's ``rank`` and ``rank_before`` among all
        documents, and ``is_found`` at that rank; ``note``, where there are none; ``reworded``, the
        same for the reader's own query, or None; ``asking``, whether that is searched for; and the
        status of the work.
    """

    def __init__(self, main: MainThread, show: Callable[[dict[str, Any]], object]) -> None:
        self._show = show
        self._trying = Job(main, lambda _: self._send())
        self._rewording = Job(main, lambda _: self._send())
        self._pair: Callable[[Watch], LostPair] | None = None
        self._k = 1
        self._rows: list[Change] | None = None
        self._own: Change | None = None

    def start(self, pair: Callable[[Watch], LostPair], k: int) -> None:
        """Try the changes for a pair, which is made on the worker thread.

        The right document is found among the first ``k``.
        """
        self.forget()
        self._pair, self._k = pair, k

        def take(found: list[Change]) -> None:
            self._rows = found

        self._trying.start(
            lambda watch: changes_of(pair(watch), watch.check), take, "Re-encoding …"
        )

    def reword(self, text: str, longest: int) -> None:
        """Search with the reader's own query."""
        pair = self._pair
        if pair is None:
            return
        if not text.strip():
            self._rewording.fail("Type a query.")
            return
        if len(text) > longest:
            self._rewording.fail(f"The query must have at most {longest:,} characters.")
            return

        def take(found: Change) -> None:
            self._own = found

        self._rewording.start(lambda watch: reworded(pair(watch), text), take, "Searching …")

    def forget(self) -> None:
        """Show nothing: another query is shown."""
        self._pair = self._rows = self._own = None
        self._trying.forget()
        self._rewording.forget()

    def wait(self, timeout: float | None = None) -> None:
        """Block until what was asked for is known; for scripts and tests."""
        self._trying.wait(timeout)
        self._rewording.wait(timeout)

    def _send(self) -> None:
        trying, asking = self._trying.status, self._rewording.status
        self._show(
            {
                "has_pair": self._pair is not None,
                "rows": [self._row(change) for change in self._rows or ()],
                "note": "By exact MaxSim, the right document is already above the other one."
                if self._rows == []
                else "",
                "reworded": None if self._own is None else self._row(self._own),
                "asking": asking.busy,
                "busy": trying.busy or asking.busy,
                "status": trying.text or asking.text,
                "problem": trying.problem or asking.problem,
            }
        )

    def _row(self, change: Change) -> dict[str, Any]:
        return {
            "text": change.text,
            "sentence": change.sentence,
            "rank": change.rank,
            "rank_before": change.rank_before,
            "is_found": is_found(change.rank, self._k),
        }
