"""Hears dangers that no rule foresees, and doubts those that a rule takes from the wrong words.

Linear, over beginnings of words and pairs of them (TF-IDF): one head says whether a text tells of any danger, the
others which. `detecting` trains it; `data/detector.npz` holds the arrays, in plain numpy.

Where it alarms and what it doubts depends on whether the author is pleased on the whole: then, a word rather sounds
like a danger than tells of one.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from sentiment.model import ModelError, lines_of
from sentiment.types import Probabilities, Risk

if TYPE_CHECKING:
    from numpy.typing import NDArray

FILE = "detector.npz"
LONG, LONGER = 5, 7
"""Words of more letters are cut to 5, of more than 7 to 6: «отравились» and «отравившийся» are then one."""
GOOD_STARS = 4
PLEASED = 4.5
"""Whose text is so many times likelier praise than blame is pleased."""


class Limits(NamedTuple):
    """`alarm`: from this score on a text tells of a danger, whatever the rules say; `doubt`: below it, it does not."""

    alarm: float
    doubt: float


def pleased(of: Probabilities, stars: int | None = None) -> bool:
    """Whether the author is pleased on the whole: says so by four or five stars, or sounds so."""
    return of.positive > PLEASED * of.negative or (stars is not None and stars >= GOOD_STARS)


def beginnings(words: Sequence[str]) -> list[str]:
    """What the detector looks at: every word's beginning, and every pair of neighbours."""
    stems = [word[: LONG + 1] if len(word) > LONGER else word[:LONG] for word in words]
    return stems + list(map(" ".join, pairwise(stems)))


class Detector:
    """`limits`: those of texts that do not sound pleased, and of those that do."""

    def __init__(self, arrays: "Mapping[str, NDArray[Any]]") -> None:
        """`arrays`: terms (`model.blob`), idf (terms,), weights (terms, 1 + dangers), bias (1 + dangers,), risks
        (`blob`), limits (not pleased and pleased, alarm and doubt). Raises ModelError."""
        try:
            self._rows = {term: row for row, term in enumerate(lines_of(arrays["terms"]))}
            self._weights = arrays["weights"]
            idf = arrays["idf"].astype(float)
            self._square: list[float] = (idf * idf).tolist()
            self._pull: list[float] = (idf * self._weights[:, 0]).tolist()
            self._bias: list[float] = arrays["bias"].tolist()
            self._risks = [Risk(name) for name in lines_of(arrays["risks"])]
            otherwise, pleased = arrays["limits"].tolist()
            self.limits = Limits(*otherwise), Limits(*pleased)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{FILE} is incomplete ({error}): rebuild it with `otklik train --dangers`") from error

    def hear(self, words: Sequence[str]) -> "Heard":
        """Listens to a text given as its normalised tokens."""
        count = len(words)
        rows = list(map(self._rows.get, beginnings(words)))
        return Heard(self, rows[:count], rows[count:])

    def score(self, rows: Sequence[int]) -> float:
        """See `Heard.score`."""
        counts = Counter(rows)
        square, total = sum(map(self._square.__getitem__, counts)), sum(map(self._pull.__getitem__, counts))
        if len(counts) < len(rows):
            for row, count in counts.items():
                if count > 1:
                    factor = 1 + math.log(count)
                    square += self._square[row] * (factor * factor - 1)
                    total += self._pull[row] * (factor - 1)
        return self._bias[0] + (total / math.sqrt(square) if square else 0.0)

    def likeliest(self, rows: Sequence[int]) -> Risk:
        """See `Heard.risk`."""
        values = {row: math.sqrt(self._square[row]) * (1 + math.log(count)) for row, count in Counter(rows).items()}
        length = math.sqrt(sum(value * value for value in values.values())) or 1.0
        scores = self._bias[1:]
        for row, value in values.items():
            weights = self._weights[row, 1:].tolist()
            scores = [score + value / length * weight for score, weight in zip(scores, weights, strict=True)]
        return self._risks[max(range(len(scores)), key=scores.__getitem__)]

    def pull(self, rows: Sequence[int]) -> float:
        """See `Heard.pull`."""
        return sum(map(self._pull.__getitem__, rows))


class Heard:
    """What is heard in one text, or from its token `first` up to `last`."""

    def __init__(self, detector: Detector, words: Sequence[int | None], pairs: Sequence[int | None]) -> None:
        self._detector = detector
        self._words = words
        self._pairs = pairs

    def score(self, first: int, last: int) -> float:
        """Of any danger: a logit, rightly placed only against the detector's `limits`."""
        return self._detector.score(self._rows(first, last))

    def risk(self, first: int, last: int) -> Risk:
        """Which danger it most likely is, if it is one."""
        return self._detector.likeliest(self._rows(first, last))

    def pull(self, first: int, last: int) -> float:
        """How far these tokens pull towards a danger, in no certain unit."""
        return self._detector.pull(self._rows(first, last))

    def _rows(self, first: int, last: int) -> list[int]:
        found = (*self._words[first:last], *self._pairs[first : last - 1])
        return [row for row in found if row is not None]


def load(folder: Traversable | None = None) -> Detector:
    """The detector in `folder`, by default the shipped one. Raises ModelError when it is missing or damaged."""
    import numpy

    place = (folder or files("sentiment") / "data") / FILE
    try:
        with place.open("rb") as file, numpy.load(file, allow_pickle=False) as archive:
            return Detector({name: archive[name] for name in archive.files})
    except ModelError:
        raise
    except Exception as error:  # zipfile, zlib, numpy and the file system each raise their own
        raise ModelError(f"{FILE} cannot be read ({error}): reinstall, or run `otklik train --dangers`") from error
