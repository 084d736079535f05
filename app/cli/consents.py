"""`./hufu consents import PATH [--dry-run]`: subject authorizations from JSON lines or CSV."""

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.cli.processes import prepare, settings_of
from app.commands.consent_imports import Report, import_rows, lines_of
from app.domain.callers import SYSTEM

STEP = 50_000
BLOCK = 1 << 20


def register(words) -> None:
    """Add the word and its one verb."""
    verbs = words.add_parser("consents", help="take in subject authorizations").add_subparsers(
        dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser("import", help="JSON lines or CSV; the token is the key")
    verb.add_argument("path", type=Path, metavar="PATH")
    verb.add_argument("--dry-run", action="store_true", help="report only, change nothing")
    verb.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")
    verb.set_defaults(run=take_in)


def take_in(asked: argparse.Namespace) -> int:
    """Import the file and print what became of it; 1 when it has errors."""
    try:
        file = "sha256:" + _sha256(asked.path)
    except OSError as error:
        print(f"读不到文件 / cannot read the file: {error.strerror}", file=sys.stderr)
        return 1
    rt = prepare(settings_of(asked))
    try:
        report = import_rows(rt, SYSTEM, lambda: _rows(asked.path), file, asked.dry_run, progress)
    except UnicodeDecodeError:
        print("文件须为 UTF-8 / the file must be UTF-8", file=sys.stderr)
        return 1
    finally:
        rt.close()
    print("\n".join(lines(report)))
    return 1 if report.total_errors else 0


def _sha256(path: Path) -> str:
    """The digest of a file of any length."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    """The rows of a file of any length, never more than one of them in memory."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from lines_of(path.name, file)


def progress(what: str, done: int) -> None:
    """Say how far it is, every fifty thousand rows."""
    if done % STEP == 0:
        title = {"read": "已校验 read", "written": "已写入 written"}[what]
        print(f"{title}: {done:,}", file=sys.stderr, flush=True)


def lines(report: Report) -> list[str]:
    """The report as text: every error shown, and the sums."""
    said = [f"错误 error {each.line} {each.member}: {each.zh} / {each.en}"
            for each in report.errors]
    if report.total_errors > len(report.errors):
        left = report.total_errors - len(report.errors)
        said.append(f"……另有 {left} 处 / and {left} more")
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(report.outcomes.items()))
    said.append(f"主体授权 rows: {report.rows}  ({outcomes})")
    said.append(f"错误 errors: {report.total_errors}  "
                + ("已导入 applied" if report.applied else "未作任何更改 nothing was changed"))
    return said
