"""Which drafts other wordings concern: those alone are written anew, and never under somebody's hands."""

from dataclasses import dataclass

import pytest

from monitor.jobs.draft import BATCH, PAID_BATCH, REWORDED
from responders import amend
from responders.amend import Lists, Row
from responders.draft import Responder
from responders.editions import concerns, edition, same_basis, speaks_by
from responders.files import SHIPPED
from responders.samples import situations
from responders.types import Brand, Contact, Draft, Situation
from tests import test_fault
from tests.test_fault import Bench, review

bare, bench = test_fault.bare, test_fault.bench

BRAND = Brand("Кафе «Ромашка»", "food", "", Contact("+7 (843) 000-00-00", "help@example.ru"))
SAMPLES = situations(BRAND)
BEFORE = [Responder().draft(about) for about in SAMPLES]
BOOKS = sorted(file.relative_to(SHIPPED).as_posix() for file in SHIPPED.rglob("*.yaml") if "clinic" not in file.parts)

# --- which ----------------------------------------------------------------------------------------------------


def louder(book: str) -> str:
    """The book with every row in other words."""
    text = (SHIPPED / book).read_text(encoding="utf-8")
    lists: Lists = {name: tuple(_louder(row) for row in rows) for name, rows in amend.rows(text, trusted=True).items()}
    return amend.written(lists, amend.references(text, trusted=True))


def _louder(row: Row) -> Row:
    return {key: f"{value} да" if key in ("text", "topic", "about") else value for key, value in row.items()}


@pytest.mark.parametrize("book", BOOKS)
def test_a_draft_that_other_words_of_a_book_change_is_one_that_the_book_concerns(book: str) -> None:
    stored = {book: louder(book)}
    then, now = edition("a"), edition("a", stored=stored)
    responder, changed = Responder(None, stored), 0
    for about, before in zip(SAMPLES, BEFORE, strict=True):
        if responder.draft(about).text != before.text:
            changed += 1
            assert concerns(then, now, before.template), before.template
    assert changed, "or this shows nothing"


def test_a_change_concerns_no_draft_of_another_kind_or_theme() -> None:
    then = edition("a")

    def concerned(book: str, template: str) -> bool:
        return concerns(then, edition("a", stored={book: "openings: [Да.]\n"}), template)

    assert concerned("thanks.yaml", "thanks#3.1.staff:2.5.1")
    assert not concerned("thanks.yaml", "thanks_open#3.1.2")
    assert not concerned("thanks.yaml", "danger#1.2.injury:1.1+rewritten")
    assert concerned("themes/staff.yaml", "thanks#3.1.staff:2.5.1")
    assert not concerned("themes/staff.yaml", "regret#3.1.waiting:2.5.1")
    assert concerned("risks.yaml", "danger#1.2.injury:1.1")
    assert not concerned("risks.yaml", "apology#1.2.measure:1.1")
    assert concerned("asks.yaml", "regret#1.2.again_complaint:1.praised:1.1")
    assert not concerned("asks.yaml", "apology#1.2.measure:1.staff:1.1")
    for book in ("shared.yaml", "topics.yaml", "reply.txt.j2"):
        assert concerned(book, "mistaken#1.2.1")


def test_a_clinics_own_book_is_the_same_book() -> None:
    now = edition("a", stored={"clinic/thanks.yaml": "openings: [Да.]\n"})
    assert concerns(edition("a"), now, "thanks#1.1.1")
    assert not concerns(edition("a"), now, "regret#1.1.1")
    assert speaks_by("regret#1.staff:2.1", "themes/staff.yaml")


def test_another_business_an_older_program_and_a_draft_that_nobody_knows_concern_all() -> None:
    now = edition("a")
    for then in (edition("b"), "", "f" * 64, "t"):
        assert concerns(then, now, "thanks#1.1.1")
        assert not same_basis(then, now)
    other = edition("a", stored={"thanks.yaml": "openings: [Да.]\n"})
    assert same_basis(other, now)
    assert concerns(other, now, "")
    assert concerns(other, now, "no_such_kind#1.1")
    assert not concerns(now, now, "thanks#1.1.1")


def test_an_edition_is_short() -> None:
    assert len(edition("a" * 1000)) < 160


# --- how a pass follows -----------------------------------------------------------------------------------------

OLD, NEW = edition("a"), edition("a", stored={"thanks.yaml": "openings: [Да.]\n"})


@dataclass
class Says:
    """A responder of one text."""

    text: str
    template: str = "thanks#1"

    def draft(self, _situation: Situation) -> Draft:
        return Draft(self.text, self.template, (), reason=self.text)


def passed(bench: Bench, edition: str, text: str, template: str = "thanks#1", batch: int = BATCH) -> None:
    bench.echo = Says(text, template)  # type: ignore[assignment]  # a simpler responder
    bench.run(edition, batch)


def texts(bench: Bench, ticket: int = 1) -> list[str]:
    return [draft.text for draft in bench.store.dossier.drafts(ticket, 10)]


@pytest.fixture
def drafted(bare: Bench) -> Bench:
    bare.read(review())
    passed(bare, OLD, "Раз.")
    return bare


def test_a_draft_is_written_anew_with_a_line_in_its_history(drafted: Bench) -> None:
    passed(drafted, NEW, "Два.")
    assert texts(drafted) == ["Два.", "Раз."]
    assert drafted.events("edited") == [("", "open", "open", REWORDED)]


def test_the_first_draft_and_one_for_a_changed_review_have_no_such_line(drafted: Bench) -> None:
    drafted.read(review(text="Суп холодный и пересоленный"))
    passed(drafted, NEW, "Два.")
    assert texts(drafted) == ["Два.", "Раз."]
    assert drafted.events("edited") == []


def test_what_says_the_same_is_no_other_draft(drafted: Bench) -> None:
    drafted.echo = Says("Раз.", "thanks#2")  # type: ignore[assignment]  # a simpler responder
    drafted.run(NEW)
    assert texts(drafted) == ["Раз."]
    assert drafted.events("edited") == []
    assert drafted.view()["draft_template"] == "thanks#2", "what is said of it may have changed"
    assert drafted.store.tickets.due_for_draft(NEW, 10) == []


def test_a_book_that_the_draft_does_not_draw_on_leaves_it_and_nothing_is_due(bare: Bench) -> None:
    bare.read(review())
    passed(bare, OLD, "Раз.", "regret#1")
    passed(bare, NEW, "Два.", "regret#1")
    assert texts(bare) == ["Раз."]
    assert bare.store.tickets.due_for_draft(NEW, 10) == []


def test_a_ticket_that_somebody_has_taken_is_left_alone_and_followed_when_it_is_given_back(drafted: Bench) -> None:
    drafted.person().take(1)
    assert drafted.store.tickets.due_for_draft(NEW, 10) == []
    passed(drafted, NEW, "Два.")
    assert texts(drafted) == ["Раз."]
    assert drafted.store.tickets.untouched() == {}
    drafted.person().release(1)
    assert drafted.store.tickets.untouched() == {"thanks#1": 1}
    passed(drafted, NEW, "Два.")
    assert texts(drafted) == ["Два.", "Раз."]


def test_a_taken_ticket_still_gets_its_first_draft_and_one_for_a_changed_review(bare: Bench) -> None:
    bare.read(review())
    bare.person().take(1)
    passed(bare, OLD, "Раз.")
    bare.read(review(text="Суп холодный и пересоленный"))
    passed(bare, OLD, "Два.")
    assert texts(bare) == ["Два.", "Раз."]


def test_what_was_approved_or_edited_is_never_written_anew(bare: Bench) -> None:
    bare.read(review("a"), review("b", author="Ольга Лугова"))
    passed(bare, OLD, "Раз.")
    bare.person().approve(1)
    bare.person().edit(2, "Мои слова.")
    assert bare.store.tickets.untouched() == {}
    passed(bare, NEW, "Два.")
    assert texts(bare)[0] == "Раз."
    assert texts(bare, 2)[0] == "Мои слова."


def test_somebody_who_takes_it_while_the_new_draft_is_written_keeps_the_old_one(drafted: Bench) -> None:
    @dataclass
    class Slow:
        def draft(self, _situation: Situation) -> Draft:
            drafted.person().take(1)
            return Draft("Два.", "thanks#1", ())

    drafted.echo = Slow()  # type: ignore[assignment]  # a responder during whose work a person acts
    drafted.run(NEW)
    assert texts(drafted) == ["Раз."]


def test_two_workers_write_it_anew_once(drafted: Bench) -> None:
    @dataclass
    class Slow:
        """While it writes, another worker does it all."""

        def draft(self, _situation: Situation) -> Draft:
            passed(drafted, NEW, "Два.")
            return Draft("Три.", "thanks#1", ())

    drafted.echo = Slow()  # type: ignore[assignment]  # as above
    drafted.run(NEW)
    assert texts(drafted) == ["Два.", "Раз."]
    assert len(drafted.events("edited")) == 1


def test_where_every_draft_is_paid_for_those_that_stay_wait_for_none(bare: Bench) -> None:
    names = [f"r{number}" for number in range(3 * PAID_BATCH)]
    bare.read(*(review(name, author=f"Автор {name}") for name in names))
    passed(bare, OLD, "Раз.", "regret#1")
    calls = 0

    class Counted:
        def draft(self, _situation: Situation) -> Draft:
            nonlocal calls
            calls += 1
            return Draft("Два.", "thanks#1", ())

    bare.echo = Counted()  # type: ignore[assignment]  # as above
    assert bare.drafts(NEW, PAID_BATCH).run()
    assert not bare.drafts(NEW, PAID_BATCH).run()
    assert calls == 0
