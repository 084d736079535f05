"""A random zone written into the database, as registry rows the real snapshot is built from."""

from datetime import UTC, datetime
from typing import Any

from app.domain.callers import SYSTEM
from app.domain.canonical import digest
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_institutions import ClientApp, Credential, Institution, JointNode
from app.store.tables_supply import (
    Dataset,
    DatasetField,
    Department,
    HeadAgreement,
    Hold,
    Product,
    ProductVersion,
)
from app.store.unit import begin
from tests.zone import made

ZERO = datetime(2026, 1, 1, tzinfo=UTC)


def store(rt, zone: dict[str, Any]) -> None:
    """Every document of ``zone`` as a row."""
    keys: dict[str, str] = {}
    with begin(rt, SYSTEM) as act:
        _supply(act, zone, keys)
        _institutions(act, zone, keys)
        _grants(act, zone, keys)
        _credentials(act, zone, keys)
        for number, each in enumerate(zone["holds"]):
            noun = each["object"]
            made(act, Hold, number=f"HD-{number}", kind=each["kind"], link=each["link"],
                 object_id=keys[noun], object_number=noun, reason_code="BREACH",
                 state=each["state"])


def _supply(act, zone, keys) -> None:
    for number in zone["departments"]:
        row = made(act, Department, number=number, name=number, department_id="", liaison="周某",
                   state="ACTIVE", agreement={})
        row.department_id = keys[number] = row.id
    for number, each in zone["datasets"].items():
        owner = keys[each["department"]]
        row = made(act, Dataset, number=number, code=f"code_{number}", name=number,
                   department_id=owner,
                   state=each["state"], grade_class=each["class"],
                   risk_assessment="RA-1" if each["assessed"] else "",
                   allowed_purposes=each["allowed"], forbidden_purposes=each["forbidden"],
                   registration=each["registration"], registration_due=each["registered_to"],
                   registration_valid_to=each["registered_to"])
        for code, said in each["fields"].items():
            act.create(DatasetField, dataset_id=row.id, department_id=owner, code=code,
                       grade=said["grade"], grade_class=said["class"], subject_kind=said["kind"],
                       mask=said["mask"], prohibited=said["prohibited"], negative=said["negative"])
    for number, each in zone["products"].items():
        row = made(act, Product, number=number, name=number, category="RISK",
                   public_use="INDUSTRY", owner="产品部", state=each["state"],
                   current=each["current"], registration=each["registration"],
                   registration_due=each["registered_to"],
                   registration_valid_to=each["registered_to"], quota=each["quota"])
        keys[number] = row.id
        for text, said in each["versions"].items():
            made(act, ProductVersion, product_id=row.id, text=text, state=said["state"],
                 fields=said["fields"], datasets=said["datasets"], methods=[
                     dict(zip(("action", "channel", "environment"), way, strict=True))
                     for way in said["methods"]], output_form=said["form"],
                 purposes=said["purposes"], subject_authorization=said["consent"],
                 legal_basis=said["bases"])
    for number, each in zone["agreements"].items():
        made(act, HeadAgreement, number=number, title=number, state=each["state"],
             authority="市数据局", authority_uscc="11110000000000001X", operator="数据运营公司",
             operator_uscc="91110000000000002X", signed_on=each["from"].date(),
             valid_from=each["from"], valid_to=each["to"], resources=each["resources"],
             products=each["products"])


def _institutions(act, zone, keys) -> None:
    for at, (number, each) in enumerate(zone["institutions"].items()):
        row = made(act, Institution, institution_id="", number=number, name=number,
                   uscc=f"9111000000000{at:05d}", kind="BANK", state=each["state"],
                   stop_order=each["stop_order"], barred_until=each["barred_until"],
                   business_ref_pattern=each["pattern"], parent_id=keys.get(each["parent"]),
                   quota=each["quota"])
        row.institution_id = keys[number] = row.id
    for number, each in zone["apps"].items():
        keys[number] = made(act, ClientApp, number=number, name=number, state=each["state"],
                            institution_id=keys[each["institution"]], networks=each["networks"],
                            users=each["users"], quota=each["quota"]).id
    for number, each in zone["nodes"].items():
        keys[number] = made(act, JointNode, number=number, name=number, state=each["state"],
                            institution_id=keys[each["institution"]],
                            attestation={"result": each["result"]},
                            attested_at=each["attested_at"]).id
    for number, each in enumerate(zone["consents"].items()):
        token, said = each
        act.create(SubjectAuthorization, token=token, state=said["state"],
                   institution_id=keys[said["institution"]], subject_kind=said["kind"],
                   subject=act.rt.subject_hash(said["kind"], said["subject"]),
                   purposes=" ".join(said["purposes"]), products=" ".join(said["products"]),
                   items=" ".join(said["fields"]), separate=" ".join(said["separate"]),
                   valid_from=said["from"], valid_to=said["to"], noted=said["noted"],
                   max_uses=said["max_uses"], earliest=said["earliest"], mode=said["mode"],
                   evidence_holds=said["holds"])
        act.record("subject_authorization.give", f"subject_authorization/{number}")


def _grants(act, zone, keys) -> None:
    for number, each in zone["grants"].items():
        owner = keys[each["institution"]]
        row = made(act, Grant, number=number, institution_id=owner, current=each["n"],
                   product_id=keys[each["product"]], state=each["state"],
                   valid_from=each["from"], valid_to=each["to"])
        keys[number] = row.id
        made(act, GrantVersion, grant_id=row.id, institution_id=owner, n=each["n"],
             dimensions=each["dimensions"], quota=each["quota"], obligations=each["obligations"],
             scope_digest=digest(number), case_id="", effective_from=ZERO)


def _credentials(act, zone, keys) -> None:
    for prefix, each in zone["credentials"].items():
        app = zone["apps"].get(each["app"])
        keys[prefix] = made(
            act, Credential, number=f"CRED-{prefix}", prefix=prefix, secret_hash="sha256:0",
            institution_id=keys[app["institution"]] if app else "",
            app_id=keys[each["app"]] if app else "", apps=[keys[name] for name in each["apps"]],
            grant_id=keys[each["grant"]] if each["grant"] else None, networks=each["networks"],
            kind="GATEWAY" if each["apps"] else "API_KEY", state=each["state"],
            issued_at=each["from"], expires_at=each["to"], receipts_overdue=each["overdue"],
            supported_kinds=each["kinds"]).id
