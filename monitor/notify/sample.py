"""One invented alert of each kind: what `Renderer.check` tries an owner's templates on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.accounts import Invited, Notice
from monitor.alerts import (
    AccountView,
    Alarm,
    AlarmCard,
    AlarmKind,
    AlarmView,
    Alert,
    AlertKind,
    Bar,
    Concern,
    DigestView,
    Standing,
    TicketView,
)
from monitor.completeness import SITE_WIDE
from monitor.model import Precision, TicketState
from monitor.numbers import (
    Answers,
    Cohort,
    Compliance,
    Figures,
    Now,
    Period,
    Scope,
    Spread,
    Step,
    Summary,
    Trend,
    together,
)
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
        if kind not in (AlertKind.INTAKE, AlertKind.DIGEST, AlertKind.WEEKLY, AlertKind.ENTRY, AlertKind.ACCOUNT)
    ]
    troubles = tuple(alarm(kind, now) for kind in AlarmKind)
    return [
        *of_tickets,
        Alert(AlertKind.INTAKE, "", "owner@example.ru", _message_id(AlertKind.INTAKE), (), now, troubles),
        *(
            Alert(
                kind,
                "",
                "owner@example.ru",
                _message_id(kind),
                (),
                now,
                digest=digest(now, weekly=kind is AlertKind.WEEKLY),
            )
            for kind in (AlertKind.DIGEST, AlertKind.WEEKLY)
        ),
        *(account(AlertKind.ENTRY, why, now) for why in Invited),
        *(account(AlertKind.ACCOUNT, notice, now) for notice in Notice),
    ]


def account(kind: AlertKind, level: Invited | Notice, now: datetime) -> Alert:
    """Of Anna's, whose link works for an hour yet."""
    has_link = kind is AlertKind.ENTRY
    view = AccountView(
        login="anna",
        name="Анна Петрова",
        timezone="Europe/Moscow",
        link=f"https://otklik.example.ru/setup/{'A' * 43}" if has_link else "",
        until=now + timedelta(hours=1) if has_link else None,
        address="203.0.113.9",
        detail="anna@example.ru → petrova@example.ru" if level is Notice.EMAIL else "",
    )
    return Alert(kind, level.value, "anna@example.ru", _message_id(kind), (), now, account=view)


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


def digest(now: datetime, *, weekly: bool) -> DigestView:
    """Of a busy day, or of a week, before `now`: two places, the second without a single review."""
    zone = "Europe/Moscow"
    last = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    days = [last - timedelta(days=back) for back in reversed(range(14))]
    cohorts = tuple(
        Cohort(Period.of_days(day, 1, zone), in_time=4 + number % 3, late=number % 4 == 0, waiting=number // 6,
               negative=2, neutral=1, positive=3, starred=6, stars=23)
        for number, day in enumerate(days)
    )  # fmt: skip
    span = _figures(cohorts[-7:] if weekly else cohorts[-1:], now)
    before = _figures(cohorts[:7], now) if weekly else None
    return DigestView(
        first=days[-7] if weekly else last,
        last=last,
        span=span,
        before=before,
        recent=cohorts[-7:],
        bars=tuple(
            Bar(day, cohort.in_time, cohort.late, cohort.waiting, together(cohorts[: n + 1][-7:], cohort.period).rate)
            for n, (day, cohort) in enumerate(zip(days, cohorts, strict=True))
        ),
        rising=(Trend("waiting", 6, 1.5, 0.001, (1, 7, 9)), Trend("price", 5, 0, 0.001, tuple(range(10, 22)))),
        falling=(Trend("delivery", 0, 8, 0.004),) if weekly else (),
        places={"lenina": "«Ромашка» на Ленина", "mira": "«Ромашка» на Мира"},
        sites={"yandex_maps": "Яндекс Карты", "twogis": "2ГИС"},
        alarms=tuple(alarm(kind, now) for kind in (AlarmKind.BLOCKED, AlarmKind.GAP)),
        urgent=(ticket(now), replace(ticket(now), ticket=2, stars=None, url="", reply_url="")),
        proven_at=now - timedelta(hours=5),
        concerns=(Concern("2ГИС, «Ромашка» на Мира", "отстаёт", "ещё ни разу не прочитана"),),
    )


def _figures(cohorts: Sequence[Cohort], now: datetime) -> Summary:
    whole = Period(cohorts[0].period.since, cohorts[-1].period.until, cohorts[0].period.zone)
    total = Figures(
        together(cohorts, whole),
        Answers(
            in_time=8,
            late=2,
            backlog=1,
            team=Spread(10, timedelta(minutes=42), timedelta(hours=3, minutes=10)),
            working=Spread(10, timedelta(minutes=38), timedelta(hours=2)),
        ),
        Compliance(met=8, late=2, missed=1),
        now=Now(open=7, overdue=3, oldest_overdue=now - timedelta(hours=5), oldest_ticket=1, backlog=14),
    )
    return Summary(
        scope=Scope(whole),
        at=now,
        step=Step.DAY,
        total=total,
        cohorts=tuple(cohorts),
        previous=None,
        trends=None,
        places={"lenina": total},
        sources={"yandex_maps": total},
        assignees={},
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
