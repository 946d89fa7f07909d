"""Mails that wait in the outbox for something to happen, and what became of the mails to a person."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, select, update

from deflector.model import Hold, MessageKind, OutboxState
from deflector.store.dialect import database_now
from deflector.store.tables import outbox


class Held:
    """The held mails in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def to(self, recipient: str, *reasons: Hold) -> Sequence[int]:
        """List the mails that wait for an address, newest first."""
        rows = self._connection.execute(
            select(outbox.c.id)
            .where(
                outbox.c.recipient == recipient,
                outbox.c.state == OutboxState.HELD,
                outbox.c.last_error.in_(reasons),
            )
            .order_by(outbox.c.id.desc())
        )
        return rows.scalars().all()

    def because_of(self, reason: Hold, *, younger: timedelta, limit: int) -> Sequence[tuple[int, str]]:
        """List up to `limit` mails that wait for a reason, oldest first, with their recipients."""
        rows = self._connection.execute(
            select(outbox.c.id, outbox.c.recipient)
            .where(
                outbox.c.state == OutboxState.HELD,
                outbox.c.last_error == reason,
                outbox.c.created_at > database_now(self._connection) - younger,
            )
            .order_by(outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [(row.id, row.recipient) for row in rows]

    def release(self, entry_id: int) -> None:
        """Let a mail go, unless it has gone already."""
        now = database_now(self._connection)
        self._connection.execute(
            update(outbox)
            .where(outbox.c.id == entry_id, outbox.c.state == OutboxState.HELD)
            .values(state=OutboxState.WAITING, next_attempt_at=now, last_error=None)
        )

    def keep(self, entry_id: int, reason: Hold) -> None:
        """Hold a mail for another reason from now on."""
        self._connection.execute(
            update(outbox)
            .where(outbox.c.id == entry_id, outbox.c.state == OutboxState.HELD)
            .values(last_error=reason)
        )

    def states(self, ticket: str) -> dict[MessageKind, OutboxState]:
        """Tell where the mails of a ticket stand, by kind; the last of a kind counts."""
        rows = self._connection.execute(
            select(outbox.c.kind, outbox.c.state).where(outbox.c.ticket == ticket).order_by(outbox.c.id)
        )
        return {MessageKind(kind): OutboxState(state) for kind, state in rows}
