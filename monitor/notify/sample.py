"""One invented alert of each kind: what `Renderer.check` tries an owner's templates on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.alerts import Alarm, AlarmCard, AlarmKind, AlarmView, Alert, AlertKind, Standing, TicketView
from monitor.completeness import SITE_WIDE
from monitor.model import Precision, TicketState
from responders.types import Draft
from sentiment.types import Evidence, Probabilities, Risk, RiskMention, Tone, Verdict


def samples(now: datetime) -> Sequence[Alert]:
    """Together they use every field a template may show, filled and empty."""
    late = ticket(now)
    calm = replace(
        late,
        ticket=2,
        stars=None,
        author="",
        text="",
        posted_at=None,
        posted_precision=Precision.UNKNOWN,
        verdict=None,
        draft=None,
        draft_author=None,
        assignee=None,
        due_at=None,
        standing=None,
        url="",
        reply_url="",
    )
    levels = {AlertKind.DEADLINE: "breach"}
    of_tickets = [
        Alert(kind, levels.get(kind, ""), "owner@example.ru", _message_id(kind), (late, calm), now)
        for kind in AlertKind
        if kind is not AlertKind.INTAKE
    ]
    troubles = tuple(alarm(kind, now) for kind in AlarmKind)
    return [
        *of_tickets,
        Alert(AlertKind.INTAKE, "", "owner@example.ru", _message_id(AlertKind.INTAKE), (), now, troubles),
    ]


def _message_id(kind: AlertKind) -> str:
    return f"<sample-{kind.value}@otklik.example>"


_MESSAGES = {
    AlarmKind.BLOCKED: "Яндекс просит пройти капчу: сделаем перерыв; если повторится, загрузите отзывы из файла.",
    AlarmKind.UNAUTHORISED: "2ГИС не принял ключ (HTTP 401): проверьте ключ, названный в config.yaml как key_env.",
    AlarmKind.LAYOUT_CHANGED: "Страница устроена не так, как раньше: у отзыва нет даты. Нужна новая версия программы.",
    AlarmKind.UNREACHABLE: "Сайт временно не работает (HTTP 502): повторим позже.",
    AlarmKind.GONE: "Google не нашёл карточку (HTTP 404): проверьте account и location.",
    AlarmKind.EMPTIED: "На карточке вдруг нет ни одного отзыва, хотя они были: ничего не меняем, прочитаем ещё раз.",
    AlarmKind.GAP: "Сайт заявляет 120 отзывов, показал 96; раньше не хватало 4.",
    AlarmKind.SILENT: "Новых отзывов нет уже 40 дней: таких долгих перерывов на этой карточке ещё не было.",
}
_SITES = {
    AlarmKind.BLOCKED: ("yandex_maps", "Яндекс Карты"),
    AlarmKind.LAYOUT_CHANGED: ("otzovik", "Отзовик"),
    AlarmKind.UNREACHABLE: ("irecommend", "iRecommend"),
    AlarmKind.GONE: ("google_business", "Google Карты"),
}


def alarm(kind: AlarmKind, now: datetime) -> AlarmView:
    """An alarm that is 35 minutes old: of a whole site with two cards, one of them never read, or of one card."""
    source, title = _SITES.get(kind, ("twogis", "2ГИС"))
    first = AlarmCard(f"lenina/{source}", "«Ромашка» на Ленина", now - timedelta(minutes=65))
    whole_site = kind in SITE_WIDE
    return AlarmView(
        alarm=Alarm(
            id=1,
            kind=kind,
            source=source,
            listing=None if whole_site else first.name,
            listing_id=None if whole_site else 1,
            place=None if whole_site else "lenina",
            message=_MESSAGES[kind],
            raised_at=now - timedelta(minutes=35),
            resolved_at=None,
        ),
        source_title=title,
        timezone="Europe/Moscow",
        cards=(first, AlarmCard(f"mira/{source}", "«Ромашка» на Мира", None)) if whole_site else (first,),
        retry_at=now + timedelta(minutes=25),
        variables=("TWOGIS_KEY",) if kind is AlarmKind.UNAUTHORISED else (),
    )


def ticket(now: datetime) -> TicketView:
    """A negative review with a danger in it, 25 minutes late."""
    phrase = "к вечеру вся семья лежала с температурой"
    verdict = Verdict(
        tone=Tone.NEGATIVE,
        probabilities=Probabilities(0.96, 0.03, 0.01),
        flagged=True,
        uncertain=False,
        conflict=False,
        themes=(),
        risks=(RiskMention(Risk.POISONING, phrase),),
        evidence=(Evidence(phrase, 2.1), Evidence("салат явно вчерашний", 1.4)),
    )
    return TicketView(
        ticket=1,
        review=1,
        state=TicketState.OPEN,
        standing=Standing.BREACHED,
        due_at=now - timedelta(minutes=25),
        backlog=False,
        place="lenina",
        place_title="«Ромашка» на Ленина",
        timezone="Europe/Moscow",
        source="yandex_maps",
        source_title="Яндекс Карты",
        external_id="1",
        stars=1,
        author="Зинаида К.",
        text=f"Взяли два обеда с собой, салат явно вчерашний, {phrase}.\nДозвониться до вас не смогли.",
        posted_at=now - timedelta(minutes=95),
        posted_precision=Precision.EXACT,
        first_seen_at=now - timedelta(minutes=85),
        revision=1,
        verdict=verdict,
        draft=Draft(
            "Зинаида, здравствуйте! Нам очень жаль, что так вышло. Напишите, пожалуйста, когда вы брали обеды: "
            "разберёмся сегодня же.",
            "regret#1",
            (),
        ),
        draft_author="Анна",
        draft_stale=True,
        assignee="Анна",
        url="https://yandex.ru/maps/org/82071161567/reviews/",
        reply_url="https://yandex.ru/sprav/82071161567/reviews/",
    )
