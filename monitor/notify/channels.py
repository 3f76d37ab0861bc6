"""The channels and the ping that a config describes, and what is missing for them to work."""

from collections.abc import Callable, Iterator
from functools import partial

from monitor import config_values as values
from monitor.config import Config
from monitor.config_channels import ChannelConfig
from monitor.errors import ConfigError, TransportError
from monitor.notify.router import Router
from monitor.seams import Channel, Clock, Session


def router(config: Config, mail: Callable[[], Channel], session: Callable[[], Session], clock: Clock) -> Router:
    """`session` is made when the first webhook is called."""
    named = {
        name: partial(_channel, config, name, settings, session, clock) for name, settings in config.channels.items()
    }
    return Router({"": mail, **named})


def _channel(
    config: Config, name: str, settings: ChannelConfig, session: Callable[[], Session], clock: Clock
) -> Channel:
    """Raises ConfigError when the secret is missing."""
    if settings.url_env:
        from monitor.notify.apprise_channel import AppriseChannel

        return AppriseChannel(name, config.secret(settings.url_env, f"channels.{name}.url_env"))
    from monitor.notify.webhook import WebhookChannel

    key = config.secret(settings.secret_env, f"channels.{name}.secret_env")
    return WebhookChannel(name, settings.webhook, key=key, session=session, clock=clock)


def ping_address(config: Config) -> str:
    """Whom the worker tells that it is alive; "" where the config names nobody. Raises ConfigError when the variable is
    empty or holds no address; loopback obeys `http.allow_loopback`."""
    if config.ping is None:
        return ""
    path, variable = "ping.url_env", config.ping.url_env
    address = config.secret(variable, path)
    if not values.is_web_address(address):
        raise config.error(path, f"what {variable} holds is no web address such as https://hc-ping.com/…")
    if values.is_loopback(address) and not config.http.allow_loopback:
        raise config.error(
            path, f"what {variable} holds is this machine: allow it with `http: {{allow_loopback: true}}`"
        )
    return address


def missing_secrets(config: Config) -> Iterator[ConfigError]:
    """Why a channel, or the ping, stays silent: its variable is not set."""
    for name, settings in config.channels.items():
        for key, variable in (("url_env", settings.url_env), ("secret_env", settings.secret_env)):
            try:
                if variable:
                    config.secret(variable, f"channels.{name}.{key}")
            except ConfigError as error:
                yield error
    try:
        ping_address(config)
    except ConfigError as error:
        yield error


def misfits(config: Config) -> Iterator[ConfigError]:
    """Channels whose secret is there and of no use: Apprise is not installed, or makes nothing of the address."""
    from monitor.notify.apprise_channel import EXTRA, NO_EXTRA, service

    for name, settings in config.channels.items():
        path = f"channels.{name}.url_env"
        try:
            if settings.url_env:
                service(config.secret(settings.url_env, path))
        except ConfigError:
            continue  # `missing_secrets` tells it
        except TransportError as error:
            needed = f"needs Apprise: {EXTRA}"
            unknown = f"what {settings.url_env} holds is no address that Apprise knows, such as tgram://TOKEN/CHAT"
            yield config.error(path, needed if str(error) == NO_EXTRA else unknown)
