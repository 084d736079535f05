"""The file's laws: name, size and content agree with a listed kind, or nothing is taken in."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.files import (
    FILE_LIMIT,
    FileKindRefused,
    FileNameRefused,
    FileTooLarge,
    admitted,
    shown_name,
)
from app.domain.wire import Malformed
from tests.properties import calm

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0....\xff\xd9"


def office(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return stream.getvalue()


XLSX = office("[Content_Types].xml", "xl/workbook.xml")
DOCX = office("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "body", "extension"),
    [
        ("协议.pdf", PDF, "pdf"),
        ("扫描.PNG", PNG, "png"),
        ("a.jpg", JPEG, "jpg"),
        ("a.jpeg", JPEG, "jpeg"),
        ("目录2026.11.xlsx", XLSX, "xlsx"),
        ("说明.docx", DOCX, "docx"),
        ("公文.ofd", office("OFD.xml"), "ofd"),
        ("a.csv", "名,值\r\n甲,1\r\n".encode(), "csv"),
        ("a.csv", "名,值\r\n甲,1\r\n".encode("gb18030"), "csv"),
        ("a.txt", b"", "txt"),
        ("a.json", b"\xef\xbb\xbf{}", "json"),
    ],
)
def test_a_listed_kind_is_admitted(name, body, extension):
    assert admitted(name, body).extension == extension


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.exe", b"MZ"),
        ("a", PDF),
        ("a.xlsm", XLSX),
        ("a.html", b"<html>"),
        ("a.svg", b"<svg/>"),
        ("a.zip", XLSX),
        ("a.pdf", XLSX),
        ("a.xlsx", DOCX),
        ("a.docx", XLSX),
        ("a.xlsx", office("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")),
        ("a.pdf", PNG),
        ("a.png", JPEG),
        ("a.pdf", PDF + XLSX),  # a PDF that is also an archive
        ("a.png", PNG + b"<?php ?>"),
        ("a.jpg", JPEG + XLSX),
        ("a.csv", XLSX),
        ("a.csv", PDF),
        ("a.csv", b" \n<html><script>"),
        ("a.txt", b"#!/bin/sh\n"),
        ("a.txt", b"MZ\x90"),
        ("a.csv", b"a,b\0c"),
        ("a.csv", "a,b".encode("utf-16")),
        ("a.csv", b"a,\x81"),
        ("a.json", b"\x7fELF"),
    ],
)
def test_a_name_and_a_content_that_disagree_are_refused(name, body):
    with pytest.raises(FileKindRefused):
        admitted(name, body)


@pytest.mark.parametrize("body", [XLSX + b"%PDF-1.7 %%EOF", b"GIF89a" + XLSX])
def test_a_polyglot_archive_is_refused(body):
    with pytest.raises(Malformed):
        admitted("a.xlsx", body)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        ".htaccess",
        "../a.pdf",
        "a/b.pdf",
        "a\\b.pdf",
        "C:a.pdf",
        "a\0.pdf",
        "a\n.pdf",
        "fdp\u202e.exe.pdf",
        "a.exe.pdf",
        "a.PHP.pdf",
        "a.pdf.xlsx",
        "a.js.x.pdf",
        "a|b.pdf",
        "字" * 117 + ".pdf",
    ],
)
def test_a_name_that_hides_something_is_refused(name):
    with pytest.raises(FileNameRefused):
        admitted(name, PDF)


@pytest.mark.parametrize("name", ["字" * 116 + ".pdf", "v1.2.pdf", "a b（终稿）.pdf", "exe.pdf"])
def test_an_honest_name_is_shown(name):
    assert shown_name(name) == name


@pytest.mark.parametrize("over", [0, 1])
def test_a_file_has_at_most_twenty_mebibytes(over):
    body = b" " * (FILE_LIMIT + over)
    if over:
        with pytest.raises(FileTooLarge):
            admitted("a.txt", body)
    else:
        assert admitted("a.txt", body).media_type == "text/plain"


def test_a_caller_may_accept_fewer_kinds():
    with pytest.raises(FileKindRefused, match="csv"):
        admitted("a.pdf", PDF, frozenset({"csv"}))


@calm
@given(st.text(max_size=20), st.sampled_from(["pdf", "xlsx", "csv", "json"]), st.binary())
def test_any_file_is_admitted_or_refused(name, extension, body):
    try:
        admitted(f"{name}.{extension}", body)
    except Malformed:
        pass
