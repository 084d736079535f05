"""a call is indexed by what it names: fewer indexes grow with every decision"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

NUMBERS = ("trace_id", "business_ref", "subject")


def upgrade() -> None:
    """Entries are found by time through their places, and decisions by their own table."""
    op.drop_index('ix_trail_entry_at', 'trail_entry')
    replace('ix_trail_entry_ref', 'trail_entry', 'ref',
            "kind NOT IN ('decision.permit', 'decision.deny')")
    for column in NUMBERS:
        replace(f'ix_decision_{column}', 'decision', column, f"{column} <> ''")
    if op.get_bind().dialect.name == "postgresql":
        look_seldom(op.get_bind())


def replace(name: str, table: str, column: str, holds: str) -> None:
    """The index again, over the rows this holds of."""
    op.drop_index(name, table)
    op.create_index(name, table, [column], sqlite_where=sa.text(holds),
                    postgresql_where=sa.text(holds))


def look_seldom(connection) -> None:
    """Ranges that stand already are looked at when they have grown by half, as those made later."""
    for place in connection.execute(sa.text(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_inherits i "
            "JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE i.inhparent IN (to_regclass('trail_entry'), to_regclass('decision')) "
            "AND c.relkind = 'r'")).scalars().all():
        op.execute(f"ALTER TABLE {place} SET (autovacuum_analyze_scale_factor = 0.5, "
                   "autovacuum_vacuum_insert_scale_factor = 0.5, "
                   "autovacuum_vacuum_insert_threshold = 100000, "
                   "autovacuum_analyze_threshold = 100000)")
