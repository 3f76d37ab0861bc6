"""An administrator whom somebody asked to be forgotten, in a real browser; and the same without any script."""

import json
from pathlib import Path

import pytest

from monitor.accounts import Role
from monitor.cli.playing import PASSWORD
from tests.browser.axe import grave
from tests.browser.conftest import Open
from tests.browser.shop import Shop
from tests.browser.test_pages import SMALL
from tests.browser.window import PHONE

AUTHOR = "Лейсан Г."


def promote(shop: Shop) -> None:
    with shop.app.store.write():
        accounts = shop.app.store.accounts
        accounts.set_role(accounts.of("anna").id, Role.ADMINISTRATOR)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_somebody_is_found_handed_out_and_erased(open_window: Open, shop: Shop, script: bool, tmp_path: Path) -> None:
    promote(shop)
    window = open_window(shop, java_script_enabled=script)
    page = window.go("/privacy")
    page.fill("#login", "anna")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    window.go("/privacy")
    page.fill("#who", AUTHOR.lower())
    page.keyboard.press("Enter")
    window.expect(page.locator("h1")).to_have_text(AUTHOR)
    many = page.locator("input[name=review]:checked").count()
    assert many >= 1
    with page.expect_download() as caught:
        page.click("button[value=json]")
    caught.value.save_as(tmp_path / "all.json")
    assert len(json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))["reviews"]) == many
    page.click("button.danger")
    page.fill("#word", "стереть")
    page.click("main form button.danger")
    window.expect(page.locator("h1")).to_have_text("Стёрто")
    assert AUTHOR not in {view.author for view in shop.everything()}
    if script:
        assert grave(page) == []


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_everybody_can_use_its_pages(open_window: Open, shop: Shop, phone: bool) -> None:
    promote(shop)
    options = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2} if phone else {}
    window = open_window(shop, **options)
    page = window.log_in(path="/privacy")

    def usable() -> None:
        assert grave(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1")
        assert not phone or page.evaluate(SMALL) == []
        page.emulate_media(color_scheme="dark")
        assert grave(page, "color-contrast", "link-in-text-block") == []
        page.emulate_media(color_scheme="light")

    usable()
    page.fill("#who", "Никто Никогда")
    page.keyboard.press("Enter")
    window.expect(page.locator("h1")).to_have_text("Ничего не нашлось")
    usable()
    page.fill("#who", AUTHOR)
    page.keyboard.press("Enter")
    window.expect(page.locator("h1")).to_have_text(AUTHOR)
    usable()
    page.click("button.danger")
    window.expect(page.locator("#word")).to_be_visible()
    usable()
    page.fill("#word", "нет")
    page.keyboard.press("Enter")
    window.expect(page.locator("#word-error")).to_be_visible()
    usable()
    page.fill("#word", "стереть")
    page.keyboard.press("Enter")
    window.expect(page.locator("h1")).to_have_text("Стёрто")
    usable()
