"""What a config says of the business, as the analysis has it."""

import pytest

from sentiment import text
from sentiment.business import Business, OwnTheme, check_phrase, check_word
from sentiment.rules import Review, RuleError, Rules
from sentiment.types import Theme


def found(own: OwnTheme, review: str) -> list[str]:
    """The words on which the theme's own rules fire."""
    tokens = text.tokens(review)
    parts = Review(review, tokens, text.clauses(review, tokens))
    hits = Rules(Business(themes=(own,)).rules()).find(parts)
    return [review[tokens[hit.first].start : tokens[hit.last - 1].end] for hit in hits]


@pytest.mark.parametrize(
    ("word", "review", "fires"),
    [
        ("Хостес", "хостес не было", ["хостес"]),
        ("консьерж", "Спасибо консьержам и консьержу!", ["консьержам", "консьержу"]),
        ("парковк*", "С парковкой беда, припарковаться негде", ["парковкой"]),
        ("Ёлка*", "Ёлка стоит криво", ["Ёлка"]),
        ("официант*", "официанточка", ["официанточка"]),
        ("wi-fi", "Wi-Fi не ловит", ["Wi-Fi"]),
    ],
)
def test_a_word_stands_for_its_forms_or_for_all_that_begins_so(word: str, review: str, fires: list[str]) -> None:
    check_word(word)
    assert found(OwnTheme(Theme.STAFF, words=(word,)), review) == fires


@pytest.mark.parametrize(
    ("phrase", "review", "fires"),
    [
        ("книга жалоб", "Где Книга жалоб?", ["Книга жалоб"]),
        ("ждал|ждали 30 минут", "Ждали 40 минут", ["Ждали 40 минут"]),
        ("детск* меню", "нет детского меню", ["детского меню"]),
        ("без очень? всякой посуды", "без всякой посуды", ["без всякой посуды"]),
        ("дали .. скидку", "дали нам всем скидку", ["дали нам всем скидку"]),
        ("дверь , всё", "дверь, всё закрыто", ["дверь, всё"]),
    ],
)
def test_a_phrase_is_found_as_the_shipped_rules_find_theirs(phrase: str, review: str, fires: list[str]) -> None:
    check_phrase(phrase)
    assert found(OwnTheme(Theme.STAFF, phrases=(phrase,)), review) == fires


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("книга жалоб", "under `phrases`"),
        ("*", "must be one word"),
        ("-кот", "must be one word"),
        ("ко*т", "must be one word"),
        ("кот,", "must be one word"),
        ("25", "must be one word"),
        ("ко*", "3 to 16 letters"),
        ("а" * 17 + "*", "3 to 16 letters"),
    ],
)
def test_what_is_no_word_is_refused(word: str, says: str) -> None:
    with pytest.raises(RuleError, match=says):
        check_word(word)


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("* меню", "must begin with a word"),
        (".. меню", "must begin with a word"),
        (", меню", "must begin with a word"),
        ("детское? меню", "must begin with a word"),
        ("детское|* меню", "must begin with a word"),
        ("книга; жалоб", "two phrases"),
        ("книга, жалоб", "«книга,» is no word"),
        ("книга жа*об", "«жа*об» is no word".replace("*", r"\*")),
        ("книга |", "is no word"),
    ],
)
def test_what_is_no_phrase_is_refused(phrase: str, says: str) -> None:
    with pytest.raises(RuleError, match=says):
        check_phrase(phrase)


def test_the_digest_changes_with_everything_and_is_empty_of_nothing() -> None:
    own = OwnTheme(Theme.STAFF, words=("хостес",))
    said = [
        Business(),
        Business(names=("Ромашка",)),
        Business(competitors=("Ромашка",)),
        Business(of="food"),
        Business(themes=(own,)),
        Business(themes=(OwnTheme(Theme.STAFF, phrases=("хостес",)),)),
    ]
    assert Business().digest == ""
    assert len({business.digest for business in said}) == len(said)
    assert Business(themes=(own,)).digest == Business(themes=(own,)).digest
