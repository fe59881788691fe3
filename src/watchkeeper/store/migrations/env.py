"""What Alembic runs: every step over the connection that `migrate` was given, within its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
