"""`channels:`, `ping:` and recipients that name a channel; every mistake named with its line."""

from pathlib import Path

import pytest

from monitor.config import problems
from monitor.config_channels import ChannelConfig, PingConfig, channel_of
from monitor.errors import ConfigError
from tests.test_config import ROOT, SMALL, complaint, loaded, written

CRM = 'channels: {crm: {webhook: "https://crm.example.ru/hook", secret_env: CRM_SECRET}}\n'
LOOPBACK = "http: {allow_loopback: true}\n"


def first_complaint(folder: Path, extra: str) -> ConfigError:
    return problems(written(folder, SMALL + extra))[0]


def to(recipient: str) -> str:
    return SMALL.replace("owner@example.ru", recipient)


def test_without_the_sections_there_is_e_mail_only_and_nobody_is_pinged(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    assert config.channels == {}
    assert config.ping is None
    assert config.mail.per_hour == 60


def test_a_channel_is_an_address_in_the_environment_or_a_webhook(tmp_path: Path) -> None:
    section = (
        "channels:\n  telegram: {url_env: TELEGRAM_URL}\n  crm: {webhook: https://crm.example.ru/h?x=1, secret_env: K}"
    )
    assert loaded(tmp_path, section).channels == {
        "telegram": ChannelConfig(url_env="TELEGRAM_URL"),
        "crm": ChannelConfig(webhook="https://crm.example.ru/h?x=1", secret_env="K"),
    }


def test_a_channel_stands_where_an_address_may(tmp_path: Path) -> None:
    config = loaded(tmp_path, CRM, text=to("channel:crm"))
    assert config.escalation.owner == ("channel:crm",)


@pytest.mark.parametrize(("recipient", "name"), [("channel:crm", "crm"), ("a@example.ru", ""), ("channel:", "")])
def test_a_recipient_tells_its_channel(recipient: str, name: str) -> None:
    assert channel_of(recipient) == name


def test_the_examples_in_the_comments_of_the_shipped_config_are_right(tmp_path: Path) -> None:
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    start = lines.index("# channels:")
    shown = [lines[start], *(line for line in lines[start + 1 : lines.index("", start)])]
    ping = [line for line in lines if line.startswith("# ping:")]
    config = loaded(tmp_path, "\n".join(line.removeprefix("# ") for line in [*shown, *ping]) + "\n")
    assert config.channels == {
        "telegram": ChannelConfig(url_env="TELEGRAM_URL"),
        "crm": ChannelConfig(webhook="https://crm.example.ru/otklik", secret_env="CRM_SECRET"),
    }
    assert config.ping == PingConfig("PING_URL")


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/hook", "https://localhost/hook", "http://[::1]:8000/"])
def test_a_hook_on_this_machine_needs_permission(address: str, tmp_path: Path) -> None:
    channels = f'channels: {{crm: {{webhook: "{address}", secret_env: K}}}}\n'
    assert loaded(tmp_path, channels + LOOPBACK).channels["crm"].webhook == address
    told = complaint(tmp_path, channels)
    assert (told.path, told.line) == ("channels.crm.webhook", 9)
    assert "allow_loopback" in told.message


@pytest.mark.parametrize(
    ("section", "path", "advice"),
    [
        ("{crm: {}}", "channels.crm", "neither"),
        ("{crm: {url_env: A, webhook: https://x.ru/h, secret_env: B}}", "channels.crm.webhook", "keep one"),
        ("{crm: {webhook: https://x.ru/h}}", "channels.crm.secret_env", "is missing"),
        ("{crm: {url_env: A, secret_env: B}}", "channels.crm.secret_env", "webhook"),
        ("{crm: {webhook: http://x.ru/h, secret_env: B}}", "channels.crm.webhook", "https://"),
        ("{crm: {webhook: https://u:parol@x.ru/h, secret_env: B}}", "channels.crm.webhook", "web address"),
        ("{crm: {webhook: 'https://x.ru/h#x', secret_env: B}}", "channels.crm.webhook", "web address"),
        ("{crm: {webhook: ftp://x.ru/h, secret_env: B}}", "channels.crm.webhook", "web address"),
        ("{crm: {webhook: 'https://x.ru:0/h', secret_env: B}}", "channels.crm.webhook", "web address"),
        ("{crm: {url: tgram://1/2}}", "channels.crm.url", "url_env"),
        ("{crm: {url_env: 'tgram://parol/2'}}", "channels.crm.url_env", "environment"),
        ("{crm: 5}", "channels.crm", "must hold keys"),
        ("{'мой канал': {url_env: A}}", "channels.мой канал", "Latin letters"),
        ("[a]", "channels", "must hold keys"),
    ],
)
def test_a_wrong_channel_is_named_with_advice_and_never_repeated(
    section: str, path: str, advice: str, tmp_path: Path
) -> None:
    told = first_complaint(tmp_path, f"channels: {section}\n")
    assert (told.path, told.line) == (path, 9)
    assert advice in told.message
    assert "parol" not in str(told)


@pytest.mark.parametrize(
    ("text", "extra", "path", "advice"),
    [
        (to("channel:crn"), CRM, "escalation.owner.0", "did you mean `crm`"),
        (to("channel:crm"), "", "escalation.owner.0", "describe it there"),
        (to("'channel:'"), "", "escalation.owner.0", "short name"),
        (to("channel:a b"), CRM, "escalation.owner.0", "short name"),
        (to("OTKLIK@example.ru"), "", "escalation.owner.0", "come back"),
        (SMALL, "digest: {to: [channel:telegram]}\n", "digest.to.0", "no channel"),
        (SMALL, "canary: {to: channel:telegram}\n", "canary.to", "no channel"),
        (
            SMALL.replace("title:", "escalation: {support: channel:night}\n    title:"),
            CRM,
            "places.0.escalation.support",
            "no channel",
        ),
    ],
)
def test_a_recipient_nobody_can_reach_is_refused(text: str, extra: str, path: str, advice: str, tmp_path: Path) -> None:
    told = complaint(tmp_path, extra, text=text)
    assert told.path == path
    assert told.line is not None
    assert advice in told.message


def test_the_trial_alarm_may_go_to_our_own_mailbox(tmp_path: Path) -> None:
    config = loaded(tmp_path, "canary: {to: otklik@example.ru}\n")
    assert config.canary is not None
    assert config.canary.to == (config.mail.sender,)


@pytest.mark.parametrize(
    ("section", "advice"),
    [
        ("{}", "PING_URL"),
        ("{url: https://hc-ping.com/parol}", "url_env"),
        ("{url_env: https://hc-ping.com/parol}", "environment"),
    ],
)
def test_a_wrong_ping_is_named_with_advice(section: str, advice: str, tmp_path: Path) -> None:
    told = first_complaint(tmp_path, f"ping: {section}\n")
    assert advice in told.message
    assert "parol" not in str(told)


@pytest.mark.parametrize("limit", ["0", "-1", "много", "1.5"])
def test_the_limit_per_hour_is_a_whole_number_of_at_least_one(limit: str, tmp_path: Path) -> None:
    told = complaint(tmp_path, text=SMALL.replace("transport: file", f"transport: file, per_hour: {limit}"))
    assert told.path == "mail.per_hour"
    assert loaded(tmp_path, text=SMALL.replace("transport: file", "transport: file, per_hour: 5")).mail.per_hour == 5
