"""`otklik train` and `otklik evaluate`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from monitor.cli.common import json_option, note, print_json, say
from monitor.errors import ModelUnusable, UsageError

DATA = Path("../shared/data")

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=DATA,
    show_default=True,
    help="A labelled TSV (.tsv, .tsv.gz), the published geo-reviews .tskv, or a folder of them.",
)


@click.command()
@data_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write the model. Default: where the shipped one lies.",
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many reviews of each file.")
@json_option
def train(data: Path, out: Path | None, limit: int | None, as_json: bool) -> None:
    """Rebuild the tone model from labelled reviews; the same data gives the same model.

    Example:  otklik train --data geo-reviews-dataset-2023.tskv --out /tmp/model
    """
    from sentiment.model import data_folder
    from sentiment.training import save, train_from

    if limit is not None and out is None:
        raise UsageError("--limit makes a model for trying things out: give it a folder of its own with --out")

    with _readable():
        trained = train_from(data, limit=limit)
    folder = out or Path(str(data_folder()))
    folder.mkdir(parents=True, exist_ok=True)
    save(trained, folder)
    if as_json:
        print_json(
            {"folder": str(folder), "version": trained.meta["version"], "trained_on": trained.meta["trained_on"]}
        )
        return
    say(f"model {trained.meta['version']} written to {folder}")
    for name, counts in trained.meta["trained_on"].items():
        say(f"  {name}: " + ", ".join(f"{label} {count}" for label, count in counts.items()))


@click.command()
@data_option
@click.option("--baselines/--no-baselines", default=True, show_default=True, help="Plain rivals beside our model.")
@json_option
def evaluate(data: Path, baselines: bool, as_json: bool) -> None:
    """Every published figure of the model, by 5-fold cross-validation on labelled reviews.

    `flagged` is the share of all reviews one has to look at to catch 95 % of the negative ones, by the text alone.

    Example:  otklik evaluate --data ../shared/data
    """
    from sentiment import corpus
    from sentiment.evaluation import evaluate as cross_validate

    with _readable():
        examples = corpus.read(corpus.find(data))
    note(f"{len(examples)} reviews, five folds")
    result = cross_validate(examples, baselines=baselines)
    if as_json:
        print_json(asdict(result))
        return
    say(f"shipped model: {result.model_bytes / 1024:.0f} KiB")
    say(f"{'data':<8} {'model':<10} {'texts':>6} {'negative':>9} {'AUC':>6} {'flagged':>8} {'macro-F1':>9}")
    for score in result.scores:
        say(
            f"{score.data:<8} {score.model:<10} {score.texts:>6} {score.negatives:>9} {score.auc:>6.3f} "
            f"{score.flagged:>8.3f} {score.macro_f1:>9.3f}"
        )


@contextmanager
def _readable() -> Iterator[None]:
    """Errors of reading labelled data, as ours."""
    from sentiment.corpus import CorpusError

    try:
        yield
    except FileNotFoundError as error:
        raise UsageError(f"{error.filename}: no such file; name your labelled reviews with --data") from error
    except CorpusError as error:
        raise ModelUnusable(str(error)) from error
