"""Otzovik: the object's list of reviews, and a review's own page where the list cuts its text or hides the answer.

Selectors and marks of proof: formats/otzovik.md. The list tells a date with its offset; older pages only a
day, read where the place is.
Blocks are read from the body, whatever the status: a captcha comes with 200 and with 507. None is ever solved.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from monitor.dates import UNKNOWN, Dated, read_date, read_unix
from monitor.model import (
    Answerable,
    Blocked,
    Card,
    FetchedReview,
    Gone,
    Page,
    PageRequest,
    Parsed,
    Reply,
    SourceSettings,
    Unavailable,
)
from monitor.sources import markup, reading
from monitor.sources.healthy import Expected, Healthy
from monitor.sources.markup import attribute, line, parts
from monitor.sources.reading import Stop, layout_changed
from monitor.sources.site import Site

if TYPE_CHECKING:
    from bs4 import Tag

_SITE = "https://otzovik.com"
_CARDS = ".review-list-chunk > div.item[itemprop=review]"
_LINKS = (("url", "content"), (".review-title", "href"), (".review-read-link", "href"))
_REVIEW_PATH = re.compile(r"/review_[0-9]{1,18}\.html")
_CUT = ("...", "…")
_ADVERTISING = frozenset({"otz_panel_inpage", "adsbygoogle"})
_AFTER = "сделаем перерыв; если повторится, загрузите отзывы из файла командой import."
_CAPTCHA = f"Отзовик просит пройти капчу: {_AFTER}"
_BLOCKS = (
    ("input[name=captcha_url], input[name=action_capcha_ban], img#captcha-img", "", _CAPTCHA),
    ("title, center", "Вы робот?", _CAPTCHA),
    ("script", "capt4a=", _CAPTCHA),
    ("center", "временно запрещен", f"Отзовик временно закрыл доступ с нашего адреса: {_AFTER}"),
    ("center", "Технический перерыв", f"Отзовик отвечает «технический перерыв», так он прячет блокировку: {_AFTER}"),
)
"""Selector, what its text holds, what it means. Sought only where no review is: customers write such words too."""


class Otzovik(Site):
    name = "otzovik"
    title = "Отзовик"
    answerable = Answerable.REPRESENTATIVE
    every = timedelta(hours=3)
    pace = timedelta(seconds=20)
    obeys_robots = True
    env_options: tuple[str, ...] = ()
    card_fields: tuple[str, ...] = ("id",)
    healthy = Healthy(
        {
            "date": Expected(0.9, spare=1),
            "stars": Expected(0.9),
            "author": Expected(0.5, spare=2),
            "text": Expected(0.9, spare=1),
        },
        detail={"date": Expected(1), "text": Expected(1)},
    )

    def __init__(self, settings: SourceSettings) -> None:
        self.base_url = settings.base_url or _SITE

    def request(self, card: Card, cursor: str | None) -> PageRequest:
        number = _number(cursor)
        page = f"{number}/" if number > 1 else ""
        return PageRequest(
            url=f"{self.base_url}/reviews/{quote(card.id, safe='')}/{page}?order=date_desc",
            label=f"{card.name}: страница {number}",
        )

    def _read(self, page: Page, card: Card, cursor: str | None) -> Parsed:
        tree = _open(page, _CARDS)
        total = _digits(_line_in(tree, ".reviews-counter .votes"))
        cards = tree.select(_CARDS)
        if not cards and total != 0:
            layout_changed("на ней нет ни одного отзыва")
        reviews = [self._listed(item, card, f"отзыва {place}", page.at) for place, item in enumerate(cards, 1)]
        following = _following(tree, _number(cursor))
        return Parsed(reading.unique(reviews), next=following, declared_total=total, shown=_shown(tree))

    def _read_detail(self, page: Page, card: Card, listed: FetchedReview) -> FetchedReview:
        tree = _open(page, "div.review-contents")
        root = tree.select_one("div.review-contents") or layout_changed("на ней нет отзыва")
        _check_identity(tree, root, listed.external_id)
        found = parts(root)
        posted = _posted(found, card.timezone, page.at)
        return replace(
            listed,
            stars=_stars(found),
            text=_same_words(_full_text(tree, root, found), listed.text),
            author=_author(found),
            posted_at=posted.at,
            posted_precision=posted.precision,
            reply=_company_answer(tree, page.at),
            reply_known=True,
        )

    def review_url(self, card: Card, external_id: str) -> str:
        return f"{_SITE}/review_{quote(external_id, safe='')}.html"

    def reply_url(self, card: Card, external_id: str) -> str:
        return f"{self.review_url(card, external_id)}#comments"

    def _listed(self, item: "Tag", card: Card, what: str, now: datetime) -> FetchedReview:
        found = parts(item)
        identity = _identity(found) or layout_changed(f"у {what} нет номера")
        teaser = found.get(".review-teaser") or layout_changed(f"у {what} нет текста")
        stars = _stars(found) or layout_changed(f"у {what} нет оценки")
        title, body, (pros, cons) = line(found.get(".review-title")), markup.text(teaser), _pros_and_cons(found)
        shown_comments = line(found.get("commentCount"))
        comments = _digits(shown_comments) if shown_comments else 0
        wanted = body.endswith(_CUT) or comments != 0
        posted = _posted(found, card.timezone, now)
        return FetchedReview(
            external_id=identity,
            stars=stars,
            text=reading.compose(title, body, pros, cons),
            author=_author(found),
            posted_at=posted.at,
            posted_precision=posted.precision,
            url=self.review_url(card, identity),
            # The company's answer is one of the comments, and only the review's own page shows them.
            reply_known=comments == 0,
            mark=reading.mark(title, body, pros, cons, stars, shown_comments),
            detail=PageRequest(f"{self.base_url}/review_{identity}.html", f"{card.name}: отзыв {identity}")
            if wanted
            else None,
        )


def _open(page: Page, content: str) -> "Tag":
    """The whole page as a tree; stops at a block, a missing page, an ill or a cut one."""
    text = reading.decode(page)
    tree = markup.read_page(text)
    if not tree.select_one(content):
        _stop_at_block(page, tree)
    reading.check_status(page)
    if not markup.is_whole(tree, text):
        raise Stop(Unavailable("Страница Отзовика оборвана на середине: повторим позже."))
    return tree


def _stop_at_block(page: Page, tree: "Tag") -> None:
    for selector, words, meaning in _BLOCKS:
        said = markup.script if selector == "script" else markup.line
        if any(words in said(tag) for tag in tree.select(selector)):
            raise Stop(Blocked(meaning, reading.retry_after(page)))
    if any("Страница не найдена" in markup.line(tag) for tag in tree.select("title, .page-caption")):
        raise Stop(Gone("Отзовик не нашёл такую страницу: проверьте id карточки в config.yaml."))


def _number(cursor: str | None) -> int:
    return (_digits(cursor) if cursor else None) or 1


def _digits(text: str) -> int | None:
    plain = re.sub(r"\s", "", text)
    return int(plain) if re.fullmatch(r"[0-9]{1,7}", plain) else None


def _following(tree: "Tag", current: int) -> str | None:
    links = (attribute(link, "href") for pager in tree.select("div.pager") for link in pager.select("a.next"))
    numbers = (re.search(r"/reviews/[^/]+/([0-9]{1,5})/", link) for link in links)
    # A link back would lead in a circle.
    return next((number.group(1) for number in numbers if number and int(number.group(1)) > current), None)


def _line_in(holder: "Tag | None", selector: str) -> str:
    return line(holder.select_one(selector)) if holder else ""


def _identity(found: "Mapping[str, Tag]") -> str | None:
    links = (attribute(found.get(part), name) for part, name in _LINKS)
    numbers = (re.search(r"/review_([0-9]{1,18})\.html", link) for link in links)
    return next((match.group(1) for match in numbers if match), None)


def _stars(found: "Mapping[str, Tag]") -> int | None:
    shown = attribute(found.get("ratingValue"), "content") or _line_in(found.get(".rating-score"), "span")
    return reading.as_stars(shown, "оценка") if shown else None


def _author(found: "Mapping[str, Tag]") -> str:
    return _line_in(found.get("author"), "[itemprop=name]") or line(found.get(".user-login"))


def _pros_and_cons(found: "Mapping[str, Tag]") -> tuple[str, str]:
    shown = (line(found.get(name)) for name in (".review-plus", ".review-minus"))
    pros, cons = (re.sub(r"^(Достоинства|Недостатки)\s*:\s*", "", words) for words in shown)
    return pros, cons


def _posted(found: "Mapping[str, Tag]", zone: str, now: datetime) -> Dated:
    """The first of the places where the date stands, the most exact one first, that holds one."""
    said = (
        attribute(found.get("datePublished"), "content"),
        attribute(found.get(".value"), "title"),  # an old review's page
        line(found.get(".review-postdate")),
    )
    dates = (read_date(text, zone=zone, now=now) for text in said)
    return next((dated for dated in dates if dated.at is not None), UNKNOWN)


def _shown(tree: "Tag") -> int:
    """How many reviews the list links to, whatever their cards are called."""
    links = (link for chunk in tree.select(".review-list-chunk") for link in chunk.find_all("a"))
    return len({path for link in links if _REVIEW_PATH.fullmatch(path := reading.url_path(attribute(link, "href")))})


def _check_identity(tree: "Tag", root: "Tag", identity: str) -> None:
    path = reading.url_path(attribute(tree.select_one("link[rel=canonical]"), "href"))
    if path != f"/review_{identity}.html" or attribute(root, "data-rid") not in ("", identity):
        layout_changed("открылся не тот отзыв")


def _full_text(tree: "Tag", root: "Tag", found: "Mapping[str, Tag]") -> str:
    body = found.get(".review-body") or layout_changed("на ней нет текста отзыва")
    thing, heading = tree.select_one("h1.product-name [itemprop=name]"), root.select_one("h1")
    title = _title(line(heading), line(thing)) or line(found.get(".summary"))
    words = markup.text(body, _ADVERTISING) or layout_changed("текст отзыва на ней пуст")
    return reading.compose(title, words, *_pros_and_cons(found))


def _title(heading: str, thing: str) -> str:
    """The heading is `Отзыв: <object> - <title>`, and both may hold a dash: the object's own name decides."""
    opening = f"Отзыв: {thing} - "
    return heading.removeprefix(opening) if thing and heading.startswith(opening) else ""


def _same_words(text: str, listed: str) -> str:
    """The list flattens lines: where both say the same, its form is kept, or the text would seem edited."""
    return listed if text.split() == listed.split() else text


def _company_answer(tree: "Tag", now: datetime) -> Reply | None:
    """The first comment of the first level that the company signed as its official representative."""
    for comment in tree.select("#comments-container > .comment-thread > .comment"):
        found = parts(comment)  # the first of each is the comment's own; answers to it may stand behind
        signed, body = found.get(".comment-author-wrap"), found.get(".comment-body")
        if body and signed and signed.select_one(".product-official"):
            moment = attribute(found.get(".comment-postdate"), "data-ts")
            return Reply(markup.text(body), read_unix(moment, now=now).at)
    return None
