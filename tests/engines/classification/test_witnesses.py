"""Columns of one table bear witness to each other: days that are births of the persons beside."""

from random import Random  # noqa: TID251 - seeded, so that a failing case can be shown again

import pytest

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.engines.classification.classifier import Sight, classify
from tests.engines.classification.test_values_against_names import _resident_ids

IDS = _resident_ids(Random(7))
WRITTEN = {"dashed": "{0}-{1}-{2}", "plain": "{0}{1}{2}", "timed": "{0}-{1}-{2} 00:00:00",
           "slashed": "{0}/{1}/{2}", "chinese": "{0}年{1}月{2}日"}


def born(one: str, how: str = "dashed") -> str:
    return WRITTEN[how].format(one[6:10], one[10:12], one[12:14])


def judged(days: list[str | None], title: str = "", sight: Sight = Sight.ALL, ids=IDS):
    spec = TableSpec("t", "", "", (ColumnSpec("a1", "证件号码"), ColumnSpec("b2", title)))
    [found] = classify([TableSample(spec, {"a1": ids, "b2": days})], sight)
    return found.columns["b2"]


@pytest.mark.parametrize("how", WRITTEN)
def test_days_that_stand_in_the_identity_numbers_beside_them_are_births(how):
    found = judged([born(one, how) for one in IDS], sight=Sight.VALUES)
    assert (found.element, found.identifier, found.level, found.personal) == (
        "birth_date", "birth_date", 3, True)


def test_under_another_name_births_are_graded_as_births_all_the_same():
    found = judged([born(one) for one in IDS], "登记日期")
    assert (found.identifier, found.level, found.personal) == ("birth_date", 3, True)
    assert "against" in {reason.code for reason in found.why} and found.confidence < 0.95


def test_days_of_other_rows_and_a_few_rows_are_no_witnesses():
    shifted = [born(one) for one in IDS[1:] + IDS[:1]]
    assert judged(shifted, "登记日期").identifier == "date_cn"
    few = [born(one) for one in IDS[:7]]
    assert judged(few, "登记日期", ids=IDS[:7]).identifier == "date_cn"


def test_empty_days_say_nothing_against_the_others():
    some = [born(one) if at % 3 else None for at, one in enumerate(IDS)]
    assert judged(some, "登记日期").identifier == "birth_date"


def test_a_table_with_days_and_no_person_is_judged_as_before():
    days = [born(one) for one in IDS]
    spec = TableSpec("t", "", "", (ColumnSpec("b2", "登记日期"),))
    [found] = classify([TableSample(spec, {"b2": days})])
    assert found.columns["b2"].level == 1 and found.profiles["b2"].births == 0.0
