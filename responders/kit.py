"""All files that one kind of reply is made of: the user's where they are sound, else the shipped ones."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from responders.choose import Frame
from responders.files import SHIPPED, ReplyTemplateError
from responders.phrasebook import Book, Layout, Phrase, read_frame, read_layout, read_shared

_LAYOUT, _SHARED, _THEMES = "reply.txt.j2", "shared.yaml", "themes.yaml"
_SECTOR = re.compile(r"[a-z]{1,20}")

Loaded = TypeVar("Loaded")


@dataclass(frozen=True, slots=True)
class Kit:
    """`broken`: overlay files that do not load, each replaced by the next that does."""

    frame: Book
    shared: Book
    themes: Book
    layout: Layout
    broken: tuple[ReplyTemplateError, ...]

    def phrases(self, part: str) -> tuple[Phrase, ...]:
        """The frame's own list, the list of shared.yaml it names, or none. Raises ReplyTemplateError."""
        if part not in self.frame.references:
            return self.frame.lists.get(part, ())
        name, line = self.frame.references[part]
        if name not in self.shared.lists:
            raise ReplyTemplateError(self.frame.file, line, f"{part}: в {_SHARED} нет списка {name}")
        return self.shared.lists[name]


def load_kit(frame: Frame, sector: str, overlay: Path | None) -> Kit:
    """`overlay` is the user's folder of replies. A sector's own file (`clinic/thanks.yaml`) goes before the
    general one, whoever wrote it: a clinic never falls back to wordings that speak of a visit."""
    broken: list[ReplyTemplateError] = []
    folders = [folder for folder in (overlay, SHIPPED) if folder is not None]
    names = [f"{frame}.yaml"]
    if _SECTOR.fullmatch(sector):
        names.insert(0, f"{sector}/{frame}.yaml")
    return Kit(
        frame=_first_sound(read_frame, _existing(folders, names), broken),
        shared=_first_sound(read_shared, _existing(folders, [_SHARED]), broken),
        themes=_first_sound(read_shared, _existing(folders, [_THEMES]), broken),
        layout=_first_sound(read_layout, _existing(folders, [_LAYOUT]), broken),
        broken=tuple(broken),
    )


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
