"""What works on a config: the store, the network, mail, the analysis, the drafts. Made when somebody needs it."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from monitor import wording
from monitor.assemble.kept import kept
from monitor.assemble.settled import Settled
from monitor.assemble.wiring import card_of, load_analyser
from monitor.assemble.wordings import Wordings
from monitor.config import Listing, Place
from monitor.config_channels import PING, WEBHOOK
from monitor.config_overlay import PHRASES
from monitor.config_rewriter import RewriterConfig
from monitor.effective import unfit
from monitor.errors import ConfigError, FetchError
from monitor.jobs.fetch import Fetch
from monitor.ladder import readers
from monitor.log import Event
from monitor.notify import channels
from monitor.notify.ping import TIMEOUT, Forgetful, Ping
from monitor.notify.router import Router
from monitor.reading import Reading
from monitor.reports import Reports
from monitor.samples import Samples
from monitor.seams import Analyser, Channel, Renderer, Responder, Session
from monitor.search import Searching
from monitor.store.settings import glimpse
from monitor.store.sqlite import Store
from responders.files import STORED

if TYPE_CHECKING:
    from responders import draft
    from responders.rewriter import Rewriter


class Tools(Settled):
    """A config with everything that jobs and people need."""

    @kept
    def store(self) -> Store:
        """The database, brought up to date, following the config's cards."""
        domain = self.config.mail.sender.rpartition("@")[2] or "otklik.local"
        store = Store.open(self.config.database, mail_domain=domain)
        store.listings.sync(self.cards.values(), self.clock.now())
        return store

    def login(self, address: str, name: str) -> str:
        # Where several share a mailbox, nobody knows which of them it is.
        if len(readers(self.config.escalation.people, address)) > 1:
            return ""
        active = [account for account in self.store.accounts.behind(address, name) if account.active]
        return active[0].login if len(active) == 1 else ""

    def called(self, actor: str) -> str:
        people, account = self.config.escalation.people, self.store.accounts.find(actor)
        if actor in people or account is None:
            return actor
        return next(iter(readers(people, account.email)), actor)

    def name_of(self, login: str) -> str:
        """What people call whoever acts under that login; itself where no account has it."""
        account = self.store.accounts.find(login)
        return login if account is None else account.name

    def close(self) -> None:
        made = self.first.__dict__
        try:
            if "ping" in made:
                self.ping.close()
            if "session" in made:
                self.session.close()  # it has something left to note in the store
        finally:
            if "store" in made:
                self.store.close()

    @kept
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

    @kept
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
    def reading(self) -> Reading:
        """How reading the cards goes."""
        return Reading(
            store=self.store,
            sources=self.sources,
            settings=self.config.sources,
            titles=self.titles,
            intervals=self.intervals,
            paces=self.paces,
            missing=self.missing_secrets,
            budget=self.config.http.pass_budget,
        )

    @kept
    def analyser(self) -> Analyser:
        return load_analyser(self.business)

    @kept
    def searching(self) -> Searching:
        return Searching()

    @kept
    def wordings(self) -> Wordings:
        """The phrases of replies."""
        return Wordings(self.config.templates_dir, self._phrases_version, self._phrases)

    def left_out(self, now: datetime) -> list[str]:
        return [*super().left_out(now), *self._unfit_phrases(now)]

    def _unfit_phrases(self, now: datetime) -> Iterator[str]:
        if not self.wordings.stored:
            return  # the shipped ones are sound, and reading them takes a while
        found = {error.file: error for error in self.responder.problems(self.config.business.sector)}
        for setting in self.store.settings.current(PHRASES).values():
            if error := found.get(STORED / setting.name):
                why = wording.one_line(f"{f'строка {error.line}: ' if error.line else ''}{error.gist}", 300)
                yield f"{unfit(self.config, setting, now)}: {why}; отвечаем прежними"

    def _phrases_version(self) -> int:
        # Whoever only writes drafts to the terminal neither makes a database nor brings it up to date.
        return self.store.settings.version() if "store" in self.first.__dict__ else -1

    def _phrases(self) -> dict[str, str]:
        if "store" in self.first.__dict__:
            settings = list(self.store.settings.current(PHRASES).values())
        else:
            settings = [setting for setting in glimpse(self.config.database)[0] if setting.kind == PHRASES]
        return {setting.name: setting.value for setting in settings if setting.value is not None}

    @property
    def responder(self) -> "draft.Responder":
        """By the phrases of this moment."""
        return self.wordings.responder

    @kept
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
        return render.Renderer(self.config.templates_dir, self.config.business.name, self._signing[0], self.name_of)

    @kept
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

    @kept
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

    def probe(self, place: Place, listing: Listing) -> str:
        """Reads the first page of a card and stores nothing; why it could not be read, or ""."""
        card = card_of(place, listing)
        watched = self._wired[0][card.source]
        try:
            return self._fetch().probe(card, watched.source)
        except FetchError as error:
            return str(error)
