"""What people said of reviews, against the analysis or with it: one label for each wording, the last one that counts.

The words themselves stand in `revision` alone, and how a label came about in the ticket's history.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from monitor.clock import to_iso
from monitor.corrections import ByHand
from monitor.model import Label
from monitor.store.connection import Connection, Row
from monitor.store.rows import by_hand_from, label_from
from sentiment.types import Tone

# Crossed, so that labels come first, by the index of when they were made: nothing is sorted, and nothing held.
CORRECTIONS = """
SELECT v.text, v.stars, b.tone, b.complaint, l.source FROM label b
CROSS JOIN revision v ON v.review_id = b.review_id AND v.number = b.revision
CROSS JOIN review r ON r.id = b.review_id AND r.forgotten_at IS NULL
CROSS JOIN listing l ON l.id = r.listing_id
WHERE v.text <> '' ORDER BY b.made_at, b.review_id, b.revision
"""


def by_hand(review: str, revision: str) -> str:
    """Columns of a SELECT for `by_hand_from`, of the words that those two name."""
    of_words = f"WHERE h.review_id = {review} AND h.revision = {revision}"
    return f"""
    (SELECT json_group_object(h.theme, h.holds) FROM theme_label h {of_words}) AS themes_by_hand,
    (SELECT json_group_object(h.theme, h.tone) FROM theme_label h {of_words} AND h.tone IS NOT NULL) AS theme_tones,
    (SELECT json_group_object(h.danger, h.holds) FROM danger_label h {of_words}) AS dangers_by_hand"""


_SAID = f"""
SELECT v.text, v.stars, l.source, b.tone, b.complaint, {by_hand("k.review_id", "k.revision")}
FROM (SELECT review_id, revision FROM label UNION SELECT review_id, revision FROM theme_label
    UNION SELECT review_id, revision FROM danger_label) k
CROSS JOIN revision v ON v.review_id = k.review_id AND v.number = k.revision
CROSS JOIN review r ON r.id = k.review_id AND r.forgotten_at IS NULL
CROSS JOIN listing l ON l.id = r.listing_id AND l.source <> 'canary'
LEFT JOIN label b ON b.review_id = k.review_id AND b.revision = k.revision
WHERE v.text <> '' ORDER BY k.review_id, k.revision
"""


class Correction(NamedTuple):
    """A text with a person's opinion of it: what a model may learn from.

    `stars` 1 to 5 or None; `tone` None where the person spoke of the complaint alone, `complaint` None where of the
    tone alone; never both. `source` is the site's name (`yandex_maps`).
    """

    text: str
    stars: int | None
    tone: Tone | None
    complaint: bool | None
    source: str


class Labels:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def of(self, review_id: int, revision: int) -> Label | None:
        row = self._db.row(
            """SELECT tone AS label_tone, complaint AS label_complaint, tone_by AS label_tone_by,
            complaint_by AS label_complaint_by, made_at AS label_made_at FROM label
            WHERE review_id = ? AND revision = ?""",
            [review_id, revision],
        )
        return None if row is None else label_from(row)

    def put(self, review_id: int, revision: int, label: Label) -> None:
        """The label that counts from now on, inside a `write`."""
        row: Row = {
            "review_id": review_id,
            "revision": revision,
            "tone": label.tone,
            "complaint": None if label.complaint is None else int(label.complaint),
            "tone_by": label.tone_by,
            "complaint_by": label.complaint_by,
            "made_at": to_iso(label.made_at),
        }
        self._db.execute("DELETE FROM label WHERE review_id = :review_id AND revision = :revision", row)
        self._db.insert("label", row)

    def by_hand(self, review_id: int, revision: int) -> ByHand:
        """What people said of the themes and dangers of these words."""
        (row,) = self._db.rows(f"SELECT {by_hand(':review', ':revision')}", {"review": review_id, "revision": revision})
        return by_hand_from(row)

    def put_by_hand(self, review_id: int, revision: int, said: ByHand, *, by: str, now: datetime) -> None:
        """What counts from now on of these themes and dangers, inside a `write`."""
        words = [review_id, revision]
        for theme, holds in said.themes.items():
            self._db.execute(
                "INSERT OR REPLACE INTO theme_label (review_id, revision, theme, holds, tone, by, made_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [*words, theme.value, int(holds), said.tones.get(theme), by, to_iso(now)],
            )
        for danger, holds in said.dangers.items():
            self._db.execute(
                "INSERT OR REPLACE INTO danger_label (review_id, revision, danger, holds, by, made_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [*words, danger.value, int(holds), by, to_iso(now)],
            )

    def said(self) -> Iterator[tuple[Correction, ByHand]]:
        """Everything that people said of words that we still hold, by review: beside tone and complaint (both None
        where only themes or dangers were named) what they said of those. Read as it is asked for."""
        for row in self._db.iterate(_SAID):
            yield _correction(row), by_hand_from(row)

    def corrections(self) -> Iterator[Correction]:
        """Every label whose words we still hold, in the order in which they were made. Read as they are asked for."""
        for row in self._db.iterate(CORRECTIONS):
            yield _correction(row)


def _correction(row: Row) -> Correction:
    return Correction(
        text=row["text"],
        stars=row["stars"],
        tone=None if row["tone"] is None else Tone(row["tone"]),
        complaint=None if row["complaint"] is None else bool(row["complaint"]),
        source=row["source"],
    )
