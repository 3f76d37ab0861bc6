"""The stand-in sites speak as the real ones do: paging, key sets, markup, times."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup, Tag

from monitor.clock import from_iso
from monitor.model import ReplyState
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.reviews import GOOGLE, IRECOMMEND, OTZOVIK, SOURCES, TWOGIS, YANDEX
from monitor.standin.server import StandIn
from monitor.standin.world import World
from tests.fakes import FrozenClock

NOW = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
KEY = STAND_IN_ENV["TWOGIS_KEY"]
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} </script><!-- \x00 \u202e \ud800 & \"'\nвторая строка"
ALL_FIELDS = "meta.providers,meta.branch_rating,meta.branch_reviews_count,meta.total_count,reviews.hiding_reason"


def connect(base_url: str) -> httpx.Client:
    """Loopback speaks no TLS: loading the certificates would take most of a test's time."""
    return httpx.Client(base_url=base_url, verify=False, follow_redirects=False)


@pytest.fixture
def world() -> World:
    return World.sized(NOW, places=2, reviews=1300)


@pytest.fixture
def client(world: World) -> Iterator[httpx.Client]:
    with StandIn(world, clock=FrozenClock(NOW)) as standin, connect(standin.base_url) as client:
        yield client


def bearer(client: httpx.Client) -> dict[str, str]:
    form = {
        "grant_type": "refresh_token",
        "client_id": STAND_IN_ENV["GOOGLE_CLIENT_ID"],
        "client_secret": STAND_IN_ENV["GOOGLE_CLIENT_SECRET"],
        "refresh_token": STAND_IN_ENV["GOOGLE_REFRESH_TOKEN"],
    }
    answer = client.post("/token", data=form).json()
    assert list(answer) == ["access_token", "expires_in", "scope", "token_type"]
    return {"authorization": f"Bearer {answer['access_token']}"}


def state(response: httpx.Response) -> dict[str, Any]:
    script = soup(response).select_one("script.state-view")
    assert script is not None
    value: dict[str, Any] = json.loads(script.text)
    return value


def soup(response: httpx.Response) -> BeautifulSoup:
    return BeautifulSoup(response.text, "lxml")


def one(root: Tag, selector: str) -> Tag:
    found = root.select_one(selector)
    assert found is not None, selector
    return found


# --- reading each site to its end -------------------------------------------------------------


def read_yandex(client: httpx.Client) -> Iterator[str]:
    for page in range(1, 20):
        answer = client.get(f"/maps/org/82071161567/reviews/?page={page}&ranking=by_time")
        results = state(answer)["stack"][0]["results"]["items"][0]["reviewResults"]
        assert len(results["reviews"]) <= 50
        yield from (review["reviewId"] for review in results["reviews"])
        if results["params"]["reviewsRemained"] == 0:
            return


def read_twogis(client: httpx.Client) -> Iterator[str]:
    link = f"/2.0/branches/563478234508453/reviews?key={KEY}&limit=500&fields={ALL_FIELDS}&sort_by=date_created"
    while link:
        answer = client.get(link).json()
        assert len(answer["reviews"]) <= 50
        yield from (review["id"] for review in answer["reviews"])
        link = answer["meta"].get("next_link")


def read_google(client: httpx.Client) -> Iterator[str]:
    headers, token = bearer(client), ""
    while True:
        query = {"pageSize": "99", "pageToken": token, "orderBy": "updateTime desc"}
        answer = client.get("/v4/accounts/1/locations/2/reviews", params=query, headers=headers).json()
        assert len(answer["reviews"]) <= 50
        yield from (review["reviewId"] for review in answer["reviews"])
        token = answer.get("nextPageToken", "")
        if not token:
            return


def read_otzovik(client: httpx.Client) -> Iterator[str]:
    address = "/reviews/primer_kompanii_russia_moscow/?order=date_desc"
    while address:
        page = soup(client.get(address))
        links = page.select('.review-list-chunk [itemprop=review] meta[itemprop="url"]')
        assert len(links) <= 40
        yield from (re.findall(r"review_(\d+)\.html", str(link["content"]))[0] for link in links)
        following = page.select_one("div.pager a.pager-item.next")
        address = str(following["href"]) if following else ""


def read_irecommend(client: httpx.Client) -> Iterator[str]:
    first = soup(client.get("/content/primer-kompanii?new=1"))
    last = int(one(first, "ul.pager li.pager-last").text)
    for page in range(last):
        answer = soup(client.get(f"/content/primer-kompanii?new=1&page={page}"))
        yield from (str(item["data-nid"]) for item in answer.select("ul.list-comments .reviews-list-item"))


READERS: dict[str, Callable[[httpx.Client], Iterator[str]]] = {
    YANDEX: read_yandex,
    TWOGIS: read_twogis,
    GOOGLE: read_google,
    OTZOVIK: read_otzovik,
    IRECOMMEND: read_irecommend,
}


@pytest.mark.parametrize("source", SOURCES)
def test_paging_to_the_end_yields_every_visible_review_once(world: World, client: httpx.Client, source: str) -> None:
    card = world.card(source)
    hidden = world.all_reviews(card)[7]
    world.hide(card, hidden.external_id)
    written = [review.external_id for review in world.all_reviews(card) if not review.hidden]
    read = list(READERS[source](client))
    assert len(read) > 100
    assert sorted(read) == sorted(written)
    world.restore(card, hidden.external_id)
    assert hidden.external_id in READERS[source](client)


@pytest.mark.parametrize("source", SOURCES)
def test_the_newest_review_is_on_the_first_page(world: World, client: httpx.Client, source: str) -> None:
    card = world.card(source)
    added = world.add(card, text="Свежий отзыв.", stars=2, title="Свежий", posted_at=NOW + timedelta(hours=4))
    assert next(READERS[source](client)) == added.external_id


@pytest.mark.parametrize("source", SOURCES)
def test_ids_are_the_same_in_every_run_and_unique(source: str) -> None:
    worlds = (World.sized(NOW, places=2, reviews=400), World.sized(NOW + timedelta(days=3), places=2, reviews=400))
    first, second = ([review.external_id for review in world.all_reviews(world.card(source))] for world in worlds)
    assert first == second
    assert len(set(first)) == len(first)


# --- Яндекс Карты -----------------------------------------------------------------------------


def test_yandex_shows_twelve_pages_and_nothing_after() -> None:
    world = World(NOW)
    for number in range(650):
        world.add(world.card(YANDEX), text=f"Отзыв {number}", stars=4, posted_at=NOW - timedelta(hours=number))
    with StandIn(world, clock=FrozenClock(NOW)) as standin, connect(standin.base_url) as client:
        sizes = []
        for page in (12, 13):
            answer = state(client.get(f"/maps/org/romashka/82071161567/reviews/?page={page}&ranking=by_time"))
            sizes.append(len(answer["stack"][0]["results"]["items"][0]["reviewResults"]["reviews"]))
    assert sizes == [50, 0]


def test_yandex_counts_ratings_without_text_and_does_not_list_them() -> None:
    world = World(NOW)
    card = world.card(YANDEX)
    world.add(card, text="", stars=5)
    world.add(card, text="Спасибо", stars=None, author="")
    with StandIn(world, clock=FrozenClock(NOW)) as standin, connect(standin.base_url) as client:
        item = state(client.get("/maps/org/82071161567/reviews/"))["stack"][0]["results"]["items"][0]
    (review,) = item["reviewResults"]["reviews"]
    assert (item["ratingData"]["ratingCount"], item["ratingData"]["reviewCount"]) == (2, 1)
    assert review["rating"] == 0
    assert "author" not in review
    assert "businessComment" not in review


def test_yandex_redirects_a_merged_card(world: World, client: httpx.Client) -> None:
    world.moved["111"] = "82071161567"
    answer = client.get("/maps/org/111/reviews/?page=2")
    assert answer.status_code == 301
    assert client.get(answer.headers["location"]).status_code == 200


def test_a_normal_yandex_page_mentions_the_word_captcha_as_the_real_one_does(client: httpx.Client) -> None:
    assert "captchapgrd" in client.get("/maps/org/82071161567/reviews/").text


def test_yandex_reviews_have_the_keys_of_the_capture_in_its_order(shared: Path, client: httpx.Client) -> None:
    html = (shared / "captures/yandex_maps/org_reviews_page_composed.html").read_text(encoding="utf-8")
    script = one(BeautifulSoup(html, "lxml"), "script.state-view")
    captured = json.loads(script.text)["stack"][0]["results"]["items"][0]
    served = state(client.get("/maps/org/82071161567/reviews/"))["stack"][0]["results"]["items"][0]
    expected = shapes(captured)
    unanswered = tuple(key for key in captured["reviewResults"]["reviews"][0] if key != "businessComment")
    expected |= {(".reviewResults.reviews[]", unanswered)}
    assert shapes(served) == expected
    times = [review["updatedTime"] for review in served["reviewResults"]["reviews"]]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time) for time in times)


# --- 2ГИС -------------------------------------------------------------------------------------


def test_twogis_wants_the_key(client: httpx.Client) -> None:
    for key in ("", "00000000-0000-0000-0000-000000000001"):
        answer = client.get(f"/2.0/branches/563478234508453/reviews?key={key}")
        assert (answer.status_code, answer.json()["meta"]["code"]) == (403, 403)
    assert client.get(f"/2.0/branches/12345/reviews?key={KEY}").status_code == 400


def test_twogis_gives_only_the_numbers_asked_for(client: httpx.Client) -> None:
    bare = client.get(f"/2.0/branches/563478234508453/reviews?key={KEY}").json()["meta"]
    assert list(bare) == ["code", "next_link"]
    asked = client.get(f"/2.0/branches/563478234508453/reviews?key={KEY}&fields={ALL_FIELDS}").json()["meta"]
    assert sorted(asked) == list(asked)
    assert {"branch_rating", "branch_reviews_count", "total_count"} <= set(asked)
    assert f"key={KEY}" in asked["next_link"]


def test_twogis_offset_date_starts_strictly_after_that_moment(client: httpx.Client) -> None:
    url = f"/2.0/branches/563478234508453/reviews?key={KEY}&limit=10"
    first = client.get(url).json()["reviews"]
    following = client.get(url, params={"key": KEY, "limit": "10", "offset_date": first[-1]["date_created"]}).json()
    assert [r["id"] for r in following["reviews"]] == [
        r["id"] for r in client.get(url + "&offset=10").json()["reviews"]
    ]


def test_twogis_rated_filter_splits_the_reviews(client: httpx.Client) -> None:
    url = f"/2.0/branches/563478234508453/reviews?key={KEY}&fields=meta.total_count&limit=1"
    totals = [client.get(url + rated).json()["meta"]["total_count"] for rated in ("", "&rated=true", "&rated=false")]
    assert totals[0] == totals[1] + totals[2]
    assert totals[2] > 0


def test_twogis_reviews_have_the_keys_of_the_captures_in_their_order(shared: Path, client: httpx.Client) -> None:
    captured = json.loads((shared / "captures/twogis/branch_reviews_objects.json").read_text(encoding="utf-8"))
    expected = {shape for shape in shapes(captured) if "photos[]" not in shape[0]}
    reviews = client.get(f"/2.0/branches/563478234508453/reviews?key={KEY}&limit=50").json()["reviews"]
    assert shapes({"reviews": reviews}) == expected
    assert {review["provider"] for review in reviews} == {"2gis", "flamp"}
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}\+07:00"
    assert all(re.fullmatch(pattern, review["date_created"]) for review in reviews)


def test_twogis_dates_are_the_moment_of_the_review() -> None:
    world = World(NOW)
    world.add(world.card(TWOGIS), text="", stars=5, posted_at=NOW)
    with StandIn(world, clock=FrozenClock(NOW)) as standin:
        answer = httpx.get(f"{standin.base_url}/2.0/branches/563478234508453/reviews?key={KEY}")
    assert from_iso(answer.json()["reviews"][0]["date_created"]) == NOW
    assert "next_link" not in answer.json()["meta"]


# --- Google -----------------------------------------------------------------------------------


def test_google_refuses_a_revoked_refresh_token(world: World, client: httpx.Client) -> None:
    world.credentials["GOOGLE_REFRESH_TOKEN"] = "another"
    form = {
        "grant_type": "refresh_token",
        "client_id": STAND_IN_ENV["GOOGLE_CLIENT_ID"],
        "client_secret": STAND_IN_ENV["GOOGLE_CLIENT_SECRET"],
        "refresh_token": STAND_IN_ENV["GOOGLE_REFRESH_TOKEN"],
    }
    answer = client.post("/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_google_error_bodies_are_those_of_the_captures(shared: Path, client: httpx.Client) -> None:
    cases = json.loads((shared / "captures/google_business/error_bodies.json").read_text(encoding="utf-8"))["cases"]
    expected = {case["name"]: case["body"]["error"] for case in cases}
    refused = client.get("/v4/accounts/1/locations/2/reviews", headers={"authorization": "Bearer nobody"})
    missing = client.get("/v4/accounts/1/locations/999/reviews", headers=bearer(client))
    assert refused.json()["error"] == expected["invalid_credentials"]
    assert missing.json()["error"] == expected["not_found"]


def test_google_reviews_have_the_keys_of_the_capture_in_its_order(shared: Path, client: httpx.Client) -> None:
    captured = json.loads((shared / "captures/google_business/gbp_review_get_2021.json").read_text(encoding="utf-8"))
    unanswered = tuple(key for key in captured if key != "reviewReply")
    headers = bearer(client)
    answer = client.get("/v4/accounts/1/locations/2/reviews", headers=headers).json()
    assert list(answer) == ["reviews", "averageRating", "totalReviewCount", "nextPageToken"]
    for review in answer["reviews"]:
        expected = shapes(captured) if "reviewReply" in review else {("", unanswered), (".reviewer", REVIEWER)}
        assert shapes(review) == expected
        assert client.get(f"/v4/{review['name']}", headers=headers).json() == review


REVIEWER = ("profilePhotoUrl", "displayName")


def test_google_leaves_out_what_is_not_there() -> None:
    world = World(NOW)
    card = world.card(GOOGLE)
    with StandIn(world, clock=FrozenClock(NOW)) as standin, connect(standin.base_url) as client:
        headers = bearer(client)
        assert client.get("/v4/accounts/1/locations/2/reviews", headers=headers).json() == {}
        world.add(card, text="", stars=4, author="", posted_at=NOW)
        world.add(card, text="Вкусно", stars=None, translation="Tasty", posted_at=NOW - timedelta(days=1))
        rated, worded = client.get("/v4/accounts/1/locations/2/reviews", headers=headers).json()["reviews"]
    assert "comment" not in rated
    assert rated["reviewer"]["isAnonymous"] is True
    assert rated["createTime"] == "2026-11-21T16:00:00Z"
    assert worded["comment"] == "(Translated by Google) Tasty\n\n(Original)\nВкусно"
    assert worded["starRating"] == "STAR_RATING_UNSPECIFIED"


def test_google_takes_replaces_moderates_and_deletes_a_reply(world: World) -> None:
    clock = FrozenClock(NOW)
    card = world.card(GOOGLE)
    review = world.add(card, text="Долго ждали", stars=2)
    path = f"/v4/accounts/1/locations/2/reviews/{review.external_id}"
    with StandIn(world, clock=clock) as standin, connect(standin.base_url) as client:
        client.headers.update(bearer(client))
        first = client.put(path + "/reply", json={"comment": "Спасибо!"}).json()
        assert first == {"comment": "Спасибо!", "updateTime": "2026-11-21T16:00:00Z", "reviewReplyState": "PENDING"}
        clock.advance(timedelta(minutes=5))
        again = client.put(path + "/reply", json={"comment": "Спасибо!"}).json()
        assert again == first | {"reviewReplyState": "APPROVED"}
        replaced = client.put(path + "/reply", json={"comment": "Простите нас."}).json()
        assert client.get(path).json()["reviewReply"] == replaced
        world.reply(card, review.external_id, "Звоните 8-800", state=ReplyState.REJECTED)
        assert client.get(path).json()["reviewReply"]["reviewReplyState"] == "REJECTED"
        assert client.put(path + "/reply", json={"comment": "ж" * 2049}).status_code == 400
        assert client.delete(path + "/reply").status_code == 200
        assert "reviewReply" not in client.get(path).json()


def test_a_google_page_token_is_good_for_its_own_list_only(client: httpx.Client) -> None:
    headers = bearer(client)
    token = client.get("/v4/accounts/1/locations/2/reviews", headers=headers).json()["nextPageToken"]
    other = client.get("/v4/accounts/1/locations/3/reviews", params={"pageToken": token}, headers=headers)
    assert other.status_code == 400


# --- Otzovik ----------------------------------------------------------------------------------

OTZOVIK_LIST = "/reviews/primer_kompanii_russia_moscow/?order=date_desc"


@pytest.fixture
def small() -> World:
    """One long answered review on each HTML site, then a short one without stars."""
    world = World(NOW)
    long = "Пришли вечером вдвоём. " * 30
    for source in (OTZOVIK, IRECOMMEND):
        card = world.card(source)
        at = datetime(2026, 5, 18, 21, 30, 4, tzinfo=UTC)
        review = world.add(
            card, text=long, stars=2, author="Вера Л", title="Долго ждал", pros="место\nвид", cons="шум", posted_at=at
        )
        world.reply(card, review.external_id, "Вера, простите.\nРазберёмся.", at + timedelta(days=1))
        world.add(card, text=HOSTILE, stars=None, author="<b>Кто</b>", title="<i>Что</i>", posted_at=NOW)
    return world


@pytest.fixture
def pages(small: World) -> Iterator[httpx.Client]:
    with StandIn(small, clock=FrozenClock(NOW)) as standin, connect(standin.base_url) as client:
        yield client


def test_otzovik_list_selectors_find_what_they_should(pages: httpx.Client) -> None:
    page = soup(pages.get(OTZOVIK_LIST))
    item = page.select("div.review-list-chunk > div.item[itemprop=review]")[1]
    assert one(item, "a.review-title[itemprop=name]").text == "Долго ждал"
    date = one(item, "div.review-postdate[itemprop=datePublished]")
    assert date["content"] == "2026-05-19T00:30:04+03:00"
    assert date.text == "19 мая 2026"
    assert one(item, "meta[itemprop=ratingValue]")["content"] == "2"
    assert one(item, "div.rating-score.tooltip-right span").text == "2"
    assert one(item, ".item-left [itemprop=name]").text == "Вера Л"
    assert str(one(item, "a.user-login")["href"]).startswith("/profile/")
    assert one(item, "div.review-plus").text == "место, вид"
    assert one(item, "div.review-minus").text == "шум"
    teaser = one(item, "div.review-teaser[itemprop=description]").text
    assert teaser.endswith("...")
    assert 150 < len(teaser) <= 287
    assert int(one(item, "[itemprop=commentCount]").text) >= 1
    assert one(page, ".reviews-counter .votes").text == "2"
    assert one(page, "h1.product-name [itemprop=name]").text == "«Ромашка» на Ленина"
    assert page.select_one("div.pager") is None


def test_otzovik_review_page_selectors_find_what_they_should(small: World, pages: httpx.Client) -> None:
    review = small.all_reviews(small.card(OTZOVIK))[0]
    page = soup(pages.get(f"/review_{review.external_id}.html"))
    root = one(page, "div.review-contents[itemprop=review]")
    assert root["data-rid"] == review.external_id
    assert str(one(page, "link[rel=canonical]")["href"]).endswith(f"/review_{review.external_id}.html")
    assert one(root, "[itemprop=datePublished]")["content"] == "2026-05-19T00:30:04+03:00"
    body = one(root, "div.review-body.description[itemprop=description]")
    for scenery in body.select("script, .otz_panel_inpage"):
        scenery.decompose()
    assert body.text == review.text
    official = [
        comment
        for comment in page.select("#comments-container div.comment-thread > div.comment > div.comment-right")
        if comment.select_one("span.product-official")
    ]
    (comment,) = official
    assert one(comment, "div.comment-body").get_text("\n") == "Вера, простите.\nРазберёмся."
    assert review.posted_at.timestamp() + 86_400 == int(str(one(comment, "div.comment-postdate.ts")["data-ts"]))


def test_otzovik_does_not_list_by_date_unless_asked(client: httpx.Client) -> None:
    dates = []
    for query in ("", "?order=date_desc"):
        page = soup(client.get("/reviews/primer_kompanii_russia_moscow/" + query))
        dates.append([str(item["content"]) for item in page.select(".review-list-chunk .review-postdate")])
    assert dates[1] == sorted(dates[1], reverse=True)
    assert dates[0] != sorted(dates[0], reverse=True)


def test_otzovik_ratio_filters_by_stars(client: httpx.Client) -> None:
    page = soup(client.get("/reviews/primer_kompanii_russia_moscow/?order=date_desc&ratio=1"))
    assert {item["content"] for item in page.select(".review-list-chunk meta[itemprop=ratingValue]")} == {"1"}


# --- iRecommend -------------------------------------------------------------------------------


def test_irecommend_list_selectors_find_what_they_should(pages: httpx.Client) -> None:
    page = soup(pages.get("/content/primer-kompanii?new=1"))
    header = one(page, "div.site-product-header-content-wrapper")
    product = str(header["id"]).removeprefix("product-")
    assert one(page, f"#product-ttl-{product}").text == "«Ромашка» на Ленина"
    assert one(page, "span.total-votes span").text == "2"
    items = page.select(".view-referenced-nodes ul.list-comments .smTeaser.plate.reviews-list-item.teaser-item")
    item = items[1]
    assert item["data-product-id"] == product
    assert one(item, "a.reviewTextSnippet")["href"] == "/content/dolgo-zhdal"
    assert one(item, ".reviewTitle").text == "Долго ждал"
    assert one(item, "span.reviewTeaserText").text.endswith("...")
    assert one(item, ".authorName a").text == "Вера Л"
    assert one(item, ".created span.date-created").text == "19.05.2026"
    assert one(item, ".created span.time-created").text == "00:30"
    assert len(item.select(".starsRating div.on")) == 2
    assert len(items[0].select(".starsRating div.on")) == 0
    assert page.select_one("ul.pager") is None
    assert page.select(".seealso-block-content .smTeaser")


def test_irecommend_shows_old_reviews_with_a_plain_date(small: World, pages: httpx.Client) -> None:
    small.add(small.card(IRECOMMEND), text="Давно", stars=5, title="Долго ждал", posted_at=NOW - timedelta(days=900))
    item = soup(pages.get("/content/primer-kompanii?new=1")).select(".reviews-list-item")[-1]
    assert re.fullmatch(r"\d\d\.\d\d\.\d{4}", one(item, ".created").text)
    assert one(item, ".created").find("span") is None
    assert one(item, "a.reviewTextSnippet")["href"] == "/content/dolgo-zhdal-0"


def test_irecommend_review_page_selectors_find_what_they_should(small: World, pages: httpx.Client) -> None:
    review = small.all_reviews(small.card(IRECOMMEND))[0]
    answer = pages.get("/content/dolgo-zhdal")
    page = soup(answer)
    settings = re.search(r"Drupal\.settings = (\{.*?\});", answer.text)
    assert settings is not None
    assert json.loads(settings[1])["site"] == {"nid": int(review.external_id), "type": "review"}
    block = one(page, "div.review-node > div.reviewBlock")
    assert one(block, "h2.reviewTitle a.review-summary")["href"] == one(page, "link[rel=canonical]")["href"]
    assert one(block, "meta[itemprop=datePublished]")["content"] == "2026-05-19T00:30:04+03:00"
    assert one(block, "meta[itemprop=ratingValue]")["content"] == "2"
    assert one(block, "strong.reviewer a").text == "Вера Л"
    body = one(block, "div.description.hasinlineimage[itemprop=reviewBody]")
    one(body, "noscript").decompose()
    assert body.text == review.text
    assert [item.text for item in block.select("div.ratio div.plus li")] == ["место", "вид"]
    assert one(block, "div.conclusion span.verdict").text == "не рекомендует"


# --- all --------------------------------------------------------------------------------------


def test_hostile_texts_stay_text(small: World, pages: httpx.Client) -> None:
    for source in (YANDEX, TWOGIS, GOOGLE):
        small.add(small.card(source), text=HOSTILE, stars=1, author="</script><b>")
    yandex = pages.get("/maps/org/82071161567/reviews/")
    item = state(yandex)["stack"][0]["results"]["items"][0]
    assert item["reviewResults"]["reviews"][0]["text"] == HOSTILE
    twogis = pages.get(f"/2.0/branches/563478234508453/reviews?key={KEY}").json()
    assert twogis["reviews"][0]["text"] == HOSTILE
    google = pages.get("/v4/accounts/1/locations/2/reviews", headers=bearer(pages)).json()
    assert google["reviews"][0]["comment"] == HOSTILE
    slug = small.all_reviews(small.card(IRECOMMEND))[1].slug
    addresses = (OTZOVIK_LIST, "/content/primer-kompanii?new=1", f"/content/{slug}")
    for page in (yandex, *map(pages.get, addresses)):
        assert not [script for script in soup(page).find_all("script") if script.text.startswith("alert")]
        assert soup(page).find("b", string="Кто") is None


@pytest.mark.parametrize(
    "path",
    [
        "/maps/org/82071161567/reviews/",
        "/reviews/primer_kompanii_russia_moscow/",
        "/content/primer-kompanii",
        f"/2.0/branches/563478234508453/reviews?key={KEY}&fields={ALL_FIELDS}",
    ],
)
def test_a_card_without_reviews_is_a_good_page(path: str) -> None:
    with StandIn(World(NOW), clock=FrozenClock(NOW)) as standin:
        answer = httpx.get(standin.base_url + path)
    assert answer.status_code == 200
    assert len(answer.content) > 40


def shapes(value: Any, path: str = "") -> set[tuple[str, tuple[str, ...]]]:
    """Every object in `value` as its path and its keys in order; empty objects tell nothing."""
    if isinstance(value, dict):
        inner = {shape for key, item in value.items() for shape in shapes(item, f"{path}.{key}")}
        return inner | ({(path, tuple(value))} if value else set())
    if isinstance(value, list):
        return {shape for item in value for shape in shapes(item, path + "[]")}
    return set()
