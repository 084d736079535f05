"""The security keys of one's own account: enrolled, added, removed; never the last second factor.

Keys are sealed by their ids; neither their public halves nor what people call them is on the
trail. Source: requirements A03, A07 and A12.
"""

from collections.abc import Mapping

from app.commands.challenges import at_adding, party_of, require_fresh, take
from app.domain.callers import Caller
from app.domain.refusals import GuardFailed, Invalid, NotFound
from app.domain.second_factors import MOST_KEYS, may_go
from app.domain.wire import is_ref
from app.engines import security_keys
from app.engines.security_keys import NewKey
from app.store.security_keys import count_keys
from app.store.tables_people import Account, AccountSecret
from app.store.tables_security_keys import SecurityKey
from app.store.unit import Act, begin


def made(rt, attestation: Mapping, bound_to: str) -> NewKey:
    """The key a browser made for a challenge of this ceremony, which is used up.

    Raises:
        Invalid: it is not such a key.
    """
    answer, party = security_keys.answer_of(attestation), party_of(rt)
    if answer is None or party is None or not take(rt, answer.challenge, bound_to):
        raise Invalid("登记请求已过期或已用过，请重试",
                      "the challenge is over or was used; try again", code="KEY.CHALLENGE",
                      errors=_at_key())
    key = security_keys.made(attestation, answer.challenge, party)
    if key is None:
        raise Invalid("未能登记：安全密钥须在本系统页面上生成，并验证本人（PIN、指纹或面容）",
                      "not enrolled: the key must be made on a page of this site and verify its "
                      "holder by PIN, finger or face", code="KEY.REFUSED", errors=_at_key())
    return key


def enrol(act: Act, account: Account, key: NewKey, name: str) -> str:
    """A key of the account from now on, sealed with the act.

    Raises:
        Invalid: the account holds as many as it may, or the key is held already.
    """
    act.find(AccountSecret, account.id)  # the lock under which an account's keys are counted
    if count_keys(act.session, account.id) >= MOST_KEYS:
        raise Invalid(f"每个账号至多 {MOST_KEYS} 个安全密钥，请先移除不用的",
                      f"an account holds at most {MOST_KEYS} keys; remove one first",
                      code="KEY.TOO_MANY", errors=_at_key())
    row = act.add(SecurityKey(id=act.new_id(), account_id=account.id, added_at=act.at, name=name,
                              credential_id=key.credential_id, public_key=key.public_key,
                              sign_count=key.sign_count))
    act.record("account.add_key", f"account/{account.id}", institution=account.institution_id,
               key=row.id)
    return row.id


def add(rt, caller: Caller, name: str, attestation: Mapping) -> str:
    """A further key for the caller's own account; its id.

    Raises:
        FactorNeeded, Invalid
    """
    require_fresh(caller)
    key = made(rt, attestation, at_adding(caller))
    with begin(rt, caller) as act:
        return enrol(act, act.find(Account, caller.account), key, name)


def remove(rt, caller: Caller, key_id: str) -> None:
    """The key counts no more. The last second factor of an account stays (A07).

    Raises:
        FactorNeeded
        NotFound: no key of the caller's.
        GuardFailed: it is the last second factor.
    """
    require_fresh(caller)
    with begin(rt, caller) as act:
        secret = act.find(AccountSecret, caller.account)
        row = act.find(SecurityKey, key_id) if is_ref(key_id) else None
        if row is None or row.account_id != caller.account:
            raise NotFound("没有这个安全密钥", "no such security key")
        if not may_go(count_keys(act.session, caller.account), bool(secret.totp_secret)):
            raise GuardFailed("这是账号唯一的第二因素，请先添加另一个；遗失请由两名管理员重置",
                              "this is the account's last second factor: add another first; a "
                              "lost one is reset by two administrators", code="KEY.LAST")
        act.session.delete(row)
        act.record("account.remove_key", f"account/{caller.account}",
                   institution=caller.institution, key=key_id)


def _at_key() -> list[dict]:
    return [{"at": "key", "zh": "未能登记", "en": "not enrolled"}]
