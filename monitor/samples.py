"""Pages that could not be read, kept without personal data for whoever mends the source."""

import json
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, quote_plus, urlsplit

from monitor.clock import from_iso, to_iso
from monitor.errors import StoreError
from monitor.model import Page

FOLDER = "samples"
MOST = 5
"""So many samples are kept of a source, and so many a day are looked at by one process: masking a page takes a
second."""

_SUFFIXES = (".html", ".xml", ".json", ".txt")
_DIGITS = 12
_OURS = re.compile(rf"(?P<source>\w+)-[0-9a-f]{{{_DIGITS}}}\.(html|xml|json|txt)", re.ASCII)
"""What a sample is called. `otklik source capture` writes into the folder, too: its pages have other names."""

_HEADERS = ("content-type", "server", "content-encoding", "last-modified", "x-yandex-captcha", "location")


class Sample(NamedTuple):
    """A page that was kept: the name of its file, which source could not read it and when, its size in bytes, the HTTP
    status it came with ("" where that is not known)."""

    name: str
    source: str
    at: datetime
    size: int
    status: str


class Samples:
    """A `SampleBook` in the folder `samples/` of `folder` (where the database lies).

    A sample is two files that only their owner may read: the masked page, `<source>-<digest>.html` (or .json, .xml,
    .txt), and beside it `<source>-<digest>.about.txt` with what came with it. The digest is of what the page is made
    of, not of what it says: the same drift on a thousand cards is kept once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._looked_at: dict[tuple[str, date], int] = defaultdict(int)

    def keep(self, source: str, page: Page) -> str:
        today = (source, page.at.date())
        if self._looked_at[today] >= MOST:
            return ""
        self._looked_at[today] += 1
        try:
            return self._keep(source, page)
        except Exception:  # noqa: BLE001 - a sample is a help: neither a full disk nor a page may stop the reading
            return ""

    def all(self) -> list[Sample]:
        """Newest first; what cannot be read is left out."""
        found = []
        with suppress(OSError):
            for path in self._pages():
                with suppress(OSError):
                    if source := _source(path.name):
                        found.append(_sample(path, source))
        return sorted(found, key=lambda sample: (sample.at, sample.name), reverse=True)

    def read(self, sample: Sample, limit: int = -1) -> bytes | None:
        """The page, or its first `limit` bytes; None when it is gone."""
        try:
            with (self._folder / sample.name).open("rb") as file:
                return file.read(limit)
        except OSError:
            return None

    def holding(self, names: Iterable[str]) -> list[str]:
        """Files that hold one of the names after all, however a page may write it. Raises StoreError when one cannot be
        read."""
        wanted = {form.casefold() for name in names if len(name.strip()) > 1 for form in _written(name)}
        with self._told():
            return [path.name for path in self._pages() if wanted and _holds(path, wanted)]

    def erase(self, names: Iterable[str]) -> int:
        """Deletes the samples that hold one of the names after all; how many. Raises StoreError when one cannot be."""
        found = self.holding(names)
        with self._told():
            for name in found:
                _delete(self._folder / name)
        return len(found)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = f"{self._folder}: a sample that may hold the name cannot be read or deleted: {error}"
            raise StoreError(message) from error

    def _keep(self, source: str, page: Page) -> str:
        from monitor.pseudonym import mask

        host = urlsplit(page.url).hostname or ""
        masked = mask(page.body, page.headers.get("content-type", ""), hosts=(host,))
        path = self._folder / f"{source}-{masked.outline[:_DIGITS]}.{masked.kind}"
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(_about(path), _description(source, page).encode())
            _write(path, masked.body)
            pages = (each for each in self._pages() if _source(each.name) == source)
            kept = sorted(pages, key=lambda each: (each.stat().st_mtime_ns, each.name))
            for old in [each for each in kept if each != path][: max(0, len(kept) - MOST)]:
                _delete(old)
        return f"{FOLDER}/{path.name}"

    def _pages(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        found = (path for path in self._folder.iterdir() if path.suffix in _SUFFIXES)
        return [path for path in found if not path.name.endswith(".about.txt")]


def _written(name: str) -> set[str]:
    """A name as it stands in a page, in JSON, in an address."""
    return {" ".join(name.split()), json.dumps(name)[1:-1], quote(name), quote_plus(name)}


def _holds(path: Path, wanted: Collection[str]) -> bool:
    """Raises OSError."""
    body = path.read_bytes()
    readings = (body.decode("utf-8", "replace"), body.decode("cp1251", "replace"))
    shown = [form for text in readings for form in (text.casefold(), " ".join(unescape(text).split()).casefold())]
    return any(form in text for form in wanted for text in shown)


def _description(source: str, page: Page) -> str:
    lines = [f"source: {source}", f"at: {to_iso(page.at)}", f"status: {page.status}"]
    for name in _HEADERS:
        if value := page.headers.get(name, ""):
            # Where a redirect leads may name somebody: its path is enough.
            shown = urlsplit(value).path if name == "location" else value
            lines.append(f"{name}: {''.join(sign if sign.isprintable() else ' ' for sign in shown)[:200]}")
    return "\n".join([*lines, ""])


def _source(name: str) -> str:
    """Whose page it is; "" for a file that is no sample of ours."""
    found = _OURS.fullmatch(name)
    return found["source"] if found else ""


def _sample(path: Path, source: str) -> Sample:
    """Raises OSError."""
    file, at, status = path.stat(), "", ""
    with suppress(OSError), _about(path).open(encoding="utf-8", errors="replace") as about:
        said = dict(line.rstrip("\n").partition(": ")[::2] for line in about)
        at, status = said.get("at", ""), said.get("status", "")
    try:
        moment = from_iso(at)
    except ValueError:
        moment = datetime.fromtimestamp(file.st_mtime, UTC)
    return Sample(path.name, source, moment, file.st_size, status if status.isdecimal() else "")


def _about(path: Path) -> Path:
    return path.with_suffix(".about.txt")


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    _about(path).unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    """The whole file or none of it."""
    growing = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        growing.replace(path)
    except OSError:
        with suppress(OSError):
            growing.unlink(missing_ok=True)
        raise
