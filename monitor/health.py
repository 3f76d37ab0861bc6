"""Is the worker alive, are the sites read, does mail go out? Each answer says what to do."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from monitor import canary, wording
from monitor.alerts import Alarm, AlarmKind
from monitor.clock import from_iso
from monitor.errors import StoreError
from monitor.model import ListingState
from monitor.store.sqlite import Store

STATUS_CODES = {"ok": 0, "late": 1, "broken": 2}

WORDS: Mapping[str, str] = {"ok": "в порядке", "late": "отстаёт", "broken": "сломано"}
"""How a status is said."""

OFF = "выключена"
"""How it is said of the trial alarm that nobody has asked for."""

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

SWITCH_ON = (
    "Проверить один раз: otklik canary. Чтобы проверялось каждый день, впишите в config.yaml: canary: {every: 1d}"
)

PASSES, OUTBOX, CANARY, SETTINGS = "pass", "outbox", "canary", "settings"
"""Names of the checks that are about no card."""

NO_KEYS_LACK: Mapping[str, str] = MappingProxyType({})

Said = Callable[[datetime], str]
"""How a moment of the past is told."""


@dataclass(frozen=True, slots=True)
class Check:
    """`gist`: the message without advice for whoever looks right now, and without what a mail server or a channel
    answered, which may name somebody. `off`: nobody has asked for it, which is no failure and no proof either.
    `listing`: the card it is about; `alarmed`: an alarm says why already."""

    name: str
    status: str
    message: str
    gist: str = ""
    off: bool = False
    listing: ListingState | None = None
    alarmed: bool = False

    @property
    def word(self) -> str:
        """How its status is said."""
        return OFF if self.off else WORDS[self.status]


@dataclass(frozen=True, slots=True)
class _Told:
    """What alarms have said already: their messages, and which sites turn all their cards away."""

    messages: Collection[str]
    turned_away: Collection[str]


@dataclass(frozen=True, slots=True)
class _Judge:
    """What a card is judged by; `passed_at`: when the last pass finished."""

    intervals: Mapping[str, timedelta]
    keyless: Mapping[str, str]
    told: _Told
    passed_at: datetime | None
    now: datetime


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
    left_out: Sequence[str] = (),
    keyless: Mapping[str, str] = NO_KEYS_LACK,
) -> list[Check]:
    """`intervals`: how often each source's cards are read; `canary_every`: how often the worker tries an alarm;
    `places`: whose cards, None for all; `said`: by default how long ago it was; `left_out`: settings of the desk that
    do not hold, in words; `keyless`: sources whose keys the environment lacks, with what to do."""
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
    last = store.passes.last_finished()
    passed_at = None if last is None else from_iso(last["finished_at"])
    return [
        passes(store, now, said),
        *(_alarm(alarm, now) for alarm in alarms),
        *(_listing(listing, _Judge(intervals, keyless, told, passed_at, now)) for listing in listings),
        _outbox(store, now),
        _canary(store, canary_every, now, said),
        *([_settings(left_out)] if left_out else []),
    ]


def _settings(left_out: Sequence[str]) -> Check:
    count = wording.counted(len(left_out), "настройка", "настройки", "настроек")
    gist = f"{count} из заданных на странице не {wording.plural(len(left_out), 'действует', 'действуют', 'действуют')}"
    return Check(SETTINGS, "late", "; ".join(left_out), gist)


def broken_store(error: StoreError) -> Check:
    """When the database itself cannot be read, nothing else can be told."""
    return Check("database", "broken", str(error))


def passes(store: Store, now: datetime, said: Said) -> Check:
    """Whether the worker lives."""
    last = store.passes.last_finished()
    if last is None:
        gist = "ни один проход ещё не завершён"
        return Check(PASSES, "broken", f"{gist}: запустите otklik run и поставьте его в cron", gist)
    at = from_iso(last["finished_at"])
    age = now - at
    if age < -CLOCK_SLACK:
        ahead = f"последний проход завершён «в будущем», через {wording.duration(-age)}"
        return Check(PASSES, "late", f"{ahead}: часы сервера перевели назад; запустите otklik run", ahead)
    when = f"последний проход завершён {said(at)}"
    if age > MISSED * PASS_INTERVAL:
        why = f"{when}: cron или служба не работает, запустите otklik run и прочтите ошибку"
        return Check(PASSES, "broken", why, when)
    return Check(PASSES, "ok", when)


def _alarm(alarm: Alarm, now: datetime) -> Check:
    about = wording.ALARMS[alarm.kind]
    lasting = wording.duration(now - alarm.raised_at)
    name = f"{alarm.kind} {alarm.listing or alarm.source}"
    return Check(name, ALARMING[alarm.kind], f"{about} ({lasting}): {alarm.message}")


def _listing(listing: ListingState, judge: _Judge) -> Check:
    name, now, told = f"listing {listing.name}", judge.now, judge.told
    every = max(judge.intervals.get(listing.source, PASS_INTERVAL), PASS_INTERVAL)
    good = listing.last_good_at
    begun = "первое чтение ещё не закончено" if listing.first_success_at else "ещё ни разу не прочитана"
    read = f"последнее удачное чтение: {wording.ago(now - good)}" if good else begun

    def found(status: str, message: str, gist: str = "", *, alarmed: bool = False) -> Check:
        return Check(name, status, message, gist, listing=listing, alarmed=alarmed)

    overdue = now - listing.next_check_at
    if advice := judge.keyless.get(listing.source):
        status = "broken" if overdue > MISSED * every else "late"
        return found(status, f"нет ключа: {advice} ({read})", f"нет ключа; {read}")
    if listing.error_message:
        lasting = good is None or now - good > MISSED * every
        retry = wording.from_now(max(listing.next_check_at - now, timedelta()))
        status = "broken" if lasting else "late"
        when = f"{read}; повтор {retry}"
        alarmed = listing.error_message in told.messages
        why = f"не читается, причина выше; {when}" if alarmed else f"{listing.error_message} ({when})"
        return found(status, why, f"{listing.error_message}; {read}", alarmed=alarmed)
    untouched = good is None and listing.first_success_at is None
    skipped = untouched and judge.passed_at is not None and listing.next_check_at <= judge.passed_at
    if overdue > every or skipped:
        status = "broken" if overdue > MISSED * every else "late"
        if listing.source in told.turned_away:
            return found(status, f"сайт пока не спрашиваем, причина выше; {read}", read, alarmed=True)
        what = f"чтение запаздывает на {wording.duration(overdue)} ({read})" if overdue > every else read
        why = f"{what}: проходы до карточки не доходят, или у них нет её ключа (otklik check)"
        return found(status, why, what)
    return found("ok", read)


def _canary(store: Store, every: timedelta | None, now: datetime, said: Said) -> Check:
    last, proven = store.canary.last(), store.canary.proven_at()
    told = f"последняя учебная тревога дошла {said(proven)}" if proven else "ни одна учебная тревога ещё не доходила"
    if last is not None and last.landed_at is None and now - last.began_at > TRIAL_PATIENCE:
        why = f": {last.error}" if last.error else ""
        failed = f"учебная тревога ({said(last.began_at)}) не дошла"
        advice = f"{told}. Проверьте: otklik mail test"
        return Check(CANARY, "broken", f"{failed}{why}; {advice}", f"{failed}; {advice}")
    if every is None:
        if proven is None or now - proven > canary.STALE:
            told += f"{', это давно' if proven else ''}: доходят ли настоящие, никто не проверял"
        return Check(CANARY, "ok", f"{told}. {SWITCH_ON}", off=True)
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
