"""Grades combine upwards, and nothing leaves above its ceiling."""

import pytest

from app.domain import grades
from app.engines import rulebooks

CEILING = rulebooks.load().sections.ceiling


@pytest.mark.parametrize(("levels", "highest"), [
    ((1, 2, 3), 3), ((4,), 4), ((2, None), None), ((), None)])
def test_the_highest_grade_wins_and_an_ungraded_field_leaves_none(levels, highest):
    assert grades.highest(levels) == highest


@pytest.mark.parametrize(("classes", "gravest"), [
    (("GENERAL", "IMPORTANT"), "IMPORTANT"), (("CORE", "GENERAL"), "CORE"), ((), "GENERAL"),
    (("SECRET",), "CORE")])
def test_the_gravest_class_wins_and_an_unknown_one_counts_as_core(classes, gravest):
    assert grades.gravest(classes) == gravest


@pytest.mark.parametrize(("level", "grade_class", "line"), [
    (3, "GENERAL", "L3"), (5, "GENERAL", "L5"), (2, "IMPORTANT", "L5"), (2, "CORE", ""),
    (None, "GENERAL", ""), (6, "GENERAL", ""), (2, "SECRET", "")])
def test_the_ceiling_line_of_a_grade(level, grade_class, line):
    assert grades.ceiling_grade(level, grade_class) == line


@pytest.mark.parametrize(("grade", "action", "channel", "form", "fits"), [
    ("L1", "QUERY_BATCH", "API", "MASKED_RECORD", True),
    ("L3", "QUERY_ONE", "API", "MASKED_RECORD", True),
    ("L3", "QUERY_BATCH", "API", "MASKED_RECORD", False),
    ("L3", "QUERY_BATCH", "API", "DERIVED", True),
    ("L4", "VERIFY", "API", "VERIFY", True),
    ("L4", "QUERY_ONE", "API", "SCORE", False),
    ("L4", "MODEL_INFER", "JOINT_NODE", "SCORE", True),
    ("L5", "AGG_STATS", "JOINT_NODE", "AGGREGATE", True),
    ("L5", "AGG_STATS", "API", "AGGREGATE", False),
    ("", "VERIFY", "API", "VERIFY", False),
])
def test_a_form_leaves_only_under_the_ceiling_of_its_grade(grade, action, channel, form, fits):
    assert (grades.over_ceiling(CEILING, grade, [(action, channel)], form) == ()) is fits


@pytest.mark.parametrize("grade", ["L1", "L2", "L3", "L4", "L5"])
def test_INV_09_raw_records_never_leave(grade):
    assert grades.over_ceiling(lambda *_: True, grade, [("QUERY_ONE", "API")], "RAW_RECORD")


@pytest.mark.parametrize(("old", "new", "raised"), [
    ((2, "GENERAL"), (3, "GENERAL"), True), ((2, "GENERAL"), (2, "IMPORTANT"), True),
    ((3, "GENERAL"), (2, "GENERAL"), False), ((3, "GENERAL"), (2, "IMPORTANT"), False),
    ((3, "GENERAL"), (3, "GENERAL"), False), ((None, "GENERAL"), (1, "GENERAL"), True)])
def test_a_grade_is_raised_when_nothing_of_it_falls(old, new, raised):
    assert grades.is_raised(old, new) is raised


@pytest.mark.parametrize(("level", "grade_class", "personal", "needed"), [
    (2, "GENERAL", False, False), (3, "GENERAL", False, True), (1, "IMPORTANT", False, True),
    (1, "GENERAL", True, True), (None, "GENERAL", False, True)])
def test_a_second_approver_is_needed_from_level_three_on(level, grade_class, personal, needed):
    assert grades.needs_second(level, grade_class, personal) is needed
