"""How reading goes, card by card, as `otklik source list` and the desk tell it; and asking for a read at once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from monitor import wording
from monitor.alerts import Alarm, AlarmKind
from monitor.completeness import Shortfall, Shown, shown
from monitor.config import SourceConfig
from monitor.dates import LONGEST_WAIT
from monitor.decide import Circuit, capacity
from monitor.errors import ConfigError
from monitor.health import PASS_INTERVAL
from monitor.model import ListingState
from monitor.seams import Source
from monitor.store.listings import Held
from monitor.store.sqlite import Store

MEMORY = timedelta(days=7)
"""Of how many days the requests a read takes are averaged."""

STATES: Mapping[str, str] = {
    "blocked": "сайт отказывает",
    "failing": "не читается",
    "late": "отстаёт",
    "new": "ещё не читали",
    "ok": "читается",
}
"""State of a card → how it is said; the worst first."""

SHORTFALLS: Mapping[Shortfall, str] = {
    Shortfall.USUAL: "не хватает {missing}: как обычно, оценки без текста или скрытые сайтом отзывы",
    Shortfall.SMALL: "не хватает {missing}, обычно {usual}: это в пределах нормы",
    Shortfall.CEILING: "не хватает {missing}: сайт показывает только последние {seen}",
    Shortfall.WIDE: "не хватает {missing}, обычно {usual}: сравните с сайтом",
}


NO_KEY = "Не читаем: нет ключа. Чтобы начать, {}."


@dataclass(frozen=True, slots=True)
class CardReport:
    """One card: how its reading goes. `state`: a key of STATES. `error`: why it is not read, its kind and words.
    `circuit`: how its site is treated after a refusal, None while it is trusted. `allows`: how often its host's pace
    lets it be read, None when as often as configured."""

    listing: ListingState
    place_title: str
    source_title: str
    host: str
    state: str
    shown: Shown
    error: tuple[str, str] | None
    circuit: Circuit | None
    next_check_at: datetime
    alarms: tuple[Alarm, ...]
    every: timedelta
    allows: timedelta | None


class Obstacle(StrEnum):
    """Why a card is not read at once. DUE: the next pass reads it anyway. REFUSED: the site is left alone after it
    refused. WAIT: it asked for a pause (Retry-After). KEYLESS: no pass can read it."""

    DUE = "due"
    REFUSED = "refused"
    WAIT = "wait"
    KEYLESS = "keyless"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """`until`: when it is over; None where that is not known."""

    obstacle: Obstacle
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is asked once for all cards."""

    now: datetime
    alarms: Sequence[Alarm]
    circuits: Mapping[str, Circuit]
    carried: Mapping[str, timedelta]


class Reading:
    """`settings`, `intervals` and `paces` by source; `missing`: secrets that the environment lacks; `budget`: for how
    long a pass may read."""

    def __init__(
        self,
        *,
        store: Store,
        sources: Mapping[str, Source],
        settings: Mapping[str, SourceConfig],
        titles: Mapping[str, str],
        intervals: Mapping[str, timedelta],
        paces: Mapping[str, timedelta],
        missing: Iterable[ConfigError],
        budget: timedelta,
    ) -> None:
        self._store = store
        self._sources = sources
        self._settings = settings
        self._titles = titles
        self._intervals = intervals
        self._paces = paces
        self._advice = _keyless(missing, settings)
        self._keyless = {name: ("no_key", NO_KEY.format(advice)) for name, advice in self._advice.items()}
        self._duty = min(budget / PASS_INTERVAL, 1.0)

    @property
    def keyless(self) -> Mapping[str, str]:
        """Sources that no pass asks, because the environment lacks their keys; what to do about it, half a sentence."""
        return dict(self._advice)

    # --- what there is to tell ------------------------------------------------------------------------

    def cards(self, now: datetime, places: Collection[str] | None = None) -> Iterator[CardReport]:
        """By place and site; of these places, or of all."""
        listings = self._store.listings.all()
        known = _Known(
            now,
            self._store.alarms.open(),
            self._store.sites.circuits(),
            self._carried(listings, now),
        )
        for listing in listings:
            if places is None or listing.place in places:
                yield self._card(listing, known)

    def held(self, cards: Iterable[CardReport]) -> dict[int, Held]:
        """How many reviews we hold, by the number of the listing."""
        return self._store.listings.held(card.listing.id for card in cards)

    def _card(self, listing: ListingState, known: _Known) -> CardReport:
        every = self._intervals[listing.source]
        error = self._keyless.get(listing.source) or _last_error(listing)
        circuit = self._circuit(listing, known.circuits)
        allowed = known.carried[self._host(listing)]
        return CardReport(
            listing=listing,
            place_title=self._titles.get(listing.place, listing.place),
            source_title=self._sources[listing.source].title,
            host=self._host(listing),
            state=_state(listing, every, circuit, known.now, failing=error is not None),
            shown=shown(listing),
            error=error,
            circuit=circuit,
            next_check_at=max(listing.next_check_at, circuit.closed_until) if circuit else listing.next_check_at,
            alarms=tuple(alarm for alarm in known.alarms if _is_about(alarm, listing)),
            every=every,
            allows=allowed if allowed > every else None,
        )

    def _circuit(self, listing: ListingState, circuits: Mapping[str, Circuit]) -> Circuit | None:
        """A refusal may have closed the source as a whole, or the one site its card stands on: whichever holds
        longer."""
        sites = (listing.source, f"{listing.source}/{self._host(listing)}")
        found = [circuits[site] for site in sites if site in circuits]
        return max(found, key=lambda circuit: circuit.closed_until, default=None)

    def _host(self, listing: ListingState) -> str:
        """Whom reading the card bothers."""
        source = self._sources[listing.source]
        settings = self._settings.get(listing.source)
        own = listing.external_id if source.card_is_address else source.base_url
        return urlsplit((settings.base_url if settings else "") or own).netloc

    def _carried(self, listings: Iterable[ListingState], now: datetime) -> dict[str, timedelta]:
        """How often each host's pace lets a card be read when all of them take turns."""
        spent = self._store.traffic.requests_per_read(now - MEMORY)
        counts: dict[tuple[str, str], int] = {}
        for listing in listings:
            key = (self._host(listing), listing.source)
            counts[key] = counts.get(key, 0) + 1
        carried: dict[str, timedelta] = {}
        for (host, name), cards in counts.items():
            takes = capacity(cards, max(spent.get(name, 1.0), 1.0), self._paces[name], self._duty)
            carried[host] = carried.get(host, timedelta()) + takes
        return carried

    # --- before its time ------------------------------------------------------------------------------

    def hasten(self, listing: ListingState, now: datetime) -> Hindrance | None:
        """Makes the card due at once, inside a `write`; why not, where something stands against it."""
        against = self.hindrance(listing, now)
        if against is None:
            self._store.listings.hasten(listing.id, now)
        return against

    def hindrance(self, listing: ListingState, now: datetime) -> Hindrance | None:
        """What stands against reading the card at once."""
        if listing.source in self._keyless:
            return Hindrance(Obstacle.KEYLESS)
        circuit = self._circuit(listing, self._store.sites.circuits())
        if circuit is not None and circuit.is_closed(now):
            return Hindrance(Obstacle.REFUSED, circuit.closed_until)
        memory = self._store.hosts.recall(self._host(listing).lower())
        wait = memory.waits.get(listing.source) if memory else None
        if wait is not None and now < wait <= now + LONGEST_WAIT:
            return Hindrance(Obstacle.WAIT, wait)
        return Hindrance(Obstacle.DUE) if listing.next_check_at <= now else None


def _is_about(alarm: Alarm, listing: ListingState) -> bool:
    return alarm.source == listing.source and alarm.listing_id in (None, listing.id)


def _last_error(listing: ListingState) -> tuple[str, str] | None:
    return (listing.error_kind or "", listing.error_message) if listing.error_message else None


def _keyless(missing_secrets: Iterable[ConfigError], settings: Mapping[str, SourceConfig]) -> dict[str, str]:
    """Sources that no pass asks, because the environment lacks their secrets, and what to do."""
    missing: dict[str, str] = {}
    for error in missing_secrets:
        if not error.path.startswith("sources."):
            continue
        _, name, option = error.path.split(".")
        variable = settings[name].env.get(option) if name in settings else None
        advice = f"задайте переменную окружения {variable}" if variable else f"впишите в config.yaml {error.path}"
        missing.setdefault(name, f"{advice} и проверьте: otklik check")
    return missing


def _state(listing: ListingState, every: timedelta, circuit: Circuit | None, now: datetime, *, failing: bool) -> str:
    if circuit is not None and circuit.is_closed(now):
        return "blocked"
    if failing:
        return "failing"
    if listing.last_good_at is None:
        return "new"
    return "late" if now - listing.next_check_at > max(every, PASS_INTERVAL) else "ok"


# --- in words -----------------------------------------------------------------------------------------


def remarks(card: CardReport, now: datetime) -> Iterator[str]:
    """What is to be said of this card alone; what holds for its whole site is said once."""
    for alarm in card.alarms:
        if alarm.listing_id is not None and alarm.kind is not AlarmKind.GAP:
            yield alarm_told(alarm, now)
    yield from unalarming(card)


def unalarming(card: CardReport) -> Iterator[str]:
    """What is to be said of this card where its alarms are told elsewhere."""
    if card.error and card.error[1] not in {alarm.message for alarm in card.alarms}:
        yield card.error[1]
    if told := shortfall(card):
        yield told


def shortfall(card: CardReport) -> str:
    """Why the card shows fewer reviews than its site declares; "" where it does not."""
    listing, template = card.listing, SHORTFALLS.get(card.shown.why, "")
    return template.format(
        missing=card.shown.missing,
        usual=f"не хватает {listing.usual_gap}" if listing.usual_gap else "видны все",
        seen=listing.complete_seen,
    )


def alarm_told(alarm: Alarm, now: datetime) -> str:
    return f"{wording.ALARMS[alarm.kind]} ({wording.duration(now - alarm.raised_at)}): {alarm.message}"


def pace_told(card: CardReport, site: str) -> str:
    """Asked only where the pace is too slow."""
    assert card.allows is not None
    return (
        f"{site}: такой темп позволяет читать карточку раз в {wording.duration(card.allows)}, а задано "
        f"раз в {wording.duration(card.every)}; уменьшите pace, если сайт это разрешает, или увеличьте every"
    )


def slow_hosts(cards: Sequence[CardReport]) -> Iterator[str]:
    """Where the pace is too slow for what is configured, host by host."""
    by_host: dict[tuple[str, str], CardReport] = {}
    for card in cards:
        by_host.setdefault((card.listing.source, card.host), card)
    names = [name for name, _ in by_host]
    for (name, host), card in by_host.items():
        if card.allows is not None:
            yield pace_told(card, f"{card.source_title} ({host})" if names.count(name) > 1 else card.source_title)
