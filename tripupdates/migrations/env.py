"""Alembic runs this for each migration; the connection and its transaction belong to `database.migrate`."""

from alembic import context

from tripupdates import records

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=records.METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
