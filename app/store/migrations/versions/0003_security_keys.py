"""security keys"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('security_key',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('credential_id', sa.String(), nullable=False),
    sa.Column('public_key', sa.String(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('added_at', sa.Text(), nullable=False),
    sa.Column('used_at', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('credential_id')
    )
    op.create_index(op.f('ix_security_key_account_id'), 'security_key', ['account_id'], unique=False)
    op.create_table('key_challenge',
    sa.Column('challenge_hash', sa.String(), nullable=False),
    sa.Column('bound_to', sa.String(), nullable=False),
    sa.Column('expires_at', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('challenge_hash')
    )
    # Sessions that live through the change count as those of browsers that said nothing.
    op.add_column('session', sa.Column('offers_keys', sa.Boolean(), nullable=False,
                                       server_default=sa.false()))
