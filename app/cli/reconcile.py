"""`./hufu reconcile import PATH`: a gateway's access log against decisions and receipts."""

import argparse
import hashlib
import sys
from pathlib import Path

from app.cli.processes import prepare, settings_of
from app.commands.reconciliation import Report, import_log
from app.domain.callers import SYSTEM
from app.domain.findings import Kind

BLOCK = 1 << 20


def register(words) -> None:
    """Add the word and its one verb."""
    verbs = words.add_parser("reconcile", help="hold gateways' logs against decisions"
                             ).add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser("import", help="JSON lines or nginx's combined format")
    verb.add_argument("path", type=Path, metavar="PATH")
    verb.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")
    verb.set_defaults(run=take_in)


def take_in(asked: argparse.Namespace) -> int:
    """Take the log in and print what did not agree; 1 when something did not."""
    try:
        found = hashlib.sha256()
        with asked.path.open("rb") as file:
            while block := file.read(BLOCK):
                found.update(block)
        rt = prepare(settings_of(asked))
        try:
            with asked.path.open(encoding="utf-8", errors="replace") as lines:
                report = import_log(rt, SYSTEM, lines, "sha256:" + found.hexdigest())
        finally:
            rt.close()
    except OSError as error:
        print(f"读不到文件 / cannot read the file: {error.strerror}", file=sys.stderr)
        return 1
    print("\n".join(said(report)))
    return 1 if report.findings or not report.calls else 0


def said(report: Report) -> list[str]:
    """The report as text."""
    lines = [f"行 lines: {report.lines}  调用 calls: {report.calls}  "
             f"无法识别 unread: {report.total_unread}"]
    if report.unread:
        lines.append("无法识别的行 unread lines: " + ", ".join(map(str, report.unread)))
    lines += [f"{Kind(kind).zh} {Kind(kind).en}: {count}"
              for kind, count in sorted(report.findings.items())]
    return lines
