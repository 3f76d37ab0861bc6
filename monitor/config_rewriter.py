"""`rewriter:` of config.yaml: what may say a draft in other words."""

import shlex
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor import config_values as values
from monitor.config_file import Section


@dataclass(frozen=True, slots=True)
class RewriterConfig:
    """Either `command` (its arguments) or `base_url` with `model`. `key_env`: the variable with the server's key, or
    the one variable more that the command gets to see. `pass_budget`: what it may take of one pass."""

    command: tuple[str, ...] = ()
    base_url: str = ""
    model: str = ""
    key_env: str = ""
    timeout: timedelta = timedelta(seconds=20)
    pass_budget: timedelta = timedelta(minutes=2)
    send_review: bool = False


def read_rewriter(root: Section) -> RewriterConfig | None:
    """None where the file has no such section."""
    if "rewriter" not in root.entries:
        return None
    section, default = root.section("rewriter"), RewriterConfig()
    section.allow("command", "base_url", "model", "key_env", "timeout", "pass_budget", "send_review")
    kinds = [key for key in ("command", "base_url") if key in section.entries]
    if section.there and not kinds:
        section.document.refuse(
            section.path, "names neither `command` nor `base_url`: write one, or remove the section"
        )
    if len(kinds) > 1:
        section.refuse("base_url", "stands beside `command`: keep one of them")
    if kinds == ["base_url"] and "model" not in section.entries:
        section.refuse("model", "is missing: `base_url` needs the name of the server's model")
    if kinds == ["command"] and "model" in section.entries:
        section.refuse("model", "goes with `base_url` only")
    return RewriterConfig(
        command=_command(section),
        base_url=section.read("base_url", _base_url, ""),
        model=section.read("model", values.text, ""),
        key_env=section.read("key_env", values.env_name, ""),
        timeout=section.read("timeout", values.positive_duration, default.timeout),
        pass_budget=section.read("pass_budget", values.positive_duration, default.pass_budget),
        send_review=section.read("send_review", values.boolean, default.send_review),
    )


def _command(section: Section) -> tuple[str, ...]:
    """A list of arguments, or a line that is split as a shell would, without a shell."""
    if "command" not in section.entries:
        return ()
    entries = section.items("command", example="[./rewrite, --warm]")
    if [entry.path for entry in entries] == [section.entries["command"].path]:
        return section.read("command", _split, ())
    return tuple(entry.value(values.text, "") for entry in entries)


def _split(written: str) -> tuple[str, ...]:
    try:
        found = tuple(shlex.split(values.text(written)))
    except ValueError as error:
        raise ValueError(
            f"cannot be split into arguments ({error}): write a list, such as [./rewrite, --warm]"
        ) from None
    if not found or not found[0]:
        raise ValueError("names no program")
    return found


def _base_url(written: str) -> str:
    """Unencrypted only to this machine or to an address inside the network."""
    address = values.base_url(written)
    if address.startswith("http://") and not _is_near(address):
        raise ValueError("would send drafts unencrypted: write https://")
    return address


def _is_near(address: str) -> bool:
    if values.is_loopback(address):
        return True
    try:
        return ip_address(urlsplit(address).hostname or "").is_private
    except ValueError:
        return False
