"""What is done to the tokens of programs, for the desk and the command line alike, each with its line in the audit
log."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from monitor import wording
from monitor.accounts import Deed
from monitor.errors import Conflict, NotFound, UsageError
from monitor.store.sqlite import Store
from monitor.tokens import LONGEST_LIFE, AccessToken, Grant, check_token_name


class Programs:
    """What `actor` does, from `address` ("" on the command line). `places`: ids that the config knows. `within`: the
    places of an administrator who has not all of them: tokens of others are not there, and none is given more."""

    def __init__(
        self,
        *,
        store: Store,
        places: Collection[str],
        actor: str,
        now: datetime,
        address: str = "",
        within: frozenset[str] | None = None,
    ) -> None:
        self._store = store
        self._places = [place for place in places if within is None or place in within]
        self._within = within
        self._actor = actor
        self._now = now
        self._address = address

    def all(self) -> list[AccessToken]:
        """Those that work first, the newest first."""
        return [token for token in self._store.tokens.all() if self._is_within(token)]

    def get(self, token_id: int) -> AccessToken:
        token = self._store.tokens.get(token_id)
        if not self._is_within(token):
            raise NotFound(f"токена № {token_id} нет")
        return token

    def _is_within(self, token: AccessToken) -> bool:
        return self._within is None or (token.places is not None and token.places <= self._within)

    def add(self, name: str, may: Collection[str], *, places: Sequence[str] | None, days: int | None = None) -> str:
        """What the program is to send, told this once. `places` None: all, those to come included; `days` None: until
        it is revoked. Raises UsageError for what cannot be, Conflict when a token of that name works."""
        if wrong := check_token_name(name):
            raise UsageError(wrong)
        grants = _grants(may)
        self._check(places)
        if days is not None and not 0 < days <= LONGEST_LIFE:
            raise UsageError(f"срок токена — от 1 до {wording.thousands(LONGEST_LIFE)} дней")
        expires_at = None if days is None else self._now + timedelta(days=days)
        with self._store.write():
            secret = self._store.tokens.add(
                name, grants, places=places, expires_at=expires_at, by=self._actor, now=self._now
            )
            where = "все точки" if places is None else ", ".join(sorted(places))
            self._record(Deed.TOKEN_ADDED, f"{name}: {grants_text(grants)}; {where}")
        return secret

    def revoke(self, token: AccessToken) -> None:
        """It lets nobody in from now on. Raises Conflict when it was revoked before."""
        with self._store.write():
            if not self._store.tokens.revoke(token.id, self._now):
                raise Conflict(f"токен {token.name} уже отозван")
            self._record(Deed.TOKEN_REVOKED, token.name)

    def _check(self, places: Sequence[str] | None) -> None:
        if places is None:
            if self._within is not None:
                raise UsageError("токен на все точки выдаёт тот, кому видны все; отметьте точки")
            return
        if not places:
            raise UsageError("выберите хотя бы одну точку или все")
        for place in places:
            if place not in self._places:
                raise UsageError(f"точки {place!r} нет в config.yaml; известны: {', '.join(self._places)}")

    def _record(self, deed: Deed, what: str) -> None:
        self._store.accounts.record(deed, actor=self._actor, what=what, now=self._now, address=self._address)


def grants_text(grants: Collection[Grant]) -> str:
    """In words, the least first."""
    return ", ".join(wording.GRANTS[grant] for grant in Grant if grant in grants)


def _grants(words: Collection[str]) -> frozenset[Grant]:
    try:
        found = frozenset(map(Grant, words))
    except ValueError:
        raise UsageError(f"токену можно разрешить: {', '.join(Grant)}") from None
    if not found:
        raise UsageError("выберите, что токену можно")
    return found
