"""Onboarding cases, the submitter's side: drafted, submitted, mended, withdrawn."""

from sqlmodel import select

from app.commands import datasets, notices
from app.commands.advance import advance, done
from app.commands.command import Body, Done, Empty, Reasoned, Text, command, entry
from app.commands.filing import Code, File, on_file, permitted
from app.commands.stages import entered
from app.domain.callers import Caller
from app.domain.canonical import digest
from app.domain.datasets import Cycle
from app.domain.instruments import Kind
from app.domain.onboarding import ONBOARDING, Paper, State
from app.domain.refusals import IllegalMove, Invalid, NotAllowed
from app.store.situations_onboarding import fields_of, onboarding_situation
from app.store.tables_supply import Dataset, Department, OnboardingCase
from app.store.unit import Act, begin

EDITABLE = (State.DRAFT, State.SUPPLEMENT)


class ListedField(Body):
    """One field of the list."""

    code: Code = entry("数据项代码", "Code")
    name: Text = entry("数据项名称", "Name", default="", max_length=200)
    type: Text = entry("数据类型", "Type", default="", max_length=64)


class CaseForm(Body):
    """What a department says about a dataset it proposes."""

    name: Text = entry("数据资源名称", "Name", min_length=1, max_length=200)
    update_cycle: Cycle | None = entry("更新周期", "Update cycle", default=None)
    category: Text = entry("分类", "Category", default="", max_length=200)
    owner: Text = entry("责任人", "Owner", default="", max_length=100)
    reshared_from: Text = entry("共享来源部门", "Obtained by sharing from", default="",
                                max_length=100)
    legality: str = entry("来源合法性说明", "Lawful origin", default="", widget="textarea",
                           max_length=4000)


class NewCase(CaseForm):
    """A dataset to be onboarded; staff also name the department."""

    code: Code = entry("数据资源代码", "Code")
    department: Text = entry("数据提供部门", "Department", default="", widget="select",
                             options="noun:department", max_length=64)


@command("onboarding_case.create", "提出数据接入", "Propose a dataset", creates=True)
def create(rt, caller: Caller, body: NewCase) -> Done:
    with begin(rt, caller) as act:
        permitted(act, "onboarding_case", "create")
        ref = caller.department or body.department
        if not ref:
            raise Invalid("请选择数据提供部门", "name the department",
                          errors=[{"at": "department", "zh": "必填", "en": "required"}])
        department = _department(act, ref)
        case = drafted(act, department, body.code, body.name,
                       **_columns(body), reshared_from=body.reshared_from)
        case.legality = body.legality
    return done(case)


def _department(act: Act, ref: str) -> Department:
    key = act.first(select(Department.id).where(Department.number == ref))
    return act.get(Department, key or ref)


def _columns(form: CaseForm) -> dict:
    return {"update_cycle": str(form.update_cycle or ""), "category": form.category,
            "owner": form.owner}


def drafted(act: Act, department: Department, code: str, name: str, **values) -> OnboardingCase:
    """A draft case with its pending dataset, inside an act, recorded.

    `values` are columns of the dataset: `update_cycle`, `category`, `owner`, `reshared_from`.
    """
    return drafted_for(act, datasets.named(act, department, code, name, **values))


def drafted_for(act: Act, dataset: Dataset) -> OnboardingCase:
    """A draft case for a pending dataset that has none open, inside an act, recorded."""
    case = act.create(OnboardingCase, number=act.number("OC"), dataset_id=dataset.id,
                      department_id=dataset.department_id, title=dataset.name,
                      state=str(State.DRAFT), maker=act.caller.person,
                      side="BIZ_REVIEW" if act.caller.is_staff else "DEPT_LIAISON")
    act.record("onboarding_case.create", f"onboarding_case/{case.id}", number=case.number,
               dataset=dataset.id, dataset_number=dataset.number)
    return case


def dataset_of(act: Act, case: OnboardingCase) -> Dataset:
    """The dataset the case is about, locked."""
    return act.get(Dataset, case.dataset_id)


@command("onboarding_case.edit", "修改申请", "Edit")
def edit(rt, caller: Caller, ref: str, body: CaseForm) -> Done:
    """A draft, or a case sent back, is rewritten by its submitter."""
    with begin(rt, caller) as act:
        case = _editable(act, ref, "edit")
        dataset = dataset_of(act, case)
        for name, value in {**_columns(body), "name": body.name,
                            "reshared_from": body.reshared_from}.items():
            setattr(dataset, name, value)
        case.title, case.legality = body.name, body.legality
        act.touch(case)
        act.record("onboarding_case.edit", f"onboarding_case/{case.id}",
                   form=form_digest(act, case))
    return done(case)


class FieldList(Body):
    """The fields of the dataset, by code; fields that are not listed stay."""

    fields: list[ListedField] = entry("数据项清单", "Fields", min_length=1, max_length=2000)


@command("onboarding_case.list_fields", "维护数据项清单", "List the fields")
def list_fields(rt, caller: Caller, ref: str, body: FieldList) -> Done:
    with begin(rt, caller) as act:
        case = _editable(act, ref, "list_fields")
        listing = datasets.fields(act, dataset_of(act, case), (
            datasets.Listed(item.code, item.name, item.type) for item in body.fields))
        act.touch(case)
        act.record("onboarding_case.list_fields", f"onboarding_case/{case.id}",
                   form=form_digest(act, case))
    return done(case, added=listing.added, changed=listing.changed, kept=listing.kept)


class Attached(Body):
    """A file with what it is; one of the same kind is replaced."""

    kind: Paper = entry("材料种类", "Kind")
    file: File = entry("文件", "File", widget="file")


@command("onboarding_case.attach", "提交材料", "Attach a file")
def attach(rt, caller: Caller, ref: str, body: Attached) -> Done:
    with begin(rt, caller) as act:
        case = _editable(act, ref, "attach")
        on_file(act, [body.file])
        kind = str(body.kind)
        case.files = [*(item for item in case.files if item["kind"] != kind),
                      {"kind": kind, "file": body.file}]
        if body.kind is Paper.SHARED_CONSENT:
            dataset_of(act, case).reshare_consent = body.file
        act.record("onboarding_case.attach", f"onboarding_case/{case.id}", paper=kind,
                   file=body.file)
    return done(case)


def _editable(act: Act, ref: str, action: str) -> OnboardingCase:
    case = act.open(OnboardingCase, ref)
    permitted(act, "onboarding_case", action)
    if case.state not in EDITABLE:
        raise IllegalMove("案件已提交，不能修改", "the case is submitted and cannot be changed",
                          noun="onboarding_case", state=case.state, action=action)
    if act.caller.person != case.maker and act.caller.department != case.department_id:
        raise NotAllowed("只有提交方可以修改", "only the submitter may change it")
    return case


def form_digest(act: Act, case: OnboardingCase) -> str:
    """One digest of everything the submitter says: form, files and field list."""
    dataset = act.session.get(Dataset, case.dataset_id)
    return digest({
        "dataset": [dataset.number, dataset.code, dataset.name, dataset.update_cycle,
                    dataset.category, dataset.owner, dataset.reshared_from],
        "legality": case.legality, "files": sorted([item["kind"], item["file"]]
                                                   for item in case.files),
        "answers": [[defect["field"], defect.get("answer", "")] for defect in case.defects],
        "fields": [[field.code, field.name, field.type]
                   for field in fields_of(act.session, dataset.id)]})


@command("onboarding_case.submit", "提交", "Submit")
def submit(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The form is sealed by its digest and the time to accept it runs."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        situation = onboarding_situation(rt, act.session, caller, case)
        case.form_digest = form_digest(act, case)
        step = advance(act, ONBOARDING, case, "submit", situation,
                       record={"form": case.form_digest})
        case.maker, case.submitted_at = caller.person, act.at
        case.side = "BIZ_REVIEW" if caller.is_staff else "DEPT_LIAISON"
        entered(act, case)
    return done(case, step)


class Answer(Body):
    """What was mended at one place."""

    field: Text = entry("位置", "Place", widget="hidden", min_length=1, max_length=100)
    answer: Text = entry("答复", "Answer", min_length=1, max_length=1000)


class Answers(Body):
    """An answer to every listed defect."""

    answers: list[Answer] = entry("逐项答复", "Answers", widget="given", min_length=1,
                                  max_length=100)


@command("onboarding_case.resubmit", "补正后提交", "Resubmit")
def resubmit(rt, caller: Caller, ref: str, body: Answers) -> Done:
    """Each listed defect is answered; what the form was and what it is now stand on record."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        said = {item.field: item.answer for item in body.answers}
        unknown = said.keys() - {defect["field"] for defect in case.defects}
        if unknown:
            raise Invalid("答复了未告知的事项", "an answer is for nothing that was listed",
                          unknown=sorted(unknown))
        case.defects = [{**defect, "answer": said.get(defect["field"], "")}
                        for defect in case.defects]
        situation = onboarding_situation(rt, act.session, caller, case)
        was, case.form_digest = case.form_digest, form_digest(act, case)
        step = advance(act, ONBOARDING, case, "resubmit", situation,
                       record={"form_was": was, "form": case.form_digest})
        entered(act, case)
    return done(case, step)


@command("onboarding_case.withdraw", "撤回", "Withdraw")
def withdraw(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The submitter takes the case back; it still ends in a numbered closing notice (INV-14)."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        situation = onboarding_situation(rt, act.session, caller, case, body.reason)
        step = advance(act, ONBOARDING, case, "withdraw", situation,
                       reason_code="CASE.WITHDRAWN")
        notices.issue(act, Kind.CLOSING, case)
        entered(act, case)
    return done(case, step)
