"""Labelled reviews for training, read as their publishers ship them.

Two forms: `.tsv.gz` (gzip, tab-separated with CSV quoting: id, text, label) and `.tskv` as
Yandex publishes geo-reviews-dataset-2023 (`rating=5.<TAB>text=…`, also gzipped).
"""

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sentiment.text import keys

LABELS = {"negative": 0, "neutral": 1, "positive": 2}
IN_DOMAIN = "geo"
"""Names that begin so are reviews of places: what the model is for."""
ESCAPES = {"\\n": "\n", "\\t": "\t", "\\\\": "\\", "\\r": "\r", "\\=": "="}


class CorpusError(ValueError):
    """A data file that cannot be used; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Example:
    """`label` is 0 negative, 1 neutral, 2 positive; `source` the name of its file without endings."""

    words: tuple[str, ...]
    label: int
    source: str

    @property
    def in_domain(self) -> bool:
        return self.source.startswith(IN_DOMAIN)


def find(data: Path) -> list[Path]:
    """The data files of a folder, in order of their names, or the file itself."""
    if data.is_file():
        return [data]
    found = sorted(path for path in data.glob("*") if path.name.endswith((".tsv.gz", ".tsv", ".tskv", ".tskv.gz")))
    if not found:
        raise CorpusError(f"{data}: no .tsv.gz or .tskv file here")
    return found


def read(paths: Iterable[Path], limit: int | None = None) -> list[Example]:
    """All examples, each text once (the first one counts), at most `limit` of each file."""
    seen: set[tuple[str, ...]] = set()
    examples = []
    for path in paths:
        source = path.name.split(".", 1)[0]
        count = 0
        for text, label in _rows(path):
            words = tuple(keys(text))
            if not words or words in seen:
                continue
            seen.add(words)
            examples.append(Example(words, label, source))
            count += 1
            if count == limit:
                break
    return examples


def _rows(path: Path) -> Iterator[tuple[str, int]]:
    try:
        with _open(path) as lines:
            yield from _tskv(path, lines) if ".tskv" in path.name else _tsv(path, lines)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path.name}: cannot be read: {error}") from error


def _open(path: Path) -> IO[str]:
    if path.name.endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _tsv(path: Path, lines: IO[str]) -> Iterator[tuple[str, int]]:
    reader = csv.DictReader(lines, delimiter="\t")
    if not {"text", "label"} <= set(reader.fieldnames or ()):
        raise CorpusError(f"{path.name}:1: the columns text and label are needed")
    for row in reader:
        if row["label"] not in LABELS:
            raise CorpusError(f"{path.name}:{reader.line_num}: label must be one of {', '.join(LABELS)}")
        yield row["text"] or "", LABELS[row["label"]]


def _tskv(path: Path, lines: IO[str]) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        fields = dict(field.partition("=")[::2] for field in line.rstrip("\r\n").split("\t"))
        try:
            stars, text = float(fields["rating"]), fields["text"]
        except (KeyError, ValueError) as error:
            raise CorpusError(f"{path.name}:{number}: rating=1…5 and text=… are needed") from error
        if 1 <= stars <= 5:  # the data set holds a few reviews with rating=0: none given
            yield _unescape(text), 0 if stars <= 2 else 1 if stars < 4 else 2


def _unescape(text: str) -> str:
    return re.sub(r"\\[ntr\\=]", lambda match: ESCAPES[match.group()], text)
