"""The part of the step "numbers" that keeps what every number is counted from, ready to be summed: a row for each 512
reviews (`monitor.store.facts_rows`), made from the other tables by whoever wants to know, and made again at will.

A review of such a row that changes is noted in `fact_stale` by triggers, whoever writes: what the row says of it holds
no more. Where there is no row there is nothing to note. What is erased must not stand anywhere: its row goes at once.
"""

_MARKED = """INSERT INTO fact_stale SELECT {review} WHERE EXISTS (
        SELECT 1 FROM fact_block WHERE block = {review} >> 9) ON CONFLICT DO NOTHING"""

_COLUMNS = {
    "review": "listing_id, revision, stars, posted_at, posted_precision, first_seen_at, initial",
    "ticket": "state, backlog, started_at, due_at, level, assignee, closed_at, answered_at, answered_met",
    "event": "kind, at, was, became, why",
    "verdict": "revision, tone, themes, risks, people",
    "reply": "text, at, state, seen_at",
}
"""Table → what of it numbers are counted from."""

_EVENTS = "('level', 'opened', 'reopened', 'revised', 'dismissed', 'removed', 'forgotten')"
"""Of the others no number knows; mind `monitor.store.numbers_sql`."""


def _trigger(table: str, event: str) -> str:
    """Notes the review that a row is about."""
    row = "OLD" if event == "DELETE" else "NEW"
    of = f" OF {_COLUMNS[table]}" if event == "UPDATE" else ""
    when = f" WHEN {row}.kind IN {_EVENTS}" if table == "event" and event != "UPDATE" else ""
    marked = _MARKED.format(review=f"{row}.{'id' if table == 'review' else 'review_id'}")
    name = f"fact_{table}_{event.lower()}"
    return f"CREATE TRIGGER {name} AFTER {event}{of} ON {table}{when} BEGIN\n    {marked};\nEND;\n"


FACTS = f"""
CREATE TABLE fact_block (
    block INTEGER PRIMARY KEY,       -- of the reviews whose ids are 512 * block and the 511 behind it
    rules TEXT NOT NULL,             -- by which it was made: those of another program say nothing
    first_at INTEGER NOT NULL,       -- the first and the last moment that it tells of, microseconds since 1970
    last_at INTEGER NOT NULL,
    assignees TEXT NOT NULL,         -- JSON: what the numbers below stand for
    people TEXT NOT NULL,
    said BLOB NOT NULL,              -- of whom which review speaks
    reviews BLOB NOT NULL
) STRICT;
CREATE INDEX fact_span ON fact_block (rules, block, first_at, last_at);
CREATE TABLE fact_stale (
    review_id INTEGER PRIMARY KEY
) STRICT;
{"".join(_trigger(table, event) for table in _COLUMNS for event in ("INSERT", "UPDATE", "DELETE"))}
CREATE TRIGGER fact_forgotten AFTER UPDATE OF forgotten_at ON review BEGIN
    DELETE FROM fact_block WHERE block = NEW.id >> 9;
END;
-- What may be answered, and since when, stands with the card.
CREATE TRIGGER fact_listing_active AFTER UPDATE OF active ON listing WHEN NEW.active <> OLD.active BEGIN
    INSERT INTO fact_stale SELECT review_id FROM ticket t
        WHERE t.state IN ('open', 'approved') AND t.listing_id = NEW.id AND EXISTS (
            SELECT 1 FROM fact_block WHERE block = t.review_id >> 9) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER fact_listing_enforced AFTER UPDATE OF enforce_from ON listing
WHEN NEW.enforce_from IS NOT OLD.enforce_from BEGIN
    INSERT INTO fact_stale SELECT id FROM review r
        WHERE r.listing_id = NEW.id AND r.initial = 1 AND EXISTS (
            SELECT 1 FROM fact_block WHERE block = r.id >> 9) ON CONFLICT DO NOTHING;
END;
"""
