"""Grants: made by a signed case, in force by the clock, versioned, stopped, resumed, ended."""

from collections.abc import Mapping
from datetime import date

from app.commands import notices
from app.commands.advance import advance, cascade, done
from app.commands.clocks import close_tasks, stop_clocks
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.confirmations import await_two, confirmed
from app.commands.filing import hand_on, proposed
from app.commands.proposals import require_ground
from app.domain import grants as words
from app.domain.callers import Caller
from app.domain.canonical import parse_instant
from app.domain.grants import GRANT, State
from app.domain.grounds import Words
from app.domain.instruments import Kind as Letter
from app.domain.refusals import GuardFailed, Invalid
from app.domain.rights import DIMENSIONS
from app.store.chain import Moment, chain_of, current_version
from app.store.situations_grants import grant_situation
from app.store.tables_grants import Contract, Grant, GrantCase, GrantVersion
from app.store.tables_institutions import Institution
from app.store.unit import Act, begin

BREACHES = ("BREACH.",)


def granted(act: Act, case: GrantCase, contract: Contract) -> Grant:
    """The grant of a signed case and its first version; in force at once where it may be."""
    term = case.approved["term"]
    grant = act.create(
        Grant, number=act.number("GR"), institution_id=case.institution_id,
        product_id=case.product_id, state=str(State.SCHEDULED), current=1,
        valid_from=parse_instant(term["from"]), valid_to=parse_instant(term["to"]))
    act.record("grant.issue", f"grant/{grant.id}", institution=grant.institution_id,
               number=grant.number, case=case.number, contract=contract.number,
               scope_digest=case.scope_digest)
    act.session.flush()
    _version(act, grant, case, contract.id)
    act.affects("grant", grant.id)
    activate_if_due(act, grant)
    return grant


def _version(act: Act, grant: Grant, case: GrantCase, contract_id: str | None) -> GrantVersion:
    """The next version, as decided by the case; what was decided never changes (INV-06)."""
    chain = chain_of(act.session, grant, Moment(act.at, act.day))
    row = act.create(
        GrantVersion, grant_id=grant.id, institution_id=grant.institution_id, n=grant.current,
        dimensions={name: case.approved[name] for name in DIMENSIONS},
        conditions=case.conditions, quota=case.quota, obligations=case.obligations,
        scope_digest=case.scope_digest, contract_id=contract_id, case_id=case.id,
        effective_from=max(act.at, grant.valid_from),
        chain={"links": [{"level": link.level, "number": link.number, "state": link.state}
                         for link in chain.links if link.level < "L5"]})
    act.record("grant_version.issue", f"grant_version/{row.id}",
               institution=grant.institution_id, grant=grant.number, n=row.n,
               scope_digest=row.scope_digest, case=case.number)
    act.affects("grant_version", row.id)
    act.session.flush()
    return row


def activate_if_due(act: Act, grant: Grant) -> bool:
    """The grant takes effect if its first day has come, the chain is whole and a credential is
    live; otherwise it stays scheduled, and the clock tries again."""
    if grant.state != State.SCHEDULED:
        return False
    situation = grant_situation(act.rt, act.session, act.caller, grant)
    if GRANT.find(grant.state, "activate").failing(situation):
        return False
    cascade(act, GRANT, grant, "activate", because=f"grant/{grant.id}",
            reason_code="TERM.BEGINS")
    return True


def activate(act: Act, grant: Grant) -> None:
    """The clock's own move.

    Raises:
        GuardFailed: naming what is missing.
    """
    advance(act, GRANT, grant, "activate",
            grant_situation(act.rt, act.session, act.caller, grant), reason_code="TERM.BEGINS")
    act.affects("grant", grant.id)


def expire(act: Act, grant: Grant) -> None:
    """The clock's own move at the end of the term; decisions never waited for it (INV-12)."""
    advance(act, GRANT, grant, "expire",
            grant_situation(act.rt, act.session, act.caller, grant), reason_code="TERM.ENDS")
    over(act, grant, "EXPIRED")


def over(act: Act, grant: Grant, reason: str) -> None:
    """Nothing is owed to a grant that ended, no notice about it runs, and decisions know."""
    grant.ended_reason = reason
    close_tasks(act, grant)
    stop_clocks(act, grant)
    act.affects("grant", grant.id, stops=True)


def apply_amendment(act: Act, case: GrantCase, contract: Contract | None = None) -> Grant:
    """A narrowing applies with its decision, a widening or renewal with its contract: the old
    version closes, the new one opens."""
    grant = act.find(Grant, case.grant_id)
    old = current_version(act.session, grant)
    if old.scope_digest == case.scope_digest:
        raise GuardFailed(words.version_is_new.zh, words.version_is_new.en,
                          code=words.version_is_new.code)
    grant.current = old.n + 1
    term = case.approved["term"]
    grant.valid_from, grant.valid_to = parse_instant(term["from"]), parse_instant(term["to"])
    _version(act, grant, case, contract.id if contract else old.contract_id)
    old.effective_to = act.at
    act.touch(old)
    cascade(act, GRANT, grant, "apply_version", because=f"grant_case/{case.id}",
            reason_code=case.kind)
    act.affects("grant_version", old.id, stops=True)
    return grant


def resume_by_case(act: Act, case: GrantCase) -> Grant:
    """A decided RESUME case puts the grant back; the term is what it was (INV-15).

    Raises:
        GuardFailed: the chain is broken or the term over.
    """
    grant = act.find(Grant, case.grant_id)
    action = "resume" if grant.valid_from <= act.at else "reschedule"
    situation = grant_situation(act.rt, act.session, act.caller, grant)
    failing = GRANT.find(grant.state, action).failing(situation)
    if failing:
        raise GuardFailed("；".join(rule.zh for rule in failing),
                          "; ".join(rule.en for rule in failing), code=failing[0].code,
                          guards=[rule.name for rule in failing])
    cascade(act, GRANT, grant, action, because=f"grant_case/{case.id}", reason_code="RESUME")
    _cleared(act, grant)
    return grant


def _cleared(act: Act, grant: Grant) -> None:
    grant.suspended_for, grant.confirm_by, grant.after_breach = "", None, False
    close_tasks(act, grant)
    act.affects("grant", grant.id)
    notices.issue(act, Letter.RESUMPTION, grant)


class Stop(Body):
    """Why a right is stopped."""

    ground: Text = entry("事由代码", "Ground", widget="select", options="grounds:SUSPENSION",
                         min_length=2, max_length=60)
    reason: str = entry("认定的事实", "Fact found", widget="textarea", min_length=2,
                         max_length=2000)


@command("grant.suspend", "暂停", "Suspend", factor=True)
def suspend(rt, caller: Caller, ref: str, body: Stop) -> Done:
    """One person stops a grant, the institution its own; the next decision knows."""
    with begin(rt, caller) as act:
        row = act.open(Grant, ref)
        stopped(act, row, body.ground, notices.both(body.reason))
    return done(row)


def stopped(act: Act, row: Grant, ground: str, reason: Words, *, automatic: bool = False,
            record: Mapping | None = None) -> None:
    """Suspend inside an act. An automatic stop waits for two persons to confirm or lift it;
    ``record`` is what its entry says of the rule."""
    require_ground(act.rt, ground, Letter.SUSPENSION)
    advance(act, GRANT, row, "suspend",
            grant_situation(act.rt, act.session, act.caller, row, reason.zh, ground=ground),
            reason_code=ground, record={"automatic": automatic, **(record or {})})
    row.suspended_for = ground
    row.after_breach = ground.startswith(BREACHES)
    act.affects("grant", row.id, stops=True)
    if automatic:
        await_two(act, row, "confirm_stop", row.number)
    notices.issue(act, Letter.SUSPENSION, row, {"reasons": [{"code": ground, "text": reason}]})


@command("grant.confirm_stop", "确认自动停用", "Confirm automatic stop")
def confirm_stop(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two persons confirm within 72 hours what a rule stopped."""
    with begin(rt, caller) as act:
        row = act.open(Grant, ref)
        step = confirmed(act, GRANT, row, "confirm_stop", row.number,
                         grant_situation(rt, act.session, caller, row, body.reason))
    return done(row, step)


@command("grant.lift_stop", "解除自动停用", "Lift automatic stop")
def lift_stop(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two persons lift what a rule stopped without cause."""
    with begin(rt, caller) as act:
        row = act.open(Grant, ref)
        step = advance(act, GRANT, row, "lift_stop",
                       grant_situation(rt, act.session, caller, row, body.reason))
        hand_on(act, row, step, row.number, row.confirm_by)
        if step:
            _cleared(act, row)
    return done(row, step)


class Revocation(Body):
    """Why a right is taken away for good. A later hand may leave all but the reason empty."""

    ground: Text = entry("事由代码", "Ground", default="", widget="select",
                         options="grounds:REVOCATION", max_length=60)
    reason: str = entry("认定的事实", "Fact found", widget="textarea", min_length=2,
                         max_length=2000)
    hearing: str = entry("陈述申辩记录", "Hearing note", default="", widget="textarea",
                          max_length=4000)
    emergency: bool = entry("紧急情形", "Emergency", default=False, widget="checkbox")
    barred_until: Text = entry("禁入至", "Barred until", default="", widget="date",
                               pattern=r"^(\d{4}-\d{2}-\d{2})?$")


@command("grant.revoke", "撤销", "Revoke", factor=True)
def revoke(rt, caller: Caller, ref: str, body: Revocation) -> Done:
    """Maker, reviewer and approver revoke; the institution is heard unless it is an emergency."""
    with begin(rt, caller) as act:
        row = act.open(Grant, ref)
        payload = proposed(act, row, "revoke", {
            "ground": body.ground, "hearing": body.hearing, "emergency": body.emergency,
            "barred_until": body.barred_until})
        require_ground(rt, payload["ground"], Letter.REVOCATION)
        until = _day(payload["barred_until"])
        step = advance(act, GRANT, row, "revoke", grant_situation(
            rt, act.session, caller, row, body.reason, ground=payload["ground"],
            hearing=payload["hearing"], emergency=payload["emergency"]),
            payload=payload, reason_code=payload["ground"],
            record={"emergency": payload["emergency"], "barred_until": payload["barred_until"]})
        if step:
            over(act, row, payload["ground"])
            _bar(act, row, until)
            notices.issue(act, Letter.REVOCATION, row, {"reasons": [{
                "code": payload["ground"],
                "text": {"zh": step.finding, "en": step.finding}}]})
    return done(row, step)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("禁入日期不是有效日期", "`barred_until` is no calendar day", errors=[
            {"at": "barred_until", "zh": "无效日期", "en": "no such day"}]) from error


def _bar(act: Act, row: Grant, until: date | None) -> None:
    """The institution may not apply again before that day."""
    if until is None:
        return
    institution = act.find(Institution, row.institution_id)
    institution.barred_until = max(institution.barred_until or until, until)
    act.record("institution.bar", f"institution/{institution.id}", institution=institution.id,
               until=institution.barred_until.isoformat(), grant=row.number)
    act.affects("institution", institution.id, stops=True)
