"""Google: the Business Profile API as documented and as captured."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model import (
    Blocked,
    FetchedReview,
    Gone,
    LayoutChanged,
    Outcome,
    Parsed,
    Precision,
    Published,
    PublishOutcome,
    Refused,
    Reply,
    ReplyState,
    Token,
    Unauthorised,
    Unavailable,
)
from tests.source_pages import CARDS, KEY, NOW, fixture, page, parse, parsed, source

NAME = "google_business"


def row(**changes: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "reviewId": "r1",
        "starRating": "ONE",
        "comment": "Горько",
        "createTime": "2026-01-01T00:00:00Z",
    }
    return whole | changes


def only(**changes: object) -> FetchedReview:
    return parsed(NAME, json.dumps({"reviews": [row(**changes)]})).reviews[0]


def test_a_page_is_read_to_its_last_field() -> None:
    assert parsed(NAME, fixture(NAME)) == Parsed(
        reviews=(
            FetchedReview(
                external_id="AbcTestReview-01_xyz",
                stars=2,
                text="Какао принесли холодным 😕\nЖдали полчаса.",
                author="Олеся Вымышленная",
                posted_at=datetime(2026, 3, 4, 9, 15, 30, 538037, UTC),
                posted_precision=Precision.EXACT,
                url="https://www.google.com/maps/reviews/reply?r=1",
                reply=Reply("Олеся, простите нас.", datetime(2026, 3, 4, 10, 20, 30, 500000, UTC), ReplyState.PENDING),
            ),
            FetchedReview(
                external_id="AbcTestReview-02",
                stars=5,
                text="",
                author="",
                posted_at=datetime(2026, 3, 1, tzinfo=UTC),
                posted_precision=Precision.EXACT,
                url="https://business.google.com/reviews",
            ),
            FetchedReview(
                external_id="AbcTestReview-03",
                stars=None,
                text="Сырники хороши.",
                author="Глеб",
                posted_at=datetime(2025, 12, 31, 23, 59, 59, 807000, UTC),
                posted_precision=Precision.EXACT,
                url="https://business.google.com/reviews",
                reply=Reply("Спасибо, Глеб!", datetime(2026, 1, 2, 8, 0, tzinfo=UTC)),
            ),
        ),
        next="opaque+token/==",
        declared_total=58,
    )


def test_the_captured_page_is_read_to_its_last_field(shared: Path) -> None:
    captured = shared / "captures" / NAME / "gbp_reviews_list_2021_plus_edited.json"
    # Both objects carry one id: the first is the state to keep.
    assert parsed(NAME, captured.read_bytes()) == Parsed(
        reviews=(
            FetchedReview(
                external_id="AbFvOqmDfUP0EhJuYm-w3KXy3gSxYn-NS9CiDOo4tOjO4PRuq4PWUWbGkh6K-fePdKQaXi0cycFGGg",
                stars=5,
                text="Awesome service!",
                author="Котофей6",
                posted_at=datetime(2021, 3, 2, 10, 47, 32, 807000, UTC),
                posted_precision=Precision.EXACT,
                url="https://business.google.com/reviews",
                reply=Reply("Thx :)", datetime(2021, 3, 2, 11, 3, 45, 142000, UTC)),
            ),
        ),
        declared_total=2,
    )


@pytest.mark.parametrize(
    ("case", "outcome", "says"),
    [
        ("api_disabled", Unauthorised, "Включите"),
        ("not_found", Gone, "по ошибке Google"),
        ("method_not_found", Gone, "account и location"),
        ("insufficient_scope", Unauthorised, "business.manage"),
        ("invalid_credentials", Unauthorised, "нужен новый"),
        ("quota", Blocked, "квот"),
    ],
)
def test_a_captured_error_tells_what_to_do(shared: Path, case: str, outcome: type[Outcome], says: str) -> None:
    cases = json.loads((shared / "captures" / NAME / "error_bodies.json").read_text())["cases"]
    found = next(known for known in cases if known["name"] == case)
    answer = parse(NAME, page(json.dumps(found["body"]), found["status"]))
    assert isinstance(answer, outcome)
    assert says in repr(answer)


def test_only_a_fresh_token_can_help_against_401() -> None:
    expired, foreign = parse(NAME, page("{}", 401)), parse(NAME, page("{}", 403))
    assert isinstance(expired, Unauthorised)
    assert isinstance(foreign, Unauthorised)


def test_a_quota_of_nothing_is_a_block_also_under_403() -> None:
    assert isinstance(parse(NAME, page('{"error": {"status": "RESOURCE_EXHAUSTED"}}', 403)), Blocked)


def test_too_many_requests_keep_the_wait_that_google_asks_for() -> None:
    answer = parse(NAME, page("{}", 429, retry_after="120"))
    assert isinstance(answer, Blocked)
    assert answer.retry_after == timedelta(minutes=2)


def test_an_empty_object_means_really_none() -> None:
    assert parsed(NAME, "{}") == Parsed((), declared_total=0)


def test_reviews_under_another_name_are_a_changed_layout_on_any_page() -> None:
    renamed = fixture(NAME).decode().replace('"reviews"', '"feedback"')
    for cursor in (None, "opaque"):
        assert isinstance(parse(NAME, renamed, cursor), LayoutChanged)
    assert isinstance(parse(NAME, '{"feedback": [{"comment": "Да"}], "averageRating": 4.5}'), LayoutChanged)


def test_a_rating_without_reviews_is_not_none() -> None:
    assert isinstance(parse(NAME, '{"averageRating": 4.5}'), Unavailable)


def test_a_first_page_without_the_reviews_it_counts_is_not_none() -> None:
    assert isinstance(parse(NAME, '{"totalReviewCount": 9, "averageRating": 4}'), Unavailable)


@pytest.mark.parametrize(
    "body", ['{"error": {"code": 500}}', "[]", '{"reviews": {}}', '{"reviews": [5]}', "<html></html>"]
)
def test_a_page_of_another_shape_is_a_changed_layout(body: str) -> None:
    assert isinstance(parse(NAME, body), LayoutChanged)


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("(Translated by Google) Bad.\n\n(Original)\nПлохо.\n\nСовсем.", "Плохо.\n\nСовсем."),
        ("Плохо.\n\n(Translated by Google)\nBad.", "Плохо."),
        ("(Translated by Google) and no original", "(Translated by Google) and no original"),
        ("Пишу (Original) без перевода", "Пишу (Original) без перевода"),
        (None, ""),
    ],
)
def test_the_authors_own_words_are_kept(comment: str | None, kept: str) -> None:
    assert only(comment=comment).text == kept


def test_the_account_part_of_the_name_does_not_matter() -> None:
    assert only(reviewId=None, name="accounts/-/locations/42/reviews/r1").external_id == "r1"


def test_an_unknown_star_word_is_no_rating_and_an_unknown_reply_state_is_published() -> None:
    review = only(starRating="SIX", reviewReply={"comment": "Да", "reviewReplyState": "NEWER"})
    assert review.stars is None
    assert review.reply == Reply("Да")


def test_a_rejected_reply_says_so() -> None:
    review = only(
        reviewReply={"comment": "Звоните", "updateTime": "2026-01-01T01:00:00Z", "reviewReplyState": "REJECTED"}
    )
    assert review.reply is not None
    assert review.reply.state is ReplyState.REJECTED


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://google.com.evil.example/", "http://[", 7])
def test_a_link_that_is_not_googles_is_not_offered_to_a_person(url: object) -> None:
    assert only(reviewReplyUrl=url).url == "https://business.google.com/reviews"


def test_the_request_carries_account_location_and_page() -> None:
    first = source(NAME).request(CARDS[NAME], None)
    assert first.url == (
        "https://mybusiness.googleapis.com/v4/accounts/7/locations/42/reviews?pageSize=50&orderBy=updateTime%20desc"
    )
    assert first.bearer
    assert source(NAME).request(CARDS[NAME], "a+b/=").url.endswith("&pageToken=a%2Bb%2F%3D")


def test_a_bookmark_google_forgot_is_an_ill_site_not_a_changed_one() -> None:
    assert isinstance(parse(NAME, page("{}", 400), "token"), Unavailable)
    assert isinstance(parse(NAME, page("{}", 400)), LayoutChanged)


def test_the_same_bookmark_twice_ends_the_list() -> None:
    assert parsed(NAME, fixture(NAME), "opaque+token/==").next is None


def test_a_token_is_asked_for_by_a_form_at_the_given_base() -> None:
    real, local = source(NAME).token_request(), source(NAME, "http://127.0.0.1:8765").token_request()
    assert real is not None
    assert local is not None
    assert real.url == "https://oauth2.googleapis.com/token"
    assert local.url == "http://127.0.0.1:8765/token"
    assert real.form == {
        "grant_type": "refresh_token",
        "client_id": "id-of-the-test",
        "client_secret": KEY,
        "refresh_token": "1//" + KEY,
    }


def test_a_token_lives_as_long_as_google_says() -> None:
    answer = source(NAME).parse_token(page('{"access_token": "ya29.test", "expires_in": 3599, "token_type": "Bearer"}'))
    assert answer == Token("ya29.test", NOW + timedelta(seconds=3599))
    assert "ya29" not in repr(answer)


def test_a_revoked_grant_asks_the_owner_to_reconnect() -> None:
    answer = source(NAME).parse_token(page('{"error": "invalid_grant", "error_description": "Token revoked."}', 400))
    assert isinstance(answer, Unauthorised)
    assert "подключите карточку заново" in answer.reason


def test_wrong_client_credentials_point_to_the_configuration() -> None:
    answer = source(NAME).parse_token(page('{"error": "invalid_client"}', 401))
    assert isinstance(answer, Unauthorised)
    assert "client_id и client_secret" in answer.reason


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 503),
        ("{}", 429),
        ("", 200),
        ("<html>", 200),
        ('{"access_token": 5}', 200),
        ('{"access_token": "a\\nb"}', 200),
    ],
)
def test_no_token_from_an_ill_answer(body: str, status: int) -> None:
    assert isinstance(source(NAME).parse_token(page(body, status)), Unavailable)


# --- replies ----------------------------------------------------------------------------------------

REPLY_ADDRESS = "https://mybusiness.googleapis.com/v4/accounts/7/locations/42/reviews/r%2F1/reply"


def answered(body: bytes | str, status: int = 200, **headers: str) -> PublishOutcome:
    return source(NAME).parse_published(page(body, status, **headers))


def test_a_reply_is_put_with_the_access_token_and_deleted_without_a_body() -> None:
    site, card = source(NAME), CARDS[NAME]
    post, retract = site.publish_request(card, "r/1", "Спасибо,\n«Анна» 🙏"), site.retract_request(card, "r/1")
    assert (post.verb, post.url, post.bearer) == ("PUT", REPLY_ADDRESS, True)
    assert post.content is not None
    assert json.loads(post.content) == {"comment": "Спасибо,\n«Анна» 🙏"}
    assert post.headers["Content-Type"].startswith("application/json")
    assert (retract.verb, retract.url, retract.bearer, retract.content) == ("DELETE", REPLY_ADDRESS, True, None)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, ReplyState.PUBLISHED),
        ({"reviewReplyState": "APPROVED"}, ReplyState.PUBLISHED),
        ({"reviewReplyState": "PENDING"}, ReplyState.PENDING),
        ({"reviewReplyState": "A_NEW_ONE", "unheardOf": [1]}, ReplyState.PUBLISHED),
    ],
)
def test_an_accepted_reply_is_told_as_google_holds_it(said: dict[str, object], state: ReplyState) -> None:
    body = {"comment": "Спасибо!", "updateTime": "2026-11-21T18:00:00.5Z", **said}
    at = datetime(2026, 11, 21, 18, 0, 0, 500000, UTC)
    assert answered(json.dumps(body)) == Published(Reply("Спасибо!", at, state))


@pytest.mark.parametrize(("body", "status"), [(b"{}", 200), (b"", 200), (b"\n", 200), (b"", 204)])
def test_a_deleted_reply_leaves_nothing_to_read(body: bytes, status: int) -> None:
    assert answered(body, status) == Published()


@pytest.mark.parametrize(
    ("violation", "told"),
    [("RESTRICTED_CONTENT", " (RESTRICTED_CONTENT)"), (None, ""), (["x"], ""), ("<b>\n", ""), ("A" * 99, "")],
)
def test_a_reply_that_is_refused_at_once_names_the_rule(violation: object, told: str) -> None:
    body = {"comment": "Звоните", "reviewReplyState": "REJECTED", "policyViolation": violation}
    outcome = answered(json.dumps(body))
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith(f"Google отклонил этот ответ{told}.")


@pytest.mark.parametrize(
    ("name", "kind", "advice"),
    [
        ("api_disabled", Unauthorised, "Включите Google My Business API"),
        ("insufficient_scope", Unauthorised, "business.manage"),
        ("not_found", Gone, "не нашёл этот отзыв"),
        ("invalid_credentials", Unauthorised, "ключ доступа"),
        ("quota", Blocked, "10 правок в минуту"),
        ("places_missing_fieldmask", Refused, "Исправьте ответ"),
    ],
)
def test_the_errors_seen_in_public_say_what_to_do_about_a_reply(
    shared: Path, name: str, kind: type[object], advice: str
) -> None:
    captured = json.loads((shared / "captures/google_business/error_bodies.json").read_text(encoding="utf-8"))
    case = next(case for case in captured["cases"] if case["name"] == name)
    outcome = answered(json.dumps(case["body"]), case["status"])
    assert isinstance(outcome, kind)
    assert not isinstance(outcome, Published)
    assert advice in outcome.reason


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"error": {"status": "FAILED_PRECONDITION"}}', Refused),
        (403, '{"error": {"status": "RESOURCE_EXHAUSTED"}}', Blocked),
        (409, "", Unavailable),
        (500, "<html>", Unavailable),
        (503, "", Unavailable),
        (301, "", LayoutChanged),
        (418, "", LayoutChanged),
        (200, "<html>Sorry</html>", Unavailable),
        (200, '{"comment": "Спасиб', Unavailable),
        (200, '{"comment": ""}', Unavailable),
        (200, '{"comment": 5}', LayoutChanged),
        (200, "[]", Unavailable),
    ],
)
def test_whatever_is_no_yes_is_told_as_what_it_is(status: int, body: str, kind: type[object]) -> None:
    assert isinstance(answered(body, status), kind)


@pytest.mark.parametrize(("status", "kind"), [(429, Blocked), (503, Unavailable)])
def test_the_wait_google_asks_for_is_kept_for_replies_too(status: int, kind: type[Blocked | Unavailable]) -> None:
    outcome = answered("", status, retry_after="90")
    assert isinstance(outcome, kind)
    assert outcome.retry_after == timedelta(seconds=90)
