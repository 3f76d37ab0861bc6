"""Drafts: every frame, every site, every sector; hostile reviews; never the same twice."""

import re
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from responders.choose import COMPLAINT_FRAMES, Frame, choose
from responders.draft import Responder
from responders.files import SHIPPED
from responders.kit import Library
from responders.lint import lint
from responders.phrasebook import VARIABLES
from responders.platforms import platform
from responders.similarity import jaccard, shingles
from responders.types import Brand, Contact, Draft, Fault, Register, Situation
from sentiment.types import (
    Evidence,
    Intent,
    IntentMention,
    Person,
    Risk,
    RiskMention,
    Theme,
    ThemeMention,
    Tone,
    Verdict,
)
from tests.test_responders_choose import COMPLAINT, MISPLACED, NEGATIVE, POISONED, PRAISE, SLOW, situation, verdict

SOURCES = ("google_business", "yandex_maps", "twogis", "otzovik", "irecommend")
SECTORS = ("food", "shop", "clinic", "beauty", "hotel", "cars", "delivery", "bank", "other")
REGRET = re.compile(r"жаль|сожале|извин|простите|прощения", re.IGNORECASE)
CHEER = re.compile(r"\bрады\b|здорово|\bприятно|!", re.IGNORECASE)
OFFICIALESE = re.compile(r"кратчайш|до (?:вашего )?сведения|\bданн(?:ый|ая|ого|ой)\b", re.IGNORECASE)
# A danger wants no ceremony, an apology thanks in most wordings only.
_THANKS_OPTIONAL = frozenset({Frame.DANGER, Frame.APOLOGY})
NAMES = frozenset({"Анна", "Олег"})
PRAISED_STAFF = ThemeMention(Theme.STAFF, Tone.POSITIVE, "")

SHIPPED_LIBRARY = Library(None)
RESPONDER = Responder(is_first_name=NAMES.__contains__)

# What leads to every frame: stars, text, verdict, fault.
LEADS: dict[Frame, tuple[int | None, str, Verdict, Fault]] = {
    Frame.DANGER: (1, COMPLAINT, POISONED, Fault.UNCONFIRMED),
    Frame.APOLOGY: (1, COMPLAINT, NEGATIVE, Fault.CONFIRMED),
    Frame.CORRECTION: (1, COMPLAINT, NEGATIVE, Fault.DENIED),
    Frame.MISTAKEN: (1, COMPLAINT, MISPLACED, Fault.UNCONFIRMED),
    Frame.REGRET: (2, COMPLAINT, NEGATIVE, Fault.UNCONFIRMED),
    Frame.GENTLE_REGRET: (1, PRAISE, verdict(flagged=True, conflict=True), Fault.UNCONFIRMED),
    Frame.REGRET_STARS_ONLY: (1, "", NEGATIVE, Fault.UNCONFIRMED),
    Frame.THANKS_WITH_REGRET: (5, COMPLAINT, NEGATIVE, Fault.UNCONFIRMED),
    Frame.THANKS_UNSURE: (4, "Ну такое", verdict(Tone.NEUTRAL, uncertain=True), Fault.UNCONFIRMED),
    Frame.THANKS_OPEN: (5, PRAISE, verdict(conflict=True), Fault.UNCONFIRMED),
    Frame.THANKS: (5, PRAISE, verdict(), Fault.UNCONFIRMED),
    Frame.THANKS_QUIET: (5, "Поминали отца, всё прошло достойно", verdict(), Fault.UNCONFIRMED),
    Frame.STARS_ONLY: (5, "", verdict(), Fault.UNCONFIRMED),
}


def brand(sector: str, register: Register = Register.NEUTRAL) -> Brand:
    contact = Contact("+7 (843) 000-00-00", "help@example.ru")
    return Brand("Фирма «Сирень»", sector, "Команда «Сирени»", contact, register=register)


def leading_to(frame: Frame, **changes: Any) -> Situation:
    stars, text, judged, fault = LEADS[frame]
    about = replace(situation(stars, text, judged), fault=fault, **changes)
    assert choose(about).frame is frame
    return about


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("frame", Frame)
def test_every_frame_on_every_site_for_every_sector_passes_the_linter(frame: Frame, source: str, sector: str) -> None:
    for number, author in product(range(3), ("Анна К.", "vkusno_77")):
        about = leading_to(frame, source=source, brand=brand(sector), key=f"{source}:{number}", author=author)
        draft = RESPONDER.draft(about)
        assert draft.warnings == (), draft.text
        assert draft.template.startswith(f"{frame}#")
        assert draft.text.endswith("\n\nКоманда «Сирени»")
        assert ("Анна" in draft.text) == (author == "Анна К.")
        assert not OFFICIALESE.search(draft.text)
        if frame in COMPLAINT_FRAMES:
            assert REGRET.search(draft.text), draft.text
            assert not CHEER.search(draft.text), draft.text
        assert "спасибо" in draft.text.lower() or "благодар" in draft.text.lower() or frame in _THANKS_OPTIONAL


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("stars", [1, 2, 3, 4, 5, None])
def test_every_number_of_stars_renders(stars: int | None, sector: str) -> None:
    for text, judged, number in product(("", PRAISE, "Да"), (verdict(), NEGATIVE, POISONED), range(4)):
        about = situation(stars, text, judged, key=f"otzovik:{number}", brand=brand(sector), source="otzovik")
        assert [found for found in RESPONDER.draft(about).warnings if found.severity == "error"] == []


@pytest.mark.parametrize("frame", Frame)
@pytest.mark.parametrize("sector", ["food", "clinic"])
def test_every_phrase_of_a_frame_is_clean(frame: Frame, sector: str) -> None:
    kit = SHIPPED_LIBRARY.kit(frame, sector)
    assert len(kit.phrases("openings")) >= 6
    about = situation(5, PRAISE, verdict(), brand=brand(sector), source="yandex_maps")
    values: dict[str, object] = dict.fromkeys(VARIABLES, "")
    values |= {"reach": "свяжитесь с нами", "stars": 1, "sector": sector, "emoji": "."}
    for part in ("openings", "middles", "contacts", "closings"):
        for phrase in kit.phrases(part):
            text = phrase.render(values)
            assert lint(text, about) == (), text
            assert text[0].isupper(), text
            assert text[-1] in ".!?", text
            assert not re.search(r"\b(?:вы|вас|вам|ваш\w*)\b", text), text
            assert frame not in COMPLAINT_FRAMES or not CHEER.search(text), text


@pytest.mark.parametrize("frame", Frame)
def test_a_clinic_has_wordings_of_its_own_for_every_frame(frame: Frame) -> None:
    assert SHIPPED_LIBRARY.kit(frame, "clinic").book.file == SHIPPED / "clinic" / f"{frame}.yaml"


def test_contacts_are_printed_where_the_site_allows_them_and_nowhere_else() -> None:
    for source in SOURCES:
        about = leading_to(Frame.REGRET, source=source)
        text = RESPONDER.draft(about).text
        assert ("help@example.ru" in text and "+7 (843) 000-00-00" in text) == (source == "yandex_maps")
        assert ("карточки" in text) == (source in ("google_business", "twogis"))


def test_a_brand_without_contacts_sends_people_to_the_card() -> None:
    about = leading_to(Frame.REGRET, brand=Brand("Кафе «Сирень»", "food", ""))
    text = RESPONDER.draft(about).text
    assert "карточки" in text
    assert text.endswith("Кафе «Сирень»")


def test_only_a_phone_in_config_prints_the_phone() -> None:
    only_phone = Brand("Кафе «Сирень»", "food", "", Contact(phone="8 800 000-00-00"))
    text = RESPONDER.draft(leading_to(Frame.REGRET, brand=only_phone)).text
    assert "8 800 000-00-00" in text
    assert "@" not in text


def test_an_apology_needs_a_persons_word() -> None:
    about = leading_to(Frame.REGRET)
    guilt = re.compile(r"извин|прост|прощения|вин[аоы]|ошиб", re.IGNORECASE)
    assert not any(guilt.search(RESPONDER.draft(replace(about, key=f"k:{n}")).text) for n in range(60))
    assert all(
        REGRET.search(RESPONDER.draft(replace(about, key=f"k:{n}", fault=Fault.CONFIRMED)).text) for n in range(60)
    )


LONG = " ".join([COMPLAINT] * 7)


def wordings(theme: Theme, name: str, sector: str = "food") -> list[str]:
    """What may be said of a theme whatever is known, without no-break spaces."""
    phrases = SHIPPED_LIBRARY.kit(Frame.REGRET, sector).common.themes[theme][name]
    return [str(phrase.template) for phrase in phrases if not phrase.facts]


def speaks_of(text: str, theme: Theme, name: str, sector: str = "food") -> bool:
    plain = text.replace("\u00a0", " ")
    return any(wording in plain for wording in wordings(theme, name, sector))


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("register", Register)
@pytest.mark.parametrize("theme", Theme)
def test_what_is_praised_or_blamed_is_spoken_of(theme: Theme, register: Register, sector: str) -> None:
    for tone, stars in ((Tone.POSITIVE, 5), (Tone.NEGATIVE, 1)):
        judged = verdict(tone, flagged=stars == 1, themes=(ThemeMention(theme, tone, COMPLAINT),))
        about = situation(stars, COMPLAINT, judged, brand=brand(sector, register))
        draft = RESPONDER.draft(about)
        assert f".{theme}:" in draft.template, draft.text
        assert draft.warnings == (), draft.text


def complaint_of(*themes: Theme, text: str = LONG) -> str:
    mentions = tuple(ThemeMention(theme, Tone.NEGATIVE, COMPLAINT) for theme in themes)
    return RESPONDER.draft(situation(1, text, verdict(Tone.NEGATIVE, flagged=True, themes=mentions))).text


def test_a_long_complaint_is_answered_on_three_themes_the_gravest_first() -> None:
    told = (Theme.LOCATION, Theme.PRICE, Theme.STAFF, Theme.SAFETY)
    text = complaint_of(*told)
    assert [theme for theme in told if speaks_of(text, theme, "complaint")] == [Theme.PRICE, Theme.STAFF, Theme.SAFETY]
    plain = text.replace("\u00a0", " ")
    places = [
        min(plain.index(wording) for wording in wordings(theme, "complaint") if wording in plain)
        for theme in (Theme.SAFETY, Theme.STAFF, Theme.PRICE)
    ]
    assert places == sorted(places)


def test_a_short_complaint_is_answered_on_one_theme() -> None:
    text = complaint_of(Theme.PRICE, Theme.STAFF, text="Дорого и грубо")
    assert speaks_of(text, Theme.STAFF, "complaint")
    assert not speaks_of(text, Theme.PRICE, "complaint")


@pytest.mark.parametrize("theme", Theme)
def test_nothing_is_regretted_that_was_praised_and_nothing_thanked_for_that_was_blamed(theme: Theme) -> None:
    praised = RESPONDER.draft(
        situation(1, LONG, verdict(flagged=True, themes=(ThemeMention(theme, Tone.POSITIVE, "x"),)))
    )
    blamed = RESPONDER.draft(situation(5, LONG, verdict(themes=(ThemeMention(theme, Tone.NEGATIVE, "x"),))))
    assert not speaks_of(praised.text, theme, "complaint")
    assert not speaks_of(blamed.text, theme, "praise")


def test_a_theme_found_in_markup_is_not_spoken_of() -> None:
    judged = verdict(Tone.NEGATIVE, flagged=True, themes=(ThemeMention(Theme.PRICE, Tone.NEGATIVE, "<b>ДОРОГО"),))
    assert not speaks_of(RESPONDER.draft(situation(1, COMPLAINT, judged)).text, Theme.PRICE, "complaint")


@pytest.mark.parametrize(
    ("quote", "named"),
    [("Кофе холодный", "о кофе"), ("А ещё эклеры чёрствые", "об эклерах"), ("Ёжики-пирожки", None)],
)
def test_the_thing_that_the_author_names_is_named(quote: str, named: str | None) -> None:
    judged = verdict(
        Tone.NEGATIVE,
        flagged=True,
        themes=(ThemeMention(Theme.QUALITY, Tone.NEGATIVE, quote, "food", "quality.taste"),),
        evidence=(Evidence(quote, 0.8),),
    )
    for number in range(10):
        text = RESPONDER.draft(situation(2, COMPLAINT, judged, key=f"k:{number}")).text
        assert named is None or named in text, text


def test_things_are_named_in_the_right_number_and_gender() -> None:
    for quote, expected in (("вкусные десерты", "понравились десерты"), ("отличный кофе", "понравился кофе")):
        judged = verdict(
            themes=(ThemeMention(Theme.QUALITY, Tone.POSITIVE, quote, "food", "quality.taste"),),
            evidence=(Evidence(quote, -0.9),),
        )
        said = [RESPONDER.draft(situation(5, PRAISE, judged, key=f"k:{number}")).text for number in range(30)]
        assert any(expected in text for text in said)


def test_a_thing_that_was_named_but_hardly_liked_is_not_said_to_be() -> None:
    quote = "пролила на себя вино"
    judged = verdict(themes=(ThemeMention(Theme.QUALITY, Tone.POSITIVE, quote, "food", "quality.taste"),))
    for number in range(30):
        text = RESPONDER.draft(situation(5, PRAISE, judged, key=f"k:{number}")).text
        assert "понравилось вино" not in text
        assert "вино Вам понравилось" not in text


def test_a_mixed_review_hears_that_its_good_words_were_read() -> None:
    themes = (
        ThemeMention(Theme.STAFF, Tone.POSITIVE, "вежливые"),
        ThemeMention(Theme.WAITING, Tone.NEGATIVE, "долго"),
    )
    for stars in (3, 4, 5):
        draft = RESPONDER.draft(situation(stars, COMPLAINT, verdict(Tone.NEGATIVE, flagged=True, themes=themes)))
        assert "о сотрудниках" in draft.text
        assert ".waiting:" in draft.template
    low = RESPONDER.draft(situation(1, COMPLAINT, verdict(Tone.NEGATIVE, flagged=True, themes=themes)))
    assert "praised:" not in low.template


def test_what_is_only_asked_about_is_not_praised() -> None:
    question = "А есть ли у вас парковка?"
    judged = verdict(
        themes=(ThemeMention(Theme.LOCATION, Tone.POSITIVE, "есть ли у вас парковка"),),
        intents=(IntentMention(Intent.QUESTION, question),),
    )
    assert "location:" not in RESPONDER.draft(situation(5, f"Вкусно. {question}", judged)).template


def test_where_no_food_is_served_nothing_is_said_of_taste() -> None:
    def said(quote: str, sector: str) -> set[str]:
        mention = ThemeMention(Theme.QUALITY, Tone.NEGATIVE, quote, "food", "quality.taste")
        judged = verdict(Tone.NEGATIVE, flagged=True, themes=(mention,), evidence=(Evidence(quote, 0.8),))
        about = situation(2, COMPLAINT, judged, brand=brand(sector))
        return {RESPONDER.draft(replace(about, key=f"k:{number}")).text for number in range(30)}

    food = re.compile(r"вкус|кухн|блюд|готов(?:ит|ят)|повар", re.IGNORECASE)
    assert any(food.search(text) for text in said("безвкусица", "food"))
    assert not any(food.search(text) for text in said("безвкусица", "cars"))
    assert any("о кофе" in text for text in said("кофе из автомата", "cars"))


FOOD = "quality.dish"
TASTE = re.compile(r"вкус", re.IGNORECASE)


def drafts(text: str, stars: int, *told: tuple[str, Tone, str, str], **facts: Any) -> list[Draft]:
    """Drafts for one text; of each theme its rule, tone, clause and of what."""
    themes = tuple(ThemeMention(Theme(rule.partition(".")[0]), tone, quote, of, rule) for rule, tone, quote, of in told)
    facts.setdefault("tone", Tone.POSITIVE if stars > 3 else Tone.NEGATIVE)
    judged = verdict(flagged=stars <= 3, themes=themes, **facts)
    return [RESPONDER.draft(situation(stars, text, judged, key=f"k:{number}")) for number in range(30)]


def drafted(text: str, stars: int, *told: tuple[str, Tone, str, str], **facts: Any) -> list[str]:
    return [draft.text for draft in drafts(text, stars, *told, **facts)]


@pytest.mark.parametrize(
    ("text", "quote", "rule", "of"),
    [
        ("Идите в кафе напротив, там скидка", "там скидка", "price.discount", ""),
        ("Сидели час. Было шумно", "Сидели час", "waiting.time-to-be-served", ""),
        ("Беру суп дня. Было шумно", "Беру суп дня", FOOD, "food"),
    ],
)
def test_what_is_only_named_is_not_blamed(text: str, quote: str, rule: str, of: str) -> None:
    theme, told = f"{rule.partition('.')[0]}:", (rule, Tone.NEGATIVE, quote, of)
    around = (Evidence(text.replace(quote, "").strip(" .,"), 0.9),)
    assert not any(theme in one.template for one in drafts(text, 2, told, evidence=around))
    assert all(theme in one.template for one in drafts(text, 2, told, evidence=(Evidence(quote, 0.9),)))


def test_what_the_evidence_blames_is_not_praised() -> None:
    said = ("price.discount", Tone.POSITIVE, "Скидки нет", "")
    texts = drafted("Скидки нет, но уютно", 5, said, evidence=(Evidence("Скидки нет", 1.9),), conflict=True)
    assert not any("скидк" in one for one in texts)


def test_a_fault_that_is_not_told_is_not_regretted() -> None:
    """«Потеряли» says nothing of the taste, and the cake is named all the same."""
    quote = "а торт потеряли"
    told = (FOOD, Tone.NEGATIVE, quote, "food")
    for text in drafted(f"Заказали на юбилей, {quote}", 1, told, evidence=(Evidence(quote, 1.2),)):
        assert "о тортах" in text
        assert not TASTE.search(text), text
        assert "кухн" not in text, text


def test_of_taste_speaks_only_who_complains_of_it() -> None:
    cold = ("quality.cold-dish", Tone.NEGATIVE, "Принесли еле тёплое", "food")
    taste = ("quality.taste", Tone.NEGATIVE, "Всё безвкусно", "food")
    about = {"evidence": (Evidence("Принесли еле тёплое", 0.8), Evidence("Всё безвкусно", 0.8))}
    assert not any(TASTE.search(one) for one in drafted("Принесли еле тёплое", 1, cold, **about))
    assert any(TASTE.search(one) for one in drafted("Всё безвкусно", 1, taste, **about))
    apologies = SHIPPED_LIBRARY.kit(Frame.APOLOGY, "food").common.themes[Theme.QUALITY]["apology"]
    assert all(phrase.kinds == {"taste"} for phrase in apologies if TASTE.search(str(phrase.template)))


@pytest.mark.parametrize(
    ("text", "named", "not_named"),
    [
        ("Эчпочмаки как у бабушки, чай горячий", None, "ча[йе]"),
        ("Отличный чай с чак-чаком и эклером", "ча[йе]", "эклер"),
        ("Прекрасные эчпочмаки", "эчпочмак", "треугольник"),
    ],
)
def test_the_thing_that_is_named_is_the_one_that_is_praised(text: str, named: str | None, not_named: str) -> None:
    quote = text.rpartition(", ")[2]
    told = ("quality.eating-well", Tone.POSITIVE, quote, "food")
    texts = drafted(text, 5, told, evidence=(Evidence(quote, -0.9),))
    assert not any(re.search(not_named, one) for one in texts)
    assert named is None or any(re.search(named, one) for one in texts)


def test_a_thing_among_others_in_a_phrase_of_blame_is_not_picked() -> None:
    listed = (Evidence("где в меню и каша и борщ", 0.6), Evidence("Мелочно как-то", 0.8))
    texts = drafted("Кафе, где в меню и каша и борщ. Мелочно как-то", 2, evidence=listed)
    assert not any(re.search("каш|борщ|меню", one) for one in texts)


def test_a_drink_is_not_thanked_as_if_it_were_somebody() -> None:
    drink = Person("", "Раф", "Рафу", "masc", Tone.POSITIVE, "Раф топчик")
    for text in drafted("Раф топчик", 5, people=(drink,)):
        assert "Рафу" not in text
    assert any(
        "бариста Рафу" in one
        for one in drafted("Раф топчик", 5, people=(replace(drink, role="бариста", dative="бариста Рафу"),))
    )


def test_words_for_people_at_a_dish_say_nothing_of_people() -> None:
    quote = "эклер был чёрствый"
    told = [
        (rule, Tone.NEGATIVE, quote, of) for rule, of in (("staff.indifferent", ""), ("quality.eating-bad", "food"))
    ]
    for text in drafted(f"Милое место, но {quote}", 2, *told, evidence=(Evidence(quote, 2.0),)):
        assert "об эклерах" in text
        assert not re.search("сотрудник|внимани[яю]|авнодуши", text), text


def test_a_long_wait_is_answered_among_other_complaints_and_before_the_food() -> None:
    text = (
        "Ждали два супа 50 минут! Принесли еле тёплые, причём один не тот. На вопрос, почему так долго, "
        "официантка закатила глаза и сказала, что кухня одна, а нас много."
    )
    told = [
        ("waiting.long-wait-in-words", Tone.NEGATIVE, "Ждали два супа 50 минут!", ""),
        ("quality.cold-dish", Tone.NEGATIVE, "Принесли еле тёплые", "food"),
        ("staff.rude-in-pictures", Tone.NEGATIVE, "официантка закатила глаза", ""),
    ]
    evidence = (Evidence("официантка закатила глаза", 1.7), Evidence("Принесли еле тёплые", 0.3))
    for one in drafts(text, 1, *told, evidence=evidence):
        assert re.search(r"staff:.*waiting:.*quality:", one.template), one.text


def test_who_is_praised_by_name_is_thanked_in_the_dative() -> None:
    people = (Person("мастер", "Марина", "мастеру Марине", "femn", Tone.POSITIVE, "Марина"),)
    thanked = RESPONDER.draft(situation(5, PRAISE, verdict(people=people))).text
    assert "мастеру Марине" in thanked
    blamed = (replace(people[0], tone=Tone.NEGATIVE),)
    assert "Марин" not in RESPONDER.draft(situation(1, COMPLAINT, replace(NEGATIVE, people=blamed))).text


def test_a_clinic_thanks_nobody_by_name() -> None:
    people = (Person("доктор", "Иванова", "доктору Ивановой", "femn", Tone.POSITIVE, "Иванова"),)
    judged = verdict(people=people)
    for number in range(10):
        assert (
            "Иванов" not in RESPONDER.draft(situation(5, PRAISE, judged, key=f"{number}", brand=brand("clinic"))).text
        )


@pytest.mark.parametrize("intent", [Intent.QUESTION, Intent.REFUND, Intent.CONTACT, Intent.SUGGESTION])
def test_what_the_author_wants_is_taken_up(intent: Intent) -> None:
    asks = SHIPPED_LIBRARY.kit(Frame.REGRET, "food").common.asks[intent]
    judged = verdict(Tone.NEGATIVE, flagged=True, intents=(IntentMention(intent, "Перезвоните!"),))
    draft = RESPONDER.draft(situation(2, COMPLAINT, judged))
    number = int(draft.template.partition(f"{intent}:")[2].partition(".")[0])
    assert 1 <= number <= len(asks)
    assert draft.text.count("help@example.ru") <= 1, draft.text


def test_an_open_question_is_shown_to_the_operator() -> None:
    judged = verdict(intents=(IntentMention(Intent.QUESTION, "Есть ли парковка?"),))
    (hint,) = (item for item in RESPONDER.draft(situation(5, PRAISE, judged)).warnings if item.rule == "open_question")
    assert (hint.severity, "Есть ли парковка?" in hint.message) == ("hint", True)


def test_a_measure_is_named_under_an_apology_and_nowhere_else() -> None:
    about = leading_to(Frame.APOLOGY, measure="Сменили поставщика рыбы.")
    assert "сменили поставщика рыбы" in RESPONDER.draft(about).text
    for fault in (Fault.UNCONFIRMED, Fault.DENIED):
        assert "поставщик" not in RESPONDER.draft(replace(about, fault=fault)).text


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ("Марина прошла обучение.", "Марина прошла обучение"),
        ("Сменили   поставщика!", "сменили поставщика"),
        ("ИП сменили", "ИП сменили"),
    ],
)
def test_a_measure_is_a_clause_and_keeps_names(measure: str, said: str) -> None:
    assert said in RESPONDER.draft(leading_to(Frame.APOLOGY, measure=measure)).text


def test_of_two_things_in_a_phrase_of_praise_none_is_picked() -> None:
    judged = verdict(evidence=(Evidence("Пролили вино, но суши понравились", -0.9),))
    assert "вин" not in RESPONDER.draft(situation(5, "Пролили вино, но суши понравились", judged)).text.lower()


def test_who_wrote_before_is_not_greeted_like_a_stranger() -> None:
    for frame, name in ((Frame.THANKS, "again"), (Frame.REGRET, "again_complaint")):
        assert f"{name}:" in RESPONDER.draft(leading_to(frame, earlier=2)).template
        assert f"{name}:" not in RESPONDER.draft(leading_to(frame)).template


@pytest.mark.parametrize("risk", Risk)
@pytest.mark.parametrize("sector", ["food", "clinic"])
def test_every_danger_has_words_of_its_own(risk: Risk, sector: str) -> None:
    judged = verdict(Tone.NEGATIVE, flagged=True, risks=(RiskMention(risk, COMPLAINT),))
    draft = RESPONDER.draft(situation(1, COMPLAINT, judged, brand=brand(sector)))
    assert f"{risk}:" in draft.template
    assert draft.warnings == (), draft.text


@pytest.mark.parametrize("register", Register)
def test_a_formal_business_does_not_exclaim_and_only_where_allowed_is_there_an_emoji(register: Register) -> None:
    for number in range(40):
        text = RESPONDER.draft(leading_to(Frame.THANKS, key=f"k:{number}", brand=brand("food", register))).text
        assert register is not Register.FORMAL or "!" not in text, text
        assert "🌿" not in text
    merry = replace(brand("food", Register.WARM), emoji="🌿")
    assert any("🌿" in RESPONDER.draft(leading_to(Frame.THANKS, key=f"k:{n}", brand=merry)).text for n in range(40))
    assert not any("🌿" in RESPONDER.draft(leading_to(Frame.REGRET, key=f"k:{n}", brand=merry)).text for n in range(40))


def test_the_reason_names_the_themes_and_the_similarity_is_shown() -> None:
    about = situation(1, COMPLAINT, verdict(Tone.NEGATIVE, flagged=True, themes=(SLOW,)))
    draft = RESPONDER.draft(about)
    assert "ожидание" in draft.reason
    assert draft.similarity == 0
    assert 0 < RESPONDER.draft(replace(about, recent=(draft.text,))).similarity < 0.5


def test_a_draft_says_no_word_twice() -> None:
    for frame, number in product((Frame.REGRET, Frame.GENTLE_REGRET, Frame.REGRET_STARS_ONLY, Frame.THANKS), range(40)):
        text = RESPONDER.draft(leading_to(frame, key=f"k:{number}")).text
        stems = re.findall(r"\b[а-яё]{5}", text.split("\n")[0].lower())
        said = [stem for stem in stems if stem not in ("спаси", "пожал")]
        assert len(said) == len(set(said)), text


def test_praise_in_mourning_gets_no_cheer() -> None:
    for number in range(40):
        text = RESPONDER.draft(leading_to(Frame.THANKS_QUIET, key=f"k:{number}")).text
        assert not CHEER.search(text), text


def test_a_two_word_praise_gets_a_short_answer() -> None:
    short = RESPONDER.draft(situation(5, "Очень вкусно", verdict(themes=(PRAISED_STAFF,))))
    assert len(re.findall(r"[.!?](?:\s|$)", short.text.partition("\n\n")[0])) <= 4, short.text


HOSTILE = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [
            "{{ 7*7 }}",
            "{% raw %}",
            "<script>alert(1)</script>",
            "\x00\x00",
            "\u202eтсет",
            "\ud800",
            "{" * 100_000,
            "None",
        ]
    ),
)


@given(
    stars=st.sampled_from([1, 2]),
    text=HOSTILE,
    author=HOSTILE,
    source=st.sampled_from([*SOURCES, "elsewhere"]),
    sector=st.sampled_from([*SECTORS, "../../etc"]),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    tone=st.sampled_from(Tone),
    risk=st.booleans(),
    fault=st.sampled_from(Fault),
    recent=st.lists(HOSTILE, max_size=3),
)
@example(
    1,
    "{{ 7*7 }}",
    "{{ 7*7 }}",
    "twogis",
    "food",
    (True, True, True),
    Tone.POSITIVE,
    False,
    Fault.UNCONFIRMED,
    ["\ud800"],
)
def test_whatever_a_one_or_two_star_review_holds_the_draft_says_regret(
    stars: int,
    text: str,
    author: str,
    source: str,
    sector: str,
    flags: tuple[bool, bool, bool],
    tone: Tone,
    risk: bool,
    fault: Fault,
    recent: list[str],
) -> None:
    flagged, uncertain, conflict = flags
    risks = (RiskMention(Risk.LEGAL, text[:20]),) if risk else ()
    judged = verdict(tone, flagged=flagged, uncertain=uncertain, conflict=conflict, risks=risks)
    about = replace(
        situation(stars, text, judged, key=f"{source}:{text}", source=source, author=author, brand=brand(sector)),
        recent=tuple(recent),
        fault=fault,
    )
    draft = RESPONDER.draft(about)
    assert REGRET.search(draft.text)
    assert "{{" not in draft.text
    assert "49" not in draft.text
    assert [found for found in draft.warnings if found.severity == "error"] == []
    assert len(text.strip()) < 12 or text.strip() not in draft.text
    limit = platform(source).limit
    assert len(draft.text.encode()) <= (limit.hard or 4096)
    assert draft == RESPONDER.draft(about)


def test_the_same_situation_gets_the_same_draft_from_another_process_of_ours() -> None:
    about = leading_to(Frame.THANKS)
    assert Responder(is_first_name=NAMES.__contains__).draft(about) == RESPONDER.draft(about)


def test_two_reviews_usually_get_different_drafts() -> None:
    drafts = [RESPONDER.draft(leading_to(Frame.THANKS, key=f"yandex_maps:{n}")).text for n in range(100)]
    assert len(set(drafts)) >= 90


@pytest.mark.parametrize("text", [PRAISE, "Супер"])
@pytest.mark.parametrize("sector", ["food", "clinic", "other"])
def test_sixty_praises_on_one_card_are_all_thanked_differently(text: str, sector: str) -> None:
    said: list[str] = []
    for number in range(60):
        about = situation(5, text, key=f"twogis:{number}", source="twogis", brand=brand(sector), recent=tuple(said))
        said.append(RESPONDER.draft(about).text)
    assert len(set(said)) == 60
    openings = [text.split("!")[1] for text in said]
    assert all(one != other for one, other in pairwise(openings))
    if text is PRAISE:
        nearest = [
            max(jaccard(shingles(one, "Команда «Сирени»"), shingles(other, "Команда «Сирени»")) for other in said[:at])
            for at, one in enumerate(said)
            if at
        ]
        assert sum(value > 0.6 for value in nearest) <= 6


def test_when_everything_was_said_a_draft_still_comes() -> None:
    about = situation(5, "", source="irecommend", brand=Brand("К", "bank", ""))
    everything: list[str] = []
    for _ in range(40):
        everything.append(RESPONDER.draft(replace(about, recent=tuple(everything))).text)
    assert len(set(everything)) == 40
