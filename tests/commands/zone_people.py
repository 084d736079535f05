"""The people of the grant tests, and one case taken as far as a test needs it."""

from sqlmodel import select

from app.commands import contracts, grant_cases, grant_decisions, grant_intake, opinions
from app.commands.command import Empty, Reasoned
from app.domain.callers import SYSTEM
from app.domain.opinions import CHECKS, Kind, Result
from app.store.tables_grants import Contract, GrantCase, Opinion
from app.store.unit import begin, read
from tests import zone as rows
from tests.conftest import caller

INTAKE, INTAKE_2 = caller("shen", "INTAKE"), caller("xu", "INTAKE")
BIZ, COMP, SEC = (caller("wu", "BIZ_REVIEW"), caller("zhao", "COMP_REVIEW"),
                  caller("feng", "SEC_REVIEW"))
BOSS, DSO, OPS = caller("qian", "APPROVER"), caller("chu", "DSO"), caller("wei", "OPS")
OPERATOR = caller("jiang", "OPERATOR_SIGNER")
REVIEWERS = {"BIZ_REVIEW": BIZ, "COMP_REVIEW": COMP, "SEC_REVIEW": SEC,
             "PRICE_REVIEW": caller("yan", "PRICE_REVIEW"),
             "PI_OFFICER": caller("hua", "PI_OFFICER")}
WHY = Reasoned(reason="按规定办理")
CLAUSES = ["purpose", "fields", "rows", "method", "term", "prohibitions", "inspection",
           "subject-authorization", "objection", "incident", "reporting", "price", "exit",
           "breach", "disputes", "records"]


class Walk:
    """A bank's application for a product of a tiny zone, step by step."""

    def __init__(self, rt, zone=None, **dimensions):
        self.rt = rt
        self.zone = zone or rows.tiny(rt)
        bank = self.zone.institution.id
        self.maker = caller("wang", "INST_MAKER", institution=bank)
        self.signer = caller("sun", "INST_SIGNER", institution=bank)
        with begin(rt, SYSTEM) as act:
            self.dimensions = {**rows.plain_dimensions(act, self.zone.product), **dimensions}
            act.record("test.read", "test/1")
        self.id = ""

    def form(self, **changes):
        return grant_cases.NewCase(**{
            "title": "首次授信用数", "scene": "小微企业首贷审批", "necessity": "核验纳税信用",
            "security_measures": "专网接入、加密存储", "volume_per_day": 200,
            "product": self.zone.product.number, "requested": self.dimensions, **changes})

    def draft(self, **changes) -> "Walk":
        self.id = grant_cases.create(self.rt, self.maker, self.form(**changes)).id
        return self

    def submit(self) -> "Walk":
        grant_cases.submit(self.rt, self.maker, self.id, Empty())
        self.last = grant_cases.submit(self.rt, self.signer, self.id, Empty())
        return self

    def accept(self) -> "Walk":
        self.last = grant_intake.accept(self.rt, INTAKE, self.id, WHY)
        return self

    def opinions(self, **results) -> "Walk":
        """All open opinions given; `opinions(SECURITY=Result.DISAGREE)` names the others."""
        for opinion in self.open_opinions():
            by = REVIEWERS.get(opinion.role) or caller("he", "DEPT_LIAISON",
                                                       department=opinion.department_id)
            self.last = opinions.give(self.rt, by, opinion.id, said(
                opinion.kind, results.get(opinion.kind, Result.AGREE)))
        return self

    def approve(self, by=BOSS, **changes) -> "Walk":
        self.last = grant_decisions.approve(self.rt, by, self.id, grant_decisions.Approval(
            reason="同意", **changes))
        return self

    def prepare(self, **changes) -> "Walk":
        contracts.prepare(self.rt, OPS, self.contract().id, contracts.Prepared(
            **{"clauses": CLAUSES, **changes}))
        return self

    def sign(self) -> "Walk":
        contracts.sign(self.rt, self.signer, self.id, contracts.Signature())
        self.last = contracts.sign(self.rt, OPERATOR, self.id, contracts.Signature())
        return self

    def row(self) -> GrantCase:
        with read(self.rt) as session:
            return session.get(GrantCase, self.id)

    def contract(self) -> Contract:
        with read(self.rt) as session:
            return session.exec(select(Contract).where(Contract.case_id == self.id)).one()

    def open_opinions(self) -> list[Opinion]:
        with read(self.rt) as session:
            return list(session.exec(select(Opinion).where(
                Opinion.case_id == self.id, Opinion.result == "",
                Opinion.round == session.get(GrantCase, self.id).rounds)).all())


def said(kind: str, result: Result = Result.AGREE) -> opinions.GivenOpinion:
    return opinions.GivenOpinion(result=result, text="已核对", checklist=CHECKS[Kind(kind)],
                                 conditions=["仅限首贷"] if "CONDITIONS" in result else [])
