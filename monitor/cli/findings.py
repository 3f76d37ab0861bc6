"""What `otklik evaluate` says of themes, dangers, intents and people."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.cli.common import note, say
from monitor.errors import ModelUnusable

if TYPE_CHECKING:
    from sentiment.findings import Finding
    from sentiment.metrics import Interval

COLUMNS = {"precis.": "precision", "recall": "recall", "F1": "f1"}
ALARM_COLUMNS = {"accuracy": "accuracy", "false": "false_alarms"}
LABEL, WIDTH = 30, 9
LEGEND = """\
What is found in texts, each figure with its 95 % interval below it. known: how many texts hold it; told: how many are
said to. F1 kw.: of a list of keywords alone; with tone, that of the whole text. false: the share of the texts without
danger (`any`) or without haste (`urgent`) that are said to have it."""


def shipped() -> "Iterator[Finding]":
    """Of the texts that come with the project: those the rules were written with in view, then the others."""
    from sentiment import analyse, gold, model
    from sentiment.findings import findings

    try:
        analyser = analyse.load()
    except model.ModelError as error:
        raise ModelUnusable(str(error)) from error
    for part in ("develop", "test"):
        note(f"{part}: themes, dangers, intents, people")
        yield from findings(f"gold, {part}", gold.shipped(part), analyser)


def of_file(path: Path) -> "Iterator[Finding]":
    """Of anybody's texts; nothing where the file tells of nothing that is found in texts. Raises CorpusError."""
    from sentiment import analyse, gold
    from sentiment.findings import findings

    if gold.tells_of_findings(path):
        yield from findings(path.name, list(gold.read(path)), analyse.load())


def print_all(found: "Iterable[Finding]") -> None:
    """As tables: a line for each id, ours beside the keywords'."""
    from sentiment.findings import KEYWORDS

    of_data = {data: list(group) for data, group in groupby(found, key=lambda item: item.data)}
    for number, (data, items) in enumerate(of_data.items()):
        if not number:
            say(LEGEND)
        own = ": written for this project, not by customers" if data.startswith("gold,") else ""
        say()
        say(f"=== {data}{own}")
        rival = {
            (item.what, item.information, item.id): item.figures.get("f1") for item in items if item.model == KEYWORDS
        }
        ours = (item for item in items if item.model != KEYWORDS)
        for (what, information), group in groupby(ours, key=lambda item: (item.what, item.information)):
            _print_table(what, information, list(group), rival)


def _print_table(
    what: str, information: str, items: "list[Finding]", rival: "dict[tuple[str, str, str], Interval | None]"
) -> None:
    more = {} if not any("accuracy" in item.figures for item in items) else ALARM_COLUMNS
    beside = any((what, information, item.id) in rival for item in items)
    heads = ["known", "told", *COLUMNS, *(["F1 kw."] if beside else []), *more]
    say(_line(f"{what}, by {information}: {items[0].texts} texts", heads))
    for item in items:
        shown = [item.figures.get(name) for name in COLUMNS.values()]
        if beside:
            shown.append(rival.get((what, information, item.id)))
        shown += [item.figures.get(name) for name in more.values()]
        say(_line(f"  {item.id}", [str(item.known), str(item.told), *map(_value, shown)]))
        say(_line("", ["", "", *map(_ends, shown)]))


def _line(label: str, cells: list[str]) -> str:
    return (f"{label:<{LABEL}}" + "".join(f"{cell:>{WIDTH}}" for cell in cells)).rstrip()


def _value(found: "Interval | None") -> str:
    return "" if found is None else f"{found.value:.3f}"


def _ends(found: "Interval | None") -> str:
    return "" if found is None else "-".join(f"{end:.2f}".removeprefix("0") for end in found.outward(2))
