"""Links in mails: only ours are believed, each for one thing, and a mail offers only what makes sense."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import Alert, AlertKind, Message, TicketView
from monitor.config_values import email
from monitor.invitations import COMMANDS, LONGEST_RECIPIENT, Action, Expired, Invitation, Invitations
from monitor.model import TicketState
from monitor.notify.render import SIZE_LIMIT, Renderer
from monitor.notify.sample import ticket
from monitor.notify.views import buttons
from tests.test_notify_render import Tags

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "a secret that is long enough to sign"
WEEK = timedelta(days=7)
VIEW = replace(ticket(NOW), assignee=None)
ANNA = "anna@example.ru"


def ours(secret: str = SECRET, names: dict[str, str] | None = None) -> Invitations:
    return Invitations(secret, public_url="https://otklik.example.ru", lifetime=WEEK, names=names or {})


LINKS = ours(names={"Anna@example.ru": "Анна"})


def token(action: Action = Action.TAKE, view: TicketView = VIEW, to: str = ANNA, at: datetime = NOW) -> str:
    return LINKS.address(action, view, to, at).rpartition("/")[2]


def raw(token: str) -> bytes:
    return urlsafe_b64decode(token + "=" * (-len(token) % 4))


def spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


# --- what is believed --------------------------------------------------------------------------


@pytest.mark.parametrize("action", Action)
def test_a_link_says_what_it_is_for(action: Action) -> None:
    address = LINKS.address(action, VIEW, ANNA, NOW)
    assert address.startswith("https://otklik.example.ru/a/")
    found = LINKS.read(address.rpartition("/")[2], NOW)
    assert isinstance(found, Invitation)
    assert (found.action, found.ticket, found.recipient) == (action, VIEW.ticket, ANNA)
    assert found.expires_at == NOW + WEEK
    assert found.is_for(VIEW)


def test_the_same_mail_holds_the_same_link() -> None:
    assert token() == token()


def test_every_flipped_bit_makes_it_nobodys() -> None:
    whole = raw(token())
    for place in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            assert LINKS.read(spelled(bytes(changed)), NOW) is None, (place, bit)


def test_every_changed_letter_makes_it_nobodys() -> None:
    whole = token()
    for place, letter in enumerate(whole):
        for other in "Aa0-_=. %":
            if other != letter:
                assert LINKS.read(whole[:place] + other + whole[place + 1 :], NOW) is None, (place, other)


def test_a_link_that_was_cut_or_grew_is_nobodys() -> None:
    whole = token()
    assert not [end for end in range(len(whole)) if LINKS.read(whole[:end], NOW) is not None]
    assert not [more for more in ("A", "==", "\n", " ", "/", "?x", whole) if LINKS.read(whole + more, NOW) is not None]
    assert LINKS.read(" " + whole, NOW) is None


def test_each_token_has_one_spelling() -> None:
    """Base64 leaves bits of its last letter unused, and decoders are generous."""
    for length in (1, 2, 3):
        whole = token(to=f"{'x' * length}@example.ru")
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        alike = [letter for letter in letters if LINKS.read(whole[:-1] + letter, NOW) is not None]
        assert alike == [whole[-1]]


@pytest.mark.parametrize(
    ("part", "of"),
    [
        ("action", token(Action.SUBMITTED)),
        ("ticket", token(view=replace(VIEW, ticket=2))),
        ("review", token(view=replace(VIEW, external_id="2"))),
        ("recipient", token(to="oleg@example.ru")),
        ("expiry", token(at=NOW + timedelta(days=30))),
    ],
)
def test_the_words_of_one_link_with_the_seal_of_another_are_nobodys(part: str, of: str) -> None:
    told, seal = raw(of)[:-32], raw(token())[-32:]
    assert told != raw(token())[:-32], part
    assert LINKS.read(spelled(told + seal), NOW) is None


def test_another_secret_signs_nothing_of_ours() -> None:
    assert ours("another secret that is long enough, too").read(token(), NOW) is None


def test_the_secret_itself_is_not_the_key() -> None:
    """So that whatever else it signs one day is no link."""
    told = raw(token())[:-32]
    assert LINKS.read(spelled(told + hmac.digest(SECRET.encode(), told, "sha256")), NOW) is None


@pytest.mark.parametrize(
    ("after", "works"),
    [(timedelta(), True), (WEEK - timedelta(seconds=1), True), (WEEK, False), (timedelta(days=400), False)],
)
def test_a_link_expires_and_still_says_what_it_was_for(after: timedelta, works: bool) -> None:
    found = LINKS.read(token(Action.SUBMITTED), NOW + after)
    assert isinstance(found, Invitation) if works else found == Expired(Action.SUBMITTED, VIEW.ticket)


@given(st.one_of(st.text(max_size=700), st.binary(max_size=200).map(spelled)))
def test_whatever_is_no_token_is_calmly_nobodys(text: str) -> None:
    assert LINKS.read(text, NOW) is None


@pytest.mark.parametrize(
    "other",
    [
        replace(VIEW, external_id="2"),
        replace(VIEW, source="twogis"),
        replace(VIEW, place="mira"),
    ],
)
def test_a_number_that_became_another_reviews_is_noticed(other: TicketView) -> None:
    found = LINKS.read(token(), NOW)
    assert isinstance(found, Invitation)
    assert not found.is_for(other)
    assert found.is_for(replace(VIEW, text="правка", revision=2, assignee="Олег"))


@pytest.mark.parametrize(
    ("recipient", "actor"),
    [
        ("anna@example.ru", "Анна"),
        ("ANNA@EXAMPLE.RU", "Анна"),
        ("support@example.ru", "support@example.ru"),
        ("channel:telegram", "telegram"),
    ],
)
def test_who_acts_is_whom_the_mail_went_to(recipient: str, actor: str) -> None:
    assert LINKS.actor(recipient) == actor
    found = LINKS.read(token(to=recipient), NOW)
    assert isinstance(found, Invitation)
    assert found.recipient == recipient


@pytest.mark.parametrize("secret", ["", "qwerty", "q" * 31])
def test_a_secret_that_can_be_guessed_signs_nothing(secret: str) -> None:
    with pytest.raises(ValueError, match="is shorter than 32 characters") as refused:
        ours(secret)
    assert not secret or secret not in str(refused.value)


def test_the_longest_address_there_can_be_gives_a_short_link() -> None:
    longest = "x" * (LONGEST_RECIPIENT - len("@example.ru")) + "@example.ru"
    assert email(longest) == longest
    assert len(LINKS.address(Action.TAKE, VIEW, longest, NOW)) < 500
    with pytest.raises(ValueError, match="must have 1 to 254 bytes"):
        LINKS.address(Action.TAKE, VIEW, "x" + longest, NOW)


# --- what a mail offers ------------------------------------------------------------------------

ALL = ["Знаю, займусь", "Беру себе", "Ответ отправлен"]


@pytest.mark.parametrize(
    ("view", "labels"),
    [
        (VIEW, ALL),
        (replace(VIEW, state=TicketState.APPROVED), ALL),
        (replace(VIEW, assignee="Анна"), ["Знаю, займусь", "Ответ отправлен"]),
        (replace(VIEW, assignee="Олег"), ["Знаю, займусь"]),
        (replace(VIEW, acknowledged_by="Олег"), ["Беру себе", "Ответ отправлен"]),
        (replace(VIEW, assignee="Олег", acknowledged_by="Олег"), []),
        *((replace(VIEW, state=state), []) for state in TicketState if state.value not in ("open", "approved")),
    ],
)
def test_a_mail_offers_what_is_still_to_be_done(view: TicketView, labels: list[str]) -> None:
    assert [button.label for button in buttons(view, ANNA, LINKS, NOW)] == labels


def test_without_a_way_to_the_site_the_first_button_stands_out() -> None:
    assert [button.main for button in buttons(VIEW, ANNA, LINKS, NOW)] == [False, False, False]
    assert [button.main for button in buttons(replace(VIEW, reply_url=""), ANNA, LINKS, NOW)] == [True, False, False]


def mail(kind: AlertKind, *views: TicketView, links: Invitations | None = LINKS) -> Message:
    alert = Alert(kind, "", ANNA, "<a1@otklik.example>", views, NOW)
    return Renderer(None, "Кафе «Ромашка»", links).render(alert, now=NOW)


TOLD = [AlertKind.DEADLINE, AlertKind.DANGER, AlertKind.WARNINGS, AlertKind.OVERDUE]


@pytest.mark.parametrize("kind", TOLD)
def test_buttons_stand_in_both_parts_of_a_mail_instead_of_commands(kind: AlertKind) -> None:
    message = mail(kind, VIEW)
    shown = Tags(message.html).links
    for button in buttons(VIEW, ANNA, LINKS, NOW):
        assert f"{button.label}: {button.url}\n" in message.text
        assert button.url in shown
        assert button.label in message.html
    for part in (message.text, message.html):
        assert "queue take" not in part


@pytest.mark.parametrize("kind", [AlertKind.DEADLINE, AlertKind.DANGER])
def test_without_a_desk_a_mail_shows_commands(kind: AlertKind) -> None:
    message = mail(kind, VIEW, links=None)
    for part in (message.text, message.html):
        for command in ("ack", "take", "submitted"):
            assert f"otklik queue {command} 1" in part
        assert "/a/" not in part


def test_a_mail_never_tells_to_take_what_a_colleague_took() -> None:
    taken = mail(AlertKind.DEADLINE, replace(VIEW, assignee="Олег", acknowledged_by="Олег"), links=None)
    assert "queue take" not in taken.text
    assert "queue ack" not in taken.text
    assert "otklik queue submitted 1" in taken.text


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_command_that_exists(action: Action) -> None:
    from monitor.cli.queue import queue

    assert COMMANDS[action] in queue.commands


@pytest.mark.parametrize("kind", TOLD)
def test_mails_with_buttons_stay_small(kind: AlertKind) -> None:
    views = [replace(VIEW, ticket=number, text="ж" * 9000) for number in range(1, 61)]
    message = mail(kind, *views)
    for part in (message.text, message.html):
        assert len(part.encode()) <= SIZE_LIMIT
        assert "и ещё" in part
