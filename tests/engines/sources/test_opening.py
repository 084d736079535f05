"""A path or URL becomes a source; what cannot be read is one line, and no name tricks a line."""

import os
import sqlite3

import openpyxl
import pytest

from app.domain.refusals import Refusal
from app.engines.sources.opening import open_source
from app.engines.sources.remarks import shown
from app.engines.sources.sampling import Limits
from tests.engines.sources.reading import read


def opened(path):
    return read(open_source(str(path), Limits()))


def test_a_folder_is_read_file_by_file_and_the_rest_is_named(tmp_path):
    (tmp_path / "局").mkdir()
    (tmp_path / "局" / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.tsv").write_text("x\ty\n1\t2\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "readme.docx").write_text("x")
    (tmp_path / "fake.csv").write_bytes(b"PK\x03\x04xx")
    (tmp_path / ".hidden.csv").write_text("x\n1\n")
    os.symlink("/etc/passwd", tmp_path / "link.csv")
    os.symlink("/etc", tmp_path / "etc")
    os.mkfifo(tmp_path / "pipe.csv")
    found, report = opened(tmp_path)
    assert set(found) == {"a", "b"} and len(report.tables) == 2 and report.rows == 2
    assert {skipped.name for skipped in report.skipped} == {
        "readme.docx", "link.csv", "etc", "empty.csv", "fake.csv", "pipe.csv"}
    assert all(skipped.zh and skipped.en for skipped in report.skipped)


def test_files_of_one_name_and_sheets_keep_names_of_their_own(tmp_path):
    for folder in ("甲", "乙"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.csv").write_text("x\n1\n")
    book = openpyxl.Workbook()
    book.active.append(["x"])
    book.create_sheet("s2").append(["y"])
    book.save(tmp_path / "w.xlsx")
    assert set(opened(tmp_path)[0]) == {"甲/t.csv", "乙/t.csv", "w.Sheet", "w.s2"}


@pytest.mark.parametrize("name, told", [
    ("a\nb.csv", "a\\u000ab"), ("a\x1b[31mb.csv", "a\\u001b[31mb"), ("-rf.csv", "-rf"),
    ("=cmd|'x'.csv", "=cmd|'x'"), ("‮vsc.exe.csv", "\\u202evsc.exe"), ("..csv.csv", "..csv"),
    (b"\xff\xfe.csv", "\\xff\\xfe"), ("a" * 200 + ".csv", "a" * 120 + "…"),
    ("$(x);`y`.csv", "$(x);`y`"),
])
def test_bad_input_hostile_file_names_are_shown_escaped(tmp_path, name, told):
    path = tmp_path / os.fsdecode(name)
    path.write_text("x,y\n1,2\n")
    for place in (path, tmp_path):
        if path.name.startswith(".") and place is tmp_path:
            continue
        assert list(opened(place)[0]) == [told]
    path.write_text("")
    _, report = opened(path)
    assert report.skipped[0].name == shown(path.name) and report.skipped[0].name.isprintable()


@pytest.mark.parametrize("place", [
    "nowhere.csv", "no\nwhere.csv", "a\0b.csv", "../../../../nowhere.csv"])
def test_what_is_not_there_is_one_line(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal) as refused:
        open_source(place, Limits())
    assert refused.value.en.isprintable() and refused.value.zh.isprintable()


@pytest.mark.parametrize("place", ["", " ", "\u3000\t\n"])
def test_no_place_at_all_is_refused_and_never_the_working_folder(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    with pytest.raises(Refusal, match="say which file, folder or database"):
        open_source(place, Limits())


@pytest.mark.parametrize("place", [
    " postgresql://scan:s3cret@127.0.0.1/d", "postgresql:/scan:s3cret@h/d", "scan:s3cret@h/d",
    "postgres_x://scan:s3cret@h/d", "postgresql：//scan：s3cret＠h/d", "postgresql;scan@s3cret",
    "postgresql//scan:s3cret", "postgresql://scan:x@s3cret.invalid/d",
])
def test_O02_a_mistyped_address_is_never_repeated(place):
    with pytest.raises(Refusal) as refused:
        open_source(place, Limits())
    assert "s3cret" not in refused.value.en + refused.value.zh


def test_blanks_around_a_place_are_left_aside(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    assert set(opened(f" {tmp_path}/a.csv\n")[0]) == {"a"}


@pytest.mark.parametrize("name", ["a.xls", "a.json", "a", "a.csv.gz", "a.exe"])
def test_a_kind_that_is_not_read_names_those_that_are(tmp_path, name):
    (tmp_path / name).write_text("x")
    with pytest.raises(Refusal, match=r"\.csv.*\.xlsx"):
        open_source(str(tmp_path / name), Limits())


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(Refusal, match="no file"):
        open_source(str(tmp_path), Limits())


def test_a_file_that_may_not_be_read_costs_itself_only(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    os.mkdir(tmp_path / "b.csv")
    found, report = opened(tmp_path)
    assert set(found) == {"a"}
    (tmp_path / "gone.csv").write_text("x\n1\n")
    source = open_source(str(tmp_path), Limits())
    (tmp_path / "gone.csv").unlink()
    found, report = read(source)
    assert set(found) == {"a"} and report.skipped[0].en == "cannot be read: there is no such file"
    assert report.skipped[0].zh == "读不到：没有这个文件"


def test_an_sqlite_file_is_a_database(tmp_path):
    with sqlite3.connect(tmp_path / "x #1?.db") as connection:
        connection.execute("CREATE TABLE t (a int)")
    connection.close()
    assert set(opened(tmp_path / "x #1?.db")[0]) == {"t"}


def test_an_sqlite_file_in_a_folder_is_read_table_by_table_and_not_written(tmp_path):
    with sqlite3.connect(tmp_path / "z.db") as connection:
        connection.executescript("CREATE TABLE t (a int); CREATE TABLE z (b text);"
                                 "CREATE VIEW bad AS SELECT nope FROM t; INSERT INTO t VALUES (7)")
    connection.close()
    (tmp_path / "broken.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 600)
    (tmp_path / "text.db").write_text("a,b\n1,2\n")
    (tmp_path / "a.csv").write_text("x\n1\n")
    before = (tmp_path / "z.db").read_bytes()
    found, report = opened(tmp_path)
    assert set(found) == {"a", "z", "z.t"} and found["z.t"].values == {"a": ("7",)}
    assert [one.name for one in report.skipped] == ["broken.sqlite", "text.db", "z.bad"]
    assert (tmp_path / "z.db").read_bytes() == before and len(os.listdir(tmp_path)) == 4


def test_the_english_line_of_a_kind_that_is_not_read_has_no_chinese_sign(tmp_path):
    (tmp_path / "readme.docx").write_text("x")
    for place in (tmp_path, tmp_path / "readme.docx"):
        with pytest.raises(Refusal, match=r"\.csv, \.db, .*\.xlsx") as refused:
            open_source(str(place), Limits())
        assert refused.value.en.isascii() and "、" in refused.value.zh


def test_bad_input_the_report_counts_what_was_cut_replaced_and_skipped(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"x,y\n1," + b"z" * 50_000 + b"\n2,\xff\n")
    (tmp_path / "b.csv").write_bytes(b"")
    _, report = opened(tmp_path)
    assert report.remarks.counts == {"CUT_CELL": 1, "BROKEN_BYTES": 1}
    assert len(report.skipped) == 1 and report.tables[0].rows == 2
