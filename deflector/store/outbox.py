"""The outbox: mail that was promised, stored with the ticket, leased to whichever relay comes first."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Row, and_, func, insert, or_, select, update

from deflector.model import Hold, MessageKind, OutboxEntry, OutboxState, OutgoingMail
from deflector.store import tables
from deflector.store.dialect import database_now

box = tables.outbox


def put(
    connection: Connection, ticket: str | None, mails: Iterable[OutgoingMail], *, hold: Hold | None = None
) -> None:
    """Store mails in the caller's transaction: they exist if, and only if, the ticket does.

    With a reason to hold them they stay until somebody releases them (`deflector.store.holding`).
    """
    now = database_now(connection)
    rows = [
        {
            "ticket": ticket,
            "kind": mail.kind,
            "message_id": mail.message_id,
            "sender": mail.sender,
            "recipient": mail.recipient,
            "content": mail.content,
            "state": OutboxState.HELD if hold else OutboxState.WAITING,
            "attempts": 0,
            "created_at": now,
            "next_attempt_at": now,
            "last_error": hold,
        }
        for mail in mails
    ]
    if rows:
        connection.execute(insert(box), rows)


def has(connection: Connection, message_id: str) -> bool:
    """Say whether a mail of this Message-ID was ever put here."""
    found = select(box.c.id).where(box.c.message_id == message_id)
    return connection.execute(found).first() is not None


class Outbox:
    """What the relay sees: each call is a transaction of its own, on the database's clock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(writes=True)

    def lease(self, limit: int, seconds: float) -> Sequence[OutboxEntry]:
        """Take up to `limit` due mails for `seconds`; no other relay gets them before that time is over."""
        with self._engine.begin() as connection:
            now = database_now(connection)
            due = (
                select(box)
                .where(
                    box.c.state == OutboxState.WAITING,
                    box.c.next_attempt_at <= now,
                    or_(box.c.leased_until.is_(None), box.c.leased_until <= now),
                )
                .order_by(box.c.next_attempt_at, box.c.id)
                .limit(limit)
                # PostgreSQL passes over rows that another relay is taking; SQLite has one writer anyway.
                .with_for_update(skip_locked=True)
            )
            rows = connection.execute(due).all()
            if rows:
                connection.execute(
                    update(box)
                    .where(box.c.id.in_([row.id for row in rows]))
                    .values(leased_until=now + timedelta(seconds=seconds), attempts=box.c.attempts + 1)
                )
            return [_entry(row, attempts=row.attempts + 1) for row in rows]

    def sent(self, entry_id: int) -> None:
        self._settle(entry_id, state=OutboxState.SENT, last_error=None, stamp="sent_at")

    def failed(self, entry_id: int, error: str) -> None:
        """Give up on a mail and keep it where `deflector outbox` shows it."""
        self._settle(entry_id, state=OutboxState.FAILED, last_error=error[:500])

    def retry(self, entry_id: int, error: str, after: timedelta) -> None:
        with self._engine.begin() as connection:
            due = database_now(connection) + after
            connection.execute(
                update(box)
                .where(box.c.id == entry_id)
                .values(next_attempt_at=due, leased_until=None, last_error=error[:500])
            )

    def revive(self, entry_ids: Sequence[int] | None = None) -> int:
        """Try again at once what was given up, or waits for its next try; None: all that was given up.

        Returns how many mails that is. A mail that a relay holds at this moment is left to it.
        """
        with self._engine.begin() as connection:
            now = database_now(connection)
            chosen = (
                box.c.state == OutboxState.FAILED
                if entry_ids is None
                else and_(
                    box.c.id.in_(entry_ids),
                    box.c.state.in_([OutboxState.FAILED, OutboxState.WAITING]),
                    or_(box.c.leased_until.is_(None), box.c.leased_until <= now),
                )
            )
            return connection.execute(
                update(box)
                .where(chosen)
                .values(state=OutboxState.WAITING, attempts=0, next_attempt_at=now, leased_until=None)
            ).rowcount

    def _settle(
        self, entry_id: int, *, state: OutboxState, last_error: str | None, stamp: str | None = None
    ) -> None:
        with self._engine.begin() as connection:
            values: dict[str, object] = {"state": state, "leased_until": None, "last_error": last_error}
            if stamp:
                values[stamp] = database_now(connection)
            connection.execute(update(box).where(box.c.id == entry_id).values(values))

    def entries(self, *states: OutboxState) -> Sequence[OutboxEntry]:
        """List the mails in the given states, oldest first."""
        with self._engine.begin() as connection:
            rows = connection.execute(
                select(box).where(box.c.state.in_(states or tuple(OutboxState))).order_by(box.c.id)
            )
            return [_entry(row, attempts=row.attempts) for row in rows]

    def counts(self) -> dict[OutboxState, int]:
        with self._engine.begin() as connection:
            rows = connection.execute(select(box.c.state, func.count()).group_by(box.c.state))
            found = {OutboxState(state): count for state, count in rows}
            return {state: found.get(state, 0) for state in OutboxState}

    def oldest_waiting(self) -> timedelta | None:
        """Tell how long the oldest unsent mail has waited."""
        with self._engine.begin() as connection:
            oldest: datetime | None = connection.execute(
                select(box.c.created_at)
                .where(box.c.state == OutboxState.WAITING)
                .order_by(box.c.created_at)
                .limit(1)
            ).scalar_one_or_none()
            return database_now(connection) - oldest if oldest else None


def _entry(row: Row[tuple[object, ...]], *, attempts: int) -> OutboxEntry:
    return OutboxEntry(
        id=row.id,
        ticket=row.ticket,
        mail=OutgoingMail(
            kind=MessageKind(row.kind),
            message_id=row.message_id,
            sender=row.sender,
            recipient=row.recipient,
            content=row.content,
        ),
        state=OutboxState(row.state),
        attempts=attempts,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        last_error=row.last_error,
    )
