"""How long people waited for an answer, and how they found it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from deflector.store.after_tables import satisfaction
from deflector.store.tables import tickets
from deflector.store.ticket_tables import ticket_events
from deflector.tickets.life import TicketAct


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTimes:
    """Tickets of a period. `waits` has when each answered one was opened and answered; `late` counts those
    that were answered after the promised moment, or are not answered and it has passed."""

    opened: int
    waits: tuple[tuple[datetime, datetime], ...]
    late: int


def answer_times(
    connection: Connection,
    *,
    since: datetime | None,
    until: datetime | None,
    lang: str | None,
    category: str | None,
    now: datetime,
) -> AnswerTimes:
    """Find the first answer of each ticket that was opened in [since, until)."""
    first = (
        select(ticket_events.c.ticket, func.min(ticket_events.c.at).label("answered_at"))
        .where(ticket_events.c.act == TicketAct.ANSWERED)
        .group_by(ticket_events.c.ticket)
        .subquery()
    )
    asked = select(tickets.c.opened_at, tickets.c.answer_by, first.c.answered_at).join(
        first, first.c.ticket == tickets.c.number, isouter=True
    )
    if since:
        asked = asked.where(tickets.c.opened_at >= since)
    if until:
        asked = asked.where(tickets.c.opened_at < until)
    if lang:
        asked = asked.where(tickets.c.lang == lang)
    if category:
        asked = asked.where(tickets.c.category == category)
    rows = connection.execute(asked).all()
    return AnswerTimes(
        opened=len(rows),
        waits=tuple((row.opened_at, row.answered_at) for row in rows if row.answered_at is not None),
        late=sum((row.answered_at or now) > row.answer_by for row in rows),
    )


def marks(connection: Connection, *, since: datetime | None, until: datetime | None) -> dict[int, int]:
    """Count the marks that people gave in [since, until), 1 to 5."""
    counted = select(satisfaction.c.mark, func.count()).where(satisfaction.c.mark.is_not(None))
    if since:
        counted = counted.where(satisfaction.c.marked_at >= since)
    if until:
        counted = counted.where(satisfaction.c.marked_at < until)
    found = {
        int(mark): int(times) for mark, times in connection.execute(counted.group_by(satisfaction.c.mark))
    }
    return {mark: found.get(mark, 0) for mark in range(1, 6)}
