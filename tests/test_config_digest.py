"""`digest:` of config.yaml: when and to whom the morning mail goes."""

from datetime import time
from pathlib import Path

import pytest

from monitor.config_digest import DigestConfig
from tests.test_config import SMALL, complaint, loaded

LINE = SMALL.count("\n") + 1


def test_without_the_section_no_digest_is_sent_by_itself(tmp_path: Path) -> None:
    assert loaded(tmp_path).digest is None


def test_an_empty_section_means_nine_in_moscow_for_the_owners_and_no_report(tmp_path: Path) -> None:
    config = loaded(tmp_path, "digest:\n")
    assert config.digest == DigestConfig(config.escalation.owner, time(9), "Europe/Moscow", None)


def test_everything_can_be_said_in_the_section(tmp_path: Path) -> None:
    written = 'digest: {at: "7:30", timezone: Asia/Vladivostok, to: [a@example.ru, b@example.ru], weekly: sun}\n'
    digest = loaded(tmp_path, written).digest
    assert digest == DigestConfig(("a@example.ru", "b@example.ru"), time(7, 30), "Asia/Vladivostok", 6)


@pytest.mark.parametrize(
    ("written", "at"), [("09:00", time(9)), ("9:00", time(9)), ('"23:59"', time(23, 59)), ("'00:00'", time(0))]
)
def test_a_time_needs_no_quotes(tmp_path: Path, written: str, at: time) -> None:
    digest = loaded(tmp_path, f"digest: {{at: {written}}}\n").digest
    assert digest is not None
    assert digest.at == at


@pytest.mark.parametrize(
    ("written", "path", "told"),
    [
        ('at: "24:00"', "at", 'must be a time of day such as "09:00"'),
        ('at: "9:60"', "at", "time of day"),
        ("at: 9", "at", "time of day"),
        ('at: "9:00:00"', "at", "time of day"),
        ("timezone: Europe/Moskow", "timezone", "did you mean `Europe/Moscow`?"),
        ("weekly: monday", "weekly", "must be one weekday"),
        ("weekly: mon-fri", "weekly", "must be one weekday"),
        ("weekly: 1", "weekly", "mon, tue"),
        ("to: [owner]", "to.0", "must be an e-mail address"),
        ("to: []", "to", "is empty"),
        ("to: [a@example.ru, a@example.ru]", "to.1", "stands twice"),
        ("time: 9", "time", "unknown key"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, written: str, path: str, told: str) -> None:
    problem = complaint(tmp_path, f"digest: {{{written}}}\n")
    assert (problem.path, problem.line) == (f"digest.{path}", LINE)
    assert told in problem.message


def test_a_channel_may_get_it_too(tmp_path: Path) -> None:
    written = "channels: {chat: {url_env: CHAT_URL}}\ndigest: {to: [a@example.ru, channel:chat]}\n"
    digest = loaded(tmp_path, written).digest
    assert digest is not None
    assert digest.to == ("a@example.ru", "channel:chat")


def test_the_example_in_the_shipped_settings_is_right(tmp_path: Path) -> None:
    shipped = (Path(__file__).resolve().parents[1] / "config.yaml").read_text(encoding="utf-8")
    (line,) = [line for line in shipped.splitlines() if line.startswith("# digest: ")]
    digest = loaded(tmp_path, line.removeprefix("# ") + "\n").digest
    assert digest == DigestConfig(("owner@example.ru",), time(9), "Europe/Moscow", 0)


@pytest.mark.parametrize("written", ["digest: 5\n", "digest: [1]\n"])
def test_a_section_must_hold_keys(tmp_path: Path, written: str) -> None:
    assert "must hold keys" in complaint(tmp_path, written).message
