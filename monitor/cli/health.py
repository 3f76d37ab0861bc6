"""`otklik health`."""

import sys
from pathlib import Path

import click

from monitor.cli.common import application, config_option, json_option, print_json, say
from monitor.errors import StoreError
from monitor.health import STATUS_CODES, broken_store, examine, worst


@click.command()
@json_option
@config_option
def health(as_json: bool, config_path: Path | None) -> None:
    """Is the worker alive, are the sites read, does mail go out? Exit code 0: fine, 1: late, 2: broken.

    Example:  otklik health --json
    """
    with application(config_path) as app:
        try:
            checks = examine(
                app.store,
                app.intervals,
                app.clock.now(),
                canary_every=app.canary_every,
                left_out=app.left_out(app.clock.now()),
                keyless=app.reading.keyless,
            )
        except StoreError as error:
            checks = [broken_store(error)]
        status = worst(checks)
        if as_json:
            rows = [{"name": check.name, "status": check.status, "message": check.message} for check in checks]
            print_json({"status": status, "checks": rows})
        else:
            for check in checks:
                say(f"{check.word:<10} {check.name}: {check.message}")
        sys.exit(STATUS_CODES[status])
