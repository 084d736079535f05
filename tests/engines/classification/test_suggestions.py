"""What rules suggest: each element has a category and treatments, each column a suggestion."""

import shutil

import pytest

from app.domain.classification.facts import ColumnSpec, TableSpec
from app.domain.classification.verdicts import Reason
from app.engines import categories
from app.engines.classification import suggestions
from app.engines.classification.words import RULES
from app.engines.rulebooks import load as law
from app.engines.strict_yaml import BadRule

TREATMENTS = list(law().vocabulary.treatments)


@pytest.fixture(scope="module")
def rules():
    return suggestions.grading_rules()


def spec(*columns: tuple[str, str, str]) -> TableSpec:
    return TableSpec("qyjbxx", "企业基本信息", "市市场监管局",
                     tuple(ColumnSpec(*column) for column in columns))


def test_every_element_is_filed_under_one_published_category(rules):
    assert set(rules.filed) == set(rules.book.elements)
    assert set(rules.filed.values()) <= set(categories.published())


def test_every_element_has_a_treatment_of_the_vocabulary_at_every_level(rules):
    for element in rules.book.elements:
        for level in range(1, 6):
            assert rules.treatment(element, level) in TREATMENTS


def test_no_treatment_grows_weaker_as_levels_rise(rules):
    for kind, row in {**rules.treatments.kinds, "unread": rules.treatments.unread}.items():
        strength = [TREATMENTS.index(treatment) for treatment in row]
        assert strength == sorted(strength), kind


def test_nothing_personal_at_level_3_leaves_clear(rules):
    for element in rules.book.elements.values():
        if element.personal:
            assert rules.treatment(element.id, max(3, element.level)) != "CLEAR", element.id


@pytest.mark.parametrize(("column", "element", "level", "personal"), [
    (("tyshxydm", "统一社会信用代码", "VARCHAR"), "uscc", 1, False),
    (("fddbrsfzh", "法定代表人身份证号", "VARCHAR"), "legal_rep_id", 3, True),
])
def test_a_column_is_suggested_by_its_names_alone(rules, column, element, level, personal):
    found = rules.suggest(spec(column))[column[0]]
    assert (found.element, found.category, found.level, found.personal) == (
        element, element, level, personal)
    assert found.confidence >= 80
    assert any("读作" in one.zh for one in rules.said(found.why))
    assert any("reads" in one.en for one in rules.said(found.why))


def test_a_column_nobody_can_read_is_suggested_with_how_unsure_that_is(rules):
    found = rules.suggest(spec(("qzx7", "", "VARCHAR")))["qzx7"]
    assert found.level >= 1
    assert found.confidence < 95
    assert found.treatment in TREATMENTS


def test_a_step_of_judging_these_rules_no_longer_know_stands_as_its_code(rules):
    said = rules.said((Reason("bygone", (("words", "x"),)),))
    assert [(one.zh, one.en) for one in said] == [("bygone", "bygone")]


def test_rules_are_named_by_their_version_in_both_languages(rules):
    named = suggestions.proposer(rules.by)
    assert named.zh.removeprefix("规则 ") == named.en.removeprefix("Rules ")
    assert suggestions.proposer("周某").en == "周某"


@pytest.mark.parametrize(("name", "was", "now", "said"), [
    ("categories", "[patent]", "[]", "`patent` has no category"),
    ("categories", "[patent]", "[patent, uscc]", "filed already"),
    ("categories", "  TECHNOLOGY:", "  SPACE:", "no published category `SPACE`"),
    ("treatments", "    time: [", "    tide: [", "`time` has no treatments"),
    ("treatments", "GENERALIZE, DROP]\n    code", "DROP]\n    code", "each level"),
    ("treatments", "cvv: DROP", "ccv: DROP", "no element `ccv`"),
])
def test_rules_that_leave_an_element_out_are_refused(tmp_path, name, was, now, said):
    folder = shutil.copytree(RULES, tmp_path / "rules")
    path = folder / "grading" / f"{name}.yaml"
    text = path.read_text("utf-8")
    assert was in text
    path.write_text(text.replace(was, now), "utf-8")
    with pytest.raises(BadRule, match=said):
        suggestions.load(folder)
