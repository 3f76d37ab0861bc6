"""What requests hold. Whatever is not named here is refused: a misspelt filter must not pass for none."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, WithJsonSchema

from monitor.actions import DISMISS_REASONS, LONGEST_MEASURE, LONGEST_REPLY
from monitor.actions import LONGEST_NOTE as LONGEST_REMARK
from monitor.clock import from_iso
from monitor.model import TicketState
from monitor.store.filters import LONGEST_CURSOR
from monitor.talk import LONGEST_NOTE, LONGEST_WHY, DisputeState
from responders.types import Fault
from sentiment.types import Risk, Theme, Tone

MOST = 200
"""Of a page."""

USUAL = 50
LONGEST_ID = 100
LONGEST_SEARCH = 200
LONGEST_KEY = 255

_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})$"


def _moment(given: object) -> object:
    if isinstance(given, str) and re.fullmatch(_MOMENT[1:-1], given):
        return from_iso(given)
    raise ValueError("must be a moment with its offset, such as 2026-11-21T12:00:00Z")


def _whole(given: object) -> object:
    if isinstance(given, str) and re.fullmatch("[0-9]{1,6}", given):
        return int(given)
    raise ValueError("must be a whole number")


def _flag(given: object) -> object:
    if given in ("true", "false"):
        return given == "true"
    raise ValueError("must be true or false")


Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time", "pattern": _MOMENT})
]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Limit = Annotated[
    int,
    BeforeValidator(_whole),
    Field(ge=1, le=MOST),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST}),
]
Id = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
Cursor = Annotated[str, Field(min_length=1, max_length=LONGEST_CURSOR, pattern=r"^[A-Za-z0-9_-]+$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TicketQuery(Strict):
    state: TicketState | Literal["all"] | None = Field(None, description="Default: what waits, `open` and `approved`.")
    place: Id | None = Field(None, description="Id of a place in config.yaml.")
    source: Id | None = Field(None, description="Id of a site, such as `yandex_maps`.")
    tone: Tone | None = None
    theme: Theme | None = Field(None, description="What speaks of it.")
    assignee: Id | None = Field(None, description="What this person or program has taken.")
    unassigned: Flag | None = Field(None, description="`true`: what nobody has taken.")
    overdue: Flag | None = Field(None, description="`true`: what waits and is late.")
    dangerous: Flag | None = Field(None, description="What holds a danger, or does not.")
    q: Annotated[str, Field(min_length=1, max_length=LONGEST_SEARCH)] | None = Field(
        None,
        description="Where all these words occur, in any form, in text or author. Words that nobody could look "
        "for, such as prepositions alone, find nothing.",
    )
    limit: Limit = Field(USUAL, description="At most so many; the same review on several sites stays together.")
    cursor: Cursor | None = Field(None, description="`next` of the page before.")


class ReviewQuery(Strict):
    place: Id | None = Field(None, description="Id of a place in config.yaml.")
    source: Id | None = Field(None, description="Id of a site, such as `yandex_maps`.")
    since: Moment | None = Field(None, description="First seen then or later.")
    until: Moment | None = Field(None, description="First seen before that.")
    changed_since: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = Field(
        None, description="`sync` of an earlier answer: what became another since, in the order in which it did."
    )
    limit: Limit = Field(USUAL, description="At most so many, erased ones included.")
    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = Field(
        None, description="`next` of the page before; everything else as it was asked."
    )


class NumbersQuery(Strict):
    since: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        None, description="From that day (`2026-11-01`), moment, or so many days with today (`30d`). Default: `7d`."
    )
    until: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        None, description="Up to the beginning of that day; `1d` is today's. Default: now."
    )
    place: Id | None = Field(None, description="Id of a place in config.yaml.")
    source: Id | None = Field(None, description="Id of a site, such as `yandex_maps`.")
    assignee: Id | None = Field(None, description="Tickets that this person or program took.")


# --- what is done to a ticket ----------------------------------------------------------------------


class Nothing(Strict):
    """Nothing more to say: `{}`, or no body at all."""


class Take(Strict):
    over: Id | None = Field(None, description="Out of the hands of this colleague, who has it now.")


class Assign(Strict):
    to: Id = Field(description="A login of the desk, or a name of `escalation.people`.")


class Edit(Strict):
    text: str = Field(min_length=1, max_length=LONGEST_REPLY, description="The reply.")


class Dismiss(Strict):
    reason: Literal[DISMISS_REASONS] = Field(description="Why no answer is needed.")  # type: ignore[valid-type]  # a table of the actions


class NoteBody(Strict):
    text: str = Field(min_length=1, max_length=LONGEST_NOTE, description="For colleagues; no reply ever holds it.")


class FaultBody(Strict):
    fault: Fault
    measure: str = Field(
        "", max_length=LONGEST_MEASURE, description="What was done about a confirmed fault: a sentence for the reply."
    )


class DisputeBody(Strict):
    state: DisputeState
    why: str = Field("", max_length=LONGEST_WHY, description="The complaint's number, the rule, the refusal.")


class Retag(Strict):
    """What is left out stays as it is."""

    tone: Tone | None = None
    complaint: StrictBool | None = None
    themes: dict[Theme, StrictBool] = Field(default_factory=dict, description="Theme → whether it is spoken of.")
    theme_tones: dict[Theme, Tone] = Field(default_factory=dict, description="Theme → in which tone; it holds then.")
    dangers: dict[Risk, StrictBool] = Field(default_factory=dict, description="Danger → whether it is one.")
    note: str = Field("", max_length=LONGEST_REMARK, description="Why, for the history.")
