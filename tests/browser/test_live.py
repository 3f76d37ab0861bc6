"""News come by themselves, and nobody loses their place over it."""

import re
from typing import TYPE_CHECKING

import pytest

from monitor.desk import views
from monitor.model import WAITING_STATES, TicketState
from tests.browser.conftest import Open
from tests.browser.shop import Shop
from tests.browser.window import FRAME

if TYPE_CHECKING:
    from playwright.sync_api import Page

NEW = "Официант облил меня супом и даже не извинился, ужасное обслуживание!"

SHIFTS = """
window.shifts = [];
const note = (entries) => {
  for (const entry of entries)
    window.shifts.push([entry.value, ...entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 100) ?? "text")]);
};
const watching = new PerformanceObserver((list) => note(list.getEntries()));
watching.observe({ type: "layout-shift", buffered: true });
window.shifted = () => {
  note(watching.takeRecords());
  return window.shifts.splice(0);
};
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


def shifted(page: "Page") -> list[object]:
    """What has moved since it was asked last, up to what is drawn now."""
    for _ in range(2):
        page.evaluate(FRAME)
    found: list[object] = page.evaluate("window.shifted()")
    return found


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
    shifted(page)
    before = page.evaluate(PLACE)

    shop.arrive(NEW, 1, "Полина")
    poll(page)
    offer = page.get_by_role("button", name="Новых отзывов: 1")
    window.expect(offer).to_be_visible()
    assert page.evaluate(PLACE) == before
    assert shifted(page) == []
    offer.click()
    window.expect(page.locator(f"#t{shop.of('Полина').ticket}")).to_contain_text("облил меня супом")
    shifted(page)
    page.evaluate("() => { scrollTo(0, 0); document.querySelector('main').prepend(document.createElement('hr')); }")
    assert shifted(page), "whoever looks for shifts sees them"


def test_what_a_colleague_does_is_seen_and_moves_nothing(shop: Shop, open_window: Open) -> None:
    window = open_window(shop)
    page = window.page
    page.clock.install()
    page.add_init_script(SHIFTS)
    window.log_in("anna")
    page.keyboard.press("j")
    shifted(page)
    before = page.evaluate(PLACE)

    shop.app.actions("boris").take(shop.of("Олег").ticket)
    shop.app.actions("boris").dismiss(shop.of("Владимир П.").ticket, "duplicate")
    poll(page)
    window.expect(page.locator(f"#t{shop.of('Олег').ticket} .hand")).to_have_text("Борис")
    window.expect(page.locator(f"#t{shop.of('Владимир П.').ticket}")).to_contain_text("уже не в этом списке")
    assert page.evaluate(PLACE) == before
    assert shifted(page) == []


def test_what_new_ones_push_to_the_next_page_is_not_said_to_have_left(
    shop: Shop, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 4)
    window = open_window(shop)
    page = window.page
    page.clock.install()
    window.log_in("boris")
    last = page.locator(".ticket").last
    window.expect(last).to_have_id(re.compile(r"t\d+"))
    pushed = last.get_attribute("id")
    shop.arrive(NEW, 1, "Полина")
    shop.arrive("После вашего салата рвало всю ночь, отравление!", 1, "Инга")
    poll(page)
    offer = page.get_by_role("button", name="показать")
    window.expect(offer).to_be_visible()
    window.expect(page.locator(f"#{pushed}")).not_to_contain_text("уже не")
    window.expect(page.locator(".gone")).to_have_count(0)
    offer.click()
    window.expect(page.locator(f"#{pushed}")).to_have_count(0)


def test_what_left_and_came_back_is_offered_again(shop: Shop, open_window: Open) -> None:
    ticket = shop.of("Владимир П.").ticket
    window = open_window(shop)
    page = window.page
    page.clock.install()
    window.log_in("anna")
    shop.app.actions("boris").dismiss(ticket, "duplicate")
    poll(page)
    window.expect(page.locator(f"#t{ticket}.gone")).to_be_visible()
    shop.app.actions("boris").reopen(ticket)
    poll(page)
    page.get_by_role("button", name="показать").click()
    window.expect(page.locator(f"#t{ticket}:not(.gone)")).to_be_visible()


@pytest.mark.parametrize("path", ["/queue", "/today"])
def test_the_first_of_a_day_comes_by_itself_where_nothing_was_left(path: str, shop: Shop, open_window: Open) -> None:
    window = open_window(shop)
    page = window.page
    page.clock.install()
    window.log_in("boris", path)
    anna = shop.app.actions("anna")
    for view in shop.everything():
        if view.state in (*WAITING_STATES, TicketState.UNANSWERABLE):
            if view.assignee:
                anna.take(view.ticket, view.assignee)
            anna.dismiss(view.ticket, "other")
        elif view.state in (TicketState.SUBMITTED, TicketState.ANSWERED):
            with shop.app.store.write():  # long ago
                shop.app.store._db.update("ticket", view.ticket, {"closed_at": "2026-01-01T00:00:00.000000Z"})
    poll(page)
    page.get_by_role("button", name="показать").click()
    window.expect(page.locator("#empty")).to_be_visible()
    shop.arrive(NEW, 1, "Полина")
    poll(page)
    window.expect(page.locator(f"#t{shop.of('Полина').ticket}")).to_contain_text("облил меня супом")
    window.expect(page.locator("#empty")).to_have_count(0)
    window.expect(page.locator("#news")).not_to_contain_text("Нет связи")


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


LOST = """
const ask = window.fetch;
window.fetch = async (address, options) => {
  const answer = await ask(address, options);
  if (options?.method === "POST") throw new DOMException("too late", "TimeoutError");
  return answer;
};
"""


def test_where_the_answer_was_lost_nothing_is_claimed_and_the_list_tells_what_was_done(
    shop: Shop, open_window: Open
) -> None:
    window = open_window(shop)
    page = window.page
    page.add_init_script(LOST)
    window.log_in("anna")
    row = page.locator(f"#t{shop.of('Олег').ticket}")
    row.locator("button.take").click()
    window.expect(page.locator("#toast")).to_have_text(
        "Сервер не ответил. Сделано ли это, покажет список: обновляем его."
    )
    window.expect(row.locator(".hand")).to_have_text("Вы")
