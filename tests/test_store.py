"""The store: whole or not at all, hostile texts as they are, one alert once."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import sla
from monitor.alerts import AlertKind
from monitor.clock import to_iso
from monitor.decide import Insert, decide_page
from monitor.errors import Conflict, StoreError
from monitor.model import Answerable, Card, Changes, FetchedReview, Precision, Reply, TicketState
from monitor.sources.reading import clean_text
from monitor.store import analysis, listings, outbox, tickets
from monitor.store.intake import Progress
from monitor.store.intents import Rules
from monitor.store.rows import draft_from, verdict_from, verdict_row
from monitor.store.sqlite import Store
from monitor.store.tickets import Filters
from responders.types import Draft
from sentiment.types import (
    Evidence,
    Intent,
    IntentMention,
    Person,
    Probabilities,
    Risk,
    RiskMention,
    Theme,
    ThemeMention,
    Tone,
    Verdict,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = sla.Policy.of(HOUR, 24 * HOUR)
RULES = Rules(POLICY, Answerable.ALL, representative=False, enforce_from=timedelta(days=2))
CARD = Card("lenina", "yandex_maps", "1", "Europe/Moscow")
VERDICT = Verdict(
    Tone.NEGATIVE,
    Probabilities(0.9, 0.05, 0.05),
    flagged=True,
    uncertain=False,
    conflict=False,
    themes=(ThemeMention(Theme.WAITING, Tone.NEGATIVE, "ждали час"),),
    risks=(RiskMention(Risk.POISONING, "отравились"),),
    evidence=(Evidence("ждали час", 1.5),),
    people=(Person("официант", "Марина", "официанту Марине", "femn", Tone.NEGATIVE, "официант Марина хамила"),),
    intents=(IntentMention(Intent.CONTACT, "перезвоните мне на 123"),),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "otklik.db")
    store.listings.sync([CARD], NOON)
    yield store
    store.close()


def review(external_id: str = "a", **changes: Any) -> FetchedReview:
    base = FetchedReview(external_id, 1, "Ждали час", "Анна", NOON, Precision.EXACT, "https://example.ru/a")
    return replace(base, **changes)


def listing_id(store: Store) -> int:
    return store.listings.all()[0].id


def read(store: Store, *reviews: FetchedReview, now: datetime = NOON, complete: bool = True) -> Changes:
    """A read of the card that shows exactly these reviews on one page."""
    known = store.intake.known(listing_id(store), [seen.external_id for seen in reviews])
    seen = tuple(review.external_id for review in reviews)
    progress = Progress(seen=seen, started=now, ended=complete, complete=complete)
    return store.intake.apply(listing_id(store), decide_page(known, reviews), progress, RULES, now)


def judge(store: Store, verdict: Verdict = VERDICT, *, owners: tuple[str, ...] = (), now: datetime = NOON) -> None:
    store.links.link(1000)
    for row in store.analysis.due("v1", 100):
        store.analysis.save(row["id"], row["revision"], verdict, version="v1", policy=POLICY, owners=owners, now=now)


def test_a_read_is_whole_or_did_not_happen(store: Store) -> None:
    before = store.content_digest()
    duplicate = (Insert(review("a")), Insert(review("b")), Insert(review("a")))
    with pytest.raises(StoreError):
        store.intake.apply(listing_id(store), duplicate, Progress(seen=("a", "b"), cursor="2"), RULES, NOON)
    assert store.content_digest() == before
    assert store.listings.all()[0].cursor is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    text=st.text(alphabet=st.characters(exclude_categories=()), max_size=200)
    | st.sampled_from(
        [
            "<script>alert(1)</script>",
            "{{ 7*7 }}{% for x in y %}",
            "'); DROP TABLE review; --",
            "нуль\0внутри",
            "\u202eсправа налево\u202c",
            "\ud83d одинокий суррогат",
            "Ё" * 100_000,
        ]
    ),
)
def test_whatever_a_stranger_writes_is_kept_as_it_stands(store: Store, text: str) -> None:
    """A source cleans what no file can hold (NUL, lone surrogates); everything else comes back letter by letter."""
    kept = clean_text(text)
    name = sha256(kept.encode()).hexdigest()
    read(store, review(name, text=kept, author=kept[:50]), complete=False)
    held = {view["external_id"]: view for view in store.tickets.queue(Filters())}[name]
    assert (held["text"], held["author"]) == (kept, kept[:50])


def test_a_relative_date_stays_where_it_was_first_put_and_an_exact_one_settles_it_without_moving_a_deadline(
    store: Store,
) -> None:
    guessed = review(posted_at=NOON - timedelta(days=14), posted_precision=Precision.APPROXIMATE)
    read(store, guessed)
    before = store.tickets.queue(Filters())[0]
    later = NOON + timedelta(days=30)
    assert read(store, replace(guessed, posted_at=later - timedelta(days=14)), now=later) == Changes()
    assert store.tickets.queue(Filters())[0] == before
    told = replace(guessed, posted_at=NOON - timedelta(days=16, hours=3), posted_precision=Precision.EXACT)
    assert read(store, told, now=later) == Changes()
    after = store.tickets.queue(Filters())[0]
    assert {name for name, value in after.items() if value != before[name]} == {"posted_at", "posted_precision"}
    assert (after["posted_at"], after["posted_precision"]) == ("2026-11-05T09:00:00.000000Z", "exact")


def test_a_verdict_settles_the_deadline_and_rings_for_a_danger_in_the_same_transaction(store: Store) -> None:
    read(store, review())
    judge(store, owners=("owner@example.ru",))
    ticket = store.tickets.of_review(1)
    assert ticket is not None
    assert ticket.due_at == NOON + HOUR
    pending = store.outbox.due(NOON)
    assert [(alert.kind, alert.recipient, alert.tickets) for alert in pending] == [
        (AlertKind.DANGER, "owner@example.ru", (ticket.id,))
    ]


def test_the_same_danger_judged_again_does_not_ring_again(store: Store) -> None:
    read(store, review())
    judge(store, owners=("owner@example.ru",))
    before = store.content_digest()
    store.analysis.save(1, 1, VERDICT, version="v1", policy=POLICY, owners=("owner@example.ru",), now=NOON + HOUR)
    assert len(store.outbox.due(NOON + HOUR)) == 1
    assert store.content_digest() == before


# What a finder may quote: any text without what no file can hold.
QUOTES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
TONES = st.sampled_from(Tone)
SHARES = st.floats(0, 1)


@given(
    st.builds(
        Verdict,
        tone=TONES,
        probabilities=st.none() | st.builds(Probabilities, SHARES, SHARES, SHARES),
        flagged=st.booleans(),
        uncertain=st.booleans(),
        conflict=st.booleans(),
        themes=st.lists(
            st.builds(
                ThemeMention,
                st.sampled_from(Theme),
                TONES,
                QUOTES,
                st.sampled_from(["", "food", "goods", "work"]),
                st.sampled_from(["", "waiting.hours"]),
            ),
            max_size=3,
        ).map(tuple),
        risks=st.lists(st.builds(RiskMention, st.sampled_from(Risk), QUOTES), max_size=3).map(tuple),
        evidence=st.lists(st.builds(Evidence, QUOTES, SHARES), max_size=3).map(tuple),
        people=st.lists(
            st.builds(Person, QUOTES, QUOTES, QUOTES, st.sampled_from(["", "masc", "femn"]), TONES, QUOTES), max_size=3
        ).map(tuple),
        intents=st.lists(st.builds(IntentMention, st.sampled_from(Intent), QUOTES), max_size=3).map(tuple),
    )
)
def test_every_verdict_comes_back_as_it_was(verdict: Verdict) -> None:
    found = verdict_from(verdict_row(verdict))
    assert found == verdict
    assert found is not None
    # Which rule found a theme is no part of what makes two verdicts equal, but drafts choose their words by it.
    assert [mention.rule for mention in found.themes] == [mention.rule for mention in verdict.themes]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (["waiting", "negative", "ждали час"], ("", "")),
        (["quality", "negative", "суп холодный", "food"], ("food", "")),
        (["quality", "negative", "суп холодный", "food", "quality.cold"], ("food", "quality.cold")),
        (["waiting", "negative", "ждали час", "", "waiting.hours"], ("", "waiting.hours")),
    ],
)
def test_themes_of_every_version_are_read(stored: list[str], expected: tuple[str, str]) -> None:
    found = verdict_from(verdict_row(VERDICT) | {"themes": json.dumps([stored])})
    assert found is not None
    (mention,) = found.themes
    assert (mention.theme, mention.quote, mention.of, mention.rule) == (Theme(stored[0]), stored[2], *expected)
    assert json.loads(verdict_row(found)["themes"]) == [stored]


def test_a_draft_comes_back_with_why_it_is_so_and_what_it_is_like(store: Store) -> None:
    read(store, review())
    draft = Draft("Анна, нам жаль", "regret#1", (), reason="жалоба, вина не подтверждена", similarity=0.12)
    with store.write():
        store.tickets.add_draft(1, draft, revision=1, author=None, now=NOON)
    assert draft_from(store.tickets.view(1)) == draft
    assert store.tickets.is_ours(1, "Анна, нам жаль")
    assert not store.tickets.is_ours(1, "Анна, нам очень жаль")


def test_a_kept_verdict_is_seen_by_the_queue_and_by_the_export(store: Store) -> None:
    read(store, review())
    judge(store)
    assert verdict_from(store.tickets.view(1)) == VERDICT
    assert [verdict_from(row) for row in store.reviews()] == [VERDICT]


@pytest.mark.parametrize("changed", [replace(VERDICT, people=()), replace(VERDICT, intents=())])
def test_the_content_digest_covers_people_and_intents(store: Store, changed: Verdict) -> None:
    read(store, review())
    judge(store)
    before = store.content_digest()
    store.analysis.save(1, 1, VERDICT, version="v1", policy=POLICY, owners=(), now=NOON)
    assert store.content_digest() == before
    store.analysis.save(1, 1, changed, version="v1", policy=POLICY, owners=(), now=NOON)
    assert store.content_digest() != before


def test_the_analysis_hears_who_signed(store: Store) -> None:
    read(store, review(author="Марина"))
    store.links.link(1000)
    (due,) = store.analysis.due("v1", 100)
    assert (due["text"], due["stars"], due["author"]) == ("Ждали час", 1, "Марина")


def test_a_verdict_about_an_older_revision_is_dropped(store: Store) -> None:
    read(store, review())
    read(store, review(text="Всё хорошо", stars=5), now=NOON + HOUR)
    store.analysis.save(1, 1, VERDICT, version="v1", policy=POLICY, owners=(), now=NOON)
    store.links.link(10)
    assert [row["revision"] for row in store.analysis.due("v1", 10)] == [2]


def test_a_new_version_of_the_analysis_makes_every_review_due_again(store: Store) -> None:
    read(store, review("a"), review("b"))
    judge(store)
    assert store.analysis.due("v1", 10) == []
    assert len(store.analysis.due("v2", 10)) == 2
    assert len(store.analysis.due("a-lower-version", 10)) == 2


def test_an_unchanged_analysis_of_a_backlog_sends_nothing(store: Store) -> None:
    read(store, review(posted_at=NOON - timedelta(days=30)))
    judge(store, owners=("owner@example.ru",))
    assert store.outbox.due(NOON + 100 * HOUR) == []
    assert store.tickets.changing(NOON + 100 * HOUR) == []


def test_two_people_cannot_both_change_a_ticket(store: Store) -> None:
    read(store, review())
    from monitor import tickets as life

    seen_by_both = store.tickets.get(1)
    with store.write():
        store.tickets.save(seen_by_both, life.submitted(seen_by_both, NOON), actor="anna")
    with pytest.raises(Conflict), store.write():
        store.tickets.save(seen_by_both, life.dismissed(seen_by_both, NOON, "spam"), actor="boris")
    assert store.tickets.get(1).state is TicketState.SUBMITTED


def test_writers_in_several_threads_wait_for_each_other(store: Store) -> None:
    def write(name: str) -> None:
        for number in range(20):
            read(store, review(f"{name}-{number}"), complete=False)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcd"))
    assert len(list(store.reviews())) == 80


def test_a_message_id_depends_on_what_is_told_and_not_on_row_numbers(tmp_path: Path) -> None:
    identifiers = []
    for name, order in (("one", "ab"), ("two", "ba")):
        store = Store.open(tmp_path / name / "otklik.db", mail_domain="example.ru")
        store.listings.sync([CARD], NOON)
        read(store, *(review(external_id) for external_id in order))
        judge(store, owners=("owner@example.ru",))
        identifiers.append(sorted(alert.message_id for alert in store.outbox.due(NOON)))
        store.close()
    assert identifiers[0] == identifiers[1]
    assert len(set(identifiers[0])) == 2
    assert all(identifier.endswith("@example.ru>") for identifier in identifiers[0])


def test_a_failed_mail_is_tried_again_after_growing_pauses_and_a_refused_one_is_not(store: Store) -> None:
    read(store, review())
    judge(store, owners=("owner@example.ru", "partner@example.ru"))
    first, second = store.outbox.due(NOON)
    pauses, now = [], NOON
    for _ in range(6):
        (alert,) = [alert for alert in store.outbox.due(now) if alert.recipient == first.recipient]
        assert store.outbox.lease(alert, now + HOUR)
        assert not store.outbox.lease(alert, now + HOUR), "leased twice"
        store.outbox.failed(alert, "сервер не отвечает", permanent=False, now=now)
        later = now
        while not any(alert.recipient == first.recipient for alert in store.outbox.due(later)):
            later += timedelta(minutes=1)
        pauses.append(later - now)
        now = later
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=1)
    store.outbox.failed(second, "нет такого адреса", permanent=True, now=now)
    assert second.recipient not in {alert.recipient for alert in store.outbox.due(now + 1000 * HOUR)}
    assert store.outbox.counts()["failed"] == 1


def test_what_a_dead_process_had_leased_is_released_by_the_next_pass(store: Store) -> None:
    read(store, review())
    judge(store, owners=("owner@example.ru",))
    (alert,) = store.outbox.due(NOON)
    store.outbox.lease(alert, NOON + HOUR)
    assert store.outbox.due(NOON) == []
    store.outbox.release(NOON)
    assert len(store.outbox.due(NOON)) == 1


def test_what_had_failed_before_its_sender_died_is_due_at_once_and_what_only_failed_is_not(store: Store) -> None:
    read(store, review())
    judge(store, owners=("owner@example.ru",))
    (alert,) = store.outbox.due(NOON)
    assert store.outbox.lease(alert, NOON + HOUR)
    store.outbox.failed(alert, "сервер не отвечает", permanent=False, now=NOON)
    store.outbox.release(NOON)
    assert store.outbox.due(NOON) == []
    (again,) = store.outbox.due(NOON + HOUR)
    assert store.outbox.lease(again, NOON + 2 * HOUR)
    store.outbox.release(NOON + HOUR)
    assert len(store.outbox.due(NOON + HOUR)) == 1


def test_a_reply_gone_from_a_review_that_never_had_a_ticket_opens_one(store: Store) -> None:
    answered = review(reply=Reply("Спасибо", NOON))
    read(store, answered)
    judge(store, replace(VERDICT, risks=()))
    assert store.tickets.of_review(1) is None
    for hours in (1, 2):
        read(store, review(), now=NOON + hours * HOUR)
    ticket = store.tickets.of_review(1)
    assert ticket is not None
    assert ticket.due_at == NOON + 3 * HOUR


def test_every_wording_of_the_answer_is_kept_with_the_time_it_was_seen(store: Store) -> None:
    first, second = Reply("Спасибо", NOON), Reply("Спасибо, Анна", NOON + HOUR)
    for hours, reply in enumerate((None, first, first, second, None, None, first)):
        read(store, review(reply=reply), now=NOON + hours * HOUR)
    told = store.tickets.wordings(1)["replies"]
    assert [(row["text"], row["seen_at"]) for row in told] == [
        ("Спасибо", to_iso(NOON + HOUR)),
        ("Спасибо, Анна", to_iso(NOON + 3 * HOUR)),
        (None, to_iso(NOON + 5 * HOUR)),
        ("Спасибо", to_iso(NOON + 6 * HOUR)),
    ]
    store.privacy.erase([1], NOON + 9 * HOUR)
    assert {row["text"] for row in store.tickets.wordings(1)["replies"]} == {"", None}


def test_a_read_that_stopped_before_the_end_makes_nothing_vanish(store: Store) -> None:
    read(store, review("a"), review("b"))
    changes = read(store, review("a"), now=NOON + HOUR, complete=False)
    assert changes.vanished == 0
    assert [read(store, review("a"), now=NOON + hours * HOUR).vanished for hours in (2, 3)] == [0, 1]


def test_two_complete_reads_in_a_row_must_miss_a_review(store: Store) -> None:
    read(store, review("a"), review("b"))
    outcomes = []
    for hours, shown in enumerate(["a", "ab", "a", "a"], 1):
        changes = read(store, *(review(name) for name in shown), now=NOON + hours * HOUR)
        outcomes.append((changes.vanished, store.listings.all()[0].suspects))
    assert outcomes == [(0, 1), (0, 0), (0, 1), (1, 0)]


def test_a_review_known_only_from_a_file_is_not_taken_for_removed_until_the_card_has_shown_it(store: Store) -> None:
    read(store, review("a"), review("b"))
    with store.write():
        store._db.execute("UPDATE review SET origin = 'file' WHERE external_id = 'b'")
    assert store.intake.held(listing_id(store)) == 1
    assert [read(store, review("a"), now=NOON + hours * HOUR).vanished for hours in (1, 2)] == [0, 0]
    read(store, review("a"), review("b"), now=NOON + 3 * HOUR)
    assert store.intake.held(listing_id(store)) == 2
    assert [read(store, review("a"), now=NOON + hours * HOUR).vanished for hours in (4, 5)] == [0, 1]


def test_a_danger_is_told_of_a_fresh_review_that_had_its_answer_before_we_saw_it(store: Store) -> None:
    read(store, review(reply=Reply("Нам очень жаль", NOON)))
    judge(store, owners=("owner@example.ru",))
    assert [alert.kind for alert in store.outbox.due(NOON)] == [AlertKind.DANGER]
    assert store.tickets.queue(Filters()) == []


def test_words_that_arrive_after_an_erasure_are_not_kept(store: Store) -> None:
    read(store, review())
    known = store.intake.known(listing_id(store), ["a"])
    store.privacy.erase([1], NOON)
    late = decide_page(known, [review(text="Тайное слово", reply=Reply("Анна, нам жаль", NOON))])
    store.intake.apply(listing_id(store), late, None, RULES, NOON + HOUR)
    assert list(store.reviews()) == []
    assert "Тайное слово" not in str(store._db.rows("SELECT * FROM review")) + str(
        store._db.rows("SELECT * FROM revision")
    )


def test_an_erasure_takes_drafts_and_pending_mails_with_it_and_leaves_a_line_in_the_history(store: Store) -> None:
    read(store, review())
    judge(store, owners=("owner@example.ru",))
    with store.write():
        store.tickets.add_draft(1, Draft("Анна, нам жаль", "regret", ()), revision=1, author=None, now=NOON)
    store.privacy.erase([1], NOON + HOUR, actor="boris")
    assert store._db.rows("SELECT * FROM draft") == []
    assert store.outbox.due(NOON + HOUR) == []
    assert [(event["kind"], event["actor"]) for event in store.tickets.events(1)][-1] == ("forgotten", "boris")


def test_an_erasure_says_so_when_another_reader_keeps_the_old_pages_alive(store: Store) -> None:
    read(store, review())
    with sqlite3.connect(store._db.path, timeout=0) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM review").fetchall()
        store._db.sqlite.execute("PRAGMA busy_timeout = 10")
        with pytest.raises(StoreError, match="Run the same command again"):
            store.privacy.erase([1], NOON)
    reader.close()
    assert list(store.reviews()) == []


def test_the_database_and_its_copies_are_nobody_elses_to_read(store: Store, tmp_path: Path) -> None:
    read(store, review())
    store.backup(tmp_path / "copy.db")
    for path in tmp_path.glob("*.db*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_backup_overwrites_an_older_backup_and_nothing_else(store: Store, tmp_path: Path) -> None:
    store.backup(tmp_path / "copy.db")
    store.backup(tmp_path / "copy.db")
    (tmp_path / "link.db").symlink_to(tmp_path / "otklik.db")
    (tmp_path / "hard.db").hardlink_to(tmp_path / "otklik.db")
    (tmp_path / "diary.txt").write_text("мой дневник", encoding="utf-8")
    for name in ("otklik.db", "otklik.db-wal", "link.db", "hard.db", "diary.txt"):
        with pytest.raises(StoreError):
            store.backup(tmp_path / name)
    assert (tmp_path / "diary.txt").read_text(encoding="utf-8") == "мой дневник"
    assert store.problems() == []


def test_a_damaged_file_is_told_in_one_sentence(store: Store) -> None:
    read(store, *(review(str(number)) for number in range(50)))
    store.close()
    path = store._db.path
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(bytes(content))
    with pytest.raises(StoreError):
        list(Store.open(path).reviews())


def test_forgetting_leaves_the_count_and_erases_the_words(store: Store) -> None:
    read(store, review("a", author="Иван Петров", text="Тайное слово"), review("b"))
    person = Person("мастер", "Жозефина", "мастеру Жозефине", "femn", Tone.POSITIVE, "цитата о мастере")
    about = (ThemeMention(Theme.STAFF, Tone.POSITIVE, "цитата о людях"),)
    wish = IntentMention(Intent.CONTACT, "звоните по номеру 5550123")
    judge(store, replace(VERDICT, themes=about, people=(person,), intents=(wish,)))
    judge_b = replace(VERDICT, people=(), intents=())
    store.analysis.save(2, 1, judge_b, version="v1", policy=POLICY, owners=(), now=NOON)
    assert store.privacy.erase(store.authors.under("Иван Петров"), NOON + HOUR) == 1
    assert [row["author"] for row in store.reviews()] == ["Анна"]
    read(store, review("a", author="Иван Петров", text="Тайное слово"), review("b"), now=NOON + 2 * HOUR)
    assert [row["author"] for row in store.reviews()] == ["Анна"]
    store.close()
    raw = b"".join(path.read_bytes() for path in store._db.path.parent.glob("otklik.db*"))
    for trace in ("Тайное слово", "Иван Петров", "Жозефин", "цитата о мастере", "цитата о людях", "5550123"):
        assert trace.encode() not in raw, trace


def test_a_card_that_left_the_config_sleeps_and_wakes_with_its_reviews(store: Store) -> None:
    read(store, review())
    store.listings.sync([], NOON)
    assert store.listings.due("yandex_maps", NOON + HOUR) == []
    store.listings.sync([replace(CARD, place="mira")], NOON + HOUR)
    assert [listing.place for listing in store.listings.due("yandex_maps", NOON + HOUR)] == ["mira"]
    assert len(list(store.reviews())) == 1


def test_an_existing_database_is_copied_before_it_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.store import migrations, schema, sqlite

    store = Store.open(tmp_path / "otklik.db")
    store.listings.sync([CARD], NOON)
    store.close()
    steps = {**schema.STEPS, "second": "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;\n"}
    monkeypatch.setattr(migrations, "STEPS", steps)
    monkeypatch.setattr(sqlite, "STEPS", steps)
    migrated = Store.open(tmp_path / "otklik.db")
    assert len(migrated.listings.all()) == 1
    assert migrated.migrate() == []
    migrated.close()
    with sqlite3.connect(tmp_path / "otklik.db.before-second") as copy:
        assert copy.execute("SELECT count(*) FROM listing").fetchone() == (1,)
        assert not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'later'").fetchone()
    copy.close()


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.store import migrations, schema, sqlite

    Store.open(tmp_path / "otklik.db").close()
    broken = "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;\nCREATE TABLE listing (id INTEGER);\n"
    monkeypatch.setattr(migrations, "STEPS", {**schema.STEPS, "second": broken})
    monkeypatch.setattr(sqlite, "STEPS", {**schema.STEPS, "second": broken})
    with pytest.raises(StoreError):
        Store.open(tmp_path / "otklik.db")
    monkeypatch.undo()
    store = Store.open(tmp_path / "otklik.db")
    assert store.problems() == []
    store.close()


def test_due_queries_use_their_indexes(store: Store) -> None:
    """What every pass asks must not grow with the tables."""
    queries: dict[str, tuple[str, dict[str, object] | list[object]]] = {
        "listing_due_of_source": (listings.DUE, ["", "", 1]),
        "listing_failing": (listings.FAILING, ["", ""]),
        "ticket_change": (tickets.CHANGING, [""]),
        "ticket_draft": (tickets.DUE_FOR_DRAFT, {"edition": "", "limit": 1}),
        "review_analysed": (analysis.DUE, {"version": "", "limit": 1}),
        "notification_due": (outbox.DUE, [""]),
        "notification_sent": (outbox.SENT, ["", "", ""]),
    }
    for index, (query, values) in queries.items():
        plan = [str(row["detail"]) for row in store._db.rows(f"EXPLAIN QUERY PLAN {query}", values)]
        assert any(f"INDEX {index} " in step for step in plan), plan
        assert not any(step.startswith("SCAN") for step in plan), plan


def test_earlier_reviews_are_found_by_author_and_moment(store: Store) -> None:
    """However many reviews one name has signed."""
    rows = store._db.rows(f"EXPLAIN QUERY PLAN {tickets.EARLIER}", {"ids": "[]", "most": 1})
    assert any("USING INDEX review_by_author (author=? AND posted_at" in str(row["detail"]) for row in rows), rows


def test_moments_are_stored_in_fixed_width_utc() -> None:
    assert to_iso(datetime(2026, 11, 21, 15, tzinfo=UTC)) == "2026-11-21T15:00:00.000000Z"
    with pytest.raises(ValueError, match="naive"):
        to_iso(datetime(2026, 11, 21, 15))


def test_a_review_that_slides_onto_the_next_page_is_counted_once(store: Store) -> None:
    card = listing_id(store)
    pages = (("a", "b"), ("b", "c"))
    for number, page in enumerate(pages):
        reviews = [review(name) for name in page]
        last = number == 1
        progress = Progress(
            seen=page, started=None if last else NOON, cursor=None if last else "2", ended=last, complete=last,
            declared_total=4,
        )  # fmt: skip
        now = NOON + timedelta(minutes=number)
        store.intake.apply(card, decide_page(store.intake.known(card, page), reviews), progress, RULES, now)
    after = store.listings.get(card)
    assert (after.read_seen, after.complete_seen) == (3, 3)
