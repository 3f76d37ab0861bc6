"""Mails over SMTP, against a real server on loopback."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from monitor.alerts import Delivery, Message
from monitor.notify.smtp import SmtpChannel, is_this_machine
from tests.conftest import missing
from tests.ports import free_port
from tests.test_notify_mime import MESSAGE, SENDER

PASSWORD = "parol-ot-pochty-42"


@dataclass
class Postman:
    """Accepts mail; answers as told to certain recipients, and hangs up on a certain one."""

    recipients: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    hangs_up_at: str = ""
    sender: str = ""
    mails: list[Envelope] = field(default_factory=list)
    sessions: set[object] = field(default_factory=set)
    logins: list[tuple[bytes, bytes, bool]] = field(default_factory=list)
    farewells: int = 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender:
            return self.sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == self.hangs_up_at:
            assert server.transport is not None
            server.transport.close()
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.data.get(envelope.rcpt_tos[0], "250 OK")
        if answer.startswith("250"):
            self.mails.append(envelope)
            self.sessions.add(session.peer)
        return answer

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.farewells += 1
        return "221 Bye"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password, session.ssl is not None))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    @property
    def ids(self) -> list[str]:
        return [message_from_bytes(mail.original_content or b"", policy=default)["Message-ID"] for mail in self.mails]


@contextmanager
def serving(postman: Postman, **settings: Any) -> Iterator[int]:
    """aiosmtpd takes no port 0: a free one is found first, and another if somebody was faster."""
    controller = None
    for _ in range(5):
        controller = Controller(postman, hostname="127.0.0.1", port=free_port(), **settings)
        try:
            controller.start()
            break
        except OSError:
            continue
    assert controller is not None
    try:
        yield controller.port
    finally:
        controller.stop()


Serve = Callable[..., AbstractContextManager[int]]


@pytest.fixture
def postman() -> Postman:
    return Postman()


def channel(port: int, **settings: Any) -> SmtpChannel:
    chosen: dict[str, Any] = {"tls": "none", "user": "", "password": "", "timeout": timedelta(seconds=5)} | settings
    return SmtpChannel("127.0.0.1", port, sender=SENDER, **chosen)


def messages(*recipients: str) -> list[Message]:
    return [
        replace(MESSAGE, message_id=f"<alert-{number}@otklik>", recipient=recipient)
        for number, recipient in enumerate(recipients, 1)
    ]


def outcome(deliveries: Iterable[Delivery]) -> list[str]:
    """sent, permanent or later, in order."""
    return ["sent" if made.error is None else "permanent" if made.permanent else "later" for made in deliveries]


# --- delivery ----------------------------------------------------------------------------------


def test_a_batch_goes_over_one_connection(postman: Postman) -> None:
    with serving(postman) as port:
        deliveries = list(channel(port).deliver(messages("a@example.ru", "b@example.ru")))
    assert deliveries == [Delivery("<alert-1@otklik>"), Delivery("<alert-2@otklik>")]
    assert postman.ids == ["<alert-1@otklik>", "<alert-2@otklik>"]
    assert [mail.rcpt_tos for mail in postman.mails] == [["a@example.ru"], ["b@example.ru"]]
    assert [mail.mail_from for mail in postman.mails] == ["otklik@example.ru"] * 2
    assert len(postman.sessions) == 1


def test_what_arrives_is_what_was_written(postman: Postman) -> None:
    message = replace(MESSAGE, text="Первая\n.\n..вторая\n" + "ы" * 5000 + "\n")
    with serving(postman) as port:
        list(channel(port).deliver([message]))
    parsed = message_from_bytes(postman.mails[0].original_content or b"", policy=default)
    body = parsed.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == message.text


def test_nothing_to_send_opens_no_connection() -> None:
    assert list(channel(1).deliver([])) == []


def test_each_result_is_told_before_the_next_mail_is_sent(postman: Postman) -> None:
    with serving(postman) as port:
        deliveries = channel(port).deliver(messages("a@example.ru", "b@example.ru"))
        assert postman.ids == []
        assert next(deliveries) == Delivery("<alert-1@otklik>")
        assert postman.ids == ["<alert-1@otklik>"]
        assert next(deliveries) == Delivery("<alert-2@otklik>")
        assert postman.farewells == 0
        assert list(deliveries) == []
        assert postman.farewells == 1


def test_a_caller_who_stops_early_sends_no_more_and_leaves_politely(postman: Postman) -> None:
    with serving(postman) as port:
        deliveries = channel(port).deliver(messages("a@example.ru", "b@example.ru"))
        next(deliveries)
        deliveries.close()
    assert postman.ids == ["<alert-1@otklik>"]
    assert postman.farewells == 1


# --- refusals ----------------------------------------------------------------------------------


def test_a_refused_recipient_is_permanent_and_holds_nobody_else(postman: Postman) -> None:
    postman.recipients["no@example.ru"] = "550 5.1.1 user unknown"
    with serving(postman) as port:
        deliveries = list(channel(port).deliver(messages("no@example.ru", "yes@example.ru")))
    assert outcome(deliveries) == ["permanent", "sent"]
    assert deliveries[0].error == f"127.0.0.1:{port}: получателя no@example.ru сервер не принял (ответ 550)"


@pytest.mark.parametrize(("answer", "result"), [("451 greylisted", "later"), ("554 spam", "permanent")])
@pytest.mark.parametrize("stage", ["recipients", "data"])
def test_a_code_tells_whether_to_try_again(postman: Postman, stage: str, answer: str, result: str) -> None:
    getattr(postman, stage)["one@example.ru"] = answer
    with serving(postman) as port:
        deliveries = list(channel(port).deliver(messages("one@example.ru", "two@example.ru")))
    assert outcome(deliveries) == [result, "sent"]


def test_a_refused_sender_can_be_mended_in_the_config(postman: Postman) -> None:
    postman.sender = "553 sender not owned by user"
    with serving(postman) as port:
        (delivery,) = channel(port).deliver(messages("a@example.ru"))
    assert outcome([delivery]) == ["later"]
    assert "отправителя из mail.from сервер не принял (ответ 553)" in (delivery.error or "")


def test_what_is_no_address_is_permanent_and_holds_nobody_else(postman: Postman) -> None:
    with serving(postman) as port:
        deliveries = list(channel(port).deliver(messages("nobody", "a@example.ru")))
    assert outcome(deliveries) == ["permanent", "sent"]


def test_a_russian_mailbox_needs_a_server_that_knows_how(postman: Postman) -> None:
    with serving(postman, enable_SMTPUTF8=False) as port:
        deliveries = list(channel(port).deliver(messages("вася@example.ru", "a@example.ru")))
    assert outcome(deliveries) == ["permanent", "sent"]
    assert "SMTPUTF8" in (deliveries[0].error or "")
    with serving(postman, enable_SMTPUTF8=True) as port:
        assert outcome(channel(port).deliver(messages("вася@пример.рф"))) == ["sent"]
    assert postman.mails[-1].rcpt_tos == ["вася@xn--e1afmkfd.xn--p1ai"]


# --- a server that fails -----------------------------------------------------------------------


def test_a_dead_server_means_later_for_all() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        deliveries = list(channel(closed.getsockname()[1]).deliver(messages("a@example.ru", "b@example.ru")))
    assert outcome(deliveries) == ["later", "later"]
    assert "не удалось соединиться (на этом порту никто не отвечает)" in (deliveries[0].error or "")


def test_a_silent_server_means_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        (delivery,) = channel(port, timeout=timedelta(seconds=0.1)).deliver(messages("a@example.ru"))
    assert outcome([delivery]) == ["later"]
    assert "сервер не уложился в отведённое время, см. mail.timeout" in (delivery.error or "")


def test_a_connection_lost_midway_keeps_what_was_sent(postman: Postman) -> None:
    postman.hangs_up_at = "b@example.ru"
    with serving(postman) as port:
        deliveries = list(channel(port).deliver(messages("a@example.ru", "b@example.ru", "c@example.ru")))
    assert outcome(deliveries) == ["sent", "later", "later"]
    assert postman.ids == ["<alert-1@otklik>"]
    assert "связь оборвалась" in (deliveries[1].error or "")
    assert "очередь не дошла" in (deliveries[2].error or "")


def test_a_server_that_closes_for_the_night_means_later_for_the_rest(postman: Postman) -> None:
    postman.recipients["b@example.ru"] = "421 closing"
    with serving(postman) as port:
        deliveries = list(channel(port).deliver(messages("a@example.ru", "b@example.ru", "c@example.ru")))
    assert outcome(deliveries) == ["sent", "later", "later"]


# --- encryption and passwords ------------------------------------------------------------------


@dataclass
class Certificate:
    server: ssl.SSLContext
    trusting: ssl.SSLContext


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    openssl = shutil.which("openssl")
    if openssl is None:
        missing("openssl", "there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, public = folder / "key.pem", folder / "cert.pem"
    command = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    subject = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command.split(), *subject, "-keyout", key, "-out", public], check=True, capture_output=True)
    return made_certificate(key, public)


def made_certificate(key: Path, public: Path) -> Certificate:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(public, key)
    return Certificate(server, ssl.create_default_context(cafile=str(public)))


def starttls(postman: Postman, certificate: Certificate) -> AbstractContextManager[int]:
    return serving(postman, tls_context=certificate.server, require_starttls=True, authenticator=postman.authenticate)


def test_an_unknown_certificate_is_refused(postman: Postman, certificate: Certificate) -> None:
    with starttls(postman, certificate) as port:
        (delivery,) = channel(port, tls="starttls", user="otklik", password=PASSWORD).deliver(messages("a@example.ru"))
    assert outcome([delivery]) == ["later"]
    assert "сертификат не прошёл проверку" in (delivery.error or "")
    assert postman.logins == []


def test_a_known_certificate_lets_the_password_and_the_mail_through(postman: Postman, certificate: Certificate) -> None:
    with starttls(postman, certificate) as port:
        secured = channel(port, tls="starttls", user="otklik", password=PASSWORD, ssl_context=certificate.trusting)
        assert outcome(secured.deliver(messages("a@example.ru"))) == ["sent"]
    assert postman.logins == [(b"otklik", PASSWORD.encode(), True)]


def test_tls_from_the_first_byte_works_too(postman: Postman, certificate: Certificate) -> None:
    with serving(postman, ssl_context=certificate.server) as port:
        secured = channel(port, tls="implicit", ssl_context=certificate.trusting)
        assert outcome(secured.deliver(messages("a@example.ru"))) == ["sent"]
        plain = channel(port, tls="none", timeout=timedelta(seconds=0.2))
        assert outcome(plain.deliver(messages("b@example.ru"))) == ["later"]
    assert len(postman.mails) == 1


def test_no_mail_goes_in_the_clear_where_encryption_is_demanded(postman: Postman) -> None:
    with serving(postman) as port:
        deliveries = list(channel(port, tls="starttls").deliver(messages("a@example.ru")))
        wrong = list(channel(port, tls="implicit").deliver(messages("a@example.ru")))
    assert outcome([*deliveries, *wrong]) == ["later", "later"]
    assert "не умеет STARTTLS" in (deliveries[0].error or "")
    assert "проверьте mail.port и mail.tls" in (wrong[0].error or "")
    assert postman.mails == []


def test_a_wrong_password_is_named_but_not_told(postman: Postman, certificate: Certificate) -> None:
    with starttls(postman, certificate) as port:
        wrong = channel(port, tls="starttls", user="otklik", password="wrong-42", ssl_context=certificate.trusting)
        (delivery,) = wrong.deliver(messages("a@example.ru"))
    assert outcome([delivery]) == ["later"]
    assert "имя или пароль не приняты (ответ 535); проверьте mail.user_env" in (delivery.error or "")
    assert "wrong-42" not in (delivery.error or "")


@pytest.mark.parametrize(("user", "password"), [("отклик", PASSWORD), ("otklik", "пароль"), ("otklik", "a\r\nQUIT")])
def test_an_impossible_password_is_an_answer_and_no_crash(
    postman: Postman, certificate: Certificate, user: str, password: str
) -> None:
    with starttls(postman, certificate) as port:
        odd = channel(port, tls="starttls", user=user, password=password, ssl_context=certificate.trusting)
        (delivery,) = odd.deliver(messages("a@example.ru"))
    assert outcome([delivery]) == ["later"]
    assert password not in (delivery.error or "")


def test_a_password_is_never_sent_in_the_clear_over_the_net() -> None:
    open_line = SmtpChannel(
        "mail.example.ru",
        25,
        tls="none",
        user="otklik",
        password=PASSWORD,
        timeout=timedelta(seconds=1),
        sender=SENDER,
    )
    (delivery,) = open_line.deliver(messages("a@example.ru"))
    assert outcome([delivery]) == ["later"]
    assert "пароль без шифрования не отправляем" in (delivery.error or "")
    assert PASSWORD not in f"{delivery} {open_line.describe()} {open_line!r}"


@pytest.mark.parametrize(("host", "ours"), [("localhost", True), ("127.0.0.1", True), ("::1", True)])
def test_loopback_is_this_machine(host: str, ours: bool) -> None:
    assert is_this_machine(host) is ours


@pytest.mark.parametrize("host", ["mail.example.ru", "10.0.0.1", "0.0.0.0", "localhost.example.ru", ""])
def test_everything_else_is_not(host: str) -> None:
    assert not is_this_machine(host)


def test_it_says_where_the_mails_go() -> None:
    assert channel(25, tls="starttls").describe() == "почтовый сервер 127.0.0.1:25 (STARTTLS)"
    assert channel(25).describe() == "почтовый сервер 127.0.0.1:25 (без шифрования)"
