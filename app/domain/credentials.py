"""应用系统、联合节点和凭证: what an institution calls with; live only after a second person."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import ip_network

from app.domain.lifecycle import Eyes, Lifecycle, Move, Situation, guard, reason_is_given
from app.domain.titled import Titled

LONGEST_LIFE = timedelta(days=366)
GATEWAY = "GATEWAY"  # a kind of credential that speaks for several applications
SECRET = re.compile(r"hufu_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
WIDEST = {4: 16, 6: 32}


class State(Titled):
    """Where a credential stands."""

    ISSUED = "ISSUED", "待启用", "Issued"
    ACTIVE = "ACTIVE", "有效", "Active"
    EXPIRED = "EXPIRED", "已过期", "Expired"
    REVOKED = "REVOKED", "已吊销", "Revoked"


class AppState(Titled):
    """Where an application system or a joint node stands."""

    ACTIVE = "ACTIVE", "在用", "In use"
    CLOSED = "CLOSED", "已停用", "Closed"


class Attested(Titled):
    """What a look at a joint node found."""

    PASS = "PASS", "通过", "Passed"
    FAIL = "FAIL", "未通过", "Failed"


@dataclass(frozen=True, kw_only=True)
class CredentialSituation(Situation):
    """What a guard may look at."""

    issued_by: str = ""
    app_open: bool = True
    institution_uses: bool = True
    expires_at: datetime | None = None


@guard("须由签发人以外的自然人启用", "another person than the issuer activates",
       "G-SOD")
def activator_is_another(situation: CredentialSituation) -> bool:
    return situation.issued_by not in situation.principals


@guard("应用系统已停用", "the application system is closed", "G-CHAIN")
def app_is_open(situation: CredentialSituation) -> bool:
    return situation.app_open


@guard("机构未处于可使用状态", "the institution may not use data now", "G-CHAIN")
def institution_uses(situation: CredentialSituation) -> bool:
    return situation.institution_uses


@guard("凭证已过期", "the credential has expired")
def credential_is_in_time(situation: CredentialSituation) -> bool:
    return situation.expires_at is not None and situation.at < situation.expires_at


@guard("凭证尚未到期", "the credential has not expired yet")
def credential_is_over(situation: CredentialSituation) -> bool:
    return situation.expires_at is not None and situation.at >= situation.expires_at


LIVE = (State.ISSUED, State.ACTIVE)

CREDENTIAL = Lifecycle(
    noun="credential", zh="凭证", en="Credential", states=State, starts=State.ISSUED,
    moves=(
        Move("activate", (State.ISSUED,), State.ACTIVE, "启用", "Activate",
             (activator_is_another, app_is_open, institution_uses, credential_is_in_time),
             duty="decide"),
        Move("set_kinds", (State.ACTIVE,), State.ACTIVE, "登记可执行的义务",
             "Register what it can carry out"),
        Move("revoke", LIVE, State.REVOKED, "吊销", "Revoke", (reason_is_given,), stops=True),
        Move("expire", LIVE, State.EXPIRED, "到期", "Expire", (credential_is_over,), stops=True),
    ),
    ends=(State.EXPIRED, State.REVOKED),
)
CLIENT_APP = Lifecycle(
    noun="client_app", zh="应用系统", en="Application system", states=AppState,
    starts=AppState.ACTIVE,
    moves=(
        Move("widen_quota", (AppState.ACTIVE,), AppState.ACTIVE, "放宽用量上限",
             "Widen the bounds on use", (reason_is_given,), Eyes.TWO, "decide"),
        Move("close", (AppState.ACTIVE,), AppState.CLOSED, "停用", "Close", (reason_is_given,),
             stops=True)),
    ends=(AppState.CLOSED,),
)
JOINT_NODE = Lifecycle(
    noun="joint_node", zh="联合节点", en="Joint node", states=AppState, starts=AppState.ACTIVE,
    moves=(Move("close", (AppState.ACTIVE,), AppState.CLOSED, "停用", "Close", (reason_is_given,),
                stops=True),),
    ends=(AppState.CLOSED,),
)


def network(text: str) -> str:
    """A CIDR block in its canonical form; ValueError where it is none or wider than /16 (/32)."""
    block = ip_network(text.strip(), strict=True)
    if block.prefixlen < WIDEST[block.version]:
        raise ValueError("a network is at most a /16, for IPv6 a /32")
    return str(block)


def last_day_allowed(day: date) -> date:
    """The last day a credential issued on ``day`` may live to."""
    return day + LONGEST_LIFE
