"""What the morning mail and the weekly report say: every number a string in Russian, so that templates only lay out.

No review's words and no person's name stands here: a digest outlives both.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor import canary, wording
from monitor.alerts import AlarmView, Alert, AlertKind, Concern, DigestView
from monitor.charts.daily import alt
from monitor.invitations import Invitations
from monitor.notify.digest_tables import (
    Table,
    Tile,
    daily_tables,
    daily_tiles,
    judged,
    lasting,
    new,
    weekly_tables,
    weekly_tiles,
)
from monitor.notify.troubles import trouble
from monitor.notify.views import NAME_LIMIT, WHY, Entry, buttons, entry
from monitor.numbers import Answers, Cohort, Figures, Trend
from monitor.wording import GLUE, between, decimal, percent, plural

NUMBERS_LIMIT = 8
"""Tickets that a theme names."""

BROKEN_LIMIT = 8

GIST_LIMIT = 300

IT = ("его", "их", "их")
"""A review, reviews: as «мы увидели» wants them."""


@dataclass(frozen=True, slots=True)
class Broken:
    title: str
    since: str


@dataclass(frozen=True, slots=True)
class DigestLetter:
    """What the template of a DIGEST or WEEKLY sees; "" and () where there is nothing to say.

    `quiet`: the one sentence of a quiet day, and then hardly anything else is said. `urgent` tickets; `more` of them
    are not shown, nor `more_broken` alarms and concerns. `too_early`: there is not enough to compare themes with.
    `proven`: when a trial alarm arrived last; `unproven`: too long ago. `chart`: the name of the inline picture, `alt`:
    what it shows.
    """

    business: str
    recipient: str
    why: str
    raised: str
    subject: str
    lead: str
    quiet: str
    rising: tuple[str, ...]
    falling: tuple[str, ...]
    too_early: bool
    urgent: tuple[Entry, ...]
    more: int
    whole_list: str
    broken: tuple[Broken, ...]
    concerns: tuple[str, ...]
    more_broken: int
    proven: str
    unproven: bool
    tiles: tuple[Tile, ...] = ()
    facts: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    chart: str = ""
    alt: str = ""


def digest_letter(
    alert: Alert, business: str, now: datetime, limit: int, *, chart: str = "", invitations: Invitations | None = None
) -> DigestLetter:
    """`limit` rows of a table. `chart`: the name of the picture, "" where none could be drawn. `invitations` make the
    buttons of tickets."""
    view = alert.digest
    assert view is not None, "a digest is always about its days"
    weekly = alert.kind is AlertKind.WEEKLY
    name = wording.one_line(business, NAME_LIMIT)
    zone = view.span.scope.period.zone
    today = now.astimezone(ZoneInfo(zone)).date()
    days = f"{'неделя ' if weekly else ''}{between(view.first, view.last, today)}"
    sentence = quiet(view, weekly)
    gist = "всё спокойно" if sentence else fresh(view.span.total.cohort)
    told = DigestLetter(
        business=name,
        recipient=wording.one_line(alert.recipient, NAME_LIMIT * 2),
        why=WHY[alert.kind],
        raised=wording.moment(now, zone, now),
        subject=f"{name}, {days}: {', '.join([gist, *troubles(view)])}",
        lead=f"{days[0].upper()}{days[1:]}: {gist}",
        quiet=sentence,
        rising=tuple(rising(found) for found in view.rising or ()),
        falling=tuple(falling(found) for found in view.falling),
        too_early=weekly and not sentence and view.rising is None,
        urgent=tuple(entry(ticket, now, buttons(ticket, alert.recipient, invitations, now)) for ticket in view.urgent),
        more=max(view.span.total.now.overdue - len(view.urgent), 0),
        whole_list="otklik queue list",
        broken=tuple(broken(alarm, now) for alarm in view.alarms[:BROKEN_LIMIT]),
        concerns=tuple(concern(found) for found in view.concerns[: max(BROKEN_LIMIT - len(view.alarms), 0)]),
        more_broken=max(len(view.alarms) + len(view.concerns) - BROKEN_LIMIT, 0),
        proven=proven(view.proven_at, zone, now),
        unproven=view.proven_at is None or now - view.proven_at > canary.STALE,
    )
    if sentence:
        return told
    return replace(
        told,
        tiles=(weekly_tiles if weekly else daily_tiles)(view),
        facts=facts(view, weekly, now),
        tables=(weekly_tables if weekly else daily_tables)(view, limit),
        chart=chart,
        alt=alt(view.bars),
    )


# --- the whole in a line ------------------------------------------------------------------------


def quiet(view: DigestView, weekly: bool) -> str:
    """One calm sentence when nothing came, nothing was answered, nothing is late and everything works; else ""."""
    total = view.span.total
    if new(total.cohort) or total.answers.count or total.compliance.due or total.now.overdue:
        return ""
    if view.alarms or view.concerns or view.rising:
        return ""
    there = total.now.open
    waiting = f"без ответа {reviews(there)}, и время ещё есть" if there else "без ответа никто не остался"
    span = "За неделю" if weekly else "За день"
    return f"{span} ничего не случилось: новых отзывов нет, {waiting}, сайты читаются."


def troubles(view: DigestView) -> Iterable[str]:
    """What must not wait until the mail is opened."""
    if overdue := view.span.total.now.overdue:
        yield f"просрочено{GLUE}{overdue}"
    if view.alarms or view.concerns:
        yield "есть неполадки"


def fresh(cohort: Cohort) -> str:
    count = new(cohort)
    return wording.counted(count, "новый отзыв", "новых отзыва", "новых отзывов") if count else "новых отзывов нет"


def reviews(count: int) -> str:
    return wording.counted(count, "отзыв", "отзыва", "отзывов")


# --- sentences --------------------------------------------------------------------------------


def facts(view: DigestView, weekly: bool, now: datetime) -> tuple[str, ...]:
    """Sentences below the numbers."""
    total = view.span.total
    said = [answers(total.answers)]
    if not weekly and total.compliance.due:
        due, met = total.compliance.due, total.compliance.met
        said.append(f"Соблюдено сроков: {met} из {due} ({percent(total.compliance.share)}).")
    working = total.answers.working
    if working is not None and working != total.answers.team and working.count:
        said.append(
            f"В рабочем времени: обычно {lasting(working.median)}, девять из десяти не дольше чем за "
            f"{lasting(working.p90)}."
        )
    if weekly and judged(total.cohort):
        said.append(f"Тон: {tones(total.cohort)}.")
        if view.before and judged(view.before.total.cohort):
            said.append(f"Неделей раньше: {tones(view.before.total.cohort)}.")
    said += [standing(total, now), old(total)]
    return tuple(sentence for sentence in said if sentence)


def answers(given: Answers) -> str:
    """`Ответили на 10 отзывов: 8 в срок, 2 с опозданием. Ещё на 1 отзыв ответ уже был, когда мы его увидели.`"""
    if not given.count:
        return "Ответов не было."
    found, ours = given.beforehand, given.count - given.beforehand
    already = f"{'Ещё на' if ours else 'На'} {reviews(found)} ответ уже был, когда мы {plural(found, *IT)} увидели."
    return " ".join(([_answered(given, ours)] if ours else []) + ([already] if found else []))


def _answered(given: Answers, ours: int) -> str:
    kinds = {f"в{GLUE}срок": given.in_time, f"с{GLUE}опозданием": given.late, f"из{GLUE}старых": given.backlog}
    there = {name: count for name, count in kinds.items() if count}
    told = f"Ответили на {reviews(ours)}"
    if len(there) > 1:
        return f"{told}: {', '.join(f'{count}{GLUE}{name}' for name, count in there.items())}."
    return f"{told}{' ' if ours == 1 else ', все '}{next(iter(there))}."


def tones(cohort: Cohort) -> str:
    counts = {"негативных": cohort.negative, "нейтральных": cohort.neutral, "позитивных": cohort.positive}
    return ", ".join(f"{name} {count} ({percent(count / judged(cohort))})" for name, count in counts.items())


def standing(total: Figures, now: datetime) -> str:
    """What waits at this moment."""
    there, late, since = total.now.open, total.now.overdue, total.now.oldest_overdue
    if not there:
        return "Сейчас никто не ждёт ответа."
    said = f"Сейчас без ответа {reviews(there)}"
    if not late or since is None:
        return f"{said}, {'срок впереди' if there == 1 else 'все сроки впереди'}."
    lasts = wording.duration(now - since)
    number = "" if total.now.oldest_ticket is None else f" (№{GLUE}{total.now.oldest_ticket})"
    if late == 1:
        return f"{said}, {'просрочен' if there == 1 else 'из них просрочен один:'} на {lasts}{number}."
    return f"{said}, {'просрочены все' if late == there else f'просрочено {late}'}, дольше всего на {lasts}{number}."


def old(total: Figures) -> str:
    count = total.now.backlog
    return f"Без срока: {wording.counted(count, 'старый отзыв', 'старых отзыва', 'старых отзывов')}." if count else ""


# --- themes, the proof -------------------------------------------------------------


def rising(found: Trend) -> str:
    """`Ожидание: 6 жалоб за 7 дней, обычно 1,5 в неделю; отзывы № 3, 7.`"""
    usual = f"обычно {decimal(found.before)} в неделю" if found.before else "за четыре недели до этого ни одной"
    shown = found.tickets[:NUMBERS_LIMIT]
    more = len(found.tickets) - len(shown)
    numbers = ", ".join(map(str, shown)) + (f" и ещё{GLUE}{more}" if more else "")
    named = "отзыв" if len(shown) == 1 else "отзывы"
    return f"{_theme(found)} за 7{GLUE}дней, {usual}{f'; {named} №{GLUE}{numbers}' if shown else ''}."


def falling(found: Trend) -> str:
    """`Ожидание: 1 жалоба за 7 дней, неделей раньше 9.`"""
    return f"{_theme(found)} за 7{GLUE}дней, неделей раньше {decimal(found.before)}."


def _theme(found: Trend) -> str:
    name = wording.one_line(wording.THEMES.get(found.theme, found.theme), NAME_LIMIT)
    count = wording.counted(found.count, "жалоба", "жалобы", "жалоб") if found.count else "ни одной жалобы"
    return f"{name[:1].upper()}{name[1:]}: {count}"


def broken(alarm: AlarmView, now: datetime) -> Broken:
    told = trouble(alarm, now)
    return Broken(told.title, told.since)


def concern(found: Concern) -> str:
    """`2ГИС, «Ромашка» на Ленина: отстаёт. Ещё ни разу не прочитана.`"""
    gist = wording.one_line(found.gist, GIST_LIMIT).rstrip(".")
    return f"{wording.one_line(found.title, NAME_LIMIT * 2)}: {found.word}. {gist[:1].upper()}{gist[1:]}."


def proven(at: datetime | None, zone: str, now: datetime) -> str:
    if at is None:
        return "Учебной тревоги ещё не было. Проверьте, доходят ли письма: otklik canary"
    told = f"Последняя учебная тревога дошла {wording.moment(at, zone, now)}."
    return f"{told} Это давно; проверьте, доходят ли письма: otklik canary" if now - at > canary.STALE else told
