"""Which frame a review gets; the builders of situations are used by the other tests of this room."""

import re
import time
from dataclasses import replace

import pytest

from responders.choose import Frame, choose, has_text, is_complaint
from responders.types import Brand, Contact, Fault, Situation
from sentiment.types import (
    Evidence,
    Intent,
    IntentMention,
    Person,
    Probabilities,
    Risk,
    RiskMention,
    Theme,
    ThemeMention,
    Tone,
    Verdict,
)

CAFE = Brand("Кафе «Сирень»", "food", "Команда «Сирени»", Contact("+7 (843) 000-00-00", "help@example.ru"))
COMPLAINT = "Ждали столик сорок минут, хотя бронировали заранее"
PRAISE = "Вкусно, уютно, придём всей семьёй ещё не раз"


def verdict(
    tone: Tone = Tone.POSITIVE,
    *,
    flagged: bool = False,
    uncertain: bool = False,
    conflict: bool = False,
    themes: tuple[ThemeMention, ...] = (),
    risks: tuple[RiskMention, ...] = (),
    evidence: tuple[Evidence, ...] = (),
    probabilities: Probabilities | None = None,
    people: tuple[Person, ...] = (),
    intents: tuple[IntentMention, ...] = (),
) -> Verdict:
    return Verdict(tone, probabilities, flagged, uncertain, conflict, themes, risks, evidence, people, intents)


NEGATIVE = verdict(Tone.NEGATIVE, flagged=True)
POISONED = verdict(Tone.NEGATIVE, flagged=True, risks=(RiskMention(Risk.POISONING, "отравились салатом"),))
MISPLACED = verdict(Tone.NEGATIVE, flagged=True, intents=(IntentMention(Intent.WRONG_PLACE, COMPLAINT),))
SLOW = ThemeMention(Theme.WAITING, Tone.NEGATIVE, "ждали сорок минут")


def situation(
    stars: int | None = 5,
    text: str = PRAISE,
    judged: Verdict | None = None,
    *,
    key: str = "yandex_maps:1",
    source: str = "yandex_maps",
    author: str = "",
    brand: Brand = CAFE,
    recent: tuple[str, ...] = (),
) -> Situation:
    return Situation(key, source, "«Сирень» на Мира", brand, stars, text, author, judged or verdict(), recent)


@pytest.mark.parametrize(
    ("stars", "text", "judged", "fault", "frame"),
    [
        (1, COMPLAINT, NEGATIVE, Fault.UNCONFIRMED, Frame.REGRET),
        (2, COMPLAINT, verdict(Tone.NEUTRAL), Fault.UNCONFIRMED, Frame.REGRET),
        (1, COMPLAINT, NEGATIVE, Fault.CONFIRMED, Frame.APOLOGY),
        (3, COMPLAINT, verdict(Tone.NEUTRAL, uncertain=True), Fault.UNCONFIRMED, Frame.REGRET),
        (1, "", NEGATIVE, Fault.UNCONFIRMED, Frame.REGRET_STARS_ONLY),
        (3, " \u200b\n", verdict(Tone.NEUTRAL), Fault.UNCONFIRMED, Frame.REGRET_STARS_ONLY),
        (1, PRAISE, verdict(flagged=True, conflict=True), Fault.UNCONFIRMED, Frame.GENTLE_REGRET),
        (3, PRAISE, verdict(conflict=True), Fault.UNCONFIRMED, Frame.GENTLE_REGRET),
        (3, COMPLAINT, verdict(Tone.NEGATIVE, flagged=True, conflict=True), Fault.UNCONFIRMED, Frame.REGRET),
        (5, COMPLAINT, NEGATIVE, Fault.UNCONFIRMED, Frame.THANKS_WITH_REGRET),
        (4, PRAISE, verdict(themes=(SLOW,)), Fault.UNCONFIRMED, Frame.THANKS_WITH_REGRET),
        (4, "Ну такое", verdict(Tone.NEUTRAL, uncertain=True), Fault.UNCONFIRMED, Frame.THANKS_UNSURE),
        (4, PRAISE, verdict(), Fault.UNCONFIRMED, Frame.THANKS),
        (5, "", verdict(), Fault.UNCONFIRMED, Frame.STARS_ONLY),
        (2, COMPLAINT, NEGATIVE, Fault.DENIED, Frame.CORRECTION),
        (1, COMPLAINT, MISPLACED, Fault.UNCONFIRMED, Frame.MISTAKEN),
        (5, COMPLAINT, POISONED, Fault.UNCONFIRMED, Frame.DANGER),
        (None, COMPLAINT, NEGATIVE, Fault.UNCONFIRMED, Frame.REGRET),
        (None, PRAISE, verdict(), Fault.UNCONFIRMED, Frame.THANKS),
        (None, PRAISE, verdict(Tone.NEUTRAL), Fault.UNCONFIRMED, Frame.THANKS_UNSURE),
        (None, "", verdict(), Fault.UNCONFIRMED, Frame.THANKS_UNSURE),
    ],
)
def test_the_frame_follows_stars_text_and_verdict(
    stars: int | None, text: str, judged: Verdict, fault: Fault, frame: Frame
) -> None:
    assert choose(replace(situation(stars, text, judged), fault=fault)).frame is frame


@pytest.mark.parametrize(
    "text",
    [
        "Вкусно. Сняла звезду за гардероб",
        "Роллы хорошие. Четвёрка из-за васаби",
        "Всё по-домашнему. Не пятёрка потому, что кухня рано закрывается",
        "Булочки чудесные. Почему не пять? Быстро заканчиваются",
        "Хожу сюда часто. Единственное, музыку бы потише",
        "Уютно\nДостоинства: кофе\nНедостатки: коляску поставить негде",
    ],
)
def test_praise_that_names_its_reservation_is_thanked_for_both(text: str) -> None:
    assert choose(situation(4, text)).frame is Frame.THANKS_WITH_REGRET


@pytest.mark.parametrize("shortcomings", ["нет", "Не нашёл", "не обнаружено", "-", "рецепт не дают :)"])
def test_no_shortcomings_named_is_no_reservation(shortcomings: str) -> None:
    assert choose(situation(5, f"Вкусно\nНедостатки: {shortcomings}")).frame is Frame.THANKS


def test_a_clear_but_is_a_reservation_without_stars_too() -> None:
    judged = verdict(evidence=(Evidence("Кофе понравился", -1.0), Evidence("а пирожок суховат", 1.1)))
    assert choose(situation(None, "Кофе понравился, а пирожок суховат", judged)).frame is Frame.THANKS_WITH_REGRET


def test_five_stars_flagged_for_no_named_reason_are_asked_not_told_of_a_complaint() -> None:
    judged = verdict(Tone.NEGATIVE, flagged=True, conflict=True, probabilities=Probabilities(0.5, 0.3, 0.2))
    assert choose(situation(5, "Даже просить не пришлось", judged)).frame is Frame.THANKS_UNSURE


def test_five_stars_with_a_furious_text_are_answered_as_a_complaint() -> None:
    judged = verdict(Tone.NEGATIVE, flagged=True, conflict=True, probabilities=Probabilities(0.98, 0.01, 0.01))
    assert choose(situation(5, "Деньги на ветер", judged)).frame is Frame.THANKS_WITH_REGRET


def test_a_queue_mentioned_at_five_stars_is_no_complaint() -> None:
    assert choose(situation(5, "Лучшие сырники, к десяти уже очередь", verdict(themes=(SLOW,)))).frame is Frame.THANKS


@pytest.mark.parametrize("word", ["снял", "недостатки:", "недостатки: ) ", "не ", "сорок ", "\nнедостатки:\t"])
def test_a_hundred_kilobytes_of_telling_words_get_a_frame_in_a_moment(word: str) -> None:
    began = time.process_time()
    choose(situation(5, word * (100_000 // len(word))))
    assert time.process_time() - began < 2


@pytest.mark.parametrize("text", ["Поминали отца, всё достойно", "Сорок дней, отнеслись по-человечески"])
def test_praise_in_mourning_is_thanked_quietly(text: str) -> None:
    assert choose(situation(5, text)).frame is Frame.THANKS_QUIET


def test_a_danger_is_not_settled_in_public_even_when_fault_is_confirmed() -> None:
    assert choose(replace(situation(1, COMPLAINT, POISONED), fault=Fault.CONFIRMED)).frame is Frame.DANGER


@pytest.mark.parametrize("invisible", ["", "  \n\t", "\x00", "\u200e\u200f\u202e", "\ud800", "\u00a0" * 1000])
def test_invisible_marks_are_no_text(invisible: str) -> None:
    assert not has_text(invisible)
    assert has_text(invisible + "👍")


def test_low_stars_flags_and_dangers_are_complaints() -> None:
    assert is_complaint(situation(2, PRAISE, verdict()))
    assert is_complaint(situation(5, COMPLAINT, NEGATIVE))
    assert not is_complaint(situation(3, PRAISE, verdict(Tone.NEUTRAL)))


def test_the_reason_is_said_in_words_that_an_operator_reads() -> None:
    for stars, text, judged in ((1, COMPLAINT, NEGATIVE), (5, PRAISE, verdict()), (1, COMPLAINT, POISONED)):
        why = choose(situation(stars, text, judged)).why
        assert re.fullmatch(r"[а-яё].{6,90}", why), why


@pytest.mark.parametrize(
    "text",
    [
        "Умер от вкуса, шаурма божественна!",
        "Очередей не стало, спасибо",
        "Не стало очередей",
        "Гарантия 40 дней, всё честно",
    ],
)
def test_figures_of_speech_and_numbers_are_no_mourning(text: str) -> None:
    assert choose(situation(5, text)).frame is Frame.THANKS


@pytest.mark.parametrize(
    "text", ["Поминали умершего деда", "Не стало мамы, помогли со всем", "Отмечали 40 дней, тихо и достойно"]
)
def test_a_loss_told_otherwise_is_one_too(text: str) -> None:
    assert choose(situation(5, text)).frame is Frame.THANKS_QUIET


@pytest.mark.parametrize(
    "text",
    ["Больше никогда не пойду в другие кафе, только сюда!", "Не рекомендую ходить в другие места, здесь лучшее"],
)
def test_scorn_for_other_places_is_praise(text: str) -> None:
    assert choose(situation(5, text)).frame is Frame.THANKS


@pytest.mark.parametrize(
    "text",
    [
        "Искренне рекомендую этих людей",
        "Он один единственный, отличается дизайном",
        "Вас лично рекомендую всем",
    ],
)
def test_words_that_only_sound_like_a_reservation_regret_nothing(text: str) -> None:
    assert choose(situation(4, text)).frame is Frame.THANKS


@pytest.mark.parametrize("stars", [4, 5])
def test_a_joke_after_a_but_is_no_complaint(stars: int) -> None:
    joke = (Evidence("Прекрасные беляши", -1.6), Evidence("но ей об этом не говорите", 0.96))
    assert choose(situation(stars, PRAISE, verdict(evidence=joke))).frame is Frame.THANKS
    complains = verdict(conflict=True, evidence=joke)
    assert choose(situation(stars, PRAISE, complains)).frame is Frame.THANKS_WITH_REGRET


@pytest.mark.parametrize("rule", ["location.access", "quality.eating-badly", "staff.roles-at-large"])
def test_what_the_words_around_it_praise_is_not_regretted(rule: str) -> None:
    quote = "В подвале есть классный магазин"
    blamed = ThemeMention(Theme(rule.partition(".")[0]), Tone.NEGATIVE, quote, rule=rule)
    judged = verdict(themes=(blamed,), evidence=(Evidence("есть классный магазин", -1.04),))
    assert choose(situation(4, quote, judged)).frame is Frame.THANKS


def test_a_calm_text_under_five_stars_is_not_pitied() -> None:
    calm = verdict(Tone.NEUTRAL, uncertain=True, probabilities=Probabilities(0.2, 0.4, 0.4))
    assert choose(situation(5, "Обычная столовая", calm)).frame is Frame.THANKS_OPEN
    assert choose(situation(4, "Обычная столовая", calm)).frame is Frame.THANKS_UNSURE


@pytest.mark.parametrize("stars", [1, 3, None])
def test_nobody_is_asked_what_was_wrong_who_has_named_it(stars: int | None) -> None:
    stale = ThemeMention(Theme.QUALITY, Tone.NEGATIVE, "но эклер был чёрствый", "food", "quality.eating-bad")
    tone = Tone.NEUTRAL if stars is None else Tone.POSITIVE
    judged = verdict(tone, conflict=stars is not None, themes=(stale,))
    frame = choose(situation(stars, "Милое место, но эклер был чёрствый", judged)).frame
    assert frame is (Frame.THANKS_WITH_REGRET if stars is None else Frame.REGRET)


@pytest.mark.parametrize(("weight", "frame"), [(1.2, Frame.THANKS_WITH_REGRET), (0.5, Frame.THANKS_OPEN)])
def test_at_five_stars_a_fault_that_weighs_is_regretted_and_a_slight_one_is_not(weight: float, frame: Frame) -> None:
    quote = "кислый запах тряпки в зале"
    smell = ThemeMention(Theme.CLEANLINESS, Tone.NEGATIVE, quote, rule="cleanliness.smell")
    judged = verdict(conflict=True, themes=(smell,), evidence=(Evidence(quote, weight),))
    assert choose(situation(5, f"Обожаю ваш медовик. Но {quote}", judged)).frame is frame
