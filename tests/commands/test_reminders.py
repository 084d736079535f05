"""A grant that ends is reminded of at each mark, once, and never after its end."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from app.commands.reminders import remind_due
from app.store.tables_grants import Grant
from app.store.tables_notices import Notice
from app.store.unit import begin, read
from tests.conftest import caller

ENDS = datetime(2027, 6, 30, 16, 0, tzinfo=UTC)  # the end of 30 June in Shanghai


@pytest.fixture
def grant(rt):
    with begin(rt, caller("ops", "OPS")) as act:
        row = act.create(Grant, number="GR-2026-000318", institution_id="i", product_id="p",
                         state="ACTIVE", valid_from=act.at, valid_to=ENDS)
        act.record("grant.create", f"grant/{row.id}")
    return row.id


def letters(rt):
    with read(rt) as session:
        return session.exec(select(Notice).order_by(Notice.n)).all()


@pytest.mark.parametrize(("days", "count"), [(91, 0), (90, 1), (89, 1), (60, 1), (1, 1), (0, 0)])
def test_the_first_reminder_comes_at_ninety_days_and_none_after_the_end(
        rt, grant, clock, days, count):
    clock.at = ENDS - timedelta(days=days)
    assert remind_due(rt) == count


def test_each_mark_reminds_once(rt, grant, clock):
    reminded = []
    for days in range(95, -3, -1):
        clock.at = ENDS - timedelta(days=days)
        reminded += [days] * remind_due(rt)
        assert remind_due(rt) == 0
    assert reminded == [90, 60, 30, 15, 7, 1]


def test_the_letter_says_when_it_ends_and_until_when_to_renew(rt, grant, clock):
    clock.at = ENDS - timedelta(days=60)
    remind_due(rt)
    clock.at = ENDS - timedelta(days=7)
    remind_due(rt)
    early, late = (letter.payload for letter in letters(rt))
    assert early["opening"]["zh"] == "贵单位的授权GR-2026-000318将于2027年6月30日到期。"
    assert "2027年5月31日前提出续期" in early["closing"]["zh"]
    assert "2027年6月30日前提出续期" in late["closing"]["zh"]


@pytest.mark.parametrize(("state", "count"), [
    ("ACTIVE", 1), ("SUSPENDED", 1), ("REVOKED", 0), ("SCHEDULED", 0), ("EXPIRED", 0)])
def test_only_living_grants_are_reminded_of(rt, grant, clock, state, count):
    with begin(rt, caller("ops", "OPS")) as act:
        act.find(Grant, grant).state = state
        act.record("grant.set", f"grant/{grant}")
    clock.at = ENDS - timedelta(days=30)
    assert remind_due(rt) == count
