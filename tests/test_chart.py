"""The picture of a digest: small, the same each time, readable without colours."""

import os
import struct
import subprocess
import sys
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from monitor import charts
from monitor.alerts import Bar
from monitor.charts import daily, style

DAY = timedelta(days=1)
FIRST = date(2026, 10, 25)


def days(*counts: tuple[int, int, int], rate: float | None = 0.8) -> tuple[Bar, ...]:
    return tuple(Bar(FIRST + number * DAY, *count, rate) for number, count in enumerate(counts))


USUAL = days(*((number % 7, number % 3, number // 5) for number in range(14)))


def drawn(bars: tuple[Bar, ...]) -> bytes:
    daily.days.cache_clear()
    return daily.days(bars).png


def test_it_is_a_png_at_twice_the_size_of_a_phones_mail() -> None:
    png = drawn(USUAL)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (800, 600)


def test_the_same_days_give_the_same_bytes_whatever_matplotlib_was_told_elsewhere() -> None:
    before = drawn(USUAL)
    with mpl.rc_context({"font.size": 40, "axes.facecolor": "red", "savefig.dpi": 10}):
        assert drawn(USUAL) == before


def test_a_service_without_a_home_hears_no_warnings(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    program = (
        "from datetime import date; from monitor import log; from monitor.alerts import Bar; "
        "from monitor.charts import days; log.configure(False); "
        "days((Bar(date(2026, 1, 1), 1, 1, 1, 0.5),)).png; "
        "from monitor.charts import Row, Rows, Unit, rows; rows(Rows('x', Unit.COUNT, (Row('x', 1.0),))).svg"
    )
    homeless = {**os.environ, "MPLCONFIGDIR": str(tmp_path / "file")}
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=homeless)
    assert told.stderr == ""


def test_no_program_or_moment_is_named_in_it() -> None:
    png = drawn(USUAL)
    assert b"tEXt" not in png
    assert b"tIME" not in png


def test_a_picture_is_drawn_once_for_all_recipients() -> None:
    assert daily.days(USUAL).png is daily.days(tuple(USUAL)).png


@pytest.mark.parametrize(
    "bars",
    [
        USUAL,
        days((0, 0, 0), rate=None),
        days(*[(0, 0, 0)] * 14, rate=None),
        days(*[(1, 0, 0)] * 13, (999, 999, 999)),
        days(*[(100_000, 50_000, 1)] * 14, rate=1.0),
        tuple(Bar(FIRST + number * DAY, 5, 1, 1, None if number % 2 else 0.0) for number in range(14)),
    ],
)
def test_it_stays_small_whatever_it_shows(bars: tuple[Bar, ...]) -> None:
    assert len(drawn(bars)) < 60_000


@settings(max_examples=5)
@given(st.lists(st.tuples(*[st.integers(0, 300)] * 3), min_size=1, max_size=14), st.none() | st.floats(0, 1))
def test_any_days_can_be_drawn(counts: list[tuple[int, int, int]], rate: float | None) -> None:
    assert len(drawn(days(*counts, rate=rate))) < 60_000


@pytest.mark.parametrize("width", [charts.NARROW, daily.WIDTH, charts.WIDE])
def test_its_titles_begin_at_its_left_edge_however_wide_it_is(width: int) -> None:
    words = {one.text: one for one in ElementTree.fromstring(daily.days(USUAL, width).svg).iter() if one.text}
    titles = [words[title] for title in ("Отвечено за 7 дней, %", "Из них:" if width < 400 else "Из пришедших:")]
    assert [float(title.attrib["x"]) for title in titles] == pytest.approx([daily.TITLE] * 2, abs=0.1)
    assert not any("text-anchor" in title.attrib for title in titles)


def lightness(colour: str) -> float:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_what_the_colours_tell_lightness_tells_too() -> None:
    dark, middle, light = (lightness(colour) for colour in (style.BLUE, style.AMBER, style.GROUND))
    assert middle - dark > 0.25
    assert light - middle > 0.25
    assert lightness(style.INK) < 0.15


def test_it_brings_its_own_light_ground_for_dark_mail_programs() -> None:
    with Image.open(BytesIO(drawn(USUAL))) as picture:
        corners = [picture.convert("RGBA").getpixel(place) for place in ((0, 0), (799, 0), (0, 599), (799, 599))]
    assert corners == [(255, 255, 255, 255)] * 4
