"""Test zones and the demonstration stand in any year: some tests run on the real clock."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from app import runtime
from app.commands.decide import Gate
from app.demo import story
from app.settings import load
from app.store.tables_decisions import DecisionIndex
from app.store.tables_supply import HeadAgreement
from app.store.unit import read
from tests import zone
from tests.commands.test_decide import codes, question
from tests.conftest import StoppedClock
from tests.decision_zone import LAW

LATER = [datetime(2027, 1, 1, 2, tzinfo=UTC), datetime(2028, 2, 29, 2, tzinfo=UTC),
         datetime(2029, 12, 31, 2, tzinfo=UTC), datetime(2036, 7, 1, 2, tzinfo=UTC)]


@pytest.mark.parametrize("at", LATER, ids=str)
def test_the_tiny_zone_is_in_force_whenever_it_is_built(rt, clock, at):
    clock.at = at
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    answer = gate.answer(question(z, lookback_from=at.date().replace(day=1).isoformat()))
    gate.close()
    assert answer["decision"], codes(answer)
    assert z.head.valid_to.year - z.head.valid_from.year <= 5


@pytest.mark.slow
def test_the_demonstration_told_in_2031_is_in_force_in_2031(tmp_path):
    rt = runtime.build(load({}, data_dir=tmp_path, demo=True), durable=False)
    rt.clock = StoppedClock(datetime(2031, 3, 3, 2, tzinfo=UTC))
    rt.db.create_all()
    story.tell(rt, decisions=60)
    with read(rt) as session:
        agreement = session.exec(select(HeadAgreement)).one()
        permitted = [row.permits for row in session.exec(select(DecisionIndex))]
    rt.close()
    assert agreement.valid_from <= rt.clock() < agreement.valid_to
    assert sum(permitted) > 40
