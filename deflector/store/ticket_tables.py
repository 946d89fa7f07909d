"""The tables of a ticket's life, and the counters that keep the door."""

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table, Text

from deflector.store.dialect import UtcDateTime
from deflector.store.tables import Counter, metadata

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("seq", Counter, primary_key=True),
    Column("ticket", ForeignKey("tickets.number", ondelete="CASCADE"), nullable=False, index=True),
    Column("act", String(16), nullable=False),
    Column("by", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("data", JSON, nullable=False),
)

# How often something happened in a stretch of time. The key is a keyed hash where it stands for a person or
# an address; a row means nothing after it expired.
counters = Table(
    "counters",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
