"""The room of the sources: what works in words, what is wrong and what to do, a card read at once, kept pages."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from monitor.accounts import Deed, Role
from monitor.alerts import AlarmKind
from monitor.desk import conditions
from monitor.desk.visit import FRAGMENT
from monitor.model import HostMemory, ListingState
from monitor.standin.world import Trouble
from tests.desk_places import HOUR, MINUTE, MIRA, changed_layout, deeds, listing, opened, told, two_places
from tests.desk_rig import Clicks
from tests.rig import NOON, Rig

SCRIPT = {FRAGMENT: "1"}
HOSTILE = '</pre><script>alert(1)</script><img src=x onerror=alert(2)>\u202eтекст"'


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("places")
    two_places(folder)
    return folder


@pytest.fixture
def rig(kept: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    shutil.copytree(kept, tmp_path / "cafe")
    rig = opened(tmp_path / "cafe")
    rig.clock.advance(MINUTE / 2)
    yield rig
    rig.app.close()


@pytest.fixture
def lead(rig: Rig) -> Clicks:
    return Clicks(rig, role=Role.LEAD)


def row(page: BeautifulSoup, card: ListingState) -> Tag:
    (found,) = page.select(f"#card-{card.id}")
    return found


def rows(page: BeautifulSoup) -> list[str]:
    return [told(found) for found in page.select("tr[id^=card-]")]


def health(page: BeautifulSoup, name: str) -> str:
    (found,) = page.select(f"#health-{name}")
    return told(found)


def overall(page: BeautifulSoup) -> str:
    return told(page.select("#health-title")[0])


def press(who: Clicks, card: ListingState) -> BeautifulSoup:
    answer = who.post(f"/sources/{card.id}/check", follow=True)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "lxml")


def notice(page: BeautifulSoup) -> str:
    (found,) = page.select("#told")
    return told(found)


class TestHealth:
    def test_when_all_is_well_it_says_so_and_when_sites_were_read(self, rig: Rig, lead: Clicks) -> None:
        page = lead.soup("/sources")
        assert overall(page) == "Всё работает"
        assert "Последний проход завершён сегодня в 15:00." in health(page, "pass")
        assert "8 карточек, читаются все." in health(page, "cards")
        assert "В порядке" in health(page, "outbox")
        assert not page.select(".trouble")

    def test_before_the_first_pass_it_says_what_to_start(self, tmp_path: Path, secrets: None) -> None:
        rig = opened(tmp_path)
        page = Clicks(rig, role=Role.LEAD).soup("/sources")
        assert overall(page) == "Нужна помощь"
        assert "запустите otklik run и поставьте его в cron" in health(page, "pass")
        of_operator = health(Clicks(rig, "boris").soup("/sources"), "pass")
        assert of_operator == "Проходы Сломано Ни один проход ещё не завершён. Скажите администратору."
        assert all("Ещё не читали" in found for found in rows(page))
        rig.app.close()

    def test_a_dead_worker_is_told_with_what_to_do_and_nothing_is_promised(self, rig: Rig, lead: Clicks) -> None:
        rig.clock.advance(3 * HOUR)
        page = lead.soup("/sources")
        assert overall(page) == "Нужна помощь"
        assert "cron или служба не работает, запустите otklik run и прочтите ошибку" in health(page, "pass")
        card = listing(rig, "mira", "twogis")
        assert "когда пойдут проходы" in told(row(page, card))
        assert notice(press(lead, card)).endswith("Но проходы сейчас не идут: см. «Проходы».")

    def test_a_trial_alarm_that_nobody_asked_for_is_off_and_not_in_order(self, rig: Rig) -> None:
        words = health(Clicks(rig, role=Role.LEAD).soup("/sources"), "canary")
        assert words.startswith("Учебная тревога Выключена Ни одна учебная тревога ещё не доходила")
        assert "Чтобы проверялось каждый день, впишите в config.yaml: canary: {every: 1d}." in words
        of_operator = health(Clicks(rig, "boris").soup("/sources"), "canary")
        assert of_operator.endswith("никто не проверял. Настроить это может администратор: попросите его.")
        assert overall(Clicks(rig).soup("/sources")) == "Всё работает"

    def test_a_trial_alarm_that_arrived_is_told_by_its_moment(self, rig: Rig) -> None:
        rig.app.canary.release()
        rig.run()
        rig.clock.advance(timedelta(days=1))
        assert "Последняя учебная тревога дошла вчера в 15:00." in health(Clicks(rig).soup("/sources"), "canary")

    def test_a_mail_that_failed_names_its_error_to_those_who_see_to_mails(self, rig: Rig, lead: Clicks) -> None:
        failed_mail(rig, "owner@example.ru", "получателя owner@example.ru сервер не принял")
        page = lead.soup("/sources")
        assert "получателя owner@example.ru сервер не принял" in health(page, "outbox")
        assert page.select_one("#health-outbox a[href='/outbox']")
        for other in (Clicks(rig, "oleg"), Clicks(rig, "max", Role.LEAD, ["mira"])):
            assert "1 письмо не ушло." in health(other.soup("/sources"), "outbox")
            assert "owner@" not in other.get("/sources").text


def failed_mail(rig: Rig, recipient: str, error: str) -> None:
    store = rig.app.store
    now = rig.clock.now()
    with store.write():
        store.alarms.raise_alarm(AlarmKind.SILENT, source="feed", listing_id=None, message="Тихо.", now=now)
        store.outbox.queue_alarms([recipient], [store.alarms.open()[-1].id], now=now)
        store.alarms.resolve([AlarmKind.SILENT], source="feed", listing_id=None, now=now)
    pending = store.outbox.due(now)[-1]
    store.outbox.failed(pending, error, permanent=True, now=now)


class TestTroubles:
    def test_a_site_that_refuses_says_why_until_when_and_what_to_do(self, rig: Rig, lead: Clicks) -> None:
        rig.world.trouble["yandex_maps"] = Trouble.CAPTCHA
        rig.run(after=2 * MINUTE)
        page = lead.soup("/sources")
        (trouble,) = page.select(".trouble")
        words = told(trouble)
        assert "Отзывы на Яндекс Картах не читаются: капча" in words
        assert "Яндекс просит пройти капчу" in words
        assert "Сайт отказал. Ни одной его карточки не спрашиваем; попробуем снова сегодня в 15:0" in words
        assert "Обычно достаточно подождать" in words
        assert "увеличьте every и pace этого сайта в config.yaml" in words
        card = listing(rig, "lenina", "yandex_maps")
        found = row(page, card)
        assert "Сайт отказывает" in told(found)
        (cause,) = found.select("a.cause")
        assert page.select(str(cause["href"])) == [trouble]

    def test_a_site_that_answers_again_is_said_to_be_asked_carefully(self, rig: Rig, lead: Clicks) -> None:
        rig.world.trouble["yandex_maps"] = Trouble.CAPTCHA
        rig.run(after=2 * MINUTE)
        rig.clock.advance(10 * MINUTE)
        (trouble,) = lead.soup("/sources").select(".trouble")
        assert "за проход не больше 1 карточки этого сайта" in told(trouble)

    def test_a_changed_layout_leads_to_the_page_that_was_kept(self, rig: Rig, lead: Clicks) -> None:
        name = changed_layout(rig)
        (trouble,) = lead.soup("/sources").select(".trouble")
        assert "Обновите программу" in told(trouble)
        (link,) = trouble.select("a")
        assert link["href"] == f"/sources/samples/{name}"

    def test_a_card_that_is_gone_can_be_asked_for_as_soon_as_it_is_mended(self, rig: Rig, lead: Clicks) -> None:
        card = listing(rig, "mira", "twogis")
        gone = rig.world._cards.pop((MIRA[1].source, MIRA[1].id))
        for _ in range(4):
            rig.run(after=HOUR)
        page = lead.soup("/sources")
        (trouble,) = page.select(".trouble")
        assert "Карточка не находится в 2ГИС: На Мира" in told(trouble)
        assert "Не читается" in told(row(page, card))
        assert "Читается" in told(row(page, listing(rig, "lenina", "twogis")))
        assert listing(rig, "mira", "twogis").next_check_at > rig.clock.now()

        rig.world._cards[MIRA[1].source, MIRA[1].id] = gone
        assert notice(press(lead, card)) == "На Мира, 2ГИС: прочитаем в ближайший проход."
        assert listing(rig, "mira", "twogis").next_check_at == rig.clock.now()
        rig.run()
        page = lead.soup("/sources")
        assert "Читается" in told(row(page, card))
        assert not page.select(".trouble")

    def test_a_failure_that_is_no_alarm_yet_is_told_at_the_card(self, rig: Rig, lead: Clicks) -> None:
        rig.world.trouble["irecommend"] = Trouble.SERVER_ERROR
        rig.run(after=2 * MINUTE)
        page = lead.soup("/sources")
        assert not page.select(".trouble")
        assert "Сайт временно не работает (HTTP 500)" in told(row(page, listing(rig, "lenina", "irecommend")))

    def test_an_alarm_is_text_whatever_it_holds(self, rig: Rig, lead: Clicks) -> None:
        card = listing(rig, "mira", "yandex_maps")
        with rig.app.store.write():
            rig.app.store.alarms.raise_alarm(
                AlarmKind.SILENT, source=card.source, listing_id=card.id, message=HOSTILE, now=NOON
            )
            rig.app.store.listings.failed(
                listing(rig, "mira", "twogis").id, kind="internal", message=HOSTILE, now=NOON, retry_at=NOON + HOUR
            )
        page = lead.soup("/sources")
        assert "<script>alert(1)</script>" in told(page.select(".trouble")[0])
        assert "<script>alert(1)</script>" in told(row(page, listing(rig, "mira", "twogis")))
        assert not page.select("img")
        assert all(script.get("src") for script in page.select("script"))
        assert "\u202e" not in page.get_text()

    def test_of_many_troubles_the_first_are_told_and_the_others_at_their_cards(
        self, rig: Rig, lead: Clicks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("monitor.desk.sources.MOST_TROUBLES", 1)
        for source in ("twogis", "yandex_maps"):
            card = listing(rig, "mira", source)
            with rig.app.store.write():
                rig.app.store.alarms.raise_alarm(
                    AlarmKind.SILENT, source=source, listing_id=card.id, message=f"Тихо: {source}.", now=NOON
                )
        page = lead.soup("/sources")
        assert len(page.select(".trouble")) == 1
        assert "И ещё 1 неполадка" in told(page)
        assert sum("Давно нет новых отзывов (меньше минуты): Тихо:" in found for found in rows(page)) == 1


class TestCards:
    def test_a_card_tells_when_it_was_read_how_complete_and_when_it_is_next(self, rig: Rig, lead: Clicks) -> None:
        card = listing(rig, "mira", "yandex_maps")
        words = told(row(lead.soup("/sources"), card))
        assert words.startswith("Яндекс Карты На Мира Читается сегодня в 15:00 1 из 1 сегодня в 15:01")

    def test_reviews_that_are_missing_are_explained(self, rig: Rig) -> None:
        rig.world.counts_ratings = True
        for _ in range(2):
            rig.world.add(MIRA[0], text="", stars=5)
        rig.run(after=25 * HOUR)
        words = told(row(Clicks(rig).soup("/sources"), listing(rig, "mira", "yandex_maps")))
        assert "1 из 3" in words
        assert "Не хватает 2" in words

    def test_the_worst_stand_first_and_each_state_can_be_asked_for(self, rig: Rig, lead: Clicks) -> None:
        rig.world.trouble |= {"yandex_maps": Trouble.CAPTCHA, "irecommend": Trouble.SERVER_ERROR}
        rig.run(after=2 * MINUTE)
        found = rows(lead.soup("/sources"))
        assert ["Сайт отказывает" in one for one in found[:3]] == [True, True, False]
        assert "Не читается" in found[2]
        assert "Читается" in found[3]
        assert len(rows(lead.soup("/sources?state=blocked"))) == 2
        assert len(rows(lead.soup("/sources?place=mira"))) == 3
        assert len(rows(lead.soup("/sources?place=mira&state=failing"))) == 0
        assert len(rows(lead.soup("/sources?state=nonsense&page=-1&page=x"))) == 8

    def test_a_long_list_goes_on_to_another_page(self, rig: Rig, lead: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("monitor.desk.sources.PAGE", 5)
        page = lead.soup("/sources")
        (onward,) = page.select(".pager a[rel=next]")
        other = lead.soup(str(onward["href"]))
        assert len(rows(page)) == 5
        assert len(rows(other)) == 3
        assert not set(rows(page)) & set(rows(other))
        assert other.select_one(".pager a[rel=prev]")
        assert not other.select_one(".pager a[rel=next]")

    def test_a_source_without_its_key_says_which_variable_to_set(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("TWOGIS_KEY")
        rig.restart()
        lead = Clicks(rig, role=Role.LEAD)
        card = listing(rig, "mira", "twogis")
        assert "TWOGIS_KEY" in told(row(lead.soup("/sources"), card))
        assert "TWOGIS_KEY" not in Clicks(rig, "boris").get("/sources").text
        found = row(lead.soup("/sources"), card)
        assert "когда зададут ключ" in told(found)
        assert "в ближайший проход" not in told(found)
        assert not found.select("button")
        assert "нет ключа этого сайта" in notice(press(lead, card))
        assert overall(lead.soup("/sources")) == "Есть задержки"
        assert health(lead.soup("/sources"), "cards").startswith("Карточки Отстаёт Не читаются 2 из")
        assert deeds(rig) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Всё хорошо.", "Всё хорошо."),
        ("Контакт. Дайте общий контакт (business.contact в config.yaml).", "Контакт. Дайте общий контакт. "),
        ("Ссылка. Уберите её; свой сайт впишите в config.yaml (business.contact.site).", "Ссылка. Уберите её. "),
        ("Карточка удалена (HTTP 410): проверьте её адрес в config.yaml.", "Карточка удалена (HTTP 410). "),
        ("Не читаем: нет ключа. Чтобы начать, задайте переменную окружения KEY и проверьте: otklik check.",
         "Не читаем: нет ключа. "),
        ("Выключено. Проверить один раз: otklik canary.", "Выключено. "),
        ("Впишите её в config.yaml.", ""),
    ],
)  # fmt: skip
def test_what_is_to_be_set_on_the_server_is_no_advice_for_others(text: str, left: str) -> None:
    assert conditions.told(text, may=True) == text
    said = conditions.told(text, may=False)
    assert said == (text if left == text else left + conditions.ASK)


class TestAtOnce:
    def test_it_is_due_and_written_into_the_audit_log(self, rig: Rig, lead: Clicks) -> None:
        card = listing(rig, "mira", "google_business")
        answer = lead.post(f"/sources/{card.id}/check", back="place=mira&state=ok&page=1")
        assert answer.headers["location"] == f"/sources?place=mira&state=ok&done=hastened&card={card.id}#card-{card.id}"
        assert listing(rig, "mira", "google_business").next_check_at == rig.clock.now()
        assert deeds(rig) == [("anna", Deed.CARD_HASTENED, "mira/google_business 3")]
        admin = Clicks(rig, "root", Role.ADMINISTRATOR)
        assert "Внеочередная проверка карточки" in told(admin.soup("/audit"))

    def test_pressing_twice_asks_once(self, rig: Rig, lead: Clicks) -> None:
        card = listing(rig, "mira", "google_business")
        press(lead, card)
        assert "уже на очереди" in notice(press(lead, card))
        assert len(deeds(rig)) == 1

    def test_a_site_that_refused_is_left_alone_and_the_page_says_until_when(self, rig: Rig, lead: Clicks) -> None:
        rig.world.trouble["yandex_maps"] = Trouble.RATE_LIMITED
        rig.run(after=2 * MINUTE)
        (circuit,) = rig.app.store.sites.circuits().values()
        card = listing(rig, "mira", "yandex_maps")
        before = card.next_check_at
        asked = len(rig.session.requests)
        words = notice(press(lead, card))
        assert "сайт нам отказал, снова спросим сегодня в 15:" in words
        assert circuit.closed_until > rig.clock.now()
        assert listing(rig, "mira", "yandex_maps").next_check_at == before
        assert deeds(rig) == []
        rig.run()
        assert not [one for one in rig.session.requests[asked:] if one.startswith("yandex")]

    def test_a_site_that_asked_for_a_pause_gets_it(self, rig: Rig, lead: Clicks) -> None:
        until = rig.clock.now() + 2 * HOUR
        rig.app.store.hosts.remember("127.0.0.1:8765", HostMemory(waits={"twogis": until}))
        card = listing(rig, "mira", "twogis")
        assert "сайт просил подождать, снова спросим сегодня в 17:00" in notice(press(lead, card))
        assert "прочитаем" in notice(press(lead, listing(rig, "mira", "google_business")))

    @pytest.mark.parametrize("done", ["refused", "nonsense", "<script>"])
    def test_an_address_made_by_hand_says_nothing_that_is_not_ours(self, lead: Clicks, done: str) -> None:
        assert not lead.soup(f"/sources?done={done}&card=999").select("#told")

    def test_nothing_happens_without_the_forms_own_field(self, rig: Rig, lead: Clicks) -> None:
        card = listing(rig, "mira", "google_business")
        assert lead.post(f"/sources/{card.id}/check", csrf="another").status_code == 403
        assert listing(rig, "mira", "google_business").next_check_at > rig.clock.now()


class TestScope:
    @pytest.fixture
    def maxim(self, rig: Rig) -> Clicks:
        return Clicks(rig, "max", Role.LEAD, ["mira"])

    def test_only_cards_of_ones_own_places_are_shown(self, rig: Rig, maxim: Clicks) -> None:
        page = maxim.soup("/sources")
        assert len(rows(page)) == 3
        assert "На Ленина" not in page.get_text()
        assert "3 карточки, читаются все." in health(page, "cards")
        assert len(rows(maxim.soup("/sources?place=lenina"))) == 0

    def test_trouble_of_other_places_is_none_of_theirs(self, rig: Rig, maxim: Clicks) -> None:
        other = listing(rig, "lenina", "twogis")
        with rig.app.store.write():
            rig.app.store.alarms.raise_alarm(
                AlarmKind.SILENT, source="twogis", listing_id=other.id, message="Тихо.", now=NOON
            )
        changed_layout(rig)
        page = maxim.soup("/sources")
        assert not page.select(".trouble")
        assert overall(page) == "Всё работает"
        assert "Отзовик" not in page.get_text()

    def test_of_a_site_with_cards_of_several_places_only_theirs_are_counted(self, rig: Rig, maxim: Clicks) -> None:
        rig.world.trouble["yandex_maps"] = Trouble.CAPTCHA
        rig.run(after=2 * MINUTE)
        page = maxim.soup("/sources")
        assert len(page.select(".trouble")) == 1
        assert "Не читается 1 из 3 карточек." in health(page, "cards")
        assert "На Ленина" not in page.get_text()

    def test_a_card_of_another_place_is_not_there(self, rig: Rig, maxim: Clicks) -> None:
        other = listing(rig, "lenina", "twogis")
        assert maxim.post(f"/sources/{other.id}/check").status_code == 404
        assert maxim.post("/sources/999999/check").status_code == 404
        assert listing(rig, "lenina", "twogis").next_check_at > rig.clock.now()
        assert deeds(rig) == []

    def test_a_kept_page_of_a_site_without_a_card_of_theirs_is_not_there(self, rig: Rig, maxim: Clicks) -> None:
        name = changed_layout(rig)
        assert maxim.get(f"/sources/samples/{name}").status_code == 404
        assert maxim.get(f"/sources/samples/{name}/file").status_code == 404

    def test_an_operator_looks_and_changes_nothing(self, rig: Rig) -> None:
        name = changed_layout(rig)
        oleg = Clicks(rig, "oleg")
        page = oleg.soup("/sources")
        assert len(rows(page)) == 8
        assert not page.select("tr button")
        assert not page.select(".samples")
        assert not page.select("a[href^='/sources/samples']")
        assert not page.select("a[href='/outbox']")
        card = listing(rig, "mira", "google_business")
        assert oleg.post(f"/sources/{card.id}/check").status_code == 403
        assert oleg.get(f"/sources/samples/{name}").status_code == 403


class TestNews:
    def test_the_script_gets_the_changing_part_and_nothing_while_nothing_changed(self, rig: Rig, lead: Clicks) -> None:
        part = lead.get("/sources", headers=SCRIPT)
        page = BeautifulSoup(part.text, "lxml")
        assert not page.select("header")
        assert len(rows(page)) == 8
        (live,) = page.select("#part")
        assert live["data-etag"] == part.headers["etag"]
        known = SCRIPT | {"If-None-Match": part.headers["etag"]}
        assert lead.get("/sources", headers=known).status_code == 304
        rig.run(after=2 * MINUTE)
        assert lead.get("/sources", headers=known).status_code == 200

    def test_pages_of_other_people_and_other_parts_are_others(self, rig: Rig, lead: Clicks) -> None:
        known = SCRIPT | {"If-None-Match": lead.get("/sources", headers=SCRIPT).headers["etag"]}
        assert lead.get("/sources?place=mira", headers=known).status_code == 200
        assert Clicks(rig, "max", Role.LEAD, ["mira"]).get("/sources", headers=known).status_code == 200

    def test_what_was_asked_for_is_told_to_the_script_too(self, rig: Rig, lead: Clicks) -> None:
        card = listing(rig, "mira", "google_business")
        headers = SCRIPT | {"origin": lead.base}
        answer = lead.post(f"/sources/{card.id}/check", follow=True, headers=headers)
        (live,) = BeautifulSoup(answer.text, "lxml").select("#part")
        assert live["data-told"] == "На Мира, Google Карты: прочитаем в ближайший проход."
