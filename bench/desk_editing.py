"""What the reply editor of the desk costs per call, beside drafting anew: processor time, half and 95 of 100 calls.

python bench/desk_editing.py [--calls 300] [--drafts 50000]

Reviews, drafts and verdicts are those of a stand-in café with a card on every site. Then one of its cards gets as many
drafts more, written by SQL, and the linter is asked again: what was said there must be no matter of how much.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path

from monitor.alerts import TicketView
from monitor.clock import to_iso
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from responders.types import Draft
from tests.rig import NOON, Rig

LIMIT = 0.030
"""Seconds that lint may take once warm."""

_MORE = (
    """INSERT INTO review (listing_id, external_id, stars, text, author, posted_at, posted_precision, url, digest, mark,
    revision, first_seen_at, initial, last_seen_at, analysed_with)
    SELECT listing_id, 'more' || :number, stars, text, 'Автор ' || :number, posted_at, posted_precision, url, digest,
    mark, revision, first_seen_at, initial, last_seen_at, analysed_with FROM review WHERE id = :review""",
    """INSERT INTO ticket (review_id, state, backlog, target, started_at, armed_at, drafted_with)
    SELECT :made, 'answered', backlog, target, started_at, armed_at, drafted_with FROM ticket
    WHERE review_id = :review""",
    """INSERT INTO draft (ticket_id, number, revision, text, template, findings, author, at)
    VALUES (:made, 1, 1, :text, '', '[]', NULL, :at)""",
)


def measured(name: str, call: Callable[[TicketView, Draft], object], views: list[TicketView], calls: int) -> float:
    """Prints a line; the 95th of 100 calls in seconds."""
    took = []
    for view in islice(cycle(views), calls + len(views)):
        assert view.draft is not None
        began = time.process_time()
        call(view, view.draft)
        took.append(time.process_time() - began)
    warm = took[len(views) :]
    p95 = statistics.quantiles(warm, n=20)[-1]
    print(f"{name:<34} {statistics.median(warm) * 1000:7.2f} ms  {p95 * 1000:7.2f} ms")
    return p95


def crowd(rig: Rig, view: TicketView, count: int) -> None:
    """So many tickets more with drafts on the view's card."""
    connection = rig.app.store._db
    with rig.app.store.write():
        for number in range(count):
            words = f"Спасибо за отзыв номер {number}, ждём Вас снова."
            at = to_iso(NOON - timedelta(seconds=count - number))
            values: dict[str, object] = {"number": number, "review": view.review, "text": words, "at": at}
            for sql in _MORE:
                values["made"] = connection.sqlite.execute(sql, values).lastrowid or 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--drafts", type=int, default=50_000)
    options = parser.parse_args()
    os.environ |= STAND_IN_ENV
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder), World.demo(NOON))
        rig.run()
        editing, app = rig.app.editing, rig.app
        views = [view for view in rig.everything() if view.draft is not None and view.text]
        began = time.process_time()
        editing.warm()
        print(f"{len(views)} drafts; warming up took {(time.process_time() - began) * 1000:.0f} ms after a pass")
        print(f"{'':<34} {'p50':>10}  {'p95':>10}")
        calls: dict[str, Callable[[TicketView, Draft], object]] = {
            "lint": lambda view, draft: editing.lint(view.ticket, draft.text),
            "swaps": lambda view, draft: editing.swaps(view.ticket, draft.text),
            "marks": lambda view, _: editing.marks(view),
            "why, key_sentence": lambda view, _: (editing.why(view), editing.key_sentence(view)),
            "counters": lambda view, draft: editing.counters(view.source, draft.text),
            "drafting anew": lambda view, _: app.writer().draft(app._case(view.ticket).situation),
        }
        slowest = {name: measured(name, call, views, options.calls) for name, call in calls.items()}
        crowd(rig, views[0], options.drafts)
        more = measured(f"lint, {options.drafts:,} drafts on the card", calls["lint"], views[:1], options.calls)
        rig.app.close()
    assert max(slowest["lint"], more) < LIMIT, "lint is too slow to be asked at every key"


if __name__ == "__main__":
    main()
