"""`./hufu catalogue import`: every table and column is reported, errors lie beside the file."""

import io
import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from app.cli import catalogue as words
from app.cli.__main__ import main
from tests.engines.sheet_samples import HEADING, book, good_rows, saved

ZONE = Path(__file__).parents[2] / "app" / "demo" / "zone" / "catalogue.json"


@pytest.fixture
def run(rt, monkeypatch, capsys):
    """The word on the test's own zone; its exit code, output and complaints."""
    monkeypatch.setattr(words, "prepare", lambda settings: rt)

    def go(path, *options):
        code = main(["catalogue", "import", str(path), *options])
        said = capsys.readouterr()
        return code, said.out, said.err

    return go


def test_every_table_and_column_of_the_zone_is_reported(run, tmp_path):
    path = shutil.copy(ZONE, tmp_path)
    named = [
        (table["table"], [column["column"] for column in table["columns"]])
        for table in json.loads(ZONE.read_text(encoding="utf-8"))["tables"]
    ]
    for options, mark, end in (
        (["--dry-run"], "+", "nothing was changed"),
        ([], "+", "applied"),
        ([], "=", "applied"),
    ):
        code, out, _ = run(path, *options)
        assert code == 0 and out.rstrip().endswith(end)
        assert "资源 tables: 68 " in out and "数据项 columns: 1313 " in out
        lines = out.splitlines()
        assert [line.split("  ")[1] for line in lines if line.startswith(f"{mark} ")] == [
            table for table, _ in named
        ]
        assert [line[6:] for line in lines if line.startswith(f"    {mark} ")] == [
            column for _, columns in named for column in columns
        ]
    assert not list(tmp_path.glob("*.errors.*"))


def test_ten_planted_errors_come_back_as_ten_comments(run, tmp_path):
    made = book(good_rows(40))
    for row in range(2, 22, 2):
        made.active[f"F{row}"] = f"../{row}"
    path = tmp_path / "目录.xlsx"
    path.write_bytes(saved(made))
    code, out, err = run(path)
    assert code == 1 and "目录.marked.xlsx" in err and "nothing was changed" in out
    marked = openpyxl.load_workbook(io.BytesIO((tmp_path / "目录.marked.xlsx").read_bytes()))
    assert sum(bool(cell.comment) for row in marked.active.iter_rows() for cell in row) == 10
    assert path.read_bytes() != (tmp_path / "目录.marked.xlsx").read_bytes()


def test_errors_of_csv_and_json_lie_beside_them(run, tmp_path):
    listed = tmp_path / "a.csv"
    listed.write_text(",".join(HEADING) + "\n局,1x,表,,,a,甲,int\n", encoding="utf-8")
    assert run(listed)[0] == 1
    assert "B2" in (tmp_path / "a.csv.errors.csv").read_text(encoding="utf-8-sig")
    sent = tmp_path / "b.json"
    sent.write_text('{"tables":[]}', encoding="utf-8")
    assert run(sent)[0] == 1
    assert json.loads((tmp_path / "b.json.errors.json").read_bytes())["errors"]


@pytest.mark.parametrize("content", [None, b"{", b" " * 20_971_521])
def test_a_file_that_cannot_be_read_is_refused(run, tmp_path, content):
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    code, out, err = run(path)
    assert (code, out) == (1, "") and err
