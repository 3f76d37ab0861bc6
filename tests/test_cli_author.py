"""`otklik export --author`, and what `otklik forget` tells beside what it does."""

import json
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from monitor.handout import Handout, handout
from monitor.store.sqlite import Store
from tests.conftest import Otklik
from tests.rig import Rig


@pytest.fixture
def asya(cafe: Rig) -> Rig:
    card = cafe.world.card("google_business")
    for author, text in (("Ася Ёлкина", "Долго ждали счёт."), ("ася  ёлкина", "Опять долго."), ("Ася Ё.", "Мило.")):
        cafe.world.add(card, text=text, stars=2, author=author)
    cafe.world.add(card, text="Сидели рядом с Асей Ёлкиной, весело!", stars=5, author="Пётр Сомов")
    cafe.run(after=timedelta(minutes=20))
    cafe.app.close()
    return cafe


def test_all_about_an_author_is_one_object_and_the_hints_stand_beside_it(otklik: Otklik, asya: Rig) -> None:
    result = otklik("export", "--author", " АСЯ ёлкина ", "--as", "olga")
    assert result.code == 0
    (found,) = result.objects()
    assert {one["review"]["text"] for one in found["reviews"]} == {"Долго ждали счёт.", "Опять долго."}
    assert all(one["revision"] and one["ticket"] and one["event"] for one in found["reviews"])
    assert "«Ася Ё.» (1)" in result.err
    assert "встречается ещё в 1 отзыве" in result.err
    asya.restart()
    entry = asya.app.store.accounts.audit(1)[0]
    numbers = ", ".join(str(one["ticket"][0]["id"]) for one in found["reviews"])
    assert (entry.actor, entry.kind, entry.what) == ("olga", "handed out", f"№\u00a0{numbers}")
    assert numbers == ", ".join(str(one["number"]) for one in found["reviews"])


def test_a_file_is_for_its_owner_alone_and_replaces_nothing(otklik: Otklik, asya: Rig, tmp_path: Path) -> None:
    out = tmp_path / "asya.json"
    result = otklik("export", "--author", "Ася Ёлкина", "--out", out)
    assert (result.code, result.out) == (0, "")
    assert len(json.loads(out.read_text())["reviews"]) == 2
    assert len(out.read_text().splitlines()) > 20
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    before = out.read_bytes()
    again = otklik("export", "--author", "Ася Ёлкина", "--out", out)
    assert (again.code, "left alone" in again.err) == (2, True)
    assert out.read_bytes() == before
    assert otklik("export", "--author", "Ася Ёлкина", "--out", tmp_path / "no" / "such.json").code == 2


def test_a_page_for_people_is_asked_for_by_the_end_of_the_name(otklik: Otklik, asya: Rig, tmp_path: Path) -> None:
    assert otklik("export", "--author", "Ася Ёлкина", "--out", tmp_path / "asya.HTML").code == 0
    soup = BeautifulSoup((tmp_path / "asya.HTML").read_text(encoding="utf-8"), "lxml")
    assert "Долго ждали счёт." in soup.get_text()
    assert soup.html is not None
    assert soup.html["lang"] == "ru"


def test_nobody_waits_to_write_while_it_is_collected(
    otklik: Otklik, asya: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected = []

    def collect(store: Store, *given: Any, **more: Any) -> Handout:
        with closing(sqlite3.connect(store._db.path, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")  # it is free
        collected.append(handout(store, *given, **more))
        return collected[-1]

    monkeypatch.setattr("monitor.cli.author.handout", collect)
    result = otklik("export", "--author", "Ася Ёлкина")
    assert result.code == 0, result.err
    assert len(collected) == 1

    def erased_meanwhile(store: Store, *given: Any, **more: Any) -> Handout:
        found = handout(store, *given, **more)
        store.privacy.erase(found.ids, found.made_at, "olga")
        return found

    monkeypatch.setattr("monitor.cli.author.handout", erased_meanwhile)
    late = otklik("export", "--author", "Ася Ёлкина")
    assert (late.code, late.out) == (1, "")
    assert "только что стёрли" in late.err


def test_what_goes_with_what(otklik: Otklik, asya: Rig) -> None:
    for wrong in (["--csv"], ["--labels"]):
        assert otklik("export", "--author", "Ася Ёлкина", *wrong).code == 2
    assert otklik("export", "--out", "x.json").code == 2
    for blank in ("", " ", "\u200b"):
        assert otklik("export", "--author", blank).code == 2
    nobody = otklik("export", "--author", "Ася Ёлкин")
    assert (nobody.code, nobody.out) == (1, "")
    assert "выгружать нечего" in nobody.err
    assert not Path("x.json").exists()


def test_forgetting_tells_who_else_may_be_meant_and_is_noted_without_the_name(otklik: Otklik, asya: Rig) -> None:
    result = otklik("forget", "--author", "Ася Ёлкина", "--as", "olga", "--yes")
    assert result.code == 0
    assert "Стёрто отзывов: 2" in result.out
    assert "«Ася Ё.» (1)" in result.err
    assert "встречается ещё в 1 отзыве" in result.err
    asya.restart()
    entry = asya.app.store.accounts.audit(1)[0]
    assert (entry.actor, entry.kind, entry.address) == ("olga", "forgotten", "")
    assert entry.what.startswith("отзывов: 2")
    assert "Ёлкина" not in entry.what


def test_a_name_of_many_is_pointed_out(otklik: Otklik, asya: Rig) -> None:
    asya.restart()
    asya.world.add(asya.world.card("google_business"), text="Хорошо.", stars=5, author="Гость")
    asya.run(after=timedelta(minutes=40))
    assert "разные люди" in otklik("export", "--author", "Гость").err
