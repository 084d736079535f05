"""A tiny zone of real rows: one head agreement, one department, one dataset, one product, one
institution with an application system and a credential, and one grant in force.

Each part is a function over an open act, so that a test builds what it needs and no more:

    with begin(rt, SYSTEM) as act:
        product = zone.product(act, state="PAUSED")

    z = zone.tiny(rt)                 # everything, in force at the stopped clock
    z.grant.number, z.secret          # rows as committed; the credential's secret
    zone.set_state(rt, z.dataset, "FROZEN")
"""

import hashlib
import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import select

from app.domain.callers import SYSTEM
from app.domain.canonical import digest, instant
from app.domain.workdays import start_of
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_institutions import ClientApp, Credential, Institution
from app.store.tables_people import Person
from app.store.tables_supply import (
    Dataset,
    DatasetField,
    Department,
    HeadAgreement,
    PriceEntry,
    Product,
    ProductVersion,
)
from app.store.unit import begin

_counts = itertools.count(1)

FIELDS = (  # code, name, grade, treatment, subject kind
    ("ent_name", "企业名称", 1, "CLEAR", "ENTERPRISE"),
    ("tax_grade", "纳税信用等级", 2, "CLEAR", "ENTERPRISE"),
    ("penalty_count", "行政处罚次数", 2, "CLEAR", "ENTERPRISE"),
    ("overdue_tax", "欠税余额", 3, "GENERALIZE", "ENTERPRISE"),
)


@dataclass
class Zone:
    """The rows of one authority chain, as committed."""

    head: HeadAgreement
    department: Department
    dataset: Dataset
    product: Product
    product_version: ProductVersion
    institution: Institution
    app: ClientApp
    credential: Credential
    secret: str
    grant: Grant
    grant_version: GrantVersion


def tiny(rt, **dimensions) -> Zone:
    """Everything in force at `rt.clock()`. Keyword arguments replace whole dimensions of the
    grant: `tiny(rt, term=...)`."""
    with begin(rt, SYSTEM) as act:
        dept = department(act)
        data = dataset(act, dept)
        prod = product(act, data)
        head = head_agreement(act, resources=[data.number], products=[prod.number])
        inst = institution(act)
        system = app(act, inst)
        given = grant(act, inst, prod, dimensions={**plain_dimensions(act, prod), **dimensions})
        key, secret = credential(act, system)
        rows = (head, dept, data, prod, product_version_of(act, prod), inst, system, key, secret,
                given, grant_version_of(act, given))
    return Zone(*rows)


def number() -> int:
    """A number no other row of this test run has."""
    return next(_counts)


def made(act, model, **values):
    """A row with its entry, raising the epoch as a command would."""
    row = act.create(model, **values)
    act.record(f"{model.noun}.create", f"{model.noun}/{row.id}",
               institution=values.get("institution_id"))
    act.affects(model.noun, row.id)
    return row


def set_state(rt, row, state: str, **values) -> None:
    """Put an object into a state as if its command had run, with its entry and a new epoch."""
    with begin(rt, SYSTEM) as act:
        found = act.find(type(row), row.id)
        found.state = state
        for name, value in values.items():
            setattr(found, name, value)
        act.record(f"{row.noun}.place", f"{row.noun}/{row.id}", now=state)
        act.affects(row.noun, row.id, stops=True)


def person(act, key: str, **values) -> Person:
    """A natural person; `key` is what `caller(key, ...)` carries as person."""
    row = act.add(Person(id=key, version=1, created_at=act.at, updated_at=act.at,
                         name=values.pop("name", key), **values))
    act.record("person.create", f"person/{key}")
    return row


def new_year(act, years: int) -> date:
    """The first day of the year so many years from the clock's."""
    return date(act.day.year + years, 1, 1)


def head_agreement(act, **values) -> HeadAgreement:
    count = number()
    return made(act, HeadAgreement, **{
        "number": f"HA-2023-{count:03d}", "title": "公共数据授权运营协议", "state": "IN_FORCE",
        "authority": "市数据局", "authority_uscc": "11110000000000001X",
        "operator": "市数据运营公司", "operator_uscc": "91110000000000002X",
        "signed_on": new_year(act, -2), "valid_from": start_of(new_year(act, -2)),
        "valid_to": start_of(new_year(act, 3)), "resources": [], "products": [], **values})


def department(act, **values) -> Department:
    count = number()
    row = made(act, Department, **{
        "number": f"DEPT-2026-{count:03d}", "name": f"市税务局{count}", "department_id": "",
        "liaison": "周某", "state": "ACTIVE", "agreement": {"signed_on": "2026-01-05"}, **values})
    row.department_id = row.id
    return row


def dataset(act, dept: Department, fields=FIELDS, **values) -> Dataset:
    count = number()
    row = made(act, Dataset, **{
        "number": f"DS-{count:04d}", "code": f"tax_credit_{count}", "name": "纳税信用信息",
        "department_id": dept.id, "state": "ONLINE", "category": "ECONOMY",
        "grade": max(item[2] for item in fields), "registration": "REGISTERED",
        "registration_valid_to": start_of(date(act.day.year + 2, 6, 30)), **values})
    for position, (code, name, grade, mask, kind) in enumerate(fields):
        act.create(DatasetField, dataset_id=row.id, department_id=dept.id, position=position,
                   code=code, name=name, type="VARCHAR", category="ECONOMY", grade=grade,
                   mask=mask, subject_kind=kind)
    return row


def product(act, *datasets: Dataset, state: str = "LISTED", version: dict | None = None,
            fields=FIELDS, **values) -> Product:
    """A product with version 2.1 listed and a free price."""
    count = number()
    row = made(act, Product, **{
        "number": f"PRD-{count:06d}", "name": "企业风险洞察", "category": "RISK",
        "public_use": "PUBLIC_BENEFIT", "owner": "产品部", "state": state, "current": "2.1",
        "registration": "REGISTERED",
        "registration_valid_to": start_of(date(act.day.year + 2, 6, 30)),
        **values})
    source = datasets[0].number if datasets else ""
    made(act, ProductVersion, **{
        "product_id": row.id, "text": "2.1", "state": "LISTED",
        "fields": [{"field": code, "name": name, "dataset": source, "source": code,
                    "grade": grade, "treatment": treatment, "subject_kind": kind,
                    "sensitive": False} for code, name, grade, treatment, kind in fields],
        "datasets": [item.number for item in datasets],
        "actions": ["VERIFY", "QUERY_ONE"],
        "methods": [{"action": action, "channel": channel, "environment": "PROD"}
                    for action in ("VERIFY", "QUERY_ONE") for channel in ("API", "SAAS")],
        "output_form": "DERIVED", "purposes": ["PF.CRD.NEW", "PF.CRD.REN", "PF.ADM.KYB"],
        "subject_authorization": "NONE", "published_at": act.at, **(version or {})})
    made(act, PriceEntry, product_id=row.id, price_class="FREE", published_on=act.day,
         effective_from=act.day)
    return row


def product_version_of(act, row: Product) -> ProductVersion:
    return act.first(select(ProductVersion).where(ProductVersion.product_id == row.id,
                                                  ProductVersion.text == row.current))


def institution(act, **values) -> Institution:
    count = number()
    row = made(act, Institution, **{
        "institution_id": "", "number": f"INST-{count:04d}", "name": f"滨海银行{count}",
        "uscc": f"9111000000000{count:05d}", "kind": "BANK", "state": "ADMITTED",
        "licence_no": "B0001", "security_level": 3,
        "licence_expires": date(act.day.year + 3, 12, 31),
        "security_expires": date(act.day.year + 1, 12, 31),
        "contact": "王某", "security_officer": "赵某",
        "admitted_at": act.at, **values})
    row.institution_id = row.id
    return row


def app(act, inst: Institution, **values) -> ClientApp:
    return made(act, ClientApp, **{
        "number": f"APP-{number():06d}", "institution_id": inst.id, "name": "信贷系统",
        "networks": ["203.0.113.0/24"], **values})


def credential(act, system: ClientApp, given: Grant | None = None,
               **values) -> tuple[Credential, str]:
    """A live credential and its secret, bound to all grants of the app's institution when no
    grant is named."""
    prefix = f"tst{number():05d}"
    secret = f"hufu_{prefix}_{'k' * 43}"
    row = made(act, Credential, **{
        "number": f"CRED-{number():06d}", "institution_id": system.institution_id,
        "app_id": system.id, "grant_id": given.id if given else None, "prefix": prefix,
        "secret_hash": "sha256:" + hashlib.sha256(secret.encode()).hexdigest(),
        "issued_at": act.at, "expires_at": act.at + timedelta(days=365), **values})
    return row, secret


def plain_dimensions(act, prod: Product, **replaced) -> dict:
    """A modest request for the product: first credit approval, two fields, one query by API."""
    return {
        "purpose": {"nodes": [{"code": "PF.CRD.NEW", "descend": False, "except": []}],
                    "business_ref_required": True},
        "scope": {"product": prod.number, "version_from": "2.0", "version_to": "2.9",
                  "fields": [{"field": "ent_name", "treatment": "CLEAR"},
                             {"field": "tax_grade", "treatment": "CLEAR"}],
                  "rows": {"regions": ["110000"], "industries": [],
                           "population": "OWN_CUSTOMERS", "lookback_months": 24,
                           "subject_kinds": ["ENTERPRISE"]}},
        "method": {"ways": [{"action": "QUERY_ONE", "channel": "API", "environment": "PROD",
                             "node": "-", "max_batch": 1}], "output_form": "DERIVED"},
        "term": {"from": instant(act.at - timedelta(days=30)),
                 "to": instant(start_of(date(act.day.year + 1, 7, 1))), "window": None,
                 "retention_days": 180, "data_life_days": 30},
        **replaced}


def grant(act, inst: Institution, prod: Product, *, dimensions: dict | None = None,
          state: str = "ACTIVE", **values) -> Grant:
    """A grant with its first version."""
    dimensions = dimensions or plain_dimensions(act, prod)
    begins, ends = (datetime.fromisoformat(dimensions["term"][side]) for side in ("from", "to"))
    row = made(act, Grant, **{
        "number": f"GR-2026-{number():06d}", "institution_id": inst.id, "product_id": prod.id,
        "state": state, "current": 1, "valid_from": begins, "valid_to": ends, **values})
    made(act, GrantVersion, grant_id=row.id, institution_id=inst.id, n=1, dimensions=dimensions,
         scope_digest=digest({**dimensions, "conditions": [], "quota": {}, "obligations": []}),
         case_id="", effective_from=begins)
    return row


def grant_version_of(act, row: Grant, n: int = 1) -> GrantVersion:
    return act.first(select(GrantVersion).where(GrantVersion.grant_id == row.id,
                                                GrantVersion.n == n))
