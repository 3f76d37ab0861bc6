"""What every site file needs to read a page: statuses, charsets, JSON with strangers' types, clean text.

Reading stops by raising `Stop` with the outcome it came to; `parse` of each site returns that outcome.
Everything here is pure and cheap to import.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NoReturn
from urllib.parse import urlsplit

from monitor.dates import Dated, read_iso, read_wait
from monitor.model import Blocked, Failure, FetchedReview, Gone, LayoutChanged, Page, Unavailable


class Stop(Exception):  # it carries an outcome and never leaves the sources
    """Reading ended before the page was understood: `outcome` says why, and `what` what of the page is not as it
    should be ("" where the page is not to blame)."""

    def __init__(self, outcome: Failure, what: str = "") -> None:
        super().__init__(repr(outcome))
        self.outcome = outcome
        self.what = what


def changed(what: str) -> LayoutChanged:
    """The page is not what it used to be. `what` is a Russian phrase about the page, never a quotation of it."""
    return LayoutChanged(f"Страница устроена не так, как раньше: {what}. Нужна новая версия программы.")


def layout_changed(what: str) -> NoReturn:
    """Stops as `changed` says."""
    raise Stop(changed(what), what)


# --- statuses ----------------------------------------------------------------------------------

_REFUSED = "Сайт отказал в доступе (HTTP {}): подождите или загрузите отзывы из файла командой import."
_STATUSES: Mapping[int, Failure] = {
    304: Unavailable("Сайт прислал «не изменилось» (HTTP 304) вместо страницы: повторим позже."),
    401: Blocked(_REFUSED.format(401)),
    403: Blocked(_REFUSED.format(403)),
    404: Gone("Сайт не знает такой карточки (HTTP 404): проверьте её адрес в config.yaml."),
    408: Unavailable("Сайт не дождался запроса (HTTP 408): повторим позже."),
    410: Gone("Карточка удалена с сайта (HTTP 410): проверьте её адрес в config.yaml."),
    425: Unavailable("Сайт просит повторить запрос позже (HTTP 425)."),
    429: Blocked("Сайт просит обращаться реже (HTTP 429): увеличьте `every` и `pace` этого сайта в config.yaml."),
    451: Blocked("Сайт закрыл доступ по требованию закона (HTTP 451): загрузите отзывы из файла командой import."),
    507: Blocked(_REFUSED.format(507)),
    521: Blocked(_REFUSED.format(521)),
}


def check_status(page: Page, own: Mapping[int, Failure] | None = None, *, status: int | None = None) -> None:
    """Stops unless the page is a 200 with a body. `own` are the site's own readings of a status; `status`
    replaces the page's where the site repeats it in the body."""
    outcome = _judge(page.status if status is None else status, own or {})
    if outcome is None and not page.body.strip():
        outcome = Unavailable("Сайт прислал пустую страницу: повторим позже.")
    if isinstance(outcome, (Blocked, Unavailable)):
        outcome = replace(outcome, retry_after=retry_after(page))
    if outcome is not None:
        raise Stop(outcome)


def _judge(status: int, own: Mapping[int, Failure]) -> Failure | None:
    if status == 200:
        return None
    if 200 < status < 300:
        return Unavailable(f"Сайт прислал неполный ответ (HTTP {status}): повторим позже.")
    if status >= 500 and status not in _STATUSES:
        return Unavailable(f"Сайт временно не работает (HTTP {status}): повторим позже.")
    odd = LayoutChanged(f"Сайт ответил неожиданным кодом HTTP {status}: проверьте адрес карточки и версию программы.")
    return own.get(status) or _STATUSES.get(status) or odd


def retry_after(page: Page) -> timedelta | None:
    """The wait that the page asks for; None: it asks for none."""
    return read_wait(page.headers.get("retry-after", ""), now=page.at)


# --- bytes to text -----------------------------------------------------------------------------

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,500}charset[^>]{0,200}>", re.IGNORECASE)


def decode(page: Page) -> str:
    """The body as text: by the header's charset, else that of `<meta>`, else UTF-8. Broken bytes become U+FFFD."""
    meta = _META.search(page.body[:4096])
    for said in (page.headers.get("content-type", ""), meta.group().decode("ascii", "replace") if meta else ""):
        named = _CHARSET.search(said)
        if named:
            try:
                return page.body.decode(named.group(1), "replace").removeprefix("\ufeff")
            except (LookupError, ValueError):  # an unknown charset, or one that is no text encoding
                continue
    return page.body.decode("utf-8-sig", "replace")


def json_value(text: str) -> object:
    """The JSON value of `text`, None where it is none (broken, endless nesting, numbers without end)."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def json_object(page: Page) -> dict[str, object]:
    """The body as a JSON object; stops when it is cut off or something else."""
    text = decode(page).strip()
    value = json_value(text)
    if isinstance(value, dict):
        return value
    if text.startswith("{") and not text.endswith("}"):
        raise Stop(Unavailable("Ответ сайта оборван на середине: повторим позже."))
    layout_changed("вместо данных в формате JSON пришло что-то другое")


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def clean_text(text: str) -> str:
    """A stranger's text as it can be stored: lines, emoji, direction marks stay; NUL, lone surrogates become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def clean_line(text: str) -> str:
    """A name or a title: clean, on one line."""
    return " ".join(clean_text(text).split())


def url_path(url: str) -> str:
    """The path of an address, "" where it is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


# --- values of unknown type --------------------------------------------------------------------


def as_object(value: object, what: str) -> dict[str, object]:
    return value if isinstance(value, dict) else layout_changed(f"{what} — не объект")


def as_list(value: object, what: str) -> list[object]:
    return value if isinstance(value, list) else layout_changed(f"{what} — не список")


def as_text(value: object, what: str) -> str:
    """Clean text; null reads as "" ."""
    if value is None:
        return ""
    return clean_text(value) if isinstance(value, str) else layout_changed(f"{what} — не текст")


def as_name(value: object, what: str) -> str:
    return " ".join(as_text(value, what).split())


def as_count(value: object) -> int | None:
    """A number of things; None where there is no such number."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def as_identifier(value: object, what: str) -> str:
    """A site's id of a review: kept as text, never trusted to be a number."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and re.fullmatch(r"[\w.:=~+-]{1,255}", text, re.ASCII):
        return text
    layout_changed(f"{what} не похож на номер отзыва")


def as_stars(value: object, what: str) -> int | None:
    """1 to 5; null and 0 mean: not rated. A number written as text is read too."""
    if value is None:
        return None
    if isinstance(value, str):
        value = float(value) if re.fullmatch(r"[0-9](\.[0-9]{1,3})?", value.strip()) else value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value in (0, 1, 2, 3, 4, 5):
        return int(value) or None
    layout_changed(f"{what} — не оценка от 1 до 5")


def as_date(value: object, what: str, now: datetime) -> Dated:
    """A program's moment with its offset. A text that is none, or lies ahead, is unknown: how many of those a page may
    have, its site's `Healthy` says."""
    return read_iso(value, now=now) if isinstance(value, str) else layout_changed(f"{what} — не дата")


def required(holder: Mapping[str, object], key: str, what: str) -> object:
    """The value of a key that must be there (it may be null)."""
    return holder[key] if key in holder else layout_changed(f"у {what} нет поля {key}")


# --- reviews -----------------------------------------------------------------------------------


def compose(title: str, body: str, pros: str = "", cons: str = "") -> str:
    """One text of what a site shows in boxes. A title that only repeats the beginning is left out;
    «Достоинства» and «Недостатки» stay, because complaints often stand only there."""
    paragraphs = [body] if _begins_with(body, title) else [title, body]
    lines = [f"{name}: {said}" for name, said in (("Достоинства", pros), ("Недостатки", cons)) if said]
    return clean_text("\n\n".join(part for part in (*paragraphs, "\n".join(lines)) if part))


def _begins_with(body: str, title: str) -> bool:
    start = " ".join(title.casefold().split()).rstrip(" .!?…")
    whole = " ".join(body.casefold().split())
    return whole.startswith(start) and not whole[len(start) : len(start) + 1].isalnum()


def mark(*shown: object) -> str:
    """Digests what a list shows of a review whose text it cuts."""
    return sha256("\0".join(map(str, shown)).encode("utf-8", "replace")).hexdigest()[:32]


def unique(reviews: Iterable[FetchedReview]) -> tuple[FetchedReview, ...]:
    """In order, each id once: lists begin with the newest, so the first of two is the later state."""
    found: dict[str, FetchedReview] = {}
    for review in reviews:
        found.setdefault(review.external_id, review)
    return tuple(found.values())
