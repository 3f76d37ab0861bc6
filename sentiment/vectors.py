"""Word vectors, pruned: navec's news vectors that ship inside natasha (MIT), for the words that matter here.

250,000 words of 300 numbers become about 25,000 words of 100 bytes: the main directions of the kept words'
vectors, one byte a number. Only training sees them: the model carries four numbers a word (see `model`).
"""

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 100
PIECES = 100
"""Parts of a navec vector that are quantised by a codebook of their own."""


class Vectors(NamedTuple):
    """`values` (words, dimensions) int8, to be multiplied by `scale` (dimensions,) float32."""

    words: list[str]
    values: NDArray[np.int8]
    scale: NDArray[np.float32]


class _Navec(NamedTuple):
    """As it ships: normalised word → row of `indexes` (words, pieces), which point into `codes` (pieces, 256, ...)."""

    rows: dict[str, int]
    indexes: NDArray[np.uint8]
    codes: NDArray[np.float32]


@lru_cache(maxsize=1)
def _navec() -> _Navec:
    from navec import Navec

    from sentiment.morph import embedding_file

    navec = Navec.load(embedding_file())
    rows: dict[str, int] = {}
    for row, word in enumerate(navec.vocab.words):
        rows.setdefault(word.lower().replace("ё", "е"), row)
    return _Navec(rows, navec.pq.indexes, navec.pq.codes)


def pruned(wanted: Collection[str]) -> Vectors:
    """The vectors of the wanted normalised words, in their order; words that navec does not know are left out."""
    from threadpoolctl import threadpool_limits

    navec = _navec()
    words = sorted(word for word in wanted if word in navec.rows)
    codes = navec.indexes[[navec.rows[word] for word in words]].astype(np.intp)
    pieces = navec.codes[np.arange(PIECES)[None, :], codes]
    full = pieces.reshape(len(words), PIECES * pieces.shape[-1]).astype(np.float64)
    with threadpool_limits(1):  # sums in one order, so the same bytes whatever else the machine does
        return _quantised(words, full)


def _quantised(words: list[str], full: NDArray[np.float64]) -> Vectors:
    centred = full - full.mean(axis=0) if len(words) else full
    size = min(DIMENSIONS, *centred.shape) if len(words) else 0
    # The directions from the covariance: deterministic, and small however many words there are.
    values, directions = np.linalg.eigh(centred.T @ centred)
    main = directions[:, np.argsort(values)[::-1][:size]]
    main *= np.where(main[np.abs(main).argmax(axis=0), np.arange(size)] < 0, -1, 1)
    projected = centred @ main
    scale = (np.abs(projected).max(axis=0, initial=1e-9) / 127).astype(np.float32)
    return Vectors(words, np.round(projected / scale).clip(-127, 127).astype(np.int8), scale)
