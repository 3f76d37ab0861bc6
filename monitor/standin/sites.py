"""Which site answers a request, and how it answers on a bad day."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from monitor.standin import google_business, irecommend, otzovik, twogis, yandex_maps
from monitor.standin.reviews import GOOGLE
from monitor.standin.site import Request, Response, Site, conditional
from monitor.standin.world import Trouble, World

SITES = (yandex_maps.SITE, twogis.SITE, google_business.SITE, otzovik.SITE, irecommend.SITE)
RETRY_AFTER = 120
"""Seconds."""

_TEXT = {"content-type": "text/plain; charset=utf-8"}


def respond(world: World, request: Request) -> Response:
    """The site's answer under today's trouble, 304 where the client holds that very answer.

    Яндекс puts a new request id and csrf token into every page, as the real site does: no two answers there are alike,
    and a conditional request is always answered in full.
    """
    return conditional(request, _answer(world, request))


def _answer(world: World, request: Request) -> Response:
    """Google's token endpoint is another host: troubles pass it by."""
    if request.path == "/robots.txt":
        return Response(200, _TEXT, world.robots.encode())
    site = next((site for site in SITES if site.paths.fullmatch(request.path)), None)
    if site is None:
        return Response(404, _TEXT, b"404\n")
    trouble = world.trouble.get(site.source)
    if trouble is None or request.path in ("/token", "/showcaptcha"):
        return site.respond(world, request)
    return _TROUBLES[trouble](site, world, request)


def _captcha(site: Site, _world: World, request: Request) -> Response:
    return site.captcha(request)


def _captcha_as_page(site: Site, _world: World, request: Request) -> Response:
    return replace(site.captcha_page(request), status=200)


def _failing(status: int, headers: Mapping[str, str] = MappingProxyType({})) -> "Handler":
    def handler(site: Site, _world: World, _request: Request) -> Response:
        failure = site.failure(status)
        return replace(failure, headers={**failure.headers, **headers})

    return handler


def _cut_to(share: float) -> "Handler":
    def handler(site: Site, world: World, request: Request) -> Response:
        response = site.respond(world, request)
        return replace(response, body=response.body[: int(len(response.body) * share)])

    return handler


def _renamed(site: Site, world: World, request: Request) -> Response:
    response = site.respond(world, request)
    body = response.body
    for old, new in site.renames:
        body = body.replace(old, new)
    return replace(response, body=body)


def _unauthorised(site: Site, world: World, request: Request) -> Response:
    """Google's tokens expire once and the trouble is over; elsewhere a refused key stays refused."""
    if site.source != GOOGLE:
        return site.failure(403)
    world.expire_tokens()
    world.trouble.pop(site.source, None)
    return site.respond(world, request)


def _slow(site: Site, world: World, request: Request) -> Response:
    return replace(site.respond(world, request), delay=world.slow.total_seconds())


Handler = Callable[[Site, World, Request], Response]

_TROUBLES: Mapping[Trouble, Handler] = {
    Trouble.CAPTCHA: _captcha,
    Trouble.CAPTCHA_200: _captcha_as_page,
    Trouble.RATE_LIMITED: _failing(429, {"retry-after": str(RETRY_AFTER)}),
    Trouble.RATE_LIMITED_BARE: _failing(429),
    Trouble.FORBIDDEN: _failing(403),
    Trouble.SERVER_ERROR: _failing(500),
    Trouble.EMPTY: _cut_to(0),
    Trouble.TRUNCATED: _cut_to(0.5),
    Trouble.CHANGED_MARKUP: _renamed,
    Trouble.GONE: _failing(404),
    Trouble.UNAUTHORISED: _unauthorised,
    Trouble.SLOW: _slow,
}
