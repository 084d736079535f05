"""The first three administrators, named once: a zone has no default account (A08).

One link, printed at the first start, names a system, a security and an audit administrator,
because they are kept apart from the first day (INV-20). Afterwards the way is closed.
"""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import select

from app.commands import links
from app.commands.accounts import NewAccount, invited
from app.commands.advance import cascade
from app.commands.attempts import LOGIN
from app.commands.command import Body, Text, entry
from app.domain.accounts import ACCOUNT
from app.domain.callers import SYSTEM
from app.domain.refusals import Invalid, NotAllowed
from app.domain.roles import ADMINISTRATORS, Role
from app.store import trail
from app.store.tables_people import Account
from app.store.unit import Act, begin, read


class FirstAdministrators(Body):
    """Three different natural persons, one for each administration."""

    sys_login: Text = entry("系统管理员登录名", "System administrator's login",
                            pattern=f"^{LOGIN.pattern}$")
    sys_name: Text = entry("系统管理员姓名", "System administrator's name", min_length=1,
                           max_length=60)
    sec_login: Text = entry("安全管理员登录名", "Security administrator's login",
                            pattern=f"^{LOGIN.pattern}$")
    sec_name: Text = entry("安全管理员姓名", "Security administrator's name", min_length=1,
                           max_length=60)
    aud_login: Text = entry("审计管理员登录名", "Audit administrator's login",
                            pattern=f"^{LOGIN.pattern}$")
    aud_name: Text = entry("审计管理员姓名", "Audit administrator's name", min_length=1,
                           max_length=60)


@dataclass(frozen=True)
class Named:
    """One of the first administrators and the link that is shown this once."""

    role: str
    login: str
    name: str
    link: str


def has_accounts(rt) -> bool:
    """Whether anybody can be here already."""
    with read(rt) as session:
        return bool(session.exec(select(func.count()).select_from(Account)).one())


def first_link(rt) -> str:
    """The one-time address that names the first administrators; an older one is void.

    Raises:
        NotAllowed: there are accounts.
    """
    with begin(rt, SYSTEM) as act:
        _require_empty(act)
        link = links.issue(act, links.FIRST)
        act.record("account.first_link", "zone/1")
    return link


def create_first(rt, body: FirstAdministrators, token: str | None = None) -> tuple[Named, ...]:
    """Three invited administrators. `token` is the link's; the command line needs none.

    Raises:
        NotAllowed: there are accounts. NotFound: the link cannot be used. Invalid
    """
    people = ((Role.SYS_ADMIN, body.sys_login, body.sys_name),
              (Role.SEC_ADMIN, body.sec_login, body.sec_name),
              (Role.AUD_ADMIN, body.aud_login, body.aud_name))
    if len({login for _, login, _ in people}) < len(ADMINISTRATORS) or len(
            {name for _, _, name in people}) < len(ADMINISTRATORS):
        raise Invalid("三名管理员须为不同的自然人",
                      "the three administrators are different persons")
    with begin(rt, SYSTEM) as act:
        _require_empty(act)
        if token is not None:
            links.use(act, token, links.FIRST)
        named = tuple(_name(act, role, login, name) for role, login, name in people)
    return named


def _name(act: Act, role: Role, login: str, name: str) -> Named:
    row, link = invited(act, NewAccount(login=login, name=name, roles=[str(role)]))
    row.roles = [str(role)]
    cascade(act, ACCOUNT, row, "grant_roles", because="zone/1", reason_code="FIRST")
    return Named(str(role), login, name, link)


def _require_empty(act: Act) -> None:
    """Under the trail's own lock, so that two first commands cannot both be first."""
    trail.lock_head(act.session.connection())
    if act.first(select(Account.id).limit(1)):
        raise NotAllowed("已有账号，不再受理首次设立",
                         "there are accounts; the first ones are named",
                         code="ACCOUNT.NOT_FIRST")
