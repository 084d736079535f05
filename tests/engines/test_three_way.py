"""The lane, stock Casbin on the exported rows, and a plain reading of the decision model agree on
every decision, its reasons, and what a permit orders.

The whole of it is `python -m tests.bench.three_way 100000 --grants 10000`; a few thousand run here.
"""

import json
import os
from pathlib import Path

import pytest

from tests.three_way import law, questions, reading, reading_rights, reading_use, world
from tests.three_way.compare import compared

QUESTIONS, GRANTS = 1_000, 400
FRESH = os.urandom(4).hex()
# Reasons so common among random questions that a run without one of them asks too little.
COMMON = {"REQ.MALFORMED", "REQ.UNKNOWN_ATTRIBUTE", "ID.CREDENTIAL_UNKNOWN", "GRANT.NONE",
          "GRANT.AMBIGUOUS", "PURPOSE.NOT_GRANTED", "SCOPE.FIELD", "SCOPE.GRADE", "SCOPE.VERSION",
          "SCOPE.ROW", "METHOD.CHANNEL", "METHOD.BATCH", "TERM.NOT_YET", "TERM.GRANT_EXPIRED",
          "TERM.WINDOW", "CONSENT.MISSING", "CTX.NETWORK", "SCOPE.FIELD_REDUCED"}


@pytest.mark.parametrize("seed", ["hufu", FRESH], ids=["kept", "fresh"])
def test_lane_casbin_and_the_plain_reading_agree(rt, seed):
    found = compared(rt, seed, QUESTIONS, GRANTS)
    told = json.dumps(found.apart[:3], ensure_ascii=False, default=sorted)
    assert not found.apart, f"seed {seed}: {len(found.apart)} apart, such as {told}"
    assert found.questions == QUESTIONS and found.permits > QUESTIONS // 60
    assert found.casbin > QUESTIONS and set(found.codes) >= COMMON


def test_two_that_read_alike_would_be_told_apart(rt, monkeypatch):
    """One rule read otherwise, in the reading of both judges, is found by the lane."""
    def lenient(case):
        case.codes[:] = [code for code in case.codes if code != "METHOD.BATCH"]

    monkeypatch.setattr(reading_use, "ORDER", (*reading_use.ORDER, lenient))
    found = compared(rt, "otherwise", 200, 100)
    assert found.apart and all("METHOD.BATCH" in each["lane"]["codes"] for each in found.apart)


def test_the_plain_reading_shares_no_line_with_the_product():
    for module in (law, questions, reading, reading_rights, reading_use, world):
        text = Path(module.__file__).read_text("utf-8")
        assert "from app" not in text and "import app" not in text
