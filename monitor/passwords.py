"""Passwords: what may be one, and how it is kept: argon2id, never itself."""

import unicodedata
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 10
LONGEST = 200
"""Characters. An upper limit, because what is hashed costs time."""

REST = 6
"""Characters that a password must have besides the login it contains."""

ROUNDS, MEMORY, LANES = 2, 46 * 1024, 1
"""What one guess costs: passes over so many KiB. Four threads of the desk may need that memory at once."""

_HASH, _SALT = 32, 16
"""Bytes."""

COMMONEST = frozenset({
    "0123456789", "1234567890", "12345678910", "123456789a", "123456789q", "0987654321", "9876543210", "1029384756",
    "1234512345", "1231231231", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5", "qwerty1234",
    "qwerty12345", "qwerty123456", "qwertyuiop", "asdfghjkl1", "1234qwerty", "zxcvbnm123", "password12",
    "password123", "password1234", "passw0rd123", "administrator", "admin12345", "letmein123", "iloveyou123",
    "welcome123", "changeme123", "йцукенгшщз", "йцукен1234", "йцукен12345", "йцукен123456", "пароль1234",
    "пароль12345", "парольпароль", "администратор", "привет12345", "привет1234", "наташа1234", "любовь1234",
})  # fmt: skip
"""Of ten characters and more, in lower case: what is tried first."""


def check_password(password: str, login: str) -> str:
    """What is wrong with it, as a Russian sentence; "" when it will do."""
    folded, name = _canonical(password).casefold(), _canonical(login).casefold()
    if not password.strip():
        return "Введите пароль."
    if len(folded) < SHORTEST:
        return f"Пароль короче {SHORTEST} знаков. Возьмите, например, четыре слова, не связанных между собой."
    if len(folded) > LONGEST:
        return f"Пароль длиннее {LONGEST} знаков."
    if name and name in folded and len(folded) - len(name) < REST:
        return "Пароль почти совпадает с логином. Придумайте другой."
    if folded in COMMONEST or len(set(folded)) < 4:
        return "Такой пароль подбирают первым. Придумайте другой."
    return ""


def hashed(password: str) -> str:
    """What is stored of it."""
    return _hasher().hash(_bytes(password))


def is_right(password: str, stored: str | None) -> bool:
    """Whether that is the password. Takes its time also where none is stored, so that nobody learns from the wait
    which logins exist."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    if len(password) > LONGEST:
        password, stored = "", None
    try:
        return _hasher().verify(stored or _nobodys(), _bytes(password)) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether it was hashed at another cost than today's."""
    return _hasher().check_needs_rehash(stored)


def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(ROUNDS, MEMORY, LANES, _HASH, _SALT)


def _nobodys() -> str:
    """A hash at today's cost that no password has."""
    salt, digest = (b64encode(bytes(size)).decode().rstrip("=") for size in (_SALT, _HASH))
    return f"$argon2id$v=19$m={MEMORY},t={ROUNDS},p={LANES}${salt}${digest}"


def _canonical(text: str) -> str:
    """One spelling whatever keyboard it was typed on: some compose «й» of two characters."""
    return unicodedata.normalize("NFC", text)


def _bytes(password: str) -> bytes:
    return _canonical(password).encode(errors="surrogatepass")
