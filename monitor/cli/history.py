"""A ticket's history for the terminal: every event in words."""

from collections.abc import Iterable
from datetime import datetime

from monitor import wording
from monitor.clock import from_iso

EVENTS = {
    "opened": "заведён",
    "classified": "разобран",
    "retagged": "тон указан вручную",
    "deadline": "срок изменён",
    "taken": "взят в работу",
    "released": "отпущен",
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

REASONS = {
    "spam": "спам",
    "duplicate": "дубль",
    "wrong_place": "не о нас",
    "off_topic": "не по делу",
    "answered_elsewhere": "ответили в другом месте",
    "other": "другое",
}


def history_text(events: Iterable[dict[str, str]], zone: str, now: datetime) -> list[str]:
    """A ticket's events, one line each."""
    lines = []
    for event in events:
        when = wording.moment(from_iso(event["at"]), zone, now)
        who = f"({wording.one_line(event['actor'], 40)})" if event["actor"] else ""
        change, reason = _change(event, zone, now), event["why"]
        if event["kind"] not in ("retagged", "fault"):  # there it is a person's own words
            reason = REASONS.get(reason, reason)
        why = f": {reason}" if reason else ""
        kind = EVENTS.get(event["kind"], event["kind"])
        told = " ".join(filter(None, ((change + why).removeprefix(": "), who)))
        lines.append(f"  {when:<24} {kind:<22} {told}".rstrip())
    return lines


_TARGETS = {"unclassified": "ещё не разобран", "negative": "срочный", "other": "обычный"}


_NAMED = ("taken", "released", "edited", "approved", "submitted", "acknowledged", "posting", "posted", "retracted")
"""Events that the kind and the actor's name tell whole."""

_SAID = {**wording.TONES, **wording.COMPLAINTS}


def _change(event: dict[str, str], zone: str, now: datetime) -> str:
    """`было → стало`; what did not change, and which alarm rang before this one, goes without saying."""
    if event["kind"] in _NAMED:
        return ""
    before = "" if event["kind"] == "level" else event["was"]
    values = dict.fromkeys(value for value in (before, event["became"]) if value)
    return " → ".join(_word(event["kind"], value, zone, now) for value in values)


def _word(kind: str, value: str, zone: str, now: datetime) -> str:
    match kind:
        case "classified":
            return _TARGETS.get(value, value)
        case "retagged":
            return ", ".join(_SAID.get(word, word) for word in value.split(","))
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
        case "taken" | "released":
            return wording.one_line(value, 40)
        case _:
            return wording.STATES.get(value, value)
