"""An operator's morning, from the password to the next review, by mouse, by keys, and without JavaScript."""

import re

from monitor.cli.playing import PASSWORD
from tests.browser.conftest import Open
from tests.browser.shop import Shop
from tests.browser.window import PHONE

FALL = "Елена Соболева"
"""A fall at the entrance of «Ромашка» на Баумана: a danger that nobody has taken."""

PROMO = "Дарим Вам промокод РОМАШКА на скидку 20 %."


def said(shop: Shop, author: str) -> str:
    """The reply to somebody as it is saved."""
    draft = shop.of(author).draft
    assert draft is not None
    return draft.text


def test_an_operator_does_a_whole_morning(shop: Shop, open_window: Open) -> None:
    ticket = shop.of(FALL).ticket
    boris = open_window(shop, permissions=["clipboard-read", "clipboard-write"])
    page = boris.log_in("boris", "/")
    boris.expect(page.get_by_role("heading", level=1)).to_have_text("Очередь")

    # Filter: what is negative on Баумана.
    page.get_by_text("Фильтры и виды").click()
    page.get_by_label("Точка").select_option("bauman")
    page.get_by_label("Тон").select_option("negative")
    page.get_by_role("button", name="Показать", exact=True).click()
    page.wait_for_url(re.compile("place=bauman"))
    boris.expect(page.locator(".ticket").first).to_have_id(f"t{ticket}")

    # Take it: it is ours without leaving the list.
    page.get_by_role("button", name=f"Взять отзыв № {ticket}").click()
    boris.expect(page.locator(f"#t{ticket} .mine")).to_be_visible()
    assert shop.of(FALL).assignee == "boris"

    # Open it, spoil the reply, and mend it: the linter follows.
    page.locator(f"#t{ticket} .say").click()
    page.wait_for_url(re.compile(f"/t/{ticket}"))
    editor = page.get_by_label("Ответ на отзыв")
    draft = editor.input_value()
    editor.fill(f"{draft}\n{PROMO}")
    boris.expect(page.locator("#lint .error").first).to_contain_text("при всех")
    page.get_by_role("button", name="Одобрить", exact=True).click()
    boris.expect(page.get_by_role("alert")).to_be_visible()
    boris.ready()
    boris.expect(editor).to_have_value(re.compile(re.escape(PROMO)))
    mended = f"{draft}\n\nПозвоните нам, пожалуйста."
    editor.fill(mended)
    boris.expect(page.locator("#lint .error")).to_have_count(0)

    # Approve, copy, open the cabinet, say that it is posted.
    page.get_by_role("button", name="Одобрить", exact=True).click()
    boris.expect(page.get_by_text("Ответ одобрен").first).to_be_visible()
    page.get_by_role("button", name="Скопировать").first.click()
    boris.expect(page.locator("#toast")).to_contain_text("скопирован")
    assert page.evaluate("navigator.clipboard.readText()") == mended
    with page.expect_popup() as opened:
        page.locator("#cabinet").click()
    opened.value.wait_for_load_state()
    assert boris.elsewhere == [shop.of(FALL).reply_url]
    boris.elsewhere.clear()
    opened.value.close()
    page.get_by_role("button", name="Опубликовано").click()

    # The next one of that filter comes by itself.
    boris.expect(page.locator("#now")).not_to_have_attribute("data-ticket", str(ticket))
    boris.expect(page.get_by_text("опубликован").first).to_be_visible()
    assert f"/t/{ticket}" not in page.url
    assert "place%3Dbauman" in page.url
    assert shop.of(FALL).state == "submitted"
    shop.work()
    assert said(shop, FALL) == mended


def test_the_whole_way_works_without_javascript(shop: Shop, open_window: Open) -> None:
    ticket = shop.of(FALL).ticket
    boris = open_window(shop, java_script_enabled=False)
    page = boris.go("/")
    page.get_by_label("Логин").fill("boris")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.get_by_text("Фильтры и виды").click()
    page.get_by_label("Точка").select_option("bauman")
    page.get_by_role("button", name="Показать", exact=True).click()
    page.get_by_role("button", name=f"Взять отзыв № {ticket}").click()
    boris.expect(page.get_by_role("status").filter(has_text="на Вас")).to_be_visible()
    assert "place=bauman" in page.url
    page.locator(f"#t{ticket} .say").click()

    editor = page.get_by_label("Ответ на отзыв")
    draft = editor.input_value()
    editor.fill(f"{draft}\n{PROMO}")
    page.get_by_role("button", name="Проверить").click()
    boris.expect(page.locator("#lint .error").first).to_contain_text("при всех")
    boris.expect(page.get_by_label("Ответ на отзыв")).to_have_value(re.compile(re.escape(PROMO)))
    page.get_by_label("Ответ на отзыв").fill(draft)
    page.get_by_role("button", name="Одобрить", exact=True).click()
    boris.expect(page.get_by_text("Ответ одобрен").first).to_be_visible()
    boris.expect(page.get_by_role("button", name="Скопировать")).to_have_count(0)
    page.get_by_role("button", name="Опубликовано").click()

    boris.expect(page.locator("#now")).not_to_have_attribute("data-ticket", str(ticket))
    assert f"/t/{ticket}" not in page.url
    assert shop.of(FALL).state == "submitted"
    page.get_by_role("link", name="К очереди").click()
    boris.expect(page.locator("#live")).to_be_visible()
    boris.expect(page.locator(f"#t{ticket}")).to_have_count(0)


def test_a_colleague_s_ticket_is_taken_over_noted_and_closed_without_javascript(shop: Shop, open_window: Open) -> None:
    olga = open_window(shop, java_script_enabled=False)
    page = olga.go(f"/t/{shop.of('Тимур Ахмадеев').ticket}")
    page.get_by_label("Логин").fill("olga")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.get_by_text("Забрать…").click()
    page.get_by_role("button", name="Забрать себе", exact=True).click()
    olga.expect(page.get_by_text("Занимаетесь Вы")).to_be_visible()
    assert shop.of("Тимур Ахмадеев").assignee == "olga"
    page.get_by_label("Новая заметка").fill("Позвоню сама.")
    page.get_by_role("button", name="Записать").click()
    olga.expect(page.locator("#notes")).to_contain_text("Позвоню сама.")
    page.locator("#closing summary").click()
    page.get_by_label("Дубль").check()
    page.locator("#closing").get_by_role("button", name="Закрыть без ответа").click()
    olga.expect(page.get_by_role("button", name="Открыть снова")).to_be_visible()
    assert shop.of("Тимур Ахмадеев").state == "dismissed"


def test_a_review_is_answered_by_thumb_on_a_phone(shop: Shop, open_window: Open) -> None:
    ticket = shop.of(FALL).ticket
    boris = open_window(shop, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    page = boris.log_in("boris")
    page.get_by_role("button", name=f"Взять отзыв № {ticket}").tap()
    boris.expect(page.locator(f"#t{ticket} .mine")).to_be_visible()
    page.locator(f"#t{ticket} .peek").tap()
    boris.expect(page.locator(f"#t{ticket} .peeked")).to_contain_text("Черновик ответа")
    page.locator(f"#t{ticket} .say").tap()
    page.get_by_role("button", name="Одобрить", exact=True).tap()
    boris.expect(page.get_by_text("Ответ одобрен").first).to_be_visible()
    page.get_by_role("button", name="Опубликовано").tap()
    boris.expect(page.locator("#now")).not_to_have_attribute("data-ticket", str(ticket))
    assert shop.of(FALL).state == "submitted"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
