"""The Russian of a reply: «Вы», no shouting, no officialese, no slips of typing and of copying."""

import re
from collections.abc import Iterator

from responders.choose import has_text
from responders.lint.rule import HINT, WARNING, Hit, Rule, folded, lowered, matches, phrases, quoted
from responders.similarity import normal
from responders.types import Situation
from sentiment.types import Theme, Tone

_PARROT = 6
"""Words in a row; shorter runs coincide."""
_CEREMONY = 4
"""Sentences from which on a reply is a letter and wants a greeting."""
_HABIT = 3
"""Replies in a row."""
_TELLING = 15
"""Words; a longer review gives something to answer."""

_CAPITALS = re.compile(r"\b[А-ЯЁA-Z]{4,}\b")
_WORD = re.compile(r"\w+")
_LETTERS = re.compile(r"[A-Za-zА-Яа-яЁё]+")
_LATIN_LOOKALIKES = frozenset("aceopxyABCEHKMOPTXykiu")
_SENTENCE = re.compile(r"[^\s.!?…][^\n]*?(?:[.!?…]{1,9}(?=\s|$)|$)", re.MULTILINE)
_HELLO = re.compile(
    r"\b(?:здравствуйте|добр(?:ый|ого|ое) (?:день|вечер|утро|времени суток)|доброе утро|приветствуем)\b"
)
_GREETED = re.compile(
    rf"(?i:{_HELLO.pattern}|\bуважаем\w{{2}}\b|\bдорог(?:ой|ая|ие)\b)|^[А-Я][а-я]+(?: [А-Я][а-я]+)?[,!]"
)
_PLURAL_ONLY = (
    r"(?:был[ао]?|остал(?:ся|ась)|приш(?:ел|ла)|написала?|сделала?|заказала?|хотела?|решила?|выбрала?|поделил(?:ся|ась)"
    r"|посетила?|обратил(?:ся|ась)|оценила?|отметила?|столкнул(?:ся|ась)|получила?|ждала?|наш(?:ел|ла)|смогл?а?"
    r"|рассказала?"
    r"|заметила?|указала?|уделила?|приехала?|купила?|остановил(?:ся|ась)|доверила?|потратила?|сообщила?|провела?)\b"
)
_SHORT_FORM = (
    r"(?:довольна|доволен|рада?|уверена?|готова?|согласен|согласна|прав|права(?! (?:не|име|потреб))|должна|должен"
    r"|расстроена?"
    r"|огорчена?|разочарована?|удивлена?|вынужден|вынуждена)\b"
)
_GENDERED_TITLE = re.compile(r"\b([Уу]важаем|[Дд]орог)(ый|ой|ая),? ([А-Я][а-я]{1,20})\b")
_STRAIGHT = re.compile(r"\"[^\"\n]{1,80}\"|“[^”\n]{1,80}”")

# What stands in any reply: the first five letters of each word.
# fmt: off
_FORMULA = frozenset(
    {
        "а", "адрес", "благо", "более", "больш", "больше", "буде", "будем", "будет", "бы", "быть", "в", "важен",
        "важно", "вам", "вами", "вас", "ваш", "ваша", "ваше", "ваши", "вашу", "вечер", "видет", "вклад",
        "внима", "возвр", "вопро", "впеча", "время", "все", "всегд", "всего", "всей", "всем", "встре", "вся",
        "вы", "выбор", "выбра", "высок", "высшу", "выясн", "гости", "гость", "гостя", "готов", "да", "дальш",
        "делаем", "делать", "день", "для", "до", "добро", "добры", "довер", "довол", "дорог", "дорож", "доста",
        "дости", "если", "есть", "еще", "жаль", "ждем", "же", "жела", "за", "забот", "здоро", "здрав", "и",
        "из", "извин", "или", "искре", "к", "каждо", "каждог", "каждый", "как", "карточ", "кафе", "качес",
        "клиен", "клини", "когда", "колле", "коман", "компа", "комфо", "контак", "котор", "который", "ли",
        "лояль", "лучше", "любой", "магаз", "мнени", "можем", "может", "можно", "мотив", "мы", "на", "надее",
        "надеж", "нам", "нами", "напиш", "нас", "настр", "наш", "наша", "наше", "нашей", "нашел", "нашем",
        "наши", "нашли", "нашу", "не", "неприя", "нет", "неудо", "но", "новых", "номер", "о", "об", "обрат",
        "обслу", "обяза", "огром", "опять", "остав", "остал", "от", "отзыв", "отлич", "оценк", "очень", "пацие",
        "перед", "персо", "по", "подде", "подел", "пожал", "позво", "покуп", "помоч", "помощ", "понра", "понят",
        "посет", "постар", "постоя", "почта", "почте", "призн", "прино", "прихо", "прият", "приятн", "прода",
        "проис", "прост", "прошу", "проще", "работ", "рада", "радов", "радос", "рады", "разбе", "разви",
        "разоб", "расти", "ресто", "росту", "с", "салон", "самое", "самые", "самый", "свое", "своей", "свои",
        "своим", "свою", "свяже", "связи", "связь", "сделать", "серви", "ситуа", "слова", "случи", "снова",
        "сожал", "сотру", "спаси", "стара", "стать", "стиму", "столк", "стрем", "счаст", "так", "такие",
        "такой", "такую", "телеф", "тем", "тепло", "теплы", "то", "того", "том", "тому", "у", "уваже", "удачи",
        "удели", "удово", "уже", "улыб", "уров", "усили", "успех", "утро", "уют", "хорош", "ценим", "цените",
        "центр", "чем", "что", "чтобы", "это", "этого", "этой", "этом", "этот"
    }
)
# fmt: on


def _normal_runs(words: list[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def _capitals(reply: str, situation: Situation) -> Iterator[Hit]:
    own = set(_CAPITALS.findall(f"{situation.brand.name} {situation.brand.signature}"))
    loud = [match for match in _CAPITALS.finditer(reply) if match.group() not in own]
    if len(loud) >= 2:
        for match in loud:
            yield f"Слово из одних заглавных: «{match.group()}»", match.span()


def _lookalikes(reply: str, _: Situation) -> Iterator[Hit]:
    for match in _LETTERS.finditer(reply):
        latin = {char for char in match.group() if char.isascii()}
        if latin and len(latin) < len(set(match.group())) and latin <= _LATIN_LOOKALIKES:
            yield f"Латинские буквы ({', '.join(sorted(latin))}) в русском слове: {quoted(match.group())}", match.span()


def _gendered_title(reply: str, _: Situation) -> Iterator[Hit]:
    for match in _GENDERED_TITLE.finditer(folded(reply)):
        from sentiment.morph import gender

        of_name = gender(match[3])
        if of_name is not None and (of_name == "femn") != (match[2] == "ая"):
            yield f"Обращение не того рода: {quoted(match.group())}", match.span()


def _parroting(reply: str, situation: Situation) -> Iterator[Hit]:
    theirs = normal(situation.text).split()
    if len(theirs) < _PARROT:
        return
    runs = _normal_runs(theirs, _PARROT)
    words = list(_WORD.finditer(folded(reply)))
    plain = [word.group().lower() for word in words]
    copied = [at for at in range(len(words) - _PARROT + 1) if tuple(plain[at : at + _PARROT]) in runs]
    while copied:
        first = last = copied.pop(0)
        while copied and copied[0] <= last + _PARROT:
            last = copied.pop(0)
        span = words[first].start(), words[last + _PARROT - 1].end()
        yield f"Отзыв переписан слово в слово: {quoted(reply[slice(*span)])}", span


def _sentences(reply: str) -> Iterator[tuple[str, re.Match[str]]]:
    for match in _SENTENCE.finditer(reply):
        if words := normal(match.group()):
            yield words, match


def _repeated_sentence(reply: str, _: Situation) -> Iterator[Hit]:
    seen: set[str] = set()
    for words, match in _sentences(reply):
        if words in seen and len(words.split()) >= 3:
            yield f"Сказано дважды: {quoted(match.group())}", match.span()
        seen.add(words)


def _double_greeting(reply: str, _: Situation) -> Iterator[Hit]:
    begun = [match for match in _HELLO.finditer(lowered(reply)) if not reply[: match.start()].rstrip()[-1:].isalpha()]
    for match in begun[1:]:
        yield f"Второе приветствие: {quoted(match.group())}", match.span()


def _is_letter(reply: str, situation: Situation) -> bool:
    signature = normal(situation.brand.signature or situation.brand.name)
    return sum(words != signature for words, _ in _sentences(reply)) >= _CEREMONY


def _no_greeting(reply: str, situation: Situation) -> Iterator[Hit]:
    if _is_letter(reply, situation) and not _GREETED.search(folded(reply)[:120].lstrip(" «\n")):
        yield "Нет приветствия", None


def _no_signature(reply: str, situation: Situation) -> Iterator[Hit]:
    """Where our last replies on the card are signed: a site prints the company's name anyway."""
    signature = normal(situation.brand.signature)
    last = situation.recent[-_HABIT:]
    habit = len(last) == _HABIT and all(normal(text).endswith(signature) for text in last)
    if signature and habit and not normal(reply).endswith(signature):
        yield "Нет подписи", None


_NAMED_BY = {
    Theme.STAFF: ("сотрудни", "персонал", "обслуж"), Theme.QUALITY: ("качеств", "вкус"), Theme.WAITING: ("ожидани",),
    Theme.DELIVERY: ("доставк", "доставл", "курьер"), Theme.ASSORTMENT: ("выбор", "ассортимент"),
    Theme.ATMOSPHERE: ("атмосфер", "уют"), Theme.LOCATION: ("расположени",), Theme.BOOKING: ("запис", "брон"),
}  # fmt: skip
"""Common words that say something all the same where this was complained of."""


def _platitude(reply: str, situation: Situation) -> Iterator[Hit]:
    theirs = normal(situation.text).split()
    if len(theirs) <= _TELLING or not has_text(reply):
        return
    brand = situation.brand
    known = set(normal(f"{brand.name} {brand.signature} {situation.author}").split())
    blamed = {item.theme for item in situation.verdict.themes if item.tone is Tone.NEGATIVE}
    named_by = tuple(beginning for theme in blamed for beginning in _NAMED_BY.get(theme, ()))
    for word in normal(reply).split():
        if word.startswith(named_by):
            return
        if word[:5] in _FORMULA or word in known or word.isdigit():
            continue
        if len(word) > 4 or word in theirs:
            return
    yield "Ответ подошёл бы к любому отзыву", None


RULES = (
    Rule(
        "informal_ty",
        WARNING,
        matches(
            re.compile(
                r"\b(?:ты|тебя|тебе|тобой|тобою|тво(?:й|я|е|и|его|ей|ему|им|их|ими|ю|ем)"
                r"|(?:при|за)ходи|приезжай|загляни|заглядывай|извини|прости|напиши|пиши|(?:по)?звони|расскажи"
                r"|подскажи|скажи"
                r"|уточни|поверь|смотри|жди|оставайся|обращайся|возвращайся|не\s(?:переживай|расстраивайся"
                r"|волнуйся|сердись)"
                r"|[а-я]{2,15}(?:ае|яе|уе|ее|ди|ти|ви|чи|жи|ши)шь(?:ся)?|хочешь|можешь|будешь|любишь|видишь"
                r"|знаешь|думаешь)\b",
            ),
            "Обращение на «ты»",
        ),
        "К автору обращаются на «Вы».",
        "Перепишите на «Вы».",
    ),
    Rule("shouting", WARNING, _capitals, "Заглавные читаются как крик.", "Напишите строчными."),
    Rule(
        "exclamations",
        WARNING,
        matches(re.compile(r"!{3,}|(?:!\s?\?|\?\s?!){1,5}|\?{3,}"), "Лишние восклицания", needs="!?"),
        "Такие знаки читаются как крик.",
        "Оставьте один знак.",
    ),
    Rule(
        "officialese",
        WARNING,
        matches(
            phrases(
                r"в кратчайш\w+ срок\w*|в ближайшее время(?= буд)|в установленн\w+ (?:срок|порядк)\w*|в полном объеме",
                r"дов(?:одим|ести|едем|едена?|едено) до (?:вашего |сотрудник\w* |руководств\w* )?(?:сведени\w*)?",
                r"данн(?:ый|ая|ое|ого|ому|ую|ой|ом)\b|данным (?:вопрос|случа|факт|отзыв)\w*",
                r"примем к сведению|принят[оаы] к сведению|взят[оаы]? на контроль|на (?:особом|личном) контроле",
                r"вы(?:шеуказанн|шеизложенн|шеперечисленн|шеописанн|шесказанн)\w*|нижеследующ\w+",
                r"уважаем(?:ый|ая|ые) (?:клиент|гост[ьи]|пользовател|покупател|пациент|посетител"
                r"|заказчик)[а-я]{0,3}\b(?! ?\d)",
                r"осуществля\w+|осуществлен\w+|имеет место\b|место быть\b|надлежащ\w+|в целях\b|с целью\b|касательно\b"
                r"|посредством\b",
                r"во избежание\b|в связи с (?:чем|вышеизложенн|сложивш|указанн|данн)\w*|в случае возникновения"
                r"|в рамках\b",
                r"принят(?:ы|ия)? (?:все )?(?:необходимые|соответствующие) мер\w*|соответствующи[ех] мер\w*",
                r"по факту (?:вашего )?обращения|по данному (?:вопросу|факту|поводу)|сообщаем,? что|информируем"
                r"|уведомляем",
                r"(?:доставленн|причиненн|предоставленн|возникш|временн)\w+ неудобств\w*|сложивш\w+ ситуаци\w*"
                r"|возникш\w+ ситуаци\w*",
                r"денежн\w+ средств\w*|произвести (?:возврат|оплату|замену)|по улучшению качества"
                r"|служебн\w+ проверк\w*",
                r"выражаем (?:\w+ ){0,2}(?:признательность|благодарность|сожаление)|надеемся на (?:ваше )?понимание",
                r"ваше обращение (?:\w+ )?(?:принято|зарегистрировано|рассмотрено|передано|находится)|идентифицировать",
                r"от лица (?:\w+ )?(?:компании|организации|администрации)"
                r"|просим (?:вас )?принять (?:наши )?(?:\w+ )?извинения",
            ),
            "Канцелярит",
        ),
        "Так отвечает ведомство, и читатель видит отписку.",
        "Скажите проще.",
    ),
    Rule(
        "gender_agreement",
        WARNING,
        matches(
            phrases(
                rf"вы (?:(?:не|так|уже|сами|сегодня|недавно|все|нам|нас|у нас) ){{0,2}}(?:{_PLURAL_ONLY}"
                rf"|{_SHORT_FORM})",
                rf"(?:остались|были|будете) (?:\w{{1,10}} )?{_SHORT_FORM}",
                r"\w{2,20}\((?:а|ла|ась|лась|ая|на|льна|ен|ый|ся)\)",
            ),
            "Вы — множественное число",
        ),
        "Пол автора неизвестен, а с «Вы» глагол и краткое прилагательное стоят во множественном числе.",
        "Напишите «Вы были», «Вы довольны».",
    ),
    Rule(
        "gender_agreement",
        WARNING,
        _gendered_title,
        "Имя и обращение не согласованы.",
        "Напишите «Здравствуйте» и имя.",
    ),
    Rule(
        "parroting",
        WARNING,
        _parroting,
        "Повтор чужих слов выглядит как заполненный бланк.",
        "Скажите об этом своими словами.",
    ),
    Rule("repeated_sentence", WARNING, _repeated_sentence, "Одно и то же дважды — след заготовки.", "Уберите повтор."),
    Rule("double_greeting", WARNING, _double_greeting, "Два приветствия — след склейки.", "Оставьте одно."),
    Rule(
        "mixed_alphabets",
        WARNING,
        _lookalikes,
        "Площадки принимают подмену букв за обход фильтра и отклоняют ответ.",
        "Наберите слово русскими буквами.",
    ),
    Rule(
        "straight_quotes",
        HINT,
        matches(_STRAIGHT, "Прямые кавычки", needs='"“'),
        "В русском тексте кавычки — «ёлочки».",
        "Замените их.",
    ),
    Rule("no_greeting", HINT, _no_greeting, "Письмо без приветствия звучит сухо.", "Начните со «Здравствуйте»."),
    Rule(
        "no_signature",
        HINT,
        _no_signature,
        "Остальные ответы на этой карточке подписаны (business.signature в config.yaml).",
        "Подпишитесь.",
    ),
    Rule(
        "says_nothing_specific",
        HINT,
        _platitude,
        "Автор рассказал подробно, а Google отклоняет шаблонные ответы.",
        "Назовите то, о чём он пишет.",
        lambda situation: has_text(situation.text),
    ),
)
