import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import log
from monitor.errors import Unreachable
from monitor.log import Event, Log


@pytest.fixture(autouse=True)
def _loggers_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("otklik")
    before = (list(root.handlers), root.level, ours.level)
    yield
    root.handlers[:], level, our_level = before
    root.setLevel(level)
    ours.setLevel(our_level)


def configured(verbose: bool = True) -> io.StringIO:
    stream = io.StringIO()
    log.configure(verbose, stream)
    return stream


def said(stream: io.StringIO) -> list[str]:
    """The lines without their time."""
    return [line.partition(" ")[2] for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_with_its_bound_context() -> None:
    stream = configured()
    pass_log = Log().bind(pass_id=12)
    pass_log.bind(listing="lenina/yandex_maps").say(Event.LISTING_READ, new=3, took=timedelta(seconds=1.5))
    pass_log.say(Event.PASS_FINISHED, ok=True, at=datetime(2026, 11, 21, tzinfo=UTC), note=None)
    assert said(stream) == [
        "INFO listing.read pass_id=12 listing=lenina/yandex_maps new=3 took=1.500s",
        "INFO pass.finished pass_id=12 ok=true at=2026-11-21T00:00:00.000000Z",
    ]


def test_a_line_begins_with_its_moment_in_utc() -> None:
    stream = configured()
    Log().say(Event.WORKER_STARTED)
    assert datetime.fromisoformat(stream.getvalue().split(" ")[0]).tzinfo is not None


def test_without_verbose_only_trouble_is_said() -> None:
    stream = configured(verbose=False)
    Log().say(Event.PASS_FINISHED, ok=5)
    Log().say(Event.NOTIFICATION_FAILED, id=7)
    assert said(stream) == ["ERROR notification.failed id=7"]


def test_configuring_twice_says_everything_once() -> None:
    first, second = configured(), configured()
    Log().say(Event.WORKER_STARTED)
    assert (len(said(first)), len(said(second))) == (0, 1)


def test_a_newline_cannot_forge_a_line() -> None:
    stream = configured()
    Log().say(Event.LISTING_FAILED, listing='a\n2026 INFO pass.finished \u202e\x1b[31m "x" \ud800')
    assert len(stream.getvalue().splitlines()) == 1
    assert said(stream) == [r'INFO listing.failed listing="a\n2026 INFO pass.finished \u202e\x1b[31m \"x\" \ud800"']


@given(
    st.dictionaries(
        st.sampled_from(["a", "listing", "message"]), st.text(alphabet=st.characters(exclude_categories=()))
    )
)
def test_whatever_the_values_a_line_is_printable_and_no_longer_than_it_should(fields: dict[str, str]) -> None:
    line = log.line("x", fields)
    assert line.isprintable()
    line.encode()
    assert len(line) <= 20 + len(fields) * (20 + 10 * log.LONGEST)


def test_secrets_and_queries_never_reach_the_log() -> None:
    stream = configured()
    Log().say(
        Event.PASS_STARTED,
        url="https://me:pw@api.example.ru/reviews?key=s3cr3t#s3cr3t",
        note="GET http://a.ru/x?key=s3cr3t and https://b.ru?k=s3cr3t with Authorization: Bearer s3cr3t",
        refresh_token="s3cr3t",
        api_key="s3cr3t",
    )
    assert "s3cr3t" not in stream.getvalue()
    assert "pw" not in stream.getvalue()
    assert "https://api.example.ru/reviews?[…]" in stream.getvalue()


def test_a_stranger_s_text_and_name_never_reach_the_log() -> None:
    stream = configured()
    Log().bind(author="Иван Петров").say(Event.TICKET_BREACHED, text="Суп холодный", quote="холодный", ticket=7)
    assert said(stream) == ["INFO ticket.breached author=[personal] text=[personal] quote=[personal] ticket=7"]


def test_an_error_of_ours_is_told_and_another_s_message_is_not() -> None:
    stream = configured()
    Log().say(Event.LISTING_FAILED, error=Unreachable("the site does not answer"))
    Log().say(Event.JOB_FAILED, error=ValueError("Иван Петров: суп холодный"))
    assert said(stream) == [
        'INFO listing.failed error=Unreachable message="the site does not answer"',
        "ERROR job.failed error=ValueError",
    ]


def test_other_libraries_speak_only_of_trouble_and_without_secrets() -> None:
    stream = configured()
    library = logging.getLogger("httpx")
    library.info("HTTP Request: GET https://a.ru/?key=s3cr3t")
    library.warning("retry https://a.ru/?key=%s\nagain", "s3cr3t")
    try:
        raise OSError("s3cr3t")
    except OSError:
        library.exception("broken")
    assert said(stream) == [
        r'WARNING library logger=httpx message="retry https://a.ru/?[…]\nagain"',
        "ERROR library logger=httpx message=broken error=OSError",
    ]


def test_every_event_has_its_own_name() -> None:
    assert len({event.title for event in Event}) == len(Event)
