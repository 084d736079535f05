"""How right verdicts are on labelled tables, and that they are as sure as they are right."""

import pytest

from app.engines.classification.classifier import Sight, reasons
from tests.bench import calibration
from tests.bench.labelled import Row, figures, scored

# what was asked of the classifier; `under` counts columns whose label is sure
FULL = {"identifier_f1": 0.93, "element": 0.85, "level": 0.92, "personal_recall": 0.98,
        "personal_precision": 0.90}
CODES = {"level": 0.75, "personal_recall": 0.85}
VALUES = {"identifier_f1": 0.82, "personal_recall": 0.70}


@pytest.fixture(scope="module")
def full() -> list[Row]:
    return [row for _, row in scored(Sight.ALL)]


def assert_reaches(rows: list[Row], least: dict[str, float]) -> None:
    found = figures(rows)
    assert {key: found[key] for key in least if found[key] < least[key]} == {}


def test_with_full_metadata_identifiers_elements_levels_and_persons_are_found(full) -> None:
    assert_reaches(full, FULL)


def test_no_more_than_one_in_a_hundred_surely_labelled_columns_is_graded_too_low(full) -> None:
    assert figures(row for row in full if row.label["confidence"] == "high")["under"] <= 0.01


def test_an_identifier_is_seldom_reported_where_there_is_none(full) -> None:
    assert figures(full)["false_identifier"] <= 0.02


def test_columns_offered_as_sure_are_right(full) -> None:
    found = figures(full)
    assert found["sure"] >= 400
    assert found["sure_right"] >= 0.95


def test_the_calibration_is_what_the_labelled_tables_give_today() -> None:
    """Stale after words or rules changed: `python -m tests.bench.labelled --calibrate`."""
    assert calibration.TARGET.read_text(encoding="utf-8") == calibration.fitted()


def test_code_names_alone_tell_level_and_persons() -> None:
    assert_reaches([row for _, row in scored(Sight.NAMES, titles=False)], CODES)


def test_values_alone_tell_identifiers_and_persons() -> None:
    assert_reaches([row for _, row in scored(Sight.VALUES)], VALUES)


def test_every_verdict_says_why_in_both_languages(full) -> None:
    for row in full:
        zh, en = reasons(row.verdict, "zh"), reasons(row.verdict, "en")
        assert len(zh) == len(en) >= 2
        assert all("{" not in sentence for sentence in (*zh, *en))
