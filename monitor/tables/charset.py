"""Bytes of a text file as text, when nobody says in which charset it was written."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000
_CHARSETS = ("cp1251", "koi8-r", "cp866")
# The commonest letters of Russian: half of any text. Read in a wrong charset they turn into rarer ones, or into frames.
_COMMON = re.compile("[оеаинт]", re.IGNORECASE)
_SURE = 1.3
"""How many times better than cp1251 a rarer charset must explain the bytes."""

# Excel for Mac: the small letters of cp1251 after capitals that in cp1251 are signs no word begins with.
_MAC_WORD = re.compile(rb"(?<![\x80-\xff])[\x80-\x83\x86-\x90\x98-\x9f][\xdf-\xfe]")
_WINDOWS_WORD = re.compile(rb"(?<![\x80-\xff])[\xc0-\xde][\xe0-\xff]")

_BROKEN_SHARE = 0.02
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(body: bytes) -> str:
    """The text with `\\n` as the only line end. Never fails: what cannot be read becomes U+FFFD."""
    return _decoded(body).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _decoded(body: bytes) -> str:
    for mark, charset in _MARKS:
        if body.startswith(mark):
            return body.decode(charset, "replace")
    wide = _wide(body[:_SAMPLE])
    if wide:
        return body.decode(wide, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        read = body.decode("utf-8", "replace")
    foreign = sum(not character.isascii() for character in read[:_SAMPLE])
    if read[:_SAMPLE].count("\ufffd") <= foreign * _BROKEN_SHARE:
        return read  # UTF-8 with an accident in it
    return body.decode(_eight_bits(body[:_SAMPLE]), "replace")


def _wide(sample: bytes) -> str:
    """UTF-16 without its mark: of Russian, digits and signs every second byte is 0 or 4."""
    if len(sample) < 4 or not (b"\0" in sample or b"\x04" in sample):
        return ""
    pairs = len(sample) // 2
    high = {name: sample[start::2] for name, start in (("utf-16-be", 0), ("utf-16-le", 1))}
    shares = {name: (half.count(0) + half.count(4)) / pairs for name, half in high.items()}
    name = max(shares, key=lambda key: shares[key])
    return name if shares[name] > 0.7 and min(shares.values()) < 0.4 else ""


def _eight_bits(sample: bytes) -> str:
    scores = {name: len(_COMMON.findall(sample.decode(name, "replace"))) for name in _CHARSETS}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] > scores["cp1251"] * _SURE:
        return best
    return "mac-cyrillic" if len(_MAC_WORD.findall(sample)) > len(_WINDOWS_WORD.findall(sample)) else "cp1251"


def is_binary(body: bytes) -> bool:
    """Whether this is no text in any charset we read."""
    sample = body[:_SAMPLE]
    if any(sample.startswith(mark) for mark, _ in _MARKS) or _wide(sample):
        return False
    return len(_CONTROL.findall(sample)) > max(8, len(sample) // 50)
