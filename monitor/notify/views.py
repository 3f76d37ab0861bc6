"""What a mail says about a ticket: every string cleaned, cut and in Russian, so that templates only lay out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from monitor import wording
from monitor.alerts import Alert, AlertKind, TicketView
from monitor.invitations import COMMANDS, LABELS, Action, Invitations
from monitor.model import WAITING_STATES, Label
from sentiment.types import Verdict

Called = Callable[[str], str]
"""The name of whoever acts under a login."""

TEXT_LIMIT = 4000
PREVIEW_LIMIT = 160
QUOTE_LIMIT = 160
NAME_LIMIT = 60
LINK_LIMIT = 1000
REASONS_LIMIT = 3
"""Characters, and phrases."""

ON_SITE: Mapping[str, str] = {
    "google_business": "в Google Картах",
    "yandex_maps": "на Яндекс Картах",
    "twogis": "в 2ГИС",
    "otzovik": "на Отзовике",
    "irecommend": "на iRecommend",
    "schema_org": "на своём сайте",
    "feed": "в ленте отзывов",
    "canary": "для проверки",
}
"""Where a review stands, by the id of its source, in the case the sentence needs."""

WHY: Mapping[AlertKind, str] = {
    AlertKind.DEADLINE: "Пишем, когда срок ответа подходит или вышел",
    AlertKind.WARNINGS: "Пишем, когда у отзывов подходит срок ответа",
    AlertKind.OVERDUE: "Пишем, когда ответы просрочены",
    AlertKind.DANGER: "Об опасных отзывах пишем сразу",
    AlertKind.UNANSWERABLE: "Пишем о негативных отзывах, на которые сайт не даёт ответить",
    AlertKind.INTAKE: "Пишем, когда отзывы не читаются",
    AlertKind.DIGEST: "Вы получаете утреннюю сводку (digest.to, а без него escalation.owner)",
    AlertKind.WEEKLY: "Вы получаете отчёт за неделю (digest.to, а без него escalation.owner)",
}


ROLES: Mapping[str, str] = {
    "assignee": "Вы взяли этот отзыв.",
    "support": "Вы в списке тех, кто отвечает на отзывы.",
    "lead": "Вы в списке тех, кто руководит ответами.",
    "owner": "Вы в списке владельцев.",
}
"""Who the recipient is to us, by the role that the settings give."""


@dataclass(frozen=True, slots=True)
class Danger:
    """`quote`: the words that tell of it, to stand between «»; "" for none."""

    name: str
    quote: str


@dataclass(frozen=True, slots=True)
class Command:
    line: str
    does: str


@dataclass(frozen=True, slots=True)
class Button:
    """A link that opens a page of the desk. `main`: nothing else in the mail is as important."""

    label: str
    url: str
    main: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One ticket. `text` keeps its line breaks, all else is one line; "" where there is nothing to say.

    `deadline` is `просрочено на 25 мин`, `due` the moment; `url` and `reply_url` are http(s) or "". `buttons` do what
    `commands` would: there are the ones or the others.
    """

    ticket: int
    where: str
    place: str
    site: str
    stars: str
    author: str
    posted: str
    seen: str
    deadline: str
    due: str
    late: bool
    reasons: tuple[str, ...]
    dangers: tuple[Danger, ...]
    text: str
    cut: bool
    preview: str
    draft: str
    draft_note: str
    assignee: str
    url: str
    reply_url: str
    same: str
    commands: tuple[Command, ...]
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a template sees. `more` tickets are not in `entries`, the command `whole_list` shows them; `urgent` is the
    ticket with the earliest deadline."""

    business: str
    recipient: str
    why: str
    total: int
    more: int
    whole_list: str
    entries: tuple[Entry, ...]
    urgent: Entry
    raised: str


def letter(
    alert: Alert,
    business: str,
    now: datetime,
    limit: int,
    *,
    invitations: Invitations | None = None,
    called: Called = str,
) -> Letter:
    """`limit` tickets in full, of the others their number; an alert has at least one ticket. `invitations` make its
    buttons; `called`: names by logins."""
    shown = alert.tickets[:limit]
    return Letter(
        business=wording.one_line(business, NAME_LIMIT),
        recipient=wording.one_line(alert.recipient, NAME_LIMIT * 2),
        why=f"{who(alert.role, called)} {WHY[alert.kind]}",
        total=len(alert.tickets),
        more=len(alert.tickets) - len(shown),
        whole_list="otklik queue list",
        entries=tuple(entry(view, now, buttons(view, alert.recipient, invitations, now), called) for view in shown),
        urgent=entry(most_urgent(alert.tickets), now, called=called),
        raised=wording.moment(alert.created_at, alert.tickets[0].timezone, now),
    )


def who(role: str, called: Called = str) -> str:
    """`Вы в списке владельцев.`"""
    if role.startswith("for "):
        return f"Вы замещаете коллегу ({wording.one_line(called(role.removeprefix('for ')), NAME_LIMIT)})."
    return ROLES.get(role, "Ваш адрес есть в настройках.")


def most_urgent(tickets: Sequence[TicketView]) -> TicketView:
    return min(tickets, key=lambda view: (due(view) is None, due(view) or view.first_seen_at))


def due(view: TicketView) -> datetime | None:
    """A closed ticket keeps its deadline, but nobody is late with it any more."""
    return view.due_at if view.state in WAITING_STATES else None


def entry(view: TicketView, now: datetime, offered: tuple[Button, ...] = (), called: Called = str) -> Entry:
    place = wording.one_line(view.place_title or view.place, NAME_LIMIT)
    site = wording.one_line(view.source_title, NAME_LIMIT)
    on_site = where(view.source, view.source_title)
    grade = "отзыв без оценки" if view.stars is None else f"{view.stars}★"
    text = wording.visible(view.text).strip()
    due_at = due(view)
    return Entry(
        ticket=view.ticket,
        where=f"{grade} {on_site}, {place}",
        place=place,
        site=site,
        stars=wording.stars(view.stars),
        author=wording.one_line(view.author, NAME_LIMIT) or "имя не указано",
        posted=wording.posted(view.posted_at, view.posted_precision, view.timezone, now),
        seen=wording.moment(view.first_seen_at, view.timezone, now),
        deadline="" if due_at is None else wording.time_left(due_at, now),
        due="" if due_at is None else wording.moment(due_at, view.timezone, now),
        late=due_at is not None and due_at <= now,
        reasons=reasons(view.verdict, view.stars, view.label, called),
        dangers=dangers(view.verdict),
        text=text[:TEXT_LIMIT],
        cut=len(text) > TEXT_LIMIT,
        preview=wording.one_line(view.text, PREVIEW_LIMIT) or "без текста",
        draft="" if view.draft is None else wording.visible(view.draft.text).strip()[:TEXT_LIMIT],
        draft_note=draft_note(view, called),
        assignee=wording.one_line(called(view.assignee), NAME_LIMIT) if view.assignee else "",
        url=link(view.url),
        reply_url=link(view.reply_url),
        same=same_review(view),
        commands=() if offered else commands(view),
        buttons=offered,
    )


def where(source: str, title: str) -> str:
    """`в 2ГИС`."""
    return ON_SITE.get(source) or f"на сайте «{wording.one_line(title, NAME_LIMIT)}»"


def same_review(view: TicketView) -> str:
    """`Тот же отзыв: № 12 в 2ГИС (ответ опубликован)`, "" where the author wrote it once."""
    others = (
        f"№{wording.GLUE}{other.ticket} {where(other.source, other.source_title)} ({wording.STATES[other.state]})"
        for other in view.same_as
    )
    told = ", ".join(others)
    return told and f"Тот же отзыв: {told}"


def buttons(view: TicketView, recipient: str, invitations: Invitations | None, now: datetime) -> tuple[Button, ...]:
    """What the recipient may do about a waiting ticket, and nobody has done."""
    if invitations is None or view.state not in WAITING_STATES:
        return ()
    possible = {
        Action.ACKNOWLEDGE: view.acknowledged_by is None,
        Action.TAKE: view.assignee is None,
        Action.SUBMITTED: view.assignee in (None, invitations.actor(recipient)),
    }
    offered = [action for action, makes_sense in possible.items() if makes_sense]
    alone = not link(view.reply_url)
    return tuple(
        Button(LABELS[action], invitations.address(action, view, recipient, now), main=alone and number == 0)
        for number, action in enumerate(offered)
    )


_DOES: Mapping[Action, str] = {
    Action.ACKNOWLEDGE: "отметить, что Вы знаете об отзыве: напоминать больше не будем",
    Action.TAKE: "взять себе",
    Action.SUBMITTED: "отметить, что ответ отправлен",
}


def commands(view: TicketView) -> tuple[Command, ...]:
    if view.state not in WAITING_STATES:
        return (Command(f"otklik queue show {view.ticket}", f"подробности; сейчас: {wording.STATES[view.state]}"),)
    possible = {
        Action.ACKNOWLEDGE: view.acknowledged_by is None,
        Action.TAKE: view.assignee is None,
        Action.SUBMITTED: True,
    }
    return tuple(
        Command(f"otklik queue {COMMANDS[action]} {view.ticket}", _DOES[action])
        for action, makes_sense in possible.items()
        if makes_sense
    )


def said_by_hand(label: Label, called: Called = str) -> str:
    """`Тон указал человек: негативный, есть жалоба (Анна)`; names both where two people spoke."""
    tone = [] if label.tone is None else [wording.TONES[label.tone]]
    fault = [] if label.complaint is None else [wording.COMPLAINTS["complaint" if label.complaint else "no_complaint"]]
    subject = "Тон указал человек" if tone else "Указал человек"
    names = dict.fromkeys(name for name in (label.tone_by, label.complaint_by) if name is not None)
    people = ", ".join(wording.one_line(called(name), NAME_LIMIT) for name in names)
    return f"{subject}: {', '.join(tone + fault)} ({people})"


def reasons(
    verdict: Verdict | None, stars: int | None, label: Label | None = None, called: Called = str
) -> tuple[str, ...]:
    """Why this review is urgent, the author's own words first; nothing where it is not."""
    if verdict is None:
        return ("текст ещё не разобран, поэтому срок короткий",)
    if not verdict.urgent:
        return ()
    pulling = sorted((evidence for evidence in verdict.evidence if evidence.weight > 0), key=lambda e: -e.weight)
    said = [wording.quoted(evidence.phrase, QUOTE_LIMIT) for evidence in pulling[:REASONS_LIMIT]]
    if verdict.flagged and stars is not None and stars <= 2:
        said.append(f"оценка {stars} из 5")
    if label is not None:
        by_hand = said_by_hand(label, called)
        return (*said, by_hand[0].lower() + by_hand[1:])
    if verdict.conflict:
        said.append("оценка и текст противоречат друг другу")
    if verdict.uncertain:
        said.append("по тексту не понять, доволен ли автор, поэтому срок как у негативного")
    return tuple(said)


def dangers(verdict: Verdict | None) -> tuple[Danger, ...]:
    """Each danger once, with the first words that tell of it."""
    found: dict[str, Danger] = {}
    for mention in () if verdict is None else verdict.risks:
        name = wording.RISKS.get(mention.risk, mention.risk)
        found.setdefault(name, Danger(name, wording.inner(mention.quote, QUOTE_LIMIT)))
    return tuple(found.values())


def draft_note(view: TicketView, called: Called = str) -> str:
    notes = []
    if view.draft is not None and view.draft_author:
        notes.append(f"правил человек: {wording.one_line(called(view.draft_author), NAME_LIMIT)}")
    if view.draft is not None and view.draft_stale:
        notes.append("написан до последней правки отзыва — проверьте")
    return "; ".join(notes)


def link(url: str) -> str:
    """The address when a mail may link to it, else ""."""
    if len(url) > LINK_LIMIT or not url.isprintable() or any(character.isspace() for character in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""
