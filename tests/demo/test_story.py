"""The demonstration zone is real: told in order of time by acts, refused to a real database."""

import json

import pytest
from sqlmodel import func, select

from app import runtime
from app.demo import load_zone, story
from app.domain.canonical import instant
from app.domain.refusals import Invalid
from app.settings import load
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.tables_grants import Grant, GrantCase
from app.store.tables_institutions import Institution
from app.store.tables_supply import Dataset, DatasetField, OnboardingCase, Product
from app.store.unit import read


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The story with few decisions, on SQLite."""
    folder = tmp_path_factory.mktemp("demo")
    rt = runtime.build(load({}, data_dir=folder, demo=True), durable=False)
    rt.db.create_all()
    story.tell(rt, decisions=300)
    yield rt
    rt.close()


def test_the_zone_is_as_large_as_it_says(told):
    with read(told) as session:
        for model, least in ((Institution, 68), (Grant, 90), (Product, 12), (Dataset, 68),
                             (DatasetField, 1313), (OnboardingCase, 68)):
            assert session.exec(select(func.count()).select_from(model)).one() >= least
        assert session.exec(select(func.count()).select_from(DecisionIndex)).one() == 300
        assert len(set(session.exec(select(Grant.state)).all())) >= 5
        assert len(set(session.exec(select(GrantCase.state)).all())) >= 8
        states = dict(session.exec(select(OnboardingCase.state, func.count()).group_by(
            OnboardingCase.state)).all())
        assert {"DONE", "GRADING", "SUBMITTED", "SUPPLEMENT", "APPROVAL"} <= set(states)


def test_time_only_goes_forward_and_never_beyond_today(told):
    with read(told) as session:
        at = session.exec(select(TrailEntry.at).order_by(TrailEntry.seq)).all()
    assert at == sorted(at) and at[-1] <= instant(told.clock())
    assert at[0][:4] < at[-1][:4]


def test_most_calls_are_permitted_and_every_refusal_has_a_reason(told):
    with read(told) as session:
        rows = session.exec(select(DecisionIndex)).all()
    permitted = sum(row.permits for row in rows)
    assert 0.8 < permitted / len(rows) < 0.97
    assert all(row.codes for row in rows if not row.permits)


def test_a_real_zone_refuses_the_demonstration(rt):
    with pytest.raises(Invalid):
        load_zone(rt)
    with read(rt) as session:
        body = session.exec(select(TrailEntry.body)).one()
    assert json.loads(body)["facts"]["demo"] is False
