"""A review as its site shows it, and what an analysis makes of its words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import FetchedReview, Precision, Reply, ReplyState
from sentiment.types import Risk, RiskMention, Tone, Verdict

YANDEX, GOOGLE, TWOGIS, OTZOVIK, IRECOMMEND = "yandex_maps", "google_business", "twogis", "otzovik", "irecommend"

Said = tuple[str, str]
"""A reply: its words, and `published`, `pending` or `rejected`."""

_MARK = re.compile(r"#(\w+)")


@dataclass(frozen=True, slots=True)
class Shown:
    """`text` ends with marks that say what the analysis finds: `#neg`, `#unc` (it cannot know), `#pos`, `#stumble`
    (it fails), and the names of dangers (`#poisoning`). Without words the stars tell."""

    place: str
    source: str
    key: str
    text: str
    stars: int
    author: str
    posted_at: datetime | None
    reply: Said | None = None
    replied_at: datetime | None = None

    @property
    def marks(self) -> frozenset[str]:
        return frozenset(_MARK.findall(self.text))

    @property
    def urgent(self) -> bool | None:
        """None: the analysis fails."""
        if "stumble" in self.marks:
            return None
        return bool(self.marks & {"neg", "unc"}) if self.text else self.stars <= 3

    @property
    def risks(self) -> frozenset[str]:
        return self.marks & {risk.value for risk in Risk}

    @property
    def answered_at(self) -> datetime | None:
        """How the site dates the answer: mostly earlier than anybody here sees it."""
        if self.replied_at is not None or self.posted_at is None:
            return self.replied_at
        return self.posted_at + timedelta(minutes=20)

    def fetched(self) -> FetchedReview:
        precision = Precision.UNKNOWN if self.posted_at is None else Precision.EXACT
        reply = None if self.reply is None else Reply(self.reply[0], self.answered_at, ReplyState(self.reply[1]))
        url = f"https://example.ru/{self.key}"
        return FetchedReview(self.key, self.stars, self.text, self.author, self.posted_at, precision, url, reply)

    def __str__(self) -> str:
        marks = " ".join(sorted(self.marks)) if self.text else "no words"
        return f"{self.place}/{self.source} {self.stars}* {marks} {self.text[:5]!r} reply {self.reply}"


def answerable(shown: Shown, representative: bool) -> bool:
    """Rule 9."""
    if shown.source == TWOGIS:
        return bool(shown.text)
    return shown.source != IRECOMMEND and (shown.source != OTZOVIK or representative)


class MarkReader:
    """The analysis of the program's side: reads the marks. `seam` is called with "analyse" before it does."""

    def __init__(self, seam: Callable[[str], None]) -> None:
        self._seam = seam

    def analyse(self, text: str, stars: int | None, author: str = "") -> Verdict:
        self._seam("analyse")
        shown = Shown("", "", "", text, stars or 0, author, None)
        if shown.urgent is None:
            raise ValueError("stumbled")
        doubtful = "unc" in shown.marks
        flagged = shown.urgent and not doubtful
        tone = Tone.NEGATIVE if flagged else Tone.NEUTRAL if doubtful else Tone.POSITIVE
        risks = tuple(RiskMention(Risk(name), name) for name in sorted(shown.risks))
        return Verdict(tone, None, flagged, doubtful, False, (), risks, ())
