"""Pages from the templates in `templates/desk/`. Strangers' texts are values, and every value is escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from monitor.notify.render import capitalised

SHIPPED = Path(__file__).resolve().parent.parent.parent / "templates" / "desk"


class Pages:
    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(SHIPPED),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["capitalised"] = capitalised
        self._style = (SHIPPED / "desk.css").read_bytes()

    def show(self, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """The page `name.html`."""
        return HTMLResponse(self._templates.get_template(f"{name}.html").render(values), status)

    def problem(self, status: int, title: str, *lines: str, command: str = "") -> HTMLResponse:
        """What is wrong, and the command that does the same."""
        return self.show("problem", status, title=title, lines=lines, command=command)

    def style(self) -> Response:
        return Response(self._style, media_type="text/css")
