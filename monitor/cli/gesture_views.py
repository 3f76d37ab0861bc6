"""Private gestures for the terminal; the ledger for JSON, too."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import click

from monitor import wording
from monitor.alerts import TicketView
from monitor.clock import optional_iso
from monitor.contract.tickets import gesture_json
from monitor.gestures import Gesture, GestureState
from monitor.store.gestures import Entry

ERASED = "(слова стёрты)"


def of_ticket(view: TicketView) -> list[str]:
    """A line for each gesture; how to decide about one that waits; whether the reply tells of it."""
    lines = []
    for gesture in view.gestures:
        what = wording.one_line(gesture.what, 200) or ERASED
        state = f"{wording.GESTURES[gesture.state]} ({_who(gesture)})"
        lines.append(f"Жест (лично, не в публичный ответ): {what}, {wording.roubles(gesture.amount)}, {state}")
        if gesture.state is GestureState.PROPOSED:
            lines.append(f"  Решить: otklik queue gesture {view.ticket} --agree, или --decline")
    return [*lines, *_told_in_public(view)]


def _told_in_public(view: TicketView) -> Iterator[str]:
    """What the reply says of them, where it was checked before they were offered."""
    if view.draft is None or not view.gestures:
        return
    from monitor.gesture_leaks import leaks

    known = {finding.message for finding in view.draft.warnings}
    for finding in leaks(view.draft.text, view.gestures, source=view.source, review=view.text):
        if finding.message not in known:
            yield f"  ! {finding.rule}: {finding.message}"


def _who(gesture: Gesture) -> str:
    """Everybody whose word it is: «anna», «anna → olga»."""
    names = dict.fromkeys(filter(None, (gesture.proposed_by, gesture.decided_by, gesture.withdrawn_by)))
    return " → ".join(wording.one_line(name, 40) for name in names)


def ledger_json(entries: Sequence[Entry], since: datetime | None) -> dict[str, object]:
    """Every gesture, and the sums of what is agreed and of what waits."""
    return {
        "since": optional_iso(since),
        "gestures": [
            {"ticket": entry.gesture.ticket, "place": entry.place, "source": entry.source} | gesture_json(entry.gesture)
            for entry in entries
        ],
        "places": [{"place": name} | sums for name, sums in _sums(entries, _place).items()],
        "people": [{"by": name} | sums for name, sums in _sums(entries, _person).items()],
    }


def _place(entry: Entry) -> str:
    return entry.place


def _person(entry: Entry) -> str:
    return entry.gesture.proposed_by


def _sums(entries: Sequence[Entry], key: Callable[[Entry], str]) -> dict[str, dict[str, int]]:
    """By name: how many gestures are agreed to and wait, and their roubles."""
    found: dict[str, dict[str, int]] = {}
    for entry in sorted(entries, key=key):
        sums = found.setdefault(key(entry), {"agreed": 0, "agreed_amount": 0, "waiting": 0, "waiting_amount": 0})
        kind = {GestureState.AGREED: "agreed", GestureState.PROPOSED: "waiting"}.get(entry.gesture.state)
        if kind:
            sums[kind] += 1
            sums[f"{kind}_amount"] += entry.gesture.amount
    return found


def ledger_text(
    entries: Sequence[Entry], titles: Mapping[str, str], zone_of: Callable[[str], str], now: datetime
) -> Iterator[str]:
    """A line for each gesture, oldest first, then the sums; `titles` and `zone_of`: of a place's id."""
    if not entries:
        yield "Жестов нет."
        return
    for entry in entries:
        gesture = entry.gesture
        when = wording.moment(gesture.proposed_at, zone_of(entry.place), now)
        amount, state = wording.roubles(gesture.amount), wording.GESTURES[gesture.state]
        what = wording.one_line(gesture.what, 80) or ERASED
        yield f"  № {gesture.ticket:<5} {when:<24} {amount:>11}  {state:<13} {what} ({_who(gesture)})"
    for title, key, names in (("По точкам", _place, titles), ("По сотрудникам", _person, {})):
        yield ""
        yield click.style(title, bold=True)
        for name, sums in _sums(entries, key).items():
            yield f"  {wording.one_line(names.get(name, name), 30):<30}  {_sums_text(sums)}"


def _sums_text(sums: Mapping[str, int]) -> str:
    agreed = f"согласовано {wording.roubles(sums['agreed_amount'])} ({sums['agreed']})"
    waiting = f", ждёт владельца {wording.roubles(sums['waiting_amount'])} ({sums['waiting']})"
    return agreed + (waiting if sums["waiting"] else "")
