"""Fixtures of the API's tests. A module takes those it needs by name: `rig = api_fixtures.fresh`."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.standin.credentials import STAND_IN_ENV
from tests.api_rig import Program, worse
from tests.desk_places import opened, two_places
from tests.rig import Rig


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a café with two places, one pass old."""
    folder = tmp_path_factory.mktemp("cafe")
    two_places(folder)
    return folder


@pytest.fixture
def fresh(cafe: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """That café, for tests that change something."""
    shutil.copytree(cafe, tmp_path, dirs_exist_ok=True)
    made = opened(tmp_path)
    yield made
    made.app.close()


@pytest.fixture(scope="module")
def rig(cafe: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """With bad news, for tests that only look."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        made = worse(cafe, tmp_path_factory.mktemp("looked-at"))
        yield made
        made.app.close()


@pytest.fixture
def own(cafe: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    """With bad news, for tests that change something."""
    made = worse(cafe, tmp_path)
    yield made
    made.app.close()


@pytest.fixture(scope="module")
def crm(rig: Rig) -> Program:
    """May everything everywhere."""
    return Program(rig)


@pytest.fixture(scope="module")
def lenina(rig: Rig, crm: Program) -> Program:
    """May everything at that place alone."""
    return Program(rig, "lenina", places=["lenina"], app=crm.app)
