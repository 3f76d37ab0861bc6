"""`otklik mail …`."""

import secrets
import sys
from html import escape
from pathlib import Path

import click

from monitor.alerts import Delivery, Message
from monitor.assemble import Application
from monitor.cli.common import application, config_option, json_option, print_json, say, utf8
from monitor.config import Config
from monitor.config_channels import channel_of
from monitor.config_escalation import CHANNEL
from monitor.config_values import email, hint
from monitor.errors import UsageError
from monitor.notify.payload import trial
from monitor.seams import Channel


@click.group()
def mail() -> None:
    """Whether alarms would arrive.

    Example:  otklik mail test --to owner@example.ru
    """


@mail.command()
@click.option("--to", "recipient", callback=utf8, help="An address, or channel:NAME. Default: escalation.admin.")
@json_option
@config_option
def test(recipient: str | None, as_json: bool, config_path: Path | None) -> None:
    """Send one message the way alarms go, and say what came of it.

    Exit code 1: it was not accepted. 2: a setting or a secret is missing.

    Example:  otklik mail test --to channel:telegram
    """
    with application(config_path) as app:
        to = _recipient(app.config, recipient)
        channel = app.channel.at(to)
        message = _message(app, to)
        (delivery,) = channel.deliver([message])
        if as_json:
            print_json(_json(message, channel, delivery))
        elif delivery.error is None:
            say(f"Принято: {to}, {channel.describe()}. Проверьте, что сообщение дошло.")
        else:
            say(f"Не принято: {to}, {channel.describe()}. {delivery.error}")
        sys.exit(0 if delivery.error is None else 1)


def _recipient(config: Config, given: str | None) -> str:
    """Raises UsageError for what is neither an address nor a channel of the config."""
    if given is None:
        return (config.escalation.admin or config.escalation.owner)[0]
    name = channel_of(given)
    if given.startswith(CHANNEL) and name not in config.channels:
        known = hint(name, config.channels) if config.channels else "the config has no `channels:`"
        raise UsageError(f"--to: there is no channel {name!r}; {known}")
    try:
        return given if name else email(given)
    except ValueError as error:
        raise UsageError(f"--to {error}, or channel:NAME") from None


def _message(app: Application, recipient: str) -> Message:
    """Each time another one: no mail program takes it for a repetition."""
    now = app.clock.now()
    domain = app.config.mail.sender.rpartition("@")[2]
    business = app.config.business.name
    lines = (
        f"Это проверка: Отклик ({business}) отправил сообщение командой otklik mail test.",
        "Раз Вы его читаете, сюда дойдут и тревоги об отзывах. Делать ничего не нужно.",
    )
    return Message(
        message_id=f"<test-{secrets.token_hex(16)}@{domain}>",
        recipient=recipient,
        subject=f"Проверка связи: Отклик, {business}",
        text="\n".join(lines) + "\n",
        html="".join(f"<p>{escape(line)}</p>" for line in lines),
        at=now,
        data=trial(now),
    )


def _json(message: Message, channel: Channel, delivery: Delivery) -> dict[str, object]:
    return {
        "ok": delivery.error is None,
        "recipient": message.recipient,
        "through": channel.describe(),
        "message_id": message.message_id,
        "error": delivery.error,
        "permanent": delivery.permanent,
    }
