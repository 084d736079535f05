"""UTF-16 and UTF-32 without a mark are read whole or refused, however much of a text is Han."""

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.refusals import Refusal
from app.engines.sources.encodings import encoding_of
from app.engines.sources.sampling import mixed
from app.engines.sources.text_files import read_text_file
from tests.engines.sources.reading import only
from tests.properties import calm

WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
ASCII = "0123456789abcdefXYZ -_./@:"


def rows_of(codec, first, last, low=0xA1, high=0xFE):
    codes = (bytes((row, cell)) for row in range(first, last + 1) for cell in range(low, high + 1))
    return b"".join(codes).decode(codec, "ignore")


COMMON = rows_of("gb2312", 0xB0, 0xD6)
RARER = rows_of("gb2312", 0xD8, 0xF7)
TRADITIONAL = rows_of("big5", 0xA4, 0xC5)
ANY = "".join(map(chr, range(0x4E00, 0x9FA6)))
OTHERS = ["".join(map(chr, range(0x621, 0x64B))), "".join(map(chr, range(0xAC00, 0xD7A4)))]


def table(seed, percent, han, rows, columns=3, width=12, end="\r\n"):
    """A text of cells, each character of which is Han by so many in a hundred."""
    drawn = map(mixed, itertools.count(seed))

    def sign():
        of = han if next(drawn) % 100 < percent else ASCII
        return of[next(drawn) % len(of)]

    def cell():
        return "".join(sign() for _ in range(1 + next(drawn) % width))

    return "".join(",".join(cell() for _ in range(columns)) + end for _ in range(rows))


def read_as(body):
    """How the bytes are read, ``None`` where they are refused."""
    try:
        return body.decode(encoding_of(io.BytesIO(body), len(body), 10**9).name, "replace")
    except Refusal:
        return None


@calm
@given(st.integers(0, 10**9), st.integers(0, 100), st.sampled_from(WIDE),
       st.sampled_from([COMMON, COMMON * 4 + RARER, TRADITIONAL]), st.integers(3, 60),
       st.integers(1, 4), st.integers(1, 60), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_wide_text_without_a_mark_is_read_whole_at_every_share_of_han(
    seed, percent, encoding, han, rows, columns, width, end
):
    text = table(seed, percent, han, rows, columns, width, end)
    assert read_as(text.encode(encoding)) == text


@calm
@given(st.integers(0, 10**9), st.integers(0, 100), st.sampled_from(WIDE),
       st.sampled_from([ANY, *OTHERS]), st.integers(3, 60), st.integers(1, 300))
def test_a_wide_text_of_rare_characters_or_another_script_is_read_whole_or_refused(
    seed, percent, encoding, letters, rows, width
):
    text = table(seed, percent, letters, rows, 1, width)
    assert read_as(text.encode(encoding)) in (text, None)


@calm
@given(st.integers(0, 10**9), st.integers(0, 100), st.sampled_from([COMMON, TRADITIONAL, ANY]),
       st.integers(3, 60), st.sampled_from(["utf-8", "gb18030"]))
def test_a_text_in_bytes_is_never_taken_for_a_wide_one(seed, percent, han, rows, encoding):
    text = "姓名,地址,备注\r\n" + table(seed, percent, han, rows)
    assert read_as(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("width", [300, 3_000, 40_000])
def test_lines_longer_than_what_is_looked_at_are_no_hindrance(encoding, width):
    text = table(7, 100, COMMON, 40, 1, width)
    assert read_as(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", WIDE)
def test_one_common_sign_of_code_0_in_its_low_byte_is_no_hindrance(encoding):
    text = "姓名\n" + "一\u3000丁一\n" * 300
    assert read_as(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_rows_of_a_wide_file_come_out_as_they_went_in(tmp_path, encoding):
    rows = [("姓名", "住址"), *((f"张三丰{n}", "玄武区中央路" * 6) for n in range(40))]
    path = tmp_path / "t.csv"
    path.write_bytes("".join(",".join(row) + "\r\n" for row in rows).encode(encoding))
    sample, counts = only(read_text_file, path)
    assert not counts and list(sample.values) == ["姓名", "住址"] and sample.rows_total == 40
    assert sample.values["姓名"] == tuple(row[0] for row in rows[1:])


@pytest.mark.parametrize("body", [
    b"".join(mixed(n).to_bytes(8, "big") for n in range(400)),
    table(1, 100, ANY, 90, 1, 300).encode("utf-16-le")[1:],
    "".join(chr(0xE000 + n) for n in range(2_000)).encode("utf-16-be") + b"\0\n",
], ids=["noise", "shifted by a byte", "private"])
def test_bad_input_what_is_no_text_in_any_encoding_is_one_clear_line(tmp_path, body):
    path = tmp_path / "t.csv"
    path.write_bytes(body)
    with pytest.raises(Refusal, match="save it as UTF-8") as refused:
        only(read_text_file, path)
    assert "另存为 UTF-8" in refused.value.zh and "\n" not in refused.value.zh


@pytest.mark.parametrize("body", [
    b"a,b\n1,x\0y\n2,\0\n3,z\n", b"a,b\n" + b"1,x\0\n" * 50, b"a,b\n" + b"1,x\n\0" * 50,
    b"name\0\0\0\0,id\0\0\n" * 30, b"a,b\n1,x\n" * 5_000 + b"\0", "甲,乙\n丙,\0丁\n".encode() * 9,
    "甲,乙\n丙,\0丁\n".encode("gb18030") * 9, b"a\x01b\n1\x01x\n" * 40,
])
def test_stray_signs_of_code_0_make_no_wide_text(body):
    assert encoding_of(io.BytesIO(body), len(body), 10**9).unit == 1
