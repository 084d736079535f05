"""The lane, stock Casbin and a plain reading of the decision model are asked the same questions.

    python -m tests.bench.three_way [QUESTIONS] [--grants GRANTS] [--seed SEED] [--postgres]

Every question goes through a gate that seals it, on the snapshot compiled from rows. Prints how
many were permitted, every reason seen, and each case where the three did not agree; ends with 1
when there was one. A seed gives the same zone and the same questions again.
"""

import argparse
import contextlib
import json
import tempfile
import time
from pathlib import Path

from app import runtime
from app.settings import load
from app.store.db import Database
from tests.conftest import StoppedClock
from tests.postgres import cluster
from tests.three_way.compare import Compared, compared

SHOWN = 20


def measured(url: str, folder: Path, told: argparse.Namespace) -> Compared:
    db = Database(url, durable=False)
    db.create_all()
    db.close()
    rt = runtime.build(load({}, data_dir=folder, database_url=url), durable=False)
    rt.clock = StoppedClock()
    runtime.found(rt)
    began = time.monotonic()

    def tell(found: Compared) -> None:
        if found.questions % 10_000 == 0:
            print(f"{found.questions:,} asked, {found.permits:,} permitted, "
                  f"{len(found.apart)} apart, {time.monotonic() - began:.0f} s", flush=True)

    try:
        return compared(rt, told.seed, told.questions, told.grants, tell)
    finally:
        rt.close()


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("questions", nargs="?", type=int, default=100_000)
    reader.add_argument("--grants", type=int, default=10_000)
    reader.add_argument("--seed", default="hufu")
    reader.add_argument("--postgres", action="store_true")
    told = reader.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(cluster()).database("three_way") if told.postgres else (
            f"sqlite:///{folder / 'hufu.db'}")
        found = measured(url, folder, told)
    print(f"seed {told.seed}: {found.questions:,} questions, {told.grants:,} grants, "
          f"{found.permits:,} permitted, {found.casbin:,} asked of stock Casbin, "
          f"{len(found.codes)} reasons: "
          + ", ".join(f"{code} {count:,}" for code, count in sorted(found.codes.items())))
    for case in found.apart[:SHOWN]:
        print(json.dumps(case, ensure_ascii=False, default=sorted))
    print(f"{len(found.apart)} apart")
    return 1 if found.apart else 0


if __name__ == "__main__":
    raise SystemExit(main())
