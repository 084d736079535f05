"""An institution on its way into the zone: the persons and the steps tests share."""

from datetime import date

from app.commands import admission, admission_review, institutions
from app.commands.attachments import store_file
from app.commands.command import Empty
from app.domain.admission import REQUIRED_PAPERS
from app.domain.criteria import Kind
from app.engines import criteria
from tests.conftest import caller

INTAKE, BIZ = caller("shou", "INTAKE"), caller("wu", "BIZ_REVIEW")
COMP, SEC = caller("zhao", "COMP_REVIEW"), caller("sun", "SEC_REVIEW")
BOSS, DSO = caller("qian", "APPROVER"), caller("dong", "DSO")
OPS, AUDITOR = caller("ou", "OPS"), caller("shen", "AUDITOR")

FORM = admission.AdmissionForm(
    licence_no="B0001", licence_expires=date(2029, 12, 31), security_level=3,
    security_expires=date(2027, 12, 31), contact="王某", security_officer="赵某")


def maker(inst):
    return caller("wang", "INST_MAKER", institution=inst)


def signer(inst):
    return caller("ma", "INST_SIGNER", institution=inst)


def registered(rt, name="滨海银行", uscc="91110000000000001A", kind="BANK"):
    """The id of an institution that applies."""
    return institutions.create(rt, INTAKE, institutions.NewInstitution(
        name=name, uscc=uscc, kind=kind)).id


def paper(rt, who, text="证明"):
    return store_file(rt, who, "a.txt", text.encode()).id


def drafted(rt, inst, form=FORM):
    """The id of a complete draft."""
    who = maker(inst)
    case = admission.create(rt, who, form).id
    for kind in REQUIRED_PAPERS:
        admission.attach(rt, who, case, admission.Attached(
            kind=kind, file=paper(rt, who, f"{inst}{kind}")))
    return case


def submitted(rt, inst, form=FORM):
    case = drafted(rt, inst, form)
    admission.submit(rt, maker(inst), case, Empty())
    assert admission.submit(rt, signer(inst), case, Empty()).state == "SUBMITTED"
    return case


def accepted(rt, inst):
    case = submitted(rt, inst)
    admission_review.accept(rt, INTAKE, case, Empty())
    return case


def diligence(related=False, kind=Kind.BANK, **changed):
    """A full score sheet; `changed` are results by criterion."""
    sheet = criteria.published()[kind]
    return admission_review.Diligence(
        criteria=[{"id": item.id, "result": changed.get(item.id, "MET"), "note": "已核查"}
                  for item in sheet.items],
        sources=["金融许可证信息查询", "信用中国"], related_party=related)


def examined(rt, inst, **said):
    case = accepted(rt, inst)
    admission_review.submit_diligence(rt, BIZ, case, diligence(**said))
    return case


def opinion(kind, result="AGREE"):
    return admission_review.GivenOpinion(kind=kind, result=result, text="材料齐全，同意")


def reviewed(rt, inst, **said):
    case = examined(rt, inst, **said)
    admission_review.submit_opinion(rt, COMP, case, opinion("COMPLIANCE"))
    admission_review.submit_opinion(rt, SEC, case, opinion("SECURITY"))
    return case


def admitted(rt, **named):
    """The id of an institution that went the whole way."""
    inst = registered(rt, **named)
    case = reviewed(rt, inst)
    assert admission_review.approve(rt, BOSS, case, admission_review.Approval()).state == "DONE"
    return inst
