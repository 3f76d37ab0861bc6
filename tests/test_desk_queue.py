"""The queue of the desk: what stands where, what is asked of it, what is done from it, what a script is told."""

import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup, Tag

from monitor.accounts import Role
from monitor.alerts import AlarmKind, TicketView
from monitor.desk import views
from monitor.desk.rows import Eyes, rows
from monitor.desk.views import MOST_VIEWS, Ask
from monitor.desk.visit import FRAGMENT
from monitor.model import TicketState
from monitor.store.filters import Filters
from monitor.talk import DisputeState
from sentiment.types import Theme, ThemeMention, Tone
from tests.desk_morning import EVIL, POISONED, TWICE, at_noon, morning
from tests.desk_rig import Browser, Clicks, account
from tests.rig import NOON, Rig

SCRIPT = {FRAGMENT: "1"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("morning")
    morning(folder)
    return folder


@pytest.fixture
def rig(kept: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    shutil.copytree(kept, tmp_path / "cafe")
    rig = at_noon(tmp_path / "cafe")
    yield rig
    rig.app.close()


@pytest.fixture
def anna(rig: Rig) -> Clicks:
    return Clicks(rig)


def shown(page: Tag) -> list[int]:
    return [int(str(row["id"])[1:]) for row in page.select(".ticket")]


def row(page: BeautifulSoup, ticket: int) -> Tag:
    (found,) = page.select(f"#t{ticket}")
    return found


def told(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def of(rig: Rig, text: str) -> TicketView:
    return next(view for view in rig.everything() if view.text == text)


def count(page: BeautifulSoup, name: str) -> int:
    return int("".join(filter(str.isdigit, told(page.select(f"#count-{name} b")[0]))))


def running(rig: Rig) -> list[TicketView]:
    return [view for view in rig.queue() if view.due_at is not None]


class TestOrder:
    def test_dangers_stand_on_top_and_the_earliest_deadline_first(self, rig: Rig, anna: Clicks) -> None:
        page = anna.soup("/queue")
        sections = {told(part.h2): shown(part) for part in page.select("section.list") if part.h2}
        dangerous = [view.ticket for view in running(rig) if view.verdict and view.verdict.risks]
        assert sections["Опасные"] == dangerous
        assert of(rig, POISONED).ticket in dangerous
        calm = [view.ticket for view in running(rig) if view.ticket not in dangerous]
        assert sections["По сроку ответа"] == calm

    def test_the_backlog_stands_apart(self, rig: Rig, anna: Clicks) -> None:
        page = anna.soup("/queue")
        backlog = [view.ticket for view in rig.queue(Filters(dangers_first=True)) if view.backlog]
        assert backlog
        assert not set(backlog) & set(shown(page))
        (link,) = page.select("#backlog a")
        assert str(len(backlog)) in told(link)
        assert shown(anna.soup(str(link["href"]))) == backlog

    def test_dangers_of_the_backlog_are_told_of_beside_the_others(self, rig: Rig, anna: Clicks) -> None:
        (old,) = (view for view in rig.queue() if view.backlog and view.verdict and view.verdict.risks)
        page = anna.soup("/queue")
        assert count(page, "danger") == len(shown(page.select("section.danger")[0])) + 1
        (link,) = page.select("#old-dangers a")
        assert told(link) == "Опасные есть и среди накопившихся до подключения: 1 отзыв"
        assert shown(anna.soup(str(link["href"]))) == [old.ticket]
        listed = anna.soup("/queue?danger=1")
        assert old.ticket in shown(listed)
        assert not listed.select("#old-dangers")
        assert "без срока" in told(row(listed, old.ticket))
        rig.app.actions("oleg").dismiss(old.ticket, "spam")
        assert not anna.soup("/queue").select("#old-dangers")

    def test_reviews_of_the_same_words_stand_together(self, rig: Rig, anna: Clicks) -> None:
        page = anna.soup("/queue")
        first, second = [view.ticket for view in running(rig) if view.text == TWICE]
        assert shown(page).index(second) == shown(page).index(first) + 1
        assert "same" in row(page, second)["class"]
        assert told(row(page, second)).count("Тот же отзыв") == 1
        assert f"Тот же отзыв: № {second}" in told(row(page, first))

    def test_the_same_words_at_a_place_of_others_are_not_told(self, rig: Rig) -> None:
        view = next(view for view in running(rig) if view.text == TWICE)
        (other,) = view.same_as
        moved = replace(view, same_as=(replace(other, place="far"),))
        for places, told_of in ((None, True), (frozenset({"far", view.place}), True), (frozenset({view.place}), False)):
            eyes = Eyes("anna", places, {}, rig.clock.now(), str)
            (seen,) = rows([moved], eyes, {moved.ticket: ""})
            assert (f"{other.ticket}" in seen.others) is told_of

    def test_a_theme_that_is_praised_and_blamed_has_both_signs(self, rig: Rig) -> None:
        view = next(view for view in running(rig) if view.verdict)
        assert view.verdict is not None
        said = [(Tone.NEGATIVE, Theme.STAFF), (Tone.POSITIVE, Theme.STAFF), (Tone.NEUTRAL, Theme.STAFF)]
        for mentions, told_of in ((said, "персонал ±"), (said[1:], "персонал +"), (said[2:], "персонал")):
            verdict = replace(view.verdict, themes=tuple(ThemeMention(theme, tone, "") for tone, theme in mentions))
            (seen,) = rows([replace(view, verdict=verdict)], Eyes("anna", None, {}, NOON, str), {view.ticket: ""})
            assert told_of in [mark.word for mark in seen.marks]

    def test_a_row_tells_what_one_needs_to_decide(self, rig: Rig, anna: Clicks) -> None:
        view = of(rig, POISONED)
        found = row(anna.soup("/queue"), view.ticket)
        (time,) = found.select("time[data-due]")
        assert told(time) == "просрочено на 1 ч"
        assert view.due_at is not None
        assert time["datetime"] == view.due_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert found.select(".left.late")
        assert found.select_one("[role=img]")["aria-label"] == "оценка 1 из 5"  # type: ignore[index]  # it is there
        for word in (
            "«Ромашка»",
            "Google Карты",
            "Ольга П.",
            "всю ночь рвало",
            "Отравление",
            "Черновик готов",
            "Взять",
        ):
            assert word in told(found)

    def test_a_row_opens_its_ticket_on_the_way_through_this_list(self, rig: Rig, anna: Clicks) -> None:
        ticket = of(rig, POISONED).ticket
        (link,) = row(anna.soup("/queue?tone=negative&danger=1"), ticket).select("a.say")
        assert link["href"] == f"/t/{ticket}?from=tone%3Dnegative%26danger%3D1"

    @pytest.mark.parametrize(("minutes", "tone"), [(0, "good"), (31, "soon"), (61, "late")])
    def test_colour_follows_the_deadline(self, rig: Rig, anna: Clicks, minutes: int, tone: str) -> None:
        view = of(rig, EVIL)
        assert view.due_at is not None
        rig.clock.advance(view.due_at - timedelta(hours=1) - rig.clock.now() + timedelta(minutes=minutes))
        assert row(anna.soup("/queue"), view.ticket).select(f".left.{tone}")


NARROW: dict[str, Callable[[TicketView], bool]] = {
    "place=lenina": lambda view: view.place == "lenina",
    "source=twogis": lambda view: view.source == "twogis",
    "tone=negative": lambda view: view.verdict is not None and view.verdict.tone == "negative",
    "theme=staff": lambda view: view.verdict is not None and any(m.theme == "staff" for m in view.verdict.themes),
    "danger=1": lambda view: view.verdict is not None and bool(view.verdict.risks),
    "overdue=1": lambda view: view.due_at is not None and view.due_at <= NOON,
    "soon=1": lambda view: view.due_at is not None and NOON < view.due_at <= NOON + timedelta(minutes=30),
    "backlog=1": lambda view: view.backlog,
    "free=1": lambda view: view.assignee is None and not view.backlog,
    "mine=1": lambda view: view.assignee == "anna",
    "source=yandex_maps&tone=negative": lambda view: (
        view.source == "yandex_maps" and view.verdict is not None and view.verdict.tone == "negative"
    ),
}


class TestAsking:
    @pytest.mark.parametrize("query", NARROW)
    def test_a_filter_shows_all_that_it_names_and_nothing_else(self, rig: Rig, anna: Clicks, query: str) -> None:
        anna.post(f"/queue/{of(rig, POISONED).ticket}/take")
        expected = {view.ticket for view in rig.queue() if NARROW[query](view)}
        page = anna.soup(f"/queue?{query}")
        assert set(shown(page)) == expected
        assert expected
        assert page.select(".chips a.badge")

    def test_no_two_choices_of_a_filter_could_be_taken_for_one_another(self, anna: Clicks) -> None:
        for select in anna.soup("/queue").select(".filters select"):
            titles = [re.sub(r"ждёт|ждут", "ждать", told(option).casefold()) for option in select.select("option")]
            assert len(set(titles)) == len(titles)

    @pytest.mark.parametrize("state", [*TicketState, "all"])
    def test_states(self, rig: Rig, anna: Clicks, state: str) -> None:
        ticket = of(rig, POISONED).ticket
        anna.post(f"/queue/{ticket}/dismiss", reason="spam")
        expected = {view.ticket for view in rig.everything() if state in (view.state, "all")}
        assert set(shown(anna.soup(f"/queue?state={state}"))) == expected
        assert (ticket in expected) == (state in ("dismissed", "all"))

    @pytest.mark.parametrize(
        "query", ["tone=angry", "theme=<b>", "state=lost", "overdue=yes", "after=garbage", "x=1", "=", "%ff=%ff"]
    )
    def test_what_nobody_could_ask_is_left_out(self, anna: Clicks, query: str) -> None:
        assert shown(anna.soup(f"/queue?{query}")) == shown(anna.soup("/queue"))

    def test_searching_keeps_the_filters_and_filters_the_search(self, anna: Clicks) -> None:
        page = anna.soup("/queue?q=менеджер&source=twogis")
        (search,) = page.select("form.search")
        assert [(field["name"], field["value"]) for field in search.select("input[name]")] == [
            ("source", "twogis"),
            ("q", "менеджер"),
        ]
        (filters,) = page.select(".filters form[method=get]")
        assert filters.select("input[name=q]")[0]["value"] == "менеджер"
        assert [told(option) for option in filters.select("option[selected]")][1] == "2ГИС"

    def test_a_search_finds_other_forms_of_a_word(self, rig: Rig, anna: Clicks) -> None:
        expected = {view.ticket for view in running(rig) if view.text == TWICE}
        assert expected <= set(shown(anna.soup("/queue?q=менеджера+обещали")))

    def test_a_saved_view_of_a_place_that_left_the_config_says_so(self, anna: Clicks) -> None:
        anna.post("/views", name="Старая точка", query="place=gone&source=lost")
        (link,) = anna.soup("/queue").select("nav.kept a")
        page = anna.soup(str(link["href"]))
        (empty,) = page.select("#empty")
        assert "Точка «gone»: такой среди Ваших нет. Если это сохранённый вид, удалите его." in told(empty)
        assert "Площадка «lost»: такой среди Ваших нет." in told(empty)
        assert {told(chip).split(" ×")[0] for chip in page.select(".chips a.badge")} == {
            "Точка: gone",
            "Площадка: lost",
        }
        assert page.select(".views button[formaction$=delete]")

    def test_each_chip_takes_its_condition_away(self, anna: Clicks) -> None:
        page = anna.soup("/queue?place=lenina&tone=negative&overdue=1")
        without = {told(chip).split(" ×")[0]: str(chip["href"]) for chip in page.select(".chips a.badge")}
        assert without == {
            "Точка: «Ромашка»": "/queue?tone=negative&overdue=1",
            "Тон: негативный": "/queue?place=lenina&overdue=1",
            "Просрочены": "/queue?place=lenina&tone=negative",
        }

    @pytest.mark.parametrize("name", ["overdue", "danger", "soon", "mine", "free"])
    def test_each_count_leads_to_as_many(self, rig: Rig, anna: Clicks, name: str) -> None:
        anna.post(f"/queue/{of(rig, EVIL).ticket}/take")
        page = anna.soup("/queue")
        (link,) = page.select(f"#count-{name}")
        listed = anna.soup(str(link["href"]))
        assert len(shown(listed)) == count(page, name)
        assert listed.select(f"#count-{name}[aria-current]")

    def test_an_ask_reads_what_it_writes(self) -> None:
        ask = Ask(words="хам & «грубиян»", place="lenina", tone="negative", state="all", mine=True, after="abc")
        assert Ask.read(ask.query()) == ask


class TestPaging:
    def test_page_by_page_nothing_is_lost_and_nothing_comes_twice(
        self, anna: Clicks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = shown(anna.soup("/queue?state=all"))
        monkeypatch.setattr(views, "PAGE", 4)
        address, seen = "/queue?state=all", list[int]()
        while address:
            page = anna.soup(address)
            assert 0 < len(shown(page)) <= 4
            seen += shown(page)
            address = next((str(link["href"]) for link in page.select("a[rel=next]")), "")
        assert seen == whole

    def test_a_page_further_on_leads_back(self, anna: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(views, "PAGE", 4)
        following = str(anna.soup("/queue?tone=negative").select("a[rel=next]")[0]["href"])
        assert str(anna.soup(following).select("#pager a")[0]["href"]) == "/queue?tone=negative"

    def test_fifty_rows_weigh_less_than_a_hundred_kilobytes(self, anna: Clicks) -> None:
        answer = anna.get("/queue?state=all")
        rows = BeautifulSoup(answer.text, "lxml").select(".ticket")
        assert len(rows) > 30
        heaviest = sorted((len(str(one).encode()) for one in rows), reverse=True)
        rest = len(answer.content) - sum(heaviest)
        assert rest + 50 * sum(heaviest[:10]) / 10 < 100_000


class TestScope:
    def test_nobody_sees_other_peoples_places(self, rig: Rig) -> None:
        stranger = Clicks(rig, "boris", places=["elsewhere"])
        page = stranger.soup("/queue?state=all")
        assert not shown(page)
        assert not page.select("#backlog")
        assert {count(page, name) for name in ("open", "overdue", "danger", "soon", "mine", "free")} == {0}
        assert "lenina" not in str(page.select("form")[1:])

    @pytest.mark.parametrize("query", ["place=lenina", "state=all&place=lenina", "q=рвало", "danger=1"])
    def test_asking_for_them_helps_nobody(self, rig: Rig, query: str) -> None:
        assert not shown(Clicks(rig, "boris", places=["elsewhere"]).soup(f"/queue?{query}"))

    @pytest.mark.parametrize("what", ["draft", "take", "approve", "dismiss"])
    def test_nor_a_ticket_by_its_number(self, rig: Rig, what: str) -> None:
        stranger, ticket = Clicks(rig, "boris", places=["elsewhere"]), of(rig, POISONED)
        address = f"/queue/{ticket.ticket}/{what}"
        answer = stranger.get(address) if what == "draft" else stranger.post(address, base="1", reason="spam")
        assert answer.status_code == 404
        assert rig.ticket_of(ticket.external_id) == ticket

    def test_whoever_has_the_place_sees_it(self, rig: Rig, anna: Clicks) -> None:
        vera = Clicks(rig, "vera", places=["lenina"])
        assert shown(vera.soup("/queue")) == shown(anna.soup("/queue"))


def bare(answer: httpx.Response) -> str:
    """The live part without what changes by itself."""
    page = BeautifulSoup(answer.text, "lxml")
    for name in ("data-etag", "data-now"):
        del page.select("#live")[0][name]
    return str(page)


def alarmed(rig: Rig, _view: TicketView) -> None:
    with rig.app.store.write():
        rig.app.store.alarms.raise_alarm(
            AlarmKind.BLOCKED, source="twogis", listing_id=None, message="x", now=rig.clock.now()
        )


def edited(rig: Rig, view: TicketView) -> None:
    with rig.app.store.write():
        rig.app.store._db.update("review", view.review, {"stars": 2})


DEEDS: dict[str, Callable[[Rig, TicketView], object]] = {
    "taken over": lambda rig, view: rig.app.actions("vera").take(view.ticket, "oleg"),
    "released": lambda rig, view: rig.app.actions("oleg").release(view.ticket),
    "reply edited": lambda rig, view: rig.app.actions("oleg").edit(view.ticket, "Ольга, дарим промокод ВЕСНА!"),
    "approved": lambda rig, view: rig.app.actions("oleg").approve(view.ticket, force=True),
    "dismissed": lambda rig, view: rig.app.actions("oleg").dismiss(view.ticket, "spam"),
    "tone corrected": lambda rig, view: rig.app.actions("oleg").retag(view.ticket, themes={"price": True}),
    "complained of": lambda rig, view: rig.app.actions("oleg").dispute(view.ticket, DisputeState.FILED),
    "another star": edited,
    "a site refuses": alarmed,
    "a colleague got a name": lambda rig, _: account(rig, "oleg"),
    "deadline passed": lambda rig, _: rig.clock.advance(timedelta(minutes=21)),
}


class TestNews:
    def ask(self, browser: Clicks, tag: str = "", path: str = "/queue") -> httpx.Response:
        return browser.get(path, headers={**SCRIPT, **({"if-none-match": tag} if tag else {})})

    def test_a_script_gets_the_live_part_alone(self, anna: Clicks) -> None:
        answer = self.ask(anna)
        part = BeautifulSoup(answer.text, "lxml")
        assert "<html" not in answer.text
        assert part.select("#live .ticket")
        assert not part.select("header, form")
        assert part.select("#live")[0]["data-etag"] == answer.headers["etag"]
        assert shown(part) == shown(anna.soup("/queue"))

    def test_nothing_new_is_told_without_a_body(self, rig: Rig, anna: Clicks) -> None:
        tag = self.ask(anna).headers["etag"]
        rig.clock.advance(timedelta(minutes=5))
        answer = self.ask(anna, tag)
        assert answer.status_code == 304
        assert not answer.content
        assert answer.headers["etag"] == tag

    def test_what_others_do_is_news(self, rig: Rig, anna: Clicks) -> None:
        tag = self.ask(anna).headers["etag"]
        rig.app.actions("oleg").take(of(rig, POISONED).ticket)
        answer = self.ask(anna, tag)
        assert answer.status_code == 200
        assert answer.headers["etag"] != tag
        assert "oleg" in told(row(BeautifulSoup(answer.text, "lxml"), of(rig, POISONED).ticket))

    def test_a_deadline_that_passes_is_news(self, rig: Rig, anna: Clicks) -> None:
        tag = self.ask(anna).headers["etag"]
        rig.clock.advance(timedelta(minutes=21))  # EVIL is late then
        assert self.ask(anna, tag).status_code == 200

    @pytest.mark.parametrize("path", ["/queue", "/queue?state=all&q=отравление", "/today"])
    @pytest.mark.parametrize("deed", DEEDS)
    def test_whatever_is_shown_otherwise_is_news(self, rig: Rig, anna: Clicks, deed: str, path: str) -> None:
        rig.app.actions("oleg").take(of(rig, POISONED).ticket)
        before = self.ask(anna, path=path)
        DEEDS[deed](rig, of(rig, POISONED))
        after = self.ask(anna, path=path)
        assert bare(after) != bare(before), "else there is nothing to tell"
        assert after.headers["etag"] != before.headers["etag"]

    def test_a_pass_that_finds_nothing_new_is_none(self, rig: Rig, anna: Clicks) -> None:
        for _ in range(2):
            rig.run(after=timedelta(minutes=5))
        tags = {path: self.ask(anna, path=path).headers["etag"] for path in ("/queue", "/today")}
        rig.run(after=timedelta(minutes=5))
        for path, tag in tags.items():
            assert self.ask(anna, tag, path).status_code == 304

    def test_where_nothing_is_left_the_news_is_when_sites_were_read(self, rig: Rig, anna: Clicks) -> None:
        for view in rig.queue(Filters()):
            rig.app.actions("anna").dismiss(view.ticket, "other")
        for path in ("/queue", "/today"):
            answer = self.ask(anna, path=path)
            assert self.ask(anna, answer.headers["etag"], path).status_code == 304
            rig.run(after=timedelta(minutes=5))
            later = self.ask(anna, answer.headers["etag"], path)
            assert later.status_code == 200
            assert bare(later) != bare(answer)

    def test_one_question_is_not_answered_for_another(self, rig: Rig, anna: Clicks) -> None:
        tag = self.ask(anna).headers["etag"]
        assert self.ask(anna, tag, "/queue?mine=1").status_code == 200
        assert self.ask(Clicks(rig, "vera"), tag).status_code == 200

    def test_a_browser_without_script_always_gets_the_page(self, anna: Clicks) -> None:
        tag = self.ask(anna).headers["etag"]
        assert anna.get("/queue", headers={"if-none-match": tag}).status_code == 200

    def test_a_row_keeps_its_version_while_only_time_passes(self, rig: Rig, anna: Clicks) -> None:
        ticket = of(rig, TWICE).ticket
        before = row(anna.soup("/queue"), ticket)
        rig.clock.advance(timedelta(minutes=7))
        after = row(anna.soup("/queue"), ticket)
        assert told(before.select("time")[0]) != told(after.select("time")[0])
        assert before["data-version"] == after["data-version"]
        rig.app.actions("oleg").take(ticket)
        assert row(anna.soup("/queue"), ticket)["data-version"] != before["data-version"]


class TestDoing:
    def button(self, page: BeautifulSoup, ticket: int) -> tuple[str, dict[str, str]]:
        """Address and fields of what the button of a row sends, as a browser without script does it."""
        (button,) = row(page, ticket).select("button.take")
        (form,) = page.select(f"form#{button['form']}")
        return str(button["formaction"]), {str(f["name"]): str(f["value"]) for f in form.select("input[name]")}

    def test_taking_works_without_a_script(self, rig: Rig, anna: Clicks) -> None:
        ticket = of(rig, POISONED).ticket
        address, fields = self.button(anna.soup("/queue?tone=negative"), ticket)
        answer = anna.ask("POST", address, fields=fields)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/queue?tone=negative&done=taken#t{ticket}"
        page = anna.soup(answer.headers["location"])
        assert told(page.select(".notice[role=status]")[0]) == "Отзыв записан на Вас."
        assert "Вы" in told(row(page, ticket))
        assert not row(page, ticket).select("button.take")
        assert of(rig, POISONED).assignee == "anna"

    def test_the_script_gets_the_list_as_it_is_then(self, rig: Rig, anna: Clicks) -> None:
        ticket = of(rig, POISONED).ticket
        sent = {**SCRIPT, "origin": anna.base, "sec-fetch-site": "same-origin"}
        answer = anna.ask("POST", f"/queue/{ticket}/take", fields={"csrf": anna.csrf}, headers=sent, follow=True)
        # A browser keeps its own headers on the way; this client does, too.
        part = BeautifulSoup(answer.text, "lxml")
        assert part.select("#live")[0]["data-told"] == "Отзыв записан на Вас."
        assert "Вы" in told(row(part, ticket))

    def test_nobody_approves_a_reply_to_a_review_that_they_have_not_read(self, rig: Rig, anna: Clicks) -> None:
        view = of(rig, POISONED)
        (form,) = anna.soup(f"/queue/{view.ticket}/draft").select("form[action$=approve]")
        fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
        assert fields["revision"] == str(view.revision)
        with rig.app.store.write():
            rig.app.store._db.execute(
                "UPDATE review SET revision = revision + 1 WHERE id = (SELECT review_id FROM ticket WHERE id = ?)",
                [view.ticket],
            )
        answer = anna.ask("POST", str(form["action"]), fields=fields)
        assert answer.status_code == 409
        assert "прочитайте его ещё раз" in answer.text

    @pytest.mark.parametrize(("role", "where"), [(Role.OPERATOR, False), (Role.LEAD, False), (Role.OWNER, True)])
    def test_where_a_setting_stands_is_told_to_those_who_may_change_it(self, rig: Rig, role: Role, where: bool) -> None:
        view = of(rig, POISONED)
        assert view.draft is not None
        rig.app.actions("oleg").edit(view.ticket, f"{view.draft.text}\nПозвоните +7 900 000-11-22.")
        said = told(Clicks(rig, "vera", role).soup(f"/queue/{view.ticket}/draft").select(".findings")[0])
        assert ("config.yaml" in said) is where
        assert ("попросите" in said) is not where

    def test_whoever_is_slower_is_told_so(self, rig: Rig, anna: Clicks) -> None:
        ticket = of(rig, POISONED).ticket
        account(rig, "oleg")
        rig.app.actions("oleg").take(ticket)
        answer = anna.post(f"/queue/{ticket}/take")
        assert answer.status_code == 409
        assert "Отзывом занимается Oleg. Договоритесь или заберите отзыв себе." in answer.text
        assert "<html" in answer.text
        sent = {**SCRIPT, "origin": anna.base, "sec-fetch-site": "same-origin"}
        line = anna.post(f"/queue/{ticket}/take", headers=sent)
        assert line.status_code == 409
        assert line.text == "Отзывом занимается Oleg. Договоритесь или заберите отзыв себе."
        assert line.headers["content-type"].startswith("text/plain")

    def test_a_draft_is_approved_where_it_is_seen(self, rig: Rig, anna: Clicks) -> None:
        view = of(rig, POISONED)
        page = anna.soup(f"/queue/{view.ticket}/draft?back=tone%3Dnegative")
        assert view.draft is not None
        assert view.draft.text.split("\n")[0] in page.text
        assert POISONED in page.text
        (form,) = page.select("form[action$=approve]")
        fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
        answer = anna.ask("POST", str(form["action"]), fields=fields)
        assert answer.headers["location"] == f"/queue?tone=negative&done=approved#t{view.ticket}"
        assert of(rig, POISONED).state is TicketState.APPROVED

    def test_whose_ticket_it_is_stands_where_the_others_approve(self, rig: Rig, anna: Clicks) -> None:
        view = of(rig, POISONED)
        account(rig, "oleg")
        rig.app.actions("oleg").take(view.ticket)
        page = anna.soup(f"/queue/{view.ticket}/draft")
        assert not page.select("form[action$=approve]")
        assert told(page.select(".pair .badge")[0]) == "Занимается Oleg"
        (link,) = page.select(".pair a.button")
        assert told(link) == "Забрать…"
        assert told(anna.soup(str(link["href"])).select("summary[data-key=t]")[0]) == "Забрать…"

    def test_a_draft_that_nobody_saw_is_not_approved(self, rig: Rig, anna: Clicks) -> None:
        view = of(rig, POISONED)
        rig.app.actions("oleg").edit(view.ticket, "Здравствуйте! Разбираемся, напишите нам.")
        assert anna.post(f"/queue/{view.ticket}/approve", base=str(view.draft_number)).status_code == 409
        assert anna.post(f"/queue/{view.ticket}/approve").status_code == 400
        assert of(rig, POISONED).state is TicketState.OPEN

    def test_dismissing_needs_a_reason(self, rig: Rig, anna: Clicks) -> None:
        ticket = of(rig, EVIL).ticket
        assert anna.post(f"/queue/{ticket}/dismiss").status_code == 400
        assert of(rig, EVIL).state is TicketState.OPEN
        assert anna.post(f"/queue/{ticket}/dismiss", reason="spam").status_code == 303
        assert of(rig, EVIL).state is TicketState.DISMISSED

    @pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "x\r\nSet-Cookie: a=b", "after=<b>"])
    def test_the_way_back_leads_nowhere_else(self, rig: Rig, anna: Clicks, back: str) -> None:
        location = anna.post(f"/queue/{of(rig, EVIL).ticket}/take", back=back).headers["location"]
        parts = urlsplit(location)
        assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/queue")
        assert set(parse_qs(parts.query)) <= {"done", "after"}

    def test_whoever_is_not_logged_in_sees_nothing(self, rig: Rig) -> None:
        for path in ("/queue", f"/queue/{of(rig, POISONED).ticket}/draft"):
            assert POISONED[:20] not in Browser(rig).get(path).text


class TestSavedViews:
    def views(self, browser: Clicks) -> dict[str, str]:
        return {told(link): str(link["href"]) for link in browser.soup("/queue").select("nav.kept a")}

    def test_a_view_is_kept_under_a_name_found_and_dropped(self, rig: Rig, anna: Clicks) -> None:
        (form,) = anna.soup("/queue?tone=negative&mine=1").select("form[action='/views']")
        query = str(form.select("input[name=query]")[0]["value"])
        answer = anna.post("/views", name="  Мой   негатив ", query=query)
        assert answer.headers["location"] == "/queue?tone=negative&mine=1&done=kept"
        assert self.views(anna) == {"Мой негатив": "/queue?tone=negative&mine=1"}
        assert not self.views(Clicks(rig, "vera"))
        (button,) = anna.soup("/queue").select("button[formaction$=delete]")
        assert anna.post(str(button["formaction"])).status_code == 303
        assert not self.views(anna)

    def test_one_of_the_same_name_is_replaced(self, anna: Clicks) -> None:
        anna.post("/views", name="Утро", query="overdue=1")
        anna.post("/views", name="Утро", query="danger=1&after=abc")
        assert self.views(anna) == {"Утро": "/queue?danger=1"}

    def test_nobody_deletes_the_view_of_another(self, rig: Rig, anna: Clicks) -> None:
        anna.post("/views", name="Утро", query="overdue=1")
        (button,) = anna.soup("/queue").select("button[formaction$=delete]")
        assert Clicks(rig, "vera").post(str(button["formaction"])).status_code == 404
        assert self.views(anna)

    @pytest.mark.parametrize("name", ["", "  ", "\u200b\x00"])
    def test_a_view_needs_a_name(self, anna: Clicks, name: str) -> None:
        assert anna.post("/views", name=name, query="overdue=1").status_code == 400
        assert not self.views(anna)

    def test_there_is_an_end_to_them(self, anna: Clicks) -> None:
        for number in range(MOST_VIEWS):
            assert anna.post("/views", name=f"Вид {number}", query="mine=1").status_code == 303
        assert anna.post("/views", name="Ещё", query="mine=1").status_code == 409
        assert anna.post("/views", name="Вид 3", query="danger=1").status_code == 303

    def test_what_stands_in_a_name_is_text(self, anna: Clicks) -> None:
        anna.post("/views", name="<b>Утро</b>", query="overdue=1")
        assert "<b>Утро" not in anna.get("/queue").text
        assert "<b>Утро</b>" in self.views(anna)


class TestNothingLeft:
    def test_all_answered_is_a_pleasant_state(self, rig: Rig, anna: Clicks) -> None:
        actions = rig.app.actions("anna")
        for view in rig.queue(Filters()):
            actions.dismiss(view.ticket, "other")
        (empty,) = anna.soup("/queue").select("#empty")
        assert "Всё отвечено" in told(empty)
        assert "Площадки проверили сегодня в 14:55, следующая проверка" in told(empty)

    def test_but_not_when_nobody_has_looked_for_long(self, rig: Rig, anna: Clicks) -> None:
        for view in rig.queue(Filters()):
            rig.app.actions("anna").dismiss(view.ticket, "other")
        rig.clock.advance(timedelta(hours=5))
        assert "работает ли otklik worker" in told(anna.soup("/queue").select("#empty")[0])

    def test_conditions_that_nothing_meets_lead_back(self, anna: Clicks) -> None:
        (empty,) = anna.soup("/queue?place=nowhere").select("#empty")
        assert "По этим условиям ничего нет" in told(empty)
        assert empty.select("a")[0]["href"] == "/queue"

    @pytest.mark.parametrize("words", ["не", "без", "и не то", "?!", "🍲", '"', "*", "()", "'", "\\"])
    def test_a_search_for_nothing_says_that_there_is_nothing_to_look_for(self, anna: Clicks, words: str) -> None:
        page = anna.soup(f"/queue?{urlencode({'q': words, 'tone': 'negative'})}")
        (empty,) = page.select("#empty")
        assert "В запросе нет слов, по которым можно искать" in told(empty)
        assert "напишите слово из отзыва или имя автора" in told(empty)
        assert empty.select("a")[0]["href"] == "/queue?tone=negative"
        assert not shown(page)

    @pytest.mark.parametrize("words", ["NEAR(", "words:*", "NOT AND", "абракадабра"])
    def test_what_looks_like_a_command_of_the_index_is_looked_for_as_words(self, anna: Clicks, words: str) -> None:
        (empty,) = anna.soup(f"/queue?{urlencode({'q': words})}").select("#empty")
        assert "По этим условиям ничего нет" in told(empty)

    def test_a_site_that_is_not_read_is_told(self, rig: Rig, anna: Clicks) -> None:
        assert not anna.soup("/queue").select("#trouble")
        with rig.app.store.write():
            rig.app.store.alarms.raise_alarm(
                AlarmKind.BLOCKED, source="twogis", listing_id=None, message="x", now=rig.clock.now()
            )
        assert "2ГИС: сайт отказывает" in told(anna.soup("/queue").select("#trouble")[0])
        assert not Clicks(rig, "boris", places=["elsewhere"]).soup("/queue").select("#trouble")

    def test_every_site_that_is_not_read_is_named_with_its_reason(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("TWOGIS_KEY")
        rig.restart()
        broken = next(one for one in rig.app.store.listings.all() if one.source == "otzovik")
        with rig.app.store.write():
            rig.app.store.alarms.raise_alarm(
                AlarmKind.BLOCKED, source="irecommend", listing_id=None, message="x", now=rig.clock.now()
            )
            now = rig.clock.now()
            rig.app.store.listings.failed(broken.id, kind="unreachable", message="не отвечает", now=now, retry_at=now)
        anna = Clicks(rig)
        for path in ("/queue", "/today"):
            said = told(anna.soup(path).select("#trouble")[0])
            assert "iRecommend: сайт отказывает; 2ГИС: ключ не задан" in said
            assert "Отзовик" not in said  # once is no news
        rig.clock.advance(timedelta(days=1))
        assert "Отзовик: не читается" in told(Clicks(rig).soup("/queue").select("#trouble")[0])


PAGES = ["/queue", "/queue?state=all", "/queue?q=менеджер&tone=negative", "/queue?place=nowhere", "/queue?backlog=1"]


class TestMarkup:
    @pytest.mark.parametrize("path", PAGES)
    def test_strangers_words_stay_words(self, rig: Rig, anna: Clicks, path: str) -> None:
        html = anna.get(path).text
        page = BeautifulSoup(html, "lxml")
        assert "alert(1)</script>" not in html
        assert not page.select("img, iframe, [onmouseover], [onerror], [style]")
        assert len(page.select("script")) == 1
        assert page.select("script")[0].get("src")
        draft = anna.get(f"/queue/{of(rig, EVIL).ticket}/draft").text
        assert "<img" not in draft
        assert "&lt;script&gt;alert(1)" in draft

    @pytest.mark.parametrize("path", PAGES)
    def test_every_control_has_a_name_and_every_id_is_alone(self, anna: Clicks, path: str) -> None:
        anna.post("/views", name="Утро", query="overdue=1")
        check_markup(anna.soup(path))

    def test_so_does_the_draft(self, rig: Rig, anna: Clicks) -> None:
        check_markup(anna.soup(f"/queue/{of(rig, POISONED).ticket}/draft"))

    def test_buttons_of_rows_tell_which_row_they_are_of(self, anna: Clicks) -> None:
        page = anna.soup("/queue")
        names = [told(button) for button in page.select("button.take, a.peek, a.out")]
        assert len(names) == len(set(names))
        assert all("№" in name for name in names)


def check_markup(page: BeautifulSoup) -> None:
    for control in page.select("a[href], button, input:not([type=hidden]), select, textarea"):
        assert name_of(page, control), control
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    for tag in page.select("[aria-labelledby]"):
        assert page.select(f"#{tag['aria-labelledby']}")
    for tag in page.select("[form]"):
        assert page.select(f"form#{tag['form']}")
    levels = [int(heading.name[1]) for heading in page.select("h1, h2, h3, h4")]
    assert levels[:1] == [1]
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    for form in page.select("form[method=post]"):
        assert form.select("input[name=csrf]")


def name_of(page: BeautifulSoup, control: Tag) -> str:
    """As a screen reader tells it; placeholders are no names."""
    labels = page.select(f'label[for="{control["id"]}"]') if control.get("id") else []
    around = control.find_parent("label")
    texts = [control.get_text(), str(control.get("aria-label", "")), *(label.get_text() for label in labels)]
    texts += [around.get_text()] if around else []
    return re.sub(r"\s+", " ", " ".join(texts)).strip()
