"""All files that one kind of reply is made of: the user's where they are sound, else the shipped ones."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from responders.choose import Frame
from responders.files import SHIPPED, ReplyTemplateError
from responders.phrasebook import Book, Layout, Lists, Phrase, read_frame, read_layout, read_shared

_LAYOUT, _SHARED, _THEMES = "reply.txt.j2", "shared.yaml", "themes.yaml"
_SECTOR = re.compile(r"[a-z]{1,20}")

Loaded = TypeVar("Loaded")


@dataclass(frozen=True, slots=True)
class _Common:
    """The files that every frame shares."""

    shared: Lists
    themes: Lists
    layout: Layout
    broken: tuple[ReplyTemplateError, ...]


@dataclass(frozen=True, slots=True)
class Kit:
    """`broken`: overlay files that do not load, each replaced by the next that does."""

    frame: Book
    shared: Lists
    themes: Lists
    layout: Layout
    broken: tuple[ReplyTemplateError, ...]

    def phrases(self, part: str) -> tuple[Phrase, ...]:
        """The frame's own list, the list of shared.yaml it names, or none."""
        if part not in self.frame.references:
            return self.frame.lists.get(part, ())
        name, _ = self.frame.references[part]
        return self.shared[name]


class Library:
    """The files of a folder of replies (`overlay`, the user's; None: only the shipped), each read once."""

    def __init__(self, overlay: Path | None) -> None:
        self._folders = [folder for folder in (overlay, SHIPPED) if folder is not None]
        self._kits: dict[tuple[Frame, str], Kit] = {}

    def kit(self, frame: Frame, sector: str) -> Kit:
        """A sector's own file (`clinic/thanks.yaml`) goes before the general one, whoever wrote it: a clinic
        never falls back to wordings that speak of a visit."""
        key = (frame, sector if _SECTOR.fullmatch(sector) else "")
        if key not in self._kits:
            self._kits[key] = self._load(*key)
        return self._kits[key]

    def _load(self, frame: Frame, sector: str) -> Kit:
        common = self._common
        broken = list(common.broken)

        def read(file: Path) -> Book:
            book = read_frame(file)
            for part, (name, line) in book.references.items():
                if name not in common.shared:
                    raise ReplyTemplateError(file, line, f"{part}: в {_SHARED} нет списка {name}")
            return book

        names = [f"{sector}/{frame}.yaml"] if sector else []
        book = _first_sound(read, _existing(self._folders, [*names, f"{frame}.yaml"]), broken)
        return Kit(book, common.shared, common.themes, common.layout, tuple(broken))

    @cached_property
    def _common(self) -> _Common:
        broken: list[ReplyTemplateError] = []
        return _Common(
            shared=_merged(self._folders, _SHARED, broken),
            themes=_merged(self._folders, _THEMES, broken),
            layout=_first_sound(read_layout, _existing(self._folders, [_LAYOUT]), broken),
            broken=tuple(broken),
        )


def _merged(folders: Sequence[Path], name: str, broken: list[ReplyTemplateError]) -> Lists:
    """Lists of the overlay's file over the shipped ones, so that a frame finds every list it names."""
    lists: dict[str, tuple[Phrase, ...]] = {}
    for file in _existing(reversed(folders), [name]):
        try:
            lists |= read_shared(file).lists
        except ReplyTemplateError as error:
            broken.append(error)
    return lists


def _existing(folders: Iterable[Path], names: Iterable[str]) -> Iterator[Path]:
    return (folder / name for name in names for folder in folders if (folder / name).exists())


def _first_sound(read: Callable[[Path], Loaded], files: Iterable[Path], broken: list[ReplyTemplateError]) -> Loaded:
    """Raises the last error when even the shipped file does not load: that is a bug of ours."""
    for file in files:
        try:
            return read(file)
        except ReplyTemplateError as error:
            broken.append(error)
    raise broken[-1] if broken else ReplyTemplateError(SHIPPED, None, "папка шаблонов ответов неполна")
