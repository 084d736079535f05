"""Decisions are found by a time, counted by what they say, and never looked at without bound."""

import pytest
from sqlalchemy import update

from app.commands.decide import Gate
from app.domain.refusals import Invalid, NotAllowed
from app.queries import decision_search, decision_survey
from app.queries.decision_search import DecisionFilters
from app.queries.decision_survey import survey
from app.queries.decisions import decisions
from app.store.tables_decisions import DecisionIndex
from tests import zone
from tests.commands.test_decide import question
from tests.conftest import caller
from tests.decision_zone import LAW

OFFICER = caller("fang", "COMP_REVIEW")


@pytest.fixture
def asked(rt):
    """Five decisions in three hours of one morning, 10:00 in Beijing and after."""
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    found = []
    for minutes, more in ((0, {}), (1, {"purpose": "X.MKT"}), (59, {"fields": ["overdue_tax"]}),
                          (60, {"purpose": "X.MKT", "fields": ["overdue_tax"]}), (1, {})):
        rt.clock.forward(minutes=minutes)
        gate.follower.refresh()
        answer = gate.answers([question(z, trace_id=f"tr-{len(found)}", **more)])[0]
        found.append(answer["context"]["decision_id"])
    gate.close()
    return z, found


def listed(rt, who=OFFICER, **filters) -> list[str]:
    return [line.id for line in decisions(rt, who, DecisionFilters(**filters)).items]


def counts(rt, who=OFFICER, **filters) -> dict[str, dict[str, int]]:
    found = survey(rt, who, DecisionFilters(**filters))
    return {facet.name: {value.code: value.count for value in facet.values}
            for facet in found.facets}


@pytest.mark.parametrize(("q", "found"), [
    ("10:00", [0]), ("10：00", [0]), ("10:01", [1]), ("2026-11-23 10:00", [0]),
    ("2026-11-23T11:00:00", [2]), ("10:00:01", []), ("2026-11-23 10", [1, 0]),
    ("2026-11-23 11", [2]), ("12:00", [3]), ("2026-11-22 10:00", []), ("23:59", [])])
def test_a_decision_is_found_by_the_time_a_clock_showed_in_beijing(rt, asked, q, found):
    _, ids = asked
    assert listed(rt, q=q) == [ids[at] for at in found]


def test_a_time_without_a_day_is_the_last_time_it_was_shown_up_to_the_last_day_asked_for(
        rt, asked):
    _, ids = asked
    assert listed(rt, q="10:00", begins="2026-11-23") == [ids[0]]
    assert listed(rt, q="10:00", begins="2026-11-01", ends="2026-11-30") == [ids[0]]
    assert listed(rt, q="10:00", ends="2026-11-22") == []
    rt.clock.forward(hours=20)
    assert listed(rt, q="10:00") == [ids[0]]
    rt.clock.forward(hours=4)
    assert listed(rt, q="10:00") == []
    assert listed(rt, q="10:00", ends="2026-11-23") == [ids[0]]


@pytest.mark.parametrize("q", ["25:00", "10:60", "2026-02-30 10:00", "2026-11-23 24"])
def test_a_time_that_no_clock_shows_is_refused(rt, q):
    with pytest.raises(Invalid):
        listed(rt, q=q)


def test_values_are_counted_as_if_their_own_filter_were_not_set(rt, asked):
    z, _ = asked
    assert counts(rt) == {
        "state": {"PERMIT": 2, "DENY": 3}, "product": {z.product.number: 5},
        "institution": {z.institution.number: 5}, "purpose": {"PF.CRD.NEW": 3, "X.MKT": 2},
        "reason": {"PURPOSE.PROHIBITED": 2, "SCOPE.FIELD": 2}}
    narrowed = counts(rt, reason="SCOPE.FIELD")
    assert narrowed["reason"] == {"PURPOSE.PROHIBITED": 2, "SCOPE.FIELD": 2}
    assert narrowed["state"] == {"DENY": 2}
    assert narrowed["purpose"] == {"PF.CRD.NEW": 1, "X.MKT": 1}
    assert counts(rt, state="PERMIT", purpose="X.MKT")["state"] == {"DENY": 2, "PERMIT": 0}
    for name, values in counts(rt).items():
        for code, count in values.items():
            page = decisions(rt, OFFICER, DecisionFilters(**{name: code}))
            assert page.total == len(page.items) == count, (name, code)


def test_calls_and_denials_are_told_hour_by_hour_without_a_gap(rt, asked):
    found = survey(rt, OFFICER, DecisionFilters())
    assert found.step == "hour"
    assert [(slot.hour, slot.permits, slot.denials) for slot in found.slots] == [
        ("2026-11-23 10", 1, 1), ("2026-11-23 11", 0, 1), ("2026-11-23 12", 1, 1)]
    for slot in found.slots:
        assert len(listed(rt, q=slot.hour)) == slot.permits + slot.denials
    assert survey(rt, OFFICER, DecisionFilters(q="none")).slots == ()


@pytest.mark.parametrize(("days", "step", "titles"), [
    (2, "hour", 49), (3, "day", 4), (91, "day", 92), (92, "month", 4)])
def test_longer_times_are_told_by_day_and_by_month(rt, days, step, titles):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    gate.answers([question(z)])
    rt.clock.forward(days=days)
    gate.follower.refresh()
    gate.answers([question(z)])
    gate.close()
    found = survey(rt, OFFICER, DecisionFilters())
    assert (found.step, len(found.slots)) == (step, titles)
    ends = [found.slots[0], found.slots[-1]]
    assert all(slot.permits + slot.denials == 1 for slot in ends)
    assert len(listed(rt, begins=ends[1].begins, ends=ends[1].ends)) == 1


def test_only_the_newest_are_looked_at_and_the_rest_is_reached_by_days_or_numbers(
        rt, asked, monkeypatch):
    _, ids = asked
    for module in (decision_search, decision_survey):
        monkeypatch.setattr(module, "LOOKED_AT", 2)
    page = decisions(rt, OFFICER, DecisionFilters())
    assert ([line.id for line in page.items], page.total) == ([ids[4], ids[3]], 2)
    found = survey(rt, OFFICER, DecisionFilters())
    assert found.looked_at == 2 and found.since == page.items[1].at
    assert listed(rt, reason="SCOPE.FIELD") == [ids[3]]
    assert counts(rt)["state"] == {"PERMIT": 1, "DENY": 1}
    assert listed(rt, q="tr-0") == [ids[0]] and listed(rt, q="10:00") == [ids[0]]
    assert survey(rt, OFFICER, DecisionFilters(q="tr-0")).since == ""


def test_an_institution_counts_its_own_decisions_only(rt, asked):
    z, _ = asked
    own = caller("wang", "INST_MAKER", institution=z.institution.id)
    other = caller("zhao", "INST_MAKER", institution="another")
    assert counts(rt, own) == counts(rt)
    assert all(values == {} for values in counts(rt, other).values())
    assert counts(rt, other, institution=z.institution.number)["state"] == {}
    assert listed(rt, other, q="tr-0") == []
    with pytest.raises(NotAllowed):
        survey(rt, caller("liu", "DEPT_LIAISON", department="d"), DecisionFilters())


def test_a_number_two_columns_hold_finds_both(rt, asked):
    _, ids = asked
    with rt.db.writing() as connection:
        connection.execute(update(DecisionIndex).where(DecisionIndex.id == ids[1]).values(
            business_ref="tr-2"))
    assert listed(rt, q="tr-2") == [ids[2], ids[1]]
