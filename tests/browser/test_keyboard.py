"""Nobody needs a mouse, whatever the layout of their keyboard."""

import re

import pytest

from tests.browser.conftest import Open
from tests.browser.shop import Shop
from tests.browser.window import Window

FALL = "Елена Соболева"

AT = "document.activeElement?.closest('.ticket')?.id ?? ''"
"""The review that has the focus."""

RING = """() => {
  const one = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const { top, bottom } = one.getBoundingClientRect();
  return { html: one.outerHTML.slice(0, 120), seen: bottom > 0 && top < innerHeight,
           outline: outlineStyle !== "none" ? parseFloat(outlineWidth) : 0 };
}"""

LATIN, RUSSIAN = "latin", "russian"
PRINTED = {"j": "о", "k": "л", "t": "е", "a": "ф", "c": "с", "d": "в", "o": "щ", "e": "у", "n": "т", "q": "й", "p": "з"}


class Keys:
    """Presses keys of a layout, by what is printed on them in Latin; on whatever page is shown once its script is
    bound, for keys are our script's."""

    def __init__(self, window: Window, layout: str) -> None:
        self._window = window
        self._russian = layout == RUSSIAN

    def press(self, key: str) -> None:
        page = self._window.ready()
        if not self._russian or key == "Enter":
            page.keyboard.press(key)
            return
        code = {"/": "Slash", "?": "Slash"}.get(key, f"Key{key.upper()}")
        written = {"/": ".", "?": ","}.get(key) or PRINTED[key]
        session = page.context.new_cdp_session(page)
        event = {"key": written, "code": code, "modifiers": 8 if key == "?" else 0}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": written, **event})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
        session.detach()


@pytest.mark.parametrize("layout", [LATIN, RUSSIAN])
def test_the_queue_is_worked_by_keys(layout: str, shop: Shop, open_window: Open) -> None:
    window = open_window(shop, permissions=["clipboard-read", "clipboard-write"])
    page = window.log_in("boris")
    keys = Keys(window, layout)
    ids = page.locator(".ticket").evaluate_all("rows => rows.map((row) => row.id)")
    ticket = f"t{shop.of(FALL).ticket}"

    keys.press("j")
    assert page.evaluate(AT) == ids[0]
    keys.press("j")
    assert page.evaluate(AT) == ids[1]
    keys.press("k")
    keys.press("k")
    assert page.evaluate(AT) == ids[0]
    while page.evaluate(AT) != ticket:
        keys.press("j")

    keys.press("t")
    window.expect(page.locator(f"#{ticket} .mine")).to_be_visible()
    assert page.evaluate(AT) == ticket

    keys.press("c")
    window.expect(page.locator("#toast")).to_contain_text("скопирован")
    draft = shop.of(FALL).draft
    assert draft is not None
    assert page.evaluate("navigator.clipboard.readText()") == draft.text

    # Nobody approves what they have not seen: `c` showed it already.
    window.expect(page.locator(f"#{ticket} .peeked")).to_be_visible()
    keys.press("a")
    window.expect(page.locator(f"#{ticket}")).to_contain_text("одобрен")
    assert shop.of(FALL).state == "approved"
    assert page.evaluate(AT) == ticket

    keys.press("d")
    window.expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    window.expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate(AT) == ticket

    keys.press("/")
    window.expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("торт")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q="))
    window.expect(page.locator(f"#t{shop.of('Ирина Лобанова').ticket}")).to_be_visible()
    window.expect(page.locator(f"#{ticket}")).to_have_count(0)


@pytest.mark.parametrize("layout", [LATIN, RUSSIAN])
def test_a_question_mark_shows_every_key_and_escape_puts_it_away(
    layout: str, quiet_shop: Shop, open_window: Open
) -> None:
    window = open_window(quiet_shop)
    page = window.log_in("boris")
    keys = Keys(window, layout)
    keys.press("j")
    at = page.evaluate(AT)
    keys.press("?")
    dialog = page.get_by_role("dialog", name="Клавиши")
    window.expect(dialog).to_be_visible()
    for key in "jktacod/":
        window.expect(dialog.locator("kbd", has_text=re.compile(f"^{key}$"))).to_have_count(1)
    page.keyboard.press("Escape")
    window.expect(dialog).to_have_count(0)
    assert page.evaluate(AT) == at


@pytest.mark.parametrize("layout", [LATIN, RUSSIAN])
def test_a_ticket_is_answered_by_keys(layout: str, shop: Shop, open_window: Open) -> None:
    window = open_window(shop)
    page = window.log_in("boris")
    keys = Keys(window, layout)
    while page.evaluate(AT) != f"t{shop.of(FALL).ticket}":
        keys.press("j")
    keys.press("Enter")
    page.wait_for_url(re.compile("/t/"))
    keys.press("t")
    window.expect(page.get_by_text("Занимаетесь Вы")).to_be_visible()
    keys.press("e")
    window.expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Будем рады разобраться.")
    page.keyboard.press("Control+Enter")
    window.expect(page.get_by_text("Ответ сохранён")).to_be_visible()
    keys.press("a")
    window.expect(page.get_by_text("Ответ одобрен").first).to_be_visible()
    keys.press("n")
    window.expect(page.locator("#now")).not_to_have_attribute("data-ticket", str(shop.of(FALL).ticket))
    keys.press("q")
    page.wait_for_url(re.compile("/queue"))
    draft = shop.of(FALL).draft
    assert draft is not None
    assert draft.text.endswith("Будем рады разобраться.")


def test_keys_are_letters_where_somebody_writes(shop: Shop, open_window: Open) -> None:
    window = open_window(shop)
    page = window.log_in("boris", f"/t/{shop.of(FALL).ticket}")
    page.get_by_label("Новая заметка").focus()
    page.keyboard.type("take a note, dear jk?")
    window.expect(page.get_by_label("Новая заметка")).to_have_value("take a note, dear jk?")
    assert shop.of(FALL).assignee is None


@pytest.mark.parametrize("path", ["/queue", "/today", "/sources", "/me", ""])
def test_whatever_has_the_focus_shows_it(path: str, quiet_shop: Shop, open_window: Open) -> None:
    window: Window = open_window(quiet_shop)
    page = window.log_in("anna", path or f"/t/{quiet_shop.of(FALL).ticket}")
    hidden = []
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        ring = page.evaluate(RING)
        if ring["html"].startswith("<body"):
            continue  # after the last one: the browser's own bars
        seen.add(ring["html"])
        if ring["outline"] < 2 or not ring["seen"]:
            hidden.append(ring)
    assert hidden == []
    assert len(seen) >= 8


def test_the_first_tab_leads_past_the_head_of_the_page(quiet_shop: Shop, open_window: Open) -> None:
    window = open_window(quiet_shop)
    page = window.log_in()
    page.keyboard.press("Tab")
    window.expect(page.get_by_text("К содержанию")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('main'))")
