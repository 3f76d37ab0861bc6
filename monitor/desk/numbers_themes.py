"""What guests speak of: every theme with its complaints and its praise, against what is usual, week by week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from starlette.responses import Response

from monitor import charts, wording
from monitor.accounts import Permission
from monitor.charts import Picture, Tones, Unit
from monitor.charts.told import UNKNOWN
from monitor.desk.context import Desk
from monitor.desk.numbers_ask import days, given
from monitor.desk.numbers_cells import Grid, Head, Row, Words, bars
from monitor.desk.numbers_pictures import figure
from monitor.desk.numbers_room import THEMES, Room
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.notify.render import capitalised
from monitor.numbers import BASELINE, CERTAIN, Mentions, Step, Trend, chance

HEADS = (
    Head("Жалоб", ("жалоб",), "negative"),
    Head("Было", ("жалоб за такой же срок до этого",), "was", "за такой же срок до этого"),
    Head("", ()),
    Head("Чаще обычного?", ("жалуются",), "trend", "чаще или реже, чем бывает само собой", words=True),
    Head("Похвал", ("похвал",), "positive"),
    Head("Без оценки", ("без оценки",), "neutral", "о теме говорят, но не хвалят и не жалуются"),
)
"""The third one is of small bars: days or weeks."""

NAMES = tuple(head.name for head in HEADS if head.name)

WEEKS = (Head("Жалоб", ("жалоб",)), Head("Похвал", ("похвал",)), Head("Без оценки", ("без оценки",)))

NONE = Mentions()

DAYS_UP_TO = timedelta(days=15)
"""Periods longer than that show weeks beside a theme."""

EMPTY = "За эти дни ни в одном отзыве нет ни жалоб, ни похвал, которые мы умеем различать."

MOST_DRAWN = 8
"""Themes of the picture."""


@dataclass(frozen=True, slots=True)
class Found:
    """Mentions of each theme in the period, in each of its parts, in the period before, None where nobody watched then;
    the trends by theme, None where it is too early for any."""

    whole: Mapping[str, Mentions]
    parts: Mapping[str, Sequence[Mentions]]
    before: Mapping[str, Mentions] | None

    def was(self, theme: str) -> int | None:
        """How many complained of it in the period before."""
        return None if self.before is None else self.before.get(theme, NONE).negative

    trends: Mapping[str, Trend] | None


def themes(desk: Desk, visit: Visit) -> Response:
    room = Room.of(desk, visit)
    sort = room.sorted_by(NAMES)
    found = find(room)
    theme = chosen(room)
    mentions = of_parts(room, found.parts, theme)
    closer = weeks(room, theme, mentions) if theme else None
    picture = [figure(room, "theme", partial(told, room, theme, mentions), closer, theme=theme)] if theme else []
    return room.show(
        "numbers_themes",
        grid=_grid(room, found).sorted(sort or "negative"),
        figures=[figure(room, "themes", partial(blamed, found), None)],
        theme=theme,
        closer=closer,
        closer_figures=picture,
        sort=sort or "negative",
        ways=room.ways(NAMES, sort or "negative"),
        too_early=found.trends is None,
    )


def chosen(room: Room) -> str:
    """The theme that is looked at more closely; "" for none."""
    theme = given(room.visit.request.url.query).get("theme", "")
    return theme if theme in wording.THEMES else ""


def grid(room: Room) -> Grid:
    """Every theme that somebody speaks of, the most blamed first."""
    return _grid(room, find(room)).sorted(room.sorted_by(NAMES) or "negative")


def of_theme(room: Room) -> Grid:
    theme = chosen(room) or next(iter(wording.THEMES))
    return weeks(room, theme, of_parts(room, parts(room), theme))


def parts(room: Room) -> Mapping[str, Sequence[Mentions]]:
    """Of each day or week."""
    return room.numbers.themes(room.scope, step(room))


def of_parts(room: Room, found: Mapping[str, Sequence[Mentions]], theme: str) -> Sequence[Mentions]:
    """Of a theme that nobody speaks of, too."""
    return found.get(theme) or [NONE] * len(room.ask.period.buckets(step(room)))


def step(room: Room) -> Step:
    """Of small bars a few say more than many."""
    return Step.DAY if room.ask.period.length <= DAYS_UP_TO else Step.WEEK


def find(room: Room) -> Found:
    numbers, scope = room.numbers, room.scope
    earlier = replace(scope, period=scope.period.before())
    with numbers.at_once():
        trends = numbers.trends(scope)
        whole = _whole(numbers.themes(scope))
        before = _whole(numbers.themes(earlier)) if numbers.watched(earlier) else None
        return Found(whole, parts(room), before, None if trends is None else {trend.theme: trend for trend in trends})


def _whole(found: Mapping[str, Sequence[Mentions]]) -> Mapping[str, Mentions]:
    return {theme: mentions[0] for theme, mentions in found.items()}


def _grid(room: Room, found: Found) -> Grid:
    name = "По дням" if step(room) is Step.DAY else "По неделям"
    heads = tuple(replace(head, title=head.title or name) for head in HEADS)
    there = (found.whole, found.before or {})
    spoken = [theme for theme in wording.THEMES if any(_any(told.get(theme)) for told in there)]
    return Grid("themes", "Темы", "Тема", heads, tuple(_row(room, theme, found) for theme in spoken), EMPTY)


def _any(mentions: Mentions | None) -> bool:
    return mentions is not None and mentions != NONE


def _row(room: Room, theme: str, found: Found) -> Row:
    linked, mentions = room.linked, found.whole.get(theme, NONE)
    earlier, was = linked.within(room.ask.period.before()), found.was(theme)
    parts = [each.negative for each in found.parts.get(theme, ())]
    return Row(
        Words(capitalised(wording.THEMES[theme]), room.ask.address(THEMES, theme=theme) + "#theme"),
        (
            linked.themed(mentions.negative, theme, "negative"),
            Words(UNKNOWN) if was is None else earlier.themed(was, theme, "negative"),
            bars(parts, f"жалобы: {', '.join(map(str, parts))}"),
            _course(found.trends, theme),
            linked.themed(mentions.positive, theme, "positive"),
            linked.themed(mentions.neutral, theme, "neutral"),
        ),
    )


def _course(trends: Mapping[str, Trend] | None, theme: str) -> Words:
    """How often it is complained of, against what is usual. Sorted by how certain a rise is."""
    if trends is None:
        return Words(wording.NOTHING)
    trend = trends.get(theme) or Trend(theme, 0, 0.0, 1.0)
    return Words(course(trend), order=-trend.chance)


def course(trend: Trend) -> str:
    """`чаще обычного`: by the same test whichever way it goes, seen from the periods before."""
    before = round(trend.before * BASELINE)
    if trend.rises:
        return "чаще обычного"
    if chance(before, trend.count, 1 / BASELINE) <= CERTAIN:
        return "реже обычного"
    return "как обычно" if trend.count or before else wording.NOTHING


def weeks(room: Room, theme: str, parts: Sequence[Mentions]) -> Grid:
    """One theme in each day or week."""
    rows = tuple(
        Row(
            Words(room.told(period)),
            tuple(
                room.linked.within(period).themed(getattr(mentions, tone), theme, tone)
                for tone in ("negative", "positive", "neutral")
            ),
        )
        for period, mentions in zip(room.ask.period.buckets(step(room)), parts, strict=True)
    )
    first = "День" if step(room) is Step.DAY else "Неделя"
    return Grid("theme", capitalised(wording.THEMES[theme]), first, WEEKS, rows, EMPTY)


# --- as pictures ----------------------------------------------------------------------------------


def blamed(found: Found, width: int) -> Picture:
    """The themes that are complained of most, now and before."""
    most = sorted(found.whole, key=lambda theme: (-found.whole[theme].negative, theme))[:MOST_DRAWN]
    rows = tuple(
        charts.Row(
            capitalised(wording.THEMES.get(theme, theme)),
            found.whole[theme].negative,
            found.was(theme),
        )
        for theme in most
        if found.whole[theme].negative
    )
    return charts.rows(charts.Rows("На что жалуются", Unit.COUNT, rows), width)


def told(room: Room, theme: str, mentions: Sequence[Mentions], width: int) -> Picture:
    """One theme, part by part of the period."""
    spans = [days(period) for period in room.ask.period.buckets(step(room))]
    counts = (tuple(getattr(each, tone) for each in mentions) for tone in wording.TONES)
    first = tuple(begin for begin, _ in spans)
    return charts.tones(
        Tones(capitalised(wording.THEMES[theme]), first, step(room), *counts, until=spans[-1][1]), width
    )


PAGES = (Page(THEMES, themes, Permission.NUMBERS),)
