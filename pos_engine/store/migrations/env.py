"""Alembic's entry: it is given an open connection by `Database.upgrade`."""

from alembic import context

from pos_engine.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
