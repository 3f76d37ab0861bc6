"""Labelled reviews, read as their publishers ship them and never held in memory all at once.

Forms: TSV (`text` with `label` and/or `stars`, perhaps `complaint`; with CSV quoting, gzipped or not), JSONL of the
same, the `.tskv` that Yandex publishes as geo-reviews-dataset-2023, and this project's own `data/synthetic/*.tsv`.
"""

import csv
import gzip
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from heapq import heappush, heappushpop
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

from sentiment.text import keys

LABELS = {"negative": 0, "neutral": 1, "positive": 2}
IN_DOMAIN = "geo"
"""Names that begin so are real reviews of places: what the model is for."""
SYNTHETIC = "synthetic"
ENDINGS = tuple(f".{form}{packed}" for form in ("tsv", "tskv", "jsonl") for packed in ("", ".gz"))
ESCAPES = {"\\n": "\n", "\\t": "\t", "\\\\": "\\", "\\r": "\r", "\\=": "="}
MOST_OF_A_LABEL = 20_000
"""Texts kept of each file and label. A published half million is mostly praise, of which more teaches little, and
holds about 20,000 neutral texts; twice as many of the others would take training beyond ten minutes."""
LONGEST_LINE = 10_000_000
"""Characters; a file without line breaks must not fill the memory."""
UNJUDGED = -1
CORRECTED = "corrections"
"""How the sources of corrections begin."""


class CorpusError(ValueError):
    """A data file that cannot be used; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Example:
    """`label` is 0 negative, 1 neutral, 2 positive, `UNJUDGED` for a correction of the complaint alone; `complaint` and
    `stars` are None where unknown; `source` is the name of the file without endings, `synthetic` and the trade, or
    `corrections` and the site; `corrected`: a person said so of what the model had judged; `stands_for`: how many texts
    of its file and label it stands for, where only a sample of these was kept."""

    text: str
    label: int
    complaint: bool | None
    stars: int | None
    source: str
    corrected: bool = False
    stands_for: float = 1.0

    @property
    def in_domain(self) -> bool:
        return self.source.startswith(IN_DOMAIN)

    @property
    def synthetic(self) -> bool:
        return self.source.startswith(SYNTHETIC)


def find(data: Path) -> list[Path]:
    """The data files of a folder, in order of their names, or the file itself. Raises CorpusError."""
    if data.is_file():
        return [data]
    try:
        found = sorted(path for path in data.iterdir() if path.name.endswith(ENDINGS))
    except OSError as error:
        raise CorpusError(f"{data}: {error.strerror}: name your labelled reviews with --data") from error
    if not found:
        raise CorpusError(f"{data}: no .tsv, .tskv or .jsonl file here")
    return found


def own() -> list[Path]:
    """The files of reviews written for this project; every text in them is synthetic."""
    return sorted(Path(str(files("sentiment") / "data" / "synthetic")).glob("*.tsv"))


def read(paths: Iterable[Path], most: int = MOST_OF_A_LABEL) -> list[Example]:
    """A fair sample of at most `most` texts of each file and label; of texts with the same words, the first.

    The files are streamed, so memory is bounded by `most`. Raises CorpusError.
    """
    examples = []
    seen: set[bytes] = set()
    for path in paths:
        for example in _sample(path, most):
            words = keys(example.text)
            mark = _digest(" ".join(words))
            if words and mark not in seen:
                seen.add(mark)
                examples.append(example)
    return examples


def _sample(path: Path, most: int) -> list[Example]:
    """Of each label the texts whose digests are the lowest: chance decides, and always the same way, wherever in the
    file a text stands. The kept texts in the file's order."""
    kept: defaultdict[int, list[tuple[int, int, Example]]] = defaultdict(list)
    standing: Counter[int] = Counter()
    for number, example in enumerate(stream(path)):
        item = (-int.from_bytes(_digest(example.text)), -number, example)
        heap = kept[example.label]
        standing[example.label] += 1
        if len(heap) < most:
            heappush(heap, item)
        elif item > heap[0]:
            heappushpop(heap, item)
    found = sorted((-number, example) for heap in kept.values() for _, number, example in heap)
    stands_for = {label: standing[label] / len(heap) for label, heap in kept.items()}
    return [
        replace(example, stands_for=stands_for[example.label]) if stands_for[example.label] > 1 else example
        for _, example in found
    ]


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()


def stream(path: Path) -> Iterator[Example]:
    """The examples of one file in order. Raises CorpusError."""
    source = path.name.split(".", 1)[0]
    try:
        with _open(path) as file:
            lines = _lines(path, file)
            if ".tskv" in path.name:
                yield from _tskv(path, lines, source)
            elif ".jsonl" in path.name:
                yield from _jsonl(path, lines, source)
            else:
                yield from _tsv(path, lines, source)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise CorpusError(f"{path.name}: cannot be read: {error}") from error


def _open(path: Path) -> IO[str]:
    # Of the three forms only a table may have line breaks of other kinds, and within its quotes.
    newline = "\n" if ".tskv" in path.name or ".jsonl" in path.name else ""
    if path.name.endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline=newline)
    return path.open(encoding="utf-8-sig", newline=newline)


def _lines(path: Path, file: IO[str]) -> Iterator[str]:
    """With their ends. Raises CorpusError where one is longer than any review."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise CorpusError(f"{path.name}:{number}: a line of {LONGEST_LINE:,} characters or more")
        yield line


def _tsv(path: Path, lines: Iterator[str], source: str) -> Iterator[Example]:
    rows = _rows(path, lines)
    _, header = next(rows, (1, []))
    if "tone" in header and "kind" in header:
        yield from _written(path, header, lines, source)
        return
    if "text" not in header or not {"label", "stars"} & set(header):
        raise CorpusError(f"{path.name}:1: the column text, and label or stars, are needed")
    for number, fields in rows:
        yield _example(dict(zip(header, fields, strict=False)), f"{path.name}:{number}", source)


def _rows(path: Path, lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    """(the number of its first line, its fields) of each row, blank lines left out.

    A text that begins with a quotation mark and was not quoted when written would swallow the rows after it: raises
    CorpusError where a quoted text goes on in a line with as many tabs as the first row has, besides those of its own.
    """
    first = number = tabs = found = 0

    def watched() -> Iterator[str]:
        nonlocal number, found
        for line in lines:
            number += 1
            here = line.count("\t")
            found += here
            if tabs and here >= tabs and found >= 2 * tabs and number > first:
                raise CorpusError(
                    f"{path.name}:{first}: a quotation mark opens a text and does not close before the next row begins:"
                    ' quote such a text as a whole and double the marks within ("""Суп"" вкусный")'
                )
            yield line

    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(watched(), delimiter="\t", strict=True)
    while True:
        first, found = number + 1, 0
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise CorpusError(f"{path.name}:{first}: a quoted text is not closed as it should be: {error}") from error
        if fields is None:
            return
        tabs = tabs or len(fields) - 1
        if fields:
            yield first, fields


def _written(path: Path, header: Sequence[str], lines: Iterator[str], source: str) -> Iterator[Example]:
    """This project's own tables: without quoting, a line break is `\\n`."""
    names = ["label" if name == "tone" else name for name in header]
    for number, line in enumerate(lines, 2):
        fields = dict(zip(names, line.rstrip("\r\n").split("\t"), strict=False))
        fields["text"] = unescape(fields.get("text", ""))
        yield _example(fields, f"{path.name}:{number}", f"{SYNTHETIC}_{source}")


def _jsonl(path: Path, lines: Iterator[str], source: str) -> Iterator[Example]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path.name}:{number}"
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"{where}: not a JSON object: {error}") from error
        if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
            raise CorpusError(f"{where}: an object with text, and label or stars, is needed")
        if isinstance(fields.get("themes"), dict) and not (fields.get("label") or fields.get("stars")):
            continue  # somebody spoke of the themes alone
        yield _example(fields, where, source)


def _example(fields: Mapping[str, Any], where: str, source: str) -> Example:
    stars = _stars(fields.get("stars"), where)
    label = fields.get("label") or None
    if label is None and stars is None:
        raise CorpusError(f"{where}: a label or stars are needed")
    if label is not None and (not isinstance(label, str) or label not in LABELS):
        raise CorpusError(f"{where}: label must be one of {', '.join(LABELS)}")
    tone = LABELS[label] if label is not None else by_stars(stars or 0)
    return Example(fields.get("text") or "", tone, _complaint(fields.get("complaint"), where), stars, source)


def _stars(value: object, where: str) -> int | None:
    if value is None or value == "":
        return None
    try:
        stars = float(str(value))
    except ValueError:
        stars = 0.0
    if stars not in (1, 2, 3, 4, 5):
        raise CorpusError(f"{where}: stars must be 1 to 5, or empty")
    return int(stars)


def _complaint(value: object, where: str) -> bool | None:
    if value is None or value == "":
        return None
    if value in ("0", "1", 0, 1):
        return value in ("1", 1)
    raise CorpusError(f"{where}: complaint must be 0 or 1, or empty")


def by_stars(stars: float) -> int:
    """The label that stars stand for: up to 2 negative, 3 neutral, from 4 positive."""
    return 0 if stars <= 2 else 1 if stars < 4 else 2


def _tskv(path: Path, lines: Iterator[str], source: str) -> Iterator[Example]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        fields = dict(field.partition("=")[::2] for field in line.rstrip("\r\n").split("\t"))
        try:
            stars, text = float(fields["rating"]), fields["text"]
        except (KeyError, ValueError) as error:
            raise CorpusError(f"{path.name}:{number}: rating=1…5 and text=… are needed") from error
        if 1 <= stars <= 5:  # the data set holds a few reviews with rating=0: none given
            yield Example(unescape(text), by_stars(stars), None, round(stars), source)


def unescape(text: str) -> str:
    """As the line-based forms write line breaks and tabs."""
    return re.sub(r"\\[ntr\\=]", lambda match: ESCAPES[match.group()], text)
