"""The gateway of the demonstration: it speaks for the first institutions' systems, by a few routes."""

import hashlib

from app.demo.simulation import Simulation, placed
from app.domain.credentials import GATEWAY
from app.domain.routes import shape_of
from app.store.tables_gateways import Route
from app.store.tables_institutions import Credential

HOST, PREFIX, SPOKEN_FOR = "data.example.org", "demogate", 12
SECRET = f"hufu_{PREFIX}_{hashlib.sha256(PREFIX.encode()).hexdigest()[:43]}"
# Product, name, method, path, state.
ROUTES = (
    (0, "企业基本信息查询", "GET", "/products/enterprise/rows", "ACTIVE"),
    (1, "行政处罚信息核查", "GET", "/products/penalties/rows", "ACTIVE"),
    (4, "税务风险查询", "GET", "/products/tax-risk/rows", "ACTIVE"),
    (7, "守信评价查询", "POST", "/products/credit-standing/score", "PROPOSED"),
    (0, "企业信息旧接口", "GET", "/v0/enterprise", "RETIRED"),
)
SOURCES = {"caller": "header:x-client-app", "purpose": "header:x-purpose",
           "grant": "header:x-grant", "fields": "query:fields", "region": "query:region",
           "business_ref": "header:x-business-ref", "user": "header:x-user",
           "lookback_from": "query:from", "subject_kind": "fixed:ENTERPRISE",
           "subject": "query:subject"}


def gateway(story: Simulation) -> None:
    """Its credential, whose secret is the same in every demonstration, and its routes."""
    with story.act() as act:
        placed(act, Credential, number="CRED-000900", institution_id="", app_id="", kind=GATEWAY,
               apps=[story.rows[f"app:{at}"].id for at in range(SPOKEN_FOR)],
               networks=["127.0.0.0/8"], prefix=PREFIX,
               secret_hash="sha256:" + hashlib.sha256(SECRET.encode()).hexdigest(),
               issued_by=story.rows["account:ops"].person_id, issued_at=act.at,
               expires_at=story.day(365))
        for product, name, method, pattern, state in ROUTES:
            row = placed(
                act, Route, number=act.number("RT"), name=name, state=state, host=HOST,
                method=method, pattern=pattern, place=f"{HOST} {method} {shape_of(pattern)}",
                action="QUERY_ONE", channel="API", environment="PROD",
                sources={**SOURCES, "product": f"fixed:{story.rows[f'product:{product}'].number}"},
                proposed_by=story.rows["account:ops"].person_id)
            if state == "RETIRED":
                row.place = row.id
