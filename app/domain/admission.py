"""机构准入申请: the case that admits an institution, from draft to done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.domain.duties import decider_is_apart, intake_is_apart, reviewer_is_apart
from app.domain.lifecycle import (
    Eyes,
    Lifecycle,
    Move,
    Situation,
    guard,
    has_no_interest,
    reason_is_given,
)
from app.domain.stages import Stage
from app.domain.titled import Titled


class State(Titled):
    """Where a case stands."""

    DRAFT = "DRAFT", "草稿", "Draft"
    SUBMITTED = "SUBMITTED", "待受理", "Submitted"
    SUPPLEMENT = "SUPPLEMENT", "补正中", "To be supplemented"
    DILIGENCE = "DILIGENCE", "尽职审查", "Due diligence"
    COMPLIANCE = "COMPLIANCE", "合规复核", "Compliance review"
    APPROVAL = "APPROVAL", "待审批", "Awaiting approval"
    DONE = "DONE", "办结", "Done"
    REJECTED = "REJECTED", "不予准入", "Rejected"
    WITHDRAWN = "WITHDRAWN", "已撤回", "Withdrawn"
    LAPSED = "LAPSED", "逾期终止", "Lapsed"


OPEN = (State.DRAFT, State.SUBMITTED, State.SUPPLEMENT, State.DILIGENCE, State.COMPLIANCE,
        State.APPROVAL)
EDITABLE = (State.DRAFT, State.SUPPLEMENT)


class Paper(Titled):
    """What may be attached to a case."""

    BUSINESS_LICENCE = "BUSINESS_LICENCE", "营业执照", "Business licence"
    FINANCIAL_LICENCE = "FINANCIAL_LICENCE", "金融许可证", "Financial licence"
    PROTECTION_TEST = "PROTECTION_TEST", "等级保护测评报告", "Protection test report"
    SECURITY_RULES = "SECURITY_RULES", "数据安全管理制度", "Data security rules"
    OTHER = "OTHER", "其他材料", "Other"


REQUIRED_PAPERS = frozenset({Paper.BUSINESS_LICENCE, Paper.PROTECTION_TEST, Paper.SECURITY_RULES})


class OpinionKind(Titled):
    """Whose opinion the compliance review needs."""

    COMPLIANCE = "COMPLIANCE", "合规意见", "Compliance"
    SECURITY = "SECURITY", "数据安全意见", "Data security"


GIVES = {OpinionKind.COMPLIANCE: "COMP_REVIEW", OpinionKind.SECURITY: "SEC_REVIEW"}


class Result(Titled):
    """What an opinion concludes."""

    AGREE = "AGREE", "同意", "Agree"
    AGREE_WITH_CONDITIONS = "AGREE_WITH_CONDITIONS", "附条件同意", "Agree with conditions"
    DISAGREE = "DISAGREE", "不同意", "Disagree"


class Outcome(Titled):
    """What a case was decided to."""

    ADMITTED = "ADMITTED", "准予准入", "Admitted"
    REJECTED = "REJECTED", "不予准入", "Rejected"


STAGES: Mapping[State, Stage] = {
    State.SUBMITTED: Stage("acceptance", 3, (("INTAKE", "accept"),)),
    State.SUPPLEMENT: Stage("supplement", 10, (("INST_MAKER", "resubmit"),)),
    State.DILIGENCE: Stage("diligence", 10, (("BIZ_REVIEW", "submit_diligence"),)),
    State.COMPLIANCE: Stage("opinion", 5, (("COMP_REVIEW", "submit_opinion"),
                                           ("SEC_REVIEW", "submit_opinion"))),
    State.APPROVAL: Stage("approval", 3, (("APPROVER", "approve"),)),
}


@dataclass(frozen=True, kw_only=True)
class AdmissionSituation(Situation):
    """What a guard may look at. `opinions` maps each kind given so far to who gave it and what."""

    applying: bool = True
    licence_expires: date | None = None
    contact: str = ""
    security_officer: str = ""
    is_barred: bool = False
    papers: frozenset[str] = frozenset()
    unanswered: int = 0
    new_places: bool = False
    supplement_over: bool = False
    unscored: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    sources: int = 0
    related_party: bool | None = None
    on_related_list: bool = False
    opinions: Mapping[str, Mapping] = field(default_factory=dict)
    opinion_kind: str = ""
    criteria_current: bool = True


@guard("机构已准入或正在退出，不能再申请准入", "the institution is past applying",
       "STATE.NOT_ALLOWED")
def institution_is_applying(situation: AdmissionSituation) -> bool:
    return situation.applying


@guard("金融许可或营业执照未填写或已过期", "the licence is missing or not valid today",
       "INST.LICENCE")
def licence_is_valid(situation: AdmissionSituation) -> bool:
    return situation.licence_expires is not None and situation.day <= situation.licence_expires


@guard("须填写联系人和数据安全负责人", "contact and security officer must be named")
def officers_are_named(situation: AdmissionSituation) -> bool:
    return bool(situation.contact.strip() and situation.security_officer.strip())


@guard("处于禁入期内", "the institution is barred", "G-BARRED")
def institution_is_not_barred(situation: AdmissionSituation) -> bool:
    return not situation.is_barred


@guard("须附营业执照、等级保护测评报告和数据安全管理制度",
       "business licence, protection test and security rules must be attached",
       "G-EVIDENCE")
def required_papers_are_attached(situation: AdmissionSituation) -> bool:
    return situation.papers >= {str(paper) for paper in REQUIRED_PAPERS}


@guard("补正应当一次性告知，再次补正只能针对已告知的事项",
       "defects are told once; a later notice may only return to what was told",
       "G-ONE-NOTICE")
def defects_are_told_once(situation: AdmissionSituation) -> bool:
    return not situation.new_places


@guard("仍有补正事项未答复", "a listed defect has no answer")
def every_defect_is_answered(situation: AdmissionSituation) -> bool:
    return situation.unanswered == 0


@guard("补正期限未满", "the period to supplement has not ended")
def supplement_period_is_over(situation: AdmissionSituation) -> bool:
    return situation.supplement_over


@guard("每项准入标准都须评定，例外和不符合须说明理由",
       "every criterion must be scored; an exception or a failure needs a note")
def every_criterion_is_scored(situation: AdmissionSituation) -> bool:
    return not situation.unscored


@guard("须列明核查来源", "the sources of the diligence must be named", "G-EVIDENCE")
def sources_are_named(situation: AdmissionSituation) -> bool:
    return situation.sources > 0


@guard("须给出关联方核查结论，且与运营机构关联方名单一致",
       "the related-party check must be given and agree with the operator's list",
       "G-RELATED")
def related_parties_are_checked(situation: AdmissionSituation) -> bool:
    if situation.related_party is None:
        return False
    return situation.related_party or not situation.on_related_list


@guard("该类意见已经提交", "this kind of opinion is given already")
def opinion_is_open(situation: AdmissionSituation) -> bool:
    return situation.opinion_kind not in situation.opinions


@guard("两类意见须由不同的自然人出具", "the two opinions are given by two persons",
       "G-SOD")
def opinions_are_of_two_persons(situation: AdmissionSituation) -> bool:
    given = {line.get("person") for line in situation.opinions.values()}
    return not situation.principals & given


@guard("有标准不符合，不能批准；例外须在评定中说明理由",
       "a criterion is not met; an exception is reasoned in the score sheet", "INST.CRITERION")
def criteria_are_met(situation: AdmissionSituation) -> bool:
    return not situation.unscored and not situation.unmet


@guard("评定所用标准已不是现行版本，须与同类机构适用同一版本",
       "the criteria are not the version other institutions of the kind are judged by",
       "G-PARITY")
def criteria_are_current(situation: AdmissionSituation) -> bool:
    return situation.criteria_current


@guard("存在不同意意见", "an opinion disagrees")
def no_opinion_disagrees(situation: AdmissionSituation) -> bool:
    return all(line.get("result") != Result.DISAGREE for line in situation.opinions.values())


def is_related(situation: AdmissionSituation) -> bool:
    """F3+ for a related party: the data-security officer signs too."""
    return bool(situation.related_party)


FORM = (institution_is_applying, licence_is_valid, officers_are_named, institution_is_not_barred,
        required_papers_are_attached)

ADMISSION = Lifecycle(
    noun="admission_case", zh="机构准入申请", en="Admission case", states=State,
    starts=State.DRAFT,
    moves=(
        Move("submit", (State.DRAFT,), State.SUBMITTED, "提交", "Submit", FORM, Eyes.TWO, "make"),
        Move("request_supplement", (State.SUBMITTED,), State.SUPPLEMENT, "一次性告知补正",
             "Ask to supplement", (intake_is_apart, has_no_interest, defects_are_told_once),
             duty="intake"),
        Move("resubmit", (State.SUPPLEMENT,), State.SUBMITTED, "补正后提交", "Resubmit",
             (*FORM, every_defect_is_answered), Eyes.TWO, "make"),
        Move("accept", (State.SUBMITTED,), State.DILIGENCE, "受理", "Accept",
             (intake_is_apart, has_no_interest), duty="intake"),
        Move("submit_diligence", (State.DILIGENCE,), State.COMPLIANCE, "提交尽职审查",
             "Submit the diligence",
             (reviewer_is_apart, has_no_interest, every_criterion_is_scored, sources_are_named,
              related_parties_are_checked, criteria_are_current), duty="review"),
        Move("submit_opinion", (State.COMPLIANCE,), State.COMPLIANCE, "提交复核意见",
             "Submit an opinion",
             (reviewer_is_apart, has_no_interest, opinion_is_open, opinions_are_of_two_persons),
             duty="review"),
        Move("conclude_review", (State.COMPLIANCE,), State.APPROVAL, "复核完成",
             "Conclude the review", duty="review"),
        Move("approve", (State.APPROVAL,), State.DONE, "准予准入", "Approve",
             (decider_is_apart, has_no_interest, criteria_are_met, criteria_are_current,
              related_parties_are_checked, no_opinion_disagrees),
             Eyes.CASE, "decide", plus=is_related),
        Move("reject", (State.APPROVAL,), State.REJECTED, "不予准入", "Reject",
             (decider_is_apart, has_no_interest, reason_is_given), Eyes.CASE, "decide"),
        Move("withdraw", OPEN, State.WITHDRAWN, "撤回", "Withdraw", (reason_is_given,),
             duty="make"),
        Move("lapse", (State.SUPPLEMENT,), State.LAPSED, "逾期终止", "Lapse",
             (supplement_period_is_over,)),
    ),
    ends=(State.DONE, State.REJECTED, State.WITHDRAWN, State.LAPSED),
)
