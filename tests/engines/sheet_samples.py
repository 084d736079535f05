"""Workbooks the tests of sheets share: a good catalogue, and ways to spoil a workbook's parts."""

import io
import zipfile

import openpyxl

HEADING = [
    "数据提供部门",
    "资源代码",
    "资源名称",
    "更新周期",
    "责任人",
    "数据项代码",
    "数据项名称",
    "数据类型",
]


def good_rows(count=20):
    return [
        ["市税务局", "tax_paid", "纳税信息", "每月", "数据处", f"c{n}", f"数据项{n}", "VARCHAR"]
        for n in range(count)
    ]


def book(rows, heading=HEADING, title="目录"):
    made = openpyxl.Workbook()
    made.active.title = title
    made.active.append(heading)
    for row in rows:
        made.active.append(row)
    return made


def saved(made):
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def respelt(body, member, change):
    """The workbook with one member's text changed."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text) if name == member else text)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
