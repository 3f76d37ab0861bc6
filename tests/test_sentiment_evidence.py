"""Why a review was judged so: phrases, their weights, and what they are made of."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment import corpus, model
from sentiment.analyse import load
from sentiment.decision import CRITICAL_STARS
from sentiment.evidence import LEAST_SHARE, MOST, Explanation, Sought
from sentiment.text import keys, tokens
from sentiment.types import Evidence

ANALYSER = load()
MODEL = model.load()
STARS = st.sampled_from([None, 1, 2, 3, 4, 5])
WORDS = (
    "вкусно невкусно не очень но зато хамят вежливо спасибо ждали час грязно уютно ничего хорошего обман рекомендую "
    "никогда отличное место верните деньги дороговато чисто холодный суп персонал ! ? ... ) 😡 ❤ 500 , ."
)
TELLING = st.sampled_from(WORDS.split())
TEXTS = st.one_of(st.text(max_size=200), st.lists(TELLING, min_size=1, max_size=40).map(" ".join))


def explained(text: str, stars: int | None) -> Explanation:
    _, explanation = ANALYSER.explain(text, stars)
    assert explanation is not None
    return explanation


@settings(max_examples=300)
@given(TEXTS, STARS)
def test_a_text_with_any_word_has_phrases_that_stand_in_it_and_a_text_without_has_none(
    text: str, stars: int | None
) -> None:
    verdict, explanation = ANALYSER.explain(text, stars)
    assert verdict == ANALYSER.analyse(text, stars), "explaining changes nothing"
    if not tokens(text):
        assert (explanation, verdict.evidence) == (None, ())
        return
    assert explanation is not None
    assert 1 <= len(explanation.phrases) <= MOST
    for phrase in explanation.phrases:
        assert phrase.phrase
        assert phrase.phrase in text
        assert all(word.word in text for word in phrase.words)


@settings(max_examples=300)
@given(TEXTS.filter(lambda text: bool(tokens(text))), STARS)
def test_a_phrase_weighs_what_its_words_pull_and_the_strongest_comes_first(text: str, stars: int | None) -> None:
    verdict, explanation = ANALYSER.explain(text, stars)
    assert explanation is not None
    for phrase in explanation.phrases:
        assert phrase.words
        assert sum(word.pull for word in phrase.words) == pytest.approx(phrase.weight, abs=1e-9)
    weights = [abs(phrase.weight) for phrase in explanation.phrases]
    assert weights == sorted(weights, reverse=True)
    assert min(weights) >= max(weights) * LEAST_SHARE
    shown = tuple(Evidence(phrase.phrase, round(phrase.weight, 3)) for phrase in explanation.phrases)
    assert shown == verdict.evidence


@settings(max_examples=300)
@given(TEXTS.filter(lambda text: bool(tokens(text))))
def test_all_pulls_together_are_the_score(text: str) -> None:
    """Nothing pulls in secret: the start and the words make the very odds that the verdict shows."""
    verdict, explanation = ANALYSER.explain(text, None)
    assert explanation is not None
    assert verdict.probabilities is not None
    odds = math.log(verdict.probabilities.negative / verdict.probabilities.positive)
    assert explanation.start + explanation.pull == pytest.approx(odds / 2, abs=1e-6)


@settings(max_examples=300)
@given(TEXTS.filter(lambda text: bool(tokens(text))), st.sampled_from([4, 5]))
def test_where_a_complaint_is_sought_its_own_odds_are_in_the_sum(text: str, stars: int) -> None:
    verdict, explanation = ANALYSER.explain(text, stars)
    assert explanation is not None
    assert verdict.probabilities is not None
    assert (explanation.sought is Sought.COMPLAINT) == verdict.conflict
    score = math.log(verdict.probabilities.negative / verdict.probabilities.positive) / 2
    if verdict.conflict:
        score += MODEL.read(keys(text)).complaint_logit
    assert explanation.start + explanation.pull == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize(("text", "stars"), [("Дороговато", 5), ("Хамят", 5), ("Хамят", None), ("Спасибо", 1)])
def test_the_only_word_of_a_text_pulls_as_far_as_all_words(text: str, stars: int | None) -> None:
    explanation = explained(text, stars)
    assert [phrase.weight for phrase in explanation.phrases] == [pytest.approx(explanation.pull)]


@settings(max_examples=100)
@given(st.lists(TELLING, min_size=1, max_size=20).map(" ".join), st.lists(TELLING, min_size=1, max_size=20))
def test_the_more_a_text_is_pulled_the_worse_are_its_odds(one: str, others: list[str]) -> None:
    scores = []
    for text in (one, " ".join(others)):
        verdict, explanation = ANALYSER.explain(text, None)
        if explanation is None or verdict.probabilities is None:
            return
        of = verdict.probabilities
        scores.append((explanation.start + explanation.pull, of.negative / of.positive))
    (first, odds), (second, other_odds) = scores
    if abs(first - second) > 1e-6:
        assert (first > second) == (odds > other_odds)


CONFLICTS = [
    ("Вкусно, но ждали час", 5, "но ждали час"),
    ("Неплохо, но дороговато", 4, "но дороговато"),
    ("Хорошо, но далековато", 5, "но далековато"),
    ("Всё отлично, спасибо большое!", 1, "Всё отлично, спасибо большое!"),
    ("Были в субботу. Прекрасный сервис, вернёмся ещё", 1, "Прекрасный сервис, вернёмся ещё"),
]


@pytest.mark.parametrize(("text", "stars", "phrase"), CONFLICTS)
def test_where_stars_and_text_disagree_the_phrase_that_disagrees_comes_first(
    text: str, stars: int, phrase: str
) -> None:
    verdict, explanation = ANALYSER.explain(text, stars)
    assert verdict.conflict
    assert explanation is not None
    assert explanation.sought is (Sought.COMPLAINT if stars > CRITICAL_STARS else Sought.PRAISE)
    first = verdict.evidence[0]
    assert first.phrase in phrase or phrase in first.phrase
    assert (first.weight > 0) == (stars > CRITICAL_STARS)


@settings(max_examples=200)
@given(TEXTS, STARS)
def test_a_disagreement_never_shows_phrases_that_agree_with_the_stars_beside_those_that_do_not(
    text: str, stars: int | None
) -> None:
    verdict = ANALYSER.analyse(text, stars)
    if verdict.conflict:
        assert len({item.weight > 0 for item in verdict.evidence}) == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Вкусно, но дороговато", "но дороговато"),
        ("Было вкусно, но ждали час и официант нахамил", "но ждали час и официант нахамил"),
        ("Достойно, хоть недёшево", "хоть недёшево"),
        ("Отлично, парковка тесновата", "парковка тесновата"),
    ],
)
def test_the_praise_before_a_complaint_is_no_complaint(text: str, complaint: str) -> None:
    """The complaint head likes the praise that complaints hide in; a person is shown the complaint."""
    assert [item.phrase for item in ANALYSER.analyse(text, 5).evidence] == [complaint]


def test_no_complaint_within_four_or_five_stars_is_made_of_praise_alone() -> None:
    """By the lexicon, on every synthetic text that complains."""
    shown = 0
    praise_alone = []
    for example in corpus.read(corpus.own()):
        if not example.complaint or example.stars not in (4, 5):
            continue
        explanation = explained(example.text, example.stars)
        if explanation.sought is not Sought.COMPLAINT:
            continue
        found = tokens(example.text)
        weights = MODEL.read([token.key for token in found]).weights
        for phrase in explanation.phrases:
            shown += 1
            start = example.text.index(phrase.phrase)
            quoted = [
                weight
                for token, weight in zip(found, weights, strict=True)
                if weight and start <= token.start < start + len(phrase.phrase)
            ]
            if quoted and min(quoted) > 0:
                praise_alone.append(phrase.phrase)
    assert shown > 1000
    assert praise_alone == []


def test_a_word_shows_what_the_lexicon_makes_of_it_in_its_place() -> None:
    plain = explained("вкусно", None).phrases[0].words[0]
    denied = [word for phrase in explained("не вкусно", None).phrases for word in phrase.words]
    assert plain.lexicon > 0
    assert any(word.word == "вкусно" and word.lexicon < 0 for word in denied)


def test_a_word_that_nobody_knows_explains_itself_with_nothing() -> None:
    explanation = explained("абырвалг", None)
    assert not explanation.understood
    assert explanation.pull == 0
    assert [phrase.weight for phrase in explanation.phrases] == [0.0]
