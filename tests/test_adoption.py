"""What a file told, and what a read of the site shows of it later, or showed before."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.jobs.cards import Wanted
from monitor.model import TicketState
from monitor.standin.world import World
from tests.rig import NOON, Rig
from tests.test_import import HEAD, LONG, bring, counts, held

DAY = timedelta(days=1)


@pytest.fixture
def empty(tmp_path: Path, secrets: None) -> Rig:
    return Rig(tmp_path, World(NOON))


def test_a_review_known_by_the_sites_own_id_is_not_taken_for_its_newer_look_alike(empty: Rig) -> None:
    card = empty.world.card("twogis")
    old = empty.world.add(card, text="Отлично", stars=5, author="Анна", posted_at=NOON - 5 * DAY)
    table = f"id отзыва;Дата;Оценка;Автор;Отзыв\n{old.external_id};16.11.2026;5;Анна;Отлично\n"
    bring(empty, table, Wanted(source="twogis"))
    new = empty.world.add(card, text="Отлично", stars=5, author="Анна", posted_at=NOON - 4 * DAY)
    for _ in range(3):
        empty.run(after=DAY)
    assert sorted(row["external_id"] for row in held(empty)) == sorted([old.external_id, new.external_id])
    assert empty.ticket_of(old.external_id).backlog


def test_what_the_site_showed_and_was_erased_does_not_come_back_with_a_table(empty: Rig) -> None:
    card = empty.world.card("yandex_maps")
    empty.world.add(card, text=LONG, stars=1, author="Анна К.", posted_at=NOON - DAY)
    empty.run()
    empty.app.forget([held(empty)[0]["id"]], empty.clock.now())
    assert counts(bring(empty, HEAD + f"20.11.2026;1;Анна К.;{LONG}\n")) == (0, 0, 1, 0)
    (row,) = held(empty)
    assert (row["text"], row["author"]) == ("", "")
    assert not empty.queue()
    assert empty.everything()[0].state is TicketState.DISMISSED
