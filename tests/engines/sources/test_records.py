"""Any text gives records and an account of every line; nothing is raised, nothing vanishes."""

import io

from hypothesis import given
from hypothesis import strategies as st

from app.domain.refusals import Refusal
from app.engines.sources.records import Lines, Records, delimiter_of
from app.engines.sources.remarks import Remarks
from app.engines.sources.text_files import read_text_file
from tests.engines.sources.reading import only
from tests.properties import calm

CELLS = st.lists(st.text(st.sampled_from('ab"中,;\t|\r\n 1\0')), max_size=6)
BYTES = st.one_of(
    st.binary(max_size=400),
    st.text(st.sampled_from('ab"中,;\t|\r\n 1'), max_size=300).map(str.encode),
)


@calm
@given(st.text(st.sampled_from('ab"中,\r\n '), max_size=300), st.integers(0, 4))
def test_every_character_but_line_ends_is_in_a_record_or_a_stray_quote(text, width):
    remarks = Remarks()
    records = Records(Lines(io.StringIO(text, newline=""), remarks), ",", width)
    read = [cell for _, cells in records for cell in cells]
    kept = sum(cell.count(mark) for cell in read for mark in "ab中")
    assert kept == sum(text.count(mark) for mark in "ab中")


@calm
@given(st.lists(st.lists(st.text(st.sampled_from('ab"中,\n '), max_size=5), min_size=3,
                         max_size=3), min_size=1, max_size=20))
def test_what_a_csv_writer_wrote_is_read_back(rows):
    import csv

    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    text.seek(0)
    remarks = Remarks()
    assert [cells for _, cells in Records(Lines(text, remarks), ",", 3)] == rows
    assert not remarks.counts


@calm
@given(BYTES)
def test_any_bytes_are_read_or_refused_and_every_row_is_counted(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_bytes(content)
    try:
        sample, counts = only(read_text_file, path)
    except Refusal as refused:
        assert refused.zh and refused.en
        return
    rows = max(map(len, sample.values.values()), default=sample.rows_total)
    assert rows == sample.rows_total
    assert len({len(cells) for cells in sample.values.values()}) <= 1


@calm
@given(st.lists(st.text(max_size=40), max_size=10))
def test_a_delimiter_is_always_named(lines):
    assert len(delimiter_of(lines)) == 1
