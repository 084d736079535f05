"""counters of use, and what permits have set aside until their receipts"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('use_counter',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('period', sa.String(), nullable=False),
    sa.Column('window', sa.String(), nullable=False),
    sa.Column('reserved', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('used', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('key', 'period', 'window')
    )
    op.create_table('reservation',
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('credential', sa.String(), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('counters', sa.JSON(), nullable=False),
    sa.Column('consent', sa.String(), nullable=False),
    sa.Column('due', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('decision')
    )
    op.create_index('ix_reservation_due', 'reservation', ['state', 'due'])
