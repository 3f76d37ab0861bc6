"""`otklik queue post/retract/copy` as people meet them, against the stand-in over real sockets."""

import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
import pytest

from monitor.clock import SystemClock
from monitor.standin.reviews import GOOGLE, SiteCard
from monitor.standin.server import StandIn
from monitor.standin.world import Trouble, World
from tests.conftest import Otklik, Result
from tests.rig import HEAD, Rig, places_yaml, sources_yaml

CABINETS = {
    "yandex_maps": "https://yandex.ru/sprav/82071161567/p/edit/reviews/",
    "twogis": "https://account.2gis.com/",
    "google_business": "https://business.google.com/reviews",
}


@dataclass
class Street:
    """A stand-in that listens, and a database that has read it once: one Google review waits, ticket 1."""

    sites: StandIn
    otklik: Otklik
    card: SiteCard
    review: str
    folder: Path

    @property
    def world(self) -> World:
        return self.sites.world

    def reply(self) -> str | None:
        reply = self.world.review(self.card, self.review).reply
        return reply.text if reply else None

    def queue(self, *arguments: object) -> Result:
        return self.otklik("queue", *arguments)

    def ticket(self) -> dict[str, object]:
        (told,) = self.queue("show", 1, "--json").objects()
        return told

    def draft(self) -> str:
        draft = self.ticket()["draft"]
        assert isinstance(draft, dict)
        return str(draft["text"])

    def kinds(self) -> list[str]:
        events = self.ticket()["events"]
        assert isinstance(events, list)
        return [event["kind"] for event in events]

    def read(self) -> None:
        """A pass, as if a minute had gone by."""
        with closing(sqlite3.connect(self.folder / "otklik.db")) as connection:
            connection.execute("UPDATE listing SET next_check_at = '2000-01-01T00:00:00.000000Z'")
            connection.execute("DELETE FROM host")
            connection.commit()
        assert self.otklik("run").code == 0

    def edits(self) -> list[str]:
        return [entry["method"] for entry in self.sites.log if entry["path"].endswith("/reply")]


@pytest.fixture
def street(otklik: Otklik, tmp_path: Path, secrets: None) -> Iterator[Street]:
    now = SystemClock().now()
    world = World(now)
    world.moderation = timedelta()
    card = world.card(GOOGLE)
    review = world.add(
        card, text="Суп холодный, ждали час.", stars=1, author="Олег", posted_at=now - timedelta(hours=1)
    )
    with StandIn(world) as sites:
        config = HEAD.replace("contact: admin@example.ru", "contact: admin@example.ru, timeout: 1s")
        written = config + sources_yaml(sites.base_url) + places_yaml(world)
        (tmp_path / "config.yaml").write_text(written, encoding="utf-8")
        assert otklik("run").code == 0
        yield Street(sites, otklik, card, review.external_id, tmp_path)


# --- post -------------------------------------------------------------------------------------------


def test_a_draft_is_posted_and_the_next_pass_confirms_it(street: Street) -> None:
    draft = street.draft()
    street.world.moderation = timedelta(hours=1)
    posted = street.queue("post", 1, "--yes")
    assert (posted.code, posted.err) == (0, "")
    assert "Отзыв № 1: ответ отправлен" in posted.out
    assert "ответ принят и ждёт проверки" in posted.out
    assert street.reply() == draft
    street.read()
    assert street.ticket()["state"] == "submitted"
    street.world.moderation = timedelta()
    street.read()
    assert street.ticket()["state"] == "answered"
    assert "confirmed" in street.kinds()
    shown = street.queue("show", 1).out
    assert all(words in shown for words in ("отправка ответа на площадку", "площадка приняла ответ", "(anna)"))


def test_a_token_that_ran_out_is_no_trouble(street: Street) -> None:
    street.world.afflict(GOOGLE, Trouble.UNAUTHORISED)
    assert street.queue("post", 1, "--yes").code == 0
    assert street.edits() == ["PUT", "PUT"]


def test_other_words_replace_it_and_the_reply_can_be_taken_back(street: Street) -> None:
    street.queue("post", 1, "--yes")
    street.otklik("queue", "edit", 1, "--text", "Олег, простите нас. Позвоните, пожалуйста.")
    (told,) = street.queue("post", 1, "--yes", "--json").objects()
    assert (told["state"], street.reply()) == ("submitted", "Олег, простите нас. Позвоните, пожалуйста.")
    taken_back = street.queue("retract", 1, "--yes")
    assert "Отзыв № 1: ждёт ответа" in taken_back.out
    assert (street.reply(), street.edits()) == (None, ["PUT", "PUT", "DELETE"])


def test_without_a_terminal_and_yes_the_words_are_shown_and_nothing_is_sent(street: Street) -> None:
    for command in ("post", "retract"):
        refused = street.queue(command, 1)
        assert (refused.code, refused.out) == (2, "")
        assert "--yes" in refused.err
        assert "Отзыв № 1, Google Карты, Олег" in refused.err
    assert street.draft() in street.queue("post", 1).err
    assert street.edits() == []


@pytest.mark.parametrize(("answer", "code", "sent"), [(b"y\n", 0, ["PUT"]), (b"n\n", 1, [])])
def test_at_a_terminal_a_person_is_asked(street: Street, answer: bytes, code: int, sent: list[str]) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "wb", buffering=0) as keyboard:
        keyboard.write(answer)
        root = str(Path(__file__).resolve().parents[1])
        asked = subprocess.run(
            [sys.executable, "-c", "from monitor.cli.main import main; main()", "queue", "post", "1"],
            stdin=theirs,
            capture_output=True,
            cwd=street.folder,
            env=os.environ | {"PYTHONPATH": root},
            text=True,
            check=False,
            timeout=60,
        )
        os.close(theirs)
    assert (asked.returncode, street.edits()) == (code, sent)
    assert "Отправить этот ответ? [y/N]" in asked.stderr
    assert ("Ничего не отправлено" in asked.stderr) == (code == 1)
    assert ("ответ принят" in asked.stdout) == (code == 0)


def test_a_quota_that_is_used_up_is_told_and_the_ticket_waits(street: Street) -> None:
    street.world.edits_a_minute = 0
    refused = street.queue("post", 1, "--yes")
    assert refused.code == 1
    assert "квота Google" in refused.err
    assert refused.err.count("\n") == 1
    assert (street.ticket()["state"], street.kinds()[-1]) == ("open", "publish_failed")
    assert "запрос к площадке не удался" in street.queue("show", 1).out


def test_an_answer_that_comes_too_late_is_found_by_the_next_pass(street: Street) -> None:
    street.world.slow = timedelta(seconds=20)
    street.world.afflict(GOOGLE, Trouble.SLOW)
    lost = street.queue("post", 1, "--yes")
    assert lost.code == 1
    assert "двух ответов не будет" in lost.err
    assert (street.ticket()["state"], street.reply()) == ("open", street.draft())
    street.world.afflict(GOOGLE, None)
    street.read()
    assert street.ticket()["state"] == "answered"
    assert "answered_elsewhere" not in street.kinds()


def test_what_is_sent_stands_in_no_log(street: Street) -> None:
    result = street.otklik("-v", "queue", "post", 1, "--yes")
    assert street.draft()[:20] not in result.err
    assert "Bearer" not in result.out + result.err


def test_a_site_without_an_api_names_its_page(otklik: Otklik, cafe: Rig) -> None:
    ticket = next(view.ticket for view in cafe.queue() if view.source == "yandex_maps")
    refused = otklik("queue", "post", ticket, "--yes")
    assert refused.code == 1
    assert CABINETS["yandex_maps"] in refused.err


# --- copy -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", sorted(CABINETS))
def test_a_copy_is_the_draft_alone_and_the_way_on_goes_to_stderr(otklik: Otklik, cafe: Rig, source: str) -> None:
    view = next(view for view in cafe.queue() if view.source == source and view.draft)
    assert view.draft is not None
    result = otklik("queue", "copy", view.ticket)
    assert (result.code, result.out) == (0, f"{view.draft.text}\n")
    assert f"Вставьте ответ здесь: {CABINETS[source]}" in result.err
    assert f"otklik queue submitted {view.ticket}" in result.err
    assert ("queue post" in result.err) == (source == "google_business")


def test_a_copy_opens_the_page_in_a_browser(otklik: Otklik, cafe: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def launch(url: str) -> int:
        opened.append(url)
        return len(opened) - 1  # works once

    monkeypatch.setattr(click, "launch", launch)
    ticket = next(view.ticket for view in cafe.queue() if view.source == "twogis")
    assert "не вышло" not in otklik("queue", "copy", ticket, "--open").err
    assert "откройте её сами" in otklik("queue", "copy", ticket, "--open").err
    assert opened == [CABINETS["twogis"]] * 2


def test_what_a_file_calls_an_address_is_not_opened(otklik: Otklik, cafe: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)
    view = next(view for view in cafe.queue() if view.source == "otzovik")
    with closing(sqlite3.connect(cafe.app.config.database)) as connection:
        connection.execute(
            "UPDATE review SET external_id = 'file:x', url = 'file:///etc/passwd' WHERE id = ?", [view.review]
        )
        connection.commit()
    assert otklik("queue", "copy", view.ticket, "--open").code == 0
    assert opened == []


def test_a_copy_warns_of_what_changed_and_of_who_has_it(otklik: Otklik, cafe: Rig) -> None:
    card = cafe.world.card("yandex_maps")
    view = next(view for view in cafe.queue() if view.source == "yandex_maps" and view.text)
    cafe.app.actions("boris").take(view.ticket)
    cafe.app.actions("boris").edit(view.ticket, "Спасибо, что написали нам. Разберёмся.")
    cafe.world.edit(card, view.external_id, text=f"{view.text} И ещё вот что.")
    cafe.run(after=timedelta(minutes=40))
    warned = otklik("queue", "copy", view.ticket).err
    assert "отзыв изменился" in warned
    assert "занимается boris" in warned


def test_where_nobody_can_answer_a_copy_says_so(otklik: Otklik, cafe: Rig) -> None:
    drafted = [view for view in cafe.everything() if view.source == "irecommend" and view.draft]
    told = otklik("queue", "copy", drafted[0].ticket)
    assert told.code == 0
    assert "не даёт ответить" in told.err
    assert "submitted" not in told.err


def test_no_draft_is_no_copy(otklik: Otklik, cafe: Rig) -> None:
    bare = next((view for view in cafe.everything() if view.draft is None), None)
    assert bare is not None
    refused = otklik("queue", "copy", bare.ticket)
    assert (refused.code, refused.out) == (1, "")
    assert f"queue edit {bare.ticket}" in refused.err
