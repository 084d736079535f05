"""The literal list of jobs: name, every how many seconds, and what is done."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """One piece of work done without anybody asking; `run(rt)` must be safe to repeat."""

    name: str
    every_s: int
    run: Callable


def jobs() -> tuple[Job, ...]:
    """What a jobs process does, in this order."""
    from app.commands.due import advance_due
    from app.jobs import checkpoints, documents

    return (
        Job("clocks", 15, advance_due),
        Job("documents", 2, documents.render_due),
        Job("checkpoints", 5, checkpoints.run_due),
    )
