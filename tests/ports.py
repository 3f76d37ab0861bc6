"""Ports for servers that cannot pick their own (aiosmtpd takes no port 0)."""

import socket


def free_port() -> int:
    """A port of this machine that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return int(port)
