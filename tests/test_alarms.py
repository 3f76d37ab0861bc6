"""What is wrong with reading is told: once, in words that help, to the right people."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts import AlarmKind
from monitor.health import examine
from monitor.standin.reviews import SiteCard
from monitor.standin.world import Trouble, World
from monitor.store import alarms, outbox
from monitor.store.alarms import EPISODE
from monitor.store.sqlite import Store
from tests.rig import HEAD, NOON, Rig

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ADMIN = HEAD.replace("collapse_over: 10", "admin: [admin@example.ru], collapse_over: 10")


def cafe_chain(tmp_path: Path, places: int = 3) -> Rig:
    """Three places with a card on each of the five sites, read once."""
    rig = Rig(tmp_path, World.sized(NOON, places=places, reviews=75), head=ADMIN)
    rig.run()
    return rig


@pytest.fixture
def chain(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    rig = cafe_chain(tmp_path)
    yield rig
    rig.app.close()


def mails(rig: Rig) -> list[EmailMessage]:
    """Those about reading, oldest first."""
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in rig.mails()]
    return [mail for mail in found if isinstance(mail, EmailMessage) and "когда отзывы не читаются" in text(mail)]


def text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).replace("\u00a0", " ").split())


def subjects(rig: Rig) -> list[str]:
    return [str(mail["Subject"]).replace("\u00a0", " ") for mail in mails(rig)]


def kinds(rig: Rig) -> list[str]:
    return [alarm.kind for alarm in rig.app.store.alarms.open()]


def pass_by(rig: Rig, length: timedelta, step: timedelta) -> None:
    for _ in range(int(length / step)):
        rig.run(after=step)


# --- a site that refuses ------------------------------------------------------------------------


def test_a_captcha_on_a_site_with_several_cards_is_one_mail_to_the_admin(chain: Rig) -> None:
    chain.world.trouble["yandex_maps"] = Trouble.CAPTCHA
    pass_by(chain, 6 * HOUR, 20 * MINUTE)
    assert kinds(chain) == ["blocked"]
    (mail,) = mails(chain)
    assert mail["To"] == "admin@example.ru"
    assert mail["Subject"] == "Отзывы на Яндекс Картах не читаются: капча"
    said = text(mail)
    assert said.count("последний раз прочитана") == 3
    assert "мы не видим" in said
    assert "otklik import" in said
    assert "Следующее чтение" in said


def test_a_captcha_that_went_and_comes_back_much_later_is_told_again(chain: Rig) -> None:
    for _ in range(2):
        chain.world.trouble["yandex_maps"] = Trouble.CAPTCHA
        chain.run(after=2 * MINUTE)
        del chain.world.trouble["yandex_maps"]
        pass_by(chain, 3 * DAY, 6 * HOUR)
        assert kinds(chain) == []
    assert len(mails(chain)) == 2


def test_a_site_that_refuses_every_other_hour_sends_one_mail_not_one_every_other_hour(chain: Rig) -> None:
    for _ in range(4):
        chain.world.trouble["yandex_maps"] = Trouble.CAPTCHA
        chain.run(after=HOUR)
        del chain.world.trouble["yandex_maps"]
        pass_by(chain, HOUR, 20 * MINUTE)
    assert len(mails(chain)) == 1


def test_an_outage_of_everything_is_two_mails_not_five(chain: Rig) -> None:
    for name in ("yandex_maps", "twogis", "otzovik", "irecommend", "google_business"):
        chain.world.trouble[name] = Trouble.FORBIDDEN
    pass_by(chain, HOUR, 5 * MINUTE)
    assert len(kinds(chain)) == 5
    assert 1 <= len(mails(chain)) <= 2


def test_a_trouble_that_is_over_before_the_mail_went_out_is_not_told(chain: Rig) -> None:
    store = chain.app.store
    now = chain.clock.now()
    with store.write():
        store.alarms.raise_alarm(AlarmKind.BLOCKED, source="twogis", listing_id=None, message="x", now=now)
        (alarm,) = store.alarms.untold()
        assert store.outbox.queue_alarms(["admin@example.ru"], [alarm.id], now=now) == 1
        assert store.alarms.untold() == []
        assert store.alarms.resolve([AlarmKind.BLOCKED], source="twogis", listing_id=None, now=now) == 1
    chain.app.engine().alarm()
    assert mails(chain) == []
    assert store.outbox.counts()["cancelled"] == 1


def test_the_admin_is_the_owner_unless_the_config_names_one(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World.demo(NOON))
    rig.run()
    rig.world.trouble["otzovik"] = Trouble.CHANGED_MARKUP
    rig.run(after=2 * MINUTE)
    (mail,) = mails(rig)
    assert mail["To"] == "owner@example.ru"
    assert mail["Subject"] == "Отзывы на Отзовике не читаются: сайт изменился"
    rig.app.close()


def test_a_wrong_key_names_its_variable(chain: Rig) -> None:
    listing = next(listing for listing in chain.app.store.listings.all() if listing.source == "twogis")
    store, now = chain.app.store, chain.clock.now()
    with store.write():
        store.alarms.raise_alarm(
            AlarmKind.UNAUTHORISED, source=listing.source, listing_id=None, message="2ГИС не принял ключ", now=now
        )
    chain.app.engine().alarm()
    (mail,) = mails(chain)
    assert mail["Subject"] == "Отзывы в 2ГИС не читаются: ключ не принят"
    assert "TWOGIS_KEY" in text(mail)


# --- a card -------------------------------------------------------------------------------------


def test_a_card_that_is_suddenly_empty_loses_nothing_and_is_told(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World.demo(NOON))
    rig.run()
    card = rig.world.card("google_business")
    held = {view.external_id for view in rig.everything() if view.source == "google_business"}
    for review in rig.world.all_reviews(card):
        rig.world.hide(card, review.external_id)
    pass_by(rig, HOUR, 10 * MINUTE)
    assert kinds(rig) == ["emptied"]
    assert subjects(rig) == ["Вдруг ни одного отзыва в Google Картах: «Ромашка»"]
    assert not [view for view in rig.everything() if view.external_id in held and view.state == "removed"]
    for review in rig.world.all_reviews(card):
        rig.world.restore(card, review.external_id)
    pass_by(rig, HOUR, 10 * MINUTE)
    assert kinds(rig) == []
    rig.app.close()


def test_ratings_without_text_are_usual_and_a_sudden_gap_is_not(tmp_path: Path, secrets: None) -> None:
    world = World.demo(NOON)
    world.counts_ratings = True
    card = world.card("yandex_maps")
    with_text = world.all_reviews(card)
    for _ in range(6):
        world.add(card, text="", stars=5)
    rig = Rig(tmp_path, world)
    pass_by(rig, DAY, 6 * HOUR)
    assert kinds(rig) == []
    for review in with_text[:6]:
        world.edit(card, review.external_id, text="")  # still counted, and shown no more
    rig.run(after=6 * HOUR)
    assert kinds(rig) == []
    rig.run(after=6 * HOUR)
    rig.run(after=6 * HOUR)
    assert kinds(rig) == ["gap"]
    assert subjects(rig) == ["Видны не все отзывы на Яндекс Картах: «Ромашка»"]
    rig.app.close()


def lively(folder: Path) -> tuple[Rig, World, SiteCard]:
    """A card that had a review every day until now, not read yet."""
    world = World(NOON)
    card = world.card("twogis")
    for day in range(20):
        world.add(card, text=f"Был здесь {day} числа, всё понравилось.", stars=5, posted_at=NOON - day * DAY)
    return Rig(folder, world), world, card


def test_silence_longer_than_ever_rings_once_and_a_review_ends_it(tmp_path: Path, secrets: None) -> None:
    rig, world, card = lively(tmp_path)
    pass_by(rig, 7 * DAY, 12 * HOUR)
    assert kinds(rig) == []
    pass_by(rig, 8 * DAY, 12 * HOUR)
    assert kinds(rig) == ["silent"]
    (mail,) = mails(rig)
    assert str(mail["Subject"]) == "Давно нет новых отзывов в 2ГИС: «Ромашка»"
    assert "Новых отзывов нет уже 8 дней" in text(mail)
    world.add(card, text="Наконец-то зашли снова, спасибо.", stars=5, posted_at=rig.clock.now())
    rig.run(after=HOUR)
    assert kinds(rig) == []
    assert len(mails(rig)) == 1
    rig.app.close()


def test_a_pause_of_ours_is_no_silence_of_the_site(tmp_path: Path, secrets: None) -> None:
    rig, world, card = lively(tmp_path)
    rig.run()
    for day in range(1, 31):
        world.add(card, text=f"Снова был {day}.", stars=5, posted_at=NOON + day * DAY)
    rig.run(after=30 * DAY)
    rig.run(after=HOUR)
    assert kinds(rig) == []
    rig.app.close()


def test_a_card_that_cannot_be_read_is_not_called_silent(tmp_path: Path, secrets: None) -> None:
    rig, world, _ = lively(tmp_path)
    rig.run()
    world.trouble["twogis"] = Trouble.SERVER_ERROR
    pass_by(rig, 20 * DAY, DAY)
    assert kinds(rig) == ["unreachable"]
    rig.app.close()


def test_the_alarms_of_a_card_that_left_the_config_end(tmp_path: Path, secrets: None) -> None:
    rig = cafe_chain(tmp_path, places=2)
    rig.world.trouble["otzovik"] = Trouble.FORBIDDEN
    rig.run(after=2 * MINUTE)
    assert kinds(rig) == ["blocked"]
    lines = rig.config_path.read_text(encoding="utf-8").splitlines()
    rig.config_path.write_text("\n".join(line for line in lines if 'source: "otzovik"' not in line), encoding="utf-8")
    rig.restart()
    rig.run(after=MINUTE)
    assert kinds(rig) == []
    rig.app.close()


# --- health -------------------------------------------------------------------------------------


def test_health_names_an_open_alarm_and_says_nothing_twice(chain: Rig) -> None:
    chain.world.trouble["yandex_maps"] = Trouble.CAPTCHA
    chain.run(after=2 * MINUTE)
    checks = examine(chain.app.store, chain.app.intervals, chain.clock.now())
    by_name = {check.name: check for check in checks}
    assert by_name["blocked yandex_maps"].status == "late"
    assert by_name["blocked yandex_maps"].message.startswith("сайт отказывает (")
    assert sum("капч" in check.message for check in checks) == 1


def test_health_does_not_blame_cron_for_the_other_cards_of_a_site_that_refuses(chain: Rig) -> None:
    chain.world.trouble["yandex_maps"] = Trouble.CAPTCHA
    pass_by(chain, 2 * HOUR, 20 * MINUTE)
    checks = examine(chain.app.store, chain.app.intervals, chain.clock.now())
    of_site = [check for check in checks if check.name.startswith("listing") and check.name.endswith("yandex_maps")]
    assert len(of_site) == 3
    for check in of_site:
        assert check.status != "ok"
        assert "причина выше" in check.message


# --- the store ----------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "otklik.db")
    yield store
    store.close()


def raised(store: Store, message: str = "x", after: timedelta = timedelta()) -> bool:
    with store.write():
        return store.alarms.raise_alarm(
            AlarmKind.BLOCKED, source="twogis", listing_id=None, message=message, now=NOON + after
        )


def resolved(store: Store, after: timedelta) -> int:
    with store.write():
        return store.alarms.resolve(list(AlarmKind), source="twogis", listing_id=None, now=NOON + after)


def told(store: Store, after: timedelta) -> int:
    with store.write():
        ids = [alarm.id for alarm in store.alarms.untold()]
        return store.outbox.queue_alarms(["a@example.ru"], ids, now=NOON + after) if ids else 0


def test_an_open_alarm_only_learns_the_newest_message(store: Store) -> None:
    assert raised(store, "раз")
    assert not raised(store, "два", MINUTE)
    (alarm,) = store.alarms.open()
    assert (alarm.message, alarm.raised_at) == ("два", NOON)


def test_the_same_alarm_has_the_same_message_id_in_any_database(tmp_path: Path) -> None:
    found = set()
    for name in ("one.db", "two.db"):
        store = Store.open(tmp_path / name)
        raised(store)
        told(store, MINUTE)
        (pending,) = store.outbox.due(NOON + MINUTE)
        found.add(pending.message_id)
        store.close()
    assert len(found) == 1


def test_a_process_that_dies_while_queueing_leaves_nothing_and_the_next_one_queues_the_same_mail(store: Store) -> None:
    raised(store)
    found = []
    for dies in (True, False):
        with suppress(KeyboardInterrupt), store.write():
            ids = [alarm.id for alarm in store.alarms.untold()]
            store.outbox.queue_alarms(["a@example.ru"], ids, now=NOON + MINUTE)
            found += [pending.message_id for pending in store.outbox.due(NOON + MINUTE)]
            if dies:
                raise KeyboardInterrupt
        assert bool(store.alarms.untold()) == dies
    assert len(found) == 2
    assert len(set(found)) == 1


def test_what_comes_back_within_the_episode_is_open_again_and_not_told_again(store: Store) -> None:
    raised(store)
    assert told(store, MINUTE) == 1
    store.outbox.sent(store.outbox.due(NOON + MINUTE)[0].id, NOON + MINUTE)
    resolved(store, HOUR)
    assert raised(store, "снова", HOUR + EPISODE - MINUTE)
    assert told(store, 2 * HOUR) == 0
    (alarm,) = store.alarms.open()
    assert alarm.raised_at == NOON + HOUR + EPISODE - MINUTE, "all was well in between"


def test_two_alarms_of_the_same_moment_are_two_mails(store: Store) -> None:
    ids = set()
    for after in (HOUR, HOUR + 2 * EPISODE):
        with store.write():
            store.alarms.raise_alarm(
                AlarmKind.BLOCKED, source="twogis", listing_id=None, message="раз", now=NOON + after, since=NOON
            )
        assert told(store, after) == 1
        (pending,) = store.outbox.due(NOON + after)
        ids.add(pending.message_id)
        store.outbox.sent(pending.id, NOON + after)
        resolved(store, after)
    assert len(ids) == 2


def test_what_was_never_told_is_told_when_it_comes_back(store: Store) -> None:
    raised(store)
    told(store, MINUTE)
    resolved(store, 2 * MINUTE)  # before the mail went out
    raised(store, "снова", HOUR)
    assert told(store, HOUR) == 1


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["raise", "resolve", "tell", "send"]), st.integers(1, 500)), max_size=30))
def test_however_a_site_behaves_one_alarm_is_open_and_each_episode_is_told_at_most_once(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[str, int]]
) -> None:
    store = Store.open(tmp_path_factory.mktemp("alarms") / "otklik.db")
    at, mails_at = timedelta(), []
    for step, minutes in story:
        at += minutes * MINUTE
        if step == "raise":
            raised(store, "x", at)
        elif step == "resolve":
            resolved(store, at)
        elif step == "tell":
            told(store, at)
        else:
            for pending in store.outbox.due(NOON + at):
                if pending.alarms:
                    store.outbox.sent(pending.id, NOON + at)
                    mails_at.append((pending.alarms, at))
                else:
                    store.outbox.cancel(pending.id)
        assert len(store.alarms.open()) <= 1
    assert len({alarms for alarms, _ in mails_at}) == len(mails_at)
    store.close()


def test_since_tells_what_rang_and_what_was_still_wrong(store: Store) -> None:
    raised(store)
    assert [alarm.kind for alarm in store.alarms.since(NOON + HOUR)] == ["blocked"]
    resolved(store, 2 * HOUR)
    assert [alarm.kind for alarm in store.alarms.since(NOON + HOUR)] == ["blocked"]
    assert store.alarms.since(NOON + 3 * HOUR) == []


def test_looking_for_alarms_does_not_grow_with_the_tables(store: Store) -> None:
    for index, query, values in (
        ("listing_silent", alarms.SILENT, [""]),
        ("alarm_resolved", alarms.OVERTAKEN, []),
        ("notification_intake", outbox.LAST_ABOUT_ALARMS, []),
    ):
        plan = [str(row["detail"]) for row in store._db.rows(f"EXPLAIN QUERY PLAN {query}", values)]
        assert any(f"INDEX {index}" in step for step in plan), plan
        assert not any(step.startswith("SCAN") and "INDEX" not in step for step in plan), plan
