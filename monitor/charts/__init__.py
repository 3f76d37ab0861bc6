"""Pictures of numbers: plain data in, SVG, PNG and words for those who do not see it out.

data → its kind (days, lines, tones, rows, week) → Picture → .svg, .png, .alt

Nothing heavy is imported before the first picture is asked for.
"""

from monitor.charts.bars import Row, Rows, rows
from monitor.charts.course import Lines, Series, lines
from monitor.charts.daily import days
from monitor.charts.hours import Week, week
from monitor.charts.moods import Tones, tones
from monitor.charts.picture import Picture
from monitor.charts.style import NARROW, POLICY, WIDE
from monitor.charts.told import Unit, value

__all__ = [
    "NARROW",
    "POLICY",
    "WIDE",
    "Lines",
    "Picture",
    "Row",
    "Rows",
    "Series",
    "Tones",
    "Unit",
    "Week",
    "days",
    "lines",
    "rows",
    "tones",
    "value",
    "week",
]
