"""The tables of what follows a ticket. No address stands in them: a keyed hash does."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from deflector.store.dialect import UtcDateTime
from deflector.store.tables import metadata

# The one question how it was. `due_at` is set while the ticket is solved, `asked_at` once and for all.
satisfaction = Table(
    "satisfaction",
    metadata,
    Column("ticket", ForeignKey("tickets.number", ondelete="CASCADE"), primary_key=True),
    Column("due_at", UtcDateTime, index=True),
    Column("asked_at", UtcDateTime),
    Column("mark", Integer),
    Column("marked_at", UtcDateTime),
    Column("comment", Text),
)

# Mailboxes that we do not write to unasked: mail came back from them, or they asked for none.
unreachable = Table(
    "unreachable",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("reason", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# The Message-IDs of mail that was taken in, hashed, so that none counts twice.
heard = Table(
    "heard",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)

# How far a folder was read (RFC 9051, 2.3.1.1).
inbox_marks = Table(
    "inbox_marks",
    metadata,
    Column("folder", String(200), primary_key=True),
    Column("validity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
)
