"""readings of the rules that persons refused"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

INDEXED = ('element', 'department_id', 'dataset_id', 'state')


def upgrade() -> None:
    op.create_table('negative_example',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.Text(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('element', sa.String(), nullable=False),
    sa.Column('reach', sa.String(), nullable=False),
    sa.Column('department_id', sa.String(), nullable=False),
    sa.Column('dataset_id', sa.String(), nullable=False),
    sa.Column('column', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('refused_by', sa.String(), nullable=False),
    sa.Column('expires_at', sa.Text(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    for column in INDEXED:
        op.create_index(op.f(f'ix_negative_example_{column}'), 'negative_example', [column])
