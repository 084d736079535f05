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


def replace(name: str, table: str, column: str, holds: str) -> None:
    """The index again, over the rows this holds of."""
    op.drop_index(name, table)
    op.create_index(name, table, [column], sqlite_where=sa.text(holds),
                    postgresql_where=sa.text(holds))
