"""`otklik demo` with a desk: a morning's worth of reviews, people who work on them, and an end that leaves nothing."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.accounts import Role
from monitor.assemble import Application
from monitor.cli.demo import STORY
from monitor.cli.playing import PASSWORD
from monitor.clock import SystemClock
from monitor.config import load
from monitor.model import TicketState
from monitor.standin.morning import BEGAN, Does, Morning
from monitor.store.filters import Filters
from tests.conftest import Otklik
from tests.rig import NOON
from tests.test_config import ROOT

COMMAND = "import sys; sys.argv = ['otklik', *sys.argv[1:]]; from monitor.cli.main import main; main()"


@pytest.fixture
def unserved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk is stopped as soon as it stands."""
    monkeypatch.setattr("monitor.cli.demo.serve", lambda app, sock: None)


def waiting(folder: Path) -> list[Any]:
    app = Application(load(folder / "config.yaml"))
    try:
        return app.reports.queue(Filters(tuple(TicketState)), app.clock.now())
    finally:
        app.close()


def accounts(folder: Path) -> dict[str, tuple[Role, bool]]:
    """Login → role, whether they have a password."""
    app = Application(load(folder / "config.yaml"))
    try:
        store = app.store.accounts
        return {one.login: (one.role, store.password(one.id) is not None) for one in store.all()}
    finally:
        app.close()


# --- the story ---------------------------------------------------------------------------------


def test_the_story_happens_in_order_at_its_places_by_its_people() -> None:
    morning = Morning(NOON)
    people = {person.login for person in morning.people}
    assert {person.role for person in morning.people} <= set(Role)
    times = [moment.at for moment in morning.moments]
    assert times == sorted(times)
    at_sites = [moment.at for moment in morning.moments if not moment.by]
    assert len(set(at_sites)) == len(at_sites), "a card is read once a minute: two at once are read in two passes"
    for moment in morning.moments:
        assert (moment.does in (Does.WRITTEN, Does.EDITED)) == (moment.by == "")
        assert moment.by in {"", *people}
        assert moment.at > NOON - BEGAN


def test_the_sites_know_at_each_moment_what_was_written_by_then() -> None:
    morning = Morning(NOON)
    told = list(morning.tell(NOON))
    written = [moment for moment in told if moment.does is Does.WRITTEN]
    assert all(morning.review(moment).posted_at <= moment.at for moment in written)
    assert morning.has_more(NOON)
    later = list(morning.tell(NOON + BEGAN))
    assert {moment.does for moment in later} == {Does.WRITTEN}
    assert not morning.has_more(NOON + BEGAN)
    assert len(told) + len(later) == len(morning.moments)


# --- the desk ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, str, str]]:
    """A demo in a process of its own, stopped by Ctrl-C: folder, what it said, the page of the queue, complaints."""
    folder = tmp_path_factory.mktemp("demo")
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "demo", "--dir", "here", "--port", "0"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    try:
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            said += line
        (address,) = re.findall(r"^Рабочее место: (http://127\.0\.0\.1:\d+)$", said, re.MULTILINE)
        (login, password) = re.findall(r"Логин (\w+), пароль (\S+)\.", said)[0]
        with httpx.Client(base_url=address, follow_redirects=True) as anna:
            anna.post("/login", data={"login": login, "password": password})
            pages = {path: anna.get(path) for path in ("/queue", "/today", "/sources", "/outbox", "/audit")}
            assert {page.status_code for page in pages.values()} == {200}
            process.send_signal(signal.SIGINT)
            _, complaints = process.communicate(timeout=60)
            assert process.returncode == 0, complaints
            yield folder / "here", said, pages["/queue"].text, complaints
    finally:
        process.kill()
        process.communicate()


def test_the_demo_opens_a_desk_and_tells_how_to_get_in(opened: tuple[Path, str, str, str]) -> None:
    folder, said, queue, complaints = opened
    assert "Елена Соболева" in queue
    assert "boris" in said
    assert accounts(folder) == {
        "anna": (Role.ADMINISTRATOR, True),
        "boris": (Role.OPERATOR, True),
        "olga": (Role.LEAD, True),
    }
    assert "Traceback" not in complaints


def test_a_morning_holds_everything_that_can_happen_to_a_review(opened: tuple[Path, str, str, str]) -> None:
    views = waiting(opened[0])
    states = Counter(view.state for view in views)
    assert set(states) >= set(TicketState) - {TicketState.SUBMITTED, TicketState.REMOVED}
    running = [view for view in views if view.state is TicketState.OPEN and view.due_at is not None]
    assert 20 <= len(running) <= 40
    assert len({view.place for view in running}) == 3
    assert len({view.source for view in running}) >= 4
    assert len([view for view in running if view.verdict and view.verdict.risks]) >= 2
    assert len({view.assignee for view in running}) >= 3
    now = SystemClock().now()
    late = [view for view in running if view.due_at and view.due_at < now]
    assert 1 <= len(late) <= len(running) / 4
    assert all(view.draft for view in running)


def test_a_second_start_goes_on_where_the_first_one_ended(
    opened: tuple[Path, str, str, str], otklik: Otklik, unserved: None
) -> None:
    folder = opened[0]
    before = {view.ticket: view.state for view in waiting(folder)}
    result = otklik("demo", "--dir", folder, "--port", 0)
    assert result.code == 0, result.err
    assert PASSWORD in result.out
    after = {view.ticket: view.state for view in waiting(folder)}
    assert {ticket: after[ticket] for ticket in before} == before


def test_in_a_database_that_is_there_already_nobody_gets_a_password(
    otklik: Otklik, tmp_path: Path, unserved: None
) -> None:
    assert otklik("demo", "--once", "--dir", tmp_path / "mine").code == 0
    held = len(waiting(tmp_path / "mine"))
    result = otklik("demo", "--dir", tmp_path / "mine", "--port", 0)
    assert result.code == 0, result.err
    assert PASSWORD not in result.out
    assert "/setup/" in result.out
    assert accounts(tmp_path / "mine") == {}
    assert len(waiting(tmp_path / "mine")) == held
    assert not (tmp_path / "mine" / STORY).exists()


def test_a_morning_that_was_broken_off_leaves_no_database(
    otklik: Otklik, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("monitor.cli.playing.publish", interrupted)
    otklik("demo", "--dir", tmp_path / "here", "--port", 0)
    assert not list((tmp_path / "here").glob("otklik.db*"))
    assert not (tmp_path / "here" / STORY).exists()
