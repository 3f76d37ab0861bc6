"""The review side of a ticket's page: what the author wrote, why it is here, what is known of it. Every string is
cleaned, cut and in Russian, so that templates only lay out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise, takewhile

from monitor import history, story, wording
from monitor.alerts import AlertKind, TicketView
from monitor.clock import from_iso
from monitor.config_channels import channel_of
from monitor.desk.context import Desk
from monitor.desk.moments import Moment
from monitor.desk.rows import address, iso
from monitor.desk.visit import Visit
from monitor.editing import Mark, Segment
from monitor.history import YOU
from monitor.model import WAITING_STATES, Label, TicketState
from monitor.notify.render import capitalised
from monitor.notify.views import NAME_LIMIT, QUOTE_LIMIT, Danger, dangers, said_by_hand, where
from monitor.store.connection import Row
from monitor.store.notifications import Heard, Sending
from sentiment.types import Intent, Tone, Verdict

TEXT_LIMIT = 20_000
"""Characters of a review: sites allow less."""

MOST_OTHERS = 5
MOST_QUOTES = 2
"""Of a theme."""
LINE_LIMIT = 140
WHY_LIMIT = 500

KINDS: Mapping[Mark, str] = {
    Mark.DANGER: "опасность",
    Mark.BLAME: "недовольство",
    Mark.PRAISE: "похвала",
    Mark.THEME_NEGATIVE: "тема, о которой пишут плохо",
    Mark.THEME_NEUTRAL: "тема",
    Mark.THEME_POSITIVE: "тема, о которой пишут хорошо",
}
"""What marks in a text mean."""

SIGNS: Mapping[Tone, tuple[str, str, str]] = {
    Tone.NEGATIVE: ("negative", "−", "недовольство"),
    Tone.NEUTRAL: ("neutral", "", "упоминание"),
    Tone.POSITIVE: ("positive", "+", "похвала"),
}
"""Tone → class of style, sign, word."""

REPLY_STATES: Mapping[str, str] = {
    "published": "опубликован",
    "pending": "на проверке у площадки",
    "rejected": "отклонён площадкой",
}

_OF_PEOPLE: Mapping[Tone, str] = {
    Tone.POSITIVE: "Кого хвалят",
    Tone.NEGATIVE: "Кем недовольны",
    Tone.NEUTRAL: "Кого упоминают",
}
_OF_THE_WHOLE_TEXT = (Intent.THANKS, Intent.OFF_TOPIC)


class People:
    """Names for people, by login; «Вы» for whoever looks, "" for nobody."""

    def __init__(self, login: str, names: Mapping[str, str]) -> None:
        self.login = login
        self._names = names

    @classmethod
    def of(cls, desk: Desk, visit: Visit) -> "People":
        return cls(visit.account.login, {account.login: account.name for account in desk.store.accounts.all()})

    def __call__(self, login: str | None) -> str:
        return YOU if login == self.login else self.name(login)

    def name(self, login: str | None) -> str:
        """The name of anybody, also of whoever looks."""
        return "" if login is None else wording.one_line(self._names.get(login) or login, NAME_LIMIT)


@dataclass(frozen=True, slots=True)
class Theme:
    """What is said of one thing; `tone` is a class of style, `sign` and `said` tell the same. `quotes` () where only a
    person says so."""

    word: str
    tone: str
    sign: str
    said: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Old:
    """The review as it was until the author changed it."""

    stars: str
    text: str
    until: Moment


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer that the site shows, or showed; `text` "" where it was gone."""

    text: str
    state: str
    since: Moment


@dataclass(frozen=True, slots=True)
class Link:
    """Another review; `href` "" where it has no page."""

    href: str
    title: str
    line: str
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """Of the history."""

    kind: str
    at: Moment
    what: str
    about: str
    who: str


@dataclass(frozen=True, slots=True)
class Review:
    """`legend`: the kinds of marks that occur, with their words; `answer`: what the site shows now, None for
    nothing."""

    segments: tuple[Segment, ...]
    cut: bool
    legend: tuple[tuple[str, str], ...]
    why: str
    by_hand: str
    dangers: tuple[Danger, ...]
    themes: tuple[Theme, ...]
    facts: tuple[tuple[str, str], ...]
    older: tuple[Old, ...]
    answer: Shown | None
    answers: tuple[Shown, ...]
    same: tuple[Link, ...]
    others: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """`deadline`: sentences; `rings`: when alarms ring, what each means, whether it is over."""

    deadline: tuple[str, ...]
    rings: tuple[tuple[Moment, str, bool], ...]
    silent: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The ticket's state in a sentence; `who` brought it there, `at` None where that is not known."""

    tone: str
    sentence: str
    who: str
    at: Moment | None


def knows(name: str) -> str:
    """«Вы знаете об отзыве», «об отзыве знает Анна»: of whoever `People` names so."""
    return "Вы знаете об отзыве" if name == YOU else f"Об отзыве знает {name}"


def moment(at: datetime, view: TicketView, now: datetime) -> Moment:
    """Where the review's place is."""
    return Moment(iso(at), wording.moment(at, view.timezone, now))


def review(desk: Desk, visit: Visit, view: TicketView, people: People) -> Review:
    editing, wordings = desk.application.editing, desk.store.tickets.wordings(view.review)
    view = replace(view, label=_signed(view.label, people))
    segments = tuple(editing.marks(view))
    found = {segment.kinds[0] for segment in segments if segment.kinds}
    shown = tuple(_answers(wordings["replies"], view, visit.now))
    return Review(
        segments=tuple(_cut(segments)),
        cut=sum(len(segment.text) for segment in segments) > TEXT_LIMIT,
        legend=tuple((kind.value, KINDS[kind]) for kind in Mark if kind in found),
        why=wording.one_line(editing.why(view), WHY_LIMIT),
        by_hand=said_by_hand(view.label) if view.label is not None else "",
        dangers=dangers(view.verdict),
        themes=tuple(_themes(view.verdict)),
        facts=tuple(_facts(view.verdict)),
        older=tuple(_older(wordings["revisions"], view, visit.now)),
        answer=shown[-1] if shown and shown[-1].text else None,
        answers=shown,
        same=tuple(_same(visit, view)),
        others=tuple(_others(desk, visit, view)),
    )


def _signed(label: Label | None, people: People) -> Label | None:
    """With names for logins."""
    if label is None:
        return None
    tone_by, complaint_by = (who and people(who) for who in (label.tone_by, label.complaint_by))
    return replace(label, tone_by=tone_by, complaint_by=complaint_by)


def _cut(segments: Iterable[Segment]) -> Iterator[Segment]:
    room = TEXT_LIMIT
    for segment in segments:
        if room <= 0:
            return
        yield Segment(segment.text[:room], segment.kinds, segment.titles)
        room -= len(segment.text)


def _themes(verdict: Verdict | None) -> Iterator[Theme]:
    """Each theme once for each way it is spoken of."""
    found: dict[tuple[str, Tone], list[str]] = {}
    for mention in () if verdict is None else verdict.themes:
        word = wording.QUALITY_OF.get(mention.of) or wording.THEMES.get(mention.theme, mention.theme)
        found.setdefault((word, mention.tone), []).append(wording.one_line(mention.quote, QUOTE_LIMIT))
    for (word, tone), quotes in found.items():
        yield Theme(word, *SIGNS[tone], tuple(dict.fromkeys(filter(None, quotes)))[:MOST_QUOTES])


def _facts(verdict: Verdict | None) -> Iterator[tuple[str, str]]:
    """What the author wants, and of whom they speak."""
    if verdict is None:
        return
    for mention in verdict.intents:
        told = wording.INTENTS[mention.intent]
        whole = mention.intent in _OF_THE_WHOLE_TEXT
        yield "Зачем пишет", told if whole else f"{told}: {wording.quoted(mention.quote, QUOTE_LIMIT)}"
    for tone, said in _OF_PEOPLE.items():
        names = (wording.one_line(f"{one.role} {one.name}", NAME_LIMIT) for one in verdict.people if one.tone is tone)
        if people := ", ".join(dict.fromkeys(names)):
            yield said, people


def _older(revisions: Sequence[Row], view: TicketView, now: datetime) -> Iterator[Old]:
    for older, newer in pairwise(revisions):
        text = wording.visible(older["text"]).strip()[:TEXT_LIMIT]
        yield Old(wording.stars(older["stars"]), text, moment(from_iso(newer["seen_at"]), view, now))


def _answers(replies: Sequence[Row], view: TicketView, now: datetime) -> Iterator[Shown]:
    for reply in replies:
        text = wording.visible(reply["text"] or "").strip()
        state = REPLY_STATES.get(reply["state"] or "", "")
        yield Shown(text, state, moment(from_iso(reply["seen_at"]), view, now))


def _same(visit: Visit, view: TicketView) -> Iterator[Link]:
    """The same words on other sites, as far as the visitor may see them."""
    for other in view.same_as:
        if _may_see(visit, other.place):
            title = f"№{wording.GLUE}{other.ticket} {where(other.source, other.source_title)}"
            yield Link(address(other.ticket), title, "", wording.STATES[other.state])


def _may_see(visit: Visit, place: str) -> bool:
    return visit.account.places is None or place in visit.account.places


def _others(desk: Desk, visit: Visit, view: TicketView) -> Iterator[Link]:
    """Other reviews of the author."""
    sources, titles = desk.application.sources, desk.application.titles
    for other in desk.store.dossier.of_author(view.review, view.author, visit.account.places, MOST_OTHERS):
        site = sources[other.source].title if other.source in sources else other.source
        posted = wording.posted(other.posted_at, other.posted_precision, view.timezone, visit.now)
        about = (wording.stars(other.stars), site, titles.get(other.place, other.place), posted)
        yield Link(
            href="" if other.ticket is None else address(other.ticket),
            title=" · ".join(wording.one_line(part, NAME_LIMIT) for part in about),
            line=wording.one_line(other.text, LINE_LIMIT) or "Без текста",
            state="" if other.state is None else wording.STATES[other.state],
        )


STANDING: Mapping[TicketState, tuple[str, str, tuple[str, ...]]] = {
    TicketState.APPROVED: ("good", "Ответ одобрен, осталось опубликовать его", ("approved",)),
    TicketState.SUBMITTED: ("good", "Ответ отправлен, ждём его на площадке", ("submitted",)),
    TicketState.ANSWERED: ("good", "На отзыв ответили", ("confirmed", "answered", "answered_elsewhere")),
    TicketState.DISMISSED: ("", "Закрыт без ответа", ("dismissed",)),
    TicketState.REMOVED: ("", "Отзыв исчез с площадки, отвечать некому", ("removed",)),
    TicketState.UNANSWERABLE: ("soon", "Площадка не даёт ответить на этот отзыв", ()),
}
"""State → class of style, what it means, events that tell who brought it there."""


_REQUESTS: Mapping[str, tuple[str, str]] = {
    "posting": ("soon", "Запрос ушёл на площадку, но чем он кончился, неизвестно. Повторите: двух ответов не будет"),
    "retracting": ("soon", "Запрос ушёл на площадку, но чем он кончился, неизвестно. Повторите его"),
    "publish_failed": ("late", "Запрос к площадке не удался"),
}
"""What is said while the last request has no good end: its last event → class of style, sentence."""

_ENDS = ("retracted", "submitted", "confirmed", "answered", "answered_elsewhere", "reopened")
"""Events behind which a request no longer matters."""


def standing(view: TicketView, lines: Sequence[Line]) -> Standing | None:
    """What a ticket's state, or the last request to its site, means for whoever wants to answer; None while it simply
    waits."""
    if view.state in WAITING_STATES and (tried := _tried(lines)) is not None:
        return tried
    if view.state not in STANDING:
        return None
    tone, told, kinds = STANDING[view.state]
    last = next((line for line in lines if line.kind in kinds), None)
    if last is None:
        return Standing(tone, told, "", None)
    why = last.about if view.state is TicketState.DISMISSED else ""
    return Standing(tone, f"{told}: {why}" if why else told, last.who, last.at)


def _tried(lines: Sequence[Line]) -> Standing | None:
    """Of the last request, unless it is settled, or failed with other words than those of today."""
    last = next((line for line in lines if line.kind in _REQUESTS), None)
    since = {line.kind for line in takewhile(lambda line: line is not last, lines)}
    if last is None or not since.isdisjoint(_ENDS) or (last.kind == "publish_failed" and "edited" in since):
        return None
    tone, told = _REQUESTS[last.kind]
    return Standing(tone, f"{told}: {last.about}" if last.about else told, last.who, last.at)


def past(desk: Desk, visit: Visit, view: TicketView, people: People) -> Past:
    """Why the deadline is what it is, and what happened."""
    now, tickets = visit.now, desk.store.tickets
    ticket, policy = tickets.get(view.ticket), desk.application.policies.of(view.place)
    terms = tickets.terms(ticket.policy, view.place)
    waits, known = view.state in WAITING_STATES, people(view.acknowledged_by)
    events = tickets.events(view.ticket)
    told = list(history.told(events, view.timezone, now, people))
    heard = _heard(desk, view.ticket, events)
    return Past(
        deadline=tuple(story.deadline(view, ticket, policy, terms, now)),
        rings=tuple(
            (moment(at, view, now), history.LEVELS[level], at <= now) for level, at in story.rings(ticket, policy)
        ),
        silent=f"{knows(known)}, поэтому напоминаний нет, пока срок не изменится." if known and waits else "",
        lines=tuple(
            Line(
                event.kind,
                moment(event.at, view, now),
                capitalised(event.what),
                "; ".join(filter(None, (wording.one_line(event.about, WHY_LIMIT), to))),
                event.who,
            )
            for event, to in reversed(list(zip(told, heard, strict=True)))
        ),
    )


def _heard(desk: Desk, ticket: int, events: Sequence[Row]) -> Iterator[str]:
    """Of each event to whom it was told, «кому: Ольга, канал смены», or "". What was called off was told to nobody."""
    names = {account.email.casefold(): account.name for account in desk.store.accounts.vouched()}
    found: dict[int, list[str]] = {}
    for heard in desk.store.notifications.of_ticket(ticket):
        tells = [at for at, event in enumerate(events) if _tells(heard, event)]
        if tells and heard.state is not Sending.CANCELLED:
            channel = channel_of(heard.recipient)
            name = names.get(heard.recipient.casefold()) or (f"канал {channel}" if channel else heard.recipient)
            missed = f" ({wording.SENDINGS[heard.state]})" if heard.state is Sending.FAILED else ""
            found.setdefault(tells[-1], []).append(f"{wording.one_line(name, NAME_LIMIT)}{missed}")
    return (f"кому: {', '.join(found[at])}" if at in found else "" for at in range(len(events)))


def _tells(heard: Heard, event: Row) -> bool:
    """Whether it may be about that event: of several the last one is it."""
    if from_iso(event["at"]) > heard.at:
        return False
    if heard.kind is AlertKind.DANGER:
        return bool(event["kind"] == "danger")
    return bool(event["kind"] == "level") and heard.moment.endswith(event["became"])
