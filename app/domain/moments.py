"""An instant that notes what it was compared with: a finding is known to hold until then."""

from datetime import datetime, timedelta
from typing import NamedTuple

from app.domain.canonical import instant

CACHED_FOR = timedelta(seconds=5)  # an enforcement point keeps no permit longer
LAST = "9999"  # after every instant


class Moment(str):
    """The instant of a hearing, as fixed-width text.

    Every instant it is compared with that is not before it may change what the comparison says;
    `until` is the earliest of them. What is read of it otherwise (days, hours, minutes of a window)
    changes with the minute at the soonest, so nothing heard is known for longer than `minute_ends`.
    """

    until: str = LAST

    @property
    def holds_until(self) -> str:
        """Before this instant, and not before this moment itself, every comparison says the same.

        The end of the minute is written as a second that no clock shows, after its last instant.
        """
        return min(self.until, self[:16] + ":6")

    def _met(self, other: str) -> None:
        if str.__le__(self, other) and str.__lt__(other, self.until):
            self.until = other

    def __lt__(self, other: str) -> bool:
        self._met(other)
        return str.__lt__(self, other)

    def __le__(self, other: str) -> bool:
        self._met(other)
        return str.__le__(self, other)

    def __gt__(self, other: str) -> bool:
        self._met(other)
        return str.__gt__(self, other)

    def __ge__(self, other: str) -> bool:
        self._met(other)
        return str.__ge__(self, other)


class Instants(NamedTuple):
    """When calls are heard, and how long a permit given then may be kept at most."""

    at: str
    kept: str


def instants(at: datetime) -> Instants:
    return Instants(instant(at), instant(at + CACHED_FOR))
