"""Judging a second factor: a code or a key's answer, first by itself, then under the lock.

What is shown is judged between two short acts; that a code is new and that a key's counter went
up is told under the lock that stores it. Source: requirements A03, A04 and A05.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.commands.attempts import Attempt
from app.commands.challenges import party_of, take
from app.commands.links import place
from app.domain.accounts import State
from app.domain.refusals import Unidentified
from app.domain.second_factors import codes_count, count_went_back
from app.engines import one_time_codes, password_hashes, security_keys
from app.engines.field_box import Unreadable, open_box
from app.store.security_keys import count_keys
from app.store.sign_ins import roles_open_to
from app.store.tables_people import Account, AccountSecret
from app.store.tables_security_keys import SecurityKey
from app.store.unit import Act

CODE = ("动态口令不正确或已用过，请等待下一个口令",
        "the code is wrong or was used; wait for the next one", "ID.CODE_REFUSED")
KEY = ("安全密钥的应答不正确，请重试", "the answer of the security key is wrong; try again",
       "ID.KEY_REFUSED")
# What the holder of a session or a link is told; to a stranger every failure is the same.
TOLD = {
    "KEY": KEY,
    "CHALLENGE": ("验证请求已过期或已用过，请重试", "the challenge is over or was used; try again",
                  "ID.KEY_REFUSED"),
    "SIGN_COUNT": ("安全密钥的计数倒退，可能已被复制；请停用该密钥并告知系统管理员",
                   "the key's counter went back, it may have been copied: stop using it and tell "
                   "a system administrator", "ID.KEY_REFUSED"),
    "KEY_NEEDED": ("此账号的岗位须以安全密钥验证", "the roles of this account ask for its security "
                   "key", "ID.KEY_NEEDED"),
}


@dataclass(frozen=True)
class Shown:
    """What a second factor came to: `why` it is refused, else the code's step or the key that
    answered and its counter."""

    why: str = ""
    step: int = 0
    key: str = ""
    count: int = 0

    @property
    def factor(self) -> str:
        return "WEBAUTHN" if self.key else "TOTP"


def shown(rt, attempt: Attempt, code: str, assertion: Mapping | None, bound_to: str) -> Shown:
    """A code, or a key's answer to a challenge of this ceremony, judged by itself."""
    if assertion is None:
        step = _step_of(rt, attempt, code)
        return Shown("CODE") if step is None else Shown(step=step)
    answer, party = security_keys.answer_of(assertion), party_of(rt)
    if answer is None or party is None:
        return Shown("KEY")
    if not take(rt, answer.challenge, bound_to):
        return Shown("CHALLENGE")
    key = attempt.keys.get(answer.key)
    if key is None or answer.user not in ("", attempt.account_id):
        return Shown("KEY")
    count = security_keys.count_of(assertion, answer.challenge, key.public_key, party)
    return Shown("KEY") if count is None else Shown(key=key.id, count=count)


def _step_of(rt, attempt: Attempt, code: str) -> int | None:
    """The step of a right code, None for a wrong one or where none is enrolled."""
    if not attempt.totp_secret:
        return None
    try:
        secret = open_box(rt.settings.data_dir, rt.token).open(attempt.totp_secret,
                                                               place(attempt.account_id))
    except Unreadable:
        return None
    return one_time_codes.step_of(secret, code.replace(" ", ""), attempt.at)


def why_not(attempt: Attempt, password_is_right: bool, factor: Shown) -> str:
    """What speaks against a try as it was judged, empty for nothing."""
    if attempt.locked:
        return "LOCKED"
    if not attempt.account_id:
        return "UNKNOWN"
    return factor.why if password_is_right else "PASSWORD"


def why_not_now(act: Act, account: Account | None, attempt: Attempt, factor: Shown) -> str:
    """What has changed since the try was reserved, read under the lock (Z06); empty for nothing,
    and then the factor is used up."""
    secret = act.find(AccountSecret, account.id) if account else None
    if account is None or secret is None or account.state != State.ACTIVE:
        return "STATE"
    if not password_hashes.same(secret.password_hash, attempt.password_hash):
        return "PASSWORD"
    return _key_used(act, account, factor) if factor.key else _code_used(
        act, account, secret, factor)


def _key_used(act: Act, account: Account, factor: Shown) -> str:
    key = act.find(SecurityKey, factor.key)
    if key is None or key.account_id != account.id:
        return "KEY"
    if count_went_back(key.sign_count, factor.count):
        return "SIGN_COUNT"
    key.sign_count, key.used_at = factor.count, act.at
    return ""


def _code_used(act: Act, account: Account, secret: AccountSecret, factor: Shown) -> str:
    roles = roles_open_to(act.session, account, act.at)
    if not codes_count(roles, count_keys(act.session, account.id), act.rt.settings.demo):
        return "KEY_NEEDED"
    if factor.step <= secret.totp_step:
        return "REPLAY"
    secret.totp_step = factor.step
    return ""


def refusal(why: str, by_key: bool) -> Unidentified:
    """What the holder of a session or a link is told about a second factor that was refused."""
    zh, en, code = TOLD.get(why, KEY if by_key else CODE)
    return Unidentified(zh, en, code=code)
