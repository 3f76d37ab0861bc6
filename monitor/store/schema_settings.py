"""The part of the step "numbers" that keeps what people set at the desk: who, when, what it was before."""

SETTINGS = """
CREATE TABLE setting (               -- every state a setting ever had; the newest row counts, none is changed
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT,                      -- NULL: taken back, what the files say holds again
    at TEXT NOT NULL,
    by TEXT NOT NULL
) STRICT;
CREATE INDEX setting_of ON setting (kind, name, id);
CREATE TRIGGER setting_as_it_was BEFORE UPDATE ON setting BEGIN
    SELECT RAISE(ABORT, 'the history of settings keeps every row');
END;
CREATE TRIGGER setting_kept BEFORE DELETE ON setting BEGIN
    SELECT RAISE(ABORT, 'the history of settings keeps every row');
END;
"""
