"""账号: invited, active, suspended, closed. Giving needs two administrators, taking away one.

Source: INV-04, INV-20; requirements A07 and A08; GB/T 22239-2019 8.1.4.2.
"""

from dataclasses import dataclass

from app.domain.lifecycle import Eyes, Lifecycle, Move, Situation, guard, reason_is_given
from app.domain.titled import Titled


class State(Titled):
    """Where an account stands. Only an ACTIVE one signs in."""

    INVITED = "INVITED", "待启用", "Invited"
    ACTIVE = "ACTIVE", "已启用", "Active"
    SUSPENDED = "SUSPENDED", "已停用", "Suspended"
    CLOSED = "CLOSED", "已注销", "Closed"


@dataclass(frozen=True, kw_only=True)
class AccountSituation(Situation):
    """`owner` is the person behind the account; `sole` tells that the act would leave the zone
    without one of its three administrators."""

    owner: str = ""
    roles_held: bool = False
    sole: bool = False


@guard("不得办理本人的账号", "nobody administers an account of their own", "G-SOD")
def account_is_anothers(situation: AccountSituation) -> bool:
    return situation.owner not in (situation.person, situation.on_behalf_of)


@guard("须先由安全管理员授予岗位", "a security administrator must grant its roles first")
def roles_are_granted(situation: AccountSituation) -> bool:
    return situation.roles_held


@guard("该岗位仅此一名管理员，须先任命另一名",
       "this is the only administrator of its kind; appoint another first",
       "ROLE.LAST_ADMINISTRATOR")
def an_administrator_remains(situation: AccountSituation) -> bool:
    return not situation.sole


LIVING = (State.INVITED, State.ACTIVE, State.SUSPENDED)


def _staying(action: str, zh: str, en: str, guards: tuple, **options) -> tuple[Move, ...]:
    """The action in every living state; the account stays where it is."""
    return tuple(Move(action, (state,), state, zh, en, guards, **options) for state in LIVING)


ACCOUNT = Lifecycle(
    noun="account", zh="账号", en="Account", states=State, starts=State.INVITED,
    moves=(
        Move("accept", (State.INVITED,), State.ACTIVE, "启用", "Accept",
             (roles_are_granted,)),
        *_staying("grant_roles", "授予岗位", "Grant roles",
                  (account_is_anothers,), eyes=Eyes.TWO),
        *_staying("revoke_roles", "收回岗位", "Revoke roles",
                  (account_is_anothers, an_administrator_remains, reason_is_given), stops=True),
        Move("invite", (State.INVITED,), State.INVITED, "重发启用链接", "Send a new link",
             (account_is_anothers,)),
        Move("reset_password", (State.ACTIVE,), State.ACTIVE, "重置口令", "Reset password",
             (account_is_anothers, reason_is_given)),
        Move("reset_factor", (State.ACTIVE,), State.INVITED, "重置第二因素", "Reset second factor",
             (account_is_anothers, reason_is_given), Eyes.TWO),
        Move("suspend", (State.ACTIVE,), State.SUSPENDED, "停用", "Suspend",
             (account_is_anothers, an_administrator_remains, reason_is_given), stops=True),
        Move("resume", (State.SUSPENDED,), State.ACTIVE, "恢复", "Resume",
             (account_is_anothers, reason_is_given), Eyes.TWO),
        Move("close", LIVING, State.CLOSED, "注销", "Close",
             (account_is_anothers, an_administrator_remains, reason_is_given), Eyes.TWO),
    ),
    ends=(State.CLOSED,),
)
