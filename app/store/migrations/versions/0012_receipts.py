"""receipts, calls of gateways, and findings of their reconciliation"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('receipt',
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('credential', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('at', sa.String(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('decision')
    )
    op.create_index(op.f('ix_receipt_at'), 'receipt', ['at'])
    op.create_table('gateway_call',
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('at', sa.String(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('file', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('decision')
    )
    op.create_index(op.f('ix_gateway_call_at'), 'gateway_call', ['at'])
    op.create_table('finding',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.Text(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('severity', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('credential', sa.String(), nullable=False),
    sa.Column('institution_number', sa.String(), nullable=False),
    sa.Column('refs', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('place')
    )
    for column in ('kind', 'state', 'decision'):
        op.create_index(op.f(f'ix_finding_{column}'), 'finding', [column])
