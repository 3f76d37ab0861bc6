"""Pages that could not be read are kept: masked, few, and never in the way."""

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.model import Page
from monitor.samples import MOST, Samples
from monitor.standin.world import Trouble
from tests.rig import Rig
from tests.source_pages import NOW, fixture, page


def drifted(number: int = 0, name: str = "Марфа Хвостикова") -> Page:
    body = f"<html><div class='review-{'abcdefghij'[number]}'><b itemprop='author'>{name}</b></div></html>"
    return page(
        body, url="https://site.example/users/marfa", content_type="text/html; charset=utf-8", set_cookie="sid=77"
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "samples").iterdir())


def test_a_sample_is_the_masked_page_with_what_came_with_it(tmp_path: Path) -> None:
    name = Samples(tmp_path).keep("otzovik", drifted())
    assert name.startswith("samples/otzovik-")
    assert name.endswith(".html")
    body = (tmp_path / name).read_text()
    assert body.startswith("<html><div class='review-a'><b itemprop='author'>")
    assert "Хвостикова" not in body
    about = (tmp_path / name).with_suffix(".about.txt").read_text()
    assert "source: otzovik" in about
    assert "status: 200" in about
    assert "content-type: text/html; charset=utf-8" in about
    assert "2026-11-21" in about
    assert "cookie" not in about
    assert "marfa" not in about


def test_only_their_owner_may_read_samples(tmp_path: Path) -> None:
    name = Samples(tmp_path).keep("otzovik", drifted())
    assert stat.S_IMODE((tmp_path / "samples").stat().st_mode) == 0o700
    for path in (tmp_path / "samples").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert len(names(tmp_path)) == 2
    assert name


def test_the_same_drift_is_kept_once_whoever_wrote_the_reviews(tmp_path: Path) -> None:
    first = Samples(tmp_path).keep("otzovik", drifted(name="Марфа Хвостикова"))
    again = Samples(tmp_path).keep("otzovik", drifted(name="Wolfgang"))
    assert first == again
    assert len(names(tmp_path)) == 2


def test_the_oldest_sample_of_a_source_goes_when_a_sixth_comes(tmp_path: Path) -> None:
    samples = Samples(tmp_path)
    kept = []
    for number in range(MOST + 2):
        kept.append(samples.keep("otzovik", replace(drifted(number), at=NOW + timedelta(days=number))))
        path = tmp_path / kept[-1]
        import os

        os.utime(path, (number, number))
    samples.keep("irecommend", drifted())
    left = [name for name in names(tmp_path) if name.startswith("otzovik") and name.endswith(".html")]
    assert sorted(left) == sorted(Path(name).name for name in kept[2:])
    assert len(names(tmp_path)) == 2 * (MOST + 1)


def test_what_a_person_captured_in_the_same_folder_is_no_sample_and_never_goes(tmp_path: Path) -> None:
    folder = tmp_path / "samples"
    folder.mkdir()
    mine = [folder / f"otzovik-{name}" for name in ("12345678.html", "12345678.expected.json", "captcha.html")]
    for path in mine:
        path.write_text("mine")
    samples = Samples(tmp_path)
    for number in range(MOST + 2):
        assert samples.keep("otzovik", replace(drifted(number), at=NOW + timedelta(days=number)))
    assert all(path.exists() for path in mine)
    assert len(names(tmp_path)) == 2 * MOST + len(mine)


def test_a_site_that_drifts_on_every_card_is_looked_at_a_few_times_a_day(tmp_path: Path) -> None:
    samples = Samples(tmp_path)
    kept = [samples.keep("otzovik", drifted(number)) for number in range(MOST + 1)]
    assert kept[-1] == ""
    assert all(kept[:-1])
    assert samples.keep("otzovik", replace(drifted(9), at=NOW + timedelta(days=1)))


def test_a_folder_that_cannot_be_made_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "samples").write_text("a file where the folder should be")
    assert Samples(tmp_path).keep("otzovik", drifted()) == ""


def test_a_hostile_page_is_no_failure(tmp_path: Path) -> None:
    samples = Samples(tmp_path)
    for body in (b"", b"\0" * 100, b"\xff\xfe\xff", b'{"a": "' + b"\\" * 99):
        samples.keep("otzovik", page(body.decode("latin-1"), content_type="text/html; charset=no-such"))
    assert Samples(tmp_path).keep("otzovik", Page(200, {}, fixture("otzovik"), "https://[broken", NOW)) == ""


def test_a_sample_that_holds_the_name_is_forgotten_with_its_author(tmp_path: Path) -> None:
    samples = Samples(tmp_path)
    kept = samples.keep("otzovik", drifted())
    (tmp_path / "samples" / "otzovik-old.html").write_text("<p>Марфа ХВОСТИКОВА</p>")
    assert samples.erase(["Марфа Хвостикова"]) == 1
    assert (tmp_path / kept).exists()
    assert "otzovik-old.html" not in names(tmp_path)
    assert samples.erase(["", " "]) == 0


def test_a_sample_that_cannot_be_looked_through_is_told(tmp_path: Path) -> None:
    (tmp_path / "samples" / "otzovik-old.html").mkdir(parents=True)
    with pytest.raises(StoreError, match="sample"):
        Samples(tmp_path).erase(["Марфа"])


def test_forgetting_an_author_looks_through_the_samples(cafe: Rig) -> None:
    view = next(view for view in cafe.everything() if len(view.author) > 3)
    folder = cafe.folder / "samples"
    folder.mkdir(exist_ok=True)
    (folder / "otzovik-old.html").write_text(f"<p>{view.author}</p>")
    cafe.app.forget([view.review], cafe.clock.now())
    assert not (folder / "otzovik-old.html").exists()


def test_a_changed_layout_leaves_a_sample_beside_the_database(cafe: Rig) -> None:
    cafe.world.trouble["otzovik"] = Trouble.CHANGED_MARKUP
    report = cafe.run(timedelta(hours=4))
    assert any("samples/otzovik-" in failed.message for failed in report.failures), report
    kept = [path for path in (cafe.folder / "samples").iterdir() if path.suffix == ".html"]
    assert kept
    authors = {view.author for view in cafe.everything() if view.source == "otzovik" and len(view.author) > 3}
    assert not any(author in kept[0].read_text() for author in authors)
