"""The reply side of a ticket's page: the words, what is wrong with them, other wordings, how they get to the site."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from monitor import wording
from monitor.actions import LONGEST_REPLY, EditConflict
from monitor.alerts import TicketView
from monitor.desk.compare import Part, Parts, compare
from monitor.desk.conditions import may_configure
from monitor.desk.conditions import told as told_for
from monitor.desk.context import Desk
from monitor.desk.moments import Moment
from monitor.desk.sheet import People, moment
from monitor.desk.visit import Visit, number_in
from monitor.editing import Counter, Note
from monitor.errors import UsageError
from monitor.model import TicketState
from monitor.notify.views import link, where
from monitor.store.dossier import Wording

LONGEST = LONGEST_REPLY
"""Characters of what may stand in the editor."""

LONGEST_SWAPPED = 2_500
"""Characters of a reply that other wordings are looked for."""

MOST_VERSIONS = 20
REASON_LIMIT = 300

US = "Отклик"
"""Who writes drafts."""

SEVERITIES = {"error": ("late", "Ошибка"), "warning": ("soon", "Замечание"), "hint": ("quiet", "Совет")}
"""Severity → class of style, word."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of the linter. `start` and `end` count as browsers count characters; None where all of it is meant."""

    severity: str
    tone: str
    word: str
    message: str
    why: str
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """What the reply was before."""

    number: int
    author: str
    at: Moment
    text: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another wording of a sentence; `value` names both."""

    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A sentence of the reply and what may stand in its place; offsets as in Found."""

    sentence: str
    start: int
    end: int
    others: tuple[Other, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """Two people wrote at the same time: theirs is saved, mine stands in the editor. `alike`: differences are
    marked."""

    author: str
    theirs: Parts
    mine: Parts
    alike: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What is said of a reply while it is written."""

    found: tuple[Found, ...]
    counter: Counter
    errors: int


@dataclass(frozen=True, slots=True)
class Reply:
    """`text` stands in the editor, written against draft number `base`; `unsaved`: it is not the newest one.
    `exchanges` None: not asked for. `cabinet`: where a person posts it, "" for nowhere; `publishes`: the site takes it
    from us."""

    text: str
    base: int
    unsaved: bool
    exists: bool
    author: str
    by_hand: bool
    at: Moment | None
    reason: str
    stale: bool
    checked: Checked
    exchanges: tuple[Exchange, ...] | None
    versions: tuple[Version, ...]
    clash: Clash | None
    cabinet: str
    publishes: bool
    on_site: str


def words_of(view: TicketView) -> str:
    """The newest draft as the editor shows it; "" without one."""
    return "" if view.draft is None else shown(view.draft.text)


def shown(text: str) -> str:
    """A reply as a form sends it back."""
    return wording.visible(text).strip()


def seen(visit: Visit, name: str) -> int | None:
    """Which draft, gesture or revision a form is about, by its number; None where it does not tell."""
    return number_in(visit.form[name])


def reply(
    desk: Desk,
    visit: Visit,
    view: TicketView,
    people: People,
    *,
    typed: str | None = None,
    conflict: EditConflict | None = None,
    exchanging: bool = False,
) -> Reply:
    """`typed`: what the visitor has written and nobody saved."""
    saved, newest = words_of(view), view.draft_number or 0
    text = saved if typed is None else typed
    unsaved = typed is not None and shown(typed) != saved
    source = desk.application.sources.get(view.source)
    drafts = desk.store.dossier.drafts(view.ticket, MOST_VERSIONS)
    return Reply(
        text=text,
        base=_base(visit, newest, conflict) if unsaved else newest,
        unsaved=unsaved,
        exists=view.draft is not None,
        author=people(view.draft_author) or US,
        by_hand=view.draft_author is not None,
        at=moment(drafts[0].at, view, visit.now) if drafts else None,
        reason="" if view.draft is None else wording.one_line(view.draft.reason, REASON_LIMIT),
        stale=view.draft_stale,
        checked=check(desk, visit, view, text),
        exchanges=tuple(exchanges(desk, view.ticket, text)) if exchanging else None,
        versions=tuple(_versions(drafts, view, visit, people)),
        clash=None if conflict is None else clash(conflict, text, people),
        cabinet="" if view.state is TicketState.UNANSWERABLE else link(view.reply_url),
        publishes=source is not None and source.publishes,
        on_site=where(view.source, view.source_title),
    )


def _base(visit: Visit, newest: int, conflict: EditConflict | None) -> int:
    """The draft that whoever wrote other words has seen: nothing that was saved since is put aside unread."""
    if conflict is not None:
        return conflict.number
    told = seen(visit, "base")
    return newest if told is None else told


def check(desk: Desk, visit: Visit, view: TicketView, text: str) -> Checked:
    """Spaces around it are not saved and do not count. Of more than anybody should read nothing but the length is
    told."""
    editing, words = desk.application.editing, text.strip()
    notes = editing.lint(view.ticket, words) if words and len(text) <= LONGEST else ()
    errors = sum(note.severity == "error" for note in notes)
    found = tuple(_found(notes, text, may=may_configure(visit.account)))
    return Checked(found, editing.counters(view.source, words), errors)


def too_long(text: str, most: int = LONGEST) -> UsageError:
    told = f"в ответе {wording.counted(len(text), 'знак', 'знака', 'знаков')}"
    return UsageError(f"{told}, а можно не больше {wording.thousands(most)}; сократите его")


def _found(notes: Iterable[Note], text: str, *, may: bool) -> Iterator[Found]:
    """Of what stands in the text, whose outer spaces the notes do not count."""
    before = len(text) - len(text.lstrip())
    for note in notes:
        start, end = (None, None) if note.span is None else (units(text, before + at) for at in note.span)
        message, explanation = (told_for(words, may=may) for words in (note.message, note.explanation))
        yield Found(note.severity, *SEVERITIES[note.severity], message, explanation, start, end)


def units(text: str, at: int) -> int:
    """The offset as browsers count: in units of UTF-16."""
    return len(text[:at].encode("utf-16-le", "surrogatepass")) // 2


def exchanges(desk: Desk, ticket: int, text: str) -> Iterator[Exchange]:
    """Other wordings of what stands in the editor. Raises UsageError for a text of that length."""
    if len(text) > LONGEST_SWAPPED:
        raise too_long(text, LONGEST_SWAPPED)
    for swap in desk.application.editing.swaps(ticket, text):
        others = tuple(Other(other, _value(swap.sentence, other)) for other in swap.alternatives)
        yield Exchange(swap.sentence, units(text, swap.start), units(text, swap.end), others)


def exchanged(desk: Desk, ticket: int, text: str, value: str) -> str:
    """The text with one sentence in other words. Raises UsageError where they do not fit it any more."""
    if len(text) > LONGEST_SWAPPED:
        raise too_long(text, LONGEST_SWAPPED)
    for swap in desk.application.editing.swaps(ticket, text):
        for other in swap.alternatives:
            if _value(swap.sentence, other) == value:
                return text[: swap.start] + other + text[swap.end :]
    raise UsageError("ответ с тех пор изменился: откройте другие формулировки ещё раз")


def _value(sentence: str, other: str) -> str:
    return f"{crc32(sentence.encode('utf-8', 'replace')):08x}{crc32(other.encode('utf-8', 'replace')):08x}"


def _versions(drafts: Sequence[Wording], view: TicketView, visit: Visit, people: People) -> Iterator[Version]:
    """Before the newest one; words that were only approved are the same words."""
    seen = {words_of(view)}
    for draft in drafts:
        text = shown(draft.text)
        if text not in seen:
            seen.add(text)
            yield Version(draft.number, people(draft.author) or US, moment(draft.at, view, visit.now), text)


def clash(conflict: EditConflict, mine: str, people: People) -> Clash:
    theirs, mine = shown(conflict.theirs.text), shown(mine)
    author, compared = people(conflict.author) or US, compare(theirs, mine)
    if compared is None:
        return Clash(author, (Part(theirs, own=False),), (Part(mine, own=False),), alike=False)
    return Clash(author, *compared, alike=True)
