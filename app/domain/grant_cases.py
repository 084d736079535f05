"""授权申请: an application from draft to its conclusion, whatever its kind."""

from dataclasses import dataclass

from app.domain.amendments import (
    FULL,
    AmendmentSituation,
    Kind,
    amendment_narrows,
    amendment_widens,
    begins_by_now,
    grant_fits_kind,
    grant_is_unchanged,
    renewal_is_open,
    renewal_only_prolongs,
)
from app.domain.duties import (
    decider_is_apart,
    intake_is_apart,
    is_not_recused,
    reviewer_is_apart,
)
from app.domain.lifecycle import (
    Eyes,
    Lifecycle,
    Move,
    guard,
    has_no_interest,
    reason_is_given,
)
from app.domain.titled import Titled


class State(Titled):
    """Where an application stands."""

    DRAFT = "DRAFT", "草稿", "Draft"
    SUBMITTED = "SUBMITTED", "待受理", "Submitted"
    SUPPLEMENT = "SUPPLEMENT", "补正中", "Being supplemented"
    REVIEWING = "REVIEWING", "会审中", "Under review"
    APPROVAL = "APPROVAL", "待审批", "Awaiting decision"
    APPROVED = "APPROVED", "待签约", "Approved, to be signed"
    CONCLUDED = "CONCLUDED", "已办结", "Concluded"
    NOT_ACCEPTED = "NOT_ACCEPTED", "不予受理", "Not accepted"
    REJECTED = "REJECTED", "不予授权", "Refused"
    WITHDRAWN = "WITHDRAWN", "已撤回", "Withdrawn"
    LAPSED = "LAPSED", "逾期失效", "Lapsed"


class Material(Titled):
    """What an application consists of, as a notice to supplement names it."""

    SCENE = "SCENE", "业务场景说明", "Scene"
    NECESSITY = "NECESSITY", "必要性说明", "Necessity"
    MEASURES = "MEASURES", "安全措施说明", "Security measures"
    VOLUME = "VOLUME", "用量预测", "Volume forecast"
    PURPOSE = "PURPOSE", "申请的目的", "Purpose asked for"
    SCOPE = "SCOPE", "申请的范围", "Scope asked for"
    METHOD = "METHOD", "申请的方式", "Method asked for"
    TERM = "TERM", "申请的期限", "Term asked for"
    CONSENT = "CONSENT", "主体授权书样本", "Sample of the subject authorization"
    PROOF = "PROOF", "安全能力证明", "Proof of security"
    ASSESSMENT = "ASSESSMENT", "影响评估或风险评估报告", "Impact or risk assessment"
    OTHER = "OTHER", "其他材料", "Other material"


@dataclass(frozen=True, kw_only=True)
class GrantCaseSituation(AmendmentSituation):
    """What a guard may look at. `proposed` rights are the requested ones until a decision
    narrows them; `mismatches` are the dimensions in which they exceed the links above."""

    drafter: str = ""
    missing: tuple[str, ...] = ()
    institution_in_force: bool = False
    is_barred: bool = False
    product_listed: bool = False
    chain_in_force: bool = False
    mismatches: tuple[str, ...] = ()
    within_request: bool = True
    flags: tuple[str, ...] = ()
    term_is_ahead: bool = True
    price_is_lawful: bool = False
    notices_this_round: int = 0
    defects_open: int = 0
    open_opinions: int = 0
    disagreements: int = 0
    override: str = ""
    is_compared: bool = False
    deviates: bool = False
    deviation: str = ""
    assessments_fail: bool = False
    grounds: tuple[str, ...] = ()
    second_needed: bool = False
    clauses_missing: tuple[str, ...] = ("all",)
    digest_agrees: bool = False
    is_overdue: bool = False


@guard("申请表尚未填写完整", "the form is not complete")
def form_is_complete(situation: GrantCaseSituation) -> bool:
    return not situation.missing


@guard("机构须已准入且未暂停", "the institution must be admitted and not suspended",
       "INST.NOT_ADMITTED")
def institution_is_admitted(situation: GrantCaseSituation) -> bool:
    return situation.institution_in_force


@guard("机构在禁入期内", "the institution is barred", "G-BARRED")
def institution_is_not_barred(situation: GrantCaseSituation) -> bool:
    return not situation.is_barred


@guard("产品须已上架", "the product must be listed", "CHAIN.PRODUCT_DELISTED")
def product_is_listed(situation: GrantCaseSituation) -> bool:
    return situation.kind not in FULL or situation.product_listed


@guard("一次性告知：本轮已发过补正通知",
       "one notice a round: this round has had its notice", "G-ONE-NOTICE")
def round_has_no_notice(situation: GrantCaseSituation) -> bool:
    return situation.notices_this_round == 0


@guard("补正通知须列明全部缺陷", "the notice must list every defect")
def defects_are_listed(situation: GrantCaseSituation) -> bool:
    return situation.defects_open > 0


@guard("补正通知列明的缺陷须逐项答复", "every defect listed must be answered")
def defects_are_answered(situation: GrantCaseSituation) -> bool:
    return situation.defects_open == 0


@guard("须列明理由代码", "reason codes must be named", "REASON.REQUIRED")
def grounds_are_given(situation: GrantCaseSituation) -> bool:
    return bool(situation.grounds)


@guard("仍有未出具的审核意见", "some opinions are still open")
def opinions_are_given(situation: GrantCaseSituation) -> bool:
    return situation.open_opinions == 0


@guard("上位链路未全部有效", "a link above is not in force", "G-CHAIN")
def chain_is_in_force(situation: GrantCaseSituation) -> bool:
    return situation.kind == Kind.AMEND_NARROW or situation.chain_in_force


@guard("超出上位链路允许的范围",
       "exceeds what the links above allow", "G-NARROW")
def rights_are_within_chain(situation: GrantCaseSituation) -> bool:
    return situation.kind not in FULL or not situation.mismatches


@guard("决定不得宽于申请", "the decision may not be wider than the request",
       "G-NARROW")
def decision_is_within_request(situation: GrantCaseSituation) -> bool:
    return situation.within_request


@guard("运营机构只能就闲置或过宽的授权代拟收窄变更",
       "the operator proposes a narrowing only where a grant is unused or over broad")
def proposal_is_founded(situation: GrantCaseSituation) -> bool:
    return situation.kind != Kind.AMEND_NARROW or bool(
        {"UNUSED", "OVER_BROAD"} & set(situation.flags))


@guard("授权期限已过", "the term lies in the past", "TERM.GRANT_EXPIRED")
def term_is_ahead(situation: GrantCaseSituation) -> bool:
    return situation.term_is_ahead


@guard("价格未登记或超过上限",
       "no lawful price is on file", "G-PRICE")
def price_is_lawful(situation: GrantCaseSituation) -> bool:
    return situation.kind not in FULL or situation.price_is_lawful


@guard("有不同意意见；不采纳须写明理由并由数据安全负责人加签",
       "an opinion disagrees: overriding it needs a written reason and the second approver")
def disagreement_is_answered(situation: GrantCaseSituation) -> bool:
    return situation.disagreements == 0 or (
        bool(situation.override.strip()) and situation.second_needed)


@guard("须先与同类机构比对", "like institutions must be compared first",
       "G-PARITY")
def like_is_compared(situation: GrantCaseSituation) -> bool:
    return situation.kind == Kind.RESUME or situation.is_compared


@guard("与同类机构不一致，须写明理由",
       "a deviation from like institutions needs a written reason", "G-PARITY")
def deviation_is_reasoned(situation: GrantCaseSituation) -> bool:
    return not situation.deviates or bool(situation.deviation.strip())


@guard("影响评估或风险评估未通过",
       "an impact or risk assessment was not passed", "G-ASSESS")
def assessments_hold(situation: GrantCaseSituation) -> bool:
    return not situation.assessments_fail


@guard("合同条款清单未齐备", "the clause checklist is not complete",
       "G-CLAUSE")
def clauses_are_complete(situation: GrantCaseSituation) -> bool:
    return not situation.clauses_missing


@guard("合同范围摘要与批准的不一致",
       "the contract's scope digest is not the approved one", "G-DIGEST")
def contract_is_as_approved(situation: GrantCaseSituation) -> bool:
    return situation.digest_agrees


@guard("授权签字人不得是同一文件的经办人", "a signer is not the maker of the same document",
       "G-SOD")
def signer_is_not_drafter(situation: GrantCaseSituation) -> bool:
    return situation.drafter not in situation.principals


@guard("期限尚未届满", "the time limit has not run out")
def time_ran_out(situation: GrantCaseSituation) -> bool:
    return situation.is_overdue


def second_is_needed(situation: GrantCaseSituation) -> bool:
    """F3+: the data-security officer signs too."""
    return situation.second_needed


DECIDING = (decider_is_apart, has_no_interest, is_not_recused)
APPROVING = (*DECIDING, reason_is_given, chain_is_in_force, institution_is_not_barred,
             rights_are_within_chain, amendment_narrows, amendment_widens, renewal_only_prolongs,
             begins_by_now, decision_is_within_request, grant_fits_kind, grant_is_unchanged,
             term_is_ahead, price_is_lawful, disagreement_is_answered,
             assessments_hold, like_is_compared, deviation_is_reasoned)
SUBMITTING = (form_is_complete, institution_is_admitted, institution_is_not_barred,
              product_is_listed, amendment_narrows, amendment_widens, renewal_only_prolongs,
              renewal_is_open, begins_by_now, grant_fits_kind)
OPEN = (State.DRAFT, State.SUBMITTED, State.SUPPLEMENT, State.REVIEWING, State.APPROVAL,
        State.APPROVED)
ENDED = (State.CONCLUDED, State.NOT_ACCEPTED, State.REJECTED, State.WITHDRAWN, State.LAPSED)

GRANT_CASE = Lifecycle(
    noun="grant_case", zh="授权申请", en="Application", states=State, starts=State.DRAFT,
    moves=(
        Move("propose", (State.DRAFT,), State.DRAFT, "代拟", "Propose",
             (proposal_is_founded, amendment_narrows, grant_fits_kind, term_is_ahead,
              has_no_interest, reason_is_given), duty="make"),
        Move("submit", (State.DRAFT,), State.SUBMITTED, "提交", "Submit", SUBMITTING,
             Eyes.TWO, "make"),
        Move("request_supplement", (State.SUBMITTED,), State.SUPPLEMENT, "一次性告知补正",
             "Request supplement", (intake_is_apart, has_no_interest, is_not_recused,
                                    defects_are_listed, round_has_no_notice), duty="intake"),
        Move("resubmit", (State.SUPPLEMENT,), State.SUBMITTED, "补正后提交", "Submit again",
             (defects_are_answered, *SUBMITTING), Eyes.TWO, "make"),
        Move("refuse_acceptance", (State.SUBMITTED,), State.NOT_ACCEPTED, "不予受理",
             "Refuse acceptance", (intake_is_apart, has_no_interest, is_not_recused,
                                   grounds_are_given, reason_is_given), Eyes.TWO, "intake"),
        Move("accept", (State.SUBMITTED,), State.REVIEWING, "受理", "Accept",
             (intake_is_apart, has_no_interest, is_not_recused, form_is_complete,
              institution_is_not_barred), duty="intake"),
        Move("give_opinion", (State.REVIEWING,), State.REVIEWING, "出具意见", "Give opinion",
             (reviewer_is_apart, has_no_interest, is_not_recused, reason_is_given),
             duty="review"),
        Move("recuse", (State.REVIEWING,), State.REVIEWING, "回避", "Recuse", (reason_is_given,)),
        Move("ask_return", (State.REVIEWING,), State.REVIEWING, "建议退回", "Ask for return",
             (reviewer_is_apart, is_not_recused, reason_is_given), duty="review"),
        Move("close_review", (State.REVIEWING,), State.APPROVAL, "会审完成", "Close review",
             (opinions_are_given,)),
        Move("return_to_applicant", (State.REVIEWING,), State.SUPPLEMENT, "退回申请人",
             "Return to applicant", (intake_is_apart, has_no_interest, is_not_recused,
                                     defects_are_listed, round_has_no_notice, reason_is_given),
             duty="intake"),
        Move("approve", (State.APPROVAL,), State.APPROVED, "批准", "Approve", APPROVING,
             Eyes.CASE, "decide", plus=second_is_needed),
        Move("approve_narrowed", (State.APPROVAL,), State.APPROVED, "部分批准",
             "Approve in part", APPROVING, Eyes.CASE, "decide", plus=second_is_needed),
        Move("reject", (State.APPROVAL,), State.REJECTED, "不予授权", "Refuse",
             (*DECIDING, grounds_are_given, reason_is_given), Eyes.CASE, "decide"),
        Move("sign", (State.APPROVED,), State.CONCLUDED, "签约", "Sign",
             (contract_is_as_approved, clauses_are_complete, signer_is_not_drafter,
              chain_is_in_force, institution_is_not_barred, term_is_ahead, grant_fits_kind,
              grant_is_unchanged), Eyes.TWO, "sign"),
        Move("conclude", (State.APPROVED,), State.CONCLUDED, "办结", "Conclude"),
        Move("withdraw", OPEN, State.WITHDRAWN, "撤回", "Withdraw", (reason_is_given,),
             duty="make"),
        Move("lapse", (State.SUPPLEMENT, State.APPROVED), State.LAPSED, "逾期失效", "Lapse",
             (time_ran_out,)),
    ),
    ends=ENDED,
)
