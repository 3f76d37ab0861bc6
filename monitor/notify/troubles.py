"""What a mail says about an alarm: what is wrong, since when, what it means for the promise, what to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import wording
from monitor.alerts import AlarmKind, AlarmView, Alert
from monitor.notify.views import NAME_LIMIT, ON_SITE, WHY

MESSAGE_LIMIT = 600
CARDS_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Trouble:
    """One alarm, every string clean and in Russian. `title` begins with a capital; `since` is a moment and how long
    ago it was; `more` cards are not in `cards`; `retry` is "" where no read is planned."""

    title: str
    site: str
    message: str
    since: str
    meaning: str
    advice: tuple[str, ...]
    cards: tuple[str, ...]
    more: int
    retry: str


@dataclass(frozen=True, slots=True)
class IntakeLetter:
    """What the template of an INTAKE mail sees; `more` alarms are not in `troubles`."""

    business: str
    recipient: str
    why: str
    total: int
    more: int
    whole_list: str
    troubles: tuple[Trouble, ...]
    raised: str


def intake_letter(alert: Alert, business: str, now: datetime, limit: int) -> IntakeLetter:
    """`limit` alarms in full, of the others their number; an INTAKE alert has at least one."""
    worst = sorted(alert.alarms, key=lambda view: (list(AlarmKind).index(view.alarm.kind), view.alarm.raised_at))
    return IntakeLetter(
        business=wording.one_line(business, NAME_LIMIT),
        recipient=wording.one_line(alert.recipient, NAME_LIMIT * 2),
        why=WHY[alert.kind],
        total=len(worst),
        more=max(len(worst) - limit, 0),
        whole_list="otklik source list",
        troubles=tuple(trouble(view, now) for view in worst[:limit]),
        raised=wording.moment(alert.created_at, worst[0].timezone, now),
    )


def trouble(view: AlarmView, now: datetime) -> Trouble:
    alarm, zone = view.alarm, view.timezone
    site = wording.one_line(view.source_title, NAME_LIMIT)
    where = ON_SITE.get(alarm.source) or f"на сайте «{site}»"
    card = wording.one_line(view.cards[0].place_title, NAME_LIMIT) if view.cards else alarm.listing or ""
    lasting = wording.duration(now - alarm.raised_at)
    words = {"where": where, "card": card, "lasting": lasting, "reason": refusal(alarm.message)}
    said = SAID[alarm.kind]
    return Trouble(
        title=wording.one_line(said.title.format(**words), 2 * NAME_LIMIT),
        site=site,
        message=_sentence(wording.one_line(alarm.message, MESSAGE_LIMIT)),
        since=f"{wording.moment(alarm.raised_at, zone, now)} ({wording.ago(now - alarm.raised_at)})",
        meaning=said.meaning.format(**words),
        advice=said.advice(view),
        cards=tuple(_card(view, number, now) for number in range(min(len(view.cards), CARDS_LIMIT))),
        more=max(len(view.cards) - CARDS_LIMIT, 0),
        retry=_retry(view, now),
    )


def _card(view: AlarmView, number: int, now: datetime) -> str:
    card = view.cards[number]
    good = card.last_good_at
    read = f"последний раз прочитана {wording.moment(good, view.timezone, now)}" if good else "ещё ни разу не прочитана"
    return f"{wording.one_line(card.place_title, NAME_LIMIT)}: {read}"


def _retry(view: AlarmView, now: datetime) -> str:
    if view.retry_at is None:
        return ""
    at = max(view.retry_at, now)
    return f"{wording.moment(at, view.timezone, now)} ({wording.from_now(max(at - now, timedelta()))})"


def _sentence(text: str) -> str:
    """With a capital and a full stop, however the site's own message was written."""
    return "" if not text else text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


# --- why a site refused, in a few words -----------------------------------------------------------

_REFUSALS: Sequence[tuple[str, str]] = (
    ("капч", "капча"),
    ("robots.txt", "запрет в robots.txt"),
    ("429", "сайт просит обращаться реже"),
    ("квот", "превышена квота"),
    ("451", "доступ закрыт по требованию закона"),
)
"""A word of the message → what the subject says."""


def refusal(message: str) -> str:
    lower = message.lower()
    return next((words for sign, words in _REFUSALS if sign in lower), "сайт отказывает в доступе")


# --- what is said of each kind ------------------------------------------------------------------

Advice = Callable[[AlarmView], tuple[str, ...]]

_IMPORT = (
    "Если ждать нельзя: сохраните страницы с отзывами в браузере (Ctrl+S) или выгрузите отзывы таблицей "
    "и загрузите файлы сами: otklik import --help"
)
_NOT_SEEN = (
    "Пока это не пройдёт, новых отзывов, правок и ответов {where} мы не видим. Срок ответа на новый отзыв пойдёт "
    "только с того момента, когда его удастся прочитать."
)


def _after_refusal(view: AlarmView) -> tuple[str, ...]:
    if "robots.txt" in view.alarm.message:
        return (
            "Читать собственную карточку Вы вправе разрешить сами: robots: own-card у этого сайта в config.yaml.",
            _IMPORT + ".",
        )
    return (
        "Обычно достаточно подождать: мы оставили сайт в покое и спросим его снова. Капчу за человека мы не решаем "
        "и браузером не притворяемся.",
        _IMPORT + ".",
        "Если отказы повторяются, увеличьте every и pace этого сайта в config.yaml.",
    )


def _after_key(view: AlarmView) -> tuple[str, ...]:
    names = ", ".join(wording.one_line(name, NAME_LIMIT) for name in view.variables)
    where = f"Ключ лежит в переменных окружения: {names}." if names else "Какие нужны переменные, скажет otklik check."
    return (
        where,
        "Получите новый ключ в кабинете сайта, запишите его туда же, перезапустите службу и проверьте: otklik check.",
    )


def _after_change(view: AlarmView) -> tuple[str, ...]:
    return (
        "С непонятной страницы мы ничего не записали, прежние отзывы целы.",
        "Обновите программу. Если не помогло, пришлите разработчикам образец: он лежит в папке samples рядом с базой "
        "данных, имена и тексты в нём заменены. Что нашлось на странице, покажет команда: "
        f"otklik source check {view.alarm.source} --live",
        _IMPORT + ".",
    )


def _after_silence(_view: AlarmView) -> tuple[str, ...]:
    return (
        "Откройте карточку в браузере. Если новых отзывов нет и там, делать ничего не нужно: об этой тишине "
        "больше не напишем.",
        "Если на сайте они есть, проверьте id карточки в config.yaml и напишите разработчикам.",
    )


def _always(*lines: str) -> Advice:
    return lambda _view: lines


@dataclass(frozen=True, slots=True)
class _Said:
    """`title` and `meaning` may name `{where}`, `{card}`, `{lasting}` and `{reason}`."""

    title: str
    meaning: str
    advice: Advice


SAID: Mapping[AlarmKind, _Said] = {
    AlarmKind.BLOCKED: _Said("Отзывы {where} не читаются: {reason}", _NOT_SEEN, _after_refusal),
    AlarmKind.UNAUTHORISED: _Said("Отзывы {where} не читаются: ключ не принят", _NOT_SEEN, _after_key),
    AlarmKind.LAYOUT_CHANGED: _Said("Отзывы {where} не читаются: сайт изменился", _NOT_SEEN, _after_change),
    AlarmKind.UNREACHABLE: _Said(
        "Отзывы {where} не читаются: сайт долго не отвечает",
        _NOT_SEEN,
        _always(
            "Откройте сайт в браузере. Если он работает, дело в сети сервера: проверьте DNS, прокси и доступ наружу; "
            "otklik check спросит каждую карточку.",
            _IMPORT + ".",
        ),
    ),
    AlarmKind.GONE: _Said(
        "Карточка не находится {where}: {card}",
        "Прежние отзывы целы. Новых отзывов этой карточки мы не видим, и срок ответа на них не идёт.",
        _always(
            "Откройте карточку в браузере: если у неё новый адрес, впишите новый id в config.yaml; если её больше нет, "
            "уберите её оттуда.",
        ),
    ),
    AlarmKind.EMPTIED: _Said(
        "Вдруг ни одного отзыва {where}: {card}",
        "Удалёнными мы их не считаем: всё прежнее цело. Новых отзывов этой карточки мы пока не видим, и срок ответа на "
        "них не идёт.",
        _always(
            "Откройте карточку в браузере. Если отзывы там есть, сайт ошибся и скорее всего поправится сам. Если нет, "
            "спросите поддержку сайта: так бывает, когда карточку объединили с другой или скрыли.",
        ),
    ),
    AlarmKind.GAP: _Said(
        "Видны не все отзывы {where}: {card}",
        "Сайт заявляет заметно больше отзывов, чем показывает нам, и раньше такой разницы не было. Отзывы, которых мы "
        "не видим, остаются без срока и без ответа.",
        _always(
            "Сравните с сайтом: otklik source list показывает, сколько отзывов заявлено и сколько прочитано.",
            "Если у разницы есть простая причина (оценки без текста, скрытые отзывы), делать ничего не нужно: она "
            "станет обычной, и больше мы о ней не напишем.",
        ),
    ),
    AlarmKind.SILENT: _Said(
        "Давно нет новых отзывов {where}: {card}",
        "Возможно, их и правда не было. Но если сайт перестал показывать нам новые, срок ответа на них не идёт.",
        _after_silence,
    ),
}
