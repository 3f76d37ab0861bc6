"""How one card is read: nothing is skipped, nothing is asked twice, nothing is believed at first sight."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import tickets as life
from monitor.errors import RobotsDenied, Unreachable
from monitor.jobs.fetch import CURSOR_PATIENCE
from monitor.model import Blocked, Gone, LayoutChanged, Reply, Unauthorised, Unavailable
from tests.shelf import HOUR, MINUTE, NOON, Reader, Shelf, review

DAY = timedelta(days=1)


class Killed(BaseException):
    """The process is gone at this point."""


@pytest.fixture
def shelf() -> Shelf:
    return Shelf([review(str(number)) for number in range(9)])


@pytest.fixture
def reader(tmp_path: Path, shelf: Shelf) -> Iterator[Reader]:
    """A card of nine reviews on three pages, not read yet."""
    reader = Reader(tmp_path, {"shelf": {"1": shelf}})
    yield reader
    reader.store.close()


def asked(reader: Reader) -> list[str]:
    """The requests since the last call."""
    paths = reader.session.paths
    reader.session.asked.clear()
    return paths


def test_an_everyday_read_ends_at_the_first_whole_page_of_known_unchanged_reviews(reader: Reader, shelf: Shelf) -> None:
    reader.turn()
    assert asked(reader) == ["1", "1?from=3", "1?from=6"]
    reader.turn(after=HOUR)
    assert asked(reader) == ["1"]
    shelf.reviews.insert(0, review("new"))
    reader.turn(after=HOUR)
    assert asked(reader) == ["1", "1?from=3"]
    assert "new" in reader.held()


def test_one_known_review_on_a_page_of_new_ones_ends_nothing(reader: Reader, shelf: Shelf) -> None:
    reader.turn()
    asked(reader)
    pinned, *others = shelf.reviews
    shelf.reviews = [pinned, *(review(f"new-{number}") for number in range(7)), *others]
    reader.turn(after=HOUR)
    assert len(reader.held()) == 16
    assert asked(reader) == ["1", "1?from=3", "1?from=6", "1?from=9"]


def test_an_edit_on_the_first_page_is_news_and_a_like_is_not(reader: Reader, shelf: Shelf) -> None:
    reader.turn()
    asked(reader)
    shelf.reviews[1] = replace(shelf.reviews[1], mark="три лайка")
    assert reader.turn(after=HOUR).changes.edited == 0
    assert asked(reader) == ["1"]
    shelf.reviews[1] = replace(shelf.reviews[1], text="Невкусно", stars=1)
    assert reader.turn(after=HOUR).changes.edited == 1
    assert asked(reader) == ["1", "1?from=3"]


def test_once_a_day_the_card_is_read_to_its_end(reader: Reader, shelf: Shelf) -> None:
    reader.turn()
    shelf.reviews[8] = replace(shelf.reviews[8], reply=Reply("Спасибо!", NOON))
    asked(reader)
    reader.turn(after=HOUR)
    assert asked(reader) == ["1"]
    reader.turn(after=DAY)
    assert asked(reader) == ["1", "1?from=3", "1?from=6"]
    (row,) = (row for row in reader.store.reviews() if row["external_id"] == "8")
    assert row["reply_text"] == "Спасибо!"


def test_what_stood_behind_the_news_is_read_after_a_kill_between_two_pages(reader: Reader, shelf: Shelf) -> None:
    reader.turn()
    shelf.reviews = [review(f"new-{number}") for number in range(5)] + shelf.reviews
    shelf.failures["3"] = Killed()
    with pytest.raises(Killed):
        reader.turn(after=HOUR)
    shelf.failures.clear()
    asked(reader)
    reader.turn(after=MINUTE)
    assert asked(reader) == ["1?from=3", "1?from=6"]
    assert len(reader.held()) == 14


def test_what_stood_behind_the_news_is_read_although_their_page_was_stored_and_the_read_given_up(
    reader: Reader, shelf: Shelf
) -> None:
    reader.turn()
    shelf.reviews = [review(f"new-{number}") for number in range(5)] + shelf.reviews
    shelf.failures["3"] = Unavailable("закладка устарела")
    for _ in range(3):
        assert reader.turn(after=HOUR).failure is not None
    del shelf.failures["3"]
    asked(reader)
    assert reader.turn(after=HOUR).failure is None
    # The first page holds only what is known by now, and yet it was news since the last good read.
    assert asked(reader) == ["1", "1?from=3", "1?from=6"]
    assert len(reader.held()) == 14


def test_what_stood_behind_the_news_is_read_after_a_kill_in_the_middle_of_a_page_read_review_by_review(
    reader: Reader, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.detailed = True
    reader.turn()
    shelf.reviews = [review(f"new-{number}") for number in range(5)] + shelf.reviews
    stored = reader.store.intake.apply

    def die_before_the_page(*arguments: object) -> object:
        if arguments[2] is not None:
            raise Killed
        return stored(*arguments)  # type: ignore[arg-type]  # handed on as they came

    with monkeypatch.context() as patch:
        patch.setattr(reader.store.intake, "apply", die_before_the_page)
        with pytest.raises(Killed):
            reader.turn(after=HOUR)
    assert len(reader.held()) == 12
    reader.turn(after=MINUTE)
    assert len(reader.held()) == 14


def test_an_interrupted_backfill_resumes_where_it_was(reader: Reader) -> None:
    reader.session.cost = MINUTE
    left = [reader.turn(lasting=MINUTE).left for _ in range(3)]
    assert left == [True, True, False]
    assert asked(reader) == ["1", "1?from=3", "1?from=6"]
    assert len(reader.held()) == 9


def test_a_backfill_that_outlasts_its_turns_goes_on_although_it_had_failed_before(reader: Reader, shelf: Shelf) -> None:
    shelf.failures["3"] = Unavailable("закладка устарела")
    for _ in range(4):
        reader.turn(after=HOUR)
    shelf.failures.clear()
    reader.session.cost = MINUTE
    asked(reader)
    while reader.turn(lasting=MINUTE).left:
        assert len(reader.session.asked) < 5
    assert asked(reader) == ["1", "1?from=3", "1?from=6"]


def test_the_shortest_turn_gets_one_review_further_where_each_has_its_own_page(reader: Reader, shelf: Shelf) -> None:
    shelf.detailed = True
    reader.session.cost = MINUTE
    turns = 1
    while reader.turn(lasting=timedelta(seconds=1)).left:
        turns += 1
        assert turns <= 12
    assert len(reader.held()) == 9


def test_the_end_of_a_read_is_stored_with_its_last_page_or_not_at_all(
    reader: Reader, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.turn()
    del shelf.reviews[4]

    def die(*_arguments: object, **_named: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(reader.store.listings, "succeeded", die)
        with pytest.raises(Killed):
            reader.turn(after=2 * DAY)
    assert reader.listing().suspects == 0
    # The read that nobody knows to have ended does not count as one of the two that must miss a review.
    assert reader.turn(after=MINUTE).changes.vanished == 0
    assert reader.turn(after=MINUTE).changes.vanished == 1


def test_a_review_is_removed_only_after_two_complete_reads_and_the_second_one_comes_next(
    reader: Reader, shelf: Shelf
) -> None:
    reader.turn()
    gone = shelf.reviews.pop(0)
    assert [reader.turn(after=HOUR).changes.vanished for _ in range(2)] == [0, 0]
    reader.turn(after=DAY)
    assert gone.external_id in reader.held()
    asked(reader)
    assert reader.turn(after=HOUR).changes.vanished == 1
    assert asked(reader) == ["1", "1?from=3", "1?from=6"]
    assert gone.external_id not in reader.held()


# --- asking only for what changed -----------------------------------------------------------------


def conditions(reader: Reader) -> list[bool]:
    """Which of the requests since the last call asked for the page only if it changed."""
    found = ["If-None-Match" in request.headers for request in reader.session.asked]
    reader.session.asked.clear()
    return found


def test_an_unchanged_first_page_is_not_sent_and_counts_as_a_good_read(reader: Reader, shelf: Shelf) -> None:
    shelf.sends_etag = True
    reader.turn()
    assert conditions(reader) == [False, False, False]
    before = reader.store.content_digest()
    assert reader.turn(after=HOUR).failure is None
    assert conditions(reader) == [True]
    listing = reader.listing()
    assert (listing.last_good_at, listing.next_check_at) == (NOON + HOUR, NOON + HOUR + 30 * MINUTE)
    assert reader.store.content_digest() == before
    shelf.reviews.insert(0, review("new"))
    assert reader.turn(after=HOUR).changes.new == 1


def test_a_read_that_must_be_complete_asks_for_the_whole_page(reader: Reader, shelf: Shelf) -> None:
    shelf.sends_etag = True
    reader.turn()
    del shelf.reviews[8]
    conditions(reader)
    reader.turn(after=2 * DAY)
    reader.turn(after=HOUR)
    assert conditions(reader) == [False] * 6
    assert reader.listing().suspects == 0
    reader.turn(after=HOUR)
    assert conditions(reader) == [True]


def test_a_page_whose_reviews_must_be_looked_at_again_is_asked_for_whole(reader: Reader, shelf: Shelf) -> None:
    shelf.sends_etag = True
    shelf.reviews[0] = replace(shelf.reviews[0], reply=Reply("Спасибо!", NOON))
    reader.turn()
    shelf.reviews[0] = replace(shelf.reviews[0], reply=None)
    reader.turn(after=HOUR)
    conditions(reader)
    # The reply was missing once; the page that lacks it is the same as last time, and yet it is counted.
    reader.turn(after=HOUR)
    assert conditions(reader)[0] is False
    (row,) = (row for row in reader.store.reviews() if row["external_id"] == "0")
    assert row["reply_text"] is None


def test_a_page_on_which_a_reply_is_awaited_is_asked_for_whole(reader: Reader, shelf: Shelf) -> None:
    shelf.sends_etag = True
    reader.turn()
    ticket = reader.store.tickets.get(1)
    with reader.store.write():
        reader.store.tickets.save(ticket, life.submitted(ticket, NOON))
    conditions(reader)
    reader.turn(after=HOUR)
    assert conditions(reader)[0] is False


def test_what_a_read_that_was_cut_short_noted_of_the_first_page_is_never_sent_back(
    reader: Reader, shelf: Shelf
) -> None:
    shelf.sends_etag = True
    reader.turn()
    shelf.reviews = [review(f"new-{number}") for number in range(5)] + shelf.reviews
    shelf.failures["3"] = Unavailable("закладка устарела")
    for _ in range(3):
        reader.turn(after=HOUR)
    shelf.failures = {"": Unavailable("сайт лежит")}
    reader.turn(after=HOUR)
    shelf.failures.clear()
    conditions(reader)
    reader.turn(after=HOUR)
    assert conditions(reader) == [False] * 3
    assert len(reader.held()) == 14


@pytest.mark.parametrize("value", ["", "нет", '"a\nb"', "x" * 300])
def test_what_no_header_can_hold_is_not_kept(value: str) -> None:
    from monitor.jobs.fetch import _validator
    from monitor.model import Page

    assert _validator(Page(200, {"etag": value}, b"", "https://example.ru", NOON), "etag") is None


steps = st.lists(
    st.sampled_from(["new", "new", "edit", "hide", "etag", "page 2 fails", "page 1 fails", "well", "short"]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_happens_between_reads_a_good_one_from_the_first_page_on_holds_every_review(
    tmp_path_factory: pytest.TempPathFactory, happenings: list[str]
) -> None:
    shelf = Shelf([review(str(number)) for number in range(7)], sends_etag=True)
    reader = Reader(tmp_path_factory.mktemp("reader"), {"shelf": {"1": shelf}})
    reader.turn()
    for number, happening in enumerate(happenings):
        match happening:
            case "new":
                shelf.reviews = [review(f"new-{number}-{more}") for more in range(4)] + shelf.reviews
            case "edit":
                shelf.reviews[0] = replace(shelf.reviews[0], text=f"Иначе {number}")
            case "hide":
                shelf.reviews = shelf.reviews[:-1] if len(shelf.reviews) > 4 else shelf.reviews
            case "etag":
                shelf.sends_etag = not shelf.sends_etag
            case "page 2 fails":
                shelf.failures = {"3": Unavailable("нет")}
            case "page 1 fails":
                shelf.failures = {"": Unavailable("нет")}
            case "well":
                shelf.failures = {}
        reader.session.cost = MINUTE if happening == "short" else timedelta()
        before = reader.listing()
        resumed = before.cursor is not None and before.error_count < CURSOR_PATIENCE  # else it starts over
        read = reader.turn(after=HOUR, lasting=MINUTE)
        if read.failure is None and not read.left and resumed:
            assert reader.listing().next_check_at <= reader.clock.now(), "what came meanwhile stands on the first page"
        elif read.failure is None and not read.left:
            held = {row["external_id"]: row["text"] for row in reader.store.reviews() if row["removed_at"] is None}
            assert {seen.external_id: seen.text for seen in shelf.reviews}.items() <= held.items()
    shelf.failures, reader.session.cost = {}, timedelta()
    for _ in range(3):
        reader.turn(after=2 * DAY)
    assert reader.held() == sorted(seen.external_id for seen in shelf.reviews)
    reader.store.close()


# --- failures and what is told of them ----------------------------------------------------------


def test_a_card_that_suddenly_shows_nothing_has_words_of_its_own_and_is_an_alarm_at_the_second_read(
    reader: Reader, shelf: Shelf
) -> None:
    reader.turn()
    shown, shelf.reviews = shelf.reviews, []
    failures = [reader.turn(after=HOUR).failure for _ in range(2)]
    assert [failure.error for failure in failures if failure] == ["emptied", "emptied"]
    assert reader.alarms() == [("emptied", "place-1/shelf")]
    assert len(reader.held()) == 9
    shelf.reviews = shown
    reader.turn(after=HOUR)
    assert reader.alarms() == []


def test_a_page_that_cannot_be_read_is_kept_as_a_sample_and_the_message_says_where(
    reader: Reader, shelf: Shelf
) -> None:
    shelf.failures[""] = LayoutChanged("У отзывов нет дат.")
    failure = reader.turn().failure
    assert failure is not None
    assert failure.message == "У отзывов нет дат. Образец страницы: samples/shelf-1"
    assert reader.alarms() == [("layout_changed", None)]
    shelf.failures[""] = Gone("карточки нет")
    reader.turn(after=HOUR)
    assert reader.samples.kept == ["shelf"]


def test_since_when_a_card_fails_is_remembered_until_it_is_read_well(reader: Reader, shelf: Shelf) -> None:
    shelf.failures[""] = Unreachable("не отвечает")
    for _ in range(3):
        reader.turn(after=4 * HOUR)
    assert reader.listing().failing_since == NOON + 4 * HOUR
    assert reader.alarms() == [("unreachable", None)]
    shelf.failures.clear()
    reader.turn(after=HOUR)
    assert (reader.listing().failing_since, reader.alarms()) == (None, [])


def test_a_gap_that_grows_is_an_alarm_and_closes_again(reader: Reader, shelf: Shelf) -> None:
    shelf.declared = 10
    reader.turn()
    assert reader.listing().usual_gap == 1
    shelf.declared = 30
    for _ in range(2):
        reader.turn(after=2 * DAY)
    assert reader.alarms() == [("gap", "place-1/shelf")]
    (alarm,) = reader.store.alarms.open()
    assert "заявляет отзывов: 30, а показывает 9" in alarm.message
    shelf.declared = 10
    reader.turn(after=2 * DAY)
    assert reader.alarms() == []


def test_the_moment_from_which_silence_is_out_of_the_ordinary_moves_with_every_new_review(
    reader: Reader, shelf: Shelf
) -> None:
    shelf.reviews = [review(str(number), posted_at=NOON - number * DAY) for number in range(9)]
    reader.turn()
    first = reader.listing().silent_at
    assert first is not None
    shelf.reviews.insert(0, review("new", posted_at=NOON + DAY))
    reader.turn(after=DAY + HOUR)
    second = reader.listing().silent_at
    assert second is not None
    assert second > first > NOON


def test_what_reading_costs_is_counted_by_day_and_source(reader: Reader, shelf: Shelf) -> None:
    shelf.sends_etag = True
    reader.turn()
    reader.turn(after=HOUR)
    shelf.failures[""] = Blocked("капча")
    reader.turn(after=HOUR)
    (row,) = reader.store.traffic.rows(NOON)
    expected = {"day": "2026-11-21", "source": "shelf", "reads": 2, "requests": 5, "unchanged": 1}
    assert row == expected | {"blocks": 1, "failures": 1, "bytes": 16}
    assert reader.store.traffic.requests_per_read(NOON) == {"shelf": 2.5}
    assert reader.store.traffic.rows(NOON + DAY) == []


# --- sites that refuse ------------------------------------------------------------------------


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Reader]:
    """Ten cards of one site and one of another, read once."""
    own = {str(number): Shelf([review(f"{number}-{name}") for name in "abc"]) for number in range(1, 11)}
    reader = Reader(tmp_path, {"shelf": own, "other": {"99": Shelf([review("z")])}})
    reader.run()
    yield reader
    reader.store.close()


def refuse(reader: Reader, outcome: Blocked | Unauthorised | None) -> None:
    for shelf in reader.shelves["shelf"].values():
        shelf.failures = {} if outcome is None else {"": outcome}


def cards_asked(reader: Reader) -> int:
    return len({path.partition("?")[0] for path in asked(reader) if path != "99"})


def test_a_site_that_refuses_one_card_is_not_asked_for_the_others_and_they_stay_due(many: Reader) -> None:
    asked(many)
    refuse(many, Blocked("капча"))
    reads = many.run(after=HOUR)
    assert len([read for read in reads if read.failure]) == 1
    assert cards_asked(many) == 1
    due = many.engine.due(HOUR)
    assert due.jobs == []
    untouched = [listing for listing in many.store.listings.all() if listing.source == "shelf"]
    assert sum(listing.error_count for listing in untouched) == 1
    assert many.store.listings.count_due("shelf", many.clock.now()) == 9


def test_the_refusals_of_a_site_count_whichever_card_met_them(many: Reader) -> None:
    refuse(many, Blocked("капча"))
    pauses = []
    many.clock.advance(HOUR)
    for _ in range(8):
        (read,) = (read for read in many.run() if read.failure)
        assert read.failure is not None
        pauses.append(read.failure.retry_at - many.clock.now())
        many.clock.advance(pauses[-1])
    assert pauses == [min(30 * MINUTE * 2**number, DAY) for number in range(8)]


def test_a_site_is_left_alone_for_as_long_as_it_asks(many: Reader) -> None:
    refuse(many, Blocked("подождите", timedelta(days=3)))
    many.run(after=HOUR)
    refuse(many, None)
    asked(many)
    many.run(after=2 * DAY)
    assert cards_asked(many) == 0
    many.run(after=DAY)
    assert cards_asked(many) == 1


def test_a_site_that_lets_us_in_again_is_trusted_a_little_more_with_each_pass(many: Reader) -> None:
    refuse(many, Blocked("капча"))
    many.run(after=HOUR)
    refuse(many, None)
    asked(many)
    counts, told = [], []
    for _ in range(5):
        many.run(after=HOUR)
        counts.append(cards_asked(many))
        told.append(many.alarms())
    assert counts == [1, 2, 4, 8, 10]
    # It is one episode until every card may be read again.
    assert told == [[("blocked", None)]] * 4 + [[]]
    assert many.store.sites.circuits() == {}


def test_a_site_that_refuses_again_while_it_is_being_trusted_is_left_alone_for_longer(many: Reader) -> None:
    refuse(many, Blocked("капча"))
    many.run(after=HOUR)
    refuse(many, None)
    many.run(after=HOUR)
    refuse(many, Blocked("капча"))
    many.run(after=HOUR)
    circuit = many.store.sites.circuits()["shelf"]
    assert (circuit.refusals, circuit.allowance) == (2, 1)
    assert circuit.closed_until == many.clock.now() + HOUR


def test_a_wrong_key_is_not_shown_twice_in_one_pass_and_closes_nothing(many: Reader) -> None:
    asked(many)
    refuse(many, Unauthorised("ключ не подходит"))
    many.run(after=HOUR)
    assert cards_asked(many) == 1
    assert many.store.sites.circuits() == {}
    assert many.alarms() == [("unauthorised", None)]
    many.run(after=MINUTE)
    assert cards_asked(many) == 1


def test_what_robots_txt_forbids_for_one_card_leaves_the_others_alone(many: Reader) -> None:
    many.shelves["shelf"]["1"].failures[""] = RobotsDenied("robots.txt не разрешает")
    reads = many.run(after=HOUR)
    assert [read.failure.error for read in reads if read.failure] == ["robots_denied"]
    assert len(reads) == 11


def test_where_a_source_reads_many_sites_one_that_refuses_closes_itself_alone(tmp_path: Path) -> None:
    shelves = {str(number): Shelf([review(str(number))]) for number in range(3)}
    shelves["1"].failures[""] = Blocked("капча")
    reader = Reader(tmp_path, {"feed": shelves}, scattered=True)
    reader.run()
    assert reader.held() == ["0", "2"]
    assert list(reader.store.sites.circuits()) == ["feed/1.example.ru"]
    assert reader.alarms() == [("blocked", "place-1/feed")]
    shelves["1"].failures.clear()
    reader.run(after=DAY)
    assert reader.held() == ["0", "1", "2"]
    assert (reader.store.sites.circuits(), reader.alarms()) == ({}, [])
    reader.store.close()


def test_a_card_with_a_trouble_of_its_own_is_not_told_anew_because_the_others_are_well(many: Reader) -> None:
    many.shelves["shelf"]["1"].failures[""] = LayoutChanged("у отзывов нет дат")
    raised = set()
    for _ in range(20):
        many.run(after=8 * HOUR)
        raised |= {alarm.id for alarm in many.store.alarms.open()}
    assert len(raised) == 1
    many.shelves["shelf"]["1"].failures.clear()
    many.run(after=2 * DAY)
    assert many.alarms() == []


# --- whose turn it is -----------------------------------------------------------------------------


def test_a_card_whose_turn_is_over_goes_to_the_end_of_the_line(many: Reader) -> None:
    many.shelves["shelf"]["1"].reviews = [review(f"old-{number}") for number in range(100)]
    many.session.cost = timedelta(seconds=10)
    asked(many)
    many.run(after=2 * DAY)
    paths = [path.partition("?")[0] for path in asked(many)]
    # Eight requests are anybody's right; then the others, then what is left of the pass.
    assert paths[:17] == ["1"] * 8 + [str(number) for number in range(2, 11)]
    assert set(paths[17:-1]) == {"1"}
    listing = many.listing("1")
    assert listing.cursor is not None
    assert listing.next_check_at <= many.clock.now()


def test_a_card_alone_may_have_the_whole_pass(reader: Reader, shelf: Shelf) -> None:
    shelf.reviews = [review(f"old-{number}") for number in range(300)]
    reader.session.cost = timedelta(seconds=10)
    reader.run()
    assert len(asked(reader)) == 24
