"""The ledger's room: made ahead where jobs may make it, else an operator is told before ranges run
out, and after."""

import structlog
from sqlalchemy import exc

from app.store import months, ranges

log = structlog.get_logger("hufu.jobs.room")


def keep(rt) -> str:
    """Ranges ahead and the month's own, by a process that owns the schema; then what the room is.
    Whom the ledger does not let in at once tries again the next time."""
    try:
        with rt.db.writing() as connection:
            if months.is_owner(connection):
                ranges.ensure(connection, rt.settings.range_rows)
                month = months.cut(connection)
                if month:
                    log.info("the ledger's month begins a range of its own", month=month)
    except exc.OperationalError as error:
        log.warning("the ledger's ranges wait: %s", type(error).__name__)
    return watch(rt)


def watch(rt) -> str:
    """What the room is, said in the log unless all is well; empty on SQLite."""
    with rt.db.reading() as connection:
        room = ranges.room(connection)
    if room is None:
        return ""
    if room.state == "low":
        log.warning("the ledger's last range is in use; run `./hufu migrate`", left=room.left)
    if room.state == "beyond":
        log.error("the ledger has outgrown its ranges; run `./hufu migrate`", left=room.left)
    return room.state
