"""Is the worker alive, are the sites read, does mail go out? Each answer says what to do."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import wording
from monitor.alerts import Alarm, AlarmKind
from monitor.clock import from_iso
from monitor.errors import StoreError
from monitor.model import ListingState
from monitor.store.sqlite import Store

STATUS_CODES = {"ok": 0, "late": 1, "broken": 2}

WORDS: Mapping[str, str] = {"ok": "в порядке", "late": "отстаёт", "broken": "сломано"}
"""How a status is said."""

PASS_INTERVAL = timedelta(minutes=5)
"""How often a pass is to run, from cron or the worker, whatever its cards need: alarms ring in passes."""

MISSED = 3
"""So many missed passes, or reads of a card, are no accident any more."""

CLOCK_SLACK = timedelta(minutes=1)
"""By how much a clock may step back without a word."""

ALARMING: Mapping[AlarmKind, str] = {
    AlarmKind.BLOCKED: "late",
    AlarmKind.UNAUTHORISED: "broken",
    AlarmKind.LAYOUT_CHANGED: "broken",
    AlarmKind.UNREACHABLE: "broken",
    AlarmKind.GONE: "broken",
    AlarmKind.EMPTIED: "late",
    AlarmKind.GAP: "late",
    AlarmKind.SILENT: "late",
}
"""How bad an open alarm is: late may pass by itself, broken needs a person."""

TURNED_AWAY = (AlarmKind.BLOCKED, AlarmKind.UNAUTHORISED)
"""When one card meets these, the others of its site are not asked."""

FRESH_FAILURE = timedelta(days=3)
"""How long a mail that could not be delivered keeps health from being fine."""


TRIAL_PATIENCE = timedelta(minutes=30)
"""How long a trial alarm may be on its way."""

PASSES, OUTBOX, CANARY = "pass", "outbox", "canary"
"""Names of the checks that are about no card."""

Said = Callable[[datetime], str]
"""How a moment of the past is told."""


@dataclass(frozen=True, slots=True)
class Check:
    """`gist`: the message without what a mail server or a channel answered, which may name somebody."""

    name: str
    status: str
    message: str
    gist: str = ""


@dataclass(frozen=True, slots=True)
class _Told:
    """What alarms have said already: their messages, and which sites turn all their cards away."""

    messages: Collection[str]
    turned_away: Collection[str]


def worst(checks: Sequence[Check]) -> str:
    return max((check.status for check in checks), key=lambda status: STATUS_CODES[status])


def examine(
    store: Store,
    intervals: Mapping[str, timedelta],
    now: datetime,
    *,
    canary_every: timedelta | None = None,
    places: Collection[str] | None = None,
    said: Said | None = None,
) -> list[Check]:
    """`intervals`: how often each source's cards are read; `canary_every`: how often the worker tries an alarm;
    `places`: whose cards, None for all; `said`: by default how long ago it was."""
    said = said or (lambda at: wording.ago(now - at))
    listings = [listing for listing in store.listings.all() if places is None or listing.place in places]
    sources = {listing.source for listing in listings}
    alarms = [
        alarm
        for alarm in store.alarms.open()
        if places is None or alarm.place in places or (alarm.place is None and alarm.source in sources)
    ]
    told = _Told(
        {alarm.message for alarm in alarms},
        {alarm.source for alarm in alarms if alarm.listing_id is None and alarm.kind in TURNED_AWAY},
    )
    return [
        passes(store, now, said),
        *(_alarm(alarm, now) for alarm in alarms),
        *(_listing(listing, intervals, now, told) for listing in listings),
        _outbox(store, now),
        _canary(store, canary_every, now, said),
    ]


def broken_store(error: StoreError) -> Check:
    """When the database itself cannot be read, nothing else can be told."""
    return Check("database", "broken", str(error))


def passes(store: Store, now: datetime, said: Said) -> Check:
    """Whether the worker lives."""
    last = store.passes.last_finished()
    if last is None:
        return Check(PASSES, "broken", "ни один проход ещё не завершён: запустите otklik run и поставьте его в cron")
    at = from_iso(last["finished_at"])
    age = now - at
    if age < -CLOCK_SLACK:
        ahead = f"последний проход завершён «в будущем», через {wording.duration(-age)}"
        return Check(PASSES, "late", f"{ahead}: часы сервера перевели назад; запустите otklik run")
    when = f"последний проход завершён {said(at)}"
    if age > MISSED * PASS_INTERVAL:
        return Check(PASSES, "broken", f"{when}: cron или служба не работает, запустите otklik run и прочтите ошибку")
    return Check(PASSES, "ok", when)


def _alarm(alarm: Alarm, now: datetime) -> Check:
    about = wording.ALARMS[alarm.kind]
    lasting = wording.duration(now - alarm.raised_at)
    name = f"{alarm.kind} {alarm.listing or alarm.source}"
    return Check(name, ALARMING[alarm.kind], f"{about} ({lasting}): {alarm.message}")


def _listing(listing: ListingState, intervals: Mapping[str, timedelta], now: datetime, told: _Told) -> Check:
    name = f"listing {listing.name}"
    every = intervals.get(listing.source, PASS_INTERVAL)
    good = listing.last_good_at
    read = f"последнее удачное чтение: {wording.ago(now - good)}" if good else "ещё ни разу не прочитана"
    if listing.error_message:
        lasting = good is None or now - good > MISSED * max(every, PASS_INTERVAL)
        retry = wording.from_now(max(listing.next_check_at - now, timedelta()))
        status = "broken" if lasting else "late"
        when = f"{read}; повтор {retry}"
        why = f"не читается, причина выше; {when}" if listing.error_message in told.messages else ""
        return Check(name, status, why or f"{listing.error_message} ({when})")
    overdue = now - listing.next_check_at
    if overdue > max(every, PASS_INTERVAL):
        status = "broken" if overdue > MISSED * max(every, PASS_INTERVAL) else "late"
        if listing.source in told.turned_away:
            return Check(name, status, f"сайт пока не спрашиваем, причина выше; {read}")
        what = f"чтение запаздывает на {wording.duration(overdue)} ({read})"
        return Check(name, status, f"{what}: проходы до карточки не доходят, или у них нет её ключа (otklik check)")
    return Check(name, "ok", read)


def _canary(store: Store, every: timedelta | None, now: datetime, said: Said) -> Check:
    last, proven = store.canary.last(), store.canary.proven_at()
    told = f"последняя учебная тревога дошла {said(proven)}" if proven else "учебная тревога не доходила"
    if last is not None and last.landed_at is None and now - last.began_at > TRIAL_PATIENCE:
        why = f": {last.error}" if last.error else ""
        failed = f"учебная тревога ({said(last.began_at)}) не дошла"
        advice = f"{told}. Проверьте: otklik mail test"
        return Check(CANARY, "broken", f"{failed}{why}; {advice}", f"{failed}; {advice}")
    if every is None:
        advice = "" if proven else "; попробуйте otklik canary или впишите в config.yaml раздел canary"
        return Check(CANARY, "ok", f"{told}{advice}")
    if last is None or now - last.began_at > MISSED * every:
        return Check(CANARY, "late", f"{told}, а новой не было: работает ли otklik worker или cron?")
    return Check(CANARY, "ok", told if last.landed_at else f"{told}; новая в пути")


def _outbox(store: Store, now: datetime) -> Check:
    failures = store.outbox.failures(since=now - FRESH_FAILURE)
    if not failures:
        return Check(OUTBOX, "ok", f"писем отправлено: {store.outbox.delivered()}")
    final = [row for row in failures if row["state"] == "failed"]
    status = "broken" if final else "late"
    count = wording.counted(len(failures), "письмо не ушло", "письма не ушли", "писем не ушло")
    return Check(OUTBOX, status, f"{count}: {failures[-1]['error']}", count)
