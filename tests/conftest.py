"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from monitor.standin.credentials import STAND_IN_ENV

# A busy machine is no failure: properties are about answers, not about how fast they come.
settings.register_profile("otklik", deadline=None)
settings.load_profile("otklik")

REQUIRED = frozenset(filter(None, os.environ.get("OTKLIK_REQUIRE", "").split(",")))


def missing(name: str, reason: str) -> None:
    """Skips with the reason, or fails where CI requires `name`."""
    if name in REQUIRED:
        pytest.fail(f"OTKLIK_REQUIRE names {name}, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of captures and labelled data beside the project."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        missing("shared", f"there is no {folder.name}/ beside the project: captures and labelled data are not at hand")
    return folder


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in's secrets, as an administrator would export them."""
    for name, value in STAND_IN_ENV.items():
        monkeypatch.setenv(name, value)
