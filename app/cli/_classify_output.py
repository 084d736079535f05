"""Verdicts as a program, a person or a spreadsheet reads them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.cli._widths import fitted, line
from app.domain.classification.facts import ColumnSpec, TableSpec
from app.domain.classification.verdicts import Verdict
from app.engines.sheets_write import xlsx_bytes

PLACES = (27, 16, 22, 18, 2, 2, 4, 22)  # 120 with the blanks between
HEADING = ("字段 column", "名称 title", "数据元 element", "标识 identifier", "级", "个", "置信",
           "依据 why")
SHEET = ("表代码 Table", "表名称 Title", "部门 Department", "字段代码 Column", "字段名称 Title",
         "类型 Type", "数据元 Element", "标识 Identifier", "级别 Level", "个人信息 Personal",
         "置信度 Confidence", "依据 Why")


@dataclass(frozen=True)
class Judged:
    """A table with the verdict on each of its columns, and why in Chinese and English."""

    spec: TableSpec
    columns: Mapping[str, Verdict]
    why: Mapping[str, Sequence[tuple[str, str]]]

    def pairs(self) -> Iterable[tuple[ColumnSpec, Verdict]]:
        """Columns in the order of the source."""
        return ((column, self.columns[column.name]) for column in self.spec.columns)


def as_json(tables: Iterable[Judged]) -> bytes:
    """`{"<table>": {"<column>": {...}}}`, in the order of the source."""
    told = {
        table.spec.name: {
            column.name: {
                "element": verdict.element,
                "identifier": verdict.identifier,
                "level": verdict.level,
                "personal": verdict.personal,
                "confidence": round(verdict.confidence, 4),
                "why": [" / ".join(both) for both in table.why[column.name]],
            }
            for column, verdict in table.pairs()
        }
        for table in tables
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def as_table(tables: Iterable[Judged]) -> bytes:
    """Lines of at most 120 places, one a column."""
    said: list[str] = []
    for table in tables:
        titles = " ".join(filter(None, (table.spec.title, table.spec.department)))
        said += [fitted(f"{table.spec.name}  {titles}", 120).rstrip(), line(HEADING, PLACES)]
        for column, verdict in table.pairs():
            said.append(line(_cells(column, verdict, table.why[column.name]), PLACES))
        said.append("")
    return "\n".join(said).encode() + b"\n"


def _cells(
    column: ColumnSpec, verdict: Verdict, why: Sequence[tuple[str, str]]
) -> Sequence[str]:
    return (
        column.name, column.title, verdict.element or "-", verdict.identifier or "-",
        str(verdict.level), "是" if verdict.personal else "", f"{verdict.confidence:.2f}",
        why[0][0] if why else "",
    )


def as_xlsx(tables: Iterable[Judged]) -> bytes:
    """One list of all columns; every cell is text, none a formula."""
    rows = (
        (
            table.spec.name, table.spec.title, table.spec.department, column.name, column.title,
            column.declared_type, verdict.element, verdict.identifier, verdict.level,
            "是 yes" if verdict.personal else "否 no", f"{verdict.confidence:.2f}",
            "\n".join(" / ".join(both) for both in table.why[column.name]),
        )
        for table in tables
        for column, verdict in table.pairs()
    )
    return xlsx_bytes(rows, SHEET, "分类分级 Grading")


FORMATS = {"json": as_json, "table": as_table, "xlsx": as_xlsx}
