"""应用合同: drafted on approval, signed with the case, lapsed with it; or an annex that follows a
narrowing already in force, and is filed once both sides signed it."""

from dataclasses import dataclass
from datetime import date

from app.domain.lifecycle import Lifecycle, Move, Situation, guard
from app.domain.titled import Titled

CHECKLIST = "application-contract"
ANNEX = "annex"


class State(Titled):
    """Where a contract stands."""

    DRAFT = "DRAFT", "待签署", "To be signed"
    SIGNED = "SIGNED", "已签署", "Signed"
    LAPSED = "LAPSED", "已失效", "Lapsed"


class Side(Titled):
    """Who signs."""

    INSTITUTION = "INSTITUTION", "应用单位", "Institution"
    OPERATOR = "OPERATOR", "运营机构", "Operator"


@dataclass(frozen=True, kw_only=True)
class ContractSituation(Situation):
    """What a guard may look at. `drafted_on` is the day of the decision the contract follows."""

    is_annex: bool = False
    has_file: bool = False
    digest_agrees: bool = False
    drafted_on: date | None = None
    signed_on: date | None = None


@guard("不是合同附件，须与案件一并签署", "is no annex: it is signed with its application",
       "STATE.NOT_ALLOWED")
def is_an_annex(situation: ContractSituation) -> bool:
    return situation.is_annex


@guard("须上传双方签署的附件", "the annex signed by both sides must be attached",
       "G-EVIDENCE")
def file_is_given(situation: ContractSituation) -> bool:
    return situation.has_file


@guard("附件范围摘要与批准的不一致",
       "the annex's scope digest is not the approved one", "G-DIGEST")
def annex_is_as_approved(situation: ContractSituation) -> bool:
    return situation.digest_agrees


@guard("签署日期须在决定之日至今日之间", "the day of signing lies between the decision and today")
def day_of_signing_is_possible(situation: ContractSituation) -> bool:
    first, day = situation.drafted_on, situation.signed_on
    return None not in (first, day) and first <= day <= situation.day


CONTRACT = Lifecycle(
    noun="contract", zh="应用合同", en="Contract", states=State, starts=State.DRAFT,
    moves=(
        Move("sign", (State.DRAFT,), State.SIGNED, "签署", "Sign"),
        Move("file_annex", (State.DRAFT,), State.SIGNED, "登记已签附件", "File the signed annex",
             (is_an_annex, file_is_given, annex_is_as_approved, day_of_signing_is_possible),
             duty="sign"),
        Move("lapse", (State.DRAFT,), State.LAPSED, "失效", "Lapse"),
    ),
    ends=(State.SIGNED, State.LAPSED),
)
