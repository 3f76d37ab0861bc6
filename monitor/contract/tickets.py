"""A ticket as JSON: the row of a list, and all of it."""

from collections.abc import Iterable, Sequence

from monitor.alerts import TicketView
from monitor.clock import optional_iso, to_iso
from monitor.gestures import Gesture
from monitor.model import Label
from monitor.store.sqlite import Store
from monitor.talk import Dispute, Note
from responders.types import Draft, Finding
from sentiment.types import ThemeMention, Verdict


def verdict_json(verdict: Verdict | None) -> dict[str, object]:
    """The keys of an analysis; null and empty where there is none yet."""
    if verdict is None:
        lists: dict[str, object] = {key: [] for key in ("themes", "risks", "evidence", "people", "intents")}
        return dict.fromkeys(("tone", "flagged", "uncertain", "conflict")) | lists
    return {
        "tone": verdict.tone,
        "flagged": verdict.flagged,
        "uncertain": verdict.uncertain,
        "conflict": verdict.conflict,
        "themes": [theme_json(item) for item in verdict.themes],
        "risks": [{"risk": item.risk, "quote": item.quote} for item in verdict.risks],
        "evidence": [{"phrase": item.phrase, "weight": round(item.weight, 4)} for item in verdict.evidence],
        "people": [
            {"role": item.role, "name": item.name, "dative": item.dative, "tone": item.tone, "quote": item.quote}
            for item in verdict.people
        ],
        "intents": [{"intent": item.intent, "quote": item.quote} for item in verdict.intents],
    }


def theme_json(mention: ThemeMention) -> dict[str, object]:
    """`of` only where it is known of what the quality is."""
    told: dict[str, object] = {"theme": mention.theme, "tone": mention.tone, "quote": mention.quote}
    return told | ({"of": mention.of} if mention.of else {})


def findings_json(findings: Iterable[Finding]) -> list[dict[str, object]]:
    return [{"rule": finding.rule, "severity": finding.severity, "message": finding.message} for finding in findings]


def ticket_json(view: TicketView) -> dict[str, object]:
    """A ticket as the command-line contract of the design page has it."""
    return {
        "ticket": view.ticket,
        "review": view.review,
        "state": view.state,
        "sla": view.standing,
        "due_at": optional_iso(view.due_at),
        "backlog": view.backlog,
        "place": view.place,
        "source": view.source,
        "stars": view.stars,
        "author": view.author,
        "text": view.text,
        "posted_at": optional_iso(view.posted_at),
        "posted_precision": view.posted_precision,
        "first_seen_at": to_iso(view.first_seen_at),
        "revision": view.revision,
        **verdict_json(view.verdict),
        "tone_by": view.label.tone_by if view.label else None,
        "correction": _label_json(view.label),
        "themes_by_hand": dict(view.themes_by_hand),
        "dangers_by_hand": dict(view.dangers_by_hand),
        "dispute": view.dispute,
        "fault": view.fault,
        "measure": view.measure,
        "draft": _draft_json(view, view.draft),
        "gestures": [gesture_json(gesture) for gesture in view.gestures],
        "assignee": view.assignee,
        "acknowledged_by": view.acknowledged_by,
        "url": view.url,
        "reply_url": view.reply_url,
        "same_as": [other.ticket for other in view.same_as],
    }


def _label_json(label: Label | None) -> dict[str, object] | None:
    if label is None:
        return None
    return {
        "tone": label.tone,
        "complaint": label.complaint,
        "by": label.tone_by or label.complaint_by,
        "at": to_iso(label.made_at),
    }


def _draft_json(view: TicketView, draft: Draft | None) -> dict[str, object] | None:
    if draft is None:
        return None
    return {
        "number": view.draft_number,
        "text": draft.text,
        "template": draft.template,
        "warnings": findings_json(draft.warnings),
        "author": view.draft_author,
        "stale": view.draft_stale,
        "reason": draft.reason,
        "similarity": draft.similarity,
    }


def gesture_json(gesture: Gesture) -> dict[str, object]:
    """`amount` in whole roubles; `what` is "" where the words were erased."""
    return {
        "gesture": gesture.id,
        "what": gesture.what,
        "amount": gesture.amount,
        "state": gesture.state,
        "by": gesture.proposed_by,
        "at": to_iso(gesture.proposed_at),
        "decided_by": gesture.decided_by,
        "decided_at": optional_iso(gesture.decided_at),
        "withdrawn_by": gesture.withdrawn_by,
        "withdrawn_at": optional_iso(gesture.withdrawn_at),
    }


def talk_json(notes: Sequence[Note], disputes: Sequence[Dispute]) -> dict[str, object]:
    return {
        "notes": [{"author": note.author, "at": to_iso(note.at), "text": note.text} for note in notes],
        "disputes": [
            {"state": step.state, "by": step.actor, "at": to_iso(step.at), "why": step.why} for step in disputes
        ],
    }


def whole_ticket_json(store: Store, view: TicketView) -> dict[str, object]:
    """With everything that was said of it and everything that happened."""
    number = view.ticket
    said = talk_json(store.talk.notes(number), store.talk.disputes(number))
    return ticket_json(view) | store.tickets.wordings(view.review) | said | {"events": store.tickets.events(number)}
