"""What Alembic runs: the migrations over the connection that `upgrade` gives it, inside its transaction."""

from alembic import context

from orchestrator.storage.every_table import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # true of SQLite too, since we begin the transaction ourselves
    render_as_batch=True,  # SQLite changes a column by copying the table
)
context.run_migrations()
