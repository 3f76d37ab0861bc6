"""Other wordings: what is recognised, what may stand there, and that nothing gets worse by it."""

import re
import unicodedata
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responders.choose import Frame
from responders.draft import Responder
from responders.lint import lint
from responders.samples import situations
from responders.similarity import normal, sentences
from responders.swap import MOST, MOST_SENTENCES, spans
from responders.types import Fault, Finding, Register, Situation, Swap
from sentiment.types import Evidence, Person, Theme, ThemeMention, Tone
from tests.draft_facts import unfounded
from tests.test_responders_choose import CAFE, COMPLAINT, NEGATIVE, PRAISE, SLOW, situation, verdict
from tests.test_responders_draft import brand, leading_to

RESPONDER = Responder(is_first_name=frozenset({"Анна", "Олег", "Марина"}).__contains__)
COMPLAINED = situation(1, COMPLAINT, replace(NEGATIVE, themes=(SLOW,)), author="Анна")
HELLO, OPENING = "Анна, здравствуйте.", "Спасибо за отзыв. Очень жаль, что так вышло."
MIDDLE = "Разберёмся, почему пришлось ждать."
REGRET = f"{HELLO} {OPENING} {MIDDLE}"


def swaps(text: str, about: Situation = COMPLAINED) -> dict[str, tuple[str, ...]]:
    return {swap.sentence: swap.alternatives for swap in RESPONDER.swaps(text, about)}


def put(text: str, swap: Swap, alternative: str) -> str:
    return text[: swap.start] + alternative + text[swap.end :]


def errors(text: str, about: Situation) -> list[str]:
    return [found.rule for found in lint(text, about) if found.severity == "error"]


# --- what is of the book -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "of_the_book"),
    [
        (REGRET, [HELLO, OPENING, MIDDLE]),
        ("Разберемся почему пришлось ждать!", ["Разберемся почему пришлось ждать!"]),
        ("разберёмся,\u00a0почему  пришлось ждать", ["разберёмся,\u00a0почему  пришлось ждать"]),
        ("— Разберёмся, почему пришлось ждать.", ["Разберёмся, почему пришлось ждать."]),
        ("😊 Разберёмся, почему пришлось ждать.", ["Разберёмся, почему пришлось ждать."]),
        ("Разберёмся, почему пришлось ждать.\r\n\r\nДо связи", ["Разберёмся, почему пришлось ждать."]),
        ("Разберёмся, почему пришлось так долго ждать.", []),
        ("Мы уже поговорили с поваром.", []),
        ("Хорошего Вам дня.", []),  # of another frame
        ("Здравствуйте, Олег.", []),  # of another author
        ("Команда «Сирени»", []),
        ("", []),
        (" \r\n\t", []),
        ("…!?. — 🌷", []),
    ],
)  # fmt: skip
def test_a_sentence_of_the_book_is_known_by_its_words(text: str, of_the_book: list[str]) -> None:
    assert list(swaps(text)) == of_the_book


def test_letters_put_together_are_the_same_letters() -> None:
    apart = unicodedata.normalize("NFD", "Разберёмся, почему пришлось ждать. Й")
    found = RESPONDER.swaps(apart, COMPLAINED)
    assert [apart[swap.start : swap.end] for swap in found] == [apart.removesuffix(unicodedata.normalize("NFD", " Й"))]


def test_a_phrase_of_two_sentences_is_exchanged_as_a_whole() -> None:
    alternatives = swaps(REGRET)[OPENING]
    assert len(alternatives) == MOST
    assert all(re.search("жаль|сожале", text.lower()) and re.search("пасибо|лагодар", text) for text in alternatives)


@pytest.mark.parametrize(
    ("text", "half", "does"),
    [
        ("Спасибо за отзыв. Жаль, что суп остыл.", "Спасибо за отзыв.", "(?i)спасибо|благодар"),
        ("Спасибо Вам большое. Очень жаль, что так вышло.", "Очень жаль, что так вышло.", "(?i)жаль|сожале"),
    ],
)
def test_a_half_whose_rest_was_changed_has_halves_that_do_the_same(text: str, half: str, does: str) -> None:
    found = swaps(text)
    assert list(found) == [half]
    assert found[half]
    assert all(re.search(does, other) and len(list(spans(other))) == 1 for other in found[half])


def test_an_emoji_between_two_halves_is_nobodys_to_take_away() -> None:
    for swap in RESPONDER.swaps("Спасибо за отзыв. 🌷 Очень жаль, что так вышло.", COMPLAINED):
        assert "🌷" not in swap.sentence


def test_a_text_longer_than_any_reply_is_left_alone() -> None:
    assert len(RESPONDER.swaps(f"{MIDDLE} " * 40, COMPLAINED)) <= MOST_SENTENCES
    assert RESPONDER.swaps(f"{MIDDLE} " * 4000, COMPLAINED) == ()


# --- what may stand there ----------------------------------------------------------------------------------


def test_names_and_cases_are_those_of_the_review() -> None:
    thanked = Person("мастер", "Марина", "мастеру Марине", "femn", Tone.POSITIVE, "мастер Марина чудо")
    about = situation(5, "Мастер Марина чудо", verdict(people=(thanked,)), brand=brand("beauty"))
    (alternatives,) = swaps("Передадим Ваши добрые слова мастеру Марине.", about).values()
    assert all("мастеру Марине" in text for text in alternatives)


def test_a_thing_that_was_named_stays_named_and_agrees() -> None:
    praised = ThemeMention(Theme.ATMOSPHERE, Tone.POSITIVE, "музыка и интерьер чудесные")
    about = situation(
        5, "Музыка и интерьер чудесные", verdict(themes=(praised,), evidence=(Evidence(praised.quote, -1.0),))
    )
    (alternatives,) = swaps("Приятно, что музыка и интерьер Вам понравились.", about).values()
    assert "Рады, что Вам понравились музыка и интерьер." in alternatives[:2]


def test_the_way_to_reach_us_stays_the_same() -> None:
    way = "напишите нам на help@example.ru"
    (alternatives,) = swaps(f"Если готовы рассказать подробнее, {way}.").values()
    assert all(way in text and "000" not in text for text in alternatives)


def test_a_site_that_forbids_contacts_is_told_of_the_card() -> None:
    about = replace(COMPLAINED, source="google_business")
    (alternatives,) = swaps(
        "Если готовы рассказать подробнее, позвоните нам по телефону из нашей карточки.", about
    ).values()
    assert all("из нашей карточки" in text for text in alternatives)


@pytest.mark.parametrize("register", Register)
def test_the_register_is_kept(register: Register) -> None:
    about = replace(situation(5, PRAISE, author="Анна"), brand=brand("food", register))
    found = [text for swap in RESPONDER.swaps(RESPONDER.draft(about).text, about) for text in swap.alternatives]
    assert any("!" in text for text in found) != (register is Register.FORMAL)


def test_nothing_is_offered_that_the_reply_already_says() -> None:
    text = f"{REGRET} Понимаем, как утомляет долгое ожидание."
    offered = [other for swap in RESPONDER.swaps(text, COMPLAINED) for other in swap.alternatives]
    assert not {normal(other) for other in offered} & {normal(text[start:end]) for start, end in spans(text)}


def test_what_was_said_a_short_while_ago_on_the_card_is_not_offered() -> None:
    offered = swaps(REGRET)[MIDDLE]
    recent = tuple(f"Здравствуйте. {said} Команда «Сирени»" for said in offered[:3])
    again = swaps(REGRET, replace(COMPLAINED, recent=recent))[MIDDLE]
    assert set(again).isdisjoint(offered[:3])
    assert len(again) == MOST


def test_what_we_say_to_the_same_words_elsewhere_is_not_offered() -> None:
    offered = swaps(REGRET)[MIDDLE]
    again = swaps(REGRET, replace(COMPLAINED, elsewhere=offered))[MIDDLE]
    assert set(again).isdisjoint(offered)


def test_the_same_is_offered_again_and_something_else_to_another_review() -> None:
    assert swaps(REGRET) == swaps(REGRET)
    assert swaps(REGRET) != swaps(REGRET, replace(COMPLAINED, key="yandex_maps:2"))


def test_what_a_check_finds_wrong_is_not_offered() -> None:
    def check(text: str) -> tuple[Finding, ...]:
        found = text.find("обсудим")
        return () if found < 0 else (Finding("no_talk", "error", "", (found, found + 7)),)

    offered = [text for swap in RESPONDER.swaps(REGRET, COMPLAINED, check) for text in swap.alternatives]
    assert offered
    assert not [text for text in offered if "обсудим" in text]


def test_an_overlay_is_read_and_its_broken_phrase_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "replies"
    folder.mkdir()
    lines = ['- "Жаль, что так вышло."', '- "{{ stars / 0 }}"', '- "Нам жаль, правда."']
    (folder / "regret.yaml").write_text("openings:\n  " + "\n  ".join(lines) + "\n", encoding="utf-8")
    found = Responder(tmp_path).swaps("Жаль, что так вышло.", COMPLAINED)
    assert [swap.alternatives for swap in found] == [("Нам жаль, правда.",)]


# --- whatever the review -----------------------------------------------------------------------------------


CONFIRMED = replace(COMPLAINED, fault=Fault.CONFIRMED, measure="Поставили вторую кассу")
SAMPLES = (CONFIRMED, *situations(CAFE))
FRAMES = tuple(leading_to(frame, brand=brand(sector)) for frame, sector in product(Frame, ("clinic", "delivery")))


@pytest.mark.parametrize("abouts", [SAMPLES, FRAMES], ids=["samples", "frames"])
def test_every_alternative_is_as_good_as_the_draft(abouts: tuple[Situation, ...]) -> None:
    for about in abouts:
        text = RESPONDER.draft(about).text
        before = errors(text, about)
        for swap in RESPONDER.swaps(text, about):
            assert text[swap.start : swap.end] == swap.sentence
            assert 1 <= len(set(swap.alternatives)) == len(swap.alternatives) <= MOST
            for alternative in swap.alternatives:
                changed = put(text, swap, alternative)
                assert errors(changed, about) == before, changed
                assert not list(unfounded(changed, about)), changed


def test_nearly_every_sentence_of_a_draft_has_other_wordings() -> None:
    without = []
    for about in situations(CAFE):
        text = RESPONDER.draft(about).text
        body = text.removesuffix(CAFE.signature)
        known = RESPONDER.swaps(text, about)
        left = "".join(char for at, char in enumerate(body) if not any(swap.start <= at < swap.end for swap in known))
        if left.strip():
            without.append((text, left.strip()))
    assert without == []


PIECES = (
    "Разберёмся, почему пришлось ждать.",
    "Спасибо за отзыв. Очень жаль, что так вышло.",
    "Спасибо за отзыв.",
    "Анна, здравствуйте.",
    "Остаёмся на связи.",
    "Позвоните Ивану.",
    "👩‍🍳",
    "о\u0301чень",
    "\r\n",
    "\n\n",
    "!!!",
    "\ud800",
    "\u2028",
)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=9), st.sampled_from(["", " "]))
@settings(deadline=None, max_examples=60)
def test_spans_slice_any_text_and_alternatives_add_no_error(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    before, end = errors(text, COMPLAINED), 0
    for swap in RESPONDER.swaps(text, COMPLAINED):
        assert end <= swap.start < swap.end
        assert text[swap.start : swap.end] == swap.sentence
        end = swap.end
        for alternative in swap.alternatives:
            assert not set(errors(put(text, swap, alternative), COMPLAINED)) - set(before)


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_sentences_stand_in_order_and_hold_every_word(text: str) -> None:
    found = list(spans(text))
    assert all(start < end for start, end in found)
    assert found == sorted(found)
    assert normal(" ".join(text[start:end] for start, end in found)).replace(" ", "") == normal(text).replace(" ", "")


def test_a_sentence_said_on_the_card_is_one_of_similarity() -> None:
    assert sentences(REGRET) >= {normal("Очень жаль, что так вышло.")}
