"""Decisions made and sealed on PostgreSQL by as many processes as cores, against sealing alone.

    python -m tests.bench.sealed [SECONDS] [PROCESSES]

Each process hands its ledger batches of the same size, by turns questions to be decided and lines
that were decided before, all into one tree on one durable PostgreSQL. Prints the rates of both and
the one over the other as JSON; ends with 1 below the bound of one half.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from msgspec.structs import replace

from app import runtime
from app.cli._bench_zone import ASKED, asked_of
from app.commands.decide import Gate, Question, Sitting
from app.domain.asks import Presented
from app.domain.moments import instants
from app.settings import load
from app.store.ledger import Found
from tests.postgres import cluster

BATCH, TURNS, BOUND = 128, 5, 0.5
CALLER = Presented("bench000", "127.0.0.1")


def worker(url: str, folder: str) -> None:
    """Answers each line `decide|seal SECONDS` with the count of what it sealed in that time."""
    rt = runtime.build(load(data_dir=folder, database_url=url))
    gate = Gate(rt).start()
    bodies = json.loads((Path(folder) / "questions.json").read_text())
    asked = [gate.understood(Question(each, CALLER)) for each in bodies]
    made = Sitting(gate, asked[:BATCH], "execute_all").hear(None, instants(rt.clock())).lines
    print("ready", flush=True)
    for said in sys.stdin:
        way, seconds = said.split()
        ends, count, at = time.monotonic() + float(seconds), 0, 0
        while time.monotonic() < ends:
            if way == "decide":
                answers = gate.told(asked[at:at + BATCH])
                assert all(each.permits for each in answers), answers[0].text
            else:
                gate.ledger.seal(lambda *_: Found(gate.picture.epoch, renumbered(gate, made)))
            at, count = (at + BATCH) % (len(asked) - BATCH), count + BATCH
        print(count, flush=True)
    os._exit(0)  # nothing is kept that ends otherwise


def renumbered(gate, lines):
    """Lines decided before under numbers of their own, as the index wants each once."""
    return [replace(line, ref=f"decision/{number}", index=(number, *line.index[1:]))
            for line, number in zip(lines, gate.new_ids(len(lines)), strict=True)]


def measure(seconds: float, processes: int) -> dict:
    """Rates of all processes together, the medians of turns."""
    rates: dict[str, list[float]] = {"decide": [], "seal": []}
    with cluster(fsync=True) as server, tempfile.TemporaryDirectory() as folder:
        url = server.database("sealed")
        settings = load(data_dir=folder, database_url=url)
        questions = [json.loads(body) for body in asked_of(settings, ASKED)]
        (Path(folder) / "questions.json").write_text(json.dumps(questions))
        words = [sys.executable, "-m", "tests.bench.sealed", "--worker", url, folder]
        started = [subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                   for _ in range(processes)]
        try:
            assert all(each.stdout.readline() == "ready\n" for each in started)
            for turn in range(TURNS + 1):
                for way, found in rates.items():
                    for each in started:
                        each.stdin.write(f"{way} {seconds / TURNS}\n")
                        each.stdin.flush()
                    count = sum(int(each.stdout.readline()) for each in started)
                    if turn:  # the first one warms up
                        found.append(count / (seconds / TURNS))
        finally:
            for each in started:
                each.kill()
                each.wait(10)
    decided, sealed = (statistics.median(rates[way]) for way in rates)
    return {"processes": processes, "decided_per_s": round(decided), "sealed_per_s": round(sealed),
            "decided_over_sealed": round(decided / sealed, 2)}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker(*sys.argv[2:])
    found = measure(float(sys.argv[1]) if len(sys.argv) > 1 else 15,
                    int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count())
    print(json.dumps(found))
    sys.exit(found["decided_over_sealed"] < BOUND)
