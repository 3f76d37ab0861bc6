"""The schema, step by step. A step that has shipped is never edited: the next one is added below it."""

from collections.abc import Mapping

from monitor.store.schema_api import API
from monitor.store.schema_deadlines import DEADLINES
from monitor.store.schema_desk import DESK
from monitor.store.schema_entry import ENTRY
from monitor.store.schema_facts import FACTS
from monitor.store.schema_measures import MEASURES
from monitor.store.schema_settings import SETTINGS

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

_INTAKE = """
ALTER TABLE listing ADD COLUMN etag TEXT;             -- of the first page, as the last good read found it
ALTER TABLE listing ADD COLUMN last_modified TEXT;
ALTER TABLE listing ADD COLUMN failing_since TEXT;    -- the first failure since the last good read
ALTER TABLE listing ADD COLUMN silent_at TEXT;        -- no new review until then would be out of the ordinary
ALTER TABLE listing ADD COLUMN usual_gap INTEGER;     -- how many reviews fewer than declared a complete read shows
ALTER TABLE listing ADD COLUMN wide_gaps INTEGER NOT NULL DEFAULT 0;  -- complete reads in a row with a wider gap
DROP INDEX listing_due;
CREATE INDEX listing_due_of_source ON listing (source, next_check_at) WHERE active = 1;
CREATE INDEX listing_failing ON listing (source, failing_since) WHERE active = 1 AND error_count > 0;
CREATE INDEX listing_silent ON listing (silent_at) WHERE silent_at IS NOT NULL AND active = 1;

ALTER TABLE review ADD COLUMN origin TEXT NOT NULL DEFAULT 'site' CHECK (origin IN ('site', 'file'));
ALTER TABLE review ADD COLUMN looked_at TEXT;         -- when its own page was read last, where the list cuts texts
ALTER TABLE review ADD COLUMN linked_with TEXT NOT NULL DEFAULT '';   -- version of the comparison; '' when due
ALTER TABLE review ADD COLUMN same_as INTEGER REFERENCES review (id); -- the first review of the same words
CREATE INDEX review_unlinked ON review (linked_with) WHERE forgotten_at IS NULL;
CREATE INDEX review_same ON review (same_as) WHERE same_as IS NOT NULL;
ALTER TABLE review ADD COLUMN words TEXT NOT NULL DEFAULT '';         -- a file's review is recognised by it, erased too
CREATE INDEX review_from_file ON review (listing_id, words) WHERE origin = 'file';

CREATE TABLE alias (                 -- ids under which files told of reviews that we hold under another
    listing_id INTEGER NOT NULL REFERENCES listing (id),
    external_id TEXT NOT NULL,
    review_id INTEGER NOT NULL REFERENCES review (id),
    PRIMARY KEY (listing_id, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_of_review ON alias (review_id);

CREATE TABLE sketch (                -- a few numbers that alike texts have in common
    hash INTEGER NOT NULL,
    review_id INTEGER NOT NULL REFERENCES review (id),
    PRIMARY KEY (hash, review_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sketch_of_review ON sketch (review_id);

CREATE TABLE reply (                 -- every wording of the owner's answer that a good read showed, oldest first
    id INTEGER PRIMARY KEY,
    review_id INTEGER NOT NULL REFERENCES review (id),
    text TEXT,                       -- NULL: it was gone
    at TEXT,
    state TEXT CHECK (state IN ('published', 'pending', 'rejected')),
    seen_at TEXT NOT NULL
) STRICT;
CREATE INDEX reply_of_review ON reply (review_id);
INSERT INTO reply (review_id, text, at, state, seen_at)
    SELECT id, reply_text, reply_at, reply_state, coalesce(reply_seen_at, first_seen_at) FROM review
    WHERE reply_text IS NOT NULL;

CREATE TABLE site (                  -- one row per source that refused us, until it is trusted again
    source TEXT PRIMARY KEY,         -- with "/host" where a source's cards are pages of many sites
    refusals INTEGER NOT NULL,
    closed_until TEXT NOT NULL,
    allowance INTEGER NOT NULL       -- how many of its cards a pass may read then
) STRICT;

CREATE TABLE host (                  -- what manners need to remember between passes
    name TEXT PRIMARY KEY,
    robots TEXT,                     -- robots.txt as it was read; '' when the site has none
    robots_until TEXT,
    asked_at TEXT,                   -- when the last request went out
    waits TEXT NOT NULL DEFAULT '{}' -- JSON: source → until when it asked to be left alone
) STRICT;

CREATE TABLE traffic (
    day TEXT NOT NULL,               -- UTC
    source TEXT NOT NULL,
    reads INTEGER NOT NULL DEFAULT 0,
    requests INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    blocks INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE alarm (                 -- what is wrong with a site or a card; open until it is resolved
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN
        ('blocked', 'unauthorised', 'layout_changed', 'unreachable', 'gone', 'emptied', 'gap', 'silent')),
    source TEXT NOT NULL,
    listing_id INTEGER REFERENCES listing (id),   -- NULL: the whole site
    message TEXT NOT NULL,
    raised_at TEXT NOT NULL,
    resolved_at TEXT
) STRICT;
CREATE UNIQUE INDEX alarm_open ON alarm (kind, source, coalesce(listing_id, 0)) WHERE resolved_at IS NULL;
CREATE INDEX alarm_resolved ON alarm (resolved_at);

CREATE TABLE notification_new (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE, -- derived from what it is about: the same alert can never be queued twice
    kind TEXT NOT NULL CHECK (kind IN ('deadline', 'warnings', 'overdue', 'danger', 'unanswerable', 'intake')),
    level TEXT NOT NULL DEFAULT '',
    recipient TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed', 'cancelled')),
    created_at TEXT NOT NULL,
    next_try_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sent_at TEXT,
    error TEXT
) STRICT;
CREATE TABLE notification_ticket_new (
    notification_id INTEGER NOT NULL REFERENCES notification_new (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    PRIMARY KEY (notification_id, ticket_id)
) STRICT;
INSERT INTO notification_new SELECT * FROM notification;
INSERT INTO notification_ticket_new SELECT * FROM notification_ticket;
DROP TABLE notification_ticket;
DROP TABLE notification;
ALTER TABLE notification_new RENAME TO notification;
ALTER TABLE notification_ticket_new RENAME TO notification_ticket;
CREATE INDEX notification_due ON notification (next_try_at) WHERE state = 'pending';
CREATE INDEX notification_of_ticket ON notification_ticket (ticket_id);
CREATE INDEX notification_intake ON notification (created_at) WHERE kind = 'intake';

CREATE TABLE notification_alarm (
    notification_id INTEGER NOT NULL REFERENCES notification (id),
    alarm_id INTEGER NOT NULL REFERENCES alarm (id),
    PRIMARY KEY (notification_id, alarm_id)
) STRICT;
CREATE INDEX notification_of_alarm ON notification_alarm (alarm_id);
"""

_CORRECTIONS = """
CREATE TABLE label (                 -- what a person said of a wording, against the analysis or with it
    review_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,       -- the words stand there, and only there
    tone TEXT CHECK (tone IN ('negative', 'neutral', 'positive')),   -- NULL: left to the analysis
    complaint INTEGER CHECK (complaint IN (0, 1)),                   -- NULL: not said
    tone_by TEXT,
    complaint_by TEXT,
    made_at TEXT NOT NULL,
    PRIMARY KEY (review_id, revision),
    FOREIGN KEY (review_id, revision) REFERENCES revision (review_id, number),
    CHECK (tone IS NOT NULL OR complaint IS NOT NULL),
    CHECK ((tone IS NULL) = (tone_by IS NULL) AND (complaint IS NULL) = (complaint_by IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX label_made ON label (made_at);
"""

_PEOPLE = """
ALTER TABLE verdict ADD COLUMN people TEXT NOT NULL DEFAULT '[]';    -- JSON lists, see store/rows.py
ALTER TABLE verdict ADD COLUMN intents TEXT NOT NULL DEFAULT '[]';
"""

_DRAFTS = """
ALTER TABLE ticket ADD COLUMN fault TEXT NOT NULL DEFAULT 'unconfirmed'
    CHECK (fault IN ('unconfirmed', 'confirmed', 'denied'));
ALTER TABLE ticket ADD COLUMN measure TEXT NOT NULL DEFAULT '';      -- what was done, in a person's words; erased too
ALTER TABLE draft ADD COLUMN reason TEXT NOT NULL DEFAULT '';        -- why so, for people; '' of a person's words
ALTER TABLE draft ADD COLUMN similarity REAL NOT NULL DEFAULT 0;     -- to the most alike reply on the card, 0 to 1
DROP INDEX review_author;
CREATE INDEX review_by_author ON review (author, posted_at) WHERE forgotten_at IS NULL;
"""

_GESTURES = """
CREATE TABLE gesture (               -- what customers are offered in private: a ledger
    id INTEGER PRIMARY KEY,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    what TEXT NOT NULL,              -- in a person's words; '' when they were erased
    amount INTEGER NOT NULL CHECK (amount > 0),   -- what it costs us, roubles
    state TEXT NOT NULL CHECK (state IN ('proposed', 'agreed', 'declined', 'withdrawn')),
    proposed_by TEXT NOT NULL,
    proposed_at TEXT NOT NULL,
    decided_by TEXT,                 -- who agreed or declined; stays when it is withdrawn later
    decided_at TEXT,
    withdrawn_by TEXT,
    withdrawn_at TEXT,
    CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (withdrawn_by IS NULL) = (withdrawn_at IS NULL)),
    CHECK (state = 'withdrawn' OR (state = 'proposed') = (decided_at IS NULL)),
    CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL))
) STRICT;
CREATE INDEX gesture_of_ticket ON gesture (ticket_id);
CREATE INDEX gesture_proposed ON gesture (proposed_at);
CREATE UNIQUE INDEX gesture_open ON gesture (ticket_id) WHERE state = 'proposed';
CREATE TRIGGER gesture_kept BEFORE DELETE ON gesture BEGIN
    SELECT RAISE(ABORT, 'the ledger of gestures keeps every row');
END;
CREATE TRIGGER gesture_as_it_was BEFORE UPDATE OF id, ticket_id, amount, proposed_by, proposed_at ON gesture BEGIN
    SELECT RAISE(ABORT, 'the ledger of gestures keeps who proposed what amount');
END;
"""

_PAGES = "CREATE INDEX review_at ON review (url) WHERE forgotten_at IS NULL;   -- whose page that is"

STEPS: Mapping[str, str] = {
    "first": _FIRST,
    "intake": _INTAKE,
    "corrections": _CORRECTIONS,
    "people": _PEOPLE,
    "drafts": _DRAFTS,
    "gestures": _GESTURES,
    "deadlines": DEADLINES,
    "desk": DESK,
    "numbers": FACTS + ENTRY + API + SETTINGS + MEASURES,
    "pages": _PAGES,
}
"""Name of a step → its statements, in the order in which they are taken."""
