"""What alembic runs to migrate. The connection is handed in, its transaction already begun: one for all steps."""

from alembic import context

from wanmon.store.schema import migration_options

context.configure(connection=context.config.attributes["connection"], **migration_options())
context.run_migrations()
