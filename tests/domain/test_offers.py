"""A product version only narrows the datasets it is made from (INV-03); INV-09 and INV-11."""

from dataclasses import replace

import pytest

from app.domain.offers import (
    Law,
    Offer,
    OfferedField,
    Source,
    SourceField,
    baseless,
    changes,
    wider,
)
from app.engines import rulebooks

BOOKS = rulebooks.load()
LAW = Law(BOOKS.purposes, BOOKS.vocabulary, BOOKS.sections.ceiling)
PLAIN = SourceField(2, "GENERAL", "ENTERPRISE", False, "PARTIAL", False)
SOURCES = {"d1": Source("ONLINE", ("PF",), ("PF.RSK",), {
    "a": PLAIN, "b": replace(PLAIN, grade=3), "c": replace(PLAIN, prohibited=True),
    "p": replace(PLAIN, subject_kind="PERSON"), "u": replace(PLAIN, grade=None)})}
FIELD = OfferedField("x", "d1", "a", "PARTIAL")
OFFER = Offer((FIELD,), (("QUERY_ONE", "API", "PROD"),), "DERIVED", ("PF.CRD.NEW",))


def codes(offer: Offer) -> list[str]:
    return [item.code for item in wider(offer, SOURCES, LAW)]


def test_an_offer_inside_its_sources_is_fine():
    assert codes(OFFER) == []


@pytest.mark.parametrize(("change", "code"), [
    ({"fields": ()}, "SCOPE.EMPTY"),
    ({"fields": (FIELD, FIELD)}, "SCOPE.DUPLICATE"),
    ({"fields": (replace(FIELD, source="zz"),)}, "SCOPE.FIELD"),
    ({"fields": (replace(FIELD, dataset="d9"),)}, "SCOPE.FIELD"),
    ({"fields": (replace(FIELD, source="c"),)}, "SCOPE.PROHIBITED"),
    ({"fields": (replace(FIELD, treatment="CLEAR"),)}, "SCOPE.TREATMENT"),
    ({"fields": (replace(FIELD, treatment="BLUR"),)}, "SCOPE.TREATMENT"),
    ({"fields": (replace(FIELD, source="u"),)}, "METHOD.CEILING"),
    ({"fields": (replace(FIELD, source="b"),), "output_form": "MASKED_RECORD",
      "methods": (("QUERY_BATCH", "API", "PROD"),)}, "METHOD.CEILING"),
    ({"methods": ()}, "METHOD.EMPTY"),
    ({"methods": (("QUERY_ONE", "FAX", "PROD"),)}, "METHOD.UNKNOWN"),
    ({"output_form": "RAW_RECORD"}, "SCOPE.RAW_RECORD"),
    ({"purposes": ()}, "PURPOSE.EMPTY"),
    ({"purposes": ("PF.NO",)}, "PURPOSE.UNKNOWN"),
    ({"purposes": ("X.MKT",)}, "PURPOSE.UNKNOWN"),
    ({"purposes": ("CM.DEF.LMT",)}, "PURPOSE.WIDER"),
    ({"purposes": ("PF.RSK.WRN",)}, "PURPOSE.WIDER"),
    ({"purposes": ("PF",)}, "PURPOSE.WIDER"),
])
def test_INV_09_a_wider_offer_is_named_where_it_is_wider_inv_03(change, code):
    assert code in codes(replace(OFFER, **change))


def test_a_stricter_treatment_and_an_inner_purpose_inside_the_list_narrow():
    assert codes(replace(OFFER, fields=(replace(FIELD, treatment="REDACT"),),
                         purposes=("PF.CRD",))) == []


@pytest.mark.parametrize(("consent", "basis", "missing"), [
    ("REQUIRED", {}, ()), ("NONE", {}, ("x",)), ("NONE", {"x": "  "}, ("x",)),
    ("NONE", {"x": "社会信用法规第十条"}, ())])
def test_INV_11_a_field_about_persons_needs_consent_or_a_basis(consent, basis, missing):
    offer = replace(OFFER, fields=(replace(FIELD, source="p"),))
    assert baseless(offer, SOURCES, basis, consent) == missing


@pytest.mark.parametrize(("new", "widens"), [
    ({"purposes": ("PF.CRD.NEW", "PF.LMT.EST")}, [True]),
    ({"fields": ()}, [False]),
    ({"fields": (FIELD, replace(FIELD, field="y"))}, [True]),
    ({"fields": (replace(FIELD, treatment="REDACT"),)}, [False]),
    ({"fields": (replace(FIELD, treatment="CLEAR"),)}, [True]),
    ({"fields": (replace(FIELD, source="b"),)}, [True]),
    ({"methods": (("VERIFY", "API", "PROD"),)}, [True]),
    ({"output_form": "SCORE"}, [False]),
    ({"output_form": "MASKED_RECORD"}, [True]),
    ({}, []),
])
def test_what_is_added_or_shows_more_widens(new, widens):
    found = changes(OFFER, replace(OFFER, **new), BOOKS.vocabulary)
    assert [change.widens for change in found] == widens
