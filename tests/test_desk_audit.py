"""The audit log on its page."""

import pytest

from monitor.accounts import Role
from tests.desk_rig import Clicks
from tests.rig import Rig

pytest_plugins = ["tests.entrance_fixtures"]


# --- the audit log -----------------------------------------------------------------------------


def test_the_audit_log_goes_back_page_by_page(rig: Rig) -> None:
    boss = Clicks(rig, role=Role.ADMINISTRATOR)
    with rig.app.store.write():
        for number in range(250):
            rig.app.store.accounts.record(f"made <up> {number}", actor="anna", now=rig.clock.now())
    seen: list[str] = []
    address: str | None = "/audit"
    while address is not None:
        page = boss.soup(address)
        assert not page.select("main up")
        seen += [cells[2].get_text() for row in page.select("tbody tr") if (cells := row.select("td"))]
        older = [str(link["href"]) for link in page.select("main a") if "before" in str(link["href"])]
        address = older[0] if older else None
    assert seen == [*(f"made <up> {number}" for number in reversed(range(250))), "Вход"]


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²", "0", "1"])
def test_a_page_of_the_audit_log_that_is_not_there_is_empty_or_the_first(rig: Rig, before: str) -> None:
    boss = Clicks(rig, role=Role.ADMINISTRATOR)
    assert boss.get(f"/audit?before={before}").status_code == 200


def test_every_cell_of_the_audit_log_is_named_where_a_phone_shows_it_as_lines(rig: Rig) -> None:
    page = Clicks(rig, "root", Role.ADMINISTRATOR).soup("/audit")
    (line, *_) = page.select("table.stacked tbody tr")
    assert [cell["data-label"] for cell in line.select("td")] == ["Когда", "Кто", "Что", "О ком, о чём", "Откуда"]
