"""What tests of scans stand on: a department, and its database with an account that may read."""

from dataclasses import replace

import pytest

from tests.commands import supply
from tests.jobs.scanning import ID_NUMBER, MARKER
from tests.sources import PEOPLE, source


@pytest.fixture
def database(rt, postgres_cluster):
    """A database this zone may call."""
    rt.settings = replace(rt.settings, scan_networks=("127.0.0.0/8",))
    with source(postgres_cluster, PEOPLE) as made:
        made.owner.cursor().executemany("INSERT INTO patient VALUES (%s, %s, %s, %s)", [
            (n, f"{MARKER}{n}", ID_NUMBER, f"{MARKER}说明{n}") for n in range(1, 301)])
        made.settle()
        yield made


@pytest.fixture
def home(rt):
    return supply.department(rt)
