"""G-PARITY: what deviates from like grants, and what does not."""

from datetime import timedelta

import pytest

from app.domain.parity import TERM_DAYS, Held, compared
from tests.domain.rights_samples import rights

ONE = [{"field": "ent_name", "treatment": "CLEAR"}]
FEW, LONGER = {"scope.fields": ONE}, {"term.to": "2027-12-31"}


def like(*changes, price="FREE") -> list[Held]:
    return [Held(f"GR-{at}", f"sha256:{at}", price, rights(**change))
            for at, change in enumerate(changes)]


def found(asked, held, price="FREE") -> list[str]:
    return [f"{item.member}:{item.direction}"
            for item in compared(asked, price, held).deviations]


@pytest.mark.parametrize("asked, held, expected", [
    ({}, [], []),
    ({}, [{}, {}], []),
    ({}, [FEW], ["fields:WIDER"]),
    ({}, [FEW, {}], []),
    ({}, [FEW, FEW, {}], ["fields:WIDER"]),
    (FEW, [{}], ["fields:NARROWER"]),
    (FEW, [FEW, {}], []),
    (FEW, [FEW, {}, {}], ["fields:NARROWER"]),
    (LONGER, [{}, {}], ["length:WIDER"]),
    ({}, [LONGER, LONGER], ["length:NARROWER"]),
    ({}, [{}, LONGER, LONGER], ["length:NARROWER"]),
    ({}, [{}, {}, LONGER], []),
])
def test_a_field_or_a_term_unlike_most_is_a_deviation(asked, held, expected):
    assert found(rights(**asked), like(*held)) == expected


@pytest.mark.parametrize("more, expected", [(TERM_DAYS, []), (TERM_DAYS + 1, ["length:WIDER"])])
def test_the_term_may_differ_by_a_month_of_the_median(more, expected):
    last = rights().ends - timedelta(days=1) + timedelta(days=more)
    assert found(rights(**{"term.to": (last + timedelta(hours=8)).date().isoformat()}),
                 like({})) == expected


@pytest.mark.parametrize("price, classes, expected", [
    ("FREE", ["FREE", "FREE", "CHARGED"], []),
    ("CHARGED", ["FREE", "CHARGED"], []),
    ("CHARGED", ["FREE", "FREE", "CHARGED"], ["class:NARROWER"]),
    ("FREE", ["CHARGED"], ["class:WIDER"]),
])
def test_a_price_class_unlike_the_most_common_is_a_deviation(price, classes, expected):
    held = [Held(f"GR-{at}", "sha256:0", name, rights()) for at, name in enumerate(classes)]
    assert found(rights(), held, price) == expected


def test_the_record_counts_and_fixes_what_was_compared():
    first, again = (compared(rights(), "FREE", held)
                    for held in (like({}, FEW), list(reversed(like({}, FEW)))))
    other = compared(rights(), "FREE", like({}, FEW, price="CHARGED"))
    assert first.as_record() == again.as_record()
    assert first.as_record()["like"] == 2 and first.basis != other.basis
