"""Onboarding cases under review: assessed, then approved or refused with numbered notices."""

from app.commands import notices
from app.commands.advance import advance, done
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import File, hand_on, on_file
from app.commands.proposals import require_ground
from app.commands.stages import entered
from app.domain.callers import Caller
from app.domain.canonical import digest
from app.domain.grounds import Words
from app.domain.instruments import Kind
from app.domain.onboarding import ONBOARDING, Result
from app.store.situations_onboarding import onboarding_situation
from app.store.tables_supply import Dataset, OnboardingCase
from app.store.unit import begin


class Assessment(Body):
    """The security and compliance assessment of a dataset."""

    result: Result = entry("评估结论", "Result")
    text: str = entry("评估意见", "Opinion", widget="textarea", min_length=2, max_length=4000)
    conditions: list[Text] = entry("条件", "Conditions", default=[], widget="textarea",
                                   max_length=20)
    linkage: str = entry("关联汇聚风险说明", "Linkage risk", default="", widget="textarea",
                          max_length=2000)
    risk_report: File | None = entry("风险评估报告（重要数据）", "Risk assessment",
                                     default=None, widget="file")
    impact_report: File | None = entry("个人信息保护影响评估（个人信息）", "Impact assessment",
                                       default=None, widget="file")


@command("onboarding_case.submit_assessment", "提交安全合规评估", "Submit the assessment")
def submit_assessment(rt, caller: Caller, ref: str, body: Assessment) -> Done:
    """Reports are on file: risk for important data, impact for persons, linkage for all."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        reports = on_file(act, filter(None, (body.risk_report, body.impact_report)))
        said = {**body.model_dump(mode="json", exclude_none=True), "by": caller.name}
        situation = onboarding_situation(rt, act.session, caller, case, body.text,
                                         assessment=said)
        step = advance(act, ONBOARDING, case, "submit_assessment", situation, evidence=reports,
                       record={"result": str(body.result), "reports": list(reports),
                               "conditions": len(body.conditions), "assessment": digest(said)})
        case.assessment = said
        if body.risk_report:
            act.get(Dataset, case.dataset_id).risk_assessment = body.risk_report
        entered(act, case)
    return done(case, step)


@command("onboarding_case.approve", "批准接入", "Approve")
def approve(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Somebody who neither made, took in nor reviewed the case decides; from level 3 on, two do."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        situation = onboarding_situation(rt, act.session, caller, case, body.reason)
        step = advance(act, ONBOARDING, case, "approve", situation,
                       relied_on={"grading": case.grading.get("grades", ""),
                                  "assessment": digest(case.assessment),
                                  "form": case.form_digest})
        hand_on(act, case, step, case.title)
        if step:
            number = notices.issue(act, Kind.ONBOARDING, case, {"particulars": [
                notices.line("数据资源分级", "Grade", f"L{situation.grade}"),
                *(notices.line("附加条件", "Condition", text)
                  for text in case.assessment.get("conditions", ()))]})
            case.decision = {"result": "APPROVED", "notice": number, "by": caller.name}
            entered(act, case)
    return done(case, step)


class Ground(Body):
    """One reason from the library, reworded where the case needs it."""

    code: Text = entry("理由代码", "Reason", widget="select",
                       options="grounds:ONBOARDING_REFUSAL", min_length=1, max_length=60)
    zh: Text = entry("事实（中文）", "Fact (Chinese)", min_length=2, max_length=1000)
    en: Text = entry("事实（英文）", "Fact (English)", default="", max_length=1000)


class Refusal(Body):
    """Why a case is refused: at least one reason code, each with its facts."""

    code: Text = entry("理由", "Reason", widget="select", options="grounds:ONBOARDING_REFUSAL",
                       min_length=1, max_length=60)
    reason: str = entry("认定的事实", "Fact found", widget="textarea", min_length=2,
                         max_length=1000)
    more: list[Ground] = entry("其他理由", "Further reasons", default=[], max_length=20)


@command("onboarding_case.reject", "不予接入", "Refuse")
def reject(rt, caller: Caller, ref: str, body: Refusal) -> Done:
    """The notice states fact, reason code, clause relied on, remedy and period."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        require_ground(rt, body.code, Kind.ONBOARDING_REFUSAL, "code")
        for at, item in enumerate(body.more):
            require_ground(rt, item.code, Kind.ONBOARDING_REFUSAL, f"more.{at}.code")
        grounds = [Ground(code=body.code, zh=body.reason), *body.more]
        situation = onboarding_situation(rt, act.session, caller, case, body.reason)
        step = advance(act, ONBOARDING, case, "reject", situation, reason_code=body.code,
                       record={"reasons": [item.code for item in grounds]})
        if step:
            number = notices.issue(act, Kind.ONBOARDING_REFUSAL, case, {"reasons": [
                {"code": item.code, "text": Words(item.zh, item.en or item.zh).plain()}
                for item in grounds]})
            case.decision = {"result": "REJECTED", "notice": number, "by": caller.name,
                             "reasons": [item.code for item in grounds]}
            entered(act, case)
    return done(case, step)
