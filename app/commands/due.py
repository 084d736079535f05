"""What the clock does by itself: grants begin and end, cases lapse, time limits are breached.

Each object moves in an act of its own, so that one that cannot move does not hold up the others.
Expiry never waits for this: a decision compares the clock itself (INV-12).
"""

from sqlmodel import select

from app.commands.grant_cases import LAPSES, lapse
from app.commands.grants import activate, expire
from app.domain.callers import SYSTEM
from app.domain.canonical import instant
from app.domain.grants import GRANT, LIVE, REMOVAL_CLOCK, State
from app.domain.refusals import NotRecorded, Refusal
from app.store.situations_grants import grant_situation
from app.store.tables import Clock
from app.store.tables_grants import Grant, GrantCase
from app.store.unit import begin, read

MOST = 500


def advance_due(rt) -> dict[str, int]:
    """Everything that is due now is done; the number of each.

    Raises:
        NotRecorded: the registry cannot be written now.
    """
    at = rt.clock()
    with read(rt) as session:
        begun = session.exec(select(Grant.id).where(
            Grant.state == str(State.SCHEDULED), Grant.valid_from <= at, Grant.valid_to > at)
            .limit(MOST)).all()
        over = session.exec(select(Grant.id).where(
            Grant.state.in_([str(state) for state in LIVE]), Grant.valid_to <= at)
            .limit(MOST)).all()
        late = session.exec(select(Clock).where(
            Clock.stopped_at.is_(None), Clock.paused_at.is_(None), Clock.due_at <= at,
            Clock.breached_at.is_(None), Clock.kind != REMOVAL_CLOCK).limit(MOST)).all()
    return {"activated": sum(_one(rt, Grant, key, _begin) for key in begun),
            "expired": sum(_one(rt, Grant, key, _end) for key in over),
            "breached": sum(_breached(rt, clock.id) for clock in late),
            "lapsed": sum(_one(rt, GrantCase, key, _lapse) for key in _overdue(rt))}


def _overdue(rt) -> list[str]:
    """Cases whose applicant's time limit has run out."""
    with read(rt) as session:
        statement = select(GrantCase.id).join(Clock, (Clock.object_id == GrantCase.id)).where(
            Clock.noun == "grant_case", Clock.stopped_at.is_(None), Clock.paused_at.is_(None),
            Clock.due_at <= rt.clock())
        return [key for state, (kind, _) in LAPSES.items() for key in session.exec(statement.where(
            GrantCase.state == str(state), Clock.kind == kind).limit(MOST)).all()]


def _one(rt, model, key: str, move) -> bool:
    """One object moved in its own act; False where it could not be."""
    try:
        with begin(rt, SYSTEM) as act:
            return move(act, act.find(model, key))
    except NotRecorded:
        raise
    except Refusal:
        return False


def _begin(act, grant: Grant) -> bool:
    situation = grant_situation(act.rt, act.session, act.caller, grant)
    if grant.state != State.SCHEDULED or GRANT.find(
            grant.state, "activate").failing(situation):
        return False
    activate(act, grant)
    return True


def _end(act, grant: Grant) -> bool:
    expire(act, grant)
    return True


def _lapse(act, case: GrantCase) -> bool:
    lapse(act, case)
    return True


def _breached(rt, clock_id: str) -> bool:
    """A breach is a row and an entry, not a colour."""
    with begin(rt, SYSTEM) as act:
        clock = act.find(Clock, clock_id)
        if clock.stopped_at or clock.paused_at or clock.breached_at or clock.due_at > act.at:
            return False
        clock.breached_at = act.at
        act.record("clock.breach", f"{clock.noun}/{clock.object_id}", clock=clock.kind,
                   due=instant(clock.due_at))
    return True
