"""Tables of departments the labelled sample does not hold are judged by their names alone."""

import pytest
import yaml

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.engines.classification.classifier import Sight, classify
from tests.bench.labelled import FOLDER

TABLES = yaml.safe_load((FOLDER.parent / "other-departments.yaml").read_text("utf-8"))["tables"]


@pytest.mark.parametrize("table", TABLES, ids=[table["title"] for table in TABLES])
def test_a_table_of_another_department_is_graded_by_its_title_and_names(table: dict) -> None:
    columns = table["columns"].split()
    spec = TableSpec("t", table["title"], "", tuple(ColumnSpec(f"c{n}", name)
                                                    for n, name in enumerate(columns)))
    found = next(classify([TableSample(spec, {})], Sight.NAMES)).columns
    named = dict(zip(columns, found.values(), strict=True))
    told = {name: f"{named[name].level}{'P' if named[name].personal else ''}"
            for name in table["meant"]}
    assert told == table["meant"]
