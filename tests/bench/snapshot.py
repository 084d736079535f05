"""What the picture decisions are made from costs: to build, to keep, and to bring up to date.

    python -m tests.bench.snapshot [GRANTS] [sqlite|postgres]

An institution, an application and a credential to ten grants, over one product; grants differ in
term, purpose, fields and regions. Prints the seconds of a whole build in a process of its own, the
megabytes that process grew by, the microseconds of asking for a grant for the first time, and the
milliseconds of one changed grant, the median of several. Ends with 1 when 100,000 grants or fewer
miss the bounds.
"""

import contextlib
import gc
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import select

from app import runtime
from app.domain.callers import SYSTEM
from app.domain.canonical import instant
from app.runtime import published_law
from app.settings import load
from app.store import snapshot
from app.store.follower import Follower, keep_for_good
from app.store.migrate import upgrade
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_institutions import ClientApp, Credential, Institution
from app.store.unit import begin
from tests import zone
from tests.postgres import cluster

BLOCK, TURNS, JUDGED, PER_INSTITUTION = 20_000, 15, 100_000, 10
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PURPOSES, FIELDS = ("PF.CRD.NEW", "PF.CRD.REN", "PF.ADM.KYB"), [each[0] for each in zone.FIELDS]
BOUNDS = {"build_s": 5.0, "memory_mb": 400.0, "one_changed_ms": 50.0}


def fill(rt, count: int) -> None:
    """The one chain of a small zone, and as many more beside it."""
    one = zone.tiny(rt)
    kept = {}
    with rt.db.reading() as connection:
        for model, row in ((Institution, one.institution), (ClientApp, one.app),
                           (Credential, one.credential), (Grant, one.grant),
                           (GrantVersion, one.grant_version)):
            table = model.__table__
            kept[model] = dict(connection.execute(
                select(table).where(table.c.id == row.id)).mappings().one())
    for first in range(1, count, BLOCK):
        numbers = range(first, min(first + BLOCK, count))
        with rt.db.writing() as connection:
            for model, row in kept.items():
                is_shared = model not in (Grant, GrantVersion)
                made = [{**row, **apart(model, number, row)} for number in numbers
                        if not (is_shared and number % PER_INSTITUTION)]
                if made:
                    connection.execute(insert(model.__table__), made)


def apart(model: type, number: int, like: dict) -> dict:
    """What sets one copy of a row apart."""
    bank, at = f"{number // PER_INSTITUTION:08d}", f"{number:08d}"
    owner = {"institution_id": f"0190-inst-{bank}"} if number >= PER_INSTITUTION else {}
    if model is GrantVersion:
        return {"id": f"0190-gv-{at}", **owner, "grant_id": f"0190-grant-{at}",
                "scope_digest": f"sha256:{number:064x}",
                "dimensions": varied(like["dimensions"], number)}
    return {
        Institution: {"id": f"0190-inst-{bank}", **owner, "number": f"INST-{bank}",
                      "name": f"银行{number}", "uscc": f"U{number:017d}"},
        ClientApp: {"id": f"0190-app-{bank}", **owner, "number": f"APP-{bank}"},
        Credential: {"id": f"0190-cred-{bank}", **owner, "number": f"CRED-{bank}",
                     "app_id": f"0190-app-{bank}", "prefix": f"b{bank}",
                     "secret_hash": f"sha256:{number:064x}"},
        Grant: {"id": f"0190-grant-{at}", **owner, "number": f"GR-2027-{at}"},
    }[model]


def varied(dimensions: dict, number: int) -> dict:
    """Another term by the minute, and one of some hundred shapes."""
    fields = [{"field": code, "treatment": "CLEAR"} for bit, code in enumerate(FIELDS)
              if (number % 15 + 1) >> bit & 1]
    scope = dimensions["scope"]
    return {**dimensions,
            "purpose": {**dimensions["purpose"], "nodes": [
                {"code": PURPOSES[number % 3], "descend": False, "except": []}]},
            "scope": {**scope, "fields": fields, "rows": {
                **scope["rows"], "regions": [f"{110000 + number % 31}"]}},
            "term": {**dimensions["term"],
                     "from": instant(BEGAN + timedelta(minutes=number)),
                     "to": instant(BEGAN + timedelta(days=900, minutes=number))}}


def resident_mb() -> float:
    status = Path(f"/proc/{os.getpid()}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def costs(settings) -> dict:
    """Measured in this process, which has done nothing else."""
    rt = runtime.build(settings)
    rt.db.statement_s = 600
    lines = published_law().sections.with_lines
    with rt.db.reading() as connection:  # whatever is loaded on first use is loaded
        snapshot.live_epoch(connection)
    gc.collect()
    before, began = resident_mb(), time.perf_counter()
    follower = Follower(rt.db, lines)
    built = time.perf_counter() - began
    keep_for_good()
    grants = follower.current.picture.grants
    assert not follower.current.unreadable, follower.current.unreadable[:3]
    told = {"grants": len(grants), "build_s": round(built, 2),
            "memory_mb": round(resident_mb() - before, 1)}
    numbers = sorted(grants)
    asked = numbers[::max(len(numbers) // 1000, 1)]
    began = time.perf_counter()
    for number in asked:
        grants[number]
    told["first_asked_us"] = round((time.perf_counter() - began) / len(asked) * 1e6, 1)
    taken = []
    for turn in range(TURNS):
        with begin(rt, SYSTEM) as act:
            row = act.first(select(Grant).where(
                Grant.number == numbers[turn * len(numbers) // TURNS]))
            row.state = "SUSPENDED"
            act.record("grant.suspend", f"grant/{row.id}", institution=row.institution_id)
            act.affects("grant", row.id, stops=True)
        began = time.perf_counter()
        follower.refresh()
        taken.append(time.perf_counter() - began)
        assert follower.current.picture.grants[row.number].state == "SUSPENDED"
    rt.close()
    return {**told, "one_changed_ms": round(statistics.median(taken) * 1e3, 2),
            "one_changed_most_ms": round(max(taken) * 1e3, 2),
            "peak_mb": round(int(re.search(r"VmHWM:\s+(\d+)", Path(
                "/proc/self/status").read_text())[1]) / 1024, 1)}


def main(count: int, engine: str) -> int:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hufu-snapshot-")))
        url = f"sqlite:///{folder / 'hufu.db'}"
        if engine == "postgres":
            url = stack.enter_context(cluster()).database("snapshot")
        upgrade(url)
        settings = load({"HUFU_DATABASE_URL": url}, data_dir=folder)
        rt = runtime.build(settings, durable=False)
        runtime.found(rt)
        fill(rt, count)
        rt.close()
        env = {**os.environ, "HUFU_DATABASE_URL": url, "HUFU_DATA": str(folder)}
        said = subprocess.run([sys.executable, "-m", "tests.bench.snapshot", "costs"], env=env,
                              stdout=subprocess.PIPE, check=True, timeout=1800).stdout
    told = {"engine": engine, **json.loads(said)}
    print(json.dumps(told, indent=1))
    held = {name: told[name] <= bound for name, bound in BOUNDS.items()}
    for name, bound in BOUNDS.items():
        print(f"{name:<24}{told[name]:>12}{'<=':>5} {bound:<8}{'✓' if held[name] else '✗'}",
              file=sys.stderr)
    return 0 if count > JUDGED or all(held.values()) else 1


if __name__ == "__main__":
    if sys.argv[1:] == ["costs"]:
        print(json.dumps(costs(load())))
    else:
        words = sys.argv[1:]
        sys.exit(main(int(words[0]) if words else JUDGED, words[1] if len(words) > 1 else "sqlite"))
