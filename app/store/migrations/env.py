"""Alembic's entry: one connection handed in, one metadata, both engines alike."""

from alembic import context

from app.store.columns import Instant
from app.store.schema import is_declared, metadata


def render(kind, item, autogen_context):
    if kind == "type" and isinstance(item, Instant):
        return "sa.Text()"
    if kind == "type" and item.__class__.__name__ == "AutoString":
        return "sa.String()"
    return False


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=False,
                  render_item=render, compare_type=False,
                  include_object=is_declared(connection.dialect.name))
with context.begin_transaction():
    context.run_migrations()
