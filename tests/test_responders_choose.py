"""Which frame a review gets; the builders of situations are used by the other tests of this room."""

import pytest

from responders.choose import Frame, choose, has_text, is_complaint
from responders.types import Brand, Contact, Situation
from sentiment.types import Risk, RiskMention, Theme, ThemeMention, Tone, Verdict

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
) -> Verdict:
    return Verdict(tone, None, flagged, uncertain, conflict, themes, risks, ())


NEGATIVE = verdict(Tone.NEGATIVE, flagged=True)
POISONED = verdict(Tone.NEGATIVE, flagged=True, risks=(RiskMention(Risk.POISONING, "отравились салатом"),))
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
        (1, COMPLAINT, NEGATIVE, False, Frame.REGRET),
        (2, COMPLAINT, verdict(Tone.NEUTRAL), False, Frame.REGRET),
        (1, COMPLAINT, NEGATIVE, True, Frame.APOLOGY),
        (3, COMPLAINT, verdict(Tone.NEUTRAL, uncertain=True), False, Frame.REGRET),
        (1, "", NEGATIVE, False, Frame.REGRET_STARS_ONLY),
        (3, " \u200b\n", verdict(Tone.NEUTRAL), False, Frame.REGRET_STARS_ONLY),
        (1, PRAISE, verdict(flagged=True, conflict=True), False, Frame.GENTLE_REGRET),
        (3, PRAISE, verdict(conflict=True), False, Frame.GENTLE_REGRET),
        (3, COMPLAINT, verdict(Tone.NEGATIVE, flagged=True, conflict=True), False, Frame.REGRET),
        (5, COMPLAINT, NEGATIVE, False, Frame.THANKS_WITH_REGRET),
        (4, PRAISE, verdict(themes=(SLOW,)), False, Frame.THANKS_WITH_REGRET),
        (4, "Ну такое", verdict(Tone.NEUTRAL, uncertain=True), False, Frame.THANKS_UNSURE),
        (4, PRAISE, verdict(), False, Frame.THANKS),
        (5, "", verdict(), False, Frame.STARS_ONLY),
        (5, COMPLAINT, POISONED, False, Frame.DANGER),
        (None, COMPLAINT, NEGATIVE, False, Frame.REGRET),
        (None, PRAISE, verdict(), False, Frame.THANKS),
        (None, PRAISE, verdict(Tone.NEUTRAL), False, Frame.THANKS_UNSURE),
        (None, "", verdict(), False, Frame.THANKS_UNSURE),
    ],
)
def test_the_frame_follows_stars_text_and_verdict(
    stars: int | None, text: str, judged: Verdict, fault: bool, frame: Frame
) -> None:
    assert choose(situation(stars, text, judged), fault=fault).frame is frame


def test_a_danger_is_not_settled_in_public_even_when_fault_is_confirmed() -> None:
    assert choose(situation(1, COMPLAINT, POISONED), fault=True).frame is Frame.DANGER


def test_the_reason_tells_stars_and_the_dangerous_words() -> None:
    assert choose(situation(1, COMPLAINT, NEGATIVE)).reason.startswith("1★: сожалеем; вина не установлена")
    assert "«отравились салатом»" in choose(situation(1, COMPLAINT, POISONED)).reason


def test_braces_in_a_dangerous_quote_stay_text() -> None:
    hostile = verdict(flagged=True, risks=(RiskMention(Risk.LEGAL, "{stars} {0} в суд"),))
    assert "{stars} {0} в суд" in choose(situation(1, COMPLAINT, hostile)).reason


@pytest.mark.parametrize("invisible", ["", "  \n\t", "\x00", "\u200e\u200f\u202e", "\ud800", "\u00a0" * 1000])
def test_invisible_marks_are_no_text(invisible: str) -> None:
    assert not has_text(invisible)
    assert has_text(invisible + "👍")


def test_low_stars_flags_and_dangers_are_complaints() -> None:
    assert is_complaint(situation(2, PRAISE, verdict()))
    assert is_complaint(situation(5, COMPLAINT, NEGATIVE))
    assert not is_complaint(situation(3, PRAISE, verdict(Tone.NEUTRAL)))
