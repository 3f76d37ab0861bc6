"""Dangers a person must hear of at once, as rows of a table: a first short list.

A row fires on a trigger word, unless a negation governs it («никто не отравился», «без травм»). Where the row has
`near`, one of these phrases must stand close by in the same sentence; `unless` lists the false friends close by, which
do not count where they are negated («не помогли»). In these `*` stands for any ending, alone for any word, and
`суд|иск` for either; the words of a phrase follow each other without a comma or a dash between them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from sentiment.stems import StemTable
from sentiment.text import Clause, Token
from sentiment.types import Risk, RiskMention

CLOSE = 7
"""Words on either side of the trigger that `near` and `unless` look at."""
NEGATED = frozenset({"не", "ни", "без", "нет", "нету", "никаких", "никакого", "никакой", "никто", "против", "чтобы"})
NEGATION_REACH = 2
"""Words of its own clause before the trigger among which a negation counts."""
NO_NEGATION = frozenset({"только", "просто", "первый", "раз"})
"""Words after «не» that turn it round: «не только отравились»."""
ANOTHER_THOUGHT = re.compile(
    r"(?:по)?совет|рекоменд|прид|прих|пойд|ход|верн|возвра|понрав|нрав|вкусн|свеж|ешь|бер|бра|покуп|заказ|стои|связ|вед"
)
"""Words that keep a «не» to themselves, where the writer spared the comma: «не советую отравление обеспечено»."""
PAST_TENSE = re.compile(r"(?:[аеиоуыя]л|гл|ег)(?:а|о|и)?(?:ся|сь)?$")
"""Triggers that are verbs: a «не» of theirs stands right before them."""
CLAUSE_END = re.compile(r"[,:—–()-]")
"""Between two words: the second starts another clause."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`triggers` are single words; `near` and `unless` are phrases separated by semicolons."""

    risk: Risk
    triggers: str
    near: str = ""
    unless: str = ""


def beside(words: str, others: str, between: int = 2) -> str:
    """Phrases in which a word of `words` and one of `others` stand at most `between` words apart, in either order."""
    one, other = "|".join(words.split()), "|".join(others.split())
    gaps = [" * " * count or " " for count in range(between + 1)]
    return "; ".join(f"{one}{gap}{other}; {other}{gap}{one}" for gap in gaps)


NEIGHBOURS = (
    "рядом напротив около возле недалеко неподалеку соседству соседстве дорогу углом здани* остановк* мимо "
    "работаю работает работал* служу служит"
)
"""Words beside an office that only say where something lies, or who works there."""
HELPED = (
    "помог; помогл*; помогают; спас; спасл*; вылечил*; лечит; лечат; рекомендую; рекомендуем; благодарю; "
    "благодарн*; благодарим"
)
TURNS_TO = (
    "обращ*; обрат*; обраща*; жал*; жалоб*; пожал*; напиш*; написал*; пиш*; пода*; звон*; позвон*; вызва*; вызов*; "
    "вызыва*; пойд*; пойду; иду; сообщ*; отправ*; направ*; приедет; заявлени*; встретимся; увидимся; разбира*"
)
FOOD = (
    "в еде; в салат*; в суп*; в борщ*; в напитк*; в пицц*; в блюд*; в торт*; в каш*; в котлет*; в бургер*; в "
    "хлеб*; в булк*; "
    "в булочк*; в мороженом; в пирож*; в ролл*; в шаурм*; в кофе; в плов*; в тарелк*; в начинк*; в моем; в моей"
)
BODY = (
    "рук*; ног*; нос; палец; пальц*; зуб*; ребр*; голов*; лоб; колен*; губ*; язык*; лиц*; челюст*; ключиц*; "
    "бров*; плеч*"
)
MEALS = (
    "ужина|обеда|завтрака|ланча|ланчей|банкета|фуршета|еды|салат*|суп*|борщ*|солянк*|ролл*|суши|шаурм*|шаверм*|пицц*|бургер*|"
    "рыб*|устриц*|мидий|креветок|мяс*|шашлык*|блюд*|торт*|пирож*|пирог*|десерт*|котлет*|плов*|каш*|паст*|лапш*|куриц*|пельмен*|"
    "молок*|молочк*|кофе|напит*|сырник*|яиц|гриб*|беляш*|чебурек*|хинкал*|хачапури"
)
AFTER_FOOD = f"после {MEALS}; после * {MEALS}; после * * {MEALS}; из-за ваш* {MEALS}; от ваш* {MEALS}"
PARCEL = "посылк*|товар|товары|заказ|заказы|деньги|письмо|письма|сообщени*|фото*|документ*|заявк*|вещ*"
SENT = (
    f"отравил|отравила|отравили|отравить|отравит {PARCEL}|обратно|назад|почтой; отравил|отравила|отравили * {PARCEL}; "
    f"{PARCEL} отравили|отравить|отравлен*; {PARCEL} * отравили|отравить|отравлен*; "
    f"{PARCEL} отравил|отравила вообще|не|мне|в|на|только|через|другой|сразу|вовремя|быстро"
)
"""«Отравил» as a slip of the pen for «отправил»."""

RULES = (
    # --- poisoning
    Rule(
        Risk.POISONING,
        "отрави* отравл* траван* потравил* травились токсикоинфекц*",
        unless="; ".join(
            (
                SENT,
                beside("отрав*", "любов* счастьем жизнь настроени* атмосфер* воздух", 1),
                beside("отрав*", "таракан* клоп* мыш* крыс* собак* кошк*", 1),
                beside("отравл*", "помог помогли помогла вылечил* лечит лечат"),
            )
        ),
    ),
    Rule(
        Risk.POISONING,
        "скорой скорую скорая больниц* госпитал* реанимаци*",
        near=AFTER_FOOD,
        unless=f"на скорую руку; {HELPED}",
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
        unless=f"анализ*; прививк*; вакцин*; словесн*; {HELPED}",
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
        unless=f"глин*; керамик*; гончар*; {HELPED}",
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
        unless=f"гипс снял*; {HELPED}",
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
    Rule(Risk.INJURY, "скорой", near="увезл*; увозил*; увезен*; забрал*; уехал*", unless=HELPED),
    Rule(
        Risk.INJURY,
        "током",
        near="ударил*; бьет; било; шарахнул*; дернул*",
        unless="стати*; электриз*; наэлектриз*; синтетик*; ткан*; одежд*; плать*; кофт*; свитер*; юбк*; футболк*; "
        "шуб*; халат*; носк*; плед*; ковр*",
    ),
    # --- the law
    Rule(
        Risk.LEGAL,
        "суд суда суду судом суде суды иск иска иском исков*",
        near=f"{TURNS_TO}; подам; подаем; в суд; через суд; иск; иском",
        unless=beside("суд суда суду судом суде", NEIGHBOURS) + "; страшн* суд; у суда; до суда",
    ),
    Rule(
        Risk.LEGAL,
        "роспотребнадзор* прокуратур* росздравнадзор* роскомнадзор* санэпид* санстанци* сэс трудинспекци* минздрав*",
        unless="; ".join(
            (
                beside("прокуратур* роспотребнадзор* минздрав* санэпид* сэс", NEIGHBOURS),
                beside("сэс роспотребнадзор* санэпид*", "прошли прошла прошел проходит проходили пройти", 1),
            )
        ),
    ),
    Rule(
        Risk.LEGAL,
        "полиция полицию полиции полицией полицейск* участковому участкового омвд",
        near=f"{TURNS_TO}; наряд; с полицией",
        unless=beside("полици* полицейск* участков* омвд", NEIGHBOURS),
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
        unless=beside("юрист* адвокат*", NEIGHBOURS + " грамотн* профессионал* спасибо") + f"; {HELPED}",
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
        unless="не отравил*; не травмировал*; не обжег*; не обожг*; не ошпарил*; не порезал*; "
        "не поранил*; не упал*; не подавил*",
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
        "трави; обработ*; избав*; вывели; вывел; дезинсекци*; летуч* мыш*; рыбал*; наживк*; зоопарк*; музе*; "
        "зоомагазин*; корм; корма; кормом; "
        + beside("мыш*", "компьютерн* беспроводн* игров* клавиатур* игрушк* игрушечн* кот кошка ловит")
        + "; таракан*|клоп*|мыш*|крыс*|мурав* нет; таракан*|клоп*|мыш*|крыс*|мурав* не видел*|было|бывает|замечен*; "
        "таракан*|клоп*|мыш*|крыс*|мурав* * не видел*|было|бывает|замечен*",
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
        unless="работаю; работает; служу",
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
        StemTable(triggers),
        [_pattern(rule.near) for rule in RULES],
        [_pattern(rule.unless, unless_after="не") for rule in RULES],
    )


def _pattern(phrases: str, unless_after: str = "") -> re.Pattern[str] | None:
    """Any of the phrases, in words separated by single spaces; none that follows the word `unless_after`."""
    entries = dict.fromkeys(" ".join(map(_word, phrase.split())) for phrase in phrases.split(";") if phrase.strip())
    if not entries:
        return None
    guard = f"(?<! {unless_after} )" if unless_after else ""
    return re.compile(f"(?<= ){guard}(?:{'|'.join(entries)})(?= )")


def _word(alternatives: str) -> str:
    """One word of a phrase: `суд*|иск` is either."""
    found = "|".join(map(re.escape, alternatives.split("|")))
    return f"(?:{found})".replace(r"\*", "[^ ,]*")


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
    if _negated(text, tokens, position):
        return False
    first = last = position
    while first > 0 and position - first < CLOSE and not _apart(text, tokens[first - 1], tokens[first]):
        first -= 1
    while last + 1 < len(tokens) and last - position < CLOSE and not _apart(text, tokens[last], tokens[last + 1]):
        last += 1
    around = _as_phrase(text, tokens[first : last + 1])
    near, unless = rules.near[number], rules.unless[number]
    return (near is None or near.search(around) is not None) and (unless is None or unless.search(around) is None)


def _as_phrase(text: str, tokens: Sequence[Token]) -> str:
    """The words between single spaces, a comma word where a clause ends, so that no phrase runs across it."""
    words = [tokens[0].key]
    for before, after in pairwise(tokens):
        words += [",", after.key] if _new_clause(text, before, after) else [after.key]
    return f" {' '.join(words)} "


def _negated(text: str, tokens: Sequence[Token], position: int) -> bool:
    """Whether a «не», «без», «никто» of its own clause governs the word."""
    word = tokens[position].key
    first = position
    while first > 0 and position - first < NEGATION_REACH and not _new_clause(text, tokens[first - 1], tokens[first]):
        first -= 1
    before = [token.key for token in tokens[first:position]]
    if not before or not NEGATED.intersection(before):
        return False
    if before[-1] in NEGATED:
        return True
    # The negation stands two words back.
    between = before[-1]
    if between in NO_NEGATION:
        return False
    if PAST_TENSE.search(word):
        return before[0] == "чтобы"
    return ANOTHER_THOUGHT.match(between) is None


def _new_clause(text: str, before: Token, after: Token) -> bool:
    return _apart(text, before, after) or CLAUSE_END.search(text[before.end : after.start]) is not None


def _apart(text: str, before: Token, after: Token) -> bool:
    """Whether a sentence ends between two neighbouring tokens."""
    gap = text[before.end : after.start]
    return "." in gap or "\n" in gap or ";" in gap or not (before.is_word or before.key.isdigit())
