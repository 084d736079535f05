"""Admission cases, the zone's side: taken in, examined, given opinions on, decided."""

from datetime import date
from typing import Literal

from sqlmodel import select

from app.commands import notices
from app.commands.advance import advance, cascade, done
from app.commands.clocks import close_tasks, running
from app.commands.command import Body, Done, Empty, Text, command, entry
from app.commands.proposals import carried, require_ground
from app.commands.stages import entered
from app.domain.admission import ADMISSION, GIVES, OpinionKind, Outcome, Result, State
from app.domain.callers import SYSTEM, Caller
from app.domain.canonical import instant
from app.domain.criteria import Kind as InstitutionKind
from app.domain.criteria import Score, Sheet, strangers
from app.domain.grounds import Words
from app.domain.institutions import INSTITUTION, next_review
from app.domain.instruments import Kind
from app.domain.refusals import Invalid, Refusal
from app.store.situations_institutions import admission_situation, sheet_for
from app.store.tables import Clock
from app.store.tables_institutions import AdmissionCase, Institution
from app.store.unit import Act, begin, read


class Defect(Body):
    """One thing to mend."""

    code: Literal["DOC.MISSING", "DOC.DEFECT"] = entry("类别", "Kind")
    material: Text = entry("材料", "Material", min_length=1, max_length=100)
    defect: Text = entry("问题", "Defect", default="", max_length=500)


class Defects(Body):
    """Everything to mend, told once."""

    defects: list[Defect] = entry(
        "补正事项", "Defects", widget="json", min_length=1, max_length=50
    )


@command("admission_case.request_supplement", "一次性告知补正", "Ask to supplement")
def request_supplement(rt, caller: Caller, ref: str, body: Defects) -> Done:
    """One notice lists every defect; the time to accept stands still until they are mended."""
    with begin(rt, caller) as act:
        case = act.open(AdmissionCase, ref)
        materials = [item.material for item in body.defects]
        situation = admission_situation(rt, act.session, caller, case, materials=materials)
        step = advance(act, ADMISSION, case, "request_supplement", situation,
                       reason_code=body.defects[0].code)
        case.defects = [{**item.model_dump(), "answer": ""} for item in body.defects]
        case.notified = sorted({*case.notified, *materials})
        case.rounds += 1
        notices.issue(act, Kind.SUPPLEMENT, case,
                      {"reasons": [_reason(item) for item in body.defects]})
        entered(act, case)
    return done(case, step)


def _reason(item: Defect) -> dict:
    facts = {"material": item.material}
    if item.code == "DOC.DEFECT":
        facts["defect"] = item.defect
    return {"code": item.code, "facts": facts}


@command("admission_case.accept", "受理", "Accept")
def accept(rt, caller: Caller, ref: str, body: Empty) -> Done:
    with begin(rt, caller) as act:
        case = act.open(AdmissionCase, ref)
        situation = admission_situation(rt, act.session, caller, case)
        step = advance(act, ADMISSION, case, "accept", situation)
        notices.issue(act, Kind.ACCEPTANCE, case)
        entered(act, case)
    return done(case, step)


class Scored(Body):
    """How one criterion was found."""

    id: Text = entry("标准", "Criterion", min_length=1, max_length=40)
    result: Score = entry("结论", "Result")
    note: Text = entry("说明", "Note", default="", max_length=1000)


class Diligence(Body):
    """The score sheet with its sources and the related-party result."""

    criteria: list[Scored] = entry("评定表", "Score sheet", widget="json", max_length=50)
    sources: list[Text] = entry("核查来源", "Sources", widget="textarea", max_length=50)
    related_party: bool = entry("是运营机构关联方", "Related party of the operator")
    note: str = entry("审查说明", "Note", default="", widget="textarea", max_length=4000)


@command("admission_case.submit_diligence", "提交尽职审查", "Submit the diligence")
def submit_diligence(rt, caller: Caller, ref: str, body: Diligence) -> Done:
    """Every criterion of the sheet in force is scored; what was judged by is kept with it."""
    with begin(rt, caller) as act:
        case = act.open(AdmissionCase, ref)
        sheet = sheet_for(act.rt, act.get(Institution, case.institution_id))
        scores = [item.model_dump(mode="json") for item in body.criteria]
        _require_lines(sheet, scores)
        filed = {"sources": body.sources, "note": body.note, "criteria": scores,
                 "related_party": body.related_party, "criteria_version": sheet.edition}
        situation = admission_situation(rt, act.session, caller, case, diligence=filed)
        step = advance(act, ADMISSION, case, "submit_diligence", situation,
                       record={"criteria_version": sheet.edition,
                               "related_party": body.related_party})
        case.criteria, case.criteria_version = scores, sheet.edition
        case.related_party = body.related_party
        case.diligence = {"sources": body.sources, "note": body.note}
        entered(act, case)
    return done(case, step)


def _require_lines(sheet: Sheet, scores: list[dict]) -> None:
    wrong = strangers(sheet, scores)
    if wrong:
        raise Invalid("评定了标准以外或重复的项目",
                      "a score is for no line of the sheet, or repeated", criteria=list(wrong))


class GivenOpinion(Body):
    """The opinion of compliance or of data security."""

    kind: OpinionKind = entry("意见类别", "Kind", options="own:admission.GIVES")
    result: Result = entry("结论", "Result")
    text: str = entry("意见", "Opinion", widget="textarea", min_length=2, max_length=4000)
    conditions: list[Text] = entry("条件", "Conditions", default=[], widget="textarea",
                                   max_length=20)


@command("admission_case.submit_opinion", "提交复核意见", "Submit an opinion")
def submit_opinion(rt, caller: Caller, ref: str, body: GivenOpinion) -> Done:
    """Compliance and data security each give theirs; with the second the review is concluded."""
    with begin(rt, caller) as act:
        case = act.open(AdmissionCase, ref)
        _require_role(act, body.kind)
        situation = admission_situation(rt, act.session, caller, case, opinion_kind=str(body.kind))
        step = advance(act, ADMISSION, case, "submit_opinion", situation,
                       record={"opinion": str(body.kind), "result": str(body.result)})
        case.opinions = {**case.opinions, str(body.kind): {
            "result": str(body.result), "text": body.text, "conditions": body.conditions,
            "person": caller.person, "name": caller.name, "at": instant(act.at)}}
        close_tasks(act, case, "submit_opinion", GIVES[body.kind])
        if case.opinions.keys() >= {str(kind) for kind in OpinionKind}:
            cascade(act, ADMISSION, case, "conclude_review", f"admission_case/{case.id}",
                    reason_code="OPINIONS.COMPLETE")
            entered(act, case)
    return done(case, step)


def _require_role(act: Act, kind: OpinionKind) -> None:
    """Compliance opinions come from compliance reviewers, security opinions from security's."""
    seat = {OpinionKind.COMPLIANCE: "compliance", OpinionKind.SECURITY: "security"}[kind]
    if not act.may("admission_case", "submit_opinion", seat):
        raise Invalid("此类意见不由您的岗位出具", "your roles do not give this kind of opinion",
                      code="ROLE.NOT_ALLOWED", kind=str(kind))


class Approval(Body):
    """The decision to admit."""

    reason: str = entry("审批意见", "Remarks", default="", widget="textarea", max_length=2000)
    conditions: list[Text] = entry("准入条件", "Conditions", default=[], widget="textarea",
                                   max_length=20)


@command("admission_case.approve", "准予准入", "Approve")
def approve(rt, caller: Caller, ref: str, body: Approval) -> Done:
    """The institution is admitted in the same act; a related party needs a second approver."""
    with begin(rt, caller) as act:
        case = act.open(AdmissionCase, ref)
        situation = admission_situation(rt, act.session, caller, case, body.reason)
        said = carried(act, case, "approve", {"conditions": body.conditions})
        step = advance(act, ADMISSION, case, "approve", situation, payload=said,
                       record={"criteria_version": case.criteria_version},
                       relied_on={"criteria": case.criteria_version})
        if step:
            serial = _admitted(act, case, said["conditions"])
            case.decision = {"result": str(Outcome.ADMITTED), "conditions": said["conditions"],
                             "notice": serial, "at": instant(act.at)}
            entered(act, case)
    return done(case, step)


def _admitted(act: Act, case: AdmissionCase, conditions: list[str]) -> str:
    """The institution takes over what its case showed, and is told so; the notice's serial."""
    institution = act.find(Institution, case.institution_id)
    form = case.form
    institution.licence_no = form.get("licence_no", "")
    institution.licence_expires = _day(form.get("licence_expires"))
    institution.security_level = form.get("security_level")
    institution.security_expires = _day(form.get("security_expires"))
    institution.contact = form.get("contact", "")
    institution.security_officer = form.get("security_officer", "")
    institution.related_party = bool(case.related_party)
    institution.criteria_version = case.criteria_version
    institution.admitted_at = act.at
    institution.review_due = next_review(act.day)
    cascade(act, INSTITUTION, institution, "admit", f"admission_case/{case.id}",
            reason_code="ADMISSION.APPROVED")
    kind = InstitutionKind(institution.kind)
    return notices.issue(act, Kind.ADMISSION, case, {"particulars": [
        notices.line("准入机构", "Institution", institution.name),
        notices.line("机构类别", "Kind", Words(kind.zh, kind.en)),
        notices.line("适用标准", "Criteria", case.criteria_version),
        notices.line("年度复核", "Annual review", notices.day_words(institution.review_due)),
        *(notices.line("准入条件", "Condition", text) for text in conditions)]})


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class Refused(Body):
    """The decision not to admit, on one ground of the library; criteria not met are added."""

    ground: Text = entry("理由代码", "Ground", widget="select",
                         options="grounds:ADMISSION_REFUSAL", max_length=40)
    reason: str = entry("认定事实", "Facts found", widget="textarea", min_length=2, max_length=2000)


@command("admission_case.reject", "不予准入", "Reject")
def reject(rt, caller: Caller, ref: str, body: Refused) -> Done:
    require_ground(rt, body.ground, Kind.ADMISSION_REFUSAL)
    with begin(rt, caller) as act:
        case = act.open(AdmissionCase, ref)
        situation = admission_situation(rt, act.session, caller, case, body.reason)
        step = advance(act, ADMISSION, case, "reject", situation, reason_code=body.ground,
                       record={"unmet": list(situation.unmet)},
                       relied_on={"criteria": case.criteria_version})
        serial = notices.issue(act, Kind.ADMISSION_REFUSAL, case, {"reasons": [
            {"code": body.ground, "text": body.reason}, *_unmet(act, case, situation.unmet)]})
        case.decision = {"result": str(Outcome.REJECTED), "ground": body.ground, "notice": serial,
                         "at": instant(act.at)}
        entered(act, case)
    return done(case, step)


def _unmet(act: Act, case: AdmissionCase, unmet: tuple[str, ...]) -> list[dict]:
    sheet = sheet_for(act.rt, act.find(Institution, case.institution_id))
    return [{"code": "INST.CRITERION", "facts": {
        "version": case.criteria_version, "number": str(number),
        "criterion": item.title.plain()}}
        for number, item in enumerate(sheet.items, start=1) if item.id in unmet]


@command("admission_case.lapse", "逾期终止", "Lapse")
def lapse(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """A case that was not mended in time ends, with its notice."""
    with begin(rt, caller) as act:
        case = act.open(AdmissionCase, ref)
        situation = admission_situation(rt, act.session, caller, case)
        step = advance(act, ADMISSION, case, "lapse", situation, reason_code="CASE.LAPSED")
        due = max(clock.due_at for clock in running(act, case, "supplement"))
        notices.issue_lapse(act, case, due, Words("补正", "The supplement"))
        entered(act, case)
    return done(case, step)


def lapse_overdue(rt) -> int:
    """Every case whose time to supplement has run out ends; how many did."""
    with read(rt) as session:
        ids = session.exec(
            select(AdmissionCase.id).join(Clock, Clock.object_id == AdmissionCase.id).where(
                AdmissionCase.state == str(State.SUPPLEMENT), Clock.kind == "supplement",
                Clock.stopped_at.is_(None), Clock.due_at <= rt.clock())).all()
    ended = 0
    for case_id in ids:
        try:
            lapse(rt, SYSTEM, case_id, Empty())
            ended += 1
        except Refusal:
            continue  # somebody was quicker: the case has moved on
    return ended
