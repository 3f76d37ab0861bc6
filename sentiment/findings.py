"""How well themes, dangers, intents and people are found, beside a list of keywords alone.

Every figure counts what is told of texts against what is known of them (`gold`): of themes the presence, then each
theme's good and bad side apart; where people corrected single themes or dangers, of these alone; of quality, of what
it is; of dangers each, and any at all, which is an alarm. Precision, recall and shares have Wilson's intervals, F1 a
bootstrap's over the texts.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple, Protocol

import numpy as np

from sentiment import metrics, text
from sentiment.analyse import Analyser
from sentiment.calibration import Labels
from sentiment.evaluation import BOTH, OURS, TEXT
from sentiment.gold import Text
from sentiment.metrics import Figures
from sentiment.rules import Review, Rule, Rules
from sentiment.types import Risk, Theme, Tone, Verdict

KEYWORDS = "keywords alone"
ALL, ANY = "all", "any"
THEME, THEME_AND_TONE, QUALITY_OF, DANGER, INTENT, PERSON, PERSON_DATIVE, PERSON_TONE, URGENT, SAID, FEARED = (
    "theme", "theme and tone", "quality of", "danger", "intent", "person", "person and dative", "person and tone",
    "urgent", "theme corrected", "danger corrected",
)  # fmt: skip
WITH_STARS = frozenset({THEME_AND_TONE, URGENT})
"""What stars have a say in."""

Items = frozenset[tuple[str, str]]
"""(the id it counts for, what else makes it the same)"""


@dataclass(frozen=True, slots=True)
class Finding:
    """How often an id stands in the texts (`known`) and is told. `figures`: `precision`, `recall`, `f1`; where the id
    is `any` or `urgent` also `false_alarms`, the share of the texts without it that are said to have it, and
    `accuracy`."""

    data: str
    what: str
    id: str
    information: str
    model: str
    texts: int
    known: int
    told: int
    figures: Figures


class Keywords:
    """A list of words for each theme and danger (`data/keywords.toml`), and nothing around them. The tone of a theme is
    that of the whole text."""

    def __init__(self) -> None:
        content = tomllib.loads((files("sentiment") / "data" / "keywords.toml").read_text(encoding="utf-8"))
        self._themes = Rules([Rule(name, Theme(name), words) for name, words in content["themes"].items()])
        self._risks = Rules([Rule(name, Risk(name), words) for name, words in content["dangers"].items()])

    def told(self, review: str, tone: Tone) -> dict[str, Items]:
        tokens = text.tokens(review)
        parts = Review(review, tokens, text.clauses(review, tokens))
        themes = {hit.rule.says for hit in self._themes.find(parts)}
        return {
            THEME: frozenset((theme, "") for theme in themes),
            THEME_AND_TONE: frozenset((theme, tone) for theme in themes),
            DANGER: _alarm({hit.rule.says for hit in self._risks.find(parts)}),
        }


def findings(data: str, texts: Sequence[Text], analyser: Analyser) -> Iterator[Finding]:
    """Every figure of a data set that its columns allow: first by the text alone, then with the stars."""
    keywords = Keywords()
    known = [_known(item) for item in texts]
    for information in (TEXT, BOTH):
        if information == BOTH and not any(item.stars for item in texts):
            return
        verdicts = [analyser.analyse(item.text, item.stars if information == BOTH else None) for item in texts]
        rival = [keywords.told(item.text, verdict.tone) for item, verdict in zip(texts, verdicts, strict=True)]
        for model, found in ((OURS, list(map(_told, verdicts))), (KEYWORDS, rival)):
            told = [one | _asked(item, one) for item, one in zip(texts, found, strict=True)]
            for what in dict.fromkeys(what for items in known for what in items):
                if information == TEXT or what in WITH_STARS:
                    pairs = [(a[what], b[what]) for a, b in zip(known, told, strict=True) if what in a and what in b]
                    yield from _counted(Finding(data, what, "", information, model, len(pairs), 0, 0, {}), pairs)


class _Somebody(Protocol):
    @property
    def role(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def dative(self) -> str: ...
    @property
    def tone(self) -> Tone: ...


def _known(item: Text) -> Mapping[str, Items]:
    found: dict[str, Items] = {}
    if item.themes is not None:
        found[THEME] = frozenset((spoken.theme, "") for spoken in item.themes)
        found[THEME_AND_TONE] = frozenset((spoken.theme, spoken.tone) for spoken in item.themes)
        found[QUALITY_OF] = frozenset((spoken.of, "") for spoken in item.themes if spoken.of)
    if item.said:
        found[SAID] = frozenset((theme, "") for theme, holds in item.said.items() if holds)
    if item.feared:
        found[FEARED] = frozenset((risk, "") for risk, holds in item.feared.items() if holds)
    if item.risks is not None:
        found[DANGER] = _alarm(item.risks)
    if item.intents is not None:
        found[INTENT] = frozenset((intent, "") for intent in item.intents)
    if item.people is not None:
        found |= _persons(item.people)
    if item.urgent is not None:
        found[URGENT] = _if(item.urgent)
    return found


def _asked(item: Text, told: Mapping[str, Items]) -> dict[str, Items]:
    """What is told of the themes and dangers of which it is known whether they hold."""
    return {
        what: frozenset(found for found in told[of] if found[0] in known)
        for what, of, known in ((SAID, THEME, item.said), (FEARED, DANGER, item.feared))
        if known
    }


def _told(verdict: Verdict) -> dict[str, Items]:
    return {
        THEME: frozenset((mention.theme, "") for mention in verdict.themes),
        THEME_AND_TONE: frozenset((mention.theme, mention.tone) for mention in verdict.themes),
        QUALITY_OF: frozenset((mention.of, "") for mention in verdict.themes if mention.of),
        DANGER: _alarm({mention.risk for mention in verdict.risks}),
        INTENT: frozenset((mention.intent, "") for mention in verdict.intents),
        URGENT: _if(verdict.urgent),
        **_persons(verdict.people),
    }


def _persons(people: Sequence[_Somebody]) -> dict[str, Items]:
    names = [f"{person.role} {person.name}".lower() for person in people]
    return {
        PERSON: frozenset((ALL, name) for name in names),
        PERSON_DATIVE: frozenset((ALL, f"{name}: {person.dative}") for name, person in zip(names, people, strict=True)),
        PERSON_TONE: frozenset((ALL, f"{name}: {person.tone}") for name, person in zip(names, people, strict=True)),
    }


def _alarm(risks: frozenset[Risk] | set[Risk]) -> Items:
    return frozenset((risk, "") for risk in risks) | (_if(bool(risks), ANY))


def _if(happened: bool, name: str = URGENT) -> Items:
    return frozenset({(name, "")}) if happened else frozenset()


class _Counts(NamedTuple):
    """Over the texts, how many items are known, told, and both."""

    known: Labels
    told: Labels
    both: Labels


def _counted(about: Finding, pairs: Sequence[tuple[Items, Items]]) -> Iterator[Finding]:
    """The figures of each id, the ids that texts hold most first; of several, then those of all together."""
    drawn = metrics.draws(len(pairs))
    always = {DANGER: (ANY,), URGENT: (URGENT,)}.get(about.what, ())
    ids = dict.fromkeys([*always, *(name for known, told in pairs for name, _ in sorted(known | told))])
    counts = {name: _counts(pairs, name) for name in ids}
    ordered = sorted(counts, key=lambda name: (name in (ANY, URGENT), -counts[name].known.sum(), name))
    for name in ordered:
        yield _finding(about, name, counts[name], drawn)
    several = [counts[name] for name in ordered if name != ANY]
    if len(several) > 1:
        whole = _Counts(*(np.sum(column, axis=0) for column in zip(*several, strict=True)))
        yield _finding(about, ALL, whole, drawn)


def _counts(pairs: Sequence[tuple[Items, Items]], name: str) -> _Counts:
    def column(items: Sequence[Items]) -> Labels:
        return np.array([sum(item[0] == name for item in one) for one in items], dtype=np.int64)

    return _Counts(
        column([known for known, _ in pairs]),
        column([told for _, told in pairs]),
        column([known & told for known, told in pairs]),
    )


def _finding(about: Finding, name: str, counts: _Counts, drawn: metrics.Counts) -> Finding:
    known, told, both = (int(column.sum()) for column in counts)
    figures = {
        "precision": metrics.proportion(both, told),
        "recall": metrics.proportion(both, known),
        "f1": metrics.interval(metrics.f1(*counts, drawn)),
    }
    if name in (ANY, URGENT):
        right = int((counts.known == counts.told).sum())
        figures["accuracy"] = metrics.proportion(right, about.texts)
        figures["false_alarms"] = metrics.proportion(told - both, about.texts - known)
    return Finding(about.data, about.what, name, about.information, about.model, about.texts, known, told, figures)
