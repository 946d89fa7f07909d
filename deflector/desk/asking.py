"""The one question after a ticket was solved: how was it? Asked once, a day later, where mail arrives."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from deflector.desk.aftercare import Aftercare, UnknownTicket
from deflector.desk.shunning import Shunned
from deflector.model import Event, EventKind, OutgoingMail, Ticket
from deflector.redaction import redact
from deflector.store.after import Satisfaction
from deflector.store.store import Store
from deflector.tickets.life import TicketState, TicketStory

log = logging.getLogger(__name__)

MOST_AT_ONCE = 20
LONGEST_COMMENT = 2_000
BEST = 5


class QuestionWriter(Protocol):
    """Whoever writes the question."""

    def how_was_it(self, ticket: Ticket, now: datetime) -> OutgoingMail | None:
        """Write it, or return None where no automatic mail may go (RFC 3834)."""
        ...


class Asking:
    """Asks, and keeps what people say."""

    def __init__(
        self,
        *,
        store: Store,
        aftercare: Aftercare,
        writer: QuestionWriter,
        shunned: Shunned,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._aftercare = aftercare
        self._writer = writer
        self._shunned = shunned
        self._now = now

    def ask(self) -> int:
        """Ask about what is due; return the number of questions. Several relays may do so at once."""
        now, asked = self._now(), 0
        with self._store.reading() as tx:
            if not tx.after.due(now, 1):
                return 0
        with self._store.writing() as tx:
            for number in tx.after.due(now, MOST_AT_ONCE):
                ticket = tx.tickets.find(number)
                story = ticket and TicketStory(ticket=ticket, events=tx.ticket_events.of(number))
                mail = None
                if ticket and story and story.state is TicketState.SOLVED and tx.after.acknowledged(number):
                    may = self._shunned.may_ask(tx, ticket.requester.email)
                    mail = self._writer.how_was_it(ticket, now) if may else None
                # Whoever is not asked now is not asked later: a question weeks after says nothing.
                tx.after.asked(number, now)
                if mail is not None:
                    tx.post(number, [mail])
                    asked += 1
                log.info("question after a ticket number=%s asked=%s", number, mail is not None)
        return asked

    def said(self, number: str) -> Satisfaction | None:
        with self._store.reading() as tx:
            return tx.after.said(number)

    def mark(self, number: str, mark: int) -> None:
        """Keep a mark from 1 to 5; the first one counts. Raises `UnknownTicket`."""
        if not 1 <= mark <= BEST:
            raise ValueError(f"a mark is 1 to {BEST}")
        ticket, now = self._aftercare.story(number).ticket, self._now()
        with self._store.writing() as tx:
            if not tx.after.mark(number, mark, now):
                return
            data = {"mark": mark, "number": number}
            tx.enquiries.record(
                [Event(kind=EventKind.SATISFACTION, at=now, enquiry=ticket.enquiry, data=data)]
            )
        log.info("satisfaction number=%s mark=%d", number, mark)

    def comment(self, number: str, text: str) -> None:
        """Keep what a person adds to their mark, without what should not be kept. Raises `UnknownTicket`."""
        self._aftercare.story(number)
        with self._store.writing() as tx:
            tx.after.comment(number, redact(text)[:LONGEST_COMMENT])

    def stop(self, number: str) -> None:
        """Ask this person no more. A ticket that is gone needs nothing."""
        try:
            email = self._aftercare.story(number).ticket.requester.email
        except UnknownTicket:
            return
        with self._store.writing() as tx:
            self._shunned.unsubscribed(tx, email, self._now())
        log.info("questions ended number=%s", number)
