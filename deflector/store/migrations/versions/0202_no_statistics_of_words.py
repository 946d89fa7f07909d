"""Of what people wrote, PostgreSQL keeps no samples in its statistics: there, nothing could erase them."""

from alembic import op

revision = "0202"
down_revision = "0102"

WRITTEN = {
    "tickets": ("answers", "page"),
    "attachments": ("name",),
    "satisfaction": ("comment",),
    "enquiries": ("page",),
    "outbox": ("last_error",),  # a server's refusal names the address
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in WRITTEN.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
