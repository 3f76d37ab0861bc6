"""Codes that are asked for after a password: of an app (TOTP, RFC 6238), or one of a few that were written down. Pure.

What the app shares with us is not kept. The database holds a seed; with the desk's secret, which stands in the
environment alone, the shared secret is made of it anew. Whoever gets a copy of the database, a backup say, makes no
codes of it. Where the config has no `desk`, there is no such secret: the seed is all, the file's mode (0600) protects
it, and whoever reads it still has no password. Recovery codes are kept as SHA-256: of 80 bits nothing is guessed.
"""

import hmac
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes, token_hex

STEP = 30
"""Seconds that a code is shown for."""

WINDOW = 1
"""Steps that the clock of a telephone may be ahead or behind."""

ISSUER = "Отклик"
"""What the app calls us."""

RECOVERY_CODES = 10

_PURPOSE = b"otklik: secrets of apps that make codes, 1"
_MARK = b"otklik: which secret of the desk, 1"
_SECRET, _RECOVERY = 20, 10
"""Bytes: 160 bits, as the RFC asks; 80 bits, sixteen letters."""


class Seals:
    """Makes the apps' secrets of their seeds. `secret`: the desk's, "" where it has none."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, "sha256")
        self.mark = hmac.digest(secret.encode(), _MARK, "sha256").hex()[:16] if secret else ""

    def secret(self, seed: str, mark: str) -> str | None:
        """In base32, as apps take it; None when another secret of the desk took part in it."""
        if mark and mark != self.mark:
            return None
        key = self._key if mark else _PURPOSE
        return b32encode(hmac.digest(key, seed.encode(), "sha256")[:_SECRET]).decode()


def new_seed() -> str:
    return token_hex(32)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Of which step that is the code, counted from 1970; None when it is none that an app shows about now."""
    from pyotp import TOTP
    from pyotp.exceptions import OTPVerificationError

    if not is_of_app(code):
        return None
    try:
        return TOTP(secret, interval=STEP).verify_and_get_timecode(code, for_time=now, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def typed(written: str) -> str:
    """A code as we know it: people type spaces and hyphens, capitals or none."""
    return "".join(letter for letter in written if not letter.isspace() and letter != "-").upper()


def is_of_app(code: str) -> bool:
    return len(code) == 6 and code.isascii() and code.isdecimal()


def address(secret: str, login: str) -> str:
    """What the picture tells an app."""
    from pyotp import TOTP

    return TOTP(secret, interval=STEP).provisioning_uri(name=login, issuer_name=ISSUER)


def picture(secret: str, login: str) -> str:
    """The QR code as an <svg> to stand in a page: black on white on any screen, no style, no script."""
    import segno

    return segno.make(address(secret, login), error="m", micro=False).svg_inline(
        scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )


def in_fours(code: str) -> str:
    """`ABCD EFGH …`: easier to copy by hand."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def new_recovery_codes() -> Sequence[str]:
    """To be written down, as `typed` knows them."""
    return [b32encode(token_bytes(_RECOVERY)).decode() for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> str:
    """What is kept of one."""
    return sha256(code.encode(errors="surrogatepass")).hexdigest()
