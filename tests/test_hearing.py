"""On which day nobody is there of whom are told."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.config_escalation import USUAL, Person
from monitor.hearing import DANGER, LONG_LATE, Unheard, unheard
from monitor.ladder import Ladder, Roles, is_away
from tests.test_ladder import ANNA, BORIS, HOLIDAYS, OWNER, SUPPORT, TODAY, away

DAY = timedelta(days=1)
HERE = {"lenina": TODAY - 10 * DAY}
FIRST = HOLIDAYS[0]


def ladder(people: dict[str, Person], owner: str = ANNA, support: str = ANNA) -> Ladder:
    return Ladder(Roles([support], [owner]), USUAL, 10, people)


def test_whoever_leaves_without_a_substitute_leaves_nobody_from_that_day() -> None:
    found = unheard(ladder({"anna": away(ANNA)}), HERE)
    assert found == {Unheard(FIRST, "lenina", what) for what in (DANGER, "breach", LONG_LATE)}


def test_a_substitute_a_colleague_or_a_shared_mailbox_is_enough() -> None:
    assert unheard(ladder({"anna": away(ANNA, "boris"), "boris": Person(BORIS)}), HERE) == set()
    assert unheard(ladder({"anna": away(ANNA)}, owner=OWNER), HERE) == set()
    assert {one.what for one in unheard(ladder({"anna": away(ANNA)}, support=SUPPORT), HERE)} == {DANGER, LONG_LATE}


def test_a_lead_alone_in_the_list_who_leaves_is_missed_where_nobody_else_is_on_the_ladder() -> None:
    """By the usual one support hears of a breach and the owner of one that lasts; by another the lead may be alone."""
    lone = {"anna": away(ANNA)}
    roles = Roles([SUPPORT], [OWNER], [ANNA])
    assert unheard(Ladder(roles, USUAL, 10, lone), HERE) == set()
    for level, what in (("breach", "breach"), ("+1x", LONG_LATE), ("+2x", LONG_LATE)):
        alone = {promise: {**rungs, level: ("lead",)} for promise, rungs in USUAL.items()}
        assert unheard(Ladder(roles, alone, 10, lone), HERE) == {Unheard(FIRST, "lenina", what)}
        there = lone | {"anna": away(ANNA, "boris"), "boris": Person(BORIS)}
        assert unheard(Ladder(roles, alone, 10, there), HERE) == set()


def test_a_level_that_the_settings_give_to_nobody_is_no_matter() -> None:
    quiet = {promise: {**rungs, "+1x": (), "+2x": ()} for promise, rungs in USUAL.items()}
    assert unheard(Ladder(Roles([SUPPORT], [OWNER]), quiet, 10, {"anna": away(ANNA)}), HERE) == set()


def test_two_who_stand_in_for_each_other_cannot_both_leave() -> None:
    later = Person(BORIS, "anna", ((FIRST + 5 * DAY, FIRST + 6 * DAY),))
    found = unheard(ladder({"anna": away(ANNA, "boris"), "boris": later}), HERE)
    assert {one.day for one in found} == {FIRST + 5 * DAY}


def test_an_absence_that_is_over_is_no_matter() -> None:
    assert unheard(ladder({"anna": away(ANNA)}), {"lenina": HOLIDAYS[1] + DAY}) == set()


def test_an_address_that_two_read_is_read_while_one_of_them_is_there() -> None:
    people = {"anna": away(ANNA), "ann": Person(ANNA.upper())}
    assert not is_away(people, ANNA, FIRST)
    assert is_away({"anna": away(ANNA)}, ANNA.upper(), FIRST)


SPANS = st.tuples(st.integers(0, 20), st.integers(0, 5)).map(
    lambda span: (date(2027, 1, 1) + span[0] * DAY, date(2027, 1, 1) + (span[0] + span[1]) * DAY)
)
PEOPLE = st.fixed_dictionaries(
    {
        name: st.builds(
            Person,
            st.just(f"{name}@example.ru"),
            st.sampled_from(["", "a", "b", "c"]),
            st.lists(SPANS, max_size=3).map(tuple),
        )
        for name in ("a", "b", "c")
    }
)


@given(PEOPLE, st.sampled_from("abc"), st.integers(0, 25))
def test_where_nothing_is_said_somebody_is_there_on_every_day(
    people: dict[str, Person], owner: str, after: int
) -> None:
    """The first days of absences are enough to look at."""
    today = date(2027, 1, 1)
    asked = ladder(people, f"{owner}@example.ru", f"{owner}@example.ru")
    told = {one.day for one in unheard(asked, {"lenina": today}) if one.what == DANGER}
    day = today + after * DAY
    nobody = all(is_away(people, one, day) for one in asked.owners("lenina", day))
    assert not nobody or any(one <= day for one in told)
