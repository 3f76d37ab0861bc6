"""Passwords: what may be one, and how it is kept: argon2id, never itself."""

import re
import unicodedata
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 10
LONGEST = 200
"""Characters. An upper limit, because what is hashed costs time."""

REST = 6
"""Characters that a password must have besides login, name and the other words in it that everybody guesses."""

OURS = ("отклик", "otklik")

COMMON = ("password", "passw0rd", "qwerty", "admin", "login", "welcome", "letmein", "iloveyou", "123456789", "12345678",
    "1234567", "123456", "12345", "1234", "123", "пароль", "йцукен", "админ", "привет", "любовь")  # fmt: skip
"""What a guess begins with, the longer before what it holds."""

SHORTEST_WORD = 3
"""Characters: a shorter name may stand in any word."""

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


def check_password(password: str, login: str, name: str = "") -> str:
    """What is wrong with it, as a Russian sentence; "" when it will do. `login` and `name`: of whom it is to let in."""
    folded = _canonical(password).casefold()
    if not password.strip():
        return "Введите пароль."
    if len(folded) < SHORTEST:
        return f"Пароль короче {SHORTEST} знаков. Возьмите, например, четыре слова, не связанных между собой."
    if len(folded) > LONGEST:
        return f"Пароль длиннее {LONGEST} знаков."
    if folded in COMMONEST or len(set(folded)) < 4:
        return "Такой пароль подбирают первым. Придумайте другой."
    left = folded
    for what, words in (
        ("с логином", _words(login)),
        ("с именем", _words(name)),
        ("с названием программы", OURS),
        ("с тем, что подбирают первым", COMMON),
    ):
        before = left
        for word in words:
            left = left.replace(word, "")
        if left != before and len(left) < REST:
            return f"Пароль почти совпадает {what}. Придумайте другой."
    return ""


def _words(name: str) -> list[str]:
    """The name and its parts, the longest first: `anna.petrova`, `petrova`, `anna`."""
    folded = _canonical(name).casefold()
    words = {folded, "".join(folded.split()), *re.split(r"[\W_\d]+", folded)}
    return sorted((word for word in words if len(word) >= SHORTEST_WORD), key=len, reverse=True)


def hashed(password: str) -> str:
    """What is stored of it."""
    return _hasher().hash(_bytes(password))


def is_right(password: str, stored: str | None) -> bool:
    """Whether that is the password. Takes its time also where none is stored, so that nobody learns from the wait
    which logins exist."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    if len(_canonical(password)) > LONGEST:
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
