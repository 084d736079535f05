"""Accounts: made and invited by one administrator, given roles by two, taken back by one.

Source: domain §2.2, INV-20; GB/T 22239-2019 8.1.4.2 and 8.1.7.2.b.
"""

from sqlmodel import select

from app.commands import links
from app.commands.advance import advance, done
from app.commands.attempts import LOGIN
from app.commands.clocks import close_tasks
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import hand_on
from app.domain.accounts import ACCOUNT, State
from app.domain.callers import Caller
from app.domain.refusals import Invalid
from app.domain.roles import (
    ADMINISTRATORS,
    DEPARTMENT,
    INSTITUTION,
    STAFF,
    Role,
    clashes,
    known,
)
from app.store.sign_ins import end_sessions, void_links
from app.store.situations_people import account_situation, held_by
from app.store.tables import Endorsement
from app.store.tables_institutions import Institution
from app.store.tables_people import Account, AccountSecret, Person
from app.store.tables_supply import Department
from app.store.unit import Act, begin


class NewAccount(Body):
    """An account for a natural person, with the roles proposed for it."""

    login: Text = entry("登录名", "Login", pattern=f"^{LOGIN.pattern}$", max_length=64,
                        help_zh="小写字母开头，可含数字、点、横线，3 至 64 位",
                        help_en="starts with a lower case letter; digits, dots, dashes; 3 to 64")
    name: Text = entry("姓名", "Name", min_length=1, max_length=60)
    person: Text = entry("已有自然人编号", "Existing person", default="", max_length=64,
                         help_zh="该人已有其他账号时填写，否则新建自然人",
                         help_en="where this person has another account; else a new person")
    employer: Text = entry("所属单位编号", "Employer", default="", max_length=64)
    institution: Text = entry("机构", "Institution", default="", max_length=64,
                              options="noun:institution")
    department: Text = entry("部门", "Department", default="", max_length=64,
                             options="noun:department")
    roles: list[Text] = entry("拟授予岗位", "Roles proposed", widget="multiselect",
                              options="roles.Assignable", min_length=1, max_length=12)
    qualified: list[Text] = entry("可代理岗位", "May stand in for", default_factory=list,
                                  widget="multiselect", options="roles.Assignable", max_length=12)


@command("account.create", "新建账号", "New account", creates=True, factor=True)
def create(rt, caller: Caller, body: NewAccount) -> Done:
    """The account waits for a security administrator's hand under its roles; the link of the
    answer is shown this once."""
    with begin(rt, caller) as act:
        row, link = invited(act, body)
        step = _grant(act, row, _codes(body.roles), _codes(body.qualified), "")
    return done(row, step, link=link)


def invited(act: Act, body: NewAccount) -> tuple[Account, str]:
    """An invited account without roles yet and its one-time link, recorded.

    Raises:
        Invalid: both an institution and a department, or an unknown one, or a taken login.
    """
    institution, department = _bodies(act, body)
    owner = institution or department
    person = act.get(Person, body.person) if body.person else act.create(
        Person, name=body.name, employer=body.employer or owner or "")
    if act.first(select(Account.id).where(Account.login == body.login)):
        raise Invalid("登录名已被占用", "the login is taken", code="OBJECT.DUPLICATE",
                      errors=[{"at": "login", "zh": "已被占用", "en": "taken"}])
    row = act.create(Account, login=body.login, person_id=person.id, name=body.name,
                     state=str(State.INVITED), institution_id=institution,
                     department_id=department)
    act.add(AccountSecret(account_id=row.id))
    act.session.flush()
    link = links.issue(act, links.INVITE, row)
    act.record("account.create", f"account/{row.id}", institution=institution,
               person_id=person.id)
    return row, link


def _bodies(act: Act, body: NewAccount) -> tuple[str | None, str | None]:
    if body.institution and body.department:
        raise Invalid("账号只能属于机构或部门之一", "an account is of one body only",
                      errors=[{"at": "department", "zh": "与机构二选一",
                               "en": "either this or the institution"}])
    return _id_of(act, Institution, body.institution), _id_of(act, Department, body.department)


def _id_of(act: Act, model, ref: str) -> str | None:
    """The id of an object named by id or number; None where none is named."""
    if not ref:
        return None
    numbered = act.first(select(model.id).where(model.number == ref))
    return act.get(model, numbered or ref).id


class GrantRoles(Body):
    """Roles to add. The second administrator may leave them empty: what was proposed counts."""

    roles: list[Text] = entry("授予岗位", "Roles", default_factory=list, widget="multiselect",
                              options="roles.Assignable", max_length=12,
                              help_zh="确认他人已提出的岗位时可留空",
                              help_en="leave empty to confirm what was proposed")
    qualified: list[Text] = entry("可代理岗位", "May stand in for", default_factory=list,
                                  widget="multiselect", options="roles.Assignable", max_length=12)
    reason: str = entry("理由", "Reason", default="", widget="textarea", max_length=2000)


@command("account.grant_roles", "授予岗位", "Grant roles", factor=True)
def grant_roles(rt, caller: Caller, ref: str, body: GrantRoles) -> Done:
    """Proposed by a system administrator, in force by a security administrator's hand."""
    with begin(rt, caller) as act:
        row = act.open(Account, ref)
        roles, qualified = _codes(body.roles), _codes(body.qualified)
        if not roles and not qualified:
            roles, qualified = _proposed(act, row)
        step = _grant(act, row, roles, qualified, body.reason)
    return done(row, step)


def _proposed(act: Act, row: Account) -> tuple[tuple[str, ...], tuple[str, ...]]:
    hand = act.first(select(Endorsement).where(
        Endorsement.noun == "account", Endorsement.object_id == row.id,
        Endorsement.action == "grant_roles", Endorsement.state == "OPEN")
        .order_by(Endorsement.at.desc()).limit(1))
    if hand is None:
        raise Invalid("请选择要授予的岗位", "choose the roles to grant",
                      errors=[{"at": "roles", "zh": "请选择", "en": "choose"}])
    return tuple(hand.payload["roles"]), tuple(hand.payload["qualified"])


def _grant(act: Act, row: Account, roles: tuple[str, ...], qualified: tuple[str, ...],
           reason: str):
    _require_fitting(act, row, roles, qualified)
    situation = account_situation(act.rt, act.session, act.caller, row, reason)
    step = advance(act, ACCOUNT, row, "grant_roles", situation,
                   payload={"roles": list(roles), "qualified": list(qualified)},
                   record={"roles": list(roles), "qualified": list(qualified)})
    hand_on(act, row, step, row.name)
    if step:
        row.roles = list(known([*row.roles, *roles]))
        row.qualified = list(known([*row.qualified, *qualified]))
        if set(roles) & set(ADMINISTRATORS):
            # A longer password is due before an administrator does anything (A02).
            act.find(AccountSecret, row.id).password_set_at = None
        end_sessions(act.session, row.id, act.at)
    return step


def _require_fitting(act: Act, row: Account, roles: tuple[str, ...],
                     qualified: tuple[str, ...]) -> None:
    """The roles are of the account's side, and its person may combine all they hold.

    Raises:
        Invalid: naming every pair that cannot be combined.
    """
    allowed = INSTITUTION if row.institution_id else DEPARTMENT if row.department_id else STAFF
    foreign = [Role(code) for code in (*roles, *qualified) if Role(code) not in allowed]
    if foreign:
        raise Invalid(f"岗位不属于该账号所在一方：{'、'.join(role.zh for role in foreign)}",
                      f"not roles of this account's side: {', '.join(foreign)}",
                      code="ROLE.INCOMPATIBLE")
    act.find(Person, row.person_id)  # locked: two grants to one person are judged in turn
    pairs = clashes({*held_by(act.session, row.person_id), *(Role(code) for code in roles)})
    if pairs:
        raise Invalid("；".join(f"{pair.first.zh}与{pair.second.zh}：{pair.zh}" for pair in pairs),
                      "; ".join(f"{pair.first} and {pair.second}: {pair.en}" for pair in pairs),
                      code="ROLE.INCOMPATIBLE",
                      pairs=[[str(pair.first), str(pair.second)] for pair in pairs])


def _codes(codes: list[str]) -> tuple[str, ...]:
    try:
        return tuple(str(role) for role in known(codes))
    except ValueError as error:
        raise Invalid("岗位不在列表内", "not a role of the list", errors=[
            {"at": "roles", "zh": "不在列表内", "en": "not in the list"}]) from error


class RevokeRoles(Reasoned):
    """Roles to take away, also from what the account may stand in for."""

    roles: list[Text] = entry("收回岗位", "Roles", widget="multiselect", options="roles.Assignable",
                              min_length=1, max_length=20)


@command("account.revoke_roles", "收回岗位", "Revoke roles", factor=True)
def revoke_roles(rt, caller: Caller, ref: str, body: RevokeRoles) -> Done:
    """One administrator takes roles away; the person's sessions end with the act."""
    with begin(rt, caller) as act:
        row = act.open(Account, ref)
        going = _codes(body.roles)
        situation = account_situation(rt, act.session, caller, row, body.reason, going)
        step = advance(act, ACCOUNT, row, "revoke_roles", situation,
                       record={"roles": list(going)})
        row.roles = [code for code in row.roles if code not in going]
        row.qualified = [code for code in row.qualified if code not in going]
        end_sessions(act.session, row.id, act.at)
    return done(row, step)


@command("account.invite", "重发启用链接", "Send a new link", factor=True)
def invite(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """A new link for an account not yet in use; the old one is void."""
    return _move(rt, caller, ref, body, "invite")


@command("account.reset_password", "重置口令", "Reset password", factor=True)
def reset_password(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """A link to set a new password; it asks for the second factor the account still has (A07)."""
    return _move(rt, caller, ref, body, "reset_password")


@command("account.reset_factor", "重置第二因素", "Reset second factor", factor=True)
def reset_factor(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """A lost second factor: two administrators, then everything is enrolled anew (A07)."""
    return _move(rt, caller, ref, body, "reset_factor")


@command("account.suspend", "停用账号", "Suspend", factor=True)
def suspend(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """One administrator stops an account; its sessions end with the act."""
    return _move(rt, caller, ref, body, "suspend")


@command("account.resume", "恢复账号", "Resume", factor=True)
def resume(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    return _move(rt, caller, ref, body, "resume")


@command("account.close", "注销账号", "Close", factor=True)
def close(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two administrators end an account for good."""
    return _move(rt, caller, ref, body, "close")


LINKS = {"invite": links.INVITE, "reset_password": links.PASSWORD, "reset_factor": links.INVITE}


def _move(rt, caller: Caller, ref: str, body: Reasoned, action: str) -> Done:
    told = {}
    with begin(rt, caller) as act:
        row = act.open(Account, ref)
        situation = account_situation(rt, act.session, caller, row, body.reason)
        step = advance(act, ACCOUNT, row, action, situation)
        hand_on(act, row, step, row.name)
        if step:
            secret = act.find(AccountSecret, row.id)
            end_sessions(act.session, row.id, act.at)
            void_links(act.session, row.id, act.at)
            if action == "resume":
                _require_fitting(act, row, tuple(row.roles), ())
            if action in ("reset_factor", "close"):
                links.clear_proof(act, secret)
            if action == "close":
                close_tasks(act, row)
            if action == "reset_password":
                secret.password_hash = ""
            if action in LINKS:
                told["link"] = links.issue(act, LINKS[action], row)
    return done(row, step, **told)
