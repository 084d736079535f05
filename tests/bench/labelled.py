"""Labelled tables, and how verdicts on them score.

    python -m tests.bench.labelled                    scores, for each of what may be looked at
    python -m tests.bench.labelled --calibrate        writes grading/calibration.yaml

Departments in `HELD` were not looked at while words and rules were written: reported apart.
"""

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.engines.classification.classifier import Sight, TableVerdict, classify

FOLDER = Path(__file__).resolve().parents[1] / "samples" / "finance-zone"
HELD = frozenset((FOLDER / "held.txt").read_text(encoding="utf-8").split())
ONLY_NAMES_TELL = frozenset({"housing_fund_account", "engine_no", "social_card_no"})


@cache
def labels() -> Mapping[str, Mapping[str, Mapping]]:
    """Labels by table and column."""
    tables = json.loads((FOLDER / "labels.json").read_text(encoding="utf-8"))["tables"]
    return {table: entry["columns"] for table, entry in tables.items()}


@cache
def samples(titles: bool = True) -> tuple[TableSample, ...]:
    """The tables; without ``titles`` only code names are told."""
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))["tables"]
    return tuple(_sample(entry, titles) for entry in schema)


def _sample(entry: Mapping, titles: bool) -> TableSample:
    with open(FOLDER / "tables" / f"{entry['table']}.csv", encoding="utf-8", newline="") as rows:
        head, *body = csv.reader(rows)
    columns = tuple(ColumnSpec(c["column"], c["name_zh"] if titles else "",
                               c["type"] if titles else "") for c in entry["columns"])
    spec = TableSpec(entry["table"], entry["name_zh"] if titles else "",
                     entry["department"] if titles else "", columns)
    return TableSample(spec, {name: [row[i] for row in body] for i, name in enumerate(head)})


def held(table: str) -> bool:
    """Whether the table's department was held back."""
    return next(s.spec.department for s in samples() if s.spec.name == table) in HELD


@dataclass(frozen=True)
class Row:
    """One column: its label and what was found."""

    label: Mapping
    verdict: object

    @property
    def right_element(self) -> bool:
        return self.verdict.element in (self.label["element"], *self.label.get("element_alt", ()))

    @property
    def is_right(self) -> bool:
        return self.right_element and self.verdict.level == self.label["level"]

    @property
    def identifier(self) -> str | None:
        """What was found, an accepted alternative counting as the label."""
        found = self.verdict.identifier
        return self.label["identifier"] if found in self.label.get("identifier_alt", ()) else found


def rows(verdicts: Iterable[TableVerdict], sight: Sight) -> Iterator[tuple[str, Row]]:
    """Each column beside its label; by values alone, what nobody could know is left out."""
    for table in verdicts:
        for name, verdict in table.columns.items():
            label = labels()[table.spec.name][name]
            unknowable = label.get("values", {}).get("empty") or (
                label["identifier"] in ONLY_NAMES_TELL)
            if not (sight is Sight.VALUES and unknowable):
                yield table.spec.name, Row(label, verdict)


def figures(scored: Iterable[Row]) -> dict[str, float]:
    """Shares between 0 and 1; ``columns`` is their number."""
    counted = list(scored)
    total = len(counted) or 1
    sure = [row for row in counted if row.verdict.confidence >= 0.95]
    unmarked = [row for row in counted if row.label["identifier"] is None]
    hits = sum(row.identifier == row.label["identifier"] is not None for row in counted)
    given = sum(row.identifier is not None for row in counted)
    meant = sum(row.label["identifier"] is not None for row in counted)
    personal = sum(row.verdict.personal and row.label["personal"] for row in counted)
    return {
        "columns": len(counted),
        "identifier_f1": 2 * hits / max(1, given + meant),
        "element": sum(row.right_element for row in counted) / total,
        "level": sum(row.verdict.level == row.label["level"] for row in counted) / total,
        "under": sum(row.verdict.level < row.label["level"] for row in counted) / total,
        "personal_recall": personal / max(1, sum(row.label["personal"] for row in counted)),
        "personal_precision": personal / max(1, sum(row.verdict.personal for row in counted)),
        "false_identifier": sum(row.identifier is not None for row in unmarked)
        / max(1, len(unmarked)),
        "sure": len(sure),
        "sure_right": sum(row.is_right for row in sure) / max(1, len(sure)),
    }


def scored(sight: Sight, titles: bool = True) -> list[tuple[str, Row]]:
    """All columns of the sample, judged."""
    return list(rows(classify(samples(titles), sight), sight))


def main() -> None:
    """Prints the figures, or fits the calibration."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calibrate", action="store_true")
    if parser.parse_args().calibrate:
        from tests.bench.calibration import write

        write()
        return
    for name, sight, titles in (("full metadata", Sight.ALL, True),
                                ("titles, no data", Sight.NAMES, True),
                                ("code names, no data", Sight.NAMES, False),
                                ("values only", Sight.VALUES, True)):
        found = scored(sight, titles)
        parts = defaultdict(list)
        for table, row in found:
            parts["all"].append(row)
            parts["held back" if held(table) else "looked at"].append(row)
            if row.label["confidence"] == "high":
                parts["sure labels"].append(row)
        for part, counted in parts.items():
            told = "  ".join(f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}"
                             for key, value in figures(counted).items())
            print(f"{name:20} {part:12} {told}")


if __name__ == "__main__":
    main()
