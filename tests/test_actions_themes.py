"""A person corrects the themes of a review: the verdict follows, now and after every analysis, and what they said can
be learned from."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.corrections import BY_HAND, corrected, themes_in_words, with_themes
from monitor.errors import Conflict, UsageError
from monitor.jobs.draft import UNJUDGED
from monitor.store.labels import Correction
from monitor.store.rows import themes_from, verdict_from
from sentiment import corpus, gold
from sentiment.analyse import Analyser
from sentiment.evaluation import OURS
from sentiment.findings import SAID, findings
from sentiment.types import Theme, ThemeMention, Tone, Verdict
from tests.actions_rig import Office, office_at
from tests.conftest import Otklik
from tests.rig import Rig
from tests.test_retag import BLAME, NOON, PRAISE, Bench, label, review

STAFF, WAITING, PRICE = Theme.STAFF, Theme.WAITING, Theme.PRICE
FOUND = (
    ThemeMention(STAFF, Tone.POSITIVE, "бариста чудо", "", "staff.praise"),
    ThemeMention(STAFF, Tone.NEGATIVE, "кассир хамит", "", "staff.rude"),
)
JUDGED = replace(PRAISE, themes=FOUND)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_at(tmp_path) as office:
        office.analyse(JUDGED, "v2")
        yield office


def verdict(office: Office) -> Verdict:
    found = verdict_from(office.view())
    assert found is not None
    return found


def told(office: Office) -> list[tuple[Theme, Tone, str]]:
    return [(item.theme, item.tone, item.quote) for item in verdict(office).themes]


# --- the verdict --------------------------------------------------------------------------------

saids = st.dictionaries(st.sampled_from([STAFF, WAITING, PRICE]), st.booleans(), max_size=3)


@given(base=st.sampled_from([JUDGED, PRAISE, BLAME, UNJUDGED]), said=saids)
def test_every_theme_is_as_the_person_says_and_the_others_as_found(base: Verdict, said: Mapping[Theme, bool]) -> None:
    after = with_themes(base, said)
    named = {item.theme for item in after.themes}
    assert all((theme in named) is holds for theme, holds in said.items())
    assert [item for item in after.themes if item.theme not in said] == [
        item for item in base.themes if item.theme not in said
    ]
    assert all(item.tone is base.tone and not item.quote for item in after.themes if item.rule == BY_HAND)
    assert replace(after, themes=base.themes) == base


@given(first=saids, later=saids, tone=st.sampled_from([None, *Tone]))
def test_what_is_said_bit_by_bit_is_as_good_as_all_at_once(
    first: Mapping[Theme, bool], later: Mapping[Theme, bool], tone: Tone | None
) -> None:
    """Unless something that the analysis had found was denied first: then it is asked again."""
    all_at_once = {**first, **later}
    assume(not any(first.get(theme) is False and holds for theme, holds in later.items()))
    base = JUDGED if tone is None else corrected(JUDGED, label(tone), 5)
    stepwise = with_themes(JUDGED, first)
    stepwise = stepwise if tone is None else corrected(stepwise, label(tone), 5)
    stepwise = with_themes(stepwise, all_at_once)
    assert stepwise == with_themes(base, all_at_once) == with_themes(stepwise, all_at_once)


def test_what_a_person_says_of_themes_holds_at_once_and_moves_no_deadline(office: Office) -> None:
    before = office.ticket()
    office.person().retag(1, themes={"waiting": True, "staff": False}, note="кассир не наш")
    assert told(office) == [(WAITING, Tone.POSITIVE, "")]
    assert themes_from(office.view()) == {WAITING: True, STAFF: False}
    assert office.ticket() == before
    assert office.events("themed", "retagged") == [("anna", "themed", "", "waiting,no_staff", "кассир не наш")]
    assert [row["id"] for row in office.store.tickets.due_for_draft("t", 10)] == [1, 2]


def test_a_new_analysis_does_not_overrule_it(office: Office) -> None:
    office.person().retag(1, themes={"waiting": True, "staff": False})
    price = ThemeMention(PRICE, Tone.NEGATIVE, "дорого")
    office.analyse(replace(JUDGED, themes=(*FOUND, price)), "v3")
    assert told(office) == [(PRICE, Tone.NEGATIVE, "дорого"), (WAITING, Tone.POSITIVE, "")]
    waits = ThemeMention(WAITING, Tone.NEGATIVE, "ждали час")
    office.analyse(replace(JUDGED, themes=(waits,)), "v4")
    assert told(office) == [(WAITING, Tone.NEGATIVE, "ждали час")], "found by now: with its sentence and tone"


def test_taking_it_back_asks_the_analysis_again(office: Office) -> None:
    anna = office.person()
    anna.retag(1, themes={"staff": False})
    anna.retag(1, themes={"staff": True})
    assert told(office) == [(STAFF, Tone.POSITIVE, "")]
    office.analyse(JUDGED, "v2")
    assert told(office) == [(item.theme, item.tone, item.quote) for item in FOUND]
    anna.retag(1, themes={"waiting": True})
    anna.retag(1, themes={"waiting": False})
    assert [item[0] for item in told(office)] == [STAFF, STAFF]


def test_the_theme_that_a_person_named_follows_the_tone_they_name_later(office: Office) -> None:
    anna = office.person()
    anna.retag(1, themes={"waiting": True})
    anna.retag(1, tone=Tone.NEGATIVE)
    assert told(office)[-1] == (WAITING, Tone.NEGATIVE, "")


def test_tone_and_themes_together_are_two_lines_of_history_and_one_note(office: Office) -> None:
    office.person().retag(1, tone=Tone.NEGATIVE, themes={"waiting": True}, note="ирония")
    assert office.events("themed", "retagged") == [
        ("anna", "retagged", "positive", "negative", "ирония"),
        ("anna", "themed", "", "waiting", ""),
    ]
    office.person("boris").retag(1, tone=Tone.NEGATIVE, themes={"waiting": True, "price": True})
    assert office.events("themed", "retagged")[2:] == [("boris", "themed", "", "price", "")]


def test_saying_the_same_again_changes_nothing_but_a_note_is_heard(office: Office) -> None:
    office.person().retag(1, themes={"waiting": True})
    before = office.store.content_digest()
    office.person("boris").retag(1, themes={"waiting": True})
    assert office.store.content_digest() == before
    office.person("boris").retag(1, themes={"waiting": True}, note="точно ждали")
    assert office.events("themed")[-1] == ("boris", "themed", "", "waiting", "точно ждали")


def test_where_there_is_no_verdict_yet_the_first_one_follows(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        bench = Bench(office.store, office.clock)
        bench.read(review("a", text="Совсем другое"))
        due = office.ticket().due_at
        office.person().retag(1, themes={"waiting": True, "staff": False})
        assert verdict_from(office.view()) is None
        assert office.ticket().due_at == due, "an unjudged review stays urgent"
        bench.analyse(JUDGED, "v2")
        assert told(office) == [(WAITING, Tone.POSITIVE, "")]


def test_an_edited_text_is_judged_afresh(office: Office) -> None:
    office.person().retag(1, themes={"staff": False})
    Bench(office.store, office.clock).read(review("a", text="Совсем другое"))
    office.analyse(JUDGED, "v3")
    assert len(told(office)) == 2
    assert themes_from(office.view()) == {}


def test_of_a_rating_alone_and_of_no_theme_nothing_can_be_said(office: Office) -> None:
    with pytest.raises(UsageError, match="'weather' — не тема; бывают: staff, waiting"):
        office.person().retag(1, themes={"weather": True, "staff": True})
    office.store.privacy.erase([1], NOON)
    with pytest.raises(Conflict, match="нет текста"):
        office.person().retag(1, themes={"staff": True})


def test_erasing_keeps_what_was_said_of_themes_and_drops_the_note(office: Office) -> None:
    office.person().retag(1, themes={"staff": False}, note="Пётр ошибся")
    office.store.privacy.erase([1], NOON)
    assert themes_from(office.view()) == {STAFF: False}
    assert office.events("themed") == [("anna", "themed", "", "no_staff", "")]


def test_the_content_digest_covers_what_was_said_of_themes(office: Office) -> None:
    office.person().retag(1, themes={"staff": False})
    before = office.store.content_digest()
    with office.store.write():
        office.store._db.execute("UPDATE theme_label SET by = 'boris'")
    assert office.store.content_digest() != before


def test_the_history_tells_themes_in_words() -> None:
    from monitor.cli.history import history_text

    said = themes_in_words({WAITING: True, PRICE: True, STAFF: False, Theme.LOCATION: False})
    event = {"at": "2026-11-21T12:00:00.000000Z", "actor": "anna", "was": "", "why": "", "kind": "themed"}
    (line,) = history_text([event | {"became": said}], "UTC", NOON)
    assert "темы указаны вручную   ожидание, цены; нет: персонал, расположение (anna)" in line


# --- learning -----------------------------------------------------------------------------------


def test_what_people_said_is_handed_on_for_learning(office: Office) -> None:
    anna = office.person()
    anna.retag(1, themes={"waiting": True, "staff": False})
    anna.retag(2, tone=Tone.NEGATIVE, themes={"price": False})
    text = review().text
    assert [(said, found.themes) for said, found in office.store.labels.said()] == [
        (Correction(text, 5, None, None, "yandex_maps"), {STAFF: False, WAITING: True}),
        (Correction("Суп холодный", 5, Tone.NEGATIVE, None, "yandex_maps"), {PRICE: False}),
    ]
    assert [found.text for found in office.store.labels.corrections()] == ["Суп холодный"], "themes teach no tone"
    office.store.privacy.erase([1], NOON)
    assert len(list(office.store.labels.said())) == 1


class Fixed(Analyser):
    """Says of every text the same."""

    def __init__(self) -> None: ...

    def analyse(self, text: str, stars: int | None, author: str = "") -> Verdict:
        return JUDGED


def test_the_export_of_labels_is_what_training_and_evaluation_read(
    office: Office, tmp_path: Path, otklik: Otklik, cafe: Rig
) -> None:
    with_text = [view for view in cafe.queue() if view.text][:3]
    anna = cafe.app.actions("anna")
    anna.retag(with_text[0].ticket, themes={"staff": True, "waiting": False})
    anna.retag(with_text[1].ticket, tone=Tone.NEGATIVE, complaint=True)
    out = otklik("export", "--labels").out
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["label"], row["complaint"], row["themes"]) for row in rows] == [
        (None, None, {"staff": True, "waiting": False}),
        ("negative", True, {}),
    ]
    path = tmp_path / "said.jsonl"
    path.write_text(out, encoding="utf-8")
    assert [example.complaint for example in corpus.stream(path)] == [None, True]
    assert gold.tells_of_findings(path)
    found = [item for item in findings("said", list(gold.read(path)), Fixed()) if item.model == OURS]
    assert [(item.what, item.id, item.texts, item.known, item.told) for item in found] == [(SAID, "staff", 1, 1, 1)]


def test_labels_are_json_lines(otklik: Otklik, cafe: Rig) -> None:
    result = otklik("export", "--labels", "--csv")
    assert (result.code, "--csv" in result.err) == (2, True)


def test_only_the_themes_somebody_spoke_of_are_counted() -> None:
    texts = [
        gold.Text("1", "а", 5, None, None, None, None, None, "", {STAFF: False, WAITING: True}),
        gold.Text("2", "б", 5, None, None, None, None, None, "", {PRICE: True}),
        gold.Text("3", "в", 5, None, None, None, None, None, "", {}),
    ]
    found = {item.id: item for item in findings("x", texts, Fixed()) if item.model == OURS}
    counts = {name: (item.texts, item.known, item.told) for name, item in found.items()}
    assert counts == {"staff": (2, 0, 1), "waiting": (2, 1, 0), "price": (2, 1, 0), "all": (2, 2, 1)}


@pytest.mark.parametrize(
    "line",
    [
        '{"text": 1, "themes": {}}',
        '{"text": "а", "themes": {"weather": true}}',
        '{"text": "а", "themes": {"staff": 1}}',
        '{"text": "а", "themes": [1]}',
        '{"text": "а", "dangers": {"weather": true}}',
        '{"text": "а", "dangers": {"poisoning": "no"}}',
        '{"text": "а", "stars": 9, "themes": {}}',
        '{"themes": {}}',
        "[]",
        "x",
    ],
)
def test_a_line_that_tells_of_no_theme_and_no_danger_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "said.jsonl"
    path.write_text('{"text": "а", "stars": 5, "themes": {"staff": true}}\n' + line, encoding="utf-8")
    assert gold.tells_of_findings(path)
    with pytest.raises(corpus.CorpusError, match=r"said\.jsonl:2"):
        list(gold.read(path))
