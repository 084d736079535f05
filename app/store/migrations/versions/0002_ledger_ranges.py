"""the ledger in ranges of seq"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

PLACES = {
    "trail_entry": ("seq", "stream_seq"), "decision": ("seq",), "trail_head": ("size",),
    "trail_stream": ("count",), "trail_private": ("seq",), "transition": ("seq",),
    "object_version": ("seq",), "trail_checkpoint": ("size",), "trail_anchor": ("size",),
    "evidence_pack": ("anchor_size", "log_size"),
}
INDEXES = {
    "trail_entry": {"ix_trail_entry_at": '"at"', "ix_trail_entry_ref": "ref"},
    "decision": {"ix_decision_business_ref": "business_ref", "ix_decision_grant": '"grant"',
                 "ix_decision_institution": "institution_id, seq",
                 "ix_decision_subject": "subject", "ix_decision_trace_id": "trace_id"},
}


def upgrade() -> None:
    """SQLite keeps its plain tables; its integers have 64 bits already.

    On PostgreSQL a table that holds rows becomes the first range of itself, as it stands: no row
    is copied. What follows it, and the guards, are made after every migration.
    """
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for table, columns in PLACES.items():
        changes = ", ".join(f'ALTER COLUMN "{column}" TYPE bigint' for column in columns)
        op.execute(f"ALTER TABLE {table} {changes}")
    op.execute("CREATE SCHEMA hufu_ranges")
    for table in INDEXES:
        into_ranges(connection, table)


def into_ranges(connection, table: str) -> None:
    """The table as the first range of a new one of the same name."""
    first = f"hufu_ranges.{table}_0"
    op.execute(f"DROP TRIGGER IF EXISTS {table}_row_guard ON {table}")
    op.execute(f"DROP TRIGGER IF EXISTS {table}_truncate_guard ON {table}")
    op.execute(f"ALTER TABLE {table} SET SCHEMA hufu_ranges")
    op.execute(f"ALTER TABLE hufu_ranges.{table} RENAME TO {table}_0")
    op.execute(f"CREATE TABLE {table} (LIKE {first}) PARTITION BY RANGE (seq)")
    op.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (seq)")
    for name, columns in INDEXES[table].items():
        op.execute(f"CREATE INDEX {name} ON {table} ({columns})")
    last = connection.execute(sa.select(sa.func.max(sa.column("seq"))).select_from(
        sa.table(f"{table}_0", schema="hufu_ranges"))).scalar()
    if last is None:
        op.execute(f"DROP TABLE {first}")
    else:
        op.execute(f"ALTER TABLE {table} ATTACH PARTITION {first} "
                   f"FOR VALUES FROM (0) TO ({last + 1})")
