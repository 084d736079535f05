"""Money is typed in yuan and kept in fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from werkzeug.datastructures import MultiDict

from app.commands.prices import NewPrice
from app.domain.refusals import Invalid
from app.web import forms
from app.web.amounts import in_fen, in_yuan


@given(some.integers(0, 10**12))
def test_every_amount_shown_is_read_back(fen):
    assert in_fen("price", in_yuan(fen)) == fen


@pytest.mark.parametrize(("typed", "fen"), [
    ("12", 1200), ("12.5", 1250), ("¥1,200.05", 120005), (" 0.01 ", 1), ("￥3", 300),
])  # fmt: skip
def test_what_people_type_is_understood(typed, fen):
    assert in_fen("price", typed) == fen


@pytest.mark.parametrize("typed", ["", "-1", "1.234", "1e3", "十元", "1.2.3", "1" * 40])
def test_what_is_no_amount_names_its_field(typed):
    with pytest.raises(Invalid) as refusal:
        in_fen("ceiling", typed)
    assert refusal.value.facts["errors"][0]["at"] == "ceiling"


def test_a_price_form_asks_in_yuan_and_posts_in_fen():
    fields = {field["name"]: field for field in forms.describe(
        NewPrice, "new-", lambda name: [], values={"list_price": 1250})}
    assert (fields["list_price"]["type"], fields["list_price"]["value"]) == ("money", "12.50")
    posted = forms.posted(NewPrice, MultiDict({
        "product": "P", "price_class": "CHARGED", "list_price": "12.50", "ceiling": "20"}))
    assert (posted.list_price, posted.ceiling) == (1250, 2000)
