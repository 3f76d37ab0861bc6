"""`otklik forget`: shows what goes, has a word typed, and erases that and nothing else."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from monitor import wording
from monitor.assemble import Application
from monitor.cli.author import check_name, hint, reviews_under
from monitor.cli.common import (
    LONGEST_NAME,
    NUMBER,
    actor_option,
    application,
    config_option,
    json_option,
    note,
    print_json,
    say,
    somebody,
    utf8,
)
from monitor.cli.publish import YES
from monitor.erasing import GOING, WORD, Forgotten, beside, stamp, total
from monitor.errors import Conflict, NotFound, UsageError
from monitor.log import Event
from monitor.store.connection import Row
from monitor.store.privacy import KeptView

MOST_SHOWN = 50
"""Reviews."""

WORDS = 110
"""Characters of a review."""

INDENT = "   "

Ids = Callable[[], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Meant:
    """`rows` of `Authors.found`; `counts`: review → table → how much; `views` of the queue that look for the author."""

    rows: Sequence[Row]
    counts: dict[int, Counter[str]]
    views: Sequence[KeptView]

    @classmethod
    def of(cls, app: Application, ids: Sequence[int]) -> "Meant":
        rows = app.store.authors.found(ids)
        views = app.store.privacy.views({row["author"] for row in rows})
        return cls(rows, app.store.kept.counts(row["id"] for row in rows), views)

    @property
    def stamp(self) -> str:
        return stamp(self.rows, self.counts, self.views)


@click.command()
@click.argument("number", type=NUMBER, required=False)
@click.option("--author", callback=utf8, help="Every review under this name; case and spaces do not matter.")
@click.option(
    "--review",
    type=NUMBER,
    help="Instead of a number, the id that `otklik export` has under `review`: for one that never stood in the queue.",
)
@YES
@json_option
@actor_option
@config_option
def forget(
    number: int | None,
    author: str | None,
    review: int | None,
    yes: bool,
    as_json: bool,
    actor: str | None,
    config_path: Path | None,
) -> None:
    """Erase text and name of a review, or of every review of an author: from every table, and from mails in ./outbox.

    NUMBER is the one at the desk and in `otklik queue`. What goes is shown first, and a word has to be typed. Counts
    stay, and the next read of the card does not bring the review back. Mail that has been sent, exports and backups
    are out of reach: delete them yourself.

    Example:  otklik forget --author "Анна К."
    """
    if [number, author, review].count(None) != 2:
        raise UsageError("give one of these: a review's number, --author NAME, --review ID")
    if author is not None:
        check_name(author)
    with application(config_path) as app:
        who, ids = somebody(actor), _asked(app, number, author, review)
        meant = Meant.of(app, ids())
        if not meant.rows:
            _gone(app, as_json)
            return
        _show(app, meant)
        if author is not None:
            hint(app, author, [row["id"] for row in meant.rows])
        if not yes:
            _ask()
        forgotten = _erase(app, meant, ids, who)
        if as_json:
            print_json(forgotten._asdict())
        else:
            say(
                f"Стёрто отзывов: {forgotten.reviews}, писем в папке outbox: {forgotten.mails}, образцов страниц: "
                f"{forgotten.samples}, видов очереди: {forgotten.views}."
            )


def _asked(app: Application, number: int | None, author: str | None, review: int | None) -> Ids:
    """What is asked for, to be looked at twice. Raises NotFound."""
    authors = app.store.authors
    if author is not None:
        name = author
        reviews_under(app, name, "ничего не стёрто")
        return lambda: authors.under(name)
    if number is not None:
        review = authors.of_ticket(number)
        if review is None:
            raise NotFound(f"отзыва № {number} нет: ничего не стёрто")
    assert review is not None
    if not authors.found([review]) and not app.store.privacy.is_erased(review):
        raise NotFound(f"отзыва с id {review} в базе нет: ничего не стёрто")
    return lambda: [review]


def _gone(app: Application, as_json: bool) -> None:
    """Erased already; out of the file, too, where another process was reading it then."""
    app.store.privacy.fold()
    note("Данные этого отзыва уже стёрты.")
    if as_json:
        print_json(Forgotten(0, 0, 0, 0)._asdict())


def _show(app: Application, meant: Meant) -> None:
    """Whose it is, what it says, what goes with it. All of it on stderr: stdout is for what was done."""
    names = app.names
    for row in meant.rows[:MOST_SHOWN]:
        author = wording.one_line(row["author"], LONGEST_NAME) or "автор не назвался"
        number = "без номера, в очереди не стоял" if row["ticket"] is None else f"№ {row['ticket']}"
        note(f"{number}  {wording.stars(row['stars'])}  {author}")
        state = wording.STATES[row["state"]] if row["state"] else ""
        note(f"{INDENT}{' · '.join(filter(None, (names.where(row), state)))}")
        note(f"{INDENT}{wording.one_line(row['text'], WORDS) or 'Без текста'}")
        if others := beside(meant.counts[row["id"]]):
            note(f"{INDENT}К нему: {', '.join(others)}")
    if (more := len(meant.rows) - MOST_SHOWN) > 0:
        note(f"И ещё {wording.counted(more, 'отзыв', 'отзыва', 'отзывов')}.")
    if meant.views:
        views = (f"«{wording.one_line(view.name, LONGEST_NAME)}» ({view.login})" for view in meant.views)
        note(f"Сохранённые виды очереди, в которых ищут это имя: {', '.join(views)}.")
    note(f"Исчезнут навсегда: {', '.join(total(meant.rows, meant.counts, GOING))}.")


def _ask() -> None:
    """Goes on only when a person at a terminal has typed the word."""
    if not _at_terminal():
        raise UsageError("nothing was erased: there is no terminal to ask at; add --yes")
    typed = click.prompt(f"Чтобы стереть, впишите слово «{WORD}»", default="", show_default=False, err=True)
    if typed.strip().strip("«»\"'").casefold() != WORD:
        note("Слово не совпало, ничего не стёрто.")
        raise click.exceptions.Exit(1)


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _erase(app: Application, meant: Meant, ids: Ids, who: str) -> Forgotten:
    """What was shown, or nothing of it."""

    def check() -> None:
        if Meant.of(app, ids()).stamp != meant.stamp:
            raise Conflict(
                "пока Вы смотрели, что-то изменилось: появился отзыв, текст, черновик, письмо или вид очереди. Ничего "
                "не стёрто, повторите команду"
            )

    forgotten = app.forget([row["id"] for row in meant.rows], app.clock.now(), who, check=check)
    app.log.say(Event.REVIEWS_FORGOTTEN, reviews=forgotten.reviews)
    return forgotten
