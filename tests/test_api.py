"""What programs are told: the queue, the reviews, the numbers; page by page, and only what is new."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from monitor.api import shapes
from monitor.clock import to_iso
from monitor.contract.numbers import summary_json
from monitor.contract.reviews import review_json
from monitor.contract.tickets import ticket_json, whole_ticket_json
from monitor.desk import numbers_ask
from monitor.model import TicketState
from monitor.numbers import Period, Scope, midnight
from monitor.store.filters import Cursor, Filters
from tests import api_fixtures
from tests.api_rig import Program, code, numbers, pages, plain
from tests.desk_places import KIND, MINUTE, POISONED
from tests.rig import NOON, Rig

cafe, rig, own, crm = api_fixtures.cafe, api_fixtures.rig, api_fixtures.own, api_fixtures.crm


# --- the contract ------------------------------------------------------------------------------


def test_tickets_are_the_queue_as_the_command_line_tells_it(rig: Rig, crm: Program) -> None:
    told = crm.told("/tickets?limit=200")
    assert told["tickets"] == plain([ticket_json(view) for view in rig.queue()])
    assert len(told["tickets"]) > 5
    assert told["next"] is None


def test_a_ticket_is_all_that_queue_show_tells(rig: Rig, crm: Program) -> None:
    for view in rig.everything():
        told = crm.told(f"/tickets/{view.ticket}")
        assert told == plain(whole_ticket_json(rig.app.store, view))
        assert told["events"]


def test_reviews_are_what_export_tells(rig: Rig, crm: Program) -> None:
    told = crm.told("/reviews?limit=200")
    assert told["reviews"] == plain(list(map(review_json, rig.app.store.reviews())))
    for review in told["reviews"]:
        assert crm.told(f"/reviews/{review['review']}") == review


def test_numbers_are_those_of_stats(rig: Rig, crm: Program) -> None:
    now = rig.clock.now()
    since = midnight(now.date() - timedelta(days=6), "Europe/Moscow")
    summary = rig.app.store.numbers.over(Scope(Period(since, now, "Europe/Moscow")), now, working=rig.app.working)
    assert crm.told("/numbers") == plain(summary_json(summary))
    assert crm.told("/numbers?place=mira&since=30d&source=twogis")["total"]["reviews"]["came"] == 1


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/tickets?state=all", shapes.Tickets),
        ("/tickets/1", shapes.WholeTicket),
        ("/reviews", shapes.Reviews),
        ("/reviews/1", shapes.Review),
        ("/numbers?since=30d", shapes.Numbers),
    ],
)
def test_the_document_names_every_key_of_an_answer_and_no_other(
    crm: Program, path: str, shape: type[BaseModel]
) -> None:
    shape.model_validate(crm.told(path), extra="forbid")


def test_a_ticket_that_much_was_said_of_is_of_the_shape_that_is_told(own: Rig) -> None:
    crm, ticket = Program(own), own.ticket_of(own.queue()[0].external_id).ticket
    for action, body in (
        ("take", None),
        ("edit", {"text": "Нам жаль. Звоните +7 900 000-00-00."}),
        ("note", {"text": "Позвонила."}),
        ("dispute", {"state": "filed", "why": "№ 5"}),
        ("retag", {"tone": "neutral", "themes": {"price": True}, "dangers": {"fraud": True}, "note": "Так"}),
        ("fault", {"fault": "confirmed", "measure": "Заменили поставщика."}),
        ("acknowledge", None),
    ):
        answer = crm.do(ticket, action, body)
        assert answer.status_code == 200, answer.text
        shapes.WholeTicket.model_validate(answer.json(), extra="forbid")


# --- filters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("state=all", {"states": tuple(TicketState)}),
        ("state=unanswerable", {"states": (TicketState.UNANSWERABLE,)}),
        ("place=mira", {"place": "mira"}),
        ("source=twogis", {"source": "twogis"}),
        ("tone=positive", {"tone": "positive"}),
        ("theme=delivery", {"theme": "delivery"}),
        ("dangerous=true", {"dangerous": True}),
        ("dangerous=false", {"dangerous": False}),
        ("unassigned=true&overdue=false", {"unassigned": True}),
        ("overdue=true", {"overdue": True}),
        ("place=nowhere", {"place": "nowhere"}),
    ],
)
def test_a_filter_means_what_it_means_in_the_queue(rig: Rig, crm: Program, query: str, filters: Any) -> None:
    assert numbers(crm, f"/tickets?{query}") == [view.ticket for view in rig.queue(Filters()._replace(**filters))]


def test_words_are_found_in_any_form(crm: Program) -> None:
    found = crm.told("/tickets?q=отравился салат")["tickets"]
    assert [ticket["text"] for ticket in found] == [POISONED]
    assert crm.told("/tickets?q=белова")["tickets"][0]["author"] == "Екатерина Белова"
    assert crm.told("/tickets?q=и")["tickets"] == []


def test_reviews_are_told_by_place_site_and_moment(rig: Rig, crm: Program) -> None:
    first = to_iso(NOON + MINUTE)
    tried: list[tuple[str, Callable[[Any], bool]]] = [
        ("place=mira", lambda row: row["place"] == "mira"),
        ("source=twogis", lambda row: row["source"] == "twogis"),
        (f"since={first}", lambda row: row["first_seen_at"] >= first),
        (f"until={first}", lambda row: row["first_seen_at"] < first),
    ]
    for query, holds in tried:
        wanted = [row["id"] for row in rig.app.store.reviews() if holds(row)]
        assert wanted, query
        assert [one["review"] for one in crm.told(f"/reviews?{query}")["reviews"]] == wanted


@pytest.mark.parametrize(
    "path",
    [
        "/tickets?limt=2",
        "/tickets?limit=0",
        "/tickets?limit=201",
        "/tickets?limit=1_0",
        "/tickets?state=closed",
        "/tickets?overdue=1",
        "/tickets?cursor=abc",
        "/tickets?cursor=",
        f"/tickets?cursor={'a' * 500}",
        "/reviews?since=2026-11-21",
        "/reviews?since=0001-01-01T00:00:00%2B14:00",
        "/reviews?cursor=-1",
        "/reviews?changed_since=abc",
        "/numbers?since=gestern",
        "/numbers?place=nowhere",
        "/numbers?since=2026-12-31",
        "/tickets/abc",
        "/tickets?place=lenina&place=mira",
        "/reviews?source=twogis&limit=2&source=twogis",
        f"/numbers?{'&'.join(f'a{number}=1&a{number}=2' for number in range(100))}",
    ],
)
def test_what_cannot_be_meant_is_refused_and_told_where(crm: Program, path: str) -> None:
    answer = crm.get(path)
    assert answer.status_code == 422
    assert code(answer) in ("invalid", "refused")
    assert not re.search("[а-яё]", answer.text, re.IGNORECASE)


@pytest.mark.parametrize(
    "evil",
    [
        "' OR 1=1 --",
        '"; DROP TABLE review; --',
        "%' UNION SELECT password FROM account --",
        "\x00",
        "a" * 100,
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A1",
        "../../etc/passwd",
        "ё\u202e\u2028",
    ],
)
def test_no_value_is_more_than_a_value(rig: Rig, crm: Program, evil: str) -> None:
    before = rig.digest()
    for path, name in (
        ("/tickets", "place"),
        ("/tickets", "source"),
        ("/tickets", "assignee"),
        ("/tickets", "q"),
        ("/reviews", "place"),
        ("/numbers", "assignee"),
    ):
        answer = crm.ask("GET", path, params={name: evil})
        assert answer.status_code == 200, answer.text
        if path == "/tickets":
            assert answer.json()["tickets"] == []
    for name in ("cursor", "state", "since", "limit", evil):
        assert crm.ask("GET", "/tickets", params={name: evil}).status_code == 422
    assert rig.digest() == before


def test_days_of_numbers_are_those_of_the_desk(own: Rig) -> None:
    """The digest's, whatever zones the places have; without a digest those of the first place."""
    config = own.config_path.read_text(encoding="utf-8")
    for text, zone in (
        (config.replace("timezone: Europe/Moscow", "timezone: Asia/Omsk", 1), "Asia/Omsk"),
        (config + "\ndigest: {to: [owner@example.ru], timezone: Asia/Yakutsk}\n", "Asia/Yakutsk"),
    ):
        own.config_path.write_text(text, encoding="utf-8")
        own.restart()
        crm = Program(own, f"at-{zone.rpartition('/')[2].lower()}")
        for path in ("/numbers", "/numbers?place=lenina", "/numbers?place=mira"):
            assert crm.told(path)["zone"] == zone, path
        assert numbers_ask.zone_of(crm.app.state.desk) == zone
        assert own.app.digests._settings.timezone == zone


# --- paging ------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
@pytest.mark.parametrize("query", ["state=all", "place=lenina", "q=спасибо"])
def test_pages_together_are_the_whole_list(crm: Program, limit: int, query: str) -> None:
    found = [one["ticket"] for page in pages(crm, f"/tickets?{query}&limit={limit}") for one in page["tickets"]]
    assert found == numbers(crm, f"/tickets?{query}&limit=200")
    assert all(len(page["tickets"]) <= limit for page in pages(crm, f"/tickets?{query}&limit={limit}"))


def test_each_ticket_is_visited_once_while_others_come_go_and_change(own: Rig) -> None:
    crm = Program(own)
    before, visited = numbers(crm, "/tickets?limit=200"), []
    gone: set[int] = set()
    for page in pages(crm, "/tickets?limit=2"):
        visited += [one["ticket"] for one in page["tickets"]]
        left = [ticket for ticket in before if ticket not in visited]
        crm.do(visited[-1], "note", {"text": f"Видели {len(visited)}"})
        crm.do(visited[0], "take")
        if len(visited) == 4:
            crm.do(visited[1], "submitted")
            assert crm.do(left[-1], "dismiss", {"reason": "spam"}).status_code == 200
            gone.add(left[-1])
            own.world.add(own.world.card("twogis"), text=KIND, stars=5, author="Новый", posted_at=own.clock.now())
            own.run(after=2 * MINUTE)
    assert len(visited) == len(set(visited))
    assert set(before) - gone <= set(visited)


def test_each_review_is_visited_once_and_new_ones_come_last(own: Rig) -> None:
    crm, visited = Program(own), list[tuple[int, str]]()
    for page in pages(crm, "/reviews?limit=3"):
        if not visited:
            own.world.add(own.world.card("twogis"), text=KIND, stars=5, author="Новый", posted_at=own.clock.now())
            own.run(after=2 * MINUTE)
        visited += [(one["review"], one["author"]) for one in page["reviews"]]
    assert len(visited) == len(set(visited)) == len(list(own.app.store.reviews()))
    assert visited[-1][1] == "Новый"


def test_a_cursor_of_ours_with_other_filters_is_a_place_in_the_list(crm: Program) -> None:
    cursor = crm.told("/tickets?limit=2")["next"]
    assert Cursor.read(cursor) is not None
    assert set(numbers(crm, f"/tickets?place=mira&cursor={cursor}")) <= set(numbers(crm, "/tickets?place=mira"))


# --- ETag ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/tickets", "/tickets/1", "/reviews", "/reviews/1", "/numbers", "/openapi.json"])
def test_what_is_still_the_same_is_not_sent_again(crm: Program, path: str) -> None:
    first = crm.get(path)
    tag = first.headers["etag"]
    for given in (tag, f'"x", {tag}', f"W/{tag.removeprefix('W/')}", "*"):
        answer = crm.get(path, if_none_match=given)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    for given in ('"x"', tag[:-2] + '"', "", tag.strip('"')):
        assert crm.get(path, if_none_match=given).status_code == 200
    assert "no-store" not in first.headers["cache-control"]
    assert "private" in first.headers["cache-control"]


def test_numbers_of_another_day_are_others_also_where_they_are_all_the_same(own: Rig) -> None:
    """Else a program keeps telling yesterday's numbers by the days before."""
    crm, path = Program(own), "/numbers?since=2d&assignee=nobody"
    before = crm.get(path)
    own.clock.advance(timedelta(hours=1))
    assert crm.get(path, if_none_match=before.headers["etag"]).status_code == 304
    own.clock.advance(timedelta(days=1))
    after = crm.get(path, if_none_match=before.headers["etag"])
    assert after.status_code == 200
    assert after.json()["cohorts"][0]["since"] > before.json()["cohorts"][0]["since"]


def test_a_change_makes_another_tag(own: Rig) -> None:
    crm, ticket = Program(own), own.queue()[0].ticket
    paths = ("/tickets", f"/tickets/{ticket}", "/numbers")
    own.clock.advance(timedelta(seconds=1))
    before = [crm.get(path).headers["etag"] for path in paths]
    own.clock.advance(timedelta(seconds=1))
    assert [crm.get(path, if_none_match=tag).status_code for path, tag in zip(paths, before, strict=True)] == [304] * 3
    assert crm.do(ticket, "submitted").status_code == 200
    assert [crm.get(path, if_none_match=tag).status_code for path, tag in zip(paths, before, strict=True)] == [200] * 3
