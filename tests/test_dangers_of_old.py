"""Dangers in the backlog: what was written before the promise began is silent, what has come into it since is not."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from monitor.standin.world import World
from tests.rig import NOON, Rig

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
HARMLESS = "Были два раза, в целом неплохо, но больше не придём."
POISONED = "После роллов отравились всей семьёй."


@pytest.fixture
def rig(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """The café's cards, not read yet."""
    rig = Rig(tmp_path, World(NOON))
    yield rig
    rig.app.close()


def dangers(rig: Rig) -> int:
    """How many mails told of one."""
    subjects = [message_from_bytes(path.read_bytes(), policy=policy.default)["subject"] for path in rig.mails()]
    return sum("пасность" in str(subject) for subject in subjects)


def set_representative(rig: Rig, told: bool) -> None:
    """Of Otzovik, in the settings."""
    config = rig.config_path.read_text(encoding="utf-8")
    now, then = (f"representative: {str(value).lower()}" for value in (told, not told))
    rig.config_path.write_text(config.replace(then, now), encoding="utf-8")
    rig.restart()


def test_a_danger_that_was_written_before_the_promise_began_is_not_told(rig: Rig) -> None:
    card = rig.world.card("yandex_maps")
    old = rig.world.add(card, text=POISONED, stars=1, posted_at=NOON - YEAR)
    rig.run()
    rig.world.edit(card, old.external_id, text=POISONED + " И ждали час.")
    rig.run(after=DAY)
    assert dangers(rig) == 0


def test_a_danger_that_its_author_brings_into_an_old_review_is_told_once(rig: Rig) -> None:
    card = rig.world.card("yandex_maps")
    old = rig.world.add(card, text=HARMLESS, stars=3, posted_at=NOON - YEAR)
    rig.run()
    rig.world.edit(card, old.external_id, text=POISONED, stars=1)
    rig.run(after=DAY)
    rig.run(after=DAY)
    assert dangers(rig) == 1
    assert rig.ticket_of(old.external_id).due_at is None


def test_a_danger_in_what_is_backlog_by_a_change_of_settings_only_is_told(rig: Rig) -> None:
    set_representative(rig, False)
    rig.run()
    card = rig.world.card("otzovik")
    late = rig.world.add(card, text=HARMLESS, stars=3)
    for _ in range(2):
        rig.run(after=DAY)
    set_representative(rig, True)
    rig.run(after=DAY)
    rig.world.edit(card, late.external_id, text=POISONED, stars=1)
    rig.run(after=DAY)
    assert rig.ticket_of(late.external_id).backlog
    assert dangers(rig) == 1
