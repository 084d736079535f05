"""The supplying side as its people walk it: one function a step, for the tests that start later."""

import hashlib
from datetime import date

from app.commands import (
    departments,
    gradings,
    head_agreements,
    offers,
    onboarding,
    onboarding_intake,
    onboarding_review,
    onboarding_signing,
    prices,
    product_versions,
    products,
)
from app.commands.command import Empty, Reasoned
from app.store.tables import Attachment
from app.store.tables_supply import OnboardingCase, ProductVersion
from app.store.unit import begin, read
from tests.conftest import caller

BIZ, BIZ2 = caller("wu", "BIZ_REVIEW"), caller("wu2", "BIZ_REVIEW")
COMP, SEC, SEC2 = caller("zhao", "COMP_REVIEW"), caller("sun", "SEC_REVIEW"), caller(
    "sun2", "SEC_REVIEW")
PRICE, INTAKE = caller("qiu", "PRICE_REVIEW"), caller("shou", "INTAKE")
BOSS, BOSS2, DSO = caller("qian", "APPROVER"), caller("qian2", "APPROVER"), caller("dong", "DSO")
OPS, OPS2, SIGNER = caller("ops", "OPS"), caller("ops2", "OPS"), caller("sig", "OPERATOR_SIGNER")
WHY, NOW = Reasoned(reason="按规定办理"), Empty()
CLAUSES = ["resources", "quality", "purposes", "consent-mode", "shared-consent", "grading",
           "change-notice", "correction", "freeze", "return"]
HEAD_CLAUSES = ["data-scope", "term", "products", "platform", "ownership", "disclosure",
                "accounting", "security", "evaluation", "breach", "disputes", "change", "other"]
FIELDS = (("TYSHXYDM", "统一社会信用代码", "VARCHAR"), ("NSE", "纳税额", "DECIMAL"))


def file(rt, text: str = "file", **owner) -> str:
    """The digest of a file that was handed in."""
    body = text.encode()
    key = hashlib.sha256(body).hexdigest()
    with begin(rt, BIZ) as act:
        if act.find(Attachment, key) is None:
            act.add(Attachment(sha256=key, name="a.pdf", media_type="application/pdf",
                               size=len(body), body=body, account="x", at=act.at, **owner))
        act.record("attachment.store", f"attachment/{key}")
    return key


def department(rt, name: str = "市税务局") -> str:
    """An active department's id."""
    made = departments.create(rt, BIZ, departments.NewDepartment(name=name, liaison="周某"))
    departments.file_agreement(rt, BIZ, made.id, departments.ProvisionAgreement(
        signed_on="2026-11-01", clauses=["resources"], liaison="周某"))
    departments.activate(rt, BIZ, made.id, WHY)
    departments.activate(rt, BOSS, made.id, WHY)
    return made.id


def liaison(department_id: str):
    return caller(f"he-{department_id[-4:]}", "DEPT_LIAISON", department=department_id)


def drafted(rt, department_id: str, code: str = "TAX", fields=FIELDS) -> str:
    """A draft case, ready to be submitted; its id."""
    he = liaison(department_id)
    made = onboarding.create(rt, he, onboarding.NewCase(
        code=code, name="纳税信息", update_cycle="MONTHLY", legality="依法履职产生"))
    onboarding.list_fields(rt, he, made.id, onboarding.FieldList(fields=[
        onboarding.ListedField(code=code, name=name, type=kind) for code, name, kind in fields]))
    onboarding.attach(rt, he, made.id, onboarding.Attached(
        kind="QUALITY_REPORT", file=file(rt, "quality", department_id=department_id)))
    return made.id


def submitted(rt, department_id: str, **values) -> str:
    key = drafted(rt, department_id, **values)
    onboarding.submit(rt, liaison(department_id), key, NOW)
    return key


def accepted(rt, department_id: str, **values) -> str:
    key = submitted(rt, department_id, **values)
    onboarding_intake.accept(rt, INTAKE, key, NOW)
    return key


def dataset_id(rt, case_id: str) -> str:
    with read(rt) as session:
        return session.get(OnboardingCase, case_id).dataset_id


def grade(rt, case_id: str, **said) -> None:
    """Every field is judged alike in the category proposed for it: level 2, about enterprises,
    unless said otherwise."""
    values = {"grade": 2, "reason": "按业务含义核定", **said}
    with read(rt) as session:
        from app.store.situations_onboarding import fields_of
        categories = {field.code: field.proposed_category or "tax_paid"
                      for field in fields_of(session, dataset_id(rt, case_id))}
    gradings.set_gradings(rt, SEC, dataset_id(rt, case_id), gradings.Gradings(items=[
        gradings.GradingOf(field=code, **{"category": category, **values})
        for code, category in categories.items()]))


def graded(rt, department_id: str, *, judged=None, **values) -> str:
    key = accepted(rt, department_id, **values)
    grade(rt, key, **(judged or {}))
    gradings.submit_grading(rt, SEC, key, WHY)
    gradings.submit_grading(rt, SEC2, key, WHY)
    return key


def assessment(rt, **said) -> onboarding_review.Assessment:
    return onboarding_review.Assessment(**{
        "result": "AGREE", "text": "符合要求", "linkage": "不与其他来源关联", **said})


def assessed(rt, department_id: str, **values) -> str:
    key = graded(rt, department_id, **values)
    onboarding_review.submit_assessment(rt, COMP, key, assessment(
        rt, risk_report=file(rt, "risk"), impact_report=file(rt, "impact")))
    return key


def approved(rt, department_id: str, **values) -> str:
    key = assessed(rt, department_id, **values)
    if onboarding_review.approve(rt, BOSS, key, WHY).waiting:
        onboarding_review.approve(rt, DSO, key, WHY)
    return key


def in_trial(rt, department_id: str, *, purposes=("PF",), **values) -> str:
    key = approved(rt, department_id, **values)
    onboarding_signing.file_agreement(rt, BIZ, key, onboarding_signing.Agreement(
        file=file(rt, "agreement"), clauses=CLAUSES, allowed_purposes=list(purposes),
        trial_loads=2, quality=980))
    onboarding_signing.sign(rt, liaison(department_id), key, NOW)
    onboarding_signing.sign(rt, SIGNER, key, NOW)
    return key


def trial(rt, *qualities: int, **said) -> onboarding_signing.Trial:
    return onboarding_signing.Trial(**{
        "loads": [{"rows": 100, "quality": quality} for quality in qualities or (990, 995)],
        "masks_tested": True, "lineage": "直接取自业务库", "report": file(rt, "trial"), **said})


def online(rt, department_id: str, **values) -> str:
    """A dataset online; the case is done. The dataset's id."""
    key = in_trial(rt, department_id, **values)
    onboarding_signing.file_trial(rt, OPS, key, trial(rt))
    onboarding_signing.go_live(rt, OPS, key, NOW)
    onboarding_signing.go_live(rt, OPS2, key, NOW)
    return dataset_id(rt, key)


def agreement_text(rt, **said) -> head_agreements.AgreementText:
    return head_agreements.AgreementText(**{
        "title": "数据专区授权运营协议", "authority": "市数据局", "operator": "专区运营公司",
        "first_day": date(2026, 1, 1), "last_day": date(2030, 12, 31), "clauses": HEAD_CLAUSES,
        "signatories": ["甲", "乙"], "filing_reference": "备2026-1",
        "files": [{"kind": "AGREEMENT", "file": file(rt, "head")},
                  {"kind": "MINUTES", "file": file(rt, "minutes")}], **said})


def head_agreement(rt, resources=(), products_=()) -> str:
    """An agreement in force over the given datasets and products."""
    made = head_agreements.create(rt, BIZ, agreement_text(
        rt, resources=list(resources), products=list(products_)))
    for who in (BIZ, COMP, BOSS):
        head_agreements.sign(rt, who, made.id, WHY)
    for who in (OPS, BOSS):
        head_agreements.activate(rt, who, made.id, WHY)
    return made.id


def offering(dataset: str, **said) -> offers.Offering:
    return offers.Offering(**{
        "fields": [{"field": "tax_paid", "dataset": dataset, "source": "NSE",
                    "treatment": "GENERALIZE"}],
        "methods": [{"action": "QUERY_ONE", "channel": "API"}], "output_form": "DERIVED",
        "purposes": ["PF.CRD.NEW"], **said})


def product(rt, dataset: str, public_use: str = "INDUSTRY", **said) -> tuple[str, str]:
    """A drafted product with its written first version: ids of both."""
    made = products.create(rt, BIZ, products.NewProduct(
        name="税务画像", category="PORTRAIT", public_use=public_use))
    version = made.detail["version"]
    product_versions.edit(rt, BIZ, version, offering(dataset, **said))
    return made.id, version


def priced(rt, product_id: str) -> None:
    made = prices.create(rt, PRICE, prices.NewPrice(
        product=product_id, price_class="CHARGED", unit="次", list_price=50, ceiling=100,
        ceiling_document=file(rt, "ceiling")))
    prices.publish(rt, PRICE, made.id, NOW)


def opinion(kind: str, **said) -> product_versions.ReviewBody:
    return product_versions.ReviewBody(**{
        "kind": kind, "result": "AGREE", "text": "同意", "masks": True, "reidentification": True,
        **said})


def reviewed(rt, version: str) -> None:
    for who, kind in ((SEC, "SECURITY"), (COMP, "COMPLIANCE"), (PRICE, "PRICE")):
        product_versions.give_opinion(rt, who, version, opinion(kind))


def listed(rt, department_id: str, **values) -> tuple[str, str, str]:
    """A listed product on an online dataset: ids of product, version and dataset."""
    dataset = online(rt, department_id, **values)
    made, version = product(rt, dataset)
    head_agreement(rt, [dataset], [made])
    priced(rt, made)
    product_versions.submit(rt, BIZ, version, NOW)
    reviewed(rt, version)
    if product_versions.approve(rt, BOSS, version, WHY).waiting:
        product_versions.approve(rt, DSO, version, WHY)
    return made, version, dataset


def version_row(rt, key: str) -> ProductVersion:
    with read(rt) as session:
        return session.get(ProductVersion, key)


