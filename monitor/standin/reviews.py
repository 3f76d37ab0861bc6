"""What the stand-in sites know about a card and a review, and how their ids look."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from monitor.model import Reply, ReplyState

GOOGLE = "google_business"
YANDEX = "yandex_maps"
TWOGIS = "twogis"
OTZOVIK = "otzovik"
IRECOMMEND = "irecommend"
SOURCES = (YANDEX, TWOGIS, GOOGLE, OTZOVIK, IRECOMMEND)


@dataclass(frozen=True, slots=True)
class SiteCard:
    """A place's card on one site. `id` is the site's own; Google's is the location, beside its `account`."""

    place: str
    title: str
    source: str
    id: str
    account: str = ""

    @property
    def listing(self) -> dict[str, str]:
        """The card as a listing of config.yaml."""
        if self.source == GOOGLE:
            return {"source": GOOGLE, "account": self.account, "location": self.id}
        return {"source": self.source, "id": self.id}


@dataclass(frozen=True, slots=True)
class SiteReview:
    """One review as its site holds it. Never changed in place: a change replaces it.

    `number` counts all reviews of the world; `slug` is the address of an iRecommend review;
    `translation` is what Google puts before a text in a foreign language. `pinned`: the company had it put first
    (Яндекс, 2ГИС). `lag`: Яндекс lists it as if it were so much older. `reply_withheld`: the reply exists, and the
    pages come without it for now, as sites' caches do.
    """

    external_id: str
    number: int
    author: str
    stars: int | None
    text: str
    posted_at: datetime
    title: str = ""
    pros: str = ""
    cons: str = ""
    likes: int = 0
    edited_at: datetime | None = None
    reply: Reply | None = None
    hidden: bool = False
    slug: str = ""
    translation: str = ""
    pinned: bool = False
    lag: timedelta = timedelta()
    reply_withheld: bool = False

    @property
    def updated_at(self) -> datetime:
        return self.edited_at or self.posted_at

    @property
    def shown_reply(self) -> Reply | None:
        """The reply as pages show it to the owner."""
        return None if self.reply_withheld else self.reply

    @property
    def public_reply(self) -> Reply | None:
        """The reply where visitors can see it: neither waiting for a moderator nor refused."""
        reply = self.shown_reply
        return reply if reply is not None and reply.state is ReplyState.PUBLISHED else None


def digest(*parts: object) -> bytes:
    """32 bytes that depend on nothing but `parts`: the stand-in's only source of variety."""
    return blake2b("\0".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=32).digest()


def number(*parts: object) -> int:
    """A large number that depends on nothing but `parts`."""
    return int.from_bytes(digest(*parts)[:8], "big")


def _yandex_id(count: int, seed: bytes) -> str:
    return urlsafe_b64encode(seed).decode()[: 30 + count % 6]


def _twogis_id(count: int, seed: bytes) -> str:
    return str(118_000_000 + 17 * count + seed[0] % 17)


def _google_id(count: int, seed: bytes) -> str:
    return "AbFvOq" + urlsafe_b64encode(seed + digest(seed, count)).decode()[:72]


def _otzovik_id(count: int, seed: bytes) -> str:
    return str(17_000_000 + 13 * count + seed[0] % 13)


def _irecommend_id(count: int, seed: bytes) -> str:
    return str(8_900_000 + 11 * count + seed[0] % 11)


_IDS: Mapping[str, Callable[[int, bytes], str]] = {
    YANDEX: _yandex_id,
    TWOGIS: _twogis_id,
    GOOGLE: _google_id,
    OTZOVIK: _otzovik_id,
    IRECOMMEND: _irecommend_id,
}


def external_id(card: SiteCard, count: int) -> str:
    """The id of the world's review number `count`, shaped like that site's ids; the same in every run."""
    return _IDS[card.source](count, digest(card.source, card.id, count))


_AGE = re.compile(r"(\d+)(mo|m|h|d|w|y)")
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "mo": timedelta(days=30),
    "y": timedelta(days=365),
}


def age(text: str) -> timedelta:
    """`40m`, `3h`, `2d`, `1w`, `5mo` (of 30 days), `2y` (of 365). Raises ValueError for anything else."""
    match = _AGE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no age: write 40m, 3h, 2d, 1w, 5mo or 2y")
    return int(match[1]) * _UNITS[match[2]]


def reply_from_row(row: Mapping[str, Any] | None, posted_at: datetime) -> Reply | None:
    """A reply as `data/reviews.yaml` writes it: its text, and how long after the review it came."""
    if row is None:
        return None
    return Reply(text=row["text"], at=posted_at + age(row["after"]))


# fmt: off
_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}
# fmt: on


def transliterate(title: str) -> str:
    """`Долго ждал ответа` → `dolgo-zhdal-otveta`: the last part of an iRecommend address."""
    latin = "".join(_LATIN.get(letter, letter) for letter in title.lower())
    return re.sub(r"[^a-z0-9]+", "-", latin)[:80].strip("-") or "otzyv"
