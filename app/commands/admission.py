"""Admission cases, the applicant's side: drafted, submitted by two persons, mended, withdrawn."""

from datetime import date

from sqlmodel import select

from app.commands import notices
from app.commands.advance import advance, done
from app.commands.command import Body, Done, Empty, Reasoned, Text, command, entry
from app.commands.filing import File, permitted
from app.commands.stages import entered
from app.domain.admission import ADMISSION, EDITABLE, OPEN, Paper, State
from app.domain.callers import Caller
from app.domain.canonical import digest
from app.domain.instruments import Kind
from app.domain.refusals import IllegalMove, Invalid
from app.store import attachments
from app.store.situations_institutions import admission_situation
from app.store.tables_institutions import AdmissionCase, Institution
from app.store.unit import Act, begin


class AdmissionForm(Body):
    """What an institution says about itself."""

    licence_no: Text = entry("许可证编号", "Licence number", default="", max_length=64)
    licence_expires: date | None = entry(
        "许可证有效期至", "Licence valid to", default=None, widget="date"
    )
    security_level: int | None = entry(
        "网络安全等级保护级别", "Protection level", default=None, ge=1, le=5
    )
    security_expires: date | None = entry(
        "测评有效期至", "Protection test valid to", default=None, widget="date"
    )
    contact: Text = entry("业务联系人", "Contact", default="", max_length=50)
    security_officer: Text = entry("数据安全负责人", "Security officer", default="", max_length=50)
    statement: str = entry(
        "业务与数据安全情况说明",
        "Business and data security",
        default="",
        widget="textarea",
        max_length=4000,
    )


@command("admission_case.create", "申请机构准入", "Apply for admission", creates=True)
def create(rt, caller: Caller, body: AdmissionForm) -> Done:
    """An institution drafts its own application; one is open at a time."""
    with begin(rt, caller) as act:
        permitted(act, "admission_case", "create")
        institution = act.get(Institution, caller.institution or "")
        _require_none_open(act, institution)
        case = act.create(
            AdmissionCase,
            number=act.number("AC"),
            institution_id=institution.id,
            title=f"{institution.name}准入申请",
            state=str(State.DRAFT),
            maker=caller.person,
            form=body.model_dump(mode="json"),
        )
        act.record(
            "admission_case.create",
            f"admission_case/{case.id}",
            institution=institution.id,
            number=case.number,
        )
    return done(case)


def _require_none_open(act: Act, institution: Institution) -> None:
    number = act.first(
        select(AdmissionCase.number).where(
            AdmissionCase.institution_id == institution.id,
            AdmissionCase.state.in_([str(state) for state in OPEN]),
        )
    )
    if number:
        raise Invalid(
            f"准入申请 {number} 尚未办结", f"admission case {number} is still open", case=number
        )


@command("admission_case.edit", "修改申请", "Edit")
def edit(rt, caller: Caller, ref: str, body: AdmissionForm) -> Done:
    """A draft, or a case sent back, is rewritten; hands under the old form are void."""
    with begin(rt, caller) as act:
        case = _editable(act, ref, "edit")
        case.form = body.model_dump(mode="json")
        _record_form(act, case, "edit")
    return done(case)


class Attached(Body):
    """A file with what it is; one of the same kind is replaced."""

    kind: Paper = entry("材料种类", "Kind")
    file: File = entry("文件", "File", widget="file")


@command("admission_case.attach", "提交材料", "Attach a file")
def attach(rt, caller: Caller, ref: str, body: Attached) -> Done:
    with begin(rt, caller) as act:
        case = _editable(act, ref, "attach")
        kept = attachments.opened(act.session, caller, body.file)
        kind = str(body.kind)
        others = [item for item in case.files if item["kind"] != kind]
        case.files = [*others, {"kind": kind, "file": kept.sha256, "name": kept.name}]
        _record_form(act, case, "attach")
    return done(case)


class Answer(Body):
    """What was mended in one material."""

    material: Text = entry("材料", "Material", min_length=1, max_length=100)
    answer: Text = entry("答复", "Answer", min_length=1, max_length=1000)


@command("admission_case.answer", "答复补正事项", "Answer a defect")
def answer(rt, caller: Caller, ref: str, body: Answer) -> Done:
    """One listed defect is answered; all of them are before the case is sent again."""
    with begin(rt, caller) as act:
        case = _editable(act, ref, "answer")
        if body.material not in {defect["material"] for defect in case.defects}:
            raise Invalid("没有告知过这一事项", "no such defect was listed")
        case.defects = [
            {**defect, "answer": body.answer} if defect["material"] == body.material else defect
            for defect in case.defects
        ]
        _record_form(act, case, "answer")
    return done(case)


@command("admission_case.submit", "提交", "Submit")
def submit(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The maker and the signer of the institution send the same form; its digest is sealed."""
    return _send(rt, caller, ref, "submit")


@command("admission_case.resubmit", "补正后提交", "Resubmit")
def resubmit(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """Every listed defect is answered, and both persons send the mended form."""
    return _send(rt, caller, ref, "resubmit")


def _send(rt, caller: Caller, ref: str, action: str) -> Done:
    with begin(rt, caller) as act:
        case = act.open(AdmissionCase, ref)
        situation = admission_situation(rt, act.session, caller, case)
        form = form_digest(case)
        record = {"form_was": case.form_digest, "form": form}
        step = advance(
            act, ADMISSION, case, action, situation, payload={"form": form}, record=record
        )
        if step:
            case.form_digest, case.submitted_at = form, act.at
            entered(act, case)
    return done(case, step)


@command("admission_case.withdraw", "撤回", "Withdraw")
def withdraw(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The institution takes the case back; it still ends in a closing notice (INV-14)."""
    with begin(rt, caller) as act:
        case = act.open(AdmissionCase, ref)
        situation = admission_situation(rt, act.session, caller, case, body.reason)
        step = advance(act, ADMISSION, case, "withdraw", situation, reason_code="CASE.WITHDRAWN")
        notices.issue(act, Kind.CLOSING, case)
        entered(act, case)
    return done(case, step)


def form_digest(case: AdmissionCase) -> str:
    """One digest of everything the applicant says: form, files and answers."""
    files = sorted([item["kind"], item["file"]] for item in case.files)
    answers = [[defect["material"], defect.get("answer", "")] for defect in case.defects]
    return digest({"form": case.form, "files": files, "answers": answers})


def _editable(act: Act, ref: str, action: str) -> AdmissionCase:
    case = act.open(AdmissionCase, ref)
    permitted(act, "admission_case", action)
    if case.state not in EDITABLE:
        raise IllegalMove(
            "案件已提交，不能修改",
            "the case is submitted and cannot be changed",
            noun="admission_case",
            state=case.state,
            action=action,
        )
    return case


def _record_form(act: Act, case: AdmissionCase, action: str) -> None:
    act.touch(case)
    act.record(
        f"admission_case.{action}",
        f"admission_case/{case.id}",
        institution=case.institution_id,
        form=form_digest(case),
    )
