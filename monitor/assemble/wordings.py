"""The phrases of replies in force: what was set at the desk, before the files; read anew when that changes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from responders.draft import Responder


class Wordings:
    """`version` is asked each time and must cost nothing; `read` when it is another one. Several threads may ask."""

    def __init__(
        self, templates_dir: Path | None, version: Callable[[], int], read: Callable[[], Mapping[str, str]]
    ) -> None:
        self._templates_dir = templates_dir
        self._version = version
        self._read = read
        self._seen: int | None = None
        self._stored: Mapping[str, str] = {}
        self._responder: Responder | None = None
        self._loading = Lock()

    @property
    def stored(self) -> Mapping[str, str]:
        """What is set at the desk, by path below `replies/`."""
        with self._loading:
            self._refresh()
            return self._stored

    @property
    def responder(self) -> "Responder":
        with self._loading:
            self._refresh()
            if self._responder is None:
                self._responder = self.trial(self._stored)
            return self._responder

    def trial(self, stored: Mapping[str, str]) -> "Responder":
        """With other phrases set than there are."""
        from responders.draft import Responder

        return Responder(self._templates_dir, stored)

    def edition(self, basis: str) -> str:
        """By which wordings a draft is written; `basis`: what else it is made by."""
        from responders.editions import edition

        return edition(basis, self._templates_dir, self.stored)

    def _refresh(self) -> None:
        version = self._version()
        if version == self._seen:
            return
        stored = dict(self._read())
        if stored != self._stored:
            self._stored, self._responder = stored, None
        self._seen = version
