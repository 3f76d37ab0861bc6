"""What the buttons in mails open: GET shows what would happen and changes nothing, POST does it.

Mail programs and scanners open links by themselves, so nothing happens before a person has pressed the button. The
token is the whole credential: no session, no cookie, and so nothing that another site could make use of. Attempts are
not counted: nobody guesses a seal of 256 bits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from monitor import wording
from monitor.accounts import Permission
from monitor.actions import Actions
from monitor.alerts import TicketView
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.errors import Conflict, NotFound
from monitor.invitations import COMMANDS, LABELS, Action, Expired, Invitation
from monitor.log import Event
from monitor.model import WAITING_STATES, TicketState
from monitor.notify.render import capitalised
from monitor.notify.views import NAME_LIMIT, Called, entry


@dataclass(frozen=True, slots=True)
class Asking:
    """What an action is about, before and after it: a heading and a line each. `replying`: the clock runs on and the
    next step is to answer, so that the page then shows the draft and the way to the site."""

    question: str
    meaning: str
    done: str
    outcome: str
    replying: bool


ASKING: Mapping[Action, Asking] = {
    Action.ACKNOWLEDGE: Asking(
        "Отметить, что Вы знаете об отзыве?",
        "Напоминаний о нём больше не будет, если срок ответа не изменится.",
        "Отмечено: Вы знаете об отзыве",
        "Напоминаний о нём больше не будет, если срок ответа не изменится.",
        replying=True,
    ),
    Action.TAKE: Asking(
        "Взять отзыв себе?",
        "Коллеги увидят, что отзывом занимаетесь Вы.",
        "Отзыв записан на Вас",
        "Коллеги видят, что отзывом занимаетесь Вы.",
        replying=True,
    ),
    Action.SUBMITTED: Asking(
        "Отметить, что ответ отправлен?",
        "Отмечайте, когда уже ответили на сайте: срок остановится, отзыв уйдёт из очереди. "
        "Если ответ там не появится, отзыв вернётся.",
        "Ответ отмечен как отправленный",
        "Срок остановлен. Если ответ не появится на сайте, отзыв вернётся в очередь.",
        replying=False,
    ),
}

DO: Mapping[Action, Callable[[Actions, int], None]] = {
    Action.ACKNOWLEDGE: Actions.acknowledge,
    Action.TAKE: Actions.take,
    Action.SUBMITTED: Actions.submitted,
}


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why there is nothing to press. `already`: because it is so already, which is no mistake of anybody."""

    title: str
    line: str = ""
    already: bool = False


def hindrance(view: TicketView, action: Action, actor: str, called: Called = str) -> Hindrance | None:
    """What stands against `actor` doing it now; None when nothing does. `called`: names by logins."""
    if view.state in (TicketState.SUBMITTED, TicketState.ANSWERED) and action is Action.SUBMITTED:
        return Hindrance("Уже отмечено", f"Сейчас: {wording.STATES[view.state]}.", already=True)
    unanswerable_too = (TicketState.UNANSWERABLE,) if action is Action.TAKE else ()
    if view.state not in (*WAITING_STATES, *unanswerable_too):
        return Hindrance("Отзыв больше не ждёт ответа", f"Сейчас: {wording.STATES[view.state]}.")
    if action is Action.ACKNOWLEDGE:
        return None if view.acknowledged_by is None else _known(view.acknowledged_by, actor, called)
    if view.assignee is None:
        return None
    if view.assignee == actor:
        return Hindrance("Отзыв уже записан на Вас", already=True) if action is Action.TAKE else None
    return Hindrance(
        f"Отзывом занимается {wording.one_line(called(view.assignee), NAME_LIMIT)}",
        "Договоритесь, кто ответит, чтобы не ответить дважды.",
    )


def _known(who: str, actor: str, called: Called) -> Hindrance:
    if who == actor:
        return Hindrance("Уже отмечено", "Вы знаете об отзыве, напоминаний о нём нет.", already=True)
    name = wording.one_line(called(who), NAME_LIMIT)
    return Hindrance("Уже отмечено", f"Об отзыве знает {name}, поэтому напоминаний нет.", already=True)


def _against(desk: Desk, found: Invitation, view: TicketView, actor: str) -> Hindrance | None:
    return hindrance(view, found.action, actor, desk.application.name_of)


def invitation(desk: Desk, visit: Visit) -> Response:
    """The page of one link."""
    invitations = desk.invitations
    found = None if invitations is None else invitations.read(visit.request.path_params["token"], visit.now)
    if isinstance(found, Expired):
        return expired(desk, found)
    desk = desk.current() if found is not None else desk
    view = None if found is None else _ticket(desk, found)
    if invitations is None or found is None or view is None:
        return desk.pages.unknown()
    if forbidden := _forbidden(desk, invitations.name(found.recipient), found.recipient, view):
        return desk.pages.problem(403, "Ссылка не работает", forbidden, "Если это ошибка, обратитесь к администратору.")
    actor = invitations.actor(found.recipient)
    if visit.is_post:
        return _act(desk, found, view, actor)
    against = _against(desk, found, view, actor)
    return _ask(desk, found, view, actor) if against is None else _hindered(desk, view, against)


def _forbidden(desk: Desk, name: str, recipient: str, view: TicketView) -> str:
    """Why whoever the mail went to must not act, by all of their accounts; "" when they may, or have no account, as a
    shared mailbox and a channel."""
    theirs = desk.store.accounts.behind(recipient, name)
    if not theirs or any(account.may(Permission.ACT, view.place) for account in theirs):
        return ""
    if any(account.active for account in theirs):
        return "Тот, кому пришло письмо, не работает с отзывами этой точки."
    return "Учётная запись того, кому пришло письмо, выключена."


def expired(desk: Desk, link: Expired) -> Response:
    settings = desk.application.config.desk
    days = "" if settings is None else wording.counted(settings.link_days, "день", "дня", "дней")
    return desk.pages.problem(
        410,
        "Ссылка устарела",
        f"Кнопки в письме работают {days}. Нажмите кнопку в письме поновее или выполните команду:",
        command=f"otklik queue {COMMANDS[link.action]} {link.ticket}",
    )


def _ticket(desk: Desk, found: Invitation) -> TicketView | None:
    """The ticket as it is now; None when there is none, or its number belongs to another review."""
    try:
        view = desk.reports.ticket(found.ticket, desk.application.clock.now())
    except NotFound:
        return None
    return view if found.is_for(view) else None


def _ask(desk: Desk, found: Invitation, view: TicketView, actor: str) -> Response:
    return desk.pages.show(
        "confirm",
        asking=ASKING[found.action],
        label=LABELS[found.action],
        actor=wording.one_line(actor, NAME_LIMIT),
        entry=entry(view, desk.application.clock.now()),
    )


def _act(desk: Desk, found: Invitation, view: TicketView, actor: str) -> Response:
    """Does it, unless it is done already or somebody was faster."""
    against = _against(desk, found, view, actor)
    if against is None:
        try:
            DO[found.action](desk.application.actions(actor), view.ticket)
        except Conflict as conflict:
            view = desk.reports.ticket(view.ticket, desk.application.clock.now())
            against = _against(desk, found, view, actor) or Hindrance("Не получилось", capitalised(conflict.message))
    outcome = "done" if against is None else "already" if against.already else "refused"
    desk.application.log.say(Event.DESK_ACTED, action=found.action, ticket=view.ticket, outcome=outcome)
    if against is not None:
        return _hindered(desk, view, against)
    now = desk.application.clock.now()
    asking = ASKING[found.action]
    return desk.pages.show(
        "done",
        title=asking.done,
        line=asking.outcome,
        replying=asking.replying,
        entry=entry(desk.reports.ticket(view.ticket, now), now),
    )


def _hindered(desk: Desk, view: TicketView, against: Hindrance) -> Response:
    return desk.pages.show(
        "done",
        200 if against.already else 409,
        title=against.title,
        line=against.line,
        replying=against.already and view.state in WAITING_STATES,
        entry=entry(view, desk.application.clock.now()),
    )


PAGES = (Page("/a/{token}", invitation, None, ("GET", "POST")),)
