"""Alembic's way in. ``store.upgrade`` opens the transaction and hands it over; there is no other way to migrate."""

from alembic import context

from store.schema import metadata

context.configure(connection=context.config.attributes["tx"], target_metadata=metadata)
context.run_migrations()
