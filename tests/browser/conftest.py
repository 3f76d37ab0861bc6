"""A real browser at a real desk. Chromium is Debian's; nothing is downloaded and nobody else is asked for anything."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.shop import Served, Shop, build
from tests.browser.window import Window, launched, why_missing
from tests.conftest import missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Open = Callable[..., Window]


@pytest.fixture(scope="package")
def chromium() -> Iterator["Browser"]:
    if reason := why_missing():
        missing("browser", reason)
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def morning(tmp_path_factory: pytest.TempPathFactory, chromium: "Browser") -> Path:
    """A folder to copy: building it takes seconds."""
    folder = tmp_path_factory.mktemp("morning")
    with pytest.MonkeyPatch.context() as patch:
        lend_secrets(patch)
        build(folder)
    return folder


@pytest.fixture
def shop(morning: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A morning of one's own."""
    lend_secrets(monkeypatch)
    shutil.copytree(morning, tmp_path / "shop")
    with Served(tmp_path / "shop") as shop:
        yield shop


@pytest.fixture(scope="module")
def quiet_shop(morning: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One for tests that change nothing."""
    folder = tmp_path_factory.mktemp("quiet") / "shop"
    shutil.copytree(morning, folder)
    with pytest.MonkeyPatch.context() as patch:
        lend_secrets(patch)
        with Served(folder) as shop:
            yield shop


def lend_secrets(patch: pytest.MonkeyPatch) -> None:
    from monitor.standin.credentials import STAND_IN_ENV

    for name, value in {**STAND_IN_ENV, "DESK_SECRET": "ромашка " * 8}.items():
        patch.setenv(name, value)


@pytest.fixture
def open_window(chromium: "Browser") -> Iterator[Open]:
    """Opens windows onto a shop; afterwards none of them may have had trouble or gone elsewhere."""
    opened: list[Window] = []

    def opening(shop: Shop, **options: object) -> Window:
        opened.append(Window(chromium, shop.address, **options))
        return opened[-1]

    yield opening
    for window in opened:
        window.close()
    assert [trouble for window in opened for trouble in window.troubles] == []
    assert [address for window in opened for address in window.elsewhere] == []
