"""What a form about a grant starts with: the grant as it is needed, or as it was used."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from app.domain.amendments import months_back, renewal_opens, renewed, widened
from tests.decision_zone import LAW

ENDS = datetime(2027, 1, 1, tzinfo=UTC)
HELD = {
    "purpose": {"nodes": [{"code": "PF.CRD.NEW", "descend": False, "except": []}],
                "business_ref_required": True},
    "scope": {"product": "P", "version_from": "2.0", "version_to": "2.9",
              "fields": [{"field": "a", "treatment": "CLEAR"},
                         {"field": "b", "treatment": "PARTIAL"}],
              "rows": {"regions": ["110000"], "subject_kinds": ["ENTERPRISE"],
                       "lookback_months": 12}},
    "method": {"ways": [{"action": "QUERY_ONE", "channel": "API", "environment": "PROD",
                         "node": "-", "max_batch": 1}], "output_form": "DERIVED"},
    "term": {"from": "2026-01-01T00:00:00.000000Z", "to": "2027-01-01T00:00:00.000000Z"}}
OFFERED = SimpleNamespace(
    purposes=("PF",), fields=({"field": "a"}, {"field": "b"}, {"field": "c",
                                                               "treatment": "GENERALIZE"}),
    methods=({"action": "QUERY_ONE", "channel": "API", "environment": "PROD"},
             {"action": "QUERY_BATCH", "channel": "API", "environment": "PROD"}))


def wider(*codes, **asked) -> dict:
    return widened(HELD, set(codes), asked, OFFERED, LAW.purposes)


def test_what_was_refused_is_asked_for_and_nothing_else_changes():
    found = wider("SCOPE.FIELD", fields=["a", "c", "nobody"], purpose="PF.PLM.CHK")
    assert [(one["field"], one["treatment"]) for one in found["scope"]["fields"]] == [
        ("a", "CLEAR"), ("b", "PARTIAL"), ("c", "GENERALIZE")]
    assert found["purpose"] == HELD["purpose"] and found["method"] == HELD["method"]


@pytest.mark.parametrize(("purpose", "added"), [
    ("PF.PLM.CHK", True), ("X.MKT", False), ("PF.CRD", False), ("CM.DEF.LMT", False),
    ("NOBODY", False)])
def test_a_purpose_is_added_where_the_product_serves_it(purpose, added):
    nodes = wider("PURPOSE.NOT_GRANTED", purpose=purpose)["purpose"]["nodes"]
    assert [node["code"] for node in nodes] == ["PF.CRD.NEW", *([purpose] if added else [])]


@pytest.mark.parametrize(("asked", "ways"), [
    ({"action": "QUERY_ONE", "batch_size": 20}, [("QUERY_ONE", 20)]),
    ({"action": "QUERY_BATCH", "batch_size": 500}, [("QUERY_ONE", 1), ("QUERY_BATCH", 500)]),
    ({"action": "MONITOR"}, [("QUERY_ONE", 1)])])
def test_a_way_is_added_or_its_batch_raised_where_the_product_has_it(asked, ways):
    found = wider("METHOD.BATCH", channel="API", environment="PROD", **asked)["method"]["ways"]
    assert [(way["action"], way["max_batch"]) for way in found] == ways


def test_rows_are_widened_by_what_the_refusal_names():
    rows = wider("SCOPE.REGION", "SCOPE.LOOKBACK", region="310000", lookback_from="2024-01-01",
                 lookback_months=36, subject_kind="PERSON")["scope"]["rows"]
    assert rows == {"regions": ["110000", "310000"], "subject_kinds": ["ENTERPRISE"],
                    "lookback_months": 36}


def test_a_renewal_starts_with_what_was_used_for_as_long_again():
    found = renewed(HELD, {"b"})
    assert [one["field"] for one in found["scope"]["fields"]] == ["a"]
    assert found["term"]["to"] == "2028-01-01T00:00:00.000000Z"
    assert [one["field"] for one in renewed(HELD, {"a", "b"})["scope"]["fields"]] == ["a", "b"]
    assert HELD["scope"]["fields"][1]["field"] == "b", "the grant itself is untouched"


@pytest.mark.parametrize(("before", "opens"), [
    (timedelta(days=90, seconds=1), False), (timedelta(days=90), True),
    (timedelta(seconds=1), True), (timedelta(0), False)])
def test_a_renewal_opens_ninety_days_before_the_end_and_closes_with_it(before, opens):
    assert renewal_opens(ENDS, ENDS - before) is opens


@pytest.mark.parametrize(("first", "months"), [("2026-11-01", 1), ("2025-11-30", 13),
                                               ("2027-01-01", 1)])
def test_a_look_back_is_counted_in_months(first, months):
    assert months_back(first, date(2026, 11, 23)) == months
