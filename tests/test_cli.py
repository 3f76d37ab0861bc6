"""The command line as people and scripts meet it: output, exit codes, errors."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import TicketState
from monitor.runners.once import pass_lock
from sentiment.types import Intent, IntentMention, Person, Theme, ThemeMention, Tone, Verdict
from tests.conftest import Otklik
from tests.rig import Rig

QUEUE_KEYS = {
    "ticket", "state", "sla", "due_at", "place", "source", "stars", "author", "text", "posted_at", "posted_precision",
    "first_seen_at", "tone", "flagged", "uncertain", "conflict", "themes", "risks", "people", "intents", "draft",
    "assignee", "url", "reply_url",
}  # fmt: skip
EXPORT_KEYS = {
    "review", "place", "source", "external_id", "stars", "author", "text", "posted_at", "posted_precision",
    "first_seen_at", "revision", "removed_at", "reply", "tone", "themes", "risks", "url",
}  # fmt: skip


def test_the_demo_runs_the_whole_path_in_a_folder_of_its_own(otklik: Otklik, tmp_path: Path, secrets: None) -> None:
    result = otklik("demo", "--once", "--dir", tmp_path / "here")
    assert result.code == 0, result.err
    assert "осталось 59 мин" in result.out
    assert "Опасность: отравление" in result.out
    assert str(tmp_path / "here" / "outbox") in result.out
    assert list((tmp_path / "here" / "outbox").glob("*.eml"))
    queue = otklik("queue", "list", "--json", "-c", tmp_path / "here" / "config.yaml").objects()
    assert {row["source"] for row in queue} == {"google_business", "yandex_maps", "twogis", "otzovik"}


def test_run_counts_the_cards_that_it_cannot_read_for_want_of_a_key(
    otklik: Otklik, cafe: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert otklik("run", "--json").objects()[0]["listings"]["keyless"] == 0
    monkeypatch.delenv("TWOGIS_KEY")
    monkeypatch.delenv("GOOGLE_CLIENT_SECRET")
    told = otklik("run")
    assert ", ещё 2 карточки без ключа. Отзывов:" in told.out
    assert told.code == 2
    assert otklik("run", "--json").objects()[0]["listings"]["keyless"] == 2


def test_the_demo_refuses_a_config_that_points_at_real_sites(otklik: Otklik, cafe: Rig) -> None:
    text = cafe.config_path.read_text(encoding="utf-8")
    cafe.config_path.write_text(text.replace('base_url: "http://127.0.0.1:8765", ', ""), encoding="utf-8")
    result = otklik("demo", "--once")
    assert result.code == 2
    assert "real site" in result.err


def test_the_shipped_example_is_the_repos_own_config(otklik: Otklik, tmp_path: Path) -> None:
    assert otklik("init").code == 0
    root = Path(__file__).resolve().parents[1]
    assert (tmp_path / "config.yaml").read_bytes() == (root / "config.yaml").read_bytes()
    again = otklik("init")
    assert again.code == 2
    assert "is there already" in again.err


def test_a_ticket_shows_what_its_review_and_its_answer_have_been(otklik: Otklik, cafe: Rig) -> None:
    card = cafe.world.card("google_business")
    identity = cafe.world.add(card, text="Суп холодный.", stars=1, author="Олег").external_id
    cafe.run(after=timedelta(minutes=20))
    cafe.world.edit(card, identity, text="Суп подогрели.", stars=3)
    cafe.world.reply(card, identity, "Рады, что исправились.")
    cafe.run(after=timedelta(minutes=20))
    ticket = cafe.ticket_of(identity).ticket
    text = otklik("queue", "show", ticket).out
    assert text.index("Отзыв до правки") < text.index("Суп холодный.")
    assert "Рады, что исправились." in text
    (told,) = otklik("queue", "show", ticket, "--json").objects()
    assert [(row["stars"], row["text"]) for row in told["revisions"]] == [(1, "Суп холодный."), (3, "Суп подогрели.")]
    assert [row["text"] for row in told["replies"]] == ["Рады, что исправились."]


CALM = Verdict(Tone.POSITIVE, None, False, False, False, (), (), ())
MARINA = Person("мастер", "Марина", "мастеру Марине", "femn", Tone.POSITIVE, "спасибо мастеру Марине")


def judged(rig: Rig, verdict: Verdict) -> int:
    """The number of an open ticket whose review the analysis judges so."""
    view = next(view for view in rig.queue() if view.state is TicketState.OPEN)
    rig.app.store.analysis.save(
        view.review,
        view.revision,
        verdict,
        version="v1",
        policy=rig.app.policies.default,
        owners=(),
        now=rig.clock.now(),
    )
    return view.ticket


def test_a_ticket_shows_who_is_praised_and_blamed_and_what_the_author_wants(otklik: Otklik, cafe: Rig) -> None:
    people = (
        MARINA,
        replace(MARINA, quote="Марина умница"),
        Person("", "Анна Сергеевна", "Анне Сергеевне", "femn", Tone.POSITIVE, "и Анне Сергеевне"),
        Person("администратор", "", "администратору", "", Tone.NEGATIVE, "администратор хамил"),
        Person("охранник", "", "охраннику", "masc", Tone.NEUTRAL, "стоял охранник"),
    )
    intents = (IntentMention(Intent.CONTACT, "перезвоните мне"), IntentMention(Intent.THANKS, "весь текст отзыва"))
    themes = (ThemeMention(Theme.QUALITY, Tone.NEGATIVE, "шов разошёлся", "work"),)
    ticket = judged(cafe, replace(CALM, people=people, intents=intents, themes=themes))
    shown = [line.strip() for line in otklik("queue", "show", ticket).out.splitlines()]
    for line in (
        "О чём: качество работы −",
        "Кого хвалят: мастер Марина, Анна Сергеевна",
        "Кем недовольны: администратор",
        "Кого упоминают: охранник",
        "Зачем пишет: просит связаться — «перезвоните мне»",
        "Зачем пишет: благодарит",
    ):
        assert line in shown
    assert not [line for line in shown if "queue dismiss" in line]
    for command in (["show", ticket], ["list", "--limit", 100]):
        row = next(row for row in otklik("queue", *command, "--json").objects() if row["ticket"] == ticket)
        assert row["themes"] == [
            {"theme": "quality", "tone": "negative", "quote": "шов разошёлся", "of": "work"},
        ]
        assert [(item["role"], item["name"], item["dative"], item["tone"]) for item in row["people"]] == [
            (item.role, item.name, item.dative, item.tone) for item in people
        ]
        assert row["intents"][0] == {"intent": "contact", "quote": "перезвоните мне"}


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        (Intent.WRONG_PLACE, "Похоже, отзыв не о нас — «перепутали адрес»"),
        (Intent.SPAM, "Похоже на рекламу — «перепутали адрес»"),
        (Intent.OFF_TOPIC, "Не по делу"),
    ],
)
def test_a_review_that_needs_no_answer_says_how_to_close_it_and_that_works(
    otklik: Otklik, cafe: Rig, intent: Intent, said: str
) -> None:
    ticket = judged(cafe, replace(CALM, intents=(IntentMention(intent, "перепутали адрес"),)))
    shown = [line.strip() for line in otklik("queue", "show", ticket).out.splitlines()]
    assert said in shown
    (hint,) = [line for line in shown if "queue dismiss" in line]
    command = hint.removeprefix("Если так: otklik ").split()
    assert command == ["queue", "dismiss", str(ticket), "--reason", intent.value]
    assert otklik(*command).code == 0
    closed = otklik("queue", "show", ticket).out
    assert "queue dismiss" not in closed
    assert said in closed


def test_a_hostile_name_stays_on_its_line(otklik: Otklik, cafe: Rig) -> None:
    hostile = replace(MARINA, name="Ма\u202eрина\n" + "а" * 500, role="\x1b[31mмастер")
    ticket = judged(cafe, replace(CALM, people=(hostile,), intents=(IntentMention(Intent.SPAM, "b\x9b2J\n" * 99),)))
    shown = otklik("queue", "show", ticket).out
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown)
    assert "Кого хвалят: мастер Марина " in shown
    assert max(len(line) for line in shown.splitlines() if "Кого" in line or "рекламу" in line) < 160


def test_what_is_exported_says_of_what_the_quality_is_and_names_no_people(otklik: Otklik, cafe: Rig) -> None:
    judged(cafe, replace(CALM, people=(MARINA,), themes=(ThemeMention(Theme.QUALITY, Tone.POSITIVE, "суп", "food"),)))
    rows = otklik("export").objects()
    assert {"theme": "quality", "tone": "positive", "quote": "суп", "of": "food"} in [
        theme for row in rows for theme in row["themes"]
    ]
    assert not [row for row in rows if row.keys() & {"people", "intents"}]


def test_without_a_config_every_command_says_how_to_get_one(otklik: Otklik) -> None:
    for command in (["run"], ["queue", "list"], ["export"], ["health"]):
        result = otklik(*command)
        assert result.code == 2
        assert "otklik init" in result.err
        assert "Traceback" not in result.err


def test_the_queue_has_the_keys_of_the_contract_in_the_order_of_deadlines(otklik: Otklik, cafe: Rig) -> None:
    rows = otklik("queue", "list", "--json").objects()
    assert rows
    for row in rows:
        assert row.keys() >= QUEUE_KEYS
        assert row["draft"].keys() >= {"text", "template", "warnings"}
        assert row["url"].startswith("https://")
    due = [row["due_at"] for row in rows]
    running = [moment for moment in due if moment]
    assert due == sorted(running) + [None] * (len(due) - len(running))


def test_the_queue_can_be_narrowed(otklik: Otklik, cafe: Rig) -> None:
    everything = otklik("queue", "list", "--json").objects()
    negative = otklik("queue", "list", "--json", "--tone", "negative", "--source", "twogis").objects()
    assert 0 < len(negative) < len(everything)
    assert all((row["tone"], row["source"]) == ("negative", "twogis") for row in negative)
    assert all(
        row["source"] == "irecommend"
        for row in otklik("queue", "list", "--json", "--state", "unanswerable").objects()
        if row["text"]
    )
    assert len(otklik("queue", "list", "--json", "--limit", 3).objects()) == 3


def test_config_stands_before_or_after_the_command_or_in_the_environment(
    otklik: Otklik, cafe: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expected = otklik("queue", "list", "--json", "-c", cafe.config_path).out
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert expected
    assert len(otklik("-c", cafe.config_path, "queue", "list", "--json").objects()) == len(expected.splitlines())
    monkeypatch.setenv("OTKLIK_CONFIG", str(cafe.config_path))
    assert len(otklik("queue", "list", "--json").objects()) == len(expected.splitlines())


def first_ticket(otklik: Otklik) -> int:
    return int(otklik("queue", "list", "--json", "--limit", 1).objects()[0]["ticket"])


def test_a_ticket_goes_all_the_way_by_hand_and_every_step_is_in_its_history(otklik: Otklik, cafe: Rig) -> None:
    ticket = first_ticket(otklik)
    assert otklik("queue", "take", ticket).code == 0
    edited = otklik("queue", "edit", ticket, "--json", stdin="Анна, нам очень жаль. Разберёмся.\n").objects()[0]
    assert edited["draft"]["text"] == "Анна, нам очень жаль. Разберёмся."
    assert otklik("queue", "approve", ticket).code == 0
    done = otklik("queue", "submitted", ticket, "--json").objects()[0]
    assert (done["state"], done["assignee"]) == ("submitted", "anna")
    assert ticket not in [row["ticket"] for row in otklik("queue", "list", "--json").objects()]
    events = [(event["kind"], event["actor"]) for event in done["events"]]
    assert events[-4:] == [("taken", "anna"), ("edited", "anna"), ("approved", "anna"), ("submitted", "anna")]
    reopened = otklik("queue", "reopen", ticket, "--json").objects()[0]
    assert reopened["state"] == "open"


def test_a_ticket_taken_by_another_is_refused_with_the_name(otklik: Otklik, cafe: Rig) -> None:
    ticket = first_ticket(otklik)
    otklik("queue", "take", ticket, "--as", "boris")
    for command in ("take", "approve", "submitted", "release"):
        result = otklik("queue", command, ticket)
        assert result.code == 1
        assert "boris" in result.err
    assert otklik("queue", "release", ticket, "--force").code == 0
    assert otklik("queue", "take", ticket).code == 0


def test_what_makes_no_sense_in_a_state_is_refused_and_named(otklik: Otklik, cafe: Rig) -> None:
    ticket = first_ticket(otklik)
    assert otklik("queue", "dismiss", ticket, "--reason", "spam").code == 0
    result = otklik("queue", "submitted", ticket)
    assert result.code == 1
    assert "закрыт без ответа" in result.err
    missing = otklik("queue", "show", 9999)
    assert missing.code == 1
    assert "9999" in missing.err
    assert otklik("queue", "dismiss", ticket, "--reason", "bad mood").code == 2


def test_a_reply_that_google_would_refuse_is_not_approved_unasked(otklik: Otklik, cafe: Rig) -> None:
    rows = otklik("queue", "list", "--json", "--source", "google_business").objects()
    ticket = rows[0]["ticket"]
    otklik("queue", "edit", ticket, stdin="Нам очень жаль. " + "Ж" * 3000)
    result = otklik("queue", "approve", ticket)
    assert result.code == 1
    assert "4096" in result.err
    assert otklik("queue", "approve", ticket, "--force").code == 0


def test_show_tells_the_review_the_draft_and_the_history_in_words(otklik: Otklik, cafe: Rig) -> None:
    ticket = first_ticket(otklik)
    text = otklik("queue", "show", ticket).out
    assert "Черновик ответа" in text
    assert "встал в очередь" in text
    assert "https://" in text


def test_classify_reads_plain_lines_and_objects_and_answers_line_by_line(otklik: Otklik) -> None:
    lines = ["Ужасно, отравились роллами", '{"text": "Очень вкусно, спасибо!", "stars": 5}', "", "{{ 7*7 }}"]
    rows = otklik("classify", "--json", stdin="\n".join(lines) + "\n").objects()
    assert len(rows) == 4
    for row in rows:
        assert row.keys() >= {
            "tone", "probabilities", "flagged", "uncertain", "conflict", "themes", "risks", "evidence", "people",
            "intents",
        }  # fmt: skip
    assert rows[0]["flagged"]
    assert rows[0]["risks"][0]["risk"] == "poisoning"
    assert rows[1]["tone"] == "positive"
    assert not rows[1]["flagged"]


@pytest.mark.parametrize(
    "line", ['{"stars": 5}', '{"text": "a", "stars": 7}', '{"text": 5}', '{"text": "a", "stars": "five"}']
)
def test_classify_refuses_a_wrong_object_with_its_line(otklik: Otklik, line: str) -> None:
    result = otklik("classify", "--json", stdin=f"Хорошо\n{line}\n")
    assert result.code == 2
    assert "stdin:2" in result.err
    assert len(result.objects()) == 1


def test_draft_answers_and_never_says_the_same_twice_on_a_card(otklik: Otklik, cafe: Rig) -> None:
    line = json.dumps({"text": "Всё понравилось!", "stars": 5, "author": "Анна К.", "source": "yandex_maps"})
    rows = otklik("draft", stdin=f"{line}\n" * 20).objects()
    assert all(row.keys() >= {"text", "template", "warnings", "chars", "bytes"} for row in rows)
    assert len({row["text"] for row in rows}) == 20
    assert all(row["bytes"] == len(row["text"].encode()) for row in rows)
    assert any("Анна" in row["text"] for row in rows)


def test_draft_refuses_an_unknown_source_with_its_line(otklik: Otklik, cafe: Rig) -> None:
    result = otklik("draft", stdin='{"text": "а", "stars": 5, "author": "", "source": "myspace"}\n')
    assert result.code == 2
    assert "stdin:1" in result.err
    assert "yandex_maps" in result.err


def test_lint_names_the_rule(otklik: Otklik, cafe: Rig) -> None:
    line = {"reply": "Звоните +7 999 123-45-67!", "text": "Ужас", "stars": 1, "source": "google_business"}
    row = otklik("lint", stdin=json.dumps(line)).objects()[0]
    assert "contacts_forbidden" in {finding["rule"] for finding in row["findings"]}


def test_lint_lets_an_established_fault_be_admitted(otklik: Otklik, cafe: Rig) -> None:
    line = {"reply": "Извините, это наша ошибка.", "text": "Ужас, суп холодный", "stars": 1, "source": "twogis"}
    rows = otklik("lint", stdin=f"{json.dumps(line)}\n{json.dumps(line | {'fault': 'confirmed'})}\n").objects()
    assert ["admits_fault" in {finding["rule"] for finding in row["findings"]} for row in rows] == [True, False]


@pytest.mark.parametrize("command", ["draft", "lint"])
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"fault": "perhaps"}, "unconfirmed, confirmed, denied"),
        ({"fault": True}, "fault"),
        ({"fault": None}, "fault"),
        ({"fault": "denied", "measure": "Сменили повара."}, "measure"),
        ({"measure": "Сменили повара."}, "measure"),
        ({"fault": "confirmed", "measure": 5}, "measure"),
        ({"fault": "confirmed", "measure": "Ё" * 301}, "300"),
        ({"fault": "confirmed", "measure": "Сменили\nповара"}, "one line"),
        ({"fault": "confirmed", "measure": "Сменили\u202eповара"}, "visible"),
        ({"earlier": -1}, "earlier"),
        ({"earlier": 1.5}, "earlier"),
        ({"earlier": True}, "earlier"),
        ({"earlier": "2"}, "earlier"),
        ({"earlier": 10**30}, "earlier"),
    ],
)
def test_what_cannot_be_known_of_a_case_is_refused_with_its_line(
    otklik: Otklik, command: str, changes: dict[str, object], says: str
) -> None:
    otklik("init")
    line = {"reply": "Нам жаль.", "text": "Суп холодный", "stars": 1, "author": "", "source": "twogis"}
    result = otklik(command, stdin=f"\n{json.dumps(line | changes)}\n")
    assert result.code == 2
    assert "stdin:2" in result.err
    assert says in result.err


def test_draft_follows_fault_and_measure_and_says_why(otklik: Otklik) -> None:
    otklik("init")
    line = {"text": "Суп принесли холодным.", "stars": 1, "author": "Олег Ветров", "source": "twogis"}
    measure = "Заменили плиту"
    cases: tuple[dict[str, object], ...] = (
        {},
        {"fault": "unconfirmed", "measure": "", "earlier": 0},
        {"fault": "confirmed", "measure": measure, "earlier": 3},
        {"fault": "denied"},
    )
    rows = otklik("draft", stdin="".join(f"{json.dumps(line | case)}\n" for case in cases)).objects()
    frames = [row["template"].partition("#")[0] for row in rows]
    assert frames[:3] == ["regret", "regret", "apology"]
    assert frames[3] not in frames[:3]
    assert [measure.casefold() in row["text"].casefold() for row in rows] == [False, False, True, False]
    assert all(row["reason"] for row in rows)
    assert all(0 <= row["similarity"] <= 1 for row in rows)


def test_a_reply_that_repeats_another_on_the_card_is_told(otklik: Otklik, cafe: Rig) -> None:
    rows = otklik("queue", "list", "--json").objects()
    cards = [(row["source"], row["place"]) for row in rows]
    one, other = next(
        (rows[at]["ticket"], rows[cards.index(card)]["ticket"])
        for at, card in enumerate(cards)
        if cards.index(card) < at
    )
    reply = "Здравствуйте. Нам жаль, что ужин вышел таким. Разберёмся и расскажем, что поменяли на кухне."
    assert "same_as_recent" not in otklik("queue", "edit", one, stdin=reply).err
    assert "same_as_recent" in otklik("queue", "edit", other, stdin=reply).err


def test_sla_due_tells_the_deadline_and_every_alarm(otklik: Otklik) -> None:
    row = otklik("sla", "due", "--seen-at", "2026-11-21T12:00:00+03:00", "--tone", "negative", "--json").objects()[0]
    assert row["due_at"] == "2026-11-21T10:00:00.000000Z"
    assert [level["level"] for level in row["levels"]] == ["50%", "80%", "breach", "+1x", "+2x"]
    other = otklik("sla", "due", "--seen-at", "2026-11-21T12:00:00Z", "--tone", "positive", "--json").objects()[0]
    assert [level["level"] for level in other["levels"]] == ["80%", "breach", "+1x", "+2x"]


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-21T12:00:00", ""])
def test_sla_due_refuses_a_moment_without_a_zone(otklik: Otklik, moment: str) -> None:
    result = otklik("sla", "due", "--seen-at", moment, "--tone", "negative")
    assert result.code == 2
    assert "2026-11-21T19:00:00+03:00" in result.err


def test_sla_explain_tells_why(otklik: Otklik, cafe: Rig) -> None:
    ticket = first_ticket(otklik)
    row = otklik("sla", "explain", ticket, "--json").objects()[0]
    assert [event["kind"] for event in row["events"]][:2] == ["opened", "classified"]
    assert "впервые увиден" in otklik("sla", "explain", ticket).out


def test_export_holds_every_review_with_the_keys_of_the_contract(otklik: Otklik, cafe: Rig) -> None:
    rows = otklik("export").objects()
    assert len(rows) == len(list(cafe.app.store.reviews()))
    assert all(row.keys() >= EXPORT_KEYS for row in rows)
    assert any(row["reply"] for row in rows)


def test_csv_is_safe_for_spreadsheets(otklik: Otklik, cafe: Rig) -> None:
    cafe.world.add(
        cafe.world.card("google_business"), text='=HYPERLINK("http://evil.example")', stars=5, author="@SUM(A1)"
    )
    cafe.run(after=cafe.app.intervals["google_business"] * 2)
    out = otklik("export", "--csv").out
    assert out.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == len(list(cafe.app.store.reviews()))
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "-", "@"))]
    assert any("HYPERLINK" in row["text"] for row in rows)
    tickets = {str(view.review): str(view.ticket) for view in cafe.everything()}
    assert [row["ticket"] for row in rows] == [tickets.get(row["review"], "") for row in rows]


def test_forget_erases_a_person_everywhere_and_for_good(otklik: Otklik, cafe: Rig) -> None:
    rows = otklik("export").objects()
    row = next(row for row in rows if any(risk["risk"] == "poisoning" for risk in row["risks"]))
    mails = len(cafe.mails())
    result = otklik("forget", "--author", row["author"], "--json", "--yes").objects()[0]
    assert result["reviews"] == 1
    assert result["mails"] == 1
    assert len(cafe.mails()) == mails - 1
    cafe.app.store.close()
    raw = b"".join(path.read_bytes() for path in sorted(cafe.folder.glob("otklik.db*")))
    raw += b"".join(path.read_bytes() for path in cafe.mails())
    for trace in (row["text"][:40], row["author"], row["risks"][0]["quote"]):
        assert trace.encode() not in raw
    cafe.restart()
    cafe.run(after=cafe.app.intervals["yandex_maps"] * 2)
    assert row["author"] not in {other["author"] for other in otklik("export").objects()}
    assert otklik("health").code in (0, 1, 2)


def test_forgetting_does_not_mind_case_and_spaces_and_says_when_nobody_has_that_name(otklik: Otklik, cafe: Rig) -> None:
    cafe.world.add(cafe.world.card("google_business"), text="Спасибо!", stars=5, author="Ася Ёлкина")
    cafe.run(after=timedelta(minutes=20))
    nobody = otklik("forget", "--author", "Ася Ёлкин", "--json")
    assert (nobody.code, nobody.out) == (1, "")
    assert "ничего не стёрто" in nobody.err
    assert otklik("forget", "--author", " ася  ЁЛКИНА", "--json", "--yes").objects()[0]["reviews"] == 1


def test_forget_wants_exactly_one_thing(otklik: Otklik, cafe: Rig) -> None:
    assert otklik("forget").code == 2
    assert otklik("forget", 1, "--author", "x").code == 2
    assert otklik("forget", 1, "--review", 1).code == 2
    assert otklik("forget", 999999, "--yes").code == 1
    assert otklik("forget", "--review", 999999, "--yes").code == 1


def test_health_is_broken_before_the_first_pass_and_fine_after_it(
    otklik: Otklik, tmp_path: Path, secrets: None
) -> None:
    otklik("init")
    before = otklik("health", "--json")
    assert before.code == 2
    assert before.objects()[0]["status"] == "broken"
    otklik("demo", "--once")
    after = otklik("health", "--json")
    assert (after.code, after.objects()[0]["status"]) == (0, "ok")
    assert {"name", "status", "message"} <= after.objects()[0]["checks"][0].keys()


def test_health_names_the_card_that_cannot_be_read(otklik: Otklik, cafe: Rig) -> None:
    result = otklik("health", "--json")  # the café's only pass was long before today
    assert result.code == 2
    assert "cron" in result.objects()[0]["checks"][0]["message"]


def test_check_finds_missing_secrets_all_at_once_with_their_lines(otklik: Otklik, tmp_path: Path) -> None:
    otklik("init")
    result = otklik("check", "--json", "--offline")
    assert result.code == 2
    report = result.objects()[0]
    assert report["ok"] is False
    assert {problem["path"] for problem in report["problems"]} >= {
        "sources.twogis.key_env",
        "sources.google_business.client_id_env",
    }
    assert all(problem["line"] for problem in report["problems"])


def test_check_names_mistakes_of_the_file_and_of_its_sources_together(otklik: Otklik) -> None:
    otklik("init")
    text = Path("config.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("sector:", "sektor:"),
        ("negative: 1h", "negative: 1 час"),
        ("source: otzovik", "source: otzovic"),
    ):
        text = text.replace(old, new)
    Path("config.yaml").write_text(text, encoding="utf-8")
    problems = otklik("check", "--json").objects()[0]["problems"]
    assert [problem["path"] for problem in problems] == [
        "business.sektor",
        "sla.negative",
        "places.0.listings.3.source",
    ]


def test_check_is_content_with_the_example_and_names_what_does_not_answer(otklik: Otklik, secrets: None) -> None:
    otklik("init")
    assert otklik("check", "--offline").code == 0
    text = Path("config.yaml").read_text(encoding="utf-8").replace("8765", "9")  # nobody listens at port 9
    Path("config.yaml").write_text(text, encoding="utf-8")
    result = otklik("check", "--json")
    assert result.code == 1
    assert len(result.objects()[0]["problems"]) == 5


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("negative: 1h", "negative: soon", "sla.negative"),
        ("timezone: Europe/Moscow", "timezone: Europe/Kasan", "timezone"),
        ("retention: 24mo", "retenshun: 24mo", "retenshun"),
        ("source: irecommend", "source: ireccomend", "places.0.listings.4"),
        ("key_env: TWOGIS_KEY", "token_env: TWOGIS_KEY", "sources.twogis"),
    ],
)
def test_a_config_error_names_file_line_and_key(otklik: Otklik, old: str, new: str, told: str) -> None:
    otklik("init")
    text = Path("config.yaml").read_text(encoding="utf-8")
    assert old in text
    Path("config.yaml").write_text(text.replace(old, new), encoding="utf-8")
    for command in (["run"], ["check"]):
        result = otklik(*command)
        assert result.code == 2
        message = result.err + result.out
        line = next(number for number, row in enumerate(text.replace(old, new).splitlines(), 1) if new in row)
        assert "config.yaml:" in message
        assert told in message
        assert abs(int(message.split("config.yaml:")[1].split(":")[0]) - line) <= 1
        assert "Traceback" not in message


def test_a_second_pass_at_the_same_time_exits_75_and_touches_nothing(otklik: Otklik, cafe: Rig) -> None:
    before = cafe.digest()
    with pass_lock(cafe.app.config.database):
        result = otklik("run")
    assert result.code == 75
    assert result.out == ""
    assert cafe.digest() == before


def test_run_exits_1_and_names_what_failed_and_when_it_is_retried(otklik: Otklik, cafe: Rig) -> None:
    text = cafe.config_path.read_text(encoding="utf-8").replace("8765", "9")
    cafe.config_path.write_text(text, encoding="utf-8")
    result = otklik("run", "--json")
    assert result.code == 1
    report = result.objects()[0]
    assert report.keys() == {"pass", "listings", "reviews", "tickets", "notifications", "failures"}
    assert report["listings"] == {"due": 5, "ok": 0, "failed": 5, "left": 0, "keyless": 0}
    assert all(failure.keys() == {"listing", "error", "message", "retry_at"} for failure in report["failures"])


def test_run_without_a_secret_does_the_rest_and_exits_2_with_the_line(
    otklik: Otklik, cafe: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWOGIS_KEY")
    result = otklik("run", "--json")
    assert result.code == 2
    assert "config.yaml:" in result.err
    assert "TWOGIS_KEY" in result.err
    assert result.objects()[0]["listings"]["due"] == 4


def test_a_database_from_a_newer_version_is_refused(otklik: Otklik, cafe: Rig) -> None:
    with cafe.app.store.write():
        cafe.app.store._db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('otklik', 'from_2030', '')"
        )
    cafe.app.store.close()
    result = otklik("queue", "list")
    assert result.code == 1
    assert "newer version" in result.err
    assert "from_2030" in result.err


def test_a_file_that_is_no_database_is_refused_and_left_alone(otklik: Otklik, tmp_path: Path) -> None:
    otklik("init")
    (tmp_path / "otklik.db").write_bytes(b"my holiday diary " * 100)
    result = otklik("queue", "list")
    assert result.code == 1
    assert "otklik.db" in result.err
    assert (tmp_path / "otklik.db").read_bytes() == b"my holiday diary " * 100


def test_backup_is_a_database_with_the_same_content(otklik: Otklik, cafe: Rig, tmp_path: Path) -> None:
    assert otklik("db", "backup", tmp_path / "copy.db").code == 0
    digest = otklik("db", "check", "--json").objects()[0]
    assert digest["ok"]
    text = cafe.config_path.read_text(encoding="utf-8").replace("otklik.db", "copy.db")
    (tmp_path / "copy.yaml").write_text(text, encoding="utf-8")
    assert otklik("db", "check", "--json", "-c", "copy.yaml").objects()[0] == digest


def test_every_command_has_help_with_an_example(otklik: Otklik) -> None:
    from monitor.cli.main import Lazy

    overview = otklik("--help").out
    for name in Lazy.commands_at:
        assert name in overview
        result = otklik(name, "--help")
        assert result.code == 0
        assert "Example:" in result.out, name


def test_a_mistyped_command_or_option_is_no_stack_trace(otklik: Otklik) -> None:
    for arguments in (["runn"], ["run", "--jsn"], ["queue", "take", "twelve"]):
        result = otklik(*arguments)
        assert result.code == 2
        assert "Traceback" not in result.err
