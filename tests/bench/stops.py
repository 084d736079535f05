"""From a stop to the last permit, in four deciding processes on one PostgreSQL, under load.

    python -m tests.bench.stops [STOPS]

Callers ask about the grant that is stopped next through every process, again and again, also after
it was stopped. Prints how long after the stop was answered a call was asked that was still
permitted, when each process confirmed the stop, and how many stops were missed: a permit of a call
asked more than a second after. Ends with 1 when there was one.
"""

import contextlib
import http.client
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app import runtime
from app.commands.proofs import prove
from app.domain.callers import SYSTEM
from app.store import beats
from app.store.unit import begin
from tests import people
from tests import zone as rows
from tests.journeys.load import question
from tests.journeys.processes import Zone, zone
from tests.journeys.test_stop_in_time import _now, _reachable, _sent, _token
from tests.postgres import cluster, free_port

BOUND_S = 1.0
WORKERS, CALLERS = {"HUFU_WORKERS": "2"}, 3  # processes and callers of each of two services
PROCESSES = 4
BACK = 12  # how many of the last stopped grants are asked about again
TOKEN_S = 200  # a stop asks for a factor shown within five minutes
QUANTILES = (50, 90, 99, 100)


@dataclass
class Measured:
    """What callers saw. `stopped` is when the stop of a grant was answered; a permit is (grant,
    asked, answered); `confirmed` are milliseconds from a stop's commit to each process."""

    stopped: dict[str, float] = field(default_factory=dict)
    permits: list[tuple[str, float, float]] = field(default_factory=list)
    denials: int = 0
    confirmed: list[int] = field(default_factory=list)
    unproved: int = 0
    failures: list[str] = field(default_factory=list)

    def after(self, moment: int) -> list[float]:
        """For each stop: seconds after its answer until the last permitted call was asked
        (moment 1) or answered (moment 2), 0 where none was."""
        last = dict.fromkeys(self.stopped, 0.0)
        for permit in self.permits:
            grant = permit[0]
            if grant in last:
                last[grant] = max(last[grant], permit[moment] - self.stopped[grant])
        return sorted(last.values())

    @property
    def missed(self) -> int:
        return sum(each > BOUND_S for each in self.after(1)) + self.unproved


class Callers:
    """Threads that ask both services about the grants they are told, the next one and the last."""

    def __init__(self, ports: Sequence[int], chain, found: Measured) -> None:
        self.chain, self.found, self.ended = chain, found, threading.Event()
        self.asked: list[str] = []
        self.threads = [threading.Thread(target=self._ask, args=(port, at))
                        for port in ports for at in range(CALLERS)]

    def _ask(self, port: int, at: int) -> None:
        told, turn = json.loads(question(self.chain)), at
        headers = {"Content-Type": "application/json", "Connection": "close", "Host": "localhost",
                   "Authorization": f"Bearer {self.chain.secret}"}
        while not self.ended.is_set():
            turn += 1
            recent = self.asked[-BACK:]
            if not recent:
                time.sleep(0.01)
                continue
            told["context"]["grant"] = recent[-1] if turn % 4 else recent[turn % len(recent)]
            try:
                self._one(port, told, headers)
            except (OSError, http.client.HTTPException, KeyError, ValueError) as error:
                self.found.failures.append(repr(error))

    def _one(self, port: int, told: dict, headers: dict[str, str]) -> None:
        began = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        with contextlib.closing(line):
            line.request("POST", "/access/v1/evaluation", json.dumps(told).encode(), headers)
            said = json.load(line.getresponse())
        if said["decision"]:
            self.found.permits.append((told["context"]["grant"], began, time.monotonic()))
        else:
            self.found.denials += 1

    def wait_for_permits(self, grant: str, count: int) -> None:
        """Until the grant was permitted that often, so that there is something to stop."""
        ends = time.monotonic() + 10
        while sum(each[0] == grant for each in self.found.permits[-400:]) < count:
            if time.monotonic() > ends:
                raise TimeoutError(f"{grant} is not permitted: {self.found.failures[:2]}")
            time.sleep(0.005)


@contextlib.contextmanager
def services(url: str, folder: Path, stops: int) -> Iterator[tuple]:
    """Two services of two processes each, a chain with a grant for each stop, and an officer."""
    told: dict = {}

    def fill(rt):
        chain = told["chain"] = _reachable(rt)
        told["officer"] = people.enrolled(rt, "qin", "SEC_REVIEW")
        with begin(rt, SYSTEM) as act:
            told["grants"] = [rows.grant(act, chain.institution, chain.product,
                                         dimensions=chain.grant_version.dimensions).number
                              for _ in range(stops)]

    with zone(folder, url, fill=fill, told=WORKERS) as one:
        port = free_port()
        other = Zone(one.folder, f"http://localhost:{port}", url, port, told=WORKERS)
        other.start("web")
        rt = runtime.build(one.settings, durable=False)
        try:
            other.wait()
            wait_for(rt, PROCESSES)
            yield (one, other), told, rt
        finally:
            rt.close()
            other.stop()


def wait_for(rt, count: int) -> None:
    """Until that many processes say which epoch they run."""
    ends = time.monotonic() + 60
    while True:
        with rt.db.reading() as connection:
            if len(beats.every(connection)) >= count:
                return
        if time.monotonic() > ends:
            raise TimeoutError(f"fewer than {count} processes decide")
        time.sleep(0.1)


def measured(url: str, folder: Path, stops: int, tell=lambda done: None) -> Measured:
    """Stop that many grants one after another, and keep asking about them."""
    found = Measured()
    with services(url, folder, stops) as (webs, told, rt):
        callers = Callers([web.port for web in webs], told["chain"], found)
        for thread in callers.threads:
            thread.start()
        try:
            token, signed_in = "", 0.0
            for at, grant in enumerate(told["grants"]):
                if not token or time.monotonic() - signed_in > TOKEN_S:
                    token, signed_in = _signed_in(webs[0], told["officer"]), time.monotonic()
                callers.asked.append(grant)
                callers.wait_for_permits(grant, 4)
                _stop(webs[at % 2], token, grant, found, rt)
                tell(found)
            time.sleep(BOUND_S + 0.5)
        finally:
            callers.ended.set()
            for thread in callers.threads:
                thread.join(30)
    return found


def _signed_in(web: Zone, officer) -> str:
    """A session with a fresh factor; a code works once, so the last one's half minute must pass."""
    ends = time.monotonic() + 40
    while True:
        try:
            return _token(web, officer)
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(1)


def _stop(web: Zone, token: str, grant: str, found: Measured, rt) -> None:
    said = _sent(web, "/api/v1/holds/place", {
        "link": "grant", "object": grant, "reason": "接口密钥疑似外泄"}, token)
    found.stopped[grant] = time.monotonic()
    proof = prove(rt, SYSTEM, said["number"])
    found.confirmed += [each.lag_ms(proof.stopped) for each in proof.standings]
    confirmed = {each.how for each in proof.standings} == {"CONFIRMED"}
    found.unproved += not (proof.is_whole and confirmed and len(proof.standings) == PROCESSES)


def spread(values: Sequence[float]) -> str:
    """The quantiles of sorted values."""
    return ", ".join(f"p{each} {values[min(len(values) * each // 100, len(values) - 1)]:.0f}"
                     for each in QUANTILES)


def main(stops: int) -> int:
    with cluster(fsync=True) as server, tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()

        def tell(found: Measured) -> None:
            if len(found.stopped) % 100 == 0:
                print(f"{len(found.stopped)} stops, {time.monotonic() - began:.0f} s", flush=True)

        found = measured(server.database("stops"), Path(folder), stops, tell)
        took = time.monotonic() - began
    asked, answered = ([each * 1000 for each in found.after(moment)] for moment in (1, 2))
    print(f"{len(found.stopped)} stops x 4 processes at {_now():%Y-%m-%d}, {took:.0f} s, "
          f"{len(found.permits) + found.denials:,} decisions, {len(found.permits):,} permits, "
          f"{len(found.failures)} calls without an answer {found.failures[:2]}")
    print("ms from the stop's answer to the last permitted call:", spread(asked), "as asked;",
          spread(answered), "as answered;", f"{sum(each > 100 for each in asked)} above 100")
    print("ms from the stop's commit to each process's word:", spread(sorted(found.confirmed)))
    print(f"{found.missed} missed")
    return 1 if found.missed or len(found.stopped) < stops else 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
