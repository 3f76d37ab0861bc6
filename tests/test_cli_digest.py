"""`otklik digest`: to look at, to save, to send."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.alerts import Delivery, Message
from monitor.assemble import Application
from monitor.cli import common
from monitor.cli.main import cli
from monitor.runners.once import pass_lock
from monitor.standin.reviews import YANDEX
from monitor.standin.world import World
from tests.conftest import Otklik, Result
from tests.rig import NOON, Rig

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def rig(tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A complaint and a praise of yesterday, and commands that see the rig's time."""
    rig = Rig(tmp_path, World(NOON), extra="digest: {to: [a@example.ru, b@example.ru]}\n")
    rig.run()
    (card,) = [card for card in rig.world.cards() if card.source == YANDEX]
    rig.world.add(card, text="Ждали заказ два часа, суп холодный, хамят.", stars=1, author="Анна")
    rig.world.add(card, text="Очень вкусно и уютно, спасибо!", stars=5, author="Борис")
    rig.run(after=HOUR)
    rig.clock.advance(DAY)
    monkeypatch.setattr(common, "Application", lambda config: Application(config, rig.clock, rig.session))
    yield rig
    rig.app.close()


@pytest.fixture
def run(rig: Rig, otklik: Otklik) -> Otklik:
    def digest(*arguments: object) -> Result:
        return otklik("digest", "-c", rig.config_path, *arguments)

    return digest


def test_it_prints_yesterday_and_sends_nothing(rig: Rig, run: Otklik) -> None:
    before = len(rig.mails())
    told = run()
    assert told.code == 0
    assert told.out.startswith("Кафе «Ромашка», 21 ноября: 2 новых отзыва, просрочено")
    assert "Что сделать сначала" in told.out
    assert "Анна" not in told.out
    assert "\u00a0" not in told.out
    assert len(rig.mails()) == before


def test_another_day_and_a_week_can_be_asked_for(run: Otklik) -> None:
    assert "20 ноября" in run("--day", "2026-11-20").out.splitlines()[0]
    assert "неделя 15–21 ноября: 2 новых отзыва" in run("--weekly").out.splitlines()[0]


@pytest.mark.parametrize("day", ["2026-11-22", "2027-01-01", "вчера", "2026-02-30"])
def test_a_day_that_is_not_over_or_none_is_refused(run: Otklik, day: str) -> None:
    told = run("--day", day)
    assert told.code == 2
    assert day in told.err
    assert "Traceback" not in told.err


def test_the_page_holds_its_picture(run: Otklik, tmp_path: Path) -> None:
    page = tmp_path / "digest.html"
    told = run("--html", page)
    assert told.code == 0
    html = page.read_text(encoding="utf-8")
    assert 'src="data:image/png;base64,' in html
    assert "cid:" not in html


def test_a_page_that_cannot_be_written_is_one_line(run: Otklik, tmp_path: Path) -> None:
    told = run("--html", tmp_path / "nowhere" / "digest.html")
    assert told.code == 2
    assert "nowhere" in told.err


def test_json_holds_the_numbers_that_the_text_tells(run: Otklik) -> None:
    (found,) = run("--json").objects()
    text = run().out
    assert (found["kind"], found["first"], found["last"]) == ("digest", "2026-11-21", "2026-11-21")
    assert found["timezone"] == "Europe/Moscow"
    total = found["total"]
    assert total["reviews"]["new"] == 2
    assert f"Новых отзывов: {total['reviews']['new']}" in text
    assert f"Просрочено сейчас: {total['now']['overdue']}" in text
    assert total["answers"]["team"] == {"count": 0, "median": None, "p90": None}
    assert found["places"].keys() == {"lenina"}
    assert [f"№ {ticket} ·" in text for ticket in found["urgent"]] == [True] * total["now"]["overdue"]
    (week,) = run("--json", "--weekly").objects()
    assert week["kind"] == "weekly"
    assert len(week["cohorts"]) == 7


def test_sent_by_hand_it_goes_to_each_recipient_once(rig: Rig, run: Otklik) -> None:
    before = len(rig.mails())
    told = run("--send")
    assert told.code == 0
    assert told.err.splitlines() == ["a@example.ru: отправлено", "b@example.ru: отправлено"]
    assert len(rig.mails()) == before + 2
    again = run("--send")
    assert again.code == 0
    assert again.err.count("уже отправлено раньше") == 2
    assert rig.app.digests.run() == 0, "the worker does not repeat it"
    assert len(rig.mails()) == before + 2


def test_what_cannot_be_sent_now_is_named_and_left_to_the_worker(
    rig: Rig, run: Otklik, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dead:
        def deliver(self, messages: Sequence[Message]) -> list[Delivery]:
            return [Delivery(message.message_id, "почтовый сервер не отвечает") for message in messages]

    monkeypatch.setattr(Application, "channel", Dead())
    told = run("--send")
    assert told.code == 1
    assert told.err.count("не отправлено: почтовый сервер не отвечает") == 2
    monkeypatch.undo()
    rig.clock.advance(HOUR)
    assert rig.app.engine().alarm().sent >= 2


def test_without_the_section_it_goes_to_the_owners(tmp_path: Path, secrets: None, otklik: Otklik) -> None:
    rig = Rig(tmp_path, World(NOON))
    rig.app.close()
    told = otklik("digest", "-c", rig.config_path, "--json")
    assert told.code == 0
    assert json.loads(told.out)["timezone"] == "Europe/Moscow"


def test_the_help_has_an_example() -> None:
    command = cli.get_command(cli.make_context("otklik", ["digest"], resilient_parsing=True), "digest")
    assert command is not None
    assert "Example:  otklik digest" in (command.help or "")


def test_while_a_pass_runs_it_leaves_the_sending_to_that_pass(rig: Rig, run: Otklik) -> None:
    before = len(rig.mails())
    with pass_lock(rig.app.config.database):
        told = run("--send")
    assert told.code == 1
    assert "Сейчас идёт проход; письма стоят в очереди, и он их отправит." in told.err
    assert len(rig.mails()) == before
    assert rig.app.engine().alarm().sent >= 2
    assert len(rig.mails()) >= before + 2
