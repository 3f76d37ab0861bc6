"""`gestures:` of config.yaml: what may be given away."""

from decimal import Decimal
from pathlib import Path

import pytest

from monitor.config_gestures import EXAMPLE, GestureLimits
from tests.test_config import SMALL, complaint, loaded

LINE = SMALL.count("\n") + 1


def section(**changes: object) -> str:
    values: dict[str, object] = {
        "price": 10000,
        "cost": 4000,
        "acquisition": 2000,
        "share": 0.35,
        "operator_limit": 500,
    }
    written = {key: value for key, value in (values | changes).items() if value is not None}
    return f"gestures: {{{', '.join(f'{key}: {value}' for key, value in written.items())}}}\n"


def test_without_the_section_nothing_may_be_given(tmp_path: Path) -> None:
    assert loaded(tmp_path).gestures is None


def test_the_example_that_errors_show_is_read(tmp_path: Path) -> None:
    limits = loaded(tmp_path, EXAMPLE).gestures
    assert limits == GestureLimits(10000, 4000, 2000, Decimal("0.35"), 500)
    assert (limits.margin, limits.allowed) == (4000, 1400)


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"share": 0.29, "price": 6100}, 29),  # floats would make it 28
        ({"share": ".333", "price": 6010, "operator_limit": 3}, 3),
        ({"share": 1}, 4000),
        ({"share": 0, "operator_limit": 0}, 0),
        ({"operator_limit": 1400}, 1400),
        ({"cost": 0, "acquisition": 0}, 3500),
    ],
)
def test_the_share_of_the_margin_is_exact_and_rounded_down(
    tmp_path: Path, changes: dict[str, object], allowed: int
) -> None:
    limits = loaded(tmp_path, section(**({"operator_limit": 0} | changes))).gestures
    assert limits is not None
    assert limits.allowed == allowed


def test_owners_are_names(tmp_path: Path) -> None:
    limits = loaded(tmp_path, section(owners="[olga, Пётр Ильич]")).gestures
    assert limits is not None
    assert limits.owners == ("olga", "Пётр Ильич")


@pytest.mark.parametrize(
    ("changes", "path", "told"),
    [
        ({"price": 6000}, "gestures.price", "no margin (6000 - 4000 - 2000 = 0)"),
        ({"price": 5000}, "gestures.price", "= -1000"),
        ({"operator_limit": 1401}, "gestures.operator_limit", "of which 0.35 is 1400"),
        ({"share": "35%"}, "gestures.share", "from 0 to 1 such as 0.35, not '35%'"),
        ({"share": 1.01}, "gestures.share", "from 0 to 1"),
        ({"share": -0.1}, "gestures.share", "from 0 to 1"),
        ({"share": ".nan"}, "gestures.share", "from 0 to 1"),
        ({"share": "'0,35'"}, "gestures.share", "from 0 to 1"),
        ({"price": 0}, "gestures.price", "whole number from 1"),
        ({"price": 9999.5}, "gestures.price", "whole number"),
        ({"cost": -1}, "gestures.cost", "whole number from 0"),
        ({"price": None}, "gestures.price", "is missing: add `price: 10000`"),
        ({"share": None}, "gestures.share", "is missing"),
        ({"operator_limit": None}, "gestures.operator_limit", "is missing"),
        ({"owners": "[]"}, "gestures.owners", "is empty"),
        ({"owners": "[olga, olga]"}, "gestures.owners.1", "stands twice"),
        ({"limit": 5}, "gestures.limit", "unknown key"),
    ],
)
def test_a_wrong_number_is_named_with_its_line(
    tmp_path: Path, changes: dict[str, object], path: str, told: str
) -> None:
    problem = complaint(tmp_path, section(**changes))
    assert (problem.path, problem.line) == (path, LINE)
    assert told in problem.message


@pytest.mark.parametrize("written", ["gestures: 5\n", "gestures: [1]\n"])
def test_a_section_must_hold_keys(tmp_path: Path, written: str) -> None:
    assert "must hold keys" in complaint(tmp_path, written).message
