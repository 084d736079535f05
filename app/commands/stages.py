"""What runs while a case of the supplying side or an admission stands in a state."""

from app.commands.clocks import (
    close_tasks,
    open_task,
    pause_clocks,
    resume_clocks,
    running,
    start_clock,
    stop_clocks,
)
from app.domain import admission, onboarding
from app.domain.stages import SUBMITTER
from app.store.tables_institutions import AdmissionCase
from app.store.tables_supply import OnboardingCase
from app.store.unit import Act

COURSES = {course.noun: (course, {str(state): stage for state, stage in stages.items()})
           for course, stages in ((admission.ADMISSION, admission.STAGES),
                                  (onboarding.ONBOARDING, onboarding.STAGES))}


def entered(act: Act, case: AdmissionCase | OnboardingCase) -> None:
    """Clock and tasks of the state the case has just come to; those of the last one end.

    While a supplement is awaited the time to accept stands still.
    """
    course, stages = COURSES[case.noun]
    stage = stages.get(case.state)
    close_tasks(act, case)
    if case.state == course.states.SUPPLEMENT:
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
        title = next(move.zh for move in course.moves if move.action == action)
        open_task(act, case, action, case.side if role == SUBMITTER else role,
                  f"{title}：{case.title}", due=clock.due_at)
