"""A person says that a danger is none, or finds one: the verdict follows, now and after every analysis, the queue and
the draft too, and the owners hear of what was found at once."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import history
from monitor.actions import Actions, DraftFate
from monitor.corrections import corrected, with_dangers
from monitor.errors import UsageError
from monitor.jobs.draft import UNJUDGED
from monitor.model import Target
from monitor.store.rows import by_hand_from, verdict_from
from monitor.store.tickets import Filters
from sentiment.types import Risk, RiskMention, Tone, Verdict
from tests.actions_rig import Office, office_at
from tests.conftest import Otklik
from tests.rig import Rig
from tests.test_retag import BLAME, NOON, PRAISE, Bench, label, review

POISONING, INJURY = Risk.POISONING, Risk.INJURY
SICK = RiskMention(POISONING, "чуть не отравился", "poisoning.verb")
DANGEROUS = replace(BLAME, risks=(SICK,))
OWNER = "olga@example.ru"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_at(tmp_path) as office:
        office.analyse(DANGEROUS, "v2")
        yield office


def anna(office: Office) -> Actions:
    return office.person(owners=lambda _place, _now: (OWNER,))


def dangers(office: Office) -> list[tuple[Risk, str]]:
    found = verdict_from(office.view())
    assert found is not None
    return [(item.risk, item.quote) for item in found.risks]


def dangerous(office: Office) -> list[int]:
    return [row["id"] for row in office.store.tickets.queue(Filters(dangerous=True))]


def told(office: Office) -> list[tuple[str, str]]:
    """(level, recipient) of what the owners hear of ticket 1."""
    rows = office.store._db.rows(
        """SELECT n.level, n.recipient FROM notification n JOIN notification_ticket x ON x.notification_id = n.id
        WHERE n.kind = 'danger' AND x.ticket_id = 1 ORDER BY n.id"""
    )
    return [(row["level"], row["recipient"]) for row in rows]


# --- the verdict --------------------------------------------------------------------------------

saids = st.dictionaries(st.sampled_from([POISONING, INJURY]), st.booleans(), max_size=2)


@given(base=st.sampled_from([DANGEROUS, PRAISE, UNJUDGED]), said=saids, tone=st.sampled_from([None, *Tone]))
def test_every_danger_is_as_the_person_says_and_what_they_find_is_urgent(
    base: Verdict, said: Mapping[Risk, bool], tone: Tone | None
) -> None:
    before = base if tone is None else corrected(base, label(tone), 5)
    after = with_dangers(before, said)
    named = {item.risk for item in after.risks}
    assert all((risk in named) is holds for risk, holds in said.items())
    assert [item for item in after.risks if item.risk not in said] == [
        item for item in base.risks if item.risk not in said
    ]
    assert with_dangers(after, said) == after
    found = named - {item.risk for item in base.risks}
    assert after.urgent is (before.urgent or bool(found))


def test_a_danger_that_is_none_leaves_the_ticket_at_once_and_moves_no_deadline(office: Office) -> None:
    assert dangerous(office) == [1, 2]
    before, mails = office.ticket(), told(office)
    assert anna(office).retag(1, dangers={"poisoning": False}, note="это шутка") is DraftFate.REWRITTEN
    assert dangers(office) == []
    assert dangerous(office) == [2]
    assert office.ticket() == before
    assert office.view()["draft_text"] == "Спасибо!"
    assert told(office) == mails
    assert office.events("endangered") == [("anna", "endangered", "", "no_poisoning", "это шутка")]


def test_no_later_analysis_of_the_same_words_brings_it_back(office: Office) -> None:
    anna(office).retag(1, dangers={"poisoning": False})
    mails = told(office)
    office.analyse(replace(DANGEROUS, risks=(SICK, RiskMention(INJURY, "порезался"))), "v3")
    assert dangers(office) == [(INJURY, "порезался")]
    assert [level for level, _ in told(office)[len(mails) :]] == ["injury"], "only of what nobody denied"


def test_words_that_the_author_changed_are_judged_afresh(office: Office) -> None:
    anna(office).retag(1, dangers={"poisoning": False})
    Bench(office.store, office.clock).read(review("a", text="Совсем другое"))
    office.analyse(DANGEROUS, "v3")
    assert dangers(office) == [(POISONING, "чуть не отравился")]
    assert by_hand_from(office.view()).dangers == {}


def test_taking_it_back_asks_the_analysis_for_its_sentence_and_alarms_nobody_twice(office: Office) -> None:
    mails = told(office)
    anna(office).retag(1, dangers={"poisoning": False})
    anna(office).retag(1, dangers={"poisoning": True})
    assert dangers(office) == [(POISONING, "")]
    office.analyse(DANGEROUS, "v2")
    assert dangers(office) == [(POISONING, "чуть не отравился")]
    assert told(office) == mails


def test_of_a_danger_that_a_person_finds_the_owners_hear_at_once_and_it_is_urgent(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        assert office.ticket().target is Target.OTHER
        late = office.ticket().due_at
        anna(office).retag(1, dangers={"injury": True})
        assert told(office) == [("injury", OWNER)]
        assert [kind for _, kind, *_ in office.events("endangered", "danger")] == ["endangered", "danger"]
        assert dangerous(office) == [1]
        assert late is not None
        assert (office.ticket().target, (office.ticket().due_at or late) < late) == (Target.NEGATIVE, True)
        office.analyse(PRAISE, "v2")
        assert dangers(office) == [(INJURY, "")]
        assert told(office) == [("injury", OWNER)]


def test_a_danger_is_heard_of_before_the_first_analysis_and_of_an_old_review(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        Bench(office.store, office.clock).read(review("a", text="Совсем другое"))
        with office.store.write():
            office.store._db.execute("UPDATE ticket SET backlog = 1, due_at = NULL WHERE id = 1")
            office.store._db.execute("UPDATE review SET initial = 1, posted_at = '2020-01-01T00:00:00.000000Z'")
        anna(office).retag(1, dangers={"injury": True})
        assert told(office) == [("injury", OWNER)]
        office.analyse(PRAISE, "v2")
        assert dangers(office) == [(INJURY, "")]


def test_what_no_danger_is_called_and_erased_words_are_refused(office: Office) -> None:
    with pytest.raises(UsageError, match="'rain' — не опасность; бывают: poisoning"):
        anna(office).retag(1, dangers={"rain": False})
    anna(office).retag(1, dangers={"poisoning": False}, note="Пётр пошутил")
    office.store.privacy.erase([1], NOON)
    assert office.events("endangered") == [("anna", "endangered", "", "no_poisoning", "")]


def test_the_content_digest_covers_what_was_said_of_dangers(office: Office) -> None:
    anna(office).retag(1, dangers={"poisoning": False})
    before = office.store.content_digest()
    with office.store.write():
        office.store._db.execute("UPDATE danger_label SET by = 'boris'")
    assert office.store.content_digest() != before


def test_the_history_tells_it_in_words(office: Office) -> None:
    anna(office).retag(1, dangers={"poisoning": False, "injury": True}, note="порезался стеклом")
    lines = [line for line in history.told(office.store.tickets.events(1), "UTC", NOON) if line.kind == "endangered"]
    assert [f"{line.what}: {line.about}" for line in lines] == [
        "опасности указаны вручную: травма; нет: отравление; порезался стеклом"
    ]


def test_the_command_takes_a_danger_off_and_the_export_of_labels_tells_of_it(
    otklik: Otklik, cafe: Rig, tmp_path: Path
) -> None:
    view = next(view for view in cafe.queue() if view.verdict and view.verdict.risks)
    assert view.verdict is not None
    names = [item.risk.value for item in view.verdict.risks]
    options = [word for name in dict.fromkeys(names) for word in ("--no-danger", name)]
    said = otklik("queue", "retag", str(view.ticket), *options, "--as", "anna").out
    assert "Опасности указаны вручную: нет: " in said
    found = json.loads(otklik("queue", "show", str(view.ticket), "--json").out)
    assert (found["risks"], found["dangers_by_hand"]) == ([], dict.fromkeys(names, False))
    (row,) = [json.loads(line) for line in otklik("export", "--labels").out.splitlines()]
    assert row["dangers"] == dict.fromkeys(names, False)
    path = tmp_path / "said.jsonl"
    path.write_text(json.dumps({"text": row["text"], "stars": None, "dangers": row["dangers"]}), encoding="utf-8")
    judged = json.loads(otklik("evaluate", "--data", path, "--what", "findings", "--json").out.splitlines()[0])
    assert (judged["what"], judged["known"], judged["told"]) == ("danger corrected", 0, 1), "still told, and wrongly"
    refused = otklik("queue", "retag", str(view.ticket), "--danger", names[0], "--no-danger", names[0], "--as", "anna")
    assert refused.code == 2
