"""What guards on accounts and delegations may look at."""

from sqlmodel import Session, select

from app.domain.accounts import AccountSituation
from app.domain.accounts import State as AccountState
from app.domain.callers import Caller
from app.domain.delegations import DelegationSituation, compatible, qualified
from app.domain.roles import ADMINISTRATORS, Role
from app.store.situations import basics
from app.store.tables_people import Account, Delegation


def account_situation(rt, session: Session, caller: Caller, row: Account, reason: str = "",
                      leaving: tuple[str, ...] | None = None) -> AccountSituation:
    """`leaving` are the roles the act takes away; all the account holds when not said."""
    going = set(row.roles if leaving is None else leaving) & set(ADMINISTRATORS)
    return AccountSituation(**basics(rt, session, caller, row, reason), owner=row.person_id,
                            roles_held=bool(row.roles),
                            sole=any(_is_sole(session, row, role) for role in going))


def _is_sole(session: Session, row: Account, role: str) -> bool:
    if row.state != AccountState.ACTIVE or role not in row.roles:
        return False
    others = session.exec(select(Account).where(
        Account.state == str(AccountState.ACTIVE), Account.institution_id.is_(None),
        Account.department_id.is_(None), Account.id != row.id)).all()
    return not any(role in other.roles for other in others)


def held_by(session: Session, person_id: str, *, besides: str = "") -> set[Role]:
    """Every role of one natural person over all accounts that are not closed."""
    rows = session.exec(select(Account).where(
        Account.person_id == person_id, Account.state != str(AccountState.CLOSED))).all()
    return {Role(code) for row in rows if row.id != besides for code in row.roles}


def delegation_situation(rt, session: Session, caller: Caller, row: Delegation,
                         reason: str = "") -> DelegationSituation:
    """The two accounts as they are now."""
    delegator = session.get(Account, row.delegator_id)
    delegate = session.get(Account, row.delegate_id)
    common = basics(rt, session, caller, row, reason)
    parties = {delegator.person_id, delegate.person_id}
    return DelegationSituation(
        **common, delegator=delegator.person_id, delegate=delegate.person_id,
        qualified=qualified(row.roles, delegate.roles, delegate.qualified),
        compatible=compatible(row.roles, held_by(session, delegate.person_id)),
        over=common["at"] >= row.ends,
        may_end=caller.person in parties or bool({"SEC_ADMIN", "SYSTEM"} & caller.roles))
