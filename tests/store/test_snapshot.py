"""The picture read by difference is the picture read whole; what cannot be read is not there."""

import pytest

from app.domain.callers import SYSTEM
from app.store import snapshot
from app.store.tables_grants import GrantVersion
from app.store.tables_supply import Dataset, Hold, ProductVersion
from app.store.unit import begin
from tests import zone
from tests.decision_zone import LAW

WITH_LINES = LAW.sections.with_lines


def whole(rt):
    with rt.db.reading() as connection:
        return snapshot.full(connection, WITH_LINES)


def follow(rt, old):
    with rt.db.reading() as connection:
        return snapshot.since(connection, WITH_LINES, old, snapshot.live_epoch(connection))


def changes(rt, z):
    """Acts of every kind a decision depends on, one after another."""
    for row, state in ((z.head, "TERMINATED"), (z.dataset, "FROZEN"), (z.product, "PAUSED"),
                       (z.institution, "EXITING"), (z.app, "STOPPED"), (z.credential, "REVOKED"),
                       (z.grant, "SUSPENDED"), (z.department, "SUSPENDED")):
        zone.set_state(rt, row, state)
        yield row.noun
    with begin(rt, SYSTEM) as act:
        hold = act.create(Hold, number="HD-1", link="grant", object_id=z.grant.id, reason_code="X")
        act.record("hold.place", "hold/1")
        act.affects("hold", hold.id, stops=True)
    yield "hold"
    with begin(rt, SYSTEM) as act:
        version = act.find(GrantVersion, z.grant_version.id)
        version.dimensions = {**version.dimensions, "term": {
            **version.dimensions["term"], "window": {"from": "08:30", "to": "20:00"}}}
        act.record("grant.apply_version", "grant/1")
        act.affects("grant_version", version.id)
    yield "grant_version"
    with begin(rt, SYSTEM) as act:
        sold = act.find(ProductVersion, z.product_version.id)
        sold.output_form = "SCORE"
        act.record("product.new_version", "product/1")
        act.affects("product_version", sold.id)
    yield "product_version"


def test_following_changes_gives_the_same_picture_as_reading_all(rt):
    empty = whole(rt)
    z = zone.tiny(rt)
    followed = follow(rt, empty)
    assert followed.picture == whole(rt).picture and not followed.unreadable
    assert followed.picture.grants[z.grant.number].current.lines is not None
    for noun in changes(rt, z):
        followed = follow(rt, followed)
        assert followed.picture == whole(rt).picture, noun
    version = followed.picture.grants[z.grant.number].current
    assert version.window == (510, 1200)


def test_untouched_parts_are_shared_with_the_snapshot_before(rt):
    z = zone.tiny(rt)
    before = whole(rt)
    zone.set_state(rt, z.grant, "SUSPENDED")
    after = follow(rt, before)
    assert after.picture.products is before.picture.products
    assert after.picture.grants is not before.picture.grants
    assert before.picture.grants[z.grant.number].state == "ACTIVE"  # nobody's picture changes


def test_INV_07_a_grant_that_cannot_be_read_is_not_there(rt):
    z = zone.tiny(rt)
    before = whole(rt)
    with begin(rt, SYSTEM) as act:
        row = act.find(GrantVersion, z.grant_version.id)
        row.dimensions = {**row.dimensions, "purpose": {"nodes": "everything"}}
        act.record("grant.apply_version", "grant/1")
        act.affects("grant", z.grant.id)
    for found in (whole(rt), follow(rt, before)):
        assert found.picture.grants == {} and found.unreadable == (f"grant/{z.grant.number}",)


def test_INV_07_a_bound_nobody_enforces_is_named(rt):
    z = zone.tiny(rt)
    with begin(rt, SYSTEM) as act:
        row = act.find(GrantVersion, z.grant_version.id)
        rows = {**row.dimensions["scope"]["rows"], "moon_phase": "full"}
        row.dimensions = {**row.dimensions, "scope": {**row.dimensions["scope"], "rows": rows}}
        act.record("grant.apply_version", "grant/1")
        act.affects("grant", z.grant.id)
    assert whole(rt).picture.grants[z.grant.number].current.unknown_bounds == ("moon_phase",)


def test_a_code_that_two_datasets_share_names_neither(rt):
    z = zone.tiny(rt)
    with begin(rt, SYSTEM) as act:
        other = zone.department(act)
        for row in (zone.dataset(act, other, code="shared"),):
            assert isinstance(row, Dataset)
        twin = zone.dataset(act, zone.department(act), code="shared")
        zone.head_agreement(act, resources=["shared", twin.number])
    resources = [agreement.datasets for agreement in whole(rt).picture.agreements.values()]
    assert frozenset({"shared", twin.number}) in resources
    assert z.dataset.number in whole(rt).picture.datasets


def test_a_draft_version_of_a_product_does_not_exist_for_a_decision(rt):
    z = zone.tiny(rt)
    with begin(rt, SYSTEM) as act:
        act.create(ProductVersion, product_id=z.product.id, text="3.0", published_at=None)
        act.record("product.draft", "product/1")
        act.affects("product", z.product.id)
    assert set(whole(rt).picture.products[z.product.number].versions) == {"2.1"}


@pytest.mark.parametrize(("nothing", "found"), [("", "9999"), (None, "9999")])
def test_an_agreement_without_dates_is_never_in_term(nothing, found):
    from app.store.snapshot_rows import ALWAYS, NEVER, moment

    assert moment(nothing, NEVER).startswith(found) and moment(nothing, ALWAYS) < "2000"


@pytest.mark.parametrize(("laid", "unknown"), [
    ([{"kind": "receipt"}, {"kind": "delete_after", "days": 7}], ()),
    ([{"kind": "dance"}], ("obligations.dance",)),
    ([{"kind": "receipt"}, {"kind": "receipt"}], ("obligations.receipt",)),
    ([{"kind": "receipt", "days": 7}], ("obligations.receipt",)),
    ([{"kind": "delete_after", "days": "7"}], ("obligations.delete_after",)),
    ([{"kind": "delete_after", "days": -1}], ("obligations.delete_after",)),
])
def test_INV_07_an_obligation_nobody_can_carry_out_is_named(rt, laid, unknown):
    z = zone.tiny(rt)
    with begin(rt, SYSTEM) as act:
        row = act.find(GrantVersion, z.grant_version.id)
        row.obligations = laid
        act.record("grant.apply_version", "grant/1")
        act.affects("grant", z.grant.id)
    version = whole(rt).picture.grants[z.grant.number].current
    assert version.unknown_bounds == unknown
    assert [kind for kind, _ in version.obligations] == sorted(each["kind"] for each in laid)
