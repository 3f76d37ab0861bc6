"""Tickets for the terminal."""

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import click

from monitor import wording
from monitor.actions import DraftFate
from monitor.alerts import Standing, TicketView
from monitor.clock import from_iso
from monitor.model import WAITING_STATES, TicketState
from monitor.notify.views import said_by_hand, same_review
from monitor.store.connection import Row
from responders.types import Draft, Fault
from sentiment.types import Intent, Person, ThemeMention, Tone, Verdict

COLOURS = {Standing.OK: "green", Standing.WARNED: "yellow", Standing.BREACHED: "red", None: None}
REASON_WIDTH = 400
USUAL_WIDTH = 110
MARGIN = 10


def queue_text(views: Sequence[TicketView], now: datetime, *, narrowed: bool = False) -> list[str]:
    """The queue for a terminal: what has a deadline in full, the backlog a line each. `narrowed`: to what somebody
    asked for."""
    if not views:
        return ["По этим условиям ничего нет." if narrowed else "Очередь пуста: ни один отзыв не ждёт ответа."]
    split = _end_of_deadlines(views)
    running, rest = views[:split], views[split:]
    lines = [_heading(views, narrowed), ""]
    for view in running:
        lines += [*ticket_text(view, now), ""]
    if rest:
        lines.append(click.style("Без срока: накопились до подключения, или площадка не даёт ответить", bold=True))
        lines += [_line(view, now) for view in rest]
    return lines


def _end_of_deadlines(views: Sequence[TicketView]) -> int:
    """How many tickets have a deadline, or stand beside the same words that have one."""
    end = max((at for at, view in enumerate(views, 1) if view.due_at is not None), default=0)
    while 0 < end < len(views) and any(other.ticket == views[end - 1].ticket for other in views[end].same_as):
        end += 1
    return end


def _heading(views: Sequence[TicketView], narrowed: bool) -> str:
    late = sum(view.standing is Standing.BREACHED for view in views)
    urgent = sum(view.verdict is not None and view.verdict.urgent and _runs(view) for view in views)
    rest = sum(view.due_at is None for view in views)
    where = wording.plural(len(views), "Показан", "Показано", "Показано") if narrowed else "В очереди"
    total = f"{where} {wording.counted(len(views), 'отзыв', 'отзыва', 'отзывов')}"
    parts = [f"срочных {urgent}", f"просрочено {late}", f"без срока {rest}"]
    return click.style(total, bold=True) + f" · {' · '.join(parts)}"


def _runs(view: TicketView) -> bool:
    """Whether a deadline is running."""
    return view.due_at is not None and view.state in WAITING_STATES


def ticket_text(view: TicketView, now: datetime) -> list[str]:
    """A ticket of the queue in a few lines: its head, the review, the draft."""
    lines = [*ticket_head(view, now), f"      {_cut(view.text) or '(оценка без текста)'}"]
    if view.draft is not None:
        lines.append(click.style(f"      ↳ {_cut(view.draft.text)}", dim=True))
    return lines


def ticket_head(view: TicketView, now: datetime) -> list[str]:
    """How long is left, who and where, dangers, why it is flagged, what it is about."""
    if view.state not in WAITING_STATES:
        left = view.told
    else:
        left = wording.time_left(view.due_at, now) if view.due_at else "без срока"
    who = "имя автора стёрто" if view.erased else wording.one_line(view.author, 40) or "автор не назвался"
    posted = wording.posted(view.posted_at, view.posted_precision, view.timezone, now)
    head = f"{view.ticket:>4}  " + click.style(f"{left:<20}", fg=COLOURS[view.standing], bold=True)
    head += f" {wording.stars(view.stars)}  {view.source_title} · {view.place_title} · {who} · {posted}"
    if view.state is TicketState.APPROVED:
        head += f" · {wording.STATES[view.state]}"
    if view.assignee:
        head += f" · занимается {wording.one_line(view.assignee, 30)}"
    if view.acknowledged_by:
        head += f" · знает {wording.one_line(view.acknowledged_by, 30)}"
    lines = [head]
    if view.same_as:
        lines.append(f"      {same_review(view)}")
    verdict = view.verdict
    if verdict is not None:
        lines += [
            "      "
            + click.style(f"Опасность: {wording.RISKS[item.risk]}", fg="red", bold=True)
            + (f" — {_quoted(item.quote)}" if item.quote else "")
            for item in verdict.risks
        ]
        if view.label is not None:
            lines.append(f"      {said_by_hand(view.label)}")
        blamed = view.label is None or any(item.weight > 0 for item in verdict.evidence[:1])
        if verdict.urgent and verdict.evidence and not verdict.risks and blamed:
            lines.append(f"      Почему срочно: {_quoted(verdict.evidence[0].phrase)}")
        if verdict.themes:
            lines.append(f"      О чём: {_themes(verdict)}")
        if verdict.conflict and view.label is None:
            lines.append("      Оценка и слова расходятся: прочтите сами")
    return lines


def tone_text(view: TicketView, now: datetime) -> list[str]:
    """What a person says of the review, and what it means for the deadline."""
    lines = [said_by_hand(view.label)] if view.label is not None else []
    if _runs(view) and view.due_at is not None:
        due = wording.moment(view.due_at, view.timezone, now)
        lines.append(f"Срок: {due}, {wording.time_left(view.due_at, now)}.")
    return lines


def known_text(view: TicketView, now: datetime) -> list[str]:
    """What it means that somebody knows of a ticket."""
    if view.due_at is None:
        return ["Отмечено: Вы знаете об отзыве. Срока у него нет, о нём и так не напоминают."]
    due = f"{wording.moment(view.due_at, view.timezone, now)}, {wording.time_left(view.due_at, now)}"
    return [f"Отмечено: Вы знаете об отзыве. Напоминаний не будет, пока срок не изменится; он идёт дальше: {due}."]


def fault_text(view: TicketView) -> list[str]:
    """What a person said of who is to blame; nothing where nobody did."""
    if view.fault is Fault.UNCONFIRMED:
        return []
    measure = f", приняты меры: {view.measure}" if view.measure else ""
    return [f"      Проверено человеком: {wording.FAULTS[view.fault]}{measure}"]


def origin_text(draft: Draft) -> list[str]:
    """Why a draft of ours is as it is, and how much it is like earlier ones; nothing of a person's words."""
    if not draft.reason:
        return []
    alike = f"похож на прежние ответы на {round(draft.similarity * 100)}{wording.GLUE}%"
    return [wrapped(f"Почему так: {wording.one_line(draft.reason, REASON_WIDTH)}; {alike}")]


def fate_text(fate: DraftFate, view: TicketView) -> list[str]:
    """What became of the draft when somebody said whose fault it is, or what the review speaks of."""
    match fate:
        case DraftFate.UNCHANGED:
            return ["Так и было отмечено: ничего не изменилось."]
        case DraftFate.KEPT:
            author = wording.one_line(view.draft_author or "", 40)
            approved = view.state is TicketState.APPROVED
            kept = ". Одобренный ответ остался прежним: перечитайте его" if approved else ", он остался как был"
            return [f"Ответ написан человеком ({author}){kept}. Новый черновик: otklik queue draft {view.ticket}"]
        case DraftFate.MISSING:
            return ["Черновика ещё нет; когда он появится, это будет учтено."]
        case DraftFate.REWRITTEN:
            return ["Черновик написан заново.", *new_draft_text(view)]
        case DraftFate.NEEDLESS:
            return []


def new_draft_text(view: TicketView) -> list[str]:
    return [] if view.draft is None else ["", wrapped(view.draft.text)]


_SIGNS = {Tone.NEGATIVE: "−", Tone.NEUTRAL: "", Tone.POSITIVE: "+"}


def _themes(verdict: Verdict) -> str:
    """«ожидание −, персонал +»."""
    return ", ".join(map(theme_text, verdict.themes))


def theme_text(mention: ThemeMention) -> str:
    """«ожидание −», «качество еды +»."""
    return signed(wording.QUALITY_OF.get(mention.of) or wording.THEMES[mention.theme], mention.tone)


def signed(word: str, tone: Tone) -> str:
    return f"{word} {_SIGNS[tone]}".rstrip()


def person_text(person: Person) -> str:
    """«мастер Марина», as a stranger wrote it."""
    return wording.one_line(f"{person.role} {person.name}", 60)


_SAID_OF_PEOPLE = {
    Tone.POSITIVE: "Кого хвалят",
    Tone.NEGATIVE: "Кем недовольны",
    Tone.NEUTRAL: "Кого упоминают",
}
# What makes an answer needless → the reason for `queue dismiss`.
_NEEDLESS = {Intent.WRONG_PLACE: "wrong_place", Intent.SPAM: "spam", Intent.OFF_TOPIC: "off_topic"}
_OF_THE_WHOLE_TEXT = (Intent.THANKS, Intent.OFF_TOPIC)


def people_text(verdict: Verdict) -> list[str]:
    """Who is praised and blamed, a line each way."""
    lines = []
    for tone, said in _SAID_OF_PEOPLE.items():
        if people := dict.fromkeys(person_text(person) for person in verdict.people if person.tone is tone):
            lines.append(f"      {said}: {', '.join(people)}")
    return lines


def intents_text(view: TicketView) -> list[str]:
    """What the author wants; where that makes an answer needless, how to close the ticket."""
    lines = []
    for mention in view.verdict.intents if view.verdict is not None else ():
        told = wording.INTENTS[mention.intent]
        quote = "" if mention.intent in _OF_THE_WHOLE_TEXT else f" — {_quoted(mention.quote)}"
        reason = _NEEDLESS.get(mention.intent)
        if reason is None:
            lines.append(f"      Зачем пишет: {told}{quote}")
            continue
        lines.append(f"      {told[0].upper()}{told[1:]}{quote}")
        if view.state in (*WAITING_STATES, TicketState.UNANSWERABLE):
            lines.append(f"      Если так: otklik queue dismiss {view.ticket} --reason {reason}")
    return lines


def _line(view: TicketView, now: datetime) -> str:
    posted = wording.day(view.posted_at, view.timezone, now) if view.posted_at else "дата неизвестна"
    verdict = view.verdict
    mark = "!" if verdict is not None and verdict.flagged else " "
    dangers = dict.fromkeys(wording.RISKS[item.risk] for item in verdict.risks) if verdict is not None else ()
    same = ", ".join(f"№{wording.GLUE}{other.ticket}" for other in view.same_as)
    notes = [*dangers, *([f"тот же, что {same}"] if same else [])]
    text = "".join(f"[{note}] " for note in notes) + (view.text.replace("\n\n", " — ") or "(оценка без текста)")
    head = f"{view.ticket:>4} {mark} {wording.stars(view.stars):<10} {view.source_title:<13} {posted:<18} "
    return head + wording.one_line(text, max(_width() - len(head), 20))


def _cut(text: str) -> str:
    """A text on one line; where it has paragraphs (a title first, on some sites), a dash shows it."""
    return wording.one_line(text.replace("\n\n", " — "), _width() - MARGIN)


def _quoted(text: str) -> str:
    return wording.quoted(text.replace("\n\n", " — "), _width() - MARGIN)


def wrapped(text: str) -> str:
    """A text in lines that fit the terminal; its own line breaks stay."""
    lines = wording.visible(text).split("\n")
    return "\n".join(textwrap.fill(line, _width(), replace_whitespace=False) for line in lines)


def _width() -> int:
    """Columns of the terminal; a usual width where there is none."""
    return min(max(shutil.get_terminal_size((USUAL_WIDTH, 0)).columns, 60), 140)


def wordings_text(wordings: Mapping[str, Sequence[Row]], zone: str, now: datetime) -> list[str]:
    """What the review was before it was edited, and every answer that stood under it; nothing where both never
    changed."""
    lines = []
    for older, newer in pairwise(wordings["revisions"]):
        until = wording.moment(from_iso(newer["seen_at"]), zone, now)
        lines += [click.style(f"Отзыв до правки (замечена {until})  {wording.stars(older['stars'])}", bold=True)]
        lines += [wrapped(older["text"]) or "(оценка без текста)", ""]
    for reply in wordings["replies"]:
        since = wording.moment(from_iso(reply["seen_at"]), zone, now)
        if reply["text"] is None:
            lines += [click.style(f"Ответа на площадке больше нет (замечено {since})", bold=True), ""]
        else:
            lines += [click.style(f"Ответ на площадке (замечен {since})", bold=True), wrapped(reply["text"]), ""]
    return lines
