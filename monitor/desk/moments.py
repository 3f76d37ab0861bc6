"""When something was or will be, where it is."""

from dataclasses import dataclass
from datetime import datetime

from monitor import wording
from monitor.desk.context import Desk
from monitor.desk.rows import iso
from monitor.desk.visit import Visit


@dataclass(frozen=True, slots=True)
class Moment:
    """For machines and for people."""

    iso: str
    told: str


def moment(desk: Desk, visit: Visit, at: datetime, place: str = "") -> Moment:
    """At the place; without one at the first that the visitor may see."""
    places, own = desk.application.config.places, visit.account.places
    there = (found for found in places if found.id == place)
    seen = (found for found in places if own is None or found.id in own)
    found = next(there, None) or next(seen, places[0])
    return Moment(iso(at), wording.moment(at, found.timezone, visit.now))
