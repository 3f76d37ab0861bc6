"""Reviews for load work: as many as asked, no two alike, clearly synthetic."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml

from monitor.standin.reviews import digest

_TONES = ("negative",) * 3 + ("neutral",) * 2 + ("positive",) * 5
_STARS = {"negative": (1, 1, 2), "neutral": (3, 3, 4), "positive": (4, 5, 5, 5)}


def load_rows(total: int, seed: int) -> Iterator[Mapping[str, Any]]:
    """`total` rows as in `data/reviews.yaml`, without ages; the same for the same seed."""
    text = files("monitor.standin").joinpath("data/load_phrases.yaml").read_text(encoding="utf-8")
    phrases = yaml.safe_load(text)
    return (_row(phrases, seed, index) for index in range(total))


def _row(phrases: Mapping[str, Any], seed: int, index: int) -> Mapping[str, Any]:
    chances = struct.iter_unpack(">H", digest("load", seed, index))

    def chance(choices: int) -> int:
        return int(next(chances)[0]) % choices

    def pick(choices: Sequence[Any]) -> Any:
        return choices[chance(len(choices))]

    tone = pick(_TONES)
    details = phrases["details"][tone]
    first = chance(len(details))
    second = (first + 1 + chance(len(details) - 1)) % len(details)
    opening, ending = pick(phrases["openings"][tone]), pick(phrases["endings"][tone])
    text = " ".join((opening, details[first], details[second], ending))
    reply = pick(phrases["replies"])
    return {
        "author": pick(phrases["authors"]),
        "stars": pick(_STARS[tone]),
        "title": pick(phrases["titles"][tone]),
        "text": text.format(n=1000 + index, m=5 + chance(70), p=250 + 10 * chance(90)),
        "likes": chance(4),
        "reply": {"text": reply, "after": "30m"} if chance(4) == 0 else None,
    }
