"""Private gestures: who may give how much, the ledger that forgets nothing, and no word of it in public."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import sla
from monitor.actions import Actions
from monitor.cli.gesture_views import ledger_json, ledger_text
from monitor.config_gestures import GestureLimits
from monitor.errors import Conflict, OtklikError, StoreError, UsageError
from monitor.gesture_leaks import leaks
from monitor.gestures import LIVE, LONGEST_WORDS, Gesture, GestureState, decide, wrong_words
from monitor.model import Card
from monitor.store.sqlite import Store
from monitor.wording import GLUE, roubles
from responders.types import Draft
from tests.conftest import Otklik
from tests.fakes import FrozenClock
from tests.rig import Rig
from tests.test_config import SMALL
from tests.test_retag import NOON, POLICY, Bench, review

LIMITS = GestureLimits(10_000, 4_000, 2_000, Decimal("0.35"), 500, ("olga", "oleg"))
AGREED, PROPOSED, DECLINED, WITHDRAWN = (
    GestureState.AGREED,
    GestureState.PROPOSED,
    GestureState.DECLINED,
    GestureState.WITHDRAWN,
)
SECTION = "gestures: {price: 10000, cost: 4000, acquisition: 2000, share: 0.35, operator_limit: 500, owners: [olga]}\n"


def person(
    store: Store,
    name: str = "anna",
    limits: GestureLimits | None = LIMITS,
    clock: FrozenClock | None = None,
    *,
    by_role: bool = False,
) -> Actions:
    return Actions(
        store=store,
        clock=clock or FrozenClock(NOON),
        policies=sla.Policies(POLICY),
        lint=lambda ticket, reply: (),
        write=lambda ticket, fault, measure: Draft("Спасибо", "thanks", ()),
        actor=name,
        gesture_limits=limits,
        decides_gestures=by_role,
    )


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """Two reviews with tickets 1 and 2."""
    store = Store.open(folder / "otklik.db")
    store.listings.sync([Card("lenina", "yandex_maps", "1", "Europe/Moscow")], NOON)
    Bench(store, FrozenClock(NOON)).read(review("a"), review("b", text="Суп холодный"))
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as store:
        yield store


def states(store: Store, ticket: int = 1) -> list[GestureState]:
    return [gesture.state for gesture in store.gestures.of(ticket)]


def events(store: Store, ticket: int = 1) -> list[tuple[str, str, str, str]]:
    told = [event for event in store.tickets.events(ticket) if event["kind"] == "gesture"]
    return [(event["actor"], event["was"], event["became"], event["why"]) for event in told]


# --- who may give how much ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "amount", "already", "state"),
    [
        ("anna", 500, 0, AGREED),
        ("anna", 501, 0, PROPOSED),
        ("anna", 200, 300, AGREED),
        ("anna", 201, 300, PROPOSED),
        ("anna", 1400, 0, PROPOSED),
        ("anna", 1401, 0, None),
        ("anna", 1, 1400, None),
        ("olga", 1400, 0, AGREED),
        ("oleg", 400, 1000, AGREED),
        ("olga", 1401, 0, None),
        ("Olga", 501, 0, PROPOSED),
    ],
)
def test_the_limits_hold_for_the_sum_of_a_review(
    who: str, amount: int, already: int, state: GestureState | None
) -> None:
    assert decide(LIMITS, amount, who, already).state is state


def test_a_refusal_shows_its_sum_with_numbers_that_do_not_break() -> None:
    told = decide(LIMITS, 2000, "anna").reason
    terms = "цена 10 000 ₽ − себестоимость 4 000 ₽ − привлечение клиента 2 000 ₽ = 4 000 ₽, из них на жесты 35 %"
    assert f"{terms}: не больше 1 400 ₽".replace(" ", GLUE) in told.replace(" ", GLUE)
    assert f"1{GLUE}400{GLUE}₽" in told
    assert f"себестоимость{GLUE}4{GLUE}000{GLUE}₽" in told


def test_waiting_names_whoever_decides_or_what_is_missing() -> None:
    assert "olga, oleg" in decide(LIMITS, 900, "anna").reason
    nobody = GestureLimits(10_000, 4_000, 2_000, Decimal("0.35"), 500)
    assert "gestures.owners" in decide(nobody, 900, "anna").reason


@pytest.mark.parametrize(("amount", "shown"), [(1, "1 ₽"), (1400, "1 400 ₽"), (1234567, "1 234 567 ₽")])
def test_roubles_are_typeset(amount: int, shown: str) -> None:
    assert roubles(amount) == shown.replace(" ", GLUE)


@st.composite
def any_limits(draw: st.DrawFn) -> GestureLimits:
    cost, acquisition = draw(st.integers(0, 10**6)), draw(st.integers(0, 10**6))
    price = cost + acquisition + draw(st.integers(1, 10**6))
    share = Decimal(draw(st.integers(0, 10_000))) / 10_000
    allowed = GestureLimits(price, cost, acquisition, share, 0).allowed
    return GestureLimits(price, cost, acquisition, share, draw(st.integers(0, allowed)), ("olga",))


@given(
    limits=any_limits(),
    amount=st.integers(1, 2 * 10**6),
    already=st.integers(0, 10**6),
    who=st.sampled_from(["anna", "olga"]),
)
def test_nobody_gives_more_than_the_share_and_an_operator_no_more_than_the_own_limit(
    limits: GestureLimits, amount: int, already: int, who: str
) -> None:
    assert 0 <= limits.allowed <= limits.margin * limits.share < limits.allowed + 1
    decision = decide(limits, amount, who, already)
    assert (decision.state is None) == (already + amount > limits.allowed)
    if decision.state is AGREED and who == "anna":
        assert already + amount <= limits.operator_limit
    if who == "olga":
        assert decision.state is not PROPOSED
    assert decision.reason


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["offer", "offer", "offer", "agree", "decline", "withdraw"]),
        st.sampled_from(["anna", "boris", "olga"]),
        st.integers(1, 1600),
    ),
    max_size=14,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, share=st.sampled_from(["0.1", "0.35", "1"]))
def test_whatever_people_do_the_sum_stays_within_the_limits(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, str, int]], share: str
) -> None:
    folder = tmp_path_factory.mktemp("moves")
    limits = GestureLimits(10_000, 4_000, 2_000, Decimal(share), 300, ("olga",))
    with opened(folder) as store:
        rows = 0
        for move, name, amount in moves:
            actions = person(store, name, limits)
            with suppress(UsageError, Conflict):
                if move == "offer":
                    actions.gesture(1, "десерт", amount)
                    rows += 1
                elif move == "withdraw":
                    actions.gesture_withdraw(1)
                else:
                    actions.gesture_decide(1, move == "agree")
            held = store.gestures.of(1)
            agreed = [gesture for gesture in held if gesture.state is AGREED]
            assert len(held) == rows
            assert sum(gesture.amount for gesture in held if gesture.state in LIVE) <= limits.allowed
            if not any(gesture.decided_by == "olga" for gesture in agreed):
                assert sum(gesture.amount for gesture in agreed) <= limits.operator_limit
            assert states(store).count(PROPOSED) <= 1
            assert all(gesture.decided_by == "olga" for gesture in held if gesture.state is DECLINED)


# --- the way of a gesture -----------------------------------------------------------------------


def test_within_the_limit_it_is_agreed_at_once_and_the_history_tells_the_amount(store: Store) -> None:
    assert person(store).gesture(1, "  десерт ", 300).state is AGREED
    (gesture,) = store.gestures.of(1)
    assert (gesture.what, gesture.amount, gesture.proposed_by, gesture.decided_by) == ("десерт", 300, "anna", "anna")
    assert (gesture.proposed_at, gesture.decided_at) == (NOON, NOON)
    assert events(store) == [("anna", "", "agreed", f"300{GLUE}₽")]


@pytest.mark.parametrize(("agree", "state"), [(True, AGREED), (False, DECLINED)])
def test_above_the_limit_an_owner_decides_though_a_colleague_has_the_ticket(
    store: Store, agree: bool, state: GestureState
) -> None:
    person(store).take(1)
    assert person(store).gesture(1, "ужин", 900).state is PROPOSED
    with pytest.raises(Conflict, match="olga, oleg"):
        person(store).gesture_decide(1, True)
    later = FrozenClock(NOON + timedelta(hours=2))
    person(store, "olga", clock=later).gesture_decide(1, agree)
    (gesture,) = store.gestures.of(1)
    assert (gesture.state, gesture.proposed_by, gesture.decided_by) == (state, "anna", "olga")
    assert gesture.decided_at == later.now()
    assert [event[:3] for event in events(store)] == [("anna", "", "proposed"), ("olga", "proposed", state)]
    with pytest.raises(Conflict, match="нет жеста"):
        person(store, "olga").gesture_decide(1, agree)


def test_whose_role_it_is_decides_like_an_owner_of_the_config(store: Store) -> None:
    person(store).gesture(1, "ужин", 900)
    with pytest.raises(Conflict, match="владелец"):
        person(store, "vera").gesture_decide(1, True)
    vera = person(store, "vera", by_role=True)
    vera.gesture_decide(1, True)
    assert store.gestures.of(1)[0].decided_by == "vera"
    vera.gesture_withdraw(1)
    assert vera.gesture(2, "ужин", 1400).state is AGREED, "above the operators' limit, at once"
    with pytest.raises(UsageError, match="маржа"):
        vera.gesture(1, "банкет", 1401)


def test_one_gesture_waits_at_a_time(store: Store) -> None:
    person(store).gesture(1, "ужин", 900)
    for amount in (1, 100, 900):
        with pytest.raises(Conflict, match="ждёт владельца"):
            person(store, "boris").gesture(1, "десерт", amount)
    assert person(store).gesture(2, "десерт", 100).state is AGREED, "another review is another matter"


def test_what_was_declined_or_taken_back_no_longer_counts_but_stays(store: Store) -> None:
    anna, olga = person(store), person(store, "olga")
    anna.gesture(1, "ужин", 1400)
    olga.gesture_decide(1, False)
    anna.gesture(1, "десерт", 500)
    with pytest.raises(Conflict, match="anna"):
        person(store, "boris").gesture_withdraw(1)
    anna.gesture_withdraw(1)
    assert anna.gesture(1, "два десерта", 500).state is AGREED
    assert states(store) == [DECLINED, WITHDRAWN, AGREED]
    withdrawn = store.gestures.of(1)[1]
    assert (withdrawn.decided_by, withdrawn.withdrawn_by) == ("anna", "anna")
    olga.gesture_withdraw(1)
    with pytest.raises(Conflict, match="нет жеста"):
        olga.gesture_withdraw(1)


def test_a_gesture_sent_twice_is_offered_once_and_another_colleagues_is_seen_first(store: Store) -> None:
    anna, boris = person(store), person(store, "boris")
    for _ in range(2):
        assert anna.gesture(1, " десерт", 100, seen=0).state is AGREED
    assert states(store) == [AGREED]
    assert len(events(store)) == 1
    for what, amount in (("десерт", 100), ("ужин", 400)):
        with pytest.raises(Conflict, match="другой жест"):
            boris.gesture(1, what, amount, seen=0)
    (given,) = store.gestures.of(1)
    assert boris.gesture(1, "ужин", 400, seen=given.id).state is AGREED
    with pytest.raises(Conflict, match="другой жест"):
        anna.gesture(1, "десерт", 100, seen=0)


def test_of_two_gestures_only_the_one_that_was_meant_is_taken_back(store: Store) -> None:
    anna = person(store)
    anna.gesture(1, "десерт", 100)
    anna.gesture(1, "кофе", 100)
    latest = store.gestures.of(1)[-1].id
    anna.gesture_withdraw(1, seen=latest)
    with pytest.raises(Conflict, match="с тех пор изменились"):
        anna.gesture_withdraw(1, seen=latest)
    assert states(store) == [AGREED, WITHDRAWN]


@pytest.mark.parametrize("agree", [True, False])
def test_an_owner_decides_on_the_gesture_that_they_saw(store: Store, agree: bool) -> None:
    anna = person(store)
    anna.gesture(1, "ужин", 600)
    seen = store.gestures.of(1)[-1].id
    anna.gesture_withdraw(1)
    anna.gesture(1, "банкет", 1400)
    with pytest.raises(Conflict, match="нет жеста"):
        person(store, "olga").gesture_decide(1, agree, seen=seen)
    assert states(store) == [WITHDRAWN, PROPOSED]


def test_an_owner_cannot_agree_to_what_todays_config_forbids(store: Store) -> None:
    person(store).gesture(1, "ужин", 1400)
    poorer = GestureLimits(9_000, 4_000, 2_000, Decimal("0.35"), 500, ("olga",))
    with pytest.raises(Conflict, match="маржа"):
        person(store, "olga", poorer).gesture_decide(1, True)
    person(store, "olga", poorer).gesture_decide(1, False)
    assert states(store) == [DECLINED]


def test_without_the_section_every_step_says_what_to_add(store: Store) -> None:
    nobody = person(store, "olga", None)
    for act in (
        lambda: nobody.gesture(1, "десерт", 1),
        lambda: nobody.gesture_decide(1, True),
        lambda: nobody.gesture_withdraw(1),
    ):
        with pytest.raises(UsageError, match=r"gestures: \{price: 10000"):
            act()


def test_a_colleagues_ticket_a_closed_one_and_an_erased_one_are_refused(store: Store) -> None:
    person(store, "boris").take(1)
    with pytest.raises(Conflict, match="boris"):
        person(store).gesture(1, "десерт", 1)
    person(store, "boris").submitted(1)
    assert person(store, "boris").gesture(1, "десерт", 1).state is AGREED, "it may be offered when one meets"
    person(store).dismiss(2, "spam")
    with pytest.raises(Conflict, match="закрыт"):
        person(store).gesture(2, "десерт", 1)
    store.privacy.erase([1], NOON)
    with pytest.raises(Conflict, match="стёрты"):
        person(store, "boris").gesture(1, "десерт", 1)


def test_what_waits_can_be_declined_but_not_agreed_to_when_the_ticket_was_dismissed(store: Store) -> None:
    person(store).gesture(1, "ужин", 900)
    person(store).dismiss(1, "spam")
    with pytest.raises(Conflict, match="закрыт"):
        person(store, "olga").gesture_decide(1, True)
    person(store, "olga").gesture_decide(1, False)
    assert states(store) == [DECLINED]


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what",
    [
        "скидка 10 % на следующий заказ", "десерт", "=HYPERLINK(1)", "<script>alert(1)</script>",
        "'; DROP TABLE gesture; --", "{{ 7*7 }}", "код МИР-77", "ночь в отеле «Пять морей»", "звонок управляющего",
        "я" * LONGEST_WORDS,
    ],
)  # fmt: skip
def test_plain_words_are_kept_letter_by_letter(store: Store, what: str) -> None:
    person(store).gesture(1, what, 1)
    assert store.gestures.of(1)[0].what == what


@pytest.mark.parametrize(
    "what",
    [
        "", "  ", "\u200d", "…", "две\nстроки", "\x1b[2Jэкран", "таб\tуляция", "\u202eтресед", "дес\u200bерт",
        "\x00десерт", "десерт \ud83d", "я" * (LONGEST_WORDS + 1), "я" * 10_000,
    ],
)  # fmt: skip
def test_words_that_are_no_plain_short_line_are_refused(store: Store, what: str) -> None:
    with pytest.raises(UsageError):
        person(store).gesture(1, what, 1)
    assert states(store) == []


@pytest.mark.parametrize(
    "what",
    [
        "десерт за отзыв", "скидка, если исправит ОТЗЫВ", "10 % за пять звёзд", "бонус за 5 звезд", "десерт за пятёрку",
        "купон после удаления оценки", "кофе за ★★★★★", "десерт, когда повысит рейтинг", "gift for the review",
    ],
)  # fmt: skip
def test_no_gesture_is_the_price_of_a_review(what: str) -> None:
    assert "не может зависеть от отзыва" in wrong_words(what)


@pytest.mark.parametrize("amount", [0, -1, -(10**9)])
def test_a_gesture_costs_something(store: Store, amount: int) -> None:
    with pytest.raises(UsageError, match="рублей"):
        person(store).gesture(1, "десерт", amount)


# --- the ledger ---------------------------------------------------------------------------------


def test_two_people_at_once_cannot_exceed_the_limits(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        start = threading.Barrier(8)
        failures: list[str] = []

        def offer(name: str) -> None:
            start.wait()
            try:
                person(store, name).gesture(1, "десерт", 300)
            except OtklikError as error:
                failures.append(type(error).__name__)

        threads = [threading.Thread(target=offer, args=(f"anna{number}",)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(states(store)) == [AGREED, PROPOSED], "600 ₽ are more than an operator's limit"
        assert failures == ["Conflict"] * 6
        assert len(events(store)) == 2


def test_a_step_that_dies_half_way_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    person(store).gesture(1, "ужин", 900)
    before = store.content_digest()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    for step in (
        lambda: person(store).gesture(2, "десерт", 100),
        lambda: person(store, "olga").gesture_decide(1, True),
        lambda: person(store).gesture_withdraw(1),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(store.tickets, "record", dies)
            with pytest.raises(KeyboardInterrupt):
                step()
        assert store.content_digest() == before


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM gesture",
        "UPDATE gesture SET amount = 1",
        "UPDATE gesture SET proposed_by = 'boris'",
        "UPDATE gesture SET state = 'withdrawn'",
        "UPDATE gesture SET state = 'given'",
        "UPDATE gesture SET decided_by = NULL",
    ],
)
def test_the_database_refuses_to_lose_or_bend_a_row(store: Store, statement: str) -> None:
    person(store).gesture(1, "десерт", 300)
    before = store.content_digest()
    with pytest.raises(StoreError, match=r"ledger|CHECK"), store.write():
        store._db.execute(statement)
    assert store.content_digest() == before


def test_forgetting_erases_the_words_everywhere_and_keeps_the_amounts(store: Store, tmp_path: Path) -> None:
    person(store).gesture(1, "десерт для Марфы Посадницы", 300)
    person(store).gesture(1, "ужин для Марфы Посадницы", 900)
    person(store).gesture(2, "кофе", 100)
    store.privacy.erase([1], NOON + timedelta(days=1), "olga")
    assert [(gesture.what, gesture.amount, gesture.state) for gesture in store.gestures.of(1)] == [
        ("", 300, AGREED),
        ("", 900, WITHDRAWN),
    ]
    assert store.gestures.of(1)[1].withdrawn_by == "olga"
    assert [entry.gesture.amount for entry in store.gestures.ledger()] == [300, 900, 100]
    assert "(слова стёрты)" in "\n".join(ledger_text(store.gestures.ledger(), {}, lambda _: "Europe/Moscow", NOON))
    store.close()
    for path in tmp_path.glob("otklik.db*"):
        assert "Посадницы".encode() not in path.read_bytes()


def test_the_ledger_sums_what_is_agreed_and_what_waits_by_place_and_person(store: Store) -> None:
    person(store).gesture(1, "десерт", 300)
    person(store, "boris").gesture(1, "ужин", 1000)
    olga = person(store, "olga", clock=FrozenClock(NOON + timedelta(days=3)))
    olga.gesture(2, "десерт", 1400)
    olga.gesture_withdraw(2)
    told = ledger_json(store.gestures.ledger(), None)
    assert told["places"] == [
        {"place": "lenina", "agreed": 1, "agreed_amount": 300, "waiting": 1, "waiting_amount": 1000}
    ]
    assert told["people"] == [
        {"by": "anna", "agreed": 1, "agreed_amount": 300, "waiting": 0, "waiting_amount": 0},
        {"by": "boris", "agreed": 0, "agreed_amount": 0, "waiting": 1, "waiting_amount": 1000},
        {"by": "olga", "agreed": 0, "agreed_amount": 0, "waiting": 0, "waiting_amount": 0},
    ]
    assert [entry.gesture.ticket for entry in store.gestures.ledger(NOON + timedelta(days=1))] == [2]
    assert store.gestures.ledger(NOON + timedelta(days=4)) == []


# --- never in public ----------------------------------------------------------------------------


def gesture(what: str, amount: int = 300, state: GestureState = AGREED) -> Gesture:
    return Gesture(1, 1, what, amount, state, "anna", datetime(2026, 11, 21, tzinfo=UTC))


TELLING = [
    ("десерт", 300, "Нам жаль. С нас десерт!"),
    ("десерт", 300, "Нам жаль. Ждём Вас: десерты за наш счёт."),
    ("десерт", 1400, "Следующий счёт будет меньше на 1 400 ₽."),
    ("десерт", 1400, f"Следующий счёт будет меньше на 1{GLUE}400{GLUE}₽."),
    ("десерт", 1400, "Вернём 1400руб."),
    ("десерт", 2000, "Сделаем так, что 2 тыс. рублей останутся у Вас."),
    ("бонусы на карту", 500, "Начислено 500 баллов."),
    ("скидка 10 % на следующий заказ", 300, "Следующий заказ — со скидкой."),
    ("скидка 10 % на следующий заказ", 300, "Для Вас минус 10% на всё."),
    ("скидка 10 % на следующий заказ", 300, "Для Вас минус 10 процентов."),
    ("мойка, код МИР-77", 300, "Назовите на кассе мир-77."),
    ("промокод СИРЕНЬ", 300, "Назовите на кассе СИРЕНЬ."),
    ("сертификат 4820193", 300, "Вот номер: 4820193"),
]


@pytest.mark.parametrize(("what", "amount", "reply"), TELLING)
def test_a_reply_that_tells_of_the_gesture_is_an_error_on_google_and_a_finding_elsewhere(
    what: str, amount: int, reply: str
) -> None:
    for source, severity in (("google_business", "error"), ("yandex_maps", "warning"), ("otzovik", "warning")):
        found = leaks(reply, [gesture(what, amount)], source=source, review="Ждали суп час")
        assert {(finding.rule, finding.severity) for finding in found} == {("gesture_public", severity)}
        assert all(finding.span and reply[slice(*finding.span)].strip() for finding in found)


@pytest.mark.parametrize(
    ("what", "amount", "reply", "said"),
    [
        ("десерт", 300, "Нам жаль, что десерт был холодным.", "Десерт холодный"),
        ("десерт", 300, "Жаль, что Вы заплатили 300 ₽ за такой суп.", "Отдал 300 рублей за суп"),
        ("десерт", 300, "Ваш заказ № 300 нашли.", ""),
        ("десерт", 300, "Вы ждали 300 минут; 1 300 ₽ и 3000 ₽ — другое.", ""),
        ("скидка 10 % на следующий заказ", 300, "Проверим, почему заказ задержался.", ""),
        ("скидка 10 % на следующий заказ", 300, "Надеемся, следующий заказ привезут вовремя.", ""),
        ("скидка 10 % на следующий заказ", 300, "Проверим, почему 10 % не вычли.", "Где мои 10 %?"),
        ("карта гостя СИРЕНЬ", 300, "Спасибо!\n\nКоманда «Сирени»", ""),
        ("десерт", 300, "", ""),
    ],
)
def test_what_the_author_named_and_what_only_looks_alike_is_no_secret(
    what: str, amount: int, reply: str, said: str
) -> None:
    assert leaks(reply, [gesture(what, amount)], source="google_business", review=said) == ()


@pytest.mark.parametrize(("state", "told"), [(PROPOSED, 1), (AGREED, 1), (DECLINED, 0), (WITHDRAWN, 0)])
def test_only_what_is_on_offer_can_be_told(state: GestureState, told: int) -> None:
    found = leaks("С нас десерт!", [gesture("десерт", state=state)], source="twogis", review="")
    assert len(found) == told


@given(
    what=st.text(min_size=1, max_size=200), amount=st.integers(1, 10**9), reply=st.text(max_size=300), said=st.text()
)
def test_no_words_break_the_check(what: str, amount: int, reply: str, said: str) -> None:
    for finding in leaks(reply, [gesture(what, amount)], source="google_business", review=said):
        assert finding.span is not None
        assert 0 <= finding.span[0] <= finding.span[1] <= len(reply)


@pytest.mark.parametrize("piece", ["1 ", "1,", "скидка ", "1 000", "a-", "."])
def test_a_reply_four_times_as_long_takes_about_four_times_as_long_to_read(piece: str) -> None:
    held = [gesture("1 " * 100, 1_000), gesture("a" * 200, 10**6), gesture("скидка 10 % " * 16)]

    def seconds(length: int) -> float:
        """The least of three: what else the machine does only adds."""
        taken = []
        for _ in range(3):
            began = process_time()
            leaks(piece * (length // len(piece)), held, source="google_business", review="1 " * (length // 2))
            taken.append(process_time() - began)
        return min(taken)

    assert seconds(100_000) < 8 * seconds(25_000)  # sixteen, if every character were compared with every other


# --- what people see ----------------------------------------------------------------------------


@pytest.fixture
def generous(cafe: Rig) -> Rig:
    """The demo's café, whose config allows gestures."""
    with cafe.config_path.open("a", encoding="utf-8") as file:
        file.write(SECTION)
    cafe.restart()
    return cafe


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with such a config, before the first pass."""
    (tmp_path / "config.yaml").write_text(SMALL + SECTION, encoding="utf-8")
    return tmp_path


def on(rig: Rig, source: str) -> int:
    """An open complaint on that site."""
    return next(view.ticket for view in rig.queue() if view.source == source and view.text and view.stars == 1)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_show_tells_of_the_gesture_beside_the_draft(otklik: Otklik, generous: Rig) -> None:
    ticket = on(generous, "yandex_maps")
    told = otklik("queue", "gesture", ticket, "--what", "ужин на двоих", "--amount", 1000)
    assert (told.code, told.err) == (0, "")
    line = "Жест (лично, не в публичный ответ): ужин на двоих, 1 000 ₽, ждёт владельца (anna)"
    assert line in told.out
    assert "решает владелец (olga)" in told.out
    shown = otklik("queue", "show", ticket).out
    assert shown.index("Черновик ответа") < shown.index(line) < shown.index("Отзыв: ")
    assert "жест ждёт владельца 1 000 ₽ (anna)" in flat(shown)
    assert otklik("queue", "gesture", ticket, "--agree").code == 1
    assert otklik("queue", "gesture", ticket, "--what", "кофе", "--amount", 1).code == 1
    (row,) = otklik("queue", "gesture", ticket, "--agree", "--as", "olga", "--json").objects()
    (gesture,) = row["gestures"]
    assert (gesture["what"], gesture["amount"], gesture["state"]) == ("ужин на двоих", 1000, "agreed")
    assert (gesture["by"], gesture["decided_by"]) == ("anna", "olga")
    assert "ужин" not in row["draft"]["text"]
    assert "согласован (anna → olga)" in otklik("queue", "show", ticket).out


def test_a_reply_on_google_that_names_the_gesture_is_not_approved(otklik: Otklik, generous: Rig) -> None:
    generous.world.add(generous.world.card("google_business"), text="Ужас, хамство", stars=1, author="Зинаида")
    generous.run(after=generous.app.intervals["google_business"] * 2)
    ticket = next(view.ticket for view in generous.queue() if view.author == "Зинаида")
    words = "Зинаида, здравствуйте. Нам очень жаль. Позовите управляющего, и пудинг будет Ваш.\n\nКоманда «Ромашки»"
    otklik("queue", "edit", ticket, "--text", words)
    told = otklik("queue", "gesture", ticket, "--what", "пудинг", "--amount", 300)
    assert "! gesture_public: Жест назван при всех" in told.out
    refused = otklik("queue", "approve", ticket)
    assert refused.code == 1
    assert "gesture_public" in refused.err
    edited = otklik("queue", "edit", ticket, "--text", words)
    assert "ошибка: gesture_public" in edited.err
    assert otklik("queue", "show", ticket).out.count("gesture_public") == 1
    otklik("queue", "gesture", ticket, "--withdraw")
    assert otklik("queue", "approve", ticket).code == 0


def test_elsewhere_the_same_reply_is_a_warning(otklik: Otklik, generous: Rig) -> None:
    ticket = on(generous, "yandex_maps")
    otklik("queue", "gesture", ticket, "--what", "пудинг", "--amount", 300)
    edited = otklik("queue", "edit", ticket, "--text", "Нам очень жаль. Позовите управляющего, и пудинг будет Ваш.")
    assert "замечание: gesture_public" in edited.err


def test_no_mail_and_no_draft_tells_of_a_gesture(otklik: Otklik, generous: Rig) -> None:
    ticket = on(generous, "yandex_maps")
    otklik("queue", "gesture", ticket, "--what", "пудинг с кодом ЗЮЗЯ-8", "--amount", 300)
    otklik("queue", "draft", ticket)
    generous.run(after=timedelta(hours=2))
    assert "ЗЮЗЯ" not in generous.app.store.tickets.view(ticket)["draft_text"]
    assert generous.mails()
    for mail in generous.mails():
        assert "ЗЮЗЯ".encode() not in mail.read_bytes()
        assert b"300\xc2\xa0" not in mail.read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--what", "десерт"),
        ("--amount", 300),
        ("--what", "десерт", "--amount", 300, "--agree"),
        ("--what", "десерт", "--amount", 0),
        ("--what", "десерт", "--amount", "1.5"),
        ("--what", "десерт за отзыв", "--amount", 300),
        ("--what", "две\nстроки", "--amount", 300),
        ("--what", "ж" * 10_000, "--amount", 300),
    ],
)
def test_what_cannot_be_offered_exits_2_with_a_sentence(
    otklik: Otklik, empty: Path, arguments: tuple[object, ...]
) -> None:
    refused = otklik("queue", "gesture", 1, *arguments)
    assert (refused.code, refused.out) == (2, "")
    assert len(refused.err) < 1000


def test_without_the_section_the_command_says_what_to_add(otklik: Otklik, empty: Path) -> None:
    (empty / "config.yaml").write_text(SMALL, encoding="utf-8")
    refused = otklik("queue", "gesture", 1, "--what", "десерт", "--amount", 1)
    assert refused.code == 2
    assert "gestures: {price: 10000" in refused.err
    assert otklik("gestures").out == "Жестов нет.\n"


def test_the_ledger_is_listed_for_people_and_programs(otklik: Otklik, generous: Rig) -> None:
    ticket = on(generous, "yandex_maps")
    otklik("queue", "gesture", ticket, "--what", "=1+1 <b>", "--amount", 300)
    generous.clock.advance(timedelta(minutes=1))
    otklik("queue", "gesture", ticket, "--what", "ужин", "--amount", 1000, "--as", "boris")
    told = flat(otklik("gestures").out)
    assert f"№ {ticket}" in told
    assert "300 ₽ согласован =1+1 <b> (anna)" in told
    assert "«Ромашка» согласовано 300 ₽ (1), ждёт владельца 1 000 ₽ (1)" in told
    assert "boris согласовано 0 ₽ (0), ждёт владельца 1 000 ₽ (1)" in told
    (ledger,) = otklik("gestures", "--json", "--since", "1d").objects()
    assert [(row["what"], row["place"], row["source"]) for row in ledger["gestures"]] == [
        ("=1+1 <b>", "lenina", "yandex_maps"),
        ("ужин", "lenina", "yandex_maps"),
    ]
    assert ledger["people"][0]["agreed_amount"] == 300
    assert otklik("gestures", "--json", "--since", "2199-01-01").objects()[0]["gestures"] == []


@pytest.mark.parametrize("since", ["вчера", "", "3", "2026-13-01", "99999999999d"])
def test_since_takes_a_day_a_moment_or_an_age(otklik: Otklik, empty: Path, since: str) -> None:
    refused = otklik("gestures", "--since", since)
    assert (refused.code, refused.out) == (2, "")
    assert "--since" in refused.err
