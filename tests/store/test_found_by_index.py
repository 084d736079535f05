"""What calls and acts are looked up by is looked up by an index, on either engine."""

import pytest
from sqlalchemy import or_, select

from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex, bears
from app.store.trail import about

SOUGHT = {
    "about": (TrailEntry, about("grant/1"), "ix_trail_entry_ref", "_ref_idx"),
    "id": (DecisionIndex, bears(DecisionIndex.id, "x"), "autoindex_decision", "_id_key"),
    **{name: (DecisionIndex, bears(getattr(DecisionIndex, name), "x"), f"ix_decision_{name}",
              f"_{name}_idx") for name in ("trace_id", "business_ref", "subject")},
    "either": (DecisionIndex, or_(bears(DecisionIndex.trace_id, "x"),
                                  bears(DecisionIndex.subject, "x")),
               "ix_decision_subject", "_subject_idx")}


@pytest.mark.parametrize("sought", SOUGHT)
def test_it_is_found_by_its_index(rt, sought):
    model, condition, lite, great = SOUGHT[sought]
    with rt.db.reading() as connection:
        text = str(select(model.seq).where(condition).compile(connection, compile_kwargs={
            "literal_binds": True}))
        if not rt.db.is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = "\n".join(str(tuple(row)) for row in connection.exec_driver_sql(
            ("EXPLAIN QUERY PLAN " if rt.db.is_sqlite else "EXPLAIN ") + text))
    assert lite in plan or great in plan, plan
    assert "SCAN " not in plan.upper() or "INDEX" in plan.upper(), plan
