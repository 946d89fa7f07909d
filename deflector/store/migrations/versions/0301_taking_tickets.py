"""Priority, tags, zone and extra answers of a ticket; the files that came with it."""

import sqlalchemy as sa
from alembic import op

from deflector.store.dialect import UtcDateTime

revision = "0301"
down_revision = "0201"


def upgrade() -> None:
    op.add_column("tickets", sa.Column("priority", sa.String(16), nullable=False, server_default="normal"))
    op.add_column("tickets", sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("tickets", sa.Column("guessed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tickets", sa.Column("zone", sa.String(64), nullable=True))
    op.add_column("tickets", sa.Column("answers", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ticket", sa.String(length=16), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket"], ["tickets.number"], name=op.f("fk_attachments_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index(op.f("ix_attachments_ticket"), "attachments", ["ticket"], unique=False)
