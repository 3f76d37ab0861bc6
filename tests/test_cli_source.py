"""`otklik source list` and `otklik stats --source`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click
import pytest

from monitor import wording
from monitor.alerts import AlarmKind
from monitor.assemble import Application
from monitor.cli.source import WIDTH, card_json, report
from monitor.clock import to_iso
from monitor.config import load
from monitor.standin.world import Trouble, World
from tests.conftest import Otklik
from tests.fakes import FrozenClock
from tests.rig import HEAD, NOON, Rig

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
KEYS = {
    "listing", "place", "source", "card", "state", "last_good_at", "held", "declared", "gap", "next_check_at", "error",
    "alarms", "allows", "from_files",
}  # fmt: skip


@pytest.fixture
def rig(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    rig = Rig(tmp_path, World.demo(NOON))
    yield rig
    rig.app.close()


def cards(rig: Rig) -> dict[str, dict[str, object]]:
    found = list(rig.app.reading.cards(rig.clock.now()))
    held = rig.app.reading.held(found)
    return {card.listing.source: card_json(card, held[card.listing.id]) for card in found}


def listed(app: Application, now: datetime) -> list[str]:
    found = list(app.reading.cards(now))
    return list(report(found, app.reading.held(found), now))


def table(rig: Rig) -> str:
    lines = listed(rig.app, rig.clock.now())
    return click.unstyle("\n".join(lines)).replace("\u00a0", " ")


def test_a_card_that_was_never_read_is_new(rig: Rig) -> None:
    assert {card["state"] for card in cards(rig).values()} == {"new"}
    assert table(rig).count("ещё не читали") == 5


def test_after_a_pass_each_card_says_how_many_reviews_it_holds(rig: Rig) -> None:
    rig.run()
    found = cards(rig)
    for name, card in found.items():
        assert set(card) == KEYS
        assert (card["state"], card["error"], card["alarms"], card["allows"]) == ("ok", None, [], None), name
        assert card["held"] == len(rig.world.all_reviews(rig.world.card(name))), name
        assert card["last_good_at"] == to_iso(NOON)
    assert found["yandex_maps"]["declared"] == found["yandex_maps"]["held"]
    assert found["yandex_maps"]["gap"] == 0


def test_a_refused_card_says_why_and_when_it_is_asked_again(rig: Rig) -> None:
    rig.run()
    rig.world.trouble["yandex_maps"] = Trouble.CAPTCHA
    rig.run(after=2 * MINUTE)
    card = cards(rig)["yandex_maps"]
    assert card["state"] == "blocked"
    assert isinstance(card["error"], dict)
    assert card["error"]["kind"] == "blocked"
    assert "капч" in card["error"]["message"]
    assert isinstance(card["alarms"], list)
    assert [alarm["kind"] for alarm in card["alarms"]] == ["blocked"]
    assert str(card["next_check_at"]) > to_iso(rig.clock.now())
    said = table(rig)
    assert "сайт отказывает" in said
    assert said.count("капчу") == 1
    assert "Яндекс Карты: сайт отказывает (меньше минуты): Яндекс просит пройти капчу" in " ".join(said.split())


def test_a_card_that_fails_and_one_that_is_late_are_told_apart(rig: Rig) -> None:
    rig.run()
    rig.world.trouble["otzovik"] = Trouble.SERVER_ERROR
    rig.run(after=2 * MINUTE)
    rig.clock.advance(20 * MINUTE)
    found = cards(rig)
    assert found["otzovik"]["state"] == "failing"
    assert found["twogis"]["state"] == "late"
    assert "↳ Сайт временно не работает (HTTP 500)" in table(rig)


def test_a_source_without_its_key_says_which_variable_to_set(
    rig: Rig, otklik: Otklik, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWOGIS_KEY")
    (card,) = [card for card in otklik("source", "list", "--json").objects() if card["source"] == "twogis"]
    assert card["state"] == "failing"
    assert "TWOGIS_KEY" in card["error"]["message"]
    assert "TWOGIS_KEY" in otklik("source", "list").out


def test_a_usual_gap_says_its_reason(rig: Rig) -> None:
    rig.world.counts_ratings = True
    for _ in range(5):
        rig.world.add(rig.world.card("yandex_maps"), text="", stars=5)
    rig.run()
    card = cards(rig)["yandex_maps"]
    assert card["gap"] == 5
    assert card["alarms"] == []
    assert "не хватает 5: как обычно, оценки без текста или скрытые сайтом отзывы" in table(rig)


def test_an_alarm_of_a_card_stands_below_it(rig: Rig) -> None:
    rig.run()
    listing = next(listing for listing in rig.app.store.listings.all() if listing.source == "twogis")
    with rig.app.store.write():
        rig.app.store.alarms.raise_alarm(
            AlarmKind.SILENT, source="twogis", listing_id=listing.id, message="Новых отзывов нет.", now=NOON
        )
    lines = table(rig).splitlines()
    (number,) = [number for number, line in enumerate(lines) if "2ГИС" in line]
    assert lines[number + 1] == "  ↳ давно нет новых отзывов (меньше минуты): Новых отзывов нет."


def test_what_a_hosts_pace_cannot_carry_is_said(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World.sized(NOON, places=40, reviews=40), head=HEAD)
    rig.run()
    text = rig.config_path.read_text(encoding="utf-8").replace("pace: 0s", "pace: 20s")
    rig.config_path.write_text(text, encoding="utf-8")
    rig.restart()
    found = cards(rig)["yandex_maps"]
    allows = found["allows"]
    assert isinstance(allows, int)
    assert allows > 40 * 20
    said = f"такой темп позволяет читать карточку раз в {wording.duration(timedelta(seconds=allows))}"
    assert said.replace("\u00a0", " ") in " ".join(table(rig).split())
    rig.app.close()


def test_of_pages_of_ones_own_each_slow_host_is_named(tmp_path: Path, secrets: None) -> None:
    config = tmp_path / "config.yaml"
    pages = ", ".join(f"{{source: feed, id: 'https://{host}.example/rss'}}" for host in ("one", "two"))
    sources = "sources: {feed: {pace: 2h, every: 1h}}\n"
    config.write_text(f"{HEAD}{sources}places: [{{id: lenina, title: На Ленина, listings: [{pages}]}}]\n", "utf-8")
    app = Application(load(config), FrozenClock(NOON))
    lines = "\n".join(listed(app, NOON))
    app.close()
    assert lines.count("такой темп") == 2
    assert "Лента отзывов (two.example): такой темп" in lines


def test_several_cards_of_a_place_on_one_site_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    several = "[{source: feed, id: 'https://one.example/rss'}, {source: feed, id: 'https://one.example/old'}]"
    single = "[{source: feed, id: 'https://two.example/rss'}]"
    places = f"[{{id: a, title: А, listings: {several}}}, {{id: b, title: Б, listings: {single}}}]"
    config.write_text(f"{HEAD}sources: {{feed: {{}}}}\nplaces: {places}\n", "utf-8")
    app = Application(load(config), FrozenClock(NOON))
    lines = listed(app, NOON)
    app.close()
    assert sorted(line.strip() for line in lines if "карточка" in line) == [
        "↳ карточка https://one.example/old",
        "↳ карточка https://one.example/rss",
    ]


@pytest.mark.parametrize(
    ("usual", "seen", "said"),
    [
        (None, 600, "не хватает 100: сайт показывает только последние 600"),
        (98, 600, "не хватает 100, обычно не хватает 98: это в пределах нормы"),
        (0, 698, "не хватает 2, обычно видны все: это в пределах нормы"),
    ],
)
def test_why_reviews_are_missing_is_said_in_russian(rig: Rig, usual: int | None, seen: int, said: str) -> None:
    rig.run()
    with rig.app.store.write():
        rig.app.store.tickets._db.execute(
            "UPDATE listing SET complete_declared = 700, complete_seen = ?, usual_gap = ? WHERE source = 'twogis'",
            [seen, usual],
        )
    assert said in table(rig)


@pytest.mark.parametrize("trouble", [None, Trouble.CAPTCHA, Trouble.CHANGED_MARKUP, Trouble.GONE])
def test_the_table_is_legible_at_a_hundred_columns(rig: Rig, trouble: Trouble | None) -> None:
    rig.run()
    if trouble is not None:
        rig.world.trouble |= dict.fromkeys(("yandex_maps", "twogis", "otzovik", "irecommend"), trouble)
    rig.run(after=3 * MINUTE)
    lines = table(rig).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[0].split() == ["Точка", "Сайт", "Состояние", "Прочитана", "Отзывов", "Следующее", "чтение"]


def test_source_list_speaks_json_and_russian(otklik: Otklik, cafe: Rig) -> None:
    found = otklik("source", "list", "--json")
    assert found.code == 0
    assert {card["source"] for card in found.objects()} == set(cafe.app.intervals)
    assert all(set(card) == KEYS for card in found.objects())
    assert "Яндекс Карты" in otklik("source", "list").out


def test_stats_counts_what_reading_costs(otklik: Otklik, cafe: Rig) -> None:
    now = cafe.app.clock.now()
    with cafe.app.store.write():
        cafe.app.store.alarms.raise_alarm(AlarmKind.BLOCKED, source="twogis", listing_id=None, message="Нет", now=now)
    found = otklik("stats", "--source", "--days", "3660", "--json")
    assert found.code == 0
    rows = {row["source"]: row for row in found.objects()}
    assert set(rows["twogis"]) == {
        "day", "source", "reads", "requests", "bytes", "unchanged", "blocks", "failures",
    }  # fmt: skip
    assert rows["twogis"]["reads"] == 1
    said = otklik("stats", "--source", "--days", "3660").out
    assert "всего" in said
    assert "2ГИС: сайт отказывает (продолжается)" in said
    assert max(map(len, said.splitlines())) <= WIDTH


def test_stats_of_days_without_a_request_says_so(otklik: Otklik, rig: Rig) -> None:
    _ = rig.app.store
    assert "не было ни одного запроса" in otklik("stats", "--source").out
