"""The reviews behind a number: as an address, out of an address that anybody may have written, in words."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlencode

from monitor import wording
from monitor.accounts import Account
from monitor.desk.numbers_ask import (
    LONGEST_ID,
    NUMBERS,
    Given,
    Known,
    chosen_place,
    chosen_source,
    edge,
    edges,
    ending,
    given,
    pairs,
    period_from,
    told,
)
from monitor.errors import UsageError
from monitor.notify.render import capitalised
from monitor.numbers import Of, Period, Scope, Selection

REVIEWS = f"{NUMBERS}/reviews"

ANSWERED = ("in_time", "late", "beforehand")
ANSWERABLE = (*ANSWERED, "waiting", "dropped")
NEW = (*ANSWERABLE, "unanswerable", "needless", "withdrawn")
"""Without what was old already when we first saw it."""

FATES: Mapping[str, str] = {
    "in_time": "ответили вовремя",
    "late": "опоздали с ответом",
    "beforehand": "ответ уже был, когда мы увидели отзыв",
    "waiting": "ждут ответа",
    "dropped": "закрыты без ответа",
    "backlog": "накопились до подключения",
    "unanswerable": "площадка не даёт ответить",
    "needless": "отвечать не нужно: спам, дубль или не о нас",
    "withdrawn": "пропали или стёрты раньше, чем вышел срок",
}
"""What has become of a review, as the heading of a list says it."""

TOGETHER: Mapping[frozenset[str], str] = {
    frozenset(NEW): "новые",
    frozenset(ANSWERABLE): "можно было ответить",
    frozenset(ANSWERED): "ответили",
    frozenset({"in_time", "beforehand"}): "ответили вовремя или ответ уже был",
}

MOMENTS: Mapping[Of, str] = {
    Of.CAME: "пришли",
    Of.ANSWERED: "ответили в эти дни",
    Of.SETTLED: "срок ответа решился в эти дни",
}

OUTCOMES: Mapping[Of, Mapping[str, str]] = {
    Of.CAME: {},
    Of.ANSWERED: {
        "in_time": "ответили вовремя",
        "late": "ответили с опозданием",
        "backlog": "ответили без срока, на старые отзывы",
        "beforehand": "ответ уже был, когда мы увидели отзыв",
    },
    Of.SETTLED: {
        "met": "уложились в срок",
        "late": "ответили после срока",
        "missed": "срок вышел без ответа",
    },
}

TIMED: Mapping[Of, Mapping[str, str]] = {
    Of.CAME: {"lag": "известно, когда мы их заметили"},
    Of.ANSWERED: {"team": "время ответа известно", "customer": "ожидание гостя известно"},
    Of.SETTLED: {},
}

THEME_TONES: Mapping[str, str] = {"negative": "с жалобой", "neutral": "без оценки", "positive": "с похвалой"}

PERSON_TONES: Mapping[str, str] = {"positive": "хвалят", "negative": "ругают"}

COMPARED = "1"

LONGEST_PERSON = 200


# --- as an address ----------------------------------------------------------------------------


def address(selection: Selection, path: str = REVIEWS) -> str:
    """Of the page of its reviews. Whose places may be seen is no part of it."""
    asked = [(name, value) for name, value in _asked(selection) if value is not None]
    return f"{path}?{_scope(selection.scope)}{'&' if asked else ''}{urlencode(asked)}"


@lru_cache(maxsize=2_000)
def _scope(scope: Scope) -> str:
    """A page has a thousand numbers of a few scopes."""
    named = (("place", scope.place), ("source", scope.source), ("assignee", scope.assignee))
    return urlencode([*edges(scope.period), *((name, value) for name, value in named if value is not None)])


def _asked(selection: Selection) -> Iterator[tuple[str, str | int | None]]:
    yield "of", None if selection.of is Of.CAME else selection.of.value
    yield from (("fate", fate) for fate in selection.fates)
    yield "stars", selection.stars
    yield "tone", selection.tone
    yield "theme", selection.theme
    yield "theme_tone", selection.theme_tone
    yield "risk", selection.risk
    yield "person", selection.person
    yield "person_tone", selection.person_tone
    yield "outcome", selection.outcome
    yield "timed", selection.timed
    yield "compared", COMPARED if selection.compared else None


def around(selection: Selection) -> str:
    """The address of the overview of the same days, place and site."""
    scope = selection.scope
    named = (("place", scope.place), ("source", scope.source))
    return f"{NUMBERS}?{urlencode([*edges(scope.period), *((name, value) for name, value in named if value)])}"


# --- out of an address --------------------------------------------------------------------------


def read(query: str, known: Known, account: Account, zone: str, now: datetime) -> Selection:
    """Raises UsageError for what is none."""
    asked = given(query)
    of = Of(_one_of(asked, "of", list(Of)) or Of.CAME)
    fates = tuple(dict.fromkeys(value for name, value in pairs(query) if name == "fate" and value))
    if unknown := [fate for fate in fates if fate not in FATES]:
        raise _senseless("fate", unknown[0])
    selection = Selection(
        _read_scope(asked, known, account, zone, now),
        of,
        fates,
        stars=None if (stars := _one_of(asked, "stars", tuple("12345"))) is None else int(stars),
        tone=_one_of(asked, "tone", wording.TONES),
        theme=_one_of(asked, "theme", wording.THEMES),
        theme_tone=_one_of(asked, "theme_tone", wording.TONES),
        risk=_one_of(asked, "risk", wording.RISKS),
        person=asked.get("person", "")[:LONGEST_PERSON] or None,
        person_tone=_one_of(asked, "person_tone", PERSON_TONES),
        outcome=_one_of(asked, "outcome", OUTCOMES[of]),
        timed=_one_of(asked, "timed", TIMED[of]),
        compared=_one_of(asked, "compared", (COMPARED,)) is not None,
    )
    for tone, of_what in ((selection.theme_tone, selection.theme), (selection.person_tone, selection.person)):
        if tone and not of_what:
            raise UsageError("тон выбран, а о чём он — нет. Откройте число на странице «Показатели» заново")
    return selection


def _read_scope(asked: Given, known: Known, account: Account, zone: str, now: datetime) -> Scope:
    assignee = asked.get("assignee")
    return Scope(
        _read_period(asked, zone, now),
        chosen_place(asked, known) or None,
        chosen_source(asked, known) or None,
        None if assignee is None else assignee[:LONGEST_ID],
        account.places,
    )


def _read_period(asked: Given, zone: str, now: datetime) -> Period:
    """Without an end up to now, without a beginning as many days as usual. It may end later than now."""
    until = asked.get("until", "")
    return period_from(asked.get("since", ""), edge(until, zone, last=True) if until else ending(now), zone)


def _one_of(asked: Given, name: str, choices: Iterable[str]) -> str | None:
    """Raises UsageError for what cannot be chosen."""
    value = asked.get(name) or None
    if value is not None and value not in choices:
        raise _senseless(name, value)
    return value


def _senseless(name: str, value: str) -> UsageError:
    shown = wording.one_line(value, 30)
    return UsageError(f"такого отбора нет: {name} = «{shown}». Откройте число на странице «Показатели» заново")


# --- in words -----------------------------------------------------------------------------------


def in_words(selection: Selection, known: Known, now: datetime) -> tuple[str, ...]:
    """`опоздали с ответом`, `«Ромашка» на Ленина`, `1–21 ноября`."""
    scope = selection.scope
    return (
        *_what(selection),
        *([known.places[scope.place]] if scope.place else []),
        *([known.sources[scope.source]] if scope.source else []),
        *_whose(scope, known),
        told(scope.period, now),
    )


def _what(selection: Selection) -> Iterator[str]:
    fates = frozenset(selection.fates)
    if selection.outcome:
        yield OUTCOMES[selection.of][selection.outcome]
    elif selection.of is not Of.CAME or not fates:
        yield MOMENTS[selection.of]
    if fates:
        yield TOGETHER.get(fates) or ", ".join(word for fate, word in FATES.items() if fate in fates)
    if selection.timed:
        yield TIMED[selection.of][selection.timed]
    if selection.stars:
        yield wording.stars(selection.stars)
    if selection.tone:
        yield {"negative": "негативные", "neutral": "нейтральные", "positive": "позитивные"}[selection.tone]
    if selection.theme:
        tone = f" {THEME_TONES[selection.theme_tone]}" if selection.theme_tone else ""
        yield f"тема «{wording.THEMES[selection.theme]}»{tone}"
    if selection.risk:
        yield wording.RISKS[selection.risk]
    if selection.person:
        said = PERSON_TONES.get(selection.person_tone or "", "называют")
        yield f"{said}: {called(*selection.person.partition(':')[::-2])}"
    if selection.compared:
        yield "только там, где есть с чем сравнить"


def called(name: str, job: str) -> str:
    """`Марина, мастер`, `Марина`, `Мастер`."""
    return wording.one_line(f"{name}, {job}" if name and job else capitalised(name or job), LONGEST_ID)


def _whose(scope: Scope, known: Known) -> Iterator[str]:
    if scope.assignee is None:
        return
    name = wording.one_line(known.colleagues.get(scope.assignee, scope.assignee), LONGEST_ID)
    yield f"занимается {name}" if name else "никем не взяты"
