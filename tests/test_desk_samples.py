"""Pages that could not be read, as the desk shows them: text and nothing else, and nothing else of their folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from monitor.accounts import Role
from monitor.desk import samples
from tests.desk_places import MINUTE, changed_layout, opened, told, two_places
from tests.desk_rig import Clicks
from tests.rig import Rig

HOSTILE = '</pre><script>alert(1)</script><img src=x onerror=alert(2)>\u202eтекст"'


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("places")
    two_places(folder)
    return folder


@pytest.fixture
def rig(kept: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    shutil.copytree(kept, tmp_path / "cafe")
    rig = opened(tmp_path / "cafe")
    rig.clock.advance(MINUTE / 2)
    yield rig
    rig.app.close()


@pytest.fixture
def lead(rig: Rig) -> Clicks:
    return Clicks(rig, role=Role.LEAD)


def test_a_kept_page_is_shown_as_text_and_never_as_a_page(rig: Rig, lead: Clicks) -> None:
    name = changed_layout(rig)
    page = lead.soup("/sources")
    (link,) = page.select(".samples a")
    assert told(link) == "Отзовик, сегодня в 15:02"
    shown = lead.soup(str(link["href"]))
    (text,) = shown.select("pre")
    assert text.get_text().lstrip().lower().startswith("<!doctype html>")
    assert not text.find_all(True)
    assert "код ответа сайта 200" in told(shown)
    assert "Гость" not in text.get_text()
    file = lead.get(f"/sources/samples/{name}/file")
    assert file.headers["content-type"] == "text/plain; charset=utf-8"
    assert file.headers["content-disposition"] == f'attachment; filename="{name}.txt"'
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.content == (rig.folder / "samples" / name).read_bytes()


def test_hostile_pages_stay_text_and_long_ones_are_cut(rig: Rig, lead: Clicks) -> None:
    name = changed_layout(rig)
    body = HOSTILE + "щ" * samples.SHOWN
    (rig.folder / "samples" / name).write_text(body, encoding="utf-8")
    answer = lead.get(f"/sources/samples/{name}")
    page = BeautifulSoup(answer.text, "lxml")
    (text,) = page.select("pre")
    assert "<script>alert(1)</script>" in text.get_text()
    assert "\u202e" not in text.get_text()
    assert len(page.select("script")) == 1
    assert not page.select("img")
    assert "Показано начало" in told(page)
    assert "\ufffd" not in answer.text
    assert len(text.get_text().encode()) <= samples.SHOWN
    assert len(lead.get(f"/sources/samples/{name}/file").content) == len(body.encode())


@pytest.mark.parametrize("name", ["../otklik.db", "..%2fotklik.db", "%2e%2e/config.yaml", "otzovik-12345678.html"])
def test_nothing_else_of_the_folder_can_be_had(rig: Rig, lead: Clicks, name: str) -> None:
    changed_layout(rig)
    (rig.folder / "samples" / "otzovik-12345678.html").write_text("captured by a person", encoding="utf-8")
    assert lead.get(f"/sources/samples/{name}").status_code == 404
    assert lead.get(f"/sources/samples/{name}/file").status_code == 404
    assert len(lead.soup("/sources").select(".samples a")) == 1
