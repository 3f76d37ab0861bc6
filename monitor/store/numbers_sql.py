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
    WHEN t.id IS NULL THEN 'in_time'
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

_FACTS = f"""SELECT {{seen}}, r.listing_id, t.assignee, t.id, {_FATE}, v.tone, r.stars,
    CASE WHEN r.initial = 0 AND r.posted_precision = 'exact' AND r.posted_at <= r.first_seen_at
        THEN {_SECONDS.format(start="r.posted_at", end="r.first_seen_at")} END,
    {_MET}, CASE WHEN t.answered_at >= r.first_seen_at THEN t.answered_at END,
    {_SECONDS.format(start=_STARTED, end="t.answered_at")},
    CASE WHEN r.posted_precision IN ('exact', 'day') AND (t.answered_at IS NOT NULL OR t.id IS NULL)
        THEN {_SECONDS.format(start="r.posted_at", end=_SHOWN)} END,
    r.posted_precision = 'day'"""

# Crossed, so that SQLite does not begin with the cards and go through all their reviews.
_OF_REVIEW = """CROSS JOIN listing l ON l.id = r.listing_id
LEFT JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision"""

_ASKED = """l.source <> :canary AND (:place IS NULL OR l.place = :place) AND (:source IS NULL OR l.source = :source)
    AND (:assignee IS NULL OR t.assignee = :assignee)"""

COHORT = f"""{_FACTS.format(seen="r.first_seen_at")} FROM review r LEFT JOIN ticket t ON t.review_id = r.id {_OF_REVIEW}
WHERE r.first_seen_at >= :since AND r.first_seen_at < :until AND {_ASKED}"""

ANSWERED = "SELECT id FROM ticket WHERE answered_at >= :since AND answered_at < :until"

# `tickets`: JSON [id, …], of reviews first seen at another time.
ANSWERS = f"""{_FACTS.format(seen="''")} FROM json_each(:tickets) g
CROSS JOIN ticket t ON t.id = g.value CROSS JOIN review r ON r.id = t.review_id {_OF_REVIEW} WHERE {_ASKED}"""

_CARD_OF = "CROSS JOIN review r ON r.id = t.review_id CROSS JOIN listing l ON l.id = r.listing_id"

# Deadlines that passed in the period without an answer before them.
MISSES = f"""SELECT r.listing_id, t.assignee, CASE WHEN t.answered_at IS NULL THEN 'missed' ELSE 'late' END
FROM ticket t {_CARD_OF}
WHERE t.answered_met IS NOT 1 AND t.due_at >= :since AND t.due_at < :until AND t.due_at <= :now
    AND CASE WHEN t.answered_at IS NOT NULL THEN t.answered_at > t.due_at
        WHEN t.state IN ('open', 'approved') THEN l.active = 1 OR t.level IN {_BREACHED}
        ELSE t.due_at <= t.closed_at AND {_CLOSED_AS} = 'dropped' END
    AND {_ASKED}
UNION ALL SELECT r.listing_id, t.assignee, 'late' FROM ticket t {_CARD_OF}
WHERE t.answered_at >= :since AND {_OVERWRITTEN} AND {_MET} = 0
    AND coalesce({_FIRST_BREACH}, t.answered_at) >= :since AND coalesce({_FIRST_BREACH}, t.answered_at) < :until
    AND {_ASKED}"""

# Beside min(), SQLite takes the other columns from the row that has it. `drafted_with >= ''` is always so: it opens the
# index of what needs a draft.
STANDING = f"""SELECT r.listing_id, t.assignee, t.target, t.due_at IS NULL AS backlog, 0 AS unanswerable,
    count(*) AS count, sum(t.due_at <= :now) AS overdue, min(t.due_at) AS oldest, t.id
FROM ticket t {_CARD_OF} WHERE t.state IN ('open', 'approved') AND l.active = 1 AND {_ASKED} GROUP BY 1, 2, 3, 4
UNION ALL SELECT r.listing_id, t.assignee, t.target, 0, 1, count(*), 0, NULL, t.id
FROM ticket t {_CARD_OF} WHERE t.state IN ('open', 'unanswerable') AND t.drafted_with >= '' AND t.state = 'unanswerable'
    AND l.active = 1 AND {_ASKED} GROUP BY 1, 2, 3"""

# The first comparison spares most texts the second.
THEMES = f"""SELECT json_extract(m.value, '$[0]') AS theme, r.id AS review, t.id AS ticket,
    r.first_seen_at >= :since AS inside
FROM review r LEFT JOIN ticket t ON t.review_id = r.id
CROSS JOIN listing l ON l.id = r.listing_id AND l.imported_at <= :base
JOIN verdict v ON v.review_id = r.id AND v.revision = r.revision AND v.themes LIKE '%"negative"%'
JOIN json_each(v.themes) m ON json_extract(m.value, '$[1]') = 'negative'
WHERE r.first_seen_at >= :base AND r.first_seen_at < :until AND r.initial = 0 AND {_ASKED}
ORDER BY r.first_seen_at DESC, r.id DESC"""

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
