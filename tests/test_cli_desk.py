"""`otklik desk` and its section of config.yaml: where it listens, what it refuses, how it stops."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Semaphore

import httpx
import pytest

from monitor.assemble import Application
from monitor.cli import desk
from monitor.cli.desk import check_host, check_people, listening
from monitor.config import load
from monitor.config_desk import DeskConfig
from monitor.desk.guard import LARGEST_BODY
from monitor.errors import StoreError, UsageError
from monitor.invitations import Action
from monitor.standin.world import World
from tests.conftest import Otklik
from tests.rig import BASE, HEAD, NOON, Rig, places_yaml, sources_yaml
from tests.test_config import ROOT, complaint, loaded

PASSWORD = "осенний дождь за окном"
SECRET = "a secret that is long enough to sign"
PUBLIC = 'desk: {public_url: "https://otklik.example.ru", secret_env: DESK_SECRET}\n'

# --- config ------------------------------------------------------------------------------------


def test_without_the_section_there_is_no_desk(tmp_path: Path) -> None:
    assert loaded(tmp_path).desk is None


@pytest.mark.parametrize(
    ("written", "config"),
    [
        (
            "{public_url: https://otklik.example.ru/, secret_env: DESK_SECRET}",
            DeskConfig("https://otklik.example.ru", "DESK_SECRET", 7),
        ),
        (
            "{public_url: https://otklik.example.ru:8443, secret_env: S, link_days: 30}",
            DeskConfig("https://otklik.example.ru:8443", "S", 30),
        ),
        ('{public_url: "http://127.0.0.1:8766", secret_env: S}', DeskConfig("http://127.0.0.1:8766", "S")),
        ('{public_url: "http://[::1]:8766", secret_env: S}', DeskConfig("http://[::1]:8766", "S")),
        (
            "{public_url: https://a.ru, secret_env: S, trusted_proxy: 172.18.0.0/16}",
            DeskConfig("https://a.ru", "S", trusted_proxy="172.18.0.0/16"),
        ),
    ],
)
def test_a_desk_has_an_address_and_a_secret(tmp_path: Path, written: str, config: DeskConfig) -> None:
    assert loaded(tmp_path, f"desk: {written}\n").desk == config


def test_the_example_in_the_comments_of_the_shipped_config_is_right(tmp_path: Path) -> None:
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    (example,) = [line for line in lines if line.startswith("# desk: ")]
    assert loaded(tmp_path, f"{example.removeprefix('# ')}\n").desk == DeskConfig(
        "https://otklik.example.ru", "DESK_SECRET", trusted_proxy="127.0.0.1"
    )


@pytest.mark.parametrize(
    ("written", "path", "says"),
    [
        ("{secret_env: S}", "desk.public_url", "is missing"),
        ("{public_url: https://a.ru}", "desk.secret_env", "is missing"),
        ("{public_url: http://a.ru, secret_env: S}", "desk.public_url", "unencrypted"),
        ("{public_url: http://10.0.0.5, secret_env: S}", "desk.public_url", "unencrypted"),
        ("{public_url: a.ru, secret_env: S}", "desk.public_url", "must be a web address"),
        ("{public_url: https://u:sekret@a.ru, secret_env: S}", "desk.public_url", "must not hold a name"),
        ("{public_url: https://a.ru/otklik, secret_env: S}", "desk.public_url", "without a path"),
        ("{public_url: https://a.ru?x=1, secret_env: S}", "desk.public_url", "must end before"),
        (f"{{public_url: https://{'a' * 200}.ru, secret_env: S}}", "desk.public_url", "longer than 200"),
        ("{public_url: https://a.ru, secret_env: sekret}", "desk.secret_env", "environment variable"),
        ("{public_url: https://a.ru, secret_env: S, secret: sekret}", "desk.secret", "secret_env"),
        ("{public_url: https://a.ru, secret_env: S, link_days: 0}", "desk.link_days", "from 1 to 30"),
        ("{public_url: https://a.ru, secret_env: S, link_days: 31}", "desk.link_days", "from 1 to 30"),
        ("{public_url: https://a.ru, secret_env: S, trusted_proxy: nginx}", "desk.trusted_proxy", "must be an address"),
        ("{public_url: https://a.ru, secret_env: S, trusted_proxy: 0.0.0.0/0}", "desk.trusted_proxy", "everybody"),
        ("https://a.ru", "desk", "must hold keys"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, written: str, path: str, says: str) -> None:
    found = complaint(tmp_path, f"desk: {written}\n")
    assert found.path == path
    assert says in found.message
    assert found.line == 9
    assert "sekret" not in str(found)


# --- what it refuses ---------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config with a desk, no pass yet."""
    monkeypatch.setenv("DESK_SECRET", SECRET)
    (tmp_path / "config.yaml").write_text(
        HEAD + PUBLIC + sources_yaml(BASE) + places_yaml(World.demo(NOON)), encoding="utf-8"
    )
    return tmp_path


def without_desk(folder: Path) -> None:
    path = folder / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(PUBLIC, ""), encoding="utf-8")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.ru"])
def test_it_refuses_to_be_reached_from_outside_unencrypted(otklik: Otklik, folder: Path, host: str) -> None:
    without_desk(folder)
    result = otklik("desk", "--host", host)
    assert result.code == 2
    assert "unencrypted" in result.err
    assert "public_url: https://" in result.err
    assert not (folder / "otklik.db").exists()


def test_a_desk_on_this_machine_alone_is_no_leave_to_listen_outside(otklik: Otklik, folder: Path) -> None:
    path = folder / "config.yaml"
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace("https://otklik.example.ru", "http://127.0.0.1:8766"), encoding="utf-8")
    assert otklik("desk", "--host", "0.0.0.0").code == 2


def behind_a_proxy(folder: Path) -> None:
    path = folder / "config.yaml"
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace("DESK_SECRET}", "DESK_SECRET, trusted_proxy: 127.0.0.1}"), encoding="utf-8")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_behind_a_proxy_with_tls_it_may_listen_outside(folder: Path, host: str) -> None:
    behind_a_proxy(folder)
    check_host(host, load(folder / "config.yaml"))


def test_without_the_address_of_the_proxy_it_may_not(otklik: Otklik, folder: Path) -> None:
    result = otklik("desk", "--host", "0.0.0.0")
    assert result.code == 2
    assert "trusted_proxy" in result.err


def test_nobody_outside_may_be_first(otklik: Otklik, folder: Path) -> None:
    behind_a_proxy(folder)
    result = otklik("desk", "--host", "0.0.0.0")
    assert result.code == 2
    assert "otklik user add LOGIN --role administrator" in result.err
    assert "/setup/" not in result.out + result.err
    otklik("user", "add", "anna", "--role", "administrator", "--password-stdin", stdin=f"{PASSWORD}\n")
    app = Application(load(folder / "config.yaml"))
    check_people("0.0.0.0", app)
    app.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_needs_no_desk_in_the_config(folder: Path, host: str) -> None:
    without_desk(folder)
    check_host(host, load(folder / "config.yaml"))


def test_a_port_in_use_is_named(otklik: Otklik, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = otklik("desk", "--port", port)
    assert result.code == 2
    assert f"cannot listen on 127.0.0.1, port {port}: " in result.err
    assert "choose another --port" in result.err


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host", "." * 300])
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="cannot listen on"):
        listening(host, 0)


def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_head() -> None:
    with listening("127.0.0.1", 0) as sock, socket.create_connection(sock.getsockname()):
        taken, _ = sock.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("secret", "says"),
    [("", "set the environment variable DESK_SECRET"), ("qwerty", "is shorter than 32 characters: make another one")],
)
def test_a_secret_that_is_missing_or_weak_is_named_with_its_line(
    otklik: Otklik, folder: Path, monkeypatch: pytest.MonkeyPatch, secret: str, says: str
) -> None:
    monkeypatch.setenv("DESK_SECRET", secret)
    result = otklik("desk", "--port", 0)
    assert result.code == 2
    assert "config.yaml:" in result.err
    assert says in result.err
    checked = otklik("check", "--offline")
    assert checked.code == 2
    assert says in checked.out
    assert "qwerty" not in result.err + checked.out


def test_with_the_secret_check_is_content(otklik: Otklik, folder: Path) -> None:
    assert otklik("check", "--offline").code == 0


def test_check_tries_an_owners_mails_with_buttons(otklik: Otklik, folder: Path) -> None:
    emails = folder / "own" / "emails"
    emails.mkdir(parents=True)
    shipped = (ROOT / "templates" / "emails" / "parts.txt").read_text(encoding="utf-8")
    (emails / "parts.txt").write_text(shipped.replace("offer.label", "offer.lable"), encoding="utf-8")
    with (folder / "config.yaml").open("a", encoding="utf-8") as config:
        config.write("templates_dir: own\n")
    checked = otklik("check", "--offline")
    assert checked.code == 2
    assert "lable" in checked.out


# --- over a real socket ------------------------------------------------------------------------


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`otklik desk` in a process of its own, and where it listens."""
    command = "import sys; sys.argv = ['otklik', 'desk', '--port', '0']; from monitor.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DESK_SECRET": SECRET},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stderr is not None
    try:
        first = process.stderr.readline()
        assert "Страницы работают на http://127.0.0.1:" in first
        yield process, first.partition(" на ")[2].partition(";")[0]
    finally:
        process.kill()
        process.communicate()  # closes what it wrote to


def stopped(process: subprocess.Popen[str], by: signal.Signals) -> str:
    """What it had said on stderr; it said nothing on stdout, and ended well."""
    process.send_signal(by)
    assert process.wait(timeout=30) == 0
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.read() == ""
    return process.stderr.read()


def test_a_button_pressed_over_a_real_socket(tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_SECRET", SECRET)
    rig = Rig(tmp_path, World.demo(NOON), extra=PUBLIC)
    rig.run()
    rig.app.close()
    app = Application(load(rig.config_path))  # with the time of the other process
    assert app.invitations is not None
    view = rig.ticket_of(rig.queue()[0].external_id)
    link = app.invitations.address(Action.TAKE, view, "anna@example.ru", app.clock.now())
    token = link.rpartition("/")[2]
    with running(tmp_path) as (process, address), httpx.Client(base_url=address) as browser:
        page = browser.get(f"/a/{token}")
        assert (page.status_code, page.headers["referrer-policy"]) == (200, "same-origin")
        assert "server" not in page.headers
        style = page.text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
        assert browser.get(style).headers["content-type"].startswith("text/css")
        assert browser.post(f"/a/{token}").status_code == 200
        assert browser.post(f"/a/{token}", content=b"x" * (LARGEST_BODY + 1)).status_code == 413
        assert browser.get("/a/no-token").status_code == 404
        err = stopped(process, signal.SIGTERM)
    assert token not in err
    assert "desk.acted action=take" in err
    assert app.reports.ticket(view.ticket, app.clock.now()).assignee == "anna@example.ru"
    app.close()
    rig.app.close()


def test_without_a_desk_in_the_config_it_starts_and_the_first_comer_with_the_link_is_administrator(
    folder: Path,
) -> None:
    without_desk(folder)
    with running(folder) as (process, address):
        assert process.stderr is not None
        told = "".join(process.stderr.readline() for _ in range(3))
        assert "нет раздела desk" in told
        link = told.split()[-1]
        assert link.startswith(f"{address}/setup/")
        with httpx.Client() as browser:
            assert 'type="password"' in browser.get(f"{address}/").text
            fields = {"login": "anna", "name": "", "password": PASSWORD, "again": PASSWORD}
            assert browser.post(link, data=fields).headers["location"] == "/queue"
            assert browser.get(f"{address}/me").status_code == 200
        assert httpx.post(f"{address}/login", data={"login": "anna", "password": PASSWORD}).status_code == 303
        err = stopped(process, signal.SIGINT)
    assert link.rpartition("/")[2] not in err
    assert PASSWORD not in err
    with running(folder) as (process, address):
        assert httpx.get(f"{address}/").status_code == 200
        assert "setup" not in stopped(process, signal.SIGTERM)


def test_the_numbers_are_got_ready_meanwhile_again_and_again_until_the_end(
    cafe: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a failure: a database that was busy."""
    numbers, fill, asked = cafe.app.store.numbers, cafe.app.store.numbers.fill, Semaphore(0)
    stops: list[Callable[[], bool]] = []

    def failing_at_first(stop: Callable[[], bool]) -> None:
        stops.append(stop)
        asked.release()
        if len(stops) == 1:
            raise StoreError("database is locked")
        fill(stop)

    monkeypatch.setattr(numbers, "fill", failing_at_first)
    monkeypatch.setattr(desk, "AGAIN", 0)
    with desk.counting(cafe.app):
        assert all(asked.acquire(timeout=60) for _ in range(3))
    assert stops[0]()
    assert cafe.app.store._db.rows("SELECT count(*) AS n FROM fact_block") == [{"n": 1}]
