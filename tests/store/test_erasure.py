"""P03: whatever is removed of persons and private values, in whatever order, every proof holds and
the trail still follows from its rows."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import delete, select

from app.domain.callers import SYSTEM
from app.queries.trail_check import recompute
from app.store.tables import TrailEntry, TrailPrivate
from app.store.tables_people import Person
from app.store.unit import begin, read
from audit.trail import leaf

NAMES = [f"赵某{number}" for number in range(6)]
STEPS = st.lists(st.tuples(st.sampled_from(["write", "erase", "forget"]), st.integers(0, 5)),
                 min_size=1, max_size=14)


def write(rt, number: int) -> None:
    with begin(rt, SYSTEM) as act:
        row = act.create(Person, name=NAMES[number])
        act.record("person.create", f"person/{row.id}", institution=f"i{number % 2}",
                   private={"name": NAMES[number], "number": str(number)})


def erase(rt, number: int) -> None:
    """One private value, or a whole partition of them."""
    with rt.db.writing() as connection:
        chosen = connection.execute(select(TrailPrivate.seq).order_by(TrailPrivate.seq)).scalars()
        left = list(chosen)
        if left:
            connection.execute(delete(TrailPrivate).where(
                TrailPrivate.seq <= left[-1] if number == 0 else
                TrailPrivate.seq == left[number % len(left)]))


def forget(rt, number: int) -> None:
    """A person's row goes; the entry of their coming stands."""
    with rt.db.writing() as connection:
        connection.execute(delete(Person).where(Person.name == NAMES[number]))


@settings(max_examples=12, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_P03_removal_in_any_order_leaves_every_proof_valid(rt, steps):
    verbs = {"write": write, "erase": erase, "forget": forget}
    with read(rt) as session:
        before = {row.seq: bytes(row.leaf) for row in session.exec(select(TrailEntry))}
    for verb, number in steps:
        verbs[verb](rt, number)
    with read(rt) as session:
        rows = session.exec(select(TrailEntry).order_by(TrailEntry.seq)).all()
    assert all(bytes(row.leaf) == leaf(row.body) for row in rows)
    assert all(before[row.seq] == bytes(row.leaf) for row in rows if row.seq in before)
    assert not [name for row in rows for name in NAMES if name.encode() in row.body]
    checked = recompute(rt)
    assert not checked.findings and checked.size == len(rows)


def test_P03_the_leaf_itself_cannot_be_removed(rt):
    write(rt, 1)
    with pytest.raises(Exception, match="(?i)append|trail|refus"), rt.db.writing() as connection:
        connection.execute(delete(TrailEntry))
