"""What is wrong with a reply: a flat table of rules, each naming itself and its reason.

Patterns are linear: bounded repeats, no nested ones, so that 100 kB of anything is read quickly.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from responders.choose import has_text, is_complaint
from responders.platforms import ContactsInReply, platform
from responders.similarity import jaccard, shingles
from responders.types import Finding, ReplyLimit, Situation

SAME = 0.6
"""Similarity above which two replies read as one."""

_PER_RULE = 5
_RECENT = 50

Span = tuple[int, int]
Hit = tuple[str, Span | None]
Applies = Callable[[Situation], bool]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule that is a regular expression: each match is a finding."""

    rule: str
    severity: str
    expression: re.Pattern[str]
    message: str
    applies: Applies = lambda _: True

    def check(self, reply: str, situation: Situation) -> Iterator[Hit]:
        if self.applies(situation):
            for match in self.expression.finditer(reply):
                yield self.message.format(word=match.group()), match.span()


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that needs more than a regular expression."""

    rule: str
    severity: str
    check: Callable[[str, Situation], Iterable[Hit]]


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})", re.IGNORECASE)


def _is_clinic(situation: Situation) -> bool:
    return situation.brand.sector == "clinic"


def _contacts_forbidden(situation: Situation) -> bool:
    return platform(situation.source).contacts is ContactsInReply.FORBIDDEN


_PHONE = (
    r"(?<![\d№])(?:\+\d{1,3}|8|7)[\s\u00a0(.-]{0,3}\d{3}[\s\u00a0).-]{0,3}\d{3}[\s\u00a0.-]{0,2}\d{2}[\s\u00a0.-]{0,2}\d{2}(?!\d)"
    r"|\(\d{3,5}\)[\s\u00a0]?\d[\d\s\u00a0-]{3,8}\d|(?<![\d-])\d{3}-\d{2}-\d{2}(?![\d-])"
)
_EMAIL = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w{2,}"
_LINK = (
    r"https?://\S+|\bwww\.\S+|(?<![\w.@-])[\w-]{1,63}\.(?:ru|рф|com|net|org|me|su|io)\b(?:/\S*)?|(?<!\w)@[a-z_]\w{2,31}"
)
_VISIT = (
    r"ваш\w{0,3}\s(?:визит|при[её]м|посещени|лечени|операци|процедур|диагноз|анализ|консультаци|врач(?!ебн)|доктор|"
    r"пациент|карт[аеуы]\b|выздоровлени)\w*",
    r"вы\s(?:у\sнас\s)?(?:были|посетили|приходили|обращались|обратились|лечились|записывались|проходили|прошли)\b",
    r"(?:во\sвремя|после|до|на)\s(?:при[её]м|процедур|операци|лечени|консультаци)\w*",
    r"(?:врач|доктор|хирург|терапевт|стоматолог|медсестра)\w{0,3}\s[А-ЯЁ][а-яё]+",
    r"\d{1,2}(?:\.\d{1,2}\.\d{2,4}|\s(?:январ|феврал|март|апрел|ма[яй]\b|июн|июл|август|сентябр|октябр|ноябр|декабр)\w*)",
    r"(?:жд[её]м|видеть|приходите|возвращайтесь|обращайтесь|до\sвстречи)[^.!?\n]{0,25}\b(?:снова|ещ[её]|опять|вновь)\b",
    r"(?:как|нашим|нашему|наш)\sпациент\w*",
)

_PATTERNS = (
    Pattern(
        "contacts_forbidden",
        "error",
        re.compile(f"{_EMAIL}|{_PHONE}|{_LINK}", re.IGNORECASE),
        "Google отклоняет ответы с телефонами, адресами почты и ссылками: «{word}»",
        _contacts_forbidden,
    ),
    Pattern(
        "leftover_markup",
        "error",
        re.compile(
            r"\{\{|\}\}|\{%|%\}|\{#|#\}|</?[a-zA-Z][^<>]{0,80}>|\bNone\b|\bundefined\b|\bnull\b"
            r"|&(?:[a-z]{2,6}|#\d{1,5});|\[\s?(?:имя|название|телефон|дата|подпись)[^\]\n]{0,20}\]",
            re.IGNORECASE,
        ),
        "Остаток разметки или незаполненное место: «{word}»",
    ),
    Pattern(
        "informal_ty",
        "warning",
        re.compile(
            r"\b(?:ты|тебя|тебе|тобой|тобою|тво(?:й|я|[её]|и|его|ей|ему|им|их|ими|ю|[её]м)"
            r"|приходи|заходи|извини|напиши|позвони|звони|пиши)\b",
            re.IGNORECASE,
        ),
        "К автору обращаются на «Вы»: «{word}»",
    ),
    Pattern(
        "shouting", "warning", re.compile(r"!{3,}"), "Несколько восклицательных знаков читаются как крик: «{word}»"
    ),
    Pattern(
        "officialese",
        "warning",
        _words(
            r"в\sкратчайшие\sсроки",
            r"довод(?:им|ить)\sдо\s(?:вашего\s)?сведения",
            r"данн(?:ый|ая|ое|ого|ому|ую|ой)\b",
            r"примем\sк\sсведению|принято\sк\sсведению",
            r"вы(?:шеуказанн|шеизложенн|шеперечисленн)\w*",
            r"уважаем(?:ый|ая|ые)\s(?:клиент|гость|гости|пользовател|покупател|пациент)\w*",
            r"осуществля\w+|имеет\sместо\b|надлежащ\w+|в\sцелях\b|касательно\b",
            r"принят(?:ы|ия)?\s(?:все\s)?(?:необходимые|соответствующие)\sмер\w*|соответствующи[ех]\sмер\w*",
            r"по\sфакту\s(?:вашего\s)?обращения|сообщаем,?\sчто",
        ),
        "Канцелярит: «{word}». Скажите проще",
    ),
    Pattern(
        "promo_code_public",
        "error",
        _words(
            r"промо-?код\w*",
            r"(?:дарим|подарим|предостав\w{1,6}|предлагаем|предложим|начисл\w{1,5}|получите|вручим|ждёт|ждет)"
            r"[^.!?\n]{0,40}\b(?:скидк|бонус|купон|сертификат|подар|комплимент)\w*",
            r"скидк\w{0,3}[^.!?\n]{0,15}\d{1,3}\s?%|\d{1,3}\s?%\sскидк\w*",
            r"в\sподарок\b",
        ),
        "Скидки, промокоды и подарки обещают только лично: «{word}». Google такие ответы отклоняет, "
        "а другие читатели захотят того же",
    ),
    Pattern(
        "asks_to_change_review",
        "error",
        _words(
            r"(?:удал(?:ите|ить)|измен(?:ите|ить)|исправ(?:ьте|ить)|поменя(?:йте|ть)|скорректир(?:уйте|овать)|убер(?:ите|ёте)|"
            r"убрать|сн(?:имите|ять)|пересмотр(?:ите|еть)|отредактир(?:уйте|овать)|повы(?:сьте|сить)|обнов(?:ите|ить))"
            r"(?:,?\s(?:пожалуйста|ваш\w{0,3}|сво[йюеё]\w{0,2}|этот|эту|негативн\w{2,3}|плох\w{2,3})){0,3},?"
            r"\s(?:отзыв|оценк|мнени|комментари|звёзд|звезд)\w*",
            r"постав(?:ьте|ить)(?:\sнам)?(?:\sоценку)?\s(?:5|пять|пят[её]рк|высш|высок|максимальн)\w*",
        ),
        "Просить удалить или изменить отзыв запрещают правила всех площадок: «{word}»",
    ),
    Pattern(
        "clinic_confirms_visit",
        "error",
        _words(*_VISIT),
        "Врачебная тайна (ст. 13 закона 323-ФЗ): клиника не подтверждает визит, врача, дату и лечение: «{word}»",
        _is_clinic,
    ),
    Pattern(
        "cheer_under_complaint",
        "warning",
        re.compile(
            r"\bрад[аы]?\b|\bздорово\b|\bотлично\b|\bура\b|\bхорошего\s(?:вам\s)?дня\b|[☀-➿\U0001f300-\U0001faff]",
            re.IGNORECASE,
        ),
        "Под жалобой радость неуместна: «{word}»",
        is_complaint,
    ),
)

_REGRET = re.compile(
    r"(?<!\bне )\b(?:жаль|сожале\w+|извин(?!и\b)\w+|простите|прощени\w+|огорч[её]н\w*|расстроен\w*)", re.IGNORECASE
)
_CAPITALS = re.compile(r"\b[А-ЯЁA-Z]{4,}\b")


def _empty(reply: str, _: Situation) -> Iterator[Hit]:
    if not has_text(reply):
        yield "Ответ пуст", None


def _too_long(severity: str, limit_of: Callable[[ReplyLimit], int | None]) -> Check:
    def check(reply: str, situation: Situation) -> Iterator[Hit]:
        site = platform(situation.source)
        limit = limit_of(site.limit)
        size = reply_size(reply, site.limit)
        if limit is None or size <= limit:
            return
        unit = "байт (русская буква — два)" if site.limit.unit == "bytes" else "знаков"
        if severity == "error":
            yield f"{site.title} не примет: предел {limit} {unit}, а здесь {size}", None
        else:
            yield f"{site.title} предела не называет, но длиннее {limit} {unit} не дочитают: здесь {size}", None

    return Check("too_long", severity, check)


def reply_size(reply: str, limit: ReplyLimit) -> int:
    """How much of the site's limit a reply takes, in the limit's unit."""
    return len(reply.encode("utf-8", "surrogatepass")) if limit.unit == "bytes" else len(reply)


def _no_regret(reply: str, situation: Situation) -> Iterator[Hit]:
    if is_complaint(situation) and has_text(reply) and not _REGRET.search(reply):
        yield "Автор недоволен, а в ответе нет ни сожаления, ни извинения", None


def _capitals(reply: str, situation: Situation) -> Iterator[Hit]:
    own = set(_CAPITALS.findall(f"{situation.brand.name} {situation.brand.signature}"))
    loud = [match for match in _CAPITALS.finditer(reply) if match.group() not in own]
    if len(loud) >= 2:
        for match in loud:
            yield f"Слова из одних заглавных читаются как крик: «{match.group()}»", match.span()


def _same_as_recent(reply: str, situation: Situation) -> Iterator[Hit]:
    signature = situation.brand.signature or situation.brand.name
    own = shingles(reply, signature)
    for where, said in (
        ("недавний ответ на этой карточке", situation.recent[-_RECENT:]),
        ("ответ на тот же отзыв на другой площадке", situation.elsewhere),
    ):
        alike = max((jaccard(own, shingles(text, signature)) for text in said), default=0.0)
        if alike > SAME:
            yield f"Почти повторяет {where} (сходство {alike:.0%}): Google такие отклоняет", None


RULES: tuple[Pattern | Check, ...] = (
    Check("empty", "error", _empty),
    _too_long("error", lambda limit: limit.hard),
    _too_long("warning", lambda limit: limit.soft),
    Check("no_regret_under_complaint", "error", _no_regret),
    Check("shouting", "warning", _capitals),
    Check("same_as_recent", "warning", _same_as_recent),
    *_PATTERNS,
)


def lint(reply: str, situation: Situation) -> tuple[Finding, ...]:
    """Everything wrong with a reply to this review, at most five findings a rule; spans are character offsets."""
    return tuple(
        Finding(rule.rule, rule.severity, message, span)
        for rule in RULES
        for message, span in islice(rule.check(reply, situation), _PER_RULE)
    )
