"""Evidence packs: asked for with recipient and reason, built by jobs, handed over on record.

A pack that opens personal values waits for a second person; any other is queued at once.
"""

from dataclasses import dataclass
from datetime import date

from app.domain.lifecycle import Lifecycle, Move, Situation, guard, reason_is_given
from app.domain.titled import Titled


class State(Titled):
    """How far a pack has come."""

    WAITING = "WAITING", "待复核", "To be released"
    QUEUED = "QUEUED", "待制作", "To be built"
    BUILT = "BUILT", "待交付", "To be handed over"
    HANDED_OVER = "HANDED_OVER", "已交付", "Handed over"
    REFUSED = "REFUSED", "未放行", "Not released"
    FAILED = "FAILED", "制作失败", "Could not be built"


class Cause(Titled):
    """Why a checkpoint was signed."""

    FIRST = "first", "首次", "First"
    ENTRIES = "entries", "条目数到限", "Many entries"
    INTERVAL = "interval", "到间隔", "Interval"
    HEARTBEAT = "heartbeat", "定时", "Hourly"
    PACK = "pack", "制作证据包", "For a pack"
    ROTATION = "rotation", "更换签名密钥", "Signing key changed"


class Kind(Titled):
    """What a pack is about."""

    INSTITUTION = "institution", "机构", "Institution"
    GRANT = "grant", "授权", "Grant"
    ZONE = "zone", "全区", "Whole zone"


class Level(Titled):
    """How much a pack opens."""

    COMMITMENTS_ONLY = "commitments-only", "仅承诺值", "Commitments only"
    PSEUDONYMISED = "pseudonymised", "假名化", "Pseudonymised"
    FULL = "full", "完整", "Full"


@dataclass(frozen=True, kw_only=True)
class PackSituation(Situation):
    """What the guards of a pack look at."""

    requested_by: str
    expires: date


@guard("须由申请人以外的另一自然人复核", "somebody else than who asked must release it", "G-SOD")
def releaser_is_another(situation: PackSituation) -> bool:
    return situation.requested_by not in situation.principals


@guard("已过使用期限，不得再交付", "its time of use is over; it is not handed over any more",
       "PACK.EXPIRED")
def is_in_time(situation: PackSituation) -> bool:
    return situation.day <= situation.expires


EVIDENCE_PACK = Lifecycle(
    noun="evidence_pack",
    zh="证据包",
    en="Evidence pack",
    states=State,
    starts=State.WAITING,
    moves=(
        Move("release", (State.WAITING,), State.QUEUED, "复核放行", "Release",
             (reason_is_given, releaser_is_another), duty="decide"),
        Move("refuse", (State.WAITING,), State.REFUSED, "不予放行", "Do not release",
             (reason_is_given, releaser_is_another), duty="decide"),
        Move("build", (State.QUEUED,), State.BUILT, "制作", "Build"),
        Move("fail", (State.QUEUED,), State.FAILED, "制作失败", "Give up"),
        Move("hand_over", (State.BUILT, State.HANDED_OVER), State.HANDED_OVER, "交付", "Hand over",
             (is_in_time,)),
    ),
    ends=(State.REFUSED, State.FAILED),
)
