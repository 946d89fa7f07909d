"""Wordings that people confirmed, without a trace of who they were."""

import sqlalchemy as sa
from alembic import op

from deflector.store.dialect import UtcDateTime

revision = "0501"
down_revision = "0202"


def upgrade() -> None:
    key = ("lang", "article", "mark")
    op.create_table(
        "learned_wordings",
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("article", sa.String(200), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("forgotten", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_learned_wordings")),
    )
    op.create_table(
        "learned_counts",
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("article", sa.String(200), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("solved", sa.Integer(), nullable=False),
        sa.Column("declined", sa.Integer(), nullable=False),
        sa.Column("last_solved", UtcDateTime(), nullable=True),
        sa.Column("heard_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint(*key, "version", name=op.f("pk_learned_counts")),
    )
    op.create_index(op.f("ix_learned_counts_heard_at"), "learned_counts", ["heard_at"])
    state = op.create_table(
        "learned_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("enquiry", sa.String(32), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_state")),
    )
    op.bulk_insert(state, [{"id": 1, "edition": 0}])
    if op.get_bind().dialect.name == "postgresql":  # see 0201: no sampled values outlive an erasure
        op.execute("ALTER TABLE learned_wordings ALTER COLUMN text SET STATISTICS 0")
