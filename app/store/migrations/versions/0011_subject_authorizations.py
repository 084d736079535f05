"""subject authorizations"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('subject_authorization',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.Text(), nullable=False),
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('subject_kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('purposes', sa.String(), nullable=False),
    sa.Column('products', sa.String(), nullable=False),
    sa.Column('items', sa.String(), nullable=False),
    sa.Column('mode', sa.String(), nullable=False),
    sa.Column('max_uses', sa.Integer(), nullable=True),
    sa.Column('earliest', sa.String(), nullable=False),
    sa.Column('separate', sa.String(), nullable=False),
    sa.Column('retention_days', sa.Integer(), nullable=True),
    sa.Column('valid_from', sa.Text(), nullable=False),
    sa.Column('valid_to', sa.Text(), nullable=False),
    sa.Column('noted', sa.Boolean(), nullable=False),
    sa.Column('notice', sa.String(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('evidence_holds', sa.Boolean(), nullable=False),
    sa.Column('grant_id', sa.String(), nullable=False),
    sa.Column('replaced_by', sa.String(), nullable=False),
    sa.Column('ended_at', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token')
    )
    op.create_index('ix_subject_authorization_subject', 'subject_authorization',
                    ['subject', 'institution_id'])
    op.create_index('ix_subject_authorization_term', 'subject_authorization',
                    ['state', 'valid_to'])
    # Bounds on use beside those of a grant, and how far an enforcement point is behind.
    for table in ('client_app', 'institution', 'product'):
        op.add_column(table, sa.Column('quota', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('credential', sa.Column('receipts_overdue', sa.Integer(), nullable=False,
                                          server_default='0'))
