"""The reviews written for this project: as GUIDELINE.md says, all kinds, nobody's, no two alike."""

import re
from collections import Counter, defaultdict
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import pytest

from sentiment.types import Theme, Tone

FOLDER = files("sentiment") / "data" / "synthetic"
GUIDELINE = (FOLDER / "GUIDELINE.md").read_text(encoding="utf-8")
HEADER = "id\tstars\ttone\tcomplaint\tthemes\tkind\ttext"
KINDS = {
    "plain", "story", "mixed", "quiet", "ironic", "negated", "conflict", "broken", "tiny", "emoji", "offtopic",
}  # fmt: skip
THEMES = {f"{theme}{sign}" for theme in Theme for sign in "+-="}
LONGEST_SHARED_RUN = 7
"""Words; a run of eight is a copy."""
NEAR = 0.6
"""Cosine of two texts' letters (TF-IDF of 3 to 5 letters) from which on they are too alike."""
FEWEST_LETTERS_TO_COMPARE = 40
"""«Всё понравилось» and «Мне всё понравилось» are alike because they are short."""
BRANDS = re.compile(
    r"(?i)\b(?:сбер(?:банк)?\w{0,2}|тинькофф|т-банк|альфа-?банк|втб|мтс|мегафон|билайн|теле2|ozon|wildberries|вайлдберриз|"
    r"вайлдберис|валдберис|яндекс\w{0,2}|пят[её]рочк[аеиуой]+|перекр[её]сток|ашан|икеа|ikea|макдональдс\w{0,2}|mcdonalds?|kfc|кфс|"
    r"бургер кинг|додо|dodo|шоколадниц[аеуы]|сдэк|cdek|boxberry|dpd|авито|avito|2гис|2gis|инвитро|гемотест|"
    r"м\.?видео|эльдорадо|днс|леруа|спортмастер|ламода|lamoda|лукойл|газпром\w*|роснефть|world class|ростелеком)\b"
)
HOMONYMS = re.compile(r"(?i)\b(?:в|на|из|с) (?:озон|магнит)(?:[аеу]|ом)?\b")
"""Ozone and magnets are treatments too: only the place is a brand."""


class Row(NamedTuple):
    id: str
    stars: str
    tone: str
    complaint: str
    themes: str
    kind: str
    text: str

    @property
    def trade(self) -> str:
        return self.id.rsplit("-", 1)[0]


@cache
def lines() -> tuple[tuple[str, str], ...]:
    """(file and line, line) of every row."""
    found = []
    for file in sorted(FOLDER.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".tsv"):
            first, *rest = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
            assert first == HEADER, file.name
            found += [(f"{file.name}:{number}", line) for number, line in enumerate(rest, 2)]
    return tuple(found)


@cache
def rows() -> tuple[Row, ...]:
    return tuple(Row(*line.split("\t")) for _, line in lines())


def words(text: str) -> list[str]:
    return re.findall(r"\w+(?:-\w+)*", text.replace("\\n", " ").lower())


# --- format


def test_every_line_has_seven_columns_without_quoting() -> None:
    assert [where for where, line in lines() if line.count("\t") != 6 or line != line.strip() or "\r" in line] == []


def test_ids_are_unique_and_name_their_file() -> None:
    assert [times for times in Counter(row.id for row in rows()).items() if times[1] > 1] == []
    wrong = [
        where for where, line in lines() if not re.fullmatch(rf"{where.split('.')[0]}-\d{{3}}", line.split("\t")[0])
    ]
    assert wrong == []


def test_every_value_is_one_that_the_guideline_names() -> None:
    tones = {str(tone) for tone in Tone}
    wrong = [
        row.id
        for row in rows()
        if row.stars not in set("12345")
        or row.tone not in tones
        or row.complaint not in ("0", "1")
        or row.kind not in KINDS
        or not row.text.strip()
    ]
    assert wrong == []


def test_themes_are_the_projects_and_stand_once_each() -> None:
    wrong = []
    for row in rows():
        named = [] if row.themes == "-" else row.themes.split(" ")
        if not THEMES.issuperset(named) or len(set(named)) < len(named) or (not named and row.themes != "-"):
            wrong.append((row.id, row.themes))
    assert wrong == []


def test_whoever_blames_a_theme_complains() -> None:
    assert [row.id for row in rows() if row.complaint == "0" and re.search(r"[a-z]-", row.themes)] == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_guideline_explains_every_kind(kind: str) -> None:
    assert f"`{kind}`" in GUIDELINE


def test_the_guideline_lists_every_file() -> None:
    trades = sorted({row.trade for row in rows()})
    assert [trade for trade in trades if f"`{trade}.tsv`" not in GUIDELINE] == []


# --- coverage


def test_there_are_three_thousand_texts_of_twelve_trades() -> None:
    assert len(rows()) >= 3_000
    assert len({row.trade for row in rows()}) >= 12


def test_all_stars_tones_and_kinds_are_plentiful() -> None:
    assert min(Counter(row.stars for row in rows()).values()) >= 300
    assert min(Counter(row.tone for row in rows()).values()) >= 300
    kinds = Counter(row.kind for row in rows())
    assert set(kinds) == KINDS
    assert min(kinds.values()) >= 40


def test_high_stars_stand_with_and_without_a_complaint() -> None:
    high = Counter((row.stars, row.complaint) for row in rows() if row.stars in "45")
    assert min(high.values()) >= 150
    assert len(high) == 4


def test_tiny_texts_are_tiny_and_emoji_texts_hold_emoji() -> None:
    assert [row.id for row in rows() if row.kind == "tiny" and len(words(row.text)) > 3] == []
    pictures = re.compile(r"[\u2049-\u2bff\U0001f000-\U0001faff]|[:;=]-?[()]|\)\)|\(\(|[()]$|<3|\^")
    assert [row.id for row in rows() if row.kind == "emoji" and not pictures.search(row.text)] == []


# --- nobody's


def test_no_text_holds_a_phone_number_an_address_or_a_link() -> None:
    personal = re.compile(r"(?:\+7|\b8)[\s(-]*\d{3}[\s)-]*\d{3}|\b\d{10,11}\b|\w@\w+\.|https?:|www\.|\bt\.me\b")
    assert [row.id for row in rows() if personal.search(row.text)] == []


def test_no_text_names_a_known_brand() -> None:
    named = [(row.id, found[0]) for row in rows() if (found := BRANDS.search(row.text) or HOMONYMS.search(row.text))]
    assert named == []


# --- no two alike


def test_no_text_stands_twice() -> None:
    texts = Counter(" ".join(words(row.text)) or row.text for row in rows())
    assert [text for text, times in texts.items() if times > 1] == []


def test_no_two_texts_share_a_run_of_eight_words() -> None:
    run = LONGEST_SHARED_RUN + 1
    found: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in rows():
        text = words(row.text)
        for start in range(len(text) - run + 1):
            found[tuple(text[start : start + run])].add(row.id)
    assert sorted({tuple(sorted(ids)) for ids in found.values() if len(ids) > 1}) == []


def test_no_two_texts_are_near_in_their_letters() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    chosen = [row for row in rows() if sum(map(str.isalpha, row.text)) >= FEWEST_LETTERS_TO_COMPARE]
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True)
    matrix = letters.fit_transform([row.text for row in chosen])
    near = []
    for start in range(0, len(chosen), 500):
        alike = (matrix[start : start + 500] @ matrix.T).tocoo()
        near += [
            (chosen[start + one].id, chosen[other].id, round(float(cosine), 2))
            for one, other, cosine in zip(alike.row, alike.col, alike.data, strict=True)
            if cosine >= NEAR and start + one < other
        ]
    assert near == []
