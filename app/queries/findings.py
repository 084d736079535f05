"""What reconciliation found, as those who look into it see it."""

from dataclasses import dataclass

from pydantic import Field
from sqlmodel import select

from app.domain.callers import Caller
from app.queries.course import moment
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.tables_receipts import Finding
from app.store.unit import read


class FindingFilters(Filters):
    """Findings of one kind or severity; `q` is a decision or an institution."""

    kind: str = Field("", max_length=40, title="类型", json_schema_extra={"en": "Kind"})
    severity: str = Field("", max_length=20, title="等级", json_schema_extra={"en": "Severity"})


@dataclass(frozen=True)
class FindingLine:
    """One finding of the list."""

    id: str
    number: str
    kind: str
    severity: str
    institution: str
    credential: str
    found_at: str
    state: str
    version: int


@dataclass(frozen=True)
class FindingSheet:
    """One finding with what it rests on."""

    id: str
    number: str
    kind: str
    severity: str
    decision: str
    institution: str
    credential: str
    found_at: str
    beyond: tuple[str, ...]
    due: str
    file: str
    line: int | None
    status: int | None
    state: str
    version: int


@query("finding", "对账发现", "Findings")
def findings(rt, caller: Caller, filters: FindingFilters) -> Page[FindingLine]:
    """Findings, the newest first."""
    may_read(rt, caller, "finding")
    statement = select(Finding)
    if filters.q:
        statement = statement.where((Finding.decision == filters.q)
                                    | Finding.institution_number.like(like(filters.q),
                                                                      escape="\\"))
    for column, wanted in ((Finding.state, filters.state), (Finding.kind, filters.kind),
                           (Finding.severity, filters.severity)):
        if wanted:
            statement = statement.where(column == wanted)
    with read(rt) as session:
        return page_of(session, caller, Finding, statement, filters, order=(Finding.id.desc(),),
                       line=_line)


def _line(row: Finding) -> FindingLine:
    return FindingLine(row.id, row.place.partition(":")[2], row.kind, row.severity,
                       row.institution_number, row.credential, moment(row.created_at), row.state,
                       row.version)


@query("finding", "对账发现", "Finding", single=True)
def finding(rt, caller: Caller, ref: str) -> FindingSheet:
    """One finding by its id."""
    may_read(rt, caller, "finding")
    with read(rt) as session:
        row = one(session, caller, Finding, ref)
        refs = row.refs
        return FindingSheet(
            row.id, row.place.partition(":")[2], row.kind, row.severity, row.decision,
            row.institution_number, row.credential, moment(row.created_at),
            tuple(refs.get("beyond", ())), refs.get("due", ""), refs.get("file", ""),
            refs.get("line"), refs.get("status"), row.state, row.version)
