"""What is surely praised or blamed."""

import pytest

from responders import certainty
from sentiment import rules
from sentiment.types import Evidence, Theme, ThemeMention, Tone, Verdict


def judged(*themes: ThemeMention, evidence: tuple[Evidence, ...] = ()) -> Verdict:
    return Verdict(Tone.NEUTRAL, None, False, False, False, themes, (), evidence)


def test_every_rule_that_is_believed_is_one() -> None:
    named = {rule.name: rule for rule in rules.load("themes", Theme)}
    assert named.keys() >= certainty.PLAIN | certainty.KIND | certainty.UNKIND
    assert all(named[name].tone is not None for name in certainty.PLAIN)


@pytest.mark.parametrize(
    ("rule", "tone", "weight", "sure"),
    [
        ("staff.rude", Tone.NEGATIVE, 0.0, True),
        ("staff.rude", Tone.NEGATIVE, -0.9, False),
        ("staff.polite", Tone.POSITIVE, 0.0, True),
        ("staff.polite", Tone.NEGATIVE, 0.0, False),
        ("waiting.long", Tone.NEGATIVE, 0.0, True),
        ("quality.dish", Tone.NEGATIVE, 0.0, False),
        ("quality.dish", Tone.NEGATIVE, 0.9, True),
        ("quality.dish", Tone.POSITIVE, -0.9, True),
        ("quality.dish", Tone.POSITIVE, 0.9, False),
        ("quality.own", Tone.NEGATIVE, 0.0, True),
    ],
)
def test_words_that_say_it_are_believed_and_others_need_a_phrase(
    rule: str, tone: Tone, weight: float, sure: bool
) -> None:
    mention = ThemeMention(Theme(rule.partition(".")[0]), tone, "кофе так и не дождались", rule=rule)
    evidence = (Evidence("кофе так и не дождались", weight),) if weight else ()
    assert bool(certainty.certain(judged(mention, evidence=evidence), 4)) is sure


def test_what_a_person_says_is_sure() -> None:
    assert certainty.certain(judged(ThemeMention(Theme.PRICE, Tone.NEGATIVE, "", rule="by_hand")), 5)


def test_a_clause_about_people_judges_nothing_else() -> None:
    quote = "официант не знал, есть ли мука в соусе"
    staff = ThemeMention(Theme.STAFF, Tone.NEGATIVE, quote, rule="staff.does-not-know")
    sauce = ThemeMention(Theme.QUALITY, Tone.NEGATIVE, quote, "food", "quality.dish")
    assert certainty.certain(judged(staff, sauce, evidence=(Evidence(quote, 0.8),)), 2) == (staff,)


def test_under_few_stars_less_is_enough_for_blame() -> None:
    staff = ThemeMention(Theme.STAFF, Tone.NEGATIVE, "официант молчит", rule="staff.roles-of-the-hall")
    told = judged(staff, evidence=(Evidence("официант молчит", 0.25),))
    assert certainty.certain(told, 2)
    assert not certainty.certain(told, 5)
