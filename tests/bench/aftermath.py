"""What a run under load left behind: what was answered, held against the trail and the stops, and
the memory of every process over time."""

import contextlib
import os
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

from sqlalchemy import text

from app.domain.canonical import instant
from app.queries.trail_check import recompute
from tests.bench.open_loop import NO_ID, RECORD, Came
from tests.bench.upsets import Ended

BOUND_S, BLOCK, EVERY_S = 1.0, RECORD.size * 50_000, 1.0
GROWTH, GROWTH_MB, WARM_S = 1.10, 8.0, 15.0
TICKS = os.sysconf("SC_CLK_TCK")
WORDS = {"app.cli web": "web", "app.cli jobs": "jobs", "nginx": "nginx", "postgres": "postgres"}
ANONYMOUS = re.compile(r"RssAnon:\s+(\d+) kB")


@dataclass
class Heard:
    """What the callers were answered. Latency counts from the instant a call was due."""

    came: Counter = field(default_factory=Counter)
    late_ms: list[float] = field(default_factory=list)
    permits: set[bytes] = field(default_factory=set)
    last_permit: dict[int, float] = field(default_factory=dict)  # sent, by call

    def at(self, part: float) -> float:
        """The latency that so many of all answers do not exceed; milliseconds."""
        return round(self.late_ms[min(int(len(self.late_ms) * part), len(self.late_ms) - 1)], 2)


def heard(path: Path) -> Heard:
    """The records of a run, read in pieces."""
    found = Heard()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            for due, sent, answered, call, came, key in RECORD.iter_unpack(block):
                found.came[came] += 1
                if came <= Came.OTHER:
                    found.late_ms.append((answered - due) * 1e3)
                if came == Came.PERMIT:
                    found.permits.add(key)
                    if sent > found.last_permit.get(call, 0.0):
                        found.last_permit[call] = sent
    found.late_ms.sort()
    return found


def unsealed(rt, permits: set[bytes]) -> int:
    """How many permits that were answered are not in the trail; one without an id is not."""
    left, after = set(permits), -1
    while True:
        with rt.db.reading() as connection:
            rows = connection.execute(text(
                "SELECT seq, kind, ref FROM trail_entry WHERE seq > :after ORDER BY seq "
                "LIMIT 20000"), {"after": after}).all()
        for row in rows:
            if row.kind == "decision.permit":
                left.discard(bytes.fromhex(row.ref.removeprefix("decision/dec_")))
        if len(rows) < 20_000:
            return len(left | (permits & {NO_ID}))
        after = rows[-1].seq


def too_late(rt, found: Heard, ended: list[Ended]) -> list[str]:
    """Chains that were permitted later than the bound after they ended: asked by the callers'
    clock, or sealed by the trail's."""
    wrong = []
    for each in ended:
        over = found.last_permit.get(each.call, 0.0) - each.answered
        if over > BOUND_S:
            wrong.append(f"{each.how} {each.grant}: asked {over:.3f} s later")
        with rt.db.reading() as connection:
            last = connection.execute(text(
                'SELECT max(at) FROM decision WHERE permits AND "grant" = :grant'),
                {"grant": each.grant}).scalar() or ""
        if last > instant(each.at + timedelta(seconds=BOUND_S)):
            wrong.append(f"{each.how} {each.grant}: sealed at {last}")
    return wrong


def last_permit_ms(found: Heard, ended: list[Ended]) -> float:
    """How long after its end the last permitted call of any chain was sent; milliseconds."""
    return round(max((found.last_permit.get(each.call, each.answered) - each.answered
                      for each in ended), default=0) * 1e3, 1)


def broken_trail(rt) -> tuple[int, list[str]]:
    """The entries, and what does not follow from them by the tree of `audit`."""
    found = recompute(rt)
    return found.size, found.findings


@dataclass
class Memory:
    """Megabytes that are a process's own, over time: the largest of each kind in each look. One
    that has not run for `WARM_S` yet is still loading and is not looked at."""

    taken: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def look(self, at: float) -> None:
        largest: dict[str, float] = {}
        for pid, kind in below(os.getpid()):
            with contextlib.suppress(OSError):
                said = ANONYMOUS.search(Path(f"/proc/{pid}/status").read_text())
                largest[kind] = max(largest.get(kind, 0), int(said[1]) / 1024 if said else 0)
        for kind, size in largest.items():
            self.taken[kind].append((at, size))

    def kinds(self) -> dict[str, dict]:
        """Of each kind: the four quarters of the run, and whether the last that was looked at is
        like the first after the first quarter; None where there are no two."""
        every = [at for taken in self.taken.values() for at, _ in taken]
        begins, ends = min(every, default=0), max(every, default=0) + 1e-9
        marks = [begins + (ends - begins) * part / 4 for part in range(5)]
        told = {}
        for kind, taken in sorted(self.taken.items()):
            parts = [[size for at, size in taken if one <= at < other]
                     for one, other in pairwise(marks)]
            quarters = [round(median(part), 1) if part else None for part in parts]
            later = [size for size in quarters[1:] if size is not None]
            told[kind] = {"quarters_mb": quarters, "most_mb": round(max(s for _, s in taken), 1),
                          "flat": later[-1] <= later[0] * GROWTH + GROWTH_MB
                          if len(later) > 1 else None}
        return told


def below(root: int) -> list[tuple[int, str]]:
    """Every process below this one that is of a kind that is watched, and warm."""
    children, now = defaultdict(list), time.clock_gettime(time.CLOCK_BOOTTIME)
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            said = path.read_text().rpartition(")")[2].split()
            children[int(said[1])].append((int(path.parent.name), int(said[19]) / TICKS))
    found, kinds = [], {root: ""}
    for parent in (queue := [root]):
        for pid, born in children[parent]:
            kinds[pid] = kinds[parent] or kind_of(pid)
            queue.append(pid)
            if kinds[pid] and now - born > WARM_S:
                found.append((pid, kinds[pid]))
    return found


def kind_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        said = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        return next((kind for word, kind in WORDS.items() if word in said), "")
    return ""


@contextlib.contextmanager
def watched() -> Iterator[Memory]:
    """The memory of everything started from here, until the block ends."""
    memory, over = Memory(), threading.Event()

    def watch() -> None:
        while not over.wait(EVERY_S):
            memory.look(time.monotonic())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield memory
    finally:
        over.set()
        thread.join(10)
