"""Invented words for real ones: same length, same case, same letters' script; equal words stay equal, different ones
different. Keyed by a salt, so that nobody can look a name up by trying names.
"""

import re
from collections.abc import Callable
from hashlib import blake2b

_MOST = 100_000
"""So many different words and numbers get their own replacement (memory, time); those beyond, and those longer than
`_LONGEST` signs, share one filler."""
_LONGEST = 1_000
_TRIES = 40
_ALL_TRIES = 100_000

_CYRILLIC = ("бвгдзклмнпрст", "аеиоуя")
_LATIN = ("bdfgklmnprstvz", "aeiou")
_HEX = re.compile(r"(?:[0-9a-f]+|[0-9A-F]+)\Z")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


class Words:
    """One page's replacements. `text` is the page: none of its own words is ever used as a replacement."""

    def __init__(self, salt: bytes, text: str, reserved: frozenset[str]) -> None:
        self._salt = salt[:64]
        self._taken = {found.group() for found in _LONG_WORD.finditer(text.casefold())}
        self._taken |= reserved
        self._known: dict[str, str] = {}
        self._tries = _ALL_TRIES

    def word(self, word: str) -> str:
        """Letters only. The case of each letter is kept."""
        plain = word.casefold()
        if len(plain) != len(word):  # «ß» and its like
            plain = "x" * len(word)
        new = self._known.get(plain) or self._replace(plain, _pronounceable)
        if word == plain:
            return new
        return "".join(sign.upper() if old.isupper() else sign for sign, old in zip(new, word, strict=True))

    def identifier(self, piece: str) -> str:
        """ASCII letters and digits mixed: each sign becomes another of its kind; hexadecimal stays so."""
        return self._known.get(piece) or self._replace(piece, _alike_hex if _HEX.match(piece) else _alike)

    def digits(self, run: str) -> str:
        """No zero in front that was not there."""
        return self._known.get(run) or self._replace(run, _alike)

    def _replace(self, old: str, spell: Callable[[str, bytes], str]) -> str:
        if len(self._known) >= _MOST or len(old) > _LONGEST:
            return _filler(old)
        new = self._free(old, spell)
        self._taken.add(new.casefold())
        self._known[old] = new
        return new

    def _free(self, old: str, spell: Callable[[str, bytes], str]) -> str:
        new = old
        for attempt in range(_TRIES):
            new = spell(old, self._noise(old, attempt))
            if new != old and new.casefold() not in self._taken:
                return new
            self._tries -= 1
            if self._tries < 0:
                break
        # So short a word has no free neighbour left. A short one may be said twice, a long one must not come back.
        return new if len(old) < 4 and new != old else _filler(old)

    def _noise(self, old: str, attempt: int) -> bytes:
        source = f"{attempt}\0{old}".encode("utf-8", "surrogatepass")
        noise = blake2b(source, key=self._salt).digest()
        return noise * (len(old) // len(noise) + 1)


def _filler(old: str) -> str:
    return "".join("1" if sign.isdecimal() else "x" for sign in old)


def _pronounceable(old: str, noise: bytes) -> str:
    """Consonant, vowel, consonant… in Cyrillic or Latin."""
    latin = all(sign < "\u0250" for sign in old)
    alphabet = _LATIN if latin else _CYRILLIC
    turn = noise[0] & 1
    letters = (alphabet[(place + turn) & 1] for place in range(len(old)))
    return "".join(kind[byte % len(kind)] for kind, byte in zip(letters, noise[1:] + noise, strict=False))


def _alike(old: str, noise: bytes) -> str:
    first = old[:1]
    start = "0" if first == "0" else "123456789"[noise[0] % 9] if first.isdecimal() else _alike_sign(first, noise[0])
    return start + "".join(map(_alike_sign, old[1:], noise[1:]))


def _alike_hex(old: str, noise: bytes) -> str:
    return "".join(
        sign if sign.isdecimal() else chr((ord("a") if sign.islower() else ord("A")) + byte % 6)
        for sign, byte in zip(_alike(old, noise), noise, strict=False)
    )


def _alike_sign(sign: str, byte: int) -> str:
    if sign.isdecimal():
        return "0123456789"[byte % 10]
    return chr((ord("a") if sign.islower() else ord("A")) + byte % 26)
