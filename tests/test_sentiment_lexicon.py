"""The lexicon's files: whole, without contradictions, and every entry is found."""

from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from sentiment import morph
from sentiment.lexicon import MASKED_WEIGHT, Compiled, Lexicon, LexiconError, compiled, is_lemma, rows, typos
from sentiment.polarity import weigh
from sentiment.text import keys

ENTRIES = dict(rows())
LEMMAS = [entry for entry in ENTRIES if is_lemma(entry)]
PHRASES = [entry for entry in ENTRIES if " " in entry]
MASKED = [entry for entry in ENTRIES if "\\" in entry]
BEGINNINGS = [entry for entry in ENTRIES if entry.endswith("*") and entry not in PHRASES and entry not in MASKED]
SIGNS = [entry for entry in ENTRIES if not any(letter.isalpha() for letter in entry)]


@cache
def content() -> Compiled:
    return compiled(morph.forms)


@cache
def lexicon() -> Lexicon:
    return Lexicon(content())


def weight(key: str) -> float:
    entry = lexicon()[key]
    return entry.weight if entry else 0.0


def folder(path: Path, *, typo_lines: str = "", **contents: str) -> Path:
    for name, lines in contents.items():
        (path / f"{name}.tsv").write_text(lines, encoding="utf-8")
    (path / "typos.tsv").write_text(typo_lines, encoding="utf-8")
    return path


def found_wrongly(entries: list[str], find: dict[str, float]) -> list[tuple[str, float, float]]:
    return [(entry, ENTRIES[entry], find[entry]) for entry in entries if find[entry] != ENTRIES[entry]]


# --- how much there is


def test_there_are_at_least_three_thousand_lemmas_and_as_many_set_phrases() -> None:
    assert len(LEMMAS) >= 3_000
    assert len(PHRASES) >= 3_000


def test_both_signs_are_plentiful() -> None:
    signs = Counter(value > 0 for value in ENTRIES.values())
    assert min(signs.values()) >= 3_000


def test_every_kind_of_entry_is_one_of_those_the_module_names() -> None:
    assert {*LEMMAS, *PHRASES, *MASKED, *BEGINNINGS, *SIGNS} == set(ENTRIES)


# --- that every entry is found


def test_every_lemma_finds_its_own_weight() -> None:
    assert found_wrongly(LEMMAS, {lemma: weight(lemma) for lemma in LEMMAS}) == []


def test_every_beginning_finds_its_own_weight() -> None:
    assert found_wrongly(BEGINNINGS, {entry: weight(entry[:-1] + "ъ") for entry in BEGINNINGS}) == []


def test_every_masked_obscenity_is_found_as_the_tokens_have_it() -> None:
    assert found_wrongly(MASKED, {entry: sum(map(weight, keys(entry.replace("\\*", "*")))) for entry in MASKED}) == []


def test_every_sign_is_one_token() -> None:
    assert [sign for sign in SIGNS if keys(sign) != [sign]] == []
    assert found_wrongly(SIGNS, {sign: weight(sign) for sign in SIGNS}) == []


def test_every_phrase_weighs_as_a_whole_on_its_first_word() -> None:
    wrong = []
    for phrase in PHRASES:
        words = phrase.replace("*", "").split(" ")
        if weigh(words, lexicon()) != [ENTRIES[phrase], *(0.0 for _ in words[1:])]:
            wrong.append(phrase)
    assert wrong == []


def test_every_entry_is_written_as_the_tokens_are() -> None:
    words = {word.rstrip("*") for entry in [*LEMMAS, *BEGINNINGS, *PHRASES] for word in entry.split(" ")}
    assert [word for word in words if keys(word) != [word]] == []


# --- typos


def test_no_misspelling_is_an_entry_itself() -> None:
    assert [wrong for wrong in typos() if wrong in ENTRIES] == []


def test_no_misspelling_stands_twice() -> None:
    table = files("sentiment") / "data" / "lexicon" / "typos.tsv"
    lines = [line.split("\t")[0] for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert [word for word, times in Counter(lines).items() if times > 1] == []


def test_every_misspelling_leads_to_one_or_two_known_words() -> None:
    unknown = []
    for wrong, right in typos().items():
        first, _, second = right.partition(" ")
        if " " in second or keys(wrong) != [wrong] or not (weight(first) or weight(second) or lexicon()[first]):
            unknown.append((wrong, right))
    assert unknown == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("ужастно", "ужасно"), ("вкустно", "вкусно"), ("спосибо", "спасибо"), ("замичательно", "замечательно")],
)
def test_a_misspelt_word_weighs_as_the_right_one(wrong: str, right: str) -> None:
    assert weight(wrong) == weight(right) != 0


@pytest.mark.parametrize("word", ["неочень", "непонравилось", "нерекомендую"])
def test_two_words_written_as_one_are_negated(word: str) -> None:
    assert weight(word) < 0


# --- what the kinds of entry mean


def test_a_lemma_stands_for_all_its_forms(tmp_path: Path) -> None:
    own = Lexicon(compiled(morph.forms, folder(tmp_path, a="вкусный\t2\n")))
    assert {word for word in ("вкусный", "вкусных", "вкусно", "вкуснее", "вкус") if own[word]} == {
        "вкусный", "вкусных", "вкусно", "вкуснее",
    }  # fmt: skip


def test_the_longest_beginning_wins_and_a_whole_word_before_it(tmp_path: Path) -> None:
    own = Lexicon(compiled(lambda _: [], folder(tmp_path, a="вкус*\t1\nвкуснят*\t3\nвкусно\t2\n")))
    assert [entry.weight for word in ("вкусовой", "вкуснятина", "вкусно") if (entry := own[word])] == [1, 3, 2]


def test_the_longest_phrase_wins(tmp_path: Path) -> None:
    own = Lexicon(compiled(lambda _: [], folder(tmp_path, a="от бога\t3\nот бога далек*\t-2\n")))
    assert weigh(["от", "бога", "далеко"], own) == [-2, 0, 0]
    assert weigh(["от", "бога", "близко"], own) == [3, 0, 0]


def test_an_exact_word_of_a_phrase_goes_before_a_beginning(tmp_path: Path) -> None:
    own = Lexicon(compiled(lambda _: [], folder(tmp_path, a="не жда*\t-1\nне ждали\t2\n")))
    assert weigh(["не", "ждали"], own) == [2, 0]


def test_an_unknown_word_with_stars_for_letters_blames(tmp_path: Path) -> None:
    own = Lexicon(compiled(lambda _: [], folder(tmp_path, a="г\\*\\*о\t-3\n")))
    assert [weigh(keys(text), own) for text in ("г***о", "щ**ц")] == [[-3], [MASKED_WEIGHT]]


def test_comments_and_empty_lines_are_no_entries(tmp_path: Path) -> None:
    assert dict(rows(folder(tmp_path, a="# вкус\n\nвкусно\t2\n"))) == {"вкусно": 2.0}


# --- errors


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("вкусно", "an entry, a tab and a value"),
        ("вкусно\t", "an entry, a tab and a value"),
        ("\t2", "an entry, a tab and a value"),
        ("вкусно\t4", "multiple of 0.5 between -3 and 3"),
        ("вкусно\t0", "not 0"),
        ("вкусно\t1.3", "multiple of 0.5"),
        ("вкусно\tmuch", "multiple of 0.5"),
        ("вкусно\tnan", "multiple of 0.5"),
        ("вкусно\tinf", "multiple of 0.5"),
        ("грязно\t-1", "'грязно' stands in a.tsv:2 already"),
    ],
)
def test_an_error_names_file_and_line(tmp_path: Path, line: str, said: str) -> None:
    place = folder(tmp_path, a=f"# чистота\nгрязно\t-2\n{line}\n")
    with pytest.raises(LexiconError, match=r"a\.tsv:3: ") as caught:
        list(rows(place))
    assert said in str(caught.value)


def test_an_entry_in_two_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"b\.tsv:1: 'вкусно' stands in a\.tsv:1 already"):
        list(rows(folder(tmp_path, a="вкусно\t2\n", b="вкусно\t1\n")))


def test_an_error_among_misspellings_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"typos\.tsv:2: "):
        typos(folder(tmp_path, typo_lines="# слитно\nнеочень\n"))


# --- the files stay readable


@pytest.mark.parametrize("name", sorted(file.name for file in (files("sentiment") / "data" / "lexicon").iterdir()))
def test_every_file_says_what_it_holds_and_names_its_sections(name: str) -> None:
    lines = (files("sentiment") / "data" / "lexicon" / name).read_text(encoding="utf-8").splitlines()
    header = lines[: lines.index("")]
    assert len(header) >= 2
    assert all(line.startswith("# ") for line in header)
    assert sum(line.startswith("# ") for line in lines[len(header) :]) >= 2
