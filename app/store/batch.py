"""The ledger's own statements, on the driver's cursor: arrays on PostgreSQL, blocks on SQLite.

Parameters are always bound; every text of a statement stands here.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, nullcontext
from itertools import chain

from sqlalchemy import Connection

from app.store.arrays import columns
from app.store.trail import Head, split

INSERT_ENTRIES = """INSERT INTO trail_entry (seq, stream, stream_seq, kind, ref, at, leaf, body)
"""
ENTRY_KINDS = ("int8", "text", "int8", "text", "text", "text", "bytea", "bytea")
ENTRY_MARKS = "(?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_DECISIONS = """INSERT INTO decision (seq, id, at, permits, institution_id, app, product,
"grant", purpose, action, codes, trace_id, business_ref, subject, epoch)
"""
DECISION_KINDS = ("int8", "text", "text", "bool", *["text"] * 10, "int4")
DECISION_MARKS = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_RESERVATIONS = """INSERT INTO reservation (decision, institution_id, credential, amount,
counters, consent, due, state)
"""
RESERVATION_KINDS = ("text", "text", "text", "int4", "json", "text", "text", "text")
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
        with self.together():
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
        self.raw.execute(self._spoken(SAVE_HEAD), (size, b"".join(frontier), last_at))
        self.raw.commit()

    def together(self):
        """Say what follows without waiting for answers; none of it may be asked for any."""
        return self.raw.pipeline() if self.is_postgres else nullcontext()

    def save_streams(self, counts: Mapping[str, int]) -> None:
        """Write the counts; on PostgreSQL the head's guard counts for itself."""
        if not self.is_postgres:
            self.each(SAVE_STREAM, list(counts.items()))

    def insert_entries(self, rows: Sequence[tuple]) -> None:
        """Trail rows: seq, stream, stream_seq, kind, ref, at, leaf, body."""
        self._insert(INSERT_ENTRIES, ENTRY_MARKS, ENTRY_KINDS, rows)

    def insert_decisions(self, rows: Sequence[tuple]) -> None:
        """Index rows of decisions, in the order of the table's columns."""
        self._insert(INSERT_DECISIONS, DECISION_MARKS, DECISION_KINDS, rows)

    def insert_reservations(self, rows: Sequence[tuple]) -> None:
        """Reservations, in the order of the statement's columns."""
        self._insert(INSERT_RESERVATIONS, RESERVATION_MARKS, RESERVATION_KINDS, rows)

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
            return self.raw.execute(statement.format(keys=table), columns(["text"] * width, keys),
                                    prepare=True).fetchall()
        found: list[tuple] = []
        for start in range(0, len(keys), KEYS_AT_ONCE):
            some = keys[start:start + KEYS_AT_ONCE]
            marks = ",".join(["(" + ",".join("?" * width) + ")"] * len(some))
            found += self.raw.execute(statement.format(keys=f"VALUES {marks}"),
                                      list(chain.from_iterable(some))).fetchall()
        return found

    def _insert(self, insert: str, marks: str, kinds: Sequence[str], rows: Sequence[tuple]) -> None:
        """Rows by the column on PostgreSQL; on SQLite by the largest block that fits, each block
        in one statement."""
        if not rows:
            return
        if self.is_postgres:
            arrays = ", ".join([f"%s::{kind}[]" for kind in kinds])  # kinds of ours; values bound
            self.raw.execute(insert + f"SELECT * FROM unnest({arrays})",  # nosec B608
                             columns(kinds, rows), prepare=True)
            return
        done = 0
        with closing(self.raw.cursor()) as cursor:
            for block in BLOCKS:
                while len(rows) - done >= block:
                    values = list(chain.from_iterable(rows[done:done + block]))
                    cursor.execute(insert + "VALUES " + ",".join([marks] * block), values)
                    done += block

    def each(self, statement: str, rows: Sequence[tuple]) -> None:
        """One statement for many rows."""
        with closing(self.raw.cursor()) as cursor:
            cursor.executemany(self._spoken(statement), rows)

    def _spoken(self, statement: str) -> str:
        """The statement with the driver's own mark for a parameter."""
        return statement.replace("?", "%s") if self.is_postgres else statement
