"""What `monitor.store.numbers` asks: one row per review, ticket or group, in the words of `monitor.numbers`.

Aliases: `l` listing, `r` review, `t` its ticket, `v` its verdict.
"""

# To the millisecond, which is as exactly as SQLite tells time; its `round` would cost more than all the rest.
_SECONDS = "(julianday({end}) - julianday({start})) * 86400"

_BREACHED = "('breach', '+1x', '+2x')"

# Rule 6 by the review itself: a backlog ticket that was opened again does not say what it once was. A review that was
# answered before we first saw it has no ticket, one that a file told of perhaps no beginning of a promise.
_OLD = "(r.initial = 1 AND coalesce(r.posted_at < l.enforce_from, r.posted_at IS NULL OR t.id IS NULL))"

# Opened again after its first answer: clock and deadline are not those of that answer any more.
_OVERWRITTEN = "(t.started_at > t.answered_at OR t.answered_met = 0 AND coalesce(t.due_at >= t.answered_at, 1))"

_FIRST_BREACH = f"""(SELECT min(e.at) FROM event e WHERE e.ticket_id = t.id AND e.kind = 'level'
    AND e.became IN {_BREACHED} AND e.at <= t.answered_at)"""

_FIRST_DUE = f"CASE WHEN {_OVERWRITTEN} THEN {_FIRST_BREACH} ELSE t.due_at END"

# Whether the first answer was in time; NULL without an answer or a deadline. An answer that showed up after the ticket
# had been put aside is judged by the deadline it had.
_MET = f"""CASE WHEN t.answered_met IS NOT NULL THEN t.answered_met
    WHEN t.answered_at IS NOT NULL THEN t.answered_at <= ({_FIRST_DUE}) END"""

# Where the clock began that the first answer stopped.
_STARTED = """CASE WHEN t.started_at < t.answered_at THEN t.started_at ELSE coalesce(
    (SELECT max(e.at) FROM event e WHERE e.ticket_id = t.id AND e.at < t.answered_at
        AND (e.kind IN ('opened', 'reopened')
            OR e.kind = 'revised' AND e.was IN ('submitted', 'answered', 'dismissed'))), r.first_seen_at) END"""

# Of a closed ticket without an answer. What is put aside after its deadline has missed it.
_CLOSED_AS = """coalesce((SELECT CASE WHEN e.was = 'unanswerable' THEN 'unanswerable'
        WHEN e.kind = 'dismissed' AND e.why IN ('spam', 'duplicate', 'wrong_place') THEN 'needless'
        WHEN e.kind = 'dismissed' OR t.due_at <= t.closed_at THEN 'dropped'
        ELSE 'withdrawn' END
    FROM event e WHERE e.ticket_id = t.id AND e.kind IN ('dismissed', 'removed', 'forgotten') AND e.became = t.state
        AND e.was <> e.became ORDER BY e.id DESC LIMIT 1), 'dropped')"""

_FATE = f"""CASE WHEN t.answered_met = 1 AND t.backlog = 0 AND r.initial = 0 THEN 'in_time'
    WHEN t.backlog = 1 OR {_OLD} THEN 'backlog'
    WHEN t.id IS NULL THEN 'beforehand'
    WHEN t.answered_at IS NOT NULL OR t.state IN ('submitted', 'answered')
        THEN CASE coalesce({_MET}, 1) WHEN 1 THEN 'in_time' ELSE 'late' END
    WHEN t.state = 'unanswerable' THEN 'unanswerable'
    WHEN t.state NOT IN ('open', 'approved') THEN {_CLOSED_AS}
    WHEN l.active = 1 THEN 'waiting'
    WHEN t.level IN {_BREACHED} THEN 'dropped'
    ELSE 'withdrawn' END"""

# When the site first showed a reply: its own time of it as far as that makes sense, else when we saw it. NULL where the
# author rewrote the review after the reply, which moved its date.
_SHOWN = """(SELECT CASE WHEN p.at BETWEEN r.posted_at AND p.seen_at THEN p.at
        WHEN p.seen_at >= r.posted_at THEN p.seen_at END
    FROM reply p WHERE p.review_id = r.id AND p.text IS NOT NULL AND coalesce(p.state, 'published') = 'published'
    ORDER BY p.id LIMIT 1)"""

# When its first deadline was settled, and how: at an answer in time, else when the deadline passed; an answer that
# overwrote the deadline it missed tells of it by its alarm, or by itself.
_SETTLED = f"""CASE WHEN t.answered_at >= r.first_seen_at AND {_MET} = 1 THEN {{met}}
    WHEN t.answered_at IS NOT NULL AND {_OVERWRITTEN} AND {_MET} = 0 THEN {{overwritten}}
    WHEN t.answered_met IS NOT 1 AND t.due_at IS NOT NULL
        AND CASE WHEN t.answered_at IS NOT NULL THEN t.answered_at > t.due_at
            WHEN t.state IN ('open', 'approved') THEN l.active = 1 OR t.level IN {_BREACHED}
            ELSE t.due_at <= t.closed_at AND {_CLOSED_AS} = 'dropped' END
        THEN {{passed}} END"""

_SETTLED_AT = _SETTLED.format(
    met="t.answered_at", overwritten=f"coalesce({_FIRST_BREACH}, t.answered_at)", passed="t.due_at"
)
_OUTCOME = _SETTLED.format(
    met="'met'", overwritten="'late'", passed="CASE WHEN t.answered_at IS NULL THEN 'missed' ELSE 'late' END"
)

# In the order of `facts_rows.BLOCK`. A first answer from before we saw the review, as old tickets have, is none; one
# that was there when we first saw the review has no ticket.
_FACTS = f"""SELECT r.id, t.id, r.listing_id, t.assignee, r.first_seen_at, {_FATE}, v.tone, r.stars, r.initial,
    CASE WHEN r.initial = 0 AND r.posted_precision = 'exact' AND r.posted_at <= r.first_seen_at
        THEN {_SECONDS.format(start="r.posted_at", end="r.first_seen_at")} END,
    CASE WHEN t.id IS NOT NULL THEN CASE WHEN t.answered_at >= r.first_seen_at THEN t.answered_at END
        WHEN NOT {_OLD} THEN r.first_seen_at END,
    CASE WHEN t.id IS NULL THEN 'beforehand' ELSE {_MET} END,
    {_SECONDS.format(start=_STARTED, end="t.answered_at")},
    CASE WHEN r.posted_precision IN ('exact', 'day') AND (t.answered_at IS NOT NULL OR t.id IS NULL)
        THEN {_SECONDS.format(start="r.posted_at", end=_SHOWN)} END,
    r.posted_precision = 'day', {_SETTLED_AT}, {_OUTCOME}, v.themes, v.risks, v.people"""

# Crossed, so that SQLite does not begin with the cards and go through all their reviews.
_OF_REVIEW = """LEFT JOIN ticket t ON t.review_id = r.id CROSS JOIN listing l ON l.id = r.listing_id
LEFT JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision"""

FACTS_OF_BLOCK = f"{_FACTS} FROM review r {_OF_REVIEW} WHERE r.id BETWEEN :first AND :last"

# `reviews`: JSON [id, …]
FACTS_OF_REVIEWS = f"{_FACTS} FROM json_each(:reviews) g CROSS JOIN review r ON r.id = g.value {_OF_REVIEW}"

# The reviews that have a moment in the period, and a few more.
TOUCHED = f"""SELECT id FROM review WHERE first_seen_at >= :since AND first_seen_at < :until
UNION SELECT review_id FROM ticket WHERE answered_at >= :since AND answered_at < :until
UNION SELECT review_id FROM ticket WHERE answered_met IS NOT 1 AND due_at >= :since AND due_at < :until
UNION SELECT t.review_id FROM ticket t WHERE t.answered_at >= :until AND {_OVERWRITTEN}
    AND {_FIRST_BREACH} >= :since AND {_FIRST_BREACH} < :until"""

# Beside min(), SQLite takes the other columns from the row that has it. Both halves walk an index that holds all they
# need.
STANDING = """SELECT listing_id, assignee, due_at IS NULL AS backlog, 0 AS unanswerable, count(*) AS count,
    sum(due_at <= :now) AS overdue, min(due_at) AS oldest, id
FROM ticket WHERE state IN ('open', 'approved') GROUP BY 1, 2, 3
UNION ALL SELECT listing_id, assignee, 0, 1, count(*), 0, NULL, id FROM ticket WHERE state = 'unanswerable'
GROUP BY 1, 2"""

# `cards`: JSON [id, …]
WATCHED = """SELECT 1 AS there WHERE EXISTS (
    SELECT 1 FROM listing WHERE id IN (SELECT value FROM json_each(:cards)) AND first_success_at <= :since)
OR EXISTS (
    SELECT 1 FROM review WHERE first_seen_at <= :since AND listing_id IN (SELECT value FROM json_each(:cards)))"""

WAITING = """SELECT listing_id, target, count(*) AS count, sum(due_at <= :now) AS overdue
FROM ticket WHERE state IN ('open', 'approved') AND due_at IS NOT NULL GROUP BY 1, 2"""

READ_CARDS = "SELECT id, place, source, last_good_at FROM listing WHERE active = 1 AND source <> :canary"

FINISHED = "SELECT finished_at FROM pass WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 1"

_OF_CANARY = """FROM listing l JOIN review r ON r.listing_id = l.id JOIN ticket t ON t.review_id = r.id
WHERE l.source = :canary"""

# All of them, less those of trial alarms, which are few.
ANSWERS_EVER = f"""SELECT count(*) AS count FROM ticket WHERE answered_at IS NOT NULL
UNION ALL SELECT -count(*) {_OF_CANARY} AND t.answered_at IS NOT NULL"""

OUTBOX = f"""SELECT state, count(*) AS count FROM notification WHERE id NOT IN (SELECT n.notification_id
    FROM notification_ticket n WHERE n.ticket_id IN (SELECT t.id {_OF_CANARY})) GROUP BY state"""

ALARMS = """SELECT kind, count(*) AS count FROM alarm WHERE resolved_at IS NULL AND source <> :canary GROUP BY kind"""
