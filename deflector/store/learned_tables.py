"""The tables of what was learned from people. No row leads to an enquiry or to a person."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, false

from deflector.store.dialect import UtcDateTime
from deflector.store.tables import metadata

# The words are kept once two people have used them; until then, and when forgotten, only their hash is.
learned_wordings = Table(
    "learned_wordings",
    metadata,
    Column("lang", String(16), primary_key=True),
    Column("article", String(200), primary_key=True),
    Column("mark", String(64), primary_key=True),
    Column("text", Text),
    Column("forgotten", Boolean, nullable=False, server_default=false()),
)

learned_counts = Table(
    "learned_counts",
    metadata,
    Column("lang", String(16), primary_key=True),
    Column("article", String(200), primary_key=True),
    Column("mark", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("solved", Integer, nullable=False),
    Column("declined", Integer, nullable=False),
    Column("last_solved", UtcDateTime),
    Column("heard_at", UtcDateTime, nullable=False, index=True),
)

# One row: up to which enquiry was listened, and how often what was learned has changed.
learned_state = Table(
    "learned_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("until", UtcDateTime),
    Column("enquiry", String(32)),
    Column("edition", Integer, nullable=False),
)
