"""A zone of real processes under load that does not wait, disturbed all the time or left calm.

    python -m tests.bench.endurance --minutes 10 --rate 2000 [sqlite|postgres] [--calm]

Disturbed, grants are stopped and amended, the web processes restarted in turn, and one process a
minute is killed. Afterwards every permit that was answered is looked for in the trail, none may
have been asked a second after its stop, the trail is recomputed, and memory must be flat. With
`--calm` nothing is disturbed and latency and refusals are held to their bounds; on PostgreSQL the
callers then ask both web processes themselves, without nginx. Prints JSON and a table; ends with 1
when something is not held.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app import runtime
from tests.bench import aftermath
from tests.bench.open_loop import Came
from tests.bench.upsets import CYCLE_S, Disturber, Upsets, disturbing
from tests.journeys.load import question
from tests.journeys.processes import ROOT, Zone, zone
from tests.journeys.test_rolling import balanced
from tests.journeys.test_stop_in_time import _reachable
from tests.postgres import cluster, free_port

STEADY, EVERY_S, P99_MS, WATCHED_S = 32, 3.0, 50.0, 120


@dataclass(frozen=True)
class Plan:
    """How long, how many calls a second, on which engine, and what is done meanwhile."""

    seconds: float
    rate: float
    engine: str = "sqlite"
    calm: bool = False
    webs: int = 2
    every_s: float = EVERY_S
    cycle_s: float = CYCLE_S


def measure(plan: Plan, folder: Path, database_url: str = "") -> dict:
    """One run in this folder, which is left as it is: figures and what is held."""
    chains: list = []

    def fill(rt) -> None:
        ends = 0 if plan.calm else int(plan.seconds / plan.every_s)
        chains.extend(_reachable(rt) for _ in range(STEADY + ends))

    with standing(plan, folder, database_url, fill) as (webs, ports):
        rt = runtime.build(webs[0].settings)
        try:
            done, memory = loaded(plan, folder, rt, webs, ports, chains)
            return judged(plan, rt, folder / "calls", done, memory)
        finally:
            rt.close()


@contextlib.contextmanager
def standing(plan: Plan, folder: Path, url: str, fill) -> Iterator[tuple[list[Zone], list[int]]]:
    """The web processes of the zone, and the ports its callers ask at."""
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(zone(folder / "zone", url, fill=fill))
        if plan.engine == "sqlite" or plan.webs == 1:
            yield [one], [one.port]
            return
        port = free_port()
        other = Zone(one.folder, f"http://localhost:{port}", url, port)
        stack.callback(other.stop)
        other.start("web")
        other.wait()
        if plan.calm:
            yield [one, other], [one.port, other.port]
            return
        front = free_port()
        stack.enter_context(balanced(folder / "nginx", front, one.port, other.port))
        yield [one, other], [front]


def loaded(plan: Plan, folder: Path, rt, webs: list[Zone], ports: list[int],
           chains: list) -> tuple[Upsets, aftermath.Memory]:
    """Ask for the time of the plan; what was done meanwhile, and the memory it took."""
    told = {"calls": [[chain.secret, question(chain).decode()] for chain in chains],
            "steady": STEADY, "ports": ports, "rate": plan.rate, "seconds": plan.seconds,
            "out": str(folder / "calls")}
    disturber = Disturber(rt, webs, list(enumerate(chains))[STEADY:], plan.every_s, plan.cycle_s)
    around = contextlib.nullcontext(Upsets()) if plan.calm else disturbing(disturber)
    asker = subprocess.Popen([sys.executable, "-m", "tests.bench.open_loop"], cwd=ROOT,
                             stdin=subprocess.PIPE, text=True)
    try:
        with aftermath.watched() as memory, around as done:
            asker.stdin.write(json.dumps(told))
            asker.stdin.close()
            if asker.wait(plan.seconds + 60):
                raise RuntimeError("the callers ended with an error")
    finally:
        asker.kill()
        asker.wait(10)
    return done, memory


def judged(plan: Plan, rt, calls: Path, done: Upsets, memory: aftermath.Memory) -> dict:
    """The figures of a run, and each law with whether it is held."""
    found = aftermath.heard(calls)
    size, broken = aftermath.broken_trail(rt)
    late = aftermath.too_late(rt, found, done.ended)
    answers = sum(found.came[each] for each in Came if each <= Came.OTHER)
    told = {
        "engine": plan.engine, "webs": plan.webs, "calm": plan.calm,
        "seconds": plan.seconds, "rate": plan.rate,
        "answered_per_s": round(answers / plan.seconds, 1),
        "came": {each.name.lower(): found.came[each] for each in Came},
        "unanswered": sum(found.came.values()) - answers,
        "p50_ms": found.at(0.5), "p99_ms": found.at(0.99), "max_ms": found.at(1),
        "entries": size, "permits": len(found.permits),
        "unsealed": aftermath.unsealed(rt, found.permits), "broken": len(broken),
        "late": len(late), "ended": len(done.ended), "failures": len(done.failures),
        "restarts": done.restarts, "kills": done.kills,
        "last_permit_after_stop_ms": aftermath.last_permit_ms(found, done.ended),
        "memory": memory.kinds(), "findings": broken + late + done.failures}
    return {"measured": told, "laws": [
        dict(zip(("name", "value", "bound", "held"), law, strict=True))
        for law in (*laws_of(plan, told), *laws_of_memory(plan, told["memory"]))]}


def laws_of(plan: Plan, told: dict) -> Iterator[tuple]:
    """What every run is held to, and what a calm and a disturbed one are."""
    yield "permits answered", told["permits"], "> 0", told["permits"] > 0
    nothing = [("permits answered that are not in the trail", "unsealed"),
               ("what does not follow in the trail", "broken")]
    if plan.calm:
        yield "p99, ms", told["p99_ms"], f"<= {P99_MS:.0f}", told["p99_ms"] <= P99_MS
        refused = told["came"]["refused"]
        yield "refused for lack of capacity", refused, "0", not refused
        nothing.append(("calls without an answer", "unanswered"))
    else:
        yield "stops and amendments", told["ended"], "> 1", told["ended"] > 1
        if plan.seconds >= 2 * plan.cycle_s:
            yield "restarts", told["restarts"], "> 0", told["restarts"] > 0
        nothing += [("permits a second after a stop or amendment", "late"),
                    ("disturbances that failed", "failures")]
    for name, key in nothing:
        yield name, told[key], "0", not told[key]


def laws_of_memory(plan: Plan, kinds: dict) -> Iterator[tuple]:
    """Memory is judged where each quarter holds a whole cycle of restarts, or where none is."""
    if plan.seconds < (WATCHED_S if plan.calm else 4 * plan.cycle_s):
        return
    flat = {kind: told["flat"] for kind, told in kinds.items() if told["flat"] is not None}
    yield ("processes whose memory was judged", sorted(flat), "web, jobs",
           {"web", "jobs"} <= set(flat))
    for kind, is_flat in flat.items():
        yield f"memory of {kind}, MB by quarter", kinds[kind]["quarters_mb"], "flat", is_flat


def tell(result: dict) -> int:
    """Print, and 1 when a law is not held."""
    print(json.dumps(result, ensure_ascii=False, indent=1))
    figures = result["measured"]
    for name in ("answered_per_s", "p50_ms", "p99_ms", "max_ms", "came"):
        print(f"{name:<58}{figures[name]}", file=sys.stderr)
    for law in result["laws"]:
        print(f"{law['name']:<58}{law['value']!s:>34}{law['bound']:>10}  "
              f"{'✓' if law['held'] else '✗'}", file=sys.stderr)
    return 0 if all(law["held"] for law in result["laws"]) else 1


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("engine", nargs="?", choices=["sqlite", "postgres"], default="sqlite")
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument("--rate", type=float, default=1000, help="calls a second")
    asked.add_argument("--calm", action="store_true", help="disturb nothing; hold latency")
    asked.add_argument("--webs", type=int, choices=[1, 2], default=2,
                       help="web processes on PostgreSQL; SQLite has one")
    told = asked.parse_args()
    webs = told.webs if told.engine == "postgres" else 1
    plan = Plan(told.minutes * 60, told.rate, told.engine, told.calm, webs)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hufu-endure-")))
        url = ""
        if plan.engine == "postgres":
            server = stack.enter_context(cluster(fsync=True))
            server.settle()
            url = server.database("endurance")
        return tell(measure(plan, folder, url))


if __name__ == "__main__":
    sys.exit(main())
