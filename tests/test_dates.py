"""Dates of every form: what is read, how exactly, and what is never made up."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.dates import UNKNOWN, Dated, is_finer, read_date, read_iso, read_unix, read_wait
from monitor.model import Precision
from monitor.wording import MONTHS

NOW = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)  # 22:00 in Moscow
MOSCOW = "Europe/Moscow"
DAY = timedelta(days=1)
PRECISIONS = (Precision.UNKNOWN, Precision.APPROXIMATE, Precision.DAY, Precision.EXACT)


def read(text: str, *, zone: str = MOSCOW, now: datetime = NOW) -> Dated:
    return read_date(text, zone=zone, now=now)


def in_moscow(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=ZoneInfo(MOSCOW)).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2021-03-02T10:47:32.807Z", datetime(2021, 3, 2, 10, 47, 32, 807000, UTC)),
        ("2022-06-10T15:13:49.0+07:00", datetime(2022, 6, 10, 8, 13, 49, tzinfo=UTC)),
        ("2022-06-10T15:13:49.91129+07:00", datetime(2022, 6, 10, 8, 13, 49, 911290, UTC)),
        ("2022-06-10T15:13:49.123456789Z", datetime(2022, 6, 10, 15, 13, 49, 123456, UTC)),
        ("2018-05-05T22:13:18+02:00", datetime(2018, 5, 5, 20, 13, 18, tzinfo=UTC)),
        ("2022-06-10T15:13:49-0330", datetime(2022, 6, 10, 18, 43, 49, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2022-06-10T15:13:49", in_moscow(2022, 6, 10, 15, 13, 49)),
        ("2022-06-10T00:00:00", in_moscow(2022, 6, 10)),
        ("2022-06-10 15:13", in_moscow(2022, 6, 10, 15, 13)),
        ("2022-06-10 15:13:49,5", in_moscow(2022, 6, 10, 15, 13, 49) + timedelta(seconds=0.5)),
        ("1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("1700000000.5", datetime(2023, 11, 14, 22, 13, 20, 500000, UTC)),
        ("1700000000123", datetime(2023, 11, 14, 22, 13, 20, 123000, UTC)),
        ("12.01.2026 10:45", in_moscow(2026, 1, 12, 10, 45)),
        ("12.01.2026, 10:45:03", in_moscow(2026, 1, 12, 10, 45, 3)),
        ("15 марта 2024, 14:05", in_moscow(2024, 3, 15, 14, 5)),
        ("15 марта 2024 г. в 14:05", in_moscow(2024, 3, 15, 14, 5)),
        ("15 марта в 14:05", in_moscow(2026, 3, 15, 14, 5)),
        ("вчера в 14:05", in_moscow(2026, 11, 20, 14, 5)),
        ("Сегодня, 9:05", in_moscow(2026, 11, 21, 9, 5)),
        ("Mar 15, 2024, 2:05 PM", in_moscow(2024, 3, 15, 14, 5)),
        ("March 15, 2024 at 12:05 a.m.", in_moscow(2024, 3, 15, 0, 5)),
        ("Fri, 15 Mar 2024 14:05:00 +0300", in_moscow(2024, 3, 15, 14, 5)),
        ("Fri, 15 Mar 2024 11:05:00 GMT", in_moscow(2024, 3, 15, 14, 5)),
        ("Fri, 15 Mar 2024 14:05:00 MSK", in_moscow(2024, 3, 15, 14, 5)),
        ("15 марта 2012 г., 14:05 (МСК)", datetime(2012, 3, 15, 10, 5, tzinfo=UTC)),
    ],
)
def test_a_moment_is_exact(text: str, at: datetime) -> None:
    assert read(text) == Dated(at, Precision.EXACT)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("28 апр 2022", (2022, 4, 28)),
        ("18 мая 2018", (2018, 5, 18)),
        ("1 Января 2026 г.", (2026, 1, 1)),
        ("1 сент. 2024 года", (2024, 9, 1)),
        ("12.01.2026", (2026, 1, 12)),
        ("Дата публикации отзыва: 12.01.2026", (2026, 1, 12)),
        ("24.02.2022г.", (2022, 2, 24)),
        ("1.2.26", (2026, 2, 1)),
        ("2022-06-10", (2022, 6, 10)),
        ("2024/03/15", (2024, 3, 15)),
        ("5 июл 2012", (2012, 7, 5)),  # Moscow stood at +04:00 then
        ("14 июля 2021, отредактирован", (2021, 7, 14)),
        ("15 марта", (2026, 3, 15)),
        ("21\u00a0ноября", (2026, 11, 21)),
        ("15 декабря", (2025, 12, 15)),
        ("29 февраля", (2024, 2, 29)),
        ("сегодня", (2026, 11, 21)),
        ("Вчера", (2026, 11, 20)),
        ("позавчера", (2026, 11, 19)),
        ("yesterday", (2026, 11, 20)),
        ("March 15th, 2024", (2024, 3, 15)),
        ("15 March 2024", (2024, 3, 15)),
        ("15-мар-24", (2024, 3, 15)),
        ("15.мар.2024", (2024, 3, 15)),
        ("15.03.2024 0:00:00", (2024, 3, 15)),
        ("2024-03-15 00:00:00", (2024, 3, 15)),
        ("3/25/2024", (2024, 3, 25)),
        ("5/4/2024", (2024, 4, 5)),
        ("\u200e15.\u200e03.\u200e2024", (2024, 3, 15)),
    ],
)
def test_a_day_is_its_start_where_the_place_is(text: str, day: tuple[int, int, int]) -> None:
    assert read(text) == Dated(in_moscow(*day), Precision.DAY)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("изменено 2 недели назад", in_moscow(2026, 11, 7)),
        ("2 weeks ago", in_moscow(2026, 11, 7)),
        ("неделю назад", in_moscow(2026, 11, 14)),
        ("пару дней назад", in_moscow(2026, 11, 19)),
        ("a few days ago", in_moscow(2026, 11, 18)),
        ("3 дн. назад", in_moscow(2026, 11, 18)),
        ("месяц назад", in_moscow(2026, 10, 21)),
        ("9 месяцев назад", in_moscow(2026, 2, 21)),
        ("полгода назад", in_moscow(2026, 5, 21)),
        ("полтора года назад", in_moscow(2025, 5, 21)),
        ("полтора месяца назад", in_moscow(2026, 10, 6)),
        ("полторы недели назад", in_moscow(2026, 11, 11)),
        ("полтора часа назад", NOW - timedelta(minutes=90)),
        ("пару недель назад", in_moscow(2026, 11, 7)),
        ("пара лет назад", in_moscow(2024, 11, 21)),
        ("несколько дней назад", in_moscow(2026, 11, 18)),
        ("год назад", in_moscow(2025, 11, 21)),
        ("5 лет назад", in_moscow(2021, 11, 21)),
        ("Edited a year ago", in_moscow(2025, 11, 21)),
        ("5 мин. назад", NOW - timedelta(minutes=5)),
        ("полчаса назад", NOW - timedelta(minutes=30)),
        ("24 часа назад", NOW - DAY),
        ("только что", NOW),
    ],
)
def test_an_age_is_an_estimate(text: str, at: datetime) -> None:
    assert read(text) == Dated(at, Precision.APPROXIMATE)


@pytest.mark.parametrize("text", ["март 2025", "Марта 2025 г.", "март, 2025 года", "March 2025", "мар. 2025"])
def test_a_month_without_a_day_is_about_its_first(text: str) -> None:
    assert read(text) == Dated(in_moscow(2025, 3, 1), Precision.APPROXIMATE)


@pytest.mark.parametrize("text", ["январь 2027", "декабрь 2026", "март 1812", "лето 2025", "Хорошо 2025"])
def test_a_month_that_has_not_come_or_is_none_is_no_date(text: str) -> None:
    assert read(text) == UNKNOWN


def test_months_are_counted_by_the_calendar() -> None:
    march = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert read("месяц назад", now=march).at == in_moscow(2026, 2, 28)
    assert read("13 месяцев назад", now=march).at == in_moscow(2025, 2, 28)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "когда-то",
        "31 фев 2024",
        "12 кот 2026",
        "12 майка 2026",
        "12.13.2026",
        "00.01.2026",
        "1.1.9999",
        "12.01.0026",
        "01.01.1970",
        "31.12.1989",
        "0001-01-01T00:00:00+07:00",
        "9999-12-31T23:59:59-07:00",
        "2022-06-10T25:00:00Z",
        "2022-06-10T15:13:49+99:00",
        "9999 лет назад",
        "через 2 дня",
        "2 недели",
        "1",
        "2024",
        "4.5",
        "45366",
        "+7 843 000-00-00",
        "ждали 2 недели назад",
        "٣١.١٢.٢٠٢٤",
        "12.01.2026 и ещё много слов",
        "12.01.2026" * 20_000,
        " " * 100_000 + "12.01.2026",
    ],
)
def test_what_is_no_date_is_unknown_and_not_today(text: str) -> None:
    assert read(text) == UNKNOWN


def test_a_day_follows_the_place_not_moscow() -> None:
    assert read("12.01.2026", zone="Asia/Vladivostok").at == datetime(2026, 1, 11, 14, tzinfo=UTC)
    assert read("12.01.2026", zone="Europe/Kaliningrad").at == datetime(2026, 1, 11, 22, tzinfo=UTC)
    assert read("2026-01-12T10:00:00", zone="Asia/Vladivostok").at == datetime(2026, 1, 12, 0, tzinfo=UTC)
    late = datetime(2026, 11, 21, 16, tzinfo=UTC)  # already the 22nd in Vladivostok
    assert read("сегодня", zone="Asia/Vladivostok", now=late).at == datetime(2026, 11, 21, 14, tzinfo=UTC)
    assert read("вчера в 14:05", zone="Asia/Vladivostok", now=late).at == datetime(2026, 11, 21, 4, 5, tzinfo=UTC)


def test_a_date_without_a_year_is_the_latest_that_has_come() -> None:
    assert read("22 ноября").at == in_moscow(2026, 11, 21), "tomorrow elsewhere is today here"
    assert read("23 ноября").at == in_moscow(2025, 11, 23)
    eve = datetime(2026, 12, 31, 12, tzinfo=UTC)
    assert read("1 января", now=eve).at == in_moscow(2026, 12, 31)
    assert read("2 января", now=eve).at == in_moscow(2026, 1, 2)


def test_a_little_ahead_is_a_clock_that_goes_wrong_and_more_is_no_date() -> None:
    assert read("2026-11-22T18:00:00Z") == Dated(NOW, Precision.EXACT)
    assert read("сегодня в 23:59") == Dated(NOW, Precision.EXACT)
    assert read("2026-11-22T19:00:01Z") == UNKNOWN
    assert read("22.11.2026") == Dated(in_moscow(2026, 11, 21), Precision.DAY)
    assert read("23.11.2026") == UNKNOWN


@pytest.mark.parametrize("hour", ["01:30", "02:30"])
@pytest.mark.parametrize("day", ["29.03.2026", "25.10.2026"])
def test_an_hour_that_never_comes_or_comes_twice_is_read(day: str, hour: str) -> None:
    assert read(f"{day} {hour}", zone="Europe/Berlin").precision is Precision.EXACT


def test_a_midnight_that_never_comes_begins_with_the_first_moment_of_its_day() -> None:
    assert read("04.11.2018", zone="America/Sao_Paulo").at == datetime(2018, 11, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    ["2022-06-10T15:13:49", "2022-06-10", "вчера", "12.01.2026", "1700000000", "", None, 1700000000, True, ["2022"]],
)
def test_a_programs_moment_needs_its_offset(value: object) -> None:
    assert read_iso(value, now=NOW) == UNKNOWN


def test_seconds_are_read_as_a_number_and_as_digits() -> None:
    moment = Dated(datetime(2026, 1, 13, 10, 26, 40, tzinfo=UTC), Precision.EXACT)
    assert read_unix(1768300000, now=NOW) == read_unix("1768300000", now=NOW) == moment
    assert read_unix(1768300000.0, now=NOW) == moment
    for none in ("", "x", "1768300000000", None, True, float("nan"), float("inf"), -1, 10**30, 0):
        assert read_unix(none, now=NOW) == UNKNOWN


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (" 120 ", timedelta(seconds=120)),
        ("0", timedelta()),
        ("99999999999999999999", DAY),
        ("Sat, 21 Nov 2026 19:05:00 GMT", timedelta(minutes=5)),
        ("Sat, 21 Nov 2026 22:05:00 +0300", timedelta(minutes=5)),
        ("Sat, 21 Nov 2026 18:00:00 GMT", timedelta()),
        ("Fri, 31 Dec 9999 23:59:59 -0500", DAY),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("²", None),
        ("9" * 100_000, DAY),
    ],
)
def test_a_wait_is_seconds_or_until_a_date_and_never_more_than_a_day(asked: str, wait: timedelta | None) -> None:
    assert read_wait(asked, now=NOW) == wait


@given(st.text(max_size=40))
def test_whatever_a_site_asks_nobody_waits_longer_than_a_day(asked: str) -> None:
    wait = read_wait(asked, now=NOW)
    assert wait is None or timedelta() <= wait <= DAY


def test_precisions_stand_in_order() -> None:
    assert [[is_finer(one, other) for other in PRECISIONS] for one in PRECISIONS] == [
        [False, False, False, False],
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
    ]


zones = st.sampled_from([MOSCOW, "Asia/Kamchatka", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "UTC"])
moments = st.datetimes(datetime(1991, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))
pieces = st.sampled_from(
    [*"0123456789.:-+/ TZ", "15", "31", "2024", "0:00", "марта", "мая", "фев", "дек", "вчера", "сегодня", "назад",
     "недели", "лет", "год", "в", "ago", "weeks", "March", "PM", "г.", "٣", "\u0000", "\ud800", "\u202e"]
)  # fmt: skip
texts = st.lists(pieces, max_size=8).map("".join) | st.lists(pieces, max_size=8).map(" ".join)


@given(text=texts | st.text(alphabet=st.characters(exclude_categories=())), zone=zones, now=moments)
@example(text="Ё" * 100_000, zone=MOSCOW, now=NOW)
@example(text="9" * 100_000, zone=MOSCOW, now=NOW)
@example(text="1 " * 60, zone=MOSCOW, now=NOW)
@example(text="31.12.2199 23:59", zone="Pacific/Apia", now=datetime(2199, 12, 30, tzinfo=UTC))
def test_any_text_is_a_past_moment_of_a_sane_year_or_unknown(text: str, zone: str, now: datetime) -> None:
    dated = read(text, zone=zone, now=now)
    assert dated == read(text, zone=zone, now=now)
    assert (dated.at is None) == (dated.precision is Precision.UNKNOWN)
    if dated.at is not None:
        assert dated.at.tzinfo is UTC
        assert dated.at <= now
        assert 1990 <= dated.at.year <= 2199


@given(
    at=st.datetimes(datetime(1990, 1, 2), datetime(2026, 11, 21), timezones=st.just(UTC)),
    hours=st.integers(-12, 14),
    digits=st.integers(0, 9),
)
def test_a_moment_with_an_offset_comes_back_whatever_the_offset(at: datetime, hours: int, digits: int) -> None:
    local = at + timedelta(hours=hours)
    fraction = f".{local.microsecond:06}000"[: digits + 1] if digits else ""
    text = f"{local:%Y-%m-%dT%H:%M:%S}{fraction}{hours:+03}:00"
    kept = at.microsecond // 10 ** max(6 - digits, 0) * 10 ** max(6 - digits, 0) if digits else 0
    assert read(text) == Dated(at.replace(microsecond=kept), Precision.EXACT)


@given(day=st.dates(date(1990, 1, 2), date(2026, 11, 20)), zone=zones)
def test_a_day_reads_the_same_however_it_is_written(day: date, zone: str) -> None:
    written = [
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%Y-%m-%d}",
        f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        f"{day.day} {MONTHS[day.month - 1][:3]} {day.year} г.",
        f"{day:%d.%m.%Y} 0:00",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day:02}-{MONTHS[day.month - 1][:3]}-{day.year % 100:02}",
    ]
    found = {read(text, zone=zone) for text in written}
    (only,) = found
    assert only.precision is Precision.DAY
    assert only.at is not None
    assert only.at.astimezone(ZoneInfo(zone)).date() == day


@given(now=moments, zone=zones, days=st.integers(0, 300))
def test_a_day_without_its_year_is_found_again_for_most_of_a_year(now: datetime, zone: str, days: int) -> None:
    today = now.astimezone(ZoneInfo(zone)).date()
    day = today - timedelta(days=days)
    if day == date(2011, 12, 30) and zone == "Pacific/Apia":
        return  # Samoa left it out
    dated = read(f"{day.day} {MONTHS[day.month - 1]}", zone=zone, now=now)
    assert dated.at is not None
    assert dated.at.astimezone(ZoneInfo(zone)).date() == day


@given(now=moments, zone=zones, count=st.integers(1, 40), unit=st.sampled_from(["дней", "недель", "месяцев"]))
def test_the_older_an_age_the_earlier_its_moment(now: datetime, zone: str, count: int, unit: str) -> None:
    older, newer = (read(f"{number} {unit} назад", zone=zone, now=now).at for number in (count + 1, count))
    assert newer is None or older is None or older < newer
