"""What a reply must not disclose: personal data that the review did not give, and a clinic's secrets."""

import re
from collections.abc import Iterable, Iterator
from functools import partial

from responders.lint.rule import (
    ERROR,
    HINT,
    WARNING,
    Find,
    Hit,
    Rule,
    Span,
    contacts_forbidden,
    folded,
    has_any,
    is_clinic,
    lowered,
    matches,
    phrases,
    quoted,
)
from responders.lint.site import EMAIL, PHONE
from responders.names import first_name
from responders.similarity import normal
from responders.types import Situation

_LAW = "Персональные данные без согласия не раскрывают (ст. 7 закона 152-ФЗ)."
_ABOUT_AUTHOR = phrases(
    r"(?:(?:вашего|ваш\w*) )?(?:заказ|чек|договор|накладн|брон|полис|счет|билет|квитанц|талон"
    r"|запис)\w{0,4}[^.!?\d\n]{0,12}"
    r"(?:№|номер\w{0,3}|#|n) ?:?\s?[a-zа-я]{0,3}-?\d[\d-]{2,19}",
    r"(?:заказ|чек|договор|накладн|полис|квитанц)\w{0,4} \d{5,12}\b",
    r"карт[аеуыо]\w{0,3}[^.!?\d\n]{0,25}(?:\*{1,4}\s?\d{4}|(?:на|цифры:?) \d{4})\b",
    r"(?:\d{4}[\s-]){3}\d{4}\b",
    r"(?:ваш\w* )?паспорт\w*[^.!?\d\n]{0,20}\d{2}\s?\d{2}(?:\s?\d{6})?\b",
    r"(?:ваш\w* (?:номер|телефон)\w*|перезвон\w+|позвон\w+ вам|звонили вам)(?: \w{1,12}){0,3}:? [+\d][\d\s()-]{5,16}\d",
    r"(?:кв\.?|квартир\w{1,2}|домофон\w{0,2}|подъезд\w{0,2}) ?(?:№ ?)?\d{1,4}\b",
    r"ваш\w{0,3} адрес\w{0,3}[^!?\d\n]{0,40}\d{1,4}\b",
    r"(?:год|дата) (?:вашего )?рождения[^.!?\d\n]{0,12}\d{2,4}",
)
_DIGITS_AND_AT = "0123456789@"
_CONTACT = re.compile(f"{EMAIL}|{PHONE}")
_PAIR = re.compile(r"\b([А-Я][а-я]{1,20}) ([А-Я][а-я]{2,30}(?:-[А-Я][а-я]{2,30})?)\b")
_SURNAME_END = re.compile(
    r"[а-я-]{2,}(?:[ое]в|[иы]н|[сц]к[ио]й|[ое]в(?:а|у|ым|ой|е)|[иы]н(?:а|у|ым|ой|е)|[сц]к(?:ая|ую|ой|ого|ому|им)"
    r"|ко|ук|юк|ян|дзе"
    r"|швили|их|ых|ец|ман|берг|штейн)"
)
_PATRONYMIC = re.compile(r"\b[А-Я][а-я]{1,15}(?:(?:ович|евич|ьич)(?:а|у|ем|е)?|(?:овн|евн|иничн|ичн)(?:а|ы|е|у|ой))\b")
_DOCTOR = (
    r"(?:(?:врач|доктор|хирург|терапевт|стоматолог|ортодонт|ортопед|имплантолог|невролог|гинеколог|уролог"
    r"|кардиолог|педиатр"
    r"|офтальмолог|дерматолог|косметолог|лор)(?:у|а|ом|е|ем)?|медсестр\w|ассистент\w{0,2})"
)
_NAMED_DOCTOR = re.compile(rf"\b(?i:{_DOCTOR}) (?!Вы\b|Ва[мсш])[А-Я][а-я]{{2,20}}")
_INSIDE_SENTENCE = re.compile(r"(?<=[а-я]\s)[А-Я][а-я]{2,20}\b")
_VISIT = (
    r"ваш\w{0,3} (?:\w{1,15} )?(?:визит|прием|посещени|лечени|операци|процедур|диагноз|анализ|консультаци"
    r"|врач(?!ебн)|доктор"
    r"|пациент|карт[аеуы]\b|выздоровлени|снимк|снимок|пломб|имплант|брекет|протез|коронк|рецепт|симптом"
    r"|жалоб\w+ на боль"
    r"|заболевани|зуб|госпитализаци|беременност|роды|родов)\w*",
    r"вы (?:у нас )?(?:были|посетили|приходили|обращались|обратились|лечились|лечитесь|записывались|проходили|прошли"
    r"|наблюда\w+|делали|сдавали|лежали)\b",
    r"(?:во время|после|до|на) (?:\w{1,18} )?(?:прием|процедур|операци|лечени|консультаци|осмотр|наркоз|укол|родов)\w*",
    r"\d{1,2}(?:\.\d{1,2}\.\d{2,4}|\s(?:январ|феврал|март|апрел|ма[яй]\b|июн|июл|август|сентябр|октябр|ноябр"
    r"|декабр)\w*)",
    r"(?:ждем|видеть|приходите|возвращайтесь|обращайтесь|до встречи)[^.!?\n]{0,25}\b(?:снова|еще|опять|вновь)\b",
    r"(?:как|нашим|нашему|наш|нашей) пациент\w*",
    r"(?:наш(?:и|им|ими)? )?лечащ\w{2,3} врач\w*",
    r"(?:диагноз|результат\w*) (?:\w{1,15} ){0,2}(?:был|подтверд|показал|анализ|лечени|обследовани|операци)\w*",
    r"(?:вам|вас) (?:\w{1,12} ){0,2}(?:назначил|назначен|прописал|прописан|выписал|прооперир|обследов|осмотрел"
    r"|поставил\w? диагн"
    r"|лечил|удалил|установил|сделал\w? (?:укол|операц|снимок|процедур))\w*",
    r"(?:по данным|по записям|согласно|в вашей|судя по) (?:\w{1,15} ){0,2}(?:медкарт|медицинской карт"
    r"|истории болезни|карт[ые]\b"
    r"|журнал)\w*",
    r"(?:смогли|удалось|рады)(?: вам)? (?:помочь вам|вылечить|сохранить (?:вам )?зуб|помочь с лечением)",
    r"(?:довольны|остались довольны) (?:\w{1,15} )?(?:визитом|посещением|приемом|лечением|результатом|консультацией)",
    r"(?:лечитесь|лечились|наблюдаетесь|наблюдались) у нас|больше не (?:болит|беспокоит|тревожит)",
    r"спасибо за (?:визит|посещение)|доверили нам (?:\w{1,8} )?здоровье",
    r"(?:продолжения|успешного|завершения|курса?) лечени\w+",
)


def _known(situation: Situation) -> str:
    """What the review and the config already tell everybody."""
    brand = situation.brand
    own = (brand.name, brand.signature, brand.contact.phone, brand.contact.email, *brand.also, *brand.places)
    return " ".join((situation.text, situation.author, situation.place, situation.measure, *own))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _tells(what: str, expression: re.Pattern[str]) -> Find:
    """Matches whose digits (or, without digits, words) stand neither in the review nor in the config."""

    def find(reply: str, situation: Situation) -> Iterator[Hit]:
        if not has_any(reply, _DIGITS_AND_AT):
            return
        found = list(expression.finditer(lowered(reply)))
        if not found:
            return
        known = _known(situation)
        digits, words = _digits(known), normal(known)
        for match in found:
            own = _digits(match.group())
            # 8 and +7 begin the same number.
            if not (own[-10:] in digits if own else normal(match.group()) in words):
                yield f"{what}: {quoted(reply[slice(*match.span())])}", match.span()

    return find


def _surnames(of_author: bool) -> Find:
    """First name and surname together, where nobody gave the surname."""

    def find(reply: str, situation: Situation) -> Iterator[Hit]:
        people = [(match, person) for match in _PAIR.finditer(folded(reply)) if (person := _person(*match.groups()))]
        if not people:
            return
        known = normal(_known(situation)).split()
        author = {word[:3] for word in normal(situation.author).split()}
        for match, (name, surname) in people:
            stem = surname[: max(3, len(surname) - 3)]
            given = any(word.startswith(stem) for word in known)
            if not given and (name[:3] in author) == of_author:
                yield f"Фамилия, которой нет в отзыве: {quoted(match.group())}", match.span()

    return find


def _person(one: str, other: str) -> tuple[str, str] | None:
    """First name and surname, in whichever order they stand."""
    from sentiment.morph import dictionary_names

    for name, surname in ((one.lower(), other.lower()), (other.lower(), one.lower())):
        if _SURNAME_END.fullmatch(surname) and dictionary_names(name) and not dictionary_names(surname):
            return name, surname
    return None


def _doctors(reply: str, situation: Situation) -> Iterator[Hit]:
    plain = folded(reply)
    spans = {match.span() for match in _NAMED_DOCTOR.finditer(plain)}
    spans |= {match.span() for match in _PATRONYMIC.finditer(plain)}
    spans |= {match.span() for match in _INSIDE_SENTENCE.finditer(plain) if _is_personal(match.group())}
    own = normal(f"{situation.author} {situation.brand.name} {situation.place}").split()
    for start, end in _joined(sorted(spans)):
        stem = plain[start:end].lower().split()[-1]
        stem = stem[: max(3, len(stem) - 2)]
        if not any(word.startswith(stem) for word in own):
            yield f"Назван врач: {quoted(reply[start:end])}", (start, end)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Those that overlap or stand a space apart become one: a role, a name, a patronymic."""
    current: Span | None = None
    for start, end in spans:
        if current is None:
            current = start, end
        elif start <= current[1] + 1:
            current = current[0], max(current[1], end)
        else:
            yield current
            current = start, end
    if current is not None:
        yield current


def _is_personal(word: str) -> bool:
    from sentiment.morph import is_personal

    return is_personal(word)


_GREETING = re.compile(
    r"\b(?:здравствуйте|добр(?:ый|ого|ое) (?:день|вечер|утро|дня|времени суток)|доброе утро|уважаем\w{2}"
    r"|приветствуем(?: вас)?"
    r"|дорог(?:ой|ая))[, ]{1,3}(?=\S)"
)
_ADDRESSED = 60
_WORD = re.compile(r"[\w-]+")


def _addressed(reply: str) -> Iterable[re.Match[str]]:
    """The words right after the first greeting, up to the end of the address."""
    greeting = _GREETING.search(lowered(reply))
    if greeting is None or greeting.start() > _ADDRESSED:
        return []
    end = min((at for mark in "!.,?\n" if (at := reply.find(mark, greeting.end())) >= 0), default=len(reply))
    return list(_WORD.finditer(reply, greeting.end(), min(end + 1, greeting.end() + _ADDRESSED)))[:4]


def _called(reply: str, situation: Situation, *, surname: bool) -> Iterator[Hit]:
    """By more than the first name: with the whole `surname`, or with a nickname or an initial."""
    author = normal(situation.author).split()
    spoken = [word for word in _addressed(reply) if normal(word.group()) in author] if author else []
    if not spoken:
        return
    proper = normal(first_name(situation.author) or "").split()
    wrong = [word for word in spoken if normal(word.group()) not in proper]
    if wrong and surname == (bool(proper) and all(len(word.group()) > 2 for word in wrong)):
        what = "Обращение с фамилией" if proper else "Обращение по прозвищу"
        yield f"{what}: {quoted(reply[spoken[0].start() : spoken[-1].end()])}", (wrong[0].start(), wrong[-1].end())


def _wrong_name(reply: str, situation: Situation) -> Iterator[Hit]:
    known = normal(f"{situation.author} {situation.text} {situation.brand.name}").split()
    for word in _addressed(reply) if situation.author else ():
        if word.group()[0].isupper() and normal(word.group()) not in known:
            from sentiment.morph import is_first_name

            if is_first_name(word.group()):
                yield f"Чужое имя: «{word.group()}», а отзыв подписан {quoted(situation.author)}", word.span()


RULES = (
    Rule(
        "personal_data",
        ERROR,
        _tells("Личные данные, которых нет в отзыве", _ABOUT_AUTHOR),
        _LAW,
        "Уберите; уточните их в личной переписке.",
    ),
    Rule("personal_data", ERROR, _surnames(of_author=True), _LAW, "Обратитесь к автору по имени."),
    Rule("unnamed_person", WARNING, _surnames(of_author=False), _LAW, "Оставьте имя и должность."),
    Rule(
        "unknown_contact",
        WARNING,
        _tells("Контакт, которого нет ни в отзыве, ни в настройках", _CONTACT),
        "Это может быть чужой или личный номер.",
        "Дайте общий контакт компании (business.contact в config.yaml).",
        lambda situation: not contacts_forbidden(situation),
    ),
    Rule(
        "author_address",
        WARNING,
        partial(_called, surname=False),
        "Так обращаются рассылки, а не люди.",
        "Обратитесь по имени или просто поздоровайтесь.",
    ),
    Rule(
        "author_address",
        HINT,
        partial(_called, surname=True),
        "Имя с фамилией звучит как повестка.",
        "Обратитесь по имени.",
    ),
    Rule(
        "wrong_name",
        WARNING,
        _wrong_name,
        "Похоже на ответ, взятый от другого отзыва, или на имя из Вашей базы.",
        "Обратитесь так, как автор назвался.",
    ),
    Rule(
        "clinic_confirms_visit",
        ERROR,
        matches(phrases(*_VISIT), "Подтверждено обращение в клинику"),
        "Визит, врач, дата и лечение — врачебная тайна (ст. 13 закона 323-ФЗ), даже если автор сам о них написал.",
        "Ответьте, не подтверждая обращения.",
        is_clinic,
    ),
    Rule(
        "clinic_names_doctor",
        ERROR,
        _doctors,
        "Имя врача подтверждает лечение: врачебная тайна (ст. 13 закона 323-ФЗ).",
        "Напишите «коллегам» или «команде».",
        is_clinic,
    ),
)
