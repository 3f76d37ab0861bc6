"""What is kept of people, in words: which data, how much, for how long, in which files, and who outside gets it.

Every table of the database that holds text stands in `KINDS`; `tests/test_privacy.py` looks through the schema for one
that does not. Terms come from the settings in force and from the constants that enforce them.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor import wording
from monitor.accounts import Purpose
from monitor.config import Config
from monitor.config_channels import ChannelConfig
from monitor.desk.context import Desk
from monitor.samples import FOLDER
from monitor.store import answers, sessions
from monitor.store.accounts import LINK_MEMORY, LIVES, PROOF_LIFE

WITH_REVIEW = "Вместе с отзывом"

MONTH = timedelta(days=30)
"""As config.yaml counts `mo`."""

SQLITE = b"SQLite format 3\0"

MOST_LOOKED_AT = 1_000
"""Files beside the database."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of a table, and the word for them in its three forms; `where` a condition on them."""

    table: str
    forms: tuple[str, str, str]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """Data that people understand as one. `tables`: all that hold it, with `*` for numbers at the end. `age`: the
    column of the first counted table that tells since when there is some. `life`: how long it stays."""

    title: str
    what: str
    tables: tuple[str, ...]
    life: Callable[[Config], str]
    counted: tuple[Counted, ...] = ()
    age: str = ""


def span(length: timedelta) -> str:
    """`24 месяца`, `12 ч`"""
    months, rest = divmod(length, MONTH)
    return wording.duration(length) if rest or not months else wording.counted(months, "месяц", "месяца", "месяцев")


def _with_review(_config: Config) -> str:
    return WITH_REVIEW


def _retention(config: Config) -> str:
    if config.retention is None:
        return "Пока не сотрёте: срок (retention) в config.yaml не задан"
    return f"{span(config.retention)} после первого чтения и закрытия, потом стирается само"


def _audit(config: Config) -> str:
    if config.retention is None:
        return "Срок (retention) в config.yaml не задан"
    if config.retention >= PROOF_LIFE:
        return span(config.retention)
    return f"{span(config.retention)}; записи о стирании данных — 3 года: ими подтверждают, что данные уничтожены"


def _always(text: str) -> Callable[[Config], str]:
    return lambda _config: text


KINDS = (
    Kind(
        "Отзывы",
        "Имя автора, его слова, оценка, дата, адрес отзыва; прежние тексты",
        ("review", "revision", "alias", "sketch"),
        _retention,
        (Counted("review", ("отзыв", "отзыва", "отзывов"), "forgotten_at IS NULL"),),
        "first_seen_at",
    ),
    Kind(
        "Ответы и черновики",
        "Что мы ответили на площадке и что для этого написали; там бывает имя автора",
        ("reply", "draft"),
        _with_review,
        (
            Counted("draft", ("черновик", "черновика", "черновиков")),
            Counted("reply", ("ответ", "ответа", "ответов"), "text <> ''"),
        ),
    ),
    Kind(
        "Разбор текстов",
        "Тон, темы и опасности с цитатами, люди, названные в отзыве, поправки сотрудников",
        ("verdict", "label", "theme_label", "danger_label"),
        _with_review,
        (Counted("verdict", ("разбор", "разбора", "разборов")),),
    ),
    Kind(
        "Работа с отзывами",
        "Кто взял отзыв, что и когда сделал, какие были сроки",
        ("ticket", "event"),
        _always("Слова стираются вместе с отзывом, логины и сроки остаются"),
        (Counted("event", ("событие", "события", "событий")),),
    ),
    Kind(
        "Заметки, жалобы, жесты",
        "Что коллеги записали об отзыве и что предложили автору лично",
        ("note", "dispute", "gesture"),
        _always(f"{WITH_REVIEW}; суммы жестов остаются"),
        (
            Counted("note", ("заметка", "заметки", "заметок")),
            Counted("dispute", ("жалоба", "жалобы", "жалоб")),
            Counted("gesture", ("жест", "жеста", "жестов")),
        ),
    ),
    Kind(
        "Меры",
        "Что сделали из-за жалоб, кто и когда это записал",
        ("measure",),
        _always("Остаются; слова тех, что начались с отзыва, стираются вместе с ним"),
        (Counted("measure", ("мера", "меры", "мер")),),
        "noted_at",
    ),
    Kind(
        "Письма и сообщения",
        "Кому, когда и о каком отзыве написали; самих слов в базе нет",
        ("notification", "notification_ticket", "notification_alarm", "notification_account"),
        _always("Остаются: имён и слов авторов в них нет"),
        (Counted("notification", ("письмо", "письма", "писем")),),
        "created_at",
    ),
    Kind(
        "Поиск",
        "По каким словам находится отзыв, имя автора тоже",
        ("search_*",),
        _with_review,
        (Counted("review", ("отзыв", "отзыва", "отзывов"), "forgotten_at IS NULL AND searched_with <> ''"),),
    ),
    Kind(
        "Числа",
        "Подсчёты для отчётов; из имён там только сотрудники, которых назвали гости",
        ("fact_block", "fact_stale"),
        _always("Считаются заново, когда отзыв стёрт"),
    ),
    Kind(
        "Учётные записи",
        "Логин, имя, почта, роль, точки, последний вход; пароль и коды только отпечатками",
        ("account", "account_place", "second_factor", "recovery_code"),
        _always("Остаются и выключенными: история называет, кто что сделал"),
        (Counted("account", ("запись", "записи", "записей")),),
        "created_at",
    ),
    Kind(
        "Сеансы",
        "Кто вошёл, откуда и каким браузером",
        ("session", "pending_login"),
        _always(f"{span(sessions.IDLE)} без дела, самое большее {wording.duration(sessions.LONGEST)}"),
        (Counted("session", ("сеанс", "сеанса", "сеансов")),),
        "started_at",
    ),
    Kind(
        "Ссылки для входа",
        "Отпечатки ссылок, которые дают задать пароль; откуда просили новый",
        ("entry_link", "reset_request"),
        _always(
            f"Ссылка работает {span(LIVES[Purpose.ENTRY])}, из письма о забытом пароле {span(LIVES[Purpose.RESET])}; "
            f"след от неё остаётся {wording.duration(LINK_MEMORY)}"
        ),
        (Counted("entry_link", ("ссылка", "ссылки", "ссылок")),),
    ),
    Kind(
        "Неудачные входы",
        "Отпечаток введённого логина и сетевой адрес",
        ("login_failure",),
        _always(f"Помним {span(sessions.MEMORY)}; строки убирает следующая попытка входа"),
        (Counted("login_failure", ("попытка", "попытки", "попыток")),),
        "at",
    ),
    Kind(
        "Журнал",
        "Кто что сделал на рабочем месте, когда и с какого сетевого адреса",
        ("audit",),
        _audit,
        (Counted("audit", ("запись", "записи", "записей")),),
        "at",
    ),
    Kind(
        "Сохранённые виды очереди",
        "Названия и условия поиска: там может быть имя автора",
        ("saved_view",),
        _always("Пока сотрудник не удалит; с именем автора стираются вместе с ним"),
        (Counted("saved_view", ("вид", "вида", "видов")),),
    ),
    Kind(
        "Настройки",
        "Что задали на рабочем месте, кто и когда; все прежние состояния",
        ("setting",),
        _always("Остаются"),
        (Counted("setting", ("запись", "записи", "записей")),),
        "at",
    ),
    Kind(
        "Программы",
        "Имена токенов и их отпечатки; что программам ответили",
        ("token", "token_place", "answer", "changed", "former_place"),
        _always(f"Токены остаются и отозванными; ответы {span(answers.MEMORY)}"),
        (Counted("token", ("токен", "токена", "токенов")),),
        "created_at",
    ),
    Kind(
        "Чтение площадок",
        "Карточки, проходы, неполадки, сколько прочитано, какие были сроки; людей не касается",
        ("listing", "pass", "site", "host", "traffic", "alarm", "policy", "shown"),
        _always("Остаётся"),
    ),
)
"""In the order in which people read them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of `KINDS` as it is today; `much` and `since` "" where they are not told."""

    title: str
    what: str
    much: str
    since: str
    life: str


def lines(desk: Desk, now: datetime, *, counted: bool) -> Iterator[Line]:
    """`counted`: also how much there is."""
    for kind in KINDS:
        amounts = [desk.store.kept.amount(one.table, one.where, kind.age) for one in kind.counted[:1] if counted]
        amounts += [desk.store.kept.amount(one.table, one.where) for one in kind.counted[1:] if counted]
        said = (
            f"{wording.thousands(amount.rows)}{wording.GLUE}{wording.plural(amount.rows, *one.forms)}"
            for amount, one in zip(amounts, kind.counted, strict=False)
        )
        oldest = amounts[0].oldest if amounts else None
        zone = ZoneInfo(desk.application.config.places[0].timezone)
        since = "" if oldest is None else wording.date_told(oldest.astimezone(zone).date(), now.astimezone(zone).date())
        yield Line(kind.title, kind.what, ", ".join(said), since, kind.life(desk.application.config))


# --- files ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A file or a folder with data of people. `name` as it is on this machine; `size` and `at` of what is there."""

    title: str
    name: str
    much: str
    at: datetime | None


def files(config: Config) -> Iterator[Place]:
    """Where the data lies; of the folders and copies those that are really there."""
    database = config.database
    log = [database.with_name(database.name + end) for end in ("-wal", "-shm")]
    yield from _file("База данных", [database, *log])
    yield from _folder("Письма файлами", config.outbox, "*.eml", ("письмо", "письма", "писем"))
    yield from _folder("Образцы страниц", database.parent / FOLDER, "*", ("файл", "файла", "файлов"))
    for copy in copies(database):
        yield from _file("Копия базы", [copy])


def copies(database: Path) -> list[Path]:
    """Other databases in the same folder: copies made before an update, and by hand; the newest first."""
    found = []
    try:
        for path, _ in zip(sorted(database.parent.iterdir()), range(MOST_LOOKED_AT), strict=False):
            if path.name != database.name and path.is_file() and _is_database(path):
                found.append((path.stat().st_mtime, path))
    except OSError:
        pass  # a folder that cannot be read shows what it has shown so far
    return [path for _, path in sorted(found, reverse=True)]


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except OSError:
        return False


def _file(title: str, paths: list[Path]) -> Iterator[Place]:
    """One file with what belongs to it."""
    try:
        first, sizes = paths[0].stat(), [path.stat().st_size for path in paths if path.exists()]
    except OSError:
        return
    yield Place(title, str(paths[0]), wording.size(sum(sizes)), datetime.fromtimestamp(first.st_mtime, UTC))


def _folder(title: str, folder: Path, pattern: str, forms: tuple[str, str, str]) -> Iterator[Place]:
    try:
        there = [path.stat() for path in folder.glob(pattern) if path.is_file()]
    except OSError:
        return
    if there:
        much = f"{wording.counted(len(there), *forms)}, {wording.size(sum(one.st_size for one in there))}"
        yield Place(title, str(folder), much, datetime.fromtimestamp(max(one.st_mtime for one in there), UTC))


# --- who outside gets it ------------------------------------------------------------------------------

ABROAD = {
    "tgram": "Telegram", "slack": "Slack", "discord": "Discord", "whatsapp": "WhatsApp", "signal": "Signal",
    "msteams": "Microsoft Teams", "workflows": "Microsoft Teams", "gchat": "Google Chat", "pover": "Pushover",
    "pbul": "Pushbullet", "twilio": "Twilio", "ifttt": "IFTTT", "viber": "Viber",
}  # fmt: skip
"""How the addresses of services begin whose servers are not in Russia."""

CROSSES = "Серверы за границей: прежде чем передавать туда персональные данные, уведомите Роскомнадзор (152-ФЗ, ст. 12)"
UNKNOWN = "Узнайте, где стоят серверы: если за границей, сначала уведомите Роскомнадзор (152-ФЗ, ст. 12)"

MAILED = "Отзыв с именем автора, черновик ответа, логины сотрудников"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who outside gets what; `note` "" where there is nothing to mind."""

    who: str
    gets: str
    note: str = ""


def recipients(desk: Desk) -> Iterator[Recipient]:
    """By the settings in force."""
    config = desk.application.config
    if config.mail.transport == "smtp":
        yield Recipient(f"Почтовый сервер {config.mail.host}", MAILED, UNKNOWN)
    else:
        yield Recipient("Почта", "Никому: письма ложатся в папку на этой машине")
    yield from (_channel(name, channel) for name, channel in config.channels.items())
    if (rewriter := config.rewriter) is not None:
        gets = "Черновик ответа: вместо имени автора [ИМЯ], имена сотрудников как есть"
        if rewriter.send_review:
            gets = "Отзыв с именем автора и оценкой, черновик ответа (send_review: true)"
        who = f"программа {Path(rewriter.command[0]).name}" if rewriter.command else _host(rewriter.base_url)
        yield Recipient(f"Переписывание ответов: {who}", gets, UNKNOWN)
    if config.ping is not None:
        yield Recipient("Проверка, что программа работает (ping)", "Только как прошёл проход, об отзывах ничего")
    active = [token for token in desk.store.tokens.all() if token.revoked_at is None]
    if active:
        count = wording.counted(len(active), "токен", "токена", "токенов")
        yield Recipient(f"Программы: {count}", "То, что разрешает токен: отзывы с именами авторов или только числа")
    yield Recipient("Площадки с отзывами", "Ответы, которые Вы публикуете; при чтении данных о людях не передаём")


def _channel(name: str, channel: ChannelConfig) -> Recipient:
    if channel.webhook:
        return Recipient(f"Канал {name}: {_host(channel.webhook)}", MAILED, UNKNOWN)
    # The address is a secret: how it begins tells the service, and nothing else of it is read.
    service = os.environ.get(channel.url_env, "").partition(":")[0].strip().lower()
    if service in ABROAD:
        return Recipient(f"Канал {name}: {ABROAD[service]}", MAILED, CROSSES)
    return Recipient(f"Канал {name}", MAILED, UNKNOWN)


def _host(address: str) -> str:
    return urlsplit(address).hostname or "сервер"
