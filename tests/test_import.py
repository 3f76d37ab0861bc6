"""Reviews from files, stored: what is new, what is known, what a site that speaks later makes of it."""

import json
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.clock import to_iso
from monitor.jobs.cards import Wanted
from monitor.jobs.importing import CHUNK, File, ImportReport
from monitor.model import Origin, TicketState
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from monitor.store.replies import replies_of
from tests.fakes import FrozenClock
from tests.rig import NOON, Rig
from tests.test_tables import workbook

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
YANDEX = Wanted(source="yandex_maps")
GOOGLE = Wanted(source="google_business")
LONG = "Ждали столик сорок минут, потом принесли чужой заказ, и никто даже не подумал извиниться перед нами"
HEAD = "Дата;Оценка;Автор;Отзыв\n"


@pytest.fixture
def rig(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """The café's cards without a review, never read."""
    rig = Rig(tmp_path, World(NOON))
    yield rig
    rig.app.close()


def bring(
    rig: Rig,
    body: str | bytes,
    wanted: Wanted = YANDEX,
    *,
    at: datetime | None = None,
    name: str = "a.csv",
    **more: Any,
) -> ImportReport:
    """Imports one file, written `at` (now)."""
    data = body if isinstance(body, bytes) else body.encode()
    return rig.app.importing().run([File(name, data, at or rig.clock.now())], wanted, **more)


def held(rig: Rig) -> list[dict[str, Any]]:
    return rig.app.store.tickets._db.rows("SELECT * FROM review ORDER BY id")


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new, report.edited, report.known, len(report.rejected)


def test_a_table_becomes_reviews_of_the_card_that_is_meant(rig: Rig) -> None:
    report = bring(rig, HEAD + "05.10.2026;5;Анна К.;Отлично, всем советую\n06.10.2026 14:30;1;Олег;Ждали час\n")
    assert counts(report) == (2, 0, 0, 0)
    assert report.rows == 2
    first, second = held(rig)
    assert (first["stars"], first["author"], first["text"]) == (5, "Анна К.", "Отлично, всем советую")
    assert (first["posted_at"], first["posted_precision"]) == ("2026-10-04T21:00:00.000000Z", "day")
    assert (second["posted_at"], second["posted_precision"]) == ("2026-10-06T11:30:00.000000Z", "exact")
    assert {row["origin"] for row in held(rig)} == {Origin.FILE}
    assert all(row["external_id"].startswith("file:") for row in held(rig))


def test_importing_the_same_file_again_changes_nothing(rig: Rig) -> None:
    body = HEAD + f"05.10.2026;5;Анна К.;Отлично\n;1;;{LONG}\n07.10.2026;4;Пётр;\n"
    bring(rig, body)
    before = rig.digest()
    rig.clock.advance(DAY)
    assert counts(bring(rig, body)) == (0, 0, 3, 0)
    assert rig.digest() == before


def test_title_pros_and_cons_stand_in_one_text_as_the_sites_own_do(rig: Rig) -> None:
    bring(rig, "Заголовок;Текст;Плюсы;Минусы;Оценка\nНе пойду;Грязно;близко;всё остальное;2\n")
    assert held(rig)[0]["text"] == "Не пойду\n\nГрязно\n\nДостоинства: близко\nНедостатки: всё остальное"


def test_good_rows_are_kept_and_bad_ones_named_with_line_and_reason(rig: Rig) -> None:
    report = bring(
        rig,
        "Дата;Оценка;Отзыв;Площадка\n05.10.2026;5;Хорошо;Яндекс Карты\n05.10.2026;9;Плохо;\n31.02.2026;5;Так;\n"
        "05.10.2096;5;Потом;\n;;;2ГИС\n05.10.2026;4;Иначе;Тысяча звёзд\n05.10.2026;4;Есть;2гис\n",
    )
    assert counts(report) == (2, 0, 0, 5)
    assert [bad.line for bad in report.rejected] == [3, 4, 5, 6, 7]
    reasons = [bad.reason for bad in report.rejected]
    assert "вне шкалы" in reasons[0]
    assert "дата не читается" in reasons[1]
    assert "в будущем" in reasons[2]
    assert "ни текста, ни оценки" in reasons[3]
    assert "неизвестная площадка" in reasons[4]
    assert "Плохо" not in " ".join(reasons)


def test_a_row_that_fits_several_cards_is_refused(rig: Rig) -> None:
    report = bring(rig, HEAD + "05.10.2026;5;Анна;Хорошо\n", Wanted())
    assert "укажите площадку" in report.rejected[0].reason
    assert held(rig) == []


def test_old_and_undated_reviews_are_backlog_and_fresh_ones_have_a_deadline(rig: Rig) -> None:
    bring(rig, HEAD + "05.10.2026;1;Анна;Ужас\n;1;Олег;Кошмар какой\n21.11.2026 11:00;1;Пётр;Отвратительно\n")
    due = [view.due_at for view in rig.everything()]
    assert due == [NOON + HOUR, None, None]
    assert rig.mails() == []


def test_an_import_does_not_fix_when_the_promise_of_an_unread_card_begins(rig: Rig) -> None:
    bring(rig, HEAD + "05.10.2026;1;Анна;Ужас\n")
    listing = next(each for each in rig.app.store.listings.all() if each.source == "yandex_maps")
    assert (listing.first_success_at, listing.enforce_from, listing.imported_at) == (None, None, None)
    assert (listing.cursor, listing.last_good_at, listing.read_seen) == (None, None, 0)


def test_verdicts_and_drafts_come_with_the_next_pass_and_answered_dangers_do_not_stop_it(rig: Rig) -> None:
    bring(
        rig,
        HEAD.strip() + f";Ответ\n05.10.2026;1;Анна;Отравились, вызывали скорую;Простите\n05.10.2026;1;Олег;{LONG};\n",
    )
    rig.run()
    (view,) = rig.everything()
    assert view.verdict is not None
    assert view.draft is not None
    assert view.backlog


def test_a_reply_in_the_file_marks_the_review_answered(rig: Rig) -> None:
    head = "id отзыва;Оценка;Отзыв;Ответ;Дата ответа\n"
    bring(rig, head + "a1;1;Ждали час;;\n")
    (view,) = rig.everything()
    assert view.state is TicketState.OPEN
    rig.clock.advance(HOUR)
    report = bring(rig, head + "a1;1;Ждали час;Простите нас;21.11.2026\na2;5;Ура;Спасибо;\n")
    assert counts(report) == (1, 0, 1, 0)
    assert report.replies == 1
    (view,) = rig.everything()
    assert view.state is TicketState.ANSWERED
    assert [row["reply_text"] for row in held(rig)] == ["Простите нас", "Спасибо"]
    before = rig.digest()
    assert bring(rig, head + "a1;1;Ждали час;;\n").replies == 0  # a file without the answer tells nothing of it
    assert rig.digest() == before


def test_a_changed_text_under_a_known_id_is_a_revision(rig: Rig) -> None:
    head = "id отзыва;Оценка;Отзыв\n"
    bring(rig, head + "a1;5;Хорошо\n")
    rig.clock.advance(DAY)
    report = bring(rig, head + "a1;1;Хорошо не стало: официант нагрубил\n")
    assert counts(report) == (0, 1, 0, 0)
    assert [(row["stars"], row["revision"]) for row in held(rig)] == [(1, 2)]
    before = rig.digest()
    assert counts(bring(rig, head + "a1;1;Хорошо не стало: официант нагрубил\n")) == (0, 0, 1, 0)
    assert counts(bring(rig, head + "a1;5;Хорошо\n", at=NOON)) == (0, 0, 1, 0)
    assert rig.digest() == before


def test_an_old_file_never_reverts_what_a_later_read_saw(rig: Rig) -> None:
    card = rig.world.card("yandex_maps")
    review = rig.world.add(card, text=LONG, stars=1, author="Анна")
    rig.run()
    rig.world.edit(card, review.external_id, text="Извинились, вернули деньги, спасибо", stars=4)
    rig.run(after=DAY)
    head = "id отзыва;Оценка;Отзыв;Ответ\n"
    before = rig.digest()
    row = f"{review.external_id};1;{LONG};Старый ответ\n"
    assert counts(bring(rig, head + row, at=NOON + HOUR)) == (0, 0, 1, 0)
    assert rig.digest() == before
    rig.clock.advance(HOUR)  # a copy of the old file, stamped anew: the words are those of the first revision
    assert counts(bring(rig, head + f"{review.external_id};1;{LONG};\n")) == (0, 0, 1, 0)
    assert rig.digest() == before


def test_the_same_words_by_the_same_author_are_the_review_the_card_already_holds(rig: Rig) -> None:
    card = rig.world.card("yandex_maps")
    rig.world.add(card, text=LONG, stars=1, author="Анна К.", posted_at=NOON - DAY)
    rig.run()
    before = rig.digest()
    same = f"20.11.2026;1;Анна Кузнецова;{LONG.upper()}!\n"
    other = f"20.11.2026;1;Борис;{LONG}\n20.11.2026;5;Анна К.;{LONG}\n20.10.2026;1;Анна К.;{LONG}\n"
    assert counts(bring(rig, HEAD + same)) == (0, 0, 1, 0)
    assert rig.digest() == before
    assert counts(bring(rig, HEAD + other)) == (3, 0, 0, 0)


def test_a_file_is_still_known_after_the_site_showed_an_edit_of_what_it_told(rig: Rig) -> None:
    card = rig.world.card("yandex_maps")
    review = rig.world.add(card, text=LONG, stars=1, author="Анна К.", posted_at=NOON - DAY)
    rig.run()
    body = HEAD + f"20.11.2026;1;Анна К.;{LONG}\n"
    assert counts(bring(rig, body)) == (0, 0, 1, 0)
    rig.world.edit(card, review.external_id, text="Всё уладили, спасибо", stars=5)
    rig.run(after=DAY)
    assert counts(bring(rig, body)) == (0, 0, 1, 0)
    assert len(held(rig)) == 1


def test_a_read_adopts_the_review_that_a_file_brought(rig: Rig) -> None:
    bring(rig, HEAD + f"20.11.2026;1;Анна К.;{LONG}\n20.11.2026;5;Олег;Вкусно\n")
    ticket = rig.everything()[0].ticket
    card = rig.world.card("yandex_maps")
    posted = NOON - 20 * HOUR
    mine = rig.world.add(card, text=LONG, stars=1, author="Анна К.", posted_at=posted)
    report = rig.run()
    assert report.changes.new == 0
    adopted, left = held(rig)
    assert (adopted["external_id"], adopted["origin"]) == (mine.external_id, Origin.SITE)
    assert adopted["posted_precision"] == "exact"
    assert adopted["url"].startswith("https://yandex.ru/maps/")
    assert left["origin"] == Origin.FILE
    assert {view.ticket for view in rig.everything()} >= {ticket}
    assert len(rig.everything()) == 2
    again = bring(rig, HEAD + f"20.11.2026;1;Анна К.;{LONG}\n")
    assert counts(again) == (0, 0, 1, 0)
    before = rig.digest()
    rig.run(after=2 * timedelta(minutes=1))
    assert rig.digest() == before


def test_adoption_takes_the_answer_of_the_site_along(rig: Rig) -> None:
    bring(rig, HEAD + f"20.11.2026;1;Анна К.;{LONG}\n")
    card = rig.world.card("yandex_maps")
    mine = rig.world.add(card, text=LONG, stars=1, author="Анна К.", posted_at=NOON - DAY)
    rig.world.reply(card, mine.external_id, "Простите нас", at=NOON - HOUR)
    rig.run()
    assert rig.ticket_of(mine.external_id).state is TicketState.ANSWERED
    assert len(held(rig)) == 1


def test_two_reviews_of_the_same_words_on_the_site_are_two(rig: Rig) -> None:
    bring(rig, HEAD + f"20.11.2026;1;Анна К.;{LONG}\n")
    card = rig.world.card("yandex_maps")
    for _ in range(2):
        rig.world.add(card, text=LONG, stars=1, author="Анна К.", posted_at=NOON - DAY)
    assert rig.run().changes.new == 1
    assert len(held(rig)) == 2


def test_a_read_never_takes_for_removed_what_only_a_file_told_of(rig: Rig) -> None:
    bring(rig, HEAD + f"20.11.2026;1;Анна К.;{LONG}\n")
    for _ in range(4):
        rig.run(after=DAY + HOUR)
    (view,) = rig.everything()
    assert view.state is TicketState.OPEN


def test_what_was_erased_comes_back_neither_with_the_file_nor_with_the_site(rig: Rig) -> None:
    body = HEAD + f"20.11.2026;1;Анна К.;{LONG}\n"
    bring(rig, body)
    rig.app.forget([held(rig)[0]["id"]], rig.clock.now())
    assert counts(bring(rig, body)) == (0, 0, 1, 0)
    other_id = "id отзыва;Дата;Оценка;Автор;Отзыв\n77;20.11.2026;1;Анна К.;" + LONG
    assert counts(bring(rig, other_id)) == (0, 0, 1, 0)
    rig.world.add(rig.world.card("yandex_maps"), text=LONG, stars=1, author="Анна К.", posted_at=NOON - DAY)
    rig.run()
    (row,) = held(rig)
    assert (row["text"], row["author"]) == ("", "")
    assert row["forgotten_at"] is not None


def test_one_id_for_two_people_is_refused_and_not_taken_for_an_edit(rig: Rig) -> None:
    head = "id;Автор;Отзыв\n"
    bring(rig, head + "1;Анна К.;Хорошо\n")
    rig.clock.advance(HOUR)
    report = bring(rig, head + "1;Борис П.;Плохо\n")
    assert "другой отзыв" in report.rejected[0].reason
    assert held(rig)[0]["revision"] == 1


def test_two_ratings_without_a_name_are_two_and_stay_two(rig: Rig) -> None:
    body = HEAD + ";5;;\n;5;;\n;1;;\n;5;;Супер\n;5;;Супер\n05.10.2026;5;Олег;Супер\n05.10.2026;5;Олег;Супер\n"
    assert counts(bring(rig, body)) == (6, 0, 1, 0)
    assert counts(bring(rig, body)) == (0, 0, 7, 0)
    assert [row["stars"] for row in held(rig)] == [5, 5, 1, 5, 5, 5]


def test_a_title_that_two_places_share_does_not_choose_one(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World.sized(NOON, places=2, reviews=0))
    name = next(iter(rig.app.cards.values())).place
    report = bring(rig, HEAD + ";5;;Супер\n", Wanted(place="ромашка", source="2ГИС"))
    assert "укажите точку" in report.rejected[0].reason
    assert counts(bring(rig, HEAD + ";5;;Супер\n", Wanted(place=name, source="2ГИС"))) == (1, 0, 0, 0)
    rig.app.close()


def test_a_review_without_an_id_of_its_site_has_no_invented_address_to_answer_at(rig: Rig) -> None:
    bring(rig, HEAD + ";5;;Супер\n", Wanted(source="otzovik"))
    (view,) = rig.everything()
    assert (view.url, view.reply_url) == ("", "")


def test_a_dry_run_counts_the_same_and_stores_nothing(rig: Rig) -> None:
    body = HEAD + f"20.11.2026;1;Анна К.;{LONG}\n20.11.2026;9;Олег;Вкусно\n"
    before = rig.digest()
    tried = bring(rig, body, dry_run=True)
    assert counts(tried) == (1, 0, 0, 1)
    assert rig.digest() == before
    assert counts(bring(rig, body)) == (1, 0, 0, 1)


def test_a_dry_run_waits_for_nobody_and_keeps_nobody_waiting(rig: Rig) -> None:
    body = HEAD + "20.11.2026;1;Анна К.;Ужас\n"
    assert held(rig) == []  # the database is there
    other = sqlite3.connect(rig.app.config.database, timeout=0, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # a colleague who is writing this very moment
    assert counts(bring(rig, body, dry_run=True)) == (1, 0, 0, 0)
    other.execute("ROLLBACK")
    other.close()
    assert counts(bring(rig, body)) == (1, 0, 0, 0)
    assert counts(bring(rig, body.replace("Ужас", "Жуть"), dry_run=True)) == (1, 0, 0, 0)
    assert counts(bring(rig, body, dry_run=True)) == (0, 0, 1, 0)


class Looking(FrozenClock):
    """Whoever asks it for the time lets it look into a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(NOON)
        self.folder = folder
        self.modes: set[int] = set()

    def now(self) -> datetime:
        self.modes |= {stat.S_IMODE(path.stat().st_mode) for path in self.folder.iterdir()}
        return super().now()


def test_the_copy_of_a_dry_run_is_private_and_does_not_stay(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spot = tmp_path / "copies"
    spot.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spot))
    rig.app.clock = clock = Looking(spot)
    bring(rig, HEAD + "20.11.2026;1;Анна К.;Ужас\n", dry_run=True)
    assert clock.modes == {0o700}
    assert list(spot.iterdir()) == []


PLACES = "Филиал;Оценка;Отзыв\n"


def test_a_column_of_places_that_knows_none_of_ours_gives_way_to_the_option(rig: Rig) -> None:
    place = next(iter(rig.app.cards.values())).place
    body = PLACES + "ул. Баумана, 1;5;Вкусно\n—;4;Мило\n;3;Так себе\nпр. Победы, 2;1;Ужас\n"
    report = bring(rig, body, Wanted(place=place, source="yandex_maps"))
    assert counts(report) == (4, 0, 0, 0)
    assert report.overruled == {"a.csv": "Филиал"}


def test_a_place_that_nobody_knows_among_known_ones_is_named_with_its_column(rig: Rig) -> None:
    place = next(iter(rig.app.cards.values())).place
    body = PLACES + f"ул. Баумана, 1;5;Вкусно\n{place};4;Мило\n;3;Так себе\n"
    report = bring(rig, body, Wanted(place=place, source="yandex_maps"))
    assert counts(report) == (2, 0, 0, 1)
    assert report.overruled == {}
    assert "столбец «Филиал»: точки «ул. Баумана, 1» нет в config.yaml" in report.rejected[0].reason


def test_without_the_option_places_that_nobody_knows_are_refused(rig: Rig) -> None:
    report = bring(rig, PLACES + "ул. Баумана, 1;5;Вкусно\n", YANDEX)
    assert counts(report) == (0, 0, 0, 1)
    assert "ключ --place" in report.rejected[0].reason


def ratings(rig: Rig, *rated: tuple[str, int]) -> None:
    """What Google has shown of ratings without words: authors and stars."""
    card = rig.world.card("google_business")
    for name, stars in rated:
        rig.world.add(card, text="", stars=stars, author=name, posted_at=NOON - DAY)
    rig.run(after=HOUR)


def test_an_undated_rating_is_the_only_one_of_its_author_that_the_site_showed(rig: Rig) -> None:
    ratings(rig, ("Анна К.", 5), ("Олег", 5), ("Олег", 5))
    before = len(held(rig))
    body = HEAD + ";5;Анна К.;\n;4;Анна К.;\n;5;Олег;\n;5;;\n"
    assert before == 3
    assert counts(bring(rig, body, GOOGLE)) == (3, 0, 1, 0)
    assert counts(bring(rig, body, GOOGLE)) == (0, 0, 4, 0)
    assert len(held(rig)) == before + 3


@pytest.mark.parametrize("date", ["вчера", "3 дня назад", "15 ноября", "22.11.2026", "2026-11-22 10:00", "ноябрь 2026"])
def test_a_rating_without_name_and_words_is_the_same_whenever_its_file_is_read(rig: Rig, date: str) -> None:
    body = HEAD + f"{date};5;;\n"
    assert counts(bring(rig, body)) == (1, 0, 0, 0)
    before = rig.digest()
    for _ in range(3):
        rig.clock.advance(7 * HOUR)
        assert counts(bring(rig, body)) == (0, 0, 1, 0)  # copied, so that it seems to be written just now
    assert rig.digest() == before


def test_an_import_that_died_between_two_lots_is_completed_by_the_next(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = HEAD + "".join(f"05.10.2026;5;Гость {number};Отзыв номер {number}\n" for number in range(CHUNK + 5))
    apply = rig.app.store.imports.apply
    calls: list[int] = []

    def dies_at_second(rows: Any, *args: Any, **named: Any) -> Any:
        calls.append(len(rows))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return apply(rows, *args, **named)

    monkeypatch.setattr(rig.app.store.imports, "apply", dies_at_second)
    with pytest.raises(KeyboardInterrupt):
        bring(rig, body)
    assert len(held(rig)) == CHUNK
    assert counts(bring(rig, body)) == (5, 0, CHUNK, 0)


def test_yesterday_is_counted_from_when_the_file_was_written(rig: Rig) -> None:
    bring(rig, HEAD + "вчера;5;Анна;Хорошо\n2 недели назад;5;Олег;Вкусно\n", at=NOON - 10 * DAY)
    dates = [(row["posted_at"][:10], row["posted_precision"]) for row in held(rig)]
    assert dates == [("2026-11-09", "day"), ("2026-10-27", "approximate")]


def test_a_file_stamped_long_ago_may_still_tell_of_today(rig: Rig) -> None:
    report = bring(rig, HEAD + "20.11.2026;5;Анна;Хорошо\n", at=NOON - 400 * DAY)
    assert counts(report) == (1, 0, 0, 0)


def test_hostile_words_are_stored_as_words(rig: Rig) -> None:
    texts = ["{{ 7*7 }}<script>", "а\0б", "x\ud800y", "\u202eпереворот", "=HYPERLINK(1)", "я" * 100_000]
    lines = [f'{{"id": {number}, "stars": 5, "text": {json.dumps(text)}}}' for number, text in enumerate(texts, 1)]
    assert counts(bring(rig, "\n".join(lines), name="a.jsonl")) == (6, 0, 0, 0)
    stored = [row["text"] for row in held(rig)]
    assert stored == ["{{ 7*7 }}<script>", "а\ufffdб", "x\ufffdy", "\u202eпереворот", "=HYPERLINK(1)", "я" * 100_000]


def test_the_address_of_a_review_is_the_files_or_one_that_can_be_right(rig: Rig) -> None:
    bring(rig, "Отзыв;Ссылка\nХорошо;https://example.ru/1\nПлохо;javascript:alert(1)\n", Wanted(source="2ГИС"))
    bring(rig, "Отзыв;id\nСойдёт;555\n", Wanted(source="2ГИС"))
    bring(rig, "Отзыв\nНормально\n", YANDEX)
    assert [row["url"] for row in held(rig)] == [
        "https://example.ru/1",
        "",
        "https://2gis.ru/firm/563478234508453/tab/reviews/review/555",
        "https://yandex.ru/maps/org/82071161567/reviews/",
    ]


def test_letters_that_a_russian_spreadsheet_cannot_write_make_no_second_review(rig: Rig) -> None:
    text = "Эчпочмаки как у әби, сочные 👍 рәхмәт"
    spoilt = text.encode("cp1251", "replace").decode("cp1251")
    assert "р?хм?т" in spoilt
    yandex = rig.world.card("yandex_maps")
    rig.world.add(yandex, text=text, stars=5, author="Ләйсән", posted_at=NOON - DAY)
    rig.run()
    rig.clock.advance(HOUR)
    before = rig.digest()
    assert counts(bring(rig, HEAD + f"20.11.2026;5;Л?йс?н;{spoilt}\n")) == (0, 0, 1, 0)
    assert [row["text"] for row in held(rig)] == [text]
    assert rig.digest() == before


def test_the_site_restores_the_letters_that_a_file_has_lost(rig: Rig) -> None:
    text = "Эчпочмаки как у әби, сочные 👍 рәхмәт"
    spoilt = text.encode("cp1251", "replace").decode("cp1251")
    bring(rig, HEAD + f"20.11.2026;5;Л?йс?н;{spoilt}\n")
    rig.world.add(rig.world.card("yandex_maps"), text=text, stars=5, author="Ләйсән", posted_at=NOON - DAY)
    rig.run()
    assert [(row["text"], row["author"]) for row in held(rig)] == [(text, "Ләйсән")]


def test_the_site_tells_when_it_was_answered_where_a_file_did_not(rig: Rig) -> None:
    bring(rig, f"Дата;Оценка;Автор;Отзыв;Ответ\n20.11.2026;1;Олег;{LONG};Простите нас\n")
    assert [row["reply_at"] for row in held(rig)] == [None]
    yandex = rig.world.card("yandex_maps")
    review = rig.world.add(yandex, text=LONG, stars=1, author="Олег", posted_at=NOON - DAY)
    rig.world.reply(yandex, review.external_id, "Простите нас", at=NOON - HOUR)
    rig.run()
    assert [row["reply_at"] for row in held(rig)] == [to_iso(NOON - HOUR)]
    assert [row["at"] for row in replies_of(rig.app.store.tickets._db, held(rig)[0]["id"])] == [to_iso(NOON - HOUR)]


def test_american_dates_are_read_as_the_whole_file_means_them(rig: Rig) -> None:
    bring(rig, "Date,Rating,Text\n3/4/2026,5,Nice\n10/25/2026,4,Good\n")
    assert [row["posted_at"][:10] for row in held(rig)] == ["2026-03-03", "2026-10-24"]


def test_files_that_count_their_rows_do_not_overwrite_each_others_reviews(rig: Rig) -> None:
    head = "id;Дата;Оценка;Текст\n"
    bring(rig, head + f"1;01.03.2026;5;{LONG}\n2;02.03.2026;4;Неплохо\n")
    rig.clock.advance(DAY)
    report = bring(rig, head + "1;01.10.2026;1;Нашли волос в супе\n2;02.03.2026;3;Неплохо, но дорого\n")
    assert counts(report) == (0, 1, 0, 1)
    assert [row["text"] for row in held(rig)] == [LONG, "Неплохо, но дорого"]


def test_a_column_that_says_no_is_no_answer_and_no_removal(rig: Rig) -> None:
    rows = "".join(f"{star};{LONG} {star};{no};{no}\n" for star, no in enumerate(["нет", "-", "0", "False", "Нет."], 1))
    bring(rig, f"Оценка;Текст;Удалён;Ответ\n{rows}5;Ура;да;Спасибо\n")
    *mine, gone = held(rig)
    assert len(mine) == 5
    assert {(row["reply_text"], row["removed_at"]) for row in mine} == {(None, None)}
    assert gone["reply_text"] == "Спасибо"
    assert gone["removed_at"]


def test_stars_that_end_at_ten_are_not_read_as_if_they_ended_at_five(rig: Rig) -> None:
    rows = "10;Супер\n4;Грубый официант\n8;Хорошо\n;Без оценки\n"
    report = bring(rig, "Оценка;Текст\n" + rows)
    assert counts(report) == (1, 0, 0, 3)
    assert all("Оценка из 10" in bad.reason for bad in report.rejected)
    assert counts(bring(rig, "Оценка из 10;Текст\n" + rows)) == (3, 0, 1, 0)
    assert [row["stars"] for row in held(rig)] == [None, 5, 2, 4]


@pytest.mark.parametrize(
    "reviews", ['{"text": "Ура", "stars": 5}', '{"total": 1, "reviews": [{"text": "Ура", "stars": 5}]}']
)
def test_a_json_table_is_no_page_of_the_site_it_is_said_to_be_from(rig: Rig, reviews: str) -> None:
    for source in ("yandex_maps", "twogis"):
        assert counts(bring(rig, reviews, Wanted(source=source), name="a.json")) == (1, 0, 0, 0)


def test_sheets_that_are_left_aside_are_said_to_be(rig: Rig) -> None:
    rows: list[list[Any]] = [["Оценка", "Текст"], [5, "Ура"]]
    report = bring(rig, workbook(*rows, sheet="Вторая", first=[["Оценка", "Текст"], [4, "Неплохо"]]), name="a.xlsx")
    assert (report.new, report.rows, report.unreadable) == (1, 1, False)
    assert [(bad.line, "«Вторая»" in bad.reason) for bad in report.rejected] == [(None, True)]


def test_a_web_page_that_calls_itself_a_workbook_is_told_from_a_page_of_a_site(rig: Rig) -> None:
    report = bring(rig, "<html><table><tr><td>Оценка</td></tr></table></html>", name="Отзывы.XLS")
    assert report.unreadable
    assert "не книга Excel" in report.rejected[0].reason


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "05.10.2026", "20.11.2026 14:30", "вчера", "когда-то"]),
        st.sampled_from(["", "1", "4,0", "5 из 5", "7"]),
        st.sampled_from(["", "Анна К.", "Анна", "Олег"]),
        st.sampled_from(["", "Хорошо", LONG, LONG + "!", "👍", "{{ x }}"]),
    ),
    max_size=12,
)


@settings(max_examples=25)
@given(ROWS)
def test_whatever_a_file_holds_every_row_has_one_fate_and_a_second_import_changes_nothing(
    rows: list[tuple[str, str, str, str]],
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = Rig(Path(folder), World(NOON))
        body = HEAD + "".join(";".join(row) + "\n" for row in rows)
        first = bring(rig, body)
        before = rig.digest()
        second = bring(rig, body)
        assert rig.digest() == before
        assert second.new == second.edited == second.opened == 0
        told = sum(any(row) for row in rows)
        for report in (first, second):
            assert report.rows == told
            refused = sum(bad.line is not None for bad in report.rejected)
            assert report.new + report.edited + report.known + refused == told
        rig.app.close()
