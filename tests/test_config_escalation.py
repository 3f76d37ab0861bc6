"""The section `escalation`, everywhere and at a place: roles, rungs, people, quiet hours."""

from datetime import date, time
from pathlib import Path

import pytest

from monitor.config_escalation import LEVELS, USUAL, Escalation, Person, PlaceEscalation
from tests.test_config import SMALL, complaint, loaded

USUAL_LINE = "escalation: {support: [support@example.ru], owner: [owner@example.ru]}\n"
HEAD = "escalation:\n  support: [support@example.ru]\n  owner: [owner@example.ru]\n"
LINE = SMALL[: SMALL.index("escalation:")].count("\n") + 4
"""Of what a test adds to the section."""

OF_PLACE = SMALL.count("\n") + 1
"""Of what a test adds to the place."""

SUPPORT, OWNER = ("support@example.ru",), ("owner@example.ru",)


def config(added: str) -> str:
    assert USUAL_LINE in SMALL
    return SMALL.replace(USUAL_LINE, HEAD + (f"  {added}\n" if added else ""))


def escalation(folder: Path, added: str = "") -> Escalation:
    return loaded(folder, text=config(added)).escalation


def at_the_place(folder: Path, written: str) -> PlaceEscalation:
    return loaded(folder, f"    escalation: {written}\n").places[0].escalation


def test_support_and_owner_are_enough(tmp_path: Path) -> None:
    assert escalation(tmp_path) == Escalation(SUPPORT, OWNER, 10, OWNER, (), USUAL, {}, None)
    assert loaded(tmp_path).places[0].escalation == PlaceEscalation(None, None, None, None)


def test_roles_hold_addresses_and_channels(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "channels: {telegram: {url_env: TELEGRAM_URL}}\n",
        config("lead: [lead@example.ru, channel:telegram]\n  admin: it@example.ru\n  collapse_over: 3"),
    ).escalation
    assert found.lead == ("lead@example.ru", "channel:telegram")
    assert found.admin == ("it@example.ru",)
    assert found.collapse_over == 3


def test_one_rung_is_changed_and_the_others_stay(tmp_path: Path) -> None:
    found = escalation(tmp_path, "ladder: {negative: {breach: [lead], 50%: []}, other: {+2x: owner}}").ladder
    assert found["negative"] == {**USUAL["negative"], "breach": ("lead",), "50%": ()}
    assert found["other"] == {**USUAL["other"], "+2x": ("owner",)}
    assert escalation(tmp_path, "ladder: {other: {80%: [support, owner]}}").ladder["negative"] == USUAL["negative"]


def test_every_level_may_stand_on_the_ladder(tmp_path: Path) -> None:
    for promise, levels in LEVELS.items():
        for level in levels:
            found = escalation(tmp_path, f'ladder: {{{promise}: {{"{level}": [owner, assignee]}}}}')
            assert found.ladder[promise][level] == ("owner", "assignee")


def test_people_have_substitutes_and_days_of_absence(tmp_path: Path) -> None:
    found = escalation(
        tmp_path,
        "people:\n    anna: {email: anna@example.ru, substitute: Борис, "
        'away: [2026-12-28..2027-01-11, "2027-03-08", 2027-05-01 .. 2027-05-01]}\n'
        "    Борис: {email: boris@example.ru}",
    ).people
    assert found == {
        "anna": Person(
            "anna@example.ru",
            "Борис",
            (
                (date(2026, 12, 28), date(2027, 1, 11)),
                (date(2027, 3, 8), date(2027, 3, 8)),
                (date(2027, 5, 1), date(2027, 5, 1)),
            ),
        ),
        "Борис": Person("boris@example.ru"),
    }


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("22:00-08:00", (time(22), time(8))),
        ("9:30 - 10:00", (time(9, 30), time(10))),
        ("22:00–08:00", (time(22), time(8))),
        ("22:00-24:00", (time(22), time())),
        ("22:00-00:00", (time(22), time())),
        ("00:00-23:59", (time(), time(23, 59))),
    ],
)
def test_quiet_hours_may_pass_midnight(tmp_path: Path, written: str, hours: tuple[time, time]) -> None:
    assert escalation(tmp_path, f'quiet_hours: "{written}"').quiet == hours


def test_a_place_names_its_own_people_and_only_the_rungs_it_changes(tmp_path: Path) -> None:
    found = at_the_place(tmp_path, "{support: [hall@example.ru], ladder: {negative: {50%: support}}}")
    assert found == PlaceEscalation(
        support=("hall@example.ru",), ladder={"negative": {"50%": ("support",)}, "other": {}}
    )
    both = at_the_place(tmp_path, "{owner: o@example.ru, lead: [l@example.ru]}")
    assert both == PlaceEscalation(lead=("l@example.ru",), owner=("o@example.ru",))


TIMES = "must be hours such as"


@pytest.mark.parametrize(
    ("added", "path", "message"),
    [
        ("suport: []", "suport", "did you mean `support`?"),
        ("collapse_over: 0", "collapse_over", "from 1 to 100000"),
        ("lead: anna", "lead", "e-mail address"),
        ("lead: [a@example.ru, a@example.ru]", "lead.1", "stands twice"),
        ("lead: [[a@example.ru]]", "lead.0", "must be one value"),
        ("lead: {a: b}", "lead", "must be a list, not keys"),
        ('lead: ["channel:"]', "lead.0", "Latin letters"),
        ('lead: ["channel:наш"]', "lead.0", "Latin letters"),
        ("lead: [channel:nowhere]", "lead.0", "no channel 'nowhere'"),
        ("admin: [it]", "admin.0", "e-mail address"),
        ("ladder: [owner]", "ladder", "must hold keys"),
        ("ladder: {neutral: {}}", "ladder.neutral", "known: negative, other"),
        ("ladder: {other: {50%: owner}}", "ladder.other.50%", "unknown key"),
        ("ladder: {negative: {breach: []}}", "ladder.negative.breach", "somebody must hear of a broken promise"),
        ("ladder: {negative: {breach: }}", "ladder.negative.breach", "somebody must hear of a broken promise"),
        ("ladder: {negative: {breach: [boss]}}", "ladder.negative.breach.0", "known: assignee, support, lead, owner"),
        ("ladder: {negative: [owner]}", "ladder.negative", "must hold keys"),
        ("people: [anna]", "people", "must hold keys"),
        ("people: {anna: anna@example.ru}", "people.anna", "must hold keys"),
        ("people: {anna: {}}", "people.anna.email", "is missing"),
        ("people: {anna: {email: анна@example.ru}}", "people.anna.email", "e-mail address"),
        ("people: {anna: {email: a@example.ru, mail: b}}", "people.anna.mail", "did you mean `email`?"),
        ("people: {anna: {email: a@example.ru, substitute: boris}}", "people.anna.substitute", "nobody called 'boris'"),
        ("people: {anna: {email: a@example.ru, away: soon}}", "people.anna.away", "2026-12-28..2027-01-11"),
        ("people: {anna: {email: a@example.ru, away: [2026-02-30]}}", "people.anna.away.0", "must be a day"),
        ("people: {anna: {email: a@example.ru, away: [2026-12-31..2026-12-30]}}", "people.anna.away.0", "before it"),
        ("people: {anna: {email: a@example.ru, away: [2026-12-31-2027-01-02]}}", "people.anna.away.0", "2026-12-28.."),
        ("quiet_hours: night", "quiet_hours", TIMES),
        ('quiet_hours: "22:00"', "quiet_hours", TIMES),
        ('quiet_hours: "22:00-22:00"', "quiet_hours", TIMES),
        ('quiet_hours: "00:00-24:00"', "quiet_hours", TIMES),
        ('quiet_hours: "24:00-08:00"', "quiet_hours", TIMES),
        ('quiet_hours: "25:00-08:00"', "quiet_hours", TIMES),
        ('quiet_hours: "22:60-08:00"', "quiet_hours", TIMES),
        ('quiet_hours: "22:00-08:60"', "quiet_hours", TIMES),
        ('quiet_hours: "22:00-24:30"', "quiet_hours", TIMES),
        ('quiet_hours: "22:00-32:00"', "quiet_hours", TIMES),
        ('quiet_hours: "٢٢:٠٠-08:00"', "quiet_hours", TIMES),
        ('quiet_hours: ["22:00-08:00"]', "quiet_hours", "must be one value"),
        ("quiet_hours: ", "quiet_hours", "is empty"),
    ],
)
def test_what_is_wrong_is_told_with_its_path_and_line(tmp_path: Path, added: str, path: str, message: str) -> None:
    found = complaint(tmp_path, text=config(added))
    assert (found.path, found.line) == (f"escalation.{path}", LINE)
    assert message in found.message


@pytest.mark.parametrize("role", ["support", "owner"])
def test_somebody_must_hold_support_and_ownership(tmp_path: Path, role: str) -> None:
    full = f"  {role}: [{role}@example.ru]\n"
    assert full in HEAD
    missing = complaint(tmp_path, text=config("").replace(full, ""))
    assert (missing.path, missing.line) == (f"escalation.{role}", LINE - 3)
    assert f"add `{role}: [{role}@example.ru]`" in missing.message
    assert "at least one" in complaint(tmp_path, text=config("").replace(full, f"  {role}: []\n")).message


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        ("{support: []}", "support", "at least one"),
        ("{lead: []}", "lead", "at least one"),
        ("{owner: }", "owner", "at least one"),
        ("{support: [a@example.ru, a@example.ru]}", "support.1", "stands twice"),
        ("{admin: [a@example.ru]}", "admin", "unknown key"),
        ("{people: {}}", "people", "unknown key"),
        ('{quiet_hours: "22:00-08:00"}', "quiet_hours", "unknown key"),
        ("{ladder: {negative: {breach: []}}}", "ladder.negative.breach", "somebody must hear"),
        ("{ladder: {other: {breach: [boss]}}}", "ladder.other.breach.0", "known: assignee"),
        ("support@example.ru", "", "must hold keys"),
    ],
)
def test_what_is_wrong_at_a_place_is_told_there(tmp_path: Path, written: str, path: str, message: str) -> None:
    found = complaint(tmp_path, f"    escalation: {written}\n")
    assert (found.path, found.line) == (f"places.0.escalation.{path}".rstrip("."), OF_PLACE)
    assert message in found.message
