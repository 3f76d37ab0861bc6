"""Is the worker alive, are the sites read, does mail go out?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.health import Check, examine, worst
from monitor.jobs.fetch import Turn
from monitor.model import Card
from monitor.standin.world import Trouble, World
from tests.rig import NOON, Rig

MINUTE = timedelta(minutes=1)


@pytest.fixture
def rig(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    rig = Rig(tmp_path, World.demo(NOON))
    yield rig
    rig.app.close()


def health(rig: Rig) -> dict[str, Check]:
    checks = examine(rig.app.store, rig.app.intervals, rig.clock.now())
    return {check.name: check for check in checks}


def test_a_worker_that_never_ran_is_broken(rig: Rig) -> None:
    assert health(rig)["pass"].status == "broken"


def test_after_a_pass_everything_is_fine(rig: Rig) -> None:
    rig.run()
    assert worst(list(health(rig).values())) == "ok"


def test_a_worker_that_has_been_silent_for_a_quarter_of_an_hour_is_broken(rig: Rig) -> None:
    rig.run()
    rig.clock.advance(15 * MINUTE)
    assert health(rig)["pass"].status == "ok"
    rig.clock.advance(MINUTE)
    assert health(rig)["pass"].status == "broken"


def test_a_pass_that_died_does_not_count_as_one(rig: Rig) -> None:
    rig.run()
    rig.clock.advance(20 * MINUTE)
    rig.app.store.passes.begin(rig.clock.now())
    assert health(rig)["pass"].status == "broken"


def test_a_card_that_fails_is_late_at_first_and_broken_when_it_lasts_and_says_why(rig: Rig) -> None:
    rig.run()
    rig.world.trouble["twogis"] = Trouble.CAPTCHA
    rig.run(after=2 * MINUTE)
    check = health(rig)["listing lenina/twogis"]
    assert check.status == "late"
    assert "повтор через" in check.message
    for _ in range(30):
        rig.run(after=MINUTE)
    assert health(rig)["listing lenina/twogis"].status == "broken"
    assert health(rig)["listing lenina/yandex_maps"].status == "ok"
    del rig.world.trouble["twogis"]
    rig.run(after=timedelta(days=1))
    assert health(rig)["listing lenina/twogis"].status == "ok"


def test_a_card_that_no_pass_gets_to_is_late(rig: Rig) -> None:
    rig.run()
    rig.clock.advance(10 * MINUTE)
    check = health(rig)["listing lenina/yandex_maps"]
    assert check.status == "late"
    assert "запаздывает" in check.message


def test_a_source_without_its_secret_is_late_and_then_broken(
    tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWOGIS_KEY")
    rig = Rig(tmp_path, World.demo(NOON))
    rig.run()
    assert health(rig)["listing lenina/twogis"].status == "late"
    assert "ещё ни разу не прочитана: " in health(rig)["listing lenina/twogis"].message
    statuses = []
    for _ in range(4):
        rig.run(after=5 * MINUTE)
        statuses.append(health(rig)["listing lenina/twogis"].status)
    assert statuses == ["late", "late", "late", "broken"]
    assert "ключа" in health(rig)["listing lenina/twogis"].message
    assert health(rig)["listing lenina/yandex_maps"].status == "ok"
    rig.app.close()


def test_a_card_whose_key_is_gone_is_not_in_order_however_lately_it_was_read(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.run()
    monkeypatch.delenv("TWOGIS_KEY")
    rig.restart()
    checks = examine(rig.app.store, rig.app.intervals, rig.clock.now(), keyless=rig.app.reading.keyless)
    found = {check.name: check for check in checks}
    told = found["listing lenina/twogis"]
    assert (told.status, told.message) == (
        "late",
        "нет ключа: задайте переменную окружения TWOGIS_KEY и проверьте: otklik check (последнее удачное чтение: "
        "только что)",
    )
    assert (found["listing lenina/yandex_maps"].status, worst(checks)) == ("ok", "late")


def test_a_card_that_no_pass_could_have_read_yet_is_not_late(rig: Rig) -> None:
    assert health(rig)["listing lenina/twogis"].status == "ok"
    rig.run()
    rig.clock.advance(MINUTE)
    added = Card("lenina", "twogis", "70000001", "Europe/Moscow")
    rig.app.store.listings.sync([*rig.app.cards.values(), added], rig.clock.now())
    new = [check for check in health(rig).values() if check.listing and check.listing.external_id == "70000001"]
    assert [check.status for check in new] == ["ok"]


def test_a_mail_given_up_breaks_health_for_some_days_and_a_failing_one_is_late(rig: Rig) -> None:
    rig.run()
    outbox = rig.app.store.outbox
    rig.world.add(rig.world.card("google_business"), text="Отравились супом, вызывали скорую.", stars=1)
    engine = rig.app.engine()
    rig.clock.advance(2 * MINUTE)
    later = rig.clock.now() + MINUTE
    for job in engine.due(MINUTE).jobs:
        engine.run(job, Turn(later, later))
    engine._link.run()
    engine._analyse.run()
    (pending,) = outbox.due(rig.clock.now())
    outbox.failed(pending, "сервер не отвечает", permanent=False, now=rig.clock.now())
    assert health(rig)["outbox"].status == "late"
    outbox.failed(pending, "нет такого адреса", permanent=True, now=rig.clock.now())
    assert health(rig)["outbox"].status == "broken"
    assert "нет такого адреса" in health(rig)["outbox"].message
    rig.clock.advance(timedelta(days=4))
    assert health(rig)["outbox"].status == "ok"


def test_trouble_that_lasts_is_said_to_last_since_it_began(rig: Rig) -> None:
    rig.run()
    rig.world.trouble["twogis"] = Trouble.SERVER_ERROR
    for _ in range(4):
        rig.run(after=150 * MINUTE)
    (alarm,) = rig.app.store.alarms.open()
    assert alarm.raised_at == NOON + 150 * MINUTE
    assert "(7\xa0ч 30\xa0мин)" in health(rig)["unreachable twogis"].message


def test_a_clock_that_was_ahead_keeps_nothing_from_being_read(rig: Rig) -> None:
    year = timedelta(days=365)
    rig.clock.advance(year)
    rig.run()
    rig.world.trouble["otzovik"] = Trouble.CAPTCHA
    rig.run(after=2 * MINUTE)
    rig.clock.advance(-year)
    assert health(rig)["pass"].status == "late"
    assert "перевели назад" in health(rig)["pass"].message
    rig.world.trouble.clear()
    report = rig.run()
    assert (report.ok, report.due) == (5, 5)
    assert worst(list(health(rig).values())) == "ok"
    rig.run(after=25 * 60 * MINUTE)
    completed = [listing.last_complete_at for listing in rig.app.store.listings.all()]
    assert completed == [rig.clock.now()] * 5
