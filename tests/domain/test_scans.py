"""What makes a table one to read again, which tables are wanted, and profiles there and back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.classification.facts import ColumnSpec, Hit, Profile
from app.domain.refusals import IllegalMove
from app.domain.scans import (
    READ_AGAIN,
    SCAN_RUN,
    Outline,
    as_document,
    as_profile,
    fingerprint,
    is_due,
    is_wanted,
    may_carry,
)

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TABLE = Outline("patient", "患者", (ColumnSpec("xm", "姓名", "VARCHAR(20)"),), 1_000)


def mark(outline: Outline = TABLE, rules: str = "r1", sample: int = 3_000, listed=()) -> str:
    return fingerprint(outline, rules, sample, listed)


@pytest.mark.parametrize("other", [
    mark(rules="r2"), mark(sample=300), mark(replace(TABLE, title="病人")),
    mark(replace(TABLE, rows=1_024)), mark(replace(TABLE, rows=None)),
    mark(replace(TABLE, columns=(ColumnSpec("xm", "名", "VARCHAR(20)"),))),
    mark(replace(TABLE, columns=(ColumnSpec("xm", "姓名", "TEXT"),))),
    mark(replace(TABLE, columns=(*TABLE.columns, ColumnSpec("sj")))),
    mark(listed=(ColumnSpec("xm", "姓名"),)),
])
def test_whatever_a_verdict_rests_on_changes_the_fingerprint(other):
    assert other != mark()


def test_a_few_more_rows_do_not():
    assert mark(replace(TABLE, rows=1_020)) == mark()


def test_a_verdict_stands_while_the_table_looks_the_same_and_is_not_old():
    assert may_carry("a", "a", AT, AT + READ_AGAIN - timedelta(seconds=1))
    assert not may_carry("a", "a", AT, AT + READ_AGAIN) and not may_carry("a", "b", AT, AT)


@pytest.mark.parametrize("table, patterns, wanted", [
    ("tax.credit", (), True), ("tax.credit", ("tax.*",), True), ("TAX.credit", ("tax.*",), True),
    ("credit", ("tax.*",), False), ("a", ("b", "a"), True), ("ab", ("a",), False),
])
def test_tables_are_wanted_by_patterns_of_names(table, patterns, wanted):
    assert is_wanted(table, patterns) is wanted


@pytest.mark.parametrize("schedule, days, due", [
    ("NONE", None, False), ("DAILY", None, True), ("DAILY", 0.9, False), ("DAILY", 1, True),
    ("WEEKLY", 6.9, False), ("WEEKLY", 7, True),
])
def test_the_calendar_tells_when_a_source_is_due(schedule, days, due):
    last = None if days is None else AT - timedelta(days=days)
    assert is_due(schedule, last, AT) is due


def test_a_profile_comes_back_as_it_was():
    kept = Profile(10, 9, 8, {"mobile_cn": Hit("mobile_cn", 4, 3, 2, 1)}, (("99", 5), ("A", 3)),
                   0.25, 0.5, 0.125, (1, 2, 3), 0.5, True, 1.0, 0.0, 0.5, 0.0, (1990, 2020), 1,
                   {"-": 1}, 2)
    assert as_profile(as_document(kept)) == kept
    assert as_profile(as_document(Profile())) == Profile()


@pytest.mark.parametrize("state", ["DONE", "CANCELLED", "FAILED"])
@pytest.mark.parametrize("action", ["begin", "finish", "fail", "cancel"])
def test_a_run_that_ended_stays_ended(state, action):
    with pytest.raises(IllegalMove):
        SCAN_RUN.find(state, action)
