"""What a config says, settled: promises, people, cards, sources with their secrets."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from monitor import own_words, promises, sla
from monitor.alerts import TicketView
from monitor.assemble.wiring import card_of, wiring_problems
from monitor.clock import SystemClock
from monitor.config import Config, SourceConfig
from monitor.effective import sentence
from monitor.errors import ConfigError
from monitor.jobs.fetch import Watched
from monitor.ladder import Ladder, ladder_of, own_addresses
from monitor.log import Log
from monitor.model import Card, SourceSettings
from monitor.notify import channels
from monitor.seams import Clock, Session, Source
from monitor.sources import REGISTRY
from monitor.store.intents import Rules
from responders.types import Brand, Contact, Register

if TYPE_CHECKING:
    from monitor.entry_links import EntryLinks
    from monitor.invitations import Invitations
    from monitor.second_factor import Seals
    from sentiment.business import Business


class Settled(ABC):
    """Everything a command may need, made on demand from one config.

    Raises ConfigError when the config names a source or a card that cannot exist, or words nobody could look for.
    """

    def __init__(
        self,
        config: Config,
        clock: Clock | None = None,
        session: Session | None = None,
        *,
        first: Self | None = None,
    ) -> None:
        """`first`: the application whose config this one's follows, by settings of the desk; what is `kept` there is
        shared."""
        self.config = config
        self.clock = clock or SystemClock()
        self._given_session = session
        self.first: Self = first or self
        self.log: Log = Log() if first is None else first.log
        if first is not None:
            return  # whatever was laid over a good file has been tried
        if errors := [*wiring_problems(config), *promises.problems(config, self.clock.now())]:
            raise errors[0]

    def left_out(self, now: datetime) -> list[str]:
        """Settings of the desk that do not hold, and why, in words."""
        return [sentence(self.config, left, now) for left in self.config.left_out]

    # --- what the config says -----------------------------------------------------------------------

    @cached_property
    def policies(self) -> sla.Policies:
        return promises.policies(self.config)

    @cached_property
    def ladder(self) -> Ladder:
        """Who hears of what, place by place."""
        places = {place.id: place.escalation for place in self.config.places}
        return ladder_of(self.config.escalation, places, self.trial_recipients, self.called)

    @abstractmethod
    def login(self, address: str, name: str) -> str:
        """Under which login somebody acts at the desk whose address that is, or whom the config calls so; "" for
        nobody's. The accounts are in the store."""

    @abstractmethod
    def called(self, actor: str) -> str:
        """What `escalation.people` calls somebody who acts under that name."""

    def why(self, recipient: str, view: TicketView, now: datetime) -> str:
        """By which role somebody hears of a ticket."""
        today = now.astimezone(self.zone(view.place)).date()
        return self.ladder.why(recipient, place=view.place, assignee=view.assignee, today=today)

    @property
    def trial_recipients(self) -> Sequence[str]:
        """Who gets a trial alarm."""
        settings = self.config.canary
        return settings.to if settings else self.config.escalation.admin or self.config.escalation.owner

    @property
    def canary_every(self) -> timedelta | None:
        """How often the worker tries an alarm; None: never."""
        return self.config.canary.every if self.config.canary else None

    def zone(self, place: str) -> ZoneInfo:
        """A place's time zone; that of the first where the place left the config."""
        zones = {place.id: place.timezone for place in self.config.places}
        return ZoneInfo(zones.get(place, self.config.places[0].timezone))

    def owners(self, place: str, now: datetime) -> Sequence[str]:
        """Who hears of a danger there at that moment."""
        return self.ladder.owners(place, now.astimezone(self.zone(place)).date())

    @cached_property
    def brand(self) -> Brand:
        business = self.config.business
        contact = Contact(business.contact.phone, business.contact.email, business.contact.site)
        places = tuple(self.titles.values())
        return Brand(
            business.name,
            business.sector,
            business.signature,
            contact,
            business.brands,
            places,
            Register(business.register),
            business.emoji,
        )

    @cached_property
    def business(self) -> "Business":
        """What the analysis knows of it."""
        return own_words.business(self.config)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        return {place.id: place.title for place in self.config.places}

    @cached_property
    def cards(self) -> Mapping[tuple[str, str], Card]:
        """Every listing of the config as a card, by (source, external id)."""
        cards = (card_of(place, listing) for place in self.config.places for listing in place.listings)
        return {(card.source, card.id): card for card in cards}

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Sources without secrets: enough for titles and links."""
        return {name: make(SourceSettings()) for name, make in REGISTRY.items()}

    def _settings(self, name: str) -> SourceConfig:
        return self.config.sources.get(name, SourceConfig())

    @cached_property
    def _wired(self) -> tuple[dict[str, Watched], tuple[ConfigError, ...]]:
        """Sources ready to be read, and why others are not: their secrets are missing."""
        watched: dict[str, Watched] = {}
        errors: list[ConfigError] = []
        for name in dict.fromkeys(card.source for card in self.cards.values()):
            settings = self._settings(name)
            secrets, missing = self._secrets(name, settings)
            if missing:
                errors += missing
                continue
            source = REGISTRY[name](SourceSettings(settings.base_url, secrets))
            rules = self._rules(source)
            every = source.every if settings.every is None else settings.every
            pace = source.pace if settings.pace is None else settings.pace
            watched[name] = Watched(source, rules, every, pace)
        return watched, tuple(errors)

    def _rules(self, source: Source) -> Rules:
        settings = self._settings(source.name)
        return Rules(
            self.policies.default,
            source.answerable,
            settings.representative,
            self.config.sla.enforce_from,
            self.policies.places,
        )

    def _secrets(self, name: str, settings: SourceConfig) -> tuple[dict[str, str], list[ConfigError]]:
        """What the source's options say, and every variable that is missing."""
        found: dict[str, str] = {}
        missing: list[ConfigError] = []
        for option in self.sources[name].env_options:
            try:
                value = self.config.secret(settings.env.get(option, ""), f"sources.{name}.{option}")
            except ConfigError as error:
                missing.append(error)
            else:
                found[option.removesuffix("_env")] = value
        return found, missing

    @property
    def missing_secrets(self) -> tuple[ConfigError, ...]:
        """Why some cards cannot be read, mails have no buttons, a channel or the ping is silent: environment variables
        that are not set."""
        return (*self._wired[1], *self._signing[1], *channels.missing_secrets(self.config))

    @property
    def invitations(self) -> "Invitations | None":
        """The links in mails; None where the config has no desk. Raises ConfigError when their secret is missing."""
        made, errors = self._signing
        if errors:
            raise errors[0]
        return made

    @cached_property
    def _signing(self) -> "tuple[Invitations | None, tuple[ConfigError, ...]]":
        """The same, and why there are none although the config has a desk."""
        from monitor.invitations import Invitations

        desk = self.config.desk
        if desk is None:
            return None, ()
        people = self.config.escalation.people
        try:
            made = Invitations(
                self.config.secret(desk.secret_env, "desk.secret_env"),
                public_url=desk.public_url,
                lifetime=timedelta(days=desk.link_days),
                names=own_addresses(people),
                login=self.login,
            )
        except ConfigError as error:
            return None, (error,)
        except ValueError as error:
            advice = "make another one, such as with `openssl rand -hex 32`"
            return None, (self.config.error("desk.secret_env", f"the secret in {desk.secret_env} {error}: {advice}"),)
        return made, ()

    @property
    def entry_links(self) -> "EntryLinks | None":
        """The links in mails that set a password; None and ConfigError as for `invitations`."""
        from monitor.entry_links import EntryLinks

        desk = self.config.desk
        if desk is None or self.invitations is None:
            return None
        return EntryLinks(self.config.secret(desk.secret_env, "desk.secret_env"), public_url=desk.public_url)

    @property
    def seals(self) -> "Seals":
        """What makes the secrets of second factors. Raises ConfigError when the desk's secret is missing."""
        from monitor.second_factor import Seals

        desk = self.config.desk
        return Seals("" if desk is None else self.config.secret(desk.secret_env, "desk.secret_env"))

    @property
    def intervals(self) -> Mapping[str, timedelta]:
        """How often the cards of each source are read."""
        names = dict.fromkeys(card.source for card in self.cards.values())
        return {name: self._settings(name).every or self.sources[name].every for name in names}

    @property
    def paces(self) -> Mapping[str, timedelta]:
        """The least time between two requests to the host of each source."""
        found = {name: self._settings(name).pace for name in self.intervals}
        return {name: self.sources[name].pace if pace is None else pace for name, pace in found.items()}

    def reader(self, name: str) -> Source:
        """A source as it reads its site, with its settings and secrets. Raises ConfigError when one is missing."""
        settings = self._settings(name)
        secrets, missing = self._secrets(name, settings)
        if missing:
            raise missing[0]
        return REGISTRY[name](SourceSettings(settings.base_url, secrets))
