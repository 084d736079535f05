"""Proof of a stop everywhere: every process that decides runs its epoch, or denies by itself.

A process says its epoch as soon as it runs it. One that fell silent could not read the epoch
either, or it would be known to have it: after `stale_after_s` it answers nothing but `SYS.STALE`.
The clocks of the machines of a zone are held together (GB/T 22239-2019 8.1.4.3).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.refusals import NotFound
from app.store import beats
from app.store.tables import ObjectVersion, PolicyChange
from app.store.tables_supply import Hold
from app.store.unit import begin, read

PATIENCE_S = 3.0  # beyond the time after which a silent process denies by itself
LOOK_S = 0.02


@dataclass(frozen=True)
class Stopped:
    """The act that stops: what it lies on, since when, and from which epoch on."""

    epoch: int
    ref: str
    at: datetime


@dataclass(frozen=True)
class Standing:
    """How a process stands to a stop: CONFIRMED where it runs its epoch, FENCED where it denies
    by itself, OPEN where neither is known. `since` is the instant of the one or the other."""

    process: str
    host: str
    pid: int
    epoch: int
    since: datetime
    how: str

    def lag_ms(self, stopped: Stopped) -> int:
        return max(round((self.since - stopped.at) / timedelta(milliseconds=1)), 0)


@dataclass(frozen=True)
class Proof:
    """Every process against one stop."""

    stopped: Stopped
    standings: tuple[Standing, ...]

    @property
    def is_whole(self) -> bool:
        return all(each.how != "OPEN" for each in self.standings)


def prove(rt, caller: Caller, hold: str = "") -> Proof:
    """Wait until the stop, or the newest act that stops anything, holds in every process; a proof
    that is whole is written on the trail.

    Raises:
        NotFound: there is no such stop, or nothing was ever stopped.
    """
    with read(rt) as session:
        stopped = _stopped(session, hold)
    ends = time.monotonic() + rt.settings.stale_after_s + PATIENCE_S
    proof = Proof(stopped, _standings(rt, stopped, {}))
    while not proof.is_whole and time.monotonic() < ends:
        time.sleep(LOOK_S)
        known = {each.process: each for each in proof.standings if each.how != "OPEN"}
        proof = Proof(stopped, _standings(rt, stopped, known))
    if proof.is_whole:
        _keep(rt, caller, proof)
    return proof


def _stopped(session: Session, hold: str) -> Stopped:
    """The stop of that number, or the newest act that stops anything."""
    changes = select(PolicyChange).where(PolicyChange.stops).order_by(
        PolicyChange.epoch.desc(), PolicyChange.noun != "hold")
    row = session.exec(select(Hold).where(Hold.number == hold)).first() if hold else None
    if row:
        changes = changes.where(PolicyChange.noun == "hold", PolicyChange.object_id == row.id)
    change = session.exec(changes.limit(1)).first() if row or not hold else None
    if change is None:
        raise NotFound("没有这个停用", "there is no such stop", noun="hold")
    at = session.exec(select(ObjectVersion.valid_from).where(
        ObjectVersion.noun == change.noun, ObjectVersion.object_id == change.object_id).order_by(
        ObjectVersion.version if row else ObjectVersion.version.desc()).limit(1)).one()
    return Stopped(change.epoch, f"{change.noun}/{change.object_id}", at)


def _standings(rt, stopped: Stopped, known: Mapping[str, Standing]) -> tuple[Standing, ...]:
    """Every process as it stands now; what is settled stays as it was first seen."""
    now, limit = rt.clock(), timedelta(seconds=rt.settings.stale_after_s)
    with rt.db.reading() as connection:
        found = beats.every(connection)
    return tuple(known.get(beat.process) or _standing(beat, stopped, now, limit)
                 for beat in found)


def _standing(beat: beats.Beat, stopped: Stopped, now: datetime, limit: timedelta) -> Standing:
    how, since = "OPEN", beat.confirmed_at
    if beat.epoch >= stopped.epoch:
        how = "CONFIRMED"
    elif now - beat.confirmed_at > limit:
        how, since = "FENCED", beat.confirmed_at + limit
    return Standing(beat.process, beat.host, beat.pid, beat.epoch, since, how)


def _keep(rt, caller: Caller, proof: Proof) -> None:
    with begin(rt, caller) as act:
        act.record("hold.proved", proof.stopped.ref, epoch=proof.stopped.epoch,
                   stopped_at=instant(proof.stopped.at), processes=[
                       {"process": each.process, "host": each.host, "pid": each.pid,
                        "epoch": each.epoch, "how": each.how, "since": instant(each.since),
                        "lag_ms": each.lag_ms(proof.stopped)} for each in proof.standings])
