"""`rewriter:` of config.yaml: one kind, no secrets, nothing unencrypted; every mistake named with its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config_rewriter import RewriterConfig
from tests.test_config import ROOT, complaint, loaded


def rewriter(folder: Path, written: str) -> RewriterConfig:
    found = loaded(folder, f"rewriter: {written}\n").rewriter
    assert found is not None
    return found


def test_without_the_section_nobody_rewrites(tmp_path: Path) -> None:
    assert loaded(tmp_path).rewriter is None


@pytest.mark.parametrize(
    ("written", "argv"),
    [
        ("{command: [./rewrite, --model, my model]}", ("./rewrite", "--model", "my model")),
        ("{command: ./rewrite --model 'my model'}", ("./rewrite", "--model", "my model")),
        ("{command: rewrite; echo}", ("rewrite;", "echo")),
        ("{command: [python3]}", ("python3",)),
    ],
)
def test_a_command_is_a_list_or_a_line_without_a_shell(written: str, argv: tuple[str, ...], tmp_path: Path) -> None:
    assert rewriter(tmp_path, written) == RewriterConfig(command=argv)


def test_the_example_in_the_comments_of_the_shipped_config_is_right(tmp_path: Path) -> None:
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    start = lines.index("# rewriter:")
    shown = "\n".join(line.removeprefix("# ") for line in lines[start : lines.index("", start)])
    found = loaded(tmp_path, f"{shown}\n").rewriter
    assert found == RewriterConfig(base_url="http://127.0.0.1:11434/v1", model="name-of-the-model", key_env="LLM_KEY")


def test_a_server_needs_a_model_and_may_need_a_key(tmp_path: Path) -> None:
    written = "{base_url: https://llm.example.ru/v1/, model: m, key_env: LLM_KEY, timeout: 5s, send_review: true}"
    assert rewriter(tmp_path, written) == RewriterConfig(
        base_url="https://llm.example.ru/v1",
        model="m",
        key_env="LLM_KEY",
        timeout=timedelta(seconds=5),
        send_review=True,
    )


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:11434/v1", "http://localhost:8000/v1", "http://10.0.0.5/v1", "http://[::1]:8000/v1"]
)
def test_inside_the_network_it_may_be_unencrypted(address: str, tmp_path: Path) -> None:
    assert rewriter(tmp_path, f'{{base_url: "{address}", model: m}}').base_url == address


@pytest.mark.parametrize(
    ("written", "path", "says"),
    [
        ("{}", "rewriter", "neither `command` nor `base_url`"),
        ("{send_review: true}", "rewriter", "neither `command` nor `base_url`"),
        ("{command: a, base_url: https://a.ru, model: m}", "rewriter.base_url", "stands beside `command`"),
        ("{base_url: https://a.ru}", "rewriter.model", "is missing"),
        ("{command: a, model: m}", "rewriter.model", "goes with `base_url` only"),
        ("{base_url: http://a.ru, model: m}", "rewriter.base_url", "unencrypted"),
        ("{base_url: http://8.8.8.8, model: m}", "rewriter.base_url", "unencrypted"),
        ("{base_url: ftp://a.ru, model: m}", "rewriter.base_url", "must be a web address"),
        ("{base_url: https://u:sekret@a.ru, model: m}", "rewriter.base_url", "must not hold a name or a password"),
        ("{base_url: https://a.ru, model: m, key: sekret}", "rewriter.key", "key_env"),
        ("{base_url: https://a.ru, model: m, key_env: sekret}", "rewriter.key_env", "environment variable"),
        ('{command: "a \'b"}', "rewriter.command", "cannot be split"),
        ("{command: \"''\"}", "rewriter.command", "names no program"),
        ("{command: []}", "rewriter.command", "is empty"),
        ("{command: a, timeout: 0s}", "rewriter.timeout", "longer than nothing"),
        ("{command: a, send_review: maybe}", "rewriter.send_review", "true or false"),
        ("{command: a, comand: b}", "rewriter.comand", "did you mean `command`?"),
        ("./rewrite", "rewriter", "must hold keys"),
    ],
)
def test_a_mistake_is_told_with_its_line(written: str, path: str, says: str, tmp_path: Path) -> None:
    found = complaint(tmp_path, f"rewriter: {written}\n")
    assert found.path == path
    assert says in found.message
    assert found.line == 9
    assert "sekret" not in str(found)
