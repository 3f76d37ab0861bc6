"""Taking away at the desk what is kept about an author: all of it, and by nobody who waits."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from bs4 import BeautifulSoup

from monitor.desk import privacy
from monitor.handout import Handout, handout
from tests import privacy_rig
from tests.desk_rig import Clicks
from tests.desk_ticket_rig import ANGRY, DANGER, EVIL, NAME, Cafe
from tests.privacy_rig import audit, fields, find

furnished, cafe, boss = privacy_rig.furnished, privacy_rig.cafe, privacy_rig.boss


def test_everything_about_an_author_can_be_taken_away(cafe: Cafe, boss: Clicks) -> None:
    view = cafe.view(DANGER)
    boss.post(f"/t/{view.ticket}/note", text="Звонили ей.")
    sent = fields(find(boss, view.author))
    answer = boss.post("/privacy/export", **{**sent, "as": "json"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="otklik-{view.ticket}-2026-11-21.json"'
    assert answer.headers["cache-control"] == "no-store"
    found = json.loads(answer.text)
    (one,) = found["reviews"]
    assert one["review"]["text"] == DANGER
    assert one["note"][0]["text"] == "Звонили ей."
    assert one["draft"]
    assert one["notification"]
    entry = audit(cafe)
    assert (entry.kind, entry.what) == ("handed out", f"№\u00a0{view.ticket}")
    html = boss.post("/privacy/export", **{**sent, "as": "html"})
    assert html.headers["content-disposition"].endswith('.html"')
    assert DANGER in BeautifulSoup(html.text, "lxml").get_text()
    assert boss.post("/privacy/export", **{**sent, "as": "exe"}).status_code == 400
    assert boss.post("/privacy/export", **{**sent, "review": [], "as": "json"}).status_code == 400


def test_nobody_waits_to_write_while_data_are_collected_to_be_handed_out(
    cafe: Cafe, boss: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, store, collected = fields(find(boss, "Олег Серов")), cafe.rig.app.store, []

    def collect(*given: Any, **more: Any) -> Handout:
        with closing(sqlite3.connect(store._db.path, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")  # it is free
        collected.append(handout(*given, **more))
        return collected[-1]

    monkeypatch.setattr(privacy, "handout", collect)
    assert boss.post("/privacy/export", **{**sent, "as": "json"}).status_code == 200
    assert len(collected) == 1

    def erased_meanwhile(*given: Any, **more: Any) -> Handout:
        found = handout(*given, **more)
        cafe.rig.app.erase(found.ids, cafe.rig.clock.now(), "olga")
        return found

    monkeypatch.setattr(privacy, "handout", erased_meanwhile)
    late = boss.post("/privacy/export", **{**sent, "as": "json"})
    assert late.status_code == 409
    assert ANGRY not in late.text
    assert audit(cafe).kind == "forgotten"


def test_a_hostile_author_gets_neither_into_headers_nor_out_of_the_file(cafe: Cafe, boss: Clicks) -> None:
    sent = fields(find(boss, NAME))
    html = boss.post("/privacy/export", **{**sent, "as": "html"})
    assert "onclick" not in str(html.headers)
    soup = BeautifulSoup(html.text, "lxml")
    assert not soup.select("script, img, b")
    assert EVIL in soup.get_text()
