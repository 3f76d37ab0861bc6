"""The outbox of the desk: what was told to whom, what waits and why, and trying again without telling twice."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from bs4 import BeautifulSoup, Tag

from monitor.accounts import Deed, Role
from monitor.alerts import AlarmKind, AlertKind
from monitor.desk.rows import address
from monitor.desk.visit import FRAGMENT
from monitor.model import TicketState
from monitor.standin.reviews import SiteCard
from monitor.standin.world import LENINA
from monitor.store.notifications import Notification, Sending
from tests.desk_places import HOUR, MINUTE, MIRA, POISONED, deeds, opened, told, two_places
from tests.desk_rig import Clicks
from tests.ports import free_port
from tests.rig import HEAD, Rig
from tests.test_notify_smtp import Postman

OWNER = "owner@example.ru"
SCRIPT = {FRAGMENT: "1"}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202eтекст'


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("places")
    two_places(folder)
    return folder


@pytest.fixture
def port() -> int:
    """Where nobody answers, until a test serves there."""
    return free_port()


@pytest.fixture
def rig(kept: Path, tmp_path: Path, port: int, secrets: None) -> Iterator[Rig]:
    """The café, its mail server dead."""
    shutil.copytree(kept, tmp_path / "cafe")
    smtp = f"mail: {{transport: smtp, host: 127.0.0.1, port: {port}, tls: none, per_hour: 20"
    rig = opened(tmp_path / "cafe", head=HEAD.replace("mail: {transport: file", smtp))
    yield rig
    rig.app.close()


@pytest.fixture
def lead(rig: Rig) -> Clicks:
    return Clicks(rig, role=Role.LEAD)


@contextmanager
def serving(postman: Postman, port: int) -> Iterator[None]:
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


def poison(rig: Rig, card: SiteCard = MIRA[2], after: timedelta = 2 * MINUTE) -> Notification:
    """A pass that finds a danger; the mail about it."""
    rig.clock.advance(after)
    rig.world.now = rig.clock.now()
    rig.world.add(card, text=POISONED, stars=1, author=f"Ольга {rig.clock.now():%M}")
    rig.run()
    return next(one for one in rig.app.store.notifications.page(100) if one.kind is AlertKind.DANGER)


def refused(rig: Rig, port: int, card: SiteCard = MIRA[2]) -> Notification:
    """A mail that was given up: the server knows no such recipient."""
    with serving(Postman(recipients={OWNER: "550 no such user"}), port):
        one = poison(rig, card)
    assert one.state is Sending.FAILED
    return one


def fabricated(rig: Rig, recipient: str = OWNER) -> Notification:
    """A mail about reading, which concerns no place."""
    store, now = rig.app.store, rig.clock.now()
    with store.write():
        store.alarms.raise_alarm(AlarmKind.SILENT, source="twogis", listing_id=None, message="Тихо.", now=now)
        store.outbox.queue_alarms([recipient], [store.alarms.open()[-1].id], now=now)
    return store.notifications.page(1)[0]


def now(rig: Rig, one: Notification) -> Notification:
    found = rig.app.store.notifications.get(one.id)
    assert found is not None
    return found


def row(page: BeautifulSoup, one: Notification) -> Tag:
    (found,) = page.select(f"#n{one.id}")
    return found


def shown(page: BeautifulSoup) -> list[int]:
    return [int(str(found["id"])[1:]) for found in page.select("li[id^=n]")]


def press(who: Clicks, one: Notification, act: str) -> str:
    """What the page says after it."""
    answer = who.post(f"/outbox/{one.id}/{act}", follow=True)
    assert answer.status_code == 200
    (notice,) = BeautifulSoup(answer.text, "lxml").select("#told")
    return told(notice)


class TestDeadServer:
    def test_what_could_not_be_sent_says_why_and_when_it_is_tried_again(self, rig: Rig, lead: Clicks) -> None:
        one = poison(rig)
        found = row(lead.soup("/outbox"), one)
        words = told(found)
        assert words.startswith("Пока не ушло")
        about = "★☆☆☆☆ · На Мира · Ольга 02"
        assert f"Опасный отзыв {about}" in words.replace("\u00a0", " ")
        assert "owner@example.ru · отзыв №" in words.replace("\u00a0", " ")
        assert "не удалось соединиться (на этом порту никто не отвечает)" in words
        assert "Повторим сегодня в 15:03" in words
        (link,) = found.select("a[href^='/t/']")
        assert link["href"] == address(one.tickets[0][0])
        assert lead.get(str(link["href"])).status_code == 200

    def test_it_goes_out_at_once_when_asked_for_and_exactly_once(self, rig: Rig, lead: Clicks, port: int) -> None:
        one = poison(rig)
        for _ in range(2):
            rig.run(after=6 * MINUTE)
        assert now(rig, one).next_try_at > rig.clock.now() + 10 * MINUTE
        postman = Postman()
        with serving(postman, port):
            rig.run(after=MINUTE)
            assert not postman.mails
            assert press(lead, one, "send") == "Письмо больше не ждёт, оно уйдёт в ближайший проход."
            assert press(lead, one, "send").startswith("Состояние письма успело измениться")
            rig.run()
            rig.run(after=MINUTE)
        assert postman.ids == [message_id(rig, one)]
        assert now(rig, one).state is Sending.SENT
        assert "Отправлено сегодня в 15:15" in told(row(lead.soup("/outbox"), one))
        assert deeds(rig) == [("anna", Deed.NOTIFICATION_HURRIED, f"№ {one.id}, {OWNER}")]

    def test_a_dead_worker_is_said_to_keep_mails_waiting(self, rig: Rig, lead: Clicks) -> None:
        assert not lead.soup("/outbox").select("#stopped")
        rig.clock.advance(HOUR)
        (notice,) = lead.soup("/outbox").select("#stopped")
        assert "Проходы сейчас не идут, поэтому письма стоят." in told(notice)


def message_id(rig: Rig, one: Notification) -> str:
    (row,) = rig.app.store._db.rows("SELECT message_id FROM notification WHERE id = ?", [one.id])
    return str(row["message_id"])


class TestGivenUp:
    def test_it_is_tried_again_once_under_the_same_message_id(self, rig: Rig, lead: Clicks, port: int) -> None:
        one = refused(rig, port)
        before = message_id(rig, one)
        words = told(row(lead.soup("/outbox"), one))
        assert words.startswith("Не ушло")
        assert "получателя owner@example.ru сервер не принял (ответ 550)" in words
        assert "Само не повторится." in words
        postman = Postman()
        with serving(postman, port):
            rig.run(after=HOUR)
            assert before not in postman.ids
            assert press(lead, one, "retry") == "Письмо снова на очереди, оно уйдёт в ближайший проход."
            assert press(lead, one, "retry").startswith("Состояние письма успело измениться")
            rig.run()
            rig.run(after=HOUR)
            assert press(lead, one, "retry").startswith("Состояние письма успело измениться")
            rig.run()
        assert postman.ids.count(before) == 1
        assert now(rig, one).state is Sending.SENT
        assert deeds(rig) == [("anna", Deed.NOTIFICATION_RETRIED, f"№ {one.id}, {OWNER}")]

    def test_what_fails_again_is_given_up_again(self, rig: Rig, lead: Clicks, port: int) -> None:
        one = refused(rig, port)
        press(lead, one, "retry")
        with serving(Postman(recipients={OWNER: "550 no such user"}), port):
            rig.run()
        assert now(rig, one).state is Sending.FAILED
        assert "Попыток: 2. Само не повторится." in told(row(lead.soup("/outbox"), one))

    def test_what_nobody_needs_to_know_any_more_is_called_off(self, rig: Rig, lead: Clicks, port: int) -> None:
        rig.world.now = rig.clock.now()
        rig.world.add(MIRA[2], text="Ждали час, еда холодная. Не приду больше.", stars=1, author="Пётр")
        with serving(Postman(recipients={"support@example.ru": "550 no such user"}), port):
            for _ in range(4):
                rig.run(after=20 * MINUTE)
        one = next(found for found in rig.app.store.notifications.page(9) if found.state is Sending.FAILED)
        ((ticket, _),) = one.tickets
        rig.app.actions("anna").dismiss(ticket, "spam")
        press(lead, one, "retry")
        postman = Postman()
        with serving(postman, port):
            rig.run()
        assert message_id(rig, one) not in postman.ids
        assert "Отменено" in told(row(lead.soup("/outbox?state=cancelled"), one))

    def test_a_digest_that_was_given_up_goes_out_on_another_day_when_asked_for(self, rig: Rig, port: int) -> None:
        store = rig.app.store
        with store.write():
            store.outbox.queue_digest(
                AlertKind.DIGEST, rig.clock.now().date() - timedelta(days=1), [OWNER], rig.clock.now()
            )
        with serving(Postman(recipients={OWNER: "550 no such user"}), port):
            rig.run()
        (one,) = store.notifications.page(9)
        assert one.state is Sending.FAILED
        rig.clock.advance(timedelta(days=2))
        lead = Clicks(rig, role=Role.LEAD)
        assert "Утренняя сводка за 20 ноября" in told(row(lead.soup("/outbox"), one))
        press(lead, one, "retry")
        postman = Postman()
        with serving(postman, port):
            rig.run()
        assert message_id(rig, one) in postman.ids

    def test_nothing_happens_without_the_forms_own_field(self, rig: Rig, lead: Clicks, port: int) -> None:
        one = refused(rig, port)
        assert lead.post(f"/outbox/{one.id}/retry", csrf="another").status_code == 403
        assert lead.get(f"/outbox/{one.id}/retry").status_code == 405
        assert now(rig, one).state is Sending.FAILED


class TestList:
    def test_states_stand_apart_and_are_counted(self, rig: Rig, lead: Clicks, port: int) -> None:
        given_up = refused(rig, port)
        with serving(Postman(), port):
            sent = poison(rig, LENINA[2])
        waits = poison(rig, MIRA[2])
        page = lead.soup("/outbox")
        assert shown(page) == [waits.id, sent.id, given_up.id]
        tabs = {told(tab) for tab in page.select(".counts a")}
        assert tabs == {"Все", "Не ушли 1", "Ждут отправки 1", "Отправлены", "Отменены"}
        for state, one in (("failed", given_up), ("pending", waits), ("sent", sent)):
            assert shown(lead.soup(f"/outbox?state={state}")) == [one.id]
        assert shown(lead.soup("/outbox?state=nonsense&before=x")) == shown(page)
        assert not row(page, sent).select("button")

    def test_a_long_list_goes_on(self, rig: Rig, lead: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("monitor.desk.outbox.PAGE", 2)
        for number in range(5):
            fabricated(rig, f"admin{number}@example.ru")
        seen, onward = [], "/outbox?state=pending"
        for _ in range(3):
            page = lead.soup(onward)
            seen += shown(page)
            link = page.select_one("a[rel=next]")
            onward = str(link["href"]) if link else ""
        assert len(seen) == len(set(seen)) == 5
        assert seen == sorted(seen, reverse=True)
        assert not onward

    def test_a_recipient_who_had_enough_for_an_hour_waits_and_is_told_so(self, rig: Rig, lead: Clicks) -> None:
        one = fabricated(rig)
        assert "Уйдёт в ближайший проход." in told(row(lead.soup("/outbox"), one))
        for number in range(20):
            with rig.app.store.write():
                rig.app.store._db.insert(
                    "notification",
                    {
                        "message_id": f"<{number}@example.ru>",
                        "kind": "intake",
                        "recipient": OWNER,
                        "state": "sent",
                        "created_at": "2026-11-21T11:59:00.000000Z",
                        "next_try_at": "2026-11-21T11:59:00.000000Z",
                        "sent_at": "2026-11-21T11:59:00.000000Z",
                    },
                )
        words = told(row(lead.soup("/outbox"), one))
        assert "За час получателю шлём не больше 20 писем (mail.per_hour)" in words

    def test_what_is_being_sent_cannot_be_hurried(self, rig: Rig, lead: Clicks) -> None:
        one = fabricated(rig)
        (pending,) = rig.app.store.outbox.due(rig.clock.now())
        rig.app.store.outbox.lease(pending, rig.clock.now() + 5 * MINUTE)
        found = row(lead.soup("/outbox"), one)
        assert told(found).startswith("Отправляется")
        assert not found.select("button")
        assert press(lead, one, "send").startswith("Состояние письма успело измениться")

    def test_a_trial_alarm_is_called_one(self, rig: Rig, lead: Clicks) -> None:
        rig.app.canary.release()
        rig.run()
        words = told(lead.soup("/outbox"))
        assert "Учебная тревога: опасный отзыв" in words
        assert "Учебная тревога: срок ответа вышел" in words

    def test_mails_about_reading_name_the_sites(self, rig: Rig, lead: Clicks) -> None:
        one = fabricated(rig, "channel:telegram")
        assert "Отзывы не читаются: 2ГИС канал telegram" in told(row(lead.soup("/outbox"), one))

    def test_errors_and_recipients_are_text_whatever_they_hold(self, rig: Rig, lead: Clicks) -> None:
        one = fabricated(rig, HOSTILE)
        (pending,) = rig.app.store.outbox.due(rig.clock.now())
        rig.app.store.outbox.failed(pending, HOSTILE, permanent=True, now=rig.clock.now())
        page = lead.soup("/outbox")
        assert told(row(page, one)).count("<script>alert(1)</script>") >= 2
        assert not page.select("img")
        assert all(script.get("src") for script in page.select("script"))
        assert "\u202e" not in page.get_text()
        press(lead, one, "retry")
        assert not Clicks(rig, "root", Role.ADMINISTRATOR).soup("/audit").select("img")

    def test_a_mail_opens_to_its_words(self, rig: Rig, port: int, lead: Clicks) -> None:
        one = refused(rig, port)
        (link,) = row(lead.soup("/outbox"), one).select(f"a[href='/outbox/{one.id}']")
        words = told(lead.soup(str(link["href"])))
        for said in ("Опасность: ", POISONED[:30], "Черновик ответа", OWNER, "сервер не принял", "выглядело бы сейчас"):
            assert said in words

    def test_no_page_holds_a_link_that_acts_for_whoever_got_the_mail(
        self, rig: Rig, port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = refused(rig, port)
        monkeypatch.setenv("DESK_SECRET", "ромашка " * 8)
        before = rig.config_path.read_text(encoding="utf-8")
        rig.config_path.write_text(
            before + 'desk: {public_url: "http://127.0.0.1:8766", secret_env: DESK_SECRET}\n',
            encoding="utf-8",
        )
        rig.restart()
        answer = Clicks(rig, role=Role.LEAD).get(f"/outbox/{one.id}").text
        assert "Беру себе: (ссылка есть только в самом письме)" in answer
        assert "/a/" not in answer

    def test_words_of_strangers_stay_words_in_a_mail_too(self, rig: Rig, lead: Clicks) -> None:
        rig.world.now = rig.clock.now()
        rig.world.add(MIRA[2], text=f"{POISONED} {HOSTILE}", stars=1, author=HOSTILE)
        rig.run(after=2 * MINUTE)
        one = next(one for one in rig.app.store.notifications.page(100) if one.kind is AlertKind.DANGER)
        answer = lead.get(f"/outbox/{one.id}").text
        assert "<img" not in answer
        assert "<script>alert" not in answer
        assert "&lt;script&gt;alert(1)" in answer

    def test_a_mail_about_reading_tells_what_is_wrong_still_and_nothing_once_it_is_over(
        self, rig: Rig, lead: Clicks
    ) -> None:
        one = fabricated(rig)
        assert "Давно нет новых отзывов" in told(lead.soup(f"/outbox/{one.id}"))
        with rig.app.store.write():
            rig.app.store._db.execute("UPDATE alarm SET resolved_at = raised_at")
        assert "Текст не собрать" in told(lead.soup(f"/outbox/{one.id}"))

    def test_nobody_reads_mails_about_other_places(self, rig: Rig, port: int, lead: Clicks) -> None:
        one = refused(rig, port)
        assert Clicks(rig, "maxim", Role.LEAD, ["lenina"]).get(f"/outbox/{one.id}").status_code == 404
        assert Clicks(rig, "boris").get(f"/outbox/{one.id}").status_code == 403
        assert lead.get("/outbox/999999").status_code == 404

    def test_an_empty_outbox_says_so(self, lead: Clicks) -> None:
        assert "Таких писем нет." in told(lead.soup("/outbox"))


class TestScope:
    @pytest.fixture
    def maxim(self, rig: Rig) -> Clicks:
        return Clicks(rig, "maxim", Role.LEAD, ["mira"])

    def test_only_mails_about_tickets_of_ones_own_places_are_there(self, rig: Rig, maxim: Clicks, port: int) -> None:
        theirs, others = refused(rig, port), refused(rig, port, LENINA[2])
        about_none = fabricated(rig)
        page = maxim.soup("/outbox")
        assert shown(page) == [theirs.id]
        assert "Не ушли 1" in told(page)
        for one in (others, about_none):
            for act in ("retry", "send"):
                assert maxim.post(f"/outbox/{one.id}/{act}").status_code == 404
        assert now(rig, others).state is Sending.FAILED
        assert press(maxim, theirs, "retry").startswith("Письмо снова на очереди")

    def test_a_mail_about_several_places_needs_all_of_them(self, rig: Rig, maxim: Clicks) -> None:
        tickets = [rig.queue()[0].ticket]
        tickets.append(next(view.ticket for view in rig.queue() if view.place != rig.queue()[0].place))
        store = rig.app.store
        with store.write():
            store.outbox.queue(AlertKind.WARNINGS, "", [OWNER], tickets, moment="1", now=rig.clock.now())
        assert not shown(maxim.soup("/outbox"))
        assert shown(Clicks(rig, "both", Role.LEAD, ["mira", "lenina"]).soup("/outbox"))
        assert not shown(Clicks(rig, "none", Role.LEAD, []).soup("/outbox"))

    def test_an_operator_has_no_outbox(self, rig: Rig, port: int) -> None:
        one = refused(rig, port)
        oleg = Clicks(rig, "oleg")
        assert oleg.get("/outbox").status_code == 403
        assert oleg.post(f"/outbox/{one.id}/retry").status_code == 403
        assert now(rig, one).state is Sending.FAILED


class TestNews:
    def test_the_script_gets_the_changing_part_and_nothing_while_nothing_changed(
        self, rig: Rig, lead: Clicks, port: int
    ) -> None:
        one = refused(rig, port)
        part = lead.get("/outbox", headers=SCRIPT)
        assert not BeautifulSoup(part.text, "lxml").select("header")
        known = SCRIPT | {"If-None-Match": part.headers["etag"]}
        assert lead.get("/outbox", headers=known).status_code == 304
        press(lead, one, "retry")
        assert lead.get("/outbox", headers=known).status_code == 200

    def test_a_ticket_that_was_answered_stays_reachable_from_its_mail(self, rig: Rig, lead: Clicks) -> None:
        one = poison(rig)
        ((ticket, _),) = one.tickets
        rig.app.actions("anna").dismiss(ticket, "spam")
        assert rig.app.store.tickets.get(ticket).state is TicketState.DISMISSED
        (link,) = row(lead.soup("/outbox"), one).select("a[href^='/t/']")
        assert lead.get(str(link["href"])).status_code == 200
