"""Private gestures: a discount or a gift that a customer is offered in person. How much may be given, and who decides.
Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor import wording
from monitor.config_gestures import GestureLimits

LONGEST_WORDS = 200
"""Characters of what a gesture is."""


class GestureState(StrEnum):
    """PROPOSED waits for an owner."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


LIVE = (GestureState.PROPOSED, GestureState.AGREED)


@dataclass(frozen=True, slots=True)
class Gesture:
    """A row of the ledger. `what` in a person's words, "" when they were erased; `amount`: what it costs us, whole
    roubles. Who `decided` (agreed or declined) stays known when it is `withdrawn`."""

    id: int
    ticket: int
    what: str
    amount: int
    state: GestureState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`state`: AGREED, PROPOSED (it waits for an owner) or None (refused). `reason` is Russian."""

    state: GestureState | None
    reason: str


def given(held: Iterable[Gesture]) -> int:
    """Roubles that are agreed to already."""
    return sum(gesture.amount for gesture in held if gesture.state is GestureState.AGREED)


def decide(limits: GestureLimits, amount: int, who: str, already: int = 0, *, by_role: bool = False) -> Decision:
    """Whether `who` may give `amount` roubles to a customer who was given `already`: limits hold for the sum.
    `by_role`: the role of `who` makes them an owner, whatever the config says."""
    total = already + amount
    before = f" (вместе с прежними {wording.roubles(already)})" if already else ""
    if total > limits.allowed:
        return Decision(None, f"{wording.roubles(total)}{before} — больше, чем позволяет маржа: {sum_up(limits)}")
    if by_role or who in limits.owners:
        most = wording.roubles(limits.allowed)
        return Decision(GestureState.AGREED, f"решил владелец: {wording.roubles(total)}{before} из {most} на отзыв")
    own = wording.roubles(limits.operator_limit)
    if total <= limits.operator_limit:
        told = f"в пределах лимита оператора: {wording.roubles(total)}{before} из {own} на отзыв"
        return Decision(GestureState.AGREED, told)
    names = ", ".join(limits.owners) or "по роли или из списка gestures.owners"
    told = f"{wording.roubles(total)}{before} — больше лимита оператора, {own} на отзыв: решает владелец ({names})"
    return Decision(GestureState.PROPOSED, told)


def sum_up(limits: GestureLimits) -> str:
    """«цена 10 000 ₽ − себестоимость 4 000 ₽ − привлечение клиента 2 000 ₽ = 4 000 ₽, из них на жесты 35 %: не больше
    1 400 ₽ на отзыв»."""
    named = (("цена", limits.price), ("себестоимость", limits.cost), ("привлечение клиента", limits.acquisition))
    terms = " − ".join(f"{name}{wording.GLUE}{wording.roubles(term)}" for name, term in named)
    percent = f"{(limits.share * 100).normalize():f}".replace(".", ",")
    return (
        f"{terms} = {wording.roubles(limits.margin)}, из них на жесты {percent}{wording.GLUE}%: "
        f"не больше {wording.roubles(limits.allowed)} на отзыв"
    )


# --- what it may be called ----------------------------------------------------------------------

_TRADE = re.compile(
    r"\b(?:отзыв|оценк|оценит|оценив|рейтинг|комментари|пятерк|review)|\b(?:[1-5]|пят\w{1,3}|четыр\w{1,3})\s?звезд|[★⭐]"
)


def wrong_words(what: str) -> str:
    """Why a gesture cannot be called so, "" when it can."""
    if not any(map(str.isalnum, what)):
        return "не сказано, что именно предложить; например, «десерт»"
    if len(what) > LONGEST_WORDS:
        return f"описание жеста длиннее {LONGEST_WORDS} знаков; сократите его"
    if not wording.is_plain(what):
        return "описание жеста — одна строка, без невидимых знаков"
    if _TRADE.search(what.lower().replace("ё", "е")):
        return (
            "жест не может зависеть от отзыва или оценки, это запрещают правила всех площадок: "
            "напишите только, что получит человек"
        )
    return ""
