"""The ledger's own statements, on the driver's cursor: COPY on PostgreSQL, blocks on SQLite.

Parameters are always bound; every text of a statement stands here.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, nullcontext
from itertools import chain

from sqlalchemy import Connection

from app.store.trail import Head, split

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
READ_STREAMS = """SELECT stream, count FROM trail_stream
WHERE stream IN (SELECT value FROM json_each(?))"""
POSTGRES_STREAMS = "SELECT stream, count FROM trail_stream WHERE stream = ANY(%s)"
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
    """One open writing transaction, spoken to without layers between.

    On PostgreSQL what needs no answer in between is said together: while the head is locked, every
    turn of the conversation is time in which nobody else seals.
    """

    def __init__(self, connection: Connection) -> None:
        self.is_postgres = connection.dialect.name == "postgresql"
        self.raw = connection.connection.driver_connection

    def head(self, streams: Collection[str] = ()) -> tuple[Head, dict[str, int]]:
        """The trail's end, locked until the end of the transaction, and how many entries each of
        these streams holds."""
        with self._together():
            found = self.raw.execute(LOCK_HEAD if self.is_postgres else READ_HEAD)
            counted = self._counted(streams) if streams else ()
        size, frontier, last_at, epoch = found.fetchone()
        return (Head(size, split(frontier), last_at, epoch),
                dict.fromkeys(streams, 0) | dict(counted))

    def counts(self, streams: Collection[str]) -> dict[str, int]:
        """How many entries each stream holds; one that does not exist yet holds none."""
        return dict.fromkeys(streams, 0) | dict(self._counted(streams))

    def _counted(self, streams: Collection[str]):
        named = list(streams)
        if self.is_postgres:
            return self.raw.execute(POSTGRES_STREAMS, (named,))
        return self.raw.execute(READ_STREAMS, (json.dumps(named),))

    def commit(self, size: int, frontier: Sequence[bytes], last_at: str) -> None:
        """Write the head and end the transaction with it."""
        with self._together():
            self.raw.execute(self._spoken(SAVE_HEAD), (size, b"".join(frontier), last_at))
            self.raw.commit()

    def _together(self):
        return self.raw.pipeline() if self.is_postgres else nullcontext()

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

    def rows_of(self, statement: str, keys: Sequence[tuple[str, ...]]) -> list[tuple]:
        """The rows that belong to these keys; `{keys}` in the statement stands for a table of them
        with the columns `column1`, `column2`…: it leads the join, so that each key is looked up.

        On PostgreSQL the columns travel as arrays: one text, however many keys, is planned once.
        """
        if not keys:
            return []
        width = len(keys[0])
        if self.is_postgres:
            names = ", ".join(f"column{at + 1}" for at in range(width))
            arrays = ", ".join(["%s::text[]"] * width)
            # Names and marks are counted here; every value is bound.
            table = f"SELECT {names} FROM unnest({arrays}) AS each ({names})"  # nosec B608
            return self.raw.execute(statement.format(keys=table),
                                    [list(column) for column in zip(*keys, strict=True)]).fetchall()
        found: list[tuple] = []
        for start in range(0, len(keys), KEYS_AT_ONCE):
            some = keys[start:start + KEYS_AT_ONCE]
            marks = ",".join(["(" + ",".join("?" * width) + ")"] * len(some))
            found += self.raw.execute(statement.format(keys=f"VALUES {marks}"),
                                      list(chain.from_iterable(some))).fetchall()
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

    def each(self, statement: str, rows: Sequence[tuple]) -> None:
        """One statement for many rows."""
        with closing(self.raw.cursor()) as cursor:
            cursor.executemany(self._spoken(statement), rows)

    def _spoken(self, statement: str) -> str:
        """The statement with the driver's own mark for a parameter."""
        return statement.replace("?", "%s") if self.is_postgres else statement
