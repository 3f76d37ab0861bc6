"""The stand-in on bad days, under change, and as a server."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bs4 import BeautifulSoup

from monitor.errors import NotFound
from monitor.model import ReplyState
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.reviews import GOOGLE, IRECOMMEND, OTZOVIK, SOURCES, TWOGIS, YANDEX, age
from monitor.standin.server import StandIn
from monitor.standin.sites import RETRY_AFTER
from monitor.standin.world import LENINA, Trouble, What, World
from tests.fakes import FrozenClock

NOW = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
KEY = STAND_IN_ENV["TWOGIS_KEY"]
LISTS = {
    YANDEX: "/maps/org/82071161567/reviews/?ranking=by_time",
    TWOGIS: f"/2.0/branches/563478234508453/reviews?key={KEY}",
    GOOGLE: "/v4/accounts/1/locations/2/reviews",
    OTZOVIK: "/reviews/primer_kompanii_russia_moscow/?order=date_desc",
    IRECOMMEND: "/content/primer-kompanii?new=1",
}
JSON_SITES = (TWOGIS, GOOGLE)


def connect(base_url: str) -> httpx.Client:
    """Loopback speaks no TLS: loading the certificates would take most of a test's time."""
    return httpx.Client(base_url=base_url, verify=False, follow_redirects=True)


@pytest.fixture
def world() -> World:
    """Forty characters of text on each site, which every list page shows whole."""
    world = World(NOW)
    for card in world.cards():
        world.add(
            card, text=f"Первый отзыв на {card.source}", stars=2, title="Первый", posted_at=NOW - timedelta(days=1)
        )
    return world


@pytest.fixture
def standin(world: World) -> Iterator[StandIn]:
    with StandIn(world, clock=FrozenClock(NOW)) as standin:
        yield standin


@pytest.fixture
def client(standin: StandIn, world: World) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {world.issue_token()}"}
    with connect(standin.base_url) as client:
        client.headers.update(headers)
        yield client


# --- bad days ---------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (Trouble.RATE_LIMITED, 429),
        (Trouble.RATE_LIMITED_BARE, 429),
        (Trouble.FORBIDDEN, 403),
        (Trouble.SERVER_ERROR, 500),
        (Trouble.GONE, 404),
    ],
)
def test_a_failing_site_says_so(world: World, client: httpx.Client, source: str, trouble: Trouble, status: int) -> None:
    world.trouble[source] = trouble
    answer = client.get(LISTS[source])
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == (str(RETRY_AFTER) if trouble is Trouble.RATE_LIMITED else None)
    assert f"Первый отзыв на {source}" not in answer.text
    if source in JSON_SITES:
        body = answer.json()
        assert status in (body.get("error", {}).get("code"), body.get("meta", {}).get("code"))


@pytest.mark.parametrize(
    ("source", "status", "sign"),
    [
        (YANDEX, 200, "Ой, Капча!"),
        (OTZOVIK, 507, "action_capcha_ban"),
        (IRECOMMEND, 521, "audio.js"),
        (TWOGIS, 403, "Access denied"),
        (GOOGLE, 403, "unusual traffic"),
    ],
)
def test_a_captcha_comes_in_place_of_the_page(
    world: World, client: httpx.Client, source: str, status: int, sign: str
) -> None:
    world.trouble[source] = Trouble.CAPTCHA
    answer = client.get(LISTS[source])
    assert (answer.status_code, sign in answer.text) == (status, True)
    world.trouble[source] = Trouble.CAPTCHA_200
    answer = client.get(LISTS[source])
    assert (answer.status_code, sign in answer.text) == (200, True)
    assert f"Первый отзыв на {source}" not in answer.text


def test_the_yandex_captcha_redirects_with_the_telling_header(world: World, client: httpx.Client) -> None:
    world.trouble[YANDEX] = Trouble.CAPTCHA
    answer = client.get(LISTS[YANDEX])
    (redirect,) = answer.history
    assert redirect.status_code == 302
    assert answer.url.path == "/showcaptcha"
    assert {"retpath", "t", "u", "s"} <= set(answer.url.params)
    assert redirect.headers["x-yandex-captcha"] == answer.headers["x-yandex-captcha"] == "captcha"


@pytest.mark.parametrize("source", SOURCES)
def test_an_empty_answer_is_a_good_status_without_a_body(world: World, client: httpx.Client, source: str) -> None:
    world.trouble[source] = Trouble.EMPTY
    answer = client.get(LISTS[source])
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("source", SOURCES)
def test_a_truncated_answer_is_half_a_page_honestly_declared(world: World, client: httpx.Client, source: str) -> None:
    whole = client.get(LISTS[source], headers={"accept-encoding": "identity"}).content
    world.trouble[source] = Trouble.TRUNCATED
    answer = client.get(LISTS[source], headers={"accept-encoding": "identity"})
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content) == len(whole) // 2


@pytest.mark.parametrize(
    ("source", "sign"),
    [
        (YANDEX, '"reviewResults"'),
        (TWOGIS, '"reviews":'),
        (GOOGLE, '"reviews":'),
        (OTZOVIK, "review-list-chunk"),
        (IRECOMMEND, "smTeaser"),
    ],
)
def test_changed_markup_keeps_the_words_and_loses_the_names(
    world: World, client: httpx.Client, source: str, sign: str
) -> None:
    assert sign in client.get(LISTS[source]).text
    world.trouble[source] = Trouble.CHANGED_MARKUP
    answer = client.get(LISTS[source])
    assert answer.status_code == 200
    assert f"Первый отзыв на {source}" in answer.text
    assert sign not in answer.text


def test_changed_markup_reaches_the_review_pages(world: World, client: httpx.Client) -> None:
    otzovik = world.all_reviews(world.card(OTZOVIK))[0].external_id
    for source, path, sign in (
        (OTZOVIK, f"/review_{otzovik}.html", "review-contents"),
        (IRECOMMEND, "/content/pervyi", "reviewBlock"),
    ):
        assert sign in client.get(path).text
        world.trouble[source] = Trouble.CHANGED_MARKUP
        assert sign not in client.get(path).text


def test_googles_tokens_expire_once(world: World, client: httpx.Client) -> None:
    world.trouble[GOOGLE] = Trouble.UNAUTHORISED
    assert client.get(LISTS[GOOGLE]).status_code == 401
    client.headers["authorization"] = f"Bearer {world.issue_token()}"
    assert client.get(LISTS[GOOGLE]).status_code == 200
    assert world.trouble == {}


def test_a_refused_key_stays_refused(world: World, client: httpx.Client) -> None:
    world.trouble[TWOGIS] = Trouble.UNAUTHORISED
    assert [client.get(LISTS[TWOGIS]).status_code for _ in range(2)] == [403, 403]


def test_a_slow_site_answers_late_and_lets_the_stand_in_stop(world: World) -> None:
    world.trouble[OTZOVIK] = Trouble.SLOW
    with StandIn(world, clock=FrozenClock(NOW)) as standin, pytest.raises(httpx.ReadTimeout):
        httpx.get(standin.base_url + LISTS[OTZOVIK], timeout=0.2)
    world.slow = timedelta(milliseconds=1)
    with StandIn(world, clock=FrozenClock(NOW)) as standin:
        assert "Первый отзыв" in httpx.get(standin.base_url + LISTS[OTZOVIK]).text


def test_one_sites_trouble_leaves_the_others_alone(world: World, client: httpx.Client) -> None:
    world.trouble[YANDEX] = Trouble.SERVER_ERROR
    statuses = {source: client.get(path).status_code for source, path in LISTS.items()}
    assert statuses == dict.fromkeys(SOURCES, 200) | {YANDEX: 500}


# --- changes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_an_edit_shows_and_a_hidden_review_does_not(world: World, client: httpx.Client, source: str) -> None:
    card = world.card(source)
    review = world.all_reviews(card)[0]
    world.edit(card, review.external_id, text="Совсем другое", stars=5)
    shown = client.get(LISTS[source]).text
    assert "Совсем другое" in shown
    assert "Первый отзыв" not in shown
    world.hide(card, review.external_id)
    assert "Совсем другое" not in client.get(LISTS[source]).text
    world.restore(card, review.external_id)
    assert "Совсем другое" in client.get(LISTS[source]).text


@pytest.mark.parametrize("source", [YANDEX, TWOGIS, GOOGLE])
def test_a_reply_appears_and_goes(world: World, client: httpx.Client, source: str) -> None:
    card = world.card(source)
    review = world.all_reviews(card)[0]
    world.reply(card, review.external_id, "Спасибо, исправимся", NOW)
    assert "Спасибо, исправимся" in client.get(LISTS[source]).text
    world.remove_reply(card, review.external_id)
    assert "Спасибо, исправимся" not in client.get(LISTS[source]).text


def test_on_otzovik_the_reply_is_on_the_reviews_page(world: World, client: httpx.Client) -> None:
    card = world.card(OTZOVIK)
    review = world.all_reviews(card)[0]
    path = f"/review_{review.external_id}.html"

    def remarks() -> int:
        count = BeautifulSoup(client.get(LISTS[OTZOVIK]).text, "lxml").select_one("[itemprop=commentCount]")
        assert count is not None
        return int(count.text)

    before = remarks()
    world.reply(card, review.external_id, "Спасибо, исправимся", NOW)
    assert "Спасибо, исправимся" in client.get(path).text
    assert remarks() == before + 1
    world.hide(card, review.external_id)
    assert client.get(path).status_code == 404


def test_a_reply_that_waits_for_a_moderator_is_seen_by_google_only(world: World, client: httpx.Client) -> None:
    for source in (YANDEX, TWOGIS, GOOGLE):
        card = world.card(source)
        world.reply(card, world.all_reviews(card)[0].external_id, "Ждём проверки", NOW, ReplyState.PENDING)
    assert "Ждём проверки" not in client.get(LISTS[YANDEX]).text
    assert "Ждём проверки" not in client.get(LISTS[TWOGIS]).text
    assert '"PENDING"' in client.get(LISTS[GOOGLE]).text


@pytest.mark.parametrize("source", [YANDEX, TWOGIS])
def test_a_pinned_review_stands_first_however_old_it_is(world: World, client: httpx.Client, source: str) -> None:
    card = world.card(source)
    old = world.add(card, text="Старый отзыв", stars=5, posted_at=NOW - timedelta(days=400))

    def first_of_two() -> str:
        shown = client.get(LISTS[source]).text
        return min(("Старый отзыв", "Первый отзыв"), key=shown.index)

    assert first_of_two() == "Первый отзыв"
    world.pin(card, old.external_id)
    assert first_of_two() == "Старый отзыв"
    world.pin(card, old.external_id, pinned=False)
    assert first_of_two() == "Первый отзыв"


def test_a_pinned_review_does_not_disturb_paging_by_date(world: World, client: httpx.Client) -> None:
    card = world.card(TWOGIS)
    old = world.add(card, text="Старый отзыв", stars=5, posted_at=NOW - timedelta(days=400))
    world.pin(card, old.external_id)
    moment = (NOW - timedelta(hours=1)).isoformat()
    following = client.get(LISTS[TWOGIS], params={"offset_date": moment, "key": KEY}).json()
    assert [review["text"] for review in following["reviews"]] == ["Первый отзыв на twogis"]


def test_yandex_lists_a_moved_review_as_if_it_were_older(world: World, client: httpx.Client) -> None:
    card = world.card(YANDEX)
    moved = world.add(card, text="Вчерашний", stars=5, posted_at=NOW - timedelta(days=1) + timedelta(hours=9))
    shown = client.get(LISTS[YANDEX]).text
    assert shown.index("Вчерашний") < shown.index("Первый отзыв")
    world.move(card, moved.external_id, timedelta(days=2))
    shown = client.get(LISTS[YANDEX]).text
    assert shown.index("Вчерашний") > shown.index("Первый отзыв")


@pytest.mark.parametrize("source", [YANDEX, TWOGIS, GOOGLE])
def test_a_withheld_reply_is_there_and_not_shown(world: World, client: httpx.Client, source: str) -> None:
    card = world.card(source)
    review = world.all_reviews(card)[0].external_id
    world.reply(card, review, "Спасибо, исправимся", NOW)
    world.withhold_reply(card, review)
    assert "Спасибо, исправимся" not in client.get(LISTS[source]).text
    world.withhold_reply(card, review, withheld=False)
    assert "Спасибо, исправимся" in client.get(LISTS[source]).text


def test_saving_again_moves_the_time_of_the_last_change_and_nothing_else(world: World, client: httpx.Client) -> None:
    card = world.card(GOOGLE)
    review = world.all_reviews(card)[0]
    before = client.get(LISTS[GOOGLE]).json()["reviews"][0]
    world.touch(card, review.external_id, NOW)
    after = client.get(LISTS[GOOGLE]).json()["reviews"][0]
    assert after == before | {"updateTime": "2026-11-21T16:00:00Z"} != before


def test_yandex_may_declare_ratings_that_it_does_not_list(world: World, client: httpx.Client) -> None:
    card = world.card(YANDEX)
    world.add(card, text="", stars=4)
    assert '"count": 1,' in client.get(LISTS[YANDEX]).text
    world.counts_ratings = True
    assert '"count": 2,' in client.get(LISTS[YANDEX]).text


def test_the_world_remembers_everything_that_happened(world: World) -> None:
    card = world.card(YANDEX)
    review = world.all_reviews(card)[0]
    begun = len(world.log)
    later = NOW + timedelta(hours=1)
    world.edit(card, review.external_id, text="Иное", at=later)
    world.reply(card, review.external_id, "Спасибо", later)
    world.withhold_reply(card, review.external_id, at=later)
    world.withhold_reply(card, review.external_id, withheld=False, at=later)
    world.remove_reply(card, review.external_id, later)
    world.like(card, review.external_id, 7, later)
    world.hide(card, review.external_id, later)
    world.restore(card, review.external_id, later)
    world.afflict(YANDEX, Trouble.EMPTY, later)
    world.afflict(YANDEX, None, later)
    told = world.log[begun:]
    assert [entry.what for entry in told] == [
        *(What.EDITED, What.REPLIED, What.REPLY_WITHHELD, What.REPLY_BACK, What.REPLY_REMOVED, What.LIKED),
        *(What.HIDDEN, What.RESTORED, What.TROUBLE, What.TROUBLE),
    ]
    assert {entry.at for entry in told} == {later}
    assert told[0].old == review
    assert told[0].new is not None
    assert told[0].new.text == "Иное"
    assert [entry.trouble for entry in told[-2:]] == [Trouble.EMPTY, None]


def test_an_unknown_review_or_card_is_named(world: World) -> None:
    with pytest.raises(NotFound, match="no review 5 on otzovik"):
        world.hide(world.card(OTZOVIK), "5")
    with pytest.raises(NotFound, match="no card 5 on twogis"):
        world.card(TWOGIS, "5")


# --- worlds -----------------------------------------------------------------------------------


def test_the_demo_world_holds_the_cards_of_the_example_config_and_nothing_from_the_future() -> None:
    world = World.demo(NOW)
    assert world.cards() == LENINA
    listings = [card.listing for card in world.cards()]
    assert {"source": GOOGLE, "account": "1", "location": "2"} in listings
    assert {"source": TWOGIS, "id": "563478234508453"} in listings
    for card in world.cards():
        reviews = world.all_reviews(card)
        assert reviews
        assert all(review.posted_at <= NOW for review in reviews)
        assert all(review.reply.at <= NOW for review in reviews if review.reply and review.reply.at)


def test_a_sized_world_deals_different_reviews_to_every_card() -> None:
    world = World.sized(NOW, places=3, reviews=600)
    cards = world.cards()
    assert len(cards) == 15
    assert cards[:5] == LENINA
    assert len({card.place for card in cards}) == 3
    reviews = [review for card in cards for review in world.all_reviews(card)]
    assert [len(world.all_reviews(card)) for card in cards] == [40] * 15
    assert len({review.text for review in reviews}) == 600
    assert max(review.posted_at for review in reviews) <= NOW
    other = World.sized(NOW, places=3, reviews=600, seed=1)
    assert {review.text for review in other.all_reviews(cards[0])}.isdisjoint({review.text for review in reviews})


def test_ages_are_read_strictly() -> None:
    assert age("40m") == timedelta(minutes=40)
    assert age("5mo") == timedelta(days=150)
    for wrong in ("", "5", "m", "-1d", "1.5h", "2 d", "5months"):
        with pytest.raises(ValueError, match="is no age"):
            age(wrong)


def test_changes_from_many_threads_lose_nothing(world: World, client: httpx.Client) -> None:
    card = world.card(TWOGIS)
    threads = [
        threading.Thread(target=lambda: [world.add(card, text="Ещё", stars=5) for _ in range(50)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert client.get(LISTS[TWOGIS]).status_code == 200
    for thread in threads:
        thread.join()
    assert world.figures(card).count == 201


# --- the server -------------------------------------------------------------------------------


def test_robots_allow_everything_unless_told_otherwise(world: World, client: httpx.Client) -> None:
    assert "Allow: /" in client.get("/robots.txt").text
    world.robots = "User-agent: *\nDisallow: /maps/\n"
    assert "Disallow: /maps/" in client.get("/robots.txt").text


def test_a_taken_port_is_replaced_by_a_free_one(world: World, standin: StandIn) -> None:
    with StandIn(world, port=standin.port) as second:
        assert second.port != standin.port
        assert httpx.get(second.base_url + "/robots.txt").status_code == 200


def test_requests_are_counted_by_path_and_logged_without_the_key(standin: StandIn, client: httpx.Client) -> None:
    client.get(LISTS[TWOGIS])
    client.get(LISTS[TWOGIS] + "&offset=1")
    client.get("/nowhere")
    assert standin.requests == {"/2.0/branches/563478234508453/reviews": 2, "/nowhere": 1}
    log = client.get("/standin/log").json()
    assert [entry["status"] for entry in log] == [200, 200, 404]
    assert log[1]["query"] == {"key": "…", "offset": "1"}
    assert KEY not in json.dumps(log)


def test_one_connection_serves_many_requests(standin: StandIn) -> None:
    with connect(standin.base_url) as client:
        streams = {id(client.get("/robots.txt").extensions["network_stream"]) for _ in range(5)}
    assert len(streams) == 1


def test_large_pages_are_packed_for_those_who_can_unpack(standin: StandIn) -> None:
    packed = httpx.get(standin.base_url + LISTS[OTZOVIK])
    plain = httpx.get(standin.base_url + LISTS[OTZOVIK], headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text


def test_a_broken_request_does_not_stop_the_server(standin: StandIn) -> None:
    for garbage in (b"\x00\xff\r\n\r\n", b"GET /x HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"GET"):
        with socket.create_connection(("127.0.0.1", standin.port)) as connection:
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1000)
    assert httpx.get(standin.base_url + "/robots.txt").status_code == 200


def test_stopping_ends_open_connections(world: World) -> None:
    standin = StandIn(world).start()
    with connect(standin.base_url) as client:
        client.get("/robots.txt")
        standin.stop()
        with pytest.raises(httpx.TransportError):
            client.get("/robots.txt")


# --- control ----------------------------------------------------------------------------------


def test_the_control_surface_changes_the_world(world: World, client: httpx.Client) -> None:
    added = client.post("/standin/add", json={"source": YANDEX, "text": "Новый", "stars": 1, "author": "Ия"}).json()
    target = {"source": YANDEX, "card": "82071161567", "review": added["review"]}
    assert client.post("/standin/edit", json=target | {"text": "Иной", "stars": None}).json()["text"] == "Иной"
    reply = client.post("/standin/reply", json=target | {"text": "Спасибо", "at": "2026-11-21T15:00:00Z"}).json()[
        "reply"
    ]
    assert reply == {"text": "Спасибо", "at": "2026-11-21T15:00:00.000000Z", "state": "published"}
    assert client.post("/standin/remove-reply", json=target).json()["reply"] is None
    assert client.post("/standin/hide", json=target).json()["hidden"] is True
    assert client.post("/standin/restore", json=target).json()["hidden"] is False
    shown = client.get("/standin/reviews", params={"source": YANDEX}).json()
    assert [(review["text"], review["stars"], review["author"]) for review in shown][-1] == ("Иной", None, "Ия")
    assert client.post("/standin/pin", json=target).json()["pinned"] is True
    assert client.post("/standin/unpin", json=target).json()["pinned"] is False
    assert client.post("/standin/like", json=target | {"likes": 3}).json()["likes"] == 3
    assert client.post("/standin/touch", json=target).json()["edited_at"] == "2026-11-21T16:00:00.000000Z"
    client.post("/standin/withhold", json=target)
    assert world.review(world.card(YANDEX), added["review"]).reply_withheld
    client.post("/standin/show", json=target)
    assert not world.review(world.card(YANDEX), added["review"]).reply_withheld
    happened = client.get("/standin/happened").json()
    assert [entry["what"] for entry in happened if entry["review"] == added["review"]][:4] == [
        *("added", "edited", "replied", "reply_removed"),
    ]
    client.post("/standin/trouble", json={"source": YANDEX, "trouble": "empty"})
    assert world.trouble == {YANDEX: Trouble.EMPTY}
    client.post("/standin/trouble", json={"source": YANDEX, "trouble": None})
    assert world.trouble == {}
    assert len(client.get("/standin/cards").json()) == 5


@pytest.mark.parametrize(
    ("action", "values", "status", "part"),
    [
        ("trouble", {"source": "avito", "trouble": None}, 400, "source must be one of"),
        ("trouble", {"source": YANDEX, "trouble": "rain"}, 400, "trouble must be null or one of"),
        ("edit", {"source": YANDEX, "review": "nobody"}, 404, "no review nobody"),
        ("add", {"source": YANDEX, "text": 5}, 400, "text must be a text"),
        ("add", {"source": YANDEX, "text": "", "stars": 9}, 400, "stars must be 1 to 5"),
        ("add", {"source": YANDEX, "text": "", "posted_at": "вчера"}, 400, "posted_at"),
        ("hide", {"source": YANDEX, "card": "1", "review": "2"}, 404, "no card 1"),
        ("like", {"source": YANDEX, "review": "2", "likes": "3"}, 400, "likes must be a whole number"),
        ("dance", {}, 404, "no such action"),
    ],
)
def test_a_wrong_control_request_says_what_is_wrong(
    client: httpx.Client, action: str, values: dict[str, object], status: int, part: str
) -> None:
    answer = client.post(f"/standin/{action}", json=values)
    assert answer.status_code == status
    assert part in answer.json()["error"]


def test_a_foreign_web_page_cannot_reach_the_control_surface(client: httpx.Client) -> None:
    form = client.post("/standin/trouble", content=b'{"source": "twogis"}', headers={"content-type": "text/plain"})
    assert form.status_code == 400
    rebound = client.get("/standin/log", headers={"host": "evil.example:8765"})
    assert rebound.status_code == 403


def test_the_module_serves_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "monitor.standin", "--port", "0", "--places", "2", "--reviews", "50"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        cards = httpx.get(base_url + "/standin/cards").json()
        process.terminate()
        _, errors = process.communicate(timeout=10)
    assert len(cards) == 10
    assert process.returncode == 0
    assert f"TWOGIS_KEY={KEY}" in errors
