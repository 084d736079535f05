"""数据资源: a dataset of a department, from pending to retired."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.lifecycle import Eyes, Lifecycle, Move, Situation, guard, reason_is_given
from app.domain.titled import Titled

NOTICE_DAYS = 30


class State(Titled):
    """Where a dataset stands."""

    PENDING = "PENDING", "待接入", "Pending"
    ONLINE = "ONLINE", "已上线", "Online"
    FROZEN = "FROZEN", "冻结", "Frozen"
    RETIRING = "RETIRING", "下线处理中", "Retiring"
    RETIRED = "RETIRED", "已下线", "Retired"


class ConsentMode(Titled):
    """What the department asks for before its data is used."""

    ONCE = "ONCE", "一次同意", "Once"
    PER_GRANT = "PER_GRANT", "逐案同意", "Per grant"
    NOTIFY = "NOTIFY", "告知即可", "Notify"


class Cycle(Titled):
    """How often a dataset is brought up to date."""

    REALTIME = "REALTIME", "实时", "Real time"
    DAILY = "DAILY", "每日", "Daily"
    WEEKLY = "WEEKLY", "每周", "Weekly"
    MONTHLY = "MONTHLY", "每月", "Monthly"
    QUARTERLY = "QUARTERLY", "每季度", "Quarterly"
    HALF_YEARLY = "HALF_YEARLY", "每半年", "Half-yearly"
    YEARLY = "YEARLY", "每年", "Yearly"
    IRREGULAR = "IRREGULAR", "不定期", "Irregular"
    ONCE = "ONCE", "一次性", "Once"


@dataclass(frozen=True, kw_only=True)
class DatasetSituation(Situation):
    """What a guard may look at. `noticed_until` ends the notice to institutions."""

    noticed_until: datetime | None = None
    ordered: bool = False
    products_left: int = 0
    registration: str = "DUE"
    stored: str = ""
    department_supplies: bool = True


@guard("来源部门未处于已接入状态", "the department does not supply now", "G-CHAIN")
def department_supplies(situation: DatasetSituation) -> bool:
    return situation.department_supplies


@guard("对应用单位的公告期未满", "the notice period to institutions has not ended")
def notice_has_ended(situation: DatasetSituation) -> bool:
    if situation.ordered:
        return True
    return situation.noticed_until is not None and situation.at >= situation.noticed_until


@guard("仍有产品使用本资源", "a product still depends on the dataset")
def no_product_depends(situation: DatasetSituation) -> bool:
    return situation.products_left == 0


@guard("须先注销公共数据资源登记", "its registration must be cancelled first")
def registration_is_closed(situation: DatasetSituation) -> bool:
    return situation.registration in ("CANCELLED", "NOT_REQUIRED", "DUE")


@guard("须登记存储清除或返还证明", "proof that the storage was wiped or returned is missing",
       "G-EVIDENCE")
def storage_is_cleared(situation: DatasetSituation) -> bool:
    return bool(situation.stored)


def _always(situation: Situation) -> bool:
    return True


DATASET = Lifecycle(
    noun="dataset", zh="数据资源", en="Dataset", states=State, starts=State.PENDING,
    moves=(
        Move("go_live", (State.PENDING,), State.ONLINE, "上线", "Go live",
             (department_supplies,), duty="decide"),
        Move("freeze", (State.ONLINE,), State.FROZEN, "冻结", "Freeze", (reason_is_given,),
             stops=True),
        Move("thaw", (State.FROZEN,), State.ONLINE, "解冻", "Thaw",
             (department_supplies, reason_is_given), Eyes.TWO, "decide"),
        Move("retire", (State.ONLINE, State.FROZEN), State.RETIRING, "下线", "Retire",
             (reason_is_given,), Eyes.TWO, "decide", stops=True),
        Move("complete_retire", (State.RETIRING,), State.RETIRED, "办结下线", "Complete retirement",
             (notice_has_ended, no_product_depends, storage_is_cleared, registration_is_closed),
             Eyes.TWO, "decide"),
        Move("regrade_up", (State.ONLINE,), State.ONLINE, "调高分级", "Grade up",
             (reason_is_given,), stops=True),
        Move("regrade_down", (State.ONLINE,), State.ONLINE, "调低分级", "Grade down",
             (reason_is_given,), Eyes.THREE, "decide", plus=_always),
    ),
    ends=(State.RETIRED,),
)
