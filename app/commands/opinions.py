"""Opinions: opened by the rule table, given by whoever the table names, recused from."""

from sqlmodel import select

from app.commands.advance import advance, cascade, done
from app.commands.clocks import close_tasks, open_task, start_clock, stop_clocks
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.domain.callers import Caller
from app.domain.grant_cases import GRANT_CASE
from app.domain.opinions import ROLES, Check, Kind, Result, opened, unticked
from app.domain.refusals import IllegalMove, Invalid, NotAllowed
from app.domain.wire import is_ref
from app.domain.workdays import deadline
from app.store.situations_grants import Judged, judge
from app.store.tables import Task
from app.store.tables_grants import GrantCase, Opinion
from app.store.unit import Act, begin

EACH_DAYS, APPROVAL_DAYS = 5, 3


class GivenOpinion(Body):
    """What a reviewer says of a case."""

    result: Result = entry("结论", "Result", widget="select", options="opinions.Result")
    text: str = entry("意见", "Opinion", widget="textarea", min_length=2, max_length=4000)
    conditions: list[Text] = entry("条件", "Conditions", default_factory=list, widget="textarea",
                                   max_length=20)
    checklist: list[Check] = entry("已核对事项", "Checked", default_factory=list,
                                  widget="multiselect", options="opinions.Check", max_length=40)


def open_opinions(act: Act, row: GrantCase, judged: Judged) -> list[Opinion]:
    """The opinions of a new round, each with its task and its due instant."""
    found = []
    for kind in opened(judged.facts):
        departments = [""]
        if kind is Kind.SOURCE:
            departments = sorted({source.department_id for source in judged.view.ceiling.sources
                                  if source.consent_mode == "PER_GRANT"})
        found += [_open(act, row, kind, department) for department in departments]
    return found


def _open(act: Act, row: GrantCase, kind: Kind, department: str, attempt: int = 1) -> Opinion:
    due = deadline(act.rt.holidays, act.at, EACH_DAYS).at
    opinion = act.create(
        Opinion, case_id=row.id, case_number=row.number, kind=str(kind), round=row.rounds,
        attempt=attempt, role=ROLES[kind], department_id=department,
        form_digest=row.form_digest, due_at=due)
    act.record("opinion.open", f"opinion/{opinion.id}", institution=row.institution_id,
               case=row.number, opinion=str(kind), department=department)
    task = open_task(act, row, "give_opinion", ROLES[kind], f"{kind.zh}：{row.title}", due=due)
    task.noun, task.object_id = "opinion", opinion.id
    task.department_id, task.institution_id = department or None, None
    return opinion


@command("opinion.give", "出具意见", "Give opinion")
def give(rt, caller: Caller, ref: str, body: GivenOpinion) -> Done:
    """One reviewer's opinion; the last one of the round sends the case to its decision."""
    if body.result is Result.RECUSE:
        return recuse(rt, caller, ref, Reasoned(reason=body.text))
    with begin(rt, caller) as act:
        case, opinion = _opened(act, ref)
        _is_whole(opinion, body)
        step = advance(act, GRANT_CASE, case, "give_opinion",
                       judge(rt, act.session, caller, case, body.text).situation,
                       evidence=(case.form_digest,),
                       record={"opinion": opinion.id, "opinion_kind": opinion.kind,
                               "result": str(body.result)})
        _given(act, opinion, body.result, body.text)
        opinion.conditions, opinion.checklist = list(body.conditions), [
            str(check) for check in body.checklist]
        _close_when_last(act, case)
    return done(opinion, step, case=case.number, case_state=case.state)


@command("opinion.recuse", "回避", "Recuse")
def recuse(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The reviewer steps back for good; the opinion waits for somebody else of the role."""
    with begin(rt, caller) as act:
        case, opinion = _opened(act, ref)
        step = advance(act, GRANT_CASE, case, "recuse",
                       judge(rt, act.session, caller, case, body.reason).situation,
                       record={"opinion": opinion.id, "opinion_kind": opinion.kind})
        _given(act, opinion, Result.RECUSE, body.reason)
        _open(act, case, Kind(opinion.kind), opinion.department_id, opinion.attempt + 1)
    return done(opinion, step, case=case.number, case_state=case.state)


def _opened(act: Act, ref: str) -> tuple[GrantCase, Opinion]:
    """The case, locked first, and its open opinion, if it is this caller's to give.

    Raises:
        NotFound, NotAllowed, IllegalMove
    """
    case_id = act.first(select(Opinion.case_id).where(Opinion.id == ref)) if is_ref(ref) else None
    case = act.find(GrantCase, case_id) if case_id else None
    opinion = act.open(Opinion, ref)
    if opinion.role not in act.caller.roles:
        raise NotAllowed(f"{Kind(opinion.kind).zh}由 {opinion.role} 出具",
                         f"this opinion is given by {opinion.role}", noun="opinion")
    if opinion.result or opinion.round != case.rounds:
        raise IllegalMove("该意见已出具或已随退回失效",
                          "the opinion is given, or void with its round", noun="opinion",
                          state=opinion.result or "VOID", action="give")
    return case, opinion


def _is_whole(opinion: Opinion, body: GivenOpinion) -> None:
    """Agreeing needs every check ticked; agreeing with conditions needs the conditions.

    Raises:
        Invalid
    """
    left = unticked(Kind(opinion.kind), body.result, frozenset(map(str, body.checklist)))
    errors = [{"at": "checklist", "zh": f"未核对：{check.zh}", "en": f"not checked: {check.en}"}
              for check in left]
    if body.result is Result.AGREE_WITH_CONDITIONS and not body.conditions:
        errors.append({"at": "conditions", "zh": "须写明条件", "en": "name the conditions"})
    if errors:
        raise Invalid(errors[0]["zh"], errors[0]["en"], code="CHECKLIST.INCOMPLETE",
                      errors=errors)


def close_opinion_tasks(act: Act, case: GrantCase) -> None:
    """Opinions of a round that is over are owed by nobody."""
    ids = act.all(select(Opinion.id).where(Opinion.case_id == case.id))
    for task in act.all(select(Task).where(Task.noun == "opinion", Task.object_id.in_(ids),
                                           Task.done_at.is_(None))):
        task.done_at, task.done_by = act.at, act.caller.account


def _given(act: Act, opinion: Opinion, result: Result, text: str) -> None:
    opinion.result, opinion.text, opinion.done_at = str(result), text, act.at
    opinion.person, opinion.account = act.caller.person, act.caller.account
    opinion.author = act.caller.name
    for task in act.all(select(Task).where(Task.noun == "opinion", Task.done_at.is_(None),
                                           Task.object_id == opinion.id)):
        task.done_at, task.done_by = act.at, act.caller.account


def _close_when_last(act: Act, case: GrantCase) -> None:
    act.session.flush()
    left = act.first(select(Opinion.id).where(
        Opinion.case_id == case.id, Opinion.round == case.rounds, Opinion.result == ""))
    if left is not None:
        return
    cascade(act, GRANT_CASE, case, "close_review", because=f"grant_case/{case.id}",
            reason_code="OPINIONS.COMPLETE")
    stop_clocks(act, case, "opinions")
    close_tasks(act, case)
    clock = start_clock(act, case, "approval", APPROVAL_DAYS)
    open_task(act, case, "approve", "APPROVER", f"审批：{case.title}", due=clock.due_at)
