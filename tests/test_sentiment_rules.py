"""Every rule in one line: what it fires on, what it leaves alone. The lines stand in `tests/rules/<kind>.toml`:

"staff.searched" = {fires = ["Пришлось самим искать продавца"], silent = ["Искала платье на выпускной"]}
"""

import tomllib
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

from sentiment import intents, model, risks, rules
from sentiment.business import Business
from sentiment.rules import Review
from sentiment.text import clauses, tokens
from sentiment.themes import Themes
from sentiment.types import Intent, Risk, Theme

KINDS: dict[str, type[StrEnum]] = {"themes": Theme, "dangers": Risk, "intents": Intent}
EXAMPLES = {
    kind: {
        f"{file.stem}.{rule}": row
        for file in sorted((Path(__file__).parent / "rules" / kind).glob("*.toml"))
        for rule, row in tomllib.loads(file.read_text(encoding="utf-8")).items()
    }
    for kind in KINDS
}


def lines(which: str) -> Iterable[tuple[str, str, str]]:
    return [(kind, rule, text) for kind in KINDS for rule, row in EXAMPLES[kind].items() for text in row.get(which, ())]


def fired(kind: str, text: str) -> set[str]:
    """The names of the rules that find something in the text."""
    parts = tokens(text)
    review = Review(text, parts, clauses(text, parts))
    if kind == "dangers":
        return {hit.rule.name for hit in risks.hits(review)}
    if kind == "intents":
        return {hit.rule.name for hit in intents.hits(review)}
    trained, themes = judges()
    reading = trained.read([token.key for token in parts])
    return {mention.hit.rule.name for mention in themes.mentions(review, reading, None)}


@cache
def judges() -> tuple[model.Model, Themes]:
    return model.load(), Themes(Business())


@pytest.mark.parametrize(("kind", "rule", "text"), lines("fires"))
def test_a_rule_fires(kind: str, rule: str, text: str) -> None:
    assert rule in fired(kind, text)


@pytest.mark.parametrize(("kind", "rule", "text"), lines("silent"))
def test_a_rule_leaves_its_false_friends_alone(kind: str, rule: str, text: str) -> None:
    assert rule not in fired(kind, text)


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_has_its_lines_and_every_line_a_rule(kind: str) -> None:
    shipped = {rule.name for rule in rules.load(kind, KINDS[kind])}
    assert {rule for rule, row in EXAMPLES[kind].items() if row.get("fires")} == shipped


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_that_looks_around_has_a_line_where_it_is_silent(kind: str) -> None:
    careful = {rule.name for rule in rules.load(kind, KINDS[kind]) if rule.unless or rule.near}
    assert careful <= {rule for rule, row in EXAMPLES[kind].items() if row.get("silent")}


@pytest.mark.parametrize("kind", KINDS)
def test_every_id_has_a_rule(kind: str) -> None:
    computed = {Intent.THANKS, Intent.OFF_TOPIC}
    assert {rule.says for rule in rules.load(kind, KINDS[kind])} | computed >= set(KINDS[kind])
