"""Alembic's entry: `deflector.store.migration.upgrade` hands in the connection."""

from alembic import context

from deflector.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
