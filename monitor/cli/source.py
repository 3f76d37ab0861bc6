"""`otklik source …`: how reading goes, card by card."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click

from monitor import wording
from monitor.cli.common import application, config_option, json_option, print_json, say
from monitor.cli.source_capture import capture
from monitor.cli.source_pages import check
from monitor.clock import optional_iso, to_iso
from monitor.completeness import Shortfall
from monitor.reading import STATES, CardReport, alarm_told, remarks, slow_hosts
from monitor.store.listings import Held

WIDTH = 100

COLOURS: Mapping[str, str] = {"ok": "green", "late": "yellow", "failing": "red", "blocked": "red", "new": "yellow"}
"""Of a card's state."""


@click.group()
def source() -> None:
    """The sites: how reading their cards goes, what their pages hold.

    Example:  otklik source list
    """


source.add_command(check)
source.add_command(capture)


@source.command("list")
@json_option
@config_option
def list_(as_json: bool, config_path: Path | None) -> None:
    """Every card: when it was last read, how many reviews we hold of those declared, what is wrong and what to do.

    Example:  otklik source list --json
    """
    with application(config_path) as app:
        now = app.clock.now()
        cards = list(app.reading.cards(now))
        held = app.reading.held(cards)
        if as_json:
            for card in cards:
                print_json(card_json(card, held[card.listing.id]))
        else:
            for line in report(cards, held, now):
                say(line)


# --- JSON ---------------------------------------------------------------------------------------


def card_json(card: CardReport, held: Held) -> dict[str, object]:
    listing = card.listing
    ceiling = {"ceiling": listing.complete_seen} if card.shown.why is Shortfall.CEILING else {}
    return {
        "listing": listing.name,
        "place": listing.place,
        "source": listing.source,
        "card": listing.external_id,
        "state": card.state,
        "last_good_at": optional_iso(listing.last_good_at),
        "held": held.shown,
        "from_files": held.brought,
        "declared": listing.declared_total,
        "gap": card.shown.missing,
        **ceiling,
        "next_check_at": to_iso(card.next_check_at),
        "error": dict(zip(("kind", "message"), card.error, strict=True)) if card.error else None,
        "alarms": [
            {"kind": alarm.kind, "message": alarm.message, "raised_at": to_iso(alarm.raised_at)}
            for alarm in card.alarms
        ],
        "allows": None if card.allows is None else round(card.allows.total_seconds()),
    }


# --- for people ---------------------------------------------------------------------------------

_COLUMNS = (
    ("Точка", 22),
    ("Сайт", 13),
    ("Состояние", 15),
    ("Прочитана", 16),
    ("Отзывов", 12),
    ("Следующее чтение", 17),
)


def report(cards: Sequence[CardReport], held: Mapping[int, Held], now: datetime) -> Iterator[str]:
    """A table, two spaces deeper what is to be said of a card, then what is to be said of whole sites."""
    if not cards:
        yield "Карточек нет: впишите их в config.yaml (раздел places)."
        return
    yield click.style(" ".join(_cells([name for name, _ in _COLUMNS])).rstrip(), bold=True)
    alike = Counter((card.listing.place, card.listing.source) for card in cards)
    for card in cards:
        reviews = held[card.listing.id]
        yield _card_row(card, reviews, now)
        if alike[card.listing.place, card.listing.source] > 1:
            yield from _wrapped(f"карточка {card.listing.external_id}")
        if reviews.brought:
            yield from _wrapped(f"ещё {reviews.brought} — только из файлов (otklik import)")
        for remark in remarks(card, now):
            yield from _wrapped(remark)
    yield from _of_sites(cards, now)


def _cells(words: list[str]) -> list[str]:
    return [wording.one_line(word, width).ljust(width) for word, (_, width) in zip(words, _COLUMNS, strict=True)]


def _card_row(card: CardReport, reviews: Held, now: datetime) -> str:
    listing = card.listing
    good = wording.ago(now - listing.last_good_at) if listing.last_good_at else "—"
    declared = f" из {listing.declared_total}" if listing.declared_total is not None else ""
    left = card.next_check_at - now
    soon = f"через {wording.duration(left)}" if left >= timedelta(minutes=1) else "скоро"
    place, site, state, *rest = _cells(
        [card.place_title, card.source_title, STATES[card.state], good, f"{reviews.shown}{declared}", soon]
    )
    return " ".join([place, site, click.style(state, fg=COLOURS[card.state]), *rest]).rstrip()


def _wrapped(text: str) -> list[str]:
    line = wording.one_line(text, 10 * WIDTH)
    return textwrap.wrap(line, WIDTH, initial_indent="  ↳ ", subsequent_indent="    ")


def _of_sites(cards: Sequence[CardReport], now: datetime) -> Iterator[str]:
    lines: list[str] = []
    found = {alarm.id: (card, alarm) for card in cards for alarm in card.alarms if alarm.listing_id is None}
    for card, alarm in found.values():
        lines += _wrapped(f"{card.source_title}: {alarm_told(alarm, now)}")
    for told in slow_hosts(cards):
        lines += _wrapped(told)
    if lines:
        yield ""
        yield click.style("Сайты целиком", bold=True)
        yield from lines
