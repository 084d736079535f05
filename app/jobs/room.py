"""The watch on the ledger's room: an operator is told before ranges run out, and after."""

import structlog

from app.store import ranges

log = structlog.get_logger("hufu.jobs.room")


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
