"""What the database keeps about people: found by address, given out, taken out; and what became too old."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, delete, func, null, or_, select, update

from deflector.model import EventKind
from deflector.store import tables
from deflector.store.ticket_tables import ticket_events

_BATCH = 500
# What a person typed stands under these names in the data of an event.
_TYPED = ("text", "comment")


class Personal:
    """The personal data of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- finding -------------------------------------------------------------------------------------------

    def tickets_of(self, email: str) -> list[str]:
        """List the numbers of the tickets that came with an address; case makes no difference."""
        return self._numbers(func.lower(tables.tickets.c.email) == email.lower())

    def names_on(self, numbers: Sequence[str]) -> list[str]:
        """List the names that stand on tickets."""
        ticket = tables.tickets
        found: set[str] = set()
        for start in range(0, len(numbers), _BATCH):
            named = select(ticket.c.name).where(ticket.c.number.in_(numbers[start : start + _BATCH]))
            found.update(self._connection.execute(named).scalars())
        return sorted(found)

    def tickets_before(self, moment: datetime) -> list[str]:
        return self._numbers(tables.tickets.c.opened_at < moment)

    def mentions(self, email: str) -> list[str]:
        """List tickets of others in which the address stands."""
        written = [tables.tickets.c.message, tables.tickets.c.subject, ticket_events.c.text]
        found = select(tables.tickets.c.number).outerjoin(
            ticket_events, ticket_events.c.ticket == tables.tickets.c.number
        )
        where = or_(*(func.lower(column).contains(email.lower(), autoescape=True) for column in written))
        return sorted(set(self._connection.execute(found.where(where)).scalars()))

    def _numbers(self, condition: ColumnElement[bool]) -> list[str]:
        found = select(tables.tickets.c.number).where(condition).order_by(tables.tickets.c.opened_at)
        return list(self._connection.execute(found).scalars())

    # --- giving out ----------------------------------------------------------------------------------------

    def ticket(self, number: str) -> dict[str, object]:
        """Collect all that is kept about a ticket, as plain values."""
        ticket = tables.tickets
        row = self._connection.execute(select(ticket).where(ticket.c.number == number)).one()
        asked = select(tables.events).where(
            tables.events.c.enquiry == row.enquiry, tables.events.c.enquiry.is_not(None)
        )
        return {
            **_plain(row),
            "enquiry_events": self._rows(asked.order_by(tables.events.c.seq)),
            **{
                table.name: self._rows(select(table).where(column == number).order_by(*table.primary_key))
                for table, column in _belonging()
            },
        }

    def _rows(self, query: object) -> list[dict[str, object]]:
        return [_plain(row) for row in self._connection.execute(query)]  # type: ignore[call-overload]

    # --- taking out ----------------------------------------------------------------------------------------

    def erase_tickets(self, numbers: Sequence[str]) -> None:
        """Remove tickets and all that is theirs. What was counted of their enquiries stays, without words."""
        for start in range(0, len(numbers), _BATCH):
            batch = numbers[start : start + _BATCH]
            ticket = tables.tickets
            asked = select(ticket.c.enquiry).where(ticket.c.number.in_(batch), ticket.c.enquiry.is_not(None))
            enquiries = list(self._connection.execute(asked).scalars())
            self._silence(tables.events.c.enquiry.in_(enquiries), number=True)
            self._connection.execute(
                update(tables.enquiries).where(tables.enquiries.c.id.in_(enquiries)).values(page=null())
            )
            # Mails, events, attachments and idempotency keys go with their ticket (ON DELETE CASCADE).
            self._connection.execute(delete(ticket).where(ticket.c.number.in_(batch)))

    def erase_mails_to(self, addresses: Iterable[str]) -> int:
        """Remove mails to these addresses that belong to no ticket of theirs."""
        lower = [address.lower() for address in addresses]
        return self._connection.execute(
            delete(tables.outbox).where(func.lower(tables.outbox.c.recipient).in_(lower))
        ).rowcount

    def forget_words(self, before: datetime) -> int:
        """Take out what people typed into questions, searches, comments before a moment; return how many."""
        return self._silence(tables.events.c.at < before)

    def forget_pages(self, before: datetime) -> None:
        """Take out where enquiries came from."""
        enquiry = tables.enquiries
        old = (enquiry.c.started_at < before) & enquiry.c.page.is_not(None)
        self._connection.execute(update(enquiry).where(old).values(page=null()))

    def _silence(self, condition: ColumnElement[bool], *, number: bool = False) -> int:
        event = tables.events
        typed = [event.c.data[name].as_string() != "" for name in _TYPED]
        if number:
            typed.append(event.c.kind == EventKind.TICKET)
        found = self._connection.execute(
            select(event.c.seq, event.c.data).where(condition, or_(*typed))
        ).all()
        for row in found:
            data = {name: "" if name in _TYPED else value for name, value in row.data.items()}
            if number:
                data.pop("number", None)
            self._connection.execute(update(event).where(event.c.seq == row.seq).values(data=data))
        return len(found)


def _belonging() -> Iterator[tuple[Table, Column[Any]]]:
    """Find every table whose rows belong to a ticket, whoever made it."""
    for table in tables.metadata.sorted_tables:
        for column in table.c:
            if column.references(tables.tickets.c.number):
                yield table, column


def _plain(row: Row[tuple[object, ...]]) -> dict[str, object]:
    return {name: _value(value) for name, value in row._mapping.items()}


def _value(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat() if isinstance(value, datetime) else value
