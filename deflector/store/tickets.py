"""Tickets, and the record that makes sending twice the same as sending once."""

from collections.abc import Sequence

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from deflector.model import Promise, Requester, Ticket
from deflector.store import tables
from deflector.support.triage import Priority


class KeyTaken(Exception):
    """Another transaction stored a ticket under this idempotency key first."""


class Tickets:
    """The tickets of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, ticket: Ticket) -> None:
        requester = ticket.requester
        self._connection.execute(
            insert(tables.tickets).values(
                number=ticket.number,
                opened_at=ticket.opened_at,
                name=requester.name,
                email=requester.email,
                lang=requester.lang,
                message=ticket.message,
                subject=ticket.subject,
                category=ticket.category,
                queue=ticket.queue,
                answer_by=ticket.promise.answer_by,
                solve_by=ticket.promise.solve_by,
                page=ticket.page,
                enquiry=ticket.enquiry,
                priority=ticket.priority,
                tags=list(ticket.tags),
                guessed=ticket.guessed,
                zone=ticket.zone,
                answers=dict(ticket.answers),
            )
        )

    def find(self, number: str) -> Ticket | None:
        row = self._connection.execute(
            select(tables.tickets).where(tables.tickets.c.number == number)
        ).one_or_none()
        return _ticket(row) if row else None

    def is_taken(self, number: str) -> bool:
        return self.find(number) is not None

    def earlier(self, email: str, limit: int) -> Sequence[Ticket]:
        """List the newest tickets of an address."""
        rows = self._connection.execute(
            select(tables.tickets)
            .where(tables.tickets.c.email == email)
            .order_by(tables.tickets.c.opened_at.desc())
            .limit(limit)
        )
        return [_ticket(row) for row in rows]

    def remember(self, key: str, fingerprint: str, ticket: Ticket) -> None:
        """Bind an idempotency key to a ticket; raise `KeyTaken` when a twin was faster."""
        try:
            self._connection.execute(
                insert(tables.idempotency).values(
                    key=key, fingerprint=fingerprint, ticket=ticket.number, created_at=ticket.opened_at
                )
            )
        except IntegrityError:
            raise KeyTaken(key) from None

    def remembered(self, key: str) -> tuple[str, Ticket] | None:
        """Find what an idempotency key was used for: the message's fingerprint and its ticket."""
        row = self._connection.execute(
            select(tables.idempotency.c.fingerprint, *tables.tickets.c)
            .join(tables.tickets, tables.tickets.c.number == tables.idempotency.c.ticket)
            .where(tables.idempotency.c.key == key)
        ).one_or_none()
        return (row.fingerprint, _ticket(row)) if row else None


def _ticket(row: Row[tuple[object, ...]]) -> Ticket:
    return Ticket(
        number=row.number,
        opened_at=row.opened_at,
        requester=Requester(name=row.name, email=row.email, lang=row.lang),
        message=row.message,
        subject=row.subject,
        category=row.category,
        queue=row.queue,
        promise=Promise(answer_by=row.answer_by, solve_by=row.solve_by),
        page=row.page,
        enquiry=row.enquiry,
        priority=Priority(row.priority),
        tags=tuple(row.tags),
        guessed=row.guessed,
        zone=row.zone,
        answers=row.answers,
    )
