"""The part of the step "numbers" that keeps what was done about complaints, so that one can see whether it helped."""

MEASURES = """
CREATE TABLE measure (
    id INTEGER PRIMARY KEY,
    what TEXT NOT NULL,              -- in a person's words; '' when they were erased
    place TEXT,                      -- NULL: everywhere
    theme TEXT NOT NULL,             -- what was complained of
    day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),   -- from which on it works
    ticket_id INTEGER REFERENCES ticket (id),   -- about which it was first said; NULL: noted on its own
    noted_by TEXT NOT NULL,
    noted_at TEXT NOT NULL,
    withdrawn_by TEXT,
    withdrawn_at TEXT,
    CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL))
) STRICT;
CREATE INDEX measure_day ON measure (day, id) WHERE withdrawn_at IS NULL;
CREATE INDEX measure_of_ticket ON measure (ticket_id) WHERE ticket_id IS NOT NULL;
CREATE INDEX measure_said ON measure (what, place);
CREATE UNIQUE INDEX measure_once ON measure (coalesce(place, ''), theme, day, what)
    WHERE withdrawn_at IS NULL AND what <> '';
CREATE INDEX ticket_measured ON ticket (id) WHERE measure <> '';
"""
