"""What the guards of an evidence pack may look at, read from its row."""

from app.domain.callers import Caller
from app.domain.evidence import PackSituation
from app.store.situations import basics
from app.store.tables_evidence import EvidencePack


def pack_situation(rt, session, caller: Caller, row: EvidencePack,
                   reason: str = "") -> PackSituation:
    """The situation of a pack for this caller."""
    return PackSituation(**basics(rt, session, caller, row, reason),
                         requested_by=row.requested_by, expires=row.expires)
