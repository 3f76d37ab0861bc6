"""config.yaml as typed settings. Unknown keys are refused; every error names the file, the line and what to write.

Secrets never stand in the file: options that end in `_env` name environment variables, and
only the command that needs one reads it (`Config.secret`).
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import config_values as values
from monitor import wording
from monitor.config_calendar import CalendarSettings, read_calendars
from monitor.config_canary import CanaryConfig, read_canary
from monitor.config_channels import ChannelConfig, PingConfig, check_recipients, read_channels, read_ping
from monitor.config_desk import DeskConfig, read_desk
from monitor.config_digest import DigestConfig, read_digest
from monitor.config_escalation import Escalation, PlaceEscalation, read_escalation, read_place_escalation
from monitor.config_file import Entry, Section, read_document
from monitor.config_gestures import GestureLimits, read_gestures
from monitor.config_rewriter import RewriterConfig, read_rewriter
from monitor.config_sla import PlaceSla, Sla, read_place_sla, read_sla
from monitor.config_words import ThemeWords, read_texts, read_themes
from monitor.errors import ConfigError

__all__ = [
    "Business",
    "CalendarSettings",
    "Config",
    "Contact",
    "Escalation",
    "GestureLimits",
    "Http",
    "Listing",
    "Mail",
    "Place",
    "Sla",
    "SourceConfig",
    "ThemeWords",
    "load",
    "problems",
]

# The dataclasses below are the settings; `load` at the end reads them.


@dataclass(frozen=True, slots=True)
class Contact:
    phone: str = ""
    email: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Business:
    """`sector`: one of SECTORS. `brands`: what reviewers call it besides `name`. `register`: how it speaks, one of
    REGISTERS. `emoji`: what may stand under thanks, or ""."""

    name: str
    sector: str = "other"
    signature: str = ""
    contact: Contact = Contact()
    brands: tuple[str, ...] = ()
    register: str = "neutral"
    emoji: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """`transport`: "file" (outbox/*.eml beside the database) or "smtp". `tls`: "starttls", "implicit" or "none".
    `per_hour`: how many messages one recipient gets within an hour, by mail or through a channel."""

    transport: str
    sender: str  # `from` in the file
    host: str = ""
    port: int = 587
    tls: str = "starttls"
    user_env: str = ""
    password_env: str = ""
    timeout: timedelta = timedelta(seconds=30)
    per_hour: int = 60


@dataclass(frozen=True, slots=True)
class Http:
    """`contact` goes into the User-Agent; `full_read` is how often a card is read to its end."""

    contact: str = ""
    allow_loopback: bool = False
    timeout: timedelta = timedelta(seconds=20)
    pass_budget: timedelta = timedelta(minutes=4)
    full_read: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """None means: the source's own default. `env` maps option (`key_env`) to the variable's name.

    `robots`: "obey", or "own-card" where the owner explicitly allows reading his own card.
    """

    base_url: str = ""
    pace: timedelta | None = None
    every: timedelta | None = None
    robots: str = "obey"
    representative: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """A place's card on a site. `id` is the site's id; `params` the other keys (Google: account, location)."""

    source: str
    id: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    id: str
    title: str
    timezone: str = "Europe/Moscow"
    listings: tuple[Listing, ...] = ()
    sla: PlaceSla = field(default_factory=PlaceSla)
    escalation: PlaceEscalation = field(default_factory=PlaceEscalation)


@dataclass(frozen=True, slots=True)
class Config:
    """`path` is the file; `database` and `templates_dir` are absolute, resolved from its folder.

    `lines` maps a dotted path (`places.0.listings.1.source`) to its line, counted from 1.
    """

    path: Path
    business: Business
    database: Path
    mail: Mail
    escalation: Escalation
    places: tuple[Place, ...]
    retention: timedelta | None = None
    sla: Sla = field(default_factory=Sla)
    calendars: Mapping[str, CalendarSettings] = field(default_factory=dict)
    http: Http = Http()
    sources: Mapping[str, SourceConfig] = field(default_factory=dict)
    templates_dir: Path | None = None
    themes: Mapping[str, ThemeWords] = field(default_factory=dict)
    competitors: tuple[str, ...] = ()
    gestures: GestureLimits | None = None
    rewriter: RewriterConfig | None = None
    digest: DigestConfig | None = None
    canary: CanaryConfig | None = None
    channels: Mapping[str, ChannelConfig] = field(default_factory=dict)
    ping: PingConfig | None = None
    desk: DeskConfig | None = None
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)

    @property
    def outbox(self) -> Path:
        """Where `mail.transport: file` writes."""
        return self.database.parent / "outbox"

    def error(self, path: str, message: str) -> ConfigError:
        """An error about the key at `path`, with its line (or that of its nearest parent)."""
        parent = path
        while parent and parent not in self.lines:
            parent = parent.rpartition(".")[0]
        return ConfigError(message, path=path, line=self.lines.get(parent), file=self.path.name)

    def secret(self, env_name: str, path: str) -> str:
        """The value of the environment variable that the key at `path` names; never part of a message."""
        if not env_name:
            raise self.error(path, "is missing: write the name of the environment variable that holds the secret")
        value = os.environ.get(env_name, "").strip()
        if not value:
            raise self.error(path, f"set the environment variable {env_name}: it is empty or not there")
        return value


LAST = 10**9
"""A key that is missing at the top has no line: told after those that have one, which may be its misspelling."""

SECTORS = ("food", "shop", "clinic", "beauty", "hotel", "cars", "delivery", "bank", "other")
REGISTERS = ("warm", "neutral", "formal")


def load(path: Path) -> Config:
    """The settings of a file. Raises ConfigError for the first problem in it; `problems` tells all."""
    config, found = _read(path)
    if found:
        raise found[0]
    return config


def problems(path: Path, also: Callable[[Config], Iterable[ConfigError]] = lambda _: ()) -> list[ConfigError]:
    """Everything that is wrong with a file, in the order of its lines; nothing when `load` takes it.

    `also` tells what only others know of a config; it is asked about what could be read.
    """
    try:
        config, found = _read(path)
    except ConfigError as error:
        return [error]
    told = {problem.path for problem in found}
    more = [problem for problem in also(config) if problem.path not in told]
    return sorted([*found, *more], key=lambda problem: problem.line or LAST)


def _read(path: Path) -> tuple[Config, list[ConfigError]]:
    document, root = read_document(path)
    root.allow(
        "business", "database", "retention", "sla", "calendars", "escalation", "mail", "http", "sources", "places",
        "templates_dir", "themes", "competitors", "gestures", "rewriter", "digest", "canary", "desk",
        "channels", "ping",
    )  # fmt: skip
    folder = path.absolute().parent
    http = _http(root.section("http"))
    calendars = read_calendars(root.section("calendars"))
    places = _places(root, calendars)
    escalation = read_escalation(
        root.section("escalation", example="{support: [support@example.ru], owner: [owner@example.ru]}")
    )
    mail = _mail(root.section("mail", example="{transport: file, from: otklik@example.ru}"))
    channels = read_channels(root, allow_loopback=http.allow_loopback)
    check_recipients(root, channels, mail.sender)
    config = Config(
        path=path.absolute(),
        business=_business(root.section("business", example="{name: Кафе «Ромашка»}")),
        database=root.read("database", partial(_file, folder), folder / "otklik.db", example="otklik.db"),
        mail=mail,
        escalation=escalation,
        places=places,
        retention=root.read("retention", values.positive_duration, None),
        sla=read_sla(root.section("sla"), calendars, ZoneInfo((places[0] if places else Place("", "")).timezone)),
        calendars=calendars,
        http=http,
        sources=_sources(root.section("sources"), http),
        templates_dir=root.read("templates_dir", partial(_folder, folder), None),
        themes=read_themes(root.section("themes"), wording.THEMES, wording.QUALITY_OF),
        competitors=read_texts(root, "competitors", example="[Лютик]"),
        gestures=read_gestures(root),
        rewriter=read_rewriter(root),
        digest=read_digest(root, escalation.owner),
        canary=read_canary(root, escalation.admin),
        channels=channels,
        ping=read_ping(root),
        desk=read_desk(root),
        lines=document.lines,
    )
    return config, sorted(document.problems, key=lambda problem: problem.line or LAST)


def _path(folder: Path, written: str) -> tuple[Path, bool]:
    """The absolute path, and whether a folder is there."""
    try:
        found = folder / Path(values.text(written)).expanduser()
        return found, found.is_dir()
    except RuntimeError:
        raise ValueError(f"names the home of a user who is not here: {values.shown(written)}") from None
    except OSError as error:
        raise ValueError(f"cannot be used as a path: {values.shown(written)}: {error.strerror}") from None


def _file(folder: Path, written: str) -> Path:
    found, is_folder = _path(folder, written)
    if is_folder:
        raise ValueError(f"must be a file, but {values.shown(written)} is a folder")
    return found


def _folder(folder: Path, written: str) -> Path:
    found, is_folder = _path(folder, written)
    if not is_folder:
        raise ValueError(f"there is no folder {values.shown(written)} beside this file: create it or remove the key")
    return found


def _business(section: Section) -> Business:
    section.allow("name", "sector", "signature", "contact", "brands", "register", "emoji")
    contact = section.section("contact")
    contact.allow("phone", "email", "site")
    return Business(
        name=section.read("name", values.text, "", example="Кафе «Ромашка»"),
        sector=section.read("sector", values.one_of(*SECTORS), "other"),
        signature=section.read("signature", values.text, ""),
        contact=Contact(
            phone=contact.read("phone", values.text, ""),
            email=contact.read("email", values.email, ""),
            site=contact.read("site", values.site, ""),
        ),
        brands=read_texts(section, "brands", example="[Ромашка Экспресс]"),
        register=section.read("register", values.one_of(*REGISTERS), "neutral"),
        emoji=section.read("emoji", values.emoji, ""),
    )


def _http(section: Section) -> Http:
    section.allow("contact", "allow_loopback", "timeout", "pass_budget", "full_read")
    default = Http()
    return Http(
        contact=section.read("contact", values.contact, default.contact),
        allow_loopback=section.read("allow_loopback", values.boolean, default.allow_loopback),
        timeout=section.read("timeout", values.positive_duration, default.timeout),
        pass_budget=section.read("pass_budget", values.positive_duration, default.pass_budget),
        full_read=section.read("full_read", values.positive_duration, default.full_read),
    )


def _mail(section: Section) -> Mail:
    section.allow("transport", "from", "host", "port", "tls", "user_env", "password_env", "timeout", "per_hour")
    default = Mail("file", "")
    tls = section.read("tls", values.one_of("starttls", "implicit", "none"), default.tls)
    mail = Mail(
        transport=section.read("transport", values.one_of("file", "smtp"), default.transport, example="smtp"),
        sender=section.read("from", values.email, "", example="otklik@example.ru"),
        host=section.read("host", values.host, ""),
        port=section.read("port", values.whole(1, 65535), 465 if tls == "implicit" else default.port),
        tls=tls,
        user_env=section.read("user_env", values.env_name, ""),
        password_env=section.read("password_env", values.env_name, ""),
        timeout=section.read("timeout", values.positive_duration, default.timeout),
        per_hour=section.read("per_hour", values.whole(1, 100_000), default.per_hour),
    )
    if mail.transport == "smtp" and "host" not in section.entries:
        section.refuse("host", "is missing: `transport: smtp` needs the mail server, such as `host: smtp.example.ru`")
    for one, other in (("user_env", "password_env"), ("password_env", "user_env")):
        if one in section.entries and other not in section.entries:
            section.refuse(other, f"is missing: `{one}` needs it beside itself")
    if mail.password_env and mail.tls == "none" and mail.host and not values.is_loopback(mail.host):
        section.refuse("tls", "would send the password unencrypted: write `tls: starttls` or `tls: implicit`")
    return mail


def _sources(section: Section, http: Http) -> dict[str, SourceConfig]:
    found = {}
    for name, entry in section.entries.items():
        try:
            values.source_name(name)
        except ValueError as error:
            entry.refuse(str(error))
        found[name] = _source(entry.section(), http)
    return found


def _source(section: Section, http: Http) -> SourceConfig:
    section.allow("base_url", "pace", "every", "robots", "representative", also=r"[a-z_]+_env")
    base_url = section.read("base_url", values.base_url, "")
    if base_url and values.is_loopback(base_url) and not http.allow_loopback:
        section.refuse("base_url", "is this machine: allow it with `http: {allow_loopback: true}`, or remove the key")
    return SourceConfig(
        base_url=base_url,
        pace=section.read("pace", values.duration, None),
        every=section.read("every", values.positive_duration, None),
        robots=section.read("robots", values.one_of("obey", "own-card"), "obey"),
        representative=section.read("representative", values.boolean, False),
        env={key: entry.value(values.env_name, "") for key, entry in section.entries.items() if key.endswith("_env")},
    )


def _places(root: Section, calendars: Mapping[str, CalendarSettings]) -> tuple[Place, ...]:
    places: list[Place] = []
    place_at: dict[str, str] = {}
    card_at: dict[tuple[object, ...], str] = {}
    for entry in root.items("places", example="[{id: lenina, title: На Ленина, listings: []}]"):
        section = entry.section()
        section.allow("id", "title", "timezone", "listings", "sla", "escalation")
        place = Place(
            id=section.read("id", values.identifier, "", example="lenina"),
            title=section.read("title", values.text, "", example="«Ромашка» на Ленина"),
            timezone=section.read("timezone", values.timezone, "Europe/Moscow"),
            listings=tuple(_listing(item, card_at) for item in section.items("listings")),
            sla=read_place_sla(section.section("sla"), calendars),
            escalation=read_place_escalation(section.section("escalation")),
        )
        if place.id and place.id in place_at:
            section.refuse("id", f"is taken by {place_at[place.id]}: every place needs its own")
        place_at.setdefault(place.id, section.path)
        places.append(place)
    return tuple(places)


def _listing(entry: Entry, card_at: dict[tuple[object, ...], str]) -> Listing:
    section = entry.section()
    section.allow("source", "id", "account", "location")
    listing = Listing(
        source=section.read("source", values.source_name, "", example="yandex_maps"),
        id=section.read("id", values.text, ""),
        params={key: section.read(key, values.text, "") for key in ("account", "location") if key in section.entries},
    )
    if section.there and "id" not in section.entries and len(listing.params) < 2:
        section.refuse("id", "is missing: write the card's `id`, or for google_business its `account` and `location`")
    card = (listing.source, listing.id, *sorted(listing.params.items()))
    if listing.source and card in card_at:
        entry.refuse(f"is the same card as {card_at[card]}: keep one")
    card_at.setdefault(card, entry.path)
    return listing
