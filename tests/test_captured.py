"""Every captured page reads as was expected of it: `otklik source capture … --to tests/data/NAME` makes another."""

import json
from pathlib import Path

import pytest

from monitor.cli.source_capture import expected
from monitor.clock import from_iso
from monitor.model import Card, Page, SourceSettings
from monitor.sources import REGISTRY
from tests.source_pages import CARDS, DATA

CAPTURED = sorted(DATA.glob("*/*.expected.json"))


@pytest.mark.parametrize("path", CAPTURED, ids=[f"{path.parent.name}/{path.name}" for path in CAPTURED])
def test_a_captured_page_reads_as_expected(path: Path) -> None:
    said = json.loads(path.read_text(encoding="utf-8"))
    name, given = said["source"], said["card"]
    card = Card("capture", name, given["id"], given["timezone"], given["params"])
    body = (path.parent / said["file"]).read_bytes()
    page = Page(said["status"], said["headers"], body, "", from_iso(said["at"]))
    outcome = REGISTRY[name](SourceSettings()).parse(page, card, None)
    assert json.loads(json.dumps(expected(name, said["file"], page, card, outcome))) == said


def test_every_site_has_a_captured_page() -> None:
    assert {path.parent.name for path in CAPTURED} >= set(CARDS)
