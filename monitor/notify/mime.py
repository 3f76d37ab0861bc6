"""Message → a mail as it goes over the wire. The same message always gives the same bytes."""

import re
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
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
REFERENCES_LIMIT = 20
"""How many earlier mails of a thread one names."""


class _Whole(EmailPolicy):
    """Folds a subject without losing a space: Python 3.11 loses the one at the end of a line («безответа»). And ids of
    mails one by one: it writes a long one in a code that no reader of mails takes for an id."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name in ("In-Reply-To", "References"):
            return f"{name}: {value.replace(' ', f'{self.linesep} ')}{self.linesep}".encode("ascii")
        if name != "Subject" or value.isascii() or self.utf8:
            return super().fold_binary(name, value)
        folded = Header(value, "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}".encode("ascii")


_SMTP = _Whole(linesep="\r\n")
_SMTPUTF8 = _Whole(linesep="\r\n", utf8=True)


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
    made = EmailMessage(policy=_SMTPUTF8 if international else _SMTP)
    made["From"] = author
    made["To"] = recipient
    made["Subject"] = wording.one_line(message.subject, len(message.subject))
    made["Date"] = format_datetime(message.at)
    made["Message-ID"] = f"<{identifier(message.message_id)}>"
    if earlier := _earlier(message):
        made["In-Reply-To"] = earlier[-1]
        made["References"] = " ".join(earlier)
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps holiday answers away
    made["X-Auto-Response-Suppress"] = "All"
    # Base64, so that no line of a stranger's text can be too long or look like the boundary.
    made.set_content(encodable(message.text), cte="base64")
    made.add_alternative(encodable(message.html), subtype="html", cte="base64")
    boundary = f"otklik-{sha256(identifier(message.message_id).encode()).hexdigest()[:32]}"
    if message.pictures:
        _, html = made.iter_parts()
        assert isinstance(html, EmailMessage)
        for picture in message.pictures:
            html.add_related(
                picture.png, "image", "png", cid=f"<{picture.name}>",
                filename=f"{picture.name.partition('@')[0]}.png",
                disposition="inline",
            )  # fmt: skip
        html.set_boundary(f"{boundary}-pictures")
    made.set_boundary(boundary)
    return made


def identifier(message_id: str) -> str:
    """The Message-ID without its brackets; a digest of it where no header could hold it."""
    given = message_id.strip().removeprefix("<").removesuffix(">")
    if len(given) <= ID_LIMIT and IDENTIFIER.fullmatch(given):
        return given
    return f"{sha256(given.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}@otklik.invalid"


def _earlier(message: Message) -> list[str]:
    """The mails this one goes on from: the one its thread begins with, then the latest before it. Nobody ever got the
    first one of a thread of ours; mail programs gather under it all the same."""
    known = [message.thread] if message.thread else []
    known += message.references[-REFERENCES_LIMIT:]
    own = identifier(message.message_id)
    return [f"<{one}>" for one in dict.fromkeys(map(identifier, known)) if one != own]


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
