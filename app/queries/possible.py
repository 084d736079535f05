"""What may be done to an object now, and for what may not, why not: the source of every button."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.lifecycle import Lifecycle, Move, Situation
from app.domain.roles import Role
from app.store.tables import Clock, Endorsement, Registered, Task, Transition
from app.store.tables_people import Person


@dataclass(frozen=True)
class Choice:
    """One action from the present state: allowed, or refused with the reason in both languages.
    `codes` are those of the rules it rests on."""

    action: str
    zh: str
    en: str
    allowed: bool
    stops: bool
    why_zh: str = ""
    why_en: str = ""
    seats: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Happening:
    """One line of an object's timeline; `person` is the name of who took the step."""

    at: str
    action: str
    zh: str
    en: str
    source: str
    target: str
    duty: str
    person: str
    account: str
    reason: str
    reason_code: str
    seq: int


@dataclass(frozen=True)
class RunningClock:
    """A time limit of the object."""

    kind: str
    days: int
    working: bool
    due_at: str
    paused: bool
    breached: bool
    provisional: bool


@dataclass(frozen=True)
class OpenTask:
    """Something owed to the object."""

    id: str
    action: str
    title: str
    role: str
    assignee: str
    due_at: str


def choices(rt, session: Session, caller: Caller, lifecycle: Lifecycle, row: Registered,
            situation: Situation, *, hidden: frozenset[str] = frozenset()) -> tuple[Choice, ...]:
    """Every move from the present state, for this caller. `reason_is_given` is left to the form."""
    hands = session.exec(select(Endorsement).where(
        Endorsement.noun == row.noun, Endorsement.object_id == row.id,
        Endorsement.state == "OPEN")).all()
    found: dict[str, Choice] = {}
    for move in lifecycle.moves_from(row.state):
        if move.action in hidden or move.action in found:
            continue
        signed = [hand for hand in hands if hand.action == move.action]
        found[move.action] = _choice(rt, caller, row, move, situation, signed)
    return tuple(found.values())


def _choice(rt, caller: Caller, row: Registered, move: Move, situation: Situation,
            signed: list[Endorsement]) -> Choice:
    seats = move.seats(situation)
    taken = {hand.seat for hand in signed}
    why_zh, why_en, codes = "", "", ()
    open_seats = [seat for seat in seats if seat not in taken]
    if not any(rt.staff.permits(caller.roles, row.noun, move.action, seat)
               for seat in open_seats):
        roles = sorted(rt.staff.roles_for(row.noun, move.action, open_seats[0]) & set(Role))
        why_zh = f"须由{'、'.join(Role(role).zh for role in roles)}办理"
        why_en = f"needs: {', '.join(Role(role).en.lower() for role in roles)}"
    elif caller.person in {hand.person for hand in signed}:
        why_zh, why_en = "您已签署，等待另一人复核", "you have signed; another person must confirm"
        codes = ("G-SOD",)
    else:
        failing = [rule for rule in move.failing(situation) if rule.name != "reason_is_given"]
        why_zh = "；".join(rule.zh for rule in failing)
        why_en = "; ".join(rule.en for rule in failing)
        codes = tuple(dict.fromkeys(rule.code for rule in failing))
    return Choice(move.action, move.zh, move.en, not why_zh, move.stops, why_zh, why_en, seats,
                  tuple(f"{hand.seat}:{hand.name}" for hand in signed), codes)


def timeline(session: Session, lifecycle: Lifecycle, row: Registered,
             at: Callable) -> tuple[Happening, ...]:
    """What happened to the object, newest first, at most 200 lines."""
    titles = {move.action: move for move in lifecycle.moves}
    rows = session.exec(select(Transition).where(
        Transition.noun == row.noun, Transition.object_id == row.id)
        .order_by(Transition.seq.desc()).limit(200)).all()
    names = dict(session.exec(select(Person.id, Person.name).where(
        Person.id.in_({item.person for item in rows}))).all()) if rows else {}
    return tuple(Happening(
        at(item.at), item.action,
        titles[item.action].zh if item.action in titles else item.action,
        titles[item.action].en if item.action in titles else item.action,
        item.source, item.target, item.duty, names.get(item.person, item.person), item.account,
        item.reason, item.reason_code, item.seq) for item in rows)


def clocks(session: Session, row: Registered, at: Callable) -> tuple[RunningClock, ...]:
    """The clocks of the object that have not stopped."""
    rows = session.exec(select(Clock).where(
        Clock.noun == row.noun, Clock.object_id == row.id, Clock.stopped_at.is_(None))).all()
    return tuple(RunningClock(item.kind, item.days, item.working, at(item.due_at),
                              item.paused_at is not None, item.breached_at is not None,
                              item.provisional) for item in rows)


def open_tasks(session: Session, row: Registered, at: Callable) -> tuple[OpenTask, ...]:
    """What is owed to the object now."""
    rows = session.exec(select(Task).where(
        Task.noun == row.noun, Task.object_id == row.id, Task.done_at.is_(None))).all()
    return tuple(OpenTask(item.id, item.action, item.title, item.role, item.assignee or "",
                          at(item.due_at) if item.due_at else "") for item in rows)
