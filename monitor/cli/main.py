"""`otklik`: finds the command, turns our errors into one line and an exit code."""

import importlib
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, TextIO

import click

from monitor.errors import OtklikError


class Lazy(click.Group):
    """Commands are imported when they are called: `otklik run` must not pay for `otklik train`."""

    # command → (module, attribute, one line of help)
    commands_at: ClassVar[dict[str, tuple[str, str, str]]] = {
        "demo": (
            "demo",
            "demo",
            "Play all five sites on this machine: a morning at the desk; with --once one pass and the queue.",
        ),
        "init": ("setup", "init", "Write an example config.yaml."),
        "config": (
            "config",
            "config",
            "The settings that hold: config.yaml and what the desk set; their history; undo.",
        ),
        "check": ("setup", "check", "Validate settings, templates, credentials and reachability."),
        "run": ("run", "run", "One pass, for cron: read, analyse, draft, alarm."),
        "worker": ("run", "worker", "Passes until SIGTERM."),
        "desk": ("desk", "desk", "The web desk: the queue in a browser, and what the buttons in mails open."),
        "token": ("token", "token", "Programs that may ask through the API, and what they may do."),
        "user": ("user", "user", "Who may log in at the desk, and what they may do."),
        "queue": ("queue", "queue", "What waits for an answer, and what you do to it."),
        "classify": ("classify", "classify", "Tone, themes and dangers of reviews on standard input."),
        "draft": ("draft", "draft", "Replies to reviews on standard input."),
        "lint": ("draft", "lint", "What speaks against posting replies on standard input."),
        "templates": ("templates", "templates", "The wordings of replies: try them, look at them."),
        "sla": ("sla", "sla", "Deadlines: when something is due, and why."),
        "import": ("imports", "import_reviews", "Reviews from CSV, XLSX, JSON and saved pages."),
        "export": ("export", "export", "Every review, as JSON lines or CSV."),
        "forget": ("forget", "forget", "Erase a review or an author from every table: shown first, and a word typed."),
        "canary": ("canary", "canary", "Set off a trial alarm and see whether it arrives."),
        "mail": ("mail", "mail", "Whether alarms would arrive: send one to try."),
        "health": ("health", "health", "Is the worker alive, are the sites read, does mail go out?"),
        "source": ("source", "source", "The sites: how reading goes card by card, what their pages hold."),
        "stats": ("stats", "stats", "Numbers about the work: answers, deadlines, themes; what reading costs."),
        "digest": ("digest", "digest", "Yesterday, or the week, in numbers: the morning mail."),
        "gestures": ("gestures", "gestures", "Private gestures: what was offered, by whom, at what cost."),
        "train": ("train", "train", "Rebuild the model from labelled reviews."),
        "evaluate": ("evaluate", "evaluate", "Print every published figure of the model."),
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
    sys.exit(_exit_code(sys.argv[1:]))


def _exit_code(arguments: list[str]) -> int:
    """Runs a command. Not through `cli.main`, which turns `| head` into a failure and forgets `Exit` codes."""
    try:
        with cli.make_context("otklik", arguments) as context:
            cli.invoke(context)
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt, EOFError):
        return 130
    except OtklikError as error:
        click.echo(f"otklik: {error}", err=True)
        return error.exit_code
    except BrokenPipeError:  # whoever reads us has seen enough
        _discard(sys.stdout, sys.stderr)
        return 0
    except OSError as error:  # a full disk behind stdout, say
        _discard(sys.stdout)
        click.echo(f"otklik: {error.filename or 'input or output failed'}: {error.strerror or error}", err=True)
        return 1
    return 0


def _discard(*streams: TextIO) -> None:
    """What is still buffered has nowhere to go; without this the interpreter complains of it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        with suppress(OSError, AttributeError):  # a stream in memory, or none at all
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
