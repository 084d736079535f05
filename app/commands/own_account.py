"""What people do about their own account: first password and second factor, password, language.

Passwords are neither trimmed nor changed; they never reach the trail. Source: requirements A02,
A03, A07; GB/T 22239-2019 8.1.4.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import or_
from sqlmodel import select

from app.commands import links
from app.commands.advance import advance
from app.commands.attempts import proved, refuse, reserve
from app.commands.challenges import at_link
from app.commands.second_factors import refusal, shown, why_not, why_not_now
from app.commands.security_keys import enrol, made
from app.commands.sign_in import Opened, caller_of, living, open_session
from app.domain.accounts import ACCOUNT
from app.domain.callers import Caller
from app.domain.passwords import PROFILES, faults, rules
from app.domain.refusals import FactorNeeded, Invalid, NotAllowed, Unidentified
from app.domain.roles import ADMINISTRATORS, Role
from app.domain.second_factors import key_is_due
from app.engines import one_time_codes, password_hashes
from app.engines.common_passwords import common_passwords
from app.engines.field_box import open_box
from app.store import sign_ins
from app.store.situations_people import account_situation
from app.store.tables_institutions import Institution
from app.store.tables_people import (
    Account,
    AccountSecret,
    OneTimeLink,
    Person,
)
from app.store.tables_supply import Department
from app.store.unit import Act, begin, read

HOUSE_WORDS = ("hufu", "虎符")


def require_good(rt, password: str, account: Account) -> None:
    """The password meets the running profile.

    Raises:
        Invalid: naming everything to mend, never the password.
    """
    found = faults(password, PROFILES[rt.settings.password_profile],
                   administrator=bool(set(account.roles) & set(ADMINISTRATORS)),
                   common=common_passwords(), words=(*HOUSE_WORDS, account.login, account.name))
    if found:
        raise Invalid("口令须修改：" + "；".join(fault.zh for fault in found),
                      "mend the password: " + "; ".join(fault.en for fault in found),
                      code="PASSWORD.WEAK", errors=[
                          {"at": "password", "type": fault.code, "zh": fault.zh, "en": fault.en}
                          for fault in found])


def require_twice(password: str, again: str) -> None:
    """The password was entered twice alike.

    Raises:
        Invalid
    """
    if not password_hashes.same(password, again):
        raise Invalid("两次输入的口令不一致", "the two passwords differ", code="PASSWORD.DIFFERS",
                      errors=[{"at": "again", "zh": "与上一项不一致", "en": "differs from above"}])


def password_rules(rt, administrator: bool) -> dict[str, str]:
    """What the running profile asks of a password, as a sentence in both languages."""
    return rules(PROFILES[rt.settings.password_profile], administrator)


@dataclass(frozen=True)
class Acceptance:
    """What the holder of a link sends: a password, and a code or a key's answer. `offers_keys` is
    what the browser says of itself."""

    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    key: Mapping | None = field(default=None, repr=False)
    offers_keys: bool = False


def accept(rt, token: str, told: Acceptance, source_ip: str) -> None:
    """The holder of a link sets a password and shows a second factor.

    An invitation enrols a new second factor; a password link asks for the one there is (A07).

    Raises:
        NotFound: the link cannot be used.
        Invalid: the password is weak, or the code is not the one on the device.
        Unidentified: the second factor is not the account's.
        GuardFailed: the account has no roles yet.
    """
    with read(rt) as session:
        link, account = links.find(session, token, rt.clock())
    if account is None:
        raise Invalid("此链接用于设立首批管理员", "this link names the first administrators")
    require_good(rt, told.password, account)
    if link.kind == links.INVITE:
        _enrol(rt, token, link, account, told, source_ip)
    else:
        _renew(rt, token, account, told, source_ip)


def _enrol(rt, token: str, link: OneTimeLink, account: Account, told: Acceptance,
           source_ip: str) -> None:
    key = made(rt, told.key, at_link(token)) if told.key is not None else None
    step = None if key else _first_step(rt, link, account, told)
    hashed = password_hashes.hashed(told.password)
    invitee = Caller(account=account.id, person=account.person_id, name=account.name,
                     roles=frozenset({str(Role.INVITEE)}), institution=account.institution_id,
                     department=account.department_id, source_ip=source_ip)
    with begin(rt, invitee) as act:
        used = links.use(act, token, links.INVITE)
        row = act.find(Account, used.account_id)
        advance(act, ACCOUNT, row, "accept",
                account_situation(rt, act.session, invitee, row))
        proof = act.find(AccountSecret, row.id)
        if key:
            enrol(act, row, key, "")
        else:
            proof.totp_secret, proof.totp_step = used.totp_secret, step
        _set_password(act, proof, hashed)


def _first_step(rt, link: OneTimeLink, account: Account, told: Acceptance) -> int:
    """The step of the first code of a new secret.

    Raises:
        Invalid: a wrong code, or codes where a key is called for.
    """
    with read(rt) as session:
        roles = sign_ins.roles_open_to(session, account, rt.clock())
    if key_is_due(roles, 0, told.offers_keys, rt.settings.demo):
        raise Invalid("管理员与审批人在支持安全密钥的浏览器中须登记安全密钥",
                      "administrators and approvers enrol a security key where the browser has "
                      "them", code="KEY.NEEDED",
                      errors=[{"at": "key", "zh": "须登记", "en": "needed"}])
    box = open_box(rt.settings.data_dir, rt.token)
    secret = box.open(link.totp_secret, links.place(account.id))
    step = one_time_codes.step_of(secret, told.code.replace(" ", ""), rt.clock())
    if step is None:
        raise Invalid("动态口令不正确：请核对手机时间并输入当前的 6 位数字",
                      "the code does not match: check the device's clock and enter the present "
                      "six digits", errors=[{"at": "code", "zh": "不正确", "en": "does not match"}])
    return step


def _renew(rt, token: str, account: Account, told: Acceptance, source_ip: str) -> None:
    attempt = reserve(rt, source_ip, account_id=account.id)
    factor = shown(rt, attempt, told.code, told.key, at_link(token))
    hashed = password_hashes.hashed(told.password)
    with begin(rt, caller_of(account, source_ip)) as act:
        why = why_not(attempt, True, factor)
        row = act.find(Account, account.id) if not why else None
        why = why or why_not_now(act, row, attempt, factor)
        if why:
            refuse(act, attempt, why, source_ip)
        else:
            links.use(act, token, links.PASSWORD)
            _set_password(act, act.find(AccountSecret, account.id), hashed)
            proved(act, attempt)
            act.record("account.set_password", f"account/{account.id}",
                       institution=account.institution_id)
    if why:
        raise refusal(why, told.key is not None)


def _set_password(act: Act, proof: AccountSecret, hashed: str) -> None:
    proof.password_hash, proof.password_set_at = hashed, act.at
    sign_ins.end_sessions(act.session, proof.account_id, act.at)


def change_password(rt, caller: Caller, present: str, password: str) -> Opened:
    """A new password for the old one; every session ends and a new one is opened (A09).

    Raises:
        FactorNeeded, Invalid
        NotFound: the session has ended since the request came.
        Unidentified: the present password is wrong; it counts as a failed sign-in.
    """
    if not caller.factor_fresh:
        raise FactorNeeded("修改口令须在 5 分钟内再次验证身份",
                           "confirm with your second factor within the last 5 minutes")
    with read(rt) as session:
        require_good(rt, password, session.get(Account, caller.account))
    if password_hashes.same(present, password):
        raise Invalid("新口令不得与原口令相同", "the new password must differ from the present one",
                      errors=[{"at": "password", "zh": "与原口令相同", "en": "same as before"}])
    attempt = reserve(rt, caller.source_ip or "", account_id=caller.account)
    is_right = password_hashes.matches(attempt.password_hash, present)
    hashed = password_hashes.hashed(password)
    opened = None
    with begin(rt, caller) as act:
        account = act.find(Account, caller.account)
        proof = act.find(AccountSecret, caller.account)
        before = living(act)
        if is_right and password_hashes.same(proof.password_hash, attempt.password_hash):
            _set_password(act, proof, hashed)
            for row in attempt.rows:
                sign_ins.withdraw(act.session, row)
            act.record("account.set_password", f"account/{account.id}",
                       institution=account.institution_id)
            opened = open_session(act, account, caller.source_ip or "", "CONFIRMED",
                                  before.offers_keys)
        else:
            act.record("session.refuse", attempt.ref, why="PASSWORD",
                       institution=caller.institution)
    if opened is None:
        raise Unidentified("原口令不正确", "the present password is wrong",
                           code="ID.SIGN_IN_REFUSED")
    return opened


def set_language(rt, caller: Caller, language: str) -> None:
    """The language this account reads by."""
    if language not in ("zh", "en"):
        raise Invalid("语言为 zh 或 en", "the language is `zh` or `en`")
    with begin(rt, caller) as act:
        row = act.find(Account, caller.account)
        if row.language != language:
            row.language = language
            act.record("account.set_language", f"account/{row.id}",
                       institution=row.institution_id, language=language)


def declare_interests(rt, caller: Caller, refs: list[str]) -> tuple[str, ...]:
    """The institutions and departments the person has an interest in, all of them anew; they
    take no part in cases of these (INV-05).

    Raises:
        Invalid: naming the entries that are neither. NotAllowed: a guest of the zone.
    """
    if not caller.is_staff:
        raise NotAllowed("仅专区工作人员申报", "only the zone's own staff declare interests")
    with begin(rt, caller) as act:
        found = {ref: _body_of(act, ref) for ref in dict.fromkeys(refs)}
        unknown = [ref for ref, body in found.items() if body is None]
        if unknown:
            raise Invalid("没有这些机构或部门", "no such institutions or departments", errors=[
                {"at": "interests", "zh": f"第 {at} 行不存在", "en": f"line {at} is unknown"}
                for at, ref in enumerate(found, start=1) if ref in unknown])
        person = act.find(Person, caller.person)
        person.interests = sorted(found.values())
        act.record("person.declare_interests", f"person/{person.id}",
                   interests=person.interests)
        return tuple(person.interests)


def _body_of(act: Act, ref: str) -> str | None:
    """The id of the institution or department with this number or id."""
    for model in (Institution, Department):
        key = act.first(select(model.id).where(or_(model.number == ref, model.id == ref)))
        if key:
            return key
    return None
