"""`otklik source check` and `otklik source capture`."""

import json
import re
from pathlib import Path

import pytest

from monitor.cli.source_pages import rehearsal
from monitor.clock import SystemClock
from monitor.standin.server import StandIn
from monitor.standin.world import Trouble, World
from tests.conftest import Otklik
from tests.rig import HEAD, places_yaml, sources_yaml
from tests.source_pages import LISTS, fixture


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "list.html"
    path.write_bytes(fixture("otzovik"))
    return path


def test_the_sources_read_our_own_copies_of_their_sites(otklik: Otklik) -> None:
    result = otklik("source", "check", "--json")
    assert result.code == 0, result.out
    rows = {row["source"]: row for row in result.objects()}
    assert set(rows) == {card.source for card in World.demo(SystemClock().now()).cards()}
    assert len(rows) >= 5
    for row in rows.values():
        assert row["ok"]
        assert row["outcome"] == "parsed"
        assert row["reviews"] > 0
        assert {field["field"] for field in row["fields"]} >= {"date", "stars", "author", "text", "reply", "link"}


def test_one_source_may_be_named(otklik: Otklik) -> None:
    assert [row["source"] for row in otklik("source", "check", "twogis", "--json").objects()] == ["twogis"]


def test_nothing_anybody_said_is_shown(otklik: Otklik, saved: Path) -> None:
    shown = otklik("source", "check").out + otklik("source", "check", "otzovik", "--file", saved).out
    _, _, page = rehearsal("otzovik")
    names = re.findall(r'<span itemprop="name">([^<]{4,})</span></a>', page.body.decode())
    assert names
    assert not [name for name in [*names, "Марфа", "Капучино"] if name in shown]
    assert " знаков" in shown


def test_a_saved_page_is_told_field_by_field(otklik: Otklik, saved: Path) -> None:
    result = otklik("source", "check", "otzovik", "--file", saved, "--json")
    row = result.objects()[0]
    assert row["page"] == "list.html"
    assert row["reviews"] == 3
    assert row["declared"] == 1041
    assert row["next"] is True
    fields = {field["field"]: field for field in row["fields"]}
    assert (fields["date"]["found"], fields["date"]["of"]) == (2, 3)
    assert fields["stars"]["example"] == 2


def test_a_page_that_lost_its_dates_is_not_healthy(otklik: Otklik, saved: Path) -> None:
    _, _, page = rehearsal("otzovik")
    saved.write_bytes(page.body.replace(b"datePublished", b"published").replace(b"review-postdate", b"when"))
    result = otklik("source", "check", "otzovik", "--file", saved, "--json")
    assert result.code == 1
    row = result.objects()[0]
    assert row["outcome"] == "layout_changed"
    assert [field["field"] for field in row["fields"] if not field["ok"]] == ["date"]
    assert "не в порядке" in otklik("source", "check", "otzovik", "--file", saved).out


def test_a_captcha_is_told_as_such(otklik: Otklik, saved: Path) -> None:
    saved.write_bytes(fixture("yandex_maps", "captcha.html"))
    result = otklik("source", "check", "yandex_maps", "--file", saved)
    assert result.code == 1
    assert "капчу" in result.out


def test_live_reads_the_cards_of_the_config_and_stores_nothing(otklik: Otklik, tmp_path: Path, secrets: None) -> None:
    world = World.demo(SystemClock().now())
    with StandIn(world) as sites:
        (tmp_path / "config.yaml").write_text(HEAD + sources_yaml(sites.base_url) + places_yaml(world))
        world.trouble["otzovik"] = Trouble.CAPTCHA_200
        result = otklik("source", "check", "--live", "--json")
        only = otklik("source", "check", "google_business", "--live", "--json")
        assert otklik("export").out == ""
    rows = {row["source"]: row for row in result.objects()}
    assert result.code == 1
    assert rows["otzovik"]["outcome"] == "blocked"
    assert all(row["ok"] for name, row in rows.items() if name != "otzovik")
    assert rows["yandex_maps"]["page"] == "lenina/yandex_maps"
    assert (only.code, len(only.objects())) == (0, 1)


def test_live_needs_secrets_and_says_which(otklik: Otklik, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWOGIS_KEY", raising=False)
    world = World.demo(SystemClock().now())
    (tmp_path / "config.yaml").write_text(HEAD + sources_yaml("http://127.0.0.1:9") + places_yaml(world))
    result = otklik("source", "check", "twogis", "--live")
    assert result.code == 2
    assert "TWOGIS_KEY" in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["otzovik", "--file", "missing.html"],
        ["--file", "list.html"],
        ["otzovik", "--live", "--file", "list.html"],
        ["ozon"],
    ],
)
def test_what_cannot_be_checked_is_a_usage_error(otklik: Otklik, saved: Path, arguments: list[str]) -> None:
    result = otklik("source", "check", *arguments)
    assert result.code == 2
    assert result.err


@pytest.mark.parametrize("name", list(LISTS))
def test_a_capture_is_a_masked_page_and_what_is_read_of_it(otklik: Otklik, tmp_path: Path, name: str) -> None:
    body = fixture(name)
    (tmp_path / "page").write_bytes(body)
    result = otklik("source", "capture", name, "page", "--to", "data", "--title", "drift", "--json")
    assert result.code == 0, result.err
    said = json.loads((tmp_path / "data" / "drift.expected.json").read_text())
    assert said["outcome"] == "parsed"
    assert len(said["reviews"]) == result.objects()[0]["reviews"] > 0
    assert any(review["posted_at"] for review in said["reviews"])
    assert len((tmp_path / "data" / said["file"]).read_bytes()) == pytest.approx(len(body), rel=0.1)
    for review in said["reviews"]:
        assert len(review["text"]) < 8 or review["text"] not in body.decode()


def test_a_capture_goes_beside_the_config_and_replaces_nothing(otklik: Otklik, tmp_path: Path, saved: Path) -> None:
    first = otklik("source", "capture", "otzovik", saved)
    assert first.code == 0, first.err
    assert len(list((tmp_path / "samples").iterdir())) == 2
    again = otklik("source", "capture", "otzovik", saved)
    assert again.code == 2
    assert "already" in again.err


def test_a_captcha_may_be_captured_with_its_outcome(otklik: Otklik, tmp_path: Path, saved: Path) -> None:
    saved.write_bytes(fixture("otzovik", "captcha.html"))
    assert otklik("source", "capture", "otzovik", saved, "--title", "captcha", "--to", ".").code == 0
    assert json.loads((tmp_path / "captcha.expected.json").read_text())["outcome"] == "blocked"


def test_a_page_of_something_else_is_refused(otklik: Otklik, tmp_path: Path, saved: Path) -> None:
    saved.write_text("<html><body>Погода на завтра</body></html>")
    result = otklik("source", "capture", "otzovik", saved)
    assert result.code == 2
    assert "no page of otzovik" in result.err
    assert not (tmp_path / "samples").exists()


@pytest.mark.parametrize("title", ["../x", "", "."])
def test_a_title_is_a_file_name(otklik: Otklik, saved: Path, title: str) -> None:
    assert otklik("source", "capture", "otzovik", saved, "--title", title).code == 2


def test_a_page_of_the_network_is_fetched_with_manners(otklik: Otklik, tmp_path: Path, secrets: None) -> None:
    world = World.demo(SystemClock().now())
    with StandIn(world) as sites:
        (tmp_path / "config.yaml").write_text(HEAD + sources_yaml(sites.base_url) + places_yaml(world))
        card = world.card("otzovik")
        url = f"{sites.base_url}/reviews/{card.id}/?order=date_desc"
        result = otklik("source", "capture", "otzovik", url, "--title", "net", "--card", card.id)
        assert result.code == 0, result.err
        assert sites.requests["/robots.txt"] == 1
    assert json.loads((tmp_path / "samples" / "net.expected.json").read_text())["reviews"]
