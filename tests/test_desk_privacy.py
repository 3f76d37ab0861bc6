"""Personal data at the desk: what is kept, finding somebody, erasing what was meant and nothing else."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from monitor.accounts import Role
from monitor.desk import privacy, privacy_find
from monitor.desk.people import DEEDS
from monitor.tokens import Grant
from tests import privacy_rig
from tests.desk_rig import Clicks
from tests.desk_ticket_rig import ANGRY, DANGER, EVIL, FAR, HERS, MIRA, NAME, PRAISE, TWICE, Cafe, told
from tests.privacy_rig import audit, boxes, erase, fields, find, page, sure, texts

MINUTE = timedelta(minutes=1)

furnished, cafe, boss = privacy_rig.furnished, privacy_rig.cafe, privacy_rig.boss


# --- what is kept ---------------------------------------------------------------------------------------------


def test_the_overview_tells_what_is_kept_where_how_long_and_who_gets_it(cafe: Cafe, boss: Clicks) -> None:
    cafe.rig.app.store.backup(cafe.rig.folder / "otklik.db.before-desk")
    (cafe.rig.folder / "notes.db").write_text("no database")
    seen = told(boss.soup("/privacy").main)
    for part in (
        "Имя автора, его слова", "10 отзывов с 21 ноября", "срок (retention) в config.yaml не задан",
        "Неудачные входы", "15 мин", "otklik.db.before-desk", "Письма файлами", "письма ложатся в папку",
    ):  # fmt: skip
        assert part in seen.replace("\u00a0", " "), part
    assert "notes.db" not in seen
    assert "1 учёт" not in seen


def test_whoever_sees_some_places_alone_is_told_no_numbers_of_all(cafe: Cafe) -> None:
    near = cafe.person("near", Role.ADMINISTRATOR, ("mira",))
    seen = told(near.soup("/privacy").main).replace("\u00a0", " ")
    assert "администратор, которому доступны все точки" in seen
    assert "отзывов с " not in seen
    assert str(cafe.rig.folder) not in seen


# --- who ------------------------------------------------------------------------------------------------------


def test_an_author_is_found_by_name_number_and_address(cafe: Cafe, boss: Clicks) -> None:
    view = cafe.view(TWICE)
    for words in ("Екатерина Белова", "  екатерина   БЕЛОВА ", f"№ {view.ticket}", str(view.ticket),
                  f"http://127.0.0.1:8766/t/{view.ticket}?from=", f"/t/{view.ticket}", view.url):  # fmt: skip
        found = find(boss, words)
        assert told(found.h1) == "Екатерина Белова", words
        assert len(boxes(found)) == 2
        assert "2 отзыва" in told(found.main).replace("\u00a0", " ")
    assert boxes(find(boss, "Екатерина Белова")) == [True, True]
    assert sorted(boxes(find(boss, str(view.ticket)))) == [False, True]  # that one was meant


def test_the_address_of_a_page_on_a_site_is_not_taken_for_one_of_ours(cafe: Cafe, boss: Clicks) -> None:
    address = f"https://example.ru/t/{cafe.view(PRAISE).ticket}"
    with cafe.rig.app.store.write():
        cafe.rig.app.store._db.execute("UPDATE review SET url = ? WHERE text = ?", [address, ANGRY])
    assert told(find(boss, address).h1) == "Олег Серов"


def test_an_address_that_reviews_of_several_people_share_is_nobodys(cafe: Cafe, boss: Clicks) -> None:
    """That of the card stands at each of them where a site has no page for a single one."""
    address = "https://example.ru/firm/5"
    with cafe.rig.app.store.write():
        cafe.rig.app.store._db.execute(
            "UPDATE review SET url = ? WHERE text IN (?, ?, ?)", [address, ANGRY, DANGER, PRAISE]
        )
    refused = find(boss, address, 400)
    assert told(refused.select_one("#who-error")) == privacy.SHARED
    assert refused.select("#who")[0]["value"] == address
    with cafe.rig.app.store.write():
        cafe.rig.app.store._db.execute("UPDATE review SET author = 'Олег Серов' WHERE url = ?", [address])
    assert boxes(find(boss, address)) == [True] * 3


@pytest.mark.parametrize(
    "words",
    ["Никто Никогда", "№ 99999", "0", "9" * 19, "9" * 30, "https://example.ru/none", "' OR 1=1 --", "%", "\u202e",
     "=1+1", "<script>alert(1)</script>", "х" * 1000, "/t/", "/t/0", "://", "\ud800"],
)  # fmt: skip
def test_whom_nobody_knows_is_not_found(boss: Clicks, words: str) -> None:
    answer = boss.post("/privacy/find", who=words.encode("utf-8", "surrogatepass"))
    assert answer.status_code in (400, 404)
    assert not BeautifulSoup(answer.text, "lxml").select("main script")


@pytest.mark.parametrize("words", ["", " ", "\u200b", "\t\n"])
def test_without_a_name_nobody_is_looked_for(boss: Clicks, words: str) -> None:
    """Else everybody who did not sign would be meant."""
    seen = find(boss, words, 400)
    assert told(seen.select_one("#who-error")) == privacy.NOBODY


def test_a_name_of_many_marks_nothing_and_warns(boss: Clicks) -> None:
    found = find(boss, "гость")
    assert boxes(found) == [False]
    assert "могут писать разные люди" in told(found)
    refused = page(boss.post("/privacy/forget", **fields(found)), 400)
    assert privacy.NOTHING in told(refused)


def test_hostile_names_are_text_everywhere(cafe: Cafe, boss: Clicks) -> None:
    found = find(boss, NAME)
    assert told(found.h1) == NAME
    asked = sure(boss, found)
    erased = page(erase(boss, asked))
    for seen in (found, asked, erased):
        assert not seen.select("main script, main img, main b[onclick], [onmouseover]")
    assert {EVIL, HERS, FAR} & set(texts(cafe)) == set()


def test_no_name_stands_in_an_address(cafe: Cafe, boss: Clicks) -> None:
    for seen in (boss.soup("/privacy"), find(boss, NAME), boss.soup(cafe.path(EVIL, "/forget"))):
        assert all(form["method"] == "post" for form in seen.select("main form"))
        assert not [one["href"] for one in seen.select("main a[href^='/']") if "?" in str(one["href"])]


def test_of_other_places_nobody_is_found_nor_erased(cafe: Cafe) -> None:
    near = cafe.person("near", Role.ADMINISTRATOR, ("mira",))
    found = find(near, NAME)
    assert len(boxes(found)) == 1
    assert "Отзывы точек, которые Вам не видны, сюда не входят" in told(found)
    other = cafe.view(EVIL)
    for foreign in (str(other.ticket), other.url, "Екатерина Белова"):
        find(near, foreign, 404)
    asked = fields(found)
    forged = {**asked, "review": [*asked["review"], str(other.review)], "seed": [str(other.review)]}
    assert page(near.post("/privacy/forget", **forged)).select("main li.card")
    near.post("/privacy/erase", **{**forged, "word": "стереть"})
    assert FAR not in texts(cafe)
    assert {EVIL, HERS} <= set(texts(cafe))
    export = near.post("/privacy/export", **{**forged, "as": "json"})
    assert EVIL[:20] not in export.text


def test_from_a_ticket_its_review_is_meant(cafe: Cafe, boss: Clicks) -> None:
    (link,) = cafe.page(HERS, boss).select("a[href$='/forget']")
    found = boss.soup(str(link["href"]))
    assert told(found.h1) == NAME
    assert sorted(boxes(found)) == [False, False, True]
    assert not cafe.page(HERS).select("a[href$='/forget']")  # an operator
    page(erase(boss, sure(boss, found)))
    assert HERS not in texts(cafe)
    assert EVIL in texts(cafe)
    gone = boss.get(str(link["href"]))
    assert gone.status_code == 409
    assert "уже стёрты" in gone.text


def test_the_same_words_under_another_name_and_other_spellings_are_shown_and_not_marked(
    cafe: Cafe, boss: Clicks
) -> None:
    rig = cafe.rig
    google = next(card for card in rig.world.cards() if card.source == "google_business")
    rig.world.add(google, text=TWICE, stars=1, author="Зоя Фирсова", posted_at=rig.clock.now() - 20 * MINUTE)
    rig.world.add(MIRA, text="А Екатерина Белова права!", stars=3, author="Екатерина Б.", posted_at=rig.clock.now())
    rig.run(after=40 * MINUTE)
    found = find(boss, "Екатерина Белова")
    assert len(boxes(found)) == 2
    assert [str(one["value"]) for one in found.select("main form[action='/privacy/find'] input[name=who]")] == [
        "Екатерина Б."
    ]
    assert "упоминается ещё в 1 отзыве" in told(found).replace("\u00a0", " ")
    other = find(boss, "Зоя Фирсова")
    assert len(boxes(other)) == 1
    assert "Екатерина Белова" in told(other)
    assert len(other.select("main li.card a[href$='/forget']")) == 2


# --- erasing --------------------------------------------------------------------------------------------------


def test_erasing_asks_for_the_word_tells_what_goes_and_what_stays_elsewhere(cafe: Cafe, boss: Clicks) -> None:
    cafe.rig.app.store.backup(cafe.rig.folder / "old.db")
    view = cafe.view(DANGER)
    boss.post(f"/t/{view.ticket}/note", text=f"Звонила {view.author}.")
    store, now = cafe.rig.app.store, cafe.rig.clock.now()
    with store.write():
        secret = store.tokens.add("crm", [Grant.READ], places=None, expires_at=None, by="boss", now=now)
    token = store.tokens.known(secret)
    assert token is not None
    store.tokens.used(token, now)
    asked = sure(boss, find(boss, view.author))
    said = told(asked.main).replace("\u00a0", " ")
    assert "Стереть 1 отзыв: Лейсан Галеева?" in said
    assert "1 заметка" in said
    for wrong in ("", "да", "стерет", "delete"):
        again = page(erase(boss, asked, wrong), 400)
        assert told(again.select_one("#word-error")) == privacy.NOT_TYPED
        assert DANGER in texts(cafe)
    done = told(page(erase(boss, asked, " «СТЕРЕТЬ» ")).main).replace("\u00a0", " ")
    assert "1 отзыв, " in done
    assert "в папке исходящих" in done
    assert "old.db" in done
    assert "по токену: crm" in done
    assert "уже ушл" in done
    assert DANGER not in texts(cafe)


def test_the_audit_log_tells_how_much_and_of_whom_only_the_number(cafe: Cafe, boss: Clicks) -> None:
    view = cafe.view(DANGER)
    page(erase(boss, sure(boss, find(boss, view.author))))
    entry = audit(cafe)
    assert (entry.actor, entry.kind, entry.address) == ("boss", "forgotten", "127.0.0.1")
    assert re.fullmatch(rf"отзывов: 1, писем в папке: \d+; №\u00a0{view.ticket}", entry.what)
    assert DEEDS[entry.kind] in told(boss.soup("/audit"))
    assert view.author not in told(boss.soup("/audit"))


def test_a_review_that_comes_meanwhile_is_shown_and_nothing_is_erased(cafe: Cafe, boss: Clicks) -> None:
    rig, found = cafe.rig, find(boss, "Олег Серов")
    asked = sure(boss, found)
    rig.world.add(MIRA, text="И снова холодный суп.", stars=1, author="Олег Серов", posted_at=rig.clock.now())
    rig.run(after=40 * MINUTE)
    again = page(boss.post("/privacy/forget", **fields(found)), 409)
    for shown in (again, page(erase(boss, asked), 409)):
        assert privacy.CHANGED in told(shown)
        assert boxes(shown) == [True, False]  # the new one is not meant yet
    assert ANGRY in texts(cafe)
    page(erase(boss, sure(boss, again)))
    assert ANGRY not in texts(cafe)
    assert "И снова холодный суп." in texts(cafe)


def test_a_note_an_edit_a_draft_that_come_meanwhile_are_not_erased_unseen(cafe: Cafe, boss: Clicks) -> None:
    view = cafe.view(ANGRY)
    asked = sure(boss, find(boss, "Олег Серов"))
    boss.post(f"/t/{view.ticket}/note", text="Важное.")
    again = page(erase(boss, asked), 409)
    assert "1 заметка" in told(again).replace("\u00a0", " ")
    assert ANGRY in texts(cafe)


def test_between_the_look_and_the_deed_nothing_slips_in(
    cafe: Cafe, boss: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague writes after the page was compared and before the transaction began."""
    view, store = cafe.view(ANGRY), cafe.rig.app.store
    asked = sure(boss, find(boss, "Олег Серов"))
    delivered = store.privacy.delivered

    def meanwhile(ids: list[int]) -> int:
        cafe.rig.app.actions("anna").note(view.ticket, "Важное.")
        return delivered(ids)

    monkeypatch.setattr(store.privacy, "delivered", meanwhile)
    page(erase(boss, asked), 409)
    assert ANGRY in texts(cafe)


def test_sent_twice_it_says_that_it_is_done(cafe: Cafe, boss: Clicks) -> None:
    asked = sure(boss, find(boss, "Олег Серов"))
    page(erase(boss, asked))
    count = len(cafe.rig.app.store.accounts.audit(1000))
    again = page(erase(boss, asked), 409)
    assert "Уже стёрто" in told(again)
    assert len(cafe.rig.app.store.accounts.audit(1000)) == count


def test_only_what_is_marked_is_erased(cafe: Cafe, boss: Clicks) -> None:
    found = find(boss, NAME)
    one = cafe.view(FAR).review
    page(erase(boss, sure(boss, found, review=[str(one)])))
    assert FAR not in texts(cafe)
    assert {EVIL, HERS} <= set(texts(cafe))


def test_reviews_of_others_cannot_be_slipped_into_a_form(cafe: Cafe, boss: Clicks) -> None:
    found, other = find(boss, "Олег Серов"), cafe.view(PRAISE).review
    asked = sure(boss, found, review=[*fields(found)["review"], str(other), "-1", "1e3", "9" * 30])
    page(erase(boss, asked))
    assert ANGRY not in texts(cafe)
    assert PRAISE in texts(cafe)


def test_what_is_too_much_to_choose_from_is_erased_as_a_whole(
    cafe: Cafe, boss: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "PAGE", 2)
    monkeypatch.setattr(privacy_find, "PAGE", 2)
    found = find(boss, NAME)
    assert boxes(found) == []
    assert len(found.select("main form[action='/privacy/forget'] li.card")) == 2
    asked = sure(boss, found)
    assert "И ещё 1 отзыв" in told(asked).replace("\u00a0", " ")
    page(erase(boss, asked))
    assert {EVIL, HERS, FAR} & set(texts(cafe)) == set()


def test_of_too_much_to_choose_from_one_that_was_meant_is_erased_alone(
    cafe: Cafe, boss: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "PAGE", 1)
    monkeypatch.setattr(privacy_find, "PAGE", 1)
    found = boss.soup(cafe.path(HERS, "/forget"))
    assert boxes(found) == [True]
    assert "Показаны первые 1" in told(found)
    page(erase(boss, sure(boss, found)))
    assert HERS not in texts(cafe)
    assert {EVIL, FAR} <= set(texts(cafe))


def test_names_of_many_are_never_erased_as_a_whole(cafe: Cafe, boss: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "PAGE", 1)
    monkeypatch.setattr(privacy_find, "PAGE", 1)
    with cafe.rig.app.store.write():
        cafe.rig.app.store._db.execute("UPDATE review SET author = 'Гость' WHERE author = ?", [NAME])
    found = find(boss, "гость")
    assert boxes(found) == [False]
    page(boss.post("/privacy/forget", **fields(found)), 400)


def test_where_the_name_is_left_is_told_and_kept_views_go(cafe: Cafe, boss: Clicks) -> None:
    other, anna = cafe.view(PRAISE), cafe.person()
    anna.post(f"/t/{other.ticket}/note", text="Это подруга Олега Серова: олег  серов просил.")
    anna.post("/views", name="Про Олега", query="q=Олег+Серов")
    done = told(page(erase(boss, sure(boss, find(boss, "Олег Серов")))).main).replace("\u00a0", " ")
    assert f"Имя ещё встречается в заметках к отзывам № {other.ticket}" in done
    assert "вид очереди" in done
    assert cafe.rig.app.store.views.list(anna.account.id) == ()


def test_where_a_name_is_left_out_of_sight_is_not_told(cafe: Cafe, boss: Clicks) -> None:
    """Accounts, settings, tokens of all places are none of whoever sees one place."""
    near, store = cafe.person("near", Role.ADMINISTRATOR, ("mira",)), cafe.rig.app.store
    with store.write():
        store._db.execute("UPDATE review SET author = 'Мария Кузнецова' WHERE author = ?", [NAME])
        store.accounts.add(
            "maria", name="Мария Кузнецова", role=Role.OPERATOR, places=["lenina"], now=cafe.rig.clock.now()
        )
    for who, is_told in ((near, False), (boss, True)):
        done = told(page(erase(who, sure(who, find(who, "Мария Кузнецова")))).main)
        assert ("в учётных записях" in done) is is_told


def test_views_of_other_words_and_of_names_of_many_stay(cafe: Cafe, boss: Clicks) -> None:
    rig, anna = cafe.rig, cafe.person()
    for author in ("Ян", "Ян Ким"):
        rig.world.add(MIRA, text=f"Нормально, {author}.", stars=3, author=author, posted_at=rig.clock.now())
    rig.run(after=40 * MINUTE)
    kept = [
        ("Январь: негатив", "tone=negative"), ("Ищу Яна", "q=Ян"), ("Кимоно", "q=баян+кимоно"), ("Гости", "q=Гость"),
    ]  # fmt: skip
    for name, query in (*kept, ("Про Кима", "q=Ян+Ким"), ("По адресу", "q=%D0%BA%D0%B8%D0%BC+%D1%8F%D0%BD")):
        anna.post("/views", name=name, query=query)
    for who in ("Ян", "Гость"):
        found = find(boss, who)
        asked = sure(boss, found, review=[str(one["value"]) for one in found.select("input[name=review]")])
        assert "виды очереди" not in told(asked)
        page(erase(boss, asked))
    asked = sure(boss, find(boss, "Ян Ким"))
    said = told(asked.main)
    assert "исчезнут сохранённые виды очереди" in said
    assert "«Про Кима» (anna)" in said
    assert "«По адресу» (anna)" in said
    assert "«Январь" not in said
    done = told(page(erase(boss, asked)).main).replace("\u00a0", " ")
    assert "2 вида очереди" in done
    assert [view.name for view in cafe.rig.app.store.views.list(anna.account.id)] == [name for name, _ in kept]


def test_views_of_colleagues_who_see_more_places_stay(cafe: Cafe) -> None:
    near = cafe.person("near", Role.ADMINISTRATOR, ("mira",))
    clerk, anna, far = cafe.person("clerk", places=("mira",)), cafe.person(), cafe.person("far", places=("lenina",))
    for who in (clerk, anna, far):
        who.post("/views", name="Про Марию", query="q=Мария+Кузнецова")
    with cafe.rig.app.store.write():
        cafe.rig.app.store._db.execute("UPDATE review SET author = 'Мария Кузнецова' WHERE author = ?", [NAME])
    asked = sure(near, find(near, "Мария Кузнецова"))
    assert len(asked.select("main ul:not(.bare) li")) == 1
    assert "«Про Марию» (clerk)" in told(asked.main)
    page(erase(near, asked))
    left = {who.account.login: len(cafe.rig.app.store.views.list(who.account.id)) for who in (clerk, anna, far)}
    assert left == {"clerk": 0, "anna": 1, "far": 1}


def test_a_view_that_is_kept_meanwhile_does_not_go_unseen(cafe: Cafe, boss: Clicks) -> None:
    asked, anna = sure(boss, find(boss, "Олег Серов")), cafe.person()
    anna.post("/views", name="Про Олега", query="q=Олег+Серов")
    page(erase(boss, asked), 409)
    assert ANGRY in texts(cafe)
    assert len(cafe.rig.app.store.views.list(anna.account.id)) == 1


def test_programs_that_may_have_read_it_are_told_whatever_else_they_may(cafe: Cafe, boss: Clicks) -> None:
    """Who acts reads, too; who gets numbers alone does not."""
    store, now = cafe.rig.app.store, cafe.rig.clock.now()
    made = (
        ("robot", Grant.ACT, None), ("reader", Grant.READ, ["mira"]), ("there", Grant.ACT, ["lenina"]),
        ("counter", Grant.NUMBERS, None),
    )  # fmt: skip
    for name, grant, places in made:
        with store.write():
            secret = store.tokens.add(name, [grant], places=places, expires_at=None, by="boss", now=now)
        token = store.tokens.known(secret)
        assert token is not None
        store.tokens.used(token, now)
    near = cafe.person("near", Role.ADMINISTRATOR, ("mira",))
    for who, name, programs in ((boss, "Олег Серов", {"robot", "reader", "there"}), (near, NAME, {"robot", "reader"})):
        done = told(page(erase(who, sure(who, find(who, name)))).main)
        found = re.search(r"по токену: (.*?)\. Сотрите", done)
        assert found is not None
        assert set(found[1].split(", ")) == programs


def test_while_the_file_is_being_read_it_is_said_and_can_be_finished(
    cafe: Cafe, boss: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.errors import Unfolded

    store, fold = cafe.rig.app.store, cafe.rig.app.store.privacy.fold

    def busy() -> None:
        raise Unfolded("another process is reading")

    asked = sure(boss, find(boss, "Олег Серов"))
    monkeypatch.setattr(store.privacy, "fold", busy)
    done = page(erase(boss, asked))
    assert done.select("main form[action='/privacy/fold']")
    assert boss.post("/privacy/fold").status_code == 409
    monkeypatch.setattr(store.privacy, "fold", fold)
    assert privacy.FOLDED in told(page(boss.post("/privacy/fold", follow=True)))
