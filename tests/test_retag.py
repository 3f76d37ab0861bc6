"""A person corrects what the analysis said of a review: the verdict follows, now and later; so does the deadline."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import sla
from monitor import tickets as life
from monitor.actions import LONGEST_NOTE, Actions, DraftFate, Write
from monitor.alerts import AlertKind
from monitor.cli import history
from monitor.corrections import corrected, merged
from monitor.decide import decide_page
from monitor.errors import Conflict, TemplateError, UsageError
from monitor.jobs.analyse import Analyse
from monitor.jobs.draft import UNJUDGED, WriteDrafts
from monitor.jobs.watch import Watch
from monitor.log import Log
from monitor.model import WAITING_STATES, Answerable, Card, FetchedReview, Label, Precision, Target, Ticket, TicketState
from monitor.store.connection import Row
from monitor.store.intake import Progress
from monitor.store.intents import Rules
from monitor.store.labels import CORRECTIONS, Correction
from monitor.store.rows import verdict_from
from monitor.store.sqlite import Store
from monitor.store.tickets import Filters
from responders.types import Brand, Draft, Fault, Situation
from sentiment.types import Evidence, Risk, RiskMention, Theme, ThemeMention, Tone, Verdict
from tests.conftest import Otklik
from tests.fakes import FrozenClock
from tests.rig import Rig

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POLICY = sla.Policy.of(HOUR, 24 * HOUR)
RULES = Rules(POLICY, Answerable.ALL, representative=False, enforce_from=timedelta(days=2))
PRAISE = Verdict(Tone.POSITIVE, None, False, False, False, (), (), (Evidence("вкусно", -2.0),))
BLAME = Verdict(Tone.NEGATIVE, None, True, False, True, (), (), (Evidence("ждали час", 1.5),))


class FixedAnalyser:
    """An analysis that says of every review the same."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def analyse(self, text: str, stars: int | None, author: str = "") -> Verdict:
        return self.verdict


class BrokenAnalyser:
    def analyse(self, text: str, stars: int | None, author: str = "") -> Verdict:
        raise ValueError("stumbled")


THANKS = Draft("Спасибо", "thanks", ())


@dataclass
class Bench:
    """One card, the store and the clock; reviews are put in and analysed by hand."""

    store: Store
    clock: FrozenClock

    def read(self, *reviews: FetchedReview, rules: Rules = RULES) -> None:
        card = self.store.listings.all()[0]
        known = self.store.intake.known(card.id, [review.external_id for review in reviews])
        progress = Progress(tuple(review.external_id for review in reviews), self.clock.now(), ended=True)
        self.store.intake.apply(card.id, decide_page(known, reviews), progress, rules, self.clock.now())

    def analyse(self, verdict: Verdict | None, version: str = "v1") -> None:
        """A pass's analysis with a model that says `verdict` of everything; None: it stumbles."""
        self.store.links.link(1000)
        analyser = BrokenAnalyser() if verdict is None else FixedAnalyser(verdict)
        Analyse(
            store=self.store,
            clock=self.clock,
            version=version,
            analyser=lambda: analyser,
            policies=sla.Policies(POLICY),
            owners=lambda place, now: ("owner@example.ru",),
            log=Log(),
        ).run()

    def person(self, name: str = "anna", write: Write = lambda _ticket, _fault, _measure: THANKS) -> Actions:
        return Actions(
            store=self.store,
            clock=self.clock,
            policies=sla.Policies(POLICY),
            lint=lambda ticket, reply: (),
            write=write,
            actor=name,
        )

    def ticket(self) -> Ticket:
        return self.store.tickets.get(1)

    def verdict(self) -> Verdict:
        found = verdict_from(self.store.tickets.view(1))
        assert found is not None
        return found

    def events(self) -> list[tuple[str, str, str]]:
        return [(event["kind"], event["was"], event["became"]) for event in self.store.tickets.events(1)]

    def drafted(self) -> bool:
        """Whether the draft is as new as the verdict, with templates "t"."""
        return not self.store.tickets.due_for_draft("t", 10)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = Store.open(tmp_path / "otklik.db")
    store.listings.sync([Card("lenina", "yandex_maps", "1", "Europe/Moscow")], NOON)
    yield Bench(store, FrozenClock(NOON))
    store.close()


def review(name: str = "a", **changes: Any) -> FetchedReview:
    base = FetchedReview(name, 5, "Ну просто песня, ждали час", "Пётр", NOON, Precision.EXACT, "https://example.ru/a")
    return replace(base, **changes)


def judged(bench: Bench, verdict: Verdict, **changes: Any) -> Bench:
    bench.read(review(**changes))
    bench.analyse(verdict)
    with bench.store.write():
        bench.store.tickets.add_draft(1, Draft("Спасибо", "thanks", ()), revision=1, author=None, now=NOON)
        bench.store.tickets.mark_drafted(1, "t")
    return bench


# --- the verdict --------------------------------------------------------------------------------


def label(tone: Tone | None = None, complaint: bool | None = None) -> Label:
    return Label(tone, complaint, None if tone is None else "anna", None if complaint is None else "anna", NOON)


@pytest.mark.parametrize(
    ("verdict", "stars", "said", "tone", "flagged", "conflict"),
    [
        (PRAISE, 5, label(Tone.NEGATIVE), Tone.NEGATIVE, True, True),
        (PRAISE, 5, label(complaint=True), Tone.POSITIVE, True, True),
        (PRAISE, 5, label(Tone.POSITIVE, True), Tone.POSITIVE, True, True),
        (BLAME, 5, label(Tone.POSITIVE), Tone.POSITIVE, False, False),
        (BLAME, 5, label(complaint=False), Tone.NEGATIVE, True, True),
        (BLAME, 5, label(Tone.NEUTRAL, False), Tone.NEUTRAL, False, False),
        (BLAME, None, label(Tone.NEUTRAL), Tone.NEUTRAL, False, False),
        (BLAME, 1, label(Tone.POSITIVE), Tone.POSITIVE, False, True),
        (BLAME, 1, label(Tone.NEGATIVE), Tone.NEGATIVE, True, False),
        (BLAME, 2, label(complaint=False), Tone.NEGATIVE, True, False),
        (PRAISE, 3, label(complaint=False), Tone.POSITIVE, True, True),
        (UNJUDGED, 4, label(complaint=False), Tone.NEUTRAL, False, False),
    ],
)
def test_a_persons_word_stands_above_model_and_stars(
    verdict: Verdict, stars: int | None, said: Label, tone: Tone, flagged: bool, conflict: bool
) -> None:
    found = corrected(verdict, said, stars)
    assert (found.tone, found.flagged, found.conflict, found.uncertain) == (tone, flagged, conflict, False)
    assert (found.themes, found.risks, found.evidence) == (verdict.themes, verdict.risks, verdict.evidence)


labels = st.builds(
    label, st.sampled_from([None, *Tone]), st.sampled_from([None, True, False])
).filter(lambda said: said.tone is not None or said.complaint is not None)  # fmt: skip


@given(
    verdict=st.sampled_from([PRAISE, BLAME, UNJUDGED]),
    stars=st.sampled_from([None, 1, 2, 3, 4, 5]),
    words=st.lists(labels, min_size=1, max_size=4),
)
def test_several_corrections_in_turn_are_as_good_as_the_last_label_at_once(
    verdict: Verdict, stars: int | None, words: list[Label]
) -> None:
    kept: Label | None = None
    stepwise = verdict
    for word in words:
        kept = merged(kept, word.tone, word.complaint, "anna", NOON)
        stepwise = corrected(stepwise, kept, stars)
    assert kept is not None
    assert stepwise == corrected(verdict, kept, stars) == corrected(stepwise, kept, stars)


def test_what_a_person_says_holds_at_once_and_is_told(bench: Bench) -> None:
    judged(bench, PRAISE).person().retag(1, tone=Tone.NEGATIVE, note="ирония")
    assert bench.verdict().tone is Tone.NEGATIVE
    assert bench.verdict().flagged
    assert ("retagged", "positive", "negative") in bench.events()
    assert [row["id"] for row in bench.store.tickets.queue(Filters(tone="negative"))] == [1]
    assert [row["tone"] for row in bench.store.reviews()] == ["negative"]


def test_a_new_model_does_not_overrule_a_person_and_still_says_all_the_rest(bench: Bench) -> None:
    judged(bench, PRAISE).person().retag(1, tone=Tone.NEGATIVE, complaint=True)
    due = bench.ticket().due_at
    theme = ThemeMention(Theme.WAITING, Tone.NEGATIVE, "ждали час")
    bench.clock.advance(HOUR)
    bench.analyse(replace(PRAISE, themes=(theme,)), "v2")
    assert (bench.verdict().tone, bench.verdict().flagged) == (Tone.NEGATIVE, True)
    assert bench.verdict().themes == (theme,)
    assert bench.ticket().due_at == due


def test_a_new_model_does_not_tighten_what_a_person_loosened(bench: Bench) -> None:
    judged(bench, BLAME).person().retag(1, tone=Tone.POSITIVE)
    bench.analyse(BLAME, "v2")
    assert bench.ticket().due_at == NOON + 24 * HOUR
    assert not bench.verdict().urgent


def test_an_edited_text_is_analysed_afresh(bench: Bench) -> None:
    judged(bench, BLAME).person().retag(1, tone=Tone.POSITIVE)
    bench.read(review(text="Передумал: ужасно"))
    bench.analyse(BLAME)
    assert (bench.verdict().tone, bench.store.tickets.view(1)["label_tone_by"]) == (Tone.NEGATIVE, None)
    assert bench.ticket().due_at == NOON + HOUR


def test_who_speaks_of_the_complaint_is_not_credited_with_the_tone(bench: Bench) -> None:
    judged(bench, PRAISE).person("anna").retag(1, tone=Tone.NEGATIVE)
    bench.person("boris").retag(1, complaint=True)
    row = bench.store.tickets.view(1)
    assert (row["label_tone_by"], row["label_complaint_by"]) == ("anna", "boris")


def test_a_later_correction_takes_the_place_of_the_first_and_the_history_keeps_both(bench: Bench) -> None:
    judged(bench, PRAISE).person().retag(1, tone=Tone.NEGATIVE)
    bench.person("boris").retag(1, complaint=True)
    bench.person("boris").retag(1, tone=Tone.NEUTRAL)
    assert [
        (row["label_tone"], row["label_complaint"], row["label_tone_by"]) for row in [bench.store.tickets.view(1)]
    ] == [("neutral", 1, "boris")]
    assert [event[1:] for event in bench.events() if event[0] == "retagged"] == [
        ("positive", "negative"),
        ("negative", "negative,complaint"),
        ("negative,complaint", "neutral,complaint"),
    ]


def test_saying_the_same_again_changes_nothing(bench: Bench) -> None:
    judged(bench, PRAISE).person().retag(1, tone=Tone.NEGATIVE)
    before = bench.store.content_digest()
    bench.clock.advance(HOUR)
    bench.person("boris").retag(1, tone=Tone.NEGATIVE)
    assert bench.store.content_digest() == before


def test_a_person_who_agrees_with_the_analysis_is_heard_and_renews_nothing(bench: Bench) -> None:
    judged(bench, PRAISE).person().retag(1, tone=Tone.POSITIVE)
    assert bench.drafted()
    assert bench.ticket().due_at == NOON + 24 * HOUR
    assert [correction.tone for correction in bench.store.labels.corrections()] == [Tone.POSITIVE]


# --- the draft ----------------------------------------------------------------------------------


def test_a_draft_that_nobody_touched_is_renewed(bench: Bench) -> None:
    before = judged(bench, PRAISE).store.tickets.view(1)["draft_number"]
    assert bench.person().retag(1, tone=Tone.NEGATIVE) is DraftFate.REWRITTEN
    after = bench.store.tickets.view(1)
    assert (after["draft_number"], after["draft_author"]) == (before + 1, None)
    assert bench.drafted(), "and the next pass need not write it again"


def test_a_draft_that_cannot_be_written_at_once_is_due_in_the_next_pass(bench: Bench) -> None:
    def broken(_ticket: int, _fault: Fault, _measure: str) -> Draft:
        raise TemplateError("broken")

    anna = judged(bench, PRAISE).person(write=broken)
    assert anna.retag(1, tone=Tone.NEGATIVE) is DraftFate.MISSING
    assert bench.verdict().tone is Tone.NEGATIVE
    assert not bench.drafted()


def test_what_was_said_before_is_said_and_a_persons_words_stay(bench: Bench) -> None:
    anna = judged(bench, PRAISE).person()
    anna.edit(1, "Спасибо, Пётр!")
    assert anna.retag(1, tone=Tone.NEGATIVE) is DraftFate.KEPT
    assert anna.retag(1, tone=Tone.NEGATIVE) is DraftFate.UNCHANGED
    assert bench.store.tickets.view(1)["draft_text"] == "Спасибо, Пётр!"
    anna.dismiss(1, "other")
    assert anna.retag(1, tone=Tone.POSITIVE) is DraftFate.NEEDLESS


def test_a_pass_writes_a_regret_for_what_it_took_for_praise(cafe: Rig) -> None:
    view = next(view for view in cafe.queue() if view.verdict and view.due_at and not view.verdict.urgent and view.text)
    assert view.draft is not None
    mine = next(other for other in cafe.queue() if other.verdict and not other.verdict.urgent and other.text
                and other.ticket != view.ticket)  # fmt: skip
    anna = cafe.app.actions("anna")
    anna.edit(mine.ticket, "Спасибо, ждём Вас снова!")
    for ticket in (view.ticket, mine.ticket):
        anna.retag(ticket, tone=Tone.NEGATIVE, complaint=True)
    cafe.run(after=MINUTE)
    renewed, kept = cafe.app.reports.tickets([view.ticket, mine.ticket], cafe.clock.now())
    assert renewed.draft is not None
    assert kept.draft is not None
    assert renewed.draft.text != view.draft.text
    assert not renewed.draft.template.startswith("thanks/")
    assert kept.draft.text == "Спасибо, ждём Вас снова!"
    assert renewed.verdict is not None
    assert renewed.verdict.flagged


def test_a_draft_begun_before_a_person_spoke_is_not_kept(bench: Bench) -> None:
    judged(bench, PRAISE)

    class Slow:
        """While it writes, a person speaks."""

        def draft(self, situation: Situation) -> Draft:
            bench.person().retag(1, tone=Tone.NEGATIVE)
            return Draft(f"О тоне {situation.verdict.tone}", "x", ())

    drafts = WriteDrafts(
        store=bench.store,
        clock=bench.clock,
        edition="newer",
        responder=Slow,
        spare=Slow,
        brand=Brand("Кафе", "food", ""),
        titles={},
        log=Log(),
    )
    drafts.run()
    assert bench.store.tickets.view(1)["draft_text"] == "Спасибо"
    drafts.run()
    assert bench.store.tickets.view(1)["draft_text"] == "О тоне negative"


# --- the deadline -------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "due"), [(10, 60), (50, 65), (600, 615), (24 * 60 - 5, 24 * 60), (1500, 24 * 60)])
def test_a_review_that_a_person_finds_negative_is_due_within_its_first_hour_or_fifteen_minutes(
    bench: Bench, after: int, due: int
) -> None:
    judged(bench, PRAISE)
    bench.clock.advance(after * MINUTE)
    bench.person().retag(1, tone=Tone.NEGATIVE)
    assert bench.ticket().due_at == NOON + due * MINUTE


def test_a_complaint_inside_praise_tightens_as_a_negative_tone_does(bench: Bench) -> None:
    judged(bench, PRAISE).person().retag(1, complaint=True)
    assert bench.ticket().due_at == NOON + HOUR
    assert bench.verdict().tone is Tone.POSITIVE


def test_what_a_person_finds_harmless_has_a_day_from_when_it_was_first_seen(bench: Bench) -> None:
    judged(bench, BLAME)
    bench.clock.advance(3 * HOUR)  # the hour has passed: by the promise that holds now, nothing is late
    bench.person().retag(1, tone=Tone.NEUTRAL)
    ticket = bench.ticket()
    assert (ticket.due_at, ticket.target, ticket.level) == (NOON + 24 * HOUR, Target.OTHER, "")
    moved = [event for event in bench.store.tickets.events(1) if event["kind"] == "deadline"]
    assert [(event["was"][:16], event["became"][:16], event["actor"]) for event in moved] == [
        ("2026-11-21T13:00", "2026-11-22T12:00", "anna")
    ]


def test_what_is_late_by_either_promise_stays_late_and_rings_no_second_time(bench: Bench) -> None:
    judged(bench, BLAME)
    bench.clock.advance(30 * HOUR)
    ticket = bench.ticket()
    with bench.store.write():
        bench.store.tickets.save(ticket, life.level_reached(ticket, POLICY, bench.clock.now()))
    bench.person().retag(1, tone=Tone.POSITIVE)
    after = bench.ticket()
    assert after.due_at == NOON + 24 * HOUR
    assert life.level_reached(after, POLICY, bench.clock.now()).events == ()
    bench.person().submitted(1)
    assert bench.ticket().met is False


def test_a_closed_ticket_takes_the_label_and_keeps_its_deadline_and_outcome(bench: Bench) -> None:
    judged(bench, PRAISE)
    bench.clock.advance(2 * HOUR)
    bench.person().submitted(1)
    before = bench.ticket()
    bench.person().retag(1, tone=Tone.NEGATIVE)
    assert bench.ticket() == before
    assert bench.verdict().tone is Tone.NEGATIVE
    assert len(list(bench.store.labels.corrections())) == 1


def test_the_backlog_has_no_deadline_even_when_a_person_finds_it_negative(bench: Bench) -> None:
    judged(bench, PRAISE, posted_at=NOON - timedelta(days=30)).person().retag(1, tone=Tone.NEGATIVE)
    assert bench.ticket().due_at is None
    assert bench.verdict().flagged


def test_what_nobody_can_answer_is_told_once_when_a_person_finds_it_negative(bench: Bench) -> None:
    bench.read(review(), rules=replace(RULES, answerable=Answerable.NO))
    bench.analyse(PRAISE)
    assert bench.ticket().next_change_at is None
    bench.person().retag(1, tone=Tone.NEGATIVE)
    assert (bench.ticket().due_at, bench.ticket().next_change_at) == (None, NOON)
    bench.person().retag(1, tone=Tone.POSITIVE)
    assert bench.ticket().next_change_at is None


def test_a_person_may_be_faster_than_the_analysis(bench: Bench) -> None:
    bench.read(review())
    bench.person().retag(1, tone=Tone.POSITIVE)
    assert (bench.verdict().tone, bench.ticket().due_at) == (Tone.POSITIVE, NOON + 24 * HOUR)
    risk = RiskMention(Risk.POISONING, "отравились")
    bench.analyse(replace(BLAME, risks=(risk,)))
    assert (bench.verdict().tone, bench.verdict().risks) == (Tone.POSITIVE, (risk,))
    assert bench.ticket().due_at == NOON + 24 * HOUR
    assert [mail.kind for mail in bench.store.outbox.due(NOON)] == [AlertKind.DANGER]


def test_where_the_analysis_stumbles_a_person_helps_out(bench: Bench) -> None:
    bench.read(review())
    bench.analyse(None)
    bench.person().retag(1, tone=Tone.POSITIVE)
    assert bench.verdict().tone is Tone.POSITIVE
    assert bench.ticket().due_at == NOON + 24 * HOUR
    assert not bench.drafted()


def test_an_alarm_that_a_person_has_overtaken_is_not_sent(cafe: Rig) -> None:
    cafe.world.add(cafe.world.card("google_business"), text="Ужас, хамство, больше ни ногой", stars=1, author="Олег")
    cafe.run(after=cafe.app.intervals["google_business"] * 2)
    view = next(view for view in cafe.queue() if view.author == "Олег")
    cafe.clock.advance(61 * MINUTE)
    watch = Watch(
        store=cafe.app.store,
        clock=cafe.clock,
        policies=cafe.app.policies,
        ladder=cafe.app.ladder,
        zones=cafe.app.zone,
        log=Log(),
    )
    watch.run()
    about = [mail for mail in cafe.app.store.outbox.due(cafe.clock.now()) if view.ticket in mail.tickets]
    assert {mail.level for mail in about} == {sla.Level.BREACH}
    cafe.app.actions("anna").retag(view.ticket, tone=Tone.POSITIVE)
    cafe.run()
    states = {row[0]: row[1] for row in table(cafe.app.config.database, "notification", "id, state")}
    assert {states[mail.id] for mail in about} == {"cancelled"}


def ticket_at(target: Target, due: datetime, armed: datetime, level: str) -> Ticket:
    opened = life.opened(review_id=1, now=NOON, policy=POLICY, answerable=True, backlog=False).ticket
    return replace(opened, id=1, target=target, due_at=due, armed_at=armed, level=level)


ladder = {target: ("", *(level.value for level, _ in rungs)) for target, rungs in sla.LADDER.items()}


@given(
    target=st.sampled_from(list(Target)),
    armed=st.integers(0, 3000),
    given=st.integers(1, 3000),
    later=st.integers(0, 6000),
    urgent=st.booleans(),
    data=st.data(),
)
def test_whenever_a_person_speaks_rule_five_holds(
    target: Target, armed: int, given: int, later: int, urgent: bool, data: st.DataObject
) -> None:
    due = NOON + (armed + given) * MINUTE
    now = NOON + (armed + later) * MINUTE
    before = ticket_at(target, due, NOON + armed * MINUTE, data.draw(st.sampled_from(ladder[target])))
    step = life.retagged(before, urgent=urgent, now=now, policy=POLICY)
    after = step.ticket
    assert after.due_at is not None
    assert after.target is (Target.NEGATIVE if urgent else Target.OTHER)
    if target is Target.OTHER and urgent:
        assert after.due_at == min(due, max(NOON + HOUR, now + 15 * MINUTE))
    if target is Target.OTHER and not urgent:
        assert after == before
    if target is Target.NEGATIVE and not urgent:
        assert after.due_at == max(due, NOON + 24 * HOUR)
        assert after.due_at >= now or due < now, "nobody becomes late by a person's kindness"
        assert after.next_change_at is not None or after.level == sla.Level.PLUS_2X
    moved = [event for event in step.events if event.kind == "deadline"]
    settled = target is not Target.UNCLASSIFIED  # there the first word settles the deadline, as a first verdict does
    assert bool(moved) is (settled and after.due_at != due) or (target is Target.OTHER and urgent)
    again = life.retagged(after, urgent=urgent, now=now, policy=POLICY)
    assert (again.ticket, again.events) == (after, ())


@given(
    state=st.sampled_from([state for state in TicketState if state not in (*WAITING_STATES, TicketState.UNANSWERABLE)]),
    urgent=st.booleans(),
)
def test_a_word_about_a_closed_ticket_moves_nothing(state: TicketState, urgent: bool) -> None:
    closed = replace(ticket_at(Target.NEGATIVE, NOON + HOUR, NOON, ""), state=state, closed_at=NOON)
    assert life.retagged(closed, urgent=urgent, now=NOON + HOUR, policy=POLICY) == life.Step(closed, ())


# --- what is refused ----------------------------------------------------------------------------


def test_a_ticket_that_another_person_has_taken_is_refused(bench: Bench) -> None:
    judged(bench, PRAISE).person("boris").take(1)
    with pytest.raises(Conflict, match="boris"):
        bench.person().retag(1, tone=Tone.NEGATIVE)
    assert list(bench.store.labels.corrections()) == []


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u202e"])
def test_a_review_without_words_has_no_tone_to_correct(bench: Bench, text: str) -> None:
    judged(bench, PRAISE, text=text)
    with pytest.raises(Conflict, match="№ 1 нет текста"):
        bench.person().retag(1, tone=Tone.NEGATIVE)


def test_erased_words_cannot_be_corrected(bench: Bench) -> None:
    judged(bench, PRAISE)
    bench.store.privacy.erase([1], NOON)
    with pytest.raises(Conflict, match="стёрт"):
        bench.person().retag(1, tone=Tone.NEGATIVE)


def test_a_correction_must_correct_something_and_its_note_has_an_end(bench: Bench) -> None:
    judged(bench, PRAISE)
    with pytest.raises(UsageError, match="--tone"):
        bench.person().retag(1, note="просто так")
    with pytest.raises(UsageError, match=str(LONGEST_NOTE)):
        bench.person().retag(1, tone=Tone.NEGATIVE, note="Ё" * 100_000)


# --- learning and forgetting --------------------------------------------------------------------


def test_corrections_come_in_the_order_they_were_made_with_the_words_they_were_made_of(bench: Bench) -> None:
    bench.read(review("a"), review("b", text="Ещё один", stars=None), review("c", text="Третий"))
    bench.analyse(PRAISE)
    anna = bench.person()
    for ticket, tone, complaint in ((2, Tone.NEGATIVE, None), (1, None, True), (3, Tone.NEUTRAL, False)):
        bench.clock.advance(MINUTE)
        anna.retag(ticket, tone=tone, complaint=complaint)
    bench.read(review("a", text="Совсем другое", stars=2))
    expected = [
        Correction("Ещё один", None, Tone.NEGATIVE, None, "yandex_maps"),
        Correction("Ну просто песня, ждали час", 5, None, True, "yandex_maps"),
        Correction("Третий", 5, Tone.NEUTRAL, False, "yandex_maps"),
    ]
    plan = [row["detail"] for row in bench.store.labels._db.rows("EXPLAIN QUERY PLAN" + CORRECTIONS)]
    assert not [step for step in plan if "TEMP B-TREE" in step], plan
    before = bench.store.content_digest()
    found = bench.store.labels.corrections()
    assert next(found) == expected[0]  # as they are asked for
    assert list(found) == expected[1:]
    assert bench.store.content_digest() == before
    bench.clock.advance(MINUTE)
    anna.retag(2, tone=Tone.POSITIVE)  # said anew: the latest word
    bench.store.privacy.erase([3], NOON)
    assert [correction.text for correction in bench.store.labels.corrections()] == [expected[1].text, "Ещё один"]


def test_forgetting_erases_the_note_and_the_label_never_held_the_words(bench: Bench, tmp_path: Path) -> None:
    judged(bench, PRAISE).person().retag(1, tone=Tone.NEGATIVE, note="это Пётр Первый из третьего подъезда")
    assert "Пётр Первый" in str(bench.store.tickets.events(1))
    assert "песня" not in str(table(tmp_path / "otklik.db", "label"))
    bench.store.privacy.erase([1], NOON)
    assert list(bench.store.labels.corrections()) == []
    bench.store.close()
    for path in tmp_path.glob("otklik.db*"):
        assert "Пётр Первый".encode() not in path.read_bytes()


def table(database: Path, name: str, columns: str = "*") -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    found = list(connection.execute(f"SELECT {columns} FROM {name}"))
    connection.close()
    return found


# --- what people see ----------------------------------------------------------------------------


def one(otklik: Otklik, *arguments: object) -> Row:
    result = otklik(*arguments)
    assert result.code == 0, result.err
    return result.objects()[0]


def some_ticket(otklik: Otklik, tone: str = "positive") -> int:
    rows = otklik("queue", "list", "--json", "--tone", tone).objects()
    return int(next(row["ticket"] for row in rows if row["text"]))


def test_show_tells_who_set_the_tone(otklik: Otklik, cafe: Rig) -> None:
    ticket = some_ticket(otklik)
    assert one(otklik, "queue", "show", ticket, "--json")["tone_by"] is None
    told = otklik("queue", "retag", ticket, "--tone", "negative", "--complaint", "--note", "spam")
    assert (told.code, told.err) == (0, "")
    assert "Тон указал человек: негативный, есть жалоба (anna)" in told.out
    shown = otklik("queue", "show", ticket).out
    assert "Тон указал человек: негативный, есть жалоба (anna)" in shown
    assert "негативный, есть жалоба (было: позитивный); spam (anna)" in " ".join(shown.split())
    row = one(otklik, "queue", "show", ticket, "--json")
    assert (row["tone"], row["tone_by"], row["flagged"]) == ("negative", "anna", True)
    assert (row["correction"]["complaint"], row["correction"]["by"]) == (True, "anna")
    exported = {row["review"]: row["tone"] for row in otklik("export").objects()}
    assert exported[row["review"]] == "negative"


def test_a_word_about_the_complaint_alone_leaves_the_tone_to_the_analysis(otklik: Otklik, cafe: Rig) -> None:
    ticket = some_ticket(otklik)
    row = one(otklik, "queue", "retag", ticket, "--complaint", "--as", "Борис", "--json")
    assert (row["tone"], row["tone_by"], row["correction"]["tone"]) == ("positive", None, None)
    assert "Указал человек: есть жалоба (Борис)" in otklik("queue", "show", ticket).out


def test_retag_exits_1_for_a_colleagues_ticket_and_2_for_nothing_to_say(otklik: Otklik, cafe: Rig) -> None:
    ticket = some_ticket(otklik)
    otklik("queue", "take", ticket, "--as", "boris")
    refused = otklik("queue", "retag", ticket, "--tone", "neutral")
    assert (refused.code, refused.out) == (1, "")
    assert "boris" in refused.err
    empty = otklik("queue", "retag", ticket, "--as", "boris")
    assert empty.code == 2
    assert "--complaint" in empty.err
    assert otklik("queue", "retag", ticket, "--tone", "angry").code == 2
    bare = next(row["ticket"] for row in otklik("queue", "list", "--json").objects() if not row["text"])
    wordless = otklik("queue", "retag", bare, "--tone", "neutral")
    assert wordless.code == 1
    assert "нет текста" in wordless.err


@pytest.mark.parametrize("note", ["\x1b[2Jстёр экран", "две\nстроки", "{{ 7*7 }}<b>", "\u202eнаоборот", "\ud83d"])
def test_a_note_is_one_harmless_line(bench: Bench, note: str) -> None:
    judged(bench, PRAISE).person().retag(1, tone=Tone.NEGATIVE, note=note)
    (event,) = [event for event in bench.store.tickets.events(1) if event["kind"] == "retagged"]
    assert event["why"].isprintable()
    assert "\n" not in "".join(history.history_text([event], "Europe/Moscow", NOON))


def test_a_mail_says_that_a_person_found_it_urgent(cafe: Rig) -> None:
    cafe.world.add(cafe.world.card("google_business"), text="Ну спасибо, вечер удался", stars=5, author="Олег")
    cafe.run(after=cafe.app.intervals["google_business"] * 2)
    view = next(view for view in cafe.queue() if view.author == "Олег")
    cafe.app.actions("anna").retag(view.ticket, tone=Tone.NEGATIVE)
    before = set(cafe.mails())
    cafe.run(after=61 * MINUTE)
    mails = [path.read_bytes() for path in cafe.mails() if path not in before]
    bodies = [message_from_bytes(mail, policy=policy.default).get_body(("plain",)) for mail in mails]
    assert any("тон указал человек: негативный (anna)" in body.get_content() for body in bodies if body is not None)
