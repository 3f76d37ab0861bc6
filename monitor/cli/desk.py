"""`otklik desk`: the queue in a browser, and the pages that the buttons in mails open."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import click

from monitor import log
from monitor.accounts import Deed
from monitor.assemble import Application
from monitor.cli.common import acting, application, config_option, note
from monitor.config import Config
from monitor.config_desk import DeskConfig
from monitor.errors import StoreError, UsageError

if TYPE_CHECKING:
    from starlette.applications import Starlette

USUAL_PORT = 8766
LAST_WORDS = 10
"""Seconds that running requests get when the desk is stopped."""

SILENCE = 75
"""Seconds that a connection may wait for its next request. Pages ask every twenty; where it is closed sooner, some of
them ask just as it is closed, and are answered nothing."""

BREATH, AGAIN = 0.03, 60
"""Seconds between two pieces of the numbers, and until what has changed since is got ready."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=USUAL_PORT, show_default=True, help="Port; 0 takes a free one."
)
@config_option
def desk(host: str, port: int, config_path: Path | None) -> None:
    """Serve the web desk until SIGTERM or Ctrl-C: the queue, and the pages that the buttons in mails open.

    It speaks plain HTTP: a proxy of yours, reached as desk.public_url, adds TLS and passes requests on. While nobody
    can log in, a link is printed that makes the first administrator, once and within 24 hours.

    Example:  otklik desk --port 8766
    """
    log.configure(verbose=True)  # whoever keeps a service wants to see it live
    with application(config_path) as app:
        check_host(host, app.config)
        check_people(host, app)
        from monitor.desk.app import create_app

        made = create_app(app)
        app.editing.warm()
        with listening(host, port) as sock:
            shown = f"[{host}]" if ":" in host else host
            address = f"http://{shown}:{sock.getsockname()[1]}"
            note(f"Страницы работают на {address}; остановить: Ctrl-C")
            for line in remarks(app.config):
                note(line)
            if not app.store.accounts.somebody_can_log_in():
                token = first_link(app)
                note("Войти пока некому. Первого администратора заводят по ссылке, один раз, в течение 24 часов:")
                note(setup_address(token, app.config.desk, address))
            with counting(app):
                serve(made, sock)


def check_host(host: str, config: Config) -> None:
    """Refuses to be reached from outside where nothing encrypts: whoever reads a link or a password on its way could
    act by it."""
    settings = config.desk
    if _is_this_machine(host) or (settings is not None and settings.is_encrypted and settings.trusted_proxy):
        return
    raise UsageError(
        f"--host {host} can be reached from outside, and passwords and links in mails would travel unencrypted: put a "
        "proxy with TLS in front and write into config.yaml where it is reached and from where it asks, such as "
        "`desk: {public_url: https://otklik.example.ru, secret_env: DESK_SECRET, trusted_proxy: 172.18.0.2}`, or stay "
        "with --host 127.0.0.1"
    )


def check_people(host: str, app: Application) -> None:
    """Refuses to be reached from outside while nobody has a password: whoever came first would be the administrator."""
    if not _is_this_machine(host) and not app.store.accounts.somebody_can_log_in():
        raise UsageError(
            f"--host {host} can be reached from outside, and nobody can log in yet: make the first administrator with "
            "`otklik user add LOGIN --role administrator --password-stdin`"
        )


def remarks(config: Config) -> Iterator[str]:
    """What whoever starts the desk should know."""
    settings = config.desk
    if settings is None:
        yield "В config.yaml нет раздела desk: письма приходят без кнопок."
    elif settings.is_encrypted and not settings.trusted_proxy:
        yield (
            "В config.yaml не указан desk.trusted_proxy: адреса посетителей неизвестны, и того, кто подбирает пароли, "
            "не отличить от коллег. Впишите адрес прокси, например 127.0.0.1."
        )


def first_link(app: Application) -> str:
    """The token of a new link that makes the first administrator."""
    now = app.clock.now()
    with app.store.write():
        app.store.accounts.record(Deed.LINK_MADE, actor=acting(None), what="первый администратор", now=now)
        return app.store.accounts.make_link(None, now)


def setup_address(token: str, settings: DeskConfig | None, local: str = f"http://127.0.0.1:{USUAL_PORT}") -> str:
    """Where somebody sets a password; `local`: where the desk listens, for a config without its public address."""
    return f"{local if settings is None else settings.public_url}/setup/{token}"


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def counting(app: Application) -> Iterator[None]:
    """Gets the numbers ready meanwhile, so that no page has to wait for them; others write in between."""
    numbers, over = app.store.numbers, Event()

    def work() -> None:
        while not over.is_set():
            with suppress(StoreError):  # the numbers are right without it, and pages tell what is wrong
                numbers.fill(lambda: over.wait(BREATH))
            over.wait(AGAIN)

    thread = Thread(target=work, name="desk-numbers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        sock = socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "not a possible address"
        raise UsageError(f"cannot listen on {host}, port {port}: {reason}; choose another --port or --host") from None
    # Handed down to connections; asyncio sets it for sockets of its own alone. Without, an answer's body waits 40 ms
    # for the acknowledgement of its head.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


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
            timeout_keep_alive=SILENCE,
            timeout_graceful_shutdown=LAST_WORDS,
        )
    )

    def stop(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)  # uvicorn raises what stopped it once more at its end: that is no failure
    server.run(sockets=[sock])
