"""When a sign-in may be tried, how long a session lives: bounds as pure functions of instants.

Source: requirements A05, A10, A12; GB/T 22239-2019 8.1.4.1.b.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

MOST_FAILURES = 5
WINDOW = timedelta(minutes=10)
LOCK = timedelta(minutes=15)
MOST_BY_SOURCE = 50
SLOW = timedelta(seconds=30)
REMEMBERED = WINDOW + LOCK

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
FRESH = timedelta(minutes=5)
NOTED_EVERY = timedelta(seconds=30)
INVITED_FOR = timedelta(hours=72)
FIRST_LINK_FOR = timedelta(hours=24)


def locked_until(failures: Sequence[datetime], at: datetime) -> datetime | None:
    """When the lock ends that these failures caused, None when there is none now.

    The fifth failure within ten minutes locks for fifteen minutes from that failure.
    """
    known = sorted(failures)
    for last in range(len(known) - 1, MOST_FAILURES - 2, -1):
        if known[last] - known[last - MOST_FAILURES + 1] < WINDOW:
            until = known[last] + LOCK
            return until if at < until else None
    return None


def source_wait(failures: Sequence[datetime], at: datetime) -> int:
    """Seconds a source with too many failures must wait before its next try; 0 when none."""
    recent = [moment for moment in failures if at - moment < WINDOW]
    if len(recent) < MOST_BY_SOURCE:
        return 0
    left = max(recent) + SLOW - at
    return max(0, -(-left // timedelta(seconds=1)))


def is_alive(created_at: datetime, seen_at: datetime, at: datetime) -> bool:
    """Whether a session is inside both its idle and its absolute bound; bounds are exclusive."""
    return at - seen_at < IDLE and at - created_at < ABSOLUTE


def is_fresh(factor_at: datetime | None, at: datetime) -> bool:
    """Whether the second factor was given recently enough for a high act."""
    return factor_at is not None and at - factor_at < FRESH
