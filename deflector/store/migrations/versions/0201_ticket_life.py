"""What happens to tickets after they were opened; counters."""

import sqlalchemy as sa
from alembic import op

from deflector.store.dialect import UtcDateTime

revision = "0201"
down_revision = "0101"

# PostgreSQL samples values into its statistics. Of these columns none may live on there after it was erased.
PERSONAL = {"tickets": ("name", "email", "message", "subject"), "outbox": ("recipient", "content")}


def upgrade() -> None:
    op.create_table(
        "ticket_events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket", sa.String(length=16), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket"], ["tickets.number"], name=op.f("fk_ticket_events_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ticket_events")),
    )
    op.create_index(op.f("ix_ticket_events_ticket"), "ticket_events", ["ticket"], unique=False)
    op.create_table(
        "counters",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_counters")),
    )
    op.create_index(op.f("ix_counters_expires_at"), "counters", ["expires_at"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in {**PERSONAL, "ticket_events": ("text", "data"), "events": ("data",)}.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
