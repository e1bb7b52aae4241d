"""How alembic runs here: on the connection that `storage.database.migrate` gives, inside its transaction."""

from alembic import context

from storage.tables import EntryRow

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=EntryRow.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
