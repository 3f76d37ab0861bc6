"""The trial alarm: an invented review has to ring like any other, and nobody else may hear or see it."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from monitor.alerts import Delivery, Message
from monitor.health import Check, examine
from monitor.standin.world import World
from monitor.store.tickets import Filters
from tests.rig import NOON, Rig

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


def test_without_the_setting_no_trial_alarm_is_set_off_and_health_only_mentions_it(
    tmp_path: Path, secrets: None
) -> None:
    rig = Rig(tmp_path, World(NOON))
    try:
        rig.run()
        assert rig.app.store.canary.last() is None
        found = canary(rig)
        assert (found.status, "otklik canary" in found.message) == ("ok", True)
    finally:
        rig.app.close()


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
