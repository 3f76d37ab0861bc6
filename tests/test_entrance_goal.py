"""Where somebody goes after logging in: where they wanted to, nowhere else, and no words are lost."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.accounts import Role
from monitor.desk.entrance import local
from monitor.store.sessions import IDLE
from tests.desk_rig import Browser, Clicks, account
from tests.entrance_rig import is_login_page, soup
from tests.rig import Rig

pytest_plugins = ["tests.entrance_fixtures"]


# --- where to go afterwards, and nobody's words are lost ---------------------------------------


def test_whoever_wanted_to_see_a_page_sees_it_after_logging_in(rig: Rig) -> None:
    account(rig, role=Role.ADMINISTRATOR)
    anna = Browser(rig)
    first = anna.get("/audit?before=5")
    assert first.status_code == 401
    assert is_login_page(first)
    (field,) = soup(first).select("input[name=next]")
    answer = anna.log_in("anna", next=str(field["value"]))
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit?before=5")


def test_the_words_of_somebody_whose_session_ended_come_along(rig: Rig) -> None:
    anna = Clicks(rig)
    words = "\nСпасибо за отзыв!\n<script>alert(1)</script> & «кавычки»"
    rig.clock.advance(IDLE)
    headers = {"origin": anna.base, "sec-fetch-site": "same-origin", "referer": f"{anna.base}/me?x=1"}
    answer = anna.ask("POST", "/me/password", fields={"csrf": "old", "text": words}, headers=headers)
    assert answer.status_code == 401
    assert "Ничего не изменилось" in answer.text
    for _ in range(2):  # a wrong password first
        page = soup(answer)
        assert not page.select("script")
        (area,) = page.select("form[action='/login'] textarea[name=text]")
        (goal,) = page.select("input[name=next]")
        kept, goes = area.get_text().removeprefix("\n"), str(goal["value"])
        assert (kept, goes) == (words, "/me?x=1")
        answer = anna.log_in("anna", "wrong", text=kept, next=goes)
        assert answer.status_code == 401
    answer = anna.log_in("anna", text=words, next="/me?x=1")
    assert answer.status_code == 200
    (area,) = soup(answer).select("textarea")
    assert area.get_text().removeprefix("\n") == words
    assert [str(link["href"]) for link in soup(answer).select("main a")] == ["/me?x=1"]
    assert anna.get("/me").status_code == 200


@pytest.mark.parametrize(
    ("refused", "goal"),
    [
        ("/t/12/save", ["/t/12"]),
        ("/t/12/gesture/agree", ["/t/12"]),
        ("/queue/12/take", ["/queue"]),
        ("/t/12/publish?from=mine", ["/t/12/publish?from=mine"]),
        ("/views/3/delete", []),
        ("/nothing/of/ours/at/all", []),
        ("/" * 9000, []),
    ],
)
def test_whoever_sent_the_form_of_a_refusal_comes_back_to_a_page_that_opens(
    rig: Rig, refused: str, goal: list[str]
) -> None:
    headers = {"origin": "http://127.0.0.1:8766", "referer": f"http://127.0.0.1:8766{refused}"}
    answer = Browser(rig).ask("POST", "/t/12/save", fields={"text": "слова"}, headers=headers)
    assert answer.status_code == 401
    assert [field["value"] for field in soup(answer).select("input[name=next]")] == goal


def test_a_foreign_form_does_not_choose_where_somebody_goes(rig: Rig) -> None:
    account(rig)
    headers = {"origin": "https://evil.example", "referer": "https://evil.example/audit"}
    answer = Browser(rig).ask("POST", "/me/password", fields={"text": ""}, headers=headers)
    assert answer.status_code == 401
    assert not soup(answer).select("input[name=next]")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "////evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "\n//evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        " /queue",
        "/queue\r\nset-cookie: a=b",
        "/очередь",
        "/" + "a" * 2000,
    ],
)
def test_after_logging_in_nobody_is_sent_elsewhere(rig: Rig, address: str) -> None:
    account(rig)
    answer = Browser(rig).log_in("anna", next=address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")


@given(st.text(st.sampled_from("/\\.:@?#%2f\t\n\r\0 aeЖ"), max_size=30))
@example("/queue?place=lenina&tone=negative#row-5")
def test_an_address_that_is_called_local_is_local(address: str) -> None:
    found = local(address)
    assert found in ("", address)
    if found:
        skipped = "".join(letter for letter in found if letter not in "\t\n\r").replace("\\", "/")
        assert urlsplit(urljoin("https://otklik.example.ru/x", skipped)).netloc == "otklik.example.ru"
