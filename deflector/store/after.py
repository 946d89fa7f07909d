"""What follows a ticket: whom to ask how it was, whom not to write to, what mail was taken in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, exists, insert, select, update

from deflector.model import MessageKind, OutboxState
from deflector.store import tables
from deflector.store.after_tables import heard, inbox_marks, satisfaction, unreachable
from deflector.store.dialect import insert_new


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """What a person said about how their ticket went. `mark` is 1 (bad) to 5 (good)."""

    asked_at: datetime | None
    mark: int | None
    comment: str | None


class AfterTickets:
    """All of this in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask_at(self, number: str, due_at: datetime | None) -> None:
        """Ask how it was at a moment, or not (None). Nobody is asked about a ticket twice."""
        insert_new(self._connection, satisfaction, [{"ticket": number, "due_at": due_at}], unique=["ticket"])
        self._connection.execute(
            update(satisfaction)
            .where(satisfaction.c.ticket == number, satisfaction.c.asked_at.is_(None))
            .values(due_at=due_at)
        )

    def due(self, now: datetime, limit: int) -> Sequence[str]:
        """List tickets to ask about, and keep other relays from them until the transaction ends."""
        rows = self._connection.execute(
            select(satisfaction.c.ticket)
            .where(satisfaction.c.due_at <= now, satisfaction.c.asked_at.is_(None))
            .order_by(satisfaction.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return rows.scalars().all()

    def asked(self, number: str, at: datetime) -> None:
        self._connection.execute(
            update(satisfaction).where(satisfaction.c.ticket == number).values(asked_at=at, due_at=None)
        )

    def said(self, number: str) -> Satisfaction | None:
        row = self._connection.execute(
            select(satisfaction).where(satisfaction.c.ticket == number)
        ).one_or_none()
        if row is None:
            return None
        return Satisfaction(asked_at=row.asked_at, mark=row.mark, comment=row.comment)

    def mark(self, number: str, mark: int, at: datetime) -> bool:
        """Keep a mark; False where the ticket has one already or nobody was asked."""
        done = self._connection.execute(
            update(satisfaction)
            .where(
                satisfaction.c.ticket == number,
                satisfaction.c.asked_at.is_not(None),
                satisfaction.c.mark.is_(None),
            )
            .values(mark=mark, marked_at=at)
        )
        return done.rowcount == 1

    def comment(self, number: str, comment: str) -> None:
        self._connection.execute(
            update(satisfaction).where(satisfaction.c.ticket == number).values(comment=comment)
        )

    def shun(self, key: str, reason: str, at: datetime) -> None:
        """Write to a mailbox no more unasked."""
        insert_new(self._connection, unreachable, [{"key": key, "reason": reason, "at": at}], unique=["key"])

    def is_shunned(self, key: str) -> bool:
        return bool(self._connection.execute(select(exists().where(unreachable.c.key == key))).scalar_one())

    def readmit(self, key: str) -> None:
        """Forget that a mailbox could not be reached."""
        self._connection.execute(delete(unreachable).where(unreachable.c.key == key))

    def acknowledged(self, number: str) -> bool:
        """Say whether the person's mail has left: an address that was never confirmed, or that the server
        refused, has had none."""
        found = exists().where(
            tables.outbox.c.ticket == number,
            tables.outbox.c.kind == MessageKind.ACKNOWLEDGEMENT,
            tables.outbox.c.state == OutboxState.SENT,
        )
        return bool(self._connection.execute(select(found)).scalar_one())

    def has_heard(self, about: str) -> bool:
        """Say whether a mail was taken in before."""
        known = exists().where(heard.c.key == _hash(about))
        return bool(self._connection.execute(select(known)).scalar_one())

    def hear(self, about: str, at: datetime) -> None:
        """Note that a mail was taken in."""
        insert_new(self._connection, heard, [{"key": _hash(about), "at": at}], unique=["key"])

    def forget_heard(self, before: datetime) -> None:
        self._connection.execute(delete(heard).where(heard.c.at < before))

    def progress(self, folder: str) -> tuple[int, int] | None:
        """Tell how far a folder was read: its UIDVALIDITY and the last UID."""
        row = self._connection.execute(
            select(inbox_marks).where(inbox_marks.c.folder == folder)
        ).one_or_none()
        return (row.validity, row.uid) if row else None

    def note_progress(self, folder: str, validity: int, uid: int) -> None:
        self._connection.execute(delete(inbox_marks).where(inbox_marks.c.folder == folder))
        self._connection.execute(insert(inbox_marks).values(folder=folder, validity=validity, uid=uid))

    def ticket_of(self, message_ids: Sequence[str]) -> str | None:
        """Find the ticket that one of our mails is about, by its Message-ID."""
        return self._connection.execute(
            select(tables.outbox.c.ticket)
            .where(tables.outbox.c.message_id.in_(message_ids), tables.outbox.c.ticket.is_not(None))
            .limit(1)
        ).scalar_one_or_none()

    def came_back(self, message_id: str, reason: str) -> bool:
        """Put a mail that had left among those that failed; False where it is not ours or did already."""
        done = self._connection.execute(
            update(tables.outbox)
            .where(tables.outbox.c.message_id == message_id, tables.outbox.c.state == OutboxState.SENT)
            .values(state=OutboxState.FAILED, last_error=reason[:500])
        )
        return done.rowcount == 1


def _hash(about: str) -> str:
    return hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()
