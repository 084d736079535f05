"""which obligations the enforcement point behind a credential can carry out"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('credential', sa.Column('supported_kinds', sa.JSON(), nullable=True))
