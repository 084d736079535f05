"""Runs of what-if as rows: whose turn a run is, which decisions it is over, how far it came.

A lease and a count change often and mean nothing to anybody later: they make no version.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from app.domain.what_ifs import LEASE, MOST, OPEN, Tally
from app.store.places import place_at
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.tables_played import WhatIf, WhatIfPart

_OPEN = [str(state) for state in OPEN]


def waiting(connection: Connection, at: datetime) -> str | None:
    """The oldest open run nobody holds, or whose holder stopped saying that it lives."""
    return connection.execute(select(WhatIf.id).where(
        WhatIf.state.in_(_OPEN), _is_free(at)).order_by(WhatIf.created_at, WhatIf.id)
        .limit(1)).scalar()


def _is_free(at: datetime):
    return or_(WhatIf.held_until.is_(None), WhatIf.held_until <= at)


def claim(connection: Connection, run: str, holder: str, at: datetime) -> int:
    """Make the run this holder's from now on: which try it is since a stretch was last finished,
    or nought for a run that is not to be had; of two that ask, one gets it."""
    return connection.execute(update(WhatIf).where(
        WhatIf.id == run, WhatIf.state.in_(_OPEN), _is_free(at)).values(
            holder=holder, held_until=at + LEASE, tries=WhatIf.tries + 1)
        .returning(WhatIf.tries)).scalar() or 0


def beat(connection: Connection, run: str, holder: str, at: datetime, **counts) -> bool:
    """The holder lives, and has come so far: whether the run is still open and its own."""
    return bool(connection.execute(update(WhatIf).where(
        WhatIf.id == run, WhatIf.state.in_(_OPEN), WhatIf.holder == holder).values(
            held_until=at + LEASE, **counts)).rowcount)


def give_back(connection: Connection, run: str, holder: str, at: datetime) -> None:
    """The holder stops here; anybody may go on at once."""
    connection.execute(update(WhatIf).where(
        WhatIf.id == run, WhatIf.holder == holder).values(holder="", held_until=at, tries=0))


def bounds(connection: Connection, run: WhatIf, begins: datetime | None,
           ends: datetime | None) -> tuple[int, int, int]:
    """The first and last place of the decisions a run is over, the newest `MOST` of those that
    fit, and how many they are."""
    first = 0 if begins is None else place_at(connection, begins)
    last = connection.execute(select(func.max(DecisionIndex.seq))).scalar() or 0
    if ends is not None:
        last = min(last, place_at(connection, ends) - 1)
    chosen = _chosen(run, first, last)
    floor = connection.execute(select(DecisionIndex.seq).where(*chosen).order_by(
        DecisionIndex.seq.desc()).offset(MOST).limit(1)).scalar()
    first = first if floor is None else floor + 1
    total = connection.execute(select(func.count()).select_from(DecisionIndex).where(
        *_chosen(run, first, last))).scalar_one()
    return first, last, total


def _chosen(run: WhatIf, first: int, last: int) -> list:
    found = [DecisionIndex.seq >= first, DecisionIndex.seq <= last]
    if run.institution_id:
        found.append(DecisionIndex.institution_id == run.institution_id)
    if run.product:
        found.append(DecisionIndex.product == run.product)
    return found


def stretch(connection: Connection, run: WhatIf, after: int, most: int) -> Sequence[Any]:
    """The next decisions behind a place: place, number, institution and sealed body."""
    return connection.execute(
        select(DecisionIndex.seq, DecisionIndex.id, DecisionIndex.institution_id, TrailEntry.body)
        .join(TrailEntry, TrailEntry.seq == DecisionIndex.seq)
        .where(*_chosen(run, max(run.first, after + 1), run.last))
        .order_by(DecisionIndex.seq).limit(most)).all()


def reached(connection: Connection, run: str) -> int:
    """The place up to which the parts of a run go, -1 where there are none."""
    found = connection.execute(select(func.max(WhatIfPart.up_to)).where(
        WhatIfPart.run_id == run)).scalar()
    return -1 if found is None else found


def add_part(connection: Connection, run: str, up_to: int, tally: Tally) -> None:
    connection.execute(insert(WhatIfPart).values(
        run_id=run, up_to=up_to, heard=tally.heard, unsure=tally.unsure, left_out=tally.left_out,
        flips=tally.flips()))


def tallied(connection: Connection, run: str) -> Tally:
    """Everything the parts of a run counted."""
    whole = Tally()
    for row in connection.execute(select(
            WhatIfPart.heard, WhatIfPart.unsure, WhatIfPart.left_out, WhatIfPart.flips).where(
                WhatIfPart.run_id == run).order_by(WhatIfPart.up_to)):
        whole.take(row._mapping)
    return whole
