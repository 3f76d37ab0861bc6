"""`otklik stats`: the numbers about the work in a terminal, as JSON and for Prometheus."""

import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.stats_prometheus import exposition
from monitor.cli.stats_text import days, table
from monitor.clock import to_iso
from monitor.numbers import COUNTS, Cohort, Figures, Gauges, Period
from tests.conftest import Otklik
from tests.fakes import FrozenClock
from tests.numbers_rig import BEGINNING, DAY, HOUR, MINUTE, SECRET, WORDS, Book, Event, Story

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WIDTH = 100
CONFIG = """
business: {name: Кафе «Ромашка», sector: food, signature: Команда «Ромашки»}
database: otklik.db
sla: {enforce_from: 2d}
escalation: {support: [support@example.ru], owner: [owner@example.ru]}
mail: {transport: file, from: otklik@example.ru}
places:
  - {id: lenina, title: «Ромашка» на Ленина, timezone: Europe/Moscow, listings: [
      {source: yandex_maps, id: lenina-yandex_maps}, {source: otzovik, id: lenina-otzovik}]}
  - {id: east, title: «Ромашка» у моря, timezone: Asia/Vladivostok, listings: [{source: otzovik, id: east-otzovik}]}
  - {id: gagarina, title: «Ромашка» на Гагарина, timezone: Europe/Moscow, listings: [
      {source: otzovik, id: gagarina-otzovik}]}
"""
HOSTILE = 'anna\x1b[2J\u202e"\\\n<b>'


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    """A week of a café, at noon of its last day."""
    monkeypatch.setattr("monitor.assemble.settled.SystemClock", lambda: FrozenClock(NOW))
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    book = Book(tmp_path)
    told = [
        Story("lenina", "yandex_maps", NOW - 2 * DAY, NOW - 2 * DAY - 20 * MINUTE, tone="negative", stars=1,
              themes=("waiting",), assignee="anna", events=(Event("submitted", NOW - 2 * DAY + 30 * MINUTE),)),
        Story("lenina", "otzovik", NOW - 3 * DAY, NOW - 3 * DAY, "day", assignee=HOSTILE,
              events=(Event("seen", NOW - 2 * DAY + HOUR),)),
        Story("gagarina", "otzovik", NOW - 3 * HOUR, tone="negative", stars=2),
        Story("gagarina", "otzovik", NOW - DAY, BEGINNING - DAY, initial=True),
        Story("gone", "otzovik", NOW - 4 * DAY, events=(Event("submitted", NOW - 4 * DAY + HOUR),)),
        Story("lenina", "yandex_maps", NOW - 9 * DAY, events=(Event("submitted", NOW - 9 * DAY + HOUR),)),
        *(Story("lenina", "yandex_maps", NOW - number * DAY, themes=("staff",), answered=True) for number in (3, 4, 5)),
    ]  # fmt: skip
    for story in told:
        book.play(story)
    return book


# --- for people -----------------------------------------------------------------------------------


def test_the_week_is_told_in_calm_tables(otklik: Otklik, book: Book) -> None:
    said = otklik("stats").out
    lines = said.splitlines()
    assert lines[0] == "15–21 ноября"
    assert "Europe/Moscow" in lines[1]
    assert re.search(r"^Новых отзывов +7 +1$", said, re.MULTILINE)
    assert re.search(r"^  отвечено +6 \(86 %\) +1 \(100 %\)$", said, re.MULTILINE)
    assert re.search(r"^Время до ответа, обычно +1 ч", said, re.MULTILINE)
    assert re.search(r"^Сроков соблюдено +2 из 4 \(50 %\)", said, re.MULTILINE)
    assert "Сейчас без ответа 1 отзыв, просрочен на 2 ч (№ 3)." in said
    assert "Без срока: 1 старый отзыв." in said
    assert "  персонал: 3 отзыва, раньше ни одного" in said
    assert re.search(r"^«Ромашка» на Гагарина +1 ", said, re.MULTILINE)
    assert re.search(r"^gone +1 +100 % ", said, re.MULTILINE)
    assert re.search(r"^anna +1 +100 % +100 % +30 мин", said, re.MULTILINE)
    assert max(map(len, lines)) <= WIDTH


def test_nothing_of_what_people_wrote_is_told(otklik: Otklik, book: Book) -> None:
    for arguments in ((), ("--json",), ("--prometheus",)):
        found = otklik("stats", *arguments)
        assert found.code == 0
        assert SECRET not in found.out
        assert WORDS not in found.out
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", found.out)


def test_a_part_of_the_work_is_told_alone(otklik: Otklik, book: Book) -> None:
    said = otklik("stats", "--place", "lenina", "--source-id", "otzovik", "--since", "30d").out
    assert said.startswith("23 октября — 21 ноября: «Ромашка» на Ленина, Отзовик\n")
    assert re.search(r"^Новых отзывов +1 ", said, re.MULTILINE)
    assert "просроч" not in said.split("Пришли")[0]
    anna = otklik("stats", "--assignee", "anna").out
    assert re.search(r"^Новых отзывов +1 ", anna, re.MULTILINE)


def test_a_week_without_anything_has_dashes_not_zeros_of_shares(otklik: Otklik, book: Book) -> None:
    assert re.search(r"^Новых отзывов +0$", otklik("stats", "--place", "east").out, re.MULTILINE), "nobody watched yet"
    with book.store.write():
        book.store._db.execute("UPDATE listing SET first_success_at = ? WHERE place = 'east'", [to_iso(BEGINNING)])
    found = otklik("stats", "--place", "east")
    assert re.search(r"^Новых отзывов +0 +0$", found.out, re.MULTILINE)
    for name in ("Средняя оценка", "Время до ответа, обычно", "Сроков соблюдено"):
        assert re.search(rf"^{name} +— +—$", found.out, re.MULTILINE)
    assert "nan" not in found.out.lower()


def test_a_quarter_is_told_by_weeks(otklik: Otklik, book: Book) -> None:
    said = otklik("stats", "--since", "2026-09-01").out
    assert re.search(r"^Пришли за неделю", said, re.MULTILINE)
    assert re.search(r"^16–21 ноября +7 ", said, re.MULTILINE)


def test_columns_are_as_wide_as_they_must_be() -> None:
    assert list(table(("Сайт", "новых"), [("Яндекс Карты", "7"), ("2ГИС", "12 000 000")]))[1:] == [
        "Яндекс Карты           7",
        "2ГИС          12 000 000",
    ]


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [((21, 0), (21, 12), "21 ноября"), ((20, 21), (21, 21), "21 ноября"), ((15, 0), (22, 0), "15–22 ноября")],
)
def test_a_period_is_called_by_the_days_it_touches(first: tuple[int, int], last: tuple[int, int], told: str) -> None:
    since, until = (datetime(2026, 11, *moment, tzinfo=UTC) for moment in (first, last))
    assert days(Period(since, until, "Europe/Moscow"), NOW).replace("\u00a0", " ") == told


# --- which period -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "since", "until"),
    [
        ((), "2026-11-14T21:00", "2026-11-21T12:00"),
        (("--since", "1d"), "2026-11-20T21:00", "2026-11-21T12:00"),
        (("--since", "12h"), "2026-11-21T00:00", "2026-11-21T12:00"),
        (("--since", "8d", "--until", "1d"), "2026-11-13T21:00", "2026-11-20T21:00"),
        (("--since", "2026-11-01", "--until", "2026-11-08"), "2026-10-31T21:00", "2026-11-07T21:00"),
        (("--since", "2026-11-01T10:00+00:00"), "2026-11-01T10:00", "2026-11-21T12:00"),
        (("--since", "2026-11-01", "--until", "2027-01-01"), "2026-10-31T21:00", "2026-11-21T12:00"),
        (("--since", "1d", "--place", "east"), "2026-11-20T21:00", "2026-11-21T12:00"),
    ],
)
def test_a_period_is_asked_for_by_days(
    otklik: Otklik, book: Book, arguments: tuple[str, ...], since: str, until: str
) -> None:
    (found,) = otklik("stats", *arguments, "--json").objects()
    assert (found["since"][:16], found["until"][:16]) == (since, until)


def test_days_are_those_of_the_digest(otklik: Otklik, book: Book, tmp_path: Path) -> None:
    """Else of the first place, not of the zone that most places have: as at the desk and in mails."""
    text = CONFIG.replace("Ленина, timezone: Europe/Moscow", "Ленина, timezone: Asia/Omsk")
    for extra, zone in (("", "Asia/Omsk"), ("digest: {to: [a@example.ru], timezone: Asia/Yakutsk}\n", "Asia/Yakutsk")):
        (tmp_path / "config.yaml").write_text(text + extra, encoding="utf-8")
        for arguments in ((), ("--place", "east")):
            (found,) = otklik("stats", *arguments, "--json").objects()
            assert found["zone"] == zone


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--place", "нигде"), "--place: there is no"),
        (("--source-id", "canary"), "--source-id: there is no"),
        (("--since", "вчера"), "--since: must be"),
        (("--until", "2026-13-01"), "--until: "),
        (("--since", "2026-12-01"), "before now"),
        (("--since", "2d", "--until", "2d"), "before --until"),
        (("--days", "3"), "--days goes with --source"),
        (("--source", "--since", "3d"), "--since goes with the numbers about the work"),
        (("--source", "--place", "lenina"), "not with --source"),
        (("--output", "x.prom"), "--output goes with --prometheus"),
        (("--prometheus", "--json"), "not with --prometheus"),
        (("--prometheus", "--source"), "not with --source"),
    ],
)
def test_what_cannot_be_asked_is_said(otklik: Otklik, book: Book, arguments: tuple[str, ...], told: str) -> None:
    found = otklik("stats", *arguments)
    assert (found.code, found.out) == (2, "")
    assert told in found.err


def test_a_place_that_left_the_config_may_be_asked_for(otklik: Otklik, book: Book) -> None:
    (found,) = otklik("stats", "--place", "gone", "--json").objects()
    assert found["total"]["reviews"]["came"] == 1


# --- for programs -----------------------------------------------------------------------------------


def test_json_is_one_object_with_seconds_and_nulls(otklik: Otklik, book: Book) -> None:
    (found,) = otklik("stats", "--json").objects()
    assert set(found) == {
        "since", "until", "zone", "place", "source", "assignee", "at", "total", "previous", "step", "cohorts", "themes",
        "places", "sources", "assignees",
    }  # fmt: skip
    total = found["total"]
    assert set(total) == {"reviews", "answers", "compliance", "intake_lag", "now"}
    assert set(found["previous"]) == {"since", "until", *total} - {"now"}
    derived = {"came", "answerable", "answered", "rate", "average"}
    assert set(total["reviews"]) == derived | set(COUNTS) - {"stars"}
    assert set(found["cohorts"][0]) == {"since", "until"} | set(total["reviews"])
    assert len(found["cohorts"]) == 7
    assert total["answers"] == {
        "count": 6, "in_time": 2, "late": 1, "backlog": 0, "beforehand": 3,
        "team": {"count": 3, "median": 3600.0, "p90": 90000.0},
        "working": None,
        "customer": {"count": 1, "median": 90000.0, "p90": 90000.0, "by_day": 1},
    }  # fmt: skip
    assert total["compliance"] == {"due": 4, "met": 2, "late": 1, "missed": 1, "share": 0.5}
    assert total["now"] == {
        "open": 1, "overdue": 1, "oldest_overdue": "2026-11-21T10:00:00.000000Z", "oldest_ticket": 3, "backlog": 1,
        "unanswerable": 0,
    }  # fmt: skip
    assert set(found["places"]) == {"lenina", "gagarina", "gone"}
    assert set(found["assignees"]) == {"", "anna", HOSTILE}
    staff, _ = found["themes"]
    assert set(staff) == {"theme", "count", "before", "chance", "rises", "tickets"}
    assert (staff["theme"], staff["count"], staff["rises"]) == ("staff", 3, True)


def test_json_of_nothing_knows_no_shares(otklik: Otklik, book: Book) -> None:
    (found,) = otklik("stats", "--place", "east", "--json").objects()
    assert found["total"]["reviews"]["rate"] is None
    assert found["total"]["compliance"]["share"] is None
    assert found["total"]["answers"]["team"] == {"count": 0, "median": None, "p90": None}
    assert (found["places"], found["themes"]) == ({}, None)


# --- for Prometheus ---------------------------------------------------------------------------------

NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)")
UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def parsed(text: str) -> Samples:
    """The text format as strictly as its description: a HELP and a TYPE ahead of each family, its samples together, no
    sample twice, a line feed at the end."""
    assert text.endswith("\n")
    found: Samples = {}
    families: list[str] = []
    helped = ""
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            helped, told = line.removeprefix("# HELP ").split(" ", 1)
            assert told
            assert helped not in families
        elif line.startswith("# TYPE "):
            name, kind = line.removeprefix("# TYPE ").split(" ")
            assert name == helped
            assert kind == ("counter" if name.endswith("_total") else "gauge")
            families.append(name)
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1] == families[-1]
            labels = tuple(
                (name, re.sub(r"\\.", lambda escaped: UNESCAPED[escaped[0]], value))
                for name, value in re.findall(LABEL, sample[2] or "")
            )
            assert (sample[1], labels) not in found
            found[sample[1], labels] = float(line.rpartition(" ")[2])
    return found


def test_prometheus_is_told_what_stands_and_how_the_last_days_went(otklik: Otklik, book: Book) -> None:
    with book.store.write():
        book.store._db.execute("UPDATE listing SET last_good_at = '2026-11-21T11:00:00.000000Z' WHERE place = 'lenina'")
    finished = book.store.passes.begin(NOW - HOUR)
    book.store.passes.finish(finished, {}, failures=False, now=NOW - 59 * MINUTE)
    found = parsed(otklik("stats", "--prometheus").out)
    negative = (("place", "gagarina"), ("source", "otzovik"), ("target", "negative"))
    assert found["otklik_tickets_open", negative] == found["otklik_tickets_overdue", negative] == 1
    assert sum(count for (name, _), count in found.items() if name == "otklik_tickets_open") == 1
    assert len([name for name, _ in found if name == "otklik_tickets_open"]) == 4 * 3
    assert found["otklik_last_pass_timestamp_seconds", ()] == (NOW - 59 * MINUTE).timestamp()
    assert found["otklik_answers_total", ()] == 4
    assert found["otklik_answer_seconds", (("clock", "team"), ("quantile", "0.5"))] == 3600
    assert found["otklik_answer_seconds", (("clock", "customer"), ("quantile", "0.9"))] == 90000
    assert found["otklik_compliance_ratio", ()] == 0.5
    assert found["otklik_outbox", (("state", "pending"),)] == 0
    assert found["otklik_alarms_open", (("kind", "blocked"),)] == 0
    card = (("place", "lenina"), ("source", "otzovik"))
    assert found["otklik_listing_last_good_timestamp_seconds", card] == (NOW - HOUR).timestamp()
    assert ("otklik_canary_last_proven_timestamp_seconds", ()) not in found


def test_prometheus_is_not_told_what_nobody_knows(otklik: Otklik, tmp_path: Path, book: Book) -> None:
    nothing = Gauges({}, 0, {}, {("lenina", "otzovik"): None}, {}, None)
    found = parsed(exposition(nothing, Figures(Cohort(Period(NOW - DAY, NOW, "UTC"))), 7))
    assert {name for name, _ in found} == {"otklik_answers_total", "otklik_outbox", "otklik_alarms_open"}


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_hostile_names_stay_within_their_labels(place: str, source: str) -> None:
    gauges = Gauges({(place, source, "other"): (2, 1)}, 0, {}, {(place, source): NOW}, {}, NOW)
    figures = Figures(Cohort(Period(NOW - DAY, NOW, "UTC")))
    found = parsed(exposition(gauges, figures, 7, NOW))
    assert found["otklik_tickets_overdue", (("place", place), ("source", source), ("target", "other"))] == 1
    assert found["otklik_canary_last_proven_timestamp_seconds", ()] == NOW.timestamp()


def test_the_file_is_replaced_whole_and_anybody_may_read_it(otklik: Otklik, book: Book, tmp_path: Path) -> None:
    target = tmp_path / "metrics" / "otklik.prom"
    target.parent.mkdir()
    target.write_text("old\n")
    target.chmod(0o600)
    assert otklik("stats", "--prometheus", "--output", target).out == ""
    assert ("otklik_answers_total", ()) in parsed(target.read_text(encoding="utf-8"))
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert list(target.parent.iterdir()) == [target]


def test_a_file_that_cannot_be_written_is_said_and_nothing_is_left(otklik: Otklik, book: Book, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for target in (tmp_path / "nowhere" / "otklik.prom", folder):
        found = otklik("stats", "--prometheus", "--output", target)
        assert found.code == 2
        assert str(target) in found.err
    assert not list(tmp_path.glob(".otklik-*"))
