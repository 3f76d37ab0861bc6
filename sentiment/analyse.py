"""A review in, a verdict out: text → tokens → model, risks, themes → decision → evidence."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.resources.abc import Traversable

from sentiment import decision, evidence, lexicon, model, risks, text, themes
from sentiment.decision import decide
from sentiment.types import Verdict

RULES = 1
"""Raise it when code, not a table, changes what a review is judged to be."""


class Analyser:
    """`version` changes with the model and with every rule, so that stored verdicts know when they are stale."""

    def __init__(self, shipped: model.Model) -> None:
        self._model = shipped
        self.version = _version(shipped.version)

    def analyse(self, review: str, stars: int | None) -> Verdict:
        """`stars` 1 to 5, None where there are none. Any text will do; one without words counts as none."""
        tokens = text.tokens(review)
        if not tokens:
            decided = decide(stars, None, self._model.thresholds)
            return Verdict(decided.tone, None, decided.flagged, decided.uncertain, decided.conflict, (), (), ())
        clauses = text.clauses(review, tokens)
        reading = self._model.read([token.key for token in tokens])
        dangers = risks.find(review, tokens, clauses)
        decided = decide(stars, reading, self._model.thresholds, danger=bool(dangers))
        return Verdict(
            tone=decided.tone,
            probabilities=reading.probabilities,
            flagged=decided.flagged,
            uncertain=decided.uncertain,
            conflict=decided.conflict,
            themes=themes.find(review, tokens, clauses, reading, stars),
            risks=dangers,
            evidence=evidence.find(
                review, tokens, clauses, reading, negative=decided.flagged or decided.uncertain
            ),
        )

    def analyse_many(self, reviews: Iterable[tuple[str, int | None]]) -> Iterator[Verdict]:
        """One verdict per (text, stars), in order, as they come."""
        for review, stars in reviews:
            yield self.analyse(review, stars)


@lru_cache(maxsize=1)
def _rules_digest() -> str:
    tables = (
        RULES,
        lexicon.WORDS,
        lexicon.PHRASES,
        sorted(lexicon.NEGATORS | lexicon.STRENGTHENERS),
        risks.RULES,
        sorted(risks.NEGATED),
        (risks.CLOSE, risks.NEGATION_REACH),
        themes.WORDS,
        themes.CLEAR_PULL,
        (decision.CRITICAL_STARS, decision.LEAST_KNOWN),
        (evidence.MOST, evidence.SHORT_CLAUSE, evidence.LEAST_SHARE),
        (text.TOKEN.pattern, sorted(text.CONTRASTS), text.LONGEST_CLAUSE),
    )
    return sha256(repr(tables).encode()).hexdigest()[:12]


def _version(of_model: str) -> str:
    return f"{of_model}-{_rules_digest()}"


def current_version(folder: Traversable | None = None) -> str:
    """What `load().version` would be, without loading the model. Raises ModelError."""
    return _version(str(model.read_meta(folder)["version"]))


def load(folder: Traversable | None = None) -> Analyser:
    """The analyser with the model in `folder`, by default the shipped one. Raises ModelError."""
    return Analyser(model.load(folder))
