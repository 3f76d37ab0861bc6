"""Every number of the pages leads to the reviews that it counts: as many as it says."""

from collections.abc import Collection, Iterator, Mapping

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import wording
from monitor.accounts import Role
from monitor.desk import numbers_selection as selections
from monitor.desk.app import create_app
from monitor.desk.numbers_ask import Known
from monitor.numbers import Of, Period, Scope, Selection
from tests.desk_rig import Clicks
from tests.numbers_desk import Chain, built
from tests.numbers_year import NOW

PAGES = (
    "/numbers",
    "/numbers?days=7",
    "/numbers?days=90",
    "/numbers?place=p1&source=twogis",
    "/numbers?since=2026-10-24&until=2026-10-26",  # the night between has an hour more
    "/numbers/places",
    "/numbers/places?source=yandex_maps&sort=-kept",
    "/numbers/themes",
    "/numbers/themes?days=7&theme=staff",
    "/numbers/staff?days=90",
)

ZONE = "Europe/Berlin"

FOLLOWED = 20
"""Links of a page that are opened; all of them are read and counted."""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOGIS_KEY", "x")
        folder = tmp_path_factory.mktemp("chain")
        chain = built(folder, reviews=1500, days=60, extra=f"digest: {{timezone: {ZONE}}}\n")
        yield chain
        chain.app.close()


@pytest.fixture(scope="module")
def people(chain: Chain) -> Mapping[str, Clicks]:
    """An owner of everything, and a lead of two places, one of which has left the config."""
    app = create_app(chain.app)
    return {
        "owner": Clicks(chain, "olga", Role.OWNER, app=app),
        "lead": Clicks(chain, "lena", Role.LEAD, {"p0", "p3"}, app=app),
    }


def number(text: str) -> int:
    return int("".join(text.split()))


def numbers(page: BeautifulSoup) -> dict[str, int]:
    """Address → the number that leads there, which must be one."""
    found: dict[str, int] = {}
    for link in page.select("a.n"):
        said = number(link.get_text())
        assert found.setdefault(str(link["href"]), said) == said
    return found


@pytest.mark.parametrize(
    ("who", "path"), [("owner", path) for path in PAGES] + [("lead", path) for path in PAGES if "place=p1" not in path]
)
def test_every_number_counts_the_reviews_that_it_leads_to(
    chain: Chain, people: Mapping[str, Clicks], who: str, path: str
) -> None:
    clicks = people[who]
    linked = numbers(clicks.soup(path))
    assert len(linked) >= 6
    store, known = chain.app.store, Known.to(clicks.app.state.desk, clicks.account)
    for address, said in linked.items():
        page, _, query = address.partition("?")
        assert page == "/numbers/reviews"
        selection = selections.read(query, known, clicks.account, ZONE, NOW)
        assert store.numbers.reviews(selection, NOW).total == said, address
    for address in sorted(linked)[:: max(len(linked) // FOLLOWED, 1)]:
        (total,) = clicks.soup(address).select("h1 .total")
        assert number(total.get_text()) == linked[address], address


def test_a_lead_sees_fewer_than_the_owner(people: Mapping[str, Clicks]) -> None:
    totals = {who: sum(numbers(clicks.soup("/numbers")).values()) for who, clicks in people.items()}
    assert 0 < totals["lead"] < totals["owner"]


def test_the_numbers_stand_in_words_too(people: Mapping[str, Clicks]) -> None:
    heading = people["owner"].soup("/numbers/reviews?fate=late&place=p0&since=2026-11-01&until=2026-11-21").h1
    assert heading is not None
    said = " ".join(heading.get_text().split())
    assert said.endswith("· опоздали с ответом · «Ромашка» на Ленина · 1–21 ноября")


# --- addresses -------------------------------------------------------------------------------------

IDS = st.sampled_from(["p0", "p1", "p2", "p3"])
SITES = st.sampled_from(["yandex_maps", "twogis"])
MOMENTS = st.datetimes(
    min_value=NOW.replace(year=2020, tzinfo=None), max_value=NOW.replace(year=2024, tzinfo=None)
).map(lambda at: at.replace(microsecond=0, tzinfo=NOW.tzinfo))


@st.composite
def chosen(draw: st.DrawFn, places: Collection[str] | None = None) -> Selection:
    since, until = sorted(draw(st.lists(MOMENTS, min_size=2, max_size=2, unique=True)))
    of = draw(st.sampled_from(Of))
    theme, person = draw(st.sampled_from([None, *wording.THEMES])), draw(st.none() | st.text(min_size=1, max_size=50))
    scope = Scope(
        Period(since, until, ZONE),
        draw(st.none() | IDS),
        draw(st.none() | SITES),
        draw(st.sampled_from([None, "", "anna", "б&=?#я", "' OR 1=1"])),
    )
    return Selection(
        scope,
        of,
        tuple(draw(st.lists(st.sampled_from(list(selections.FATES)), unique=True))),
        stars=draw(st.sampled_from([None, 1, 5])),
        tone=draw(st.sampled_from([None, *wording.TONES])),
        theme=theme,
        theme_tone=draw(st.sampled_from([None, *wording.TONES])) if theme else None,
        risk=draw(st.sampled_from([None, *wording.RISKS])),
        person=person,
        outcome=draw(st.sampled_from([None, *selections.OUTCOMES[of]])),
        timed=draw(st.sampled_from([None, *selections.TIMED[of]])),
        person_tone=draw(st.sampled_from([None, "positive", "negative"])) if person else None,
        compared=draw(st.booleans()),
    )


@given(selection=chosen())
@settings(deadline=None)
def test_a_selection_comes_back_from_its_address(
    chain: Chain, people: Mapping[str, Clicks], selection: Selection
) -> None:
    clicks = people["owner"]
    known = Known.to(clicks.app.state.desk, clicks.account)
    query = selections.address(selection).partition("?")[2]
    read = selections.read(query, known, clicks.account, ZONE, NOW)
    assert read == selection
    assert "\n" not in " ".join(selections.in_words(read, known, NOW))
