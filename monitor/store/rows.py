"""Rows to words and back: the only place that knows how a value looks in the database."""

import json
from dataclasses import asdict
from typing import Any

from monitor.clock import from_iso, optional_iso, optional_moment, to_iso
from monitor.corrections import ByHand
from monitor.model import (
    Label,
    ListingState,
    Precision,
    Reply,
    ReplyState,
    StoredReview,
    Target,
    Ticket,
    TicketState,
)
from monitor.store.connection import Row
from responders.types import Draft, Fault, Finding
from sentiment.types import (
    Evidence,
    Intent,
    IntentMention,
    Person,
    Probabilities,
    Risk,
    RiskMention,
    Theme,
    ThemeMention,
    Tone,
    Verdict,
)


def listing_from(row: Row) -> ListingState:
    return ListingState(
        id=row["id"],
        place=row["place"],
        source=row["source"],
        external_id=row["external_id"],
        next_check_at=from_iso(row["next_check_at"]),
        first_success_at=optional_moment(row["first_success_at"]),
        enforce_from=optional_moment(row["enforce_from"]),
        imported_at=optional_moment(row["imported_at"]),
        cursor=row["cursor"],
        read_started_at=optional_moment(row["read_started_at"]),
        read_seen=row["read_seen"],
        last_good_at=optional_moment(row["last_good_at"]),
        last_complete_at=optional_moment(row["last_complete_at"]),
        complete_seen=row["complete_seen"],
        complete_declared=row["complete_declared"],
        declared_total=row["declared_total"],
        suspects=row["suspects"],
        error_count=row["error_count"],
        error_message=row["error_message"],
        error_kind=row["error_kind"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        failing_since=optional_moment(row["failing_since"]),
        silent_at=optional_moment(row["silent_at"]),
        usual_gap=row["usual_gap"],
        wide_gaps=row["wide_gaps"],
    )


def reply_from(row: Row) -> Reply | None:
    if row["reply_text"] is None:
        return None
    return Reply(row["reply_text"], optional_moment(row["reply_at"]), ReplyState(row["reply_state"]))


STORED_REVIEWS = """
SELECT r.*, t.state AS ticket_state, t.started_at AS clock_began, v.seen_at AS changed_at FROM review r
LEFT JOIN ticket t ON t.review_id = r.id LEFT JOIN revision v ON v.review_id = r.id AND v.number = r.revision
"""
"""What `review_from` reads: the review, its ticket's state and clock, and when its words last changed."""


def review_from(row: Row) -> StoredReview:
    """From a row of `STORED_REVIEWS`."""
    return StoredReview(
        id=row["id"],
        external_id=row["external_id"],
        digest=row["digest"],
        stars=row["stars"],
        looked_at=optional_moment(row["looked_at"]),
        mark=row["mark"],
        revision=row["revision"],
        reply=reply_from(row),
        reply_misses=row["reply_misses"],
        awaited=row["ticket_state"] == TicketState.SUBMITTED,
        clock_began=optional_moment(row["clock_began"]),
        absences=row["absences"],
        removed=row["removed_at"] is not None,
        forgotten=row["forgotten_at"] is not None,
        posted_precision=Precision(row["posted_precision"]),
        changed_at=optional_moment(row["changed_at"]),
        last_seen_at=from_iso(row["last_seen_at"]),
    )


def ticket_from(row: Row) -> Ticket:
    return Ticket(
        id=row["id"],
        review_id=row["review_id"],
        state=TicketState(row["state"]),
        backlog=bool(row["backlog"]),
        target=Target(row["target"]),
        started_at=from_iso(row["started_at"]),
        armed_at=from_iso(row["armed_at"]),
        due_at=optional_moment(row["due_at"]),
        level=row["level"],
        next_change_at=optional_moment(row["next_change_at"]),
        assignee=row["assignee"],
        met=_optional_bool(row["met"]),
        closed_at=optional_moment(row["closed_at"]),
        fault=Fault(row["fault"]),
        measure=row["measure"],
        floor_at=optional_moment(row["floor_at"]),
        reopened=bool(row["reopened"]),
        policy=row["policy"],
        acknowledged_by=row["acknowledged_by"],
        acknowledged_at=optional_moment(row["acknowledged_at"]),
        answered_at=optional_moment(row["answered_at"]),
        answered_met=_optional_bool(row["answered_met"]),
    )


def ticket_row(ticket: Ticket) -> Row:
    """Everything of a ticket but its id."""
    return {
        "review_id": ticket.review_id,
        "state": ticket.state.value,
        "backlog": int(ticket.backlog),
        "target": ticket.target.value,
        "started_at": to_iso(ticket.started_at),
        "armed_at": to_iso(ticket.armed_at),
        "due_at": optional_iso(ticket.due_at),
        "level": str(ticket.level),
        "next_change_at": optional_iso(ticket.next_change_at),
        "assignee": ticket.assignee,
        "met": _optional_int(ticket.met),
        "closed_at": optional_iso(ticket.closed_at),
        "fault": ticket.fault.value,
        "measure": ticket.measure,
        "floor_at": optional_iso(ticket.floor_at),
        "reopened": int(ticket.reopened),
        "policy": ticket.policy,
        "acknowledged_by": ticket.acknowledged_by,
        "acknowledged_at": optional_iso(ticket.acknowledged_at),
        "answered_at": optional_iso(ticket.answered_at),
        "answered_met": _optional_int(ticket.answered_met),
    }


def _optional_bool(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _optional_int(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def verdict_row(verdict: Verdict) -> Row:
    odds = verdict.probabilities
    return {
        "tone": verdict.tone.value,
        "probabilities": None if odds is None else _json([odds.negative, odds.neutral, odds.positive]),
        "flagged": int(verdict.flagged),
        "uncertain": int(verdict.uncertain),
        "conflict": int(verdict.conflict),
        "themes": _json([_theme_list(item) for item in verdict.themes]),
        "risks": _json([[mention.risk, mention.quote] for mention in verdict.risks]),
        "evidence": _json([[evidence.phrase, evidence.weight] for evidence in verdict.evidence]),
        "people": _json(
            [[item.role, item.name, item.dative, item.gender, item.tone, item.quote] for item in verdict.people]
        ),
        "intents": _json([[mention.intent, mention.quote] for mention in verdict.intents]),
    }


def _theme_list(mention: ThemeMention) -> list[str]:
    """`of` and `rule` stand behind the quote as far as they are needed; rows of earlier versions have no rule."""
    told = [mention.theme.value, mention.tone.value, mention.quote]
    if mention.rule:
        return [*told, mention.of, mention.rule]
    return [*told, mention.of] if mention.of else told


def verdict_from(row: Row) -> Verdict | None:
    """From the columns of a verdict, None where the join found none."""
    if row["tone"] is None:
        return None
    odds = row["probabilities"]
    return Verdict(
        tone=Tone(row["tone"]),
        probabilities=None if odds is None else Probabilities(*json.loads(odds)),
        flagged=bool(row["flagged"]),
        uncertain=bool(row["uncertain"]),
        conflict=bool(row["conflict"]),
        themes=tuple(
            ThemeMention(Theme(theme), Tone(tone), quote, *rest)
            for theme, tone, quote, *rest in json.loads(row["themes"])
        ),
        risks=tuple(RiskMention(Risk(risk), quote) for risk, quote in json.loads(row["risks"])),
        evidence=tuple(Evidence(phrase, weight) for phrase, weight in json.loads(row["evidence"])),
        people=tuple(
            Person(role, name, dative, gender, Tone(tone), quote)
            for role, name, dative, gender, tone, quote in json.loads(row["people"])
        ),
        intents=tuple(IntentMention(Intent(intent), quote) for intent, quote in json.loads(row["intents"])),
    )


def label_from(row: Row) -> Label | None:
    """From `label_tone`, `label_complaint`, `label_tone_by`, `label_complaint_by`, `label_made_at`; None where nobody
    said anything."""
    if row["label_made_at"] is None:
        return None
    return Label(
        tone=None if row["label_tone"] is None else Tone(row["label_tone"]),
        complaint=None if row["label_complaint"] is None else bool(row["label_complaint"]),
        tone_by=row["label_tone_by"],
        complaint_by=row["label_complaint_by"],
        made_at=from_iso(row["label_made_at"]),
    )


def themes_from(row: Row) -> dict[Theme, bool]:
    """From `themes_by_hand`: whether each theme that a person spoke of holds."""
    return {Theme(theme): bool(holds) for theme, holds in json.loads(row["themes_by_hand"]).items()}


def by_hand_from(row: Row) -> ByHand:
    """From `themes_by_hand`, `theme_tones` and `dangers_by_hand`."""
    return ByHand(
        themes_from(row),
        {Theme(theme): Tone(tone) for theme, tone in json.loads(row["theme_tones"]).items()},
        {Risk(danger): bool(holds) for danger, holds in json.loads(row["dangers_by_hand"]).items()},
    )


def findings_json(findings: tuple[Finding, ...]) -> str:
    return _json([asdict(finding) for finding in findings])


def draft_from(row: Row) -> Draft | None:
    """From `draft_text`, `draft_template`, `draft_findings`, `draft_reason`, `draft_similarity`; None where there is no
    draft."""
    if row["draft_text"] is None:
        return None
    findings = tuple(
        Finding(item["rule"], item["severity"], item["message"], tuple(item["span"]) if item["span"] else None)
        for item in json.loads(row["draft_findings"])
    )
    reason, similarity = row["draft_reason"], row["draft_similarity"]
    return Draft(row["draft_text"], row["draft_template"], findings, reason, similarity)
