"""What the guards of what-if runs may look at, read from rows."""

from app.domain.callers import Caller
from app.domain.lifecycle import Situation
from app.store.situations import basics
from app.store.tables_played import WhatIf


def run_situation(rt, session, caller: Caller, row: WhatIf, reason: str = "") -> Situation:
    """The situation of a run for this caller."""
    return Situation(**basics(rt, session, caller, row, reason))
