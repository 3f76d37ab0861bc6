"""Which template files hold: the shipped ones, overlaid by the user's `templates_dir`, overlaid by what people have set
at the desk.

Kept free of jinja2 and yaml: a pass with nothing to draft only asks for the digest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / "templates" / "replies"
"""Beside the packages, in a checkout and in site-packages alike."""

STORED = Path("Фразы")
"""How reports name what was set at the desk, `Фразы/thanks.yaml`: as its page is called."""

_SUFFIXES = frozenset({".yaml", ".j2"})
_MAX_BYTES = 1_000_000

Stored = Mapping[str, str]
"""What was set at the desk: path below `replies/` → text of that file."""


class ReplyTemplateError(Exception):
    """A reply template that does not load or render. `line` counts from 1 (None: the file as a whole)."""

    def __init__(self, file: Path, line: int | None, message: str) -> None:
        place = f"{file}:{line}" if line else str(file)
        super().__init__(f"{place}: {message}")
        self.file = file
        self.line = line
        self.message = message

    @property
    def gist(self) -> str:
        """The message without what would be allowed in some phrase or other: the form of each tells that itself."""
        return self.message.partition("; можно: ")[0]


@dataclass(frozen=True, slots=True)
class Source:
    """A file of wordings, or the `text` that was set at the desk in its place. Such a text comes from a form: it may
    hold anything, and is read more strictly (`untrusted`)."""

    file: Path
    text: str | None = None

    @property
    def trusted(self) -> bool:
        return self.text is None

    def read(self) -> str:
        """Raises ReplyTemplateError."""
        if self.text is not None:
            return self.text
        try:
            if self.file.stat().st_size > _MAX_BYTES:
                raise self.error(None, f"файл больше {_MAX_BYTES} байт")
            return self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self.error(None, f"файл не читается (нужен текст в UTF-8): {error}") from error

    def error(self, line: int | None, message: str) -> ReplyTemplateError:
        return ReplyTemplateError(self.file, line, message)


def overlay_folder(templates_dir: Path | None) -> Path | None:
    """`templates_dir` has the layout of `templates/`; replies are one folder of it."""
    return None if templates_dir is None else templates_dir / "replies"


def is_stored(file: Path) -> bool:
    """Whether a report speaks of what was set at the desk."""
    return file.is_relative_to(STORED)


def _files(folder: Path | None) -> dict[str, Path]:
    """Template files of a folder by name (`thanks.yaml`, `clinic/thanks.yaml`)."""
    if folder is None or not folder.is_dir():
        return {}
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.suffix in _SUFFIXES and not path.name.startswith(".")
    }


def files_of(templates_dir: Path | None, kind: str, stored: Stored | None = None) -> Iterator[tuple[str, str, bytes]]:
    """Every wording of a folder of `templates/` that there is: whose it is, its path below the folder, a digest of what
    it says."""
    own = None if templates_dir is None else templates_dir / kind
    for where, folder in (("", SHIPPED.with_name(kind)), ("own/", own)):
        for name, path in sorted(_files(folder).items()):
            yield where, name, sha256(_content(path)).digest()
    for name, text in sorted((stored or {}).items()):
        yield f"{STORED}/", name, sha256(text.encode("utf-8", "surrogatepass")).digest()


def template_digest(templates_dir: Path | None, kind: str) -> str:
    """Changes when any wording of that folder of `templates/` changes."""
    digest = sha256()
    for where, name, content in files_of(templates_dir, kind):
        digest.update(f"{where}{name}\0".encode("utf-8", "surrogateescape") + content)
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    # An unreadable overlay file is reported where it is used; here it only has to differ from a readable one.
    try:
        return path.read_bytes()
    except OSError as error:
        return f"unreadable: {error.__class__.__name__}".encode()
