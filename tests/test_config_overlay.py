"""What the desk sets goes before the file; what does not fit is left out and told; nothing of it breaks anything."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.config import Config, held_nodes, load, read
from monitor.config_escalation import Person
from monitor.config_overlay import KINDS, Setting
from monitor.config_writer import masked, plain, written
from monitor.effective import CONCERNED, effective, named, sentence
from monitor.errors import ConfigError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
THEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

BASE: Mapping[str, Any] = {
    "business": {"name": "Кафе «Ромашка»"},
    "database": "otklik.db",
    "mail": {"transport": "file", "from": "otklik@example.ru"},
    "channels": {"crm": {"webhook": "https://crm.example.ru/hook", "secret_env": "CRM_SECRET"}},
    "sla": {"negative": "1h", "calendar": "office"},
    "calendars": {"office": {"timezone": "Europe/Moscow", "week": {"mon-fri": ["09:00-18:00"]}}},
    "escalation": {
        "support": ["support@example.ru"],
        "owner": ["owner@example.ru"],
        "people": {"anna": {"email": "anna@example.ru", "substitute": "boris"}, "boris": {"email": "boris@example.ru"}},
    },
    "digest": {"at": "09:00"},
    "places": [
        {"id": "lenina", "title": "На Ленина", "listings": [{"source": "yandex_maps", "id": "1"}]},
        {"id": "bauman", "title": "На Баумана", "sla": {"calendar": {"other": "office"}},
         "escalation": {"support": ["bauman@example.ru"]}},
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Put:
    """A state, as the store has it."""

    kind: str
    name: str
    value: str | None
    at: datetime = THEN
    by: str = "olga"


def put(kind: str, name: str, value: object) -> Put:
    return Put(kind, name, json.dumps(value, ensure_ascii=False))


def dumped(tree: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(tree), allow_unicode=True, sort_keys=False)


PATH = Path("/nowhere/config.yaml")
FILE = read(PATH, dumped(BASE))[0]


def held(*settings: Put, file: Config = FILE) -> Config:
    config, wrong = effective(file, settings, NOW, version=7)
    assert wrong == []
    return config


def loaded(tree: Mapping[str, Any]) -> tuple[Config, list[ConfigError]]:
    return read(PATH, dumped(tree))


def told(config: Config) -> list[str]:
    return [sentence(config, left, NOW) for left in config.left_out]


NIGHT = {"timezone": "Asia/Yekaterinburg", "week": {"mon-sun": ["22:00-24:00"]}, "working_days": ["2027-02-20"]}


# --- what is set holds --------------------------------------------------------------------------------


def test_the_file_is_right_and_without_settings_it_is_what_holds() -> None:
    assert loaded(BASE)[1] == []
    config = held()
    assert all(getattr(config, name) == getattr(FILE, name) for name in CONCERNED)
    assert (config.settings, config.left_out, config.version) == ((), (), 7)


def test_a_calendar_takes_the_place_of_the_files() -> None:
    office = held(put("calendar", "office", NIGHT)).calendars["office"]
    assert office.timezone == "Asia/Yekaterinburg"
    assert office.week[6] == ((time(22), time()),)
    assert office.working_days == {date(2027, 2, 20): None}


def test_a_new_calendar_can_count_a_promise_of_one_place_or_of_all() -> None:
    config = held(
        put("calendar", "night", NIGHT),
        put("sla_calendar", "negative", "night"),
        put("sla_calendar", "lenina/other", "night"),
    )
    assert config.sla.calendars == {"negative": "night", "other": "office", "reopened": "office"}
    assert config.places[0].sla.calendars == {"other": "night"}
    assert config.places[1].sla.calendars == {"other": "office"}


def test_people_and_who_hears_are_the_desks() -> None:
    config = held(
        put("person", "anna", {"email": "anna@example.ru", "away": ["2026-12-28..2027-01-11"], "substitute": "vera"}),
        put("person", "vera", {"email": "vera@example.ru"}),
        put("hears", "owner", ["vera@example.ru", "channel:crm"]),
        put("hears", "lenina/lead", ["anna@example.ru"]),
    )
    escalation = config.escalation
    assert escalation.people["anna"] == Person("anna@example.ru", "vera", ((date(2026, 12, 28), date(2027, 1, 11)),))
    assert set(escalation.people) == {"anna", "boris", "vera"}
    assert escalation.owner == ("vera@example.ru", "channel:crm")
    assert escalation.admin == escalation.owner == config.digest.to if config.digest else False
    assert config.places[0].escalation.lead == ("anna@example.ru",)
    assert config.places[1].escalation.support == ("bauman@example.ru",)


def test_what_was_taken_back_is_as_the_file_says() -> None:
    assert held(Put("calendar", "office", None)).calendars == FILE.calendars


@pytest.mark.parametrize("section", ["sla", "calendars", "escalation.people"])
def test_a_section_that_the_file_lacks_or_leaves_empty_is_made(section: str) -> None:
    for empty in (False, True):
        tree = copy.deepcopy(dict(BASE))
        tree["sla"] = {}
        above, _, key = section.rpartition(".")
        holder = tree[above] if above else tree
        if empty:
            holder[key] = None
        else:
            holder.pop(key)
        tree.setdefault("calendars", {}) if section != "calendars" else None
        tree["places"][1].pop("sla")
        file, wrong = loaded(tree)
        assert wrong == []
        config = held(
            put("calendar", "night", NIGHT), put("sla_calendar", "other", "night"),
            put("person", "vera", {"email": "vera@example.ru"}), file=file,
        )  # fmt: skip
        assert config.left_out == ()
        assert config.sla.calendars == {"other": "night"}
        assert "vera" in config.escalation.people
        assert "night" in config.calendars


def test_a_file_may_count_on_a_calendar_of_the_desk() -> None:
    tree = copy.deepcopy(dict(BASE)) | {"sla": {"calendar": "night"}}
    file, wrong = loaded(tree)
    assert wrong
    assert held(put("calendar", "night", NIGHT), file=file).sla.calendars["negative"] == "night"
    assert effective(file, [], NOW)[1]


def test_settings_of_other_kinds_are_somebody_elses() -> None:
    config = held(put("phrases", "thanks", ["Спасибо!"]), put("calendars", "office", {}))
    assert (config.settings, config.left_out) == ((), ())


def test_what_no_setting_concerns_stays_as_it_is_in_memory() -> None:
    """The demo points its sources elsewhere than its file does."""
    from dataclasses import replace

    config = held(put("hears", "owner", ["vera@example.ru"]), file=replace(FILE, competitors=("Лютик",)))
    assert config.competitors == ("Лютик",)
    assert config.escalation.owner == ("vera@example.ru",)


# --- what does not fit is left out ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "path", "why"),
    [
        (put("sla_calendar", "negative", "gone"), "sla.calendar.negative", "календаря «gone» нет"),
        (put("sla_calendar", "gone/negative", "office"), "sla_calendar gone/negative", "такой точки в config.yaml"),
        (put("sla_calendar", "sometimes", "office"), "sla_calendar sometimes", "подробности: otklik check"),
        (put("calendar", "office", {"timezone": "Europe/Moscow", "week": {}}), "calendars.office.week", "рабочего вр"),
        (put("calendar", "always", NIGHT), "calendars.always", "рабочего времени или"),
        (put("calendar", "не имя", NIGHT), "calendars.не имя", "рабочего времени или"),
        (put("calendar", "office", []), "calendars.office", "рабочего времени или"),
        (put("person", "anna", {"email": "anna@example.ru", "substitute": "zoya"}), "escalation.people.anna.substitute",
         "замещающего «zoya» среди людей нет"),
        (put("person", "anna", {}), "escalation.people.anna.email", "подробности"),
        (put("person", "\n", {"email": "a@example.ru"}), "person", "подробности"),
        (put("hears", "owner", []), "escalation.owner", "подробности"),
        (put("hears", "owner", ["channel:gone"]), "escalation.owner.0", "канала «gone» в config.yaml нет"),
        (put("hears", "owner", ["Otklik@example.ru"]), "escalation.owner.0", "mail.from"),
        (put("hears", "people", ["a@example.ru"]), "hears people", "подробности"),
        (put("hears", "lenina/admin", ["a@example.ru"]), "hears lenina/admin", "подробности"),
        (Put("hears", "owner", "{"), "hears owner", "подробности"),
        (Put("hears", "owner", "[" * 5000), "hears owner", "подробности"),
        (Put("hears", "owner", "[" * 50 + "]" * 50), "hears owner", "подробности"),
    ],
    ids=lambda value: f"{value.kind} {value.name}" if isinstance(value, Put) else None,
)  # fmt: skip
def test_a_setting_that_does_not_fit_is_left_out_and_told_with_who_set_it_and_when(
    setting: Put, path: str, why: str
) -> None:
    config = held(setting, put("hears", "support", ["vera@example.ru"]))
    assert config.escalation.support == ("vera@example.ru",), "the others hold"
    assert all(getattr(config, name) == getattr(FILE, name) for name in ("calendars", "sla"))
    assert config.escalation.owner == FILE.escalation.owner
    (left,) = config.left_out
    assert left.setting == setting
    assert left.error.path == path
    assert left.error.line is None
    assert left.error.message.endswith("(set at the desk by olga, 2026-11-20 09:30 UTC)")
    (words,) = told(config)
    assert words.startswith("не действует ")
    assert "(olga, вчера в\u00a012:30)" in words
    assert why in words
    assert words.isprintable() or "\u00a0" in words


def test_what_depends_on_a_setting_that_is_left_out_is_left_out_too() -> None:
    config = held(put("calendar", "night", {"timezone": "Mars"}), put("sla_calendar", "negative", "night"))
    assert {left.setting.kind for left in config.left_out} == {"calendar", "sla_calendar"}
    assert config.sla == FILE.sla


def test_a_calendar_whose_working_time_has_passed_is_left_out() -> None:
    days = {"timezone": "Europe/Moscow", "week": {}, "working_days": {"2026-11-23": ["09:00-18:00"]}}
    setting = put("calendar", "office", days)
    assert held(setting).left_out, "27 hours are promised"
    long = {**days, "week": {"sun": ["09:00-18:00"]}}
    assert held(put("calendar", "office", long)).left_out == ()


def test_a_calendar_of_the_file_that_cannot_count_what_the_desk_wants_of_it_leaves_the_wish_out() -> None:
    tree = copy.deepcopy(dict(BASE))
    tree["calendars"]["once"] = {
        "timezone": "Europe/Moscow", "week": {}, "working_days": {"2026-11-23": ["09:00-10:00"]}
    }  # fmt: skip
    file, wrong = loaded(tree)
    assert wrong == []
    config = held(put("sla_calendar", "other", "once"), put("hears", "owner", ["vera@example.ru"]), file=file)
    assert [left.setting.name for left in config.left_out] == ["other"]
    assert config.escalation.owner == ("vera@example.ru",)


def test_what_is_wrong_with_the_file_is_told_of_the_file() -> None:
    tree = copy.deepcopy(dict(BASE)) | {"retention": "soon"}
    file, _ = loaded(tree)
    config, wrong = effective(file, [put("hears", "owner", ["vera@example.ru"])], NOW)
    assert [(error.path, error.file, error.line is not None) for error in wrong] == [("retention", "config.yaml", True)]
    assert config.escalation.owner == FILE.escalation.owner


def test_a_later_error_at_what_the_desk_set_names_the_desk_and_one_at_the_files_its_line() -> None:
    config = held(put("calendar", "office", NIGHT))
    assert str(config.error("calendars.office.week", "is odd")) == (
        "calendars.office.week: is odd (set at the desk by olga, 2026-11-20 09:30 UTC)"
    )
    assert str(config.error("places.0.listings.0", "is odd")).startswith("config.yaml:")


def test_who_set_something_cannot_write_a_line_of_their_own() -> None:
    hostile = Put("calendar", "office", "{}", by="olga\n\x1b[31mroot\u202e" + "x" * 500)
    (left,) = held(hostile).left_out
    assert left.error.message.isprintable()
    assert len(left.error.message) < 400
    assert "\n" not in told(held(hostile))[0]


# --- any settings at all ------------------------------------------------------------------------------------

NAMES = {
    "calendar": ("office", "night", "day"),
    "person": ("anna", "boris", "vera", "a.b", "Ольга «о»", "null", "- x: #"),
    "sla_calendar": ("negative", "other", "reopened", "lenina/negative", "bauman/other", "gone/other"),
    "hears": ("support", "lead", "owner", "admin", "lenina/owner", "bauman/support", "bauman/lead"),
}
ADDRESSES = st.sampled_from(["anna@example.ru", "vera@example.ru", "channel:crm", "owner@example.ru"])
VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "calendar": st.fixed_dictionaries(
        {"timezone": st.sampled_from(["Europe/Moscow", "Asia/Omsk"]),
         "week": st.dictionaries(st.sampled_from(["mon", "tue", "sat-sun"]),
                                 st.sampled_from([["09:00-18:00"], ["00:00-24:00"], []]))},
        optional={"base": st.just("russia"), "holidays": st.just(["2026-12-31"]),
                  "short_days": st.just({"2026-12-30": "09:00-17:00"})},
    ),
    "person": st.fixed_dictionaries(
        {"email": st.sampled_from(["anna@example.ru", "vera@example.ru"])},
        optional={"substitute": st.sampled_from(["anna", "boris", "vera", "a.b"]),
                  "away": st.just(["2026-12-28..2027-01-11", "2027-05-01"])},
    ),
    "sla_calendar": st.sampled_from(["always", "office", "night", "day"]),
    "hears": st.lists(ADDRESSES, unique=True, max_size=3),
}  # fmt: skip
STEPS = st.lists(
    st.sampled_from(KINDS).flatmap(
        lambda kind: st.tuples(st.just(kind), st.sampled_from(NAMES[kind]), st.none() | VALUES[kind])
    ),
    max_size=12,
)


@dataclass
class Book:
    """A store of settings: every state, `undo` back to the one before."""

    states: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def put(self, kind: str, name: str, value: Any) -> None:
        self.states.setdefault((kind, name), []).append(value)

    def undo(self, kind: str, name: str) -> None:
        history = self.states.get((kind, name))
        if history:
            history.append(history[-2] if len(history) > 1 else None)

    def latest(self) -> list[Put]:
        return [put(*key, history[-1]) for key, history in self.states.items() if history[-1] is not None]


def by_hand(settings: Sequence[Setting]) -> dict[str, Any]:
    """The file as somebody would have written it who wanted the same."""
    tree: dict[str, Any] = copy.deepcopy(dict(BASE))
    places = {place["id"]: place for place in tree["places"]}
    for setting in settings:
        value = json.loads(setting.value or "null")
        place, _, what = setting.name.rpartition("/")
        holder = places.get(place, {}) if place else tree
        if setting.kind == "calendar":
            tree["calendars"][setting.name] = value
        elif setting.kind == "person":
            tree["escalation"]["people"][setting.name] = value
        elif setting.kind == "hears":
            holder.setdefault("escalation", {})[what] = value
        else:
            written = holder.setdefault("sla", {}).get("calendar", {})
            spelled = dict.fromkeys(("negative", "other", "reopened"), written) if isinstance(written, str) else written
            holder["sla"]["calendar"] = {**spelled, what: value}
    return tree


@given(STEPS, st.lists(st.sampled_from([(kind, name) for kind, names in NAMES.items() for name in names]), max_size=4))
def test_whatever_is_put_and_undone_what_holds_is_the_file_with_the_latest_states(
    steps: list[tuple[str, str, Any]], undone: list[tuple[str, str]]
) -> None:
    book = Book()
    for step in steps:
        book.put(*step)
    for key in undone:
        book.undo(*key)
    config = held(*book.latest())
    wanted, wrong = loaded(by_hand(config.settings))
    assert wrong == []
    for name in CONCERNED[:-2]:
        assert getattr(config, name) == getattr(wanted, name)
    assert sorted(
        (one.kind, one.name) for one in (*config.settings, *(left.setting for left in config.left_out))
    ) == sorted((one.kind, one.name) for one in book.latest())
    if not config.left_out:
        return
    places_known = all(not one.name.startswith("gone/") for one in book.latest())
    if places_known:
        everything, wrong = loaded(by_hand(book.latest()))
        assert effective(everything, [], NOW)[1] or _ends(everything)


def _ends(config: Config) -> bool:
    from monitor import promises

    return bool(promises.problems(config, NOW))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    st.lists(
        st.builds(
            Put,
            st.sampled_from(KINDS) | st.text(),
            st.sampled_from([name for names in NAMES.values() for name in names]) | st.text(),
            st.none() | st.text() | JUNK.map(json.dumps),
            by=st.text(),
        ),
        max_size=5,
        unique_by=lambda one: (one.kind, one.name),
    )
)
def test_no_setting_however_wrong_breaks_anything(settings: list[Put]) -> None:
    config = held(*settings)
    assert [*told(config)] == [line for line in told(config) if "\n" not in line]
    assert all(named(one.kind, one.name) for one in settings)
    text = "\n".join(written(held_nodes(config)))
    again, wrong = read(PATH, text)
    assert wrong == []
    assert all(getattr(again, name) == getattr(config, name) for name in CONCERNED[:-2])


SHAPES = st.none() | st.text() | st.integers() | JUNK
FLOWS = st.text(alphabet="[]{}:,&*!?<-| ab01\n'", max_size=20)
"""Some are YAML."""


@given(
    st.sampled_from(["sla", "calendars", "escalation", "escalation.people", "sla.calendar", "places", "places.1.sla"]),
    SHAPES | FLOWS.map(lambda text: text if not text.strip() else f"\0{text}"),
    st.sampled_from(KINDS).flatmap(
        lambda kind: st.builds(put, st.just(kind), st.sampled_from(NAMES[kind]), JUNK | VALUES[kind])
    ),
)
@example("sla", ["a"], put("sla_calendar", "negative", "office"))
@example("escalation", ["a"], put("person", "anna", {"email": "anna@example.ru"}))
@example("places.1.sla", ["a"], put("sla_calendar", "bauman/other", "office"))
@settings(deadline=None)
def test_no_section_however_wrong_gives_anything_but_errors_of_the_file(where: str, shape: Any, setting: Put) -> None:
    """`shape`: what stands there; after a zero, its YAML."""
    tree: dict[str, Any] = copy.deepcopy(dict(BASE))
    *above, key = where.split(".")
    holder: Any = tree
    for step in above:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    literal = isinstance(shape, str) and shape.startswith("\0")
    holder[key] = "HERE" if literal else shape
    text = dumped(tree).replace("HERE", str(shape)[1:]) if literal else dumped(tree)
    try:
        file, _ = read(PATH, text)
        config, wrong = effective(file, [setting], NOW)
    except ConfigError:
        return  # no YAML of ours
    if effective(file, [], NOW)[1] == []:
        assert wrong == []
        assert len(told(config)) == len(config.left_out)


# --- written down ---------------------------------------------------------------------------------------------


def test_what_holds_is_written_as_a_config_with_a_remark_at_each_value_of_the_desk(tmp_path: Path) -> None:
    config = held(
        put("calendar", "office", NIGHT),
        put("sla_calendar", "negative", "always"),
        put("sla_calendar", "lenina/other", "always"),
        put("person", "null", {"email": "vera@example.ru"}),
    )
    lines = list(written(held_nodes(config)))
    remark = "  # set at the desk by olga, 2026-11-20 09:30 UTC"
    assert [line.strip().removesuffix(remark) for line in lines if line.endswith(remark)] == [
        "negative: always", "office:", '"null":', "other: always"
    ]  # fmt: skip
    path = tmp_path / "config.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    again = load(path)
    assert again.escalation == config.escalation
    assert (again.calendars, again.sla) == (config.calendars, config.sla)
    assert [place.sla for place in again.places] == [place.sla for place in config.places]
    assert plain(held_nodes(again)) == plain(held_nodes(config))


@given(st.text(), st.text(min_size=1))
def test_any_text_is_written_so_that_it_reads_as_itself(value: str, key: str) -> None:
    try:
        text = dumped({"business": {key: value}})
        file, _ = read(PATH, text)
    except (ConfigError, yaml.YAMLError, UnicodeError):
        return  # no file could hold it
    again, _ = read(PATH, "\n".join(written(held_nodes(file))))
    assert plain(held_nodes(again)) == plain(held_nodes(file))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://us:s3cret@crm.example.ru:8443/hook?key=s3cret#s3cret", "https://***@crm.example.ru:8443/***?***"),
        ("https://hooks.example.ru/services/T0/B0/s3cret", "https://hooks.example.ru/***"),
        ("https://hooks.example.ru/s3cret/", "https://hooks.example.ru/***"),
        ("https://hooks.example.ru//s3cret", "https://hooks.example.ru/***"),
        ("https://hooks.example.ru/?s3cret", "https://hooks.example.ru/?***"),
        ("https://hooks.example.ru/", "https://hooks.example.ru/"),
        ("https://hooks.example.ru", "https://hooks.example.ru"),
    ],
)
def test_of_a_webhook_the_host_alone_is_shown(address: str, shown: str) -> None:
    tree: dict[str, Any] = copy.deepcopy(dict(BASE))
    tree["channels"] = {
        "crm": {"webhook": address, "secret_env": "CRM"},
        "webhook": {"webhook": "https://crm.example.ru", "secret_env": "CRM"},
    }
    tree["business"]["webhook"] = "/webhook?webhook"
    nodes = held_nodes(read(PATH, dumped(tree))[0])
    lines = list(written(masked(nodes)))
    assert "s3cret" not in "".join(lines)
    assert any("# masked" in line for line in lines) is (address != shown)
    told: Any = plain(masked(nodes))
    assert told["channels"]["crm"]["webhook"] == shown
    told["channels"]["crm"] = tree["channels"]["crm"]
    assert told == plain(nodes), "all else stays"


def test_a_deadline_of_settings_far_away_is_no_matter() -> None:
    assert held(put("calendar", "office", {**NIGHT, "holidays": ["2199-01-01"]})).left_out == ()
    assert timedelta(hours=1) == FILE.sla.negative
