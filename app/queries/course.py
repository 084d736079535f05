"""What every sheet of a registered object ends with: what may be done, what happened, what runs."""

from sqlmodel import Session

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.lifecycle import Lifecycle, Situation
from app.queries.possible import Choice, choices, clocks, open_tasks, timeline
from app.store.tables import Registered


def course(rt, session: Session, caller: Caller, lifecycle: Lifecycle, row: Registered,
           situation: Situation, *, hidden: frozenset[str] = frozenset(),
           filings: tuple[Choice | None, ...] = ()) -> dict:
    """`choices`, `timeline`, `clocks` and `tasks` of an object, as members of its sheet.

    `filings` are the actions that are no moves, offered before the moves where they are possible.
    Who inside the zone did what to an object that everybody may see stays inside the zone.
    """
    if row.scope == "open" and not caller.is_staff:
        return {"choices": (), "timeline": (), "clocks": (), "tasks": ()}
    moves = choices(rt, session, caller, lifecycle, row, situation, hidden=hidden)
    return {"choices": (*(filing for filing in filings if filing), *moves),
            "timeline": timeline(session, lifecycle, row, instant),
            "clocks": clocks(session, row, instant), "tasks": open_tasks(session, row, instant)}


def filing(rt, caller: Caller, row: Registered, action: str, title: tuple[str, str],
           states: tuple[str, ...]) -> Choice | None:
    """An action that is no move, where one of the caller's roles may take it: allowed in `states`.

    None for everybody else, so that nobody is shown what is not theirs.
    """
    if not rt.staff.permits(caller.roles, row.noun, action):
        return None
    fits = row.state in states
    return Choice(action, *title, fits, False,
                  "" if fits else "当前状态不能办理", "" if fits else "not in the present state")


def tightening(rt, caller: Caller, row: Registered, states: tuple[str, ...]) -> tuple[Choice, ...]:
    """The act that tightens bounds on use, for those who may."""
    found = filing(rt, caller, row, "tighten_quota",
                   ("收紧用量上限", "Tighten the bounds on use"), states)
    return (found,) if found else ()


def day(value) -> str:
    """A day as text, empty where there is none."""
    return value.isoformat() if value else ""


def moment(value) -> str:
    """An instant as text, empty where there is none."""
    return instant(value) if value else ""
