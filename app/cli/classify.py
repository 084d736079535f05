"""`./hufu classify PATH_OR_URL`: category and grade of every column, from files or a database."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from app.cli import _classify_progress as progress
from app.cli._classify_output import FORMATS, Judged
from app.domain.refusals import Invalid
from app.domain.wire import Malformed
from app.engines.sources.opening import open_source
from app.engines.sources.remarks import SourceRefused, shown
from app.engines.sources.report import Item, Report, Source, samples
from app.engines.sources.sampling import Limits
from app.engines.sources.schema_files import Schema, joined, names_of, read_schema
from app.engines.sources.targets import networks_of
from app.settings import load

MOST_ROWS = 20_000
INTERRUPTED = 130
ENDS = """\
退出码 exit codes:
  0    全部读完 everything was read
  1    没有读到任何表 nothing could be read
  2    参数有误 the words are wrong
  3    部分表未读，其余已输出 some tables could not be read, the rest is in the output
  130  按下 Ctrl-C，未输出 interrupted, nothing was written
"""


def register(words) -> None:
    """Add the word."""
    word = words.add_parser(
        "classify", help="propose category and grade of every column, with reasons", epilog=ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    word.add_argument("place", metavar="PATH_OR_URL",
                      help="CSV, TSV, XLSX, Parquet or SQLite file, a folder of them, or the URL of"
                           " a database (sqlite, postgresql, mysql) with a read-only account")
    word.add_argument("--schema", type=Path, metavar="FILE",
                      help="the department's catalogue (JSON, XLSX, CSV), joined by code names")
    only = word.add_mutually_exclusive_group()
    only.add_argument("--names-only", action="store_true", help="judge without any value")
    only.add_argument("--values-only", action="store_true", help="judge without any name")
    word.add_argument("--format", choices=sorted(FORMATS), default="table")
    word.add_argument("--out", type=Path, metavar="FILE", help="write there, only when done")
    word.add_argument("--rows", type=_rows, default=Limits.rows, metavar="N",
                      help=f"rows of each sample, at most {MOST_ROWS} ({Limits.rows})")
    word.set_defaults(run=run)


def _rows(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_ROWS):
        raise argparse.ArgumentTypeError(f"1..{MOST_ROWS}")
    return int(text)


def run(asked: argparse.Namespace) -> int:
    """Judge what is there, write the result and tell what was left out."""
    if asked.format == "xlsx" and asked.out is None and sys.stdout.isatty():
        raise Invalid("工作簿请用 --out 指定文件", "say with --out where the workbook goes")
    report = Report()
    try:
        schema = read_schema(asked.schema) if asked.schema else {}
        source = _source(asked)
        with closing(source):
            judged = list(_judged(asked, schema, source, report))
    except KeyboardInterrupt:
        progress.interrupted(len(report.tables))
        return INTERRUPTED
    except Malformed as error:
        raise SourceRefused(error.zh, error.en) from error
    except OSError as error:
        reason = shown(error.strerror or type(error).__name__)
        raise SourceRefused(f"读不到：{reason}", f"cannot be read: {reason}") from error
    if judged:
        _write(asked.out, FORMATS[asked.format](judged))
    progress.told(report)
    return 1 if not judged else 3 if report.skipped else 0


def _source(asked: argparse.Namespace) -> Source:
    """What is to be read; for names alone no row of it."""
    place = Path(asked.place)
    if asked.names_only and place.suffix.casefold() == ".json":
        schema = read_schema(place)
        return Source((Item(shown(place.name), lambda: names_of(schema)),))
    limits = Limits(rows=0, whole_bytes=0) if asked.names_only else Limits(rows=asked.rows)
    return open_source(asked.place, limits, networks_of(load().scan_networks))


def _judged(
    asked: argparse.Namespace, schema: Schema, source: Source, report: Report
) -> Iterator[Judged]:
    """Every table with its verdicts, told on the way."""
    from app.engines.classification.classifier import Sight, classify, reasons

    sight = Sight.NAMES if asked.names_only else Sight.VALUES if asked.values_only else Sight.ALL
    read = (joined(sample, schema) for sample in samples(source, report))
    with progress.Progress(len(source.items)) as bar:
        for table in classify(read, sight):
            bar.step(table.spec.name, report)
            why = {
                name: tuple(zip(reasons(verdict, "zh"), reasons(verdict, "en"), strict=True))
                for name, verdict in table.columns.items()
            }
            yield Judged(table.spec, table.columns, why)


def _write(out: Path | None, body: bytes) -> None:
    """To standard output, or to the file at once and whole.

    Raises:
        SourceRefused: the file cannot be written.
    """
    if out is None:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    part = out.with_name(f"{out.name}.part")
    try:
        part.write_bytes(body)
        os.replace(part, out)
    except OSError as error:
        reason = shown(error.strerror or type(error).__name__)
        raise SourceRefused(f"写不了 --out：{reason}", f"--out: {reason}") from error
