"""The jobs process: one tick a second takes the turns that are due; APScheduler keeps the tick.

Scans and what-ifs have a tick of their own each.
"""

import signal
import sys
import threading

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import exc

from app import logs, runtime
from app.domain.refusals import NotRecorded
from app.jobs import leases, scans, table, what_ifs
from app.settings import Settings, load

log = structlog.get_logger("hufu.jobs")


def tick(rt, owner: str, jobs: tuple[table.Job, ...]) -> None:
    """Do every job that is due and free; a failing job is logged and does not stop the others."""
    for job in jobs:
        try:
            if not leases.claim(rt, job.name, owner, job.every_s):
                continue
        except (exc.DBAPIError, exc.TimeoutError) as error:
            log.warning("the registry cannot be reached", job=job.name, kind=type(error).__name__)
            return
        failure = ""
        try:
            job.run(rt)
        except NotRecorded as error:
            failure = error.code
            log.warning("not recorded", job=job.name)
        except Exception as error:  # a job's bug must not stop the clock
            failure = type(error).__name__
            log.error("job failed", job=job.name, exc_info=True)
        try:
            leases.release(rt, job.name, owner, failure)
        except (exc.DBAPIError, exc.TimeoutError):
            log.warning("the turn could not be given back; it ends by itself", job=job.name)


def scan(rt, owner: str, stopping) -> None:
    """Scan what waits, beside the other jobs: a run may take minutes and holds up none of them."""
    try:
        scans.turn(rt, owner, stopping)
    except (NotRecorded, exc.DBAPIError, exc.TimeoutError) as error:
        log.warning("the registry cannot be reached", job="scans", kind=type(error).__name__)


def play(rt, owner: str, stopping) -> None:
    """Play the drafts that wait, beside everything else."""
    try:
        what_ifs.turn(rt, owner, stopping)
    except (NotRecorded, exc.DBAPIError, exc.TimeoutError) as error:
        log.warning("the registry cannot be reached", job="what-ifs", kind=type(error).__name__)


def main(settings: Settings | None = None) -> int:
    """Run until SIGTERM or SIGINT."""
    logs.configure()
    rt = runtime.build(settings or load())
    owner, jobs = rt.new_id(), table.jobs()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    scheduler = BackgroundScheduler(timezone=rt.settings.zone)
    scheduler.add_job(tick, "interval", seconds=1, args=(rt, owner, jobs), max_instances=1,
                      coalesce=True, misfire_grace_time=None)
    for long_work in (scan, play):
        scheduler.add_job(long_work, "interval", seconds=1, args=(rt, owner, stop.is_set),
                          max_instances=1, coalesce=True, misfire_grace_time=None)
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)
    rt.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
