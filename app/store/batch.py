"""The ledger's own statements, on the driver's cursor: COPY on PostgreSQL, blocks on SQLite.

Parameters are always bound; every text of a statement stands here.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import chain

from sqlalchemy import Connection

COPY_ENTRIES = """COPY trail_entry (seq, stream, stream_seq, kind, ref, at, leaf, body)
FROM STDIN (FORMAT BINARY)"""
ENTRY_TYPES = ("int8", "varchar", "int8", "varchar", "varchar", "varchar", "bytea", "bytea")
INSERT_ENTRIES = """INSERT INTO trail_entry (seq, stream, stream_seq, kind, ref, at, leaf, body)
VALUES """
ENTRY_MARKS = "(?, ?, ?, ?, ?, ?, ?, ?)"
COPY_DECISIONS = """COPY decision (seq, id, at, permits, institution_id, app, product, "grant",
purpose, action, codes, trace_id, business_ref, subject, epoch, digest)
FROM STDIN (FORMAT BINARY)"""
DECISION_TYPES = ("int8", "varchar", "varchar", "bool", *["varchar"] * 10, "int4", "varchar")
INSERT_DECISIONS = """INSERT INTO decision (seq, id, at, permits, institution_id, app, product,
"grant", purpose, action, codes, trace_id, business_ref, subject, epoch, digest) VALUES """
DECISION_MARKS = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
COPY_RESERVATIONS = """COPY reservation (decision, institution_id, credential, amount, counters,
consent, due, state) FROM STDIN"""
INSERT_RESERVATIONS = """INSERT INTO reservation (decision, institution_id, credential, amount,
counters, consent, due, state) VALUES """
RESERVATION_MARKS = "(?, ?, ?, ?, ?, ?, ?, ?)"
READ_STREAM = "SELECT count FROM trail_stream WHERE stream = ?"
SAVE_STREAM = """INSERT INTO trail_stream (stream, count) VALUES (?, ?)
ON CONFLICT (stream) DO UPDATE SET count = excluded.count"""
READ_HEAD = "SELECT size, frontier, last_at, epoch FROM trail_head WHERE id = 1"
LOCK_HEAD = READ_HEAD + " FOR UPDATE"
# SQLite's driver lets other threads run at every statement, and then has to wait for its turn: a
# batch is therefore said in few statements. The sizes are few, so that each is prepared once.
BLOCKS = (64, 16, 4, 1)
KEYS_AT_ONCE = 200
SAVE_HEAD = "UPDATE trail_head SET size = ?, frontier = ?, last_at = ? WHERE id = 1"


class Batch:
    """One open writing transaction, spoken to without layers between."""

    def __init__(self, connection: Connection) -> None:
        self.is_postgres = connection.dialect.name == "postgresql"
        self.raw = connection.connection.driver_connection

    def head(self) -> tuple[int, list[bytes], str, int]:
        """Size, frontier, last instant and epoch of the trail, locked until the end."""
        size, frontier, last_at, epoch = self._one(LOCK_HEAD if self.is_postgres else READ_HEAD, ())
        frontier = bytes(frontier)
        return size, [frontier[at:at + 32] for at in range(0, len(frontier), 32)], last_at, epoch

    def save_head(self, size: int, frontier: Sequence[bytes], last_at: str) -> None:
        self.each(SAVE_HEAD, [(size, b"".join(frontier), last_at)])

    def stream_count(self, stream: str) -> int:
        """How many entries a stream holds; one that does not exist yet holds none."""
        found = self._one(READ_STREAM, (stream,))
        return found[0] if found else 0

    def save_streams(self, counts: Mapping[str, int]) -> None:
        """Write the counts; on PostgreSQL the head's guard counts for itself."""
        if not self.is_postgres:
            self.each(SAVE_STREAM, list(counts.items()))

    def insert_entries(self, rows: Sequence[tuple]) -> None:
        """Trail rows: seq, stream, stream_seq, kind, ref, at, leaf, body."""
        if self.is_postgres:
            self._copy(COPY_ENTRIES, rows, ENTRY_TYPES)
        else:
            self._blocks(INSERT_ENTRIES, ENTRY_MARKS, rows)

    def insert_decisions(self, rows: Sequence[tuple]) -> None:
        """Index rows of decisions, in the order of the table's columns."""
        if self.is_postgres:
            self._copy(COPY_DECISIONS, rows, DECISION_TYPES)
        else:
            self._blocks(INSERT_DECISIONS, DECISION_MARKS, rows)

    def insert_reservations(self, rows: Sequence[tuple]) -> None:
        """Reservations, in the order of the statement's columns."""
        if self.is_postgres:
            self._copy(COPY_RESERVATIONS, rows)
        else:
            self._blocks(INSERT_RESERVATIONS, RESERVATION_MARKS, rows)

    def rows_of(self, statement: str, keys: Sequence[tuple]) -> list[tuple]:
        """The rows that belong to these keys; `{keys}` in the statement stands for a table of them
        with the columns `column1`, `column2`…: it leads the join, so that each key is looked up."""
        found: list[tuple] = []
        with closing(self.raw.cursor()) as cursor:
            for start in range(0, len(keys), KEYS_AT_ONCE):
                some = keys[start:start + KEYS_AT_ONCE]
                marks = ",".join(["(" + ",".join("?" * len(some[0])) + ")"] * len(some))
                cursor.execute(self._spoken(statement.format(keys=f"VALUES {marks}")),
                               list(chain.from_iterable(some)))
                found += cursor.fetchall()
        return found

    def _copy(self, statement: str, rows: Sequence[tuple], types: Sequence[str] = ()) -> None:
        """Rows by COPY; a binary one names the types of its columns."""
        with self.raw.cursor() as cursor, cursor.copy(statement) as stream:
            if types:
                stream.set_types(types)
            for row in rows:
                stream.write_row(row)

    def _blocks(self, insert: str, marks: str, rows: Sequence[tuple]) -> None:
        """Rows by the largest block that fits, each block in one statement."""
        done = 0
        with closing(self.raw.cursor()) as cursor:
            for block in BLOCKS:
                while len(rows) - done >= block:
                    values = list(chain.from_iterable(rows[done:done + block]))
                    cursor.execute(insert + ",".join([marks] * block), values)
                    done += block

    def _one(self, statement: str, values: tuple) -> tuple | None:
        with closing(self.raw.cursor()) as cursor:
            cursor.execute(self._spoken(statement), values)
            return cursor.fetchone()

    def each(self, statement: str, rows: Sequence[tuple]) -> None:
        """One statement for many rows."""
        with closing(self.raw.cursor()) as cursor:
            cursor.executemany(self._spoken(statement), rows)

    def _spoken(self, statement: str) -> str:
        """The statement with the driver's own mark for a parameter."""
        return statement.replace("?", "%s") if self.is_postgres else statement
