"""Sixty days of a seeded life on five sites: at the end our history is theirs, but for what no reader can know.

A failure names the seed, day, card and review, and tells their story; `python bench/history.py` with the same seed,
`--days`, `--reviews` and `--slow` repeats it.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import decide
from monitor.standin.world import World
from tests.history import Mismatch, Run, Summary
from tests.history.differences import meanings
from tests.rig import NOON, Rig

pytestmark = [
    pytest.mark.usefixtures("secrets"),
    # Where a pass is killed with a file open, the system would have closed it.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]

HAPPENED: Mapping[str, int] = {"add": 100, "edit": 40, "hide": 20, "restore": 15, "reply": 30, "flicker": 15, "pin": 2}
MET: Mapping[str, int] = {
    "bad answers": 15,
    "complete reads": 100,
    "everyday reads": 20,
    "removals": 12,
    "returns": 8,
    "words recorded": 200,
    "reply recorded": 60,
    "replies gone": 15,
    "replies worded anew or moderated": 10,
}
IN_PAGES: Mapping[str, int] = {"complete reads of several pages": 40, "resumed reads": 1, "later pages": 100}


def proves_something(summary: Summary, *, met: Mapping[str, int] = MET) -> None:
    """A quiet run would agree with anything."""
    assert summary.killed >= 8, summary
    assert {name: count for name, count in HAPPENED.items() if summary.done[name] < count} == {}, summary
    assert {name: count for name, count in met.items() if summary.seen[name] < count} == {}, summary
    troubles = {name for name in summary.done if name.startswith("trouble")}
    assert len(troubles) >= 6, summary
    assert summary.differences.keys() <= meanings().keys(), summary
    # What a reader cannot know must stay the exception.
    assert summary.differences.total() < 0.15 * summary.seen.total(), summary


@pytest.mark.parametrize("seed", [1, 2])
def test_after_sixty_days_of_changes_blocks_and_kills_our_history_is_the_sites_own(tmp_path: Path, seed: int) -> None:
    proves_something(Run(tmp_path, seed, days=60, slow=1.3).go())


def test_a_history_of_several_pages_a_card_agrees_too(tmp_path: Path) -> None:
    summary = Run(tmp_path, 3, days=60, reviews=55, slow=1.6).go()
    proves_something(summary, met={**MET, "everyday reads": 10, "complete reads": 60, **IN_PAGES})


@pytest.mark.parametrize("patience", ["ABSENCES", "REPLY_MISSES"])
def test_the_proof_notices_a_reader_that_believes_one_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: str
) -> None:
    monkeypatch.setattr(decide, patience, 1)
    with pytest.raises(Mismatch, match=r"seed 1, day \d"):
        Run(tmp_path, 1, days=15).go()


def test_a_reply_that_two_pages_of_one_read_leave_out_is_not_gone(tmp_path: Path) -> None:
    """A review slides onto the next page while its card is read, and is shown twice: that is one read still."""
    world = World(NOON)
    card = world.card("google_business")
    for number in range(60):
        world.add(card, text=f"Отзыв {number}", stars=5, posted_at=NOON - timedelta(days=60 - number))
    answered = world.all_reviews(card)[10].external_id  # the fiftieth from the top
    world.reply(card, answered, "Спасибо!", at=NOON)
    rig = Rig(tmp_path, world)
    rig.run()
    world.withhold_reply(card, answered)

    asked = rig.session.requests
    asked.clear()

    def before() -> None:
        """Ahead of the second page somebody writes a new review."""
        pages = [request for request in asked if request.endswith("/reviews") and "google" in request]
        if len(pages) == 1 and len(world.all_reviews(card)) == 60:
            world.add(card, text="Новый", stars=5, posted_at=NOON + timedelta(days=1))

    rig.session.before = before
    rig.run(after=timedelta(hours=25))
    assert len(world.all_reviews(card)) == 61
    held = {row["external_id"]: row for row in rig.app.store.reviews()}
    assert held[answered]["reply_text"] == "Спасибо!"
    rig.app.close()
