"""`otklik mail test`: one message the way alarms go, against real servers."""

import json
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.conftest import Otklik
from tests.session_rig import serving as serving_pages
from tests.test_notify_smtp import PASSWORD, Postman, serving


def written(folder: Path, mail: str, *, escalation: str = "", extra: str = "") -> None:
    (folder / "config.yaml").write_text(
        f"""
business: {{name: Кафе «Ромашка»}}
database: otklik.db
mail: {{from: otklik@example.ru, {mail}}}
escalation: {{support: [support@example.ru], owner: [owner@example.ru]{escalation}}}
http: {{allow_loopback: true}}
places: [{{id: lenina, title: На Ленина}}]
{extra}
""",
        encoding="utf-8",
    )


def smtp(port: int, more: str = "") -> str:
    return f"transport: smtp, host: 127.0.0.1, port: {port}, tls: none{more}"


def read(postman: Postman) -> tuple[str, str, str]:
    """Recipient, subject, text of the only mail."""
    (mail,) = postman.mails
    parsed = message_from_bytes(mail.original_content or b"", policy=default)
    body = parsed.get_body(("plain",))
    assert body is not None
    return mail.rcpt_tos[0], parsed["subject"], body.get_content()


@pytest.mark.parametrize(
    ("escalation", "arguments", "recipient"),
    [
        ("", [], "owner@example.ru"),
        (", admin: [root@example.ru]", [], "root@example.ru"),
        (", admin: [root@example.ru]", ["--to", "anna@example.ru"], "anna@example.ru"),
    ],
)
def test_a_mail_arrives_and_says_that_it_is_a_test(
    otklik: Otklik, tmp_path: Path, escalation: str, arguments: list[str], recipient: str
) -> None:
    postman = Postman()
    with serving(postman) as port:
        written(tmp_path, smtp(port), escalation=escalation)
        ran = otklik("mail", "test", *arguments)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Принято: {recipient}, почтовый сервер 127.0.0.1:{port}")
    to, subject, text = read(postman)
    assert to == recipient
    assert subject == "Проверка связи: Отклик, Кафе «Ромашка»"
    assert "Это проверка" in text


def test_the_answer_can_be_read_by_programs(otklik: Otklik, tmp_path: Path) -> None:
    postman = Postman()
    with serving(postman) as port:
        written(tmp_path, smtp(port))
        (first,) = otklik("mail", "test", "--json").objects()
        (second,) = otklik("mail", "test", "--json").objects()
    assert first["ok"] is True
    assert (first["recipient"], first["error"], first["permanent"]) == ("owner@example.ru", None, False)
    assert postman.ids == [first["message_id"], second["message_id"]]
    assert len({*postman.ids}) == 2


def test_what_a_server_refuses_is_told_with_its_answer(otklik: Otklik, tmp_path: Path) -> None:
    postman = Postman(recipients={"owner@example.ru": "550 no such user"})
    with serving(postman) as port:
        written(tmp_path, smtp(port))
        ran = otklik("mail", "test")
        (told,) = otklik("mail", "test", "--json").objects()
    assert ran.code == 1
    assert "получателя owner@example.ru сервер не принял (ответ 550)" in ran.out
    assert (told["ok"], told["permanent"]) == (False, True)


def test_a_server_that_is_not_there_is_told(otklik: Otklik, tmp_path: Path) -> None:
    with serving(Postman()) as port:
        pass
    written(tmp_path, smtp(port))
    ran = otklik("mail", "test")
    assert ran.code == 1
    assert "не удалось соединиться" in ran.out


def test_a_wrong_password_is_told_and_never_shown(
    otklik: Otklik, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postman = Postman()
    monkeypatch.setenv("SMTP_USER", "otklik")
    login = ", user_env: SMTP_USER, password_env: SMTP_PASSWORD"
    with serving(postman, authenticator=postman.authenticate, auth_require_tls=False) as port:
        written(tmp_path, smtp(port, login))
        monkeypatch.delenv("SMTP_PASSWORD", raising=False)
        lacking = otklik("mail", "test")
        monkeypatch.setenv("SMTP_PASSWORD", "parol-ne-tot")
        wrong = otklik("mail", "test")
        monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
        right = otklik("mail", "test")
    assert (lacking.code, wrong.code, right.code) == (2, 1, 0)
    assert "SMTP_PASSWORD" in lacking.err
    assert "имя или пароль не приняты" in wrong.out
    assert not any(word in ran.out + ran.err for ran in (wrong, right) for word in ("parol-ne-tot", PASSWORD))


def test_a_file_counts_as_accepted(otklik: Otklik, tmp_path: Path) -> None:
    written(tmp_path, "transport: file")
    assert "файлы .eml" in otklik("mail", "test").out
    (path,) = (tmp_path / "outbox").glob("test-*.eml")
    assert message_from_bytes(path.read_bytes(), policy=default)["to"] == "owner@example.ru"


CHANNELS = """
channels:
  crm: {{webhook: "{address}", secret_env: CRM_SECRET}}
  telegram: {{url_env: TELEGRAM_URL}}
"""


def test_each_channel_can_be_tried(otklik: Otklik, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SECRET", "klyuch-crm")
    with serving_pages() as site:
        monkeypatch.setenv("TELEGRAM_URL", f"json://127.0.0.1:{site.port}/parol")
        login = ", user_env: SMTP_USER, password_env: SMTP_PASSWORD"  # not set, and not needed here
        written(tmp_path, smtp(1, login), extra=CHANNELS.format(address=site.url("/hook")))
        site.page("/hook")
        site.page("/parol")
        crm, telegram = (otklik("mail", "test", "--to", f"channel:{name}") for name in ("crm", "telegram"))
        site.page("/hook", status=403)
        site.page("/parol", status=403)
        refused = [otklik("mail", "test", "--to", f"channel:{name}") for name in ("crm", "telegram")]
    assert (crm.code, telegram.code) == (0, 0)
    hooked, sent = (json.loads(seen.body) for seen in site.seen[:2])
    assert (hooked["kind"], hooked["total"], hooked["tickets"], hooked["alarms"]) == ("test", 0, [], [])
    assert "Это проверка" in hooked["text"]
    assert "Это проверка" in sent["message"]
    assert [ran.code for ran in refused] == [1, 1]
    assert "ответил 403" in refused[0].out
    shown = "".join(ran.out + ran.err for ran in (crm, telegram, *refused))
    assert "parol" not in shown
    assert "klyuch-crm" not in shown


@pytest.mark.parametrize(
    ("recipient", "said"),
    [
        ("channel:gone", "there is no channel"),
        ("channel:", "there is no channel"),
        ("channel:crm", "CRM_SECRET"),
        ("owner", "e-mail address"),
        ("a@example.ru\nBcc: b@example.ru", "e-mail address"),
    ],
)
def test_a_recipient_that_cannot_be_reached_is_named(
    otklik: Otklik, tmp_path: Path, recipient: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRM_SECRET", raising=False)
    written(tmp_path, "transport: file", extra=CHANNELS.format(address="https://crm.example.ru/hook"))
    ran = otklik("mail", "test", "--to", recipient)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not (tmp_path / "outbox").exists()


# --- otklik check -------------------------------------------------------------------------------


def test_check_names_what_channels_lack(otklik: Otklik, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CRM_SECRET", "TELEGRAM_URL"):
        monkeypatch.delenv(name, raising=False)
    written(tmp_path, "transport: file", extra=CHANNELS.format(address="https://crm.example.ru/hook"))
    ran = otklik("check", "--offline", "--json")
    assert ran.code == 2
    (told,) = ran.objects()
    problems = {problem["path"]: problem for problem in told["problems"]}
    assert set(problems) == {"channels.crm.secret_env", "channels.telegram.url_env"}
    assert all(problem["line"] for problem in problems.values())
    monkeypatch.setenv("CRM_SECRET", "klyuch")
    monkeypatch.setenv("TELEGRAM_URL", "parol://nowhere")
    (told,) = otklik("check", "--offline", "--json").objects()
    (problem,) = told["problems"]
    assert "TELEGRAM_URL" in problem["message"]
    assert "parol" not in problem["message"]
    monkeypatch.setenv("TELEGRAM_URL", "json://127.0.0.1:1")
    assert otklik("check", "--offline").code == 0


def test_check_says_how_to_install_apprise(otklik: Otklik, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    monkeypatch.setenv("CRM_SECRET", "klyuch")
    monkeypatch.setenv("TELEGRAM_URL", "json://127.0.0.1:1")
    written(tmp_path, "transport: file", extra=CHANNELS.format(address="https://crm.example.ru/hook"))
    ran = otklik("check", "--offline")
    assert ran.code == 2
    assert "channels.telegram.url_env: needs Apprise: pip install 'otklik[channels]'" in ran.out
