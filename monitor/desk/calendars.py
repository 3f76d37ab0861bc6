"""Working hours: each calendar as a form that is tried before it is kept, and which promises are counted by which.

fields → Draft → meant → Change → trial (shown) → the same fields with its mark → save
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from monitor import config_values, wording
from monitor.accounts import Permission
from monitor.assemble import Application, changes
from monitor.assemble.changes import Change
from monitor.config import Config
from monitor.config_calendar import ALWAYS, CalendarSettings
from monitor.config_overlay import CALENDAR
from monitor.desk import calendar_trial as trials
from monitor.desk import settings as shared
from monitor.desk.calendar_form import ZONES, Draft, exceptions_told, meant, week_told
from monitor.desk.calendar_trial import Trial
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.promise_form import HOME, Choice, choices, is_seen
from monitor.desk.settings import MOST_STATES, State, check_whole, is_sure, is_whole, number, set_by
from monitor.desk.visit import Visit
from monitor.effective import effective
from monitor.errors import Conflict, NotFound, UsageError
from monitor.store.settings import Setting

CALENDARS = HOME

DONE = {
    **shared.DONE,
    "saved": "Календарь сохранён.",
    "removed": "Календарь убран.",
    "chosen": "Сохранено: сроки считаются по-новому.",
}

NEW = "new"
"""In place of a name."""


@dataclass(frozen=True, slots=True)
class Card:
    """A calendar in the list. `set_by` None: the file says it."""

    name: str
    address: str
    zone: str
    week: str
    exceptions: tuple[str, ...]
    uses: str
    set_by: State | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page of one calendar shows. `name` "" for a new one, whose name so far is `typed`. `complaints` by
    field, "" for the whole; `theirs`: what somebody kept meanwhile."""

    name: str
    draft: Draft
    seen: int
    complaints: dict[str, str]
    trial: Trial | None = None
    theirs: State | None = None
    typed: str = ""

    @property
    def complaint(self) -> str:
        return self.complaints.get("", "")


def address_of(name: str) -> str:
    return f"{CALENDARS}/of/{quote(name, safe='')}"


# --- the list ---------------------------------------------------------------------------------------------


def calendars(desk: Desk, visit: Visit) -> Response:
    return _list(desk, visit)


def _list(desk: Desk, visit: Visit, choice: Choice | None = None, status: int = 200) -> Response:
    app, account = desk.application, visit.account
    seen = [name for name in app.config.calendars if is_seen(app, name, account)]
    scope = choice or Choice.of(desk, visit, visit.query("place"))
    return desk.pages.show(
        "settings_calendars",
        status,
        visit=visit,
        notice=DONE.get(visit.query("done"), ""),
        cards=[_card(desk, visit, name) for name in seen],
        choices=list(choices(desk, visit)),
        choice=scope,
        whole=is_whole(account),
        new=f"{CALENDARS}/{NEW}",
        unfit=shared.unfit(desk, visit),
    )


def _card(desk: Desk, visit: Visit, name: str) -> Card:
    settings = desk.application.config.calendars[name]
    return Card(
        name=name,
        address=address_of(name),
        zone=ZONES.get(settings.timezone, settings.timezone),
        week=week_told(settings),
        exceptions=tuple(exceptions_told(settings)),
        uses=trials.uses(desk.application, name, visit.account),
        set_by=set_by(desk, visit, CALENDAR, name),
    )


# --- one calendar -----------------------------------------------------------------------------------------


def calendar(desk: Desk, visit: Visit) -> Response:
    """The form, or for whoever does not see all places the hours alone."""
    name = _name(desk, visit)
    settings = desk.application.config.calendars[name]
    sheet = Sheet(name, Draft.of(settings), shared.seen(desk, CALENDAR, name), {})
    return _sheet(desk, visit, sheet)


def new_calendar(desk: Desk, visit: Visit) -> Response:
    check_whole(visit.account)
    week = (((("9:00", "18:00"),),) * 5) + ((), ())
    zone = desk.application.config.places[0].timezone
    return _sheet(desk, visit, Sheet("", Draft(base=True, timezone=zone, week=week), 0, {}))


def _name(desk: Desk, visit: Visit) -> str:
    """Of a calendar that holds. Raises NotFound, also for one that is none of the visitor's places'."""
    name = str(visit.request.path_params["name"])
    if name not in desk.application.config.calendars or not is_seen(desk.application, name, visit.account):
        raise NotFound("no such calendar, or of other places")
    return name


def _sheet(desk: Desk, visit: Visit, sheet: Sheet, status: int = 200) -> Response:
    app, whole = desk.application, is_whole(visit.account)
    settings = app.config.calendars.get(sheet.name)
    if visit.wants_fragment:
        return desk.pages.show("settings_calendar_trial", status, visit=visit, sheet=sheet)
    zones = dict(ZONES)
    zones.setdefault(sheet.draft.timezone, wording.one_line(sheet.draft.timezone, 60))
    return desk.pages.show(
        "settings_calendar",
        status,
        visit=visit,
        notice=DONE.get(visit.query("done"), ""),
        sheet=sheet,
        zones=zones,
        card=_card(desk, visit, sheet.name) if settings else None,
        hours=trials.told(app, sheet.name, visit.now) if settings else None,
        states=list(_states(desk, visit, sheet.name)) if settings and whole else [],
        whole=whole,
        home=CALENDARS,
        action=address_of(sheet.name) if settings else f"{CALENDARS}/{NEW}",
        written=sheet.name in _file(app, visit).calendars,
    )


def _file(app: Application, visit: Visit) -> Config:
    """What config.yaml says without the desk."""
    return effective(app.config, [], visit.now)[0]


def _states(desk: Desk, visit: Visit, name: str) -> Iterator[State]:
    for index, found in enumerate(desk.store.settings.history(CALENDAR, name, MOST_STATES)):
        yield shared.state(desk, visit, found, _said(desk.application, visit, found), newest=not index)


def _said(app: Application, visit: Visit, found: Setting) -> str:
    """What a state says: read as the file would be; "" where it was taken back."""
    if found.value is None:
        return ""
    settings = _read(app, visit, found)
    return "; ".join([week_told(settings), *exceptions_told(settings)]) if settings else "запись с ошибкой"


def _read(app: Application, visit: Visit, found: Setting) -> CalendarSettings | None:
    only = replace(found, name="state") if found.name == ALWAYS else found
    config, _ = effective(app.config, [only], visit.now)
    return None if config.left_out else config.calendars.get(only.name)


# --- keeping it -----------------------------------------------------------------------------------------


def save(desk: Desk, visit: Visit) -> Response:
    """Tries what the fields say and shows what it would do; keeps it when that has been seen."""
    check_whole(visit.account)
    return _save(desk, visit, _name(desk, visit))


def make(desk: Desk, visit: Visit) -> Response:
    check_whole(visit.account)
    name = visit.form["name"].strip()
    if complaint := _wrong_name(desk, name):
        return _sheet(desk, visit, Sheet("", Draft.read(visit.form), 0, {"name": complaint}, typed=name), 400)
    return _save(desk, visit, name, new=True)


def _wrong_name(desk: Desk, name: str) -> str:
    try:
        config_values.identifier(name)
    except ValueError:
        return "Назовите календарь латинскими буквами без пробелов, например office или night-shift."
    if name == ALWAYS:
        return "Так называется круглосуточный календарь. Выберите другое название."
    return "Такой календарь уже есть: выберите другое название." if name in desk.application.config.calendars else ""


def _save(desk: Desk, visit: Visit, name: str, *, new: bool = False) -> Response:
    draft = Draft.read(visit.form)
    found = meant(draft)
    # A new one may have had a namesake once: nothing of that is shown to whoever makes it.
    seen = shared.left_behind(desk, CALENDAR, name) if new else number(visit.form["seen"])
    sheet = Sheet("" if new else name, draft, seen, found.complaints, typed=name)
    if found.complaints:
        return _sheet(desk, visit, sheet, 400)
    wanted = [Change.to(CALENDAR, name, found.value, seen)]
    try:
        if seen != shared.seen(desk, CALENDAR, name):
            return _sheet(desk, visit, _beside_theirs(desk, visit, name, sheet), 409)
        sheet = replace(sheet, trial=trials.trial(desk, visit, name, wanted))
        if visit.wants_fragment or not is_sure(visit, wanted):
            return _sheet(desk, visit, sheet)
        if not new and found.value == meant(Draft.of(desk.application.config.calendars[name])).value:
            return RedirectResponse(f"{address_of(name)}?done=same", 303)  # what config.yaml says goes on to hold
        return _kept(desk, visit, wanted, f"{address_of(name)}?done=saved")
    except Conflict:
        return _sheet(desk, visit, _beside_theirs(desk, visit, name, sheet), 409)
    except UsageError as error:
        return _sheet(desk, visit, replace(sheet, complaints={"": desk.pages.sentence(error)}, trial=None), 400)


def _beside_theirs(desk: Desk, visit: Visit, name: str, sheet: Sheet) -> Sheet:
    """Both stand on the page: what the other kept, and what this one typed, which may now take its place."""
    latest = desk.store.settings.latest(CALENDAR, name)
    if latest is None:  # nobody was faster: somebody has tampered with the form
        return replace(sheet, complaints={"": shared.OUTDATED}, seen=0, trial=None)
    theirs = shared.state(desk, visit, latest, _said(desk.application, visit, latest))
    return replace(sheet, theirs=theirs, seen=latest.id, trial=None)


def _kept(desk: Desk, visit: Visit, wanted: Sequence[Change], goal: str) -> Response:
    changes.recount(shared.keep(desk, visit, wanted))
    return RedirectResponse(goal, 303)


def undo(desk: Desk, visit: Visit) -> Response:
    """Back to the state before the latest one."""
    check_whole(visit.account)
    name = _name(desk, visit)
    after = shared.take_back(desk, visit, CALENDAR, name)
    changes.recount(after)
    there = name in after.config.calendars
    return RedirectResponse(f"{address_of(name)}?done=undone" if there else f"{CALENDARS}?done=removed", 303)


def drop(desk: Desk, visit: Visit) -> Response:
    """Back to what the file says; a calendar that only the desk knows is gone then."""
    check_whole(visit.account)
    name = _name(desk, visit)
    written = name in _file(desk.application, visit).calendars
    goal = f"{address_of(name)}?done=dropped" if written else f"{CALENDARS}?done=removed"
    return _kept(desk, visit, [Change(CALENDAR, name, None, number(visit.form["seen"]))], goal)


# --- which promise by which calendar ------------------------------------------------------------------------


def choose(desk: Desk, visit: Visit) -> Response:
    choice = Choice.read(desk, visit)
    wanted = choice.changes()
    if not wanted:
        return RedirectResponse(f"{choice.home}&done=same", 303)
    if strange := choice.strange():
        told = f"Календаря «{shared.told(strange)}» нет: выберите из списка."
        return _list(desk, visit, replace(choice, complaint=told), 400)
    account = visit.account
    try:
        app = changes.tried(desk.application, wanted, actor=account.login, now=visit.now, places=account.places)
        if not is_sure(visit, wanted):
            told = shared.moved_told(changes.moved(desk.application, app, visit.now))
            return _list(desk, visit, replace(choice, moved=told, mark=shared.mark(wanted)))
        return _kept(desk, visit, wanted, f"{choice.home}&done=chosen")
    except Conflict:
        told = "Пока Вы выбирали, это изменили. Ниже Ваш выбор, рядом сказано, что стоит там теперь."
        return _list(desk, visit, choice.anew(desk, visit, told), 409)
    except UsageError as error:
        return _list(desk, visit, replace(choice, complaint=desk.pages.sentence(error)), 400)


PAGES = (
    Page(CALENDARS, calendars, Permission.CALENDARS),
    Page(f"{CALENDARS}/promises", choose, Permission.CALENDARS, ("POST",)),
    Page(f"{CALENDARS}/{NEW}", new_calendar, Permission.CALENDARS),
    Page(f"{CALENDARS}/{NEW}", make, Permission.CALENDARS, ("POST",)),
    Page(f"{CALENDARS}/of/{{name}}", calendar, Permission.CALENDARS),
    Page(f"{CALENDARS}/of/{{name}}", save, Permission.CALENDARS, ("POST",)),
    Page(f"{CALENDARS}/of/{{name}}/undo", undo, Permission.CALENDARS, ("POST",)),
    Page(f"{CALENDARS}/of/{{name}}/drop", drop, Permission.CALENDARS, ("POST",)),
    *trials.PAGES,
)
