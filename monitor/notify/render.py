"""Alert → Message: the words of a mail, from the templates in `templates/emails/`.

Each kind of alert is a pair of files, `danger.txt` and `danger.html`; the subject is the block
`subject` of the text. Strangers' texts are values, never templates; HTML escapes by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from monitor import wording
from monitor.alerts import Alert, AlertKind, DigestView, Message, Picture
from monitor.charts import days
from monitor.errors import TemplateError
from monitor.invitations import Invitations
from monitor.notify.account_view import AccountLetter, account_letter
from monitor.notify.digest_view import DigestLetter, digest_letter
from monitor.notify.payload import payload
from monitor.notify.troubles import IntakeLetter, intake_letter
from monitor.notify.views import Called, Letter, letter

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment
    from markupsafe import Markup

SHIPPED = Path(__file__).resolve().parent.parent.parent / "templates" / "emails"

SIZE_LIMIT = 60_000
"""Bytes of a mail's HTML and of its text: Gmail cuts what is longer than 102 kB, phones far earlier."""

SUBJECT_LIMIT = 150

IN_FULL, IN_ROWS, TROUBLES, IN_TABLE = 5, 50, 8, 30
SHOWN: Mapping[AlertKind, int] = {
    AlertKind.DEADLINE: IN_FULL,
    AlertKind.DANGER: IN_FULL,
    AlertKind.WARNINGS: IN_ROWS,
    AlertKind.OVERDUE: IN_ROWS,
    AlertKind.UNANSWERABLE: IN_ROWS,
    AlertKind.INTAKE: TROUBLES,
    AlertKind.DIGEST: IN_TABLE,
    AlertKind.WEEKLY: IN_TABLE,
    AlertKind.ENTRY: 1,
    AlertKind.ACCOUNT: 1,
}
"""How many tickets, alarms or places a mail shows at most; of the rest it tells the number."""

Seen = Letter | IntakeLetter | DigestLetter | AccountLetter


class Renderer:
    """`overlay` is the owner's `templates_dir` (its folder `emails` goes before the shipped one) or None. `invitations`
    make the buttons of a mail; without them it shows commands. `called` tells people's names by their logins.

    A mistake in an owner's template must not silence an alarm: the shipped one then takes its
    place, and the mail says so. `check` finds such mistakes beforehand.
    """

    def __init__(
        self, overlay: Path | None, business_name: str, invitations: Invitations | None = None, called: Called = str
    ) -> None:
        self._overlay = None if overlay is None else overlay / "emails"
        self._business = business_name
        self._invitations = invitations
        self._called = called
        self._environments: dict[bool, SandboxedEnvironment] = {}

    def render(self, alert: Alert, *, now: datetime) -> Message:
        """Raises TemplateError when even the shipped template fails."""
        if self._overlay is None:
            return self._render(alert, now, own=False)
        try:
            return self._render(alert, now, own=True)
        except TemplateError as error:
            return self._render(alert, now, own=False, problem=str(error))

    def check(self, alerts: Iterable[Alert], *, now: datetime) -> None:
        """Renders `alerts` with the owner's templates. Raises TemplateError naming the file and the line."""
        for alert in alerts:
            self._render(alert, now, own=True)

    def _render(self, alert: Alert, now: datetime, *, own: bool, problem: str = "") -> Message:
        limit = SHOWN[alert.kind]
        pictures = () if alert.digest is None else charts(alert.digest)
        while True:
            seen = self._seen(alert, now, limit, pictures)
            subject, text, html = self._parts(alert.kind, seen, own=own, problem=problem)
            if limit == 1 or max(len(text.encode()), len(html.encode())) <= SIZE_LIMIT:
                return Message(
                    alert.message_id,
                    alert.recipient,
                    subject,
                    text,
                    html,
                    now,
                    thread=alert.thread,
                    references=alert.references,
                    data=payload(alert),
                    pictures=pictures if pictures and pictures[0].name in html else (),
                )
            places = 0 if alert.digest is None else len(alert.digest.places)
            limit = min(limit, len(alert.tickets) + len(alert.alarms) + places) // 2 or 1

    def _seen(self, alert: Alert, now: datetime, limit: int, pictures: Sequence[Picture]) -> Seen:
        if alert.digest is not None:
            name = pictures[0].name if pictures else ""
            return digest_letter(alert, self._business, now, limit, chart=name, invitations=self._invitations)
        if alert.account is not None:
            return account_letter(alert, self._business, now, links=self._invitations is not None)
        if alert.kind is AlertKind.INTAKE:
            return intake_letter(alert, self._business, now, limit)
        return letter(alert, self._business, now, limit, invitations=self._invitations, called=self._called)

    def _parts(self, kind: AlertKind, seen: Seen, *, own: bool, problem: str) -> tuple[str, str, str]:
        """Subject, text, HTML."""
        from jinja2 import TemplateError as JinjaError
        from jinja2 import TemplateSyntaxError

        name = f"{kind.value}.txt"
        values = {"letter": seen, "problem": problem}
        try:
            environment = self._environment(own)
            plain = environment.get_template(name)
            text = tidy(plain.render(values))
            subject = subject_of(plain, values)
            name = f"{kind.value}.html"
            return subject, text, environment.get_template(name).render(values)
        except TemplateSyntaxError as error:
            found = f"{error.name or name}, строка {error.lineno}: {error.message}"
        except JinjaError as error:
            found = f"{name}: {error}"
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            found = f"{name}: {type(error).__name__}"
        raise TemplateError(f"шаблон письма не сработал: {wording.one_line(found, 300)}")

    def _environment(self, own: bool) -> "SandboxedEnvironment":
        if own not in self._environments:
            from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
            from jinja2.sandbox import ImmutableSandboxedEnvironment

            folders = [SHIPPED] if self._overlay is None or not own else [self._overlay, SHIPPED]
            made = ImmutableSandboxedEnvironment(
                loader=FileSystemLoader(folders),
                undefined=StrictUndefined,
                autoescape=select_autoescape(["html"], default_for_string=True, default=False),
                trim_blocks=True,
                lstrip_blocks=True,
            )
            made.filters["quoted"] = quoted
            made.filters["capitalised"] = capitalised
            made.filters["lines"] = lines
            made.globals["counted"] = wording.counted
            made.globals["plural"] = wording.plural
            self._environments[own] = made
        return self._environments[own]


def charts(digest: DigestView) -> tuple[Picture, ...]:
    """The picture of a digest; none where matplotlib is missing or fails: the numbers stand in the words as well."""
    if not any(bar.in_time or bar.late or bar.waiting for bar in digest.bars):
        return ()
    try:
        picture = days(digest.bars)
        png = picture.png
    except Exception:  # noqa: BLE001 - whatever is broken there must not stop the mail
        return ()
    return (Picture(f"chart-{digest.last}@otklik", png, picture.alt),)


def subject_of(template: "Template", values: Mapping[str, object]) -> str:
    """One line without control characters, whatever stands in it."""
    block = template.blocks.get("subject")
    if block is None:
        raise TemplateError(f"шаблон письма не сработал: {template.name}: нет блока subject — темы письма")
    return wording.one_line("".join(block(template.new_context(dict(values)))), SUBJECT_LIMIT)


def quoted(text: str) -> str:
    """As mail quotes: no line of a stranger's text can pass for one of ours."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def lines(text: str) -> "Markup":
    """Escaped, with its line breaks: Outlook for Windows keeps none by style."""
    from markupsafe import Markup

    return Markup("<br>\n").join(text.split("\n"))


def capitalised(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def tidy(text: str) -> str:
    """No trailing spaces, never more than one empty line in a row."""
    lines: list[str] = []
    for line in map(str.rstrip, text.strip().split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"
