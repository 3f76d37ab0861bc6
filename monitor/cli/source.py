"""`otklik source …`: how reading goes, card by card."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click

from monitor import wording
from monitor.alerts import Alarm, AlarmKind
from monitor.assemble import Application
from monitor.cli.common import application, config_option, json_option, print_json, say
from monitor.cli.source_capture import capture
from monitor.cli.source_pages import check
from monitor.clock import optional_iso, to_iso
from monitor.completeness import Shortfall, Shown, shown
from monitor.decide import capacity
from monitor.health import PASS_INTERVAL
from monitor.model import ListingState

WIDTH = 100

MEMORY = timedelta(days=7)
"""Of how many days the requests a read takes are averaged."""

STATES: Mapping[str, tuple[str, str]] = {
    "ok": ("в порядке", "green"),
    "late": ("отстаёт", "yellow"),
    "failing": ("не читается", "red"),
    "blocked": ("отказ сайта", "red"),
    "new": ("ещё не читали", "yellow"),
}
"""State of a card → how it is said, and its colour."""

SHORTFALLS: Mapping[Shortfall, str] = {
    Shortfall.USUAL: "не хватает {missing}: как обычно, оценки без текста или скрытые сайтом отзывы",
    Shortfall.SMALL: "не хватает {missing}, обычно {usual}: это в пределах нормы",
    Shortfall.CEILING: "не хватает {missing}: сайт показывает только последние {seen}",
    Shortfall.WIDE: "не хватает {missing}, обычно {usual}: сравните с сайтом",
}


@dataclass(frozen=True, slots=True)
class CardReport:
    """One card: how its reading goes. `error`: why it is not read, its kind and words. `allows`: how often its host's
    pace lets it be read, None when as often as configured. `brought`: reviews beside those `held` that only files told
    of."""

    listing: ListingState
    place_title: str
    source_title: str
    state: str
    held: int
    brought: int
    shown: Shown
    error: tuple[str, str] | None
    next_check_at: datetime
    alarms: tuple[Alarm, ...]
    every: timedelta
    allows: timedelta | None


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
        cards = list(card_reports(app, now))
        if as_json:
            for card in cards:
                print_json(card_json(card))
        else:
            for line in report(cards, app, now):
                say(line)


# --- what there is to tell ----------------------------------------------------------------------


def card_reports(app: Application, now: datetime) -> Iterator[CardReport]:
    listings = app.store.listings.all()
    alarms = app.store.alarms.open()
    circuits = app.store.sites.circuits()
    carried = _carried(app, listings, now)
    intervals = app.intervals
    keyless = _keyless(app)
    for listing in listings:
        every = intervals[listing.source]
        error = keyless.get(listing.source) or _last_error(listing)
        allowed = carried[_host(app, listing)]
        closed = [circuits[site].closed_until for site in _sites(app, listing) if site in circuits]
        yield CardReport(
            listing=listing,
            place_title=app.titles.get(listing.place, listing.place),
            source_title=app.sources[listing.source].title,
            state=_state(listing, every, closed, now, failing=error is not None),
            held=app.store.intake.held(listing.id),
            brought=app.store.intake.brought(listing.id),
            shown=shown(listing),
            error=error,
            next_check_at=max([listing.next_check_at, *closed]),
            alarms=tuple(alarm for alarm in alarms if _is_about(alarm, listing)),
            every=every,
            allows=allowed if allowed > every else None,
        )


def _is_about(alarm: Alarm, listing: ListingState) -> bool:
    return alarm.source == listing.source and alarm.listing_id in (None, listing.id)


def _last_error(listing: ListingState) -> tuple[str, str] | None:
    return (listing.error_kind or "", listing.error_message) if listing.error_message else None


def _keyless(app: Application) -> dict[str, tuple[str, str]]:
    """Sources that no pass asks, because the environment lacks their secrets."""
    missing: dict[str, tuple[str, str]] = {}
    for error in app.missing_secrets:
        if not error.path.startswith("sources."):
            continue
        _, name, option = error.path.split(".")
        settings = app.config.sources.get(name)
        variable = settings.env.get(option) if settings else None
        advice = f"задайте переменную окружения {variable}" if variable else f"впишите в config.yaml {error.path}"
        missing.setdefault(name, ("no_key", f"Не читаем: нет ключа. Чтобы начать, {advice} и проверьте: otklik check."))
    return missing


def _state(listing: ListingState, every: timedelta, closed: Iterable[datetime], now: datetime, *, failing: bool) -> str:
    if any(until > now for until in closed):
        return "blocked"
    if failing:
        return "failing"
    if listing.last_good_at is None:
        return "new"
    return "late" if now - listing.next_check_at > max(every, PASS_INTERVAL) else "ok"


def _sites(app: Application, listing: ListingState) -> tuple[str, str]:
    """What a refusal may have closed: the source as a whole, or the one site its card stands on."""
    return listing.source, f"{listing.source}/{_host(app, listing)}"


def _host(app: Application, listing: ListingState) -> str:
    """Whom reading the card bothers."""
    source_ = app.sources[listing.source]
    settings = app.config.sources.get(listing.source)
    own = listing.external_id if source_.card_is_address else source_.base_url
    return urlsplit((settings.base_url if settings else "") or own).netloc


def _carried(app: Application, listings: Iterable[ListingState], now: datetime) -> dict[str, timedelta]:
    """How often each host's pace lets a card be read when all of them take turns."""
    spent = app.store.traffic.requests_per_read(now - MEMORY)
    paces = app.paces
    duty = min(app.config.http.pass_budget / PASS_INTERVAL, 1.0)
    counts: dict[tuple[str, str], int] = {}
    for listing in listings:
        key = (_host(app, listing), listing.source)
        counts[key] = counts.get(key, 0) + 1
    carried: dict[str, timedelta] = {}
    for (host, name), cards in counts.items():
        takes = capacity(cards, max(spent.get(name, 1.0), 1.0), paces[name], duty)
        carried[host] = carried.get(host, timedelta()) + takes
    return carried


# --- JSON ---------------------------------------------------------------------------------------


def card_json(card: CardReport) -> dict[str, object]:
    listing = card.listing
    ceiling = {"ceiling": listing.complete_seen} if card.shown.why is Shortfall.CEILING else {}
    return {
        "listing": listing.name,
        "place": listing.place,
        "source": listing.source,
        "card": listing.external_id,
        "state": card.state,
        "last_good_at": optional_iso(listing.last_good_at),
        "held": card.held,
        "from_files": card.brought,
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
    ("Состояние", 13),
    ("Прочитана", 16),
    ("Отзывов", 12),
    ("Следующее чтение", 17),
)


def report(cards: list[CardReport], app: Application, now: datetime) -> Iterator[str]:
    """A table, two spaces deeper what is to be said of a card, then what is to be said of whole sites."""
    if not cards:
        yield "Карточек нет: впишите их в config.yaml (раздел places)."
        return
    yield click.style(" ".join(_cells([name for name, _ in _COLUMNS])).rstrip(), bold=True)
    alike = Counter((card.listing.place, card.listing.source) for card in cards)
    for card in cards:
        yield _card_row(card, now)
        if alike[card.listing.place, card.listing.source] > 1:
            yield from _wrapped(f"карточка {card.listing.external_id}")
        if card.brought:
            yield from _wrapped(f"ещё {card.brought} — только из файлов (otklik import)")
        for remark in _remarks(card, now):
            yield from _wrapped(remark)
    yield from _of_sites(cards, app, now)


def _cells(words: list[str]) -> list[str]:
    return [wording.one_line(word, width).ljust(width) for word, (_, width) in zip(words, _COLUMNS, strict=True)]


def _card_row(card: CardReport, now: datetime) -> str:
    listing = card.listing
    state, colour = STATES[card.state]
    good = wording.ago(now - listing.last_good_at) if listing.last_good_at else "—"
    declared = f" из {listing.declared_total}" if listing.declared_total is not None else ""
    left = card.next_check_at - now
    soon = f"через {wording.duration(left)}" if left >= timedelta(minutes=1) else "скоро"
    place, site, state, *rest = _cells(
        [card.place_title, card.source_title, state, good, f"{card.held}{declared}", soon]
    )
    return " ".join([place, site, click.style(state, fg=colour), *rest]).rstrip()


def _remarks(card: CardReport, now: datetime) -> Iterator[str]:
    """What is to be said of this card alone; what holds for its whole site is said once below."""
    listing = card.listing
    said = {alarm.message for alarm in card.alarms}
    for alarm in card.alarms:
        if alarm.listing_id is not None and alarm.kind is not AlarmKind.GAP:
            yield _alarm(alarm, now)
    if card.error and card.error[1] not in said:
        yield card.error[1]
    template = SHORTFALLS.get(card.shown.why)
    if template:
        yield template.format(
            missing=card.shown.missing,
            usual=f"не хватает {listing.usual_gap}" if listing.usual_gap else "видны все",
            seen=listing.complete_seen,
        )


def _alarm(alarm: Alarm, now: datetime) -> str:
    return f"{wording.ALARMS[alarm.kind]} ({wording.duration(now - alarm.raised_at)}): {alarm.message}"


def _wrapped(text: str) -> list[str]:
    line = wording.one_line(text, 10 * WIDTH)
    return textwrap.wrap(line, WIDTH, initial_indent="  ↳ ", subsequent_indent="    ")


def _of_sites(cards: list[CardReport], app: Application, now: datetime) -> Iterator[str]:
    lines: list[str] = []
    told: set[int] = set()
    by_host: dict[tuple[str, str], CardReport] = {}
    for card in cards:
        by_host.setdefault((card.listing.source, _host(app, card.listing)), card)
    several = Counter(name for name, _ in by_host)
    for (name, host), card in by_host.items():
        for alarm in card.alarms:
            if alarm.listing_id is None and alarm.id not in told:
                told.add(alarm.id)
                lines += _wrapped(f"{card.source_title}: {_alarm(alarm, now)}")
        if card.allows is not None:
            lines += _wrapped(_pace(card, f"{card.source_title} ({host})" if several[name] > 1 else card.source_title))
    if lines:
        yield ""
        yield click.style("Сайты целиком", bold=True)
        yield from lines


def _pace(card: CardReport, site: str) -> str:
    assert card.allows is not None, "asked only where the pace is too slow"
    return (
        f"{site}: такой темп позволяет читать карточку раз в {wording.duration(card.allows)}, а задано "
        f"раз в {wording.duration(card.every)}; уменьшите pace, если сайт это разрешает, или увеличьте every"
    )
