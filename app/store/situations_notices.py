"""What the guards of a notice may look at, read from its row."""

from datetime import date

from app.domain.callers import Caller
from app.domain.notices import NoticeSituation
from app.store.situations import basics
from app.store.tables_notices import Notice


def notice_situation(rt, session, caller: Caller, row: Notice,
                     served_on: date | None = None) -> NoticeSituation:
    """The situation of a notice for this caller; with the day of service where one is given."""
    return NoticeSituation(**basics(rt, session, caller, row), dated=row.dated,
                           served_on=served_on)
