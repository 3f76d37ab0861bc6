"""Whole passes against the stand-in sites: what comes in, what goes on, what rings."""

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from monitor.accounts import Deed, Role
from monitor.actions import Actions
from monitor.alerts import Delivery, Message, Standing
from monitor.assemble import Application
from monitor.errors import Conflict
from monitor.jobs.fetch import LOOKS
from monitor.model import ReplyState, TicketState
from monitor.standin.world import Trouble, World
from responders.types import Draft, Finding, Situation
from tests.rig import NOON, Rig

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ALL = ("google_business", "irecommend", "otzovik", "twogis", "yandex_maps")


@pytest.fixture
def rig(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """The demo's café, not read yet."""
    rig = Rig(tmp_path, World.demo(NOON))
    yield rig
    rig.app.close()


@pytest.fixture
def empty(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """The café's cards without a single review, read once: what comes now is new."""
    rig = Rig(tmp_path, World(NOON))
    rig.run()
    yield rig
    rig.app.close()


def subjects(rig: Rig) -> list[str]:
    return [str(message_from_bytes(path.read_bytes(), policy=policy.default)["subject"]) for path in rig.mails()]


def recipients(rig: Rig) -> list[str]:
    return sorted(str(message_from_bytes(path.read_bytes(), policy=policy.default)["to"]) for path in rig.mails())


def test_one_pass_brings_every_visible_review_of_all_five_sites_in(rig: Rig) -> None:
    report = rig.run()
    assert not report.failures
    expected = {
        (card.source, review.external_id)
        for card in rig.world.cards()
        for review in rig.world.all_reviews(card)
        # Яндекс lists no ratings without text.
        if review.text or card.source != "yandex_maps"
    }
    held = [(row["source"], row["external_id"]) for row in rig.app.store.reviews()]
    assert len(held) == len(set(held))
    assert set(held) == expected
    assert {source for source, _ in held} == set(ALL)


def test_reviews_are_stored_as_the_sites_tell_them(rig: Rig) -> None:
    rig.run()
    held = {(row["source"], row["external_id"]): row for row in rig.app.store.reviews()}
    for card in rig.world.cards():
        for review in rig.world.all_reviews(card):
            row = held.get((card.source, review.external_id))
            if row is None:
                continue
            assert row["stars"] == review.stars
            assert row["author"] == review.author
            assert " ".join(review.text.split()) in " ".join(row["text"].split())
            assert row["url"].startswith("https://")
            if review.reply is not None and card.source != "irecommend":
                assert row["reply_text"] == review.reply.text


def test_a_second_pass_over_the_same_pages_changes_nothing(rig: Rig) -> None:
    rig.run()
    before = rig.digest()
    report = rig.run(after=2 * MINUTE)
    assert report.due == 5
    assert report.ok == 5
    assert rig.digest() == before


def test_a_new_process_finds_everything_as_the_old_one_left_it(rig: Rig) -> None:
    rig.run()
    before = rig.digest()
    rig.restart()
    rig.run()
    assert rig.digest() == before


def test_negatives_are_flagged_and_run_against_the_hour(rig: Rig) -> None:
    rig.run()
    fresh = [view for view in rig.queue() if view.due_at is not None]
    assert len(fresh) >= 8
    for view in fresh:
        assert view.verdict is not None
        if view.stars is not None and view.stars <= 3:
            assert view.verdict.flagged
        assert view.due_at == NOON + (HOUR if view.verdict.urgent else 24 * HOUR)
        assert view.standing is Standing.OK


def test_older_unanswered_reviews_are_listed_last_and_without_a_deadline(rig: Rig) -> None:
    rig.run()
    queue = rig.queue()
    deadlines = [view.due_at for view in queue]
    running = [due for due in deadlines if due is not None]
    assert deadlines == sorted(running) + [None] * (len(deadlines) - len(running))
    for view in queue:
        old = view.posted_at is None or view.posted_at < NOON - timedelta(days=2)
        assert (view.due_at is None) is old


def test_what_has_an_answer_already_needs_none(rig: Rig) -> None:
    rig.run()
    answered = {
        review.external_id
        for card in rig.world.cards()
        for review in rig.world.all_reviews(card)
        if review.reply is not None and card.source != "irecommend"
    }
    assert answered
    assert not answered & {view.external_id for view in rig.everything()}


def test_every_open_ticket_has_a_draft_and_every_draft_to_one_or_two_stars_says_regret(rig: Rig) -> None:
    rig.run()
    for view in rig.queue():
        assert view.draft is not None
        if view.stars is not None and view.stars <= 2:
            assert any(word in view.draft.text.casefold() for word in ("жаль", "извин", "прост", "сожале"))


def test_what_a_site_does_not_let_us_answer_is_unanswerable_and_has_no_deadline(rig: Rig) -> None:
    rig.run()
    for view in rig.everything():
        wordless = view.source == "twogis" and not view.text
        assert (view.state is TicketState.UNANSWERABLE) is (view.source == "irecommend" or wordless)
        if view.state is TicketState.UNANSWERABLE:
            assert view.due_at is None


def test_a_danger_reaches_the_owner_at_once_and_only_once(rig: Rig) -> None:
    rig.run()
    dangers = [subject for subject in subjects(rig) if "пасность" in subject]
    assert len(dangers) == 1
    assert "отравление" in dangers[0]
    rig.run(after=2 * MINUTE)
    rig.restart()
    rig.run(after=2 * MINUTE)
    assert [subject for subject in subjects(rig) if "пасность" in subject] == dangers


def test_an_unanswered_negative_rings_at_half_at_80_percent_at_the_deadline_and_after(empty: Rig) -> None:
    card = empty.world.card("google_business")
    empty.world.add(card, text="Ждали заказ сорок минут, никто не подошёл.", stars=2, author="Олег")
    empty.run(after=2 * MINUTE)
    assert empty.mails() == []
    heard = []
    for minutes in (29, 1, 17, 1, 11, 1, 60, 60, 600):
        known = set(empty.mails())
        empty.run(after=minutes * MINUTE)
        new = sorted(set(empty.mails()) - known)
        heard.append(sorted(str(message_from_bytes(path.read_bytes(), policy=policy.default)["to"]) for path in new))
    support, owner = "support@example.ru", "owner@example.ru"
    assert heard == [[], [support], [], [support], [], [owner, support], [owner], [owner], []]


def test_after_an_outage_only_the_gravest_level_is_told_to_all_who_missed_the_breach(empty: Rig) -> None:
    empty.world.add(empty.world.card("google_business"), text="Ужасно долго ждали.", stars=1)
    empty.run(after=2 * MINUTE)
    empty.run(after=5 * HOUR)
    assert recipients(empty) == ["owner@example.ru", "support@example.ru"]


def test_a_mail_about_a_deadline_that_has_been_met_meanwhile_is_not_sent(empty: Rig) -> None:
    review = empty.world.add(empty.world.card("google_business"), text="Ужасно долго ждали.", stars=1)
    empty.run(after=2 * MINUTE)
    engine = empty.app.engine()
    empty.clock.advance(31 * MINUTE)
    engine._watch.run()
    empty.app.actions("anna").submitted(empty.ticket_of(review.external_id).ticket)
    engine.alarm()
    assert empty.mails() == []
    assert empty.app.store.outbox.counts() == {"cancelled": 1}


def test_a_reply_that_was_posted_and_never_appears_reopens_after_two_good_reads(empty: Rig) -> None:
    review = empty.world.add(empty.world.card("yandex_maps"), text="Невкусно и дорого.", stars=2)
    empty.run(after=2 * MINUTE)
    empty.app.actions("anna").submitted(empty.ticket_of(review.external_id).ticket)
    states = []
    for _ in range(2):
        empty.run(after=2 * MINUTE)
        states.append(empty.ticket_of(review.external_id).state)
    assert states == [TicketState.SUBMITTED, TicketState.OPEN]


def test_a_card_that_suddenly_shows_nothing_is_a_failure_and_changes_nothing(rig: Rig) -> None:
    rig.run()
    before = rig.digest()
    card = rig.world.card("google_business")
    for review in rig.world.all_reviews(card):
        rig.world.hide(card, review.external_id)
    report = rig.run(after=2 * MINUTE)
    assert [failure.listing for failure in report.failures] == ["lenina/google_business"]
    assert rig.digest() == before


def test_a_review_that_several_pages_step_over_is_not_taken_for_removed(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World.sized(NOON, places=1, reviews=600))
    rig.run()
    card = rig.world.card("twogis")
    newest = sorted(rig.world.all_reviews(card), key=lambda review: review.posted_at)[-1]
    rig.session.requests.clear()

    def between_pages() -> None:
        if sum("branches" in path for path in rig.session.requests) == 1:
            rig.world.hide(card, newest.external_id)

    rig.session.before = between_pages
    vanished = [rig.run(after=timedelta(days=2)).changes.vanished]
    rig.session.before = lambda: None
    vanished += [rig.run(after=5 * MINUTE).changes.vanished for _ in range(2)]
    # The first read saw the one that went and stepped over another; the next two agree on what is gone.
    assert vanished == [0, 0, 1]
    gone = [row["external_id"] for row in rig.app.store.reviews() if row["removed_at"] is not None]
    assert gone == [newest.external_id]
    rig.app.close()


def test_a_card_longer_than_the_site_shows_counts_as_imported_and_is_read_lightly(
    tmp_path: Path, secrets: None
) -> None:
    world = World(NOON)
    card = world.card("yandex_maps")
    for number in range(650):
        posted_at = NOON - timedelta(days=10, minutes=number)
        world.add(card, text=f"Отзыв номер {number}", stars=5, posted_at=posted_at)
    rig = Rig(tmp_path, world)
    rig.run()
    listing = next(listing for listing in rig.app.store.listings.all() if listing.source == "yandex_maps")
    assert listing.imported_at is not None
    rig.session.requests.clear()
    report = rig.run(after=2 * MINUTE)
    assert report.changes.vanished == 0
    assert len([path for path in rig.session.requests if path.startswith("yandex_maps")]) == 1
    rig.app.close()


def test_a_persons_words_written_while_drafts_are_made_are_not_buried(
    empty: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = empty.world.add(empty.world.card("google_business"), text="Ужасно долго ждали.", stars=1)
    empty.run(after=2 * MINUTE)
    ticket = empty.ticket_of(review.external_id).ticket
    responder = empty.app.responder

    class Interrupted:
        """A responder during whose work a person writes."""

        def draft(self, situation: Situation) -> Draft:
            actions = empty.app.actions("anna")
            actions.edit(ticket, "Олег, нам очень жаль. Разберёмся.")
            actions.approve(ticket)
            return responder.draft(situation)

    monkeypatch.setattr(Application, "responder", Interrupted())
    with empty.app.store.write():
        empty.app.store.tickets.mark_drafted(ticket, "")
    empty.run(after=MINUTE)
    view = empty.ticket_of(review.external_id)
    assert view.draft is not None
    assert (view.draft.text, view.draft_author) == ("Олег, нам очень жаль. Разберёмся.", "anna")


def test_becoming_a_representative_makes_reviews_answerable(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World.demo(NOON))
    config = rig.config_path.read_text(encoding="utf-8")
    rig.config_path.write_text(config.replace("representative: true", "representative: false"), encoding="utf-8")
    rig.restart()
    rig.run()
    unanswerable = [view for view in rig.everything() if view.source == "otzovik"]
    assert {view.state for view in unanswerable} == {TicketState.UNANSWERABLE}
    rig.config_path.write_text(config, encoding="utf-8")
    rig.restart()
    rig.run(after=2 * MINUTE)
    assert {view.state for view in rig.everything() if view.source == "otzovik"} == {TicketState.OPEN}
    rig.app.close()


def test_an_access_token_that_runs_out_between_two_pages_is_renewed(tmp_path: Path, secrets: None) -> None:
    world = World.sized(NOON, places=1, reviews=600)
    rig = Rig(tmp_path, world)
    asked: list[bool] = []

    def expire_once() -> None:
        if not asked and any("/v4/" in path for path in rig.session.requests):
            asked.append(True)
            world.expire_tokens()

    rig.session.before = expire_once
    assert rig.run().failures == []
    assert asked
    rig.app.close()


def test_more_breaches_at_once_than_the_config_allows_come_in_one_mail(empty: Rig) -> None:
    for number in range(11):
        empty.world.add(empty.world.card("google_business"), text=f"Ужасно, ждали {number + 20} минут.", stars=1)
    empty.run(after=2 * MINUTE)
    empty.run(after=61 * MINUTE)
    assert recipients(empty) == ["owner@example.ru", "support@example.ru"]
    assert all("11" in subject for subject in subjects(empty))


def test_a_reply_seen_on_the_site_closes_the_ticket_at_the_sites_own_time(empty: Rig) -> None:
    card = empty.world.card("yandex_maps")
    review = empty.world.add(card, text="Суп был холодный, официант грубил.", stars=1)
    empty.run(after=2 * MINUTE)
    answered_at = empty.clock.now() + 20 * MINUTE
    empty.world.reply(card, review.external_id, "Нам очень жаль, разберёмся.", at=answered_at)
    report = empty.run(after=3 * HOUR)
    view = empty.ticket_of(review.external_id)
    assert report.changes.closed == 1
    assert view.state is TicketState.ANSWERED
    assert view.standing is Standing.OK


@pytest.mark.parametrize("source", ["google_business", "yandex_maps", "twogis", "otzovik"])
def test_a_reply_is_noticed_on_every_site_that_shows_replies(empty: Rig, source: str) -> None:
    card = empty.world.card(source)
    review = empty.world.add(card, text="Долго ждали, еда остыла. Больше не придём.", stars=2, title="Долго")
    empty.run(after=2 * MINUTE)
    assert empty.ticket_of(review.external_id).state is TicketState.OPEN
    empty.world.reply(card, review.external_id, "Нам очень жаль.", at=empty.clock.now() + MINUTE)
    empty.run(after=5 * MINUTE)
    assert empty.ticket_of(review.external_id).state is TicketState.ANSWERED


@pytest.mark.parametrize("source", ["google_business", "yandex_maps", "twogis", "otzovik"])
def test_a_reply_that_disappears_reopens_after_two_good_reads(empty: Rig, source: str) -> None:
    card = empty.world.card(source)
    review = empty.world.add(card, text="Невкусно и дорого.", stars=2, title="Так себе")
    empty.run(after=2 * MINUTE)
    empty.world.reply(card, review.external_id, "Нам очень жаль.", at=empty.clock.now())
    empty.run(after=2 * MINUTE)
    empty.world.remove_reply(card, review.external_id)
    empty.run(after=2 * MINUTE)
    assert empty.ticket_of(review.external_id).state is TicketState.ANSWERED
    empty.run(after=2 * MINUTE)
    view = empty.ticket_of(review.external_id)
    assert view.state is TicketState.OPEN
    assert view.due_at == empty.clock.now() + HOUR


def test_a_reply_that_google_refuses_reopens_the_ticket(empty: Rig) -> None:
    card = empty.world.card("google_business")
    review = empty.world.add(card, text="Невкусно и дорого.", stars=2)
    empty.run(after=2 * MINUTE)
    empty.app.actions("anna").submitted(empty.ticket_of(review.external_id).ticket)
    empty.world.reply(card, review.external_id, "Звоните!", at=empty.clock.now(), state=ReplyState.REJECTED)
    empty.run(after=2 * MINUTE)
    assert empty.ticket_of(review.external_id).state is TicketState.OPEN


def test_a_late_refusal_of_the_first_reply_does_not_reopen_the_ticket_of_the_second(empty: Rig) -> None:
    card = empty.world.card("google_business")
    review = empty.world.add(card, text="Невкусно и дорого.", stars=2)
    empty.run(after=2 * MINUTE)
    number, actions = empty.ticket_of(review.external_id).ticket, empty.app.actions("anna")
    first = empty.clock.now()
    empty.world.reply(card, review.external_id, "Звоните!", at=first, state=ReplyState.PENDING)
    empty.run(after=2 * MINUTE)
    actions.reopen(number)
    empty.clock.advance(2 * MINUTE)
    actions.submitted(number)
    empty.world.reply(card, review.external_id, "Звоните!", at=first, state=ReplyState.REJECTED)
    empty.run(after=2 * MINUTE)
    assert empty.ticket_of(review.external_id).state is TicketState.SUBMITTED
    second = empty.clock.now()
    empty.world.reply(card, review.external_id, "Спасибо, мы всё исправили.", at=second)
    empty.run(after=2 * MINUTE)
    assert empty.ticket_of(review.external_id).state is TicketState.ANSWERED


def test_two_reads_that_show_only_the_old_refusal_reopen_the_ticket(empty: Rig) -> None:
    card = empty.world.card("google_business")
    review = empty.world.add(card, text="Невкусно и дорого.", stars=2)
    empty.run(after=2 * MINUTE)
    number, actions = empty.ticket_of(review.external_id).ticket, empty.app.actions("anna")
    first = empty.clock.now()
    actions.submitted(number)
    empty.clock.advance(MINUTE)
    actions.reopen(number)
    actions.submitted(number)
    empty.world.reply(card, review.external_id, "Звоните!", at=first, state=ReplyState.REJECTED)
    empty.run(after=2 * MINUTE)
    assert empty.ticket_of(review.external_id).state is TicketState.SUBMITTED
    empty.run(after=2 * MINUTE)
    assert empty.ticket_of(review.external_id).state is TicketState.OPEN


@pytest.mark.parametrize("source", ALL)
def test_an_edited_review_is_one_review_with_two_revisions_and_a_new_draft(empty: Rig, source: str) -> None:
    card = empty.world.card(source)
    review = empty.world.add(card, text="Очень вкусно, спасибо!", stars=5, title="Отзыв")
    empty.run(after=2 * MINUTE)
    before = empty.ticket_of(review.external_id)
    empty.world.edit(card, review.external_id, text="Отравились всей семьёй, ужас!", stars=1, at=empty.clock.now())
    report = empty.run(after=2 * MINUTE)
    after = empty.ticket_of(review.external_id)
    assert (report.changes.new, report.changes.edited) == (0, 1)
    assert (after.ticket, after.revision) == (before.ticket, 2)
    assert after.verdict is not None
    assert after.verdict.flagged
    assert before.draft is None or after.draft != before.draft
    if before.due_at is not None:
        assert after.due_at == max(before.first_seen_at + HOUR, empty.clock.now() + 15 * MINUTE)


def test_a_persons_words_survive_an_edit_of_the_review_and_are_marked_stale(empty: Rig) -> None:
    card = empty.world.card("yandex_maps")
    review = empty.world.add(card, text="Очень вкусно, спасибо!", stars=5)
    empty.run(after=2 * MINUTE)
    empty.app.actions("anna").edit(empty.ticket_of(review.external_id).ticket, "Спасибо, ждём Вас снова.")
    empty.world.edit(card, review.external_id, text="Суп оказался холодным.", stars=2, at=empty.clock.now())
    empty.run(after=2 * MINUTE)
    view = empty.ticket_of(review.external_id)
    assert view.draft is not None
    assert view.draft.text == "Спасибо, ждём Вас снова."
    assert view.draft_stale


def test_an_unchanged_review_is_not_read_from_its_own_page_again(rig: Rig) -> None:
    rig.run()
    rig.session.requests.clear()
    rig.run(after=2 * MINUTE)
    assert not [path for path in rig.session.requests if "/review_" in path]
    assert len([path for path in rig.session.requests if path.startswith("irecommend")]) == 1


def test_likes_and_a_moved_time_are_no_edit(empty: Rig) -> None:
    card = empty.world.card("yandex_maps")
    review = empty.world.add(card, text="Очень вкусно, спасибо!", stars=5)
    empty.run(after=2 * MINUTE)
    before = empty.digest()
    empty.world.edit(card, review.external_id, at=empty.clock.now())
    report = empty.run(after=2 * MINUTE)
    assert report.changes.edited == 0
    assert empty.digest() == before


def test_a_vanished_review_closes_its_ticket_and_comes_back_with_it(rig: Rig) -> None:
    rig.run()
    view = next(view for view in rig.queue() if view.source == "yandex_maps" and view.due_at is not None)
    card = rig.world.card("yandex_maps")
    rig.world.hide(card, view.external_id)
    assert [rig.run(after=2 * MINUTE).changes.vanished for _ in range(2)] == [0, 1]
    assert rig.ticket_of(view.external_id).state is TicketState.REMOVED
    rig.world.restore(card, view.external_id)
    rig.run(after=2 * MINUTE)
    assert rig.ticket_of(view.external_id).state is TicketState.OPEN


@pytest.mark.parametrize("trouble", [trouble for trouble in Trouble if trouble is not Trouble.SLOW])
@pytest.mark.parametrize("source", ALL)
def test_one_source_down_loses_nothing_and_the_others_go_on(rig: Rig, source: str, trouble: Trouble) -> None:
    rig.run()
    before = (list(rig.app.store.reviews()), rig.everything())
    rig.world.trouble[source] = trouble
    report = rig.run(after=2 * MINUTE)
    recovers = (source, trouble) == ("google_business", Trouble.UNAUTHORISED)
    assert (list(rig.app.store.reviews()), rig.everything()) == before
    if recovers:
        assert not report.failures
        return
    assert [failure.listing for failure in report.failures] == [f"lenina/{source}"]
    assert report.ok == 4
    failure = report.failures[0]
    assert failure.retry_at > rig.clock.now()
    assert failure.message
    del rig.world.trouble[source]
    assert rig.run(after=timedelta(days=2)).failures == []


def test_a_site_that_asks_for_patience_is_left_alone_for_as_long(rig: Rig) -> None:
    rig.world.trouble["twogis"] = Trouble.RATE_LIMITED
    report = rig.run()
    assert report.failures[0].retry_at >= rig.clock.now() + 2 * MINUTE
    rig.session.requests.clear()
    rig.run(after=MINUTE)
    assert not [request for request in rig.session.requests if request.startswith("twogis")]


def test_a_revoked_permission_of_google_is_said_and_the_others_go_on(rig: Rig) -> None:
    rig.world.credentials["GOOGLE_REFRESH_TOKEN"] = "another"
    report = rig.run()
    assert [(failure.listing, failure.error) for failure in report.failures] == [
        ("lenina/google_business", "unauthorised")
    ]
    assert report.ok == 4


def test_a_missing_secret_leaves_that_source_out_and_is_named_with_its_line(
    tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWOGIS_KEY")
    rig = Rig(tmp_path, World.demo(NOON))
    report = rig.run()
    assert report.ok == 4
    assert [(error.path, error.line is not None) for error in rig.app.missing_secrets] == [
        ("sources.twogis.key_env", True)
    ]
    rig.app.close()


def test_a_long_first_import_goes_on_where_time_ran_out(tmp_path: Path, secrets: None) -> None:
    world = World.sized(NOON, places=1, reviews=600)
    rig = Rig(tmp_path, world)
    rig.session.before = lambda: rig.clock.advance(timedelta(seconds=15))
    left = [rig.run(after=MINUTE).left]
    while left[-1]:
        left.append(rig.run(after=MINUTE).left)
        assert len(left) < 60
    assert len(left) > 2
    held = [(row["source"], row["external_id"]) for row in rig.app.store.reviews()]
    everything = {(card.source, review.external_id) for card in world.cards() for review in world.all_reviews(card)}
    shown = {
        (card.source, review.external_id)
        for card in world.cards()
        for review in world.all_reviews(card)
        if review.text or card.source != "yandex_maps"
    }
    assert len(held) == len(set(held))
    assert shown <= set(held) <= everything
    rig.app.close()


def test_a_read_whose_place_in_the_list_no_longer_works_starts_over(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World.sized(NOON, places=1, reviews=600))
    rig.session.before = lambda: rig.clock.advance(timedelta(seconds=50))
    while True:
        rig.run(after=MINUTE)
        cursors = {listing.source: listing.cursor for listing in rig.app.store.listings.all()}
        if cursors["twogis"] is not None:
            break
    rig.session.before = lambda: None
    rig.world.trouble["twogis"] = Trouble.SERVER_ERROR
    for _ in range(2):
        rig.run(after=timedelta(days=1))
        assert {listing.source: listing.cursor for listing in rig.app.store.listings.all()}["twogis"] is not None
    rig.run(after=timedelta(days=1))
    del rig.world.trouble["twogis"]
    listing = next(listing for listing in rig.app.store.listings.all() if listing.source == "twogis")
    began = listing.read_started_at
    assert rig.run(after=timedelta(days=2)).failures == []
    listing = next(listing for listing in rig.app.store.listings.all() if listing.source == "twogis")
    assert listing.read_started_at != began, "the old read went on"
    rig.app.close()


def test_a_draft_that_changes_while_it_is_being_approved_is_not_approved(empty: Rig) -> None:
    review = empty.world.add(empty.world.card("google_business"), text="Ужасно долго ждали.", stars=1)
    empty.run(after=2 * MINUTE)
    ticket = empty.ticket_of(review.external_id).ticket
    colleague = empty.app.actions("boris")
    interrupted: list[bool] = []

    def lint(ticket_id: int, reply: str) -> tuple[Finding, ...]:
        if not interrupted:
            interrupted.append(True)
            colleague.edit(ticket_id, "Олег, нам очень жаль. Разберёмся.")
        return ()

    slow = Actions(
        store=empty.app.store,
        clock=empty.clock,
        policies=empty.app.policies,
        lint=lint,
        write=empty.app._write,
        actor="anna",
    )
    with pytest.raises(Conflict):
        slow.approve(ticket)
    assert empty.ticket_of(review.external_id).state is TicketState.OPEN


def test_old_reviews_fade_with_retention_and_do_not_come_back(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World.demo(NOON), extra="retention: 30d\n")
    rig.run()
    held = len(list(rig.app.store.reviews()))
    assert rig.mails()
    for view in rig.queue():
        rig.app.actions("anna").dismiss(view.ticket, "other")
    rig.run(after=timedelta(days=31))
    assert len(list(rig.app.store.reviews())) == 0
    assert rig.mails() == [], "the mails held names and words, too"
    rig.run(after=timedelta(days=1))
    assert len(list(rig.app.store.reviews())) == 0
    assert held > 50
    rig.app.close()


def test_who_did_what_at_the_desk_fades_with_retention_too(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World.demo(NOON), extra="retention: 60d\n")
    accounts, sessions = rig.app.store.accounts, rig.app.store.sessions

    def work(login: str) -> None:
        now = rig.clock.now()
        with rig.app.store.write():
            made = accounts.add(login, name=login, role=Role.OPERATOR, places=None, now=now)
            accounts.record(Deed.LOGGED_IN, actor=login, now=now, address="192.0.2.1")
            sessions.attempt(login, "192.0.2.1", now)
            sessions.start(made.id, now, address="192.0.2.1", browser="")

    def kept(table: str) -> int:
        return int(rig.app.store._db.rows(f"SELECT count(*) AS count FROM {table}")[0]["count"])

    work("anna")
    rig.run(after=timedelta(days=59))
    assert [entry.actor for entry in accounts.audit(9)] == ["anna"]
    rig.run(after=timedelta(days=32))  # a session lives for thirty days
    assert ([*accounts.audit(9)], kept("session"), kept("login_failure")) == ([], 0, 0)
    assert accounts.find("anna") is not None
    work("oleg")
    rig.run(after=timedelta(days=1))
    assert ([entry.actor for entry in accounts.audit(9)], kept("session")) == (["oleg"], 1)
    rig.app.close()


def test_moments_in_the_database_are_utc_and_sort_as_text(rig: Rig) -> None:
    rig.run()
    for row in rig.app.store.reviews():
        for key in ("posted_at", "first_seen_at"):
            if row[key] is not None:
                assert len(row[key]) == len("2026-11-21T12:00:00.000000Z")
                assert datetime.fromisoformat(row[key]) <= NOON


def test_a_danger_on_the_first_page_rings_while_the_card_is_still_being_read(tmp_path: Path, secrets: None) -> None:
    world = World.sized(NOON, places=1, reviews=600)
    card = world.card("google_business")
    world.add(card, text="Отравились салатом, вызывали скорую.", stars=1, posted_at=NOON)
    rig = Rig(tmp_path, world)
    rung = threading.Event()
    in_time: list[bool] = []

    def between_pages() -> None:
        # The second page of the card waits until the mail about the first one is out.
        if sum("/v4/" in path for path in rig.session.requests) == 1 and not in_time:
            in_time.append(rung.wait(timeout=60))

    rig.session.before = between_pages
    channel = rig.app.channel

    class Bell:
        """The channel, heard from another thread."""

        def deliver(self, messages: Sequence[Message]) -> Iterator[Delivery]:
            for delivery in channel.deliver(messages):
                rung.set()
                yield delivery

        def describe(self) -> str:
            return channel.describe()

    rig.app.__dict__["channel"] = Bell()
    rig.run()
    assert in_time == [True]
    rig.app.close()


def test_a_replaced_answer_and_words_behind_the_cut_are_found_by_an_occasional_look(cafe: Rig) -> None:
    card = cafe.world.card("otzovik")
    whole = "Ждали долго, но дождались. " * 20
    identity = cafe.world.add(card, text=whole, stars=3, author="Олег", title="Долго").external_id
    cafe.world.reply(card, identity, "Спасибо за отзыв.")
    cafe.run(after=timedelta(hours=4))
    cafe.world.edit(card, identity, text=whole + "Больше не приду.")
    cafe.world.reply(card, identity, "Нам очень жаль.")
    for _ in range(45):
        cafe.run(after=timedelta(days=1))
    row = next(row for row in cafe.app.store.reviews() if row["external_id"] == identity)
    assert row["text"].endswith("Больше не приду.")
    assert row["reply_text"] == "Нам очень жаль."


def test_the_occasional_looks_of_a_day_are_few(cafe: Rig) -> None:
    card = cafe.world.card("otzovik")
    for number in range(20):
        cafe.world.add(card, text=f"Был {number} раз. " + "Ждали долго, но дождались. " * 20, stars=3)
    cafe.run(after=timedelta(hours=4))
    cafe.run(after=timedelta(days=40))
    cafe.session.requests.clear()
    cafe.run(after=timedelta(days=2))
    looks = [request for request in cafe.session.requests if request.startswith("otzovik /review_")]
    assert len(looks) == LOOKS
