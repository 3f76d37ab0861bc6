"""`otklik evaluate`."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli import findings
from monitor.cli.common import json_option, note, print_json, say
from monitor.errors import ModelUnusable, OtklikError, UsageError

if TYPE_CHECKING:
    from sentiment.evaluation import Score
    from sentiment.findings import Finding
    from sentiment.metrics import Interval

DATA = Path("../shared/data")
MOST_JOBS = 6

COLUMNS = {
    "AUC": "auc", "AP": "average_precision", "shr.95": "share_at_95", "prc.95": "precision_at_95",
    "shr.97": "share_at_97", "prc.97": "precision_at_97", "macroF1": "macro_f1", "ECE": "calibration_error",
    "recall": "flagged_recall", "precis.": "flagged_precision", "hour": "urgent_share", "h.recl.": "urgent_recall",
}  # fmt: skip
COMPLAINT_COLUMNS = {
    "AUC": "auc", "AP": "average_precision", "recall": "recall", "precis.": "precision",
    "at 8 %": "precision_when_rare",
}  # fmt: skip
LABEL, WIDTH = 22, 8
LEGEND = """\
Negative against the rest; under each figure its 95 % interval: Wilson's of recall, precision and shares of what is
decided, else of a bootstrap; one such as 1.0-1.0 then says that no draw of these texts differs, not that none could.
shr.95, prc.95: the share of texts to look at, and the precision, where 95 % of the negative ones are found.
macroF1: of the likeliest tone (text), of the tone told (stars, both). ECE: calibration error of the probability.
recall, precis.: of what is flagged, at a threshold that was chosen the same way for all that learn.
hour, h.recl.: the share of texts that are answered within the hour, flagged or uncertain, and the recall of that.
Complaints: at 4-5 stars, or where the label is positive; `at 8 %`: the precision if 8 % of such texts held one, as on
the maps."""


@click.command()
@click.option(
    "--what",
    type=click.Choice(["all", "tone", "findings"]),
    default="all",
    show_default=True,
    help="Only the tone, or only what is found in texts: themes, dangers, intents, people.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Labelled reviews (TSV, JSON lines, the published .tskv; text with label and/or stars, perhaps complaint),"
    " or a folder of them: the shipped model judges those it has not learned from. Tables with the columns themes,"
    " dangers, intents, people or urgent (as in sentiment/data/gold) tell of the rest, `otklik export --labels` of the"
    " themes that people corrected."
    f" Default: cross-validation on {DATA} and the project's synthetic reviews.",
)
@click.option("--folds", is_flag=True, help="Cross-validate on --data and the synthetic reviews instead.")
@click.option("--by-trade", is_flag=True, help="Also leave out each trade of the synthetic reviews: takes much longer.")
@click.option("--baselines/--no-baselines", default=True, show_default=True, help="Plain rivals beside the model.")
@click.option("--jobs", type=click.IntRange(1, 64), help=f"Processes. Default: the cores, at most {MOST_JOBS}.")
@json_option
def evaluate(
    what: str, data: Path | None, folds: bool, by_trade: bool, baselines: bool, jobs: int | None, as_json: bool
) -> None:
    """Every published figure of the analysis, with intervals, beside those of plain baselines.

    Example:  otklik evaluate --data my-reviews.tsv
    """
    with _readable():
        if what != "findings":
            _tone(data, folds, by_trade, baselines, jobs, as_json=as_json)
        if what != "tone":
            found = findings.shipped() if data is None else _findings_of(data, asked=what == "findings")
            if as_json:
                for item in found:
                    print_json(asdict(item) | {"figures": _plain(item.figures)})
            else:
                if what == "all":
                    say()
                findings.print_all(found)


def _tone(data: Path | None, folds: bool, by_trade: bool, baselines: bool, jobs: int | None, *, as_json: bool) -> None:
    if data is None or folds:
        found = _cross_validated(data or DATA, baselines, by_trade, jobs)
    elif by_trade:
        raise UsageError("--by-trade trains models: add --folds, or leave --data out")
    else:
        found = _of_the_shipped_model(data, baselines)
    if as_json:
        for score in found:
            print_json(_object(score))
    else:
        _print(found)


def _findings_of(data: Path, *, asked: bool) -> "Iterator[Finding]":
    from sentiment import corpus

    found = list(chain.from_iterable(map(findings.of_file, corpus.find(data))))
    if asked and not found:
        raise UsageError(f"{data}: none of the columns themes, dangers, intents, people, urgent here")
    yield from found


def _cross_validated(data: Path, rivals: bool, by_trade: bool, jobs: int | None) -> "Iterator[Score]":
    from sentiment import baselines, corpus, training
    from sentiment.evaluation import cross_validate

    paths = corpus.find(data)
    if rivals and not baselines.has_fast_text():
        note("fastText is left out: its package is not installed (pip install fasttext)")
    material = training.material_from(paths, note=note)
    processes = jobs or min(os.cpu_count() or 1, MOST_JOBS)
    yield from cross_validate(material, rivals=rivals, by_trade=by_trade, jobs=processes, progress=note)


def _of_the_shipped_model(data: Path, rivals: bool) -> "Iterator[Score]":
    from sentiment import corpus, model
    from sentiment.evaluation import judge_file, scores

    paths = corpus.find(data)
    try:
        shipped = model.load()
    except model.ModelError as error:
        raise ModelUnusable(str(error)) from error
    for path in paths:
        heard = judge_file(shipped, path)
        note(
            f"{path.name}: {len(heard.texts)} texts judged by model {shipped.version}; left out: {heard.known} that it"
            f" learned from, {heard.wordless} without a word"
        )
        yield from scores(path.name, heard.texts, rivals=rivals)


class TrainingDied(OtklikError):
    """A helping process was killed, in words for people."""


@contextmanager
def _readable() -> Iterator[None]:
    """Errors of reading labelled data and of training, as ours."""
    from sentiment.corpus import CorpusError
    from sentiment.evaluation import HelperDied

    try:
        yield
    except CorpusError as error:
        raise UsageError(str(error)) from error
    except HelperDied as died:
        raise TrainingDied("a process that trained models died (is memory short?); try again with --jobs 1") from died


# --- for programs ----------------------------------------------------------------------------------------


def _object(score: "Score") -> dict[str, object]:
    from sentiment.model import CLASSES

    found = asdict(score)
    found["figures"] = _plain(score.figures)
    found["confusion"] = {
        true: dict(zip(CLASSES, row, strict=True)) for true, row in zip(CLASSES, score.confusion, strict=True)
    }
    found["reliability"] = [item._asdict() for item in score.reliability]
    if score.complaints is not None:
        found["complaints"] = score.complaints._asdict() | {"figures": _plain(score.complaints.figures)}
    return found


def _plain(figures: "Mapping[str, Interval | None]") -> dict[str, object]:
    return {name: None if found is None else _rounded(found) for name, found in figures.items()}


def _rounded(found: "Interval") -> dict[str, float]:
    low, high = found.outward(4)
    return {"value": round(found.value, 4), "low": low, "high": high}


# --- for people ------------------------------------------------------------------------------------------


def _print(found: "Iterable[Score]") -> None:
    from sentiment.evaluation import OURS, shipped_bytes

    for number, (_, group) in enumerate(groupby(found, key=lambda score: score.data)):
        if not number:  # not before the first is there: a file may turn out to be unusable
            say(f"shipped model: {shipped_bytes() / 1024:.0f} KiB")
            say(LEGEND)
        of_data = list(group)
        say()
        say(_title(of_data[0]))
        say(_line("", list(COLUMNS)))
        for score in of_data:
            _print_figures(f"{score.information:<6} {score.model}", score.figures, COLUMNS)
        if any(score.labels_from_stars for score in of_data):
            say("  the labels are the stars here: what stars and both reach says nothing")
        for score in of_data:
            if score.model == OURS:
                _print_details(score)


def _title(score: "Score") -> str:
    marked = ": written for this project, not by customers" if score.data.startswith("synthetic") else ""
    return f"=== {score.data}{marked}: {score.texts} texts, {score.negatives} negative"


def _print_details(score: "Score") -> None:
    from sentiment.model import CLASSES

    say(f"  by {score.information}, told {'/'.join(CLASSES)}:")
    for name, row in zip(CLASSES, score.confusion, strict=True):
        say(_line(f"    {name}", [str(texts) for texts in row]))
    if score.reliability:
        say(_line("  negative, said", [_short(item.expected, 2) for item in score.reliability]))
        say(_line("    came true", [_short(item.observed, 2) for item in score.reliability]))
        say(_line("    texts", [str(item.texts) for item in score.reliability]))
    if score.complaints is not None:
        found = score.complaints
        say(f"  at 4-5 stars: {found.complaints} of {found.texts} texts hold a complaint")
        say(_line("", list(COMPLAINT_COLUMNS)))
        _print_figures("  complaint head", found.figures, COMPLAINT_COLUMNS)


def _print_figures(label: str, figures: "Mapping[str, Interval | None]", columns: Mapping[str, str]) -> None:
    found = [figures.get(name) for name in columns.values()]
    say(_line(label, ["" if item is None else _short(item.value) for item in found]))
    say(_line("", ["" if item is None else "-".join(_short(end, 2) for end in item.outward(2)) for item in found]))


def _line(label: str, cells: list[str]) -> str:
    return (f"{label:<{LABEL}}" + "".join(f"{cell:>{WIDTH}}" for cell in cells)).rstrip()


def _short(value: float, digits: int = 3) -> str:
    """`.987`: of figures between 0 and 1 the zero says nothing."""
    written = f"{value:.{digits}f}"
    return "1.0" if float(written) == 1 else written.removeprefix("0")
