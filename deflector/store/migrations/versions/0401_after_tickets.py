"""What follows a ticket: the question how it was, addresses that mail cannot reach, mail that came in."""

import sqlalchemy as sa
from alembic import op

from deflector.store.dialect import UtcDateTime

revision = "0401"
down_revision = "0301"


def upgrade() -> None:
    op.create_table(
        "satisfaction",
        sa.Column("ticket", sa.String(length=16), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("mark", sa.Integer(), nullable=True),
        sa.Column("marked_at", UtcDateTime(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket"], ["tickets.number"], name=op.f("fk_satisfaction_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_satisfaction")),
    )
    op.create_index(op.f("ix_satisfaction_due_at"), "satisfaction", ["due_at"], unique=False)
    op.create_table(
        "unreachable",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_unreachable")),
    )
    op.create_table(
        "heard",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_heard")),
    )
    op.create_index(op.f("ix_heard_at"), "heard", ["at"], unique=False)
    op.create_table(
        "inbox_marks",
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("folder", name=op.f("pk_inbox_marks")),
    )
    if op.get_bind().dialect.name == "postgresql":  # see 0201: no sampled values outlive an erasure
        op.execute("ALTER TABLE satisfaction ALTER COLUMN comment SET STATISTICS 0")
