"""Check characters reproduce the samples printed in their standards."""

import pytest

from app.domain.classification.checksums import CHECKSUMS

KNOWN = [
    ("mod-11-2", "11010519491231002X"),  # GB 11643
    ("mod-31", "91350100M000100Y43"),  # GB 32100
    ("mod-11", "D2143569X"),  # GB 11714
    ("mod-11-10", "07945"),  # GB/T 17710
    ("vehicle", "1M8GDM9AXKP042788"),  # ISO 3779
    ("passport-line", "L898902C36"),  # ICAO Doc 9303
    ("mod-97-10", "529900T8BM49AURSDO55"),  # ISO 17442
    ("luhn", "490154203237518"),  # 3GPP TS 23.003
    ("patent", "ZL202120234567.0"),
    ("loan-card", "A010000006789070"),
    ("taxpayer", "110108400681239"),
]


@pytest.mark.parametrize(("name", "value"), KNOWN)
def test_a_printed_sample_holds_its_check(name, value):
    assert CHECKSUMS[name](value)


@pytest.mark.parametrize(("name", "value"), KNOWN)
def test_one_changed_digit_breaks_the_check(name, value):
    place = max(place for place, char in enumerate(value) if char.isdigit())
    for digit in set("0123456789") - {value[place]}:
        assert not CHECKSUMS[name](value[:place] + digit + value[place + 1:])


@pytest.mark.parametrize("name", sorted(CHECKSUMS))
@pytest.mark.parametrize("value", ["", "1", "\u2460" * 18, "OI" * 9, "-" * 18, "x" * 20])
def test_a_value_of_another_alphabet_is_no_error(name, value):
    assert CHECKSUMS[name](value) is False


def test_every_check_is_held_by_a_known_answer():
    assert set(CHECKSUMS) == {name for name, _ in KNOWN}
