"""A review in, a verdict out: text → tokens → model, risks, themes → decision → evidence."""

from importlib.resources.abc import Traversable

from sentiment import evidence, model, risks, text, themes
from sentiment.decision import decide
from sentiment.types import Verdict
from sentiment.version import version


class Analyser:
    """`version` changes with the model and with every rule, so that stored verdicts know when they are stale.

    With the shipped model it is `sentiment.version.version()`, which is had without loading anything.
    """

    def __init__(self, trained: model.Model, *, shipped: bool = False) -> None:
        self._model = trained
        self.version = version() if shipped else f"{version()}-{trained.version}"

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
            evidence=evidence.find(review, tokens, clauses, reading, negative=decided.flagged or decided.uncertain),
        )


def load(folder: Traversable | None = None) -> Analyser:
    """The analyser with the model in `folder`, by default the shipped one. Raises ModelError."""
    return Analyser(model.load(folder), shipped=folder is None)
