"""Forty invented reviews with what an analysis would say of them: what templates are tried on.

Nobody wrote these texts. Together they lead to every frame and hold every theme praised and blamed, every danger,
every intent that changes a reply, every site, authors with and without a first name, and an attack. They suit any
sector, more or less: they are judged by hand here, not by the analysis.
"""

from dataclasses import dataclass

from responders.types import Brand, Fault, Situation
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


@dataclass(frozen=True, slots=True)
class Sample:
    """`name` is for people, in Russian. `tone`, `flagged`, `uncertain` and `conflict` are the verdict's; the other
    fields are those of `Situation` and `Verdict`."""

    name: str
    stars: int | None
    text: str
    author: str
    source: str
    themes: tuple[ThemeMention, ...] = ()
    risks: tuple[RiskMention, ...] = ()
    intents: tuple[IntentMention, ...] = ()
    people: tuple[Person, ...] = ()
    tone: Tone = Tone.POSITIVE
    flagged: bool = False
    uncertain: bool = False
    conflict: bool = False
    fault: Fault = Fault.UNCONFIRMED
    measure: str = ""
    earlier: int = 0


_PULLS = {Tone.NEGATIVE: 0.8, Tone.NEUTRAL: 0.0, Tone.POSITIVE: -0.8}
"""What the words that name a theme weigh."""


def situations(brand: Brand) -> list[Situation]:
    """The samples as reviews of this business, in the order of `SAMPLES`."""
    place = brand.places[0] if brand.places else ""
    return [_situation(sample, f"sample/{number}", place, brand) for number, sample in enumerate(SAMPLES, start=1)]


def _situation(sample: Sample, key: str, place: str, brand: Brand) -> Situation:
    verdict = Verdict(
        tone=sample.tone,
        probabilities=None,
        flagged=sample.flagged,
        uncertain=sample.uncertain,
        conflict=sample.conflict,
        themes=sample.themes,
        risks=sample.risks,
        evidence=tuple(Evidence(item.quote, _PULLS[item.tone]) for item in sample.themes),
        people=sample.people,
        intents=sample.intents,
    )
    return Situation(
        key=key,
        source=sample.source,
        place=place,
        brand=brand,
        stars=sample.stars,
        text=sample.text,
        author=sample.author,
        verdict=verdict,
        fault=sample.fault,
        measure=sample.measure,
        earlier=sample.earlier,
    )


def _good(theme: Theme, quote: str, kind: str = "", of: str = "") -> ThemeMention:
    return ThemeMention(theme, Tone.POSITIVE, quote, of, f"{theme}.{kind}")


def _bad(theme: Theme, quote: str, kind: str = "", of: str = "") -> ThemeMention:
    return ThemeMention(theme, Tone.NEGATIVE, quote, of, f"{theme}.{kind}")


def _danger(name: str, stars: int, risk: Risk, text: str, author: str, *, source: str) -> Sample:
    return Sample(name, stars, text, author, source, risks=(RiskMention(risk, text),), tone=Tone.NEGATIVE, flagged=True)


def _complaint(
    name: str,
    stars: int | None,
    text: str,
    author: str,
    source: str,
    *themes: ThemeMention,
    intents: tuple[IntentMention, ...] = (),
    fault: Fault = Fault.UNCONFIRMED,
    measure: str = "",
    earlier: int = 0,
) -> Sample:
    return Sample(
        name,
        stars,
        text,
        author,
        source,
        themes,
        intents=intents,
        tone=Tone.NEGATIVE,
        flagged=True,
        fault=fault,
        measure=measure,
        earlier=earlier,
    )


_GOOGLE, _YANDEX, _TWOGIS, _OTZOVIK, _IRECOMMEND = (
    "google_business", "yandex_maps", "twogis", "otzovik", "irecommend",
)  # fmt: skip

_ATTACK = '<script>alert(1)</script> {{ 7*7 }} {% raw %} "><img src=x onerror=alert(1)> \u202eполный кошмар'

SAMPLES: tuple[Sample, ...] = (
    Sample("Похвала в два слова", 5, "Всё супер", "Ольга", _YANDEX),
    Sample(
        "Похвала персоналу, автор без имени", 5, "Очень вежливые сотрудники!", "vkusno_77", _TWOGIS,
        (_good(Theme.STAFF, "Очень вежливые сотрудники", "polite"),),
    ),
    Sample(
        "Похвала мастеру по имени", 5,
        "Мастер Марина просто золото: внимательная, всё объяснила. И Олегу спасибо за помощь.", "Анна К.", _GOOGLE,
        (_good(Theme.STAFF, "внимательная, всё объяснила", "attentive"),),
        people=(
            Person("мастер", "Марина", "мастеру Марине", "femn", Tone.POSITIVE, "Мастер Марина просто золото"),
            Person("", "Олег", "Олегу", "masc", Tone.POSITIVE, "И Олегу спасибо за помощь"),
        ),
    ),
    Sample(
        "Длинная похвала: результат, чистота, цены", 5,
        "Выбирали долго, читали отзывы и не пожалели. Сделали всё на совесть, результатом очень довольны. Кругом "
        "идеальная чистота, ни пылинки. И цены приятные, за такую работу в других местах просят вдвое больше. "
        "Обязательно расскажу на работе: коллеги давно ищут, куда обратиться, чтобы потом не переделывать заново.",
        "Игорь Петров", _YANDEX,
        (
            _good(Theme.QUALITY, "Сделали всё на совесть", "work-done", "work"),
            _good(Theme.CLEANLINESS, "Кругом идеальная чистота", "clean"),
            _good(Theme.PRICE, "И цены приятные", "worth"),
        ),
    ),
    Sample(
        "Длинная похвала: обстановка, место, скорость", 5,
        "Зашли случайно и теперь всем знакомым рассказываем. Уютный интерьер, тихая музыка, хочется остаться подольше. "
        "Найти легко, от метро две минуты пешком. И ждать почти не пришлось, всё быстро, хотя людей было много. "
        "Сели у окна, выдохнули после тяжёлой недели и поехали домой в прекрасном настроении.",
        "Мама двоих", _TWOGIS,
        (
            _good(Theme.ATMOSPHERE, "Уютный интерьер, тихая музыка", "cosy"),
            _good(Theme.LOCATION, "от метро две минуты пешком", "near"),
            _good(Theme.WAITING, "И ждать почти не пришлось, всё быстро", "quick"),
        ),
    ),
    Sample(
        "Длинная похвала: запись, выбор, доставка", 5,
        "Дозвонились с первого раза, записали на удобное время и ничего не перепутали. Выбор огромный, глаза "
        "разбегаются, всё есть в наличии. Доставку оформили тут же, привезли точно в срок, курьер помог поднять. "
        "Боялась хлопот, а вышло спокойно: за весь день ни одного лишнего звонка и ни одной накладки.",
        "Светлана", _OTZOVIK,
        (
            _good(Theme.BOOKING, "Дозвонились с первого раза", "reached-easily"),
            _good(Theme.ASSORTMENT, "Выбор огромный", "choice"),
            _good(Theme.DELIVERY, "привезли точно в срок", "delivery-good"),
        ),
    ),
    Sample(
        "Длинная похвала: оплата, честность, безопасность", 5,
        "Сразу назвали полную сумму, и в конце она не выросла ни на рубль, всё честно. Оплатить можно и картой, и по "
        "коду, чек пришёл сразу. Отдельно отмечу безопасность: вход под присмотром, за детей спокойно. "
        "Редко где всё так понятно с первого раза, поэтому советую и родителям, и соседям по дому.",
        "Нурлан", _IRECOMMEND,
        (
            _good(Theme.DECEIT, "всё честно", "honest"),
            _good(Theme.PAYMENT, "Оплатить можно и картой, и по коду", "cards"),
            _good(Theme.SAFETY, "за детей спокойно", "safe"),
        ),
    ),
    Sample(
        "Похвала с вопросом, анализ не уверен", 5, "Всё понравилось. А по воскресеньям вы работаете?", "Дарья", _YANDEX,
        intents=(IntentMention(Intent.QUESTION, "А по воскресеньям вы работаете?"),), uncertain=True,
    ),
    Sample(
        "Похвала без оценки, с предложением, автор пишет не впервые", None,
        "Как всегда на высоте. Хорошо бы ещё повесить указатель у входа.", "Виктор Степанович", _OTZOVIK,
        intents=(IntentMention(Intent.SUGGESTION, "Хорошо бы ещё повесить указатель у входа."),), earlier=2,
    ),
    Sample(
        "Похвала в отзыве об утрате", 5,
        "Заказывали поминки по отцу. Всё прошло достойно, спасибо сотрудникам за деликатность.", "Елена", _GOOGLE,
        (_good(Theme.STAFF, "спасибо сотрудникам за деликатность", "polite"),),
    ),
    Sample("Пять звёзд без слов", 5, "", "Рустам", _GOOGLE),
    Sample(
        "Похвала с замечанием", 4, "Всё хорошо, но в очереди стояли минут двадцать.", "Ирина С.", _YANDEX,
        (_bad(Theme.WAITING, "но в очереди стояли минут двадцать", "queue"),), conflict=True,
    ),
    Sample(
        "Похвала с недостатком в особой строке", 5,
        "Достоинства: добрые сотрудники, удобное место.\nНедостатки: шумно, музыка слишком громкая.", "tanya-1985",
        _OTZOVIK,
        (
            _good(Theme.STAFF, "добрые сотрудники", "polite"),
            _bad(Theme.ATMOSPHERE, "шумно, музыка слишком громкая", "noise"),
        ),
    ),
    Sample(
        "Высокая оценка, непонятно, доволен ли автор", 4, "Ну такое", "Алексей", _TWOGIS,
        tone=Tone.NEUTRAL, uncertain=True,
    ),
    Sample(
        "Добрые слова и одна звезда", 1, "Прекрасное место, всем советую!", "Гульнара", _IRECOMMEND,
        flagged=True, conflict=True,
    ),
    Sample("Одна звезда без слов", 1, "", "Максим", _YANDEX, tone=Tone.NEGATIVE, flagged=True),
    _complaint(
        "Короткая жалоба на грубость", 1, "Нахамили прямо у входа.", "Пётр", _TWOGIS,
        _bad(Theme.STAFF, "Нахамили прямо у входа", "rude"),
    ),
    _complaint(
        "Длинная жалоба: ожидание, работа, грязь", 2,
        "Приехали к назначенному времени и ждали ещё сорок минут, никто даже не извинился. Сделали кое-как, дома "
        "пришлось переделывать самим. На полу грязь и мусор, хотя было утро. Ожидали совсем другого: "
        "столько хорошего читали, специально ехали через весь город, отпросились с работы и зря потеряли целый день.",
        "Наталья В.", _YANDEX,
        _bad(Theme.WAITING, "ждали ещё сорок минут", "late"),
        _bad(Theme.QUALITY, "Сделали кое-как", "work-badly", "work"),
        _bad(Theme.CLEANLINESS, "На полу грязь и мусор", "dirt"),
    ),
    _complaint(
        "Длинная жалоба: цены, расчёт, скрытые условия", 1,
        "На сайте одна цена, на месте совсем другая: про доплату заранее никто не предупредил. Для такого уровня "
        "очень дорого. В чеке две лишние строки, нашли их только дома, а спросить уже не у кого. "
        "Дело даже не в самих деньгах, а в том, что чувствуешь себя человеком, которого водят за нос.",
        "Сергей Николаевич", _GOOGLE,
        _bad(Theme.DECEIT, "про доплату заранее никто не предупредил", "hidden"),
        _bad(Theme.PRICE, "Для такого уровня очень дорого", "dear"),
        _bad(Theme.PAYMENT, "В чеке две лишние строки", "bill"),
    ),
    _complaint(
        "Длинная жалоба: доставка, бронь, выбор", 2,
        "Бронировали за неделю, а нашу бронь просто потеряли. Решили заказать домой: доставка опоздала на полтора "
        "часа, коробка мятая. И половины того, что обещано на сайте, нет в наличии, выбирать не из чего. "
        "В итоге праздник встретили кое-как, настроение испорчено, и гостям до сих пор неловко в глаза смотреть.",
        "foxy_lady", _OTZOVIK,
        _bad(Theme.BOOKING, "нашу бронь просто потеряли", "booking-lost"),
        _bad(Theme.DELIVERY, "доставка опоздала на полтора часа", "delivery-late"),
        _bad(Theme.ASSORTMENT, "нет в наличии, выбирать не из чего", "out-of-stock"),
    ),
    _complaint(
        "Длинная жалоба: духота, парковка, скользко", 3,
        "Внутри душно и шумно, посидеть спокойно не получилось. Парковки нет вообще, кружили по дворам полчаса. И пол "
        "у входа скользкий, без коврика: я едва удержалась на ногах. Место неплохое, только думать надо о людях. "
        "Я была с пожилой мамой, ей пришлось особенно тяжело, и второй раз она сюда уже точно не поедет.",
        "Алина", _IRECOMMEND,
        _bad(Theme.ATMOSPHERE, "Внутри душно и шумно", "air"),
        _bad(Theme.LOCATION, "Парковки нет вообще", "parking-none"),
        _bad(Theme.SAFETY, "И пол у входа скользкий", "slippery"),
    ),
    _complaint(
        "Жалоба с требованием вернуть деньги, уже вторая", 1, "Верните деньги, за такое платить нельзя!", "Лейла",
        _YANDEX, _bad(Theme.PAYMENT, "Верните деньги", "refund"),
        intents=(IntentMention(Intent.REFUND, "Верните деньги, за такое платить нельзя!"),), earlier=1,
    ),
    _complaint(
        "Жалоба без оценки с просьбой перезвонить", None, "Трубку никто не берёт, перезвоните мне наконец.", "Антон",
        _OTZOVIK, _bad(Theme.BOOKING, "Трубку никто не берёт", "nobody-answers"),
        intents=(IntentMention(Intent.CONTACT, "перезвоните мне наконец."),),
    ),
    _complaint(
        "Вина подтверждена, мера названа", 2,
        "Записали на десять, приняли в одиннадцать, и никто ничего не объяснил. Администратор только пожала плечами.",
        "Юлия", _GOOGLE,
        _bad(Theme.WAITING, "приняли в одиннадцать", "late"),
        _bad(Theme.STAFF, "Администратор только пожала плечами", "indifferent"),
        fault=Fault.CONFIRMED, measure="Поставили второго администратора на утро.",
    ),
    _complaint(
        "Вина подтверждена, мера пока не названа", 1, "Сломалось на второй день.", "Григорий", _TWOGIS,
        _bad(Theme.QUALITY, "Сломалось на второй день", "goods-broken", "goods"), fault=Fault.CONFIRMED,
    ),
    _complaint(
        "Проверено, нашей вины нет", 1, "Обещали перезвонить и пропали на неделю, так дела не делают.", "Кирилл",
        _YANDEX, _bad(Theme.BOOKING, "Обещали перезвонить и пропали на неделю", "nobody-answers"), fault=Fault.DENIED,
    ),
    _complaint(
        "Отзыв не о нас", 1, "Были у вас на третьем этаже торгового центра, продавец швырнул мне сдачу.", "Зоя",
        _TWOGIS, _bad(Theme.STAFF, "продавец швырнул мне сдачу", "rude"),
        intents=(IntentMention(Intent.WRONG_PLACE, "Были у вас на третьем этаже торгового центра"),),
    ),
    _complaint(
        "Взлом вместо отзыва: разметка и код", 1, _ATTACK, "<b>{{ config }}</b>", _YANDEX,
        _bad(Theme.STAFF, _ATTACK, "rude"),
    ),
    _danger(
        "Опасность: отравление", 1, Risk.POISONING, "После вашего обеда всю ночь рвало, вызывали скорую.", "Анна К.",
        source=_YANDEX,
    ),
    _danger("Опасность: травма", 2, Risk.INJURY, "Упала на мокром полу и сломала руку.", "Вера", source=_TWOGIS),
    _danger(
        "Опасность: вред от лечения", 1, Risk.MEDICAL_HARM,
        "После процедуры ожог на пол-лица, теперь лечусь у другого врача.", "marina_k", source=_GOOGLE,
    ),
    _danger(
        "Опасность: суд", 1, Risk.LEGAL, "Подаю на вас в суд и пишу в Роспотребнадзор.", "Евгений", source=_OTZOVIK,
    ),
    _danger(
        "Опасность: дискриминация", 1, Risk.DISCRIMINATION, "Нас не обслужили из-за национальности.", "Фарида",
        source=_IRECOMMEND,
    ),
    _danger(
        "Опасность: угроза расправы", 1, Risk.THREAT, "Вечером приду и разнесу вам всё, готовьтесь.", "",
        source=_YANDEX,
    ),
    _danger(
        "Опасность: мошенничество", 1, Risk.FRAUD, "Списали с карты дважды и второй раз отрицают, это мошенники.",
        "Роман", source=_TWOGIS,
    ),
    _danger(
        "Опасность: вред ребёнку", 1, Risk.CHILD_HARM, "Ребёнку прищемило пальцы сломанной дверью.", "Оксана",
        source=_GOOGLE,
    ),
    _danger(
        "Опасность: вред животному", 2, Risk.ANIMAL_HARM, "Нашей собаке у вас порезали ухо, еле остановили кровь.",
        "Тимур", source=_YANDEX,
    ),
    _danger(
        "Опасность: насекомые, оценка средняя", 3, Risk.PESTS, "По стене у стойки бегал таракан, и не один.",
        "Галина", source=_OTZOVIK,
    ),
    _danger(
        "Опасность: запах газа в похвале", 5, Risk.FIRE_GAS, "Всё понравилось, только в коридоре сильно пахло газом.",
        "Людмила", source=_TWOGIS,
    ),
    _danger(
        "Опасность: огласка", 1, Risk.PUBLICITY, "Завтра всё это будет у журналистов и в блоге.", "Станислав",
        source=_IRECOMMEND,
    ),
)  # fmt: skip
"""In the order in which a person would look through them: praise, praise with a but, complaints, dangers."""
