"""The schema, step by step. A step that has shipped is never edited: the next one is added below it."""

from collections.abc import Mapping

_FIRST = """
CREATE TABLE listing (
    id INTEGER PRIMARY KEY,
    place TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    next_check_at TEXT NOT NULL,
    first_success_at TEXT,
    enforce_from TEXT,               -- resolved once, at the first success
    imported_at TEXT,                -- when the first import reached the end
    cursor TEXT,                     -- the page at which an unfinished read goes on
    read_started_at TEXT,            -- of the read that is under way or was the last
    read_seen INTEGER NOT NULL DEFAULT 0,
    last_good_at TEXT,
    last_complete_at TEXT,
    complete_seen INTEGER,
    complete_declared INTEGER,
    declared_total INTEGER,
    suspects INTEGER NOT NULL DEFAULT 0,   -- reviews absent from the last complete read, not yet believed removed
    error_count INTEGER NOT NULL DEFAULT 0,
    error_kind TEXT,                 -- for whoever reads the file: the worker acts on the count alone
    error_message TEXT,
    error_at TEXT,
    UNIQUE (source, external_id)
) STRICT;
CREATE INDEX listing_due ON listing (next_check_at) WHERE active = 1;

CREATE TABLE review (
    id INTEGER PRIMARY KEY,
    listing_id INTEGER NOT NULL REFERENCES listing (id),
    external_id TEXT NOT NULL,
    stars INTEGER CHECK (stars BETWEEN 1 AND 5),
    text TEXT NOT NULL,
    author TEXT NOT NULL,
    posted_at TEXT,
    posted_precision TEXT NOT NULL CHECK (posted_precision IN ('exact', 'day', 'approximate', 'unknown')),
    url TEXT NOT NULL,
    digest TEXT NOT NULL,
    mark TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 1,
    reply_text TEXT,
    reply_at TEXT,
    reply_state TEXT CHECK (reply_state IN ('published', 'pending', 'rejected')),
    reply_seen_at TEXT,
    reply_misses INTEGER NOT NULL DEFAULT 0,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    initial INTEGER NOT NULL CHECK (initial IN (0, 1)),
    absences INTEGER NOT NULL DEFAULT 0,      -- complete reads in a row that did not show it
    removed_at TEXT,
    forgotten_at TEXT,
    analysed_with TEXT NOT NULL DEFAULT '',   -- the analyser's version; '' when the text changed since
    UNIQUE (listing_id, external_id)
) STRICT;
CREATE INDEX review_analysed ON review (analysed_with) WHERE forgotten_at IS NULL;
CREATE INDEX review_age ON review (first_seen_at) WHERE forgotten_at IS NULL;
CREATE INDEX review_author ON review (author) WHERE forgotten_at IS NULL;
CREATE INDEX review_last_seen ON review (listing_id, last_seen_at) WHERE removed_at IS NULL;

CREATE TABLE revision (
    review_id INTEGER NOT NULL REFERENCES review (id),
    number INTEGER NOT NULL,
    stars INTEGER,
    text TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (review_id, number)
) STRICT;

CREATE TABLE verdict (
    review_id INTEGER NOT NULL REFERENCES review (id),
    revision INTEGER NOT NULL,
    version TEXT NOT NULL,
    tone TEXT NOT NULL CHECK (tone IN ('negative', 'neutral', 'positive')),
    probabilities TEXT,              -- JSON [negative, neutral, positive] of the text alone
    flagged INTEGER NOT NULL CHECK (flagged IN (0, 1)),
    uncertain INTEGER NOT NULL CHECK (uncertain IN (0, 1)),
    conflict INTEGER NOT NULL CHECK (conflict IN (0, 1)),
    themes TEXT NOT NULL,            -- JSON lists, see store/rows.py
    risks TEXT NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (review_id, revision)
) STRICT;

CREATE TABLE ticket (
    id INTEGER PRIMARY KEY,
    review_id INTEGER NOT NULL UNIQUE REFERENCES review (id),
    state TEXT NOT NULL CHECK (state IN
        ('open', 'approved', 'submitted', 'answered', 'dismissed', 'removed', 'unanswerable')),
    backlog INTEGER NOT NULL CHECK (backlog IN (0, 1)),
    target TEXT NOT NULL CHECK (target IN ('unclassified', 'negative', 'other')),
    started_at TEXT NOT NULL,
    armed_at TEXT NOT NULL,
    due_at TEXT,
    level TEXT NOT NULL DEFAULT '' CHECK (level IN ('', '50%', '80%', 'breach', '+1x', '+2x', 'notice')),
    next_change_at TEXT,
    assignee TEXT,
    met INTEGER CHECK (met IN (0, 1)),
    closed_at TEXT,
    drafted_with TEXT NOT NULL DEFAULT ''    -- digest of templates, review and verdict; '' when a draft is due
) STRICT;
CREATE INDEX ticket_due ON ticket (due_at) WHERE state IN ('open', 'approved');
CREATE INDEX ticket_change ON ticket (next_change_at) WHERE next_change_at IS NOT NULL;
CREATE INDEX ticket_draft ON ticket (drafted_with) WHERE state IN ('open', 'unanswerable');

CREATE TABLE draft (
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    number INTEGER NOT NULL,         -- the highest is the one that counts
    revision INTEGER NOT NULL,       -- of the review it answers
    text TEXT NOT NULL,
    template TEXT NOT NULL,
    findings TEXT NOT NULL,          -- JSON list
    author TEXT,                     -- NULL: written by us
    at TEXT NOT NULL,
    PRIMARY KEY (ticket_id, number)
) STRICT;

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    review_id INTEGER NOT NULL REFERENCES review (id),
    ticket_id INTEGER REFERENCES ticket (id),
    kind TEXT NOT NULL,
    at TEXT NOT NULL,                -- when it became true
    actor TEXT NOT NULL,             -- '' for the worker
    was TEXT NOT NULL DEFAULT '',
    became TEXT NOT NULL DEFAULT '',
    why TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX event_ticket ON event (ticket_id);
CREATE INDEX event_review ON event (review_id);

CREATE TABLE notification (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE, -- derived from what it is about: the same alert can never be queued twice
    kind TEXT NOT NULL CHECK (kind IN ('deadline', 'warnings', 'overdue', 'danger', 'unanswerable')),
    level TEXT NOT NULL DEFAULT '',
    recipient TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed', 'cancelled')),
    created_at TEXT NOT NULL,
    next_try_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sent_at TEXT,
    error TEXT
) STRICT;
CREATE INDEX notification_due ON notification (next_try_at) WHERE state = 'pending';

CREATE TABLE notification_ticket (
    notification_id INTEGER NOT NULL REFERENCES notification (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    PRIMARY KEY (notification_id, ticket_id)
) STRICT;
CREATE INDEX notification_of_ticket ON notification_ticket (ticket_id);

CREATE TABLE pass (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    outcome TEXT NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'ok', 'failures', 'crashed')),
    summary TEXT NOT NULL DEFAULT '{}'
) STRICT;
"""

STEPS: Mapping[str, str] = {"first": _FIRST}
"""Name of a step → its statements, in the order in which they are taken."""
