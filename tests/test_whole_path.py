"""The installed program as its users run it: real processes, real sockets, a real SQLite file, a real SMTP server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from monitor.clock import SystemClock
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.server import StandIn
from monitor.standin.world import World
from tests.ports import free_port
from tests.rig import HEAD, places_yaml, sources_yaml

OTKLIK = Path(sys.executable).with_name("otklik")


def otklik(*arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(OTKLIK), *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | STAND_IN_ENV | (env or {}),
        check=False,
    )


class Mailbox:
    """Takes every mail it is handed."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


@pytest.fixture
def world() -> World:
    return World.demo(SystemClock().now())


def configure(folder: Path, world: World, base_url: str, smtp_port: int) -> Path:
    path = folder / "config.yaml"
    mail = f"mail: {{transport: smtp, from: otklik@example.ru, host: 127.0.0.1, port: {smtp_port}, tls: none}}"
    head = HEAD.replace("mail: {transport: file, from: otklik@example.ru}", mail)
    path.write_text(head + sources_yaml(base_url) + places_yaml(world), encoding="utf-8")
    return path


def test_a_danger_on_a_site_becomes_a_mail_in_the_owners_box(
    tmp_path: Path, world: World, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    with StandIn(world) as sites:
        config = configure(tmp_path, world, sites.base_url, port)
        result = otklik("run", "--json", "-c", config)
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
        report = json.loads(result.stdout)
        assert report["listings"] == {"due": 5, "ok": 5, "failed": 0, "left": 0, "keyless": 0}
        assert report["notifications"]["failed"] == 0
        agents = {entry["user_agent"] for entry in sites.log}
    assert all(agent.startswith("otklik/") and "admin@example.ru" in agent for agent in agents)
    danger = next(mail for mail in box.mails if "отравление" in str(mail["subject"]))
    assert danger["to"] == "owner@example.ru"
    assert danger["auto-submitted"] == "auto-generated"
    body = danger.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "https://yandex.ru/maps/org/82071161567" in text
    assert "https://yandex.ru/sprav/82071161567/p/edit/reviews/" in text


def test_a_dead_mail_server_loses_no_alarm(tmp_path: Path, world: World) -> None:
    port = free_port()
    box = Mailbox()
    with StandIn(world) as sites:
        config = configure(tmp_path, world, sites.base_url, port)
        failing = otklik("run", "--json", "-c", config)
        assert failing.returncode == 1
        # The server that failed once is not asked again in the same pass.
        assert json.loads(failing.stdout)["notifications"] == {"sent": 0, "failed": 1}
        health = otklik("health", "--json", "-c", config)
        assert "письмо не ушло" in health.stdout
        _as_if_a_minute_passed(tmp_path / "otklik.db")
        server = Controller(box, hostname="127.0.0.1", port=port)
        server.start()
        try:
            recovered = otklik("run", "--json", "-c", config)
        finally:
            server.stop()
    assert json.loads(recovered.stdout)["notifications"] == {"sent": 2, "failed": 0}
    identifiers = [str(mail["message-id"]) for mail in box.mails]
    assert len(identifiers) == len(set(identifiers)) == 2


def _as_if_a_minute_passed(database: Path) -> None:
    import sqlite3

    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE notification SET next_try_at = '2000-01-01T00:00:00.000000Z'")
    connection.close()


def test_a_mail_server_that_cannot_be_logged_in_to_is_a_config_error_before_anything_else(
    tmp_path: Path, world: World
) -> None:
    config = configure(tmp_path, world, "http://127.0.0.1:9", 25)
    text = config.read_text(encoding="utf-8").replace(
        "tls: none", "tls: none, user_env: OTKLIK_SMTP_USER, password_env: OTKLIK_SMTP_PASSWORD"
    )
    config.write_text(text, encoding="utf-8")
    result = otklik("run", "-c", config, env={"OTKLIK_SMTP_USER": "otklik"})
    assert result.returncode == 2
    assert "OTKLIK_SMTP_PASSWORD" in result.stderr


def test_the_worker_passes_until_it_is_told_to_stop(tmp_path: Path, world: World) -> None:
    import signal

    with StandIn(world) as sites:
        config = configure(tmp_path, world, sites.base_url, 25)
        text = config.read_text(encoding="utf-8")
        mail = next(line for line in text.splitlines() if line.startswith("mail:"))
        config.write_text(text.replace(mail, "mail: {transport: file, from: otklik@example.ru}"), encoding="utf-8")
        worker = subprocess.Popen(
            [str(OTKLIK), "worker", "-c", str(config)],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | STAND_IN_ENV,
        )
        assert worker.stderr is not None
        for line in worker.stderr:
            if "pass.finished" in line:
                break
        worker.send_signal(signal.SIGTERM)
        rest = worker.stderr.read()
        worker.stderr.close()
        assert worker.wait(timeout=timedelta(seconds=30).total_seconds()) == 0
    assert "worker.stopping" in rest
    assert json.loads(otklik("health", "--json", "-c", config).stdout)["status"] == "ok"
