"""`python -m monitor.standin`: the stand-in sites alone, until Ctrl+C."""

import signal
import threading

import click

from monitor.clock import SystemClock
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.server import StandIn
from monitor.standin.world import World


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", default=8765, show_default=True, help="Port on 127.0.0.1; a free one is taken if it is in use.")
@click.option("--places", type=click.IntRange(min=1), help="Serve a load world with this many places.")
@click.option("--reviews", type=click.IntRange(min=0), default=1000, show_default=True, help="Its reviews altogether.")
@click.option("--seed", default=0, show_default=True, help="Another seed, other reviews.")
def main(port: int, places: int | None, reviews: int, seed: int) -> None:
    """Serves local copies of the five review sites.

    Example: python -m monitor.standin --port 8765 --places 20 --reviews 1000
    """
    clock = SystemClock()
    now = clock.now()
    world = World.demo(now) if places is None else World.sized(now, places=places, reviews=reviews, seed=seed)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with StandIn(world, port, clock) as standin:
        click.echo(standin.base_url)
        click.echo("The sites accept these secrets:", err=True)
        for name, value in STAND_IN_ENV.items():
            click.echo(f"  {name}={value}", err=True)
        try:
            stopped.wait()
        except KeyboardInterrupt:
            click.echo("", err=True)


if __name__ == "__main__":
    main()
