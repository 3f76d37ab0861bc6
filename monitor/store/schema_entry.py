"""The part of the step "numbers" about accounts: links that set a password by mail, second factors."""

_MAILS = """
-- Mails about accounts. SQLite widens no CHECK, and what refers to a table goes with it.
CREATE TABLE notification_new (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE, -- derived from what it is about: the same alert can never be queued twice
    kind TEXT NOT NULL CHECK (kind IN ('deadline', 'warnings', 'overdue', 'danger', 'unanswerable', 'intake', 'digest',
        'weekly', 'entry', 'account')),
    level TEXT NOT NULL DEFAULT '',  -- of a digest: its last day; of a mail about an account: what for
    recipient TEXT NOT NULL,         -- an address, or channel:NAME
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed', 'cancelled')),
    created_at TEXT NOT NULL,
    next_try_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sent_at TEXT,
    error TEXT,
    leased INTEGER NOT NULL DEFAULT 0 CHECK (leased IN (0, 1))   -- a sender has it
) STRICT;
CREATE TABLE notification_ticket_new (
    notification_id INTEGER NOT NULL REFERENCES notification_new (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    moment TEXT NOT NULL DEFAULT '',     -- which deadline and level of it: told once to each recipient
    listing_id INTEGER NOT NULL DEFAULT 0,   -- of which card it tells; by triggers alone
    PRIMARY KEY (notification_id, ticket_id)
) STRICT;
CREATE TABLE notification_alarm_new (
    notification_id INTEGER NOT NULL REFERENCES notification_new (id),
    alarm_id INTEGER NOT NULL REFERENCES alarm (id),
    PRIMARY KEY (notification_id, alarm_id)
) STRICT;
INSERT INTO notification_new SELECT * FROM notification;
INSERT INTO notification_ticket_new SELECT * FROM notification_ticket;
INSERT INTO notification_alarm_new SELECT * FROM notification_alarm;
DROP TRIGGER notification_card_moved;
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
CREATE INDEX notification_failed ON notification (id) WHERE state = 'failed';     -- rare ones, for pages of them
CREATE INDEX notification_cancelled ON notification (id) WHERE state = 'cancelled';
CREATE INDEX notification_of_card ON notification_ticket (listing_id, notification_id);
CREATE TRIGGER notification_card AFTER INSERT ON notification_ticket BEGIN
    UPDATE notification_ticket SET listing_id = t.listing_id FROM ticket t
    WHERE t.id = NEW.ticket_id AND notification_ticket.rowid = NEW.rowid;
END;
CREATE TRIGGER notification_card_moved AFTER UPDATE OF listing_id ON ticket WHEN NEW.listing_id <> OLD.listing_id BEGIN
    UPDATE notification_ticket SET listing_id = NEW.listing_id WHERE ticket_id = NEW.id;
END;
CREATE TABLE notification_account (  -- whose account a mail is about
    notification_id INTEGER PRIMARY KEY REFERENCES notification (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    link TEXT,                       -- SHA-256 of the token that it holds
    address TEXT NOT NULL DEFAULT '',    -- from where it was done or asked for
    detail TEXT NOT NULL DEFAULT ''      -- what became what
) STRICT;
CREATE INDEX notification_of_account ON notification_account (account_id);
"""

ENTRY = f"""
ALTER TABLE account ADD COLUMN last_login_at TEXT;
ALTER TABLE account ADD COLUMN last_login_from TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN former_login_at TEXT;     -- the one before the last
ALTER TABLE account ADD COLUMN former_login_from TEXT NOT NULL DEFAULT '';
-- 0: somebody wrote the address into their own account, and nobody has shown yet that it is theirs.
ALTER TABLE account ADD COLUMN email_vouched INTEGER NOT NULL DEFAULT 1 CHECK (email_vouched IN (0, 1));
ALTER TABLE entry_link ADD COLUMN purpose TEXT NOT NULL DEFAULT 'entry' CHECK (purpose IN ('entry', 'reset'));
-- Of this and of the desk's secret the token is made, so that a mail can hold it; NULL: of chance alone.
ALTER TABLE entry_link ADD COLUMN nonce TEXT;
CREATE TABLE reset_request (         -- somebody asked for a new password by mail; the worker finds out who
    id INTEGER PRIMARY KEY,
    who TEXT NOT NULL,               -- SHA-256 of the login or address as it was typed: it may be a password
    address TEXT NOT NULL,
    network TEXT NOT NULL,           -- what is counted as one address
    at TEXT NOT NULL,
    handled INTEGER NOT NULL DEFAULT 0 CHECK (handled IN (0, 1))
) STRICT;
CREATE INDEX reset_request_waiting ON reset_request (id) WHERE handled = 0;
CREATE INDEX reset_request_who ON reset_request (who, at);
CREATE INDEX reset_request_network ON reset_request (network, at);
CREATE TABLE second_factor (         -- codes of an app that an account asks for after the password
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    seed TEXT NOT NULL,              -- of this and of the desk's secret the app's secret is made
    sealed_by TEXT NOT NULL,         -- which secret of the desk that was; '' for none
    made_at TEXT NOT NULL,
    confirmed_at TEXT,               -- NULL: not switched on, nobody is asked
    last_step INTEGER NOT NULL DEFAULT 0,    -- of the last code that was taken: none is taken twice
    failures INTEGER NOT NULL DEFAULT 0,     -- since the last success, however long ago
    failed_at TEXT,
    CHECK ((failures = 0) = (failed_at IS NULL))
) STRICT;
CREATE TABLE recovery_code (         -- instead of the app, once each
    account_id INTEGER NOT NULL REFERENCES account (id),
    code TEXT NOT NULL,              -- SHA-256
    PRIMARY KEY (account_id, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE pending_login (         -- the password was right, the code is still to come: no session
    token TEXT PRIMARY KEY,          -- SHA-256 of what the form holds
    account_id INTEGER NOT NULL REFERENCES account (id),
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_login_of_account ON pending_login (account_id);
{_MAILS}"""
