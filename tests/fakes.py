"""One fake per seam, kept honest by the contract tests of the real one."""

from datetime import datetime, timedelta

from monitor.model import HostMemory


class FrozenClock:
    """Time stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class MemoryBook:
    """A book of hosts that lasts as long as the test. `written` counts what was remembered."""

    def __init__(self) -> None:
        self.pages: dict[str, HostMemory] = {}
        self.written = 0

    def recall(self, host: str) -> HostMemory | None:
        return self.pages.get(host)

    def remember(self, host: str, memory: HostMemory) -> None:
        self.written += 1
        self.pages[host] = memory
