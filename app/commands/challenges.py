"""Challenges for security keys: made on the server, bound to whose they are, answered once, soon.

A challenge is given out once and kept as a hash. Source: W3C WebAuthn Level 2 13.4.3; requirement
A03. Options name no key to a stranger, so they tell nothing about accounts (A06).
"""

from app.commands import links
from app.commands.attempts import STRANGER, named
from app.domain.callers import Caller
from app.domain.refusals import FactorNeeded, NotAllowed
from app.domain.relying_party import RelyingParty, relying_party
from app.domain.second_factors import CHALLENGE_LASTS
from app.engines.security_keys import to_create, to_get
from app.store import security_keys
from app.store.sign_ins import hashed_token
from app.store.tables_people import Account
from app.store.tables_security_keys import KeyChallenge
from app.store.unit import begin, read


def party_of(rt) -> RelyingParty | None:
    """For whom keys answer here; None where the public address is no name."""
    return relying_party(rt.settings.base_url, rt.settings.hosts, rt.settings.port)


def at_sign_in(login: str) -> str:
    """What a challenge of a sign-in is bound to."""
    return f"sign-in/{hashed_token(named(login))}"


def at_confirming(caller: Caller) -> str:
    return f"confirm/{caller.session}"


def at_adding(caller: Caller) -> str:
    return f"add/{caller.session}"


def at_link(token: str) -> str:
    return f"link/{hashed_token(token)}"


def to_sign_in(rt, login: str) -> dict:
    """What a browser asks a key for, to sign in by this login; every login is answered alike."""
    return to_get(_party(rt), _challenge(rt, at_sign_in(login)))


def to_confirm(rt, caller: Caller) -> dict:
    """What a browser asks one of the caller's keys for, to confirm it is them."""
    with read(rt) as session:
        held = [row.credential_id for row in security_keys.keys_of(session, caller.account)]
    return to_get(_party(rt), _challenge(rt, at_confirming(caller)), held)


def to_add(rt, caller: Caller) -> dict:
    """What a browser makes a further key of.

    Raises:
        FactorNeeded
    """
    require_fresh(caller)
    with read(rt) as session:
        account = session.get(Account, caller.account)
    return _creation(rt, account, at_adding(caller))


def to_use_link(rt, token: str) -> dict:
    """What a link asks of a browser: an invitation makes a key, a new password asks for one.

    Raises:
        NotFound: the link cannot be used.
    """
    with read(rt) as session:
        link, account = links.find(session, token, rt.clock())
        held = [row.credential_id for row in security_keys.keys_of(session, link.account_id)]
    if account is None:
        raise NotAllowed("此链接用于设立首批管理员", "this link names the first administrators")
    if link.kind == links.INVITE:
        return _creation(rt, account, at_link(token))
    return to_get(_party(rt), _challenge(rt, at_link(token)), held)


def take(rt, challenge: str, bound_to: str) -> bool:
    """Use a challenge up, before its answer is judged, so that none is answered twice."""
    with begin(rt, STRANGER) as act:
        return security_keys.take(act.session, challenge, bound_to, act.at)


def require_fresh(caller: Caller) -> None:
    """Keys are added and removed by who has shown a second factor just now (A12).

    Raises:
        FactorNeeded
    """
    if not caller.factor_fresh:
        raise FactorNeeded("增减安全密钥须在 5 分钟内再次验证身份",
                           "confirm with your second factor within the last 5 minutes")


def _creation(rt, account: Account, bound_to: str) -> dict:
    with read(rt) as session:
        held = [row.credential_id for row in security_keys.keys_of(session, account.id)]
    return to_create(_party(rt), _challenge(rt, bound_to),
                     (account.id, account.login, account.name), held)


def _challenge(rt, bound_to: str) -> str:
    challenge = rt.token(32)
    with begin(rt, STRANGER) as act:
        act.add(KeyChallenge(challenge_hash=hashed_token(challenge), bound_to=bound_to,
                             expires_at=act.at + CHALLENGE_LASTS))
    return challenge


def _party(rt) -> RelyingParty:
    party = party_of(rt)
    if party is None:
        raise NotAllowed("系统的公开地址须为域名，方可使用安全密钥",
                         "security keys need a public address that is a name, not a number",
                         code="KEY.NOT_OFFERED")
    return party
