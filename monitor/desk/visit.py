"""One request as a handler sees it: who asks, what they filled in, when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qs

from starlette.requests import Request

from monitor.accounts import Account
from monitor.errors import NotFound

MOST_FIELDS = 2_000
"""Of a form: ours have a few, but a chain has hundreds of places to choose from."""

HIGHEST = 2**63 - 1
"""Of the numbers that the database gives."""

LAST_PAGE = 99_999
"""Of a list that is told in pages."""

WRITTEN = (
    "text", "note", "why", "measure", "what", "name", "words", "topic", "about",
    "holidays", "working_days", "short_days", "support", "lead", "owner", "admin",
)  # fmt: skip
"""Fields in which people write in words of their own."""

FRAGMENT = "x-otklik-fragment"
"""The header by which our script asks for a part of a page."""


def number_in(written: str, most: int = HIGHEST) -> int | None:
    """A whole number from 0 that a form or an address holds, whoever wrote it; None for what is none, or too high."""
    if not (written.isascii() and written.isdecimal() and len(written) <= len(str(HIGHEST))):
        return None
    return found if (found := int(written)) <= most else None


class Form:
    """What was filled in: names and values as sent, line breaks as `\\n`. A field that is not there is ""."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    @classmethod
    def read(cls, body: bytes) -> "Form":
        """Of an `application/x-www-form-urlencoded` body; one that is none, or has too many fields, is empty."""
        try:
            found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
        except ValueError:
            found = {}
        return cls(found)

    def __getitem__(self, name: str) -> str:
        found = self._values.get(name)
        return found[0].replace("\r\n", "\n").replace("\r", "\n") if found else ""

    def all(self, name: str) -> list[str]:
        return list(self._values.get(name, ()))

    @property
    def words(self) -> str:
        """What somebody wrote and would not like to write again; "" for nothing."""
        return "\n\n".join(found for name in WRITTEN if (found := self[name]))

    def __contains__(self, name: object) -> bool:
        return name in self._values


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is logged in. `csrf` must come back with everything that changes something; `session` is the row's key."""

    account: Account
    csrf: str
    session: str


@dataclass(frozen=True, slots=True)
class Visit:
    """`visitor` is None only on pages that ask for no permission."""

    request: Request
    now: datetime
    form: Form = field(default_factory=lambda: Form({}))
    visitor: Visitor | None = None
    address: str = ""

    @property
    def account(self) -> Account:
        """Whoever is logged in, on a page that asks for a permission."""
        assert self.visitor is not None
        return self.visitor.account

    @property
    def is_post(self) -> bool:
        return self.request.method == "POST"

    @property
    def wants_fragment(self) -> bool:
        """Whether our script asks for the changing part of the page alone."""
        return FRAGMENT in self.request.headers

    def query(self, name: str) -> str:
        """A value of the address; "" where it is not there."""
        return self.request.query_params.get(name, "")

    def number(self, name: str) -> int:
        """A number of the path, `{name:int}`. Raises NotFound for one that nothing can have."""
        number = int(self.request.path_params[name])
        if number > HIGHEST:
            raise NotFound("numbers are not that high")
        return number


class Gate(Protocol):
    """Knows who asks."""

    def visitor(self, request: Request, now: datetime) -> Visitor | None:
        """None: nobody is logged in, or no longer."""
        ...

    def address(self, request: Request) -> str:
        """Where the request came from, "" where it is not known."""
        ...

    def is_ours(self, request: Request) -> bool:
        """Whether what changes something was sent from a page of ours, as far as the browser tells (Origin,
        Sec-Fetch-Site)."""
        ...
