"""Taking a list out as a file is an act: who, which list, how many rows."""

from app.domain.callers import Caller
from app.store.unit import begin


def record_export(rt, caller: Caller, noun: str, kind: str, rows: int) -> None:
    """Seal that a list was exported. Source: OWASP ASVS 5.0 14.2.4."""
    with begin(rt, caller) as act:
        act.record("list.export", f"{noun}/list", institution=caller.institution, kind=kind,
                   rows=rows)
