import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import wording
from monitor.alerts import AlarmKind
from monitor.model import Precision, TicketState
from sentiment.types import Intent, Risk, Theme, Tone

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
MOSCOW = "Europe/Moscow"

strangers = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("\x1b[]m0;\x9b\x00\r\n\t\u202e\u2066\u200f\ud800\u0301\u200d …"),
    ),
    max_size=120,
)


def plain(text: str) -> str:
    """With ordinary spaces, as a person would type it."""
    return text.replace(wording.GLUE, " ")


@pytest.mark.parametrize(
    ("count", "word"),
    [(0, "отзывов"), (1, "отзыв"), (2, "отзыва"), (4, "отзыва"), (5, "отзывов"), (11, "отзывов"), (12, "отзывов"),
     (14, "отзывов"), (21, "отзыв"), (22, "отзыва"), (101, "отзыв"), (111, "отзывов"), (112, "отзывов"), (-1, "отзыв")],
)  # fmt: skip
def test_a_number_takes_its_form(count: int, word: str) -> None:
    assert wording.plural(count, "отзыв", "отзыва", "отзывов") == word
    assert wording.counted(count, "отзыв", "отзыва", "отзывов") == f"{count}\u00a0{word}"


@given(st.integers(-(10**9), 10**9))
def test_the_form_depends_on_the_last_two_digits_only(count: int) -> None:
    assert wording.plural(count, "1", "2", "5") == wording.plural(abs(count) % 100, "1", "2", "5")


@pytest.mark.parametrize(
    ("length", "says"),
    [
        (timedelta(), "меньше минуты"),
        (timedelta(seconds=59), "меньше минуты"),
        (timedelta(minutes=42, seconds=59), "42 мин"),
        (timedelta(hours=2), "2 ч"),
        (timedelta(hours=1, minutes=5), "1 ч 5 мин"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 ч 59 мин"),
        (timedelta(days=1), "1 день"),
        (timedelta(days=1, hours=4, minutes=30), "1 день 4 ч"),
        (timedelta(days=3, hours=5), "3 дня"),
        (timedelta(days=31), "31 день"),
        (timedelta(days=400), "400 дней"),
    ],
)
def test_a_duration_is_said_as_people_say_it(length: timedelta, says: str) -> None:
    assert plain(wording.duration(length)) == says


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (timedelta(minutes=42), "осталось 42 мин"),
        (timedelta(minutes=42, seconds=59), "осталось 42 мин"),
        (timedelta(seconds=1), "осталось меньше минуты"),
        (timedelta(days=1), "остался 1 день"),
        (timedelta(days=2, hours=3), "осталось 2 дня 3 ч"),
        (timedelta(days=11), "осталось 11 дней"),
        (timedelta(days=21), "остался 21 день"),
        (timedelta(), "срок только что вышел"),
        (timedelta(seconds=-59), "срок только что вышел"),
        (timedelta(minutes=-1), "просрочено на 1 мин"),
        (timedelta(hours=-2), "просрочено на 2 ч"),
        (timedelta(days=-12, hours=-3), "просрочено на 12 дней"),
    ],
)
def test_time_left_is_said_in_words(left: timedelta, says: str) -> None:
    assert plain(wording.time_left(NOW + left, NOW)) == says


UNITS = {
    **dict.fromkeys(("день", "дня", "дней"), timedelta(days=1)),
    "ч": timedelta(hours=1),
    "мин": timedelta(minutes=1),
}


@pytest.mark.parametrize(
    ("count", "says"),
    [
        (0, "0 Б"),
        (1023, "1023 Б"),
        (1024, "1,0 КБ"),
        (3500, "3,4 КБ"),
        (20 * 1024, "20 КБ"),
        (3 * 1024**2, "3,0 МБ"),
        (5 * 1024**4, "5120 ГБ"),
    ],
)
def test_a_size_is_said_as_people_write_it(count: int, says: str) -> None:
    assert plain(wording.size(count)) == says


def test_everything_that_can_be_wrong_with_reading_has_a_name() -> None:
    assert set(wording.ALARMS) == set(AlarmKind)


@given(st.timedeltas(timedelta(), timedelta(days=1000)))
def test_a_duration_never_says_more_time_than_there_is(length: timedelta) -> None:
    said = timedelta()
    for part in wording.duration(length).split(" ") if length >= timedelta(minutes=1) else []:
        number, unit = part.split(wording.GLUE)
        said += int(number) * UNITS[unit]
    assert timedelta() <= length - said < timedelta(days=1)
    assert length - said < timedelta(minutes=1) or length > timedelta(days=1)


@pytest.mark.parametrize(("count", "says"), [(2, "★★☆☆☆"), (5, "★★★★★"), (0, "☆☆☆☆☆"), (None, "без оценки")])
def test_stars_are_drawn(count: int | None, says: str) -> None:
    assert wording.stars(count) == says


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (datetime(2026, 3, 5, 9, 40, tzinfo=UTC), "сегодня в 12:40"),
        (datetime(2026, 3, 4, 6, 5, tzinfo=UTC), "вчера в 9:05"),
        (datetime(2026, 3, 4, 21, 5, tzinfo=UTC), "сегодня в 0:05"),
        (datetime(2026, 3, 6, 6, 5, tzinfo=UTC), "завтра в 9:05"),
        (datetime(2026, 3, 3, 11, 0, tzinfo=UTC), "3 марта в 14:00"),
        (datetime(2025, 3, 3, 11, 0, tzinfo=UTC), "3 марта 2025 г. в 14:00"),
        (datetime(2025, 12, 31, 22, 0, tzinfo=UTC), "1 января в 1:00"),
    ],
)
def test_a_moment_is_said_in_the_place_s_own_time(at: datetime, says: str) -> None:
    assert plain(wording.moment(at, MOSCOW, NOW)) == says


def test_another_zone_has_another_day() -> None:
    at = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
    assert wording.day(at, MOSCOW, NOW) == "сегодня"
    assert wording.day(at, "Asia/Vladivostok", NOW) == "завтра"


@pytest.mark.parametrize(
    ("precision", "says"),
    [
        (Precision.EXACT, "2 марта в 14:00"),
        (Precision.DAY, "2 марта"),
        (Precision.APPROXIMATE, "около 2 марта"),
        (Precision.UNKNOWN, "дата неизвестна"),
    ],
)
def test_a_review_s_date_is_as_exact_as_its_site(precision: Precision, says: str) -> None:
    at = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    assert plain(wording.posted(at, precision, MOSCOW, NOW)) == says
    assert wording.posted(None, precision, MOSCOW, NOW) == "дата неизвестна"


def test_an_approximate_date_is_never_about_yesterday() -> None:
    at = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
    assert plain(wording.posted(at, "approximate", MOSCOW, NOW)) == "около 4 марта"


@given(
    st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from([MOSCOW, "Asia/Kamchatka", "America/New_York"]),
)
def test_every_moment_names_its_local_minute(at: datetime, zone: str) -> None:
    local = at.astimezone(ZoneInfo(zone))
    assert wording.moment(at, zone, NOW).endswith(f"в\u00a0{local.hour}:{local.minute:02}")


def test_every_id_has_its_russian_name() -> None:
    assert set(wording.STATES) == set(TicketState)
    assert set(wording.TONES) == set(Tone)
    assert set(wording.THEMES) == set(Theme)
    assert set(wording.RISKS) == set(Risk)
    assert set(wording.INTENTS) == set(Intent)
    for table in (wording.STATES, wording.TONES, wording.THEMES, wording.RISKS, wording.INTENTS, wording.QUALITY_OF):
        assert len(set(table.values())) == len(table)


# --- strangers' texts -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Суп\nхолодный", "Суп\nхолодный"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("\x1b[31mкрасный\x1b[0m", "красный"),
        ("\x9b2Jпусто", "пусто"),
        ("\x1b]0;заголовок\x07текст", "]0;заголовоктекст"),
        ("a\x00b\x7fc", "abc"),
        ("\u202eтскет\u202c \u2066x\u2069 \u200f", "тскет x "),
        ("о\u200bт\ufeffзыв", "отзыв"),
        ("a\ud800b", "a\ufffdb"),
        ("{{ 7 * 7 }} <script>", "{{ 7 * 7 }} <script>"),
        ("👨\u200d👩\u200d👧 й и\u0306", "👨\u200d👩\u200d👧 й и\u0306"),
    ],
)
def test_a_stranger_s_text_is_shown_and_never_obeyed(text: str, shown: str) -> None:
    assert wording.visible(text) == shown


@given(strangers)
def test_a_visible_text_holds_nothing_a_terminal_obeys_and_can_be_stored(text: str) -> None:
    shown = wording.visible(text)
    assert not any(unicodedata.category(character) == "Cc" for character in shown.replace("\n", ""))
    assert not set(shown) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    shown.encode()
    assert wording.visible(shown) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Суп  холодный,\n\nждали час", 40, "Суп холодный, ждали час"),
        ("Суп холодный, ждали час", 16, "Суп холодный…"),
        ("Суп холодный, ждали час", 13, "Суп холодный…"),
        ("Отвратительнейший", 10, "Отвратите…"),
        ("короткий", 8, "короткий"),
        ("слово", 1, "…"),
        ("слово", 0, ""),
        ("\x00\u202e", 5, ""),
        ("аааааи\u0306б", 7, "ааааа…"),
    ],
)
def test_one_line_is_cut_at_a_word(text: str, width: int, shown: str) -> None:
    assert wording.one_line(text, width) == shown


@given(strangers, st.integers(1, 60))
def test_one_line_is_one_line_and_fits(text: str, width: int) -> None:
    shown = wording.one_line(text, width)
    assert len(shown) <= width
    assert len(shown.splitlines()) <= 1
    assert shown == " ".join(shown.split())
    assert wording.one_line(shown, width) == shown


def test_a_huge_hostile_text_is_shown_at_once() -> None:
    for piece in ("\x1b[", "\x1b[0", " ", "a\u0301", "\ud800"):
        assert len(wording.one_line(piece * 50_000, 60)) <= 60


def test_quotes_inside_quotes_are_of_another_kind() -> None:
    assert wording.quoted("Сказал  «уже\nнесут»", 60) == "«Сказал „уже несут“»"
    assert wording.quoted("Сказал «уже несут» и ушёл", 20) == "«Сказал „уже несут“…»"
