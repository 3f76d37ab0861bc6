from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor import config_file
from monitor.config import REGISTERS, Config, Listing, Mail, load, problems
from monitor.errors import ConfigError
from responders.types import Register

ROOT = Path(__file__).resolve().parents[1]

SMALL = """\
business: {name: Кафе «Ромашка»}
database: data/otklik.db
mail: {transport: file, from: otklik@example.ru}
escalation: {support: [support@example.ru], owner: [owner@example.ru]}
places:
  - id: lenina
    title: На Ленина
    listings: [{source: yandex_maps, id: 82071161567}]
"""


def written(folder: Path, text: str, name: str = "config.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def loaded(folder: Path, extra: str = "", text: str = SMALL) -> Config:
    return load(written(folder, text + extra))


def complaint(folder: Path, extra: str = "", text: str = SMALL) -> ConfigError:
    """The only problem of a file."""
    found = problems(written(folder, text + extra))
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


# --- what is read -----------------------------------------------------------------------------


def test_the_example_config_loads_and_holds_a_card_on_each_of_the_five_sites() -> None:
    config = load(ROOT / "config.yaml")
    assert config.business.name == "Кафе «Ромашка»"
    assert config.database == ROOT / "otklik.db"
    assert config.outbox == ROOT / "outbox"
    assert config.sla.enforce_from == timedelta(days=2)
    assert config.retention == timedelta(days=720)
    assert {listing.source for listing in config.places[0].listings} == set(config.sources)
    assert config.places[0].listings[2] == Listing("google_business", "", {"account": "1", "location": "2"})
    assert {source.base_url for source in config.sources.values()} == {"http://127.0.0.1:8765"}
    assert config.sources["twogis"].env == {"key_env": "TWOGIS_KEY"}
    assert config.sources["otzovik"].representative
    office = config.calendars["office"]
    assert office.week[4] == ((time(9), time(13)), (time(14), time(18)))
    assert office.week[5] == office.week[6] == ()
    assert office.holidays == {date(2026, 12, 31), date(2027, 1, 1)}
    assert office.working_days == {date(2027, 2, 20): ((time(9), time(16)),)}
    assert office.short_days == {date(2026, 11, 3): (time(9), time(17))}


def test_the_packaged_config_is_the_example() -> None:
    packaged = ROOT / "templates" / "config.yaml"
    assert packaged.is_symlink()
    assert packaged.resolve() == ROOT / "config.yaml"


def test_what_is_not_written_has_its_default(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    assert config.sla.negative == timedelta(hours=1)
    assert config.sla.other == timedelta(hours=24)
    assert config.sla.enforce_from is None
    assert config.retention is None
    assert config.http.pass_budget == timedelta(minutes=4)
    assert config.places[0].timezone == "Europe/Moscow"
    assert config.escalation.collapse_over == 10
    assert config.sources == {}


def test_the_registers_are_those_that_drafts_know() -> None:
    assert set(REGISTERS) == set(Register)


def test_how_a_business_speaks_is_neutral_and_without_emoji_unless_it_says_so(tmp_path: Path) -> None:
    plain = loaded(tmp_path).business
    assert (plain.register, plain.emoji) == ("neutral", "")
    spoken = loaded(tmp_path, text=SMALL.replace("{name", '{register: warm, emoji: "🌿✨", name')).business
    assert (spoken.register, spoken.emoji) == ("warm", "🌿✨")


def test_the_owner_hears_of_trouble_with_reading_unless_an_admin_is_named(tmp_path: Path) -> None:
    assert loaded(tmp_path).escalation.admin == ("owner@example.ru",)
    named = SMALL.replace("owner: [", "admin: [a@example.ru, b@example.ru], owner: [")
    assert loaded(tmp_path, text=named).escalation.admin == ("a@example.ru", "b@example.ru")


def test_paths_start_at_the_file_not_at_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf" / "mine").mkdir(parents=True)
    written(tmp_path / "conf", SMALL + "templates_dir: mine\n")
    monkeypatch.chdir(tmp_path)
    config = load(Path("conf/config.yaml"))
    assert config.path == tmp_path / "conf" / "config.yaml"
    assert config.database == tmp_path / "conf" / "data" / "otklik.db"
    assert config.templates_dir == tmp_path / "conf" / "mine"


def test_an_unquoted_number_stays_the_text_that_stands_there(tmp_path: Path) -> None:
    text = SMALL.replace("82071161567", "0082071161567")
    assert loaded(tmp_path, text=text).places[0].listings[0].id == "0082071161567"


def test_a_section_with_everything_commented_out_is_an_empty_one(tmp_path: Path) -> None:
    assert loaded(tmp_path, "sla:\nsources:\ncalendars:\nhttp:\n").http.allow_loopback is False


def test_implicit_tls_has_its_own_port(tmp_path: Path) -> None:
    text = SMALL.replace("file, from", "smtp, host: smtp.example.ru, tls: implicit, from")
    assert loaded(tmp_path, text=text).mail.port == 465
    assert loaded(tmp_path).mail.port == Mail("file", "").port


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2d", timedelta(days=2)),
        ("2026-11-20", datetime(2026, 11, 19, 17, tzinfo=UTC)),
        ('"2026-11-20"', datetime(2026, 11, 19, 17, tzinfo=UTC)),
        ("2026-11-20 10:00:00", datetime(2026, 11, 20, 3, tzinfo=UTC)),
        ("2026-11-20T10:00:00+03:00", datetime(2026, 11, 20, 7, tzinfo=UTC)),
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
    ],
)
def test_enforce_from_is_an_age_or_a_moment_where_the_first_place_is(
    tmp_path: Path, value: str, expected: datetime | timedelta
) -> None:
    text = SMALL.replace("title: На", "timezone: Asia/Novosibirsk\n    title: На")
    assert loaded(tmp_path, f"sla: {{enforce_from: {value}}}\n", text=text).sla.enforce_from == expected


def test_the_python_parser_reads_as_libyaml_does(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = load(ROOT / "config.yaml")
    monkeypatch.setattr(config_file, "_LOADER", yaml.SafeLoader)
    assert load(ROOT / "config.yaml") == fast


# --- secrets ----------------------------------------------------------------------------------

SMTP = SMALL.replace(
    "file, from", "smtp, host: smtp.example.ru, user_env: MAIL_USER, password_env: MAIL_PASSWORD, from"
)


def test_a_secret_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "hunter2\n")
    assert loaded(tmp_path, text=SMTP).secret("MAIL_PASSWORD", "mail.password_env") == "hunter2"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_secret_names_the_variable_and_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("MAIL_PASSWORD", raising=False)
    if value is not None:
        monkeypatch.setenv("MAIL_PASSWORD", value)
    with pytest.raises(ConfigError, match="MAIL_PASSWORD") as caught:
        loaded(tmp_path, text=SMTP).secret("MAIL_PASSWORD", "mail.password_env")
    assert (caught.value.line, caught.value.path) == (3, "mail.password_env")


def test_a_secret_nobody_named_asks_for_the_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name of the environment variable"):
        loaded(tmp_path).secret("", "sources.twogis.key_env")


@pytest.mark.parametrize("key", ["password: s3cr3tvalue", "password_env: s3cr3tvalue", "user_env: a@s3cr3tvalue"])
def test_a_secret_in_the_file_is_refused_and_never_repeated(tmp_path: Path, key: str) -> None:
    found = problems(written(tmp_path, SMALL.replace("file, from", f"file, {key}, from")))
    assert found
    assert all("s3cr3tvalue" not in str(problem) for problem in found)
    assert any("environment" in str(problem) or "password_env" in str(problem) for problem in found)


def test_a_password_in_an_address_is_refused_and_never_repeated(tmp_path: Path) -> None:
    found = complaint(tmp_path, "sources: {twogis: {base_url: 'https://me:s3cr3t@example.ru'}}\n")
    assert "s3cr3t" not in str(found)


def test_a_yaml_mistake_does_not_quote_the_file(tmp_path: Path) -> None:
    found = complaint(tmp_path, "x: s3cr3t: y\n")
    assert found.line == 9
    assert "s3cr3t" not in str(found)


# --- what is refused: path, line, and what to write instead ---------------------------------------


@pytest.mark.parametrize(
    ("extra", "path", "line", "says"),
    [
        ("slaa: {}\n", "slaa", 9, "did you mean `sla`"),
        ("sla:\n  negativ: 1h\n", "sla.negativ", 10, "did you mean `negative`"),
        ("sla:\n  negative: 1 hour\n", "sla.negative", 10, "such as 90s"),
        ("sla:\n  negative: 0s\n", "sla.negative", 10, "longer than nothing"),
        ("sla:\n  negative: [1h]\n", "sla.negative", 10, "not a list"),
        ("sla:\n  negative:\n", "sla.negative", 10, "is empty"),
        ("sla: 1h\n", "sla", 9, "must hold keys"),
        ("sla: {enforce_from: 2026-02-30}\n", "sla.enforce_from", 9, "2026-12-31"),
        ("sla: {enforce_from: yesterday}\n", "sla.enforce_from", 9, "an age (2d)"),
        ("sla: {calendar: offise}\ncalendars: {}\n", "sla.calendar", 9, "there is no calendar 'offise'"),
        ("retention: 24 months\n", "retention", 9, "24mo"),
        ("retention: 999999999y\n", "retention", 9, "100 years"),
        ("http: {allow_loopback: maybe}\n", "http.allow_loopback", 9, "true or false"),
        ("http: {contact: 'Иван (админ)'}\n", "http.contact", 9, "User-Agent"),
        ("sources: {twogis: {base_url: ftp://example.ru}}\n", "sources.twogis.base_url", 9, "https://"),
        ("sources: {twogis: {base_url: 'http://127.0.0.1:1'}}\n", "sources.twogis.base_url", 9, "allow_loopback: true"),
        ("sources: {twogis: {robots: ignore}}\n", "sources.twogis.robots", 9, "own-card"),
        ("sources: {twogis: {key: abc}}\n", "sources.twogis.key", 9, "key_env"),
        ("sources: {2gis: {}}\n", "sources.2gis", 9, "small Latin letters"),
        ("sources: {twogis: {every: 0s}}\n", "sources.twogis.every", 9, "longer than nothing"),
        ("templates_dir: nowhere\n", "templates_dir", 9, "no folder"),
        ("business: {name: Второе}\n", "business", 9, "first in line 1"),
        ("sla: {negative: 1h, negative: 2h}\n", "sla.negative", 9, "stands twice"),
        ("sla: !!python/name:os.system {}\n", "sla", 9, "tag"),
        ("sla: {<<: {negative: 1h}}\n", "sla", 9, "not supported"),
        ("? [a]\n: 1\n", "", 9, "one word"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_line_and_advice(
    tmp_path: Path, extra: str, path: str, line: int, says: str
) -> None:
    found = complaint(tmp_path, extra)
    assert (found.path, found.line, found.file) == (path, line, "config.yaml")
    assert says in found.message
    assert found.exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "path", "line", "says"),
    [
        ("name: Кафе «Ромашка»", "", "business.name", 1, "add `name:"),
        ("name: Кафе", "sector: fod, name: Кафе", "business.sector", 1, "did you mean `food`"),
        ("name: Кафе", "register: warmm, name: Кафе", "business.register", 1, "did you mean `warm`"),
        ("name: Кафе", "register: , name: Кафе", "business.register", 1, "is empty"),
        ("name: Кафе", "emoji: улыбка, name: Кафе", "business.emoji", 1, "one or two emoji"),
        ("name: Кафе", 'emoji: "", name: Кафе', "business.emoji", 1, "one or two emoji"),
        ("name: Кафе", "emoji: [🌿], name: Кафе", "business.emoji", 1, "must be one value"),
        ("name: Кафе", "emojis: 🌿, name: Кафе", "business.emojis", 1, "did you mean `emoji`"),
        ("database: data/otklik.db\n", "", "database", None, "add `database:"),
        ("database: data/otklik.db", "database: .", "database", 2, "is a folder"),
        ("transport: file", "transport: carrier-pigeon", "mail.transport", 3, "known: file, smtp"),
        ("transport: file", "transport: smtp", "mail.host", 3, "smtp.example.ru"),
        ("transport: file", "transport: file, user_env: A", "mail.password_env", 3, "is missing"),
        ("transport: file", "transport: file, port: 70000", "mail.port", 3, "from 1 to 65535"),
        ("transport: file", "transport: file, host: 'smtp://x'", "mail.host", 3, "without scheme"),
        ("[support@example.ru]", "[support]", "escalation.support.0", 4, "help@example.ru"),
        ("[support@example.ru]", "[помощь@пример.рф]", "escalation.support.0", 4, "xn--"),
        ("[support@example.ru]", '["a@example.ru\\nBcc: b@example.ru"]', "escalation.support.0", 4, "e-mail"),
        ("[support@example.ru]", "[a@example.ru, a@example.ru]", "escalation.support.1", 4, "twice"),
        ("[support@example.ru]", "[]", "escalation.support", 4, "at least one"),
        ("[support@example.ru]", "{a: b}", "escalation.support", 4, "must be a list"),
        ("owner: [", "admin: [root], owner: [", "escalation.admin.0", 4, "help@example.ru"),
        ("owner: [", "admin: [], owner: [", "escalation.admin", 4, "at least one"),
        ("id: lenina", "id: ул. Ленина", "places.0.id", 6, "Latin letters"),
        ("title: На Ленина", "timezone: Europe", "places.0.title", 6, "add `title"),
        ("yandex_maps, id: 82071161567", "yandex_maps", "places.0.listings.0.id", 8, "account"),
        ("yandex_maps, id", "yandex_maps, idd: 1, id", "places.0.listings.0.idd", 8, "did you mean `id`"),
        ("source: yandex_maps", "source: Яндекс", "places.0.listings.0.source", 8, "yandex_maps"),
        ("82071161567}", "1}, {source: yandex_maps, id: 1}", "places.0.listings.1", 8, "places.0.listings.0"),
        ("82071161567}", "1}, oops", "places.0.listings.1", 8, "must hold keys"),
    ],
)
def test_a_wrong_required_part_is_named_with_line_and_advice(
    tmp_path: Path, old: str, new: str, path: str, line: int | None, says: str
) -> None:
    assert old in SMALL
    found = problems(written(tmp_path, SMALL.replace(old, new)))
    match = [problem for problem in found if problem.path == path]
    assert match, [str(problem) for problem in found]
    assert match[0].line == line
    assert says in match[0].message


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        ("Europe/Moskow", "Europe/Moscow"),
        ("Novosibirsk", "Asia/Novosibirsk"),
        ("Europe/Moskva", "such as Europe/Moscow"),
        ("Europe", "time zone"),
        ("../../etc/passwd", "time zone"),
        ("UTC+3", "time zone"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest_one(tmp_path: Path, zone: str, says: str) -> None:
    found = complaint(tmp_path, text=SMALL.replace("title: На", f"timezone: {zone}\n    title: На"))
    assert (found.path, found.line) == ("places.0.timezone", 7)
    assert says in found.message


def test_two_places_need_two_ids(tmp_path: Path) -> None:
    found = complaint(tmp_path, "  - {id: lenina, title: Другая}\n")
    assert (found.path, found.line) == ("places.1.id", 9)
    assert "places.0" in found.message


def test_the_same_card_under_two_places_is_refused(tmp_path: Path) -> None:
    found = complaint(tmp_path, '  - {id: b, title: Б, listings: [{source: yandex_maps, id: "82071161567"}]}\n')
    assert found.path == "places.1.listings.0"


def test_a_password_never_travels_unencrypted_except_on_this_machine(tmp_path: Path) -> None:
    plain = SMTP.replace("user_env", "tls: none, user_env")
    assert complaint(tmp_path, text=plain).path == "mail.tls"
    assert loaded(tmp_path, text=plain.replace("smtp.example.ru", "127.0.0.1")).mail.tls == "none"


def test_promises_are_bound_to_the_calendars_of_the_same_file(tmp_path: Path) -> None:
    day = "calendars: {day: {timezone: UTC, week: {mon: ['9:00-18:00']}}}\n"
    config = loaded(tmp_path, f"    sla: {{calendar: {{other: day}}}}\nsla: {{calendar: day}}\n{day}")
    assert set(config.sla.calendars.values()) == {"day"}
    assert config.places[0].sla.calendars == {"other": "day"}


def test_all_problems_are_told_in_the_order_of_their_lines_and_load_raises_the_first(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL.replace("name:", "nam:") + "sla: {negative: soon}\nretention: 1\nx: 1\n")
    found = problems(path)
    assert [problem.path for problem in found] == ["business.nam", "business.name", "sla.negative", "retention", "x"]
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value) == str(found[0])
    assert str(found[0]).startswith("config.yaml:1: business.nam: unknown key")


def test_a_misspelt_section_is_told_before_the_section_that_is_missing_for_it(tmp_path: Path) -> None:
    found = problems(written(tmp_path, SMALL.replace("business:", "busines:")))
    assert [problem.path for problem in found] == ["busines", "business"]


def test_a_right_file_has_no_problems(tmp_path: Path) -> None:
    assert problems(written(tmp_path, SMALL)) == []


def test_a_later_room_can_point_at_a_line(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    assert str(config.error("places.0.listings.0.source", "no such source")) == (
        "config.yaml:8: places.0.listings.0.source: no such source"
    )
    assert config.error("sources.yandex_maps.key_env", "missing").line is None


# --- files that are no configuration ------------------------------------------------------------


def test_a_missing_file_leads_to_init(tmp_path: Path) -> None:
    for path in (tmp_path / "config.yaml", tmp_path / "no" / "folder" / "config.yaml"):
        with pytest.raises(ConfigError, match="otklik init"):
            load(path)
        assert len(problems(path)) == 1


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", None, "otklik init"),
        ("# nothing\n", None, "otklik init"),
        ("- a\n", 1, "business"),
        ("hello", 1, "business"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        ("a:\n\tb: 1\n", 2, "not with tabs"),
        ("a: [1\n", 2, "not valid YAML"),
        ("a: *b\n", 1, "aliases"),
        ("a: &x [*x]\n", 1, "aliases"),
        (BOMB, 2, "aliases"),
        ("a: 1\nb: " + "[" * 100_000, 2, "nested too deeply"),
        ("- " * 50_000, 1, "nested too deeply"),
        ("\n".join(" " * depth + "a:" for depth in range(400)), 13, "nested too deeply"),
        ("a: 1\nb: \x1b[31m\n", 2, "U+001B"),
        ("a: \x00\n", 1, "U+0000"),
        ("a: " + "x" * 2_000_000, None, "larger than"),
    ],
)
@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_a_hostile_or_broken_file_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader: str, text: str, line: int | None, says: str
) -> None:
    chosen: Any = getattr(yaml, loader, yaml.SafeLoader)
    monkeypatch.setattr(config_file, "_LOADER", chosen)
    found = complaint(tmp_path, text=text)
    assert says in found.message
    assert found.line == line
    assert len(str(found)) < 400


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"a: 1\n" + "business: Кафе".encode("cp1251"))
    found = problems(path)[0]
    assert (found.line, found.message) == (2, "is not UTF-8: save the file as UTF-8")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load(path).places[0].id == "lenina"


def test_a_folder_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in problems(tmp_path)[0].message


def test_a_key_cannot_forge_a_line_of_output(tmp_path: Path) -> None:
    found = complaint(tmp_path, '"x\\nconfig.yaml:1: all is well \\u202e": 1\n')
    assert str(found).isprintable()


@pytest.mark.parametrize("value", ['"a\\nb"', '"\\u202eabc"', '"\\0"', '"   "'])
def test_a_name_is_one_visible_line(tmp_path: Path, value: str) -> None:
    text = SMALL.replace("title: На Ленина", f"title: {value}")
    assert complaint(tmp_path, text=text).path == "places.0.title"
