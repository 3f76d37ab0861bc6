"""The places of config.yaml and their cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor import config_values as values
from monitor.config_calendar import CalendarSettings
from monitor.config_escalation import PlaceEscalation, read_place_escalation
from monitor.config_file import Entry, Section
from monitor.config_sla import PlaceSla, read_place_sla


@dataclass(frozen=True, slots=True)
class Listing:
    """A place's card on a site. `id` is the site's id; `params` the other keys (Google: account, location)."""

    source: str
    id: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    id: str
    title: str
    timezone: str = "Europe/Moscow"
    listings: tuple[Listing, ...] = ()
    sla: PlaceSla = field(default_factory=PlaceSla)
    escalation: PlaceEscalation = field(default_factory=PlaceEscalation)


def read_places(root: Section, calendars: Mapping[str, CalendarSettings]) -> tuple[Place, ...]:
    places: list[Place] = []
    place_at: dict[str, str] = {}
    card_at: dict[tuple[object, ...], str] = {}
    for entry in root.items("places", example="[{id: lenina, title: На Ленина, listings: []}]"):
        section = entry.section()
        section.allow("id", "title", "timezone", "listings", "sla", "escalation")
        place = Place(
            id=section.read("id", values.identifier, "", example="lenina"),
            title=section.read("title", values.text, "", example="«Ромашка» на Ленина"),
            timezone=section.read("timezone", values.timezone, "Europe/Moscow"),
            listings=tuple(_listing(item, card_at) for item in section.items("listings")),
            sla=read_place_sla(section.section("sla"), calendars),
            escalation=read_place_escalation(section.section("escalation")),
        )
        if place.id and place.id in place_at:
            section.refuse("id", f"is taken by {place_at[place.id]}: every place needs its own")
        place_at.setdefault(place.id, section.path)
        places.append(place)
    return tuple(places)


def _listing(entry: Entry, card_at: dict[tuple[object, ...], str]) -> Listing:
    section = entry.section()
    section.allow("source", "id", "account", "location")
    listing = Listing(
        source=section.read("source", values.source_name, "", example="yandex_maps"),
        id=section.read("id", values.text, ""),
        params={key: section.read(key, values.text, "") for key in ("account", "location") if key in section.entries},
    )
    if section.there and "id" not in section.entries and len(listing.params) < 2:
        section.refuse("id", "is missing: write the card's `id`, or for google_business its `account` and `location`")
    card = (listing.source, listing.id, *sorted(listing.params.items()))
    if listing.source and card in card_at:
        entry.refuse(f"is the same card as {card_at[card]}: keep one")
    card_at.setdefault(card, entry.path)
    return listing
