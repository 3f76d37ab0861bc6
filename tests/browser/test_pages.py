"""What holds for every page of the desk: anybody can use it, on anything, and it asks nobody else for anything."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

import pytest

from monitor.desk.pages import ROOMS as EVERY_ROOM
from monitor.invitations import Action
from monitor.model import WAITING_STATES
from tests.browser.axe import grave
from tests.browser.conftest import Open
from tests.browser.shop import NOW, Shop
from tests.browser.window import PHONE, Window

if TYPE_CHECKING:
    from playwright.sync_api import Request

LONG = (
    "Ждали заказ почти час, официант про нас забыл, суп принесли холодный, а администратор ещё и нагрубила при всех "
    "гостях, хотя мы говорили спокойно. Раньше ходили сюда каждую неделю, теперь сто раз подумаем."
)

MOBILE = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def of(author: str, end: str = "") -> Callable[[Shop], str]:
    return lambda shop: f"/t/{shop.of(author).ticket}{end}"


def _confirm(shop: Shop) -> str:
    assert shop.app.invitations is not None
    view = shop.of("Аида Гарипова")
    address = shop.app.invitations.address(Action.TAKE, view, "support@example.ru", shop.clock.now())
    return address.removeprefix(shop.address)


def _setup(shop: Shop) -> str:
    with shop.app.store.write():
        olga = shop.app.store.accounts.of("olga")
        return f"/setup/{shop.app.store.accounts.make_link(olga.id, shop.clock.now())}"


def _measures(shop: Shop) -> str:
    """With one that is judged and one that is not yet."""
    store = shop.app.store
    if not store.measures.held(1):
        with store.write():
            for place, day in (("bauman", date(2026, 11, 6)), (None, date(2026, 11, 19))):
                store.measures.note(
                    "Поставили вторую кассу", "waiting", day, place=place, ticket=None, actor="olga", now=NOW
                )
    return "/numbers/measures"


OPEN: Mapping[str, Callable[[Shop], str]] = {
    "login": lambda shop: "/login",
    "confirm": _confirm,
    "a link that is none": lambda shop: "/a/nothing",
    "setup": _setup,
    "forgotten password": lambda shop: "/forgot",
    "description of the API": lambda shop: "/api",
}

ROOMS: Mapping[str, Callable[[Shop], str]] = {
    "queue": lambda shop: "/queue",
    "filtered queue": lambda shop: "/queue?place=bauman&tone=negative&q=торт",
    "empty queue": lambda shop: "/queue?mine=1",
    "backlog": lambda shop: "/queue?backlog=1",
    "draft": lambda shop: f"/queue/{shop.of('Елена Соболева').ticket}/draft",
    "today": lambda shop: "/today",
    "dangerous ticket": of("Елена Соболева"),
    "edited ticket": of("Лейсан Г."),
    "colleague's ticket": of("Тимур Ахмадеев"),
    "ticket with a gesture": of("Ирина Лобанова"),
    "ticket for Google": of("Дамир Хасанов"),
    "question before publishing": of("Дамир Хасанов", "/publish"),
    "rating without words": of("Ринат"),
    "unanswerable ticket": of("Фарид М."),
    "answered ticket": of("Светлана Ермакова"),
    "dismissed ticket": of("Крипто Заработок"),
    "sources": lambda shop: "/sources",
    "group of the day": lambda shop: "/today?group=answered",
    "outbox": lambda shop: "/outbox",
    "mail": lambda shop: f"/outbox/{shop.app.store.notifications.page(1)[0].id}",
    "me": lambda shop: "/me",
    "people": lambda shop: "/people",
    "programs": lambda shop: "/tokens",
    "somebody": lambda shop: f"/people/{shop.app.store.accounts.of('olga').id}",
    "audit": lambda shop: "/audit",
    "numbers": lambda shop: "/numbers",
    "numbers of a week at a place": lambda shop: "/numbers?days=7&place=bauman",
    "numbers of nothing": lambda shop: "/numbers?since=2020-01-01&until=2020-02-01",
    "places compared": lambda shop: "/numbers/places?sort=-answered",
    "themes": lambda shop: "/numbers/themes?theme=waiting",
    "staff praised and blamed": lambda shop: "/numbers/staff",
    "measures": _measures,
    "reviews behind a number": lambda shop: "/numbers/reviews?fate=waiting&fate=late",
    "settings": lambda shop: "/settings",
    "calendars": lambda shop: "/settings/calendars?place=bauman",
    "calendar": lambda shop: "/settings/calendars/of/office",
    "new calendar": lambda shop: "/settings/calendars/new",
    "notifications": lambda shop: "/settings/notifications",
    "notifications of a place": lambda shop: "/settings/notifications?place=bauman",
    "new person": lambda shop: "/settings/notifications/person",
    "my notifications": lambda shop: "/settings/notifications/mine",
    "phrases": lambda shop: "/settings/phrases",
    "phrases of a theme": lambda shop: "/settings/phrases/themes.waiting",
    "things": lambda shop: "/settings/phrases/topics",
    "a phrase": lambda shop: "/settings/phrases/themes.waiting/phrase?list=praise&number=1",
    "a thing": lambda shop: "/settings/phrases/topics/phrase?list=topics&number=1",
    "phrases as text": lambda shop: "/settings/phrases/thanks/text",
    "no such page": lambda shop: "/nothing",
}

PAGES = {**OPEN, **ROOMS}

Visits = Callable[..., Window]


@pytest.fixture(scope="module")
def keys(quiet_shop: Shop, chromium: object) -> list[object]:
    """Cookies of anna, logged in once for all pages."""
    return []


@pytest.fixture
def visit(quiet_shop: Shop, keys: list[object], open_window: Open) -> Visits:
    """A window on that page, as somebody who is logged in where it takes that."""

    def visiting(name: str, **options: object) -> Window:
        window = open_window(quiet_shop, **options)
        if name in ROOMS:
            if not keys:
                window.log_in()
                keys.extend(window.context.cookies())
            window.context.add_cookies(keys)  # type: ignore[arg-type]  # what cookies() gave
        window.go(PAGES[name](quiet_shop))
        return window

    return visiting


@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_use_every_page(name: str, visit: Visits) -> None:
    window = visit(name)
    page = window.page
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert grave(page) == []
    page.emulate_media(color_scheme="dark")
    assert grave(page, "color-contrast", "link-in-text-block") == []


WIDEST = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 120))"""

SMALL = """() => [...document.querySelectorAll("button, a.button, nav a, summary, select, textarea, .check, input")]
  .filter((one) => !one.matches("[type=hidden], [type=checkbox], [type=radio]"))
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().height < 43.5)
  .map((one) => `${Math.round(one.getBoundingClientRect().height)} px: ${one.outerHTML.slice(0, 120)}`)"""


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_shows_every_page_without_scrolling_sideways_and_with_room_for_thumbs(name: str, visit: Visits) -> None:
    page = visit(name, **MOBILE).page
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], page.evaluate(WIDEST)
    assert page.evaluate(SMALL) == []


@pytest.mark.parametrize("name", ["queue", "today", "sources", "outbox", "audit"])
def test_a_phone_shows_where_one_is_and_all_rooms_of_an_administrator_without_a_script(
    name: str, visit: Visits
) -> None:
    page = visit(name, **MOBILE, java_script_enabled=False).page
    rooms = page.locator(".rooms a")
    assert rooms.count() == len(EVERY_ROOM)
    for room in rooms.all():
        box = room.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize("login", ["anna", "boris", "olga"])
def test_on_a_phone_no_room_stands_in_a_line_alone_and_the_head_scrolls_away(
    login: str, quiet_shop: Shop, open_window: Open
) -> None:
    """Whatever rooms there are for a role: an administrator, an operator, a lead."""
    window = open_window(quiet_shop, **MOBILE)
    page = window.log_in(login)
    lines = Counter(room.bounding_box()["y"] for room in page.locator(".rooms a").all())  # type: ignore[index]  # seen
    assert min(lines.values()) > 1
    page.evaluate("window.scrollTo(0, 600)")
    assert page.evaluate("document.querySelector('header').getBoundingClientRect().bottom") <= 0


def weight(window: Window) -> int:
    """Bytes that travel for the page and everything it needs."""
    weights: dict[str, int] = {}

    def weigh(request: "Request") -> None:
        sizes = request.sizes()
        weights[request.url] = sizes["responseBodySize"] + sizes["responseHeadersSize"]

    window.context.on("requestfinished", weigh)
    window.page.reload()
    window.page.wait_for_load_state("networkidle")
    assert len(weights) >= 3
    return sum(weights.values())


@pytest.mark.parametrize("name", ["queue", "today", "dangerous ticket", "edited ticket", "sources"])
def test_a_page_weighs_less_than_100_kilobytes_with_everything_it_needs(name: str, visit: Visits) -> None:
    assert weight(visit(name)) < 100_000


def test_a_full_page_of_the_queue_does_too(shop: Shop, open_window: Open) -> None:
    card = shop.morning.world.cards()[0]
    for number in range(50):
        shop.morning.world.add(card, text=f"{number}. {LONG}", stars=1, author=f"Гость {number}", posted_at=NOW)
    shop.work()
    window = open_window(shop)
    page = window.log_in()
    assert page.locator(".ticket").count() >= 50
    assert weight(window) < 100_000


def test_what_looks_for_troubles_finds_one(quiet_shop: Shop, open_window: Open) -> None:
    page = open_window(quiet_shop).go("/login")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    page.evaluate("document.querySelector('h1').style.color = '#ddd'")
    assert {trouble.split(": ")[1] for trouble in grave(page)} >= {"button-name", "color-contrast"}


def test_nothing_left_is_told_pleasantly_to_everybody(shop: Shop, open_window: Open) -> None:
    anna = shop.app.actions("anna")
    for view in shop.everything():
        if view.state in WAITING_STATES:
            if view.assignee:
                anna.take(view.ticket, view.assignee)
            anna.dismiss(view.ticket, "other")
    window = open_window(shop)
    page = window.log_in("boris")
    for path, told in (("/queue", "Всё отвечено"), ("/today", "Ничего не осталось")):
        page.goto(path)
        window.expect(page.get_by_role("heading", name=told)).to_be_visible()
        assert grave(page) == []
        page.emulate_media(color_scheme="dark")
        assert grave(page, "color-contrast") == []
