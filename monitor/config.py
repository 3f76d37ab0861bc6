"""config.yaml as typed settings. Unknown keys are refused; every error names the file, the line and what to write.

Secrets never stand in the file: options that end in `_env` name environment variables, and
only the command that needs one reads it (`Config.secret`).
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from monitor import config_values as values
from monitor import wording
from monitor.config_calendar import CalendarSettings, read_calendars
from monitor.config_canary import CanaryConfig, read_canary
from monitor.config_channels import ChannelConfig, PingConfig, check_recipients, read_channels, read_ping
from monitor.config_desk import DeskConfig, read_desk
from monitor.config_digest import DigestConfig, read_digest
from monitor.config_escalation import Escalation, read_escalation
from monitor.config_file import Origin, Section, Whereabouts, compose, read_document, read_text
from monitor.config_gestures import GestureLimits, read_gestures
from monitor.config_overlay import Setting, lay, origin_of
from monitor.config_places import Listing, Place, read_places
from monitor.config_rewriter import RewriterConfig, read_rewriter
from monitor.config_sla import Sla, read_sla
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
class LeftOut:
    """A setting of the desk that does not hold, and why not."""

    setting: Setting
    error: ConfigError


@dataclass(frozen=True, slots=True)
class Config:
    """`path` is the file; `database` and `templates_dir` are absolute, resolved from its folder.

    `lines` maps a dotted path (`places.0.listings.1.source`) to its line, counted from 1; `origins` to who set at the
    desk what holds there. `text`: the file as it was read. `settings`: those of the desk that hold, `left_out` those
    that do not fit the file; `version`: of all of them together.
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
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False, compare=False)
    settings: tuple[Setting, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    version: int = 0

    @property
    def outbox(self) -> Path:
        """Where `mail.transport: file` writes."""
        return self.database.parent / "outbox"

    def error(self, path: str, message: str) -> ConfigError:
        """An error about the key at `path`, with its line (or that of its nearest parent)."""
        return self._whereabouts.error(path, message)

    def origin(self, path: str) -> Origin | None:
        """Who set at the desk what stands at `path`; None for what the file says."""
        return self._whereabouts.origin(path)

    @property
    def _whereabouts(self) -> Whereabouts:
        return Whereabouts(self.path.name, self.lines, self.origins)

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
    config, found = read_file(path)
    if found:
        raise found[0]
    return config


def held_nodes(config: Config) -> yaml.MappingNode:
    """The file's nodes with what holds of the desk's settings."""
    node = compose(config.text, config.path.name)
    list(lay(node, config.settings))
    return node


def read_file(path: Path) -> tuple[Config, list[ConfigError]]:
    """What a file says, and everything that is wrong with it. Raises ConfigError when it is no YAML of ours."""
    return read(path, read_text(path))


def problems(
    path: Path,
    also: Callable[[Config], Iterable[ConfigError]] = lambda _: (),
    reader: Callable[[Path], tuple[Config, list[ConfigError]]] = read_file,
) -> list[ConfigError]:
    """Everything that is wrong with a file, in the order of its lines; nothing when `load` takes it.

    `also` tells what only others know of a config; it is asked about what could be read.
    """
    try:
        config, found = reader(path)
    except ConfigError as error:
        return [error]
    told = {problem.path for problem in found}
    more = [problem for problem in also(config) if problem.path not in told]
    return sorted([*found, *more], key=lambda problem: problem.line or LAST)


def read(path: Path, text: str, settings: Sequence[Setting] = ()) -> tuple[Config, list[ConfigError]]:
    """What the text of a file says, the settings of the desk before it, and everything that is wrong with both: what is
    wrong with a setting is at a path that has an origin. Raises ConfigError when the text is no YAML of ours."""
    node = compose(text, path.name)
    misplaced = list(lay(node, settings))
    document, root = read_document(node, path.name)
    root.allow(
        "business", "database", "retention", "sla", "calendars", "escalation", "mail", "http", "sources", "places",
        "templates_dir", "themes", "competitors", "gestures", "rewriter", "digest", "canary", "desk",
        "channels", "ping",
    )  # fmt: skip
    folder = path.absolute().parent
    http = _http(root.section("http"))
    calendars = read_calendars(root.section("calendars"))
    places = read_places(root, calendars)
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
        origins=document.origins,
        text=text,
        left_out=tuple(LeftOut(setting, _nowhere(setting, why)) for setting, why in misplaced),
    )
    return config, sorted(document.problems, key=lambda problem: problem.line or LAST)


def _nowhere(setting: Setting, why: str) -> ConfigError:
    return ConfigError(f"{why} ({origin_of(setting)})", path=wording.one_line(f"{setting.kind} {setting.name}", 200))


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
