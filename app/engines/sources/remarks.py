"""What a reader could not take as it stood: counted by kind, said in one sentence a kind.

A sentence holds counts and places, never a value.
"""

import unicodedata
from dataclasses import dataclass, field

from app.domain.refusals import Invalid

LONGEST_SHOWN = 120

SENTENCES = {
    "BROKEN_BYTES": (
        "{n} 处字节无法解码，已用替代字符代替{at}",
        "{n} bytes could not be decoded and stand as replacement characters{at}",
    ),
    "NUL": ("去除了 {n} 个空字符{at}", "{n} NUL characters were removed{at}"),
    "CUT_CELL": (
        "{n} 个单元格过长，只查找了开头，其余未查找{at}",
        "{n} cells are too long: only their beginning was searched, the rest was not{at}",
    ),
    "LONG_LINE": (
        "{n} 行过长，行尾未读取{at}",
        "{n} lines are too long: their end was not read{at}",
    ),
    "SHORT_ROW": (
        "{n} 行的单元格少于表头，缺少的按空值读取{at}",
        "{n} rows have fewer cells than the heading: the missing ones are null{at}",
    ),
    "LONG_ROW": (
        "{n} 行的单元格多于表头，多出的未读取{at}",
        "{n} rows have more cells than the heading: the surplus was not read{at}",
    ),
    "BLANK_LINE": ("{n} 个空行{at}", "{n} blank lines{at}"),
    "STRAY_QUOTE": (
        "{n} 行的引号不成对，该行按无引号读取{at}",
        "{n} lines hold a stray quote and were read without quoting{at}",
    ),
    "ABOVE_HEADING": ("表头之前有 {n} 行未读取", "{n} lines above the heading were not read"),
    "NO_HEADING": (
        "没有表头，列按 column_1 起编号",
        "there is no heading: columns are numbered from column_1",
    ),
    "EMPTY_HEADING": (
        "{n} 个表头单元格为空，该列按位置命名",
        "{n} heading cells are empty: these columns are named by their place",
    ),
    "SAME_HEADING": (
        "{n} 个表头重名，已加序号",
        "{n} heading cells repeat a name and got a number",
    ),
    "LONG_HEADING": ("{n} 个表头过长，已截短", "{n} heading cells are too long and were cut"),
    "NO_ROWS": ("只有表头，没有数据行", "holds a heading and no rows"),
    "ALL_NULL": ("{n} 列没有任何值", "{n} columns hold no value at all"),
    "THINNED": (
        "表太宽或单元格太长，只保留 {n} 行样本",
        "the table is wide or its cells are long: the sample holds {n} rows",
    ),
    "BLOCKS": (
        "文件较大，均匀抽取 {n} 段读取，行数为估计值",
        "the file is large: {n} evenly spaced blocks were read, the count of rows is an estimate",
    ),
    "LOST_DIGITS": (
        "{n} 个数字达到 16 位，被存成浮点数，原有数字无法恢复{at}",
        "{n} numbers of 16 digits or more were stored as floating point: their digits are lost{at}",
    ),
    "ERROR_CELL": ("{n} 个单元格是错误值{at}", "{n} cells hold an error value{at}"),
    "FORMULA": (
        "{n} 个公式未计算，只读取存下的结果",
        "{n} formulas were not evaluated: only their stored results were read",
    ),
    "MERGED": (
        "数据区有 {n} 处合并单元格，只有左上角有值",
        "{n} merged ranges among the rows: only their first cell has a value",
    ),
    "HIDDEN_SHEET": ("这是隐藏的工作表，已读取", "this is a hidden sheet and was read"),
    "BINARY": ("{n} 列是二进制内容，未读取", "{n} columns are binary and were not read"),
    "NOT_IN_SOURCE": (
        "{n} 个已申报的字段不在数据中",
        "{n} declared columns are not in the source",
    ),
    "NOT_DECLARED": (
        "{n} 个字段没有申报",
        "{n} columns are not declared",
    ),
}


_WHY = {
    FileNotFoundError: ("没有这个文件", "there is no such file"),
    PermissionError: ("无权读取", "not permitted"),
    IsADirectoryError: ("这是文件夹", "it is a folder"),
}


class SourceRefused(Invalid):
    """A source, or one table of it, that is not read; the sentence says what to mend."""

    code = "SOURCE.REFUSED"
    title_zh, title_en = "数据源不能读取", "The source cannot be read"


@dataclass
class Remarks:
    """Counts by kind, each with the line it was first met at."""

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, count: int = 1, line: int | None = None) -> None:
        """Count ``kind``; nothing happens for a count of 0."""
        if count:
            self.counts[kind] = self.counts.get(kind, 0) + count
            if line is not None:
                self.first.setdefault(kind, line)

    def sentences(self) -> tuple[str, ...]:
        """One sentence a kind, Chinese and English."""
        return tuple(self._sentence(kind) for kind in SENTENCES if kind in self.counts)

    def _sentence(self, kind: str) -> str:
        zh, en = SENTENCES[kind]
        line = self.first.get(kind)
        at = ("", "") if line is None else (f"（首见第 {line} 行）", f" (first at line {line})")
        n = self.counts[kind]
        return f"{zh.format(n=n, at=at[0])} / {en.format(n=n, at=at[1])}"


def unread(error: OSError) -> tuple[str, str]:
    """Why the system did not give a file, Chinese and English."""
    kind = next((kind for kind in _WHY if isinstance(error, kind)), None)
    zh, en = _WHY[kind] if kind else (shown(error.strerror or type(error).__name__),) * 2
    return f"读不到：{zh}", f"cannot be read: {en}"


def shown(text: str) -> str:
    """``text`` fit for one line anywhere: what hides or breaks a line is spelt out, length bounded.

    Bytes of a file name that are no text come out as `\\xNN`.
    """
    spelt = "".join(_spelt(mark) for mark in text[: LONGEST_SHOWN + 1])
    return spelt if len(text) <= LONGEST_SHOWN else spelt[:LONGEST_SHOWN] + "…"


def _spelt(mark: str) -> str:
    code = ord(mark)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return mark
