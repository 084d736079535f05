"""授权运营协议 (L0): the agreement under which the zone is operated, from draft to its end."""

from dataclasses import dataclass
from datetime import datetime

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

MOST_YEARS = 5


class State(Titled):
    """Where an agreement stands."""

    DRAFT = "DRAFT", "草拟", "Draft"
    SIGNED = "SIGNED", "已签署", "Signed"
    IN_FORCE = "IN_FORCE", "生效", "In force"
    EXPIRED = "EXPIRED", "到期", "Expired"
    TERMINATED = "TERMINATED", "终止", "Terminated"


class Paper(Titled):
    """What is attached to an agreement."""

    AGREEMENT = "AGREEMENT", "协议文本", "Agreement"
    MINUTES = "MINUTES", "实施机构决策纪要", "Decision minutes of the authority"
    OTHER = "OTHER", "其他材料", "Other"


@dataclass(frozen=True, kw_only=True)
class HeadAgreementSituation(Situation):
    """What a guard may look at; the term is half-open."""

    valid_from: datetime | None = None
    valid_to: datetime | None = None
    clauses_complete: bool = False
    papers: frozenset[str] = frozenset()
    signatories: int = 0
    resources: int = 0
    products: int = 0
    filing_reference: str = ""


@guard("条款清单不完整", "the clause checklist is not complete", "G-CLAUSE")
def clauses_are_complete(situation: HeadAgreementSituation) -> bool:
    return situation.clauses_complete


@guard("期限须有起止，且不超过五年", "the term must have both ends and last at most five years",
       "TERM.TOO_LONG")
def term_is_bounded(situation: HeadAgreementSituation) -> bool:
    since, until = situation.valid_from, situation.valid_to
    return bool(since and until) and since < until <= years_after(since, MOST_YEARS)


@guard("须附实施机构决策纪要", "the decision minutes of the authority are not attached",
       "G-EVIDENCE")
def minutes_are_attached(situation: HeadAgreementSituation) -> bool:
    return Paper.MINUTES in situation.papers


@guard("须附协议文本及签署人", "the agreement itself and its signatories are not on file",
       "G-EVIDENCE")
def agreement_is_attached(situation: HeadAgreementSituation) -> bool:
    return Paper.AGREEMENT in situation.papers and situation.signatories >= 2


@guard("生效日期未到", "the effective date has not come")
def term_has_begun(situation: HeadAgreementSituation) -> bool:
    return situation.valid_from is not None and situation.at >= situation.valid_from


@guard("期限已届满", "the term has ended", "TERM.ENDED")
def term_has_not_ended(situation: HeadAgreementSituation) -> bool:
    return situation.valid_to is not None and situation.at < situation.valid_to


@guard("期限尚未届满", "the term has not ended yet")
def term_has_ended(situation: HeadAgreementSituation) -> bool:
    return situation.valid_to is not None and situation.at >= situation.valid_to


@guard("须先载入资源清单和产品清单", "the resource list or the product list is empty")
def lists_are_loaded(situation: HeadAgreementSituation) -> bool:
    return situation.resources > 0 and situation.products > 0


@guard("须登记备案编号", "the filing reference is missing")
def filing_is_referenced(situation: HeadAgreementSituation) -> bool:
    return bool(situation.filing_reference)


def years_after(at: datetime, years: int) -> datetime:
    """The same instant some years later; 29 February becomes 28."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, day=28)


HEAD_AGREEMENT = Lifecycle(
    noun="head_agreement", zh="授权运营协议", en="Head agreement", states=State,
    starts=State.DRAFT,
    moves=(
        Move("sign", (State.DRAFT,), State.SIGNED, "签署", "Sign",
             (has_no_interest, clauses_are_complete, term_is_bounded, minutes_are_attached,
              agreement_is_attached), Eyes.THREE, "decide"),
        Move("activate", (State.SIGNED,), State.IN_FORCE, "生效", "Put in force",
             (term_has_begun, term_has_not_ended, lists_are_loaded, filing_is_referenced),
             Eyes.TWO, "decide"),
        Move("amend", (State.IN_FORCE,), State.IN_FORCE, "变更", "Amend",
             (has_no_interest, clauses_are_complete, term_is_bounded, minutes_are_attached,
              reason_is_given), Eyes.THREE, "decide"),
        Move("expire", (State.IN_FORCE,), State.EXPIRED, "到期", "Expire", (term_has_ended,),
             stops=True),
        Move("terminate", (State.IN_FORCE,), State.TERMINATED, "终止", "Terminate",
             (reason_is_given,), Eyes.TWO, "decide", stops=True),
    ),
    ends=(State.EXPIRED, State.TERMINATED),
)
