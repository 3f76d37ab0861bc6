"""What strangers, slips of the hand and broken pipes put into the command line."""

import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli import history
from monitor.cli.common import to_json
from monitor.clock import from_iso, to_iso
from monitor.tables.spreadsheet import safe
from tests.conftest import Otklik, Result
from tests.rig import NOON, Rig

NOT_UTF8 = os.fsdecode(b"\xe0\xed\xed\xe0")  # «анна» in cp1251, as Python gets it from the command line
CP1251 = "Ужасно\n".encode("cp1251")
RTL = "\u202e"
BEYOND = 2**63


def refused(result: Result, *told: str) -> bool:
    """Exit code 2 with a sentence that holds `told`, and nothing on stdout."""
    return result.code == 2 and not result.out and all(part in result.err for part in told)


# --- forget -------------------------------------------------------------------------------------


def test_forgetting_nobody_erases_nothing(otklik: Otklik, cafe: Rig) -> None:
    card = cafe.world.card("google_business")
    cafe.world.add(card, text="Спасибо!", stars=5, author="")
    cafe.run(after=cafe.app.intervals["google_business"] * 2)
    before = cafe.digest()
    for blank in ("", " ", "\t", "\u200b", "\u00a0"):
        assert refused(otklik("forget", "--author", blank), "--author is empty")
    assert cafe.digest() == before


# --- CSV ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil.example")', "+7;=1+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠A1", "\ufeff=1",
        "\u200b=1", "\u200c=1", "\u200d=1", "\u2060=1", "\u00ad=1", "\u180e=1", "\u034f=1", "\ufe0f=1", "\x00=1",
        "\x1b[0m=1", "\x9b0m=1", "\u0085=1", "\u2028=1", " \t\r\n =1", "\u3000=1", "\u202e=1", "\u2068=1", "\ue000=1",
        "\U000e0020=1",
    ],
)  # fmt: skip
def test_no_text_becomes_a_formula(text: str) -> None:
    assert safe(text).startswith("'")


@pytest.mark.parametrize("text", ["Вкусно = дёшево", "5-", "— Отлично", "", "'", "1+1"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


@given(st.text())
def test_a_cell_holds_no_character_that_is_obeyed(text: str) -> None:
    cell = safe(text)
    assert not any(sign != "\n" and (ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0) for sign in cell)
    assert not set(cell) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_csv_is_split_at_semicolons_only_where_columns_end(otklik: Otklik, cafe: Rig) -> None:
    text = 'Хорошо;=cmd|"/c calc"!A1;\r\n=1+1\t\x1b[31m\u0085конец'
    cafe.world.add(cafe.world.card("google_business"), text=text, stars=5, author=";=1")
    cafe.run(after=cafe.app.intervals["google_business"] * 2)
    out = otklik("export", "--csv").out
    assert out.startswith('\ufeff"ticket";"review";"place";')
    rows = list(csv.reader(io.StringIO(out.removeprefix("\ufeff"), newline=""), delimiter=";", strict=True))
    assert len(rows) == len(list(cafe.app.store.reviews())) + 1
    assert {len(row) for row in rows} == {20}
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]
    assert any(row[6] == ";=1" for row in rows)
    assert "`;`" in " ".join(otklik("export", "--help").out.split())


# --- JSON ---------------------------------------------------------------------------------------


@given(st.text(st.characters(codec=None) | st.sampled_from("\x85\x9b\u2028\u2029\u202e\u200f\u2066\ud800\x7fя\n")))
def test_json_is_one_line_for_every_reader_and_loses_nothing(text: str) -> None:
    line = to_json({"text": text})
    assert len(line.splitlines()) == 1
    assert not any(0x7F <= ord(sign) < 0xA0 or sign in "\u061c\u200e\u200f\u202a\u202e\u2066\u2069" for sign in line)
    assert line.encode()
    assert json.loads(line)["text"] == text


def test_one_strange_character_does_not_make_the_rest_unreadable() -> None:
    assert to_json({"text": "Ёлка \ud800\u2028\x9b «да»"}) == '{"text": "Ёлка \\ud800\\u2028\\u009b «да»"}'


# --- names and numbers --------------------------------------------------------------------------


def test_who_acts_has_a_name_of_one_printable_line(otklik: Otklik, cafe: Rig) -> None:
    before = cafe.digest()
    for name in ("", "  ", "an\nna", "anna\n", f"anna{RTL}", "\x1b[2J", "\u2028", "а" * 101, "а" * 100_000, NOT_UTF8):
        assert refused(otklik("queue", "take", 1, "--as", name), "--as"), name
    assert cafe.digest() == before


def test_the_name_from_the_environment_is_held_to_the_same(
    otklik: Otklik, cafe: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTKLIK_USER", f"anna{RTL}")
    assert refused(otklik("queue", "take", 1), "OTKLIK_USER")
    monkeypatch.setenv("OTKLIK_USER", "а" * 100)
    assert otklik("queue", "take", 1).code == 0


def test_arguments_that_are_no_utf8_are_refused(otklik: Otklik, cafe: Rig) -> None:
    for arguments in (
        ["forget", "--author", NOT_UTF8],
        ["queue", "list", "--place", NOT_UTF8],
        ["queue", "list", "--assignee", NOT_UTF8],
        ["queue", "list", "--source", NOT_UTF8],
        ["queue", "edit", "1", "--text", NOT_UTF8],
        ["sla", "due", "--seen-at", NOT_UTF8, "--tone", "negative"],
        ["sla", "due", "--seen-at", "2026-11-21T12:00:00Z", "--tone", "negative", "--calendar", NOT_UTF8],
    ):
        assert refused(otklik(*arguments)), arguments


@pytest.mark.parametrize("number", [str(BEYOND), pytest.param("9" * 5000, id="huge"), "0", "-1"])
@pytest.mark.parametrize(
    "arguments",
    [
        *(["queue", name] for name in ("show", "take", "release", "edit", "approve", "submitted", "reopen")),
        ["queue", "dismiss", "--reason", "spam"],
        ["queue", "list", "--limit"],
        ["sla", "explain"],
        ["forget"],
    ],
)
def test_a_number_no_database_can_hold_is_a_usage_error(
    otklik: Otklik, tmp_path: Path, arguments: list[str], number: str
) -> None:
    assert refused(otklik(*arguments, *(["--"] if arguments[-1] != "--limit" else []), number), "Invalid value")


def test_the_greatest_number_is_just_not_there(otklik: Otklik, cafe: Rig) -> None:
    assert otklik("queue", "show", BEYOND - 1).code == 1
    assert otklik("queue", "list", "--limit", BEYOND - 1).code == 0


def test_the_queue_of_a_place_or_site_that_is_not_there_is_no_empty_queue(otklik: Otklik, cafe: Rig) -> None:
    known = cafe.app.config.places[0].id
    assert refused(otklik("queue", "list", "--place", "nowhere"), "nowhere", known)
    assert refused(otklik("queue", "list", "--source", "unknown"), "unknown", "yandex_maps", "irecommend")
    assert otklik("queue", "list", "--place", known, "--source", "twogis").code == 0


# --- standard input -----------------------------------------------------------------------------


def test_a_line_that_is_no_utf8_is_refused_after_the_ones_before_it_are_answered(otklik: Otklik) -> None:
    result = otklik("classify", "--json", stdin="Хорошо\nПлохо\n".encode() + CP1251 + b"\xff\n")
    assert result.code == 2
    assert "stdin:3: is not UTF-8" in result.err
    assert "iconv" in result.err
    assert len(result.objects()) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1251"])
def test_other_encodings_are_never_guessed(otklik: Otklik, cafe: Rig, encoding: str) -> None:
    line = '{"text": "Ёж", "stars": 1, "source": "twogis", "reply": "Ёж"}\n'.encode(encoding)
    for command in ("draft", "lint"):
        assert refused(otklik(command, stdin=line), "stdin:1")


@pytest.mark.parametrize("as_bytes", [True, False])
def test_a_mark_at_the_beginning_is_no_part_of_the_first_line(otklik: Otklik, as_bytes: bool) -> None:
    text = '\ufeff{"text": "Очень вкусно, спасибо!", "stars": 5}\r\n'
    rows = otklik("classify", "--json", stdin=text.encode() if as_bytes else text)
    assert not rows.err
    assert (
        rows.objects()[0]["probabilities"] == otklik("classify", "--json", stdin=text[1:]).objects()[0]["probabilities"]
    )


def test_a_closed_standard_input_is_refused(otklik: Otklik, cafe: Rig) -> None:
    for arguments in (["classify"], ["draft"], ["lint"], ["queue", "edit", 1]):
        assert refused(otklik(*arguments, stdin=None), "standard input is closed"), arguments


def test_a_reply_that_is_no_utf8_is_refused_with_its_line(otklik: Otklik, cafe: Rig, tmp_path: Path) -> None:
    reply = "Анна, спасибо!\n".encode() + CP1251
    (tmp_path / "reply.txt").write_bytes(reply)
    before = cafe.digest()
    assert refused(otklik("queue", "edit", 1, stdin=reply), "stdin:2")
    assert refused(otklik("queue", "edit", 1, "--file", "reply.txt"), "reply.txt:2")
    assert refused(otklik("queue", "edit", 1, "--file", "nowhere.txt"), "nowhere.txt")
    assert refused(otklik("queue", "edit", 1, "--file", "."))
    assert cafe.digest() == before


def test_a_reply_from_a_file_keeps_its_lines(otklik: Otklik, cafe: Rig, tmp_path: Path) -> None:
    (tmp_path / "reply.txt").write_bytes("\ufeffАнна, спасибо!\r\n\r\nРазберёмся.\r\n".encode())
    edited = otklik("queue", "edit", 1, "--file", "reply.txt", "--json").objects()[0]
    assert edited["draft"]["text"] == "Анна, спасибо!\n\nРазберёмся."


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "Ужас", "stars": 1} // злой',
        '{"text": "Ужас", "stars": 1',
        "{'text': 'Ужас'}",
        "{{ 7*7 }}",
        pytest.param("{" * 9999, id="deep"),
    ],
)
def test_a_spoilt_object_is_taken_as_text_and_told(otklik: Otklik, line: str) -> None:
    result = otklik("classify", "--json", stdin=f"Хорошо\n{line}\n")
    assert result.code == 0
    assert len(result.objects()) == 2
    assert result.err.count("\n") == 1
    assert "stdin:2" in result.err


@pytest.mark.parametrize("stars", [pytest.param("9" * 5000, id="huge"), "-" + "9" * 20, "1e999", "NaN", "true", "1.5"])
def test_stars_of_any_size_are_refused_with_their_line(otklik: Otklik, cafe: Rig, stars: str) -> None:
    line = '{"text": "Ужас", "source": "twogis", "reply": "Жаль", "stars": ' + stars + "}\n"
    for command in (["classify"], ["draft"], ["lint"]):
        assert refused(otklik(*command, stdin=line), "stdin:1", "stars")


def test_lone_surrogates_and_controls_in_objects_come_back_harmless(otklik: Otklik, cafe: Rig) -> None:
    strange = "\ud800 \x00\x9b2J Анна\u202e {{ 7*7 }} \u2028"
    line = {"text": strange, "stars": 1, "author": strange, "place": strange, "reply": strange, "source": "twogis"}
    for command in (["classify", "--json"], ["classify"], ["draft"], ["lint"]):
        result = otklik(*command, stdin=json.dumps(line) + "\n")
        assert result.code == 0, result.err
        assert len(result.out.splitlines()) == 1
        assert "\x9b" not in result.out


# --- deadlines ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T22:30:00Z",
        "9999-12-31T23:59:59-12:00",
        pytest.param("1" * 9999, id="long"),
    ],
)
@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_deadlines_end_with_the_calendar(otklik: Otklik, moment: str, json_too: list[str]) -> None:
    assert refused(otklik("sla", "due", "--seen-at", moment, "--tone", "positive", *json_too), "--seen-at")


def test_moments_keep_their_width_from_the_first_year_to_the_last() -> None:
    for moment in (datetime(1, 1, 1, tzinfo=UTC), datetime(999, 2, 3, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        assert len(to_iso(moment)) == 27
        assert from_iso(to_iso(moment)) == moment


def test_a_deadline_is_told_in_the_offset_of_the_question(otklik: Otklik) -> None:
    asked = ("sla", "due", "--tone", "negative", "--seen-at")
    out = otklik(*asked, "2026-11-21T12:00:00+03:00").out
    assert out.startswith("Ответить до 21.11.2026 13:00 (+03:00)\n")
    assert "срок вышел" in out
    assert "2026-11-21T" not in out
    assert "21.11.2026 13:00:07 (UTC)" in otklik(*asked, "2026-11-21T12:00:07Z").out


def test_settings_that_were_asked_for_and_are_not_there_are_no_default(otklik: Otklik) -> None:
    asked = ("sla", "due", "--tone", "negative", "--seen-at", "2026-11-21T12:00:00+03:00")
    assert refused(otklik("-c", "nowhere.yaml", *asked), "nowhere.yaml")


# --- history ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "was", "became", "why", "told"),
    [
        ("level", "", "50%", "", "напоминание  прошла половина срока"),
        ("level", "50%", "80%", "", "напоминание  осталась пятая часть срока"),
        ("level", "80%", "breach", "", "напоминание  срок вышел"),
        ("level", "breach", "+1x", "", "напоминание  просрочено на целый срок"),
        ("level", "", "notice", "", "напоминание  площадка не даёт ответить"),
        ("dismissed", "open", "dismissed", "spam", "закрыт без ответа  спам"),
        ("dismissed", "open", "dismissed", "duplicate", "закрыт без ответа  дубль"),
        ("dismissed", "open", "dismissed", "wrong_place", "закрыт без ответа  не о нас"),
        ("dismissed", "open", "dismissed", "off_topic", "закрыт без ответа  не по делу"),
        ("dismissed", "open", "dismissed", "answered_elsewhere", "закрыт без ответа  ответили в другом месте"),
        ("dismissed", "open", "dismissed", "other", "закрыт без ответа  другое"),
        ("deadline", "2026-11-22T11:00:00+00:00", "2026-11-21T13:00:00.000000Z", "стал срочным",
         "срок изменён  теперь сегодня в 16:00, раньше был завтра в 14:00; отзыв стал срочным"),
        ("opened", "", "open", "", "встал в очередь"),
        ("opened", "", "unanswerable", "", "получен  ответить нельзя"),
        ("opened", "", "answered", "ответ был до нас", "получен  ответ был до нас"),
        ("classified", "unclassified", "negative", "", "разобран  срочный"),
        ("classified", "other", "negative", "", "разобран  теперь срочный"),
        ("unlocked", "unanswerable", "open", "теперь можно ответить", "теперь можно ответить"),
        ("removed", "open", "removed", "отзыв исчез с площадки", "отзыв исчез с площадки"),
        ("returned", "removed", "open", "отзыв снова на площадке", "отзыв снова на площадке"),
        ("reopened", "answered", "open", "ответ пропал с площадки", "открыт снова  ответ пропал с площадки"),
        ("reopened", "dismissed", "open", "открыт вручную", "открыт снова"),
        ("danger_known", "", "poisoning,pests", "тот же отзыв: № 7",
         "владелец уже знает об опасности: отравление, насекомые, грызуны или посторонний предмет; тот же отзыв: № 7"),
        ("danger", "", "poisoning", "", "владельцу сообщили об опасности: отравление"),
        ("analysis_failed", "", "", "разбор текста не удался", "разбор текста не удался"),
        ("gesture", "proposed", "agreed", "500 ₽", "жест согласован  500 ₽"),
        ("dispute", "filed", "rejected", "", "жалоба отклонена"),
        ("themed", "", "price:negative,waiting,no_staff", "",
         "темы указаны вручную  цены (−), ожидание; нет: персонал"),
        ("forgotten", "open", "dismissed", "", "данные стёрты"),
        ("revised", "open", "open", "", "автор изменил отзыв"),
        ("retagged", "negative", "positive,no_complaint", "шутка",
         "указано вручную  позитивный, жалоб нет (было: негативный); шутка"),
        ("retagged", "negative", "negative,no_complaint", "", "указано вручную  жалоб нет"),
        ("retagged", "negative,complaint", "negative,no_complaint", "",
         "указано вручную  жалоб нет (было: есть жалоба)"),
        ("retagged", "negative", "negative", "", "указано вручную  негативный"),
        ("retagged", "", "neutral", "", "указано вручную  нейтральный"),
        ("answered", "open", "answered", "ответ виден на площадке", "ответ появился на площадке"),
        ("edited", "approved", "open", "написан заново", "ответ изменён  одобрение снято; написан заново"),
        ("fault", "unconfirmed", "denied", "", "нашей вины нет"),
        ("fault", "confirmed", "confirmed", "Сменили повара.", "вина подтверждена  Сменили повара."),
        ("fault", "unconfirmed", "confirmed", "other", "вина подтверждена  other"),
    ],
)  # fmt: skip
def test_a_history_is_told_in_russian(kind: str, was: str, became: str, why: str, told: str) -> None:
    event = {"kind": kind, "at": to_iso(NOON), "actor": "", "was": was, "became": became, "why": why}
    line = history.history_text([event], "Europe/Moscow", NOON)[0]
    assert line.split("  ", 2)[-1].split() == told.split()


def test_a_name_in_a_history_cannot_command_the_terminal() -> None:
    name = "\x1b[2Jan\nna\u202e"
    event = {"kind": "taken", "at": to_iso(NOON), "actor": name, "was": "", "became": name, "why": ""}
    line = history.history_text([event], "Europe/Moscow", NOON)[0]
    assert line.replace("\u00a0", " ").isprintable()


# --- settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["я" * 300, "~nosuchuser/x"])
@pytest.mark.parametrize("key", ["database", "templates_dir"])
def test_a_path_that_cannot_be_is_refused_with_its_line(otklik: Otklik, key: str, written: str) -> None:
    otklik("init")
    text = Path("config.yaml").read_text(encoding="utf-8").replace("database: otklik.db\n", "")
    Path("config.yaml").write_text(f"{text}{key}: {written}\n", encoding="utf-8")
    assert refused(otklik("run"), f"config.yaml:{text.count(chr(10)) + 1}: {key}: ")


# --- real pipes ---------------------------------------------------------------------------------


def shell(folder: Path, command: str) -> "subprocess.CompletedProcess[str]":
    """`command` in bash with `otklik` as a process of its own."""
    program = f'otklik() {{ "{sys.executable}" -c "from monitor.cli.main import main; main()" "$@"; }}; '
    root = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": root, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
    return subprocess.run(
        ["bash", "-c", program + command],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def pipe(cafe: Rig) -> Rig:
    """A café with more to tell than a pipe holds."""
    card = cafe.world.card("google_business")
    for number in range(20):
        cafe.world.add(card, text=f"Номер {number}. " + "Очень вкусно! " * 600, stars=5, author="Анна")
    cafe.run(after=cafe.app.intervals["google_business"] * 2)
    return cafe


def test_a_reader_that_has_seen_enough_is_no_failure(pipe: Rig) -> None:
    for command in ("otklik export", "otklik export --csv", "otklik queue show 1 --json", "otklik --help"):
        reader = "head -1" if "export" in command else "true"
        result = shell(pipe.folder, f"{command} | {reader} >/dev/null; exit ${{PIPESTATUS[0]}}")
        assert (result.returncode, result.stderr) == (0, ""), command


def test_a_full_disk_is_told_in_one_line(cafe: Rig) -> None:
    for command in ("otklik export", "otklik export --csv", "otklik --help"):
        result = shell(cafe.folder, f"{command} >/dev/full")
        assert result.returncode == 1, command
        assert result.stderr.count("\n") == 1, command
        assert "No space left" in result.stderr


def test_input_is_utf8_whatever_the_locale_and_never_closed_unnoticed(cafe: Rig) -> None:
    good = shell(cafe.folder, r"printf '\xd0\xa3\xd0\xb6\xd0\xb0\xd1\x81\n\xff\n' | otklik classify --json")
    assert good.returncode == 2
    assert len(good.stdout.splitlines()) == 1
    assert "stdin:2" in good.stderr
    closed = shell(cafe.folder, "otklik classify <&-")
    assert closed.returncode == 2
    assert closed.stderr.count("\n") == 1
    assert "standard input is closed" in closed.stderr


def test_bytes_that_are_no_utf8_on_a_real_command_line_leave_no_trace(cafe: Rig) -> None:
    for arguments in (
        r"queue take 1 --as $'\xff'",
        r"$'\xff'",
        r"queue take $'\xff'",
        r"-c $'\xff' run",
        r"run --$'\xff'",
    ):
        result = shell(cafe.folder, f"otklik {arguments}")
        assert result.returncode == 2, result.stderr
        assert "Traceback" not in result.stderr
