"""What somebody who saw the desk for the first time found wrong, class by class.

The sentences are invented for these tests, with what must be found in them; none is a customer's.
"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.analyse import load
from sentiment.types import Person, Risk, Theme, Tone, Verdict

ANALYSER = load()
STARS = 2


def tones(verdict: Verdict) -> dict[Theme, set[Tone]]:
    found: dict[Theme, set[Tone]] = {}
    for mention in verdict.themes:
        found.setdefault(mention.theme, set()).add(mention.tone)
    return found


def risks(text: str, stars: int | None) -> set[Risk]:
    return {mention.risk for mention in ANALYSER.analyse(text, stars).risks}


def people(text: str, stars: int | None) -> tuple[Person, ...]:
    return ANALYSER.analyse(text, stars).people


# --- dangers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Официант забрал тарелку и пропал на двадцать минут.",
        "Забрала меню и исчезла, больше её не видели.",
        "Взяли наш заказ и пропали.",
        "Принял заказ на 2 кофе и исчез.",
        "Администратор взяла книгу жалоб и пропала.",
        "Девушка забрала чашки и скрылась на кухне.",
        "Бармен забрал бокалы и пропал.",
        "Бармен забрал стаканы и исчез.",
        "Хостес взяла меню и исчезла.",
        "Курьер забрал пустую посуду и пропал.",
    ],
)
def test_whoever_vanishes_with_a_plate_is_no_swindler(text: str) -> None:
    assert Risk.FRAUD not in risks(text, STARS)


@pytest.mark.parametrize(
    "text",
    [
        "Мастер взял деньги и пропал, телефон отключён.",
        "Внесли предоплату за кухню, фирма исчезла.",
        "Отдала задаток, и больше менеджера никто не видел, номер недоступен.",
        "Оплатили курс, школа закрылась, деньги не вернули.",
    ],
)
def test_whoever_vanishes_with_the_money_still_is(text: str) -> None:
    assert Risk.FRAUD in risks(text, 1)


@pytest.mark.parametrize(
    "text",
    [
        "У ребёнка аллергия на орехи, девушка даже состав не посмотрела.",
        "У ребёнка аллергия на орехи. На кассе закатили глаза.",
        "Сказали, что у сына аллергия на молоко, кассир закатила глаза.",
        "У нашей малышки аллергия на мёд, просили десерт без него.",
        "У внука аллергия на рыбу, в детском меню выбрать нечего.",
    ],
)
def test_an_allergy_that_a_child_has_is_no_harm_done_to_it(text: str) -> None:
    assert Risk.CHILD_HARM not in risks(text, STARS)


@pytest.mark.parametrize(
    "text",
    [
        "Дочь отравилась после вашего салата.",
        "После вашего крема у ребёнка аллергия по всему телу.",
        "Ребёнка обсыпало после торта, скорая еле успела.",
    ],
)
def test_what_harms_a_child_alarms(text: str) -> None:
    assert risks(text, 1)


@pytest.mark.parametrize(
    "text",
    [
        "Брали котлетки на пару и макароны с сыром, себе тёплый салат с печенью. Всё вкусно, спасибо!",
        "Заказали печень по-строгановски, паштет и тёплый салат. Дети ели с аппетитом.",
        "Ели солянку, печень с луком и творожную запеканку, кофе тоже хорош.",
    ],
)
def test_a_dish_in_praise_is_no_poisoning(text: str) -> None:
    assert risks(text, 5) == set()


# --- themes in the wrong sense -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Вкусно, уютно, музыка приятная. Но вечером очередь в гардероб.",
        "Люблю это место! Туалет один, и по вечерам туда очередь.",
        "Шикарные завтраки, но очередь на вход.",
        "Кофе отличный. По утрам очередь до двери.",
        "Всё нравится, только очередь на кассу.",
        "Лучшие пончики города. По выходным очередь.",
        "Прекрасный зал, а к стойке очередь из гостей.",
        "Обожаю вашу выпечку. В обед тут очередь.",
        "Красиво, вкусно. Тесновато, очередь к гардеробу.",
        "Очень душевно! Одна раковина, к ней всегда очередь.",
    ],
)
def test_a_queue_is_no_praise_because_the_author_is_pleased(text: str) -> None:
    assert Tone.POSITIVE not in tones(ANALYSER.analyse(text, 5)).get(Theme.WAITING, set())


@pytest.mark.parametrize("text", ["Очередь движется быстро, молодцы.", "Очередь большая, но кассиры шустрые."])
def test_a_queue_that_moves_may_be_praised(text: str) -> None:
    assert ANALYSER.analyse(text, 5).tone is Tone.POSITIVE


@pytest.mark.parametrize(
    ("text", "stars", "theme"),
    [
        ("Скидки за свой стакан нет.", 4, Theme.PRICE),
        ("Именинникам никаких скидок, обидно.", 4, Theme.PRICE),
        ("Вкусно, но скидку отменили.", 5, Theme.PRICE),
        ("Ни скидки, ни бонуса постоянным гостям.", 4, Theme.PRICE),
        ("Повар молодец, а сдачу официант «забыл».", 5, Theme.PAYMENT),
        ("Всё вкусно, только сдачу не дали.", 5, Theme.PAYMENT),
        ("Милое место, но бармен зажал сдачу.", 4, Theme.PAYMENT),
        ("Кухня хорошая, сдачу 150 рублей прикарманили.", 4, Theme.PAYMENT),
        ("В меню на доске капучино 210, в чеке 260.", 2, Theme.DECEIT),
        ("На ценнике 99, а на кассе 149.", 3, Theme.DECEIT),
        ("На сайте суп 300, а по чеку 380.", 2, Theme.DECEIT),
        ("Пробили 450 вместо 390.", 3, Theme.DECEIT),
    ],
)
def test_what_is_kept_back_or_dearer_than_written_is_blamed(text: str, stars: int, theme: Theme) -> None:
    assert tones(ANALYSER.analyse(text, stars)).get(theme) == {Tone.NEGATIVE}


@pytest.mark.parametrize(
    ("text", "stars", "theme"),
    [
        ("Официантка протёрла стол тряпкой, и аппетит пропал.", 4, Theme.BOOKING),
        ("Нам вытерли стол, настроение пропало.", 2, Theme.BOOKING),
        ("Ужас! Идите лучше в кафе напротив, там скидка.", 1, Theme.PRICE),
        ("Лучше сходите в кофейню за углом, там акция на латте.", 1, Theme.PRICE),
        ("В столовой через дорогу и скидки, и порции больше.", 2, Theme.PRICE),
        ("Хорошие роллы для кафе, где в меню и каша и борщ.", 4, Theme.CLEANLINESS),
        ("Ждали кофе двадцать минут, бариста болтал по телефону.", 1, Theme.QUALITY),
        ("Чай ждали полчаса.", 2, Theme.QUALITY),
        ("Пиццу ждали целый час.", 1, Theme.QUALITY),
        ("Приехала за тортом, а торта нет.", 1, Theme.QUALITY),
        ("Заказанный торт потеряли.", 1, Theme.QUALITY),
        ("Салат не принесли вообще.", 2, Theme.QUALITY),
    ],
)
def test_a_theme_is_not_heard_in_words_of_another_sense(text: str, stars: int, theme: Theme) -> None:
    assert theme not in tones(ANALYSER.analyse(text, stars))


@pytest.mark.parametrize(
    "text",
    [
        "Розетки у столов, никто не смотрит косо, если сидишь долго.",
        "Никто не косится, когда приходишь с ребёнком.",
        "Тут никто не смотрит свысока.",
        "С собакой пускают, никто косо не смотрит.",
    ],
)
def test_staff_that_nobody_blames_is_not_blamed(text: str) -> None:
    assert Tone.NEGATIVE not in tones(ANALYSER.analyse(text, 5)).get(Theme.STAFF, set())


@pytest.mark.parametrize(
    "text",
    [
        "Столик отдали другим, ждали час. Еда нормальная.",
        "Хамят на входе. Кофе неплохой.",
        "Обслуживание ужасное. Суп нормальный.",
        "Сквозит, грязно. Пирожки хорошие.",
        "Счёт принесли через полчаса. Десерт отличный.",
        "Девушка нагрубила. Выпечка вкусная.",
    ],
)
def test_a_dish_called_good_is_not_blamed_because_of_few_stars(text: str) -> None:
    assert Tone.NEGATIVE not in tones(ANALYSER.analyse(text, STARS)).get(Theme.QUALITY, set())


def test_the_waiting_that_is_shouted_is_a_theme_with_its_quote() -> None:
    verdict = ANALYSER.analyse("Ждали две шаурмы 40 минут!!! Дали холодные, девушка закатила глаза.", 1)
    first = verdict.themes[0]
    assert (first.theme, first.tone, first.quote) == (Theme.WAITING, Tone.NEGATIVE, "Ждали две шаурмы 40 минут!!!")


# --- people ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Раф с халвой топчик",
        "Раф супер, беру каждый день",
        "Раф на кокосовом прекрасен",
        "Раф лучший в городе!",
        "Люблю утро здесь. Раф отличный",
        "Маргарита с базиликом супер",
        "Маргарита вкусная, тесто тонкое",
        "Шарлотта с корицей прекрасна",
        "Раф ароматный, круассан свежий",
        "Роза вкусная, пирожное нежное",
    ],
)
def test_a_dish_with_a_name_is_nobody(text: str) -> None:
    assert people(text, 5) == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Бариста Раф просто супер", "Раф"),
        ("Спасибо Рафу за советы!", "Раф"),
        ("Раф внимательный, всё подсказал", "Раф"),
        ("Мастер Маргарита чудо", "Маргарита"),
        ("Маргарита приветливая и внимательная", "Маргарита"),
        ("Спасибо Маргарите за праздник", "Маргарита"),
    ],
)
def test_somebody_with_the_name_of_a_dish_is_somebody(text: str, name: str) -> None:
    assert [person.name for person in people(text, 5)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Врач скорой сказал, что это отравление.",
        "Ужас! Доктор скорой подтвердил отравление.",
        "В травмпункте хирург сказал: перелом.",
        "Вызвали скорую, фельдшер поставила отравление.",
        "В инфекционке врач сказал, что дело в рыбе.",
        "Попал в больницу, врач назвал причину: ваш салат.",
        "Врач неотложки только развёл руками.",
    ],
)
def test_the_doctor_of_the_ambulance_is_none_of_the_business(text: str) -> None:
    assert people(text, 1) == ()


@pytest.mark.parametrize("text", ["Врач нахамил и выгнал из кабинета.", "Ужасный врач, грубит пациентам."])
def test_the_doctor_who_is_rude_here_is_blamed(text: str) -> None:
    assert [person.role for person in people(text, 1)] == ["врач"]


# --- quotes ------------------------------------------------------------------------------------------------

PAIRS = (("«", "»"), ("„", "“"))


def quotes(verdict: Verdict) -> list[str]:
    return [
        *(item.quote for item in verdict.themes),
        *(item.quote for item in verdict.risks),
        *(item.quote for item in verdict.people),
        *(item.phrase for item in verdict.evidence),
    ]


def balanced(quote: str) -> bool:
    return quote.count('"') % 2 == 0 and all(quote.count(one) == quote.count(other) for one, other in PAIRS)


@pytest.mark.parametrize(
    "text",
    [
        "Спросил про цену, говорят «меню старое, не успели поменять». Неприятно.",
        "Приезжаю забирать, а торта нет: «заказ потерялся». Деньги обещали «на днях».",
        'Официантка закатила глаза и говорит "кухня одна, а вас много". Больше ни ногой.',
        "Администратор ответила: «Вы читать умеете? Там всё написано». Хамство!",
        'Просили убавить, ответ: "пульт у директора". Холодно.',
        "На жалобу сказали: «ну вы же не в ресторан пришли, чего вы ждали». Ужас.",
        "Кафе «Ромашка» разочаровало, «лучший борщ» оказался водой, ждали час.",
        "Девушка шепнула: „у нас кухня новая, потерпите“, а терпеть не хочется.",
        "Мастер заявил «сами виноваты, надо было смотреть» и ушёл курить.",
        'Счёт "забыли", сдачу "потеряли", официант хамит.',
    ],
)
@pytest.mark.parametrize("stars", [1, 4, None])
def test_a_quote_has_both_of_its_quotation_marks(text: str, stars: int | None) -> None:
    found = quotes(ANALYSER.analyse(text, stars))
    assert [quote for quote in found if not balanced(quote)] == []
    assert all(quote in text for quote in found)


PIECES = st.sampled_from(
    ("«ужас»", "«хамят, грубят»", "«ждали. час»", "ждали час,", "суп холодный", ".", "!", "—", "и")
)


@given(st.lists(PIECES, max_size=30))
def test_where_the_author_closes_his_quotation_marks_every_quote_does(words: list[str]) -> None:
    text = " ".join(words)
    assert all(balanced(quote) for quote in quotes(ANALYSER.analyse(text, 1)))


@pytest.mark.parametrize(
    ("text", "scrap"),
    [
        ("Упала у входа. Администратор вместо того, чтобы помочь, объясняла мне правила.", "чтобы помочь"),
        ("Официант вместо того, чтобы извиниться, нагрубил нам.", "чтобы извиниться"),
        ("Позвонил и узнал, что заказа моего нет вообще.", "что заказа моего нет вообще"),
        ("Обидела кассирша, которая накричала на маму.", "которая накричала на маму"),
        ("Менеджер сделал так, чтобы мы ушли голодные и злые.", "чтобы мы ушли голодные и злые"),
        ("Дошло до того, что хамить начали всем гостям.", "что хамить начали всем гостям"),
        ("Нам сказали прямо, что ждать бесполезно.", "что ждать бесполезно"),
        ("Разочаровала тарелка, которую никто не помыл.", "которую никто не помыл"),
    ],
)
def test_a_clause_that_hangs_on_another_is_quoted_with_it(text: str, scrap: str) -> None:
    found = quotes(ANALYSER.analyse(text, 1))
    assert scrap not in found
    assert all(not quote.endswith((" того", " так")) for quote in found)


@pytest.mark.parametrize(
    ("text", "hollow"),
    [
        ("Показал волос администратору, она ушла. Это вообще как?", "Это вообще как?"),
        ("Суп холодный, хамят. Ну и что это?", "Ну и что это?"),
        ("Нагрубили на кассе. Вот так вот!", "Вот так вот!"),
        ("Обсчитали нас. Почему так?", "Почему так?"),
    ],
)
def test_a_phrase_that_says_nothing_is_no_evidence(text: str, hollow: str) -> None:
    assert hollow not in [item.phrase for item in ANALYSER.analyse(text, 1).evidence]


@pytest.mark.parametrize(
    ("text", "praise"),
    [
        ("Эклер вчерашний, заветренный. Заменили, за это спасибо, но осадок остался.", "за это спасибо"),
        ("Хамят и грубят, ждали час. Терраса красивая.", "Терраса красивая"),
        ("Салаты вкусные были. Официант перестал к нам подходить, холодно.", "Салаты вкусные были"),
        ("Обсчитали и не извинились. Уютно, да.", "Уютно, да"),
    ],
)
def test_praise_is_no_evidence_of_blame(text: str, praise: str) -> None:
    assert praise not in [item.phrase for item in ANALYSER.analyse(text, STARS).evidence if item.weight > 0]


def test_a_time_and_a_price_are_not_cut_in_two() -> None:
    text = "Оформил доставку на их сайте в 18:40. Привезли в 21:15, хамили, взяли 1.500 рублей."
    found = quotes(ANALYSER.analyse(text, 1))
    assert not any(quote.endswith((" 18", " 21", " 1")) for quote in found)


def test_no_evidence_stands_within_another() -> None:
    verdict = ANALYSER.analyse("Девушка закатила глаза: «Вы читать умеете? Там всё написано». Ужасно, ужасно.", 1)
    phrases = sorted((item.phrase for item in verdict.evidence), key=len)
    assert not any(one in other for one, other in pairwise(phrases))
