"""A page without people: what it is made of stays byte for byte, what it says of anybody is invented.

    bytes → its charset → tokens (markup.py) → texts, addresses, values (text.py) → words (words.py) → bytes

Names of elements, attributes, classes and keys, dates, small numbers, hosts and the words that sites themselves use
(vocabulary.py) stay; all other words, numbers of six digits and more, identifiers, addresses' parts, phones and
tokens are replaced, letter for letter. What cannot be told apart is replaced. A name that stands where a programmer
puts names (as a class, or as a key in small Latin letters) is taken for one.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from monitor.pseudonym import vocabulary
from monitor.pseudonym.markup import Markup
from monitor.pseudonym.text import Text, is_charset
from monitor.pseudonym.words import Words

LONGEST = 2_500_000
"""Signs of a page that are masked; what is behind them is cut off. Sources read no longer pages either."""

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,500}charset[^>]{0,200}>", re.IGNORECASE)
_XML = re.compile(rb"<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w.:-]{2,40})")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_RESERVED = vocabulary.INTERFACE | vocabulary.CODE | vocabulary.PATHS | vocabulary.QUERY_NAMES


@dataclass(frozen=True, slots=True)
class Masked:
    """`kind` is html, xml, json or txt. `outline` digests what the page is made of: two cards whose pages drifted in
    the same way have the same one, whatever they say and however many reviews they show."""

    body: bytes
    kind: str
    outline: str


def pseudonymise(body: bytes, content_type: str = "", *, salt: bytes = b"", hosts: Iterable[str] = ()) -> bytes:
    """The page of the same structure without personal data. Never raises.

    Equal words become equal ones within one call, and within calls of one `salt` (at most 64 bytes; random without
    it), for which it is a secret. `hosts` stay in addresses besides those of the known sites.
    """
    return mask(body, content_type, salt=salt, hosts=hosts).body


def mask(body: bytes, content_type: str = "", *, salt: bytes = b"", hosts: Iterable[str] = ()) -> Masked:
    """`pseudonymise`, with what else is known of the page then."""
    charset, start = _charset(body, content_type)
    mark, text = body[:start], body[start:].decode(charset, "replace")
    text = text[:LONGEST]
    kind = _kind(text, content_type)
    words = Words(salt or secrets.token_bytes(32), text, _RESERVED)
    markup = Markup(Text(words, tuple(hosts)))
    shown = markup.json(text) if kind == "json" else markup.page(text)
    outline = sha256("\n".join([kind, *sorted(markup.outline)]).encode("utf-8", "replace")).hexdigest()
    return Masked(mark + shown.encode(charset, "replace"), kind, outline)


def _kind(text: str, content_type: str) -> str:
    start = text[:1000].lstrip().casefold()
    if start.startswith(("{", "[")) or ("json" in content_type and not start.startswith("<")):
        return "json"
    if start.startswith(("<?xml", "<rss", "<feed", "<rdf")):
        return "xml"
    return "html" if "<" in text else "txt"


def _charset(body: bytes, content_type: str) -> tuple[str, int]:
    """How the sources read it (header, `<meta>`, else UTF-8), and how long its byte order mark is."""
    for mark, charset in _MARKS:
        if body.startswith(mark):
            return charset, len(mark)
    if wide := _wide(body[:400]):
        return wide, 0
    meta, xml = _META.search(body[:4096]), _XML.match(body[:300])
    for said in (content_type, meta.group().decode("ascii", "replace") if meta else ""):
        named = _CHARSET.search(said)
        if named and is_charset(named.group(1)):
            return named.group(1), 0
    if xml and is_charset(xml.group(1).decode("ascii", "replace")):
        return xml.group(1).decode("ascii"), 0
    return "utf-8", 0


def _wide(start: bytes) -> str:
    """Two or four bytes a sign, whatever the page says of itself: read as anything else, its letters would look like
    punctuation, and stay. "" for other pages."""
    empty, cyrillic = start.count(b"\0"), start.count(b"\4")
    if empty > len(start) * 0.55:
        return "utf-32-be" if start.startswith(b"\0") else "utf-32-le"
    if max(empty, cyrillic) > max(4, len(start) * 0.2):
        return "utf-16-be" if start.startswith((b"\0", b"\4")) else "utf-16-le"
    return ""
