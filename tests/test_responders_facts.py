"""What a rewriting may not add and must not lose; the table stands in tests/facts/drafts.toml."""

import re
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from responders.draft import Responder
from responders.facts import added, rules
from responders.types import Fault, Situation
from sentiment import morph
from sentiment.declension import decline
from sentiment.types import Person, Theme, ThemeMention, Tone
from tests.test_responders_choose import situation, verdict
from tests.test_responders_draft import LEADS, leading_to

TABLE = tomllib.loads((Path(__file__).parent / "facts" / "drafts.toml").read_text(encoding="utf-8"))
SIGNATURE = "\n\nКоманда «Сирени»"


@dataclass(frozen=True)
class Row:
    draft: str
    rewritten: str
    about: Situation
    rule: str = ""


def about(entry: dict[str, Any]) -> Situation:
    """The situation of a draft of the table."""
    complains = entry["stars"] <= 3
    themes = tuple(ThemeMention(Theme(theme), Tone(tone), "") for theme, tone in entry["themes"])
    people = tuple(
        Person(role, name, dative, gender, Tone.POSITIVE, "") for role, name, dative, gender in entry.get("people", ())
    )
    judged = verdict(Tone.NEGATIVE if complains else Tone.POSITIVE, flagged=complains, themes=themes, people=people)
    asked = situation(entry["stars"], entry["review"], judged, source=entry["source"], author=entry["author"])
    return replace(asked, fault=Fault(entry.get("fault", "unconfirmed")), measure=entry.get("measure", ""))


def good() -> Iterator[Row]:
    for entry in TABLE.values():
        for rewritten in entry["good"]:
            yield Row(entry["draft"], rewritten, about(entry))


def bad() -> Iterator[Row]:
    for entry in TABLE.values():
        for sentence, rule in entry["said"]:
            yield Row(entry["draft"], with_sentence(entry["draft"], sentence), about(entry), rule)
        for words, became, rule in entry["changed"]:
            assert words in entry["draft"], words
            yield Row(entry["draft"], entry["draft"].replace(words, became, 1), about(entry), rule)


def with_sentence(draft: str, sentence: str) -> str:
    body, signature, _ = draft.partition(SIGNATURE)
    return f"{body} {sentence}{signature}"


# --- every draft of ours ---------------------------------------------------------------------------------

RESPONDER = Responder(is_first_name={"Анна", "Олег"}.__contains__)
DRAFTS = tuple(
    (RESPONDER.draft(asked).text, asked)
    for frame in LEADS
    for source in ("google_business", "yandex_maps", "otzovik")
    for asked in (leading_to(frame, source=source, key=f"{source}:{frame}", author="Анна К."),)
)
NAMES = (
    "Марина", "Сергей", "Гульназ", "Тимур", "Екатерина", "Артём", "Илья", "Оксана", "Рамиль", "Дарья", "Юлия", "Никита",
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(1000, 99_999).map(str),
    st.sampled_from(["семь", "двенадцати", "тридцатью", "трое", "пятьсот", "шестой"]),
)
PROMISES = st.sampled_from(
    [
        "уволим", "накажем", "компенсируем", "вернём", "возместим", "подарим", "оштрафуем", "исправим", "заменим",
        "доставим", "перезвоним", "улучшим", "сделаем", "приготовим", "гарантируем", "обучим", "обновим", "добавим",
        "разорвём", "построим", "переведём", "снизим",
    ]
)  # fmt: skip


def inserted(text: str, at: float, words: str) -> str:
    """The text with more words somewhere before the signature."""
    spaces = [match.end() for match in re.finditer(r" ", text.partition("\n\n")[0])]
    place = spaces[int(at * len(spaces))]
    return f"{text[:place]}{words} {text[place:]}"


ANYWHERE = st.floats(0, 1, exclude_max=True)


@given(draft=st.sampled_from(DRAFTS))
def test_a_draft_adds_nothing_to_itself(draft: tuple[str, Situation]) -> None:
    assert added(draft[0], draft[0], draft[1]) == ()


@given(text=st.text(max_size=300), draft=st.sampled_from(DRAFTS))
@example("Уволим! <b>5</b> @x_y_z ты 谢谢 +7 843 000-00-00\nя", DRAFTS[0])
def test_no_text_adds_anything_to_itself(text: str, draft: tuple[str, Situation]) -> None:
    assert added(text, text, draft[1]) == ()


@given(one=st.text(max_size=300), other=st.text(max_size=300), draft=st.sampled_from(DRAFTS))
def test_spans_lie_inside_the_rewriting(one: str, other: str, draft: tuple[str, Situation]) -> None:
    for finding in added(one, other, draft[1]):
        assert finding.span is None or 0 <= finding.span[0] < finding.span[1] <= len(other)


@given(draft=st.sampled_from(DRAFTS), at=ANYWHERE, number=NUMBERS)
def test_an_inserted_number_is_always_found(draft: tuple[str, Situation], at: float, number: str) -> None:
    text, asked = draft
    assert "added_number" in rules(added(text, inserted(text, at, number), asked))


@given(
    draft=st.sampled_from(DRAFTS), at=ANYWHERE, name=st.sampled_from(NAMES), case=st.sampled_from(sorted(morph.CASES))
)
def test_an_inserted_name_is_always_found(draft: tuple[str, Situation], at: float, name: str, case: str) -> None:
    text, asked = draft
    form = decline(name.lower(), morph.gender(name) or "masc")[case].capitalize()
    assert "added_name" in rules(added(text, inserted(text, at, form), asked)), form


@given(draft=st.sampled_from(DRAFTS), at=ANYWHERE, promise=PROMISES)
def test_an_inserted_promise_is_always_found(draft: tuple[str, Situation], at: float, promise: str) -> None:
    text, asked = draft
    said = {lemma for word in re.findall(r"\w+", text.lower()) for lemma in lemmas(word)}
    assume(not said & lemmas(promise))  # nothing new then
    assert "added_promise" in rules(added(text, inserted(text, at, promise), asked))


def lemmas(word: str) -> set[str]:
    """Of all readings: «исправим» may be of «исправить» and of «исправимый»."""
    return {reading.lemma for reading in morph.readings(word)}


def test_to_win_back_trust_is_no_promise_to_give_something_back() -> None:
    draft = "Здравствуйте. Нам жаль. Надеемся вернуть Ваше доверие."
    assert "added_promise" in rules(added(draft, f"{draft} Всё вернём.", situation(2, "Долго ждали")))


@given(draft=st.sampled_from(DRAFTS))
def test_a_lost_signature_is_always_found(draft: tuple[str, Situation]) -> None:
    text, asked = draft
    assert "lost_signature" in rules(added(text, text.partition("\n\n")[0], asked))


def test_a_number_of_the_review_may_be_told_and_not_promised() -> None:
    asked = situation(2, "Ждали 40 минут", verdict(Tone.NEGATIVE, flagged=True))
    draft = "Здравствуйте. Жаль, что пришлось долго ждать. Разберёмся."
    assert added(draft, "Здравствуйте. Жаль, что пришлось ждать 40 минут. Разберёмся.", asked) == ()
    found = rules(added(draft, "Здравствуйте. Жаль, что пришлось долго ждать. Разберёмся за 40 минут.", asked))
    assert {"added_number", "added_term"} <= found


@pytest.mark.parametrize(("stars", "passes"), [(5, True), (1, False)])
def test_whom_only_the_review_names_may_be_named_under_praise_alone(stars: int, passes: bool) -> None:
    asked = situation(stars, "Работал мастер Тимур", verdict(flagged=stars == 1))
    draft = "Здравствуйте. Спасибо за отзыв. Мастера передают привет."
    found = rules(added(draft, draft.replace("Мастера передают", "Мастера и Тимур передают"), asked))
    assert ("added_name" not in found) is passes


def test_of_a_text_far_too_long_nothing_else_is_looked_at() -> None:
    draft = "Здравствуйте. Спасибо за отзыв."
    endless = "Уволим Олега за 5 дней! " * 10_000
    assert rules(added(draft, endless, situation(2, "Долго ждали"))) == {"length"}


def test_four_times_the_text_takes_about_four_times_as_long() -> None:
    def seconds(times: int) -> float:
        text, asked = "что суп в добрый день был разобран и " * times, situation(2, "Долго ждали")
        return min(spent(lambda: added(text, text, asked)) for _ in range(2))

    def spent(call: Callable[[], object]) -> float:
        begun = time.process_time()
        call()
        return time.process_time() - begun

    seconds(1)
    assert seconds(1600) < 7 * seconds(400)


# --- the table -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", list(good()), ids=lambda row: row.rewritten[:60])
def test_other_words_for_the_same_pass(row: Row) -> None:
    assert added(row.draft, row.rewritten, row.about) == ()


@pytest.mark.parametrize("row", list(bad()), ids=lambda row: f"{row.rule}: {row.rewritten[-60:]}")
def test_what_is_new_or_lost_is_found_by_its_rule(row: Row) -> None:
    found = added(row.draft, row.rewritten, row.about)
    assert row.rule in rules(found), found
    assert all(finding.severity == "error" for finding in found)
