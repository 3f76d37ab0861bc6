"""A lead changes a phrase, sees what becomes of the replies, saves, finds it in a new draft, and takes it back."""

import re

from monitor.cli.playing import PASSWORD
from tests.browser.axe import grave
from tests.browser.conftest import Open
from tests.browser.shop import Shop
from tests.browser.window import PHONE

NEW = "Спасибище Вам за добрые слова."
GLAD = "Аида Гарипова"


def drafts(shop: Shop) -> list[str]:
    return [view.draft.text for view in shop.everything() if view.draft is not None and view.draft_author is None]


def test_a_lead_changes_a_phrase_and_takes_it_back(shop: Shop, open_window: Open) -> None:
    olga = open_window(shop)
    page = olga.log_in("olga", "/settings/phrases")
    page.get_by_role("link", name="Похвала", exact=True).click()
    before = page.locator("#openings .lines li").count()

    # One phrase in other words.
    page.locator("#openings .lines li", has_text="Спасибо Вам за добрые слова.").get_by_role("link").click()
    page.get_by_label("Фраза", exact=True).fill(NEW)
    page.get_by_role("button", name="Посмотреть, что изменится").click()
    olga.expect(page.locator(".trial").first).to_contain_text(NEW)
    olga.expect(page.get_by_text(re.compile("заново напишет"))).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert grave(page) == []
    page.emulate_media(color_scheme="dark")
    assert grave(page, "color-contrast", "link-in-text-block") == []
    page.get_by_role("button", name="Сохранить", exact=True).click()
    olga.expect(page.get_by_role("status").filter(has_text="Сохранено")).to_be_visible()
    assert page.locator("#openings .lines li").count() == before

    # All others off but this one: the new draft cannot but say it.
    page.get_by_role("link", name="Править как текст").click()
    page.get_by_label("Весь текст").fill(f'greetings: warm\nclosings: farewell\nopenings:\n  - "{NEW}"\n')
    page.get_by_role("button", name="Посмотреть, что изменится").click()
    page.get_by_role("button", name="Сохранить", exact=True).click()
    olga.expect(page.get_by_role("status").filter(has_text="Сохранено")).to_be_visible()
    assert not any(NEW in text for text in drafts(shop))
    shop.work()
    assert any(NEW in text for text in drafts(shop))

    # And back, as it was.
    page.get_by_role("link", name="История").click()
    olga.expect(page.locator(".states > li")).to_have_count(2)
    page.get_by_role("button", name="Вернуть исходные").click()
    page.get_by_role("button", name="Вернуть прежнее").click()
    olga.expect(page.get_by_role("status").filter(has_text="возвращены")).to_be_visible()
    shop.work()
    assert not any(NEW in text for text in drafts(shop))


def test_a_phrase_is_added_by_thumb_without_javascript(shop: Shop, open_window: Open) -> None:
    olga = open_window(shop, viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=False)
    page = olga.go("/settings/phrases")
    page.get_by_label("Логин").fill("olga")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    olga.go("/settings/phrases/themes.waiting/phrase?list=praise")
    page.get_by_label("Фраза", exact=True).fill("Рады, что всё вышло скоро.")
    page.get_by_label("официальная").check()
    page.get_by_label("быстро").check()
    page.get_by_role("button", name="Посмотреть, что изменится").tap()
    olga.expect(page.locator(".trial").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Сохранить", exact=True).tap()
    row = page.locator("#praise .lines li").last
    olga.expect(row).to_contain_text("Рады, что всё вышло скоро.")
    olga.expect(row).to_contain_text("официальная речь")
    row.get_by_role("button", name="Выключить").tap()
    olga.expect(page.get_by_text("выключена").first).to_be_visible()
