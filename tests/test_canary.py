"""The trial alarm: an invented review has to ring like any other, and nobody else may hear or see it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from monitor.alerts import Delivery, Message
from monitor.canary import review
from monitor.cli import canary as command
from monitor.errors import PassRunning
from monitor.health import Check, examine
from monitor.runners.once import pass_lock
from monitor.seams import Analyser
from monitor.standin.world import World
from monitor.store.tickets import Filters
from sentiment.types import Verdict
from tests.rig import HEAD, NOON, Rig

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TRIAL = "canary: {to: [trial@example.ru], every: 1d}\n"


class DeadChannel:
    """A mail server that takes nothing."""

    def deliver(self, messages: Sequence[Message]) -> list[Delivery]:
        return [Delivery(message.message_id, "почтовый сервер не отвечает") for message in messages]

    def describe(self) -> str:
        return "мёртвый сервер"


@pytest.fixture
def rig(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    rig = Rig(tmp_path, World(NOON), extra=TRIAL)
    yield rig
    rig.app.close()


def mails_to(rig: Rig, address: str) -> list[EmailMessage]:
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in rig.mails()]
    return [mail for mail in mails if mail["to"] == address]


def canary(rig: Rig) -> Check:
    checks = examine(rig.app.store, rig.app.intervals, rig.clock.now(), canary_every=rig.app.canary_every)
    return next(check for check in checks if check.name == "canary")


def test_a_pass_proves_that_a_danger_and_a_late_answer_ring(rig: Rig) -> None:
    rig.run()
    subjects = sorted(mail["subject"] for mail in mails_to(rig, "trial@example.ru"))
    assert [subject.partition(":")[0] for subject in subjects] == ["Опасность", "Срок только что вышел"]
    assert all("учебная тревога" in subject for subject in subjects)
    assert rig.app.store.canary.proven_at() == NOON
    assert canary(rig).status == "ok"


def test_nobody_else_hears_of_it(rig: Rig) -> None:
    rig.run()
    for path in rig.mails():
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert ("учебная тревога" in mail["subject"]) == (mail["to"] == "trial@example.ru")


def test_it_stands_in_no_queue_no_export_and_no_list_of_cards(rig: Rig) -> None:
    rig.run()
    assert [view for view in rig.everything() if view.source == "canary"] == []
    assert rig.queue(Filters(source="canary")) == []
    assert [row for row in rig.app.store.reviews() if row["source"] == "canary"] == []
    assert "canary" not in {listing.source for listing in rig.app.store.listings.all()}


def test_it_rings_once_a_day(rig: Rig) -> None:
    rig.run()
    for _ in range(23):
        rig.run(after=HOUR)
    assert len(mails_to(rig, "trial@example.ru")) == 2
    rig.run(after=HOUR)
    assert len(mails_to(rig, "trial@example.ru")) == 4
    assert rig.app.store.canary.proven_at() == rig.clock.now()


def test_a_trial_alarm_that_arrived_does_not_ring_again(rig: Rig) -> None:
    rig.run()
    rig.run(after=5 * MINUTE)
    assert rig.app.store.canary.open() == []


def test_a_dead_mail_server_breaks_health_and_says_so(rig: Rig) -> None:
    rig.app.__dict__["channel"] = DeadChannel()
    rig.run()
    assert canary(rig).status == "ok"  # on its way
    rig.run(after=31 * MINUTE)
    found = canary(rig)
    assert found.status == "broken"
    assert "почтовый сервер не отвечает" in found.message
    assert rig.app.store.canary.proven_at() is None


def test_a_day_later_the_next_one_takes_over(rig: Rig) -> None:
    rig.app.__dict__["channel"] = DeadChannel()
    rig.run()
    first = rig.app.store.canary.last()
    rig.run(after=DAY + MINUTE)
    second = rig.app.store.canary.last()
    assert first is not None
    assert second is not None
    assert second.began_at == rig.clock.now()
    assert rig.app.store.canary.open() == [second.ticket]


class Unsure:
    """An analysis that finds the danger and cannot say what the words mean."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser

    def analyse(self, text: str, stars: int | None, author: str = "") -> Verdict:
        return replace(self._analyser.analyse(text, stars, author), flagged=False, uncertain=True)


class Blind(Unsure):
    """One that finds nothing at all."""

    def analyse(self, text: str, stars: int | None, author: str = "") -> Verdict:
        return replace(super().analyse(text, stars, author), risks=())


@pytest.mark.parametrize(("kind", "mails"), [(Unsure, 2), (Blind, 1)])
def test_mails_prove_nothing_when_the_words_were_not_understood(rig: Rig, kind: type[Unsure], mails: int) -> None:
    rig.app.__dict__["analyser"] = kind(rig.app.analyser)
    rig.run()
    assert len(mails_to(rig, "trial@example.ru")) == mails
    rig.run(after=31 * MINUTE)
    assert rig.app.store.canary.proven_at() is None
    found = canary(rig)
    assert found.status == "broken"
    assert "разбор не узнал" in found.message


def test_only_its_words_can_tell_that_it_is_angry() -> None:
    assert review(NOON).stars is None


def test_a_late_answer_that_shares_its_mail_with_many_is_proof_enough(tmp_path: Path, secrets: None) -> None:
    head = HEAD.replace("collapse_over: 10", "collapse_over: 1")
    rig = Rig(tmp_path, World.demo(NOON), head=head, extra=TRIAL.replace("trial@", "owner@"))
    try:
        rig.run()
        rig.run(after=DAY + HOUR)
        late = [
            mail["subject"] for mail in mails_to(rig, "owner@example.ru") if "Срок только что вышел" in mail["subject"]
        ]
        assert [subject for subject in late if "учебная тревога" in subject] == late[:1]
        assert rig.app.store.canary.proven_at() == rig.clock.now()
        last = rig.app.store.canary.last()
        assert last is not None
        assert last.landed_at == rig.clock.now()
    finally:
        rig.app.close()


@pytest.fixture
def silent(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """One whose config does not ask for trial alarms."""
    rig = Rig(tmp_path, World(NOON))
    rig.run()
    yield rig
    rig.app.close()


SWITCH_ON = (
    "Проверить один раз: otklik canary. Чтобы проверялось каждый день, впишите в config.yaml: canary: {every: 1d}"
)


def test_without_the_setting_no_trial_alarm_is_set_off_and_health_says_that_it_is_off(silent: Rig) -> None:
    assert silent.app.store.canary.last() is None
    found = canary(silent)
    assert (found.status, found.word) == ("ok", "выключена")
    never = "ни одна учебная тревога ещё не доходила: доходят ли настоящие, никто не проверял"
    assert found.message == f"{never}. {SWITCH_ON}"


def test_what_is_advised_switches_it_on(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World(NOON), extra="canary: {every: 1d}\n")
    rig.run()
    assert canary(rig).word == "в порядке"
    assert rig.app.store.canary.proven_at() == NOON
    rig.app.close()


def test_one_that_was_set_off_by_hand_is_a_proof_that_grows_old(silent: Rig) -> None:
    silent.app.canary.release()
    silent.run()
    silent.clock.advance(2 * DAY)
    assert canary(silent).word == "выключена"
    fresh = canary(silent).message.replace("\u00a0", " ")
    assert fresh == f"последняя учебная тревога дошла 2 дня назад. {SWITCH_ON}"
    silent.clock.advance(HOUR)
    old = "последняя учебная тревога дошла 2 дня 1 ч назад, это давно: доходят ли настоящие, никто не проверял"
    assert canary(silent).message.replace("\u00a0", " ") == f"{old}. {SWITCH_ON}"


def test_a_trial_alarm_that_is_not_repeated_is_late(rig: Rig) -> None:
    rig.run()
    rig.clock.advance(3 * DAY + HOUR)
    assert canary(rig).status == "late"


def test_the_clock_set_back_sets_off_one_more_instead_of_none_for_long(rig: Rig) -> None:
    rig.run()
    rig.run(after=-2 * HOUR)
    last = rig.app.store.canary.last()
    assert last is not None
    rig.run(after=MINUTE)
    assert len(mails_to(rig, "trial@example.ru")) <= 4


def test_the_command_proves_it_at_once(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    from monitor.cli.main import _exit_code

    rig.app.close()
    with pytest.raises(SystemExit) as left:
        _exit_code(["canary", "--json", "-c", str(rig.config_path)])
    assert left.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["recipients"] == ["trial@example.ru"]
    assert told["landed_at"] is not None


def test_the_command_sends_it_itself_when_the_other_pass_has_ended_without_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from monitor.cli.main import _exit_code

    refusals = iter([True, True])

    def lock(database: Path) -> AbstractContextManager[None]:
        if next(refusals, False):
            raise PassRunning("another pass is running")
        return pass_lock(database)

    monkeypatch.setattr(command, "pass_lock", lock)
    monkeypatch.setattr(command, "LOOK_AGAIN", 0.01)
    rig.app.close()
    with pytest.raises(SystemExit) as left:
        _exit_code(["canary", "--wait", "1", "-c", str(rig.config_path)])
    assert left.value.code == 0
    said = capsys.readouterr()
    assert said.err.count("Идёт другой проход") == 1
    assert "Учебная тревога дошла" in said.out
