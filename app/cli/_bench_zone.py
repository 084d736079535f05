"""The zones the benchmark asks in: one that permits one question, and many grants like its own."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import insert, select

from app import runtime
from app.domain.callers import SYSTEM
from app.domain.canonical import instant
from app.settings import Settings
from app.store import tables_institutions as i
from app.store import tables_supply as s
from app.store.tables_grants import Grant, GrantVersion
from app.store.unit import begin

TOKEN = "hufu_bench000_" + "b" * 43
ASKED, ROWS = 1000, 10_000  # grants that are asked for, rows written at once


def founded(settings: Settings) -> bytes:
    """A small zone in a new durable database; the body of a question it permits."""
    from app.cli.processes import prepare

    rt = prepare(settings)
    with begin(rt, SYSTEM) as act:
        begins, ends = act.at - timedelta(days=1), act.at + timedelta(days=365)
        office = act.create(s.Department, number="DEPT-1", department_id="", name="部门",
                            state="ACTIVE")
        data = act.create(s.Dataset, number="DS-1", code="base", name="数据", state="ONLINE",
                          department_id=office.id, registration="REGISTERED")
        fields = ("ent_name", "tax_grade", "penalty_count")
        for name in fields:
            act.create(s.DatasetField, dataset_id=data.id, department_id=office.id, code=name,
                       grade=2)
        product = act.create(s.Product, number="PRD-1", name="产品", category="RISK", current="1.0",
                             public_use="INDUSTRY", state="LISTED", registration="REGISTERED")
        way = {"action": "QUERY_ONE", "channel": "API", "environment": "PROD"}
        act.create(s.ProductVersion, product_id=product.id, text="1.0", state="LISTED",
                   fields=[{"field": name, "dataset": data.id, "source": name} for name in fields],
                   datasets=[data.id], methods=[way], purposes=["PF"], output_form="DERIVED")
        act.create(s.HeadAgreement, number="HA-1", title="协议", state="IN_FORCE", authority="",
                   authority_uscc="", operator="", operator_uscc="", valid_from=begins,
                   valid_to=ends, resources=["DS-1"], products=["PRD-1"])
        bank = act.create(i.Institution, institution_id="", number="INST-1", name="银行",
                          uscc="9111", kind="BANK", state="ADMITTED")
        bank.institution_id = bank.id
        app = act.create(i.ClientApp, number="APP-1", institution_id=bank.id, name="系统",
                         networks=["127.0.0.0/8"])
        act.create(i.Credential, number="CRED-1", institution_id=bank.id, app_id=app.id,
                   prefix="bench000", issued_at=begins, expires_at=ends,
                   secret_hash="sha256:" + hashlib.sha256(TOKEN.encode()).hexdigest())
        grant = act.create(Grant, number="GR-1", institution_id=bank.id, product_id=product.id,
                           state="ACTIVE", current=1, valid_from=begins, valid_to=ends)
        act.create(GrantVersion, grant_id=grant.id, institution_id=bank.id, n=1, case_id="",
                   scope_digest="", effective_from=begins, dimensions={
                       "purpose": {"nodes": [{"code": "PF.CRD", "descend": True, "except": []}]},
                       "scope": {"product": "PRD-1", "version_from": "1.0", "version_to": "1.9",
                                 "fields": [{"field": name} for name in fields], "rows": {}},
                       "method": {"ways": [way], "output_form": "DERIVED"},
                       "term": {"from": instant(begins), "to": instant(ends)}})
        act.record("zone.seed", "zone/1")
        act.affects("grant", grant.id)
    rt.close()
    return json.dumps({
        "subject": {"type": "client_app", "id": "APP-1"},
        "action": {"name": "QUERY_ONE", "properties": {"channel": "API", "environment": "PROD"}},
        "resource": {"type": "product", "id": "PRD-1", "properties": {"fields": list(fields)}},
        "context": {"purpose": "PF.CRD.NEW", "grant": "GR-1"}}).encode()


def asked_of(settings: Settings, grants: int) -> list[bytes]:
    """Questions under grants that lie all over a zone of so many."""
    body = json.loads(founded(settings))
    multiply(settings, grants, (Grant, GrantVersion), of_one_application)
    return [json.dumps({**body, "context": {**body["context"], "grant": f"GR-{number}"}}).encode()
            for number in range(1, grants + 1, grants // ASKED)]


def multiply(settings: Settings, count: int, models: tuple[type, ...],
             changes: Callable[[type, int], dict]) -> None:
    """Further rows like the one of each of these tables."""
    rt = runtime.build(settings)
    with rt.db.writing() as connection:
        for model in models:
            row = dict(connection.execute(select(model.__table__)).mappings().one())
            for start in range(2, count + 1, ROWS):
                connection.execute(insert(model.__table__), [
                    {**row, **changes(model, number)}
                    for number in range(start, min(start + ROWS, count + 1))])
    rt.close()


def of_one_application(model: type, number: int) -> dict:
    """What sets one copy of a grant or its version apart."""
    grant = f"grant-{number}"
    return {Grant: {"id": grant, "number": f"GR-{number}"},
            GrantVersion: {"id": f"version-{number}", "grant_id": grant}}[model]
