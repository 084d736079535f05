"""The tiny zone the other tests live in is itself in force and on the trail."""

from app.store.tables_grants import Grant
from app.store.unit import read
from tests import zone


def test_the_tiny_zone_is_committed_with_its_entries(rt):
    z = zone.tiny(rt)
    with read(rt) as session:
        assert session.get(Grant, z.grant.id).state == "ACTIVE"
    assert z.head.products == [z.product.number]
    assert z.secret.startswith(f"hufu_{z.credential.prefix}_")
    zone.set_state(rt, z.dataset, "FROZEN")
    with read(rt) as session:
        assert session.get(type(z.dataset), z.dataset.id).state == "FROZEN"
