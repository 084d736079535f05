"""Proof of a stop: a real question under a stopped link, which must come back denied."""

from dataclasses import dataclass

from sqlmodel import Session, or_, select

from app.commands.decide import Gate, Question
from app.commands.holds import keep_probe
from app.domain.asks import Presented
from app.domain.callers import Caller
from app.store.chain import current_version, listed_version
from app.store.tables_grants import Grant
from app.store.tables_institutions import ClientApp, Credential, Institution
from app.store.tables_supply import Hold, Product
from app.store.unit import read


@dataclass(frozen=True)
class Probe:
    """What the decision engine said to the question. Without a grant to ask under, all is empty."""

    decision: str = ""
    denied: bool | None = None
    codes: tuple[str, ...] = ()
    grant: str = ""


def probe(rt, gate: Gate, caller: Caller, hold: Hold) -> Probe:
    """Ask under the first grant the stop hits; the decision is sealed and written on the stop."""
    with read(rt) as session:
        question, number = _question(rt, session, hold)
    if question is None:
        return Probe()
    said = gate.answer(question)
    context = said["context"]
    keep_probe(rt, caller, hold.id, context["decision_id"])
    return Probe(context["decision_id"], not said["decision"],
                 tuple(reason["code"] for reason in context.get("reasons", ())), number)


def _question(rt, session: Session, hold: Hold) -> tuple[Question | None, str]:
    """What an application would ask under a grant the stop hits."""
    numbers = [hold.object_number] if hold.link == "grant" else hold.impact.get("grants", [])
    for grant in session.exec(select(Grant).where(
            Grant.number.in_(numbers), Grant.state == "ACTIVE").order_by(Grant.number)).all():
        key = session.exec(select(Credential).where(
            Credential.institution_id == grant.institution_id, Credential.state == "ACTIVE",
            or_(Credential.grant_id == grant.id, Credential.grant_id.is_(None)))).first()
        version = current_version(session, grant)
        app = session.get(ClientApp, key.app_id) if key else None
        if app and version:
            return _asked(rt, session, version.dimensions, grant, key, app), grant.number
    return None, ""


def _asked(rt, session: Session, rights: dict, grant: Grant, key: Credential,
           app: ClientApp) -> Question:
    """The plainest question the grant allows, so that nothing but the stop speaks against it."""
    product = session.get(Product, grant.product_id)
    scope, node = rights["scope"], rights["purpose"]["nodes"][0]
    way = min(rights["method"]["ways"], key=lambda item: item["channel"] != "API")
    version = listed_version(session, product, scope["version_from"], scope["version_to"])
    leaf = (rt.law.purposes.leaves_below(node["code"]) or (node["code"],))[0]
    address = app.networks[0].split("/")[0] if app.networks else ""
    rows = scope.get("rows") or {}
    bounds = {name: values[0] for name, values in (("region", rows.get("regions")),
                                                   ("industry", rows.get("industries"))) if values}
    return Question({
        "subject": {"type": "client_app", "id": app.number},
        "action": {"name": way["action"], "properties": {
            "channel": way["channel"], "environment": way["environment"], "batch_size": 1}},
        "resource": {"type": "product", "id": product.number, "properties": {
            "version": version.text if version else scope["version_to"],
            "fields": [scope["fields"][0]["field"]], **bounds,
            "lookback_from": rt.clock().date().isoformat(),
            "data_subject": {"kind": (rows.get("subject_kinds") or ["ENTERPRISE"])[0],
                             "id": "PROBE"}}},
        "context": {"purpose": leaf, "grant": grant.number, "ip": address,
                    "business_ref": _reference(session, grant)}}, Presented(key.prefix, address))


def _reference(session: Session, grant: Grant) -> str:
    """A business number of the form the institution has filed."""
    return (session.get(Institution, grant.institution_id).business_ref_pattern
            or "*").replace("*", "PROBE").replace("?", "0")
