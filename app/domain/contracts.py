"""应用合同: drafted on approval, signed with the case, lapsed with it."""

from app.domain.lifecycle import Lifecycle, Move
from app.domain.titled import Titled

CHECKLIST = "application-contract"


class State(Titled):
    """Where a contract stands."""

    DRAFT = "DRAFT", "待签署", "To be signed"
    SIGNED = "SIGNED", "已签署", "Signed"
    LAPSED = "LAPSED", "已失效", "Lapsed"


class Side(Titled):
    """Who signs."""

    INSTITUTION = "INSTITUTION", "应用单位", "Institution"
    OPERATOR = "OPERATOR", "运营机构", "Operator"


CONTRACT = Lifecycle(
    noun="contract", zh="应用合同", en="Contract", states=State, starts=State.DRAFT,
    moves=(
        Move("sign", (State.DRAFT,), State.SIGNED, "签署", "Sign"),
        Move("lapse", (State.DRAFT,), State.LAPSED, "失效", "Lapse"),
    ),
    ends=(State.SIGNED, State.LAPSED),
)
