"""What became of a ticket, in words: its events, for the terminal and the desk alike."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor import wording
from monitor.clock import from_iso
from monitor.corrections import NO

NAME_LIMIT = 40
"""Characters."""

EVENTS = {
    "opened": "заведён",
    "classified": "разобран",
    "retagged": "тон указан вручную",
    "themed": "темы указаны вручную",
    "deadline": "срок изменён",
    "taken": "взят в работу",
    "assigned": "передан коллеге",
    "released": "отпущен",
    "noted": "заметка",
    "dispute": "жалоба площадке",
    "fault": "чья вина",
    "gesture": "жест",
    "edited": "ответ изменён",
    "approved": "ответ одобрен",
    "submitted": "ответ отправлен",
    "answered": "отвечен",
    "answered_elsewhere": "ответили не отсюда",
    "confirmed": "ответ подтверждён",
    "posting": "отправляем ответ",
    "posted": "ответ принят",
    "publish_failed": "запрос не удался",
    "retracting": "снимаем ответ",
    "retracted": "ответ снят",
    "dismissed": "закрыт без ответа",
    "reopened": "открыт снова",
    "revised": "отзыв изменён",
    "removed": "отзыв исчез",
    "vanished": "отзыв исчез",
    "returned": "отзыв вернулся",
    "reply_seen": "ответ на площадке",
    "reply_gone": "ответ пропал",
    "unlocked": "открыт для ответа",
    "forgotten": "данные стёрты",
    "level": "напоминание",
    "acknowledged": "увидели",
    "danger": "сообщено владельцу",
    "danger_known": "владелец уже знает",
    "analysis_failed": "разбор не удался",
}

LEVELS = {
    "50%": "прошла половина срока",
    "80%": "осталась пятая часть срока",
    "breach": "срок вышел",
    "+1x": "просрочено на целый срок",
    "+2x": "просрочено на два срока",
    "notice": "площадка не даёт ответить",
}


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words: `what` happened, `about` more of it, `who` did it; both "" where there is nothing to say."""

    at: datetime
    kind: str
    what: str
    about: str
    who: str


def short(login: str) -> str:
    """The name under which somebody acts, as a line of a history has it."""
    return wording.one_line(login, NAME_LIMIT)


def told(
    events: Iterable[Mapping[str, str]], zone: str, now: datetime, name: Callable[[str], str] = short
) -> Iterator[Told]:
    """A ticket's events; `name` tells people from their logins."""
    for event in events:
        reason = event["why"]
        if event["kind"] not in _OWN_WORDS:
            reason = wording.DISMISSALS.get(reason, reason)
        about = ": ".join(filter(None, (_change(event, zone, now, name), reason)))
        kind = event["kind"]
        yield Told(from_iso(event["at"]), kind, EVENTS.get(kind, kind), about, name(event["actor"]))


_TARGETS = {"unclassified": "ещё не разобран", "negative": "срочный", "other": "обычный"}


_NAMED = (
    "released", "edited", "approved", "submitted", "acknowledged", "noted", "posting", "posted", "retracted",
)  # fmt: skip
"""Events that the kind and the actor's name tell whole."""

_HANDED = ("taken", "assigned")
"""Events that tell whose hands a ticket left, and into whose it came."""

_OWN_WORDS = ("retagged", "themed", "fault")
"""Events whose reason is in a person's own words."""

_SAID = {**wording.TONES, **wording.COMPLAINTS}


def _change(event: Mapping[str, str], zone: str, now: datetime, name: Callable[[str], str]) -> str:
    """`было → стало`; what did not change, and which alarm rang before this one, goes without saying."""
    if event["kind"] in _NAMED or (event["kind"] == "taken" and not event["was"]):
        return ""
    before = "" if event["kind"] == "level" else event["was"]
    values = dict.fromkeys(value for value in (before, event["became"]) if value)
    if event["kind"] in _HANDED:
        return " → ".join(map(name, values))
    return " → ".join(_word(event["kind"], value, zone, now) for value in values)


def _word(kind: str, value: str, zone: str, now: datetime) -> str:
    match kind:
        case "classified":
            return _TARGETS.get(value, value)
        case "retagged":
            return ", ".join(_SAID.get(word, word) for word in value.split(","))
        case "themed":
            return _themes(value)
        case "dispute":
            return wording.DISPUTES.get(value, value)
        case "fault":
            return wording.FAULTS.get(value, value)
        case "gesture":
            return wording.GESTURES.get(value, value)
        case "danger" | "danger_known":
            return ", ".join(wording.RISKS.get(risk, risk) for risk in value.split(","))
        case "level":
            return LEVELS.get(value, value)
        case "deadline":
            return wording.moment(from_iso(value), zone, now)
        case _:
            return wording.STATES.get(value, value)


def _themes(said: str) -> str:
    """«ожидание, цены; нет: персонал»."""
    names = said.split(",")
    there = ", ".join(wording.THEMES.get(name, name) for name in names if not name.startswith(NO))
    missing = ", ".join(wording.THEMES.get(name[len(NO) :], name) for name in names if name.startswith(NO))
    return "; ".join(filter(None, (there, missing and f"нет: {missing}")))
