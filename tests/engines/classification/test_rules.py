"""Rule files of identifiers are read strictly and hold their own examples."""

import pytest

from app.domain.classification.folding import fold
from app.engines.classification.rules import identifiers

ALL = list(identifiers())
EXAMPLES = [(each.id, value) for each in ALL for value in each.examples.valid]
COUNTEREXAMPLES = [(each.id, value) for each in ALL for value in each.examples.invalid]
MASKED = [(each.id, value) for each in ALL for value in each.examples.masked]


def test_there_is_one_file_for_each_of_fifty_five_identifiers():
    assert len(ALL) == 55


@pytest.mark.parametrize(("name", "value"), EXAMPLES)
def test_a_valid_example_passes(name, value):
    assert identifiers()[name].passes(fold(value))


@pytest.mark.parametrize(("name", "value"), COUNTEREXAMPLES)
def test_an_invalid_example_does_not(name, value):
    assert not identifiers()[name].passes(fold(value))


@pytest.mark.parametrize(("name", "value"), MASKED)
def test_a_masked_example_is_known_as_masked_and_not_as_whole(name, value):
    assert identifiers()[name].is_masked(fold(value))
    assert not identifiers()[name].passes(fold(value))
