"""The rows of attachments; their content lies in files (`deflector.store.cabinet`)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, insert, select

from deflector.model import Attachment
from deflector.store import tables

rows = tables.attachments


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What the database knows of an attachment: everything but its content."""

    id: str
    name: str
    media_type: str
    size: int
    digest: str

    @classmethod
    def under(cls, key: str, attachment: Attachment) -> "Filed":
        return cls(
            id=key,
            name=attachment.name,
            media_type=attachment.media_type,
            size=attachment.size,
            digest=attachment.digest,
        )


class Attachments:
    """The attachments of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, filed: Sequence[Filed], *, ticket: str | None, at: datetime) -> None:
        """Store rows of files that are on disk already; without a ticket they wait for one."""
        for place, one in enumerate(filed):
            self._connection.execute(
                insert(rows).values(
                    id=one.id,
                    ticket=ticket,
                    place=place,
                    name=one.name,
                    media_type=one.media_type,
                    size=one.size,
                    digest=one.digest,
                    created_at=at,
                )
            )

    def of(self, ticket: str) -> list[Filed]:
        """List what came with a ticket, in its order."""
        found = self._connection.execute(select(rows).where(rows.c.ticket == ticket).order_by(rows.c.place))
        return [_filed(row) for row in found]

    def waiting(self, ids: Collection[str]) -> list[Filed]:
        """Find those of the ids that wait for a ticket, in their order."""
        found = self._connection.execute(select(rows).where(rows.c.id.in_(ids), rows.c.ticket.is_(None)))
        known = {row.id: _filed(row) for row in found}
        return [known[one] for one in ids if one in known]

    def waiting_bytes(self) -> int:
        """Sum up what waits for a ticket."""
        total = select(func.coalesce(func.sum(rows.c.size), 0)).where(rows.c.ticket.is_(None))
        return int(self._connection.execute(total).scalar_one())

    def drop_waiting(self, *, before: datetime) -> int:
        """Forget what has waited since before a moment; return how many."""
        old = rows.c.ticket.is_(None) & (rows.c.created_at < before)
        return self._connection.execute(delete(rows).where(old)).rowcount

    def ids(self) -> set[str]:
        return set(self._connection.execute(select(rows.c.id)).scalars())


def _filed(row: Row[tuple[object, ...]]) -> Filed:
    return Filed(id=row.id, name=row.name, media_type=row.media_type, size=row.size, digest=row.digest)
