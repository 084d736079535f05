"""What guards on applications, grants and stops may look at, read from rows."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, select

from app.domain import grants as grant_words
from app.domain.amendments import Kind, renewal_opens
from app.domain.callers import Caller
from app.domain.contracts import ANNEX, CHECKLIST, ContractSituation
from app.domain.grant_cases import GrantCaseSituation, State
from app.domain.grants import GrantSituation
from app.domain.institutions import is_barred
from app.domain.narrowing import WIDER, differences, narrower_or_equal
from app.domain.opinions import ASSESSMENTS, CaseFacts, Result, facts_of, second_because
from app.domain.parity import Parity, compared
from app.domain.rights import Rights
from app.domain.screening import Screening, screen
from app.domain.stops import StopSituation
from app.domain.workdays import add_workdays, day_of
from app.store.case_views import CaseView, case_view
from app.store.chain import Moment, chain_of
from app.store.like_grants import held_alike
from app.store.situations import basics
from app.store.tables import Clock
from app.store.tables_grants import Contract, Grant, GrantCase, Opinion
from app.store.tables_supply import Hold

NEEDED = {  # what a form of each kind must hold before it is submitted
    Kind.NEW: ("title", "scene", "necessity", "security_measures", "volume_per_day", "requested"),
    Kind.AMEND_WIDEN: ("title", "scene", "necessity", "security_measures", "requested"),
    Kind.AMEND_NARROW: ("title", "necessity", "requested"),
    Kind.RENEW: ("title", "necessity", "requested"),
    Kind.RESUME: ("title", "necessity"),
}


@dataclass(frozen=True)
class Entered:
    """What the person deciding enters, before it is on the row. `proposed` rights are what would
    be approved; None stands for what was requested. `flags` are what the registry notices about
    the grant a proposal is about."""

    proposed: Rights | None = None
    override: str = ""
    deviation: str = ""
    grounds: tuple[str, ...] = ()
    defects: int | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A case judged for one caller: its situation, and what the judgement rests on. `parity` is
    there while a decision on rights is due."""

    view: CaseView
    situation: GrantCaseSituation
    facts: CaseFacts
    screening: Screening | None
    parity: Parity | None
    second_because: tuple[str, ...] = field(default=())


def judge(rt, session: Session, caller: Caller, row: GrantCase, reason: str = "",
          entered: Entered | None = None) -> Judged:
    """The case as this caller's next act on it is judged."""
    entered = entered or Entered()
    view = case_view(rt, session, row)
    proposed = entered.proposed or view.requested
    screening = (screen(proposed, view.ceiling, rt.law, rt.clock())
                 if proposed and row.kind != Kind.RESUME else None)
    disagreements = sum(1 for opinion in _now(view) if opinion.result == Result.DISAGREE)
    facts = facts_of(row.kind, proposed, view.ceiling, rt.law,
                     overrides=bool(entered.override.strip()) and disagreements > 0,
                     after_breach=bool(view.grant and view.grant.after_breach))
    because, parity = second_because(facts), _parity(rt, session, view, proposed)
    situation = GrantCaseSituation(
        **basics(rt, session, caller, row, reason),
        kind=row.kind, drafter=row.maker, override=entered.override, grounds=entered.grounds,
        disagreements=disagreements, second_needed=bool(because),
        is_compared=parity is not None, deviates=bool(parity and parity.deviations),
        deviation=entered.deviation, flags=entered.flags,
        defects_open=_open_defects(row) if entered.defects is None else entered.defects,
        is_overdue=_is_overdue(rt, session, row), **_from_view(rt, view, proposed, screening))
    return Judged(view, situation, facts, screening, parity, because)


def _parity(rt, session: Session, view: CaseView, proposed: Rights | None) -> Parity | None:
    """What would be approved beside what like institutions hold now; None where no rights are
    decided (a resumption gives back what was granted)."""
    row = view.row
    if row.state != State.APPROVAL or row.kind == Kind.RESUME or proposed is None:
        return None
    return compared(proposed, view.ceiling.price_class, held_alike(
        rt, session, row, view.institution.kind))


def _from_view(rt, view: CaseView, proposed: Rights | None,
               screening: Screening | None) -> dict:
    row, law, moment = view.row, rt.law, Moment.of(rt)
    current = _now(view)
    above = view.ceiling.chain
    return {
        "missing": missing_members(view),
        "institution_in_force": not _faults(above, "L4"),
        "is_barred": is_barred(view.institution.barred_until, moment.at),
        "product_listed": not _faults(above, "L3"),
        "chain_in_force": above.in_force,
        "mismatches": tuple(name for name in screening.mismatches if name != "chain")
        if screening else (),
        "within_request": proposed is None or view.requested is None or narrower_or_equal(
            proposed, view.requested, law.purposes, law.vocabulary),
        **_beside_grant(rt, view, proposed),
        "term_is_ahead": (proposed.ends if proposed and row.kind != Kind.RESUME
                          else view.grant.valid_to if view.grant else moment.at) > moment.at,
        "price_is_lawful": view.ceiling.price_is_lawful,
        "notices_this_round": int(row.notice_round == row.rounds),
        "recused": frozenset(item.person for item in view.opinions
                             if item.result == Result.RECUSE),
        "open_opinions": sum(1 for item in current if not item.result),
        "assessments_fail": any(item.result == Result.DISAGREE for item in current
                                if item.kind in ASSESSMENTS),
        "clauses_missing": clauses_missing(rt, view.contract),
        "digest_agrees": bool(view.contract and row.scope_digest
                              and view.contract.scope_digest == row.scope_digest)}


def _beside_grant(rt, view: CaseView, proposed: Rights | None) -> dict:
    """What is asked for beside what the grant holds; a version signed since makes it another."""
    grant, at = view.grant, rt.clock()
    if grant is None:
        return {"within_grant": False, "is_changed": proposed is not None}
    wider = {item.member for item in differences(
        proposed, view.in_force, rt.law.purposes, rt.law.vocabulary)
        if item.direction == WIDER} if proposed and view.in_force else {"all"}
    return {
        "grant_state": grant.state, "within_grant": not wider,
        "is_changed": proposed != view.in_force, "widens": bool(wider - {"begins", "ends"}),
        "prolongs": "ends" in wider, "begins_by_now": proposed is None or proposed.begins <= at,
        "renewal_is_open": renewal_opens(grant.valid_to, at),
        "grant_is_unchanged": view.row.screening.get("base", grant.current) == grant.current}


def missing_members(view: CaseView) -> tuple[str, ...]:
    """The members of the form that are not filled in yet."""
    row = view.row
    values = {name: getattr(row, name) for name in NEEDED[Kind(row.kind)] if name != "requested"}
    missing = [name for name, value in values.items() if not value]
    if "requested" in NEEDED[Kind(row.kind)] and view.requested is None:
        missing.append("requested")
    return tuple(missing)


def clauses_missing(rt, contract: Contract | None) -> tuple[str, ...]:
    """The clauses of the checklist a contract does not cover yet; an annex has none of its own."""
    if contract and contract.template == ANNEX:
        return ()
    checklist = rt.cases.checklists[CHECKLIST]
    known = {item.id for item in checklist.items}
    ticked = frozenset(contract.clauses if contract else ()) & known
    return tuple(item.id for item in checklist.missing(ticked))


def _now(view: CaseView) -> tuple[Opinion, ...]:
    """The opinions of the present round, recusals left out."""
    return tuple(item for item in view.opinions
                 if item.round == view.row.rounds and item.result != Result.RECUSE)


def _faults(chain, level: str) -> bool:
    found = [link for link in chain.links if link.level == level]
    return not found or any(link.faults for link in found)


def _open_defects(row: GrantCase) -> int:
    return sum(1 for defect in row.defects if not defect.get("answer"))


def _is_overdue(rt, session: Session, row: GrantCase) -> bool:
    kind = {State.SUPPLEMENT: "supplement", State.APPROVED: "signing"}.get(row.state)
    clocks = session.exec(select(Clock).where(
        Clock.noun == row.noun, Clock.object_id == row.id, Clock.kind == kind,
        Clock.stopped_at.is_(None), Clock.paused_at.is_(None))).all() if kind else []
    return any(clock.due_at <= rt.clock() for clock in clocks)


def grant_situation(rt, session: Session, caller: Caller, row: Grant, reason: str = "",
                    **entered) -> GrantSituation:
    """The situation of a grant; `entered` is what the caller states (ground, hearing, ...). A page
    that states no `last_day` of a removal is shown what the earliest one allows."""
    moment = Moment.of(rt)
    chain = chain_of(session, row, moment)
    earliest = add_workdays(rt.holidays, moment.day, grant_words.REMOVAL_DAYS)
    return GrantSituation(**{
        **basics(rt, session, caller, row, reason), "earliest": earliest, "last_day": earliest,
        "removal_ends": _removal_ends(session, row),
        "begins": row.valid_from, "ends": row.valid_to,
        "chain_in_force": chain.only("L0", "L1", "L2", "L3", "L4").in_force,
        "credential_issued": chain.only("L6").in_force,
        "awaits_confirmation": row.state == grant_words.State.SUSPENDED
        and row.confirm_by is not None, **entered})


def _removal_ends(session: Session, row: Grant) -> datetime | None:
    return session.exec(select(Clock.due_at).where(
        Clock.noun == row.noun, Clock.object_id == row.id, Clock.stopped_at.is_(None),
        Clock.kind == grant_words.REMOVAL_CLOCK)).first()


def contract_situation(rt, session: Session, caller: Caller, row: Contract, *, file: str = "-",
                       scope_digest: str = "",
                       signed_on: date | None = None) -> ContractSituation:
    """The situation of a contract; what a form will ask for is taken as given when not said."""
    common = basics(rt, session, caller, row)
    return ContractSituation(
        **common, is_annex=row.template == ANNEX, has_file=bool(file),
        digest_agrees=(scope_digest or row.scope_digest) == row.scope_digest,
        drafted_on=day_of(row.created_at), signed_on=signed_on or common["day"])


def hold_situation(rt, session: Session, caller: Caller, row: Hold,
                   reason: str = "") -> StopSituation:
    return StopSituation(**basics(rt, session, caller, row, reason),
                         awaits_confirmation=row.automatic and row.confirm_by is not None)
