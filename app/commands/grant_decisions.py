"""Applications decided: approved, approved in part, refused; by the approver, and the
data-security officer where the table asks for a second approver."""

from app.commands import notices
from app.commands.advance import Step, advance, cascade, done
from app.commands.annexes import owe_annex
from app.commands.clocks import close_tasks, open_task, start_clock, stop_clocks
from app.commands.command import Body, Done, Text, command, entry
from app.commands.contracts import draft_contract
from app.commands.filing import proposed
from app.commands.grant_intake import Refused, worded
from app.commands.grants import apply_amendment, resume_by_case
from app.commands.proposals import require_grounds
from app.domain.amendments import FULL, Kind
from app.domain.callers import Caller
from app.domain.contracts import CHECKLIST
from app.domain.grant_cases import GRANT_CASE
from app.domain.grounds import Words
from app.domain.instruments import Kind as Letter
from app.domain.instruments import kind_of
from app.domain.narrowing import differences
from app.domain.obligations import Obligation
from app.domain.refusals import GuardFailed, Invalid
from app.domain.rights import Rights, as_document, scope_digest
from app.domain.rights_reading import read_rights
from app.store.situations_grants import Entered, Judged, judge
from app.store.tables_grants import GrantCase
from app.store.tables_supply import Product
from app.store.titles import titles_of
from app.store.unit import Act, begin

SIGNING_DAYS = 20
SIGNED = Words("双方签订合同之日", "the day both sides sign the contract")


class Approval(Body):
    """What is granted. A second approver who leaves everything empty signs what the first did."""

    reason: str = entry("审批意见", "Decision", widget="textarea", min_length=2, max_length=4000)
    conditions: list[Text] = entry("条件", "Conditions", default_factory=list, widget="textarea",
                                   max_length=20)
    per_day: int = entry("每日用量上限", "Calls a day", default=0, widget="number", ge=0,
                         le=100_000_000, help_zh="0 为不限", help_en="0 sets no limit")
    obligations: list[Obligation] = entry("义务", "Obligations", default_factory=list,
                                          widget="multiselect", max_length=20,
                                          options="obligations.Obligation",
                                          help_zh="规则表已要求的义务自动附带，此处只选另加的",
                                          help_en="what the rulebook asks for comes by itself; "
                                                  "choose only what is laid down besides")
    override: str = entry("不采纳不同意意见的理由", "Why a disagreement is overridden", default="",
                           widget="textarea", max_length=4000)
    deviation: str = entry("与同类机构不一致的理由", "Why it differs from like institutions",
                            default="", widget="textarea", max_length=4000,
                            help_zh="数据项、期限或价格类别与同类机构的授权不一致时必填",
                            help_en="needed where fields, term or price class differ from what "
                                    "like institutions hold")


class PartialApproval(Approval):
    """What is granted of what was asked, and why not the rest."""

    approved: dict | None = entry("批准的目的、范围、方式、期限", "Rights approved", default=None,
                                  widget="json")
    grounds: list[Text] = entry("未予批准部分的理由代码", "Grounds of the rest",
                                widget="multiselect", options="grounds:PARTIAL_GRANT",
                                default_factory=list, max_length=20)


@command("grant_case.approve", "批准", "Approve")
def approve(rt, caller: Caller, ref: str, body: Approval) -> Done:
    """Everything asked for is granted."""
    return _decided(rt, caller, ref, body, "approve", None, [])


@command("grant_case.approve_narrowed", "部分批准", "Approve in part")
def approve_narrowed(rt, caller: Caller, ref: str, body: PartialApproval) -> Done:
    """Less than was asked for is granted; the letter says what not, and why."""
    return _decided(rt, caller, ref, body, "approve_narrowed", body.approved, body.grounds)


def _decided(rt, caller: Caller, ref: str, body: Approval, action: str, approved: dict | None,
             grounds: list[str]) -> Done:
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        payload = {"deviation": ""} | proposed(act, row, action, {
            "conditions": body.conditions, "quota": _quota(body), "grounds": grounds,
            "obligations": _obligations(body), "override": body.override,
            "deviation": body.deviation, "approved": _approved(act, approved)},
            needed=action == "approve_narrowed")
        require_grounds(rt, payload["grounds"], Letter.PARTIAL_GRANT)
        rights = _rights(act, payload["approved"] or row.requested)
        judged = judge(rt, act.session, caller, row, body.reason, Entered(
            rights, payload["override"], payload["deviation"], tuple(payload["grounds"])))
        _narrows(judged, rights, action, payload)
        step = _taken(act, row, action, judged, payload)
        if step:
            _effects(act, row, action, payload, judged, body.reason)
        elif "second" in step.waiting:
            open_task(act, row, action, "DSO", f"加签：{row.title}")
    return done(row, step)


def _taken(act: Act, row: GrantCase, action: str, judged: Judged, payload: dict) -> Step:
    """The decision's move; a refusal for parity names every deviation."""
    try:
        return advance(act, GRANT_CASE, row, action, judged.situation, payload=payload,
                       reason_code=",".join(payload["grounds"]),
                       relied_on={"policy": act.rt.law.digest, "opinions": [
                           item.id for item in judged.view.opinions if item.result]},
                       record={**_sealed(row, payload), **_parity(judged)})
    except GuardFailed as refusal:
        if "deviation_is_reasoned" in refusal.facts["guards"]:
            refusal.facts["errors"] = [{"at": "deviation", "zh": item.zh, "en": item.en}
                                       for item in judged.parity.deviations]
        raise


def _parity(judged: Judged) -> dict:
    """The comparison with like institutions as of the decision, as its entry carries it."""
    return {"parity": judged.parity.as_record()} if judged.parity else {}


def _obligations(body: Approval) -> list[dict]:
    return [{"kind": kind.value} for kind in sorted(set(body.obligations))]


def _quota(body: Approval) -> dict:
    return {"per_day": body.per_day} if body.per_day else {}


def _approved(act: Act, document: dict | None) -> dict:
    return as_document(_rights(act, document)) if document else {}


def _rights(act: Act, document: dict) -> Rights | None:
    law = act.rt.law
    return read_rights(document, law.purposes, law.vocabulary) if document else None


def _narrows(judged: Judged, rights: Rights | None, action: str, payload: dict) -> None:
    """A decision in part is about something less, and says why."""
    if action != "approve_narrowed":
        return
    if judged.view.row.kind not in FULL or rights == judged.view.requested:
        raise Invalid("部分批准须小于申请；全部批准请用“批准”",
                      "a decision in part grants less than was asked; use `approve` otherwise",
                      code="G-NARROW")
    if not payload["grounds"]:
        raise Invalid("须列明未予批准部分的理由代码", "name the grounds of what is not granted",
                      code="REASON.REQUIRED", errors=[
                          {"at": "grounds", "zh": "必填", "en": "is required"}])


def _sealed(row: GrantCase, payload: dict) -> dict:
    """The approved scope digest, as the trail entry carries it."""
    document = payload["approved"] or row.requested
    if not document:
        return {}
    return {"scope_digest": scope_digest(document, payload["conditions"], payload["quota"],
                                         payload["obligations"])}


def _effects(act: Act, row: GrantCase, action: str, payload: dict, judged: Judged,
             reason: str) -> None:
    row.approved = payload["approved"] or row.requested
    row.conditions, row.quota = payload["conditions"], payload["quota"]
    row.obligations = payload["obligations"]
    row.scope_digest = _sealed(row, payload).get("scope_digest", "")
    row.second_needed = bool(judged.second_because)
    row.second_because = list(judged.second_because)
    row.decision = {"result": action.upper(), "reason": reason, "override": payload["override"],
                    "grounds": payload["grounds"], "deviation": payload["deviation"],
                    **_parity(judged)}
    close_tasks(act, row)
    stop_clocks(act, row)
    if row.kind == Kind.RESUME:
        cascade(act, GRANT_CASE, row, "conclude", because=f"grant_case/{row.id}",
                reason_code="DECIDED")
        resume_by_case(act, row)
        return
    if row.kind == Kind.AMEND_NARROW:
        cascade(act, GRANT_CASE, row, "conclude", because=f"grant_case/{row.id}",
                reason_code="DECIDED")
        apply_amendment(act, row)
        owe_annex(act, row)
    else:
        checklist = act.rt.cases.checklists[CHECKLIST]
        contract = draft_contract(act, row, f"{checklist.id}@{checklist.version}")
        clock = start_clock(act, row, "signing", SIGNING_DAYS)
        open_task(act, contract, "prepare", "OPS", f"登记合同文本：{row.title}", due=clock.due_at)
    _letter(act, row, action, judged)


def _letter(act: Act, row: GrantCase, action: str, judged: Judged) -> None:
    product = act.session.get(Product, row.product_id)
    titles = titles_of(act.rt, act.session, product)
    law = act.rt.law
    rest = differences(_rights(act, row.approved), judged.view.requested, law.purposes,
                       law.vocabulary) if judged.view.requested else ()
    grounds = row.decision["grounds"]
    reasons = [{"code": code, "text": {"zh": "；".join(item.zh for item in rest),
                                       "en": "; ".join(item.en for item in rest)}}
               for code in grounds]
    notices.issue(act, kind_of("grant_case", action, row.kind), row, {
        "particulars": notices.dimension_lines(row.approved, titles),
        **({"reasons": reasons} if reasons else {}),
        **({"facts": _about(row, judged.view.grant.number)} if judged.view.grant else {})})


def _about(row: GrantCase, grant: str) -> dict:
    """Which grant a letter is about, and since when; a widening waits for its contract."""
    return {"grant": grant, **({"on": SIGNED} if row.kind == Kind.AMEND_WIDEN else {})}


@command("grant_case.reject", "不予授权", "Refuse")
def reject(rt, caller: Caller, ref: str, body: Refused) -> Done:
    """Nothing is granted; each reason has its code, clause and remedy in the letter."""
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        require_grounds(rt, body.grounds, Letter.GRANT_REFUSAL)
        judged = judge(rt, act.session, caller, row, body.reason,
                       Entered(grounds=tuple(body.grounds)))
        step = advance(act, GRANT_CASE, row, "reject", judged.situation,
                       payload={"grounds": body.grounds}, reason_code=",".join(body.grounds),
                       relied_on={"policy": rt.law.digest})
        _refused(act, row, body, step)
    return done(row, step)


def _refused(act: Act, row: GrantCase, body: Refused, step: Step) -> None:
    if step:
        row.decision = {"result": "REJECTED", "reason": body.reason, "grounds": body.grounds}
        close_tasks(act, row)
        stop_clocks(act, row)
        notices.issue(act, kind_of("grant_case", "reject", row.kind), row,
                      {"reasons": worded(body.grounds, body.reason)})
