"""What happened to tickets after they were opened. Events are only ever added."""

from types import MappingProxyType

from sqlalchemy import Connection, Row, exists, insert, select

from deflector.store import tables
from deflector.store.ticket_tables import ticket_events
from deflector.tickets.life import Actor, TicketAct, TicketEvent


class TicketEvents:
    """The events of tickets in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self, number: str) -> None:
        """Let nobody else change this ticket until the transaction ends. SQLite has one writer anyway."""
        self._connection.execute(
            select(tables.tickets.c.number).where(tables.tickets.c.number == number).with_for_update()
        )

    def record(self, number: str, event: TicketEvent) -> None:
        self._connection.execute(
            insert(ticket_events).values(
                ticket=number,
                act=event.act,
                by=event.by,
                at=event.at,
                text=event.text,
                data=dict(event.data),
            )
        )

    def of(self, number: str) -> tuple[TicketEvent, ...]:
        """List the events of a ticket in the order in which they came in."""
        rows = self._connection.execute(
            select(ticket_events).where(ticket_events.c.ticket == number).order_by(ticket_events.c.seq)
        )
        return tuple(_event(row) for row in rows)

    def is_confirmed(self, email: str) -> bool:
        """Say whether somebody who reads this address has shown it, on any of its tickets."""
        found = exists().where(
            tables.tickets.c.email == email,
            ticket_events.c.ticket == tables.tickets.c.number,
            ticket_events.c.act == TicketAct.CONFIRMED,
        )
        return bool(self._connection.execute(select(found)).scalar_one())


def _event(row: Row[tuple[object, ...]]) -> TicketEvent:
    return TicketEvent(
        act=TicketAct(row.act),
        by=Actor(row.by),
        at=row.at,
        text=row.text,
        data=MappingProxyType(dict(row.data)),
    )
