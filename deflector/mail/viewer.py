"""Reads the Maildir that stands in for a mail server, so that a person can look at the mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.headerregistry import DateHeader
from email.message import EmailMessage
from email.parser import Parser
from pathlib import Path

MOST_LISTED = 200

# What a mail may do where it is shown: wear its own inline style, and open its links in a new tab. It
# goes into a sandboxed frame, which inherits the page's policy too; this one travels with the mail.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'\">"
    '<base target="_blank">'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMail:
    """One mail in the list. `to` and `sender` are the envelope's; an empty `sender` is automatic mail.

    `kind` is a MessageKind, or empty for a mail that is not ours.
    """

    id: str
    kind: str
    subject: str
    sender: str
    to: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMail(ListedMail):
    """One whole mail. `html` is a document for a sandboxed frame, or empty."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


class Mailbox:
    """The mails in one Maildir folder; a folder that is not there yet holds none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mails(self) -> Sequence[ListedMail]:
        """List the newest mails first."""
        newest = sorted(self._files().items(), key=lambda item: _age(item[1]), reverse=True)
        read = ((key, _read(path)) for key, path in newest[:MOST_LISTED])
        return [_listed(key, mail) for key, mail in read if mail is not None]

    def find(self, mail_id: str) -> ShownMail | None:
        """Read one mail; None where there is no such id (an id is never taken for a path)."""
        path = self._files().get(mail_id)
        mail = _read(path) if path is not None else None
        if mail is None:
            return None
        listed = _listed(mail_id, mail)
        return ShownMail(
            id=listed.id,
            kind=listed.kind,
            subject=listed.subject,
            sender=listed.sender,
            to=listed.to,
            when=listed.when,
            headers=tuple((name, str(value)) for name, value in mail.items()),
            text=_part(mail, "plain"),
            html=_part(mail, "html").replace("<head>", f"<head>{_POLICY}", 1),
        )

    def _files(self) -> dict[str, Path]:
        """Map ids to files. The name of a Maildir file changes after its colon when the mail is read."""
        return {
            path.name.partition(":")[0]: path
            for part in ("new", "cur")
            for path in (self._folder / part).glob("[!.]*")
        }


def _age(path: Path) -> tuple[int, str]:
    try:
        return (path.stat().st_mtime_ns, path.name)
    except FileNotFoundError:  # another program took it away
        return (0, path.name)


def _read(path: Path) -> EmailMessage | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    # Our bodies are 7-bit; in headers, UTF-8 stands as it is where an address needs it (RFC 6532).
    return Parser(policy=policy.default).parsestr(content.decode("utf-8", "replace"))


def _listed(mail_id: str, mail: EmailMessage) -> ListedMail:
    date = mail["Date"]
    moment = date.datetime if isinstance(date, DateHeader) else None
    return ListedMail(
        id=mail_id,
        kind=str(mail["X-Answerfirst-Kind"] or ""),
        subject=str(mail["Subject"] or ""),
        sender=str(mail["Return-Path"] or "").strip("<>"),
        to=str(mail["Delivered-To"] or mail["To"] or ""),
        when=f"{moment:%Y-%m-%d %H:%M %z}".rstrip() if moment else "",
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a charset that Python does not know, in a mail that is not ours
        return ""
