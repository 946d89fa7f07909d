"""Reads folders of a mailbox over IMAP without leaving a trace: no flag is set, nothing is moved."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PATIENCE = 30.0  # seconds for each answer of the server
LARGEST = 1_000_000  # octets that are read of a mail; the rest is attachments


class NoMailbox(Exception):
    """The mailbox cannot be read now. The reason holds no address and no text of users."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapMailbox:
    """Where and how to reach a mailbox, and which of its folders to read."""

    host: str
    port: int
    tls: bool
    user: str
    password: str
    folders: tuple[str, ...]

    @classmethod
    def parse(cls, url: str) -> "ImapMailbox":
        """Read imap:// or imaps://user:password@host:port/INBOX,Sent; the parts are percent-encoded."""
        parts = urlsplit(url)
        tls = parts.scheme == "imaps"
        folders = tuple(unquote(one) for one in parts.path.strip("/").split(",") if one)
        return cls(
            host=parts.hostname or "",
            port=parts.port or (993 if tls else 143),
            tls=tls,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folders=folders or ("INBOX",),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that was opened for reading. `validity` changes when the server numbers its mails anew."""

    name: str
    validity: int
    _session: imaplib.IMAP4

    def after(self, uid: int, *, since: str | None = None) -> Iterator[tuple[int, bytes]]:
        """Read the mails behind a UID in their order; `since` (as 01-Nov-2026) leaves out older ones."""
        with _said_plainly():
            wanted = [f"UID {uid + 1}:*", *([f"SINCE {since}"] if since else [])]
            _, found = self._session.uid("SEARCH", *wanted)
            numbers = sorted(int(one) for one in (found[0] or b"").split())
        for number in numbers:
            if number > uid:  # `n:*` names the last mail even where its UID is smaller (RFC 9051, 6.4.4)
                with _said_plainly():
                    _, answer = self._session.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{LARGEST}>)")
                content = next((part[1] for part in answer if isinstance(part, tuple)), b"")
                if content:  # else somebody moved it away meanwhile
                    yield number, content


@contextmanager
def opened(mailbox: ImapMailbox, tls: ssl.SSLContext | None = None) -> Iterator[Iterator[Folder]]:
    """Log in, and give the folders one after the other. Raises NoMailbox."""
    with _said_plainly():
        if mailbox.tls:
            session: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                mailbox.host, mailbox.port, ssl_context=tls or ssl.create_default_context(), timeout=PATIENCE
            )
        else:
            session = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=PATIENCE)
    try:
        with _said_plainly():
            session.login(mailbox.user, mailbox.password)
        yield _folders(session, mailbox)
    finally:
        with suppress(Exception):  # whatever the server says to a goodbye
            session.logout()


def _folders(session: imaplib.IMAP4, mailbox: ImapMailbox) -> Iterator[Folder]:
    for name in mailbox.folders:
        with _said_plainly():
            status, _ = session.select(_quoted(name), readonly=True)
            if status != "OK":
                raise NoMailbox(f'there is no folder "{name}"; name those to read in DEFLECTOR_IMAP_URL')
            _, validity = session.response("UIDVALIDITY")
        yield Folder(name=name, validity=int((validity or [b"0"])[0] or 0), _session=session)


def _quoted(name: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as exc:
        raise NoMailbox(f"the server's certificate is not valid: {exc.verify_message}") from exc
    except TimeoutError as exc:
        raise NoMailbox("the server did not answer in time") from exc
    except OSError as exc:
        raise NoMailbox(exc.strerror or type(exc).__name__) from exc
    except imaplib.IMAP4.abort as exc:
        raise NoMailbox("the server closed the connection") from exc
    except imaplib.IMAP4.error as exc:
        refused = "AUTHENTICATIONFAILED" in str(exc) or "LOGIN" in str(exc).upper()
        raise NoMailbox(
            "the server refused our login" if refused else "the server refused a command"
        ) from exc
