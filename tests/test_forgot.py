"""A forgotten password: a link by mail to whoever owns the account, and the same answer to everybody who asks."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from monitor.accounts import Account, Invited, Notice, Role
from monitor.alerts import AlertKind
from monitor.assemble import Application
from monitor.config import load
from monitor.desk.forgot import MOST_PER_ACCOUNT, MOST_PER_ADDRESS
from monitor.entry_links import EntryLinks
from monitor.jobs.letters import MOST_LINKS
from monitor.jobs.notify import Sent
from monitor.store.accounts import LinkState, digest
from monitor.store.connection import Connection, Row
from monitor.store.notifications import Notification, Sending
from tests.desk_rig import PASSWORD, Browser, Clicks, account
from tests.entrance_rig import (
    FOREIGN,
    HOUR,
    MINUTE,
    NEW,
    SECRET,
    audit,
    complaint,
    fill,
    new_link,
    read,
    somebody,
    soup,
    words,
)
from tests.rig import Rig

pytest_plugins = ["tests.entrance_fixtures"]

PROXY = "127.0.0.1"


@pytest.fixture
def anna(public: Rig) -> Account:
    """Whose address is known."""
    return with_email(public, "anna", "anna@example.ru")


def with_email(rig: Rig, login: str, email: str, **options: Any) -> Account:
    made = account(rig, login, **options)
    with rig.app.store.write():
        rig.app.store.accounts.set_email(made.id, email)
    return rig.app.store.accounts.get(made.id)


def ask(rig: Rig, who: str, *, browser: Browser | None = None, **options: Any) -> str:
    """What the page says."""
    answer = (browser or somebody(rig)).ask("POST", "/forgot", fields={"who": who}, **options)
    assert answer.status_code == 200, answer.text
    return soup(answer).select("main")[0].get_text(" ", strip=True)


def send(rig: Rig) -> Sent:
    """What a pass does about mails."""
    total, notify = Sent(), rig.app.notify()
    while (sent := notify.run()) is not None:
        total += sent
    return total


def mails(rig: Rig) -> list[EmailMessage]:
    """Those about accounts, in the order in which they were made."""
    found = []
    for one in reversed(rig.app.store.notifications.page(100)):
        if one.kind in (AlertKind.ENTRY, AlertKind.ACCOUNT) and one.state is Sending.SENT:
            (path,) = [path for path in rig.mails() if path.name.startswith(message_id(rig, one))]
            found.append(read(path))
    return found


def message_id(rig: Rig, one: Notification) -> str:
    with closing(sqlite3.connect(rig.app.config.database)) as database:
        ((found,),) = database.execute("SELECT message_id FROM notification WHERE id = ?", [one.id])
    return str(found).strip("<>").partition("@")[0]


def link_in(mail: EmailMessage) -> str:
    (found,) = re.findall(r"https://otklik\.example\.ru(/setup/[\w-]{43})\b", words(mail))
    return str(found)


def mailed_link(rig: Rig, who: str = "anna") -> str:
    ask(rig, who)
    assert send(rig) == Sent(sent=1)
    return link_in(mails(rig)[-1])


# --- the way back in ---------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["anna", " ANNA ", "anna@example.ru", "Anna@Example.RU"])
def test_whoever_forgot_gets_a_link_by_login_or_address_and_sets_a_new_password(
    public: Rig, anna: Account, typed: str
) -> None:
    link = mailed_link(public, typed)
    (mail,) = mails(public)
    assert mail["To"] == "anna@example.ru"
    assert mail["Subject"] == "Кафе «Ромашка»: ссылка для нового пароля"
    for told in ("Логин: anna.", "Запрос пришёл с адреса 127.0.0.1", "сегодня в 16:00 она устареет"):
        assert told in words(mail)
    me = somebody(public)
    assert me.get(link).status_code == 200
    assert (fill(me, link).status_code, me.get("/me").status_code) == (303, 200)
    assert somebody(public).log_in("anna").status_code == 401
    assert somebody(public).log_in("anna", NEW).status_code == 303


def test_the_login_page_leads_there(public: Rig) -> None:
    assert soup(somebody(public).get("/")).select("a[href='/forgot']")


def test_the_owner_hears_that_the_password_was_changed(public: Rig, anna: Account) -> None:
    fill(somebody(public), mailed_link(public))
    send(public)
    told = mails(public)[-1]
    assert told["Subject"] == "Кафе «Ромашка»: пароль изменён"
    assert "Если это были не Вы" in words(told)
    assert "/setup/" not in words(told)


def test_the_first_password_of_an_account_is_no_change(public: Rig) -> None:
    with public.app.store.write():
        public.app.store.accounts.add(
            "olga", name="Ольга", role=Role.LEAD, places=None, email="olga@example.ru", now=public.clock.now()
        )
    fill(somebody(public), new_link(public, "olga"))
    assert send(public) == Sent()


def test_several_who_share_a_mailbox_each_get_a_link_that_names_their_login(public: Rig, anna: Account) -> None:
    with_email(public, "oleg", "anna@example.ru")
    ask(public, "anna@example.ru")
    assert send(public) == Sent(sent=2)
    assert sorted(re.findall(r"Логин: (\w+)", " ".join(map(words, mails(public))))) == ["anna", "oleg"]


# --- a link works once, for an hour, and no other beside it ------------------------------------


def test_a_link_of_a_mail_works_once(public: Rig, anna: Account) -> None:
    link = mailed_link(public)
    fill(somebody(public), link)
    for answer in (somebody(public).get(link), fill(somebody(public), link, password="другой гром и дождь")):
        assert answer.status_code == 410
        assert "уже использована" in answer.text
        assert "Забыли пароль?" in answer.text
    assert somebody(public).log_in("anna", NEW).status_code == 303


def test_a_link_of_a_mail_is_over_after_an_hour(public: Rig, anna: Account) -> None:
    link = mailed_link(public)
    public.clock.advance(HOUR)
    answer = fill(somebody(public), link)
    assert (answer.status_code, "Она работает час" in answer.text) == (410, True)
    assert somebody(public).log_in("anna").status_code == 303


def test_whoever_asks_twice_has_one_living_link(public: Rig, anna: Account) -> None:
    first, second = mailed_link(public), mailed_link(public)
    assert fill(somebody(public), first).status_code == 404
    assert fill(somebody(public), second).status_code == 303


def test_two_requests_before_a_pass_make_no_mail_with_a_dead_link(public: Rig, anna: Account) -> None:
    ask(public, "anna")
    ask(public, "anna@example.ru")
    send(public)
    alive = [fill(somebody(public), link_in(mail)).status_code for mail in mails(public)]
    assert alive == [303]


def test_a_stranger_who_asks_does_not_undo_what_the_administrator_handed_out(public: Rig, anna: Account) -> None:
    handed = new_link(public, "anna")
    mailed_link(public)
    assert fill(somebody(public), handed).status_code == 303


def test_a_new_password_ends_a_link_that_is_still_out(public: Rig, anna: Account) -> None:
    link, me = mailed_link(public), Clicks(public)
    me.post("/me/password", current=PASSWORD, password=NEW, again=NEW)
    assert somebody(public).get(link).status_code == 404


def test_a_link_whose_mail_waits_is_not_sent_when_the_password_was_changed_meanwhile(
    public: Rig, anna: Account
) -> None:
    ask(public, "anna")
    public.app.notify()._letters.run()
    Clicks(public).post("/me/password", current=PASSWORD, password=NEW, again=NEW)
    send(public)
    assert [mail["Subject"] for mail in mails(public)] == ["Кафе «Ромашка»: пароль изменён"]
    states = [one.state for one in public.app.store.notifications.page(10) if one.kind is AlertKind.ENTRY]
    assert states == [Sending.CANCELLED]


def test_a_link_never_goes_to_an_address_that_was_changed(public: Rig, anna: Account) -> None:
    ask(public, "anna")
    public.app.notify()._letters.run()
    public.app.people("root").set_email("anna", "petrova@example.ru")
    send(public)
    assert [mail["To"] for mail in mails(public)] == ["anna@example.ru", "petrova@example.ru"]
    assert {mail["Subject"] for mail in mails(public)} == {"Кафе «Ромашка»: изменён адрес почты"}
    assert not any("/setup/" in words(mail) for mail in mails(public))


def test_a_second_factor_holds_also_after_a_new_password_by_mail(public: Rig, anna: Account) -> None:
    with public.app.store.write():
        public.app.store.factors.prepare(anna.id, "seed", "", public.clock.now())
        public.app.store.factors.confirm(anna.id, "seed", 1, public.clock.now())
    thief = somebody(public)
    answer = fill(thief, mailed_link(public))
    assert answer.status_code == 200
    assert soup(answer).select("form[action='/login/code'] input[name=code]")
    assert thief.get("/me").status_code == 401


# --- nobody learns which accounts there are ----------------------------------------------------


def test_whoever_is_asked_for_the_answer_is_the_same_and_so_is_the_work(
    public: Rig, anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by the clock: by what is asked of the database, which looks for nobody at all."""
    oleg, nobody = with_email(public, "oleg", "oleg@example.ru"), "nobody"
    account(public, "vera")  # has no address
    with public.app.store.write():
        public.app.store.accounts.set_active(oleg.id, False)
    traced: list[str] = []

    class Traced(Connection):
        def iterate(self, sql: str, values: Sequence[object] | Row = ()) -> Iterator[Row]:
            traced.append(sql)
            return super().iterate(sql, values)

        def execute(self, sql: str, values: Sequence[object] | Row = ()) -> int:
            traced.append(sql)
            return super().execute(sql, values)

    browser = somebody(public)
    answers, work = set(), set()
    monkeypatch.setattr(public.app.store._db, "__class__", Traced)
    for typed in ("anna", "anna@example.ru", "oleg", "vera", nobody, PASSWORD):
        traced.clear()
        answers.add(ask(public, typed, browser=browser))
        work.add(tuple(traced))
    assert len(answers) == 1
    assert "Если такая учётная запись есть и у неё указана почта, письмо придёт в течение нескольких минут" in (
        next(iter(answers))
    )
    assert len(work) == 1
    assert any("reset_request" in sql for sql in next(iter(work)))
    assert not any(re.search(r"\baccount\b", sql) for sql in next(iter(work)))


def test_only_somebody_with_an_account_that_is_on_and_an_address_gets_a_mail(public: Rig, anna: Account) -> None:
    oleg = with_email(public, "oleg", "oleg@example.ru")
    account(public, "vera")
    with public.app.store.write():
        public.app.store.accounts.set_active(oleg.id, False)
    browser = somebody(public)
    for typed in ("oleg", "oleg@example.ru", "vera", "nobody", "@example.ru", "'; DROP TABLE account; --"):
        ask(public, typed, browser=browser)
    assert send(public) == Sent()
    assert audit(public) == []


def test_what_was_typed_is_kept_nowhere_it_may_be_a_password(public: Rig, anna: Account) -> None:
    typed = "ненастный вечер у реки"
    ask(public, typed)
    send(public)
    public.app.close()
    kept = b"".join(path.read_bytes() for path in public.folder.glob("otklik.db*"))
    public.restart()
    assert typed.encode() not in kept
    assert digest(typed).encode() in kept


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_form_of_another_site_asks_for_a_link(public: Rig, anna: Account, headers: dict[str, str]) -> None:
    answer = somebody(public).ask("POST", "/forgot", fields={"who": "anna"}, headers=headers)
    assert answer.status_code == 403
    assert send(public) == Sent()


@pytest.mark.parametrize("typed", ["", "   ", "x" * 301])
def test_nothing_typed_is_told(public: Rig, typed: str) -> None:
    answer = somebody(public).ask("POST", "/forgot", fields={"who": typed})
    assert (answer.status_code, complaint(answer)) == (400, "Напишите логин или адрес почты.")


# --- how often ---------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["anna", "nobody"])
def test_nobodys_mailbox_is_flooded_and_who_is_known_is_not_told_by_that(
    public: Rig, anna: Account, typed: str
) -> None:
    browser = somebody(public)
    for _ in range(MOST_PER_ACCOUNT):
        ask(public, typed, browser=browser)
        public.clock.advance(MINUTE)
    answer = browser.ask("POST", "/forgot", fields={"who": typed})
    assert answer.status_code == 429
    assert complaint(answer) == "Слишком много запросов. Повторите через 57 мин."
    public.clock.advance(timedelta(minutes=57))
    ask(public, typed)


def test_however_it_is_typed_an_account_gets_few_links_within_an_hour(public: Rig, anna: Account) -> None:
    browser = somebody(public)
    for typed in ("anna", "anna@example.ru"):
        for _ in range(MOST_PER_ACCOUNT):
            ask(public, typed, browser=browser)
            send(public)
    assert len(mails(public)) == MOST_LINKS


def test_one_address_cannot_ask_for_everybody(public: Rig, anna: Account) -> None:
    stranger, other = {"x-forwarded-for": "203.0.113.9"}, {"x-forwarded-for": "203.0.113.10"}
    ours = {"origin": "https://otklik.example.ru"}
    browser = somebody(public)
    for number in range(MOST_PER_ADDRESS):
        ask(public, f"user{number}", browser=browser, headers=stranger | ours)
    answer = browser.ask("POST", "/forgot", fields={"who": "anna"}, headers=stranger | ours)
    assert answer.status_code == 429
    ask(public, "anna", headers=other | ours)
    assert send(public) == Sent(sent=1)


def test_a_recipient_who_had_enough_for_an_hour_still_gets_a_link(public: Rig, anna: Account) -> None:
    store, now = public.app.store, public.clock.now()
    with store.write():
        for number in range(public.app.config.mail.per_hour):
            sent = store.outbox.add(AlertKind.OVERDUE, anna.email, (), now, moment=str(number))
            store._db.execute("UPDATE notification SET state = 'sent', sent_at = created_at WHERE id = ?", [sent])
    mailed_link(public)


# --- the mail waits in the outbox, and holds no link there -------------------------------------


def test_whoever_reads_the_database_finds_no_link(public: Rig, anna: Account) -> None:
    link = mailed_link(public)
    public.app.close()
    kept = b"".join(path.read_bytes() for path in public.folder.glob("otklik.db*"))
    public.restart()
    assert link.rpartition("/")[2].encode() not in kept
    assert somebody(public).get(link).status_code == 200


def test_a_mail_that_could_not_be_sent_holds_the_same_link_when_it_is(
    public: Rig, anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(public, "anna")
    with monkeypatch.context() as patch:
        patch.delenv("DESK_SECRET")
        other = Application(load(public.config_path), public.clock, public.session)
        notify = other.notify()
        assert notify.run() is None  # nothing is lost where the worker was started without the secret
        other.close()
    public.app.notify()._letters.run()
    with monkeypatch.context() as patch:
        patch.delenv("DESK_SECRET")
        other = Application(load(public.config_path), public.clock, public.session)
        assert other.notify().run() == Sent(failed=1)
        (one,) = other.store.notifications.page(1)
        assert "desk.secret_env" in one.error
        other.close()
    public.clock.advance(2 * MINUTE)
    assert send(public) == Sent(sent=1)
    assert fill(somebody(public), link_in(mails(public)[0])).status_code == 303


def test_a_link_that_another_secret_made_is_not_sent(
    public: Rig, anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(public, "anna")
    public.app.notify()._letters.run()
    monkeypatch.setenv("DESK_SECRET", SECRET[::-1])
    public.restart()
    assert send(public) == Sent()
    assert public.app.store.notifications.page(1)[0].state is Sending.CANCELLED


def test_a_pass_that_is_killed_between_request_and_mail_loses_nothing(public: Rig, anna: Account) -> None:
    ask(public, "anna")
    public.restart()
    assert send(public) == Sent(sent=1)
    public.restart()
    assert send(public) == Sent()


def test_the_outbox_at_the_desk_shows_no_living_link_to_others(public: Rig, anna: Account) -> None:
    link, boss = mailed_link(public), Clicks(public, "boss", Role.ADMINISTRATOR)
    (one,) = [one for one in public.app.store.notifications.page(10) if one.kind is AlertKind.ENTRY]
    page = boss.get(f"/outbox/{one.id}").text
    assert link.rpartition("/")[2] not in page
    assert "ссылка есть только в самом письме" in page
    assert "Ссылка для нового пароля" in boss.get("/outbox").text


def test_a_letter_to_somebody_is_no_business_of_whoever_has_few_places(public: Rig, anna: Account) -> None:
    mailed_link(public)
    (one,) = [one for one in public.app.store.notifications.page(10) if one.kind is AlertKind.ENTRY]
    lead = Clicks(public, "lead", Role.LEAD, ["lenina"])
    assert lead.get(f"/outbox/{one.id}").status_code == 404


@pytest.mark.parametrize(
    "name", ["Анна\r\nBcc: all@example.ru", "a" * 5000, "\u202eанна", "<b>Анна</b>", "{0.__class__}"]
)
def test_a_name_puts_nothing_into_the_head_of_a_mail(public: Rig, anna: Account, name: str) -> None:
    with public.app.store.write():
        public.app.store.accounts.set_name(anna.id, name)
    mailed_link(public)
    (mail,) = mails(public)
    assert mail["Bcc"] is None
    assert {key.lower() for key in mail.keys()} >= {"to", "subject"}  # noqa: SIM118 - a header may repeat
    assert mail.get_all("To") == ["anna@example.ru"]
    html = mail.get_body(("html",))
    assert html is not None
    assert "<b>" not in html.get_content()


# --- where no link can be sent -----------------------------------------------------------------


def test_without_a_public_address_the_administrator_gives_out_a_link(rig: Rig) -> None:
    with_email(rig, "anna", "anna@example.ru")
    for answer in (somebody(rig).get("/forgot"), somebody(rig).ask("POST", "/forgot", fields={"who": "anna"})):
        assert answer.status_code == 200
        assert "Попросите администратора" in answer.text
        assert not soup(answer).select("input")
    assert send(rig) == Sent()


def test_a_request_outlives_a_worker_that_is_down_for_hours_and_not_for_days(public: Rig, anna: Account) -> None:
    ask(public, "anna")
    public.clock.advance(5 * HOUR)
    ask(public, "nobody")
    assert send(public) == Sent(sent=1)
    ask(public, "anna")
    public.clock.advance(25 * HOUR)
    ask(public, "nobody")
    assert [request.who for request in public.app.store.letters.waiting()] == [digest("nobody")]


def test_the_token_of_a_number_is_the_same_and_of_another_secret_another() -> None:
    ours, theirs = EntryLinks(SECRET, public_url="https://a.example"), EntryLinks(SECRET[::-1], public_url="")
    assert ours.token("1") == ours.token("1") != theirs.token("1")
    assert ours.token("2") != ours.token("1")
    assert ours.address("1") == f"https://a.example/setup/{ours.token('1')}"
    with pytest.raises(ValueError, match="shorter"):
        EntryLinks("short", public_url="")


def test_every_reason_for_a_mail_has_its_words() -> None:
    from monitor.notify.account_view import SAID

    assert set(SAID) == {*Invited, *Notice}
    assert all(bool(said.button) == (level in list(Invited)) for level, said in SAID.items())


def test_only_a_link_that_was_not_used_is_good(public: Rig, anna: Account, tmp_path: Path) -> None:
    link = mailed_link(public).rpartition("/")[2]
    accounts = public.app.store.accounts
    assert accounts.link(link, public.clock.now()).state is LinkState.GOOD
    assert accounts.link(link[:-1], public.clock.now()).state is LinkState.UNKNOWN
    assert accounts.link(link.swapcase(), public.clock.now()).state is LinkState.UNKNOWN
