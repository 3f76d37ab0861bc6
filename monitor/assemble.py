"""The composition root: a Config becomes an engine, reports and actions.

Heavy parts (the model, templates, httpx, the mail channel) are made when the first row needs them, so that a
pass with nothing to do stays cheap. Secrets are read only by what uses them.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, cached_property, partial
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor import config_values as values
from monitor import own_words, promises, sla
from monitor.actions import Actions
from monitor.alerts import TicketView
from monitor.calendar import Always
from monitor.clock import SystemClock
from monitor.config import Config, Listing, Place, SourceConfig
from monitor.config_channels import PING, WEBHOOK
from monitor.config_digest import DigestConfig
from monitor.config_rewriter import RewriterConfig
from monitor.engine import Engine
from monitor.errors import ConfigError, FetchError, ModelUnusable
from monitor.jobs.analyse import Analyse
from monitor.jobs.canary import Canary
from monitor.jobs.digest import Digests
from monitor.jobs.draft import BATCH, HISTORY, PAID_BATCH, WriteDrafts, situation
from monitor.jobs.fetch import Fetch, Watched
from monitor.jobs.link import Link
from monitor.jobs.notify import Notify
from monitor.jobs.recount import Recount
from monitor.jobs.supervise import Supervise
from monitor.jobs.watch import Watch
from monitor.ladder import Ladder, ladder_of
from monitor.log import Event, Log
from monitor.model import Card, SourceSettings
from monitor.notify import channels
from monitor.notify.ping import TIMEOUT, Forgetful, Ping
from monitor.notify.router import Router
from monitor.numbers import Working
from monitor.reports import Reports
from monitor.samples import Samples
from monitor.seams import Analyser, Channel, Clock, Renderer, Responder, Session, Source
from monitor.sources import REGISTRY
from monitor.store.connection import Row
from monitor.store.intake import Rules
from monitor.store.sqlite import Store
from responders.types import Brand, Contact, Draft, Fault, Finding, Register, Situation

if TYPE_CHECKING:
    from monitor.invitations import Invitations
    from monitor.jobs.importing import Importing
    from monitor.jobs.publish import Publish
    from responders.rewriter import Rewriter
    from sentiment.analyse import Analyser as ShippedAnalyser
    from sentiment.business import Business


class Application:
    """Everything a command may need, made on demand from one config.

    Raises ConfigError when the config names a source or a card that cannot exist, or words nobody could look for.
    """

    def __init__(self, config: Config, clock: Clock | None = None, session: Session | None = None) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self._given_session = session
        self.log = Log()
        if errors := [*wiring_problems(config), *promises.problems(config, self.clock.now())]:
            raise errors[0]

    # --- what the config says -----------------------------------------------------------------------

    @cached_property
    def policies(self) -> sla.Policies:
        return promises.policies(self.config)

    @cached_property
    def ladder(self) -> Ladder:
        """Who hears of what, place by place."""
        places = {place.id: place.escalation for place in self.config.places}
        return ladder_of(self.config.escalation, places, self.trial_recipients)

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

    @cached_property
    def canary(self) -> Canary:
        """The trial alarm."""
        return Canary(
            store=self.store,
            clock=self.clock,
            policies=self.policies,
            every=self.canary_every,
            log=self.log,
        )

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
        contact = Contact(business.contact.phone, business.contact.email)
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
        cards = (_card(place, listing) for place in self.config.places for listing in place.listings)
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
                names={person.email: name for name, person in people.items()},
            )
        except ConfigError as error:
            return None, (error,)
        except ValueError as error:
            advice = "make another one, such as with `openssl rand -hex 32`"
            return None, (self.config.error("desk.secret_env", f"the secret in {desk.secret_env} {error}: {advice}"),)
        return made, ()

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

    def probe(self, place: Place, listing: Listing) -> str:
        """Reads the first page of a card and stores nothing; why it could not be read, or ""."""
        card = _card(place, listing)
        watched = self._wired[0][card.source]
        try:
            return self._fetch().probe(card, watched.source)
        except FetchError as error:
            return str(error)

    # --- what works on it ---------------------------------------------------------------------------

    @cached_property
    def store(self) -> Store:
        """The database, brought up to date, following the config's cards."""
        domain = self.config.mail.sender.rpartition("@")[2] or "otklik.local"
        store = Store.open(self.config.database, mail_domain=domain)
        store.listings.sync(self.cards.values(), self.clock.now())
        return store

    def close(self) -> None:
        try:
            if "ping" in self.__dict__:
                self.ping.close()
            if "session" in self.__dict__:
                self.session.close()  # it has something left to note in the store
        finally:
            if "store" in self.__dict__:
                self.store.close()

    @cached_property
    def session(self) -> Session:
        if self._given_session is not None:
            return self._given_session
        from monitor.session import HttpSession

        watched, _ = self._wired
        paces: dict[str, timedelta] = {}
        robots: dict[str, bool] = {}
        for name, entry in watched.items():
            settings = self._settings(name)
            paces[name] = entry.pace
            robots[name] = entry.source.obeys_robots and settings.robots == "obey"
        robots[WEBHOOK] = False  # a hook was made for programs
        http = self.config.http
        return HttpSession(
            self.clock,
            contact=http.contact,
            allow_loopback=http.allow_loopback,
            timeout=http.timeout,
            paces=paces,
            robots=robots,
            book=self.store.hosts,
        )

    def _fetch(self) -> Fetch:
        return Fetch(
            store=self.store,
            session=self.session,
            clock=self.clock,
            watched=self._wired[0],
            cards=self.cards,
            full_read=self.config.http.full_read,
            samples=self.samples,
        )

    @cached_property
    def samples(self) -> Samples:
        """Pages that could not be read, beside the database."""
        return Samples(self.config.database.parent)

    @cached_property
    def reports(self) -> Reports:
        return Reports(
            store=self.store,
            policies=self.policies,
            sources=self.sources,
            cards=self.cards,
            titles=self.titles,
            variables={name: tuple(settings.env.values()) for name, settings in self.config.sources.items()},
        )

    @cached_property
    def analyser(self) -> Analyser:
        return load_analyser(self.business)

    @cached_property
    def responder(self) -> Responder:
        from responders import draft

        return draft.Responder(self.config.templates_dir)

    @cached_property
    def shipped_responder(self) -> Responder:
        """Without the user's templates."""
        from responders import draft

        return draft.Responder(None)

    def writer(self, *, budget: timedelta | None = None) -> Responder:
        """The responder, its drafts rewritten where the config names a rewriter; `budget`: for all of them together.
        A new one begins with patience and time."""
        settings = self.config.rewriter
        if settings is None:
            return self.responder
        from responders.rewriter import Rewriting

        return Rewriting(
            self.responder,
            self._rewriter(settings),
            now=self.clock.now,
            say=lambda why: self.log.say(Event.REWRITER_LEFT_ALONE, reason=why),
            send_review=settings.send_review,
            budget=budget,
        )

    def _rewriter(self, settings: RewriterConfig) -> "Rewriter":
        from responders.rewriter import Prompt

        prompt = Prompt(self.config.templates_dir)
        if settings.command:
            from monitor.rewriting.command import CommandRewriter, environment

            return CommandRewriter(
                settings.command,
                folder=self.config.path.parent,
                timeout=settings.timeout,
                variables=environment(os.environ, settings.key_env),
                prompt=prompt,
            )
        from monitor.rewriting.chat import ChatRewriter

        name = settings.key_env
        return ChatRewriter(
            settings.base_url,
            model=settings.model,
            key=lambda: self.config.secret(name, "rewriter.key_env") if name else "",
            timeout=settings.timeout,
            prompt=prompt,
        )

    @cached_property
    def renderer(self) -> Renderer:
        from monitor.notify import render

        # Without the secret the mails go out all the same; `missing_secrets` tells why they have no buttons.
        return render.Renderer(self.config.templates_dir, self.config.business.name, self._signing[0])

    @cached_property
    def ping(self) -> Ping:
        """Who watches from outside that passes run; nobody where its address is missing (`missing_secrets`)."""
        try:
            address = channels.ping_address(self.config)
        except ConfigError:
            address = ""
        return Ping(address, self._ping_session, self.log)

    def _ping_session(self) -> Session:
        """Impatient, and without the database."""
        if self._given_session is not None:
            return self._given_session
        from monitor.session import HttpSession

        http = self.config.http
        return HttpSession(
            self.clock,
            contact=http.contact,
            allow_loopback=http.allow_loopback,
            timeout=min(TIMEOUT, http.timeout),
            paces={},
            robots={PING: False},
            book=Forgetful(),
        )

    @cached_property
    def channel(self) -> Router:
        """Where mails go, and the channels beside it."""
        return channels.router(self.config, self._mail_channel, lambda: self.session, self.clock)

    def _mail_channel(self) -> Channel:
        """Raises ConfigError when a secret of the mail server is missing."""
        mail = self.config.mail
        if mail.transport == "file":
            from monitor.notify.file import FileChannel

            return FileChannel(self.config.outbox, sender=mail.sender)
        from monitor.notify.smtp import SmtpChannel

        user, password = self._mail_login()
        return SmtpChannel(
            mail.host, mail.port, sender=mail.sender, tls=mail.tls, user=user, password=password, timeout=mail.timeout
        )

    def _mail_login(self) -> tuple[str, str]:
        """User and password of the mail server, "" where the config names none. Raises ConfigError."""
        named = (("mail.user_env", self.config.mail.user_env), ("mail.password_env", self.config.mail.password_env))
        user, password = (self.config.secret(name, path) if name else "" for path, name in named)
        return user, password

    def engine(self) -> Engine:
        """The worker. Reads the secrets of the mail server now: an alarm that could not be sent is no alarm."""
        from sentiment.version import version

        if self.config.mail.transport == "smtp":
            self._mail_login()
        watched, _errors = self._wired
        escalation, rewriter = self.config.escalation, self.config.rewriter
        return Engine(
            store=self.store,
            clock=self.clock,
            watched=watched,
            cards=self.cards,
            fetch=self._fetch,
            link=Link(store=self.store, log=self.log),
            analyse=Analyse(
                store=self.store,
                clock=self.clock,
                version=version(self.business),
                analyser=lambda: self.analyser,
                policies=self.policies,
                owners=self.owners,
                log=self.log,
            ),
            drafts=WriteDrafts(
                store=self.store,
                clock=self.clock,
                digest=self._draft_digest(),
                responder=cache(partial(self.writer, budget=rewriter.pass_budget if rewriter else None)),
                spare=lambda: self.shipped_responder,
                brand=self.brand,
                titles=self.titles,
                log=self.log,
                batch=PAID_BATCH if rewriter else BATCH,
            ),
            canary=self.canary,
            recount=Recount(store=self.store, clock=self.clock, policies=self.policies, log=self.log),
            watch=Watch(
                store=self.store,
                clock=self.clock,
                policies=self.policies,
                ladder=self.ladder,
                zones=self.zone,
                log=self.log,
            ),
            supervise=Supervise(
                store=self.store, clock=self.clock, admins=escalation.admin or escalation.owner, log=self.log
            ),
            digests=self.digests,
            notify=self.notify(),
            retention=self.config.retention,
            forget=lambda ids, now: self.forget(ids, now)[0],
            log=self.log,
        )

    def notify(self) -> Notify:
        """What empties the outbox."""
        return Notify(
            store=self.store,
            clock=self.clock,
            reports=self.reports,
            digests=self.digests,
            renderer=lambda: self.renderer,
            channel=lambda: self.channel,
            per_hour=self.config.mail.per_hour,
            why=self.why,
            log=self.log,
        )

    @cached_property
    def digests(self) -> Digests:
        """The morning mail and the weekly report. Without the section in the config they are sent on demand only, to
        the owners, and count days as the first place does."""
        settings = self.config.digest
        return Digests(
            store=self.store,
            clock=self.clock,
            reports=self.reports,
            settings=settings or DigestConfig(self.config.escalation.owner, timezone=self.config.places[0].timezone),
            by_itself=settings is not None,
            places=self.titles,
            sites={name: self.sources[name].title for name in self.intervals},
            working=self.working,
        )

    @cached_property
    def working(self) -> Working | None:
        """The working time at each place, by the calendar of its longer promise; None where all are round the clock."""
        calendars = {place: self.policies.of(place).other.calendar for place in self.titles}
        if all(isinstance(calendar, Always) for calendar in calendars.values()):
            return None
        return lambda place, start, end: calendars.get(place, Always()).between(start, end)

    def _draft_digest(self) -> str:
        """Changes with the templates and with what a config says of the business and of the rewriter: drafts of before
        are due again."""
        from responders.files import template_digest

        words = [template_digest(self.config.templates_dir), repr(self.brand)]
        if (settings := self.config.rewriter) is not None:
            kind = (settings.command, settings.base_url, settings.model, settings.send_review)
            words += [repr(kind), template_digest(self.config.templates_dir, "rewriter")]
        return sha256(" ".join(words).encode()).hexdigest()

    def forget(self, review_ids: Sequence[int], now: datetime, actor: str = "") -> tuple[int, int]:
        """Erases reviews from the database and from the mails in the outbox folder; (reviews, mails). Samples of pages
        hold no names; one that does all the same goes, too."""
        from monitor.notify.file import erase

        self.samples.erase(self.store.privacy.authors(review_ids))
        mails = erase(self.config.outbox, self.store.privacy.messages(review_ids))
        return self.store.privacy.erase(review_ids, now, actor), mails

    def importing(self) -> "Importing":
        """What brings reviews in from files; the caller holds the lock of a pass. Needs no secrets."""
        from monitor.jobs.importing import Importing

        return Importing(
            store=self.store,
            clock=self.clock,
            cards=tuple(self.cards.values()),
            titles=self.titles,
            sources=self.sources,
            rules={name: self._rules(source) for name, source in self.sources.items()},
        )

    def actions(self, actor: str) -> Actions:
        return Actions(
            store=self.store,
            clock=self.clock,
            policies=self.policies,
            lint=self._lint,
            write=self._write,
            actor=actor,
            gesture_limits=self.config.gestures,
        )

    def publisher(self, actor: str) -> "Publish":
        """Who posts replies through the sites' own APIs."""
        from monitor.jobs.publish import Publish

        return Publish(
            store=self.store,
            session=lambda: self.session,
            clock=self.clock,
            policies=self.policies,
            sources=self.sources,
            reader=self.reader,
            cards=self.cards,
            reply_page=lambda ticket: self.reports.ticket(ticket, self.clock.now()).reply_url,
            lint=self._lint,
            actor=actor,
        )

    def _write(self, ticket_id: int, fault: Fault, measure: str) -> Draft:
        row = self.store.tickets.view(ticket_id)
        recent = self._said_on(row)
        if row["draft_text"]:
            recent.append(row["draft_text"])  # whoever asks again wants another one
        return self.writer().draft(replace(self._about(row, recent), fault=fault, measure=measure))

    def _lint(self, ticket_id: int, reply: str) -> tuple[Finding, ...]:
        from monitor.gesture_leaks import leaks
        from responders.lint import lint

        row = self.store.tickets.view(ticket_id)
        held = self.store.gestures.of(ticket_id)
        told = leaks(reply, held, source=row["source"], review=row["text"])
        found = lint(reply, self._about(row, self._said_on(row)))
        return tuple(sorted((*told, *found), key=lambda finding: finding.severity != "error"))

    def _said_on(self, row: Row) -> list[str]:
        """Our latest drafts on the card for other reviews, newest last."""
        said = self.store.tickets.recent_drafts(row["source"], row["card_id"], HISTORY, without=row["id"])
        return list(said.values())

    def _about(self, row: Row, recent: Sequence[str]) -> Situation:
        """What a reply to one ticket is about; `row` of `Tickets.view`."""
        groups = self.store.links.said([row["leader"]])
        earlier = self.store.tickets.earlier([row])
        return situation(row, self.brand, self.titles, tuple(recent), groups=groups, earlier=earlier)


def load_analyser(business: "Business | None" = None) -> "ShippedAnalyser":
    """The shipped analysis, which knows that business. Raises ModelUnusable when its files are damaged or missing."""
    from sentiment.analyse import load
    from sentiment.model import ModelError
    from sentiment.rules import RuleError

    try:
        return load(business=business)
    except (ModelError, RuleError) as error:
        raise ModelUnusable(f"{error}; install otklik again, or rebuild the model with `otklik train`") from error


def wiring_problems(config: Config) -> tuple[ConfigError, ...]:
    """What only the sources and the analysis can tell of a config: unknown names, options and missing card fields,
    words that cannot be looked for."""
    errors = list(own_words.problems(config))
    known = {name: make(SourceSettings()) for name, make in REGISTRY.items()}
    names = ", ".join(known)
    for name, settings in config.sources.items():
        if name not in known:
            errors.append(config.error(f"sources.{name}", f"there is no source {name!r}; known: {names}"))
            continue
        errors.extend(
            config.error(f"sources.{name}.{option}", f"{name} has no option {option!r}")
            for option in settings.env
            if option not in known[name].env_options
        )
    for place_number, place in enumerate(config.places):
        for number, listing in enumerate(place.listings):
            path = f"places.{place_number}.listings.{number}"
            if not listing.source:
                continue  # the file itself is wrong there, and said so
            if listing.source not in known:
                errors.append(config.error(f"{path}.source", f"there is no source {listing.source!r}; known: {names}"))
                continue
            given = {"id": listing.id, **listing.params}
            fields = known[listing.source].card_fields
            errors.extend(
                config.error(path, f"a {listing.source} listing needs {field!r}")
                for field in fields
                if not given.get(field)
            )
            if known[listing.source].card_is_address and listing.id and not values.is_web_address(listing.id):
                errors.append(
                    config.error(
                        f"{path}.id", "must be the whole address of the page, such as https://example.ru/otzyvy"
                    )
                )
    return tuple(errors)


def _card(place: Place, listing: Listing) -> Card:
    """A card's own id is the last field its source asks for (Google: the location; its account may differ)."""
    fields = REGISTRY[listing.source](SourceSettings()).card_fields
    given = {"id": listing.id, **listing.params}
    return Card(place.id, listing.source, given[fields[-1]], place.timezone, listing.params)
