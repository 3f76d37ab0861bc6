"""The same words on several cards: one group, tickets side by side, an answer of its own for each."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import likeness, sla
from monitor.cli import views
from monitor.decide import decide_page
from monitor.errors import StoreError
from monitor.model import Answerable, Card, FetchedReview, Precision, TicketState
from monitor.standin.world import World
from monitor.store import links
from monitor.store.intake import Progress
from monitor.store.intents import Rules
from monitor.store.sqlite import Store
from monitor.store.tickets import Filters
from responders.similarity import sentences
from tests.conftest import Otklik
from tests.rig import NOON, Rig

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SIGNATURE = "Команда «Ромашки»"
ANSWERED_SITES = ("yandex_maps", "twogis", "google_business", "otzovik")
COMPLAINT = (
    "Заказали доставку на шесть вечера, привезли в половине девятого, всё холодное, а оператор ещё и нагрубил, "
    "хотя мы всего лишь спросили, где курьер."
)
POISONED = COMPLAINT + " После роллов отравились всей семьёй."
PRAISE = (
    "Отмечали здесь день рождения мамы: встретили с цветами, посадили у окна, официантка Лиля помогла с выбором, "
    "а медовик оказался лучшим в городе."
)


@pytest.fixture
def rig(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """The café's cards without a single review, read once: what comes now is new."""
    rig = Rig(tmp_path, World(NOON))
    rig.run()
    yield rig
    rig.app.close()


def post(rig: Rig, text: str, *sources: str, author: str = "Анна К.", stars: int = 1, **values: Any) -> None:
    for source in sources:
        rig.world.add(rig.world.card(source), text=text, stars=stars, author=author, **values)


def mails(rig: Rig) -> list[EmailMessage]:
    found = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in rig.mails())
    return [mail for mail in found if isinstance(mail, EmailMessage)]


# --- through whole passes ---------------------------------------------------------------------------------------


def test_one_complaint_on_three_maps_becomes_three_linked_tickets_side_by_side(rig: Rig) -> None:
    post(rig, COMPLAINT, "yandex_maps")
    post(rig, "Ждали час, кофе холодный, официант хамил и не извинился ни разу.", "otzovik", author="Пётр")
    post(rig, COMPLAINT, "twogis", author="Анна Кузнецова")
    rig.run(after=MINUTE)
    post(rig, COMPLAINT, "google_business", author="Анна")
    rig.run(after=20 * MINUTE)
    queue = rig.queue()
    assert len(queue) == 4
    together = [view for view in queue if view.text == COMPLAINT]
    at = queue.index(together[0])
    assert queue[at : at + 3] == together
    assert [view.due_at for view in together] == sorted(view.due_at for view in together if view.due_at)
    ids = {view.ticket for view in together}
    for view in together:
        assert {other.ticket for other in view.same_as} == ids - {view.ticket}
    assert not next(view for view in queue if view.author == "Пётр").same_as


@pytest.mark.parametrize(
    ("text", "stars"), [(COMPLAINT, 1), (PRAISE, 5), (POISONED, 1), (COMPLAINT, 3), (PRAISE, 4)], ids=str
)
@pytest.mark.parametrize("apart", [False, True], ids=["in one pass", "in several"])
def test_every_card_gets_its_own_answer(rig: Rig, text: str, stars: int, apart: bool) -> None:
    for source in ANSWERED_SITES:
        post(rig, text, source, stars=stars)
        if apart:
            rig.run(after=MINUTE)
    rig.run(after=MINUTE)
    queue = rig.queue()
    drafts = [view.draft.text for view in queue if view.draft]
    assert len(drafts) == len(ANSWERED_SITES)
    assert all(len(view.same_as) == len(ANSWERED_SITES) - 1 for view in queue)
    for one, other in combinations(drafts, 2):
        assert not sentences(one, SIGNATURE) & sentences(other, SIGNATURE)


def test_a_draft_written_anew_differs_from_the_answers_on_the_other_cards(rig: Rig) -> None:
    post(rig, COMPLAINT, *ANSWERED_SITES)
    rig.run(after=MINUTE)
    ticket, *others = rig.queue()
    rig.app.actions("anna").draft(ticket.ticket)
    again = rig.app.reports.ticket(ticket.ticket, rig.clock.now())
    assert again.draft
    for other in others:
        assert other.draft
        assert not sentences(again.draft.text, SIGNATURE) & sentences(other.draft.text, SIGNATURE)


def test_a_reply_seen_on_one_card_is_not_said_again_on_another(rig: Rig) -> None:
    post(rig, PRAISE, "yandex_maps", stars=5)
    rig.run(after=MINUTE)
    (first,) = rig.queue()
    assert first.draft
    rig.world.reply(rig.world.card("yandex_maps"), first.external_id, first.draft.text)
    rig.run(after=MINUTE)
    post(rig, PRAISE, "twogis", stars=5)
    rig.run(after=MINUTE)
    (second,) = rig.queue()
    assert second.draft
    assert not sentences(first.draft.text, SIGNATURE) & sentences(second.draft.text, SIGNATURE)
    assert [(other.ticket, other.state) for other in second.same_as] == [(first.ticket, TicketState.ANSWERED)]
    shown = "\n".join(views.ticket_head(second, rig.clock.now()))
    assert "Тот же отзыв: №\u00a01 на Яндекс Картах (ответ опубликован)" in shown


def test_a_danger_on_three_sites_is_told_once(rig: Rig) -> None:
    post(rig, POISONED, "yandex_maps", "twogis")
    rig.run(after=MINUTE)
    post(rig, POISONED, "google_business")
    rig.run(after=MINUTE)
    (mail,) = (mail for mail in mails(rig) if "Опасность" in mail["subject"])
    assert mail["to"] == "owner@example.ru"
    kinds = [[row["kind"] for row in rig.app.store.tickets.events(view.ticket)] for view in rig.queue()]
    told = [kind for events in kinds for kind in events if kind.startswith("danger")]
    assert sorted(told) == ["danger", "danger_known", "danger_known"]


def test_a_mail_names_the_other_tickets_of_the_same_words(rig: Rig) -> None:
    post(rig, COMPLAINT, "yandex_maps", "twogis")
    rig.run(after=MINUTE)
    rig.run(after=31 * MINUTE)
    told = mails(rig)
    assert len(told) == 2
    for mail in told:
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body
            assert "Тот же отзыв: №" in body.get_content()


def test_a_danger_is_told_again_after_a_week_and_when_it_grows(rig: Rig) -> None:
    def told() -> int:
        return sum("Опасность" in mail["subject"] for mail in mails(rig))

    post(rig, POISONED, "yandex_maps")
    rig.run(after=MINUTE)
    assert told() == 1
    post(rig, POISONED + " Подаём в суд!", "twogis")
    rig.run(after=MINUTE)
    assert told() == 2
    post(rig, POISONED, "google_business", posted_at=NOON + timedelta(days=8))
    rig.run(after=timedelta(days=8))
    assert told() == 3


def test_a_new_model_does_not_tell_of_an_old_danger_again(rig: Rig) -> None:
    post(rig, POISONED, "yandex_maps", "twogis")
    rig.run(after=MINUTE)
    count = len(rig.mails())
    with rig.app.store.write():
        rig.app.store._db.execute("UPDATE review SET analysed_with = 'older'")
    rig.clock.advance(timedelta(days=9))
    rig.app.engine().settle()
    assert sum("Опасность" in mail["subject"] for mail in mails(rig)) == 1
    assert count >= 1


def test_reviews_that_an_update_links_get_different_drafts(rig: Rig) -> None:
    """A database from before the comparison: both were drafted without knowing of each other."""
    post(rig, PRAISE, "yandex_maps", "twogis", stars=5)
    rig.run(after=MINUTE)
    store = rig.app.store
    with store.write():
        words = store._db.row("SELECT text FROM draft ORDER BY ticket_id")
        assert words
        store._db.execute("UPDATE draft SET text = ?", [words["text"]])
        store._db.execute("UPDATE review SET same_as = NULL, linked_with = ''")
        store._db.execute("DELETE FROM sketch")
    rig.run(after=MINUTE)
    first, second = (view.draft for view in rig.queue())
    assert first
    assert second
    assert not sentences(first.text, SIGNATURE) & sentences(second.text, SIGNATURE)


def test_the_command_line_names_the_other_tickets(rig: Rig, otklik: Otklik) -> None:
    post(rig, COMPLAINT, "yandex_maps", "twogis")
    rig.run(after=MINUTE)
    rig.app.close()
    first, second = otklik("queue", "list", "--json").objects()
    assert (first["same_as"], second["same_as"]) == ([second["ticket"]], [first["ticket"]])
    assert "Тот же отзыв: №" in otklik("queue", "list").out
    assert "Тот же отзыв: №" in otklik("queue", "show", first["ticket"]).out
    exported = otklik("export").objects()
    assert sorted(row["same_as"] or 0 for row in exported) == [0, min(row["review"] for row in exported)]
    head, *rows = otklik("export", "--csv").out.splitlines()
    assert head.rstrip().endswith('"same_as"')
    assert len(rows) == 2


def test_backlog_stands_together_too_and_beside_what_has_a_deadline(rig: Rig) -> None:
    post(rig, PRAISE, "yandex_maps", stars=5)
    post(rig, COMPLAINT, "google_business", author="Пётр В.")
    rig.run(after=MINUTE)
    with rig.app.store.write():
        rig.app.store._db.execute("UPDATE ticket SET backlog = 1, due_at = NULL, next_change_at = NULL")
    post(rig, PRAISE, "twogis", stars=5)
    rig.run(after=MINUTE)
    assert [(view.text, view.due_at is None) for view in rig.queue()] == [
        (PRAISE, False),
        (PRAISE, True),
        (COMPLAINT, True),
    ]
    text = "\n".join(views.queue_text(rig.queue(), rig.clock.now()))
    assert text.index("Без срока: накопились") > text.rindex("Отмечали здесь")


# --- groups -----------------------------------------------------------------------------------------------------

RULES = Rules(sla.Policy.of(HOUR, 24 * HOUR), Answerable.ALL, representative=False, enforce_from=None)
CARDS = tuple(
    Card(place, source, f"{place}-{source}", "Europe/Moscow")
    for place in ("lenina", "mira")
    for source in ("yandex_maps", "twogis", "google_business")
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "otklik.db")
    store.listings.sync(CARDS, NOON)
    yield store
    store.close()


def write(store: Store, card: int, external_id: str, text: str, author: str = "Анна К.", stars: int = 1) -> int:
    """A review on that card, or its edit; its id."""
    review = FetchedReview(external_id, stars, text, author, NOON, Precision.EXACT, "https://example.ru/")
    by_id = {listing.external_id: listing.id for listing in store.listings.all()}
    listing = by_id[CARDS[card].id]
    known = store.intake.known(listing, [external_id])
    store.intake.apply(listing, decide_page(known, [review]), Progress(seen=(external_id,)), RULES, NOON)
    return store.intake.known(listing, [external_id])[external_id].id


def settle(store: Store) -> int:
    """Links until nothing is due; how many comparisons that took."""
    done = 0
    while (batch := store.links.link(3)) is not None:
        assert not batch.stumbled
        done += batch.reviews
        assert done < 10_000
    return done


def same_as(store: Store) -> dict[int, int | None]:
    return {row["id"]: row["same_as"] for row in store._db.rows("SELECT id, same_as FROM review ORDER BY id")}


def test_the_first_review_of_a_group_names_it(store: Store) -> None:
    ids = [write(store, card, "a", COMPLAINT) for card in range(3)]
    other = write(store, 0, "b", PRAISE)
    settle(store)
    assert same_as(store) == {ids[0]: None, ids[1]: ids[0], ids[2]: ids[0], other: None}
    assert settle(store) == 0


def test_another_place_is_another_story(store: Store) -> None:
    for card in (0, 3):
        write(store, card, "a", COMPLAINT)
    settle(store)
    assert set(same_as(store).values()) == {None}


def test_an_edit_leaves_the_group_and_the_next_oldest_names_it(store: Store) -> None:
    first, second, third = (write(store, card, "a", COMPLAINT) for card in range(3))
    settle(store)
    write(store, 0, "a", PRAISE, stars=5)
    assert same_as(store) == {first: None, second: None, third: second}
    settle(store)
    assert same_as(store) == {first: None, second: None, third: second}
    write(store, 0, "a", COMPLAINT)
    settle(store)
    assert same_as(store) == {first: None, second: first, third: first}


def test_an_edit_of_a_follower_leaves_the_others_together(store: Store) -> None:
    first, second, third = (write(store, card, "a", COMPLAINT) for card in range(3))
    settle(store)
    write(store, 1, "a", PRAISE, stars=5)
    settle(store)
    assert same_as(store) == {first: None, second: None, third: first}


def test_forgetting_takes_the_numbers_and_leaves_a_sound_group(store: Store) -> None:
    first, second, third = (write(store, card, "a", COMPLAINT) for card in range(3))
    settle(store)
    store.privacy.erase([first], NOON)
    assert same_as(store) == {first: None, second: None, third: second}
    assert not store._db.rows("SELECT * FROM sketch WHERE review_id = ?", [first])
    settle(store)
    assert same_as(store) == {first: None, second: None, third: second}
    store.privacy.erase([second, third], NOON)
    assert set(same_as(store).values()) == {None}
    assert not store._db.rows("SELECT * FROM sketch")
    assert settle(store) == 0


def test_template_spam_on_one_card_is_never_tied_together_through_another(store: Store) -> None:
    spam = [write(store, 0, str(number), COMPLAINT, author=name) for number, name in enumerate(("Олег", "Вера", "Ян"))]
    elsewhere = write(store, 1, "a", COMPLAINT, author="Зоя")
    settle(store)
    found = same_as(store)
    assert found[elsewhere] == spam[0]
    assert [found[review] for review in spam] == [None, None, None]


def test_a_campaign_makes_no_endless_group(store: Store) -> None:
    for number in range(links.CROWD + 5):
        write(store, 0, str(number), COMPLAINT)
    settle(store)
    sizes = [len(group) for group in groups(store)]
    assert sum(sizes) == links.CROWD + 5
    assert max(sizes) == links.CROWD


def test_a_killed_batch_is_due_again(store: Store) -> None:
    for card in range(3):
        write(store, card, "a", COMPLAINT)

    def killed() -> None:
        with store.write():
            store.links.link(100)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert set(same_as(store).values()) == {None}
    assert not store._db.rows("SELECT * FROM sketch")
    assert settle(store) == 3
    assert sum(other is not None for other in same_as(store).values()) == 2


def test_a_change_of_the_comparison_compares_everything_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for card in range(3):
        write(store, card, "a", COMPLAINT)
    settle(store)
    before = same_as(store)
    monkeypatch.setattr(links, "VERSION", "0")
    assert settle(store) >= 3
    assert same_as(store) == before
    monkeypatch.setattr(links, "VERSION", "2")
    monkeypatch.setattr(links, "alike", lambda *_: False)
    settle(store)
    assert set(same_as(store).values()) == {None}


def test_a_review_that_our_rules_fail_on_stays_alone_and_stops_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for card in range(3):
        write(store, card, "a", COMPLAINT)
    bad = write(store, 0, "b", "плохое слово")
    real = likeness.sketch

    def failing(text: str) -> tuple[int, ...]:
        if text == "плохое слово":
            raise ValueError(text)
        return real(text)

    monkeypatch.setattr(links, "sketch", failing)
    assert store.links.link(100) == links.Linked(4, (bad,))
    assert store.links.link(100) is None
    assert sum(other is not None for other in same_as(store).values()) == 2


def test_a_broken_database_is_not_taken_for_a_review_that_fails(store: Store) -> None:
    write(store, 0, "a", COMPLAINT)
    with store.write():
        store._db.execute("DROP TABLE sketch")
    with pytest.raises(StoreError):
        store.links.link(100)
    assert store._db.rows("SELECT linked_with FROM review") == [{"linked_with": ""}]


def groups(store: Store) -> list[list[int]]:
    found: dict[int, list[int]] = {}
    for review, leader in same_as(store).items():
        found.setdefault(leader or review, []).append(review)
    return list(found.values())


STORIES = (
    COMPLAINT,
    COMPLAINT + " Больше ни разу.",
    PRAISE,
    f"Юбилей\n\n{PRAISE}",
    COMPLAINT[:95] + "…",
    "Бариста с косичкой варит лучший раф",
    "Супер!",
    "",
)
STEPS = st.lists(
    st.tuples(
        st.integers(0, len(CARDS) - 1),
        st.sampled_from("ab"),
        st.sampled_from(STORIES),
        st.sampled_from(["Анна К.", "Анна", "Олег", ""]),
        st.sampled_from(["write", "write", "write", "forget", "link"]),
    ),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps=STEPS)
def test_groups_stay_sound_whatever_people_write_edit_and_have_erased(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[int, str, str, str, str]]
) -> None:
    store = Store.open(tmp_path_factory.mktemp("links") / "otklik.db")
    try:
        store.listings.sync(CARDS, NOON)
        for card, name, text, author, step in steps:
            review = write(store, card, name, text, author)
            if step == "forget":
                store.privacy.erase([review], NOON)
            elif step == "link":
                store.links.link(2)
            _check_form(store)
        settle(store)
        _check_form(store)
        rows = {row["id"]: row for row in store._db.rows(f"{links._REVIEW}")}
        for group in groups(store):
            for one, other in combinations(group, 2):
                assert rows[one]["place"] == rows[other]["place"]
                assert likeness.alike(links._said(rows[one]), links._said(rows[other]))
    finally:
        store.close()


def _check_form(store: Store) -> None:
    """Every follower points at an older review that follows nobody; what is erased belongs to no group."""
    found = same_as(store)
    erased = {row["id"] for row in store._db.rows("SELECT id FROM review WHERE forgotten_at IS NOT NULL")}
    for review, leader in found.items():
        assert leader is None or (leader < review and found[leader] is None)
        assert leader not in erased
        assert review not in erased or leader is None


# --- the queue --------------------------------------------------------------------------------------------------


def numbers(store: Store, filters: Filters) -> list[int]:
    return [row["review_id"] for row in store.tickets.queue(filters)]


def deadlines(store: Store, *hours: int | None) -> None:
    """Gives the tickets, in their order, these deadlines."""
    with store.write():
        for ticket, after in enumerate(hours, 1):
            due = None if after is None else (NOON + after * HOUR).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
            store._db.update("ticket", ticket, {"due_at": due})


def test_a_group_stands_at_its_earliest_deadline(store: Store) -> None:
    first, second, third = (write(store, card, "a", COMPLAINT) for card in range(3))
    praise = write(store, 0, "b", PRAISE)
    older = write(store, 1, "b", PRAISE, author="Олег Ф.")
    settle(store)
    deadlines(store, 9, 1, None, 5, None)
    assert same_as(store)[older] == praise
    assert numbers(store, Filters()) == [second, first, third, praise, older]
    assert numbers(store, Filters(source="yandex_maps")) == [praise, first]
    assert numbers(store, Filters(states=tuple(TicketState))) == [second, first, third, praise, older]
    assert numbers(store, Filters(states=(TicketState.DISMISSED,))) == []


def test_a_limit_never_cuts_a_group_but_one_larger_than_itself(store: Store) -> None:
    alone = write(store, 0, "b", PRAISE)
    first, second, third = (write(store, card, "a", COMPLAINT) for card in range(3))
    settle(store)
    deadlines(store, 1, 2, 3, 4)
    limited = {limit: numbers(store, Filters(limit=limit)) for limit in (1, 2, 3, 4, 5)}
    whole = [alone, first, second, third]
    assert limited == {1: [alone], 2: [alone], 3: [alone], 4: whole, 5: whole}
    deadlines(store, 9, 2, 3, 4)
    assert numbers(store, Filters(limit=2)) == [first, second]


def test_the_queue_with_a_limit_is_the_beginning_of_the_queue(store: Store) -> None:
    for number in range(30):
        write(store, number % 3, str(number // 3), f"{number // 2} {COMPLAINT}", author=f"Анна {'АБВГД'[number % 5]}.")
    settle(store)
    deadlines(store, *(number * 7 % 11 if number % 4 else None for number in range(30)))
    whole = numbers(store, Filters())
    assert sorted(whole) == list(range(1, 31))
    for limit in range(1, 31):
        part = numbers(store, Filters(limit=limit))
        assert part == whole[: len(part)]
        assert len(part) <= limit


def test_what_people_and_passes_ask_walks_indexes(store: Store) -> None:
    """However many reviews there are: none of these may read them all."""
    for card in range(3):
        write(store, card, "a", COMPLAINT)
    asked: list[str] = []
    store._db.sqlite.set_trace_callback(asked.append)
    settle(store)
    store.links.said([1])
    store.links.tickets([1])
    numbers(store, Filters(place="lenina", tone="negative", limit=1))
    numbers(store, Filters(states=(TicketState.OPEN,)))
    write(store, 1, "a", PRAISE)
    store._db.sqlite.set_trace_callback(None)
    statements = {sql for sql in asked if sql.lstrip().startswith(("SELECT", "UPDATE", "DELETE"))}
    plans = [str(row["detail"]) for sql in statements for row in store._db.rows(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(statements) > 20
    assert any(plan.startswith("SEARCH t USING COVERING INDEX ticket_due") for plan in plans)
    # Lists of ours (json_each, subqueries) are walked; tables are not.
    tables = re.compile(r"SCAN (?:[rtsdv]|other|review|ticket|sketch|draft|verdict|revision|event)\b")
    assert not [plan for plan in plans if tables.match(plan)]


def test_reviews_are_found_by_their_group_in_json(store: Store) -> None:
    ids = [write(store, card, "a", COMPLAINT) for card in range(2)]
    settle(store)
    assert {leader: [row["id"] for row in rows] for leader, rows in store.links.tickets([ids[0]]).items()} == {
        ids[0]: [1, 2]
    }
    assert store.links.tickets([999]) == {}
    assert json.dumps(store.links.said(ids)) == json.dumps({ids[0]: {ids[0]: [], ids[1]: []}})
