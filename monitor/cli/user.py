"""`otklik user …`: who may log in at the desk, and what they may do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from monitor import passwords, wording
from monitor.accounts import Account, Role
from monitor.actions.people import People, scope
from monitor.assemble import Application
from monitor.cli.common import (
    F,
    actor_option,
    application,
    config_option,
    input_lines,
    json_option,
    note,
    print_json,
    say,
    somebody,
    utf8,
)
from monitor.cli.desk import USUAL_PORT, setup_address
from monitor.clock import to_iso
from monitor.config_desk import DeskConfig
from monitor.errors import UsageError
from monitor.store.sessions import Session

ROLES = click.Choice([role.value for role in Role])

SAME = "Так и было: ничего не изменилось."

NOBODY = "Учётных записей нет. Заведите первую: otklik user add ЛОГИН --role administrator"


@click.group()
def user() -> None:
    """Who may log in at the desk, and what they may do. Whatever is changed here is told in the desk's audit log.

    Example:  otklik user add anna --name Анна --role lead
    """


def place_option(text: str) -> Callable[[F], F]:
    return click.option("--place", "places", multiple=True, callback=_texts, help=text)


def port_option(command: F) -> F:
    return click.option(
        "--port",
        type=click.IntRange(1, 65535),
        default=USUAL_PORT,
        show_default=True,
        help="Where `otklik desk` listens, for the link; not asked where the config has desk.public_url.",
    )(command)


def changing(command: F) -> F:
    """What every command takes that changes an account."""
    return click.argument("login", callback=utf8)(actor_option(config_option(command)))


def _texts(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        utf8(context, option, value)
    return values


# --- who there is ------------------------------------------------------------------------------


@user.command()
@click.option("--name", default="", callback=utf8, help="What colleagues call them. Default: the login.")
@click.option("--role", type=ROLES, default=Role.OPERATOR.value, show_default=True, help="What they may do.")
@place_option("Id of a place of theirs; repeat for more. Default: all, those to come included.")
@click.option("--email", default="", callback=utf8, help="Whoever presses a button in a mail to it acts as them.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input: one line.")
@port_option
@changing
def add(
    login: str,
    name: str,
    role: str,
    places: tuple[str, ...],
    email: str,
    password_stdin: bool,
    port: int,
    actor: str | None,
    config_path: Path | None,
) -> None:
    """Let somebody in. Without a password a link is printed by which they set one themselves, within 24 hours.

    The login is the name under which they act, in histories too: letters a-z, digits, `.`, `_` and `-`. It stays.

    Example:  otklik user add anna --name "Анна Петрова" --role operator --place lenina
    """
    hashed = _password(login, name) if password_stdin else ""
    with _changed(config_path, actor) as (app, people):
        account = people.add(login, name=name, email=email, role=Role(role), places=places or None)
        if hashed:
            people.set_password(account, hashed)
        token = "" if hashed else people.first_link(account).token
        config = app.config.desk
    note(f"Учётная запись {login} заведена: {wording.ROLES[role]}, {scope(account.places)}.")
    if token:
        _print_link(token, config, port)


@user.command("list")
@json_option
@config_option
def list_(as_json: bool, config_path: Path | None) -> None:
    """Every account: role, places, whether they can log in.

    Example:  otklik user list --json
    """
    with application(config_path) as app:
        accounts = app.store.accounts
        found = [(account, accounts.password(account.id) is not None) for account in accounts.all()]
        factors = app.store.factors.switched_on()
    for account, has_password in found:
        if as_json:
            print_json(_account_json(account, has_password, account.id in factors))
        else:
            say(_account_text(account, has_password, account.id in factors))
    if not found and not as_json:
        note(NOBODY)


@user.command()
@port_option
@changing
def link(login: str, port: int, actor: str | None, config_path: Path | None) -> None:
    """Print a link by which they set a new password: once, within 24 hours. An earlier one works no more.

    The desk of this config must be running where the link leads.

    Example:  otklik user link anna --port 8767
    """
    with _changed(config_path, actor) as (app, people):
        token = people.link(login).token
        config = app.config.desk
    _print_link(token, config, port)


@user.command()
@changing
@click.argument("name", callback=utf8)
def name(login: str, name: str, actor: str | None, config_path: Path | None) -> None:
    """Say what colleagues call somebody. The login stays: histories know them by it.

    Example:  otklik user name anna "Анна Петрова"
    """
    with _changed(config_path, actor) as (_, people):
        change = people.rename(login, name)
    note(change or SAME)


@user.command()
@changing
@click.argument("address", callback=utf8)
def email(login: str, address: str, actor: str | None, config_path: Path | None) -> None:
    """Give somebody an address of mail, "" for none: links for a forgotten password go there. Both addresses are told.

    Example:  otklik user email anna anna@example.ru
    """
    with _changed(config_path, actor) as (_, people):
        change = people.set_email(login, address)
    note(change or SAME)


# --- what they may do --------------------------------------------------------------------------


@user.command("role")
@changing
@click.argument("role", type=ROLES)
def role_(login: str, role: str, actor: str | None, config_path: Path | None) -> None:
    """Give somebody another role; it holds from their next click.

    operator: read and answer. lead: also assign, overrule the linter, look after sources and mails. owner: also decide
    on gestures. administrator: also people and the audit log.

    Example:  otklik user role anna lead
    """
    with _changed(config_path, actor) as (_, people):
        change = people.set_role(login, Role(role))
    note(change or SAME)


@user.command()
@place_option("Id of a place; repeat for more.")
@click.option("--all", "everywhere", is_flag=True, help="All places, those to come included.")
@changing
def places(login: str, places: tuple[str, ...], everywhere: bool, actor: str | None, config_path: Path | None) -> None:
    """Say whose tickets they see: those of these places alone, or of all.

    Example:  otklik user places anna --place lenina --place mira
    """
    if everywhere is bool(places):
        raise UsageError("name the places with --place, or all of them with --all")
    with _changed(config_path, actor) as (_, people):
        change = people.set_places(login, places or None)
    note(change or SAME)


@user.command()
@changing
def disable(login: str, actor: str | None, config_path: Path | None) -> None:
    """Shut somebody out at once: their sessions end, what they did stays.

    Example:  otklik user disable anna
    """
    with _changed(config_path, actor) as (_, people):
        ended = people.disable(login)
    note(f"Учётная запись {login} выключена, {_ended(ended)}.")


@user.command()
@changing
def enable(login: str, actor: str | None, config_path: Path | None) -> None:
    """Let somebody in again, with the password they had.

    Example:  otklik user enable anna
    """
    with _changed(config_path, actor) as (_, people):
        people.enable(login)
    note(f"Учётная запись {login} включена.")


# --- where they are logged in ------------------------------------------------------------------


@user.command()
@click.argument("login", callback=utf8)
@json_option
@config_option
def sessions(login: str, as_json: bool, config_path: Path | None) -> None:
    """Where somebody is logged in, the session used last first.

    Example:  otklik user sessions anna
    """
    with application(config_path) as app:
        now = app.clock.now()
        zone = app.config.places[0].timezone
        found = app.store.sessions.of_account(app.store.accounts.of(login).id, now)
    for session in found:
        if as_json:
            print_json(_session_json(session))
        else:
            seen = wording.moment(session.seen_at, zone, now)
            browser = wording.one_line(session.browser, 80)
            say(f"{seen}  {session.address or 'адрес неизвестен'}  {browser}")
    if not found and not as_json:
        note("Сейчас никто не вошёл.")


@user.command()
@changing
def revoke(login: str, actor: str | None, config_path: Path | None) -> None:
    """End every session of somebody: they must log in again.

    Example:  otklik user revoke anna
    """
    with _changed(config_path, actor) as (_, people):
        ended = people.revoke(login)
    note(f"{login}: {_ended(ended)}.")


@user.command("reset-totp")
@changing
def reset_totp(login: str, actor: str | None, config_path: Path | None) -> None:
    """Ask somebody for no codes any more: their telephone is lost. They may switch them on again at the desk.

    Example:  otklik user reset-totp anna
    """
    with _changed(config_path, actor) as (_, people):
        was_on = people.reset_factor(login)
    note(f"{login}: подтверждение входа сброшено, теперь достаточно пароля." if was_on else SAME)


# --- what they share ---------------------------------------------------------------------------


@contextmanager
def _changed(config_path: Path | None, actor: str | None) -> Iterator[tuple[Application, People]]:
    """The application and what may be done to accounts, inside one transaction."""
    who = somebody(actor)
    with application(config_path) as app, app.store.write():
        yield app, app.people(who)


def _password(login: str, name: str) -> str:
    """The hash of what standard input says."""
    _, password = next(input_lines(), (1, ""))
    if wrong := passwords.check_password(password, login, name):
        raise UsageError(wrong)
    return passwords.hashed(password)


def _print_link(token: str, settings: DeskConfig | None, port: int) -> None:
    """The address alone on stdout: it goes into a message to whoever it is for."""
    note("По этой ссылке задают пароль: один раз, в течение 24 часов. Она заменяет пароль, передайте её лично.")
    if settings is None:
        command = "otklik desk" if port == USUAL_PORT else f"otklik desk --port {port}"
        note(f"Она ведёт на рабочее место этой машины: пусть на ней работает {command}. Другой порт задаёт --port.")
    click.echo(setup_address(token, settings, f"http://127.0.0.1:{port}"))


def _ended(count: int) -> str:
    if not count:
        return "сеансов не было"
    ended = wording.plural(count, "завершён", "завершено", "завершено")
    return f"{ended} {wording.counted(count, 'сеанс', 'сеанса', 'сеансов')}"


def _account_text(account: Account, has_password: bool, has_factor: bool) -> str:
    state = "выключена" if not account.active else "" if has_password else "пароль ещё не задан"
    parts = [account.login, account.name, wording.ROLES[account.role], scope(account.places), account.email, state]
    parts.append("с подтверждением входа" if has_factor else "")
    return "  ".join(filter(None, parts))


def _account_json(account: Account, has_password: bool, has_factor: bool) -> dict[str, object]:
    return {
        "login": account.login,
        "name": account.name,
        "email": account.email,
        "role": account.role.value,
        "places": None if account.places is None else sorted(account.places),
        "active": account.active,
        "has_password": has_password,
        "second_factor": has_factor,
        "created_at": to_iso(account.created_at),
    }


def _session_json(session: Session) -> dict[str, object]:
    return {
        "login": session.account.login,
        "started_at": to_iso(session.started_at),
        "seen_at": to_iso(session.seen_at),
        "address": session.address,
        "browser": session.browser,
    }
