"""One fake per seam, kept honest by the contract tests of the real one."""

from datetime import datetime, timedelta


class FrozenClock:
    """Time stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by
