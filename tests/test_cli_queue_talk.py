"""`otklik queue`: taking over, giving, notes, complaints and themes, as people and programs see them."""

from typing import Any

import pytest

from monitor.talk import DisputeState
from sentiment.types import Theme
from tests.conftest import Otklik
from tests.rig import Rig


@pytest.fixture
def ticket(cafe: Rig) -> int:
    return next(view.ticket for view in cafe.queue() if view.text and view.draft)


def shown(otklik: Otklik, ticket: int) -> Any:
    return otklik("queue", "show", ticket, "--json").objects()[0]


def test_a_ticket_is_taken_over_and_given_on(otklik: Otklik, cafe: Rig, ticket: int) -> None:
    assert otklik("queue", "take", ticket, "--as", "boris").code == 0
    refused = otklik("queue", "take", ticket)
    assert (refused.code, "занимается boris" in refused.err, "queue release" in refused.err) == (1, True, True)
    assert otklik("queue", "take", ticket, "--over", "vera").code == 1
    assert "занимается anna" in otklik("queue", "take", ticket, "--over", "boris").out
    assert "занимается vera" in otklik("queue", "assign", ticket, "vera").out
    told = otklik("queue", "show", ticket).out
    assert "взят в работу          прежний ответственный boris (anna)" in told
    assert "передан коллеге        vera (anna)" in told
    assert otklik("queue", "assign", ticket, "  ").code == 2


def test_whoever_knows_is_told_that_reminders_stop_and_until_when(otklik: Otklik, cafe: Rig, ticket: int) -> None:
    out = otklik("queue", "ack", ticket).out
    assert "Отмечено: Вы знаете об отзыве. Напоминаний не будет, пока срок не изменится; он идёт дальше: " in out
    assert "16:00, " in out, "the deadline"


def test_of_what_has_no_deadline_nobody_was_reminded_anyway(otklik: Otklik, cafe: Rig) -> None:
    backlog = next(view.ticket for view in cafe.queue() if view.due_at is None)
    assert "Срока у него нет, о нём и так не напоминают." in otklik("queue", "ack", backlog).out


def test_the_queue_tells_which_replies_wait_to_be_posted(otklik: Otklik, cafe: Rig, ticket: int) -> None:
    assert "ответ одобрен" not in otklik("queue", "list").out
    assert otklik("queue", "approve", ticket, "--force").code == 0
    assert "ответ одобрен" in otklik("queue", "list").out


def test_notes_and_complaints_are_shown_with_the_ticket(otklik: Otklik, cafe: Rig, ticket: int) -> None:
    assert "Заметка записана." in otklik("queue", "note", ticket, "Звонила ей.\nЖдёт \x1b[2Jвозврата.").out
    filed = otklik("queue", "dispute", ticket, "filed", "--why", "обращение 4711")
    assert filed.out.endswith("\nЖалоба подана.\n")
    assert otklik("queue", "dispute", ticket, "rejected").code == 0
    out = otklik("queue", "show", ticket).out
    assert "Заметки для коллег" in out
    assert "\n    Звонила ей.\n    Ждёт возврата.\n" in out
    assert "жалоба подана: обращение 4711" in out
    assert "жалоба отклонена       (anna)" in out
    assert "заметка                (anna)" in out
    found = shown(otklik, ticket)
    assert [(note["author"], note["text"]) for note in found["notes"]] == [("anna", "Звонила ей.\nЖдёт возврата.")]
    assert [(step["state"], step["by"], step["why"]) for step in found["disputes"]] == [
        ("filed", "anna", "обращение 4711"),
        ("rejected", "anna", ""),
    ]
    assert found["dispute"] == "rejected"


def test_what_makes_no_sense_is_said_with_the_command_that_does(otklik: Otklik, cafe: Rig, ticket: int) -> None:
    refused = otklik("queue", "dispute", ticket, "removed")
    assert (refused.code, f"`queue dispute {ticket} filed`" in refused.err) == (1, True)
    assert otklik("queue", "dispute", ticket, "won").code == 2
    assert otklik("queue", "note", ticket, " ").code == 2
    assert otklik("queue", "note", 10**6, "Звоню").code == 1


def test_themes_are_corrected_and_the_json_tells_them(otklik: Otklik, cafe: Rig, ticket: int) -> None:
    named = {item["theme"] for item in shown(otklik, ticket)["themes"]}
    wrong, missing = sorted(named)[0], sorted(set(Theme) - named)[0]
    told = otklik("queue", "retag", ticket, "--theme", missing, "--no-theme", wrong, "--note", "так и есть")
    assert "Темы указаны вручную: есть: " in told.out
    found = shown(otklik, ticket)
    assert found["themes_by_hand"] == {missing: True, wrong: False}
    assert {item["theme"] for item in found["themes"]} == named - {wrong} | {missing}
    assert found["correction"] is None
    assert "темы указаны вручную" in otklik("queue", "show", ticket).out
    cafe.run()
    after = {item["theme"] for item in shown(otklik, ticket)["themes"]}
    assert after == named - {wrong} | {missing}


def test_a_theme_may_be_said_with_its_tone(otklik: Otklik, cafe: Rig, ticket: int) -> None:
    missing = min(set(Theme) - {item["theme"] for item in shown(otklik, ticket)["themes"]})
    assert otklik("queue", "retag", ticket, "--theme", f"{missing}:positive").code == 0
    assert (missing, "positive") in {(item["theme"], item["tone"]) for item in shown(otklik, ticket)["themes"]}
    otklik("queue", "retag", ticket, "--theme", f"{missing}:negative")
    assert (missing, "negative") in {(item["theme"], item["tone"]) for item in shown(otklik, ticket)["themes"]}
    refused = otklik("queue", "retag", ticket, "--theme", f"{missing}:sour")
    assert (refused.code, "positive" in refused.err) == (2, True)


def test_a_theme_is_there_or_not(otklik: Otklik, cafe: Rig, ticket: int) -> None:
    both = otklik("queue", "retag", ticket, "--theme", "staff", "--no-theme", "staff")
    assert (both.code, "staff" in both.err) == (2, True)
    assert otklik("queue", "retag", ticket, "--theme", "weather").code == 2
    nothing = otklik("queue", "retag", ticket)
    assert (nothing.code, "--theme" in nothing.err) == (2, True)


def test_a_view_tells_which_draft_it_shows_and_how_a_complaint_stands(cafe: Rig, ticket: int) -> None:
    anna = cafe.app.actions("anna")
    before = cafe.app.reports.ticket(ticket, cafe.clock.now())
    assert (before.draft_number, before.dispute, before.themes_by_hand) == (1, None, {})
    anna.edit(ticket, "Разберёмся.", base=before.draft_number)
    anna.dispute(ticket, DisputeState.FILED)
    anna.retag(ticket, themes={"location": True, "price": False})
    (after,) = (view for view in cafe.queue() if view.ticket == ticket)
    assert (after.draft_number, after.dispute) == (2, DisputeState.FILED)
    assert after.themes_by_hand == {Theme.LOCATION: True, Theme.PRICE: False}
    undrafted = [view for view in cafe.everything() if view.draft is None]
    assert {view.draft_number for view in undrafted} <= {None}


def test_forgetting_a_review_erases_notes_and_words_down_to_the_bytes_of_the_file(
    otklik: Otklik, cafe: Rig, ticket: int
) -> None:
    otklik("queue", "note", ticket, "просила перезвонить")
    otklik("queue", "dispute", ticket, "filed", "--why", "не гостья")
    cafe.app.close()
    assert otklik("forget", ticket, "--yes").code == 0
    found = shown(otklik, ticket)
    assert (found["notes"], [step["why"] for step in found["disputes"]]) == ([], [""])
    for path in cafe.folder.glob("otklik.db*"):
        assert "перезвонить".encode() not in path.read_bytes()
        assert "не гостья".encode() not in path.read_bytes()
    refused = otklik("queue", "note", ticket, "просила перезвонить")
    assert (refused.code, "стёрты" in refused.err) == (1, True)
