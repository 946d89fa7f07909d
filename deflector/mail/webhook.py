"""What another program is told about a ticket, as JSON: that it was opened, and what happened to it since."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urljoin

from deflector.model import MessageKind, OutgoingMail, SeenAnswer, Ticket
from deflector.tickets.life import TicketStory

RECIPIENT = "webhook"  # what the outbox names instead of an address: the URL may change while it waits


def ticket_opened(
    ticket: Ticket,
    *,
    home: str,
    questions: Sequence[str],
    seen: Sequence[SeenAnswer],
    earlier: Sequence[Ticket],
) -> OutgoingMail:
    """Write the delivery for a new ticket; its id is the same however often it is sent."""
    data: dict[str, object] = {
        "number": ticket.number,
        "opened_at": ticket.opened_at.isoformat(),
        "answer_by": ticket.promise.answer_by.isoformat(),
        "solve_by": ticket.promise.solve_by.isoformat(),
        "queue": ticket.queue,
        "category": ticket.category,
        "priority": ticket.priority.value,
        "tags": list(ticket.tags),
        "lang": ticket.requester.lang,
        "requester": {"name": ticket.requester.name, "email": ticket.requester.email},
        "subject": ticket.subject,
        "message": ticket.message,
        "page": ticket.page,
        "details": dict(ticket.answers),
        "questions": list(questions),
        "answers": [
            {
                "article": answer.about.article,
                "lang": answer.about.lang,
                "version": answer.about.version,
                "title": answer.title,
                "url": urljoin(home, answer.url),
                "opened": answer.opened,
                "declined": answer.declined,
            }
            for answer in seen
        ],
        "earlier": [
            {"number": one.number, "opened_at": one.opened_at.isoformat(), "subject": one.subject}
            for one in earlier
        ],
    }
    facts = f"{ticket.number} {ticket.enquiry} {ticket.opened_at.isoformat()}"
    unique = hashlib.sha256(facts.encode()).hexdigest()[:24]
    return _delivery("opened", ticket.opened_at, data, unique=unique)


def ticket_changed(story: TicketStory) -> OutgoingMail:
    """Write the delivery for the last thing that happened to a ticket, and where that leaves it."""
    ticket, event = story.ticket, story.events[-1]
    data: dict[str, object] = {
        "number": ticket.number,
        "state": story.state.value,
        "by": event.by.value,
        "text": event.text or None,
        "queue": ticket.queue,
        "category": ticket.category,
        "priority": ticket.priority.value,
        "requester": {"name": ticket.requester.name, "email": ticket.requester.email},
    }
    return _delivery(event.act.value, event.at, data, unique=secrets.token_hex(12))


def _delivery(what: str, at: datetime, data: dict[str, object], *, unique: str) -> OutgoingMail:
    body = {"type": f"ticket.{what}", "timestamp": at.isoformat(), "data": data}
    return OutgoingMail(
        kind=MessageKind.WEBHOOK,
        message_id=f"msg_{unique}",
        sender="",
        recipient=RECIPIENT,
        content=json.dumps(body, ensure_ascii=True).encode("ascii"),
    )
