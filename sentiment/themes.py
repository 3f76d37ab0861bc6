"""What a review speaks of, clause by clause: thirteen themes as a table of words.

`*` stands for any ending. `-` before a word: not this one («часто» is no waiting). A theme is named with the
tone of its clause, so «вкусно, но долго» praises the quality and blames the waiting.
"""

from collections.abc import Sequence
from functools import lru_cache

from sentiment.model import Reading
from sentiment.stems import StemTable
from sentiment.text import Clause, Token
from sentiment.types import Theme, ThemeMention, Tone

CLEAR_PULL = 0.35
"""A clause whose tokens together pull less than this says nothing by itself; the stars decide."""

WORDS: dict[Theme, str] = {
    Theme.STAFF: """
        персонал* официант* администратор* продав* продавщ* кассир* менеджер* бармен* бариста мастер мастера мастеру
        мастером врач* доктор* сотрудни* консультант* охранник* повар повара повару обслуживан* обслужил* хам* нахам*
        груб* вежлив* невежлив* приветлив* неприветлив* отзывчив* доброжелательн* дружелюбн* внимательн* коллектив*
        воспитател* тренер* хостес девушка-администратор медсестр* водител* таксист* преподавател* учител* специалист*
        улыбчив* -хамон*
    """,
    Theme.WAITING: """
        ждал* ждем ждать ждут ждешь прождал* дождал* недожда* ожидан* ожидал* очеред* долго дольше медленн* задерж*
        опозд* вовремя быстро быстр* оперативн* -быстров* -ожидания
    """,
    Theme.QUALITY: """
        вкус* невкус* кухн* еда еду еды едой блюд* пицц* бургер* ролл* суши шашлык* кофе десерт* торт* выпечк* салат*
        суп супы борщ* мяс* рыб* свеж* несвеж* остыл* остывш* пересол* сырой сырая пережар* порци* качеств* некачеств*
        брак* дефект* поломк* ремонт* стрижк* маникюр* окрашив* товар* тухл* просроч* шаурм* шаверм*
        завтрак завтраки завтраков завтраками напит* чай лечени* лечил* вылечил* шов швы ткань материал*
    """,
    Theme.CLEANLINESS: """
        чист* грязн* гряз* уборк* убира* убран* неубран* неопрятн* опрятн* пыл* мусор* липк* антисанитар* таракан*
        запах* вонь воня* плесен* волос
    """,
    Theme.PRICE: """
        цен* дорог* дорого дороговат* дешев* недорог* стоимост* ценник* скидк* акци* бюджетн* переплат* завышен*
        -дорога -дороге -дорогу -дороги -дорог -ценят -ценю -ценит -центр* -центов -ценност* -ценн* -акционерн*
    """,
    Theme.ATMOSPHERE: """
        атмосфер* уют* неуют* интерьер* музык* обстановк* шум* шумн* душн* громк* дизайн* комфорт*
        панорам* тесн* -шумоизоляц* -музыкальн* -шумные
    """,
    Theme.DELIVERY: """
        достав* курьер* привез* посылк* самовывоз* упаков* -доставил* -доставля* -доставало
    """,
    Theme.BOOKING: """
        брон* забронир* записался записалась записались записаться запись записи записью предзаказ* резерв*
        -бронз* -бронх*
    """,
    Theme.PAYMENT: """
        оплат* карт* картой наличн* терминал* чек чека чеке чеки счет счета перевод* переводом возврат* списал* списан*
        -картин* -картош* -картон* -картофел* -карточк* -карта -карты
    """,
    Theme.DECEIT: """
        обман* обсчит* обсчет* развод* лохотрон* мошенн* навяз* навязыва* врут врет вранье соврал* подделк*
        недовес* обвес* накрут* -разводят
    """,
    Theme.SAFETY: """
        опасн* безопасн* травм* отрави* отравл* пожар* скользк* обжег* ошпар* упал упала угроз* угрожа* охран*
    """,
    Theme.ASSORTMENT: """
        ассортимент* выбор выбора выбору выбором выборе наличии разнообраз* полки полках
    """,
    Theme.LOCATION: """
        расположен* располож* парковк* припарк* метро остановк* добраться вход въезд* подъезд*
    """,
}


@lru_cache(maxsize=1)
def _table() -> StemTable[Theme]:
    entries: dict[str, Theme | None] = {}
    for theme, words in WORDS.items():
        for word in words.split():
            if word.startswith("-"):
                entries[word[1:]] = None
            else:
                entries.setdefault(word, theme)
    return StemTable(entries)


def find(
    text: str, tokens: Sequence[Token], clauses: Sequence[Clause], reading: Reading, stars: int | None
) -> tuple[ThemeMention, ...]:
    """Every theme once per tone, in the order of the text, with the clause that says it loudest, verbatim."""
    table = _table()
    found: dict[tuple[Theme, Tone], tuple[float, Clause]] = {}
    for clause in clauses:
        themes = {table.find(token.key) for token in tokens[clause.first : clause.last]} - {None}
        if not themes:
            continue
        tone = clause_tone(clause, reading, stars)
        loudness = abs(sum(reading.pull[clause.first : clause.last]))
        for theme in Theme:
            if theme in themes and loudness > found.get((theme, tone), (-1.0, clause))[0]:
                found[theme, tone] = (loudness, clause)
    return tuple(
        ThemeMention(theme, tone, text[clause.start : clause.end]) for (theme, tone), (_, clause) in found.items()
    )


def clause_tone(clause: Clause, reading: Reading, stars: int | None) -> Tone:
    """By the lexicon's words in the clause, then by the model's pull, then by the stars."""
    balance = sum(reading.weights[clause.first : clause.last])
    pull = sum(reading.pull[clause.first : clause.last])
    if balance == 0 and abs(pull) < CLEAR_PULL:
        if stars is None or stars == 3:
            return Tone.NEUTRAL
        return Tone.POSITIVE if stars > 3 else Tone.NEGATIVE
    if balance:
        return Tone.POSITIVE if balance > 0 else Tone.NEGATIVE
    return Tone.NEGATIVE if pull > 0 else Tone.POSITIVE
