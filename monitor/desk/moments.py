"""When something was or will be, where it is."""

from datetime import datetime

from monitor import wording
from monitor.desk.context import Desk
from monitor.desk.people import Moment
from monitor.desk.rows import iso
from monitor.desk.visit import Visit


def moment(desk: Desk, visit: Visit, at: datetime, place: str = "") -> Moment:
    """At the place; without one at the first that the visitor may see."""
    zones = {found.id: found.timezone for found in desk.application.config.places}
    own = [place, *(zone for zone in zones if visit.account.places is None or zone in visit.account.places), *zones]
    zone = next(zones[name] for name in own if name in zones)
    return Moment(iso(at), wording.moment(at, zone, visit.now))
