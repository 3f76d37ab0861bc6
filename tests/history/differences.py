"""The classes of difference that no reader can know: each a rule of its own, with what it means."""

from enum import StrEnum

WORDS = "words"
REPLY = "reply"


class Unknowable(StrEnum):
    """Why a line of the sites' log may be missing from our history. `meaning` says it to whoever reads the summary."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> "Unknowable":
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    BETWEEN_PASSES = (
        "there and gone between two passes",
        "written and changed again while nothing of ours was running",
    )
    NOT_ASKED = (
        "there and gone while the site was not asked, refused or was broken, or passes were killed",
        "passes ran in that time, but none of them got a good read of that card",
    )
    BETWEEN_COMPLETE_READS = (
        "there and gone between two complete reads",
        "everyday reads looked at the top of the list only, and it stood further down",
    )
    UNFINISHED = (
        "seen only by a pass that was killed or broke off",
        "a page with it was served, and the process died or the site failed before that page was stored",
    )
    CUT = (
        "the list shows no difference: it cuts texts and only counts comments",
        "Отзовик and iRecommend: the change is behind the cut, and the review's own page is not read every time",
    )
    STEPPED_OVER = (
        "stepped over while the list moved",
        "reviews were hidden, pinned or re-dated between two pages of one read, and it slid onto a page already read",
    )
    NEW_STEPPED_OVER = (
        "new, and stepped over while the list moved",
        "the same with a review we did not know yet: a later read brings it",
    )
    TAKEN_FOR_REMOVED = (
        "taken for removed: it was hidden, or the list moved, during two complete reads",
        "two complete reads in a row did not show it, for reasons that passed: it counts as returned later",
    )
    REMOVED_BEFORE = (
        "removed: before we knew it",
        "hidden before any page had shown it to us",
    )
    REMOVED_SHORTLY = (
        "removed: for fewer than two complete reads that prove it",
        "hidden and restored again before two complete reads of a list at rest could miss it",
    )


OF_SPELLS = (
    Unknowable.BETWEEN_PASSES,
    Unknowable.NOT_ASKED,
    Unknowable.BETWEEN_COMPLETE_READS,
    Unknowable.UNFINISHED,
    Unknowable.CUT,
    Unknowable.STEPPED_OVER,
)
"""Those that explain why words or a reply are missing; they are counted as "words: …" and "reply: …"."""


def of_spell(what: str, why: Unknowable) -> str:
    """The name under which words or a reply that could not be known are counted."""
    return f"{what}: {why}"


def meanings() -> dict[str, str]:
    """Every class under which a difference may be counted → what it means. There are no others."""
    spells = {of_spell(what, why): why.meaning for what in (WORDS, REPLY) for why in OF_SPELLS}
    alone = {str(why): why.meaning for why in Unknowable if why not in OF_SPELLS or why is Unknowable.STEPPED_OVER}
    return spells | alone
