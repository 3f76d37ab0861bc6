"""`desk:` of config.yaml: where the pages of the desk are reached from outside, and what signs the links to them."""

from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import urlsplit

from monitor import config_values as values
from monitor.config_file import Section

LONGEST = 200
"""Characters of `public_url`: it stands in every link of a mail."""


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """`public_url`: a host of its own, without trailing slash. `secret_env` names the variable with the secret;
    `link_days`: how long a link in a mail works. `trusted_proxy`: the address or network of the proxy in front, whose
    X-Forwarded-For is believed; "" where none is."""

    public_url: str
    secret_env: str
    link_days: int = 7
    trusted_proxy: str = ""

    @property
    def is_encrypted(self) -> bool:
        return self.public_url.startswith("https://")


def read_desk(root: Section) -> DeskConfig | None:
    """None where the file has no such section."""
    if "desk" not in root.entries:
        return None
    section = root.section("desk")
    section.allow("public_url", "secret_env", "link_days", "trusted_proxy")
    return DeskConfig(
        public_url=section.read("public_url", _public_url, "", example="https://otklik.example.ru"),
        secret_env=section.read("secret_env", values.env_name, "", example="DESK_SECRET"),
        link_days=section.read("link_days", values.whole(1, 30), 7),
        trusted_proxy=section.read("trusted_proxy", _network, ""),
    )


def _public_url(written: str) -> str:
    """Unencrypted only on this machine: whoever reads a link on its way could act by it."""
    address = values.base_url(written)
    if address.startswith("http://") and not values.is_loopback(address):
        raise ValueError("would send links unencrypted: write https://")
    if urlsplit(address).path:
        raise ValueError("must be a host of its own, without a path, such as https://otklik.example.ru")
    if len(address) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters")
    return address


def _network(written: str) -> str:
    """One that everybody belongs to would believe anybody."""
    try:
        network = ip_network(written)
    except ValueError:
        raise ValueError("must be an address such as 127.0.0.1 or a network such as 172.18.0.0/16") from None
    if not network.prefixlen:
        raise ValueError("would believe everybody: write the address of your proxy")
    return written
