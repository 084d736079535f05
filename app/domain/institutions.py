"""应用单位: an institution that uses data, from applying to exited. Its stop takes one person."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.lifecycle import (
    Eyes,
    Lifecycle,
    Move,
    Situation,
    guard,
    has_no_interest,
    reason_is_given,
)
from app.domain.titled import Titled
from app.domain.workdays import start_of


class State(Titled):
    """Where an institution stands. Only ADMITTED, or RECTIFYING without a stop order, may use."""

    APPLYING = "APPLYING", "申请准入", "Applying"
    ADMITTED = "ADMITTED", "已准入", "Admitted"
    RECTIFYING = "RECTIFYING", "限期整改", "Rectifying"
    SUSPENDED = "SUSPENDED", "暂停", "Suspended"
    EXITING = "EXITING", "退出办理中", "Exiting"
    EXITED = "EXITED", "已退出", "Exited"


class ExitTrigger(Titled):
    """What sets an exit off. Source: domain rule §6.8."""

    VOLUNTARY = "VOLUNTARY", "主动退出", "Voluntary"
    EXPIRY = "EXPIRY", "到期不续", "Expiry without renewal"
    BREACH = "BREACH", "违约违规", "Breach"
    EVALUATION = "EVALUATION", "评估不合格", "Failed evaluation"
    MERGER = "MERGER", "合并分立", "Merger or division"
    DISSOLUTION = "DISSOLUTION", "解散破产", "Dissolution or bankruptcy"
    ORDER = "ORDER", "监管指令", "Order of the regulator"
    UPSTREAM = "UPSTREAM", "上游终止", "End of an upper link"


@dataclass(frozen=True, kw_only=True)
class InstitutionSituation(Situation):
    """What a guard may look at. `evidence` counts the files given with the move."""

    licence_expires: date | None = None
    security_expires: date | None = None
    rectify_due: date | None = None
    evidence: int = 0
    after_breach: bool = False
    automatic: bool = False


def bar_ends(until: date) -> datetime:
    """The first instant after a bar (禁入期): it holds through its last day, on the zone's clock.

    Admission, applications, the chain and decisions all compare with this one instant.
    """
    return start_of(until + timedelta(days=1))


def is_barred(until: date | None, at: datetime) -> bool:
    """Whether a bar with this last day, if there is one, holds at the instant."""
    return until is not None and at < bar_ends(until)


@guard("金融许可或营业执照已过期", "the licence is not valid today", "INST.LICENCE")
def licence_is_current(situation: InstitutionSituation) -> bool:
    return situation.licence_expires is not None and situation.day <= situation.licence_expires


@guard("网络安全等级保护测评已过期", "the protection test is not valid today",
       "INST.SECURITY_LEVEL")
def protection_is_current(situation: InstitutionSituation) -> bool:
    return situation.security_expires is not None and situation.day <= situation.security_expires


@guard("整改期限须晚于今日", "the time to rectify must end after today")
def rectify_due_is_ahead(situation: InstitutionSituation) -> bool:
    return situation.rectify_due is not None and situation.rectify_due > situation.day


@guard("须附证明材料", "evidence must be attached", "G-EVIDENCE")
def evidence_is_attached(situation: InstitutionSituation) -> bool:
    return situation.evidence > 0


@guard("只有自动暂停需要确认", "only an automatic suspension is confirmed")
def suspension_is_automatic(situation: InstitutionSituation) -> bool:
    return situation.automatic


def followed_a_breach(situation: InstitutionSituation) -> bool:
    """F3+ after a breach: the data-security officer signs too."""
    return situation.after_breach


def next_review(day: date) -> date:
    """The same day a year later, the last of February for its 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


USING = (State.ADMITTED, State.RECTIFYING)

INSTITUTION = Lifecycle(
    noun="institution", zh="应用单位", en="Institution", states=State, starts=State.APPLYING,
    moves=(
        Move("admit", (State.APPLYING,), State.ADMITTED, "准入", "Admit", duty="decide"),
        Move("annual_review", (State.ADMITTED,), State.ADMITTED, "年度复核", "Annual review",
             (has_no_interest, licence_is_current, protection_is_current, evidence_is_attached),
             Eyes.TWO, "review"),
        Move("order_rectify", (State.ADMITTED,), State.RECTIFYING, "责令限期整改",
             "Order to rectify", (has_no_interest, reason_is_given, rectify_due_is_ahead),
             Eyes.TWO, "review"),
        Move("accept_rectify", (State.RECTIFYING,), State.ADMITTED, "整改验收",
             "Accept the rectification",
             (has_no_interest, evidence_is_attached, licence_is_current, protection_is_current),
             Eyes.TWO, "decide"),
        Move("widen_quota", (State.ADMITTED,), State.ADMITTED, "放宽用量上限",
             "Widen the bounds on use", (reason_is_given,), Eyes.TWO, "decide"),
        Move("suspend", USING, State.SUSPENDED, "暂停", "Suspend", (reason_is_given,),
             stops=True),
        Move("confirm_suspension", (State.SUSPENDED,), State.SUSPENDED, "确认自动暂停",
             "Confirm the automatic suspension", (suspension_is_automatic, reason_is_given),
             Eyes.TWO, "decide", stops=True),
        Move("resume", (State.SUSPENDED,), State.ADMITTED, "恢复", "Resume",
             (has_no_interest, reason_is_given, evidence_is_attached, licence_is_current,
              protection_is_current), Eyes.TWO, "decide", plus=followed_a_breach),
        Move("start_exit", (*USING, State.SUSPENDED), State.EXITING, "启动退出", "Start the exit",
             (reason_is_given,), Eyes.TWO, "decide", stops=True),
        Move("complete_exit", (State.EXITING,), State.EXITED, "退出办结", "Complete the exit",
             duty="decide"),
    ),
    ends=(State.EXITED,),
)
