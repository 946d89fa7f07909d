"""The tables. What they mean stands in `deflector.model`; how they came to be, in `migrations/versions`."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

from deflector.store.dialect import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows up by itself in an INTEGER key only.
Counter = BigInteger().with_variant(Integer, "sqlite")

enquiries = Table(
    "enquiries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token_hash", String(64), nullable=False),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("lang", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("arm", String(16), nullable=False),
    Column("page", String(500)),
    Column("bot", Boolean, nullable=False, server_default=false()),
)

events = Table(
    "events",
    metadata,
    Column("seq", Counter, primary_key=True),
    Column("enquiry", ForeignKey("enquiries.id", ondelete="CASCADE"), index=True),
    Column("kind", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("article", String(200)),
    Column("lang", String(16)),
    Column("version", Integer),
    Column("rank", Integer),
    Column("confidence", Float),
    Column("data", JSON, nullable=False),
    Column("schema", Integer, nullable=False, server_default=text("1")),
    Column("client_id", String(64)),
    Index(None, "kind", "at"),
    Index(None, "enquiry", "client_id", unique=True),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", String(16), primary_key=True),
    Column("opened_at", UtcDateTime, nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("email", String(320), nullable=False, index=True),
    Column("lang", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("subject", String(300)),
    Column("category", String(100)),
    Column("queue", String(100), nullable=False),
    Column("answer_by", UtcDateTime, nullable=False),
    Column("solve_by", UtcDateTime, nullable=False),
    Column("page", String(500)),
    Column("enquiry", ForeignKey("enquiries.id", ondelete="SET NULL"), index=True),
    Column("priority", String(16), nullable=False, server_default="normal"),
    Column("tags", JSON, nullable=False, server_default="[]"),
    Column("guessed", Boolean, nullable=False, server_default=false()),
    Column("zone", String(64)),
    Column("answers", JSON, nullable=False, server_default="{}"),
)

# The content lies in a file named by the id; a row without a ticket waits for its message to be sent.
attachments = Table(
    "attachments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("ticket", ForeignKey("tickets.number", ondelete="CASCADE"), index=True),
    Column("place", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("ticket", ForeignKey("tickets.number", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Counter, primary_key=True),
    Column("ticket", ForeignKey("tickets.number", ondelete="CASCADE"), index=True),
    Column("kind", String(32), nullable=False),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("sender", String(320), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("leased_until", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("last_error", String(500)),
    Index(None, "state", "next_attempt_at"),
)
