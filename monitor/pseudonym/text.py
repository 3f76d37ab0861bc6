"""Texts, addresses and single values with every word replaced, and nothing else.

Works on what stands in the file, so that entities (`&#1048;`), escapes (`\\u0418`) and `%D0%98` stay what they are
while the letters they stand for change. Every pattern is linear: each sign is looked at a bounded number of times.
"""

import re
from html.entities import html5
from urllib.parse import quote, unquote

from monitor.pseudonym import vocabulary as known
from monitor.pseudonym.words import Words

# What stands for a letter or a digit; signs written so are left where they are.
_ESCAPE = (
    r"\\{1,8}u(?!00(?:[0-2]|3[a-fA-F]))[0-9a-fA-F]{4}|\\{1,8}x(?!(?:[0-2]|3[a-fA-F]))[0-9a-fA-F]{2}"
    r"|&#[0-9]{1,7};?|&#[xX][0-9a-fA-F]{1,6};?"
    r"|&(?!(?:lt|gt|amp|quot|apos|nbsp|laquo|raquo|mdash|ndash|hellip);)[A-Za-z][A-Za-z0-9]{1,31};"
)
_HAS_ESCAPE = re.compile(_ESCAPE)
_UNIT = re.compile(rf"({_ESCAPE})|[^\W_]+")
# Possessive (`++`): whoever remembers where to go back to needs 400 bytes a sign.
_PIECE = rf"(?:[^\W_]++|{_ESCAPE})++"
# «\n» of a JSON text is no letter; signs below would be letters again if the page were read in another charset.
_LINE_ESCAPE = r"(?:(?<!\\)\\(?:\\\\)*+(?:[nrtbf]|u00(?:[0-2][0-9a-fA-F]|3[a-fA-F])))"
_ODD = "[\x80-\x9f\u2460-\u24ff\u2500-\u259f\U0001f100-\U0001f1e5]"
_PERCENT = r"(?:%[0-9A-Fa-f]{2})++"

_YEAR = r"(?:19|20)\d\d"
_MOMENT = (
    rf"{_YEAR}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{{1,9}})?)?(?:Z|\s?(?:[+-]|\\u002[bBdD])\d\d:?\d\d)?)?(?!\d)"
    rf"|(?:[0-2]?\d|3[01])\.(?:1[0-2]|0?\d)\.{_YEAR}"
    rf"|{_YEAR}(?:0\d|1[0-2])(?:[0-2]\d|3[01])T\d{{6}}Z?"
)
_ADDRESS = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\d)"
_GAP = r"(?:[ \t\xa0\u2000-\u2014\u202f\u2060()._*…-]|&nbsp;){0,4}+"
# A list, a price, a date are written with these, too: only what is grouped like a phone is one.
_WIDE = r"(?:[ \t\xa0()/,-]|&nbsp;){0,4}+"
_GROUPED = (
    rf"(?:\+?[78]{_WIDE}\d{{3}}|\d{{3}}){_WIDE}\d{{3}}{_WIDE}\d\d{_WIDE}\d\d(?!\d)"
    rf"|\+\d{{1,3}}[/,](?:{_WIDE}\d){{8,12}}(?!\d)"
)
_PHONE = rf"\+?\d(?:{_GAP}\d){{9,18}}(?!\d)|{_GROUPED}|\d{{2,3}}[-– ]\d\d[-– ]\d\d(?!\d)"
_URL = r"https?:(?:\\?/){2}(?:[^\s\"'<>\\]|\\/|\\u00[0-9a-fA-F]{2}){1,2000}"
_TAG = r"(?:<|&lt;|\\u003[cC])/?(?P<element>[A-Za-z][A-Za-z0-9]{0,9})(?=[\s>/&\\])"
_PHRASES = "|".join(map(re.escape, sorted(known.PHRASES, key=len, reverse=True)))
_FIRSTS = "".join(sorted({phrase[0] for phrase in known.PHRASES}))

_TEXT = re.compile(
    rf"(?=[\d+])(?<!\w)(?:(?P<keep>{_MOMENT})|(?P<numbers>{_ADDRESS}|{_PHONE}))"
    rf"|(?P<line>{_LINE_ESCAPE})"
    rf"|(?P<url>{_URL})"
    rf"|(?P<tag>{_TAG})"
    rf"|(?P<phrase>(?=[{_FIRSTS}])(?<!\w)(?:{_PHRASES})(?!\w))"
    r"|(?P<charset>charset\s?=\s?[\"']?[\w.:-]{2,40})"
    r"|(?P<decimal>(?<![\w.])\d{1,4}\.\d+(?![\w.]))"
    rf"|(?P<percent>{_PERCENT})"
    rf"|(?P<piece>{_PIECE})"
    rf"|(?P<odd>{_ODD})"
)
_IN_ADDRESS = re.compile(rf"(?P<line>{_LINE_ESCAPE})|(?P<percent>{_PERCENT})|(?P<piece>{_PIECE})|(?P<odd>{_ODD})")
_ADDRESS_PARTS = re.compile(r"((?:https?:)?(?:\\?/){2})?([^/?#\\\s]*)([^?#]*)(.*)", re.DOTALL)
_PARAMETER = re.compile(
    r"(&amp;|[?&;#]|\\u0026)?(?P<name>(?:[^=&;?#\\]++|\\(?!u0026))*+)(?P<is>=?)(?P<value>(?:[^&;#\\]++|\\(?!u0026))*+)"
)
_MIME = re.compile(r"(?:text/(?:html|plain|xml|css)|application/(?:json|ld\+json|xml|rss\+xml|atom\+xml))(?!\w)")
_RELATIVE = re.compile(r"(?:\\?/)[\w\\./%?&=~:+,;@#!-]{1,2000}\Z")
_TOKEN = re.compile(r"[A-Za-z0-9@_.:/+-]{1,60}\Z")
_UNIX = re.compile(r"1[1-9]\d{8}(?:\d{3})?\Z|20[0-4]\d{7}(?:\d{3})?\Z")
_DIGITS = re.compile(r"\d+")
_IDENTITY = re.compile(r"(?:^|[-_a-z])(?:id|ID|Id|nid|rid|pid|uid|key|token)$")


class Text:
    """Masks the pieces of one page. `hosts` are kept in addresses besides those that name nobody."""

    def __init__(self, words: Words, hosts: tuple[str, ...] = ()) -> None:
        self._words = words
        self._hosts = tuple(host.casefold() for host in (*known.HOSTS, *hosts) if host)

    def text(self, text: str, keep: frozenset[str] = known.INTERFACE) -> str:
        """People's words, with dates, small numbers, interface words and known tags left."""
        return _TEXT.sub(lambda found: self._masked(found, keep), text)

    def value(self, value: str, name: str = "") -> str:
        """One whole value of an attribute or a JSON key `name`."""
        if name in known.ENUM_KEYS and _TOKEN.match(value) and not _LONG_PIECE.search(value):
            return value
        if _UNIX.match(value) and not _IDENTITY.search(name):
            return value
        if mime := _MIME.match(value):
            return mime.group() + self.text(value[mime.end() :])
        return self.address(value) if _RELATIVE.match(value) else self.text(value)

    def number(self, digits: str, name: str) -> str:
        """A number of JSON, as it is written, under the key `name`."""
        if "." in digits:
            return self._decimal(digits)
        counted = any(word in name.casefold() for word in known.COUNT_KEYS)
        if len(digits) <= (9 if counted else 5) or (_UNIX.match(digits) and not _IDENTITY.search(name)):
            return digits
        return self._words.digits(digits)

    def tokens(self, value: str) -> str:
        """A list of class names and the like: what looks like somebody's number is replaced, names stay."""
        if len(value) > 400 or not value.isascii() or any(sign in value for sign in "<>=\"'{}\n&%\\"):
            return self.text(value)  # no name that code gave is written so; a person's may be
        return _LONG_PIECE.sub(self._long_piece, value)

    def key(self, key: str) -> str:
        """A name in an object, which stays when a programmer gave it."""
        if not _KEY.match(key) or _LONG_PIECE.search(key):
            return self.text(key)
        return key

    def address(self, address: str) -> str:
        """A URL, absolute or not."""
        found = _ADDRESS_PARTS.match(address)
        if found is None or _HAS_ESCAPE.search(address):  # `#` and `;` of an entity would be taken for the address's
            return self._pieces(address, known.PATHS)
        scheme, host, path, rest = found.groups()
        if scheme is None:
            host, path = "", host + path
            if ":" in path.partition("/")[0]:  # mailto:, tel:, data:
                return self.text(address, frozenset())
        elif host.casefold() in known.NAMESPACES and re.fullmatch(r"[\w/.#:-]{0,80}", path + rest):
            return address
        return (
            (scheme or "")
            + (host if self._is_known(host) else self._pieces(host, frozenset()))
            + self._pieces(path, known.PATHS)
            + _PARAMETER.sub(self._parameter, rest)
        )

    # --- pieces -------------------------------------------------------------------------------------

    def _masked(self, found: re.Match[str], keep: frozenset[str]) -> str:
        whole = found.group()
        match found.lastgroup:
            case "piece":
                return self._piece(whole, keep - known.MONTHS if _may_be_somebody(found) else keep)
            case "numbers":
                return whole if whole == "127.0.0.1" else self._numbers(whole)
            case "url":
                return self.address(whole)
            case "tag":
                name = found.group("element")
                return whole if name.casefold() in known.TAGS else whole[: -len(name)] + self._piece(name, keep)
            case "charset":
                name = re.split(r"[=\s\"']+", whole)[-1]
                return whole if is_charset(name) else self._pieces(whole, keep)
            case "decimal":
                return self._decimal(whole)
            case "percent":
                return self._percent(whole, keep)
            case "odd":
                return "·"
            case _:
                return whole  # a moment, a phrase, an escaped line break

    def _pieces(self, text: str, keep: frozenset[str]) -> str:
        return _IN_ADDRESS.sub(lambda found: self._masked(found, keep), text)

    def _piece(self, piece: str, keep: frozenset[str]) -> str:
        """Letters and digits, some of them perhaps written as entities or escapes."""
        if "\\" not in piece and "&" not in piece:
            return self._plain(piece, keep)
        written: list[tuple[str, str]] = []  # sign, as the page writes it
        for unit in _UNIT.finditer(piece):
            said = unit.group()
            written += [(_meaning(said), said)] if unit.group(1) else [(sign, sign) for sign in said]
        done: list[str] = []
        start = 0
        while start < len(written):
            end = start
            while end < len(written) and written[end][0].isalnum():
                end += 1
            if end == start:
                done.append(written[start][1] if not _is_name(written[start]) else self._unknown(written[start][1]))
                start += 1
                continue
            masked = self._plain("".join(sign for sign, _ in written[start:end]), keep)
            done += map(_as_written, masked, (said for _, said in written[start:end]))
            start = end
        return "".join(done)

    def _unknown(self, entity: str) -> str:
        return f"&{self._plain(entity[1:-1], frozenset())};"

    def _plain(self, piece: str, keep: frozenset[str]) -> str:
        if piece.isdecimal() and piece.isascii():
            return piece if len(piece) <= 5 else self._words.digits(piece)
        if piece.casefold() in keep:
            return piece
        if piece.isalpha():
            return self._words.word(piece)
        if piece.isascii():
            return self._words.identifier(piece)
        return "".join(
            self._plain(part, keep) if part.isalpha() or part.isascii() else re.sub(r"\w", "0", part)
            for part in re.findall(r"[^\W\d_]+|[0-9]+|\w", piece)
        )

    def _numbers(self, text: str) -> str:
        """Digits of phones, addresses of computers: each group is replaced; a single run stays one number."""
        runs = _DIGITS.findall(text)
        if len(runs) == 1:
            return _DIGITS.sub(lambda found: self._words.digits(found.group()), text)
        new = iter(self._words.digits("".join(runs)))
        return _DIGITS.sub(lambda found: "".join(next(new) for _ in found.group()), text)

    def _decimal(self, number: str) -> str:
        """A rating or a price stays; what is as exact as a place on the map does not."""
        whole, _, fraction = number.partition(".")
        rest = _DIGITS.sub(lambda found: self._words.digits(found.group()), fraction[3:])
        return f"{whole}.{fraction[:3]}{rest}"

    def _percent(self, run: str, keep: frozenset[str]) -> str:
        for encoding in ("utf-8", "cp1251"):
            try:
                said = unquote(run, encoding, "strict")
            except UnicodeDecodeError:
                continue
            if said.isascii() and not any(map(str.isalnum, said)):
                return run
            masked = quote(self._pieces(said, keep) if "%" not in said else self._plain("x" * len(said), keep), "")
            return masked if masked != run else "%20"
        return "%20"

    def _parameter(self, found: re.Match[str]) -> str:
        start, name, is_, value = found.groups()
        if name and name.casefold() not in known.QUERY_NAMES:
            name = self._pieces(name, frozenset())
        if value not in known.QUERY_VALUES:
            value = self._pieces(value, frozenset())
        return f"{start or ''}{name}{is_}{value}"

    def _long_piece(self, found: re.Match[str]) -> str:
        return self._plain(found.group(), frozenset())

    def _is_known(self, host: str) -> bool:
        name = host.casefold().partition(":")[0]
        return "@" not in host and any(name == own or name.endswith(f".{own}") for own in self._hosts)


_LONG_PIECE = re.compile(r"(?<![^\W_])(?:\d{6,}|(?=[^\W_]*\d)[^\W_]{10,})(?![^\W_])")
_KEY = re.compile(r"[@$_]*[a-z][\w@$:.-]{0,60}\Z|[@$_]*[A-Z][a-z0-9]*[A-Z_-][\w-]{0,60}\Z|[A-Z]{1,3}\Z", re.ASCII)


def _may_be_somebody(found: re.Match[str]) -> bool:
    """«Марта», "April" with no number beside them: no date."""
    if not found.group()[0].isupper() or found.group().casefold() not in known.MONTHS:
        return False
    start, end = found.span()
    return not any(map(str.isdecimal, found.string[max(start - 4, 0) : start] + found.string[end : end + 4]))


def is_charset(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def _meaning(escape: str) -> str:
    """The sign that an entity or an escape stands for; "\\0" where it is none."""
    if escape.startswith("\\"):
        return chr(int(escape.lstrip("\\")[1:], 16))
    if escape.startswith("&#"):
        digits = escape[2:].rstrip(";")
        number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
        return chr(number) if number < 0x110000 else "\0"
    named = html5.get(escape[1:], "\0")
    return named if len(named) == 1 else "\0"


def _is_name(unit: tuple[str, str]) -> bool:
    """An entity that no browser knows: `&Charles;`."""
    return unit[0] == "\0" and unit[1].startswith("&") and unit[1][1] != "#" and unit[1][1:] not in html5


def _as_written(sign: str, before: str) -> str:
    """The new sign in the form that the old one had."""
    if len(before) == 1:
        return sign
    if before.startswith("\\"):
        slashes = before[: len(before) - len(before.lstrip("\\"))]
        kind = before[len(slashes)]
        if kind == "x" and ord(sign) > 255:
            return f"{slashes}x3f"
        return f"{slashes}{kind}{ord(sign):0{4 if kind == 'u' else 2}x}"
    return f"&#{ord(sign)};"
