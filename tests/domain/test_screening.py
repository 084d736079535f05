"""Screening marks every dimension against what the links above allow, and stops at nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.chain import Chain, Fault, Link
from app.domain.screening import (
    JUDGE,
    MATCH,
    MISMATCH,
    Ceiling,
    FieldLimit,
    Source,
    least_privilege,
    screen,
)
from app.runtime import published_law
from tests.domain.rights_samples import rights

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
LINK = Link("L3", "product", "p", "PRD-000001", "产品", "LISTED")
CEILING = Ceiling(
    chain=Chain((LINK,)), product="PRD-000001", version="2.1",
    fields={"ent_name": FieldLimit("企业名称", 1, "CLEAR"),
            "overdue_tax": FieldLimit("欠税余额", 3, "GENERALIZE", dataset="DS-1")},
    sources=(Source("DS-1", "纳税信用", "dept"),), purposes=("PF.CRD",),
    ways=frozenset({("QUERY_ONE", "API", "PROD"), ("QUERY_BATCH", "API", "PROD")}),
    output_form="MASKED_RECORD", agreement_ends=datetime(2029, 1, 1, tzinfo=UTC))
BATCH = {"action": "QUERY_BATCH", "channel": "API", "environment": "PROD", "max_batch": 50}
NODE = {"action": "MODEL_INFER", "channel": "JOINT_NODE", "environment": "PROD", "node": "N-1"}


def found(ceiling=CEILING, **changes):
    return screen(rights(**changes), ceiling, published_law(), AT)


def codes(screening, dimension: str) -> set[tuple[str, str]]:
    return {(item.code, item.result) for item in screening.items[dimension]}


def test_a_modest_request_matches_in_every_dimension():
    assert {found().result(name) for name in ("purpose", "scope", "method", "term", "chain")} == {
        MATCH}


@pytest.mark.parametrize("changes, dimension, code, result", [
    ({"purpose.nodes": [{"code": "PF.PLM.CHK"}]}, "purpose", "PURPOSE.PRODUCT", MISMATCH),
    ({"purpose.nodes": [{"code": "PF.CRD", "descend": True}]}, "purpose",
     "PURPOSE.NOT_NECESSARY", JUDGE),
    ({"scope.product": "PRD-2"}, "scope", "SCOPE.PRODUCT", MISMATCH),
    ({"scope.fields.0.field": "secret"}, "scope", "SCOPE.FIELD", MISMATCH),
    ({"scope.fields.1.treatment": "CLEAR"}, "scope", "SCOPE.FIELD", MISMATCH),
    ({"scope.rows.population": "ALL"}, "scope", "SCOPE.ROW", JUDGE),
    ({"scope.rows.lookback_months": 37}, "scope", "SCOPE.ROW", JUDGE),
    ({"scope.rows.lookback_months": None}, "scope", "SCOPE.ROW", JUDGE),
    ({"scope.rows.subject_kinds": ["PERSON"]}, "scope", "CONSENT.PLAN", JUDGE),
    ({"method.ways": [BATCH], "method.output_form": "MASKED_RECORD"}, "scope", "SCOPE.GRADE",
     MISMATCH),
    ({"method.ways": [BATCH]}, "method", "METHOD.BATCH", JUDGE),
    ({"method.ways": [BATCH]}, "method", "METHOD.UNUSUAL", JUDGE),
    ({"method.ways": [NODE]}, "method", "METHOD.CHANNEL", MISMATCH),
    ({"method.ways": [NODE]}, "method", "METHOD.NODE_NOT_ATTESTED", JUDGE),
    ({"term.to": "2029-06-30"}, "term", "TERM.TOO_LONG", MISMATCH),
    ({"term.to": "2028-06-30"}, "term", "TERM.TOO_LONG", JUDGE),
    ({"term.from": "2025-01-01", "term.to": "2026-11-22"}, "term", "TERM.GRANT_EXPIRED",
     MISMATCH),
    ({"term.retention_days": 366}, "term", "TERM.RETENTION", JUDGE)])
def test_each_excess_is_marked_in_its_dimension(changes, dimension, code, result):
    assert (code, result) in codes(found(**changes), dimension)


@pytest.mark.parametrize("source", [Source("DS-1", "x", "d", forbidden=("PF",)),
                                    Source("DS-1", "x", "d", allowed=("RG",))])
def test_a_source_that_forbids_the_purpose_is_a_mismatch(source):
    ceiling = replace(CEILING, sources=(source,))
    assert codes(found(ceiling), "purpose") == {("PURPOSE.SOURCE_FORBIDS", MISMATCH)}


@pytest.mark.parametrize("limit, code", [
    (FieldLimit("x", None, "CLEAR"), ("SCOPE.GRADE", MISMATCH)),
    (FieldLimit("x", 4, "CLEAR"), ("SCOPE.GRADE", MISMATCH)),
    (FieldLimit("x", 1, "PARTIAL"), ("SCOPE.FIELD", MISMATCH)),
    (FieldLimit("x", 1, "NOBODY_KNOWS"), ("SCOPE.FIELD", MISMATCH)),
    (FieldLimit("x", 1, "CLEAR", subject_kind="PERSON"), ("CONSENT.PLAN", JUDGE))])
def test_a_field_is_held_to_its_grade_treatment_and_subject(limit, code):
    ceiling = replace(CEILING, fields={**CEILING.fields, "ent_name": limit})
    assert code in codes(found(ceiling), "scope")


def test_a_field_of_important_data_takes_the_ceiling_of_important():
    source = replace(CEILING.sources[0], grade_class="IMPORTANT")
    assert ("SCOPE.GRADE", MISMATCH) in codes(found(replace(CEILING, sources=(source,))), "scope")


def test_INV_08_nothing_stops_at_the_first():
    everything = found(**{"purpose.nodes": [{"code": "PF.PLM.CHK"}], "scope.product": "PRD-2",
                          "method.ways": [NODE], "term.to": "2029-06-30"})
    assert set(everything.mismatches) == {"purpose", "scope", "method", "term"}


def test_a_broken_link_shows_in_the_chain_and_no_agreement_bounds_the_term():
    broken = replace(LINK, faults=(Fault("CHAIN.PRODUCT_PAUSED", "产品暂停", "paused"),))
    screening = found(replace(CEILING, chain=Chain((broken,)), agreement_ends=None))
    assert set(screening.mismatches) == {"chain", "term"}


def test_the_stored_document_names_rulebook_and_instant():
    document = found().as_document("sha256:x", AT)
    assert document["policy"] == "sha256:x" and document["at"] == "2026-11-23T02:00:00.000000Z"
    assert document["purpose"] == {"result": MATCH, "items": []}


def test_hints_name_fields_no_like_grant_uses_and_nothing_without_any():
    like = [frozenset({"ent_name"}), frozenset()]
    assert [item.asked for item in least_privilege(rights(), like)] == ["overdue_tax"]
    assert least_privilege(rights(), []) == ()
