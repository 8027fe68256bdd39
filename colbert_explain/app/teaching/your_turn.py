"""`YourTurn`: change one of two texts and see what becomes of the score."""

from __future__ import annotations

from typing import Any, ClassVar, get_args

import traitlets

from colbert_explain import argument_checks as check
from colbert_explain.analysis.occlusion import Side
from colbert_explain.analysis.word_contrast import WordContrast
from colbert_explain.app.inputs.limits import check_limits
from colbert_explain.app.jobs.encoder_holder import EncoderHolder
from colbert_explain.app.jobs.job import Watch
from colbert_explain.app.teaching.form_with_result import FormWithWork, WorkingForm, form_files
from colbert_explain.app.teaching.revealed import Revealed
from colbert_explain.app.web.messages import Events, is_anything_typed
from colbert_explain.embeddings import Encoder, check_encoder
from colbert_explain.encoders import load_encoder
from colbert_explain.explanation import Explanation, explain
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.text.printed_sums import printed_difference
from colbert_explain.text.wording import number, one_line, shorten, signed
from colbert_explain.views.html.saved_widget import static_text

#: Most query words whose change is named, and characters of each.
_MOST_NAMED, _LONGEST = 3, 20
#: Characters of each text that a saved notebook says again.
_SAVED = 400


class YourTurnForm(WorkingForm):
    """The two texts, one of them in a field, and the score before and after."""

    _esm, _css = form_files("teaching/your_turn.js")
    events: ClassVar[Events] = {"explain": {"text": is_anything_typed}}

    #: The texts at the start.
    query = traitlets.Unicode().tag(sync=True)
    document = traitlets.Unicode().tag(sync=True)
    #: Which of the two the reader may change.
    edited = traitlets.Unicode().tag(sync=True)
    #: ``before``, ``after``, ``difference`` and the ``words`` that changed most, as texts; empty
    #: until they are known.
    scores = traitlets.Dict().tag(sync=True)


class YourTurn(FormWithWork):
    """Change one of two texts and see the score before and after, with the heatmap beneath.

    A small form for a lesson; `Workbench` does more.

    Parameters
    ----------
    query, document
        The two texts, which are explained at once.
    edit
        Which of them the reader may change.
    encoder
        Encodes the texts; by default the bundled encoder.

    Attributes
    ----------
    explanation
        The explanation that is shown, or None before the first.

    Raises
    ------
    ValueError
        If a text is blank.

    Examples
    --------
    >>> import colbert_explain as ce
    >>> turn = ce.YourTurn("Cats eat.", "A cat eats.")
    >>> turn.start("A dog eats.")
    >>> turn.wait()
    >>> turn.explanation.document.text
    'A dog eats.'
    """

    def __init__(
        self,
        query: str,
        document: str,
        *,
        edit: Side = "document",
        encoder: Encoder | None = None,
    ) -> None:
        for name, text in (("query", query), ("document", document)):
            check.text(name, text)
            if not text.strip():
                raise ValueError(f"{name} must contain text, got nothing")
        check.choice("edit", edit, get_args(Side))
        if encoder is not None:
            check_encoder(encoder)
        super().__init__()
        self._edit: Side = edit
        self._start = document if edit == "document" else query
        self._other = query if edit == "document" else document
        self._settings = OperatorSettings.from_environment()
        self._before: Explanation | None = None
        self.explanation: Explanation | None = None
        self._holder = EncoderHolder(load_encoder, loads_here=self._settings.encoder is None)
        if encoder is not None:
            self._holder.use(encoder)
        self._form = YourTurnForm(self._receive, query=query, document=document, edited=edit)
        self._lay_out_work(self._form, "ce-your-turn-place")
        self.start(self._start)

    def start(self, text: str) -> None:
        """Start explaining with another text in the field and return at once; errors are shown."""
        self._job.start(lambda watch: self._work(text, watch), self._show, "Reading …")

    def _receive(self, _: str, fields: dict[str, Any], __: list[Any]) -> None:
        self.start(fields["text"])

    def _work(self, text: str, watch: Watch) -> tuple[Explanation, Explanation, Revealed]:
        if not text.strip():
            raise ValueError(f"enter a {self._edit} first")
        check_limits(self._other, text, self._settings)
        before = self._before
        if before is None:
            before = self._explain(self._start, watch)
        explanation = self._explain(text, watch)
        return before, explanation, Revealed.of(explanation)

    def _explain(self, text: str, watch: Watch) -> Explanation:
        pair = (self._other, text) if self._edit == "document" else (text, self._other)
        return explain(*pair, self._holder.watched(watch))

    def _show(self, done: tuple[Explanation, Explanation, Revealed]) -> None:
        before, explanation, shown = done
        edited = explanation.document if self._edit == "document" else explanation.query
        scores = {"before": number(before.score, 2)}
        if edited.text != self._start:
            change = printed_difference(explanation.score, before.score)
            scores |= {
                "after": number(explanation.score, 2),
                "difference": signed(change, 2),
                "words": _largest_changes(explanation, before) if self._edit == "document" else "",
            }
        self._before, self.explanation, self._shown = before, explanation, shown
        self._form.scores = scores
        self._place.outputs = (shown.output,)
        self.save_again()

    def __repr__(self) -> str:
        return f"YourTurn({self._edit}: {self._start!r})"

    def before_it_is_saved(self) -> None:
        """Finish the work in progress."""
        self.wait()

    def saved_text(self) -> str:
        """Return the texts, the scores and the heatmap as text."""
        return "\n\n".join([self._summary(), *([self._shown.text] if self._shown else [])])

    def saved_html(self) -> str:
        """Return the same as HTML."""
        return static_text(self._summary()) + (self._shown.html if self._shown else "")

    def _summary(self) -> str:
        scores = [self._form.scores.get(name) for name in ("before", "after")]
        lines = [
            f"Your turn: change the {self._edit}.",
            f"Query: {shorten(self._text('query'), _SAVED)}",
            f"Document: {shorten(self._text('document'), _SAVED)}",
        ]
        if scores[0]:
            lines.append(f"Score: {' → '.join(filter(None, scores))}")
        return "\n".join(lines)

    def _text(self, side: Side) -> str:
        if side != self._edit:
            return self._other
        if self.explanation is None:
            return self._start
        return self.explanation.document.text if side == "document" else self.explanation.query.text


def _largest_changes(after: Explanation, before: Explanation) -> str:
    """Name the words of the query that gained or lost most, as in "late +0.37, was -0.11"."""
    words = [word for word in WordContrast(after, before).largest_first() if word.printed]
    return ", ".join(
        f"{shorten(one_line(word.first.word.text), _LONGEST)} {signed(word.printed, 2)}"
        for word in words[:_MOST_NAMED]
    )
