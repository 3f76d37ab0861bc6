"""What a message tells programs: the part of a webhook's body that comes from the alert.

Keys and values are those of `otklik queue list --json`, so that one reader serves for both. New keys may join at any
time; one that changes its meaning makes another `webhook.VERSION`.
"""

from datetime import datetime

from monitor.alerts import AlarmView, Alert, TicketView
from monitor.clock import optional_iso, to_iso

MOST = 200
"""Tickets, and alarms, that a message lists; `total` counts all."""

TEST = "test"
"""The kind of a message that somebody sent to see whether messages arrive."""


def payload(alert: Alert) -> dict[str, object]:
    """As `webhook` documents it: kind, level, raised_at, total, tickets, alarms."""
    return _about(
        alert.kind.value,
        alert.level,
        alert.created_at,
        total=len(alert.tickets) + len(alert.alarms),
        tickets=[_ticket(view) for view in alert.tickets[:MOST]],
        alarms=[_alarm(view) for view in alert.alarms[:MOST]],
    )


def trial(now: datetime) -> dict[str, object]:
    return _about(TEST, "", now, total=0, tickets=[], alarms=[])


def _about(
    kind: str,
    level: str,
    raised_at: datetime,
    *,
    total: int,
    tickets: list[dict[str, object]],
    alarms: list[dict[str, object]],
) -> dict[str, object]:
    return {
        "kind": kind,
        "level": level,
        "raised_at": to_iso(raised_at),
        "total": total,
        "tickets": tickets,
        "alarms": alarms,
    }


def _ticket(view: TicketView) -> dict[str, object]:
    verdict = view.verdict
    return {
        "ticket": view.ticket,
        "state": view.state.value,
        "sla": None if view.standing is None else view.standing.value,
        "due_at": optional_iso(view.due_at),
        "place": view.place,
        "place_title": view.place_title,
        "source": view.source,
        "stars": view.stars,
        "tone": None if verdict is None else verdict.tone.value,
        "themes": []
        if verdict is None
        else [{"theme": item.theme.value, "tone": item.tone.value, "quote": item.quote} for item in verdict.themes],
        "risks": [] if verdict is None else [{"risk": item.risk.value, "quote": item.quote} for item in verdict.risks],
        "assignee": view.assignee,
        "url": view.url,
        "reply_url": view.reply_url,
    }


def _alarm(view: AlarmView) -> dict[str, object]:
    alarm = view.alarm
    return {
        "alarm": alarm.id,
        "kind": alarm.kind.value,
        "source": alarm.source,
        "listing": alarm.listing,
        "place": alarm.place,
        "message": alarm.message,
        "raised_at": to_iso(alarm.raised_at),
        "retry_at": optional_iso(view.retry_at),
    }
