"""Application systems, joint nodes and credentials as people see them. No secret is ever shown."""

from dataclasses import dataclass

from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.credentials import CLIENT_APP, CREDENTIAL, JOINT_NODE
from app.domain.lifecycle import Situation
from app.queries.course import tightening
from app.queries.possible import Choice, Happening, choices, timeline
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations import basics
from app.store.situations_institutions import credential_situation
from app.store.tables_grants import Grant
from app.store.tables_institutions import ClientApp, Credential, Institution, JointNode
from app.store.unit import read


@dataclass(frozen=True)
class AppLine:
    """One application system of the list."""

    id: str
    number: str
    name: str
    institution: str
    networks: tuple[str, ...]
    state: str
    version: int


@dataclass(frozen=True)
class AppSheet:
    """One application system with its credentials."""

    id: str
    number: str
    name: str
    institution: str
    institution_number: str
    networks: tuple[str, ...]
    users: tuple[str, ...]
    quota: dict
    state: str
    version: int
    credentials: tuple["CredentialLine", ...]
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]


@dataclass(frozen=True)
class NodeLine:
    """One joint node of the list."""

    id: str
    number: str
    name: str
    institution: str
    result: str
    attested_at: str
    state: str
    version: int


@dataclass(frozen=True)
class NodeSheet:
    """One joint node with its newest attestation."""

    id: str
    number: str
    name: str
    institution: str
    institution_number: str
    attestation: dict
    attested_at: str
    state: str
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]


@dataclass(frozen=True)
class CredentialLine:
    """One credential of the list, known by its prefix."""

    id: str
    number: str
    prefix: str
    institution: str
    app: str
    grant: str
    state: str
    expires_at: str
    version: int


@dataclass(frozen=True)
class CredentialSheet:
    """One credential with what it is bound to."""

    id: str
    number: str
    prefix: str
    kind: str
    institution: str
    institution_number: str
    app: str
    app_number: str
    grant: str
    apps: tuple[str, ...]
    networks: tuple[str, ...]
    supported_kinds: tuple[str, ...]
    state: str
    issued_at: str
    expires_at: str
    revoked_at: str
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]


def _named(session: Session, row) -> Institution:
    return session.get(Institution, row.institution_id)


def _listed(rt, caller: Caller, filters: Filters, model, line):
    """A list of one of the three kinds, newest first; `q` finds number and name or prefix."""
    may_read(rt, caller, model.noun)
    statement = select(model)
    if filters.q:
        named = model.prefix if model is Credential else model.name
        pattern = like(filters.q)
        statement = statement.where(or_(model.number.like(pattern, escape="\\"),
                                        named.like(pattern, escape="\\")))
    if filters.state:
        statement = statement.where(model.state == filters.state)
    with read(rt) as session:
        return page_of(session, caller, model, statement, filters, order=(model.number.desc(),),
                       line=lambda row: line(session, row))


@query("client_app", "应用系统", "Application systems")
def client_apps(rt, caller: Caller, filters: Filters) -> Page[AppLine]:
    return _listed(rt, caller, filters, ClientApp, lambda session, row: AppLine(
        row.id, row.number, row.name, _named(session, row).name, tuple(row.networks), row.state,
        row.version))


@query("client_app", "应用系统", "Application system", single=True)
def client_app(rt, caller: Caller, ref: str) -> AppSheet:
    may_read(rt, caller, "client_app")
    with read(rt) as session:
        row = one(session, caller, ClientApp, ref)
        owner = _named(session, row)
        held = session.exec(select(Credential).where(Credential.app_id == row.id).order_by(
            Credential.number.desc()).limit(200))
        situation = Situation(**basics(rt, session, caller, row))
        return AppSheet(
            row.id, row.number, row.name, owner.name, owner.number, tuple(row.networks),
            tuple(row.users), row.quota, row.state, row.version,
            tuple(_credential_line(session, item) for item in held),
            (*tightening(rt, caller, row, ("ACTIVE",)),
             *choices(rt, session, caller, CLIENT_APP, row, situation)),
            timeline(session, CLIENT_APP, row, instant))


@query("joint_node", "联合节点", "Joint nodes")
def joint_nodes(rt, caller: Caller, filters: Filters) -> Page[NodeLine]:
    return _listed(rt, caller, filters, JointNode, lambda session, row: NodeLine(
        row.id, row.number, row.name, _named(session, row).name,
        row.attestation.get("result", ""),
        instant(row.attested_at) if row.attested_at else "", row.state, row.version))


@query("joint_node", "联合节点", "Joint node", single=True)
def joint_node(rt, caller: Caller, ref: str) -> NodeSheet:
    may_read(rt, caller, "joint_node")
    with read(rt) as session:
        row = one(session, caller, JointNode, ref)
        owner = _named(session, row)
        situation = Situation(**basics(rt, session, caller, row))
        return NodeSheet(
            row.id, row.number, row.name, owner.name, owner.number, row.attestation,
            instant(row.attested_at) if row.attested_at else "", row.state, row.version,
            choices(rt, session, caller, JOINT_NODE, row, situation),
            timeline(session, JOINT_NODE, row, instant))


def _credential_line(session: Session, row: Credential) -> CredentialLine:
    grant = session.get(Grant, row.grant_id) if row.grant_id else None
    owner, _ = _owner(session, row)
    app, _, _ = _app(session, row)
    return CredentialLine(row.id, row.number, row.prefix, owner, app,
                          grant.number if grant else "", row.state, instant(row.expires_at),
                          row.version)


def _owner(session: Session, row: Credential) -> tuple[str, str]:
    """Name and number of the institution; a gateway's credential is nobody's."""
    owner = _named(session, row)
    return (owner.name, owner.number) if owner else ("", "")


def _app(session: Session, row: Credential) -> tuple[str, str, tuple[str, ...]]:
    """Name, number and networks of the one application; a gateway's are its own networks."""
    app = session.get(ClientApp, row.app_id)
    return (app.name, app.number, tuple(app.networks)) if app else ("", "", tuple(row.networks))


def _spoken_for(session: Session, row: Credential) -> tuple[str, ...]:
    """The numbers of the applications a gateway speaks for."""
    return tuple(session.exec(select(ClientApp.number).where(ClientApp.id.in_(row.apps))
                              .order_by(ClientApp.number)).all())


@query("credential", "凭证", "Credentials")
def credentials(rt, caller: Caller, filters: Filters) -> Page[CredentialLine]:
    return _listed(rt, caller, filters, Credential, _credential_line)


@query("credential", "凭证", "Credential", single=True)
def credential(rt, caller: Caller, ref: str) -> CredentialSheet:
    may_read(rt, caller, "credential")
    with read(rt) as session:
        row = one(session, caller, Credential, ref)
        owner, owner_number = _owner(session, row)
        app, app_number, networks = _app(session, row)
        grant = session.get(Grant, row.grant_id) if row.grant_id else None
        situation = credential_situation(rt, session, caller, row)
        kinds = tuple(row.supported_kinds or ())
        return CredentialSheet(
            row.id, row.number, row.prefix, row.kind, owner, owner_number, app, app_number,
            grant.number if grant else "", _spoken_for(session, row), networks, kinds,
            row.state, instant(row.issued_at), instant(row.expires_at),
            instant(row.revoked_at) if row.revoked_at else "", row.version,
            choices(rt, session, caller, CREDENTIAL, row, situation, hidden=frozenset({"expire"})),
            timeline(session, CREDENTIAL, row, instant))
