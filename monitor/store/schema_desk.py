"""The step of the tables for the desk: people, their sessions, what they say of a ticket, the search."""

from monitor.store.schema_queue import QUEUE

DESK = (
    """
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL,             -- the name under which they act, in histories too
    folded TEXT NOT NULL UNIQUE,     -- the login without the difference between capitals and small letters
    name TEXT NOT NULL,
    email TEXT NOT NULL DEFAULT '',
    role TEXT NOT NULL CHECK (role IN ('operator', 'lead', 'owner', 'administrator')),
    password TEXT,                   -- argon2id; NULL: none yet, nobody can log in by it
    everywhere INTEGER NOT NULL DEFAULT 1 CHECK (everywhere IN (0, 1)),   -- 0: the rows of account_place
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE account_place (
    account_id INTEGER NOT NULL REFERENCES account (id),
    place TEXT NOT NULL,
    PRIMARY KEY (account_id, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    token TEXT PRIMARY KEY,          -- SHA-256 of what the cookie holds
    account_id INTEGER NOT NULL REFERENCES account (id),
    started_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    address TEXT NOT NULL DEFAULT '',
    browser TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_account ON session (account_id);
CREATE INDEX session_expiry ON session (expires_at);
CREATE TABLE entry_link (            -- lets somebody in once, to set a password
    token TEXT PRIMARY KEY,          -- SHA-256 of what the link holds
    account_id INTEGER REFERENCES account (id),   -- NULL: makes the first administrator
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE login_failure (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,           -- SHA-256 of the login as it was typed: it may be a password
    address TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX login_failure_account ON login_failure (account, at);
CREATE INDEX login_failure_address ON login_failure (address, at);
CREATE TABLE audit (                 -- what was done at the desk that is no event of a ticket
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,             -- '' where nobody was logged in
    kind TEXT NOT NULL,
    what TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_at ON audit (at);

CREATE TABLE saved_view (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    query TEXT NOT NULL,             -- as it stands in the address of the queue
    UNIQUE (account_id, name)
) STRICT;

CREATE TABLE note (                  -- for colleagues, never for the author; erased too
    id INTEGER PRIMARY KEY,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX note_of_ticket ON note (ticket_id);

CREATE TABLE dispute (               -- what the site was asked about a review; the latest row counts
    id INTEGER PRIMARY KEY,
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    state TEXT NOT NULL CHECK (state IN ('filed', 'rejected', 'removed')),
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT ''     -- in a person's words; erased too
) STRICT;
CREATE INDEX dispute_of_ticket ON dispute (ticket_id);

CREATE TABLE theme_label (           -- a theme that a person put on a wording, or took off it
    review_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    theme TEXT NOT NULL,
    holds INTEGER NOT NULL CHECK (holds IN (0, 1)),
    tone TEXT CHECK (tone IN ('negative', 'neutral', 'positive')),   -- NULL: nobody said in which
    by TEXT NOT NULL,
    made_at TEXT NOT NULL,
    PRIMARY KEY (review_id, revision, theme),
    FOREIGN KEY (review_id, revision) REFERENCES revision (review_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE danger_label (          -- a danger, likewise
    review_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    danger TEXT NOT NULL,
    holds INTEGER NOT NULL CHECK (holds IN (0, 1)),
    by TEXT NOT NULL,
    made_at TEXT NOT NULL,
    PRIMARY KEY (review_id, revision, danger),
    FOREIGN KEY (review_id, revision) REFERENCES revision (review_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX review_held ON review (listing_id, origin, removed_at);   -- counted, card by card
ALTER TABLE notification ADD COLUMN leased INTEGER NOT NULL DEFAULT 0 CHECK (leased IN (0, 1));  -- a sender has it
CREATE INDEX notification_failed ON notification (id) WHERE state = 'failed';     -- rare ones, for pages of them
CREATE INDEX notification_cancelled ON notification (id) WHERE state = 'cancelled';

ALTER TABLE review ADD COLUMN searched_with TEXT NOT NULL DEFAULT '';   -- version of the search; '' when due
CREATE INDEX review_unsearched ON review (searched_with) WHERE forgotten_at IS NULL;
"""
    + QUEUE
)
