"""Who may log in and what they may do: accounts, places, links, sessions, passwords. Nothing secret is kept."""

import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import passwords
from monitor.accounts import ALLOWED, Account, Deed, Permission, Purpose, Role, check_name
from monitor.errors import Conflict, NotFound
from monitor.passwords import check_password
from monitor.store.accounts import LINK_LIFE, LINK_MEMORY, LIVES, LinkState
from monitor.store.sessions import IDLE, LONGEST, MEMORY, NOTED
from monitor.store.sqlite import Store
from tests.desk_rig import PASSWORD
from tests.rig import NOON

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(tmp_path / "otklik.db")) as store:
        yield store


def add(
    store: Store, login: str = "anna", role: Role = Role.OPERATOR, places: tuple[str, ...] | None = None
) -> Account:
    with store.write():
        return store.accounts.add(login, name=login, role=role, places=places, now=NOON)


def with_password(store: Store, login: str = "anna") -> Account:
    account = add(store, login)
    with store.write():
        store.accounts.set_password(account.id, "$argon2id$whatever")
    return account


def everything_on_disk(store: Store, folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("otklik.db*")))


# --- whose address it is -----------------------------------------------------------------------


def test_a_mail_is_for_whom_the_settings_name_whatever_addresses_others_have(store: Store) -> None:
    boss, clerk = add(store, "boss"), add(store, "clerk")
    with store.write():
        store.accounts.set_email(clerk.id, "owner@example.ru")
    assert [one.login for one in store.accounts.behind("owner@example.ru", "boss")] == [boss.login]
    assert [one.login for one in store.accounts.behind("OWNER@example.ru", "owner@example.ru")] == [clerk.login]


def test_an_address_of_ones_own_writing_is_nobodys_until_a_link_mailed_to_it_was_opened(store: Store) -> None:
    def behind(address: str) -> list[str]:
        return [one.login for one in store.accounts.behind(address, address)]

    clerk = add(store, "clerk")
    with store.write():
        store.accounts.set_email(clerk.id, "mine@example.ru", vouched=False)
        handed_out = store.accounts.make_link(clerk.id, NOON)
        assert store.accounts.use_link(handed_out, NOON)
    assert behind("mine@example.ru") == [], "that link was handed out, it shows nothing"
    with store.write():
        mailed = store.accounts.make_link(clerk.id, NOON, purpose=Purpose.RESET)
        store.accounts.set_email(clerk.id, "owner@example.ru", vouched=False)
        assert not store.accounts.use_link(mailed, NOON), "it went to the address of before"
    assert behind("owner@example.ru") == []
    with store.write():
        store.accounts.set_email(clerk.id, "mine@example.ru", vouched=False)
        mailed = store.accounts.make_link(clerk.id, NOON, purpose=Purpose.RESET)
        assert store.accounts.use_link(mailed, NOON)
    assert behind("mine@example.ru") == ["clerk"]
    with store.write():
        store.accounts.set_email(clerk.id, "owner@example.ru", vouched=False)
    assert behind("owner@example.ru") == [], "each address anew"


# --- what a role allows ------------------------------------------------------------------------


def test_each_role_may_do_what_the_one_before_it_may_and_more() -> None:
    for lower, higher in zip(Role, list(Role)[1:], strict=False):
        assert ALLOWED[lower] < ALLOWED[higher]
    assert ALLOWED[Role.ADMINISTRATOR] == frozenset(Permission)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_a_permission_holds_at_the_places_of_an_account_alone(role: Role, permission: Permission) -> None:
    account = Account(1, "anna", "Анна", "", role, frozenset({"lenina"}), True, NOON)
    allowed = permission in ALLOWED[role]
    assert account.may(permission) is allowed
    assert account.may(permission, "lenina") is allowed
    assert not account.may(permission, "mira")
    assert replace(account, places=None).may(permission, "mira") is allowed
    assert not replace(account, active=False).may(permission, "lenina")
    assert not replace(account, places=frozenset()).may(permission, "lenina")


# --- accounts ----------------------------------------------------------------------------------


def test_an_account_comes_back_as_it_was_made(store: Store) -> None:
    with store.write():
        made = store.accounts.add(
            "Анна Петрова",
            name="Анна",
            role=Role.LEAD,
            places=["mira", "lenina", "mira"],
            email="anna@example.ru",
            now=NOON,
        )
    assert made == Account(
        made.id, "Анна Петрова", "Анна", "anna@example.ru", Role.LEAD, frozenset({"mira", "lenina"}), True, NOON
    )
    assert store.accounts.all() == [made]
    assert store.accounts.password(made.id) is None
    assert not store.accounts.somebody_can_log_in()


@pytest.mark.parametrize("other", ["anna", "ANNA", "Anna", "ａｎｎａ"])
def test_a_login_that_looks_the_same_is_the_same(store: Store, other: str) -> None:
    anna = add(store)
    assert store.accounts.find(other) == anna
    with pytest.raises(Conflict, match="anna уже занят"):
        add(store, other)


def test_capitals_of_russian_logins_do_not_matter_either(store: Store) -> None:
    assert add(store, "Анна") == store.accounts.find("аННа")


def test_whoever_is_not_there_is_named_with_those_who_are(store: Store) -> None:
    with pytest.raises(NotFound, match="пока ни одного"):
        store.accounts.of("anna")
    add(store, "oleg")
    with pytest.raises(NotFound, match="'anna' нет; известны: oleg"):
        store.accounts.of("anna")


def test_role_places_and_whether_one_may_come_in_can_change(store: Store) -> None:
    anna = with_password(store)
    with store.write():
        store.accounts.set_role(anna.id, Role.OWNER)
        store.accounts.set_places(anna.id, ["lenina"])
    assert store.accounts.of("anna") == replace(anna, role=Role.OWNER, places=frozenset({"lenina"}))
    assert store.accounts.somebody_can_log_in()
    with store.write():
        store.accounts.set_places(anna.id, None)
        store.accounts.set_active(anna.id, False)
    assert store.accounts.of("anna") == replace(anna, role=Role.OWNER, active=False)
    assert not store.accounts.somebody_can_log_in()


def test_no_place_at_all_is_not_every_place(store: Store) -> None:
    assert add(store, places=()).places == frozenset()


@given(st.text(max_size=110))
def test_a_name_that_passes_is_one_printable_line(name: str) -> None:
    if not check_name(name):
        assert name == name.strip()
        assert name.isprintable()
        assert 0 < len(name) <= 100


# --- passwords ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "Введите"),
        ("          ", "Введите"),
        ("коротко", "короче 10"),
        ("девятьзна", "короче 10"),
        ("и" * 201, "длиннее 200"),
        ("administrator", "первым"),
        ("Qwerty12345", "первым"),
        ("ЙЦУКЕНГШЩЗ", "первым"),
        ("1234567890", "первым"),
        ("ааааааааааааа", "первым"),
        ("121212121212", "первым"),
        ("anna.petrova", "логином"),
        ("Anna.Petrova2026", "логином"),
        ("!anna.petrova!", "логином"),
        ("petrovaANNA1", "логином"),
        ("annaannaanna", "первым"),
        ("анюта-Анюта2", "именем"),
        ("Отклик-отклик", "названием программы"),
        ("otklik.anna!", "названием программы"),
        ("petrova123456", "подбирают первым"),
        ("Пароль-qwerty1", "подбирают первым"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused_with_a_reason(password: str, says: str) -> None:
    assert says in check_password(password, "Anna.Petrova", "Анюта П.")


@pytest.mark.parametrize("password", [PASSWORD, "correct horse battery", "anna.petrova любит дождь", "x9$kfPq2#w"])
def test_a_good_password_passes(password: str) -> None:
    assert check_password(password, "anna.petrova", "Анна П.") == ""


@given(st.from_regex(r"[a-zа-я]{3,12}", fullmatch=True), st.text("0123456789!-_ ", max_size=5), st.integers(1, 6))
def test_a_login_however_often_with_a_little_around_it_is_no_password(login: str, tail: str, times: int) -> None:
    assert check_password(login.upper() * times + tail, login)


@given(st.text(min_size=10, max_size=30), st.text("ЯЮyz", max_size=2))
def test_a_name_of_two_letters_spoils_no_password(password: str, name: str) -> None:
    assert check_password(password, name, name) == check_password(password, "")


@given(st.text(max_size=60), st.text(max_size=20))
def test_checking_never_fails_and_never_repeats_the_password(password: str, login: str) -> None:
    said = check_password(password, login)
    assert len(password) < 10 or password not in said


@given(st.text(st.characters(), min_size=1, max_size=30))
def test_the_right_password_is_right_and_another_is_not(password: str) -> None:
    stored = passwords.hashed(password)
    assert passwords.is_right(password, stored)
    assert not passwords.is_right(password + "x", stored)
    assert password not in stored or len(password) < 4
    assert not passwords.is_outdated(stored)


def test_one_spelling_of_a_letter_is_as_good_as_another() -> None:
    assert passwords.is_right("и\u0306год", passwords.hashed("йгод"))


def test_a_password_as_long_as_may_be_is_right_on_a_keyboard_that_composes_its_letters() -> None:
    typed = unicodedata.normalize("NFD", "йё42" * (passwords.LONGEST // 4))
    assert len(typed) > passwords.LONGEST
    assert check_password(typed, "anna") == ""
    assert passwords.is_right(typed, passwords.hashed(typed))


@pytest.mark.parametrize("stored", [None, "", "$argon2id$broken", "plain text"])
def test_what_is_no_hash_is_nobodys_password(stored: str | None) -> None:
    assert not passwords.is_right("", stored)
    assert not passwords.is_right("plain text", stored)


def test_what_is_too_long_is_not_hashed_at_all() -> None:
    long = "я" * 1000
    assert not passwords.is_right(long, passwords.hashed(long))


def test_in_earnest_a_guess_costs_memory_and_time_and_nobody_costs_as_much() -> None:
    """In a process of its own: here guesses are cheap."""
    probe = (
        "from monitor import passwords as p; from argon2 import extract_parameters as of; "
        "a, b = of(p.hashed('x')), of(p._nobodys()); assert a == b, (a, b); "
        "print(a.type.name, a.memory_cost >= 19 * 1024, a.time_cost >= 2, a.hash_len, a.salt_len)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ID", "True", "True", "32", "16"]


# --- links -------------------------------------------------------------------------------------


def link(store: Store, account: Account | None = None) -> str:
    with store.write():
        return store.accounts.make_link(None if account is None else account.id, NOON)


def test_a_link_is_good_for_a_day_and_once(store: Store) -> None:
    anna = add(store)
    token = link(store, anna)
    found = store.accounts.link(token, NOON + LINK_LIFE - MINUTE)
    assert (found.state, found.account) == (LinkState.GOOD, anna)
    assert store.accounts.link(token, NOON + LINK_LIFE).state is LinkState.EXPIRED
    with store.write():
        assert store.accounts.use_link(token, NOON)
        assert not store.accounts.use_link(token, NOON)
    assert store.accounts.link(token, NOON).state is LinkState.USED


def test_whoever_sets_a_password_ends_the_links_that_would_set_another(store: Store) -> None:
    anna, oleg = add(store), add(store, "oleg")
    annas, olegs = link(store, anna), link(store, oleg)
    with store.write():
        store.accounts.set_password(anna.id, "argon")
    assert store.accounts.link(annas, NOON).state is LinkState.UNKNOWN
    assert store.accounts.link(olegs, NOON).state is LinkState.GOOD


def test_a_new_link_takes_the_place_of_the_one_before(store: Store) -> None:
    anna, oleg = add(store), add(store, "oleg")
    first, olegs = link(store, anna), link(store, oleg)
    link(store, anna)
    assert store.accounts.link(first, NOON).state is LinkState.UNKNOWN
    assert store.accounts.link(olegs, NOON).state is LinkState.GOOD


def test_the_first_administrators_link_is_over_once_anybody_can_log_in(store: Store) -> None:
    token = link(store)
    add(store)
    found = store.accounts.link(token, NOON)
    assert (found.state, found.account) == (LinkState.GOOD, None)
    with_password(store, "oleg")
    assert store.accounts.link(token, NOON).state is LinkState.USED


def test_a_disabled_account_has_no_link(store: Store) -> None:
    anna = add(store)
    token = link(store, anna)
    with store.write():
        store.accounts.set_active(anna.id, False)
    assert store.accounts.link(token, NOON).state is LinkState.UNKNOWN


def test_a_link_that_was_out_when_its_account_was_disabled_never_works_again(store: Store) -> None:
    anna, oleg = add(store), add(store, "oleg")
    token, olegs = link(store, anna), link(store, oleg)
    with store.write():
        store.accounts.set_active(anna.id, False)
        store.accounts.set_active(anna.id, True)
    assert store.accounts.link(token, NOON).state is LinkState.UNKNOWN
    assert store.accounts.link(olegs, NOON).state is LinkState.GOOD
    assert store.accounts.link(link(store, anna), NOON).state is LinkState.GOOD


@pytest.mark.parametrize("token", ["", "x", "\ud800", "x" * 5000])
def test_a_token_that_never_was_is_unknown(store: Store, token: str) -> None:
    assert store.accounts.link(token, NOON).state is LinkState.UNKNOWN
    assert store.sessions.of(token, NOON) is None


def test_a_link_that_was_asked_for_by_mail_lives_an_hour_and_takes_the_place_of_such_ones_alone(store: Store) -> None:
    anna = add(store)
    handed = link(store, anna)

    def asked() -> str:
        with store.write():
            return store.accounts.make_link(anna.id, NOON, purpose=Purpose.RESET, token_of=lambda nonce: nonce[::-1])

    first, second = asked(), asked()
    states = [store.accounts.link(token, NOON).state for token in (handed, first, second)]
    assert states == [LinkState.GOOD, LinkState.UNKNOWN, LinkState.GOOD]
    found = store.accounts.link(second, NOON + LIVES[Purpose.RESET] - MINUTE)
    assert (found.state, found.purpose, found.nonce[::-1]) == (LinkState.GOOD, Purpose.RESET, second)
    assert store.accounts.link(second, NOON + LIVES[Purpose.RESET]).state is LinkState.EXPIRED
    link(store, anna)
    assert store.accounts.link(second, NOON).state is LinkState.UNKNOWN


def test_old_links_are_forgotten(store: Store) -> None:
    anna = add(store)
    token = link(store, anna)
    with store.write():
        store.accounts.use_link(token, NOON)
        store.accounts.make_link(anna.id, NOON + LINK_LIFE + LINK_MEMORY)
    assert store.accounts.link(token, NOON).state is LinkState.UNKNOWN


# --- sessions ----------------------------------------------------------------------------------


def start(store: Store, account: Account, address: str = "192.0.2.1") -> str:
    with store.write():
        return store.sessions.start(account.id, NOON, address=address, browser="Firefox")


def test_a_session_ends_after_half_a_day_without_a_request(store: Store) -> None:
    token = start(store, add(store))
    session = store.sessions.of(token, NOON + IDLE - MINUTE)
    assert session is not None
    assert store.sessions.of(token, NOON + IDLE) is None
    store.sessions.seen(session, NOON + IDLE - MINUTE)
    assert store.sessions.of(token, NOON + IDLE) is not None


def test_a_session_ends_after_a_month_whatever_is_done(store: Store) -> None:
    token, now = start(store, add(store)), NOON
    while (session := store.sessions.of(token, now)) is not None:
        store.sessions.seen(session, now)
        now += timedelta(hours=6)
    assert now == NOON + LONGEST


def test_that_a_session_is_used_is_written_once_a_minute_at_most(store: Store) -> None:
    token = start(store, add(store))
    seen = []
    for second in range(0, 181, 10):
        now = NOON + timedelta(seconds=second)
        session = store.sessions.of(token, now)
        assert session is not None
        store.sessions.seen(session, now)
        seen.append(session.seen_at)
    assert sorted(set(seen)) == [NOON, NOON + NOTED, NOON + 2 * NOTED]


def test_no_page_waits_until_it_is_written_that_a_session_is_used(store: Store, tmp_path: Path) -> None:
    token = start(store, add(store))
    session = store.sessions.of(token, NOON)
    assert session is not None
    with closing(Store.open(tmp_path / "otklik.db")) as worker, worker.write():
        store.sessions.seen(session, NOON + NOTED)  # would wait ten seconds and fail
        assert store.sessions.of(token, NOON + NOTED) == session
    store.sessions.seen(session, NOON + NOTED)
    assert store.sessions.of(token, NOON + NOTED) == replace(session, seen_at=NOON + NOTED)
    timeout = store._db.row("PRAGMA busy_timeout")
    assert timeout == {"timeout": 10_000}


def test_a_session_is_over_at_once_when_its_account_is_disabled(store: Store) -> None:
    anna = add(store)
    token = start(store, anna)
    with store.write():
        store.accounts.set_active(anna.id, False)
    assert store.sessions.of(token, NOON) is None


def test_a_session_knows_role_and_places_of_today(store: Store) -> None:
    anna = add(store)
    token = start(store, anna)
    with store.write():
        store.accounts.set_role(anna.id, Role.OWNER)
        store.accounts.set_places(anna.id, ["lenina"])
    session = store.sessions.of(token, NOON)
    assert session is not None
    assert session.account == replace(anna, role=Role.OWNER, places=frozenset({"lenina"}))


def test_sessions_end_one_by_one_or_all_but_one_and_never_anothers(store: Store) -> None:
    anna, oleg = add(store), add(store, "oleg")
    tokens = [start(store, anna) for _ in range(3)]
    olegs = start(store, oleg)
    keys = [session.key for token in tokens if (session := store.sessions.of(token, NOON))]
    with store.write():
        assert not store.sessions.end(keys[0], account_id=oleg.id)
        assert store.sessions.end(keys[0], account_id=anna.id)
        assert not store.sessions.end(keys[0])
        assert store.sessions.end_all(anna.id, but=keys[1]) == 1
    assert [store.sessions.of(token, NOON) is not None for token in [*tokens, olegs]] == [False, True, False, True]


def test_sessions_that_are_over_leave_the_table(store: Store) -> None:
    anna = add(store)
    start(store, anna)
    with store.write():
        store.sessions.start(anna.id, NOON + LONGEST, address="", browser="x" * 10_000)
    (session,) = store.sessions.of_account(anna.id, NOON + LONGEST)
    assert len(session.browser) == 200
    assert store._db.rows("SELECT count(*) AS count FROM session") == [{"count": 1}]


# --- failures ----------------------------------------------------------------------------------


def test_failures_are_counted_by_login_and_by_address_and_forgotten_soon(store: Store) -> None:
    with store.write():
        store.sessions.attempt("a", "1", NOON)
        store.sessions.attempt("a", "2", NOON + MINUTE)
        last = store.sessions.attempt("b", "1", NOON + 2 * MINUTE)
    now = NOON + 2 * MINUTE
    assert (store.sessions.failures(now, account="a").count, store.sessions.failures(now, address="1").count) == (2, 2)
    assert store.sessions.failures(now, account="a", address="1").count == 1
    assert store.sessions.failures(now, account="a").last_at == NOON + MINUTE
    assert store.sessions.failures(NOON + MEMORY, account="a").count == 1
    with store.write():
        store.sessions.forgive(last, "a")
    assert store.sessions.failures(now, address="1").count == 0
    with store.write():
        store.sessions.attempt("a", "1", NOON)
        store.sessions.attempt("b", "1", NOON + MEMORY)
    assert store._db.rows("SELECT account FROM login_failure") == [{"account": "b"}]


# --- the audit log -----------------------------------------------------------------------------


def test_the_audit_log_is_read_page_by_page_newest_first(store: Store) -> None:
    with store.write():
        for number in range(5):
            store.accounts.record(Deed.LOGGED_IN, actor="anna", what=str(number), now=NOON + number * MINUTE)
    first = store.accounts.audit(3)
    assert [entry.what for entry in first] == ["4", "3", "2"]
    assert [entry.what for entry in store.accounts.audit(3, before=first[-1].id)] == ["1", "0"]
    assert (first[0].actor, first[0].kind, first[0].at, first[0].address) == (
        "anna",
        "logged in",
        NOON + 4 * MINUTE,
        "",
    )


# --- what a thief of the file gets -------------------------------------------------------------


def test_no_token_and_no_password_stands_in_the_file(store: Store, tmp_path: Path) -> None:
    anna = add(store)
    with store.write():
        store.accounts.set_password(anna.id, passwords.hashed(PASSWORD))
    tokens = [link(store), link(store, anna), start(store, anna)]
    kept = everything_on_disk(store, tmp_path)
    for secret in (*tokens, PASSWORD):
        assert secret.encode() not in kept
    assert all(len(token) == 43 for token in tokens)
    assert len(set(tokens)) == 3
