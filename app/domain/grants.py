"""授权: a right in force, from its first day to its end; what stops it and what starts it again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.duties import CaseSituation
from app.domain.lifecycle import Eyes, Lifecycle, Move, guard, has_no_interest, reason_is_given
from app.domain.stops import StopSituation, stop_awaits_confirmation
from app.domain.titled import Titled
from app.domain.workdays import start_of

REMINDERS = (90, 60, 30, 15, 7, 1)
UNUSED_DAYS, BROAD_DAYS = 90, 180
REMOVAL_DAYS = 10
REMOVAL_CLOCK = "removal"


class State(Titled):
    """Where a grant stands."""

    SCHEDULED = "SCHEDULED", "待生效", "Scheduled"
    ACTIVE = "ACTIVE", "生效中", "In force"
    SUSPENDED = "SUSPENDED", "暂停", "Suspended"
    EXPIRED = "EXPIRED", "已到期", "Expired"
    REVOKED = "REVOKED", "已撤销", "Revoked"
    TERMINATED = "TERMINATED", "已终止", "Terminated"


class Flag(Titled):
    """What the registry notices about a grant by itself."""

    EXPIRING = "EXPIRING", "临期", "Expiring"
    UNUSED = "UNUSED", "闲置", "Unused"
    OVER_BROAD = "OVER_BROAD", "过宽", "Over broad"
    CHAIN_BROKEN = "CHAIN_BROKEN", "链路中断", "Chain broken"


@dataclass(frozen=True, kw_only=True)
class GrantSituation(CaseSituation, StopSituation):
    """What a guard may look at. `last_day` is what an announcement of removal states, `earliest`
    the first day it may lawfully state; `removal_ends` is when the notice announced runs out, None
    while nothing is announced."""

    begins: datetime
    ends: datetime
    chain_in_force: bool = False
    credential_issued: bool = False
    version_is_new: bool = False
    hearing: str = ""
    emergency: bool = False
    ground: str = ""
    last_day: date | None = None
    earliest: date | None = None
    removal_ends: datetime | None = None


@guard("尚未到起始日", "the first day has not come", "TERM.NOT_YET")
def first_day_has_come(situation: GrantSituation) -> bool:
    return situation.begins <= situation.at


@guard("尚未到期", "the term is not over")
def term_is_over(situation: GrantSituation) -> bool:
    return situation.ends <= situation.at


@guard("期限已过（暂停不延长期限）",
       "the term is over (a suspension does not extend it)", "TERM.GRANT_EXPIRED")
def term_is_not_over(situation: GrantSituation) -> bool:
    return situation.at < situation.ends


@guard("授权链未全部有效", "a link of the chain is not in force", "G-CHAIN")
def chain_is_complete(situation: GrantSituation) -> bool:
    return situation.chain_in_force


@guard("尚无有效凭证", "no live credential has been issued", "ID.CREDENTIAL_UNKNOWN")
def credential_is_issued(situation: GrantSituation) -> bool:
    return situation.credential_issued


@guard("新版本与现行版本相同", "the new version is the one in force")
def version_is_new(situation: GrantSituation) -> bool:
    return situation.version_is_new


@guard("须有陈述申辩记录，紧急情形除外", "a hearing note is needed, except in an emergency",
       "HEARING.REQUIRED")
def was_heard(situation: GrantSituation) -> bool:
    return situation.emergency or bool(situation.hearing.strip())


@guard("须列明事由代码", "a ground must be named", "REASON.REQUIRED")
def ground_is_named(situation: GrantSituation) -> bool:
    return bool(situation.ground)


@guard("终止须至少提前十个工作日预告",
       "a planned removal is announced at least ten working days ahead", "REMOVAL.TOO_SOON")
def notice_is_long_enough(situation: GrantSituation) -> bool:
    return None not in (situation.last_day, situation.earliest) and (
        situation.last_day >= situation.earliest)


@guard("授权将先行到期，无须预告终止", "the grant ends by itself before that day")
def last_day_is_in_term(situation: GrantSituation) -> bool:
    return situation.last_day is not None and (
        start_of(situation.last_day + timedelta(days=1)) < situation.ends)


@guard("已有终止预告", "a removal is announced already")
def no_removal_is_announced(situation: GrantSituation) -> bool:
    return situation.removal_ends is None


@guard("尚无终止预告", "no removal is announced")
def removal_is_announced(situation: GrantSituation) -> bool:
    return situation.removal_ends is not None


@guard("终止预告期尚未届满", "the notice of removal has not run out", "REMOVAL.TOO_SOON")
def removal_notice_ran_out(situation: GrantSituation) -> bool:
    return situation.removal_ends is not None and situation.removal_ends <= situation.at


LIVE = (State.SCHEDULED, State.ACTIVE, State.SUSPENDED)
ENDED = (State.EXPIRED, State.REVOKED, State.TERMINATED)

GRANT = Lifecycle(
    noun="grant", zh="授权", en="Grant", states=State, starts=State.SCHEDULED,
    moves=(
        Move("activate", (State.SCHEDULED,), State.ACTIVE, "生效", "Take effect",
             (first_day_has_come, term_is_not_over, chain_is_complete, credential_is_issued)),
        Move("apply_version", (State.ACTIVE,), State.ACTIVE, "启用新版本", "Apply version",
             (version_is_new,)),
        Move("suspend", (State.SCHEDULED, State.ACTIVE), State.SUSPENDED, "暂停", "Suspend",
             (ground_is_named, reason_is_given), stops=True),
        Move("confirm_stop", (State.SUSPENDED,), State.SUSPENDED, "确认自动停用",
             "Confirm automatic stop", (stop_awaits_confirmation, reason_is_given), Eyes.TWO),
        Move("lift_stop", (State.SUSPENDED,), State.ACTIVE, "解除自动停用", "Lift automatic stop",
             (stop_awaits_confirmation, reason_is_given, term_is_not_over, chain_is_complete),
             Eyes.TWO),
        Move("resume", (State.SUSPENDED,), State.ACTIVE, "恢复", "Resume",
             (first_day_has_come, term_is_not_over, chain_is_complete)),
        Move("reschedule", (State.SUSPENDED,), State.SCHEDULED, "恢复为待生效",
             "Resume before the first day", (term_is_not_over,)),
        Move("revoke", (State.ACTIVE, State.SUSPENDED), State.REVOKED, "撤销", "Revoke",
             (ground_is_named, reason_is_given, was_heard, has_no_interest), Eyes.THREE,
             "decide", stops=True),
        Move("terminate", LIVE, State.TERMINATED, "终止", "Terminate", (reason_is_given,),
             Eyes.TWO, "decide", stops=True),
        *(Move("announce_removal", (state,), state, "预告终止", "Announce removal",
               (no_removal_is_announced, notice_is_long_enough, last_day_is_in_term,
                ground_is_named, reason_is_given, has_no_interest), Eyes.TWO)
          for state in LIVE),
        *(Move("cancel_removal", (state,), state, "撤回终止预告", "Withdraw the announcement",
               (removal_is_announced, reason_is_given), Eyes.TWO) for state in LIVE),
        Move("remove", LIVE, State.TERMINATED, "按预告终止", "Remove as announced",
             (removal_notice_ran_out, reason_is_given, has_no_interest), Eyes.TWO, "decide",
             stops=True),
        Move("expire", LIVE, State.EXPIRED, "到期", "Expire", (term_is_over,), stops=True),
    ),
    ends=ENDED,
)


def days_left(ends: datetime, at: datetime) -> int:
    """Whole days until the end, 0 once it has come."""
    return max((ends - at).days, 0)


def reminder_due(ends: datetime, at: datetime) -> int | None:
    """The tightest reminder mark already passed, None while more than 90 days are left."""
    return min((mark for mark in REMINDERS if ends - at <= timedelta(days=mark)), default=None)
