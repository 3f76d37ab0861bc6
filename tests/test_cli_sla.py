"""`otklik sla due` and `otklik sla explain`: deadlines by the settings, and the story of one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import sla
from monitor import tickets as life
from monitor.alerts import TicketView
from monitor.calendar import Always, build
from monitor.cli.explain import story, story_json
from monitor.clock import to_iso
from monitor.config_calendar import CalendarSettings
from monitor.model import Precision, Reply, Target, Ticket, TicketState
from monitor.sla import Policy
from tests.conftest import Otklik
from tests.rig import Rig
from tests.test_config import SMALL

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # 15:00 on a Friday in Moscow
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

CONFIG = (
    SMALL.replace("owner: [owner@example.ru]", 'owner: [owner@example.ru], quiet_hours: "22:00-08:00"')
    + """\
    sla: {negative: 2h}
  - {id: gogolya, title: На Гоголя, timezone: Asia/Vladivostok, listings: []}
sla: {other: 8h, calendar: {other: office}}
calendars:
  office: {timezone: Europe/Moscow, week: {mon-fri: ["09:00-13:00", "14:00-18:00"]}}
  never: {timezone: UTC, week: {mon: []}, working_days: {2026-01-05: ["09:00-18:00"]}}
"""
)


@pytest.fixture
def config(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")


ASKED = ("sla", "due", "--seen-at", "2026-11-20T15:00:00+03:00", "--tone")


def due(otklik: Otklik, tone: str, *more: str) -> dict[str, Any]:
    (row,) = otklik(*ASKED, tone, *more, "--json").objects()
    return {"due": row["due_at"][:16], **{level["level"]: level["at"][:16] for level in row["levels"]}}


@pytest.mark.parametrize(
    ("tone", "more", "expected"),
    [
        ("negative", (), "2026-11-20T13:00"),
        ("uncertain", ("--place", "gogolya"), "2026-11-20T13:00"),
        ("negative", ("--place", "lenina"), "2026-11-20T14:00"),
        ("positive", (), "2026-11-23T12:00"),
        ("neutral", ("--place", "lenina"), "2026-11-23T12:00"),
        ("other", ("--calendar", "always"), "2026-11-20T20:00"),
        ("negative", ("--calendar", "office", "--place", "lenina"), "2026-11-20T14:00"),
    ],
)
def test_a_deadline_follows_the_settings_of_the_place(
    otklik: Otklik, config: None, tone: str, more: Sequence[str], expected: str
) -> None:
    assert due(otklik, tone, *more)["due"] == expected


def test_alarms_are_told_as_they_ring(otklik: Otklik, config: None) -> None:
    """In Vladivostok it is the middle of the night: warnings wait for eight o'clock, the breach does not."""
    assert due(otklik, "negative", "--place", "gogolya") == {
        "due": "2026-11-20T13:00",
        "50%": "2026-11-20T22:00",
        "80%": "2026-11-20T22:00",
        "breach": "2026-11-20T13:00",
        "+1x": "2026-11-20T14:00",
        "+2x": "2026-11-20T15:00",
    }


def test_without_a_config_there_is_an_hour_and_a_day(otklik: Otklik) -> None:
    assert due(otklik, "negative")["due"] == "2026-11-20T13:00"
    assert due(otklik, "other")["due"] == "2026-11-21T12:00"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--place", "nowhere"), "there is no place 'nowhere'; known: lenina, gogolya"),
        (("--place", "canary"), "there is no place 'canary'"),
        (("--calendar", "offise"), "there is no calendar 'offise'; known: always, office, never"),
        (("--calendar", "never"), "--calendar never: there are no 1 h of working time"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    otklik: Otklik, config: None, more: Sequence[str], told: str
) -> None:
    result = otklik(*ASKED, "negative", *more)
    assert (result.code, result.out) == (2, "")
    assert told in result.err


def test_without_a_config_there_is_no_place_and_one_calendar(otklik: Otklik) -> None:
    assert "known: none" in otklik(*ASKED, "negative", "--place", "lenina").err
    assert "known: always" in otklik(*ASKED, "negative", "--calendar", "office").err
    assert due(otklik, "other", "--calendar", "always")["due"] == "2026-11-21T12:00"


def test_a_calendar_without_working_time_is_told_with_its_line(otklik: Otklik, tmp_path: Path) -> None:
    text = CONFIG.replace("calendar: {other: office}", "calendar: {other: never}")
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    result = otklik(*ASKED, "negative")
    assert result.code == 2
    assert f"config.yaml:{text.count(chr(10))}: calendars.never: there are no 24 h of working time" in result.err


# --- explain ------------------------------------------------------------------------------------

POLICY = replace(Policy.of(HOUR, 24 * HOUR, 30 * MINUTE), fingerprint="now")


def ticket(**changes: Any) -> Ticket:
    made = life.opened(review_id=1, now=NOON, policy=POLICY, answerable=True, backlog=False).ticket
    return replace(made, id=7, **changes)


def judged(urgent: bool, now: datetime = NOON) -> Ticket:
    return life.classified(ticket(), urgent=urgent, now=now, policy=POLICY).ticket


def view(of: Ticket) -> TicketView:
    return TicketView(
        ticket=of.id, review=1, state=of.state, standing=None, due_at=of.due_at, backlog=of.backlog, place="lenina",
        place_title="На Ленина", timezone="Europe/Moscow", source="yandex_maps", source_title="Яндекс", external_id="a",
        stars=1, author="Анна", text="Ждали час", posted_at=NOON, posted_precision=Precision.EXACT, first_seen_at=NOON,
        revision=1, verdict=None, draft=None, draft_author=None, draft_stale=False, assignee=None, url="", reply_url="",
    )  # fmt: skip


DISMISSED = life.dismissed(judged(True), NOON, "spam").ticket


def told(of: Ticket, *, terms: str = "", now: datetime = NOON + 35 * MINUTE, policy: Policy = POLICY) -> str:
    event = {"kind": "opened", "at": to_iso(NOON), "actor": "", "was": "", "became": "open", "why": ""}
    return "\n".join(story(view(of), of, policy, terms, [event], now)).replace("\u00a0", " ")


def test_a_running_deadline_is_explained_by_its_promise_and_its_alarms() -> None:
    assert told(judged(True), terms="негатив: 1 ч круглосуточно").splitlines()[:4] == [
        "Отзыв № 7 (ждёт ответа) впервые увиден сегодня в 15:00.",
        "Срок ответа: сегодня в 16:00, осталось 25 мин.",
        "Почему такой: отзыв негативный или непонятный; на ответ даётся 1 ч круглосуточно, отсчёт — сегодня в 15:00.",
        "Обещания, по которым он посчитан: негатив: 1 ч круглосуточно.",
    ]
    assert told(judged(True)).splitlines()[3:7] == [
        "Когда напоминаем:",
        "  сегодня в 15:30          прошла половина срока — уже прошло",
        "  сегодня в 15:48          осталась пятая часть срока",
        "  сегодня в 16:00          срок вышел",
    ]
    assert "Обещания" not in told(judged(True))


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (ticket(), "отзыв ещё не разобран, поэтому срок как у негативного; на ответ даётся 1 ч круглосуточно"),
        (judged(False), "отзыв без негатива; на ответ даётся 24 ч круглосуточно"),
        (
            life.reopened(life.submitted(judged(False), NOON).ticket, NOON, POLICY, why="").ticket,
            "отзыв открыт повторно; на ответ даётся 30 мин круглосуточно",
        ),
    ],
)
def test_each_kind_has_its_own_reason(of: Ticket, why: str) -> None:
    assert f"Почему такой: {why}" in told(of)


def test_a_promise_that_was_over_before_anybody_knew_says_so() -> None:
    late = life.classified(judged(False), urgent=True, now=NOON + 5 * HOUR, policy=POLICY).ticket
    words = told(late, now=NOON + 5 * HOUR)
    moved = "По обещанию срок вышел бы сегодня в 16:00; он перенесён на сегодня в 20:15, чтобы на ответ осталось время."
    assert moved in words
    assert "По обещанию" not in told(judged(True))


def test_it_names_the_promise_that_set_the_deadline() -> None:
    """A negative review of a Friday evening is due with all others before the office opens again."""
    week = {day: ((time(9), time(18)),) if day < 5 else () for day in range(7)}
    office = sla.Promise(HOUR, build(CalendarSettings("Europe/Moscow", week)), "office")
    policy = replace(POLICY, negative=office)
    evening = NOON + 4 * HOUR
    late = life.opened(review_id=1, now=evening, policy=policy, answerable=True, backlog=False).ticket
    words = told(replace(late, id=7), now=evening, policy=policy)
    assert "на ответ даётся 24 ч круглосуточно, отсчёт — сегодня в 19:00." in words
    assert "По обещанию для таких отзывов (1 ч по календарю office) срок вышел бы позже: 23 ноября в 10:00." in words
    assert "для таких отзывов" not in told(judged(True))


def test_it_says_who_knows_and_that_it_is_silent() -> None:
    known = life.acknowledged(judged(True), NOON, "anna\x1b[2J\n").ticket
    words = told(known)
    assert "…но молчим: об отзыве знает anna" in words
    assert "\x1b" not in words


@pytest.mark.parametrize(
    ("of", "outcome"),
    [
        (life.submitted(judged(True), NOON + HOUR).ticket, "ответили вовремя"),
        (life.submitted(judged(True), NOON + 2 * HOUR).ticket, "ответили с опозданием"),
        (DISMISSED, "закрыт без ответа"),
        (life.removed(judged(True), NOON).ticket, "отзыв удалён"),
        (
            life.reply_seen(DISMISSED, Reply("Спасибо"), NOON, POLICY, ours=True).ticket,
            "ответ появился, когда отзыв был уже закрыт",
        ),
    ],
)
def test_of_a_closed_ticket_it_tells_the_outcome_and_no_alarms(of: Ticket, outcome: str) -> None:
    words = told(of)
    assert f"Срок ответа: сегодня в 16:00 — {outcome}." in words
    assert "Когда напоминаем" not in words
    assert "Почему такой" not in words
    assert story_json(of, POLICY, "", [], NOON)["levels"] == []


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (ticket(due_at=None, backlog=True), "Срока нет: отзыв накопился до подключения."),
        (ticket(due_at=None, state=TicketState.UNANSWERABLE), "Срока нет: площадка не даёт компании ответить."),
        (ticket(due_at=None, state=TicketState.ANSWERED), "Срока нет."),
    ],
)
def test_without_a_deadline_it_says_why_there_is_none(of: Ticket, why: str) -> None:
    assert why in told(of).splitlines()
    assert "Когда напоминаем" not in told(of)


def test_settings_that_changed_since_are_not_told_as_the_reason() -> None:
    words = told(judged(True), policy=replace(Policy.of(2 * HOUR, HOUR), fingerprint="another"), terms="прежние")
    assert "Сроки в настройках с тех пор изменились; ближайший проход пересчитает и этот." in words
    assert "Почему такой" not in words
    assert "Обещания, по которым он посчитан: прежние." in words


def test_a_roster_is_named() -> None:
    by_office = replace(POLICY, negative=sla.Promise(90 * MINUTE, Always(), "office"))
    assert "на ответ даётся 1 ч 30 мин по календарю office" in told(judged(True), policy=by_office)


def test_a_program_can_count_the_deadline_again() -> None:
    found = life.acknowledged(replace(judged(True), floor_at=NOON, reopened=True), NOON, "anna").ticket
    row = story_json(found, POLICY, "условия", [{"kind": "opened"}], NOON + 31 * MINUTE)
    levels = row.pop("levels")
    assert row == {
        "ticket": 7,
        "state": TicketState.OPEN,
        "due_at": "2026-11-20T13:00:00.000000Z",
        "started_at": "2026-11-20T12:00:00.000000Z",
        "target": Target.NEGATIVE,
        "reopened": True,
        "not_before": "2026-11-20T12:00:00.000000Z",
        "promise": "условия",
        "met": None,
        "acknowledged_by": "anna",
        "events": [{"kind": "opened"}],
    }
    assert [(level["level"], level["at"][11:16], level["passed"]) for level in levels] == [
        ("50%", "12:30", True),
        ("80%", "12:48", False),
        ("breach", "13:00", False),
        ("+1x", "13:30", False),
        ("+2x", "14:00", False),
    ]


def test_every_ticket_of_the_cafe_can_be_explained(otklik: Otklik, cafe: Rig) -> None:
    for one in cafe.everything():
        words = otklik("sla", "explain", one.ticket).out
        assert words.startswith(f"Отзыв № {one.ticket} (")
        assert "Что было:" in words
        (row,) = otklik("sla", "explain", one.ticket, "--json").objects()
        assert (row["due_at"] is None) is (one.due_at is None)
        assert not row["due_at"] or "негатив: 1" in row["promise"]


def test_an_unknown_ticket_is_named(otklik: Otklik, cafe: Rig) -> None:
    result = otklik("sla", "explain", "999")
    assert result.code == 1
    assert "отзыва № 999 нет" in result.err
