"""One invented alert of each kind: what `Renderer.check` tries an owner's templates on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.model import Alert, AlertKind, Precision, Standing, TicketState, TicketView
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
    return [
        Alert(
            kind, levels.get(kind, ""), "owner@example.ru", f"<sample-{kind.value}@otklik.example>", (late, calm), now
        )
        for kind in AlertKind
    ]


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
