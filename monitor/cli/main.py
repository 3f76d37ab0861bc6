"""`otklik`: finds the command, turns our errors into one line and an exit code."""

import importlib
import io
import sys
from pathlib import Path
from typing import ClassVar

import click

from monitor.errors import OtklikError


class Lazy(click.Group):
    """Commands are imported when they are called: `otklik run` must not pay for `otklik train`."""

    # command → (module, attribute, one line of help)
    commands_at: ClassVar[dict[str, tuple[str, str, str]]] = {
        "demo": ("demo", "demo", "Play all five sites on this machine, run one pass, show the queue."),
        "init": ("setup", "init", "Write an example config.yaml."),
        "check": ("setup", "check", "Validate settings, templates, credentials and reachability."),
        "run": ("run", "run", "One pass, for cron: read, analyse, draft, alarm."),
        "worker": ("run", "worker", "Passes until SIGTERM."),
        "queue": ("queue", "queue", "What waits for an answer, and what you do to it."),
        "classify": ("classify", "classify", "Tone, themes and dangers of reviews on standard input."),
        "draft": ("draft", "draft", "Replies to reviews on standard input."),
        "lint": ("draft", "lint", "What speaks against posting replies on standard input."),
        "sla": ("sla", "sla", "Deadlines: when something is due, and why."),
        "export": ("export", "export", "Every review, as JSON lines or CSV."),
        "forget": ("export", "forget", "Erase a review or an author from every table."),
        "health": ("health", "health", "Is the worker alive, are the sites read, does mail go out?"),
        "train": ("train", "train", "Rebuild the model from labelled reviews."),
        "evaluate": ("train", "evaluate", "Print every published figure of the model."),
        "db": ("db", "db", "Check, back up, migrate the database."),
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands_at:
            return None
        module, attribute, _ = self.commands_at[cmd_name]
        command = getattr(importlib.import_module(f"monitor.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in self.commands_at.items()])


def _show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from monitor import VERSION

        click.echo(f"otklik {VERSION}")
        context.exit()


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-c",
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="Settings file. Default: $OTKLIK_CONFIG, else config.yaml.",
)
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Print it.")
def cli(config_path: Path | None, verbose: bool) -> None:
    """Отклик watches the reviews of your business, drafts replies and makes sure a person answers in time.

    Start with:  otklik demo --once
    """
    from monitor import log

    log.configure(verbose)


def main() -> None:
    """The entry point. Exit codes: 0 done, 1 failed and will be retried, 2 usage or config, 75 another pass runs."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        cli.main(prog_name="otklik", standalone_mode=False)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except OtklikError as error:
        click.echo(f"otklik: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever reads us has seen enough (`| head`); the interpreter must not complain about it when it closes stdout.
        sys.stdout = io.TextIOWrapper(io.BytesIO())
        sys.exit(0)
