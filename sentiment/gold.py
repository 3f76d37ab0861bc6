"""Texts of which it is known what they speak of: `data/gold/*.tsv`, and anybody's tables in the same form.

Tab-separated, without quoting, a line break within a text as `\\n`. `data/gold/GUIDELINE.md` says what the columns
mean; only `text` is needed, and what a column would tell is unknown where it is missing. Or JSON lines, where of a
theme or a danger it is known whether it holds: `{"text": …, "stars": …, "themes": {"waiting": true, "staff": false},
"dangers": {"poisoning": false}}`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, TypeVar

from sentiment.corpus import LONGEST_LINE, CorpusError, unescape
from sentiment.types import Intent, Risk, Theme, Tone

SIGNS = {"+": Tone.POSITIVE, "-": Tone.NEGATIVE, "=": Tone.NEUTRAL}
OF = frozenset({"", "food", "goods", "work"})
NONE = "-"

Id = TypeVar("Id", bound=StrEnum)


class Spoken(NamedTuple):
    """A theme as it is spoken of; `of` as in ThemeMention."""

    theme: Theme
    of: str
    tone: Tone


class Somebody(NamedTuple):
    """As in `types.Person`."""

    role: str
    name: str
    dative: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Text:
    """None where a column is missing. `urgent`: whether it has to be answered within the hour. `said` and `feared`: of
    some themes and dangers whether they hold; nothing is known of the others."""

    id: str
    text: str
    stars: int | None
    themes: frozenset[Spoken] | None
    risks: frozenset[Risk] | None
    intents: frozenset[Intent] | None
    people: tuple[Somebody, ...] | None
    urgent: bool | None
    kind: str
    said: Mapping[Theme, bool] | None = None
    feared: Mapping[Risk, bool] | None = None


def shipped(part: str) -> list[Text]:
    """All texts of `develop` or `test`."""
    folder = Path(str(files("sentiment") / "data" / "gold"))
    return [row for path in sorted(folder.glob(f"{part}_*.tsv")) for row in read(path)]


FOUND = frozenset({"themes", "dangers", "intents", "people", "urgent"})


def tells_of_findings(path: Path) -> bool:
    """Whether the file is a table with a column of what is found in texts, or begins with a line that tells of themes
    or dangers."""
    if path.suffix not in (".tsv", ".jsonl"):
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = file.readline(LONGEST_LINE)
    if path.suffix == ".jsonl":
        return _line_tells(first)
    header = set(first.rstrip("\r\n").split("\t"))
    return "text" in header and not FOUND.isdisjoint(header)


def _line_tells(line: str) -> bool:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and any(isinstance(found.get(name), dict) for name in ("themes", "dangers"))


def read(path: Path) -> Iterator[Text]:
    """Raises CorpusError, with file and line."""
    return _read_lines(path) if path.suffix == ".jsonl" else _read_table(path)


def _read_lines(path: Path) -> Iterator[Text]:
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _said(line, f"{path.name}:{number}")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path.name}: cannot be read: {error}") from error


def _said(line: str, where: str) -> Text:
    try:
        row = json.loads(line)
        text, stars = row["text"], row.get("stars")
        if not isinstance(text, str) or stars not in (None, 1, 2, 3, 4, 5):
            raise ValueError("a text, and stars from 1 to 5 or null, are needed")
        said, feared = _held(row, "themes", Theme), _held(row, "dangers", Risk)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorpusError(f"{where}: {error}") from error
    return Text(where, text, stars, None, None, None, None, None, "", said, feared)


def _held(row: Mapping[str, Mapping[str, object]], name: str, of: type[Id]) -> dict[Id, bool]:
    """Of some ids whether they hold."""
    found: dict[Id, bool] = {}
    for item, holds in (row.get(name) or {}).items():
        if not isinstance(holds, bool):
            raise ValueError(f"{name}: true or false is needed for {item!r}")
        found[of(item)] = holds
    return found


def _read_table(path: Path) -> Iterator[Text]:
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            header = file.readline().rstrip("\r\n").split("\t")
            if "text" not in header:
                raise CorpusError(f"{path.name}:1: the column text is needed")
            for number, line in enumerate(file, 2):
                fields = line.rstrip("\r\n").split("\t")
                where = f"{path.name}:{number}"
                if len(fields) != len(header):
                    raise CorpusError(f"{where}: {len(fields)} columns instead of {len(header)}")
                yield _text(dict(zip(header, fields, strict=True)), where)
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path.name}: cannot be read: {error}") from error


def _text(row: Mapping[str, str], where: str) -> Text:
    try:
        return Text(
            row.get("id", where),
            unescape(row["text"]),
            int(row["stars"]) if row.get("stars", NONE) not in (NONE, "") else None,
            frozenset(map(_spoken, _items(row["themes"]))) if "themes" in row else None,
            _ids(row, "dangers", Risk),
            _ids(row, "intents", Intent),
            _people(row["people"]) if "people" in row else None,
            bool(("0", "1").index(row["urgent"])) if "urgent" in row else None,
            row.get("kind", ""),
        )
    except (ValueError, KeyError) as error:
        raise CorpusError(f"{where}: {error}") from error


def _items(cell: str) -> list[str]:
    return [] if cell in (NONE, "") else cell.split()


def _ids(row: Mapping[str, str], column: str, of: type[Id]) -> frozenset[Id] | None:
    return frozenset(map(of, _items(row[column]))) if column in row else None


def _spoken(item: str) -> Spoken:
    name, sign = item[:-1], item[-1]
    theme, _, of = name.partition(".")
    if of not in OF or (of and theme != Theme.QUALITY):
        raise ValueError(f"{item!r} is of no known kind")
    return Spoken(Theme(theme), of, SIGNS[sign])


def _people(cell: str) -> tuple[Somebody, ...]:
    found = []
    for item in cell.split(";") if cell not in (NONE, "") else ():
        role, name, dative, sign = item.strip().split("/")
        found.append(Somebody(role, name, dative, SIGNS[sign]))
    return tuple(found)
