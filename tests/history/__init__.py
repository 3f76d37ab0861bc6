"""A seeded life of five cards, our reading of it, and an oracle that compares the two.

The proof in one paragraph. The stand-in sites keep a log of everything that happens on them: that is the truth. A
recorder keeps every page they really served us, with the reviews as they stood at that moment: that is what a reader
was allowed to know. The oracle knows both, applies the product's few rules to the pages by itself, and compares the
result with our database after every pass, killed ones too. In the end the world rests for some days; then each line of
the log must be in our history, or belong to one of the classes of `differences.py`, each with a rule that is checked
for that very line. Anything else raises `Mismatch` with seed, day, card and the review's story.

    sites, truth   what a page lets a reader see; the sites' log, by review
    pages          every page served, and which reviews stood on it
    holdings       what we hold, read from the database file
    life           what happens on the sites and in the office, between passes and in the middle of reads
    crash          `kill -9` at any line of ours
    evidence       what was gathered; how a mismatch is told
    beliefs        question 1: do we hold what the pages showed, in their order and no more?
    reads          question 2: did the reader look at enough?
    removals       question 3: are removals neither too early nor too late?
    oracle         all questions after each pass; question 4: do tickets follow?
    differences    the classes of difference that no reader can know
    reckoning      the end: the whole log against our whole history
    run            the loop
    summary        what it did, met and proved
"""

from tests.history.evidence import Mismatch
from tests.history.run import Run
from tests.history.summary import Summary

__all__ = ["Mismatch", "Run", "Summary"]
