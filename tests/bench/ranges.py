"""What ranges cost: batches of decisions into plain tables and into ranges, in one run, by turns.

    python -m tests.bench.ranges [RANGES]

Prints the median per batch and the ratio; the plain tables are those of the first release, whose
writer counted the streams itself. RANGES is over how many ranges the ledger reaches (10).
"""

import statistics
import sys
import time

from alembic import command
from sqlalchemy import text

from app.domain.canonical import instant
from app.runtime import utc_now, uuid7
from app.store.appending import Line, append_lines
from app.store.batch import SAVE_STREAM, Batch
from app.store.db import Database
from app.store.migrate import config, upgrade
from app.store.sealing import sealed_bytes
from app.store.trail import found_zone
from tests.postgres import cluster

FILLED = 60_000
STREAMS = 20
FACTS = sealed_bytes({f"k{number:02d}": "v" * 12 for number in range(18)})
ROUNDS = ((1, 300), (16, 200), (64, 120), (256, 80))


class Counting(Batch):
    """The writer of plain tables, which counts the streams itself."""

    def save_streams(self, counts) -> None:
        self.each(SAVE_STREAM, list(counts.items()))


def line(number: int) -> Line:
    """A decision of one of the streams, with every index column filled."""
    key, stream = f"dec_{uuid7()}", f"inst/{number % STREAMS:04d}"
    index = (key, instant(utc_now()), True, stream, "app", "product", f"GR-{number % 90}",
             "PF.CRD", "QUERY_ONE", "", f"trace-{key}", f"ref-{key}",
             f"hmac-sha256:{number % 5000:064x}", 1)
    return Line(True, 1, "decision.permit", f"decision/{key}", stream, FACTS, index)


def seconds(db: Database, writer: type[Batch], size: int) -> float:
    """One batch, from the beginning of its transaction to the end of its commit."""
    lines = [line(number) for number in range(size)]
    began = time.perf_counter()
    with db.writing() as connection:
        batch = writer(connection)
        append_lines(batch, *batch.head(), lines, utc_now())
    return time.perf_counter() - began


def plain(url: str) -> Database:
    """Tables and guard as the first release made them, with the columns of now."""
    db = Database(url)
    with db.writing() as connection:
        command.upgrade(config(connection), "0001")
        connection.execute(text("ALTER TABLE decision DROP COLUMN digest"))
        connection.execute(text(
            "CREATE FUNCTION hufu_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$"))
        connection.execute(text(
            "CREATE TRIGGER trail_entry_row_guard BEFORE UPDATE OR DELETE ON trail_entry "
            "FOR EACH ROW EXECUTE FUNCTION hufu_append_only()"))
    return db


def main(ranges: int) -> None:
    """Fill both, then measure by turns."""
    with cluster(fsync=True) as server:
        url = server.database("ranges")
        upgrade(url, FILLED // ranges)
        sides = {"plain": (plain(server.database("plain")), Counting),
                 "ranges": (Database(url), Batch)}
        for db, writer in sides.values():
            with db.writing() as connection:
                found_zone(connection, {"origin": "bench"}, utc_now(), lambda: "00" * 16)
            for _ in range(FILLED // 500):
                seconds(db, writer, 500)
            with db.engine.connect().execution_options(
                    isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))
        for size, rounds in ROUNDS:
            taken = {name: [] for name in sides}
            for turn in range(rounds):
                for name in sorted(sides, reverse=turn % 2 == 0):
                    taken[name].append(seconds(*sides[name], size))
            before, after = (statistics.median(taken[name]) * 1e3 for name in ("plain", "ranges"))
            print(f"batch of {size:3d}: plain {before:6.2f} ms, ranges {after:6.2f} ms, "
                  f"ratio {after / before:.2f}", flush=True)
        for db, _ in sides.values():
            db.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
