"""The sample is uniform over the whole stream, the same each time, and bounded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engines.sources.sampling import Limits, RowSample, columns_of, spread
from tests.properties import calm

ROOT = Path(__file__).parents[3]


def sampled(total, most, size=3, most_characters=10**9):
    sample = RowSample(most, most_characters)
    for number in range(total):
        if sample.wants():
            sample.keep((str(number), "x" * size, None))
    return sample


@calm
@given(st.integers(0, 500), st.integers(1, 60), st.integers(1, 4_000))
def test_a_sample_is_as_large_as_may_be_in_order_and_without_repeats(total, most, characters):
    sample = sampled(total, most, most_characters=characters)
    numbers = [int(row[0]) for row in sample.rows()]
    assert numbers == sorted(set(numbers)) and sample.seen == total
    assert len(numbers) == min(total, most) or characters < 10 * most
    assert len(numbers) >= min(1, total)


def test_every_tenth_of_a_stream_has_its_share():
    numbers = [int(row[0]) for row in sampled(100_000, 3_000).rows()]
    shares = [sum(low <= number < low + 10_000 for number in numbers)
              for low in range(0, 100_000, 10_000)]
    assert min(shares) > 240 and max(shares) < 360  # 300 each; four deviations are 66


def test_a_pattern_of_the_rows_does_not_hide_in_the_sample():
    for period in (2, 4, 8, 64, 100):
        numbers = [int(row[0]) for row in sampled(100_000, 3_000).rows()]
        assert sum(number % period == 0 for number in numbers) > 0.6 * 3_000 / period


def test_long_cells_leave_fewer_rows_and_never_more_characters():
    sample = sampled(10_000, 3_000, size=1_000, most_characters=100_000)
    assert sample.characters <= 100_000 and 50 < len(sample.rows()) < 100


@pytest.mark.parametrize("columns, rows", [
    (1, 3_000), (500, 3_000), (501, 2_994), (10_000, 150), (20_000, 75), (0, 3_000)])
def test_wide_tables_get_fewer_rows(columns, rows):
    assert Limits().rows_of(columns) == rows


@calm
@given(st.integers(0, 10**12), st.integers(0, 300))
def test_numbers_spread_over_a_table_are_one_of_each_stretch(total, most):
    numbers = spread(total, most)
    assert numbers == sorted(set(numbers)) and len(numbers) == min(total, most)
    assert all(0 <= number < total for number in numbers)
    if total > most > 0:
        edges = [at * total // most for at in range(most + 1)]
        assert all(edges[at] <= numbers[at] < edges[at + 1] for at in range(most))


def test_rows_become_columns():
    assert columns_of(["a", "b"], [("1", None), ("2", "3")]) == {"a": ("1", "2"), "b": (None, "3")}
    assert columns_of(["a"], []) == {"a": ()}


MEASURED = """
import resource, sys
from pathlib import Path
from app.engines.sources.sampling import Limits
from app.engines.sources.text_files import read_text_file
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for sample, _ in read_text_file(Path(sys.argv[1]), Limits(whole_bytes=int(sys.argv[2]))):
    total = sample.rows_total
print(total, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("whole", [100_000_000, 1_000_000])
def test_resident_memory_is_bounded_for_a_file_of_any_size(tmp_path, whole):
    """60 MB of rows cost what their sample costs, read through or in blocks."""
    path = tmp_path / "large.csv"
    block = "".join(f"{n},张三{n},说明文字{n % 97},138{n:08}\n" for n in range(100_000))
    with path.open("w", encoding="utf-8") as file:
        file.write("编号,姓名,备注,电话\n")
        for _ in range(60_000_000 // len(block.encode())):
            file.write(block)
    assert path.stat().st_size > 50_000_000
    told = subprocess.run([sys.executable, "-c", MEASURED, str(path), str(whole)], cwd=ROOT,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True, timeout=120, check=True)
    rows, grown = map(int, told.stdout.split())
    assert rows > 1_000_000 and grown < 60
