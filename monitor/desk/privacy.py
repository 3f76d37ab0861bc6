"""`/privacy`: what is kept of people, everything about one of them to take away, and erasing it.

find → what is found → sure? → erased
       ↑_______________|  where something has changed meanwhile, it is shown again and nothing is erased

No name stands in an address: those get into histories and logs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.responses import RedirectResponse, Response

from monitor import wording
from monitor.accounts import Deed, Permission
from monitor.desk.context import Desk
from monitor.desk.moments import moment
from monitor.desk.page import Page
from monitor.desk.privacy_find import PAGE, Asked, Found, find, hints, items, sought
from monitor.desk.privacy_inventory import copies, files, lines, recipients
from monitor.desk.visit import Visit
from monitor.erasing import GOING, WORD, Forgotten, called
from monitor.errors import Conflict, Unfolded, UsageError
from monitor.handout import as_file, handout
from monitor.handout_view import as_page
from monitor.log import Event
from monitor.notify.views import NAME_LIMIT

NOBODY = "Впишите имя автора, номер отзыва или адрес его страницы."
SHARED = "По этому адресу отзывы разных людей. Впишите имя автора или номер отзыва."
NOTHING = "Ничего не отмечено. Отметьте отзывы, которые нужны."
CHANGED = (
    "Пока Вы смотрели, что-то изменилось: появился отзыв, текст, черновик, письмо или вид очереди. Ничего не стёрто, "
    "проверьте."
)
FOLDED = "Файл базы перезаписан: стёртого в нём больше нет."
NOT_TYPED = f"Слово не совпало, ничего не стёрто. Впишите: {WORD}"

LEFT: Mapping[str, tuple[str, str]] = {
    "note": ("в заметках к отзывам", "№"),
    "dispute": ("в пояснениях к жалобам на отзывы", "№"),
    "gesture": ("в жестах по отзывам", "№"),
    "ticket": ("в принятых мерах по отзывам", "№"),
    "measure": ("в мерах на странице «Что помогло»", ""),
    "saved_view": ("в сохранённых видах очереди", ""),
    "account": ("в учётных записях", ""),
    "setting": ("в настройках", ""),
    "audit": ("в журнале", ""),
    "token": ("в именах токенов", ""),
}
"""Table of `store.privacy.LEFT` → where a name stands that no erasing of a review reaches; a sign where its numbers are
those of tickets."""

MOST_LEFT = 10

KINDS: Mapping[str, tuple[str, str]] = {"json": ("application/json", "json"), "html": ("text/html", "html")}
"""What an author's data can be had as: type and end of the name of the file."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was erased. `forgotten` None: nothing, for it was erased already. `folded`: out of the file, too. `mails`
    had gone out. `left`: where the name still stands; `copies` of the database that hold it all; `programs`: those that
    may have fetched it."""

    total: Sequence[str]
    forgotten: Forgotten | None
    folded: bool
    mails: int
    left: Sequence[str]
    copies: Sequence[str]
    programs: Sequence[str]


def overview(desk: Desk, visit: Visit) -> Response:
    return _overview(desk, visit)


def _overview(desk: Desk, visit: Visit, *, typed: str = "", complaint: str = "", status: int = 200) -> Response:
    """Counts and files are of all places: told to those alone who see all of them."""
    whole = visit.account.places is None
    config = desk.application.config
    return desk.pages.show(
        "privacy",
        status,
        visit=visit,
        typed=typed,
        complaint=complaint,
        done=FOLDED if visit.query("done") == "folded" else "",
        whole=whole,
        lines=list(lines(desk, visit.now, counted=whole)),
        files=[
            (place, moment(desk, visit, place.at) if place.at else None) for place in (files(config) if whole else ())
        ],
        recipients=list(recipients(desk)),
    )


# --- who ------------------------------------------------------------------------------------------


def search(desk: Desk, visit: Visit) -> Response:
    words = visit.form["who"].strip()
    if not wording.visible(words).strip():
        return _overview(desk, visit, complaint=NOBODY, status=400)
    asked = sought(desk, visit, words)
    if asked is None:
        return _overview(desk, visit, typed=words, complaint=SHARED, status=400)
    found = find(desk, visit, asked)
    if not found.rows:
        return _nobody(desk, visit, found, words)
    return _shown(desk, visit, found)


def of_ticket(desk: Desk, visit: Visit) -> Response:
    """From the page of a ticket: its review is meant, others of the author are shown."""
    review = desk.store.authors.of_ticket(visit.number("ticket"))
    meant = () if review is None else (review,)
    found = find(desk, visit, Asked(seeds=meant, chosen=meant))
    if not found.rows:
        return desk.pages.problem(409, "Данные этого отзыва уже стёрты", "Делать больше ничего не нужно.", visit=visit)
    return _shown(desk, visit, found)


def _nobody(desk: Desk, visit: Visit, found: Found, words: str) -> Response:
    told = hints(desk, visit, found)
    return desk.pages.show("privacy_nobody", 404, visit=visit, typed=words, hints=told, most=NAME_LIMIT)


def _shown(desk: Desk, visit: Visit, found: Found, complaint: str = "", status: int = 200) -> Response:
    """What is found, to choose from; where it is too much to choose from, all of it or nothing."""
    return desk.pages.show(
        "privacy_found",
        status,
        visit=visit,
        found=found,
        author=wording.one_line(found.name, NAME_LIMIT),
        items=items(desk, visit, found),
        total=found.total(found.rows),
        more=max(len(found.rows) - PAGE, 0),
        hints=hints(desk, visit, found),
        complaint=complaint,
        limited=visit.account.places is not None,
    )


# --- taking it away -----------------------------------------------------------------------------------


def export(desk: Desk, visit: Visit) -> Response:
    kind = visit.form["as"]
    if kind not in KINDS:
        raise UsageError("не сказано, в каком виде выгрузить: вернитесь и нажмите одну из кнопок")
    application, places = desk.application, visit.account.places
    found = find(desk, visit, Asked.read(visit))
    if not found.chosen:
        return _shown(desk, visit, found, NOTHING, 400) if found.rows else _gone(desk, visit)
    # Files and every table are read here: nobody has to wait for that.
    told = handout(
        desk.store,
        application.config,
        application.samples,
        found.ids,
        author=found.name,
        now=visit.now,
        places=places,
    )
    with desk.store.write():
        if len(desk.store.authors.found(told.ids, places)) < len(told.ids):
            raise Conflict("часть этих отзывов только что стёрли: найдите автора ещё раз")
        _record(desk, visit, Deed.HANDED_OUT, called(told.rows, application.names))
    media, end = KINDS[kind]
    body = as_file(told, application.titles) if kind == "json" else as_page(told, application.names)
    numbered = [f"{row['ticket']}-" for row in told.rows if row["ticket"] is not None]
    headers = {
        # No name of a person stands in the name of the file: it stays in histories of downloads.
        "Content-Disposition": f'attachment; filename="otklik-{"".join(numbered[:1])}{visit.now:%Y-%m-%d}.{end}"',
        "Cache-Control": "no-store",
    }
    return Response(body, media_type=f"{media}; charset=utf-8", headers=headers)


def _record(desk: Desk, visit: Visit, deed: Deed, what: str) -> None:
    login = visit.account.login
    desk.store.accounts.record(deed, actor=login, what=what, now=visit.now, address=visit.address)


# --- erasing ------------------------------------------------------------------------------------------


def ask(desk: Desk, visit: Visit) -> Response:
    """Whether they are sure: what exactly goes, and what nobody can bring back."""
    found = find(desk, visit, Asked.read(visit))
    if not found.rows:
        return _gone(desk, visit)
    if visit.form["stamp"] != found.stamp:
        return _shown(desk, visit, found, CHANGED, 409)
    return _sure(desk, visit, found) if found.chosen else _shown(desk, visit, found, NOTHING, 400)


def _sure(desk: Desk, visit: Visit, found: Found, complaint: str = "", status: int = 200) -> Response:
    there = replace(found, rows=found.chosen)
    views = desk.store.privacy.views({row["author"] for row in found.chosen}, visit.account.places)
    return desk.pages.show(
        "privacy_sure",
        status,
        visit=visit,
        found=found,
        author=wording.one_line(found.name, NAME_LIMIT),
        items=items(desk, visit, there),
        more=max(len(found.chosen) - PAGE, 0),
        total=found.total(found.chosen, GOING),
        views=[(wording.one_line(view.name, NAME_LIMIT), wording.one_line(view.login, NAME_LIMIT)) for view in views],
        word=WORD,
        complaint=complaint,
    )


def erase(desk: Desk, visit: Visit) -> Response:
    """What was shown, or nothing of it."""
    asked = Asked.read(visit)
    found = find(desk, visit, asked)
    if not found.rows:
        return _gone(desk, visit)
    if visit.form["stamp"] != found.stamp:
        return _shown(desk, visit, found, CHANGED, 409)
    if not found.chosen:
        return _shown(desk, visit, found, NOTHING, 400)
    if visit.form["word"].strip().strip("«»\"'").casefold() != WORD:
        return _sure(desk, visit, found, NOT_TYPED, 400)
    mails = desk.store.privacy.delivered(found.ids)
    try:
        forgotten = desk.application.erase(
            found.ids,
            visit.now,
            visit.account.login,
            address=visit.address,
            places=visit.account.places,
            check=lambda: _as_shown(desk, visit, asked),
        )
    except _Changed:
        return _shown(desk, visit, find(desk, visit, asked), CHANGED, 409)
    desk.application.log.say(Event.REVIEWS_FORGOTTEN, reviews=forgotten.reviews)
    outcome = Outcome(
        total=found.total(found.chosen, GOING),
        forgotten=forgotten,
        folded=_folded(desk),
        mails=mails,
        left=_left(desk, visit, found.name),
        copies=_copies(desk, visit),
        programs=_programs(desk, visit),
    )
    return desk.pages.show("privacy_erased", visit=visit, outcome=outcome, titles=desk.application.titles)


class _Changed(Conflict):
    """Between the look and the deed."""


def _as_shown(desk: Desk, visit: Visit, asked: Asked) -> None:
    """Inside the transaction that erases."""
    if find(desk, visit, asked).stamp != visit.form["stamp"]:
        raise _Changed("changed since it was shown")


def _folded(desk: Desk) -> bool:
    try:
        desk.store.privacy.fold()
    except Unfolded:
        return False
    return True


def _gone(desk: Desk, visit: Visit) -> Response:
    """Erased already, by this very form or by a colleague."""
    outcome = Outcome((), None, _folded(desk), 0, (), _copies(desk, visit), _programs(desk, visit))
    return desk.pages.show("privacy_erased", 409, visit=visit, outcome=outcome, titles=desk.application.titles)


def _left(desk: Desk, visit: Visit, name: str) -> list[str]:
    """Where the name still stands, as far as the visitor may know: what belongs to no ticket is of all places."""
    whole, told = visit.account.places is None, []
    for table, found in desk.store.privacy.left(name).items() if name else ():
        where, sign = LEFT[table]
        numbers_ = [number for number in found if (_may_see(desk, visit, number) if sign else whole)]
        if not numbers_:
            continue
        shown = ", ".join(map(str, numbers_[:MOST_LEFT])) + (" и других" if len(numbers_) > MOST_LEFT else "")
        told.append(f"{where} {sign}{wording.GLUE}{shown}" if sign else f"{where}: {len(numbers_)}")
    return told


def _may_see(desk: Desk, visit: Visit, ticket: int) -> bool:
    return visit.account.may(Permission.READ, desk.store.tickets.place_of(ticket))


def _copies(desk: Desk, visit: Visit) -> list[str]:
    if visit.account.places is not None:
        return []
    return [path.name for path in copies(desk.application.config.database)]


def _programs(desk: Desk, visit: Visit) -> list[str]:
    """Whose tokens, used once at least, let them read reviews of places of the visitor."""
    mine = visit.account.places
    return [
        token.name
        for token in desk.store.tokens.all()
        if token.used_at is not None
        and token.permits(Permission.READ)
        and (mine is None or token.places is None or mine & token.places)
    ]


def fold(desk: Desk, _visit: Visit) -> Response:
    """What was erased leaves the file, where another process was reading it before."""
    if not _folded(desk):
        raise Conflict("базу всё ещё читает другой процесс: подождите минуту и нажмите ещё раз")
    return RedirectResponse("/privacy?done=folded", 303)


PAGES = (
    Page("/privacy", overview, Permission.PRIVACY),
    Page("/privacy/find", search, Permission.PRIVACY, ("POST",)),
    Page("/privacy/export", export, Permission.PRIVACY, ("POST",)),
    Page("/privacy/forget", ask, Permission.PRIVACY, ("POST",)),
    Page("/privacy/erase", erase, Permission.PRIVACY, ("POST",)),
    Page("/privacy/fold", fold, Permission.PRIVACY, ("POST",)),
    Page("/t/{ticket:int}/forget", of_ticket, Permission.PRIVACY),
)
