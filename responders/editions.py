"""By which wordings a draft was written, so brief that every ticket can keep it, and which drafts others concern.

    edition = what else a draft is made by, then every book of `templates/replies/`, a few characters each

A draft draws on the book of its kind, on those of the themes, dangers and wishes that it speaks of, and on the ones
that all share: the name of its template tells which. Kept free of jinja2 and yaml, as `files` is.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from responders.files import SHIPPED, Stored, files_of
from sentiment.types import Risk

_THEMES, _RISKS, _ASKS = "themes/", "risks.yaml", "asks.yaml"
_SHARED = frozenset({"shared.yaml", "topics.yaml", "reply.txt.j2"})
_BASIS, _BOOK = 12, 4
"""Characters."""

_LABEL = re.compile(r"([a-z_]+):")
_OF_THE_KIND = "measure"
"""The place of a reply that has a label and whose phrases stand in the book of its kind."""


def edition(basis: str, templates_dir: Path | None = None, stored: Stored | None = None) -> str:
    """Changes with the `basis`, which concerns every draft, and with whatever wording a draft may be made of."""
    digests = {name: sha256() for name in _books()}
    for where, name, content in files_of(templates_dir, SHIPPED.name, stored):
        if (book := book_of(name)) in digests:
            digests[book].update(f"{where}{name}\0".encode("utf-8", "surrogateescape") + content)
    told = [_told(sha256(basis.encode("utf-8", "surrogatepass")).digest(), _BASIS)]
    return "".join((*told, *(_told(digest.digest(), _BOOK) for digest in digests.values())))


def concerns(then: str, now: str, template: str) -> bool:
    """Whether a draft with that name of a template, up to date in the edition of `then`, may read otherwise now."""
    changed = set(_changed(then, now))
    return not same_basis(then, now) or any(speaks_by(template, book) for book in changed)


def same_basis(then: str, now: str) -> bool:
    """Whether nothing but books changed; False as well where that cannot be told: an older program wrote the draft."""
    return len(then) == len(now) and then[:_BASIS] == now[:_BASIS]


def speaks_by(template: str, book: str) -> bool:
    """Whether a draft with that name of a template may draw on the book. What names no kind of reply that there is, may
    draw on any."""
    kind, _, variant = template.partition("#")
    own = f"{kind}.yaml"
    return book in _SHARED or own not in _books() or book == own or book in _spoken_of(variant)


def book_of(name: str) -> str:
    """`clinic/thanks.yaml` is the same book as `thanks.yaml`, for one sector."""
    folder, _, rest = name.partition("/")
    return rest if rest and f"{folder}/" != _THEMES else name


def _spoken_of(variant: str) -> Iterator[str]:
    for label in _LABEL.findall(variant):
        if (theme := f"{_THEMES}{label}.yaml") in _books():
            yield theme
        elif label != _OF_THE_KIND:
            yield _RISKS if label in set(Risk) else _ASKS


def _changed(then: str, now: str) -> Iterator[str]:
    for number, book in enumerate(_books()):
        at = _BASIS + number * _BOOK
        if then[at : at + _BOOK] != now[at : at + _BOOK]:
            yield book


@lru_cache(maxsize=1)
def _books() -> tuple[str, ...]:
    """Their names, in the order in which an edition tells of them."""
    found = {book_of(path.relative_to(SHIPPED).as_posix()) for path in SHIPPED.rglob("*") if path.is_file()}
    return tuple(sorted(found))


def _told(digest: bytes, characters: int) -> str:
    return urlsafe_b64encode(digest).decode()[:characters]
