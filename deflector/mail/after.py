"""The mail after a ticket was solved: one question, one link, and a way to hear no more."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime

from deflector.mail.greeting import first_name
from deflector.mail.headers import Letter, UnsafeHeaders, one_line, serialise
from deflector.mail.letterhead import FIELD, Fields
from deflector.mail.notices import Notices
from deflector.mail.webhook import ticket_changed, ticket_opened
from deflector.model import MessageKind, OutgoingMail, SeenAnswer, Ticket
from deflector.tickets.life import TicketStory

log = logging.getLogger(__name__)

RATE = "rate"  # the purpose of the link to the question
UNSUBSCRIBE = "unsubscribe"  # RFC 8058
RATE_WITHIN = timedelta(days=30)
UNSUBSCRIBE_WITHIN = timedelta(days=365)


class Correspondence(Notices):
    """Writes every mail of a support desk, from the ticket to the question how it was."""

    def webhook(
        self,
        ticket: Ticket,
        *,
        questions: Sequence[str],
        seen: Sequence[SeenAnswer],
        earlier: Sequence[Ticket] = (),
    ) -> OutgoingMail | None:
        """Write the facts of a new ticket for another program; None where support.yml names none."""
        if self._support.webhook is None:
            return None
        return ticket_opened(ticket, home=self._home, questions=questions, seen=seen, earlier=earlier)

    def news(self, story: TicketStory) -> OutgoingMail | None:
        """Write what happened last to a ticket for another program; None where support.yml names none."""
        return ticket_changed(story) if self._support.webhook is not None else None

    def how_was_it(self, ticket: Ticket, now: datetime) -> OutgoingMail | None:
        """Ask a person how it was; None where no automatic mail may go (RFC 3834, 2).

        It is the one mail that may come back to us, so its envelope names us.
        """
        person = self._reachable(ticket)
        if person is None or self._links is None:
            return None
        lang = self._templates.best_language(ticket.requester.lang, self._support.languages)
        stop = self._links.address(UNSUBSCRIBE, ticket.number, until=now + UNSUBSCRIBE_WITHIN)
        words = self._templates.render(
            "satisfaction",
            lang,
            {
                "number": ticket.number,
                "name": first_name(ticket.requester.name),
                "topic": self._topic(ticket, lang),
                "address": self._links.address(RATE, ticket.number, until=now + RATE_WITHIN),
                "stop": stop,
                **self._surroundings(lang),
            },
        )
        message_id = self._message_id(ticket, MessageKind.SATISFACTION)
        fields: Fields = [
            ("From", self._sender.header(self._sender_name)),
            ("To", person.header()),
            ("Date", format_datetime(now.astimezone(self._hours.zone))),
            ("Message-ID", message_id),
            ("References", self._message_id(ticket, MessageKind.TICKET)),
            ("Reply-To", self._queues.get(ticket.queue, self._sender).header(self._sender_name)),
            ("Subject", one_line(words.subject, FIELD)),
            ("X-Answerfirst-Number", ticket.number),
            ("X-Answerfirst-Kind", MessageKind.SATISFACTION.value),
            ("X-Answerfirst-Lang", lang),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("List-Unsubscribe", f"<{stop}>"),
        ]
        if stop.startswith("https:"):  # a mail program presses the button only over TLS (RFC 8058, 3.1)
            fields.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        try:
            content = serialise(Letter(fields=fields, text=words.text, html=words.html))
        except UnsafeHeaders as exc:
            log.warning("question after a ticket not written number=%s because=%s", ticket.number, exc)
            return None
        return OutgoingMail(
            kind=MessageKind.SATISFACTION,
            message_id=message_id,
            sender=self._sender.spec,
            recipient=person.spec,
            content=content,
        )
