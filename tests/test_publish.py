"""Closing the loop: a reply is posted through the site's API, and what the site shows later confirms it or not."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.alerts import Standing, TicketView
from monitor.assemble import Application
from monitor.config import load
from monitor.errors import ConfigError, Conflict, FetchError, Unreachable, UsageError
from monitor.jobs.publish import Publish
from monitor.model import Page, PageRequest, Reply, ReplyState, Ticket, TicketState, Token
from monitor.runners.once import run_pass
from monitor.standin.reviews import GOOGLE
from monitor.standin.world import Trouble, What, World
from monitor.store.publishing import EDITS
from tests.history.crash import Killed, killed_at
from tests.rig import NOON, DirectSession, Rig

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
STEP = 37
"""Lines between two kills: posting takes some 1,500. With 1 it is every one of them, and minutes."""
COMPLAINT = "Суп холодный, ждали час. Ужасное обслуживание, больше не придём."
WORDS = "Олег, здравствуйте. Нам очень жаль, что суп остыл. Позвоните нам, пожалуйста: хотим разобраться."


class Shop:
    """A café whose one Google review waits for an answer. `start`: the folder of such a shop, to begin where it is."""

    def __init__(self, folder: Path, start: Path | None = None) -> None:
        world = World(NOON)
        self.card = world.card(GOOGLE)
        if start is not None:
            shutil.copytree(start, folder)
        self.rig = Rig(folder, world)
        if start is None:
            self.rig.run()
        self.rig.clock.advance(MINUTE)
        self.review = world.add(
            self.card, text=COMPLAINT, stars=1, author="Олег", posted_at=self.rig.clock.now()
        ).external_id
        self.rig.clock.advance(MINUTE)
        if start is None:
            self.rig.run()
        self.ticket_id = self.view.ticket

    def read(self, after: timedelta = timedelta()) -> None:
        """Time passes, then a pass reads every card to its end."""
        self.rig.run(after)

    @property
    def world(self) -> World:
        return self.rig.world

    @property
    def view(self) -> TicketView:
        return self.rig.ticket_of(self.review)

    @property
    def ticket(self) -> Ticket:
        return self.rig.app.store.tickets.get(self.ticket_id)

    @property
    def shown(self) -> Reply | None:
        """The reply as the site holds it."""
        return self.world.review(self.card, self.review).reply

    def publisher(self, actor: str = "anna") -> Publish:
        return self.rig.app.publisher(actor)

    def post(self, actor: str = "anna", *, force: bool = False) -> Reply:
        publisher = self.publisher(actor)
        return publisher.post(self.ticket_id, publisher.offer(self.ticket_id, force=force), force=force)

    def retract(self) -> None:
        self.publisher().retract(self.ticket_id)

    def edit(self, words: str = WORDS) -> None:
        self.rig.app.actions("anna").edit(self.ticket_id, words)

    def answered_in_the_cabinet(self, words: str, *, ago: timedelta = timedelta()) -> None:
        self.world.reply(self.card, self.review, words, self.rig.clock.now() - ago)

    def told(self, *kinds: str) -> list[str]:
        """The history's events of these kinds, or all of them."""
        events = self.rig.app.store.tickets.events(self.ticket_id)
        return [event["kind"] for event in events if not kinds or event["kind"] in kinds]

    def why(self, kind: str) -> list[str]:
        return [event["why"] for event in self.rig.app.store.tickets.events(self.ticket_id) if event["kind"] == kind]

    def posted_times(self) -> int:
        """How often visitors of the site saw another reply."""
        return sum(entry.what is What.REPLIED for entry in self.world.log)


@pytest.fixture
def shop(tmp_path: Path, secrets: None) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.rig.app.close()


# --- the whole path ---------------------------------------------------------------------------------


def test_a_posted_reply_stops_the_clock_and_the_next_read_confirms_it(shop: Shop) -> None:
    shop.rig.clock.advance(5 * MINUTE)
    draft = shop.view.draft
    assert draft is not None
    reply = shop.post()
    assert reply == Reply(draft.text, shop.rig.clock.now(), ReplyState.PENDING)
    assert shop.shown == reply
    submitted = shop.ticket
    assert (submitted.state, submitted.met, submitted.closed_at) == (TicketState.SUBMITTED, True, reply.at)
    shop.read(5 * MINUTE)
    assert shop.ticket.state is TicketState.ANSWERED
    assert shop.told()[-4:] == ["posting", "posted", "submitted", "confirmed"]
    assert shop.why("posted") == ["на проверке"]


def test_it_waits_while_the_moderators_look(shop: Shop) -> None:
    shop.world.moderation = HOUR
    shop.post()
    for _ in range(4):
        shop.read(10 * MINUTE)
        assert shop.ticket.state is TicketState.SUBMITTED
    shop.read(HOUR)
    assert shop.ticket.state is TicketState.ANSWERED


def test_a_reply_that_the_moderators_refuse_is_reopened_with_an_hour_of_its_own(shop: Shop) -> None:
    shop.edit(f"{WORDS} +7 (843) 000-00-00")
    shop.post(force=True)
    shop.read(50 * MINUTE)
    assert (shop.ticket.state, shop.ticket.due_at) == (TicketState.OPEN, shop.rig.clock.now() + HOUR)
    assert shop.why("reopened") == ["площадка отклонила ответ"]
    shop.edit()
    shop.post()
    shop.read(5 * MINUTE)
    assert (shop.ticket.state, shop.ticket.met) == (TicketState.ANSWERED, True)


def test_what_the_site_has_refused_is_not_sent_again_by_mistake(shop: Shop) -> None:
    shop.edit()
    shop.post()
    shop.world.reply(shop.card, shop.review, WORDS, shop.rig.clock.now(), ReplyState.REJECTED)
    shop.read(MINUTE)
    with pytest.raises(Conflict, match="уже отклонила этот самый ответ"):
        shop.post()
    with pytest.raises(FetchError, match=r"отклонил этот ответ \(RESTRICTED_CONTENT\)"):
        shop.post(force=True)
    assert shop.ticket.state is TicketState.OPEN


def test_a_reply_missing_in_two_good_reads_is_reopened(shop: Shop) -> None:
    shop.post()
    shop.world.withhold_reply(shop.card, shop.review)
    shop.read(2 * MINUTE)
    assert shop.ticket.state is TicketState.SUBMITTED
    shop.read(2 * MINUTE)
    assert (shop.ticket.state, shop.ticket.due_at) == (TicketState.OPEN, shop.rig.clock.now() + HOUR)
    assert shop.why("reopened") == ["ответ пропал с площадки"]


def test_a_confirmed_reply_that_is_gone_later_is_reopened_too(shop: Shop) -> None:
    shop.post()
    shop.read(2 * MINUTE)
    shop.world.remove_reply(shop.card, shop.review)
    for _ in range(2):
        assert shop.ticket.state is TicketState.ANSWERED
        shop.read(2 * MINUTE)
    assert shop.ticket.state is TicketState.OPEN


def test_somebody_who_answers_in_the_cabinet_answers_elsewhere_at_the_sites_time(shop: Shop) -> None:
    shop.rig.clock.advance(90 * MINUTE)
    shop.answered_in_the_cabinet("Олег, приходите ещё, суп будет за наш счёт.", ago=70 * MINUTE)
    at = shop.rig.clock.now() - 70 * MINUTE
    shop.read()
    ticket = shop.ticket
    assert (ticket.state, ticket.closed_at, ticket.met) == (TicketState.ANSWERED, at, True)
    assert shop.why("answered_elsewhere") == ["на площадке виден ответ, который отправляли не отсюда"]
    assert shop.view.standing is Standing.OK


def test_a_draft_that_somebody_pasted_without_saying_so_is_our_answer(shop: Shop) -> None:
    draft = shop.view.draft
    assert draft is not None
    shop.answered_in_the_cabinet(draft.text.upper().replace("\n\n", " "))
    shop.read(MINUTE)
    assert shop.told("answered", "answered_elsewhere") == ["answered"]


def test_what_was_the_draft_when_it_was_submitted_is_ours_whatever_the_draft_says_now(shop: Shop) -> None:
    first = shop.view.draft
    assert first is not None
    actions = shop.rig.app.actions("anna")
    actions.submitted(shop.ticket_id)
    shop.rig.clock.advance(MINUTE)
    actions.reopen(shop.ticket_id)
    with shop.rig.app.store.write():  # as new templates do
        view = shop.rig.app.store.tickets.view(shop.ticket_id)
        other = replace(first, text="Благодарим за обращение, ответ управляющей скоро будет здесь.")
        shop.rig.app.store.tickets.add_draft(
            shop.ticket_id, other, revision=view["revision"], author=None, now=shop.rig.clock.now()
        )
    shop.answered_in_the_cabinet(first.text)
    shop.read(MINUTE)
    assert shop.told("answered", "answered_elsewhere") == ["answered"]


def test_a_submitted_ticket_with_other_words_on_the_site_is_closed_as_answered_elsewhere(shop: Shop) -> None:
    shop.rig.app.actions("anna").submitted(shop.ticket_id)
    shop.answered_in_the_cabinet("Мы всё исправили, ждём Вас снова.")
    shop.read(MINUTE)
    assert shop.ticket.state is TicketState.ANSWERED
    assert shop.told("confirmed", "answered_elsewhere") == ["answered_elsewhere"]


def test_a_click_that_came_late_for_a_reply_in_time_is_a_hit(shop: Shop) -> None:
    shop.rig.clock.advance(90 * MINUTE)
    shop.rig.app.actions("anna").submitted(shop.ticket_id)
    assert shop.ticket.met is False
    draft = shop.view.draft
    assert draft is not None
    shop.answered_in_the_cabinet(draft.text, ago=80 * MINUTE)
    shop.read(MINUTE)
    assert (shop.ticket.met, shop.told()[-1]) == (True, "submitted")  # the history is told in the order of the truth
    assert "confirmed" in shop.told()


def test_a_reply_posted_too_late_stays_a_miss(shop: Shop) -> None:
    shop.rig.clock.advance(90 * MINUTE)
    shop.post()
    shop.read(5 * MINUTE)
    assert (shop.ticket.state, shop.ticket.met) == (TicketState.ANSWERED, False)


# --- again, otherwise, and back ---------------------------------------------------------------------


def test_the_same_words_again_change_neither_the_site_nor_the_ticket(shop: Shop) -> None:
    shop.post()
    for after in (MINUTE, HOUR):
        before, shown = shop.ticket, shop.shown
        shop.rig.clock.advance(after)
        shop.post()
        assert (shop.ticket, shop.shown, shop.posted_times()) == (before, shown, 1)
    shop.read()
    assert shop.ticket.state is TicketState.ANSWERED


def test_other_words_replace_the_reply_and_the_answer_stands(shop: Shop) -> None:
    shop.post()
    shop.read(2 * MINUTE)
    answered = shop.ticket
    shop.edit()
    assert shop.ticket == answered
    shop.post()
    assert (shop.ticket, shop.why("posted")[-1]) == (answered, "вместо прежнего, на проверке")
    shop.read(2 * MINUTE)
    assert shop.shown is not None
    assert (shop.ticket, shop.shown.text) == (answered, WORDS)


def test_an_edit_that_the_moderators_refuse_is_reopened(shop: Shop) -> None:
    shop.post()
    shop.read(2 * MINUTE)
    shop.edit(f"{WORDS} Пишите на help@example.ru")
    shop.post(force=True)
    shop.read(2 * MINUTE)
    assert shop.ticket.state is TicketState.OPEN


def test_a_reply_taken_back_is_gone_at_once_and_the_ticket_waits_with_an_hour(shop: Shop) -> None:
    shop.post()
    shop.read(2 * MINUTE)
    shop.publisher("boris").retract(shop.ticket_id)
    assert shop.shown is None
    assert (shop.ticket.state, shop.ticket.due_at) == (TicketState.OPEN, shop.rig.clock.now() + HOUR)
    assert shop.told()[-3:] == ["retracting", "retracted", "reopened"]
    shop.read(2 * MINUTE)
    shop.read(2 * MINUTE)
    assert shop.ticket.state is TicketState.OPEN
    shop.post()
    shop.read(2 * MINUTE)
    assert (shop.ticket.state, shop.ticket.met) == (TicketState.ANSWERED, True)


def test_an_answer_reopened_and_left_as_it_is_is_confirmed_at_once(shop: Shop) -> None:
    shop.post()
    shop.read(2 * MINUTE)
    shop.rig.app.actions("anna").reopen(shop.ticket_id)
    shop.rig.clock.advance(MINUTE)
    shop.post()
    assert (shop.ticket.state, shop.ticket.closed_at) == (TicketState.ANSWERED, shop.rig.clock.now())
    assert shop.posted_times() == 1


# --- what must not be sent --------------------------------------------------------------------------


def test_a_ticket_of_another_is_left_alone(shop: Shop) -> None:
    shop.rig.app.actions("boris").take(shop.ticket_id)
    for act in (shop.post, lambda: shop.publisher("anna").retract(shop.ticket_id)):
        with pytest.raises(Conflict, match="занимается boris"):
            act()
    shop.post("boris")


def test_a_dismissed_or_removed_review_is_not_answered(shop: Shop) -> None:
    shop.rig.app.actions("anna").dismiss(shop.ticket_id, "spam")
    with pytest.raises(Conflict, match=f"`queue reopen {shop.ticket_id}`"):
        shop.post(force=True)
    with pytest.raises(Conflict, match="снять ответ нельзя"):
        shop.retract()
    shop.rig.app.actions("anna").reopen(shop.ticket_id)
    shop.world.hide(shop.card, shop.review)
    for _ in range(2):
        shop.read(25 * HOUR)
    with pytest.raises(Conflict, match="отзыв удалён"):
        shop.post(force=True)
    assert "posting" not in shop.told()


def test_words_older_than_the_review_need_force(shop: Shop) -> None:
    shop.edit()
    shop.world.edit(shop.card, shop.review, text=f"{COMPLAINT} Суп подогрели.", at=shop.rig.clock.now())
    shop.read(2 * MINUTE)
    with pytest.raises(Conflict, match="изменился после того, как написан черновик"):
        shop.post()
    shop.post(force=True)
    assert shop.ticket.state is TicketState.SUBMITTED


def test_an_error_of_the_linter_needs_force(shop: Shop) -> None:
    shop.edit(f"{WORDS} Или напишите на help@example.ru.")
    with pytest.raises(Conflict, match="contacts_forbidden"):
        shop.post()
    shop.post(force=True)


@pytest.mark.parametrize("force", [False, True])
def test_more_bytes_than_the_site_takes_are_never_sent(shop: Shop, force: bool) -> None:
    shop.edit("ж" * 2049)
    with pytest.raises(Conflict, match="too_long: Google: ответ длиннее 4096 байт"):
        shop.post(force=force)
    assert shop.told("posting", "publish_failed") == []


def test_a_draft_that_changed_since_it_was_shown_is_not_sent(shop: Shop) -> None:
    publisher = shop.publisher()
    shown = publisher.offer(shop.ticket_id)
    shop.edit()
    with pytest.raises(Conflict, match="только что изменился"):
        publisher.post(shop.ticket_id, shown)
    assert shop.shown is None


def test_nobody_posts_nothing(shop: Shop) -> None:
    with pytest.raises(UsageError, match="кто действует"):
        shop.publisher(" ")


def test_a_missing_secret_is_told_before_anything_happens(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_REFRESH_TOKEN")
    with pytest.raises(ConfigError, match="GOOGLE_REFRESH_TOKEN"):
        shop.post()
    assert "posting" not in shop.told()


def test_a_site_without_an_api_is_answered_by_hand_and_its_page_is_named(cafe: Rig) -> None:
    pages = {
        "yandex_maps": "https://yandex.ru/sprav/82071161567/p/edit/reviews/",
        "twogis": "https://account.2gis.com/",
        "otzovik": "https://otzovik.com/review_",
    }
    waiting = {view.source: view for view in cafe.queue()}
    for source, page in pages.items():
        publisher = cafe.app.publisher("anna")
        for act, following in ((publisher.offer, "copy"), (publisher.retract, "reopen")):
            with pytest.raises(Conflict) as refused:
                act(waiting[source].ticket)
            assert page in str(refused.value)
            assert f"queue {following} {waiting[source].ticket}" in str(refused.value)


# --- the site's pace --------------------------------------------------------------------------------


def test_an_eleventh_edit_in_a_minute_waits_whoever_sends_it(shop: Shop) -> None:
    for number in range(10):
        shop.edit(f"{WORDS} {number}")
        shop.post()
        shop.rig.clock.advance(timedelta(seconds=2))
    shop.rig.restart()
    with pytest.raises(Conflict, match=r"не больше 10\sправок в минуту.*через 40\sсекунд"):
        shop.publisher("boris").retract(shop.ticket_id)
    with pytest.raises(Conflict, match="Ничего не отправлено"):
        shop.post()
    assert len(shop.told("posting", "retracting")) == 10
    shop.rig.clock.advance(timedelta(seconds=40))
    shop.post()


def test_another_card_has_a_pace_of_its_own(shop: Shop) -> None:
    publishing = shop.rig.app.store.publishing
    shop.post()
    now = shop.rig.clock.now()
    assert len(publishing.edits(GOOGLE, shop.card.id, now - MINUTE, now)) == 1
    assert publishing.edits(GOOGLE, "another", now - MINUTE, now) == []
    assert publishing.edits(GOOGLE, shop.card.id, now, now + MINUTE) == []


def test_counting_edits_goes_by_the_card_and_not_through_all_events(shop: Shop) -> None:
    values = {"source": GOOGLE, "card": "2", "after": "", "until": ""}
    with closing(sqlite3.connect(shop.rig.app.config.database)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {EDITS}", values)]
    assert not [step for step in plan if step.startswith("SCAN")], plan


# --- the site refuses, or is ill --------------------------------------------------------------------


def test_a_token_that_ran_out_is_renewed_once(shop: Shop) -> None:
    publisher = shop.publisher()
    publisher.post(shop.ticket_id, publisher.offer(shop.ticket_id))
    shop.world.expire_tokens()
    publisher.retract(shop.ticket_id)
    assert shop.shown is None


def test_an_access_that_was_revoked_is_told(shop: Shop) -> None:
    shop.world.credentials["GOOGLE_REFRESH_TOKEN"] = "another"
    with pytest.raises(FetchError, match="отозвал доступ"):
        shop.post()
    assert (shop.ticket.state, shop.told()[-2:]) == (TicketState.OPEN, ["posting", "publish_failed"])


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (Trouble.RATE_LIMITED_BARE, "квота Google"),
        (Trouble.FORBIDDEN, "business.manage"),
        (Trouble.GONE, "не нашёл этот отзыв"),
        (Trouble.SERVER_ERROR, "HTTP 500"),
        (Trouble.CAPTCHA_200, "непонятный ответ"),
    ],
)
def test_a_site_that_does_not_take_it_leaves_the_ticket_waiting_and_says_why(
    shop: Shop, trouble: Trouble, said: str
) -> None:
    before = shop.ticket
    shop.world.afflict(GOOGLE, trouble)
    with pytest.raises(FetchError, match=said) as failed:
        shop.post()
    assert shop.ticket == before
    assert shop.shown is None
    assert failed.value.exit_code == 1
    assert said in shop.why("publish_failed")[0]
    shop.world.afflict(GOOGLE, None)
    shop.post()


@pytest.mark.parametrize("trouble", [Trouble.EMPTY, Trouble.TRUNCATED])
def test_half_an_answer_is_no_yes_and_the_next_read_tells_the_truth(shop: Shop, trouble: Trouble) -> None:
    shop.world.afflict(GOOGLE, trouble)
    with pytest.raises(FetchError):
        shop.post()
    assert shop.ticket.state is TicketState.OPEN
    shop.world.afflict(GOOGLE, None)
    shop.read(2 * MINUTE)
    assert shop.told("answered", "answered_elsewhere") == ["answered"]


class Deaf(DirectSession):
    """The request arrives, the answer does not."""

    def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
        page = super().send(request, source=source, token=token)
        if request.verb == "PUT":
            raise Unreachable("127.0.0.1:8765: не ответил за 20 с")
        return page


def test_an_answer_that_never_came_is_asked_for_again_and_found_in_time(shop: Shop) -> None:
    hearing, deaf = shop.rig.session, Deaf(shop.world, shop.rig.clock)
    shop.rig.session = deaf
    shop.rig.restart()
    with pytest.raises(FetchError, match=r"не ответил за 20 с\. Повторите: двух ответов не будет"):
        shop.post()
    accepted = shop.rig.clock.now()
    shop.rig.session = hearing
    shop.rig.restart()
    shop.rig.clock.advance(2 * HOUR)  # too late by now, but for the site's own time
    shop.post()
    assert (shop.ticket.state, shop.ticket.closed_at, shop.ticket.met) == (TicketState.SUBMITTED, accepted, True)
    assert shop.posted_times() == 1


def test_a_read_that_sees_the_reply_first_closes_the_ticket_and_posting_only_notes_it(shop: Shop) -> None:
    quiet = shop.rig.session

    class Racing(DirectSession):
        """Another process reads the card while we wait for the answer."""

        def send(self, request: PageRequest, *, source: str, token: Token | None = None) -> Page:
            page = super().send(request, source=source, token=token)
            if request.verb == "PUT":
                shop.rig.clock.advance(2 * MINUTE)
                other = Application(load(shop.rig.config_path), shop.rig.clock, quiet)
                run_pass(other.engine(), HOUR)
                other.close()
            return page

    shop.rig.session = Racing(shop.world, shop.rig.clock)
    shop.rig.restart()
    shop.post()
    assert shop.ticket.state is TicketState.ANSWERED
    assert shop.told("posted", "submitted", "answered", "answered_elsewhere") == ["answered", "posted"]


# --- kill -9 ----------------------------------------------------------------------------------------


def died(shop: Shop, crossing: int, act: Callable[[], object]) -> bool:
    """Whether the process was gone before it was through."""
    try:
        with killed_at(crossing, reader=False):
            act()
    except Killed:
        shop.rig.restart()
        return True
    return False


def test_killed_anywhere_a_post_loses_nothing_and_repeats_nothing(shop: Shop, tmp_path: Path) -> None:
    start = started(shop, tmp_path)
    lost = arrived = 0
    for crossing in range(1, 10_000, STEP):
        again = Shop(tmp_path / f"post-{crossing}", start)
        dead = died(again, crossing, again.post)
        if dead and again.shown is None:
            lost += 1
            assert again.ticket.state is TicketState.OPEN
            again.post()
        elif dead:
            arrived += 1
        again.read(2 * MINUTE)
        assert (again.ticket.state, again.posted_times()) == (TicketState.ANSWERED, 1), crossing
        assert again.told("answered_elsewhere") == []
        assert again.rig.app.store.problems() == []
        again.rig.app.close()
        shutil.rmtree(again.rig.folder)
        if not dead:
            break
    assert min(lost, arrived) > 2


def test_killed_anywhere_a_retraction_ends_in_a_ticket_that_waits(shop: Shop, tmp_path: Path) -> None:
    shop.post()
    shop.read(2 * MINUTE)
    start, reply = started(shop, tmp_path), shop.shown
    assert reply is not None
    for crossing in range(1, 10_000, STEP):
        again = Shop(tmp_path / f"retract-{crossing}", start)
        again.rig.clock.advance(4 * MINUTE)
        again.world.reply(again.card, again.review, reply.text, reply.at, reply.state)
        dead = died(again, crossing, again.retract)
        if again.shown is not None:
            again.retract()
        for _ in range(2):
            again.read(2 * MINUTE)
        assert (again.ticket.state, again.ticket.reopened) == (TicketState.OPEN, True), crossing
        again.rig.app.close()
        shutil.rmtree(again.rig.folder)
        if not dead:
            break


def started(shop: Shop, tmp_path: Path) -> Path:
    """A copy of the shop's files to begin from."""
    shop.rig.app.close()
    here = tmp_path / "start"
    shutil.copytree(tmp_path, here, ignore=shutil.ignore_patterns("start"))
    return here
