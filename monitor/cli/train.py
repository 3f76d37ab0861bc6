"""`otklik train`: the tone model, rebuilt from labelled reviews and from what people corrected."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.common import application, config_option, json_option, note, print_json, say
from monitor.errors import ModelUnusable, UsageError

if TYPE_CHECKING:
    from monitor.store.labels import Correction
    from sentiment.comparison import Comparison
    from sentiment.corpus import Example
    from sentiment.learner import Material
    from sentiment.training import Trained

DATA = Path("../shared/data")
MUCH_THE_SAME = 0.9
"""The share of the texts that the model in place learned from, below which a new one has forgotten something."""


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=DATA,
    show_default=True,
    help="A labelled .tsv, .jsonl (also .gz) or the published geo-reviews .tskv, or a folder of them.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write the model. Default: where the shipped one lies.",
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many reviews of each file and label.")
@click.option("--without-own", is_flag=True, help="Leave out the reviews written for this project.")
@click.option("--with-corrections", is_flag=True, help="Learn also from what people said with `queue retag`.")
@click.option("--dangers", is_flag=True, help="Rebuild the detector of dangers instead of the tone model.")
@click.option("--accept-worse", is_flag=True, help="Write the model even if corrections make it worse.")
@json_option
@config_option
def train(
    data: Path,
    out: Path | None,
    limit: int | None,
    without_own: bool,
    with_corrections: bool,
    dangers: bool,
    accept_worse: bool,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Rebuild the tone model from labelled reviews; the same data gives the same model.

    With --with-corrections two models are compared first, and a worse one is not written: exit 1.

    Example:  otklik train --data geo-reviews-dataset-2023.tskv --out /tmp/model
    """
    from sentiment import corpus, model, training

    if limit is not None and out is None:
        raise UsageError("--limit makes a model for trying things out: give it a folder of its own with --out")
    if accept_worse and not with_corrections:
        raise UsageError("--accept-worse goes with --with-corrections: nothing is compared without it")
    if dangers and (limit is not None or without_own or with_corrections):
        raise UsageError("--dangers goes with --data and --out alone")
    folder = out or Path(str(model.data_folder()))
    if dangers:
        _learn_dangers(data, folder, as_json)
        return
    with _explained(folder):
        files = corpus.find(data)
        training.check_writable(folder)
        corrections, ignored = _corrections(config_path) if with_corrections else ([], 0)
        most = corpus.MOST_OF_A_LABEL if limit is None else limit
        note(f"reading {', '.join(path.name for path in files)}")
        material = training.material_from(files, most=most, own=not without_own, corrections=corrections, note=note)
        before = _by_kind(_learned_before(folder))
        if with_corrections:  # there may be fewer than before: a review was forgotten
            before.pop(corpus.CORRECTED, None)
        forgotten = _forgotten(before, _by_kind(training.trained_on(material.examples)))
        if with_corrections:
            trained, compared = _compared(material, ignored, forgotten, accept_worse, as_json)
        else:
            for reason in forgotten:
                note(f"careful: {reason}")
            trained, compared = training.train(material, note=note), None
        if trained is not None:
            training.save(trained, folder)
    _report(trained, compared, folder, as_json)
    if trained is None and compared is not None:
        raise ModelUnusable(_refusal(forgotten, compared["comparison"]["worse"]))


def _learn_dangers(data: Path, folder: Path, as_json: bool) -> None:
    from sentiment import corpus, detecting, detector, training

    with _explained(folder):
        files = corpus.find(data)
        training.check_writable(folder)
        lessons = detecting.lessons(files)
        arrays = detecting.train(lessons, note)
        training.write({folder / detector.FILE: detecting.packed(arrays)})
    limits = [dict(zip(detector.Limits._fields, pair, strict=True)) for pair in arrays["limits"].tolist()]
    otherwise, pleased = limits
    dangerous = sum(bool(lesson.risks) for lesson in lessons)
    if as_json:
        of = {"texts": len(lessons), "dangers": dangerous, "limits": otherwise, "limits_pleased": pleased}
        print_json({"folder": str(folder), **of})
    else:
        say(f"{len(lessons):,} texts, {dangerous:,} with a danger")
        for whose, of in (("texts that sound pleased", pleased), ("others", otherwise)):
            say(f"{whose}: alarm from {of['alarm']:.2f}, doubt below {of['doubt']:.2f}")
        say(f"{detector.FILE} written to {folder}")


# --- corrections -----------------------------------------------------------------------------------------


def _corrections(config_path: Path | None) -> "tuple[list[Example], int]":
    """What people said, as examples, and how many could not be used. Raises UsageError when none can."""
    from sentiment import comparison

    with application(config_path) as app:
        found, ignored = comparison.usable(_example(item) for item in app.store.labels.corrections())
    note(f"{len(found)} corrections" + (f", {ignored} more without words or said again later" if ignored else ""))
    if not found:
        raise UsageError("there are no corrections to learn from: make some with `otklik queue retag`")
    return found, ignored


def _example(correction: "Correction") -> "Example":
    from sentiment.corpus import CORRECTED, LABELS, UNJUDGED, Example

    label = UNJUDGED if correction.tone is None else LABELS[correction.tone]
    source = f"{CORRECTED}_{correction.source}"
    return Example(correction.text, label, correction.complaint, correction.stars, source, corrected=True)


def _compared(
    material: "Material", ignored: int, forgotten: Sequence[str], accept_worse: bool, as_json: bool
) -> "tuple[Trained | None, dict[str, Any]]":
    """The model that learned from corrections, None if it may not be written; and how it compares."""
    from sentiment import comparison, training

    compared = comparison.compare(material, note=note)
    if not as_json:
        _print(compared)
    worse = [*forgotten, *compared.worse]
    remarks: dict[str, Any] = {
        "corrections": sum(example.corrected for example in material.examples),
        "ignored": ignored,
        "comparison": asdict(compared) | {"worse": worse},
    }
    for reason in forgotten:
        note(f"data is missing: {reason}")
    for reason in compared.worse:
        note(f"worse: {reason}")
    if worse and not accept_worse:
        return None, remarks
    if worse:
        remarks["accepted_worse"] = worse
    return training.train(comparison.without_overruled(material), remarks=remarks, note=note), remarks


def _print(compared: "Comparison") -> None:
    say(f"{compared.texts} labelled texts kept apart, {compared.negatives} of them negative")
    say(f"{'':<18} {'AUC':>6} {'flagged':>8} {'complaints':>11} {'corrections told right'}")
    for name, side in (("without", compared.without), ("with corrections", compared.with_corrections)):
        complaints = "-" if side.complaint_precision is None else f"{side.complaint_precision:.3f}"
        said = side.agreement
        right = f"tone {said.right_tones} of {said.tones}, complaint {said.right_complaints} of {said.complaints}"
        say(f"{name:<18} {side.auc:>6.3f} {side.flagged:>8.3f} {complaints:>11} {right}")


# --- what was there before -------------------------------------------------------------------------------


def _learned_before(folder: Path) -> Mapping[str, Mapping[str, int]]:
    """What the model in the folder learned from; nothing if there is none that loads."""
    from sentiment.model import ModelError, read_meta

    try:
        counts = read_meta(folder).get("trained_on")
    except ModelError:
        return {}
    return counts if isinstance(counts, dict) else {}


def _forgotten(before: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """Of which kinds of reviews the model in place knows clearly more than the new one will."""
    return [
        f"the model in place learned from {count} texts of {kind}, this one from {now.get(kind, 0)}"
        for kind, count in before.items()
        if now.get(kind, 0) < MUCH_THE_SAME * count
    ]


def _refusal(forgotten: Sequence[str], worse: Sequence[str]) -> str:
    """Why the model was not written, and what to do. What is `forgotten`, a part of what is `worse`, is no fault of the
    corrections."""
    reasons = []
    if forgotten:
        reasons.append(
            f"labelled reviews are missing ({'; '.join(forgotten)}): name with --data a folder that holds both public"
            " data sets, RuReviews and Geo Reviews Dataset 2023 (sentiment/data/NOTICES.md says where they are from),"
            " and do not use --limit or --without-own"
        )
    if len(worse) > len(forgotten):
        reasons.append("with the corrections it would be worse (see above): look at them again")
    else:
        reasons.append("the corrections themselves make nothing worse")
    return "; ".join(["not written, the model is left as it was", *reasons, "--accept-worse writes it all the same"])


def _by_kind(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """By what the names of the sources begin with: another part of the same data set is as good."""
    kinds: dict[str, int] = {}
    for source, labels in counts.items():
        kind = source.replace("-", "_").split("_")[0]
        kinds[kind] = kinds.get(kind, 0) + sum(labels.values())
    return kinds


# --- to the person ---------------------------------------------------------------------------------------


def _report(trained: "Trained | None", compared: dict[str, Any] | None, folder: Path, as_json: bool) -> None:
    if as_json:
        written = trained is not None
        about = {} if trained is None else {key: trained.meta[key] for key in ("version", "trained_on")}
        print_json({"folder": str(folder), "written": written, **about, **(compared or {})})
    elif trained is not None:
        say(f"model {trained.meta['version']} written to {folder}")
        for name, counts in trained.meta["trained_on"].items():
            say(f"  {name}: " + ", ".join(f"{label} {count}" for label, count in counts.items()))


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Errors of reading and writing, as ours."""
    from sentiment.corpus import CorpusError
    from sentiment.lexicon import LexiconError

    try:
        yield
    except (CorpusError, LexiconError) as error:
        raise ModelUnusable(str(error)) from error
    except OSError as error:
        raise UsageError(
            f"{folder}: the model cannot be written there ({error.strerror or error}): run this as the user whose"
            " folder it is, or write it elsewhere with --out and copy model.npz and model.json"
        ) from error
