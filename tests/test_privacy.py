"""What is kept of people: no table without a line, nothing left of what was erased, all of it in what is handed out."""

import email
import email.policy
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup

from monitor.accounts import Deed, Role
from monitor.config import load
from monitor.desk.privacy import LEFT as LEFT_IN_WORDS
from monitor.desk.privacy_inventory import KINDS, recipients, span
from monitor.errors import Conflict, NotFound, Unfolded
from monitor.handout import as_json, handout
from monitor.handout_view import FOR_PROGRAMS, SECTIONS, as_page
from monitor.model import TicketState
from monitor.store.authors import names, tells_apart
from monitor.store.kept import PATHS, SEARCH
from monitor.store.privacy import LEFT
from monitor.store.sqlite import Store
from monitor.talk import DisputeState
from tests import privacy_rig
from tests.desk_rig import Clicks
from tests.desk_ticket_rig import ANGRY, DANGER, MIRA, Cafe, world
from tests.privacy_rig import EARLIER, NAME, WORDS, Full, fill
from tests.rig import NOON, Rig

furnished, cafe = privacy_rig.furnished, privacy_rig.cafe
filled, full = privacy_rig.filled, privacy_rig.full

TRACES = (
    "Аристарх", "Неповторимов", "Кракозябр", "шушпанчик", "Барабульк", "жмуркам", "подковыркам", "ватрушкам",
    "закорючкам", "загогулинам",
)  # fmt: skip
"""Of the author and of what was written about them, words that stand nowhere else."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path / "otklik.db")
    yield made
    made.close()


# --- no table without a line ----------------------------------------------------------------------------------

WITHOUT_WORDS = ("_sqlite_migrations",)


def tables(store: Store) -> dict[str, list[str]]:
    """Table → its columns that can hold text; without those that SQLite keeps for an index of the search."""
    found = {}
    rows = store._db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    for name in (row["name"] for row in rows):
        if name in WITHOUT_WORDS or name.startswith("sqlite_") or re.fullmatch(r"search_\d+_\w+", name):
            continue
        columns = store._db.rows(f'PRAGMA table_info("{name}")')
        found[name] = [row["name"] for row in columns if row["type"] not in ("INTEGER", "REAL")]
    return found


def test_every_table_that_holds_text_is_told_to_people(store: Store) -> None:
    """A new one needs a line in `privacy_inventory.KINDS`."""
    with store.write():
        store._db.execute("CREATE VIRTUAL TABLE search_7 USING fts5 (words)")
    told = {table for kind in KINDS for table in kind.tables}
    known = {name for name in tables(store) if name in told or f"{name.rstrip('0123456789')}*" in told}
    assert {name for name, columns in tables(store).items() if columns} - known == set()
    assert {name for name in told if not name.endswith("*")} - set(tables(store)) == set()


NOT_OF_A_REVIEW = {
    "notification_alarm": "about a site",
    "notification_account": "about an account",
    "fact_block": "sums of hundreds of reviews, made again without what was erased",
}


def test_every_table_about_a_review_is_erased_from_and_handed_out(store: Store) -> None:
    """A new one needs a way in `kept.PATHS`, words in `handout_view`, a statement in `privacy` for what it holds."""
    about = {"review", "ticket"}
    for name in tables(store):
        columns = {row["name"] for row in store._db.rows(f'PRAGMA table_info("{name}")')}
        if columns & {"review_id", "ticket_id", "review", "ticket", "notification_id"}:
            about.add(name)
    assert about - set(PATHS) - set(NOT_OF_A_REVIEW) == set()
    for path in PATHS:
        assert (path in SECTIONS) != (path in FOR_PROGRAMS), path
    assert SEARCH in SECTIONS


def test_where_a_name_may_be_left_is_told_in_words() -> None:
    assert set(LEFT_IN_WORDS) == set(LEFT)


HARMLESS = {
    "review": {"external_id", "posted_precision", "reply_state", "analysed_with", "origin", "linked_with", "words",
               "searched_with"},
    "alias": {"external_id"},
    "reply": {"state"},
    "verdict": {"version", "tone", "probabilities"},
    "label": {"tone", "tone_by", "complaint_by"},
    "theme_label": {"theme", "tone", "by"},
    "danger_label": {"danger", "by"},
    "ticket": {"state", "target", "level", "assignee", "drafted_with", "fault", "policy", "acknowledged_by", "tone",
               "topics"},
    "dispute": {"state", "actor"},
    "gesture": {"state", "proposed_by", "decided_by", "withdrawn_by"},
    "measure": {"place", "theme", "day", "noted_by", "withdrawn_by"},
    "event": {"kind", "actor", "was", "became", "why"},  # of `why` see below
    "notification": {"message_id", "kind", "level", "recipient", "state", "error"},
    "notification_ticket": {"moment"},
    "answer": {"key", "request", "tag"},
}  # fmt: skip
"""Columns of ids, states, logins and versions; what ends in `_at` or is called `at` is a moment. Everything else is
erased."""


def test_erasing_leaves_no_column_that_people_or_sites_write_in(full: Full) -> None:
    store, marked = full.rig.app.store, set()
    with closing(sqlite3.connect(store._db.path)) as database:
        for table, columns in tables(store).items():
            if table not in PATHS:
                continue
            said = [name for name in columns if name not in HARMLESS.get(table, ()) and not name.endswith("at")]
            for name in said:
                if table not in ("verdict", "draft"):  # JSON, and what triggers read
                    database.execute(f'UPDATE "{table}" SET "{name}" = ?', [f"метка-{table}-{name}"])
                marked.add((table, name))
        database.commit()
    rows = store._db.rows("SELECT id FROM review")
    full.rig.app.erase([row["id"] for row in rows], full.rig.clock.now(), "olga")
    for table, name in sorted(marked):
        left = store._db.rows(f'SELECT "{name}" AS value FROM "{table}" WHERE "{name}" NOT IN (\'\', \'[]\')')
        assert left == [], (table, name)
    assert len(marked) > 20


# --- erased down to the bytes ---------------------------------------------------------------------------------


def everything(folder: Path) -> list[tuple[str, str]]:
    """Each file with what stands in it, mails as people read them; without config.yaml."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".yaml"):
        raw = path.read_bytes()
        found += [(path.name, raw.decode("utf-8", "replace")), (path.name, raw.decode("cp1251", "replace"))]
        if path.suffix == ".eml":
            mail = email.message_from_bytes(raw, policy=email.policy.default)
            parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
            found += [(path.name, str(part)) for part in [mail["subject"], *parts]]
    return found


def traces(folder: Path) -> set[tuple[str, str]]:
    forms = {form for trace in TRACES for form in (trace, json.dumps(trace)[1:-1], quote_plus(trace))}
    return {(name, form) for name, text in everything(folder) for form in forms if form.casefold() in text.casefold()}


def test_nothing_is_left_of_a_person_in_any_file(full: Full) -> None:
    boss = full.person("boss", Role.ADMINISTRATOR)
    boss.get("/numbers")
    before = traces(full.rig.folder)
    assert {form for _, form in before} >= set(TRACES[:5])
    assert {name.rpartition(".")[2] for name, _ in before} >= {"eml", "html", "json"}
    forget(boss, NAME)
    full.rig.app.close()
    # Another person's words on another card are the same, and nobody asked for those.
    left = {form for _, form in traces(full.rig.folder)}
    assert left <= {"Кракозябр", "шушпанчик"}
    full.rig.restart()
    forget(Clicks(full.rig, "boss", Role.ADMINISTRATOR), "А. Н.")
    full.rig.app.close()
    assert traces(full.rig.folder) == set()


def forget(boss: Clicks, who: str) -> BeautifulSoup:
    """By the pages of the desk, everything that is found."""
    found = BeautifulSoup(boss.post("/privacy/find", who=who).text, "lxml")
    fields: dict[str, Any] = {
        str(one["name"]): str(one["value"]) for one in found.select("main form[action='/privacy/forget'] input")
    }
    chosen = [str(one["value"]) for one in found.select("input[name=review]")]
    answer = boss.post("/privacy/erase", **{**fields, "review": chosen, "word": "Стереть"})
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "lxml")


def test_what_was_erased_does_not_come_back_with_the_next_read_or_the_index(cafe: Cafe) -> None:
    review = fill(cafe)
    store = cafe.rig.app.store
    lemmas = {review: "кракозябра"}
    cafe.rig.app.forget([review], cafe.rig.clock.now(), "olga")
    store.search.put(lemmas, "1")  # a worker had read the words before
    assert store.search.words([review]) == {}
    cafe.rig.run(after=timedelta(hours=2))
    assert NAME not in {view.author for view in cafe.rig.everything()}


def test_nobody_writes_again_about_what_was_erased(cafe: Cafe) -> None:
    view = cafe.view(ANGRY)
    actions = cafe.rig.app.actions("anna")
    actions.submitted(view.ticket)
    cafe.rig.app.forget([view.review], cafe.rig.clock.now(), "olga")
    assert cafe.rig.app.reports.ticket(view.ticket, cafe.rig.clock.now()).state is TicketState.SUBMITTED
    for act in (
        lambda: actions.edit(view.ticket, "Олег, простите!"),
        lambda: actions.note(view.ticket, "Звонил Олег."),
        lambda: actions.dispute(view.ticket, DisputeState.FILED, "это Олег"),
    ):
        with pytest.raises(Conflict, match="стёрты"):
            act()


def test_a_mail_that_is_being_sent_is_waited_for(cafe: Cafe) -> None:
    view = cafe.view(DANGER)
    store, now = cafe.rig.app.store, cafe.rig.clock.now()
    row = store._db.row("SELECT notification_id AS id FROM notification_ticket WHERE ticket_id = ?", [view.ticket])
    assert row is not None
    with store.write():
        again = {"state": "pending", "leased": 1, "next_try_at": "2026-11-21T12:05:00.000000Z"}
        store._db.update("notification", row["id"], again)
    before = cafe.rig.digest()
    with pytest.raises(Conflict, match="подождите минуту"):
        cafe.rig.app.forget([view.review], now, "olga")
    assert cafe.rig.digest() == before
    cafe.rig.app.forget([view.review], now + timedelta(minutes=6), "olga")
    assert store.privacy.is_erased(view.review)


def test_while_another_process_reads_the_file_it_is_said_that_it_is_not_out_of_it_yet(cafe: Cafe) -> None:
    view = cafe.view(ANGRY)
    with closing(sqlite3.connect(cafe.rig.app.config.database)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM review").fetchone()
        with cafe.rig.app.store.waiting(0), pytest.raises(Unfolded):
            cafe.rig.app.forget([view.review], cafe.rig.clock.now(), "olga")
    cafe.rig.app.store.privacy.fold()
    assert cafe.rig.app.store.privacy.is_erased(view.review)


def test_retention_needs_nobody_and_tells_the_audit_log_nothing(cafe: Cafe) -> None:
    view = cafe.view(ANGRY)
    before = len(cafe.rig.app.store.accounts.audit(100))
    assert cafe.rig.app.forget([view.review], cafe.rig.clock.now()).reviews == 1
    assert len(cafe.rig.app.store.accounts.audit(100)) == before


# --- everything about one author ------------------------------------------------------------------------------


def test_what_is_handed_out_is_all_that_is_kept(full: Full) -> None:
    app, now = full.rig.app, full.rig.clock.now()
    found = handout(app.store, app.config, app.samples, [full.review], author=NAME, now=now)
    told = as_json(found, app.titles)
    (one,) = told["reviews"]
    for table in ("reply", "alias", "label", "danger_label", "fact_stale", "measure"):
        one.pop(table, None)  # there may be none
    assert set(one) - {"number", "place", "source"} == {*PATHS, SEARCH} - {
        "reply", "alias", "label", "danger_label", "fact_stale", "measure",
    }  # fmt: skip
    whole = json.dumps(told, ensure_ascii=False)
    for trace in TRACES:
        assert trace in whole or trace.lower() in whole, trace
    assert [row["text"] for row in one["revision"]] == [EARLIER, WORDS]
    assert "Ульяна" in json.dumps(one["verdict"][-1]["people"], ensure_ascii=False)
    assert {row["recipient"] for row in one["notification"]} >= {"owner@example.ru"}
    assert all(row["sent_at"] for row in one["notification"])
    assert set(told["samples"]) == {
        f"samples/{name}" for name in ("otzovik-old.html", "google-old.json", "yandex-old.html", "twogis-old.html")
    }
    assert set(told["outbox"]) <= {path.name for path in full.rig.mails()}
    assert told["outbox"]
    assert [row["number"] for row in told["same_words_elsewhere"]] != [full.review]


def test_the_page_for_people_says_it_in_words_and_obeys_no_stranger(full: Full) -> None:
    hostile = '<script>alert(1)</script>\u202e"{{ 7*7 }}'
    store, app = full.rig.app.store, full.rig.app
    with store.write():
        store._db.update("review", full.review, {"author": f"{NAME}{hostile}", "url": f"javascript:{hostile}"})
        store._db.execute("UPDATE note SET text = text || ?", [hostile])
    found = handout(store, app.config, app.samples, [full.review], author=NAME + hostile, now=full.rig.clock.now())
    page = as_page(found, app.names).decode()
    soup = BeautifulSoup(page, "lxml")
    assert not soup.select("script, style, a, img, link")
    assert "\u202e" not in page
    text = soup.get_text(" ")
    for part in (
        "Google",
        "опасности",
        "отравление",
        "Заметки коллег",
        "жмуркам",
        "Кому сообщили",
        "owner@example.ru",
        "{{ 7*7 }}",
    ):
        assert part.lower() in text.lower(), part
    assert "notification" not in text
    assert not re.search(r"«[a-z_]+(\.[\w-]+)*»", text), "rules and kinds have names for programs"


def test_of_nothing_nothing_is_handed_out(cafe: Cafe) -> None:
    app = cafe.rig.app
    with pytest.raises(NotFound):
        handout(app.store, app.config, app.samples, [10**6], author="", now=NOON)
    view = cafe.view(ANGRY)
    with pytest.raises(NotFound):
        handout(app.store, app.config, app.samples, [view.review], author="", now=NOON, places=frozenset({"mira"}))


# --- who may be the same, and who is named --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "holds"),
    [
        ("Анна К. тоже жаловалась", "Анна К.", True),
        ("Говорили с Анной Ковалёвой, и зря", "Анна Ковалева", True),
        ("Ковалёва Анна ушла", "Анна Ковалёва", True),
        ("Спасибо Анне и кухне!", "Анна К.", False),
        ("Анна. Ковалёва", "Анна Ковалёва", True),
        ("Анна, потом Мария Ковалёва", "Анна Ковалёва", False),
        ("", "Анна Ковалёва", False),
        ("Анна", "Анна Ковалёва", False),
        ("Январь: негатив", "Ян", False),
        ("Яну не понравилось", "Ян", True),
        ("★★★ и всё", "★★★", False),
    ],
)
def test_a_text_names_a_person_by_words_next_to_each_other(text: str, name: str, holds: bool) -> None:
    assert names(text, name) is holds


def test_other_spellings_and_mentions_are_hints_at_places_of_ones_own(
    cafe: Cafe, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = cafe.rig
    card = next(card for card in rig.world.cards() if card.source == "google_business")
    for author, text in (
        ("Анна Ковалёва", "Ужасно!"),
        ("анна  ковалёва", "Опять ужасно!"),
        ("Анна К.", "Плохо."),
        ("Ковалева Анна", "Так себе."),
        ("Анна", "Мило."),
        ("Анна Петрова", "Нормально, а Анна Ковалёва зря ругалась."),
    ):
        rig.world.add(card, text=text, stars=3, author=author, posted_at=rig.clock.now())
    rig.world.add(MIRA, text="Были с Анной Ковалёвой.", stars=4, author="Пётр", posted_at=rig.clock.now())
    rig.run(after=timedelta(minutes=20))
    authors = rig.app.store.authors
    mine = authors.under(" АННА КОВАЛЁВА ")
    assert len(mine) == 2
    for typed in ("Анна Ковалёва", "анна ковалёва", "АННА КОВАЛЁВА"):
        assert {one.author for one in authors.alike(typed, 10)} == {"Анна К.", "Ковалева Анна"}
    assert authors.alike("Анна Ковалёва", 10, frozenset({"mira"})) == []
    assert authors.alike("Анна", 10) == []
    everywhere, mira = authors.mentioned("Анна Ковалёва", mine), frozenset({"mira"})
    assert everywhere is not None
    assert len(everywhere) == 2
    assert len(authors.mentioned("Анна Ковалёва", mine, mira) or ()) == 1
    assert authors.mentioned("Анна", mine) == []
    monkeypatch.setattr("monitor.store.authors.MOST_LOOKED_AT", 1)
    assert authors.mentioned("Анна Ковалёва", mine) is None
    assert authors.under("Анна Ковалёва", mira) == []


def test_names_that_tell_nobody_apart_are_known() -> None:
    assert not any(map(tells_apart, ("Гость", "Анна", "", " ", "Пользователь Яндекса", "👍", "А.")))
    assert all(map(tells_apart, ("Анна К.", "Анна Ковалёва", "Зефирка 89")))


# --- what is told of the settings -----------------------------------------------------------------------------


def test_that_something_was_erased_is_told_for_three_years_whatever_the_retention(cafe: Cafe) -> None:
    rig, view = cafe.rig, cafe.view(ANGRY)
    text = rig.config_path.read_text(encoding="utf-8")
    accounts = rig.app.store.accounts
    rig.app.forget([view.review], rig.clock.now(), "olga")
    with rig.app.store.write():
        accounts.record(Deed.HANDED_OUT, actor="olga", now=rig.clock.now())
    rig.config_path.write_text(text + "retention: 30d\n", encoding="utf-8")
    for days, kinds in ((31, ["forgotten"]), (3 * 365 - 32, ["forgotten"]), (3, [])):
        rig.clock.advance(timedelta(days=days))
        rig.restart()
        rig.app.engine().purge()
        assert [entry.kind for entry in rig.app.store.accounts.audit(10)] == kinds, days
    life = next(kind.life for kind in KINDS if kind.title == "Журнал")
    for retention, told in (("30d", "1 месяц; записи о стирании данных — 3 года"), ("60mo", "60 месяцев")):
        rig.config_path.write_text(f"{text}retention: {retention}\n", encoding="utf-8")
        assert life(load(rig.config_path)).replace("\u00a0", " ").startswith(told)
    assert "3 года" not in life(load(rig.config_path))


def test_terms_are_told_from_the_settings_that_enforce_them(cafe: Cafe, tmp_path: Path) -> None:
    text = cafe.rig.config_path.read_text(encoding="utf-8")
    kinds = {kind.title: kind for kind in KINDS}
    for retention, told in (("", "не задан"), ("retention: 24mo\n", "24 месяца"), ("retention: 10d\n", "10 дней")):
        (tmp_path / "config.yaml").write_text(text + retention, encoding="utf-8")
        changed = load(tmp_path / "config.yaml")
        assert told in kinds["Отзывы"].life(changed).replace("\u00a0", " ")
        assert told in kinds["Журнал"].life(changed).replace("\u00a0", " ")
    config = load(cafe.rig.config_path)
    assert "12 ч" in kinds["Сеансы"].life(config).replace("\u00a0", " ")
    assert "15 мин" in kinds["Неудачные входы"].life(config).replace("\u00a0", " ")
    assert span(timedelta(hours=24)).replace("\u00a0", " ") == "1 день"


OUTSIDE = """
channels:
  chat: {url_env: CHAT_URL}
  crm: {webhook: "https://crm.example.ru/hook?key=secret", secret_env: CRM_KEY}
rewriter: {base_url: "https://llm.example.com/v1", model: large, key_env: LLM_KEY}
ping: {url_env: PING_URL}
"""


def test_who_outside_gets_something_is_told_without_secrets(
    tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.desk.app import create_app

    monkeypatch.setenv("CHAT_URL", "tgram://123:topsecret/456")
    rig = Rig(tmp_path, world(), extra=OUTSIDE)
    found = list(recipients(create_app(rig.app).state.desk))
    text = " ".join(f"{one.who} {one.gets} {one.note}" for one in found)
    assert "Канал chat: Telegram" in text
    assert "Серверы за границей" in text
    assert "crm.example.ru" in text
    assert "llm.example.com" in text
    assert "[ИМЯ]" in text
    assert "ping" in text
    assert "secret" not in text
    rig.config_path.write_text(
        rig.config_path.read_text(encoding="utf-8").replace("key_env: LLM_KEY", "key_env: LLM_KEY, send_review: true"),
        encoding="utf-8",
    )
    rig.restart()
    found = list(recipients(create_app(rig.app).state.desk))
    assert any("send_review: true" in one.gets for one in found)
    rig.app.close()


def test_a_theme_on_the_page_for_people_is_told_without_the_name_of_its_rule() -> None:
    _, say = SECTIONS["verdict"][1]["themes"]
    found = [
        ["quality", "positive", "хлеб тёплый", "food", "quality.dish"],
        ["payment", "negative", "карту не взяли", "", "payment.paying"],
        ["staff", "neutral", ""],
    ]
    assert say(found, ZoneInfo("Europe/Moscow")) == (
        "качество еды (позитивный, «хлеб тёплый»); оплата (негативный, «карту не взяли»); персонал (нейтральный)"
    )
