"""«Показатели»: what the pages say of much and of nothing, to whom, and what they make of strange addresses."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from monitor import charts, wording
from monitor.accounts import Role
from monitor.alerts import AlertKind
from monitor.assemble import Application
from monitor.charts import daily
from monitor.config import load
from monitor.desk.numbers import likely
from monitor.desk.numbers_cells import Grid, Head, Number, Row, Share, Words
from monitor.desk.numbers_themes import course
from monitor.numbers import Now, Period, Scope, Selection, Step, Trend, chance
from tests.desk_places import opened, two_places
from tests.desk_rig import Clicks
from tests.numbers_desk import Chain, built
from tests.numbers_year import NOW
from tests.rig import Rig

ROOMS = ("/numbers", "/numbers/places", "/numbers/themes", "/numbers/staff")
TABLES = ("weeks", "places", "sites", "colleagues", "themes", "theme", "staff")

SLIPPERY = '[["safety", "negative", "скользко"]]'
"""Themes of a verdict."""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOGIS_KEY", "x")
        chain = built(tmp_path_factory.mktemp("chain"), reviews=900, days=60)
        yield chain
        chain.app.close()


@pytest.fixture(scope="module")
def olga(chain: Chain) -> Clicks:
    return Clicks(chain, "olga", Role.OWNER)


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Two places, a review on each card, nothing answered yet."""
    folder = tmp_path_factory.mktemp("cafe")
    with pytest.MonkeyPatch.context() as patch:
        two_places(folder)
        from monitor.standin.credentials import STAND_IN_ENV

        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = opened(folder)
        yield rig
        rig.app.close()


def told(page: Tag, selector: str) -> list[str]:
    return [
        " ".join(tag.get_text(" ").split()).replace(" .", ".").replace(" )", ")").replace("( ", "(")
        for tag in page.select(selector)
    ]


# --- who, and where -----------------------------------------------------------------------------------


def test_an_operator_finds_no_numbers(chain: Chain) -> None:
    boris = Clicks(chain, "oper", Role.OPERATOR)
    assert not boris.soup("/queue").select('.rooms a[href="/numbers"]')
    assert {boris.get(path).status_code for path in (*ROOMS, "/numbers/reviews", "/numbers/chart/stars.svg")} == {403}


@pytest.mark.parametrize("path", ROOMS)
def test_every_room_is_marked_in_both_navigations(olga: Clicks, path: str) -> None:
    page = olga.soup(path)
    assert told(page, ".rooms [aria-current]") == ["Показатели"]
    (here,) = page.select(".subrooms [aria-current]")
    assert str(here["href"]) == path


def test_what_is_asked_is_asked_in_the_other_rooms_too(olga: Clicks) -> None:
    page = olga.soup("/numbers?days=7&place=p1&source=twogis")
    asked = {str(link["href"]).partition("?")[2] for link in page.select(".subrooms a")}
    assert asked == {"days=7&place=p1&source=twogis"}


def test_the_periods_keep_place_and_site(olga: Clicks) -> None:
    page = olga.soup("/numbers/themes?days=7&place=p1")
    addresses = [str(link["href"]) for link in page.select(".spans a")]
    assert addresses == [f"/numbers/themes?{days}place=p1" for days in ("days=7&", "", "days=90&", "days=365&")]
    assert told(page, ".spans [aria-current]") == ["7 дней"]


def test_a_lead_is_told_of_no_other_place(chain: Chain) -> None:
    lena = Clicks(chain, "lena", Role.LEAD, {"p1"})
    for path in (
        *ROOMS,
        "/numbers/reviews",
        *(f"/numbers/table/{name}.csv" for name in TABLES),
        "/numbers/reviews.csv",
    ):
        answer = lena.get(path)
        assert answer.status_code == 200
        assert "на Ленина" not in answer.text
        assert "Пекарня" not in answer.text
    assert "на Мира" in lena.get("/numbers/places").text
    refused = [lena.get(f"{path}?place={place}") for path in ROOMS for place in ("p0", "nowhere")]
    assert {answer.status_code for answer in refused} == {400}
    assert len({answer.text for answer in refused[:2]}) == 1
    assert lena.get("/numbers/reviews?place=p0").status_code == 400
    assert lena.get("/numbers/chart/stars.svg?place=p0").status_code == 400


def test_whoever_has_no_place_left_sees_calm_pages(chain: Chain) -> None:
    nina = Clicks(chain, "nina", Role.LEAD, {"closed long ago"})
    for path in ROOMS:
        page = nina.soup(path)
        assert not [link for link in page.select("a.n") if link.get_text() != "0"]
    assert told(nina.soup("/numbers/reviews"), "h1 .total") == ["0"]


# --- what is said -------------------------------------------------------------------------------------


def test_shares_stand_beside_their_numbers(olga: Clicks) -> None:
    page = olga.soup("/numbers")
    big = dict(zip(told(page, ".figure h3"), told(page, ".figure .big"), strict=True))
    assert re.fullmatch(r"\d+", big["Новых отзывов"].replace(" ", ""))
    assert re.fullmatch(r"\d+ % \(\d+ из \d+\)", big["Отвечено"])
    assert re.fullmatch(r"\d+ % \(\d+ из \d+\)", big["Ответили вовремя"])
    assert re.fullmatch(r"\d(,\d)? из 5", big["Средняя оценка"])
    assert big["Время до ответа"].endswith("обычно")
    assert "Обещаем: негатив — 1 ч круглосуточно, остальное — 24 ч круглосуточно." in told(page, ".figure .quiet")


def test_a_share_of_few_is_told_in_numbers_alone() -> None:
    assert Share(Number(1, ""), Number(2, "")).percent == ""
    assert Share(Number(9, ""), Number(10, "")).percent == f"90{wording.GLUE}%"
    assert Share(Number(0, ""), Number(0, "")).order is None


@pytest.mark.parametrize("path", [f"{path}?since=2010-01-01&until=2010-01-05" for path in ROOMS])
def test_nothing_is_told_as_nothing_and_why(olga: Clicks, path: str) -> None:
    text = olga.get(path).text
    assert "NaN" not in text
    assert "None" not in text
    page = BeautifulSoup(text, "lxml")
    assert not [link for link in page.select("a.n") if link.get_text() != "0"]
    assert not re.search(r"\d\s*%", page.select("main")[0].get_text())
    reasons = "не пришло|никто|не подошёл|не было|нечего|ни в одном|никого"
    assert re.search(reasons, page.select("main")[0].get_text(), re.IGNORECASE)


def test_a_cafe_of_yesterday_has_its_pages_too(cafe: Rig) -> None:
    boss = Clicks(cafe, "boss", Role.OWNER)
    page = boss.soup("/numbers")
    big = dict(zip(told(page, ".figure h3"), told(page, ".figure .big"), strict=True))
    assert big["Отвечено"] == "0 из 7"
    assert big["Ответили вовремя"] == "—"
    assert "Судить рано" in page.get_text()
    for path in ROOMS:
        assert boss.get(path).status_code == 200
    reviews = boss.soup("/numbers/reviews")
    assert set(told(reviews, ".excerpts .badge")) == {"ждёт ответа", "ответить нельзя"}


def test_the_period_before_is_linked_and_left_out_where_nobody_watched(olga: Clicks) -> None:
    assert olga.soup("/numbers?days=7").select(".was a.n")
    page = olga.soup("/numbers?days=90")
    assert not page.select(".was a.n")
    assert "сравнить не с чем" in page.get_text()


def test_places_that_left_are_called_so(olga: Clicks) -> None:
    assert "p3 (больше не следим)" in told(olga.soup("/numbers/places"), "#places tbody th")


def test_colleagues_are_compared_with_a_fair_word(chain: Chain, olga: Clicks) -> None:
    page = olga.soup("/numbers/places")
    assert "Это не соревнование" in told(page, "#colleagues p")[0]
    assert {"anna", "никем не взяты"} <= set(told(page, "#colleagues tbody th"))


def test_staff_come_with_a_calm_word_and_by_name_and_job(olga: Clicks) -> None:
    page = olga.soup("/numbers/staff")
    assert "ещё не приговор" in page.get_text()
    assert {"Марина, мастер", "Олег", "Администратор"} <= set(told(page, "tbody th"))


def test_somebody_known_at_many_places_has_few_on_the_page_and_all_in_the_file(tmp_path: Path) -> None:
    chain = built(tmp_path / "many", reviews=600, days=20, places=9)
    olga = Clicks(chain, "olga", Role.OWNER)
    cells = told(olga.soup("/numbers/staff?days=28"), "tbody td:last-child")
    lines = olga.get("/numbers/table/staff.csv?days=28").text.splitlines()[1:]
    assert len(cells) == len(lines) > 0
    for cell, line in zip(cells, lines, strict=True):
        where = line.rpartition(";")[2].strip('"').split(", ")
        assert cell == f"{', '.join(where[:3])} и ещё {len(where) - 3}"
    chain.app.close()


@pytest.mark.parametrize("column", ["new", "stars", "answered", "kept", "median", "p90", "negative"])
def test_places_are_sorted_by_any_column_both_ways(olga: Clicks, column: str) -> None:
    def names(sort: str) -> list[str]:
        return told(olga.soup(f"/numbers/places?sort={sort}"), "#places tbody th")

    page = olga.soup(f"/numbers/places?sort={column}")
    (sorted_by,) = page.select("#places th[aria-sort]")
    assert sorted_by["aria-sort"] == "descending"
    (way,) = sorted_by.select("a")
    assert f"sort=-{column}" in str(way["href"])
    assert sorted(names(column)) == sorted(names(f"-{column}"))
    assert names("nonsense") == names("")


def test_nothing_comes_last_whichever_way_it_is_sorted() -> None:
    shares = {"all": (3, 3), "none": (0, 0), "half": (1, 2)}
    rows = tuple(Row(Words(name), (Share(Number(a, ""), Number(b, "")),)) for name, (a, b) in shares.items())
    grid = Grid("x", "x", "x", (Head("Доля", ("a", "b", "c"), "share"),), rows)
    assert [row.name.text for row in grid.sorted("share").rows] == ["all", "half", "none"]
    assert [row.name.text for row in grid.sorted("-share").rows] == ["half", "all", "none"]


@pytest.mark.parametrize(
    ("count", "before", "said"),
    [
        (20, 5.0, "чаще обычного"),
        (5, 5.0, "как обычно"),
        (0, 12.0, "реже обычного"),
        (0, 5.25, "реже обычного"),  # 0,8 to the 21st is less than 0,01
        (0, 5.0, "как обычно"),  # to the 20th it is not
        (0, 0.0, "—"),
        (1, 0.0, "как обычно"),
    ],
)
def test_how_often_a_theme_is_blamed_is_told_by_the_same_test_both_ways(count: int, before: float, said: str) -> None:
    assert course(Trend("staff", count, before, chance(count, round(4 * before)))) == said


def test_chances_are_told_in_words() -> None:
    assert likely(0.0000001) == "случайно так бывает реже одного раза из тысячи"
    assert likely(0.01) == "случайно так бывает примерно один раз из 100"
    assert likely(0.4) == "такое бывает и случайно"


def test_what_is_blamed_more_than_usual_stands_on_the_overview_with_its_chance(tmp_path: Path) -> None:
    chain = built(tmp_path, reviews=600, days=60)
    lena, database = Clicks(chain, "lena", Role.LEAD), chain.app.store._db
    week = """SELECT r.id FROM review r JOIN listing l ON l.id = r.listing_id AND l.active = 1
        WHERE first_seen_at >= '2026-11-16' AND initial = 0 ORDER BY r.id LIMIT 20"""
    with chain.app.store.write():
        database.execute(f"UPDATE verdict SET themes = ? WHERE review_id IN ({week})", [SLIPPERY])
        database.execute(f"UPDATE review SET text = 'У входа скользко.' WHERE id IN ({week})")
    page = lena.soup("/numbers?days=7")
    (rising,) = page.select(".rising li")
    words = " ".join(rising.get_text(" ").split())
    assert words.startswith("Безопасность :")
    assert "раньше не жаловались" in words
    assert "Случайно так бывает реже одного раза из тысячи." in words
    (link,) = rising.select("a.n")
    reviews = lena.soup(str(link["href"]))
    assert told(reviews, "h1 .total") == [link.get_text()]
    assert set(told(reviews, ".excerpts mark")) == {"скользко"}
    themes = lena.soup("/numbers/themes?days=7&sort=trend")
    assert told(themes, "tbody tr:first-child th") == ["Безопасность"]
    assert "чаще обычного" in told(themes, "tbody tr:first-child td")
    assert "есть с чем сравнить" not in page.get_text()
    with chain.app.store.write():
        database.execute("UPDATE listing SET imported_at = '2026-11-10T00:00:00.000000Z' WHERE place = 'p1'")
    page = lena.soup("/numbers?days=7")
    (link,) = page.select(".rising a.n")
    reviews = lena.soup(str(link["href"]))
    assert told(reviews, "h1 .total") == [link.get_text()]
    assert 0 < int(link.get_text()) < 20
    assert "«Ромашка» на Мира" not in reviews.select_one(".excerpts").get_text()  # type: ignore[union-attr]  # it has one
    assert "Здесь только карточки, которые есть с чем сравнить" in page.get_text()
    chain.app.close()


def test_a_theme_that_fell_silent_is_blamed_less_than_usual(tmp_path: Path) -> None:
    chain = built(tmp_path, reviews=600, days=60)
    before = "first_seen_at BETWEEN '2026-10-20' AND '2026-11-14' AND initial = 0"
    with chain.app.store.write():
        chain.app.store._db.execute(
            f"UPDATE verdict SET themes = ? WHERE review_id IN (SELECT id FROM review WHERE {before})", [SLIPPERY]
        )
    rows = Clicks(chain, "lena", Role.LEAD).soup("/numbers/themes?days=7").select("tbody tr")
    (row,) = [row for row in rows if told(row, "th") == ["Безопасность"]]
    assert told(row, "td")[0] == "0"
    assert told(row, "td")[3] == "реже обычного"
    chain.app.close()


def test_before_anybody_watched_there_is_no_data_rather_than_nothing(tmp_path: Path) -> None:
    chain = built(tmp_path, reviews=300, days=7)
    with chain.app.store.write():
        chain.app.store._db.execute("UPDATE review SET initial = 0")
    lena = Clicks(chain, "lena", Role.LEAD)
    page = lena.soup("/numbers/themes")
    assert {told(row, "td")[1] for row in page.select("#themes-title ~ * tbody tr")} == {"нет данных"}
    assert "было" not in str(page.select("figure img")[0]["alt"])
    rows = lena.get("/numbers/table/themes.csv").text.splitlines()
    assert all('"нет данных"' in row for row in rows[1:])
    assert "мы следили за отзывами ещё не всё время: сравнить не с чем" in lena.soup("/numbers").get_text()
    assert "нет данных" not in lena.soup("/numbers/themes?since=2026-11-19").get_text()
    chain.app.close()


def test_what_left_the_config_promises_nothing(tmp_path: Path) -> None:
    chain = built(tmp_path, reviews=100, days=10)
    chain.app.close()
    text = chain.config_path.read_text(encoding="utf-8")
    own = text.replace("    listings:", "    sla: {negative: 2h}\n    listings:")
    chain.config_path.write_text(own, encoding="utf-8")
    chain.app = Application(load(chain.config_path), chain.clock)
    olga = Clicks(chain, "olga", Role.OWNER)
    promised = "Обещаем: негатив — 2 ч круглосуточно, остальное — 24 ч круглосуточно."
    assert promised in told(olga.soup("/numbers"), ".figure .quiet")
    assert "Обещаем" not in olga.soup("/numbers?place=p3").get_text()
    chain.app.close()


def test_numbers_asked_at_once_are_those_asked_one_by_one(chain: Chain) -> None:
    numbers, day = chain.app.store.numbers, NOW.date() - timedelta(days=20)
    scope = Scope(Period.of_days(day, 9, "Europe/Moscow"), places=frozenset({"p0", "p1"}))

    def asked(scope: Scope) -> list[object]:
        return [
            numbers.series(scope, NOW, Step.DAY), numbers.stars(scope), numbers.themes(scope, Step.WEEK),
            numbers.risks(scope), numbers.people(scope), numbers.reviews(Selection(scope), NOW),
        ]  # fmt: skip

    scopes = [scope, replace(scope, place="p1"), replace(scope, assignee="anna"), replace(scope, places=None)]
    alone = [asked(one) for one in scopes]
    with numbers.at_once():
        trends = numbers.trends(scope)
        assert [asked(one) for one in scopes] == alone
    assert trends
    assert tuple(trend for trend in trends if trend.count) == numbers.over(scope, NOW).trends
    assert replace(numbers.over(scope, NOW).total, now=Now()) == numbers.figures(scope, NOW)


def test_a_dash_is_explained_below_its_table(olga: Clicks, cafe: Rig) -> None:
    assert "считать было нечего" in Clicks(cafe, "boss", Role.OWNER).soup("/numbers/places").get_text()
    assert "считать было нечего" not in olga.soup("/numbers/places?days=365").get_text()


# --- pictures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/numbers?days=7", "/numbers?days=365", "/numbers/themes?theme=staff"])
def test_pictures_have_their_size_words_and_a_table_and_come_by_themselves(olga: Clicks, path: str) -> None:
    page = olga.soup(path)
    figures = page.select("figure")
    assert figures
    for figure in figures:
        (image,), (source,) = figure.select("img"), figure.select("source")
        assert len(str(image["alt"])) > 20
        assert source["media"] == "(max-width: 40rem)"
        for tag, address in ((image, image["src"]), (source, source["srcset"])):
            drawn = olga.get(str(address))
            assert drawn.headers["content-type"] == "image/svg+xml"
            assert f'width="{tag["width"]}"' in drawn.text
            assert f'height="{tag["height"]}"' in drawn.text
    assert page.select("figure details table")


@pytest.mark.parametrize("path", ["/numbers?days=90", "/numbers/themes?days=90&theme=staff"])
def test_weeks_are_told_up_to_the_last_day_and_not_to_one_that_is_to_come(olga: Clicks, path: str) -> None:
    alts = [str(image["alt"]).replace(wording.GLUE, " ") for image in olga.soup(path).select("figure img")]
    weekly = [alt for alt in alts if "по неделям" in alt.partition(":")[0]]
    assert weekly
    assert all("24 августа — 21 ноября:" in alt for alt in weekly)


def test_a_theme_that_nobody_speaks_of_is_told_in_noughts(olga: Clicks) -> None:
    page = olga.soup("/numbers/themes?theme=location")
    assert {told(row, "td")[0] for row in page.select("#theme tbody tr")} == {"0"}
    assert len(olga.get("/numbers/table/theme.csv?theme=location").text.splitlines()) == 6


@pytest.mark.parametrize(("query", "last"), [("", 20), ("?days=365", 20), ("?since=2026-11-02&until=2026-11-09", 9)])
def test_the_picture_of_the_morning_mail_stands_on_the_overview(
    chain: Chain, olga: Clicks, query: str, last: int
) -> None:
    bars = chain.app.digests.view(AlertKind.DIGEST, date(2026, 11, last), NOW).bars
    page = olga.soup(f"/numbers{query}")
    (figure,) = page.select("section[aria-labelledby=daily-title] figure")
    (image,) = figure.select("img")
    assert image["alt"] == daily.alt(bars)
    assert olga.get(str(image["src"])).content == daily.days(bars, charts.WIDE).svg
    rows = [told(row, "td") for row in figure.select("tbody tr")]
    assert [[int(cell) for cell in row[:3]] for row in rows] == [[bar.in_time, bar.late, bar.waiting] for bar in bars]
    assert [row[3].partition(" (")[0] for row in rows] == [f"{wording.per_cent(bar.rate or 0)} %" for bar in bars]


def test_a_lead_sees_the_picture_of_the_mail_for_the_own_places_alone(chain: Chain, olga: Clicks) -> None:
    def counts(clicks: Clicks, query: str) -> list[str]:
        return told(clicks.soup(f"/numbers{query}"), "section[aria-labelledby=daily-title] td")

    lena = Clicks(chain, "lena", Role.LEAD, {"p1"})
    assert counts(lena, "") == counts(olga, "?place=p1") != counts(olga, "")
    assert olga.get("/numbers/chart/daily.svg?place=p1").content == lena.get("/numbers/chart/daily.svg").content


def test_days_of_which_nothing_can_be_drawn_have_no_picture_of_the_mail(olga: Clicks) -> None:
    assert not olga.soup("/numbers?since=2010-01-01&until=2010-01-05").select("#daily-title")


def test_the_page_lets_pictures_of_ours_in_and_no_others(olga: Clicks) -> None:
    assert "img-src 'self';" in olga.get("/numbers").headers["content-security-policy"]


# --- the reviews behind a number ------------------------------------------------------------------------


def test_reviews_come_newest_first_page_by_page_each_once(chain: Chain, olga: Clicks) -> None:
    page = olga.soup("/numbers/reviews?since=2026-09-22")
    pages = [page]
    while following := page.select(".pager a"):
        page = olga.soup(str(following[0]["href"]))
        pages.append(page)
    seen = [str(link["href"]) for page in pages for link in page.select('.excerpts a.say[href^="/t/"]')]
    (total,) = told(pages[0], "h1 .total")
    assert [len(page.select(".excerpts li")) for page in pages[:-1]] == [50] * (len(pages) - 1)
    assert sum(len(page.select(".excerpts li")) for page in pages) == int(total)
    assert len(seen) == len(set(seen)) > 700
    assert {told(page, "h1")[0] for page in pages} == set(told(pages[0], "h1"))


def test_a_review_leads_to_its_ticket(chain: Chain, olga: Clicks) -> None:
    page = olga.soup("/numbers/reviews?fate=late")
    link = page.select(".excerpts a.say")[0]
    assert re.fullmatch(r"/t/\d+", str(link["href"]))
    assert olga.get(str(link["href"])).status_code == 200
    assert told(page, ".excerpts .badge")[0] == "ответ опубликован, с опозданием"


def test_a_review_without_a_ticket_leads_to_its_site_and_nowhere_else(chain: Chain, olga: Clicks) -> None:
    with chain.app.store.write():
        chain.app.store._db.execute("UPDATE review SET url = 'https://example.ru/r' WHERE id % 2 = 0")
        chain.app.store._db.execute("UPDATE review SET url = 'javascript:alert(1)' WHERE id % 2 = 1")
    links = [
        link
        for link in olga.soup("/numbers/reviews?fate=beforehand").select("a.say")
        if not str(link["href"]).startswith("/t/")
    ]
    assert {str(link["href"]) for link in links} == {"https://example.ru/r"}
    assert all(link["rel"] == ["noreferrer"] and link["target"] == "_blank" for link in links)


def test_words_of_strangers_are_shown_and_obeyed_by_nobody(cafe: Rig) -> None:
    evil = '<script>alert(1)</script>\u202e"><img src=x onerror=alert(2)>'
    card = cafe.world.cards()[0]
    cafe.world.add(card, text=evil, stars=1, author=evil)
    cafe.run(after=timedelta(minutes=3))
    answer = Clicks(cafe, "boss", Role.OWNER).get("/numbers/reviews")
    assert "&lt;script&gt;" in answer.text
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    assert "\u202e" not in answer.text


def test_what_was_erased_is_counted_and_not_shown(cafe: Rig) -> None:
    boss = Clicks(cafe, "boss", Role.OWNER)
    before = told(boss.soup("/numbers/reviews"), "h1 .total")
    cafe.app.forget([1], cafe.clock.now())
    after = boss.soup("/numbers/reviews")
    assert told(after, "h1 .total") == before
    assert "Текст стёрт" in told(after, ".excerpts .say")
