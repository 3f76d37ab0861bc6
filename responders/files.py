"""Which template files hold: the shipped ones, overlaid by the user's `templates_dir`.

Kept free of jinja2 and yaml: a pass with nothing to draft only asks for the digest.
"""

from hashlib import sha256
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / "templates" / "replies"
"""Beside the packages, in a checkout and in site-packages alike."""

_SUFFIXES = frozenset({".yaml", ".j2"})


class ReplyTemplateError(Exception):
    """A reply template that does not load or render. `line` counts from 1 (None: the file as a whole)."""

    def __init__(self, file: Path, line: int | None, message: str) -> None:
        place = f"{file}:{line}" if line else str(file)
        super().__init__(f"{place}: {message}")
        self.file = file
        self.line = line
        self.message = message


def overlay_folder(templates_dir: Path | None) -> Path | None:
    """`templates_dir` has the layout of `templates/`; replies are one folder of it."""
    return None if templates_dir is None else templates_dir / "replies"


def _files(folder: Path | None) -> dict[str, Path]:
    """Template files of a folder by name (`thanks.yaml`, `clinic/thanks.yaml`)."""
    if folder is None or not folder.is_dir():
        return {}
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.suffix in _SUFFIXES and not path.name.startswith(".")
    }


def template_digest(templates_dir: Path | None = None, kind: str = SHIPPED.name) -> str:
    """Changes when any file that a draft may be made of changes: drafts with another digest are stale. `kind`: which
    folder of `templates/`."""
    digest = sha256()
    for folder in (SHIPPED.with_name(kind), None if templates_dir is None else templates_dir / kind):
        for name, path in sorted(_files(folder).items()):
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + sha256(_content(path)).digest())
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    # An unreadable overlay file is reported where it is used; here it only has to differ from a readable one.
    try:
        return path.read_bytes()
    except OSError as error:
        return f"unreadable: {error.__class__.__name__}".encode()
