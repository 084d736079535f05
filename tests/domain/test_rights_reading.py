"""Rights are read strictly, whole, and every wrong member is named at once."""

from datetime import UTC, datetime

import pytest

from app.domain.refusals import Invalid
from app.domain.rights import as_document, scope_digest
from tests.domain.rights_samples import document, read, rights


def test_a_term_is_half_open_in_shanghai():
    found = rights()
    assert found.begins == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert found.ends == datetime(2027, 6, 30, 16, tzinfo=UTC)


def test_reading_what_was_written_gives_the_same_rights():
    assert read(as_document(rights())) == rights()


def test_the_digest_ignores_the_order_of_lists_and_nothing_else():
    turned = document()
    turned["scope"]["fields"].reverse()
    one, other = as_document(rights()), as_document(read(turned))
    assert scope_digest(one) == scope_digest(other)
    assert scope_digest(one) != scope_digest(one, quota={"per_day": 10})
    assert scope_digest(one) != scope_digest(one, conditions=["仅工作日"])
    assert scope_digest(one) != scope_digest(as_document(rights(**{"term.retention_days": 181})))


NODE = {"descend": False, "except": []}


@pytest.mark.parametrize("place, value, code", [
    ("purpose.nodes.0", {**NODE, "code": "X.MKT"}, "PURPOSE.PROHIBITED"),
    ("purpose.nodes.0", {**NODE, "code": "X", "descend": True}, "PURPOSE.PROHIBITED"),
    ("purpose.nodes.0", {**NODE, "code": "PF.CRD"}, "PURPOSE.NOT_LEAF"),
    ("purpose.nodes.0", {**NODE, "code": "PF.NO"}, "PURPOSE.UNKNOWN"),
    ("purpose.nodes.0", {**NODE, "code": ""}, "PURPOSE.UNKNOWN"),
    ("purpose.nodes.0", {"code": "PF.CRD", "descend": True, "except": ["RG"]}, "INPUT.INVALID"),
    ("purpose.nodes", [], "INPUT.INVALID"),
    ("purpose.nodes", [{**NODE, "code": "PF.CRD.NEW"}] * 2, "INPUT.INVALID"),
    ("purpose.business_ref_required", 1, "INPUT.INVALID"),
    ("method.output_form", "RAW_RECORD", "METHOD.OUTPUT_FORM"),
    ("method.ways.0.action", "STEAL", "INPUT.INVALID"),
    ("method.ways.0.max_batch", 2, "INPUT.INVALID"),
    ("method.ways.0.max_batch", True, "INPUT.INVALID"),
    ("method.ways.0.node", "*", "INPUT.INVALID"),
    ("method.ways.0", {"action": "VERIFY", "channel": "JOINT_NODE", "environment": "PROD"},
     "INPUT.INVALID"),
    ("scope.fields", [], "INPUT.INVALID"),
    ("scope.fields.0.field", "*", "INPUT.INVALID"),
    ("scope.fields.1.field", "ent_name", "INPUT.INVALID"),
    ("scope.fields.0.treatment", "NAKED", "INPUT.INVALID"),
    ("scope.fields.0.field", "ent_name\n", "INPUT.INVALID"),
    ("scope.rows.population", "EVERYBODY", "INPUT.INVALID"),
    ("scope.rows.lookback_months", 0, "INPUT.INVALID"),
    ("scope.rows.subject_kinds", [], "INPUT.INVALID"),
    ("scope.rows.onward", True, "INPUT.INVALID"),
    ("scope.version_to", "1.9", "INPUT.INVALID"),
    ("scope.version_to", "two", "INPUT.INVALID"),
    ("scope", None, "INPUT.INVALID"),
    ("term.to", "2026-11-30", "INPUT.INVALID"),
    ("term.to", "2027-02-30", "INPUT.INVALID"),
    ("term.to", "9999-12-31", "INPUT.INVALID"),
    ("term.retention_days", -1, "INPUT.INVALID"),
    ("term.window", {"from": "08:00", "to": "08:00"}, "INPUT.INVALID"),
    ("term.window", {"from": "8:00", "to": "24:00"}, "INPUT.INVALID"),
    ("term.forever", True, "INPUT.INVALID"),
])
def test_INV_07_and_INV_09_what_may_not_be_granted_is_refused_by_name(place, value, code):
    with pytest.raises(Invalid) as refused:
        rights(**{place: value})
    errors = refused.value.facts["errors"]
    assert any(error["at"].startswith(place) and error["code"] == code for error in errors)
    assert all(error["zh"] and error["en"] for error in errors)


def test_every_wrong_member_is_named_in_one_go():
    with pytest.raises(Invalid) as refused:
        rights(**{"term.to": "soon", "scope.product": 7, "method.output_form": "RAW_RECORD"})
    assert {error["at"] for error in refused.value.facts["errors"]} >= {
        "term.to", "scope.product", "method.output_form"}


@pytest.mark.parametrize("place", ["purpose.nodes", "scope.fields", "method.ways"])
def test_a_list_left_without_a_choice_asks_for_one(place):
    with pytest.raises(Invalid) as refused:
        rights(**{place: []})
    told = {error["at"]: error["zh"] for error in refused.value.facts["errors"]}
    assert told[place] == "请至少选一项"


@pytest.mark.parametrize("value", [None, [], "x", 7, {}, {"purpose": {}}])
def test_anything_else_is_refused_without_a_crash(value):
    with pytest.raises(Invalid):
        read(value)


def test_an_inner_purpose_with_descend_reaches_its_leaves_less_the_excluded():
    from app.runtime import published_law

    found = rights(**{"purpose.nodes.0": {"code": "PF.CRD", "descend": True,
                                          "except": ["PF.CRD.INC"]}})
    assert found.leaves(published_law().purposes) == {"PF.CRD.NEW", "PF.CRD.REN"}
