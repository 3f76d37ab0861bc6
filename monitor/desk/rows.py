"""A ticket as a row of a list: every string cleaned, cut and in Russian, so that templates only lay out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zlib import crc32

from monitor import wording
from monitor.alerts import SameReview, TicketView
from monitor.editing.review import theme_title
from monitor.gestures import GestureState
from monitor.model import WAITING_STATES, TicketState
from monitor.notify.render import capitalised
from monitor.notify.views import NAME_LIMIT, dangers, due, link, same_review
from monitor.store.filters import SOON
from sentiment.types import ThemeMention, Tone

SENTENCE_LIMIT = 200
MOST_THEMES = 4

STATE_TONES: Mapping[TicketState, str] = {
    TicketState.APPROVED: "good",
    TicketState.SUBMITTED: "good",
    TicketState.ANSWERED: "good",
}

_SIGNS: Mapping[str, str] = {Tone.NEGATIVE: " −", Tone.POSITIVE: " +"}
BOTH = " ±"


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks, and when. `places`: those that they may see, None for all; `names`: login → name for people; `href`:
    ticket → the address of its page."""

    login: str
    places: frozenset[str] | None
    names: Mapping[str, str]
    now: datetime
    href: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Mark:
    """A word or two about a ticket; `tone` is a class of style, "" for a plain one."""

    word: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """`left` is how long is left, `due` and `soon` moments in ISO 8601, "" without a deadline; `same`: the review
    before it in the list has the same words. `draft`: how the draft stands. `version` changes with anything shown but
    the time that is left."""

    ticket: int
    href: str
    left: str
    standing: str
    due: str
    due_told: str
    soon: str
    state: str
    state_tone: str
    stars: str
    stars_said: str
    about: str
    sentence: str
    same: bool
    dangers: tuple[str, ...]
    marks: tuple[Mark, ...]
    others: str
    assignee: str
    mine: bool
    may_take: bool
    draft: Mark
    url: str
    version: str = ""


def rows(views: Sequence[TicketView], eyes: Eyes, sentences: Mapping[int, str]) -> tuple[Row, ...]:
    """`sentences`: ticket → what tells most, in the author's words."""
    made: list[Row] = []
    before: frozenset[int] = frozenset()
    for view in views:
        row = replace(_row(view, eyes, sentences[view.ticket]), same=view.ticket in before)
        made.append(replace(row, version=f"{crc32(repr(_lasting(row)).encode()):08x}"))
        before = frozenset(other.ticket for other in view.same_as)
    return tuple(made)


def _row(view: TicketView, eyes: Eyes, sentence: str) -> Row:
    due_at = due(view)
    waits = view.state in WAITING_STATES
    return Row(
        ticket=view.ticket,
        href=eyes.href(view.ticket),
        left=_left(view, due_at, eyes.now),
        standing=_standing(due_at, eyes.now),
        due="" if due_at is None else iso(due_at),
        due_told="" if due_at is None else wording.moment(due_at, view.timezone, eyes.now),
        soon="" if due_at is None else iso(due_at - SOON),
        state=wording.STATES[view.state] if waits and view.state is not TicketState.OPEN else "",
        state_tone=STATE_TONES.get(view.state, ""),
        stars=wording.stars(view.stars),
        stars_said="без оценки" if view.stars is None else f"оценка {view.stars} из 5",
        about=_about(view, eyes.now),
        sentence="Текст стёрт" if view.erased else wording.one_line(sentence, SENTENCE_LIMIT),
        same=False,
        dangers=tuple(capitalised(danger.name) for danger in dangers(view.verdict)),
        marks=tuple(_marks(view)),
        others=same_review(replace(view, same_as=_seen(view, eyes))),
        assignee=_name(view.assignee, eyes),
        mine=view.assignee == eyes.login,
        may_take=view.assignee is None and view.state in (*WAITING_STATES, TicketState.UNANSWERABLE),
        draft=draft_mark(view),
        url=link(view.url) or link(view.reply_url),
    )


def _seen(view: TicketView, eyes: Eyes) -> tuple[SameReview, ...]:
    """The same words elsewhere, where they may look."""
    return tuple(other for other in view.same_as if eyes.places is None or other.place in eyes.places)


def _lasting(row: Row) -> tuple[object, ...]:
    """What of a row does not change by itself with every minute."""
    return tuple(getattr(row, name) for name in Row.__slots__ if name not in _FLEETING)


_FLEETING = ("left", "standing", "version")


def address(ticket: int) -> str:
    """Of the page of a ticket."""
    return f"/t/{ticket}"


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _left(view: TicketView, due_at: datetime | None, now: datetime) -> str:
    if due_at is not None:
        return wording.time_left(due_at, now)
    return "без срока" if view.state in WAITING_STATES else view.told


def _standing(due_at: datetime | None, now: datetime) -> str:
    if due_at is None:
        return "none"
    return "late" if due_at <= now else "soon" if due_at - SOON <= now else "good"


def _about(view: TicketView, now: datetime) -> str:
    """`«Ромашка» на Ленина · Яндекс Карты · Мария К. · вчера в 18:20`."""
    parts = (
        wording.one_line(view.place_title or view.place, NAME_LIMIT),
        wording.one_line(view.source_title, NAME_LIMIT),
        "имя автора стёрто" if view.erased else wording.one_line(view.author, NAME_LIMIT) or "автор не назвался",
        wording.posted(view.posted_at, view.posted_precision, view.timezone, now),
    )
    return " · ".join(parts)


def _name(login: str | None, eyes: Eyes) -> str:
    """«Вы», the name of a colleague, or "" where nobody took it."""
    if login is None:
        return ""
    return "Вы" if login == eyes.login else wording.one_line(eyes.names.get(login) or login, NAME_LIMIT)


def _marks(view: TicketView) -> Iterator[Mark]:
    verdict = view.verdict
    if verdict is None:
        yield Mark("ещё не разобран", "soon")
    else:
        if view.label is None and verdict.conflict:
            yield Mark("оценка и слова расходятся", "soon")
        elif view.label is None and verdict.uncertain:
            yield Mark("не понять, доволен ли автор", "soon")
        yield from _themes(verdict.themes)
    if view.revision > 1:
        yield Mark("автор изменил отзыв", "soon")
    if view.dispute is not None:
        yield Mark(wording.DISPUTES[view.dispute], "info")
    if any(gesture.state is GestureState.PROPOSED for gesture in view.gestures):
        yield Mark("жест ждёт владельца", "info")


def _themes(mentions: Sequence[ThemeMention]) -> Iterator[Mark]:
    """Each theme once, with the sign of what is said of it, or both signs."""
    found: dict[str, set[str]] = {}
    for mention in mentions:
        found.setdefault(theme_title(mention), set()).add(_SIGNS.get(mention.tone, ""))
    shown = [Mark(word + (BOTH if len(signs - {""}) > 1 else max(signs))) for word, signs in found.items()]
    yield from shown[:MOST_THEMES]
    if len(shown) > MOST_THEMES:
        yield Mark(f"и ещё {len(shown) - MOST_THEMES}")


def draft_mark(view: TicketView) -> Mark:
    """How the draft of a reply stands."""
    draft = view.draft
    if view.erased:
        return Mark("Черновик стёрт")
    if draft is None:
        return Mark("Черновика ещё нет")
    if view.state in (TicketState.SUBMITTED, TicketState.ANSWERED):
        return Mark("Ответ")  # the state of the row says what became of it
    if view.draft_stale:
        return Mark("Черновик устарел", "soon")
    severities = {finding.severity for finding in draft.warnings}
    if "error" in severities:
        return Mark("Черновик с ошибкой", "late")
    if "warning" in severities:
        return Mark("Черновик с замечаниями", "soon")
    if view.state not in (TicketState.OPEN, TicketState.UNANSWERABLE):
        return Mark("Ответ готов", "good")  # whoever approves it becomes its author
    return Mark("Черновик поправлен" if view.draft_author else "Черновик готов", "good")
