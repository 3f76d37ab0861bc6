"""Why a review is here: marked text, the reason in a sentence, the sentence that tells most."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import wording
from monitor.alerts import TicketView
from monitor.editing.review import KEY_WIDTH, Mark, key_sentence, locate, marks, why
from monitor.model import Label
from monitor.notify.sample import ticket
from sentiment.types import Evidence, Risk, RiskMention, Theme, ThemeMention, Tone, Verdict

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BASE = ticket(NOW)
TEXT = "Суп холодный. Официантка хамила, ждали час. Отравились рыбой!"
COLD = ThemeMention(Theme.QUALITY, Tone.NEGATIVE, "Суп холодный", "food")
RUDE = ThemeMention(Theme.STAFF, Tone.NEGATIVE, "Официантка хамила")
SLOW = ThemeMention(Theme.WAITING, Tone.NEGATIVE, "ждали час")
SOUP_LATE = ThemeMention(Theme.WAITING, Tone.NEGATIVE, "Ждали суп час!!!")
RUDENESS = Evidence("Официантка хамила", 2.0)
POISON = RiskMention(Risk.POISONING, "Отравились рыбой")


def judged(
    tone: Tone = Tone.NEGATIVE,
    *,
    flagged: bool = True,
    uncertain: bool = False,
    conflict: bool = False,
    themes: tuple[ThemeMention, ...] = (),
    risks: tuple[RiskMention, ...] = (),
    evidence: tuple[Evidence, ...] = (),
) -> Verdict:
    return Verdict(tone, None, flagged, uncertain, conflict, themes, risks, evidence)


def view(
    text: str = TEXT, verdict: Verdict | None = None, stars: int | None = 2, label: Label | None = None
) -> TicketView:
    return replace(BASE, text=text, verdict=verdict, stars=stars, label=label)


def praised(*evidence: Evidence) -> Verdict:
    return judged(Tone.POSITIVE, flagged=False, evidence=evidence)


def marked(about: TicketView) -> dict[str, tuple[str, ...]]:
    return {piece.text: tuple(piece.kinds) for piece in marks(about) if piece.kinds}


# --- the marked text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "verdict", "found"),
    [
        ("Суп холодный, жаль", judged(evidence=(Evidence("Суп холодный", 1.0),)), {"Суп холодный": ("blame",)}),
        ("Суп холодный", judged(evidence=(Evidence("Суп холодный", 0.0),)), {}),
        ("Суп вкусный", praised(Evidence("вкусный", -1.0)), {"вкусный": ("praise",)}),
        ("Суп так себе", praised(Evidence("так себе", 0.2)), {}),
        ("Суп холодный", judged(themes=(COLD,)), {"Суп холодный": ("theme-negative",)}),
        ("Отравились рыбой", judged(risks=(POISON,)), {"Отравились рыбой": ("danger",)}),
        (
            "Официантка хамила громко",
            judged(themes=(RUDE,), evidence=(Evidence("хамила громко", 1.0),)),
            {"Официантка ": ("theme-negative",), "хамила": ("blame", "theme-negative"), " громко": ("blame",)},
        ),
        ("Суп. Суп", judged(evidence=(Evidence("Суп", 1.0),)), {"Суп": ("blame",)}),
        ("супчик и суп", judged(evidence=(Evidence("суп", 1.0),)), {"суп": ("blame",)}),
        ("Ждали  час\r\nцелый", judged(evidence=(Evidence("ждали час целый", 1),)), {"Ждали  час\nцелый": ("blame",)}),
        ("Ещё хуже", judged(evidence=(Evidence("еще хуже", 1.0),)), {"Ещё хуже": ("blame",)}),
        ("Суп", judged(themes=(ThemeMention(Theme.STAFF, Tone.NEGATIVE, "", rule="by_hand"),)), {}),
        ("Суп", judged(evidence=(Evidence("чего здесь нет", 1.0),)), {}),
        ("Суп", None, {}),
        ("", judged(), {}),
    ],
)  # fmt: skip
def test_words_are_marked_for_what_they_were_noticed_for(
    text: str, verdict: Verdict | None, found: dict[str, tuple[str, ...]]
) -> None:
    assert marked(view(text, verdict)) == found


PLEASED = ThemeMention(Theme.ATMOSPHERE, Tone.POSITIVE, "Веранда чудесная")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Зашла впервые", judged(evidence=(Evidence("Зашла впервые", 0.29),))),
        ("Зашла впервые", judged(Tone.NEUTRAL, flagged=False, uncertain=True, evidence=(Evidence("Зашла", 0.4),))),
        ("Веранда чудесная", judged(themes=(PLEASED,), evidence=(Evidence("Веранда чудесная", 0.9),))),
        ("Чай тоже брали", praised(Evidence("Чай тоже брали", -0.2))),
    ],
)
def test_what_hardly_weighs_or_is_said_in_another_tone_is_marked_as_neither_blame_nor_praise(
    text: str, verdict: Verdict
) -> None:
    kinds = {kind for found in marked(view(text, verdict)).values() for kind in found}
    assert kinds.isdisjoint({Mark.BLAME, Mark.PRAISE})


def test_a_little_blame_is_marked_where_a_theme_is_blamed() -> None:
    assert Mark.BLAME in marked(view("Суп холодный", judged(themes=(COLD,), evidence=(Evidence("Суп", 0.2),))))["Суп"]


def test_only_the_first_of_equal_quotes_is_marked() -> None:
    pieces = marks(view("Суп. Суп", judged(evidence=(Evidence("Суп", 1.0),))))
    assert [bool(piece.kinds) for piece in pieces] == [True, False]


def test_titles_tell_why_in_russian() -> None:
    mixed = judged(themes=(COLD, SLOW), risks=(POISON,), evidence=(Evidence("Суп холодный", 1.0),))
    titles = {piece.text: piece.titles for piece in marks(view(TEXT, mixed)) if piece.titles}
    assert titles == {
        "Суп холодный": ("слова недовольства", "качество еды: недовольство"),
        "ждали час": ("ожидание: недовольство",),
        "Отравились рыбой": ("опасность: отравление",),
    }


@pytest.mark.parametrize(
    ("text", "quote", "whole"),
    [
        ("Ужасно вкусно\u0301", "вкусно", "вкусно\u0301"),
        ("Класс 👍🏽 да", "👍", "👍🏽"),
        ("Мы 👩\u200d🍳 рады", "👩", "👩\u200d🍳"),
        ("да 👩\u200d🍳", "🍳", "👩\u200d🍳"),
        ("ждали 1\ufe0f\u20e3 час", "ждали 1", "ждали 1\ufe0f\u20e3"),
    ],
)
def test_letters_keep_their_accents_and_emoji_their_parts(text: str, quote: str, whole: str) -> None:
    span = locate(text, quote)
    assert span is not None
    assert text[slice(*span)] == whole


WORDS = st.sampled_from(
    ["Суп", "холодный", " ", ". ", "\r\n", "хамила", "е\u0301", "👩\u200d🍳", "<b>", "\u202e", "«", "\ud800"]
)
QUOTES = st.lists(WORDS, max_size=4).map("".join)


@given(
    st.lists(WORDS | st.text(max_size=5), max_size=30).map("".join),
    st.lists(st.tuples(QUOTES, st.floats(-2, 2)), max_size=6),
    st.lists(st.tuples(st.sampled_from(Theme), st.sampled_from(Tone), QUOTES), max_size=4),
    st.lists(QUOTES, max_size=2),
    st.sampled_from([None, 1, 3, 5]),
)
def test_the_pieces_are_the_text_and_everything_fits_its_line(
    text: str,
    evidence: list[tuple[str, float]],
    themes: list[tuple[Theme, Tone, str]],
    risks: list[str],
    stars: int | None,
) -> None:
    verdict = judged(
        themes=tuple(ThemeMention(*each) for each in themes),
        risks=tuple(RiskMention(Risk.INJURY, each) for each in risks),
        evidence=tuple(Evidence(*each) for each in evidence),
    )
    about = view(text, verdict, stars)
    pieces = marks(about)
    assert "".join(piece.text for piece in pieces) == wording.visible(text)
    assert all(
        piece.text and set(piece.kinds) <= set(Mark) and bool(piece.kinds) == bool(piece.titles) for piece in pieces
    )
    key = key_sentence(about)
    assert len(key) <= KEY_WIDTH
    assert "\n" not in key + why(about)
    assert why(about).endswith(".")


# --- the reason --------------------------------------------------------------------------------------------


FEW = "Отмечен как негативный: 2 звезды;"
DANGER = "В отзыве названа опасность: отравление («Отравились рыбой»)."
WASTED, REGRETS = "Зря пошли. Суп холодный", Evidence("Зря пошли", 2.0)


@pytest.mark.parametrize(
    ("about", "told"),
    [
        (view(verdict=None), "Отзыв ещё не разобран, поэтому срок короткий."),
        (view(verdict=judged(Tone.POSITIVE, flagged=False), stars=5), ""),
        (view("", judged(), 1), "Отмечен как негативный: 1 звезда."),
        (view(verdict=judged(themes=(RUDE,))), f"{FEW} «Официантка хамила» — персонал."),
        (
            view("Ждали суп час!!! Официантка хамила.", judged(themes=(SOUP_LATE, RUDE), evidence=(RUDENESS,))),
            f"{FEW} «Ждали суп час!!!» — ожидание; «Официантка хамила» — персонал.",
        ),
        (
            view("Официантка хамила. Зашли днём.", judged(themes=(RUDE,), evidence=(Evidence("Зашли днём", 0.2),))),
            f"{FEW} «Официантка хамила» — персонал.",
        ),
        (
            view("Сказал «уходите", judged(evidence=(Evidence("Сказал «уходите", 1.0),))),
            f"{FEW} «Сказал уходите».",
        ),
        (
            view(verdict=judged(themes=(RUDE, COLD, SLOW), evidence=(Evidence("хамила", 2.0),))),
            f"{FEW} «Официантка хамила» — персонал; «Суп холодный» — качество еды; «ждали час» — ожидание.",
        ),
        (
            view(WASTED, judged(themes=(COLD,), evidence=(REGRETS,))),
            f"{FEW} «Суп холодный» — качество еды; «Зря пошли».",
        ),
        (
            view(WASTED, judged(conflict=True, themes=(COLD,), evidence=(REGRETS,)), 5),
            "Отмечен как негативный, хотя в оценке 5 звёзд: «Зря пошли»; «Суп холодный» — качество еды.",
        ),
        (view(verdict=judged(themes=(SLOW,)), stars=None), "Отмечен как негативный: «ждали час» — ожидание."),
        (
            view("Всё супер", judged(conflict=True, evidence=(Evidence("Всё супер", -2.0),)), 1),
            "Отмечен как негативный: 1 звезда, хотя слова добрые («Всё супер»).",
        ),
        (
            view(verdict=judged(Tone.POSITIVE, flagged=False, uncertain=True, conflict=True, themes=(SLOW,)), stars=4),
            "В оценке 4 звезды, но есть и недовольство: «ждали час» — ожидание. Поэтому срок короткий.",
        ),
        (
            view("Ну такое", judged(Tone.NEUTRAL, flagged=False, uncertain=True), None),
            "Оценки нет, а по словам не понять, доволен ли автор. Поэтому срок короткий.",
        ),
        (
            view(verdict=judged(risks=(POISON,), themes=(RUDE,))),
            f"{DANGER} {FEW} «Официантка хамила» — персонал.",
        ),
        (
            view(verdict=judged(Tone.POSITIVE, flagged=False, uncertain=True, risks=(POISON,)), stars=5),
            f"{DANGER} Поэтому срок короткий.",
        ),
        (
            view(verdict=judged(themes=(RUDE,)), stars=5, label=Label(Tone.NEGATIVE, None, "anna", None, NOW)),
            "Отмечен как негативный вручную (anna): «Официантка хамила» — персонал.",
        ),
        (
            view('Сказал: «сам "дурак"»', judged(evidence=(Evidence('Сказал: «сам "дурак"»', 1.0),))),
            f"{FEW} «Сказал: „сам \"дурак\"“».",
        ),
    ],
)  # fmt: skip
def test_the_reason_is_told_in_a_sentence(about: TicketView, told: str) -> None:
    assert why(about).replace("\u00a0", " ") == told


# --- the sentence that tells most --------------------------------------------------------------------------

LONG = "Пришли вечером всей семьёй отметить день рождения дочери и заказали по два горячих блюда на каждого, "
TAIL = " а потом ещё долго спорили с администратором о том, кто же за всё это должен заплатить по счёту"


@pytest.mark.parametrize(
    ("text", "quote", "key"),
    [
        ("Добрый день, пишу впервые. Мне нахамила девушка на кассе.", "нахамила", "Мне нахамила девушка на кассе."),
        ("Хамят. Кассир бросил сдачу на пол и ушёл.", "Хамят", "Хамят. Кассир бросил сдачу на пол и ушёл."),
        ("Но ждать... один повар на весь зал. Суп есть.", "Но ждать", "Но ждать... один повар на весь зал."),
        ("Суп хороший, хлеб свежий, всё съели\nКассир хамит", "хамит", "Кассир хамит"),
        ("Первое предложение без всякого повода. Второе.", "", "Первое предложение без всякого повода."),
        ("", "", ""),
        (" \n ", "нет", ""),
        (LONG + "а официант хамил," + TAIL + ".", "официант хамил", None),
        (LONG + TAIL + " и нахамили", "нахамили", None),
        ("а" * 400 + " нахамили " + "б" * 400, "нахамили", None),
    ],
)  # fmt: skip
def test_the_key_sentence_is_the_one_with_the_strongest_quote(text: str, quote: str, key: str | None) -> None:
    found = key_sentence(view(text, judged(evidence=(Evidence(quote, 1.0),))))
    if key is not None:
        assert found == key
    else:
        assert len(found) <= KEY_WIDTH
        assert quote in found
        assert "…" in found


@pytest.mark.parametrize(
    ("verdict", "key"),
    [
        (judged(evidence=(Evidence("Суп холодный", 0.4), Evidence("хамила", 0.9))), "Официантка хамила, ждали час."),
        (judged(risks=(POISON,), evidence=(Evidence("Суп холодный", 3.0),)), "Отравились рыбой!"),
        (judged(themes=(RUDE, SLOW), evidence=(Evidence("Суп холодный", 0.9),)), "Официантка хамила, ждали час."),
        (None, "Суп холодный. Официантка хамила, ждали час."),
    ],
)
def test_a_danger_comes_first_then_what_weighs_most(verdict: Verdict | None, key: str) -> None:
    assert key_sentence(view(TEXT, verdict)) == key
