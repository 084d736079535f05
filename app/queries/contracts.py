"""Contracts as both sides see them: clauses against the checklist, digest, signatures."""

from dataclasses import dataclass

from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.contracts import ANNEX, CONTRACT
from app.queries.course import course, filing
from app.queries.grant_cases import ContractView, contract_view
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_grants import contract_situation
from app.store.tables_grants import Contract, Grant, GrantCase
from app.store.tables_institutions import Institution
from app.store.tables_supply import Product
from app.store.unit import read


@dataclass(frozen=True)
class ContractLine:
    """One contract of the list."""

    id: str
    number: str
    name: str
    institution: str
    case: str
    signed_on: str
    state: str
    version: int


@dataclass(frozen=True)
class ContractSheet:
    """One contract with what may be done to it."""

    id: str
    number: str
    name: str
    state: str
    institution: str
    case: str
    grant: str
    contract: ContractView
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("contract", "应用合同", "Contracts")
def contracts(rt, caller: Caller, filters: Filters) -> Page[ContractLine]:
    """Contracts, newest first; `q` finds the number."""
    may_read(rt, caller, "contract")
    statement = select(Contract)
    if filters.q:
        statement = statement.where(Contract.number.like(like(filters.q), escape="\\"))
    if filters.state:
        statement = statement.where(Contract.state == filters.state)
    with read(rt) as session:
        return page_of(session, caller, Contract, statement, filters,
                       order=(Contract.number.desc(),), line=lambda row: _line(session, row))


def _line(session: Session, row: Contract) -> ContractLine:
    case = session.get(GrantCase, row.case_id)
    institution = session.get(Institution, row.institution_id)
    return ContractLine(row.id, row.number, _name(session, row, case),
                        institution.name, case.number if case else "",
                        row.signed_on.isoformat() if row.signed_on else "", row.state, row.version)


def _name(session: Session, row: Contract, case: GrantCase | None) -> str:
    """The title of its application; a contract taken over without one has its product's name."""
    grant = session.get(Grant, row.grant_id) if case is None and row.grant_id else None
    product = session.get(Product, grant.product_id) if grant else None
    return case.title if case else product.name if product else row.number


@query("contract", "应用合同", "Contract", single=True)
def contract(rt, caller: Caller, ref: str) -> ContractSheet:
    """One contract by id or number. It is signed on the sheet of its application; a signed annex
    is filed here."""
    may_read(rt, caller, "contract")
    with read(rt) as session:
        row = one(session, caller, Contract, ref)
        case = session.get(GrantCase, row.case_id)
        grant = session.get(Grant, row.grant_id) if row.grant_id else None
        annex = row.template == ANNEX
        return ContractSheet(
            row.id, row.number, _name(session, row, case), row.state,
            session.get(Institution, row.institution_id).name, case.number if case else "",
            grant.number if grant else "", contract_view(rt, row), row.version,
            **course(rt, session, caller, CONTRACT, row,
                     contract_situation(rt, session, caller, row),
                     hidden=frozenset({"sign", "lapse", *(() if annex else ("file_annex",))}),
                     filings=() if annex else (filing(
                         rt, caller, row, "prepare", ("登记合同文本", "Prepare the contract"),
                         ("DRAFT",)),)))
