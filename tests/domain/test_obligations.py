"""What a permit orders: every kind, how two sayings become one, and who cannot carry it out."""

import json
from dataclasses import replace

import pytest

from app.domain.answers import answer, facts
from app.domain.canonical import canonical
from app.domain.decisions import decide
from app.domain.obligations import Obligation
from app.store.sealing import sealed_bytes
from tests.decision_zone import AT, LAW, ask, changed, granting, picture, selling

DATASET, CREDENTIAL = "DS-0041", "k7q2"


def decided(question=None, zone=None, decision_id="dec_1"):
    return decide(question or ask(), zone or picture(), LAW, AT, decision_id)


def told(question=None, zone=None) -> dict[str, dict]:
    """What each kind says of a permitted call."""
    decision = decided(question, zone)
    assert decision.permits, decision.reasons
    return {item["properties"].get("kind", item["type"]): {
        name: value for name, value in item["properties"].items() if name != "kind"}
        for item in decision.obligations}


def laying(*kinds, **changes):
    return granting(obligations=tuple((kind, tuple(said.items())) for kind, said in kinds),
                    **changes)


def fielded(name="tax_grade", **changes):
    fields = picture().datasets[DATASET].fields
    return changed("datasets", DATASET,
                   fields={**fields, name: replace(fields[name], **changes)})


def doing(action="QUERY_ONE", channel="API", form="MASKED_RECORD", **more):
    """The zone selling and granting one more way, in an output form."""
    sold = picture().products["PRD-RISK-002"].versions["2.1"]
    way = (action, channel, "PROD")
    right = granting().grants["GR-2026-000318"].current
    granted = granting(methods=(*right.methods, type(right.methods[0])(*way)), **more)
    return replace(granted, products=selling(
        methods=sold.methods | {way}, output_form=form).products)


def test_a_call_with_nothing_to_order_has_no_obligation():
    decision = decided(ask(fields=["ent_name"]))
    assert decision.obligations == () and decision.results["obligations"] == "NA"


def test_a_treated_field_is_masked_as_what_it_is():
    assert told()["mask_fields"] == {"fields": {"tax_grade": {"treatment": "PARTIAL"}}}
    assert told(zone=fielded(identifier="resident_id"))["mask_fields"] == {
        "fields": {"tax_grade": {"treatment": "PARTIAL", "kind": "resident_id"}}}


def test_the_strictest_treatment_is_ordered():
    assert told(zone=fielded(treatment="REDACT"))["mask_fields"]["fields"]["tax_grade"] == {
        "treatment": "REDACT"}


def test_a_field_that_is_dropped_or_not_allowed_is_kept_back():
    assert told(zone=fielded(treatment="DROP"))["drop_fields"] == {"fields": ["tax_grade"]}
    reduced = told(ask(fields=["ent_name", "secret_score", "made_up"], field_mode="reduce"))
    assert reduced == {"drop_fields": {"fields": ["secret_score"]}}


@pytest.mark.parametrize(("bounds", "asked", "expr"), [
    ({"regions": ("110000",)}, {"region": "110105"}, {"region_in": ["110000"]}),
    ({"industries": ("J", "K")}, {"industry": "J"}, {"industry_in": ["J", "K"]}),
    ({"population": "OWN_CUSTOMERS"}, {"business_ref": "LN1"}, {"population": "OWN_CUSTOMERS"}),
    ({"lookback_months": 24}, {"lookback_from": "2026-01-01"}, {"since": "2024-11-23"}),
    ({"subject_kinds": ("ENTERPRISE",)}, {"data_subject": {"kind": "ENTERPRISE", "id": "9"}},
     {"subject_kind_in": ["ENTERPRISE"]}),
    ({"regions": ("110000",), "lookback_months": 1},
     {"region": "110000", "lookback_from": "2026-11-01"},
     {"all": [{"region_in": ["110000"]}, {"since": "2026-10-23"}]}),
])
def test_bounds_on_rows_become_one_expression(bounds, asked, expr):
    assert told(ask(**asked), granting(**bounds))["filter_rows"] == {"expr": expr}


def test_an_aggregate_has_a_smallest_group():
    zone = doing("AGG_STATS", form="AGGREGATE", output_form="AGGREGATE")
    assert told(ask(action="AGG_STATS"), zone)["min_group"] == {"k": 5}
    assert told(ask(), zone)["min_group"] == {"k": 5}


def test_a_negative_record_ends_five_years_after_its_event():
    zone = fielded(negative=True, event_end="penalty_end")
    assert told(zone=zone)["suppress_aged_negative"] == {
        "years": 5, "fields": {"tax_grade": "penalty_end"}}
    assert "suppress_aged_negative" not in told(ask(fields=["ent_name"]), zone)


def test_a_negative_record_of_a_person_is_told_to_that_person_first():
    zone = fielded(negative=True, event_end="penalty_end", subject_kind="OFFICER_DUTY")
    sold = picture().products["PRD-RISK-002"].versions["2.1"].fields
    based = selling(fields={**sold, "tax_grade": replace(sold["tax_grade"], legal_basis="公开")})
    found = told(zone=replace(zone, products=based.products))
    assert found["notify_subject"] == {"template": "negative_record"}
    assert found["no_onward"] == {} and found["receipt"] == {"within_s": 300}


def test_a_platform_query_is_looked_at_under_a_watermark():
    zone = doing(channel="SAAS")
    question = ask(channel="SAAS", user="zhang.san")
    assert told(question, zone)["view_only"] == {}
    assert told(question, zone)["watermark"] == {"mode": "visible", "text": "INST-0007|dec_1"}


def test_the_shorter_of_retention_and_data_life_is_kept():
    both = granting(retention_days=180, data_life_days=30)
    assert told(zone=both)["delete_after"] == {"days": 30}
    assert told(zone=granting(retention_days=180))["delete_after"] == {"days": 180}
    assert told(zone=laying(("delete_after", {})))["delete_after"] == {"days": 0}
    assert told(zone=laying(("delete_after", {"days": 30})))["delete_after"] == {"days": 30}


@pytest.mark.parametrize(("kind", "said", "expected"), [
    ("delete_after", {"days": 7}, {"days": 7}), ("delete_after", {"days": 365}, {"days": 180}),
    ("receipt", {"within_s": 60}, {"within_s": 60}),
    ("receipt", {"within_s": 900}, {"within_s": 300}), ("receipt", {}, {"within_s": 300}),
    ("min_group", {"k": 20}, {"k": 20}), ("min_group", {"k": 3}, {"k": 5}),
    ("human_review", {}, {}), ("no_onward", {}, {}), ("view_only", {}, {}),
    ("mark_dispute", {}, {"items": ["ent_name", "tax_grade"]}),
    ("notify_subject", {}, {"template": "negative_record"}),
    ("step-up", {}, {"acr_value": "level-2"}), ("step-up", {"level": 3}, {"acr_value": "level-3"}),
])
def test_what_the_grant_lays_down_comes_and_of_two_numbers_the_stricter(kind, said, expected):
    assert told(zone=laying((kind, said), retention_days=180))[kind] == expected


def test_a_user_who_signed_in_strongly_enough_need_not_step_up():
    question = ask(user="zhang.san", user_auth_level=2)
    assert "step-up" not in told(question, laying(("step-up", {})))
    assert told(question, laying(("step-up", {"level": 3})))["step-up"] == {"acr_value": "level-3"}


def test_a_score_for_a_reviewed_purpose_is_looked_at_by_a_person():
    zone = doing(form="SCORE", output_form="SCORE")
    assert told(ask(), zone)["human_review"] == {}


def test_obligations_are_numbered_in_the_order_of_the_table_and_each_kind_once():
    zone = laying(("watermark", {}), ("receipt", {}), ("mask_fields", {}), retention_days=1)
    items = decided(zone=zone).obligations
    assert [item["id"] for item in items] == ["o1", "o2", "o3", "o4"]
    assert [item["properties"]["kind"] for item in items] == [
        "mask_fields", "watermark", "delete_after", "receipt"]


@pytest.mark.parametrize(("registered", "asked", "types", "missing"), [
    (None, None, None, []), (("mask_fields",), None, None, []),
    (("receipt",), None, None, ["mask_fields"]), ((), None, None, ["mask_fields"]),
    (None, ["receipt"], None, ["mask_fields"]), (None, ["mask_fields"], None, []),
    (("receipt",), ["mask_fields"], None, ["mask_fields"]),
    (("mask_fields",), ["receipt"], None, ["mask_fields"]),
    (None, None, ["custom"], []), (None, None, ["step-up"], ["mask_fields"]),
])
def test_an_enforcement_point_that_cannot_carry_it_out_is_refused(registered, asked, types,
                                                                  missing):
    """What is registered binds; a request may only shorten the list."""
    zone = changed("credentials", CREDENTIAL, supported_kinds=registered)
    decision = decided(ask(supported_kinds=asked, supported_obligations=types), zone)
    assert [(reason.code, reason.asked) for reason in decision.reasons] == [
        ("PEP.OBLIGATION_UNSUPPORTED", kind) for kind in missing]
    assert decision.permits == (not missing)
    assert decision.results["obligations"] == ("FAIL" if missing else "PASS")
    assert bool(decision.obligations) == (not missing)


def test_only_a_refusal_for_a_weak_sign_in_orders_something():
    weak = selling(auth_level=3)
    decision = decided(ask(user="zhang.san", user_auth_level=1), weak)
    assert [item["type"] for item in decision.obligations] == ["step-up"]
    assert decision.obligations[0]["properties"] == {"acr_value": "level-3"}
    assert answer(decision, LAW)["context"]["obligations"] == decision.obligations
    assert not decided(ask(purpose="X.MKT", user_auth_level=1), weak).obligations
    assert not decided(ask(supported_obligations=["custom"]), weak).obligations
    assert "obligations" not in answer(decided(ask(purpose="X.MKT")), LAW)["context"]


def test_what_is_to_be_acknowledged_or_is_about_persons_is_never_kept():
    assert decided().valid_until > AT
    assert decided(zone=laying(("receipt", {}))).valid_until == AT


def test_obligations_are_answered_and_sealed_as_they_travel():
    zone = laying(("watermark", {}), retention_days=9)
    decision = decided(zone=zone)
    assert answer(decision, LAW)["context"]["obligations"] == decision.obligations
    sealed = facts(decision, zone, LAW, "")
    assert sealed["obligations"] == decision.obligations
    assert sealed_bytes(sealed) == canonical(json.loads(sealed_bytes(sealed)))


def test_a_plan_is_shared_by_calls_alike_and_never_by_calls_that_differ():
    zone = picture()
    first, second = (decided(zone=zone, decision_id=each) for each in ("dec_1", "dec_2"))
    assert first.obligations is second.obligations
    changed_field = told(zone=fielded(identifier="uscc"))["mask_fields"]
    assert changed_field["fields"]["tax_grade"]["kind"] == "uscc"
    assert "kind" not in told()["mask_fields"]["fields"]["tax_grade"]
    marked = [decided(zone=laying(("watermark", {})), decision_id=each).obligations
              for each in ("dec_1", "dec_2")]
    assert [each[-1]["properties"]["text"] for each in marked] == [
        "INST-0007|dec_1", "INST-0007|dec_2"]


def test_every_kind_stands_in_the_table_once():
    assert list(LAW.duties.by_kind) == [kind.value for kind in Obligation]
