"""A review in, a verdict out: text → tokens → model, dangers, themes → decision → evidence, people, intents."""

from collections.abc import Sequence
from importlib.resources.abc import Traversable

from sentiment import detector, evidence, intents, model, people, risks, text
from sentiment.business import Business
from sentiment.decision import CRITICAL_STARS, Decision, decide
from sentiment.evidence import Explanation, Sought
from sentiment.model import Reading
from sentiment.rules import Review
from sentiment.themes import Themes
from sentiment.types import Tone, Verdict
from sentiment.version import version


class Analyser:
    """`version` changes with the model and with every rule, so that stored verdicts know when they are stale.

    With the shipped model it is `sentiment.version.version(business)`, which is had without loading anything.
    """

    def __init__(
        self,
        trained: model.Model,
        *,
        shipped: bool = False,
        business: Business | None = None,
        listening: detector.Detector | None = None,
    ) -> None:
        """`listening`: the detector of dangers; the rules alone without it."""
        self._model = trained
        self._detector = listening
        self._business = business or Business()
        self._themes = Themes(self._business)
        for rules_of in (risks.shipped, intents.shipped):
            rules_of()  # a rule that cannot be read is said now: at a review, it would cost this its alarm
        self.version = version(self._business) + ("" if shipped else f"-{trained.version}")

    def analyse(self, review: str, stars: int | None, author: str = "") -> Verdict:
        """`stars` 1 to 5, None where there are none. `author`: who signs, and is not one of the staff. Any text will
        do; one without words counts as none."""
        tokens = text.tokens(review)
        if not tokens:
            return self._by_stars(stars)
        verdict, _ = self._judge(review, stars, tokens, author)
        return verdict

    def explain(self, review: str, stars: int | None, author: str = "") -> tuple[Verdict, Explanation | None]:
        """As `analyse`, and how it came about; None where there is no text to explain."""
        tokens = text.tokens(review)
        if not tokens:
            return self._by_stars(stars), None
        verdict, reading = self._judge(review, stars, tokens, author)
        clauses = text.clauses(review, tokens)
        return verdict, evidence.explain(
            review, tokens, clauses, reading, sought=_sought(verdict, stars), thresholds=self._model.thresholds
        )

    def _by_stars(self, stars: int | None) -> Verdict:
        decided = decide(stars, None, self._model.thresholds)
        return Verdict(decided.tone, None, decided.flagged, decided.uncertain, decided.conflict, (), (), ())

    def _judge(
        self, review: str, stars: int | None, tokens: Sequence[text.Token], author: str
    ) -> tuple[Verdict, Reading]:
        clauses = text.clauses(review, tokens)
        reading = self._model.read([token.key for token in tokens])
        parts = Review(review, tokens, clauses)
        said = list(intents.hits(parts))
        listening = self._detector if not intents.nobody_here(said) else None
        pleased = detector.pleased(reading.probabilities, stars)
        dangers = risks.find(parts, listening, pleased=pleased)
        complaint = reading.complaint(clauses)
        decided = decide(stars, reading, self._model.thresholds, complaint=complaint, danger=bool(dangers))
        about = self._themes.find(parts, reading, stars)
        content = decided.tone is Tone.POSITIVE and not decided.urgent and complaint < self._model.thresholds.complaint
        verdict = Verdict(
            tone=decided.tone,
            probabilities=reading.probabilities,
            flagged=decided.flagged,
            uncertain=decided.uncertain,
            conflict=decided.conflict,
            themes=about,
            risks=dangers,
            evidence=evidence.find(review, tokens, clauses, reading, _sought(decided, stars)),
            people=people.find(parts, reading, stars, author=author, business=self._business),
            intents=intents.find(parts, said, reading, about, dangers, content=content),
        )
        return verdict, reading


def _sought(decided: Decision | Verdict, stars: int | None) -> Sought:
    """Which phrases explain the decision."""
    if decided.conflict and stars is not None:
        return Sought.COMPLAINT if stars > CRITICAL_STARS else Sought.PRAISE
    return Sought.BLAME if decided.flagged or decided.uncertain else Sought.BOTH


def load(folder: Traversable | None = None, business: Business | None = None) -> Analyser:
    """The analyser with the tone model in `folder`, by default the shipped one, and the shipped detector of dangers.
    Raises ModelError."""
    return Analyser(model.load(folder), shipped=folder is None, business=business, listening=detector.load())
