"""CSV in every state a department sends it in: one clear note each, and no row lost unsaid."""

import pytest

from app.domain.classification.profiling import profile
from app.domain.refusals import Refusal
from app.engines.classification.rules import identifiers
from app.engines.sources.text_files import read_text_file
from tests.engines.sources.reading import only

ROWS = [("编号", "姓名", "备注"), *((str(n), f"张三{n}", f"说明，第 {n} 条") for n in range(1, 41))]
TEXT = "".join(",".join(row) + "\r\n" for row in ROWS)
NAMES = ["编号", "姓名", "备注"]


@pytest.fixture
def csv(tmp_path):
    """A reader of one file that is made of the given bytes or text."""

    def go(content, name="t.csv", encoding="utf-8", **limits):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return only(read_text_file, path, **limits)

    return go


@pytest.mark.parametrize("encoding", [
    "utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be",
])
def test_bad_input_wrong_encodings_are_told_by_their_bytes(csv, encoding):
    sample, counts = csv(TEXT, encoding=encoding)
    assert list(sample.values) == NAMES and sample.rows_total == 40
    assert sample.values["姓名"] == tuple(f"张三{n}" for n in range(1, 41))
    assert not counts


def test_bad_input_an_encoding_may_show_late_in_the_file(csv):
    text = "a,b\n" + "1,x\n" * 60_000 + "2,姓名\n"
    for encoding in ("utf-8", "gb18030"):
        sample, counts = csv(text, encoding=encoding, rows=70_000)
        assert sample.values["b"][-1] == "姓名" and not counts


def test_bad_input_broken_bytes_are_replaced_counted_and_placed(csv):
    broken = TEXT.encode().replace("张三3".encode(), b"\xe5\xbc3", 1)
    sample, counts = csv(broken)
    assert counts["BROKEN_BYTES"] == 1 and sample.rows_total == 40
    assert sample.values["姓名"][2] == "\ufffd3"
    assert "line 4" in sample.notes[0] and "第 4 行" in sample.notes[0]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(csv, mark):
    sample, counts = csv(f"a{mark}b{mark}c\n" + f"1{mark}2,5{mark}x y\n" * 5)
    assert list(sample.values) == ["a", "b", "c"] or mark == ","
    if mark != ",":
        assert sample.values["b"] == ("2,5",) * 5 and not counts


def test_a_declared_delimiter_is_believed(csv):
    sample, _ = csv("sep=^\r\na^b\r\n1,2^3\r\n")
    assert sample.values == {"a": ("1,2",), "b": ("3",)}


def test_quotes_hold_delimiters_quotes_and_lines(csv):
    sample, counts = csv('a,b\n1,"x, ""y""\r\nz"\n2,"5"" pipe"\n3,5" pipe\n')
    assert sample.values["b"] == ('x, "y"\r\nz', '5" pipe', '5" pipe') and not counts


def test_bad_input_a_stray_quote_costs_its_row_and_no_other(csv):
    sample, counts = csv('a,b\n1,"open\n' + "".join(f"{n},x\n" for n in range(2, 50)))
    assert sample.rows_total == 49 and counts == {"STRAY_QUOTE": 1}
    assert sample.values["b"][:2] == ("open", "x")


def test_bad_input_many_stray_quotes_are_read_in_time(csv):
    sample, counts = csv("a,b\n" + '1,"open\n' * 20_001)
    assert sample.rows_total == 20_001 and counts["STRAY_QUOTE"] >= 10_000


def test_bad_input_ragged_rows_are_kept_padded_or_cut(csv):
    sample, counts = csv("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10\n\n1,2,3\n1,2,3\n1,2,3\n")
    assert counts == {"SHORT_ROW": 2, "LONG_ROW": 1, "BLANK_LINE": 1}
    assert sample.rows_total == 7
    assert sample.values["c"] == ("3", None, "8", None, "3", "3", "3")
    assert any("first at line 3" in note for note in sample.notes)


def test_bad_input_empty_and_repeated_heading_cells_get_names(csv):
    sample, counts = csv("id,,id,id,名\n" + "1,2,3,4,5\n" * 3)
    assert list(sample.values) == ["id", "column_2", "id_2", "id_3", "名"]
    assert counts == {"EMPTY_HEADING": 1, "SAME_HEADING": 2}


def test_a_trailing_delimiter_makes_no_column(csv):
    sample, _ = csv("a,b,\n1,2,\n3,4,\n")
    assert list(sample.values) == ["a", "b"]


def test_bad_input_a_missing_heading_is_noticed_by_the_shape_of_what_follows(csv):
    rows = "".join(f"1381234{n:04},张三,2020-01-{n + 1:02}\n" for n in range(20))
    sample, counts = csv(rows)
    assert counts == {"NO_HEADING": 1} and sample.rows_total == 20
    assert list(sample.values) == ["column_1", "column_2", "column_3"]


def test_a_heading_of_months_is_a_heading(csv):
    sample, counts = csv("企业,202401,202402\n" + "甲,12.5,100000.25\n" * 4)
    assert list(sample.values) == ["企业", "202401", "202402"] and not counts


def test_bad_input_lines_above_the_heading_are_counted(csv):
    sample, counts = csv("企业名单\n\n名称,代码,地址\n" + "甲,1,乙\n" * 5)
    assert list(sample.values) == ["名称", "代码", "地址"]
    assert counts["ABOVE_HEADING"] == 2 and sample.rows_total == 5


def test_bad_input_NUL_characters_are_removed_and_counted(csv):
    sample, counts = csv(b"a,b\n1,x\0y\n2,\0\n3,z\n")
    assert counts == {"NUL": 2} and sample.values["b"] == ("xy", "", "z")


def test_bad_input_cells_of_50_kB_are_cut_at_the_stated_bound(csv):
    sample, counts = csv("a,b\n1," + "长" * 50_000 + '\n2,"' + "x\n" * 25_000 + '"\n3,y\n')
    assert counts == {"CUT_CELL": 2} and sample.rows_total == 3
    assert [len(cell) for cell in sample.values["b"]] == [8_193, 8_193, 1]
    assert "2 个单元格过长" in sample.notes[0] and "was searched" in sample.notes[0]


@pytest.mark.parametrize(("length", "cut"), [(8_191, 0), (8_192, 0), (8_193, 1), (50_000, 1)])
def test_a_cell_of_which_a_part_is_not_searched_is_told_and_no_other(csv, length, cut):
    sample, counts = csv("a,b\n1," + "长" * length + "\n2,y\n")
    assert counts.get("CUT_CELL", 0) == len(sample.notes) == cut
    assert profile(sample.values["b"], identifiers()).cut == cut


def test_bad_input_a_line_without_end_is_cut(csv):
    sample, counts = csv("a,b\n1," + "x" * 9_000_000 + "\n2,y\n")
    assert counts == {"LONG_LINE": 1, "CUT_CELL": 1} and sample.values["a"] == ("1", "2")


def test_bad_input_10000_columns_are_read_with_fewer_rows(csv):
    heading = ",".join(f"c{n}" for n in range(10_000))
    sample, counts = csv(heading + "\n" + (",".join(["1"] * 10_000) + "\n") * 400)
    assert len(sample.values) == 10_000 and sample.rows_total == 400
    assert len(sample.values["c0"]) == counts["THINNED"] == 150


def test_bad_input_too_many_columns_are_refused_in_one_line(csv):
    with pytest.raises(Refusal) as refused:
        csv("," * 20_001)
    assert "20000" in refused.value.zh or "empty" in refused.value.en
    with pytest.raises(Refusal, match="20000 columns"):
        csv("x," * 20_001)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n \r\n", b"\0\0\0\0", b"\xff\xfe"])
def test_bad_input_an_empty_file_is_refused_in_one_line(csv, content):
    with pytest.raises(Refusal, match="empty"):
        csv(content)


def test_bad_input_a_heading_without_rows_is_a_table(csv):
    sample, counts = csv("a,b\n")
    assert sample.values == {"a": (), "b": ()} and sample.rows_total == 0
    assert counts == {"NO_ROWS": 1}


def test_bad_input_all_null_columns_stay_and_are_counted(csv):
    sample, counts = csv("a,b,c\n" + "1,,\n" * 3)
    assert sample.values["b"] == ("",) * 3 and counts == {"ALL_NULL": 2}


def test_digits_kept_from_a_spreadsheet_by_a_formula_are_unwrapped(csv):
    sample, _ = csv('a,b\n="110105194912310023",=1+1\n="x"&"y",2\n')
    assert sample.values["a"] == ("110105194912310023", '="x"&"y"')
    assert sample.values["b"] == ("=1+1", "2")


def test_invisible_characters_around_a_heading_are_dropped_and_inside_it_shown(csv):
    sample, _ = csv("\ufeff\ufeff编号,\u200b姓\u202e名 ,c\n" + "1,2,3\n" * 3)
    assert list(sample.values) == ["编号", "姓\\u202e名", "c"]


def test_names_are_read_without_any_row(csv):
    for whole in (0, 64 * 1_048_576):
        sample, counts = csv(TEXT, rows=0, whole_bytes=whole)
        assert sample.values == dict.fromkeys(NAMES, ()) and not counts
        assert sample.rows_total is None and not sample.notes


def test_one_column_keeps_its_empty_rows(csv):
    sample, counts = csv("名称\n甲\n\n乙\n")
    assert sample.values == {"名称": ("甲", "", "乙")} and not counts


@pytest.mark.parametrize("content, named", [
    (b"PK\x03\x04...", "workbook"), (b"PAR1....", "Parquet"), (b"SQLite format 3\0", "SQLite"),
    (b"\xd0\xcf\x11\xe0....", "Office"), (b"\x1f\x8b\x08...", "gzip"), (b"%PDF-1.7", "PDF"),
])
def test_a_file_that_is_something_else_says_what_it_is(csv, content, named):
    with pytest.raises(Refusal, match=named):
        csv(content)


def test_a_pipe_or_a_folder_is_no_file(tmp_path):
    import os

    os.mkfifo(tmp_path / "p.csv")
    with pytest.raises(Refusal, match="regular"):
        only(read_text_file, tmp_path / "p.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_large_file_is_read_in_blocks_from_all_over(csv, encoding, end):
    lines = ["编号,姓名,备注"] + [
        f'{n},张三{n},"甲,乙{end}丙"' if n % 7 == 0 else f"{n},李四{n},丙" for n in range(120_000)]
    text = end.join(lines) + end
    sample, counts = csv(text, encoding=encoding, whole_bytes=1_000_000)
    assert list(sample.values) == NAMES and set(counts) == {"BLOCKS"}
    numbers = [int(number) for number in sample.values["编号"]]
    assert len(numbers) == 3_000 and numbers == sorted(numbers)
    assert numbers[0] < 12_000 and numbers[-1] > 108_000
    assert abs(sample.rows_total - 120_000) < 2_400
    assert set(sample.values["备注"]) == {"丙", f"甲,乙{end}丙"}


def test_a_large_file_of_long_lines_is_read_in_larger_blocks(csv):
    line = ",".join(["数值"] * 9_000) + "\n"
    sample, counts = csv("".join(f"c{n}," for n in range(8_999)) + "z\n" + line * 200,
                         whole_bytes=2_000_000)
    assert sample.values["z"][0] == "数值" and abs(sample.rows_total - 200) < 20
