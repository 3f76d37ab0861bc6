"""Addresses as a request or an answer gives them, and whether we go there."""

from collections.abc import Mapping

import httpx

from monitor.errors import AddressRefused

REDIRECTS = (301, 302, 303, 307, 308)


def host_of(url: httpx.URL) -> str:
    """`host:port`, the port only where it is not the usual one: a name for people and a key for us."""
    return url.host if url.port is None else f"{url.host}:{url.port}"


def parsed(address: str, base: httpx.URL | None = None) -> httpx.URL | None:
    """The address without its fragment, relative to `base`; None where it is not one.

    An answer and not an exception: an exception would carry the address with the key in it.
    """
    try:
        url = httpx.URL(address) if base is None else base.join(address)
        return None if "%" in url.host else url.copy_with(fragment=None)  # httpx quotes what no name may hold
    except (httpx.InvalidURL, ValueError):
        return None


def check(url: httpx.URL) -> None:
    """Raises AddressRefused unless the address is one a site's page can have."""
    if url.scheme not in ("http", "https"):
        raise AddressRefused(f"адрес начинается с «{url.scheme[:20]}:», а нужен http или https")
    if not url.host:
        raise AddressRefused("в адресе нет имени сайта")
    if url.userinfo:
        raise AddressRefused(f"{host_of(url)}: в адресе стоит имя или пароль — так мы не ходим")
    if url.port is not None and not 0 < url.port < 65536:
        raise AddressRefused(f"{url.host}: порта {url.port} не бывает")


def target(status: int, headers: Mapping[str, str], url: httpx.URL, *, posted: bool) -> httpx.URL | None:
    """The address a redirect leads to; None for any other answer.

    Raises AddressRefused for a redirect we do not follow: of a form (it may hold a secret),
    from https to http, or to something that is no address.
    """
    location = headers.get("location", "")
    if status not in REDIRECTS or not location:
        return None
    host = host_of(url)
    if posted:
        raise AddressRefused(f"{host}: сайт переадресует отправленную форму — данные из неё дальше не передаём")
    following = parsed(location, url)
    if following is None:
        raise AddressRefused(f"{host}: сайт переадресует на адрес, записанный с ошибкой")
    check(following)
    if url.scheme == "https" and following.scheme == "http":
        raise AddressRefused(
            f"{host}: переадресация с https на http ({host_of(following)}) — по открытому каналу не идём"
        )
    return following
