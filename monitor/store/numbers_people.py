"""Who of the staff is praised and blamed in the reviews of a scope."""

import numpy as np

from monitor.numbers import Dimension, Mentioned
from monitor.store.facts_rows import TONES, Column, Mask
from monitor.store.numbers_view import View

_PRAISED, _BLAMED = TONES.index("positive"), TONES.index("negative")


def key_of(job: str, name: str) -> str:
    """Names somebody in an address."""
    return f"{job}:{name}"


def mentioned(view: View, at: Column) -> tuple[Mentioned, ...]:
    """In these rows, most mentioned first."""
    who, rows, people, blamed = _judged(view)
    there = np.zeros(len(view.rows), bool)
    there[at] = True
    kept = there[rows]
    rows, people, blamed = rows[kept], people[kept], blamed[kept]
    counts = np.bincount(people, minlength=len(who)).tolist()
    bad = np.bincount(people[blamed], minlength=len(who)).tolist()
    names, groups = view.groups(Dimension.PLACE)
    stand: dict[int, list[str]] = {}
    pairs, times = np.unique(people * (len(names) + 1) + groups.numbers[rows], return_counts=True)
    for pair in pairs[np.argsort(-times, kind="stable")].tolist():
        person, place = divmod(pair, len(names) + 1)
        stand.setdefault(person, []).append(names[place])
    found = [
        Mentioned(key_of(job, name), name, job, tuple(stand[person]), counts[person] - bad[person], bad[person])
        for person, (job, name) in enumerate(who)
        if counts[person]
    ]
    return tuple(sorted(found, key=lambda each: (-each.praised - each.blamed, each.name, each.job)))


def speaking_of(view: View, key: str, tone: str | None) -> Mask:
    """Of each row whether it praises or blames somebody."""
    who, rows, people, blamed = _judged(view)
    meant = [person for person, (job, name) in enumerate(who) if key_of(job, name) == key]
    chosen = np.isin(people, meant)
    if tone is not None:
        chosen &= {"positive": ~blamed, "negative": blamed}.get(tone, np.zeros(len(blamed), bool))
    found = np.zeros(len(view.rows), bool)
    found[rows[chosen]] = True
    return found


def _judged(view: View) -> tuple[list[tuple[str, str]], Column, Column, Mask]:
    """(job, name) of everybody; then, once for each review and person in it, the row, the place among them, and
    whether they are blamed: who is both praised and blamed is."""
    who, rows, people, tones = view.rows.mentions()
    loud = (tones == _PRAISED) | (tones == _BLAMED)
    pairs, each = np.unique(rows[loud] * (len(who) + 1) + people[loud], return_inverse=True)
    blamed = np.zeros(len(pairs), bool)
    blamed[each[tones[loud] == _BLAMED]] = True
    return who, pairs // (len(who) + 1), pairs % (len(who) + 1), blamed
