"""What is set at the desk holds: in every command, in a worker and at a desk that run already; and what does not fit is
told."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.alerts import AlertKind
from monitor.assemble import Application, held
from monitor.config import load
from monitor.errors import ConfigError, StoreError
from monitor.model import TicketState
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from monitor.store import settings as store_settings
from monitor.store.sqlite import Store
from tests.conftest import Otklik
from tests.desk_rig import Clicks
from tests.rig import NOON, Rig

OFFICE = """calendars:
  office: {timezone: Europe/Moscow, week: {mon-fri: ["09:00-18:00"]}}
  night: {timezone: Europe/Moscow, week: {mon-sun: ["22:00-24:00"]}}
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A café one pass old, on a Saturday; round the clock."""
    folder = tmp_path_factory.mktemp("hold")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = Rig(folder, World.demo(NOON), extra=OFFICE)
        rig.run()
        rig.app.close()
    return folder


@pytest.fixture
def rig(kept: Path, tmp_path: Path, secrets: None) -> Iterator[Rig]:
    shutil.copytree(kept, tmp_path / "cafe")
    rig = Rig(tmp_path / "cafe", World.demo(NOON), extra=OFFICE)
    yield rig
    rig.app.close()


def put(rig: Rig, kind: str, name: str, value: object, *, by: str = "olga") -> None:
    """Kept as another process would."""
    with closing(Store.open(rig.app.config.database)) as store, store.write():
        latest = store.settings.latest(kind, name)
        written = None if value is None else json.dumps(value, ensure_ascii=False)
        seen = 0 if latest is None else latest.id
        store.settings.put(kind, name, written, seen=seen, actor=by, now=rig.clock.now())


def running(rig: Rig) -> dict[int, object]:
    return {view.ticket: view.due_at for view in rig.queue() if view.due_at is not None}


# --- whoever runs already ------------------------------------------------------------------------------------


def test_a_worker_follows_at_its_next_pass_and_loses_nothing_that_it_had_loaded(rig: Rig) -> None:
    before = running(rig)
    first, analyser = rig.app, rig.app.analyser
    put(rig, "sla_calendar", "negative", "office")
    put(rig, "sla_calendar", "other", "office")
    rig.run()
    after = running(rig)
    assert before.keys() == after.keys()
    assert all(after[ticket] > due for ticket, due in before.items())  # type: ignore[operator]  # moments
    later = first.current()
    assert later is not first
    assert later.analyser is analyser
    assert later.store is first.store
    assert later.session is first.session
    assert later.config.sla.calendars["other"] == "office"
    assert first.config.sla.calendars == {}, "what began with the old settings ends with them"
    put(rig, "sla_calendar", "negative", None)
    put(rig, "sla_calendar", "other", None)
    rig.run()
    assert running(rig) == before


def test_as_long_as_nobody_changes_anything_it_is_one_and_the_same(rig: Rig) -> None:
    assert rig.app.current() is rig.app
    put(rig, "hears", "owner", ["vera@example.ru"])
    later = rig.app.current()
    assert later.current() is later
    assert rig.app.current() is later


def test_whatever_is_opened_later_is_closed_with_the_first(rig: Rig) -> None:
    put(rig, "hears", "owner", ["vera@example.ru"])
    later = rig.app.current()
    assert later.session is rig.app.session
    database = rig.app.store._db.sqlite
    later.close()
    with pytest.raises(sqlite3.ProgrammingError):
        database.execute("SELECT 1")


def test_a_danger_goes_to_whoever_the_desk_says(rig: Rig) -> None:
    put(rig, "hears", "owner", ["vera@example.ru"])
    rig.world.now = rig.clock.now()
    rig.world.add(rig.world.card("yandex_maps"), text="Отравились, скорую вызывали!", stars=1)
    rig.run(after=timedelta(minutes=2))
    to = [mail.read_text(encoding="utf-8") for mail in rig.mails()[-3:]]
    assert any("vera@example.ru" in mail for mail in to)


def test_a_desk_sees_a_change_with_its_next_request(rig: Rig) -> None:
    olga = Clicks(rig, "olga")
    assert "night" not in olga.get("/settings").text
    boss = Clicks(rig, "boss", olga.account.role.__class__.OWNER, app=olga.app)
    assert "мартовский" not in boss.get("/settings/calendars").text
    put(rig, "calendar", "spring", {"timezone": "Europe/Moscow", "week": {"mon": ["09:00-10:00"]}})
    page = boss.soup("/settings/calendars")
    assert "spring" in page.text
    assert "olga" in page.text.lower()


def test_a_setting_that_stops_fitting_stops_nobody(rig: Rig) -> None:
    put(rig, "hears", "owner", ["channel:gone"])
    put(rig, "calendar", "office", "no calendar")
    put(rig, "sla_calendar", "other", "night")
    rig.run()
    config = rig.app.current().config
    assert {left.setting.kind for left in config.left_out} == {"hears", "calendar"}
    assert config.escalation.owner == ("owner@example.ru",)
    assert config.sla.calendars == {"other": "night"}


def test_a_file_that_was_changed_meanwhile_is_read_by_the_next_process_only(rig: Rig) -> None:
    rig.config_path.write_text("business: {", encoding="utf-8")
    put(rig, "hears", "owner", ["vera@example.ru"])
    assert rig.app.current().config.escalation.owner == ("vera@example.ru",)
    with pytest.raises(ConfigError):
        held(rig.config_path, NOON)


# --- whoever begins ------------------------------------------------------------------------------------------


def test_every_command_sees_what_holds(rig: Rig, otklik: Otklik) -> None:
    asked = ("sla", "due", "--seen-at", "2026-11-21T12:00:00Z", "--tone", "negative", "--json", "-c", rig.config_path)
    assert otklik(*asked).objects()[0]["due_at"] == "2026-11-21T13:00:00.000000Z"
    put(rig, "sla_calendar", "negative", "office")
    assert otklik(*asked).objects()[0]["due_at"] == "2026-11-22T12:00:00.000000Z", "never later than the rest"
    put(rig, "sla_calendar", "other", "office")
    assert otklik(*asked).objects()[0]["due_at"] == "2026-11-23T07:00:00.000000Z"
    pictures = otklik("sla", "coverage", "--json", "-c", rig.config_path).objects()[0]["calendars"]
    assert {one["calendar"]: one["promises"] for one in pictures}["office"] == ["negative", "other"]
    assert otklik("queue", "list", "--json", "-c", rig.config_path).code == 0


def test_a_pass_from_cron_counts_by_the_desk(rig: Rig, otklik: Otklik) -> None:
    before = running(rig)
    put(rig, "sla_calendar", "other", "office")
    put(rig, "sla_calendar", "negative", "office")
    assert held(rig.config_path, NOON).sla.calendars["other"] == "office"
    rig.restart()
    rig.run()
    assert running(rig) != before


def test_looking_makes_no_database_and_brings_none_up_to_date(tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    assert store_settings.glimpse(missing) == ([], 0)
    assert not missing.exists()
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"not a database" * 100)
    assert store_settings.glimpse(garbage) == ([], 0)
    old = tmp_path / "old ?#%.db"
    with closing(sqlite3.connect(old)) as database:
        database.execute("CREATE TABLE something (id)")
    assert store_settings.glimpse(old) == ([], 0)
    with closing(sqlite3.connect(old)) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("something",)]


def test_a_locked_database_is_no_reason_to_go_by_the_file_alone(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    put(rig, "hears", "owner", ["vera@example.ru"])
    path = rig.app.config.database
    rig.app.close()
    monkeypatch.setattr(store_settings, "BUSY_TIMEOUT_SECONDS", 0.01)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            store_settings.glimpse(path)
    assert store_settings.glimpse(path)[1] > 0


# --- told ------------------------------------------------------------------------------------------------------


def test_check_tells_what_does_not_fit_who_set_it_and_how_to_undo_it(rig: Rig, otklik: Otklik) -> None:
    assert otklik("check", "--offline", "-c", rig.config_path).code == 0
    put(rig, "sla_calendar", "other", "gone", by="olga")
    result = otklik("check", "--offline", "--json", "-c", rig.config_path)
    assert result.code == 2
    (problem,) = result.objects()[0]["problems"]
    assert (problem["path"], problem["line"]) == ("sla.calendar.other", None)
    assert "there is no calendar 'gone'" in problem["message"]
    assert "set at the desk by olga, 2026-11-21 12:00 UTC" in problem["message"]
    assert problem["message"].endswith("otklik config undo sla_calendar other")
    assert "olga" in otklik("check", "--offline", "-c", rig.config_path).out


def test_health_tells_it_in_russian_and_is_late(rig: Rig, otklik: Otklik) -> None:
    put(rig, "sla_calendar", "other", "gone")
    rig.app.close()
    checks = {row["name"]: row for row in otklik("health", "--json", "-c", rig.config_path).objects()[0]["checks"]}
    assert checks["settings"]["status"] == "late"
    assert checks["settings"]["message"].startswith("не действует календарь остальных отзывов (olga, ")
    assert "календаря «gone» нет" in checks["settings"]["message"]


def test_the_morning_mail_tells_it(rig: Rig, otklik: Otklik) -> None:
    assert "Настройки" not in otklik("digest", "-c", rig.config_path).out
    put(rig, "sla_calendar", "other", "gone")
    told = otklik("digest", "-c", rig.config_path).out
    assert "Настройки (otklik check): не всё действует. Не действует календарь остальных отзывов (olga, " in told
    assert "календаря «gone» нет" in told
    concerns = rig.app.current().digests.view(AlertKind.DIGEST, date(2026, 11, 20), rig.clock.now()).concerns
    assert [one.title for one in concerns if "gone" in one.gist] == ["Настройки (otklik check)"], (
        "a worker that runs already, too"
    )


def test_the_desk_tells_it_to_whoever_can_change_it_and_hints_to_the_others(rig: Rig) -> None:
    put(rig, "sla_calendar", "other", "gone")
    operator = Clicks(rig, "anna")
    roles = operator.account.role.__class__
    owner = Clicks(rig, "boss", roles.OWNER, app=operator.app)
    for path in ("/settings", "/settings/calendars", "/settings/notifications", "/sources"):
        assert "календаря «gone» нет" in owner.get(path).text, path
    told = operator.get("/sources").text
    assert "1 настройка из заданных на странице не действует" in told
    assert "gone" not in told + operator.get("/settings").text


# --- otklik config ------------------------------------------------------------------------------------------------


def test_config_show_is_a_config_of_its_own_that_says_who_set_what(rig: Rig, otklik: Otklik, tmp_path: Path) -> None:
    put(rig, "calendar", "office", {"timezone": "Asia/Omsk", "week": {"mon": ["09:00-18:00"]}})
    put(rig, "hears", "owner", ["vera@example.ru"], by="Ольга «#: о»")
    put(rig, "sla_calendar", "other", "gone")
    result = otklik("config", "show", "-c", rig.config_path)
    assert result.code == 0
    assert result.out.startswith("# left out: sla_calendar other: there is no calendar 'gone'")
    assert "  office:  # set at the desk by olga, 2026-11-21 12:00 UTC\n" in result.out
    assert "  owner: [vera@example.ru]  # set at the desk by Ольга «#: о», 2026-11-21 12:00 UTC\n" in result.out
    again = tmp_path / "again.yaml"
    again.write_text(result.out, encoding="utf-8")
    wanted, found = held(rig.config_path, NOON), load(again)
    for name in ("business", "calendars", "escalation", "sla", "places", "sources", "http", "mail", "digest"):
        assert getattr(found, name) == getattr(wanted, name)
    assert otklik("config", "show", "-c", again).out.replace("", "") != ""


def test_config_show_of_a_section_and_for_programs(rig: Rig, otklik: Otklik) -> None:
    put(rig, "sla_calendar", "negative", "office")
    put(rig, "hears", "owner", ["channel:gone"])
    part = otklik("config", "show", "--section", "sla", "-c", rig.config_path).out
    assert part.splitlines()[1:] == [
        "sla:", "  enforce_from: 2d", "  calendar:",
        "    negative: office  # set at the desk by olga, 2026-11-21 12:00 UTC",
    ]  # fmt: skip
    (found,) = otklik("config", "show", "--json", "--section", "sla", "-c", rig.config_path).objects()
    assert found["config"] == {"sla": {"enforce_from": "2d", "calendar": {"negative": "office"}}}
    assert [(row["kind"], row["name"], row["by"]) for row in found["desk"]] == [("sla_calendar", "negative", "olga")]
    assert [row["kind"] for row in found["left_out"]] == ["hears"]
    wrong = otklik("config", "show", "--section", "slo", "-c", rig.config_path)
    assert (wrong.code, wrong.out) == (2, "")
    assert "did you mean `sla`" in wrong.err


def test_config_show_tells_names_of_variables_and_no_secret(rig: Rig, otklik: Otklik) -> None:
    out = (
        otklik("config", "show", "-c", rig.config_path).out
        + otklik("config", "show", "--json", "-c", rig.config_path).out
    )
    assert "TWOGIS_KEY" in out
    assert not any(value in out for value in STAND_IN_ENV.values())


HOOK = "https://crm.example.ru"


@pytest.mark.parametrize(
    ("more", "told"),
    [("", HOOK), ("/hook/s3cret", f"{HOOK}/***"), ("/hook?key=s3cret&to=%D1%8F", f"{HOOK}/***?***")],
)
def test_config_show_masks_what_may_be_a_token_of_a_webhook_and_nothing_else(
    rig: Rig, otklik: Otklik, tmp_path: Path, more: str, told: str
) -> None:
    channels = f"channels:\n  crm: {{webhook: {json.dumps(HOOK + more)}, secret_env: CRM_SECRET}}\n"
    rig.config_path.write_text(rig.config_path.read_text("utf-8") + channels, "utf-8")
    out = otklik("config", "show", "-c", rig.config_path).out
    shown = otklik("config", "show", "--json", "--section", "channels", "-c", rig.config_path).out
    assert "s3cret" not in out + shown
    (line,) = [line.strip() for line in out.splitlines() if "webhook" in line]
    remark = "  # masked: the address has more, which may be a secret"
    assert (line.removesuffix(remark), line.endswith(remark)) == (f'webhook: "{told}"', bool(more))
    assert json.loads(shown)["config"]["channels"]["crm"]["webhook"] == told
    again = tmp_path / "again.yaml"
    again.write_text(out, encoding="utf-8")
    wanted, found = load(rig.config_path), load(again)
    assert found.channels["crm"] == replace(wanted.channels["crm"], webhook=told)
    for name in ("business", "calendars", "escalation", "sla", "places", "sources", "http", "mail", "digest"):
        assert getattr(found, name) == getattr(wanted, name)


def test_history_and_undo_with_their_line_in_the_audit_log(rig: Rig, otklik: Otklik) -> None:
    first, second = (
        {"timezone": "Asia/Omsk", "week": {"mon": ["09:00-18:00"]}},
        {"timezone": "Asia/Omsk", "week": {"sun": ["09:00-18:00"]}},
    )
    put(rig, "calendar", "office", first)
    put(rig, "calendar", "office", second, by="boris")

    def undo() -> str:
        result = otklik("config", "undo", "calendar", "office", "--as", "anna", "-c", rig.config_path)
        assert result.code == 0, result.err
        return result.out

    assert "the state before holds again" in undo()
    states = otklik("config", "history", "calendar", "office", "--json", "-c", rig.config_path).objects()
    assert [(state["by"], state["value"]) for state in states] == [("anna", first), ("boris", second), ("olga", first)]
    assert held(rig.config_path, NOON).calendars["office"].week[0]
    undo()
    assert held(rig.config_path, NOON).calendars["office"].week[6]
    with closing(Store.open(rig.app.config.database)) as store:
        (entry, _) = store.accounts.audit(2)
    assert (entry.actor, entry.kind, entry.what) == ("anna", "setting undone", "календарь «office»")
    assert "boris" in otklik("config", "history", "-c", rig.config_path).out


def test_the_first_state_undone_is_what_the_file_says(rig: Rig, otklik: Otklik) -> None:
    put(rig, "hears", "owner", ["vera@example.ru"])
    result = otklik("config", "undo", "hears", "owner", "-c", rig.config_path)
    assert "what config.yaml says holds" in result.out
    assert held(rig.config_path, NOON).escalation.owner == ("owner@example.ru",)
    assert otklik("config", "history", "-c", rig.config_path).out.count("(taken back)") == 1


def test_nobody_undoes_a_setting_without_a_name(rig: Rig, otklik: Otklik, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the user may have none, and the history would tell of nobody."""
    put(rig, "hears", "owner", ["vera@example.ru"])
    monkeypatch.delenv("OTKLIK_USER", raising=False)
    monkeypatch.setattr("monitor.cli.common._login", lambda: "")
    result = otklik("config", "undo", "hears", "owner", "-c", rig.config_path)
    assert (result.code, "кто действует?" in result.err) == (2, True)
    assert held(rig.config_path, NOON).escalation.owner == ("vera@example.ru",)


def test_what_does_not_fit_now_nor_did_before_is_taken_back(rig: Rig, otklik: Otklik) -> None:
    """A place has left config.yaml: else its settings would be told of for ever."""
    for address in ("vera@example.ru", "anna@example.ru"):
        put(rig, "hears", "gone/owner", [address])
    assert held(rig.config_path, NOON).left_out
    result = otklik("config", "undo", "hears", "gone/owner", "-c", rig.config_path)
    assert (result.code, result.out) == (0, "hears gone/owner: what config.yaml says holds\n")
    assert not held(rig.config_path, NOON).left_out
    put(rig, "sla_calendar", "other", "office")
    put(rig, "sla_calendar", "other", "gone")
    assert (
        "the state before holds again" in otklik("config", "undo", "sla_calendar", "other", "-c", rig.config_path).out
    )


def test_what_would_break_something_else_is_not_undone(rig: Rig, otklik: Otklik) -> None:
    put(rig, "calendar", "late", {"timezone": "Asia/Omsk", "week": {"mon": ["09:00-18:00"]}})
    put(rig, "sla_calendar", "other", "late")
    result = otklik("config", "undo", "calendar", "late", "-c", rig.config_path)
    assert result.code == 2
    assert "календаря «late» нет" in result.err
    assert held(rig.config_path, NOON).sla.calendars == {"other": "late"}


def test_what_was_never_set_is_not_undone_and_what_was_is_named(rig: Rig, otklik: Otklik) -> None:
    put(rig, "hears", "owner", ["vera@example.ru"])
    result = otklik("config", "undo", "hears", "lead", "-c", rig.config_path)
    assert result.code == 1
    assert "known: hears owner" in result.err


def test_a_setting_of_another_kind_is_undone_as_it_stands(rig: Rig, otklik: Otklik) -> None:
    put(rig, "phrases", "thanks.txt", "Спасибо!")
    result = otklik("config", "undo", "phrases", "thanks.txt", "-c", rig.config_path)
    assert (result.code, result.out) == (0, "phrases thanks.txt: the shipped thanks.txt holds\n")
    states = otklik("config", "history", "phrases", "--json", "-c", rig.config_path).objects()
    assert [state["value"] for state in states] == [None, "Спасибо!"]


def test_beneath_a_phrase_of_the_desk_stands_the_own_file_where_there_is_one(rig: Rig, otklik: Otklik) -> None:
    own = rig.folder / "own" / "replies"
    own.mkdir(parents=True)
    (own / "thanks.yaml").write_text("closings: [Ждём Вас!]\n", encoding="utf-8")
    with rig.config_path.open("a", encoding="utf-8") as file:
        file.write("\ntemplates_dir: own\n")
    for name, whose in (("thanks.yaml", "your own"), ("regret.yaml", "the shipped")):
        put(rig, "phrases", name, "closings: [Спасибо!]")
        result = otklik("config", "undo", "phrases", name, "-c", rig.config_path)
        assert result.out == f"phrases {name}: {whose} {name} holds\n", result.err


def test_an_application_of_the_file_alone_still_begins_with_it(rig: Rig) -> None:
    put(rig, "hears", "owner", ["vera@example.ru"])
    with closing(Application(load(rig.config_path), rig.clock, rig.session)) as app:
        assert app.config.escalation.owner == ("owner@example.ru",)
        assert app.current().config.escalation.owner == ("vera@example.ru",)
    assert rig.ticket_of(rig.everything()[0].external_id).state in TicketState
