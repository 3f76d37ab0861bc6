"""`otklik init` and `otklik check`."""

import shlex
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click

from monitor import production, promises, wording
from monitor.assemble import Application, held, read_held, wiring_problems
from monitor.cli.common import config_option, find_config, json_option, note, print_json, say
from monitor.clock import SystemClock
from monitor.config import Config, problems
from monitor.config_overlay import PHRASES
from monitor.errors import ConfigError, TemplateError, UsageError
from monitor.invitations import Invitations
from monitor.notify.channels import misfits
from monitor.store.settings import glimpse
from responders.files import STORED, is_stored

AHEAD = timedelta(weeks=8)
"""So long before its beginning a year should be known."""

EXAMPLE = Path(__file__).resolve().parents[2] / "templates" / "config.yaml"


def write_example(path: Path) -> None:
    """The shipped example config as `path`; never over an existing file."""
    if path.exists():
        raise UsageError(f"{path} is there already; move it away or choose another name with -c")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(EXAMPLE.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


@click.command()
@config_option
def init(config_path: Path | None) -> None:
    """Write an example config.yaml, ready for `otklik demo` and commented for your own cards.

    Example:  otklik init
    """
    path = find_config(click.get_current_context(), config_path)
    write_example(path)
    say(f"Записан {path}. Впишите свои карточки и проверьте: otklik check.")
    say("Посмотреть на выдуманных отзывах, не трогая своей базы: otklik demo --once --dir demo")


@click.command()
@click.option("--offline", is_flag=True, help="Do not ask the sites.")
@json_option
@config_option
def check(offline: bool, as_json: bool, config_path: Path | None) -> None:
    """Validate settings, templates, credentials and, unless --offline, whether each card can be read.

    Exit code 2: a setting is wrong. 1: only a site did not answer as hoped. Days off that nobody has announced yet are
    only told.

    Example:  otklik check --json
    """
    path, now = find_config(click.get_current_context(), config_path), SystemClock().now()
    wrong = _settings(path, now)
    config = None if wrong else held(path, now)
    unfit = [] if config is None else _left_out(config)
    unreachable = [] if config is None or offline else _unreachable(config)
    found = wrong + unfit + unreachable
    doubts = [] if config is None else _doubts(config, now)
    if as_json:
        rows = [{"path": error.path, "line": error.line, "message": error.message} for error in found]
        print_json({"ok": not found, "problems": rows, "doubts": doubts})
    else:
        for error in found:
            say(str(error))
        if not found:
            say(f"{path}: всё в порядке")
        elif wrong and not offline:
            note("Сайты не спрошены: сначала исправьте настройки.")
        for doubt in doubts:
            note(doubt)
    sys.exit(2 if wrong or unfit else 1 if unreachable else 0)


def _settings(path: Path, now: datetime) -> list[ConfigError]:
    if found := problems(path, also=wiring_problems, reader=lambda path: read_held(path, now)):
        return found
    config = held(path, now)
    if found := promises.problems(config, now):
        return found
    return [*_templates(config), *_credentials(config), *misfits(config)]


def _left_out(config: Config) -> list[ConfigError]:
    """Settings of the desk that do not fit this file or do not load: without them it works all the same."""
    return [
        *_phrases(config),
        *(
            ConfigError(
                f"{left.error.message}; {_undone(left.setting.kind, left.setting.name)}",
                path=left.error.path,
            )
            for left in config.left_out
        ),
    ]


def _phrases(config: Config) -> Iterator[ConfigError]:
    """Phrases of the desk that do not load."""
    from responders.draft import Responder

    stored = {one.name: one.value for one in glimpse(config.database)[0] if one.kind == PHRASES and one.value}
    for error in Responder(config.templates_dir, stored).problems(config.business.sector) if stored else ():
        if is_stored(error.file):
            yield ConfigError(f"{error}; {_undone(PHRASES, error.file.relative_to(STORED).as_posix())}")


def _undone(kind: str, name: str) -> str:
    shown = shlex.quote(wording.one_line(name, 200))
    return f"it does not hold until it is changed at the desk, or: otklik config undo {kind} {shown}"


def _doubts(config: Config, now: datetime) -> list[str]:
    """What is no mistake, but will make deadlines come too early: years whose transferred days nobody knows yet."""
    based = [name for name, settings in config.calendars.items() if settings.base]
    if not based:
        return []
    years = {now.year, (now + AHEAD).year} - production.known_years()
    concerned = f"{'зависит календарь' if len(based) == 1 else 'зависят календари'} {', '.join(based)}"
    return [
        f"Переносы выходных на {year} год программе не известны, а от них {concerned}: "
        "обновите программу или впишите эти дни сами (holidays, working_days, short_days)."
        for year in sorted(years)
    ]


def _templates(config: Config) -> list[ConfigError]:
    """Every reply template loaded, every mail rendered from invented tickets, with buttons."""
    from monitor.notify.render import Renderer
    from monitor.notify.sample import samples
    from responders.draft import Responder

    found = [str(error) for error in Responder(config.templates_dir).problems(config.business.sector)]
    now = SystemClock().now()
    try:
        Renderer(config.templates_dir, config.business.name, _some_links()).check(samples(now), now=now)
    except TemplateError as error:
        found.append(str(error))
    if config.rewriter is not None:
        from responders.rewriter import Prompt, RewriteError

        try:
            Prompt(config.templates_dir).check()
        except RewriteError as error:
            found.append(str(error))
    return [config.error("templates_dir", problem) for problem in found]


def _some_links() -> Invitations:
    """They lead nowhere: for mails that nobody gets."""
    return Invitations("x" * 32, public_url="https://otklik.example.ru", lifetime=timedelta(days=1), names={})


def _credentials(config: Config) -> list[ConfigError]:
    missing = list(Application(config).missing_secrets)
    mail, rewriter = config.mail, config.rewriter
    named = [("mail.user_env", mail.user_env), ("mail.password_env", mail.password_env)]
    named += [("rewriter.key_env", rewriter.key_env)] if rewriter else []
    for path, name in named:
        try:
            if name:
                config.secret(name, path)
        except ConfigError as error:
            missing.append(error)
    return missing


def _unreachable(config: Config) -> list[ConfigError]:
    """Reads the first page of every card and stores nothing."""
    app = Application(config)
    found = []
    try:
        for place_number, place in enumerate(config.places):
            for number, listing in enumerate(place.listings):
                reason = app.probe(place, listing)
                if reason:
                    found.append(config.error(f"places.{place_number}.listings.{number}", reason))
    finally:
        app.close()
    return found
