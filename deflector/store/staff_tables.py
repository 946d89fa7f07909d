"""The tables behind /admin: who may sign in, who is signed in, and what was decided about gaps."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from deflector.store.dialect import UtcDateTime
from deflector.store.tables import Counter, metadata

staff = Table(
    "staff",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# Only a hash of the cookie is kept: who reads the database cannot sign in with it.
staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", ForeignKey("staff.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("started_at", UtcDateTime, nullable=False),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("id", Counter, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Index(None, "name", "at"),
)

read_tokens = Table(
    "read_tokens",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
)

# A decision belongs to a wording, for which a keyed hash stands: the wording itself is forgotten in time.
# A gap has the decision of its latest wording that was decided about.
gap_decisions = Table(
    "gap_decisions",
    metadata,
    Column("mark", String(64), primary_key=True),
    Column("lang", String(16), primary_key=True),
    Column("to_do", String(16), nullable=False),
    Column("name", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
