"""Verdicts as a program, a person or a spreadsheet reads them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.cli._widths import fitted, line
from app.domain.classification.facts import ColumnSpec, TableSpec
from app.domain.classification.verdicts import Verdict
from app.engines.sheets_write import xlsx_bytes

PLACES = (27, 16, 22, 18, 2, 2, 4, 22)  # 120 with the blanks between
LANGUAGES = ("zh", "en")
HEADING = {
    "zh": ("字段", "名称", "数据元", "标识", "级", "个", "置信", "依据"),
    "en": ("column", "title", "element", "identifier", "L", "PI", "conf", "why"),
}
SHEET = {
    "zh": ("表代码", "表名称", "部门", "字段代码", "字段名称", "类型", "数据元", "标识", "级别",
           "个人信息", "置信度", "依据"),
    "en": ("Table", "Table title", "Department", "Column", "Column title", "Type", "Element",
           "Identifier", "Level", "Personal information", "Confidence", "Why"),
}
SHEET_NAME = {"zh": "分类分级", "en": "Grading"}
YES, NO = {"zh": "是", "en": "yes"}, {"zh": "否", "en": "no"}


@dataclass(frozen=True)
class Judged:
    """A table with the verdict on each of its columns, and why in Chinese and English."""

    spec: TableSpec
    columns: Mapping[str, Verdict]
    why: Mapping[str, Sequence[tuple[str, str]]]

    def pairs(self) -> Iterable[tuple[ColumnSpec, Verdict]]:
        """Columns in the order of the source."""
        return ((column, self.columns[column.name]) for column in self.spec.columns)

    def told(self, column: str, language: str) -> Sequence[str]:
        """Why a column was judged so, in one language."""
        return [both[LANGUAGES.index(language)] for both in self.why[column]]


def as_json(tables: Iterable[Judged], _: str = "zh") -> bytes:
    """`{"<table>": {"<column>": {...}}}`, in the order of the source; reasons in both languages."""
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


def as_table(tables: Iterable[Judged], language: str = "zh") -> bytes:
    """Lines of at most 120 places, one a column."""
    said: list[str] = []
    for table in tables:
        titles = " ".join(filter(None, (table.spec.title, table.spec.department)))
        said.append(fitted(f"{table.spec.name}  {titles}", 120).rstrip())
        said.append(line(HEADING[language], PLACES))
        for column, verdict in table.pairs():
            why = table.told(column.name, language)
            said.append(line(_cells(column, verdict, why, language), PLACES))
        said.append("")
    return "\n".join(said).encode() + b"\n"


def _cells(
    column: ColumnSpec, verdict: Verdict, why: Sequence[str], language: str
) -> Sequence[str]:
    return (
        column.name, column.title, verdict.element or "-", verdict.identifier or "-",
        str(verdict.level), YES[language][:1] if verdict.personal else "",
        f"{verdict.confidence:.2f}", why[0] if why else "",
    )


def as_xlsx(tables: Iterable[Judged], language: str = "zh") -> bytes:
    """One list of all columns; every cell is text, none a formula."""
    rows = (
        (
            table.spec.name, table.spec.title, table.spec.department, column.name, column.title,
            column.declared_type, verdict.element, verdict.identifier, verdict.level,
            (YES if verdict.personal else NO)[language], f"{verdict.confidence:.2f}",
            "\n".join(table.told(column.name, language)),
        )
        for table in tables
        for column, verdict in table.pairs()
    )
    return xlsx_bytes(rows, SHEET[language], SHEET_NAME[language])


FORMATS = {"json": as_json, "table": as_table, "xlsx": as_xlsx}
