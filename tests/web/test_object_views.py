"""What stands in one cell: several titles stay apart, whatever marks are in them."""

from types import SimpleNamespace

import pytest

from app.web.object_views import _joined


@pytest.mark.parametrize("vocabulary, values, en", [
    ("purposes", ["PF.CRD.NEW", "PF.CRD.REN"],
     "Credit approval, first; Credit approval, renewal"),
    ("", ["APP-000001", "APP-000002"], "APP-000001, APP-000002")])
def test_titles_that_hold_a_comma_are_told_apart(rt, vocabulary, values, en):
    assert _joined(rt, SimpleNamespace(vocabulary=vocabulary), values)["en"] == en
