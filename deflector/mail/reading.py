"""Reads mail that comes in: who wrote, about which ticket, whether a program wrote it, what is new in it.

Mail from outside may be anything. So reading never raises, and what cannot be read is empty.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser, HeaderParser
from email.utils import getaddresses, parsedate_to_datetime

from deflector.mail.addresses import MailAddress, NotAnAddress, expects_an_answer
from deflector.mail.headers import body
from deflector.mail.html_text import text_of
from deflector.model import NUMBER_ALPHABET

_NUMBER = re.compile(rf"\bHC-[{NUMBER_ALPHABET}]{{6}}\b", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,300}>")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_AUTOMATIC_PRECEDENCE = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
_AUTOMATIC_FIELDS = ("X-Autoreply", "X-Autorespond", "X-AutoReply-From", "List-Id", "List-Unsubscribe")
# Longer fields are cut: lists of addresses stay whole, and no field costs seconds to take apart.
_LONGEST_FIELD = 20_000
_LONGEST_SUBJECT = 1_000
# "On Monday, Ada wrote:", in whatever language: a short line (or two) that ends in a colon before a quote.
_ATTRIBUTION = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a delivery report says of one recipient (RFC 3464). `failed`: no more tries will be made."""

    mailbox: str
    failed: bool
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One mail, as far as it matters here. Mailboxes are compared without case and tag.

    `ids` are the Message-IDs that it refers to, `numbers` the tickets that it names; for a delivery report,
    those of the mail that came back. `own` says that we wrote it ourselves.
    """

    message_id: str
    sender: str
    recipients: frozenset[str]
    ids: tuple[str, ...]
    numbers: tuple[str, ...]
    sent_at: datetime | None
    automatic: bool
    own: bool
    text: str
    returned: tuple[Returned, ...] = field(default=())
    returned_id: str = ""  # of the mail that came back


def read(content: bytes) -> Incoming:
    """Read the bytes of a mail, whole or cut off."""
    # The old policy decodes nothing on its own, and so raises least.
    try:
        return _read(message_from_bytes(content, policy=policy.compat32))
    except RecursionError:  # parts in parts in parts: then what the head says must do
        return _read(BytesHeaderParser(policy=policy.compat32).parsebytes(content))


def _read(message: Message) -> Incoming:
    returned, original = _delivery_report(message)
    source = original if original is not None else message
    return Incoming(
        message_id=next(iter(_ids(message, "Message-ID")), ""),
        sender=next(_mailboxes(message, "From"), ""),
        recipients=frozenset(_mailboxes(message, "To", "Cc")),
        ids=tuple(dict.fromkeys(_ids(source, "Message-ID", "In-Reply-To", "References"))),
        numbers=tuple(_numbers(source)),
        sent_at=_sent_at(message),
        automatic=_is_automatic(message),
        own=bool(_field(message, "X-Answerfirst-Kind")),
        text=_new_text(_plain_text(message)),
        returned=returned,
        returned_id=next(iter(_ids(original, "Message-ID")), "") if original is not None else "",
    )


def _field(message: Message, name: str) -> str:
    """Give a field's raw text on one line; empty where it is not there."""
    try:
        value = message.get(name)
    except (LookupError, ValueError, TypeError):
        return ""
    return " ".join(str(value)[:_LONGEST_FIELD].split()) if value is not None else ""


def _ids(message: Message, *names: str) -> list[str]:
    return [found for name in names for found in _MESSAGE_ID.findall(_field(message, name))]


def _numbers(message: Message) -> Iterator[str]:
    for text in (
        _field(message, "X-Answerfirst-Number"),
        _decoded(_field(message, "Subject")[:_LONGEST_SUBJECT]),
    ):
        yield from (number.upper() for number in _NUMBER.findall(text))


def _decoded(text: str) -> str:
    try:
        read = HeaderParser(policy=policy.default).parsestr(f"Subject: {text}\n\n")
        return str(read["Subject"])
    except Exception:  # on odd input the mail package raises anything; then the raw text must do
        return text


def _mailboxes(message: Message, *names: str) -> Iterator[str]:
    fields = [_field(message, name) for name in names]
    try:
        found = getaddresses([one for one in fields if one])
    except RecursionError:  # comments in comments in comments
        return
    for _, address in found:
        try:
            yield MailAddress.typed(address).mailbox
        except NotAnAddress:
            continue


def _sent_at(message: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(_field(message, "Date"))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _is_automatic(message: Message) -> bool:
    """Say whether a program wrote this (RFC 3834, 5; what list and answering programs use besides)."""
    submitted = _field(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    if _field(message, "Precedence").lower() in _AUTOMATIC_PRECEDENCE:
        return True
    if any(_field(message, name) for name in _AUTOMATIC_FIELDS):
        return True
    if _field(message, "Return-Path") == "<>" or message.get_content_type() == "multipart/report":
        return True
    sender = next(_mailboxes(message, "From"), "")
    return not sender or not expects_an_answer(MailAddress.typed(sender))


def _delivery_report(message: Message) -> tuple[tuple[Returned, ...], Message | None]:
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return (), None
    returned: list[Returned] = []
    original: Message | None = None
    for part in message.walk():
        match part.get_content_type():
            case "message/delivery-status" | "message/global-delivery-status":
                blocks = part.get_payload()
                returned += (
                    [found for block in blocks if isinstance(block, Message) and (found := _returned(block))]
                    if isinstance(blocks, list)
                    else []
                )
            case "message/rfc822" | "message/global" if original is None:
                inner = part.get_payload()
                original = inner[0] if isinstance(inner, list) and isinstance(inner[0], Message) else None
            case "text/rfc822-headers" | "message/global-headers" if original is None:
                original = HeaderParser().parsestr(_payload(part))
    return tuple(returned), original


def _returned(block: Message) -> Returned | None:
    for name in ("Original-Recipient", "Final-Recipient"):
        _, _, address = _field(block, name).partition(";")
        try:
            mailbox = MailAddress.typed(address.strip().strip("<>")).mailbox
        except NotAnAddress:
            continue
        status = _STATUS.match(_field(block, "Status"))
        failed = _field(block, "Action").lower() == "failed"
        return Returned(mailbox=mailbox, failed=failed, status=status[0] if status else "")
    return None


def _plain_text(message: Message) -> str:
    """Find the first text that stands in the mail itself, not in a file that came with it."""
    written = ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html") or part.get_content_disposition() == "attachment":
            continue
        text = _payload(part)
        if kind == "text/plain" and text.strip():
            return text
        written = written or (text_of(text) if kind == "text/html" else "")
    return written


def _payload(part: Message) -> str:
    try:
        raw = part.get_payload(decode=True)
    except (ValueError, LookupError, MessageError):
        return ""
    if not isinstance(raw, bytes):
        return ""
    try:
        return raw.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):  # a charset that nobody knows, or that is no charset for mail
        return raw.decode("utf-8", "replace")


def _new_text(text: str) -> str:
    """Leave out what the answer quotes, the line that introduces it, and the signature (RFC 3676, 4.3)."""
    kept: list[str] = []
    for line in body(text).split("\n"):
        if line == "-- ":
            break
        if line.startswith(">"):
            while kept and not kept[-1].strip():
                kept.pop()
            if kept and kept[-1].rstrip().endswith((":", "：")) and len(kept[-1]) < _ATTRIBUTION:
                kept.pop()
            continue
        kept.append(line.rstrip())
    return "\n".join(kept).strip()
