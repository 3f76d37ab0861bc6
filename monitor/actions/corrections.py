"""What a person says of a review against the analysis, or with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from monitor import tickets as life
from monitor import wording
from monitor.actions.base import Base
from monitor.corrections import corrected, in_words, merged, themes_in_words, with_themes
from monitor.errors import Conflict, UsageError
from monitor.jobs.draft import UNJUDGED
from monitor.model import Label, Ticket
from monitor.store.connection import Row
from monitor.store.rows import label_from, themes_from, verdict_from
from sentiment.types import Theme, Tone, Verdict

LONGEST_NOTE = 500
"""Characters of a note on a correction: it stands in one line of the history."""

_NOTHING: Mapping[str, bool] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Said:
    """`themes`: of each one named whether it holds."""

    tone: Tone | None
    complaint: bool | None
    themes: Mapping[Theme, bool]
    why: str

    @property
    def judges(self) -> bool:
        """Whether tone or complaint are spoken of, and so the deadline."""
        return self.tone is not None or self.complaint is not None


class Corrections(Base):
    def retag(
        self,
        ticket_id: int,
        *,
        tone: Tone | None = None,
        complaint: bool | None = None,
        themes: Mapping[str, bool] = _NOTHING,
        note: str = "",
    ) -> None:
        """The actor says what the review's words are, and is believed against the analysis, now and later: the verdict
        follows, the draft nobody touched is due again, and by tone and complaint a running deadline moves (rule 5).
        What is left out stays as a person set it before, else as the analysis has it. Saying the same again changes
        nothing."""
        said = _Said(tone, complaint, _themes(themes), " ".join(wording.visible(note).split()))
        if not said.judges and not said.themes:
            hint = ": укажите --tone, --complaint, --no-complaint, --theme или --no-theme"
            raise UsageError("не сказано, что исправить", hint=hint)
        if len(said.why) > LONGEST_NOTE:
            raise UsageError(f"пояснение длиннее {LONGEST_NOTE} знаков; сократите его", hint=" (--note)")
        with self._store.write():
            ticket = self._at_hand("retag", ticket_id)
            view = self._store.tickets.view(ticket_id)
            if not wording.visible(view["text"]).strip():
                raise Conflict(f"у отзыва № {ticket_id} нет текста (только оценка, или текст стёрт): исправлять нечего")
            self._relabel(ticket, view, said)

    def _relabel(self, ticket: Ticket, view: Row, said: _Said) -> None:
        now, before = self._clock.now(), verdict_from(view)
        earlier, held = label_from(view), themes_from(view)
        label = _newer(earlier, said, self._actor, now)
        news = {theme: holds for theme, holds in said.themes.items() if held.get(theme) is not holds}
        if label is None and not news and (said.judges or not said.why):
            return
        valid = label or earlier
        after = before if valid is None else corrected(before or UNJUDGED, valid, view["stars"])
        after = None if after is None else with_themes(after, held | news)
        self._keep(view, label, news, after, now)
        if any(held.get(theme) is False for theme in news):
            self._store.analysis.again(ticket.review_id)  # what it had found of the theme was dropped
        step, events = life.Step(ticket, ()), []
        if label is not None and after is not None:
            was = in_words(before.tone, earlier.complaint if earlier else None) if before else ""
            became = in_words(after.tone, label.complaint)
            events.append(life.Happening("retagged", now, was=was, became=became, why=said.why))
            step = life.retagged(ticket, urgent=after.urgent, now=now, policy=self._policy_of(ticket.id))
        if news or label is None:
            told = themes_in_words(news or said.themes)
            events.append(life.Happening("themed", now, became=told, why="" if label else said.why))
        step = replace(step, events=(*events, *step.events))
        self._store.tickets.save(ticket, step, actor=self._actor, redraft=after != before)

    def _keep(
        self, view: Row, label: Label | None, themes: Mapping[Theme, bool], verdict: Verdict | None, now: datetime
    ) -> None:
        """None: no other label, no verdict yet."""
        review_id, revision = view["review_id"], view["revision"]
        if label is not None:
            self._store.labels.put(review_id, revision, label)
        self._store.labels.put_themes(review_id, revision, themes, by=self._actor, now=now)
        if verdict is not None:
            self._store.analysis.overrule(review_id, revision, verdict)


def _themes(said: Mapping[str, bool]) -> Mapping[Theme, bool]:
    """Raises UsageError where one is no theme."""
    try:
        return {Theme(theme): holds for theme, holds in said.items()}
    except ValueError:
        unknown = next(theme for theme in said if theme not in set(Theme))
        raise UsageError(f"{unknown!r} — не тема; бывают: {', '.join(Theme)}") from None


def _newer(earlier: Label | None, said: _Said, who: str, now: datetime) -> Label | None:
    """The label after what is said of tone and complaint; None where that is nothing new."""
    if not said.judges:
        return None
    label = merged(earlier, said.tone, said.complaint, who, now)
    if earlier is not None and (earlier.tone, earlier.complaint) == (label.tone, label.complaint) and not said.why:
        return None
    return label
