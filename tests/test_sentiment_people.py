"""Who is praised or blamed: `role/name/dative/tone` as in the gold set, `-` where nobody is."""

import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment import model, morph, people
from sentiment.business import Business
from sentiment.rules import Review
from sentiment.text import clauses, tokens
from sentiment.types import Person, Tone

SIGNS = {Tone.POSITIVE: "+", Tone.NEGATIVE: "-", Tone.NEUTRAL: "="}

NAMES = [
    ("Спасибо Марине за стрижку!", "/Марина/Марине/+"),
    ("Работой Ильнура доволен на все сто.", "/Ильнур/Ильнуру/+"),
    ("Была у Екатерины Викторовны, очень внимательная.", "/Екатерина Викторовна/Екатерине Викторовне/+"),
    ("Большое спасибо доктору Ивановой за чуткость.", "доктор/Иванова/доктору Ивановой/+"),
    ("Врачу Петренко низкий поклон.", "врач/Петренко/врачу Петренко/+"),
    ("Мастеру Анне Сергеевне отдельная благодарность.", "мастер/Анна Сергеевна/мастеру Анне Сергеевне/+"),
    ("Делала маникюр мастер по имени Гульназ, всё понравилось.", "мастер/Гульназ/мастеру Гульназ/+"),
    ("Мастера зовут Шохрух, стрижёт отлично.", "мастер/Шохрух/мастеру Шохруху/+"),
    ("Настенька, вы лучшая!", "/Настенька/Настеньке/+"),
    ("Саша подстриг идеально.", "/Саша/Саше/+"),
    ("Альфие отдельное спасибо за терпение.", "/Альфия/Альфие/+"),
    ("Спасибо Айгуль за брови!", "/Айгуль/Айгуль/+"),
    ("Хочу отметить менеджера Тимура, всё объяснил.", "менеджер/Тимур/менеджеру Тимуру/+"),
    ("Спасибо Анне и Ольге за заботу.", "/Анна/Анне/+; /Ольга/Ольге/+"),
    ("Игорь Петрович, спасибо вам за спину!", "/Игорь Петрович/Игорю Петровичу/+"),
    ("Отдельное спасибо управляющему Руслану!", "управляющий/Руслан/управляющему Руслану/+"),
    ("Благодарю горничную Надежду за чистоту.", "горничная/Надежда/горничной Надежде/+"),
    ("Консультант Юленька помогла с выбором.", "консультант/Юленька/консультанту Юленьке/+"),
    ("Юленька-консультант помогла с выбором.", "консультант/Юленька/консультанту Юленьке/+"),
    ("Майкл, преподаватель, разговорил даже моего брата.", "преподаватель/Майкл/преподавателю Майклу/+"),
    ("Садовница Вера добрая и внимательная.", "садовница/Вера/садовнице Вере/+"),
    ("Гардеробщица тётя Зина помогла с пуговицей.", "гардеробщица/тётя Зина/гардеробщице тёте Зине/+"),
    ("Вожатому Тимофею спасибо от сына.", "вожатый/Тимофей/вожатому Тимофею/+"),
    ("Бариста Кирилл молодец.", "бариста/Кирилл/бариста Кириллу/+"),
    ("Настройщик Пётр отличный мастер.", "настройщик/Пётр/настройщику Петру/+"),
    ("Врача-терапевта Смирнову Ольгу Ивановну рекомендую.",
     "врач-терапевт/Смирнова Ольга Ивановна/врачу-терапевту Смирновой Ольге Ивановне/+"),
    ("Заведующая Громова А. В. помогла.", "заведующая/Громова А. В./заведующей Громовой А. В./+"),
    ("Хозяйка сама вышла к столу, Тамара Вахтанговна, угостила.",
     "хозяйка/Тамара Вахтанговна/хозяйке Тамаре Вахтанговне/+"),
    ("Педиатр Кузнецова — внимательнейший врач.", "педиатр/Кузнецова/педиатру Кузнецовой/+"),
    ("Нашим официантом был Ваня, всё чётко.", "официант/Ваня/официанту Ване/+"),
]  # fmt: skip

SMALL_LETTERS = [
    ("гене обувному мастеру 5 с плюсом", "обувной мастер/Гена/обувному мастеру Гене/+"),
    ("парикмахер жанна лучшая", "парикмахер/Жанна/парикмахеру Жанне/+"),
    ("девочки спасибо особенно лиле", "/Лиля/Лиле/+"),
    ("хожу к мастеру ирине третий год всегда довольна", "мастер/Ирина/мастеру Ирине/+"),
    ("мастер рада помочь каждому", "мастер//мастеру/+"),
]

JOBS = [
    ("Официант нахамил и ушёл.", "официант//официанту/-"),
    ("Девушка на кассе хамит покупателям.", "девушка на кассе//девушке на кассе/-"),
    ("Спасибо сменщице, выручила!", "сменщица//сменщице/+"),
    ("Официанты хамят, персонал ленивый.", "-"),
    ("Пустили без брони, официант грубый.", "официант//официанту/-"),
    ("Каждый мастер здесь профессионал.", "-"),
    ("Ни одного официанта в зале, ждали час.", "-"),
    ("Официант принёс счёт.", "-"),
    ("Владелец, обращайтесь.", "-"),
    ("Вам повар холодного цеха не нужен?", "-"),
    ("Управляющая компания ужасная.", "-"),
    ("Мастер-класс ужасный.", "-"),
]

NOBODY = """
В кафе Анна вкусно кормят.
Ходили в «Мама Рома» всей семьёй, понравилось.
На улице Ленина удобно парковаться, лучшее кафе на Гагарина.
Салат Цезарь хороший, пицца Маргарита тоже.
Любовь к деталям чувствуется во всём.
Вера в людей вернулась. Роза в вазе свежая.
Надежда на гарантию умирает последней.
В зоопарке понравился Лев и тигр.
Ждали марта, чтобы попасть. В мае вернёмся.
Всё понравилось. С уважением, Ольга
Спасибо! Марина
Спасибо Вам большое! Татьяна и Игорь
Меня зовут Елена, хожу сюда давно, нравится.
Мой муж Сергей остался доволен, сын Артём тоже. Сергею понравилось мясо.
Мы с Олей и Катей чудесно посидели.
Подруга Света посоветовала, не пожалела.
Моя Катюша в восторге!
сын мирон счастлив, бабушка галя тоже хочет
Отмечали день рождения Ани, всё прошло отлично.
Жене понравилось, размер подошёл.
Жене отказали во входе.
Доставка до Питера хорошая.
В соседнем салоне мастер Лариса стрижёт с улыбкой, а тут хамят.
Смотрели «Анну Каренину», актёры хороши.
Спасибо Администрации и Коллективу!
Марина, вы по-прежнему принимаете по субботам?
""".strip().splitlines()


@cache
def trained() -> model.Model:
    return model.load()


def find(text: str, stars: int | None = None, author: str = "", business: Business | None = None) -> tuple[Person, ...]:
    found = tokens(text)
    review = Review(text, found, clauses(text, found))
    reading = trained().read([token.key for token in found])
    return people.find(review, reading, stars, author=author, business=business)


def named(text: str, stars: int | None = None, author: str = "", business: Business | None = None) -> str:
    found = find(text, stars, author, business)
    return "; ".join(f"{one.role}/{one.name}/{one.dative}/{SIGNS[one.tone]}" for one in found) or "-"


@pytest.mark.parametrize(("text", "expected"), NAMES)
def test_staff_are_found_in_every_case_with_the_form_for_thanks(text: str, expected: str) -> None:
    assert named(text, 5) == expected


@pytest.mark.parametrize(("text", "expected"), SMALL_LETTERS)
def test_names_in_small_letters_are_found_beside_what_speaks_for_them(text: str, expected: str) -> None:
    assert named(text, 5) == expected


@pytest.mark.parametrize(("text", "expected"), JOBS)
def test_a_job_alone_counts_where_one_person_is_judged(text: str, expected: str) -> None:
    assert named(text) == expected


@pytest.mark.parametrize("text", NOBODY)
def test_other_people_and_things_with_such_names_are_nobody_here(text: str) -> None:
    assert named(text, 5) == "-"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Мастер Оля супер, а администратор Света хамка.",
         "мастер/Оля/мастеру Оле/+; администратор/Света/администратору Свете/-"),
        ("Настя сделала идеально, а вот Кристина испортила брови.", "/Настя/Насте/+; /Кристина/Кристине/-"),
        ("Работает Марина. Кофе дорогой. Марина лучшая!", "/Марина/Марине/+"),
        ("Попала к мастеру Зарине. Она очень аккуратная.", "мастер/Зарина/мастеру Зарине/+"),
    ],
)  # fmt: skip
def test_everybody_is_judged_by_what_is_said_of_him(text: str, expected: str) -> None:
    assert named(text, 3) == expected


@pytest.mark.parametrize(("stars", "sign"), [(1, "-"), (5, "+")])
def test_where_the_text_says_nothing_of_somebody_the_stars_do(stars: int, sign: str) -> None:
    assert named("Обслуживала Марина.", stars) == f"/Марина/Марине/{sign}"


@pytest.mark.parametrize(
    ("text", "author", "expected"),
    [
        ("Всё супер, Ольга", "Ольга П.", "-"),
        ("Спасибо Ольге за маникюр", "Ольга П.", "/Ольга/Ольге/+"),
        ("Спасибо, Ольга", "Анна", "/Ольга/Ольге/+"),
    ],
)
def test_the_author_is_none_of_the_staff(text: str, author: str, expected: str) -> None:
    assert named(text, 5, author) == expected


def test_names_of_the_business_and_its_competitors_are_no_people() -> None:
    business = Business(names=("Кафе «Марина»",), competitors=("Жанна",))
    assert named("Марина всегда радует, вкусно.", 5, business=business) == "-"
    assert named("Жанна дороже и хуже.", 5, business=business) == "-"
    assert named("Официантка Марина всегда улыбается.", 5, business=business) == "официантка/Марина/официантке Марине/+"


@pytest.mark.parametrize(
    ("text", "gender"),
    [("Спасибо Марине!", "femn"), ("Спасибо Ильнуру!", "masc"), ("Администратор нахамила.", "femn")],
)
def test_the_gender_is_that_of_the_name_or_the_verb(text: str, gender: str) -> None:
    (person,) = find(text)
    assert person.gender == gender


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Долго искали вход.  Но мастер  Анна — чудо!", "Но мастер  Анна — чудо!"),
        ("Мастер Анна умница, хотя ждать пришлось долго.", "Мастер Анна умница"),
    ],
)
def test_the_quote_goes_from_the_name_to_what_is_said(text: str, quote: str) -> None:
    (person,) = find(text, 5)
    assert person.quote == quote


def test_the_network_decides_about_names_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def persons(text: str) -> list[tuple[int, int]]:
        asked.append(text)
        return [(text.index("Гюльшиде"), text.index("Гюльшиде") + 8)] if "Гюльшиде" in text else []

    monkeypatch.setattr(morph, "persons", persons)
    assert named("Чисто. Спасибо Гюльшиде за массаж!", 5) == "/Гюльшида/Гюльшиде/+"
    assert named("Спасибо Яндодро за доставку!", 5) == "-"
    assert asked == [" Спасибо Гюльшиде за массаж!", "Спасибо Яндодро за доставку!"]


@pytest.mark.parametrize(
    "text", ["Вкусно, спасибо Марине и доктору Ивановой.", "Были в Казани и Минске, Чизкейк так себе.", "Официант хам."]
)
def test_the_network_is_not_asked_about_what_the_words_tell(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(morph, "persons", pytest.fail)
    find(text, 5)


@pytest.mark.parametrize("module", ["slovnet", "navec"])
def test_the_network_is_not_loaded_for_ordinary_names(module: str) -> None:
    code = "from sentiment.analyse import load; assert load().analyse('Спасибо мастеру Анне', 5).people"
    check = f"{code}; import sys; assert {module!r} not in sys.modules"
    subprocess.run([sys.executable, "-W", "error", "-c", check], check=True)


@given(st.text(alphabet="Марине спасибо,.!?«»\n-Ёё\ud800Анна", max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_will_do(text: str) -> None:
    for person in find(text, 5):
        assert person.quote in text
        assert person.dative
