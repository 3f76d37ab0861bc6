"""Reviews from files: tables that people and cabinets write, and pages that a browser saved.

    bytes → rows, or a page's reviews → one card each → store.imports, some hundred rows in one transaction

Verdicts and drafts come with the next pass: they find their work as rows. A dry run does the whole import to a
private copy of the database, so that nobody waits for it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor import wording
from monitor.dates import UNKNOWN, Dated, read_date
from monitor.errors import UsageError
from monitor.jobs.cards import Cards, Wanted
from monitor.jobs.pages import Pages, is_page
from monitor.model import Card, FetchedReview, Precision, Reply
from monitor.seams import Clock, Source
from monitor.sources import reading
from monitor.store.imports import FILE_ID, Brought, Effect, Fate
from monitor.store.intents import Rules
from monitor.store.sqlite import Store
from monitor.tables import Field, Row, Table, Unreadable, read_table
from monitor.tables.values import Refused, days_first, identifier_of, is_said, is_ten, moment_of, stars_of, text_of

CHUNK = 500
"""Rows that are stored together: after a `kill -9` a rerun goes on behind the last such lot."""

_ABSOLUTE = re.compile(r"[0-9]{4}|[0-9]{1,2}([-./])[0-9]{1,2}\1[0-9]{2}")

_AHEAD = timedelta(days=3)
"""Further than any date that is taken may lie ahead."""

_REASONS = {
    Fate.CLASH: "под этим id уже есть другой отзыв: проверьте столбец с id",
    Fate.CUT: "текст обрезан: сохраните страницу отзыва целиком и загрузите её",
}


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """`written_at`: when it was last changed, aware UTC."""

    name: str
    body: bytes
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a row was not taken. `line` None: the whole file; of a page (`page`), the number of the review on it."""

    file: str
    line: int | None
    reason: str
    page: bool = False


@dataclass(slots=True)
class ImportReport:
    """`rows` is the sum of the four; `replies` of the known ones got their answer; `opened` new ones wait for one.
    `ignored`: file → headings of columns that nobody uses. `overruled`: file → the heading of its column of places,
    where no place of ours stands in it and the option was taken. `unreadable`: not one file held anything."""

    rows: int = 0
    new: int = 0
    edited: int = 0
    known: int = 0
    replies: int = 0
    opened: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    ignored: dict[str, tuple[str, ...]] = field(default_factory=dict)
    overruled: dict[str, str] = field(default_factory=dict)
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class _Item:
    file: File
    line: int
    brought: Brought


class Importing:
    """One import. `rules` by source."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        cards: Sequence[Card],
        titles: Mapping[str, str],
        sources: Mapping[str, Source],
        rules: Mapping[str, Rules],
    ) -> None:
        self._store = store
        self._clock = clock
        self._sources = sources
        self._rules = rules
        self._cards = Cards(cards, titles, sources)
        self._pages = Pages(self._cards, sources)

    def check(self, wanted: Wanted) -> None:
        """Raises UsageError when the options name what config.yaml does not have."""
        if not self._cards.all(wanted):
            self._cards.one(wanted)

    def run(self, files: Sequence[File], wanted: Wanted, *, dry_run: bool = False) -> ImportReport:
        """Reads every file and stores what is in them; the caller holds the lock of a pass. A dry run counts the same
        and changes nothing."""
        report = ImportReport()
        listings = self._store.imports.begin()
        items: list[_Item] = []
        failed = 0
        for file in files:
            try:
                items += self._read(file, wanted, listings, report)
            except UsageError as error:
                failed += 1
                report.rejected.append(Rejected(file.name, None, str(error)))
        report.unreadable = failed == len(files)
        # What is whole comes first: a list that cuts its texts may stand beside the pages of its reviews.
        items.sort(key=lambda item: item.brought.cut)
        if dry_run:
            self._try(items, report)
        else:
            self._apply(items, self._store, report)
        report.rows = report.new + report.edited + report.known + sum(bad.line is not None for bad in report.rejected)
        return report

    def _try(self, items: Sequence[_Item], report: ImportReport) -> None:
        """Counts what the import would do; the copy has the same rows of cards."""
        with TemporaryDirectory(prefix="otklik-") as folder:  # nobody else may look into it
            copy = Path(folder) / "copy.sqlite3"
            self._store.backup(copy)
            store = Store.open(copy)
            try:
                self._apply(items, store, report)
            finally:
                store.close()

    def _apply(self, items: Sequence[_Item], store: Store, report: ImportReport) -> None:
        for start in range(0, len(items), CHUNK):
            lot = items[start : start + CHUNK]
            for file in dict.fromkeys(item.file for item in lot):
                of_file = [item for item in lot if item.file is file]
                rows = [item.brought for item in of_file]
                now = self._clock.now()
                written_at = min(file.written_at, now)
                effects = store.imports.apply(rows, self._rules, written_at=written_at, now=now)
                for item, effect in zip(of_file, effects, strict=True):
                    _count(report, item, effect)

    def _read(
        self, file: File, wanted: Wanted, listings: Mapping[tuple[str, str], int], report: ImportReport
    ) -> list[_Item]:
        if is_page(file.body):
            if file.name.casefold().endswith((".xls", ".xlsx")):
                raise Unreadable(
                    "это не книга Excel, хотя так названо: откройте файл в Excel и сохраните его как .xlsx"
                )
            page = self._pages.read(file.body, file.written_at, wanted)
            if page is not None:
                listing = listings[page.card.source, page.card.id]
                return [
                    _Item(file, number, Brought(listing, page.card.source, review, site=True, cut=cut))
                    for number, (review, cut) in enumerate(page.reviews, start=1)
                ]
        table = read_table(file.name, file.body)
        if table.ignored:
            report.ignored[file.name] = table.ignored
        report.rejected += [Rejected(file.name, bad.line, bad.reason) for bad in table.bad]
        report.rejected += [Rejected(file.name, None, table.unread)] if table.unread else []
        items: list[_Item] = []
        times: Counter[tuple[int, str]] = Counter()
        ten = not table.ten and is_ten(row.cells.get(Field.STARS) for row in table.rows)
        rows = days_first(table.rows)
        if wanted.place and self._names_no_place(rows):
            report.overruled[file.name] = table.headings[Field.PLACE]
            rows = [replace(row, cells={**row.cells, Field.PLACE: None}) for row in rows]
        for row in rows:
            try:
                if ten and Field.STARS in row.cells:
                    raise Refused("похоже, оценки в файле от 1 до 10: тогда назовите столбец «Оценка из 10»")
                brought = self._brought(row, table, file, wanted, listings)
                if Field.ID not in row.cells:
                    key = (brought.listing, brought.review.external_id)
                    times[key] += 1
                    brought = _once_more(brought, times[key])
                items.append(_Item(file, row.line, brought))
            except (Refused, UsageError) as error:
                report.rejected.append(Rejected(file.name, row.line, str(error)))
        if not items and not report.rejected:
            raise Unreadable("в файле нет ни одной строки с отзывом")
        return items

    def _names_no_place(self, rows: Sequence[Row]) -> bool:
        """Whether there is a column of places, and not one that we know stands in it: streets, say."""
        cells = (row.cells.get(Field.PLACE) for row in rows)
        told = {cell if isinstance(cell, str) else text_of(cell) for cell in cells}
        told = {place for place in told if any(map(str.isalnum, place))}
        return bool(told) and not any(map(self._cards.knows_place, told))

    def _brought(
        self, row: Row, table: Table, file: File, wanted: Wanted, listings: Mapping[tuple[str, str], int]
    ) -> Brought:
        """The review a row tells of. Raises Refused, UsageError."""
        cells = row.cells
        said = Wanted(*(text_of(cells.get(name)) for name in (Field.PLACE, Field.SOURCE, Field.CARD)))
        if not self._cards.knows_place(said.place):
            heading, place = (wording.one_line(name, 40) for name in (table.headings[Field.PLACE], said.place))
            raise Refused(
                f"столбец «{heading}»: точки «{place}» нет в config.yaml; укажите её id или название оттуда, "
                "а если весь файл об одной точке, ключ --place"
            )
        card = self._cards.one(said.over(wanted))
        review = self._review(row, table, file, card)
        return Brought(listings[card.source, card.id], card.source, review, removed=is_said(cells.get(Field.REMOVED)))

    def _review(self, row: Row, table: Table, file: File, card: Card) -> FetchedReview:
        cells = row.cells
        stars = stars_of(cells.get(Field.STARS), ten=table.ten)
        title, author = (reading.clean_line(text_of(cells.get(name))) for name in (Field.TITLE, Field.AUTHOR))
        body, pros, cons = (
            reading.clean_text(text_of(cells.get(name))) for name in (Field.TEXT, Field.PROS, Field.CONS)
        )
        text = reading.compose(title, body, pros, cons)
        if not text and stars is None:
            raise Refused("нет ни текста, ни оценки")
        dated = self._dated(row, Field.POSTED, file, card, "дата")
        precision = text_of(cells.get(Field.PRECISION))
        if dated.at is not None and precision in set(Precision):
            dated = UNKNOWN if precision == Precision.UNKNOWN else Dated(dated.at, Precision(precision))
        own = reading.clean_line(identifier_of(cells.get(Field.ID)))
        told = self._told_date(row, card, dated.precision)
        return FetchedReview(
            external_id=own or identity(card, author, told, text, stars),
            stars=stars,
            text=text,
            author=author,
            posted_at=dated.at,
            posted_precision=dated.precision,
            url=self._url(text_of(cells.get(Field.URL)).strip(), card, own),
            reply=self._reply(row, file, card),
        )

    def _reply(self, row: Row, file: File, card: Card) -> Reply | None:
        said = row.cells.get(Field.REPLY)
        text = reading.clean_text(text_of(said)) if is_said(said) else ""
        return Reply(text, self._dated(row, Field.REPLY_AT, file, card, "дата ответа").at) if text else None

    def _dated(self, row: Row, column: Field, file: File, card: Card, what: str) -> Dated:
        """A date as the place's people meant it. «Вчера» was said when the file was written; a whole date needs no
        such help, and a file may have been stamped with any time."""
        said = moment_of(row.cells.get(column))
        if not said:
            return UNKNOWN
        now = self._clock.now()
        dated = read_date(said, zone=card.timezone, now=now if _ABSOLUTE.search(said) else min(file.written_at, now))
        if dated.at is None:
            raise Refused(f"{what} не читается или лежит в будущем: нужна, например, 21.11.2026 или 2026-11-21 14:30")
        return dated

    def _told_date(self, row: Row, card: Card, precision: Precision) -> str:
        """The date as the file tells it, the same whenever it is read and wherever it has been copied to: a whole date
        in any form, or the words («вчера»)."""
        said = moment_of(row.cells.get(Field.POSTED))
        if not _ABSOLUTE.search(said) or precision in (Precision.APPROXIMATE, Precision.UNKNOWN):
            return said
        # What lies a little ahead would become today, another day at each import.
        at = read_date(said, zone=card.timezone, now=self._clock.now() + _AHEAD).at
        return at.isoformat() if at else said

    def _url(self, said: str, card: Card, own: str) -> str:
        """The address the file tells, else the review's own where the site builds it from the id, else the card's; ""
        where a review without an id of the site has no address."""
        if re.fullmatch(r"https?://[^\s\x00-\x1f<>\"]{4,2000}", said):
            return said
        probe = own if own and not own.startswith(FILE_ID) else "0"
        built = self._sources[card.source].review_url(card, probe)
        needs_id = built != self._sources[card.source].review_url(card, probe + "0")
        return "" if needs_id and probe != own else built


def identity(card: Card, author: str, date: str, text: str, stars: int | None = None) -> str:
    """The same for the same row of the same file, whenever it is read. `stars` only where nothing else tells one
    rating from another."""
    told = "\0".join((card.source, card.id, author, date, text[:200]))
    if not author and not text:
        told += f"\0{stars}"
    return FILE_ID + sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _once_more(brought: Brought, times: int) -> Brought:
    """The same row again in one file: short praise without a name may be two people's. The second, third… has an id
    of its own, the same in every reading of the file."""
    if times == 1:
        return brought
    digest = sha256(f"{brought.review.external_id}\0{times}".encode()).hexdigest()[:40]
    return replace(brought, review=replace(brought.review, external_id=FILE_ID + digest))


def _count(report: ImportReport, item: _Item, effect: Effect) -> None:
    reason = _REASONS.get(effect.fate)
    if reason is not None:
        url = item.brought.review.url if effect.fate is Fate.CUT else ""
        told = f"{reason}: {url}" if url else reason
        report.rejected.append(Rejected(item.file.name, item.line, told, page=item.brought.site))
        return
    report.new += effect.fate is Fate.NEW
    report.edited += effect.fate is Fate.EDITED
    report.known += effect.fate is Fate.KNOWN
    report.replies += effect.replied
    report.opened += effect.opened
