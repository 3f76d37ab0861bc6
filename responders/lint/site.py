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
    lowered,
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
_ADDRESS = (
    r"https?://\S+|\bwww\.\S+|(?<![\w.@-])(?:[\w-]{1,63}\.){1,4}"
    r"(?:ru|рф|com|net|org|me|su|io|info|biz|online|site|shop|store|pro|club|link|app|ly|cc|by|kz)\b(?:/\S*)?"
)
_LINK = rf"{_ADDRESS}|(?<!\w)@[a-z_]\w{{2,31}}"
_HOST = re.compile(r"(?:https?://)?(?:[^/\s@]*@)?(?:www\.)?([^/\s:?#]+)")
_MAILBOXES = frozenset(
    (
        *("mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru", "yandex.ru", "ya.ru", "yandex.com", "rambler.ru"),
        *("gmail.com", "outlook.com", "hotmail.com", "icloud.com"),
    )
)
"""Where anybody may have an address: the domain says nothing of whose it is."""
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


def _host(written: str) -> str:
    """`example.ru` of `https://www.example.ru/menu`."""
    found = _HOST.match(lowered(written).strip())
    return found.group(1).rstrip(".,;:!?)»\"'") if found else ""


def _own_hosts(situation: Situation) -> frozenset[str]:
    """The site of the business, and the domain of its mail."""
    contact = situation.brand.contact
    mail = lowered(contact.email).rpartition("@")[2]
    return frozenset({_host(contact.site), mail}) - _MAILBOXES - {""}


def _is_known(link: str, situation: Situation) -> bool:
    """Whether it leads to the business itself, or names what the author has named."""
    host = _host(link)
    return any(host == own or host.endswith(f".{own}") for own in _own_hosts(situation)) or (
        bool(host) and host == link and host in lowered(situation.text)
    )


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
        "foreign_link",
        WARNING,
        matches(re.compile(_ADDRESS), "Ссылка в ответе", needs=(*ascii_lowercase, ".рф"), unless=_is_known),
        "Площадка может принять её за рекламу, а читатель уйдёт по ней на чужой сайт.",
        "Уберите её; свой сайт впишите в config.yaml (business.contact.site).",
        lambda situation: not contacts_forbidden(situation),
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
                r"(?:угостим|угощаем) вас\b",
                rf"(?:порадуем|порадовать) вас {_GIFT}",
                rf"{_GIFT} … (?:ждет|ждут|придет|придут) (?:вас|вам|на)\b",
                r"(?:следующ|перв)\w{2,4} [^.!?\n]{1,25}(?:за наш счет|за счет заведения|от нас|в подарок|бесплатно)\b",
                r"с нас (?:\w{2,12} )?(?:десерт|кофе|чай|напиток|бокал|ужин|обед|подарок|комплимент|сюрприз)\b",
                r"(?:сюрприз|подарок|десерт|напиток|кофе) (?:от нас|от заведения|за наш счет)\b",
                r"кодовое слово\b",
                r"назовите … (?:код|слово)\b",
            ),
            "Подарок обещан при всех",
            needs=(
                "угост",
                "угощ",
                "с нас ",
                "от нас",
                "от заведения",
                "кодов",
                "назовите",
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
