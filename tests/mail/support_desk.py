"""A support desk with one ticket whose mails have left, for tests of what comes after."""

from dataclasses import dataclass
from datetime import datetime

from deflector.desk.aftercare import Aftercare
from deflector.desk.asking import Asking
from deflector.desk.inbox import Inbox
from deflector.desk.shunning import Shunned
from deflector.model import MessageKind, OutgoingMail, Ticket
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk
from deflector.tickets.life import TicketState


class Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


@dataclass(kw_only=True)
class Support:
    """A support desk with one ticket whose mails have left."""

    store: Store
    inbox: Inbox
    aftercare: Aftercare
    asking: Asking
    shunned: Shunned
    clock: Clock
    desk: SupportDesk
    ticket: Ticket
    sent: dict[MessageKind, OutgoingMail]

    @property
    def state(self) -> TicketState:
        return self.aftercare.story(self.ticket.number).state

    def mails(self, kind: MessageKind) -> list[OutgoingMail]:
        return [entry.mail for entry in self.store.outbox.entries() if entry.mail.kind is kind]

    def mail(self, *, sender: str, to: str, text: str = "Hello.", **headers: str) -> bytes:
        ids = {
            "ticket": self.sent[MessageKind.TICKET].message_id,
            "acknowledgement": self.sent[MessageKind.ACKNOWLEDGEMENT].message_id,
        }
        fields = {
            "From": sender,
            "To": to,
            "Date": "Thu, 26 Nov 2026 15:00:00 +0000",
            "Message-ID": "<one@elsewhere.example>",
            **{name: value.format(**ids) for name, value in headers.items()},
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"{head}\r\n{text}\r\n".encode()

    def returned(self, about: OutgoingMail, *, action: str = "failed") -> bytes:
        """Write a delivery report as Postfix does (RFC 3464)."""
        first = self.sent[MessageKind.TICKET].message_id
        return (
            "From: MAILER-DAEMON@mx.example\r\nTo: help@playdeck.example\r\nMessage-ID: <dsn@mx.example>\r\n"
            "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
            'report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
            f"Final-Recipient: rfc822; {about.recipient}\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
            "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {about.message_id}\r\nReferences: {first}\r\nSubject: x\r\n\r\n--b--\r\n"
        ).encode()
