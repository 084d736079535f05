"""The one door through which a state changes: allowed, legal, seen by enough eyes, recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from app.commands.command import Done
from app.domain.canonical import digest
from app.domain.lifecycle import Lifecycle, Move, Situation, require
from app.domain.refusals import NotAllowed
from app.store.situations import owner
from app.store.tables import Endorsement, ObjectVersion, Registered
from app.store.unit import Act


@dataclass(frozen=True)
class Step:
    """What `advance` did: executed, or one more hand put under a move that still waits. `finding`
    is the reason of whoever made the proposal: the fact found that a letter states, where those
    who confirm only say that they agree."""

    done: bool
    move: Move
    waiting: tuple[str, ...] = ()
    finding: str = ""

    def __bool__(self) -> bool:
        return self.done


def advance(act: Act, lifecycle: Lifecycle, row: Registered, action: str, situation: Situation, *,
            payload: Mapping[str, Any] | None = None, reason_code: str = "",
            relied_on: Mapping | None = None, evidence: tuple[str, ...] = (),
            record: Mapping | None = None) -> Step:
    """Take `action` on `row`, or add this person's hand where the move needs several.

    `payload` is what the move proposes; everybody who signs signs the same payload. `record` is
    what the trail entry says beyond the common facts. The caller applies effects only when the
    step is done.

    Raises:
        NotAllowed, IllegalMove, GuardFailed: nothing has changed.
    """
    move = lifecycle.find(row.state, action)
    seats = move.seats(situation)
    proposal = digest({"noun": row.noun, "id": row.id, "version": row.version, "action": action,
                       "payload": dict(payload or {})})
    signed = _hands(act, row, action, proposal)
    seat = _seat(act, row, move, seats, signed)
    require(move, situation)
    waiting = tuple(name for name in seats if name != seat and name not in
                    {hand.seat for hand in signed})
    if waiting:
        _endorse(act, row, action, seat, proposal, situation, dict(payload or {}))
        return Step(False, move, waiting)
    _execute(act, lifecycle, row, move, situation, signed, reason_code, relied_on or {},
             evidence, record or {})
    made = next((hand.reason for hand in signed if hand.seat == "make"), "")
    return Step(True, move, finding=made or situation.reason)


def _hands(act: Act, row: Registered, action: str, proposal: str) -> list[Endorsement]:
    """The hands already under this very proposal; hands under an older one are void."""
    found = act.all(select(Endorsement).where(
        Endorsement.noun == row.noun, Endorsement.object_id == row.id,
        Endorsement.action == action, Endorsement.state == "OPEN").with_for_update())
    for hand in found:
        if hand.digest != proposal:
            hand.state = "VOID"
    return [hand for hand in found if hand.digest == proposal]


def _seat(act: Act, row: Registered, move: Move, seats: tuple[str, ...],
          signed: list[Endorsement]) -> str:
    """The seat this person takes: the first open one their roles cover."""
    behind = {act.caller.person, act.caller.on_behalf_of} - {None}
    if behind & {person for hand in signed for person in (hand.person, hand.on_behalf_of)}:
        raise NotAllowed("须由另一自然人复核：您已在本次办理中签署",
                         "another natural person must confirm: you have signed already",
                         code="G-SOD", action=move.action)
    taken = {hand.seat for hand in signed}
    for seat in seats:
        if seat not in taken and act.may(row.noun, move.action, seat):
            return seat
    raise NotAllowed(f"您的岗位不能办理「{move.zh}」", f"your roles do not cover `{move.action}`",
                     noun=row.noun, action=move.action)


def _endorse(act: Act, row: Registered, action: str, seat: str, proposal: str,
             situation: Situation, payload: dict) -> None:
    act.add(Endorsement(
        id=act.new_id(), noun=row.noun, object_id=row.id, action=action, seat=seat,
        person=act.caller.person, on_behalf_of=act.caller.on_behalf_of,
        account=act.caller.account, name=act.caller.name,
        reason=situation.reason, payload=payload, digest=proposal, at=act.at))
    act.record(f"{row.noun}.endorse", f"{row.noun}/{row.id}", institution=owner(row),
               action=action, seat=seat, proposal=proposal)


def _execute(act: Act, lifecycle: Lifecycle, row: Registered, move: Move, situation: Situation,
             signed: list[Endorsement], reason_code: str, relied_on: Mapping,
             evidence: tuple[str, ...], record: Mapping) -> None:
    was = row.state
    row.state = str(move.target)
    act.touch(row)
    before = act.first(select(ObjectVersion.digest).where(
        ObjectVersion.noun == row.noun, ObjectVersion.object_id == row.id)
        .order_by(ObjectVersion.version.desc()).limit(1))
    hands = [(hand.seat, hand.person) for hand in signed]
    for hand in signed:
        hand.state = "USED"
    facts = {"was": was, "now": row.state, "version": row.version,
             "reason_code": reason_code, **record}
    if hands:
        facts["hands"] = [{"seat": seat, "person": person} for seat, person in hands]
    draft = act.record(f"{row.noun}.{move.action}", f"{row.noun}/{row.id}",
                       institution=owner(row),
                       private={"reason": situation.reason} if situation.reason else None, **facts)
    common = {"noun": row.noun, "object_id": row.id, "action": move.action, "source": was,
              "target": row.state, "reason_code": reason_code,
              "relied_on": dict(relied_on), "evidence": list(evidence), "before": before}
    for hand in signed:
        act.moved(draft, object_version=row.version, duty=hand.seat, person=hand.person,
                  account=hand.account, on_behalf_of=hand.on_behalf_of,
                  capacity="DELEGATE" if hand.on_behalf_of else "SELF", roles=[],
                  reason=hand.reason, source_ip=None, **common)
    act.moved(draft, object_version=row.version, duty=move.duty, person=act.caller.person,
              account=act.caller.account, on_behalf_of=act.caller.on_behalf_of,
              capacity=act.caller.capacity, roles=sorted(act.caller.roles),
              reason=situation.reason, source_ip=act.caller.source_ip, **common)


def cascade(act: Act, lifecycle: Lifecycle, row: Registered, action: str, because: str,
            reason_code: str = "CHAIN") -> None:
    """A move that follows from another object's move, in the same act, on behalf of the system.

    Guards are the cause's, not the follower's; the transition names the cause.
    """
    move = lifecycle.find(row.state, action)
    was, row.state = row.state, str(move.target)
    act.touch(row)
    draft = act.record(f"{row.noun}.{action}", f"{row.noun}/{row.id}", institution=owner(row),
                       was=was, now=row.state, version=row.version, because=because,
                       reason_code=reason_code)
    act.moved(draft, noun=row.noun, object_id=row.id, object_version=row.version, action=action,
              source=was, target=row.state, duty=move.duty, person=act.caller.person,
              account=act.caller.account, on_behalf_of=None, capacity="SYSTEM", roles=[],
              reason_code=reason_code, reason="", evidence=[], relied_on={"because": because},
              before=None, source_ip=None)
    act.affects(row.noun, row.id, stops=move.stops)


def done(row: Registered, step: Step | None = None, **detail) -> Done:
    """The answer of a command about its object."""
    return Done(noun=row.noun, id=row.id, number=getattr(row, "number", row.id),
                state=getattr(row, "state", ""), version=row.version,
                waiting=step.waiting if step is not None else (), detail=detail or None)
