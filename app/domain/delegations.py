"""委托代理: one person stands in for another, for named roles and a period, in their name.

Proposed by the delegator, accepted by the delegate, over by itself; never passed on, and never
a way to be two of maker, reviewer and approver (domain §2.3, INV-05).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.lifecycle import Lifecycle, Move, Situation, guard, reason_is_given
from app.domain.roles import ADMINISTRATORS, ALONE, STAFF, Role, clashes
from app.domain.titled import Titled

ACTING = re.compile(r"(.+)（代 (.+)）")
# The roles of the zone that may be handed on, each by who holds it.
HANDED_ON = {role: role for role in STAFF if role not in ALONE}


class State(Titled):
    """Where a delegation stands; an ACTIVE one counts only inside its period."""

    PROPOSED = "PROPOSED", "待接受", "Proposed"
    ACTIVE = "ACTIVE", "已生效", "Active"
    ENDED = "ENDED", "已结束", "Ended"


@dataclass(frozen=True, kw_only=True)
class DelegationSituation(Situation):
    """The two persons, whether the delegate is qualified, and whether the period is over."""

    delegator: str = ""
    delegate: str = ""
    qualified: bool = False
    compatible: bool = False
    over: bool = False
    may_end: bool = False


@guard("须由受托人本人接受", "only the delegate accepts")
def caller_is_delegate(situation: DelegationSituation) -> bool:
    return situation.person == situation.delegate


@guard("受托人须具备该岗位资格", "the delegate must be qualified for the roles")
def delegate_is_qualified(situation: DelegationSituation) -> bool:
    return situation.qualified


@guard("受托岗位与受托人的岗位不相容", "the roles cannot be combined with the delegate's own")
def roles_are_compatible(situation: DelegationSituation) -> bool:
    return situation.compatible


@guard("委托期限已过", "the period is over")
def period_is_not_over(situation: DelegationSituation) -> bool:
    return not situation.over


@guard("仅委托人、受托人或安全管理员可以结束",
       "only either party or a security administrator ends it")
def caller_may_end(situation: DelegationSituation) -> bool:
    return situation.may_end


DELEGATION = Lifecycle(
    noun="delegation", zh="委托代理", en="Delegation", states=State, starts=State.PROPOSED,
    moves=(
        Move("accept", (State.PROPOSED,), State.ACTIVE, "接受委托", "Accept",
             (caller_is_delegate, delegate_is_qualified, roles_are_compatible,
              period_is_not_over)),
        Move("end", (State.PROPOSED, State.ACTIVE), State.ENDED, "结束委托", "End",
             (caller_may_end, reason_is_given), stops=True),
    ),
    ends=(State.ENDED,),
)


def counts(state: str, begins: datetime, ends: datetime, at: datetime) -> bool:
    """Whether the delegation is good at this instant; the period is half-open."""
    return state == State.ACTIVE and begins <= at < ends


def qualified(wanted: Iterable[str], held: Iterable[str], qualified_for: Iterable[str]) -> bool:
    """Whether a delegate holding some roles and qualified for others may take the wanted ones."""
    return set(wanted) <= {*held, *qualified_for}


def handed_on(wanted: Iterable[str]) -> bool:
    """Whether all these are roles a person may hand on at all."""
    return all(code in HANDED_ON for code in wanted)


def compatible(wanted: Iterable[str], held: Iterable[str]) -> bool:
    """Whether the wanted roles can stand beside the delegate's own; administrators never pass
    their work on."""
    roles = {Role(code) for code in (*wanted, *held)}
    return not clashes(roles) and not ({Role(code) for code in wanted} & set(ADMINISTRATORS))


def acting_name(delegate: str, delegator: str) -> str:
    """How a person who acts for another is written down."""
    return f"{delegate}（代 {delegator}）"


def acting_for(name: str) -> tuple[str, str] | None:
    """The delegate and the delegator of such a name; ``None`` for any other."""
    found = ACTING.fullmatch(name)
    return (found[1], found[2]) if found else None
