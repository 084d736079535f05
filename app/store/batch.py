"""Writing many rows at once: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select, text

from app.store.tables import TrailStream

COPY_ENTRIES = """COPY trail_entry (seq, stream, stream_seq, kind, ref, at, leaf, body)
FROM STDIN"""
INSERT_ENTRIES = """INSERT INTO trail_entry (seq, stream, stream_seq, kind, ref, at, leaf, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
COPY_DECISIONS = """COPY decision (seq, id, at, permits, institution_id, app, product, "grant",
purpose, action, codes, trace_id, business_ref, subject, epoch, digest) FROM STDIN"""
INSERT_DECISIONS = """INSERT INTO decision (seq, id, at, permits, institution_id, app, product,
"grant", purpose, action, codes, trace_id, business_ref, subject, epoch, digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
SAVE_STREAM = text("""INSERT INTO trail_stream (stream, count) VALUES (:stream, :count)
ON CONFLICT (stream) DO UPDATE SET count = excluded.count""")


def insert_entries(connection: Connection, rows: Sequence[tuple]) -> None:
    """Trail rows: seq, stream, stream_seq, kind, ref, at, leaf, body."""
    _insert(connection, COPY_ENTRIES, INSERT_ENTRIES, rows)


def insert_decisions(connection: Connection, rows: Sequence[tuple]) -> None:
    """Index rows of decisions, in the order of the columns of the table."""
    _insert(connection, COPY_DECISIONS, INSERT_DECISIONS, rows)


def _insert(connection: Connection, copy: str, insert: str, rows: Sequence[tuple]) -> None:
    if connection.dialect.name == "postgresql":
        raw = connection.connection.driver_connection
        with raw.cursor() as cursor, cursor.copy(copy) as stream:
            for row in rows:
                stream.write_row(row)
    else:
        connection.exec_driver_sql(insert, list(rows))


def stream_counts(connection: Connection, streams: set[str]) -> dict[str, int]:
    """How many entries each stream holds; a stream that does not exist yet holds none."""
    found = dict.fromkeys(streams, 0)
    found.update((row.stream, row.count) for row in connection.execute(
        select(TrailStream.stream, TrailStream.count).where(TrailStream.stream.in_(streams))))
    return found


def save_streams(connection: Connection, counts: Mapping[str, int]) -> None:
    connection.execute(SAVE_STREAM, [{"stream": stream, "count": count}
                                     for stream, count in counts.items()])
