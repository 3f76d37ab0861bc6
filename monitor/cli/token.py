"""`otklik token …`: programs that may ask through the API."""

from datetime import datetime
from pathlib import Path

import click

from monitor import wording
from monitor.actions.programs import Programs, grants_text
from monitor.assemble import Application
from monitor.cli.common import (
    actor_option,
    application,
    config_option,
    json_option,
    note,
    print_json,
    say,
    somebody,
    utf8,
)
from monitor.cli.user import place_option
from monitor.clock import optional_iso, to_iso
from monitor.tokens import LONGEST_LIFE, USUAL_LIFE, AccessToken, Grant

NONE_YET = "Токенов нет. Выдайте первый: otklik token add crm --may read"


@click.group()
def token() -> None:
    """Programs that may ask through the API of the desk, and what they may do. It is told in the desk's audit log.

    Example:  otklik token add crm --may read --place lenina
    """


@token.command()
@click.argument("name", callback=utf8)
@click.option(
    "--may",
    "may",
    multiple=True,
    type=click.Choice([grant.value for grant in Grant]),
    default=(Grant.READ.value,),
    show_default=True,
    help="What it is good for; repeat for more. Whoever may act reads, too.",
)
@place_option("Id of a place of its own; repeat for more. Default: all, those to come included.")
@click.option(
    "--days",
    type=click.IntRange(0, LONGEST_LIFE),
    default=USUAL_LIFE,
    show_default=True,
    help="How long it works; 0: until it is revoked.",
)
@actor_option
@config_option
def add(
    name: str,
    may: tuple[str, ...],
    places: tuple[str, ...],
    days: int,
    actor: str | None,
    config_path: Path | None,
) -> None:
    """Make a token and print it, this once: nothing that is kept could print it again.

    What the program does stands in the histories under `api:` and this name.

    Example:  otklik token add crm --may act --may numbers --days 90
    """
    with application(config_path) as app:
        secret = _programs(app, actor).add(name, may, places=places or None, days=days or None)
        life = f"на {wording.counted(days, 'день', 'дня', 'дней')}" if days else "бессрочно"
        note(f"Токен {name} выдан {life}. Программа передаёт его в заголовке Authorization: Bearer.")
        note("Больше мы его не покажем.")
        click.echo(secret)


@token.command("list")
@json_option
@config_option
def list_(as_json: bool, config_path: Path | None) -> None:
    """Every token: what it may do, where, until when, and when it was used last.

    Example:  otklik token list --json
    """
    with application(config_path) as app:
        now, zone = app.clock.now(), app.config.places[0].timezone
        found = app.store.tokens.all()
    for one in found:
        if as_json:
            print_json(_json(one, now))
        else:
            say(_text(one, zone, now))
    if not found and not as_json:
        note(NONE_YET)


@token.command()
@click.argument("name", callback=utf8)
@actor_option
@config_option
def revoke(name: str, actor: str | None, config_path: Path | None) -> None:
    """Shut a program out at once: what it did stays.

    Example:  otklik token revoke crm
    """
    with application(config_path) as app:
        _programs(app, actor).revoke(app.store.tokens.named(name))
    note(f"Токен {name} отозван.")


def _programs(app: Application, actor: str | None) -> Programs:
    return Programs(store=app.store, places=app.titles, actor=somebody(actor), now=app.clock.now())


def _text(one: AccessToken, zone: str, now: datetime) -> str:
    state = "отозван" if one.revoked_at else "" if one.works(now) else "истёк"
    until = "бессрочно" if one.expires_at is None else f"до {wording.moment(one.expires_at, zone, now)}"
    used = "ещё не использован" if one.used_at is None else f"использован {wording.moment(one.used_at, zone, now)}"
    places = "все точки" if one.places is None else f"точки: {', '.join(sorted(one.places))}"
    return "  ".join(filter(None, (one.name, grants_text(one.may), places, state or until, used)))


def _json(one: AccessToken, now: datetime) -> dict[str, object]:
    return {
        "name": one.name,
        "may": sorted(grant.value for grant in one.may),
        "places": None if one.places is None else sorted(one.places),
        "works": one.works(now),
        "created_at": to_iso(one.created_at),
        "created_by": one.created_by,
        "expires_at": optional_iso(one.expires_at),
        "revoked_at": optional_iso(one.revoked_at),
        "used_at": optional_iso(one.used_at),
    }
