"""A gate lets every value through that its pattern matches; risky patterns are named."""

import re

import pytest

from app.domain.classification.folding import fold
from app.domain.classification.shapes import backtracking_risk, gate, shape_of, shown
from app.engines.classification.rules import identifiers
from tests.domain.classification.random_shapes import values

ALL = list(identifiers())


@pytest.mark.parametrize("identifier", ALL, ids=lambda each: each.id)
def test_a_gate_is_never_narrower_than_its_pattern(identifier):
    drawn = [value for value in values(identifier.shape.pattern, 300)
             if identifier.shape.fullmatch(value)]
    assert drawn
    for value in drawn:
        assert identifier.gate.shapes.fullmatch(shape_of(value)), shape_of(value)
        assert identifier.gate.least <= len(value) <= identifier.gate.most
        assert sum(map(str.isdigit, value)) >= identifier.gate.digits
        assert identifier.gate.needs in value


@pytest.mark.parametrize("identifier", [each for each in ALL if each.gate.exact],
                         ids=lambda each: each.id)
def test_an_exact_gate_takes_nothing_its_pattern_leaves(identifier):
    for value in values(identifier.gate.shapes.pattern.replace("9", r"\d"), 300):
        if identifier.gate.shapes.fullmatch(shape_of(value)):
            assert identifier.shape.fullmatch(value), value


@pytest.mark.parametrize(("text", "shape"), [
    ("京A12345", "字A99999"), ("a@b.cn", "A@A.AA"), ("١٢", "??"), ("(2024)京", "(9999)字")])
def test_a_shape_shows_kinds_and_signs_only(text, shape):
    assert shape_of(fold(text)) == shape


def test_a_shown_shape_counts_runs_and_is_cut():
    assert shown(shape_of("110108199003074615")) == "9{18}"
    assert len(shown(",".join("a1" * 60))) <= 41


@pytest.mark.parametrize("pattern", [
    r"(?:a{1,9}){1,9}", r"(a+)+", r"\d*", r"a{2,}", r"(?:a|b{1,5}){2,7}", r"(\d)\1",
    r"(?:.{0,40}x){1,30}", r"\d{1,500}"])
def test_a_pattern_that_may_run_long_is_named(pattern):
    assert backtracking_risk(pattern)


@pytest.mark.parametrize("pattern", [r"\d{15}", r"[A-Z]{1,60}", r"(?:,\d{3}){1,6}",
                                     r"(?:\.[a-z]{1,20}){0,3}", r"(?=.{18}$)\d{0,9}\*{3,9}"])
def test_a_bounded_pattern_is_not(pattern):
    re.compile(pattern)
    assert backtracking_risk(pattern) is None


def test_a_gate_knows_what_every_match_needs():
    found = gate(r"[a-z]{1,9}@(?:x|y)\.(?:cn|com)\d{2}")
    assert (found.least, found.most, found.digits) == (8, 17, 2)
    assert found.needs in "@."
