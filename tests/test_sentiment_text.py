"""Tokens and clauses: what they are, and that they still know where they stand."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.text import clauses, keys, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ёлки, ОООЧЕНЬ вкусно!!!", ["елки", "очень", "вкусно", "!!"]),
        ("Звонил на 89001234567, 5 баллов", ["звонил", "на", "00", "5", "баллов"]),
        ("кое-как :( ...", ["кое-как", ":(", "..."]),
        ("Спасибо)) 👍🏻", ["спасибо", ":)", "👍", "🏻"]),
        ("\x00\ud800_", []),
    ],
)
def test_tokens_are_normalised(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Вкусно, но ждали час.", ["Вкусно", "но ждали час"]),
        ("Хамят официанты, холодный суп, грязные столы", ["Хамят официанты", "холодный суп", "грязные столы"]),
        ("Быстро, вкусно, уютно", ["Быстро, вкусно, уютно"]),
        ("Были в т.ч. дети. Ушли", ["Были в т.ч. дети", "Ушли"]),
        ("Всё тонкое...Доставка быстрая", ["Всё тонкое...", "Доставка быстрая"]),
        ("Ужас!Никогда", ["Ужас!", "Никогда"]),
        ("", []),
    ],
)
def test_clauses_end_where_a_thought_ends(text: str, expected: list[str]) -> None:
    assert [text[clause.start : clause.end] for clause in clauses(text, tokens(text))] == expected


@given(st.text(max_size=300))
def test_clauses_cover_every_token_in_order(text: str) -> None:
    found = tokens(text)
    cut = clauses(text, found)
    assert [index for clause in cut for index in range(clause.first, clause.last)] == list(range(len(found)))
    assert all(text[clause.start : clause.end].strip() for clause in cut)


def test_a_text_without_punctuation_is_cut_into_lines_one_can_read() -> None:
    text = "слово " * 200
    assert max(clause.last - clause.first for clause in clauses(text, tokens(text))) <= 24


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("супер :-)", ["супер", ":)"]),
        ("=) ;) :] :D", [":)"] * 4),
        ("^_^ ^^", [":)", ":)"]),
        (":( :-( :'( (((", [":("] * 4),
        (":/ -_-", [":(", ":("]),
        ("<3 ❤️", ["❤", "❤"]),
        ("⭐⭐‼️🆘", ["⭐", "⭐", "‼", "🆘"]),
        ("5<30, https://места.рф/Дом", ["5", "00", "https", "места", "рф", "дом"]),
        ("-- ^ 5:0", ["5", "0"]),
    ],
)
def test_smileys_and_pictographs_are_tokens(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("г*вно", ["г*вно"]),
        ("п****ц", ["п*ц"]),
        ("х**", ["х*"]),
        ("**важно**", ["важно"]),
        ("Обосра*ись", ["обосра*ись"]),
        ("вкусно* и * дорого", ["вкусно", "и", "дорого"]),
        ("г**но", ["г*но"]),
        ("п***ц", ["п*ц"]),
        ("бл**", ["бл*"]),
    ],
)
def test_stars_for_letters_stay_in_the_word(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**не** вкусно", ["не", "вкусно"]),
        ("*не* вкусно", ["не", "вкусно"]),
        ("***не*** вкусно", ["не", "вкусно"]),
        ("****не**** вкусно", ["не", "вкусно"]),
        ("(**не**, **и** всё)", ["не", "и", "все"]),
        ("**г**но** и **бл****", ["г*но", "и", "бл*"]),
    ],
)
def test_stars_on_both_sides_of_a_word_emphasise_it(text: str, expected: list[str]) -> None:
    assert keys(text) == expected
    assert [token.key for token in tokens(text)] == expected


PIECES = st.text("абвнеёЖz", min_size=1, max_size=12)
JOINTS = st.sampled_from(["", "-", "*", "**", "***"])
WORDS = st.builds(
    lambda first, rest, hidden: first + "".join(joint + piece for joint, piece in rest) + hidden,
    PIECES,
    st.lists(st.tuples(JOINTS, PIECES), max_size=3),
    st.sampled_from(["", "", "*", "**", "***"]),
)


@given(st.lists(st.tuples(WORDS, st.booleans()), min_size=1, max_size=6), st.sampled_from([" ", ", ", "! ", "\n"]))
def test_emphasis_changes_no_word(words: list[tuple[str, bool]], between: str) -> None:
    plain = between.join(word for word, _ in words)
    emphasised = between.join(f"**{word}**" if emphasis else word for word, emphasis in words)
    assert keys(emphasised) == keys(plain)


@given(st.text(alphabet=":;=-'()D^_<3/*дД ]", max_size=40))
def test_any_heap_of_smileys_keeps_its_offsets(text: str) -> None:
    found = tokens(text)
    assert [token.key for token in found] == keys(text)
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
