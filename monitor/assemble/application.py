"""The whole: jobs, the engine, what a person does."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

from monitor.accounts import Deed
from monitor.actions import Actions, Transaction
from monitor.actions.people import People
from monitor.assemble.tools import Tools
from monitor.calendar import Always, AtPlaces
from monitor.config import Config
from monitor.config_digest import DigestConfig
from monitor.contract.asked import zone_of
from monitor.effective import effective
from monitor.engine import Engine
from monitor.erasing import Forgotten, Names, told
from monitor.errors import Conflict
from monitor.jobs.analyse import Analyse
from monitor.jobs.canary import Canary
from monitor.jobs.digest import Digests
from monitor.jobs.draft import BATCH, HISTORY, PAID_BATCH, WriteDrafts, situation
from monitor.jobs.index import Index
from monitor.jobs.letters import Letters
from monitor.jobs.link import Link
from monitor.jobs.notify import Notify
from monitor.jobs.recount import Recount
from monitor.jobs.supervise import Supervise
from monitor.jobs.watch import Watch
from monitor.numbers import Working
from monitor.store.connection import Row
from responders.files import template_digest
from responders.types import Draft, Fault, Finding, Situation

if TYPE_CHECKING:
    from monitor.editing import Case, Editing
    from monitor.entry_links import EntryLinks
    from monitor.jobs.importing import Importing
    from monitor.jobs.publish import Publish


class Application(Tools):
    """Everything a command may need, made on demand from one config.

    Raises ConfigError when the config names a source or a card that cannot exist, or words nobody could look for.
    """

    _latest: "Application | None" = None

    def current(self) -> "Application":
        """The application by the settings of this moment: this one, or one that shares with it what is `kept`. Whoever
        works for long asks between two steps."""
        first = self.first
        latest, version = first._latest or first, self.store.settings.version()
        if latest.config.version == version:
            return latest
        settings = self.store.settings.all()
        config, wrong = effective(first.config, settings, self.clock.now(), version=version)
        # The file was right when it was read. What is wrong with it by now is told to whoever starts the next process.
        config = replace(latest.config, version=version) if wrong else config
        first._latest = self.following(config)
        return first._latest

    def following(self, config: Config) -> "Application":
        """The same with another config, of the same file."""
        return Application(config, self.clock, self._given_session, first=self.first)

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
                edition=self._draft_edition(),
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
            index=Index(store=self.store, log=self.log),
            retention=self.config.retention,
            forget=lambda ids, now: self.forget(ids, now).reviews if ids else 0,
            log=self.log,
        )

    def notify(self) -> Notify:
        """What empties the outbox."""
        return Notify(
            store=self.store,
            clock=self.clock,
            reports=self.reports,
            digests=self.digests,
            letters=Letters(
                store=self.store,
                clock=self.clock,
                links=lambda: self.entry_links,
                zone=self.config.places[0].timezone,
            ),
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
            settings=settings or DigestConfig(self.config.escalation.owner, timezone=zone_of(self.config)),
            by_itself=settings is not None,
            places=self.titles,
            sites={name: self.sources[name].title for name in self.intervals},
            intervals=self.intervals,
            canary_every=self.canary_every,
            working=self.working,
            left_out=self.left_out,
        )

    @cached_property
    def working(self) -> Working | None:
        """The working time at each place, by the calendar of its longer promise; None where all are round the clock."""
        calendars = {place: self.policies.of(place).other.calendar for place in self.titles}
        if all(isinstance(calendar, Always) for calendar in calendars.values()):
            return None
        return AtPlaces(calendars)

    def _draft_edition(self) -> str:
        """Changes with the phrases of replies and with what a config says of the business and of the rewriter: the
        drafts of before that it concerns are due again."""
        words = [repr(self.brand)]
        if (settings := self.config.rewriter) is not None:
            kind = (settings.command, settings.base_url, settings.model, settings.send_review)
            words += [repr(kind), template_digest(self.config.templates_dir, "rewriter")]
        return self.wordings.edition(" ".join(words))

    @property
    def names(self) -> Names:
        """How people call places and sites."""
        return Names(self.titles, {name: source.title for name, source in self.sources.items()}, self.zone)

    def forget(
        self, review_ids: Sequence[int], now: datetime, actor: str = "", *, check: Callable[[], None] = lambda: None
    ) -> Forgotten:
        """Erases reviews from the database, from the mails in the outbox folder, from samples of pages, which hold no
        names: one that does all the same goes, too. Raises Unfolded when they are out of the tables and not yet out of
        the file, and what `check` does."""
        forgotten = self.erase(review_ids, now, actor, check=check)
        self.store.privacy.fold()
        return forgotten

    def erase(
        self,
        review_ids: Sequence[int],
        now: datetime,
        actor: str = "",
        *,
        address: str = "",
        places: frozenset[str] | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> Forgotten:
        """All of `forget` but the last step, `store.privacy.fold`. `actor`: who asks for it, from which address, for
        the audit log; "" where retention does. `places`: kept views go of accounts within these alone. `check` is asked
        in the same transaction, and what it raises stops it. Raises Conflict while a mail about them is being sent."""
        from monitor.notify.file import erase

        privacy = self.store.privacy
        with self.store.write():
            check()
            names, ids = privacy.authors(review_ids), list(review_ids)
            rows = self.store.authors.found(ids) if actor else []
            if actor and privacy.being_sent(ids, now):
                raise Conflict("прямо сейчас отправляется письмо об этом отзыве: подождите минуту и сотрите снова")
            forgotten = Forgotten(
                reviews=len(ids),
                mails=erase(self.config.outbox, privacy.messages(ids)),
                samples=self.samples.erase(names),
                views=privacy.drop_views(names, places) if actor else 0,
            )
            privacy.take_out(ids, now, actor)
            if actor:
                what = told(forgotten, rows, self.names)
                self.store.accounts.record(Deed.FORGOTTEN, actor=actor, what=what, now=now, address=address)
        return forgotten

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

    def actions(self, actor: str, decides_gestures: bool = False, transaction: Transaction | None = None) -> Actions:
        """What `actor` may do; `decides_gestures`: an owner by role; `transaction`: around what is written."""
        return Actions(
            store=self.store,
            clock=self.clock,
            policies=self.policies,
            lint=self._lint,
            write=self._write,
            actor=actor,
            gesture_limits=self.config.gestures,
            decides_gestures=decides_gestures,
            answerable=lambda name, text: name not in self.sources or self._rules(self.sources[name]).can_answer(text),
            colleagues=self.config.escalation.people,
            owners=self.owners,
            transaction=transaction,
        )

    def people(
        self,
        actor: str,
        *,
        address: str = "",
        within: frozenset[str] | None = None,
        links: "EntryLinks | None" = None,
    ) -> People:
        """What `actor` may do to accounts, to those `within` these places; `links` make those that mails can hold."""
        return People(
            store=self.store,
            places=self.titles,
            actor=actor,
            now=self.clock.now(),
            address=address,
            within=within,
            token_of=None if links is None else links.token,
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
        former = self.store.dossier.drafts(ticket_id, HISTORY)  # whoever asks again wants none of them
        recent = (*self._said_on(row), *(draft.text for draft in reversed(former)))
        return self.writer().draft(replace(self._about(row, recent), fault=fault, measure=measure))

    def _lint(self, ticket_id: int, reply: str) -> tuple[Finding, ...]:
        from monitor.editing.reply import findings

        return findings(reply, self._case(ticket_id))

    def _case(self, ticket_id: int) -> "Case":
        """What a reply to the ticket is about, and what it must not tell."""
        from monitor.editing.reply import Case

        row = self.store.tickets.view(ticket_id)
        return Case(self._about(row, self._said_on(row)), self.store.gestures.of(ticket_id))

    @cached_property
    def editing(self) -> "Editing":
        """What the editor of a reply shows; several threads may ask it at once."""
        from monitor.editing import Editing

        return Editing(case=self._case, wordings=lambda: self.responder, sector=self.config.business.sector)

    def _said_on(self, row: Row) -> tuple[str, ...]:
        """Our latest drafts on the card for other reviews, newest last."""
        return self.store.said.on(row["source"], row["card_id"], HISTORY, without=row["id"], now=self.clock.now())

    def _about(self, row: Row, recent: Sequence[str]) -> Situation:
        """What a reply to one ticket is about; `row` of `Tickets.view`."""
        groups = self.store.links.said([row["leader"]])
        earlier = self.store.tickets.earlier([row])
        return situation(row, self.brand, self.titles, tuple(recent), groups=groups, earlier=earlier)

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
