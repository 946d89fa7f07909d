"""Nothing that somebody typed stays in what is kept for good: decisions about gaps, counted reasons."""

import sqlalchemy as sa
from alembic import op

from deflector.outcomes.reasons import OTHER, REASONS
from deflector.store.dialect import UtcDateTime

revision = "0601"
down_revision = "0501"


def upgrade() -> None:
    # The hash needs a key that no migration has, so what was decided is decided anew.
    op.drop_table("gap_decisions")
    op.create_table(
        "gap_decisions",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("lang", sa.String(length=16), nullable=False),
        sa.Column("to_do", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("mark", "lang", name=op.f("pk_gap_decisions")),
    )
    events = sa.table(
        "events", sa.column("seq", sa.BigInteger), sa.column("kind", sa.String), sa.column("data", sa.JSON)
    )
    connection = op.get_bind()
    voted = sa.select(events.c.seq, events.c.data).where(events.c.kind.in_(("unhelpful", "feedback")))
    for seq, data in connection.execute(voted).all():
        if data.get("reason") and data["reason"] not in REASONS:
            change = events.update().where(events.c.seq == seq).values(data=data | {"reason": OTHER})
            connection.execute(change)
