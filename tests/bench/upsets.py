"""What is done to a zone under load: stops, amendments, rolling restarts, kills; each with its
instant, so that what was answered can be held against it."""

import contextlib
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

from app.commands import holds
from app.domain.callers import SYSTEM
from app.domain.refusals import NotRecorded, Stale
from app.store.tables_grants import Grant, GrantVersion
from app.store.unit import begin
from tests.conftest import caller
from tests.journeys.processes import Zone
from tests.zone import Zone as Chain

OFFICER = caller("qin", "SEC_REVIEW")
PATIENCE_S = 20.0
CYCLE_S, KILL_AT, RESTART_AT = 60.0, 0.15, 0.5  # parts of a cycle


@dataclass(frozen=True)
class Ended:
    """A chain no call of which may be permitted from then on: by the callers' clock and by ours."""

    call: int
    how: str
    grant: str
    answered: float
    at: datetime


@dataclass
class Upsets:
    """What was done; `failures` are disturbances that could not be carried out."""

    ended: list[Ended] = field(default_factory=list)
    restarts: int = 0
    kills: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def stop(rt, chain: Chain) -> None:
    """The grant is stopped, by the command a person stops it with."""
    holds.place(rt, OFFICER, holds.Placed(link="grant", object=chain.grant.number,
                                          reason="接监管电话，立即停用"))


def amend(rt, chain: Chain) -> None:
    """The grant gets a version in force that is for another purpose."""
    with begin(rt, SYSTEM) as act:
        grant, old = act.find(Grant, chain.grant.id), chain.grant_version
        grant.current += 1
        purpose = {**old.dimensions["purpose"],
                   "nodes": [{"code": "PF.CRD.REN", "descend": False, "except": []}]}
        act.create(GrantVersion, grant_id=grant.id, institution_id=grant.institution_id,
                   n=grant.current, dimensions={**old.dimensions, "purpose": purpose},
                   scope_digest=old.scope_digest, case_id="", effective_from=act.at)
        act.record("grant.amend", f"grant/{grant.id}", institution=grant.institution_id)
        act.affects("grant", grant.id, stops=True)


def insist(act, rt, chain: Chain) -> None:
    """As a person does whom the zone told to try again."""
    ends = time.monotonic() + PATIENCE_S
    while True:
        try:
            act(rt, chain)
            return
        except (NotRecorded, Stale):
            if time.monotonic() > ends:
                raise


def restart(web: Zone) -> None:
    """As an operator does: told to stop, waited for, started, waited until it is ready."""
    process = web.processes.pop("web")
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    finally:
        process.kill()
    web.start("web")
    web.wait()


@dataclass
class Disturber:
    """Two threads: one ends chains, one restarts and kills processes in turn."""

    rt: object
    webs: list[Zone]
    chains: list[tuple[int, Chain]]
    every_s: float
    cycle_s: float
    done: Upsets = field(default_factory=Upsets)
    over: threading.Event = field(default_factory=threading.Event)

    def end_chains(self) -> None:
        """A stop and an amendment by turns, until the chains or the time are over."""
        for turn, (call, chain) in enumerate(self.chains):
            if self.over.wait(self.every_s):
                return
            how, act = ("amend", amend) if turn % 2 else ("stop", stop)
            with self._told(f"{how} {chain.grant.number}"):
                insist(act, self.rt, chain)
                self.done.ended.append(Ended(call, how, chain.grant.number, time.monotonic(),
                                             self.rt.clock()))

    def end_processes(self) -> None:
        """In each cycle one kill, of a web or of jobs, and one restart of every web in turn."""
        began, cycle = time.monotonic(), 0
        victims = [*((web, "web") for web in self.webs), (self.webs[0], "jobs")]
        while not self._until(began + self.cycle_s * (cycle + KILL_AT)):
            web, word = victims[cycle % len(victims)]
            with self._told(f"kill {word} {web.port}"):
                web.kill(word)
                self.done.kills.append(word)
                web.start(word)
                web.wait()
            if self._until(began + self.cycle_s * (cycle + RESTART_AT)):
                return
            for web in self.webs:
                with self._told(f"restart {web.port}"):
                    restart(web)
                    self.done.restarts += 1
            cycle += 1

    def _until(self, at: float) -> bool:
        """Whether it was over before that instant."""
        return self.over.wait(max(at - time.monotonic(), 0))

    @contextlib.contextmanager
    def _told(self, what: str):
        """A disturbance that fails is a failure of the run, and the next one is tried."""
        try:
            yield
        except (Exception, subprocess.TimeoutExpired) as error:
            self.done.failures.append(f"{what}: {error!r}"[:400])


@contextlib.contextmanager
def disturbing(disturber: Disturber):
    """Disturbed until the block ends."""
    threads = [threading.Thread(target=target)
               for target in (disturber.end_chains, disturber.end_processes)]
    for thread in threads:
        thread.start()
    try:
        yield disturber.done
    finally:
        disturber.over.set()
        for thread in threads:
            thread.join(90)
