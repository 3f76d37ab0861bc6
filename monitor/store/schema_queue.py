"""The part of the step "desk" that makes the queue quick: what it is filtered by stands in the ticket itself, so that
one index of what waits answers every filter; the triggers keep it true, whoever writes. So do those of the outbox:
what a notification is about stands there with its card.

`shown.version` moves with every change that a page of the desk could show.
"""

_FACTS = """
UPDATE ticket SET (listing_id, posted_at, wordless, danger, flagged, asks, tone, topics) = (
    SELECT r.listing_id, coalesce(r.posted_at, ''), trim(r.text, ' ' || char(9, 10, 13)) = '',
        coalesce(v.risks <> '[]', 0), coalesce(v.flagged, 0),
        coalesce((SELECT max(json_extract(m.value, '$[0]') = 'question') FROM json_each(v.intents) m), 0),
        coalesce(v.tone, ''),
        coalesce((SELECT ',' || group_concat(DISTINCT json_extract(m.value, '$[0]')) || ','
            FROM json_each(v.themes) m), '')
    FROM review r LEFT JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision
    WHERE r.id = ticket.review_id)"""

_TRIGGER = "CREATE TRIGGER {name} AFTER {event} BEGIN {act}; END;\n"

_KEPT = {
    "ticket_facts": ("INSERT ON ticket", "NEW.review_id"),
    "review_facts": ("UPDATE OF revision, text, posted_at, listing_id ON review", "NEW.id"),
    "verdict_facts": ("INSERT ON verdict", "NEW.review_id"),
    "verdict_facts_changed": ("UPDATE ON verdict", "NEW.review_id"),
    "verdict_facts_gone": ("DELETE ON verdict", "OLD.review_id"),
}
"""Trigger → when, and the review whose ticket's facts are due."""

_SHOWN = {
    "ticket": ("INSERT", "UPDATE"),
    "review": (
        "UPDATE OF text, stars, author, url, posted_at, reply_text, reply_at, reply_state, removed_at, same_as",
    ),
    "listing": ("UPDATE OF place, active",),
    "account": ("INSERT", "UPDATE OF name"),
    "verdict": ("INSERT", "UPDATE", "DELETE"),
    "draft": ("INSERT", "UPDATE", "DELETE"),
    "event": ("INSERT", "UPDATE"),
    "label": ("INSERT", "DELETE"),
    "gesture": ("INSERT", "UPDATE"),
    "theme_label": ("INSERT", "UPDATE", "DELETE"),
    "danger_label": ("INSERT", "UPDATE", "DELETE"),
    "note": ("INSERT", "UPDATE", "DELETE"),
    "dispute": ("INSERT", "UPDATE", "DELETE"),
}
"""Table → what of it a page shows."""

_COLUMNS = "state, danger, flagged, asks, wordless, backlog, listing_id, tone, topics, assignee, started_at, review_id"

QUEUE = f"""
-- What the queue is filtered by, of the review as it is now and its verdict; written by triggers alone.
ALTER TABLE ticket ADD COLUMN listing_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN posted_at TEXT NOT NULL DEFAULT '';    -- '' where nobody knows
ALTER TABLE ticket ADD COLUMN wordless INTEGER NOT NULL DEFAULT 0;   -- a rating alone
ALTER TABLE ticket ADD COLUMN danger INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN flagged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN asks INTEGER NOT NULL DEFAULT 0;       -- holds a question
ALTER TABLE ticket ADD COLUMN tone TEXT NOT NULL DEFAULT '';         -- '' before the analysis
ALTER TABLE ticket ADD COLUMN topics TEXT NOT NULL DEFAULT '';       -- themes: ',staff,waiting,'
{_FACTS};
{
    "".join(
        _TRIGGER.format(name=name, event=event, act=f"{_FACTS} WHERE review_id = {review}")
        for name, (event, review) in _KEPT.items()
    )
}
-- One walk of what waits, in its order, tells everything but the words; backlog stands first, without a deadline.
DROP INDEX ticket_due;
CREATE INDEX ticket_due ON ticket (due_at, posted_at DESC, id, {_COLUMNS}) WHERE state IN ('open', 'approved');
CREATE INDEX ticket_danger ON ticket (due_at, posted_at DESC, id, {_COLUMNS})
    WHERE danger = 1 AND state IN ('open', 'approved');
CREATE INDEX ticket_unanswerable ON ticket (posted_at DESC, id, {_COLUMNS}) WHERE state = 'unanswerable';
CREATE INDEX ticket_closed ON ticket (state, closed_at DESC, id DESC)
    WHERE state IN ('submitted', 'answered', 'dismissed', 'removed');

CREATE TABLE shown (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO shown VALUES (1, 1);
{
    "".join(
        _TRIGGER.format(
            name=f"shown_{table}_{number}", event=f"{event} ON {table}", act="UPDATE shown SET version = version + 1"
        )
        for table, events in _SHOWN.items()
        for number, event in enumerate(events)
    )
}
CREATE TRIGGER review_unsearched AFTER UPDATE OF text, author ON review WHEN NEW.searched_with <> '' BEGIN
    UPDATE review SET searched_with = '' WHERE id = NEW.id;
END;
-- Of which card a notification tells, so that whoever has few places walks what is about them; by triggers alone.
ALTER TABLE notification_ticket ADD COLUMN listing_id INTEGER NOT NULL DEFAULT 0;
UPDATE notification_ticket SET listing_id = (SELECT t.listing_id FROM ticket t WHERE t.id = ticket_id);
CREATE INDEX notification_of_card ON notification_ticket (listing_id, notification_id);
CREATE TRIGGER notification_card AFTER INSERT ON notification_ticket BEGIN
    UPDATE notification_ticket SET listing_id = t.listing_id FROM ticket t
    WHERE t.id = NEW.ticket_id AND notification_ticket.rowid = NEW.rowid;
END;
CREATE TRIGGER notification_card_moved AFTER UPDATE OF listing_id ON ticket WHEN NEW.listing_id <> OLD.listing_id BEGIN
    UPDATE notification_ticket SET listing_id = NEW.listing_id WHERE ticket_id = NEW.id;
END;
"""
