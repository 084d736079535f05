"""G-NARROW: a change is narrowing only when every member of it is (INV-03)."""

import pytest

from app.domain.narrowing import NARROWER, WIDER, differences, narrower_or_equal
from app.runtime import published_law
from tests.domain.rights_samples import rights

LAW = published_law()
INNER = {"code": "PF.CRD", "descend": True, "except": []}
LEAF = {"code": "PF.CRD.NEW", "descend": False, "except": []}
NODE_WAY = {"action": "MODEL_INFER", "channel": "JOINT_NODE", "environment": "PROD",
            "node": "N-1", "max_batch": 10}

STEPS = [  # place, narrower value, wider value
    ("purpose.nodes", [LEAF], [INNER]),
    ("purpose.nodes", [{**INNER, "except": ["PF.CRD.INC"]}], [INNER]),
    ("purpose.business_ref_required", True, False),
    ("scope.version_from", "2.1", "2.0"),
    ("scope.version_to", "2.9", "2.10"),
    ("scope.fields.0.treatment", "PARTIAL", "CLEAR"),
    ("scope.rows.regions", ["110000"], []),
    ("scope.rows.regions", ["110000"], ["110000", "120000"]),
    ("scope.rows.industries", ["C13"], []),
    ("scope.rows.population", "LISTED", "ALL"),
    ("scope.rows.lookback_months", 24, None),
    ("scope.rows.lookback_months", 24, 25),
    ("scope.rows.subject_kinds", ["ENTERPRISE"], ["ENTERPRISE", "SOLE_TRADER"]),
    ("method.ways", [NODE_WAY], [{**NODE_WAY, "node": "*"}]),
    ("method.ways", [NODE_WAY], [{**NODE_WAY, "max_batch": 11}]),
    ("method.output_form", "SCORE", "DERIVED"),
    ("term.from", "2026-12-02", "2026-12-01"),
    ("term.to", "2027-06-30", "2027-07-01"),
    ("term.window", {"from": "09:00", "to": "20:00"}, {"from": "08:00", "to": "20:00"}),
    ("term.window", {"from": "09:00", "to": "20:00"}, None),
    ("term.window", {"from": "23:00", "to": "01:00"}, {"from": "22:00", "to": "02:00"}),
    ("term.retention_days", 180, 181),
    ("term.data_life_days", 30, 31),
]


@pytest.mark.parametrize("place, narrow, wide", STEPS)
def test_each_member_narrows_one_way_and_widens_the_other(place, narrow, wide):
    small, large = rights(**{place: narrow}), rights(**{place: wide})
    down = differences(small, large, LAW.purposes, LAW.vocabulary)
    up = differences(large, small, LAW.purposes, LAW.vocabulary)
    assert {item.direction for item in down} == {NARROWER}
    assert WIDER in {item.direction for item in up}
    assert all(item.zh and item.en and item.dimension == place.split(".")[0] for item in down + up)
    assert narrower_or_equal(small, large, LAW.purposes, LAW.vocabulary)
    assert not narrower_or_equal(large, small, LAW.purposes, LAW.vocabulary)


def test_equal_rights_have_no_difference():
    assert differences(rights(), rights(), LAW.purposes, LAW.vocabulary) == ()


@pytest.mark.parametrize("place, value", [
    ("scope.product", "PRD-000002"), ("scope.rows.population", "LISTED"),
    ("scope.rows.regions", ["120000"]), ("term.window", {"from": "19:00", "to": "21:00"})])
def test_what_cannot_be_compared_counts_as_wider(place, value):
    assert not narrower_or_equal(rights(**{place: value}), rights(), LAW.purposes, LAW.vocabulary)


def test_one_wider_member_spoils_a_narrowing():
    mixed = rights(**{"term.retention_days": 1, "term.to": "2027-07-01"})
    found = differences(mixed, rights(), LAW.purposes, LAW.vocabulary)
    assert [item.direction for item in found] == [WIDER, NARROWER]


def test_a_term_is_told_by_its_last_day():
    longer = rights(**{"term.to": "2027-07-31"})
    [found] = differences(longer, rights(), LAW.purposes, LAW.vocabulary)
    assert found.zh == "到期由2027-06-30改为2027-07-31"


@pytest.mark.parametrize(("path", "value", "place"), [
    ("term.to", "2027-07-31", "term.to"), ("term.from", "2026-01-01", "term.from"),
    ("scope.rows.lookback_months", None, "scope.rows.lookback_months"),
    ("term.retention_days", 3000, "term.retention_days")])
def test_a_difference_names_its_place_in_the_document(path, value, place):
    assert place in {item.place for item in differences(
        rights(**{path: value}), rights(), LAW.purposes, LAW.vocabulary)}
