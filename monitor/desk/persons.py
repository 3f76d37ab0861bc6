"""People who hear of reviews: their addresses, who stands in for whom, and when somebody is away. Everybody looks after
their own absences; owners after everybody's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from monitor import wording
from monitor.accounts import Account, Permission
from monitor.assemble import Application
from monitor.assemble.changes import Change
from monitor.config_escalation import Person, box
from monitor.config_overlay import PERSON
from monitor.desk import hearers
from monitor.desk import settings as shared
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.person_form import PersonDraft, meant, wrong_name
from monitor.desk.settings import MOST_STATES, State, check_whole, is_whole, number, set_by
from monitor.desk.visit import Visit
from monitor.effective import effective
from monitor.errors import Conflict, NotFound, UsageError
from monitor.ladder import holds, readers, roles_at
from monitor.store.settings import Setting

NOTIFICATIONS = "/settings/notifications"
PERSON_PAGE = f"{NOTIFICATIONS}/person"
MINE = f"{NOTIFICATIONS}/mine"

ONLY_BY = {
    "owner": (Permission.CALENDARS, "Ваш адрес стоит в списке владельцев"),
    "lead": (Permission.ASSIGN, "Ваш адрес стоит в списке тех, кто руководит ответами"),
}
"""What somebody must be allowed at a place to turn away the mail of a list there by being away; why they may not."""


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Somebody in the list."""

    name: str
    address: str
    email: str
    away: tuple[str, ...]
    substitute: str
    set_by: State | None


@dataclass(frozen=True, slots=True)
class PersonSheet:
    """The form about one person. `name` "" for somebody new; `others`: who may stand in; `theirs`: what somebody kept
    meanwhile; `mine`: somebody's own form, which leaves the address alone; `stale`: it was made of another state than
    holds now."""

    name: str
    draft: PersonDraft
    seen: int
    others: tuple[str, ...]
    complaints: dict[str, str] = field(default_factory=dict)
    theirs: State | None = None
    typed: str = ""
    mine: bool = False
    stale: bool = False

    @property
    def status(self) -> int:
        """Of the answer that shows it again."""
        return 409 if self.stale else 400

    @property
    def complaint(self) -> str:
        return self.complaints.get("", "")


def person_address(name: str, **more: str) -> str:
    return f"{PERSON_PAGE}?{urlencode({'name': name, **more})}"


def card(desk: Desk, visit: Visit, name: str) -> PersonCard:
    person = _people(desk)[name]
    return PersonCard(
        shared.told(name),
        person_address(name),
        person.email,
        tuple(_absences(person, _today(desk, visit))),
        shared.told(person.substitute),
        set_by(desk, visit, PERSON, name),
    )


def _absences(person: Person, today: date) -> Iterator[str]:
    for first, last in sorted(person.away):
        if last >= today:
            begins, ends = wording.date_told(first, today), wording.date_told(last, today)
            yield begins if first == last else f"{begins} — {ends}"


def _people(desk: Desk) -> Mapping[str, Person]:
    return desk.application.config.escalation.people


def _today(desk: Desk, visit: Visit) -> date:
    """At the first place."""
    return visit.now.astimezone(desk.application.zone("")).date()


# --- somebody ---------------------------------------------------------------------------------------------


def person(desk: Desk, visit: Visit) -> Response:
    check_whole(visit.account)
    name, people = visit.query("name"), _people(desk)
    if name and name not in people:
        raise NotFound("nobody is called so")
    if name:
        draft, seen = PersonDraft.of(people[name], _today(desk, visit)), shared.seen(desk, PERSON, name)
        return _sheet(desk, visit, PersonSheet(name, draft, seen, _others(people, name)))
    asked = next((one for one in _not_yet(desk) if one.login == visit.query("account")), None)
    draft = PersonDraft() if asked is None else PersonDraft(asked.email)
    typed = "" if asked is None else asked.login
    return _sheet(desk, visit, PersonSheet("", draft, 0, _others(people, ""), typed=typed))


def _not_yet(desk: Desk) -> list[Account]:
    """Accounts that a person may be made of: by their login, with an address that is known to be theirs, and whose mail
    is nobody else's."""
    people = _people(desk)
    taken = {box(one.email) for one in people.values()}
    return [
        account
        for account in desk.store.accounts.vouched()
        if account.active and account.email and account.login not in people and box(account.email) not in taken
    ]


def _others(people: Mapping[str, Person], name: str) -> tuple[str, ...]:
    return tuple(other for other in people if other != name)


def _sheet(desk: Desk, visit: Visit, sheet: PersonSheet, status: int = 200) -> Response:
    file, _ = effective(desk.application.config, [], visit.now)
    return desk.pages.show(
        "settings_person",
        status,
        visit=visit,
        notice=shared.DONE.get(visit.query("done"), ""),
        sheet=sheet,
        accounts=[] if sheet.name else [(one.login, _called(one)) for one in _not_yet(desk)],
        states=list(_states(desk, visit, sheet.name)) if sheet.name else [],
        set_by=set_by(desk, visit, PERSON, sheet.name),
        written=sheet.name in file.escalation.people,
        action=PERSON_PAGE,
        home=NOTIFICATIONS,
    )


def _called(account: Account) -> str:
    """«Анна, anna@example.ru»"""
    called = account.name if account.name == account.login else f"{account.name} ({account.login})"
    return f"{shared.told(called)}, {account.email}"


def _states(desk: Desk, visit: Visit, name: str) -> Iterator[State]:
    for index, found in enumerate(desk.store.settings.history(PERSON, name, MOST_STATES)):
        yield shared.state(desk, visit, found, _said(desk, visit, found), newest=not index)


def _said(desk: Desk, visit: Visit, found: Setting) -> str:
    """What a state says: read as the file would be, among those whom the desk knows besides; "" where it was taken
    back."""
    if found.value is None:
        return ""
    others = [one for one in desk.application.config.settings if one.kind == PERSON and one.name != found.name]
    config, _ = effective(desk.application.config, [*others, found], visit.now)
    if found.name in [left.setting.name for left in config.left_out]:
        return "запись, которая больше не подходит"
    person = config.escalation.people[found.name]
    away = ", ".join(_absences(person, date.min)) or "никогда не отсутствует"
    substitute = f"; замещающий: {shared.told(person.substitute)}" if person.substitute else ""
    return f"{person.email}; {'отсутствует ' if person.away else ''}{away}{substitute}"


def save(desk: Desk, visit: Visit) -> Response:
    """Somebody who is known (`person`), or somebody new (`name`)."""
    check_whole(visit.account)
    people, name = _people(desk), visit.form["person"]
    if name and name not in people:
        raise NotFound("nobody is called so")
    called = name or visit.form["name"].strip()
    seen = number(visit.form["seen"]) if name else shared.left_behind(desk, PERSON, called)
    sheet = PersonSheet(name, PersonDraft.read(visit.form), seen, _others(people, name), typed=called)
    if not name and (complaint := wrong_name(called, people)):
        return _sheet(desk, visit, replace(sheet, complaints={"name": complaint}), 400)
    if complaint := _anothers(desk, visit, called, sheet.draft.email):
        return _sheet(desk, visit, replace(sheet, complaints={"email": complaint}), 400)
    kept = _tried(desk, visit, called, sheet)
    if isinstance(kept, PersonSheet):
        return _sheet(desk, visit, kept, kept.status)
    return RedirectResponse(person_address(called, done="saved"), 303)


def _anothers(desk: Desk, visit: Visit, name: str, email: str) -> str:
    """Why the address cannot be that person's, as a sentence; "". Whoever reads a mail acts by its buttons under the
    name that the settings give to the address: under a login of somebody who has another one that is for those alone to
    say who look after accounts."""
    known, account = _people(desk).get(name), desk.store.accounts.find(name)
    if visit.account.may(Permission.ACCOUNTS) or (known is not None and box(known.email) == box(email)):
        return ""
    if account is None or not account.email or box(account.email) == box(email):
        return ""
    return (
        f"У учётной записи {account.login} другой адрес, а кнопки в письмах действовали бы от её имени. Впишите тот же "
        "адрес или попросите администратора."
    )


def _tried(desk: Desk, visit: Visit, name: str, sheet: PersonSheet) -> PersonSheet | None:
    """Keeps it; what is to be shown where it cannot be kept."""
    found = meant(sheet.draft)
    if found.complaints:
        return replace(sheet, complaints=found.complaints)
    known = _people(desk).get(name)
    if known is not None and found.value == meant(PersonDraft.of(known, _today(desk, visit))).value:
        return None  # as it is: what config.yaml says goes on to hold
    try:
        shared.keep(desk, visit, [Change.to(PERSON, name, found.value, sheet.seen)])
    except Conflict:
        latest = desk.store.settings.latest(PERSON, name)
        if latest is None:  # nobody was faster: somebody has tampered with the form
            return replace(sheet, complaints={"": shared.OUTDATED}, seen=0, stale=True)
        theirs = shared.state(desk, visit, latest, _said(desk, visit, latest))
        return replace(sheet, theirs=theirs, seen=latest.id, stale=True)
    except UsageError as error:
        return replace(sheet, complaints={"": desk.pages.sentence(error)})
    return None


def undo(desk: Desk, visit: Visit) -> Response:
    check_whole(visit.account)
    name = visit.form["person"]
    after = shared.take_back(desk, visit, PERSON, name)
    return RedirectResponse(_after(after, name, "undone"), 303)


def drop(desk: Desk, visit: Visit) -> Response:
    """Back to what the file says; somebody whom only the desk knows is gone then."""
    check_whole(visit.account)
    name = visit.form["person"]
    after = shared.keep(desk, visit, [Change(PERSON, name, None, number(visit.form["seen"]))])
    return RedirectResponse(_after(after, name, "dropped"), 303)


def _after(app: Application, name: str, done: str) -> str:
    there = name in app.config.escalation.people
    return person_address(name, done=done) if there else f"{NOTIFICATIONS}?done=removed"


# --- oneself ----------------------------------------------------------------------------------------------


def mine(desk: Desk, visit: Visit) -> Response:
    """What comes to the visitor's own address and why, and when they are away."""
    return _mine(desk, visit, _own_sheet(desk, visit))


def _own_name(desk: Desk, account: Account) -> str:
    """The account's login where the settings know somebody of that name with its address, else "". The address alone
    proves nothing: everybody may write another one into their own account, and would then look after somebody else's
    absences, or be away in the owner's stead."""
    person = _people(desk).get(account.login)
    return account.login if person is not None and box(person.email) == box(account.email) else ""


def _not_theirs(desk: Desk, account: Account) -> str:
    """Why somebody does not look after their own absences, as half a sentence; "". Mail that others read too, or that
    is for whoever has more to say than they, does not go elsewhere because they are away."""
    if not _own_name(desk, account):
        return f"в настройках нет человека по имени {account.login} с Вашим адресом"
    if len(readers(_people(desk), account.email)) > 1:
        return "Ваш адрес записан и за другими людьми"
    config = desk.application.config
    for place in config.places:
        roles = roles_at(config.escalation, place.escalation)
        for role, (permission, why) in ONLY_BY.items():
            if holds(getattr(roles, role), account.email) and not account.may(permission, place.id):
                return f"{why} и на других точках" if account.may(permission) else why
    return ""


def _own_sheet(desk: Desk, visit: Visit) -> PersonSheet | None:
    """None where they do not look after that themselves."""
    account, name = visit.account, visit.account.login
    if _not_theirs(desk, account):
        return None
    draft = PersonDraft.of(_people(desk)[name], _today(desk, visit))
    seen = known_people(desk, account)
    others = tuple(other for other in _people(desk) if other != name and (other in seen or other == draft.substitute))
    return PersonSheet(name, draft, shared.seen(desk, PERSON, name), others, mine=True)


def known_people(desk: Desk, account: Account) -> dict[str, Person]:
    """By name: of people at other places whoever does not see those learns nothing."""
    app, own = desk.application, account.places
    if own is None:
        return dict(_people(desk))
    near = {box(one.email) for one in desk.store.accounts.all() if one.places is None or one.places & own}
    for place in app.config.places:
        if place.id in own:
            roles = roles_at(app.config.escalation, place.escalation)
            near.update(map(box, (*roles.support, *roles.lead, *roles.owner)))
    return {name: person for name, person in _people(desk).items() if box(person.email) in near}


def _mine(desk: Desk, visit: Visit, sheet: PersonSheet | None, status: int = 200) -> Response:
    account = visit.account
    name = _own_name(desk, account)
    return desk.pages.show(
        "settings_mine",
        status,
        visit=visit,
        notice=shared.DONE.get(visit.query("done"), ""),
        comings=list(hearers.coming(desk.application, account, name, visit.now)) if account.email else [],
        sheet=sheet,
        not_theirs=_not_theirs(desk, account),
        lists=NOTIFICATIONS if account.may(Permission.CALENDARS) else "",
        record=_own_record(desk, account),
        entry=f"/people/{account.id}" if account.may(Permission.ACCOUNTS) else "",
        action=MINE,
        home=MINE,
        states=[],
    )


def _own_record(desk: Desk, account: Account) -> str:
    """Where they look after their own record among everybody's; "" where that is not for them."""
    if not (account.may(Permission.CALENDARS) and is_whole(account)):
        return ""
    known = account.login in _people(desk)
    return person_address(account.login) if known else f"{PERSON_PAGE}?{urlencode({'account': account.login})}"


def save_mine(desk: Desk, visit: Visit) -> Response:
    """The address stays: whose mail goes where is for owners to say."""
    sheet = _own_sheet(desk, visit)
    if sheet is None:
        raise UsageError(f"{_not_theirs(desk, visit.account)}: попросите владельца вписать, когда Вас не будет")
    draft = PersonDraft.read(visit.form, sheet.draft.email)
    sheet = replace(sheet, draft=draft, seen=number(visit.form["seen"]))
    if draft.substitute and draft.substitute not in sheet.others:
        return _mine(desk, visit, replace(sheet, complaints={"substitute": "Выберите замещающего из списка."}), 400)
    kept = _tried(desk, visit, sheet.name, sheet)
    if kept is not None:
        return _mine(desk, visit, kept, kept.status)
    return RedirectResponse(f"{MINE}?done=saved", 303)


PAGES = (
    Page(MINE, mine, Permission.SELF),
    Page(MINE, save_mine, Permission.SELF, ("POST",)),
    Page(PERSON_PAGE, person, Permission.CALENDARS),
    Page(PERSON_PAGE, save, Permission.CALENDARS, ("POST",)),
    Page(f"{PERSON_PAGE}/undo", undo, Permission.CALENDARS, ("POST",)),
    Page(f"{PERSON_PAGE}/drop", drop, Permission.CALENDARS, ("POST",)),
)
