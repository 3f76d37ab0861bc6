"""Pages with schema.org markup, tidy and untidy: JSON-LD, microdata, and both at once."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Card, LayoutChanged, Outcome, Page, Parsed, Precision, SourceSettings, Unavailable
from monitor.sources.own_page import plain, stars
from monitor.sources.schema_org import SchemaOrg

CARD = Card("lenina", "schema_org", "https://romashka.example/otzyvy", "Europe/Moscow")
NOW = datetime(2026, 11, 21, 19, tzinfo=UTC)


def html(
    *scripts: str, body: str = "", title: str = "Кафе «Ромашка» — отзывы", kind: str = "application/ld+json"
) -> str:
    markup = "".join(f'<script type="{kind}">{script}</script>' for script in scripts)
    return f"<!DOCTYPE html><html><head><title>{title}</title>{markup}</head><body>{body}</body></html>"


def review(**said: object) -> dict[str, object]:
    usual = {"@type": "Review", "author": {"@type": "Person", "name": "Анна К."}, "reviewBody": "Пирог был чудесный."}
    return {**usual, "datePublished": "2026-11-20T10:00:00+03:00", "reviewRating": {"ratingValue": 5}, **said}


def cafe(*reviews: object, **said: object) -> str:
    place = {"@context": "https://schema.org", "@type": "CafeOrCoffeeShop", "name": "Ромашка", "review": list(reviews)}
    return json.dumps({**place, **said}, ensure_ascii=False)


def outcome(text: str | bytes, **headers: str) -> Outcome:
    body = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return SchemaOrg(SourceSettings()).parse(Page(200, headers, body, CARD.id, NOW), CARD, None)


def read(text: str | bytes) -> Parsed:
    found = outcome(text)
    assert isinstance(found, Parsed), found
    return found


def test_a_review_nested_in_its_place_is_read_whole() -> None:
    found = read(html(cafe(review(), aggregateRating={"reviewCount": "7", "ratingValue": 4.9})))
    (only,) = found.reviews
    assert (only.stars, only.author, only.text) == (5, "Анна К.", "Пирог был чудесный.")
    assert (only.posted_at, only.posted_precision) == (datetime(2026, 11, 20, 7, tzinfo=UTC), Precision.EXACT)
    assert found.declared_total == 7
    assert found.next is None
    assert found.ceiling, "markup holds the first page only: nothing may be taken for removed"
    assert not only.reply_known


@pytest.mark.parametrize(
    "wrapped",
    [
        "<!-- {} -->",
        "//<![CDATA[\n{}\n//]]>",
        "/* <![CDATA[ */ {} /* ]]> */",
        "<![CDATA[{}]]>",
        "{};",
        "\ufeff  {}\n",
    ],
)
def test_wrappers_around_the_json_do_no_harm(wrapped: str) -> None:
    assert len(read(html(wrapped.replace("{}", cafe(review())))).reviews) == 1


def test_raw_line_breaks_and_trailing_commas_do_no_harm() -> None:
    said = (
        '{"@type":"Review","author":"Олег","reviewBody":"Первая строка\nвторая","reviewRating":{"ratingValue":"4",},}'
    )
    (only,) = read(html(said)).reviews
    assert (only.text, only.stars, only.author) == ("Первая строка\nвторая", 4, "Олег")


def test_one_broken_script_does_not_cost_the_others() -> None:
    found = read(html('{"@type": "Review", "reviewBody": "обор', cafe(review()), "", "нечто"))
    assert [one.text for one in found.reviews] == ["Пирог был чудесный."]


def test_a_page_whose_only_script_is_broken_is_no_empty_page() -> None:
    found = outcome(html('{"@type": "Review", "reviewBody": "обор'))
    assert isinstance(found, LayoutChanged)
    assert "блоков JSON-LD с ошибкой: 1" in found.reason


def test_a_page_without_markup_is_no_empty_page() -> None:
    assert isinstance(outcome(html(body="<p>Нас хвалят все!</p>")), LayoutChanged)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (html(body="<p>Нас хвалят все!</p>"), "попросите владельца сайта её добавить"),
        (html('{"@type": "Review", "reviewBody": "обор'), "попросите владельца сайта её исправить"),
        (html(cafe(*(review(author=f"А{number}", reviewBody="") for number in range(9)))), "отзывов из 9 нет текста. "),
        (html(body="<b></b>" * 300_000), "слишком много разметки. Проверьте адрес"),
        ("{}x}", "вместо данных в формате JSON пришло что-то другое. Проверьте адрес"),
    ],
)
def test_a_page_that_was_never_read_right_is_not_said_to_have_changed(body: str, words: str) -> None:
    found = outcome(body)
    assert isinstance(found, LayoutChanged)
    assert words in found.reason
    assert "роверьте адрес" in found.reason
    assert "раньше" not in found.reason
    assert "новая версия" not in found.reason


def test_a_place_that_lists_no_reviews_yet_really_has_none() -> None:
    assert read(html(cafe())).reviews == ()


@pytest.mark.parametrize("kind", ["application/ld+json; charset=utf-8", "Application/LD+JSON"])
def test_the_scripts_type_is_read_generously(kind: str) -> None:
    assert len(read(html(cafe(review()), kind=kind)).reviews) == 1


def test_reviews_are_found_under_reviews_and_in_a_graph() -> None:
    told = {"author": "Ира", "dateCreated": "2026-11-01", "description": "Сухой."}
    thing = {"@type": "Product", "name": "Пирог", "reviews": [told]}
    graph = json.dumps({"@context": "https://schema.org", "@graph": [thing]})
    (only,) = read(html(graph)).reviews
    assert (only.author, only.text, only.stars, only.posted_precision) == ("Ира", "Сухой.", None, Precision.DAY)


def test_a_russian_day_and_an_author_as_a_string_are_understood() -> None:
    (only,) = read(html(cafe(review(author="user36", datePublished="04.01.2026")))).reviews
    assert only.author == "user36"
    assert only.posted_at == datetime(2026, 1, 3, 21, tzinfo=UTC)
    assert only.posted_precision is Precision.DAY


def test_entities_are_unescaped_once_and_markup_becomes_lines() -> None:
    (only,) = read(html(cafe(review(reviewBody="Вкусно&nbsp;и &quot;дёшево&quot;.<br>Спасибо <b>Марине</b>!")))).reviews
    assert only.text == 'Вкусно и "дёшево".\nСпасибо Марине!'


def test_pros_and_cons_belong_to_the_text() -> None:
    notes = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "name": "кофе"}, {"name": "вид"}]}
    (only,) = read(html(cafe(review(name="Уютно", positiveNotes=notes, negativeNotes="очередь")))).reviews
    assert only.text.startswith("Уютно")
    assert "Достоинства: кофе\nвид" in only.text
    assert "Недостатки: очередь" in only.text


@pytest.mark.parametrize(
    ("value", "best", "worst", "expected"),
    [
        ("4,5", None, None, 5),
        (3, None, None, 3),
        ("10", "10", "0", 5),
        (0, 10, 0, 1),
        (6, 10, 2, 3),
        (5, 5, 5, None),
        (0, None, None, None),
        (11, 10, 1, None),
        (True, None, None, None),
        ("много", None, None, None),
        (float("nan"), None, None, None),
        (None, None, None, None),
    ],
)
def test_ratings_are_moved_to_one_to_five(value: object, best: object, worst: object, expected: int | None) -> None:
    assert stars(value, best, worst) == expected


@given(
    st.floats(allow_nan=True) | st.integers() | st.text(max_size=8), st.floats() | st.none(), st.floats() | st.none()
)
def test_whatever_the_scale_stars_are_one_to_five_or_none(value: object, best: object, worst: object) -> None:
    assert stars(value, best, worst) in (None, 1, 2, 3, 4, 5)


def test_the_wrong_case_of_a_property_is_forgiven() -> None:
    said = review(ReviewRating={"@type": "Rating", "ratingValue": "2"})
    del said["reviewRating"]
    assert read(html(cafe(said))).reviews[0].stars == 2


def test_a_review_of_an_employer_or_of_a_claim_is_none_of_ours() -> None:
    others = [review(**{"@type": kind}, reviewBody=kind) for kind in ("EmployerReview", "ClaimReview")]
    assert [one.text for one in read(html(cafe(review(), *others))).reviews] == ["Пирог был чудесный."]


def test_a_review_about_somebody_else_is_left_out() -> None:
    other = review(reviewBody="Чайник протекает.", itemReviewed={"@type": "Product", "name": "Чайник Vitek"})
    ours = review(itemReviewed={"@type": "Restaurant", "name": "Кафе «Ромашка»"})
    assert [one.text for one in read(html(json.dumps([ours, other]))).reviews] == ["Пирог был чудесный."]


def test_reviews_are_kept_when_the_page_names_its_subject_nowhere_else() -> None:
    said = [review(itemReviewed="Студия «Кот»", reviewBody=f"Отзыв номер {number}") for number in range(3)]
    assert len(read(html(json.dumps(said), title="Нас хвалят")).reviews) == 3


def test_an_id_of_its_own_names_a_review_and_the_pages_address_does_not() -> None:
    first, edited = (read(html(cafe(review(**{"@id": "#r1"}, reviewBody=words)))) for words in ("Было.", "Стало."))
    assert first.reviews[0].external_id == edited.reviews[0].external_id
    shared = [review(url=CARD.id, reviewBody=words) for words in ("Один.", "Другой.")]
    assert len({one.external_id for one in read(html(cafe(*shared))).reviews}) == 2


def test_the_id_of_a_review_without_one_depends_on_what_it_is_known_by() -> None:
    def only(**said: object) -> str:
        return read(html(cafe(review(**said)))).reviews[0].external_id

    assert only() == only(reviewRating={"ratingValue": 1})
    assert len({only(), only(author="Пётр"), only(datePublished="2026-11-19"), only(reviewBody="Другое.")}) == 4


MICRODATA = """
<div itemscope itemtype="http://schema.org/Review"><span itemprop="author">{author}</span>
<meta itemprop="datePublished" content="2026-11-19"><meta itemprop="itemReviewed" content="Кафе Ромашка">
<div itemprop="reviewRating" itemscope itemtype="http://schema.org/Rating">
<meta itemprop="ratingValue" content="{stars}"></div><p itemprop="description">{text}</p></div>"""


def test_microdata_reviews_outside_of_their_place_are_read() -> None:
    (only,) = read(html(body=MICRODATA.format(author="Зоя", stars=3, text="Долго ждали, но вкусно."))).reviews
    assert (only.author, only.stars, only.text) == ("Зоя", 3, "Долго ждали, но вкусно.")


def test_microdata_adds_to_json_ld_what_is_not_there_already() -> None:
    twice = MICRODATA.format(author="Анна К.", stars=5, text="Пирог был чудесный.")
    more = MICRODATA.format(author="Зоя", stars=3, text="Долго ждали.")
    assert [one.author for one in read(html(cafe(review()), body=twice + more)).reviews] == ["Анна К.", "Зоя"]


def test_ratings_without_a_name_or_words_are_as_many_as_their_stars_and_days() -> None:
    said = [(5, "2026-11-19"), (1, "2026-11-19"), (5, "2026-11-18"), (5, "2026-11-19T10:00:00+03:00")]
    ratings = [{"@type": "Review", "datePublished": day, "reviewRating": {"ratingValue": stars}} for stars, day in said]
    repeated = MICRODATA.format(author="", stars=1, text="")
    found = read(html(cafe(review(), *ratings[:3]), body=repeated)).reviews
    assert [one.stars for one in found] == [5, 5, 1, 5]
    assert len({one.external_id for one in found}) == 4
    assert len(read(html(cafe(ratings[0], ratings[3]))).reviews) == 1, "one rating, told with the hour and without"


def test_a_page_cut_before_its_end_is_not_read() -> None:
    whole = html(cafe(review()), body="<p>ещё</p>")
    assert isinstance(outcome(whole[: whole.index("</body>")]), Unavailable)


def test_an_answer_of_bare_json_is_read_and_a_cut_one_is_not() -> None:
    bare = cafe(review())
    assert len(read(bare).reviews) == 1
    assert isinstance(outcome(bare[:-20]), Unavailable)


@pytest.mark.parametrize("nasty", ["</script><b>", "{{ 7*7 }}", "\u202eтекст", "=1+1", "a\0b", "\ud800", "x" * 100_000])
def test_hostile_words_stay_words(nasty: str) -> None:
    said = cafe(review(reviewBody=f"Начало {nasty} конец")).replace("</", "<\\/")
    text = read(html(said)).reviews[0].text
    assert text.startswith("Начало")
    assert text.endswith("конец")
    text.encode()
    assert "\0" not in text


def test_endless_nesting_and_endless_lists_are_refused() -> None:
    assert isinstance(outcome(html("[" * 100_000)), LayoutChanged)
    assert isinstance(outcome(html(json.dumps([{"@type": "Thing"}] * 30_000))), LayoutChanged)


@given(st.text(max_size=300))
def test_plain_never_fails(words: str) -> None:
    plain(words)


def test_real_pages_are_read_to_the_last_review(shared: Path) -> None:
    def of(name: str) -> Parsed:
        return read((shared / "captures" / "schema_org" / name).read_bytes())

    broker = of("broker_page_real.html")
    assert len(broker.reviews) == 25
    assert broker.declared_total == 349
    assert all(one.posted_precision is Precision.DAY and one.author for one in broker.reviews)
    assert sum(one.stars is None for one in broker.reviews) == 1, "one of them is not rated there, either"
    jar = of("littlespicejar_real.html")
    assert [one.author for one in jar.reviews][:2] == ["Angela", "Nathalie"]
    assert len(jar.reviews) == 5
    assert len(of("justapinch_1_real.html").reviews) > 0
    assert len(of("mob_2_real.html").reviews) > 0
