"""`./hufu classify`: one answer a column, in three forms; what could not be read is told apart."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from app.cli import _classify_output as output
from app.cli import classify as word
from app.cli.__main__ import main
from app.cli._widths import fitted, width
from app.domain.classification.facts import ColumnSpec, TableSpec
from app.domain.classification.verdicts import Verdict

ROOT = Path(__file__).parents[2]
PEOPLE = "xm,sjhm,bz\n" + "".join(f"张三{n},1381234{n:04},说明\n" for n in range(60))
SCHEMA = {"tables": [{
    "table": "people", "name_zh": "人员", "department": "公安局", "columns": [
        {"column": "xm", "name_zh": "姓名", "type": "VARCHAR"},
        {"column": "sjhm", "name_zh": "手机号码", "type": "VARCHAR"},
        {"column": "bz", "name_zh": "备注", "type": "VARCHAR"}]}]}
MEMBERS = {"element", "identifier", "level", "personal", "confidence", "why"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA), "utf-8")
    return tmp_path


@pytest.fixture
def run(capfdbinary):
    """The word; its exit code, what it put out and what it told."""

    def go(*words):
        try:
            code = main(["classify", *map(str, words)])
        except SystemExit as ended:
            code = ended.code
        said = capfdbinary.readouterr()
        return code, said.out, said.err.decode()

    return go


def test_json_holds_one_answer_a_column_as_the_scorer_reads_it(run, folder):
    code, out, err = run(folder / "people.csv", "--schema", folder / "schema.json",
                         "--format", "json")
    told = json.loads(out)
    assert code == 0 and list(told) == ["people"] and list(told["people"]) == ["xm", "sjhm", "bz"]
    for verdict in told["people"].values():
        assert set(verdict) == MEMBERS
        assert verdict["level"] in range(1, 6) and isinstance(verdict["personal"], bool)
        assert 0 <= verdict["confidence"] <= 1 and all(map(str.isprintable, verdict["why"]))
    assert "[1/1] people  60 行 rows" in err and "表 tables 1  列 columns 3  行 rows 60" in err


def test_the_table_has_120_places_whatever_is_in_it(run, folder):
    code, out, _ = run(folder / "people.csv", "--schema", folder / "schema.json")
    lines = out.decode().splitlines()
    assert code == 0 and lines[0] == "people  人员 公安局"
    assert [line.split()[0] for line in lines[2:5]] == ["xm", "sjhm", "bz"]
    assert all(width(line) <= 120 for line in lines)


def test_the_workbook_is_one_list_of_texts(run, folder):
    code, _, _ = run(folder / "people.csv", "--schema", folder / "schema.json",
                     "--format", "xlsx", "--out", folder / "o.xlsx")
    sheet = openpyxl.load_workbook(folder / "o.xlsx").active
    rows = list(sheet.iter_rows(values_only=True))
    assert code == 0 and len(rows) == 4 and rows[0] == output.SHEET["zh"]
    assert rows[1][:6] == ("people", "人员", "公安局", "xm", "姓名", "VARCHAR")
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_no_name_of_a_source_becomes_a_formula_or_moves_the_cursor():
    name = "=cmd|'x'!A0"
    spec = TableSpec("=1+1", "@x", "", (ColumnSpec(name, "\u202e"),))
    table = output.Judged(spec, {name: Verdict("e", None, 3, True, 0.5)},
                          {name: [("=2", "=2")]})
    sheet = openpyxl.load_workbook(io.BytesIO(output.as_xlsx([table]))).active
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert sheet["A2"].value == "=1+1" and sheet["A2"].quotePrefix


def test_wide_characters_take_two_places():
    assert width("张三a") == 5 and fitted("张三丰", 5) == "张三…" and fitted("张三丰", 4) == "张… "
    assert fitted("a", 3) == "a  " and width(fitted("é" * 9, 4)) == 4


def test_names_alone_are_judged_from_a_catalogue_without_any_data(run, folder):
    code, out, _ = run(folder / "schema.json", "--names-only", "--format", "json")
    assert code == 0 and list(json.loads(out)["people"]) == ["xm", "sjhm", "bz"]
    (folder / "people.csv").write_text("xm,sjhm,bz\n", "utf-8")
    for source in ("people.csv", "schema.json"):
        again = run(folder / source, "--schema", folder / "schema.json", "--names-only",
                    "--format", "json")
        assert json.loads(again[1]) == json.loads(out)


def test_values_alone_are_judged_the_same_under_any_name(run, folder):
    _, out, _ = run(folder / "people.csv", "--schema", folder / "schema.json", "--values-only",
                    "--format", "json")
    (folder / "other.csv").write_text(PEOPLE.replace("xm,sjhm,bz", "id_card,addr,x"), "utf-8")
    _, other, _ = run(folder / "other.csv", "--values-only", "--format", "json")
    first, second = json.loads(out)["people"], json.loads(other)["other"]
    assert list(first) == ["xm", "sjhm", "bz"] and list(second) == ["id_card", "addr", "x"]
    assert list(first.values()) == list(second.values())


def test_bad_input_the_rest_of_the_run_goes_on_and_the_report_counts(run, folder):
    (folder / "empty.csv").write_text("")
    (folder / "ragged\n.csv").write_bytes(b"a,b,c\n1,2\n1,2,\xff\n1,2,3\n")
    code, out, err = run(folder, "--format", "json")
    assert code == 3 and list(json.loads(out)) == ["people", "ragged\\u000a"]
    assert "跳过 skipped empty.csv: 文件是空的 / the file is empty" in err
    assert "跳过 skipped schema.json" in err and ".db, " in err.partition("schema.json")[2]
    assert "ragged\\u000a: 1 处字节无法解码" in err and "替代字节 bytes replaced 1" in err
    assert "跳过 skipped 2" in err


def test_bad_input_text_made_to_backtrack_is_judged_in_time(run, folder):
    texts = ("a@" * 25_000, "1" * 50_000 + "x", "张" * 50_000, "(" * 50_000, "a.a-" * 12_500,
             "1 2-" * 12_500, '""""' * 12_501, " \t" * 25_000 + "x", "０１２３" * 12_500)
    (folder / "people.csv").write_text(
        "bz,xm\n" + "".join(f"{text},1\n" for text in texts * 3), "utf-8")
    run(folder / "schema.json", "--names-only")  # the rules are loaded once
    before = time.process_time()
    code, out, err = run(folder / "people.csv", "--format", "json")
    assert code == 0 and time.process_time() - before < 3
    assert list(json.loads(out)["people"]) == ["bz", "xm"] and "27 个单元格过长" in err


@pytest.mark.parametrize("words, told", [
    (["nowhere.csv"], "nowhere.csv"), (["postgresql://r@127.0.0.1/d"], "HUFU_SCAN_NETWORKS"),
    (["postgresql://r@h/d?options=x"], "options"), (["mssql://r@h/d"], "driver"),
    (["{folder}/people.csv", "--schema", "{folder}/people.csv"], "表头"),
    (["{folder}/people.csv", "--schema", "{folder}/none.json"], "none.json`: cannot be read"),
    (["{folder}/people.csv", "--schema", "{folder}/people.csv"], "--schema `"),
    (["{folder}/none.json", "--names-only"], "none.json`: cannot be read"),
    ([""], "say which file"),
    (["{folder}/people.csv", "--format", "json", "--out", "{folder}/none/x"], "--out"),
    (["{folder}/schema.json"], ".csv"),
])
def test_what_cannot_be_started_is_one_clear_line_in_each_language(run, folder, words, told):
    code, out, err = run(*(text.format(folder=folder) for text in words))
    assert code == 1 and told in err and "Traceback" not in err
    assert not out or "--out" in words


@pytest.mark.parametrize("words", [
    [" postgresql://scan:s3cret@h/d"], ["postgresql:/scan:s3cret@h/d"],
    ["postgres_x://scan:s3cret@h/d"], ["postgresql:/scan:s3cret@h/d.json", "--names-only"],
    ["postgresql://scan:my", "s3cret@h/d"], ["postgresql://scan:my", "-s3cret@h/d"],
    ["{folder}/people.csv", "--schema", "postgresql://scan:s3cret@h/d"],
    ["{folder}/people.csv", "--format", "json", "postgresql://scan:s3cret@h/d"],
    ["{folder}/people.csv", "--out", "postgresql://scan:s3cret@h/d"],
])
def test_O02_no_mistyped_word_repeats_a_password(run, folder, words):
    code, out, err = run(*(text.format(folder=folder) for text in words))
    assert code in (1, 2) and err and "s3cret" not in err + out.decode()


@pytest.mark.parametrize(("language", "heading", "yes", "other"), [
    ("zh", "字段", "是", "column"), ("en", "column", "yes", "字段")])
def test_table_and_workbook_are_in_the_language_asked_for(
    run, folder, language, heading, yes, other
):
    asked = (folder / "people.csv", "--schema", folder / "schema.json", "--language", language)
    _, out, _ = run(*asked)
    said = out.decode()
    assert said.splitlines()[1].startswith(heading) and other not in said
    run(*asked, "--format", "xlsx", "--out", folder / "o.xlsx")
    book = openpyxl.load_workbook(folder / "o.xlsx").active
    rows = list(book.iter_rows(values_only=True))
    assert rows[0] == output.SHEET[language] and book.title == output.SHEET_NAME[language]
    assert rows[2][9] == yes and rows[2][11]
    both = json.loads(run(*asked, "--format", "json")[1])["people"]
    for line, row, verdict in zip(said.splitlines()[2:], rows[1:], both.values(), strict=False):
        why = [told.split(" / ")[output.LANGUAGES.index(language)] for told in verdict["why"]]
        assert row[11].split("\n") == why and f" {why[0][:8]}" in line


def test_the_table_is_in_chinese_unless_asked_otherwise(run, folder):
    first, second = (run(folder / "people.csv", *words)[1] for words in ((), ("--language", "zh")))
    assert first == second and "字段".encode() in first


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_names_alone_of_a_small_file_say_nothing_of_blocks_and_read_no_row(run, folder, encoding):
    for content in (PEOPLE, "姓名,手机号码,备注\n"):
        (folder / "people.csv").write_text(content, encoding)
        code, out, err = run(folder / "people.csv", "--names-only", "--format", "json")
        assert code == 0 and list(json.loads(out)["people"]) == content.split("\n")[0].split(",")
        assert "block" not in err and "行 rows 0" in err and len(err.splitlines()) == 2


@pytest.mark.parametrize("words", [
    [], ["x", "--names-only", "--values-only"], ["x", "--rows", "0"], ["x", "--rows", "20001"],
    ["x", "--rows", "²"], ["x", "--format", "pdf"],
    ["x", "--language", "fr"], ["x", "y"]])
def test_wrong_words_are_told_before_anything_is_read(run, words):
    code, _, err = run(*words)
    assert code == 2 and "usage" in err


def test_nothing_that_could_be_read_is_a_failure(run, folder):
    (folder / "people.csv").write_text("")
    code, out, err = run(folder / "people.csv", "--format", "json")
    assert code == 1 and out == b"" and "文件是空的" in err


def test_a_file_is_written_whole_or_not_at_all(run, folder):
    (folder / "o.json").write_text("before")
    assert run(folder / "people.csv", "--format", "json", "--out", folder / "o.json")[0] == 0
    assert list(json.loads((folder / "o.json").read_text("utf-8"))) == ["people"]
    assert not (folder / "o.json.part").exists()
    (folder / "people.csv").write_text("")
    assert run(folder / "people.csv", "--format", "json", "--out", folder / "o.json")[0] == 1
    assert list(json.loads((folder / "o.json").read_text("utf-8"))) == ["people"]


def test_the_help_states_the_exit_codes_and_the_word_is_listed(run, capfdbinary):
    code, out, _ = run("--help")
    said = out.decode()
    assert code == 0 and all(f"\n  {code} " in said for code in (0, 1, 2, 3, 130))
    for option in ("PATH_OR_URL", "--schema", "--names-only", "--values-only", "--format",
                   "--language", "--out", "--rows"):
        told = re.split(r"\n  (?=\S)|\n\n", said.partition(f"\n  {option}")[2])[0]
        assert re.search(r"[\u4e00-\u9fff]", told) and re.search(r"[a-z]{4}", told), option
    with pytest.raises(SystemExit):
        main(["--help"])
    assert b"classify" in capfdbinary.readouterr().out


def test_a_table_of_a_database_is_judged_too(run, folder):
    import sqlite3

    with sqlite3.connect(folder / "z.db") as connection:
        connection.execute("CREATE TABLE people (xm text, sjhm text)")
        connection.execute("INSERT INTO people VALUES ('张三', '13812345678')")
    connection.close()
    for place in (folder / "z.db", f"sqlite:///{folder}/z.db"):
        code, out, _ = run(place, "--format", "json")
        assert code == 0 and list(json.loads(out)["people"]) == ["xm", "sjhm"]


@pytest.mark.slow
def test_ctrl_c_leaves_a_clear_sentence_and_no_file(folder):
    for number in range(2000):
        (folder / f"t{number}.csv").write_text(PEOPLE, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "classify", str(folder), "--format", "json", "--out",
         str(folder / "o.json")],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        # A suite started in the background has the signal ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    told = [process.stderr.readline() for _ in range(3)]
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1]
    assert told[0].startswith("[1/") and process.returncode == word.INTERRUPTED
    assert "interrupted: " in rest and "nothing was written" in rest and "Traceback" not in rest
    assert not (folder / "o.json").exists()


def test_on_a_terminal_a_bar_is_drawn_over_and_leaves_nothing(folder):
    import pty

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "classify", str(folder / "people.csv"), "--format",
         "json", "--out", str(folder / "o.json")], cwd=ROOT, stderr=follower,
        stdout=subprocess.DEVNULL)
    os.close(follower)
    seen, ends = b"", time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            piece = os.read(leader, 4096)
        except OSError:
            break
        seen += piece
        if not piece:
            break
    os.close(leader)
    assert process.wait(10) == 0
    said = seen.decode()
    assert "█" in said and "1/1  people" in said and "\r" in said and "[1/1]" not in said
