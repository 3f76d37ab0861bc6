"""`otklik queue assign/note/dispute/retag`: what people say of a ticket, to each other and to us; `queue.py` takes them
in."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click

from monitor import wording
from monitor.actions import Actions, DraftFate
from monitor.alerts import TicketView
from monitor.cli import talk_views, views
from monitor.cli.common import NUMBER, actor_option, config_option, json_option, ticket_options, utf8
from monitor.cli.ticket import perform
from monitor.errors import UsageError
from monitor.notify.render import capitalised
from monitor.talk import LONGEST_WHY, DisputeState
from sentiment.types import Risk, Theme, Tone

THEMES = click.Choice([theme.value for theme in Theme])
TONES = click.Choice([tone.value for tone in Tone])
DANGERS = click.Choice([risk.value for risk in Risk])


class Spoken(NamedTuple):
    """A theme, and in which tone it is spoken of where somebody says so."""

    theme: str
    tone: Tone | None


class _SpokenTheme(click.ParamType[Spoken]):
    """`waiting`, or `waiting:negative`."""

    name = "theme"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"{THEMES.get_metavar(param, ctx)}[:TONE]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Spoken:
        theme, colon, tone = str(value).partition(":")
        named = str(THEMES.convert(theme, param, ctx))
        return Spoken(named, Tone(TONES.convert(tone, param, ctx)) if colon else None)


@click.command()
@click.argument("ticket", type=NUMBER)
@click.argument("login", callback=utf8)
@json_option
@actor_option
@config_option
def assign(ticket: int, login: str, config_path: Path | None, actor: str | None, as_json: bool) -> None:
    """Give a ticket to a colleague, whoever has it.

    Nobody is told by mail; alarms about it go to them from now on where `escalation.people` knows their address.

    Example:  otklik queue assign 12 boris
    """
    perform(config_path, actor, ticket, as_json, lambda actions: actions.assign(ticket, login))


def _noted(_view: TicketView, _now: datetime) -> list[str]:
    return ["Заметка записана."]


def _disputed(view: TicketView, _now: datetime) -> list[str]:
    return [] if view.dispute is None else [f"{capitalised(wording.DISPUTES[view.dispute])}."]


@click.command()
@click.argument("ticket", type=NUMBER)
@click.argument("text", callback=utf8)
@json_option
@actor_option
@config_option
def note(ticket: int, text: str, config_path: Path | None, actor: str | None, as_json: bool) -> None:
    """Leave a note for colleagues; no reply ever holds it.

    Anybody may, of any ticket. It is erased with the review.

    Example:  otklik queue note 12 "Звонила ей, ждёт возврата до пятницы."
    """
    perform(config_path, actor, ticket, as_json, lambda actions: actions.note(ticket, text), told=_noted)


@click.command()
@click.argument("ticket", type=NUMBER)
@click.argument("state", type=click.Choice([state.value for state in DisputeState]))
@click.option(
    "--why",
    callback=utf8,
    default="",
    help=f"The complaint's number, the rule, the refusal: at most {LONGEST_WHY} characters; erased with the review.",
)
@json_option
@actor_option
@config_option
def dispute(ticket: int, state: str, config_path: Path | None, actor: str | None, as_json: bool, why: str) -> None:
    """Say that you asked the site to remove a review, and what became of it.

    Filed, then rejected or removed; after either it may be filed anew. The deadline stays: a complaint is no answer.

    Example:  otklik queue dispute 12 filed --why "обращение 4711, не были нашим гостем"
    """
    perform(
        config_path,
        actor,
        ticket,
        as_json,
        lambda actions: actions.dispute(ticket, DisputeState(state), why),
        told=_disputed,
    )


@click.command()
@click.option("--tone", type=TONES, help="What the words are, on the whole.")
@click.option("--complaint/--no-complaint", default=None, help="Whether they find fault with anything of yours.")
@click.option(
    "--theme",
    "there",
    type=_SpokenTheme(),
    multiple=True,
    help="A theme they speak of, also in which tone (waiting:negative); may be given again.",
)
@click.option("--no-theme", "missing", type=THEMES, multiple=True, help="A theme they do not speak of.")
@click.option("--danger", "dangers", type=DANGERS, multiple=True, help="A danger they tell of; may be given again.")
@click.option("--no-danger", "no_dangers", type=DANGERS, multiple=True, help="A danger that there is none of.")
@click.option("--note", callback=utf8, default="", help="Why, for the history; erased with the review.")
@ticket_options
def retag(
    ticket: int,
    config_path: Path | None,
    actor: str | None,
    as_json: bool,
    tone: str | None,
    complaint: bool | None,
    there: tuple[Spoken, ...],
    missing: tuple[str, ...],
    dangers: tuple[str, ...],
    no_dangers: tuple[str, ...],
    note: str,
) -> None:
    """Correct what the analysis said of a review; draft and deadline follow.

    You are believed against model and stars, until the author edits the text. Negative or with a complaint: due an hour
    after it was first seen, or in 15 minutes if that is later. Neither: due 24 hours after it was first seen. An option
    left out stays as it was. The deadline of a closed ticket stays, too. Themes move no deadline. The owners hear of a
    danger at once, and the review is due within the hour; one that is denied moves no deadline by itself.

    Example:  otklik queue retag 12 --tone positive --no-danger threat --note "шутка постоянного гостя"
    """
    said = None if tone is None else Tone(tone)
    themes = _held("theme", [spoken.theme for spoken in there], missing)
    tones = {spoken.theme: spoken.tone for spoken in there if spoken.tone is not None}
    risks = _held("danger", dangers, no_dangers)

    fates: list[DraftFate] = []

    def act(actions: Actions) -> None:
        fates.append(
            actions.retag(
                ticket, tone=said, complaint=complaint, themes=themes, theme_tones=tones, dangers=risks, note=note
            )
        )

    def told(view: TicketView, now: datetime) -> list[str]:
        return [*views.tone_text(view, now), *talk_views.by_hand_text(view), *views.fate_text(fates[0], view)]

    perform(config_path, actor, ticket, as_json, act, told=told)


def _held(name: str, there: Sequence[str], missing: Sequence[str]) -> dict[str, bool]:
    """Whether each of them holds. Raises UsageError where one is said to do both."""
    if both := sorted(set(there) & set(missing)):
        raise UsageError(f"--{name} and --no-{name} cannot both name {', '.join(both)}")
    return dict.fromkeys(there, True) | dict.fromkeys(missing, False)
