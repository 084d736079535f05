"""How far a scan is and what it left out, on standard error."""

import sys

from app.cli._widths import fitted
from app.engines.sources.report import Report

BAR = 24
LINE = 100


class Progress:
    """A bar that is drawn over on a terminal, one line a table elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.is_terminal = sys.stderr.isatty()

    def __enter__(self) -> "Progress":
        self._draw("", 0)
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_terminal:
            print("\r" + " " * LINE + "\r", end="", file=sys.stderr, flush=True)

    def step(self, name: str, report: Report) -> None:
        """One table more is judged; a source may hold more tables than things to read."""
        self.done += 1
        self.total = max(self.total, self.done)
        self._draw(name, report.tables[self.done - 1].rows)

    def _draw(self, name: str, rows: int) -> None:
        if self.is_terminal:
            full = BAR * self.done // max(1, self.total)
            bar = "█" * full + "░" * (BAR - full)
            told = fitted(f"{bar} {self.done}/{self.total}  {name}", LINE - 1)
            print(f"\r{told}", end="", file=sys.stderr, flush=True)
        elif self.done:
            print(f"[{self.done}/{self.total}] {name}  {rows} 行 rows", file=sys.stderr)


def interrupted(read: int) -> None:
    """Say what a Ctrl-C has left."""
    print(f"\n已中断：读了 {read} 张表，没有写出结果 / "
          f"interrupted: {read} tables were read, nothing was written", file=sys.stderr)


def told(report: Report) -> None:
    """The report of a run: notes, what was skipped and why, and sums."""
    for table in report.tables:
        for note in table.notes:
            print(f"{table.name}: {note}", file=sys.stderr)
    for skipped in report.skipped:
        print(f"跳过 skipped {skipped.name}: {skipped.zh} / {skipped.en}", file=sys.stderr)
    counts = report.remarks.counts
    columns = sum(table.columns for table in report.tables)
    print(f"表 tables {len(report.tables)}  列 columns {columns}  行 rows {report.rows}  "
          f"跳过 skipped {len(report.skipped)}  截短单元格 cells cut {counts.get('CUT_CELL', 0)}  "
          f"替代字节 bytes replaced {counts.get('BROKEN_BYTES', 0)}", file=sys.stderr)
