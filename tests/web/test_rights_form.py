"""The four dimensions as a form: what is posted becomes the document, and the document fills it."""

from types import SimpleNamespace

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.domain.rights import as_document
from app.domain.rights_reading import read_rights
from app.engines import rulebooks
from app.web import rights_form, words

FORM = MultiDict([
    ("rights.product", "PRD-000001"), ("rights.purpose", "PF.CRD.NEW"),
    ("rights.business_ref_required", "yes"), ("rights.field", "ent_name"),
    ("rights.field", "tax_grade"), ("rights.treatment.ent_name", "CLEAR"),
    ("rights.treatment.tax_grade", "PARTIAL"), ("rights.treatment.not_chosen", "CLEAR"),
    ("rights.version_from", "2.1"), ("rights.version_to", "2.9"),
    ("rights.population", "OWN_CUSTOMERS"), ("rights.subject_kinds", "ENTERPRISE"),
    ("rights.regions", "110000， 120000"), ("rights.industries", ""),
    ("rights.lookback_months", "24"), ("rights.way", "QUERY_ONE|API|PROD"),
    ("rights.way", "QUERY_BATCH|API|PROD"), ("rights.max_batch", "500"),
    ("rights.output_form", "DERIVED"), ("rights.from", "2026-12-01"), ("rights.to", "2027-06-30"),
    ("rights.window_from", ""), ("rights.window_to", ""), ("rights.retention_days", "180"),
    ("rights.data_life_days", "30"),
])
VERSION = SimpleNamespace(
    product_number="PRD-000001", text="2.1", output_form="DERIVED",
    purposes=("PF.CRD.NEW", "PF.CRD.REN"),
    fields=({"field": "ent_name", "name": "企业名称", "grade": 1, "treatment": "CLEAR"},
            {"field": "tax_grade", "name": "纳税信用等级", "grade": 2, "treatment": "PARTIAL"}),
    methods=({"action": "QUERY_ONE", "channel": "API", "environment": "PROD"},
             {"action": "QUERY_BATCH", "channel": "API", "environment": "PROD"}))


@pytest.fixture(scope="module", autouse=True)
def chinese():
    """Pages speak Chinese where nobody asks for another language."""
    app = Flask("words")
    words.register(app)
    with app.test_request_context():
        yield


@pytest.fixture(scope="module")
def law():
    return rulebooks.load()


def posted(**changes) -> MultiDict:
    form = FORM.copy()
    for name, value in changes.items():
        form[f"rights.{name}"] = value
    return form


def test_a_posted_form_is_a_document_the_domain_reads(law):
    rights = read_rights(rights_form.read(FORM), law.purposes, law.vocabulary)
    assert [node.code for node in rights.nodes] == ["PF.CRD.NEW"]
    assert dict(rights.fields) == {"ent_name": "CLEAR", "tax_grade": "PARTIAL"}
    assert rights.rows.regions == ("110000", "120000") and rights.rows.lookback_months == 24
    assert {(way.action, way.max_batch) for way in rights.ways} == {
        ("QUERY_ONE", 1), ("QUERY_BATCH", 500)}


def test_what_is_filled_from_a_document_reads_back_as_the_same_document(law):
    rights = read_rights(rights_form.read(FORM), law.purposes, law.vocabulary)
    shown = rights_form.offered(law, VERSION, as_document(rights))
    again = MultiDict([("rights.product", shown["product"])])
    for name in ("version_from", "version_to", "regions", "industries", "lookback_months",
                 "max_batch", "from", "to", "retention_days", "data_life_days", "window_from",
                 "window_to"):
        again.add(f"rights.{name}", str(shown[name]))
    for name, choices in (("purpose", "purposes"), ("population", "populations"),
                          ("subject_kinds", "subject_kinds"), ("way", "ways"),
                          ("output_form", "forms")):
        for choice in shown[choices]:
            if choice["chosen"]:
                again.add(f"rights.{name}", choice["value"])
    for field in shown["fields"]:
        if field["chosen"]:
            again.add("rights.field", field["field"])
            again.add(f"rights.treatment.{field['field']}", next(
                choice["value"] for choice in field["treatments"] if choice["chosen"]))
    again.add("rights.business_ref_required", "yes")
    assert read_rights(rights_form.read(again), law.purposes, law.vocabulary) == rights


def test_only_treatments_as_strict_as_the_products_are_offered(law):
    shown = rights_form.offered(law, VERSION, None)
    offered = {field["field"]: [one["value"] for one in field["treatments"]]
               for field in shown["fields"]}
    assert offered["ent_name"][0] == "CLEAR"
    assert "CLEAR" not in offered["tax_grade"] and offered["tax_grade"][0] == "PARTIAL"
    assert "RAW_RECORD" not in [one["value"] for one in shown["forms"]]


def test_a_purpose_with_all_below_it_survives_the_form(law):
    document = rights_form.read(FORM)
    document["purpose"]["nodes"] = [{"code": "PF.CRD", "descend": True, "except": []}]
    shown = rights_form.offered(law, VERSION, document)
    assert ("PF.CRD.*", True) in [(one["value"], one["chosen"]) for one in shown["purposes"]]
    assert rights_form.read(posted(purpose="PF.CRD.*"))["purpose"]["nodes"] == [
        {"code": "PF.CRD", "descend": True, "except": []}]


@pytest.mark.parametrize("name", ["retention_days", "lookback_months", "data_life_days"])
def test_what_is_no_number_is_left_for_the_reading_to_refuse_by_name(law, name):
    document = rights_form.read(posted(**{name: "1e9"}))
    with pytest.raises(Exception, match="mend") as refused:
        read_rights(document, law.purposes, law.vocabulary)
    assert any(name in error["at"] for error in refused.value.facts["errors"])


@pytest.mark.parametrize(("at", "name", "title"), [
    ("purpose.nodes", "purpose", "目的 · 用于（产品允许的目的）"),
    ("purpose.nodes.0.code", "purpose", "目的 · 用于（产品允许的目的）"),
    ("scope.fields", "field", "范围 · 申请字段"),
    ("scope.fields.1.treatment", "field.tax_grade", "范围 · 纳税信用等级"),
    ("scope.fields.99.treatment", "field", "范围 · 申请字段"),
    ("scope.rows.subject_kinds", "subject_kinds", "范围 · 主体类型"),
    ("method.ways.1.max_batch", "max_batch", "方式 · 每批至多条数"),
    ("method.ways.0.action", "way", "方式 · 操作、渠道与环境"),
    ("term.window.from", "window_from", "期限 · 每日可用时段自"),
    ("term.to", "to", "期限 · 至（含当日）")])
def test_a_remark_stands_at_its_input_and_is_told_by_its_title(law, at, name, title):
    shown = rights_form.offered(law, VERSION, rights_form.read(FORM),
                                [{"at": at, "zh": "一", "en": "one"}])
    assert list(shown["faults"]) == [name]
    [line] = rights_form.lines(shown)
    assert (line.title, line.href, line.text) == (title, f"#rights-{name}", "一")


def test_a_remark_about_no_input_stands_at_none(law):
    shown = rights_form.offered(law, VERSION, None, [{"at": "dimensions", "zh": "一", "en": "one"}])
    assert shown["faults"] == {} and rights_form.lines(shown) == []


def test_a_form_without_rights_is_none():
    assert rights_form.read(MultiDict([("title", "恢复")])) is None


# -- what a grant holds, to be narrowed -----------------------------------------------------------

def held(law, **changes) -> dict:
    document = as_document(read_rights(rights_form.read(FORM), law.purposes, law.vocabulary))
    return {name: {**part, **changes.get(name, {})} for name, part in document.items()}


def test_a_narrowing_offers_what_the_grant_holds_and_nothing_beyond(law):
    present = held(law, scope={"fields": [{"field": "ent_name", "treatment": "PARTIAL"},
                                          {"field": "gone", "treatment": "CLEAR"}]})
    shown = rights_form.offered(law, VERSION, present, (), present)
    assert [one["value"] for one in shown["purposes"]] == ["PF.CRD.NEW"]
    assert [(one["field"], one["name"], one["treatments"][0]["value"])
            for one in shown["fields"]] == [("ent_name", "企业名称", "PARTIAL"),
                                            ("gone", "gone", "CLEAR")]
    assert [one["value"] for one in shown["populations"]] == ["OWN_CUSTOMERS"]
    assert [one["value"] for one in shown["subject_kinds"]] == ["ENTERPRISE"]
    assert [one["value"] for one in shown["ways"]] == ["QUERY_BATCH|API|PROD", "QUERY_ONE|API|PROD"]
    assert [one["value"] for one in shown["forms"]][-1] == "DERIVED"
    assert all(one["chosen"] for one in (*shown["purposes"], *shown["fields"], *shown["ways"]))


def test_a_day_left_as_it_was_shown_stays_the_same_instant(law):
    present = held(law, term={"from": "2026-12-01T02:30:00.000000Z"})
    kept, moved = (rights_form.read(posted(**{"from": day}), present)["term"]["from"]
                   for day in ("2026-12-01", "2026-12-02"))
    assert (kept, moved) == ("2026-12-01T02:30:00.000000Z", "2026-12-02")


def test_purposes_left_out_below_another_stay_left_out(law):
    nodes = [{"code": "PF.CRD", "descend": True, "except": ["PF.CRD.INC", "PF.CRD.REN"]}]
    present = held(law, purpose={"nodes": nodes})
    [choice] = rights_form.offered(law, VERSION, present, (), present)["purposes"]
    assert choice["chosen"]
    assert rights_form.read(posted(purpose=choice["value"]))["purpose"]["nodes"] == nodes
