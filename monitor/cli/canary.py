"""`otklik canary`: proves that an alarm arrives."""

import sys
import threading
from pathlib import Path

import click

from monitor import wording
from monitor.assemble import Application
from monitor.cli.common import application, config_option, json_option, note, print_json, say
from monitor.clock import optional_iso, to_iso
from monitor.engine import Engine
from monitor.errors import PassRunning
from monitor.runners.once import pass_lock
from monitor.store.canary import Flight

LOOK_AGAIN = 1.0
"""Seconds between two looks whether a worker has sent it, or lets us."""


@click.command()
@click.option(
    "--wait",
    type=click.IntRange(1, 3600),
    default=300,
    show_default=True,
    help="How many seconds a running worker may take to send it.",
)
@json_option
@config_option
def canary(wait: int, as_json: bool, config_path: Path | None) -> None:
    """Set off a trial alarm and see whether it arrives.

    An invented angry review of a hidden place goes the whole way: judged by its words, late at once, told by mail to
    `canary.to` of the config (else to the admin or the owner). Where another pass is running, that one may send it.
    With `canary:` in the config the worker does this by itself, and `otklik health` knows when it last arrived.

    Exit code 1: it did not arrive.

    Example:  otklik canary
    """
    with application(config_path) as app:
        engine = app.engine()  # first: without the mail server's secrets there is nothing to try
        app.canary.release()
        _send(app, engine, wait)
        flight = app.store.canary.last()
        assert flight is not None, "it was set free above"
        app.canary.run()
        _tell(app, flight, as_json)
        sys.exit(0 if flight.landed_at else 1)


def _send(app: Application, engine: Engine, seconds: int) -> None:
    """By ourselves, or by the pass that is running: whoever can first, within so many seconds."""
    pause = threading.Event()
    for look in range(int(seconds / LOOK_AGAIN)):
        try:
            with pass_lock(app.config.database):
                engine.store.outbox.release(app.clock.now())
                engine.settle()
                return
        except PassRunning:
            if not look:
                note("Идёт другой проход: ждём, пока он отправит письма или закончится.")
        pause.wait(LOOK_AGAIN)
        flight = app.store.canary.last()
        if flight is None or flight.landed_at:
            return


def _tell(app: Application, flight: Flight, as_json: bool) -> None:
    recipients = list(app.trial_recipients)
    if as_json:
        print_json(
            {
                "ticket": flight.ticket,
                "began_at": to_iso(flight.began_at),
                "landed_at": optional_iso(flight.landed_at),
                "recipients": recipients,
                "error": flight.error or None,
            }
        )
        return
    if flight.landed_at is None:
        say(f"Учебная тревога не дошла: {flight.error or 'письмо ещё не ушло, посмотрите otklik health'}")
        return
    took = wording.duration(flight.landed_at - flight.began_at)
    say(f"Учебная тревога дошла ({took}): {', '.join(recipients)}. Доставка: {app.channel.describe()}.")
    say("Письма пришли, но проверьте и сам ящик: не попали ли они в спам.")
