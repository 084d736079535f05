"""What runs while an admission case stands in a state: one clock, and the tasks of who is next."""

from app.commands.clocks import (
    close_tasks,
    open_task,
    pause_clocks,
    resume_clocks,
    running,
    start_clock,
    stop_clocks,
)
from app.domain.admission import ADMISSION, STAGES, State
from app.store.tables_institutions import AdmissionCase
from app.store.unit import Act


def entered(act: Act, case: AdmissionCase) -> None:
    """Clock and tasks of the state the case has just come to; those of the last one end.

    While a supplement is awaited the time to accept stands still.
    """
    close_tasks(act, case)
    stage = STAGES.get(State(case.state))
    if case.state == State.SUPPLEMENT:
        pause_clocks(act, case)
    else:
        resume_clocks(act, case)
        for kind in {clock.kind for clock in running(act, case)}:
            if stage is None or kind != stage.clock:
                stop_clocks(act, case, kind)
    if stage is None:
        return
    found = running(act, case, stage.clock)
    clock = found[0] if found else start_clock(act, case, stage.clock, stage.days)
    for role, action in stage.owes:
        title = next(move.zh for move in ADMISSION.moves if move.action == action)
        open_task(act, case, action, role, f"{title}：{case.title}", due=clock.due_at)
