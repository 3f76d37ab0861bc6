"""Which addresses we never connect to: a page must not talk us into asking the machine next door.

The check stands right before the connection, on the resolved address, so that neither a name
pointing inside, nor a number in disguise (`0x7f.1`, `2130706433`), nor a name changing its mind helps.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

NAT64 = IPv6Network("64:ff9b::/96")


def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of `host`, best first. Raises OSError or UnicodeError when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_allowed(address: str, *, allow_loopback: bool) -> bool:
    """Whether we may connect to this address (text of an IP, with or without an IPv6 zone)."""
    try:
        number = unwrapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if number.is_loopback:
        return allow_loopback
    return number.is_global and not number.is_multicast


def unwrapped(number: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(number, IPv4Address):
        return number
    if number in NAT64:
        return IPv4Address(int(number) & 0xFFFFFFFF)
    return number.ipv4_mapped or number.sixtofour or number
