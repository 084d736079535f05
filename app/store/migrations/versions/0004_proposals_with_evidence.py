"""proposals with evidence"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

TEXTS = ('element', 'identifier', 'proposed_element', 'proposed_identifier')
LISTS = ('proposed_runners_up', 'proposed_why')


def upgrade() -> None:
    # Fields proposed before have an element nobody named and no evidence.
    for name in TEXTS:
        op.add_column('dataset_field', sa.Column(name, sa.String(), nullable=False,
                                                 server_default=''))
    op.add_column('dataset_field', sa.Column('proposed_sensitive', sa.Boolean(), nullable=False,
                                             server_default=sa.false()))
    for name in LISTS:
        op.add_column('dataset_field', sa.Column(name, sa.JSON(), nullable=False,
                                                 server_default=sa.text("'[]'")))
    op.add_column('dataset_field', sa.Column('contradicted', sa.JSON(), nullable=False,
                                             server_default=sa.text("'{}'")))
