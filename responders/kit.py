"""All files that one kind of reply is made of: what was set at the desk where it is sound, else the user's, else the
shipped ones."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TypeVar

from responders.choose import Frame
from responders.files import SHIPPED, STORED, ReplyTemplateError, Source, Stored, is_stored
from responders.phrasebook import (
    THEME_LISTS,
    Book,
    Layout,
    Lists,
    Phrase,
    Topics,
    read_frame,
    read_layout,
    read_lists,
    read_topics,
)
from sentiment.types import Risk, Theme

_LAYOUT, _SHARED, _TOPICS, _RISKS, _ASKS = "reply.txt.j2", "shared.yaml", "topics.yaml", "risks.yaml", "asks.yaml"
_SECTOR = re.compile(r"[a-z]{1,20}")
ASKS = frozenset({"question", "refund", "contact", "suggestion", "again", "again_complaint", "praised"})
"""The lists of asks.yaml: what the author wants, that they wrote before, what they praised beside a complaint."""

Loaded = TypeVar("Loaded")


@dataclass(frozen=True, slots=True)
class _Common:
    """The files that every frame of a sector shares. `themes`: by theme the lists praise, complaint and apology."""

    shared: Lists
    themes: Mapping[str, Lists]
    risks: Lists
    asks: Lists
    topics: Topics
    layout: Layout
    broken: tuple[ReplyTemplateError, ...]


@dataclass(frozen=True, slots=True)
class Kit:
    """What a reply in `frame` is made of. `broken`: overlay files that do not load, each replaced by the next that
    does."""

    frame: Frame
    book: Book
    common: _Common
    broken: tuple[ReplyTemplateError, ...]

    def phrases(self, part: str) -> tuple[Phrase, ...]:
        """The frame's own list, the list of shared.yaml it names, or none."""
        if part not in self.book.references:
            return self.book.lists.get(part, ())
        name, _ = self.book.references[part]
        return self.common.shared[name]


class Library:
    """What was set at the desk (`stored`), the files of a folder of replies (`overlay`, the user's; None: only the
    shipped), each read once, whichever threads ask first."""

    def __init__(self, overlay: Path | None, stored: Stored | None = None) -> None:
        self._folders = [folder for folder in (overlay, SHIPPED) if folder is not None]
        self._stored = stored or {}
        self._kits: dict[tuple[Frame, str], Kit] = {}
        self._commons: dict[str, _Common] = {}
        self._loading = Lock()

    def kit(self, frame: Frame, sector: str) -> Kit:
        """A sector's own file (`clinic/thanks.yaml`) goes before the general one, whoever wrote it: a clinic
        never falls back to wordings that speak of a visit."""
        key = (frame, sector if _SECTOR.fullmatch(sector) else "")
        with self._loading:
            if key not in self._kits:
                self._kits[key] = self._load(*key)
            return self._kits[key]

    def sources(self, name: str) -> Iterator[Source]:
        """The wordings of that very name (`clinic/thanks.yaml`), the ones that go before first."""
        if name in self._stored:
            yield Source(STORED / name, self._stored[name])
        yield from (Source(folder / name) for folder in self._folders if (folder / name).exists())

    def source(self, file: Path) -> Source:
        """What a report names so."""
        return Source(file, self._stored.get(file.relative_to(STORED).as_posix()) if is_stored(file) else None)

    def _load(self, frame: Frame, sector: str) -> Kit:
        common = self._common(sector)
        broken = list(common.broken)

        def read(source: Source) -> Book:
            book = _shipped_frame(source) if _is_shipped(source) else read_frame(source)
            for part, (name, line) in book.references.items():
                if name not in common.shared:
                    raise source.error(line, f"{part}: в {_SHARED} нет списка {name}")
            return book

        book = _first_sound(read, self._files(sector, f"{frame}.yaml"), broken)
        return Kit(frame, book, common, tuple(broken))

    def _common(self, sector: str) -> _Common:
        if sector in self._commons:
            return self._commons[sector]
        broken: list[ReplyTemplateError] = []

        def merged(name: str, allowed: frozenset[str] | None = None) -> Lists:
            """Lists of the files that go before over those of the others: a list that a file lacks comes from there."""
            lists: dict[str, tuple[Phrase, ...]] = {}
            for source in reversed(list(self._files(sector, name))):
                try:
                    lists |= _shipped_lists(source, allowed) if _is_shipped(source) else read_lists(source, allowed)
                except ReplyTemplateError as error:
                    broken.append(error)
            return lists

        self._commons[sector] = _Common(
            shared=merged(_SHARED),
            themes={theme: merged(f"themes/{theme}.yaml", THEME_LISTS) for theme in Theme},
            risks=merged(_RISKS, frozenset(Risk)),
            asks=merged(_ASKS, ASKS),
            topics=_first_sound(_topics, self._files(sector, _TOPICS), broken),
            layout=_first_sound(read_layout, self._files(sector, _LAYOUT), broken),
            broken=tuple(broken),
        )
        return self._commons[sector]

    def _files(self, sector: str, name: str) -> Iterator[Source]:
        """Those that exist, the one that goes before first: a sector's own, then the general."""
        names = [f"{sector}/{name}", name] if sector else [name]
        return (source for each in names for source in self.sources(each))


_shipped_lists = lru_cache(maxsize=None)(read_lists)
_shipped_frame = lru_cache(maxsize=None)(read_frame)
_shipped_topics = lru_cache(maxsize=None)(read_topics)
"""Our own files do not change while we run: every library reads them once."""


def _is_shipped(source: Source) -> bool:
    return source.trusted and source.file.is_relative_to(SHIPPED)


def _topics(source: Source) -> Topics:
    return _shipped_topics(source) if _is_shipped(source) else read_topics(source)


def _first_sound(read: Callable[[Source], Loaded], files: Iterable[Source], broken: list[ReplyTemplateError]) -> Loaded:
    """Raises the last error when even the shipped file does not load: that is a bug of ours."""
    for source in files:
        try:
            return read(source)
        except ReplyTemplateError as error:
            broken.append(error)
    raise broken[-1] if broken else ReplyTemplateError(SHIPPED, None, "папка шаблонов ответов неполна")
