"""The seed of the holiday table: the State Council's announcements as chinesecalendar carries them.

Years after its release are left out, so that working days there are marked provisional.
"""

from functools import cache
from importlib.metadata import version

from chinese_calendar.constants import holidays, workdays

from app.domain.workdays import Holidays


@cache
def seeded() -> Holidays:
    """The announced years, with the distribution's version as their source."""
    return Holidays(
        source=f"chinesecalendar {version('chinesecalendar')}",
        years=frozenset(day.year for day in holidays),
        rest=frozenset(holidays),
        work=frozenset(workdays),
    )
