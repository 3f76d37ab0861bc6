"""What mails about accounts say: a link that sets a password, and what was done to an account."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.accounts import Invited, Notice
from monitor.alerts import Alert, AlertKind, Message
from monitor.invitations import Invitations
from monitor.notify.payload import payload
from monitor.notify.render import SUBJECT_LIMIT, Renderer
from monitor.notify.sample import account
from tests.test_notify_render import HOSTILE, RENDERER, Tags, is_one_line, spaced

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ALL = [
    *(account(AlertKind.ENTRY, why, NOW) for why in Invited),
    *(account(AlertKind.ACCOUNT, what, NOW) for what in Notice),
]
LEVELS = [alert.level for alert in ALL]


def render(alert: Alert) -> Message:
    return RENDERER.render(alert, now=NOW)


@pytest.mark.parametrize("why", Invited)
def test_a_link_stands_in_both_parts_with_the_login_and_its_end(why: Invited) -> None:
    alert = account(AlertKind.ENTRY, why, NOW)
    message = render(alert)
    assert alert.account is not None
    assert message.text.count(alert.account.link) == 1
    assert Tags(message.html).links == [alert.account.link]
    for part in (spaced(message.text), spaced(Tags(message.html).words)):
        for told in ("Анна Петрова", "Логин: anna.", "сегодня в 16:00 она устареет", "работает один раз"):
            assert told in part


@pytest.mark.parametrize("what", Notice)
def test_a_notice_holds_no_link_and_says_what_to_do(what: Notice) -> None:
    message = render(account(AlertKind.ACCOUNT, what, NOW))
    assert Tags(message.html).links == []
    assert "http" not in message.text
    for part in (message.text, Tags(message.html).words):
        assert "anna" in part
        assert "скажите администратору" in part


@pytest.mark.parametrize("what", [Notice.PASSWORD, Notice.FACTOR_ON, Notice.FACTOR_OFF])
def test_the_login_page_is_only_named_where_it_mails_links(what: Notice) -> None:
    alert = account(AlertKind.ACCOUNT, what, NOW)
    assert "Забыли пароль" not in render(alert).text
    assert "скажите администратору: новую ссылку для пароля выдаст он" in spaced(render(alert).text)
    links = Invitations("x" * 32, public_url="https://otklik.example.ru", lifetime=timedelta(days=1), names={})
    assert "на странице входа есть «Забыли пароль?»" in spaced(
        Renderer(None, "Кафе", links).render(alert, now=NOW).text
    )


@pytest.mark.parametrize("alert", ALL, ids=LEVELS)
def test_nobody_is_told_that_the_address_stands_in_the_config(alert: Alert) -> None:
    message = render(alert)
    for part in (message.text, Tags(message.html).words):
        assert "config.yaml" not in part
        assert "в учётной записи anna" in part
        assert "None" not in part
        assert not re.search(r"{\w+}", part)


def test_the_change_of_an_address_names_both() -> None:
    message = render(account(AlertKind.ACCOUNT, Notice.EMAIL, NOW))
    assert "anna@example.ru → petrova@example.ru" in message.text
    assert "или был в ней указан" in message.text


@pytest.mark.parametrize("alert", ALL, ids=LEVELS)
def test_hostile_names_are_shown_and_never_obeyed(alert: Alert) -> None:
    assert alert.account is not None
    view = replace(alert.account, name=HOSTILE, login=HOSTILE, address=HOSTILE, detail=HOSTILE)
    message = render(replace(alert, account=view))
    assert is_one_line(message.subject)
    assert len(message.subject) <= SUBJECT_LIMIT
    seen = Tags(message.html)
    assert {tag for tag, _ in seen.tags} <= {tag for tag, _ in Tags(render(alert).html).tags}
    assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]
    for part in (message.text, message.html):
        assert not set(part) & set("\0\x1b\u202e\ud800\r")


@pytest.mark.parametrize("alert", ALL, ids=LEVELS)
def test_what_programs_are_told_holds_no_link(alert: Alert) -> None:
    assert "setup" not in repr(payload(alert))
