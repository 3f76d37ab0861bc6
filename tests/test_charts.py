"""Pictures of numbers: what they say in words, the same each time, safe whatever a place is called, readable without
colours and in the dark."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import charts
from monitor.charts import NARROW, WIDE, Lines, Picture, Row, Rows, Series, Tones, Unit, Week, letters, style
from monitor.charts.course import apart
from monitor.charts.hours import KINDS
from monitor.charts.moods import FILLS
from monitor.charts.paper import Fill
from monitor.charts.scales import marks, scale
from monitor.numbers import Step

MONDAY = date(2026, 8, 31)
WEEK = timedelta(days=7)

HOSTILE = (
    "Кафе $\\frac{1}{2}$ у моста",
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    ' style="fill:red" x=\'',
    "&amp; <b>&lt;</b> ]]> <!-- --> <?php ?>",
    "Пицца 🍕👩‍👩‍👧‍👦 新しい店 مطعم",
    "Ю" * 500,
    "строка\nвторая\x00\x1b[31m\u202eперевёрнуто\ufffe\uffff",
    "",
    "{braces} %s %(x)s \\",
)


def weeks(count: int) -> tuple[date, ...]:
    return tuple(MONDAY + number * WEEK for number in range(count))


def stars(*values: float | None, name: str = "оценка", title: str = "Средняя оценка") -> Lines:
    return Lines(title, weeks(len(values)), Step.WEEK, Unit.STARS, (Series(name, values),))


TIMES = Lines(
    "Время ответа",
    weeks(12),
    Step.WEEK,
    Unit.TIME,
    (
        Series("обычно", tuple(600.0 + 120 * number for number in range(12))),
        Series("девять из десяти", tuple(4000.0 * (1 + number) for number in range(12))),
    ),
    target=3600.0,
    aim="срок",
)
SIX = Lines(
    "Средняя оценка по точкам",
    weeks(8),
    Step.WEEK,
    Unit.STARS,
    tuple(Series(f"Точка {place}", tuple(4 + 0.05 * place + 0.02 * week for week in range(8))) for place in range(6)),
)
MOODS = Tones("Тон", weeks(3), Step.WEEK, (4, 2, 1), (1, 1, 1), (5, 7, 8))
PLACES = Rows("Отвечено", Unit.SHARE, (Row("Ленина", 0.98), Row("Мира", 0.61), Row("Парк", None)))
PAIRS = Rows("Жалобы", Unit.SHARE, (Row("Ожидание", 0.09, 0.18), Row("Персонал", 0.12, 0.1)))
OFFICE = tuple(day < 5 and 9 <= hour < 18 for day in range(7) for hour in range(24))
HOURS = Week("Обычная неделя", tuple(day < 5 and 8 <= hour < 18 for day in range(7) for hour in range(24)), OFFICE)

ALL: tuple[tuple[Callable[..., Picture], Any], ...] = (
    (charts.lines, stars(4.1, 4.5, None, 4.7)),
    (charts.lines, TIMES),
    (charts.lines, SIX),
    (charts.tones, MOODS),
    (charts.rows, PLACES),
    (charts.rows, PAIRS),
    (charts.week, HOURS),
)
EACH = pytest.mark.parametrize(("draw", "data"), ALL, ids=[f"{draw.__name__}-{data.title}" for draw, data in ALL])


def told(picture: Picture) -> str:
    return picture.alt.replace("\u00a0", " ")


def texts(svg: bytes) -> list[str]:
    """Everything that is written on it. Raises when it is no XML."""
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def tags(svg: bytes) -> set[str]:
    return {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}


# --- in words -------------------------------------------------------------------------------------


def test_a_line_tells_where_it_begins_and_ends_its_extremes_and_its_course() -> None:
    picture = charts.lines(stars(4.1, 4.0, 4.2, 4.5, 4.7, 4.6))
    assert told(picture) == (
        "Средняя оценка по неделям, 31 августа — 11 октября: сначала 4,1, в конце 4,6, "
        "выше всего 4,7 (28 сентября), ниже всего 4 (7 сентября), растёт."
    )


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ((4.0, 4.0, 4.5, 4.5), "растёт"),
        ((4.5, 4.5, 4.0, 4.0), "снижается"),
        ((4.5, 4.5, 3.0, 4.5, 4.52, 4.5), "почти не меняется"),
        ((4.0, None, 4.0, None, 4.6, 4.6), "растёт"),
    ],
)
def test_the_course_is_that_of_the_ends(values: tuple[float | None, ...], word: str) -> None:
    assert word in charts.lines(stars(*values)).alt


def test_three_values_have_no_course() -> None:
    assert not re.search("растёт|снижается|не меняется", charts.lines(stars(3.0, 4.0, 5.0)).alt)


def test_one_value_is_told_with_its_day_and_several_lines_each_with_its_name() -> None:
    assert told(charts.lines(stars(4.25))).endswith(": 4,2 (31 августа).")
    assert "обычно: с 10 мин до 32 мин, растёт; девять из десяти: с 1 ч 6 мин до" in told(charts.lines(TIMES))
    assert told(charts.lines(TIMES)).endswith("Срок: 1 ч.")


def test_tones_tell_how_many_of_each_and_how_the_share_of_complaints_goes() -> None:
    assert told(charts.tones(MOODS)) == (
        "Тон по неделям, 31 августа — 20 сентября: негативных 7 (23 %), нейтральных 3 (10 %), позитивных 20 (67 %). "
        "Доля негативных: сначала 40 %, в конце 10 %, больше всего 40 % (31 августа), "
        "меньше всего 10 % (14 сентября)."
    )


def test_bars_tell_each_value_and_of_many_the_extremes() -> None:
    assert told(charts.rows(PLACES)) == "Отвечено. Ленина: 98 %; Мира: 61 %; Парк: нет данных."
    assert told(charts.rows(PAIRS)) == "Жалобы. Ожидание: было 18 %, стало 9 %; Персонал: было 10 %, стало 12 %."
    many = Rows("Отвечено", Unit.SHARE, tuple(Row(f"Точка {place}", place / 20) for place in range(20)))
    assert "Больше всего 95 % (Точка 19), меньше всего 0 % (Точка 0)." in told(charts.rows(many))
    assert "и ещё 14" in told(charts.rows(many))


def test_a_week_tells_how_many_hours_nobody_covers_and_the_longest_gap() -> None:
    assert told(charts.week(HOURS)) == (
        "Обычная неделя. Рабочих часов 45 из 168. Срок может выйти раньше, чем кто-то начнёт работать: "
        "таких часов 118 из 168. Дольше всего подряд 62 ч: пт 18:00 — пн 8:00."
    )
    always = charts.week(Week("Неделя", (True,) * 168))
    assert told(always) == "Неделя. В любой час недели кто-то начнёт работать до срока."
    assert "168 из 168" in told(charts.week(Week("Неделя", (False,) * 168)))


@pytest.mark.parametrize(
    ("draw", "data"),
    [
        (charts.lines, stars()),
        (charts.lines, stars(None, None)),
        (charts.tones, Tones("Тон", (), Step.DAY, (), (), ())),
        (charts.tones, Tones("Тон", weeks(2), Step.WEEK, (0, 0), (0, 0), (0, 0))),
        (charts.rows, Rows("Отвечено", Unit.SHARE, ())),
        (charts.rows, Rows("Отвечено", Unit.SHARE, (Row("Ленина", None),))),
    ],
)
def test_where_there_is_nothing_yet_the_picture_says_so(draw: Callable[..., Picture], data: Any) -> None:
    picture = draw(data)
    assert "пока нечего показать" in picture.alt
    assert "Пока нечего показать" in texts(picture.svg)
    assert picture.png.startswith(b"\x89PNG")


@EACH
def test_what_is_read_aloud_is_short_and_one_line(draw: Callable[..., Picture], data: Any) -> None:
    assert len(draw(data).alt) <= 400
    assert "\n" not in draw(data).alt


def test_data_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 6"):
        charts.lines(Lines("Много", weeks(1), Step.WEEK, Unit.STARS, (Series("x", (4.0,)),) * 7))
    with pytest.raises(ValueError, match="for each day"):
        charts.lines(Lines("Мало", weeks(2), Step.WEEK, Unit.STARS, (Series("x", (4.0,)),)))
    with pytest.raises(ValueError, match="for each day"):
        charts.tones(Tones("Тон", weeks(2), Step.WEEK, (1,), (1, 1), (1, 1)))
    with pytest.raises(ValueError, match="168"):
        charts.week(Week("Неделя", (True,) * 24))


# --- the same each time -----------------------------------------------------------------------------


@EACH
def test_the_same_data_give_the_same_bytes(draw: Any, data: Any) -> None:
    before = draw(data).svg, draw(data, NARROW).svg, draw(data).png
    draw.cache_clear()
    assert (draw(data).svg, draw(data, NARROW).svg, draw(data).png) == before


def test_another_process_draws_the_same() -> None:
    program = (
        "import sys; from tests.test_charts import ALL; "
        "sys.stdout.buffer.write(b''.join(draw(data).svg for draw, data in ALL))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert found.stdout == b"".join(draw(data).svg for draw, data in ALL)


def test_a_picture_is_drawn_once_and_not_before_somebody_looks() -> None:
    program = (
        "import sys; from tests.test_charts import *; p = charts.lines(TIMES); p.alt, p.width, p.height;"
        "print('matplotlib' in sys.modules, end=' '); p.svg; print('matplotlib' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert found.stdout.split() == ["False", "True"]
    assert charts.lines(TIMES) is charts.lines(TIMES)
    assert charts.lines(TIMES).svg is charts.lines(TIMES).svg


def test_threads_that_draw_at_once_do_not_disturb_each_other() -> None:
    alone = [draw(data).svg for draw, data in ALL]
    for draw, _ in ALL:
        draw.cache_clear()  # type: ignore[attr-defined]  # each is an lru_cache
    letters.width.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda one: one[0](one[1]).svg, ALL * 3))
    assert found == alone * 3


@EACH
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_pictures_are_small_and_name_no_program_and_no_moment(
    draw: Callable[..., Picture], data: Any, width: int
) -> None:
    svg = draw(data, width).svg
    assert len(svg) < 40_000
    assert not re.search(rb"atplotlib|metadata|<!DOCTYPE|20\d\d-\d\d-\d\dT", svg)


def test_a_year_of_days_is_small_too() -> None:
    days = tuple(date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    line = Lines("Год", days, Step.DAY, Unit.STARS, (Series("x", tuple(4 + (n * 7 % 13) / 20 for n in range(365))),))
    bars = Tones("Год", days, Step.DAY, (3,) * 365, (2,) * 365, tuple(n % 50 for n in range(365)))
    for width in (WIDE, NARROW):
        assert len(charts.lines(line, width).svg) < 40_000
        assert len(charts.tones(bars, width).svg) < 40_000
    assert "по неделям" in charts.tones(bars).alt


@EACH
def test_drawing_is_quick(draw: Any, data: Any) -> None:
    _ = draw(data).svg
    draw.cache_clear()
    began = time.process_time()
    _ = draw(data).svg
    assert time.process_time() - began < 0.15


# --- whatever a place is called ----------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_is_drawn_as_it_stands_and_never_as_anything_else(name: str) -> None:
    two = (Series(name, (4.0, 4.5)), Series("x", (4.0, None)))
    lines = Lines(name, weeks(2), Step.WEEK, Unit.STARS, two, target=4.2, aim=name, since=MONDAY + WEEK, change=name)
    rows = Rows(name, Unit.COUNT, (Row(name, 3, 4),), now=name, was=name)
    plain = Rows("x", Unit.COUNT, (Row("x", 3, 4),))
    for picture in (
        charts.lines(lines),
        charts.lines(lines, NARROW),
        charts.rows(rows, NARROW),
        charts.tones(Tones(name, weeks(1), Step.WEEK, (1,), (1,), (1,))),
        charts.week(Week(name, (True,) * 168)),
    ):
        assert tags(picture.svg) <= {"svg", "style", "path", "text", "g", "use", "defs", "pattern", "rect"}
        assert not re.search(rb" on\w+=| style=|href=\"(?!#)|javascript", re.sub(rb">[^<]*<", b"><", picture.svg))
    assert charts.lines(lines).png.startswith(b"\x89PNG")
    assert tags(charts.rows(rows).svg) == tags(charts.rows(plain).svg)


def test_dollars_brackets_and_letters_of_any_script_stay_what_they_are() -> None:
    for name in ("Кафе $x^2$ у моста", "<b>Парк</b> & сад", "Пицца 🍕 新しい"):
        assert name in texts(charts.rows(Rows("x", Unit.COUNT, (Row(name, 3),))).svg)


def test_a_long_name_is_cut_and_leaves_room_for_the_bars() -> None:
    picture = charts.rows(Rows("x", Unit.COUNT, (Row("Очень длинное имя " * 20, 3),)))
    (name,) = [text for text in texts(picture.svg) if text.startswith("Очень")]
    assert name.endswith("…")
    assert len(name) < 60


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60), st.lists(st.none() | st.floats(1, 5), min_size=1, max_size=20))
def test_any_name_and_any_values_can_be_drawn(name: str, values: list[float | None]) -> None:
    picture = charts.lines(stars(*values, name=name, title=name))
    assert tags(picture.svg)
    assert not re.search("[\x00-\x1f\x7f-\x9f]", picture.alt)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(Unit), st.lists(st.floats(0, 1e8), min_size=1, max_size=8), st.sampled_from([WIDE, NARROW]))
def test_any_lengths_and_counts_can_be_drawn(unit: Unit, values: list[float], width: int) -> None:
    line = Lines("x", weeks(len(values)), Step.WEEK, unit, (Series("x", tuple(values)),))
    bars = Rows("x", unit, tuple(Row("x", value, value / 2) for value in values))
    assert tags(charts.lines(line, width).svg)
    assert tags(charts.rows(bars, width).svg)


# --- gaps and single values ----------------------------------------------------------------------------


def lines_of(svg: bytes) -> list[int]:
    """Of the lines in the colour of the first series: how many points each has."""
    paths = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}path")
    return [
        len(re.findall("[ML]", path.get("d", "")))
        for path in paths
        if path.get("stroke") == style.BLUE and path.get("fill") == "none"
    ]


def markers(svg: bytes) -> int:
    return len(list(ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}use")))


def test_a_line_has_a_gap_where_nothing_was_counted() -> None:
    assert lines_of(charts.lines(stars(4.0, 4.1, None, 4.2, 4.3, 4.4)).svg) == [2, 3]


def test_a_lonely_value_is_a_marker_and_no_line() -> None:
    assert lines_of(charts.lines(stars(4.0)).svg) == []
    assert markers(charts.lines(stars(4.0)).svg) == 1
    assert lines_of(charts.lines(stars(4.0, 4.1, None, 4.2)).svg) == [2]
    assert markers(charts.lines(stars(4.0, 4.1, None, 4.2)).svg) == 3


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_line_has_a_marker_where_it_begins_and_where_it_ends(width: int) -> None:
    """Whatever days lie between those that are marked."""
    days = tuple(MONDAY + timedelta(days=number) for number in range(28))
    values = (*[None] * 25, 4.0, 3.0, 2.7)
    svg = charts.lines(Lines("Средняя оценка", days, Step.DAY, Unit.STARS, (Series("оценка", values),)), width).svg
    heights = [float(found) for found in re.findall(rb'<use [^>]*y="([\d.]+)"', svg)]
    assert len(heights) >= 2
    assert heights[0] < heights[-1]
    path = re.findall(rb'<path d="M ([\d.]+) ([\d.]+)[^"]*" fill="none" stroke="#1a4f8b"', svg)
    assert min(heights) == float(path[0][1])


@pytest.mark.parametrize("share", [0.0, 0.05, 0.77, 1.0])
def test_a_name_that_its_picture_was_made_wide_for_is_not_cut(share: float) -> None:
    both = (Series("отвечено", (0.5, share)), Series("в срок", (0.4, share)))
    svg = charts.lines(Lines("Отвечено и в срок", weeks(2), Step.WEEK, Unit.SHARE, both)).svg.decode()
    assert "…" not in svg
    assert ">отвечено<" in svg


def test_whoever_measures_words_disturbs_nobody_who_draws() -> None:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    letters.width("раньше", style.SIZE)
    drawing = get_font(findfont(FontProperties(family=letters.FAMILY)))
    drawing.set_size(100, 72)
    drawing.set_text("Атмосфера", 0.0)
    wide = drawing.get_width_height()
    letters.width.cache_clear()
    letters.width("14", style.SMALL)
    assert drawing.get_width_height() == wide


def test_no_place_without_a_value_has_a_bar() -> None:
    svg = charts.rows(PLACES).svg
    bars = [
        p for p in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}path") if p.get("fill") == style.BLUE
    ]
    assert len(bars) == 2
    assert "—" in texts(svg)


# --- without colours, in the dark, on a phone ------------------------------------------------------------


def lightness(colour: str) -> float:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("fills", [FILLS, tuple(fill for fill, _ in KINDS)], ids=["tones", "hours"])
def test_fills_are_told_apart_by_lightness_or_hatching(fills: tuple[Fill, ...], dark: bool) -> None:
    for first, second in combinations(fills, 2):
        if bool(first.hatch) == bool(second.hatch):
            light = [lightness(style.DARK[fill.colour] if dark else fill.colour) for fill in (first, second)]
            assert abs(light[0] - light[1]) > 0.2


def test_lines_are_told_apart_by_dashes_and_markers() -> None:
    assert len({stroke.dashes for stroke in style.STROKES}) == len(style.STROKES)
    assert len({(stroke.marker, stroke.hollow) for stroke in style.STROKES}) == len(style.STROKES)
    for stroke in style.STROKES:
        assert lightness(stroke.colour) < 0.45  # on white
        assert lightness(style.DARK[stroke.colour]) > 0.5


@EACH
def test_every_colour_has_another_one_for_the_dark(draw: Callable[..., Picture], data: Any) -> None:
    body = draw(data).svg.decode().partition("</style>")[2]
    colours = set(re.findall(r'(?:fill|stroke)="(#\w+)"', body))
    assert colours <= style.DARK.keys()
    assert f"<style>{style.SHEET}</style>".encode() in draw(data).svg


@EACH
def test_no_words_leave_the_picture_or_lie_over_each_other(draw: Callable[..., Picture], data: Any) -> None:
    for width in (WIDE, NARROW):
        picture = draw(data, width)
        placed = [
            box(element) for element in ElementTree.fromstring(picture.svg).iter("{http://www.w3.org/2000/svg}text")
        ]
        for left, right, top, bottom, text in placed:
            assert left >= -1, text
            assert right <= width + 1, text
            assert 0 <= top < bottom <= picture.height + 1, text
        for first, second in combinations([one for one in placed if one[4]], 2):
            across = min(first[1], second[1]) - max(first[0], second[0])
            down = min(first[3], second[3]) - max(first[2], second[2])
            assert across < 1 or down < 2, (first, second)


def box(element: Any) -> tuple[float, float, float, float, str]:
    """Where letters stand, about: left, right, above, below."""
    size, x, y = (float(element.get(name)) for name in ("font-size", "x", "y"))
    text = element.text or ""
    wide = letters.width(text, size, bool(element.get("font-weight"))) / letters.SLACK
    left = x - wide * {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", ""), 0.0)
    return left, left + wide, y - size * 0.75, y + size * 0.2, text


def test_a_phone_gets_a_narrow_picture_with_the_names_above() -> None:
    wide, narrow = charts.lines(SIX), charts.lines(SIX, NARROW)
    assert (wide.width, narrow.width) == (WIDE, NARROW)
    assert narrow.height > wide.height
    assert f'viewBox="0 0 {NARROW} {narrow.height}"'.encode() in narrow.svg
    days = [text for text in texts(charts.lines(TIMES, NARROW).svg) if text.isdecimal()]
    assert 2 < len(days) < len(TIMES.days)


# --- what stands beside the values --------------------------------------------------------------------------


@given(st.sampled_from(Unit), st.lists(st.floats(0, 1e7), min_size=1, max_size=6))
def test_a_scale_has_room_for_all_values_and_few_words(unit: Unit, values: list[float]) -> None:
    if unit is Unit.STARS:
        values = [1 + value % 4 for value in values]
    elif unit in (Unit.SHARE, Unit.FINE_SHARE):
        values = [value % 1 for value in values]
    found = scale(unit, values)
    assert 2 <= len(found.ticks) <= 7
    assert found.high >= max(values)
    assert [words for _, words in found.ticks] == list(dict.fromkeys(words for _, words in found.ticks))
    heights = [found.at(value) for value, _ in found.ticks]
    assert heights == sorted(heights)
    assert all(0 <= found.at(value) <= 1 for value in values)


def test_lengths_of_very_different_size_stand_on_a_logarithmic_scale() -> None:
    assert scale(Unit.TIME, [300, 90_000]).logarithmic
    assert not scale(Unit.TIME, [1200, 3600]).logarithmic


@given(st.integers(1, 800), st.sampled_from([1, 7]), st.integers(200, 700))
def test_days_below_a_picture_have_room(count: int, step: int, room: int) -> None:
    days = tuple(MONDAY + timedelta(days=step * number) for number in range(count))
    found = [mark.index for mark in marks(days, room)]
    gaps = [(second - first) * room / count for first, second in pairwise(found)]
    assert all(gap > 25 for gap in gaps)
    assert found or (days[-1] - days[0]).days > 100


@given(st.lists(st.floats(0, 200), max_size=7))
def test_names_at_the_ends_of_lines_never_touch(heights: list[float]) -> None:
    placed = apart(sorted(heights), 17, 0, 200)
    assert all(second - first >= 17 - 1e-6 for first, second in pairwise(placed))
    assert all(0 - 1e-6 <= height <= 200 + 1e-6 for height in placed)
