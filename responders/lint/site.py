"""What the sites accept: size, contacts, markup, repeated replies, and dealing in reviews."""

import re
from collections.abc import Callable, Iterator
from string import ascii_lowercase, digits

from responders.choose import has_text, is_complaint
from responders.lint.rule import (
    ERROR,
    WARNING,
    Hit,
    Rule,
    contacts_forbidden,
    in_review,
    matches,
    phrases,
)
from responders.platforms import platform
from responders.similarity import jaccard, shingles
from responders.types import ReplyLimit, Situation

SAME = 0.6
"""Similarity above which two replies read as one."""

_RECENT = 50

PHONE = (
    r"(?<![\d№])(?:\+\d{1,3}|8|7)[\s(.-]{0,3}\d{3}[\s).-]{0,3}\d{3}[\s.-]{0,2}\d{2}[\s.-]{0,2}\d{2}(?!\d)"
    r"|\(\d{3,5}\)\s?\d[\d\s-]{3,8}\d|(?<![\d-])\d{3}-\d{2}-\d{2}(?![\d-])"
    r"|\b(?:тел(?:ефон\w{0,3})?\b\.?|(?:по)?звоните)(?:\s(?:нам|по|на|номеру?"
    r"|телефону?)){0,3}[\s:]{1,3}\d{2,3}-\d{2,3}(?![\d-])"
)
EMAIL = (
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w{2,}"
    r"|(?<![\w.-])[\w.-]{2,64}\s?(?:\(at\)|\[at\]|\bсобака\b)\s?[\w-]{2,63}(?:\.|\sточка\s)\w{2,}"
)
_LINK = (
    r"https?://\S+|\bwww\.\S+|(?<![\w.@-])[\w-]{1,63}\.(?:ru|рф|com|net|org|me|su|io)\b(?:/\S*)?|(?<!\w)@[a-z_]\w{2,31}"
)
_GIFT = r"(?:скидк|бонус|балл|купон|сертификат|подар|комплимент|промо-?код|кешб|кэшб)\w*"
_REMOVE = (
    r"(?:удал(?:ите|ить)|измен(?:ите|ить)|исправ(?:ьте|ить)|поменя(?:йте|ть)|скорректир(?:уйте|овать)|уберите|убрать|"
    r"сн(?:имите|ять)|пересмотр(?:ите|еть)|отредактир(?:уйте|овать)|повы(?:сьте|сить)|подн(?:имите|ять)|"
    r"обнов(?:ите|ить)|скр(?:ойте|ыть)|отозвать|отзовите|поправ(?:ьте|ить))"
)
_EVERYWHERE = "Это запрещают правила всех площадок."


def reply_size(reply: str, limit: ReplyLimit) -> int:
    """How much of the site's limit a reply takes, in the limit's unit."""
    return len(reply.encode("utf-8", "surrogatepass")) if limit.unit == "bytes" else len(reply)


def _empty(reply: str, _: Situation) -> Iterator[Hit]:
    if not has_text(reply):
        yield "Ответ пуст", None


def _too_long(severity: str, limit_of: Callable[[ReplyLimit], int | None], why: str) -> Rule:
    def find(reply: str, situation: Situation) -> Iterator[Hit]:
        site = platform(situation.source)
        limit = limit_of(site.limit)
        size = reply_size(reply, site.limit)
        if limit is not None and size > limit:
            unit = "байт (русская буква — два)" if site.limit.unit == "bytes" else "знаков"
            yield f"{site.title}: ответ длиннее {limit} {unit}, здесь {size}", None

    return Rule("too_long", severity, find, why, "Сократите ответ.")


def _same_as_recent(reply: str, situation: Situation) -> Iterator[Hit]:
    signature = situation.brand.signature or situation.brand.name
    own = shingles(reply, signature)
    for where, said in (
        ("недавний ответ на этой карточке", situation.recent[-_RECENT:]),
        ("ответ на тот же отзыв на другой площадке", situation.elsewhere),
    ):
        alike = max((jaccard(own, shingles(text, signature)) for text in said), default=0.0)
        if alike > SAME:
            yield f"Почти повторяет {where} (сходство {alike:.0%})", None


RULES = (
    Rule("empty", ERROR, _empty, "Пустого ответа не примет ни одна площадка.", "Напишите ответ."),
    _too_long(ERROR, lambda limit: limit.hard, "Длиннее площадка не примет (предел из её API)."),
    _too_long(WARNING, lambda limit: limit.soft, "Предела площадка не называет, но такой ответ не дочитают."),
    Rule(
        "contacts_forbidden",
        ERROR,
        matches(
            re.compile(f"{EMAIL}|{PHONE}|{_LINK}"),
            "Контакт в ответе",
            needs=(*ascii_lowercase, *digits, "@", ".рф", "собака"),
        ),
        "Google отклоняет ответы с телефонами, адресами почты и ссылками.",
        "Уберите его и позовите связаться по контактам из карточки.",
        contacts_forbidden,
    ),
    Rule(
        "messenger_forbidden",
        WARNING,
        matches(
            phrases(
                r"(?:пишите|напишите|написать|свяжитесь|ждем|звоните|позвоните|ответим|найдите|пришлите|присылайте) … "
                r"(?:what'?s?app|в[ао][тц]с?апп?|telegram|телеграмм?|тг|viber|вайбер|директ|instagram|инстаграмм?"
                r"|вконтакте|вк)(?:[еау]|ом)?\b"
            ),
            "Зовёте в мессенджер",
        ),
        "Google отклоняет ответы с контактами, а мессенджер — контакт.",
        "Позовите связаться по контактам из карточки.",
        contacts_forbidden,
    ),
    Rule(
        "leftover_markup",
        ERROR,
        matches(
            re.compile(
                r"\{\{|\}\}|\{%|%\}|\{#|#\}|</?[a-z][^<>]{0,80}>|\bnone\b|\bundefined\b|\bnull\b|\btodo\b"
                r"|&(?:[a-z]{2,6}|#\d{1,5});|[\[{<]\s?(?:имя|name|название|телефон|дата|подпись)[^\]}>\n]{0,20}[\]}>]"
                r"|%[a-zа-я_]{2,20}%|_{3,}|\*\*\S|\\n|\b[xх]{3,}\b",
            ),
            "Остаток разметки или незаполненное место",
            needs=("{", "}", "<", "[", "&", "%", "__", "**", "\\n", "xxx", "ххх", "none", "null", "todo", "undefined"),
        ),
        "Читатель увидит заготовку, а не ответ человека.",
        "Впишите нужные слова или уберите.",
    ),
    Rule(
        "promo_code_public",
        ERROR,
        matches(
            phrases(
                r"промо-?код\w*",
                rf"(?:дарим|подарим|подготовили|приготовили|оставили|сделаем|дадим|держите|предостав\w{{1,6}}"
                rf"|предлагаем|предложим|начисл\w{{1,5}}|зачисл\w{{1,5}}"
                rf"|получите|вручим"
                rf"|вас ждет) … {_GIFT}",
                r"(?:начисл|зачисл)\w{1,5} … \d{2,6}\s?б{0,2}балл\w*",
                r"(?:дарим|подарим|получите|вручим|вас ждет|приготовим|угостим|добавим|приготовили) … "
                r"(?:в подарок|бесплатно|за наш счет|за счет заведения)\b",
                r"(?:угостим|угощаем|накормим|обслужим|сделаем) … (?:бесплатно|за наш счет|за счет заведения)\b",
            ),
            "Подарок обещан при всех",
            needs=(
                "скидк",
                "бонус",
                "балл",
                "купон",
                "сертифик",
                "подар",
                "комплим",
                "промо",
                "кешб",
                "кэшб",
                "бесплат",
                "счет",
            ),
        ),
        "Google отклоняет ответы с предложениями, а другие читатели захотят того же.",
        "Договоритесь об этом лично.",
    ),
    Rule(
        "promo_code_public",
        ERROR,
        matches(
            phrases(r"скидк\w{0,3}[^.!?\n]{0,15}\d{1,3}\s?%", r"\d{1,3}\s?% скидк\w*"),
            "Скидка названа при всех",
            needs=("%",),
            unless=in_review,
        ),
        "Google отклоняет ответы с предложениями, а другие читатели захотят того же.",
        "Договоритесь об этом лично.",
    ),
    Rule(
        "asks_to_change_review",
        ERROR,
        matches(
            phrases(
                rf"{_REMOVE}(?:,? (?:пожалуйста|ваш\w{{0,3}}|сво[йюе]\w{{0,2}}|этот|эту|негативн\w{{2,3}}|плох\w{{2,3}}"
                rf"|данн\w{{2,3}})){{0,3}},? (?:отзыв|оценк|мнени|комментари|звезд)\w*",
                rf"(?:отзыв|оценку),? (?:(?:пожалуйста|можно|нужно|стоит|лучше|просим|просьба),? ){{0,2}}{_REMOVE}\b",
                r"(?:изменение|удаление|пересмотр|исправление|повышение) (?:вашего |вашей |этого "
                r"|этой )?(?:отзыва|оценки)",
                r"поставьте(?: нам)?(?: оценку)? (?:5|пять|пятерк|высш|высок|максимальн)\w*",
                r"поставить(?: нам)? (?:5|пять|пятерк)\w*",
            ),
            "Просьба удалить или изменить отзыв",
        ),
        _EVERYWHERE,
        "Уберите просьбу: довольный автор исправит отзыв сам.",
    ),
    Rule(
        "gift_for_review",
        ERROR,
        matches(
            phrases(
                rf"{_GIFT}(?: \d{{1,6}}\s?%?)? (?:за|в обмен на) (?:\w{{1,15}} ){{0,2}}(?:отзыв|оценк|звезд)\w*",
                r"за (?:\w{1,15} ){0,2}(?:отзыв|оценку|\w{1,6} звезд) … "
                r"(?:дарим|подарим|начисл\w+|зачисл\w+|получите|предостав\w+|вручим|даем|дадим)",
                r"в обмен на (?:\w{1,15} ){0,2}(?:отзыв|оценк|удаление|изменение)\w*",
                r"если … (?:измен|удал|исправ|поправ|убер|повыс|сним|помен)\w+ (?:\w{1,15} ){0,2}(?:отзыв|оценк)\w*",
                r"после (?:удаления|изменения|исправления) (?:\w{1,15} ){0,2}(?:отзыва|оценки)",
            ),
            "Выгода в обмен на отзыв",
        ),
        f"{_EVERYWHERE} За такое карточку помечают.",
        "Уберите условие: жест доброй воли ничем не обусловлен и делается лично.",
    ),
    Rule(
        "invites_reviews_under_complaint",
        WARNING,
        matches(
            phrases(
                r"(?:оставьте|оставляйте|напишите|поделитесь|разместите|опубликуйте) "
                r"(?:(?:нам|пожалуйста,?|и|свой|своим|ваш|вашим|честный|еще|о нас) ){0,3}(?:отзыв|оценк|впечатлени)\w*",
                r"оцените (?:нас|нашу работу|качество)\b",
                r"(?:рекомендуйте|порекомендуйте|советуйте|посоветуйте) нас\b",
                r"расскажите (?:о нас )?(?:друзьям|знакомым|близким)\b",
            ),
            "Просьба об отзывах недовольному",
        ),
        "Под жалобой это звучит как насмешка.",
        "Попросите о подробностях, а не об отзыве.",
        is_complaint,
    ),
    Rule(
        "same_as_recent",
        WARNING,
        _same_as_recent,
        "Google отклоняет повторяющиеся ответы, а читатели видят их рядом.",
        "Скажите об этом отзыве своими словами.",
    ),
)
