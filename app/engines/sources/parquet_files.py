"""Parquet through DuckDB, where that is installed; the engine sees one file and nothing else.

Its access to other files, to extensions and to the network is off before the file is read.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.engines.sources.headings import column_names
from app.engines.sources.plain_files import opened, table_name
from app.engines.sources.remarks import Remarks, SourceRefused, shown
from app.engines.sources.report import Found
from app.engines.sources.sampling import Limits, RowSample, columns_of, spread

ROW_NUMBER = "file_row_number"
FETCHED = 500
_DESCRIBE = "DESCRIBE SELECT * FROM read_parquet($1, file_row_number = true)"
_COUNT = "SELECT count(*) FROM read_parquet($1)"
_ROWS = """
    SELECT substr(CAST(COLUMNS(* EXCLUDE (file_row_number)) AS VARCHAR), 1, $2), file_row_number
    FROM read_parquet($1, file_row_number = true)
    WHERE file_row_number IN (SELECT unnest($3)) ORDER BY file_row_number
"""
_CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "256MB",
    "temp_directory": "",
    "threads": "1",
}


def read_parquet_file(path: Path, limits: Limits) -> Found:
    """The one table of a Parquet file.

    Raises:
        SourceRefused, OSError: DuckDB is absent, or the file cannot be read.
    """
    try:
        import duckdb
    except ImportError:
        raise SourceRefused(
            "读取 Parquet 需要安装可选依赖 duckdb（hufu[parquet]），或另存为 CSV",
            "Parquet needs the optional package duckdb (hufu[parquet]); or save the file as CSV",
        ) from None
    with opened(path):
        pass
    if any(mark in str(path) for mark in "*?["):
        raise SourceRefused(
            "文件名或路径中有通配符，请改名", "the path holds a wildcard: rename the file"
        )
    remarks = Remarks()
    try:
        with _confined(duckdb, path.absolute(), limits) as connection:
            sample = _sample(connection, path.absolute(), limits, remarks)
    except duckdb.InterruptException:
        raise SourceRefused("超过时限，未读取", "took too long and was not read") from None
    except duckdb.Error as error:
        kind = type(error).__name__
        raise SourceRefused(
            f"Parquet 文件已损坏或不受支持（{kind}）",
            f"the Parquet file is damaged or of an unknown kind ({kind})",
        ) from None
    yield sample, remarks


@contextmanager
def _confined(duckdb, path: Path, limits: Limits) -> Iterator:
    """A connection in memory that may open ``path`` alone and ends in time."""
    connection = duckdb.connect(":memory:", config=_CONFIG)
    clock = threading.Timer(limits.table_s, connection.interrupt)
    try:
        connection.execute("SET allowed_paths = $1", [[str(path)]])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        clock.start()
        yield connection
    finally:
        clock.cancel()
        connection.close()


def _sample(connection, path: Path, limits: Limits, remarks: Remarks) -> TableSample:
    described = connection.execute(_DESCRIBE, [str(path)]).fetchall()
    kinds = {name: kind for name, kind, *_ in described if name != ROW_NUMBER}
    if len(kinds) > limits.columns:
        raise SourceRefused(
            f"超过 {limits.columns} 列", f"has more than {limits.columns} columns"
        )
    total = connection.execute(_COUNT, [str(path)]).fetchone()[0]
    names = column_names(list(kinds), remarks)
    binary = {name for name, kind in zip(names, kinds.values(), strict=True) if kind == "BLOB"}
    taken = RowSample(limits.rows_of(len(names)), limits.characters)
    drawn = spread(total, taken.most_rows)
    rows = connection.execute(_ROWS, [str(path), limits.kept, drawn])
    while batch := rows.fetchmany(FETCHED):
        for *cells, _ in batch:
            taken.wants()
            row = [None if name in binary else cell
                   for name, cell in zip(names, cells, strict=True)]
            remarks.add("CUT_CELL", sum(len(cell or "") > limits.cell for cell in row))
            taken.keep(tuple(row))
    values = columns_of(names, taken.rows())
    remarks.add("BINARY", len(binary))
    taken.remark(limits, {name: values[name] for name in names if name not in binary}, remarks)
    columns = tuple(
        ColumnSpec(name, "", shown(kind)) for name, kind in zip(names, kinds.values(), strict=True)
    )
    spec = TableSpec(table_name(path), columns=columns)
    return TableSample(spec, values, total, remarks.sentences())
