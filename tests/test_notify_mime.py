"""Mails as bytes: right headers, nothing slipped in, the same message the same bytes."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import Message, Picture
from monitor.errors import TransportError
from monitor.notify.mime import mail

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SENDER = "Отклик <otklik@example.ru>"
MESSAGE = Message(
    "<alert-1.support@otklik.example>", "support@example.ru", "Просрочено", "Текст ё\n", "<p>Письмо ё</p>", NOW
)
HEADERS = {
    *("from", "to", "subject", "date", "message-id", "auto-submitted", "x-auto-response-suppress"),
    *("mime-version", "content-type"),
}


def read(message: Message, sender: str = SENDER) -> EmailMessage:
    parsed = message_from_bytes(mail(message, sender).as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_mail_holds_both_parts_and_says_it_is_a_machines() -> None:
    parsed = read(MESSAGE)
    assert parsed["Subject"] == "Просрочено"
    assert parsed["From"].addresses[0].display_name == "Отклик"
    assert parsed["From"].addresses[0].addr_spec == "otklik@example.ru"
    assert parsed["To"] == "support@example.ru"
    assert parsed["Message-ID"] == MESSAGE.message_id
    assert parsedate_to_datetime(parsed["Date"]) == NOW
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["X-Auto-Response-Suppress"] == "All"
    assert parsed.get_content_type() == "multipart/alternative"
    text, html = parsed.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert (text.get_content_type(), text.get_content()) == ("text/plain", "Текст ё\r\n")
    assert (html.get_content_type(), html.get_content().strip()) == ("text/html", "<p>Письмо ё</p>")


SUBJECTS = (
    "Осталось 16 мин: 3★ в Google Картах, «Ромашка» на Ленина",
    "Просрочено на 5 мин: 3★ в Google Картах, «Ромашка» на Ленина",
    "Опасность: отравление — 1★ на iRecommend, The Very Best Coffee Ромашка Bar & Grill на Ленина (и ещё 3)",
    "Скоро срок: 3 отзыва без ответа, ближайший: осталось 4 ч 32 мин",
)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_space_of_a_subject_is_lost(subject: str) -> None:
    for length in range(40, len(subject)):
        words = subject[:length].strip()
        assert read(replace(MESSAGE, subject=words))["Subject"] == words


def test_the_same_message_gives_the_same_bytes() -> None:
    assert mail(MESSAGE, SENDER).as_bytes() == mail(MESSAGE, SENDER).as_bytes()


def test_a_mail_fits_any_server() -> None:
    content = mail(replace(MESSAGE, text="ы" * 100_000, subject="я" * 150), SENDER).as_bytes()
    assert max(map(len, content.splitlines())) <= 998
    content.decode("ascii")


@given(
    subject=st.text(max_size=300), name=st.text(max_size=100), text=st.text(max_size=200), number=st.text(max_size=60)
)
def test_no_text_can_add_a_header_or_a_part(subject: str, name: str, text: str, number: str) -> None:
    hostile = replace(
        MESSAGE,
        message_id=f"<{number}@x>",
        subject=f"{subject}\r\nBcc: evil@example.ru\r\n\r\n{subject}",
        text=f"{text}\n--otklik-\n{text}",
        html=text,
    )
    try:
        parsed = read(hostile, f'"{name}" <otklik@example.ru>')
    except TransportError:
        parsed = read(hostile)  # such a name makes no sender
    assert {header.lower() for header in parsed} <= HEADERS
    assert [address.addr_spec for address in parsed["To"].addresses] == ["support@example.ru"]
    assert len(parsed.get_all("To", [])) == 1
    assert len(list(parsed.iter_parts())) == 2


@pytest.mark.parametrize(
    "recipient",
    [
        *(
            "",
            "nobody",
            "@example.ru",
            "a@",
            "a@b@c.ru",
            "a@example.ru, b@example.ru",
            "a b@example.ru",
            "<a@example.ru>",
        ),
        *("a@example.ru\r\nBcc: b@example.ru", "a@example.ru\x00", "a\ud800@example.ru", "a@" + "ы" * 100 + ".ru"),
        *("a@exa mple.ru", "a@..ru", '"a"@example.ru'),
    ],
)
def test_what_is_no_address_is_refused_for_good(recipient: str) -> None:
    with pytest.raises(TransportError, match="не почтовый адрес") as refused:
        mail(replace(MESSAGE, recipient=recipient), SENDER)
    assert refused.value.permanent


def test_a_sender_that_is_no_address_can_be_mended_in_the_config() -> None:
    with pytest.raises(TransportError, match=r"^mail\.from: «Отклик»") as refused:
        mail(MESSAGE, "Отклик")
    assert not refused.value.permanent


@given(st.text(max_size=60))
def test_any_recipient_is_an_address_or_refused(recipient: str) -> None:
    try:
        parsed = read(replace(MESSAGE, recipient=recipient))
    except TransportError:
        return
    assert len(parsed["To"].addresses) == 1


def test_a_russian_domain_goes_in_ascii_and_a_russian_name_as_it_is() -> None:
    assert mail(replace(MESSAGE, recipient="info@пример.рф"), SENDER)["To"].addresses[0].addr_spec == (
        "info@xn--e1afmkfd.xn--p1ai"
    )
    content = mail(replace(MESSAGE, recipient="вася@пример.рф"), SENDER).as_bytes()
    assert "To: вася@xn--e1afmkfd.xn--p1ai".encode() in content


PICTURED = replace(
    MESSAGE, html='<p>Письмо</p><img src="cid:chart">', pictures=(Picture("chart", b"\x89PNG\r\n\x1a\n", "График"),)
)


def test_a_picture_travels_inside_the_mail_beside_the_html_that_shows_it() -> None:
    text, related = read(PICTURED).iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(related, EmailMessage)
    assert text.get_content_type() == "text/plain"
    assert related.get_content_type() == "multipart/related"
    html, picture = related.iter_parts()
    assert isinstance(html, EmailMessage)
    assert isinstance(picture, EmailMessage)
    assert html.get_content().strip() == PICTURED.html
    assert (picture.get_content_type(), picture["Content-ID"]) == ("image/png", "<chart>")
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == b"\x89PNG\r\n\x1a\n"


def test_a_mail_with_a_picture_has_the_same_bytes_each_time() -> None:
    assert mail(PICTURED, SENDER).as_bytes() == mail(PICTURED, SENDER).as_bytes()


THREAD = "<ticket-1@otklik.example>"


def test_a_mail_goes_on_from_its_thread() -> None:
    parsed = read(replace(MESSAGE, thread=THREAD, references=("<a@otklik.example>", "<b@otklik.example>")))
    assert parsed["In-Reply-To"] == "<b@otklik.example>"
    assert parsed["References"] == f"{THREAD} <a@otklik.example> <b@otklik.example>"
    first = read(replace(MESSAGE, thread=THREAD))
    assert first["In-Reply-To"] == first["References"] == THREAD
    assert read(MESSAGE)["References"] is None


def test_a_mail_never_goes_on_from_itself_nor_twice_from_another() -> None:
    parsed = read(replace(MESSAGE, thread=THREAD, references=("<a@b>", MESSAGE.message_id, "<a@b>", THREAD)))
    assert (parsed["References"], parsed["In-Reply-To"]) == (f"{THREAD} <a@b>", "<a@b>")


def test_a_long_thread_names_its_beginning_and_its_end() -> None:
    earlier = tuple(f"<{number}@otklik.example>" for number in range(500))
    named = read(replace(MESSAGE, thread=THREAD, references=earlier))["References"].split()
    assert named[0] == THREAD
    assert named[1:] == list(earlier[-20:])


@pytest.mark.parametrize("recipient", ["support@example.ru", "вася@пример.рф"])
@pytest.mark.parametrize("length", [20, 70, 90, 180])
def test_ids_of_any_length_stay_ids(length: int, recipient: str) -> None:
    """What is encoded (`=?utf-8?…`) no mail program takes for an id."""
    ids = tuple(f"<{'a' * length}{number}@example.ru>" for number in range(3))
    content = mail(replace(MESSAGE, recipient=recipient, references=ids), SENDER).as_bytes()
    head = content.partition(b"\r\n\r\n")[0].decode()
    assert "References: " + "\r\n ".join(ids) + "\r\n" in head
    assert f"In-Reply-To: {ids[-1]}\r\n" in head
    assert max(map(len, content.splitlines())) <= 998


@given(thread=st.text(max_size=300), references=st.lists(st.text(max_size=300), max_size=5))
def test_nothing_slips_in_through_a_thread(thread: str, references: list[str]) -> None:
    made = mail(replace(MESSAGE, thread=thread, references=tuple(references)), SENDER).as_bytes()
    parsed = message_from_bytes(made, policy=default)
    assert {name.lower() for name in parsed} <= HEADERS | {"in-reply-to", "references"}
    for one in (parsed["References"] or "").split():
        assert re.fullmatch(r"<[A-Za-z0-9_+=.-]+@[A-Za-z0-9_+=.-]+>", one)
