"""The morning mail and the weekly report: when they are sent, to whom, and what they say."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import wording
from monitor.alerts import Alert, AlertKind, Delivery, DigestView, Message
from monitor.charts import daily
from monitor.charts.daily import alt
from monitor.jobs.digest import SHOWN, bars, fell
from monitor.notify.digest_tables import new
from monitor.notify.digest_view import answers, falling, proven, rising, standing
from monitor.notify.render import SIZE_LIMIT, SUBJECT_LIMIT, Renderer
from monitor.notify.sample import digest
from monitor.numbers import Answers, Cohort, Figures, Now, Period, Trend
from monitor.standin.reviews import YANDEX
from monitor.standin.world import World
from monitor.wording import between, decimal, percent
from tests.rig import NOON, Rig
from tests.test_notify_render import HOSTILE, Tags, is_one_line, spaced

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONE = "Europe/Moscow"
NINE = datetime(2026, 11, 22, 6, tzinfo=UTC)
"""Nine o'clock in Moscow, on the Sunday after NOON."""

Morning = Callable[..., Rig]


@pytest.fixture
def at(tmp_path: Path, secrets: None) -> Iterator[Morning]:
    """`at(moment, "digest: {…}\\n")`: cards without a review at that moment, watched for three days."""
    made: list[Rig] = []

    def make(now: datetime, extra: str = "digest: {}\n", watched: timedelta = 3 * DAY) -> Rig:
        rig = Rig(tmp_path, World(now), extra=extra)
        rig.app.store.passes.begin(now - watched)
        made.append(rig)
        return rig

    yield make
    for rig in made:
        rig.app.close()


def queued(rig: Rig) -> list[tuple[str, str, str]]:
    """Kind, last day and recipient of every digest in the outbox, sent ones included."""
    found = [
        (kind.value, day.isoformat(), recipient)
        for day in (rig.clock.now().date() - number * DAY for number in range(-2, 60))
        for kind, recipient in rig.app.store.outbox.digests(
            (AlertKind.DIGEST, AlertKind.WEEKLY), day, ("owner@example.ru", "a@example.ru", "b@example.ru")
        )
    ]
    return sorted(found)


def days_of(rig: Rig) -> list[str]:
    return [day for _, day, _ in queued(rig)]


def run(rig: Rig, moment: datetime | None = None) -> int:
    """One look of the job, at a moment."""
    if moment is not None:
        rig.clock.advance(moment - rig.clock.now())
    return rig.app.digests.run()


def mails(rig: Rig) -> list[EmailMessage]:
    """Only digests, oldest first by their day."""
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in rig.mails()]
    ours = [mail for mail in found if "Цифры собраны" in words(mail)]
    return sorted(ours, key=lambda mail: mail["subject"])


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return spaced(body.get_content())


# --- when -----------------------------------------------------------------------------------------


def test_at_its_hour_each_recipient_gets_one_about_yesterday(at: Morning) -> None:
    rig = at(NINE - MINUTE, "digest: {to: [a@example.ru, b@example.ru]}\n")
    assert run(rig) == 0
    assert run(rig, NINE) == 2
    assert queued(rig) == [("digest", "2026-11-21", "a@example.ru"), ("digest", "2026-11-21", "b@example.ru")]
    assert run(rig, NINE + HOUR) == 0


def test_without_recipients_of_its_own_the_owners_get_it(at: Morning) -> None:
    rig = at(NINE)
    run(rig)
    assert queued(rig) == [("digest", "2026-11-21", "owner@example.ru")]


def test_without_the_section_nothing_is_sent_by_itself(at: Morning) -> None:
    rig = at(NINE, "")
    assert run(rig) == run(rig, NINE + DAY) == 0
    assert queued(rig) == []


def test_a_new_process_sends_no_second_one(at: Morning) -> None:
    rig = at(NINE)
    assert run(rig) == 1
    for _ in range(3):
        rig.restart()
        assert run(rig, rig.clock.now() + HOUR) == 0


def test_a_worker_that_slept_at_nine_catches_up_on_the_same_day(at: Morning) -> None:
    rig = at(NINE - 5 * HOUR)
    assert run(rig) == 0
    assert run(rig, NINE + 14 * HOUR) == 1
    assert days_of(rig) == ["2026-11-21"]


def test_after_midnight_yesterdays_is_not_sent_late(at: Morning) -> None:
    rig = at(NINE - 5 * HOUR)
    assert run(rig) == 0
    assert run(rig, NINE + 15 * HOUR + 30 * MINUTE) == 0
    assert run(rig, NINE + DAY) == 1
    assert days_of(rig) == ["2026-11-22"]


def test_a_day_that_nobody_watched_has_no_digest(at: Morning) -> None:
    rig = at(NINE, watched=HOUR)
    assert run(rig) == 0
    assert run(rig, NINE + DAY) == 1
    assert days_of(rig) == ["2026-11-22"]


@pytest.mark.parametrize(
    ("zone", "hour", "moment", "day"),
    [
        ("Europe/Moscow", "09:00", "2026-11-22T06:00Z", "2026-11-21"),
        ("Asia/Vladivostok", "09:00", "2026-11-21T23:00Z", "2026-11-21"),
        ("Europe/Kaliningrad", "23:30", "2026-11-22T21:30Z", "2026-11-21"),
        ("Asia/Kamchatka", "23:59", "2026-11-22T11:59Z", "2026-11-21"),
        ("America/New_York", "7:05", "2026-11-22T12:05Z", "2026-11-21"),
    ],
)
def test_hours_and_days_are_those_of_its_zone(at: Morning, zone: str, hour: str, moment: str, day: str) -> None:
    due = datetime.fromisoformat(moment)
    rig = at(due - MINUTE, f'digest: {{timezone: {zone}, at: "{hour}"}}\n')
    assert run(rig) == 0, "too early"
    assert run(rig, due) == 1
    assert days_of(rig) == [day]


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", "2026-03-27"),  # 02:30 is skipped
        ("Europe/Berlin", "2026-10-23"),  # 02:30 comes twice
        ("Australia/Lord_Howe", "2026-10-02"),  # by half an hour
        ("Africa/Cairo", "2026-04-22"),  # midnight is skipped
    ],
)
@pytest.mark.parametrize("hour", ["00:00", "02:30", "23:45"])
def test_every_day_has_one_digest_also_when_the_clocks_change(at: Morning, zone: str, first: str, hour: str) -> None:
    start = datetime.fromisoformat(f"{first}T00:00Z")
    rig = at(start, f'digest: {{timezone: {zone}, at: "{hour}"}}\n')
    looks = [start + number * 15 * MINUTE for number in range(5 * 96)]
    count = sum(run(rig, look) for look in looks)
    seen = (look.astimezone(ZoneInfo(zone)) for look in looks)
    expected = {str(local.date() - DAY) for local in seen if local.time() >= time.fromisoformat(hour)}
    assert set(days_of(rig)) == expected
    assert count == len(expected)


def test_a_clock_that_jumps_ahead_and_back_costs_no_digest(at: Morning) -> None:
    rig = at(NINE - HOUR)
    assert run(rig) == 0
    assert run(rig, NINE + 5 * DAY) == 1
    assert run(rig, NINE) == 1
    assert run(rig, NINE + DAY) == 1


def test_the_weekly_report_comes_on_its_weekday_with_the_digest(at: Morning) -> None:
    rig = at(NINE - 2 * DAY, "digest: {weekly: sun}\n")
    for number in range(5):
        run(rig, NINE + (number - 2) * DAY)
    assert [(kind, day) for kind, day, _ in queued(rig) if kind == "weekly"] == [("weekly", "2026-11-21")]
    assert len([kind for kind, _, _ in queued(rig) if kind == "digest"]) == 5


def test_a_look_with_nothing_to_do_asks_the_database_nothing(at: Morning) -> None:
    rig = at(NINE - HOUR, "digest: {weekly: sun, to: [a@example.ru, b@example.ru]}\n")
    asked: list[str] = []

    def look() -> int:
        asked.clear()
        rig.app.store.outbox._db.sqlite.set_trace_callback(asked.append)
        run(rig)
        rig.app.store.outbox._db.sqlite.set_trace_callback(None)
        return len(asked)

    assert look() == 0
    rig.clock.advance(HOUR)
    run(rig)
    assert look() == 0
    rig.restart()
    _ = rig.app.store
    assert look() == 1


def test_nothing_heavy_is_imported_before_a_chart_is_drawn() -> None:
    program = (
        "import sys, monitor.assemble, monitor.notify.render; print(*{'matplotlib', 'PIL', 'numpy'} & {*sys.modules})"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""


# --- sending --------------------------------------------------------------------------------------


class Server:
    """A mail server that is down until it is told otherwise."""

    def __init__(self) -> None:
        self.down = True
        self.got: list[Message] = []

    def deliver(self, messages: Sequence[Message]) -> list[Delivery]:
        if self.down:
            return [Delivery(message.message_id, "сервер не отвечает") for message in messages]
        self.got += messages
        return [Delivery(message.message_id) for message in messages]

    def describe(self) -> str:
        return "сервер"


def send(rig: Rig, moment: datetime) -> None:
    run(rig, moment)
    rig.app.engine().alarm()


def test_passes_all_morning_deliver_it_once_with_its_picture(at: Morning) -> None:
    rig = at(NINE - DAY)
    (card,) = [card for card in rig.world.cards() if card.source == YANDEX]
    rig.run()
    rig.world.add(card, text="Всё понравилось, спасибо!", stars=5, author="Пётр")
    rig.run(after=HOUR)
    rig.clock.advance(NINE - rig.clock.now())
    for _ in range(3):
        rig.run(after=MINUTE)
        rig.restart()
    (mail,) = [mail for mail in mails(rig) if "21 ноября" in spaced(mail["subject"])]
    assert mail["to"] == "owner@example.ru"
    assert "1 новый отзыв" in spaced(mail["subject"])
    assert "Пётр" not in words(mail)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    html = mail.get_body(("html",))
    assert html is not None
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert f'src="cid:{picture["content-id"].strip("<>")}"' in html.get_content()


def test_a_worker_killed_between_queueing_and_sending_loses_nothing(at: Morning) -> None:
    rig = at(NINE)
    assert run(rig) == 1
    rig.restart()
    rig.app.engine().alarm()
    assert len(mails(rig)) == 1


def test_a_digest_that_cannot_be_delivered_lapses_at_midnight_and_a_report_lasts(at: Morning) -> None:
    rig, server = at(NINE, "digest: {weekly: sun}\n"), Server()
    rig.app.__dict__["channel"] = server
    send(rig, NINE)
    server.down = False
    send(rig, NINE + 15 * HOUR + MINUTE)
    assert ["неделя" in message.subject for message in server.got] == [True]
    send(rig, NINE + DAY)
    assert len(server.got) == 2
    states = rig.app.store.outbox.digests((AlertKind.DIGEST,), date(2026, 11, 21), ["owner@example.ru"])
    assert [row["state"] for row in states.values()] == ["cancelled"]


def test_what_lapsed_is_sent_when_somebody_asks_for_it(at: Morning) -> None:
    rig, server = at(NINE), Server()
    rig.app.__dict__["channel"] = server
    send(rig, NINE)
    server.down = False
    send(rig, NINE + 15 * HOUR + MINUTE)
    assert server.got == []
    for _ in range(2):
        rig.app.digests.ask(AlertKind.DIGEST, date(2026, 11, 21), rig.clock.now())
        rig.app.engine().alarm()
    assert len(server.got) == 1


def test_a_digest_that_is_delivered_in_the_evening_still_counts(at: Morning) -> None:
    rig, server = at(NINE), Server()
    rig.app.__dict__["channel"] = server
    send(rig, NINE)
    server.down = False
    send(rig, NINE + 12 * HOUR)
    assert len(server.got) == 1


def test_an_owners_broken_template_falls_back_to_the_shipped_one(at: Morning, tmp_path: Path) -> None:
    own = tmp_path / "own" / "emails"
    own.mkdir(parents=True)
    (own / "digest.html").write_text("{{ letter.nothing }}")
    rig = at(NINE, "digest: {}\ntemplates_dir: own\n")
    send(rig, NINE)
    (mail,) = mails(rig)
    assert "письмо собрано по штатному шаблону" in words(mail)


def test_what_the_mail_says_are_the_numbers_of_that_day(at: Morning) -> None:
    rig = at(NINE - DAY)
    rig.run()
    for card in rig.world.cards():
        if card.source == YANDEX:
            rig.world.add(card, text="Ждали заказ два часа, суп холодный, хамят.", stars=1, author="Анна")
            rig.world.add(card, text="Очень вкусно и уютно, спасибо!", stars=5, author="Борис")
    rig.run(after=HOUR)
    rig.clock.advance(NINE - rig.clock.now())
    rig.run()
    (mail,) = [mail for mail in mails(rig) if "21 ноября" in spaced(mail["subject"])]
    view = rig.app.digests.view(AlertKind.DIGEST, date(2026, 11, 21), rig.clock.now())
    total = view.span.total
    assert (new(total.cohort), total.cohort.waiting, total.now.overdue) == (2, 2, 1)
    told = words(mail)
    assert "Новых отзывов: 2" in told
    assert "Просрочено сейчас: 1" in told
    assert "Соблюдено сроков: 0 из 1 (0 %)." in told
    assert "Сейчас без ответа 2 отзыва, из них просрочен один: на" in told
    assert "- «Ромашка»: новых 2, ответов 0, поздно 0, ждут 2, вышел срок 1" in told
    (urgent,) = view.urgent
    assert f"№ {urgent.ticket} · 1★ на Яндекс Картах" in told
    assert "Анна" not in told
    assert "Ждали" not in told


# --- what -----------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
BUSY, WEEK = digest(NOW, weekly=False), digest(NOW, weekly=True)
RENDERER = Renderer(None, "Кафе «Ромашка»")


def alert(view: DigestView, kind: AlertKind = AlertKind.DIGEST) -> Alert:
    return Alert(kind, view.last.isoformat(), "owner@example.ru", "<d1@otklik.example>", (), NOW, digest=view)


def render(view: DigestView, kind: AlertKind = AlertKind.DIGEST, renderer: Renderer = RENDERER) -> Message:
    return renderer.render(alert(view, kind), now=NOW)


def parts(message: Message) -> tuple[str, str]:
    return spaced(message.text), " ".join(spaced(Tags(message.html).words).split())


def figures(view: DigestView, **changes: object) -> DigestView:
    return replace(view, span=replace(view.span, total=replace(view.span.total, **changes)))  # type: ignore[arg-type]  # whatever a test changes


NOBODY = Now()


def quiet_day(now: Now = NOBODY) -> DigestView:
    period = BUSY.span.scope.period
    total = Figures(Cohort(period), now=now)
    span = replace(BUSY.span, total=total, places={}, sources={})
    return replace(BUSY, span=span, alarms=(), concerns=(), urgent=(), rising=(), bars=BUSY.bars)


def test_both_parts_say_the_same_and_why_one_gets_it() -> None:
    for part in parts(render(BUSY)):
        for told in (
            "Что сделать сначала",
            "№ 1 · 1★ на Яндекс Картах, «Ромашка» на Ленина",
            "Ответили на 11 отзывов: 8 в срок, 2 с опозданием, 1 из старых.",
            "Соблюдено сроков: 8 из 11 (73 %).",
            "В рабочем времени: обычно 38 мин, девять из десяти не дольше чем за 2 ч.",
            "Сейчас без ответа 7 отзывов, просрочено 3, дольше всего на 5 ч (№ 1).",
            "Без срока: 14 старых отзывов.",
            "Ожидание: 6 жалоб за 7 дней, обычно 1,5 в неделю; отзывы № 1, 7, 9.",
            "Отзывы на Яндекс Картах не читаются: капча",
            "Последняя учебная тревога дошла сегодня в 4:00.",
            "Цифры собраны сегодня в 9:00",
            "Вы получаете утреннюю сводку",
            "owner@example.ru",
            "«Ромашка» на Мира",
            "otklik queue list",
        ):
            assert told in part, told


def test_the_subject_says_the_day_what_came_and_what_must_not_wait() -> None:
    assert spaced(render(BUSY).subject) == "Кафе «Ромашка», 20 ноября: 7 новых отзывов, просрочено 3, есть неполадки"
    calm = figures(replace(BUSY, alarms=(), concerns=()), now=Now())
    assert spaced(render(calm).subject) == "Кафе «Ромашка», 20 ноября: 7 новых отзывов"
    assert spaced(render(WEEK, AlertKind.WEEKLY).subject).startswith("Кафе «Ромашка», неделя 14–20 ноября: ")


def test_a_report_tells_the_week_before_beside_the_week() -> None:
    for part in parts(render(WEEK, AlertKind.WEEKLY)):
        assert "Тон: негативных 14 (33 %), нейтральных 7 (17 %), позитивных 21 (50 %)." in part
        assert "Неделей раньше: негативных 14" in part
        assert "Доставка: ни одной жалобы за 7 дней, неделей раньше 8." in part
        assert "Яндекс Карты" in part
        assert "Вы получаете отчёт за неделю" in part
    assert "новых 46 (было 37)" in spaced(render(WEEK, AlertKind.WEEKLY).text)


def test_the_first_report_has_no_week_before_and_judges_no_themes() -> None:
    text, html = parts(render(replace(WEEK, before=None, rising=None, falling=()), AlertKind.WEEKLY))
    for part in (text, html):
        assert "О темах судить рано" in part
        assert "было" not in part
        assert "еделей раньше" not in part


def test_old_reviews_of_a_first_import_are_not_new_and_hide_nothing_of_those_that_are() -> None:
    cohort = replace(WEEK.span.total.cohort, backlog=500)
    told, usual = (render(figures(WEEK, cohort=each), AlertKind.WEEKLY) for each in (cohort, WEEK.span.total.cohort))
    assert parts(told) == parts(usual)
    assert "Тон: негативных 14 (33 %)" in spaced(told.text)
    assert "Средняя оценка: 3,8" in spaced(told.text)


def test_a_share_names_what_it_is_a_share_of() -> None:
    period = WEEK.span.scope.period
    cohort = Cohort(period, in_time=3, unanswerable=7)
    text, html = parts(render(figures(WEEK, cohort=cohort), AlertKind.WEEKLY))
    assert "Новых отзывов: 10 " in text
    assert "Отвечено, где можно ответить: 100 % " in text
    assert "100 % отвечено, где можно ответить" in html
    days = [replace(day, unanswerable=5) for day in BUSY.recent]
    for part in parts(render(replace(BUSY, recent=tuple(days)))):
        assert "Отзывы, на которые можно ответить" in part
        assert "14 ноября" in part


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (Now(), "За день ничего не случилось: новых отзывов нет, без ответа никто не остался, сайты читаются."),
        (Now(open=1), "без ответа 1 отзыв, и время ещё есть"),
        (Now(open=5, backlog=40), "без ответа 5 отзывов, и время ещё есть"),
    ],
)
def test_a_quiet_day_is_told_in_one_calm_sentence(now: Now, sentence: str) -> None:
    message = render(quiet_day(now))
    assert spaced(message.subject) == "Кафе «Ромашка», 20 ноября: всё спокойно"
    assert message.pictures == ()
    for part in parts(message):
        assert sentence in part
        for absent in ("Точки", "Ответили", "Что сделать", "Что не работает", "Доля"):
            assert absent not in part
    assert "За неделю ничего не случилось" in parts(render(quiet_day(), AlertKind.WEEKLY))[0]


@pytest.mark.parametrize(
    "loud",
    [
        figures(quiet_day(), answers=Answers(in_time=1)),
        quiet_day(Now(open=1, overdue=1)),
        replace(quiet_day(), alarms=BUSY.alarms),
        replace(quiet_day(), concerns=BUSY.concerns),
        replace(quiet_day(), rising=BUSY.rising),
        figures(quiet_day(), cohort=Cohort(BUSY.span.scope.period, unanswerable=1)),
    ],
)
def test_a_day_with_anything_to_tell_is_not_quiet(loud: DigestView) -> None:
    assert "ничего не случилось" not in render(loud).text


def test_what_health_does_not_call_fine_is_told_in_the_digest(
    tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWOGIS_KEY")
    rig = Rig(tmp_path, World.demo(NOON))

    def told() -> tuple[str, str]:
        now = rig.clock.now()
        message = render(rig.app.digests.view(AlertKind.DIGEST, rig.app.digests.yesterday(now), now))
        return spaced(message.subject), spaced(message.text)

    rig.run()
    subject, text = told()
    assert "есть неполадки" in subject
    assert "- 2ГИС, «Ромашка»: отстаёт. Ещё ни разу не прочитана." in text
    assert "otklik health" in text
    assert "Яндекс Карты, «Ромашка»: " not in text
    rig.clock.advance(20 * MINUTE)
    subject, text = told()
    assert "- Проходы: сломано. Последний проход завершён " in text
    assert "2ГИС, «Ромашка»: " not in text
    rig.app.close()


def test_the_words_stand_in_for_a_picture_that_cannot_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ImportError("matplotlib")

    daily.days.cache_clear()
    monkeypatch.setattr(daily, "_draw", broken)
    message = render(BUSY)
    assert message.pictures == ()
    assert "<img" not in message.html
    for part in parts(message):
        assert spaced(alt(BUSY.bars)) in part


def test_the_picture_says_in_words_what_it_shows() -> None:
    message = render(BUSY)
    (picture,) = message.pictures
    images = [attributes for tag, attributes in Tags(message.html).tags if tag == "img"]
    assert [image["src"] for image in images] == [f"cid:{picture.name}"]
    assert images[0]["alt"] == picture.alt
    told = spaced(picture.alt)
    assert "пришедшими 7–20 ноября: отвечено в срок 69, с опозданием 4, ждут ответа 10." in told
    assert told.endswith("Доля отвеченных за последние 7 дней: 80 %.")


def test_an_owners_template_without_the_picture_travels_without_it(tmp_path: Path) -> None:
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails" / "digest.html").write_text("<p>{{ letter.lead }}</p>")
    assert render(BUSY, renderer=Renderer(tmp_path, "Кафе")).pictures == ()


def test_hostile_names_are_shown_and_never_obeyed() -> None:
    names = MappingProxyType({"lenina": HOSTILE, "mira": "<b>Мира</b>" * 50})
    view = replace(WEEK, places=names, rising=(Trend(HOSTILE, 5, 0, 0.001, (1,)),))
    for kind in (AlertKind.DIGEST, AlertKind.WEEKLY):
        message = render(view, kind, Renderer(None, HOSTILE))
        assert is_one_line(message.subject)
        assert len(message.subject) <= SUBJECT_LIMIT
        seen = Tags(message.html)
        assert not {tag for tag, _ in seen.tags} & {"script", "b", "iframe"}
        assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]
        assert "49" not in [word.strip() for word in message.text.split()]
        message.text.encode()
        message.html.encode()
        lines = message.text.split("\n")
        assert not [line for line in lines if line.startswith("Bcc:")]


def test_a_chain_of_five_hundred_places_fits_and_shows_the_loudest() -> None:
    places = {f"place-{number}": f"Кафе «Очень длинное название» номер {number}" for number in range(500)}
    view = replace(WEEK, places=places, span=replace(WEEK.span, places={"place-321": WEEK.span.total}))
    for kind in (AlertKind.DIGEST, AlertKind.WEEKLY):
        message = render(view, kind)
        assert max(len(message.text.encode()), len(message.html.encode())) <= SIZE_LIMIT
        for part in parts(message):
            assert "номер 321" in part
            assert "…и ещё 4" in part


@settings(max_examples=25)
@given(
    st.builds(
        Cohort,
        st.just(BUSY.span.scope.period),
        *(st.integers(0, 2000) for _ in range(11)),
        st.just(0),
        st.just(0),
    ),
    st.builds(Answers, st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)),
    st.integers(0, 3),
)
def test_any_numbers_make_a_mail(cohort: Cohort, given_answers: Answers, overdue: int) -> None:
    now = Now(open=overdue + 1, overdue=overdue, oldest_overdue=NOW if overdue else None)
    view = figures(replace(WEEK, bars=()), cohort=cohort, answers=given_answers, now=now)
    for kind in (AlertKind.DIGEST, AlertKind.WEEKLY):
        assert render(view, kind).text


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "told"),
    [(None, "—"), (0.0, "0 %"), (1.0, "100 %"), (0.001, "1 %"), (0.999, "99 %"), (0.5, "50 %"), (2 / 3, "67 %")],
)
def test_a_share_is_all_or_nothing_only_when_it_is(rate: float | None, told: str) -> None:
    assert spaced(percent(rate)) == told


@pytest.mark.parametrize(("number", "told"), [(None, "—"), (4.0, "4"), (4.25, "4,2"), (0.75, "0,8"), (1.5, "1,5")])
def test_numbers_have_a_comma(number: float | None, told: str) -> None:
    assert decimal(number) == told


@pytest.mark.parametrize(
    ("first", "last", "today", "told"),
    [
        ("2026-11-20", "2026-11-20", "2026-11-21", "20 ноября"),
        ("2026-11-16", "2026-11-22", "2026-11-23", "16–22 ноября"),
        ("2026-11-28", "2026-12-04", "2026-12-05", "28 ноября — 4 декабря"),
        ("2026-12-29", "2027-01-04", "2027-01-05", "29 декабря 2026 г. — 4 января"),
        ("2025-03-03", "2025-03-09", "2026-01-01", "3–9 марта 2025 г."),
    ],
)
def test_days_are_told_as_people_do(first: str, last: str, today: str, told: str) -> None:
    found = between(date.fromisoformat(first), date.fromisoformat(last), date.fromisoformat(today))
    assert spaced(found) == told


@pytest.mark.parametrize(
    ("given_answers", "told"),
    [
        (Answers(), "Ответов не было."),
        (Answers(in_time=1), "Ответили на 1 отзыв в срок."),
        (Answers(late=1), "Ответили на 1 отзыв с опозданием."),
        (Answers(late=2), "Ответили на 2 отзыва, все с опозданием."),
        (Answers(backlog=21), "Ответили на 21 отзыв, все из старых."),
        (Answers(in_time=4, late=1), "Ответили на 5 отзывов: 4 в срок, 1 с опозданием."),
        (
            Answers(in_time=4, late=1, beforehand=1),
            "Ответили на 5 отзывов: 4 в срок, 1 с опозданием. Ещё на 1 отзыв ответ уже был, когда мы его увидели.",
        ),
        (Answers(beforehand=2), "На 2 отзыва ответ уже был, когда мы их увидели."),
    ],
)
def test_answers_are_told_in_russian(given_answers: Answers, told: str) -> None:
    assert spaced(answers(given_answers)) == told


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (Now(), "Сейчас никто не ждёт ответа."),
        (Now(open=1), "Сейчас без ответа 1 отзыв, срок впереди."),
        (Now(open=2), "Сейчас без ответа 2 отзыва, все сроки впереди."),
        (
            Now(open=1, overdue=1, oldest_overdue=NOW - HOUR, oldest_ticket=7),
            "Сейчас без ответа 1 отзыв, просрочен на 1 ч (№ 7).",
        ),
        (
            Now(open=3, overdue=3, oldest_overdue=NOW - HOUR),
            "Сейчас без ответа 3 отзыва, просрочены все, дольше всего на 1 ч.",
        ),
        (
            Now(open=5, overdue=1, oldest_overdue=NOW - HOUR),
            "Сейчас без ответа 5 отзывов, из них просрочен один: на 1 ч.",
        ),
    ],
)
def test_what_waits_is_told_in_russian(now: Now, told: str) -> None:
    assert spaced(standing(Figures(Cohort(BUSY.span.scope.period), now=now), NOW)) == told


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Trend("staff", 1, 0, 0.001), "Персонал: 1 жалоба за 7 дней, за четыре недели до этого ни одной."),
        (
            Trend("staff", 2, 0, 0.001, (9,)),
            "Персонал: 2 жалобы за 7 дней, за четыре недели до этого ни одной; отзыв № 9.",
        ),
        (Trend("price", 3, 0.25, 0.001, (4, 5)), "Цены: 3 жалобы за 7 дней, обычно 0,2 в неделю; отзывы № 4, 5."),
        (
            Trend("waiting", 12, 2, 0.001, tuple(range(1, 13))),
            "Ожидание: 12 жалоб за 7 дней, обычно 2 в неделю; отзывы № 1, 2, 3, 4, 5, 6, 7, 8 и ещё 4.",
        ),
    ],
)
def test_a_rising_theme_has_numbers_and_no_quotes(found: Trend, told: str) -> None:
    assert spaced(rising(found)) == told


def test_a_falling_theme_is_told_against_the_week_before() -> None:
    assert spaced(falling(Trend("price", 2, 11, 0.001))) == "Цены: 2 жалобы за 7 дней, неделей раньше 11."


def test_a_trial_alarm_that_is_long_ago_or_never_was_is_told_with_advice() -> None:
    assert "otklik canary" in proven(None, ZONE, NOW)
    assert "otklik canary" in proven(NOW - 3 * DAY, ZONE, NOW)
    assert "otklik canary" not in proven(NOW - DAY, ZONE, NOW)


# --- the arithmetic -------------------------------------------------------------------------------


def test_the_line_of_the_chart_is_the_share_of_seven_days() -> None:
    first = date(2026, 11, 1)
    days = tuple(
        Cohort(Period.of_days(first + number * DAY, 1, ZONE), in_time=number, waiting=1) for number in range(20)
    )
    shown = bars(days)
    assert len(shown) == SHOWN
    assert (shown[0].day, shown[-1].day) == (date(2026, 11, 7), date(2026, 11, 20))
    assert shown[0].rate == sum(range(7)) / (sum(range(7)) + 7)
    assert bars(days[:1])[0].rate == 0.0
    assert bars((Cohort(days[0].period),))[0].rate is None


def test_a_theme_falls_only_when_chance_does_not_explain_it() -> None:
    week = (Trend("price", 1, 0, 1.0), Trend("staff", 5, 0, 1.0))
    before = (Trend("price", 12, 0, 1.0), Trend("staff", 8, 0, 1.0), Trend("waiting", 9, 0, 1.0))
    assert [(trend.theme, trend.count, trend.before) for trend in fell(week, before)] == [
        ("price", 1, 12),
        ("waiting", 0, 9),
    ]
    assert fell(None, before) == fell(week, None) == ()


def test_every_theme_has_a_name_for_people() -> None:
    assert all(rising(Trend(theme, 1, 0, 0.001))[0].isupper() for theme in wording.THEMES)
