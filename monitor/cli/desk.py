"""`otklik desk`: the pages that the buttons in mails open."""

import signal
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor import log
from monitor.cli.common import application, config_option, note
from monitor.config import Config
from monitor.errors import UsageError

if TYPE_CHECKING:
    from starlette.applications import Starlette

USUAL_PORT = 8766
LAST_WORDS = 10
"""Seconds that running requests get when the desk is stopped."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=USUAL_PORT, show_default=True, help="Port; 0 takes a free one."
)
@config_option
def desk(host: str, port: int, config_path: Path | None) -> None:
    """Serve the pages that the buttons in mails open, until SIGTERM or Ctrl-C.

    It speaks plain HTTP: a proxy of yours, reached as desk.public_url, adds TLS and passes requests on.

    Example:  otklik desk --port 8766
    """
    log.configure(verbose=True)  # whoever keeps a service wants to see it live
    with application(config_path) as app:
        check_host(host, app.config)
        from monitor.desk.app import create_app

        made = create_app(app)
        with listening(host, port) as sock:
            shown = f"[{host}]" if ":" in host else host
            note(f"Страницы работают на http://{shown}:{sock.getsockname()[1]}; остановить: Ctrl-C")
            if app.config.desk is None:
                note("В config.yaml нет раздела desk: письма приходят без кнопок.")
            serve(made, sock)


def check_host(host: str, config: Config) -> None:
    """Refuses to be reached from outside where nothing encrypts: whoever reads a link on its way could act by it."""
    if _is_this_machine(host) or (config.desk is not None and config.desk.is_encrypted):
        return
    raise UsageError(
        f"--host {host} can be reached from outside, and links in mails would travel unencrypted: put a proxy with TLS "
        "in front and write its address into config.yaml, such as `desk: {public_url: https://otklik.example.ru, "
        "secret_env: DESK_SECRET}`, or stay with --host 127.0.0.1"
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "not a possible address"
        raise UsageError(f"cannot listen on {host}, port {port}: {reason}; choose another --port or --host") from None


def serve(app: "Starlette", sock: socket.socket) -> None:
    """Until SIGTERM or SIGINT; requests that are being answered are finished first."""
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,  # it would write tokens; the desk has a line of its own
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=LAST_WORDS,
        )
    )

    def stop(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)  # uvicorn raises what stopped it once more at its end: that is no failure
    server.run(sockets=[sock])
