"""Gateways as people see them: for whom each speaks, from where, and until when."""

from dataclasses import dataclass

from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.credentials import GATEWAY
from app.queries.query import Filters, Page, like, may_read, page_of, query
from app.store.tables_institutions import ClientApp, Credential
from app.store.unit import read


@dataclass(frozen=True)
class GatewayLine:
    """The credential of one gateway."""

    id: str
    number: str
    prefix: str
    apps: tuple[str, ...]
    networks: tuple[str, ...]
    expires_at: str
    state: str
    version: int


@query("gateway", "网关", "Gateways")
def gateways(rt, caller: Caller, filters: Filters) -> Page[GatewayLine]:
    """Gateways, newest first; `q` finds number and prefix."""
    may_read(rt, caller, "gateway")
    statement = select(Credential).where(Credential.kind == GATEWAY)
    if filters.q:
        pattern = like(filters.q)
        statement = statement.where(Credential.number.like(pattern, escape="\\")
                                    | Credential.prefix.like(pattern, escape="\\"))
    if filters.state:
        statement = statement.where(Credential.state == filters.state)
    with read(rt) as session:
        return page_of(session, caller, Credential, statement, filters,
                       order=(Credential.number.desc(),), line=lambda row: _line(session, row))


def _line(session: Session, row: Credential) -> GatewayLine:
    apps = session.exec(select(ClientApp.number).where(ClientApp.id.in_(row.apps))
                        .order_by(ClientApp.number)).all()
    return GatewayLine(row.id, row.number, row.prefix, tuple(apps), tuple(row.networks),
                       instant(row.expires_at), row.state, row.version)
