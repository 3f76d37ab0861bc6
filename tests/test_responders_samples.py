"""The invented reviews that templates are tried on: what they cover, and that they are what they say."""

from collections import Counter
from collections.abc import Callable

import pytest

from monitor.corrections import BY_HAND
from responders.choose import Frame, choose, has_text
from responders.kit import Library
from responders.names import first_name
from responders.points import find, praised
from responders.samples import SAMPLES, Sample, situations
from responders.types import Brand, Fault, Situation
from sentiment.types import Intent, IntentMention, Risk, Theme, ThemeMention, Tone
from tests.test_responders_choose import PRAISE, situation, verdict

CAFE = Brand("Кафе «Сирень»", "food", "Команда «Сирени»", places=("«Сирень» на Мира",))
CLINIC = Brand("Клиника «Сирень»", "clinic", "")
SOURCES = {"google_business", "yandex_maps", "twogis", "otzovik", "irecommend"}
ANSWERED = {Intent.QUESTION, Intent.CONTACT, Intent.REFUND, Intent.SUGGESTION, Intent.WRONG_PLACE}
"""Intents that change a reply."""


LIBRARY = Library(None)


def spoken_of(about: Situation) -> set[tuple[Theme, str]]:
    frame = choose(about).frame
    topics = LIBRARY.kit(frame, about.brand.sector).common.topics
    return {(point.theme, point.list) for point in find(about, frame, topics)}


def test_there_are_forty_each_with_a_name_of_its_own() -> None:
    assert len(SAMPLES) == len({sample.name for sample in SAMPLES}) == 40


def test_they_are_reviews_of_the_business_that_is_asked_about() -> None:
    found = situations(CAFE)
    assert {(about.brand, about.place) for about in found} == {(CAFE, "«Сирень» на Мира")}
    assert {about.place for about in situations(CLINIC)} == {""}
    assert len({about.key for about in found}) == 40
    assert [about.text for about in found] == [sample.text for sample in SAMPLES]


@pytest.mark.parametrize("brand", [CAFE, CLINIC], ids=["cafe", "clinic"])
def test_they_lead_to_every_frame(brand: Brand) -> None:
    assert {choose(about).frame for about in situations(brand)} == set(Frame)


def test_every_theme_is_praised_and_blamed_and_a_reply_may_speak_of_it() -> None:
    spoken = set().union(*map(spoken_of, situations(CAFE)))
    assert {theme for theme, name in spoken if name == "praise"} == set(Theme)
    assert {theme for theme, name in spoken if name == "complaint"} == set(Theme)
    assert "apology" in {name for _, name in spoken}


def test_every_danger_every_intent_that_changes_a_reply_and_every_site_is_there() -> None:
    assert {mention.risk for sample in SAMPLES for mention in sample.risks} == set(Risk)
    assert {mention.intent for sample in SAMPLES for mention in sample.intents} >= ANSWERED
    assert {sample.source for sample in SAMPLES} == SOURCES


def test_something_is_praised_beside_a_complaint() -> None:
    topics = LIBRARY.kit(Frame.REGRET, "food").common.topics
    assert any(praised(about, choose(about).frame, topics) for about in situations(CAFE))


@pytest.mark.parametrize(
    "wanted",
    [
        lambda sample: sample.stars is None and sample.flagged,
        lambda sample: sample.stars is None and not sample.flagged,
        lambda sample: len(sample.text.split()) == 2,
        lambda sample: len(sample.text.split()) > 40,
        lambda sample: not has_text(sample.text) and (sample.stars or 0) <= 2,
        lambda sample: not has_text(sample.text) and (sample.stars or 0) >= 4,
        lambda sample: sample.earlier and sample.flagged,
        lambda sample: sample.earlier and not sample.flagged,
        lambda sample: sample.fault is Fault.CONFIRMED and sample.measure,
        lambda sample: sample.fault is Fault.CONFIRMED and not sample.measure,
        lambda sample: sample.fault is Fault.DENIED,
        lambda sample: sample.conflict,
        lambda sample: sample.uncertain,
        lambda sample: len(sample.people) > 1,
        lambda sample: not sample.author,
        lambda sample: first_name(sample.author),
        lambda sample: sample.author and not first_name(sample.author),
        lambda sample: "<script>" in sample.text and "{{" in sample.text and "{{" in sample.author,
    ],
)  # fmt: skip
def test_what_makes_replies_differ_is_there(wanted: Callable[[Sample], object]) -> None:
    assert any(wanted(sample) for sample in SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_what_the_analysis_is_said_to_find_stands_in_the_text(sample: Sample) -> None:
    quotes = [item.quote for found in (sample.themes, sample.risks, sample.intents, sample.people) for item in found]
    assert [quote for quote in quotes if quote not in sample.text] == []


def test_most_authors_have_a_first_name_and_several_have_none() -> None:
    named = Counter(bool(first_name(sample.author)) for sample in SAMPLES)
    assert named[True] > named[False] >= 5


@pytest.mark.parametrize(
    ("quote", "thanked"), [("", True), ("бариста чудо", True), ("поставьте вежливого бариста", False)]
)
def test_a_theme_set_by_hand_is_thanked_for_and_one_inside_a_wish_is_not(quote: str, thanked: bool) -> None:
    wish = IntentMention(Intent.SUGGESTION, "Пожалуйста, поставьте вежливого бариста и вечером")
    named = ThemeMention(Theme.STAFF, Tone.POSITIVE, quote, rule=BY_HAND if not quote else "")
    about = situation(5, PRAISE, verdict(themes=(named,), intents=(wish,)))
    assert ((Theme.STAFF, "praise") in spoken_of(about)) is thanked
