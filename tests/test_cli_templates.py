"""`otklik templates`: what it says of the shipped wordings and of broken ones; the page of all replies."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from monitor.assemble import Application
from monitor.cli.templates_preview import MARK, VARIANTS
from monitor.config import load
from monitor.editing.books import FRAMES
from monitor.wording import GLUE
from responders.choose import Frame
from responders.samples import SAMPLES
from responders.types import Finding, Situation
from tests.conftest import Otklik, Result

ROOT = Path(__file__).resolve().parents[1]
OWN = "\ntemplates_dir: own\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The shipped example, with a templates_dir beside it."""
    (tmp_path / "own").mkdir()
    path = tmp_path / "config.yaml"
    path.write_text((ROOT / "config.yaml").read_text(encoding="utf-8") + OWN, encoding="utf-8")
    return path


def write(config: Path, name: str, content: str) -> Path:
    file = config.parent / "own" / "replies" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def checked(otklik: Otklik) -> tuple[int, dict[str, Any]]:
    """Exit code and the JSON report."""
    result = otklik("templates", "check", "--json")
    (report,) = result.objects()
    return result.code, report


@pytest.mark.parametrize("sector", ["food", "clinic", "bank"])
def test_the_shipped_wordings_are_sound(sector: str, otklik: Otklik, config: Path) -> None:
    text = config.read_text(encoding="utf-8").replace("sector: food", f"sector: {sector}")
    config.write_text(text, encoding="utf-8")
    code, report = checked(otklik)
    assert (report["problems"], report["of_drafts"], report["of_phrases"]) == ([], [], [])
    assert (code, report["ok"], report["drafts"]) == (0, True, 120)


def test_what_does_not_load_is_named_with_its_line_and_what_to_do(otklik: Otklik, config: Path) -> None:
    file = write(config, "thanks.yaml", "openings:\n  - 'Спасибо!'\n  - 'Спасибо за {{ review }}!'\n")
    topics = write(config, "topics.yaml", "topics:\n  - {words: кофе}\n")
    result = otklik("templates", "check")
    assert result.code == 2
    assert f"{file}:3: " in result.out
    assert f"{topics}:2: " in result.out
    assert "Исправьте место или уберите файл" in result.out
    assert "2 ошибки" in result.out


def test_one_bad_phrase_is_found_however_seldom_it_is_drawn(otklik: Otklik, config: Path) -> None:
    lines = [
        f"  - 'Спасибо за добрые слова{end}.'" for end in ("", " Вам", " и время", " сегодня", " от души", "! Спасибо")
    ]
    lines.append("  - 'Благодарим Вас.'")
    bad = ["  - 'Позвоните нам: +7 999 123-45-67.'", "  - 'Вы сами виноваты.'", "  - 'Оценка {{ stars + 1 }}.'"]
    file = write(config, "thanks.yaml", "\n".join(["openings:", *lines, *bad, ""]))
    code, report = checked(otklik)
    assert code == 2
    found = {(row["path"], row["line"], row["rule"]) for row in report["of_phrases"]}
    assert {(str(file), 9, "contacts_forbidden"), (str(file), 10, "blames_author")} <= found
    assert [(row["path"], row["line"]) for row in report["problems"]] == [(str(file), 11)]
    assert {row["situation"] for row in report["of_drafts"]} <= {sample.name for sample in SAMPLES}


def test_what_can_never_serve_is_told_and_is_no_error(otklik: Otklik, config: Path) -> None:
    rows = [
        "praise:",
        "  - 'Рады за наших сотрудников.'",
        "  - {text: 'Рады за сотрудников.', kinds: [polit]}",
        "  - {text: 'Рады за команду.', sectors: [cafe]}",
        "  - 'Рады за команду: {{ measure }}.'",
        "  - {text: 'Рады за людей.', sectors: [hotel]}",
        "",
    ]
    theme = write(config, "themes/staff.yaml", "\n".join(rows))
    thanks = write(config, "thanks.yaml", "openings: ['Спасибо Вам.', {text: 'Спасибо.', kinds: [polite]}]\n")
    shared = write(config, "shared.yaml", "partings: ['Пока.']\n")
    stray = write(config, "theme/staff.yaml", "praise: ['Рады.']\n")
    code, report = checked(otklik)
    never = [(row["path"], row["line"]) for row in report["of_phrases"] if row["rule"] == "never_usable"]
    places = [(theme, 3), (theme, 4), (theme, 5), (thanks, 1), (shared, 1), (stray, None)]
    assert sorted(never, key=str) == sorted(((str(file), line) for file, line in places), key=str)
    assert (code, report["ok"]) == (0, True)


def test_a_way_to_reach_us_may_name_the_business(otklik: Otklik, config: Path) -> None:
    write(config, "shared.yaml", "reach: ['свяжитесь с {{ business }}', 'напишите в {{ signature }}']\n")
    assert checked(otklik)[1]["problems"] == []


def test_a_broken_way_to_reach_us_is_named_and_no_phrase_that_uses_it(otklik: Otklik, config: Path) -> None:
    shared = write(config, "shared.yaml", "reach:\n  - 'напишите нам'\n  - 'позвоните нам {{ 1 / 0 }} раз'\n")
    code, report = checked(otklik)
    assert {(row["path"], row["line"]) for row in report["problems"]} == {(str(shared), 3)}
    assert code == 2


def test_a_phrase_is_tried_before_the_signature_however_that_is_typeset(
    otklik: Otklik, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = "Кафе 24 часа — «Ромашка»"
    signed = config.read_text(encoding="utf-8").replace("Команда «Ромашки»", signature)
    config.write_text(signed, encoding="utf-8")
    tried: list[str] = []

    def lint(reply: str, _about: Situation) -> tuple[Finding, ...]:
        tried.append(reply.replace(GLUE, " "))
        return ()

    monkeypatch.setattr("monitor.editing.trial.lint", lint)
    checked(otklik)
    assert tried
    assert [text for text in tried if text.count(signature) != 1 or not text.endswith(signature)] == []


def test_a_wrong_config_is_no_matter_of_templates(otklik: Otklik, config: Path) -> None:
    config.write_text("business: 5\n", encoding="utf-8")
    result = otklik("templates", "check")
    assert result.code == 2
    assert "config.yaml" in result.err


# --- what was set at the desk -------------------------------------------------------------------


def put(config: Path, name: str, text: str) -> None:
    app = Application(load(config))
    with app.store.write():
        app.store.settings.put("phrases", name, text, seen=0, actor="olga", now=app.clock.now())
    app.close()


def test_what_was_set_at_the_desk_is_checked_and_previewed(otklik: Otklik, config: Path) -> None:
    write(config, "thanks.yaml", "openings: ['Спасибо из файла.']\n")
    put(config, "thanks.yaml", "openings: ['Вы сами виноваты.', 'Спасибо за {{ stars }}.']\n")
    report = checked(otklik)[1]
    assert report["problems"] == []
    assert {(row["path"], row["line"], row["rule"]) for row in report["of_phrases"]} >= {
        ("Фразы/thanks.yaml", 1, "blames_author")
    }
    otklik("templates", "preview", "--out", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")
    assert "Вы сами виноваты." in page
    assert "из файла" not in page


def test_what_does_not_load_of_it_is_named_with_the_way_to_mend_it(otklik: Otklik, config: Path) -> None:
    write(config, "thanks.yaml", "openings: ['Спасибо из файла.']\n")
    put(config, "thanks.yaml", "openings:\n  - '{{ gone }}'\n")
    result = otklik("templates", "check")
    assert result.code == 2
    assert "Фразы/thanks.yaml:2: " in result.out
    assert "на странице «Фразы ответов»" in result.out
    assert "уберите файл" not in result.out
    drafted = otklik("draft", stdin='{"text": "Всё супер", "stars": 5, "author": "Анна", "source": "yandex_maps"}\n')
    (draft,) = drafted.objects()
    assert "Спасибо из файла." in draft["text"]
    assert any("Фразы/thanks.yaml" in row["message"] for row in draft["warnings"])


def test_no_database_is_made_to_look_for_it(otklik: Otklik, config: Path) -> None:
    checked(otklik)
    assert not load(config).database.exists()


# --- the page ---------------------------------------------------------------------------------


class Page(HTMLParser):
    """Tags by name, addresses, and the visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.handlers: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action", "style")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def preview(otklik: Otklik, *arguments: object) -> Result:
    return otklik("templates", "preview", *arguments)


def test_the_page_shows_every_frame_and_sample_with_three_drafts_each(
    otklik: Otklik, config: Path, tmp_path: Path
) -> None:
    result = preview(otklik)
    assert (result.code, result.out) == (0, "")
    assert "preview.html" in result.err
    html = (tmp_path / "preview.html").read_text(encoding="utf-8")
    page = Page(html)
    text = "".join(page.words)
    assert set(FRAMES) == set(Frame)
    for title in (*FRAMES.values(), *(sample.name for sample in SAMPLES)):
        assert title in text
    assert html.count('class="reply"') == VARIANTS * len(SAMPLES)
    assert text.count("Команда «Ромашки»") == VARIANTS * len(SAMPLES)


def test_the_page_needs_nothing_else_and_runs_nothing(otklik: Otklik, config: Path, tmp_path: Path) -> None:
    preview(otklik)
    html = (tmp_path / "preview.html").read_text(encoding="utf-8")
    page = Page(html)
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(page.tags)
    assert page.handlers == []
    assert [address for address in page.addresses if not address.startswith(("#", "margin"))] == []
    assert not re.search(r"url\(|@import", html)
    assert "<script>alert(1)</script>" in "".join(page.words)
    assert "\u202e" not in html
    assert "prefers-color-scheme: dark" in html
    assert "width=device-width" in html


def test_a_broken_file_stands_at_the_head_of_the_page(otklik: Otklik, config: Path, tmp_path: Path) -> None:
    file = write(config, "risks.yaml", "<b>: {{\n")
    assert preview(otklik, "--out", "here.html").code == 0
    html = (tmp_path / "here.html").read_text(encoding="utf-8")
    assert html.count(str(file)) == 1
    assert html.index(str(file)) < html.index('id="thanks"')


def test_an_earlier_page_is_replaced_and_any_other_file_is_left_alone(
    otklik: Otklik, config: Path, tmp_path: Path
) -> None:
    earlier, other = tmp_path / "preview.html", tmp_path / "notes.html"
    earlier.write_text(f"<!DOCTYPE html>{MARK}", encoding="utf-8")
    other.write_text("<p>Мои заметки", encoding="utf-8")
    assert preview(otklik).code == 0
    assert len(earlier.read_text(encoding="utf-8")) > 1000
    refused = preview(otklik, "--out", other)
    assert refused.code == 2
    assert "is no preview" in refused.err
    assert other.read_text(encoding="utf-8") == "<p>Мои заметки"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_is_not_there_is_a_mistake_in_the_command(otklik: Otklik, config: Path, tmp_path: Path) -> None:
    result = preview(otklik, "--out", tmp_path / "nowhere" / "preview.html")
    assert result.code == 2
    assert "nowhere" in result.err
