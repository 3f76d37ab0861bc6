"""`digest:` of config.yaml: when and to whom the morning mail and the weekly report go."""

import re
from dataclasses import dataclass
from datetime import time

from monitor import config_values as values
from monitor.config_escalation import recipients
from monitor.config_file import Section


@dataclass(frozen=True, slots=True)
class DigestConfig:
    """`to`: addresses or `channel:NAME`, at least one. `at`: a local time in `timezone`. `weekly`: the weekday of the
    report (Monday is 0), None for no report."""

    to: tuple[str, ...]
    at: time = time(9)
    timezone: str = "Europe/Moscow"
    weekly: int | None = None


def read_digest(root: Section, owners: tuple[str, ...]) -> DigestConfig | None:
    """None where the file has no such section. `owners` get it where the section names nobody."""
    if "digest" not in root.entries:
        return None
    section, default = root.section("digest"), DigestConfig(owners)
    section.allow("at", "timezone", "to", "weekly")
    return DigestConfig(
        to=recipients(section, "to", required=True) if "to" in section.entries else owners,
        at=section.read("at", clock_time, default.at),
        timezone=section.read("timezone", values.timezone, default.timezone),
        weekly=section.read("weekly", weekday, default.weekly),
    )


def clock_time(written: str) -> time:
    """`09:00`, quoted or not: nothing is made of YAML's numbers to the base of sixty."""
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", written)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f'must be a time of day such as "09:00", not {values.shown(written)}')
    return time(int(found[1]), int(found[2]))


def weekday(written: str) -> int:
    if written.lower() not in values.WEEKDAYS:
        raise ValueError(
            f"must be one weekday, not {values.shown(written)}; the days are {', '.join(values.WEEKDAYS)}; "
            "without the key there is no weekly report"
        )
    return values.WEEKDAYS.index(written.lower())
