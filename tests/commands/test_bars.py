"""G-BARRED: applications, the chain that people see, and decisions read a bar alike."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.commands import grant_cases
from app.commands.command import Empty
from app.commands.decide import Gate
from app.domain.refusals import GuardFailed
from app.store.chain import Moment, chain_of
from app.store.unit import read
from tests import zone as rows
from tests.commands.test_decide import codes, question
from tests.commands.zone_people import Walk
from tests.decision_zone import LAW

LAST = date(2026, 11, 25)
AFTER = datetime(2026, 11, 25, 16, tzinfo=UTC)  # midnight of the 26th in Shanghai


@pytest.mark.parametrize("at, barred", [(AFTER - timedelta(microseconds=1), True),
                                        (AFTER, False)])
def test_a_bar_binds_everywhere_through_its_last_day(rt, clock, at, barred):
    walk = Walk(rt).draft()
    rows.set_state(rt, walk.zone.institution, "ADMITTED", barred_until=LAST)
    clock.at = at
    gate = Gate(rt, LAW)
    answer = gate.answer(question(walk.zone))
    gate.close()
    assert ("INST.BARRED" in codes(answer)) is barred and answer["decision"] is not barred
    if barred:
        assert "2026-11-25" in str(answer["context"]["reasons"])
    with read(rt) as session:
        faults = [fault.code for link in chain_of(session, walk.zone.grant, Moment.of(rt)).links
                  for fault in link.faults]
    assert ("INST.BARRED" in faults) is barred
    if barred:
        with pytest.raises(GuardFailed) as refused:
            grant_cases.submit(rt, walk.maker, walk.id, Empty())
        assert "institution_is_not_barred" in refused.value.facts["guards"]
    else:
        assert grant_cases.submit(rt, walk.maker, walk.id, Empty()).waiting
