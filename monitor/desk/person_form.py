"""Somebody who hears of reviews, as a form: address, substitute, days away. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from monitor import config_values, wording
from monitor.accounts import check_name
from monitor.config_channels import channel_of
from monitor.config_escalation import CHANNEL, Person
from monitor.desk.visit import Form
from monitor.ladder import holds

MOST_ABSENCES = 30
MOST_HEARERS = 50
LONGEST = 60
"""Characters that a complaint repeats."""


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """As typed. `away`: pairs of first and last day."""

    email: str = ""
    substitute: str = ""
    away: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, person: Person, today: date) -> "PersonDraft":
        """Absences that are over are told no more."""
        away = tuple((first.isoformat(), last.isoformat()) for first, last in sorted(person.away) if last >= today)
        return cls(person.email, person.substitute, away)

    @classmethod
    def read(cls, form: Form, email: str | None = None) -> "PersonDraft":
        """`email`: where it is not for the form to say."""
        away = tuple(zip(form.all("away-from"), form.all("away-to"), strict=False))
        return cls(form["email"].strip() if email is None else email, form["substitute"], away)

    def rows(self) -> tuple[tuple[str, str], ...]:
        """The absences, and room for one more."""
        return (*(pair for pair in self.away if any(pair)), ("", ""))


@dataclass(slots=True)
class Meant:
    """`value` as it stands under `escalation.people`; complaints by field, in sentences."""

    value: dict[str, object] = field(default_factory=dict)
    complaints: dict[str, str] = field(default_factory=dict)


def meant(draft: PersonDraft) -> Meant:
    found = Meant()
    if not is_address(draft.email):
        found.complaints["email"] = "Впишите адрес почты целиком, например anna@example.ru."
    away = list(_absences(draft, found.complaints))
    if len(away) > MOST_ABSENCES:
        found.complaints["away"] = f"Отсутствий больше {MOST_ABSENCES}: столько не сохранить."
    found.value = {
        "email": draft.email,
        **({"substitute": draft.substitute} if draft.substitute else {}),
        **({"away": away} if away else {}),
    }
    return found


def _absences(draft: PersonDraft, complaints: dict[str, str]) -> Iterator[str]:
    """`2026-12-28..2027-01-11`; one day where no last one is given."""
    for first, last in draft.away:
        if not first and not last:
            continue
        begins, ends = _day(first), _day(last or first)
        if begins is None or ends is None:
            complaints["away"] = "Впишите первый и последний день отсутствия."
        elif ends < begins:
            complaints["away"] = "Отсутствие кончается раньше, чем начинается."
        else:
            yield f"{begins}..{ends}"


def _day(written: str) -> date | None:
    try:
        return config_values.day(written.strip())
    except ValueError:
        return None


def is_address(written: str) -> bool:
    try:
        return bool(config_values.email(written))
    except ValueError:
        return False


def wrong_name(name: str, people: Mapping[str, Person]) -> str:
    """Why somebody new cannot be called so, as a sentence; ""."""
    if complaint := check_name(name):
        return complaint
    return "Такой человек уже есть: выберите другое имя." if name in people else ""


# --- lists of whoever hears -------------------------------------------------------------------------------


def heard_by(text: str, people: Mapping[str, Person], channels: Mapping[str, object]) -> tuple[list[str], str]:
    """Addresses and channels of a text, one in a line or parted by commas; names of `people` stand for their addresses,
    and whoever types them sees those then. And what is wrong with it, or ""."""
    found: list[str] = []
    for part in (part.strip() for line in text.splitlines() for part in line.replace(";", ",").split(",")):
        if not part:
            continue
        recipient = people[part].email if part in people else part
        channel = channel_of(recipient)
        shown = wording.one_line(part, LONGEST)
        if channel and channel not in channels:
            known = ", ".join(f"{CHANNEL}{name}" for name in channels) or "ни одного"
            return [], f"Канала «{shown}» нет в config.yaml. Известны: {known}."
        if not channel and not is_address(recipient):
            return [], f"«{shown}» — не адрес почты и не имя из раздела «Личные письма и замещения»."
        if not holds(found, recipient):
            found.append(recipient)
    if len(found) > MOST_HEARERS:
        return [], f"Адресов больше {MOST_HEARERS}: заведите для них один общий ящик."
    return found, ""
