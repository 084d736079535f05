"""A tiny zone behind a gateway: one active route to its product, and a credential of the gateway
that speaks for its application. The client's address is inside the application's networks."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from app.domain.callers import SYSTEM
from app.domain.routes import shape_of
from app.store.tables_gateways import Route
from app.store.tables_institutions import Credential
from app.store.unit import begin
from tests import zone

HOST = "data.example.test"
CLIENT, GATEWAY = "203.0.113.8", "192.0.2.10"
SECRET = "hufu_gate0001_" + "g" * 43
PATH = "/products/risk/rows"
QUERY = "fields=ent_name,tax_grade&region=110105&from=2025-06-01&subject=91110000"


@dataclass(frozen=True)
class Gated:
    """The zone, its route, and what a permitted call carries in headers."""

    zone: zone.Zone
    route: Route
    secret: str = SECRET

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Client-App": self.zone.app.number, "X-Purpose": "PF.CRD.NEW",
                "X-Grant": self.zone.grant.number, "X-Business-Ref": "LN1"}


def sources(z: zone.Zone, **changes) -> dict[str, str]:
    return {"caller": "header:x-client-app", "product": f"fixed:{z.product.number}",
            "purpose": "header:x-purpose", "grant": "header:x-grant", "fields": "query:fields",
            "business_ref": "header:x-business-ref", "region": "query:region",
            "lookback_from": "query:from", "subject_kind": "fixed:ENTERPRISE",
            "subject": "query:subject", **changes}


def gated(rt, networks=("192.0.2.0/24",), **columns) -> Gated:
    """Everything in force at the clock of the runtime."""
    z = zone.tiny(rt)
    with begin(rt, SYSTEM) as act:
        made = route(act, z, **columns)
        zone.made(act, Credential, number="CRED-GATE-1", institution_id="", app_id="",
                  kind="GATEWAY", apps=[z.app.id], networks=list(networks), prefix="gate0001",
                  secret_hash="sha256:" + hashlib.sha256(SECRET.encode()).hexdigest(),
                  issued_at=act.at - timedelta(days=1), expires_at=act.at + timedelta(days=90))
    return Gated(z, made)


def route(act, z: zone.Zone, **columns) -> Route:
    values = {"number": f"RT-2026-{zone.number():06d}", "name": "企业风险查询", "state": "ACTIVE",
              "host": HOST, "method": "GET", "pattern": PATH, "action": "QUERY_ONE",
              "channel": "API", "environment": "PROD", "sources": sources(z),
              "proposed_by": "p-1", **columns}
    values.setdefault(
        "place", f"{values['host']} {values['method']} {shape_of(values['pattern'])}")
    return zone.made(act, Route, **values)
