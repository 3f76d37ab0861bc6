"""Who has a ticket: taking, taking over, giving to a colleague."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.accounts import Role
from monitor.errors import Conflict, UsageError
from monitor.store.accounts import Accounts
from tests.actions_rig import Office, office_at
from tests.test_retag import NOON


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_at(tmp_path) as office:
        yield office


def test_what_a_colleague_has_is_taken_over_by_naming_them(office: Office) -> None:
    office.person("boris").take(1)
    with pytest.raises(Conflict, match="boris"):
        office.person().take(1)
    office.person().take(1, over="boris")
    assert office.ticket().assignee == "anna"
    assert office.events("taken") == [("boris", "taken", "", "boris", ""), ("anna", "taken", "boris", "anna", "")]


def test_whoever_took_it_meanwhile_keeps_it(office: Office) -> None:
    office.person("boris").take(1)
    office.person("vera").take(1, over="boris")
    with pytest.raises(Conflict, match="не boris, а vera"):
        office.person().take(1, over="boris")
    assert office.ticket().assignee == "vera"


@pytest.mark.parametrize("over", [None, "", "boris"])
def test_what_nobody_has_any_more_is_simply_taken(office: Office, over: str | None) -> None:
    office.person().take(1, over)
    assert office.ticket().assignee == "anna"


@pytest.mark.parametrize("over", [None, "boris"])
def test_taking_what_one_has_changes_nothing(office: Office, over: str | None) -> None:
    office.person().take(1)
    before = office.store.content_digest()
    office.person().take(1, over)
    assert office.store.content_digest() == before


def test_a_ticket_is_given_to_a_colleague_whoever_has_it(office: Office) -> None:
    office.person("boris").take(1)
    due = office.ticket().due_at
    office.person("lena").assign(1, " vera ")
    office.person("lena").assign(1, "vera")
    assert (office.ticket().assignee, office.ticket().due_at) == ("vera", due)
    assert office.events("assigned") == [("lena", "assigned", "boris", "vera", "")]


def test_to_give_oneself_a_ticket_is_to_take_it(office: Office) -> None:
    office.person("boris").take(1)
    office.person("anna").assign(1, "anna")
    assert office.events("taken")[-1] == ("anna", "taken", "boris", "anna", "")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[2J", "a\u202eb", "я" * 101])
def test_a_name_that_is_none_is_refused(office: Office, name: str) -> None:
    with pytest.raises(UsageError, match="одна строка"):
        office.person().assign(1, name)
    assert office.ticket().assignee is None


def account(office: Office, login: str, *, role: Role = Role.OPERATOR, places: list[str] | None = None) -> int:
    accounts: Accounts = office.store.accounts
    with office.store.write():
        return accounts.add(login, name=login, role=role, places=places, email="", now=NOON).id


def test_where_people_have_accounts_only_they_and_whom_the_config_knows_are_given_tickets(office: Office) -> None:
    account(office, "Vera", places=["lenina"])
    boss = office.person("lena", colleagues=("oleg",))
    boss.assign(1, "vera")
    assert office.ticket().assignee == "Vera", "the name under which she acts"
    boss.assign(1, "oleg")
    with pytest.raises(UsageError, match="'ver': такого сотрудника нет"):
        boss.assign(1, "ver")
    assert office.ticket().assignee == "oleg"


def test_nobody_is_given_what_they_cannot_see(office: Office) -> None:
    account(office, "vera", places=["gogolya"])
    gone = account(office, "boris")
    with office.store.write():
        office.store.accounts.set_active(gone, active=False)
    for login in ("vera", "boris"):
        with pytest.raises(Conflict, match=login):
            office.person("lena").assign(1, login)
    assert office.ticket().assignee is None


def test_of_many_who_take_over_at_once_one_does(office: Office) -> None:
    office.person("boris").take(1)
    start, refused = threading.Barrier(6), []

    def take_over(name: str) -> None:
        anybody = office.person(name)
        start.wait()
        try:
            anybody.take(1, over="boris")
        except Conflict:
            refused.append(name)

    threads = [threading.Thread(target=take_over, args=(f"person{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 5
    assert office.ticket().assignee not in refused
    assert len(office.events("taken")) == 2


def test_what_nobody_holds_is_released_without_a_word(office: Office) -> None:
    office.person().release(1)
    assert office.events("released") == []
