"""Messages as signed JSON, over real sockets."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import Delivery
from monitor.assemble import Application
from monitor.config import load
from monitor.model import Page, PageRequest, Token
from monitor.notify.payload import MOST, payload
from monitor.notify.sample import samples
from monitor.notify.webhook import WebhookChannel, body, signature, verify
from monitor.session import HttpSession
from monitor.standin.world import World
from tests.fakes import FrozenClock, MemoryBook
from tests.rig import HEAD, NOON, DirectSession, Rig
from tests.session_rig import NOW, Seen, Site, serving
from tests.test_notify_mime import MESSAGE
from tests.test_notify_smtp import messages, outcome

KEY = "klyuch-podpisi-42"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


@pytest.fixture
def session() -> Iterator[HttpSession]:
    made = open_session()
    yield made
    made.close()


def open_session(timeout: float = 5, clock: FrozenClock | None = None) -> HttpSession:
    return HttpSession(
        clock or FrozenClock(NOW),
        contact="admin@example.ru",
        allow_loopback=True,
        timeout=timedelta(seconds=timeout),
        paces={},
        robots={"webhook": False},
        book=MemoryBook(),
    )


def hook(session: HttpSession, address: str) -> WebhookChannel:
    return WebhookChannel("crm", address, key=KEY, session=lambda: session, clock=FrozenClock(NOW))


def told(seen: Seen) -> dict[str, Any]:
    found = json.loads(seen.body)
    assert isinstance(found, dict)
    return found


# --- what is sent -------------------------------------------------------------------------------


def test_a_message_is_posted_as_json_that_its_receiver_can_verify(session: HttpSession, site: Site) -> None:
    site.page("/hook", status=204)
    assert list(hook(session, site.url("/hook")).deliver([MESSAGE])) == [Delivery(MESSAGE.message_id)]
    (seen,) = site.seen
    assert seen.method == "POST"
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["Idempotency-Key"] == "alert-1.support@otklik.example"
    assert seen.headers["User-Agent"].startswith("otklik/")
    assert verify(KEY, seen.headers["Otklik-Signature"], seen.body, NOW.timestamp())
    assert told(seen) == {
        "version": 1,
        "id": "alert-1.support@otklik.example",
        "recipient": "support@example.ru",
        "at": "2026-11-21T12:00:00.000000Z",
        "subject": "Просрочено",
        "text": "Текст ё\n",
    }


def test_the_same_message_has_the_same_key_and_body_each_time(session: HttpSession, site: Site) -> None:
    site.page("/hook")
    channel = hook(session, site.url("/hook"))
    list(channel.deliver([MESSAGE, MESSAGE]))
    first, second = site.seen
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.body == second.body


def test_programs_hear_of_tickets_and_alarms_what_people_hear() -> None:
    danger, *_ = [alert for alert in samples(NOW) if alert.kind == "danger"]
    found = payload(danger)
    assert (found["kind"], found["total"], found["alarms"]) == ("danger", 2, [])
    assert found["tickets"][0] == {  # type: ignore[index]  # a list of tickets
        "ticket": 1,
        "state": "open",
        "sla": "breached",
        "due_at": "2026-11-21T11:35:00.000000Z",
        "place": "lenina",
        "place_title": "«Ромашка» на Ленина",
        "source": "yandex_maps",
        "stars": 1,
        "tone": "negative",
        "themes": [],
        "risks": [{"risk": "poisoning", "quote": "к вечеру вся семья лежала с температурой"}],
        "assignee": "Анна",
        "url": "https://yandex.ru/maps/org/82071161567/reviews/",
        "reply_url": "https://yandex.ru/sprav/82071161567/reviews/",
    }
    intake, *_ = [alert for alert in samples(NOW) if alert.kind == "intake"]
    assert {alarm["kind"] for alarm in payload(intake)["alarms"]} >= {"blocked", "gap"}  # type: ignore[attr-defined]


def test_every_alert_there_is_can_be_told_to_programs() -> None:
    for alert in samples(NOW):
        found = json.loads(body(replace(MESSAGE, data=payload(alert))))
        assert found["kind"] == alert.kind
        assert found["total"] == len(found["tickets"]) + len(found["alarms"])


def test_a_flood_is_counted_and_not_listed() -> None:
    danger, *_ = [alert for alert in samples(NOW) if alert.kind == "danger"]
    found = payload(replace(danger, tickets=danger.tickets * MOST))
    assert found["total"] == 2 * MOST
    assert len(found["tickets"]) == MOST  # type: ignore[arg-type]


@given(text=st.text(max_size=200), subject=st.text(max_size=80))
def test_whatever_stands_in_a_message_the_body_is_json_in_utf_8(text: str, subject: str) -> None:
    found = json.loads(body(replace(MESSAGE, text=text, subject=subject)).decode())
    assert found["text"] == text.encode("utf-8", "replace").decode()


# --- signatures ---------------------------------------------------------------------------------


def test_the_signature_is_what_the_documentation_says() -> None:
    digest = hmac.new(b"k", b'1795262400.{"a": 1}', hashlib.sha256).hexdigest()
    assert signature("k", b'{"a": 1}', 1795262400) == f"t=1795262400,v1={digest}"


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_a_signature_holds_for_five_minutes(seconds: int, good: bool) -> None:
    header = signature(KEY, b"{}", 1_000_000)
    assert verify(KEY, header, b"{}", 1_000_000 + seconds) is good


@pytest.mark.parametrize(
    "header",
    ["", "t=1000000", "v1=00", "t=1000000,v1=", "t=1000000,v1=ё", "t=،٣,v1=00", "t=" + "9" * 5000 + ",v1=00", "v1,t"],
)
def test_no_other_header_is_believed(header: str) -> None:
    assert not verify(KEY, header, b"{}", 1_000_000)


def test_no_other_key_body_or_moment_is_believed() -> None:
    header = signature(KEY, b"{}", 1_000_000)
    assert not verify("another", header, b"{}", 1_000_000)
    assert not verify(KEY, header, b"{ }", 1_000_000)
    assert not verify(KEY, header.replace("t=1000000", "t=1000001"), b"{}", 1_000_000)


# --- what is answered ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, "sent"),
        (202, "sent"),
        (408, "later"),
        (425, "later"),
        (429, "later"),
        (500, "later"),
        (503, "later"),
        (304, "later"),
        (400, "permanent"),
        (401, "later"),
        (403, "later"),
        (404, "later"),
        (405, "later"),
        (410, "permanent"),
        (422, "permanent"),
    ],
)
def test_an_answer_says_whether_to_try_again(session: HttpSession, site: Site, status: int, expected: str) -> None:
    site.page("/hook", status=status)
    (made,) = hook(session, site.url("/hook")).deliver([MESSAGE])
    assert outcome([made]) == [expected]
    assert expected == "sent" or f"127.0.0.1:{site.port} ответил {status}" in (made.error or "")


def test_a_redirect_is_not_followed_with_reviews_in_the_hand(session: HttpSession, site: Site) -> None:
    site.page("/hook", status=302, Location=site.url("/elsewhere"))
    assert outcome(hook(session, site.url("/hook")).deliver([MESSAGE])) == ["later"]
    assert site.paths == ["/hook"]


def test_where_nobody_listens_the_rest_of_the_batch_is_not_tried(session: HttpSession) -> None:
    with serving() as gone:
        address = gone.url("/hook")
    first, second = hook(session, address).deliver(messages("channel:crm", "channel:crm"))
    assert outcome([first, second]) == ["later", "later"]
    assert (first.error or "").startswith("канал crm: ")
    assert "очередь не дошла" in (second.error or "")


def test_one_refused_message_does_not_stop_the_next(session: HttpSession, site: Site) -> None:
    answers = iter((422, 200))
    site.pages["/hook"] = lambda request: request.send_error(next(answers))
    made = hook(session, site.url("/hook")).deliver(messages("channel:crm", "channel:crm"))
    assert outcome(made) == ["permanent", "sent"]


def test_a_wait_that_was_asked_for_is_kept(site: Site) -> None:
    clock = FrozenClock(NOW)
    session = open_session(clock=clock)
    site.page("/hook", status=429, Retry_After="120")
    channel = hook(session, site.url("/hook"))
    assert outcome(channel.deliver(messages("channel:crm", "channel:crm"))) == ["later", "later"]
    assert len(site.seen) == 1
    site.page("/hook")
    clock.advance(timedelta(seconds=119))
    assert outcome(channel.deliver([MESSAGE])) == ["later"]
    clock.advance(timedelta(seconds=2))
    assert outcome(channel.deliver([MESSAGE])) == ["sent"]
    session.close()


def test_a_hook_that_is_silent_holds_nobody(site: Site) -> None:
    session = open_session(timeout=0.05)
    site.raw("/hook", b"H", b"T", every=0.04)
    assert outcome(hook(session, site.url("/hook")).deliver([MESSAGE])) == ["later"]
    session.close()


def test_no_key_no_address_and_no_review_stands_in_an_error(session: HttpSession, site: Site) -> None:
    site.page("/hook", status=403)
    (made,) = hook(session, site.url("/hook?token=parol")).deliver([MESSAGE])
    assert "проверьте ключ подписи" in (made.error or "")
    for hidden in (KEY, "parol", "/hook", MESSAGE.text.strip()):
        assert hidden not in (made.error or "")


# --- in a whole Отклик --------------------------------------------------------------------------


def test_the_session_of_the_config_posts_without_asking_robots(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SECRET", KEY)
    site.page("/hook")
    address = site.url("/hook")
    text = HEAD + f'channels: {{crm: {{webhook: "{address}", secret_env: CRM_SECRET}}}}\n'
    text += "places: [{id: lenina, title: На Ленина}]\n"
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    app = Application(load(tmp_path / "config.yaml"), FrozenClock(NOW))
    assert outcome(app.channel.deliver([replace(MESSAGE, recipient="channel:crm")])) == ["sent"]
    app.close()
    assert site.paths == ["/hook"]


class Hooked(DirectSession):
    """The stand-in's sites, and a CRM that takes whatever is posted to it."""

    def __init__(self, world: World, clock: FrozenClock) -> None:
        super().__init__(world, clock)
        self.posted: list[PageRequest] = []

    def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
        if source != "webhook":
            return super().send(request, source=source, token=token)
        self.posted.append(request)
        return Page(200, {}, b"", request.url, NOON)


def test_a_danger_reaches_a_crm_once(tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SECRET", KEY)
    world = World.demo(NOON)
    head = HEAD.replace("owner@example.ru", "channel:crm")
    rig = Rig(
        tmp_path,
        world,
        head=head,
        extra="channels: {crm: {webhook: https://crm.example.ru/, secret_env: CRM_SECRET}}\n",
    )
    session = Hooked(world, rig.clock)
    rig.session = session
    rig.restart()
    rig.run()
    rig.run()
    posted = [json.loads(request.content or b"") for request in session.posted]
    dangers = [found for found in posted if found["kind"] == "danger"]
    assert dangers
    assert {found["recipient"] for found in posted} == {"channel:crm"}
    assert len({found["id"] for found in posted}) == len(posted)
    tickets = [ticket for found in dangers for ticket in found["tickets"]]
    assert all(ticket["risks"] for ticket in tickets)
    assert {ticket["ticket"] for ticket in tickets} <= {view.ticket for view in rig.everything()}
    rig.app.close()
