"""Channels beside e-mail: who gets what, Apprise over real sockets, and no flood for anybody."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts import AlertKind, Delivery, Message
from monitor.errors import ConfigError, TransportError, Unreachable
from monitor.jobs.notify import BATCH
from monitor.model import Page, PageRequest, Token
from monitor.notify.apprise_channel import TEXT_LIMIT, AppriseChannel, short, weight
from monitor.notify.router import Router
from monitor.seams import Channel
from monitor.standin.world import World
from monitor.store.sqlite import Store
from tests.fakes import FrozenClock
from tests.rig import HEAD, NOON, DirectSession, Rig
from tests.session_rig import STOP, Site, serving
from tests.test_notify_mime import MESSAGE
from tests.test_notify_smtp import messages, outcome

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


# --- who gets what ------------------------------------------------------------------------------


class Book:
    """A channel that notes in a common diary what it is asked, and fails as told."""

    def __init__(self, name: str, diary: list[str], error: str | None = None) -> None:
        self._name = name
        self._diary = diary
        self._error = error

    def deliver(self, messages: Sequence[Message]) -> Iterator[Delivery]:
        self._diary.append(f"{self._name}: {len(messages)}")
        for message in messages:
            self._diary.append(f"{self._name} {message.message_id}")
            yield Delivery(message.message_id, self._error)
        self._diary.append(f"{self._name} done")

    def describe(self) -> str:
        return self._name


def refuse(error: Exception) -> Callable[[], Channel]:
    def make() -> Channel:
        raise error

    return make


def test_each_message_goes_to_its_own_channel_as_one_batch_each() -> None:
    diary: list[str] = []
    router = Router({"": lambda: Book("mail", diary), "crm": lambda: Book("crm", diary)})
    made = list(router.deliver(messages("a@example.ru", "channel:crm", "b@example.ru", "channel:crm")))
    assert [delivery.message_id for delivery in made] == [f"<alert-{number}@otklik>" for number in (1, 2, 3, 4)]
    assert diary.count("mail: 2") == diary.count("crm: 2") == 1


def test_results_come_as_soon_as_they_are_known_and_a_caller_may_stop() -> None:
    diary: list[str] = []
    router = Router({"": lambda: Book("mail", diary), "crm": lambda: Book("crm", diary)})
    results = router.deliver(messages("a@example.ru", "channel:crm"))
    assert next(results).message_id == "<alert-1@otklik>"
    assert diary == ["mail: 1", "mail <alert-1@otklik>"]
    results.close()
    assert "crm: 1" not in diary


@pytest.mark.parametrize(
    ("error", "expected", "said"),
    [
        (ConfigError("нет", path="channels.crm.secret_env"), "later", "channels.crm.secret_env"),
        (TransportError("сломан", permanent=True), "permanent", "сломан"),
    ],
)
def test_a_channel_that_cannot_be_made_fails_nothing_but_its_own(error: Exception, expected: str, said: str) -> None:
    router = Router({"": lambda: Book("mail", []), "crm": refuse(error)})
    made = list(router.deliver(messages("channel:crm", "a@example.ru", "channel:crm")))
    assert outcome(made) == [expected, "sent", expected]
    assert said in (made[0].error or "")


def test_a_channel_that_left_the_config_is_a_final_failure_with_its_name() -> None:
    router = Router({"": lambda: Book("mail", [])})
    made = list(router.deliver(messages("channel:gone", "a@example.ru")))
    assert outcome(made) == ["permanent", "sent"]
    assert "gone" in (made[0].error or "")


# --- Apprise ------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


def apprise_to(site: Site, path: str = "/parol", **settings: Any) -> AppriseChannel:
    return AppriseChannel("telegram", f"json://127.0.0.1:{site.port}{path}", **settings)


def test_a_message_arrives_with_its_subject_and_text(site: Site) -> None:
    site.page("/parol")
    channel = apprise_to(site)
    assert outcome(channel.deliver([MESSAGE, replace(MESSAGE, subject="Вторая")])) == ["sent", "sent"]
    first, second = (json.loads(seen.body) for seen in site.seen)
    assert (first["title"], first["message"]) == ("Просрочено", "Текст ё")
    assert second["title"] == "Вторая"
    assert site.seen[0].headers["User-Agent"] == "otklik"
    assert channel.describe() == "канал telegram (Apprise)"


def test_what_is_refused_is_tried_again_and_the_others_go_on(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    answers = iter((500, 200))
    site.pages["/parol"] = lambda request: request.send_error(next(answers))
    with caplog.at_level(logging.DEBUG):
        made = list(apprise_to(site).deliver([MESSAGE, MESSAGE]))
    assert outcome(made) == ["later", "sent"]
    assert "parol" not in (made[0].error or "")
    assert str(site.port) not in (made[0].error or "")
    assert "parol" not in caplog.text


def test_where_nobody_listens_nothing_is_lost_and_nothing_told(caplog: pytest.LogCaptureFixture) -> None:
    with serving() as gone:
        channel = apprise_to(gone)
    with caplog.at_level(logging.DEBUG):
        (made,) = channel.deliver([MESSAGE])
    assert outcome([made]) == ["later"]
    assert "parol" not in (made.error or "") + caplog.text


def test_a_service_that_hangs_is_left_alone_with_the_rest_of_the_batch(site: Site) -> None:
    site.pages["/parol"] = lambda request: void(STOP.wait(0.5))
    made = list(apprise_to(site, deadline=timedelta(seconds=0.1)).deliver([MESSAGE, MESSAGE, MESSAGE]))
    assert outcome(made) == ["later"] * 3
    assert "не уложился" in (made[0].error or "")
    assert len(site.seen) == 1


def void(_: object) -> None:
    """What a handler answers: nothing."""


def test_a_slow_channel_gets_the_rest_with_the_next_batch_and_the_others_do_not_wait() -> None:
    diary: list[str] = []
    moments = iter((0.0, 1.0, 61.0))
    makers = {"": lambda: Book("mail", diary), "crm": lambda: Book("crm", diary)}
    router = Router(makers, monotonic=lambda: next(moments))
    made = list(router.deliver(messages("channel:crm", "channel:crm", "a@example.ru")))
    assert outcome(made) == ["sent", "later", "sent"]
    assert "crm <alert-2@otklik>" not in diary


@pytest.mark.parametrize("url", ["parol", "parol://host", "tgram://parol", ""])
def test_an_address_apprise_does_not_know_is_said_without_it(url: str) -> None:
    (made,) = AppriseChannel("telegram", url).deliver([MESSAGE])
    assert outcome([made]) == ["later"]
    assert "Apprise" in (made.error or "")
    assert "parol" not in (made.error or "")


def test_without_the_extra_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    first, second = AppriseChannel("telegram", "json://127.0.0.1:1").deliver([MESSAGE, MESSAGE])
    assert outcome([first, second]) == ["later", "later"]
    assert "pip install 'otklik[channels]'" in (first.error or "")


def test_a_service_that_raises_is_a_failure_like_any_other(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from apprise import Apprise

    def broken(*_: object, **__: object) -> bool:
        raise RuntimeError("parol")

    monkeypatch.setattr(Apprise, "notify", broken)
    (made,) = apprise_to(site).deliver([MESSAGE])
    assert outcome([made]) == ["later"]
    assert "parol" not in (made.error or "")


HOSTILE = (
    '<b>жирно</b> <a href="https://evil.example">тут</a> *звёзды* _черта_ [ссылка](https://evil.example) &amp; \\n'
)


def test_telegram_gets_a_strangers_markup_as_plain_words(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from apprise.plugins.telegram import NotifyTelegram

    monkeypatch.setattr(NotifyTelegram, "notify_url", site.url("/bot"))
    token = "123456789:abcdefg_hijklmnop"
    site.page(f"/bot{token}/sendMessage", b'{"ok": true}')
    channel = AppriseChannel("telegram", f"tgram://{token}/12315544")
    assert outcome(channel.deliver([replace(MESSAGE, subject="<i>Тема</i>", text=HOSTILE)])) == ["sent"]
    sent = json.loads(site.seen[0].body)
    assert sent["parse_mode"] == "HTML"
    assert sent["text"].startswith("<b>&lt;i&gt;Тема&lt;/i&gt;</b>")
    assert "<a" not in sent["text"]
    assert "&lt;b&gt;жирно&lt;/b&gt;" in sent["text"]
    assert "*звёзды* _черта_ [ссылка](https://evil.example) &amp;amp; \\n" in sent["text"]


@given(text=st.text(max_size=9000), subject=st.text(max_size=150))
def test_a_message_is_never_longer_than_a_messenger_takes(text: str, subject: str) -> None:
    body = short(replace(MESSAGE, text=text, subject=subject))
    assert weight(subject) + weight(body) <= TEXT_LIMIT
    assert body == told(text, subject) or told(text, subject).startswith(body.partition("…\n\nПоказано")[0])


def told(text: str, subject: str) -> str:
    return text.strip().removeprefix(subject).strip()


def test_a_text_that_begins_with_its_subject_says_it_once() -> None:
    assert short(replace(MESSAGE, subject="Опасность", text="Опасность\n\nАвтор: Анна\n")) == "Автор: Анна"


def test_a_long_message_says_where_the_rest_is() -> None:
    assert short(replace(MESSAGE, text="Слово " * 2000)).endswith("otklik queue list")
    assert len(short(replace(MESSAGE, text="&" * 9000))) < TEXT_LIMIT / 4


def test_nothing_heavy_is_loaded_before_the_first_message() -> None:
    program = "import sys, monitor.assemble; print(*{'apprise', 'requests', 'smtplib', 'httpx'} & {*sys.modules})"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


# --- one broken channel -------------------------------------------------------------------------


class Patchy(DirectSession):
    """The stand-in's sites, and a CRM that may be away."""

    def __init__(self, world: World, clock: FrozenClock) -> None:
        super().__init__(world, clock)
        self.away = True
        self.asked = 0
        self.taken: list[str] = []

    def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
        if source != "webhook":
            return super().send(request, source=source, token=token)
        self.asked += 1
        if self.away:
            raise Unreachable("crm.example.ru: не удалось соединиться")
        self.taken.append(request.headers["Idempotency-Key"])
        return Page(200, {}, b"", request.url, NOON)


CRM = "channels: {crm: {webhook: https://crm.example.ru/, secret_env: CRM_SECRET}}\n"


def troubled() -> World:
    """Two dangerous reviews of today."""
    world = World(NOON)
    for text in ("Отравились салатом, вызывали скорую.", "В супе стекло, порезал язык, кровь не остановить."):
        world.add(world.card("google_business"), text=text, stars=1, posted_at=NOON)
    return world


def patchy_rig(folder: Path) -> tuple[Rig, Patchy]:
    world = troubled()
    rig = Rig(folder, world, head=HEAD.replace("[owner@example.ru]", "[owner@example.ru, channel:crm]"), extra=CRM)
    session = Patchy(world, rig.clock)
    rig.session = session
    rig.restart()
    return rig, session


def states(rig: Rig, recipient: str) -> list[str]:
    found = rig.app.store._db.rows("SELECT state FROM notification WHERE recipient = ? ORDER BY id", [recipient])
    return [row["state"] for row in found]


def test_a_channel_that_is_away_keeps_no_mail_waiting_and_loses_nothing(
    tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SECRET", "klyuch")
    rig, session = patchy_rig(tmp_path)
    assert rig.run().failed
    assert set(states(rig, "owner@example.ru")) == {"sent"}
    waiting = states(rig, "channel:crm")
    assert set(waiting) == {"pending"}
    assert len(waiting) == len(states(rig, "owner@example.ru"))
    asked = session.asked
    assert asked == 1
    rig.run(after=timedelta(seconds=30))
    assert session.asked == asked
    session.away = False
    rig.run(after=10 * MINUTE)
    assert set(states(rig, "channel:crm")) == {"sent"}
    assert len(session.taken) == len(set(session.taken)) == len(states(rig, "channel:crm"))
    rig.app.close()


def test_a_channel_without_its_secret_is_named_and_everybody_else_hears(
    tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRM_SECRET", raising=False)
    rig, session = patchy_rig(tmp_path)
    rig.run()
    assert set(states(rig, "owner@example.ru")) == {"sent"}
    assert set(states(rig, "channel:crm")) == {"pending"}
    assert session.asked == 0
    assert [error.path for error in rig.app.missing_secrets] == ["channels.crm.secret_env"]
    monkeypatch.setenv("CRM_SECRET", "klyuch")
    session.away = False
    rig.restart()
    rig.run(after=10 * MINUTE)
    assert set(states(rig, "channel:crm")) == {"sent"}
    rig.app.close()


class Picky:
    """A mail server that takes nothing for `later` at the moment."""

    def __init__(self, *later: str) -> None:
        self.later = set(later)

    def deliver(self, messages: Sequence[Message]) -> list[Delivery]:
        return [
            Delivery(message.message_id, "ящик занят" if message.recipient in self.later else None)
            for message in messages
        ]

    def describe(self) -> str:
        return "разборчивый сервер"


def cafe_with_a_ticket(folder: Path) -> tuple[Rig, int]:
    world = World(NOON)
    world.add(world.card("google_business"), text="Официант хамил, ужасно.", stars=1, posted_at=NOON)
    rig = Rig(folder, world)
    rig.run()
    return rig, rig.everything()[0].ticket


def test_one_full_mailbox_keeps_nobody_else_waiting(tmp_path: Path, secrets: None) -> None:
    rig, ticket = cafe_with_a_ticket(tmp_path)
    crowd = [f"{number}@example.ru" for number in range(2 * BATCH)]
    with rig.app.store.write():
        rig.app.store.outbox.queue(AlertKind.DANGER, "", crowd, [ticket], moment="1", now=rig.clock.now())
    rig.app.__dict__["channel"] = Picky(crowd[7])
    rig.run()
    assert [recipient for recipient in crowd if states(rig, recipient) != ["sent"]] == [crowd[7]]
    rig.app.close()


def test_after_a_night_without_a_mail_server_alarms_ring_within_a_quarter_of_an_hour(
    tmp_path: Path, secrets: None
) -> None:
    rig, ticket = cafe_with_a_ticket(tmp_path)
    with rig.app.store.write():
        rig.app.store.outbox.queue(AlertKind.DANGER, "", ["me@example.ru"], [ticket], moment="1", now=rig.clock.now())
    server = Picky("me@example.ru")
    rig.app.__dict__["channel"] = server
    for _ in range(8 * 12):
        rig.run(after=5 * MINUTE)
    server.later.clear()
    rig.run(after=15 * MINUTE)
    assert states(rig, "me@example.ru") == ["sent"]
    rig.app.close()


# --- no flood -----------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path / "otklik.db")
    yield made
    made.close()


def queue(store: Store, recipient: str, *alerts: tuple[AlertKind, str], at: datetime = NOON) -> None:
    with store.write():
        for number, (kind, level) in enumerate(alerts):
            store.outbox.queue(kind, level, [recipient], [], moment=f"{at} {number}", now=at)


def test_whoever_had_enough_within_the_hour_waits_but_for_dangers_and_the_gravest_goes_first(store: Store) -> None:
    warned, late, danger = (AlertKind.DEADLINE, "80%"), (AlertKind.DEADLINE, "+1x"), (AlertKind.DANGER, "")
    queue(store, "a@example.ru", (AlertKind.WARNINGS, "80%"), warned, warned, late, (AlertKind.OVERDUE, ""), danger)
    queue(store, "b@example.ru", warned)
    first = store.outbox.due(NOON, per_hour=2)
    assert [(found.recipient[0], found.kind) for found in first] == [
        ("a", "danger"),
        ("a", "deadline"),
        ("b", "deadline"),
    ]
    assert store.outbox.waiting(NOON, 2) == 4, "a danger never waits, but it counts"
    for found in first:
        store.outbox.sent(found.id, NOON)
    assert store.outbox.due(NOON + HOUR - MINUTE, per_hour=2) == []
    assert [found.kind for found in store.outbox.due(NOON + HOUR, per_hour=2)] == ["overdue", "warnings"]
    assert store.outbox.counts() == {"pending": 4, "sent": 3}


def test_a_clock_that_was_ahead_keeps_nobody_waiting(store: Store) -> None:
    queue(store, "a@example.ru", (AlertKind.DANGER, ""), (AlertKind.DANGER, ""))
    store.outbox.sent(store.outbox.due(NOON)[0].id, NOON + timedelta(days=1))
    assert len(store.outbox.due(NOON, per_hour=1)) == 1


@settings(max_examples=25)
@given(
    arrivals=st.lists(st.tuples(st.integers(0, 180), st.sampled_from("ab")), max_size=25),
    per_hour=st.integers(1, 5),
)
def test_nobody_gets_more_than_the_limit_within_any_hour_and_everything_arrives(
    arrivals: list[tuple[int, str]], per_hour: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = Store.open(tmp_path_factory.mktemp("pace") / "otklik.db")
    sent: dict[str, list[datetime]] = {"a@example.ru": [], "b@example.ru": []}
    minute = 0
    while minute <= 180 or store.outbox.counts().get("pending"):
        now = NOON + minute * MINUTE
        for number, (at, name) in enumerate(arrivals):
            if minute - 10 < at <= minute:
                with store.write():
                    store.outbox.queue(AlertKind.WARNINGS, "", [f"{name}@example.ru"], [], moment=str(number), now=now)
        for found in store.outbox.due(now, per_hour=per_hour):
            store.outbox.sent(found.id, now)
            sent[found.recipient].append(now)
        minute += 10
    store.close()
    assert sum(map(len, sent.values())) == len(arrivals)
    for moments in sent.values():
        for start in moments:
            assert sum(start <= moment < start + HOUR for moment in moments) <= per_hour


def test_a_pass_leaves_the_rest_for_later_and_says_so_once(
    tmp_path: Path, secrets: None, caplog: pytest.LogCaptureFixture
) -> None:
    head = HEAD.replace("support@example.ru", "owner@example.ru").replace("mail: {", "mail: {per_hour: 1, ")
    world = World(NOON)
    for text in ("Официант хамил и не извинился, ужасно.", "Ждали час, принесли холодное, отвратительно."):
        world.add(world.card("google_business"), text=text, stars=1, posted_at=NOON)
    rig = Rig(tmp_path, world, head=head)
    rig.run()
    engine = rig.app.engine()
    with caplog.at_level(logging.INFO, logger="otklik"):
        rig.run(after=31 * MINUTE)
        assert states(rig, "owner@example.ru").count("sent") == 1
        waiting = states(rig, "owner@example.ru").count("pending")
        assert waiting > 0
        for _ in range(5):
            engine.alarm()
    said = [record.getMessage() for record in caplog.records if record.getMessage().startswith("notifications.wait")]
    assert len(said) == 2, "one process and another"
    assert "per_hour=1" in said[0]
    hours = 0
    while states(rig, "owner@example.ru").count("pending"):
        before = states(rig, "owner@example.ru").count("sent")
        rig.run(after=HOUR)
        assert states(rig, "owner@example.ru").count("sent") <= before + 1
        hours += 1
    assert hours >= waiting
    assert "failed" not in states(rig, "owner@example.ru")
    rig.app.close()
