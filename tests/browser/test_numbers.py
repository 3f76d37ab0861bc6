"""A lead and an owner with the numbers: from a number to its reviews and on to a ticket; and home with a file."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

from monitor.accounts import Role
from monitor.cli.playing import PASSWORD
from tests.browser.axe import grave
from tests.browser.conftest import Open
from tests.browser.shop import Shop
from tests.browser.window import PHONE

COMPLETE = "() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)"


def number(text: str | None) -> int:
    return int("".join((text or "").split()))


def test_a_lead_walks_from_the_overview_to_a_ticket(shop: Shop, open_window: Open) -> None:
    olga = open_window(shop)
    page = olga.log_in("olga", "/numbers")
    olga.expect(page.get_by_role("heading", level=1)).to_have_text("Показатели")
    olga.expect(page.get_by_role("link", name="28 дней")).to_have_attribute("aria-current", "true")

    # Pictures come by themselves, at the size that was kept free for them.
    page.get_by_role("img").last.scroll_into_view_if_needed()
    page.wait_for_function(COMPLETE)

    # A week of one place.
    page.get_by_role("link", name="7 дней").click()
    page.get_by_label("Точка").select_option("bauman")
    page.get_by_role("button", name="Показать").click()
    page.wait_for_url(re.compile("days=7&.*place=bauman"))

    # A number, the reviews that it counts, one of them.
    waiting = (
        page.get_by_role("list", name="Что стало с отзывами").locator("li", has_text="Ждут ответа").get_by_role("link")
    )
    said = number(waiting.text_content())
    assert said > 0
    waiting.click()
    page.wait_for_url(re.compile("/numbers/reviews"))
    heading = page.get_by_role("heading", level=1)
    olga.expect(heading).to_contain_text("ждут ответа · «Ромашка» на Баумана · 14–20 ноября")
    assert number(page.locator("h1 .total").text_content()) == said
    assert page.locator(".excerpts li").count() == min(said, 50)
    page.locator(".excerpts a.say").first.click()
    page.wait_for_url(re.compile(r"/t/\d+"))
    olga.expect(page.get_by_label("Ответ на отзыв")).to_be_visible()


def test_the_walk_works_by_thumb_without_javascript(shop: Shop, open_window: Open) -> None:
    olga = open_window(shop, java_script_enabled=False, viewport=PHONE, has_touch=True, is_mobile=True)
    page = olga.go("/numbers/places")
    page.get_by_label("Логин").fill("olga")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").tap()
    page.locator("#places .sorts").get_by_role("link", name="негатив").tap()
    page.wait_for_url(re.compile("sort=negative"))
    first = page.locator("#places tbody tr").first.locator("a.n").first
    said = number(first.text_content())
    first.tap()
    page.wait_for_url(re.compile("/numbers/reviews"))
    assert number(page.locator("h1 .total").text_content()) == said
    page.get_by_role("link", name="Обзор за эти дни").tap()
    olga.expect(page.get_by_role("heading", name="Главное")).to_be_visible()


def test_a_lead_notes_what_was_done_and_sees_later_whether_it_helped(shop: Shop, open_window: Open) -> None:
    olga = open_window(shop)
    page = olga.log_in("olga", "/numbers/measures")
    olga.expect(page.get_by_role("heading", level=1)).to_have_text("Что помогло")
    assert grave(page) == []

    # What was said in a reply is noted with a click, but for what guests complained of.
    hint = page.locator(".hints li").first
    said = hint.locator("b").text_content()
    hint.get_by_role("link", name="Записать").click()
    olga.expect(page.get_by_label("Что сделали")).to_have_value(said or "")
    page.get_by_label("На что жаловались").select_option("waiting")
    page.get_by_label("Где").select_option("")
    page.get_by_role("button", name="Записать", exact=True).click()
    olga.expect(page.get_by_text("Мера записана.")).to_be_visible()
    card = page.get_by_role("article")
    olga.expect(card.get_by_role("heading")).to_have_text(said or "")
    olga.expect(card.get_by_text("рано судить")).to_be_visible()
    assert grave(page) == []

    # Ten days later there is something to compare; every number leads to its reviews.
    shop.arrive("Ждали заказ целый час, безобразие.", 2, "Пётр Ожидающий")
    shop.clock.advance(timedelta(days=10))
    page = olga.log_in("olga", "/numbers/measures")
    olga.expect(card.get_by_text("Жалоб на ожидание: было")).to_be_visible()
    card.get_by_text("Из чего это посчитано").click()
    card.get_by_role("img").last.scroll_into_view_if_needed()
    page.wait_for_function(COMPLETE)
    assert all("жалоб на ожидание" in (image.get_attribute("alt") or "") for image in card.get_by_role("img").all())
    assert grave(page) == []
    page.emulate_media(color_scheme="dark")
    assert grave(page, "color-contrast", "link-in-text-block") == []
    complaints = card.locator(".behind li").last.get_by_role("link").first
    many = number(complaints.text_content())
    assert many > 0
    complaints.click()
    page.wait_for_url(re.compile("/numbers/reviews"))
    assert number(page.locator("h1 .total").text_content()) == many

    page.go_back()
    card.get_by_role("button", name="Снять меру").click()
    olga.expect(page.get_by_text("Мера снята")).to_be_visible()
    olga.expect(card).to_have_count(0)


def test_the_picture_of_the_morning_mail_has_its_numbers_beside_it(shop: Shop, open_window: Open) -> None:
    olga = open_window(shop)
    page = olga.log_in("olga", "/numbers")
    section = page.get_by_role("region", name="Две недели: что стало с отзывами")
    picture = section.get_by_role("img", name=re.compile("^Что стало с отзывами, пришедшими 6–19 ноября"))
    picture.scroll_into_view_if_needed()
    page.wait_for_function(COMPLETE)
    section.get_by_text("Числа таблицей").click()
    assert grave(page) == []
    waiting = section.get_by_role("row", name=re.compile("^19 ноября")).get_by_role("link").nth(2)
    many = number(waiting.text_content())
    assert many > 0
    waiting.click()
    page.wait_for_url(re.compile("fate=waiting"))
    assert number(page.locator("h1 .total").text_content()) == many


def test_an_owner_takes_a_table_and_the_reviews_home(shop: Shop, open_window: Open, tmp_path: Path) -> None:
    with shop.app.store.write():
        accounts = shop.app.store.accounts
        made = accounts.add("vera", name="Вера", role=Role.OWNER, places=None, now=shop.clock.now())
        accounts.set_password(made.id, accounts.password(accounts.of("olga").id) or "")
    vera = open_window(shop, accept_downloads=True)
    page = vera.log_in("vera", "/numbers/places")
    with page.expect_download() as loading:
        page.locator("#sites .files").get_by_role("link", name="CSV").click()
    assert loading.value.suggested_filename.startswith("Площадки, ")
    rows = read(Path(loading.value.path()))
    assert {"Яндекс Карты", "2ГИС"} <= {row[0] for row in rows}

    page.goto("/numbers/reviews?tone=negative")
    said = number(page.locator("h1 .total").text_content())
    with page.expect_download() as loading:
        page.locator(".files").get_by_role("link", name="CSV").click()
    assert len(read(Path(loading.value.path()))) == said + 1
    with page.expect_download() as loading:
        page.locator(".files").get_by_role("link", name="Excel").click()
    assert Path(loading.value.path()).read_bytes().startswith(b"PK")
    assert grave(page) == []


def read(path: Path) -> list[list[str]]:
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
