"""What a program does, it does once, however often it asks: by its Idempotency-Key.

The answer is written down in the very transaction that does it. Whoever was killed before has done nothing; whoever was
killed after finds the answer. Of two at once the second waits for its turn (`turns`), and finds it, too. What was
refused was not done, is not remembered, and may be asked again under the same key.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import NamedTuple

from monitor.api.calls import Call
from monitor.api.problems import Refusal
from monitor.store.answers import Kept


class Answer(NamedTuple):
    body: bytes
    tag: str


class Done(Exception):
    """It was done before, and this was the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("done before")
        self.answer = answer


class Once:
    """One thing that is done to a ticket. `asked`: all that the request wants; `check` raises where the ticket is not
    as the program has seen it; `answer` tells how it is now. The last two run inside the transaction."""

    def __init__(
        self,
        call: Call,
        key: str,
        asked: object,
        ticket: int,
        *,
        check: Callable[[], None],
        answer: Callable[[], Answer],
    ) -> None:
        self._call = call
        self._key = key
        self._request = sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        self._ticket = ticket
        self._check = check
        self._answer = answer
        self.kept: Answer | None = None

    def look(self) -> None:
        """Raises Done where it was done before, and whatever `check` raises."""
        call = self._call
        kept = call.store.answers.find(call.token.id, self._key, call.now)
        if kept is not None:
            if kept.request != self._request:
                raise Refusal("key-reused")
            if kept.body is None:
                raise Refusal("erased")
            raise Done(Answer(kept.body, kept.tag))
        self._check()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Around all that an action writes. One that writes twice tells the second time what stands in the end."""
        call = self._call
        with call.store.write():
            if self.kept is None:
                if not call.store.tokens.get(call.token.id).works(call.now):
                    raise Refusal("unauthorised")  # revoked since it came in
                self.look()
            yield
            found = self._answer()
            kept = Kept(self._request, found.tag, found.body)
            call.store.answers.keep(call.token.id, self._key, kept, ticket_id=self._ticket, now=call.now)
        self.kept = found
