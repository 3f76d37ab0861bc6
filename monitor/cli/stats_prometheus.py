"""`otklik stats --prometheus`: numbers for the textfile collector of node_exporter, or whatever reads that format."""

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from monitor.alerts import AlarmKind
from monitor.errors import UsageError
from monitor.numbers import Figures, Gauges, Spread

OUTBOX_STATES = ("pending", "sent", "failed", "cancelled")

_Sample = tuple[Mapping[str, str], float | None]
"""Labels and value; one without a value is not told."""


def exposition(gauges: Gauges, recent: Figures, days: int, canary_proven_at: datetime | None = None) -> str:
    """The whole file. `recent`: the figures of the last `days` days."""
    waiting, last_good = gauges.waiting.items(), gauges.last_good.items()
    window = f"of the last {days} days"
    families: tuple[tuple[str, str, str, Iterable[_Sample]], ...] = (
        (
            "otklik_tickets_open", "gauge", "Tickets that wait for an answer and have a deadline.",
            [(_ticket(*key), there) for key, (there, _) in waiting],
        ),
        (
            "otklik_tickets_overdue", "gauge", "Those of them whose deadline has passed.",
            [(_ticket(*key), overdue) for key, (_, overdue) in waiting],
        ),
        (
            "otklik_last_pass_timestamp_seconds", "gauge", "When a pass of the worker last finished.",
            [({}, _seconds(gauges.last_pass))],
        ),
        ("otklik_answers_total", "counter", "First answers to reviews.", [({}, gauges.answers)]),
        (
            "otklik_answer_seconds", "gauge",
            f"Time to the first answer {window}: by our clock (team), from the writing of the review (customer).",
            [*_quantiles("team", recent.answers.team), *_quantiles("customer", recent.answers.customer)],
        ),
        (
            "otklik_compliance_ratio", "gauge", f"Answered in time, of the tickets {window} that came due.",
            [({}, recent.compliance.share)],
        ),
        (
            "otklik_outbox", "gauge", "Mails by state.",
            [({"state": state}, gauges.outbox.get(state, 0)) for state in OUTBOX_STATES],
        ),
        (
            "otklik_listing_last_good_timestamp_seconds", "gauge", "When a card was last read well.",
            [({"place": place, "source": source}, _seconds(at)) for (place, source), at in last_good],
        ),
        (
            "otklik_alarms_open", "gauge", "What is wrong with reading.",
            [({"kind": kind.value}, gauges.alarms.get(kind.value, 0)) for kind in AlarmKind],
        ),
        (
            "otklik_canary_last_proven_timestamp_seconds", "gauge", "When a trial alarm last arrived.",
            [({}, _seconds(canary_proven_at))],
        ),
    )  # fmt: skip
    return "".join(line for family in families for line in _family(*family))


def _ticket(place: str, source: str, target: str) -> Mapping[str, str]:
    return {"place": place, "source": source, "target": target}


def _quantiles(clock: str, spread: Spread) -> Iterator[_Sample]:
    for quantile, length in (("0.5", spread.median), ("0.9", spread.p90)):
        yield {"clock": clock, "quantile": quantile}, None if length is None else length.total_seconds()


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _family(name: str, kind: str, text: str, samples: Iterable[_Sample]) -> Iterator[str]:
    """Nothing where nothing is known: a 0 would be a moment in 1970, or a share of nothing."""
    known = [(labels, value) for labels, value in samples if value is not None]
    if not known:
        return
    yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
    for labels, value in known:
        told = ",".join(f'{label}="{_escaped(said)}"' for label, said in labels.items())
        yield f"{name}{{{told}}} {value!r}\n" if told else f"{name} {value!r}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def write(text: str, target: Path) -> None:
    """Whole or not at all, readable by everybody: the collector runs as somebody else and looks at any moment. Raises
    UsageError when nothing can be written there."""
    part = None
    try:
        # The collector takes *.prom only, and so never the half-written file.
        with NamedTemporaryFile("wb", dir=target.parent, prefix=".otklik-", suffix=".part", delete=False) as file:
            part = Path(file.name)
            file.write(text.encode(errors="backslashreplace"))
            os.fchmod(file.fileno(), 0o644)
        part.replace(target)
    except OSError as error:
        if part is not None:
            part.unlink(missing_ok=True)
        raise UsageError(
            f"{target}: {error.strerror}; give --output a file in a folder that we may write to"
        ) from error
