"""Drafts: every frame, every site, every sector; hostile reviews; never the same twice; overlays."""

import re
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from responders.choose import COMPLAINT_FRAMES, Frame, choose
from responders.draft import Responder
from responders.files import SHIPPED, ReplyTemplateError, template_digest
from responders.kit import Library
from responders.lint import lint
from responders.platforms import platform
from responders.similarity import jaccard, shingles
from responders.types import Brand, Contact, Situation
from sentiment.types import Evidence, Risk, RiskMention, Theme, ThemeMention, Tone, Verdict
from tests.test_responders_choose import COMPLAINT, NEGATIVE, POISONED, PRAISE, situation, verdict

SOURCES = ("google_business", "yandex_maps", "twogis", "otzovik", "irecommend")
SECTORS = ("food", "shop", "clinic", "beauty", "hotel", "cars", "delivery", "bank", "other")
REGRET = re.compile(r"жаль|сожале|извин|простите|прощения", re.IGNORECASE)
CHEER = re.compile(r"\bрады\b|здорово|приятно|!", re.IGNORECASE)
OFFICIALESE = re.compile(r"кратчайш|сведени|\bданн(?:ый|ая|ого|ой)\b", re.IGNORECASE)
# A danger wants no ceremony, an apology thanks in most wordings only.
_THANKS_OPTIONAL = frozenset({Frame.DANGER, Frame.APOLOGY})
NAMES = frozenset({"Анна", "Олег"})
PRAISED_STAFF = ThemeMention(Theme.STAFF, Tone.POSITIVE, "")
THEMES = tuple(ThemeMention(theme, Tone.NEGATIVE, COMPLAINT) for theme in Theme)

SHIPPED_LIBRARY = Library(None)
RESPONDER = Responder(is_first_name=NAMES.__contains__)

# What leads to every frame: stars, text, verdict, fault.
LEADS: dict[Frame, tuple[int | None, str, Verdict, bool]] = {
    Frame.DANGER: (1, COMPLAINT, POISONED, False),
    Frame.APOLOGY: (1, COMPLAINT, NEGATIVE, True),
    Frame.REGRET: (2, COMPLAINT, NEGATIVE, False),
    Frame.GENTLE_REGRET: (1, PRAISE, verdict(flagged=True, conflict=True), False),
    Frame.REGRET_STARS_ONLY: (1, "", NEGATIVE, False),
    Frame.THANKS_WITH_REGRET: (5, COMPLAINT, NEGATIVE, False),
    Frame.THANKS_UNSURE: (4, "Ну такое", verdict(Tone.NEUTRAL, uncertain=True), False),
    Frame.THANKS: (5, PRAISE, verdict(), False),
    Frame.THANKS_QUIET: (5, "Поминали отца, всё прошло достойно", verdict(), False),
    Frame.STARS_ONLY: (5, "", verdict(), False),
}


def brand(sector: str) -> Brand:
    return Brand("Фирма «Сирень»", sector, "Команда «Сирени»", Contact("+7 (843) 000-00-00", "help@example.ru"))


def leading_to(frame: Frame, **changes: Any) -> tuple[Situation, bool]:
    stars, text, judged, fault = LEADS[frame]
    about = replace(situation(stars, text, judged), **changes)
    assert choose(about, fault=fault) is frame
    return about, fault


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("frame", Frame)
def test_every_frame_on_every_site_for_every_sector_passes_the_linter(frame: Frame, source: str, sector: str) -> None:
    for number, author in product(range(3), ("Анна К.", "vkusno_77")):
        about, fault = leading_to(frame, source=source, brand=brand(sector), key=f"{source}:{number}", author=author)
        draft = RESPONDER.draft(about, fault)
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
    values: dict[str, object] = dict.fromkeys(("name", "phone", "email", "card", "business", "place", "signature"), "")
    values |= {"about": "об ожидании", "reach": "свяжитесь с нами", "stars": 1, "sector": sector}
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
    assert SHIPPED_LIBRARY.kit(frame, "clinic").frame.file == SHIPPED / "clinic" / f"{frame}.yaml"


def test_contacts_are_printed_where_the_site_allows_them_and_nowhere_else() -> None:
    for source in SOURCES:
        about, _ = leading_to(Frame.REGRET, source=source)
        text = RESPONDER.draft(about).text
        assert ("help@example.ru" in text and "+7 (843) 000-00-00" in text) == (source == "yandex_maps")
        assert ("карточки" in text) == (source in ("google_business", "twogis"))


def test_a_brand_without_contacts_sends_people_to_the_card() -> None:
    about, _ = leading_to(Frame.REGRET, brand=Brand("Кафе «Сирень»", "food", ""))
    text = RESPONDER.draft(about).text
    assert "карточки" in text
    assert text.endswith("Кафе «Сирень»")


def test_only_a_phone_in_config_prints_the_phone() -> None:
    only_phone = Brand("Кафе «Сирень»", "food", "", Contact(phone="8 800 000-00-00"))
    text = RESPONDER.draft(leading_to(Frame.REGRET, brand=only_phone)[0]).text
    assert "8 800 000-00-00" in text
    assert "@" not in text


def test_an_apology_needs_a_persons_word() -> None:
    about, _ = leading_to(Frame.REGRET)
    guilt = re.compile(r"извин|прост|прощения|вин[аоы]|ошиб", re.IGNORECASE)
    assert not any(guilt.search(RESPONDER.draft(replace(about, key=f"k:{n}")).text) for n in range(60))
    assert all(REGRET.search(RESPONDER.draft(replace(about, key=f"k:{n}"), fault=True).text) for n in range(60))


@pytest.mark.parametrize("theme", THEMES)
def test_a_complaint_about_a_known_theme_is_answered_about_it(theme: ThemeMention) -> None:
    phrases = SHIPPED_LIBRARY.kit(Frame.REGRET, "food").themes.get(f"complaint_{theme.theme}", ())
    wordings = [phrase.render({"sector": "food"}) for phrase in phrases]
    judged = verdict(Tone.NEGATIVE, flagged=True, themes=(theme,), evidence=(Evidence("сорок минут", 0.8),))
    about = situation(1, COMPLAINT, judged)
    text = RESPONDER.draft(about).text
    assert not wordings or any(wording in text for wording in wordings)
    assert REGRET.search(text)


def named(theme: Theme, quote: str, weight: float, *more: tuple[Theme, str, float]) -> str:
    """The draft for a one-star complaint with these themes and what their words weigh."""
    rows = ((theme, quote, weight), *more)
    judged = verdict(
        Tone.NEGATIVE,
        flagged=True,
        themes=tuple(ThemeMention(theme, Tone.NEGATIVE, quote) for theme, quote, _ in rows),
        evidence=tuple(Evidence(quote, weight) for _, quote, weight in rows),
    )
    return RESPONDER.draft(situation(1, COMPLAINT, judged)).text


def test_the_strongest_theme_is_named_not_the_first() -> None:
    text = named(Theme.BOOKING, "записался к двенадцати", 0.4, (Theme.WAITING, "ждал сорок минут", 0.9))
    assert "ожидани" in text
    assert "бронировани" not in text


def test_a_theme_guessed_from_the_stars_is_not_named() -> None:
    assert "кухне" not in named(Theme.QUALITY, "Торт на заказ забирала в девять", 0.1)
    assert "кухне" in named(Theme.QUALITY, "Торт чёрствый", 0.8)


def test_a_theme_found_in_markup_is_not_named() -> None:
    assert "кухне" not in named(Theme.QUALITY, "<b>КОФЕ ЖИРНЫМ ШРИФТОМ", 0.8)


def test_coffee_is_called_coffee() -> None:
    assert "о нашем кофе" in named(Theme.QUALITY, "Кофе холодный", 0.8)


def test_a_draft_says_no_word_twice() -> None:
    for frame, number in product((Frame.REGRET, Frame.GENTLE_REGRET, Frame.REGRET_STARS_ONLY, Frame.THANKS), range(40)):
        text = RESPONDER.draft(leading_to(frame, key=f"k:{number}")[0]).text
        stems = re.findall(r"\b[а-яё]{5}", text.split("\n")[0].lower())
        said = [stem for stem in stems if stem not in ("спаси", "пожал")]
        assert len(said) == len(set(said)), text


def test_praise_in_mourning_gets_no_cheer() -> None:
    for number in range(40):
        text = RESPONDER.draft(leading_to(Frame.THANKS_QUIET, key=f"k:{number}")[0]).text
        assert not CHEER.search(text), text


def test_a_two_word_praise_gets_a_short_answer() -> None:
    short = RESPONDER.draft(situation(5, "Очень вкусно", verdict(themes=(PRAISED_STAFF,))))
    assert len(short.text) < 130
    assert short.template.count(".") == 2


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
    fault=st.booleans(),
    recent=st.lists(HOSTILE, max_size=3),
)
@example(1, "{{ 7*7 }}", "{{ 7*7 }}", "twogis", "food", (True, True, True), Tone.POSITIVE, False, False, ["\ud800"])
def test_whatever_a_one_or_two_star_review_holds_the_draft_says_regret(
    stars: int,
    text: str,
    author: str,
    source: str,
    sector: str,
    flags: tuple[bool, bool, bool],
    tone: Tone,
    risk: bool,
    fault: bool,
    recent: list[str],
) -> None:
    flagged, uncertain, conflict = flags
    risks = (RiskMention(Risk.LEGAL, text[:20]),) if risk else ()
    judged = verdict(tone, flagged=flagged, uncertain=uncertain, conflict=conflict, risks=risks)
    about = situation(
        stars,
        text,
        judged,
        key=f"{source}:{text}",
        source=source,
        author=author,
        brand=brand(sector),
        recent=tuple(recent),
    )
    draft = RESPONDER.draft(about, fault)
    assert REGRET.search(draft.text)
    assert "{{" not in draft.text
    assert "49" not in draft.text
    assert [found for found in draft.warnings if found.severity == "error"] == []
    assert len(text.strip()) < 12 or text.strip() not in draft.text
    limit = platform(source).limit
    assert len(draft.text.encode()) <= (limit.hard or 4096)
    assert draft == RESPONDER.draft(about, fault)


def test_the_same_situation_gets_the_same_draft_from_another_process_of_ours() -> None:
    about, _ = leading_to(Frame.THANKS)
    assert Responder(is_first_name=NAMES.__contains__).draft(about) == RESPONDER.draft(about)


def test_two_reviews_usually_get_different_drafts() -> None:
    drafts = [RESPONDER.draft(leading_to(Frame.THANKS, key=f"yandex_maps:{n}")[0]).text for n in range(100)]
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


# --- overlays ---------------------------------------------------------------------------------


def overlay(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        file = folder / "replies" / name.replace("__", "/").replace("_yaml", ".yaml").replace("_j2", ".txt.j2")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder


def drafted(folder: Path, frame: Frame = Frame.THANKS, **changes: Any) -> tuple[str, list[str]]:
    """The draft's text, and the messages of its warnings."""
    about, fault = leading_to(frame, **changes)
    draft = Responder(folder, is_first_name=NAMES.__contains__).draft(about, fault)
    assert {found.rule for found in draft.warnings} <= {"broken_template"}
    return draft.text, [found.message for found in draft.warnings]


def test_an_overlay_replaces_one_file_and_the_rest_is_shipped(tmp_path: Path) -> None:
    folder = overlay(tmp_path, thanks_yaml="openings: ['{{ business }} благодарит Вас — от души!']\n")
    assert drafted(folder) == ("Кафе «Сирень» благодарит Вас\u00a0— от души!\n\nКоманда «Сирени»", [])
    assert drafted(folder, Frame.REGRET) == drafted(tmp_path / "nowhere", Frame.REGRET)


def test_an_overlay_may_replace_one_shared_list(tmp_path: Path) -> None:
    folder = overlay(tmp_path, shared_yaml="farewell: ['Пока и спасибо!']\n")
    text, messages = drafted(folder)
    assert "Пока и спасибо!" in text
    assert text.startswith(("Здравствуйте!", "Добрый день!"))
    assert messages == []


def test_an_overlay_may_add_a_sector(tmp_path: Path) -> None:
    folder = overlay(tmp_path, hotel__thanks_yaml="openings: ['Спасибо от всей гостиницы!']\n")
    assert drafted(folder, brand=brand("hotel"))[0].startswith("Спасибо от всей гостиницы!")
    assert "гостиницы" not in drafted(folder, brand=brand("food"))[0]


def test_a_general_overlay_never_reaches_a_clinic(tmp_path: Path) -> None:
    folder = overlay(tmp_path, thanks_yaml="openings: ['Спасибо за Ваш визит!']\n")
    assert "визит" not in drafted(folder, brand=brand("clinic"))[0]


BROKEN = {
    "not a mapping": ("thanks_yaml", "- просто список\n", 1),
    "bad yaml": ("thanks_yaml", "openings:\n  - 'не закрыто\n", 3),
    "bad jinja": ("thanks_yaml", "openings:\n  - 'Спасибо!'\n  - 'Спасибо, {{ name !'\n", 3),
    "bad jinja in a block": ("thanks_yaml", "openings:\n  - |\n    Спасибо\n    {% if %}\n", 4),
    "unknown word": ("thanks_yaml", "openings:\n  - 'Спасибо!'\n  - 'Спасибо за {{ review }}!'\n", 3),
    "unknown list": ("thanks_yaml", "openings: ['Спасибо!']\nendings: ['Пока!']\n", 2),
    "unknown shared list": ("thanks_yaml", "openings: ['Спасибо!']\nclosings: nowhere\n", 2),
    "only for known names": ("thanks_yaml", "openings:\n  - '{{ name }}, спасибо!'\n", 2),
    "no opening": ("thanks_yaml", "closings: ['Пока!']\n", None),
    "empty phrase": ("thanks_yaml", "openings:\n  - 'Спасибо!'\n  - ''\n", 3),
    "twice the same list": ("thanks_yaml", "openings: ['Спасибо!']\nopenings: ['Спасибо!']\n", 2),
    "fails when rendered": ("thanks_yaml", "openings:\n  - 'Спасибо {{ stars // 0 }}!'\n", 2),
    "fails without variables": ("thanks_yaml", "openings:\n  - 'Спасибо {{ 1 // 0 }}!'\n", 2),
    "escapes the sandbox": ("thanks_yaml", "openings:\n  - 'Спасибо {{ business.__class__.__mro__ }}!'\n", 2),
    "an endless loop": ("thanks_yaml", "openings:\n  - '{% for i in range(10 ** 9) %}а{% endfor %}'\n", 2),
    "a layout without a reply": ("reply_j2", "{# пусто #}\n", None),
    "a layout with an unknown word": ("reply_j2", "{{ opening }}\n{{ text }}\n", 1),
    "empty file": ("shared_yaml", "", 1),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_overlay_names_file_and_line_and_the_shipped_wording_holds(case: str, tmp_path: Path) -> None:
    name, content, line = BROKEN[case]
    text, messages = drafted(overlay(tmp_path, **{name: content}))
    file = tmp_path / "replies" / name.replace("_yaml", ".yaml").replace("_j2", ".txt.j2")
    assert text == RESPONDER.draft(leading_to(Frame.THANKS)[0]).text
    (message,) = messages
    assert (f"{file}:{line}: " if line else f"{file}: ") in message


def test_a_file_that_is_no_text_is_broken_too(tmp_path: Path) -> None:
    folder = overlay(tmp_path, thanks_yaml="")
    (folder / "replies" / "thanks.yaml").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in drafted(folder)[1][0]


def test_a_broken_file_warns_only_the_drafts_made_of_it(tmp_path: Path) -> None:
    folder = overlay(tmp_path, thanks_yaml="openings: 5 {{")
    assert drafted(folder)[1] != []
    assert drafted(folder, Frame.REGRET)[1] == []
    (problem,) = Responder(folder).problems("food")
    assert isinstance(problem, ReplyTemplateError)
    assert problem.file.name == "thanks.yaml"


def test_the_digest_changes_with_an_overlay_file_and_returns_when_it_goes(tmp_path: Path) -> None:
    shipped = template_digest()
    assert template_digest(tmp_path) == shipped
    folder = overlay(tmp_path, thanks_yaml="openings: ['Спасибо!']\n")
    changed = template_digest(folder)
    overlay(tmp_path, thanks_yaml="openings: ['Благодарим!']\n")
    assert len({shipped, changed, template_digest(folder)}) == 3
    (folder / "replies" / "thanks.yaml").unlink()
    assert template_digest(folder) == shipped
