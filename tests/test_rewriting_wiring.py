"""`rewriter:` in a whole Отклик: passes, `queue fault`, `otklik draft`, `otklik check`."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.assemble import Application
from monitor.config import load
from monitor.model import TicketState
from monitor.standin.world import World
from responders.types import Draft, Fault, Situation
from tests.conftest import Otklik
from tests.rig import NOON, Rig

Made = Callable[..., Rig]
KINDER = """
import json, re, sys
request = json.load(sys.stdin)
with open("asked.jsonl", "a", encoding="utf-8") as asked:
    asked.write(json.dumps(request) + "\\n")
sys.stdout.buffer.write(re.sub("[Сс]пасибо", "большое спасибо", request["draft"], count=1).encode())
"""
GENEROUS = 'import sys; sys.stdout.buffer.write("Вернём деньги. Команда «Ромашки»".encode())'


def section(folder: Path, program: str, *, more: str = "") -> str:
    """A rewriter of the config that runs this Python program."""
    (folder / "rewrite.py").write_text(program, encoding="utf-8")
    return f"rewriter: {{command: [{json.dumps(sys.executable)}, -I, rewrite.py]{more}}}\n"


def asked(folder: Path) -> list[dict[str, str]]:
    path = folder / "asked.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def cafe_with(tmp_path: Path, secrets: None) -> Iterator[Made]:
    """The demo's café with a rewriter, not yet run."""
    rigs = []

    def make(program: str, *, more: str = "") -> Rig:
        rigs.append(Rig(tmp_path, World.demo(NOON), extra=section(tmp_path, program, more=more)))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.app.close()


def drafts(rig: Rig) -> dict[int, tuple[str, str, list[str]]]:
    """Of every ticket with a draft: text, template, rules of its findings."""
    found = {}
    for view in rig.everything():
        if view.draft is not None:
            rules = [finding.rule for finding in view.draft.warnings]
            found[view.ticket] = (view.draft.text, view.draft.template, rules)
    return found


def test_a_pass_keeps_rewritten_drafts_and_leaves_dangers_alone(cafe_with: Made, tmp_path: Path) -> None:
    rig = cafe_with(KINDER)
    rig.run()
    made = drafts(rig)
    rewritten = [template for _, template, _ in made.values() if template.endswith("+rewritten")]
    assert len(rewritten) >= 10
    assert not any(template.startswith("danger#") and "+" in template for _, template, _ in made.values())
    requests = asked(tmp_path)
    assert len(requests) >= len(rewritten)
    assert all(request["review"] is None for request in requests)


def test_without_the_section_nothing_is_asked_and_every_draft_is_ours(cafe: Rig) -> None:
    assert not any("+rewritten" in template for _, template, _ in drafts(cafe).values())


def test_a_rewriter_that_promises_is_left_alone_after_three_and_that_is_logged_once_a_pass(
    cafe_with: Made, caplog: pytest.LogCaptureFixture
) -> None:
    rig = cafe_with(GENEROUS)
    with caplog.at_level("INFO", logger="otklik"):
        rig.run()
    lines = [record.getMessage() for record in caplog.records if "rewriter.left_alone" in record.getMessage()]
    assert len(lines) == 1
    assert "added_promise" in lines[0]
    made = drafts(rig)
    assert sum("not_rewritten" in rules for _, _, rules in made.values()) == 3
    assert not any("Вернём" in text or "+rewritten" in template for text, template, _ in made.values())


def test_the_next_pass_tries_again(cafe_with: Made) -> None:
    rig = cafe_with(KINDER, more=", pass_budget: 500ms")
    first, second = rig.app.engine(), rig.app.engine()
    assert first._drafts._responder() is first._drafts._responder()
    assert first._drafts._responder() is not second._drafts._responder()


def test_drafts_that_are_paid_for_are_stored_by_fives_and_alarms_go_out_between(
    cafe_with: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = cafe_with(KINDER)
    ours, store = rig.app.responder, rig.app.store
    unstored: list[int] = []
    mails: list[int] = []

    class Slow:
        """The hour of the complaints is over while it writes."""

        def draft(self, situation: Situation) -> Draft:
            if not mails:
                rig.clock.advance(timedelta(hours=2))
            mails.append(len(rig.mails()))
            (row,) = store._db.rows("SELECT count(*) AS n FROM draft")
            unstored.append(len(mails) - row["n"])
            return ours.draft(situation)

    monkeypatch.setattr(Application, "responder", Slow())
    rig.run()
    assert len(mails) > 10
    assert max(unstored) == 5
    assert mails[:5] == [mails[0]] * 5
    assert mails[5] > mails[0]


def test_drafts_follow_when_a_rewriter_is_named_or_taken_away(cafe: Rig) -> None:
    plain = cafe.config_path.read_text(encoding="utf-8")
    before = drafts(cafe)
    cafe.config_path.write_text(plain + section(cafe.folder, KINDER), encoding="utf-8")
    cafe.restart()
    cafe.run(after=timedelta(minutes=1))
    assert any(template.endswith("+rewritten") for _, template, _ in drafts(cafe).values())
    cafe.config_path.write_text(plain, encoding="utf-8")
    cafe.restart()
    cafe.run(after=timedelta(minutes=1))
    after = drafts(cafe)
    assert after.keys() == before.keys()
    assert not any("+rewritten" in template for _, template, _ in after.values())


def test_a_click_on_the_fault_is_rewritten_too_and_keeps_the_measure(cafe_with: Made) -> None:
    rig = cafe_with(KINDER)
    rig.run()
    open_ones = [view for view in rig.queue() if view.stars == 1 and view.state is TicketState.OPEN]
    ticket = next(view.ticket for view in open_ones if not drafts(rig)[view.ticket][1].startswith("danger#"))
    rig.app.actions("anna").fault(ticket, Fault.CONFIRMED, "Заменили поставщика рыбы")
    text, template, _ = drafts(rig)[ticket]
    assert template.startswith("apology#")
    assert "заменили поставщика рыбы" in text.lower()


LINE = {"text": "Вкусно, уютно, придём ещё", "stars": 5, "author": "Анна К.", "source": "yandex_maps"}


def test_otklik_draft_rewrites_where_the_config_says_so(otklik: Otklik, tmp_path: Path) -> None:
    assert otklik("init").code == 0
    stdin = "\n".join(json.dumps(LINE) for _ in range(3))
    plain = [row["template"] for row in otklik("draft", stdin=stdin).objects()]
    assert not any("+" in template for template in plain)
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + section(tmp_path, KINDER), encoding="utf-8")
    rows = otklik("draft", stdin=stdin).objects()
    assert any(row["template"].endswith("+rewritten") for row in rows)
    requests = asked(tmp_path)
    assert len(requests) == len(rows)
    assert all("Анна" not in request["draft"] for request in requests)
    assert all("Анна" in row["text"] for row in rows)


def test_check_names_a_missing_key_and_a_broken_prompt(otklik: Otklik, tmp_path: Path, secrets: None) -> None:
    otklik("init")
    (tmp_path / "own" / "rewriter").mkdir(parents=True)
    (tmp_path / "own" / "rewriter" / "message.txt.j2").write_text("{{ nobody }}", encoding="utf-8")
    config = tmp_path / "config.yaml"
    more = 'templates_dir: own\nrewriter: {base_url: "https://llm.example.ru/v1", model: m, key_env: LLM_KEY}\n'
    config.write_text(config.read_text(encoding="utf-8") + more, encoding="utf-8")
    found = otklik("check", "--offline", "--json").objects()[0]["problems"]
    assert {problem["path"] for problem in found} == {"templates_dir", "rewriter.key_env"}
    assert any("message.txt.j2" in problem["message"] for problem in found)
    assert all(problem["line"] for problem in found)


def test_a_missing_key_stops_no_pass(tmp_path: Path, secrets: None) -> None:
    more = 'rewriter: {base_url: "https://llm.example.ru/v1", model: m, key_env: LLM_KEY_THAT_IS_NOT_SET}\n'
    rig = Rig(tmp_path, World.demo(NOON), extra=more)
    rig.run()
    made = drafts(rig)
    assert made
    assert sum("not_rewritten" in rules for _, _, rules in made.values()) == 3
    rig.app.close()


def test_nobody_is_asked_for_what_a_config_only_names(tmp_path: Path) -> None:
    rig = Rig(tmp_path, World(NOON), extra=section(tmp_path, KINDER))
    Application(load(rig.config_path)).writer()
    assert asked(tmp_path) == []
    rig.app.close()
