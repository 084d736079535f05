"""routes of gateways, their credentials, and the processes that answer them"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('route',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.Text(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('host', sa.String(), nullable=False),
    sa.Column('method', sa.String(), nullable=False),
    sa.Column('pattern', sa.String(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('environment', sa.String(), nullable=False),
    sa.Column('sources', sa.JSON(), nullable=False),
    sa.Column('proposed_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number'),
    sa.UniqueConstraint('place')
    )
    op.create_index(op.f('ix_route_host'), 'route', ['host'])
    op.create_table('process_beat',
    sa.Column('process', sa.String(), nullable=False),
    sa.Column('host', sa.String(), nullable=False),
    sa.Column('pid', sa.Integer(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('confirmed_at', sa.Text(), nullable=False),
    sa.Column('started_at', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('process')
    )
    # A credential known so far speaks for its own application, from its application's networks.
    for column in ('apps', 'networks'):
        op.add_column('credential', sa.Column(column, sa.JSON(), nullable=False,
                                              server_default='[]'))
