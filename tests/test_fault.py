"""A person says whose fault it was and what was done: the draft that we wrote follows, a person's words stay."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import sla, wording
from monitor.actions import LONGEST_MEASURE, Actions, DraftFate
from monitor.assemble import Application
from monitor.decide import decide_page
from monitor.errors import Conflict, StoreError, UsageError
from monitor.jobs.draft import BATCH, HISTORY, UNJUDGED, WriteDrafts
from monitor.log import Log
from monitor.model import Answerable, Card, FetchedReview, Precision, Ticket, TicketState
from monitor.store.connection import Row
from monitor.store.intake import Progress
from monitor.store.intents import Rules
from monitor.store.rows import draft_from
from monitor.store.sqlite import Store
from monitor.store.tickets import MOST_EARLIER
from responders.types import Brand, Draft, Fault, Situation
from tests.conftest import Otklik
from tests.fakes import FrozenClock
from tests.rig import Rig

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = sla.Policy.of(HOUR, 24 * HOUR)
RULES = Rules(POLICY, Answerable.ALL, representative=False, enforce_from=timedelta(days=2))
CARDS = (Card("lenina", "yandex_maps", "1", "Europe/Moscow"), Card("lenina", "twogis", "1", "Europe/Moscow"))
MEASURE = "Заменили поставщика рыбы."
GUILTY = "Здравствуйте. Извините, пожалуйста, это наша ошибка."


@dataclass
class Echo:
    """A responder whose drafts tell what they rest on; `asked` is every situation. What it `refuses` fails."""

    asked: list[Situation] = field(default_factory=list)
    refuses: str = "\0"

    def draft(self, situation: Situation) -> Draft:
        self.asked.append(situation)
        if self.refuses in situation.text:
            raise ZeroDivisionError
        text = f"{situation.fault}, {situation.measure or 'без мер'}, черновик {len(self.asked)}"
        return Draft(text, f"{situation.fault}#1", (), reason="так вышло", similarity=0.12)


@dataclass
class Bench:
    """Two cards, the store and the clock; reviews are put in and analysed by hand, drafts are an echo's."""

    store: Store
    clock: FrozenClock
    echo: Echo = field(default_factory=Echo)
    spare: Echo = field(default_factory=Echo)

    def read(self, *reviews: FetchedReview, source: str = "yandex_maps", rules: Rules = RULES) -> None:
        """A page with these reviews, analysed."""
        card = next(listing for listing in self.store.listings.all() if listing.source == source)
        names = tuple(review.external_id for review in reviews)
        decisions = decide_page(self.store.intake.known(card.id, names), reviews)
        self.store.intake.apply(card.id, decisions, Progress(names, NOON, ended=True), rules, NOON)
        self.store.links.link(1000)
        for row in self.store.analysis.due("v1", 1000):
            self.store.analysis.save(
                row["id"], row["revision"], UNJUDGED, version="v1", policy=POLICY, owners=(), now=NOON
            )

    def run(self, digest: str = "t", batch: int = BATCH) -> None:
        """A pass's drafts, with the templates of that digest."""
        drafts = self.drafts(digest, batch)
        while drafts.run():
            pass

    def drafts(self, digest: str, batch: int) -> WriteDrafts:
        return WriteDrafts(
            store=self.store,
            clock=self.clock,
            edition=digest,
            responder=lambda: self.echo,
            spare=lambda: self.spare,
            brand=Brand("Кафе", "food", ""),
            titles={},
            log=Log(),
            batch=batch,
        )

    def person(self, name: str = "anna") -> Actions:
        return Actions(
            store=self.store,
            clock=self.clock,
            policies=sla.Policies(POLICY),
            lint=lambda ticket, reply: (),
            write=self.write,
            actor=name,
        )

    def write(self, ticket_id: int, fault: Fault, measure: str) -> Draft:
        return self.echo.draft(replace(self.echo.asked[-1], fault=fault, measure=measure))

    def ticket(self) -> Ticket:
        return self.store.tickets.get(1)

    def view(self) -> Row:
        return self.store.tickets.view(1)

    def events(self, kind: str) -> list[tuple[str, str, str, str]]:
        events = [event for event in self.store.tickets.events(1) if event["kind"] == kind]
        return [(event["actor"], event["was"], event["became"], event["why"]) for event in events]


def review(name: str = "a", **changes: Any) -> FetchedReview:
    base = FetchedReview(name, 1, "Суп холодный", "Пётр Лугов", NOON, Precision.EXACT, f"https://example.ru/{name}")
    return replace(base, **changes)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Bench]:
    """Nothing was read yet."""
    store = Store.open(tmp_path / "otklik.db")
    store.listings.sync(CARDS, NOON)
    yield Bench(store, FrozenClock(NOON))
    store.close()


@pytest.fixture
def bench(bare: Bench) -> Bench:
    """One review, judged and drafted."""
    bare.read(review())
    bare.run()
    return bare


# --- what becomes of the draft ------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.CONFIRMED, Fault.DENIED])
def test_our_draft_is_written_anew_at_once_and_stays_ours(bench: Bench, fault: Fault) -> None:
    assert bench.person().fault(1, fault) is DraftFate.REWRITTEN
    view = bench.view()
    assert (view["draft_text"], view["draft_author"]) == (f"{fault}, без мер, черновик 2", None)
    assert (view["draft_reason"], view["draft_similarity"]) == ("так вышло", 0.12)
    assert bench.events("fault") == [("anna", "unconfirmed", fault, "")]
    bench.run("newer templates")
    assert bench.view()["draft_text"] == f"{fault}, без мер, черновик 3"


def test_a_measure_reaches_the_draft_and_the_history(bench: Bench) -> None:
    assert bench.person().fault(1, Fault.CONFIRMED, f"  {MEASURE} ") is DraftFate.REWRITTEN
    assert (bench.ticket().fault, bench.ticket().measure) == (Fault.CONFIRMED, MEASURE)
    assert bench.view()["draft_text"].startswith(f"confirmed, {MEASURE}")
    assert bench.events("fault") == [("anna", "unconfirmed", "confirmed", MEASURE)]


def test_what_is_said_replaces_what_was_said_with_its_measure(bench: Bench) -> None:
    anna = bench.person()
    anna.fault(1, Fault.CONFIRMED, MEASURE)
    anna.fault(1, Fault.CONFIRMED, "Сменили повара.")
    anna.fault(1, Fault.DENIED)
    assert (bench.ticket().fault, bench.ticket().measure) == (Fault.DENIED, "")
    assert [event[1:] for event in bench.events("fault")] == [
        ("unconfirmed", "confirmed", MEASURE),
        ("confirmed", "confirmed", "Сменили повара."),
        ("confirmed", "denied", ""),
    ]


@pytest.mark.parametrize(("fault", "measure"), [(Fault.UNCONFIRMED, ""), (Fault.CONFIRMED, MEASURE)])
def test_saying_the_same_again_changes_nothing(bench: Bench, fault: Fault, measure: str) -> None:
    bench.person().fault(1, fault, measure)
    before, asked = bench.store.content_digest(), len(bench.echo.asked)
    assert bench.person("boris").fault(1, fault, measure) is DraftFate.UNCHANGED
    assert (bench.store.content_digest(), len(bench.echo.asked)) == (before, asked)


def test_a_persons_words_are_never_overwritten(bench: Bench) -> None:
    anna = bench.person()
    anna.edit(1, "Разберёмся сами.")
    assert anna.fault(1, Fault.CONFIRMED, MEASURE) is DraftFate.KEPT
    assert (bench.view()["draft_text"], bench.view()["draft_author"]) == ("Разберёмся сами.", "anna")
    assert bench.ticket().fault is Fault.CONFIRMED
    bench.run("newer templates")
    assert bench.view()["draft_text"] == "Разберёмся сами."
    anna.draft(1)
    assert (bench.view()["draft_text"], bench.view()["draft_author"]) == (f"confirmed, {MEASURE}, черновик 2", "anna")


def test_an_approval_of_our_own_words_is_void(bench: Bench) -> None:
    bench.person().approve(1)
    assert bench.ticket().state is TicketState.APPROVED
    assert bench.person().fault(1, Fault.CONFIRMED) is DraftFate.REWRITTEN
    assert bench.ticket().state is TicketState.OPEN
    assert bench.view()["draft_author"] is None
    assert bench.events("edited") == [("anna", "approved", "open", "написан заново")]


def test_a_persons_approved_words_stay_approved(bench: Bench) -> None:
    bench.person().edit(1, "Разберёмся сами.")
    bench.person().approve(1)
    assert bench.person().fault(1, Fault.DENIED) is DraftFate.KEPT
    assert bench.ticket().state is TicketState.APPROVED
    assert bench.view()["draft_text"] == "Разберёмся сами."


def test_an_approval_keeps_why_our_draft_is_as_it_is(bench: Bench) -> None:
    bench.person().approve(1)
    assert (bench.view()["draft_reason"], bench.view()["draft_similarity"]) == ("так вышло", 0.12)
    bench.person().edit(1, "Разберёмся сами.")
    assert (bench.view()["draft_reason"], bench.view()["draft_similarity"]) == ("", 0)


def test_a_draft_that_is_not_written_yet_will_follow_the_fault(bare: Bench) -> None:
    bare.read(review())
    assert bare.person().fault(1, Fault.CONFIRMED, MEASURE) is DraftFate.MISSING
    bare.run()
    assert bare.view()["draft_text"] == f"confirmed, {MEASURE}, черновик 1"


def test_what_nobody_can_answer_may_be_somebodys_fault(bare: Bench) -> None:
    bare.read(review(), rules=replace(RULES, answerable=Answerable.NO))
    bare.run()
    assert bare.person().fault(1, Fault.CONFIRMED) is DraftFate.REWRITTEN
    assert bare.ticket().state is TicketState.UNANSWERABLE


# --- when it may be said, and what --------------------------------------------------------------


@pytest.mark.parametrize("close", [lambda anna: anna.submitted(1), lambda anna: anna.dismiss(1, "spam")])
def test_of_a_closed_ticket_nothing_is_said_any_more(bench: Bench, close: Any) -> None:
    close(bench.person())
    with pytest.raises(Conflict, match="fault"):
        bench.person().fault(1, Fault.CONFIRMED)
    assert bench.ticket().fault is Fault.UNCONFIRMED


def test_a_colleagues_ticket_is_left_to_them(bench: Bench) -> None:
    bench.person("boris").take(1)
    with pytest.raises(Conflict, match="boris"):
        bench.person().fault(1, Fault.CONFIRMED)


@pytest.mark.parametrize(
    ("fault", "measure", "says"),
    [
        (Fault.UNCONFIRMED, MEASURE, "подтверждённой"),
        (Fault.DENIED, MEASURE, "подтверждённой"),
        (Fault.CONFIRMED, "Ё" * (LONGEST_MEASURE + 1), str(LONGEST_MEASURE)),
        (Fault.CONFIRMED, "Сменили\nповара", "одна строка"),
        (Fault.CONFIRMED, "Сменили\u202eповара", "без невидимых"),
        (Fault.CONFIRMED, "Сменили\x1b[2J", "без невидимых"),
        (Fault.CONFIRMED, "Сменили\ud83d", "без невидимых"),
    ],
)
def test_a_measure_that_cannot_stand_in_a_reply_is_refused(bench: Bench, fault: Fault, measure: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        bench.person().fault(1, fault, measure)
    assert bench.ticket().fault is Fault.UNCONFIRMED


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=LONGEST_MEASURE))
def test_a_measure_is_kept_letter_by_letter_or_refused(bench: Bench, measure: str) -> None:
    try:
        bench.person().fault(1, Fault.CONFIRMED, measure)
    except UsageError:
        assert not wording.is_plain(measure.strip())
    else:
        assert bench.ticket().measure == measure.strip()
        assert wording.visible(bench.ticket().measure) == bench.ticket().measure


def while_it_writes(bench: Bench, happens: Callable[[], object]) -> Actions:
    """What anna may do; before a draft of hers is written, something happens."""

    def slow(ticket_id: int, fault: Fault, measure: str) -> Draft:
        happens()
        return bench.write(ticket_id, fault, measure)

    return Actions(
        store=bench.store,
        clock=bench.clock,
        policies=sla.Policies(POLICY),
        lint=lambda ticket, reply: (),
        write=slow,
        actor="anna",
    )


ASKS: dict[str, Callable[[Actions], object]] = {
    "fault": lambda anna: anna.fault(1, Fault.DENIED),
    "draft": lambda anna: anna.draft(1),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@pytest.mark.parametrize(
    "happens",
    [
        lambda bench: bench.person("boris").edit(1, "Разберёмся сами."),
        lambda bench: bench.person("boris").approve(1),
        lambda bench: bench.person("boris").fault(1, Fault.CONFIRMED, MEASURE),
        lambda bench: bench.read(review(text="Суп горячий, спасибо!", stars=5)),
    ],
    ids=["edit", "approve", "fault", "another review"],
)
def test_what_changes_while_the_draft_is_written_is_not_buried(
    bench: Bench, ask: Callable[[Actions], object], happens: Callable[[Bench], object]
) -> None:
    told: list[str] = []

    def meanwhile() -> None:
        happens(bench)
        told.append(bench.store.content_digest())

    with pytest.raises(Conflict, match="только что изменился"):
        ask(while_it_writes(bench, meanwhile))
    assert told == [bench.store.content_digest()]


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_what_is_a_colleagues_or_closed_is_refused_before_a_word_is_written(
    bench: Bench, ask: Callable[[Actions], object]
) -> None:
    asked = len(bench.echo.asked)
    bench.person("boris").take(1)
    with pytest.raises(Conflict, match="boris"):
        ask(bench.person())
    bench.person("boris").submitted(1)
    with pytest.raises(Conflict, match="не подходит"):
        ask(bench.person())
    assert len(bench.echo.asked) == asked


def test_a_draft_begun_before_the_fault_was_said_is_not_kept(bench: Bench) -> None:
    class Slow(Echo):
        """While it writes for the first time, a person speaks."""

        def draft(self, situation: Situation) -> Draft:
            if not self.asked:
                self.asked.append(situation)
                bench.person().fault(1, Fault.CONFIRMED)
            return super().draft(situation)

    bench.echo = Slow()
    bench.run("newer templates")
    assert bench.view()["draft_text"].startswith("confirmed")


# --- what a draft must not repeat ---------------------------------------------------------------


class Miser(Echo):
    """Says the first of its few wordings that is not among the recent ones, as the shipped responder does."""

    def __init__(self, wordings: int) -> None:
        super().__init__()
        self.wordings = wordings

    def draft(self, situation: Situation) -> Draft:
        self.asked.append(situation)
        every = (f"Ответ {number}" for number in range(self.wordings))
        return Draft(next(text for text in every if text not in situation.recent), "x", ())


def many(bare: Bench, count: int) -> None:
    bare.read(*(review(f"r{number}", text=f"Отзыв номер {number}", author="") for number in range(count)))


@pytest.mark.parametrize("batch", [BATCH, 7])
def test_new_templates_make_no_draft_that_repeats_one_of_the_last_on_a_large_card(bare: Bench, batch: int) -> None:
    many(bare, HISTORY + 60)
    bare.run()
    bare.echo = Miser(HISTORY + 61)
    bare.run("newer templates", batch)
    written = [row["text"] for row in bare.store._db.rows("SELECT text FROM draft WHERE number = 2 ORDER BY rowid")]
    assert len(written) == HISTORY + 60
    for at, text in enumerate(written):
        assert text not in written[max(0, at - HISTORY) : at]
    assert {len(situation.recent) for situation in bare.echo.asked} == {HISTORY}
    assert bare.echo.asked[-1].recent == tuple(written[-HISTORY - 1 : -1])


def test_what_another_review_was_told_counts_even_when_it_is_what_this_one_was_told(bare: Bench) -> None:
    many(bare, 2)
    bare.run()
    for ticket in (1, 2):
        with bare.store.write():
            bare.store.tickets.add_draft(ticket, Draft("Спасибо!", "x", ()), revision=1, author=None, now=NOON)
    bare.run("newer templates")
    assert bare.echo.asked[-2].recent == ("Спасибо!",)
    assert bare.store.tickets.recent_drafts("yandex_maps", "1", 9, without=2) == {1: bare.view()["draft_text"]}


def test_the_latest_drafts_are_those_written_last(bare: Bench) -> None:
    many(bare, 3)
    bare.run()
    bare.clock.advance(HOUR)
    bare.person().edit(1, "Разберёмся сами.")
    recent = bare.store.tickets.recent_drafts("yandex_maps", "1", 2)
    assert list(recent) == [3, 1]
    assert recent[1] == "Разберёмся сами."


def test_a_batch_begun_after_people_wrote_knows_their_words(bare: Bench) -> None:
    many(bare, 2)
    drafts = bare.drafts("t", BATCH)
    while drafts.run():
        pass
    bare.person().edit(1, "Разберёмся сами.")
    bare.read(review("late", text="Ещё один отзыв", author=""))
    drafts.run()
    assert bare.echo.asked[-1].recent[-1] == "Разберёмся сами."


# --- what no template serves --------------------------------------------------------------------


def test_where_the_templates_fail_the_shipped_ones_serve_and_a_warning_says_so(bare: Bench) -> None:
    bare.echo = Echo(refuses="холодный")
    bare.read(review(), review("b", text="Вкусный борщ"))
    bare.run()
    drafted = [bare.store.tickets.view(ticket) for ticket in (1, 2)]
    first, second = (draft_from(row) for row in drafted)
    assert first is not None
    (warning,) = first.warnings
    assert (warning.rule, warning.severity) == ("broken_template", "warning")
    assert "взят поставляемый" in warning.message
    assert second is not None
    assert second.warnings == ()
    bare.run()
    assert len(bare.echo.asked) == 2


def test_what_no_template_serves_is_tried_once_a_pass_until_one_does(bare: Bench) -> None:
    bare.echo, bare.spare = Echo(refuses="холодный"), Echo(refuses="холодный")
    bare.read(review(), review("b", text="Вкусный борщ"))
    for passes in (1, 2):
        bare.run(batch=1)
        assert (len(bare.echo.asked), len(bare.spare.asked)) == (1 + passes, passes)
        assert [bare.store.tickets.view(ticket)["draft_text"] is None for ticket in (1, 2)] == [True, False]
    bare.spare = Echo()
    bare.run()
    assert bare.view()["draft_text"]


# --- the store ----------------------------------------------------------------------------------


def test_the_store_takes_no_other_fault(bench: Bench) -> None:
    with pytest.raises(StoreError, match="CHECK"), bench.store.write():
        bench.store._db.execute("UPDATE ticket SET fault = 'perhaps'")


def test_the_content_digest_covers_the_fault_and_the_measure(bench: Bench) -> None:
    digests = [bench.store.content_digest()]
    for change in ("fault = 'confirmed'", f"measure = '{MEASURE}'"):
        with bench.store.write():
            bench.store._db.execute(f"UPDATE ticket SET {change}")
        digests.append(bench.store.content_digest())
    for change in ("reason = 'иначе'", "similarity = 0.5"):
        with bench.store.write():
            bench.store._db.execute(f"UPDATE draft SET {change}")
        digests.append(bench.store.content_digest())
    assert len(set(digests)) == len(digests)


def test_forgetting_erases_the_measure_everywhere(bench: Bench, tmp_path: Path) -> None:
    bench.person().fault(1, Fault.CONFIRMED, MEASURE)
    bench.store.privacy.erase([1], NOON)
    assert (bench.ticket().fault, bench.ticket().measure) == (Fault.CONFIRMED, "")
    bench.store.close()
    for path in tmp_path.glob("otklik.db*"):
        assert MEASURE.encode() not in path.read_bytes()


# --- who wrote before ---------------------------------------------------------------------------


def earlier(bench: Bench) -> dict[str, int]:
    """By external id, for every review with a ticket."""
    rows = [bench.store.tickets.view(ticket) for ticket in range(1, 1 + len(list(bench.store.reviews())))]
    counts = bench.store.tickets.earlier(rows)
    return {row["external_id"]: counts.get(row["review_id"], 0) for row in rows}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 1),
        ({"posted_at": NOON}, 0),  # at the same moment is not before
        ({"posted_at": NOON + HOUR}, 0),
        ({"posted_at": None, "posted_precision": Precision.UNKNOWN}, 0),
        ({"author": "Пётр Лужков"}, 0),
        ({"author": "пётр лугов"}, 0),
        ({"author": ""}, 0),
    ],
)
def test_a_review_of_the_same_name_that_was_posted_before_is_an_earlier_one(
    bare: Bench, changes: dict[str, Any], expected: int
) -> None:
    other = {"text": "Вкусный борщ", "posted_at": NOON - HOUR} | changes
    bare.read(review("b", **other), review("a"))
    assert earlier(bare)["a"] == expected


@pytest.mark.parametrize("author", ["", " ", "Гость", "Аноним", "Пользователь Яндекса", "Анна", "masha"])
def test_names_that_many_people_sign_with_tell_nobody_apart(bare: Bench, author: str) -> None:
    old = review("b", author=author, text="Вкусный борщ", posted_at=NOON - HOUR)
    bare.read(old, review("a", author=author))
    assert earlier(bare) == {"a": 0, "b": 0}


def test_other_sites_removed_forgotten_and_repeated_reviews_do_not_count(bare: Bench) -> None:
    before = {"posted_at": NOON - HOUR}
    long = "Суп был холодный, официант грубил, ждали счёт сорок минут и ушли голодными"
    bare.read(review("e", text="Уютный зал", **before), source="twogis")
    bare.read(
        review("a", text=long),
        review("b", text="Вкусный борщ", **before),
        review("c", text="Дорогой чай", **before),
        review("d", text=long, **before),
    )
    assert earlier(bare)["a"] == 2  # not the one of another site, nor the same words
    ids = {row["external_id"]: row["id"] for row in bare.store.reviews()}
    with bare.store.write():
        bare.store._db.update("review", ids["b"], {"removed_at": "2026-11-21T12:00:00.000000Z"})
    assert earlier(bare)["a"] == 1
    bare.store.privacy.erase([ids["c"]], NOON)
    assert bare.store.tickets.earlier([bare.store.tickets.view(t) for t in range(1, 6)])[ids["a"]] == 0


def test_a_draft_is_told_how_many_came_before_and_nobody_counts_for_ever(bare: Bench) -> None:
    many = [
        review(f"r{number}", text=f"Отзыв номер {number}", posted_at=NOON - timedelta(days=number))
        for number in range(MOST_EARLIER + 5)
    ]
    bare.read(*many)
    bare.run()
    told = {situation.key.rpartition("/")[2]: situation.earlier for situation in bare.echo.asked}
    newest = len(many) - 1
    assert told == {f"r{number}": min(newest - number, MOST_EARLIER) for number in range(len(many))}


# --- the command line ---------------------------------------------------------------------------


@pytest.fixture
def written(cafe: Rig) -> int:
    """A ticket of the café about a plain complaint."""
    card = cafe.world.card("google_business")
    identity = cafe.world.add(card, text="Суп принесли холодным.", stars=1, author="Олег").external_id
    cafe.run(after=timedelta(minutes=20))
    return cafe.ticket_of(identity).ticket


def shown(otklik: Otklik, ticket: int) -> dict[str, Any]:
    return otklik("queue", "show", ticket, "--json").objects()[0]


def test_a_confirmed_fault_turns_the_regret_into_an_apology_that_stays_ours(otklik: Otklik, written: int) -> None:
    regret = shown(otklik, written)
    assert (regret["fault"], regret["measure"]) == ("unconfirmed", "")
    assert regret["draft"]["template"].startswith("regret")
    apology = otklik("queue", "fault", written, "confirmed", "--measure", MEASURE, "--json").objects()[0]
    assert (apology["fault"], apology["measure"]) == ("confirmed", MEASURE)
    assert apology["draft"]["template"].startswith("apology")
    assert apology["draft"]["author"] is None
    assert MEASURE.rstrip(".").casefold() in apology["draft"]["text"].casefold()
    denied = otklik("queue", "fault", written, "denied", "--json").objects()[0]
    assert not denied["draft"]["template"].startswith(("apology", "regret"))


def test_what_became_of_the_draft_is_said_in_words(otklik: Otklik, written: int) -> None:
    said = otklik("queue", "fault", written, "confirmed", "--measure", MEASURE).out
    assert "Черновик написан заново." in said
    assert shown(otklik, written)["draft"]["text"].split("\n")[0][:40] in said
    assert "ничего не изменилось" in otklik("queue", "fault", written, "confirmed", "--measure", MEASURE).out
    otklik("queue", "edit", written, stdin="Разберёмся сами.")
    kept = otklik("queue", "fault", written, "denied")
    assert "написан человеком (anna)" in kept.out
    assert f"otklik queue draft {written}" in kept.out
    assert otklik("queue", "approve", written, "--force").code == 0
    approved = " ".join(otklik("queue", "fault", written, "confirmed").out.split())
    assert "Одобренный ответ остался прежним: перечитайте его." in approved
    quiet = otklik("queue", "fault", written, "unconfirmed", "--json")
    assert quiet.objects()[0]["draft"]["text"] == "Разберёмся сами."
    assert "left as it is" in quiet.err


def test_show_tells_fault_measure_and_why_the_draft_is_as_it_is(otklik: Otklik, written: int) -> None:
    plain = otklik("queue", "show", written).out
    assert "Проверено человеком" not in plain
    draft = shown(otklik, written)["draft"]
    assert draft["reason"]
    assert f"Почему так: {draft['reason']}"[:60] in plain
    assert f"{round(draft['similarity'] * 100)} %" in plain  # never torn apart by the end of a line
    otklik("queue", "fault", written, "confirmed", "--measure", MEASURE)
    told = " ".join(otklik("queue", "show", written).out.split())
    assert f"Проверено человеком: вина подтверждена, приняты меры: {MEASURE}" in told
    assert f"вина подтверждена {MEASURE} (anna)" in told


def test_of_a_persons_words_no_likeness_is_told(otklik: Otklik, written: int) -> None:
    otklik("queue", "edit", written, stdin="Разберёмся сами.")
    assert "похож на прежние" not in otklik("queue", "show", written).out


def test_a_fault_that_cannot_be_is_refused(otklik: Otklik, written: int) -> None:
    for arguments, says in (
        (["perhaps"], "unconfirmed"),
        ([], "Missing argument"),
        (["denied", "--measure", MEASURE], "подтверждённой"),
        (["confirmed", "--measure", "Ё" * 301], "300"),
    ):
        refused = otklik("queue", "fault", written, *arguments)
        assert refused.code == 2
        assert says in refused.err
    assert shown(otklik, written)["fault"] == "unconfirmed"


def test_a_confirmed_fault_may_be_admitted_by_a_person_and_no_other(otklik: Otklik, written: int) -> None:
    otklik("queue", "edit", written, stdin=GUILTY)
    assert "admits_fault" in otklik("queue", "approve", written).err
    otklik("queue", "fault", written, "confirmed")
    assert otklik("queue", "approve", written).code == 0
    otklik("queue", "fault", written, "denied")
    assert "admits_fault" in otklik("queue", "edit", written, stdin=GUILTY).err


def test_a_draft_written_anew_follows_the_fault_and_is_its_askers(otklik: Otklik, cafe: Rig, written: int) -> None:
    otklik("queue", "fault", written, "confirmed")
    mine = otklik("queue", "draft", written, "--json").objects()[0]["draft"]
    assert mine["template"].startswith("apology")
    assert mine["author"] == "anna"
    cafe.run(after=cafe.app.intervals["google_business"] * 2)
    assert shown(otklik, written)["draft"]["text"] == mine["text"]


def test_another_register_makes_drafts_due_again(cafe: Rig, written: int, monkeypatch: pytest.MonkeyPatch) -> None:
    echo = Echo()
    monkeypatch.setattr(Application, "responder", echo)
    cafe.run()
    assert echo.asked == []
    text = cafe.config_path.read_text(encoding="utf-8")
    text = text.replace("sector: food", "sector: food, register: warm, emoji: 🌿")
    cafe.config_path.write_text(text, encoding="utf-8")
    cafe.restart()
    cafe.run()
    assert {(situation.brand.register, situation.brand.emoji) for situation in echo.asked} == {("warm", "🌿")}
