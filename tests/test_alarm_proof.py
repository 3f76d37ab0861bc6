"""Sixty days of twenty places under all kinds of trouble: every alarm that the rules demand, once, in time, none else.

A failure names the seed, the moment and the reviews, and tells their story; `python bench/alarms.py --seed N` repeats
it. `OTKLIK_SEEDS` says how many seeds are tried.
"""

import os
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from monitor import sla
from monitor.calendar import Roster
from monitor.config_values import Interval
from monitor.jobs.watch import Watch
from monitor.model import Target
from monitor.sla import Level
from monitor.store import analysis, tickets
from monitor.store.outbox import Outbox, Pending
from tests.alarms import Mismatch, Run

SEEDS = int(os.environ.get("OTKLIK_SEEDS", "10"))


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_in_sixty_days_of_trouble_every_alarm_is_told_once_in_time_and_none_else(tmp_path: Path, seed: int) -> None:
    summary = Run(tmp_path, seed).go()
    assert summary.lacks() == {}, summary


# --- a program that is broken is noticed --------------------------------------------------------------


def fails(folder: Path, why: str, *, seed: int = 1, days: int = 15, kills: float = 0.05) -> None:
    """The mismatch names seed, moment and reviews, and tells what happened to them."""
    told = rf"(?s)^seed {seed}, 20\d\d-\d\d-\d\d [\d:.]+: ({why}).* r\d+-\d+.*read: place\d+/"
    with pytest.raises(Mismatch, match=told):
        Run(folder, seed, days=days, kills=kills).go()


def test_a_level_that_is_left_out_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rungs = tuple(rung for rung in sla.LADDER[Target.OTHER] if rung[0] is not Level.PLUS_1X)
    monkeypatch.setitem(sla.LADDER, Target.OTHER, rungs)
    fails(tmp_path, "not told|nobody called for")


def test_alarms_told_apart_by_their_rows_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing knows an alert again by what it is about."""
    rows = count()
    monkeypatch.setattr(Outbox, "_message_id", lambda *_args, **_named: f"<{next(rows)}@example.ru>")
    monkeypatch.setattr(Outbox, "_told", lambda *_args: False)
    monkeypatch.setattr(analysis, "_KNOWN", "SELECT 1 AS known WHERE :review_id + :revision + :risks = 'never'")
    fails(tmp_path, "nobody called for|told twice", days=60)


def test_mails_that_are_queued_after_their_event_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies between the two transactions forgets them."""
    look, ring, mine = Watch.run, Outbox.ring, threading.local()

    def put_off(outbox: Outbox, *args: Any, **named: Any) -> bool:
        mine.later.append(partial(ring, outbox, *args, **named))
        return True

    def run(self: Watch) -> bool:
        mine.later = []
        moved = look(self)
        for queued in mine.later:
            with self._store.write():
                queued()
        return moved

    monkeypatch.setattr(Outbox, "ring", put_off)
    monkeypatch.setattr(Watch, "run", run)
    fails(tmp_path, "not told", days=60, kills=0.5)


def test_quiet_hours_that_swallow_a_breach_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rings(self: sla.Policy, levels: Sequence[tuple[Level, datetime]]) -> list[tuple[Level, datetime]]:
        return [(level, at if self.quiet is None else self.quiet.over(at)) for level, at in levels]

    monkeypatch.setattr(sla.Policy, "rings", rings)
    fails(tmp_path, "not told: (deadline|overdue) (breach|.1x|.2x)", seed=2)


def test_a_scan_of_the_newest_tickets_only_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = "(SELECT max(id) - 100 FROM ticket)"
    monkeypatch.setattr(tickets, "CHANGING", tickets.CHANGING.replace("WHERE", f"WHERE t.id > {newest} AND"))
    fails(tmp_path, "not told")


def test_a_mail_that_counts_as_sent_before_it_is_sent_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = Outbox.lease

    def taken(self: Outbox, pending: Pending, until: datetime) -> bool:
        if not lease(self, pending, until):
            return False
        self.sent(pending.id, until)
        return True

    monkeypatch.setattr(Outbox, "lease", taken)
    fails(tmp_path, "not told", days=60)


def test_two_workers_who_do_not_lease_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outbox, "lease", lambda *_args: True)
    fails(tmp_path, "told twice", days=60)


def test_holidays_that_count_as_working_days_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = Roster.hours

    def weekly(self: Roster, day: date) -> tuple[Interval, ...]:
        return self.settings.week[day.weekday()] if day in self.settings.holidays else hours(self, day)

    monkeypatch.setattr(Roster, "hours", weekly)
    fails(tmp_path, "nobody called for|not told", days=60)


def test_a_pass_without_a_lock_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.alarms.run.pass_lock", lambda _database: nullcontext())
    with pytest.raises(Mismatch, match="two passes at once"):
        Run(tmp_path, 1, days=60).go()
