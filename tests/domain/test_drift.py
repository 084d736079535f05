"""A difference between two scans counts where chance does not explain it, and only there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.classification.facts import ColumnSpec, Hit, Profile
from app.domain.drift import Kind, Seen, asks_a_person, changes, departures, is_moved, psi, wilson


def profile(distinct: int = 1_000, passed: int = 0, within: int = 0, shapes=()) -> Profile:
    return Profile(distinct, distinct, distinct, shapes=tuple(shapes),
                   hits={"mobile_cn": Hit("mobile_cn", passed, passed, 0, within)}
                   if passed or within else {})


def seen(level: int = 2, kind: str = "TEXT", **values) -> Seen:
    return Seen(kind, level, profile(**values))


def kinds(was: Seen, now: Seen) -> list[Kind]:
    return [change.kind for change in changes({"c": was}, {"c": now})]


@pytest.mark.parametrize("was, now, found", [
    (seen(), seen(), []),
    (seen(kind="INT"), seen(kind="BIGINT"), [Kind.RETYPED]),
    (seen(level=2), seen(level=3), [Kind.LEVEL_UP]),
    (seen(level=3), seen(level=2), [Kind.LEVEL_DOWN]),
    (seen(passed=500), seen(passed=510), []),
    (seen(passed=500), seen(passed=650), [Kind.HIT_RATE]),
    (seen(passed=0), seen(passed=100), [Kind.HIT_RATE]),
    (seen(distinct=8, passed=4), seen(distinct=8, passed=7), []),
    (seen(), seen(within=1), [Kind.CONTAMINATED]),
    (seen(within=4), seen(within=5), []),
    (seen(shapes=[("9", 900)]), seen(shapes=[("9", 880)]), []),
    (seen(shapes=[("9", 900)]), seen(shapes=[("9", 300), ("A", 600)]), [Kind.SHAPES]),
    (seen(distinct=40, shapes=[("9", 40)]), seen(distinct=40, shapes=[("A", 40)]), []),
])
def test_what_counts_as_a_change_of_a_column(was, now, found):
    assert kinds(was, now) == found


def test_columns_that_came_and_went_are_named():
    found = changes({"a": seen(), "b": seen()}, {"b": seen(), "c": seen()})
    assert [(change.kind, change.column) for change in found] == [
        (Kind.DROPPED, "a"), (Kind.NEW, "c")]


@pytest.mark.parametrize("was, now, asks", [
    (seen(level=2), seen(level=3), True), (seen(level=3), seen(level=2), False),
    (seen(kind="INT"), seen(kind="TEXT"), True), (seen(passed=1), seen(passed=900), False),
])
def test_a_person_is_asked_where_columns_changed_or_a_level_rose(was, now, asks):
    assert asks_a_person(changes({"c": was}, {"c": now})) is asks
    assert asks_a_person(changes({}, {"c": now})) and asks_a_person(changes({"c": was}, {}))


def test_the_wilson_interval_is_the_one_worked_out_by_hand():
    low, high = wilson(5, 10)  # z = 2.576
    assert (round(low, 4), round(high, 4)) == (0.1842, 0.8158)
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(0, 3_000), st.integers(1, 3_000))
def test_a_rate_lies_in_its_own_interval_and_never_moved_against_itself(hits, more):
    of = hits + more
    low, high = wilson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1
    assert not is_moved(hits, of, hits, of)


@given(st.lists(st.tuples(st.sampled_from("9A?-"), st.integers(1, 500)), max_size=4,
                unique_by=lambda pair: pair[0]))
def test_shapes_against_themselves_are_stable(shapes):
    same = profile(distinct=2_000, shapes=shapes)
    assert psi(same, same) == 0


LISTED = (ColumnSpec("XM", "姓名", "字符型"), ColumnSpec("nl", "年龄", "数值型"),
          ColumnSpec("csrq", "出生日期", "日期"), ColumnSpec("bz", "备注", ""))
AS_LISTED = {"xm": "VARCHAR(20)", "nl": "BIGINT", "csrq": "TIMESTAMP WITHOUT TIME ZONE",
             "bz": "JSONB"}


@pytest.mark.parametrize("found, told", [
    (AS_LISTED, []),
    ({**AS_LISTED, "sj": "TEXT"}, [(Kind.UNLISTED, "sj", "", "")]),
    ({name: kind for name, kind in AS_LISTED.items() if name != "xm"},
     [(Kind.MISSING, "XM", "", "")]),
    ({**AS_LISTED, "nl": "TEXT"}, [(Kind.OTHER_TYPE, "nl", "数值型", "TEXT")]),
    ({**AS_LISTED, "xm": "BYTEA"}, [(Kind.OTHER_TYPE, "xm", "字符型", "BYTEA")]),
])
def test_a_table_is_held_against_its_catalogue(found, told):
    changed = departures(LISTED, {name: seen(kind=kind) for name, kind in found.items()})
    assert [(one.kind, one.column, one.was, one.now) for one in changed] == told
    assert asks_a_person(changed) is bool(told)


def test_a_catalogue_without_columns_says_nothing_of_a_table():
    assert departures((), {"xm": seen()}) == ()
