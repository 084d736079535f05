"""What the guards of sources and runs may look at, read from rows."""

from app.domain.callers import Caller
from app.domain.lifecycle import Situation
from app.domain.scans import SourceSituation
from app.store.scans import is_scanning
from app.store.situations import basics
from app.store.tables_scans import ScanRun, ScanSource


def source_situation(rt, session, caller: Caller, row: ScanSource,
                     reason: str = "") -> SourceSituation:
    """The situation of a source for this caller."""
    return SourceSituation(**basics(rt, session, caller, row, reason),
                           scanning=is_scanning(session, row.id))


def run_situation(rt, session, caller: Caller, row: ScanRun, reason: str = "") -> Situation:
    """The situation of a run for this caller."""
    return Situation(**basics(rt, session, caller, row, reason))
