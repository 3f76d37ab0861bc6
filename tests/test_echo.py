"""Is the reply on the site ours? Posting bends it: signs, spaces, signatures, a word mended, the end cut."""

import unicodedata
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.echo import FEWEST_SHOWN, same_reply
from tests.rig import Rig

OURS = (
    "Анна, здравствуйте. Нам очень жаль, что Вас это огорчило. Спасибо, что всё рассказали. Замечание о работе "
    "официантов покажем команде, еда тоже должна радовать. Пожалуйста, позвоните нам по номеру из нашей карточки: "
    "хотим понять, когда это было.\n\nКоманда «Ромашки»"
)
SHORT = "Спасибо за отзыв!"

WORDS = st.lists(st.text("абвгдежзиклмнопрст", min_size=2, max_size=9), min_size=20, max_size=60)
ANYTHING = st.text(max_size=200)


@given(ANYTHING)
def test_a_reply_is_itself(text: str) -> None:
    assert same_reply(text, text) == bool(text.split())


@given(ANYTHING, ANYTHING)
def test_no_text_makes_it_stumble(ours: str, seen: str) -> None:
    assert same_reply(ours, seen) in (True, False)


@pytest.mark.parametrize(
    "seen",
    [
        OURS.upper(),
        OURS.replace("\n\n", " "),
        OURS.replace(" ", "\u00a0").replace(". ", ".\r\n"),
        OURS.replace("«", '"').replace("»", '"').replace(",", " —"),
        OURS.replace(".", ".\u200b 🙏"),
        OURS.replace("всё", "все"),
        unicodedata.normalize("NFD", OURS),
        f"  {OURS}\n\n\n",
    ],
    ids=["case", "lines", "spaces", "quotes", "emoji", "yo", "decomposed", "margins"],
)
def test_what_a_site_does_to_letters_and_signs_changes_nothing(seen: str) -> None:
    assert same_reply(OURS, seen)
    assert same_reply(seen, OURS)


@pytest.mark.parametrize(
    "seen",
    [
        OURS.removesuffix("\n\nКоманда «Ромашки»"),
        OURS.replace("Команда «Ромашки»", "С уважением, управляющая Ольга"),
        OURS.replace("официантов", "официанта"),
        OURS.replace("Анна, здравствуйте", "Здравствуйте, Анна Сергеевна"),
        OURS.replace(" Спасибо, что всё рассказали.", ""),
        OURS.replace("\n\nКоманда", " Будем ждать Вашего звонка в любое время.\n\nКоманда"),
    ],
    ids=["unsigned", "signed otherwise", "a word", "a greeting", "a sentence less", "a sentence more"],
)
def test_small_edits_at_posting_are_ours(seen: str) -> None:
    assert same_reply(OURS, seen)


@pytest.mark.parametrize(
    ("ours", "seen"),
    [
        (f"{SHORT}\nКоманда «Ромашки»", SHORT),
        (SHORT, f"{SHORT}\n\nС уважением, Ольга"),
        ("🙏", " 🙏 "),
    ],
)
def test_of_short_replies_too(ours: str, seen: str) -> None:
    assert same_reply(ours, seen)


@pytest.mark.parametrize(
    ("ours", "seen"),
    [
        (OURS, ""),
        ("", ""),
        ("", OURS),
        ("🙏", "👍"),
        (SHORT, "Спасибо, Анна, за отзыв, но Вы у нас не были!"),
        (f"{SHORT}\nКоманда «Ромашки»", "Спасибо!"),
        (OURS, f"{SHORT[:-1]}…"),
        (OURS, "Анна, здравствуйте…"),
        (
            OURS,
            "Анна, здравствуйте. Нам очень жаль, что Вас это огорчило. Спасибо, что всё рассказали. О ценах поговорим "
            "с управляющей, бронь вернём. Ответим на любые вопросы.\n\nКоманда «Ромашки»",
        ),
    ],
)
def test_another_reply_is_another(ours: str, seen: str) -> None:
    assert not same_reply(ours, seen)


@given(WORDS, st.data())
def test_one_word_more_less_or_other_is_ours_still(words: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(words) - 1))
    put = data.draw(st.sampled_from([[], ["иначе"], [words[place], "ещё"]]))
    ours, seen = " ".join(words), " ".join([*words[:place], *put, *words[place + 1 :]])
    assert same_reply(ours, seen)
    assert same_reply(seen, ours)


@given(WORDS, WORDS)
def test_words_of_which_none_is_common_are_another_reply(one: list[str], other: list[str]) -> None:
    assume(set(one).isdisjoint(other))
    assert not same_reply(" ".join(one), " ".join(other))


@given(WORDS, st.data(), st.sampled_from(["…", "...", " …\n"]))
def test_a_reply_that_the_site_cuts_is_known_by_its_beginning(words: list[str], data: st.DataObject, end: str) -> None:
    ours = " ".join(words)
    shown = len(" ".join(words[: FEWEST_SHOWN + 1]))
    cut = data.draw(st.integers(shown, len(ours)))
    assert same_reply(ours, ours[:cut] + end)
    assert not same_reply(ours, "совсем не те слова здесь стоят " + ours[: cut // 3] + end)


@given(WORDS)
def test_half_a_reply_that_nobody_cut_is_another(words: list[str]) -> None:
    assert not same_reply(" ".join(words), " ".join(words[: len(words) // 2]))


def test_drafts_for_two_reviews_are_two_replies(cafe: Rig) -> None:
    """Of one business, from the same templates, with the same signature."""
    drafts = [view.draft.text for view in cafe.queue() if view.draft is not None]
    alike = [(one, other) for one, other in combinations(drafts, 2) if same_reply(one, other)]
    assert len(drafts) > 15
    assert alike == []
