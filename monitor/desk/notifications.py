"""Who hears of what: lists by role, everywhere or at a place; people, their substitutes and absences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from monitor.accounts import Permission
from monitor.assemble.changes import Change
from monitor.config import Config
from monitor.config_escalation import PlaceEscalation
from monitor.config_overlay import HEARERS, HEARS, at_place
from monitor.desk import hearers
from monitor.desk import settings as shared
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.person_form import heard_by
from monitor.desk.persons import NOTIFICATIONS, PERSON_PAGE, card, known_people
from monitor.desk.settings import State, is_whole, number, set_by
from monitor.desk.visit import Visit
from monitor.effective import effective
from monitor.errors import Conflict, NotFound, UsageError
from monitor.ladder import holds, roles_at, rungs_at

MOST_NIGHTS = 6
"""Places whose night is shown at once."""

DONE = {
    **shared.DONE,
    "heard": "Сохранено: письма пойдут по новым спискам.",
    "removed": "Запись о человеке убрана.",
}

TITLES = {
    "support": "Отвечают на отзывы",
    "lead": "Руководят ответами",
    "owner": "Владельцы",
    "admin": "Администраторы: сайт не читается",
}
HINTS = {
    "support": "Узнают, когда {}.",
    "lead": "Узнают, когда {}. Если никого нет, узнаёт владелец.",
    "owner": "Об опасных отзывах узнают сразу; ещё — когда {}.",
    "admin": "Если никого нет, узнают владельцы.",
}
SILENT = {
    "support": "О сроках не узнают: так задано в config.yaml.",
    "lead": "О сроках не узнают: так задано в config.yaml.",
    "owner": "Узнают об опасных отзывах сразу.",
}
"""Who is told of no deadline."""

REQUIRED = ("support", "owner")


@dataclass(frozen=True, slots=True)
class Box:
    """One list. `text`: as it is to be, an address in a line; `was`: as the form showed it; `holds`: where the list of
    all places holds instead."""

    role: str
    title: str
    hint: str
    text: str
    was: str
    seen: int
    set_by: State | None
    holds: str = ""
    complaint: str = ""
    theirs: str = ""

    @property
    def is_changed(self) -> bool:
        return self.text.split() != self.was.split()


@dataclass(frozen=True, slots=True)
class Lists:
    """Of one place, "" for everywhere."""

    place: str
    title: str
    boxes: tuple[Box, ...]
    places: tuple[tuple[str, str], ...]
    complaint: str = ""

    @property
    def home(self) -> str:
        return f"{NOTIFICATIONS}?{urlencode({'place': self.place})}"

    @classmethod
    def of(cls, desk: Desk, visit: Visit, place: str) -> Self:
        known, place = shared.places(desk, visit), shared.place_shown(desk, visit, place)
        boxes = tuple(_boxes(desk, visit, place)) if known else ()
        return cls(place, known.get(place, ""), boxes, tuple(known.items()))

    @classmethod
    def read(cls, desk: Desk, visit: Visit) -> Self:
        """What was typed. Raises as `settings.place_meant` does."""
        form, made = visit.form, cls.of(desk, visit, shared.place_meant(desk, visit))
        boxes = (
            replace(box, text=form[box.role], was=form[f"{box.role}-was"], seen=number(form[f"{box.role}-seen"]))
            for box in made.boxes
        )
        return replace(made, boxes=tuple(boxes))


# --- the page of everybody ----------------------------------------------------------------------------------


def notifications(desk: Desk, visit: Visit) -> Response:
    return _page(desk, visit, Lists.of(desk, visit, visit.query("place")))


def _page(desk: Desk, visit: Visit, lists: Lists, status: int = 200) -> Response:
    app, whole = desk.application, is_whole(visit.account)
    own = [place for place, _ in lists.places if place]
    shown = own if len(own) <= MOST_NIGHTS else [lists.place] if lists.place else own[:1]
    return desk.pages.show(
        "settings_notifications",
        status,
        visit=visit,
        notice=DONE.get(visit.query("done"), ""),
        lists=lists,
        whole=whole,
        people=[card(desk, visit, name) for name in app.config.escalation.people] if whole else [],
        nights=hearers.nights(app, shown, visit.now),
        more=len(own) - len(shown),
        new=PERSON_PAGE,
        unfit=shared.unfit(desk, visit),
    )


def _boxes(desk: Desk, visit: Visit, place: str) -> Iterator[Box]:
    config = desk.application.config
    for role in HEARERS if not place else HEARERS[:-1]:
        name = at_place(place, role)
        text = "\n".join(_heard(config, place, role) or ())
        everywhere = ", ".join(hearers.named(config.escalation.people, one) for one in _heard(config, "", role) or ())
        yield Box(
            role=role,
            title=TITLES[role],
            hint=_hint(config, place, role),
            text=text,
            was=text,
            seen=shared.seen(desk, HEARS, name),
            set_by=set_by(desk, visit, HEARS, name),
            holds=(everywhere or "никто") if place and not text else "",
        )


def _hint(config: Config, place: str, role: str) -> str:
    """Of what the list hears, by the ladder in force there."""
    everywhere = config.escalation
    here = next((one.escalation for one in config.places if one.id == place), PlaceEscalation())
    rungs, leaders = rungs_at(everywhere, here), roles_at(everywhere, here).lead
    told = hearers.hears(role, rungs, leaderless=not leaders)
    return HINTS[role].format(told) if told or role not in SILENT else SILENT[role]


def _heard(config: Config, place: str, role: str) -> Sequence[str] | None:
    """None: as at all places."""
    if not place:
        found: Sequence[str] = getattr(config.escalation, role)
        return found
    own = next(one.escalation for one in config.places if one.id == place)
    here: Sequence[str] | None = getattr(own, role)
    return here


# --- lists -----------------------------------------------------------------------------------------------


def hear(desk: Desk, visit: Visit) -> Response:
    """Keeps the lists that were changed."""
    lists = Lists.read(desk, visit)
    boxes = [_checked(desk, visit, lists.place, box) for box in lists.boxes]
    lists = replace(lists, boxes=tuple(box for box, _ in boxes))
    if any(box.complaint for box in lists.boxes):
        return _page(desk, visit, lists, 400)
    wanted = [change for _, change in boxes if change is not None]
    if not wanted:
        return RedirectResponse(f"{lists.home}&done=same", 303)
    try:
        shared.keep(desk, visit, wanted)
    except Conflict:
        return _page(desk, visit, _beside_theirs(desk, visit, lists), 409)
    except UsageError as error:
        return _page(desk, visit, replace(lists, complaint=desk.pages.sentence(error)), 400)
    return RedirectResponse(f"{lists.home}&done=heard", 303)


def _checked(desk: Desk, visit: Visit, place: str, box: Box) -> tuple[Box, Change | None]:
    """What is wrong with a list, or the change that it is; None: it is as it was."""
    if not box.is_changed:
        return box, None
    config, name = desk.application.config, at_place(place, box.role)
    found, complaint = heard_by(box.text, known_people(desk, visit.account), config.channels)
    if holds(found, config.mail.sender):
        complaint = "С этого адреса мы сами пишем: письма возвращались бы к нам. Впишите адрес человека."
    if not found and not complaint and not place and box.role in REQUIRED:
        complaint = "Впишите хотя бы один адрес: иначе никто не узнает."
    if not found and not complaint and (written := _written(desk, visit, place, box.role)):
        told = ", ".join(hearers.named({}, one) for one in written)
        complaint = f"Пустым этот список здесь не сделать: в config.yaml записано {told}. Впишите, кому писать."
    if complaint:
        return replace(box, complaint=complaint), None
    if found == list(_heard(config, place, box.role) or ()):
        return box, None  # in other words: what the file says goes on to hold
    if not found and (place or box.role not in ("lead",)):
        return box, Change(HEARS, name, None, box.seen)
    return box, Change.to(HEARS, name, found, box.seen)


def _written(desk: Desk, visit: Visit, place: str, role: str) -> Sequence[str]:
    """What config.yaml says of a list that cannot be empty: it would hold again."""
    if not place and role == "lead":
        return ()
    file, _ = effective(desk.application.config, [], visit.now)
    if not place and role == "admin" and file.escalation.admin == file.escalation.owner:
        return ()  # as the file leaves it
    return _heard(file, place, role) or ()


def _beside_theirs(desk: Desk, visit: Visit, lists: Lists) -> Lists:
    """Both stand on the page: what is kept now beside each list that somebody else has changed."""
    fresh = Lists.of(desk, visit, lists.place)
    boxes = [
        replace(now, text=mine.text, theirs=now.text if now.seen != mine.seen else "") if mine.is_changed else now
        for now, mine in zip(fresh.boxes, lists.boxes, strict=True)
    ]
    told = "Пока Вы правили, списки изменили. Ваш вариант цел, он в полях; рядом то, что стоит там теперь."
    return replace(fresh, boxes=tuple(boxes), complaint=told)


def undo(desk: Desk, visit: Visit) -> Response:
    """One list back to the state before its latest one."""
    place, role = shared.place_meant(desk, visit), visit.form["role"]
    if role not in HEARERS:
        raise NotFound("no such list")
    shared.take_back(desk, visit, HEARS, at_place(place, role))
    return RedirectResponse(f"{NOTIFICATIONS}?{urlencode({'place': place})}&done=undone", 303)


PAGES = (
    Page(NOTIFICATIONS, notifications, Permission.CALENDARS),
    Page(f"{NOTIFICATIONS}/lists", hear, Permission.CALENDARS, ("POST",)),
    Page(f"{NOTIFICATIONS}/lists/undo", undo, Permission.CALENDARS, ("POST",)),
)
