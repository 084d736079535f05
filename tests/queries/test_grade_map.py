"""The grade map and the accuracy sample say what the fields say, each reader within their scope."""

import pytest

from app.commands import grading_proposals, rule_proposals
from app.domain.refusals import NotAllowed
from app.domain.standings import Standing, least
from app.queries.accuracy import SampleFilters, accuracy_samples
from app.queries.fields import FieldFilters, dataset_fields
from app.queries.grade_map import MapFilters, grade_map
from app.store.tables_supply import Dataset, DatasetField
from app.store.unit import begin
from tests.commands import supply
from tests.commands.test_contradictions import scanned
from tests.commands.test_rule_proposals import FIELDS, judge
from tests.conftest import caller

AUDITOR, VIEW = caller("auditor", "AUDITOR"), caller("bureau", "REGULATOR_VIEW")
LEVELS = ("l1", "l2", "l3", "l4", "l5")


@pytest.fixture
def homes(rt):
    """Tax has five fields proposed by the rules, of which three are judged; water lists two."""
    tax, water = supply.department(rt), supply.department(rt, "市水务局")
    tax_set = supply.dataset_id(rt, supply.accepted(rt, tax, fields=FIELDS))
    judge(rt, tax_set, "qymc", category="ent_name", grade=1)
    judge(rt, tax_set, "tyshxydm", category="ent_name", grade=3)
    rt.clock.forward(days=9)
    judge(rt, tax_set, "fddbrsfzh", category="legal_rep_id", grade=2, subject_kind="PERSON")
    with begin(rt, supply.SEC) as act:
        dataset = act.create(Dataset, number="DS-9", code="WATER", name="用水", state="PENDING",
                             department_id=water)
        for code in ("A", "B"):
            act.create(DatasetField, dataset_id=dataset.id, department_id=water, code=code)
        act.record("test.water", f"dataset/{dataset.id}")
    return tax, water, tax_set


def lines(rt, who=AUDITOR, **given):
    return {line.name: line for line in grade_map(rt, who, MapFilters(**given)).items}


def fields(rt, who=AUDITOR, **given) -> int:
    return dataset_fields(rt, who, FieldFilters(**given)).total


def test_each_department_is_counted_by_level_and_by_how_far_it_came(rt, homes):
    found = lines(rt)
    tax, water = found["市税务局"], found["市水务局"]
    assert (tax.datasets, tax.fields, tax.counted) == (1, 5, 5)
    assert (tax.levels, tax.unplaced) == ((1, 1, 1, 0, 0), 2)
    assert (tax.confirmed, tax.proposed, tax.ungraded) == (3, 2, 0)
    assert (water.confirmed, water.proposed, water.ungraded, water.unplaced) == (0, 0, 2, 2)
    assert (tax.personal, tax.share, water.personal) == (1, "20.0%", 0)
    expected = lines(rt, counted="EXPECTED")["市税务局"]
    assert expected.unplaced == 0 and sum(expected.levels) == 5


def test_a_dataset_stands_at_its_highest_field_once_every_field_stands(rt, homes):
    found = lines(rt, of="DATASETS")["市税务局"]
    assert (found.counted, found.levels, found.proposed) == (1, (0, 0, 0, 0, 0), 1)
    expected = lines(rt, of="DATASETS", counted="EXPECTED")
    assert sum(expected["市税务局"].levels) == 1 and expected["市税务局"].personal == 1
    assert expected["市水务局"].ungraded == 1 and expected["市水务局"].unplaced == 1
    assert least([]) is Standing.UNGRADED


@pytest.mark.parametrize("of_map, of_list", [
    ({}, {"standing": "CONFIRMED"}), ({"counted": "EXPECTED"}, {})])
def test_every_number_of_the_map_is_the_length_of_its_list(rt, homes, of_map, of_list):
    for line in lines(rt, **of_map).values():
        own = {"department": line.number}
        for level, name in enumerate(LEVELS, start=1):
            assert fields(rt, level=level, **own, **of_list) == getattr(line, name)
        assert line.personal == fields(rt, personal="yes", **own)
        assert line.fields - line.personal == fields(rt, personal="no", **own)
        for standing in Standing:
            assert getattr(line, standing.lower()) == fields(rt, standing=str(standing), **own)


def test_totals_are_of_every_department_that_was_asked_for(rt, homes):
    whole = grade_map(rt, AUDITOR, MapFilters()).totals
    assert (whole.datasets, whole.fields, whole.confirmed, whole.ungraded) == (2, 7, 3, 2)
    assert (whole.l1, whole.l2, whole.l3, whole.unplaced, whole.personal) == (1, 1, 1, 4, 1)
    page = grade_map(rt, AUDITOR, MapFilters(limit=1, offset=1))
    assert (len(page.items), page.totals) == (1, whole)
    assert grade_map(rt, AUDITOR, MapFilters(q="水务")).totals.fields == 2
    assert grade_map(rt, supply.liaison(homes[1]), MapFilters()).totals.fields == 2


def test_a_department_sees_its_own_only_and_the_regulator_sees_all(rt, homes):
    tax, water, _ = homes
    assert set(lines(rt, VIEW)) == {"市税务局", "市水务局"}
    own = supply.liaison(water)
    assert set(lines(rt, own)) == {"市水务局"}
    assert accuracy_samples(rt, own, SampleFilters()).total == 0
    assert accuracy_samples(rt, own, SampleFilters(department=tax)).total == 0
    assert accuracy_samples(rt, supply.liaison(tax), SampleFilters()).total == 2
    for question, filters in ((grade_map, MapFilters()), (accuracy_samples, SampleFilters())):
        with pytest.raises(NotAllowed):
            question(rt, caller("wang", "INST_MAKER", institution="x"), filters)


def test_judgements_are_told_by_the_month_they_were_made_in(rt, homes):
    december, november = accuracy_samples(rt, AUDITOR, SampleFilters()).items
    assert (december.number, november.number) == ("2026-12", "2026-11")
    assert (december.judged, december.kept, december.lowered) == (1, 0, 1)
    assert [(one.proposed, one.confirmed, one.fields) for one in december.levels] == [(3, 2, 1)]
    assert (november.judged, november.kept, november.raised, november.refiled) == (2, 1, 1, 1)
    assert november.share == "50.0%"
    assert [(one.proposed, one.confirmed) for one in november.categories] == [("uscc", "ent_name")]
    assert accuracy_samples(rt, AUDITOR, SampleFilters(month="2026-12")).total == 1
    assert accuracy_samples(rt, AUDITOR, SampleFilters(department="nobody")).total == 0


def test_a_judgement_does_not_grow_younger_by_what_comes_after(rt, homes):
    tax_set = homes[2]
    rt.clock.forward(days=60)
    rule_proposals.propose_by_rules(rt, supply.SEC, tax_set, supply.NOW)
    assert [line.number for line in accuracy_samples(rt, AUDITOR, SampleFilters()).items] == [
        "2026-12", "2026-11"]


def test_every_cell_of_the_table_leads_to_its_fields(rt, homes):
    for line in accuracy_samples(rt, AUDITOR, SampleFilters()).items:
        for pair in line.levels:
            assert fields(rt, by_rules=True, standing="CONFIRMED", proposed=pair.proposed,
                          grade=pair.confirmed) == pair.fields
        for pair in line.categories:
            assert fields(rt, by_rules=True, proposed_category=pair.proposed,
                          category=pair.confirmed) == pair.fields
    assert fields(rt, overridden="yes") == 2 and fields(rt, overridden="no") == 5


def test_what_a_person_proposed_is_no_figure_of_the_rules(rt, homes):
    before = accuracy_samples(rt, AUDITOR, SampleFilters()).items[0].judged
    dataset = supply.dataset_id(rt, supply.accepted(rt, homes[0], code="METER"))
    grading_proposals.propose_gradings(
        rt, supply.liaison(homes[0]), dataset, grading_proposals.Proposals(items=[
            grading_proposals.Proposal(field="NSE", category="ent_name", grade=4)]))
    judge(rt, dataset, "NSE", category="ent_name", grade=4)
    assert accuracy_samples(rt, AUDITOR, SampleFilters()).items[0].judged == before
    judge(rt, dataset, "TYSHXYDM", category="uscc", grade=1)
    assert accuracy_samples(rt, AUDITOR, SampleFilters()).items[0].judged == before + 1


def test_what_a_scan_proposed_is_in_the_sample_and_in_its_list(rt, homes):
    before = accuracy_samples(rt, AUDITOR, SampleFilters()).items[0].judged
    listed = fields(rt, by_rules=True)
    dataset = supply.dataset_id(rt, supply.accepted(rt, homes[0], code="METER"))
    scanned(rt, dataset, "NSE")
    judge(rt, dataset, "NSE", category="mobile", grade=3, subject_kind="PERSON")
    assert accuracy_samples(rt, AUDITOR, SampleFilters()).items[0].judged == before + 1
    assert fields(rt, by_rules=True) == listed + 2
