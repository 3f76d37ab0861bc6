# A method of the Source protocol gets the same arguments on every site, needed there or not.
"""Otzovik: the object's list of reviews, and a review's own page where the list cuts its text or hides the answer.

Selectors and marks of proof: formats/otzovik.md. The list tells a date with its offset; older pages only a day.
Blocks are read from the body, whatever the status: a captcha comes with 200 and with 507. None is ever solved.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from monitor.model import (
    Answerable,
    Blocked,
    Card,
    FetchedReview,
    Gone,
    Page,
    PageRequest,
    Parsed,
    Precision,
    Reply,
    SourceSettings,
    Unavailable,
)
from monitor.sources import reading
from monitor.sources.markup import Node, is_whole, read_page
from monitor.sources.reading import Stop, layout_changed
from monitor.sources.site import Site

_SITE = "https://otzovik.com"
_CARDS = ".review-list-chunk > div.item[itemprop=review]"
_CUT = ("...", "…")
_ADVERTISING = frozenset({"otz_panel_inpage", "adsbygoogle"})
_AFTER = "сделаем перерыв; если повторится, загрузите отзывы из файла командой import."
_BLOCKS = (
    ("[name=captcha_url]", "", f"Отзовик просит пройти капчу: {_AFTER}"),
    ("[name=action_capcha_ban]", "", f"Отзовик просит пройти капчу: {_AFTER}"),
    ("#captcha-img", "", f"Отзовик просит пройти капчу: {_AFTER}"),
    ("title", "Вы робот?", f"Отзовик просит пройти капчу: {_AFTER}"),
    ("center", "Вы робот?", f"Отзовик просит пройти капчу: {_AFTER}"),
    ("script", "capt4a=", f"Отзовик просит пройти капчу: {_AFTER}"),
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
        votes = tree.first(".reviews-counter .votes")
        total = _digits(votes.line()) if votes else None
        cards = tree.all(_CARDS)
        if not cards and total != 0:
            layout_changed("на ней нет ни одного отзыва")
        reviews = [self._listed(item, card, f"отзыва {place}") for place, item in enumerate(cards, 1)]
        return Parsed(reading.unique(reviews), next=_following(tree, _number(cursor)), declared_total=total)

    def _read_detail(self, page: Page, listed: FetchedReview) -> FetchedReview:
        tree = _open(page, "div.review-contents")
        root = tree.first("div.review-contents") or layout_changed("на ней нет отзыва")
        _check_identity(tree, root, listed.external_id)
        posted_at, precision = _posted(root, listed)
        return replace(
            listed,
            stars=_stars(root) or listed.stars,
            text=_same_words(_full_text(tree, root), listed.text),
            author=_author(root) or listed.author,
            posted_at=posted_at,
            posted_precision=precision,
            reply=_company_answer(tree),
            reply_known=True,
            detail=None,
        )

    def review_url(self, card: Card, external_id: str) -> str:
        return f"{_SITE}/review_{quote(external_id, safe='')}.html"

    def reply_url(self, card: Card, external_id: str) -> str:
        return f"{self.review_url(card, external_id)}#comments"

    def _listed(self, item: Node, card: Card, what: str) -> FetchedReview:
        identity = _identity(item) or layout_changed(f"у {what} нет номера")
        teaser = item.first(".review-teaser") or layout_changed(f"у {what} нет текста")
        stars = _stars(item) or layout_changed(f"у {what} нет оценки")
        title, body, (pros, cons) = _line(item, "a.review-title"), teaser.text(), _pros_and_cons(item)
        shown_comments = _line(item, "[itemprop=commentCount]")
        comments = _digits(shown_comments) if shown_comments else 0
        wanted = body.endswith(_CUT) or comments != 0
        posted_at, precision = _posted(item, None)
        return FetchedReview(
            external_id=identity,
            stars=stars,
            text=reading.compose(title, body, pros, cons),
            author=_author(item),
            posted_at=posted_at,
            posted_precision=precision,
            url=self.review_url(card, identity),
            # The company's answer is one of the comments, and only the review's own page shows them.
            reply_known=comments == 0,
            mark=reading.mark(title, body, pros, cons, stars, shown_comments),
            detail=PageRequest(f"{self.base_url}/review_{identity}.html", f"{card.name}: отзыв {identity}")
            if wanted
            else None,
        )


def _open(page: Page, content: str) -> Node:
    """The whole page as a tree; stops at a block, a missing page, an ill or a cut one."""
    text = reading.decode(page)
    if text.strip():
        tree = read_page(text)
        if not tree.has(content):
            _stop_at_block(page, tree)
        reading.check_status(page)
        if not is_whole(tree, text):
            raise Stop(Unavailable("Страница Отзовика оборвана на середине: повторим позже."))
        return tree
    reading.check_status(page)
    layout_changed("она пуста")


def _stop_at_block(page: Page, tree: Node) -> None:
    for selector, words, meaning in _BLOCKS:
        if any(words in (node.raw() if selector == "script" else node.line()) for node in tree.all(selector)):
            raise Stop(Blocked(meaning, reading.retry_after(page)))
    if any("Страница не найдена" in node.line() for node in (*tree.all("title"), *tree.all(".page-caption"))):
        raise Stop(Gone("Отзовик не нашёл такую страницу: проверьте id карточки в config.yaml."))


def _number(cursor: str | None) -> int:
    return (_digits(cursor) if cursor else None) or 1


def _digits(text: str) -> int | None:
    plain = re.sub(r"\s", "", text)
    return int(plain) if re.fullmatch(r"[0-9]{1,7}", plain) else None


def _following(tree: Node, current: int) -> str | None:
    link = tree.first("div.pager a.next")
    found = re.search(r"/reviews/[^/]+/([0-9]{1,5})/", link.get("href")) if link else None
    # A link back would lead in a circle.
    return found.group(1) if found and int(found.group(1)) > current else None


def _line(node: Node, selector: str) -> str:
    found = node.first(selector)
    return found.line() if found else ""


def _identity(item: Node) -> str | None:
    links = [node.get("content") for node in item.all("meta[itemprop=url]")]
    links += [node.get("href") for name in ("a.review-title", "a.review-read-link") for node in item.all(name)]
    found = (re.search(r"/review_([0-9]{1,18})\.html", link) for link in links)
    return next((match.group(1) for match in found if match), None)


def _stars(node: Node) -> int | None:
    shown = [meta.get("content") for meta in node.all("[itemprop=reviewRating] meta[itemprop=ratingValue]")]
    shown += [_line(node, ".rating-score span")]
    return next((reading.as_stars(value, "оценка") for value in shown if value), None)


def _author(node: Node) -> str:
    return _line(node, "[itemprop=author] [itemprop=name]") or _line(node, "a.user-login")


def _pros_and_cons(node: Node) -> tuple[str, str]:
    shown = (_line(node, ".review-plus"), _line(node, ".review-minus"))
    pros, cons = (re.sub(r"^(Достоинства|Недостатки)\s*:\s*", "", line) for line in shown)
    return pros, cons


def _posted(node: Node, listed: FetchedReview | None) -> tuple[datetime | None, Precision]:
    """The moment with its precision; what the list told (`listed`) where this page tells less."""
    for dated in node.all("[itemprop=datePublished]"):
        exact = reading.moment(dated.get("content"))
        if exact:
            return exact, Precision.EXACT
    if listed and listed.posted_at:
        return listed.posted_at, listed.posted_precision
    day = reading.moscow_day(_line(node, ".review-postdate"))
    return day, Precision.DAY if day else Precision.UNKNOWN


def _check_identity(tree: Node, root: Node, identity: str) -> None:
    canonical = tree.first("link[rel=canonical]")
    try:
        path = urlsplit(canonical.get("href")).path if canonical else ""
    except ValueError:
        path = ""
    if path != f"/review_{identity}.html" or root.get("data-rid") not in ("", identity):
        layout_changed("открылся не тот отзыв")


def _full_text(tree: Node, root: Node) -> str:
    body = root.first(".review-body") or layout_changed("на ней нет текста отзыва")
    return reading.compose(_title(tree, root), body.text(_ADVERTISING), *_pros_and_cons(root))


def _title(tree: Node, root: Node) -> str:
    """The heading is `Отзыв: <object> - <title>`, and both may hold a dash: the object's own name decides."""
    heading, thing = _line(root, "h1"), _line(tree, "h1.product-name [itemprop=name]")
    opening = f"Отзыв: {thing} - "
    return heading.removeprefix(opening) if thing and heading.startswith(opening) else _line(root, "i.summary")


def _same_words(text: str, listed: str) -> str:
    """The list flattens lines: where both say the same, its form is kept, or the text would seem edited."""
    return listed if text.split() == listed.split() else text


def _company_answer(tree: Node) -> Reply | None:
    """The first comment of the first level that the company signed as its official representative."""
    for comment in tree.all("#comments-container > .comment-thread > .comment"):
        body = comment.first(".comment-body")
        if body and comment.has(".comment-author-wrap .product-official"):
            dated = comment.first(".comment-postdate[data-ts]")
            return Reply(body.text(), reading.unix_moment(dated.get("data-ts")) if dated else None)
    return None
