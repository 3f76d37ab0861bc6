"""Pages that a person saved in a browser: the way in when a site refuses programs."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.jobs.cards import Wanted
from monitor.jobs.importing import File, ImportReport
from monitor.model import Card, Origin, TicketState
from monitor.standin.world import World
from tests.rig import NOON, Rig
from tests.source_pages import fixture
from tests.test_import import LONG, bring, counts, held

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ANY = Wanted()
LONGER = LONG + ". " + "Больше мы сюда не придём и друзьям не советуем. " * 8


@pytest.fixture
def rig(tmp_path: Path, secrets: None) -> Iterator[Rig]:
    rig = Rig(tmp_path, World(NOON))
    yield rig
    rig.app.close()


def saved(html: bytes, url: str = "") -> bytes:
    """As a browser saves a "complete web page": a note at the top, files beside it, attributes in another order."""
    text = re.sub(r'(src|srcset)="[^"]*"', r'\1="./Страница_files/1.js"', html.decode())
    text = re.sub(r"<(meta|link) (\S+=\"[^\"]*\") (\S+=\"[^\"]*\")>", r"<\1 \3 \2>", text)
    note = f"<!-- saved from url=({len(url):04}){url} -->\n" if url else ""
    return re.sub(r"(?i)(<!doctype html>\s*)?", lambda found: f"{found[0]}{note}", text, count=1).encode()


def card(rig: Rig, source: str) -> Card:
    return next(each for each in rig.app.cards.values() if each.source == source)


def page(rig: Rig, source: str, path: str = "") -> bytes:
    """What the stand-in answers for the card's first page, or for the review at `path`."""
    request = rig.app._wired[0][source].source.request(card(rig, source), None)
    if path:
        request = type(request)(f"http://127.0.0.1:8765{path}", "отзыв")
    return rig.session.send(request, source=source).body


def bring_all(rig: Rig, *bodies: bytes, wanted: Wanted = ANY) -> ImportReport:
    files = [File(f"{number}.html", body, rig.clock.now()) for number, body in enumerate(bodies, 1)]
    return rig.app.importing().run(files, wanted)


def test_a_saved_page_of_yandex_is_read_without_being_told_whose_it_is(rig: Rig) -> None:
    yandex = rig.world.card("yandex_maps")
    mine = [rig.world.add(yandex, text=f"{LONG} {number}", stars=1, author="Анна") for number in range(3)]
    rig.world.reply(yandex, mine[0].external_id, "Простите нас", at=NOON)
    url = "https://yandex.ru/maps/org/kafe/82071161567/reviews/"
    report = bring(rig, saved(page(rig, "yandex_maps"), url), ANY, name="Кафе.html")
    assert counts(report) == (3, 0, 0, 0)
    assert {row["external_id"] for row in held(rig)} == {review.external_id for review in mine}
    assert sum(row["reply_text"] == "Простите нас" for row in held(rig)) == 1
    rig.run()
    assert len(held(rig)) == 3
    assert {row["origin"] for row in held(rig)} == {Origin.SITE}


def test_a_page_of_another_companys_card_is_refused_unless_the_card_is_named(rig: Rig) -> None:
    rig.world.add(rig.world.card("yandex_maps"), text=LONG, stars=1)
    body = saved(page(rig, "yandex_maps"), "https://yandex.ru/maps/org/chuzhoe/99999/reviews/")
    report = bring(rig, body, Wanted(place="lenina"))
    assert report.unreadable
    assert "карточки 99999" in report.rejected[0].reason
    assert counts(bring(rig, body, Wanted(card="82071161567"))) == (1, 0, 0, 0)


def test_whose_page_of_yandex_it_is_the_reviews_tell_too(rig: Rig) -> None:
    rig.world.add(rig.world.card("yandex_maps"), text=LONG, stars=1)
    ours = page(rig, "yandex_maps")
    assert bring(rig, ours.replace(b"82071161567", b"99999"), Wanted(source="yandex_maps")).unreadable
    assert held(rig) == []
    assert counts(bring(rig, ours, ANY)) == (1, 0, 0, 0)


def test_a_page_infers_nothing_about_what_it_does_not_show(rig: Rig) -> None:
    yandex = rig.world.card("yandex_maps")
    old = rig.world.add(yandex, text=LONG, stars=1)
    rig.world.reply(yandex, old.external_id, "Простите нас", at=NOON)
    rig.run()
    listing = next(each for each in rig.app.store.listings.all() if each.source == "yandex_maps")
    rig.clock.advance(HOUR)
    rig.world.remove_reply(yandex, old.external_id)
    new = rig.world.add(yandex, text="Вкусно и быстро", stars=5)
    for _ in range(3):
        bring(rig, page(rig, "yandex_maps"), Wanted(source="yandex_maps"))
        rig.clock.advance(HOUR)
    rig.world.hide(yandex, old.external_id)
    bring(rig, page(rig, "yandex_maps"), Wanted(source="yandex_maps"))
    after = next(each for each in rig.app.store.listings.all() if each.source == "yandex_maps")
    assert after == listing
    first, second = held(rig)
    assert (first["reply_text"], first["reply_misses"], first["removed_at"]) == ("Простите нас", 0, None)
    assert second["external_id"] == new.external_id
    assert rig.ticket_of(new.external_id).state is TicketState.OPEN


def test_a_page_saved_before_the_last_good_read_only_adds_what_is_unknown(rig: Rig) -> None:
    yandex = rig.world.card("yandex_maps")
    review = rig.world.add(yandex, text=LONG, stars=1)
    old = page(rig, "yandex_maps")
    rig.world.edit(yandex, review.external_id, text="Всё уладили", stars=5)
    rig.run()
    before = rig.digest()
    rig.clock.advance(HOUR)
    assert counts(bring(rig, old, Wanted(source="yandex_maps"), at=NOON - HOUR)) == (0, 0, 1, 0)
    assert rig.digest() == before


def test_a_page_saved_after_the_last_read_brings_edits_and_answers(rig: Rig) -> None:
    yandex = rig.world.card("yandex_maps")
    review = rig.world.add(yandex, text=LONG, stars=1)
    rig.run()
    rig.clock.advance(HOUR)
    rig.world.edit(yandex, review.external_id, text="Всё уладили", stars=4)
    rig.world.reply(yandex, review.external_id, "Спасибо", at=NOON)
    report = bring(rig, page(rig, "yandex_maps"), Wanted(source="yandex_maps"))
    assert (counts(report), report.replies) == ((0, 1, 0, 0), 1)
    assert rig.ticket_of(review.external_id).state is TicketState.ANSWERED


def test_a_page_adopts_what_a_table_told_of(rig: Rig) -> None:
    bring(rig, f"Дата;Оценка;Автор;Отзыв\n20.11.2026;1;Анна;{LONG}\n")
    mine = rig.world.add(rig.world.card("yandex_maps"), text=LONG, stars=1, author="Анна", posted_at=NOON - DAY)
    assert counts(bring(rig, page(rig, "yandex_maps"), Wanted(source="yandex_maps"))) == (0, 0, 1, 0)
    (row,) = held(rig)
    assert (row["external_id"], row["origin"]) == (mine.external_id, Origin.FILE)


@pytest.mark.parametrize("source", ["otzovik", "irecommend"])
def test_a_list_that_cuts_its_texts_asks_for_the_reviews_own_pages(rig: Rig, source: str) -> None:
    site = rig.world.card(source)
    mine = rig.world.add(site, text=LONGER, stars=1, author="Анна", title="Не пойду")
    report = bring(rig, saved(page(rig, source)), Wanted(source=source))
    assert held(rig) == []
    (refused,) = report.rejected
    assert "обрезан" in refused.reason
    assert refused.page
    path = re.search(r"https://[^/]+(/\S+)", refused.reason)
    assert path is not None
    own = saved(page(rig, source, path[1]))
    both = bring_all(rig, page(rig, source), own)
    assert counts(both) == (1, 0, 1, 0)
    (row,) = held(rig)
    assert row["external_id"] == mine.external_id
    assert "друзьям не советуем" in row["text"]
    assert row["posted_precision"] == "exact"
    rig.run()
    assert len(held(rig)) == 1
    assert held(rig)[0]["revision"] == 1


def test_a_whole_text_on_a_list_of_otzovik_is_taken(rig: Rig) -> None:
    rig.world.add(rig.world.card("otzovik"), text="Вкусно и недорого.", stars=5, author="Анна", title="Хорошо")
    assert counts(bring(rig, page(rig, "otzovik"), ANY)) == (1, 0, 0, 0)


def test_the_answers_that_only_a_reviews_own_page_shows_are_still_looked_for_by_the_next_read(rig: Rig) -> None:
    site = rig.world.card("otzovik")
    mine = rig.world.add(site, text="Холодно и невкусно.", stars=1, author="Анна", title="Не пойду")
    rig.world.reply(site, mine.external_id, "Простите нас", at=NOON - HOUR)
    assert counts(bring(rig, page(rig, "otzovik"), ANY)) == (1, 0, 0, 0)
    assert rig.ticket_of(mine.external_id).state is TicketState.OPEN
    rig.run()
    assert rig.ticket_of(mine.external_id).state is TicketState.ANSWERED


def test_the_fixtures_of_both_reading_sites_are_known_by_their_own_words(tmp_path: Path, secrets: None) -> None:
    rig = Rig(tmp_path, World(NOON))
    report = bring(rig, saved(fixture("otzovik", "review.html")), ANY)
    assert "карточки kafe_vydumka" in report.rejected[0].reason
    named = Wanted(card="primer_kompanii_russia_moscow")
    assert counts(bring(rig, saved(fixture("otzovik", "review.html")), named)) == (1, 0, 0, 0)
    assert counts(bring(rig, saved(fixture("irecommend", "review.html")), ANY)) == (1, 0, 0, 0)
    first, second = held(rig)
    assert (first["external_id"], first["stars"], first["url"]) == (
        "500001", 2, "https://otzovik.com/review_500001.html",
    )  # fmt: skip
    assert first["reply_text"] is not None
    assert (second["external_id"], second["stars"], second["url"]) == (
        "7001", 1, "https://irecommend.ru/content/volos-v-supe-0",
    )  # fmt: skip
    rig.app.close()


def test_the_real_and_rebuilt_captures_are_read_as_saved_pages(rig: Rig, shared: Path) -> None:
    captures = shared / "captures"
    expected = {
        "yandex_maps/org_reviews_page_composed.html": "82071161567",
        "otzovik/review_page_reconstructed.html": "primer_kompanii_russia_moscow",
        "irecommend/review_page_reconstructed.html": "primer-kompanii",
    }
    for name, own in expected.items():
        report = bring(rig, saved((captures / name).read_bytes()), Wanted(card=own))
        assert report.new, (name, report.rejected)
        assert not report.rejected, name


def test_an_answer_of_an_interface_is_a_page_too(rig: Rig) -> None:
    report = bring(rig, fixture("twogis"), ANY, name="reviews.json")
    assert report.new > 1
    assert {row["external_id"][:2] for row in held(rig)} == {"90"}


def test_a_web_archive_is_opened(rig: Rig) -> None:
    import quopri

    rig.world.add(rig.world.card("yandex_maps"), text=LONG, stars=1)
    html = quopri.encodestring(page(rig, "yandex_maps")).decode("ascii")
    url = "https://yandex.ru/maps/org/kafe/82071161567/reviews/"
    head = f"From: <Saved by Blink>\nSnapshot-Content-Location: {url}\nMIME-Version: 1.0\n"
    head += 'Content-Type: multipart/related; boundary="--b"\n\n----b\nContent-Type: text/html\n'
    archive = f"{head}Content-Transfer-Encoding: quoted-printable\nContent-Location: {url}\n\n{html}\n----b--\n"
    assert counts(bring(rig, archive, ANY, name="a.mhtml")) == (1, 0, 0, 0)


ENDLESS_ARCHIVE = b"MIME-Version: 1.0\n" + b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number) for number in range(3_000)
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (ENDLESS_ARCHIVE, "веб-архив испорчен"),
        (b"MIME-Version: 1.0\nContent-Type: text/plain\n\nnothing", "в веб-архиве нет страницы"),
        (fixture("otzovik", "captcha.html"), "капчу"),
        (fixture("irecommend", "interstitial.html"), "не пускает"),
        (b"<!DOCTYPE html><html><body>nothing</body></html>", "ни одна площадка"),
        (b"<", "ни одна площадка"),
        (b"<html>" + b"<div>" * 40_000, "ни одна площадка"),
    ],
)
def test_a_page_that_cannot_be_read_says_why(rig: Rig, body: bytes, words: str) -> None:
    wanted = {"капчу": "Отзовик", "не пускает": "irecommend"}.get(words, "")
    report = bring(rig, body, Wanted(source=wanted), name="a.html")
    assert report.unreadable
    assert words in report.rejected[0].reason
    assert held(rig) == []


def test_a_cut_page_brings_nothing_half(rig: Rig) -> None:
    for number in range(3):
        rig.world.add(rig.world.card("yandex_maps"), text=f"{LONG} {number}", stars=1)
    body = page(rig, "yandex_maps")
    for share in range(1, 20):
        report = bring(rig, body[: len(body) * share // 20], Wanted(source="yandex_maps"), name="a.html")
        assert report.new in (0, 3)
        if report.new:
            break
    for row in held(rig):
        assert row["text"].startswith(LONG)


def test_the_moment_of_saving_is_never_later_than_now(rig: Rig) -> None:
    rig.world.add(rig.world.card("yandex_maps"), text=LONG, stars=1)
    late: datetime = NOON + 30 * DAY
    bring(rig, page(rig, "yandex_maps"), Wanted(source="yandex_maps"), at=late)
    assert held(rig)[0]["last_seen_at"] == "2026-11-21T12:00:00.000000Z"
