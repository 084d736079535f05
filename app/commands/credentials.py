"""Credentials: issued by one person, the secret shown once, live when another activates them."""

import hashlib
import re
from datetime import date, timedelta

from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.command import Body, Done, Empty, Reasoned, Text, command, entry
from app.commands.filing import permitted
from app.domain.callers import SYSTEM, Caller
from app.domain.credentials import CREDENTIAL, LIVE, AppState, State, last_day_allowed
from app.domain.lifecycle import Move
from app.domain.obligations import Obligation
from app.domain.refusals import GuardFailed, Invalid, Refusal
from app.domain.workdays import start_of
from app.store.situations_institutions import credential_situation, uses
from app.store.tables_grants import Grant
from app.store.tables_institutions import ClientApp, Credential, Institution
from app.store.unit import Act, begin, read

USABLE_GRANTS = ("SCHEDULED", "ACTIVE", "SUSPENDED")
SECRET_BYTES = 32


def carried_out():
    """The entry of what an enforcement point can do."""
    return entry("可执行的义务", "Obligations it can carry out", default_factory=list,
                 widget="multiselect", max_length=20, options="obligations.Obligation",
                 help_zh="执行点能执行的种类；须执行而未列明的，判定为拒绝；留空为未登记",
                 help_en="what the enforcement point can do; a permit that needs another kind is "
                         "refused; empty leaves it unregistered")


class NewCredential(Body):
    """What a credential is bound to: an application system, and one grant or all of its own."""

    app: Text = entry("应用系统", "Application system", widget="select", options="noun:client_app",
                      max_length=64)
    grant: Text = entry("绑定授权", "Bound to grant", default="", widget="select",
                        options="noun:grant", max_length=64,
                        help_zh="留空则可用于该机构的全部授权",
                        help_en="empty serves every grant of the institution")
    last_day: date = entry("有效期至", "Last day", widget="date")
    supported_kinds: list[Obligation] = carried_out()


@command("credential.create", "签发凭证", "Issue a credential", creates=True, factor=True)
def issue(rt, caller: Caller, body: NewCredential) -> Done:
    """The secret is in the answer and nowhere else: only its hash is kept.

    Source: OWASP ASVS 5.0 13.2.1; GB/T 22239-2019 8.1.4.1.a.
    """
    with begin(rt, caller) as act:
        permitted(act, "credential", "create")
        app = act.open(ClientApp, body.app)
        require_usable(act, app)
        grant = _grant_of(act, app, body.grant)
        require_term(act, body.last_day)
        prefix, secret = fresh_secret(act)
        row = act.create(
            Credential, number=act.number("CRED"), institution_id=app.institution_id,
            app_id=app.id, grant_id=grant.id if grant else None, prefix=prefix,
            secret_hash=secret_hash(secret), issued_by=caller.person, state=str(State.ISSUED),
            supported_kinds=_kinds(body.supported_kinds), issued_at=act.at,
            expires_at=start_of(body.last_day + timedelta(days=1)))
        act.record("credential.create", f"credential/{row.id}", institution=app.institution_id,
                   number=row.number, prefix=prefix, app=app.number,
                   grant=grant.number if grant else "", last_day=body.last_day.isoformat(),
                   supported_kinds=row.supported_kinds)
        act.affects("credential", row.id)
    return done(row, secret=secret)


def fresh_secret(act: Act) -> tuple[str, str]:
    """A prefix nobody has and the whole secret, 256 random bits behind it."""
    taken = True
    while taken:
        prefix = re.sub("[^a-z0-9]", "x", act.rt.token(6).lower())[:8]
        taken = act.first(select(Credential.id).where(Credential.prefix == prefix)) is not None
    return prefix, f"hufu_{prefix}_{act.rt.token(SECRET_BYTES)}"


def secret_hash(secret: str) -> str:
    """What is kept of a secret. A slow hash is not needed for 256 random bits."""
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()


def require_usable(act: Act, app: ClientApp) -> None:
    """The system is open and its institution may use data.

    Raises:
        GuardFailed
    """
    if app.state != AppState.ACTIVE:
        raise GuardFailed("应用系统已停用", "the application system is closed", code="G-CHAIN")
    if not uses(act.find(Institution, app.institution_id)):
        raise GuardFailed("机构未处于可使用状态", "the institution may not use data now",
                          code="G-CHAIN")


def _grant_of(act: Act, app: ClientApp, ref: str) -> Grant | None:
    if not ref:
        return None
    grant = act.open(Grant, ref)
    if grant.institution_id != app.institution_id or grant.state not in USABLE_GRANTS:
        raise Invalid("所选授权不属于该机构或已终止",
                      "the grant is not the institution's, or has ended",
                      errors=[{"at": "grant", "zh": "请另选授权", "en": "choose another grant"}])
    return grant


def require_term(act: Act, last_day: date) -> None:
    """From today, and a year at most.

    Raises:
        Invalid
    """
    if not act.day <= last_day <= last_day_allowed(act.day):
        raise Invalid("有效期应自今日起一年以内",
                      "a credential lives from today for at most a year",
                      errors=[{"at": "last_day", "zh": "最长一年", "en": "at most one year"}])


class Kinds(Body):
    """What the enforcement point behind a credential can do."""

    supported_kinds: list[Obligation] = carried_out()


@command("credential.set_kinds", "登记可执行的义务", "Register what it can carry out", factor=True)
def set_kinds(rt, caller: Caller, ref: str, body: Kinds) -> Done:
    """The list is replaced; the next decision goes by it. A request may only shorten it."""
    with begin(rt, caller) as act:
        row = act.open(Credential, ref)
        was, kinds = row.supported_kinds, _kinds(body.supported_kinds)
        step = advance(act, CREDENTIAL, row, "set_kinds",
                       credential_situation(rt, act.session, caller, row),
                       record={"supported_were": was, "supported_kinds": kinds})
        row.supported_kinds = kinds
        act.affects("credential", row.id)
    return done(row, step)


def _kinds(kinds: list[Obligation]) -> list[str] | None:
    return sorted({kind.value for kind in kinds}) or None


@command("credential.activate", "启用", "Activate")
def activate(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """Another person than the issuer makes it live (INV-04)."""
    return _moved(rt, caller, ref, "activate")


@command("credential.revoke", "吊销", "Revoke", factor=True)
def revoke(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """One person ends a credential; the next decision refuses it."""
    return _moved(rt, caller, ref, "revoke", body.reason)


@command("credential.expire", "到期", "Expire")
def expire(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The state follows the clock; decisions compared it before (INV-12)."""
    return _moved(rt, caller, ref, "expire")


def _moved(rt, caller: Caller, ref: str, action: str, reason: str = "") -> Done:
    with begin(rt, caller) as act:
        row = act.open(Credential, ref)
        situation = credential_situation(rt, act.session, caller, row, reason)
        step = advance(act, CREDENTIAL, row, action, situation)
        if action == "revoke":
            row.revoked_at = act.at
        move: Move = step.move
        act.affects("credential", row.id, stops=move.stops)
    return done(row, step)


def expire_overdue(rt) -> int:
    """Every credential past its time is marked so; how many were."""
    with read(rt) as session:
        ids = session.exec(select(Credential.id).where(
            Credential.state.in_([str(state) for state in LIVE]),
            Credential.expires_at <= rt.clock())).all()
    ended = 0
    for credential_id in ids:
        try:
            expire(rt, SYSTEM, credential_id, Empty())
            ended += 1
        except Refusal:
            continue  # somebody was quicker: it is revoked
    return ended
