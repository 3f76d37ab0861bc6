"""Who hears of what, in words: by level at a place, and what comes to one address and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor import wording
from monitor.accounts import Account
from monitor.assemble import Application
from monitor.config_channels import channel_of
from monitor.config_escalation import LEVELS, Person, Rungs
from monitor.hearing import heard
from monitor.history import LEVELS as LEVEL_WORDS
from monitor.ladder import Ladder, holds, is_away, readers
from monitor.model import Target
from monitor.notify.render import capitalised
from monitor.notify.views import ROLES as WHY
from monitor.sla import WARNINGS

SUNDAY = 6
NIGHT = time(3)

NAME_LIMIT = 60

TARGETS: Mapping[str, Target] = {"negative": Target.NEGATIVE, "other": Target.OTHER}
PROMISED: Mapping[str, str] = {"negative": "Негатив", "other": "Остальные отзывы"}

LATE = "просрочено "
"""How levels after the breach begin."""

FOR = "for "
"""How `Ladder.why` begins for a substitute."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What happened, who is told, and when: "" for at once."""

    what: str
    told: tuple[str, ...]
    when: str


@dataclass(frozen=True, slots=True)
class Night:
    """A place in the night before Monday."""

    title: str
    at: str
    rungs: tuple[Rung, ...]


def nights(app: Application, places: Sequence[str], now: datetime) -> list[Night]:
    """Places where the same are told are one."""
    found: dict[tuple[str, tuple[Rung, ...]], list[str]] = {}
    for place in places:
        one = night(app, place, now)
        found.setdefault((one.at, one.rungs), []).append(one.title)
    return [Night(", ".join(titles), at, rungs) for (at, rungs), titles in found.items()]


@dataclass(frozen=True, slots=True)
class Coming:
    """What comes to an address for one reason."""

    why: str
    places: str
    what: tuple[str, ...]


# --- a night at a place -----------------------------------------------------------------------------------


def night(app: Application, place: str, now: datetime) -> Night:
    zone = app.zone(place)
    at = _night(now, zone)
    told = f"{wording.date_told(at.astimezone(zone).date(), now.astimezone(zone).date())} в 3:00"
    return Night(wording.one_line(app.titles[place], NAME_LIMIT), told, tuple(_rungs(app, place, at)))


def _night(now: datetime, zone: ZoneInfo) -> datetime:
    """Three in the morning of the next Sunday."""
    local = now.astimezone(zone)
    found = datetime.combine(local.date() + timedelta(days=(SUNDAY - local.weekday()) % 7), NIGHT, zone)
    return found if found > now else found + timedelta(weeks=1)


def _rungs(app: Application, place: str, at: datetime) -> Iterator[Rung]:
    day = at.astimezone(app.zone(place)).date()
    ladder, quiet = app.ladder, app.policies.of(place).quiet
    yield Rung("Опасный отзыв", _shown(ladder, ladder.owners(place, day), at, place), "")
    for level in LEVELS["negative"]:
        waits = quiet is not None and level in WARNINGS and quiet.over(at) > at
        over = f"подождёт до {quiet.over(at).astimezone(app.zone(place)):%H:%M}" if waits and quiet else ""
        told = {
            promise: _shown(ladder, heard(ladder, place, TARGETS[promise], level, day=day), at, place)
            for promise, levels in LEVELS.items()
            if level in levels
        }
        alike = len(told) == len(LEVELS) and len(set(told.values())) == 1
        for promise, recipients in list(told.items())[: 1 if alike else None]:
            what = LEVEL_WORDS[level] if alike else f"{PROMISED[promise]}: {LEVEL_WORDS[level]}"
            yield Rung(capitalised(what), recipients, over)


def _shown(ladder: Ladder, recipients: Sequence[str], at: datetime, place: str) -> tuple[str, ...]:
    day = at.date()
    return tuple(
        named(ladder.people, one)
        + (", отсутствует" if is_away(ladder.people, one, day) else "")
        + _instead(ladder.why(one, place=place, assignee=None, today=day))
        for one in recipients
    )


def _instead(why: str) -> str:
    """A name is not declined: «замещает Анна» would say the opposite."""
    return f", замещает коллегу ({wording.one_line(why.removeprefix(FOR), NAME_LIMIT)})" if why.startswith(FOR) else ""


def named(people: Mapping[str, Person], recipient: str) -> str:
    """`anna (anna@example.ru)`, `канал crm`, or the address."""
    if channel := channel_of(recipient):
        return f"канал {channel}"
    names = ", ".join(wording.one_line(name, NAME_LIMIT) for name in readers(people, recipient))
    return f"{names} ({recipient})" if names else recipient


# --- of which levels a list hears ---------------------------------------------------------------------------


def hears(role: str, rungs: Rungs, *, leaderless: bool) -> str:
    """When a list is told, half a sentence: «прошла половина срока (только негатив, если отзыв никто не взял) и срок
    вышел»; "" for never. `leaderless`: nobody leads, and the owner is told instead."""
    as_role = {role, "lead"} if role == "owner" and leaderless else {role}
    told: list[str] = []
    for level in LEVELS["negative"]:
        promises = [promise for promise, levels in LEVELS.items() if level in levels]
        notes = {promise: _condition(role, as_role, rungs[promise].get(level, ())) for promise in promises}
        for note in dict.fromkeys(note for note in notes.values() if note is not None):
            meant = [promise for promise, own in notes.items() if own == note]
            only = "" if len(meant) == len(LEVELS) else f"только {' и '.join(PROMISED[one].lower() for one in meant)}"
            conditions = ", ".join(filter(None, (only, note)))
            told.append(LEVEL_WORDS[level] + (f" ({conditions})" if conditions else ""))
    both = zip(["", *told], told, strict=False)
    shorter = [one.removeprefix(LATE) if before.startswith(LATE) else one for before, one in both]
    return " и ".join(filter(None, (", ".join(shorter[:-1]), *shorter[-1:])))


def _condition(role: str, as_role: set[str], told: Sequence[str]) -> str | None:
    """When one rung is told to a list, "" for always, None for never. Support stands in where nobody took a review."""
    if as_role & set(told):
        return ""
    return "если отзыв никто не взял" if role == "support" and "assignee" in told else None


# --- what comes to one address -------------------------------------------------------------------------------


def coming(app: Application, account: Account, name: str, now: datetime) -> Iterator[Coming]:
    """To the account's address, of places that the account sees; `name`: what `escalation.people` calls it, or ""."""
    own = account.places
    seen = [place.id for place in app.config.places if own is None or place.id in own]
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    email = account.email
    for place in seen:
        for reason, events in _at_place(app, email, name, place, now).items():
            groups.setdefault((reason, tuple(events)), []).append(place)
    for (why, what), there in groups.items():
        everywhere = len(there) == len(seen) and len(seen) > 1
        titles = ", ".join(wording.one_line(app.titles[place], NAME_LIMIT) for place in there[:5])
        more = f" и ещё {len(there) - 5}" if len(there) > 5 else ""
        yield Coming(_why(why), "все точки" if everywhere else titles + more, what)
    if own is None:
        yield from _beside(app, email)


def _at_place(app: Application, email: str, name: str, place: str, now: datetime) -> dict[str, list[str]]:
    """Why → what."""
    today, ladder = now.astimezone(app.zone(place)).date(), app.ladder
    found: dict[str, list[str]] = {}
    usual = ladder.why(email, place=place, assignee=None, today=today)
    if holds(ladder.owners(place, today), email):
        found[usual] = ["опасный отзыв: сразу"]
    for level in LEVELS["negative"]:
        hears: dict[str, list[str]] = {}
        for promise in (promise for promise, levels in LEVELS.items() if level in levels):
            target = TARGETS[promise]
            if holds(heard(ladder, place, target, level, day=today), email):
                hears.setdefault(usual, []).append(promise)
            elif name and holds(heard(ladder, place, target, level, day=today, assignee=name), email):
                hears.setdefault("assignee", []).append(promise)
        for why, promises in hears.items():
            found.setdefault(why, []).extend(_events(level, promises))
    return found


def _events(level: str, promises: Sequence[str]) -> list[str]:
    """One where both promises tell the same."""
    if len(promises) == len(LEVELS):
        return [LEVEL_WORDS[level]]
    return [f"{PROMISED[promise].lower()}: {LEVEL_WORDS[level]}" for promise in promises]


def _why(why: str) -> str:
    if why.startswith(FOR):
        return f"Вы замещаете коллегу ({wording.one_line(why.removeprefix(FOR), NAME_LIMIT)})."
    return WHY.get(why, "Ваш адрес вписан в настройки.").replace("этот отзыв", "отзыв")


def _beside(app: Application, email: str) -> Iterator[Coming]:
    """What is about no single place."""
    config = app.config
    lists = (
        (config.escalation.admin, "Вы в списке администраторов.", "сайт отказывает, изменился или давно молчит"),
        (config.digest.to if config.digest else (), "Вы получаете сводку.", "утренняя сводка и отчёт за неделю"),
        (app.trial_recipients if config.canary else (), "Вы проверяете тревоги.", "учебная тревога"),
    )
    for recipients, why, told in lists:
        if holds(recipients, email):
            yield Coming(why, "все точки", (told,))
