"""What is kept about one author, for people to read: a page of HTML without style, script or address.

A table of `Kept` is a row of `SECTIONS`, or its rows say nothing to people (`FOR_PROGRAMS`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor import history, wording
from monitor.clock import from_iso
from monitor.erasing import Names
from monitor.handout import Handout
from monitor.samples import FOLDER
from monitor.store.connection import Row
from monitor.store.kept import SEARCH

SHIPPED = Path(__file__).resolve().parent.parent / "templates" / "handout"

UNSIGNED = "без имени"

Say = Callable[[Any, ZoneInfo], str]
"""A value, and where its place is → how people read it; "" leaves the line out."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table in words: `records`, each of lines of name and value."""

    title: str
    records: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All about one review. `number` of its ticket, None where it never stood in the queue."""

    number: int | None
    title: str
    sections: tuple[Section, ...]


# --- how values are read ------------------------------------------------------------------------


def _words(value: Any, _zone: ZoneInfo) -> str:
    return wording.visible(str(value)).strip()


def _moment(value: str, zone: ZoneInfo) -> str:
    return f"{from_iso(value).astimezone(zone):%d.%m.%Y %H:%M}"


def _stars(value: int, _zone: ZoneInfo) -> str:
    return f"{value} из 5"


def _of(names: Mapping[str, str]) -> Say:
    return lambda value, _zone: names.get(value, str(value))


def _said(value: int, _zone: ZoneInfo) -> str:
    return "да" if value else "нет"


def _mentions(names: Mapping[str, str]) -> Say:
    """Of a JSON list whose items begin with an id and hold a quote after it."""

    def say(value: Any, _zone: ZoneInfo) -> str:
        found = ((names.get(item[0], item[0]), [part for part in item[1:] if part]) for item in value)
        return "; ".join(
            f"{name} ({', '.join(_part(part) for part in rest)})" if rest else name for name, rest in found
        )

    return say


def _themes(value: Any, _zone: ZoneInfo) -> str:
    """Which rule found a theme says nothing to people."""
    return "; ".join(_theme(*item[:4]) for item in value)


def _theme(theme: str, tone: str, quote: str, of: str = "") -> str:
    name = wording.QUALITY_OF.get(of) or wording.THEMES.get(theme, theme)
    return f"{name} ({', '.join(_part(part) for part in (tone, quote) if part)})"


def _part(part: Any) -> str:
    return wording.TONES.get(part, f"«{wording.visible(str(part))}»")


def _phrases(value: Any, _zone: ZoneInfo) -> str:
    return ", ".join(f"«{wording.visible(phrase)}»" for phrase, _ in value)


def _people(value: Any, _zone: ZoneInfo) -> str:
    return ", ".join(wording.visible(" ".join(filter(None, (item[0], item[1])))) for item in value)


_REPLY_STATES = {"published": "опубликован", "pending": "на проверке", "rejected": "отклонён"}

SECTIONS: Mapping[str, tuple[str, Mapping[str, tuple[str, Say]]]] = {
    "review": (
        "Отзыв",
        {
            "author": ("Имя", _words),
            "stars": ("Оценка", _stars),
            "text": ("Текст", _words),
            "posted_at": ("Написан", _moment),
            "url": ("Адрес", _words),
            "external_id": ("Номер на площадке", _words),
            "first_seen_at": ("Мы увидели", _moment),
            "last_seen_at": ("Видели последний раз", _moment),
            "removed_at": ("Исчез с площадки", _moment),
            "reply_text": ("Ответ на площадке", _words),
        },
    ),
    "revision": (
        "Тексты отзыва",
        {
            "number": ("Номер", _words),
            "seen_at": ("Увидели", _moment),
            "stars": ("Оценка", _stars),
            "text": ("Текст", _words),
        },
    ),
    "reply": (
        "Ответы на площадке",
        {
            "seen_at": ("Увидели", _moment),
            "at": ("Опубликован", _moment),
            "state": ("Состояние", _of(_REPLY_STATES)),
            "text": ("Текст", _words),
        },
    ),
    "verdict": (
        "Что нашёл разбор текста",
        {
            "revision": ("Текст №", _words),
            "tone": ("Тон", _of(wording.TONES)),
            "themes": ("Темы", _themes),
            "risks": ("Опасности", _mentions(wording.RISKS)),
            "intents": ("Намерения", _mentions(wording.INTENTS)),
            "evidence": ("По каким словам", _phrases),
            "people": ("Кто назван в тексте", _people),
        },
    ),
    "label": (
        "Что сотрудник сказал о тоне",
        {
            "tone": ("Тон", _of(wording.TONES)),
            "complaint": ("Есть жалоба", _said),
            "tone_by": ("О тоне сказал", _words),
            "complaint_by": ("О жалобе сказал", _words),
            "made_at": ("Когда", _moment),
        },
    ),
    "theme_label": (
        "Что сотрудник сказал о темах",
        {
            "theme": ("Тема", _of(wording.THEMES)),
            "holds": ("Есть", _said),
            "by": ("Кто", _words),
            "made_at": ("Когда", _moment),
        },
    ),
    "danger_label": (
        "Что сотрудник сказал об опасностях",
        {
            "danger": ("Опасность", _of(wording.RISKS)),
            "holds": ("Есть", _said),
            "by": ("Кто", _words),
            "made_at": ("Когда", _moment),
        },
    ),
    "ticket": (
        "Ход работы",
        {
            "id": ("Номер в очереди", _words),
            "state": ("Состояние", _of(wording.STATES)),
            "assignee": ("Занимается", _words),
            "due_at": ("Срок ответа", _moment),
            "answered_at": ("Ответили", _moment),
            "closed_at": ("Закрыт", _moment),
            "measure": ("Что сделано", _words),
        },
    ),
    "draft": (
        "Черновики ответа",
        {
            "number": ("Номер", _words),
            "at": ("Когда", _moment),
            "author": ("Кто правил", _words),
            "text": ("Текст", _words),
        },
    ),
    "note": ("Заметки коллег", {"at": ("Когда", _moment), "author": ("Кто", _words), "text": ("Текст", _words)}),
    "dispute": (
        "Жалобы на отзыв",
        {
            "at": ("Когда", _moment),
            "state": ("Состояние", _of(wording.DISPUTES)),
            "actor": ("Кто", _words),
            "why": ("Пояснение", _words),
        },
    ),
    "gesture": (
        "Что предлагали лично",
        {
            "proposed_at": ("Когда", _moment),
            "what": ("Что", _words),
            "amount": ("Рублей", _words),
            "state": ("Состояние", _of(wording.GESTURES)),
            "proposed_by": ("Кто предложил", _words),
            "decided_by": ("Кто решил", _words),
        },
    ),
    "measure": (
        "Что записали среди мер",
        {
            "noted_at": ("Когда", _moment),
            "what": ("Что", _words),
            "day": ("С какого дня", _words),
            "noted_by": ("Кто", _words),
        },
    ),
    "event": ("История", {}),  # told by `monitor.history`
    "notification": (
        "Кому сообщили",
        {
            "recipient": ("Кому", _words),
            "kind": ("О чём", _of(wording.NOTIFICATIONS)),
            "created_at": ("Поставлено в очередь", _moment),
            "sent_at": ("Отправлено", _moment),
            "state": ("Состояние", _of(wording.SENDINGS)),
        },
    ),
    "answer": ("Что сообщили программам", {"at": ("Когда", _moment), "body": ("Ответ", _words)}),
    SEARCH: ("По каким словам находит поиск", {"words": ("Слова", _words)}),
}
"""Table → what it is called, and its columns that say something."""

FOR_PROGRAMS = frozenset({"alias", "sketch", "notification_ticket", "changed", "fact_stale"})
"""Numbers alone."""


# --- the page -----------------------------------------------------------------------------------


def as_page(found: Handout, names: Names) -> bytes:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    shipped = FileSystemLoader(SHIPPED)
    templates = Environment(loader=shipped, undefined=StrictUndefined, autoescape=True, trim_blocks=True)
    zone = names.zone(found.reviews[0][0]["place"])
    text = templates.get_template("author.html").render(
        name=wording.visible(found.author) or UNSIGNED,
        business=wording.visible(found.business),
        made=f"{found.made_at.astimezone(zone):%d.%m.%Y %H:%M}",
        sheets=[_sheet(found, row, kept, names) for row, kept in found.reviews],
        same=[f"{names.site(row['source'])}: {wording.visible(row['url'])}" for row in found.same_words],
        samples=[f"{FOLDER}/{name}" for name in found.samples],
        mails=found.mails,
    )
    return text.encode("utf-8", "replace")


def _sheet(found: Handout, row: Row, kept: Mapping[str, list[Row]], names: Names) -> Sheet:
    zone = names.zone(row["place"])
    told = (_section(found, table, rows, zone) for table, rows in kept.items() if table not in FOR_PROGRAMS)
    title = names.where(row) if row["ticket"] is None else names.title(row)
    return Sheet(row["ticket"], title, tuple(section for section in told if section.records))


def _section(found: Handout, table: str, rows: list[Row], zone: ZoneInfo) -> Section:
    title, columns = SECTIONS.get(table, (table, {}))
    if table == "event":
        lines = history.told(rows, str(zone), found.made_at)
        return Section(title, tuple(tuple(_event(line, zone)) for line in lines))
    names = columns or {name: (name, _words) for name in (rows[0] if rows else ())}
    return Section(title, tuple(tuple(_lines(row, names, zone)) for row in rows))


def _event(line: history.Told, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "Когда", f"{line.at.astimezone(zone):%d.%m.%Y %H:%M}"
    yield "Что", wording.visible(": ".join(filter(None, (line.what, line.about))))
    if line.who:
        yield "Кто", line.who


def _lines(row: Row, columns: Mapping[str, tuple[str, Say]], zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    for column, (name, say) in columns.items():
        value = row.get(column)
        if value is not None and value != "" and (said := say(value, zone)):
            yield name, said
