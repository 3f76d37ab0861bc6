"""`otklik forget`: whose number it is, what is shown, and that nothing goes before somebody has said so."""

import pytest

from monitor.cli import forget
from monitor.clock import from_iso
from monitor.store.sqlite import Store
from tests.conftest import Otklik
from tests.rig import Rig

TICKET = 10
"""Of a review whose number in the database is another: that one is another person's."""


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits at it."""
    monkeypatch.setattr(forget, "_at_terminal", lambda: True)


def authors(cafe: Rig) -> dict[int, str]:
    """Review → author, of those that are not erased."""
    rows = cafe.app.store._db.rows("SELECT id, author FROM review WHERE forgotten_at IS NULL")
    return {row["id"]: row["author"] for row in rows}


def without_ticket(store: Store) -> int:
    (row, *_) = store._db.rows(
        "SELECT r.id FROM review r WHERE NOT EXISTS (SELECT 1 FROM ticket t WHERE t.review_id = r.id) ORDER BY r.id"
    )
    return int(row["id"])


def test_a_number_is_that_of_the_queue(otklik: Otklik, cafe: Rig) -> None:
    view = cafe.app.reports.ticket(TICKET, cafe.clock.now())
    assert view.review != TICKET
    before = authors(cafe)
    assert otklik("queue", "show", TICKET, "--json").objects()[0]["author"] == view.author
    assert otklik("forget", TICKET, "--yes").code == 0
    assert before.keys() - authors(cafe).keys() == {view.review}
    entry = cafe.app.store.accounts.audit(1)[0]
    assert (entry.actor, entry.kind) == ("anna", "forgotten")
    assert entry.what.endswith(f"; №\u00a0{TICKET}")


def test_without_a_terminal_it_only_shows_whose_it_is_and_what_would_go(otklik: Otklik, cafe: Rig) -> None:
    view = cafe.app.reports.ticket(TICKET, cafe.clock.now())
    cafe.app.actions("anna").note(TICKET, "Звонили.")
    before = cafe.digest()
    for stdin in ("", "стереть\n", None):
        refused = otklik("forget", TICKET, stdin=stdin)
        assert (refused.code, refused.out) == (2, "")
        for part in (f"№ {TICKET} ", view.author, view.place_title, view.source_title, view.text[:40], "1 заметка",
                     "Исчезнут навсегда: 1 отзыв, 1 черновик, 1 заметка.", "--yes"):  # fmt: skip
            assert part in refused.err, part
    assert cafe.digest() == before


@pytest.mark.usefixtures("terminal")
def test_at_a_terminal_a_word_has_to_be_typed(otklik: Otklik, cafe: Rig) -> None:
    before = cafe.digest()
    for typed in ("\n", "да\n", "y\n", "yes\n", f"{TICKET}\n"):
        refused = otklik("forget", TICKET, stdin=typed)
        assert (refused.code, refused.out) == (1, "")
        assert "ничего не стёрто" in refused.err
    assert otklik("forget", TICKET, stdin="").code == 130
    assert cafe.digest() == before
    done = otklik("forget", TICKET, "--json", stdin=" «Стереть» \n")
    assert done.code == 0
    assert done.objects()[0]["reviews"] == 1


def test_of_many_reviews_of_an_author_each_is_shown(otklik: Otklik, cafe: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forget, "MOST_SHOWN", 2)
    for stars in (1, 2, 3):
        card = cafe.world.card("google_business")
        cafe.world.add(card, text=f"Были у вас {stars} раза.", stars=stars, author="Ася Ёлкина")
    cafe.run(after=cafe.app.intervals["google_business"] * 2)
    shown = otklik("forget", "--author", "ася ёлкина")
    assert shown.code == 2
    assert shown.err.count("Были у вас") == 2
    assert "И ещё 1 отзыв." in shown.err
    assert "Исчезнут навсегда: 3 отзыва" in shown.err


def test_what_never_stood_in_the_queue_is_named_by_its_id_in_so_many_words(otklik: Otklik, cafe: Rig) -> None:
    store, before = cafe.app.store, authors(cafe)
    review = without_ticket(store)
    (row,) = store.authors.found([review])
    shown = otklik("forget", "--review", review)
    assert shown.code == 2
    assert "без номера, в очереди не стоял" in shown.err
    assert before[review] in shown.err
    assert otklik("forget", "--review", review, "--yes").code == 0
    assert before.keys() - authors(cafe).keys() == {review}
    what = store.accounts.audit(1)[0].what
    zone = cafe.app.zone(row["place"])
    assert what.endswith(
        f"без номера: {cafe.app.names.title(row)}, {from_iso(row['posted_at']).astimezone(zone):%d.%m.%Y}"
    )
    assert before[review] not in what


def test_erased_once_more_nothing_happens(otklik: Otklik, cafe: Rig) -> None:
    otklik("forget", TICKET, "--yes")
    before = cafe.digest()
    again = otklik("forget", TICKET)
    assert (again.code, again.out) == (0, "")
    assert "уже стёрты" in again.err
    assert cafe.digest() == before


def test_what_comes_while_it_is_shown_is_not_erased_unseen(
    otklik: Otklik, cafe: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = cafe.app.reports.ticket(TICKET, cafe.clock.now())
    monkeypatch.setattr(forget, "_ask", lambda: cafe.app.actions("boris").note(TICKET, "Важное."))
    refused = otklik("forget", TICKET)
    assert (refused.code, refused.out) == (1, "")
    assert "что-то изменилось" in refused.err
    assert view.review in authors(cafe)


def test_nobody_erases_or_hands_out_without_a_name(otklik: Otklik, cafe: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the user may have none: the audit log would tell of nobody, or of nothing at all."""
    author, before = cafe.app.reports.ticket(TICKET, cafe.clock.now()).author, cafe.digest()
    monkeypatch.delenv("OTKLIK_USER", raising=False)
    monkeypatch.setattr("monitor.cli.common._login", lambda: "")
    for asked in (("forget", TICKET, "--yes"), ("export", "--author", author)):
        refused = otklik(*asked)
        assert (refused.code, refused.out) == (2, "")
        assert "кто действует?" in refused.err
    assert cafe.digest() == before
