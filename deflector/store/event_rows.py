"""Every event as a row for other tools: what happened, when and about what, and no word of anybody."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from deflector.store.tables import enquiries, events

# What the kinds keep in `data` and may leave the house; docs/measuring.md says which kind has what.
DETAILS = (
    *("verdict", "urgent", "category", "engine", "seconds", "reason", "helpful", "results"),
    *("queue", "open_minutes", "first", "mark"),
)
HEADER = (
    *("seq", "schema", "at", "kind", "enquiry", "channel", "arm", "bot", "lang"),
    *("article", "article_lang", "version", "rank", "confidence"),
    *DETAILS,
)
STARTED = "enquiry_started"


def event_rows(
    connection: Connection, *, since: datetime | None, until: datetime | None
) -> Iterator[tuple[object, ...]]:
    """Walk what happened in [since, until): how enquiries started, then every event in its order.

    The start of an enquiry is a row of its own table; here it is the event that it is, without a number.
    """
    begun = enquiries.c.started_at
    for row in connection.execution_options(yield_per=1000).execute(
        select(enquiries).where(*_within(begun, since, until)).order_by(begun, enquiries.c.id)
    ):
        head = (None, None, row.started_at.isoformat(), STARTED, row.id, *_of(row), row.lang)
        yield head + (None,) * (len(HEADER) - len(head))
    belongs = events.outerjoin(enquiries, enquiries.c.id == events.c.enquiry)
    of_enquiry = (enquiries.c.channel, enquiries.c.arm, enquiries.c.bot, enquiries.c.lang.label("of_lang"))
    for row in connection.execution_options(yield_per=1000).execute(
        select(events, *of_enquiry)
        .select_from(belongs)
        .where(*_within(events.c.at, since, until))
        .order_by(events.c.seq)
    ):
        yield (
            *(row.seq, row.schema, row.at.isoformat(), row.kind, row.enquiry, *_of(row)),
            row.of_lang or row.data.get("lang"),
            *(row.article, row.lang, row.version, row.rank, row.confidence),
            *(row.data.get(name) for name in DETAILS),
        )


def _of(row: Any) -> tuple[object, ...]:
    return row.channel, row.arm, row.bot


def _within(
    column: ColumnElement[datetime], since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    conditions = []
    if since:
        conditions.append(column >= since)
    if until:
        conditions.append(column < until)
    return conditions
