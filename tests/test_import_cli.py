"""`otklik import` as people and scripts meet it."""

import io
import json
from pathlib import Path

import openpyxl
import pytest

from monitor.cli.imports import patient_lock
from monitor.errors import PassRunning
from monitor.runners.once import pass_lock
from monitor.standin.world import World
from tests.conftest import Otklik
from tests.rig import NOON, Rig

TABLE = "Дата;Оценка;Автор;Отзыв\r\n05.10.2026;5;Анна К.;Отлично, всем советую\r\n06.10.2026;1;Олег;Ждали час\r\n"
KEPT = ("external_id", "place", "source", "stars", "author", "text", "posted_at", "posted_precision", "reply", "url")


@pytest.fixture
def empty(tmp_path: Path, secrets: None) -> Rig:
    """A config and no database yet."""
    rig = Rig(tmp_path, World(NOON))
    rig.app.close()
    return rig


def write(folder: Path, body: str | bytes, name: str = "reviews.csv", charset: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(body if isinstance(body, bytes) else body.encode(charset))
    return path


def test_a_table_from_a_russian_excel_comes_in_with_one_command(otklik: Otklik, empty: Rig) -> None:
    path = write(empty.folder, TABLE, charset="cp1251")
    result = otklik("import", path, "--source", "Яндекс Карты")
    assert result.code == 0, result.err
    assert "Прочитано строк: 2. Новых отзывов: 2, уже были: 0, изменились: 0. Не приняты: 0." in result.out
    assert "после следующего прохода" in result.out
    assert result.err == ""
    again = otklik("import", path, "--source", "yandex_maps", "--json")
    assert again.objects() == [{"rows": 2, "new": 0, "edited": 0, "known": 2, "replies": 0, "rejected": []}]
    texts = [row["text"] for row in otklik("export").objects()]
    assert texts == ["Отлично, всем советую", "Ждали час"]


def test_bad_rows_and_unused_columns_are_named_and_good_rows_kept(otklik: Otklik, empty: Rig) -> None:
    bad = "".join(f"05.10.2026;11;Плохо {number};x\n" for number in range(25))
    path = write(empty.folder, "Дата;Оценка;Отзыв;Цвет\n05.10.2026;5;Хорошо;x\n" + bad)
    result = otklik("import", path, "--source", "2ГИС")
    assert result.code == 1
    assert "Новых отзывов: 1" in result.out
    assert "Не приняты: 25." in result.out
    lines = result.err.splitlines()
    assert lines[0] == "reviews.csv: не использованы столбцы: «Цвет»."
    assert lines[1].startswith("reviews.csv, строка 3: оценка вне шкалы")
    assert len(lines) == 22
    assert "ещё 5" in lines[-1]
    rejected = otklik("import", path, "--source", "2ГИС", "--json").objects()[0]["rejected"]
    assert len(rejected) == 25
    assert rejected[0].keys() == {"file", "line", "reason"}


def test_nothing_readable_is_a_mistake_of_usage(otklik: Otklik, empty: Rig) -> None:
    folder = empty.folder
    (folder / "папка").mkdir()
    cases = {
        write(folder, b"", "empty.csv"): "пуст",
        write(folder, "Дата;Сумма\n1;2\n", "sums.csv"): "«Дата», «Сумма»",
        write(folder, bytes(range(30)) * 9, "photo.csv"): "не таблица",
        folder / "папка": "папка",
        folder / "нет.csv": "нет",
    }
    for path, words in cases.items():
        result = otklik("import", path, "--source", "twogis")
        assert result.code == 2, path
        assert words in result.err, path
        assert result.out == ""
        assert "Traceback" not in result.err
    mixed = otklik("import", folder / "нет.csv", write(folder, TABLE), "--source", "twogis")
    assert mixed.code == 1
    assert "Новых отзывов: 2" in mixed.out


def test_options_that_name_nothing_are_refused_before_anything_is_read(otklik: Otklik, empty: Rig) -> None:
    path = write(empty.folder, TABLE)
    for option, words in (
        ("--place", "такой точки нет"),
        ("--source", "неизвестная площадка"),
        ("--card", "нет такой"),
    ):
        result = otklik("import", path, option, "нечто")
        assert result.code == 2
        assert words in result.err


def test_a_column_of_places_that_gave_way_to_the_option_is_named(otklik: Otklik, empty: Rig) -> None:
    place = next(iter(empty.app.cards.values())).place
    path = write(empty.folder, "Адрес;Оценка;Отзыв\nул. Баумана, 1;5;Вкусно\n")
    result = otklik("import", path, "--source", "2ГИС", "--place", place)
    assert result.code == 0
    assert "Новых отзывов: 1" in result.out
    assert "столбец «Адрес» не использован" in result.err


def test_a_dry_run_says_so(otklik: Otklik, empty: Rig) -> None:
    result = otklik("import", write(empty.folder, TABLE), "--source", "twogis", "--dry-run")
    assert result.code == 0
    assert "Новых отзывов: 2" in result.out
    assert "ничего не записано" in result.out
    assert otklik("export").out == ""


def test_a_workbook_comes_in_by_place_and_source_columns(otklik: Otklik, empty: Rig) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Точка", "Площадка", "Оценка", "Текст отзыва"])
    sheet.append(["«Ромашка»", "Отзовик", 4.0, "Хорошо"])
    sheet.append(["lenina", "2ГИС", "5 из 5", "Отлично"])
    sheet.append(["Нигде", "2ГИС", 5, "Отлично"])
    out = io.BytesIO()
    book.save(out)
    result = otklik("import", write(empty.folder, out.getvalue(), "отзывы.xlsx"))
    assert result.code == 1
    assert "строка 4: столбец «Точка»: точки «Нигде» нет в config.yaml" in result.err
    assert [(row["source"], row["stars"]) for row in otklik("export").objects()] == [("otzovik", 4), ("twogis", 5)]


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_an_export_brings_the_same_reviews_into_an_empty_database(
    otklik: Otklik, cafe: Rig, tmp_path: Path, form: str
) -> None:
    exported = otklik("export", form).out
    before = otklik("export").objects()
    assert sum(row["reply"] is not None for row in before) > 3
    path = write(tmp_path, exported, "export.jsonl" if form == "--json" else "export.csv")
    same = otklik("import", path)
    assert same.code == 0, same.err
    assert f"Новых отзывов: 0, уже были: {len(before)}, изменились: 0" in same.out
    assert otklik("export").objects() == before
    cafe.app.close()
    for leftover in tmp_path.glob("otklik.db*"):
        leftover.unlink()
    result = otklik("import", path)
    assert result.code == 0, result.err
    assert result.err == ""
    after = otklik("export").objects()
    assert _told(after) == _told(before)


def _told(rows: list[dict[str, object]]) -> list[str]:
    """What a file can carry, without the line breaks' own forms."""
    return sorted(json.dumps({key: row[key] for key in KEPT}, sort_keys=True, ensure_ascii=False) for row in rows)


def test_a_pass_that_is_running_is_waited_for_politely(tmp_path: Path) -> None:
    database = tmp_path / "otklik.db"
    pauses: list[float] = []
    running = pass_lock(database)
    running.__enter__()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            running.__exit__(None, None, None)

    with patient_lock(database, pause=pause):
        assert len(pauses) == 3
    with (
        pass_lock(database),
        pytest.raises(PassRunning) as refused,
        patient_lock(database, seconds=5, pause=pauses.append),
    ):
        pass
    assert refused.value.exit_code == 75
    assert len(pauses) == 8


def test_help_has_an_example(otklik: Otklik) -> None:
    result = otklik("import", "--help")
    assert result.code == 0
    assert "Example:" in result.out


@pytest.mark.parametrize("name", ["twogis", "google_business"])
def test_a_page_that_holds_no_reviews_for_programs_is_refused_with_the_way_that_works(
    otklik: Otklik, cafe: Rig, tmp_path: Path, name: str
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!DOCTYPE html><html><body>Отзывы</body></html>", encoding="utf-8")
    result = otklik("import", page, "--source", name, "--place", "lenina")
    assert result.code == 2
    assert "таблицей" in result.err


def test_reviews_that_only_files_told_of_are_counted_beside_those_of_the_site(
    otklik: Otklik, cafe: Rig, tmp_path: Path
) -> None:
    table = tmp_path / "a.csv"
    table.write_text("Оценка;Отзыв;Автор\n5;Очень уютно и вкусно, придём снова;Яна\n", encoding="utf-8")
    assert otklik("import", table, "--source", "twogis").code == 0
    cards = otklik("source", "list", "--json").objects()
    assert {card["source"]: card["from_files"] for card in cards}["twogis"] == 1
    assert "ещё 1 — только из файлов" in otklik("source", "list").out
