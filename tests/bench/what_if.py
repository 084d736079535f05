"""What a what-if costs over many past decisions: time, and how many shapes were made again.

    python -m tests.bench.what_if [DECISIONS] [sqlite|postgres]

A zone of twelve institutions asks in many ways; the sealed entries are then written again and again
with other subjects, authorizations and days looked back to, until there are so many.
"""

import json
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from app import runtime
from app.commands.decide import Gate
from app.commands.what_ifs import NewWhatIf, create
from app.engines import rulebooks
from app.jobs import what_ifs as job
from app.queries.what_ifs import what_if
from app.settings import load
from app.store.batch import Batch
from app.store.migrate import upgrade
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from audit.trail import leaf, push
from tests import zone
from tests.commands.test_decide import question
from tests.conftest import caller
from tests.postgres import cluster

WHO = caller("fang", "COMP_REVIEW")
ZONES, WRITTEN_AT_ONCE = 12, 5_000
WAYS = ({}, {"fields": ["ent_name"]}, {"purpose": "X.MKT"}, {"region": "310115"},
        {"region": "110108"}, {"fields": ["ent_name", "overdue_tax"]}, {"action": "VERIFY"},
        {"purpose": "PF.CRD.REN"}, {"field_mode": "reduce", "fields": None}, {"batch_size": 3})


def measure(count: int, url: str) -> dict[str, float]:
    """Seconds and shapes of a what-if over so many decisions."""
    upgrade(url)
    rt = runtime.build(load({}, data_dir=Path(tempfile.mkdtemp()), database_url=url))
    runtime.found(rt)
    try:
        _fill(rt, count)
        run = create(rt, WHO, _draft()).number
        began = time.perf_counter()
        job.turn(rt, "bench", lambda: False)
        spent = time.perf_counter() - began
        sheet = what_if(rt, WHO, run)
        assert sheet.state == "DONE" and sheet.heard == count and not sheet.unsure, sheet
        return {"decisions": count, "seconds": round(spent, 2),
                "per_second": round(count / spent), "flips": sheet.permit_deny}
    finally:
        rt.close()


def _draft() -> NewWhatIf:
    """Rulebooks that prohibit the purpose most calls are for."""
    lines = rulebooks.texts_of(rulebooks.FOLDER)["purposes.yaml"].split("\n")
    at = next(place for place, line in enumerate(lines) if line.strip() == "PF.CRD.NEW:")
    indent = lines[at + 1][:len(lines[at + 1]) - len(lines[at + 1].lstrip())]
    lines.insert(at + 1, f"{indent}prohibited: true")
    return NewWhatIf(book="purposes.yaml", text="\n".join(lines))


def _fill(rt, count: int) -> None:
    zones = [zone.tiny(rt) for _ in range(ZONES)]
    gate = Gate(rt)
    for one in zones:
        for way in WAYS:
            gate.answer(question(one, **way))
    gate.close()
    with rt.db.reading() as connection:
        kept = connection.execute(
            select(*TrailEntry.__table__.c, *DecisionIndex.__table__.c[3:]).join(
                DecisionIndex, DecisionIndex.seq == TrailEntry.seq).order_by(TrailEntry.seq)
        ).mappings().all()
    done = len(kept)
    while done < count:
        some = range(done, min(done + WRITTEN_AT_ONCE, count))
        _written(rt, [dict(kept[at % len(kept)]) for at in some], some)
        done = some.stop


def _written(rt, rows: list[dict], numbers: range) -> None:
    """Decisions like known ones, behind the trail's end, each with a number of its own."""
    entries, index = [], []
    with rt.db.writing() as connection:
        batch = Batch(connection)
        head, _ = batch.head()
        size, frontier, last_at = head.size, list(head.frontier), head.last_at
        streams: dict[str, int] = {}
        for at, number in enumerate(numbers):
            row, seq = rows[at], size + at
            entry = json.loads(bytes(row["body"]))
            told = entry["facts"]["input"]
            told["subject"] = f"hmac-sha256:{number:064x}"
            if told.get("lookback_from"):
                told["lookback_from"] = (date(2025, 6, 1) + timedelta(number % 90)).isoformat()
            decision = entry["facts"]["decision"] = f"dec_{number:032x}"
            if row["stream"] not in streams:
                streams[row["stream"]] = batch.counts({row["stream"]})[row["stream"]]
            held = streams[row["stream"]]
            streams[row["stream"]] += 1
            body = json.dumps(entry, sort_keys=True, separators=(",", ":"),
                              ensure_ascii=False).encode()
            hashed = leaf(body)
            frontier = push(frontier, seq, hashed)
            entries.append((seq, row["stream"], held, row["kind"], f"decision/{decision}",
                            last_at, hashed, body))
            index.append((seq, decision, last_at, *(row[name] for name in (
                "permits", "institution_id", "app", "product", "grant", "purpose", "action",
                "codes")), f"t-{number}", f"LN-{number}", told["subject"], row["epoch"]))
        batch.insert_entries(entries)
        batch.insert_decisions(index)
        batch.save_streams(streams)
        batch.commit(size + len(numbers), frontier, last_at)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if "postgres" in sys.argv:
        with cluster() as server:
            print(json.dumps(measure(count, server.database("what_if"))))
    else:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(measure(count, f"sqlite:///{folder}/hufu.db")))


if __name__ == "__main__":
    main()
