"""An owner changes the hours of her team, and her own holidays, in a real browser."""

from typing import TYPE_CHECKING

import pytest

from monitor.accounts import Role
from tests.browser.axe import grave
from tests.browser.conftest import Open
from tests.browser.shop import Shop
from tests.browser.test_pages import WIDEST
from tests.browser.window import PHONE, Window

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def owner(shop: Shop, open_window: Open) -> Window:
    """Olga, who owns the place: deadlines are counted by the calendar `office`."""
    store = shop.app.store
    with store.write():
        store.accounts.set_role(store.accounts.of("olga").id, Role.OWNER)
        for promise in ("negative", "other"):
            store.settings.put("sla_calendar", promise, '"office"', seen=0, actor="anna", now=shop.clock.now())
    shop.work()
    window = open_window(shop)
    window.log_in("olga", "/settings")
    return window


def walk_to_hours(window: Window) -> "Page":
    page = window.page
    page.get_by_role("link", name="Рабочее время").first.click()
    page.get_by_role("link", name="Изменить календарь office").click()
    window.expect(page.get_by_role("heading", name="Календарь office")).to_be_visible()
    return page


def test_an_owner_changes_hours_and_sees_what_that_does_before_and_after(shop: Shop, owner: Window) -> None:
    page = walk_to_hours(owner)
    window, before = owner, {view.ticket: view.due_at for view in shop.everything() if view.due_at}
    page.get_by_label("Пятница, начало").first.fill("")
    page.get_by_label("Пятница, конец").first.fill("")
    trial = page.locator("#trial")
    window.expect(trial.get_by_text("Что изменится")).to_be_visible()
    window.expect(trial.get_by_text("Сроки сдвинутся у")).to_be_visible()
    window.expect(trial.get_by_role("img")).to_be_visible()
    assert shop.app.store.settings.latest("calendar", "office") is None, "it was only tried"
    assert grave(page) == []
    page.get_by_label("Пятница, начало").first.fill("вечер")
    window.expect(trial.get_by_text("Пятница: впишите начало и конец")).to_be_visible()
    page.get_by_label("Пятница, начало").first.fill("")
    trial.get_by_role("button", name="Сохранить календарь").click()
    window.expect(page.get_by_text("Календарь сохранён.")).to_be_visible()
    window.expect(page.locator(".states li")).to_have_count(1)
    after = {view.ticket: view.due_at for view in shop.everything() if view.due_at}
    assert any(after[ticket] != due for ticket, due in before.items())
    page.get_by_role("button", name="Отменить последнее изменение").click()
    window.expect(page.get_by_text("Вернули то, что было")).to_be_visible()
    assert {view.ticket: view.due_at for view in shop.everything() if view.due_at} == before


def test_it_works_without_a_script_on_a_phone(shop: Shop, owner: Window, open_window: Open) -> None:
    window = open_window(shop, viewport=PHONE, java_script_enabled=False)
    window.context.add_cookies(owner.context.cookies())  # type: ignore[arg-type]  # what cookies() gave
    page = window.go("/settings/calendars/of/office")
    page.get_by_label("Суббота, начало").first.fill("10")
    page.get_by_label("Суббота, конец").first.fill("15")
    page.get_by_role("button", name="Дальше: что изменится").click()
    page.get_by_role("button", name="Сохранить календарь").click()
    window.expect(page.get_by_text("Календарь сохранён.")).to_be_visible()
    assert len(shop.app.current().config.calendars["office"].week[5]) == 1
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.evaluate(WIDEST)


def test_an_owner_adds_somebody_who_stands_in_while_she_is_away(shop: Shop, owner: Window) -> None:
    page = owner.go("/settings/notifications")
    for name, email in (("olga", "olga@example.ru"), ("boris", "boris@example.ru")):
        page.get_by_role("link", name="Добавить человека").click()
        page.get_by_label("Имя").fill(name)
        page.get_by_label("Почта").fill(email)
        page.get_by_role("button", name="Сохранить").click()
        owner.expect(page.get_by_text("Сохранено.")).to_be_visible()
        owner.go("/settings/notifications")
    page.get_by_label("Владельцы").fill("olga")
    page.get_by_role("button", name="Сохранить списки").click()
    owner.expect(page.get_by_text("письма пойдут по новым спискам")).to_be_visible()
    owner.expect(page.locator(".nights").get_by_text("olga (olga@example.ru)").first).to_be_visible()
    page.locator("tr", has_text="olga@example.ru").get_by_role("link").first.click()
    page.get_by_label("с", exact=True).first.fill("2026-11-21")
    page.get_by_label("по, включительно").first.fill("2026-11-29")
    page.get_by_role("button", name="Сохранить").click()
    owner.expect(page.get_by_text("никто не узнал бы")).to_be_visible()
    assert page.get_by_label("с", exact=True).first.input_value() == "2026-11-21"
    page.get_by_label("Кто замещает").select_option("boris")
    page.get_by_role("button", name="Сохранить").click()
    owner.expect(page.get_by_text("Сохранено.")).to_be_visible()
    owner.go("/settings/notifications")
    owner.expect(page.get_by_text("boris (boris@example.ru), замещает коллегу (olga)").first).to_be_visible()
    assert grave(page) == []
