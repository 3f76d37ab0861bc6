"""The step of the tables for calendars, acknowledgement, first answers and digests."""

DEADLINES = """
ALTER TABLE ticket ADD COLUMN floor_at TEXT;             -- due not before it: time a person was left with
ALTER TABLE ticket ADD COLUMN reopened INTEGER NOT NULL DEFAULT 0 CHECK (reopened IN (0, 1)); -- by `sla.reopened`
ALTER TABLE ticket ADD COLUMN policy TEXT NOT NULL DEFAULT '';     -- which promises its deadline was counted by
ALTER TABLE ticket ADD COLUMN acknowledged_by TEXT;      -- who said "I know": silent until the deadline moves
ALTER TABLE ticket ADD COLUMN acknowledged_at TEXT;
ALTER TABLE ticket ADD COLUMN answered_at TEXT;          -- the first answer, whatever came after it
ALTER TABLE ticket ADD COLUMN answered_met INTEGER CHECK (answered_met IN (0, 1));
-- Why a deadline of before stands where it stands is not known: no change of promises moves it nearer.
UPDATE ticket SET floor_at = due_at WHERE state IN ('open', 'approved');
UPDATE ticket SET answered_at = closed_at, answered_met = met WHERE state IN ('submitted', 'answered');
CREATE INDEX ticket_policy ON ticket (policy) WHERE state IN ('open', 'approved') AND due_at IS NOT NULL;
CREATE INDEX ticket_answered ON ticket (answered_at) WHERE answered_at IS NOT NULL;
-- What numbers are counted from, without reading the texts.
CREATE INDEX review_seen ON review (first_seen_at, listing_id, revision, stars, posted_at, posted_precision, initial);
CREATE INDEX ticket_missed ON ticket (due_at) WHERE answered_met IS NOT 1;

CREATE TABLE policy (                -- every set of promises that deadlines were ever counted by
    fingerprint TEXT PRIMARY KEY,
    seen_at TEXT NOT NULL,
    terms TEXT NOT NULL              -- JSON: place → the promises in words
) STRICT, WITHOUT ROWID;

CREATE TABLE notification_new (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE, -- derived from what it is about: the same alert can never be queued twice
    kind TEXT NOT NULL CHECK (kind IN
        ('deadline', 'warnings', 'overdue', 'danger', 'unanswerable', 'intake', 'digest', 'weekly')),
    level TEXT NOT NULL DEFAULT '',  -- of a digest: its last day
    recipient TEXT NOT NULL,         -- an address, or channel:NAME
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
    moment TEXT NOT NULL DEFAULT '',     -- which deadline and level of it: told once to each recipient
    PRIMARY KEY (notification_id, ticket_id)
) STRICT;
CREATE TABLE notification_alarm_new (
    notification_id INTEGER NOT NULL REFERENCES notification_new (id),
    alarm_id INTEGER NOT NULL REFERENCES alarm (id),
    PRIMARY KEY (notification_id, alarm_id)
) STRICT;
INSERT INTO notification_new SELECT * FROM notification;
INSERT INTO notification_ticket_new (notification_id, ticket_id) SELECT * FROM notification_ticket;
INSERT INTO notification_alarm_new SELECT * FROM notification_alarm;
DROP TABLE notification_alarm;
DROP TABLE notification_ticket;
DROP TABLE notification;
ALTER TABLE notification_new RENAME TO notification;
ALTER TABLE notification_ticket_new RENAME TO notification_ticket;
ALTER TABLE notification_alarm_new RENAME TO notification_alarm;
CREATE INDEX notification_due ON notification (next_try_at) WHERE state = 'pending';
CREATE INDEX notification_of_ticket ON notification_ticket (ticket_id);
CREATE INDEX notification_intake ON notification (created_at) WHERE kind = 'intake';
CREATE INDEX notification_of_alarm ON notification_alarm (alarm_id);
CREATE INDEX notification_sent ON notification (recipient, sent_at) WHERE state = 'sent';
"""
