"""How grants are used, from the decisions sealed under them: last permit, fields delivered."""

import json
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, select

from app.domain.canonical import instant
from app.domain.chain import Chain
from app.domain.grants import BROAD_DAYS, REMINDERS, UNUSED_DAYS, Flag
from app.domain.rights import Rights
from app.store.chain import Moment
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.tables_grants import Grant

SAMPLE = 500


def last_permits(session: Session, grants: list[str]) -> dict[str, str]:
    """The instant of the newest permit of each grant, by number."""
    return dict(session.exec(select(DecisionIndex.grant, func.max(DecisionIndex.at)).where(
        DecisionIndex.grant.in_(grants), DecisionIndex.permits.is_(True))
        .group_by(DecisionIndex.grant)).all())


def fields_used(session: Session, grant: str, moment: Moment,
                sample: int = SAMPLE) -> frozenset[str] | None:
    """Fields delivered under a grant in the last 180 days, from its newest permits; None when
    there is no permit to tell from."""
    since = instant(moment.at - timedelta(days=BROAD_DAYS))
    bodies = session.exec(select(TrailEntry.body).join(
        DecisionIndex, DecisionIndex.seq == TrailEntry.seq).where(
        DecisionIndex.grant == grant, DecisionIndex.permits.is_(True), DecisionIndex.at >= since)
        .order_by(DecisionIndex.seq.desc()).limit(sample)).all()
    if not bodies:
        return None
    return frozenset(name for body in bodies
                     for name in json.loads(body)["facts"].get("fields", {}))


@dataclass(frozen=True)
class Use:
    """How a grant is used: its newest permit, the fields unused, and what follows from both."""

    last_permit: str
    unused_fields: frozenset[str]
    flags: tuple[Flag, ...]


def use_of(session: Session, grant: Grant, rights: Rights | None, chain: Chain,
           moment: Moment) -> Use:
    """The use of a grant with these rights, as its sheet and a proposal to narrow it rest on."""
    last = last_permits(session, [grant.number]).get(grant.number, "")
    used = fields_used(session, grant.number, moment)
    unused = frozenset(rights.treatments) - used if rights and used is not None else frozenset()
    around = chain.only("L0", "L1", "L2", "L3", "L4", "L6")
    return Use(last, unused, flags_of(grant, moment, chain_in_force=around.in_force,
                                      last_permit=last, unused_fields=unused))


def flags_of(grant: Grant, moment: Moment, *, chain_in_force: bool, last_permit: str,
             unused_fields: frozenset[str] = frozenset()) -> tuple[Flag, ...]:
    """What the registry notices about a grant by itself; an ended grant has no flags."""
    if grant.state not in ("SCHEDULED", "ACTIVE", "SUSPENDED"):
        return ()
    quiet_since = instant(moment.at - timedelta(days=UNUSED_DAYS))
    in_force_long = instant(grant.valid_from) <= quiet_since and grant.state == "ACTIVE"
    found = {
        Flag.EXPIRING: grant.valid_to - moment.at <= timedelta(days=REMINDERS[0]),
        Flag.UNUSED: in_force_long and last_permit < quiet_since,
        Flag.OVER_BROAD: bool(unused_fields) and in_force_long,
        Flag.CHAIN_BROKEN: not chain_in_force}
    return tuple(flag for flag, holds in found.items() if holds)
