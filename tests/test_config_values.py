from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import config_values as values


def refusal(parse: Callable[[str], object], written: str) -> str:
    """Why a text is refused; "" when it is taken."""
    try:
        parse(written)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("1m", timedelta(minutes=1)),
        ("1h", timedelta(hours=1)),
        ("2d", timedelta(days=2)),
        ("3w", timedelta(weeks=3)),
        ("24mo", timedelta(days=720)),
        ("1y", timedelta(days=365)),
        ("0s", timedelta()),
        ("500ms", timedelta(milliseconds=500)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(written: str, expected: timedelta) -> None:
    assert values.duration(written) == expected


@pytest.mark.parametrize("written", ["🌿", "🌿✨", "❤️", "☀️🌊", "🇷🇺", "👍🏽", "👩‍🍳", "👨‍👩‍👧🌸", "⭐"])
def test_one_or_two_emoji_are_taken_whatever_they_are_made_of(written: str) -> None:
    assert values.emoji(written) == written


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "а",
        "🌿а",
        "a🌿",
        "7",
        "!",
        "🌿 ✨",
        "🌿✨🌸",
        "👨‍👩‍👧‍👦👨‍👩‍👧",
        "🏽",
        "🇷",
        "\u200d",
        "🌿\u200d",
        "№",
        "🄰",
        ":)",
        "🌿\n",
    ],
)
def test_what_is_no_emoji_or_too_much_of_it_is_refused(written: str) -> None:
    assert "one or two emoji" in refusal(values.emoji, written)


@given(st.text(max_size=12))
def test_no_letter_digit_or_space_passes_for_an_emoji(written: str) -> None:
    if not refusal(values.emoji, written):
        assert len(written) <= values.LONGEST_EMOJI
        assert not any(character.isalnum() or character.isspace() for character in written)


@given(st.integers(0, 30_000), st.sampled_from(sorted(values.UNITS)))
def test_any_number_of_any_unit_is_so_many_times_the_unit(number: int, unit: str) -> None:
    if number * values.UNITS[unit] <= values.LONGEST:
        assert values.duration(f"{number}{unit}") == number * values.UNITS[unit]


@pytest.mark.parametrize("written", ["1", "h", "1.5h", "-1h", "1h30m", "1 hour", "१h", "1H", "9" * 5000 + "s", "101y"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"duration|100 years"):
        values.duration(written)


@given(
    st.text(max_size=60),
    st.sampled_from(
        [
            values.text, values.email, values.duration, values.contact, values.env_name, values.base_url,
            values.timezone, values.day, values.interval, values.weekdays, values.boolean, values.whole(0, 9),
            values.one_of("a", "b"), values.host, values.source_name, values.identifier, values.emoji,
            lambda written: values.moment_or_age(written, UTC),
        ]
    ),
)  # fmt: skip
def test_whatever_stands_there_is_taken_or_refused_in_one_printable_line(
    written: str, parse: Callable[[str], object]
) -> None:
    assert refusal(parse, written).isprintable()


@given(st.dates(date(2000, 1, 1), date(2200, 12, 31)))
def test_every_day_of_two_centuries_is_read(day: date) -> None:
    assert values.day(day.isoformat()) == day
    assert values.moment_or_age(day.isoformat(), UTC) == datetime(day.year, day.month, day.day, tzinfo=UTC)


@given(st.integers(0, 6), st.integers(0, 6))
def test_a_range_of_weekdays_runs_from_first_to_last_round_the_week(first: int, last: int) -> None:
    days = values.weekdays(f"{values.WEEKDAYS[first]}-{values.WEEKDAYS[last]}")
    assert (days[0], days[-1]) == (first, last)
    assert all((one + 1) % 7 == other for one, other in pairwise(days))
    assert len(set(days)) == len(days)


@given(st.integers(0, 1439), st.integers(1, 1440))
def test_every_interval_within_a_day_is_read(start: int, end: int) -> None:
    written = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    if end > start:
        found_start, found_end = values.interval(written)
        assert found_start.hour * 60 + found_start.minute == start
        assert (found_end.hour * 60 + found_end.minute or 1440) == end
    else:
        with pytest.raises(ValueError, match="ends before"):
            values.interval(written)


@pytest.mark.parametrize(
    "written", ["a@example.ru", "a.b+c@sub.example.ru", "root@localhost", "x@xn--e1afmkfd.xn--p1ai"]
)
def test_an_address_is_taken(written: str) -> None:
    assert values.email(written) == written


@pytest.mark.parametrize(
    "written",
    ["a@", "@b.ru", "a b@c.ru", "a@b", "Кафе <a@example.ru>", "a@example.ru\n", "a..b@c.ru", "a@-b.ru", "a,b@c.ru"],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="e-mail"):
        values.email(written)


@pytest.mark.parametrize(
    "name",
    ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "0.0.0.0",
     "::ffff:127.0.0.1", "http://127.0.0.1:8765", "http://[::1]:80/x"],
)  # fmt: skip
def test_this_machine_is_recognised(name: str) -> None:
    assert values.is_loopback(name)


@pytest.mark.parametrize("name", ["example.ru", "8.8.8.8", "https://localhost.example.ru", "notlocalhost"])
def test_other_machines_are_not_this_one(name: str) -> None:
    assert not values.is_loopback(name)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("https://example.ru/", "https://example.ru"), ("http://127.0.0.1:8765", "http://127.0.0.1:8765")],
)
def test_a_base_url_loses_its_last_slash(written: str, expected: str) -> None:
    assert values.base_url(written) == expected


@pytest.mark.parametrize(
    "written",
    ["example.ru", "https://", "http://[::1", "http://a:99999", "https://a.ru?x=1", "https://a b", "http://а.рф"],
)
def test_what_is_no_base_url_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="must"):
        values.base_url(written)


@pytest.mark.parametrize("written", ["example.ru", "https://www.example.ru/menu", "http://кафе.рф"])
def test_a_site_is_a_name_or_an_address(written: str) -> None:
    assert values.site(written) == written


@pytest.mark.parametrize("written", ["", "example", "наш сайт", "ftp://example.ru", "help@example.ru", "https://"])
def test_what_is_no_site_is_refused_with_an_example(written: str) -> None:
    assert "such as example.ru" in refusal(values.site, written)
