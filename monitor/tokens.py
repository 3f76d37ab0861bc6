"""What programs may do that ask through the API. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.accounts import PROGRAM, Permission, reaches

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")

LONGEST_LIFE, USUAL_LIFE = 3650, 365
"""Days."""


class Grant(StrEnum):
    """What a token is good for. READ: tickets and reviews. NUMBERS: how the work goes. ACT: tickets, to be changed."""

    READ = "read"
    NUMBERS = "numbers"
    ACT = "act"


PERMITTED: Mapping[Grant, frozenset[Permission]] = {
    Grant.READ: frozenset({Permission.READ}),
    Grant.NUMBERS: frozenset({Permission.NUMBERS}),
    Grant.ACT: frozenset({Permission.READ, Permission.ACT, Permission.ASSIGN}),
}
"""No program overrules the linter, decides on gestures or looks after people."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What lets a program in. `places`: ids from config.yaml, None for all of them, those to come included.
    `expires_at` None: it works until somebody revokes it. `used_at`: to the minute."""

    id: int
    name: str
    may: frozenset[Grant]
    places: frozenset[str] | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    @property
    def actor(self) -> str:
        """The name under which it acts, in histories."""
        return f"{PROGRAM}{self.name}"

    def works(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def permits(self, permission: Permission, place: str | None = None) -> bool:
        """Whether it is good for that, at that place where one is named."""
        return any(permission in PERMITTED[grant] for grant in self.may) and reaches(self.places, place)


def check_token_name(name: str) -> str:
    """What is wrong with the name of a token, as a Russian sentence; "" when it will do."""
    if _NAME.fullmatch(name):
        return ""
    return "Имя токена — до 40 латинских строчных букв, цифр, точек, дефисов и подчёркиваний, например crm."
