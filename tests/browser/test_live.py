"""News come by themselves, and nobody loses their place over it."""

import re
from typing import TYPE_CHECKING

from tests.browser.conftest import Open
from tests.browser.shop import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Page

NEW = "Официант облил меня супом и даже не извинился, ужасное обслуживание!"

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    window.shifts.push([entry.value, ...entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 100) ?? "text")]);
}).observe({ type: "layout-shift", buffered: true });
"""

PLACE = """() => {
  const at = (row) => [row.id, Math.round(row.getBoundingClientRect().top)];
  const focus = document.activeElement.closest(".ticket")?.id;
  return { top: scrollY, focus, rows: [...document.querySelectorAll(".ticket")].map(at) };
}"""


def poll(page: "Page") -> None:
    """Half a minute goes by, and with it a question of the script's."""
    with page.expect_response(re.compile(r"/(queue|today|t/\d+)")):
        page.clock.fast_forward("00:40")
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))")


def test_a_new_review_moves_nothing_until_it_is_asked_for(shop: Shop, open_window: Open) -> None:
    window = open_window(shop)
    page = window.page
    page.clock.install()
    page.add_init_script(SHIFTS)
    window.log_in("boris")
    for _ in range(8):
        page.keyboard.press("j")
    page.mouse.wheel(0, 150)
    page.wait_for_function("() => scrollY > 100")
    before = page.evaluate(PLACE)
    page.evaluate("window.shifts.length = 0")

    shop.arrive(NEW, 1, "Полина")
    poll(page)
    offer = page.get_by_role("button", name="Новых отзывов: 1")
    window.expect(offer).to_be_visible()
    assert page.evaluate(PLACE) == before
    assert page.evaluate("window.shifts") == []
    offer.click()
    window.expect(page.locator(f"#t{shop.of('Полина').ticket}")).to_contain_text("облил меня супом")
    page.evaluate("() => { scrollTo(0, 0); document.querySelector('main').prepend(document.createElement('hr')); }")
    page.wait_for_function("() => window.shifts.length > 0")  # whoever looks for shifts does see them


def test_what_a_colleague_does_is_seen_and_moves_nothing(shop: Shop, open_window: Open) -> None:
    window = open_window(shop)
    page = window.page
    page.clock.install()
    page.add_init_script(SHIFTS)
    window.log_in("anna")
    page.keyboard.press("j")
    before = page.evaluate(PLACE)
    page.evaluate("window.shifts.length = 0")

    shop.app.actions("boris").take(shop.of("Олег").ticket)
    shop.app.actions("boris").dismiss(shop.of("Владимир П.").ticket, "duplicate")
    poll(page)
    window.expect(page.locator(f"#t{shop.of('Олег').ticket} .hand")).to_have_text("Борис")
    window.expect(page.locator(f"#t{shop.of('Владимир П.').ticket}")).to_contain_text("уже не в очереди")
    assert page.evaluate(PLACE) == before
    assert page.evaluate("window.shifts") == []


def test_time_left_counts_down_by_the_server_s_clock(shop: Shop, open_window: Open) -> None:
    window = open_window(shop, timezone_id="America/Lima")
    page = window.page
    page.clock.install(time="2001-01-01T00:00:00Z")  # whatever the machine believes
    window.log_in("boris")
    left = page.locator(f"#t{shop.of('Елена Соболева').ticket} [data-due]")
    window.expect(left).to_have_text("осталось 43 мин")
    page.clock.fast_forward("12:30")
    window.expect(left).to_have_text("осталось 30 мин")
    page.clock.fast_forward("30:40")
    window.expect(left).to_have_text("срок только что вышел")
    page.clock.fast_forward("05:00")
    window.expect(left).to_have_text("просрочено на 5 мин")


def test_an_open_ticket_tells_that_a_colleague_took_it(shop: Shop, open_window: Open) -> None:
    ticket = shop.of("Олег").ticket
    window = open_window(shop)
    page = window.page
    page.clock.install()
    page.add_init_script(SHIFTS)
    window.log_in("anna", f"/t/{ticket}")
    page.get_by_label("Ответ на отзыв").fill("Олег, здравствуйте. Разбираемся.")
    shop.app.actions("boris").take(ticket)
    poll(page)
    window.expect(page.get_by_text("Занимается Борис").first).to_be_visible()
    window.expect(page.get_by_label("Ответ на отзыв")).to_have_value("Олег, здравствуйте. Разбираемся.")


def test_a_session_that_ended_is_told_and_nothing_typed_is_lost(shop: Shop, open_window: Open) -> None:
    window = open_window(shop)
    page = window.page
    page.clock.install()
    window.log_in("anna", f"/t/{shop.of('Олег').ticket}")
    page.get_by_label("Ответ на отзыв").fill("Олег, здравствуйте. Разбираемся.")
    with shop.app.store.write():
        shop.app.store.sessions.end_all(shop.app.store.accounts.of("anna").id)
    poll(page)
    window.expect(page.get_by_text("Сеанс закончился")).to_be_visible()
    window.expect(page.get_by_label("Ответ на отзыв")).to_have_value("Олег, здравствуйте. Разбираемся.")
