"""The short mails around a ticket: was it you, and what the person did with it since."""

import logging
import secrets
from datetime import timedelta
from email.utils import format_datetime

from deflector.mail import wording
from deflector.mail.headers import Letter, UnsafeHeaders, body, display_name, one_line, serialise
from deflector.mail.letterhead import FIELD, Fields, person_of
from deflector.mail.messages import Writer
from deflector.model import MessageKind, OutgoingMail, Ticket
from deflector.tickets.life import TicketEvent

log = logging.getLogger(__name__)

CONFIRM = "confirm"  # the purpose of the link in the question
CONFIRM_WITHIN = timedelta(days=7)


class Notices(Writer):
    """Writes every mail of a support desk: the two of a ticket, and the short ones around it."""

    def question(self, ticket: Ticket) -> OutgoingMail | None:
        """Ask an address whether the message was theirs: the same words for everybody, and one link.

        None where no automatic mail may go (RFC 3834, 2).
        """
        person = self._reachable(ticket)
        if person is None or self._links is None:
            return None
        until = ticket.opened_at + CONFIRM_WITHIN
        lang = self._templates.best_language(ticket.requester.lang, self._support.languages)
        words = self._templates.render(
            "confirmation",
            lang,
            {
                "number": ticket.number,
                "address": self._links.address(CONFIRM, ticket.number, until=until),
                "until": until.astimezone(self._hours.zone),
                **self._surroundings(lang),
            },
        )
        fields: Fields = [
            *self._fields(ticket, MessageKind.CONFIRMATION, person.header()),
            ("Subject", one_line(words.subject, FIELD)),
            ("X-Answerfirst-Lang", lang),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
        ]
        try:
            content = serialise(Letter(fields=fields, text=words.text, html=words.html))
        except UnsafeHeaders as exc:
            log.warning("question not written number=%s because=%s", ticket.number, exc)
            return None
        return self._mail(ticket, MessageKind.CONFIRMATION, None, person, content)

    def note(self, ticket: Ticket, event: TicketEvent) -> OutgoingMail:
        """Tell the queue what the person did with their ticket, in the conversation of its mail."""
        queue = self._queues.get(ticket.queue, self._sender)
        person = person_of(ticket)
        replies = None if person is None or person.needs_smtputf8 else person
        lang = self._templates.best_language(self._support.languages[0], self._support.languages)
        words = self._templates.render(
            "note",
            lang,
            {
                "number": ticket.number,
                "act": event.act.value,
                "text": body(event.text),
                "at": event.at.astimezone(self._hours.zone),
                "person": one_line(ticket.requester.name, FIELD),
                "address": one_line(ticket.requester.email, 320),
                "replies": replies is not None,
                **self._surroundings(lang),
            },
        )
        message_id = f"<{ticket.number.lower()}.note.{secrets.token_hex(8)}@{self._sender.domain}>"
        first = self._message_id(ticket, MessageKind.TICKET)
        ours: Fields = [
            ("From", self._sender.header(self._sender_name)),
            ("To", queue.header(queue.name)),
            ("Date", format_datetime(event.at.astimezone(self._hours.zone))),
            ("Message-ID", message_id),
            ("In-Reply-To", first),
            ("References", first),
            ("X-Answerfirst-Number", ticket.number),
            ("X-Answerfirst-Kind", MessageKind.NOTE.value),
            ("X-Answerfirst-Act", event.act.value),
            ("Subject", one_line(words.subject, FIELD)),
        ]
        content = None
        if replies is not None:
            for name in (display_name(ticket.requester.name), ""):
                content = content or self._try([*ours, ("Reply-To", replies.header(name))], words, ticket)
        content = content or serialise(Letter(fields=ours, text=words.text, html=words.html))
        return OutgoingMail(
            kind=MessageKind.NOTE,
            message_id=message_id,
            sender=self._sender.spec,
            recipient=queue.spec,
            content=content,
        )

    def _try(self, fields: Fields, words: wording.Wording, ticket: Ticket) -> bytes | None:
        try:
            return serialise(Letter(fields=fields, text=words.text, html=words.html))
        except UnsafeHeaders as exc:
            log.warning("header made plainer number=%s because=%s", ticket.number, exc)
            return None
