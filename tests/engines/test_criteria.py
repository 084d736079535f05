"""The criteria's laws: every kind has one sheet, and a wrong file is refused whole."""

import pytest

from app.domain.criteria import Kind, strangers, unmet, unscored
from app.engines import criteria
from app.engines.rulefiles import BadRule

SHEET = """sheets:
- id: all
  version: '1'
  title: {zh: 标准, en: Criteria}
  kinds: [BANK, INSURER, GUARANTOR, MICRO_LENDER, OTHER]
  items: {a: {zh: 甲, en: A}, b: {zh: 乙, en: B}}
"""


def load(tmp_path, text):
    path = tmp_path / "criteria.yaml"
    path.write_text(text, encoding="utf-8")
    return criteria.load(path)


def test_every_kind_has_a_sheet():
    assert set(criteria.published()) == set(Kind)
    assert criteria.published()[Kind.BANK] is criteria.published()[Kind.INSURER]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (", OTHER]", "]"),
        (", OTHER]", ", OTHER, CASINO]"),
        ("version: '1'", "version: 1"),
        ("version: '1'", "edition: '1'"),
        ("{a: {zh: 甲, en: A}, b: {zh: 乙, en: B}}", "{}"),
        ("b: {zh: 乙, en: B}", "b: {zh: 乙}"),
        ("b: {zh: 乙, en: B}", "a: {zh: 乙, en: B}"),
        ("  title", "  titel"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, was, now):
    with pytest.raises(BadRule):
        load(tmp_path, SHEET.replace(was, now))


def test_a_kind_has_one_sheet_only(tmp_path):
    twice = SHEET + SHEET.removeprefix("sheets:\n").replace("id: all", "id: more")
    with pytest.raises(BadRule, match="another sheet"):
        load(tmp_path, twice)


@pytest.mark.parametrize(
    ("scores", "left"),
    [
        ([], ("a", "b")),
        ([{"id": "a", "result": "MET"}], ("b",)),
        ([{"id": "a", "result": "EXCEPTION", "note": " "}], ("a", "b")),
        ([{"id": "a", "result": "EXCEPTION", "note": "已说明"}], ("b",)),
        ([{"id": "a", "result": "NOT_MET"}], ("a", "b")),
        ([{"id": "a", "result": "MAYBE", "note": "x"}], ("a", "b")),
    ],
)
def test_a_score_other_than_met_needs_a_note(tmp_path, scores, left):
    assert unscored(load(tmp_path, SHEET)[Kind.BANK], scores) == left


def test_strangers_and_failures_are_named(tmp_path):
    sheet = load(tmp_path, SHEET)[Kind.BANK]
    scores = [{"id": "a", "result": "NOT_MET"}, {"id": "c"}, {"id": "a"}]
    assert strangers(sheet, scores) == ("c", "a")
    assert unmet(scores) == ("a",)
