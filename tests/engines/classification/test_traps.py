"""Traps of grading, each a law; those of recognizers stand in the tests of recognizers."""

import ast
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from app.domain.classification.escalation import FieldSet, escalate
from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.domain.classification.verdicts import Verdict
from app.engines.classification.classifier import classify
from app.engines.classification.escalations import escalations, item
from app.engines.classification.schemes import schemes
from app.engines.classification.suggestions import grading_rules
from app.engines.classification.words import RULES, elements

ROOT = Path(__file__).resolve().parents[3]
BOOK = elements()


def test_trap_07_the_list_of_sensitive_information_is_chosen_by_the_day() -> None:
    known = schemes()
    assert known.sensitive_on(date(2025, 10, 31)) == "gbt35273"
    assert known.sensitive_on(date(2025, 11, 1)) == "gbt45574"
    assert known.assessed >= date(2025, 11, 1)


def test_trap_07_both_flags_are_kept_where_the_lists_differ() -> None:
    assert BOOK.elements["resident_id"].sensitive == ("gbt35273",)
    assert set(BOOK.elements["bank_card"].sensitive) == {"gbt45574", "gbt35273"}


@pytest.mark.parametrize(("element", "sensitive"), [
    ("resident_id", False), ("marriage", False), ("id_photo", True), ("bank_card", True)])
def test_trap_07_only_the_list_in_force_makes_a_field_sensitive(element, sensitive) -> None:
    """GB/T 45574-2025 took the place of GB/T 35273 on 2025-11-01; flags of both stay as data."""
    told = BOOK.elements[element]
    judged = escalate(FieldSet((item(told, told.level, True),)), escalations().rules)
    assert ("ESC-02" in judged.applied) is sensitive
    verdict = Verdict(element, None, told.level, True, 1.0)
    assert grading_rules().suggestion(verdict).sensitive is sensitive


def test_trap_08_a_category_is_a_path_and_never_its_leaf() -> None:
    paths = [element.category for element in BOOK.elements.values() if element.category]
    assert paths
    assert all(path.count("/") >= 2 for path in paths)
    leaves = {path: path.rsplit("/", 1)[1] for path in paths}
    assert len(set(leaves.values())) < len(leaves), "leaf names repeat, so none may stand alone"


def test_trap_08_a_scheme_that_states_minimums_says_so() -> None:
    assert schemes().all["jrt0197"].minimum


def test_trap_08_public_facts_on_every_enterprise_of_a_city_await_review() -> None:
    fields = (item(BOOK.elements["ent_name"], 1, False), item(BOOK.elements["power_use"], 3, False))
    assert "important-review" in escalate(FieldSet(fields, coverage=True),
                                          escalations().rules).duties
    assert BOOK.elements["ent_name"].level == 1


@pytest.mark.parametrize("lock", ["run.lock", "test.lock"])
def test_trap_09_and_12_no_placeholder_model_and_no_forbidden_neighbour_is_installed(lock) -> None:
    pinned = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)^([a-z0-9_.-]+)==", pinned))
    assert not named & {"zh-core-web-sm", "en-core-web-sm", "en-core-web-trf", "ckiptagger",
                        "datamask-core", "python-stdnum", "argus-redact"}


@pytest.mark.parametrize("odd", [Decimal("12.50"), date(2024, 1, 2), datetime(2024, 1, 2, 3, 4),
                                 7, 1.5, True, b"bytes"],
                         ids=lambda odd: type(odd).__name__)
def test_trap_11_values_that_are_no_text_are_read_and_never_stop_a_scan(odd) -> None:
    spec = TableSpec("t", "", "", (ColumnSpec("je", "金额"),))
    found = next(classify([TableSample(spec, {"je": [odd, odd, None, "3.20"]})]))
    assert found.profiles["je"].filled == 3


def test_trap_11_what_is_not_a_number_counts_as_nothing() -> None:
    spec = TableSpec("t", "", "", (ColumnSpec("je", "金额"),))
    found = next(classify([TableSample(spec, {"je": [float("nan"), None, "3.20"]})]))
    assert found.profiles["je"].filled == 1


def test_trap_13_columns_to_measure_on_are_drawn_apart_from_the_rules() -> None:
    tree = ast.parse((ROOT / "app" / "demo" / "columns.py").read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any("classification" in name for name in names if name)


def test_trap_14_rule_files_hold_names_and_short_words_no_texts_of_standards() -> None:
    long = [(path.name, text) for path in sorted(RULES.rglob("*.yaml"))
            for text in _texts(yaml.safe_load(path.read_text(encoding="utf-8")))
            if "|" not in text and sum("\u4e00" <= c <= "\u9fff" for c in text) > 60]
    assert long == []


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
