"""Addresses of «Показатели» that nobody of ours wrote: answered with a sentence, or as if nothing had been asked."""

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.accounts import Role
from tests.desk_rig import Clicks
from tests.numbers_desk import built

ROOMS = ("/numbers", "/numbers/places", "/numbers/themes", "/numbers/staff")


@pytest.fixture(scope="module")
def olga(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clicks]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOGIS_KEY", "x")
        chain = built(tmp_path_factory.mktemp("chain"), reviews=300, days=40)
        yield Clicks(chain, "olga", Role.OWNER)
        chain.app.close()


def told(page: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(tag.get_text(" ").split()) for tag in page.select(selector)]


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-13-01", "since=tomorrow", "since=2026-11-20&until=2026-11-01", "since=2027-01-01",
        "since=0001-01-01", "since=2001-01-01&until=2026-01-01", "until=9999-12-31T23:59:59Z", "until=1999-01-01",
        "since=2026-11-01T00:00:00%2B99:00", "since=2026-11-01T00:00:00", "since=20261101", "since=%F0%9F%98%80",
        "place=nowhere", "source=nowhere", "place=%00", "&".join(f"a{n}=1" for n in range(60)),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_a_sentence(olga: Clicks, query: str) -> None:
    for path in (
        *ROOMS,
        "/numbers/reviews",
        "/numbers/reviews.csv",
        "/numbers/table/places.csv",
        "/numbers/chart/stars.svg",
    ):
        answer = olga.get(f"{path}?{query}")
        assert answer.status_code == 400, (path, answer.status_code)
        page = BeautifulSoup(answer.text, "lxml")
        assert told(page, "h1") == ["Так не получится"]
        assert re.fullmatch(r"[А-ЯЁ].+\.", told(page, "main p")[0])


@pytest.mark.parametrize(
    "query",
    [
        "of=nothing", "fate=happy", "fate=in_time&fate=x", "stars=6", "stars=0", "stars=23", "stars=1e0", "tone=angry",
        "theme=weather", "theme_tone=negative", "risk=rain", "outcome=met", "of=answered&outcome=met",
        "of=settled&timed=team", "timed=team", "person=x&person_tone=neutral", "person_tone=positive",
        "compared=0",
    ],
)  # fmt: skip
def test_a_selection_that_is_none_is_refused(olga: Clicks, query: str) -> None:
    for path in ("/numbers/reviews", "/numbers/reviews.xlsx"):
        assert olga.get(f"{path}?{query}").status_code == 400


@pytest.mark.parametrize("days", ["0", "8", "-1", "9" * 50, "", "семь", "٧"])
def test_a_period_that_nobody_offers_is_the_usual_one(olga: Clicks, days: str) -> None:
    assert told(olga.soup(f"/numbers?days={days}"), ".spans [aria-current]") == ["28 дней"]


@pytest.mark.parametrize("after", ["x", "1", "9" * 400, "-1.-1", "1.1", "%00", "e30"])
def test_a_page_that_nobody_gave_out_is_some_page(olga: Clicks, after: str) -> None:
    assert olga.get(f"/numbers/reviews?after={after}").status_code == 200


@given(
    query=st.dictionaries(
        st.sampled_from(["since", "until", "days", "place", "source", "assignee", "sort", "theme", "after", "person"]),
        st.text(max_size=30) | st.sampled_from(["2026-11-01", "2026-11-01T10:00:00Z", "p0", "", "staff"]),
        max_size=4,
    ),
    path=st.sampled_from([*ROOMS, "/numbers/reviews", "/numbers/chart/theme.svg"]),
)
@settings(deadline=None, max_examples=60)
def test_no_address_makes_a_page_fall(olga: Clicks, query: dict[str, str], path: str) -> None:
    answer = olga.ask("GET", path, params=query)
    assert answer.status_code in (200, 400, 404)


@pytest.mark.parametrize("path",
    [
        "/numbers/chart/nothing.svg", "/numbers/chart/theme.svg", "/numbers/table/nothing.csv", "/numbers/table/places",
        "/numbers/table/places.exe", "/numbers/nothing",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(olga: Clicks, path: str) -> None:
    assert olga.get(path).status_code == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "пришли"),
        ("fate=late&fate=in_time&fate=beforehand", "ответили"),
        ("fate=beforehand", "ответ уже был, когда мы увидели отзыв"),
        ("fate=in_time&fate=beforehand", "ответили вовремя или ответ уже был"),
        ("fate=dropped&fate=needless", "закрыты без ответа, отвечать не нужно: спам, дубль или не о нас"),
        ("of=answered&outcome=backlog", "ответили без срока, на старые отзывы"),
        ("of=answered&timed=customer", "ответили в эти дни · ожидание гостя известно"),
        ("of=settled", "срок ответа решился в эти дни"),
        ("of=settled&outcome=missed&place=p2", "срок вышел без ответа · Пекарня"),
        ("stars=1&source=twogis", "пришли · ★☆☆☆☆ · 2ГИС"),
        ("theme=staff&theme_tone=positive", "пришли · тема «персонал» с похвалой"),
        ("theme=staff&compared=1", "пришли · тема «персонал» · только там, где есть с чем сравнить"),
        ("risk=legal", "пришли · суд или жалоба в надзор"),
        ("person=мастер:Марина&person_tone=negative", "пришли · ругают: Марина, мастер"),
        ("person=администратор:", "пришли · называют: Администратор"),
        ("assignee=", "пришли · никем не взяты"),
        ("assignee=olga", "пришли · занимается Olga"),
    ],
)
def test_the_heading_says_what_was_selected(olga: Clicks, query: str, said: str) -> None:
    (heading,) = told(olga.soup(f"/numbers/reviews?{query}&since=2026-11-01&until=2026-11-21"), "h1")
    words = re.sub(r"^\d+ отзыв(а|ов)? · ", "", heading)
    assert words == f"{said} · 1–21 ноября"
