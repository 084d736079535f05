"""The department's own list of tables and columns, joined to samples by their code names."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from app.domain.catalogue import CatalogueTable
from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.domain.files import FILE_LIMIT
from app.engines.sheets import read_catalogue
from app.engines.sources.plain_files import opened
from app.engines.sources.remarks import Remarks, SourceRefused
from app.engines.sources.report import Found

Schema = Mapping[str, TableSpec]


def read_schema(path: Path) -> Schema:
    """Every table of a catalogue (JSON, XLSX or CSV) by its code name, case ignored.

    Raises:
        SourceRefused, Malformed, OSError: it is no catalogue, or not without an error.
    """
    with opened(path) as file:
        body = file.read(FILE_LIMIT + 1)
    reading = read_catalogue(path.name, body)
    if reading.errors:
        first = reading.errors[0]
        raise SourceRefused(
            f"表结构文件有 {len(reading.errors)} 处错误，首处 {first.where}：{first.message_zh}",
            f"the schema file has {len(reading.errors)} errors, the first at {first.where}:"
            f" {first.message_en}",
        )
    found: dict[str, TableSpec] = {}
    for table in reading.tables:
        if table.code.casefold() in found:
            raise SourceRefused(
                f"表结构文件中有两张表叫 `{table.code}`",
                f"two tables of the schema file are called `{table.code}`",
            )
        found[table.code.casefold()] = _spec(table)
    return found


def _spec(table: CatalogueTable) -> TableSpec:
    columns = tuple(
        ColumnSpec(column.code, column.name_zh, column.type) for column in table.columns
    )
    return TableSpec(table.code, table.name_zh, table.department, columns)


def joined(sample: TableSample, schema: Schema) -> TableSample:
    """The sample with what the schema declares of its table; code names stay the sample's.

    A table that stands behind the name of a file, folder or database schema is known by its own.
    What one has and the other lacks is noted, not refused.
    """
    name = sample.spec.name.casefold()
    names = (name, name.rpartition(".")[2], Path(name).stem)
    spec = next((schema[known] for known in names if known in schema), None)
    if spec is None:
        return sample
    known = {column.name.casefold(): column for column in spec.columns}
    columns = tuple(_joined(column, known) for column in sample.spec.columns)
    given = {column.name.casefold() for column in columns}
    remarks = Remarks()
    remarks.add("NOT_IN_SOURCE", len(known.keys() - given))
    remarks.add("NOT_DECLARED", len(given - known.keys()))
    spec = replace(spec, name=sample.spec.name, columns=columns)
    return replace(sample, spec=spec, notes=sample.notes + remarks.sentences())


def _joined(column: ColumnSpec, known: Mapping[str, ColumnSpec]) -> ColumnSpec:
    """What the schema says about a column, and what only the source knows."""
    declared = known.get(column.name.casefold())
    if declared is None:
        return column
    return ColumnSpec(
        column.name,
        declared.title or column.title,
        declared.declared_type or column.declared_type,
        column.key,
    )


def names_of(schema: Schema) -> Found:
    """Every table of the schema without any value."""
    for spec in schema.values():
        yield TableSample(spec, {column.name: () for column in spec.columns}), Remarks()
