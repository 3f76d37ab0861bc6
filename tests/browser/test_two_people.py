"""Two people at the same review: who has it is seen, and nobody's words are lost."""

import re

from monitor.cli.playing import PASSWORD
from tests.browser.axe import grave
from tests.browser.conftest import Open
from tests.browser.shop import Shop
from tests.browser.window import PHONE

FALL = "Елена Соболева"
MINE = "Елена, здравствуйте. Нам очень жаль. Позвоните нам, пожалуйста, +7 (843) 000-00-00.\n\nКоманда «Ромашки»"
HIS = "Добрый день, Елена. Сочувствуем Вам и разбираемся. Напишите на help@example.ru.\n\nКоманда «Ромашки»"


def test_a_review_that_a_colleague_took_meanwhile_is_not_taken_twice(shop: Shop, open_window: Open) -> None:
    path = f"/t/{shop.of(FALL).ticket}"
    anna, boris = open_window(shop), open_window(shop)
    hers, his = anna.log_in("anna", path), boris.log_in("boris", path)
    his.get_by_role("button", name="Взять", exact=True).click()
    boris.expect(his.get_by_text("Занимаетесь Вы")).to_be_visible()

    hers.get_by_role("button", name="Взять", exact=True).click()
    anna.expect(hers.get_by_role("alert")).to_contain_text("Борис")
    assert shop.of(FALL).assignee == "boris"
    anna.expect(hers.get_by_text("Занимается Борис").first).to_be_visible()

    # Whoever takes it over says so, and the other one is told.
    hers.get_by_text("Забрать…").click()
    hers.get_by_role("button", name="Забрать себе", exact=True).click()
    anna.expect(hers.get_by_text("Занимаетесь Вы")).to_be_visible()
    his.get_by_label("Ответ на отзыв").fill(HIS)
    his.get_by_role("button", name="Сохранить", exact=True).click()
    boris.expect(his.get_by_role("alert")).to_contain_text("Анна")
    boris.expect(his.get_by_label("Ответ на отзыв")).to_have_value(HIS)
    assert shop.of(FALL).assignee == "anna"


def test_in_the_queue_the_second_click_tells_who_was_faster(shop: Shop, open_window: Open) -> None:
    ticket = shop.of(FALL).ticket
    anna, boris = open_window(shop), open_window(shop)
    hers, his = anna.log_in("anna"), boris.log_in("boris")
    his.get_by_role("button", name=f"Взять отзыв № {ticket}").click()
    boris.expect(his.locator(f"#t{ticket} .mine")).to_be_visible()
    hers.get_by_role("button", name=f"Взять отзыв № {ticket}").click()
    anna.expect(hers.locator("#toast")).to_have_text("Отзывом занимается Борис. Договоритесь или заберите отзыв себе.")
    anna.expect(hers.locator(f"#t{ticket} .hand")).to_have_text("Борис")


def test_two_replies_written_at_once_are_both_shown_and_both_kept(shop: Shop, open_window: Open) -> None:
    path = f"/t/{shop.of(FALL).ticket}"
    anna, boris = open_window(shop), open_window(shop)
    hers, his = anna.log_in("anna", path), boris.log_in("boris", path)
    his.get_by_label("Ответ на отзыв").fill(HIS)
    hers.get_by_label("Ответ на отзыв").fill(MINE)
    his.get_by_role("button", name="Сохранить", exact=True).click()
    boris.expect(his.get_by_text("Ответ сохранён")).to_be_visible()

    hers.get_by_role("button", name="Сохранить", exact=True).click()
    clash = hers.locator(".clash")
    anna.expect(clash).to_contain_text("Борис")
    anna.expect(clash).to_contain_text("Сочувствуем Вам и разбираемся.")
    anna.expect(clash).to_contain_text("Нам очень жаль.")
    anna.expect(hers.get_by_label("Ответ на отзыв")).to_have_value(MINE)
    for scheme in ("light", "dark"):
        hers.emulate_media(color_scheme=scheme)
        assert grave(hers) == []
    hers.set_viewport_size(PHONE)
    assert hers.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    hers.get_by_role("button", name="Сохранить", exact=True).click()
    anna.expect(hers.get_by_text("Ответ сохранён")).to_be_visible()
    draft = shop.of(FALL).draft
    assert draft is not None
    assert draft.text == MINE
    hers.get_by_text("Прежние варианты").click()
    anna.expect(hers.locator(".version").first).to_contain_text("Сочувствуем Вам и разбираемся.")


def test_words_that_nobody_saved_are_there_again_after_an_accident(shop: Shop, open_window: Open) -> None:
    path = f"/t/{shop.of(FALL).ticket}"
    anna = open_window(shop)
    page = anna.log_in("anna", path)
    page.get_by_label("Ответ на отзыв").fill(MINE)
    page.reload()
    anna.expect(page.get_by_label("Ответ на отзыв")).to_have_value(MINE)
    anna.expect(page.get_by_text("Восстановлен Ваш несохранённый текст")).to_be_visible()


def test_words_survive_a_session_that_ended(shop: Shop, open_window: Open) -> None:
    path = f"/t/{shop.of(FALL).ticket}"
    anna = open_window(shop)
    page = anna.log_in("anna", path)
    page.get_by_label("Ответ на отзыв").fill(MINE)
    with shop.app.store.write():
        account = shop.app.store.accounts.of("anna")
        shop.app.store.sessions.end_all(account.id)
    page.get_by_role("button", name="Сохранить", exact=True).click()
    anna.expect(page.get_by_role("heading", name="Войдите, чтобы продолжить")).to_be_visible()
    page.get_by_label("Логин").fill("anna")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    anna.expect(page.get_by_text("Нам очень жаль. Позвоните нам").first).to_be_attached()
    page.goto(path)
    anna.expect(page.get_by_label("Ответ на отзыв")).to_have_value(re.compile("Позвоните нам, пожалуйста"))
