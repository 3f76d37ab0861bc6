"""The example of README does what it says: an alarm becomes a task and a note, once, between real processes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from monitor.alerts import AlertKind, Delivery, Message, TicketView
from monitor.clock import SystemClock
from monitor.notify.payload import payload
from monitor.notify.sample import samples
from monitor.notify.webhook import WebhookChannel, body, signature
from monitor.session import HttpSession
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from monitor.tokens import Grant
from tests.api_rig import token
from tests.rig import NOON, Rig
from tests.session_rig import Site, serving
from tests.test_cli_desk import running
from tests.test_config import ROOT
from tests.test_notify_mime import MESSAGE
from tests.test_webhook import open_session

KEY = "klyuch-podpisi-42"
EXAMPLE = ROOT / "examples" / "crm_task.py"


@dataclass
class Bridge:
    """A desk, a CRM and the example between them, each in its own process or thread."""

    rig: Rig
    crm: Site
    hook: str

    def send(self, message: Message) -> list[Delivery]:
        session: HttpSession = open_session(timeout=30)
        channel = WebhookChannel("crm", self.hook, key=KEY, session=lambda: session, clock=SystemClock())
        try:
            return list(channel.deliver([message]))
        finally:
            session.close()

    def notes(self, ticket: int) -> list[tuple[str, str]]:
        return [(note.author, note.text) for note in self.rig.app.store.talk.notes(ticket)]


@contextmanager
def example(otklik: str, secret: str, crm: str) -> Iterator[str]:
    """Where the example listens."""
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE), "0"],
        env={**os.environ, "OTKLIK_URL": otklik, "OTKLIK_TOKEN": secret, "CRM_URL": crm, "CRM_SECRET": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    folder = tmp_path_factory.mktemp("crm")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = Rig(folder, World.demo(NOON))
        rig.run()
        secret = token(rig, "crm", [Grant.ACT])
        with serving() as crm, running(folder) as (_, address), example(address, secret, crm.url("/tasks")) as hook:
            yield Bridge(rig, crm, hook)
        rig.app.close()


@pytest.fixture
def bridge(processes: Bridge) -> Bridge:
    """The CRM works, and has not been asked."""
    processes.crm.seen.clear()
    processes.crm.pages["/tasks"] = made
    return processes


def made(request: BaseHTTPRequestHandler) -> None:
    """A CRM that makes task 7."""
    answer = b'{"id": 7}'
    request.send_response(201)
    request.send_header("Content-Length", str(len(answer)))
    request.end_headers()
    request.wfile.write(answer)


def alarm(*views: TicketView) -> Message:
    (danger, *_) = [alert for alert in samples(NOON) if alert.kind is AlertKind.DANGER]
    return replace(MESSAGE, recipient="channel:crm", data=payload(replace(danger, tickets=views)))


def test_an_alarm_becomes_a_task_and_a_note_once(bridge: Bridge) -> None:
    first, second = bridge.rig.queue()[:2]
    message = alarm(first, second)
    for _ in range(2):  # the same message may come twice
        assert bridge.send(message) == [Delivery(message.message_id)]
    tasks = [json.loads(seen.body) for seen in bridge.crm.seen]
    assert [task["text"] for task in tasks] == [first.text, second.text] * 2
    assert f"№ {first.ticket}" in tasks[0]["title"]
    keys = [seen.headers["Idempotency-Key"] for seen in bridge.crm.seen]
    assert keys[:2] == keys[2:]
    for view in (first, second):
        assert bridge.notes(view.ticket) == [("api:crm", "CRM: задача 7.")]


def test_while_the_crm_is_down_the_message_waits_and_nothing_is_lost(bridge: Bridge) -> None:
    view = bridge.rig.queue()[2]
    bridge.crm.page("/tasks", status=500)
    (delivery,) = bridge.send(alarm(view))
    assert delivery.error
    assert not delivery.permanent
    assert bridge.notes(view.ticket) == []
    bridge.crm.pages["/tasks"] = made
    assert bridge.send(alarm(view)) == [Delivery(MESSAGE.message_id)]
    assert bridge.notes(view.ticket) == [("api:crm", "CRM: задача 7.")]


def test_nobody_else_makes_it_do_anything(bridge: Bridge) -> None:
    content = body(alarm(bridge.rig.queue()[0]))
    now = int(SystemClock().now().timestamp())
    for header in ("", signature("another", content, now), signature(KEY, content, now - 301)):
        assert httpx.post(bridge.hook, content=content, headers={"Otklik-Signature": header}).status_code == 401
    assert bridge.crm.seen == []


def test_a_message_without_tickets_needs_nothing(bridge: Bridge) -> None:
    (intake, *_) = [alert for alert in samples(NOON) if alert.kind is AlertKind.INTAKE]
    assert bridge.send(replace(MESSAGE, data=payload(intake))) == [Delivery(MESSAGE.message_id)]
    assert bridge.crm.seen == []
