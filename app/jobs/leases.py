"""Taking a job's turn: claimed by compare-and-set, so that two processes never do it at once."""

from datetime import datetime, timedelta

from sqlalchemy import exc, insert, or_, select, update

from app.store.tables_jobs import JobLease

HOLD = timedelta(seconds=60)
# Clocks of two machines are less apart than this. What lies farther ahead was written by a clock
# that has since been set back, and holds nobody up.
APART = timedelta(seconds=120)


def claim(rt, name: str, owner: str, every_s: int) -> bool:
    """Whether it is this owner's turn now: nobody holds the job and it is due."""
    now = rt.clock()
    values = {"owner": owner, "until": now + HOLD}
    due = or_(JobLease.done_at.is_(None), JobLease.done_at <= now - timedelta(seconds=every_s),
              JobLease.done_at > now + APART)
    free = or_(JobLease.until <= now, JobLease.until > now + HOLD + APART)
    if not _is_due(rt, name, now, every_s):
        return False
    try:
        with rt.db.writing() as connection:
            taken = connection.execute(update(JobLease).where(
                JobLease.name == name, free, due).values(**values)).rowcount
            known = taken or connection.execute(
                JobLease.__table__.select().where(JobLease.name == name)).first()
            if not known:
                connection.execute(insert(JobLease).values(name=name, **values))
                return True
            return bool(taken)
    except exc.IntegrityError:
        return False


def _is_due(rt, name: str, now: datetime, every_s: int) -> bool:
    """A look without a lock, so that waiting costs no write."""
    with rt.db.reading() as connection:
        row = connection.execute(select(JobLease.until, JobLease.done_at).where(
            JobLease.name == name)).first()
    if row is None:
        return True
    is_free = row.until <= now or row.until > now + HOLD + APART
    return is_free and (row.done_at is None or row.done_at > now + APART
                        or row.done_at <= now - timedelta(seconds=every_s))


def release(rt, name: str, owner: str, failure: str = "") -> None:
    """The job is done, or failed with this kind of error; the next turn is free."""
    now = rt.clock()
    with rt.db.writing() as connection:
        connection.execute(update(JobLease).where(
            JobLease.name == name, JobLease.owner == owner).values(
                until=now, done_at=now, failure=failure))
