"""`otklik export --author`: everything that is kept about one author; and what is said of a name that was asked for."""

import os
from collections.abc import Sequence
from pathlib import Path

from monitor import wording
from monitor.accounts import Deed
from monitor.assemble import Application
from monitor.cli.common import LONGEST_NAME, note, print_json, somebody
from monitor.config_values import shown
from monitor.erasing import called
from monitor.errors import Conflict, NotFound, UsageError
from monitor.handout import Handout, as_file, as_json, handout
from monitor.handout_view import as_page
from monitor.store.authors import tells_apart

MOST_SPELLINGS = 10

PAGES = (".html", ".htm")


def hand_out(app: Application, name: str, out: Path | None, actor: str | None) -> None:
    """JSON to standard output; into a file JSON or, by its ending, HTML. Raises NotFound for a name nobody has."""
    check_name(name)
    if out is not None and out.exists():
        raise UsageError(f"{out} exists: it was left alone, name another file")
    now, who = app.clock.now(), somebody(actor)
    ids = reviews_under(app, name, "выгружать нечего")
    # Files and every table are read here: nobody has to wait for that.
    found = handout(app.store, app.config, app.samples, ids, author=name, now=now)
    content = b"" if out is None else _file(app, found, out.suffix)
    with app.store.write():
        if len(app.store.authors.found(found.ids)) < len(found.ids):
            raise Conflict("часть этих отзывов только что стёрли: повторите команду")
        if out is not None:
            _write(out, content)
        app.store.accounts.record(Deed.HANDED_OUT, actor=who, what=called(found.rows, app.names), now=now)
    if out is None:
        print_json(as_json(found, app.titles))
    hint(app, name, found.ids)


def check_name(name: str) -> None:
    if not wording.visible(name).strip():
        raise UsageError("--author is empty: it would mean every review whose author is not known")


def reviews_under(app: Application, name: str, outcome: str) -> list[int]:
    """Raises NotFound where there are none; `outcome`: what that means."""
    if ids := app.store.authors.under(name):
        return ids
    hint(app, name, ())
    raise NotFound(f"отзывов под именем {shown(name)} нет: {outcome}")


def hint(app: Application, name: str, without: Sequence[int]) -> None:
    """On standard error: who else may be the same person, and where else the name stands."""
    if not tells_apart(name):
        note("Это имя не отличает людей друг от друга: под ним могут писать разные люди.")
        return
    if alike := app.store.authors.alike(name, MOST_SPELLINGS):
        told = ", ".join(f"«{wording.one_line(one.author, LONGEST_NAME)}» ({one.reviews})" for one in alike)
        note(f"Может быть, тот же человек: {told}.")
    mentioned = app.store.authors.mentioned(name, without)
    if mentioned:
        count = wording.counted(len(mentioned), "отзыве", "отзывах", "отзывах")
        which = called(app.store.authors.found(mentioned), app.names, MOST_SPELLINGS)
        note(f"Имя встречается ещё в {count} ({which}); там может быть тёзка или сотрудник.")


def _file(app: Application, found: Handout, ending: str) -> bytes:
    if ending.lower() not in PAGES:
        return as_file(found, app.titles)
    return as_page(found, app.names)


def _write(out: Path, content: bytes) -> None:
    """Readable by nobody but its owner, and over nothing that is there."""
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise UsageError(f"{out}: {error.strerror}") from error
    note(f"{out}: {wording.size(len(content))}")
