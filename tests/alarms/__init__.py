"""A seeded life of twenty places under all kinds of trouble, and an oracle that knows which mails it calls for.

The proof in one paragraph. Authors write, edit, take back; sites show answers, refuse and lose them; people act or do
not; settings change. Each of these happens to the program first, through its own front doors, and what it took is told
to the oracle: that is the log of what truly happened. Time is virtual; every few minutes the program does a real pass,
built from a real config.yaml on a real database file, only its model, its printer and its mail server are ours. Passes
are killed at any line, or right between the server's yes and our commit; the database is busy, the server down, the
clock set, two workers run at once. The oracle counts every deadline by its own naive rules and calendar, looks at the
clock when a pass does, and knows who must be told of what. After a pass that came to its end every mail that was called
for must have gone, unless the server refused it or its reason is gone; no pass, killed ones too, may send any other,
nor one twice but after its own death before the commit. Anything else raises `Mismatch` with seed, moment and story.

    settings, hours   what config.yaml says; working time counted in quarters of an hour
    sites             a review as a site shows it; the analysis that reads marks in its words
    invent, world     settings and their changes; what authors, sites and people do
    troubles, crash   bad weather; ways to die, a busy file, two workers taking turns
    office, post      the program whole and real; its mail server
    cases             the clock rules, a second time: one review's duty to be answered, and where the rules leave doubt
    hearers, demands  who hears of it; the mails that a look calls for
    ledger            each mail that was called for against what was handed over
    oracle            the stages of a pass, the dangers, all of it together
    evidence, summary the stories; the figures, and how many of them prove something
    run               the loop
"""

from tests.alarms.evidence import Mismatch
from tests.alarms.run import Run
from tests.alarms.summary import Summary

__all__ = ["Mismatch", "Run", "Summary"]
