"""What a calendar would do, before it is kept: deadlines of reviews to come, hours that nobody covers, deadlines that
run already."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response

from monitor import calendar, charts, hours, production, promises, wording
from monitor.accounts import Account, Permission
from monitor.assemble import Application
from monitor.assemble.changes import Change, moved, tried
from monitor.calendar import HOUR, build
from monitor.config import Config
from monitor.config_calendar import CalendarSettings
from monitor.config_sla import PROMISES
from monitor.coverage import MONDAY, WEEK, usual
from monitor.desk.context import Desk
from monitor.desk.drawn import drawn
from monitor.desk.page import Page
from monitor.desk.settings import mark, moved_told
from monitor.desk.visit import Visit
from monitor.errors import NotFound, UsageError

MOST_PLACES = 5
"""That a sentence names."""

EVENING = time(19)
FRIDAY = 4

WIDTHS = (charts.WIDE, charts.NARROW)

PICTURE = "/settings/calendars/week.svg"

NO_TIME = "за год по этому календарю не наберётся рабочего времени, чтобы отсчитать срок: добавьте часов"


@dataclass(frozen=True, slots=True)
class Example:
    """A review seen at some moment, and when it would be due, by promise."""

    seen: str
    due: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """When the hour of a negative review can be kept, in a picture and in words."""

    wide: str
    narrow: str
    size: tuple[int, int]
    narrow_size: tuple[int, int]
    alt: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """`mark`: comes back with whoever has seen this. `uses`: which deadlines are counted by it, in words."""

    mark: str
    moved: str
    uses: str
    examples: tuple[Example, ...]
    hours: Hours
    doubts: tuple[str, ...]


def trial(desk: Desk, visit: Visit, name: str, changes: Sequence[Change]) -> Trial:
    """Raises UsageError when it cannot be kept."""
    app = tried(desk.application, changes, actor=visit.account.login, now=visit.now)
    settings = app.config.calendars[name]
    longest = max(getattr(app.config.sla, promise) for promise in PROMISES) * promises.LONGEST
    if calendar.trial(build(settings), visit.now, longest) is not None:
        raise UsageError(NO_TIME)
    return Trial(
        mark=mark(changes),
        moved=moved_told(moved(desk.application, app, visit.now)),
        uses=uses(app, name, visit.account),
        examples=tuple(_examples(app.config, settings, visit.now)),
        hours=told(app, name, visit.now),
        doubts=tuple(_doubts(settings, visit.now)),
    )


# --- who counts by it -----------------------------------------------------------------------------------


COUNTED: Mapping[str, str] = {"negative": "негативных", "other": "остальных", "reopened": "повторно открытых"}
"""Reviews by what they are promised, as deadlines of theirs are named."""


def uses(app: Application, name: str, account: Account) -> str:
    """What follows «по нему считаются»: `все сроки на всех точках`, `сроки негативных отзывов на точке: На Ленина`; ""
    for nothing. Places that the account does not see are not named."""
    seen = [place for place in app.config.places if account.may(Permission.READ, place.id)]
    found: dict[tuple[str, ...], list[str]] = {}
    for key in PROMISES:
        there = tuple(place.title for place in seen if getattr(app.policies.of(place.id), key).roster == name)
        if there:
            found.setdefault(there, []).append(COUNTED[key])
    return "; ".join(
        ("все сроки" if len(counted) == len(PROMISES) else f"сроки {_listed(counted)} отзывов")
        + f" {_where(there, everywhere=len(there) == len(seen) > 1)}"
        for there, counted in found.items()
    )


def _listed(words: Sequence[str]) -> str:
    return " и ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _where(titles: Sequence[str], *, everywhere: bool) -> str:
    if everywhere:
        return "на всех точках"
    shown = ", ".join(wording.one_line(title, 60) for title in titles[:MOST_PLACES])
    more = f" и ещё {len(titles) - MOST_PLACES}" if len(titles) > MOST_PLACES else ""
    return f"на {'точке' if len(titles) == 1 else 'точках'}: {shown}{more}"


def is_used_at(app: Application, name: str, place: str) -> bool:
    policy = app.policies.of(place)
    return any(getattr(policy, key).roster == name for key in PROMISES)


# --- deadlines to come --------------------------------------------------------------------------------------


def _examples(config: Config, settings: CalendarSettings, now: datetime) -> Iterator[Example]:
    zone = ZoneInfo(settings.timezone)
    counted = build(settings)
    lengths = (("negative", config.sla.negative), ("other", config.sla.other))
    for at in (now, _evening(now, zone)):
        due = (
            (f"{promises.NAMES[key]}, {_length(time)}", _moment(counted.after(at, time), zone, now))
            for key, time in lengths
        )
        yield Example(_moment(at, zone, now), tuple(due))


def _evening(now: datetime, zone: ZoneInfo) -> datetime:
    """The next Friday at seven."""
    local = now.astimezone(zone)
    found = datetime.combine(local.date() + timedelta(days=(FRIDAY - local.weekday()) % 7), EVENING, zone)
    return found if found > now else found + timedelta(weeks=1)


def _moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`пн, 23 ноября в 10:00`; today and tomorrow need no weekday."""
    told, day = wording.moment(at, zone.key, now), hours.DAYS[at.astimezone(zone).weekday()]
    return told if told.startswith(("сегодня", "завтра")) else f"{day}, {told}"


def _length(time: timedelta) -> str:
    """`24 ч`, as the promise is spoken of."""
    return f"{time // HOUR}{wording.GLUE}ч" if not time % HOUR else wording.duration(time)


# --- hours of a week --------------------------------------------------------------------------------------


def told(app: Application, name: str, now: datetime) -> Hours:
    target = app.config.sla.negative
    drawn = hours.draw(app.config, name, target, now)
    plain = usual(app.config.calendars[name])
    working = tuple(plain.between(MONDAY + hour * HOUR, MONDAY + (hour + 1) * HOUR) == HOUR for hour in range(WEEK))
    title = f"Срок {wording.duration(target)} без перерыва"
    pictures = [charts.week(charts.Week(title, drawn.week, working), width) for width in WIDTHS]
    address = f"{PICTURE}?covered={_packed(drawn.week)}&working={_packed(working)}&title={title.replace(' ', '+')}"
    return Hours(
        wide=address,
        narrow=f"{address}&narrow=1",
        size=(pictures[0].width, pictures[0].height),
        narrow_size=(pictures[1].width, pictures[1].height),
        alt=pictures[0].alt,
        lines=(
            f"Обычная неделя: {hours.share(drawn.week)} {hours.week_gap(drawn.week)}",
            f"Ближайшие 8 недель с праздниками: {hours.share(drawn.ahead)} {hours.gap_ahead(drawn)}",
        ),
    )


def _packed(held: Sequence[bool]) -> str:
    return f"{int(''.join('1' if one else '0' for one in held), 2):0{WEEK // 4}x}"


def _unpacked(written: str) -> tuple[bool, ...]:
    """Raises NotFound for what `_packed` has not written."""
    if len(written) != WEEK // 4 or not written.isascii() or not written.isalnum():
        raise NotFound("no such week")
    try:
        return tuple(bit == "1" for bit in f"{int(written, 16):0{WEEK}b}")
    except ValueError:
        raise NotFound("no such week") from None


def picture(_desk: Desk, visit: Visit) -> Response:
    """A week whose hours stand in the address: also of a calendar that nobody has kept."""
    held, working = _unpacked(visit.query("covered")), _unpacked(visit.query("working"))
    title = wording.one_line(visit.query("title"), 60)
    return drawn(charts.week(charts.Week(title, held, working), WIDTHS[bool(visit.query("narrow"))]))


def _doubts(settings: CalendarSettings, now: datetime) -> Iterator[str]:
    years = {now.year, (now + timedelta(weeks=8)).year} if settings.base else set()
    for year in sorted(years - production.known_years() if years else ()):
        yield f"Переносы выходных на {year} год ещё не известны: учтены только сами праздники."


PAGES = (Page(PICTURE, picture, Permission.CALENDARS),)
