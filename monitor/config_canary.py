"""`canary:` of config.yaml: the trial alarm."""

from dataclasses import dataclass
from datetime import timedelta

from monitor import config_values as values
from monitor.config_escalation import recipients
from monitor.config_file import Section


@dataclass(frozen=True, slots=True)
class CanaryConfig:
    """`to`: who gets the trial alarm, at least one. `every`: how often the worker sets one off by itself."""

    to: tuple[str, ...]
    every: timedelta = timedelta(days=1)


def read_canary(root: Section, admins: tuple[str, ...]) -> CanaryConfig | None:
    """None where the file has no such section. `admins` get it where the section names nobody."""
    if "canary" not in root.entries:
        return None
    section = root.section("canary")
    section.allow("to", "every")
    return CanaryConfig(
        to=recipients(section, "to", required=True) if "to" in section.entries else admins,
        every=section.read("every", values.positive_duration, CanaryConfig(()).every),
    )
