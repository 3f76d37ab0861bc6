"""The pictures of the numbers as SVG, each by its name, for the same question as the page that shows it."""

from starlette.responses import Response

from monitor.accounts import Permission
from monitor.charts import NARROW, WIDE, Picture
from monitor.desk import numbers_daily as daily
from monitor.desk import numbers_themes as themes
from monitor.desk.context import Desk
from monitor.desk.drawn import drawn
from monitor.desk.numbers_ask import NUMBERS
from monitor.desk.numbers_pictures import KINDS, Parts
from monitor.desk.numbers_room import Room
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.errors import NotFound


def chart(desk: Desk, visit: Visit) -> Response:
    name, room = str(visit.request.path_params["name"]), Room.of(desk, visit)
    width = NARROW if visit.query("narrow") else WIDE
    return drawn(_drawn(room, name, width))


def _drawn(room: Room, name: str, width: int) -> Picture:
    """Raises NotFound."""
    if name in KINDS:
        figures = room.numbers.series(room.scope, room.visit.now, room.ask.step)[""]
        return KINDS[name].draw(Parts(room.ask.step, figures), width)
    if name == daily.NAME:
        return daily.drawn(daily.cohorts(room), width)
    if name == "themes":
        return themes.blamed(themes.find(room), width)
    if name == "theme" and (theme := themes.chosen(room)):
        return themes.told(room, theme, themes.of_parts(room, themes.parts(room), theme), width)
    raise NotFound("no such picture")


PAGES = (Page(f"{NUMBERS}/chart/{{name}}.svg", chart, Permission.NUMBERS),)
