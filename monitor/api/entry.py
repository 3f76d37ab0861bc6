"""Who asks: a token in the header, and nothing else. A cookie lets nobody in here, so that no page of another site can
do anything by the browser of somebody who is logged in.

A token that works is never kept waiting by what others try from the same address.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from starlette.requests import Request

from monitor.accounts import Permission
from monitor.api.calls import House
from monitor.api.problems import Refusal
from monitor.errors import StoreError
from monitor.store.sqlite import Store
from monitor.store.tokens import PREFIX
from monitor.tokens import AccessToken, Grant

LONGEST_TOKEN = 200
"""Characters; ours have a quarter of that."""

FREE = 20
"""Failures from an address before it has to wait."""

CHALLENGE = 'Bearer realm="otklik"'

_ATTEMPTS = "api"
"""Under which they are counted, apart from those to log in."""


NEEDED: Mapping[Grant, Permission] = {
    Grant.READ: Permission.READ,
    Grant.NUMBERS: Permission.NUMBERS,
    Grant.ACT: Permission.ACT,
}
"""What an operation that asks for a grant does."""


def admit(house: House, request: Request, grant: Grant) -> AccessToken:
    """Raises Refusal for whoever has no token that works, or none for that."""
    application = house.application()
    store, now = application.store, application.clock.now()
    with store.waiting(house.patience):
        secret = _secret(request)
        token = store.tokens.known(secret) if secret.startswith(PREFIX) and len(secret) <= LONGEST_TOKEN else None
        if token is None or not token.works(now):
            raise _stranger(house, store, request, now, tried=bool(secret))
        store.tokens.used(token, now)
    if not token.permits(NEEDED[grant]):
        challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{grant}"'
        raise Refusal("forbidden", headers={"WWW-Authenticate": challenge})
    return token


def _secret(request: Request) -> str:
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else ""


def _stranger(house: House, store: Store, request: Request, now: datetime, *, tried: bool) -> Refusal:
    """What whoever is not known is told; that they tried is counted where they sent a token at all."""
    if not tried:
        return Refusal("unauthorised", headers={"WWW-Authenticate": CHALLENGE})
    address = house.address(request)
    if address:
        near = f"{_ATTEMPTS} {address}"
        if left := house.wait(store.sessions.failures(now, address=near), FREE, now):
            return Refusal("too-many-attempts", headers={"Retry-After": str(int(left.total_seconds()) + 1)})
        with suppress(StoreError), store.waiting(0), store.write():  # where a pass is writing, this one is free
            store.sessions.attempt(_ATTEMPTS, near, now)
    return Refusal("unauthorised", headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'})
