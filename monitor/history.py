"""What became of a ticket, in words: its events, for the terminal and the desk alike."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor import wording
from monitor.clock import from_iso
from monitor.corrections import NO

NAME_LIMIT = 40
"""Characters."""

YOU = "Вы"
"""Whoever looks."""

EVENTS = {
    "opened": "встал в очередь",
    "classified": "разобран",
    "retagged": "указано вручную",
    "themed": "темы указаны вручную",
    "endangered": "опасности указаны вручную",
    "deadline": "срок изменён",
    "taken": "взят в работу",
    "assigned": "передан коллеге",
    "released": "возвращён в очередь",
    "noted": "заметка",
    "edited": "ответ изменён",
    "approved": "ответ одобрен",
    "submitted": "ответ отправлен",
    "answered": "ответ появился на площадке",
    "answered_elsewhere": "ответили не через Отклик",
    "confirmed": "ответ подтверждён",
    "posting": "отправка ответа на площадку",
    "posted": "площадка приняла ответ",
    "publish_failed": "запрос к площадке не удался",
    "retracting": "снятие ответа с площадки",
    "retracted": "ответ снят с площадки",
    "dismissed": "закрыт без ответа",
    "reopened": "открыт снова",
    "revised": "автор изменил отзыв",
    "removed": "отзыв исчез с площадки",
    "vanished": "отзыв исчез с площадки",
    "returned": "отзыв снова на площадке",
    "reply_seen": "на площадке виден ответ",
    "reply_gone": "ответа на площадке больше нет",
    "unlocked": "теперь можно ответить",
    "forgotten": "данные стёрты",
    "level": "напоминание",
    "acknowledged": "напоминания остановлены",
    "danger": "владельцу сообщили об опасности",
    "danger_known": "владелец уже знает об опасности",
    "analysis_failed": "разбор текста не удался",
}
"""Event → what happened; of some kinds what it came to tells it better."""

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
        about = "; ".join(filter(None, (_change(event, zone, now, name), _reason(event))))
        yield Told(from_iso(event["at"]), event["kind"], _what(event), about, name(event["actor"]))


_TARGETS = {"unclassified": "ещё не разобран", "negative": "срочный", "other": "обычный"}

_SAID = {**wording.TONES, **wording.COMPLAINTS}

_OWN_WORDS = ("retagged", "themed", "endangered", "fault")
"""Events whose reason is in a person's own words."""

_UNDERSTOOD = frozenset({
    "автор изменил отзыв", "отзыв исчез с площадки", "отзыв снова на площадке", "теперь можно ответить",
    "ответ виден на площадке", "на площадке виден ответ, который отправляли не отсюда", "открыт вручную",
    "разбор текста не удался",
})  # fmt: skip
"""Reasons that the event's own name tells."""

_REASONS = {"стал срочным": "отзыв стал срочным", "стал обычным": "отзыв стал обычным"}


def _what(event: Mapping[str, str]) -> str:
    kind, became = event["kind"], event["became"]
    match kind:
        case "opened" if became != "open":
            return "получен"
        case "dispute":
            return wording.DISPUTES.get(became, became)
        case "fault":
            return wording.FAULTS.get(became, became)
        case "gesture":
            return f"жест {wording.GESTURES.get(became, became)}"
        case _:
            return EVENTS.get(kind, kind)


def _reason(event: Mapping[str, str]) -> str:
    reason = event["why"]
    if event["kind"] in _OWN_WORDS:
        return reason
    if reason in _UNDERSTOOD:
        return ""
    return _REASONS.get(reason, wording.DISMISSALS.get(reason, reason))


def _change(event: Mapping[str, str], zone: str, now: datetime, name: Callable[[str], str]) -> str:
    """What it came to, and what it was before where that matters."""
    kind, was, became = event["kind"], event["was"], event["became"]
    match kind:
        case "classified":
            target = _TARGETS.get(became, became)
            return target if was in ("", "unclassified") else f"теперь {target}"
        case "retagged":
            return _retagged(was, became)
        case "themed":
            return _by_hand(became, wording.THEMES)
        case "endangered":
            return _by_hand(became, wording.RISKS)
        case "deadline":
            old, new = (wording.moment(from_iso(at), zone, now) if at else "" for at in (was, became))
            return ", ".join(filter(None, (f"теперь {new}", old and f"раньше был {old}")))
        case "taken" | "assigned" | "released":
            return _handed(event, name)
        case "danger" | "danger_known":
            return ", ".join(wording.RISKS.get(risk, risk) for risk in became.split(","))
        case "level":
            return LEVELS.get(became, became)
        case _:
            return _came_to(kind, was, became)


def _retagged(was: str, became: str) -> str:
    """«нейтральный, жалоб нет (было: негативный)»; what is as it was goes without saying."""
    before, after = _only_news(was, became)
    told, earlier = (", ".join(_SAID.get(word, word) for word in side.split(",") if word) for side in (after, before))
    return f"{told} (было: {earlier})" if earlier and earlier != told else told


def _only_news(was: str, became: str) -> tuple[str, str]:
    """Of a tone and what is said of complaints, comma between: what is another now; all of it where nothing is."""
    before, after = was.split(","), became.split(",")
    if before == after:
        return was, became
    gone, news = ([word for word in one if word not in other] for one, other in ((before, after), (after, before)))
    return ",".join(gone), ",".join(news)


def _by_hand(said: str, titles: Mapping[str, str]) -> str:
    """«ожидание, цены (−); нет: персонал»."""
    there: list[str] = []
    missing: list[str] = []
    for one in said.split(","):
        if one.startswith(NO):
            missing.append(titles.get(one[len(NO) :], one))
            continue
        word, _, tone = one.partition(":")
        there.append(f"{titles.get(word, word)} ({wording.TONE_SIGNS[tone]})" if tone else titles.get(word, word))
    return "; ".join(filter(None, (", ".join(there), f"нет: {', '.join(missing)}" if missing else "")))


def _handed(event: Mapping[str, str], name: Callable[[str], str]) -> str:
    """Into whose hands, and out of whose, unless whoever did it says that."""
    was, became, actor = event["was"], event["became"], event["actor"]
    to = name(became) if event["kind"] == "assigned" else ""
    if was in ("", actor):
        return to
    holder = name(was)
    return ", ".join(filter(None, (to, "раньше занимались Вы" if holder == YOU else f"прежний ответственный {holder}")))


def _came_to(kind: str, was: str, became: str) -> str:
    """What an event means for the answer, as far as its name does not tell it."""
    if became == "unanswerable" and kind in ("opened", "reopened", "revised", "returned"):
        return "ответить нельзя"
    if became == "submitted" and kind == "answered":
        return "на проверке у площадки"
    if (was, became) == ("approved", "open") and kind in ("edited", "revised"):
        return "одобрение снято"
    return "снова ждёт ответа" if kind == "revised" and became == "open" != was else ""
