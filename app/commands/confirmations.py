"""What a rule stopped by itself waits for two persons, for 72 hours at most."""

from app.commands.advance import Step, advance
from app.commands.clocks import open_task
from app.commands.filing import hand_on
from app.domain.lifecycle import Lifecycle, Situation
from app.domain.stops import CONFIRM_WITHIN
from app.store.tables_grants import Grant
from app.store.tables_supply import Hold
from app.store.unit import Act


def await_two(act: Act, row: Grant | Hold, action: str, number: str) -> None:
    """Security review is called to confirm or lift the stop in time."""
    row.confirm_by = act.at + CONFIRM_WITHIN
    open_task(act, row, action, "SEC_REVIEW", f"确认或解除自动停用：{number}",
              due=row.confirm_by)


def confirmed(act: Act, lifecycle: Lifecycle, row: Grant | Hold, action: str, number: str,
              situation: Situation) -> Step:
    """A hand under the stop; the second one is owed in the same time, and with it the stop
    stands."""
    step = advance(act, lifecycle, row, action, situation)
    hand_on(act, row, step, number, row.confirm_by)
    if step:
        row.confirm_by = None
    return step
