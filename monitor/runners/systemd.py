"""Tells systemd how the worker is, as sd_notify(3) describes: one datagram to the socket that it names.

With `WatchdogSec` in the unit a worker is restarted when no pass of its came to an end for so long; what that pass was
at goes on where it stood.
"""

import os
import socket
from contextlib import suppress

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


def tell(state: str, address: str | None = None) -> bool:
    """Whether it was told; without systemd (`$NOTIFY_SOCKET`) nobody is. A failure is none of the worker's."""
    path = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
    if not path:
        return False
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        # A name that begins with @ lives in Linux' abstract space, where it begins with a zero byte.
        sender.sendto(state.encode(), b"\0" + path[1:].encode() if path.startswith("@") else path)
        return True
    return False
