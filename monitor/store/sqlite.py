"""The store: one SQLite file with all tables, opened, migrated, checked and backed up here."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path

from monitor.errors import StoreError
from monitor.store.accounts import Accounts
from monitor.store.alarms import Alarms
from monitor.store.analysis import Analysis
from monitor.store.answers import Answers
from monitor.store.authors import Authors
from monitor.store.canary import Canary
from monitor.store.connection import Connection, Row
from monitor.store.dossier import Dossier
from monitor.store.excerpts import Excerpts
from monitor.store.factors import Factors
from monitor.store.feed import Feed
from monitor.store.gestures import Gestures
from monitor.store.hosts import Hosts
from monitor.store.imports import Imports
from monitor.store.intake import Intake
from monitor.store.kept import Kept
from monitor.store.labels import Labels
from monitor.store.letters import Letters
from monitor.store.links import Links
from monitor.store.listings import Listings
from monitor.store.measures import Measures
from monitor.store.notifications import Notifications
from monitor.store.numbers import Numbers
from monitor.store.outbox import Outbox
from monitor.store.passes import Passes
from monitor.store.privacy import Privacy
from monitor.store.publishing import Publishing
from monitor.store.said import Said
from monitor.store.schema import STEPS
from monitor.store.search import Search
from monitor.store.sessions import Sessions
from monitor.store.settings import Settings
from monitor.store.sites import Sites
from monitor.store.talk import Talk
from monitor.store.tickets import Tickets
from monitor.store.tokens import Tokens
from monitor.store.traffic import TrafficBook
from monitor.store.views import Views

_REVIEW_NAME = "l.source || '/' || l.external_id || '/' || r.external_id"
_OF_REVIEW = "JOIN review r ON r.id = x.review_id JOIN listing l ON l.id = r.listing_id"
_OF_TICKET = (
    "JOIN ticket t ON t.id = x.ticket_id JOIN review r ON r.id = t.review_id JOIN listing l ON l.id = r.listing_id"
)

# What the content digest covers: each row named by what it is about, without row numbers and without the traces of
# mere looking (when last seen, attempts, leases).
_CONTENT = {
    "review": f"""SELECT {_REVIEW_NAME} AS name, r.stars, r.text, r.author, r.posted_at, r.posted_precision, r.url,
        r.digest, r.mark, r.revision, r.reply_text, r.reply_at, r.reply_state, r.reply_seen_at, r.reply_misses,
        r.first_seen_at, r.initial, r.removed_at, r.forgotten_at, r.analysed_with
        FROM review r JOIN listing l ON l.id = r.listing_id ORDER BY name""",
    "revision": f"SELECT {_REVIEW_NAME} AS name, x.number, x.stars, x.text, x.seen_at FROM revision x {_OF_REVIEW} "
    "ORDER BY name, number",
    "reply": f"SELECT {_REVIEW_NAME} AS name, x.text, x.at, x.state, x.seen_at FROM reply x {_OF_REVIEW} "
    "ORDER BY name, x.id",
    "verdict": f"""SELECT {_REVIEW_NAME} AS name, x.revision, x.version, x.tone, x.probabilities, x.flagged,
        x.uncertain, x.conflict, x.themes, x.risks, x.evidence, x.people, x.intents FROM verdict x {_OF_REVIEW}
        ORDER BY name, x.revision""",
    "label": f"""SELECT {_REVIEW_NAME} AS name, x.revision, x.tone, x.complaint, x.tone_by, x.complaint_by, x.made_at
        FROM label x {_OF_REVIEW} ORDER BY name, x.revision""",
    "theme_label": f"""SELECT {_REVIEW_NAME} AS name, x.revision, x.theme, x.holds, x.tone, x.by, x.made_at
        FROM theme_label x {_OF_REVIEW} ORDER BY name, x.revision, x.theme""",
    "danger_label": f"""SELECT {_REVIEW_NAME} AS name, x.revision, x.danger, x.holds, x.by, x.made_at
        FROM danger_label x {_OF_REVIEW} ORDER BY name, x.revision, x.danger""",
    "ticket": f"""SELECT {_REVIEW_NAME} AS name, x.state, x.backlog, x.target, x.started_at, x.armed_at, x.due_at,
        x.level, x.next_change_at, x.assignee, x.met, x.closed_at, x.drafted_with, x.fault, x.measure
        FROM ticket x {_OF_REVIEW} ORDER BY name""",
    "draft": f"""SELECT {_REVIEW_NAME} AS name, x.number, x.revision, x.text, x.template, x.findings, x.author, x.at,
        x.reason, x.similarity FROM draft x {_OF_TICKET} ORDER BY name, x.number""",
    "gesture": f"""SELECT {_REVIEW_NAME} AS name, x.what, x.amount, x.state, x.proposed_by, x.proposed_at, x.decided_by,
        x.decided_at, x.withdrawn_by, x.withdrawn_at FROM gesture x {_OF_TICKET} ORDER BY name, x.id""",
    "event": f"""SELECT {_REVIEW_NAME} AS name, x.kind, x.at, x.actor, x.was, x.became, x.why FROM event x {_OF_REVIEW}
        ORDER BY name, x.at, x.id""",
    "note": f"SELECT {_REVIEW_NAME} AS name, x.author, x.at, x.text FROM note x {_OF_TICKET} ORDER BY name, x.id",
    "dispute": f"""SELECT {_REVIEW_NAME} AS name, x.state, x.at, x.actor, x.why FROM dispute x {_OF_TICKET}
        ORDER BY name, x.id""",
    "measure": """SELECT what, place, theme, day, noted_by, noted_at, withdrawn_by, withdrawn_at FROM measure
        ORDER BY noted_at, day, what, theme, place""",
    "group": f"""SELECT name, first FROM (SELECT {_REVIEW_NAME} AS name, min({_REVIEW_NAME}) OVER same AS first,
        count(*) OVER same AS many FROM review r JOIN listing l ON l.id = r.listing_id
        WINDOW same AS (PARTITION BY coalesce(r.same_as, r.id))) WHERE many > 1 ORDER BY name""",
    "alarm": """SELECT x.kind, x.source, coalesce(l.external_id, '') AS card, x.message, x.raised_at, x.resolved_at
        FROM alarm x LEFT JOIN listing l ON l.id = x.listing_id ORDER BY x.kind, x.source, card, x.raised_at""",
    "notification": """SELECT message_id, kind, level, recipient, state, created_at FROM notification
        ORDER BY message_id""",
}


_SQLITE = b"SQLite format 3\0"
"""How every SQLite file begins."""


class Store:
    """Every table of ours. `write()` makes several changes one; a method that writes is one transaction by itself."""

    def __init__(self, connection: Connection, *, mail_domain: str = "otklik.local") -> None:
        self._db = connection
        self.listings = Listings(connection)
        self.tickets = Tickets(connection)
        self.said = Said(connection, self.tickets)
        self.gestures = Gestures(connection)
        self.outbox = Outbox(connection, mail_domain)
        self.notifications = Notifications(connection)
        self.intake = Intake(connection, self.listings, self.tickets)
        self.imports = Imports(connection, self.listings, self.intake)
        self.labels = Labels(connection)
        self.talk = Talk(connection)
        self.dossier = Dossier(connection)
        self.excerpts = Excerpts(connection)
        self.analysis = Analysis(connection, self.tickets, self.outbox, self.labels)
        self.canary = Canary(connection)
        self.passes = Passes(connection)
        self.hosts = Hosts(connection)
        self.alarms = Alarms(connection)
        self.privacy = Privacy(connection)
        self.authors = Authors(connection)
        self.kept = Kept(connection)
        self.links = Links(connection)
        self.publishing = Publishing(connection)
        self.sites = Sites(connection)
        self.traffic = TrafficBook(connection)
        self.numbers = Numbers(connection)
        self.measures = Measures(connection)
        self.accounts = Accounts(connection)
        self.sessions = Sessions(connection)
        self.factors = Factors(connection)
        self.letters = Letters(connection, self.outbox)
        self.settings = Settings(connection)
        self.search = Search(connection)
        self.views = Views(connection)
        self.tokens = Tokens(connection)
        self.answers = Answers(connection)
        self.feed = Feed(connection)

    @classmethod
    def open(cls, path: Path, *, mail_domain: str = "otklik.local") -> "Store":
        """Opens or makes the database and brings it up to date; refuses one that is newer than this program.

        Before an existing database is migrated, a copy is kept beside it.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{path.parent}: {error.strerror}") from error
        connection = Connection(path)
        store = cls(connection, mail_domain=mail_domain)
        try:
            store.migrate()
        except BaseException:
            connection.close()
            raise
        return store

    def migrate(self) -> list[str]:
        """Takes the steps that are missing; their names."""
        applied = self._applied()
        if unknown := sorted(applied - set(STEPS)):
            raise StoreError(
                f"{self._db.path} was written by a newer version (it knows {', '.join(unknown)}); "
                "install that version, or restore the backup made before it"
            )
        pending = [name for name in STEPS if name not in applied]
        if not pending:
            return []
        if applied:
            self.backup(self._db.path.with_name(f"{self._db.path.name}.before-{pending[0]}"))
        from monitor.store import migrations

        with self._db.write():
            migrations.apply(self._db.sqlite)
        return pending

    def _applied(self) -> set[str]:
        """The steps this database has taken."""
        if not self._db.row("SELECT 1 AS there FROM sqlite_master WHERE name = '_sqlite_migrations'"):
            return set()
        rows = self._db.rows("SELECT name FROM _sqlite_migrations WHERE migration_set = 'otklik'")
        return {row["name"] for row in rows}

    def write(self) -> AbstractContextManager[None]:
        return self._db.write()

    def waiting(self, seconds: float) -> AbstractContextManager[None]:
        return self._db.waiting(seconds)

    def backup(self, target: Path) -> None:
        """A consistent copy, also while a pass is running; an older backup of that name is replaced, nothing else."""
        self._check_target(target)
        part = target.with_name(target.name + ".part")
        try:
            part.unlink(missing_ok=True)
            os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            self._db.sqlite.execute("VACUUM INTO ?", [str(part)])
            part.replace(target)
        except (sqlite3.Error, OSError) as error:
            part.unlink(missing_ok=True)
            reason = error.strerror if isinstance(error, OSError) else error
            raise StoreError(f"no backup at {target}: {reason}") from error

    def _check_target(self, target: Path) -> None:
        """Refuses to overwrite what is no backup: the live database above all."""
        ours = self._db.path
        live = [ours.with_name(ours.name + suffix) for suffix in ("", "-wal", "-shm", ".lock")]
        if any(target.resolve() == path.resolve() for path in live):
            raise StoreError(f"{target} is the live database; name another file for the backup")
        try:
            with target.open("rb") as file:
                if not file.read(len(_SQLITE)) == _SQLITE:
                    raise StoreError(f"{target} exists and is no database; it was left alone, name another file")
                if target.samefile(ours):
                    raise StoreError(f"{target} is the live database; name another file for the backup")
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(f"{target}: {error.strerror}") from error

    def problems(self) -> list[str]:
        """What SQLite finds wrong with the file; empty when it is sound."""
        found = [row["integrity_check"] for row in self._db.rows("PRAGMA integrity_check")]
        broken = [
            f"{row['table']} row {row['rowid']}: no {row['parent']}"
            for row in self._db.rows("PRAGMA foreign_key_check")
        ]
        return [message for message in found if message != "ok"] + broken

    def content_digest(self) -> str:
        """Changes when anything kept for people changes; the same for the same content in any file."""
        digest = sha256()
        for name, query in _CONTENT.items():
            digest.update(name.encode())
            for row in self._db.iterate(query):
                digest.update(json.dumps(list(row.values()), ensure_ascii=True).encode())
        return digest.hexdigest()

    def reviews(self) -> Iterator[Row]:
        """Every review with its verdict, oldest first, as `export` needs it; no forgotten ones, no trial alarms."""
        yield from self.feed.every()

    def close(self) -> None:
        self._db.close()
