"""The use cases after a message was sent: write more, say it is solved, take it back, confirm the address.

Support's side of a ticket (answered, solved) comes in through the same door.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from deflector.desk.acknowledging import Acknowledging
from deflector.model import Event, EventKind, OutgoingMail, Ticket
from deflector.store.store import Store
from deflector.tickets.life import Actor, TicketAct, TicketEvent, TicketState, TicketStory, state_of
from deflector.working_time import WorkingHours

log = logging.getLogger(__name__)

# What the figures count of a ticket's life, in the enquiry that it came from.
COUNTED = {
    TicketState.ANSWERED: EventKind.TICKET_ANSWERED,
    TicketState.SOLVED: EventKind.TICKET_SOLVED,
    TicketState.REOPENED: EventKind.TICKET_REOPENED,
}
# What the person does that the people who answer must hear of.
TOLD = {TicketAct.ADDED, TicketAct.SOLVED, TicketAct.REOPENED, TicketAct.WITHDRAWN}

ASK_AFTER = timedelta(days=1)  # once a ticket is solved: how was it?


class UnknownTicket(Exception):
    """No ticket has this number, or no longer."""


class NoteWriter(Protocol):
    """Whoever tells others what happened to a ticket."""

    def note(self, ticket: Ticket, event: TicketEvent) -> OutgoingMail:
        """Write to the queue what the person did."""
        ...

    def news(self, story: TicketStory) -> OutgoingMail | None:
        """Write the last event for another program, or return None where none listens."""
        ...


class Aftercare:
    """What can be done with a ticket that exists."""

    def __init__(
        self,
        *,
        store: Store,
        notes: NoteWriter,
        acknowledging: Acknowledging,
        hours: WorkingHours,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._notes = notes
        self._acknowledging = acknowledging
        self._hours = hours
        self._now = now

    def story(self, number: str) -> TicketStory:
        """Return a ticket and what happened to it. Raises `UnknownTicket`."""
        with self._store.reading() as tx:
            ticket = tx.tickets.find(number)
            if ticket is None:
                raise UnknownTicket(number)
            return TicketStory(ticket=ticket, events=tx.ticket_events.of(number))

    def note(
        self,
        number: str,
        act: TicketAct,
        *,
        by: Actor,
        text: str = "",
        at: datetime | None = None,
        tell: bool = True,
    ) -> TicketStory:
        """Record an act and tell the queue what the person did; an act that changes nothing leaves no trace.

        `at` is when it happened, where that is not now. Without `tell` the queue knows already. Raises
        `UnknownTicket`.
        """
        story = self.story(number)
        if not story.would_change_by(act, text):
            return story
        event = TicketEvent(act=act, by=by, at=at or self._now(), text=text)
        told = tell and by is Actor.PERSON and act in TOLD
        mails = [self._notes.note(story.ticket, event)] if told else []
        with self._store.writing() as tx:
            tx.ticket_events.hold(number)
            before = TicketStory(ticket=story.ticket, events=tx.ticket_events.of(number))
            if not before.would_change_by(act, text):
                return before  # pressed twice at the same moment: the other press was it
            tx.ticket_events.record(number, event)
            story = TicketStory(ticket=story.ticket, events=(*before.events, event))
            news = self._notes.news(story) if act is not TicketAct.CONFIRMED else None
            tx.post(number, [*mails, *([news] if news else [])])
            if story.state is not before.state:
                self._count(tx.enquiries.record, before, story)
                solved = story.state is TicketState.SOLVED
                tx.after.ask_at(number, event.at + ASK_AFTER if solved else None)
            if act is TicketAct.CONFIRMED:
                self._acknowledging.confirmed(tx, story.ticket.requester.email)
        log.info("ticket %s number=%s by=%s state=%s", act, number, by, story.state)
        return story

    def _count(self, record: Callable[[list[Event]], None], before: TicketStory, story: TicketStory) -> None:
        """Note a new state for the figures, with the open minutes since the ticket came in.

        `first` marks the first answer, and the first solution: what is said in averages.
        """
        kind, ticket, at = COUNTED.get(story.state), story.ticket, story.events[-1].at
        if kind is None or ticket.enquiry is None:
            return
        first = all(
            state_of(before.events[:count]) is not story.state for count in range(len(before.events) + 1)
        )
        minutes = int(self._hours.between(ticket.opened_at, at).total_seconds() // 60)
        data = {"number": ticket.number, "open_minutes": minutes, "first": first}
        record([Event(kind=kind, at=at, enquiry=ticket.enquiry, data=data)])
