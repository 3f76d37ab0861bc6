"""What the mails say, whatever the reviews hold."""

import string
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts import Alert, AlertKind, Message, TicketView
from monitor.errors import TemplateError
from monitor.model import Label, Precision, TicketState
from monitor.notify.render import SIZE_LIMIT, SUBJECT_LIMIT, Renderer
from monitor.notify.sample import samples, ticket
from monitor.notify.views import TEXT_LIMIT, link
from responders.types import Draft
from sentiment.types import Evidence, Risk, RiskMention, Tone

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
VIEW = ticket(NOW)
RENDERER = Renderer(None, "Кафе «Ромашка»")
ABOUT_NO_TICKET = (AlertKind.INTAKE, AlertKind.DIGEST, AlertKind.WEEKLY, AlertKind.ENTRY, AlertKind.ACCOUNT)
OF_TICKETS = [kind for kind in AlertKind if kind not in ABOUT_NO_TICKET]
"""What a mail may be about but reading itself: `test_notify_troubles.py`, and accounts: `test_notify_account.py`."""

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3)'
    " {{ 7 * 7 }} {% include '/etc/passwd' %} {{ ''.__class__.__mro__ }}\0\x1b[31m\u202eотзыв\ud800\r\n"
    "Bcc: all@example.ru"
)


def alert(kind: AlertKind, *views: TicketView, level: str = "") -> Alert:
    return Alert(kind, level, "owner@example.ru", "<a1@otklik.example>", views or (VIEW,), NOW)


def render(kind: AlertKind, *views: TicketView) -> Message:
    return RENDERER.render(alert(kind, *views), now=NOW)


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


def is_one_line(text: str) -> bool:
    return not {unicodedata.category(character) for character in text} & {"Cc", "Cs", "Zl", "Zp"}


class Tags(HTMLParser):
    """What a browser would see: tags with attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    @property
    def links(self) -> list[str | None]:
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]


# --- subjects ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "subject"),
    [
        (timedelta(minutes=-25), "Просрочено на 25 мин: 1★ на Яндекс Картах, «Ромашка» на Ленина"),
        (timedelta(minutes=30), "Осталось 30 мин: 1★ на Яндекс Картах, «Ромашка» на Ленина"),
        (timedelta(0), "Срок только что вышел: 1★ на Яндекс Картах, «Ромашка» на Ленина"),
        (None, "Ждёт ответа: 1★ на Яндекс Картах, «Ромашка» на Ленина"),
    ],
)
def test_a_deadline_says_how_late_what_and_where(due: timedelta | None, subject: str) -> None:
    view = replace(VIEW, due_at=None if due is None else NOW + due)
    assert render(AlertKind.DEADLINE, view).subject == subject


@pytest.mark.parametrize(
    ("source", "title", "where"),
    [
        ("google_business", "Google Карты", "в Google Картах"),
        ("twogis", "2ГИС", "в 2ГИС"),
        ("otzovik", "Отзовик", "на Отзовике"),
        ("irecommend", "iRecommend", "на iRecommend"),
        ("flamp", "Фламп", "на сайте «Фламп»"),
    ],
)
def test_every_site_is_named_in_its_case(source: str, title: str, where: str) -> None:
    view = replace(VIEW, source=source, source_title=title, stars=None)
    assert f"отзыв без оценки {where}, «Ромашка»" in render(AlertKind.DEADLINE, view).subject


def test_words_that_hold_quotes_stand_in_quotes_of_another_kind() -> None:
    said = "Официант три раза сказал «уже несут»"
    assert VIEW.verdict is not None
    verdict = replace(
        VIEW.verdict, evidence=(Evidence(said, 2.0),), risks=(RiskMention(Risk.THREAT, "кричал «убью» на весь зал"),)
    )
    message = render(AlertKind.DANGER, replace(VIEW, verdict=verdict))
    for part in (message.text, Tags(message.html).words):
        assert "«Официант три раза сказал „уже несут“»" in part
        assert "«кричал „убью“ на весь зал»" in part


def test_people_are_called_by_their_names_where_an_account_tells_them() -> None:
    label = Label(Tone.NEGATIVE, None, "boris", None, NOW)
    view = replace(VIEW, assignee="boris", draft_author="boris", label=label)
    renderer = Renderer(None, "Кафе", called=lambda login: {"boris": "Борис", "anna": "Анна"}.get(login, login))
    for kind in (AlertKind.DEADLINE, AlertKind.OVERDUE):
        told = replace(alert(kind, view, view), role="for anna")
        message = renderer.render(told, now=NOW)
        for part in (spaced(message.text), spaced(Tags(message.html).words)):
            assert "анимается Борис" in part.replace("анимается: ", "анимается ")
            assert "Вы замещаете коллегу (Анна)." in part
            assert "boris" not in part
            assert "anna" not in part


def test_a_danger_is_named_in_the_subject() -> None:
    subject = render(AlertKind.DANGER).subject
    assert subject == "Опасность: отравление — 1★ на Яндекс Картах, «Ромашка» на Ленина"


def test_digests_count_and_name_the_worst() -> None:
    views = [replace(VIEW, ticket=n, due_at=NOW - timedelta(hours=n)) for n in (1, 5, 3)]
    subject = render(AlertKind.OVERDUE, *views).subject
    assert subject == "Кафе «Ромашка»: 3 ответа просрочены, самый давний — на 5 ч"
    ahead = [replace(VIEW, ticket=n, due_at=NOW + timedelta(hours=n)) for n in (4, 2)]
    subject = render(AlertKind.WARNINGS, *ahead).subject
    assert subject == "Скоро срок: 2 отзыва без ответа, ближайший: осталось 2 ч"


def test_unanswerable_says_so() -> None:
    view = replace(VIEW, source="irecommend", due_at=None)
    message = render(AlertKind.UNANSWERABLE, view)
    assert message.subject == "Негативный отзыв, ответить нельзя: 1★ на iRecommend, «Ромашка» на Ленина"
    assert "Сайт не даёт компании ответить на этот отзыв" in message.text
    two = render(AlertKind.UNANSWERABLE, view, view)
    assert spaced(two.subject) == "Кафе «Ромашка»: 2 негативных отзыва, ответить нельзя"


# --- bodies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [AlertKind.DEADLINE, AlertKind.DANGER])
def test_one_mail_holds_all_one_needs_to_act(kind: AlertKind) -> None:
    message = render(kind)
    for part in (spaced(message.text), spaced(Tags(message.html).words)):
        for needed in (
            "росрочено на 25 мин",
            "Зинаида К.",
            "«Ромашка» на Ленина",
            "Яндекс Карты",
            "сегодня в 13:25",  # when it was posted, on the place's clock
            "сегодня в 14:35",  # when it was due
            "травление: «к вечеру вся семья лежала",
            "алат явно вчерашний",
            "Дозвониться до вас не смогли.",
            "Нам очень жаль",
            "правил человек: Анна; написан до последней правки",
            "otklik queue ack 1",
            "otklik queue submitted 1",
            "owner@example.ru указан в config.yaml",
        ):
            assert needed in part
    assert VIEW.url in message.text
    assert VIEW.reply_url in message.text
    assert Tags(message.html).links == [VIEW.reply_url, VIEW.url]


@pytest.mark.parametrize("kind", [AlertKind.DEADLINE, AlertKind.DANGER])
def test_line_breaks_stand_in_the_page_itself(kind: AlertKind) -> None:
    """Outlook for Windows keeps none by style."""
    draft = Draft("Здравствуйте!\n\nНам жаль.\nКоманда <Ромашки>", "regret#1", ())
    html = render(kind, replace(VIEW, text="Раз.\nДва.", draft=draft)).html
    assert "Раз.<br>\nДва." in html
    assert "Здравствуйте!<br>\n<br>\nНам жаль.<br>\nКоманда &lt;Ромашки&gt;" in html
    assert "pre-wrap" not in html


@pytest.mark.parametrize("kind", OF_TICKETS)
def test_mails_of_empty_tickets_are_mails(kind: AlertKind) -> None:
    empty = next(sample for sample in samples(NOW) if sample.kind is kind).tickets[1]
    message = render(kind, empty)
    assert "имя не указано" in message.text
    assert "дата неизвестна" in message.text
    assert "без текста" in message.text.lower()
    assert Tags(message.html).links == []
    for part in (message.text, message.html):
        assert "None" not in part
        assert "  " not in part.replace("\n", "")


@pytest.mark.parametrize("kind", OF_TICKETS)
def test_nothing_is_loaded_from_elsewhere(kind: AlertKind) -> None:
    message = render(kind)
    tags = Tags(message.html).tags
    assert not {"img", "script", "link", "iframe", "object", "form"} & {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name == "src" or name.startswith("on")]
    assert "url(" not in message.html
    assert "@import" not in message.html


# --- hostile reviews ---------------------------------------------------------------------------


def hostile_view(text: str, number: int = 1) -> TicketView:
    assert VIEW.verdict is not None
    verdict = replace(VIEW.verdict, risks=(RiskMention(Risk.LEGAL, text),), evidence=())
    return replace(
        VIEW,
        ticket=number,
        author=text,
        text=text,
        place_title=text,
        source="x",
        source_title=text,
        verdict=verdict,
        draft=Draft(text, "apology#1", ()),
        draft_author=text,
        assignee=text,
        url=f"javascript:{text}",
        reply_url=f'https://example.ru/"><script>{text}',
    )


@pytest.mark.parametrize("kind", OF_TICKETS)
def test_a_hostile_review_is_shown_and_never_obeyed(kind: AlertKind) -> None:
    message = RENDERER.render(alert(kind, hostile_view(HOSTILE)), now=NOW)
    seen = Tags(message.html)
    assert "script" not in {tag for tag, _ in seen.tags}
    assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]
    assert "javascript" not in "".join(filter(None, seen.links))
    assert "{{ 7 * 7 }}" in message.text
    assert "{{ 7 * 7 }}" in seen.words
    assert "<script>alert(1)</script>" in message.text
    for part in (message.subject, message.text, message.html):
        assert not set(part) & set("\0\x1b\u202e\ud800\r")
        part.encode()
    assert "\n" not in message.subject


@pytest.mark.parametrize("kind", OF_TICKETS)
@settings(max_examples=25)
@given(text=st.text(st.characters(), max_size=300))
def test_any_text_gives_a_mail(kind: AlertKind, text: str) -> None:
    message = RENDERER.render(alert(kind, hostile_view(text)), now=NOW)
    assert is_one_line(message.subject)
    assert 0 < len(message.subject) <= SUBJECT_LIMIT
    message.text.encode()
    message.html.encode()
    trusted = {tag for tag, _ in Tags(render(kind).html).tags}
    assert {tag for tag, _ in Tags(message.html).tags} <= trusted


def test_a_strangers_lines_cannot_pass_for_ours() -> None:
    message = render(AlertKind.DANGER, replace(VIEW, text="Хорошо.\n\n--\nОткрыть отзыв: https://evil.example/"))
    assert "\n> --\n> Открыть отзыв: https://evil.example/\n" in message.text


def test_a_long_review_is_cut_and_says_so() -> None:
    message = render(AlertKind.DEADLINE, replace(VIEW, text="ы" * 100_000))
    assert message.text.count("ы") < TEXT_LIMIT + 200
    assert "показано начало" in message.text
    assert "Показано начало" in message.html


@pytest.mark.parametrize("kind", [AlertKind.OVERDUE, AlertKind.WARNINGS, AlertKind.UNANSWERABLE])
def test_a_digest_of_five_hundred_lists_fifty_and_counts_the_rest(kind: AlertKind) -> None:
    message = render(kind, *(replace(VIEW, ticket=n) for n in range(1, 501)))
    for part in (message.text, message.html):
        assert "№ 50 " in part
        assert "№ 51 " not in part
        assert "и ещё 450" in part
        assert len(part.encode()) <= SIZE_LIMIT


@pytest.mark.parametrize("kind", OF_TICKETS)
@pytest.mark.parametrize("text", ["&" * 9_000, "ж" * 9_000, "😡" * 9_000, "a\n" * 5_000])
def test_no_mail_grows_too_large(kind: AlertKind, text: str) -> None:
    views = [replace(hostile_view(text, n), url="https://example.ru/" + "x" * 950) for n in range(1, 61)]
    message = render(kind, *views)
    assert len(message.html.encode()) <= SIZE_LIMIT
    assert len(message.text.encode()) <= SIZE_LIMIT
    assert "и ещё" in message.text


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.ru/a?b=1&c=2", True),
        ("http://127.0.0.1:8765/card", True),
        ("https://пример.рф/отзыв", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.ru/", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://example.ru/\nX", False),
        ("https://example.ru/ x", False),
        ("https://example.ru/" + "x" * 2000, False),
        ("https://example.ru/\ud800", False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url: str, linked: bool) -> None:
    assert link(url) == (url if linked else "")


def test_the_same_alert_reads_the_same() -> None:
    assert render(AlertKind.DANGER) == render(AlertKind.DANGER)


def test_a_late_answer_to_praise_is_not_called_urgent() -> None:
    assert VIEW.verdict is not None
    calm = replace(VIEW, stars=5, verdict=replace(VIEW.verdict, flagged=False, risks=()))
    assert "Почему срочно" in render(AlertKind.DEADLINE).text
    assert "Почему срочно" not in render(AlertKind.DEADLINE, calm).text


def test_an_approximate_date_stays_approximate() -> None:
    assert "около" in render(AlertKind.DEADLINE, replace(VIEW, posted_precision=Precision.APPROXIMATE)).text


def test_a_danger_in_an_answered_review_is_not_called_late() -> None:
    message = render(AlertKind.DANGER, replace(VIEW, state=TicketState.ANSWERED))
    for part in (message.text, Tags(message.html).words):
        assert "росрочено" not in part
        assert "Срок ответа" not in part
        assert "queue take" not in part
        assert "otklik queue show 1 — подробности; сейчас: ответ опубликован" in part


@pytest.mark.parametrize("kind", [AlertKind.UNANSWERABLE, AlertKind.OVERDUE])
def test_a_review_forgotten_meanwhile_leaves_a_row_without_words(kind: AlertKind) -> None:
    assert VIEW.verdict is not None
    erased = replace(VIEW.verdict, themes=(), risks=(), evidence=())
    forgotten = replace(VIEW, ticket=2, text="", author="", url="", verdict=erased, draft=None, draft_author=None)
    message = render(kind, VIEW, forgotten)
    assert "№ 2 · 1★ на Яндекс Картах" in message.text
    assert "имя не указано" in message.text
    assert "> без текста" in message.text
    assert Tags(message.html).links.count(VIEW.url) == 1


# --- the owner's own templates -----------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "emails").mkdir()
    return tmp_path


def test_an_owner_may_word_a_mail_himself(own: Path) -> None:
    template = (
        "{% extends 'layout.txt' %}{% block lead %}{% block subject %}Беда: {{ letter.urgent.place }}{% endblock %}"
    )
    (own / "emails" / "danger.txt").write_text(template + "{% endblock %}")
    message = Renderer(own, "Кафе").render(alert(AlertKind.DANGER), now=NOW)
    assert message.subject == "Беда: «Ромашка» на Ленина"
    assert message.html == Renderer(None, "Кафе").render(alert(AlertKind.DANGER), now=NOW).html


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("{% block subject %}{{ nobody }}{% endblock %}", "'nobody' is undefined"),
        ("{% block subject %}{{ letter.urgent.plase }}{% endblock %}", "no attribute 'plase'"),
        ("{% block subject %}\n{% if %}{% endblock %}", "danger.txt, строка 2"),
        ("no subject at all", "danger.txt: нет блока subject"),
        ("{% block subject %}{{ 1 / 0 }}{% endblock %}", "danger.txt: ZeroDivisionError"),
        ("{% block subject %}{{ ''.__class__.__mro__ }}{% endblock %}", "unsafe"),
        ("{% extends 'nowhere.txt' %}", "nowhere.txt"),
    ],
)
def test_a_mistake_in_an_owners_template_is_named_and_never_silences_an_alarm(
    own: Path, template: str, found: str
) -> None:
    (own / "emails" / "danger.txt").write_text(template)
    renderer = Renderer(own, "Кафе")
    with pytest.raises(TemplateError, match="шаблон письма не сработал") as failed:
        renderer.check(samples(NOW), now=NOW)
    assert found in str(failed.value)
    message = renderer.render(alert(AlertKind.DANGER), now=NOW)
    assert message.subject.startswith("Опасность: отравление")
    assert "письмо собрано по штатному шаблону" in message.text
    assert "письмо собрано по штатному шаблону" in message.html


def test_the_shipped_templates_hold_for_every_sample() -> None:
    RENDERER.check(samples(NOW), now=NOW)
    assert {sample.kind for sample in samples(NOW)} == set(AlertKind)


@settings(max_examples=30)
@given(st.text(string.printable + "ёЖ{}%\u202e\ud800", max_size=80))
def test_a_business_may_be_called_anything(name: str) -> None:
    message = Renderer(None, name).render(alert(AlertKind.OVERDUE, VIEW, VIEW), now=NOW)
    assert is_one_line(message.subject)
    message.html.encode()
