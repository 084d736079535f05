"""数据准接入: the case that brings a dataset into the zone, from draft to done."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.duties import (
    CaseSituation,
    decider_is_apart,
    intake_is_apart,
    reviewer_is_apart,
)
from app.domain.lifecycle import Eyes, Lifecycle, Move, guard, has_no_interest, reason_is_given
from app.domain.stages import SUBMITTER, Stage
from app.domain.titled import Titled


class State(Titled):
    """Where a case stands."""

    DRAFT = "DRAFT", "草稿", "Draft"
    SUBMITTED = "SUBMITTED", "待受理", "Submitted"
    SUPPLEMENT = "SUPPLEMENT", "补正中", "To be supplemented"
    GRADING = "GRADING", "分类分级", "Grading"
    ASSESSING = "ASSESSING", "安全合规评估", "Assessing"
    APPROVAL = "APPROVAL", "待审批", "Awaiting approval"
    APPROVED = "APPROVED", "待签约", "Approved, to be signed"
    TRIAL = "TRIAL", "试接入", "Trial"
    DONE = "DONE", "办结", "Done"
    REJECTED = "REJECTED", "不予接入", "Rejected"
    WITHDRAWN = "WITHDRAWN", "已撤回", "Withdrawn"


OPEN = (State.DRAFT, State.SUBMITTED, State.SUPPLEMENT, State.GRADING, State.ASSESSING,
        State.APPROVAL, State.APPROVED, State.TRIAL)


class Paper(Titled):
    """What may be attached to a case."""

    QUALITY_REPORT = "QUALITY_REPORT", "数据质量报告", "Quality report"
    LEGALITY_PROOF = "LEGALITY_PROOF", "来源合法性依据", "Proof of lawful origin"
    SHARED_CONSENT = "SHARED_CONSENT", "原提供部门同意文件", "Original department's consent"
    OTHER = "OTHER", "其他材料", "Other"


class Result(Titled):
    """What an assessment concludes."""

    AGREE = "AGREE", "同意", "Agree"
    AGREE_WITH_CONDITIONS = "AGREE_WITH_CONDITIONS", "附条件同意", "Agree with conditions"
    DISAGREE = "DISAGREE", "不同意", "Disagree"


STAGES: Mapping[State, Stage] = {
    State.SUBMITTED: Stage("acceptance", 3, (("INTAKE", "accept"),)),
    State.SUPPLEMENT: Stage("supplement", 10, ((SUBMITTER, "resubmit"),)),
    State.GRADING: Stage("grading", 5, (("SEC_REVIEW", "submit_grading"),)),
    State.ASSESSING: Stage("assessment", 10, (("COMP_REVIEW", "submit_assessment"),)),
    State.APPROVAL: Stage("approval", 3, (("APPROVER", "approve"),)),
    State.APPROVED: Stage("signing", 20, (("DEPT_LIAISON", "sign"), ("OPERATOR_SIGNER", "sign"))),
    State.TRIAL: Stage("trial", 20, (("OPS", "go_live"),)),
}


@dataclass(frozen=True, kw_only=True)
class OnboardingSituation(CaseSituation):
    """What a guard may look at. Counts are of the dataset's fields."""

    is_submitter: bool = False
    papers: frozenset[str] = frozenset()
    legality: str = ""
    reshared: bool = False
    fields: int = 0
    fields_unnamed: int = 0
    fields_ungraded: int = 0
    overrides_unreasoned: int = 0
    fields_contradicted: int = 0
    has_core: bool = False
    important: bool = False
    personal: bool = False
    grade: int = 0
    unanswered: int = 0
    new_places: bool = False
    supplement_over: bool = False
    assessment: Mapping = field(default_factory=dict)
    clauses_complete: bool = False
    agreement_filed: bool = False
    trial: Mapping = field(default_factory=dict)
    loads_needed: int = 1
    quality_needed: int = 0
    department_active: bool = True


@guard("只有提交方可以办理", "only the submitter may do this")
def caller_is_submitter(situation: OnboardingSituation) -> bool:
    return situation.is_submitter


@guard("须附数据质量报告", "the quality report is missing", "G-EVIDENCE")
def required_papers_are_attached(situation: OnboardingSituation) -> bool:
    return Paper.QUALITY_REPORT in situation.papers


@guard("须填写来源合法性说明", "the statement of lawful origin is missing")
def legality_is_stated(situation: OnboardingSituation) -> bool:
    return bool(situation.legality.strip())


@guard("共享取得的数据须附原提供部门同意文件",
       "shared data needs the consent of the department that provided it", "G-EVIDENCE")
def shared_consent_is_attached(situation: OnboardingSituation) -> bool:
    return not situation.reshared or Paper.SHARED_CONSENT in situation.papers


@guard("数据提供部门已退出或暂停供数", "the department has withdrawn or is suspended", "G-CHAIN")
def department_is_in(situation: OnboardingSituation) -> bool:
    return situation.department_active


@guard("补正应当一次性告知，再次补正只能针对已告知的事项",
       "defects are told once; a later notice may only return to what was told",
       "G-ONE-NOTICE")
def defects_are_told_once(situation: OnboardingSituation) -> bool:
    return not situation.new_places


@guard("仍有补正事项未答复", "a listed defect has no answer")
def every_defect_is_answered(situation: OnboardingSituation) -> bool:
    return situation.unanswered == 0


@guard("补正期限未满", "the period to supplement has not ended")
def supplement_period_is_over(situation: OnboardingSituation) -> bool:
    return situation.supplement_over


@guard("补正期限已过", "the period to supplement has ended", "SUPPLEMENT.LATE")
def supplement_period_runs(situation: OnboardingSituation) -> bool:
    return not situation.supplement_over


@guard("数据项清单不完整，须有代码、名称和类型", "the field list lacks a code, a name or a type")
def field_list_is_complete(situation: OnboardingSituation) -> bool:
    return situation.fields > 0 and situation.fields_unnamed == 0


@guard("有数据项未确认分类分级", "a field has no confirmed category and grade")
def every_field_is_graded(situation: OnboardingSituation) -> bool:
    return situation.fields > 0 and situation.fields_ungraded == 0


@guard("改变建议的分级须填写理由", "an override of a proposal has no reason", "REASON.REQUIRED")
def overrides_are_reasoned(situation: OnboardingSituation) -> bool:
    return situation.overrides_unreasoned == 0


@guard("仍有低于建议的分级未核对", "a grade below a later proposal was not looked at again",
       "GRADING.CONTRADICTED")
def nothing_is_contradicted(situation: OnboardingSituation) -> bool:
    return situation.fields_contradicted == 0


@guard("核心数据不得接入", "core data is never onboarded", "GRADING.CORE")
def nothing_is_core(situation: OnboardingSituation) -> bool:
    return not situation.has_core


@guard("重要数据须附风险评估报告", "important data needs its risk assessment", "G-ASSESS")
def risk_is_assessed(situation: OnboardingSituation) -> bool:
    return not situation.important or bool(situation.assessment.get("risk_report"))


@guard("涉及个人信息须附个人信息保护影响评估", "personal data needs its impact assessment",
       "G-ASSESS")
def impact_is_assessed(situation: OnboardingSituation) -> bool:
    return not situation.personal or bool(situation.assessment.get("impact_report"))


@guard("须填写关联汇聚风险说明", "the statement of linkage risk is missing", "G-ASSESS")
def linkage_is_stated(situation: OnboardingSituation) -> bool:
    return bool(situation.assessment.get("linkage"))


@guard("存在未处理的不同意意见", "an opinion disagrees")
def no_opinion_disagrees(situation: OnboardingSituation) -> bool:
    return situation.assessment.get("result") in (Result.AGREE,
                                                          Result.AGREE_WITH_CONDITIONS)


@guard("须先登记数据提供协议", "the data provision agreement is not on file", "G-EVIDENCE")
def agreement_is_filed(situation: OnboardingSituation) -> bool:
    return situation.agreement_filed


@guard("数据提供协议条款不完整", "the agreement lacks clauses", "G-CLAUSE")
def clauses_are_complete(situation: OnboardingSituation) -> bool:
    return situation.clauses_complete


@guard("试接入批次不足或数据质量未达标", "too few trial loads reach the agreed quality")
def quality_is_met(situation: OnboardingSituation) -> bool:
    loads = situation.trial.get("loads", ())
    good = [load for load in loads if load["rows"] > 0
            and load["quality"] >= situation.quality_needed]
    return len(good) >= situation.loads_needed


@guard("须完成脱敏测试", "the masks are not tested", "G-EVIDENCE")
def masks_are_tested(situation: OnboardingSituation) -> bool:
    return bool(situation.trial.get("masks_tested"))


@guard("须登记数据血缘", "the lineage is not recorded", "G-EVIDENCE")
def lineage_is_recorded(situation: OnboardingSituation) -> bool:
    return bool(situation.trial.get("lineage"))


def needs_second(situation: OnboardingSituation) -> bool:
    """F3+: level 3 and above, important data, or fields about persons."""
    return situation.grade >= 3 or situation.important or situation.personal


ONBOARDING = Lifecycle(
    noun="onboarding_case", zh="数据准接入申请", en="Onboarding case", states=State,
    starts=State.DRAFT,
    moves=(
        Move("submit", (State.DRAFT,), State.SUBMITTED, "提交", "Submit",
             (required_papers_are_attached, legality_is_stated, shared_consent_is_attached,
              department_is_in), duty="make"),
        Move("request_supplement", (State.SUBMITTED,), State.SUPPLEMENT, "一次性告知补正",
             "Ask to supplement",
             (intake_is_apart, has_no_interest, defects_are_told_once), duty="intake"),
        Move("resubmit", (State.SUPPLEMENT,), State.SUBMITTED, "补正后提交", "Resubmit",
             (caller_is_submitter, supplement_period_runs, every_defect_is_answered,
              required_papers_are_attached, legality_is_stated,
              shared_consent_is_attached), duty="make"),
        Move("accept", (State.SUBMITTED,), State.GRADING, "受理", "Accept",
             (intake_is_apart, has_no_interest, field_list_is_complete), duty="intake"),
        Move("submit_grading", (State.GRADING,), State.ASSESSING, "提交分级结果",
             "Submit the grading",
             (reviewer_is_apart, has_no_interest, every_field_is_graded, overrides_are_reasoned,
              nothing_is_contradicted, nothing_is_core), Eyes.TWO, "review"),
        Move("submit_assessment", (State.ASSESSING,), State.APPROVAL, "提交安全合规评估",
             "Submit the assessment",
             (reviewer_is_apart, has_no_interest, risk_is_assessed, impact_is_assessed,
              linkage_is_stated), duty="review"),
        Move("approve", (State.APPROVAL,), State.APPROVED, "批准接入", "Approve",
             (decider_is_apart, has_no_interest, no_opinion_disagrees, nothing_is_core),
             Eyes.CASE, "decide", plus=needs_second),
        Move("reject", (State.APPROVAL,), State.REJECTED, "不予接入", "Reject",
             (decider_is_apart, has_no_interest, reason_is_given), Eyes.CASE, "decide"),
        Move("sign", (State.APPROVED,), State.TRIAL, "签署数据提供协议",
             "Sign the provision agreement", (agreement_is_filed, clauses_are_complete),
             Eyes.TWO, "sign"),
        Move("go_live", (State.TRIAL,), State.DONE, "上线", "Go live",
             (department_is_in, quality_is_met, masks_are_tested, lineage_is_recorded),
             Eyes.TWO, "decide"),
        Move("withdraw", OPEN, State.WITHDRAWN, "撤回", "Withdraw",
             (caller_is_submitter, reason_is_given), duty="make"),
        Move("lapse", (State.SUPPLEMENT,), State.WITHDRAWN, "逾期终止", "Lapse",
             (supplement_period_is_over,)),
    ),
    ends=(State.DONE, State.REJECTED, State.WITHDRAWN),
)
