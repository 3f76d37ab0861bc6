"""What each site lets an owner's reply hold. Data only; where it is known from stands beside it."""

from dataclasses import dataclass
from enum import StrEnum

from responders.types import Limits, ReplyLimit

LIMITS: Limits = {
    # Business Profile API: "The maximum length is 4096 bytes".
    "google_business": ReplyLimit(unit="bytes", hard=4096),
    # Not published by any of these: warn, never block.
    "yandex_maps": ReplyLimit(unit="characters", soft=2000),
    "twogis": ReplyLimit(unit="characters", soft=2000),
    "otzovik": ReplyLimit(unit="characters", soft=2000),
    "irecommend": ReplyLimit(unit="characters", soft=2000),
    "schema_org": ReplyLimit(unit="characters", soft=2000),
    "feed": ReplyLimit(unit="characters", soft=2000),
}


class ContactsInReply(StrEnum):
    """Whether a reply may print a phone number or an address."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Platform:
    """`title` as people call the site; `card`: its pages show the company's phone beside the reviews."""

    title: str
    limit: ReplyLimit
    contacts: ContactsInReply
    card: bool


_UNKNOWN_PLATFORM = Platform("площадка", ReplyLimit(unit="characters", soft=2000), ContactsInReply.UNKNOWN, card=False)
_PLATFORMS = {
    "google_business": Platform("Google", LIMITS["google_business"], ContactsInReply.FORBIDDEN, card=True),
    "yandex_maps": Platform("Яндекс Карты", LIMITS["yandex_maps"], ContactsInReply.ALLOWED, card=True),
    "twogis": Platform("2ГИС", LIMITS["twogis"], ContactsInReply.UNKNOWN, card=True),
    "otzovik": Platform("Otzovik", LIMITS["otzovik"], ContactsInReply.UNKNOWN, card=False),
    "irecommend": Platform("iRecommend", LIMITS["irecommend"], ContactsInReply.UNKNOWN, card=False),
    # The company's own pages: its own rules hold there.
    "schema_org": Platform("сайт", LIMITS["schema_org"], ContactsInReply.ALLOWED, card=False),
    "feed": Platform("сайт", LIMITS["feed"], ContactsInReply.ALLOWED, card=False),
}


def platform(source: str) -> Platform:
    """The rules of the site with this id; of a site nobody described, the careful ones."""
    return _PLATFORMS.get(source, _UNKNOWN_PLATFORM)
