"""Whether a measure helped: two windows of whole days, a share of complaints in each, and how far chance goes."""

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime, timedelta
from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import measures, wording
from monitor.desk import numbers_effects as effects
from monitor.desk.numbers_effects import Days
from monitor.errors import Conflict
from monitor.measures import Counted, Effect, Windows
from monitor.numbers import Cohort, Mentions, Period, Scope, Step
from monitor.store.measures import SUGGESTED, Measure, Measures
from tests.numbers_rig import Book, Story

DAY = timedelta(days=1)
TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ZONE = "Europe/Moscow"

# --- windows --------------------------------------------------------------------------------------


def test_both_windows_have_as_many_whole_days_as_have_passed() -> None:
    assert measures.windows(TODAY - 10 * DAY, TODAY) == Windows(TODAY - 20 * DAY, TODAY - 10 * DAY, 10)


def test_a_week_is_the_least_and_eight_weeks_the_most() -> None:
    assert measures.windows(TODAY - 6 * DAY, TODAY) is None
    assert measures.windows(TODAY, TODAY) is None
    assert measures.windows(TODAY + DAY, TODAY) is None
    week = measures.windows(TODAY - 7 * DAY, TODAY)
    assert week is not None
    assert week.days == 7
    long = measures.windows(TODAY - 300 * DAY, TODAY)
    assert long == Windows(TODAY - 356 * DAY, TODAY - 300 * DAY, 56)


# --- chance ---------------------------------------------------------------------------------------


@given(st.integers(0, 30), st.integers(0, 30), st.data())
def test_chance_is_fishers_exact_test(before: int, after: int, data: st.DataObject) -> None:
    first, second = data.draw(st.integers(0, before)), data.draw(st.integers(0, after))
    total, whole = first + second, before + after
    ways = {
        split: comb(total, split) * comb(whole - total, after - split)
        for split in range(max(0, total - before), min(total, after) + 1)
    }
    exact = sum(way for way in ways.values() if way <= ways[second]) / comb(whole, after)
    assert measures.chance(Counted(first, before), Counted(second, after)) == pytest.approx(exact)


@pytest.mark.parametrize(
    ("before", "after", "chance"),
    [((3, 4), (1, 4), 0.4857142857), ((8, 10), (1, 11), 0.0019052155), ((0, 50), (0, 60), 1.0), ((0, 0), (0, 9), 1.0)],
)
def test_chance_of_tables_that_are_known(before: tuple[int, int], after: tuple[int, int], chance: float) -> None:
    assert measures.chance(Counted(*before), Counted(*after)) == pytest.approx(chance, rel=1e-6)


def test_chance_of_very_many_reviews_is_counted_too() -> None:
    assert 0 < measures.chance(Counted(2_000, 20_000), Counted(1_800, 20_000)) < 0.001


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (Counted(39, 214), Counted(18, 198), Effect.HELPED),
        (Counted(18, 198), Counted(39, 214), Effect.WORSE),
        (Counted(5, 30), Counted(3, 30), Effect.UNCLEAR),
        (Counted(0, 0), Counted(3, 30), Effect.UNKNOWN),
        (Counted(3, 30), Counted(0, 0), Effect.UNKNOWN),
        (Counted(0, 30), Counted(0, 30), Effect.UNCLEAR),
    ],
)
def test_a_change_counts_when_chance_would_hardly_show_it(before: Counted, after: Counted, found: Effect) -> None:
    assert measures.effect(before, after) is found


@pytest.mark.parametrize(("chance", "odds"), [(0.2, 0), (0.05, 0), (0.049, 20), (0.0199, 50), (0.0098, 100), (0, 1000)])
def test_odds_are_told_in_round_numbers_that_hold(chance: float, odds: int) -> None:
    assert measures.odds(chance) == odds


# --- what is said ---------------------------------------------------------------------------------


class Few:
    """Numbers of a shop: reviews of each day, all judged positive but those that complain."""

    def __init__(self, first: date, came: list[int], complaints: list[int], stars: list[int] | None = None) -> None:
        self._first, self._came, self._complaints = first, came, complaints
        self._stars = stars or [0] * len(came)
        self.asked: list[Scope] = []

    def _days(self, scope: Scope) -> range:
        self.asked.append(scope)
        first = (scope.period.since + DAY / 2).date()
        begin = (first - self._first).days
        return range(begin, begin + len(scope.period.buckets(Step.DAY)))

    def at_once(self) -> AbstractContextManager[None]:
        return nullcontext()

    def cohorts(self, scope: Scope, now: datetime, step: Step) -> tuple[Cohort, ...]:
        assert step is Step.DAY
        found = []
        for day in self._days(scope):
            bad, all_ = self._complaints[day], self._came[day]
            stars = self._stars[day]
            found.append(
                Cohort(scope.period, negative=bad, positive=all_ - bad, starred=all_ if stars else 0, stars=stars)
            )
        return tuple(found)

    def themes(self, scope: Scope, step: Step | None = None) -> dict[str, tuple[Mentions, ...]]:
        assert step is Step.DAY
        return {"waiting": tuple(Mentions(self._complaints[day], 0, 7) for day in self._days(scope))}


def measure(day: date, theme: str = "waiting", place: str | None = None) -> Measure:
    return Measure(1, "Вторая касса", place, theme, day, None, "anna", NOON)


def days(numbers: Few, of: Measure) -> Days | None:
    return effects.counted(numbers, of, None, ZONE, NOON)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def shop(before: tuple[int, int], after: tuple[int, int], length: int = 14) -> tuple[Few, Measure]:
    """So many reviews a day, and complaints among them, before and after a measure of `length` days ago."""
    day = TODAY - length * DAY
    came = [before[0]] * length + [after[0]] * length
    complaints = [before[1]] * length + [after[1]] * length
    return Few(day - length * DAY, came, complaints, [4 * one for one in came]), measure(day)


def test_shares_of_both_windows_are_counted_and_the_chance_is_told() -> None:
    few, of = shop((15, 3), (14, 1))
    found = days(few, of)
    result = effects.told(found, of, TODAY)
    before, after = result.sides
    assert (before.counted, after.counted) == (Counted(42, 210, 4.0), Counted(14, 196, 4.0))
    assert (plain(before.percent), plain(after.percent)) == ("20 %", "7 %")
    assert (plain(before.whole), plain(after.whole)) == ("210 отзывов", "196 отзывов")
    assert (result.word, result.tone) == ("помогло", "good")
    assert plain(result.said) == "Случайно так бывает реже чем в одном случае из 1 000."
    assert plain(result.stars) == "Средняя оценка: была 4, стала 4."


@pytest.mark.parametrize(
    ("before", "after", "word", "said"),
    [
        ((15, 1), (14, 3), "стало хуже", "Случайно так бывает реже чем в одном случае из 1 000."),
        ((3, 1), (3, 1), "пока неясно", "Ничего не изменилось."),
        ((2, 1), (3, 1), "пока неясно", "Но это может быть и случайность: так бывает в одном случае из 5."),
        ((0, 0), (3, 1), "сравнить не с чем", "До этого дня мы отзывов не видели."),
        ((3, 1), (0, 0), "сравнить не с чем", "С этого дня отзывов не было."),
    ],
)
def test_what_chance_may_have_done_is_not_called_help(
    before: tuple[int, int], after: tuple[int, int], word: str, said: str
) -> None:
    few, of = shop(before, after)
    result = effects.told(days(few, of), of, TODAY)
    assert (result.word, plain(result.said)) == (word, said)
    assert bool(result.sides) == (word != "сравнить не с чем")


def test_before_a_week_has_passed_nobody_judges_and_nothing_is_asked() -> None:
    few, of = shop((3, 1), (3, 1), length=6)
    found = days(few, of)
    assert found is None
    assert few.asked == []
    result = effects.told(found, of, TODAY)
    assert (result.word, plain(result.said)) == (
        "рано судить",
        "Нужна хотя бы неделя: сравнение появится 22 ноября.",
    )


def test_different_shares_never_read_the_same() -> None:
    few, of = shop((1_000, 57), (1_000, 62), length=56)
    found = days(few, of)
    assert found is not None
    assert [plain(side.percent) for side in effects.told(found, of, TODAY).sides] == ["5,7 %", "6,2 %"]
    assert "было 5,7 %, стало 6,2 %" in plain(effects.pair(found, 360).alt)


def test_of_few_reviews_no_share_is_told() -> None:
    few, of = shop((1, 1), (1, 0), length=8)
    before, _ = effects.told(days(few, of), of, TODAY).sides
    assert (before.percent, plain(before.whole)) == ("", "8 отзывов")


def test_only_what_the_visitor_may_see_is_asked_for() -> None:
    few, _ = shop((3, 1), (3, 1))
    of = measure(TODAY - 14 * DAY, place="lenina")
    effects.counted(few, of, frozenset({"lenina"}), ZONE, NOON)
    (scope, *_) = few.asked
    assert (scope.place, scope.places) == ("lenina", frozenset({"lenina"}))
    assert scope.period == Period.of_days(TODAY - 28 * DAY, 28, ZONE)


def test_a_theme_that_nobody_speaks_of_has_no_complaints() -> None:
    few, _ = shop((3, 1), (3, 1))
    found = days(few, measure(TODAY - 14 * DAY, theme="price"))
    assert found is not None
    assert [side.counted.complaints for side in found.sides] == [0, 0]


@pytest.mark.parametrize(("length", "points"), [(7, 14), (14, 28), (15, 6), (21, 6), (56, 16)])
def test_the_course_has_days_or_weeks_that_begin_with_the_measure(length: int, points: int) -> None:
    few, of = shop((4, 2), (4, 1), length)
    found = days(few, of)
    assert found is not None
    first, step, shares = found.course()
    assert (len(first), step) == (points, Step.DAY if length <= 14 else Step.WEEK)
    assert of.day in first
    assert first[0] == of.day - length * DAY
    assert shares == tuple([0.5] * (points // 2) + [0.25] * (points // 2))


def test_pictures_say_what_they_show() -> None:
    few, of = shop((15, 3), (14, 1), length=21)
    found = days(few, of)
    assert found is not None
    assert plain(effects.pair(found, 720).alt) == "Доля жалоб на ожидание. Ожидание: было 20 %, стало 7 %."
    assert "Мера: 31 октября." in plain(effects.course(found, 720).alt)
    assert effects.course(found, 320).svg.startswith(b"<svg")


def test_every_theme_can_be_complained_of() -> None:
    assert effects.ABOUT.keys() == wording.THEMES.keys()


# --- kept -----------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def note(book: Book, what: str, day: date = TODAY, place: str | None = None, ticket: int | None = None) -> int:
    kept = book.store.measures
    with book.store.write():
        return kept.note(what, "waiting", day, place=place, ticket=ticket, actor="anna", now=NOON)


def confirmed(book: Book, what: str, place: str = "lenina", at: datetime = NOON) -> int:
    """A ticket whose fault was confirmed, with what was done."""
    ticket = book.play(Story(place, "twogis", at - 3 * DAY, tone="negative", stars=1, themes=("waiting", "staff")))
    assert ticket is not None
    store = book.store
    with store.write():
        review = store._db.rows("SELECT review_id FROM ticket WHERE id = ?", [ticket])[0]["review_id"]
        store._db.update("ticket", ticket, {"fault": "confirmed", "measure": what})
        told = {"review_id": review, "ticket_id": ticket, "kind": "fault", "at": at.isoformat(), "actor": "anna"}
        store._db.insert("event", {**told, "was": "unconfirmed", "became": "confirmed", "why": what})
    return ticket


def whats(kept: Measures, *places: str) -> list[str]:
    return [one.what for one in kept.held(10, places=places or None)]


def test_measures_are_told_latest_day_first_page_by_page(book: Book) -> None:
    for number in range(5):
        note(book, f"Мера {number}", TODAY - number % 3 * DAY)
    kept = book.store.measures
    first = kept.held(3)
    assert [one.what for one in first] == ["Мера 3", "Мера 0", "Мера 4"]
    assert [one.what for one in kept.held(3, before=first[-1])] == ["Мера 1", "Мера 2"]


def test_a_place_sees_its_own_and_those_of_all(book: Book) -> None:
    note(book, "Здесь", place="lenina")
    note(book, "Там", place="mira")
    number = note(book, "Везде")
    kept = book.store.measures
    assert whats(kept) == ["Везде", "Там", "Здесь"]
    assert whats(kept, "lenina") == ["Везде", "Здесь"]
    assert kept.get(number - 1, frozenset({"lenina"})) is None
    assert kept.get(number, frozenset({"lenina"})) is not None
    assert kept.get(10**6) is None


def test_the_same_is_not_noted_twice_unless_it_was_withdrawn(book: Book) -> None:
    number = note(book, "Вторая касса", place="lenina")
    with pytest.raises(Conflict, match="уже записана"):
        note(book, "Вторая касса", place="lenina")
    note(book, "Вторая касса", place="mira")
    note(book, "Вторая касса")
    with book.store.write():
        assert book.store.measures.withdraw(number, actor="anna", now=NOON)
        assert not book.store.measures.withdraw(number, actor="boris", now=NOON)
    assert note(book, "Вторая касса", place="lenina") > number
    assert len(whats(book.store.measures)) == 3


def test_what_was_said_about_tickets_is_suggested_once_for_a_place(book: Book) -> None:
    first = confirmed(book, "Вторая касса", at=NOON - 5 * DAY)
    confirmed(book, "Вторая касса", at=NOON)
    confirmed(book, "Вторая касса", "mira")
    found = book.store.measures.suggested(10)
    assert [(said.what, said.place) for said in found] == [("Вторая касса", "mira"), ("Вторая касса", "lenina")]
    assert (found[1].ticket, found[1].at, found[1].themes) == (first, NOON - 5 * DAY, ("waiting", "staff"))
    assert [said.place for said in book.store.measures.suggested(10, frozenset({"lenina"}))] == ["lenina"]
    assert book.store.measures.suggested(10, frozenset()) == ()


def test_what_was_noted_is_suggested_no_longer(book: Book) -> None:
    first, second = confirmed(book, "Вторая касса"), confirmed(book, "Новый повар")
    note(book, "Поставили вторую кассу", place="lenina", ticket=first)  # in better words
    assert [said.ticket for said in book.store.measures.suggested(10)] == [second]
    note(book, "Новый повар")  # everywhere
    assert book.store.measures.suggested(10) == ()
    assert book.store.measures.said(first) is not None


def test_the_same_words_noted_elsewhere_are_no_measure_here_and_however_many_there_are_none_is_walked_through(
    book: Book,
) -> None:
    here, there = confirmed(book, "Вторая касса"), confirmed(book, "Вторая касса", "mira")
    note(book, "Вторая касса", place="mira")
    assert [said.ticket for said in book.store.measures.suggested(10)] == [here]
    note(book, "Касса", place="lenina", ticket=here)
    assert book.store.measures.suggested(10) == ()
    assert there != here
    plan = book.store._db.rows(f"EXPLAIN QUERY PLAN {SUGGESTED}", {"places": None, "limit": 1})
    steps = [str(row["detail"]) for row in plan]
    assert not any(step.startswith("SCAN m") for step in steps), steps
    for index in ("measure_of_ticket (ticket_id=?)", "measure_said (what=?)"):
        assert any(step.startswith("SEARCH m ") and index in step for step in steps), steps


def test_a_fault_that_was_taken_back_suggests_nothing(book: Book) -> None:
    ticket = confirmed(book, "Вторая касса")
    with book.store.write():
        book.store._db.update("ticket", ticket, {"fault": "denied", "measure": ""})
    assert book.store.measures.suggested(10) == ()
    assert book.store.measures.said(ticket) is None


def test_who_forgets_a_review_forgets_what_was_said_about_it(book: Book) -> None:
    ticket = confirmed(book, "Извинились перед Иваном")
    note(book, "Извинились перед Иваном", place="lenina", ticket=ticket)
    note(book, "Вторая касса", TODAY - DAY, place="lenina")
    review = book.store._db.rows("SELECT review_id FROM ticket WHERE id = ?", [ticket])[0]["review_id"]
    book.store.privacy.erase([review], NOON)
    assert whats(book.store.measures) == ["", "Вторая касса"]
    assert book.store.measures.suggested(10) == ()


def test_a_measure_is_part_of_what_is_kept(book: Book) -> None:
    before = book.store.content_digest()
    number = note(book, "Вторая касса")
    noted = book.store.content_digest()
    with book.store.write():
        book.store.measures.withdraw(number, actor="anna", now=NOON)
    assert len({before, noted, book.store.content_digest()}) == 3


def test_the_numbers_of_a_store_agree_with_the_reviews_behind_them(book: Book) -> None:
    began = NOON - 20 * DAY
    for hour in range(40):
        seen_at = began + hour * DAY / 2
        bad = hour % 3 == 0 and hour < 20
        tone = "negative" if bad else "positive"
        book.play(Story("lenina", "twogis", seen_at, tone=tone, stars=2 if bad else 5, themes=("waiting",) * bad))
    book.play(Story("mira", "twogis", NOON - 2 * DAY, tone="negative", themes=("waiting",)))
    day = TODAY - 10 * DAY
    of = Measure(1, "x", "lenina", "waiting", day, None, "anna", NOON)
    found = effects.counted(book.store.numbers, of, None, ZONE, NOON)
    assert found is not None
    before, after = found.sides
    assert before.counted.complaints == 7
    assert after.counted == Counted(0, after.counted.judged, 5.0)
    for side in (before, after):
        asked = [side.complaints, *(number for _, number in side.tones)]
        assert sum(number.value for number in asked[1:]) == side.counted.judged
        for number, selection in zip(asked, side.selections, strict=True):
            assert book.store.numbers.reviews(selection, NOON).total == number.value
