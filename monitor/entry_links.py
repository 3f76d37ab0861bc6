"""Links in mails that set a password: what stands in the mail is made anew when it is sent. Pure.

    PUBLIC_URL/setup/TOKEN        TOKEN = base64url(HMAC-SHA256 of a number that is used once)

The database keeps that number and the SHA-256 of the token. Neither opens anything: the key is made of the desk's
secret, which stands in the environment alone. So a mail that waits in the outbox holds no link, and gets its own again
however often it is tried.
"""

import hmac
from base64 import urlsafe_b64encode

from monitor.invitations import SHORTEST_SECRET

_PURPOSE = b"otklik: links that set a password, 1"


class EntryLinks:
    """`secret`: at least SHORTEST_SECRET characters."""

    def __init__(self, secret: str, *, public_url: str) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
        self._key = hmac.digest(secret.encode(), _PURPOSE, "sha256")
        self.public_url = public_url

    def token(self, nonce: str) -> str:
        """256 bits, the same for the same number."""
        return urlsafe_b64encode(hmac.digest(self._key, nonce.encode(), "sha256")).rstrip(b"=").decode()

    def address(self, nonce: str) -> str:
        return f"{self.public_url}/setup/{self.token(nonce)}"
