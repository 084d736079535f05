"""The authority chain L0 to L6 as the registry reads it, and what the stop of a link would hit."""

from dataclasses import replace

import pytest

from app.domain.callers import SYSTEM
from app.domain.refusals import NotFound
from app.store.chain import Moment, ceiling_of, chain_of
from app.store.impact import find_link, impact_of
from app.store.unit import begin, read
from tests import zone as rows


def chain(rt, z):
    with read(rt) as session:
        return chain_of(session, session.merge(z.grant, load=False), Moment.of(rt))


def test_INV_01_every_link_of_the_tiny_zone_is_in_force(rt):
    z = rows.tiny(rt)
    found = chain(rt, z)
    assert found.in_force
    assert [link.level for link in found.links] == ["L0", "L1", "L2", "L2", "L3", "L4", "L5", "L6"]
    assert found.ends == z.credential.expires_at or found.ends == z.grant.valid_to


@pytest.mark.parametrize("what, state, values, level, code", [
    ("head", "EXPIRED", {}, "L0", "CHAIN.HEAD_AGREEMENT"),
    ("head", "IN_FORCE", {"products": []}, "L0", "CHAIN.HEAD_AGREEMENT"),
    ("head", "IN_FORCE", {"resources": []}, "L0", "CHAIN.HEAD_AGREEMENT"),
    ("department", "SUSPENDED", {}, "L1", "CHAIN.DATASET_FROZEN"),
    ("dataset", "FROZEN", {}, "L1", "CHAIN.DATASET_FROZEN"),
    ("dataset", "RETIRED", {}, "L1", "CHAIN.DATASET_RETIRED"),
    ("dataset", "ONLINE", {"grade_class": "CORE"}, "L1", "CHAIN.DATASET_RETIRED"),
    ("dataset", "ONLINE", {"grade_class": "IMPORTANT"}, "L1", "CHAIN.DATASET_RETIRED"),
    ("dataset", "ONLINE", {"registration": "CANCELLED"}, "L2", "CHAIN.REGISTRATION"),
    ("product", "PAUSED", {}, "L3", "CHAIN.PRODUCT_PAUSED"),
    ("product", "DELISTED", {}, "L3", "CHAIN.PRODUCT_DELISTED"),
    ("institution", "SUSPENDED", {}, "L4", "INST.SUSPENDED"),
    ("institution", "RECTIFYING", {"stop_order": True}, "L4", "INST.SUSPENDED"),
    ("institution", "EXITING", {}, "L4", "INST.NOT_ADMITTED"),
    ("credential", "REVOKED", {}, "L6", "ID.CREDENTIAL_REVOKED"),
])
def test_INV_01_one_broken_link_breaks_the_chain_and_says_why(rt, what, state, values, level,
                                                              code):
    z = rows.tiny(rt)
    rows.set_state(rt, getattr(z, what), state, **values)
    broken = chain(rt, z).broken
    assert {(link.level, fault.code) for link in broken for fault in link.faults} == {(level, code)}
    assert all(fault.zh and fault.en for link in broken for fault in link.faults)


def test_rectifying_without_a_stop_order_is_in_force(rt):
    z = rows.tiny(rt)
    rows.set_state(rt, z.institution, "RECTIFYING")
    assert chain(rt, z).in_force


def test_INV_12_the_clock_alone_breaks_what_has_ended(rt, clock):
    z = rows.tiny(rt)
    clock.at = z.grant.valid_to
    broken = {link.level for link in chain(rt, z).broken}
    assert "L5" in broken
    clock.at = z.credential.expires_at
    assert {"L5", "L6"} <= {link.level for link in chain(rt, z).broken}


def test_a_version_outside_the_range_breaks_the_listing(rt):
    z = rows.tiny(rt)
    with read(rt) as session:
        assert ceiling_of(session, z.product, z.institution, Moment.of(rt), "2.0", "2.9").version
        found = ceiling_of(session, z.product, z.institution, Moment.of(rt), "3.0", "3.9")
    assert [fault.code for link in found.chain.broken for fault in link.faults] == [
        "SCOPE.VERSION"]


def test_INV_07_a_ceiling_without_anything_above_allows_nothing(rt):
    with read(rt) as session:
        found = ceiling_of(session, None, None, Moment.of(rt))
    assert not found.chain.in_force and not found.fields and not found.price_is_lawful
    assert not replace(found.chain, links=()).in_force


def test_the_ceiling_takes_the_stricter_of_version_and_source_field(rt):
    z = rows.tiny(rt)
    with read(rt) as session:
        limits = ceiling_of(session, z.product, z.institution, Moment.of(rt)).fields
    assert limits["overdue_tax"].level == 3 and limits["overdue_tax"].treatment == "GENERALIZE"


@pytest.mark.parametrize("what, reaches", [
    ("head", {"datasets", "products", "grants", "institutions", "apps"}),
    ("department", {"datasets", "products", "grants", "institutions", "apps"}),
    ("dataset", {"products", "grants", "institutions", "apps"}),
    ("product", {"grants", "institutions", "apps"}),
    ("institution", {"grants", "apps"}),
    ("grant", {"grants", "institutions", "apps"}),
    ("app", {"grants", "institutions"}),
    ("credential", {"grants", "institutions", "apps"}),
])
def test_the_impact_of_a_link_lists_every_lower_object(rt, what, reaches):
    z = rows.tiny(rt)
    other = rows.tiny(rt)
    row = getattr(z, what)
    with read(rt) as session:
        found = impact_of(session, find_link(session, row.noun, row.number), Moment.of(rt))
    parts = {name: getattr(found, name)
             for name in ("datasets", "products", "grants", "institutions", "apps")}
    assert {name for name, hits in parts.items() if hits} == reaches
    assert all(hit.number not in (other.grant.number, other.product.number)
               for hits in parts.values() for hit in hits)


def test_an_ended_grant_is_hit_by_nothing(rt):
    z = rows.tiny(rt)
    rows.set_state(rt, z.grant, "EXPIRED")
    with read(rt) as session:
        assert impact_of(session, z.institution, Moment.of(rt)).grants == ()


def test_an_unknown_link_has_no_impact(rt):
    with read(rt) as session:
        for noun in ("grant", "person", ""):
            with pytest.raises(NotFound):
                find_link(session, noun, "x")


def test_a_department_two_agreements_away_is_not_confused(rt):
    """Two agreements: the one that lists product and dataset is the one that counts."""
    z = rows.tiny(rt)
    with begin(rt, SYSTEM) as act:
        rows.head_agreement(act, state="TERMINATED", resources=[z.dataset.number],
                            products=[z.product.number])
    assert chain(rt, z).in_force
