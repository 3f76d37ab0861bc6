"""What a value in config.yaml may look like: pure functions from its text to a typed value.

Each raises ValueError with a message that says what to write instead. Where a value may be
a secret written to the wrong place, the message does not repeat it.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from itertools import pairwise

Interval = tuple[time, time]
"""Local times, half-open. An end of 00:00 is midnight at the end of the day (written 24:00)."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "mo": timedelta(days=30),
    "y": timedelta(days=365),
}
"""Months and years are flat (30 and 365 days): a duration never depends on today's date."""

LONGEST = timedelta(days=36500)


def shown(text: str) -> str:
    """A value as a message may repeat it: quoted, one line, short."""
    return repr(text if len(text) <= 40 else text[:39] + "…")


def closest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The known word most like `word`, or ""."""
    from difflib import get_close_matches  # only a refused file pays for it

    lowered = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), lowered, n=1, cutoff=likeness)
    return lowered[found[0]] if found else ""


def hint(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?`, or the list of what is known."""
    names = list(known)
    near = closest(word, names)
    return f"did you mean `{near}`?" if near else f"known: {', '.join(names)}"


# --- texts ------------------------------------------------------------------------------------


def text(written: str) -> str:
    """One line without control characters, trimmed, not empty."""
    stripped = written.strip()
    if not stripped:
        raise ValueError("is empty: write a text or remove the key")
    if not all(character.isprintable() or character in "\u00a0\u202f\u200d" for character in stripped):
        raise ValueError("must be one line without control or invisible characters")
    return stripped


_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_SKIN = "[\U0001f3fb-\U0001f3ff]"
_SIGN = f"(?!{_SKIN})[\u231a-\u23f3\u2600-\u27bf\u2b05-\u2b55\U0001f300-\U0001faff]\ufe0f?{_SKIN}?"
_EMOJI = re.compile(f"(?:{_FLAG}|{_SIGN}(?:\u200d{_SIGN})*){{1,2}}")
LONGEST_EMOJI = 8
"""Code points: one emoji may be made of several."""


def emoji(written: str) -> str:
    """One or two emoji, nothing else."""
    if len(written) > LONGEST_EMOJI or not _EMOJI.fullmatch(written):
        limit = f"at most {LONGEST_EMOJI} code points"
        raise ValueError(f"must be one or two emoji such as 🌿 and nothing else, {limit}, not {shown(written)}")
    return written


def matching(pattern: str, description: str) -> Callable[[str], str]:
    """A parser that accepts what `pattern` matches whole."""
    compiled = re.compile(pattern)

    def parse(written: str) -> str:
        if not compiled.fullmatch(written):
            raise ValueError(f"must be {description}, not {shown(written)}")
        return written

    return parse


source_name = matching(r"[a-z_]{1,64}", "a source's name in small Latin letters, such as yandex_maps")
identifier = matching(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "a short name of Latin letters, digits, - and _")
host = matching(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?", "a host name without scheme and port")


def one_of(*words: str) -> Callable[[str], str]:
    def parse(written: str) -> str:
        if written not in words:
            raise ValueError(f"{shown(written)} is not possible here; {hint(written, words)}")
        return written

    return parse


def boolean(written: str) -> bool:
    """As YAML 1.1 has it."""
    word = written.lower()
    if word in ("true", "yes", "on"):
        return True
    if word in ("false", "no", "off"):
        return False
    raise ValueError(f"must be true or false, not {shown(written)}")


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number from `lowest` to `highest`, both possible."""

    def parse(written: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", written) or not lowest <= int(written) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}, not {shown(written)}")
        return int(written)

    return parse


def share(written: str) -> Decimal:
    """A part of a whole, from 0 to 1, with at most four places."""
    if not re.fullmatch(r"[01]|[01]?\.[0-9]{1,4}", written) or Decimal(written) > 1:
        raise ValueError(f"must be a share from 0 to 1 such as 0.35, not {shown(written)}")
    return Decimal(written)


_EMAIL = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(localhost|([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)"
)


def email(written: str) -> str:
    """A bare ASCII address; a Cyrillic domain in its xn-- form."""
    if not _EMAIL.fullmatch(written):
        extra = "" if written.isascii() else "; write a Cyrillic domain in its xn-- form"
        raise ValueError(f"must be an e-mail address such as help@example.ru, not {shown(written)}{extra}")
    return written


def site(written: str) -> str:
    """A name such as `example.ru`, or a web address."""
    if re.fullmatch(r"(?i)(https?://)?([\w-]{1,63}\.)+[\w-]{2,63}(/\S*)?", written):
        return written
    raise ValueError(f"must be a site such as example.ru or https://example.ru, not {shown(written)}")


def contact(written: str) -> str:
    """What the User-Agent shows: an e-mail or a web address, safe inside a header."""
    if _EMAIL.fullmatch(written) or re.fullmatch(r"https?://[A-Za-z0-9.-]+(/[A-Za-z0-9._~/-]*)?", written):
        return written
    raise ValueError(f"must be an e-mail or a web address (it goes into the User-Agent), not {shown(written)}")


def env_name(written: str) -> str:
    """The name of an environment variable. The message never repeats what stands there."""
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,127}", written):
        raise ValueError(
            "must be the name of an environment variable in capitals, such as TWOGIS_KEY; "
            "the secret itself belongs into the environment, not into this file"
        )
    return written


def base_url(written: str) -> str:
    """An http or https address without trailing slash. May hold a password, so never repeated."""
    from urllib.parse import urlsplit

    wrong = ValueError("must be a web address such as https://example.ru or http://127.0.0.1:8765")
    if not written.isascii() or not written.isprintable() or " " in written:
        raise wrong
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise wrong
    if "@" in parts.netloc:
        raise ValueError("must not hold a name or a password")
    if parts.query or parts.fragment:
        raise ValueError("must end before `?` and `#`")
    return written.rstrip("/")


def is_web_address(written: str) -> bool:
    """A whole http or https address of a page, without a name or a password in it."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        return False
    whole = parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and "@" not in parts.netloc
    return whole and written.isprintable() and " " not in written and len(written) <= 2000


def is_loopback(name: str) -> bool:
    """Whether a host's name or address (or the web address around it) means this machine."""
    from ipaddress import IPv6Address, ip_address
    from urllib.parse import urlsplit

    bare = (urlsplit(name).hostname or "" if "://" in name else name).strip("[]").lower().rstrip(".")
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        address = ip_address(bare)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback or (mapped or address).is_unspecified


# --- time -------------------------------------------------------------------------------------


def duration(written: str) -> timedelta:
    """`90s 1m 1h 2d 3w 24mo 1y 0s 500ms`: a whole number and one unit, at most 100 years."""
    found = re.fullmatch(r"([0-9]{1,9})\s?([a-z]{1,2})", written)
    if not found or found[2] not in UNITS:
        raise ValueError(
            f"must be a duration such as 90s, 5m, 1h, 2d, 3w, 24mo or 1y "
            f"(one whole number, one unit; m is minutes, mo months), not {shown(written)}"
        )
    unit = UNITS[found[2]]
    if int(found[1]) > LONGEST // unit:
        raise ValueError(f"is longer than 100 years: {shown(written)}")
    return int(found[1]) * unit


def positive_duration(written: str) -> timedelta:
    value = duration(written)
    if not value:
        raise ValueError(f"must be longer than nothing, not {shown(written)}")
    return value


def timezone(written: str) -> str:
    """An IANA name such as Europe/Moscow."""
    from zoneinfo import ZoneInfo, available_timezones

    try:
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", written):
            ZoneInfo(written)
            return written
    except (KeyError, ValueError, OSError):  # OSError: a folder of zones, such as `Europe`
        pass
    by_city = {zone.rpartition("/")[2]: zone for zone in sorted(available_timezones())}
    near = closest(written, by_city.values(), 0.85) or by_city.get(closest(written, by_city, 0.8), "")
    advice = f"did you mean `{near}`?" if near else "write a name such as Europe/Moscow"
    raise ValueError(f"unknown time zone {shown(written)}; {advice}")


def day(written: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written) and 2000 <= int(written[:4]) <= 2200:
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise ValueError(f"must be a day such as 2026-12-31, not {shown(written)}")


def moment_or_age(written: str, zone: tzinfo) -> datetime | timedelta:
    """A day, a moment (without an offset: in `zone`) as aware UTC, or an age such as `2d`."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        return datetime.combine(day(written), time(), zone).astimezone(UTC)
    if re.fullmatch(r"[0-9]{4}-.*", written):
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            raise ValueError(f"must be a moment such as 2026-11-20T10:00+03:00, not {shown(written)}") from None
        day(written[:10])
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    try:
        return duration(written)
    except ValueError:
        raise ValueError(
            f"must be a day (2026-11-20), a moment (2026-11-20T10:00+03:00) or an age (2d), not {shown(written)}"
        ) from None


def interval(written: str) -> Interval:
    """`09:00-18:00`; the end may be 24:00, and then comes back as 00:00."""
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})", written)
    numbers = [int(number) for number in found.groups()] if found else [99] * 4
    start, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if max(numbers[1], numbers[3]) > 59 or max(start, end) > 24 * 60:
        raise ValueError(f'must be working hours such as "09:00-18:00" (at most 24:00), not {shown(written)}')
    if end <= start:
        raise ValueError(
            f"ends before it starts: {shown(written)}; split a night shift at midnight: "
            f'"22:00-24:00" here and "00:00-06:00" on the next day'
        )
    return time(*divmod(start, 60)), time(*divmod(end % (24 * 60), 60))


def check_apart(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The intervals in order; touching is fine, overlapping is refused."""
    ordered = sorted(intervals)
    for (_, end), (start, _) in pairwise(ordered):
        if end > start or end == time():
            raise ValueError(f"has overlapping hours: one ends at {end:%H:%M}, the next starts at {start:%H:%M}")
    return tuple(ordered)


def weekdays(written: str) -> tuple[int, ...]:
    """`mon`, `mon-fri`, or round the week's end: `fri-mon`. Monday is 0."""
    first, _, last = written.lower().replace("–", "-").partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS or written.endswith("-"):
        raise ValueError(f"must be a weekday or a range such as mon, mon-fri; the days are {', '.join(WEEKDAYS)}")
    start = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last or first) - start) % 7 + 1
    return tuple((start + step) % 7 for step in range(length))
