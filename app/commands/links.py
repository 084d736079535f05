"""One-time links: given out once, stored as a hash, used once, dead after their time."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from app.domain.refusals import NotFound
from app.domain.roles import ADMINISTRATORS
from app.domain.second_factors import codes_count, is_key_first
from app.domain.sign_ins import FIRST_LINK_FOR, INVITED_FOR
from app.engines import one_time_codes
from app.engines.field_box import open_box
from app.store.security_keys import count_keys, forget_keys
from app.store.sign_ins import hashed_token, roles_open_to, void_links
from app.store.tables_people import Account, AccountSecret, OneTimeLink
from app.store.unit import Act, read

FIRST, INVITE, PASSWORD = "FIRST", "INVITE", "PASSWORD"
LASTS: dict[str, timedelta] = {FIRST: FIRST_LINK_FOR, INVITE: INVITED_FOR,
                               PASSWORD: INVITED_FOR}
PATHS = {FIRST: "/first", INVITE: "/invitations", PASSWORD: "/invitations"}


@dataclass(frozen=True)
class Invitation:
    """What the holder of a link is asked to do. `picture` and `secret` only where a second
    factor is to be enrolled; there `key_first` asks for a security key where the browser has
    them. Else `codes` and `keys` tell what the account proves itself by."""

    kind: str
    login: str = ""
    name: str = ""
    administrator: bool = False
    secret: str = ""
    picture: str = ""
    key_first: bool = False
    codes: bool = True
    keys: bool = True


def place(account_id: str) -> str:
    """What the sealed second factor of an account is bound to."""
    return f"account/{account_id}/totp"


def issue(act: Act, kind: str, account: Account | None = None) -> str:
    """A new link, older ones of the same account void; the address is given out this once."""
    token = act.rt.token(32)
    account_id = account.id if account else ""
    void_links(act.session, account_id, act.at)
    secret = ""
    if kind == INVITE:
        secret = open_box(act.rt.settings.data_dir, act.rt.token).seal(
            one_time_codes.new_secret(act.rt.token), place(account_id), act.rt.token)
    act.add(OneTimeLink(token_hash=hashed_token(token), kind=kind, account_id=account_id,
                        totp_secret=secret, created_at=act.at,
                        expires_at=act.at + LASTS[kind]))
    return f"{act.rt.settings.pages_url}{PATHS[kind]}/{token}"


def use(act: Act, token: str, *kinds: str) -> OneTimeLink:
    """The link, locked and now used up.

    Raises:
        NotFound: unknown, used and expired look the same.
    """
    link = act.find(OneTimeLink, hashed_token(token))
    _require_usable(link, act.at, kinds)
    link.used_at = act.at
    return link


def invitation(rt, token: str) -> Invitation:
    """What the link asks for; looking changes nothing.

    Raises:
        NotFound
    """
    with read(rt) as session:
        link, account = find(session, token, at := rt.clock())
        if account is None:
            return Invitation(link.kind)
        roles = roles_open_to(session, account, at)
        administrator, demo = bool(set(account.roles) & set(ADMINISTRATORS)), rt.settings.demo
        if link.kind == PASSWORD:
            held = session.get(AccountSecret, account.id)
            keys = count_keys(session, account.id)
            return Invitation(link.kind, account.login, account.name, administrator,
                              codes=bool(held.totp_secret) and codes_count(
                                  roles, keys, demo), keys=bool(keys))
        secret = open_box(rt.settings.data_dir, rt.token).open(link.totp_secret,
                                                               place(account.id))
        return Invitation(link.kind, account.login, account.name, administrator, secret,
                          one_time_codes.picture(secret, account.login),
                          is_key_first(roles, demo))


def find(session: Session, token: str, at) -> tuple[OneTimeLink, Account | None]:
    """The link and its account, while it can be used.

    Raises:
        NotFound
    """
    link = session.get(OneTimeLink, hashed_token(token))
    _require_usable(link, at, tuple(LASTS))
    return link, session.get(Account, link.account_id) if link.account_id else None


def _require_usable(link: OneTimeLink | None, at, kinds: tuple[str, ...]) -> None:
    if link is None or link.kind not in kinds or link.used_at or at >= link.expires_at:
        raise NotFound("链接无效、已使用或已过期，请联系系统管理员重新发送",
                       "the link is unknown, used or expired; ask a system administrator for "
                       "a new one", code="LINK.UNKNOWN")


def clear_proof(act: Act, secret: AccountSecret) -> None:
    """The account can prove itself by nothing until its holder sets password and factor anew."""
    secret.password_hash, secret.password_set_at, secret.totp_secret = "", None, ""
    forget_keys(act.session, secret.account_id)
