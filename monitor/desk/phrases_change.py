"""A change of a book on its way: what it would do, and saving it.

…/preview ← a phrase, the whole text or a former state → what changes, what speaks against it, replies before and after
…/save    ← that, once more → saved, or what stands against it

Nothing is saved that was not shown: the preview signs what it shows. Where a colleague was faster, both changes are
shown, and mine is laid over theirs where they touch different phrases.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from starlette.responses import RedirectResponse, Response

from monitor import wording
from monitor.accounts import Deed, Permission
from monitor.config_overlay import PHRASES
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.phrases import (
    ROOM,
    Fields,
    Opened,
    choices,
    fields,
    opened,
    opened_to_change,
    phrase_form,
    place,
    text_form,
    when,
)
from monitor.desk.phrases_told import Against, Changed, Speech, against, changed, speeches
from monitor.desk.visit import Visit, number_in
from monitor.editing.books import Book, Sort, titled
from monitor.editing.rehearsal import EXAMPLES, MOST_SHOWN, Change, examples
from monitor.editing.shelf import Difference, differences
from monitor.editing.troubles import troubles
from monitor.errors import Conflict, NotFound
from monitor.store.settings import Setting
from responders.amend import OFF, TEXT, Lists, Row
from responders.editions import book_of, speaks_by
from responders.files import ReplyTemplateError
from responders.lint import ERROR
from responders.untrusted import LONGEST_PHRASE

MOST_CHANGES = 60
"""Changed phrases that are listed."""

MOVED = "Пока Вы правили, фразы изменились. Сверьтесь и внесите правку ещё раз."
UNSEEN = "Сначала посмотрите, что изменится: сохраняется только то, что Вы видели."
OVERRULE = "Отметьте, что сохраняете, несмотря на замечания, или поправьте их."
EMPTY = "Впишите фразу."
EMPTY_THING = "Заполните все поля: слова, название, «о чём», род и хотя бы одну тему."


@dataclass(frozen=True, slots=True)
class Draft:
    """What a visitor would set: `value`, None for nothing, where they saw state `seen`. `fields`: the form they filled
    in, "text" for the whole book, None for a former state."""

    value: str | None
    seen: int
    fields: Fields | str | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What it would do. `shown`: proves that it was looked at."""

    changes: tuple[Changed, ...]
    more: int
    otherwise: bool
    errors: tuple[Against, ...]
    warnings: tuple[Against, ...]
    speeches: tuple[Speech, ...]
    redrafted: int
    shown: str


class Refused(Exception):
    """The answer that stands instead of a preview."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


# --- what is asked ------------------------------------------------------------------------------------------


def preview(desk: Desk, visit: Visit) -> Response:
    at = opened_to_change(desk, visit)
    try:
        return _answer(at, _draft(at))
    except Refused as refused:
        return refused.response


def _draft(at: Opened) -> Draft:
    """Raises Refused, NotFound."""
    form = at.visit.form
    match form["kind"]:
        case "phrase":
            return _of_phrase(at, form["list"], number_in(form["number"]) or 0, _row(at.visit, at.book))
        case "switch":
            return _of_switch(at)
        case "text":
            return Draft(_clean(form["text"]), _seen(at.visit), TEXT)
        case "back":
            return Draft(_former(at), _seen(at.visit))
    raise NotFound("there is no such form")


def _of_phrase(at: Opened, name: str, number: int, row: Row) -> Draft:
    if name not in at.rows or not at.book.by_row:
        raise NotFound("there is no such list")
    filled, state = fields(at, name, number, row), _seen(at.visit)
    if complaint := _incomplete(at.book, row):
        raise Refused(phrase_form(at, filled, complaint=complaint, status=400))
    if state == at.state and at.visit.form["stamp"] != at.stamp:
        # The files have changed: that number may be another phrase now.
        raise Refused(phrase_form(at, filled, complaint=MOVED, status=409))
    base = _seen_value(at)
    try:
        value = at.shelf.amended(at.book, base, name, number or None, row)
    except ReplyTemplateError as error:
        words = at.shelf.text(at.book, base)
        raise Refused(text_form(at, words, complaint=error.message, status=409)) from error
    except LookupError:
        raise Refused(phrase_form(at, filled, complaint=MOVED, status=409)) from None
    return Draft(value, state, filled)


def _of_switch(at: Opened) -> Draft:
    """`row`: the list and the number of what is switched on or off, as it was seen."""
    name, _, told = at.visit.form["row"].partition(" ")
    number, rows = number_in(told) or 0, at.shelf.lists(at.book, _seen_value(at)).get(name, ())
    if not 1 <= number <= len(rows):
        raise NotFound("there is no such phrase")
    row = {key: value for key, value in rows[number - 1].items() if key != OFF}
    if OFF not in rows[number - 1]:
        row[OFF] = "true"
    return _of_phrase(at, name, number, row)


def _seen(visit: Visit) -> int:
    """The number of the state that a form was made of, 0 for none."""
    return number_in(visit.form["seen"]) or 0


def _seen_value(at: Opened) -> str | None:
    """Of the state that the visitor saw."""
    state = _seen(at.visit)
    if state == at.state:
        return at.value
    return next((one.value for one in _states(at) if one.id == state), None)


def _states(at: Opened) -> Sequence[Setting]:
    return at.desk.store.settings.history(PHRASES, at.book.name)


def _former(at: Opened) -> str | None:
    """`state`: a number, "files" for what stands beneath, "shipped" for what came with the program."""
    told = at.visit.form["state"]
    if told == "files":
        return None
    if told == "shipped":
        return at.shelf.shipped(at.book) or None
    for one in _states(at):
        if one.id == number_in(told):
            return one.value
    raise NotFound("there is no such state")


def _row(visit: Visit, book: Book) -> Row:
    """As it is filled in; whatever the form does not know is left out."""
    row: dict[str, str | tuple[str, ...]] = {}
    for key in ("words", "topic", "about") if book.sort is Sort.TOPICS else (TEXT,):
        row[key] = " ".join(wording.visible(visit.form[key]).split())
    for key, titles in choices(book).items():
        chosen = tuple(dict.fromkeys(value for value in visit.form.all(key) if _is_word(value)))
        if key == "number":
            row[key] = visit.form["agrees"]
        elif chosen and (key == "themes" or set(chosen) != set(titles)):
            row[key] = chosen  # all of them is no restriction
    if visit.form[OFF]:
        row[OFF] = "true"
    return {key: value for key, value in row.items() if value}


def _is_word(value: str) -> bool:
    return value.isascii() and value.replace("-", "").replace("_", "").isalnum() and len(value) <= 40


def _incomplete(book: Book, row: Row) -> str:
    if book.sort is Sort.TOPICS:
        return "" if {"words", "topic", "about", "number", "themes"} <= row.keys() else EMPTY_THING
    return "" if TEXT in row else EMPTY


def _clean(text: str) -> str:
    """Lines and their order as they were written, without what nobody sees."""
    return "\n".join(wording.visible(line).rstrip() for line in text.split("\n")).strip("\n") + "\n"


# --- what it would do ---------------------------------------------------------------------------------------


def _answer(at: Opened, draft: Draft, *, complaint: str = "", status: int = 200) -> Response:
    """The preview; where somebody was faster, both changes."""
    if at.state != draft.seen:
        return _clash(at, draft)
    return at.show(
        "phrases_preview",
        status,
        draft=draft,
        form="text" if draft.fields == TEXT else "phrase" if isinstance(draft.fields, Fields) else "",
        fields=draft.fields,
        weighed=weigh(at, draft),
        complaint=complaint,
        longest=LONGEST_PHRASE,
    )


def weigh(at: Opened, draft: Draft) -> Weighed:
    application, books, book = at.desk.application, at.shelf, at.book
    stored = {name: value for name, value in books.stored.items() if name != book.name}
    if draft.value is not None:
        stored[book.name] = draft.value
    after, brand = application.wordings.trial(stored), application.brand
    change = Change(books.responder, after, book, brand, place(at))
    found = troubles(change, draft.value or "", application.business, application.config.templates_dir)
    changes, otherwise = _differences(at, draft.value)
    most = EXAMPLES if len(changes) == 1 else 1
    shown = () if after.problems(brand.sector) else changes[:MOST_SHOWN]
    return Weighed(
        changes=changed(book, changes[:MOST_CHANGES]),
        more=max(len(changes) - MOST_CHANGES, 0),
        otherwise=otherwise,
        errors=against(book, [trouble for trouble in found if trouble.severity == ERROR]),
        warnings=against(book, [trouble for trouble in found if trouble.severity != ERROR]),
        speeches=speeches([example for each in shown for example in examples(change, each, most)], brand.register),
        redrafted=_redrafted(at),
        shown=_proof(at, draft),
    )


def _redrafted(at: Opened) -> int:
    """How many drafts another wording of the book concerns."""
    untouched = at.desk.store.tickets.untouched()
    return sum(count for template, count in untouched.items() if speaks_by(template, book_of(at.book.name)))


def _differences(at: Opened, value: str | None) -> tuple[tuple[Difference, ...], bool]:
    """The phrases that change, and whether anything else does; nothing of a text that cannot be taken apart: what is
    wrong with it tells why."""
    books, book = at.shelf, at.book
    try:
        found = differences(at.rows, books.lists(book, value))
        return found, books.references(book, at.value) != books.references(book, value)
    except ReplyTemplateError:
        return (), False


def _proof(at: Opened, draft: Draft) -> str:
    """Only whoever was shown this change in this session has it."""
    assert at.visit.visitor is not None
    told = f"{at.book.name}\0{draft.seen}\0{draft.value is None}\0{draft.value or ''}"
    return hmac.new(at.visit.visitor.csrf.encode(), told.encode("utf-8", "replace"), sha256).hexdigest()


# --- saving -------------------------------------------------------------------------------------------------


def save(desk: Desk, visit: Visit) -> Response:
    at, form = opened_to_change(desk, visit), visit.form
    value = None if form["nothing"] else _clean(form["text"])
    draft = Draft(value, _seen(at.visit), None if value is None else TEXT)
    if not hmac.compare_digest(_proof(at, draft).encode(), form["shown"].encode("utf-8", "replace")):
        return _answer(at, draft, complaint=UNSEEN, status=400)
    if value == (None if at.latest is None else at.latest.value):
        return RedirectResponse(f"{ROOM}/{at.book.id}?done=same", 303)  # a second click, too
    if at.state != draft.seen:
        return _clash(at, draft)
    weighed = weigh(at, draft)
    if weighed.errors or (weighed.warnings and not form["anyway"]):
        return _answer(at, draft, complaint="" if weighed.errors else OVERRULE, status=400)
    return _put(at, draft)


def _put(at: Opened, draft: Draft) -> Response:
    store, login, now = at.desk.store, at.visit.account.login, at.visit.now
    deed, done = (Deed.PHRASES_CHANGED, "saved") if draft.value is not None else (Deed.PHRASES_RETURNED, "returned")
    what = titled(at.book.name)
    try:
        with store.write():
            store.settings.put(PHRASES, at.book.name, draft.value, seen=draft.seen, actor=login, now=now)
            store.accounts.record(deed, actor=login, what=what, now=now, address=at.visit.address)
    except Conflict:
        return _clash(opened(at.desk, at.visit), draft)
    return RedirectResponse(f"{ROOM}/{at.book.id}?done={done}", 303)


def _clash(at: Opened, draft: Draft) -> Response:
    """What a colleague changed, what the visitor would, and what becomes of both."""
    base, theirs = _seen_value(at), None if at.latest is None else at.latest.value
    merged, sides = None, list[tuple[Changed, ...]]([(), ()])
    try:
        before = at.shelf.lists(at.book, base)
        sides = [_against_base(at, before, value) for value in (theirs, draft.value)]
        merged = at.shelf.rebased(at.book, base, draft.value, theirs)
    except ReplyTemplateError:
        pass  # then the texts alone are shown
    return at.show(
        "phrases_clash",
        409,
        who=None if at.latest is None else when(at.desk, at.visit, at.latest),
        theirs=sides[0],
        mine=sides[1],
        merged=merged,
        words=draft.value,
    )


def _against_base(at: Opened, before: Lists, value: str | None) -> tuple[Changed, ...]:
    return changed(at.book, differences(before, at.shelf.lists(at.book, value))[:MOST_CHANGES])


PAGES = (
    Page(f"{ROOM}/{{book}}/preview", preview, Permission.WORDINGS, ("POST",)),
    Page(f"{ROOM}/{{book}}/save", save, Permission.WORDINGS, ("POST",)),
)
