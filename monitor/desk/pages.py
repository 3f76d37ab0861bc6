"""Pages from the templates in `templates/desk/`. Strangers' texts are values, and every value is escaped."""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from monitor import wording
from monitor.accounts import Account, Permission
from monitor.desk.visit import Visit
from monitor.errors import OtklikError
from monitor.notify.render import capitalised

SHIPPED = Path(__file__).resolve().parent.parent.parent / "templates" / "desk"

STYLES = (
    "desk.css", "queue.css", "ticket.css", "sources.css", "numbers.css", "measures.css", "people.css",
    "privacy.css", "settings.css", "phrases.css",
)  # fmt: skip
SCRIPTS = ("desk.js", "queue.js", "ticket.js", "sources.js", "settings.js")
"""Each kind is sent as one file, in this order."""

ROOMS: tuple[tuple[str, str, Permission], ...] = (
    ("/queue", "Очередь", Permission.READ),
    ("/today", "Сегодня", Permission.READ),
    ("/numbers", "Показатели", Permission.NUMBERS),
    ("/sources", "Источники", Permission.READ),
    ("/outbox", "Письма", Permission.OPERATE),
    ("/audit", "Журнал", Permission.AUDIT),
    ("/settings", "Настройки", Permission.SELF),
)
"""What stands in the head of every page, for those who may go there. PARTS belong to the last of them."""

PARTS: tuple[tuple[str, str, str, Permission], ...] = (
    ("/settings/notifications/mine", "Что приходит мне", "Какие письма Вы получаете и почему; когда Вас не будет.",
     Permission.SELF),
    ("/settings/calendars", "Рабочее время", "Когда команда работает и какие сроки по этому времени считаются.",
     Permission.CALENDARS),
    ("/settings/notifications", "Кто что узнаёт", "Кому пишем о сроках и опасностях, кто кого замещает.",
     Permission.CALENDARS),
    ("/settings/phrases", "Фразы ответов", "Из чего складываются черновики.", Permission.WORDINGS),
    ("/people", "Люди", "Кто входит на эти страницы, роли и точки.", Permission.ACCOUNTS),
    ("/tokens", "Доступ для программ", "Токены, по которым программы читают и меняют отзывы.", Permission.ACCOUNTS),
    ("/privacy", "Личные данные", "Что хранится о людях; удалить или выдать по запросу.", Permission.PRIVACY),
)  # fmt: skip
"""What can be set, for those who may: address, title, what it is about."""

FOREVER = "public, max-age=31536000, immutable"


_PHONE = re.compile(r"[+(]?\d[\d\s()\u2010-\u2013-]{7,18}\d")


def unbroken(text: str) -> Markup:
    """The text with each phone number in one line, wherever that ends: it shows so, and is copied as it stands."""
    return Markup(_PHONE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped before


class Bundle:
    """Files sent as one, under an address that changes with their content."""

    def __init__(self, names: tuple[str, ...], kind: str, media_type: str) -> None:
        self.body = b"\n".join((SHIPPED / name).read_bytes() for name in names)
        self.address = f"/static/{sha256(self.body).hexdigest()[:16]}.{kind}"
        self._media_type = media_type

    def response(self) -> Response:
        return Response(self.body, media_type=self._media_type, headers={"Cache-Control": FOREVER})


class Pages:
    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(SHIPPED),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"capitalised": capitalised, "unbroken": unbroken}
        self._style = Bundle(STYLES, "css", "text/css")
        self._script = Bundle(SCRIPTS, "js", "text/javascript")
        self.icon = Bundle(("icon.svg",), "svg", "image/svg+xml")
        self._templates.globals |= {
            "style": self._style.address,
            "script": self._script.address,
            "icon": self.icon.address,
            "counted": wording.counted,
            "plural": wording.plural,
            "thousands": wording.thousands,
        }

    def show(self, name: str, status: int = 200, *, visit: Visit | None = None, **values: object) -> HTMLResponse:
        """The page `name.html`; with a visit whose visitor is logged in, under the head of the desk."""
        return HTMLResponse(self.text(name, visit=visit, **values), status)

    def text(self, name: str, *, visit: Visit | None = None, **values: object) -> str:
        """The HTML of `name.html`, a page or a part of one."""
        return self._templates.get_template(f"{name}.html").render({**_about(visit), **values})

    def problem(
        self,
        status: int,
        title: str,
        *lines: str,
        command: str = "",
        visit: Visit | None = None,
        words: str = "",
        way: str = "",
    ) -> HTMLResponse:
        """What is wrong, and the command that does the same. What the visitor wrote is shown, so that it is not lost:
        what the form of the visit holds, else `words`. `way`: what the way to the desk is called, "" for none."""
        words = words if visit is None else visit.form.words
        return self.show(
            "problem", status, visit=visit, title=title, lines=lines, command=command, words=words, way=way
        )

    def unknown(self, visit: Visit | None = None) -> HTMLResponse:
        """Of an address that is none of ours, or of something that the visitor must not see; which, is not told."""
        return self.problem(
            404,
            "Такой страницы нет",
            "Если Вы открыли ссылку из письма, она могла скопироваться не целиком. Нажмите кнопку в самом письме.",
            visit=visit,
            way="К очереди" if visit is not None and visit.visitor is not None else "К очереди или ко входу",
        )

    def stale(self, visit: Visit) -> HTMLResponse:
        """A form that was not sent from a page of this visit."""
        return self.problem(
            403,
            "Страница устарела",
            "Ничего не изменилось. Вернитесь на предыдущую страницу, обновите её и повторите.",
            visit=visit,
        )

    def sentence(self, error: OtklikError) -> str:
        """What an error of ours says, as a sentence; commands are for terminals."""
        return capitalised(error.message).rstrip(".") + "."

    def static(self, address: str) -> Response | None:
        """The style, the script or the icon; None for an address of none, or of an earlier version."""
        found = {bundle.address: bundle for bundle in (self._style, self._script, self.icon)}.get(address)
        return None if found is None else found.response()


def _about(visit: Visit | None) -> Mapping[str, object]:
    """What the layout needs to know of the visit."""
    if visit is None or visit.visitor is None:
        return {"me": None, "csrf": "", "rooms": (), "here": ""}
    return {
        "me": visit.account,
        "csrf": visit.visitor.csrf,
        "rooms": rooms(visit.account),
        "parts": parts(visit.account),
        "part": part(visit.request.url.path),
        "here": visit.request.url.path,
    }


def parts(account: Account) -> list[tuple[str, str, str]]:
    """(address, title, about) of what the account may set."""
    return [(address, title, about) for address, title, about, permission in PARTS if account.may(permission)]


def part(path: str) -> str:
    """The address of the part of the settings that a page belongs to, "" for none."""
    found = [address for address, *_ in PARTS if path == address or path.startswith(f"{address}/")]
    return max(found, key=len, default="")


def rooms(account: Account) -> list[tuple[str, str]]:
    """(address, title) of where the account may go."""
    return [(address, title) for address, title, permission in ROOMS if account.may(permission)]
