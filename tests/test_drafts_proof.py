"""Four hundred reviews of all trades: nothing a site would refuse, nothing unsaid, nothing unfounded."""

import csv
import re
from collections import defaultdict
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

import sentiment
from responders.certainty import certain
from responders.choose import COMPLAINT_FRAMES, Frame, is_complaint
from responders.draft import Responder
from responders.points import LISTS, MERE_THINGS, most
from responders.types import Brand, Contact, Fault, Register, Situation
from sentiment import analyse
from sentiment.types import Intent, Person, Theme, Tone
from tests.draft_facts import unfounded
from tests.test_responders_choose import COMPLAINT, NEGATIVE, situation, verdict

SYNTHETIC = Path(sentiment.__file__).parent / "data" / "synthetic"
TRADES = {
    "cafe": "food", "restaurant": "food", "clinic": "clinic", "dentist": "clinic", "beauty": "beauty", "hotel": "hotel",
    "cars": "cars", "delivery": "delivery", "bank": "bank", "shop": "shop", "grocery": "shop", "fitness": "other",
    "school": "other", "leisure": "other", "post": "other", "service": "other",
}  # fmt: skip
OF_EACH = 25
SOURCES = ("google_business", "yandex_maps", "twogis", "otzovik", "irecommend")
AUTHORS = ("Анна К.", "vkusno_77", "", "Олег Смирнов")
REGRET = re.compile(r"жаль|сожале|извин|простите|прощения", re.IGNORECASE)


def situations() -> list[Situation]:
    analyser = analyse.load()
    found: list[Situation] = []
    turns = zip(cycle(SOURCES), cycle(AUTHORS), cycle(Register), cycle((*Fault, Fault.UNCONFIRMED)), strict=False)
    for trade, sector in TRADES.items():
        with (SYNTHETIC / f"{trade}.tsv").open(encoding="utf-8", newline="") as file:
            rows = [
                row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["stars"].isdigit()
            ]
        for row in rows[:: len(rows) // OF_EACH][:OF_EACH]:
            source, author, register, fault = next(turns)
            stars, text = int(row["stars"]), row["text"].replace("\\n", "\n")
            contact = Contact("+7 (843) 000-00-00", "help@example.ru")
            brand = Brand("«Сирень»", sector, "Команда «Сирени»", contact, register=register)
            judged = analyser.analyse(text, stars, author)
            about = Situation(f"{source}/{row['id']}", source, "", brand, stars, text, author, judged)
            found.append(
                replace(
                    about,
                    fault=fault if stars <= 3 else Fault.UNCONFIRMED,
                    measure="Марина провела для смены занятие" if len(found) % 3 == 0 else "",
                    earlier=len(found) % 4 // 3,
                )
            )
    return found


@pytest.fixture(scope="module")
def drafted() -> "list[tuple[Situation, str, str, list[str]]]":
    """(situation, frame, text, errors and warnings)."""
    responder = Responder()
    rows = []
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for about in situations():
        card = (about.source, about.brand.sector)
        draft = responder.draft(replace(about, recent=tuple(said[card])))
        said[card].append(draft.text)
        wrong = [f"{item.rule}: {item.message}" for item in draft.warnings if item.severity != "hint"]
        rows.append((about, draft.template, draft.text, wrong))
    return rows


Drafted = list[tuple[Situation, str, str, list[str]]]


def test_there_are_four_hundred_of_them(drafted: Drafted) -> None:
    assert len(drafted) == 400
    assert {template.partition("#")[0] for _, template, _, _ in drafted} >= set(map(str, LISTS))


def test_the_linter_finds_nothing_wrong(drafted: Drafted) -> None:
    assert [(text, wrong) for _, _, text, wrong in drafted if wrong] == []


def test_no_placeholder_is_left(drafted: Drafted) -> None:
    assert [text for _, _, text, _ in drafted if re.search(r"[{}<>_\[\]]|None|  ", text)] == []


def test_every_theme_that_surely_has_the_frames_tone_is_spoken_of_as_far_as_the_length_allows(drafted: Drafted) -> None:
    for about, template, text, _ in drafted:
        frame, _, phrases = template.partition("#")
        if Frame(frame) in LISTS:
            tone, name = LISTS[Frame(frame)]
            asked = (Intent.QUESTION, Intent.SUGGESTION)  # what is asked for is not yet praised
            wanted = [item.quote for item in about.verdict.intents if item.intent in asked]
            themes = {
                item.theme
                for item in certain(about.verdict, about.stars)
                if item.tone is tone
                and not any(item.quote in said for said in wanted)
                # What is wrong with a mere thing is not known: it is named, if it has a name.
                and (name == "praise" or item.rule not in MERE_THINGS)
            }
            spoken = re.findall(rf"\.(?:{'|'.join(Theme)}):", phrases)
            assert len(spoken) >= min(most(about.text, name), len(themes)), (about.text, text)


def test_every_complaint_is_told_regret(drafted: Drafted) -> None:
    complaints = [
        text
        for about, template, text, _ in drafted
        if is_complaint(about) or Frame(template.partition("#")[0]) in COMPLAINT_FRAMES
    ]
    assert [text for text in complaints if not REGRET.search(text)] == []


def test_nothing_is_said_that_the_situation_does_not_hold(drafted: Drafted) -> None:
    assert [(text, list(unfounded(text, about))) for about, _, text, _ in drafted if any(unfounded(text, about))] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Анна, здравствуйте. Нам жаль, разберёмся за 3 дня.", ["number 3"]),
        ("Здравствуйте. Нам жаль. Официант Пётр огорчён.", ["name Пётр"]),
        ("Здравствуйте. Извините нас.", ["guilt 'Извин'"]),
        ("Здравствуйте. Нам жаль. Вернём деньги.", ["gift or promise 'Вернём'"]),
        ("Здравствуйте. Нам жаль. Рады, что Вам понравился кофе.", ["liking 'Вам понравил'"]),
        ("Здравствуйте. Нам жаль, что Вам не понравилось. Позвоните по номеру +7 (843) 000-00-00.", []),
        ("Анна, здравствуйте. Нам жаль. Ваши слова покажем команде «Сирени».", []),
    ],
)
def test_the_checker_sees_what_is_unfounded(text: str, found: list[str]) -> None:
    assert list(unfounded(text, situation(1, COMPLAINT, NEGATIVE, author="Анна К."))) == found


def test_the_checker_believes_what_is_known() -> None:
    people = (Person("", "Пётр", "Петру", "masc", Tone.POSITIVE, "Пётр"),)
    about = situation(5, "Были 3 дня", verdict(people=people))
    assert list(unfounded("Спасибо! Передадим Петру, что 3 дня удались.", about)) == []
    guilty = replace(situation(1, COMPLAINT, NEGATIVE), fault=Fault.CONFIRMED, measure="Сменили поставщика.")
    assert list(unfounded("Извините нас. Сменили поставщика.", guilty)) == []
    assert list(unfounded("Нам жаль. Сменили поставщика.", replace(guilty, fault=Fault.DENIED))) != []
