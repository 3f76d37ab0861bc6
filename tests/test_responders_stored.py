"""Wordings set at the desk: before the user's files, trusted with nothing, and never at the cost of a draft."""

import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from responders import untrusted
from responders.choose import Frame
from responders.draft import Responder
from responders.editions import edition
from responders.files import SHIPPED, STORED, ReplyTemplateError, Source
from responders.phrasebook import VARIABLES, read_frame, read_layout, read_lists, read_topics
from responders.types import Register
from sentiment.types import Theme, ThemeMention, Tone
from tests.test_responders_choose import verdict
from tests.test_responders_draft import NAMES, RESPONDER, brand, leading_to
from tests.test_responders_overlay import overlay, spoken

KIND_STAFF = verdict(themes=(ThemeMention(Theme.STAFF, Tone.POSITIVE, "вежливые сотрудники", "", "staff.polite"),))


def responder(stored: dict[str, str], folder: Path | None = None) -> Responder:
    return Responder(folder, stored, is_first_name=NAMES.__contains__)


def thanked(stored: dict[str, str], folder: Path | None = None, frame: Frame = Frame.THANKS) -> tuple[str, list[str]]:
    """The draft, and why wordings were not taken."""
    draft = responder(stored, folder).draft(leading_to(frame))
    return draft.text, [found.message for found in draft.warnings if found.rule == "broken_template"]


def test_the_desk_goes_before_the_files_and_these_before_what_is_shipped(tmp_path: Path) -> None:
    folder = overlay(
        tmp_path, {"thanks.yaml": "openings: ['Спасибо из файла.']\n", "regret.yaml": "openings: ['Жаль из файла.']\n"}
    )
    stored = {"thanks.yaml": "openings: ['Спасибо из кабинета.']\n"}
    assert thanked(stored, folder) == ("Спасибо из кабинета.\n\nКоманда «Сирени»", [])
    assert thanked(stored, folder, Frame.REGRET)[0].startswith("Жаль из файла.")
    assert thanked(stored, folder, Frame.DANGER)[0] == RESPONDER.draft(leading_to(Frame.DANGER)).text


def test_lists_of_themes_and_shared_ones_go_before_one_by_one(tmp_path: Path) -> None:
    folder = overlay(tmp_path, {"themes/staff.yaml": "praise: ['Из файла.']\ncomplaint: ['Жалоба из файла.']\n"})
    stored = {"themes/staff.yaml": "praise: ['Из кабинета.']\n", "shared.yaml": "farewell: ['Пока и спасибо!']\n"}
    kit = responder(stored, folder).library.kit(Frame.THANKS, "food")
    lists = kit.common.themes[Theme.STAFF]
    assert [phrase.template for phrase in lists["praise"]] == ["Из кабинета."]
    assert [phrase.template for phrase in lists["complaint"]] == ["Жалоба из файла."]
    assert len(lists["apology"]) > 3
    assert [phrase.template for phrase in kit.phrases("closings")] == ["Пока и спасибо!"]


def test_a_general_wording_of_the_desk_never_reaches_a_clinic_and_its_own_does() -> None:
    about = spoken("Вежливые сотрудники", KIND_STAFF, brand=brand("clinic"))
    general = responder({"themes/staff.yaml": "praise: ['О визите к врачу расскажем всем.']\n"})
    assert "изит" not in general.draft(about).text
    own = responder({"clinic/themes/staff.yaml": "praise: ['Передадим коллегам из кабинета.']\n"})
    assert "Передадим коллегам из кабинета." in own.draft(about).text


def test_what_breaks_at_the_desk_is_told_and_the_file_takes_its_place(tmp_path: Path) -> None:
    folder = overlay(tmp_path, {"thanks.yaml": "openings: ['Спасибо из файла.']\n"})
    text, (message,) = thanked({"thanks.yaml": "openings: ['Спасибо {{ review }}']\n"}, folder)
    assert text.startswith("Спасибо из файла.")
    assert "изменённые в Отклике" in message
    assert f"{STORED}/thanks.yaml:1: " in message
    assert thanked({"thanks.yaml": "{{"})[0] == RESPONDER.draft(leading_to(Frame.THANKS)).text


def test_what_breaks_only_when_it_is_said_costs_no_draft_either(tmp_path: Path) -> None:
    folder = overlay(tmp_path, {"thanks.yaml": "openings: ['Спасибо из файла.']\n"})
    stored = {"thanks.yaml": "openings: ['Спасибо{% if stars > business %}!{% endif %}']\n"}
    text, (message,) = thanked(stored, folder)
    assert text.startswith("Спасибо из файла.")
    assert str(STORED) in message
    assert thanked(stored)[0] == RESPONDER.draft(leading_to(Frame.THANKS)).text


def test_a_phrase_that_is_switched_off_is_never_said_and_the_others_keep_their_numbers() -> None:
    text = "openings: ['Раз.', {text: 'Два.', off: true}, {text: 'Три.', off: false}]\n"
    book = read_frame(Source(STORED / "thanks.yaml", text))
    assert [(phrase.number, phrase.template) for phrase in book.lists["openings"]] == [(1, "Раз."), (3, "Три.")]
    with pytest.raises(ReplyTemplateError, match="off"):
        read_frame(Source(STORED / "thanks.yaml", "openings: ['Раз.', {text: 'Два.', off: maybe}]\n"))


def test_a_list_with_every_phrase_off_is_refused() -> None:
    with pytest.raises(ReplyTemplateError, match="общая фраза"):
        read_frame(Source(STORED / "thanks.yaml", "openings: [{text: 'Раз.', off: true}]\n"))


def test_the_edition_changes_with_what_is_set_and_returns_when_it_is_taken_back() -> None:
    shipped = edition("")
    assert edition("", stored={}) == shipped
    changed = {edition("", stored={"thanks.yaml": text}) for text in ("openings: [а]", "openings: [б]")}
    assert len({shipped, *changed, edition("", stored={"regret.yaml": "openings: [а]"})}) == 4


# --- what a form may bring ----------------------------------------------------------------------------------

BOMBS = {
    "a loop": "{% for i in range(10 ** 9) %}а{% endfor %}",
    "a power": "{{ 10 ** 9 ** 9 }}",
    "a long text": "{{ 'а' * 10 ** 10 }}",
    "a sum": "{{ stars + 1 }}",
    "a joined text": "{{ name ~ name }}",
    "a call": "{{ business.upper() }}",
    "an attribute": "{{ business.__class__.__mro__ }}",
    "an item": "{{ business[0] }}",
    "a filter": "{{ business | upper }}",
    "a filter of the layout": "{{ [name] | join(' ') }}",
    "a test": "{% if name is string %}а{% endif %}",
    "a variable": "{% set x = 1 %}{{ x }}",
    "a macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "an include": "{% include 'shared.yaml' %}",
    "an import": "{% import 'shared.yaml' as x %}",
    "a block": "{% block a %}{% endblock %}",
    "a filter block": "{% filter upper %}а{% endfilter %}",
    "a list": "{{ [1, 2] }}",
    "a range": "{{ range(10 ** 9) }}",
    "a global": "{{ cycler.__init__.__globals__ }}",
    "the template itself": "{{ self }}",
    "many negations": "{{ " + "not " * 200 + "stars }}",
    "brackets": "{{ " + "(" * 300 + "stars" + ")" * 300 + " }}",
    "many conditions": "{% if stars %}" * 40 + "а" + "{% endif %}" * 40,
    "an endless phrase": "а" * (untrusted.LONGEST_PHRASE + 1),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_phrase_holds_slots_and_conditions_and_nothing_else(bomb: str) -> None:
    text = f"openings: ['Спасибо!', {{text: {yaml.dump(BOMBS[bomb], width=10**6).splitlines()[0]}}}]\n"
    started = process_time()
    with pytest.raises(ReplyTemplateError) as refused:
        read_frame(Source(STORED / "thanks.yaml", text))
    assert process_time() - started < 1
    assert refused.value.file == STORED / "thanks.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "openings: &a [*a]\n",
        "openings: [&x 'Спасибо!', *x, *x]\n",
        "openings: !!python/object/apply:os.system [ls]\n",
        "openings: [!!binary aGk=]\n",
        "openings: " + "[" * 2000 + "]" * 2000,
        "openings:\n" + "- 'Спасибо!'\n" * (untrusted.MOST_NODES + 1),
        "openings: ['" + "а" * untrusted.LONGEST + "']\n",
        "openings: ['a\x00b']\n",
        "<<: {openings: ['Спасибо!']}\n",
    ],
    ids=["a circle", "aliases", "a call", "a tag", "a pit", "a heap", "a rope", "a zero", "a merge"],
)
def test_a_book_is_a_plain_list_of_lists(text: str) -> None:
    started = process_time()
    with pytest.raises(ReplyTemplateError):
        read_frame(Source(STORED / "thanks.yaml", text))
    assert process_time() - started < 1


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("  - 'Раз.'\n  - 'Два.'\n  - Раз.\n", 4),
        ("  - 'Раз.'\n  - {text: 'Раз.'}\n", 3),
        ("  - {text: 'Раз.', kinds: [queue], registers: [warm]}\n  - Два.\n"
         "  - {registers: [warm], text: 'Раз.', kinds: [queue]}\n", 4),
        ("".join(f"  - Раз {number}.\n" for number in range(untrusted.MOST_ROWS + 1)), untrusted.MOST_ROWS + 2),
    ],
)  # fmt: skip
def test_a_list_of_the_desk_says_nothing_twice_and_has_an_end(rows: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(ReplyTemplateError) as refused:
        read_frame(Source(STORED / "thanks.yaml", f"openings:\n{rows}"))
    assert refused.value.line == line
    file = overlay(tmp_path, {"thanks.yaml": f"openings:\n{rows}"}) / "replies" / "thanks.yaml"
    assert read_frame(Source(file)).lists["openings"]  # whoever writes a file may


def test_a_thing_is_told_once() -> None:
    thing = "  - {words: торт, topic: торты, about: о тортах, number: plural, themes: [quality]}\n"
    assert len(read_topics(Source(STORED / "topics.yaml", f"topics:\n{thing}")).rows) == 1
    with pytest.raises(ReplyTemplateError, match="уже есть"):
        read_topics(Source(STORED / "topics.yaml", f"topics:\n{thing}{thing}"))


def test_the_same_phrase_for_another_speech_is_another_row() -> None:
    text = "openings: ['Раз.', {text: 'Раз.', registers: [warm]}, {text: 'Раз.', off: true}]\n"
    assert len(read_frame(Source(STORED / "thanks.yaml", text)).lists["openings"]) == 2


@pytest.mark.parametrize("pit", ["'a: ' + '[' * 100_000", "'a: ' + '{a: ' * 15_000", "'- ' * 29_000"])
def test_a_pit_of_brackets_does_not_bring_the_program_down(pit: str) -> None:
    """libyaml's composer would, and no except hears it."""
    program = (
        "from responders.files import *; from responders.phrasebook import read_frame\n"
        f"try: read_frame(Source(STORED, {pit}))\nexcept ReplyTemplateError: print('refused')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "refused\n")


@pytest.mark.parametrize("file", sorted(SHIPPED.rglob("*.yaml")), ids=lambda file: file.relative_to(SHIPPED).as_posix())
def test_everything_shipped_may_be_set_at_the_desk_as_it_stands(file: Path) -> None:
    name = file.relative_to(SHIPPED).as_posix()
    sector = "clinic" if name.startswith("clinic/") else "food"
    made = Responder(None, {name: file.read_text(encoding="utf-8")})
    assert made.problems(sector) == ()


def test_the_shipped_layout_may_be_set_and_no_wilder_one() -> None:
    layout = (SHIPPED / "reply.txt.j2").read_text(encoding="utf-8")
    assert Responder(None, {"reply.txt.j2": layout}).problems("food") == ()
    for wild in (
        "{{ [opening] | map('upper') | join }}",
        "{{ opening * 9 }}",
        "{% for i in [1] %}{{ opening }}{% endfor %}",
    ):
        assert len(Responder(None, {"reply.txt.j2": wild}).problems("food")) == 1


def test_a_layout_of_the_desk_is_as_short_as_a_book() -> None:
    part = "{{ greeting }}"
    started = process_time()
    with pytest.raises(ReplyTemplateError, match=f"длиннее {untrusted.LONGEST} знаков"):
        read_layout(Source(STORED / "reply.txt.j2", part * (1_400_000 // len(part))))
    assert process_time() - started < 0.5
    with pytest.raises(ReplyTemplateError):
        read_layout(Source(STORED / "reply.txt.j2", part * (untrusted.LONGEST // len(part))))
    assert process_time() - started < 2


WORDS = (
    "Спасибо", "{{ ", " }}", "{% if ", "{% elif ", "{% else %}", "{% endif %}", " %}", *sorted(VARIABLES), "not ",
    " and ", " or ", " == ", " < ", " if ", " else ", "'а'", "10", " ** ", " * ", " ~ ", " | upper", "range(9)", "self",
)  # fmt: skip
PHRASES = st.lists(st.sampled_from(WORDS), max_size=12).map("".join) | st.builds(
    "{}{{% if {} %}}{{{{ {} }}}}{{% endif %}}".format,
    *(st.sampled_from(("stars", "name", "10", "not stars", "stars > 3", "name == 'а'", "business", "10 ** 9")),) * 3,
)
VALUES = dict.fromkeys(VARIABLES, "а" * 40) | {"stars": 5}


@given(PHRASES | st.text(alphabet=st.sampled_from(list("{}%|.()[]'\"*+-#~ abstars_ifend01\n:&!")), max_size=60))
@example("{{ name }}" * 20)
@settings(deadline=None, max_examples=300)
def test_no_text_does_more_than_be_read_or_refused_and_what_is_said_is_as_long_as_its_slots(text: str) -> None:
    phrase = yaml.dump(text, width=10**6, allow_unicode=True).splitlines()[0]
    started = process_time()
    for source in (text, f"openings:\n  - Спасибо!\n  - {phrase}\n"):
        try:
            lists = read_lists(Source(STORED / "thanks.yaml", source))
            said = [one.render(VALUES) for phrases in lists.values() for one in phrases]
        except ReplyTemplateError:
            continue
        assert sum(map(len, said)) <= 8 * len(source)  # `{{a}}` becomes forty letters
    assert process_time() - started < 1


def test_a_change_of_one_phrase_is_in_force_within_half_a_second() -> None:
    responder({}).problems("food")  # what is shipped has been read
    name = "themes/quality.yaml"
    text = (
        (SHIPPED / name).read_text(encoding="utf-8").replace("praise:\n", "praise:\n  - 'Рады, что понравилось.'\n", 1)
    )
    started = process_time()
    kit = responder({name: text}).library.kit(Frame.THANKS, "food")
    assert process_time() - started < 0.5
    assert kit.common.themes[Theme.QUALITY]["praise"][0].template == "Рады, что понравилось."


def test_every_register_finds_something_to_say_of_what_is_set() -> None:
    stored = {"thanks.yaml": "openings: ['Спасибо!', {text: 'Ура!', registers: [warm], off: true}]\n"}
    for register in Register:
        about = leading_to(Frame.THANKS, brand=brand("food", register=register))
        assert responder(stored).draft(about).text.startswith("Спасибо!")
