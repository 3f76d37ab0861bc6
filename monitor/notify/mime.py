"""Message → a mail as it goes over the wire. The same message always gives the same bytes."""

import re
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8, EmailPolicy
from email.utils import format_datetime, parseaddr
from hashlib import sha256

from monitor import wording
from monitor.alerts import Message
from monitor.errors import TransportError

NAME_LIMIT = 60

_PART = r"""([^\s@<>()\[\]\\,:;"']+)"""
ADDRESS = re.compile(f"{_PART}@{_PART}")

_WORDS = r"[A-Za-z0-9_+=-]+(?:\.[A-Za-z0-9_+=-]+)*"
IDENTIFIER = re.compile(f"{_WORDS}@{_WORDS}")
ID_LIMIT = 200


class _Whole(EmailPolicy):
    """Folds a subject without losing a space: Python 3.11 loses the one at the end of a line («безответа»)."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name != "Subject" or value.isascii():
            return super().fold_binary(name, value)
        folded = Header(value, "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}".encode("ascii")


_SMTP = _Whole(linesep="\r\n")


def mail(message: Message, sender: str) -> EmailMessage:
    """`sender` is an address or `Name <address>`. Raises TransportError for what is no address."""
    name = wording.one_line(parseaddr(sender)[0], NAME_LIMIT)
    author = address(parseaddr(sender.strip())[1], name)
    if author is None:
        raise TransportError(f"mail.from: «{wording.one_line(sender, 80)}» — не почтовый адрес", permanent=False)
    recipient = address(message.recipient)
    if recipient is None:
        raise TransportError(
            f"получатель «{wording.one_line(message.recipient, 80)}» — не почтовый адрес", permanent=True
        )
    international = not (author.addr_spec + recipient.addr_spec).isascii()
    made = EmailMessage(policy=SMTPUTF8 if international else _SMTP)
    made["From"] = author
    made["To"] = recipient
    made["Subject"] = wording.one_line(message.subject, len(message.subject))
    made["Date"] = format_datetime(message.at)
    made["Message-ID"] = f"<{identifier(message.message_id)}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps holiday answers away
    made["X-Auto-Response-Suppress"] = "All"
    # Base64, so that no line of a stranger's text can be too long or look like the boundary.
    made.set_content(encodable(message.text), cte="base64")
    made.add_alternative(encodable(message.html), subtype="html", cte="base64")
    made.set_boundary(f"otklik-{sha256(identifier(message.message_id).encode()).hexdigest()[:32]}")
    return made


def identifier(message_id: str) -> str:
    """The Message-ID without its brackets; a digest of it where no header could hold it."""
    given = message_id.strip().removeprefix("<").removesuffix(">")
    if len(given) <= ID_LIMIT and IDENTIFIER.fullmatch(given):
        return given
    return f"{sha256(given.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}@otklik.invalid"


def encodable(text: str) -> str:
    """Without lone surrogates: no mail can hold them."""
    return text.encode("utf-8", "replace").decode()


def address(text: str, name: str = "") -> Address | None:
    """One address and nothing more, else None; a domain in Russian letters goes in its ASCII form."""
    found = ADDRESS.fullmatch(text.strip())
    if found is None or not found[0].isprintable():
        return None
    try:
        return Address(display_name=name, username=found[1], domain=found[2].encode("idna").decode("ascii"))
    except UnicodeError:
        return None
