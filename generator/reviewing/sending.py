"""Hand mails over: to a mail server, or into a Maildir where none is configured."""

import mailbox
import smtplib
from collections.abc import Iterable
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

_PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_SECONDS: Final = 30
_ADVICE: Final = (
    "Write smtp://host:port, smtps://user:password@host, "
    "smtp+starttls://user:password@host or maildir:folder."
)


class NotSent(Exception):
    """The mails could not be handed over; the message is a sentence that says why."""


def send(mails: Iterable[EmailMessage], url: str) -> int:
    """Hand over mails to where a URL says; returns how many. Raises NotSent.

    The URL is written as for the deflector: smtp, smtps, smtp+starttls, or maildir:folder.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "maildir" and rest:
        return _keep(mails, Path(rest))
    if scheme not in _PORTS:
        raise NotSent(f"The mail server is given as {scheme or 'nothing'}:…. {_ADVICE}")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS[scheme]
    except ValueError:
        raise NotSent(f"The mail server's address cannot be read. {_ADVICE}") from None
    if not host:
        raise NotSent(f"The mail server's address has no host. {_ADVICE}")
    kind = smtplib.SMTP_SSL if scheme == "smtps" else smtplib.SMTP
    count = 0
    try:
        with kind(host, port, timeout=_SECONDS) as server:
            if scheme == "smtp+starttls":
                server.starttls()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            for mail in mails:
                server.send_message(mail)
                count += 1
    except (OSError, smtplib.SMTPException) as exc:
        reason = getattr(exc, "strerror", None) or type(exc).__name__
        raise NotSent(f"{host}:{port} took {count} mails and then failed ({reason}).") from None
    return count


def _keep(mails: Iterable[EmailMessage], folder: Path) -> int:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        box = mailbox.Maildir(folder, create=True)
        return sum(1 for mail in mails if box.add(mail))
    except OSError as exc:
        raise NotSent(f"{folder}: cannot be written ({exc.strerror}).") from None
