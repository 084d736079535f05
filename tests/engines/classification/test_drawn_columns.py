"""Columns drawn by shapes and check digits alone are told by their values, easy and hard ones."""

import pytest

from app.demo.columns import Labelled, easy, hard
from app.domain.classification import values
from app.domain.classification.grounds import counted
from app.domain.classification.profiling import profile
from app.engines.classification.rules import identifiers
from app.engines.classification.words import elements

KNOWN, BOOK = identifiers(), elements()
SEEDS = ("lin", "mu", "qiao", "song")


def told(column: Labelled) -> tuple[str | None, bool]:
    seen = profile(column.values, KNOWN)
    found = values.found(seen, (), named=False, identifiers=KNOWN, book=BOOK)
    contaminated = counted(seen, (), KNOWN, BOOK).told and not found.identifier
    return found.identifier or None, bool(contaminated)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("draw", [easy, hard], ids=["easy", "hard"])
def test_at_least_nineteen_of_twenty_columns_are_told_by_values_alone(draw, seed: str) -> None:
    wrong = {column.name: told(column) for column in draw(seed, 300)
             if told(column) != (column.identifier, column.contaminated)}
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize("name", ["id_like", "order", "rising", "place_word", "remark"])
def test_what_only_looks_like_something_is_nothing(name: str) -> None:
    column = next(each for each in easy("mu", 300) if each.name == name)
    assert told(column) == (None, False)


def test_the_same_seed_draws_the_same_columns() -> None:
    assert hard("lin", 5) == hard("lin", 5) != hard("mu", 5)
