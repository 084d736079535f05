"""判定进程: whether a process that decides follows the policy epoch."""

from datetime import timedelta

from app.domain.titled import Titled

LATE = timedelta(seconds=5)


class Health(Titled):
    """How a process stands."""

    FOLLOWING = "FOLLOWING", "同步", "Following"
    BEHIND = "BEHIND", "落后", "Behind"
    SILENT = "SILENT", "失联", "Silent"


def health(behind: int, silence: timedelta) -> Health:
    """`behind` counts epochs, `silence` runs since the process last confirmed its own."""
    if silence > LATE:
        return Health.SILENT
    return Health.BEHIND if behind > 0 else Health.FOLLOWING
