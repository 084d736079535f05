"""数据提供部门: a department that supplies datasets, from candidate to withdrawn."""

from dataclasses import dataclass

from app.domain.lifecycle import Eyes, Lifecycle, Move, Situation, guard, reason_is_given
from app.domain.titled import Titled


class State(Titled):
    """Where a department stands."""

    CANDIDATE = "CANDIDATE", "拟接入", "Candidate"
    ACTIVE = "ACTIVE", "已接入", "Active"
    SUSPENDED = "SUSPENDED", "暂停供数", "Suspended"
    WITHDRAWN = "WITHDRAWN", "已退出", "Withdrawn"


@dataclass(frozen=True, kw_only=True)
class DepartmentSituation(Situation):
    """What a guard may look at."""

    agreement_signed: bool = False
    liaison_named: bool = False
    datasets_left: int = 0
    cases_open: int = 0


@guard("须先签署数据提供协议", "the data provision agreement must be signed")
def agreement_is_signed(situation: DepartmentSituation) -> bool:
    return situation.agreement_signed


@guard("须先指定部门联系人", "a liaison must be named")
def liaison_is_named(situation: DepartmentSituation) -> bool:
    return situation.liaison_named


@guard("仍有未下线的数据资源", "some datasets are not retired yet")
def datasets_are_retired(situation: DepartmentSituation) -> bool:
    return situation.datasets_left == 0


@guard("仍有在途的数据准接入申请", "some onboarding cases are still open")
def cases_are_closed(situation: DepartmentSituation) -> bool:
    return situation.cases_open == 0


DEPARTMENT = Lifecycle(
    noun="department", zh="数据提供部门", en="Department", states=State, starts=State.CANDIDATE,
    moves=(
        Move("activate", (State.CANDIDATE,), State.ACTIVE, "接入", "Activate",
             (agreement_is_signed, liaison_is_named), Eyes.TWO, "decide"),
        Move("suspend", (State.ACTIVE,), State.SUSPENDED, "暂停供数", "Suspend",
             (reason_is_given,), stops=True),
        Move("resume", (State.SUSPENDED,), State.ACTIVE, "恢复", "Resume",
             (reason_is_given,), Eyes.TWO, "decide"),
        Move("withdraw", (State.ACTIVE, State.SUSPENDED), State.WITHDRAWN, "退出", "Withdraw",
             (datasets_are_retired, cases_are_closed, reason_is_given), Eyes.THREE, "decide"),
    ),
    ends=(State.WITHDRAWN,),
)
