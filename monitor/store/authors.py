"""Whose reviews there are: found by name, by address, by ticket; who else may be the same person.

`places`: at these alone, None for all of them. What was erased is not found.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from string import capwords, punctuation
from typing import NamedTuple

from monitor.likeness import Kinship, kinship, words
from monitor.search import indexed, lemmas
from monitor.store.connection import Connection, Row
from monitor.store.schema_api import FOLDED, ODD
from monitor.store.search import Search

_THERE = """r.forgotten_at IS NULL
AND (:places IS NULL OR r.listing_id IN (SELECT id FROM listing WHERE place IN (SELECT value FROM json_each(:places))))
"""

_FOUND = f"""
SELECT r.id, r.author, r.text, r.stars, r.posted_at, r.posted_precision, r.revision, r.removed_at, r.url,
    coalesce(r.same_as, r.id) AS leader, l.place, l.source, t.id AS ticket, t.state
FROM json_each(:ids) g CROSS JOIN review r ON r.id = g.value JOIN listing l ON l.id = r.listing_id
LEFT JOIN ticket t ON t.review_id = r.id WHERE {_THERE} ORDER BY r.id"""

_SAME_WORDS = f"""
SELECT r.id FROM review r WHERE (r.id IN (SELECT value FROM json_each(:leaders))
    OR r.same_as IN (SELECT value FROM json_each(:leaders)))
AND r.id NOT IN (SELECT value FROM json_each(:ids)) AND {_THERE} ORDER BY r.id"""

# Names that may be the one, each half by an index. SQL folds what nearly all names are written with; there are few
# others, and they are all looked at.
UNDER = f"""
SELECT id, author FROM review r INDEXED BY review_by_folded WHERE {FOLDED} = :folded AND {_THERE}
UNION SELECT id, author FROM review r INDEXED BY review_by_odd_name WHERE {ODD} AND {_THERE} ORDER BY id"""

# Names that hold a whole word of the one and the first letters of two, and begin with one of them, or oddly: few are
# left to be compared, and reviews without such a name are not touched.
_LIKE = f"""
SELECT author FROM json_each(:first) g CROSS JOIN review r INDEXED BY review_by_author
ON r.author >= g.value AND r.author < char(unicode(g.value) + 1) WHERE r.forgotten_at IS NULL AND {{like}}
UNION SELECT author FROM review r INDEXED BY review_by_odd_name WHERE r.forgotten_at IS NULL AND {ODD} AND {{like}}"""

_COUNTED = f"""
SELECT r.author, count(*) AS n FROM json_each(:names) g CROSS JOIN review r INDEXED BY review_by_author
ON r.author = g.value WHERE {_THERE} GROUP BY 1"""

_LONGEST_NAME, _LONGEST_WORD = 5, 40
"""Words of a name by which others are looked for, and letters of each."""

MOST_LOOKED_AT = 500
"""Reviews with the words of a name in them that are read, to see whether they name the person."""


class Spelling(NamedTuple):
    """Another name that may be the same person's, and how many reviews stand under it."""

    author: str
    reviews: int


class Authors:
    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def under(self, name: str, places: Collection[str] | None = None) -> list[int]:
        """Reviews under that name, whatever its case and spaces."""
        wanted = same_name(name)
        rows = self._db.rows(UNDER, {"folded": _folded(wanted), **_places(places)})
        return [row["id"] for row in rows if same_name(row["author"]) == wanted]

    def at(self, address: str, places: Collection[str] | None = None) -> list[int]:
        """Reviews with that page on their site, with a slash at its end or without."""
        plain = address.rstrip("/")
        rows = self._db.rows(
            f"SELECT id FROM review r INDEXED BY review_at WHERE r.url IN (:plain, :slash) AND {_THERE} ORDER BY id",
            {"plain": plain, "slash": f"{plain}/", **_places(places)},
        )
        return [row["id"] for row in rows] if plain else []

    def of_ticket(self, ticket_id: int) -> int | None:
        row = self._db.row("SELECT review_id FROM ticket WHERE id = ?", [ticket_id])
        return None if row is None else int(row["review_id"])

    def found(self, review_ids: Iterable[int], places: Collection[str] | None = None) -> list[Row]:
        """Those of them that are there, by number: `id`, `author`, `text`, `stars`, `posted_at`, `posted_precision`,
        `revision`, `removed_at`, `url`, `leader` of its group of the same words, `place`, `source`, `ticket` and its
        `state` (None without one)."""
        return self._db.rows(_FOUND, {"ids": json.dumps(list(review_ids)), **_places(places)})

    def same_words(self, found: Iterable[Row], places: Collection[str] | None = None) -> list[int]:
        """Other reviews of the same words, of rows of `found`."""
        rows = list(found)
        values = {
            "leaders": json.dumps(sorted({row["leader"] for row in rows})),
            "ids": json.dumps([row["id"] for row in rows]),
        }
        return [row["id"] for row in self._db.rows(_SAME_WORDS, {**values, **_places(places)})]

    def alike(self, name: str, most: int, places: Collection[str] | None = None) -> list[Spelling]:
        """Other spellings that may be the same person: «Анна К.» for «Анна Ковалёва»; those with most reviews first.
        None for a name that does not tell people apart."""
        if not tells_apart(name):
            return []
        asked = same_name(name)
        spelt = (name, capwords(name))  # to `kinship`, only what has its capitals is a name
        names = [
            author
            for author in self._like(words(name)[:_LONGEST_NAME])
            if same_name(author) != asked and any(kinship(author, each) is Kinship.SAME for each in spelt)
        ]
        rows = self._db.rows(_COUNTED, {"names": json.dumps(names), **_places(places)})
        found = (Spelling(row["author"], row["n"]) for row in rows)
        return sorted(found, key=lambda one: (-one.reviews, one.author))[:most]

    def _like(self, parts: Sequence[str]) -> list[str]:
        """Names that have of these words what two spellings of one name have in common, and a few more."""
        whole = {
            f"whole{at}": f"*{''.join(map(_letter, part[:_LONGEST_WORD]))}*"
            for at, part in enumerate(parts)
            if len(part) > 1
        }
        begun = {f"begun{at}": f"*[^0-9A-Za-zА-Яа-яЁё]{_letter(part)}*" for at, part in enumerate(parts)}
        either = " OR ".join(f"r.author GLOB :{pattern}" for pattern in whole) or "true"
        both = " + ".join(f"(' ' || r.author GLOB :{pattern})" for pattern in begun)
        first = sorted({*punctuation, *(spelling for part in parts for spelling in _spellings(part[0]))})
        values: Row = {"first": json.dumps(first), "enough": min(2, len(parts)), **whole, **begun}
        query = _LIKE.format(like=f"({either}) AND {both} >= :enough")
        return [row["author"] for row in self._db.rows(query, values)]

    def mentioned(self, name: str, without: Collection[int], places: Collection[str] | None = None) -> list[int] | None:
        """Reviews whose words name that person: a hint, for namesakes are not told apart. None where so many hold the
        words that they were not looked through."""
        asked = lemmas(name)
        if not asked or not tells_apart(name):
            return []
        held = Search(self._db).all(asked, MOST_LOOKED_AT)
        if held is None:
            return None
        there = self.found((review for review in held if review not in without), places)
        return [row["id"] for row in there if names(row["text"], name)]


def same_name(name: str) -> str:
    """What two spellings have in common that are one name."""
    return " ".join(name.split()).casefold()


def _folded(same: str) -> str:
    """As SQL folds it, of what `same_name` makes."""
    return same.replace(" ", "").encode(errors="surrogatepass").hex().upper()


def tells_apart(name: str) -> bool:
    """Whether a name is one person's, as far as names go: not «Гость», not a first name alone."""
    return kinship(name, name) is Kinship.SAME


def names(text: str, name: str) -> bool:
    """Whether a text names somebody: the words of the name next to each other, in whatever case and order; an initial
    is any word that begins so. A name without words is in no text."""
    wanted, said = words(name), words(text)
    orders = {wanted, wanted[::-1]} if wanted else ()
    return any(
        all(_is_called(word, part) for word, part in zip(said[at : at + len(order)], order, strict=True))
        for order in orders
        for at in range(len(said) - len(order) + 1)
    )


def _is_called(word: str, part: str) -> bool:
    if word[0] != part[0]:  # no form of a name begins with another letter
        return False
    return len(part) == 1 or word == part or bool(set(indexed(word, "").split()) & set(indexed(part, "").split()))


def _spellings(letter: str) -> str:
    """Of a letter of `words`: small and capital, «е» also as «ё»."""
    return "еёЕЁ" if letter == "е" else "".join(one for one in {letter, letter.upper()} if len(one) == 1)


def _letter(word: str) -> str:
    """The first letter of a word, for GLOB."""
    return f"[{_spellings(word[0])}]"


def _places(places: Collection[str] | None) -> Row:
    return {"places": None if places is None else json.dumps(sorted(places))}
