"""主体授权: asked for by an institution, given, refused and withdrawn by the data subject.

Withdrawing is as easy as giving and needs no reason. Source: 个人信息保护法 第十五条, 第十六条.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.lifecycle import Eyes, Lifecycle, Move, Situation, guard, reason_is_given
from app.domain.titled import Titled
from app.domain.vocabulary import Purposes

ANSWER_WITHIN = timedelta(days=7)
COOLING_OFF = timedelta(days=30)
LONGEST_DAYS = 366
TOKEN = r"^sa_[A-Za-z0-9_-]{8,60}$"


class State(Titled):
    """Where a subject authorization stands."""

    REQUESTED = "REQUESTED", "待主体确认", "Awaiting the subject"
    ACTIVE = "ACTIVE", "有效", "In force"
    EXPIRED = "EXPIRED", "到期", "Expired"
    EXHAUSTED = "EXHAUSTED", "次数用尽", "Used up"
    WITHDRAWN = "WITHDRAWN", "已撤回", "Withdrawn"
    SUPERSEDED = "SUPERSEDED", "已被替代", "Replaced"
    INVALID = "INVALID", "已作废", "Invalid"
    REFUSED = "REFUSED", "已拒绝", "Refused"
    LAPSED = "LAPSED", "逾期未确认", "Lapsed"


class Mode(Titled):
    """处理方式: what the institution may do with what it sees."""

    VIEW = "VIEW", "查看", "View"
    STORE = "STORE", "留存", "Keep"
    MONITOR = "MONITOR", "持续监测", "Monitor"


class Authority(Titled):
    """Who signed for the subject."""

    SELF = "SELF", "本人", "The subject"
    LEGAL_REPRESENTATIVE = "LEGAL_REPRESENTATIVE", "法定代表人", "Legal representative"
    AGENT = "AGENT", "代理人", "Agent with power of attorney"
    GUARDIAN = "GUARDIAN", "监护人", "Guardian"


@dataclass(frozen=True, kw_only=True)
class ConsentSituation(Situation):
    """What a guard may look at. `cools_until` ends the time in which a subject who refused is not
    asked again; `is_proofed` says that identity was proofed and the signature is on file."""

    begins: datetime
    ends: datetime
    asked_at: datetime
    grant_active: bool = True
    within_grant: bool = True
    cools_until: datetime | None = None
    is_proofed: bool = False
    replaced_by: str = ""
    uses_left: int | None = None


@guard("机构没有生效中的授权", "the institution has no grant in force", "G-CHAIN")
def grant_is_active(situation: ConsentSituation) -> bool:
    return situation.grant_active


@guard("超出机构所获授权的目的或数据项",
       "asks for more purposes or fields than the grant has", "G-SCOPE")
def asks_within_grant(situation: ConsentSituation) -> bool:
    return situation.within_grant


@guard("主体拒绝后 30 日内不得再次请求",
       "a subject who refused is not asked again within 30 days", "CONSENT.COOLING_OFF")
def is_not_cooling_off(situation: ConsentSituation) -> bool:
    return situation.cools_until is None or situation.cools_until <= situation.at


@guard("缺少身份核验或签署证据", "identity proofing or the evidence of signing is missing",
       "G-EVIDENCE")
def evidence_is_on_file(situation: ConsentSituation) -> bool:
    return situation.is_proofed


@guard("请求已逾期", "the request was not answered in time")
def is_answered_in_time(situation: ConsentSituation) -> bool:
    return situation.at < situation.asked_at + ANSWER_WITHIN


@guard("确认期限未满", "there is still time to answer")
def answer_is_overdue(situation: ConsentSituation) -> bool:
    return situation.at >= situation.asked_at + ANSWER_WITHIN


@guard("须有新的主体授权", "a new authorization must stand in its place")
def successor_is_named(situation: ConsentSituation) -> bool:
    return bool(situation.replaced_by)


@guard("尚未到期", "the term is not over")
def consent_is_over(situation: ConsentSituation) -> bool:
    return situation.at >= situation.ends


@guard("仍有可用次数", "there are uses left")
def uses_are_spent(situation: ConsentSituation) -> bool:
    return situation.uses_left is not None and situation.uses_left <= 0


SUBJECT_AUTHORIZATION = Lifecycle(
    noun="subject_authorization", zh="主体授权", en="Subject authorization", states=State,
    starts=State.REQUESTED,
    moves=(
        Move("request", (State.REQUESTED,), State.REQUESTED, "请求授权", "Request",
             (grant_is_active, asks_within_grant, is_not_cooling_off), duty="make"),
        Move("give", (State.REQUESTED,), State.ACTIVE, "确认授权", "Give",
             (is_answered_in_time, evidence_is_on_file)),
        Move("refuse", (State.REQUESTED,), State.REFUSED, "拒绝授权", "Refuse"),
        Move("lapse", (State.REQUESTED,), State.LAPSED, "逾期", "Lapse", (answer_is_overdue,)),
        Move("withdraw", (State.ACTIVE,), State.WITHDRAWN, "撤回", "Withdraw", stops=True),
        Move("replace", (State.ACTIVE,), State.SUPERSEDED, "替换", "Replace",
             (successor_is_named,), stops=True),
        Move("invalidate", (State.ACTIVE,), State.INVALID, "作废", "Invalidate",
             (reason_is_given,), Eyes.TWO, stops=True),
        Move("exhaust", (State.ACTIVE,), State.EXHAUSTED, "用尽", "Record as used up",
             (uses_are_spent,), stops=True),
        Move("expire", (State.ACTIVE,), State.EXPIRED, "到期", "Expire", (consent_is_over,),
             stops=True),
    ),
    ends=(State.EXPIRED, State.EXHAUSTED, State.WITHDRAWN, State.SUPERSEDED, State.INVALID,
          State.REFUSED, State.LAPSED),
)


def longest_days(purposes: Purposes, codes: tuple[str, ...]) -> int | None:
    """How long an authorization for these purposes may last; None for the life of a loan, which
    only purposes after it may have."""
    is_loan_life = bool(codes) and all(purposes[code].covers == "post_loan" for code in codes)
    return None if is_loan_life else LONGEST_DAYS
