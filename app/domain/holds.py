"""停用: a stop over any link of the authority chain, placed by one person, lifted by two."""

from app.domain.lifecycle import Eyes, Lifecycle, Move, reason_is_given
from app.domain.stops import stop_awaits_confirmation
from app.domain.titled import Titled


class State(Titled):
    """Whether the stop binds."""

    ACTIVE = "ACTIVE", "停用中", "In force"
    LIFTED = "LIFTED", "已解除", "Lifted"


class Kind(Titled):
    """Why a link is stopped."""

    EMERGENCY = "EMERGENCY", "紧急停用", "Emergency stop"
    INCIDENT = "INCIDENT", "事件处置", "Incident"
    ORDER = "ORDER", "监管指令", "Order of a regulator"


HOLD = Lifecycle(
    noun="hold", zh="停用", en="Hold", states=State, starts=State.ACTIVE,
    moves=(
        Move("confirm", (State.ACTIVE,), State.ACTIVE, "确认", "Confirm",
             (stop_awaits_confirmation, reason_is_given), Eyes.TWO),
        Move("lift", (State.ACTIVE,), State.LIFTED, "解除", "Lift", (reason_is_given,), Eyes.TWO,
             "decide"),
    ),
    ends=(State.LIFTED,),
)
