"""Sends requests that need an access token: reading a card and posting a reply alike."""

from monitor.model import Page, PageRequest, Token, Unauthorised, Unavailable
from monitor.seams import Clock, Session, Source


class NoToken(Exception):  # it carries an outcome and never leaves the jobs
    """No access token was given; `outcome` says why."""

    def __init__(self, outcome: Unauthorised | Unavailable) -> None:
        super().__init__()
        self.outcome = outcome


class Keys:
    """Tokens live as long as this does and are never stored."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._tokens: dict[str, Token] = {}

    def send(self, request: PageRequest, source: Source) -> Page:
        """One page, with the access token the request asks for; a token that ran out is renewed once. Raises NoToken,
        and what the session raises."""
        token = self._token(source) if request.bearer else None
        page = self._session.send(request, source=source.name, token=token)
        if request.bearer and page.status == 401:
            self._tokens.pop(source.name, None)
            page = self._session.send(request, source=source.name, token=self._token(source))
        return page

    def _token(self, source: Source) -> Token | None:
        token = self._tokens.get(source.name)
        if token is not None and token.expires_at > self._clock.now():
            return token
        request = source.token_request()
        if request is None:
            return None
        answer = source.parse_token(self._session.send(request, source=source.name))
        if not isinstance(answer, Token):
            raise NoToken(answer)
        self._tokens[source.name] = answer
        return answer
