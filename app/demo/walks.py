"""Cases of the last weeks, walked with the product's own commands by the people of the zone.

A walk is a generator: it takes a step, then says how many hours pass until the next one.
"""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import select

from app.commands import (
    admission,
    admission_review,
    contracts,
    grant_cases,
    grant_decisions,
    grant_intake,
    institutions,
    opinions,
)
from app.commands.attachments import store_file
from app.commands.command import Empty, Reasoned
from app.commands.sign_in import caller_of
from app.demo import cast, names
from app.demo.simulation import Simulation
from app.domain.admission import REQUIRED_PAPERS
from app.domain.canonical import instant
from app.domain.criteria import Kind as InstitutionKind
from app.domain.opinions import CHECKS, Kind, Result
from app.engines import criteria
from app.store.tables_grants import Contract, Opinion
from app.store.tables_supply import ProductVersion
from app.store.unit import read

Walk = Iterator[float]
LOCAL = "127.0.0.1"
WHY = Reasoned(reason="材料齐全，按规定办理")
REVIEWERS = {"BIZ_REVIEW": "business", "COMP_REVIEW": "compliance", "SEC_REVIEW": "security",
             "PRICE_REVIEW": "pricing", "PI_OFFICER": "privacy"}


class Walks:
    """Walks waiting for their next step, in the order of time."""

    def __init__(self, story: Simulation, started: list[tuple[float, Walk]]):
        self.story = story
        self.queue = [(story.day(0, 9, 7 * at % 50) - timedelta(days=days), at, walk)
                      for at, (days, walk) in enumerate(started)]
        heapq.heapify(self.queue)

    def until(self, ends: datetime) -> None:
        """Take every step due before this instant."""
        while self.queue and self.queue[0][0] < ends:
            at, order, walk = heapq.heappop(self.queue)
            self.story.at(at)
            hours = next(walk, None)
            if hours is not None:
                heapq.heappush(self.queue, (at + timedelta(hours=hours), order, walk))


def by(story: Simulation, login: str):
    """The caller behind a persona, as if signed in with a fresh second factor."""
    return replace(caller_of(story.rows[f"account:{login}"], LOCAL), factor_fresh=True)


def requested(story: Simulation, product: int, *, months: int = 12, fields: int = 4) -> dict:
    """A modest request for a product: its first purpose, a few fields, its first method."""
    sold = story.rows[f"product:{product}"]
    with read(story.rt) as session:
        version = session.exec(select(ProductVersion).where(
            ProductVersion.product_id == sold.id)).one()
    way = next(way for way in version.methods if way["environment"] == "PROD")
    return {
        "purpose": {"nodes": [{"code": version.purposes[0], "descend": False, "except": []}],
                    "business_ref_required": True},
        "scope": {"product": sold.number, "version_from": "1.0", "version_to": "1.9",
                  "fields": [{"field": item["field"], "treatment": item["treatment"]}
                             for item in version.fields[:fields]],
                  "rows": {"regions": ["110000"], "industries": [],
                           "population": "OWN_CUSTOMERS", "lookback_months": 24,
                           "subject_kinds": ["ENTERPRISE"]}},
        "method": {"ways": [{**way, "node": "-", "max_batch": 1}],
                   "output_form": version.output_form},
        "term": {"from": instant(story.day(0, 0)),
                 "to": instant(story.day(30 * months, 0)), "window": None,
                 "retention_days": 180, "data_life_days": 30},
    }


def application(story: Simulation, bank: int, product: int, title: str, until: str,
                **form) -> Walk:
    """An application by one of the first four institutions, up to a state."""
    rt, maker, signer = story.rt, by(story, f"maker{bank + 1}"), by(story, f"signer{bank + 1}")
    document = form.pop("requested", None) or requested(story, product)
    ref = grant_cases.create(rt, maker, grant_cases.NewCase(
        title=title, scene="小微企业客户申请贷款时核验其登记、纳税与信用情况，用于授信审批。",
        necessity="仅凭企业自报材料无法核验经营真实性，所申请数据项为授信模型的必要输入。",
        security_measures="专线接入，字段级加密存储，访问留痕，数据到期自动删除。", volume_per_day=300,
        product=story.rows[f"product:{product}"].number, requested=document, **form)).id
    yield 2
    if until == "DRAFT":
        return
    grant_cases.submit(rt, maker, ref, Empty())
    yield 3
    if until == "SIGNING":
        return
    grant_cases.submit(rt, signer, ref, Empty())
    yield 20
    if until == "SUBMITTED":
        return
    yield from _taken_in(story, ref, maker, until)


def _taken_in(story: Simulation, ref: str, maker, until: str) -> Walk:
    rt, intake = story.rt, by(story, "intake")
    if until == "SUPPLEMENT":
        grant_intake.request_supplement(rt, intake, ref, grant_intake.Defects(defects=[
            {"material": "CONSENT", "code": "DOC.MISSING", "zh": "未附本行客户授权书样本",
             "en": "a sample of the customer authorization is missing"},
            {"material": "MEASURES", "zh": "未说明数据删除方式",
             "en": "the way of deletion is not stated"}]))
        return
    if until == "NOT_ACCEPTED":
        refusal = grant_intake.NotAccepted(grounds=["PURPOSE.PROHIBITED"],
                                       reason="申请用途实为客户营销名单筛选")
        for login in ("intake", "intake2"):
            grant_intake.refuse_acceptance(rt, by(story, login), ref, refusal)
            yield 3
        return
    if until == "WITHDRAWN":
        grant_cases.withdraw(rt, maker, ref, Reasoned(reason="业务调整，暂不需要"))
        return
    grant_intake.accept(rt, intake, ref, WHY)
    yield 22
    yield from _reviewed(story, ref, until)


def _reviewed(story: Simulation, ref: str, until: str) -> Walk:
    rt = story.rt
    with read(rt) as session:
        opened = session.exec(select(Opinion).where(Opinion.case_id == ref).order_by(
            Opinion.kind)).all()
    for at, opinion in enumerate(opened):
        if until == "REVIEWING" and at:
            return
        doubts = until == "REJECTED" and opinion.kind == "COMPLIANCE"
        opinions.give(rt, by(story, REVIEWERS[opinion.role]), opinion.id, opinions.GivenOpinion(
            result=Result.DISAGREE if doubts else Result.AGREE,
            text="所申请数据项超出授信审批所必需" if doubts else "已核对，符合要求",
            checklist=CHECKS[Kind(opinion.kind)]))
        yield 15
    if until == "APPROVAL":
        return
    approver = by(story, "approver")
    if until == "REJECTED":
        grant_decisions.reject(rt, approver, ref, grant_decisions.Refused(
            grounds=["SCOPE.FIELD"], reason="所申请数据项与授信审批目的不相称"))
        return
    grant_decisions.approve(rt, approver, ref, grant_decisions.Approval(
        reason="同意，仅限首次授信审批使用", per_day=500,
        deviation="数据项与期限按首次授信审批所必需核定，与同类机构的差异由业务场景不同所致"))
    yield 24
    if until == "APPROVED":
        return
    yield from _signed(story, ref, until)


def _signed(story: Simulation, ref: str, until: str) -> Walk:
    rt = story.rt
    with read(rt) as session:
        contract = session.exec(select(Contract).where(Contract.case_id == ref)).one()
        bank = contract.institution_id
    clauses = [item.id for item in rt.cases.checklists["application-contract"].items]
    contracts.prepare(rt, by(story, "ops"), contract.id, contracts.Prepared(clauses=clauses))
    yield 6
    at = next(at for at in range(4) if story.rows[f"institution:{at}"].id == bank)
    contracts.sign(rt, by(story, f"signer{at + 1}"), ref, contracts.Signature())
    yield 4
    if until == "COUNTERSIGN":
        return
    contracts.sign(rt, by(story, "signer"), ref, contracts.Signature())


def applicant(story: Simulation, at: int, name: str, kind: str, until: str) -> Walk:
    """A new institution on its way into the zone."""
    rt = story.rt
    inst = institutions.create(rt, by(story, "intake"), institutions.NewInstitution(
        name=name, uscc=names.uscc(800 + at), kind=kind)).id
    cast.users(story, inst, f"newmaker{at}", ("INST_MAKER",), 500 + at, institution_id=inst)
    cast.users(story, inst, f"newsigner{at}", ("INST_SIGNER",), 530 + at, institution_id=inst)
    maker, signer = by(story, f"newmaker{at}"), by(story, f"newsigner{at}")
    yield 5
    case = admission.create(rt, maker, admission.AdmissionForm(
        licence_no=f"D{at:04d}", licence_expires=story.on(4, 6, 30), security_level=3,
        security_expires=story.on(2, 3, 31), contact=names.person(560 + at),
        security_officer=names.person(580 + at))).id
    for paper in REQUIRED_PAPERS:
        file = store_file(rt, maker, f"{paper}.txt", f"{name} {paper}（演示）".encode()).id
        admission.attach(rt, maker, case, admission.Attached(kind=paper, file=file))
    yield 4
    admission.submit(rt, maker, case, Empty())
    admission.submit(rt, signer, case, Empty())
    yield 20
    if until == "SUBMITTED":
        return
    admission_review.accept(rt, by(story, "intake"), case, Empty())
    yield 30
    if until == "DILIGENCE":
        return
    sheet = criteria.published()[InstitutionKind(kind)]
    admission_review.submit_diligence(rt, by(story, "business"), case, admission_review.Diligence(
        criteria=[{"id": item.id, "result": "MET", "note": "已核查"} for item in sheet.items],
        sources=["金融许可证信息查询", "信用信息公示系统"], related_party=False))
    yield 20
    for login, opinion in (("compliance", "COMPLIANCE"), ("security", "SECURITY")):
        if until == "COMPLIANCE" and opinion == "SECURITY":
            return
        admission_review.submit_opinion(rt, by(story, login), case, admission_review.GivenOpinion(
            kind=opinion, result="AGREE", text="材料齐全，同意"))
        yield 6
