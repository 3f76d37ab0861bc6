"""The cards of one host, one after another, so that none of them keeps the others waiting."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from monitor.decide import turn_ends
from monitor.engine import Job
from monitor.jobs.fetch import Read, Turn
from monitor.seams import Clock


class Reader(Protocol):
    """What taking turns needs of the engine."""

    clock: Clock

    def run(self, job: Job, turn: Turn) -> Read: ...

    def trust(self, job: Job, waiting: int) -> None: ...


def take_turns(
    reader: Reader,
    jobs: Sequence[Job],
    waiting: Mapping[str, int],
    until: datetime,
    *,
    say: Callable[[Read], None],
    stopped: Callable[[], bool],
) -> None:
    """Reads until the line is empty, `until` has come or the pass was `stopped`.

    A card that others wait behind gets its share of the time; if that was not enough, it goes to the end of the line.
    A site that turns one card away is not asked for the others; one that did not is trusted a
    little more. `waiting`: how many cards were due, by site.
    """
    line = deque(jobs)
    welcome: dict[str, Job] = {}
    while line and not stopped() and (now := reader.clock.now()) < until:
        job = line.popleft()
        read = reader.run(job, Turn(turn_ends(now, until, len(line)), until))
        say(read)
        if read.turned_away:
            line = deque(other for other in line if other.site != job.site)
            welcome.pop(job.site, None)
        elif read.failure is None:
            welcome[job.site] = job
        if read.left:
            line.append(job)
    for site, job in welcome.items():
        reader.trust(job, waiting[site])
