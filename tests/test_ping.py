"""The dead man's switch, over real sockets: what the watcher hears, and that nobody waits for it."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.cli.run import one_pass
from monitor.errors import StoreError, Unreachable
from monitor.log import Log
from monitor.notify.ping import WAITING, Forgetful, Ping
from monitor.runners.once import pass_lock
from monitor.session import HttpSession
from monitor.standin.world import World
from tests.conftest import Otklik
from tests.fakes import FrozenClock
from tests.rig import NOON, Rig
from tests.session_rig import NOW, Site, serving
from tests.test_config import SMALL

Watched = Callable[..., Ping]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


@pytest.fixture
def ping_to() -> Iterator[Watched]:
    made: list[Ping] = []

    def make(address: str) -> Ping:
        made.append(Ping(address, open_session, Log()))
        return made[-1]

    yield make
    for ping in made:
        ping.close()


def open_session() -> HttpSession:
    return HttpSession(
        FrozenClock(NOW),
        contact="admin@example.ru",
        allow_loopback=True,
        timeout=timedelta(seconds=5),
        paces={},
        robots={"ping": False},
        book=Forgetful(),
    )


def heard(site: Site) -> list[tuple[str, str]]:
    assert {seen.method for seen in site.seen} <= {"POST"}
    return [(seen.path, seen.body.decode()) for seen in site.seen]


def watching(site: Site) -> None:
    for path in ("/parol", "/parol/start", "/parol/fail"):
        site.page(path, b"OK")


def test_a_watcher_hears_the_start_and_the_success_of_a_pass(ping_to: Watched, site: Site) -> None:
    watching(site)
    ping = ping_to(site.url("/parol"))
    with ping.around() as outcome:
        outcome.said = "Карточек прочитано: 5 из 5."
    ping.close()
    assert heard(site) == [("/parol/start", ""), ("/parol", "Карточек прочитано: 5 из 5.")]


def test_a_watcher_hears_of_a_failure(ping_to: Watched, site: Site) -> None:
    watching(site)
    ping = ping_to(site.url("/parol/"))
    with ping.around() as outcome:
        outcome.said, outcome.failed = "Писем не ушло: 2.", True
    ping.close()
    assert heard(site) == [("/parol/start", ""), ("/parol/fail", "Писем не ушло: 2.")]


@pytest.mark.parametrize("error", [StoreError("письмо Зинаиды"), RuntimeError("письмо Зинаиды"), KeyboardInterrupt()])
def test_a_watcher_hears_of_a_crash_without_a_word_of_it(ping_to: Watched, site: Site, error: BaseException) -> None:
    watching(site)
    ping = ping_to(site.url("/parol"))
    with pytest.raises(type(error)), ping.around():
        raise error
    ping.close()
    assert heard(site)[1:] == [("/parol/fail", f"Проход прерван: {type(error).__name__}")]


def test_a_query_of_the_address_stays_behind_the_path(ping_to: Watched, site: Site) -> None:
    watching(site)
    ping = ping_to(site.url("/parol?create=1"))
    with ping.around():
        pass
    ping.close()
    assert [path for path, _ in heard(site)] == ["/parol/start?create=1", "/parol?create=1"]


def test_nobody_is_pinged_without_an_address(ping_to: Watched) -> None:
    before = threading.active_count()
    with ping_to("").around():
        assert threading.active_count() == before


def test_a_pass_does_not_wait_for_a_watcher_that_hangs(ping_to: Watched, site: Site) -> None:
    answered = threading.Event()

    def hang(_: object) -> None:
        answered.wait(30)

    site.pages["/parol/start"] = hang
    site.page("/parol")
    ping = ping_to(site.url("/parol"))
    for _ in range(WAITING):
        with ping.around() as outcome:
            outcome.said = "done"
    ping.close(timedelta())
    assert not answered.is_set()
    answered.set()


@pytest.mark.parametrize("status", [404, 500, 302])
def test_a_watcher_that_refuses_breaks_nothing_and_is_logged_once_until_it_works(
    ping_to: Watched, site: Site, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    ping = ping_to(site.url("/parol"))

    def passes(count: int) -> None:
        for _ in range(count):
            with ping.around():
                pass
            ping.close()

    def complaints() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.getMessage().startswith("ping.failed")]

    for path in ("/parol", "/parol/start"):
        site.page(path, status=status, Location="/elsewhere")
    passes(3)
    assert len(complaints()) == 1
    watching(site)
    passes(1)
    site.page("/parol", status=status, Location="/elsewhere")
    passes(2)
    assert len(complaints()) == 3
    assert "parol" not in caplog.text
    assert "/elsewhere" not in site.paths


def test_nobody_there_breaks_nothing(ping_to: Watched, caplog: pytest.LogCaptureFixture) -> None:
    with serving() as gone:
        address = gone.url("/parol")
    ping = ping_to(address)
    with ping.around():
        pass
    ping.close()
    assert caplog.text.count("ping.failed") == 1
    assert "parol" not in caplog.text


# --- a whole pass -------------------------------------------------------------------------------


def config(folder: Path, extra: str = "ping: {url_env: PING_URL}\n") -> None:
    text = SMALL.replace("data/otklik.db", "otklik.db").replace("[{source: yandex_maps, id: 82071161567}]", "[]")
    (folder / "config.yaml").write_text(text + "http: {allow_loopback: true}\n" + extra, encoding="utf-8")


def test_a_pass_of_the_command_is_watched(
    otklik: Otklik, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    config(tmp_path)
    watching(site)
    monkeypatch.setenv("PING_URL", site.url("/parol"))
    ran = otklik("run")
    assert (ran.code, ran.err) == (0, "")
    (start, _), (end, said) = heard(site)
    assert (start, end) == ("/parol/start", "/parol")
    assert said.startswith("Читать пока нечего")
    assert "\n" not in said


def test_a_database_that_cannot_be_used_is_heard_of(
    otklik: Otklik, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    config(tmp_path)
    watching(site)
    (tmp_path / "otklik.db").write_bytes(b"no database" * 100)
    monkeypatch.setenv("PING_URL", site.url("/parol"))
    assert otklik("run").code == 1
    assert heard(site) == [("/parol/start", ""), ("/parol/fail", "Проход прерван: StoreError")]


def test_a_pass_that_another_one_keeps_from_running_says_nothing(
    otklik: Otklik, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    config(tmp_path)
    monkeypatch.setenv("PING_URL", site.url("/parol"))
    with pass_lock(tmp_path / "otklik.db"):
        assert otklik("run").code == 75
    assert heard(site) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [("", "PING_URL"), ("parol", "no web address"), ("ftp://example.ru/parol", "no web address")],
)
def test_without_a_usable_address_the_pass_is_done_and_the_lack_named(
    otklik: Otklik, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, said: str
) -> None:
    config(tmp_path)
    monkeypatch.setenv("PING_URL", value)
    for command in ("run", "check"):
        ran = otklik(command, *(["--offline"] if command == "check" else []))
        told = ran.out + ran.err
        assert ran.code == 2
        assert "ping.url_env" in told
        assert said in told
        assert "parol" not in told
    assert (tmp_path / "otklik.db").is_file()


def test_a_watcher_on_this_machine_needs_permission(
    otklik: Otklik, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    config(tmp_path)
    path = tmp_path / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("allow_loopback: true", "allow_loopback: false"), "utf-8")
    monkeypatch.setenv("PING_URL", site.url("/parol"))
    ran = otklik("run")
    assert ran.code == 2
    assert "allow_loopback" in ran.err
    assert heard(site) == []


def test_alarms_that_do_not_go_out_are_a_failure_and_a_site_that_is_not_read_is_none(
    tmp_path: Path, secrets: None, ping_to: Watched, site: Site
) -> None:
    world = World(NOON)
    world.add(world.card("google_business"), text="Отравились, вызывали скорую.", stars=1, posted_at=NOON)
    rig = Rig(tmp_path, world)
    watching(site)
    rig.app.__dict__["ping"] = ping_to(site.url("/parol"))
    rig.app.config.outbox.write_text("a file where the folder should be")
    assert one_pass(rig.app).sent.failed
    rig.app.config.outbox.unlink()
    rig.clock.advance(timedelta(hours=1))
    rig.session.before = offline
    report = one_pass(rig.app)
    assert report.failures
    assert not report.sent.failed
    rig.app.close()
    assert [path for path, _ in heard(site)] == ["/parol/start", "/parol/fail", "/parol/start", "/parol"]


def offline() -> None:
    raise Unreachable("сайт не отвечает")
