"""Notes which enquiries and events the figures have not taken in yet.

Rows are only ever added here, each in the transaction of what it announces, and the roll-up removes those
that it saw. So nothing is missed, whichever of two transactions ends first.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from deflector.store.figure_tables import figures_due


def mark(connection: Connection, enquiries: Iterable[str]) -> None:
    """Say that something happened in these enquiries."""
    rows = [{"enquiry": enquiry} for enquiry in sorted(enquiries)]
    if rows:
        connection.execute(insert(figures_due), rows)


def mark_event(connection: Connection, seq: int | None) -> None:
    """Say that something happened that belongs to no enquiry."""
    connection.execute(insert(figures_due).values(event=seq))


def some(connection: Connection, limit: int) -> tuple[list[int], set[str], list[int]]:
    """Look at up to `limit` notes, oldest first: their ids, the enquiries and the events that they name."""
    rows = connection.execute(select(figures_due).order_by(figures_due.c.id).limit(limit)).all()
    return (
        [row.id for row in rows],
        {row.enquiry for row in rows if row.enquiry is not None},
        [row.event for row in rows if row.event is not None],
    )


def done(connection: Connection, ids: Iterable[int]) -> None:
    """Remove the notes that were taken in."""
    connection.execute(delete(figures_due).where(figures_due.c.id.in_(list(ids))))
