"""Ways for a finished mail to leave: over SMTP, or into a Maildir on a laptop."""

import mailbox
import re
import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from deflector.model import OutgoingMail

DEADLINE = 30.0  # seconds for one mail, from the look-up of the server's name to its last word
GOODBYE = 2.0  # seconds for QUIT, once the mail is accepted


class TryAgain(Exception):
    """The mail did not leave now and may leave later. The reason holds no address and no text of users."""


class Unknown(TryAgain):
    """The mail was handed over, but the answer never came: it may have arrived (RFC 5321, 4.5.3.2.6)."""


class Refused(Exception):
    """The mail will never be taken as it is. The reason holds no address and no text of users."""


class RecipientRefused(Refused):
    """The server said for good that it takes no mail for this recipient."""


class Transport(Protocol):
    """A way for a mail to leave."""

    def deliver(self, mail: OutgoingMail) -> None:
        """Return when somebody else has the mail. Raises TryAgain, Unknown or Refused."""
        ...


def transport_for(url: str) -> Transport:
    """Open what DEFLECTOR_SMTP_URL names: a server, or `maildir:` and a folder. Raises ValueError."""
    scheme, _, rest = url.partition(":")
    return MaildirTransport(Path(rest)) if scheme == "maildir" else SmtpTransport(url)


class MaildirTransport:
    """Keeps every mail in one Maildir, with its envelope on top as a mail server would write it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, mail: OutgoingMail) -> None:
        envelope = f"Return-Path: <{mail.sender}>\nDelivered-To: {mail.recipient}\n"
        try:
            for part in ("tmp", "new", "cur"):
                (self._folder / part).mkdir(parents=True, exist_ok=True)
            content = envelope.encode() + mail.content.replace(b"\r\n", b"\n")
            mailbox.Maildir(self._folder, create=False).add(content)
        except (OSError, mailbox.Error) as exc:
            raise TryAgain(f"the mail folder cannot be written: {_cause(exc)}") from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where and how to reach a mail server. `implicit_tls` from the first byte, `starttls` after greeting."""

    host: str
    port: int
    implicit_tls: bool
    starttls: bool
    user: str | None
    password: str

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """Read smtp://, smtps:// or smtp+starttls://; user and password are percent-encoded."""
        parts = urlsplit(url)
        ports = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
        if parts.scheme not in ports or not parts.hostname:  # the value may hold a password: not repeated
            raise ValueError("The mail server is written as smtp://, smtps:// or smtp+starttls://host:port.")
        return cls(
            host=parts.hostname,
            port=parts.port or ports[parts.scheme],
            implicit_tls=parts.scheme == "smtps",
            starttls=parts.scheme == "smtp+starttls",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password or ""),
        )


class SmtpTransport:
    """Hands each mail to a server in a connection of its own, within a deadline that nothing stretches.

    The timeout of smtplib counts per receive, so a server that drips bytes holds its caller for good. Here
    the talk runs in a thread; when time is up, its socket is shut down and it may send nothing more.
    """

    def __init__(
        self,
        url: str,
        *,
        deadline: float = DEADLINE,
        tls: ssl.SSLContext | None = None,
        our_name: str | None = None,
        goodbye: float = GOODBYE,
    ) -> None:
        self._server = SmtpServer.parse(url)
        self._deadline = deadline
        self._goodbye = goodbye
        self._tls = tls or ssl.create_default_context()
        self._our_name = our_name  # said in EHLO; None: what the operating system calls this machine

    def deliver(self, mail: OutgoingMail) -> None:
        # The socket's own timeout only ends a talk that nobody waits for any more: never before the deadline.
        attempt = _Attempt(self._server, mail, self._tls, self._our_name, patience=2 * self._deadline)
        talk = threading.Thread(target=attempt.run, name="smtp", daemon=True)
        talk.start()
        if not attempt.settled.wait(self._deadline):
            # What the talk reads from now on is cut off by us, and says nothing about the mail.
            attempt.abandon()
            raise _judged(TimeoutError(), handed_over=attempt.handed_over)
        if attempt.fault is not None:
            raise _judged(attempt.fault, handed_over=attempt.handed_over) from attempt.fault
        talk.join(self._goodbye)
        if talk.is_alive():
            attempt.abandon()


class _Attempt:
    """One talk with a server: what has happened so far, and how to end it from another thread."""

    def __init__(
        self,
        server: SmtpServer,
        mail: OutgoingMail,
        tls: ssl.SSLContext,
        our_name: str | None,
        patience: float,
    ) -> None:
        self._server, self._mail, self._tls = server, mail, tls
        self._our_name, self._patience = our_name, patience
        self.session: _Session | None = None
        self.abandoned = False
        self.handed_over = False
        self.fault: Exception | None = None
        self.settled = threading.Event()

    def run(self) -> None:
        try:
            self._talk()
        except Exception as exc:
            self.fault = exc
        finally:
            self.settled.set()
            if self.session is not None:
                self.session.close()

    def abandon(self) -> None:
        self.abandoned = True
        line = self.session.sock if self.session is not None else None
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _talk(self) -> None:
        session = self._connected()
        if self._server.starttls:
            session.starttls(context=self._tls)
        if self._server.user is not None:
            session.login(self._server.user, self._server.password)
        head = self._mail.content.partition(b"\r\n\r\n")[0]
        needs_utf8 = not (head.isascii() and f"{self._mail.sender}{self._mail.recipient}".isascii())
        options = ["SMTPUTF8", "BODY=8BITMIME"] if needs_utf8 else []
        session.sendmail(self._mail.sender, [self._mail.recipient], self._mail.content, options)
        self.settled.set()
        with suppress(Exception):  # the mail is taken, whatever comes now
            session.quit()

    def _connected(self) -> "_Session":
        where: Any = (self, self._server.host, self._server.port, self._our_name)
        if self._server.implicit_tls:
            return _TlsSession(*where, timeout=self._patience, context=self._tls)
        return _Session(*where, timeout=self._patience)


class _Session(smtplib.SMTP):
    """An SMTP session that stops at the word of its attempt, and notes when the final dot is out."""

    def __init__(self, attempt: _Attempt, *args: Any, **kwargs: Any) -> None:
        self._attempt = attempt
        super().__init__(*args, **kwargs)

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        self._attempt.session = self
        return super().connect(*args, **kwargs)

    def send(self, s: Any) -> None:
        self._go_on()
        super().send(s)
        if isinstance(s, bytes) and s.endswith(b"\r\n.\r\n"):  # commands are sent as text
            self._attempt.handed_over = True

    def getreply(self) -> tuple[int, bytes]:
        self._go_on()
        return super().getreply()

    def _go_on(self) -> None:
        if self._attempt.abandoned:
            raise smtplib.SMTPServerDisconnected("out of time")


class _TlsSession(_Session, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


# Replies that speak of us, not of the mail: wrong password, TLS or login required (RFC 4954, 6; RFC 3207, 4).
_OUR_FAULT = frozenset({530, 534, 535, 538})


def _judged(fault: Exception, *, handed_over: bool) -> TryAgain | Refused:
    """Say what a fault means for the mail, in words that repeat nothing of the server's text."""
    match fault:
        case smtplib.SMTPRecipientsRefused():
            code, text = next(iter(fault.recipients.values()))
            verdict = _judged_reply("the recipient", code, text)
            ours = " 5.7." in str(verdict)  # a policy, and so mostly about who sends (RFC 3463, 3.8)
            refused = isinstance(verdict, Refused) and not ours
            return RecipientRefused(str(verdict)) if refused else verdict
        case smtplib.SMTPSenderRefused():
            return _judged_reply("the sender", fault.smtp_code, fault.smtp_error)
        case smtplib.SMTPDataError() if fault.smtp_code >= 400 or not handed_over:
            return _judged_reply("the message", fault.smtp_code, fault.smtp_error)
        case smtplib.SMTPAuthenticationError():
            return TryAgain(f"the server refused our login with {_status(fault.smtp_code, fault.smtp_error)}")
        case smtplib.SMTPNotSupportedError() if "SMTPUTF8" in str(fault):
            return Refused("the server takes no addresses with letters beyond ASCII (no SMTPUTF8)")
    kind = Unknown if handed_over else TryAgain
    if isinstance(fault, smtplib.SMTPResponseException):
        return kind(f"the server said {_status(fault.smtp_code, fault.smtp_error)}")
    return kind(_cause(fault))


def _judged_reply(about: str, code: int, text: bytes | str) -> TryAgain | Refused:
    final = 500 <= code < 600 and code not in _OUR_FAULT
    return (Refused if final else TryAgain)(f"the server said {_status(code, text)} to {about}")


def _status(code: int, text: bytes | str) -> str:
    """Keep the numbers of a reply (RFC 5321, 4.2; RFC 3463); its text may hold addresses."""
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    enhanced = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", words)
    return f"{code} {enhanced[0]}" if enhanced else str(code)


def _cause(fault: BaseException) -> str:
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"the server's certificate is not valid: {fault.verify_message}"
    if isinstance(fault, smtplib.SMTPServerDisconnected):
        return "the server closed the connection"
    if isinstance(fault, smtplib.SMTPNotSupportedError):
        return "the server offers no STARTTLS or no login"
    if isinstance(fault, TimeoutError):
        return "the server did not answer in time"
    return (fault.strerror if isinstance(fault, OSError) else None) or type(fault).__name__
