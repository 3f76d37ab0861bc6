"""Changing settings at the desk: tried before they are kept, refused where they would stop something, and undone.

form → Change → tried (an application as it would be) → moved (whose deadlines) → save → recount
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor import tickets as life
from monitor import wording
from monitor.accounts import Deed
from monitor.assemble.application import Application
from monitor.config import Config
from monitor.config_overlay import HEARS, KINDS, SLA_CALENDAR, Setting, split
from monitor.effective import effective, named, reason
from monitor.errors import NotFound, UsageError
from monitor.hearing import DANGER, LONG_LATE, unheard
from monitor.jobs.recount import Recount
from monitor.store.settings import Setting as Kept

MOST_TRIED = 2000
"""Tickets whose deadlines are counted by way of trial: the page must not wait for more."""

AT_PLACES = (SLA_CALENDAR, HEARS)
"""Kinds of settings that may be of one place."""

UNHEARD = {DANGER: "об опасном отзыве", LONG_LATE: "о давно просроченном отзыве"}
"""Of what nobody would hear."""

MOST_BATCHES = 4
"""Of a recount at once; what is left the next pass does."""


@dataclass(frozen=True, slots=True)
class Change:
    """`value` as the overlay has it, JSON; None takes back what the desk had set. `seen`: the state that was changed, 0
    for none."""

    kind: str
    name: str
    value: str | None
    seen: int

    @classmethod
    def to(cls, kind: str, name: str, value: object, seen: int) -> "Change":
        return cls(kind, name, json.dumps(value, ensure_ascii=False), seen)


@dataclass(frozen=True, slots=True)
class Moved:
    """How many running deadlines a change moves, and how many it makes late at once; `more`: there are tickets beyond
    those that were tried."""

    earlier: int = 0
    later: int = 0
    late: int = 0
    more: bool = False


def tried(
    app: Application, changes: Sequence[Change], *, actor: str, now: datetime, places: Collection[str] | None = None
) -> Application:
    """The application as it would be. Raises UsageError when a change does not fit, when something else would fit no
    longer, or when nobody would hear of a breach or a danger. `places`: those that may be named to whoever asks."""
    settings: dict[tuple[str, str], Setting] = {
        (setting.kind, setting.name): setting for setting in app.store.settings.all() if setting.kind in KINDS
    }
    before, _ = effective(app.config, list(settings.values()), now)
    for change in changes:
        settings.pop((change.kind, change.name), None)
        if change.value is not None:
            settings[change.kind, change.name] = Kept(0, change.kind, change.name, change.value, now, actor)
    after, wrong = effective(app.config, list(settings.values()), now, version=-1)
    if wrong:
        # A path may name people and calendars of other places.
        what = f": {wrong[0].path}. Сначала поправьте его" if places is None else ". Обратитесь к администратору"
        raise UsageError(f"от этого зависит config.yaml{what}")
    _check_fit(before, after, changes, places)
    trial = app.following(after)
    _check_heard(app.following(before), trial, now, places)
    return trial


def _check_fit(before: Config, after: Config, changes: Sequence[Change], places: Collection[str] | None = None) -> None:
    changed = {(change.kind, change.name) for change in changes}
    unfit = {(left.setting.kind, left.setting.name) for left in before.left_out}
    titles = {place.id: place.title for place in after.places}
    for left in after.left_out:
        key = (left.setting.kind, left.setting.name)
        what = named(*key, titles)
        if key in changed:
            raise UsageError(f"{what}: {reason(after, left)}")
        if key not in unfit:
            # What it is and why not would name people and calendars.
            shown = places is None or (left.setting.kind in AT_PLACES and split(left.setting.name)[0] in places)
            why = f"другая настройка, {what}: {reason(after, left)}" if shown else "другая настройка, не Ваших точек"
            raise UsageError(f"тогда перестала бы действовать {why}")


def _check_heard(before: Application, after: Application, now: datetime, places: Collection[str] | None) -> None:
    today = {place.id: now.astimezone(after.zone(place.id)).date() for place in after.config.places}
    found_after = unheard(after.ladder, today)
    # Whoever leaves for a while on which nobody was there anyhow is not to blame.
    new = sorted(found_after - unheard(before.ladder, today, {found.day for found in found_after}))
    if new:
        found = new[0]
        what = UNHEARD.get(found.what, "о просроченном отзыве")
        day = wording.date_told(found.day, today[found.place])
        shown = [one.place for one in new if one.day == found.day and (places is None or one.place in places)]
        where = f" ({after.titles[shown[0]]})" if shown else ""
        raise UsageError(
            f"{what}{where} {day} никто не узнал бы: все, кому об этом пишут, отсутствуют, и замещать их некому"
        )


def moved(app: Application, trial: Application, now: datetime) -> Moved:
    """What a change would do to running deadlines."""
    fingerprint = trial.policies.fingerprint
    if fingerprint == app.policies.fingerprint:
        return Moved()
    found = app.store.tickets.outdated(fingerprint, MOST_TRIED + 1)
    earlier = later = late = 0
    for ticket, place in found[:MOST_TRIED]:
        due = life.recounted(ticket, now, trial.policies.of(place)).ticket.due_at
        if due is None or ticket.due_at is None or due == ticket.due_at:
            continue
        earlier += due < ticket.due_at
        later += due > ticket.due_at
        late += due <= now < ticket.due_at
    return Moved(earlier, later, late, len(found) > MOST_TRIED)


def save(
    app: Application,
    changes: Sequence[Change],
    deed: Deed,
    *,
    actor: str,
    now: datetime,
    address: str = "",
    places: Collection[str] | None = None,
) -> Application:
    """Keeps what changes something, with its line in the audit log; the application that holds from now on. Raises
    UsageError as `tried` does, Conflict when somebody changed one of them meanwhile: then nothing is kept."""
    with app.store.write():
        ours = [change for change in changes if change.kind in KINDS]
        if ours:
            tried(app, ours, actor=actor, now=now, places=places)
        for change in changes:
            latest = app.store.settings.latest(change.kind, change.name)
            if change.value == (latest.value if latest else None):
                continue
            app.store.settings.put(change.kind, change.name, change.value, seen=change.seen, actor=actor, now=now)
            what = named(change.kind, change.name, dict(app.titles))
            app.store.accounts.record(deed, actor=actor, what=what, now=now, address=address)
    return app.current()


def undo(
    app: Application,
    kind: str,
    name: str,
    *,
    seen: int,
    actor: str,
    now: datetime,
    address: str = "",
    places: Collection[str] | None = None,
) -> Application:
    """Back to the state before the latest one, as a new state; where neither holds, to what the files say: there is
    nothing else to go back to. `seen`: the latest one, as whoever undoes it saw it. Raises NotFound where nothing was
    ever set."""
    history = app.store.settings.history(kind, name, 2)
    if not history:
        raise NotFound(f"{named(kind, name)}: здесь ещё ничего не меняли")
    before = history[1].value if len(history) > 1 else None

    def back_to(value: str | None) -> Application:
        change = Change(kind, name, value, seen)
        return save(app, [change], Deed.SETTING_UNDONE, actor=actor, now=now, address=address, places=places)

    try:
        return back_to(before)
    except UsageError:
        if before is None or (kind, name) not in [(one.setting.kind, one.setting.name) for one in app.config.left_out]:
            raise
    return back_to(None)


def recount(app: Application) -> None:
    """Moves the first of the deadlines at once: whoever changed a calendar looks at the queue next."""
    job = Recount(store=app.store, clock=app.clock, policies=app.policies, log=app.log)
    for _ in range(MOST_BATCHES):
        if not job.run():
            break
