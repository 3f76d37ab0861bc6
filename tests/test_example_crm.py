"""The example of README does what it says: an alarm becomes a task and a note, once, between real processes."""

import json
import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from monitor.alerts import AlertKind, Delivery, Message, TicketView
from monitor.clock import SystemClock
from monitor.model import SourceSettings
from monitor.notify.payload import payload
from monitor.notify.sample import samples
from monitor.notify.webhook import WebhookChannel, body, signature
from monitor.session import HttpSession
from monitor.sources import REGISTRY
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
    """A desk, a CRM and the example between them, each in its own process or thread. `tasks` of the CRM, by key."""

    rig: Rig
    crm: Site
    process: subprocess.Popen[str]
    hook: str
    tasks: dict[str, int] = field(default_factory=dict)

    def make(self, request: BaseHTTPRequestHandler) -> None:
        """A CRM that makes one task for a key."""
        number = self.tasks.setdefault(request.headers["Idempotency-Key"], len(self.tasks) + 7)
        answer = json.dumps({"id": number}).encode()
        request.send_response(201)
        request.send_header("Content-Length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

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
def example(otklik: str, secret: str, crm: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The example's process, and where it listens."""
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE), "0"],
        env={**os.environ, "OTKLIK_URL": otklik, "OTKLIK_TOKEN": secret, "CRM_URL": crm, "CRM_SECRET": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bridge, Bridge]]:
    """The same desk and CRM with two examples: one of them will be killed."""
    folder = tmp_path_factory.mktemp("crm")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = Rig(folder, World.demo(NOON))
        rig.run()
        secret = token(rig, "crm", [Grant.ACT])
        with serving() as crm, running(folder) as (_, address):
            asked = (address, secret, crm.url("/tasks"))
            with example(*asked) as (process, hook), example(*asked) as (doomed, other):
                yield Bridge(rig, crm, process, hook), Bridge(rig, crm, doomed, other)
        rig.app.close()


@pytest.fixture
def bridge(processes: tuple[Bridge, Bridge]) -> Bridge:
    """The CRM works, and has not been asked."""
    found = processes[0]
    found.crm.seen.clear()
    found.tasks.clear()
    found.crm.pages["/tasks"] = found.make
    return found


def alarm(*views: TicketView) -> Message:
    (danger, *_) = [alert for alert in samples(NOON) if alert.kind is AlertKind.DANGER]
    return replace(MESSAGE, recipient="channel:crm", data=payload(replace(danger, tickets=views)))


def test_a_ticket_becomes_a_task_and_a_note_once(bridge: Bridge) -> None:
    """The same message may come twice, and another one tells that the ticket is later still."""
    first, second = bridge.rig.queue()[:2]
    for message in (alarm(first, second), alarm(first, second), replace(alarm(first), message_id="<later@otklik>")):
        assert bridge.send(message) == [Delivery(message.message_id)]
    tasks = [json.loads(seen.body) for seen in bridge.crm.seen]
    assert [task["text"] for task in tasks] == [first.text, second.text]
    assert tasks[0]["title"].startswith(f"Отзыв № {first.ticket}: {first.source_title}, ")
    assert bridge.notes(first.ticket) == [("api:crm", "CRM: задача 7.")]
    assert bridge.notes(second.ticket) == [("api:crm", "CRM: задача 8.")]


def test_killed_between_the_task_and_the_note_it_makes_no_second_one(
    bridge: Bridge, processes: tuple[Bridge, Bridge]
) -> None:
    doomed, view = processes[1], bridge.rig.queue()[3]

    def die(request: BaseHTTPRequestHandler) -> None:
        doomed.process.kill()
        doomed.process.wait()
        bridge.make(request)

    bridge.crm.pages["/tasks"] = die
    (delivery,) = doomed.send(alarm(view))
    assert (bool(delivery.error), delivery.permanent) == (True, False)
    assert bridge.notes(view.ticket) == []
    bridge.crm.pages["/tasks"] = bridge.make
    assert bridge.send(alarm(view)) == [Delivery(MESSAGE.message_id)]
    assert len(bridge.tasks) == 1
    assert bridge.notes(view.ticket) == [("api:crm", "CRM: задача 7.")]


def test_while_the_crm_is_down_the_message_waits_and_nothing_is_lost(bridge: Bridge) -> None:
    view = bridge.rig.queue()[2]
    bridge.crm.page("/tasks", status=500)
    (delivery,) = bridge.send(alarm(view))
    assert delivery.error
    assert not delivery.permanent
    assert bridge.notes(view.ticket) == []
    bridge.crm.pages["/tasks"] = bridge.make
    assert bridge.send(alarm(view)) == [Delivery(MESSAGE.message_id)]
    assert bridge.notes(view.ticket) == [("api:crm", "CRM: задача 7.")]


def test_nobody_else_makes_it_do_anything(bridge: Bridge) -> None:
    content = body(alarm(bridge.rig.queue()[0]))
    now = int(SystemClock().now().timestamp())
    for header in ("", signature("another", content, now), signature(KEY, content, now - 301)):
        assert httpx.post(bridge.hook, content=content, headers={"Otklik-Signature": header}).status_code == 401
    assert bridge.crm.seen == []


@pytest.mark.parametrize("length", ["abc", "-1", "0", "9" * 5000, "²"])
def test_what_is_no_length_is_refused(bridge: Bridge, length: str) -> None:
    with socket.create_connection(("127.0.0.1", int(bridge.hook.split(":")[2].split("/")[0]))) as wire:
        wire.sendall(f"POST /hook HTTP/1.0\r\nContent-Length: {length}\r\n\r\n".encode("latin-1"))
        assert b" 413 " in wire.makefile("rb").readline()


def test_a_message_without_tickets_needs_nothing(bridge: Bridge) -> None:
    (intake, *_) = [alert for alert in samples(NOON) if alert.kind is AlertKind.INTAKE]
    assert bridge.send(replace(MESSAGE, data=payload(intake))) == [Delivery(MESSAGE.message_id)]
    assert bridge.crm.seen == []


def test_a_port_that_is_taken_is_said_in_a_line(bridge: Bridge) -> None:
    port = bridge.hook.split(":")[2].split("/")[0]
    environment = {
        **os.environ,
        "OTKLIK_URL": "http://127.0.0.1:1",
        "OTKLIK_TOKEN": "x",
        "CRM_URL": "x",
        "CRM_SECRET": KEY,
    }
    ended = subprocess.run(
        [sys.executable, str(EXAMPLE), port], env=environment, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"port {port}: ")
    assert len(ended.stderr.splitlines()) == 1


def test_sites_are_called_as_at_the_desk() -> None:
    told = runpy.run_path(str(EXAMPLE))["SITES"]
    assert told == {name: make(SourceSettings()).title for name, make in REGISTRY.items()}
