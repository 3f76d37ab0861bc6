"""`channels:` and `ping:` of config.yaml: where alarms go besides e-mail, and who hears that the worker is alive."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor import config_values as values
from monitor.config_escalation import CHANNEL
from monitor.config_file import Entry, Section

WEBHOOK, PING = "webhook", "ping"
"""What the session calls our own posts, beside the sites: no robots.txt is asked whether we may."""


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """Either `url_env`, the variable with an address that Apprise understands, or `webhook`, an address of the web,
    with `secret_env`, the variable with the key that signs what is posted there."""

    url_env: str = ""
    webhook: str = ""
    secret_env: str = ""


@dataclass(frozen=True, slots=True)
class PingConfig:
    """`url_env`: the variable with the address, which is a secret."""

    url_env: str = ""


def channel_of(recipient: str) -> str:
    """The name of the channel that a recipient is; "" for an address."""
    return recipient.removeprefix(CHANNEL) if recipient.startswith(CHANNEL) else ""


def read_channels(root: Section, *, allow_loopback: bool) -> dict[str, ChannelConfig]:
    found = {}
    for name, entry in root.section("channels").entries.items():
        try:
            values.identifier(name)
        except ValueError as error:
            entry.refuse(f"the name of a channel {error}")
        found[name] = _channel(entry.section(), allow_loopback)
    return found


def read_ping(root: Section) -> PingConfig | None:
    """None where the file has no such section."""
    if "ping" not in root.entries:
        return None
    section = root.section("ping")
    section.allow("url_env")
    return PingConfig(section.read("url_env", values.env_name, "", example="PING_URL"))


def check_recipients(root: Section, channels: Mapping[str, ChannelConfig], sender: str) -> None:
    """Refuses recipients that are a channel nobody described, or the address that our own mails come from."""
    for entry in _recipients(root, "escalation", "digest", "canary"):
        written = str(entry.node.value)
        name = channel_of(written)
        if _is_name(name) and name not in channels:
            known = values.hint(name, channels) if channels else "describe it there"
            entry.refuse(f"there is no channel {values.shown(name)} under `channels:`; {known}")
        elif sender and written.lower() == sender.lower() and not entry.path.startswith("canary."):
            entry.refuse("is `mail.from` itself: our mails would come back to us; write a person's address")


def _channel(section: Section, allow_loopback: bool) -> ChannelConfig:
    section.allow("url_env", "webhook", "secret_env")
    kinds = [key for key in ("url_env", "webhook") if key in section.entries]
    if section.there and not kinds:
        section.document.refuse(section.path, "names neither `url_env` nor `webhook`: write one of them")
    if len(kinds) > 1:
        section.refuse("webhook", "stands beside `url_env`: keep one of them")
    if kinds == ["webhook"] and "secret_env" not in section.entries:
        section.refuse("secret_env", "is missing: name the variable with the key that signs what is posted")
    if kinds == ["url_env"] and "secret_env" in section.entries:
        section.refuse("secret_env", "goes with `webhook` only")
    webhook = section.read("webhook", _webhook, "")
    if webhook and values.is_loopback(webhook) and not allow_loopback:
        section.refuse("webhook", "is this machine: allow it with `http: {allow_loopback: true}`")
    return ChannelConfig(
        url_env=section.read("url_env", values.env_name, ""),
        webhook=webhook,
        secret_env=section.read("secret_env", values.env_name, ""),
    )


def _webhook(written: str) -> str:
    """Unencrypted only to this machine. No message repeats the address: it may hold a password."""
    if not values.is_web_address(written) or urlsplit(written).fragment:
        raise ValueError("must be a web address such as https://crm.example.ru/hook")
    if urlsplit(written).scheme == "http" and not values.is_loopback(written):
        raise ValueError("would send reviews unencrypted: write https://")
    return written


def _recipients(root: Section, *keys: str) -> Iterator[Entry]:
    """Every single value where recipients may stand, of the file and of its places."""
    for section in (root, *_sections(root.entries.get("places"))):
        for key in keys:
            if key in section.entries:
                yield from _scalars(section.entries[key])


def _sections(entry: Entry | None) -> list[Section]:
    items = [] if entry is None or entry.is_section else entry.entries()
    return [item.section() for item in items if item.is_section]


def _scalars(entry: Entry) -> Iterator[Entry]:
    below = list(entry.section().entries.values()) if entry.is_section else entry.entries()
    for one in below:
        if one.path == entry.path:
            yield one
        else:
            yield from _scalars(one)


def _is_name(name: str) -> bool:
    try:
        return bool(values.identifier(name))
    except ValueError:
        return False
