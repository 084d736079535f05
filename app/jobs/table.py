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
    from app.commands import (
        admission_review,
        automatic_stops,
        credentials,
        delegations,
        due,
        head_agreements,
        negative_examples,
        onboarding_intake,
        receipts,
        reconciliation,
        reminders,
        scan_sources,
        sign_in,
        subject_authorizations,
    )
    from app.jobs import checkpoints, documents, packs, room

    return (
        Job("clocks", 15, due.advance_due),
        Job("onboarding-lapses", 60, onboarding_intake.lapse_due),
        Job("admission-lapses", 60, admission_review.lapse_overdue),
        Job("automatic-stops", 60, automatic_stops.stop_due),
        Job("credential-ends", 60, credentials.expire_overdue),
        Job("agreement-ends", 60, head_agreements.expire_due),
        Job("reminders", 3600, reminders.remind_due),
        Job("delegation-ends", 3600, delegations.end_overdue),
        Job("negative-example-ends", 3600, negative_examples.expire_due),
        Job("subject-authorization-ends", 60, subject_authorizations.end_due),
        Job("late-receipts", 30, receipts.release_due),
        Job("reconciliation", 3600, reconciliation.compare_yesterday),
        Job("scan-schedules", 60, scan_sources.queue_due),
        Job("sign-in-traces", 3600, sign_in.sweep),
        Job("documents", 2, documents.render_due),
        Job("packs", 2, packs.build_due),
        Job("checkpoints", 1, checkpoints.run_due),
        Job("ledger-room", 600, room.keep),
    )
