"""`otklik draft` and `otklik lint`."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from monitor.actions import LONGEST_MEASURE
from monitor.assemble import Application
from monitor.cli.common import application, config_option, input_objects, print_json, stars_of, text_of
from monitor.contract.tickets import findings_json
from monitor.errors import InputError
from monitor.jobs.draft import HISTORY
from monitor.wording import is_plain
from responders.types import Fault, Situation


@click.command()
@click.option("--json", "_as_json", is_flag=True, help="Accepted for symmetry: the output is JSON anyway.")
@config_option
def draft(_as_json: bool, config_path: Path | None) -> None:
    """Replies to reviews: reads {"text", "stars", "author", "source", "place"?} per line of standard input.

    The lines are, in order, the reply history of their card: no reply repeats an earlier one.
    "fault" is "unconfirmed", "confirmed" (an apology) or "denied" (a correction); "measure": what was done about a
    confirmed one; "earlier": how many reviews the author wrote before.

    Example:  echo '{"text": "Суп холодный", "stars": 2, "author": "Анна К.", "source": "yandex_maps"}' | otklik draft
    """
    with application(config_path) as app:
        writer = app.writer()
        histories: dict[tuple[str, str], list[str]] = {}
        for number, value in input_objects():
            about = _situation(app, value, number)
            history = histories.setdefault((about.source, about.place), [])
            reply = writer.draft(_with_history(about, history))
            history.append(reply.text)
            print_json(
                {
                    "text": reply.text,
                    "template": reply.template,
                    "warnings": findings_json(reply.warnings),
                    "chars": len(reply.text),
                    "bytes": len(reply.text.encode()),
                    "reason": reply.reason,
                    "similarity": reply.similarity,
                }
            )


@click.command()
@click.option("--json", "_as_json", is_flag=True, help="Accepted for symmetry: the output is JSON anyway.")
@config_option
def lint(_as_json: bool, config_path: Path | None) -> None:
    """What speaks against posting a reply: reads {"reply", "text", "stars", "source", "author"?, "place"?} per line.

    "fault": "confirmed" lets the reply admit it; "measure", "earlier" as `otklik draft` has them.

    Example:  echo '{"reply": "Спасибо!", "text": "Ужас", "stars": 1, "source": "twogis"}' | otklik lint
    """
    from responders.lint import lint as examine

    with application(config_path) as app:
        for number, value in input_objects():
            reply = text_of(value, "reply", number)
            findings = examine(reply, _situation(app, value, number))
            rows = findings_json(findings)
            for row, finding in zip(rows, findings, strict=True):
                row["span"] = finding.span
            print_json({"findings": rows})


def _situation(app: Application, value: dict[str, Any], number: int) -> Situation:
    source = text_of(value, "source", number)
    if source not in app.sources:
        raise InputError(f"there is no source {source!r}; known: {', '.join(app.sources)}", line=number)
    text, author = text_of(value, "text", number, default=""), text_of(value, "author", number, default="")
    place = text_of(value, "place", number, default="")
    stars = stars_of(value, number)
    fault = _fault(value, number)
    measure, earlier = _measure(value, fault, number), _earlier(value, number)
    return Situation(
        key=f"{source}/{sha256(f'{place}|{author}|{stars}|{text}'.encode('utf-8', 'replace')).hexdigest()}",
        source=source,
        place=app.titles.get(place, place),
        brand=app.brand,
        stars=stars,
        text=text,
        author=author,
        verdict=app.analyser.analyse(text, stars, author),
        fault=fault,
        measure=measure,
        earlier=earlier,
    )


def _fault(value: dict[str, Any], number: int) -> Fault:
    said = text_of(value, "fault", number, default=Fault.UNCONFIRMED)
    if said not in list(Fault):
        raise InputError(f'"fault" must be one of {", ".join(Fault)}', line=number)
    return Fault(said)


def _measure(value: dict[str, Any], fault: Fault, number: int) -> str:
    measure = text_of(value, "measure", number, default="").strip()
    if measure and fault is not Fault.CONFIRMED:
        raise InputError('"measure" goes with "fault": "confirmed" only', line=number)
    if len(measure) > LONGEST_MEASURE or not is_plain(measure):
        raise InputError(f'"measure" must be one line of at most {LONGEST_MEASURE} visible characters', line=number)
    return measure


def _earlier(value: dict[str, Any], number: int) -> int:
    earlier = value.get("earlier", 0)
    if isinstance(earlier, bool) or not isinstance(earlier, int) or earlier < 0:
        raise InputError('"earlier" must be a whole number, 0 or more', line=number)
    return earlier


def _with_history(about: Situation, history: list[str]) -> Situation:
    return replace(about, recent=tuple(history[-HISTORY:]))
