"""Who hears of what: roles, levels, places, and who stands in for whoever is away."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config_escalation import LEVELS, USUAL, Escalation, Person, PlaceEscalation
from monitor.ladder import Ladder, Roles, is_away, own_addresses, roles_at, rungs_at
from monitor.model import Target
from monitor.sla import LADDER, NOTICE, Level

TODAY = date(2026, 12, 30)
HOLIDAYS = (date(2026, 12, 28), date(2027, 1, 11))
ANNA, BORIS, VERA, GLEB = (f"{name}@example.ru" for name in ("anna", "boris", "vera", "gleb"))
SUPPORT, LEAD, OWNER = "support@example.ru", "lead@example.ru", "owner@example.ru"
ROLES = Roles([SUPPORT], [OWNER], [LEAD])


def away(email: str, substitute: str = "") -> Person:
    return Person(email, substitute, (HOLIDAYS,))


def ladder(people: Mapping[str, Person] | None = None, roles: Roles = ROLES) -> Ladder:
    return Ladder(roles, USUAL, 10, people or {})


def told(
    level: str,
    *,
    of: Ladder | None = None,
    target: Target = Target.NEGATIVE,
    assignee: str | None = None,
    place: str = "lenina",
    today: date = TODAY,
    before: str = Level.BREACH,
) -> list[str]:
    return (of or ladder()).recipients(level, target, place=place, assignee=assignee, today=today, told=before)


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        (Level.HALF, [ANNA]),
        (Level.MOST, [ANNA, SUPPORT]),
        (Level.BREACH, [ANNA, SUPPORT, LEAD]),
        (Level.PLUS_1X, [LEAD, OWNER]),
        (Level.PLUS_2X, [OWNER]),
    ],
)
def test_the_alarm_climbs_from_whoever_took_it_up_to_the_owner(level: Level, heard: list[str]) -> None:
    people = {"anna": Person(ANNA)}
    assert told(level, of=ladder(people), assignee="anna") == heard


def test_every_level_of_a_target_has_a_rung_and_no_other_has() -> None:
    for target, levels in LADDER.items():
        promise = "other" if target is Target.OTHER else "negative"
        assert list(USUAL[promise]) == list(LEVELS[promise]) == [level for level, _ in levels]


@pytest.mark.parametrize("assignee", [None, "stranger"])
def test_where_nobody_known_took_it_support_stands_in(assignee: str | None) -> None:
    assert told(Level.HALF, assignee=assignee) == [SUPPORT]
    assert told(Level.MOST, assignee=assignee) == [SUPPORT], "nobody is told twice in one alarm"


def test_without_a_lead_the_owner_is_it() -> None:
    alone = ladder(roles=Roles([SUPPORT], [OWNER]))
    assert told(Level.BREACH, of=alone) == [SUPPORT, OWNER]
    assert told(Level.PLUS_1X, of=alone) == [OWNER]


@pytest.mark.parametrize("before", ["", Level.HALF, Level.MOST])
@pytest.mark.parametrize("level", [Level.PLUS_1X, Level.PLUS_2X])
def test_after_an_outage_those_who_missed_the_breach_hear_of_it_too(level: Level, before: str) -> None:
    heard = told(level, before=before)
    assert heard[:2] == [SUPPORT, LEAD]
    assert OWNER in heard


@pytest.mark.parametrize("before", [Level.BREACH, Level.PLUS_1X])
def test_those_who_heard_of_the_breach_are_left_alone_later(before: str) -> None:
    assert told(Level.PLUS_2X, before=before) == [OWNER]


@pytest.mark.parametrize("level", [Level.HALF, Level.MOST, Level.BREACH])
def test_nothing_was_missed_before_the_breach(level: Level) -> None:
    assert told(level, before="") == told(level, before=Level.BREACH)


@pytest.mark.parametrize("target", [Target.NEGATIVE, Target.UNCLASSIFIED])
def test_what_nobody_judged_climbs_the_ladder_of_the_negative(target: Target) -> None:
    rungs = {"negative": {**USUAL["negative"], "breach": ("owner",)}, "other": USUAL["other"]}
    of = replace(ladder(), rungs=rungs)
    assert told(Level.BREACH, of=of, target=target) == [OWNER]
    assert told(Level.BREACH, of=of, target=Target.OTHER) == [SUPPORT, LEAD]


def test_a_level_without_a_rung_is_told_to_nobody() -> None:
    of = replace(ladder(), rungs={"negative": {"breach": ("owner",)}, "other": {}})
    assert told(Level.HALF, of=of) == []
    assert told(Level.PLUS_1X, of=of, before="") == [OWNER], "…but the breach is never lost"


def test_a_notice_goes_to_support() -> None:
    assert told(NOTICE, assignee="anna", before="") == [SUPPORT]


def test_a_danger_goes_to_the_owner_or_whoever_stands_in() -> None:
    assert ladder().owners("lenina", TODAY) == [OWNER]
    people = {"olga": away(OWNER, "gleb"), "gleb": Person(GLEB)}
    assert ladder(people).owners("lenina", TODAY) == [GLEB]


# --- places -------------------------------------------------------------------------------------


def test_a_place_has_its_own_people_and_rungs_and_shares_the_rest() -> None:
    everywhere = Escalation((SUPPORT,), (OWNER,), lead=(LEAD,))
    own = PlaceEscalation(support=(ANNA,), ladder={"negative": {"50%": ("support",)}, "other": {}})
    of = Ladder(
        ROLES,
        USUAL,
        10,
        of_places={"lenina": roles_at(everywhere, own)},
        rungs_of_places={"lenina": rungs_at(everywhere, own)},
    )
    assert told(Level.HALF, of=of, assignee="boris") == [ANNA]
    assert told(Level.BREACH, of=of) == [ANNA, LEAD]
    assert told(Level.PLUS_2X, of=of) == [OWNER]
    assert told(Level.BREACH, of=of, place="gogolya") == [SUPPORT, LEAD]


def test_a_place_that_names_nobody_has_the_roles_of_all() -> None:
    everywhere = Escalation((SUPPORT,), (OWNER,), lead=(LEAD,))
    assert roles_at(everywhere, PlaceEscalation()) == Roles((SUPPORT,), (OWNER,), (LEAD,))
    assert rungs_at(everywhere, PlaceEscalation()) == USUAL
    own = PlaceEscalation(support=(ANNA,), lead=(BORIS,), owner=(VERA,))
    assert roles_at(everywhere, own) == Roles((ANNA,), (VERA,), (BORIS,))


# --- absences -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "heard"),
    [
        (date(2026, 12, 27), ANNA),
        (date(2026, 12, 28), BORIS),
        (date(2027, 1, 11), BORIS),
        (date(2027, 1, 12), ANNA),
    ],
)
def test_a_substitute_hears_from_the_first_day_of_an_absence_to_its_last(today: date, heard: str) -> None:
    people = {"anna": away(ANNA, "boris"), "boris": Person(BORIS)}
    assert told(Level.HALF, of=ladder(people), assignee="anna", today=today) == [heard]


def test_a_substitute_who_is_away_has_a_substitute_too() -> None:
    people = {"anna": away(ANNA, "boris"), "boris": away(BORIS, "vera"), "vera": Person(VERA)}
    assert told(Level.HALF, of=ladder(people), assignee="anna") == [VERA]


@pytest.mark.parametrize(
    "people",
    [
        {"anna": away(ANNA)},
        {"anna": away(ANNA, "anna")},
        {"anna": away(ANNA, "boris"), "boris": away(BORIS, "anna")},
        {"anna": away(ANNA, "boris"), "boris": away(BORIS, "vera"), "vera": away(VERA, "boris")},
        {"anna": away(ANNA, "boris"), "boris": away(BORIS)},
    ],
)
def test_where_nobody_in_the_chain_is_there_support_hears(people: Mapping[str, Person]) -> None:
    assert told(Level.HALF, of=ladder(people), assignee="anna") == [SUPPORT]


def test_an_address_of_a_role_is_a_person_too() -> None:
    people = {"lead": away(LEAD, "vera"), "vera": Person(VERA)}
    assert told(Level.BREACH, of=ladder(people)) == [SUPPORT, VERA]


def test_an_absence_without_a_substitute_is_no_reason_to_tell_nobody() -> None:
    people = {"owner": away(OWNER), "sup": away(SUPPORT)}
    assert told(Level.PLUS_2X, of=ladder(people)) == [OWNER]
    assert told(Level.HALF, of=ladder(people)) == [SUPPORT]


def test_whoever_stands_in_for_two_is_told_once() -> None:
    people = {"sup": away(SUPPORT, "vera"), "lead": away(LEAD, "vera"), "vera": Person(VERA)}
    assert told(Level.BREACH, of=ladder(people)) == [VERA]


def test_a_channel_is_told_as_it_stands() -> None:
    roles = Roles(["channel:telegram", SUPPORT], ["channel:owner"])
    assert told(Level.MOST, of=ladder(roles=roles)) == ["channel:telegram", SUPPORT]
    assert told(Level.PLUS_2X, of=ladder(roles=roles)) == ["channel:owner"]


def test_of_several_who_share_an_address_one_who_leaves_takes_no_mail_from_the_others() -> None:
    """Else somebody could be away in the owner's stead."""
    people = {"boss": Person(OWNER), "clerk": away(OWNER, "anna"), "anna": Person(ANNA)}
    for named in (people, dict(reversed(people.items()))):
        assert ladder(named).owners("lenina", TODAY) == [OWNER]
        assert ladder(named).why(ANNA, place="lenina", assignee=None, today=TODAY) == ""
        assert told(Level.HALF, of=ladder(named), assignee="clerk") == [ANNA], "what the clerk took is another matter"


def test_once_all_who_share_an_address_are_away_all_their_substitutes_hear() -> None:
    people = {"boss": away(OWNER, "vera"), "clerk": away(OWNER, "anna"), "anna": Person(ANNA), "vera": Person(VERA)}
    assert ladder(people).owners("lenina", TODAY) == [VERA, ANNA]
    assert ladder(people).why(ANNA, place="lenina", assignee=None, today=TODAY) == "for clerk"
    people["clerk"] = away(OWNER)
    assert ladder(people).owners("lenina", TODAY) == [VERA]


def test_capitals_are_no_matter_to_an_address() -> None:
    """The list and the person may spell it each in their own way; who is away and who is told is one rule."""
    people = {"olga": away(OWNER.capitalize(), "gleb"), "gleb": Person(GLEB.upper())}
    of = ladder(people, Roles([SUPPORT, GLEB], [OWNER], [GLEB.upper()]))
    assert is_away(people, OWNER, TODAY)
    assert of.owners("lenina", TODAY) == [GLEB.upper()]
    assert told(Level.PLUS_1X, of=of) == [GLEB.upper()]
    assert told(Level.BREACH, of=of) == [SUPPORT, GLEB], "each mailbox once"
    assert of.why(GLEB.capitalize(), place="lenina", assignee=None, today=TODAY) == "lead"
    assert of.why(OWNER.upper(), place="lenina", assignee="olga", today=TODAY) == "assignee"


def test_an_address_is_somebodys_own_where_no_other_has_it() -> None:
    people = {"boss": Person(OWNER), "clerk": Person(OWNER.upper()), "anna": Person(ANNA)}
    assert own_addresses(people) == {ANNA: "anna"}


names = st.sampled_from(["anna", "boris", "vera", "gleb"])
crews = st.dictionaries(names, st.tuples(names | st.just(""), st.booleans()), max_size=4)


@given(crews, st.sampled_from(list(Target)), st.none() | names, st.sampled_from(["", *Level]), st.data())
def test_whoever_is_away_some_one_hears_each_level_once(
    crew: dict[str, tuple[str, bool]], target: Target, assignee: str | None, before: str, data: st.DataObject
) -> None:
    people = {
        name: Person(f"{name}@example.ru", substitute, (HOLIDAYS,) if is_away else ())
        for name, (substitute, is_away) in crew.items()
    }
    roles = Roles([ANNA, SUPPORT], [OWNER, BORIS], [VERA])
    level = data.draw(st.sampled_from([level for level, _ in LADDER[target]]))
    heard = told(level, of=ladder(people, roles), target=target, assignee=assignee, before=before)
    assert heard
    assert len(set(heard)) == len(heard)
