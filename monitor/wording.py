"""How times, counts, states and strangers' texts are said to people: Russian, and safe to show.

Numbers and their units are held together by no-break spaces. The keys of the tables are the ids of
`monitor.model`, `monitor.alerts` and `sentiment.types` as plain strings, because both stand above this module.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

GLUE = "\u00a0"
"""A no-break space."""

SEVERITIES: Mapping[str, str] = {"error": "ошибка", "warning": "замечание", "hint": "совет"}
"""What the linter finds, by how much it matters."""

STATES: Mapping[str, str] = {
    "open": "ждёт ответа",
    "approved": "ответ одобрен",
    "submitted": "ответ отправлен",
    "answered": "ответ опубликован",
    "dismissed": "закрыт без ответа",
    "removed": "отзыв удалён",
    "unanswerable": "ответить нельзя",
}

ERASED = "стёрт"
"""The state of what waited until it was erased: nobody closed it without an answer."""

ROLES: Mapping[str, str] = {
    "operator": "оператор",
    "lead": "старший смены",
    "owner": "владелец",
    "administrator": "администратор",
}
"""Who works at the desk."""

GRANTS: Mapping[str, str] = {
    "read": "читать отзывы",
    "numbers": "видеть показатели",
    "act": "отвечать на отзывы",
}
"""What a token lets a program do, by the id of the grant."""

TONES: Mapping[str, str] = {"negative": "негативный", "neutral": "нейтральный", "positive": "позитивный"}

TONE_SIGNS: Mapping[str, str] = {"negative": "−", "neutral": "без оценки", "positive": "+"}
"""How a theme is spoken of, in brackets."""

COMPLAINTS: Mapping[str, str] = {"complaint": "есть жалоба", "no_complaint": "жалоб нет"}

THEMES: Mapping[str, str] = {
    "staff": "персонал",
    "waiting": "ожидание",
    "quality": "качество",
    "cleanliness": "чистота",
    "price": "цены",
    "atmosphere": "атмосфера",
    "delivery": "доставка",
    "booking": "запись и бронирование",
    "payment": "оплата",
    "deceit": "обман",
    "safety": "безопасность",
    "assortment": "ассортимент",
    "location": "расположение",
}

RISKS: Mapping[str, str] = {
    "poisoning": "отравление",
    "injury": "травма",
    "medical_harm": "вред здоровью от лечения",
    "legal": "суд или жалоба в надзор",
    "discrimination": "дискриминация",
    "threat": "угроза расправы",
    "fraud": "мошенничество",
    "child_harm": "вред ребёнку",
    "animal_harm": "вред животному",
    "pests": "насекомые, грызуны или посторонний предмет",
    "fire_gas": "пожар или утечка газа",
    "publicity": "угроза оглаской",
}

INTENTS: Mapping[str, str] = {
    "question": "вопрос",
    "contact": "просит связаться",
    "refund": "требует возврата или компенсации",
    "thanks": "благодарит",
    "suggestion": "предложение",
    "wrong_place": "похоже, отзыв не о нас",
    "spam": "похоже на рекламу",
    "off_topic": "не по делу",
}

DISMISSALS: Mapping[str, str] = {
    "spam": "спам",
    "duplicate": "дубль",
    "wrong_place": "не о нас",
    "off_topic": "не по делу",
    "answered_elsewhere": "ответили в другом месте",
    "other": "другое",
}
"""Why a review needs no answer, by the ids of `monitor.actions.DISMISS_REASONS`."""

FAULTS: Mapping[str, str] = {
    "unconfirmed": "вина не подтверждена",
    "confirmed": "вина подтверждена",
    "denied": "нашей вины нет",
}

GESTURES: Mapping[str, str] = {
    "proposed": "ждёт владельца",
    "agreed": "согласован",
    "declined": "отклонён",
    "withdrawn": "отозван",
}

DISPUTES: Mapping[str, str] = {
    "filed": "жалоба подана",
    "rejected": "жалоба отклонена",
    "removed": "отзыв удалён по жалобе",
}
"""What became of a complaint about a review to its site."""

REGISTERS: Mapping[str, str] = {"warm": "тёплая", "neutral": "нейтральная", "formal": "официальная"}
"""How a business speaks, as an adjective of «речь»."""

QUALITY_OF: Mapping[str, str] = {"food": "качество еды", "goods": "качество товара", "work": "качество работы"}
"""The theme `quality`, by what it is of."""

ALARMS: Mapping[str, str] = {
    "blocked": "сайт отказывает",
    "unauthorised": "ключ не принят",
    "layout_changed": "сайт изменился",
    "unreachable": "сайт не отвечает",
    "gone": "карточка пропала",
    "emptied": "вдруг ни одного отзыва",
    "gap": "видны не все отзывы",
    "silent": "давно нет новых отзывов",
}
"""What is wrong with reading, by the id of the alarm's kind."""

NOTIFICATIONS: Mapping[str, str] = {
    "deadline": "срок ответа",
    "warnings": "подходят сроки ответа",
    "overdue": "ответы просрочены",
    "danger": "опасный отзыв",
    "unanswerable": "негативный отзыв, ответить нельзя",
    "intake": "отзывы не читаются",
    "digest": "утренняя сводка",
    "weekly": "отчёт за неделю",
    "entry": "ссылка для входа",
    "account": "изменение учётной записи",
}
"""What a mail or a message to a channel is about, by the id of the alert's kind."""

SENDINGS: Mapping[str, str] = {
    "pending": "ждёт отправки",
    "sent": "отправлено",
    "failed": "не ушло",
    "cancelled": "отменено",
}
"""What became of it."""

MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip


def plural(count: int, one: str, few: str, many: str) -> str:
    """The form that goes with `count`: 1 отзыв, 2 отзыва, 5 отзывов."""
    tens, units = abs(count) % 100, abs(count) % 10
    if units == 1 and tens != 11:
        return one
    return few if 2 <= units <= 4 and not 12 <= tens <= 14 else many


def counted(count: int, one: str, few: str, many: str) -> str:
    """The number with its word: `5 отзывов`."""
    return f"{count}{GLUE}{plural(count, one, few, many)}"


def thousands(number: int) -> str:
    """`500`, `1 400`, `12 345 678`."""
    return f"{number:,}".replace(",", GLUE)


def roubles(amount: int) -> str:
    """`1 400 ₽`."""
    return f"{thousands(amount)}{GLUE}₽"


NOTHING = "—"
"""Where there is no number."""


def per_cent(rate: float) -> int:
    """Rounded, but neither all nor nothing unless it is."""
    return round(rate * 100) if rate in (0, 1) else min(max(round(rate * 100), 1), 99)


def percent(rate: float | None) -> str:
    """`98 %` of 0.98."""
    return NOTHING if rate is None else f"{per_cent(rate)}{GLUE}%"


def fine_percent(rate: float | None) -> str:
    """`5,7 %` of 0.0571, by the same rule."""
    if rate is None or rate in (0, 1):
        return percent(rate)
    return f"{min(max(rate * 100, 0.1), 99.9):.1f}{GLUE}%".replace(".", ",")


def decimal(number: float | None) -> str:
    """With one digit after the comma, `4,3`; whole numbers without."""
    return NOTHING if number is None else f"{number:.1f}".removesuffix(".0").replace(".", ",")


def size(count: int) -> str:
    """Bytes as people write them: `512 Б`, `3,4 КБ`, `120 МБ`; 1024 to the next unit."""
    amount, units = float(count), ["Б", "КБ", "МБ", "ГБ"]
    while amount >= 1024 and len(units) > 1:
        amount /= 1024
        del units[0]
    shown = f"{amount:.1f}".replace(".", ",") if units[0] != "Б" and amount < 10 else f"{amount:.0f}"
    return f"{shown}{GLUE}{units[0]}"


def duration(length: timedelta) -> str:
    """`меньше минуты`, `42 мин`, `1 ч 5 мин`, `1 день 4 ч`, `3 дня`: rounded down; hours go from the third day on. As
    «на», «за», «через» want it, and never «не дольше»."""
    minutes = int(length / timedelta(minutes=1))
    days, hours = minutes // (24 * 60), minutes // 60 % 24
    if minutes < 1:
        return "меньше минуты"
    in_days = (days, plural(days, "день", "дня", "дней"))
    if days > 2:
        parts = [in_days]
    elif days:
        parts = [in_days, (hours, "ч")]
    else:
        parts = [(hours, "ч"), (minutes % 60, "мин")]
    return " ".join(f"{number}{GLUE}{unit}" for number, unit in parts if number)


def from_now(length: timedelta) -> str:
    """`через 42 мин`, `меньше чем через минуту`."""
    return "меньше чем через минуту" if length < timedelta(minutes=1) else f"через {duration(length)}"


def ago(length: timedelta) -> str:
    """`42 мин назад`, `только что`."""
    return "только что" if length < timedelta(minutes=1) else f"{duration(length)} назад"


def time_left(due_at: datetime, now: datetime) -> str:
    """`осталось 42 мин`, `остался 1 день 4 ч` or `просрочено на 2 ч`; never says more time than there is."""
    left = due_at - now
    if left > timedelta():
        return f"{plural(left.days, 'остался', 'осталось', 'осталось')} {duration(left)}"
    if left > timedelta(minutes=-1):
        return "срок только что вышел"
    return f"просрочено на {duration(-left)}"


def stars(count: int | None) -> str:
    """`★★☆☆☆`; a review may come without."""
    if count is None:
        return "без оценки"
    full = min(max(count, 0), 5)
    return "★" * full + "☆" * (5 - full)


# --- moments ----------------------------------------------------------------------------------


def moment(at: datetime, zone: str, now: datetime) -> str:
    """`сегодня в 12:40`, `3 марта в 14:00`, `3 марта 2025 г. в 14:00`, in the place's time zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(at, zone, now)} в{GLUE}{local.hour}:{local.minute:02}"


def day(at: datetime, zone: str, now: datetime) -> str:
    """`сегодня`, `вчера`, `завтра`, `3 марта`, and with its year when it is not this one."""
    local, today = _days(at, zone, now)
    names = {0: "сегодня", -1: "вчера", 1: "завтра"}
    return names.get((local - today).days) or date_told(local, today)


def posted(at: datetime | None, precision: str, zone: str, now: datetime) -> str:
    """When a review was written, as exactly as its site tells: `precision` is exact, day, approximate or unknown."""
    if at is None or precision == "unknown":
        return "дата неизвестна"
    if precision == "exact":
        return moment(at, zone, now)
    return day(at, zone, now) if precision == "day" else f"около {date_told(*_days(at, zone, now))}"


def _days(at: datetime, zone: str, now: datetime) -> tuple[date, date]:
    """The day of `at` and today, where the place is."""
    place = ZoneInfo(zone)
    return at.astimezone(place).date(), now.astimezone(place).date()


def date_told(local: date, today: date) -> str:
    """In the genitive."""
    named = f"{local.day}{GLUE}{MONTHS[local.month - 1]}"
    return named if local.year == today.year else f"{named} {local.year}{GLUE}г."


def between(first: date, last: date, today: date) -> str:
    """`20 ноября`, `16–22 ноября`, `28 ноября — 4 декабря`, with a year that is not this one."""
    if first == last:
        return date_told(last, today)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{date_told(last, today)}"
    return f"{date_told(first, today)} — {date_told(last, today)}"


# --- strangers' texts -------------------------------------------------------------------------

_TERMINAL_SEQUENCE = re.compile("(?:\x1b\\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]")
_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # whoever sets the direction of writing can turn a sentence round
    "\u00ad\u200b\u2060\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"  # invisible: they can hide a word from a search
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_JOINERS = "\u200d\ufe0f"


def visible(text: str) -> str:
    """A stranger's text without what a terminal or a browser would obey; line breaks stay, a lone surrogate becomes �.

    Not escaped for HTML: that is the template's work.
    """
    without_sequences = _TERMINAL_SEQUENCE.sub("", text)
    lines = _LINE_BREAK.sub("\n", without_sequences).replace("\t", " ")
    return _LONE_SURROGATE.sub("\ufffd", _UNSEEN.sub("", lines))


# Inside JSON text only strings can hold these: what ends a line for somebody (C1, separators), what a terminal obeys
# (C1, marks that turn the direction of writing), what UTF-8 cannot write (lone surrogates).
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe_json(value: object, *, indent: int | None = None) -> str:
    """For every reader and terminal, in readable Cyrillic; one line without `indent`."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def is_plain(text: str) -> bool:
    """Whether every character shows, all in one line; no-break spaces and the joiners of emoji may stand there."""
    return all(character.isprintable() or character in f"{GLUE}\u202f{_JOINERS}" for character in text)


_INNER = str.maketrans("«»", "„“")


def quoted(text: str, width: int) -> str:
    """`«Официант сказал „уже несут“»`: a stranger's words as `one_line`, in quotes."""
    return f"«{inner(text, width)}»"


def inner(text: str, width: int) -> str:
    """`Официант сказал „уже несут“`: as they stand between quotes of ours."""
    return one_line(text, width).translate(_INNER)


def one_line(text: str, width: int) -> str:
    """The beginning of a stranger's text in one line of at most `width` characters, cut at a word with `…`."""
    line = " ".join(visible(text).split())
    if len(line) <= width:
        return line
    if width < 1:
        return ""
    end = width - 1
    space = line.rfind(" ", 0, end + 1)
    if space >= end // 2 and space > 0:
        return line[:space].rstrip(" ,.;:–—-") + "…"
    while end > 0 and (unicodedata.combining(line[end]) or line[end] in _JOINERS or line[end - 1] == "\u200d"):
        end -= 1  # a letter keeps its accent, an emoji its parts
    return line[:end] + "…"
