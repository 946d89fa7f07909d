"""Events that tell repeats apart, machines told from people, and the sums behind the figures."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from deflector.store.dialect import UtcDateTime

revision = "0101"
down_revision = "0001"

_counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _table(name: str, key: list[sa.Column[Any]], *columns: sa.Column[Any]) -> None:
    names = [column.name for column in key]
    op.create_table(name, *key, *columns, sa.PrimaryKeyConstraint(*names, name=op.f(f"pk_{name}")))


def upgrade() -> None:
    op.add_column("enquiries", sa.Column("bot", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("events", sa.Column("schema", sa.Integer(), nullable=False, server_default=sa.text("1")))
    op.add_column("events", sa.Column("client_id", sa.String(64)))
    op.create_index(op.f("ix_events_enquiry_client_id"), "events", ["enquiry", "client_id"], unique=True)
    _table(
        "figures_due",
        [_key("id", _counter)],
        sa.Column("enquiry", sa.String(32)),
        sa.Column("event", _counter),
    )
    _table(
        "enquiry_facts",
        [_key("enquiry", sa.String(32))],
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("category", sa.String(100), nullable=False),
        sa.Column("arm", sa.String(16), nullable=False),
        sa.Column("bot", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("clawed_back", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
    )
    op.create_index(op.f("ix_enquiry_facts_started_at"), "enquiry_facts", ["started_at"])
    op.create_index(op.f("ix_enquiry_facts_day"), "enquiry_facts", ["day"])
    _table(
        "daily_outcomes",
        [
            _key("day", sa.String(10)),
            _key("lang", sa.String(16)),
            _key("category", sa.String(100)),
            _key("arm", sa.String(16)),
            _key("bot", sa.Boolean()),
            _key("urgent", sa.Boolean()),
            _key("offered", sa.Boolean()),
            _key("outcome", sa.String(16)),
        ],
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("enquiries", "tickets", "clawed_back")),
    )
    _table(
        "daily_articles",
        [
            _key("day", sa.String(10)),
            _key("article", sa.String(200)),
            _key("lang", sa.String(16)),
            _key("version", sa.Integer()),
            _key("rank", sa.Integer()),
        ],
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in (
                "shown",
                "impressions",
                "opened",
                "solved",
                "opened_then_wrote",
                "declined",
                "helpful",
                "unhelpful",
            )
        ),
        sa.Column("seconds", sa.Float(), nullable=False),
    )
    _table(
        "daily_reasons",
        [
            _key("day", sa.String(10)),
            _key("article", sa.String(200)),
            _key("lang", sa.String(16)),
            _key("version", sa.Integer()),
            _key("reason", sa.String(100)),
        ],
        sa.Column("votes", sa.Integer(), nullable=False),
    )
    _table(
        "daily_sides",
        [_key("day", sa.String(10)), _key("lang", sa.String(16)), _key("kind", sa.String(32))],
        sa.Column("times", sa.Integer(), nullable=False),
    )
    _table(
        "unanswered",
        [_key("event", _counter)],
        sa.Column("enquiry", sa.String(32)),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("category", sa.String(100), nullable=False),
        sa.Column("wrote", sa.Boolean(), nullable=False),
        sa.Column("article", sa.String(200)),
        sa.Column("article_lang", sa.String(16)),
        sa.Column("version", sa.Integer()),
    )
    op.create_index(op.f("ix_unanswered_enquiry"), "unanswered", ["enquiry"])
    op.create_index(op.f("ix_unanswered_at"), "unanswered", ["at"])
    op.create_index(op.f("ix_unanswered_lang_at"), "unanswered", ["lang", "at"])
    _table(
        "figures_made",
        [_key("id", sa.Integer())],
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("definitions", sa.Integer(), nullable=False),
    )
    # One row, so that roll-ups have something to lock; it fits no desk, so everything is counted at first.
    op.execute(sa.text("INSERT INTO figures_made (id, zone, definitions) VALUES (1, '', 0)"))
