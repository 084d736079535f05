"""What bodies of entries cost to keep: `python -m tests.bench.bodies`; it also made the dictionary.

`--train FILE` writes a new dictionary from the entries of the demonstration zone; one that a zone
ever sealed with is never written again.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import zstandard
from sqlalchemy import select

from app.cli.processes import prepare
from app.demo import load_zone
from app.settings import load
from app.store.bodies import packed, unpacked
from app.store.tables import TrailEntry

SIZE, SAMPLED, ACTS, TOGETHER = 8_192, 3_000, 2, 64


def entries() -> list[tuple[str, bytes]]:
    """Kind and body of every entry of the demonstration zone."""
    with tempfile.TemporaryDirectory() as folder:
        rt = prepare(load(data_dir=folder, demo=True, database_url=f"sqlite:///{folder}/hufu.db"))
        load_zone(rt)
        with rt.db.reading() as connection:
            found = [tuple(row) for row in connection.execute(
                select(TrailEntry.kind, TrailEntry.body).order_by(TrailEntry.seq))]
        rt.close()
    return found


def trained(rows: list[tuple[str, bytes]]) -> bytes:
    """A dictionary of what comes again and again in decisions, and somewhat less in acts."""
    decisions = [body for kind, body in rows if kind.startswith("decision.")]
    acts = [body for kind, body in rows if not kind.startswith("decision.")]
    some = decisions[::max(len(decisions) // SAMPLED, 1)]
    return zstandard.train_dictionary(SIZE, some + acts * ACTS).as_bytes()


def measure(rows: list[tuple[str, bytes]]) -> dict:
    bodies = [body for kind, body in rows if kind.startswith("decision.")]
    batches = [bodies[at:at + TOGETHER] for at in range(0, len(bodies), TOGETHER)]
    packed(batches[0])
    began = time.thread_time()
    frames = [frame for batch in batches for frame in packed(batch)]
    middle = time.thread_time()
    again = [unpacked(frame) for frame in frames]
    ended = time.thread_time()
    if again != bodies:
        raise SystemExit("bodies came back otherwise")
    return {"decisions": len(bodies), "bytes": round(sum(map(len, bodies)) / len(bodies)),
            "kept": round(sum(map(len, frames)) / len(frames)),
            "times_smaller": round(sum(map(len, bodies)) / sum(map(len, frames)), 1),
            "packed_us": round((middle - began) / len(bodies) * 1e6, 2),
            "unpacked_us": round((ended - middle) / len(bodies) * 1e6, 2)}


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("--train", type=Path)
    asked = words.parse_args()
    held = entries()
    if asked.train:
        if asked.train.exists():
            raise SystemExit(f"{asked.train} was sealed with already")
        asked.train.write_bytes(trained(held))
    print(json.dumps(measure(held)))
