"""Labelled reviews are read as they are published, streamed, and refused by file and line."""

import csv
import gzip
import json
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment import corpus
from sentiment.corpus import CorpusError
from tests.invented import word_of, write_tskv

HALF_A_MILLION = 500_000
MIB = 2**20


def test_compressed_tables_are_read_each_text_once(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "geo_a.tsv.gz", "wt", encoding="utf-8") as file:
        file.write(
            "id\ttext\tlabel\tcomplaint\n"
            '1\t"Суп ""дня""\nвкусный"\tpositive\t1\n2\tСУП  дня вкусный\tnegative\t\n3\t\tneutral\t0\n'
        )
    (example,) = corpus.read(corpus.find(tmp_path))
    assert example == corpus.Example('Суп "дня"\nвкусный', 2, True, None, "geo_a")
    assert example.in_domain
    assert not example.synthetic


def test_a_quoted_header_is_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(
        '"label"\t"text"\npositive\t"Суп\r\n\r\nвкусный"\n\nnegative\tХлеб "дня" чёрствый', encoding="utf-8"
    )
    assert [(item.text, item.label) for item in corpus.read([path])] == [
        ("Суп\r\n\r\nвкусный", 2), ('Хлеб "дня" чёрствый', 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        'positive\t"Суп" вкусный\nnegative\tХлеб\n',
        'positive\t"Суп вкусный\nnegative\tХлеб\npositive\tЧай\n',
        'positive\t"Суп вкусный\nnegative\t"Хлеб\n',
        'positive\t"Суп вкусный\nnegative\tХлеб"\n',
        'positive\t"Суп вкусный\n\nи горячий\nnegative\t\n',
        'positive\t"Суп вкусный',
        'positive\t"Суп вкусный\nи горячий\n',
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_a_text_that_begins_with_a_lone_quotation_mark_swallows_no_rows(
    tmp_path: Path, rows: str, swapped: bool
) -> None:
    rows = "label\ttext\nneutral\tЧай\n" + rows
    if swapped:
        rows = "\n".join("\t".join(line.split("\t")[::-1]) for line in rows.split("\n"))
    (tmp_path / "a.tsv").write_text(rows, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"a\.tsv:3: a (quotation mark opens|quoted text is not closed)"):
        list(corpus.stream(tmp_path / "a.tsv"))


@given(st.lists(st.text("\"'аб \n\r", min_size=1), min_size=1), st.booleans())
def test_whatever_was_quoted_as_it_should_be_comes_back(texts: list[str], last: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.tsv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t")
            writer.writerows((("5", text) if last else (text, "5")) for text in ["text", *texts])
        content = path.read_text(encoding="utf-8").replace("5", "stars", 1)
        path.write_bytes(content.encode())
        assert len(list(corpus.stream(path))) == len(texts)


def test_no_name_of_a_file_makes_its_texts_corrections(tmp_path: Path) -> None:
    path = tmp_path / "corrections.tsv"
    path.write_text("text\tstars\nСуп\t5\n", encoding="utf-8")
    (example,) = corpus.read([path])
    assert not example.corrected


def test_a_sampled_text_tells_how_many_it_stands_for(tmp_path: Path) -> None:
    path = tmp_path / "geo.tskv"
    stars = [1] * 9 + [3] * 4 + [5] * 86
    path.write_text("".join(f"rating={given}.\ttext=суп {word_of(n)}\n" for n, given in enumerate(stars)))
    weights = Counter[int]()
    for example in corpus.read([path], most=8):
        weights[example.label] += round(example.stands_for * 1000)
    assert weights == {0: 9000, 1: 4000, 2: 86000}
    assert all(example.stands_for == 1 for example in corpus.read([path]))


def test_geo_reviews_are_read_as_published(tmp_path: Path) -> None:
    path = tmp_path / "geo-reviews-dataset-2023.tskv"
    rows = [("1.", "Плохо\\nочень\\\\\\t=да"), ("3.", "Средне\r"), ("5.", "Супер"), ("0.", "Без оценки")]
    path.write_bytes(
        "".join(
            f"address=Город\tname_ru=Кафе\trubrics=Кафе;Бар\trating={stars}\ttext={text}\n" for stars, text in rows
        ).encode()
    )
    examples = corpus.read(corpus.find(path))
    assert [(example.text, example.label, example.stars) for example in examples] == [
        ("Плохо\nочень\\\t=да", 0, 1), ("Средне", 1, 3), ("Супер", 2, 5),
    ]  # fmt: skip
    assert all(example.in_domain and example.complaint is None for example in examples)


def test_json_lines_tell_label_or_stars(tmp_path: Path) -> None:
    rows = [{"text": "Суп", "stars": 4}, {"text": "Хлеб", "label": "negative", "stars": 5, "complaint": 1}]
    (tmp_path / "a.jsonl").write_text("\n\n".join(map(json.dumps, rows)), encoding="utf-8")
    examples = corpus.read(corpus.find(tmp_path))
    assert [(item.label, item.stars, item.complaint) for item in examples] == [(2, 4, None), (0, 5, True)]


def test_the_reviews_written_for_the_project_are_synthetic() -> None:
    examples = corpus.read(corpus.own())
    assert len(examples) > 3000
    assert all(example.synthetic and not example.in_domain for example in examples)
    assert not any("\\n" in example.text for example in examples)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "text\tlabel\nсуп\tgood\n", "a.tsv:2: label"),
        ("a.tsv", "text\tlabel\tstars\nсуп\t\t\n", "a.tsv:2: a label or stars"),
        ("a.tsv", "text\tstars\nсуп\t6\n", "a.tsv:2: stars"),
        ("a.tsv", "text\tstars\nсуп\tnan\n", "a.tsv:2: stars"),
        ("a.tsv", "text\tstars\tcomplaint\nсуп\t5\tда\n", "a.tsv:2: complaint"),
        ("a.tsv", "foo\tbar\n", "a.tsv:1: the column"),
        ("a.tsv", "", "a.tsv:1: the column"),
        ("a.tskv", "rating=5.\ttext=да\nмусор\n", "a.tskv:2: rating"),
        ("a.tskv", "rating=пять\ttext=да\n", "a.tskv:1: rating"),
        ("a.jsonl", "{}\n", "a.jsonl:1: an object"),
        ("a.jsonl", "[" * 100_000 + "\n", "a.jsonl:1: not a JSON"),
        ("a.jsonl", '{"text": "суп", "label": ["negative"]}', "a.jsonl:1: label"),
        ("a.tsv.gz", "не gzip", "cannot be read"),
    ],
)
def test_a_bad_data_file_is_named_with_its_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        corpus.read(corpus.find(tmp_path))


@pytest.mark.parametrize("spoil", [lambda packed: packed[:-9], lambda packed: packed[:20] + b"\0" * 30 + packed[50:]])
def test_a_damaged_archive_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    packed = gzip.compress(("text\tstars\n" + "".join(f"суп {n}\t5\n" for n in range(300))).encode())
    (tmp_path / "a.tsv.gz").write_bytes(spoil(packed))
    with pytest.raises(CorpusError, match="cannot be read"):
        corpus.read(corpus.find(tmp_path))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes("text\tstars\nсуп\t5\n".encode("cp1251"))
    with pytest.raises(CorpusError, match=r"a\.tsv: cannot be read"):
        corpus.read(corpus.find(tmp_path))


@pytest.mark.parametrize("name", ["a.tsv", "a.tskv", "a.jsonl"])
def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("text\tstars\n" if name == "a.tsv" else "", encoding="utf-8")
    with path.open("ab") as file:
        file.truncate(300 * MIB)
    tracemalloc.start()
    try:
        with pytest.raises(CorpusError, match=f"{name}:{1 + (name == 'a.tsv')}: a line of 10,000,000"):
            corpus.read([path])
        assert tracemalloc.get_traced_memory()[1] < 100 * MIB
    finally:
        tracemalloc.stop()


def test_a_folder_without_data_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no \.tsv"):
        corpus.find(tmp_path)
    with pytest.raises(CorpusError, match="--data"):
        corpus.find(tmp_path / "nowhere")


READ = """
import json, re, sys
from pathlib import Path
from sentiment import corpus
rows = [(e.label, e.stars, e.text.split()[-1]) for e in corpus.read([Path(sys.argv[1])])]
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(json.dumps([rows, int(peak[1])]))
"""
"""Not `ru_maxrss`, which a new process inherits from the one that starts it: here from all the tests before."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_half_a_million_published_reviews_are_sampled_fairly_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "geo-reviews-dataset-2023.tskv"
    write_tskv(path, HALF_A_MILLION)
    assert path.stat().st_size > 200 * MIB
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, check=True, text=True)
    rows, kib = json.loads(done.stdout)
    assert kib < 160 * 1024
    labels = Counter(label for label, _, _ in rows)
    assert labels[0] == labels[2] == corpus.MOST_OF_A_LABEL
    assert labels[1] == pytest.approx(0.04 * HALF_A_MILLION, rel=0.05)
    stars = Counter(stars for _, stars, _ in rows)
    assert stars[1] / labels[0] == pytest.approx(7 / 9, abs=0.01)
    assert stars[5] / labels[2] == pytest.approx(78 / 86, abs=0.01)
    late = sum(_number(word) >= HALF_A_MILLION / 2 for _, _, word in rows)
    assert late / len(rows) == pytest.approx(0.5, abs=0.01)


def _number(word: str) -> int:
    """Of the review in the file: its last word tells."""
    return int("".join(str("абвгдежзик".index(letter)) for letter in word))


@given(st.lists(st.tuples(st.sampled_from([1, 3, 5]), st.integers(0, 400)), unique=True), st.integers(1, 20))
def test_a_sample_does_not_depend_on_where_texts_stand(rows: list[tuple[int, int]], most: int) -> None:
    def sampled(ordered: list[tuple[int, int]]) -> set[str]:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "geo.tskv"
            path.write_text("".join(f"rating={stars}.\ttext=суп {word_of(n)} {stars}\n" for stars, n in ordered))
            return {example.text for example in corpus.read([path], most)}

    assert sampled(rows) == sampled(rows[::-1])
