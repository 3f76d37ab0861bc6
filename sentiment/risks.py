"""Dangers a person must hear of at once, as rows of a table: a first short list.

A row fires on a trigger word, unless a negation stands before it («никто не отравился», «без травм»). Where the row has
`near`, one of these phrases must stand close by in the same sentence; `unless` lists the false friends close by. In all
three `*` stands for any ending; words of a phrase follow each other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sentiment.stems import StemTable
from sentiment.text import Clause, Token
from sentiment.types import Risk, RiskMention

CLOSE = 7
"""Words on either side of the trigger that `near` and `unless` look at."""
NEGATED = frozenset({"не", "ни", "без", "нет", "нету", "никаких", "никакого", "никакой", "никто", "против", "чтобы"})
NEGATION_REACH = 2
"""Words before the trigger among which a negation counts."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`triggers` are single words; `near` and `unless` are phrases separated by semicolons."""

    risk: Risk
    triggers: str
    near: str = ""
    unless: str = ""


NEIGHBOURS = (
    "рядом; напротив; около; возле; недалеко; неподалеку; соседству; через дорогу; за углом; здани*; остановк*; мимо"
)
WORKS_THERE = "работаю; работает; работал*; служу; служит; сотрудник*; форма"
HELPED = "помог*; спас*; вылечил*; спасибо; благодар*; рекоменд*"
TURNS_TO = (
    "обращ*; обрат*; обраща*; жал*; жалоб*; пожал*; напиш*; написал*; пиш*; пода*; звон*; позвон*; вызва*; вызов*; "
    "вызыва*; пойд*; пойду; иду; сообщ*; отправ*; направ*; приедет; заявлени*; встретимся; увидимся; разбира*"
)
FOOD = (
    "в еде; в салат*; в суп*; в борщ*; в напитк*; в пицц*; в блюд*; в торт*; в каш*; в котлет*; в бургер*; в "
    "хлеб*; в булк*; "
    "в булочк*; в мороженом; в пирож*; в ролл*; в шаурм*; в кофе; в плов*; в тарелк*; в начинк*; в моем; в моей"
)
BODY = "рук*; ног*; нос; палец; пальц*; зуб*; ребр*; голов*; лоб; колен*; губ*; язык*; лиц*; челюст*; ключиц*; "
"бров*; плеч*"

RULES = (
    # --- poisoning
    Rule(
        Risk.POISONING,
        "отрави* отравл* траванул* потравил*",
        unless="никто не; любов*; счастьем; жизнь; настроени*; атмосфер*; воздух; газом; таракан*; клоп*; мыш*; крыс*; "
        f"собак*; кошк*; {HELPED}",
    ),
    Rule(
        Risk.POISONING,
        "рвало рвота рвоты рвоту рвотой вырвало стошнило тошнило тошнота тошноты тошноту тошнит",
        near="ночь; ночи; день; дня; утр*; вечер*; после; час*; съел*; поел*; покуш*; ел*; еды; еда; живот*; "
        "температур*; "
        "ребен*; дочь; дочк*; сын*; муж*; жен*; меня; нас; всех; всей",
        unless="тошни* от цен; тошни* от отношени*; тошни* от такого отношени*; тошни* от хамства; крыш*; шаблон*; "
        "из рук; токсикоз*",
    ),
    Rule(
        Risk.POISONING,
        "понос диаре* сальмонел* ротавирус* ботулизм* дизентери* инфекционк*",
        unless="анализ*; прививк*; вакцин*; лечи*; лечат; словесн*",
    ),
    Rule(
        Risk.POISONING,
        "живот живота животом животы желудок желудка желудком",
        near="болел*; болит; болят; заболел*; разболел*; скрутил*; крутил*; прихватил*; расстройств*",
        unless="от смеха; смеял*; смех*; врач*; доктор*; гастроэнтеролог*; массаж*; не болит; не болел*; не заболел*",
    ),
    # --- injury
    Rule(
        Risk.INJURY,
        "травма травмы травму травмой травмировал* травмпункт* травмоопасн* травматичн*",
        unless=f"психологическ*; старой; старая; после травмы; с травмой; спортивн*; реабилитац*; восстанов*; {HELPED}",
    ),
    Rule(
        Risk.INJURY,
        "обжег* обожгл* обжигал* ошпари* ожог ожога ожоги ожогов ожогом",
        unless=f"глин*; керамик*; гончар*; {HELPED}; лечи*",
    ),
    Rule(
        Risk.INJURY,
        "сломал* переломал* порезал* поранил* разбил* рассек* вывихнул* выбил* ушиб*",
        near=f"{BODY}; порезался; порезалась; поранил*",
        unless=f"{HELPED}; телефон*; экран*; ногу сломит",
    ),
    Rule(
        Risk.INJURY,
        "перелом перелома переломы переломом сотрясени* вывих",
        unless=f"лечи*; лечил*; гипс снял*; {HELPED}",
    ),
    Rule(
        Risk.INJURY,
        "поскользнул* упал упала упали рухнул* обрушил* обвалил*",
        near="поскользнул*; лестниц*; ступен*; на голову; со стул*; с кресл*; с горк*; с качел*; на льду; лед; "
        "потолок; "
        "потолк*; штукатурк*; полка; стул; кресло; люстра; вывеска; мокром; скользк*; мокрый пол",
        unless="цены упал*; качество упал*; уровень; чуть не; от смеха",
    ),
    Rule(
        Risk.INJURY, "стекло стекла осколок осколки осколками осколком лезвие гвоздь болт проволок* саморез", near=FOOD
    ),
    Rule(Risk.INJURY, "скорую скорая", near="вызва*; вызыв*; увез*; забра*; приех*; приезжа*", unless="на скорую руку"),
    Rule(Risk.INJURY, "током", near="ударил*; бьет; било; шарахнул*; дернул*"),
    # --- the law
    Rule(
        Risk.LEGAL,
        "суд суда суду судом суде суды иск иска иском исков*",
        near=f"{TURNS_TO}; подам; подаем; в суд; через суд; иск; иском",
        unless=f"{NEIGHBOURS}; страшн* суд; {WORKS_THERE}; у суда; до суда",
    ),
    Rule(
        Risk.LEGAL,
        "роспотребнадзор* прокуратур* росздравнадзор* роскомнадзор* санэпид* санстанци* сэс трудинспекци* минздрав*",
        unless=f"{NEIGHBOURS}; {WORKS_THERE}",
    ),
    Rule(
        Risk.LEGAL,
        "полиция полицию полиции полицией полицейск* участковому участкового омвд",
        near=f"{TURNS_TO}; наряд; с полицией",
        unless=f"{NEIGHBOURS}; {WORKS_THERE}",
    ),
    Rule(
        Risk.LEGAL,
        "жалоба жалобу жалобы жалобой пожалуюсь пожалуемся жаловаться жалуйтесь",
        near="напиш*; напис*; пода*; отправ*; направ*; оставл*; пожалуюсь в; пожалуемся в; жаловаться в; жалуйтесь в; "
        "жалоба в; жалобу в; жалобы в; жалобу на",
        unless="с жалобой на; на боль; на боли; книг*",
    ),
    Rule(
        Risk.LEGAL,
        "юрист юриста юристу юристы юристам юристом адвокат* досудебн* засужу засудим исковое претензию",
        near="обращ*; обрат*; подключ*; мой; мои; моего; моему; наш*; с юрист*; через; засужу; засудим; "
        "исковое; досудебн*; "
        "напис*; напиш*; пода*; направ*; отправ*; вручил*",
        unless=f"{NEIGHBOURS}; {HELPED}; грамотн*; профессионал*",
    ),
    # --- people treated badly
    Rule(Risk.DISCRIMINATION, "дискримин* расист* расизм* нацизм* ксенофоб* чурк* хачи нерусск*"),
    Rule(
        Risk.DISCRIMINATION,
        "национальност* инвалид* колясочник* кавказ* азиат* внешности",
        near="не пуст*; не впуст*; не пропуст*; не пускают; не обслуж*; не прин*; отказ*; выгнал*; унизил*; "
        "оскорб*; прогнал*",
    ),
    Rule(
        Risk.THREAT,
        "угрожал* угрожает угрожают угрожать угрозы угрозами расправой убью сожгу подожгу взорву прирежу покалечу",
        unless="угрозы здоров*; угрозы безопасн*; убью время; убью час; под угрозой",
    ),
    # --- money
    Rule(
        Risk.FRAUD,
        "мошенники мошенник мошенница мошенничеств* мошенническ* лохотрон* аферист* жулики жулье",
        unless="защит* от; звонил* мошенник*; звонк* мошенник*; от мошенник*",
    ),
    Rule(
        Risk.FRAUD,
        "украли украл украла украдено украден своровал* воруют воровали кража кражу воровство обокрали",
        unless="сердц*; внимани*; взгляд*",
    ),
    Rule(
        Risk.FRAUD,
        "обсчитал* обсчитыва* обсчет обсчета обвесил* обвешива* недовес* контрафакт* фальсификат* подделка подделку "
        "поддельн* паленый паленая паленое паленую",
    ),
    Rule(
        Risk.FRAUD,
        "списали списал списала сняли",
        near="деньги дважды; деньги два раза; списали дважды; списали два раза; без моего; без нашего; без спроса; "
        "без согласия; без ведома; лишние деньги; лишние; обманом",
    ),
    # --- children, animals, patients
    Rule(
        Risk.CHILD_HARM,
        "ударил* избил* побил* бьют шлепнул* толкнул* орут орет орала орал наорал* накричал* унижают унижал* заперл*",
        near="на ребен*; ребенка; на детей; детей; на дочь; дочь; дочку; дочери; на сына; сына; сыну; малыша; "
        "на малыша",
    ),
    Rule(
        Risk.CHILD_HARM,
        "ребенок дочь дочка сын малыш ребенка дочку",
        near="отравил*; травмировал*; обжегся; обожглась; обожгся; ошпарил*; порезался; порезалась; поранил*; избил*; "
        "ребенок упал; дочь упала; дочка упала; сын упал; малыш упал; чуть не утонул*; подавил*; рвало; "
        "вырвало; стошнило",
        unless="чтобы; никто не; не отравил*",
    ),
    Rule(
        Risk.ANIMAL_HARM,
        "собака собаку собаки собак кошка кошку кошки кот кота котика котенка котенок щенок щенка питомец "
        "питомца животных "
        "животное пес пса песик хомяк попугай",
        near="погиб*; сдох*; умер; умерла; избива*; избил*; мучают; мучил*; издева*; отравил*; травят; покалечил*; "
        "порезал*; угробил*; загубил*",
        unless=f"не мучают; не издева*; {HELPED}",
    ),
    Rule(
        Risk.MEDICAL_HARM,
        "диагноз диагноза диагнозом",
        near="неправильн*; неверн*; ошибочн*; не тот; ложный",
        unless=HELPED,
    ),
    Rule(
        Risk.MEDICAL_HARM,
        "осложнение осложнения осложнений заражение заразили занесли нагноение воспаление сепсис анафилак* угробили "
        "угробил искалечили изуродовали изуродовала изуродовал покалечили",
        near="осложнени* после; после; получил*; начал*; пошл*; инфекци*; гепатит*; грибок; стафилокок*; "
        "здоровье; зуб*; "
        "лицо; кожу; меня; спину; маму; человека; пациент*",
        unless=HELPED,
    ),
    Rule(Risk.MEDICAL_HARM, "врачебная врачебной врачебную", near="ошибк*; халатност*"),
    # --- the house
    Rule(
        Risk.PESTS,
        "таракан* клоп клопы клопов клопами клопа крыса крысы крыс крысу крысами мышь мыши мышей мышами опарыш* "
        "муравьи муравьев вши блохи моль мокрицы личинки личинка личинок черви червяк червяки червь",
        unless="в голове; от таракан*; от клоп*; от мышей; от крыс; от мурав*; от моли; средств*; уничтож*; травил*; "
        "обработ*; избав*; вывели; вывел; дезинсекци*; летуч* мыш*; компьютерн*; беспроводн*; игров*; "
        "клавиатур*; рыбал*; "
        "наживк*; зоопарк*; музе*; ловит; поймал*; игрушк*; зоомагазин*; корм*; не видел*; не было; не бывает; "
        "не замечен*; "
        "таракан* нет; клоп* нет; мыш* нет; крыс* нет",
    ),
    Rule(
        Risk.FIRE_GAS,
        "пожар пожара пожару пожаром пожароопасн*",
        near="случил*; произош*; начал*; возник*; устроил*; был пожар; чуть не; едва не; при пожаре; "
        "пожароопасн*; в случае",
        unless="как на пожар",
    ),
    Rule(
        Risk.FIRE_GAS, "пожарный пожарная пожарные", near="закрыт*; заперт*; завален*; заставл*; загромо*; не работа*"
    ),
    Rule(
        Risk.FIRE_GAS,
        "возгорание возгорания задымление загорелось загорелась загорелся загорелись замыкание искрит искрят искрило",
        unless="глаз*; желани*; идеей; юмор*; счасть*; талант*; мечт*",
    ),
    Rule(
        Risk.FIRE_GAS,
        "газом газа",
        near="запах; запахом; пахн*; пахло; вонял*; воняет; несет; утечк*; утечка; надышал*",
    ),
    Rule(
        Risk.PUBLICITY,
        "расскажу расскажем напишу напишем выложу выложим опубликую опубликуем распространю разошлю сниму",
        near="соцсет*; соц сет*; социальн* сет*; интернет*; инстаграм*; вконтакте; телеграм*; ютуб*; тикток*; блог*; "
        "канал*; сми; телевидени*; журналист*; паблик*; в группах; во всех группах",
    ),
    Rule(
        Risk.PUBLICITY,
        "журналист* телевидение телевидению телеканал* сми огласке огласку",
        near="обра*; сообщ*; позов*; вызов*; напиш*; свяж*; отправ*; предад*; предам; придам; получит",
        unless=WORKS_THERE,
    ),
)


@dataclass(frozen=True, slots=True)
class _Compiled:
    triggers: StemTable[tuple[int, ...]]
    near: Sequence[re.Pattern[str] | None]
    unless: Sequence[re.Pattern[str] | None]


@lru_cache(maxsize=1)
def _compiled() -> _Compiled:
    """Built at the first review: trigger → numbers of its rules, and the rules' phrases as patterns."""
    triggers: dict[str, tuple[int, ...]] = {}
    for number, rule in enumerate(RULES):
        for trigger in rule.triggers.split():
            triggers[trigger] = (*triggers.get(trigger, ()), number)
    return _Compiled(
        StemTable(triggers), [_pattern(rule.near) for rule in RULES], [_pattern(rule.unless) for rule in RULES]
    )


def _pattern(phrases: str) -> re.Pattern[str] | None:
    """Any of the phrases, in words separated by single spaces."""
    entries = dict.fromkeys(" ".join(phrase.split()) for phrase in phrases.split(";") if phrase.strip())
    if not entries:
        return None
    return re.compile("(?:^| )(?:" + "|".join(entry.replace("*", "[^ ]*") for entry in entries) + ")(?= |$)")


def find(text: str, tokens: Sequence[Token], clauses: Sequence[Clause]) -> tuple[RiskMention, ...]:
    """Every danger the text names, once each, with the clause that names it first, verbatim."""
    rules = _compiled()
    found: dict[Risk, str] = {}
    for position, token in enumerate(tokens):
        for number in rules.triggers.find(token.key) or ():
            risk = RULES[number].risk
            if risk not in found and _holds(rules, number, text, tokens, position):
                clause = next(item for item in clauses if item.first <= position < item.last)
                found[risk] = text[clause.start : clause.end]
    return tuple(RiskMention(risk, quote) for risk, quote in found.items())


def _holds(rules: _Compiled, number: int, text: str, tokens: Sequence[Token], position: int) -> bool:
    first = last = position
    while first > 0 and position - first < CLOSE and not _apart(text, tokens[first - 1], tokens[first]):
        first -= 1
    while last + 1 < len(tokens) and last - position < CLOSE and not _apart(text, tokens[last], tokens[last + 1]):
        last += 1
    before = [token.key for token in tokens[max(first, position - NEGATION_REACH) : position]]
    if NEGATED.intersection(before):
        return False
    around = " ".join(token.key for token in tokens[first : last + 1])
    near, unless = rules.near[number], rules.unless[number]
    return (near is None or near.search(around) is not None) and (unless is None or unless.search(around) is None)


def _apart(text: str, before: Token, after: Token) -> bool:
    """Whether a sentence ends between two neighbouring tokens."""
    gap = text[before.end : after.start]
    return "." in gap or "\n" in gap or ";" in gap or not (before.is_word or before.key.isdigit())
