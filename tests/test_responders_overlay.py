"""The user's own wordings: they replace the shipped ones file by file, and a broken file never costs a draft."""

from pathlib import Path
from typing import Any

import pytest

from responders.choose import Frame
from responders.draft import Responder
from responders.editions import edition
from responders.files import ReplyTemplateError
from responders.types import Situation
from sentiment.types import Evidence, Intent, IntentMention, Theme, ThemeMention, Tone, Verdict
from tests.test_responders_choose import POISONED, SLOW, situation, verdict
from tests.test_responders_draft import NAMES, RESPONDER, brand, leading_to

KIND_STAFF = verdict(themes=(ThemeMention(Theme.STAFF, Tone.POSITIVE, "вежливые сотрудники", "", "staff.polite"),))
GOOD_COFFEE = verdict(
    themes=(ThemeMention(Theme.QUALITY, Tone.POSITIVE, "вкусный кофе", "food", "quality.dish"),),
    evidence=(Evidence("вкусный кофе", -0.8),),
)
ASKING = verdict(intents=(IntentMention(Intent.QUESTION, "А вы открыты?"),))


def overlay(folder: Path, files: dict[str, str]) -> Path:
    """A templates_dir with these files in its folder of replies."""
    for name, content in files.items():
        file = folder / "replies" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder


def answered(folder: Path, about: Situation) -> tuple[str, list[str]]:
    """The draft's text, and why templates of the user were not taken."""
    draft = Responder(folder, is_first_name=NAMES.__contains__).draft(about)
    broken = [found.message for found in draft.warnings if found.rule == "broken_template"]
    assert [found for found in draft.warnings if found.severity == "error"] == []
    return draft.text, broken


def drafted(folder: Path, frame: Frame = Frame.THANKS, **changes: Any) -> tuple[str, list[str]]:
    return answered(folder, leading_to(frame, **changes))


def spoken(text: str, judged: Verdict, stars: int = 5, **changes: Any) -> Situation:
    return situation(stars, text, judged, **changes)


def test_an_overlay_replaces_one_file_and_the_rest_is_shipped(tmp_path: Path) -> None:
    folder = overlay(tmp_path, {"thanks.yaml": "openings: ['{{ business }} благодарит Вас — от души!']\n"})
    assert drafted(folder) == ("Кафе «Сирень» благодарит Вас\u00a0— от души!\n\nКоманда «Сирени»", [])
    assert drafted(folder, Frame.REGRET) == drafted(tmp_path / "nowhere", Frame.REGRET)


def test_an_overlay_may_replace_one_shared_list(tmp_path: Path) -> None:
    folder = overlay(tmp_path, {"shared.yaml": "farewell: ['Пока и спасибо!']\n"})
    text, messages = drafted(folder)
    assert "Пока и спасибо!" in text
    assert text.startswith(("Здравствуйте!", "Добрый день!"))
    assert messages == []


def test_an_overlay_may_replace_one_list_of_a_theme(tmp_path: Path) -> None:
    folder = overlay(tmp_path, {"themes/staff.yaml": "praise: ['Обнимем каждого сотрудника.']\n"})
    praise = spoken("Очень вежливые сотрудники", KIND_STAFF)
    assert "Обнимем каждого сотрудника." in answered(folder, praise)[0]
    slow = spoken("Долго ждали", verdict(Tone.NEGATIVE, flagged=True, themes=(SLOW,)), 2)
    assert answered(folder, slow) == answered(tmp_path / "nowhere", slow)


def test_a_phrase_for_what_was_said_goes_before_the_general_one(tmp_path: Path) -> None:
    content = "praise: ['Обнимем каждого.', {text: 'Вежливость — наше всё.', kinds: [polite]}]\n"
    folder = overlay(tmp_path, {"themes/staff.yaml": content})
    drafts = [answered(folder, spoken("Вежливые сотрудники", KIND_STAFF, key=f"twogis:{n}"))[0] for n in range(20)]
    assert any("Вежливость" in text for text in drafts)
    rude = spoken("Хорошие сотрудники", verdict(themes=(ThemeMention(Theme.STAFF, Tone.POSITIVE, "сотрудники"),)))
    assert "Обнимем каждого." in answered(folder, rude)[0]


def test_a_phrase_of_another_register_is_left_alone(tmp_path: Path) -> None:
    content = (
        "openings: [{text: 'Спасибище!', registers: [warm]}, {text: 'Благодарим Вас.', registers: [neutral, formal]}]\n"
    )
    folder = overlay(tmp_path, {"thanks.yaml": content})
    assert all("Спасибище" not in drafted(folder, key=f"twogis:{number}")[0] for number in range(20))


def test_an_overlay_may_name_things_of_its_own(tmp_path: Path) -> None:
    topics = "topics:\n- {words: 'кофе*', topic: наш кофе, about: о нашем кофе, number: masculine, themes: [quality]}\n"
    phrases = "praise: ['Рады, что всё по вкусу.', 'Рады, что Вам {{ liked }} {{ topic }}.']\n"
    folder = overlay(tmp_path, {"topics.yaml": topics, "themes/quality.yaml": phrases})
    drafts = {answered(folder, spoken("Очень вкусный кофе", GOOD_COFFEE, key=f"twogis:{n}"))[0] for n in range(20)}
    assert any("Рады, что Вам понравился наш кофе." in text for text in drafts)


def test_a_measure_in_another_list_than_measures_is_never_said_and_costs_no_draft(tmp_path: Path) -> None:
    openings = "openings: ['Извините нас, пожалуйста.', 'Извините, уже сделано: {{ measure }}.']\n"
    folder = overlay(tmp_path, {"apology.yaml": openings})
    text, messages = drafted(folder, Frame.APOLOGY, measure="Сменили поставщика.")
    assert text.startswith("Извините нас, пожалуйста.")
    assert messages == []


def test_an_overlay_may_add_a_sector(tmp_path: Path) -> None:
    folder = overlay(tmp_path, {"hotel/thanks.yaml": "openings: ['Спасибо от всей гостиницы!']\n"})
    assert drafted(folder, brand=brand("hotel"))[0].startswith("Спасибо от всей гостиницы!")
    assert "гостиницы" not in drafted(folder, brand=brand("food"))[0]


@pytest.mark.parametrize(
    ("name", "content", "about"),
    [
        ("thanks.yaml", "openings: ['Спасибо за Ваш визит!']\n", leading_to(Frame.THANKS)),
        ("themes/staff.yaml", "praise: ['О визите к врачу расскажем всем.']\n", spoken("Вежливые", KIND_STAFF)),
        ("risks.yaml", "poisoning: ['Визит к нам не мог навредить.']\n", leading_to(Frame.DANGER)),
        ("asks.yaml", "question: ['Ответим после визита.']\n", spoken("А вы открыты?", ASKING)),
    ],
)
def test_a_general_overlay_never_reaches_a_clinic(name: str, content: str, about: Situation, tmp_path: Path) -> None:
    at_clinic = spoken(about.text, about.verdict, about.stars or 5, brand=brand("clinic"))
    assert "изит" not in answered(overlay(tmp_path, {name: content}), at_clinic)[0]


BROKEN = {
    "not a mapping": ("thanks.yaml", "- просто список\n", 1),
    "bad yaml": ("thanks.yaml", "openings:\n  - 'не закрыто\n", 3),
    "bad jinja": ("thanks.yaml", "openings:\n  - 'Спасибо!'\n  - 'Спасибо, {{ name !'\n", 3),
    "bad jinja in a block": ("thanks.yaml", "openings:\n  - |\n    Спасибо\n    {% if %}\n", 4),
    "unknown word": ("thanks.yaml", "openings:\n  - 'Спасибо!'\n  - 'Спасибо за {{ review }}!'\n", 3),
    "unknown list": ("thanks.yaml", "openings: ['Спасибо!']\nendings: ['Пока!']\n", 2),
    "unknown shared list": ("thanks.yaml", "openings: ['Спасибо!']\nclosings: nowhere\n", 2),
    "only for known names": ("thanks.yaml", "openings:\n  - '{{ name }}, спасибо!'\n", 2),
    "only for one register": ("thanks.yaml", "openings:\n  - {text: 'Спасибо!', registers: [warm]}\n", 2),
    "unknown register": ("thanks.yaml", "openings:\n  - 'Спасибо!'\n  - {text: 'О!', registers: [loud]}\n", 3),
    "unknown field": ("thanks.yaml", "openings:\n  - 'Спасибо!'\n  - {text: 'О!', register: [warm]}\n", 3),
    "no opening": ("thanks.yaml", "closings: ['Пока!']\n", None),
    "empty phrase": ("thanks.yaml", "openings:\n  - 'Спасибо!'\n  - ''\n", 3),
    "twice the same list": ("thanks.yaml", "openings: ['Спасибо!']\nopenings: ['Спасибо!']\n", 2),
    "fails when rendered": ("thanks.yaml", "openings:\n  - 'Спасибо {{ stars // 0 }}!'\n", 2),
    "fails without variables": ("thanks.yaml", "openings:\n  - 'Спасибо {{ 1 // 0 }}!'\n", 2),
    "escapes the sandbox": ("thanks.yaml", "openings:\n  - 'Спасибо {{ business.__class__.__mro__ }}!'\n", 2),
    "an endless loop": ("thanks.yaml", "openings:\n  - '{% for i in range(10 ** 9) %}а{% endfor %}'\n", 2),
    "a layout without a reply": ("reply.txt.j2", "{# пусто #}\n", None),
    "a layout with an unknown word": ("reply.txt.j2", "{{ opening }}\n{{ text }}\n", 1),
    "empty file": ("shared.yaml", "", 1),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_overlay_names_file_and_line_and_the_shipped_wording_holds(case: str, tmp_path: Path) -> None:
    name, content, line = BROKEN[case]
    text, messages = drafted(overlay(tmp_path, {name: content}))
    assert text == RESPONDER.draft(leading_to(Frame.THANKS)).text
    assert_says(messages, tmp_path / "replies" / name, line)


def assert_says(messages: list[str], file: Path, line: int | None) -> None:
    (message,) = messages
    assert (f"{file}:{line}: " if line else f"{file}: ") in message


TOPIC = "words: 'кофе*', topic: наш кофе, about: о нашем кофе"
ABOUT = {
    "themes/staff.yaml": spoken("Очень вежливые сотрудники", KIND_STAFF),
    "clinic/themes/staff.yaml": spoken("Очень вежливые сотрудники", KIND_STAFF, brand=brand("clinic")),
    "risks.yaml": spoken("Отравились салатом", POISONED, 1),
    "asks.yaml": spoken("А вы открыты?", ASKING),
    "topics.yaml": spoken("Очень вкусный кофе", GOOD_COFFEE),
}
LISTS = {
    "themes/staff.yaml": "praise",
    "clinic/themes/staff.yaml": "praise",
    "risks.yaml": "poisoning",
    "asks.yaml": "question",
}
"""A list of each file that its review is answered with."""


NO_LISTS = [
    ("- просто список\n", 1),
    ("", 1),
    ("{list}: ['не закрыто\n", 2),
    ("{list}: одна строка\nthings: ['Пока!']\n", 2),
    ("{list}:\n- 'Спасибо!'\n- 'Спасибо за {{{{ review }}}}!'\n", 3),
    ("{list}:\n- 'Спасибо!'\n- 'Спасибо {{% if %}}'\n", 3),
    ("{list}:\n- {{text: 'Спасибо!', kinds: [polite]}}\n", 2),
    ("{list}:\n- {{text: 'Спасибо!', registers: [formal]}}\n", 2),
    ("{list}:\n- 'Спасибо {{{{ stars // 0 }}}}!'\n", 2),
    ("{list}:\n- 'Спасибо {{{{ business.__class__ }}}}!'\n", 2),
]
"""What does not load, does not render or must not, with the line that the warning names."""


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [("themes/staff.yaml", *row) for row in NO_LISTS]
    + [(name, *row) for name in ("clinic/themes/staff.yaml", "risks.yaml", "asks.yaml") for row in NO_LISTS[4::4]],
)
def test_a_broken_file_of_themes_dangers_or_asks_is_replaced_by_the_shipped_one(
    name: str, content: str, line: int, tmp_path: Path
) -> None:
    folder = overlay(tmp_path, {name: content.format(list=LISTS[name])})
    text, messages = answered(folder, ABOUT[name])
    assert text == RESPONDER.draft(ABOUT[name]).text
    assert_says(messages, tmp_path / "replies" / name, line)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("topics: кофе\n", 1),
        ("things: []\n", 1),
        ("topics:\n- кофе\n", 2),
        (f"topics:\n- {{{TOPIC}, number: masculine}}\n", 2),
        (f"topics:\n- {{{TOPIC}, number: many, themes: [quality]}}\n", 2),
        (f"topics:\n- {{{TOPIC}, number: masculine, themes: quality}}\n", 2),
        (f"topics:\n- {{{TOPIC}, number: masculine, themes: [quality], sector: [food]}}\n", 2),
    ],
)
def test_a_broken_file_of_topics_is_replaced_by_the_shipped_one(content: str, line: int, tmp_path: Path) -> None:
    text, messages = answered(overlay(tmp_path, {"topics.yaml": content}), ABOUT["topics.yaml"])
    assert text == RESPONDER.draft(ABOUT["topics.yaml"]).text
    assert_says(messages, tmp_path / "replies" / "topics.yaml", line)


@pytest.mark.parametrize("name", ABOUT)
def test_a_file_that_is_no_text_is_broken_too(name: str, tmp_path: Path) -> None:
    folder = overlay(tmp_path, {name: ""})
    (folder / "replies" / name).write_bytes(b"\xff\xfe\x00")
    text, (message,) = answered(folder, ABOUT[name])
    assert "UTF-8" in message
    assert text == RESPONDER.draft(ABOUT[name]).text


def test_a_broken_file_warns_only_the_drafts_made_of_it(tmp_path: Path) -> None:
    folder = overlay(tmp_path, {"thanks.yaml": "openings: 5 {{"})
    assert drafted(folder)[1] != []
    assert drafted(folder, Frame.REGRET)[1] == []
    (problem,) = Responder(folder).problems("food")
    assert isinstance(problem, ReplyTemplateError)
    assert problem.file.name == "thanks.yaml"


def test_several_broken_files_are_all_named_and_the_draft_still_comes(tmp_path: Path) -> None:
    folder = overlay(tmp_path, dict.fromkeys(("thanks.yaml", "shared.yaml", "topics.yaml", "asks.yaml"), "{{"))
    text, messages = drafted(folder)
    assert text == RESPONDER.draft(leading_to(Frame.THANKS)).text
    assert len(messages) == 4
    assert len(Responder(folder).problems("food")) == 4


@pytest.mark.parametrize("name", ["thanks.yaml", *ABOUT])
def test_the_edition_changes_with_an_overlay_file_and_returns_when_it_goes(name: str, tmp_path: Path) -> None:
    shipped = edition("")
    assert edition("", tmp_path) == shipped
    folder = overlay(tmp_path, {name: "openings: ['Спасибо!']\n"})
    changed = edition("", folder)
    overlay(tmp_path, {name: "openings: ['Благодарим!']\n"})
    assert len({shipped, changed, edition("", folder)}) == 3
    (folder / "replies" / name).unlink()
    assert edition("", folder) == shipped


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("thanks.yaml", "openings: ['{{ \"\" }}']\n", "пустой"),
        ("thanks.yaml", "openings: [{text: Спасибо!, text: Благодарим!}]\n", "дважды"),
        (
            "topics.yaml",
            "topics:\n- {words: чай, topic: чай, about: о чае, number: masculine, themes: [qualty]}\n",
            "qualty",
        ),
        (
            "topics.yaml",
            "topics:\n- {words: чай, topic: чай, about: о чае, number: masculine, themes: []}\n",
            "ни одна",
        ),
    ],
)
def test_what_would_leave_a_draft_without_words_falls_back(name: str, content: str, said: str, tmp_path: Path) -> None:
    text, messages = drafted(overlay(tmp_path, {name: content}))
    assert text == RESPONDER.draft(leading_to(Frame.THANKS)).text
    assert any(said in message for message in messages)
