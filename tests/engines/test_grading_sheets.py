"""A grading sheet is read to its last row, or refused at the first it has no room for."""

import io

import pytest
from openpyxl import Workbook

from app.domain.catalogue_words import MOST_ROWS
from app.engines.grading_sheets import COLUMNS, read_gradings


def sheet(rows: int, empty: int = 0) -> bytes:
    """A workbook of so many rows that say something, below so many that do not."""
    book = Workbook(write_only=True)
    page = book.create_sheet("1")
    page.append([words.zh for words in COLUMNS.values()])
    at = list(COLUMNS)
    for number in range(empty + rows):
        line = [None] * len(at)
        line[at.index("field")] = f"F{number}"
        if number >= empty:
            line[at.index("grade")] = "L2"
            line[at.index("version")] = "7"
        page.append(line)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


@pytest.mark.parametrize(("rows", "empty"), [(2_001, 0), (3, 2_500)])
def test_every_row_is_read_wherever_it_stands(rows, empty):
    found, faults = read_gradings("分级表.xlsx", sheet(rows, empty))
    assert (len(found), faults) == (rows, [])
    assert found[-1].said == {"field": f"F{rows + empty - 1}", "grade": 2, "sensitive": False,
                              "negative": False, "prohibited": False}
    assert found[-1].version == 7


def test_one_row_too_many_is_told_at_its_cell_and_nothing_is_read():
    found, faults = read_gradings("分级表.xlsx", sheet(MOST_ROWS + 1))
    [(cell, zh, en)] = faults
    assert (found, cell) == ([], f"A{MOST_ROWS + 2}")
    assert str(MOST_ROWS) in zh and str(MOST_ROWS) in en
