"""A review in, a verdict out: text → tokens → model, risks, themes → decision → evidence."""

from collections.abc import Sequence
from importlib.resources.abc import Traversable

from sentiment import evidence, model, risks, text, themes
from sentiment.decision import CRITICAL_STARS, Decision, decide
from sentiment.evidence import Explanation, Sought
from sentiment.model import Reading
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
            return self._by_stars(stars)
        verdict, _ = self._judge(review, stars, tokens)
        return verdict

    def explain(self, review: str, stars: int | None) -> tuple[Verdict, Explanation | None]:
        """As `analyse`, and how it came about; None where there is no text to explain."""
        tokens = text.tokens(review)
        if not tokens:
            return self._by_stars(stars), None
        verdict, reading = self._judge(review, stars, tokens)
        clauses = text.clauses(review, tokens)
        return verdict, evidence.explain(
            review, tokens, clauses, reading, sought=_sought(verdict, stars), thresholds=self._model.thresholds
        )

    def _by_stars(self, stars: int | None) -> Verdict:
        decided = decide(stars, None, self._model.thresholds)
        return Verdict(decided.tone, None, decided.flagged, decided.uncertain, decided.conflict, (), (), ())

    def _judge(self, review: str, stars: int | None, tokens: Sequence[text.Token]) -> tuple[Verdict, Reading]:
        clauses = text.clauses(review, tokens)
        reading = self._model.read([token.key for token in tokens])
        dangers = risks.find(review, tokens, clauses)
        decided = decide(
            stars, reading, self._model.thresholds, complaint=reading.complaint(clauses), danger=bool(dangers)
        )
        verdict = Verdict(
            tone=decided.tone,
            probabilities=reading.probabilities,
            flagged=decided.flagged,
            uncertain=decided.uncertain,
            conflict=decided.conflict,
            themes=themes.find(review, tokens, clauses, reading, stars),
            risks=dangers,
            evidence=evidence.find(review, tokens, clauses, reading, _sought(decided, stars)),
        )
        return verdict, reading


def _sought(decided: Decision | Verdict, stars: int | None) -> Sought:
    """Which phrases explain the decision."""
    if decided.conflict and stars is not None:
        return Sought.COMPLAINT if stars > CRITICAL_STARS else Sought.PRAISE
    return Sought.BLAME if decided.flagged or decided.uncertain else Sought.BOTH


def load(folder: Traversable | None = None) -> Analyser:
    """The analyser with the model in `folder`, by default the shipped one. Raises ModelError."""
    return Analyser(model.load(folder), shipped=folder is None)
