"""Which rows a pack shows beside the trail, column by column; what is not named here stays in.

`personal` columns leave at level `full` only, under a pseudonym at the level below, and not at
all by default. Free documents and secrets are never named.
"""

from dataclasses import dataclass

from sqlmodel import Session, SQLModel, select

from app.domain.canonical import instant
from app.store.tables import Attachment, ObjectVersion, Transition
from app.store.tables_decisions import DecisionIndex
from app.store.tables_grants import Contract, Grant, GrantCase, GrantVersion
from app.store.tables_institutions import ClientApp, Credential, Institution, JointNode
from app.store.tables_supply import (
    Dataset,
    Department,
    HeadAgreement,
    Hold,
    Product,
    ProductVersion,
)
from app.store.unit import plain

MOST_FILES = 500


@dataclass(frozen=True)
class Table:
    """One table of the pack. `owner` is the column that says whose a row is, empty where a table
    belongs to nobody and is shown with every pack."""

    model: type[SQLModel]
    columns: tuple[str, ...]
    personal: tuple[str, ...] = ()
    owner: str = ""


COMMON = ("id", "number", "state", "version")
TABLES = {
    "head_agreements": Table(HeadAgreement, (
        *COMMON, "title", "authority", "operator", "signed_on", "valid_from", "valid_to")),
    "departments": Table(Department, (*COMMON, "name", "uscc"), ("liaison", "contact")),
    "datasets": Table(Dataset, (
        *COMMON, "code", "name", "department_id", "category", "grade", "grade_class",
        "registration", "registration_valid_to")),
    "products": Table(Product, (
        *COMMON, "name", "category", "public_use", "current", "registration")),
    "product_versions": Table(ProductVersion, (
        "id", "product_id", "text", "state", "fields", "datasets", "actions", "methods",
        "output_form", "purposes", "version")),
    "institutions": Table(Institution, (
        *COMMON, "name", "uscc", "kind", "related_party", "stop_order", "licence_no",
        "licence_expires", "security_level", "security_expires", "admitted_at"),
        ("contact", "security_officer"), "id"),
    "apps": Table(ClientApp, (*COMMON, "institution_id", "name", "networks"),
                  owner="institution_id"),
    "nodes": Table(JointNode, (*COMMON, "institution_id", "name"), owner="institution_id"),
    "credentials": Table(Credential, (
        *COMMON, "institution_id", "app_id", "grant_id", "kind", "prefix", "issued_at",
        "expires_at", "revoked_at"), owner="institution_id"),
    "grant_cases": Table(GrantCase, (
        *COMMON, "kind", "institution_id", "product_id", "grant_id", "scope_digest",
        "form_digest", "submitted_at"), ("title",), "institution_id"),
    "contracts": Table(Contract, (
        *COMMON, "institution_id", "case_id", "grant_id", "scope_digest", "signed_on", "file"),
        owner="institution_id"),
    "grants": Table(Grant, (
        *COMMON, "institution_id", "product_id", "current", "valid_from", "valid_to",
        "suspended_for", "ended_reason"), owner="institution_id"),
    "grant_versions": Table(GrantVersion, (
        "id", "grant_id", "institution_id", "n", "dimensions", "conditions", "quota",
        "obligations", "scope_digest", "case_id", "chain", "effective_from", "effective_to",
        "version"), owner="institution_id"),
    "holds": Table(Hold, (*COMMON, "kind", "link", "object_id", "object_number", "reason_code",
                          "created_at", "lifted_at")),
    "decisions": Table(DecisionIndex, (
        "seq", "id", "at", "permits", "institution_id", "app", "product", "grant", "purpose",
        "action", "codes", "epoch"), ("trace_id", "business_ref", "subject"),
        "institution_id"),
}
MOVES = Table(Transition, (
    "seq", "noun", "object_id", "object_version", "action", "source", "target", "duty", "person",
    "account", "on_behalf_of", "capacity", "reason_code", "before", "after", "at"), ("reason",))
VERSIONS = Table(ObjectVersion, ("noun", "object_id", "version", "seq", "valid_from", "digest"))
PERSONAL = {name: table.personal for name, table in {**TABLES, "transitions": MOVES}.items()}


def tables(session: Session, institution: str | None, seqs: range) -> dict[str, list[dict]]:
    """The rows of every table; of one institution, or of the zone when None.

    Decisions, transitions and versions are those sealed in this range of the trail.
    """
    found = {}
    for name, table in TABLES.items():
        statement = select(table.model)
        if institution and table.owner:
            statement = statement.where(getattr(table.model, table.owner) == institution)
        if table.model is DecisionIndex:
            statement = statement.where(DecisionIndex.seq >= seqs.start,
                                        DecisionIndex.seq < seqs.stop)
        found[name] = _rows(session, table, statement)
    shown = None
    if institution:
        shown = {row["id"] for rows in found.values() for row in rows}
    for name, table in (("transitions", MOVES), ("versions", VERSIONS)):
        statement = select(table.model).where(table.model.seq >= seqs.start,
                                              table.model.seq < seqs.stop)
        rows = _rows(session, table, statement)
        found[name] = [row for row in rows if shown is None or row["object_id"] in shown]
    return found


def _rows(session: Session, table: Table, statement) -> list[dict]:
    """Rows in the order of their keys, named columns only."""
    keys = [column for column in table.model.__table__.primary_key.columns]
    names = (*table.columns, *table.personal)
    return [{name: value for name, value in plain(row).items() if name in names}
            for row in session.exec(statement.order_by(*keys))]


def files(session: Session, institution: str | None) -> tuple[bytes, ...]:
    """The attachments of an institution, by digest."""
    if not institution:
        return ()
    rows = session.exec(select(Attachment.body).where(Attachment.institution_id == institution)
                        .order_by(Attachment.sha256).limit(MOST_FILES + 1)).all()
    if len(rows) > MOST_FILES:
        raise ValueError(f"more than {MOST_FILES} attachments; ask at another level")
    return tuple(rows)


def custody(session: Session, pack, built_at) -> tuple[dict, ...]:
    """Who handled the pack before it was built."""
    moves = session.exec(select(Transition).where(
        Transition.noun == pack.noun, Transition.object_id == pack.id).order_by(Transition.seq))
    asked = {"what": "request", "at": instant(pack.created_at), "person": pack.requested_by}
    handled = [{"what": move.action, "at": instant(move.at), "person": move.person}
               for move in moves]
    return (asked, *handled, {"what": "build", "at": instant(built_at), "person": "system"})
