"""The settings that hold: config.yaml, and before it what people set at the desk. Pure.

Whatever stands at the desk, what comes out can be worked with: a setting that does not fit the file any more, because
the file has changed, a calendar that it names is gone or holds no working time, is left out and told (`left_out`).
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor import promises, wording
from monitor.config import Config, LeftOut, read
from monitor.config_channels import channel_of
from monitor.config_overlay import CALENDAR, HEARS, KINDS, PERSON, PHRASES, SLA_CALENDAR, Setting, split
from monitor.errors import ConfigError

CONCERNED = ("calendars", "sla", "places", "escalation", "digest", "canary", "lines", "origins")
"""Fields of a config that settings change, or that follow from what they change."""

LONGEST = 60
"""Characters of a name that a sentence repeats."""


def effective(
    file: Config, settings: Sequence[Setting], now: datetime, *, version: int = 0
) -> tuple[Config, list[ConfigError]]:
    """What holds when these are set; and what is wrong with the file itself, whatever is set. `file`: the config of
    before, with its text; what no setting concerns stays as it is there."""
    kept = [setting for setting in settings if setting.kind in KINDS and setting.value is not None]
    left: list[LeftOut] = []
    config, wrong = _tried(file, kept, now)
    while found := _blamed(config, wrong, kept):
        left += found
        dropped = [one.setting for one in found]
        kept = [setting for setting in kept if setting not in dropped]
        config, wrong = _tried(file, kept, now)
    if wrong and kept:
        kept, more = _one_by_one(file, kept, now)
        left += more
        config, wrong = _tried(file, kept, now)
    concerned = {name: getattr(config, name) for name in CONCERNED}
    return replace(file, **concerned, settings=tuple(kept), left_out=tuple(left), version=version), wrong


def _tried(file: Config, settings: Sequence[Setting], now: datetime) -> tuple[Config, list[ConfigError]]:
    config, wrong = read(file.path, file.text, settings)
    return config, wrong or promises.problems(config, now)


def _blamed(config: Config, wrong: Sequence[ConfigError], kept: Sequence[Setting]) -> list[LeftOut]:
    """Settings that cannot be placed, or where something is wrong."""
    errors = {(one.setting.kind, one.setting.name): one.error for one in config.left_out}
    for error in wrong:
        if (origin := config.origin(error.path)) is not None:
            errors.setdefault((origin.kind, origin.name), error)
    return [LeftOut(setting, errors[key]) for setting in kept if (key := (setting.kind, setting.name)) in errors]


def _one_by_one(file: Config, settings: Sequence[Setting], now: datetime) -> tuple[list[Setting], list[LeftOut]]:
    """Together they break what the file says elsewhere: those stay that, added in turn, break nothing."""
    kept: list[Setting] = []
    left = []
    for setting in sorted(settings, key=lambda setting: KINDS.index(setting.kind)):
        _, wrong = _tried(file, [*kept, setting], now)
        if wrong:
            left.append(LeftOut(setting, wrong[0]))
        else:
            kept.append(setting)
    return kept, left


# --- in words ------------------------------------------------------------------------------------------

PROMISES = {"negative": "негатива", "other": "остальных отзывов", "reopened": "повторно открытых"}
ROLES = {
    "support": "кто отвечает на отзывы",
    "lead": "кто руководит ответами",
    "owner": "владельцы",
    "admin": "администраторы",
}


def named(kind: str, name: str, titles: dict[str, str] | None = None) -> str:
    """A setting in words, within a sentence: `календарь «office»`, `календарь негатива (На Ленина)`."""
    shown = wording.one_line(name, LONGEST)
    if kind == CALENDAR:
        return f"календарь «{shown}»"
    if kind == PERSON:
        return f"запись о человеке «{shown}»"
    if kind == PHRASES:
        from monitor.editing.books import titled

        return titled(shown)
    place, what = split(name)
    what = wording.one_line(what, LONGEST)
    where = f" ({wording.one_line((titles or {}).get(place, place), LONGEST)})" if place else ""
    if kind == SLA_CALENDAR:
        return f"календарь {PROMISES.get(what, what)}{where}"
    if kind == HEARS:
        return f"список «{ROLES.get(what, what)}»{where}"
    return f"{wording.one_line(kind, LONGEST)} {shown}"


def reason(config: Config, left: LeftOut) -> str:
    """Why a setting does not hold, without its full stop. What the error says is for terminals."""
    setting, kind = left.setting, left.setting.kind
    place, what = split(setting.name) if kind in (SLA_CALENDAR, HEARS) else ("", "")
    if place and place not in {one.id for one in config.places}:
        return "такой точки в config.yaml больше нет"
    if kind == CALENDAR:
        return "в нём не хватает рабочего времени или в часах ошибка"
    value = _value(setting)
    if kind == SLA_CALENDAR and what in PROMISES:
        return f"календаря «{wording.one_line(str(value), LONGEST)}» нет, или в нём не хватает рабочего времени"
    if kind == PERSON and left.error.path.endswith(".substitute") and isinstance(value, dict):
        return f"замещающего «{wording.one_line(str(value.get('substitute')), LONGEST)}» среди людей нет"
    if kind == HEARS and isinstance(value, list):
        gone = [name for one in value if (name := channel_of(str(one))) and name not in config.channels]
        if gone:
            return f"канала «{wording.one_line(gone[0], LONGEST)}» в config.yaml нет"
        if config.mail.sender.lower() in [str(one).lower() for one in value]:
            return "в нём адрес, с которого мы сами пишем (mail.from): письма возвращались бы к нам"
    return "она не подходит к config.yaml, подробности: otklik check"


def _value(setting: Setting) -> object:
    try:
        return json.loads(setting.value or "null")
    except (ValueError, RecursionError):
        return None


def sentence(config: Config, left: LeftOut, now: datetime) -> str:
    """`Не действует календарь «office» (olga, 3 марта в 14:00): …`, for health and the desk."""
    return f"{unfit(config, left.setting, now)}: {reason(config, left)}"


def unfit(config: Config, setting: Setting, now: datetime) -> str:
    """`не действует календарь «office» (olga, 3 марта в 14:00)`."""
    titles = {place.id: place.title for place in config.places}
    at, who = wording.moment(setting.at, config.places[0].timezone, now), wording.one_line(setting.by, LONGEST)
    what = named(setting.kind, setting.name, titles)
    return f"не действует {f'правка фраз «{what}»' if setting.kind == PHRASES else what} ({who}, {at})"
