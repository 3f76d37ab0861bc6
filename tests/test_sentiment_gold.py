"""The gold set is as its guideline says, tables are read strictly, and figures are what counting by hand gives."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import pytest

from sentiment import corpus, gold
from sentiment.corpus import CorpusError
from sentiment.findings import DANGER, THEME, THEME_AND_TONE, URGENT, Finding, findings
from sentiment.gold import Somebody, Spoken, Text
from sentiment.text import keys
from sentiment.types import Intent, Risk, RiskMention, Theme, ThemeMention, Tone, Verdict

HEADER = "id\tstars\tthemes\tdangers\tintents\tpeople\ttext"
LONGEST_SHARED_RUN = 7
"""Words; a run of eight is a copy."""
FEWEST_WITH_A_DANGER = 9
"""Texts of each part that hold a certain danger: fewer would make its figure mean nothing."""


def every() -> list[Text]:
    return [*gold.shipped("develop"), *gold.shipped("test")]


def runs(text: str) -> Iterator[tuple[str, ...]]:
    words = keys(text)
    return zip(*(words[start:] for start in range(LONGEST_SHARED_RUN + 1)), strict=False)


def table(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "own.tsv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


# --- what ships ------------------------------------------------------------------------------------------


def test_no_text_stands_in_it_twice() -> None:
    texts = every()
    assert len({item.id for item in texts}) == len(texts)
    assert len({" ".join(keys(item.text)) for item in texts}) == len(texts)


def test_it_holds_at_least_six_hundred_texts_of_which_all_but_the_haste_is_known() -> None:
    assert sum(item.themes is not None for item in every()) >= 600


@pytest.mark.parametrize("part", ["develop", "test"])
def test_every_theme_danger_and_intent_stands_in_both_parts(part: str) -> None:
    texts = gold.shipped(part)
    themes = Counter(spoken.theme for item in texts for spoken in item.themes or ())
    risks = Counter(chain.from_iterable(item.risks or () for item in texts))
    intents = Counter(chain.from_iterable(item.intents or () for item in texts))
    assert set(themes) == set(Theme)
    assert min(risks[risk] for risk in Risk) >= FEWEST_WITH_A_DANGER
    assert set(intents) == set(Intent)


def test_the_model_has_learned_from_none_of_it() -> None:
    learned = {run for path in corpus.own() for example in corpus.stream(path) for run in runs(example.text)}
    assert [item.id for item in every() if not learned.isdisjoint(runs(item.text))] == []


# --- tables ----------------------------------------------------------------------------------------------


def test_a_row_is_read_whole(tmp_path: Path) -> None:
    people = "мастер/Анна/мастеру Анне/+; официант//официанту/-"
    row = f"a-1\t2\tstaff- quality.food+ price=\tpests\tquestion\t{people}\tДа\\nнет"
    (item,) = gold.read(table(tmp_path, row))
    assert item == Text(
        "a-1", "Да\nнет", 2,
        frozenset({
            Spoken(Theme.STAFF, "", Tone.NEGATIVE),
            Spoken(Theme.QUALITY, "food", Tone.POSITIVE),
            Spoken(Theme.PRICE, "", Tone.NEUTRAL),
        }),
        frozenset({Risk.PESTS}), frozenset({Intent.QUESTION}),
        (
            Somebody("мастер", "Анна", "мастеру Анне", Tone.POSITIVE),
            Somebody("официант", "", "официанту", Tone.NEGATIVE),
        ),
        None, "",
    )  # fmt: skip


def test_what_no_column_tells_is_unknown(tmp_path: Path) -> None:
    (item,) = gold.read(table(tmp_path, "Отравились\tpoisoning", header="text\tdangers"))
    assert item.risks == frozenset({Risk.POISONING})
    assert [item.themes, item.intents, item.people, item.stars, item.urgent] == [None] * 5


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("a\t5\t-\t-\t-\tДа", r"own.tsv:2: 6 columns instead of 7"),
        ("a\t5\trudeness-\t-\t-\t-\tДа", r"own.tsv:2: 'rudeness'"),
        ("a\t5\tstaff.food-\t-\t-\t-\tДа", r"own.tsv:2: 'staff.food-' is of no known kind"),
        ("a\t5\t-\tplague\t-\t-\tДа", r"own.tsv:2: 'plague'"),
        ("a\t5\t-\t-\t-\tАнна\tДа", r"own.tsv:2: "),
        ("a\tfive\t-\t-\t-\t-\tДа", r"own.tsv:2: "),
    ],
)
def test_a_row_that_is_wrong_is_named(tmp_path: Path, row: str, complaint: str) -> None:
    with pytest.raises(CorpusError, match=complaint):
        list(gold.read(table(tmp_path, row)))


# --- figures ---------------------------------------------------------------------------------------------


class Oracle:
    """Says of each text what it was told to."""

    version = "oracle"

    def __init__(self, verdicts: Mapping[str, Verdict]) -> None:
        self._verdicts = verdicts

    def analyse(self, text: str, stars: int | None, author: str = "") -> Verdict:
        return self._verdicts[text]


def verdict(*found: ThemeMention | RiskMention, flagged: bool = False) -> Verdict:
    themes = tuple(item for item in found if isinstance(item, ThemeMention))
    risks = tuple(item for item in found if isinstance(item, RiskMention))
    return Verdict(Tone.POSITIVE, None, flagged, False, False, themes, risks, ())


def known(text: str, *themes: Spoken, risks: frozenset[Risk] = frozenset(), urgent: bool = False) -> Text:
    return Text(text, text, None, frozenset(themes), risks, None, None, urgent, "")


def figures(*pairs: tuple[Text, Verdict]) -> dict[tuple[str, str], Finding]:
    oracle = Oracle({item.text: said for item, said in pairs})
    found = findings("mine", [item for item, _ in pairs], oracle)  # type: ignore[arg-type]  # only `analyse` is asked
    return {(item.what, item.id): item for item in found if item.model == "otklik"}


def rates(found: Finding, *names: str) -> list[float | None]:
    return [None if (figure := found.figures[name]) is None else round(figure.value, 3) for name in names]


BAD, GOOD = Spoken(Theme.STAFF, "", Tone.NEGATIVE), Spoken(Theme.STAFF, "", Tone.POSITIVE)
SAID_BAD = ThemeMention(Theme.STAFF, Tone.NEGATIVE, "")


def test_a_theme_counts_by_presence_and_again_with_its_tone() -> None:
    found = figures(
        (known("a", BAD), verdict(SAID_BAD)),
        (known("b", GOOD), verdict(SAID_BAD)),
        (known("c", GOOD, BAD), verdict()),
        (known("d"), verdict(SAID_BAD)),
    )
    assert rates(found[THEME, "staff"], "precision", "recall", "f1") == [0.667, 0.667, 0.667]
    assert rates(found[THEME_AND_TONE, "staff"], "precision", "recall", "f1") == [0.333, 0.25, 0.286]


def test_any_danger_is_an_alarm_also_the_wrong_one() -> None:
    mice = frozenset({Risk.PESTS})
    found = figures(
        (known("a", risks=mice), verdict(RiskMention(Risk.PESTS, ""))),
        (known("b", risks=mice), verdict(RiskMention(Risk.LEGAL, ""))),
        (known("c"), verdict(RiskMention(Risk.LEGAL, ""))),
        (known("d"), verdict()),
    )
    assert rates(found[DANGER, "pests"], "precision", "recall") == [1.0, 0.5]
    assert rates(found[DANGER, "legal"], "precision", "recall") == [0.0, None]
    assert rates(found[DANGER, "any"], "precision", "recall", "false_alarms") == [0.667, 1.0, 0.5]


def test_haste_is_right_or_wrong_in_so_many_texts() -> None:
    found = figures(
        (known("a", urgent=True), verdict(flagged=True)),
        (known("b", urgent=True), verdict()),
        (known("c"), verdict()),
        (known("d"), verdict()),
    )
    assert rates(found[URGENT, "urgent"], "accuracy", "recall", "false_alarms") == [0.75, 0.5, 0.0]


def test_texts_without_any_danger_have_their_figures_too() -> None:
    found = figures((known("a"), verdict()), (known("b"), verdict()))
    assert rates(found[DANGER, "any"], "precision", "recall", "false_alarms", "accuracy") == [None, None, 0.0, 1.0]


def test_a_table_that_a_spreadsheet_marked_as_utf_8_is_read(tmp_path: Path) -> None:
    path = table(tmp_path, "Отравились\tpoisoning", header="\ufefftext\tdangers")
    assert gold.tells_of_findings(path)
    (item,) = gold.read(path)
    assert item.risks == frozenset({Risk.POISONING})
