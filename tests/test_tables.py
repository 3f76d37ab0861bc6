"""Files of rows as people, spreadsheets and cabinets write them."""

import csv
import io
import json
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.export import COLUMNS
from monitor.tables import Field, Table, Unreadable, read_table
from monitor.tables.spreadsheet import csv_line
from monitor.tables.values import Refused, days_first, identifier_of, moment_of, stars_of, text_of

ROWS = "Дата;Оценка;Автор;Отзыв\r\n05.11.2026;5;Анна К.;Отлично, всем советую\r\n06.11.2026;1;Олег;Ждали «час»\r\n"


def read(body: str | bytes, name: str = "reviews.csv", charset: str = "utf-8") -> Table:
    return read_table(name, body if isinstance(body, bytes) else body.encode(charset))


def column(table: Table, field: Field) -> list[Any]:
    return [row.cells.get(field) for row in table.rows]


def workbook(*rows: list[Any], sheet: str = "Отзывы", first: list[list[Any]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    if first is not None:
        for row in first:
            page.append(row)
        page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r", "cp866"]
)
def test_the_charset_is_found_without_being_told(charset: str) -> None:
    plain = ROWS.replace("«", '""').replace("»", '""').replace("Ждали", '"Ждали').replace('час""', 'час"""')
    table = read(plain, charset=charset)
    assert column(table, Field.AUTHOR) == ["Анна К.", "Олег"]
    assert column(table, Field.TEXT) == ["Отлично, всем советую", 'Ждали "час"']


@pytest.mark.parametrize("charset", ["cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("text", ["Ура", "ОЧЕНЬ ПЛОХО", "Не ходите сюда никогда", "ъ", "Кафе хорошее, спасибо"])
def test_a_short_text_or_one_in_capitals_does_not_mislead_about_the_charset(charset: str, text: str) -> None:
    for heading in ("Дата;Оценка;Автор;Текст", "ДАТА;ОЦЕНКА;АВТОР;ТЕКСТ ОТЗЫВА"):
        assert column(read(f"{heading}\n;5;;{text}\n", charset=charset), Field.TEXT) == [text]


def test_one_broken_byte_does_not_turn_a_file_into_gibberish() -> None:
    body = ROWS.encode() + "07.11.2026;4;Пётр;Неплохо".encode()[:-1]
    assert column(read(body), Field.TEXT) == ["Отлично, всем советую", "Ждали «час»", "Неплох\ufffd"]


@pytest.mark.parametrize("delimiter", list(";,\t|"))
def test_the_delimiter_is_the_one_that_makes_sense_of_the_heading(delimiter: str) -> None:
    table = read(f'Оценка{delimiter}Текст\n5{delimiter}"Вкусно; дёшево, быстро|рядом"\n')
    assert column(table, Field.TEXT) == ["Вкусно; дёшево, быстро|рядом"]


def test_excel_may_say_its_delimiter_in_the_first_line() -> None:
    table = read('sep=,\nОценка,Текст\n5,"Ура"\n')
    assert [(row.line, row.cells[Field.TEXT]) for row in table.rows] == [(3, "Ура")]


def test_a_quoted_cell_may_hold_lines_and_marks_and_lines_are_counted_on() -> None:
    table = read('Текст;Оценка\n"Первая\nвторая ""в кавычках""";4\nТретья;5\n')
    assert [(row.line, row.cells[Field.TEXT]) for row in table.rows] == [
        (2, 'Первая\nвторая "в кавычках"'),
        (4, "Третья"),
    ]


def test_a_stray_quotation_mark_costs_nothing_behind_its_own_cell() -> None:
    table = read('Текст;Оценка\n"Ромашка" супер;5\n"Не закрыта;3\nДальше;4\n"ещё";2\n')
    assert column(table, Field.TEXT) == ['"Ромашка" супер', '"Не закрыта', "Дальше", "ещё"]


def test_a_line_break_that_nobody_quoted_makes_bad_rows_and_never_half_a_text() -> None:
    table = read("Оценка;Текст;Автор\n5;Вкусно,\nно дорого;Анна\n4;Нормально;Олег\n")
    assert column(table, Field.TEXT) == ["Нормально"]
    assert [bad.line for bad in table.bad] == [2, 3]


def test_a_row_wider_than_the_heading_is_refused_with_its_line() -> None:
    table = read("Оценка;Текст\n5;Вкусно; но дорого\n4;Хорошо;\n")
    assert [(bad.line, "3\u00a0столбца вместо 2" in bad.reason) for bad in table.bad] == [(2, True)]
    assert column(table, Field.TEXT) == ["Хорошо"]


def test_the_heading_may_stand_below_a_title() -> None:
    table = read("Выгрузка отзывов;;\n;;\nДата;Оценка;Текст отзыва\n05.11.2026;5;Ура\n")
    assert column(table, Field.TEXT) == ["Ура"]


def test_columns_are_known_in_russian_and_english_and_the_rest_is_named() -> None:
    table = read("Филиал,Источник,Rating,Comment,Достоинства,Цвет,external_id,Дата ответа,Ответ\na,b,5,c,d,e,f,g,h\n")
    assert table.rows[0].cells == {
        Field.PLACE: "a",
        Field.SOURCE: "b",
        Field.STARS: "5",
        Field.TEXT: "c",
        Field.PROS: "d",
        Field.ID: "f",
        Field.REPLY_AT: "g",
        Field.REPLY: "h",
    }
    assert table.ignored == ("Цвет",)


def test_of_two_columns_for_one_thing_the_plainer_name_counts() -> None:
    table = read("Комментарий;Текст отзыва;Оценка\nзаметка;отзыв;5\n")
    assert column(table, Field.TEXT) == ["отзыв"]
    assert table.ignored == ("Комментарий",)


def test_a_table_without_text_and_stars_is_refused_and_its_columns_are_named() -> None:
    with pytest.raises(Unreadable, match="«Дата», «Сумма»"):
        read("Дата;Сумма\n05.11.2026;100\n")


def test_our_own_export_gives_back_what_it_disarmed_and_nothing_else() -> None:
    texts = ["=1+1", "'=1+1 сказано", "＋7", "\u200b-5", "обычный", "'кавычка", "@имя", " = отступ"]
    lines = [csv_line(COLUMNS)]
    for text in texts:
        lines.append(csv_line(text if name == "text" else "5" if name == "stars" else "" for name in COLUMNS))
    read_back = column(read("\ufeff" + "".join(lines)), Field.TEXT)
    assert read_back == ["=1+1", "=1+1 сказано", "＋7", "-5", "обычный", "'кавычка", "@имя", " = отступ"]
    assert column(read("Текст;Оценка\n'=1+1;5\n"), Field.TEXT) == ["'=1+1"]


def test_json_lines_lists_and_wrapped_lists_are_read_alike() -> None:
    rows = [{"text": "Ура", "stars": 5, "reply": {"text": "Спасибо", "at": None}}, {"text": "Фу", "stars": 1}]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    for body in (lines, json.dumps(rows), json.dumps({"reviews": rows}, indent=1)):
        table = read(body, name="a.txt")
        assert column(table, Field.TEXT) == ["Ура", "Фу"]
        assert column(table, Field.REPLY) == ["Спасибо", None]
        assert [row.line for row in table.rows] == [1, 2]


def test_a_broken_line_of_json_is_one_bad_row() -> None:
    table = read('{"text": "Ура"}\n{"text": \n[1]\n\n{"text": "Фу"}\n')
    assert column(table, Field.TEXT) == ["Ура", "Фу"]
    assert [bad.line for bad in table.bad] == [2, 3]


def test_a_workbook_is_read_from_the_first_sheet_that_has_reviews() -> None:
    body = workbook(
        ["Дата", "Оценка", "Текст"],
        [datetime(2026, 11, 5), 5, "Ура"],
        [datetime(2026, 11, 6, 14, 30), 4.0, "=1+1"],
        first=[["Сводка"], ["Всего", 2]],
    )
    table = read(body, name="wrong.csv")
    assert [moment_of(cell) for cell in column(table, Field.POSTED)] == ["05.11.2026", "2026-11-06 14:30:00"]
    assert [stars_of(cell, ten=False) for cell in column(table, Field.STARS)] == [5, 4]
    assert column(table, Field.TEXT) == ["Ура", None]  # a formula that nobody has calculated
    assert [row.line for row in table.rows] == [2, 3]


@pytest.mark.parametrize(
    ("cell", "stars"),
    [
        ("5", 5), ("4,0", 4), ("4.0", 4), ("5 из 5", 5), ("4/5", 4), ("3 / 5", 3), ("★★★★☆", 4), ("⭐⭐⭐", 3),
        ("⭐️⭐️", 2), ("★", 1), ("пять", 5), ("FIVE", 5), ("5 звёзд", 5), ("4 stars", 4), ("Оценка: 2", 2), ("5*", 5),
        ("", None), ("-", None), ("нет", None), ("0", None), (None, None), (3, 3), (4.0, 4), ("8/10", 4),
        ("9 из 10", 5),
    ],
)  # fmt: skip
def test_stars_are_read_in_every_usual_form(cell: Any, stars: int | None) -> None:
    assert stars_of(cell or None, ten=False) == stars


@pytest.mark.parametrize(("cell", "stars"), [("10", 5), ("9", 5), (7, 4), ("1", 1), ("6,0", 3), ("4 из 5", 4)])
def test_ten_points_count_only_where_the_column_says_so(cell: Any, stars: int) -> None:
    assert stars_of(cell, ten=True) == stars
    for heading in ("Оценка (из 10)", "Оценка из 10", "Рейтинг, 1-10", "rating (out of 10)", "Оценка / 10"):
        assert read(f"{heading};Текст\n9;Ура\n").ten, heading
    assert not read("Оценка (из 5);Текст\n4;Ура\n").ten


@pytest.mark.parametrize(
    "cell",
    ["6", "8", "4,5", "-1", "сто", "★★★★★★", "5555", True, datetime(2026, 4, 5), float("nan"), "4 марта", "5 из 4"],
)
def test_what_is_no_stars_is_refused(cell: Any) -> None:
    with pytest.raises(Refused):
        stars_of(cell, ten=False)


def test_a_long_number_that_excel_spoilt_is_no_id() -> None:
    assert identifier_of(123456789012) == "123456789012"
    assert identifier_of(12.0) == "12"
    assert identifier_of(1.4000000000000002e17) == ""
    assert identifier_of("1,4E+17") == ""
    assert identifier_of(" abc-1 ") == "abc-1"
    for bad in ("x" * 256, "a\nb", "a\x00b"):
        with pytest.raises(Refused):
            identifier_of(bad)


def test_a_text_without_end_is_refused() -> None:
    assert len(text_of("я" * 200_000)) == 200_000
    with pytest.raises(Refused):
        text_of("я" * 200_001)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=60)


@given(st.lists(st.tuples(WORDS, st.sampled_from("12345")), min_size=1, max_size=8), st.sampled_from(";,\t|"))
def test_whatever_a_spreadsheet_quotes_comes_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("Текст", "Оценка"), *rows])
    table = read(out.getvalue())
    assert column(table, Field.STARS) == [stars for _, stars in rows]
    assert column(table, Field.TEXT) == [text if text.strip() else None for text, _ in rows]


def test_excel_for_mac_writes_its_own_cyrillic() -> None:
    table = read(ROWS.replace("«", "").replace("»", ""), charset="mac-cyrillic")
    assert column(table, Field.AUTHOR) == ["Анна К.", "Олег"]
    assert column(table, Field.TEXT) == ["Отлично, всем советую", "Ждали час"]


@pytest.mark.parametrize("text", ["“вкусно” – и “дёшево”…и „рядом‟", "–вкусно", "№1 ©вкусно"])
def test_typographic_signs_do_not_make_a_windows_file_one_of_a_mac(text: str) -> None:
    written = text.encode("cp1251", "ignore").decode("cp1251")
    for heading in ("Оценка;Текст", "оценка;текст"):
        assert column(read(f"{heading}\n5;{written}\n", charset="cp1251"), Field.TEXT) == [written]


def test_a_heading_in_two_rows_names_the_columns_of_both() -> None:
    upper, lower = ["Дата", "Оценка", "Отзыв", None], [None, None, "Автор", "Текст"]
    table = read(workbook(["Отзывы за март"], upper, lower, ["01.03.2026", 5, "Анна", "Вкусно"]), "a.xlsx")
    assert [(row.line, row.cells[Field.AUTHOR], row.cells[Field.TEXT]) for row in table.rows] == [(4, "Анна", "Вкусно")]
    assert column(table, Field.STARS) == [5]


def test_a_review_that_says_nothing_but_the_name_of_a_column_is_a_review() -> None:
    assert column(read("Оценка;Текст;Автор\n5;Отзыв;Имя\n;Комментарий;Клиент\n"), Field.TEXT) == [
        "Отзыв",
        "Комментарий",
    ]


def test_other_sheets_with_reviews_are_named_and_not_lost_silently() -> None:
    rows: list[list[Any]] = [["Оценка", "Текст"], [5, "Ура"]]
    table = read(workbook(*rows, sheet="Вторая точка", first=[["Оценка", "Текст"], [4, "Неплохо"]]), "a.xlsx")
    assert column(table, Field.TEXT) == ["Неплохо"]
    assert "«Вторая точка»" in table.unread
    assert not read(workbook(*rows, first=[["Оценка", "Текст"]]), "a.xlsx").rows
    assert not read(workbook(*rows, first=[["Сводка"], ["Всего", 5]]), "a.xlsx").unread


def test_what_excel_cannot_write_in_xml_is_read_as_it_was_meant() -> None:
    table = read(workbook(["Текст", "Оценка"], ["Раз_x000D_\nдва _x005F_x0041_ snake_x_case _xD83D_", 5]), "a.xlsx")
    assert column(table, Field.TEXT) == ["Раз\r\nдва _x0041_ snake_x_case _xD83D_"]


def american(*dates: str) -> list[Any]:
    return column(
        Table(days_first(read("Date,Text\n" + "".join(f"{date},a\n" for date in dates)).rows), (), (), {}, False),
        Field.POSTED,
    )


def test_one_american_date_tells_how_the_others_of_its_file_are_meant() -> None:
    assert american("3/4/2026", "12/31/2025 5:00 PM") == ["4/3/2026", "31/12/2025 5:00 PM"]
    assert american("3/4/2026", "4/3/2026") == ["3/4/2026", "4/3/2026"]
    assert american("3/4/2026", "12/31/2025", "31/12/2025") == ["3/4/2026", "12/31/2025", "31/12/2025"]
    assert american("03.04.2026", "12/31/2025") == ["03.04.2026", "31/12/2025"]


def test_a_date_that_a_spreadsheet_shows_as_a_number_is_a_date() -> None:
    assert moment_of(46_082) == "01.03.2026"
    assert moment_of(46_082.604167) == "2026-03-01 14:30:00"
    assert moment_of(float("nan")) == "nan"
    assert moment_of(2026) == "2026"


@pytest.mark.parametrize("cell", ["пять звёзд", "Пять", "5 звёзд"])
def test_stars_may_be_counted_in_words(cell: str) -> None:
    assert stars_of(cell, ten=False) == 5
