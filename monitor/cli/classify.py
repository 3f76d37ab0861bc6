"""`otklik classify`."""

from dataclasses import asdict

import click

from monitor import wording
from monitor.assemble import load_analyser
from monitor.cli.common import input_lines, json_option, note, parse_json, print_json, say, stars_of, text_of
from monitor.cli.views import verdict_json
from sentiment.types import Verdict


@click.command()
@json_option
def classify(as_json: bool) -> None:
    """Tone, themes and dangers of reviews on standard input: a line of plain text each, or
    {"text": "…", "stars": 1 to 5 or null}.

    Example:  echo "Вкусно, но ждали час" | otklik classify --json
    """
    analyser = load_analyser()
    for number, line in input_lines():
        text, stars = _review(line, number)
        verdict = analyser.analyse(text, stars)
        if as_json:
            odds = None if verdict.probabilities is None else asdict(verdict.probabilities)
            print_json({"tone": verdict.tone, "probabilities": odds} | verdict_json(verdict))
        else:
            say(_line(verdict, text))


def _review(line: str, number: int) -> tuple[str, int | None]:
    """A JSON object, or else the line itself: a review may well begin with a brace, a spoilt object does, too."""
    if not line.lstrip().startswith("{"):
        return line, None
    try:
        value = parse_json(line)
    except (ValueError, RecursionError):
        note(f"stdin:{number}: begins like a JSON object but is none; taken as plain text")
        return line, None
    return text_of(value, "text", number), stars_of(value, number)


def _line(verdict: Verdict, text: str) -> str:
    marks = [
        wording.TONES[verdict.tone],
        *(["срочно"] if verdict.flagged else []),
        *(["неясно"] if verdict.uncertain else []),
        *(["оценка спорит с текстом"] if verdict.conflict else []),
        *(wording.RISKS[item.risk] for item in verdict.risks),
    ]
    return f"{', '.join(marks):<40} {wording.one_line(text, 80)}"
