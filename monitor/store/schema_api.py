"""The part of the step "numbers" for programs: their tokens, what they did once already, what changed since they last
asked. And by what the reviews of an author are found, whoever asks."""

FOLDED = "hex(lower(replace(author, ' ', '')))"
for _capitals, _small in ("D09", "D0B"), ("D0A", "D18"), ("D081", "D191"):
    FOLDED = f"replace({FOLDED}, '{_capitals}', '{_small}')"
"""The UTF-8 of a name in small letters without spaces, in hexadecimal: lower() knows ASCII alone, and so the capitals
А–П, Р–Я and Ё are put in small letters by their bytes."""

ODD = "author GLOB '*[^ -~А-Яа-яЁё]*'"
"""That a name holds anything but ASCII and Russian letters: what `FOLDED` may not know how to fold."""

_TRIGGER = "CREATE TRIGGER {name} AFTER {event} BEGIN {act}; END;\n"

_NEXT = "(SELECT coalesce(max(number), 0) + 1 FROM changed)"

_TOLD = (
    "stars", "text", "author", "url", "posted_at", "posted_precision", "external_id", "listing_id", "revision",
    "reply_text", "reply_at", "removed_at", "forgotten_at", "same_as",
)  # fmt: skip
"""Columns of a review that programs are told."""

_JUDGED = ("tone", "themes", "risks")

_CHANGES = {
    # A number is never given out twice: that of a review only grows, and its row stays.
    "changed_review": (
        f"UPDATE OF {', '.join(_TOLD)} ON review WHEN {' OR '.join(f'NEW.{name} IS NOT OLD.{name}' for name in _TOLD)}",
        f"UPDATE changed SET number = {_NEXT}, listing_id = NEW.listing_id WHERE review_id = NEW.id",
    ),
    "changed_verdict": ("INSERT ON verdict", f"UPDATE changed SET number = {_NEXT} WHERE review_id = NEW.review_id"),
    "changed_verdict_by_hand": (
        f"UPDATE OF {', '.join(_JUDGED)} ON verdict "
        f"WHEN {' OR '.join(f'NEW.{name} IS NOT OLD.{name}' for name in _JUDGED)}",
        f"UPDATE changed SET number = {_NEXT} WHERE review_id = NEW.review_id",
    ),
    "changed_place": (
        "UPDATE OF place ON listing WHEN NEW.place <> OLD.place",
        """INSERT INTO former_place SELECT OLD.id, OLD.place, coalesce(max(id), 0) FROM review WHERE true
            ON CONFLICT DO UPDATE SET last_review = excluded.last_review;
        UPDATE changed SET number = review_id + (SELECT max(number) FROM changed) WHERE listing_id = NEW.id""",
    ),
}
"""Trigger → when, and what it does."""

API = f"""
CREATE TABLE token (                 -- lets a program in
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,              -- it acts under 'api:' and this, in histories too
    digest TEXT NOT NULL UNIQUE,     -- SHA-256 of what the program sends
    reads INTEGER NOT NULL CHECK (reads IN (0, 1)),
    numbers INTEGER NOT NULL CHECK (numbers IN (0, 1)),
    acts INTEGER NOT NULL CHECK (acts IN (0, 1)),
    everywhere INTEGER NOT NULL CHECK (everywhere IN (0, 1)),   -- 0: the rows of token_place
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    used_at TEXT,
    CHECK (reads + numbers + acts > 0)
) STRICT;
CREATE UNIQUE INDEX token_name ON token (name) WHERE revoked_at IS NULL;
CREATE TABLE token_place (
    token_id INTEGER NOT NULL REFERENCES token (id),
    place TEXT NOT NULL,
    PRIMARY KEY (token_id, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE answer (                -- what a program was told of what it did, for when it asks once more
    id INTEGER PRIMARY KEY,
    token_id INTEGER NOT NULL REFERENCES token (id),
    key TEXT NOT NULL,               -- SHA-256 of its Idempotency-Key
    request TEXT NOT NULL,           -- SHA-256 of what it asked for
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    at TEXT NOT NULL,
    tag TEXT NOT NULL,
    body TEXT,                       -- NULL: erased with the review
    UNIQUE (token_id, key)
) STRICT;
CREATE INDEX answer_at ON answer (at);
CREATE INDEX answer_of_ticket ON answer (ticket_id);

CREATE TABLE changed (               -- grows with every change of a review that programs are told; by triggers alone
    review_id INTEGER PRIMARY KEY REFERENCES review (id),
    number INTEGER NOT NULL UNIQUE,
    listing_id INTEGER NOT NULL REFERENCES listing (id)
) STRICT;
INSERT INTO changed SELECT id, id, listing_id FROM review;
CREATE INDEX changed_in_card ON changed (listing_id, number);
CREATE INDEX review_in_card ON review (listing_id, id) WHERE forgotten_at IS NULL;   -- page by page, for programs
CREATE TRIGGER changed_first AFTER INSERT ON review BEGIN
    INSERT INTO changed VALUES (NEW.id, {_NEXT}, NEW.listing_id);
END;
CREATE INDEX review_by_folded ON review ({FOLDED}) WHERE forgotten_at IS NULL;
CREATE INDEX review_by_odd_name ON review (author) WHERE forgotten_at IS NULL AND {ODD};
CREATE TABLE former_place (          -- where a card was; by a trigger alone. Who copied its reviews then, hears of them
    listing_id INTEGER NOT NULL REFERENCES listing (id),
    place TEXT NOT NULL,
    last_review INTEGER NOT NULL,    -- those that came later were never told to whoever sees that place alone
    PRIMARY KEY (listing_id, place)
) STRICT, WITHOUT ROWID;
{"".join(_TRIGGER.format(name=name, event=event, act=act) for name, (event, act) in _CHANGES.items())}"""
