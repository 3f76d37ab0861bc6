"""The numbers as files: complete, for Russian Excel, and never a program of a stranger's."""

import csv
import io
import re
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import openpyxl
import pytest

from monitor.accounts import Role
from monitor.desk import numbers_export, numbers_reviews
from monitor.desk.numbers_export import COLUMNS, TABLES
from monitor.store.connection import Row as Stored
from monitor.tables import spreadsheet
from monitor.tables.spreadsheet import csv_pieces, write_xlsx
from tests.desk_rig import Clicks
from tests.numbers_desk import Chain, built

HOSTILE = (
    '=HYPERLINK("http://evil.example")',
    "\u202e+7",
    "-2+3",
    "@SUM(A1)",
    "\u200b=1",
    "＝1",
    "две\r\nстроки; и «точка с запятой»",
    '"в кавычках"',
    "нуль\x00 и \x1b[31mкраска",
    "половина \ud83d знака",
    "конец \uffff мира",
    "_x0041_",
    "а" * 40_000,
)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOGIS_KEY", "x")
        chain = built(tmp_path_factory.mktemp("chain"), reviews=1200, days=40)
        yield chain
        chain.app.close()


@pytest.fixture(scope="module")
def olga(chain: Chain) -> Clicks:
    return Clicks(chain, "olga", Role.OWNER)


def as_csv(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    text = answer.content.decode("utf-8-sig")
    assert text.count("\r\n") >= 1
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))


def as_xlsx(body: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True)
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def written(heads: list[str], *parts: list[list[Any]]) -> bytes:
    file = io.BytesIO()
    for _ in write_xlsx(file, "Лист", heads, parts):
        pass
    return file.getvalue()


# --- the reviews behind a number ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["?since=2026-10-01", "?fate=late&place=p0", "?of=settled&outcome=missed", "?stars=1"]
)
def test_a_file_holds_all_the_reviews_behind_a_number(olga: Clicks, query: str) -> None:
    page = olga.soup(f"/numbers/reviews{query}")
    total = int("".join(page.select("h1 .total")[0].get_text().split()))
    links = [str(link["href"]) for link in page.select(".files a")]
    assert len(links) == 2
    files = {link.partition("?")[0]: olga.get(link) for link in links}
    rows = as_csv(files["/numbers/reviews.csv"])
    sheet = as_xlsx(files["/numbers/reviews.xlsx"].content)
    assert rows[0] == sheet[0] == list(COLUMNS)
    assert len(rows) == len(sheet) == total + 1
    assert [row[0] for row in rows[1:]] == ["" if row[0] is None else str(row[0]) for row in sheet[1:]]


def test_who_took_reviews_away_is_told_in_the_audit_log(chain: Chain, olga: Clicks) -> None:
    total = len(as_csv(olga.get("/numbers/reviews.csv?stars=1"))) - 1
    line = chain.app.store.accounts.audit(1)[0]
    assert (line.kind, line.actor) == ("reviews exported", "olga")
    assert line.what.startswith("reviews-")
    assert f".csv, {total}\N{NO-BREAK SPACE}отзыв" in line.what


def test_values_are_what_a_spreadsheet_can_count_with(olga: Clicks) -> None:
    (heads, *rows) = as_xlsx(olga.get("/numbers/reviews.xlsx?fate=late").content)
    row = dict(zip(heads, rows[0], strict=True))
    assert isinstance(row["Замечен"], datetime)
    assert row["Состояние"] == "ответ опубликован, с опозданием"
    assert row["Точка"] in ("«Ромашка» на Ленина", "«Ромашка» на Мира", "Пекарня", "p3 (больше не следим)")
    (heads, *rows) = as_csv(olga.get("/numbers/reviews.csv?fate=late"))
    assert re.fullmatch(r"2026-1\d-\d\d \d\d:\d\d", dict(zip(heads, rows[0], strict=True))["Замечен"])


def test_no_word_of_a_stranger_becomes_a_formula_or_breaks_a_file(chain: Chain, olga: Clicks) -> None:
    database = chain.app.store._db
    with chain.app.store.write():
        for number, text in enumerate(HOSTILE, start=1100):
            kept = text.encode("utf-8", "replace").decode()  # no stranger gets a lone surrogate past us into SQLite
            database.execute("UPDATE review SET text = ?, author = ? WHERE id = ?", [kept, kept[:50], number])
    rows = as_csv(olga.get("/numbers/reviews.csv"))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]
    assert not [cell for cell in cells if "\x00" in cell or "\x1b" in cell]
    body = olga.get("/numbers/reviews.xlsx").content
    sheets = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0]
    assert {cell.data_type for row in sheets.iter_rows() for cell in row} <= {"s", "inlineStr", "n", "d"}
    texts = {str(row[COLUMNS.index("Текст")].value) for row in sheets.iter_rows()}
    assert {"-2+3", "@SUM(A1)", '=HYPERLINK("http://evil.example")', "+7"} <= texts


def test_a_file_has_a_name_for_people_and_one_for_programs(olga: Clicks) -> None:
    told = olga.get("/numbers/reviews.csv?since=2026-11-01&until=2026-11-21").headers["content-disposition"]
    plain, _, russian = told.partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="reviews-2026-11-01-2026-11-21.csv"'
    assert unquote(russian) == "Отзывы, 1–21\u00a0ноября.csv"
    told = olga.get("/numbers/table/places.xlsx").headers["content-disposition"]
    assert told.startswith('attachment; filename="places-2026-10-25-2026-11-21.xlsx"')


def test_a_file_is_made_piece_by_piece(chain: Chain, olga: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    read = chain.app.store.excerpts.of

    def reading(ids: Sequence[int]) -> list[Stored]:
        asked.append(len(ids))
        return read(ids)

    monkeypatch.setattr(chain.app.store.excerpts, "of", reading)
    assert len(as_csv(olga.get("/numbers/reviews.csv?since=2026-10-01"))) > 1000
    assert len(asked) > 2
    assert max(asked) <= 500


# --- tables ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_the_same_as_csv_and_as_xlsx(olga: Clicks, name: str) -> None:
    rows = as_csv(olga.get(f"/numbers/table/{name}.csv?days=90&theme=staff"))
    sheet = as_xlsx(olga.get(f"/numbers/table/{name}.xlsx?days=90&theme=staff").content)
    assert rows[0] == sheet[0]
    assert len(rows) > 1
    for row, values in zip(rows[1:], sheet[1:], strict=True):
        assert row == [_spelled(value) for value in values] + [""] * (len(row) - len(values))


def _spelled(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{value:g}".replace(".", ",")


def test_a_table_says_what_the_page_says(olga: Clicks) -> None:
    shown = olga.soup("/numbers/places?place=p1&sort=negative")
    names = [cell.get_text().strip() for cell in shown.select("#sites tbody th")]
    (heads, *rows) = as_csv(olga.get("/numbers/table/sites.csv?place=p1&sort=negative"))
    assert [row[0] for row in rows] == names
    numbers = [int("".join(link.get_text().split())) for link in shown.select("#sites tbody tr:first-child a.n")]
    told = dict(zip(heads, rows[0], strict=True))
    counts = ("новых отзывов", "отвечено", "можно было ответить", "уложились в срок", "срок решился", "негативных")
    assert [int(told[name]) for name in counts] == numbers[:6]


def test_shares_and_stars_have_a_decimal_comma(olga: Clicks) -> None:
    (heads, *rows) = as_csv(olga.get("/numbers/table/places.csv"))
    told = [dict(zip(heads, row, strict=True)) for row in rows]
    assert all(re.fullmatch(r"\d(,\d+)?", row["средняя оценка"]) for row in told)
    assert all(re.fullmatch(r"\d+(,\d)?", row["отвечено, %"]) for row in told)


# --- how they are written ---------------------------------------------------------------------------------


def test_what_a_spreadsheet_would_obey_is_text() -> None:
    body = written(["слова"], [[text] for text in HOSTILE])
    cells = [row[0] for row in as_xlsx(body)[1:]]
    assert len(cells) == len(HOSTILE)
    assert cells[0] == HOSTILE[0]
    assert cells[9] == "половина \ufffd знака"
    assert cells[10] == "конец \ufffd мира"
    assert len(cells[-1]) == 32_767  # what a cell can hold


def test_a_sheet_holds_no_more_than_a_sheet_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 4)
    assert len(as_xlsx(written(["н"], [[1], [2]], [[3], [4]], [[5]]))) == 4


def test_nothing_of_a_file_stays_behind_when_nobody_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    writing = write_xlsx(io.BytesIO(), "Лист", ["слова"], iter([[["тайна"]], [["ещё"]]]))
    next(writing)
    assert list(tmp_path.iterdir())
    writing.close()
    assert not list(tmp_path.iterdir())


def test_rows_go_through_and_are_never_held_all_at_once() -> None:
    text = "Ждали заказ почти час, официант про нас забыл. " * 4

    def parts() -> Iterator[list[list[Any]]]:
        for part in range(40):
            yield [[part * 500 + number, text] for number in range(500)]

    tracemalloc.start()
    size = sum(len(piece) for piece in csv_pieces(["н", "текст"], parts()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 6_000_000
    assert peak < 2_000_000


def test_too_many_for_a_workbook_are_offered_as_csv(olga: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers_reviews, "MOST_IN_XLSX", 10)
    monkeypatch.setattr(numbers_export, "MOST_IN_XLSX", 10)
    links = [str(link["href"]) for link in olga.soup("/numbers/reviews").select(".files a")]
    assert [link.partition("?")[0] for link in links] == ["/numbers/reviews.csv"]
    assert olga.get(links[0]).status_code == 200
    refused = olga.get("/numbers/reviews.xlsx")
    assert refused.status_code == 400
    assert "возьмите CSV" in refused.text
