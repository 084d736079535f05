"""What does not agree becomes a row, once, with its entry; nobody can make one disappear."""

from sqlmodel import select

from app.domain.findings import Kind, State, severity
from app.store.tables_receipts import Finding
from app.store.unit import Act


def find(act: Act, kind: Kind, about: str, credential: str, institution: str, **refs) -> bool:
    """Open a finding about a decision or a line of a log, unless it stands already.

    Args:
        institution: the number of the institution, "" where it is not known.
    """
    place = f"{kind}:{about}"
    if act.first(select(Finding.id).where(Finding.place == place)):
        return False
    row = act.create(Finding, place=place, kind=str(kind), severity=str(severity(kind)),
                     state=str(State.OPEN), decision=about if about.startswith("dec_") else "",
                     credential=credential, institution_number=institution, refs=dict(refs))
    act.record("finding.open", f"finding/{row.id}", finding=str(kind), about=about,
               severity=row.severity)
    return True
