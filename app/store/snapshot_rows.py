"""Registry rows as pictures: pure functions of one row and the names its references go by.

What a row says and a picture cannot hold is kept as an unknown bound, so that it refuses.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any, Protocol

from app.domain.canonical import instant
from app.domain.institutions import bar_ends
from app.domain.obligation_table import SAYABLE
from app.domain.obligations import Obligation
from app.domain.picture import (
    AppPicture,
    CredentialPicture,
    DatasetPicture,
    FieldPicture,
    GrantPicture,
    HeadAgreementPicture,
    InstitutionPicture,
    MethodRight,
    NodePicture,
    ProductFieldPicture,
    ProductPicture,
    ProductVersionPicture,
    PurposeRight,
    RegistrationPicture,
    RoutePicture,
    VersionPicture,
)
from app.domain.reservations import PERIODS

SHANGHAI = timezone(timedelta(hours=8))
NEVER, ALWAYS = "9999-12-31T00:00:00.000000Z", "0001-01-01T00:00:00.000000Z"

KINDS = frozenset(kind.value for kind in Obligation)
PUBLISHED = ("LISTED", "SUPERSEDED")
KNOWN = {
    "": {"purpose", "scope", "method", "term"},
    "purpose": {"nodes", "business_ref_required"},
    "scope": {"product", "version_from", "version_to", "fields", "rows"},
    "rows": {"regions", "industries", "population", "lookback_months", "subject_kinds"},
    "method": {"ways", "output_form"},
    "term": {"from", "to", "window", "retention_days", "data_life_days"},
}


class Names(Protocol):
    """The number an object is known by outside, found by its id, its code or the number itself."""

    def of(self, noun: str, key: str | None) -> str:
        """The number; the key itself when nothing is known by it, which then matches nothing."""


def moment(value: Any, default: str) -> str:
    """An instant, or a day as its Shanghai midnight, as fixed-width text."""
    if not value:
        return default
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=SHANGHAI)
    return instant(value)


def registration(row) -> RegistrationPicture:
    until = row.registration_due if row.registration == "DUE" else row.registration_valid_to
    return RegistrationPicture(row.registration, moment(until, ""))


def head_agreement(row, names: Names) -> HeadAgreementPicture:
    return HeadAgreementPicture(
        row.number, row.version, row.state, moment(row.valid_from, NEVER),
        moment(row.valid_to, ALWAYS),
        frozenset(names.of("product", code) for code in row.products),
        frozenset(names.of("dataset", code) for code in row.resources))


def dataset(row, fields, names: Names) -> DatasetPicture:
    return DatasetPicture(
        id=row.number, version=row.version, state=row.state,
        department=row.department_id, data_class=row.grade_class,
        fields={each.code: FieldPicture(
            each.code, each.grade, each.grade_class, each.subject_kind, each.mask or "CLEAR",
            each.prohibited, each.identifier, each.negative, each.event_end_field)
                for each in fields},
        risk_assessed=bool(row.risk_assessment), allowed_purposes=tuple(row.allowed_purposes),
        forbidden_purposes=tuple(row.forbidden_purposes), registration=registration(row))


def product(row, versions, names: Names) -> ProductPicture:
    """A product with its approved versions; any other does not exist for a decision."""
    return ProductPicture(
        row.number, row.version, row.state, row.current,
        {each.text: product_version(row.number, each, names)
         for each in versions if each.state in PUBLISHED},
        registration(row), quota(row.quota))


def product_version(number: str, row, names: Names) -> ProductVersionPicture:
    fields = {}
    for entry in row.fields:
        source = (names.of("dataset", entry["dataset"]), entry.get("source") or entry["field"])
        fields[entry["field"]] = ProductFieldPicture(
            entry["field"], (source,), entry.get("treatment") or "CLEAR",
            row.legal_basis.get(entry["field"], ""))
    return ProductVersionPicture(
        product=number, version=row.text, fields=fields,
        datasets=tuple(names.of("dataset", key) for key in row.datasets),
        methods=frozenset((way["action"], way["channel"], way["environment"])
                          for way in row.methods),
        purposes=tuple(row.purposes), output_form=row.output_form,
        subject_authorization=row.subject_authorization)


def institution(row, names: Names) -> InstitutionPicture:
    return InstitutionPicture(
        row.number, row.version, row.state, row.stop_order,
        instant(bar_ends(row.barred_until)) if row.barred_until else "",
        row.business_ref_pattern or "*", names.of("institution", row.parent_id), row.id,
        quota(row.quota))


def client_app(row, names: Names) -> AppPicture:
    return AppPicture(row.number, names.of("institution", row.institution_id), row.state,
                      tuple(row.networks), frozenset(row.users), quota=quota(row.quota))


def joint_node(row, names: Names) -> NodePicture:
    holds = row.state == "ACTIVE" and row.attestation.get("result") in ("PASS", True)
    return NodePicture(row.number, names.of("institution", row.institution_id),
                       moment(row.attested_at, "") if holds else "")


def credential(row, names: Names) -> CredentialPicture:
    """Bound to one grant, or to every grant of its institution when none is named.

    One that was issued and not yet activated by a second person has not begun.
    """
    grants = frozenset({names.of("grant", row.grant_id) if row.grant_id else "*"})
    begun = row.state in ("ACTIVE", "EXPIRED", "REVOKED")
    return CredentialPicture(
        row.number, row.version, row.secret_hash,
        frozenset(names.of("client_app", key) for key in row.apps or [row.app_id]), grants,
        moment(row.issued_at if begun else None, NEVER), moment(row.expires_at, ALWAYS),
        row.state == "REVOKED" or row.revoked_at is not None, tuple(row.networks),
        None if row.supported_kinds is None else tuple(row.supported_kinds),
        row.receipts_overdue)


def route(row, names: Names) -> RoutePicture:
    return RoutePicture(row.number, row.version, row.state, row.host, row.method, row.pattern,
                        row.action, row.channel, row.environment, dict(row.sources))


def grant(row, version: VersionPicture, names: Names) -> GrantPicture:
    return GrantPicture(row.number, names.of("institution", row.institution_id), row.state, version)


def grant_version(row, version, names: Names) -> VersionPicture:
    """The version in force of a grant row. Its term never reaches past the grant's own."""
    dimensions = version.dimensions
    purpose, scope = dimensions["purpose"], dimensions["scope"]
    method, term = dimensions["method"], dimensions["term"]
    rows = scope.get("rows") or {}
    return VersionPicture(
        number=version.n,
        purposes=tuple(PurposeRight(node["code"], bool(node.get("descend")),
                                    tuple(node.get("except") or ())) for node in purpose["nodes"]),
        business_ref_required=bool(purpose.get("business_ref_required")),
        product=names.of("product", scope["product"]), version_from=scope["version_from"],
        version_to=scope["version_to"],
        fields={entry["field"]: entry.get("treatment") or "CLEAR" for entry in scope["fields"]},
        methods=tuple(MethodRight(way["action"], way["channel"], way["environment"],
                                  way.get("node") or "-", way.get("max_batch") or 1)
                      for way in method["ways"]),
        output_form=method["output_form"],
        begins=max(moment(term["from"], NEVER), moment(row.valid_from, NEVER)),
        ends=min(moment(term["to"], ALWAYS), moment(row.valid_to, ALWAYS)),
        regions=tuple(rows.get("regions") or ()), industries=tuple(rows.get("industries") or ()),
        subject_kinds=tuple(rows.get("subject_kinds") or ()),
        population=rows.get("population") or "ALL", lookback_months=rows.get("lookback_months"),
        window=window(term.get("window")), retention_days=term.get("retention_days"),
        data_life_days=term.get("data_life_days"), obligations=laid_down(version.obligations),
        scope_digest=version.scope_digest, quota=quota(version.quota),
        unknown_bounds=(unknown_bounds(dimensions, version.quota)
                        + unknown_obligations(version.obligations)))


def window(document: Mapping[str, str] | None) -> tuple[int, int] | None:
    """`08:00` to `20:00` as minutes of the day."""
    return (_minute(document["from"]), _minute(document["to"])) if document else None


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def quota(document: Mapping[str, Any] | None) -> Mapping[str, int]:
    """The bounds on use that are enforced here; any other is an unknown bound."""
    return {word: int(limit) for word, limit in (document or {}).items() if word in PERIODS}


def laid_down(documents) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    """The kinds an approval lays down, each with the numbers said of it."""
    return tuple(sorted((each["kind"], tuple(sorted(
        (name, value) for name, value in each.items() if name != "kind"))) for each in documents))


def unknown_obligations(documents) -> tuple[str, ...]:
    """The kinds nobody knows or that are laid down twice, and those that say what they cannot."""
    kinds = [each["kind"] for each in documents]
    return tuple(sorted({f"obligations.{each['kind']}" for each in documents if not (
        each["kind"] in KINDS and kinds.count(each["kind"]) == 1 and all(
            name == SAYABLE.get(each["kind"]) and type(value) is int and value >= 0
            for name, value in each.items() if name != "kind"))}))


def unknown_bounds(dimensions: Mapping[str, Any],
                   quotas: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """What the documents say beyond what is enforced here (INV-07)."""
    parts = {"": dimensions, "purpose": dimensions["purpose"], "scope": dimensions["scope"],
             "rows": dimensions["scope"].get("rows") or {}, "method": dimensions["method"],
             "term": dimensions["term"]}
    beyond = {name for part, document in parts.items() for name in set(document) - KNOWN[part]}
    return tuple(sorted(beyond | set(quotas or {}) - PERIODS.keys()))
