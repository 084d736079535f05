"""`./hufu classify PATH_OR_URL`: category and grade of every column, from files or a database."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from app.cli import _classify_progress as progress
from app.cli._classify_output import FORMATS, LANGUAGES, Judged
from app.domain.refusals import Invalid
from app.domain.wire import Malformed
from app.engines.sources.database_urls import is_address, is_private
from app.engines.sources.opening import open_source
from app.engines.sources.remarks import SourceRefused, shown, unread
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
        "classify", help="propose category and grade of every column, with reasons",
        description="提出每个字段的分类分级并说明依据；只读，不改动数据源\n"
                    "Proposes category and grade of every column, with reasons; only reads",
        epilog=ENDS, formatter_class=argparse.RawDescriptionHelpFormatter)
    word.parse_known_args = partial(_known, word)
    word.add_argument("place", metavar="PATH_OR_URL", help=(
        "CSV、TSV、XLSX、Parquet、SQLite 文件，装有这些文件的文件夹，或数据库地址（只读帐号）/ "
        "CSV, TSV, XLSX, Parquet or SQLite file, a folder of them, or the URL of"
        " a database (sqlite, postgresql, mysql) with a read-only account"))
    word.add_argument("--schema", type=Path, metavar="FILE", help=(
        "部门的数据目录（JSON、XLSX、CSV），按代码名对应 / "
        "the department's catalogue (JSON, XLSX, CSV), joined by code names"))
    only = word.add_mutually_exclusive_group()
    only.add_argument("--names-only", action="store_true",
                      help="只看名称，不看值 / judge without any value")
    only.add_argument("--values-only", action="store_true",
                      help="只看值，不看名称 / judge without any name")
    word.add_argument("--format", choices=sorted(FORMATS), default="table",
                      help="输出格式，默认 table / form of the result (table)")
    word.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help=(
        "table 和 xlsx 的语言，默认 zh；json 两种都写 / "
        "language of table and xlsx (zh); json holds both"))
    word.add_argument("--out", type=Path, metavar="FILE",
                      help="全部完成后写入该文件 / write there, only when done")
    word.add_argument("--rows", type=_rows, default=Limits.rows, metavar="N", help=(
        f"每张表的样本行数，最多 {MOST_ROWS}，默认 {Limits.rows} / "
        f"rows of each sample, at most {MOST_ROWS} ({Limits.rows})"))
    word.set_defaults(run=run)


def _known(word: argparse.ArgumentParser, args=None, namespace=None):
    """Words that are one too many are refused unsaid: the rest of a password may be among them."""
    found, surplus = argparse.ArgumentParser.parse_known_args(word, args, namespace)
    if surplus:
        word.error("一次只读一个源；口令中的空格请写成 %20 / "
                   "one source at a time; write a blank in a password as %20")
    return found, surplus


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
        schema = _schema(asked.schema, "--schema ") if asked.schema else {}
        source = _source(asked)
        with closing(source):
            judged = list(_judged(asked, schema, source, report))
    except KeyboardInterrupt:
        progress.interrupted(len(report.tables))
        return INTERRUPTED
    except OSError as error:
        raise SourceRefused(*unread(error)) from error
    if judged:
        _write(asked.out, FORMATS[asked.format](judged, asked.language))
    progress.told(report)
    return 1 if not judged else 3 if report.skipped else 0


def _source(asked: argparse.Namespace) -> Source:
    """What is to be read; for names alone no row of it."""
    place = Path(asked.place.strip())
    if asked.names_only and place.suffix.casefold() == ".json" and not is_address(asked.place):
        schema = _schema(place)
        return Source((Item(shown(place.name), lambda: names_of(schema)),))
    limits = Limits(rows=0 if asked.names_only else asked.rows)
    return open_source(asked.place, limits, networks_of(load().scan_networks))


def _schema(path: Path, option: str = "") -> Schema:
    """The catalogue in a file.

    Raises:
        SourceRefused: it cannot be read, or not without an error; says which file was asked for.
    """
    named = f"{option}`{'…' if is_private(str(path)) else shown(str(path))}`"
    try:
        return read_schema(path)
    except (Malformed, SourceRefused) as error:
        zh, en = error.zh, error.en
    except OSError as error:
        zh, en = unread(error)
    raise SourceRefused(f"{named}：{zh}", f"{named}: {en}")


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
