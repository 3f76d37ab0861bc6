"""Files that are broken, lie about themselves, or want to be too much."""

import io
import time
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.tables import Cell, Field, Unreadable, read_table, sheets
from monitor.tables.values import Refused, identifier_of, moment_of, stars_of, text_of
from tests.test_tables import column, read, workbook


def unreadable(body: bytes, name: str = "reviews.csv") -> str:
    with pytest.raises(Unreadable) as refused:
        read_table(name, body)
    return str(refused.value)


def test_what_is_no_table_says_so_in_russian() -> None:
    assert "пуст" in unreadable(b"")
    assert "пуст" in unreadable(b" \r\n ")
    assert "не таблица" in unreadable(bytes(range(32)) * 50)
    assert ".xls" in unreadable(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "a.xls")
    assert "повреждена" in unreadable(b"PK\x03\x04" + bytes(100), "a.xlsx")
    assert "не найден столбец" in unreadable("просто текст\nбез столбцов\n".encode())
    assert "не найден столбец" in unreadable(b"{}")


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("reviews.csv", "Текст;Оценка\nУра;5\n")
    assert "архив ZIP" in unreadable(out.getvalue(), "a.xlsx")


def test_a_zip_bomb_is_refused_before_it_unfolds() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            for _ in range(210):
                part.write(bytes(1 << 20))
    tracemalloc.start()
    assert "слишком велика" in unreadable(out.getvalue(), "a.xlsx")
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_a_workbook_that_defines_entities_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["Текст"], ["Ура"]))) as good, zipfile.ZipFile(out, "w") as bad:
        for part in good.infolist():
            body = good.read(part)
            if part.filename.endswith("sheet1.xml"):
                body = b'<!DOCTYPE x [<!ENTITY a "b">]>' + body
            bad.writestr(part, body)
    assert "определения XML" in unreadable(out.getvalue(), "a.xlsx")


def test_a_sheet_that_claims_millions_of_rows_is_refused_in_bounded_time() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["Текст"], ["Ура"]))) as good, zipfile.ZipFile(out, "w") as bad:
        for part in good.infolist():
            body = good.read(part)
            if part.filename.endswith("sheet1.xml"):
                rows = b"".join(
                    b'<row r="%d"><c t="inlineStr"><is><t>x</t></is></c></row>' % n for n in range(3, 2_000)
                )
                body = body.replace(b"</sheetData>", rows + b'<row r="999999999"/></sheetData>')
            bad.writestr(part, body)
    with pytest.raises(sheets.SheetRefused, match="больше 1000 строк"):
        sheets.read(out.getvalue(), 1_000)
    sheet = sheets.read(out.getvalue(), 3_000)
    assert sheet.columns is not None
    assert len(sheet.rows) == 1_998


def test_a_line_of_ten_megabytes_and_a_row_of_delimiters_are_read_in_bounded_time() -> None:
    started = time.perf_counter()
    table = read("Текст;Оценка\n" + "я" * 5_000_000 + ";5\nУра;4\n" + ";" * 5_000_000 + "\n" + '"' * 1_000_001)
    assert column(table, Field.STARS)[:2] == ["5", "4"]
    with pytest.raises(Refused):
        text_of(table.rows[0].cells[Field.TEXT])
    assert time.perf_counter() - started < 10


def test_unclosed_marks_on_every_line_cost_no_square_of_time() -> None:
    started = time.perf_counter()
    table = read("Текст;Оценка\n" + '"Ой;3\n' * 100_000)
    assert len(table.rows) == 100_000
    assert time.perf_counter() - started < 10


def test_nul_surrogates_and_direction_marks_pass_through_as_words() -> None:
    assert column(read("Текст;Оценка\nа\0б\u202eв;5\n"), Field.TEXT) == ["а\0б\u202eв"]
    assert column(read('{"text": "a\\ud800b", "stars": 5}'), Field.TEXT) == ["a\ud800b"]


def test_json_of_bottomless_nesting_and_endless_numbers_is_a_bad_row() -> None:
    table = read('{"text": "Ура"}\n' + "[" * 100_000 + "\n" + '{"stars": ' + "9" * 5_000 + "}\n")
    assert column(table, Field.TEXT) == ["Ура", None]
    assert [bad.line for bad in table.bad] == [2]
    with pytest.raises(Refused):
        stars_of(table.rows[1].cells[Field.STARS], ten=False)


def test_a_hundred_thousand_different_keys_cost_no_square_of_time() -> None:
    started = time.perf_counter()
    read("\n".join(f'{{"text": "т{number}", "k{number}": 1}}' for number in range(50_000)))
    assert time.perf_counter() - started < 10


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.json", "a.xlsx", "a"]))
def test_no_bytes_make_reading_fail_in_a_way_of_its_own(body: bytes, name: str) -> None:
    with suppress(Unreadable):
        read_table(name, body)


@settings(max_examples=60)
@given(st.integers(0, 4_000), st.binary(min_size=1, max_size=4))
def test_no_damage_to_a_workbook_makes_reading_fail_in_a_way_of_its_own(at: int, damage: bytes) -> None:
    body = bytearray(workbook(["Текст", "Оценка"], ["Ура", 5]))
    place = at % len(body)
    body[place : place + len(damage)] = damage
    with suppress(Unreadable):
        read_table("a.xlsx", bytes(body))


@given(st.one_of(st.text(max_size=50), st.floats(), st.integers(), st.datetimes(), st.booleans(), st.none()))
def test_no_cell_makes_a_value_fail_in_a_way_of_its_own(cell: Cell) -> None:
    for read_cell in (lambda value: stars_of(value, ten=False), text_of, identifier_of, moment_of):
        with suppress(Refused):
            read_cell(cell)
