"""counts of scanned tables, tries and dropped tables of runs"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

COUNTS = ('columns', 'personal', 'changed')
AT_ONCE = 100


def upgrade() -> None:
    op.add_column('scan_run', sa.Column('tries', sa.Integer(), nullable=False,
                                        server_default='0'))
    op.add_column('scan_run', sa.Column('dropped', sa.JSON(), nullable=False,
                                        server_default=sa.text("'[]'")))
    for name in COUNTS:
        op.add_column('scan_table', sa.Column(name, sa.Integer(), nullable=False,
                                              server_default='0'))
    count_kept_tables(op.get_bind())


def count_kept_tables(connection) -> None:
    """Tables kept before are counted from what they hold, some at a time."""
    table = sa.table('scan_table', sa.column('id'), sa.column('verdicts', sa.JSON()),
                     sa.column('changes', sa.JSON()), *map(sa.column, COUNTS))
    keys = connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars().all()
    for start in range(0, len(keys), AT_ONCE):
        rows = connection.execute(sa.select(table.c.id, table.c.verdicts, table.c.changes).where(
            table.c.id.in_(keys[start:start + AT_ONCE]))).all()
        for row in rows:
            connection.execute(table.update().where(table.c.id == row.id).values(
                columns=len(row.verdicts), changed=len(row.changes),
                personal=sum(one['personal'] for one in row.verdicts.values())))
