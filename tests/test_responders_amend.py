"""One phrase changed: the rest of the text stays letter by letter, and what was meant is what is read."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responders import amend
from responders.amend import Row, adopted, amended, references, rows, where, written
from responders.files import SHIPPED, STORED, ReplyTemplateError, Source
from responders.phrasebook import read_lists

BLOCK = """# О чём эта книга.
greetings: warm
short_without: [middles]

openings:
  - "Раз."  # первая
  # Дальше вторая.
  - {text: "Два.", registers: [warm, formal]}
  - text: Три.
    kinds: [queue]

  - |
    Четыре
    строки.

middles: ['Пять.', "Шесть."]
"""
TEXTS = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
).filter(bool)  # fmt: skip
WORDS = st.lists(st.sampled_from(["warm", "neutral", "formal", "queue", "late"]), unique=True, max_size=3).map(tuple)


@st.composite
def some_row(draw: st.DrawFn) -> Row:
    row: dict[str, str | tuple[str, ...]] = {"text": draw(TEXTS)}
    row |= {name: found for name in ("kinds", "sectors", "registers") if (found := draw(WORDS))}
    return row | ({"off": "true"} if draw(st.booleans()) else {})


ANCHORS = """a: &all
  - &one 'Раз.'
  - {text: Два., registers: &who [warm]}
b: *all
c: [*one, {text: Три., kinds: *who}]
"""


def test_a_file_may_have_anchors_and_what_is_made_of_it_has_none() -> None:
    with pytest.raises(ReplyTemplateError, match="якоря"):
        rows(ANCHORS)
    found = rows(ANCHORS, trusted=True)
    assert found["b"] == found["a"] == ({"text": "Раз."}, {"text": "Два.", "registers": ("warm",)})
    assert found["c"] == ({"text": "Раз."}, {"text": "Три.", "kinds": ("warm",)})
    for name, number in (("a", 1), ("b", 2), ("b", None), ("c", 1), ("c", 2)):
        changed = rows(amended(ANCHORS, name, number, {"text": "Новая."}, trusted=True))
        assert {"text": "Новая."} in changed.pop(name)
        assert changed == {other: lines for other, lines in found.items() if other != name}
    assert rows(adopted("", ANCHORS, "c", trusted=True)) == {"c": found["c"]}


def test_a_row_is_replaced_and_comments_order_and_quotes_stay() -> None:
    changed = amended(BLOCK, "openings", 2, {"text": 'Два "с половиной".', "registers": ("warm",)})
    before, after = BLOCK.splitlines(), changed.splitlines()
    assert [(one, other) for one, other in zip(before, after, strict=True) if one != other] == [
        ('  - {text: "Два.", registers: [warm, formal]}', '  - {text: "Два \\"с половиной\\".", registers: [warm]}')
    ]


def test_a_row_of_several_lines_is_replaced_whole() -> None:
    changed = amended(BLOCK, "openings", 4, {"text": "Четыре."})
    assert changed == BLOCK.replace("|\n    Четыре\n    строки.", '"Четыре."')
    assert rows(amended(BLOCK, "openings", 3, {"text": "Три."}))["openings"][2] == {"text": "Три."}


def test_a_row_is_added_at_the_end_of_its_list() -> None:
    assert amended(BLOCK, "middles", None, {"text": "Семь."}) == BLOCK.replace('"Шесть."]', '"Шесть.", "Семь."]')
    changed = amended(BLOCK, "openings", None, {"text": "Семь."})
    assert [row["text"] for row in rows(changed)["openings"]][-1] == "Семь."
    assert changed.count("#") == BLOCK.count("#")
    assert amended("a: []\n", "a", None, {"text": "б"}) == 'a: ["б"]\n'


def test_a_list_is_taken_over_with_its_comments() -> None:
    taken = adopted("", BLOCK, "openings")
    assert rows(taken) == {"openings": rows(BLOCK)["openings"]}
    assert "# Дальше вторая." in taken
    both = adopted(taken, BLOCK, "middles")
    assert rows(both) == rows(BLOCK)
    assert references(both) == {}


def test_a_layout_that_cannot_be_amended_is_written_anew() -> None:
    text = "{openings: [Раз., Два.], greetings: warm}"
    changed = adopted(text, BLOCK, "middles")
    assert rows(changed) == rows(text) | {"middles": rows(BLOCK)["middles"]}
    assert references(changed) == {"greetings": "warm"}


def test_what_is_not_there_is_said_so() -> None:
    for name, number in (("closings", 1), ("openings", 0), ("openings", 5), ("greetings", 1)):
        with pytest.raises(LookupError):
            amended(BLOCK, name, number, {"text": "а"})
    with pytest.raises(LookupError):
        adopted("", BLOCK, "closings")
    with pytest.raises(ReplyTemplateError):
        rows("openings: [")


def test_a_line_leads_to_its_row() -> None:
    numbers = {at: where(BLOCK, at) for at in range(1, len(BLOCK.splitlines()) + 1)}
    assert numbers[2] is None
    assert numbers[6] == ("openings", 1)
    assert numbers[8] == ("openings", 2)
    assert numbers[9] == numbers[10] == ("openings", 3)
    assert numbers[13] == ("openings", 4)
    assert where("openings: [", 1) is None


@pytest.mark.parametrize("file", sorted(SHIPPED.rglob("*.yaml")), ids=lambda file: file.relative_to(SHIPPED).as_posix())
def test_every_shipped_book_is_amended_line_by_line(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for name, found in rows(text).items():
        for number in (1, len(found)):
            row = {**found[number - 1], "off": "true"}
            changed = amended(text, name, number, row)
            different = [
                one for one, other in zip(text.splitlines(), changed.splitlines(), strict=True) if one != other
            ]
            assert len(different) == 1
            assert rows(changed)[name][number - 1] == row


@given(st.lists(some_row(), min_size=1, max_size=4), st.data())
@settings(deadline=None, max_examples=150)
def test_whatever_is_written_is_read_back(found: list[Row], data: st.DataObject) -> None:
    text = written({"praise": found, "complaint": found}, {})
    assert rows(text) == {"praise": tuple(found), "complaint": tuple(found)}
    number, row = data.draw(st.one_of(st.none(), st.integers(1, len(found)))), data.draw(some_row())
    expected = [*found, row] if number is None else [*found[: number - 1], row, *found[number:]]
    assert rows(amended(text, "praise", number, row)) == {"praise": tuple(expected), "complaint": tuple(found)}


def test_what_is_amended_is_what_replies_say() -> None:
    text = amended("praise:\n- 'Рады.'\n", "praise", None, {"text": "Спасибо, {{ name }}: «да»!"})
    (_, phrase) = read_lists(Source(STORED / "themes/staff.yaml", text))["praise"]
    assert phrase.render({"name": "Анна"}) == "Спасибо, Анна: «да»!"
    assert amend.line({"text": "а"}) == '"а"'
