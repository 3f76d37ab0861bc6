"""Dates as sites and files write them: the only module that reads one. Pure.

A date says when and how exactly. What is no date, lies ahead, or lies outside 1990 to 2199 is unknown: nothing here
ever makes up a moment, and no text makes it raise.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from monitor.model import Precision


@dataclass(frozen=True, slots=True)
class Dated:
    """`at` is aware UTC: the moment (exact), the start of the day where the place is (day), the best guess
    (approximate), or None (unknown)."""

    at: datetime | None
    precision: Precision


UNKNOWN = Dated(None, Precision.UNKNOWN)

_EXACTNESS = (Precision.UNKNOWN, Precision.APPROXIMATE, Precision.DAY, Precision.EXACT)
_YEARS = range(1990, 2200)
_SLACK = timedelta(days=1)
"""How far ahead a clock that goes wrong, or a zone taken for another, may put a moment."""

_LONGEST = 120
_YEARS_BACK = 8  # the 29th of February of a year that is not named may be so long ago


def read_date(text: str, *, zone: str, now: datetime) -> Dated:
    """A date in any form our sites, their visitors' eyes and spreadsheets know (`_forms`), read where the place is:
    `zone` is an IANA name, `now` the aware moment at which the text was shown."""
    words = _plain(text)
    for pattern, read in _forms() if words else ():
        found = pattern.fullmatch(words)
        if found:
            try:
                return read(found, _Here.of(zone, now))
            except (ValueError, OverflowError):  # the 31st of February, 25 o'clock, 9999 years ago
                return UNKNOWN
    return UNKNOWN


def read_iso(value: object, *, now: datetime) -> Dated:
    """An ISO 8601 moment with its offset, as programs write it; anything else is unknown."""
    found = _iso().fullmatch(_plain(value)) if isinstance(value, str) else None
    return read_date(found.string, zone="UTC", now=now) if found and found["offset"] else UNKNOWN


def read_unix(value: object, *, now: datetime) -> Dated:
    """Seconds since 1970, as a number or its digits."""
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    found = re.fullmatch(_SECONDS, _plain(text))
    return _moment(datetime.fromtimestamp(float(found.group()), UTC), now) if found else UNKNOWN


LONGEST_WAIT = timedelta(days=1)
"""No Retry-After holds us for longer."""


def read_wait(asked: str, *, now: datetime) -> timedelta | None:
    """How long a Retry-After asks to be left alone: seconds, or until an HTTP date; None where it asks for nothing
    clear."""
    asked = asked.strip()
    if re.fullmatch("[0-9]+", asked):
        return min(timedelta(seconds=int(asked[:9])), LONGEST_WAIT)
    from email.utils import parsedate_to_datetime

    try:
        until = parsedate_to_datetime(asked)
    except (TypeError, ValueError, OverflowError):
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return min(max(until - now, timedelta()), LONGEST_WAIT)


def is_finer(one: Precision, other: Precision) -> bool:
    """Whether the first date tells more than the second."""
    return _EXACTNESS.index(one) > _EXACTNESS.index(other)


# --- what is kept of a date -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Here:
    """Where and when (aware UTC) a date is read; `today` is the day there."""

    zone: tzinfo
    now: datetime
    today: date

    @classmethod
    def of(cls, zone: str, now: datetime) -> "_Here":
        where = ZoneInfo(zone)
        return cls(where, now.astimezone(UTC), now.astimezone(where).date())

    def start(self, day: date) -> datetime:
        """The first moment of a day. Of a midnight that comes twice, or never, the earlier reading."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def _moment(at: datetime, now: datetime) -> Dated:
    if at - now > _SLACK or at.year not in _YEARS:
        return UNKNOWN
    return Dated(min(at, now.astimezone(UTC)), Precision.EXACT)


def _day(day: date, here: _Here) -> Dated:
    if day - here.today > _SLACK:
        return UNKNOWN
    start = here.start(min(day, here.today))
    return Dated(start, Precision.DAY) if start.year in _YEARS else UNKNOWN


def _about(at: datetime, here: _Here) -> Dated:
    return Dated(min(at, here.now), Precision.APPROXIMATE) if at.year in _YEARS else UNKNOWN


# --- words ----------------------------------------------------------------------------------------

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ORNAMENT = (
    "в около примерно почти более дата публикации отзыва изменено изменен изменена отредактировано отредактирован "
    "отредактирована обновлено обновлен опубликовано опубликован добавлено добавлен "
    "on at about almost over date edited updated posted published reviewed "
    "пн вт ср чт пт сб вс понедельник вторник среда четверг пятница суббота воскресенье "
    "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday"
)
_NOISE = frozenset(_ORNAMENT.split())


def _plain(text: str) -> str:
    """The words that may be a date: lower case, one space between them, without ornament; "" where there are too many
    for one."""
    if len(text) > 100 * _LONGEST or len(stripped := text.strip()) > _LONGEST:
        return ""
    seen = _UNSEEN.sub("", stripped).casefold().replace("ё", "е")
    seen = re.sub(r"(?<=:[0-9]{2}),(?=[0-9])", ".", seen)  # the fraction of a second
    seen = re.sub(r"[,;|()«»—–]|:(?![0-9])|(?<=[0-9]{4}) ?г(?:ода|\.)?(?=[\s,;)]|$)", " ", seen)
    return " ".join(word for word in seen.split() if word.rstrip(".") not in _NOISE)


_MONTHS = (
    ("январь", "января", "january"),
    ("февраль", "февраля", "february"),
    ("март", "марта", "march"),
    ("апрель", "апреля", "april"),
    ("май", "мая", "may"),
    ("июнь", "июня", "june"),
    ("июль", "июля", "july"),
    ("август", "августа", "august"),
    ("сентябрь", "сентября", "september"),
    ("октябрь", "октября", "october"),
    ("ноябрь", "ноября", "november"),
    ("декабрь", "декабря", "december"),
)


def _month(name: str) -> int:
    """Of a month's name in any case or cut to three letters or more. Raises ValueError for another word."""
    for number, names in enumerate(_MONTHS, 1):
        if len(name) >= 3 and any(whole.startswith(name) for whole in names):
            return number
    raise ValueError(name)


_DAYS_AGO = {"сегодня": 0, "today": 0, "вчера": 1, "yesterday": 1, "позавчера": 2}
_COUNTS: Mapping[str, float] = {
    **dict.fromkeys(("", "a", "an", "one", "один", "одну"), 1),
    **dict.fromkeys(("полтора", "полторы"), 1.5),
    **dict.fromkeys(("пару", "пара"), 2),
    **dict.fromkeys(("несколько", "a few"), 3),
}
_CALLED: Mapping[str, str] = {
    "second": "с сек секунда секунду секунды секунд s sec secs second seconds",
    "minute": "мин минута минуту минуты минут m min mins minute minutes",
    "hour": "ч час часа часов h hr hrs hour hours",
    "half an hour": "полчаса",
    "day": "д дн день дня дней d day days",
    "week": "н нед неделя неделю недели недель w wk wks week weeks",
    "month": "м мес месяц месяца месяцев mo mos month months",
    "half a year": "полгода",
    "year": "г год года лет y yr yrs year years",
}
_UNITS = {word: unit for unit, words in _CALLED.items() for word in words.split()}
_SHORT = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "half an hour": timedelta(minutes=30),
}
_DAYS = {"day": 1, "week": 7}
_CALENDAR = {"month": 1, "half a year": 6, "year": 12}
_MONTH_DAYS = 30
"""Of a part of a month: «полтора месяца»."""


# --- forms ----------------------------------------------------------------------------------------

_Read = Callable[[re.Match[str], _Here], Dated]

_SECONDS = r"[0-9]{9,10}(?:\.[0-9]{1,9})?"
_TIME = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?(?: ?(?P<offset>z|utc|gmt|msk|мск|(?:utc|gmt)?[+-][0-9]{2}(?::?[0-9]{2})?))?"
)
_NUMBER = r"(?P<day>[0-9]{1,2})(?:-?(?:е|го|st|nd|rd|th))?"
_NAME = r"(?P<name>[а-яa-z]{3,9})\.?"


def _numbers(found: re.Match[str], here: _Here) -> Dated:
    return _written(found, here, int(found["month"]), _year(found["year"]))


def _named(found: re.Match[str], here: _Here) -> Dated:
    month = _month(found["name"])
    if found["year"]:
        return _written(found, here, month, _year(found["year"]))
    for year in range(here.today.year + 1, here.today.year - _YEARS_BACK, -1):
        # Of the coming year only its first day counts, where it has begun a zone further east.
        if int(found["day"]) <= monthrange(year, month)[1]:
            dated = _written(found, here, month, year)
            if dated.at is not None:
                return dated
    return UNKNOWN


def _some_day(found: re.Match[str], here: _Here) -> Dated:
    """A month without its day: the first one stands for it."""
    first = _day(date(int(found["year"]), _month(found["name"]), 1), here)
    return first if first.at is None else Dated(first.at, Precision.APPROXIMATE)


def _year(digits: str) -> int:
    number = int(digits)
    return number if len(digits) > 2 else number + (1900 if number >= 90 else 2000)


def _written(found: re.Match[str], here: _Here, month: int, year: int) -> Dated:
    """A calendar day, with the time of day where one is written; spreadsheets write every bare day with 0:00."""
    day = date(year, month, int(found["day"]))
    groups = found.groupdict()
    if groups["hour"] is None or ("glue" in groups and groups["glue"] == " " and _is_bare_midnight(groups)):
        return _day(day, here)
    return _at_time(day, groups, here)


def _is_bare_midnight(groups: Mapping[str, str | None]) -> bool:
    return groups["offset"] is None and not any(int(groups[part] or 0) for part in ("hour", "minute", "second"))


def _at_time(day: date, groups: Mapping[str, str | None], here: _Here) -> Dated:
    hour = int(groups["hour"] or 0)
    if groups["half"]:
        hour = hour % 12 + 12 * (groups["half"] == "p")
    clock = time(
        hour,
        int(groups["minute"] or 0),
        min(int(groups["second"] or 0), 59),  # a leap second
        int((groups["fraction"] or "")[:6].ljust(6, "0")),
    )
    offset = groups["offset"]
    zone = here.zone if offset is None else _zone(offset)
    return _moment(datetime.combine(day, clock, zone).astimezone(UTC), here.now)


def _zone(offset: str) -> tzinfo:
    if offset in ("msk", "мск"):
        return ZoneInfo("Europe/Moscow")
    digits = re.sub(r"[^0-9]", "", offset).ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if "-" in offset else ahead)


def _near(found: re.Match[str], here: _Here) -> Dated:
    day = here.today - timedelta(days=_DAYS_AGO[found["word"]])
    return _at_time(day, found.groupdict(), here) if found["hour"] else _day(day, here)


def _ago(found: re.Match[str], here: _Here) -> Dated:
    """Of days and more the hour means nothing: the start of that day."""
    said = found["count"] or ""
    count = int(said) if said.isdigit() else _COUNTS[said]
    unit = _UNITS[found["unit"]]
    if unit in _SHORT:
        return _about(here.now - count * _SHORT[unit], here)
    if unit in _DAYS:
        day = here.today - timedelta(days=int(count * _DAYS[unit]))
    else:
        months = count * _CALENDAR[unit]
        year, month = divmod(here.today.year * 12 + here.today.month - 1 - int(months), 12)
        day = date(year, month + 1, min(here.today.day, monthrange(year, month + 1)[1]))
        day -= timedelta(days=int(months % 1 * _MONTH_DAYS))
    return _about(here.start(day), here)


def _just_now(_found: re.Match[str], here: _Here) -> Dated:
    return _about(here.now, here)


def _seconds(found: re.Match[str], here: _Here) -> Dated:
    return read_unix(found.group(), now=here.now)


def _milliseconds(found: re.Match[str], here: _Here) -> Dated:
    return _moment(datetime.fromtimestamp(int(found.group()) / 1000, UTC), here.now)


@cache
def _iso() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<year>[0-9]{{4}})(?P<sep>[-./])(?P<month>[0-9]{{1,2}})(?P=sep)(?P<day>[0-9]{{1,2}})"
        rf"(?:(?P<glue>t| ){_TIME})?"
    )


@cache
def _forms() -> tuple[tuple[re.Pattern[str], _Read], ...]:
    """What a whole text must look like → how it is read. Compiled at the first date: most passes meet none."""
    clock, year = f"(?:(?P<glue> ){_TIME})?", r"(?P<year>[0-9]{4}|[0-9]{2})"
    units = "|".join(_UNITS)
    counts = "|".join(sorted(filter(None, _COUNTS)))
    forms: tuple[tuple[str, _Read], ...] = (
        (rf"(?P<day>[0-9]{{1,2}})(?P<sep>[-./])(?P<month>0?[1-9]|1[0-2])(?P=sep){year}{clock}", _numbers),
        # American, and only where no other reading is possible.
        (rf"(?P<month>0?[1-9]|1[0-2])/(?P<day>1[3-9]|2[0-9]|3[01])/{year}{clock}", _numbers),
        (rf"{_NUMBER}[ .-]*{_NAME}(?:[ .-]?{year})?{clock}", _named),
        (rf"{_NAME} {_NUMBER}(?: {year})?{clock}", _named),
        (rf"{_NAME} (?P<year>[0-9]{{4}})", _some_day),
        (rf"(?P<word>{'|'.join(_DAYS_AGO)})(?: {_TIME})?", _near),
        (rf"(?:(?P<count>[0-9]{{1,4}}|{counts}) ?)?(?P<unit>{units})\.? (?:назад|ago)", _ago),
        ("только что|сейчас|just now|now", _just_now),
        (_SECONDS, _seconds),
        ("[0-9]{12,13}", _milliseconds),
    )
    return ((_iso(), _numbers), *((re.compile(pattern), read) for pattern, read in forms))
