"""the newest decisions of a grant are read in order"""

from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_decision_grant', 'decision')
    op.create_index('ix_decision_grant', 'decision', ['grant', 'seq'])
