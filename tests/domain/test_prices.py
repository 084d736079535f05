"""Public benefit is free, and nothing is charged above its ceiling (INV-16, G-PRICE)."""

from datetime import date

import pytest

from app.domain.prices import Price, faults, is_published

CHARGED = {"price_class": "CHARGED", "unit": "次", "list_price": 50, "ceiling": 100,
           "ceiling_document": "a" * 64}


@pytest.mark.parametrize(("said", "public_use", "wrong"), [
    ({"price_class": "FREE"}, "PUBLIC_BENEFIT", []),
    ({"price_class": "FREE"}, "INDUSTRY", []),
    (CHARGED, "INDUSTRY", []),
    (CHARGED | {"list_price": 100}, "INDUSTRY", []),
    (CHARGED | {"list_price": 101}, "INDUSTRY", ["list_price"]),
    (CHARGED | {"list_price": 0}, "INDUSTRY", ["list_price"]),
    (CHARGED | {"ceiling": None}, "INDUSTRY", ["ceiling"]),
    (CHARGED | {"ceiling_document": ""}, "INDUSTRY", ["ceiling"]),
    (CHARGED | {"unit": ""}, "INDUSTRY", ["unit"]),
    (CHARGED, "PUBLIC_BENEFIT", ["price_class"]),
    (CHARGED, "SOMETHING_ELSE", ["price_class"]),
    ({"price_class": "FREE", "list_price": 1}, "INDUSTRY", ["list_price"]),
    (CHARGED | {"price_class": "NEGOTIATED"}, "INDUSTRY", ["work", "comparables"]),
    (CHARGED | {"price_class": "NEGOTIATED", "work": "建模", "comparables": ("GR-1",)},
     "INDUSTRY", []),
    ({"price_class": "GIFT"}, "INDUSTRY", ["price_class"]),
])
def test_INV_16_price_rules(said, public_use, wrong):
    assert [fault.where for fault in faults(Price(**said), public_use)] == wrong


@pytest.mark.parametrize(("published", "effective", "holds"), [
    (None, None, False), (date(2026, 1, 2), None, True), (date(2026, 1, 3), None, False),
    (date(2026, 1, 1), date(2026, 1, 2), True), (date(2026, 1, 1), date(2026, 1, 3), False)])
def test_a_price_holds_once_published_and_begun(published, effective, holds):
    price = Price("CHARGED", published_on=published, effective_from=effective)
    assert is_published(price, date(2026, 1, 2)) is holds
