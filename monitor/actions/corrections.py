"""What a person says of a review against the analysis, or with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from monitor import tickets as life
from monitor import wording
from monitor.actions.base import Base, must_be_read
from monitor.actions.replying import DraftFate
from monitor.corrections import ByHand, corrected, dangers_in_words, in_words, merged, overruled, themes_in_words
from monitor.errors import Conflict, UsageError
from monitor.jobs.draft import BASIS, UNJUDGED, wanted
from monitor.model import Label, Ticket, TicketState
from monitor.store.connection import Row
from monitor.store.rows import by_hand_from, label_from, verdict_from
from responders.types import Fault
from sentiment.types import Risk, Theme, Tone, Verdict

LONGEST_NOTE = 500
"""Characters of a note on a correction: it stands in one line of the history."""

Id = TypeVar("Id", Theme, Risk)
Value = TypeVar("Value")

_NOTHING: Mapping[str, bool] = MappingProxyType({})
_NO_TONES: Mapping[str, Tone] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Said:
    """`found`: of the themes and dangers that are spoken of."""

    tone: Tone | None
    complaint: bool | None
    found: ByHand
    why: str

    @property
    def judges(self) -> bool:
        """Whether tone or complaint are spoken of, and so the deadline."""
        return self.tone is not None or self.complaint is not None

    @property
    def kind(self) -> str:
        """Of the first line that the history has of it."""
        return "retagged" if self.judges else "themed" if self.found.themes else "endangered"


class Corrections(Base):
    def retag(
        self,
        ticket_id: int,
        *,
        tone: Tone | None = None,
        complaint: bool | None = None,
        themes: Mapping[str, bool] = _NOTHING,
        theme_tones: Mapping[str, Tone] = _NO_TONES,
        dangers: Mapping[str, bool] = _NOTHING,
        note: str = "",
        revision: int | None = None,
    ) -> DraftFate:
        """The actor says what the review's words are, and is believed against the analysis, now and later: the verdict
        follows and the draft that nobody touched; by tone and complaint a running deadline moves (rule 5), and by a
        danger that only they found, of which the owners hear at once. What is left out stays as a person set it before,
        else as the analysis has it. `theme_tones`: in which tone themes are spoken of, which hold therefore. Saying the
        same again changes nothing, but a new note is heard. `revision`: of the words that the actor read; Conflict
        where the author has changed them since."""
        tones = _known(Theme, theme_tones, "тема")
        held = {**_known(Theme, themes, "тема"), **dict.fromkeys(tones, True)}
        found = ByHand(held, tones, _known(Risk, dangers, "опасность"))
        said = _Said(tone, complaint, found, " ".join(wording.visible(note).split()))
        if not said.judges and not said.found:
            hint = ": укажите --tone, --complaint, --no-complaint, --theme, --no-theme, --danger или --no-danger"
            raise UsageError("не сказано, что исправить", hint=hint)
        if len(said.why) > LONGEST_NOTE:
            raise UsageError(f"пояснение длиннее {LONGEST_NOTE} знаков; сократите его", hint=" (--note)")
        with self._transaction():
            ticket = self._at_hand("retag", ticket_id)
            view = self._store.tickets.view(ticket_id)
            must_be_read(view, revision)
            if not wording.visible(view["text"]).strip():
                raise Conflict(f"у отзыва № {ticket_id} нет текста (только оценка, или текст стёрт): исправлять нечего")
            fate = self._relabel(ticket, view, said)
        return self._renewed(ticket_id, view["drafted_with"]) if fate is DraftFate.MISSING else fate

    def _relabel(self, ticket: Ticket, view: Row, said: _Said) -> DraftFate:
        """MISSING: a new draft is due."""
        now, before = self._clock.now(), verdict_from(view)
        earlier, held = label_from(view), by_hand_from(view)
        label, news = _newer(earlier, said, self._actor, now), said.found.since(held)
        if label is None and not news and (said.judges or not said.why):
            return DraftFate.UNCHANGED
        repeats = not news and (label is None or _says(label) == _says(earlier))
        if repeats and self._has_just_said(ticket, said):
            return DraftFate.UNCHANGED
        valid, holds = label or earlier, held.with_news(news)
        alarming = any(news.dangers.values())
        after = before or UNJUDGED if alarming else before
        after = after if valid is None else corrected(after or UNJUDGED, valid, view["stars"])
        after = None if after is None else overruled(after, holds)
        self._keep(view, label, news, after, now)
        if _takes_back(held, news):
            self._store.analysis.again(ticket.review_id)  # what it had found was dropped
        lines, step = list(_found(news if news or label else said.found, now)), life.Step(ticket, ())
        if label is not None and after is not None:
            was = in_words(before.tone, earlier.complaint if earlier else None) if before else ""
            lines.insert(0, life.Happening("retagged", now, was=was, became=in_words(after.tone, label.complaint)))
        if (label is not None or alarming) and after is not None:
            step = life.retagged(ticket, urgent=after.urgent, now=now, policy=self._policy_of(ticket.id))
        lines[0] = replace(lines[0], why=said.why)  # once
        step = replace(step, events=(*lines, *step.events))
        saved = self._store.tickets.save(ticket, step, actor=self._actor, redraft=after != before)
        if alarming and after is not None:
            self._alarm(saved, view, after, now)
        return DraftFate.MISSING if after != before else DraftFate.NEEDLESS

    def _alarm(self, ticket: Ticket, view: Row, verdict: Verdict, now: datetime) -> None:
        owners, policy = self._owners_of(view["place"], now), self._policy_of(ticket.id)
        self._store.analysis.endangered(ticket, view["revision"], verdict, owners=owners, policy=policy, now=now)

    def _has_just_said(self, ticket: Ticket, said: _Said) -> bool:
        """Whether the last word of that kind was the actor's, with this very note."""
        words = [event for event in self._store.tickets.events(ticket.id) if event["kind"] == said.kind]
        return bool(words) and (words[-1]["actor"], words[-1]["why"]) == (self._actor, said.why)

    def _keep(self, view: Row, label: Label | None, news: ByHand, verdict: Verdict | None, now: datetime) -> None:
        """None: no other label, no verdict yet."""
        review_id, revision = view["review_id"], view["revision"]
        if label is not None:
            self._store.labels.put(review_id, revision, label)
        self._store.labels.put_by_hand(review_id, revision, news, by=self._actor, now=now)
        if verdict is not None:
            self._store.analysis.overrule(review_id, revision, verdict)

    def _renewed(self, ticket_id: int, digest: str) -> DraftFate:
        """The draft that we wrote follows the corrected verdict, and is not due for it again (`digest`: by which
        templates it was written); where that fails, the next pass writes it."""
        before = self._store.tickets.view(ticket_id)
        if before["state"] not in (TicketState.OPEN, TicketState.APPROVED, TicketState.UNANSWERABLE):
            return DraftFate.NEEDLESS
        if before["state"] == TicketState.APPROVED or before["draft_author"] is not None:
            return DraftFate.KEPT
        if not wanted(before):
            return DraftFate.NEEDLESS
        if before["draft_text"] is None:
            return DraftFate.MISSING
        try:
            draft = self._write(ticket_id, Fault(before["fault"]), before["measure"])
        except Exception:  # noqa: BLE001 - what was said stands; the pass tells whoever reads the draft what is wrong
            return DraftFate.MISSING
        with self._transaction():
            current = self._store.tickets.view(ticket_id)
            if any(current[name] != before[name] for name in (*BASIS, "draft_text")):
                return DraftFate.MISSING
            now = self._clock.now()
            self._store.tickets.add_draft(ticket_id, draft, revision=before["revision"], author=None, now=now)
            self._store.tickets.mark_drafted(ticket_id, digest)
        return DraftFate.REWRITTEN


def _known(kind: type[Id], said: Mapping[str, Value], name: str) -> dict[Id, Value]:
    """Raises UsageError where one is not of that kind."""
    try:
        return {kind(word): holds for word, holds in said.items()}
    except ValueError:
        unknown = next(word for word in said if word not in set(kind))
        raise UsageError(f"{unknown!r} — не {name}; бывают: {', '.join(kind)}") from None


def _takes_back(held: ByHand, news: ByHand) -> bool:
    """Whether the analysis has to say again what it had found before somebody spoke: of what was denied once, and of
    the haste that a danger had brought."""
    themes = any(held.themes.get(theme) is False for theme in news.themes)
    return themes or any(danger in held.dangers for danger in news.dangers)


def _found(said: ByHand, now: datetime) -> Iterator[life.Happening]:
    """Lines of history."""
    if said.themes:
        yield life.Happening("themed", now, became=themes_in_words(said.themes, said.tones))
    if said.dangers:
        yield life.Happening("endangered", now, became=dangers_in_words(said.dangers))


def _newer(earlier: Label | None, said: _Said, who: str, now: datetime) -> Label | None:
    """The label after what is said of tone and complaint; None where that is nothing new."""
    if not said.judges:
        return None
    label = merged(earlier, said.tone, said.complaint, who, now)
    return None if _says(label) == _says(earlier) and not said.why else label


def _says(label: Label | None) -> tuple[Tone | None, bool | None] | None:
    return None if label is None else (label.tone, label.complaint)
