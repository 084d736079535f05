"""Applications, the institution's side: drafted, edited, submitted by two, mended, withdrawn."""

from sqlmodel import select

from app.commands import notices
from app.commands.advance import Step, advance, done
from app.commands.clocks import (
    close_tasks,
    open_task,
    pause_clocks,
    resume_clocks,
    running,
    start_clock,
    stop_clocks,
)
from app.commands.command import Body, Done, Empty, Reasoned, Text, command, entry
from app.commands.contracts import lapse_contract
from app.commands.filing import File, on_file, permitted
from app.commands.opinions import close_opinion_tasks
from app.domain.amendments import Kind
from app.domain.callers import Caller
from app.domain.canonical import digest
from app.domain.grant_cases import GRANT_CASE, State
from app.domain.grounds import Words
from app.domain.instruments import Kind as Letter
from app.domain.refusals import IllegalMove, Invalid, NotAllowed
from app.domain.rights import as_document
from app.domain.rights_reading import read_rights
from app.store.like_grants import hints
from app.store.renewals import beside_grant
from app.store.scope import visible
from app.store.situations_grants import Judged, judge
from app.store.tables_decisions import DecisionIndex
from app.store.tables_grants import Grant, GrantCase
from app.store.tables_supply import Product
from app.store.unit import Act, begin

ACCEPTANCE_DAYS, SUPPLEMENT_DAYS = 3, 10
EDITABLE = (State.DRAFT, State.SUPPLEMENT)


class CaseForm(Body):
    """What an institution asks for. The four dimensions are one document."""

    title: Text = entry("申请事项", "Title", min_length=2, max_length=200)
    scene: str = entry("业务场景", "Scene", default="", widget="textarea", max_length=4000)
    necessity: str = entry("必要性说明", "Necessity", default="", widget="textarea",
                            max_length=4000)
    security_measures: str = entry("安全措施", "Security measures", default="",
                                    widget="textarea", max_length=4000)
    volume_per_day: int = entry("日均用量", "Calls a day", default=0, widget="number", ge=0,
                                le=10_000_000)
    requested: dict | None = entry("申请的目的、范围、方式、期限", "Purpose, scope, method, term",
                                   default=None, widget="json")
    files: list[File] = entry("附件", "Files", default_factory=list, widget="file",
                              max_length=50)


class NewCase(CaseForm):
    """A new application, or one about a grant that stands."""

    kind: Kind = entry("申请类型", "Kind", default=Kind.NEW, widget="select",
                       options="amendments.Kind")
    product: Text = entry("数据产品", "Product", default="", widget="select",
                          options="noun:product", max_length=64)
    grant: Text = entry("现有授权", "Grant", default="", widget="select", options="noun:grant",
                        max_length=64)
    origin_decision: Text = entry("来源决策", "Born from decision", default="", max_length=64)


@command("grant_case.create", "新建申请", "New application", creates=True)
def create(rt, caller: Caller, body: NewCase) -> Done:
    """A draft of the caller's own institution."""
    with begin(rt, caller) as act:
        permitted(act, "grant_case", "create")
        if not caller.institution:
            raise NotAllowed("授权申请由机构提出", "an application is made by an institution")
        grant = _of_number(act, Grant, body.grant) if body.kind != Kind.NEW else None
        product = (act.find(Product, grant.product_id) if grant
                   else _of_number(act, Product, body.product))
        row = act.create(
            GrantCase, number=act.number("GC"), kind=str(body.kind),
            institution_id=caller.institution, product_id=product.id,
            grant_id=grant.id if grant else None, state=str(State.DRAFT), maker=caller.person,
            origin_decision=_denial(act, body.origin_decision), **_columns(act, body, product))
        act.record("grant_case.create", f"grant_case/{row.id}", institution=row.institution_id,
                   number=row.number, case_kind=row.kind, product=product.number,
                   grant=grant.number if grant else "")
    return done(row)


def _of_number(act: Act, model, ref: str):
    """The row by number or id; the refusal names the member to fill."""
    key = act.first(select(model.id).where((model.number == ref) | (model.id == ref)))
    row = act.find(model, key) if key else None
    if row is None or not visible(row, act.caller):
        raise Invalid("请选择有效的对象", f"name an existing {model.noun}",
                      errors=[{"at": model.noun, "zh": "未找到", "en": "not found"}])
    return row


def _denial(act: Act, number: str) -> str:
    """The number of a refused call of the caller's own, or none."""
    row = act.first(select(DecisionIndex).where(DecisionIndex.id == number)) if number else None
    if number and (row is None or row.permits or not visible(row, act.caller)):
        raise Invalid("没有这个拒绝决策", "there is no such denial", errors=[
            {"at": "origin_decision", "zh": "没有这个拒绝决策", "en": "no such denial"}])
    return number


def _columns(act: Act, form: CaseForm, product: Product) -> dict:
    requested = {}
    if form.requested:
        law = act.rt.law
        rights = read_rights(form.requested, law.purposes, law.vocabulary)
        if rights.product != product.number:
            raise Invalid("范围中的产品与申请的产品不一致",
                          "`scope.product` is not the product applied for", code="SCOPE.PRODUCT",
                          errors=[{"at": "scope.product", "zh": f"应为 {product.number}",
                                   "en": f"must be {product.number}"}])
        requested = as_document(rights)
    return {"title": form.title, "scene": form.scene, "necessity": form.necessity,
            "security_measures": form.security_measures, "volume_per_day": form.volume_per_day,
            "requested": requested, "files": list(on_file(act, form.files))}


@command("grant_case.edit", "修改申请", "Edit")
def edit(rt, caller: Caller, ref: str, body: CaseForm) -> Done:
    """A draft, or a form sent back, is rewritten; hands under the old one are void."""
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        permitted(act, "grant_case", "edit")
        if row.state not in EDITABLE:
            raise IllegalMove("申请已提交，不能修改", "the application is submitted and fixed",
                              noun="grant_case", state=row.state, action="edit")
        for name, value in _columns(act, body, act.find(Product, row.product_id)).items():
            setattr(row, name, value)
        act.record("grant_case.edit", f"grant_case/{row.id}", institution=row.institution_id,
                   form=form_digest(row))
    return done(row)


def form_digest(row: GrantCase) -> str:
    """The digest of everything the institution states."""
    return digest({name: getattr(row, name) for name in (
        "kind", "institution_id", "product_id", "grant_id", "title", "scene", "necessity",
        "security_measures", "volume_per_day", "requested", "files", "origin_decision")})


@command("grant_case.submit", "提交", "Submit")
def submit(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The maker submits, the signer confirms the very same form; it is screened at once."""
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        step = _submitted(act, row, "submit", judge(rt, act.session, caller, row))
    return done(row, step)


class Answer(Body):
    """What was done about one defect."""

    id: Text = entry("缺陷序号", "Defect", widget="hidden", min_length=1, max_length=20)
    answer: Text = entry("答复", "Answer", min_length=1, max_length=2000)


class Answers(Body):
    """An answer to each defect of the notice; the signer may leave them as the maker wrote them."""

    answers: list[Answer] = entry("补正答复", "Answers", default_factory=list, widget="given",
                                  max_length=100)


@command("grant_case.resubmit", "补正后提交", "Submit again")
def resubmit(rt, caller: Caller, ref: str, body: Answers) -> Done:
    """Every listed defect is answered; the two of the institution sign again."""
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        given = {item.id: item.answer for item in body.answers}
        unknown = given.keys() - {defect["id"] for defect in row.defects}
        if unknown:
            raise Invalid("没有这个缺陷序号", "no such defect in the notice",
                          errors=[{"at": f"answers.{name}", "zh": "未知序号", "en": "unknown"}
                                  for name in sorted(unknown)])
        if given:
            row.defects = [{**defect, "answer": given.get(defect["id"], defect.get("answer", ""))}
                           for defect in row.defects]
            act.record("grant_case.answer", f"grant_case/{row.id}",
                       institution=row.institution_id, answered=sorted(given))
            act.session.flush()
        step = _submitted(act, row, "resubmit", judge(rt, act.session, caller, row))
        if step:
            stop_clocks(act, row, "supplement")
            row.answers = [*row.answers, {"round": row.rounds, "defects": row.defects}]
            row.defects = []
    return done(row, step)


def _submitted(act: Act, row: GrantCase, action: str, judged: Judged) -> Step:
    form = form_digest(row)
    step = advance(act, GRANT_CASE, row, action, judged.situation, payload={"form": form},
                   relied_on={"policy": act.rt.law.digest},
                   record={"form": form, "screened": _results(judged)})
    if not step:
        open_task(act, row, action, "INST_SIGNER", "确认提交授权申请")
        return step
    close_tasks(act, row, action)
    row.rounds += 1
    row.form_digest, row.signer, row.submitted_at = form, act.caller.person, act.at
    row.screening = screened(act, judged)
    clock = resumed(act, row, "acceptance", ACCEPTANCE_DAYS)
    open_task(act, row, "accept", "INTAKE", f"受理：{row.title}", due=clock.due_at)
    return step


def _results(judged: Judged) -> dict:
    screening = judged.screening
    return {name: screening.result(name) for name in screening.items} if screening else {}


def screened(act: Act, judged: Judged) -> dict:
    """The screening as kept with the case, with hints on asking for less."""
    if judged.screening is None:
        return {}
    found = judged.screening.as_document(act.rt.law.digest, act.at)
    return {**found, "hints": hints(act.rt, act.session, judged.view),
            **beside_grant(act.rt, act.session, judged.view)}


@command("grant_case.withdraw", "撤回", "Withdraw")
def withdraw(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The institution takes its application back; it still ends in a numbered notice (INV-14)."""
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        step = advance(act, GRANT_CASE, row, "withdraw",
                       judge(rt, act.session, caller, row, body.reason).situation,
                       reason_code="CASE.WITHDRAWN")
        ended(act, row)
        notices.issue(act, Letter.CLOSING, row)
    return done(row, step)


def ended(act: Act, row: GrantCase) -> None:
    """Nothing is owed to a case that is over; a contract nobody signed lapses with it."""
    close_tasks(act, row)
    close_opinion_tasks(act, row)
    stop_clocks(act, row)
    lapse_contract(act, row)


def paused(act: Act, row: GrantCase) -> None:
    """The operator's clocks stand still while the applicant supplements; theirs runs."""
    close_tasks(act, row)
    close_opinion_tasks(act, row)
    pause_clocks(act, row)
    clock = start_clock(act, row, "supplement", SUPPLEMENT_DAYS)
    open_task(act, row, "resubmit", "INST_MAKER", f"补正：{row.title}", due=clock.due_at)


def resumed(act: Act, row: GrantCase, kind: str, days: int):
    """The clock of a stage, running again where it stood still, started where there is none."""
    resume_clocks(act, row, kind)
    found = running(act, row, kind)
    return found[0] if found else start_clock(act, row, kind, days)


LAPSES = {  # what the applicant let run out, by state: the clock and the step not taken
    State.SUPPLEMENT: ("supplement", Words("补正", "The supplement")),
    State.APPROVED: ("signing", Words("签约", "The contract's signing")),
}


def lapse(act: Act, row: GrantCase) -> Step:
    """The system ends a case whose applicant let the time limit run out."""
    clock, left_undone = LAPSES[State(row.state)]
    step = advance(act, GRANT_CASE, row, "lapse",
                   judge(act.rt, act.session, act.caller, row).situation,
                   reason_code="CASE.LAPSED")
    due = max(item.due_at for item in running(act, row, clock))
    ended(act, row)
    notices.issue_lapse(act, row, due, left_undone)
    return step
