"""What robots.txt says to us."""

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Self

from monitor.errors import RobotsDenied, Unreachable

if TYPE_CHECKING:
    from protego import Protego

ROBOT = "otklik"
"""Our name in robots.txt."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What robots.txt said, or why it could not be read; `until` by the monotonic clock."""

    parsed: "Protego | None"
    failure: str
    until: float

    @classmethod
    def of(cls, text: str, until: float) -> Self:
        from protego import Protego

        return cls(Protego.parse(text), "", until)

    @classmethod
    def unreadable(cls, failure: str, until: float) -> Self:
        return cls(None, failure, until)

    def crawl_delay(self, host: str, url: str) -> float:
        """Seconds to leave between requests. Raises RobotsDenied, or Unreachable while the rules are not known."""
        if self.parsed is None:
            raise Unreachable(f"{host}: {self.failure}")
        if not self.parsed.can_fetch(url, ROBOT):
            raise RobotsDenied(
                f"{host}: robots.txt не разрешает читать этот адрес; "
                "владелец карточки может разрешить это сам: sources.<сайт>.robots: own-card"
            )
        delay = self.parsed.crawl_delay(ROBOT)
        return float(delay) if delay is not None and isfinite(delay) and delay > 0 else 0.0
