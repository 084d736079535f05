"""Delegations: proposed by one person, accepted by the other, over by themselves.

Acting for another is a choice of the session, so that every act says whether it is one's own.
Source: domain §2.3, INV-05.
"""

from datetime import date, datetime, time, timedelta

from sqlmodel import select

from app.commands.advance import advance, cascade, done
from app.commands.command import Body, Done, Empty, Reasoned, Text, command, entry
from app.commands.sign_in import Opened, renewed
from app.domain.accounts import State as AccountState
from app.domain.callers import SYSTEM, Caller
from app.domain.delegations import (
    DELEGATION,
    State,
    compatible,
    counts,
    handed_on,
    qualified,
)
from app.domain.refusals import FactorNeeded, GuardFailed, Invalid, NotAllowed, NotFound
from app.domain.second_factors import codes_count
from app.store.security_keys import count_keys
from app.store.situations_people import delegation_situation, held_by
from app.store.tables_people import Account, Delegation
from app.store.unit import Act, begin

LONGEST_DAYS = 180


class NewDelegation(Body):
    """Who stands in, for which roles, from when to when, and why."""

    delegate: Text = entry("受托人登录名", "Delegate's login", min_length=3, max_length=64)
    roles: list[Text] = entry("委托岗位", "Roles", widget="multiselect",
                              options="own:delegations.HANDED_ON", min_length=1, max_length=12)
    begins: date = entry("起始日", "First day", widget="date")
    ends: date = entry("截止日（含）", "Last day, inclusive", widget="date")
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)


@command("delegation.create", "新建委托", "New delegation", creates=True)
def create(rt, caller: Caller, body: NewDelegation) -> Done:
    """The caller's own roles are offered to another person, who must accept.

    Raises:
        NotAllowed: the caller acts for another: a delegation is not passed on.
        Invalid: naming what to mend.
    """
    if caller.capacity != "SELF":
        raise NotAllowed("受托办理期间不得转委托", "what was delegated is not passed on",
                         code="DELEGATION.NOT_TRANSITIVE")
    begins, ends = _period(rt, body)
    with begin(rt, caller) as act:
        delegator = act.get(Account, caller.account)
        delegate = act.first(select(Account).where(Account.login == body.delegate.casefold()))
        _require_fitting(act, delegator, delegate, body.roles)
        row = act.create(
            Delegation, number=act.number("DLG", 4), delegator_id=delegator.id,
            delegate_id=delegate.id, delegator_name=delegator.name, delegate_name=delegate.name,
            roles=sorted(set(body.roles)), begins=begins, ends=ends, reason=body.reason,
            created_by=caller.account, state=str(State.PROPOSED))
        act.record("delegation.create", f"delegation/{row.id}", number=row.number,
                   delegator=delegator.id, delegate=delegate.id, roles=row.roles,
                   private={"reason": body.reason})
    return done(row)


def _period(rt, body: NewDelegation) -> tuple[datetime, datetime]:
    """The days as a half-open period of instants in the registry's zone."""
    if body.ends < body.begins or (body.ends - body.begins).days > LONGEST_DAYS:
        raise Invalid(f"截止日不得早于起始日，且不超过 {LONGEST_DAYS} 天",
                      f"the last day is not before the first, and at most {LONGEST_DAYS} days on",
                      errors=[{"at": "ends", "zh": "请核对期限", "en": "check the period"}])
    zone = rt.settings.zone
    return (datetime.combine(body.begins, time(), zone),
            datetime.combine(body.ends + timedelta(days=1), time(), zone))


def _require_fitting(act: Act, delegator: Account, delegate: Account | None,
                     roles: list[str]) -> None:
    problem = None
    if delegate is None or delegate.state != AccountState.ACTIVE or not _is_staff(delegate):
        problem = ("delegate", "没有这个可受托的账号", "no such account to delegate to")
    elif delegate.person_id == delegator.person_id:
        problem = ("delegate", "须为另一自然人", "must be another natural person")
    elif not set(roles) <= set(delegator.roles):
        problem = ("roles", "只能委托本人持有的岗位", "only roles you hold yourself")
    elif not handed_on(roles):
        problem = ("roles", "管理员、审计与监管岗位不得委托",
                   "the roles of administrators, auditors and regulators are not handed on")
    elif not qualified(roles, delegate.roles, delegate.qualified):
        problem = ("roles", "受托人不具备该岗位资格", "the delegate is not qualified for the roles")
    elif not compatible(roles, held_by(act.session, delegate.person_id)):
        problem = ("roles", "与受托人的岗位不相容", "cannot be combined with the delegate's roles")
    if problem:
        at, zh, en = problem
        raise Invalid(zh, en, errors=[{"at": at, "zh": zh, "en": en}])


def _is_staff(account: Account) -> bool:
    return account.institution_id is None and account.department_id is None


@command("delegation.accept", "接受委托", "Accept")
def accept(rt, caller: Caller, ref: str, body: Empty) -> Done:
    return _move(rt, caller, ref, "accept")


@command("delegation.end", "结束委托", "End")
def end(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Either party or a security administrator ends it; it stops counting at once."""
    return _move(rt, caller, ref, "end", body.reason)


def _move(rt, caller: Caller, ref: str, action: str, reason: str = "") -> Done:
    with begin(rt, caller) as act:
        row = act.open(Delegation, ref)
        situation = delegation_situation(rt, act.session, caller, row, reason)
        step = advance(act, DELEGATION, row, action, situation)
    return done(row, step)


def act_under(rt, caller: Caller, ref: str) -> Opened:
    """The session acts under the delegation from now on, or, with an empty ref, for itself; it
    has a new id (A09).

    Raises:
        NotFound: not the caller's delegation, or no session. GuardFailed: it does not count now.
        FactorNeeded: the roles ask for the caller's security key first.
    """
    with begin(rt, caller) as act:
        row = act.open(Delegation, ref) if ref else None
        if row is not None and row.delegate_id != caller.account:
            raise NotFound("没有这个委托", "no such delegation")
        if row is not None and not counts(row.state, row.begins, row.ends, act.at):
            raise GuardFailed("委托未生效或已结束", "the delegation does not count now")
        if row is not None:
            _require_key(act, row)
        opened = renewed(act, delegation_id=row.id if row else None)
        act.record("session.act_under", f"account/{caller.account}",
                   delegation=row.id if row else "")
    return opened


def _require_key(act: Act, row: Delegation) -> None:
    """Who holds a key acts for an approver after showing it just now: a session that a code opened
    before the delegation counted is no way around it (A03).

    Raises:
        FactorNeeded
    """
    keys = count_keys(act.session, act.caller.account)
    if not act.caller.factor_fresh and not codes_count(row.roles, keys, act.rt.settings.demo):
        raise FactorNeeded("代行此岗位须在 5 分钟内以安全密钥再次验证身份",
                           "confirm with your security key within the last 5 minutes to act in "
                           "these roles")


def end_overdue(rt) -> int:
    """Delegations whose period is over are moved to ENDED; how many. They counted no more."""
    with begin(rt, SYSTEM) as act:
        rows = act.all(select(Delegation).where(
            Delegation.state.in_([str(State.PROPOSED), str(State.ACTIVE)]),
            Delegation.ends <= act.at).with_for_update())
        for row in rows:
            cascade(act, DELEGATION, row, "end", because="clock", reason_code="PERIOD_OVER")
    return len(rows)
