"""Mails by SMTP: one connection per batch, encryption as configured or nothing at all, and no server may hold us."""

import smtplib
import socket
import ssl
from collections.abc import Generator, Sequence
from datetime import timedelta
from email.message import EmailMessage
from ipaddress import ip_address

from monitor import wording
from monitor.alerts import Delivery, Message
from monitor.errors import TransportError
from monitor.notify.conversation import Conversation, Misconduct
from monitor.notify.mime import mail

NOT_SENT = "до этого письма очередь не дошла"


class SmtpChannel:
    """`tls`: "starttls" (demanded, never silently dropped), "implicit" or "none".

    Without `ssl_context` certificates are verified against the system's own. A password goes over
    TLS only, or to this very machine. `user` and `password` empty: no login. `timeout` is for a
    single answer; connecting and every mail may take `conversation.STEP_TIMEOUTS` of them.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: str,
        user: str,
        password: str,
        timeout: timedelta,
        sender: str,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._user = user
        self._password = password
        self._timeout = timeout.total_seconds()
        self._sender = sender
        self._ssl_context = ssl_context

    def describe(self) -> str:
        secured = {"starttls": "STARTTLS", "implicit": "TLS"}.get(self._tls, "без шифрования")
        return f"почтовый сервер {self._name} ({secured})"

    def deliver(self, messages: Sequence[Message]) -> Generator[Delivery, None, None]:
        """One result per message, in order, each as soon as it is known; never raises. Whatever a person can mend is
        not permanent. A caller who stops early leaves the rest unsent and the connection closed."""
        if not messages:
            return
        try:
            client = self._connect()
        except TransportError as error:
            yield from (Delivery(message.message_id, str(error), error.permanent) for message in messages)
            return
        broken = ""
        try:
            for message in messages:
                if broken:
                    yield Delivery(message.message_id, f"{broken}; {NOT_SENT}")
                    continue
                try:
                    self._send(client, message)
                    delivery = Delivery(message.message_id)
                except TransportError as error:
                    delivery = Delivery(message.message_id, str(error), error.permanent)
                except (smtplib.SMTPServerDisconnected, OSError) as error:
                    broken = f"{self._name}: связь оборвалась{_because(error)}"
                    delivery = Delivery(message.message_id, broken)
                yield delivery
        finally:
            _leave(client)

    @property
    def _name(self) -> str:
        return f"{self._host}:{self._port}"

    def _connect(self) -> Conversation:
        """A connection that is encrypted and logged in as configured. Raises TransportError, never permanent."""
        if self._user and self._tls == "none" and not is_this_machine(self._host):
            raise self._failure("пароль без шифрования не отправляем; напишите mail.tls: starttls или implicit")
        client: Conversation | None = None
        try:
            client = self._opened()
            if self._user:
                client.login(self._user, self._password)
        except smtplib.SMTPAuthenticationError as error:
            problem = (
                f"имя или пароль не приняты (ответ {error.smtp_code}); проверьте mail.user_env и mail.password_env"
            )
        except smtplib.SMTPNotSupportedError:
            problem = "сервер не умеет STARTTLS или вход по паролю, а в mail они заданы; письма не отправлены"
        except ssl.SSLCertVerificationError as error:
            problem = f"сертификат не прошёл проверку ({wording.one_line(error.verify_message, 80)})"
        except ssl.SSLError:
            problem = "защищённое соединение не удалось; проверьте mail.port и mail.tls"
        except UnicodeError:
            problem = "в имени сервера, пользователя или в пароле есть символы, недопустимые в SMTP"
        except smtplib.SMTPResponseException as error:
            problem = f"сервер не принял соединение (ответ {error.smtp_code})"
        except (smtplib.SMTPException, OSError) as error:
            problem = f"не удалось соединиться{_because(error)}"
        else:
            return client
        if client is not None:
            client.close()
        raise self._failure(problem)

    def _opened(self) -> Conversation:
        context = self._ssl_context or ssl.create_default_context()
        if self._tls == "implicit":
            return Conversation(self._host, self._port, timeout=self._timeout, tls=context)
        client = Conversation(self._host, self._port, timeout=self._timeout)
        if self._tls == "starttls":
            try:
                client.starttls(context=context)
            except BaseException:
                client.close()
                raise
        return client

    def _send(self, client: Conversation, message: Message) -> None:
        """Raises TransportError where the server refuses, the library's own errors where the connection is lost."""
        content = mail(message, self._sender)
        client.begin()
        options = []
        if not (content["From"].addresses[0].addr_spec + content["To"].addresses[0].addr_spec).isascii():
            client.ehlo_or_helo_if_needed()
            if not client.has_extn("smtputf8"):
                raise self._failure("сервер не умеет адреса с русскими буквами (SMTPUTF8)", permanent=True)
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        code, said = self._refusal(client, content, options)
        if code == 421:
            raise smtplib.SMTPServerDisconnected(said)
        if code:
            raise self._failure(f"{said} (ответ {code})", permanent=code >= 500 and said != SENDER_REFUSED)

    def _refusal(self, client: Conversation, content: EmailMessage, options: Sequence[str]) -> tuple[int, str]:
        """The server's code and what it refused; 0 when it took the mail."""
        recipient = content["To"].addresses[0].addr_spec
        try:
            client.sendmail(content["From"].addresses[0].addr_spec, [recipient], content.as_bytes(), options)
        except smtplib.SMTPRecipientsRefused as error:
            return error.recipients[recipient][0], f"получателя {recipient} сервер не принял"
        except smtplib.SMTPSenderRefused as error:
            return error.smtp_code, SENDER_REFUSED
        except smtplib.SMTPDataError as error:
            return error.smtp_code, "письмо сервер не принял"
        except smtplib.SMTPHeloError as error:
            raise self._failure(f"сервер не стал разговаривать (ответ {error.smtp_code})") from None
        return 0, ""

    def _failure(self, problem: str, *, permanent: bool = False) -> TransportError:
        return TransportError(f"{self._name}: {problem}", permanent=permanent)


SENDER_REFUSED = "отправителя из mail.from сервер не принял"


def is_this_machine(host: str) -> bool:
    """Whether `host` is loopback by its very writing; other names may lead anywhere."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _because(error: Exception) -> str:
    """The cause in brackets where it is one a person can act on; never the server's own words."""
    hidden = isinstance(error, smtplib.SMTPServerDisconnected) and not isinstance(error, Misconduct)
    match error.__context__ if hidden and error.__context__ else error:  # smtplib calls a silence a lost connection
        case Misconduct() as fault:
            return f" ({fault})"
        case TimeoutError():
            return " (сервер не уложился в отведённое время, см. mail.timeout)"
        case ConnectionRefusedError():
            return " (на этом порту никто не отвечает)"
        case smtplib.SMTPServerDisconnected():
            return " (сервер закрыл соединение)"
        case socket.gaierror():
            return " (имя сервера не находится в DNS)"
        case _:
            return ""


def _leave(client: Conversation) -> None:
    """Politely where the server still listens: what it accepted, it has accepted."""
    try:
        client.quit()
    except (smtplib.SMTPException, OSError):
        client.close()
