"""the index of decisions has no digest of its own: the leaf of the entry is over the same facts"""

from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column('decision', 'digest')
