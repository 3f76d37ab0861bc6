"""Everything that is done to an account, for the desk and the command line alike: each with its line in the audit log.

A login is changed by nobody: histories know people by it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from monitor import config_values, wording
from monitor.accounts import Account, Deed, Invited, Notice, Role, check_login, check_name
from monitor.errors import Conflict, NotFound, UsageError
from monitor.store.accounts import digest
from monitor.store.sqlite import Store


@dataclass(frozen=True, slots=True)
class Handed:
    """A link to hand over: its token, and whether a mail could hold it."""

    token: str
    can_be_mailed: bool


class People:
    """What `actor` does to accounts, from `address` ("" on the command line). `places`: ids that the config knows.
    `within`: the places of an administrator who has not all of them: others' accounts are not there, and nobody is
    given more. `token_of` makes the tokens of links that mails can hold, None where there are none
    (`EntryLinks.token`)."""

    def __init__(
        self,
        *,
        store: Store,
        places: Collection[str],
        actor: str,
        now: datetime,
        address: str = "",
        within: frozenset[str] | None = None,
        token_of: Callable[[str], str] | None = None,
    ) -> None:
        self._store = store
        self._places = [place for place in places if within is None or place in within]
        self._within = within
        self._actor = actor
        self._now = now
        self._address = address
        self._token_of = token_of

    # --- who there is

    def add(
        self, login: str, *, name: str = "", email: str = "", role: Role = Role.OPERATOR, places: Sequence[str] | None
    ) -> Account:
        """Somebody without a password; `name` "" is the login. Raises UsageError for what cannot be, Conflict when the
        login is taken."""
        if wrong := check_login(login):
            raise UsageError(wrong.rstrip("."))
        _check_name(name or login)
        with self._store.write():
            account = self._store.accounts.add(
                login,
                name=name or login,
                role=role,
                places=self._known(places),
                email=checked_email(email),
                now=self._now,
            )
            self._record(Deed.ACCOUNT_ADDED, f"{login}: {wording.ROLES[role]}")
        return account

    def set_password(self, account: Account, hashed: str) -> None:
        """Every session ends. Where there was another one before, whoever reads the account's mail is told."""
        with self._store.write():
            had_one = self._store.accounts.password(account.id) is not None
            self._store.accounts.set_password(account.id, hashed)
            self._store.sessions.end_all(account.id)
            self._record(Deed.PASSWORD_SET, account.login)
            if had_one:
                self._tell(Notice.PASSWORD, account)

    def rename(self, login: str, name: str) -> str:
        """What was done, as each of the following tells it; "" where it was so already."""
        _check_name(name)
        with self._changing(login) as account:
            if account.name == name:
                return ""
            self._store.accounts.set_name(account.id, name)
            return self._record(Deed.NAME_CHANGED, f"{account.login}: {account.name} → {name}")

    def set_email(self, login: str, email: str, *, vouched: bool = True) -> str:
        """Both addresses are told. "" takes it away. Not `vouched`: whose it is, they say themselves alone."""
        checked_email(email)
        with self._changing(login) as account:
            if account.email == email:
                return ""
            self._store.accounts.set_email(account.id, email, vouched=vouched)
            change = f"{account.email or 'не указан'} → {email or 'не указан'}"
            for told in filter(None, dict.fromkeys((account.email, email))):
                self._tell(Notice.EMAIL, account, to=told, detail=change)
            return self._record(Deed.EMAIL_CHANGED, f"{account.login}: {change}")

    # --- what they may do

    def set_role(self, login: str, role: Role) -> str:
        with self._changing(login) as account:
            if account.role is role:
                return ""
            self._check_others(account)
            self._store.accounts.set_role(account.id, role)
            change = f"{account.login}: {wording.ROLES[account.role]} → {wording.ROLES[role]}"
            return self._record(Deed.ROLE_CHANGED, change)

    def set_places(self, login: str, places: Sequence[str] | None) -> str:
        """None for all of them, those to come included."""
        with self._changing(login) as account:
            if account.places == (None if places is None else frozenset(places)):
                return ""
            if account.places is None:
                self._check_others(account)
            self._store.accounts.set_places(account.id, self._known(places, account))
            return self._record(
                Deed.PLACES_CHANGED, f"{account.login}: {scope(self._store.accounts.get(account.id).places)}"
            )

    def disable(self, login: str) -> int:
        """Shuts somebody out at once; how many sessions ended."""
        with self._changing(login) as account:
            self._check_others(account)
            self._store.accounts.set_active(account.id, False)
            self._record(Deed.DISABLED, account.login)
            return self._store.sessions.end_all(account.id)

    def enable(self, login: str) -> None:
        with self._changing(login) as account:
            self._store.accounts.set_active(account.id, True)
            self._record(Deed.ENABLED, account.login)

    # --- how they get in

    def first_link(self, account: Account) -> Handed:
        """The link that belongs to a new account: that it was made goes without saying."""
        with self._store.write():
            token = self._store.accounts.make_link(account.id, self._now, token_of=self._token_of)
        return Handed(token, self._token_of is not None and bool(account.email))

    def link(self, login: str) -> Handed:
        """A new link; the ones before work no more."""
        with self._changing(login) as account:
            self._check_active(account)
            self._record(Deed.LINK_MADE, account.login)
            return self.first_link(account)

    def mail_link(self, login: str) -> str:
        """Sends the link that was handed out last, where it works still and a mail can hold it, else a new one; the
        address. Raises Conflict when that very link is on its way there already."""
        with self._changing(login) as account:
            self._check_active(account)
            if self._token_of is None:
                raise UsageError("письма со ссылками не настроены: в config.yaml нет раздела desk")
            if not account.email:
                raise UsageError(f"у {account.login} не указана почта")
            link = self._link_to_mail(account, self._token_of)
            why = Invited.FIRST if self._store.accounts.password(account.id) is None else Invited.NEW
            if not self._store.letters.invite(why, account, link, now=self._now):
                raise Conflict(f"письмо с этой ссылкой для {account.email} уже есть в разделе «Письма»")
            self._record(Deed.LINK_MAILED, f"{account.login}: {account.email}")
            return account.email

    def _link_to_mail(self, account: Account, token_of: Callable[[str], str]) -> str:
        """The SHA-256 of its token; of a new one where the desk's secret is another by now."""
        known = self._store.accounts.link_to_mail(account.id, self._now)
        nonce = self._store.accounts.link_kept(known, self._now).nonce
        return known if nonce and digest(token_of(nonce)) == known else digest(self.link(account.login).token)

    def revoke(self, login: str, key: str = "") -> int:
        """Ends one session, or all of them; how many."""
        with self._changing(login) as account:
            sessions = self._store.sessions
            ended = int(sessions.end(key, account_id=account.id)) if key else sessions.end_all(account.id)
            self._record(Deed.SESSION_REVOKED, account.login)
            return ended

    def reset_factor(self, login: str) -> bool:
        """From now on the password is enough; False when it was so already."""
        with self._changing(login) as account:
            if not self._store.factors.remove(account.id):
                return False
            self._tell(Notice.FACTOR_RESET, account)
            self._record(Deed.FACTOR_RESET, account.login)
            return True

    # --- what they share

    @contextmanager
    def _changing(self, login: str) -> Iterator[Account]:
        """As it is now, inside one transaction. Raises NotFound."""
        with self._store.write():
            account = self._store.accounts.of(login)
            if not is_within(account, self._within):
                raise NotFound(f"пользователя {login!r} нет")
            yield account

    def _record(self, deed: Deed, what: str) -> str:
        self._store.accounts.record(deed, actor=self._actor, what=what, now=self._now, address=self._address)
        return what

    def _tell(self, notice: Notice, account: Account, *, to: str = "", detail: str = "") -> None:
        self._store.letters.notify(notice, account, to=to, address=self._address, detail=detail, now=self._now)

    def _check_active(self, account: Account) -> None:
        if not account.active:
            hint = f": `otklik user enable {account.login}`"
            raise UsageError(f"учётная запись {account.login} выключена; сначала её нужно включить", hint=hint)

    def _check_others(self, account: Account) -> None:
        """Refuses to take the last administrator away, or the last of all places: of those who have few, each looks
        after their own people alone."""
        there = [one for one in self._store.accounts.all() if one.active and one.role is Role.ADMINISTRATOR]
        if [one.id for one in there] == [account.id]:
            raise UsageError(
                f"{account.login} — единственный администратор: следить за учётными записями и открыть журнал "
                "рабочего места стало бы некому. Сначала сделайте администратором кого-нибудь ещё",
                hint=": `otklik user role ЛОГИН administrator`",
            )
        if [one.id for one in there if one.places is None] == [account.id]:
            raise UsageError(
                f"{account.login} — единственный администратор всех точек: за остальными учётными "
                "записями стало бы некому следить. Сначала дайте все точки другому администратору",
                hint=": `otklik user places ЛОГИН --all`",
            )

    def _known(self, places: Sequence[str] | None, account: Account | None = None) -> Sequence[str] | None:
        """Raises UsageError for a place that neither the config nor the account knows, or that the actor has not."""
        if places is None and self._within is not None:
            raise UsageError("все точки может дать только тот, кому самому доступны все")
        had = account.places if account is not None and account.places is not None else frozenset()
        for place in places or ():
            if place not in self._places and place not in had:
                raise UsageError(f"точки {place!r} нет в config.yaml; известны: {', '.join(self._places)}")
        return places


def is_within(account: Account, places: frozenset[str] | None) -> bool:
    """Whether all that the account may see lies at these places."""
    return places is None or (account.places is not None and account.places <= places)


def scope(places: Collection[str] | None) -> str:
    """`все точки`, `точки: lenina, mira`"""
    if places is None:
        return "все точки"
    return f"точки: {', '.join(sorted(places))}" if places else "ни одной точки"


def checked_email(written: str) -> str:
    """ "" for none. Raises UsageError for what is no address."""
    try:
        return config_values.email(written) if written else ""
    except ValueError:
        shown = wording.one_line(written, 80)
        raise UsageError(f"«{shown}» — не адрес почты; напишите, например, help@example.ru") from None


def _check_name(written: str) -> None:
    if wrong := check_name(written):
        raise UsageError(wrong.rstrip("."))
