"""Google Maps through the Business Profile API v4: the owner's own locations, with the owner's consent.

Shapes, errors and marks of proof: formats/google_business.md. Times are RFC 3339 UTC; an edit moves
`updateTime` and keeps the id. Places API and the site itself are not read: their terms forbid keeping reviews.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

from monitor.dates import read_iso
from monitor.model import (
    Answerable,
    Blocked,
    Card,
    Failure,
    FetchedReview,
    Gone,
    LayoutChanged,
    Page,
    PageRequest,
    Parsed,
    Published,
    PublishOutcome,
    Refused,
    Reply,
    ReplyState,
    SourceSettings,
    Token,
    Unauthorised,
    Unavailable,
)
from monitor.sources import reading
from monitor.sources.healthy import Expected, Healthy
from monitor.sources.reading import Stop
from monitor.sources.site import Site

_API = "https://mybusiness.googleapis.com"
_OAUTH = "https://oauth2.googleapis.com/token"
_CABINET = "https://business.google.com/reviews"
_STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
_REPLY_STATES = {"PENDING": ReplyState.PENDING, "REJECTED": ReplyState.REJECTED}
_TRANSLATED, _ORIGINAL = "(Translated by Google)", "(Original)"

_RECONNECT = "Google отозвал доступ: подключите карточку заново и обновите токен обновления (refresh token)."
_STATUSES: Mapping[int, Failure] = {
    401: Unauthorised("Google не принял ключ доступа: нужен новый."),
    404: Gone(
        "Google не нашёл карточку (HTTP 404, бывает и по ошибке Google): если повторится, проверьте account и location."
    ),
    429: Blocked("Превышена квота Google (HTTP 429): подождите или запросите квоту для Business Profile API."),
}
_UNKNOWN_FATE = "Выполнен ли запрос, неизвестно: повторите, двух ответов не будет."
_NOT_PUBLISHED: Mapping[int, Failure] = {
    401: _STATUSES[401],
    404: Gone("Google не нашёл этот отзыв или ответ (HTTP 404): возможно, их уже удалили. Проверьте отзыв на карте."),
    409: Unavailable("Этот ответ сейчас меняет кто-то ещё (HTTP 409): повторите через минуту."),
    429: Blocked("Превышена квота Google (HTTP 429, 10 правок в минуту на карточку): повторите через минуту."),
}
_REFUSED = (
    (
        "FAILED_PRECONDITION",
        "Google принимает ответы только от подтверждённых карточек: подтвердите карточку в профиле компании.",
    ),
    (
        "",
        "Google не принял текст (HTTP 400): он пуст, длиннее 4096 байт или нарушает правила (телефон, почта, ссылка). "
        "Исправьте ответ.",
    ),
)
_FORBIDDEN = (
    (
        "SERVICE_DISABLED",
        "Включите Google My Business API в проекте Google Cloud и дождитесь одобрения заявки на доступ.",
    ),
    (
        "authentication scopes",
        "У токена нет права business.manage: подключите карточку заново, разрешив управление профилем.",
    ),
    (
        "",
        "Google не пускает к карточке: аккаунт должен быть её владельцем или менеджером, доступ к API — одобрен.",
    ),
)


class GoogleBusiness(Site):
    name = "google_business"
    title = "Google Карты"
    answerable = Answerable.ALL
    every = timedelta(minutes=10)
    pace = timedelta(seconds=0.3)
    obeys_robots = False
    publishes = True
    edits_a_minute = 10
    env_options: tuple[str, ...] = ("client_id_env", "client_secret_env", "refresh_token_env")
    card_fields: tuple[str, ...] = ("account", "location")
    healthy = Healthy(
        {
            "date": Expected(0.9),
            "stars": Expected(0.5, spare=2),
            "author": Expected(0.5, spare=5),  # they may be anonymous
            "text": Expected(0.02, spare=25),  # many only rate
        }
    )

    def __init__(self, settings: SourceSettings) -> None:
        self.base_url = settings.base_url or _API
        self._token_url = f"{settings.base_url}/token" if settings.base_url else _OAUTH
        self._secrets = settings.secrets

    def request(self, card: Card, cursor: str | None) -> PageRequest:
        query = {"pageSize": "50", "orderBy": "updateTime desc"} | ({"pageToken": cursor} if cursor else {})
        return PageRequest(
            url=f"{self._reviews(card)}?{urlencode(query, quote_via=quote)}",
            label=f"{card.name}: {'следующая страница' if cursor else 'новые отзывы'}",
            headers={"Accept": "application/json"},
            bearer=True,
        )

    def _reviews(self, card: Card) -> str:
        account, location = (quote(card.params.get(name, ""), safe="") for name in self.card_fields)
        return f"{self.base_url}/v4/accounts/{account}/locations/{location}/reviews"

    def publish_request(self, card: Card, external_id: str, text: str) -> PageRequest:
        return PageRequest(
            url=self._reply_address(card, external_id),
            label=f"{card.name}: ответ на отзыв",
            headers={"Accept": "application/json", "Content-Type": "application/json; charset=utf-8"},
            bearer=True,
            method="PUT",
            content=json.dumps({"comment": text}).encode(),
        )

    def retract_request(self, card: Card, external_id: str) -> PageRequest:
        return PageRequest(
            url=self._reply_address(card, external_id),
            label=f"{card.name}: удаление ответа",
            headers={"Accept": "application/json"},
            bearer=True,
            method="DELETE",
        )

    def _reply_address(self, card: Card, external_id: str) -> str:
        return f"{self._reviews(card)}/{quote(external_id, safe='')}/reply"

    def parse_published(self, page: Page) -> PublishOutcome:
        if failure := _not_published(page):
            return failure
        if not page.body.strip():
            return Published()
        said = reading.json_value(reading.decode(page))
        if said == {}:
            return Published()
        if not isinstance(said, dict) or not said.get("comment"):
            return Unavailable(f"Google прислал оборванный или непонятный ответ. {_UNKNOWN_FATE}")
        try:
            reply = _reply(said, "ответа", page.at)
        except Stop as stop:
            return stop.outcome
        if reply is not None and reply.state is ReplyState.REJECTED:
            return Refused(f"Google отклонил этот ответ{_violation(said)}. Исправьте его и отправьте снова.")
        return Published(reply)

    def token_request(self) -> PageRequest:
        options = ("client_id", "client_secret", "refresh_token")
        form = {"grant_type": "refresh_token"} | {option: self._secrets.get(option, "") for option in options}
        return PageRequest(url=self._token_url, label="Google: ключ доступа", form=form)

    def parse_token(self, page: Page) -> Token | Unauthorised | Unavailable:
        answer = reading.json_value(reading.decode(page))
        said = answer if isinstance(answer, dict) else {}
        if page.status == 200:
            value, seconds = said.get("access_token"), reading.as_count(said.get("expires_in"))
            if isinstance(value, str) and value.isascii() and value.isprintable() and value.strip() == value != "":
                return Token(value, page.at + timedelta(seconds=300 if seconds is None else seconds))
        if page.status in (400, 401, 403):
            return Unauthorised(_RECONNECT if said.get("error") == "invalid_grant" else _bad_client(said.get("error")))
        return Unavailable(
            f"Google не выдал ключ доступа (HTTP {page.status}): повторим позже.", reading.retry_after(page)
        )

    def review_url(self, card: Card, external_id: str) -> str:
        return _CABINET  # a review's public page has no address that could be built from its id

    def reply_url(self, card: Card, external_id: str) -> str:
        return _CABINET

    def _read(self, page: Page, card: Card, cursor: str | None) -> Parsed:
        own = dict(_STATUSES)
        if page.status == 403:
            own[403] = _forbidden(page)
        if page.status == 400 and cursor:
            own[400] = Unavailable("Google больше не принимает закладку на страницу: начнём список заново.")
        reading.check_status(page, own)
        data = reading.json_object(page)
        if data and not data.keys() & {"reviews", "totalReviewCount", "averageRating", "nextPageToken"}:
            reading.layout_changed("в ответе нет ни одного знакомого поля")
        rows = reading.as_list(data.get("reviews", []), "reviews")
        total = reading.as_count(data.get("totalReviewCount"))
        if not rows:
            _really_none(data, cursor)
        following = reading.as_text(data.get("nextPageToken"), "nextPageToken")
        reviews = reading.unique(_review(row, f"отзыва {number}", page.at) for number, row in enumerate(rows, 1))
        # `{}` is how Google says "none": a total of 0 is as good as declared.
        return Parsed(
            reviews, next=following if following != cursor and following else None, declared_total=total if data else 0
        )


def _really_none(data: dict[str, object], cursor: str | None) -> None:
    """No `reviews` means none only where nothing else in the answer may be them, nor speaks of any."""
    others = (value for name, value in data.items() if name != "reviews")
    if any(isinstance(value, list) and value and isinstance(value[0], dict) for value in others):
        reading.layout_changed("отзывы, похоже, стоят под другим именем")
    if cursor is None and (data.get("totalReviewCount") or data.get("averageRating")):
        raise Stop(Unavailable("Google сообщил, что отзывы есть, но самих отзывов не прислал: повторим позже."))


def _review(row: object, what: str, now: datetime) -> FetchedReview:
    said = reading.as_object(row, f"запись {what}")
    # The account part of `name` differs between channels; its last part is the id.
    name = reading.as_text(said.get("name"), f"name {what}").rpartition("/")[2]
    posted = reading.as_date(said.get("createTime"), f"createTime {what}", now)
    reviewer = reading.as_object(said.get("reviewer") or {}, f"reviewer {what}")
    return FetchedReview(
        external_id=reading.as_identifier(said.get("reviewId") or name, f"reviewId {what}"),
        stars=_STARS.get(reading.as_text(said.get("starRating"), f"starRating {what}")),
        text=_original(reading.as_text(said.get("comment"), f"comment {what}")),
        author=reading.as_name(reviewer.get("displayName"), f"displayName {what}"),
        posted_at=posted.at,
        posted_precision=posted.precision,
        url=_public(said.get("reviewReplyUrl")),
        reply=_reply(said.get("reviewReply"), what, now),
    )


def _reply(value: object, what: str, now: datetime) -> Reply | None:
    if value is None:
        return None
    said = reading.as_object(value, f"reviewReply {what}")
    state = reading.as_text(said.get("reviewReplyState"), f"reviewReplyState {what}")
    return Reply(
        text=_original(reading.as_text(said.get("comment"), f"reviewReply.comment {what}")),
        at=read_iso(said.get("updateTime"), now=now).at,
        state=_REPLY_STATES.get(state, ReplyState.PUBLISHED),
    )


def _original(text: str) -> str:
    """The author's own words where Google wrapped them into a translation."""
    if text.startswith(_TRANSLATED):
        _, marker, original = text.partition(f"\n\n{_ORIGINAL}\n")
        return original.strip() if marker else text
    return text.partition(f"\n\n{_TRANSLATED}\n")[0].strip()


def _public(url: object) -> str:
    """Google's own link, where it gave one; a person will open it, so it must be Google's."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        parts = None
    if parts and parts.scheme == "https" and (parts.hostname or "").endswith(".google.com"):
        return reading.clean_line(parts.geturl())
    return _CABINET


def _not_published(page: Page) -> PublishOutcome | None:
    """What a status means for a reply sent or deleted; None: it went well."""
    if page.status in (200, 204):
        return None
    wait = reading.retry_after(page)
    if page.status == 400:
        said = reading.decode(page)
        return Refused(next(advice for sign, advice in _REFUSED if sign in said))
    if page.status >= 500:
        return Unavailable(f"Google временно не работает (HTTP {page.status}). {_UNKNOWN_FATE}", wait)
    odd = LayoutChanged(f"Google ответил неожиданным кодом HTTP {page.status}: проверьте base_url и версию программы.")
    outcome = _forbidden(page, _NOT_PUBLISHED) if page.status == 403 else _NOT_PUBLISHED.get(page.status, odd)
    return replace(outcome, retry_after=wait) if isinstance(outcome, (Blocked, Unavailable)) else outcome


_VIOLATION = re.compile(r"[A-Z][A-Z_]{2,60}")


def _violation(said: Mapping[str, object]) -> str:
    """The rule it broke, by Google's own name: an open enumeration."""
    named = said.get("policyViolation")
    return f" ({named})" if isinstance(named, str) and _VIOLATION.fullmatch(named) else ""


def _forbidden(page: Page, statuses: Mapping[int, Failure] = _STATUSES) -> Failure:
    said = reading.decode(page)
    if "RESOURCE_EXHAUSTED" in said or "RATE_LIMIT_EXCEEDED" in said:
        return statuses[429]
    return Unauthorised(next(advice for sign, advice in _FORBIDDEN if sign in said))


def _bad_client(error: object) -> str:
    kind = "client_id и client_secret" if error in ("invalid_client", "unauthorized_client") else "настройки доступа"
    return f"Google не принял {kind}: проверьте переменные окружения, названные в config.yaml."
